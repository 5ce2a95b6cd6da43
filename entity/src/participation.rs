//! Participations of states, parliaments and assemblies in assemblies.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub assembly_id: Id,
    #[sea_orm(indexed)]
    pub participant_id: Id,
    pub participant_kind: RecordKind,
    /// Chamber through which a state participates.
    #[sea_orm(indexed)]
    pub chamber_id: Option<Id>,
    pub status: ParticipationStatus,
    pub basis: Option<String>,
    pub note: Option<String>,
    pub since_earliest: Option<Date>,
    pub since_latest: Option<Date>,
    pub until_earliest: Option<Date>,
    pub until_latest: Option<Date>,
    pub ongoing: bool,
    pub observed_first_earliest: Option<Date>,
    pub observed_first_latest: Option<Date>,
    pub observed_last_earliest: Option<Date>,
    pub observed_last_latest: Option<Date>,
    /// The periods in which it is possibly and definitely valid, derived from its own dates and the
    /// records it belongs to.
    pub holds_from: Date,
    pub holds_until: Date,
    pub sure_from: Date,
    pub sure_until: Date,
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
        belongs_to = "super::record::Entity",
        from = "Column::ParticipantId",
        to = "super::record::Column::Id"
    )]
    Participant,
    #[sea_orm(
        belongs_to = "super::chamber::Entity",
        from = "Column::ChamberId",
        to = "super::chamber::Column::Id"
    )]
    Chamber,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        time: Temporality::Validity,
        small: true,
        fields: &[
            reference(
                "assembly",
                one(RecordKind::Assembly),
                "Assembly in which the participant has the status.",
            )
            .owner()
            .required()
            .bounds()
            .inverse(&[Inverse::new(
                "participations",
                "Participations of states, parliaments and assemblies in the assembly.",
            )]),
            reference(
                "participant",
                any(Group::Participant),
                "State, parliament or assembly that participates.",
            )
            .required()
            .bounds()
            .inverse(&[
                Inverse::new("participations", "Participations in assemblies.")
                    .of(&[RecordKind::State, RecordKind::Parliament])
                    .groups(&["assembly", "status"]),
                Inverse::new("participates_in", "Participations in other assemblies.")
                    .of(&[RecordKind::Assembly]),
            ]),
            reference(
                "chamber",
                one(RecordKind::Chamber),
                "Chamber through which a state participates.",
            )
            .inverse(&[Inverse::new(
                "participations",
                "Participations of states through the chamber.",
            )]),
            values::<ParticipationStatus>("status", "Status of the participant in the assembly.")
                .required(),
            text("basis", "Basis of the status, such as an agreement.").claimable(),
            SINCE,
            UNTIL,
            ONGOING,
            OBSERVED,
            NOTE,
        ],
        ..Kind::new(
            RecordKind::Participation,
            "participation",
            "Status of a state, a parliament or an assembly in an assembly, for one validity \
            period.",
        )
    };
}

/// Status of a participant in an assembly. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ParticipationStatus {
    /// Member with full rights.
    Member,
    /// Member with the rights of an associate.
    AssociateMember,
    /// Observer.
    Observer,
    /// Partner under an agreement, a protocol or a memorandum.
    Partner,
    /// Invited to cooperate as an observer.
    Invited,
    /// Status under discussion.
    Proposed,
    /// Guest.
    Guest,
    /// Signatory of the founding agreement.
    Signatory,
    /// Accession ratified by its parliament.
    Ratified,
    /// Member that does not take part.
    NotAttending,
    /// Participation suspended.
    Suspended,
    /// Withdrawal under way.
    Withdrawing,
    /// Withdrawn.
    Withdrawn,
    /// Not a member, according to documents.
    NotMember,
    /// Another status, described in `basis`.
    Related,
}
