//! Inter-parliamentary assemblies.

use std::borrow::Cow;

use async_graphql::Context;
use entity::{commission_assembly, decision, delegation, participation, session};

use super::{
    attendance::Attendance, commission::Commission, decision::Decision, delegation::Delegation,
    membership::Membership, participation::Participation, session::Session, stage::Stage,
    stance::Stance,
};
use crate::evidence;
use crate::graph::{Edge, GraphContext, Maybe};

node! { Assembly of assembly }

filter! {
    /// Which assemblies.
    AssemblyFilter on Assembly(assembly), record, few, lives {
        name: text,
        acronym: text,
        founded: date,
        dissolved: date,
        parent: one(Commission),
        participations: then(Participation at Edge::key(participation::Column::AssemblyId)),
        delegations: then(Delegation at Edge::key(delegation::Column::AssemblyId)),
        commissions: then(Commission at Edge::link(
            commission_assembly::Column::AssemblyId,
            commission_assembly::Column::CommissionId
        )),
        sessions: many(Session at Edge::key(session::Column::AssemblyId)),
        decisions: many(Decision at Edge::key(decision::Column::AssemblyId)),
        memberships: then(Membership at Edge::key(entity::membership::Column::OrganizationId)),
    }
}

order! { Assembly { name: text, founded: date } }

counts! { Assembly { founded: year(founded) } }

organization! {
    /// An inter-parliamentary assembly.
    impl Assembly {
        /// Its name in short, such as `CSTO PA`.
        pub async fn acronym(&self) -> Option<&str> {
            self.row.acronym.as_deref()
        }

        /// The act that founded it.
        pub async fn founding_decision(&self, ctx: &Context<'_>) -> Maybe<Decision> {
            ctx.at(self.moment).maybe(self.row.founding_decision_id).await.into()
        }

        /// Where it has its seat.
        pub async fn seat(&self) -> Option<Cow<'_, str>> {
            let now = self.row.seat.as_deref();
            evidence::at(self.row.varying.as_deref(), "seat", self.moment.date(), now)
        }

        /// Name of the organization whose assembly it is.
        pub async fn parent_organization(&self, ctx: &Context<'_>) -> Maybe<String> {
            Maybe::of(async {
                let parent: Option<Commission> = ctx.at(self.moment).maybe(self.row.parent_id).await?;
                Ok(parent.map(|parent| parent.row.name.clone()))
            })
            .await
        }

        /// The organization whose assembly it is.
        pub async fn parent(&self, ctx: &Context<'_>) -> Maybe<Commission> {
            ctx.at(self.moment).maybe(self.row.parent_id).await.into()
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {
        /// Its sessions, meetings, hearings and missions.
        sessions: Session at Edge::key(session::Column::AssemblyId);
        /// Its acts.
        decisions: Decision at Edge::key(decision::Column::AssemblyId);
    }
    lives {
        /// The delegations that parliaments send to it.
        delegations: Delegation at Edge::key(delegation::Column::AssemblyId);
        /// Its councils, commissions, boards and secretariats.
        commissions: Commission at Edge::link(
            commission_assembly::Column::AssemblyId,
            commission_assembly::Column::CommissionId
        );
        /// Which states, parliaments and assemblies have a standing in it.
        participations: Participation at Edge::key(participation::Column::AssemblyId);
        /// Its own standing in other assemblies.
        participates_in: Participation at Edge::key(participation::Column::ParticipantId);
    }
}
