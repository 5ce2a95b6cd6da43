//! Who took part in a session, and in what capacity.

use async_graphql::{Context, Union};
use entity::attendance::AttendanceCapacity;

use super::{
    assembly::Assembly,
    chamber::Chamber,
    commission::Commission,
    delegation::Delegation,
    member::Member,
    parliament::Parliament,
    record::{Record, record},
    session::Session,
    state::State,
};
use crate::graph::{Error, GraphContext, Result};

node! { Attendance of attendance }

/// Whoever can act in the field: take part in a session, take a position.
#[derive(Union)]
pub enum Actor {
    Member(Member),
    State(State),
    Assembly(Assembly),
    Parliament(Parliament),
    Chamber(Chamber),
    Delegation(Delegation),
    Commission(Commission),
}

/// The actor that a key points at.
pub async fn actor(ctx: &Context<'_>, kind: entity::RecordKind, id: entity::Id) -> Result<Actor> {
    Ok(match record(ctx, kind, id).await? {
        Record::Member(member) => member.into(),
        Record::State(state) => state.into(),
        Record::Assembly(assembly) => assembly.into(),
        Record::Parliament(parliament) => parliament.into(),
        Record::Chamber(chamber) => chamber.into(),
        Record::Delegation(delegation) => delegation.into(),
        Record::Commission(commission) => commission.into(),
        _ => return Err(Error::Broken(format!("a {kind:?} cannot act"))),
    })
}

record! {
    /// Someone's part in a session.
    impl Attendance {
        /// The session.
        pub async fn session(&self, ctx: &Context<'_>) -> Result<Session> {
            ctx.graph().one(self.0.session_id).await
        }

        /// Who took part.
        pub async fn attendee(&self, ctx: &Context<'_>) -> Result<Actor> {
            actor(ctx, self.0.attendee_kind, self.0.attendee_id).await
        }

        /// In what capacity.
        pub async fn capacity(&self) -> AttendanceCapacity {
            self.0.capacity
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.0.note.as_deref()
        }
    }
    pages {}
}
