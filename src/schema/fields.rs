//! The fields of records, by the descriptions of their kinds: for the schema, and their values.

use std::sync::{Arc, LazyLock};

use async_graphql::{
    Context, Name as Word, OutputType, ServerResult, Value,
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
    listing::{back, is_dated, link},
    name::Name,
    object::{Made, computed},
    record::{self, Actor, AnyRecord, Common, Organization, Participant, named, names},
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

/// What a field of an object is made of.
#[derive(Clone, Copy)]
enum Resolver {
    Common(Common),
    Value(&'static Field),
    Names,
    Certainty,
    Reference(&'static Field, &'static entity::kind::Reference),
    References(&'static entity::kind::References),
    Inverse(&'static Kind, Reach, &'static Inverse),
    Link(&'static Link),
    List(&'static Made),
}

/// The plain fields and relations of a kind.
fn resolvers(kind: &'static Kind) -> Vec<(String, Resolver)> {
    let common = Common::ALL.into_iter();
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
        all.push((camel(inverse.name), Resolver::Inverse(other, back(field), inverse)));
    }
    all.extend(kind.links.iter().map(|link| (camel(link.name), Resolver::Link(link))));
    let lists = computed(kind.kind).into_iter().flat_map(|computed| computed.lists);
    all.extend(lists.map(|list| (list.name.to_owned(), Resolver::List(list))));
    all
}

/// The resolvers of each kind.
static RESOLVERS: LazyLock<Vec<IndexMap<String, Resolver>>> =
    LazyLock::new(|| entity::kinds().map(|kind| resolvers(kind).into_iter().collect()).collect());

/// The fields of an object, for the schema.
pub fn fields(registry: &mut Registry, kind: &'static Kind) -> IndexMap<String, MetaField> {
    let own = RESOLVERS[kind.kind as usize].iter();
    let mut all: IndexMap<String, MetaField> =
        own.map(|(name, resolver)| resolver.field(kind, name.clone()).meta(registry)).collect();
    if let Some(computed) = computed(kind.kind).and_then(|computed| computed.object) {
        for (name, field) in (computed.all)(registry) {
            let described = all.insert(name.clone(), field).is_some();
            assert!(!described, "{name} is both described and computed");
        }
    }
    all
}

const AS_OF_ROW: &str = "Point in time for this field and everything below it; defaults to the parent's, or the date of \
    this record.";

impl Resolver {
    /// The field, for the schema.
    fn field(self, kind: &'static Kind, name: String) -> registry::Field {
        match self {
            Self::Common(common) => common.field(name),
            Self::Value(field) => {
                let required = field.is_required();
                let ty =
                    move |registry: &mut Registry| nullable(value_type(registry, field), !required);
                let own = registry::Field::new(name, field.description, ty);
                match kind.naming == Some(field.name) {
                    true => own.with(Argument::of::<Option<String>>("lang", LANG)),
                    false => own,
                }
            }
            Self::Names => {
                let about = "Other names of the record, with language and kind.";
                registry::Field::new(name, about, <Many<Name> as OutputType>::create_type_info)
            }
            Self::Certainty => {
                let about = "Certainty that the record is valid at the point in time. Null if it is not \
                    valid then, which is possible with `history: true` or if it was found by slug or id.";
                registry::Field::new(name, about, Option::<Certainty>::create_type_info)
            }
            Self::Reference(field, reference) => {
                let required = field.is_required();
                let target = reference.to;
                let ty = move |registry: &mut Registry| {
                    nullable(target_type(registry, target), !required)
                };
                let own = registry::Field::new(name, field.description, ty);
                match reference.dated {
                    true => own.with(Argument::of::<Option<Day>>("asOf", AS_OF_ROW)),
                    false => own,
                }
            }
            Self::References(references) => {
                let field = kind.fields.iter().find(|field| field.property() == name);
                let about = field.map_or("", |field| field.description);
                registry::Field::new(name, about, Erased::of(references.to).many)
            }
            Self::Inverse(other, _, inverse) => {
                let erased = Erased::of(other.kind);
                let dated = is_dated(other, inverse);
                let own = match inverse.short {
                    false => (erased.list)(&name, inverse.description),
                    true => {
                        let many = erased.many;
                        let ty = move |registry: &mut Registry| nullable(many(registry), dated);
                        registry::Field::new(name, inverse.description, ty)
                    }
                };
                let own = match dated && inverse.short {
                    true => own.with(Argument::new("filter", FILTER, erased.filter)),
                    false => own,
                };
                match (dated, inverse.dated) {
                    (true, _) => own.dated(),
                    (false, true) => own.with(Argument::of::<Option<Day>>("asOf", AS_OF_ROW)),
                    (false, false) => own,
                }
            }
            Self::Link(link) => match link.to {
                Some(kind) => (Erased::of(kind).list)(&name, link.description),
                None => registry::Field::page_of::<AnyRecord>(name, link.description),
            },
            Self::List(list) => (list.field)(list.name),
        }
    }
}

/// A type as a nullable one, if it is.
fn nullable(ty: String, is: bool) -> String {
    if is { ty.trim_end_matches('!').to_owned() } else { ty }
}

/// The type of a plain field, where it is required.
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

/// The type of what a reference points at, where it is required.
fn target_type(registry: &mut Registry, target: Target) -> String {
    match target {
        Target::Kind(kind) => (Erased::of(kind).one)(registry),
        Target::Group(group) | Target::Some(_, group) => match group {
            Group::Organization => Organization::create_type_info(registry),
            Group::Actor | Group::Represented => Actor::create_type_info(registry),
            Group::Participant => Participant::create_type_info(registry),
        },
    }
}

/// A record whose field is being resolved.
pub struct Resolved {
    pub kind: &'static Kind,
    pub row: AnyRow,
    pub as_of: AsOf,
}

impl Resolved {
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

    /// The kind and the id of the record that a field points at.
    fn target(&self, field: &Field, target: Target) -> Result<Option<(RecordKind, Id)>> {
        let Some(id) = self.key(&format!("{}_id", field.name)) else { return Ok(None) };
        let kind = match target {
            Target::Kind(kind) => kind,
            _ => {
                let word = self.text(&format!("{}_kind", field.name)).unwrap_or_default();
                <RecordKind as sea_orm::ActiveEnum>::try_from_value(&word).map_err(Error::from)?
            }
        };
        Ok(Some((kind, id)))
    }

    pub async fn resolve(self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        if let Some(resolver) = RESOLVERS[self.kind.kind as usize].get(name).copied() {
            let resolved = self.by(resolver, ctx).await;
            return resolved.map(Some).map_err(|error| placed(ctx, error));
        }
        match computed(self.kind.kind).and_then(|computed| computed.object) {
            Some(object) => (object.resolve)(self.row, self.as_of, ctx).await,
            None => Ok(None),
        }
    }

    async fn by(&self, resolver: Resolver, ctx: &Context<'_>) -> ServerResult<Value> {
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
                let name = named(view, self.id(), &main, lang).await;
                let name = name.map(Value::String).map_err(fail);
                if field.is_required() { name } else { name.or_else(|error| nullify(ctx, error)) }
            }
            Resolver::Value(field) if matches!(field.ty, Type::Sightings) => {
                let [first, last] =
                    ["first", "last"].map(|end| self.date(&format!("{}_{end}", field.name)));
                match first.is_some() || last.is_some() {
                    true => Sightings { first, last }.resolve(&inner, selected).await,
                    false => Ok(Value::Null),
                }
            }
            Resolver::Value(field) => Ok(self.plain(field)),
            Resolver::Names => {
                let names = names(view, self.id()).await.map_err(fail)?;
                names.resolve(&inner, selected).await
            }
            Resolver::Certainty => self.certainty().resolve(&inner, selected).await,
            Resolver::Reference(field, reference) => {
                let shown = match self.target(field, reference.to).map_err(fail)? {
                    None => return Ok(Value::Null),
                    Some((kind, id)) => {
                        let view = match reference.dated {
                            true => self.then(view, argument(ctx, "asOf")?).await,
                            false => Ok(view),
                        };
                        match view {
                            Ok(view) => record::shown(view, kind, id).await,
                            Err(error) => Err(error),
                        }
                    }
                };
                let value = match (shown, reference.to) {
                    (Err(error), _) => Err(fail(error)),
                    (Ok(shown), Target::Kind(_)) => shown.shown.show(&inner, selected).await,
                    (Ok(shown), Target::Group(group) | Target::Some(_, group)) => {
                        shown.show_as(group, &inner, selected).await
                    }
                };
                match field.is_required() {
                    true => value,
                    false => value.or_else(|error| nullify(ctx, error)),
                }
            }
            Resolver::References(references) => {
                let edge = Edge::reached(link(references, true));
                let erased = Erased::of(references.to);
                let all = (erased.whole)(view, edge, self.id().into(), List::default()).await;
                all.map_err(fail)?.show(&inner, selected).await
            }
            Resolver::Inverse(other, reach, inverse) => {
                let edge = Edge::reached(reach);
                let dated = is_dated(other, inverse);
                let list = match inverse.short {
                    true if dated => List::read_filter(ctx),
                    true => List::default(),
                    false => List::read(ctx)?,
                };
                let as_of = if dated || inverse.dated { argument(ctx, "asOf")? } else { None };
                let list = match dated {
                    true => list.when(When::of(as_of, argument(ctx, "history")?)),
                    false => list,
                };
                let view = match inverse.dated {
                    true => self.then(view, as_of).await.map_err(fail)?,
                    false => view,
                };
                let erased = Erased::of(other.kind);
                let load = if inverse.short { erased.whole } else { erased.page };
                let shown = load(view, edge, self.id().into(), list).await;
                match inverse.short && !dated {
                    true => shown.map_err(fail)?.show(&inner, selected).await,
                    false => show_nullable(shown.map(Some), &inner, selected).await,
                }
            }
            Resolver::Link(link) => {
                let reach = Reach::Link { table: link.table, one: link.own, many: link.other };
                let (edge, list) = (Edge::reached(reach), List::read(ctx)?);
                let shown = match link.to {
                    Some(kind) => (Erased::of(kind).page)(view, edge, self.id().into(), list).await,
                    None => {
                        let page = record::page(view, edge, self.id(), list).await;
                        page.map(|page| Arc::new(page) as Shown)
                    }
                };
                show_nullable(shown.map(Some), &inner, selected).await
            }
            Resolver::List(list) => {
                let shown = (list.load)(view, self.id(), List::read(ctx)?).await;
                show_nullable(shown.map(Some), &inner, selected).await
            }
        }
    }

    /// The value of a plain field, of the date where it differs between dates.
    fn plain(&self, field: &Field) -> Value {
        let then = match field.varying {
            true => {
                let varying = self.text("varying");
                evidence::value_at(varying.as_deref(), &field.property(), self.as_of.date())
            }
            false => None,
        };
        let text = || then.clone().or_else(|| self.text(field.name));
        let value = match field.ty {
            Type::Date => self.date(field.name).map(|date| Value::String(date.to_string())),
            Type::Enum(_) => text().map(|word| Value::Enum(Word::new(word))),
            Type::Text | Type::Code | Type::Note => text().map(Value::String),
            _ => match self.value(field.name) {
                Some(Column::Int(now)) => {
                    let then = then.and_then(|number| number.parse::<i32>().ok());
                    then.or(now).map(Value::from)
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

    /// The graph as it was at the date of the record, unless the request states one.
    async fn then<'a>(&self, view: View<'a>, as_of: Option<Day>) -> Result<View<'a>> {
        if as_of.is_some() || self.as_of.is_stated() {
            return Ok(view.stated(as_of));
        }
        let day = dated(view, self.kind, self.row.clone()).await?;
        Ok(view.of(day))
    }
}

/// The date of a record: its own, or that of a record that it belongs to.
fn dated<'a>(
    view: View<'a>,
    kind: &'static Kind,
    row: AnyRow,
) -> BoxFuture<'a, Result<Option<PartialDate>>> {
    async move {
        let record = Resolved { kind, row, as_of: view.as_of };
        for field in kind.dated_by.iter().filter_map(|name| kind.field(name)) {
            let date = match &field.ty {
                Type::Reference(reference) => match record.target(field, reference.to)? {
                    Some((kind, id)) => {
                        let row = view.graph.row(Erased::of(kind).table, ID, id).await?;
                        let missing = || Error::Broken(format!("no row {id} of kind {kind:?}"));
                        dated(view, kind.kind(), row.ok_or_else(missing)?).await?
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
