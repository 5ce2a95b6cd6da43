//! Acts: decisions, recommendations, model laws, statements and the like.

use async_graphql::{Context, Enum};
use entity::{
    PartialDate, assembly,
    decision::{DecisionKind, DecisionStatus},
    decision_relation, stage,
};

use super::{
    assembly::Assembly,
    decision_relation::DecisionRelation,
    name::Name,
    record::{named, names},
    session::Session,
    stage::Stage,
    state::State,
};
use crate::graph::{Edge, GraphContext, Many, Maybe, Result};

node! { Decision of decision }

filter! {
    /// Which acts.
    DecisionFilter on Decision(decision), record {
        assembly: one(Assembly),
        state: one(State),
        kind: word(DecisionKind),
        title: text,
        title_given: flag,
        number: text,
        status: word(DecisionStatus),
        adopted: date,
        dated: date,
        session: one(Session),
        stages: many(Stage at Edge::key(stage::Column::DecisionId)),
        outgoing: many(DecisionRelation at Edge::key(decision_relation::Column::SubjectId)),
        incoming: many(DecisionRelation at Edge::key(decision_relation::Column::ObjectId)),
    }
}

order! { Decision { adopted: date, dated: date, title: text } }

counts! {
    Decision {
        year: year(adopted),
        kind: text,
        status: text,
        session: record,
        assembly: record,
        state: record,
    }
}

/// Which relations of a decision to show.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum Direction {
    /// Those that it is the subject of: what it implements, amends, is based on.
    Outgoing,
    /// Those that it is the object of: what implements it, amends it, is based on it.
    Incoming,
    /// All.
    Both,
}

record! {
    /// An act of an assembly, or an act of a state that follows or bears on one.
    impl Decision {
        /// The assembly whose act it is; null where it is a state's own.
        pub async fn assembly(&self, ctx: &Context<'_>) -> Maybe<Assembly> {
            ctx.at(self.moment).maybe(self.row.assembly_id).await.into()
        }

        /// The state whose own act it is.
        pub async fn state(&self, ctx: &Context<'_>) -> Maybe<State> {
            ctx.at(self.moment).maybe(self.row.state_id).await.into()
        }

        /// What sort of act it is.
        pub async fn kind(&self) -> DecisionKind {
            self.row.kind
        }

        /// Its title; in a language, where it has one in it, else as it goes by here.
        pub async fn title(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "BCP 47 tag of the language, such as `ru`.")] lang: Option<String>,
        ) -> Result<String> {
            named(ctx.at(self.moment), self.row.id, &self.row.title, lang).await
        }

        /// False where `title` is a description, because no document gives a title.
        pub async fn title_given(&self) -> bool {
            self.row.title_given
        }

        /// Other titles it is known by.
        pub async fn titles(&self, ctx: &Context<'_>) -> Result<Many<Name>> {
            names(ctx.at(self.moment), self.row.id).await
        }

        /// Its number, where a document gives one.
        pub async fn number(&self) -> Option<&str> {
            self.row.number.as_deref()
        }

        /// How far it has come, by what documents show.
        pub async fn status(&self) -> DecisionStatus {
            self.row.status
        }

        /// What is known of its status, in words.
        pub async fn status_note(&self) -> Option<&str> {
            self.row.status_note.as_deref()
        }

        /// When it was adopted.
        pub async fn adopted(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.row.adopted_earliest, self.row.adopted_latest)
        }

        /// A date that documents give for it where that of adoption is not known.
        pub async fn dated(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.row.dated_earliest, self.row.dated_latest)
        }

        /// The session that adopted it or dealt with it.
        pub async fn session(&self, ctx: &Context<'_>) -> Maybe<Session> {
            ctx.at(self.moment).maybe(self.row.session_id).await.into()
        }

        /// The steps in its life, in order.
        pub async fn stages(&self, ctx: &Context<'_>) -> Result<Many<Stage>> {
            ctx.at(self.moment).many(Edge::key(stage::Column::DecisionId), self.row.id).await
        }

        /// Its ties to other decisions.
        pub async fn relations(
            &self,
            ctx: &Context<'_>,
            #[graphql(default_with = "Some(Direction::Both)", desc = "Which of them.")]
            direction: Option<Direction>,
        ) -> Result<Vec<DecisionRelation>> {
            let direction = direction.unwrap_or(Direction::Both);
            let side = async |wanted: bool, column| match wanted {
                true => ctx.at(self.moment).list(Edge::key(column), self.row.id).await,
                false => Ok(Vec::new()),
            };
            let (mut relations, incoming): (Vec<DecisionRelation>, _) = futures_util::try_join!(
                side(direction != Direction::Incoming, decision_relation::Column::SubjectId),
                side(direction != Direction::Outgoing, decision_relation::Column::ObjectId),
            )?;
            relations.extend(incoming);
            Ok(relations)
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {
        /// Steps in other decisions' lives that it called for.
        basis_of: Stage at Edge::key(stage::Column::BasisId);
        /// Assemblies that it founded.
        founded: Assembly at Edge::key(assembly::Column::FoundingDecisionId);
    }
    lives {}
}
