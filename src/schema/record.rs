//! What all records have in common, and the types that stand for records of several kinds.

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
    listing::{Described, Listing, listing_of},
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
pub enum Common {
    Id,
    Slug,
    Identifiers,
    Sources,
    Claims,
    Contradictions,
    UpdatedAt,
}

impl Common {
    pub const ALL: [(&str, Self); 7] = [
        ("id", Self::Id),
        ("slug", Self::Slug),
        ("identifiers", Self::Identifiers),
        ("sources", Self::Sources),
        ("claimsAbout", Self::Claims),
        ("contradictions", Self::Contradictions),
        ("updatedAt", Self::UpdatedAt),
    ];

    /// The field, for the schema.
    pub fn field(self, name: String) -> Field {
        let of = |about: &'static str, ty: CreateType| Field::new(name, about, ty);
        match self {
            Self::Id => of(
                "Opaque global id, for `node` and `nodes`.",
                <ID as OutputType>::create_type_info,
            ),
            Self::Slug => of(
                "Readable, stable identifier, as used in URLs and in the data set.",
                <String as OutputType>::create_type_info,
            ),
            Self::Identifiers => of(
                "Identifiers of the record in external registers.",
                Many::<Identifier>::create_type_info,
            ),
            Self::Sources => {
                of("Documents that support the record.", Many::<Document>::create_type_info)
            }
            Self::Claims => {
                let property = "Only return claims about these properties, such as `seats`.";
                of(
                    "Claims that documents make about this record.",
                    Nullable::<Many<Claim>>::create_type_info,
                )
                .with(Argument::of::<Option<Vec<String>>>("property", property))
            }
            Self::Contradictions => of(
                "Contradictions between claims about this record.",
                Many::<Contradiction>::create_type_info,
            ),
            Self::UpdatedAt => of(
                "Time of the last change of the record, or of a record that refers to it.",
                <Instant as OutputType>::create_type_info,
            ),
        }
    }

    /// Its value of a record.
    pub async fn resolve(
        self,
        ctx: &Context<'_>,
        (kind, id): (RecordKind, Id),
        slug: impl FnOnce() -> String,
        as_of: AsOf,
    ) -> ServerResult<Value> {
        let (selected, view) = (ctx.item, ctx.at(as_of));
        let inner = ctx.with_selection_set(&selected.node.selection_set);
        let shown = match self {
            Self::Id => {
                let id: ID = GlobalId::new(kind.object(), id, as_of).into();
                return Ok(Value::String(id.0));
            }
            Self::Slug => return Ok(Value::String(slug())),
            Self::Identifiers => {
                shown_of::<Identifier>(view, Edge::key(identifier::Column::RecordId), id).await
            }
            Self::Sources => sources(view, kind, id).await.map(|all| Arc::new(all) as Shown),
            Self::Claims => {
                let claims = claims(view, id, argument(ctx, "property")?).await;
                let claims = claims.map(|all| Some(Arc::new(all) as Shown));
                return show_nullable(claims, &inner, selected).await;
            }
            Self::Contradictions => {
                use contradiction_record::Column as Of;
                let about = Edge::link(Of::RecordId, Of::ContradictionId);
                shown_of::<Contradiction>(view, about, id).await
            }
            Self::UpdatedAt => {
                let row = registered(ctx, id).await;
                row.map(|row| Arc::new(Instant(row.updated_at)) as Shown)
            }
        };
        shown.map_err(|error| failed(error, selected))?.show(&inner, selected).await
    }
}

/// All at an edge that is short by its nature.
async fn shown_of<N: Node + OutputType>(view: View<'_>, edge: Edge, id: Id) -> Result<Shown> {
    Ok(Arc::new(view.many::<N>(edge, id).await?))
}

async fn sources(view: View<'_>, kind: RecordKind, id: Id) -> Result<Many<Document>> {
    if kind == RecordKind::Document {
        let document: Document = view.one(id).await?;
        return Ok(Many::new(vec![Arc::new(document)]));
    }
    let cited = Edge::link(citation::Column::RecordId, citation::Column::DocumentId);
    view.many(cited.ranked(citation::Column::Position), id).await
}

