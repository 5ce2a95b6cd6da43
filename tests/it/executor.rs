//! Behaviour of async-graphql that the server relies on.

use std::time::Duration;

use async_graphql::{EmptyMutation, EmptySubscription, Object, Result, Schema};

struct Query;

struct Slow;

#[Object]
impl Query {
    async fn late(&self) -> i32 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        1
    }

    async fn early(&self) -> i32 {
        2
    }

    async fn maybe(&self) -> Option<Slow> {
        Some(Slow)
    }
}

#[Object]
impl Slow {
    async fn list(&self) -> Vec<Broken> {
        vec![Broken, Broken]
    }

    async fn fine(&self) -> i32 {
        3
    }
}

struct Broken;

#[Object]
impl Broken {
    #[expect(clippy::unused_async, reason = "a resolver")]
    async fn must(&self) -> Result<i32> {
        Err("broken".into())
    }
}

fn schema() -> Schema<Query, EmptyMutation, EmptySubscription> {
    Schema::new(Query, EmptyMutation, EmptySubscription)
}

#[tokio::test(start_paused = true)]
async fn fields_are_returned_in_the_order_of_the_selection() {
    let response = schema().execute("{ late early again: late }").await;
    assert_eq!(serde_json::to_string(&response.data).unwrap(), r#"{"late":1,"early":2,"again":1}"#);
}

#[tokio::test]
async fn an_error_of_a_non_null_field_nulls_the_nearest_nullable_parent() {
    let response = schema().execute("{ early maybe { fine list { must } } }").await;
    assert_eq!(serde_json::to_string(&response.data).unwrap(), r#"{"early":2,"maybe":null}"#);
    assert_eq!(response.errors.len(), 1);
}

/// A bug: the default is `true`. The server therefore adds defaults to the variables of a request.
#[tokio::test]
async fn the_executor_ignores_defaults_of_variables_in_directives() {
    let query = "query($brief: Boolean = true) { early @skip(if: $brief) again: early }";
    let response = schema().execute(query).await;
    assert_eq!(serde_json::to_string(&response.data).unwrap(), r#"{"early":2,"again":2}"#);
}
