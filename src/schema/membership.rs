//! One unbroken spell of one member in one role in one organization.

use async_graphql::Context;
use entity::{
    Observed, PartialDate, RecordKind, Spell,
    membership::{EndInference, Role},
};

use super::{
    member::Member,
    record::{Organization, organization},
    session::Session,
    state::State,
};
use crate::graph::{GraphContext, Maybe, Result};

node! { Membership of membership }

record! {
    /// One unbroken spell of one member in one role in one organization.
    impl Membership {
        /// The member.
        pub async fn member(&self, ctx: &Context<'_>) -> Result<Member> {
            ctx.graph().one(self.0.member_id).await
        }

        /// The organization.
        pub async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
            organization(ctx, self.0.organization_kind, self.0.organization_id).await
        }

        /// What the member is there.
        pub async fn role(&self) -> Role {
            self.0.role
        }

        /// The role in the words of the source.
        pub async fn title(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "BCP 47 tag of the language, such as `ru`.")] lang: Option<String>,
        ) -> Maybe<String> {
            Maybe::of(async {
                match &self.0.title {
                    Some(title) => {
                        super::record::named(ctx, self.0.id, title, lang).await.map(Some)
                    }
                    None => Ok(None),
                }
            })
            .await
        }

        /// The organization that the member speaks for there.
        pub async fn on_behalf_of(&self, ctx: &Context<'_>) -> Maybe<Organization> {
            Maybe::of(async {
                Ok(match self.0.on_behalf_of_kind.zip(self.0.on_behalf_of_id) {
                    Some((RecordKind::State, _)) | None => None,
                    Some((kind, id)) => Some(organization(ctx, kind, id).await?),
                })
            })
            .await
        }

        /// The state that the member speaks for there.
        pub async fn on_behalf_of_state(&self, ctx: &Context<'_>) -> Maybe<State> {
            Maybe::of(async {
                let state = self.0.on_behalf_of_kind == Some(RecordKind::State);
                ctx.graph().maybe(self.0.on_behalf_of_id.filter(|_| state)).await
            })
            .await
        }

        /// The session that elected the member.
        pub async fn elected_at(&self, ctx: &Context<'_>) -> Maybe<Session> {
            ctx.graph().maybe(self.0.elected_at_id).await.into()
        }

        /// Which term of office it is, counted from 1.
        pub async fn term(&self) -> Option<i32> {
            self.0.term
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

        /// The end by which it is read: the stated one; or, where no document states one, what
        /// follows from other memberships, as `endInference` says.
        pub async fn effective_until(&self) -> Option<PartialDate> {
            PartialDate::from_columns(
                self.0.effective_until_earliest,
                self.0.effective_until_latest,
            )
        }

        /// What `effectiveUntil` follows from, where no document states the end.
        pub async fn end_inference(&self) -> EndInference {
            self.0.end_inference
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.0.note.as_deref()
        }
    }
    pages {}
}
