//! Which rows of a list: conditions as clients write them, checked, and as statements carry them.
//!
//! What a filter can test is said once for each type (`filter!`) and is all that the engine knows
//! of it. Every value that a client writes travels as a parameter; no word of it becomes SQL.

use std::{borrow::Cow, marker::PhantomData, sync::Arc};

use async_graphql::{
    ID, InputType, InputValueResult, Value,
    indexmap::IndexMap,
    registry::{MetaInputValue, MetaType, MetaTypeId, Registry},
};
use chrono::NaiveDate;
use entity::{Certainty, Id, PartialDate};
use sea_orm::{
    ActiveEnum, DbBackend, Iterable,
    sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, UnionType},
};

use super::{
    ID as KEY,
    error::BadInput,
    moment::{Day, HOLDS, SURE},
    node::GlobalId,
    show::CreateType,
};
use crate::{fold::fold, sql};

/// The most conditions of one filter.
pub const MOST_TESTS: usize = 50;
/// The most levels that conditions of one filter nest.
pub const DEEPEST_TEST: usize = 12;
/// The most values of one condition.
pub const MOST_VALUES: usize = 1_000;
/// The longest text that a condition compares, in characters.
pub const LONGEST_TEXT: usize = 200;
/// The shortest part of a text that an index can find, in letters and digits.
pub const SHORTEST_PART: usize = 3;

/// A condition on a row, as a question carries it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    /// Some row at the other end of an edge passes.
    Some(Box<Across>),
    Row(Leaf),
    /// The same of a column whose value differs between dates.
    Then(Leaf),
}

/// A condition on the rows at the other end of an edge.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Across {
    pub reach: Reach,
    pub table: &'static str,
    /// Whether there are so few such rows that even a common property finds them quickly.
    pub few: bool,
    pub when: Hold,
    pub test: Test,
}

