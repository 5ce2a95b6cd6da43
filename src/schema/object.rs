//! The GraphQL object of a record: fields and relations that are generated from the description of its
//! kind ([`super::fields`]), and computed fields ([`Computed`]).

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult,
    Value,
    async_trait::async_trait,
    indexmap::IndexMap,
    parser::types::Field as Selected,
    registry::{MetaField, MetaType, MetaTypeId, Registry},
    resolver_utils::resolve_container,
};
use entity::{Id, RecordEntity, RecordKind};
use futures_util::{FutureExt, future::BoxFuture};

use super::{
    fields::{FieldResolver, fields},
    list_schema::{ListItem, ListSchema, default_order, list_schema},
};
use crate::graph::{
    AsOf, List, Node, Result, Shown, View,
    filter::FilterField,
    keyset::By,
    registry,
    table::{AnyRow, model},
};

/// A record of a kind, read as of a date.
pub struct Object<E: RecordEntity> {
    pub(crate) row: Arc<E::Model>,
    pub(crate) as_of: AsOf,
}

impl<E: RecordEntity> Clone for Object<E> {
    fn clone(&self) -> Self {
        Self { row: self.row.clone(), as_of: self.as_of }
    }
}

impl<E: RecordEntity> Node for Object<E> {
    type Entity = E;

    fn columns() -> Vec<By> {
        default_order(E::KIND.kind).to_vec()
    }

    fn new(row: AnyRow, as_of: AsOf) -> Self {
        Self { row: model(row), as_of }
    }
}

impl<E: RecordEntity> ListItem for Object<E> {
    fn name() -> Cow<'static, str> {
        E::KIND.kind.object().into()
    }

    fn list_schema() -> &'static ListSchema {
        list_schema(E::KIND.kind)
    }
}

#[async_trait]
impl<E: RecordEntity> OutputType for Object<E> {
    fn type_name() -> Cow<'static, str> {
        E::KIND.kind.object().into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let kind = E::KIND.kind.kind();
            let fields = fields(registry, kind);
            registry::object_type::<Self>(kind.description, fields)
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

#[async_trait]
impl<E: RecordEntity> ContainerType for Object<E> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let (kind, row) = (E::KIND.kind.kind(), self.row.clone());
        FieldResolver { kind, row, as_of: self.as_of }.resolve(ctx).await
    }
}

impl<E: RecordEntity> ObjectType for Object<E> {}

/// The computed fields, lists and filters of a kind.
pub struct Computed {
    kind: RecordKind,
    pub fields: Option<ComputedFields>,
    pub lists: &'static [ComputedList],
    pub filters: fn() -> Vec<FilterField>,
}

/// The fields of an object that wraps [`Object`].
#[derive(Clone, Copy)]
pub struct ComputedFields {
    pub definitions: fn(&mut Registry) -> IndexMap<String, MetaField>,
    pub resolve: for<'a> fn(AnyRow, AsOf, &'a Context<'a>) -> ResolveFuture<'a>,
}

type ResolveFuture<'a> = BoxFuture<'a, ServerResult<Option<Value>>>;

/// A paginated list.
pub struct ComputedList {
    pub name: &'static str,
    pub definition: fn(&'static str) -> registry::Field,
    pub load: for<'a> fn(View<'a>, Id, List) -> BoxFuture<'a, Result<Shown>>,
}

impl Computed {
    pub const fn new(kind: RecordKind) -> Self {
        Self { kind, fields: None, lists: &[], filters: Vec::new }
    }

    /// Adds the fields of `T`.
    pub const fn fields<E: RecordEntity, T: From<Object<E>> + ObjectType + 'static>(self) -> Self {
        let fields = ComputedFields {
            definitions: object_fields::<T>,
            resolve: |row, as_of, ctx| {
                let object: T = Object::<E>::new(row, as_of).into();
                async move { object.resolve_field(ctx).await }.boxed()
            },
        };
        Self { fields: Some(fields), ..self }
    }

    pub const fn lists(self, lists: &'static [ComputedList]) -> Self {
        Self { lists, ..self }
    }

    pub const fn filters(self, filters: fn() -> Vec<FilterField>) -> Self {
        Self { filters, ..self }
    }
}

/// Returns the computed fields, lists and filters of a kind, or `None` if it has none.
pub fn computed(kind: RecordKind) -> Option<&'static Computed> {
    super::COMPUTED.iter().find(|computed| computed.kind == kind)
}

/// Returns the fields of an object that is defined with the macro `Object`.
pub fn object_fields<T: OutputType>(registry: &mut Registry) -> IndexMap<String, MetaField> {
    match registry.create_fake_output_type::<T>() {
        MetaType::Object { fields, .. } => fields,
        other => unreachable!("{} is an object", other.name()),
    }
}
