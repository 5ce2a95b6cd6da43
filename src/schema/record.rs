//! The fields that every record has, and the interfaces that records implement.

use std::{borrow::Cow, marker::PhantomData, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value,
    async_trait::async_trait,
    indexmap::IndexMap,
    parser::types::Field as Selected,
    registry::{MetaField, MetaTypeId, Registry},
};
use entity::{
    Id, Kind, RecordKind, citation, claim, contradiction_record, identifier, kind::Group, name,
    name::NameKind, record,
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};

use sea_orm::Value as Column;

use super::{
    claim::Claim,
    contradiction::Contradiction,
    document::Document,
    erased::Erased,
    fields::fields,
    instant::Instant,
    list_schema::{ListItem, ListSchema, group_list_schema},
    name::{Identifier, Name},
    object::object_fields,
};
use crate::graph::{
    AsOf, BadInput, Connection, Edge, Error, GlobalId, GraphContext, ID as KEY, List, Many, Node,
    Nullable, Result, Shown, View,
    batch::Slice,
    counts::Counting,
    keyset::Order,
    page::argument,
    registry::{Argument, CreateType, Field, interface_type},
    show::{failed, show_nullable},
    table::{Table, model},
};

/// The fields that every record has.
#[derive(Clone, Copy)]
pub enum CommonField {
    Id,
    Slug,
    Identifiers,
    Sources,
    Claims,
    Contradictions,
    UpdatedAt,
}

impl CommonField {
    pub const ALL: [(&str, Self); 7] = [
        ("id", Self::Id),
        ("slug", Self::Slug),
        ("identifiers", Self::Identifiers),
        ("sources", Self::Sources),
        ("claimsAbout", Self::Claims),
        ("contradictions", Self::Contradictions),
        ("updatedAt", Self::UpdatedAt),
    ];

    /// Returns the definition of the field.
    pub fn definition(self, name: String) -> Field {
        let field = |description: &'static str, ty: CreateType| Field::new(name, description, ty);
        match self {
            Self::Id => field(
                "Opaque global id, for `node` and `nodes`.",
                <ID as OutputType>::create_type_info,
            ),
            Self::Slug => field(
                "Readable, stable identifier, as used in URLs and in the data set.",
                <String as OutputType>::create_type_info,
            ),
            Self::Identifiers => field(
                "Identifiers of the record in external registers.",
                Many::<Identifier>::create_type_info,
            ),
            Self::Sources => {
                field("Documents that support the record.", Many::<Document>::create_type_info)
            }
            Self::Claims => {
                let property = "Only return claims about these properties, such as `seats`.";
                field(
                    "Claims that documents make about this record.",
                    Nullable::<Many<Claim>>::create_type_info,
                )
                .with(Argument::of::<Option<Vec<String>>>("property", property))
            }
            Self::Contradictions => field(
                "Contradictions between claims about this record.",
                Many::<Contradiction>::create_type_info,
            ),
            Self::UpdatedAt => field(
                "Time of the last change of the record, or of a record that refers to it.",
                <Instant as OutputType>::create_type_info,
            ),
        }
    }

    /// Resolves the field of a record.
    pub async fn resolve(
        self,
        ctx: &Context<'_>,
        (kind, id): (RecordKind, Id),
        slug: impl FnOnce() -> String,
        as_of: AsOf,
    ) -> ServerResult<Value> {
        let (selected, view) = (ctx.item, ctx.at(as_of));
        let inner = ctx.with_selection_set(&selected.node.selection_set);
        let value = match self {
            Self::Id => {
                let id: ID = GlobalId::new(kind.object(), id, as_of).into();
                return Ok(Value::String(id.0));
            }
            Self::Slug => return Ok(Value::String(slug())),
            Self::Identifiers => {
                load_list::<Identifier>(view, Edge::key(identifier::Column::RecordId), id).await
            }
            Self::Sources => {
                load_sources(view, kind, id).await.map(|documents| Arc::new(documents) as Shown)
            }
            Self::Claims => {
                let claims = load_claims(view, id, argument(ctx, "property")?).await;
                let value = claims.map(|claims| Some(Arc::new(claims) as Shown));
                return show_nullable(value, &inner, selected).await;
            }
            Self::Contradictions => {
                use contradiction_record::Column;
                let contradictions = Edge::link(Column::RecordId, Column::ContradictionId);
                load_list::<Contradiction>(view, contradictions, id).await
            }
            Self::UpdatedAt => {
                let row = registry_row(ctx, id).await;
                row.map(|row| Arc::new(Instant(row.updated_at)) as Shown)
            }
        };
        value.map_err(|error| failed(error, selected))?.show(&inner, selected).await
    }
}

