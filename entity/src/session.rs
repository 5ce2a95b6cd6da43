//! Dated gatherings: plenaries, meetings, workshops, hearings, missions.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub kind: SessionKind,
    pub number: Option<i32>,
    pub name: String,
    pub starts_earliest: Option<Date>,
    pub starts_latest: Option<Date>,
    pub ends_earliest: Option<Date>,
    pub ends_latest: Option<Date>,
    pub place: Option<String>,
    #[sea_orm(indexed)]
    pub state_id: Option<Id>,
    #[sea_orm(indexed)]
    pub assembly_id: Option<Id>,
    #[sea_orm(indexed)]
    pub commission_id: Option<Id>,
    /// Whether the session is only announced: no document shows that it took place.
    pub planned: bool,
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
        belongs_to = "super::state::Entity",
        from = "Column::StateId",
        to = "super::state::Column::Id"
    )]
    State,
    #[sea_orm(
        belongs_to = "super::assembly::Entity",
        from = "Column::AssemblyId",
        to = "super::assembly::Column::Id"
    )]
    Assembly,
    #[sea_orm(
        belongs_to = "super::commission::Entity",
        from = "Column::CommissionId",
        to = "super::commission::Column::Id"
    )]
    Commission,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        time: Temporality::Dates { start: "starts", end: "ends" },
        small: true,
        naming: Some("name"),
        fields: &[
            values::<SessionKind>("kind", "Kind of gathering.").required(),
            number("number", "Number of the session among those of its kind.").min(1).claimable(),
            NAME,
            date("starts", "First day. Null if no document states it.").claimable().permanent(),
            date("ends", "Last day. Null if no document states it.").claimable().permanent(),
            text("place", "Place of the session.").claimable().single(),
            reference(
                "state",
                one(RecordKind::State),
                "State in which the session was held; for an observation mission, the state whose vote it \
                    observed.",
            )
            .loose()
            .inverse(&[Inverse::new("sessions", "Sessions held in the state.")]),
            reference("assembly", one(RecordKind::Assembly), "Assembly that held the session.")
                .owner()
                .inverse(&[Inverse::new(
                    "sessions",
                    "Sessions, meetings, hearings and missions of the assembly.",
                )]),
            reference("commission", one(RecordKind::Commission), "Commission that held the session.")
                .owner()
                .inverse(&[Inverse::new("sessions", "Sessions of the commission.")]),
            flag(
                "planned",
                false,
                "Whether the session is only announced: no document shows that it took place.",
            ),
            NOTE,
        ],
        rules: &[Rule::InOrder { start: "starts", end: "ends" }],
        dated_by: &["starts"],
        ..Kind::new(
            RecordKind::Session,
            "session",
            "Dated gathering, such as a plenary session, a meeting, a workshop, a hearing or a \
            mission.",
        )
    };
}

/// Kind of a session. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SessionKind {
    /// Plenary session of an assembly.
    Plenary,
    /// Meeting at which an assembly was founded.
    Founding,
    /// Meeting of the council of an assembly.
    Council,
    /// Meeting of a commission.
    Commission,
    /// Coordination meeting.
    Coordination,
    /// Meeting of experts.
    ExpertMeeting,
    /// Preparatory meeting.
    Preparatory,
    /// Workshop.
    Workshop,
    /// Hearing.
    Hearing,
    /// Forum.
    Forum,
    /// Conference.
    Conference,
    /// Exchange of experience.
    Exchange,
    /// Bilateral meeting.
    Bilateral,
    /// Observation of an election or a referendum.
    ObservationMission,
}
