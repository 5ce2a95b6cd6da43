//! One unbroken spell of one member in one role in one organization.

use async_graphql::Context;
use entity::{
    Certainty, Observed, PartialDate, RecordKind, Spell,
    membership::{EndInference, Role},
};

use super::{
    attendance::Actor,
    legislative_period::LegislativePeriod,
    member::Member,
    record::{Organization, organization},
    session::Session,
    spell::Spelled,
    state::State,
};
use crate::graph::{GraphContext, Maybe, Result};

node! { Membership of membership }

filter! {
    /// Which memberships.
    MembershipFilter on Membership(membership), record, lives {
        member: one(Member),
        organization: one(Organization),
        role: word(Role),
        title: text,
        on_behalf_of: one(Actor),
        state: one(State),
        elected_at: one(Session),
        legislative_period: one(LegislativePeriod),
        area: text,
        term: number,
        since: date,
        until: date,
        ongoing: flag,
        effective_since: date,
        effective_until: date,
        end_inference: word(EndInference),
        certainty: certainty,
    }
}

order! { Membership { since: date, until: date, effective_since: date, effective_until: date } }

counts! {
    Membership {
        organization: record,
        role: text,
        state: record,
        member: record,
        legislative_period: record,
        end_inference: text,
        since: year(since),
        effective_since: year(effective_since),
    }
}

record! {
    /// One unbroken spell of one member in one role in one organization.
    impl Membership {
        /// The member.
        pub async fn member(&self, ctx: &Context<'_>) -> Result<Member> {
            ctx.at(self.moment).one(self.row.member_id).await
        }

        /// The organization.
        pub async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
            organization(ctx.at(self.moment), self.row.organization_kind, self.row.organization_id).await
        }

        /// What the member is there.
        pub async fn role(&self) -> Role {
            self.row.role
        }

        /// The role in the words of the source.
        pub async fn title(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "BCP 47 tag of the language, such as `ru`.")] lang: Option<String>,
        ) -> Maybe<String> {
            Maybe::of(async {
                match &self.row.title {
                    Some(title) => {
                        super::record::named(ctx.at(self.moment), self.row.id, title, lang).await.map(Some)
                    }
                    None => Ok(None),
                }
            })
            .await
        }

        /// The organization that the member speaks for there.
        pub async fn on_behalf_of(&self, ctx: &Context<'_>) -> Maybe<Organization> {
            Maybe::of(async {
                Ok(match self.row.on_behalf_of_kind.zip(self.row.on_behalf_of_id) {
                    Some((RecordKind::State, _)) | None => None,
                    Some((kind, id)) => Some(organization(ctx.at(self.moment), kind, id).await?),
                })
            })
            .await
        }

        /// The state that the member speaks for there.
        pub async fn on_behalf_of_state(&self, ctx: &Context<'_>) -> Maybe<State> {
            Maybe::of(async {
                let state = self.row.on_behalf_of_kind == Some(RecordKind::State);
                ctx.at(self.moment).maybe(self.row.on_behalf_of_id.filter(|_| state)).await
            })
            .await
        }

        /// The state whose parliament, chamber or delegation it is in, or that it speaks for
        /// there, itself or by one of these.
        pub async fn state(&self, ctx: &Context<'_>) -> Maybe<State> {
            ctx.at(self.moment).maybe(self.row.state_id).await.into()
        }

        /// The session that elected the member.
        pub async fn elected_at(&self, ctx: &Context<'_>) -> Maybe<Session> {
            ctx.at(self.moment).maybe(self.row.elected_at_id).await.into()
        }

        /// The period for which the member was elected.
        pub async fn legislative_period(&self, ctx: &Context<'_>) -> Maybe<LegislativePeriod> {
            ctx.at(self.moment).maybe(self.row.legislative_period_id).await.into()
        }

        /// The constituency or region that the member was elected in, as a document names it.
        pub async fn area(&self) -> Option<&str> {
            self.row.area.as_deref()
        }

        /// Which term of office it is, counted from 1.
        pub async fn term(&self) -> Option<i32> {
            self.row.term
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

        /// The start by which it is read: the stated one; or the date of the session that elected
        /// the member; or that of its legislative period; or, of a post that one person holds, the
        /// first day on which a document shows the member in it, where no document states when the
        /// holder before left it.
        pub async fn effective_since(&self) -> Option<PartialDate> {
            PartialDate::from_columns(
                self.row.effective_since_earliest,
                self.row.effective_since_latest,
            )
        }

        /// The end by which it is read: the stated one; or, where no document states one, what
        /// follows from other records, as `endInference` says. Where another membership
        /// begins on that day, this one holds until the day before.
        pub async fn effective_until(&self) -> Option<PartialDate> {
            PartialDate::from_columns(
                self.row.effective_until_earliest,
                self.row.effective_until_latest,
            )
        }

        /// What `effectiveUntil` follows from, where no document states the end.
        pub async fn end_inference(&self) -> EndInference {
            self.row.end_inference
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
