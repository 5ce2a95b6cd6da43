//! The standing of states, parliaments and assemblies in assemblies.

use async_graphql::{Context, Union};
use entity::{Observed, PartialDate, Spell, participation::ParticipationStatus};

use super::{
    assembly::Assembly,
    chamber::Chamber,
    parliament::Parliament,
    record::{Record, record},
    state::State,
};
use crate::graph::{Error, GraphContext, Maybe, Result};

node! { Participation of participation }

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
            ctx.graph().one(self.0.assembly_id).await
        }

        /// Whose standing it is.
        pub async fn participant(&self, ctx: &Context<'_>) -> Result<Participant> {
            let (kind, id) = (self.0.participant_kind, self.0.participant_id);
            Ok(match record(ctx, kind, id).await? {
                Record::State(state) => state.into(),
                Record::Parliament(parliament) => parliament.into(),
                Record::Assembly(assembly) => assembly.into(),
                _ => return Err(Error::Broken(format!("a {kind:?} cannot take part"))),
            })
        }

        /// The chamber through which a state takes part, where a document says so.
        pub async fn chamber(&self, ctx: &Context<'_>) -> Maybe<Chamber> {
            ctx.graph().maybe(self.0.chamber_id).await.into()
        }

        /// The standing.
        pub async fn status(&self) -> ParticipationStatus {
            self.0.status
        }

        /// What the standing rests on, in words.
        pub async fn basis(&self) -> Option<&str> {
            self.0.basis.as_deref()
        }

        /// The start, where a document states one.
        pub async fn since(&self) -> Option<PartialDate> {
            self.0.since()
        }

        /// The end, where a document states one.
        pub async fn until(&self) -> Option<PartialDate> {
            self.0.until()
        }

        /// Whether a document states that it goes on without an end. False also where nothing is
        /// known of its end.
        pub async fn ongoing(&self) -> bool {
            self.0.ongoing
        }

        /// When documents show it to hold.
        pub async fn observed(&self) -> Option<Observed> {
            self.0.observed()
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.0.note.as_deref()
        }
    }
    pages {}
}
