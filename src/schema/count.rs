//! How many rows of a list there are of one sort.

use async_graphql::{Context, Object};
use entity::RecordKind;
use sea_orm::ActiveEnum;

use super::record::{AnyRecord, record};
use crate::graph::{Error, GraphContext, Maybe, Moment, counts::GroupCount};

/// How many rows of a list there are of one sort.
pub struct Count {
    group: GroupCount,
    moment: Moment,
}

impl From<(GroupCount, Moment)> for Count {
    fn from((group, moment): (GroupCount, Moment)) -> Self {
        Self { group, moment }
    }
}

/// How many rows of a list there are of one sort.
#[Object]
impl Count {
    /// The word, the text, the year or the slug that makes the sort; empty of rows that have none.
    async fn key(&self) -> &str {
        self.group.key.as_deref().unwrap_or_default()
    }

    /// How many.
    async fn count(&self) -> i64 {
        self.group.count
    }

    /// The record whose slug the key is; null where the key is no slug.
    async fn record(&self, ctx: &Context<'_>) -> Maybe<AnyRecord> {
        Maybe::of(async {
            let Some((kind, id)) = &self.group.record else { return Ok(None) };
            let kind = RecordKind::try_from_value(kind).map_err(Error::from)?;
            record(ctx.at(self.moment), kind, *id).await.map(Some)
        })
        .await
    }
}
