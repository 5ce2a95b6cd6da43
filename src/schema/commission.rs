//! Bodies of assemblies, and outside bodies that act with them.

use async_graphql::Context;
use entity::{assembly, commission, commission::CommissionKind, commission_assembly, session};

use super::{
    assembly::Assembly, attendance::Attendance, chamber::Chamber, membership::Membership,
    session::Session, stage::Stage, stance::Stance,
};
use crate::graph::{Edge, GraphContext, Many, Maybe, Result};

node! { Commission of commission }

filter! {
    /// Which councils, commissions, boards, secretariats and outside bodies.
    CommissionFilter on Commission(commission), record, few, lives {
        name: text,
        kind: word(CommissionKind),
        founded: date,
        dissolved: date,
        under: one(Commission),
        chamber: one(Chamber),
        assemblies: many(Assembly at Edge::link(
            commission_assembly::Column::CommissionId,
            commission_assembly::Column::AssemblyId
        )),
        subordinates: then(Commission at Edge::key(commission::Column::UnderId)),
        sessions: many(Session at Edge::key(session::Column::CommissionId)),
        stages: many(Stage at Edge::key(entity::stage::Column::BodyId)),
        memberships: then(Membership at Edge::key(entity::membership::Column::OrganizationId)),
    }
}

order! { Commission { name: text, founded: date } }

counts! {
    Commission {
        kind: text,
        chamber: record,
        assembly: many(
            Edge::link(
                commission_assembly::Column::CommissionId,
                commission_assembly::Column::AssemblyId
            ),
            assembly itself
        ),
    }
}

organization! {
    /// A body of one or several assemblies, such as a standing commission, a council or a
    /// secretariat; or an outside body that acts with them.
    impl Commission {
        /// What sort of body it is.
        pub async fn kind(&self) -> CommissionKind {
            self.row.kind
        }

        /// The assemblies whose body it is; none where it is an outside one.
        pub async fn assemblies(&self, ctx: &Context<'_>) -> Result<Many<Assembly>> {
            let linked = Edge::link(
                commission_assembly::Column::CommissionId,
                commission_assembly::Column::AssemblyId,
            );
            ctx.at(self.moment).many(linked, self.row.id).await
        }

        /// The body that it works under.
        pub async fn under(&self, ctx: &Context<'_>) -> Maybe<Commission> {
            ctx.at(self.moment).maybe(self.row.under_id).await.into()
        }

        /// The chamber whose committee it is.
        pub async fn chamber(&self, ctx: &Context<'_>) -> Maybe<Chamber> {
            ctx.at(self.moment).maybe(self.row.chamber_id).await.into()
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {
        /// Its meetings.
        sessions: Session at Edge::key(session::Column::CommissionId);
    }
    lives {
        /// Bodies that work under it.
        subordinates: Commission at Edge::key(commission::Column::UnderId);
        /// Assemblies of which it is the parent organization.
        parent_of: Assembly at Edge::key(assembly::Column::ParentId);
    }
}