async fn claims(view: View<'_>, id: Id, property: Option<Vec<String>>) -> Result<Many<Claim>> {
    let mut edge = Edge::key(claim::Column::RecordId);
    if let Some(property) = property {
        BadInput::too_many("property", property.len())?;
        edge = edge.only(claim::Column::Property, property);
    }
    view.many(edge, id).await
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
pub async fn registry_row(ctx: &Context<'_>, id: Id) -> Result<Option<Arc<record::Model>>> {
    let row = ctx.graph().row(Table::of::<record::Entity>(), KEY, id).await?;
    Ok(row.map(model))
}

/// A record's row in the registry.
pub async fn registered(ctx: &Context<'_>, id: Id) -> Result<Arc<record::Model>> {
    let row = registry_row(ctx, id).await?;
    row.ok_or_else(|| Error::Broken(format!("no record {id} is registered")))
}

/// The record of a kind that goes by a slug, or went by it.
pub async fn by_slug(
    ctx: &Context<'_>,
    view: View<'_>,
    kind: RecordKind,
    slug: &str,
) -> Result<Option<Shown>> {
    let object = Erased::of(kind);
    let row = match view.graph.row(object.table, "slug", slug).await? {
        Some(row) => Some(row),
        None => match former(ctx, slug).await? {
            Some(id) => view.graph.row(object.table, KEY, id).await?,
            None => None,
        },
    };
    Ok(row.map(|row| (object.shown)(row, view.as_of) as Shown))
}

/// The row in the registry of what goes by a slug, or went by it.
pub async fn registered_as(ctx: &Context<'_>, slug: &str) -> Result<Option<Arc<record::Model>>> {
    let row = ctx.graph().row(Table::of::<record::Entity>(), "slug", slug).await?;
    if let Some(row) = row {
        return Ok(Some(model(row)));
    }
    match former(ctx, slug).await? {
        Some(id) => registry_row(ctx, id).await,
        None => Ok(None),
    }
}

/// The record, of a kind or of any, that an argument names by its slug or its id.
pub async fn identified(
    ctx: &Context<'_>,
    argument: &'static str,
    name: &str,
    kind: Option<RecordKind>,
) -> Result<Id> {
    let id = ID::from(name);
    let found = match GlobalId::parse(argument, &id, ctx.graph().today()) {
        Ok(global) if kind_of(&global.kind).is_some() => registry_row(ctx, global.key).await?,
        _ => registered_as(ctx, name).await?,
    };
    let fits = |row: &Arc<record::Model>| kind.is_none_or(|kind| kind == row.kind);
    let what = if kind == Some(RecordKind::Assembly) { "assembly" } else { "record" };
    let got = || name.chars().take(80).collect();
    match found.filter(fits) {
        Some(row) => Ok(row.merged_into_id.unwrap_or(row.id)),
        None => Err(BadInput::Unknown { argument, what, got: got() }.into()),
    }
}

/// The record that went by a slug.
async fn former(ctx: &Context<'_>, slug: &str) -> Result<Option<Id>> {
    let row = ctx.graph().row(Table::of::<entity::alias::Entity>(), "slug", slug).await?;
    Ok(row.map(|row| model::<entity::alias::Model>(row).record_id))
}

/// A record as the object of its kind.
pub struct Typed {
    kind: RecordKind,
    pub shown: Shown,
}

impl Typed {
    /// Shows it where the schema has a group of kinds.
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

/// The record of a kind that has an id; none where there is no such row.
pub async fn find_record(view: View<'_>, kind: RecordKind, id: Id) -> Result<Option<Typed>> {
    let object = Erased::of(kind);
    let row = view.graph.row(object.table, KEY, id).await?;
    Ok(row.map(|row| Typed { kind, shown: (object.shown)(row, view.as_of) }))
}

/// The record that a key points at.
pub async fn shown(view: View<'_>, kind: RecordKind, id: Id) -> Result<Typed> {
    let found = find_record(view, kind, id).await?;
    found.ok_or_else(|| Error::Broken(format!("no row {id} of kind {kind:?}")))
}

/// The name or title of a record; its slug if its kind has none.
pub async fn label(view: View<'_>, kind: RecordKind, id: Id) -> Result<String> {
    let object = Erased::of(kind);
    let row = view.graph.row(object.table, KEY, id).await?;
    let row = row.ok_or_else(|| Error::Broken(format!("no row {id} of kind {kind:?}")))?;
    let text = |column| match (object.value)(&row, column) {
        Some(Column::String(text)) => text,
        _ => None,
    };
    let name = kind.kind().naming.and_then(text);
    Ok(name.or_else(|| text("slug")).unwrap_or_default())
}

/// The same as one of several kinds.
pub async fn record<A: From<Typed>>(view: View<'_>, kind: RecordKind, id: Id) -> Result<A> {
    shown(view, kind, id).await.map(A::from)
}

/// The kind of record that an object's type name means.
pub fn kind_of(type_name: &str) -> Option<RecordKind> {
    let mut kinds = entity::kinds().map(|kind| kind.kind);
    kinds.find(|kind| kind.object() == type_name)
}

/// Several kinds of record as one type of the schema.
pub trait Several: Send + Sync + 'static {
    const NAME: &'static str;
    const ABOUT: &'static str;
    /// The interfaces that it implements.
    const INTERFACES: &'static [&'static str];
    /// Which kinds it has; all, if none.
    const GROUP: Option<Group>;
}

/// A record as one of several types.
pub struct Abstract<S> {
    record: Typed,
    of: PhantomData<fn() -> S>,
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

impl Several for Records {
    const NAME: &'static str = "Record";
    const ABOUT: &'static str = "Object with evidence: sources, claims and contradictions.";
    const INTERFACES: &'static [&'static str] = &["Node"];
    const GROUP: Option<Group> = None;
}

