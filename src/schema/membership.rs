//! What memberships have besides what their description says.

use async_graphql::{Context, Object};
use entity::{RecordKind, membership, state};

use super::{
    object::{self, Computed},
    record::{Organization, record},
};
use crate::graph::{GraphContext, Maybe};

pub type Membership = object::Object<membership::Entity>;

pub const COMPUTED: Computed = Computed::new(RecordKind::Membership).object::<_, Fields>();

pub struct Fields(Membership);

impl From<Membership> for Fields {
    fn from(record: Membership) -> Self {
        Self(record)
    }
}

#[Object(name = "MembershipFields")]
impl Fields {
    /// The organization that the member represents.
    async fn on_behalf_of(&self, ctx: &Context<'_>) -> Maybe<Organization> {
        let row = &self.0.row;
        Maybe::of(async {
            Ok(match row.on_behalf_of_kind.zip(row.on_behalf_of_id) {
                Some((RecordKind::State, _)) | None => None,
                Some((kind, id)) => Some(record(ctx.at(self.0.moment), kind, id).await?),
            })
        })
        .await
    }

    /// The state that the member represents.
    async fn on_behalf_of_state(&self, ctx: &Context<'_>) -> Maybe<object::Object<state::Entity>> {
        let row = &self.0.row;
        let state = row.on_behalf_of_kind == Some(RecordKind::State);
        ctx.at(self.0.moment).maybe(row.on_behalf_of_id.filter(|_| state)).await.into()
    }
}
