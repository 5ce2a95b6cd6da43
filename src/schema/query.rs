//! The root fields.

use async_graphql::{Context, ID, Object};
use entity::identifier;
use futures_util::future::try_join_all;

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
    record::{AnyNode, Record, by_slug, find_record, kind_of, record, registered},
    seat_allocation::SeatAllocation,
    service::Service,
    session::Session,
    site_state::SiteState,
    stage::Stage,
    stance::Stance,
    state::State,
};
use crate::graph::{
    BadInput, Connection, Edge, GlobalId, GraphContext, List, Node, Result, page::LARGEST_PAGE,
};

pub struct Query;

/// The object that an id names, or the one that it was merged into.
async fn node(ctx: &Context<'_>, argument: &'static str, id: &ID) -> Result<Option<AnyNode>> {
    let global = GlobalId::parse(argument, id)?;
    Ok(match global.kind.as_str() {
        "Claim" => ctx.graph().find(Claim::key(), global.key).await?.map(Claim::into),
        "Contradiction" => {
            ctx.graph().find(Contradiction::key(), global.key).await?.map(Contradiction::into)
        }
        name => {
            let kind = kind_of(name).ok_or_else(|| GlobalId::unknown(argument, id))?;
            find_record(ctx, kind, global.key).await?.map(Record::into)
        }
    })
}

macro_rules! query {
    (
        $($(#[$doc:meta])* $one:ident, $(#[$docs:meta])* $many:ident: $node:ident of $table:ident;)*
        { $($body:tt)* }
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
                ) -> Result<Option<$node>> {
                    by_slug(ctx, entity::$table::Column::Slug, &slug).await
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
                    ctx.graph().all(List { first, after, last, before }).await
                }
            )*
        }
    };
}

query! {
    /// An assembly.
    assembly, /// All assemblies.
    assemblies: Assembly of assembly;
    /// A standing in an assembly.
    participation, /// All standings in assemblies.
    participations: Participation of participation;
    /// A parliament.
    parliament, /// All parliaments.
    parliaments: Parliament of parliament;
    /// A house of a parliament.
    chamber, /// All houses of parliaments.
    chambers: Chamber of chamber;
    /// A delegation.
    delegation, /// All delegations.
    delegations: Delegation of delegation;
    /// The seats of one chamber in one delegation.
    seat_allocation, /// All allocations of seats.
    seat_allocations: SeatAllocation of seat_allocation;
    /// A person.
    member, /// All persons, by name.
    members: Member of member;
    /// A membership.
    membership, /// All memberships.
    memberships: Membership of membership;
    /// A council, commission, board, secretariat or outside body.
    commission, /// All councils, commissions, boards, secretariats and outside bodies.
    commissions: Commission of commission;
    /// A session.
    session, /// All sessions, meetings, hearings and missions.
    sessions: Session of session;
    /// Someone's part in a session.
    attendance, /// All parts in sessions.
    attendances: Attendance of attendance;
    /// An act.
    decision, /// All acts.
    decisions: Decision of decision;
    /// A step in a decision's life.
    stage, /// All steps in decisions' lives, by their place.
    stages: Stage of stage;
    /// A position taken at a stage.
    stance, /// All positions taken at stages.
    stances: Stance of stance;
    /// A tie between decisions.
    decision_relation, /// All ties between decisions.
    decision_relations: DecisionRelation of decision_relation;
    /// A document.
    document, /// All documents.
    documents: Document of document;
    /// A state of a web site.
    site_state, /// All states of web sites.
    site_states: SiteState of site_state;
    {
        /// The object with an id.
        async fn node(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "An id that this server gave.")] id: ID,
        ) -> Result<Option<AnyNode>> {
            node(ctx, "id", &id).await
        }

        /// The objects with these ids, in the same order; null where there is none.
        async fn nodes(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Ids that this server gave, at most 100.")] ids: Vec<ID>,
        ) -> Result<Vec<Option<AnyNode>>> {
            if ids.len() > LARGEST_PAGE {
                let (got, most) = (ids.len(), LARGEST_PAGE);
                return Err(BadInput::TooMany { argument: "ids", got, most }.into());
            }
            try_join_all(ids.iter().map(|id| node(ctx, "ids", id))).await
        }

        /// The record that another register calls by this identifier.
        async fn lookup(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The register, such as `iso-3166-1-alpha-2`.")] scheme: String,
            #[graphql(desc = "What it calls the record.")] value: String,
        ) -> Result<Option<Record>> {
            let named = Edge::key(identifier::Column::Value)
                .only(identifier::Column::Scheme, [scheme]);
            let found: Vec<Identifier> = ctx.graph().list(named, value.as_str()).await?;
            let Some(found) = found.first() else { return Ok(None) };
            let registered = registered(ctx, found.0.record_id).await?;
            record(ctx, registered.kind, registered.id).await.map(Some)
        }

        /// A country.
        async fn state(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "ISO 3166-1 alpha-2 code, in capitals or not.")] code: String,
        ) -> Result<Option<State>> {
            let code = code.to_ascii_uppercase();
            ctx.graph().find(entity::state::Column::Code, code.as_str()).await
        }

        /// All countries, by code.
        async fn states(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
            #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        ) -> Result<Connection<State>> {
            ctx.graph().all(List { first, after, last, before }).await
        }

        /// All contradictions between claims.
        async fn contradictions(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
            #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        ) -> Result<Connection<Contradiction>> {
            ctx.graph().all(List { first, after, last, before }).await
        }

        /// What the server says of itself and of its data.
        async fn service(&self) -> Service {
            Service
        }
    }
}
