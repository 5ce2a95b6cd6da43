//! The engine: how resolvers read the graph. Names no table.

use std::sync::Arc;

use async_graphql::{Context, OutputType};
use entity::Id;
use sea_orm::DatabaseConnection;

pub mod batch;
pub mod error;
pub mod node;
pub mod page;
pub mod show;
pub mod snapshot;
pub mod wave;

pub use batch::Edge;
pub use error::{BadInput, Error, Result};
pub use node::{GlobalId, Node};
pub use page::List;
pub use show::{Connection, Many, Maybe, Shown};

use batch::{AnyRow, Count, Key, Of, Page, Placed, Question, Row, Slice, Table};
use page::{Order, Rows, Window};
use snapshot::Snapshot;
use wave::Wave;

/// The most rows of a list that is short by its nature and therefore not paged.
pub const LONGEST_LIST: usize = 10_000;

/// What one request reads: one state of the data, fetched in waves.
pub struct Graph {
    snapshot: Arc<Snapshot>,
    wave: Wave<Snapshot>,
}

/// The graph, as resolvers get it.
pub trait GraphContext {
    fn graph(&self) -> &Graph;
}

impl GraphContext for Context<'_> {
    fn graph(&self) -> &Graph {
        let graph: &Arc<Graph> = self.data_unchecked();
        graph
    }
}

impl Graph {
    pub fn new(database: DatabaseConnection) -> Self {
        let snapshot = Arc::new(Snapshot::new(database));
        Self { wave: Wave::new(snapshot.clone()), snapshot }
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
        Ok(self.ask(Row { table, column }, of).await?.as_ref().clone())
    }

    /// The object that a unique column names, such as a slug from outside.
    pub async fn find<N: Node>(
        &self,
        column: &'static str,
        of: impl Into<Of>,
    ) -> Result<Option<N>> {
        Ok(self.row(N::table(), column, of).await?.map(N::from))
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
        let found = self.row(N::table(), ID, id).await?;
        let found = found.ok_or_else(|| Error::Broken(format!("{:?} has no row {id}", N::table())));
        found.map(N::from)
    }

    /// A page of the rows at an edge of one row.
    pub async fn under<N: Node + OutputType>(
        &self,
        edge: Edge,
        of: Id,
        list: List,
    ) -> Result<Connection<N>> {
        let rows = self.rows(N::order(), edge.clone(), of.into(), list).await?;
        Ok(connection(rows, edge, of.into()))
    }

    /// A page of the whole table.
    pub async fn all<N: Node + OutputType>(&self, list: List) -> Result<Connection<N>> {
        let rows = self.rows(N::order(), Edge::ALL, Of::All, list).await?;
        Ok(connection(rows, Edge::ALL, Of::All))
    }

    /// The rows of a page, of which someone else makes what is shown.
    pub async fn rows(&self, order: Order, edge: Edge, of: Of, list: List) -> Result<Rows> {
        let only_count = list.only_count;
        let window = list.check(&order)?;
        if only_count {
            return Ok(Rows { slice: Arc::default(), window, order });
        }
        let (table, columns) = (order.table, order.columns);
        let page = Page { table, edge, window: window.clone(), order: columns };
        let slice = self.ask(page, of).await?;
        Ok(Rows { slice, window, order })
    }

    /// All objects at an edge that is short by its nature.
    pub async fn list<N: Node>(&self, edge: Edge, of: impl Into<Of>) -> Result<Vec<N>> {
        let slice = self.whole(N::order(), edge, of.into()).await?;
        Ok(slice.rows.iter().map(|placed| N::from(placed.row.clone())).collect())
    }

    /// The same, to be shown as it is.
    pub async fn many<N: Node + OutputType>(
        &self,
        edge: Edge,
        of: impl Into<Of>,
    ) -> Result<Many<N>> {
        let slice = self.whole(N::order(), edge, of.into()).await?;
        Ok(Many::new(slice.rows.iter().map(shown::<N>).collect()))
    }

    async fn whole(&self, order: Order, edge: Edge, of: Of) -> Result<Arc<Slice>> {
        let window = Window::whole(LONGEST_LIST);
        let page = Page { table: order.table, edge, window, order: order.columns };
        let slice = self.ask(page, of.clone()).await?;
        match slice.more {
            true => Err(Error::Broken(format!("{:?} at {of:?} is no short list", order.table))),
            false => Ok(slice),
        }
    }
}

/// The column of a row's own id.
pub const ID: &str = "id";

fn connection<N: Node + OutputType>(rows: Rows, edge: Edge, of: Of) -> Connection<N> {
    let count = Count { table: N::table().name(), edge };
    let nodes = rows.slice.rows.iter().map(shown::<N>).collect();
    Connection::new(rows, nodes, count, of)
}

fn shown<N: Node + OutputType>(placed: &Placed) -> Shown {
    Arc::new(N::from(placed.row.clone()))
}
