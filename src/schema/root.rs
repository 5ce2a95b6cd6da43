//! The root of queries: the fields of [`Query`], and introspection.
//!
//! The library leaves out the interfaces of interfaces and the description of the schema; so
//! introspection is executed on the definitions that documents are validated against.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult,
    Value, parser::types::Field, registry::Registry, resolver_utils::resolve_container,
};
use query_guard::Guard;

use super::query::Query;
use crate::graph::show::placed;

pub struct Root;

#[async_graphql::async_trait::async_trait]
impl ContainerType for Root {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let field = &ctx.item.node;
        if field.name.node.starts_with("__")
            && let Some(guard) = ctx.data_opt::<Arc<Guard>>()
        {
            let request = &ctx.query_env;
            let (fragments, variables) = (&request.fragments, &request.variables);
            return Ok(guard.schema().introspect(field, fragments, variables));
        }
        // The library nulls all data where an argument is null by a variable; every field here that
        // takes arguments is nullable.
        match Query.resolve_field(ctx).await {
            Err(error) if !field.arguments.is_empty() => {
                ctx.add_error(placed(ctx, error));
                Ok(Some(Value::Null))
            }
            resolved => resolved,
        }
    }
}

#[async_graphql::async_trait::async_trait]
impl OutputType for Root {
    fn type_name() -> Cow<'static, str> {
        <Query as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Query as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ObjectType for Root {}
