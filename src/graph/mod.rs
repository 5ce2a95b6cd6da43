//! The engine: how resolvers read the graph. Names no table.

use std::sync::Arc;

use async_graphql::Context;
use entity::Id;
use sea_orm::{DatabaseConnection, EntityTrait};

pub mod batch;
pub mod error;
pub mod node;
pub mod page;
pub mod snapshot;
pub mod wave;

pub use batch::Edge;
pub use error::{BadInput, Error, Result};
pub use node::{GlobalId, Node};
pub use page::{Connection, List};

use batch::{Count, Key, Of, Page, Question, Row, Table};
use node::TableOf;
use page::Window;
use snapshot::Snapshot;
use wave::Wave;

/// The most rows of a list that is short by its nature and therefore not paged.
pub const LONGEST_LIST: usize = 1_000;

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

    /// The object that a unique column names, such as a slug from outside.
    pub async fn find<N: Node>(
        &self,
        column: <TableOf<N> as EntityTrait>::Column,
        of: impl Into<Of>,
    ) -> Result<Option<N>> {
        let row = self.ask(Row::<TableOf<N>>::by(column), of).await?;
        Ok(row.as_ref().clone().map(N::from))
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
        let found = self.find(N::key(), id).await?;
        found.ok_or_else(|| Error::Broken(format!("{} has no row {id}", TableOf::<N>::table())))
    }

    /// A page of the rows at an edge of one row.
    pub async fn under<N: Node>(&self, edge: Edge, of: Id, list: List) -> Result<Connection<N>> {
        self.page::<N, _, _>(edge, of.into(), list, |row| async { Ok(N::from(row)) }).await
    }

    /// A page of the whole table.
    pub async fn all<N: Node>(&self, list: List) -> Result<Connection<N>> {
        self.page::<N, _, _>(Edge::ALL, Of::All, list, |row| async { Ok(N::from(row)) }).await
    }

    /// A page of the rows at an edge, each shown as what `show` makes of it.
    pub async fn page<N: Node, S, F: Future<Output = Result<S>>>(
        &self,
        edge: Edge,
        of: Of,
        list: List,
        show: impl Fn(Arc<<TableOf<N> as EntityTrait>::Model>) -> F,
    ) -> Result<Connection<S>> {
        let window = list.check::<N>()?;
        let page = Page::<TableOf<N>>::new(edge.clone(), window.clone(), N::ORDER);
        let slice = self.ask(page, of.clone()).await?;
        let shown = futures_util::future::try_join_all(slice.rows.iter().cloned().map(&show));
        let rows = slice.rows.iter().cloned().zip(shown.await?).collect();
        let count = Count { table: TableOf::<N>::table(), edge };
        Ok(Connection::new::<N>(rows, slice.more, &window, count, of))
    }

    /// All rows at an edge that is short by its nature.
    pub async fn list<N: Node>(&self, edge: Edge, of: impl Into<Of>) -> Result<Vec<N>> {
        let page = Page::<TableOf<N>>::new(edge, Window::whole(LONGEST_LIST), N::ORDER);
        let slice = self.ask(page, of).await?;
        Ok(slice.rows.iter().cloned().map(N::from).collect())
    }
}
