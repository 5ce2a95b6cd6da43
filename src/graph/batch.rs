//! What to fetch: questions that one statement answers for any number of keys.
//!
//! Keys travel as one parameter (`json_each` on SQLite, `unnest` and `ANY` on PostgreSQL), so a
//! statement has the same text whatever their number. Two resolvers that ask the same question
//! share a batch: a batch is its type and the arguments as written.

use std::{
    any::Any,
    collections::HashMap,
    fmt::Debug,
    hash::{Hash, Hasher},
    sync::Arc,
};

use entity::Id;
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{
    ColumnTrait, DbBackend, EntityName, EntityTrait, FromQueryResult, IdenStatic, Iterable,
    QueryResult, Value,
    sea_query::{
        ArrayType, Condition, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement,
    },
};

use super::{
    error::Result,
    page::{OrderKey, Sorted, Window},
    snapshot::Snapshot,
    wave::Fetch,
};

/// What a question is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Of {
    /// The one key of a question about a whole table.
    All,
    Id(Id),
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
pub struct Answer(Result<Arc<dyn Any + Send + Sync>>);

impl Answer {
    /// The answer to a question of type `Q`.
    pub fn new<Q: Question>(answer: Q::Answer) -> Self {
        Self(Ok(Arc::new(answer)))
    }

    /// As an answer to a question of type `Q`.
    pub fn to<Q: Question>(self) -> Result<Arc<Q::Answer>> {
        Ok(self.0?.downcast().expect("a question is answered in its own type"))
    }
}

/// Something that one statement answers for many keys.
pub trait Question: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    type Answer: Send + Sync + 'static;

    /// Answers `of`, which is sorted and without doubles. A key left out of the map gets
    /// `nothing`.
    fn answer<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Self::Answer>>>;

    /// The answer about a key of which the store knows nothing.
    fn nothing() -> Self::Answer;
}

/// A question about one thing, without its type: what the loader keeps answers by.
#[derive(Clone, Debug)]
pub struct Key {
    question: Arc<dyn AnyQuestion>,
    of: Of,
}

impl Key {
    pub fn new(question: impl Question, of: Of) -> Self {
        Self { question: Arc::new(question), of }
    }

