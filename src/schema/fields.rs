//! The fields of records, generated from the descriptions of their kinds: their definitions in the
//! schema and their values.

use std::sync::{Arc, LazyLock};

use async_graphql::{
    Context, Name, OutputType, ServerResult, Value,
    indexmap::IndexMap,
    registry::{MetaField, Registry},
};
use entity::{
    Certainty, Id, Kind, PartialDate, Period, RecordKind, Sightings, Validity,
    kind::{Field, Group, Inverse, Link, Target, Temporality, Type, camel},
};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::Value as Column;

use super::{
    erased::Erased,
    list_schema::{inverse_reach, is_dated, reference_reach},
    name,
    object::{ComputedList, computed},
    record::{
        Actor, AnyRecord, CommonField, Organization, Participant, load_names, load_record,
        load_record_page, name_in_language,
    },
};
use crate::{
    evidence,
    graph::{
        AsOf, Day, Edge, Error, GraphContext, ID, List, Many, Result, Shown, View, When,
        condition::Reach,
        connection::{FILTER, LANG},
        page::argument,
        registry::{self, Argument},
        show::{failed, nullify, placed, show_nullable},
        table::AnyRow,
    },
};

/// The source of a field of an object.
#[derive(Clone, Copy)]
enum Resolver {
    Common(CommonField),
    Value(&'static Field),
    Names,
    Certainty,
    Reference(&'static Field, &'static entity::kind::Reference),
    References(&'static entity::kind::References),
    Inverse(&'static Kind, Reach, &'static Inverse),
    Link(&'static Link),
    List(&'static ComputedList),
}

/// Returns the fields of a kind by name, except for computed fields.
fn resolvers(kind: &'static Kind) -> Vec<(String, Resolver)> {
    let common = CommonField::ALL.into_iter();
    let mut all: Vec<(String, Resolver)> =
        common.map(|(name, field)| (name.to_owned(), Resolver::Common(field))).collect();
    for field in kind.fields {
        let resolver = match &field.ty {
            Type::Reference(reference) => Resolver::Reference(field, reference),
            Type::References(references) => Resolver::References(references),
            _ => Resolver::Value(field),
        };
        all.push((field.property(), resolver));
    }
    all.extend(kind.naming.map(|naming| (camel(&format!("{naming}s")), Resolver::Names)));
    if kind.time == Temporality::Validity {
        all.push(("certainty".to_owned(), Resolver::Certainty));
    }
    for (other, field, inverse) in kind.inverses() {
        all.push((camel(inverse.name), Resolver::Inverse(other, inverse_reach(field), inverse)));
    }
    all.extend(kind.links.iter().map(|link| (camel(link.name), Resolver::Link(link))));
    let lists = computed(kind.kind).into_iter().flat_map(|computed| computed.lists);
    all.extend(lists.map(|list| (list.name.to_owned(), Resolver::List(list))));
    all
}

/// The resolvers of each kind, by field name.
static RESOLVERS: LazyLock<Vec<IndexMap<String, Resolver>>> =
    LazyLock::new(|| entity::kinds().map(|kind| resolvers(kind).into_iter().collect()).collect());

/// Returns the definitions of the fields of an object.
pub fn fields(registry: &mut Registry, kind: &'static Kind) -> IndexMap<String, MetaField> {
    let own = RESOLVERS[kind.kind as usize].iter();
    let mut all: IndexMap<String, MetaField> = own
        .map(|(name, resolver)| resolver.definition(kind, name.clone()).meta(registry))
        .collect();
    if let Some(computed) = computed(kind.kind).and_then(|computed| computed.fields) {
        for (name, field) in (computed.definitions)(registry) {
            let previous = all.insert(name.clone(), field);
            assert!(previous.is_none(), "{name} is both described and computed");
        }
    }
    all
}

const AS_OF_ROW: &str = "Point in time for this field and everything below it; defaults to the parent's, or the date of \
    this record.";

impl Resolver {
    /// Returns the definition of the field.
    fn definition(self, kind: &'static Kind, name: String) -> registry::Field {
        match self {
            Self::Common(common) => common.definition(name),
            Self::Value(field) => {
                let ty = move |registry: &mut Registry| {
                    let ty = value_type(registry, field);
                    if field.is_required() { ty } else { nullable(ty) }
                };
                let definition = registry::Field::new(name, field.description, ty);
                if kind.naming == Some(field.name) {
                    definition.with(Argument::of::<Option<String>>("lang", LANG))
                } else {
                    definition
                }
            }
            Self::Names => {
                let description = "Other names of the record, with language and kind.";
                registry::Field::new(
                    name,
                    description,
                    <Many<name::Name> as OutputType>::create_type_info,
                )
            }
            Self::Certainty => {
                let description = "Certainty that the record is valid at the point in time. Null if it is not \
                    valid then, which is possible with `history: true` or if it was found by slug or id.";
                registry::Field::new(name, description, Option::<Certainty>::create_type_info)
            }
            Self::Reference(field, reference) => {
                let ty = move |registry: &mut Registry| {
                    let ty = target_type(registry, reference.to);
                    if field.is_required() { ty } else { nullable(ty) }
                };
                let definition = registry::Field::new(name, field.description, ty);
                if reference.dated {
                    definition.with(Argument::of::<Option<Day>>("asOf", AS_OF_ROW))
                } else {
                    definition
                }
            }
            Self::References(references) => {
                let field = kind.fields.iter().find(|field| field.property() == name);
                let description = field.map_or("", |field| field.description);
                registry::Field::new(name, description, Erased::of(references.to).list_type)
            }
            Self::Inverse(other, _, inverse) => {
                let erased = Erased::of(other.kind);
                let dated = is_dated(other, inverse);
                let definition = if !inverse.short {
                    (erased.list_field)(&name, inverse.description)
                } else if dated {
                    let ty = move |registry: &mut Registry| nullable((erased.list_type)(registry));
                    registry::Field::new(name, inverse.description, ty).with(Argument::new(
                        "filter",
                        FILTER,
                        erased.filter_type,
                    ))
                } else {
                    registry::Field::new(name, inverse.description, erased.list_type)
                };
                if dated {
                    definition.dated()
                } else if inverse.dated {
                    definition.with(Argument::of::<Option<Day>>("asOf", AS_OF_ROW))
                } else {
                    definition
                }
            }
            Self::Link(link) => match link.to {
                Some(kind) => (Erased::of(kind).list_field)(&name, link.description),
                None => registry::Field::page_of::<AnyRecord>(name, link.description),
            },
            Self::List(list) => (list.definition)(list.name),
        }
    }
}

/// Returns the nullable form of a type.
pub fn nullable(ty: String) -> String {
    ty.trim_end_matches('!').to_owned()
}

/// Registers the non-null type of a field that is not a relation.
fn value_type(registry: &mut Registry, field: &Field) -> String {
    match &field.ty {
        Type::Text | Type::Code | Type::Note => String::create_type_info(registry),
        Type::Enum(values) => (values.register)(registry),
        Type::Number | Type::Rank => <i32 as OutputType>::create_type_info(registry),
        Type::Flag(_) => <bool as OutputType>::create_type_info(registry),
        Type::Date => <PartialDate as OutputType>::create_type_info(registry),
        Type::Sightings => <Sightings as OutputType>::create_type_info(registry),
        Type::Reference(_) | Type::References(_) => unreachable!("it is a relation"),
    }
}

/// Registers the non-null type of the target of a reference.
fn target_type(registry: &mut Registry, target: Target) -> String {
    match target {
        Target::Kind(kind) => (Erased::of(kind).object_type)(registry),
        Target::Group(group) | Target::Some(_, group) => match group {
            Group::Organization => Organization::create_type_info(registry),
            Group::Actor | Group::Represented => Actor::create_type_info(registry),
            Group::Participant => Participant::create_type_info(registry),
        },
    }
}

/// Resolves a field of a record.
pub struct FieldResolver {
    pub kind: &'static Kind,
    pub row: AnyRow,
    pub as_of: AsOf,
}

impl FieldResolver {
    fn value(&self, column: &str) -> Option<Column> {
        (Erased::of(self.kind.kind).value)(&self.row, column)
    }

    fn key(&self, column: &str) -> Option<Id> {
        match self.value(column)? {
            Column::BigInt(id) => id,
            _ => None,
        }
    }

    fn text(&self, column: &str) -> Option<String> {
        match self.value(column)? {
            Column::String(text) => text,
            _ => None,
        }
    }

    fn day(&self, column: &str) -> Option<chrono::NaiveDate> {
        match self.value(column)? {
            Column::ChronoDate(day) => day,
            _ => None,
        }
    }

    fn date(&self, field: &str) -> Option<PartialDate> {
        let end = |end| self.day(&format!("{field}_{end}"));
        PartialDate::from_columns(end("earliest"), end("latest"))
    }

    fn id(&self) -> Id {
        self.key(ID).unwrap_or_default()
    }

    /// Returns the kind and the id of the target of a reference.
    fn target(&self, field: &Field, target: Target) -> Result<Option<(RecordKind, Id)>> {
        let Some(id) = self.key(&format!("{}_id", field.name)) else { return Ok(None) };
        let kind = match target {
            Target::Kind(kind) => kind,
            _ => {
                let kind = self.text(&format!("{}_kind", field.name)).unwrap_or_default();
                <RecordKind as sea_orm::ActiveEnum>::try_from_value(&kind).map_err(Error::from)?
            }
        };
        Ok(Some((kind, id)))
    }

    pub async fn resolve(self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        if let Some(resolver) = RESOLVERS[self.kind.kind as usize].get(name).copied() {
            let value = self.resolve_with(resolver, ctx).await;
            return value.map(Some).map_err(|error| placed(ctx, error));
        }
        match computed(self.kind.kind).and_then(|computed| computed.fields) {
            Some(fields) => (fields.resolve)(self.row, self.as_of, ctx).await,
            None => Ok(None),
        }
    }

    async fn resolve_with(&self, resolver: Resolver, ctx: &Context<'_>) -> ServerResult<Value> {
        let selected = ctx.item;
        let inner = ctx.with_selection_set(&selected.node.selection_set);
        let view = ctx.at(self.as_of);
        let fail = |error: Error| failed(error, selected);
        match resolver {
            Resolver::Common(common) => {
                let slug = || self.text("slug").unwrap_or_default();
                common.resolve(ctx, (self.kind.kind, self.id()), slug, self.as_of).await
            }
            Resolver::Value(field) if self.kind.naming == Some(field.name) => {
                let Some(main) = self.text(field.name) else { return Ok(Value::Null) };
                let lang = argument::<String>(ctx, "lang")?;
                let name = name_in_language(view, self.id(), &main, lang).await;
                let value = name.map(Value::String).map_err(fail);
                if field.is_required() { value } else { value.or_else(|error| nullify(ctx, error)) }
            }
            Resolver::Value(field) if matches!(field.ty, Type::Sightings) => {
                let [first, last] =
                    ["first", "last"].map(|end| self.date(&format!("{}_{end}", field.name)));
                if first.is_none() && last.is_none() {
                    return Ok(Value::Null);
                }
                Sightings { first, last }.resolve(&inner, selected).await
            }
            Resolver::Value(field) => Ok(self.plain_value(field)),
            Resolver::Names => {
                let names = load_names(view, self.id()).await.map_err(fail)?;
                names.resolve(&inner, selected).await
            }
            Resolver::Certainty => self.certainty().resolve(&inner, selected).await,
            Resolver::Reference(field, reference) => {
                let Some((kind, id)) = self.target(field, reference.to).map_err(fail)? else {
                    return Ok(Value::Null);
                };
                let as_of = if reference.dated { argument(ctx, "asOf")? } else { None };
                let record = async {
                    let view =
                        if reference.dated { self.view_as_of(view, as_of).await? } else { view };
                    load_record(view, kind, id).await
                };
                let value = match (record.await, reference.to) {
                    (Err(error), _) => Err(fail(error)),
                    (Ok(record), Target::Kind(_)) => record.object.show(&inner, selected).await,
                    (Ok(record), Target::Group(group) | Target::Some(_, group)) => {
                        record.show_as(group, &inner, selected).await
                    }
                };
                if field.is_required() { value } else { value.or_else(|error| nullify(ctx, error)) }
            }
            Resolver::References(references) => {
                let edge = Edge::reached(reference_reach(references));
                let erased = Erased::of(references.to);
                let all = (erased.load_list)(view, edge, self.id().into(), List::default()).await;
                all.map_err(fail)?.show(&inner, selected).await
            }
            Resolver::Inverse(other, reach, inverse) => {
                let edge = Edge::reached(reach);
                let dated = is_dated(other, inverse);
                let mut list = if !inverse.short {
                    List::read(ctx)?
                } else if dated {
                    List::read_filter(ctx)
                } else {
                    List::default()
                };
                let as_of = if dated || inverse.dated { argument(ctx, "asOf")? } else { None };
                if dated {
                    list = list.when(When::of(as_of, argument(ctx, "history")?));
                }
                let view = if inverse.dated {
                    self.view_as_of(view, as_of).await.map_err(fail)?
                } else {
                    view
                };
                let erased = Erased::of(other.kind);
                let load = if inverse.short { erased.load_list } else { erased.load_page };
                let items = load(view, edge, self.id().into(), list).await;
                if inverse.short && !dated {
                    items.map_err(fail)?.show(&inner, selected).await
                } else {
                    show_nullable(items.map(Some), &inner, selected).await
                }
            }
            Resolver::Link(link) => {
                let reach = Reach::Link { table: link.table, one: link.own, many: link.other };
                let (edge, list) = (Edge::reached(reach), List::read(ctx)?);
                let page = match link.to {
                    Some(kind) => {
                        (Erased::of(kind).load_page)(view, edge, self.id().into(), list).await
                    }
                    None => {
                        let page = load_record_page(view, edge, self.id(), list).await;
                        page.map(|page| Arc::new(page) as Shown)
                    }
                };
                show_nullable(page.map(Some), &inner, selected).await
            }
            Resolver::List(list) => {
                let page = (list.load)(view, self.id(), List::read(ctx)?).await;
                show_nullable(page.map(Some), &inner, selected).await
            }
        }
    }

    /// Returns the value of a field that is not a relation. The value of a varying field is that of the
    /// date as of which the record is read.
    fn plain_value(&self, field: &Field) -> Value {
        let varying_value = if field.varying {
            let varying = self.text("varying");
            evidence::value_at(varying.as_deref(), &field.property(), self.as_of.date())
        } else {
            None
        };
        let text = || varying_value.clone().or_else(|| self.text(field.name));
        let value = match field.ty {
            Type::Date => self.date(field.name).map(|date| Value::String(date.to_string())),
            Type::Enum(_) => text().map(|value| Value::Enum(Name::new(value))),
            Type::Text | Type::Code | Type::Note => text().map(Value::String),
            _ => match self.value(field.name) {
                Some(Column::Int(number)) => {
                    let varying_number = varying_value.and_then(|value| value.parse::<i32>().ok());
                    varying_number.or(number).map(Value::from)
                }
                Some(Column::Bool(flag)) => flag.map(Value::Boolean),
                _ => None,
            },
        };
        value.unwrap_or_default()
    }

    fn certainty(&self) -> Option<Certainty> {
        let day = |column| self.day(column);
        let validity = Validity {
            possible: Period { from: day("holds_from")?, until: day("holds_until")? },
            definite: Period { from: day("sure_from")?, until: day("sure_until")? },
        };
        validity.certainty(self.as_of.date())
    }

    /// Returns the view as of the argument `asOf`, otherwise of the date that a parent field set,
    /// otherwise of the date of the record.
    async fn view_as_of<'a>(&self, view: View<'a>, as_of: Option<Day>) -> Result<View<'a>> {
        if as_of.is_some() || self.as_of.is_stated() {
            return Ok(view.stated(as_of));
        }
        let date = record_date(view, self.kind, self.row.clone()).await?;
        Ok(view.of(date))
    }
}

/// Returns the date of a record: its own, or that of a record that it refers to.
fn record_date<'a>(
    view: View<'a>,
    kind: &'static Kind,
    row: AnyRow,
) -> BoxFuture<'a, Result<Option<PartialDate>>> {
    async move {
        let record = FieldResolver { kind, row, as_of: view.as_of };
        for field in kind.dated_by.iter().filter_map(|name| kind.field(name)) {
            let date = match &field.ty {
                Type::Reference(reference) => match record.target(field, reference.to)? {
                    Some((kind, id)) => {
                        let row = view.graph.row(Erased::of(kind).table, ID, id).await?;
                        let missing = || Error::Broken(format!("no row {id} of kind {kind:?}"));
                        record_date(view, kind.kind(), row.ok_or_else(missing)?).await?
                    }
                    None => None,
                },
                _ => record.date(field.name),
            };
            if date.is_some() {
                return Ok(date);
            }
        }
        Ok(None)
    }
    .boxed()
}
