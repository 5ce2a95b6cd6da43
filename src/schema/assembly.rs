//! What assemblies have besides what their description says.

use async_graphql::{Context, Object};
use entity::{RecordKind, assembly, commission};

use super::object::{self, Computed};
use crate::graph::{GraphContext, Nullable};

pub type Assembly = object::Object<assembly::Entity>;

pub const COMPUTED: Computed = Computed::new(RecordKind::Assembly).object::<_, Fields>();

pub struct Fields(Assembly);

impl From<Assembly> for Fields {
    fn from(record: Assembly) -> Self {
        Self(record)
    }
}

#[Object(name = "AssemblyFields")]
impl Fields {
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
