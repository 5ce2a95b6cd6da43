//! What to fetch: questions that one statement answers for any number of keys.
//!
//! Keys travel as one parameter (`json_each` on SQLite, `unnest` and `ANY` on PostgreSQL), so a
//! statement has the same text whatever their number. Two resolvers that ask the same question
//! share a batch: a batch is its type and the arguments as written. The date that a list is read
//! at travels in the key: records that bring dates of their own share a batch too.

use std::{
    any::Any,
    borrow::Cow,
    collections::HashMap,
    fmt::Debug,
    hash::{Hash, Hasher},
    sync::Arc,
};

use chrono::NaiveDate;
use entity::{Id, PartialDate};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{
    ColumnTrait, DbBackend, EntityName, QueryResult, Value,
    sea_query::{
        ArrayType, CommonTableExpression, Condition, Expr, ExprTrait, Func, JoinType, NullOrdering,
        Order, Query, SelectStatement,
    },
};

use super::{
    as_of::{During, HOLDS},
    condition::{Reach, Scope, Test, lasting},
    error::Result,
    keyset::{By, Holds, Nulls, OrderKey, Place, Window},
    snapshot::Snapshot,
    table::{AnyRow, ID, Table},
    wave::Fetch,
};
use crate::sql::{self, KEY, among};

/// What a question is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Of {
    /// The one key of a question about a whole table.
    All,
    Id(Id),
    /// A row as of a date, by the first and the last day on which the date may fall.
    Dated(Id, NaiveDate, NaiveDate),
    Text(Arc<str>),
}

impl From<Id> for Of {
    fn from(id: Id) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for Of {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// What one key got: a value of the question's own type, or why there is none.
#[derive(Clone)]
pub struct BatchOutput(Result<Arc<dyn Any + Send + Sync>>);

impl BatchOutput {
    /// The answer to a question of type `Q`.
    fn new<Q: BatchQuery>(answer: Q::Output) -> Self {
        Self(Ok(Arc::new(answer)))
    }

    /// As an answer to a question of type `Q`.
    pub fn to<Q: BatchQuery>(self) -> Result<Arc<Q::Output>> {
        Ok(self.0?.downcast().expect("a question is answered in its own type"))
    }
}

/// Something that one statement answers for many keys.
pub trait BatchQuery: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    type Output: Send + Sync + 'static;

    /// The same question about the same thing, with as much as can be in the key: what differs
    /// between keys does not part batches.
    fn keyed(self, of: Of) -> (Self, Of) {
        (self, of)
    }

    /// Answers `of`, which is sorted and without doubles. A key left out of the map gets
    /// `nothing`.
    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Self::Output>>>;

    /// The answer about a key of which the store knows nothing.
    fn empty() -> Self::Output;

    /// Whole rows in the answer, by their ids: nobody has to ask for them again. Those of pages are
    /// not among them: what a question costs would hang on which rows happen to be in a page.
    fn rows(&self, _: &Self::Output) -> Vec<(Table, Id, AnyRow)> {
        Vec::new()
    }
}

/// A question about one thing, without its type: what the loader keeps answers by.
#[derive(Clone, Debug)]
pub struct Key {
    question: Arc<dyn AnyBatchQuery>,
    of: Of,
}

impl Key {
    pub fn new(question: impl BatchQuery, of: Of) -> Self {
        let (question, of) = question.keyed(of);
        Self { question: Arc::new(question), of }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of && self.question.same(other.question.as_ref())
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, mut state: &mut H) {
        self.of.hash(state);
        self.question.digest(&mut state);
    }
}

trait AnyBatchQuery: Any + Debug + Send + Sync {
    fn same(&self, other: &dyn AnyBatchQuery) -> bool;
    fn digest(&self, state: &mut dyn Hasher);
    fn as_any(&self) -> &dyn Any;
    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, HashMap<Of, BatchOutput>>;
    fn rows(&self, answer: &BatchOutput) -> Vec<(Table, Id, AnyRow)>;
}

impl<Q: BatchQuery> AnyBatchQuery for Q {
    fn same(&self, other: &dyn AnyBatchQuery) -> bool {
        other.as_any().downcast_ref::<Q>() == Some(self)
    }

