//! What all records have in common, said once: the macros that give an object its shared fields
//! and its lists, and the interfaces.

use std::sync::Arc;

use async_graphql::{Context, ID, OutputType};
use entity::{
    Id, PartialDate, RecordKind, citation, claim, contradiction_record, entity as registry,
    identifier, name, name::NameKind,
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
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
    instant::Instant,
    legislative_period::LegislativePeriod,
    member::Member,
    membership::Membership,
    name::{Identifier, Name},
    parliament::Parliament,
    participation::Participation,
    political_group::PoliticalGroup,
    seat_allocation::SeatAllocation,
    session::Session,
    site_state::SiteState,
    stage::Stage,
    stance::Stance,
    state::State,
};
use crate::graph::{
    BadInput, Connection, Edge, Error, GlobalId, GraphContext, ID as KEY, List, Listed, Many,
    Maybe, Moment, Node, Result, Shown, View,
    batch::Slice,
    counts::Counting,
    keyset::Order,
    registry::{Argument, Field},
    show::interface,
    table::{AnyRow, Table},
};

/// Says of an object which table its rows are in, and the columns that order its lists.
macro_rules! node {
    (timeless $name:ident of $table:ident $(by $kind:ident $column:literal)?) => {
        #[derive(Clone)]
        pub struct $name {
            pub(crate) row: std::sync::Arc<entity::$table::Model>,
        }

        impl $crate::graph::Node for $name {
            type Entity = entity::$table::Entity;
            $(const ORDER: &'static [$crate::graph::keyset::By] =
                &[$crate::graph::keyset::By::$kind($column)];)?

            fn new(row: $crate::graph::table::AnyRow, _: $crate::graph::Moment) -> Self {
                Self { row: row.downcast().expect("a row is of its own table") }
            }
        }
    };
    ($name:ident of $table:ident $(by $kind:ident $column:literal)?) => {
        #[derive(Clone)]
        pub struct $name {
            pub(crate) row: std::sync::Arc<entity::$table::Model>,
            /// The date that it is read at.
            pub(crate) moment: $crate::graph::Moment,
        }

        impl $crate::graph::Node for $name {
            type Entity = entity::$table::Entity;
            $(const ORDER: &'static [$crate::graph::keyset::By] =
                &[$crate::graph::keyset::By::$kind($column)];)?

            fn new(row: $crate::graph::table::AnyRow, moment: $crate::graph::Moment) -> Self {
                Self { row: row.downcast().expect("a row is of its own table"), moment }
            }
        }
    };
}

