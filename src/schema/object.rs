//! A record as an object of the schema: its plain fields and relations, by the description of its
//! kind ([`super::fields`]), and what the file of the kind computes besides.

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
    fields::{Resolved, fields},
    listing::{Described, Listing, default_order, listing},
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
    /// The date that it is read at.
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

impl<E: RecordEntity> Described for Object<E> {
    fn name() -> Cow<'static, str> {
        E::KIND.kind.object().into()
    }

    fn listing() -> &'static Listing {
        listing(E::KIND.kind)
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
        let object = Resolved { kind, row, as_of: self.as_of };
        object.resolve(ctx).await
    }
}

impl<E: RecordEntity> ObjectType for Object<E> {}

/// What the schema has of a kind besides its plain fields and relations.
pub struct Computed {
    kind: RecordKind,
    pub object: Option<Fields>,
    pub lists: &'static [Made],
    /// What its lists can be filtered by besides.
    pub filters: fn() -> Vec<FilterField>,
}

/// The fields of an object that is made of a record.
#[derive(Clone, Copy)]
pub struct Fields {
    pub all: fn(&mut Registry) -> IndexMap<String, MetaField>,
    pub resolve: for<'a> fn(AnyRow, AsOf, &'a Context<'a>) -> Resolving<'a>,
}

type Resolving<'a> = BoxFuture<'a, ServerResult<Option<Value>>>;

/// A list that takes page arguments.
pub struct Made {
    pub name: &'static str,
    pub field: fn(&'static str) -> registry::Field,
    pub load: for<'a> fn(View<'a>, Id, List) -> BoxFuture<'a, Result<Shown>>,
}

impl Computed {
    pub const fn new(kind: RecordKind) -> Self {
        Self { kind, object: None, lists: &[], filters: Vec::new }
    }

    /// With the fields of an object that is made of a record.
    pub const fn object<E: RecordEntity, T: From<Object<E>> + ObjectType + 'static>(self) -> Self {
        let fields = Fields {
            all: object_fields::<T>,
            resolve: |row, as_of, ctx| {
                let object: T = Object::<E>::new(row, as_of).into();
                async move { object.resolve_field(ctx).await }.boxed()
            },
        };
        Self { object: Some(fields), ..self }
    }

    pub const fn lists(self, lists: &'static [Made]) -> Self {
        Self { lists, ..self }
    }

    pub const fn filters(self, filters: fn() -> Vec<FilterField>) -> Self {
        Self { filters, ..self }
    }
}

/// What is computed of a kind; none where nothing is.
pub fn computed(kind: RecordKind) -> Option<&'static Computed> {
    super::COMPUTED.iter().find(|computed| computed.kind == kind)
}

/// The fields of an object that the library's macro makes.
pub fn object_fields<T: OutputType>(registry: &mut Registry) -> IndexMap<String, MetaField> {
    match registry.create_fake_output_type::<T>() {
        MetaType::Object { fields, .. } => fields,
        other => unreachable!("{} is an object", other.name()),
    }
}
