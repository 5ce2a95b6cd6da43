//! Links from contradictions to their claims.

use sea_orm::entity::prelude::*;

use crate::Id;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contradiction_claim")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contradiction_id: Id,
    #[sea_orm(primary_key, auto_increment = false, indexed)]
    pub claim_id: Id,
    pub position: i32,
    /// Whether the data set lists the claim. False if it is only computed.
    pub curated: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::contradiction::Entity",
        from = "Column::ContradictionId",
        to = "super::contradiction::Column::Id"
    )]
    Contradiction,
    #[sea_orm(
        belongs_to = "super::claim::Entity",
        from = "Column::ClaimId",
        to = "super::claim::Column::Id"
    )]
    Claim,
}

impl ActiveModelBehavior for ActiveModel {}
