//! Acts: decisions, recommendations, model laws, statements and the like.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub assembly_id: Option<Id>,
    /// State that issued the act. Null for an act of an assembly.
    #[sea_orm(indexed)]
    pub state_id: Option<Id>,
    pub kind: DecisionKind,
    pub title: String,
    /// False if the title is a description because no document states one.
    pub title_given: bool,
    pub number: Option<String>,
    pub status: DecisionStatus,
    /// Note on the status.
    pub status_note: Option<String>,
    pub adopted_earliest: Option<Date>,
    pub adopted_latest: Option<Date>,
    /// The date of the act, if the date of adoption is unknown.
    pub dated_earliest: Option<Date>,
    pub dated_latest: Option<Date>,
    #[sea_orm(indexed)]
    pub session_id: Option<Id>,
    pub note: Option<String>,
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
        belongs_to = "super::assembly::Entity",
        from = "Column::AssemblyId",
        to = "super::assembly::Column::Id"
    )]
    Assembly,
    #[sea_orm(
        belongs_to = "super::state::Entity",
        from = "Column::StateId",
        to = "super::state::Column::Id"
    )]
    State,
    #[sea_orm(
        belongs_to = "super::session::Entity",
        from = "Column::SessionId",
        to = "super::session::Column::Id"
    )]
    Session,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        naming: Some("title"),
        fields: &[
            reference(
                "assembly",
                one(RecordKind::Assembly),
                "Assembly that issued the act. Null for an act of a state.",
            )
            .owner()
            .inverse(&[Inverse::new("decisions", "Acts of the assembly.")]),
            reference(
                "state",
                one(RecordKind::State),
                "State that issued the act. Null for an act of an assembly.",
            )
            .inverse(&[Inverse::new(
                "decisions",
                "Acts of the state that are related to acts of assemblies.",
            )]),
            values::<DecisionKind>("kind", "Kind of act.").required(),
            text("title", "Title of the act.").required().search_rank(0),
            flag(
                "title_given",
                true,
                "Whether `title` is the official title. False if it is a description.",
            ),
            text("number", "Number of the act. Null if no document states it.")
                .claimable()
                .single()
                .search_rank(2),
            values::<DecisionStatus>("status", "Status of the act according to its documents.")
                .required()
                .multiple(),
            text("status_note", "Note on the status."),
            date("adopted", "Date of adoption. Null if no document states it.").claimable(),
            date("dated", "Date of the act, if the date of adoption is unknown.").claimable(),
            reference(
                "session",
                one(RecordKind::Session),
                "Session that adopted or considered the act.",
            )
            .loose()
            .inverse(&[Inverse::new(
                "decisions",
                "Decisions adopted or considered at the session.",
            )]),
            NOTE,
        ],
        rules: &[Rule::AnyOf { fields: &["assembly", "state"] }],
        dated_by: &["adopted", "dated"],
        ..Kind::new(
            RecordKind::Decision,
            "decision",
            "Act of an assembly, or a related act of a state.",
        )
    };
}

/// Kind of an act. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DecisionKind {
    /// Decision.
    Decision,
    /// Resolution.
    Resolution,
    /// Recommendations.
    Recommendations,
    /// Model law.
    ModelLaw,
    /// Model code, or a chapter of one.
    ModelCode,
    /// Model agreement.
    ModelAgreement,
    /// Statement.
    Statement,
    /// Appeal.
    Appeal,
    /// Standard.
    Standard,
    /// Regulations.
    Regulations,
    /// Programme or plan.
    Programme,
    /// Proposal.
    Proposal,
    /// Agreement between states.
    Agreement,
    /// Convention of states.
    Convention,
    /// Accession to an agreement or a convention.
    Accession,
    /// Amendments to an earlier act.
    Amendments,
    /// Act of a state.
    NationalAct,
    /// Bill before a national parliament.
    NationalBill,
}

/// Status of a decision. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DecisionStatus {
    /// Announced or planned.
    Planned,
    /// Being drafted or discussed.
    Draft,
    /// Proposed.
    Proposed,
    /// Adopted.
    Adopted,
    /// Adopted and in effect.
    InEffect,
    /// Carried out.
    Completed,
    /// Not stated by any document.
    Unknown,
}
