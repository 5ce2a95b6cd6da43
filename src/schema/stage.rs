//! The steps in decisions' lives.

use async_graphql::Context;
use entity::{PartialDate, stage::StageKind, stance};

use super::{
    decision::Decision,
    member::Member,
    record::{Organization, organization},
    session::Session,
    stance::Stance,
};
use crate::graph::{Day, Edge, GraphContext, Many, Maybe, Result, View};

node! { Stage of stage by number "position" }

filter! {
    /// Which steps in decisions' lives.
    StageFilter on Stage(stage), record {
        decision: one(Decision),
        order: number(position),
        kind: word(StageKind),
        body: one(Organization),
        session: one(Session),
        date: date,
        outcome: text,
        reporter: one(Member),
        basis: one(Decision),
        stances: many(Stance at Edge::key(stance::Column::StageId)),
    }
}

order! { Stage { order: number(position), date: date } }

counts! {
    Stage {
        year: year(date),
        kind: text,
        body: record,
        session: record,
        decision: record,
        reporter: record,
    }
}

impl Stage {
    fn day(&self) -> Option<PartialDate> {
        PartialDate::from_columns(self.row.date_earliest, self.row.date_latest)
    }

    /// The graph as it was at the step: as of its own date, else that of its session.
    pub async fn then<'a>(&self, ctx: &'a Context<'_>, as_of: Option<Day>) -> Result<View<'a>> {
        let view = ctx.at(self.moment);
        if as_of.is_some() || self.moment.is_stated() {
            return Ok(view.stated(as_of));
        }
        let day = match (self.day(), self.row.session_id) {
            (None, Some(session)) => view.one::<Session>(session).await?.day(),
            (day, _) => day,
        };
        Ok(view.of(day))
    }
}

record! {
    /// One step in a decision's life.
    impl Stage {
        /// The decision.
        pub async fn decision(&self, ctx: &Context<'_>) -> Result<Decision> {
            ctx.at(self.moment).one(self.row.decision_id).await
        }

        /// Its place among the steps of the decision, from 1.
        pub async fn order(&self) -> i32 {
            self.row.position
        }

        /// What happened.
        pub async fn kind(&self) -> StageKind {
            self.row.kind
        }

        /// The body that took the step, as it was then.
        pub async fn body(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The date to read it and all below it at; where it is left out, as \
                above it if a date is stated there, else as of the step's date.")]
            as_of: Option<Day>,
        ) -> Maybe<Organization> {
            Maybe::of(async {
                Ok(match self.row.body_kind.zip(self.row.body_id) {
                    Some((kind, id)) => {
                        Some(organization(self.then(ctx, as_of).await?, kind, id).await?)
                    }
                    None => None,
                })
            })
            .await
        }

        /// The session at which it was taken.
        pub async fn session(&self, ctx: &Context<'_>) -> Maybe<Session> {
            ctx.at(self.moment).maybe(self.row.session_id).await.into()
        }

        /// When it was taken.
        pub async fn date(&self) -> Option<PartialDate> {
            self.day()
        }

        /// What came of it, in words.
        pub async fn outcome(&self) -> Option<&str> {
            self.row.outcome.as_deref()
        }

        /// Who reported, as they were then.
        pub async fn reporter(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The date to read it and all below it at; where it is left out, as \
                above it if a date is stated there, else as of the step's date.")]
            as_of: Option<Day>,
        ) -> Maybe<Member> {
            Maybe::of(async {
                let Some(id) = self.row.reporter_id else { return Ok(None) };
                self.then(ctx, as_of).await?.one(id).await.map(Some)
            })
            .await
        }

        /// The decision that called for the step.
        pub async fn basis(&self, ctx: &Context<'_>) -> Maybe<Decision> {
            ctx.at(self.moment).maybe(self.row.basis_id).await.into()
        }

        /// The positions that were taken at it, by those who took them as they were then.
        pub async fn stances(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The date to read it and all below it at; where it is left out, as \
                above it if a date is stated there, else as of the step's date.")]
            as_of: Option<Day>,
        ) -> Result<Many<Stance>> {
            let view = self.then(ctx, as_of).await?;
            view.many(Edge::key(stance::Column::StageId), self.row.id).await
        }
    }
    pages {}
    lives {}
}
