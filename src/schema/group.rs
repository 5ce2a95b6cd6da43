//! The type `Group`.

use async_graphql::{Context, Object};
use entity::{Id, RecordKind};
use sea_orm::ActiveEnum;

use super::record::{AnyRecord, label, load_interface};
use crate::graph::{AsOf, Error, GraphContext, Nullable, Result, counts::GroupCount};

pub struct Group {
    group: GroupCount,
    as_of: AsOf,
}

impl From<(GroupCount, AsOf)> for Group {
    fn from((group, as_of): (GroupCount, AsOf)) -> Self {
        Self { group, as_of }
    }
}

impl Group {
    fn key_record(&self) -> Result<Option<(RecordKind, Id)>> {
        let Some((kind, id)) = &self.group.record else { return Ok(None) };
        Ok(Some((RecordKind::try_from_value(kind).map_err(Error::from)?, *id)))
    }
}

/// Group of the items of a list that have the same key.
#[Object]
impl Group {
    /// Group key: an enum value, a string, a number, a year, or the slug of a record. Empty for items
    /// without a value.
    async fn key(&self) -> &str {
        self.group.key.as_deref().unwrap_or_default()
    }

    /// Readable name of the group: the name or title of its record, otherwise the key.
    async fn label(&self, ctx: &Context<'_>) -> Result<String> {
        match self.key_record()? {
            Some((kind, id)) => label(ctx.at(self.as_of), kind, id).await,
            None => Ok(self.group.key.clone().unwrap_or_default()),
        }
    }

    /// Record whose slug is the key. Null if the key is not a slug.
    async fn record(&self, ctx: &Context<'_>) -> Nullable<AnyRecord> {
        Nullable::of(async {
            match self.key_record()? {
                Some((kind, id)) => load_interface(ctx.at(self.as_of), kind, id).await.map(Some),
                None => Ok(None),
            }
        })
        .await
    }

    /// Number of items in the group.
    async fn count(&self) -> i64 {
        self.group.count
    }
}
