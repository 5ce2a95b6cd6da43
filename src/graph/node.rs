//! What an object says of itself once.

use sea_orm::EntityTrait;

use super::{
    as_of::AsOf,
    counts::Counted,
    filter::Filtered,
    keyset::{By, Order},
    order::Ordered,
    table::{AnyRow, Table},
};

/// An object that stands for one row of a table, read as of a date.
pub trait Node: Send + Sync + 'static {
    type Entity: EntityTrait<Model: Send + Sync>;

    fn new(row: AnyRow, as_of: AsOf) -> Self;

    fn table() -> Table {
        Table::of::<Self::Entity>()
    }

    /// The columns that order its lists; the id comes after them. None of them may be null.
    fn columns() -> Vec<By> {
        Vec::new()
    }

    fn order() -> Order {
        Order { table: Self::table(), columns: Self::columns().into() }
    }
}

/// Something that lists are made of: what they can be filtered, ordered and counted by.
pub trait Listed: Filtered + Ordered + Counted {}

impl<N: Filtered + Ordered + Counted> Listed for N {}
