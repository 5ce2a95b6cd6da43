//! The root fields.

use async_graphql::{Context, ID as GraphId, Object};
use entity::{Id, identifier};
use futures_util::future::join_all;

use super::{
    assembly::Assembly,
    attendance::Attendance,
    chamber::Chamber,
    claim::Claim,
    commission::Commission,
    contradiction::Contradiction,
    decision::Decision,
    decision_relation::DecisionRelation,
    delegation::Delegation,
    document::Document,
    member::Member,
    membership::Membership,
    name::Identifier,
    parliament::Parliament,
    participation::Participation,
    record::{AnyNode, Record, by_slug, find_record, kind_of, record, registered, registry_row},
    seat_allocation::SeatAllocation,
    service::Service,
    session::Session,
    site_state::SiteState,
    stage::Stage,
    stance::Stance,
    state::State,
};
use crate::graph::{BadInput, Connection, Edge, GlobalId, GraphContext, ID, List, Maybe, Result};

pub struct Query;

/// The object that an id names, or the one that it was merged into.
async fn node(ctx: &Context<'_>, argument: &'static str, id: &GraphId) -> Result<Option<AnyNode>> {
    let global = GlobalId::parse(argument, id)?;
    Ok(match global.kind.as_str() {
        "Claim" => ctx.graph().find(ID, global.key).await?.map(Claim::into),
        "Contradiction" => ctx.graph().find(ID, global.key).await?.map(Contradiction::into),
        name => {
            let kind = kind_of(name).ok_or_else(|| GlobalId::unknown(argument, id))?;
            match find_record(ctx, kind, global.key).await? {
                Some(found) => Some(found.into()),
                None => merged(ctx, global.key).await?.map(Record::into),
            }
        }
    })
}

/// The record that another one was found to be the same as.
async fn merged(ctx: &Context<'_>, id: Id) -> Result<Option<Record>> {
    let row = registry_row(ctx, id).await?;
    let Some(survivor) = row.and_then(|row| row.merged_into_id) else { return Ok(None) };
    let survivor = registered(ctx, survivor).await?;
    find_record(ctx, survivor.kind, survivor.id).await
}

macro_rules! query {
    (
        { $($body:tt)* }
        lists { $($(#[$list_docs:meta])* $list:ident: $listed:ident;)* }
        records { $($(#[$doc:meta])* $one:ident, $(#[$docs:meta])* $many:ident: $node:ident;)* }
    ) => {
        /// Inter-parliamentary assemblies: who belongs to them, who sits in them, what they decide,
        /// and where each fact comes from.
        #[Object]
        impl Query {
            $($body)*

            $(
                $(#[$doc])*
                async fn $one(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "Its slug, or one that it went by.")] slug: String,
                ) -> Maybe<$node> {
                    Maybe::of(by_slug(ctx, &slug)).await
                }

                $(#[$docs])*
                async fn $many(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing is said.")]
                    first: Option<i32>,
                    #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
                    #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
                    #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
                ) -> Result<Connection<$node>> {
                    ctx.graph().all(List::of(ctx, first, after, last, before)).await
                }
            )*

            $(
                $(#[$list_docs])*
                async fn $list(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing is said.")]
                    first: Option<i32>,
                    #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
                    #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
                    #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
                ) -> Result<Connection<$listed>> {
                    ctx.graph().all(List::of(ctx, first, after, last, before)).await
                }
            )*
        }
    };
}

query! {
    {
        /// The object with an id.
        async fn node(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "An id that this server gave.")] id: GraphId,
        ) -> Maybe<AnyNode> {
            node(ctx, "id", &id).await.into()
        }

        /// The objects with these ids, in the same order; null where there is none.
        async fn nodes(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Ids that this server gave, at most 100.")] ids: Vec<GraphId>,
        ) -> Result<Vec<Maybe<AnyNode>>> {
            BadInput::too_many("ids", ids.len())?;
            Ok(join_all(ids.iter().map(|id| Maybe::of(node(ctx, "ids", id)))).await)
        }

        /// The record that another register calls by this identifier.
        async fn lookup(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The register, such as `iso-3166-1-alpha-2`.")] scheme: String,
            #[graphql(desc = "What it calls the record.")] value: String,
        ) -> Maybe<Record> {
            Maybe::of(async {
                    let named = Edge::key(identifier::Column::Value)
                        .only(identifier::Column::Scheme, [scheme]);
                    let found: Vec<Identifier> = ctx.graph().list(named, value.as_str()).await?;
                    let Some(found) = found.first() else { return Ok(None) };
                    let registered = registered(ctx, found.0.record_id).await?;
                    record(ctx, registered.kind, registered.id).await.map(Some)
            }).await
        }

        /// A country.
        async fn state(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "ISO 3166-1 alpha-2 code, in capitals or not.")] code: String,
        ) -> Maybe<State> {
            let code = code.to_ascii_uppercase();
            ctx.graph().find("code", code.as_str()).await.into()
        }

        /// A contradiction between claims.
        async fn contradiction(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Its slug.")] slug: String,
        ) -> Maybe<Contradiction> {
            ctx.graph().find("slug", slug.as_str()).await.into()
        }

        /// What the server says of itself and of its data.
        async fn service(&self) -> Service {
            Service
        }
    }
    lists {
        /// All countries, by code.
        states: State;
        /// All contradictions between claims.
        contradictions: Contradiction;
    }
    records {
        /// An assembly.
        assembly, /// All assemblies.
        assemblies: Assembly;
        /// A standing in an assembly.
        participation, /// All standings in assemblies.
        participations: Participation;
        /// A parliament.
        parliament, /// All parliaments.
        parliaments: Parliament;
        /// A house of a parliament.
        chamber, /// All houses of parliaments.
        chambers: Chamber;
        /// A delegation.
        delegation, /// All delegations.
        delegations: Delegation;
        /// The seats of one chamber in one delegation.
        seat_allocation, /// All allocations of seats.
        seat_allocations: SeatAllocation;
        /// A person.
        member, /// All persons, by name.
        members: Member;
        /// A membership.
        membership, /// All memberships.
        memberships: Membership;
        /// A council, commission, board, secretariat or outside body.
        commission, /// All councils, commissions, boards, secretariats and outside bodies.
        commissions: Commission;
        /// A session.
        session, /// All sessions, meetings, hearings and missions.
        sessions: Session;
        /// Someone's part in a session.
        attendance, /// All parts in sessions.
        attendances: Attendance;
        /// An act.
        decision, /// All acts.
        decisions: Decision;
        /// A step in a decision's life.
        stage, /// All steps in decisions' lives, by their place.
        stages: Stage;
        /// A position taken at a stage.
        stance, /// All positions taken at stages.
        stances: Stance;
        /// A tie between decisions.
        decision_relation, /// All ties between decisions.
        decision_relations: DecisionRelation;
        /// A document.
        document, /// All documents.
        documents: Document;
        /// A state of a web site.
        site_state, /// All states of web sites.
        site_states: SiteState;
    }
}