/// Loads all items of a relation without pagination.
async fn load_list<N: Node + OutputType>(view: View<'_>, edge: Edge, id: Id) -> Result<Shown> {
    Ok(Arc::new(view.many::<N>(edge, id).await?))
}

async fn load_sources(view: View<'_>, kind: RecordKind, id: Id) -> Result<Many<Document>> {
    if kind == RecordKind::Document {
        let document: Document = view.one(id).await?;
        return Ok(Many::new(vec![Arc::new(document)]));
    }
    let citations = Edge::link(citation::Column::RecordId, citation::Column::DocumentId);
    view.many(citations.ranked(citation::Column::Position), id).await
}

async fn load_claims(
    view: View<'_>,
    id: Id,
    properties: Option<Vec<String>>,
) -> Result<Many<Claim>> {
    let mut edge = Edge::key(claim::Column::RecordId);
    if let Some(properties) = properties {
        BadInput::too_many("property", properties.len())?;
        edge = edge.only(claim::Column::Property, properties);
    }
    view.many(edge, id).await
}

pub async fn load_names(view: View<'_>, id: Id) -> Result<Many<Name>> {
    view.many(Edge::key(name::Column::RecordId), id).await
}

/// Returns the name of a record in `lang`, or the main name, which is English, if there is none.
pub async fn name_in_language(
    view: View<'_>,
    id: Id,
    main: &str,
    lang: Option<String>,
) -> Result<String> {
    let Some(lang) = lang.filter(|lang| !matches_language("en", lang)) else {
        return Ok(main.to_owned());
    };
    let names: Vec<Name> = view.list(Edge::key(name::Column::RecordId), id).await?;
    let in_language = names.iter().filter(|name| {
        name.row.language.as_deref().is_some_and(|tag| matches_language(tag, &lang))
    });
    let best = in_language
        .filter_map(|name| Some((preference(name.row.kind)?, name)))
        .min_by_key(|(preference, _)| *preference);
    Ok(best.map_or(main, |(_, name)| &name.row.value).to_owned())
}

/// Whether the tag of a name is `lang`, or its primary language: `pt` matches `pt-BR`.
fn matches_language(tag: &str, lang: &str) -> bool {
    let primary = lang.split('-').next().unwrap_or(lang);
    tag.eq_ignore_ascii_case(lang) || tag.eq_ignore_ascii_case(primary)
}

/// Returns the order in which names are preferred, or `None` for names that are no longer, or not
/// yet, in use.
fn preference(kind: NameKind) -> Option<u8> {
    match kind {
        NameKind::Main => Some(0),
        NameKind::Official => Some(1),
        NameKind::Native => Some(2),
        NameKind::Variant => Some(3),
        NameKind::Short => Some(4),
        NameKind::Acronym => Some(5),
        NameKind::Former | NameKind::Draft => None,
    }
}

/// Returns the registry row of a record, or `None` if the record does not exist.
pub async fn find_registry_row(ctx: &Context<'_>, id: Id) -> Result<Option<Arc<record::Model>>> {
    let row = ctx.graph().row(Table::of::<record::Entity>(), KEY, id).await?;
    Ok(row.map(model))
}

