//! The cost of documents: reported with each response, and rejected above the maximum.

use std::{collections::BTreeMap, fmt::Write};

use assembly_graph::{limits::MAX_COST, schema};
use async_graphql::{Request, Variables};
use query_guard::{Costs, Schema, parse};
use serde_json::{Value, json};

use crate::{
    schema::types,
    world::{Store, World, test_each_store},
};

fn cost(response: &Value) -> u64 {
    response["extensions"]["cost"].as_u64().unwrap()
}

fn code(response: &Value) -> &str {
    response["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

/// The introspection query of explorers and code generators.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema {
    description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
    fragment FullType on __Type { kind name description specifiedByURL isOneOf
        fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue }
            type { ...TypeRef } isDeprecated deprecationReason }
        inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
        enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
        possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
        kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name } } } } } } } } } }";

#[tokio::test]
async fn introspection_costs_less_than_half_of_the_limit() {
    let world = World::empty(Store::Sqlite).await;
    let response = world.execute(INTROSPECTION).await;
    assert_eq!(response.get("errors"), None);
    println!("full introspection costs {}", cost(&response));
    assert!(cost(&response) < MAX_COST / 2);
    // Repeated it costs the same; twenty in one document cost too much.
    assert_eq!(world.execute(INTROSPECTION).await, response);
    let (complete, fragments) = INTROSPECTION.split_once("__schema").unwrap();
    let (one, fragments) = fragments.split_once("fragment FullType").unwrap();
    let one = one.trim_end().strip_suffix('}').unwrap();
    let many: String = (0..20).map(|at| format!("a{at}: __schema{one} ")).collect();
    let many = format!("{complete} {many} }} fragment FullType{fragments}");
    assert_eq!(code(&world.execute(&many).await), "LIMIT_EXCEEDED");
    // Types refer to types: a few levels select each type thousands of times.
    let deep = (0..5).fold("name".to_owned(), |below, _| {
        format!("possibleTypes {{ interfaces {{ {below} }} }}")
    });
    let response = world.execute(&format!("{{ __schema {{ types {{ {deep} }} }} }}")).await;
    assert_eq!(code(&response), "LIMIT_EXCEEDED");
    world.end().await;
}

async fn a_query_that_exceeds_the_maximum_cost_executes_no_statement(store: Store) {
    let world = World::sample(store).await;
    let query = |rows: usize| {
        format!(
            "{{ states(first: {rows}) {{ nodes {{ all: participations(first: {rows}) {{ nodes {{
                assembly {{ sessions(first: {rows}) {{ nodes {{ name }} }} }} }} }} }} }} }}"
        )
    };
    let response = world.execute(&query(100)).await;
    let error = &response["errors"][0];
    assert_eq!(response["data"], Value::Null);
    assert_eq!(response["extensions"]["statements"], 0);
    assert_eq!(response["errors"].as_array().unwrap().len(), 1);
    assert_eq!(code(&response), "LIMIT_EXCEEDED");
    assert_eq!(error["extensions"]["value"], cost(&response));
    assert_eq!(error["extensions"]["limit"], MAX_COST);
    let field = "states.nodes.all.nodes.assembly.sessions.nodes";
    assert_eq!(error["extensions"]["field"], field);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(field), "{message}");
    let limits = world.data("{ service { limits { maxCost } } }").await;
    assert_eq!(limits["service"]["limits"]["maxCost"], MAX_COST);
    let response = world.execute(&query(20)).await;
    assert_eq!(response.get("errors"), None);
    assert!(response["extensions"]["statements"].as_u64().unwrap() > 0);
    world.end().await;
}

test_each_store!(a_query_that_exceeds_the_maximum_cost_executes_no_statement);

/// Twelve steps through the graph, and ten thousand leaf fields.
#[tokio::test]
async fn large_legitimate_queries_are_accepted() {
    let world = World::sample(Store::Sqlite).await;
    let steps = "assembly(slug: \"assembly-0\") { delegations(first: 10) { nodes { parliament { chambers {
        memberships(first: 2) { nodes { member { memberships(first: 2) { nodes { organization {
            sources { claimsMade(first: 5) { nodes { record { contradictions { claims { value } } } } } }
        } } } } } } } } } } }";
    let response = world.execute(&format!("{{ {steps} }}")).await;
    assert_eq!(response.get("errors"), None, "{response}");
    let many: String =
        (0..100).map(|at| format!("a{at}: id b{at}: slug c{at}: name d{at}: code ")).collect();
    let response =
        world.execute(&format!("{{ states(first: 25) {{ nodes {{ {many} }} }} }}")).await;
    assert_eq!(response.get("errors"), None, "{:?}", response["errors"][0]);
    let states = response["data"]["states"]["nodes"].as_array().unwrap();
    let leaves = states.iter().map(|state| state.as_object().unwrap().len());
    assert_eq!(leaves.sum::<usize>(), 400 * states.len());
    assert_eq!(cost(&response), 2 + 25 * 400);
    world.end().await;
}

