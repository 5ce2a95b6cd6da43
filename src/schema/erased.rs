//! Objects, lists and pages of a kind that is known at run time only.

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

/// An object of a kind that is known at run time only.
#[derive(Clone, Copy)]
pub struct Erased {
    pub table: Table,
    /// A row as an object.
    pub shown: fn(AnyRow, AsOf) -> Shown,
    /// The value of a column of a row.
    pub value: fn(&AnyRow, &str) -> Option<Column>,
    pub one: CreateType,
    pub many: CreateType,
    /// A list that takes page arguments.
    pub list: fn(&str, &str) -> Field,
    pub filter: CreateType,
    /// A page of the rows at an edge.
    pub page: for<'a> fn(View<'a>, Edge, Of, List) -> BoxFuture<'a, Result<Shown>>,
    /// All rows at an edge that is short by its nature.
    pub whole: for<'a> fn(View<'a>, Edge, Of, List) -> BoxFuture<'a, Result<Shown>>,
}

impl Erased {
    pub fn of(kind: RecordKind) -> &'static Self {
        static ALL: LazyLock<Vec<Erased>> =
            LazyLock::new(|| entity::kinds().map(|kind| Erased::new(kind.kind)).collect());
        &ALL[kind as usize]
    }

    fn new(kind: RecordKind) -> Self {
        struct Of;
        impl Visitor for Of {
            type Output = Erased;

            fn visit<E: RecordEntity>(self) -> Erased {
                Erased {
                    table: Object::<E>::table(),
                    shown: |row, as_of| Arc::new(Object::<E>::new(row, as_of)),
                    value: |row, column| {
                        let row = row.downcast_ref::<E::Model>()?;
                        Some(row.get(column.parse().ok()?))
                    },
                    one: <Object<E> as OutputType>::create_type_info,
                    many: <Vec<Object<E>> as OutputType>::create_type_info,
                    list: |name, about| {
                        Field::page_of::<Object<E>>(name.to_owned(), about.to_owned())
                    },
                    filter: <Option<Filter<Object<E>>> as InputType>::create_type_info,
                    page: |view, edge, of, list| {
                        let page = view.under::<Object<E>>(edge, of, list);
                        async move { Ok(Arc::new(page.await?) as Shown) }.boxed()
                    },
                    whole: |view, edge, of, list| {
                        let many = view.many_of::<Object<E>>(edge, of, list);
                        async move { Ok(Arc::new(many.await?) as Shown) }.boxed()
                    },
                }
            }
        }
        kind.visit(Of)
    }
}
