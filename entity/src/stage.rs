//! The stages of decisions.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub decision_id: Id,
    /// Position among the stages of the decision, starting at 1.
    pub position: i32,
    pub kind: StageKind,
    #[sea_orm(indexed)]
    pub body_id: Option<Id>,
    pub body_kind: Option<RecordKind>,
    #[sea_orm(indexed)]
    pub session_id: Option<Id>,
    pub date_earliest: Option<Date>,
    pub date_latest: Option<Date>,
    pub outcome: Option<String>,
    #[sea_orm(indexed)]
    pub reporter_id: Option<Id>,
    /// Decision on which the step is based.
    #[sea_orm(indexed)]
    pub basis_id: Option<Id>,
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
        belongs_to = "super::decision::Entity",
        from = "Column::DecisionId",
        to = "super::decision::Column::Id"
    )]
    Decision,
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::BodyId",
        to = "super::record::Column::Id"
    )]
    Body,
    #[sea_orm(
        belongs_to = "super::session::Entity",
        from = "Column::SessionId",
        to = "super::session::Column::Id"
    )]
    Session,
    #[sea_orm(
        belongs_to = "super::member::Entity",
        from = "Column::ReporterId",
        to = "super::member::Column::Id"
    )]
    Reporter,
    #[sea_orm(
        belongs_to = "super::decision::Entity",
        from = "Column::BasisId",
        to = "super::decision::Column::Id"
    )]
    Basis,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        fields: &[
            reference(
                "decision",
                one(RecordKind::Decision),
                "Decision to which the stage belongs.",
            )
            .owner()
            .required()
            .inverse(&[Inverse::new(
                "stages",
                "Stages of the procedure, in the order of `position`.",
            )
            .short()]),
            rank("position", "Position among the stages of the decision, starting at 1.")
                .required()
                .min(1),
            values::<StageKind>("kind", "Kind of step.").required(),
            reference(
                "body",
                any(Group::Organization),
                "Body that took the step. Null if no document states it.",
            )
            .loose()
            .dated()
            .inverse(&[Inverse::new(
                "stages",
                "Stages of decisions at which the organization acted.",
            )]),
            reference("session", one(RecordKind::Session), "Session at which the step was taken.")
                .loose()
                .inverse(&[Inverse::new(
                    "stages",
                    "Stages of decisions that took place at the session.",
                )]),
            date("date", "Date of the step. Null if no document states it."),
            text("outcome", "Outcome of the step."),
            reference("reporter", one(RecordKind::Member), "Person who reported at the stage.")
                .loose()
                .dated()
                .inverse(&[Inverse::new(
                    "reported_stages",
                    "Stages of decisions at which the person reported.",
                )]),
            reference("basis", one(RecordKind::Decision), "Decision on which the step is based.")
                .loose()
                .inverse(&[Inverse::new(
                    "basis_of",
                    "Stages of other decisions that are based on this one.",
                )]),
        ],
        unique: &[Unique {
            fields: &["decision", "position"],
            what: "position {} of the decision",
        }],
        dated_by: &["date", "session"],
        order: &["position"],
        ..Kind::new(RecordKind::Stage, "stage", "Step in the procedure of a decision.")
    };
}

/// Kind of a step in the procedure of a decision. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StageKind {
    /// Assignment of the task.
    TaskSet,
    /// Announcement of the intention.
    Announced,
    /// Development of the act.
    InDevelopment,
    /// Preparation of a draft or of its parameters.
    Drafted,
    /// Engagement of someone to do the work.
    ImplementerEngaged,
    /// Review by experts.
    Reviewed,
    /// Consideration or discussion.
    Considered,
    /// Circulation for opinions.
    Circulated,
    /// Report on progress.
    Reported,
    /// Placement on an agenda.
    OnAgenda,
    /// Reading in a parliament.
    Reading,
    /// Approval.
    Approved,
    /// Adoption.
    Adopted,
    /// Amendment.
    Amended,
    /// Completion.
    Completed,
}