    fn digest(&self, mut state: &mut dyn Hasher) {
        self.hash(&mut state);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, HashMap<Of, BatchOutput>> {
        async move {
            match BatchQuery::load(self, snapshot, of).await {
                Ok(mut answers) => {
                    let mut known = |of: &Of| -> BatchOutput {
                        BatchOutput::new::<Q>(answers.remove(of).unwrap_or_else(Q::empty))
                    };
                    of.iter().map(|of| (of.clone(), known(of))).collect()
                }
                Err(error) => {
                    of.iter().map(|of| (of.clone(), BatchOutput(Err(error.clone())))).collect()
                }
            }
        }
        .boxed()
    }

    fn rows(&self, answer: &BatchOutput) -> Vec<(Table, Id, AnyRow)> {
        match answer.clone().to::<Q>() {
            Ok(answer) => BatchQuery::rows(self, &answer),
            Err(_) => Vec::new(),
        }
    }
}

impl Fetch for Snapshot {
    type Key = Key;
    type Output = BatchOutput;

    /// One statement for each question among `keys`, always in the same order. Rows that answers
    /// hold answer the question about their ids too.
    async fn fetch(&self, keys: Vec<Key>) -> HashMap<Key, BatchOutput> {
        // The loader hands keys over in the order of their hashes; equal batches must give equal
        // statements, so both questions and keys are put in order.
        let mut batches: Vec<(Arc<dyn AnyBatchQuery>, Vec<Of>)> = Vec::new();
        let mut places: HashMap<Key, usize> = HashMap::new();
        for key in keys {
            let whole = Key { question: key.question.clone(), of: Of::All };
            let place = *places.entry(whole).or_insert_with(|| {
                batches.push((key.question, Vec::new()));
                batches.len() - 1
            });
            batches[place].1.push(key.of);
        }
        batches.sort_by_cached_key(|(question, _)| format!("{question:?}"));
        let mut done = HashMap::new();
        let mut seen = Vec::new();
        for (question, mut of) in batches {
            of.sort_unstable();
            for (of, answer) in question.load(self, &of).await {
                for (table, id, row) in question.rows(&answer) {
                    let whole = Row { table, column: ID };
                    let found = Found { id: Some(id), row };
                    seen.push((Key::new(whole, Of::Id(id)), BatchOutput::new::<Row>(Some(found))));
                }
                done.insert(Key { question: question.clone(), of }, answer);
            }
        }
        for (key, answer) in seen {
            done.entry(key).or_insert(answer);
        }
        done
    }
}

/// The row of a table that has the key in `column`, which is unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub table: Table,
    pub column: &'static str,
}

/// A row that was found.
#[derive(Clone)]
pub struct Found {
    /// Its id, where the table has such a column.
    id: Option<Id>,
    pub row: AnyRow,
}

impl BatchQuery for Row {
    type Output = Option<Found>;

    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Self::Output>>> {
        async move {
            let mut select = Query::select();
            select.from(self.table.name());
            self.table.select(&mut select, self.table.name());
            let column = Expr::col((self.table.name(), self.column));
            let backend = snapshot.backend();
            select.and_where(among(backend, column.clone(), keys(backend, of)));
            select.expr_as(column, OF);
            let rows = snapshot.query(&select).await?;
            let read = |row: &QueryResult| {
                let found = Found { id: row.try_get("", ID).ok(), row: self.table.read(row)? };
                Ok((of_row(row, of)?, Some(found)))
            };
            rows.iter().map(read).collect()
        }
        .boxed()
    }

    fn empty() -> Self::Output {
        None
    }

    fn rows(&self, answer: &Self::Output) -> Vec<(Table, Id, AnyRow)> {
        let found = answer.iter().filter(|_| self.column != ID);
        found.filter_map(|found| Some((self.table, found.id?, found.row.clone()))).collect()
    }
}

/// Which rows belong to a key, from the side of the one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    way: Way,
    /// Conditions on the many.
    only: Vec<Only>,
    test: Option<Arc<Test>>,
    /// Whether only those of the many belong to it that hold on the date.
    holding: bool,
    /// The date, where anything asks for one.
    date: Option<Date>,
    /// The column that orders the many before their own order does, on the linking table.
    ranked: Option<&'static str>,
}