/// An object with lists. Each line under `pages` becomes a field that takes page arguments and
/// answers a connection; under `lives`, of what exists or holds for a time, one that takes time
/// arguments too.
macro_rules! object {
    (
        $(#[$doc:meta])*
        impl $name:ident { $($body:tt)* }
        pages { $($(#[$page_doc:meta])* $page:ident: $node:ident at $edge:expr;)* }
        lives { $($(#[$life_doc:meta])* $life:ident: $living:ident at $life_edge:expr;)* }
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
                    #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing \
                        is said.")]
                    first: Option<i32>,
                    #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
                    #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
                    #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
                    #[graphql(desc = "Only rows that pass. What is null in it is as if left out.")]
                    filter: Option<$crate::graph::filter::Filter<$node>>,
                    #[graphql(desc = "The keys to order by, the first first; rows that are equal \
                        by all come in a fixed order.")]
                    order_by: Option<Vec<$crate::graph::order::OrderBy<$node>>>,
                ) -> $crate::graph::Maybe<$crate::graph::Connection<$node>> {
                    let list = $crate::graph::List::of(ctx, first, after, last, before).asked(filter, order_by);
                    let view = ctx.at(self.moment);
                    <$node as $crate::schema::record::Paged>::page(view, $edge, self.row.id, list).await.into()
                }
            )*

            $(
                $(#[$life_doc])*
                pub async fn $life(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing \
                        is said.")]
                    first: Option<i32>,
                    #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
                    #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
                    #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
                    #[graphql(desc = "Only rows that pass. What is null in it is as if left out.")]
                    filter: Option<$crate::graph::filter::Filter<$living>>,
                    #[graphql(desc = "The keys to order by, the first first; rows that are equal \
                        by all come in a fixed order.")]
                    order_by: Option<Vec<$crate::graph::order::OrderBy<$living>>>,
                    #[graphql(desc = "The date to read it and all below it at; as above it, or \
                        today, where it is left out.")]
                    as_of: Option<$crate::graph::Day>,
                    #[graphql(
                        default_with = "Some(false)",
                        desc = "All spells, past and to come too, not only those of the date."
                    )]
                    history: Option<bool>,
                ) -> $crate::graph::Maybe<$crate::graph::Connection<$living>> {
                    let when = $crate::graph::When::of(as_of, history);
                    let list = $crate::graph::List::of(ctx, first, after, last, before).asked(filter, order_by).when(when);
                    ctx.at(self.moment).under($life_edge, self.row.id, list).await.into()
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
        lives { $($lives:tt)* }
    ) => {
        object! {
            $(#[$doc])*
            impl $name {
                /// Opaque id, for `node`.
                pub async fn id(&self) -> async_graphql::ID {
                    $crate::schema::record::global_id(entity::RecordKind::$name, self.row.id, self.moment)
                }

                /// Its name in addresses and files: readable, and the same for ever.
                pub async fn slug(&self) -> &str {
                    &self.row.slug
                }

                /// What other registers call it.
                pub async fn identifiers(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<$crate::graph::Many<$crate::schema::name::Identifier>> {
                    $crate::schema::record::identifiers(ctx.at(self.moment), self.row.id).await
                }

                /// Every document that supports it.
                pub async fn sources(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<$crate::graph::Many<$crate::schema::document::Document>> {
                    $crate::schema::record::sources(ctx.at(self.moment), entity::RecordKind::$name, self.row.id).await
                }

                /// What documents say of it: of all its properties, or of those named.
                pub async fn claims(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "Names of properties, such as `seats`.")]
                    property: Option<Vec<String>>,
                ) -> $crate::graph::Maybe<$crate::graph::Many<$crate::schema::claim::Claim>> {
                    $crate::schema::record::claims(ctx.at(self.moment), self.row.id, property).await.into()
                }

                /// Claims about it that cannot all be true.
                pub async fn contradictions(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<$crate::graph::Many<$crate::schema::contradiction::Contradiction>> {
                    $crate::schema::record::contradictions(ctx.at(self.moment), self.row.id).await
                }

                /// When it, or an edge at it, was last changed.
                pub async fn updated_at(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<$crate::schema::instant::Instant> {
                    $crate::schema::record::updated_at(ctx, self.row.id).await
                }

                $($body)*
            }
            pages { $($pages)* }
            lives { $($lives)* }
        }
    };
}

/// A record that has names besides its own.
macro_rules! named {
    (
        $(#[$doc:meta])*
        impl $name:ident { $($body:tt)* }
        pages { $($pages:tt)* }
        lives { $($lives:tt)* }
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
                    $crate::schema::record::named(ctx.at(self.moment), self.row.id, &self.row.name, lang).await
                }

                /// All names it is known by, besides the one it goes by here.
                pub async fn names(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> $crate::graph::Result<$crate::graph::Many<$crate::schema::name::Name>> {
                    $crate::schema::record::names(ctx.at(self.moment), self.row.id).await
                }

                $($body)*
            }
            pages { $($pages)* }
            lives { $($lives)* }
        }
    };
}

/// A record that members can belong to.
macro_rules! organization {
    (
        $(#[$doc:meta])*
        impl $name:ident { $($body:tt)* }
        pages { $($pages:tt)* }
        lives { $($lives:tt)* }
    ) => {
        named! {
            $(#[$doc])*
            impl $name {
                /// When it was founded, where a document states it.
                pub async fn founded(&self) -> Option<entity::PartialDate> {
                    let row = &self.row;
                    entity::PartialDate::from_columns(row.founded_earliest, row.founded_latest)
                }

                /// When it ended, where a document states it.
                pub async fn dissolved(&self) -> Option<entity::PartialDate> {
                    let row = &self.row;
                    entity::PartialDate::from_columns(row.dissolved_earliest, row.dissolved_latest)
                }

                /// Its web site, as a document gives it.
                pub async fn website(&self) -> Option<std::borrow::Cow<'_, str>> {
                    let now = self.row.website.as_deref();
                    $crate::evidence::at(self.row.varying.as_deref(), "website", self.moment.date(), now)
                }

                $($body)*
            }
            pages {
                /// Sessions that it took part in.
                attendances: Attendance at Edge::key(entity::attendance::Column::AttendeeId);
                /// Steps in decisions' lives that it took.
                stages: Stage at Edge::key(entity::stage::Column::BodyId);
                /// Positions that it took.
                stances: Stance at Edge::key(entity::stance::Column::HolderId);
                $($pages)*
            }
            lives {
                /// Who belongs to it, and in what role.
                memberships: Membership at Edge::key(entity::membership::Column::OrganizationId);
                /// Memberships elsewhere whose holders speak for it.
                represented_by: Membership at Edge::key(entity::membership::Column::OnBehalfOfId);
                $($lives)*
            }
        }
    };
}

pub fn global_id(kind: RecordKind, id: Id, moment: Moment) -> ID {
    GlobalId::new(&format!("{kind:?}"), id, moment).into()
}

pub async fn identifiers(view: View<'_>, id: Id) -> Result<Many<Identifier>> {
    view.many(Edge::key(identifier::Column::RecordId), id).await
}

pub async fn sources(view: View<'_>, kind: RecordKind, id: Id) -> Result<Many<Document>> {
    if kind == RecordKind::Document {
        let document: Document = view.one(id).await?;
        return Ok(Many::new(vec![Arc::new(document)]));
    }
    let cited = Edge::link(citation::Column::RecordId, citation::Column::DocumentId);
    view.many(cited.ranked(citation::Column::Position), id).await
}

pub async fn claims(view: View<'_>, id: Id, property: Option<Vec<String>>) -> Result<Many<Claim>> {
    let mut edge = Edge::key(claim::Column::RecordId);
    if let Some(property) = property {
        BadInput::too_many("property", property.len())?;
        edge = edge.only(claim::Column::Property, property);
    }
    view.many(edge, id).await
}

pub async fn contradictions(view: View<'_>, id: Id) -> Result<Many<Contradiction>> {
    let about = Edge::link(
        contradiction_record::Column::RecordId,
        contradiction_record::Column::ContradictionId,
    );
    view.many(about, id).await
}

pub async fn updated_at(ctx: &Context<'_>, id: Id) -> Result<Instant> {
    Ok(Instant(registered(ctx, id).await?.updated_at))
}

pub async fn names(view: View<'_>, id: Id) -> Result<Many<Name>> {
    view.many(Edge::key(name::Column::RecordId), id).await
}

/// The name in `lang`: the official one before others, and never a former or a draft's one. What a
/// record goes by here is English.
pub async fn named(view: View<'_>, id: Id, main: &str, lang: Option<String>) -> Result<String> {
    let Some(lang) = lang.filter(|lang| !speaks("en", lang)) else { return Ok(main.to_owned()) };
    let names: Vec<Name> = view.list(Edge::key(name::Column::RecordId), id).await?;
    let own = names.iter().filter(|name| {
        rank(name.row.kind) < NOT_SERVED
            && name.row.language.as_deref().is_some_and(|own| speaks(own, &lang))
    });
    let best = own.min_by_key(|name| rank(name.row.kind));
    Ok(best.map_or(main, |name| &name.row.value).to_owned())
}

/// Whether `own` is the language asked for, or the one that its first part names.
fn speaks(own: &str, lang: &str) -> bool {
    let general = lang.split('-').next().unwrap_or(lang);
    own.eq_ignore_ascii_case(lang) || own.eq_ignore_ascii_case(general)
}

/// Names of this rank and beyond are not served as the name of a record.
const NOT_SERVED: u8 = 6;

fn rank(kind: NameKind) -> u8 {
    match kind {
        NameKind::Main => 0,
        NameKind::Official => 1,
        NameKind::Native => 2,
        NameKind::Variant => 3,
        NameKind::Short => 4,
        NameKind::Acronym => 5,
        NameKind::Former | NameKind::Draft => NOT_SERVED,
    }
}

/// A record's row in the registry; none where there is no such record.
pub async fn registry_row(ctx: &Context<'_>, id: Id) -> Result<Option<Arc<registry::Model>>> {
    let row = ctx.graph().row(Table::of::<registry::Entity>(), KEY, id).await?;
    Ok(row.map(registry_model))
}

fn registry_model(row: AnyRow) -> Arc<registry::Model> {
    row.downcast().expect("a row is of its own table")
}

/// A record's row in the registry.
pub async fn registered(ctx: &Context<'_>, id: Id) -> Result<Arc<registry::Model>> {
    let row = registry_row(ctx, id).await?;
    row.ok_or_else(|| Error::Broken(format!("no record {id} is registered")))
}

/// A record that goes by a slug, or went by it.
pub async fn by_slug<N: Node>(ctx: &Context<'_>, view: View<'_>, slug: &str) -> Result<Option<N>> {
    if let Some(found) = view.find("slug", slug).await? {
        return Ok(Some(found));
    }
    match former(ctx, slug).await? {
        Some(id) => view.find(KEY, id).await,
        None => Ok(None),
    }
}

/// The row in the registry of what goes by a slug, or went by it.
pub async fn registered_as(ctx: &Context<'_>, slug: &str) -> Result<Option<Arc<registry::Model>>> {
    let row = ctx.graph().row(Table::of::<registry::Entity>(), "slug", slug).await?;
    if let Some(row) = row {
        return Ok(Some(registry_model(row)));
    }
    match former(ctx, slug).await? {
        Some(id) => registry_row(ctx, id).await,
        None => Ok(None),
    }
}

/// The record that went by a slug.
async fn former(ctx: &Context<'_>, slug: &str) -> Result<Option<Id>> {
    let row = ctx.graph().row(Table::of::<entity::alias::Entity>(), "slug", slug).await?;
    let model = |row: AnyRow| row.downcast::<entity::alias::Model>();
    Ok(row.map(|row| model(row).expect("a row is of its own table").record_id))
}

/// What a list can be made of: the rows of one table, or records of any kind.
pub trait Paged: Sized {
    /// A page of what lies at an edge of one record.
    fn page(
        view: View<'_>,
        edge: Edge,
        of: Id,
        list: List,
    ) -> BoxFuture<'_, Result<Connection<Self>>>;
}

impl<N: Node + Listed + OutputType> Paged for N {
    fn page(
        view: View<'_>,
        edge: Edge,
        of: Id,
        list: List,
    ) -> BoxFuture<'_, Result<Connection<N>>> {
        view.under(edge, of, list)
    }
}

impl Paged for Record {
    /// The registry's rows, each shown as its own object.
    fn page(
        view: View<'_>,
        edge: Edge,
        id: Id,
        mut list: List,
    ) -> BoxFuture<'_, Result<Connection<Self>>> {
        async move {
            let (view, edge, order) = view.asked::<Self>(edge, registry_order(), &mut list)?;
            let table = order.table.name();
            let rows = view.graph.rows(order, edge.clone(), id.into(), list).await?;
            let nodes = shown(view, &rows.slice).await?;
            let counting = Counting::new::<Self>(table, edge, id.into(), view.moment);
            Ok(Connection::new(rows, nodes, counting))
        }
        .boxed()
    }
}

fn registry_order() -> Order {
    Order { table: Table::of::<registry::Entity>(), columns: Default::default() }
}

/// Rows of the registry, each shown as its own object.
async fn shown(view: View<'_>, rows: &Slice) -> Result<Vec<Shown>> {
    let shown = rows.rows.iter().map(|placed| async {
        let row = registry_model(placed.row.clone());
        Ok::<Shown, Error>(Arc::new(record(view, row.kind, row.id).await?))
    });
    try_join_all(shown).await
}

/// All records at an edge that is short by its nature.
pub async fn records(view: View<'_>, edge: Edge, id: Id) -> Result<Many<Record>> {
    let rows = view.graph.whole(registry_order(), edge, id.into()).await?;
    Ok(Many::new(shown(view, &rows).await?))
}

macro_rules! records {
    ($($name:ident)*) => {
        interface! {
            /// A thing of the graph that is kept with its evidence.
            pub enum Record "Record" implements ["Node"] { $($name)* }
            fields record_fields()
        }

        interface! {
            /// Anything that has an id.
            pub enum AnyNode "Node" implements [] { Claim Contradiction $($name)* }
            fields vec![id_field()]
        }

        /// The record of a kind that has an id; none where there is no such row.
        pub async fn find_record(
            view: View<'_>,
            kind: RecordKind,
            id: Id,
        ) -> Result<Option<Record>> {
            let table = match kind {
                $(RecordKind::$name => $name::table(),)*
            };
            let row = view.graph.row(table, KEY, id).await?;
            Ok(row.map(|row| match kind {
                $(RecordKind::$name => $name::new(row, view.moment).into(),)*
            }))
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
    Commission PoliticalGroup LegislativePeriod Session Attendance Decision Stage Stance
    DecisionRelation Document SiteState
}

/// The record that a key points at.
pub async fn record(view: View<'_>, kind: RecordKind, id: Id) -> Result<Record> {
    let found = find_record(view, kind, id).await?;
    found.ok_or_else(|| Error::Broken(format!("no row {id} of kind {kind:?}")))
}

interface! {
    /// Whatever a member can belong to.
    pub enum Organization "Organization" implements ["Record", "Node"] {
        Assembly Parliament Chamber Delegation Commission PoliticalGroup
    }
    fields organization_fields()
}

filter! {
    /// Which organizations.
    OrganizationFilter on Organization(entity) {
        id: id_of_any(Assembly Parliament Chamber Delegation Commission PoliticalGroup),
        slug: slug,
        kind: word(RecordKind),
        assembly: same(Assembly),
        parliament: same(Parliament),
        chamber: same(Chamber),
        delegation: same(Delegation),
        commission: same(Commission),
        political_group: same(PoliticalGroup),
    }
}

filter! {
    /// Which records.
    RecordFilter on Record(entity) {
        id: id_of_any(
            Assembly State Participation Parliament Chamber Delegation SeatAllocation Member
            Membership Commission PoliticalGroup LegislativePeriod Session Attendance Decision Stage
            Stance DecisionRelation Document SiteState
        ),
        slug: slug,
        kind: word(RecordKind),
    }
}

order! { Record { kind: text } }

counts! { Record { kind: text } }

/// The organization that a key points at.
pub async fn organization(view: View<'_>, kind: RecordKind, id: Id) -> Result<Organization> {
    Ok(match record(view, kind, id).await? {
        Record::Assembly(assembly) => assembly.into(),
        Record::Parliament(parliament) => parliament.into(),
        Record::Chamber(chamber) => chamber.into(),
        Record::Delegation(delegation) => delegation.into(),
        Record::Commission(commission) => commission.into(),
        Record::PoliticalGroup(group) => group.into(),
        _ => return Err(Error::Broken(format!("a {kind:?} is no organization"))),
    })
}

fn id_field() -> Field {
    Field::of::<ID>("id", "Opaque id, for `node`.")
}

fn record_fields() -> Vec<Field> {
    vec![
        id_field(),
        Field::of::<String>(
            "slug",
            "Its name in addresses and files: readable, and the same for ever.",
        ),
        Field::of::<Many<Identifier>>("identifiers", "What other registers call it."),
        Field::of::<Many<Document>>("sources", "Every document that supports it."),
        Field::of::<Maybe<Many<Claim>>>(
            "claims",
            "What documents say of it: of all its properties, or of those named.",
        )
        .with(Argument::of::<Option<Vec<String>>>(
            "property",
            "Names of properties, such as `seats`.",
        )),
        Field::of::<Many<Contradiction>>(
            "contradictions",
            "Claims about it that cannot all be true.",
        ),
        Field::of::<Instant>("updatedAt", "When it, or an edge at it, was last changed."),
    ]
}

fn organization_fields() -> Vec<Field> {
    let mut fields = record_fields();
    fields.extend([
        Field::of::<String>(
            "name",
            "Its name; in a language, where it has one in it, else as it goes by here.",
        )
        .with(Argument::of::<Option<String>>("lang", "BCP 47 tag of the language, such as `ru`.")),
        Field::of::<Many<Name>>(
            "names",
            "All names it is known by, besides the one it goes by here.",
        ),
        Field::of::<Option<String>>("website", "Its web site, as a document gives it."),
        Field::of::<Option<PartialDate>>(
            "founded",
            "When it was founded, where a document states it.",
        ),
        Field::of::<Option<PartialDate>>("dissolved", "When it ended, where a document states it."),
        Field::page_of::<Membership>("memberships", "Who belongs to it, and in what role.").dated(),
        Field::page_of::<Membership>(
            "representedBy",
            "Memberships elsewhere whose holders speak for it.",
        )
        .dated(),
        Field::page_of::<Attendance>("attendances", "Sessions that it took part in."),
        Field::page_of::<Stage>("stages", "Steps in decisions' lives that it took."),
        Field::page_of::<Stance>("stances", "Positions that it took."),
    ]);
    fields
}
