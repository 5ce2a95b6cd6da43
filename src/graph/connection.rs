//! Connections, of any type of object: a page, its edges, and the groups of the whole list.

use std::{borrow::Cow, marker::PhantomData, sync::Arc};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    async_trait::async_trait,
    parser::types::Field as Selected,
    registry::{MetaTypeId, Registry},
};

use super::{
    counts::{Counting, DimensionWord, Interval, Point},
    filter::Filter,
    moment::Day,
    node::Listed,
    order::OrderBy,
    page::{PageInfo, Rows},
    registry::{Argument, Field, object},
    request::Graph,
    show::{Many, Maybe, Shown, failed, nullify, placed, show_all},
};

/// One page of a list of `N`, by the Relay cursor connections specification.
pub struct Connection<N> {
    rows: Shown,
    of: PhantomData<fn() -> N>,
}

impl<N: Listed + OutputType> Connection<N> {
    pub fn new(rows: Rows, nodes: Vec<Shown>, counting: Counting) -> Self {
        let rows = Shows { rows, nodes, counting, name: N::type_name() };
        Self { rows: Arc::new(rows), of: PhantomData }
    }
}

#[async_trait]
impl<N: Listed + OutputType> OutputType for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let mut fields = vec![
                Field::of::<Many<EdgeOf<N>>>(
                    "edges",
                    "The rows of the page, each with its cursor.",
                ),
                Field::of::<Many<N>>("nodes", "The rows of the page."),
                Field::of::<PageInfo>("pageInfo", "Whether the list goes on, and where."),
                Field::of::<i64>("totalCount", "How many rows the whole list has."),
                Field::of::<Maybe<Many<N::Shown>>>(
                    "counts",
                    "How many rows the whole list has of each sort: those with the most first, \
                     years in order.",
                )
                .with(Argument::of::<DimensionWord<N>>("by", "What makes rows one sort."))
                .with(Argument::of::<Option<i32>>(
                    "first",
                    "How many sorts, those with the most rows: at most 1,000; 100 where nothing is \
                     said.",
                )),
            ];
            if N::filter().lives {
                fields.push(series());
            }
            let description = "A page of a list, by the Relay cursor connections specification.";
            object::<Self>(registry, description, fields)
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        self.rows.show(ctx, field).await
    }
}

/// The field of counts at several dates.
fn series() -> Field {
    let about = "How many rows hold on each of several dates, from the first to the last: whatever \
        date the list is read at, or none. At most 100.";
    Field::of::<Maybe<Vec<Point>>>("series", about)
        .with(Argument::of::<Day>("from", "The first date."))
        .with(Argument::of::<Day>("to", "No date is later than this."))
        .with(Argument::of::<Option<Interval>>("every", "How far apart they are.").or("YEAR"))
}

/// The type of a connection's edges, for the schema alone.
struct EdgeOf<N>(PhantomData<fn() -> N>);

#[async_trait]
impl<N: OutputType + 'static> OutputType for EdgeOf<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let cursor = "Where the row stands in the list: for `after` and `before`.";
            let fields =
                vec![Field::of::<String>("cursor", cursor), Field::of::<N>("node", "The row.")];
            object::<Self>(registry, "A row of a list and its place there.", fields)
        })
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        unreachable!("edges are shown as `ShownEdge`")
    }
}

/// A connection of any type of object.
struct Shows {
    rows: Rows,
    nodes: Vec<Shown>,
    counting: Counting,
    /// The type of the nodes.
    name: Cow<'static, str>,
}