/// Where the date comes from that an edge is read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Date {
    Is(PartialDate),
    /// Each key brings its own.
    Keyed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Way {
    /// All rows of the table, whatever the key.
    All,
    /// The rows that hold the key in a column.
    Key(&'static str),
    /// The rows that a linking table ties to the key.
    Link { table: &'static str, one: &'static str, many: &'static str },
}

/// A condition on a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Only {
    /// A column holds one of these words.
    Words(&'static str, Arc<[String]>),
    /// A linking table ties the row to a record.
    Tied { table: &'static str, one: &'static str, many: &'static str, id: Id },
}

impl Edge {
    pub const ALL: Self = Self {
        way: Way::All,
        only: Vec::new(),
        test: None,
        holding: false,
        date: None,
        ranked: None,
    };

    /// The rows whose `column` points at the one.
    pub fn key(column: impl ColumnTrait) -> Self {
        Self { way: Way::Key(column.as_str()), ..Self::ALL }
    }

    /// The rows that a table links: its column `one` points at the one, `many` at the rows.
    pub fn link<C: ColumnTrait>(one: C, many: C) -> Self {
        let table = C::EntityName::default().table_name();
        Self { way: Way::Link { table, one: one.as_str(), many: many.as_str() }, ..Self::ALL }
    }

    /// The rows at the other end of a relation.
    ///
    /// # Panics
    /// If it leads to the row that a column points at, which is one.
    pub fn reached(reach: Reach) -> Self {
        let way = match reach {
            Reach::Key(column) => Way::Key(column),
            Reach::Link { table, one, many } => Way::Link { table, one, many },
            Reach::To(column) => unreachable!("{column} points at one row"),
        };
        Self { way, ..Self::ALL }
    }

    /// Only the rows that hold one of `words` in `column`.
    pub fn only(mut self, column: impl ColumnTrait, words: impl Into<Arc<[String]>>) -> Self {
        self.only.push(Only::Words(column.as_str(), words.into()));
        self
    }

    /// Only the rows that a table links: its column `one` points at `id`, `many` at the rows.
    pub fn linked<C: ColumnTrait>(mut self, one: C, many: C, id: Id) -> Self {
        let table = C::EntityName::default().table_name();
        self.only.push(Only::Tied { table, one: one.as_str(), many: many.as_str(), id });
        self
    }

    /// Of rows that hold for a time, only those of a date.
    pub fn during(self, during: During) -> Self {
        match during {
            During::Ever => self,
            During::On(date) => Self { holding: true, date: Some(Date::Is(date)), ..self },
        }
    }

    /// Only the rows that pass a test, which is of a date where it hangs on one.
    pub fn testing(self, test: Test, date: PartialDate) -> Self {
        let asked = test.is_dated().then_some(Date::Is(date));
        Self { date: self.date.or(asked), test: Some(Arc::new(test)), ..self }
    }

    /// Where it leads from a row: for conditions on what is at the other end.
    pub fn reach(&self) -> Reach {
        match self.way {
            Way::Key(column) => Reach::Key(column),
            Way::Link { table, one, many } => Reach::Link { table, one, many },
            Way::All => unreachable!("a whole table is at the end of no edge"),
        }
    }

    /// Of a date, because something at it asks for one.
    pub fn dated(self, date: PartialDate) -> Self {
        Self { date: self.date.or(Some(Date::Is(date))), ..self }
    }

    /// Only the rows that hold on the date that each key brings along.
    pub fn on_each_day(self) -> Self {
        Self { holding: true, date: Some(Date::Keyed), ..self }
    }

    /// With the date that all keys bring, where it is the same: then nothing in a filter hangs on
    /// the key.
    pub fn alike(&self, of: &[Of]) -> Self {
        let mut days = of.iter().map(Of::days);
        let first = days.next().flatten();
        let date = match self.date {
            Some(Date::Keyed) if days.all(|other| other == first) => first
                .and_then(|(first, last)| PartialDate::from_columns(Some(first), Some(last)))
                .map(Date::Is),
            date => date,
        };
        Self { date: date.or(self.date), ..self.clone() }
    }

    /// With the date in the key, where there is a key to bring it.
    pub fn keyed(self, of: Of) -> (Self, Of) {
        match (self.date, of) {
            (Some(Date::Is(date)), Of::Id(id)) => {
                let of = Of::Dated(id, date.earliest(), date.latest());
                (Self { date: Some(Date::Keyed), ..self }, of)
            }
            (_, of) => (self, of),
        }
    }

    /// In the order of a column of the linking table.
    pub fn ranked(self, column: impl ColumnTrait) -> Self {
        Self { ranked: Some(column.as_str()), ..self }
    }

    /// The key that a row was selected for.
    pub fn of(&self, row: &QueryResult, asked: &[Of]) -> Result<Of> {
        match asked.first() {
            Some(Of::All) => Ok(Of::All),
            _ => of_row(row, asked),
        }
    }

    /// The first and the last day of the date that it is read at.
    pub fn days(&self) -> Option<(Expr, Expr)> {
        Some(match self.date? {
            Date::Is(date) => (Expr::val(date.earliest()), Expr::val(date.latest())),
            Date::Keyed => (Expr::col((KEY, FIRST)), Expr::col((KEY, LAST))),
        })
    }

    /// Selects from the table `many`, under the name `r`, the rows of the key `of`.
    pub fn rows(
        &self,
        backend: DbBackend,
        table: &'static str,
        of: Option<Expr>,
    ) -> SelectStatement {
        let mut select = Query::select();
        select.from_as(table, ROW);
        match (&self.way, of) {
            (Way::Key(column), Some(of)) => {
                select.and_where(Expr::col((ROW, *column)).eq(of));
            }
            (Way::Link { table: link, one, many }, Some(of)) => {
                select
                    .from_as(*link, LINK)
                    .and_where(Expr::col((LINK, *many)).equals((ROW, ID)))
                    .and_where(Expr::col((LINK, *one)).eq(of));
            }
            _ => {}
        }
        for only in &self.only {
            select.and_where(match only {
                Only::Words(column, words) => {
                    let words = sql::texts(backend, words.iter().map(String::as_str));
                    among(backend, Expr::col((ROW, *column)), words)
                }
                Only::Tied { table, one, many, id } => {
                    let mut tied = Query::select();
                    tied.column((*table, *many)).from(*table);
                    tied.and_where(Expr::col((*table, *one)).eq(*id));
                    Expr::col((ROW, ID)).in_subquery(tied)
                }
            });
        }
        let days = self.days();
        // Of a date that is not known to the day: some of its days.
        if let Some((first, last)) = days.as_ref().filter(|_| self.holding) {
            select.and_where(lasting(ROW, HOLDS, last, first));
        }
        if let Some(test) = &self.test {
            let whole = self.way == Way::All;
            let is_dated_alike = self.date != Some(Date::Keyed);
            let scope = Scope { backend, row: ROW, depth: 0, days, is_dated_alike, whole };
            select.cond_where(test.condition(&scope));
        }
        select
    }
}

/// A page of the rows of a table at an edge; all parents' pages in one statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    pub table: Table,
    pub edge: Edge,
    pub window: Window,
    /// The columns that order the rows; the id comes after them.
    pub order: Cow<'static, [By]>,
}

/// The rows of one page, in the list's order, and whether there are more beyond its far end.
#[derive(Debug, Default)]
pub struct Slice {
    pub rows: Vec<Placed>,
    pub more: bool,
}

/// A row and the keys by which its list is ordered.
#[derive(Clone, Debug)]
pub struct Placed {
    pub row: AnyRow,
    pub keys: Vec<OrderKey>,
    pub id: Id,
}

impl BatchQuery for Page {
    type Output = Slice;

    fn keyed(self, of: Of) -> (Self, Of) {
        let (edge, of) = self.edge.keyed(of);
        (Self { edge, ..self }, of)
    }

    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Slice>>> {
        async move {
            let page = Self { edge: self.edge.alike(of), ..self.clone() };
            let select = page.statement(snapshot.backend(), of);
            let rows = snapshot.query(&select).await?;
            let mut pages: HashMap<Of, Slice> = HashMap::new();
            for row in &rows {
                let of = self.edge.of(row, of)?;
                pages.entry(of).or_default().rows.push(self.place(row)?);
            }
            for page in pages.values_mut() {
                page.more = page.rows.len() > self.window.size;
                page.rows.truncate(self.window.size);
                if self.window.backward {
                    page.rows.reverse();
                }
            }
            Ok(pages)
        }
        .boxed()
    }

    fn empty() -> Slice {
        Slice::default()
    }
}

impl Page {
    fn place(&self, row: &QueryResult) -> Result<Placed> {
        let key = |by: &By| -> Result<OrderKey> {
            let text = |text: Option<String>| text.map(OrderKey::Text);
            let key = match by.holds {
                Holds::Text => text(row.try_get("", by.column)?),
                Holds::Number => {
                    let number: Option<i32> = row.try_get("", by.column)?;
                    number.map(|number| OrderKey::Number(number.into()))
                }
                Holds::Day => {
                    let day: Option<NaiveDate> = row.try_get("", by.column)?;
                    text(day.map(|day| day.to_string()))
                }
            };
            Ok(key.unwrap_or(OrderKey::Null))
        };
        let keys = self.order.iter().map(key).collect::<Result<_>>()?;
        Ok(Placed { row: self.table.read(row)?, keys, id: row.try_get("", "id")? })
    }

    /// On SQLite the rows' ids are picked for each key by a correlated, limited sub-select; on
    /// PostgreSQL the rows themselves by a lateral one. Either walks an index for each key and
    /// stops at the limit. (A window function reads all rows of all keys;
    /// `cargo bench` shows how much slower that is.)
    fn statement(&self, backend: DbBackend, of: &[Of]) -> SelectStatement {
        let limit = self.window.size as u64 + 1;
        if self.edge.way == Way::All {
            let mut select = self.picked(backend, None);
            self.table.select(&mut select, ROW);
            return select.limit(limit).take();
        }
        let postgres = backend == DbBackend::Postgres;
        let mut select = Query::select();
        self.table.select(&mut select, if postgres { ROW } else { "m" });
        let key = put_keys(&mut select, backend, of);
        if postgres {
            let mut rows = self.picked(backend, Some(key));
            self.table.select(&mut rows, ROW);
            // Rows of one key keep the order in which the lateral select yields them.
            if let Some(ranked) = self.edge.ranked {
                rows.expr_as(Expr::col((LINK, ranked)), RANK);
            }
            select.join_lateral(
                JoinType::InnerJoin,
                rows.limit(limit).take(),
                ROW,
                Condition::all().add(Expr::cust("TRUE")),
            );
            self.sort(&mut select, backend, self.edge.ranked.map(|_| (ROW, RANK)), ROW);
        } else {
            let mut ids = self.picked(backend, Some(key.clone()));
            ids.column((ROW, "id"));
            select.join_as(
                JoinType::InnerJoin,
                self.table.name(),
                "m",
                Expr::col(("m", "id")).in_subquery(ids.limit(limit).take()),
            );
            match (&self.edge.way, self.edge.ranked) {
                (Way::Link { table, one, many }, Some(ranked)) => {
                    let tied = Condition::all()
                        .add(Expr::col(("o", *many)).equals(("m", "id")))
                        .add(Expr::col(("o", *one)).eq(key));
                    select.join_as(JoinType::InnerJoin, *table, "o", tied);
                    self.sort(&mut select, backend, Some(("o", ranked)), "m");
                }
                _ => self.sort(&mut select, backend, None, "m"),
            }
        }
        select
    }

    /// The rows of one key within the window, in order.
    fn picked(&self, backend: DbBackend, of: Option<Expr>) -> SelectStatement {
        let mut select = self.edge.rows(backend, self.table.name(), of);
        if let Some(cursor) = &self.window.after {
            select.cond_where(self.beyond(backend, cursor, true));
        }
        if let Some(cursor) = &self.window.before {
            select.cond_where(self.beyond(backend, cursor, false));
        }
        self.sort(&mut select, backend, self.edge.ranked.map(|ranked| (LINK, ranked)), ROW);
        select
    }

    fn sort(
        &self,
        select: &mut SelectStatement,
        backend: DbBackend,
        first: Option<(&'static str, &'static str)>,
        table: &'static str,
    ) {
        let backward = self.window.backward;
        let way = |descending| if descending { Order::Desc } else { Order::Asc };
        if let Some(first) = first {
            select.order_by(first, way(backward));
        }
        for by in self.order.iter() {
            let (column, order) = (sorted(backend, table, by), way(by.descending != backward));
            match by.nulls {
                None => select.order_by_expr(column, order),
                Some(nulls) => {
                    let first = (nulls == Nulls::First) != backward;
                    let nulls = if first { NullOrdering::First } else { NullOrdering::Last };
                    select.order_by_expr_with_nulls(column, order, nulls)
                }
            };
        }
        select.order_by((table, ID), way(backward));
    }

    /// What lies strictly after (or before) a row in the order of the list: the first key is
    /// beyond, or it is equal and the second is beyond, and so on; the id comes last.
    fn beyond(&self, backend: DbBackend, cursor: &Place, after: bool) -> Condition {
        let (keys, id) = cursor.values(&self.order);
        let mut any = Condition::any();
        let mut equal = Condition::all();
        let mut bound = Condition::all();
        for (at, (by, value)) in keys.enumerate() {
            let column = sorted(backend, ROW, by);
            // Rows without the key lie beyond all others, or before them.
            let nulls_beyond = by.nulls.map(|nulls| (nulls == Nulls::Last) == after);
            // Said again of the first key alone, so that an index is walked from there.
            if let (0, Some(value), true) = (at, &value, nulls_beyond != Some(true)) {
                bound = bound.add(match by.descending != after {
                    true => column.clone().gte(value.clone()),
                    false => column.clone().lte(value.clone()),
                });
            }
            let beyond = match &value {
                Some(value) => {
                    let further = match by.descending != after {
                        true => column.clone().gt(value.clone()),
                        false => column.clone().lt(value.clone()),
                    };
                    let further = Condition::any().add(further);
                    match nulls_beyond {
                        Some(true) => Some(further.add(column.clone().is_null())),
                        _ => Some(further),
                    }
                }
                None if nulls_beyond == Some(false) => {
                    Some(Condition::any().add(column.clone().is_not_null()))
                }
                None => None,
            };
            if let Some(beyond) = beyond {
                any = any.add(equal.clone().add(beyond));
            }
            equal = equal.add(match value {
                Some(value) => column.eq(value),
                None => column.is_null(),
            });
        }
        let column = Expr::col((ROW, ID));
        bound.add(any.add(equal.add(if after { column.gt(id) } else { column.lt(id) })))
    }
}

/// A column as lists are ordered by it: texts by their code points, on PostgreSQL too, whatever
/// the language of its database is.
fn sorted(backend: DbBackend, table: &'static str, by: &By) -> Expr {
    let column = Expr::col((table, by.column));
    match (backend, by.holds) {
        (DbBackend::Postgres, Holds::Text) => Expr::cust_with_exprs("$1 COLLATE \"C\"", [column]),
        _ => column,
    }
}

/// How many rows there are at an edge.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Count {
    pub table: &'static str,
    pub edge: Edge,
}

impl BatchQuery for Count {
    type Output = i64;

    fn keyed(self, of: Of) -> (Self, Of) {
        let (edge, of) = self.edge.keyed(of);
        (Self { edge, ..self }, of)
    }

    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, i64>>> {
        async move {
            let count = Self { edge: self.edge.alike(of), ..self.clone() };
            let rows = snapshot.query(&count.statement(snapshot.backend(), of)).await?;
            let total = |row: &QueryResult| Ok((self.edge.of(row, of)?, row.try_get("", TOTAL)?));
            rows.iter().map(total).collect()
        }
        .boxed()
    }

    fn empty() -> i64 {
        0
    }
}

impl Count {
    fn statement(&self, backend: DbBackend, of: &[Of]) -> SelectStatement {
        let mut select = Query::select();
        let all = of.first() == Some(&Of::All);
        let key = (!all).then(|| put_keys(&mut select, backend, of));
        let mut rows = self.edge.rows(backend, self.table, key);
        rows.expr_as(Func::count(Expr::col((ROW, ID))), TOTAL);
        if all { rows } else { select.expr_as(rows, TOTAL).take() }
    }
}

/// How many rows of a table hold each word in a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tally {
    table: &'static str,
    column: &'static str,
}

