//! Ties between decisions.

use async_graphql::Context;
use entity::decision_relation::DecisionRelationKind;

use super::decision::Decision;
use crate::graph::{GraphContext, Result};

node! { DecisionRelation of decision_relation }

filter! {
    /// Which ties between decisions.
    DecisionRelationFilter on DecisionRelation(decision_relation), record {
        kind: word(DecisionRelationKind),
        subject: one(Decision),
        object: one(Decision),
        inferred: flag,
    }
}

order! { DecisionRelation { kind: text } }

counts! { DecisionRelation { kind: text, subject: record, object: record } }

record! {
    /// A tie between two decisions: the subject implements, amends, is based on ... the object.
    impl DecisionRelation {
        /// How the subject relates to the object.
        pub async fn kind(&self) -> DecisionRelationKind {
            self.row.kind
        }

        /// The decision that implements, amends, is based on ...
        pub async fn subject(&self, ctx: &Context<'_>) -> Result<Decision> {
            ctx.at(self.moment).one(self.row.subject_id).await
        }

        /// The decision that is implemented, amended, built on ...
        pub async fn object(&self, ctx: &Context<'_>) -> Result<Decision> {
            ctx.at(self.moment).one(self.row.object_id).await
        }

        /// Not stated by a document, but following from what documents state.
        pub async fn inferred(&self) -> bool {
            self.row.inferred
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {}
    lives {}
}
