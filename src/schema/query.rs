//! The root fields that are no plain record or list of a kind: see [`super::root`].

use std::sync::Arc;

use async_graphql::{Context, ID as GraphId, Object, OutputType};
use entity::{Id, identifier, state};
use futures_util::future::join_all;

use super::{
    claim::Claim,
    contradiction::Contradiction,
    name::Identifier,
    object,
    record::{AnyNode, AnyRecord, Typed, find_record, kind_of, record, registered, registry_row},
    service::Service,
};
use crate::graph::{BadInput, Day, Edge, GlobalId, GraphContext, ID, Node, Nullable, Result, View};

pub struct Query;

/// The object that an id names, or the one that it was merged into; as of the date in the id.
async fn node(ctx: &Context<'_>, argument: &'static str, id: &GraphId) -> Result<Option<AnyNode>> {
    let global = GlobalId::parse(argument, id, ctx.graph().today())?;
    let view = ctx.at(global.as_of);
    Ok(match global.kind.as_str() {
        "Claim" => found::<Claim>(view, "Claim", global.key).await?,
        "Contradiction" => found::<Contradiction>(view, "Contradiction", global.key).await?,
        name => {
            let kind = kind_of(name).ok_or_else(|| GlobalId::unknown(argument, id))?;
            match find_record(view, kind, global.key).await? {
                Some(found) => Some(found.into()),
                None => merged(ctx, view, global.key).await?.map(AnyNode::from),
            }
        }
    })
}

/// The record that another one was found to be the same as.
async fn merged(ctx: &Context<'_>, view: View<'_>, id: Id) -> Result<Option<Typed>> {
    let row = registry_row(ctx, id).await?;
    let Some(survivor) = row.and_then(|row| row.merged_into_id) else { return Ok(None) };
    let survivor = registered(ctx, survivor).await?;
    find_record(view, survivor.kind, survivor.id).await
}

/// The object of a type that has an id.
async fn found<N: Node + OutputType>(
    view: View<'_>,
    name: &'static str,
    id: Id,
) -> Result<Option<AnyNode>> {
    let found: Option<N> = view.find(ID, id).await?;
    Ok(found.map(|found| AnyNode::new(name, Arc::new(found))))
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
        node(ctx, "id", &id).await.into()
    }

    /// Objects with these ids, in the same order. Null in the place of each unknown id.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids of objects (max 100).")] ids: Vec<GraphId>,
    ) -> Nullable<Vec<Nullable<AnyNode>>> {
        async {
            BadInput::too_many("ids", ids.len())?;
            Ok(join_all(ids.iter().map(|id| Nullable::of(node(ctx, "ids", id)))).await)
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
            let named =
                Edge::key(identifier::Column::Value).only(identifier::Column::Scheme, [scheme]);
            let found: Vec<Identifier> = view.list(named, value.as_str()).await?;
            let Some(found) = found.first() else { return Ok(None) };
            let registered = registered(ctx, found.row.record_id).await?;
            record(view, registered.kind, registered.id).await.map(Some)
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