impl Tally {
    pub fn of<C: ColumnTrait>(column: C) -> Self {
        Self { table: C::EntityName::default().table_name(), column: column.as_str() }
    }
}

impl BatchQuery for Tally {
    type Output = Vec<(String, i64)>;

    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        _: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Self::Output>>> {
        async move {
            let select = Query::select()
                .from(self.table)
                .expr_as(Expr::col(self.column), OF)
                .expr_as(Func::count(Expr::col(self.column)), TOTAL)
                .group_by_col(self.column)
                .order_by(self.column, Order::Asc)
                .take();
            let rows = snapshot.query(&select).await?;
            let counts = rows.iter().map(|row| Ok((row.try_get("", OF)?, row.try_get("", TOTAL)?)));
            Ok(HashMap::from([(Of::All, counts.collect::<Result<_>>()?)]))
        }
        .boxed()
    }

    fn empty() -> Self::Output {
        Vec::new()
    }
}

/// The highest number in a column; 0 in an empty table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Highest {
    table: &'static str,
    column: &'static str,
}

impl Highest {
    pub fn of<C: ColumnTrait>(column: C) -> Self {
        Self { table: C::EntityName::default().table_name(), column: column.as_str() }
    }
}

impl BatchQuery for Highest {
    type Output = i64;

    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        _: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Self::Output>>> {
        async move {
            let select = Query::select()
                .from(self.table)
                .expr_as(Func::max(Expr::col(self.column)), TOTAL)
                .take();
            let rows = snapshot.query(&select).await?;
            let highest =
                rows.first().map(|row| row.try_get::<Option<i64>>("", TOTAL)).transpose()?;
            Ok(HashMap::from([(Of::All, highest.flatten().unwrap_or_default())]))
        }
        .boxed()
    }