/// Returns the registry row of a record.
pub async fn registry_row(ctx: &Context<'_>, id: Id) -> Result<Arc<record::Model>> {
    find_registry_row(ctx, id)
        .await?
        .ok_or_else(|| Error::Broken(format!("record {id} is not in the registry")))
}

/// Returns the record of a kind with this current or former slug.
pub async fn find_by_slug(
    ctx: &Context<'_>,
    view: View<'_>,
    kind: RecordKind,
    slug: &str,
) -> Result<Option<Shown>> {
    let erased = Erased::of(kind);
    let row = match view.graph.row(erased.table, "slug", slug).await? {
        Some(row) => Some(row),
        None => match find_by_alias(ctx, slug).await? {
            Some(id) => view.graph.row(erased.table, KEY, id).await?,
            None => None,
        },
    };
    Ok(row.map(|row| (erased.object)(row, view.as_of) as Shown))
}

/// Returns the registry row with this current or former slug.
async fn find_registry_row_by_slug(
    ctx: &Context<'_>,
    slug: &str,
) -> Result<Option<Arc<record::Model>>> {
    let row = ctx.graph().row(Table::of::<record::Entity>(), "slug", slug).await?;
    if let Some(row) = row {
        return Ok(Some(model(row)));
    }
    match find_by_alias(ctx, slug).await? {
        Some(id) => find_registry_row(ctx, id).await,
        None => Ok(None),
    }
}

/// Returns the id of the record, of this or any kind, that an argument identifies by slug or id.
pub async fn find_id(
    ctx: &Context<'_>,
    argument: &'static str,
    slug_or_id: &str,
    kind: Option<RecordKind>,
) -> Result<Id> {
    let id = ID::from(slug_or_id);
    let found = match GlobalId::parse(argument, &id, ctx.graph().today()) {
        Ok(global) if find_kind(&global.kind).is_some() => {
            find_registry_row(ctx, global.key).await?
        }
        _ => find_registry_row_by_slug(ctx, slug_or_id).await?,
    };
    let has_kind = |row: &Arc<record::Model>| kind.is_none_or(|kind| kind == row.kind);
    let what = if kind == Some(RecordKind::Assembly) { "assembly" } else { "record" };
    let got = || slug_or_id.chars().take(80).collect();
    match found.filter(has_kind) {
        Some(row) => Ok(row.merged_into_id.unwrap_or(row.id)),
        None => Err(BadInput::Unknown { argument, what, got: got() }.into()),
    }
}

/// Returns the id of the record with this former slug.
async fn find_by_alias(ctx: &Context<'_>, slug: &str) -> Result<Option<Id>> {
    let row = ctx.graph().row(Table::of::<entity::alias::Entity>(), "slug", slug).await?;
    Ok(row.map(|row| model::<entity::alias::Model>(row).record_id))
}

/// A record of a kind that is known only at run time.
pub struct ErasedRecord {
    kind: RecordKind,
    pub object: Shown,
}

impl ErasedRecord {
    /// Resolves the record in a field whose type is the interface of a group.
    pub async fn show_as(
        self,
        group: Group,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        match group {
            Group::Organization => Organization::from(self).resolve(ctx, field).await,
            Group::Actor | Group::Represented => Actor::from(self).resolve(ctx, field).await,
            Group::Participant => Participant::from(self).resolve(ctx, field).await,
        }
    }
}

/// Returns the record of a kind with this id, or `None` if it does not exist.
pub async fn find_record(view: View<'_>, kind: RecordKind, id: Id) -> Result<Option<ErasedRecord>> {
    let erased = Erased::of(kind);
    let row = view.graph.row(erased.table, KEY, id).await?;
    Ok(row.map(|row| ErasedRecord { kind, object: (erased.object)(row, view.as_of) }))
}

/// Returns the record of a kind with this id.
pub async fn load_record(view: View<'_>, kind: RecordKind, id: Id) -> Result<ErasedRecord> {
    let found = find_record(view, kind, id).await?;
    found.ok_or_else(|| Error::Broken(format!("no row {id} of kind {kind:?}")))
}

