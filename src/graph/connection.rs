//! Connections, of any type of object: a page, its edges, and the groups of the whole list.

use std::{borrow::Cow, marker::PhantomData, sync::Arc};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    async_trait::async_trait,
    parser::types::Field as Selected,
    registry::{MetaTypeId, Registry},
};

use super::{
    as_of::Day,
    counts::{Counting, DimensionWord, Interval, Point},
    filter::Filter,
    node::Listed,
    order::OrderBy,
    page::{PageInfo, Rows},
    registry::{Argument, Field, object},
    request::Graph,
    show::{Many, Nullable, Shown, failed, nullify, placed, show_all},
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
                Field::of::<Many<EdgeOf<N>>>("edges", "Items of the page, each with its cursor."),
                Field::of::<Many<N>>("nodes", "Items of the page."),
                Field::of::<PageInfo>("pageInfo", "Information about the page, for pagination."),
                Field::of::<i64>("totalCount", "Total number of items in the list."),
                Field::of::<Nullable<Many<N::Group>>>(
                    "groups",
                    "Groups of all items in the list by a key: the largest first, years in \
                     chronological order.",
                )
                .with(Argument::of::<DimensionWord<N>>("by", "Key to group by."))
                .with(Argument::of::<Option<i32>>(
                    "first",
                    "Returns the first *n* groups (default 100, max 1,000).",
                )),
            ];
            if N::filter().is_temporal {
                fields.push(series());
            }
            let description = "Page of a list, as a Relay connection.";
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
    let about = "Number of items that are valid on each date of a series (max 100 dates). \
        Independent of `asOf` and `history`.";
    Field::of::<Nullable<Vec<Point>>>("series", about)
        .with(Argument::of::<Day>("from", "First date of the series."))
        .with(Argument::of::<Day>("to", "Latest possible date of the series."))
        .with(Argument::of::<Option<Interval>>("every", "Interval between the dates.").or("YEAR"))
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
            let cursor = "Cursor of the item, for `after` and `before`.";
            let fields = vec![
                Field::of::<String>("cursor", cursor),
                Field::of::<N>("node", "Item of the list."),
            ];
            object::<Self>(registry, "Item of a page, with its cursor.", fields)
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
            "groups" => {
                let shown = match self.counting.groups(ctx, Graph::of(ctx)).await {
                    Ok(groups) => show_all(&groups, &inner, field).await,
                    Err(error) => Err(failed(error, field)),
                };
                shown.or_else(|error| nullify(ctx, error))
            }
            "series" => {
                let points = self.counting.series(ctx, Graph::of(ctx)).await;
                Nullable::from(points).resolve(&inner, field).await
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
        Self::new(name, description, Nullable::<Connection<N>>::create_type_info)
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
        self.as_of().history()
    }

    /// With the argument `asOf`.
    pub fn as_of(self) -> Self {
        self.with(Argument::of::<Option<Day>>("asOf", AS_OF))
    }

    /// With the argument `history`.
    pub fn history(self) -> Self {
        self.with(Argument::of::<Option<bool>>("history", HISTORY).or("false"))
    }
}

/// Descriptions of arguments, the same for every field that has them.
const FIRST: &str = "Returns the first *n* items (default 20, max 100).";
const AFTER: &str = "Returns the items after this cursor.";
const LAST: &str = "Returns the last *n* items (max 100).";
const BEFORE: &str = "Returns the items before this cursor.";
pub const FILTER: &str = "Only return items that match this filter; `null` is treated as omitted.";
const ORDER_BY: &str =
    "Orders the items by these keys, the most significant first. Equal items are in a fixed order.";
pub const AS_OF: &str =
    "Point in time for this field and everything below it; defaults to the parent's, or today.";
const HISTORY: &str = "Whether to return all validity periods, past and future, instead of those at \
    the point in time.";
pub const LANG: &str = "Language of the name as a BCP 47 tag, such as `ru`. If omitted, or if there is no name in the \
    language, the main name is returned.";
