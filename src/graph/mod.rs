//! The engine: how resolvers read the graph. Names no table.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_graphql::{Context, OutputType, Pos};
use chrono::NaiveDate;
use entity::{Id, PartialDate};
use futures_util::{FutureExt, future::BoxFuture};

pub mod batch;
pub mod condition;
pub mod connection;
pub mod contract;
pub mod cost;
pub mod counts;
pub mod error;
pub mod filter;
pub mod keyset;
pub mod moment;
pub mod node;
pub mod order;
pub mod page;
pub mod read;
pub mod registry;
pub mod show;
pub mod snapshot;
pub mod table;
pub mod wave;

pub use batch::Edge;
pub use connection::Connection;
pub use error::{BadInput, Error, Result};
pub use moment::{Day, Moment, When};
pub use node::{GlobalId, Listed, Node};
pub use page::List;
pub use show::{Many, Maybe, Shown};
pub use table::ID;

use batch::{Key, Of, Page, Placed, Question, Row, Slice};
use counts::Counting;
use keyset::{Order, Window};
use moment::During;
use page::Rows;
use snapshot::{Plan, Snapshot};
use table::{AnyRow, Table};
use wave::Wave;

use crate::limits::{MAX_LIST_ROWS, MAX_RESPONSE_ROWS};

/// What one request reads: one state of the data, fetched in waves.
pub struct Graph {
    snapshot: Arc<Snapshot>,
    wave: Wave<Snapshot>,
    /// The day of the request.
    today: NaiveDate,
    /// Rows of lists that are not paged, so far.
    shown: AtomicUsize,
    /// The places of fields that failed.
    failed: Mutex<HashSet<Pos>>,
}

/// The graph, as resolvers get it.
pub trait GraphContext {
    fn graph(&self) -> &Graph;

    /// The graph as of a date.
    fn at(&self, moment: Moment) -> View<'_> {
        View { graph: self.graph(), moment }
    }

    /// The graph as of the date that an argument `asOf` gives; as of today where it is left out.
    fn as_of(&self, day: Option<Day>) -> View<'_> {
        self.at(Moment::today(self.graph().today)).stated(day)
    }
}

impl GraphContext for Context<'_> {
    fn graph(&self) -> &Graph {
        let graph: &Arc<Graph> = self.data_unchecked();
        graph
    }
}

impl Graph {
    pub fn new(snapshot: Snapshot, today: NaiveDate) -> Self {
        let snapshot = Arc::new(snapshot);
        Self {
            wave: Wave::new(snapshot.clone()),
            snapshot,
            today,
            shown: AtomicUsize::new(0),
            failed: Mutex::default(),
        }
    }

    /// Whether the field at a place of the document has not failed before.
    fn fails_first(&self, at: Option<Pos>) -> bool {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        at.is_some_and(|at| failed.insert(at))
    }

    /// How the store went about the statements so far.
    pub fn plans(&self) -> Vec<Plan> {
        self.snapshot.plans()
    }

    /// The day of the request.
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// Runs a request that reads this graph to its end.
    pub async fn drive<R: Future>(&self, request: R) -> R::Output {
        self.wave.drive(request).await
    }

    /// How many statements the request has cost so far.
    pub fn statements(&self) -> usize {
        self.snapshot.statements()
    }

    /// The answer to a question about a whole table.
    pub async fn overall<Q: Question>(&self, question: Q) -> Result<Arc<Q::Answer>> {
        self.ask(question, Of::All).await
    }

    /// The answer to any question about one key.
    pub async fn ask<Q: Question>(&self, question: Q, of: impl Into<Of>) -> Result<Arc<Q::Answer>> {
        self.wave.ask(Key::new(question, of.into())).await.to::<Q>()
    }

    /// The row of a table that a unique column names.
    pub async fn row(
        &self,
        table: Table,
        column: &'static str,
        of: impl Into<Of>,
    ) -> Result<Option<AnyRow>> {
        let found = self.ask(Row { table, column }, of).await?;
        Ok(found.as_ref().as_ref().map(|found| found.row.clone()))
    }

    /// The rows of a page, of which someone else makes what is shown.
    pub async fn rows(&self, order: Order, edge: Edge, of: Of, list: List) -> Result<Rows> {
        let only_count = list.only_count;
        let window = list.check(&order)?;
        if only_count {
            return Ok(Rows { slice: Arc::default(), window, order });
        }
        let (table, columns) = (order.table, order.columns.clone());
        let page = Page { table, edge, window: window.clone(), order: columns };
        let slice = self.ask(page, of).await?;
        Ok(Rows { slice, window, order })
    }

    /// All rows at an edge that is short by its nature.
    pub async fn whole(&self, order: Order, edge: Edge, of: Of) -> Result<Arc<Slice>> {
        let window = Window::whole(MAX_LIST_ROWS);
        let page = Page { table: order.table, edge, window, order: order.columns };
        let slice = self.ask(page, of.clone()).await?;
        if slice.more {
            return Err(Error::Broken(format!("{:?} at {of:?} is no short list", order.table)));
        }
        let shown = self.shown.fetch_add(slice.rows.len(), Ordering::Relaxed);
        let (got, most) = (shown + slice.rows.len(), MAX_RESPONSE_ROWS);
        match got > most {
            true => Err(BadInput::AnswerLength { got, most }.into()),
            false => Ok(slice),
        }
    }
}