/// Returns the name or title of a record, or the slug if it has neither.
pub async fn label(view: View<'_>, kind: RecordKind, id: Id) -> Result<String> {
    let erased = Erased::of(kind);
    let row = view
        .graph
        .row(erased.table, KEY, id)
        .await?
        .ok_or_else(|| Error::Broken(format!("no row {id} of kind {kind:?}")))?;
    let text = |column| match (erased.value)(&row, column) {
        Some(Column::String(text)) => text,
        _ => None,
    };
    let name = kind.kind().naming.and_then(text);
    Ok(name.or_else(|| text("slug")).unwrap_or_default())
}

/// Returns the record of a kind with this id as an interface.
pub async fn load_interface<I: From<ErasedRecord>>(
    view: View<'_>,
    kind: RecordKind,
    id: Id,
) -> Result<I> {
    load_record(view, kind, id).await.map(I::from)
}

/// Returns the kind of record with this object type.
pub fn find_kind(type_name: &str) -> Option<RecordKind> {
    let mut kinds = entity::kinds().map(|kind| kind.kind);
    kinds.find(|kind| kind.object() == type_name)
}

/// An interface that several kinds of record implement.
pub trait RecordInterface: Send + Sync + 'static {
    const NAME: &'static str;
    const DESCRIPTION: &'static str;
    /// The interfaces that it implements.
    const INTERFACES: &'static [&'static str];
    /// The group of kinds that implement it, or `None` if all do.
    const GROUP: Option<Group>;
}

/// A record as the value of an interface.
pub struct Abstract<I> {
    record: ErasedRecord,
    interface: PhantomData<fn() -> I>,
}

/// A record of any kind.
pub type AnyRecord = Abstract<Records>;
pub type Organization = Abstract<Organizations>;
pub type Actor = Abstract<Actors>;
pub type Participant = Abstract<Participants>;

pub struct Records;
pub struct Organizations;
pub struct Actors;
pub struct Participants;

impl RecordInterface for Records {
    const NAME: &'static str = "Record";
    const DESCRIPTION: &'static str = "Object with evidence: sources, claims and contradictions.";
    const INTERFACES: &'static [&'static str] = &["Node"];
    const GROUP: Option<Group> = None;
}

impl RecordInterface for Organizations {
    const NAME: &'static str = "Organization";
    const DESCRIPTION: &'static str = "Body that members can belong to.";
    const INTERFACES: &'static [&'static str] = &["Record", "Node"];
    const GROUP: Option<Group> = Some(Group::Organization);
}

impl RecordInterface for Actors {
    const NAME: &'static str = "Actor";
    const DESCRIPTION: &'static str =
        "Person or body that can attend a session, take a position or be represented.";
    const INTERFACES: &'static [&'static str] = &["Record", "Node"];
    const GROUP: Option<Group> = Some(Group::Actor);
}

impl RecordInterface for Participants {
    const NAME: &'static str = "Participant";
    const DESCRIPTION: &'static str = "State or body that can participate in an assembly.";
    const INTERFACES: &'static [&'static str] = &["Record", "Node"];
    const GROUP: Option<Group> = Some(Group::Participant);
}

impl<I: RecordInterface> From<ErasedRecord> for Abstract<I> {
    fn from(record: ErasedRecord) -> Self {
        Self { record, interface: PhantomData }
    }
}

impl<I: RecordInterface> ListItem for Abstract<I> {
    fn name() -> Cow<'static, str> {
        I::NAME.into()
    }

    fn list_schema() -> &'static ListSchema {
        group_list_schema(I::GROUP)
    }
}