/// Where from a row an edge leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// To the row that a column points at.
    To(&'static str),
    /// To the rows whose column points here.
    Key(&'static str),
    /// To the rows that a linking table ties to this one.
    Link { table: &'static str, one: &'static str, many: &'static str },
}

/// Which of the rows at the other end count, where they hold for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// All, whether they hold or not.
    Ever,
    /// Those of the date that the list is read at.
    Then,
    /// Those of a day.
    On(NaiveDate),
}

/// A condition on a row by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Leaf {
    Ids(Vec<Id>),
    /// Names that registers give to rows, each in its own table.
    Listed(&'static [Register], Vec<String>),
    Text(Arc<TextTest>),
    Words(&'static str, Vec<String>),
    Number(&'static str, Compare, i64),
    Numbers(&'static str, Vec<i64>),
    Day(&'static str, Compare, NaiveDate),
    Flag(&'static str, bool),
    /// The same by the days between which it is so, where the row keeps them in another column.
    FlagThen(&'static str, &'static str, bool),
    Null(&'static str),
    Certain(Certainty),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    Below,
    AtMost,
    Equal,
    AtLeast,
    Above,
}

/// A table that knows rows by a name of theirs.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Register {
    pub table: &'static str,
    /// The column of the name.
    pub name: &'static str,
    /// The column of the row's id.
    pub id: &'static str,
}

/// A table of the texts of rows, folded: `property` of the row `id`, which is of a `kind`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Texts {
    pub table: &'static str,
    pub id: &'static str,
    pub kind: &'static str,
    pub property: &'static str,
    pub folded: &'static str,
    /// SQLite's index of their parts, by the text table's own key.
    pub parts: &'static str,
}

/// A condition on a property by its folded text.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct TextTest {
    of: &'static Texts,
    kinds: &'static [String],
    property: &'static str,
    how: How,
    /// Whether there are so few rows of these kinds that reading all their texts is quicker than
    /// finding those of all kinds.
    few: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum How {
    Is(Vec<String>),
    Begins(String),
    Contains(String),
}

/// Where a condition stands in a statement.
#[derive(Clone)]
pub struct Scope {
    pub backend: DbBackend,
    /// The name of the row's table in the statement.
    pub row: &'static str,
    /// How many edges lie between the row and the list.
    pub depth: usize,
    /// Whether all rows of the statement are read at one date.
    pub is_dated_alike: bool,
    /// The first and the last day of the date that the list is read at; none where no condition
    /// asks for it.
    pub days: Option<(Expr, Expr)>,
    /// Whether rows are picked from a whole table, so that a condition must find rows by itself;
    /// else they are those of a few keys, and it only judges them.
    pub whole: bool,
}

/// The names of tables by the depth of an edge.
const ROWS: [&str; 13] =
    ["r", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12"];
const LINK: &str = "rl";
const TEXT: &str = "t";

impl Scope {
    /// The value of a column. Where rows are those of a key, SQLite must find them by the key, and
    /// not by whatever else there is an index of: the plus sign tells it so.
    fn value(&self, column: &'static str) -> Expr {
        let value = Expr::col((self.row, column));
        match self.whole || self.backend == DbBackend::Postgres {
            true => value,
            false => Expr::cust_with_exprs("+?", [value]),
        }
    }

    /// The value of a column on the date: that of its last stretch that has begun, as the row keeps
    /// them (see `evidence`); the column's own where it does not differ between dates.
    fn value_then(&self, column: &'static str, leaf: &Leaf) -> Expr {
        let own = Expr::col((self.row, column));
        let Some((_, last)) = &self.days else { return own };
        let row = self.row;
        if let Leaf::FlagThen(_, during, _) = leaf {
            let text = match self.backend {
                DbBackend::Postgres => format!(
                    "CASE WHEN \"{row}\".\"{during}\" IS NULL THEN $2 ELSE EXISTS (SELECT 1 FROM \
                     jsonb_array_elements(\"{row}\".\"{during}\"::jsonb) AS v (value) WHERE \
                     $1 BETWEEN (v.value ->> 0)::date AND (v.value ->> 1)::date) END"
                ),
                _ => format!(
                    "CASE WHEN \"{row}\".\"{during}\" IS NOT NULL THEN EXISTS (SELECT 1 FROM \
                     json_each(\"{row}\".\"{during}\") AS v WHERE ? BETWEEN \
                     json_extract(v.value, '$[0]') AND json_extract(v.value, '$[1]')) ELSE ? END"
                ),
            };
            return Expr::cust_with_exprs(text, [last.clone(), own]);
        }
        // Of a number that is only asked whether it is there, the text will do.
        let number = matches!(leaf, Leaf::Number(..) | Leaf::Numbers(..));
        let sort = if number { "integer" } else { "text" };
        let text = match self.backend {
            DbBackend::Postgres => format!(
                "COALESCE((SELECT (v.value ->> 1)::{sort} FROM jsonb_array_elements(\
                 \"{row}\".\"varying\"::jsonb -> '{column}') WITH ORDINALITY AS v (value, place) \
                 WHERE (v.value ->> 0)::date <= $1 ORDER BY v.place DESC LIMIT 1), $2::{sort})"
            ),
            _ => format!(
                "COALESCE((SELECT CAST(json_extract(v.value, '$[1]') AS {sort}) FROM \
                 json_each(\"{row}\".\"varying\", '$.{column}') AS v WHERE \
                 json_extract(v.value, '$[0]') <= ? ORDER BY v.key DESC LIMIT 1), ?)"
            ),
        };
        Expr::cust_with_exprs(text, [last.clone(), own])
    }
}

/// The stretch between two columns has begun by one day and goes on until another: with the last and
/// the first day of a date, on some day of it; with the first and the last, on all of them.
pub fn lasting(
    row: &'static str,
    (from, until): (&'static str, &'static str),
    begun: &Expr,
    going: &Expr,
) -> Expr {
    let from = Expr::col((row, from)).lte(begun.clone());
    from.and(Expr::col((row, until)).gte(going.clone()))
}

impl Test {
    /// Whether it hangs on the date that the list is read at.
    pub fn is_dated(&self) -> bool {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().any(Self::is_dated),
            Self::Not(test) => test.is_dated(),
            Self::Some(across) => match across.when {
                Hold::Then => true,
                Hold::Ever => across.test.is_dated(),
                Hold::On(_) => false,
            },
            Self::Row(leaf) => matches!(leaf, Leaf::Certain(_)),
            Self::Then(_) => true,
        }
    }

    /// Whether an index finds its rows, and they are few.
    fn finds(&self, few: bool) -> bool {
        match self {
            Self::All(tests) => tests.iter().any(|test| test.finds(few)),
            Self::Any(tests) => tests.iter().all(|test| test.finds(few)),
            Self::Not(_) => few,
            Self::Some(across) => across.test.finds(across.few),
            Self::Row(Leaf::Ids(_) | Leaf::Listed(..) | Leaf::Text(_)) => true,
            Self::Row(_) | Self::Then(_) => few,
        }
    }

    /// The same of columns whose values differ between dates.
    fn then(self) -> Self {
        match self {
            Self::All(tests) => Self::All(tests.into_iter().map(Self::then).collect()),
            Self::Any(tests) => Self::Any(tests.into_iter().map(Self::then).collect()),
            Self::Not(test) => Self::Not(Box::new(test.then())),
            Self::Row(leaf) => Self::Then(leaf),
            other => other,
        }
    }

    pub fn condition(&self, scope: &Scope) -> Condition {
        self.told(scope, true)
    }

    /// The condition, or its opposite. A property that a row lacks passes no test but the one for
    /// that, so the opposite holds of it: SQL would say of either that it is not known.
    fn told(&self, scope: &Scope, is: bool) -> Condition {
        match self {
            Self::All(tests) | Self::Any(tests) => {
                let all = matches!(self, Self::All(_)) == is;
                if tests.is_empty() {
                    return Condition::all().add(Expr::cust(if all { "TRUE" } else { "FALSE" }));
                }
                let start = if all { Condition::all() } else { Condition::any() };
                tests.iter().fold(start, |all, test| all.add(test.told(scope, is)))
            }
            Self::Not(test) => test.told(scope, !is),
            Self::Some(across) => Condition::all().add(across.told(scope, is)),
            Self::Row(leaf) => leaf.told(scope, is, |column| scope.value(column)),
            Self::Then(leaf) => leaf.told(scope, is, |column| scope.value_then(column, leaf)),
        }
    }
}

impl Across {
    fn told(&self, scope: &Scope, is: bool) -> Expr {
        let row = *ROWS.get(scope.depth + 1).expect("no filter nests deeper than there are names");
        let gather = self.is_gathered(scope, is);
        let mut select = Query::select();
        select.from_as(self.table, row);
        let inner = Scope { row, depth: scope.depth + 1, whole: gather, ..scope.clone() };
        let found = match (self.reach, gather) {
            (Reach::To(column), false) => {
                select.and_where(Expr::col((row, KEY)).equals((scope.row, column)));
                None
            }
            (Reach::Key(column), false) => {
                select.and_where(Expr::col((row, column)).equals((scope.row, KEY)));
                None
            }
            (Reach::Link { table, one, many }, false) => {
                select.from_as(table, LINK);
                select.and_where(Expr::col((LINK, many)).equals((row, KEY)));
                select.and_where(Expr::col((LINK, one)).equals((scope.row, KEY)));
                None
            }
            (Reach::To(column), true) => {
                select.column((row, KEY));
                Some(column)
            }
            (Reach::Key(column), true) => {
                select.column((row, column)).and_where(Expr::col((row, column)).is_not_null());
                Some(KEY)
            }
            (Reach::Link { table, one, many }, true) => {
                select.from_as(table, LINK).column((LINK, one));
                select.and_where(Expr::col((LINK, many)).equals((row, KEY)));
                Some(KEY)
            }
        };
        let days = match self.when {
            Hold::Ever => None,
            Hold::Then => scope.days.clone(),
            Hold::On(day) => Some((Expr::val(day), Expr::val(day))),
        };
        if let Some((first, last)) = &days {
            select.and_where(lasting(row, HOLDS, last, first));
        }
        // What is said of how sure it is, is said of the day that its rows are read at.
        let is_dated_alike = inner.is_dated_alike || matches!(self.when, Hold::On(_));
        let inner = Scope { days: days.or(inner.days), is_dated_alike, ..inner };
        select.cond_where(self.test.condition(&inner));
        let Some(column) = found else {
            select.expr(Expr::cust("1"));
            let some = Expr::exists(select);
            return if is { some } else { some.not() };
        };
        let column = Expr::col((scope.row, column));
        let some = column.clone().in_subquery(select);
        match is {
            true => some,
            false => column.is_null().or(some.not()),
        }
    }

    /// Whether the rows at the other end are gathered once, and not looked for from each row.
    ///
    /// Of a whole table, rows that a condition finds by an index are gathered first and the list is
    /// made of them; else the list is walked and each row judged, until a page is full. Within
    /// another edge SQLite, which takes conditions as they are written, would go through all rows of
    /// this one for each of that: there it gathers whatever hangs on no row, so that a filter reads
    /// each table it names once at most, however deep it goes.
    fn is_gathered(&self, scope: &Scope, is: bool) -> bool {
        let asks_date = self.when == Hold::Then || self.when == Hold::Ever && self.test.is_dated();
        let alone = scope.is_dated_alike || !asks_date;
        let found = is && scope.whole && self.test.finds(self.few);
        let within = scope.depth > 0 && scope.backend != DbBackend::Postgres;
        alone && (found || within)
    }
}

impl Leaf {
    fn told(&self, scope: &Scope, is: bool, col: impl Fn(&'static str) -> Expr) -> Condition {
        let one = |expr: Expr| Condition::all().add(expr);
        let turned = |expr: Expr| one(if is { expr } else { expr.not() });
        // Of a column that may be null.
        let column = |column: &'static str, expr: Expr| {
            if is {
                return one(expr);
            }
            let null = col(column).is_null();
            Condition::any().add(expr.not()).add(null)
        };
        match self {
            Self::Ids(ids) => turned(match &ids[..] {
                [id] => col(KEY).eq(*id),
                ids => {
                    let ids = sql::ids(scope.backend, ids.iter().copied());
                    sql::among(scope.backend, col(KEY), ids)
                }
            }),
            Self::Listed(registers, names) => {
                let mut all: Option<SelectStatement> = None;
                for register in *registers {
                    let column = Expr::col((register.table, register.name));
                    let names = sql::texts(scope.backend, names.iter().map(String::as_str));
                    let mut select = Query::select();
                    select.column((register.table, register.id)).from(register.table);
                    select.and_where(sql::among(scope.backend, column, names));
                    match &mut all {
                        Some(all) => drop(all.union(UnionType::All, select)),
                        None => all = Some(select),
                    }
                }
                turned(col(KEY).in_subquery(all.expect("there is a register")))
            }
            Self::Text(test) => turned(test.told(scope)),
            Self::Words(name, words) => column(name, among_texts(scope, col(name), words)),
            Self::Number(name, compare, number) => column(name, compare.told(col(name), *number)),
            Self::Numbers(name, numbers) => {
                let numbers = sql::ids(scope.backend, numbers.iter().copied());
                column(name, sql::among(scope.backend, col(name), numbers))
            }
            Self::Day(name, compare, day) => column(name, compare.told(col(name), *day)),
            Self::Flag(name, flag) | Self::FlagThen(name, _, flag) => turned(col(name).eq(*flag)),
            Self::Null(name) => turned(col(name).is_null()),
            Self::Certain(certainty) => {
                let Some((first, last)) = &scope.days else { return one(Expr::cust("TRUE")) };
                let holds = lasting(scope.row, HOLDS, last, first);
                let sure = lasting(scope.row, SURE, first, last);
                turned(match certainty {
                    Certainty::Definite => holds.and(sure),
                    Certainty::Possible => holds.and(sure.not()),
                })
            }
        }
    }
}

fn among_texts(scope: &Scope, column: Expr, texts: &[String]) -> Expr {
    match texts {
        // PostgreSQL takes no NUL; in a list of texts it is left out.
        [text] if !text.contains('\0') => column.eq(text.as_str()),
        texts => {
            let texts = sql::texts(scope.backend, texts.iter().map(String::as_str));
            sql::among(scope.backend, column, texts)
        }
    }
}

impl Compare {
    fn told(self, column: Expr, value: impl Into<sea_orm::Value>) -> Expr {
        let value = Expr::val(value.into());
        match self {
            Self::Below => column.lt(value),
            Self::AtMost => column.lte(value),
            Self::Equal => column.eq(value),
            Self::AtLeast => column.gte(value),
            Self::Above => column.gt(value),
        }
    }
}

impl TextTest {
    fn told(&self, scope: &Scope) -> Expr {
        let Texts { table, id, kind, property, folded, parts } = *self.of;
        let col = |column: &'static str| Expr::col((TEXT, column));
        let mut select = Query::select();
        select.from_as(table, TEXT);
        select.and_where(among_texts(scope, col(kind), self.kinds));
        select.and_where(col(property).eq(self.property));
        match &self.how {
            How::Is(texts) => drop(select.and_where(among_texts(scope, col(folded), texts))),
            How::Begins(text) => {
                // Folded texts have letters, digits and spaces: all of them before `~`.
                select.and_where(col(folded).gte(text.as_str()));
                select.and_where(col(folded).lt(format!("{text}~")));
            }
            How::Contains(text) => {
                // No letter that a folded text can have means anything to LIKE.
                let like = format!("%{text}%");
                if scope.whole && !self.few && scope.backend != DbBackend::Postgres {
                    let mut found = Query::select();
                    found.column("rowid").from(parts);
                    found.and_where(Expr::col((parts, folded)).like(like));
                    select.and_where(col(KEY).in_subquery(found));
                } else {
                    select.and_where(col(folded).like(like));
                }
            }
        }
        match scope.whole {
            true => {
                select.column((TEXT, id));
                Expr::col((scope.row, KEY)).in_subquery(select)
            }
            false => {
                select.expr(Expr::cust("1"));
                select.and_where(col(id).equals((scope.row, KEY)));
                Expr::exists(select)
            }
        }
    }
}

/// What the rows of a type can be filtered by.
pub struct FilterType {
    /// The name of the input type, such as `SessionFilter`.
    pub name: &'static str,
    pub description: &'static str,
    pub table: &'static str,
    /// The kinds of record that its rows are.
    pub kinds: Vec<String>,
    /// Whether there are so few rows that even a common property finds them quickly.
    pub few: bool,
    /// Whether its rows exist or hold for a time.
    pub lives: bool,
    pub fields: Vec<FilterField>,
}

pub struct FilterField {
    pub name: String,
    pub tests: Tests,
}

/// What a field of a filter tests.
pub enum Tests {
    /// The id that clients know an object by, which is of one of these types.
    Id(&'static [&'static str]),
    /// Names that registers give to rows.
    Listed(&'static [Register]),
    /// A text, by what it folds to; and the column that tells whether there is one.
    Text {
        of: &'static Texts,
        property: &'static str,
        column: &'static str,
    },
    /// A text, as written.
    Code(&'static str),
    /// A word of an enumeration.
    Words {
        column: &'static str,
        ty: WordsType,
    },
    /// The same, of a row that keeps other values for other dates.
    WordsAt {
        column: &'static str,
        ty: WordsType,
    },
    Number(&'static str),
    NumberAt(&'static str),
    /// The earliest and the latest day.
    Date(&'static str, &'static str),
    Flag(&'static str),
    /// The same, by the days between which it is so.
    FlagThen(&'static str, &'static str),
    Certainty,
    /// A number that is kept by the days on which it is so.
    NumberThen {
        reach: Reach,
        table: &'static str,
        column: &'static str,
    },
    One {
        reach: Reach,
        filter: fn() -> &'static FilterType,
        ty: CreateType,
    },
    Many {
        reach: Reach,
        filter: fn() -> &'static FilterType,
        ty: CreateType,
        /// Whether those of the date count, and not all.
        dated: bool,
    },
}

/// An enumeration, as filters see it.
pub struct WordsType {
    pub words: fn() -> Vec<String>,
    /// Of the input type that tests it.
    pub ty: CreateType,
}

impl WordsType {
    pub fn of<E: ActiveEnum<Value = String> + Iterable + InputType + 'static>() -> Self {
        let ty = Option::<WordFilter<E>>::create_type_info;
        Self { words: || E::iter().map(|word| ActiveEnum::to_value(&word)).collect(), ty }
    }
}

/// Something whose lists can be filtered.
pub trait Filtered: 'static {
    fn filter() -> &'static FilterType;
}

/// A filter as a client wrote it.
///
/// Its type stands in the schema alone; it is read when the list is. Boxed, because without
/// optimization a resolver's frame has room for each argument of each of its fields.
pub struct Filter<N> {
    value: Box<Value>,
    of: PhantomData<fn() -> N>,
}

/// The tests of an edge to many.
pub struct ListFilter<N>(PhantomData<fn() -> N>);

/// The tests of a word of an enumeration.
pub struct WordFilter<E>(PhantomData<fn() -> E>);

/// The tests of a value of one of the common sorts.
pub struct Plain<S>(PhantomData<fn() -> S>);

/// A sort of value: the name of its tests, and what they are.
pub trait Sort: 'static {
    const NAME: &'static str;
    const ABOUT: &'static str;
    const TESTS: &'static [(&'static str, &'static str, CreateType)];
}

macro_rules! sorts {
    ($($sort:ident $name:literal $about:literal { $($test:literal $ty:ty: $doc:literal;)* })*) => {
        $(
            pub struct $sort;

            impl Sort for $sort {
                const NAME: &'static str = $name;
                const ABOUT: &'static str = $about;
                const TESTS: &'static [(&'static str, &'static str, CreateType)] =
                    &[$(($test, $doc, <$ty as InputType>::create_type_info),)*];
            }
        )*
    };
}

sorts! {
    Ids "IdFilter" "Tests of an id. All that are given must pass." {
        "eq" Option<ID>: "It is this one, whatever date the id carries.";
        "in" Option<Vec<ID>>: "It is one of these, at most 1,000.";
        "not" Option<ID>: "It is not this one.";
    }
    Slugs "SlugFilter" "Tests of a slug. All that are given must pass. A slug that a record went by \
        counts too." {
        "eq" Option<String>: "It is this one.";
        "in" Option<Vec<String>>: "It is one of these, at most 1,000.";
        "not" Option<String>: "It is not this one.";
    }
    TextTests "TextFilter" "Tests of a text. All that are given must pass. Case, marks, punctuation \
        and script do not count: `Когут` is `kogut`." {
        "eq" Option<String>: "It is this text.";
        "in" Option<Vec<String>>: "It is one of these, at most 1,000.";
        "not" Option<String>: "It is not this text.";
        "contains" Option<String>: "It has this part, of at least three letters or digits.";
        "startsWith" Option<String>: "It begins with this.";
        "isNull" Option<bool>: "Whether there is none.";
    }
    Codes "CodeFilter" "Tests of a code, letter by letter as written. All that are given must pass." {
        "eq" Option<String>: "It is this one.";
        "in" Option<Vec<String>>: "It is one of these, at most 1,000.";
        "not" Option<String>: "It is not this one.";
        "isNull" Option<bool>: "Whether there is none.";
    }
    Numbers "IntFilter" "Tests of a number. All that are given must pass." {
        "eq" Option<i32>: "It is this one.";
        "in" Option<Vec<i32>>: "It is one of these, at most 1,000.";
        "not" Option<i32>: "It is not this one.";
        "lt" Option<i32>: "It is less than this.";
        "lte" Option<i32>: "It is this or less.";
        "gt" Option<i32>: "It is more than this.";
        "gte" Option<i32>: "It is this or more.";
        "between" Option<Plain<NumberRange>>: "It lies between these two, or is one of them.";
        "isNull" Option<bool>: "Whether there is none.";
    }
    NumberRange "IntRange" "Two numbers and what lies between them." {
        "from" Option<i32>: "The least; any where it is left out.";
        "to" Option<i32>: "The most; any where it is left out.";
    }
    Dates "DateFilter" "Tests of a date, which may be known to the year or month only. All that are \
        given must pass, each by itself: for certain, whatever day it was, or, with `possibly`, on \
        some day that it may have been." {
        "eq" Option<PartialDate>: "It is known as this date, as precisely.";
        "before" Option<PartialDate>: "It is earlier than this date.";
        "after" Option<PartialDate>: "It is later than this date.";
        "within" Option<PartialDate>: "It lies in this year or month, or is this day.";
        "between" Option<Plain<DateRange>>: "It lies between these two dates, or is one of them.";
        "possibly" Option<bool>: "Whether it is enough that it may be so. A date `2022` may be \
            before `2022-06`; it is before `2023` for certain.";
        "isNull" Option<bool>: "Whether none is known.";
    }
    DateRange "DateRange" "Two dates and what lies between them." {
        "from" Option<PartialDate>: "From the first day of this date on; any where it is left out.";
        "to" Option<PartialDate>: "Up to the last day of this date; any where it is left out.";
    }
}

/// Input types that stand in the schema alone: what is written is kept as a value.
macro_rules! schema_only {
    ($($ty:ident<$n:ident: $bound:path> $name:expr, $fields:expr;)*) => {
        $(impl<$n: $bound + 'static> InputType for $ty<$n> {
            type RawValueType = Self;

            fn type_name() -> Cow<'static, str> {
                $name
            }

            fn create_type_info(registry: &mut Registry) -> String {
                registry.create_input_type::<Self, _>(MetaTypeId::InputObject, $fields)
            }

            fn parse(_: Option<Value>) -> InputValueResult<Self> {
                Ok(Self(PhantomData))
            }

            fn to_value(&self) -> Value {
                Value::Null
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        })*
    };
}

schema_only! {
    Plain<S: Sort> S::NAME.into(), |registry| {
        let fields = S::TESTS.iter().map(|(name, about, ty)| (*name, *about, *ty));
        input_object::<Self>(registry, S::ABOUT, fields)
    };
    WordFilter<E: InputType> format!("{}Filter", E::type_name()).into(), |registry| {
        let fields: [(_, _, CreateType); 4] = [
            ("eq", "It is this one.", Option::<E>::create_type_info),
            ("in", "It is one of these.", Option::<Vec<E>>::create_type_info),
            ("not", "It is not this one.", Option::<E>::create_type_info),
            ("isNull", "Whether there is none.", Option::<bool>::create_type_info),
        ];
        input_object::<Self>(registry, "Tests of a word. All that are given must pass.", fields)
    };
    ListFilter<N: Filtered> N::filter().name.replace("Filter", "ListFilter").into(), |registry| {
        let one = Option::<Filter<N>>::create_type_info;
        let mut fields: Vec<(&str, &str, CreateType)> = vec![
            ("some", "One of them at least passes.", one),
            ("none", "None of them passes.", one),
            ("every", "All of them pass; so do none at all.", one),
        ];
        if N::filter().lives {
            fields.push((
                "asOf",
                "The date at which they count; as the list is read at, where it is left out.",
                Option::<Day>::create_type_info,
            ));
            fields.push((
                "history",
                "Whether all spells count, past and to come too.",
                Option::<bool>::create_type_info,
            ));
        }
        let about = "Tests of all those at the other end. All that are given must pass.";
        input_object::<Self>(registry, about, fields)
    };
}

impl<N: Filtered> InputType for Filter<N> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        N::filter().name.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::InputObject, |registry| {
            let filter = N::filter();
            let list: CreateType = Option::<Vec<Self>>::create_type_info;
            let logic: [(&str, &str, CreateType); 3] = [
                ("and", "All of these pass; at least one is given.", list),
                ("or", "One of these passes; at least one is given.", list),
                ("not", "This does not pass.", Option::<Self>::create_type_info),
            ];
            let fields = filter.fields.iter().map(|field| {
                let (about, ty) = field.told();
                (field.name.as_str(), about, ty)
            });
            let about: Vec<String> = fields.clone().map(|(_, about, _)| about).collect();
            let fields = fields.zip(&about).map(|((name, _, ty), about)| (name, &**about, ty));
            input_object::<Self>(registry, filter.description, logic.into_iter().chain(fields))
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        Ok(Self { value: Box::new(value.unwrap_or_default()), of: PhantomData })
    }

    fn to_value(&self) -> Value {
        Value::clone(&self.value)
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<N> From<Filter<N>> for Value {
    fn from(filter: Filter<N>) -> Self {
        *filter.value
    }
}

impl FilterField {
    /// What it is for, and its type.
    fn told(&self) -> (String, CreateType) {
        let plain = |ty| (format!("Tests its `{}`.", self.name), ty);
        match &self.tests {
            Tests::Id(_) => plain(Option::<Plain<Ids>>::create_type_info as CreateType),
            Tests::Listed(_) => plain(Option::<Plain<Slugs>>::create_type_info),
            Tests::Text { .. } => plain(Option::<Plain<TextTests>>::create_type_info),
            Tests::Code(_) => plain(Option::<Plain<Codes>>::create_type_info),
            Tests::Words { ty, .. } | Tests::WordsAt { ty, .. } => plain(ty.ty),
            Tests::Number(_) | Tests::NumberAt(_) | Tests::NumberThen { .. } => {
                plain(Option::<Plain<Numbers>>::create_type_info)
            }
            Tests::Date(..) => plain(Option::<Plain<Dates>>::create_type_info),
            Tests::Flag(_) | Tests::FlagThen(..) => {
                (format!("What its `{}` is.", self.name), Option::<bool>::create_type_info)
            }
            Tests::Certainty => {
                let about = "Only those that certainly hold on the date, or only those that \
                     merely may.";
                (about.to_owned(), Option::<Certainty>::create_type_info)
            }
            Tests::One { ty, .. } => (
                format!("It has a `{}` that passes; `{{}}` tests that it has one.", self.name),
                *ty,
            ),
            Tests::Many { ty, .. } => (format!("Tests its `{}`.", self.name), *ty),
        }
    }
}

/// The schema's entry of an input type.
fn input_object<'a, T: InputType>(
    registry: &mut Registry,
    about: &str,
    fields: impl IntoIterator<Item = (&'a str, &'a str, CreateType)>,
) -> MetaType {
    let fields = fields.into_iter().map(|(name, about, ty)| {
        let mut meta = MetaInputValue::new(name, ty(registry));
        meta.description = Some(about.to_owned());
        (name.to_owned(), meta)
    });
    MetaType::InputObject {
        name: T::type_name().into_owned(),
        description: Some(about.to_owned()),
        input_fields: fields.collect::<IndexMap<_, _>>(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(std::any::type_name::<T>()),
        oneof: false,
        directive_invocations: Vec::new(),
    }
}

/// Reads a filter: the only judge of what clients write there. `dated` says whether its rows are
/// read at a date, and not as a history.
pub fn read(filter: &'static FilterType, value: &Value, dated: bool) -> Result<Test, BadInput> {
    Reader { tests: 0 }.filter(filter, value, "filter", 1, dated)
}

struct Reader {
    /// Conditions read so far.
    tests: usize,
}

fn wrong(place: &str, wrong: impl Into<String>) -> BadInput {
    BadInput::Filter { place: place.to_owned(), wrong: wrong.into() }
}

impl Reader {
    /// Counts a condition; an empty one too, for they are no less to say in a statement.
    fn count(&mut self, place: &str) -> Result<(), BadInput> {
        self.tests += 1;
        match self.tests > MOST_TESTS {
            true => {
                let what = format!("is one condition too many: at most {MOST_TESTS}");
                Err(wrong(place, what))
            }
            false => Ok(()),
        }
    }

    fn filter(
        &mut self,
        filter: &'static FilterType,
        value: &Value,
        place: &str,
        depth: usize,
        dated: bool,
    ) -> Result<Test, BadInput> {
        if depth > DEEPEST_TEST {
            return Err(wrong(place, format!("nests more than {DEEPEST_TEST} levels")));
        }
        let entries = entries(value, place)?;
        if entries.is_empty() {
            self.count(place)?;
        }
        let mut all = Vec::new();
        for (name, value) in entries {
            let place = format!("{place}.{name}");
            let mut read = |value, place: &str| self.filter(filter, value, place, depth + 1, dated);
            all.push(match name {
                "and" | "or" => {
                    let values = items(value);
                    if values.is_empty() {
                        let what = "is an empty list: give at least one condition, or leave it out";
                        return Err(wrong(&place, what));
                    }
                    BadInput::too_many_in(&place, values.len(), MOST_TESTS)?;
                    let tests = values.iter().enumerate();
                    let tests = tests.map(|(at, value)| read(value, &format!("{place}[{at}]")));
                    let tests = tests.collect::<Result<Vec<_>, _>>()?;
                    if name == "and" { Test::All(tests) } else { Test::Any(tests) }
                }
                "not" => Test::Not(Box::new(read(value, &place)?)),
                name => {
                    self.count(&place)?;
                    let field = filter.fields.iter().find(|field| field.name == name);
                    let field = field.ok_or_else(|| wrong(&place, "is no field of this filter"))?;
                    self.field(filter, field, value, &place, depth + 1, dated)?
                }
            });
        }
        Ok(match <[Test; 1]>::try_from(all) {
            Ok([one]) => one,
            Err(all) => Test::All(all),
        })
    }

    fn field(
        &mut self,
        filter: &'static FilterType,
        field: &'static FilterField,
        value: &Value,
        place: &str,
        depth: usize,
        dated: bool,
    ) -> Result<Test, BadInput> {
        match &field.tests {
            Tests::Id(types) => each(value, place, |test, value, place| {
                let id = |value: &Value| an_id(types, value, place);
                let leaf = |ids| Test::Row(Leaf::Ids(ids));
                Ok(match test {
                    "eq" => leaf(vec![id(value)?]),
                    "not" => Test::Not(Box::new(leaf(vec![id(value)?]))),
                    _ => leaf(values(value, place, id)?),
                })
            }),
            Tests::Listed(registers) => each(value, place, |test, value, place| {
                let name = |value: &Value| a_text(value, place);
                let leaf = |names| Test::Row(Leaf::Listed(registers, names));
                Ok(match test {
                    "eq" => leaf(vec![name(value)?]),
                    "not" => Test::Not(Box::new(leaf(vec![name(value)?]))),
                    _ => leaf(values(value, place, name)?),
                })
            }),
            Tests::Text { of, property, column } => each(value, place, |test, value, place| {
                if test == "isNull" {
                    return is_null(column, value, place);
                }
                let folded = |value: &Value| folded(value, place);
                let leaf = |how| {
                    let test =
                        TextTest { of, kinds: &filter.kinds, property, how, few: filter.few };
                    Test::Row(Leaf::Text(Arc::new(test)))
                };
                Ok(match test {
                    "eq" => leaf(How::Is(vec![folded(value)?])),
                    "not" => Test::Not(Box::new(leaf(How::Is(vec![folded(value)?])))),
                    "startsWith" => leaf(How::Begins(folded(value)?)),
                    "contains" => {
                        let part = folded(value)?;
                        if part.len() < SHORTEST_PART {
                            let what = format!(
                                "must have at least {SHORTEST_PART} letters or digits: shorter \
                                 parts are found by `startsWith` and `eq`"
                            );
                            return Err(wrong(place, what));
                        }
                        leaf(How::Contains(part))
                    }
                    _ => leaf(How::Is(values(value, place, folded)?)),
                })
            }),
            Tests::Code(column) => each(value, place, |test, value, place| {
                let code = |value: &Value| a_text(value, place);
                let leaf = |codes| Test::Row(Leaf::Words(column, codes));
                Ok(match test {
                    "isNull" => is_null(column, value, place)?,
                    "eq" => leaf(vec![code(value)?]),
                    "not" => Test::Not(Box::new(leaf(vec![code(value)?]))),
                    _ => leaf(values(value, place, code)?),
                })
            }),
            Tests::Words { column, ty } | Tests::WordsAt { column, ty } => {
                let known = (ty.words)();
                let test = each(value, place, |test, value, place| {
                    if test == "isNull" {
                        return is_null(column, value, place);
                    }
                    let word = |value: &Value| a_word(&known, value, place);
                    let leaf = |words| Test::Row(Leaf::Words(column, words));
                    Ok(match test {
                        "eq" => leaf(vec![word(value)?]),
                        "not" => Test::Not(Box::new(leaf(vec![word(value)?]))),
                        _ => leaf(values(value, place, word)?),
                    })
                })?;
                let varies = matches!(field.tests, Tests::WordsAt { .. });
                Ok(if varies { test.then() } else { test })
            }
            Tests::Number(column) => numbers(column, value, place),
            Tests::NumberAt(column) => Ok(numbers(column, value, place)?.then()),
            Tests::NumberThen { reach, table, column } => {
                // Where there is none, no row says so.
                let mut tests = Vec::new();
                let some = |test| {
                    let (reach, few, when) = (*reach, true, Hold::Then);
                    Test::Some(Box::new(Across { reach, table, few, when, test }))
                };
                for (test, value) in entries(value, place)? {
                    let place = format!("{place}.{test}");
                    tests.push(match test {
                        "isNull" => {
                            let any = some(Test::All(Vec::new()));
                            if a_flag(value, &place)? { Test::Not(Box::new(any)) } else { any }
                        }
                        "not" => {
                            let same =
                                Leaf::Number(column, Compare::Equal, a_number(value, &place)?);
                            Test::Not(Box::new(some(Test::Row(same))))
                        }
                        test => some(number(column, test, value, &place)?),
                    });
                }
                Ok(Test::All(tests))
            }
            Tests::Date(earliest, latest) => date(earliest, latest, value, place),
            Tests::Flag(column) => Ok(Test::Row(Leaf::Flag(column, a_flag(value, place)?))),
            Tests::FlagThen(column, during) => {
                Ok(Test::Then(Leaf::FlagThen(column, during, a_flag(value, place)?)))
            }
            Tests::Certainty => {
                if !dated {
                    let what = "is a question about a date, and what it is asked of is read at \
                                none: give `asOf`, or leave it out";
                    return Err(wrong(place, what));
                }
                let word = a_word(&["DEFINITE".into(), "POSSIBLE".into()], value, place)?;
                let sure = word == "DEFINITE";
                let certainty = if sure { Certainty::Definite } else { Certainty::Possible };
                Ok(Test::Row(Leaf::Certain(certainty)))
            }
            Tests::One { reach, filter, .. } => {
                let filter = filter();
                // What a key points at is asked whatever the date.
                let test = self.filter(filter, value, place, depth, dated)?;
                let (table, few) = (filter.table, filter.few);
                let when = Hold::Ever;
                Ok(Test::Some(Box::new(Across { reach: *reach, table, few, when, test })))
            }
            Tests::Many { reach, filter, dated: lasting, .. } => {
                self.many(*reach, filter(), *lasting, value, place, depth, dated)
            }
        }
    }

    fn many(
        &mut self,
        reach: Reach,
        filter: &'static FilterType,
        lasting: bool,
        value: &Value,
        place: &str,
        depth: usize,
        dated: bool,
    ) -> Result<Test, BadInput> {
        let (mut as_of, mut history) = (None, false);
        let entries = entries(value, place)?;
        for (name, value) in &entries {
            let place = format!("{place}.{name}");
            match *name {
                "asOf" => {
                    let date = a_date(value, &place).ok();
                    let day = date.filter(|date| date.earliest() == date.latest());
                    let right = "must be a day such as \"2022-12-05\"";
                    let what = || wrong(&place, format!("{right}, not {}", shown(value)));
                    as_of = Some(day.ok_or_else(what)?.earliest());
                }
                "history" => history = a_flag(value, &place)?,
                _ => {}
            }
        }
        if history && as_of.is_some() {
            let what = "has both `asOf` and `history`: a history is of all dates";
            return Err(wrong(place, what));
        }
        let when = match as_of {
            Some(day) => Hold::On(day),
            None if lasting && dated && !history => Hold::Then,
            None => Hold::Ever,
        };
        // Where all count, whatever the date, that of the list goes on for what lies beyond.
        let dated = as_of.is_some() || dated && !history;
        let mut tests = Vec::new();
        for (name, value) in entries {
            if ["asOf", "history"].contains(&name) {
                continue;
            }
            let place = format!("{place}.{name}");
            let test = self.filter(filter, value, &place, depth, dated)?;
            let some = |test| {
                let (table, few) = (filter.table, filter.few);
                Test::Some(Box::new(Across { reach, table, few, when, test }))
            };
            tests.push(match name {
                "some" => some(test),
                "none" => Test::Not(Box::new(some(test))),
                _ => Test::Not(Box::new(some(Test::Not(Box::new(test))))),
            });
        }
        if tests.is_empty() {
            return Err(wrong(place, "tests nothing: give `some`, `none` or `every`"));
        }
        Ok(Test::All(tests))
    }
}

/// The given fields of an object; null is as if left out.
fn entries<'a>(value: &'a Value, place: &str) -> Result<Vec<(&'a str, &'a Value)>, BadInput> {
    let Value::Object(fields) = value else {
        return Err(wrong(place, format!("must be an object, not {}", shown(value))));
    };
    let given = fields.iter().filter(|(_, value)| **value != Value::Null);
    Ok(given.map(|(name, value)| (name.as_str(), value)).collect())
}

/// The items of a list; one value stands for a list of it.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(values) => values,
        one => std::slice::from_ref(one),
    }
}

fn shown(value: &Value) -> String {
    value.to_string().chars().take(80).collect()
}

/// All tests of one value.
fn each(
    value: &Value,
    place: &str,
    read: impl Fn(&str, &Value, &str) -> Result<Test, BadInput>,
) -> Result<Test, BadInput> {
    let tests = entries(value, place)?.into_iter();
    let tests = tests.map(|(test, value)| read(test, value, &format!("{place}.{test}")));
    Ok(Test::All(tests.collect::<Result<_, _>>()?))
}

fn values<T>(
    value: &Value,
    place: &str,
    read: impl Fn(&Value) -> Result<T, BadInput>,
) -> Result<Vec<T>, BadInput> {
    let values = items(value);
    BadInput::too_many_in(place, values.len(), MOST_VALUES)?;
    values.iter().map(read).collect()
}

fn a_text(value: &Value, place: &str) -> Result<String, BadInput> {
    let Value::String(text) = value else {
        return Err(wrong(place, format!("must be a text, not {}", shown(value))));
    };
    let length = text.chars().count();
    match length > LONGEST_TEXT {
        true => {
            let what = format!("must be of at most {LONGEST_TEXT} characters, not {length}");
            Err(wrong(place, what))
        }
        false => Ok(text.clone()),
    }
}

/// A text as texts are compared.
fn folded(value: &Value, place: &str) -> Result<String, BadInput> {
    let text = a_text(value, place)?;
    match fold(&text) {
        folded if folded.is_empty() => {
            let what = "has no letter or digit to compare: use `isNull` for what is missing";
            Err(wrong(place, what))
        }
        folded => Ok(folded),
    }
}

fn a_word(known: &[String], value: &Value, place: &str) -> Result<String, BadInput> {
    let word = match value {
        Value::Enum(word) => word.as_str(),
        Value::String(word) => word,
        _ => "",
    };
    let known = known.iter().find(|one| *one == word);
    known.cloned().ok_or_else(|| wrong(place, format!("does not know the word {}", shown(value))))
}

fn a_flag(value: &Value, place: &str) -> Result<bool, BadInput> {
    match value {
        Value::Boolean(flag) => Ok(*flag),
        _ => Err(wrong(place, format!("must be true or false, not {}", shown(value)))),
    }
}

fn a_number(value: &Value, place: &str) -> Result<i64, BadInput> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    let number = number.filter(|number| i32::try_from(*number).is_ok());
    number.ok_or_else(|| wrong(place, format!("must be a whole number, not {}", shown(value))))
}

fn a_date(value: &Value, place: &str) -> Result<PartialDate, BadInput> {
    let date = match value {
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let right = "must be a date such as \"2022\", \"2022-12\" or \"2022-12-05\"";
    date.ok_or_else(|| wrong(place, format!("{right}, not {}", shown(value))))
}

fn an_id(types: &[&str], value: &Value, place: &str) -> Result<Id, BadInput> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let id = GlobalId::parse("id", &text.as_str().into(), NaiveDate::MIN).ok();
    let id =
        id.ok_or_else(|| wrong(place, format!("is no id of this server: {}", shown(value))))?;
    match types.contains(&id.kind.as_str()) {
        true => Ok(id.key),
        false => {
            let types = types.join(" or a ");
            Err(wrong(place, format!("must be the id of a {types}, not of a {}", id.kind)))
        }
    }
}

/// The ends of a range, as far as they are given; both are, where they `follow` each other.
fn ends<T: std::fmt::Display>(
    value: &Value,
    place: &str,
    read: impl Fn(&Value, &str) -> Result<T, BadInput>,
    follow: impl Fn(&T, &T) -> bool,
) -> Result<(Option<T>, Option<T>), BadInput> {
    let (mut from, mut to) = (None, None);
    for (end, value) in entries(value, place)? {
        let read = read(value, &format!("{place}.{end}"))?;
        *(if end == "from" { &mut from } else { &mut to }) = Some(read);
    }
    match (&from, &to) {
        (Some(first), Some(last)) if !follow(first, last) => {
            Err(wrong(place, format!("has its ends the wrong way round: from {first} to {last}")))
        }
        _ => Ok((from, to)),
    }
}

fn is_null(column: &'static str, value: &Value, place: &str) -> Result<Test, BadInput> {
    let null = Test::Row(Leaf::Null(column));
    Ok(if a_flag(value, place)? { null } else { Test::Not(Box::new(null)) })
}

fn numbers(column: &'static str, value: &Value, place: &str) -> Result<Test, BadInput> {
    each(value, place, |test, value, place| match test {
        "isNull" => is_null(column, value, place),
        "not" => Ok(Test::Not(Box::new(number(column, "eq", value, place)?))),
        test => number(column, test, value, place),
    })
}

fn number(column: &'static str, test: &str, value: &Value, place: &str) -> Result<Test, BadInput> {
    let compare = match test {
        "eq" => Compare::Equal,
        "lt" => Compare::Below,
        "lte" => Compare::AtMost,
        "gt" => Compare::Above,
        "gte" => Compare::AtLeast,
        "between" => {
            let (from, to) = ends(value, place, a_number, |from, to| from <= to)?;
            let from = from.map(|from| Leaf::Number(column, Compare::AtLeast, from));
            let to = to.map(|to| Leaf::Number(column, Compare::AtMost, to));
            return Ok(Test::All(from.into_iter().chain(to).map(Test::Row).collect()));
        }
        _ => {
            let numbers = values(value, place, |value| a_number(value, place))?;
            return Ok(Test::Row(Leaf::Numbers(column, numbers)));
        }
    };
    Ok(Test::Row(Leaf::Number(column, compare, a_number(value, place)?)))
}

fn date(
    earliest: &'static str,
    latest: &'static str,
    value: &Value,
    place: &str,
) -> Result<Test, BadInput> {
    let possibly = entries(value, place)?.into_iter().find(|(name, _)| *name == "possibly");
    let possibly = possibly.map(|(_, value)| a_flag(value, &format!("{place}.possibly")));
    let possibly = possibly.transpose()?.unwrap_or(false);
    // For certain, the day that is hardest to place decides; possibly, the easiest.
    let (early, late) = if possibly { (latest, earliest) } else { (earliest, latest) };
    let day = |column, compare, day| Test::Row(Leaf::Day(column, compare, day));
    let from = |date: PartialDate| day(early, Compare::AtLeast, date.earliest());
    // What ends before a day has begun before it: said again, so that an index of the first days
    // has both ends.
    let until = |compare, end: NaiveDate| {
        Test::All(vec![day(late, compare, end), day(earliest, compare, end)])
    };
    let to = |date: PartialDate| until(Compare::AtMost, date.latest());
    each(value, place, |test, value, place| {
        Ok(match test {
            "isNull" => is_null(earliest, value, place)?,
            "possibly" => Test::All(Vec::new()),
            "eq" => {
                let date = a_date(value, place)?;
                Test::All(vec![
                    day(earliest, Compare::Equal, date.earliest()),
                    day(latest, Compare::Equal, date.latest()),
                ])
            }
            "before" => {
                let date = a_date(value, place)?;
                let end = if possibly { date.latest() } else { date.earliest() };
                until(Compare::Below, end)
            }
            "after" => {
                let date = a_date(value, place)?;
                let end = if possibly { date.earliest() } else { date.latest() };
                day(early, Compare::Above, end)
            }
            "within" => {
                let date = a_date(value, place)?;
                Test::All(vec![from(date), to(date)])
            }
            _ => {
                let follow = |from: &PartialDate, to: &PartialDate| from.earliest() <= to.latest();
                let (first, last) = ends(value, place, a_date, follow)?;
                Test::All(first.map(from).into_iter().chain(last.map(to)).collect())
            }
        })
    })
}