/// The graph as of a date: whatever is read through it is of that date.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub graph: &'a Graph,
    pub moment: Moment,
}

impl<'a> View<'a> {
    /// The same as of the time that arguments give, and which rows of a list they mean.
    pub fn when(self, when: When) -> Result<(View<'a>, During)> {
        let (moment, during) = when.check(self.moment)?;
        Ok((Self { moment, ..self }, during))
    }

    /// The same as of a date that a record brings along.
    pub fn of(self, date: Option<PartialDate>) -> View<'a> {
        Self { moment: self.moment.of(date), ..self }
    }

    /// The same as of the date that an argument `asOf` states, where it is given.
    pub fn stated(self, day: Option<Day>) -> View<'a> {
        let stated = day.map(|day| Moment::stated(day.0));
        Self { moment: stated.unwrap_or(self.moment), ..self }
    }

    /// The object that a unique column names, such as a slug from outside.
    pub async fn find<N: Node>(
        &self,
        column: &'static str,
        of: impl Into<Of>,
    ) -> Result<Option<N>> {
        Ok(self.graph.row(N::table(), column, of).await?.map(|row| N::new(row, self.moment)))
    }

    /// The object that a key points at; none where the key is null.
    pub async fn maybe<N: Node>(&self, id: Option<Id>) -> Result<Option<N>> {
        match id {
            Some(id) => self.one(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// The object that a key points at, where the key is always set.
    pub async fn one<N: Node>(&self, id: Id) -> Result<N> {
        let found = self.find(ID, id).await?;
        found.ok_or_else(|| Error::Broken(format!("{:?} has no row {id}", N::table())))
    }

    /// What a list asks for: the date that its rows are read at, which rows, in what order.
    pub fn asked<N: Listed>(
        &self,
        edge: Edge,
        order: Order,
        list: &mut List,
    ) -> Result<(View<'a>, Edge, Order)> {
        let (view, edge, dated) = match list.when.take() {
            None => (*self, edge, true),
            Some(when) => {
                let dated = !when.history;
                let (view, during) = self.when(when)?;
                (view, edge.during(during), dated)
            }
        };
        let edge = match list.filter.take() {
            None => edge,
            Some(filter) => {
                edge.testing(read::read(N::filter(), &filter, dated)?, view.moment.date())
            }
        };
        let columns = order::read(N::orders(), &list.order_by)?;
        let columns = if columns.is_empty() { order.columns } else { columns.into() };
        Ok((view, edge, Order { columns, ..order }))
    }

    /// A page of the rows at an edge of one row; those of the date, where the rows hold for a time.
    ///
    /// Boxed, because without optimization a resolver's frame has room for the work of each of its
    /// fields, and a question nests as many frames as it has levels.
    pub fn under<N: Node + Listed + OutputType>(
        self,
        edge: Edge,
        of: impl Into<Of>,
        mut list: List,
    ) -> BoxFuture<'a, Result<Connection<N>>> {
        let of = of.into();
        async move {
            let (view, edge, order) = self.asked::<N>(edge, N::order(), &mut list)?;
            let rows = self.graph.rows(order, edge.clone(), of.clone(), list).await?;
            let nodes = rows.slice.rows.iter().map(|placed| view.shown::<N>(placed)).collect();
            let counting = Counting::new::<N>(N::table().name(), edge, of, view.moment);
            Ok(Connection::new(rows, nodes, counting))
        }
        .boxed()
    }

    /// A page of the whole table.
    pub fn all<N: Node + Listed + OutputType>(
        self,
        list: List,
    ) -> BoxFuture<'a, Result<Connection<N>>> {
        self.under(Edge::ALL, Of::All, list)
    }

    /// All objects at an edge that is short by its nature.
    pub async fn list<N: Node>(&self, edge: Edge, of: impl Into<Of>) -> Result<Vec<N>> {
        let slice = self.graph.whole(N::order(), edge, of.into()).await?;
        let rows = slice.rows.iter();
        Ok(rows.map(|placed| N::new(placed.row.clone(), self.moment)).collect())
    }

    /// The same, to be shown as it is.
    pub async fn many<N: Node + OutputType>(
        &self,
        edge: Edge,
        of: impl Into<Of>,
    ) -> Result<Many<N>> {
        let slice = self.graph.whole(N::order(), edge, of.into()).await?;
        Ok(Many::new(slice.rows.iter().map(|placed| self.shown::<N>(placed)).collect()))
    }

    /// Those of the date at an edge that is short by its nature, or some of them.
    pub async fn many_of<N: Node + Listed + OutputType>(
        self,
        edge: Edge,
        of: impl Into<Of>,
        mut list: List,
    ) -> Result<Many<N>> {
        let (view, edge, _) = self.asked::<N>(edge, N::order(), &mut list)?;
        view.many(edge, of).await
    }

    fn shown<N: Node + OutputType>(&self, placed: &Placed) -> Shown {
        Arc::new(N::new(placed.row.clone(), self.moment))
    }
}
