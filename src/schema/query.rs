//! The root fields.

use std::sync::Arc;

use async_graphql::{Context, ID as GraphId, Object};
use entity::{
    Id, RecordKind, contradiction,
    contradiction::{ContradictionKind, ContradictionStatus},
    contradiction_assembly, contradiction_record, entity as registry, identifier,
};
use futures_util::future::join_all;
use sea_orm::ActiveEnum;

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
    legislative_period::LegislativePeriod,
    member::Member,
    membership::Membership,
    name::Identifier,
    parliament::Parliament,
    participation::Participation,
    political_group::PoliticalGroup,
    record::{
        AnyNode, Record, by_slug, find_record, kind_of, record, registered, registered_as,
        registry_row,
    },
    search::{SearchConnection, search},
    seat_allocation::SeatAllocation,
    service::Service,
    session::Session,
    site_state::SiteState,
    stage::Stage,
    stance::Stance,
    state::State,
};
use crate::graph::{
    BadInput, Connection, Day, Edge, GlobalId, GraphContext, ID, List, Maybe, Result, View, When,
    batch::Of, filter::Filter, order::OrderBy,
};

pub struct Query;

/// The object that an id names, or the one that it was merged into; as of the date in the id.
async fn node(ctx: &Context<'_>, argument: &'static str, id: &GraphId) -> Result<Option<AnyNode>> {
    let global = GlobalId::parse(argument, id, ctx.graph().today())?;
    let view = ctx.at(global.moment);
    Ok(match global.kind.as_str() {
        "Claim" => view.find(ID, global.key).await?.map(Claim::into),
        "Contradiction" => view.find(ID, global.key).await?.map(Contradiction::into),
        name => {
            let kind = kind_of(name).ok_or_else(|| GlobalId::unknown(argument, id))?;
            match find_record(view, kind, global.key).await? {
                Some(found) => Some(found.into()),
                None => merged(ctx, view, global.key).await?.map(Record::into),
            }
        }
    })
}

/// The record that another one was found to be the same as.
async fn merged(ctx: &Context<'_>, view: View<'_>, id: Id) -> Result<Option<Record>> {
    let row = registry_row(ctx, id).await?;
    let Some(survivor) = row.and_then(|row| row.merged_into_id) else { return Ok(None) };
    let survivor = registered(ctx, survivor).await?;
    find_record(view, survivor.kind, survivor.id).await
}

