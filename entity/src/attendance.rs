//! Attendances of sessions.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub session_id: Id,
    #[sea_orm(indexed)]
    pub attendee_id: Id,
    pub attendee_kind: RecordKind,
    pub capacity: AttendanceCapacity,
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
        belongs_to = "super::session::Entity",
        from = "Column::SessionId",
        to = "super::session::Column::Id"
    )]
    Session,
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::AttendeeId",
        to = "super::record::Column::Id"
    )]
    Attendee,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        fields: &[
            reference("session", one(RecordKind::Session), "Session that was attended.")
                .owner()
                .required()
                .inverse(&[Inverse::new(
                    "attendees",
                    "Attendances, read as of the date of the session.",
                )
                .dated()]),
            reference("attendee", any(Group::Actor), "Person or body that attended the session.")
                .required()
                .dated()
                .inverse(&[Inverse::new("attendances", "Attendances at sessions.")]),
            values::<AttendanceCapacity>(
                "capacity",
                "Capacity in which the person or body attended.",
            )
            .or("PARTICIPANT"),
            NOTE,
        ],
        dated_by: &["session"],
        ..Kind::new(
            RecordKind::Attendance,
            "attendance",
            "Attendance of a person or body at a session.",
        )
    };
}

/// Capacity in which someone attended a session. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttendanceCapacity {
    /// Chair of the session.
    Chair,
    /// Head of the mission.
    Head,
    /// Coordinator of the mission.
    Coordinator,
    /// Participant.
    Participant,
    /// Observer.
    Observer,
    /// Guest.
    Guest,
}
