//! What all records have in common, said once: the macros that give an object its shared fields
//! and its lists, and the interfaces.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, OutputType, Positioned, ServerResult, Value};
use chrono::{DateTime, Utc};
use entity::{
    Id, RecordKind, citation, claim, contradiction, entity as registry, identifier, name,
};

use super::{
    assembly::Assembly,
    attendance::Attendance,
    chamber::Chamber,
    claim::Claim,
    commission::Commission,
    contradiction::Contradiction,
    decision::Decision,
    decision_relation::DecisionRelation,
    delegation::Delegation,
    document::Document,
    member::Member,
    membership::Membership,
    name::{Identifier, Name},
    parliament::Parliament,
    participation::Participation,
    seat_allocation::SeatAllocation,
    session::Session,
    site_state::SiteState,
    stage::Stage,
    stance::Stance,
    state::State,
};
use crate::graph::{Connection, Edge, Error, GlobalId, GraphContext, Node, Result, batch::Row};

/// Says of an object which table its rows are in, and the columns that order its lists.
macro_rules! node {
    ($name:ident of $table:ident $(by $($column:literal),+)?) => {
        #[derive(Clone)]
        pub struct $name(pub(crate) std::sync::Arc<entity::$table::Model>);

        impl From<std::sync::Arc<entity::$table::Model>> for $name {
            fn from(row: std::sync::Arc<entity::$table::Model>) -> Self {
                Self(row)
            }
        }

        impl $crate::graph::Node for $name {
            type Entity = entity::$table::Entity;
            $(const ORDER: &'static [&'static str] = &[$($column),+];)?
        }
    };
}

