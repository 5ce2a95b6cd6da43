//! The contract in Rust: one file a GraphQL object; and the one way to execute a request.

use std::sync::Arc;

use async_graphql::{
    EmptyMutation, EmptySubscription, Request, Response, ServerError, parser::parse_query,
};
use chrono::NaiveDate;
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::DatabaseConnection;

use crate::graph::{
    Error, Graph,
    cost::{self, Bill, Contract, DEEPEST_NESTING},
    error,
    snapshot::{Plan, Snapshot},
};

#[macro_use]
pub mod listed;
#[macro_use]
pub mod record;

pub mod assembly;
pub mod attendance;
pub mod chamber;
pub mod claim;
pub mod commission;
pub mod composition;
pub mod contradiction;
pub mod count;
pub mod decision;
pub mod decision_relation;
pub mod delegation;
pub mod document;
pub mod instant;
pub mod legislative_period;
pub mod member;
pub mod membership;
pub mod name;
pub mod parliament;
pub mod participation;
pub mod political_group;
pub mod query;
pub mod search;
pub mod seat_allocation;
pub mod service;
pub mod session;
pub mod site_state;
pub mod spell;
pub mod stage;
pub mod stance;
pub mod state;

/// The schema that requests run against, and what there is to know of it to reckon their cost.
#[derive(Clone)]
pub struct Schema {
    graphql: GraphQl,
    contract: Arc<Contract>,
}

type GraphQl = async_graphql::Schema<query::Query, EmptyMutation, EmptySubscription>;

/// Levels of selection that a document may nest: twelve steps through the graph, each with its
/// connection, and introspection.
const DEEPEST: usize = 48;

/// Fields that cost more than one each time that they are answered.
const WEIGHTS: [(&str, u64); 3] = [("counts", 100), ("series", 500), ("search", 200)];

pub fn schema() -> Schema {
    let graphql = graphql();
    let contract = Arc::new(Contract::new(&graphql.sdl(), &WEIGHTS));
    Schema { graphql, contract }
}

fn graphql() -> GraphQl {
    GraphQl::build(query::Query, EmptyMutation, EmptySubscription)
        .register_output_type::<record::AnyNode>()
        .register_output_type::<record::Organization>()
        .limit_depth(DEEPEST)
        .limit_recursive_depth(DEEPEST_NESTING)
        .finish()
}

/// The contract, as `schema.graphql` has it.
pub fn sdl() -> String {
    let sorted = async_graphql::SDLExportOptions::new().prefer_single_line_descriptions();
    graphql().sdl_with_options(sorted)
}

/// Answers one request from one state of the data; `extensions.cost` says what it costs by the rule
/// of [`cost`], `extensions.statements` how many SQL statements it took. What costs too much does
/// not run. What is current is so on the day `today`.
///
/// Boxed, so that the resolvers are compiled here and not in each crate that asks.
pub fn execute<'a>(
    schema: &'a Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
) -> BoxFuture<'a, Response> {
    let graph = Arc::new(Graph::new(Snapshot::new(database.clone()), today));
    answer(schema, graph, request)
}

/// The same, and how the store goes about each statement.
pub async fn explain(
    schema: &Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
) -> (Response, Vec<Plan>) {
    let graph = Arc::new(Graph::new(Snapshot::explained(database.clone()), today));
    let response = answer(schema, graph.clone(), request).await;
    (response, graph.plans())
}

fn answer(schema: &Schema, graph: Arc<Graph>, mut request: Request) -> BoxFuture<'_, Response> {
    let operation = request.operation_name.clone();
    async move {
        let (cost, mut response) = match schema.bill(&mut request) {
            Err(unreadable) => (None, Response::from_errors(vec![unreadable])),
            Ok(Bill { cost, refused: Some((wrong, at)) }) => {
                let error = async_graphql::Error::from(Error::from(wrong));
                (Some(cost), Response::from_errors(vec![error.into_server_error(at)]))
            }
            Ok(Bill { cost, refused: None }) => {
                let request = request.data(graph.clone());
                (Some(cost), graph.drive(schema.graphql.execute(request)).await)
            }
        };
        error::mask(&mut response, operation.as_deref());
        if let Some(cost) = cost {
            response = response.extension("cost", cost.into());
        }
        response.extension("statements", graph.statements().into())
    }
    .boxed()
}

impl Schema {
    /// What a request costs, once it is parsed and has the defaults of its variables.
    fn bill(&self, request: &mut Request) -> Result<Bill, ServerError> {
        let document = parse_query(&request.query)?;
        let operation = request.operation_name.as_deref();
        let missing = cost::fill(&mut request.variables, &document, operation);
        let mut bill = self.contract.bill(&document, operation, &request.variables);
        bill.refused = bill.refused.or(missing);
        request.set_parsed_query(document);
        Ok(bill)
    }
}
