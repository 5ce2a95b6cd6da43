//! The query root: two fields for each kind (a record by slug, and the list of all), the fields of
//! [`Query`], and introspection.
//!
//! async-graphql's introspection omits the interfaces of interfaces and the description of the schema,
//! so introspection is executed on the definitions that documents are validated against.

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

use super::{
    contradiction, erased::Erased, fields::nullable, query::Query, record::find_by_slug, search,
};
use crate::graph::{
    Day, Edge, GraphContext, List, When,
    batch::Of,
    page::argument,
    registry::{Argument, Field},
    show::{placed, show_nullable},
};

pub struct Root;

/// A field of the query root that is not a method of [`Query`].
#[derive(Clone, Copy)]
enum RootField {
    /// A record of a kind by its slug.
    Record(&'static Kind),
    /// The list of all records of a kind.
    List(&'static Kind),
    Contradictions,
    Search,
}

static ROOT_FIELDS: LazyLock<HashMap<String, RootField>> =
    LazyLock::new(|| root_fields().collect());

fn root_fields() -> impl Iterator<Item = (String, RootField)> {
    // `Query::state` finds a state by its code.
    let by_slug = entity::kinds().filter(|kind| kind.kind != RecordKind::State);
    let records = by_slug.map(|kind| (camel(kind.table), RootField::Record(kind)));
    let lists = entity::kinds().map(|kind| (camel(&kind.plural()), RootField::List(kind)));
    let other = [("contradictions", RootField::Contradictions), ("search", RootField::Search)];
    records.chain(lists).chain(other.map(|(name, field)| (name.to_owned(), field)))
}

impl RootField {
    /// Returns the definition of the field.
    fn definition(self, name: String) -> Field {
        match self {
            Self::Record(kind) => {
                let object_type = Erased::of(kind.kind).object_type;
                let ty = move |registry: &mut Registry| nullable(object_type(registry));
                let description = format!("{} Null if no record has the slug.", kind.description);
                let slug = "Current or former slug of the record.";
                Field::new(name, description, ty).with(Argument::of::<String>("slug", slug)).as_of()
            }
            Self::List(kind) => {
                let description = format!("List of all {}.", kind.plural().replace('_', " "));
                let list = (Erased::of(kind.kind).list_field)(&name, &description).as_of();
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
        let value = match self {
            Self::Record(kind) => {
                let (_, slug): (_, String) = ctx.param_value("slug", None)?;
                find_by_slug(ctx, view, kind.kind, &slug).await
            }
            Self::List(kind) => {
                let list = List::read(ctx)?;
                let (view, list) = if kind.is_temporal() {
                    let when = When::of(as_of, argument(ctx, "history")?);
                    (ctx.as_of(None), list.when(when))
                } else {
                    (view, list)
                };
                (Erased::of(kind.kind).load_page)(view, Edge::ALL, Of::All, list).await.map(Some)
            }
            Self::Contradictions => contradiction::load(ctx, view).await?.map(Some),
            Self::Search => search::load(ctx, view).await?.map(Some),
        };
        show_nullable(value, &inner, ctx.item).await
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
        let resolved = match ROOT_FIELDS.get(name) {
            Some(root_field) => root_field.resolve(ctx).await.map(Some),
            None => Query.resolve_field(ctx).await,
        };
        // If a variable sets a required argument to null, async-graphql sets `data` to null. Every
        // field here that takes arguments is nullable, so only the field becomes null.
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
        let definitions: Vec<_> =
            root_fields().map(|(name, field)| field.definition(name).meta(registry)).collect();
        if let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(&*Self::type_name()) {
            fields.extend(definitions);
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
