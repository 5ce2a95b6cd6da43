//! Objects of which only the schema knows the type: what lists are made of.
//!
//! async-graphql compiles the resolving of a list and of a connection for each type in it. Here it
//! is compiled once, over objects that can show themselves; their types stand in the schema alone.

use std::{borrow::Cow, marker::PhantomData, sync::Arc};

use async_graphql::{
    ContainerType, Context, ContextBase, ContextSelectionSet, InputType, OutputType, Positioned,
    ServerError, ServerResult, Value,
    async_trait::async_trait,
    parser::types::Field as Selected,
    registry::{MetaField, MetaInputValue, MetaType, MetaTypeId, Registry},
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};

use super::{
    Graph, GraphContext,
    counts::{Counting, DimensionWord, Interval, Point},
    error::Error,
    filter::Filter,
    moment::Day,
    node::Listed,
    order::OrderBy,
    page::{PageInfo, Rows},
};
use crate::limits::MAX_RESPONSE_ERRORS;

/// An object that resolves its own selection.
pub trait Show: Send + Sync {
    fn show<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Selected>,
    ) -> BoxFuture<'a, ServerResult<Value>>;
}

impl<T: OutputType> Show for T {
    fn show<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Selected>,
    ) -> BoxFuture<'a, ServerResult<Value>> {
        self.resolve(ctx, field).boxed()
    }
}

pub type Shown = Arc<dyn Show>;

/// An error that came from deeper knows its path; one that arose here gets this one.
pub fn placed<T>(ctx: &ContextBase<'_, T>, error: ServerError) -> ServerError {
    if error.path.is_empty() { ctx.set_error_path(error) } else { error }
}

async fn show_all(
    items: &[Shown],
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Selected>,
) -> ServerResult<Value> {
    let shown = items.iter().enumerate().map(|(at, item)| {
        let ctx = ctx.with_index(at);
        async move { item.show(&ctx, field).await.map_err(|error| placed(&ctx, error)) }
    });
    Ok(Value::List(try_join_all(shown).await?))
}

/// A list of `N`.
pub struct Many<N> {
    items: Vec<Shown>,
    of: PhantomData<fn() -> N>,
}

impl<N> Many<N> {
    pub fn new(items: Vec<Shown>) -> Self {
        Self { items, of: PhantomData }
    }
}

#[async_trait]
impl<N: OutputType> OutputType for Many<N> {
    fn type_name() -> Cow<'static, str> {
        Vec::<N>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<N>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<N>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        show_all(&self.items, ctx, field).await
    }
}

/// A nullable field: an error makes this field null and leaves the rest of the response complete.
///
/// Every field with an argument that can fail at run time is one. The crate propagates an error of
/// such a field to the nearest nullable parent; by the specification it stays with the field.
pub struct Maybe<T>(Result<Option<T>, Error>);

impl<T> Maybe<T> {
    /// What `found` comes to.
    pub async fn of(found: impl Future<Output = Result<Option<T>, Error>>) -> Self {
        Self(found.await)
    }
}

impl<T> From<Result<Option<T>, Error>> for Maybe<T> {
    fn from(found: Result<Option<T>, Error>) -> Self {
        Self(found)
    }
}

impl<T> From<Result<T, Error>> for Maybe<T> {
    fn from(found: Result<T, Error>) -> Self {
        Self(found.map(Some))
    }
}

/// Makes a nullable field that failed null; what ends the whole request goes on up.
fn nullify<T>(ctx: &ContextBase<'_, T>, error: ServerError) -> ServerResult<Value> {
    if error.source::<Error>().is_some_and(Error::ends_request) {
        return Err(error);
    }
    // A response reports the first errors, and the first one of each field.
    let first = ctx
        .data_opt::<Arc<Graph>>()
        .is_some_and(|graph| graph.fails_first(error.locations.first().copied()));
    let shown =
        first || ctx.query_env.errors.lock().is_ok_and(|errors| errors.len() < MAX_RESPONSE_ERRORS);
    ctx.add_error(match shown {
        true => placed(ctx, error),
        false => ServerError { path: Vec::new(), locations: Vec::new(), ..error },
    });
    Ok(Value::Null)
}