    fn empty() -> Self::Output {
        0
    }
}

/// The name of the rows' table in a statement.
pub const ROW: &str = "r";
const LINK: &str = "l";
/// What a row's key is called, and the days that it brings along.
pub const OF: &str = "of_";
pub const FIRST: &str = "first_";
pub const LAST: &str = "last_";
const RANK: &str = "rank_";
pub const TOTAL: &str = "total";

/// What the column of a key is called where keys are read as a table.
fn key_name(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { KEY } else { "value" }
}

/// The column of the key itself.
pub fn key_column(backend: DbBackend) -> Expr {
    Expr::col((KEY, key_name(backend)))
}

/// Puts the keys into a statement, as a table `k` and as what its rows are told apart by; answers
/// the column of the key itself.
pub fn put_keys(select: &mut SelectStatement, backend: DbBackend, of: &[Of]) -> Expr {
    let function = if backend == DbBackend::Postgres { "unnest" } else { "json_each" };
    let (column, key) = (key_name(backend), key_column(backend));
    select.expr_as(key.clone(), OF);
    if !matches!(of.first(), Some(Of::Dated(..))) {
        select.from_function(Func::cust(function).arg(keys(backend, of)), KEY);
        return key;
    }
    select.column((KEY, FIRST)).column((KEY, LAST));
    let mut dated = Query::select();
    if backend == DbBackend::Postgres {
        let days = |day: fn(&Of) -> Option<NaiveDate>| {
            let days = of.iter().filter_map(day).map(Value::from).collect();
            Value::Array(ArrayType::ChronoDate, Some(Box::new(days)))
        };
        let unnest = |values: Value| Func::cust(function).arg(values);
        dated
            .expr_as(unnest(keys(backend, of)), column)
            .expr_as(unnest(days(|of| of.days().map(|days| days.0))), FIRST)
            .expr_as(unnest(days(|of| of.days().map(|days| days.1))), LAST);
    } else {
        let part = |path: &str| {
            Func::cust("json_extract").arg(Expr::col("value")).arg(Expr::cust(path.to_owned()))
        };
        dated
            .expr_as(part("'$[0]'"), column)
            .expr_as(part("'$[1]'"), FIRST)
            .expr_as(part("'$[2]'"), LAST)
            .from_function(Func::cust(function).arg(keys(backend, of)), "j");
    }
    // Else SQLite may merge the two selects, and take a key apart again for each row that is
    // compared with it.
    let mut table = CommonTableExpression::new();
    table.query(dated).table_name(KEY).materialized(true);
    select.with_cte(table).from(KEY);
    key
}