/// The root fields: under `one`, a record by its slug; under `pages` and `lives` lists,
/// as in `object!`.
macro_rules! query {
    (
        { $($body:tt)* }
        one { $($(#[$one_doc:meta])* $one:ident: $one_node:ident;)* }
        pages { $($(#[$pages_doc:meta])* $pages:ident: $pages_node:ident;)* }
        lives { $($(#[$lives_doc:meta])* $lives:ident: $lives_node:ident;)* }
    ) => {
        /// Inter-parliamentary assemblies: who belongs to them, who sits in them, what they decide,
        /// as of any date, and where each fact comes from.
        #[Object]
        impl Query {
            $($body)*

            $(
                $(#[$one_doc])*
                async fn $one(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "Its slug, or one that it went by.")] slug: String,
                    #[graphql(desc = "The date to read it and all below it at; today where it is \
                        left out.")]
                    as_of: Option<Day>,
                ) -> Maybe<$one_node> {
                    Maybe::of(async { by_slug(ctx, ctx.as_of(as_of), &slug).await }).await
                }
            )*

            $(
                $(#[$pages_doc])*
                async fn $pages(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing \
                        is said.")]
                    first: Option<i32>,
                    #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
                    #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
                    #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
                    #[graphql(desc = "Only rows that pass. What is null in it is as if left out.")]
                    filter: Option<$crate::graph::filter::Filter<$pages_node>>,
                    #[graphql(desc = "The keys to order by, the first first; rows that are equal \
                        by all come in a fixed order.")]
                    order_by: Option<Vec<$crate::graph::order::OrderBy<$pages_node>>>,
                    #[graphql(desc = "The date to read it and all below it at; today where it is \
                        left out.")]
                    as_of: Option<Day>,
                ) -> Maybe<Connection<$pages_node>> {
                    let list = List::of(ctx, first, after, last, before).asked(filter, order_by);
                    ctx.as_of(as_of).all(list).await.into()
                }
            )*

            $(
                $(#[$lives_doc])*
                async fn $lives(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing \
                        is said.")]
                    first: Option<i32>,
                    #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
                    #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
                    #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
                    #[graphql(desc = "Only rows that pass. What is null in it is as if left out.")]
                    filter: Option<$crate::graph::filter::Filter<$lives_node>>,
                    #[graphql(desc = "The keys to order by, the first first; rows that are equal \
                        by all come in a fixed order.")]
                    order_by: Option<Vec<$crate::graph::order::OrderBy<$lives_node>>>,
                    #[graphql(desc = "The date to read it and all below it at; today where it is \
                        left out.")]
                    as_of: Option<Day>,
                    #[graphql(
                        default_with = "Some(false)",
                        desc = "All spells, past and to come too, not only those of the date."
                    )]
                    history: Option<bool>,
                ) -> Maybe<Connection<$lives_node>> {
                    let when = When::of(as_of, history);
                    let list = List::of(ctx, first, after, last, before).asked(filter, order_by).when(when);
                    ctx.as_of(None).all(list).await.into()
                }
            )*
        }
    };
}

/// The record, of a kind or of any, that an argument names by its slug or its id.
async fn named(
    ctx: &Context<'_>,
    argument: &'static str,
    name: &str,
    kind: Option<RecordKind>,
) -> Result<Id> {
    let id = GraphId::from(name);
    let found = match GlobalId::parse(argument, &id, ctx.graph().today()) {
        Ok(global) if kind_of(&global.kind).is_some() => registry_row(ctx, global.key).await?,
        _ => registered_as(ctx, name).await?,
    };
    let fits = |row: &Arc<registry::Model>| kind.is_none_or(|kind| kind == row.kind);
    let what = if kind == Some(RecordKind::Assembly) { "assembly" } else { "record" };
    let got = || name.chars().take(80).collect();
    match found.filter(fits) {
        Some(row) => Ok(row.merged_into_id.unwrap_or(row.id)),
        None => Err(BadInput::Unknown { argument, what, got: got() }.into()),
    }
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
        ) -> Maybe<Vec<Maybe<AnyNode>>> {
            async {
                BadInput::too_many("ids", ids.len())?;
                Ok(join_all(ids.iter().map(|id| Maybe::of(node(ctx, "ids", id)))).await)
            }
            .await
            .into()
        }

        /// The record that another register calls by this identifier.
        async fn lookup(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The register, such as `iso-3166-1-alpha-2`.")] scheme: String,
            #[graphql(desc = "What it calls the record.")] value: String,
            #[graphql(desc = "The date to read it and all below it at; today where it is \
                left out.")]
            as_of: Option<Day>,
        ) -> Maybe<Record> {
            Maybe::of(async {
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

        /// A country.
        async fn state(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "ISO 3166-1 alpha-2 code, in capitals or not.")] code: String,
            #[graphql(desc = "The date to read it and all below it at; today where it is \
                left out.")]
            as_of: Option<Day>,
        ) -> Maybe<State> {
            let code = code.to_ascii_uppercase();
            Maybe::of(async { ctx.as_of(as_of).find("code", code.as_str()).await }).await
        }

        /// A contradiction between claims.
        async fn contradiction(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Its slug.")] slug: String,
            #[graphql(desc = "The date to read it and all below it at; today where it is \
                left out.")]
            as_of: Option<Day>,
        ) -> Maybe<Contradiction> {
            Maybe::of(async { ctx.as_of(as_of).find("slug", slug.as_str()).await }).await
        }

        /// Contradictions between claims: all, or those that fit every argument given.
        async fn contradictions(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing \
                is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
            #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
            #[graphql(desc = "Only rows that pass. What is null in it is as if left out.")] filter: Option<Filter<Contradiction>>,
            #[graphql(desc = "The keys to order by, the first first; rows that are equal by all \
                come in a fixed order.")]
            order_by: Option<Vec<OrderBy<Contradiction>>>,
            #[graphql(desc = "The date to read it and all below it at; today where it is \
                left out.")]
            as_of: Option<Day>,
            #[graphql(desc = "Slug or id of an assembly that they touch.")]
            assembly: Option<String>,
            #[graphql(desc = "Slug or id of a record that they are about.")] record: Option<String>,
            #[graphql(desc = "In what way the claims exclude each other.")] kind: Option<
                Vec<ContradictionKind>,
            >,
            #[graphql(desc = "Whether somebody has explained them.")] status: Option<
                Vec<ContradictionStatus>,
            >,
        ) -> Maybe<Connection<Contradiction>> {
            let list = List::of(ctx, first, after, last, before).asked(filter, order_by);
            async {
                let mut edge = Edge::ALL;
                if let Some(assembly) = assembly {
                    let id = named(ctx, "assembly", &assembly, Some(RecordKind::Assembly)).await?;
                    use contradiction_assembly::Column;
                    edge = edge.tied(Column::AssemblyId, Column::ContradictionId, id);
                }
                if let Some(record) = record {
                    let id = named(ctx, "record", &record, None).await?;
                    use contradiction_record::Column;
                    edge = edge.tied(Column::RecordId, Column::ContradictionId, id);
                }
                if let Some(kinds) = kind {
                    edge = edge.only(contradiction::Column::Kind, words("kind", &kinds)?);
                }
                if let Some(statuses) = status {
                    edge = edge.only(contradiction::Column::Status, words("status", &statuses)?);
                }
                ctx.as_of(as_of).under(edge, Of::All, list).await
            }
            .await
            .into()
        }

        /// Records by their names and titles, in whatever script and spelling, the best first: each
        /// word begins a word of the text, or sounds as one begins. Slugs and identifiers find
        /// their record by the whole.
        async fn search(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "What to look for: at most 10 words and 200 characters.")]
            query: String,
            #[graphql(desc = "Only records of these kinds.")] kinds: Option<Vec<RecordKind>>,
            #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing \
                is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
            #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
            #[graphql(desc = "The date to read it and all below it at; today where it is \
                left out.")]
            as_of: Option<Day>,
        ) -> Maybe<SearchConnection> {
            let list = List::of(ctx, first, after, last, before);
            search(ctx.as_of(as_of), &query, kinds, list).await.into()
        }

        /// What the server says of itself and of its data.
        async fn service(&self) -> Service {
            Service
        }
    }
    one {
        /// An assembly.
        assembly: Assembly;
        /// A standing in an assembly.
        participation: Participation;
        /// A parliament.
        parliament: Parliament;
        /// A house of a parliament.
        chamber: Chamber;
        /// A delegation.
        delegation: Delegation;
        /// The seats of one chamber in one delegation.
        seat_allocation: SeatAllocation;
        /// A person.
        member: Member;
        /// A membership.
        membership: Membership;
        /// A council, commission, board, secretariat or outside body.
        commission: Commission;
        /// A party or a faction.
        political_group: PoliticalGroup;
        /// A period for which a parliament or a chamber is elected.
        legislative_period: LegislativePeriod;
        /// A session.
        session: Session;
        /// Someone's part in a session.
        attendance: Attendance;
        /// An act.
        decision: Decision;
        /// A step in a decision's life.
        stage: Stage;
        /// A position taken at a stage.
        stance: Stance;
        /// A tie between decisions.
        decision_relation: DecisionRelation;
        /// A document.
        document: Document;
        /// A state of a web site.
        site_state: SiteState;
    }
    pages {
        /// All countries, by code.
        states: State;
        /// All persons, by name.
        members: Member;
        /// All periods for which parliaments and chambers are elected.
        legislative_periods: LegislativePeriod;
        /// All sessions, meetings, hearings and missions.
        sessions: Session;
        /// All parts in sessions.
        attendances: Attendance;
        /// All acts.
        decisions: Decision;
        /// All steps in decisions' lives, by their place.
        stages: Stage;
        /// All positions taken at stages.
        stances: Stance;
        /// All ties between decisions.
        decision_relations: DecisionRelation;
        /// All documents.
        documents: Document;
        /// All states of web sites.
        site_states: SiteState;
    }
    lives {
        /// All assemblies.
        assemblies: Assembly;
        /// All parliaments.
        parliaments: Parliament;
        /// All houses of parliaments.
        chambers: Chamber;
        /// All delegations.
        delegations: Delegation;
        /// All councils, commissions, boards, secretariats and outside bodies.
        commissions: Commission;
        /// All parties and factions.
        political_groups: PoliticalGroup;
        /// All standings in assemblies.
        participations: Participation;
        /// All allocations of seats.
        seat_allocations: SeatAllocation;
        /// All memberships.
        memberships: Membership;
    }
}

/// The words of an enumeration that a condition takes.
fn words<E: ActiveEnum<Value = String>>(
    argument: &'static str,
    words: &[E],
) -> Result<Vec<String>> {
    BadInput::too_many(argument, words.len())?;
    Ok(words.iter().map(ActiveEnum::to_value).collect())
}
