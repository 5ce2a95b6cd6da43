//! Lists: page arguments, cursors, connections.

use std::sync::Arc;

use async_graphql::{Context, Object, OutputType, SimpleObject, TypeName};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::Id;
use sea_orm::{EntityTrait, ModelTrait, Value};
use serde::{Deserialize, Serialize};

use super::{
    GraphContext,
    batch::{Count, Of, Table},
    error::{BadInput, Error, Result},
    node::{Node, TableOf},
};

/// Rows of a page where the client does not say how many.
pub const DEFAULT_PAGE: usize = 20;
/// The most rows of a page.
pub const LARGEST_PAGE: usize = 100;

/// The page arguments of a list, as written.
#[derive(Debug, Default)]
pub struct List {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// The part of a list that a page shows, checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    pub size: usize,
    /// Counted from the end of the list.
    pub backward: bool,
    pub after: Option<Place>,
    pub before: Option<Place>,
}

impl Window {
    /// The whole of a list that is short by its nature.
    pub const fn whole(size: usize) -> Self {
        Self { size, backward: false, after: None, before: None }
    }
}

impl List {
    /// The only judge of page arguments.
    pub fn check<N: Node>(self) -> Result<Window, BadInput> {
        let size = |argument, got: i32| {
            usize::try_from(got)
                .ok()
                .filter(|size| *size <= LARGEST_PAGE)
                .ok_or(BadInput::PageSize { argument, got, most: LARGEST_PAGE as i32 })
        };
        let (size, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(BadInput::BothEnds),
            (Some(first), None) => (size("first", first)?, false),
            (None, Some(last)) => (size("last", last)?, true),
            (None, None) => (DEFAULT_PAGE, false),
        };
        let place = |argument, cursor: Option<String>| {
            cursor.map(|cursor| Place::parse::<N>(argument, &cursor)).transpose()
        };
        let after = place("after", self.after)?;
        let before = place("before", self.before)?;
        Ok(Window { size, backward, after, before })
    }
}

/// A place in the order of a list: the keys of the row that stands there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Which order: the table and the columns.
    list: String,
    keys: Vec<OrderKey>,
    id: Id,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
enum OrderKey {
    Number(i64),
    Text(String),
}

impl Place {
    fn of<N: Node>(row: &ModelOf<N>) -> Self {
        let keys = N::ORDER.iter().map(|column| {
            let column = column.parse().ok().expect("a node is ordered by columns of its table");
            match ModelTrait::get(row, column) {
                Value::String(Some(text)) => OrderKey::Text(text),
                Value::Int(Some(number)) => OrderKey::Number(number.into()),
                Value::BigInt(Some(number)) => OrderKey::Number(number),
                other => unreachable!("a node is ordered by texts and numbers, not {other:?}"),
            }
        });
        Self { list: Self::list::<N>(), keys: keys.collect(), id: N::id_of(row) }
    }

    fn list<N: Node>() -> String {
        [TableOf::<N>::table()].iter().chain(N::ORDER).copied().collect::<Vec<_>>().join(" ")
    }

    fn parse<N: Node>(argument: &'static str, cursor: &str) -> Result<Self, BadInput> {
        let got = || cursor.chars().take(80).collect();
        let place: Self = BASE64_URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .ok_or_else(|| BadInput::NotACursor { argument, got: got() })?;
        if place.list != Self::list::<N>() {
            return Err(BadInput::CursorOfAnotherList { argument, got: got() });
        }
        if place.keys.len() != N::ORDER.len() {
            return Err(BadInput::NotACursor { argument, got: got() });
        }
        Ok(place)
    }

    /// The values to compare with the columns of the order and the id.
    pub fn values(&self) -> impl Iterator<Item = Value> {
        let keys = self.keys.iter().map(|key| match key {
            OrderKey::Number(number) => (*number).into(),
            OrderKey::Text(text) => text.as_str().into(),
        });
        keys.chain([self.id.into()])
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = serde_json::to_vec(self).expect("a place is plain data");
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(text))
    }
}

type ModelOf<N> = <TableOf<N> as EntityTrait>::Model;

/// One page of a list, and the way to the next.
pub struct Connection<N> {
    edges: Vec<Edge<N>>,
    page: PageInfo,
    count: Count,
    of: Of,
}

/// A row of a list and its place there.
#[derive(Clone)]
pub struct Edge<N> {
    cursor: Arc<str>,
    node: N,
}

/// Whether a list goes on beyond a page, and where.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there is more after this page.
    has_next_page: bool,
    /// Whether there is more before this page.
    has_previous_page: bool,
    /// Cursor of the first row of the page.
    start_cursor: Option<String>,
    /// Cursor of the last row of the page.
    end_cursor: Option<String>,
}

impl<N> Connection<N> {
    /// A page of `rows`, each with what it is shown as.
    pub fn new<L: Node>(
        rows: Vec<(Arc<ModelOf<L>>, N)>,
        more: bool,
        window: &Window,
        count: Count,
        of: Of,
    ) -> Self {
        let edges: Vec<_> = rows
            .into_iter()
            .map(|(row, node)| Edge { cursor: Place::of::<L>(&row).to_string().into(), node })
            .collect();
        let cursor = |edge: &Edge<N>| edge.cursor.to_string();
        // The row that a cursor names lies outside the page, so there is something on its side.
        let (has_previous_page, has_next_page) = match window.backward {
            false => (window.after.is_some(), more),
            true => (more, window.before.is_some()),
        };
        let page = PageInfo {
            has_next_page,
            has_previous_page,
            start_cursor: edges.first().map(cursor),
            end_cursor: edges.last().map(cursor),
        };
        Self { edges, page, count, of }
    }
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> std::borrow::Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> std::borrow::Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// A page of a list, by the Relay cursor connections specification.
#[Object(name_type)]
impl<N: OutputType + Clone> Connection<N> {
    /// The rows of the page, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The rows of the page.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Whether the list goes on, and where.
    async fn page_info(&self) -> &PageInfo {
        &self.page
    }

    /// How many rows the whole list has.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64, Error> {
        Ok(*ctx.graph().ask(self.count.clone(), self.of.clone()).await?)
    }
}

/// A row of a list and its place there.
#[Object(name_type)]
impl<N: OutputType + Clone> Edge<N> {
    /// Where the row stands in the list: for `after` and `before`.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The row.
    async fn node(&self) -> &N {
        &self.node
    }
}