#[async_trait]
impl<T: OutputType> OutputType for Maybe<T> {
    fn type_name() -> Cow<'static, str> {
        Option::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Option::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Option::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        let shown = match &self.0 {
            Ok(None) => return Ok(Value::Null),
            Ok(Some(object)) => (object as &dyn Show).show(ctx, field).await,
            Err(error) => Err(failed(error.clone(), field)),
        };
        shown.or_else(|error| nullify(ctx, error))
    }
}

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
        .with(Argument {
            default: Some("YEAR"),
            ..Argument::of::<Option<Interval>>("every", "How far apart they are.")
        })
}

/// The type of a connection's edges, for the schema alone.
struct EdgeOf<N>(PhantomData<fn() -> N>);

#[async_trait]
impl<N: OutputType> OutputType for EdgeOf<N> {
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

fn object<T: OutputType>(
    registry: &mut Registry,
    description: &str,
    fields: Vec<Field>,
) -> MetaType {
    MetaType::Object {
        name: T::type_name().into_owned(),
        description: Some(description.to_owned()),
        fields: fields.into_iter().map(|field| field.meta(registry)).collect(),
        cache_control: Default::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: Some(std::any::type_name::<T>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
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
            "totalCount" => match self.counting.total(ctx.graph()).await {
                Ok(count) => count.resolve(&inner, field).await,
                Err(error) => Err(failed(error, field)),
            },
            "counts" => {
                let shown = match self.counting.groups(ctx, ctx.graph()).await {
                    Ok(groups) => show_all(&groups, &inner, field).await,
                    Err(error) => Err(failed(error, field)),
                };
                shown.or_else(|error| nullify(ctx, error))
            }
            "series" => {
                let points = self.counting.series(ctx, ctx.graph()).await;
                Maybe::from(points).resolve(&inner, field).await
            }
            _ => return Ok(None),
        }
        .map(Some)
        .map_err(|error| placed(ctx, error))
    }
}

fn failed(error: Error, field: &Positioned<Selected>) -> ServerError {
    async_graphql::Error::from(error).into_server_error(field.pos)
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

/// Makes a type known to the schema and answers what to write for it.
pub type CreateType = fn(&mut Registry) -> String;

/// A field of an interface, for the schema.
pub struct Field {
    name: &'static str,
    description: &'static str,
    ty: CreateType,
    arguments: Vec<Argument>,
}

/// An argument of such a field.
pub struct Argument {
    name: &'static str,
    description: &'static str,
    ty: CreateType,
    default: Option<&'static str>,
}

impl Field {
    pub fn of<T: OutputType>(name: &'static str, description: &'static str) -> Self {
        Self { name, description, ty: T::create_type_info, arguments: Vec::new() }
    }

    /// A list that takes page arguments.
    pub fn page_of<N: Listed + OutputType>(name: &'static str, description: &'static str) -> Self {
        Self::of::<Maybe<Connection<N>>>(name, description)
            .with(Argument::of::<Option<i32>>("first", FIRST))
            .with(Argument::of::<Option<String>>("after", AFTER))
            .with(Argument::of::<Option<i32>>("last", LAST))
            .with(Argument::of::<Option<String>>("before", BEFORE))
            .with(Argument::of::<Option<Filter<N>>>("filter", FILTER))
            .with(Argument::of::<Option<Vec<OrderBy<N>>>>("orderBy", ORDER_BY))
    }

    /// With the time arguments of a list whose rows hold for a time.
    pub fn dated(self) -> Self {
        self.with(Argument::of::<Option<Day>>("asOf", AS_OF)).with(Argument {
            default: Some("false"),
            ..Argument::of::<Option<bool>>("history", HISTORY)
        })
    }

    pub fn with(mut self, argument: Argument) -> Self {
        self.arguments.push(argument);
        self
    }

    fn meta(self, registry: &mut Registry) -> (String, MetaField) {
        let arguments = self.arguments.into_iter().map(|argument| {
            let mut meta = MetaInputValue::new(argument.name, (argument.ty)(registry));
            meta.description = Some(argument.description.to_owned());
            meta.default_value = argument.default.map(str::to_owned);
            (argument.name.to_owned(), meta)
        });
        let args = arguments.collect();
        let description = Some(self.description.to_owned());
        let meta = MetaField::new(self.name, (self.ty)(registry));
        (self.name.to_owned(), MetaField { description, args, ..meta })
    }
}

impl Argument {
    pub fn of<T: InputType>(name: &'static str, description: &'static str) -> Self {
        Self { name, description, ty: T::create_type_info, default: None }
    }
}

/// What page arguments are for; the same wherever a list takes them.
pub const FIRST: &str = "How many rows from the start: at most 100; 20 where nothing is said.";
pub const AFTER: &str = "Only rows after this cursor.";
pub const LAST: &str = "How many rows from the end: at most 100.";
pub const BEFORE: &str = "Only rows before this cursor.";
pub const FILTER: &str = "Only rows that pass. What is null in it is as if left out.";
pub const ORDER_BY: &str =
    "The keys to order by, the first first; rows that are equal by all come in a fixed order.";
/// What time arguments are for.
pub const AS_OF: &str =
    "The date to read it and all below it at; as above it, or today, where it is left out.";
pub const HISTORY: &str = "All spells, past and to come too, not only those of the date.";

/// The schema's entry of an interface; its possible types are made known by the caller.
pub fn interface_type(
    registry: &mut Registry,
    name: &str,
    description: &str,
    fields: Vec<Field>,
    possible: &[(String, CreateType)],
    rust_typename: &'static str,
) -> MetaType {
    for (ty, create) in possible {
        create(registry);
        registry.add_implements(ty, name);
    }
    MetaType::Interface {
        name: name.to_owned(),
        description: Some(description.trim().to_owned()),
        fields: fields.into_iter().map(|field| field.meta(registry)).collect(),
        possible_types: possible.iter().map(|(ty, _)| ty.clone()).collect(),
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(rust_typename),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// An interface: one of several objects, which resolves its own selection.
///
/// The crate's own macro has no word for interfaces that implement interfaces, and compiles a
/// resolver of each field for each object once more.
macro_rules! interface {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident $title:literal implements [$($parent:literal),*] { $($object:ident)* }
        fields $fields:expr
    ) => {
        $(#[doc = $doc])*
        pub enum $name {
            $($object($object),)*
        }

        $(impl From<$object> for $name {
            fn from(object: $object) -> Self {
                Self::$object(object)
            }
        })*

        #[async_graphql::async_trait::async_trait]
        impl async_graphql::OutputType for $name {
            fn type_name() -> std::borrow::Cow<'static, str> {
                $title.into()
            }

            fn introspection_type_name(&self) -> std::borrow::Cow<'static, str> {
                match self {
                    $(Self::$object(object) => object.introspection_type_name(),)*
                }
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                $(registry.add_implements($title, $parent);)*
                registry.create_output_type::<Self, _>(
                    async_graphql::registry::MetaTypeId::Interface,
                    |registry| {
                        $crate::graph::show::interface_type(
                            registry,
                            $title,
                            concat!($($doc),*),
                            $fields,
                            &[$((
                                <$object as async_graphql::OutputType>::type_name().into_owned(),
                                <$object as async_graphql::OutputType>::create_type_info,
                            ),)*],
                            std::any::type_name::<Self>(),
                        )
                    },
                )
            }

            async fn resolve(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                let object: &dyn $crate::graph::show::Show = match self {
                    $(Self::$object(object) => object,)*
                };
                object.show(ctx, field).await
            }
        }
    };
}

pub(crate) use interface;
