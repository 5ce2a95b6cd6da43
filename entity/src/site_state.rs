//! States of the text that a web site repeats on all its pages.

use sea_orm::entity::prelude::*;

use crate::Id;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "site_state")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
    pub language: Option<String>,
    /// Its place among the states of the same site; equal where the order is not known, none where it cannot be placed.
    pub position: Option<i32>,
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::entity::Entity",
        from = "Column::Id",
        to = "super::entity::Column::Id"
    )]
    Entity,
}

impl ActiveModelBehavior for ActiveModel {}