    /// What the question is about.
    pub fn of(&self) -> &Of {
        &self.of
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

trait AnyQuestion: Any + Debug + Send + Sync {
    fn same(&self, other: &dyn AnyQuestion) -> bool;
    fn digest(&self, state: &mut dyn Hasher);
    fn as_any(&self) -> &dyn Any;
    fn answer<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, HashMap<Of, Answer>>;
}

impl<Q: Question> AnyQuestion for Q {
    fn same(&self, other: &dyn AnyQuestion) -> bool {
        other.as_any().downcast_ref::<Q>() == Some(self)
    }

    fn digest(&self, mut state: &mut dyn Hasher) {
        self.hash(&mut state);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn answer<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, HashMap<Of, Answer>> {
        async move {
            match Question::answer(self, snapshot, of).await {
                Ok(mut answers) => {
                    let mut known = |of: &Of| -> Answer {
                        Answer::new::<Q>(answers.remove(of).unwrap_or_else(Q::nothing))
                    };
                    of.iter().map(|of| (of.clone(), known(of))).collect()
                }
                Err(error) => {
                    of.iter().map(|of| (of.clone(), Answer(Err(error.clone())))).collect()
                }
            }
        }
        .boxed()
    }
}

impl Fetch for Snapshot {
    /// One statement for each question among `keys`, always in the same order.
    async fn fetch(&self, keys: Vec<Key>) -> HashMap<Key, Answer> {
        // The loader hands keys over in the order of their hashes; equal batches must give equal
        // statements, so both questions and keys are put in order.
        let mut batches: Vec<(Arc<dyn AnyQuestion>, Vec<Of>)> = Vec::new();
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
        for (question, mut of) in batches {
            of.sort_unstable();
            for (of, answer) in question.answer(self, &of).await {
                done.insert(Key { question: question.clone(), of }, answer);
            }
        }
        done
    }
}

/// A table as questions see it: its name, its columns, and how a row of it is read.
///
/// Questions do not know the type of a row, so that they are compiled once and not for each table.
#[derive(Clone, Copy)]
pub struct Table {
    name: &'static str,
    columns: fn() -> Vec<&'static str>,
    read: fn(&QueryResult) -> Result<AnyRow>,
}

/// A row of any table: the entity's model.
pub type AnyRow = Arc<dyn Any + Send + Sync>;

impl Table {
    pub fn of<E: EntityTrait<Model: Send + Sync>>() -> Self {
        Self {
            name: E::default().table_name(),
            columns: || E::Column::iter().map(|column| column.as_str()).collect(),
            read: |row| Ok(Arc::new(E::Model::from_query_result(row, "")?)),
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    fn select(&self, select: &mut SelectStatement, from: &'static str) {
        for column in (self.columns)() {
            select.column((from, column));
        }
    }
}

impl Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Table {}

impl Hash for Table {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The row of a table that has the key in `column`, which is unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub table: Table,
    pub column: &'static str,
}

impl Question for Row {
    type Answer = Option<AnyRow>;

    fn answer<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Self::Answer>>> {
        async move {
            let mut select = Query::select();
            select.from(self.table.name);
            self.table.select(&mut select, self.table.name);
            let column = Expr::col((self.table.name, self.column));
            let backend = snapshot.backend();
            select.and_where(among(backend, column.clone(), keys(backend, of)));
            select.expr_as(column, OF);
            let rows = snapshot.query(&select).await?;
            let read = |row| Ok((of_row(row, of)?, Some((self.table.read)(row)?)));
            rows.iter().map(read).collect()
        }
        .boxed()
    }

    fn nothing() -> Self::Answer {
        None
    }
}

/// Which rows belong to a key, from the side of the one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    way: Way,
    /// A condition on the many: a column and the words of which it must hold one.
    only: Option<(&'static str, Arc<[String]>)>,
    /// The column that orders the many before their own order does, on the linking table.
    ranked: Option<&'static str>,
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

impl Edge {
    pub const ALL: Self = Self { way: Way::All, only: None, ranked: None };

    /// The rows whose `column` points at the one.
    pub fn key(column: impl ColumnTrait) -> Self {
        Self { way: Way::Key(column.as_str()), ..Self::ALL }
    }

    /// The rows that a table links: its column `one` points at the one, `many` at the rows.
    pub fn link<C: ColumnTrait>(one: C, many: C) -> Self {
        let table = C::EntityName::default().table_name();
        Self { way: Way::Link { table, one: one.as_str(), many: many.as_str() }, ..Self::ALL }
    }

    /// Only the rows that hold one of `words` in `column`.
    pub fn only(self, column: impl ColumnTrait, words: impl Into<Arc<[String]>>) -> Self {
        Self { only: Some((column.as_str(), words.into())), ..self }
    }

    /// In the order of a column of the linking table.
    pub fn ranked(self, column: impl ColumnTrait) -> Self {
        Self { ranked: Some(column.as_str()), ..self }
    }

    /// Selects from the table `many`, under the name `r`, the rows of the key `of`.
    fn rows(&self, backend: DbBackend, table: &'static str, of: Option<Expr>) -> SelectStatement {
        let mut select = Query::select();
        select.from_as(table, ROW);
        match (&self.way, of) {
            (Way::Key(column), Some(of)) => {
                select.and_where(Expr::col((ROW, *column)).eq(of));
            }
            (Way::Link { table: link, one, many }, Some(of)) => {
                select
                    .join_as(
                        JoinType::InnerJoin,
                        *link,
                        LINK,
                        Expr::col((LINK, *many)).equals((ROW, "id")),
                    )
                    .and_where(Expr::col((LINK, *one)).eq(of));
            }
            _ => {}
        }
        if let Some((column, words)) = &self.only {
            let words: Vec<Of> = words.iter().map(|word| Of::from(word.as_str())).collect();
            select.and_where(among(backend, Expr::col((ROW, *column)), keys(backend, &words)));
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
    pub order: &'static [Sorted],
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

impl Question for Page {
    type Answer = Slice;

    fn answer<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Slice>>> {
        async move {
            let select = self.statement(snapshot.backend(), of);
            let rows = snapshot.query(&select).await?;
            let mut pages: HashMap<Of, Slice> = HashMap::new();
            for row in &rows {
                let of = match self.edge.way {
                    Way::All => Of::All,
                    _ => of_row(row, of)?,
                };
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

    fn nothing() -> Slice {
        Slice::default()
    }
}

impl Page {
    fn place(&self, row: &QueryResult) -> Result<Placed> {
        let key = |sorted: &Sorted| match sorted {
            Sorted::Text(column) => Ok(OrderKey::Text(row.try_get("", column)?)),
            Sorted::Number(column) => Ok(OrderKey::Number(row.try_get::<i32>("", column)?.into())),
        };
        let keys = self.order.iter().map(key).collect::<Result<_>>()?;
        Ok(Placed { row: (self.table.read)(row)?, keys, id: row.try_get("", "id")? })
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
        let keys = keys(backend, of);
        let mut select = Query::select();
        if backend == DbBackend::Postgres {
            let mut rows = self.picked(backend, Some(Expr::col((KEY, KEY))));
            self.table.select(&mut rows, ROW);
            // Rows of one key keep the order in which the lateral select yields them.
            if let Some(ranked) = self.edge.ranked {
                rows.expr_as(Expr::col((LINK, ranked)), RANK);
            }
            self.table.select(&mut select, ROW);
            select
                .from_function(Func::cust("unnest").arg(keys), KEY)
                .expr_as(Expr::col((KEY, KEY)), OF)
                .join_lateral(
                    JoinType::InnerJoin,
                    rows.limit(limit).take(),
                    ROW,
                    Condition::all().add(Expr::cust("TRUE")),
                );
            self.sort(&mut select, self.edge.ranked.map(|_| (ROW, RANK)));
        } else {
            let mut ids = self.picked(backend, Some(Expr::col((KEY, "value"))));
            ids.column((ROW, "id"));
            self.table.select(&mut select, "m");
            select
                .from_function(Func::cust("json_each").arg(keys), KEY)
                .expr_as(Expr::col((KEY, "value")), OF)
                .join_as(
                    JoinType::InnerJoin,
                    self.table.name,
                    "m",
                    Expr::col(("m", "id")).in_subquery(ids.limit(limit).take()),
                );
            match (&self.edge.way, self.edge.ranked) {
                (Way::Link { table, one, many }, Some(ranked)) => {
                    let tied = Condition::all()
                        .add(Expr::col(("o", *many)).equals(("m", "id")))
                        .add(Expr::col(("o", *one)).equals((KEY, "value")));
                    select.join_as(JoinType::InnerJoin, *table, "o", tied);
                    self.sort_as(&mut select, Some(("o", ranked)), "m");
                }
                _ => self.sort_as(&mut select, None, "m"),
            }
        }
        select
    }

    /// The rows of one key within the window, in order.
    fn picked(&self, backend: DbBackend, of: Option<Expr>) -> SelectStatement {
        let mut select = self.edge.rows(backend, self.table.name, of);
        if let Some(cursor) = &self.window.after {
            select.cond_where(self.beyond(cursor, true));
        }
        if let Some(cursor) = &self.window.before {
            select.cond_where(self.beyond(cursor, false));
        }
        self.sort(&mut select, self.edge.ranked.map(|ranked| (LINK, ranked)));
        select
    }

    fn sort(&self, select: &mut SelectStatement, first: Option<(&'static str, &'static str)>) {
        self.sort_as(select, first, ROW);
    }

    fn sort_as(
        &self,
        select: &mut SelectStatement,
        first: Option<(&'static str, &'static str)>,
        table: &'static str,
    ) {
        let order = if self.window.backward { Order::Desc } else { Order::Asc };
        if let Some(first) = first {
            select.order_by(first, order.clone());
        }
        for column in self.order.iter().map(Sorted::column).chain(["id"]) {
            select.order_by((table, column), order.clone());
        }
    }

    /// What lies strictly after (or before) a row in the order of the list: the first key is
    /// beyond, or it is equal and the second is beyond, and so on; the id comes last.
    fn beyond(&self, cursor: &super::page::Place, after: bool) -> Condition {
        let columns = self.order.iter().map(Sorted::column).chain(["id"]);
        let columns = columns.map(|column| Expr::col((ROW, column)));
        let keys: Vec<(Expr, Value)> = columns.zip(cursor.values()).collect();
        let mut any = Condition::any();
        for (at, (column, value)) in keys.iter().enumerate() {
            let mut all = Condition::all();
            for (column, value) in &keys[..at] {
                all = all.add(column.clone().eq(value.clone()));
            }
            let column = column.clone();
            any = any.add(all.add(match after {
                true => column.gt(value.clone()),
                false => column.lt(value.clone()),
            }));
        }
        any
    }
}

/// How many rows there are at an edge.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Count {
    pub table: &'static str,
    pub edge: Edge,
}

impl Question for Count {
    type Answer = i64;

    fn answer<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, i64>>> {
        async move {
            let backend = snapshot.backend();
            let key = Expr::col((KEY, if backend == DbBackend::Postgres { KEY } else { "value" }));
            let all = self.edge.way == Way::All;
            let mut rows = self.edge.rows(backend, self.table, (!all).then(|| key.clone()));
            rows.expr_as(Func::count(Expr::col((ROW, "id"))), TOTAL);
            if all {
                let row = snapshot.query(&rows).await?;
                let total = row.first().map(|row| row.try_get("", TOTAL)).transpose()?;
                return Ok(HashMap::from([(Of::All, total.unwrap_or_default())]));
            }
            let mut select = Query::select();
            let function = if backend == DbBackend::Postgres { "unnest" } else { "json_each" };
            select
                .from_function(Func::cust(function).arg(keys(backend, of)), KEY)
                .expr_as(key, OF)
                .expr_as(rows, TOTAL);
            let rows = snapshot.query(&select).await?;
            rows.iter().map(|row| Ok((of_row(row, of)?, row.try_get("", TOTAL)?))).collect()
        }
        .boxed()
    }

    fn nothing() -> i64 {
        0
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

impl Question for Tally {
    type Answer = Vec<(String, i64)>;

    fn answer<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        _: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Self::Answer>>> {
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

    fn nothing() -> Self::Answer {
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

impl Question for Highest {
    type Answer = i64;

    fn answer<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        _: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Self::Answer>>> {
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

    fn nothing() -> Self::Answer {
        0
    }
}

const KEY: &str = "k";
const ROW: &str = "r";
const LINK: &str = "l";
const OF: &str = "of_";
const RANK: &str = "rank_";
const TOTAL: &str = "total";

/// A condition: `column` holds one of the keys that travel in one parameter.
pub fn among(backend: DbBackend, column: Expr, keys: Value) -> Expr {
    if backend == DbBackend::Postgres {
        return column.eq(Func::cust("ANY").arg(Expr::val(keys)));
    }
    let listed = Query::select()
        .column("value")
        .from_function(Func::cust("json_each").arg(keys), KEY)
        .take();
    column.in_subquery(listed)
}

/// Ids as one parameter.
pub fn ids(backend: DbBackend, ids: &[Id]) -> Value {
    keys(backend, &ids.iter().map(|id| Of::Id(*id)).collect::<Vec<_>>())
}

/// The keys as one parameter. A text with a NUL is the name of nothing, and PostgreSQL takes none.
fn keys(backend: DbBackend, of: &[Of]) -> Value {
    let text = of.iter().any(|of| matches!(of, Of::Text(_)));
    if backend == DbBackend::Postgres {
        let values = of.iter().filter_map(|of| match of {
            Of::All => None,
            Of::Id(id) => Some(Value::from(*id)),
            Of::Text(text) => (!text.contains('\0')).then(|| Value::from(text.as_ref())),
        });
        let kind = if text { ArrayType::String } else { ArrayType::BigInt };
        return Value::Array(kind, Some(Box::new(values.collect())));
    }
    let values: Vec<serde_json::Value> = of
        .iter()
        .filter_map(|of| match of {
            Of::All => None,
            Of::Id(id) => Some((*id).into()),
            Of::Text(text) => (!text.contains('\0')).then(|| text.as_ref().into()),
        })
        .collect();
    serde_json::Value::from(values).to_string().into()
}

fn of_row(row: &QueryResult, asked: &[Of]) -> Result<Of> {
    Ok(match asked.first() {
        Some(Of::Text(_)) => Of::Text(row.try_get::<String>("", OF)?.into()),
        _ => Of::Id(row.try_get("", OF)?),
    })
}
