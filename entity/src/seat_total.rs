//! The total number of seats of each delegation in each period. Derived from its seat allocations.

use sea_orm::entity::prelude::*;

use crate::Id;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seat_total")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub delegation_id: Id,
    #[sea_orm(primary_key, auto_increment = false)]
    pub holds_from: Date,
    pub holds_until: Date,
    pub seats: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::delegation::Entity",
        from = "Column::DelegationId",
        to = "super::delegation::Column::Id"
    )]
    Delegation,
}

impl ActiveModelBehavior for ActiveModel {}
