//! The graph as of a date.

use std::sync::Arc;

use async_graphql::{Context, OutputType};
use entity::{Id, PartialDate};
use futures_util::{FutureExt, future::BoxFuture};

use super::{
    as_of::{AsOf, Day, During, When},
    batch::{Edge, Of, Placed},
    connection::Connection,
    counts::Counting,
    error::{Error, Result},
    keyset::Order,
    node::{Listed, Node},
    order,
    page::List,
    read,
    request::Graph,
    show::{Many, Shown},
    table::ID,
};

/// The graph, as resolvers get it.
pub trait GraphContext {
    fn graph(&self) -> &Graph;

    /// The graph as of a date.
    fn at(&self, as_of: AsOf) -> View<'_> {
        View { graph: self.graph(), as_of }
    }

    /// The graph as of the date that an argument `asOf` gives; as of today where it is left out.
    fn as_of(&self, day: Option<Day>) -> View<'_> {
        self.at(AsOf::today(self.graph().today())).stated(day)
    }
}

impl GraphContext for Context<'_> {
    fn graph(&self) -> &Graph {
        Graph::of(self)
    }
}

/// The graph as of a date: whatever is read through it is of that date.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub graph: &'a Graph,
    pub as_of: AsOf,
}

impl<'a> View<'a> {
    /// The same as of the time that arguments give, and which rows of a list they mean.
    pub fn when(self, when: When) -> Result<(View<'a>, During)> {
        let (as_of, during) = when.check(self.as_of)?;
        Ok((Self { as_of, ..self }, during))
    }

    /// The same as of a date that a record brings along.
    pub fn of(self, date: Option<PartialDate>) -> View<'a> {
        Self { as_of: self.as_of.of(date), ..self }
    }

    /// The same as of the date that an argument `asOf` states, where it is given.
    pub fn stated(self, day: Option<Day>) -> View<'a> {
        let stated = day.map(|day| AsOf::stated(day.0));
        Self { as_of: stated.unwrap_or(self.as_of), ..self }
    }

    /// The object that a unique column names, such as a slug from outside.
    pub async fn find<N: Node>(
        &self,
        column: &'static str,
        of: impl Into<Of>,
    ) -> Result<Option<N>> {
        Ok(self.graph.row(N::table(), column, of).await?.map(|row| N::new(row, self.as_of)))
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

    /// Applies the arguments of a list: the date as of which its rows are read, the rows, and their order.
    pub fn select<N: Listed>(
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
                edge.testing(read::read(N::filter(), &filter, dated)?, view.as_of.date())
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
            let (view, edge, order) = self.select::<N>(edge, N::order(), &mut list)?;
            let rows = self.graph.rows(order, edge.clone(), of.clone(), list).await?;
            let nodes = rows.slice.rows.iter().map(|placed| view.shown::<N>(placed)).collect();
            let counting = Counting::new::<N>(N::table().name(), edge, of, view.as_of);
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
        Ok(rows.map(|placed| N::new(placed.row.clone(), self.as_of)).collect())
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
        let (view, edge, _) = self.select::<N>(edge, N::order(), &mut list)?;
        view.many(edge, of).await
    }

    fn shown<N: Node + OutputType>(&self, placed: &Placed) -> Shown {
        Arc::new(N::new(placed.row.clone(), self.as_of))
    }
}
