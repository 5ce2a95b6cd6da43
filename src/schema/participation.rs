//! The standing of states, parliaments and assemblies in assemblies.

use async_graphql::{Context, Union};
use entity::{
    Certainty, Observed, PartialDate, RecordKind, Spell, participation::ParticipationStatus,
};

use super::{
    assembly::Assembly,
    chamber::Chamber,
    parliament::Parliament,
    record::{Record, record},
    spell::Spelled,
    state::State,
};
use crate::graph::{Error, GraphContext, Maybe, Result};

node! { Participation of participation }

filter! {
    /// Which standings.
    ParticipationFilter on Participation(participation), record, few, lives {
        assembly: one(Assembly),
        participant: one(Participant),
        chamber: one(Chamber),
        status: word(ParticipationStatus),
        basis: text,
        since: date,
        until: date,
        ongoing: flag,
        certainty: certainty,
    }
}

order! { Participation { since: date, until: date } }

counts! {
    Participation { status: text, assembly: record, participant: record, since: year(since) }
}

filter! {
    /// Which states, parliaments or assemblies.
    ParticipantFilter on Participant(entity) {
        id: id_of_any(State Parliament Assembly),
        slug: slug,
        kind: word(RecordKind),
        state: same(State),
        parliament: same(Parliament),
        assembly: same(Assembly),
    }
}

/// Whoever can have a standing in an assembly.
#[derive(Union)]
pub enum Participant {
    State(State),
    Parliament(Parliament),
    Assembly(Assembly),
}

record! {
    /// The standing of a state, a parliament or an assembly in an assembly, during one spell.
    impl Participation {
        /// The assembly.
        pub async fn assembly(&self, ctx: &Context<'_>) -> Result<Assembly> {
            ctx.at(self.moment).one(self.row.assembly_id).await
        }

        /// Whose standing it is.
        pub async fn participant(&self, ctx: &Context<'_>) -> Result<Participant> {
            let (kind, id) = (self.row.participant_kind, self.row.participant_id);
            Ok(match record(ctx.at(self.moment), kind, id).await? {
                Record::State(state) => state.into(),
                Record::Parliament(parliament) => parliament.into(),
                Record::Assembly(assembly) => assembly.into(),
                _ => return Err(Error::Broken(format!("a {kind:?} cannot take part"))),
            })
        }

        /// The chamber through which a state takes part, where a document says so.
        pub async fn chamber(&self, ctx: &Context<'_>) -> Maybe<Chamber> {
            ctx.at(self.moment).maybe(self.row.chamber_id).await.into()
        }

        /// The standing.
        pub async fn status(&self) -> ParticipationStatus {
            self.row.status
        }

        /// What the standing rests on, in words.
        pub async fn basis(&self) -> Option<&str> {
            self.row.basis.as_deref()
        }

        /// The start, where a document states one.
        pub async fn since(&self) -> Option<PartialDate> {
            self.row.since()
        }

        /// The end, where a document states one.
        pub async fn until(&self) -> Option<PartialDate> {
            self.row.until()
        }

        /// Whether a document states that it goes on without an end. False also where nothing is
        /// known of its end.
        pub async fn ongoing(&self) -> bool {
            self.row.ongoing
        }

        /// When documents show it to hold.
        pub async fn observed(&self) -> Option<Observed> {
            self.row.observed()
        }

        /// Whether it certainly holds on the date that it is read at, or only may. Null where it
        /// does not hold then: in a history, or found by its slug or id.
        pub async fn certainty(&self) -> Option<Certainty> {
            Spelled::certainty(self)
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {}
    lives {}
}
