//! The root of queries: a field for a record and one for the list of each kind, the fields of
//! [`Query`], and introspection.
//!
//! The library leaves out the interfaces of interfaces and the description of the schema; so
//! introspection is executed on the definitions that documents are validated against.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult,
    Value,
    async_trait::async_trait,
    parser::types::Field as Selected,
    registry::{MetaType, Registry},
    resolver_utils::resolve_container,
};
use entity::{Kind, RecordKind, kind::camel};
use query_guard::Guard;

use super::{contradiction, erased::Erased, query::Query, record::by_slug, search};
use crate::graph::{
    Day, Edge, GraphContext, List, When,
    batch::Of,
    page::argument,
    registry::{Argument, Field},
    show::{placed, show_nullable},
};

pub struct Root;

/// A field of the root that is made here.
#[derive(Clone, Copy)]
enum Entry {
    /// A record of a kind.
    One(&'static Kind),
    /// The list of a kind.
    All(&'static Kind),
    Contradictions,
    Search,
}

/// All of them, by their names.
static ENTRIES: LazyLock<HashMap<String, Entry>> = LazyLock::new(|| entries().collect());

fn entries() -> impl Iterator<Item = (String, Entry)> {
    // A state is found by its code: see `Query`.
    let by_slug = entity::kinds().filter(|kind| kind.kind != RecordKind::State);
    let one = by_slug.map(|kind| (camel(kind.table), Entry::One(kind)));
    let all = entity::kinds().map(|kind| (camel(&kind.plural()), Entry::All(kind)));
    let other = [("contradictions", Entry::Contradictions), ("search", Entry::Search)];
    one.chain(all).chain(other.map(|(name, entry)| (name.to_owned(), entry)))
}

impl Entry {
    /// The field, for the schema.
    fn field(self, name: String) -> Field {
        match self {
            Self::One(kind) => {
                let one = Erased::of(kind.kind).one;
                let ty =
                    move |registry: &mut Registry| one(registry).trim_end_matches('!').to_owned();
                let slug = "Current or former slug of the record.";
                Field::new(
                    name,
                    format!("{} Null if no record has the slug.", kind.description),
                    ty,
                )
                .with(Argument::of::<String>("slug", slug))
                .as_of()
            }
            Self::All(kind) => {
                let about = format!("List of all {}.", kind.plural().replace('_', " "));
                let list = (Erased::of(kind.kind).list)(&name, &about).as_of();
                if kind.is_temporal() { list.history() } else { list }
            }
            Self::Contradictions => contradiction::field(name).as_of(),
            Self::Search => search::field(name).as_of(),
        }
    }

    async fn resolve(self, ctx: &Context<'_>) -> ServerResult<Value> {
        let inner = ctx.with_selection_set(&ctx.item.node.selection_set);
        let as_of: Option<Day> = argument(ctx, "asOf")?;
        let view = ctx.as_of(as_of);
        let found = match self {
            Self::One(kind) => {
                let (_, slug): (_, String) = ctx.param_value("slug", None)?;
                by_slug(ctx, view, kind.kind, &slug).await
            }
            Self::All(kind) => {
                let list = List::read(ctx)?;
                let (view, list) = match kind.is_temporal() {
                    false => (view, list),
                    true => {
                        let when = When::of(as_of, argument(ctx, "history")?);
                        (ctx.as_of(None), list.when(when))
                    }
                };
                (Erased::of(kind.kind).page)(view, Edge::ALL, Of::All, list).await.map(Some)
            }
            Self::Contradictions => contradiction::list(ctx, view).await?.map(Some),
            Self::Search => search::list(ctx, view).await?.map(Some),
        };
        show_nullable(found, &inner, ctx.item).await
    }
}

#[async_trait]
impl ContainerType for Root {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let field = &ctx.item.node;
        let name = field.name.node.as_str();
        if name.starts_with("__")
            && let Some(guard) = ctx.data_opt::<Arc<Guard>>()
        {
            let request = &ctx.query_env;
            let (fragments, variables) = (&request.fragments, &request.variables);
            return Ok(guard.schema().introspect(field, fragments, variables));
        }
        let resolved = match ENTRIES.get(name) {
            Some(entry) => entry.resolve(ctx).await.map(Some),
            None => Query.resolve_field(ctx).await,
        };
        // The library nulls all data where an argument is null by a variable; every field here that
        // takes arguments is nullable.
        match resolved {
            Err(error) if !field.arguments.is_empty() => {
                ctx.add_error(placed(ctx, error));
                Ok(Some(Value::Null))
            }
            resolved => resolved,
        }
    }
}

#[async_trait]
impl OutputType for Root {
    fn type_name() -> Cow<'static, str> {
        <Query as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = <Query as OutputType>::create_type_info(registry);
        let made: Vec<_> =
            entries().map(|(name, entry)| entry.field(name).meta(registry)).collect();
        if let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(&*Self::type_name()) {
            fields.extend(made);
        }
        name
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ObjectType for Root {}
