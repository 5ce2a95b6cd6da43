//! Positions taken at the stages of decisions.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stance")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub stage_id: Id,
    #[sea_orm(indexed)]
    pub holder_id: Id,
    pub holder_kind: RecordKind,
    pub position: StancePosition,
    pub statement: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::Id",
        to = "super::record::Column::Id"
    )]
    Record,
    #[sea_orm(
        belongs_to = "super::stage::Entity",
        from = "Column::StageId",
        to = "super::stage::Column::Id"
    )]
    Stage,
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::HolderId",
        to = "super::record::Column::Id"
    )]
    Holder,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        fields: &[
            reference("stage", one(RecordKind::Stage), "Stage at which the position was taken.")
                .owner()
                .required()
                .inverse(&[Inverse::new(
                    "stances",
                    "Positions taken at the stage, read as of its date.",
                )
                .short()
                .dated()]),
            reference("holder", any(Group::Actor), "Person or body that took the position.")
                .required()
                .dated()
                .inverse(&[Inverse::new("stances", "Positions taken at stages of decisions.")]),
            values::<StancePosition>("position", "Position that the person or body took.")
                .required(),
            text("statement", "Summary of the position."),
        ],
        dated_by: &["stage"],
        ..Kind::new(RecordKind::Stance, "stance", "Position taken at a stage of a decision.")
    };
}

/// Position on a decision. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StancePosition {
    /// In favour.
    For,
    /// Against.
    Against,
    /// Requested a change.
    Amend,
    /// Abstained.
    Abstained,
    /// Made a reservation.
    Reserved,
}