#[async_trait]
impl ContainerType for Shows {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let field = ctx.item;
        let inner = ctx.with_selection_set(&field.node.selection_set);
        match field.node.name.node.as_str() {
            "nodes" => show_all(&self.nodes, &inner, field).await,
            "edges" => {
                let edge = |(at, node): (usize, &Shown)| {
                    let (cursor, node) = (self.rows.cursor(at), node.clone());
                    Arc::new(ShownEdge { cursor, node, name: self.name.clone() }) as Shown
                };
                let edges: Vec<Shown> = self.nodes.iter().enumerate().map(edge).collect();
                show_all(&edges, &inner, field).await
            }
            "pageInfo" => self.rows.info().resolve(&inner, field).await,
            "totalCount" => match self.counting.total(Graph::of(ctx)).await {
                Ok(count) => count.resolve(&inner, field).await,
                Err(error) => Err(failed(error, field)),
            },
            "counts" => {
                let shown = match self.counting.groups(ctx, Graph::of(ctx)).await {
                    Ok(groups) => show_all(&groups, &inner, field).await,
                    Err(error) => Err(failed(error, field)),
                };
                shown.or_else(|error| nullify(ctx, error))
            }
            "series" => {
                let points = self.counting.series(ctx, Graph::of(ctx)).await;
                Maybe::from(points).resolve(&inner, field).await
            }
            _ => return Ok(None),
        }
        .map(Some)
        .map_err(|error| placed(ctx, error))
    }
}

/// An edge of a connection of any type of object.
struct ShownEdge {
    cursor: String,
    node: Shown,
    /// The type of the node.
    name: Cow<'static, str>,
}

#[async_trait]
impl ContainerType for ShownEdge {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let field = ctx.item;
        let inner = ctx.with_selection_set(&field.node.selection_set);
        match field.node.name.node.as_str() {
            "cursor" => Ok(Value::String(self.cursor.clone())),
            "node" => self.node.show(&inner, field).await,
            _ => return Ok(None),
        }
        .map(Some)
        .map_err(|error| placed(ctx, error))
    }
}

/// Makes objects of what shows a part of a connection, named after the type of its nodes.
macro_rules! part_of_connection {
    ($($part:ident $end:literal)*) => {
        $(#[async_trait]
        impl OutputType for $part {
            fn type_name() -> Cow<'static, str> {
                $end.into()
            }

            fn introspection_type_name(&self) -> Cow<'static, str> {
                format!("{}{}", self.name, $end).into()
            }

            fn create_type_info(_: &mut Registry) -> String {
                unreachable!("the schema has a type for each list")
            }

            async fn resolve(
                &self,
                ctx: &ContextSelectionSet<'_>,
                _: &Positioned<Selected>,
            ) -> ServerResult<Value> {
                async_graphql::resolver_utils::resolve_container(ctx, self).await
            }
        })*
    };
}

part_of_connection! { Shows "Connection" ShownEdge "Edge" }

impl Field {
    /// A list that takes page arguments.
    pub fn page_of<N: Listed + OutputType>(
        name: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(name, description, Maybe::<Connection<N>>::create_type_info)
            .paged()
            .with(Argument::of::<Option<Filter<N>>>("filter", FILTER))
            .with(Argument::of::<Option<Vec<OrderBy<N>>>>("orderBy", ORDER_BY))
    }

    /// With the page arguments.
    pub fn paged(self) -> Self {
        self.with(Argument::of::<Option<i32>>("first", FIRST))
            .with(Argument::of::<Option<String>>("after", AFTER))
            .with(Argument::of::<Option<i32>>("last", LAST))
            .with(Argument::of::<Option<String>>("before", BEFORE))
    }

    /// With the time arguments of a list whose rows hold for a time.
    pub fn dated(self) -> Self {
        self.as_of(AS_OF).history()
    }

    /// With the date that it and all below it is read at, which `about` tells.
    pub fn as_of(self, about: &'static str) -> Self {
        self.with(Argument::of::<Option<Day>>("asOf", about))
    }

    /// With the choice of what is past and to come too.
    pub fn history(self) -> Self {
        self.with(Argument::of::<Option<bool>>("history", HISTORY).or("false"))
    }
}

/// What page arguments are for; the same wherever a list takes them.
const FIRST: &str = "Returns the first *n* items (default 20, max 100).";
const AFTER: &str = "Returns the items after this cursor.";
const LAST: &str = "Returns the last *n* items (max 100).";
const BEFORE: &str = "Returns the items before this cursor.";
pub const FILTER: &str = "Returns the items that match. A null field counts as omitted.";
const ORDER_BY: &str =
    "Keys to sort by, the most significant first. Items that are equal by all have a fixed order.";
/// What time arguments are for.
pub const AS_OF: &str = "The date that this field and all below it are read as of. Default: the date above it, or \
     today.";
const HISTORY: &str =
    "Whether to return all validity periods, past and future too, instead of those at the date.";