impl Of {
    /// The first and the last day of the date that a key brings along.
    fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        match self {
            Self::Dated(_, first, last) => Some((*first, *last)),
            _ => None,
        }
    }
}

/// The keys as one parameter: all of them of one kind.
fn keys(backend: DbBackend, of: &[Of]) -> Value {
    match of.first() {
        Some(Of::Text(_)) => {
            let texts = of.iter().filter_map(|of| match of {
                Of::Text(text) => Some(text.as_ref()),
                _ => None,
            });
            sql::texts(backend, texts)
        }
        Some(Of::Dated(..)) if backend != DbBackend::Postgres => {
            let dated = of.iter().filter_map(|of| match of {
                Of::Dated(id, first, last) => Some(serde_json::json!([id, first, last])),
                _ => None,
            });
            dated.collect::<serde_json::Value>().to_string().into()
        }
        _ => {
            let ids = of.iter().filter_map(|of| match of {
                Of::Id(id) | Of::Dated(id, ..) => Some(*id),
                Of::All | Of::Text(_) => None,
            });
            sql::ids(backend, ids)
        }
    }
}

fn of_row(row: &QueryResult, asked: &[Of]) -> Result<Of> {
    Ok(match asked.first() {
        Some(Of::Text(_)) => Of::Text(row.try_get::<String>("", OF)?.into()),
        Some(Of::Dated(..)) => {
            Of::Dated(row.try_get("", OF)?, row.try_get("", FIRST)?, row.try_get("", LAST)?)
        }
        _ => Of::Id(row.try_get("", OF)?),
    })
}