#[async_trait]
impl<I: RecordInterface> OutputType for Abstract<I> {
    fn type_name() -> Cow<'static, str> {
        I::NAME.into()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.record.kind.object().into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let implements = |kind: &&Kind| I::GROUP.is_none_or(|group| kind.is(group));
        let kinds = || entity::kinds().filter(implements);
        let names = || kinds().map(|kind| kind.kind.object().to_owned());
        for interface in I::INTERFACES {
            registry.add_implements(I::NAME, interface);
        }
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            for kind in kinds() {
                (Erased::of(kind.kind).object_type)(registry);
                registry.add_implements(kind.kind.object(), I::NAME);
            }
            let fields = common_fields(kinds().map(|kind| fields(registry, kind)));
            interface_type::<Self>(I::DESCRIPTION, fields, names())
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        self.record.object.show(ctx, field).await
    }
}

/// Returns the fields that all objects have with the same type and arguments.
fn common_fields(
    mut objects: impl Iterator<Item = IndexMap<String, MetaField>>,
) -> IndexMap<String, MetaField> {
    let first = objects.next().unwrap_or_default();
    objects.fold(first, |mut common, object| {
        let is_equal = |field: &MetaField, other: &MetaField| {
            other.ty == field.ty && other.args.keys().eq(field.args.keys())
        };
        common.retain(|name, field| object.get(name).is_some_and(|other| is_equal(field, other)));
        common
    })
}

/// The interface `Node`: a record, a claim or a contradiction.
pub struct AnyNode {
    type_name: &'static str,
    object: Shown,
}

impl AnyNode {
    pub fn new(type_name: &'static str, object: Shown) -> Self {
        Self { type_name, object }
    }
}

impl From<ErasedRecord> for AnyNode {
    fn from(record: ErasedRecord) -> Self {
        Self { type_name: record.kind.object(), object: record.object }
    }
}

#[async_trait]
impl OutputType for AnyNode {
    fn type_name() -> Cow<'static, str> {
        "Node".into()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.type_name.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            Claim::create_type_info(registry);
            Contradiction::create_type_info(registry);
            AnyRecord::create_type_info(registry);
            let records = entity::kinds().map(|kind| kind.kind.object());
            let names: Vec<String> =
                ["Claim", "Contradiction"].into_iter().chain(records).map(str::to_owned).collect();
            for name in &names {
                registry.add_implements(name, "Node");
            }
            let mut objects =
                vec![object_fields::<Claim>(registry), object_fields::<Contradiction>(registry)];
            objects.extend(entity::kinds().map(|kind| fields(registry, kind)));
            interface_type::<Self>(
                "Object with a global id.",
                common_fields(objects.into_iter()),
                names,
            )
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        self.object.show(ctx, field).await
    }
}

/// Loads a page of records of any kind: rows of the registry, then the object of each.
pub fn load_record_page(
    view: View<'_>,
    edge: Edge,
    id: Id,
    mut list: List,
) -> BoxFuture<'_, Result<Connection<AnyRecord>>> {
    async move {
        let (view, edge, order) = view.select::<AnyRecord>(edge, registry_order(), &mut list)?;
        let table = order.table.name();
        let rows = view.graph.rows(order, edge.clone(), id.into(), list).await?;
        let nodes = load_objects(view, &rows.slice).await?;
        let counting = Counting::new::<AnyRecord>(table, edge, id.into(), view.as_of);
        Ok(Connection::new(rows, nodes, counting))
    }
    .boxed()
}

fn registry_order() -> Order {
    Order { table: Table::of::<record::Entity>(), columns: Cow::default() }
}

/// Loads the objects of rows of the registry.
async fn load_objects(view: View<'_>, rows: &Slice) -> Result<Vec<Shown>> {
    let objects = rows.rows.iter().map(|placed| async {
        let row: Arc<record::Model> = model(placed.row.clone());
        Ok::<Shown, Error>(Arc::new(load_interface::<AnyRecord>(view, row.kind, row.id).await?))
    });
    try_join_all(objects).await
}

/// Loads all records of a relation without pagination.
pub async fn load_records(view: View<'_>, edge: Edge, id: Id) -> Result<Many<AnyRecord>> {
    let rows = view.graph.whole(registry_order(), edge, id.into()).await?;
    Ok(Many::new(load_objects(view, &rows).await?))
}
