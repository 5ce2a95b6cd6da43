//! Type-erased access to the objects, lists and pages of a kind that is known only at run time.

use std::sync::{Arc, LazyLock};

use async_graphql::{InputType, OutputType};
use entity::{RecordEntity, RecordKind, Visitor};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{ModelTrait, Value as Column};

use super::object::Object;
use crate::graph::{
    AsOf, Edge, List, Node, Result, Shown, View,
    batch::Of,
    filter::Filter,
    registry::{CreateType, Field},
    table::{AnyRow, Table},
};

/// The functions of [`Object`] for one kind, without its type.
#[derive(Clone, Copy)]
pub struct Erased {
    pub table: Table,
    /// Converts a row to an object.
    pub object: fn(AnyRow, AsOf) -> Shown,
    /// Returns the value of a column of a row.
    pub value: fn(&AnyRow, &str) -> Option<Column>,
    pub object_type: CreateType,
    pub list_type: CreateType,
    pub filter_type: CreateType,
    /// Returns the definition of a paginated list field with this name and description.
    pub list_field: fn(&str, &str) -> Field,
    /// Loads a page of a relation.
    pub load_page: for<'a> fn(View<'a>, Edge, Of, List) -> BoxFuture<'a, Result<Shown>>,
    /// Loads all rows of a relation without pagination.
    pub load_list: for<'a> fn(View<'a>, Edge, Of, List) -> BoxFuture<'a, Result<Shown>>,
}

impl Erased {
    pub fn of(kind: RecordKind) -> &'static Self {
        static ALL: LazyLock<Vec<Erased>> =
            LazyLock::new(|| entity::kinds().map(|kind| Erased::new(kind.kind)).collect());
        &ALL[kind as usize]
    }

    fn new(kind: RecordKind) -> Self {
        struct Erase;
        impl Visitor for Erase {
            type Output = Erased;

            fn visit<E: RecordEntity>(self) -> Erased {
                Erased {
                    table: Object::<E>::table(),
                    object: |row, as_of| Arc::new(Object::<E>::new(row, as_of)),
                    value: |row, column| {
                        let row = row.downcast_ref::<E::Model>()?;
                        Some(row.get(column.parse().ok()?))
                    },
                    object_type: <Object<E> as OutputType>::create_type_info,
                    list_type: <Vec<Object<E>> as OutputType>::create_type_info,
                    filter_type: <Option<Filter<Object<E>>> as InputType>::create_type_info,
                    list_field: |name, description| {
                        Field::page_of::<Object<E>>(name.to_owned(), description.to_owned())
                    },
                    load_page: |view, edge, of, list| {
                        let page = view.under::<Object<E>>(edge, of, list);
                        async move { Ok(Arc::new(page.await?) as Shown) }.boxed()
                    },
                    load_list: |view, edge, of, list| {
                        let many = view.many_of::<Object<E>>(edge, of, list);
                        async move { Ok(Arc::new(many.await?) as Shown) }.boxed()
                    },
                }
            }
        }
        kind.visit(Erase)
    }
}
