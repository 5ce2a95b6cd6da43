//! Persons.

use sea_orm::entity::prelude::*;

use crate::Id;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
    pub note: Option<String>,
    pub born_earliest: Option<Date>,
    pub born_latest: Option<Date>,
    pub died_earliest: Option<Date>,
    pub died_latest: Option<Date>,
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
