//! The contract in Rust: one file a GraphQL object; and the one way to execute a request.

use std::sync::Arc;

use async_graphql::{EmptyMutation, EmptySubscription, Request, Response};
use chrono::NaiveDate;
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::DatabaseConnection;

use crate::graph::{
    Graph, error,
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
pub mod seat_allocation;
pub mod service;
pub mod session;
pub mod site_state;
pub mod spell;
pub mod stage;
pub mod stance;
pub mod state;

pub type Schema = async_graphql::Schema<query::Query, EmptyMutation, EmptySubscription>;

/// Levels of selection that a document may nest: twelve steps through the graph, each with its
/// connection, and introspection.
const DEEPEST: usize = 48;

pub fn schema() -> Schema {
    Schema::build(query::Query, EmptyMutation, EmptySubscription)
        .register_output_type::<record::AnyNode>()
        .register_output_type::<record::Organization>()
        .limit_depth(DEEPEST)
        .limit_recursive_depth(2 * DEEPEST)
        .finish()
}

/// The contract, as `schema.graphql` has it.
pub fn sdl() -> String {
    let sorted = async_graphql::SDLExportOptions::new().prefer_single_line_descriptions();
    schema().sdl_with_options(sorted)
}

/// Answers one request from one state of the data; `extensions.statements` says how many SQL
/// statements it cost. What is current is so on the day `today`.
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

fn answer(schema: &Schema, graph: Arc<Graph>, request: Request) -> BoxFuture<'_, Response> {
    let operation = request.operation_name.clone();
    async move {
        let request = request.data(graph.clone());
        let mut response = graph.drive(schema.execute(request)).await;
        error::mask(&mut response, operation.as_deref());
        response.extension("statements", graph.statements().into())
    }
    .boxed()
}
