//! Conditions on rows, as questions carry them and as statements say them.
//!
//! Every value travels as a parameter; no word that a client writes becomes SQL.

use std::sync::Arc;

use chrono::NaiveDate;
use entity::{Certainty, Id, kind::camel};
use sea_orm::{
    DbBackend,
    sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, UnionType},
};

use super::{
    as_of::{HOLDS, SURE},
    table::ID as KEY,
};
use crate::sql;

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
    pub of: &'static Texts,
    pub kinds: &'static [String],
    pub property: &'static str,
    pub how: How,
    /// Whether there are so few rows of these kinds that reading all their texts is quicker than
    /// finding those of all kinds.
    pub few: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum How {
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
        let key = camel(column);
        // Of a number that is only asked whether it is there, the text will do.
        let number = matches!(leaf, Leaf::Number(..) | Leaf::Numbers(..));
        let sort = if number { "integer" } else { "text" };
        let text = match self.backend {
            DbBackend::Postgres => format!(
                "COALESCE((SELECT (v.value ->> 1)::{sort} FROM jsonb_array_elements(\
                 \"{row}\".\"varying\"::jsonb -> '{key}') WITH ORDINALITY AS v (value, place) \
                 WHERE (v.value ->> 0)::date <= $1 ORDER BY v.place DESC LIMIT 1), $2::{sort})"
            ),
            _ => format!(
                "COALESCE((SELECT CAST(json_extract(v.value, '$[1]') AS {sort}) FROM \
                 json_each(\"{row}\".\"varying\", '$.{key}') AS v WHERE \
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
    pub fn then(self) -> Self {
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
