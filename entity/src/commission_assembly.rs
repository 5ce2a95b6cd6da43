//! Links from commissions to their assemblies.

use sea_orm::entity::prelude::*;

use crate::Id;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commission_assembly")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub commission_id: Id,
    #[sea_orm(primary_key, auto_increment = false, indexed)]
    pub assembly_id: Id,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::commission::Entity",
        from = "Column::CommissionId",
        to = "super::commission::Column::Id"
    )]
    Commission,
    #[sea_orm(
        belongs_to = "super::assembly::Entity",
        from = "Column::AssemblyId",
        to = "super::assembly::Column::Id"
    )]
    Assembly,
}

impl ActiveModelBehavior for ActiveModel {}