/// An object with lists: each line under `pages` becomes a field that takes page arguments and
/// answers a connection.
macro_rules! object {
    (
        $(#[$doc:meta])*
        impl $name:ident { $($body:tt)* }
        pages { $($(#[$page_doc:meta])* $page:ident: $node:ident at $edge:expr;)* }
    ) => {
        $(#[$doc])*
        #[async_graphql::Object]
        impl $name {
            $($body)*

            $(
                $(#[$page_doc])*
                pub async fn $page(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing is said.")]
                    first: Option<i32>,
                    #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
                    #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
                    #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
                ) -> $crate::graph::Result<$crate::graph::Connection<$node>> {
                    let list = $crate::graph::List { first, after, last, before };
                    $crate::graph::GraphContext::graph(ctx).under($edge, self.0.id, list).await
                }
            )*
        }
    };
}

/// An object that is a record: adds what every record can be asked for.
macro_rules! record {
    (
        $(#[$doc:meta])*
        impl $name:ident { $($body:tt)* }
        pages { $($pages:tt)* }
    ) => {
        object! {
            $(#[$doc])*
            impl $name {
                /// Opaque id, for `node`.
                pub async fn id(&self) -> async_graphql::ID {
                    $crate::schema::record::global_id(entity::RecordKind::$name, self.0.id)
                }

                /// Its name in addresses and files: readable, and the same for ever.
                pub async fn slug(&self) -> &str {
                    &self.0.slug
                }

                /// What other registers call it.
                pub async fn identifiers(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<Vec<$crate::schema::name::Identifier>> {
                    $crate::schema::record::identifiers(ctx, self.0.id).await
                }

                /// Every document that supports it.
                pub async fn sources(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<Vec<$crate::schema::document::Document>> {
                    $crate::schema::record::sources(ctx, entity::RecordKind::$name, self.0.id).await
                }

                /// What documents say of it: of all its properties, or of those named.
                pub async fn claims(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "Names of properties, such as `seats`.")]
                    property: Option<Vec<String>>,
                ) -> $crate::graph::Result<Vec<$crate::schema::claim::Claim>> {
                    $crate::schema::record::claims(ctx, self.0.id, property).await
                }

                /// Claims about it that cannot all be true.
                pub async fn contradictions(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<Vec<$crate::schema::contradiction::Contradiction>> {
                    $crate::schema::record::contradictions(ctx, self.0.id).await
                }

                /// When it, or an edge at it, was last changed.
                pub async fn updated_at(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<chrono::DateTime<chrono::Utc>> {
                    $crate::schema::record::updated_at(ctx, self.0.id).await
                }

                $($body)*
            }
            pages { $($pages)* }
        }
    };
}

/// A record that has names besides its own.
macro_rules! named {
    (
        $(#[$doc:meta])*
        impl $name:ident { $($body:tt)* }
        pages { $($pages:tt)* }
    ) => {
        record! {
            $(#[$doc])*
            impl $name {
                /// Its name; in a language, where it has one in it, else as it goes by here.
                pub async fn name(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "BCP 47 tag of the language, such as `ru`.")]
                    lang: Option<String>,
                ) -> $crate::graph::Result<String> {
                    $crate::schema::record::named(ctx, self.0.id, &self.0.name, lang).await
                }

                /// All names it is known by, besides the one it goes by here.
                pub async fn names(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<Vec<$crate::schema::name::Name>> {
                    $crate::schema::record::names(ctx, self.0.id).await
                }

                $($body)*
            }
            pages { $($pages)* }
        }
    };
}

/// A record that members can belong to.
macro_rules! organization {
    (
        $(#[$doc:meta])*
        impl $name:ident { $($body:tt)* }
        pages { $($pages:tt)* }
    ) => {
        named! {
            $(#[$doc])*
            impl $name {
                /// Its web site, as a document gives it.
                pub async fn website(&self) -> Option<&str> {
                    self.0.website.as_deref()
                }

                $($body)*
            }
            pages {
                /// Who belongs to it, and in what role: one entry for each spell.
                memberships: Membership at Edge::key(entity::membership::Column::OrganizationId);
                /// Memberships elsewhere whose holders speak for it.
                represented_by: Membership at Edge::key(entity::membership::Column::OnBehalfOfId);
                /// Sessions that it took part in.
                attendances: Attendance at Edge::key(entity::attendance::Column::AttendeeId);
                /// Steps in decisions' lives that it took.
                stages: Stage at Edge::key(entity::stage::Column::BodyId);
                /// Positions that it took.
                stances: Stance at Edge::key(entity::stance::Column::HolderId);
                $($pages)*
            }
        }
    };
}

pub fn global_id(kind: RecordKind, id: Id) -> ID {
    GlobalId::new(&format!("{kind:?}"), id).into()
}

pub async fn identifiers(ctx: &Context<'_>, id: Id) -> Result<Vec<Identifier>> {
    ctx.graph().list(Edge::key(identifier::Column::RecordId), id).await
}

pub async fn sources(ctx: &Context<'_>, kind: RecordKind, id: Id) -> Result<Vec<Document>> {
    if kind == RecordKind::Document {
        return Ok(vec![ctx.graph().one(id).await?]);
    }
    let cited = Edge::link(citation::Column::RecordId, citation::Column::DocumentId);
    ctx.graph().list(cited.ranked(citation::Column::Position), id).await
}

pub async fn claims(
    ctx: &Context<'_>,
    id: Id,
    property: Option<Vec<String>>,
) -> Result<Vec<Claim>> {
    let mut edge = Edge::key(claim::Column::RecordId);
    if let Some(property) = property {
        edge = edge.only(claim::Column::Property, property);
    }
    ctx.graph().list(edge, id).await
}

pub async fn contradictions(ctx: &Context<'_>, id: Id) -> Result<Vec<Contradiction>> {
    ctx.graph().list(Edge::key(contradiction::Column::RecordId), id).await
}

pub async fn updated_at(ctx: &Context<'_>, id: Id) -> Result<DateTime<Utc>> {
    Ok(registered(ctx, id).await?.updated_at)
}

pub async fn names(ctx: &Context<'_>, id: Id) -> Result<Vec<Name>> {
    ctx.graph().list(Edge::key(name::Column::RecordId), id).await
}

/// The name in `lang`; of several the first, for they stand in order.
pub async fn named(ctx: &Context<'_>, id: Id, main: &str, lang: Option<String>) -> Result<String> {
    let Some(lang) = lang else { return Ok(main.to_owned()) };
    let names = names(ctx, id).await?;
    let found = names
        .iter()
        .find(|name| name.0.language.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(&lang)));
    Ok(found.map_or(main, |name| &name.0.value).to_owned())
}

/// A record's row in the registry.
pub async fn registered(ctx: &Context<'_>, id: Id) -> Result<Arc<registry::Model>> {
    let row = ctx.graph().ask(Row::<registry::Entity>::by(registry::Column::Id), id).await?;
    row.as_ref().clone().ok_or_else(|| Error::Broken(format!("no record {id} is registered")))
}

/// A record that goes by a slug, or went by it.
pub async fn by_slug<N: Node>(
    ctx: &Context<'_>,
    column: crate::graph::node::ColumnOf<N>,
    slug: &str,
) -> Result<Option<N>> {
    if let Some(found) = ctx.graph().find(column, slug).await? {
        return Ok(Some(found));
    }
    let alias = Row::<entity::alias::Entity>::by(entity::alias::Column::Slug);
    match ctx.graph().ask(alias, slug).await?.as_ref() {
        Some(alias) => ctx.graph().find(N::key(), alias.record_id).await,
        None => Ok(None),
    }
}

/// The registry's rows, as a list to page through.
#[derive(Clone)]
pub struct Registered;

impl From<Arc<registry::Model>> for Registered {
    fn from(_: Arc<registry::Model>) -> Self {
        Self
    }
}

impl Node for Registered {
    type Entity = registry::Entity;
}

/// A page of records of any kind.
pub async fn any_records(
    ctx: &Context<'_>,
    edge: Edge,
    id: Id,
    list: crate::graph::List,
) -> Result<Connection<Record>> {
    let show = |row: Arc<registry::Model>| async move { record(ctx, row.kind, row.id).await };
    ctx.graph().page::<Registered, _, _>(edge, id.into(), list, show).await
}

macro_rules! records {
    ($($name:ident)*) => {
        /// A thing of the graph that is kept with its evidence.
        #[derive(Clone, Interface)]
        #[graphql(
            field(name = "id", ty = "ID", desc = "Opaque id, for `node`."),
            field(name = "slug", ty = "&str", desc = "Its name in addresses and files: readable, and the same for ever."),
            field(name = "identifiers", ty = "Vec<Identifier>", desc = "What other registers call it."),
            field(name = "sources", ty = "Vec<Document>", desc = "Every document that supports it."),
            field(
                name = "claims",
                ty = "Vec<Claim>",
                desc = "What documents say of it: of all its properties, or of those named.",
                arg(name = "property", ty = "Option<Vec<String>>", desc = "Names of properties, such as `seats`.")
            ),
            field(name = "contradictions", ty = "Vec<Contradiction>", desc = "Claims about it that cannot all be true."),
            field(name = "updated_at", ty = "DateTime<Utc>", desc = "When it, or an edge at it, was last changed.")
        )]
        pub enum Record {
            $($name($name),)*
        }

        /// Anything that has an id.
        #[derive(Clone, Interface)]
        #[graphql(name = "Node", field(name = "id", ty = "ID", desc = "Opaque id, for `node`."))]
        pub enum AnyNode {
            Claim(Claim),
            Contradiction(Contradiction),
            $($name($name),)*
        }

        /// The record of a kind that has an id; none where there is no such row.
        pub async fn find_record(
            ctx: &Context<'_>,
            kind: RecordKind,
            id: Id,
        ) -> Result<Option<Record>> {
            Ok(match kind {
                $(RecordKind::$name => {
                    ctx.graph().find::<$name>($name::key(), id).await?.map(Record::from)
                })*
            })
        }

        /// The kind of record that an object's type name means.
        pub fn kind_of(type_name: &str) -> Option<RecordKind> {
            match type_name {
                $(stringify!($name) => Some(RecordKind::$name),)*
                _ => None,
            }
        }

        impl From<Record> for AnyNode {
            fn from(record: Record) -> Self {
                match record {
                    $(Record::$name(object) => Self::$name(object),)*
                }
            }
        }
    };
}

records! {
    Assembly State Participation Parliament Chamber Delegation SeatAllocation Member Membership
    Commission Session Attendance Decision Stage Stance DecisionRelation Document SiteState
}

/// The record that a key points at.
pub async fn record(ctx: &Context<'_>, kind: RecordKind, id: Id) -> Result<Record> {
    let found = find_record(ctx, kind, id).await?;
    found.ok_or_else(|| Error::Broken(format!("no row {id} of kind {kind:?}")))
}

/// Whatever a member can belong to.
#[derive(Clone, Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Opaque id, for `node`."),
    field(
        name = "slug",
        ty = "&str",
        desc = "Its name in addresses and files: readable, and the same for ever."
    ),
    field(name = "identifiers", ty = "Vec<Identifier>", desc = "What other registers call it."),
    field(name = "sources", ty = "Vec<Document>", desc = "Every document that supports it."),
    field(
        name = "claims",
        ty = "Vec<Claim>",
        desc = "What documents say of it: of all its properties, or of those named.",
        arg(
            name = "property",
            ty = "Option<Vec<String>>",
            desc = "Names of properties, such as `seats`."
        )
    ),
    field(
        name = "contradictions",
        ty = "Vec<Contradiction>",
        desc = "Claims about it that cannot all be true."
    ),
    field(
        name = "updated_at",
        ty = "DateTime<Utc>",
        desc = "When it, or an edge at it, was last changed."
    ),
    field(
        name = "name",
        ty = "String",
        desc = "Its name; in a language, where it has one in it, else as it goes by here.",
        arg(
            name = "lang",
            ty = "Option<String>",
            desc = "BCP 47 tag of the language, such as `ru`."
        )
    ),
    field(
        name = "names",
        ty = "Vec<Name>",
        desc = "All names it is known by, besides the one it goes by here."
    ),
    field(name = "website", ty = "Option<&str>", desc = "Its web site, as a document gives it."),
    field(
        name = "memberships",
        ty = "Connection<Membership>",
        desc = "Who belongs to it, and in what role: one entry for each spell.",
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "How many rows from the start: at most 100; 20 where nothing is said."
        ),
        arg(name = "after", ty = "Option<String>", desc = "Only rows after this cursor."),
        arg(name = "last", ty = "Option<i32>", desc = "How many rows from the end: at most 100."),
        arg(name = "before", ty = "Option<String>", desc = "Only rows before this cursor.")
    )
)]
pub enum Organization {
    Assembly(Assembly),
    Parliament(Parliament),
    Chamber(Chamber),
    Delegation(Delegation),
    Commission(Commission),
}

/// The organization that a key points at.
pub async fn organization(ctx: &Context<'_>, kind: RecordKind, id: Id) -> Result<Organization> {
    Ok(match record(ctx, kind, id).await? {
        Record::Assembly(assembly) => assembly.into(),
        Record::Parliament(parliament) => parliament.into(),
        Record::Chamber(chamber) => chamber.into(),
        Record::Delegation(delegation) => delegation.into(),
        Record::Commission(commission) => commission.into(),
        _ => return Err(Error::Broken(format!("a {kind:?} is no organization"))),
    })
}

/// Declares that interfaces implement interfaces, for which the crate's macro has no word.
pub struct Inheritance;

impl OutputType for Inheritance {
    fn type_name() -> std::borrow::Cow<'static, str> {
        Record::type_name()
    }

    fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
        registry.add_implements("Organization", "Record");
        registry.add_implements("Organization", "Node");
        registry.add_implements("Record", "Node");
        Record::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &async_graphql::ContextSelectionSet<'_>,
        _: &Positioned<async_graphql::parser::types::Field>,
    ) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}