/// Sixty levels of fragments, each of which spreads the next one twice: 2^60 selections.
fn bomb(leaf: &str) -> String {
    let mut text = String::new();
    for level in 0..60 {
        write!(text, "fragment f{level} on Query {{ ...f{0} ...f{0} }} ", level + 1).unwrap();
    }
    format!("{text} fragment f60 on Query {{ {leaf} }}")
}

#[tokio::test]
async fn fragment_bombs_and_cycles_are_rejected() {
    let world = World::empty(Store::Sqlite).await;
    let chain: String = (0..5_000)
        .map(|link| format!("fragment f{link} on Query {{ ...f{} }} ", link + 1))
        .collect();
    let cycle = "fragment a on State { participations(first: 100) { nodes { participant { ...a ...a } } } }";
    for (what, query, expected) in [
        ("fields", format!("{{ ...f0 }} {}", bomb("__typename")), "LIMIT_EXCEEDED"),
        ("nothing", format!("{{ ...f0 }} {}", bomb("...none")), "GRAPHQL_VALIDATION_FAILED"),
        (
            "skipped",
            format!("{{ ...f0 }} {}", bomb("__typename @skip(if: true)")),
            "LIMIT_EXCEEDED",
        ),
        (
            "of the schema",
            format!(
                "{{ __schema {{ ...f0 }} }} {}",
                bomb("description").replace("on Query", "on __Schema")
            ),
            "LIMIT_EXCEEDED",
        ),
        (
            "of a type",
            format!(
                "{{ __type(name: \"Member\") {{ ...f0 }} }} {}",
                bomb("fields { name }").replace("on Query", "on __Type")
            ),
            "LIMIT_EXCEEDED",
        ),
        (
            "the schema 480 times",
            format!(
                "{{ {} }} fragment f on __Schema {{ types {{ fields {{ name args {{ name }} }} }} }}",
                (0..480).map(|at| format!("a{at}: __schema {{ ...f }} ")).collect::<String>()
            ),
            "LIMIT_EXCEEDED",
        ),
        (
            "levels of types",
            format!(
                "{{ __type(name: \"Node\") {{ ...f0 }} }} {} fragment f40 on __Type {{ name }}",
                (0..40)
                    .map(|at| {
                        let (open, close) = ("possibleTypes { interfaces { ", " } }");
                        let (open, close) = (open.repeat(40), close.repeat(40));
                        format!("fragment f{at} on __Type {{ {open} ...f{} {close} }} ", at + 1)
                    })
                    .collect::<String>()
            ),
            "LIMIT_EXCEEDED",
        ),
        ("chain", format!("{{ __typename }} {chain}"), "LIMIT_EXCEEDED"),
        (
            "cycle",
            format!("{{ states(first: 1) {{ nodes {{ ...a }} }} }} {cycle}"),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("itself", "{ ...a } fragment a on Query { ...a }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        (
            "both",
            "{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ...a ...a }"
                .to_owned(),
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        let response = world.execute(&query).await;
        assert_eq!(code(&response), expected, "{what}: {response}");
        assert!(!response["errors"].as_array().unwrap().is_empty(), "{what}");
        assert_eq!(response["extensions"]["statements"], 0, "{what}");
    }
    // A field that is repeated costs once, and is collected once for all types.
    let repeated =
        format!("{{ __schema {{ types {{ fields {{ {} }} }} }} }}", "name ".repeat(18_000));
    assert_eq!(world.execute(&repeated).await.get("errors"), None);
    // An operation that does not run costs nothing.
    let elsewhere = format!("query b {{ ...f0 }} query a {{ __typename }} {}", bomb("__typename"));
    let response = world.run(Request::new(elsewhere).operation_name("a")).await;
    assert!(response.is_ok(), "{:?}", response.errors);
    world.end().await;
}

#[tokio::test]
async fn the_cost_is_that_of_the_selected_operation() {
    let world = World::empty(Store::Sqlite).await;
    let two = "query small { states(first: 2) { nodes { id } } }
        query large { states(first: 100) { nodes { participations(first: 100) { nodes {
            attendances: assembly { sessions(first: 100) { nodes { id } } } } } } } }";
    let query = async |name: &str| {
        let request = Request::new(two).operation_name(name);
        serde_json::to_value(world.run(request).await).unwrap()
    };
    let small = query("small").await;
    assert_eq!((small.get("errors"), cost(&small)), (None, 2 + 2));
    assert_eq!(code(&query("large").await), "LIMIT_EXCEEDED");
    let neither = query("neither").await;
    let message =
        "Operation \"neither\" does not exist; the document defines \"small\", \"large\".";
    assert_eq!(neither["errors"][0]["message"], message);
    assert_eq!(code(&neither), "GRAPHQL_VALIDATION_FAILED");
    world.end().await;
}

#[tokio::test]
async fn invalid_page_sizes_are_rejected() {
    let world = World::empty(Store::Sqlite).await;
    let query = "query($n: Int) { states(first: $n) { nodes { id } } }";
    for (size, rows) in [(-1, 0), (101, 100), (i32::MIN, 0), (i32::MAX, 100)] {
        let response = world.execute_with(query, json!({ "n": size })).await;
        assert_eq!(code(&response), "BAD_USER_INPUT", "{size}: {response}");
        assert_eq!(cost(&response), 2 + rows, "{size}");
    }
    // A value of another type is rejected before the cost is computed.
    let response = world.execute_with(query, json!({ "n": 10_000_000_000u64 })).await;
    assert_eq!((code(&response), response["extensions"].get("cost")), ("BAD_USER_INPUT", None));
    for (sent, rows) in [(json!({}), 20), (json!({ "n": null }), 20), (json!({ "n": 7 }), 7)] {
        let response = world.execute_with(query, sent).await;
        assert_eq!((response.get("errors"), cost(&response)), (None, 2 + rows));
    }
    world.end().await;
}

/// Only what is executed has a cost, also if a default value decides what is skipped.
#[tokio::test]
async fn directives_use_the_defaults_of_variables() {
    let world = World::sample(Store::Sqlite).await;
    let query = "query($skip: Boolean = true, $keep: Boolean! = true) {
        state(code: \"aa\") { slug @include(if: $keep) name @skip(if: $skip) } }";
    let response = world.execute(query).await;
    assert_eq!(response["data"]["state"], json!({ "slug": "state-0" }));
    assert_eq!(cost(&response), 2);
    let response = world.execute_with(query, json!({ "skip": false, "keep": false })).await;
    assert_eq!(response["data"]["state"].as_object().unwrap().len(), 1);
    assert_eq!(cost(&response), 2);
    world.end().await;
}

#[tokio::test]
async fn unknown_names_are_rejected_by_validation() {
    let world = World::empty(Store::Sqlite).await;
    for query in [
        "{ states { nodes { nothing } } }",
        "{ nothing { at { all } } }",
        "{ states(first: \"many\") { nodes { id } } }",
        "{ states { nodes { ... on Nobody { id } } } }",
        "{ ...nothing }",
        "mutation { states { nodes { id } } }",
        "query($n: Int) { states(first: $n, last: $m) { nodes { id } } }",
    ] {
        let response = world.execute(query).await;
        assert_eq!(code(&response), "GRAPHQL_VALIDATION_FAILED", "{query}: {response}");
    }
    let garbled = world.execute("{ states {").await;
    assert_eq!(garbled["extensions"], json!({ "statements": 0 }));
    world.end().await;
}

/// Lists without pages, because they are always short. A list with more than
/// `service.limits.maxListItems` items is an error.
const SHORT: [&str; 22] = [
    "added",
    "assemblies",
    "chambers",
    "claims",
    "claimsAbout",
    "contradictions",
    "counts",
    "highlights",
    "identifiers",
    "incomingRelations",
    "matches",
    "memberships",
    "names",
    "outgoingRelations",
    "parliaments",
    "records",
    "removed",
    "seats",
    "sources",
    "stages",
    "stances",
    "titles",
];

#[tokio::test]
async fn every_list_is_bounded_and_its_cost_grows_with_its_length() {
    let world = World::empty(Store::Sqlite).await;
    let types = types(&world).await;
    world.end().await;
    let schema = Schema::new(&schema::sdl(), &[]).unwrap();
    let costs = Costs { weights: &[], ..schema::COSTS };
    // The selection need not be executable: only its cost is tested.
    let cost = |text: String| {
        let document = parse(&text).unwrap();
        costs.compute(&schema, &document, &document.operations[0], &Variables::default()).total
    };
    let mut unbounded = Vec::new();
    let (mut pages, mut short) = (0, BTreeMap::new());
    for one in types.iter().filter(|one| !one["fields"].is_null()) {
        let ty = one["name"].as_str().unwrap();
        for field in one["fields"].as_array().unwrap() {
            let name = field["name"].as_str().unwrap();
            let args = field["args"].as_array().unwrap();
            let arg = |name: &str| args.iter().find(|arg| arg["name"] == name);
            let of =
                |selection: &str| cost(format!("{{ ...f }} fragment f on {ty} {{ {selection} }}"));
            if arg("first").is_some() && !is_list(&field["type"]) {
                let page = |size: &str| of(&format!("{name}{size} {{ nodes {{ __typename }} }}"));
                let least = page("(first: 0)");
                let bounded = page("(first: 1)") == least + 1
                    && page("(last: 100)") == least + 100
                    && page("") == least + 20;
                assert!(bounded, "{ty}.{name} does not cost by its page");
                pages += 1;
                continue;
            }
            if !is_list(&field["type"]) || ty.ends_with("Connection") {
                continue;
            }
            let values =
                args.iter().find(|arg| is_list(&arg["type"]) && arg["type"]["kind"] == "NON_NULL");
            match values.map(|arg| arg["name"].as_str().unwrap()) {
                Some(values) => {
                    let given = |values_given: &str| {
                        of(&format!("{name}({values}: [{values_given}]) {{ __typename }}"))
                    };
                    assert_eq!(given("1, 2, 3"), 1 + 3, "{ty}.{name} does not cost by its values");
                }
                None if SHORT.contains(&name) => {
                    assert_eq!(of(&format!("{name} {{ __typename }}")), 1 + 5, "{ty}.{name}");
                    *short.entry(name).or_insert(0) += 1;
                }
                None => unbounded.push(format!("{ty}.{name}")),
            }
        }
    }
    assert_eq!(
        unbounded,
        Vec::<String>::new(),
        "make a connection of each; only lists that are always short may be in `SHORT`",
    );
    assert!(short.keys().eq(SHORT.iter()), "`SHORT` contains names of no list: {short:?}");
    assert!(pages > 80, "only {pages} lists are paged");
}

fn is_list(mut ty: &Value) -> bool {
    while ty["kind"] == "NON_NULL" {
        ty = &ty["ofType"];
    }
    ty["kind"] == "LIST"
}

/// The cost of a list without pages is an estimate. For a record with many claims, each of which refers
/// to the record, the result would have millions of rows.
async fn cyclic_lists_have_a_bounded_result(store: Store) {
    let world = World::built_in(store).await;
    // The request ends at the first list that exceeds the maximum.
    let many: String = (0..100).map(|at| format!("a{at}: claimsAbout {{ id }} ")).collect();
    for last in ["claimsAbout { id }", "claimsAbout { record { claimsAbout { id } } }", &many] {
        let claims =
            format!("claimsAbout {{ record {{ claimsAbout {{ record {{ {last} }} }} }} }}");
        let query = format!(
            "{{ state(code: \"KG\") {{ name }} assembly(slug: \"csto-pa\") {{ {claims} }} }}"
        );
        let response = world.execute(&query).await;
        let [error] = response["errors"].as_array().unwrap().as_slice() else {
            panic!("one error, got {}", response["errors"]);
        };
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("has more than 100000 items"), "{message}");
        assert_eq!(error["extensions"]["code"], "LIMIT_EXCEEDED");
        assert_eq!(error["extensions"]["limit"], 100_000);
        assert_eq!((error.get("path"), &response["data"]), (None, &Value::Null));
    }
    world.end().await;
}

test_each_store!(cyclic_lists_have_a_bounded_result);

#[tokio::test]
async fn groups_cost_by_their_maximum_number() {
    let world = World::empty(Store::Sqlite).await;
    let query = async |first: &str| {
        let list = format!("{{ members {{ groups(by: ROLE{first}) {{ key count }} }} }}");
        cost(&world.execute(&list).await)
    };
    let none = query(", first: 0").await;
    assert_eq!(query(", first: 10").await, none + 10 * 2);
    assert_eq!(query("").await, none + 100 * 2);
    assert_eq!(query(", first: 1000").await, none + 1_000 * 2);
    world.end().await;
}