#[cfg(test)]
mod tests {
    use entity::membership;
    use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

    use super::*;
    use crate::{graph::keyset::Window, store};

    fn on(edge: Edge, of: Of, date: &str) -> (Page, Of) {
        let date = date.parse().expect("a date");
        let edge = edge.during(During::On(date));
        let (window, order) = (Window::whole(10), Cow::default());
        Page { table: Table::of::<membership::Entity>(), edge, window, order }.keyed(of)
    }

    fn members() -> Edge {
        Edge::key(membership::Column::OrganizationId)
    }

    #[test]
    fn dates_part_keys_and_not_questions() {
        let (year, in_year) = on(members(), 7.into(), "2012");
        let (day, on_day) = on(members(), 7.into(), "2012-01-01");
        assert_eq!(year, day);
        assert_ne!(in_year, on_day);
        // A whole table has no key to bring a date.
        let ((one, of), (other, _)) =
            (on(Edge::ALL, Of::All, "2012"), on(Edge::ALL, Of::All, "2013"));
        assert_ne!(one, other);
        assert_eq!(of, Of::All);
        for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
            let text = |of: &[&Of]| {
                let of: Vec<Of> = of.iter().copied().cloned().collect();
                backend.build(&year.statement(backend, &of)).sql
            };
            assert_eq!(text(&[&in_year]), text(&[&in_year, &on_day]));
        }
    }

    /// The plan of a statement of SQLite.
    async fn plan(database: &DatabaseConnection, select: &SelectStatement) -> Vec<String> {
        let statement = database.get_database_backend().build(select);
        let explain =
            Statement { sql: format!("EXPLAIN QUERY PLAN {}", statement.sql), ..statement };
        let rows = database.query_all_raw(explain).await.expect("the statement is sound");
        rows.iter().map(|row| row.try_get("", "detail").expect("a text")).collect()
    }

    #[tokio::test]
    async fn each_dated_key_walks_an_index() {
        let database = store::connect("sqlite::memory:").await.expect("a new database");
        store::migrate(&database).await.expect("tables are made");
        let (page, of) = on(members(), 7.into(), "2012");
        let count = Count { table: page.table.name(), edge: page.edge.clone() };
        let (backend, of) = (database.get_database_backend(), [of]);
        for select in [page.statement(backend, &of), count.statement(backend, &of)] {
            let plan = plan(&database, &select).await;
            let walk = "SEARCH r USING COVERING INDEX membership_organization_id_id_key \
                 (organization_id=?)";
            assert!(plan.iter().any(|step| step == walk), "{plan:#?}");
            assert_eq!(plan[0], "MATERIALIZE k", "keys are taken apart once");
        }
    }
}
