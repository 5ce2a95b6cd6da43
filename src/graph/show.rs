//! Objects of which only the schema knows the type: what lists are made of.
//!
//! async-graphql compiles the resolving of a list and of a connection for each type in it. Here it
//! is compiled once, over objects that can show themselves; their types stand in the schema alone.

use std::{borrow::Cow, marker::PhantomData, sync::Arc};

use async_graphql::{
    ContextBase, ContextSelectionSet, OutputType, Positioned, ServerError, ServerResult, Value,
    async_trait::async_trait, parser::types::Field as Selected, registry::Registry,
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};

use super::{error::Error, request::Graph};
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

/// Shows each item at its place in a list.
pub async fn show_all(
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
pub struct Nullable<T>(Result<Option<T>, Error>);

impl<T> Nullable<T> {
    /// What `found` comes to.
    pub async fn of(found: impl Future<Output = Result<Option<T>, Error>>) -> Self {
        Self(found.await)
    }
}

impl<T> From<Result<Option<T>, Error>> for Nullable<T> {
    fn from(found: Result<Option<T>, Error>) -> Self {
        Self(found)
    }
}

impl<T> From<Result<T, Error>> for Nullable<T> {
    fn from(found: Result<T, Error>) -> Self {
        Self(found.map(Some))
    }
}

/// Makes a nullable field that failed null; what ends the whole request goes on up.
pub fn nullify<T>(ctx: &ContextBase<'_, T>, error: ServerError) -> ServerResult<Value> {
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

/// Shows what a nullable field found; where it failed, the field is null.
pub async fn show_nullable(
    found: Result<Option<Shown>, Error>,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Selected>,
) -> ServerResult<Value> {
    let found = found.as_ref().map_err(Clone::clone);
    show_found(found.map(|found| found.as_deref()), ctx, field).await
}

async fn show_found(
    found: Result<Option<&dyn Show>, Error>,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Selected>,
) -> ServerResult<Value> {
    let shown = match found {
        Ok(None) => return Ok(Value::Null),
        Ok(Some(object)) => object.show(ctx, field).await,
        Err(error) => Err(failed(error, field)),
    };
    shown.or_else(|error| nullify(ctx, error))
}

/// An error as a field has it.
pub fn failed(error: Error, field: &Positioned<Selected>) -> ServerError {
    async_graphql::Error::from(error).into_server_error(field.pos)
}

#[async_trait]
impl<T: OutputType> OutputType for Nullable<T> {
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
        let found = self.0.as_ref().map_err(Clone::clone);
        let found = found.map(|found| found.as_ref().map(|object| object as &dyn Show));
        show_found(found, ctx, field).await
    }
}