impl Several for Organizations {
    const NAME: &'static str = "Organization";
    const ABOUT: &'static str = "Body that members can belong to.";
    const INTERFACES: &'static [&'static str] = &["Record", "Node"];
    const GROUP: Option<Group> = Some(Group::Organization);
}

impl Several for Actors {
    const NAME: &'static str = "Actor";
    const ABOUT: &'static str =
        "Person or body that can attend a session, take a position or be represented.";
    const INTERFACES: &'static [&'static str] = &["Record", "Node"];
    const GROUP: Option<Group> = Some(Group::Actor);
}

impl Several for Participants {
    const NAME: &'static str = "Participant";
    const ABOUT: &'static str = "State or body that can participate in an assembly.";
    const INTERFACES: &'static [&'static str] = &["Record", "Node"];
    const GROUP: Option<Group> = Some(Group::Participant);
}

impl<S: Several> From<Typed> for Abstract<S> {
    fn from(record: Typed) -> Self {
        Self { record, of: PhantomData }
    }
}

impl<S: Several> Described for Abstract<S> {
    fn name() -> Cow<'static, str> {
        S::NAME.into()
    }

    fn listing() -> &'static Listing {
        listing_of(S::GROUP)
    }
}

#[async_trait]
impl<S: Several> OutputType for Abstract<S> {
    fn type_name() -> Cow<'static, str> {
        S::NAME.into()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.record.kind.object().into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let has = |kind: &&Kind| S::GROUP.is_none_or(|group| kind.is(group));
        let kinds = || entity::kinds().filter(has);
        let names = || kinds().map(|kind| kind.kind.object().to_owned());
        for interface in S::INTERFACES {
            registry.add_implements(S::NAME, interface);
        }
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            for kind in kinds() {
                (Erased::of(kind.kind).one)(registry);
                registry.add_implements(kind.kind.object(), S::NAME);
            }
            let fields = shared(kinds().map(|kind| fields(registry, kind)));
            interface_type::<Self>(S::ABOUT, fields, names())
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        self.record.shown.show(ctx, field).await
    }
}

/// The fields that all of several objects have alike.
fn shared(
    mut objects: impl Iterator<Item = IndexMap<String, MetaField>>,
) -> IndexMap<String, MetaField> {
    let first = objects.next().unwrap_or_default();
    objects.fold(first, |mut shared, other| {
        let alike = |field: &MetaField, other: &MetaField| {
            other.ty == field.ty && other.args.keys().eq(field.args.keys())
        };
        shared.retain(|name, field| other.get(name).is_some_and(|other| alike(field, other)));
        shared
    })
}

/// Anything that has an id: a record, a claim, a contradiction.
pub struct AnyNode {
    name: &'static str,
    shown: Shown,
}

impl AnyNode {
    pub fn new(name: &'static str, shown: Shown) -> Self {
        Self { name, shown }
    }
}

impl From<Typed> for AnyNode {
    fn from(record: Typed) -> Self {
        Self { name: record.kind.object(), shown: record.shown }
    }
}

#[async_trait]
impl OutputType for AnyNode {
    fn type_name() -> Cow<'static, str> {
        "Node".into()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.name.into()
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
            let mut all =
                vec![object_fields::<Claim>(registry), object_fields::<Contradiction>(registry)];
            all.extend(entity::kinds().map(|kind| fields(registry, kind)));
            interface_type::<Self>("Object with a global id.", shared(all.into_iter()), names)
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        self.shown.show(ctx, field).await
    }
}

/// A page of records of any kind: the registry's rows, each shown as its own object.
pub fn page(
    view: View<'_>,
    edge: Edge,
    id: Id,
    mut list: List,
) -> BoxFuture<'_, Result<Connection<AnyRecord>>> {
    async move {
        let (view, edge, order) = view.asked::<AnyRecord>(edge, registry_order(), &mut list)?;
        let table = order.table.name();
        let rows = view.graph.rows(order, edge.clone(), id.into(), list).await?;
        let nodes = all_shown(view, &rows.slice).await?;
        let counting = Counting::new::<AnyRecord>(table, edge, id.into(), view.as_of);
        Ok(Connection::new(rows, nodes, counting))
    }
    .boxed()
}

fn registry_order() -> Order {
    Order { table: Table::of::<record::Entity>(), columns: Cow::default() }
}

/// Rows of the registry, each shown as its own object.
async fn all_shown(view: View<'_>, rows: &Slice) -> Result<Vec<Shown>> {
    let shown = rows.rows.iter().map(|placed| async {
        let row: Arc<record::Model> = model(placed.row.clone());
        Ok::<Shown, Error>(Arc::new(record::<AnyRecord>(view, row.kind, row.id).await?))
    });
    try_join_all(shown).await
}

/// All records at an edge that is short by its nature.
pub async fn records(view: View<'_>, edge: Edge, id: Id) -> Result<Many<AnyRecord>> {
    let rows = view.graph.whole(registry_order(), edge, id.into()).await?;
    Ok(Many::new(all_shown(view, &rows).await?))
}
