//! Who took part in a session, and in what capacity.

use async_graphql::{Context, Union};
use entity::{RecordKind, attendance::AttendanceCapacity};

use super::{
    assembly::Assembly,
    chamber::Chamber,
    commission::Commission,
    delegation::Delegation,
    member::Member,
    parliament::Parliament,
    political_group::PoliticalGroup,
    record::{Record, record},
    session::Session,
    state::State,
};
use crate::graph::{Day, Error, GraphContext, Result, View};

node! { Attendance of attendance }

filter! {
    /// Which parts in sessions.
    AttendanceFilter on Attendance(attendance), record {
        session: one(Session),
        attendee: one(Actor),
        capacity: word(AttendanceCapacity),
    }
}

order! { Attendance { capacity: text } }

counts! { Attendance { capacity: text, session: record, attendee: record } }

filter! {
    /// Which of those who can act in the field.
    ActorFilter on Actor(entity) {
        id: id_of_any(Member State Assembly Parliament Chamber Delegation Commission PoliticalGroup),
        slug: slug,
        kind: word(RecordKind),
        member: same(Member),
        state: same(State),
        assembly: same(Assembly),
        parliament: same(Parliament),
        chamber: same(Chamber),
        delegation: same(Delegation),
        commission: same(Commission),
        political_group: same(PoliticalGroup),
    }
}

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
    PoliticalGroup(PoliticalGroup),
}

/// The actor that a key points at.
pub async fn actor(view: View<'_>, kind: RecordKind, id: entity::Id) -> Result<Actor> {
    Ok(match record(view, kind, id).await? {
        Record::Member(member) => member.into(),
        Record::State(state) => state.into(),
        Record::Assembly(assembly) => assembly.into(),
        Record::Parliament(parliament) => parliament.into(),
        Record::Chamber(chamber) => chamber.into(),
        Record::Delegation(delegation) => delegation.into(),
        Record::Commission(commission) => commission.into(),
        Record::PoliticalGroup(group) => group.into(),
        _ => return Err(Error::Broken(format!("a {kind:?} cannot act"))),
    })
}

record! {
    /// Someone's part in a session.
    impl Attendance {
        /// The session.
        pub async fn session(&self, ctx: &Context<'_>) -> Result<Session> {
            ctx.at(self.moment).one(self.row.session_id).await
        }

        /// Who took part, as they were then.
        pub async fn attendee(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The date to read it and all below it at; where it is left out, as \
                above it if a date is stated there, else as of the session's date.")]
            as_of: Option<Day>,
        ) -> Result<Actor> {
            let view = ctx.at(self.moment);
            let view = match as_of.is_some() || self.moment.is_stated() {
                true => view.stated(as_of),
                false => view.of(view.one::<Session>(self.row.session_id).await?.day()),
            };
            actor(view, self.row.attendee_kind, self.row.attendee_id).await
        }

        /// In what capacity.
        pub async fn capacity(&self) -> AttendanceCapacity {
            self.row.capacity
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {}
    lives {}
}
