//! The computed fields of assemblies.

use async_graphql::{Context, Object};
use entity::{RecordKind, assembly, commission};

use super::object::{self, Computed};
use crate::graph::{GraphContext, Nullable};

pub type Assembly = object::Object<assembly::Entity>;

pub const COMPUTED: Computed = Computed::new(RecordKind::Assembly).fields::<_, AssemblyFields>();

pub struct AssemblyFields(Assembly);

impl From<Assembly> for AssemblyFields {
    fn from(record: Assembly) -> Self {
        Self(record)
    }
}

#[Object]
impl AssemblyFields {
    /// Name of the organization to which the assembly belongs.
    async fn parent_organization(&self, ctx: &Context<'_>) -> Nullable<String> {
        Nullable::of(async {
            let Some(id) = self.0.row.parent_id else { return Ok(None) };
            let parent: object::Object<commission::Entity> = ctx.at(self.0.as_of).one(id).await?;
            Ok(Some(parent.row.name.clone()))
        })
        .await
    }
}
