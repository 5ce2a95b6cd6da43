//! The root fields that are not generated from the descriptions of kinds; see [`super::root`].

use std::sync::Arc;

use async_graphql::{Context, ID as GraphId, Object, OutputType};
use entity::{Id, identifier, state};
use futures_util::future::join_all;

use super::{
    claim::Claim,
    contradiction::Contradiction,
    name::Identifier,
    object,
    record::{
        AnyNode, AnyRecord, ErasedRecord, find_kind, find_record, find_registry_row,
        load_interface, registry_row,
    },
    service::Service,
};
use crate::graph::{BadInput, Day, Edge, GlobalId, GraphContext, ID, Node, Nullable, Result, View};

pub struct Query;

/// Returns the object with a global id as of the date in the id. If the record was merged into another
/// one, returns the other.
async fn find_node(
    ctx: &Context<'_>,
    argument: &'static str,
    id: &GraphId,
) -> Result<Option<AnyNode>> {
    let global = GlobalId::parse(argument, id, ctx.graph().today())?;
    let view = ctx.at(global.as_of);
    Ok(match global.kind.as_str() {
        "Claim" => find_object::<Claim>(view, "Claim", global.key).await?,
        "Contradiction" => find_object::<Contradiction>(view, "Contradiction", global.key).await?,
        name => {
            let kind = find_kind(name).ok_or_else(|| GlobalId::unknown(argument, id))?;
            match find_record(view, kind, global.key).await? {
                Some(record) => Some(record.into()),
                None => find_merged(ctx, view, global.key).await?.map(AnyNode::from),
            }
        }
    })
}

/// Returns the record into which another one was merged.
async fn find_merged(ctx: &Context<'_>, view: View<'_>, id: Id) -> Result<Option<ErasedRecord>> {
    let row = find_registry_row(ctx, id).await?;
    let Some(target_id) = row.and_then(|row| row.merged_into_id) else { return Ok(None) };
    let target = registry_row(ctx, target_id).await?;
    find_record(view, target.kind, target.id).await
}

/// Returns the object of a type with this id.
async fn find_object<N: Node + OutputType>(
    view: View<'_>,
    type_name: &'static str,
    id: Id,
) -> Result<Option<AnyNode>> {
    let object: Option<N> = view.find(ID, id).await?;
    Ok(object.map(|object| AnyNode::new(type_name, Arc::new(object))))
}

/// Inter-parliamentary assemblies: who belongs to them, who sits in them, what they decide, as of
/// any date, and where each fact comes from.
#[Object]
impl Query {
    /// Object with this id. Null if no object has it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of an object.")] id: GraphId,
    ) -> Nullable<AnyNode> {
        find_node(ctx, "id", &id).await.into()
    }

    /// Objects with these ids, in the same order. Null in the place of each unknown id.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids of objects (max 100).")] ids: Vec<GraphId>,
    ) -> Nullable<Vec<Nullable<AnyNode>>> {
        async {
            BadInput::too_many("ids", ids.len())?;
            Ok(join_all(ids.iter().map(|id| Nullable::of(find_node(ctx, "ids", id)))).await)
        }
        .await
        .into()
    }

    /// Record with this identifier of an external register. Null if no record has it.
    async fn lookup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Scheme of the identifier, such as `iso-3166-1-alpha-2`.")] scheme: String,
        #[graphql(desc = "Value of the identifier.")] value: String,
        #[graphql(desc = "Point in time for this field and everything below it; defaults to the \
                parent's, or today.")]
        as_of: Option<Day>,
    ) -> Nullable<AnyRecord> {
        Nullable::of(async {
            let view = ctx.as_of(as_of);
            let edge =
                Edge::key(identifier::Column::Value).only(identifier::Column::Scheme, [scheme]);
            let identifiers: Vec<Identifier> = view.list(edge, value.as_str()).await?;
            let Some(identifier) = identifiers.first() else { return Ok(None) };
            let row = registry_row(ctx, identifier.row.record_id).await?;
            load_interface(view, row.kind, row.id).await.map(Some)
        })
        .await
    }

    /// Country. Null if no state has the code.
    async fn state(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ISO 3166-1 alpha-2 code, case-insensitive.")] code: String,
        #[graphql(desc = "Point in time for this field and everything below it; defaults to the \
                parent's, or today.")]
        as_of: Option<Day>,
    ) -> Nullable<object::Object<state::Entity>> {
        let code = code.to_ascii_uppercase();
        Nullable::of(async { ctx.as_of(as_of).find("code", code.as_str()).await }).await
    }

    /// Contradiction with this slug. Null if no contradiction has it.
    async fn contradiction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Slug of the contradiction.")] slug: String,
        #[graphql(desc = "Point in time for this field and everything below it; defaults to the \
                parent's, or today.")]
        as_of: Option<Day>,
    ) -> Nullable<Contradiction> {
        Nullable::of(async { ctx.as_of(as_of).find("slug", slug.as_str()).await }).await
    }

    /// Information about the server: its version, its limits and its data.
    async fn service(&self) -> Service {
        Service
    }
}
