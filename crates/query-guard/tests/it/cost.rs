use std::fmt::Write;

use query_guard::{Cost, Costs, ErrorKind, ListSize, Schema, Variables, coerce, parse};
use serde_json::{Value, json};

pub const SDL: &str = "
    interface Body implements Thing { id: ID! name: String! members(first: Int, last: Int): ManConnection! }
    interface Thing { id: ID! }
    type Club implements Body & Thing { id: ID! name: String! members(first: Int, last: Int): ManConnection!
        rooms: [Room!]! tags: [String!]! }
    type Room implements Thing { id: ID! name: String! }
    type Man implements Thing { id: ID! name: String! clubs(first: Int, last: Int, filter: ClubFilter,
        orderBy: [ClubOrder!]): ClubConnection! born: Day }
    type Day { text: String! }
    type ManConnection { nodes: [Man!]! edges: [ManEdge!]! pageInfo: PageInfo! totalCount: Int! }
    type ManEdge { cursor: String! node: Man! }
    type ClubConnection { nodes: [Club!]! pageInfo: PageInfo! totalCount: Int! }
    type PageInfo { endCursor: String }
    type Heavy { key: String! count: Int! }
    union Any = Club | Man
    input ClubFilter { and: [ClubFilter!] or: [ClubFilter!] not: ClubFilter name: TextFilter
        open: Boolean head: ManFilter parent: ClubFilter members: MenFilter }
    input ManFilter { name: TextFilter }
    input MenFilter { some: ManFilter none: ManFilter every: ManFilter }
    input TextFilter { eq: String in: [String!] }
    input ClubOrder { field: Int }
    type Query { man: Man men(first: Int, last: Int): ManConnection! body: Body any: Any
        things(ids: [ID!]!): [Thing]! heavy: [Heavy!]! }
    schema { query: Query }
";

const TOTAL: u64 = 20;
pub const COSTS: Costs = Costs {
    weights: &[("heavy", 50), ("totalCount", TOTAL)],
    pages: ListSize { arguments: &["first", "last"], default: 20, max: 100 },
    lists: ListSize { arguments: &["first"], default: 100, max: 1_000 },
    assumed_list_size: 5,
    max_list_values: 100,
    filter_argument: "filter",
    order_argument: "orderBy",
    max_cost: 250_000,
    max_fields: 50_000,
    max_depth: 48,
    max_nesting: 96,
    max_root_fields: 200,
};

fn schema() -> Schema {
    Schema::new(SDL, &[]).unwrap()
}

/// Returns the cost of an operation, valid or not.
fn compute(query: &str, variables: Value, operation: Option<&str>) -> Cost {
    let (schema, document) = (schema(), parse(query).unwrap());
    let operation = document.operation(operation).unwrap();
    let variables = coerce(&schema, operation, Variables::from_json(variables), true).unwrap();
    COSTS.compute(&schema, &document, operation, &variables)
}

fn cost(query: &str) -> u64 {
    compute(query, Value::Null, None).total
}

fn error(query: &str) -> ErrorKind {
    *compute(query, Value::Null, None).error.unwrap().kind
}

#[test]
fn a_field_costs_one_each_time_it_is_resolved() {
    assert_eq!(cost("{ man { id name born { text } } }"), 5);
    assert_eq!(cost("{ a: man { id } b: man { id } __typename }"), 5);
    assert_eq!(cost("{ men(first: 7) { nodes { id name } } }"), 2 + 7 * 2);
    assert_eq!(cost("{ men(last: 7) { edges { cursor node { id } } } }"), 2 + 7 * 3);
    assert_eq!(
        cost("{ men(first: 7) { nodes { id } edges { cursor } pageInfo { endCursor } } }"),
        5 + 7 * 2
    );
    assert_eq!(
        cost("{ men(first: 7) { nodes { clubs(last: 5) { nodes { id } } } } }"),
        2 + 7 * (2 + 5)
    );
}

#[test]
fn page_sizes_have_a_default_and_a_maximum() {
    assert_eq!(cost("{ men { nodes { id } } }"), 2 + 20);
    assert_eq!(cost("{ men(first: null) { nodes { id } } }"), 2 + 20);
    assert_eq!(cost("{ men(first: 0) { nodes { id } } }"), 2);
    assert_eq!(cost("{ men(first: -5) { nodes { id } } }"), 2);
    assert_eq!(cost("{ men(first: 2, last: 3) { nodes { id } } }"), 2 + 3);
    for huge in ["101", "2147483647", "9223372036854775807", "1e300"] {
        assert_eq!(
            cost(&format!("{{ men(first: {huge}) {{ nodes {{ id }} }} }}")),
            2 + 100,
            "{huge}"
        );
    }
}

#[test]
fn other_lists_have_an_assumed_size_or_one_item_per_value() {
    assert_eq!(
        cost("{ men(first: 1) { nodes { clubs(first: 1) { nodes { tags rooms { id } } } } } }"),
        4 + 2 + 5
    );
    assert_eq!(cost("{ things(ids: [1, 2, 3]) { id } }"), 1 + 3);
    assert_eq!(cost("{ things(ids: 1) { id } }"), 1 + 1);
    assert_eq!(cost("{ things(ids: []) { id } }"), 1);
    let query = "query($ids: [ID!]!) { things(ids: $ids) { id } }";
    assert_eq!(compute(query, json!({ "ids": [1, 2] }), None).total, 1 + 2);
    let many = json!({ "ids": vec![1; 5_000] });
    assert_eq!(compute(query, many, None).total, 1 + 100 + (5_001 * 16 + 5_000 - 1_024) / 256);
}

#[test]
fn fields_cost_their_weight() {
    assert_eq!(cost("{ men { totalCount } }"), 1 + TOTAL);
    assert_eq!(cost("{ men(first: 3) { nodes { clubs { totalCount } } } }"), 2 + 3 * (1 + TOTAL));
    assert_eq!(cost("{ heavy { key count } }"), 50 + 5 * 2);
}

#[test]
fn each_filter_condition_costs_one_and_ten_more_on_related_rows() {
    let clubs = |arguments: &str| {
        cost(&format!(
            "{{ men(first: 3) {{ nodes {{ clubs({arguments}) {{ pageInfo {{ endCursor }} }} }} }} }}"
        ))
    };
    let plain = clubs("first: 1");
    assert_eq!(plain, 2 + 3 * 3);
    for (arguments, more) in [
        ("filter: {}", 0),
        ("filter: null", 0),
        ("filter: { open: true }", 1),
        ("filter: { name: { in: [\"a\", \"b\"] eq: \"a\" } }", 2 + 2),
        ("filter: { head: { name: { eq: \"a\" } } }", 11),
        ("filter: { parent: { open: true } }", 11),
        ("filter: { members: { some: { name: { eq: \"a\" } } none: {} } }", 21),
        (
            "filter: { or: [{ open: true }, { not: { and: [{ open: false }, { open: true }] } }] }",
            3,
        ),
        ("filter: { unknown: 1 }", 1),
        ("filter: [{ open: true }]", 1),
        ("filter: 5", 0),
        ("orderBy: [{ field: 1 }, { field: 2 }]", 2),
        ("orderBy: { field: 1 }", 1),
    ] {
        assert_eq!(clubs(arguments), plain + 3 * more, "{arguments}");
    }
    let query = "query($f: ClubFilter, $h: ManFilter) { man { a: clubs(filter: $f) { totalCount }
        b: clubs(filter: $f) { totalCount } c: clubs(filter: { head: $h }) { totalCount } } }";
    let variables = json!({ "f": { "members": { "every": { "name": { "eq": "a" } } } }, "h": { "name": { "eq": "b" } } });
    assert_eq!(compute(query, variables, None).total, 1 + 3 * (1 + TOTAL) + 11 + 11 + 11);
    assert_eq!(compute(query, Value::Null, None).total, 1 + 3 * (1 + TOTAL) + 10);
}

#[test]
fn default_values_of_variables_count() {
    let query = "query($n: Int = 5) { men(first: $n) { nodes { id } } }";
    assert_eq!(compute(query, Value::Null, None).total, 2 + 5);
    assert_eq!(compute(query, json!({ "n": 9 }), None).total, 2 + 9);
    assert_eq!(compute(query, json!({ "n": null }), None).total, 2 + 20);
    assert_eq!(cost("query($n: Int) { men(first: $n) { nodes { id } } }"), 2 + 20);
}

#[test]
fn excluded_fields_cost_nothing() {
    let query = "query($s: Boolean = true, $i: Boolean! = false) {
        man { id @skip(if: $s) name @include(if: $i) }
        men @skip(if: true) { nodes { id } }
        ...on Query @include(if: false) { men { nodes { id } } }
        ...more @skip(if: $s)
    }
    fragment more on Query { men { nodes { id } } }";
    assert_eq!(cost(query), 1);
    assert_eq!(compute(query, json!({ "s": false, "i": true }), None).total, 3 + 22);
    assert_eq!(cost("{ man { id @skip(if: false) name @include(if: true) } }"), 3);
}

#[test]
fn fragments_count_where_they_are_spread() {
    let page = "fragment page on ManConnection { nodes { id } totalCount }";
    assert_eq!(
        cost(&format!(
            "{{ a: men(first: 3) {{ ...page }} b: men(first: 50) {{ ...page }} }} {page}"
        )),
        2 * (2 + TOTAL) + 3 + 50
    );
    assert_eq!(cost("{ ...a ...a ... { man { id } } } fragment a on Query { man { name } }"), 6);
}

#[test]
fn only_the_most_expensive_object_type_counts() {
    let club = "... on Club { id name tags }";
    assert_eq!(cost(&format!("{{ body {{ id {club} }} }}")), 2 + 3);
    assert_eq!(
        cost(&format!(
            "{{ any {{ __typename {club} ... on Man {{ id }} ...on Man {{ name }} }} }}"
        )),
        2 + 3
    );
    assert_eq!(cost(&format!("{{ any {{ {club} ... on Thing {{ id }} }} }}")), 1 + 3 + 1);
    assert_eq!(cost("{ body { members(first: 4) { nodes { id } } } }"), 3 + 4);
}

#[test]
fn only_the_selected_operation_counts() {
    let two = "query a { man { id } } query b { men { nodes { id } } }";
    assert_eq!(compute(two, Value::Null, Some("a")).total, 2);
    assert_eq!(compute(two, Value::Null, Some("b")).total, 22);
    assert_eq!(cost("query only { man { id } }"), 2);
}

#[test]
fn unknown_fields_cost_one() {
    assert_eq!(
        cost("{ nothing { at(first: 100) { all } } man { x ... on Nobody { y } ...z } }"),
        6
    );
    assert_eq!(cost("mutation { men(first: 100) { nodes { id } } }"), 3);
}

#[test]
fn introspection_costs_two_per_returned_field() {
    assert_eq!(cost("{ __schema { queryType { name } } }"), 1 + 2 * 2);
    assert_eq!(
        cost("{ __type(name: \"Room\") { name fields { name type { name } } } }"),
        1 + 2 * (2 + 2 * 3)
    );
    assert_eq!(cost("{ __type(name: \"Nothing\") { name } }"), 1);
    let query = "query ($s: Boolean!) { __type(name: \"Room\") { name @skip(if: $s) ...f } }
        fragment f on __Type { fields @include(if: $s) { name } }";
    assert_eq!(compute(query, json!({ "s": false }), None).total, 1 + 2);
    assert_eq!(compute(query, json!({ "s": true }), None).total, 1 + 2 * (1 + 2));
    assert_eq!(cost("{ ...q } fragment q on Query { __schema { mutationType { name } } }"), 1 + 2);
}

#[test]
fn fragment_cycles_terminate() {
    assert!(
        cost(
            "{ ...a } fragment a on Query { man { id } ...b } fragment b on Query { ...a man { id } }"
        ) > 0
    );
    let cycle = "fragment a on Man { clubs(first: 100) { nodes { members(first: 100) { nodes { ...a ...a } } } } }";
    cost(&format!("{{ men(first: 100) {{ nodes {{ ...a }} }} }} {cycle}"));
    let query = "{ men(first: 100) { nodes { ...a } } } fragment a on Man { ...b }
        fragment b on Man { ...a x: clubs(first: 100) { nodes { rooms { ...c } ...b } } }
        fragment c on Room { id name ...c ...c }";
    cost(query);
}

/// Thirty nested fragments, each of which spreads the next one twice.
fn bomb(leaf: &str) -> String {
    let mut text = "{ ...f0 }".to_owned();
    for level in 0..30 {
        write!(text, " fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1).unwrap();
    }
    text + &format!(" fragment f30 on Query {{ {leaf} }}")
}

#[test]
fn fragment_bombs_exceed_the_limits() {
    let cost = 1 << 31;
    let field = "man".to_owned();
    assert_eq!(
        error(&bomb("man { id }")),
        ErrorKind::Cost { cost, max: COSTS.max_cost, field, field_cost: cost }
    );
    for leaf in ["man @skip(if: true) { id }", "...nothing", "... @include(if: false) { id }"] {
        assert!(matches!(error(&bomb(leaf)), ErrorKind::Limit { .. }), "{leaf}");
    }
    let other = bomb("id").replacen('{', "query bomb {", 1) + " query small { man { id } }";
    let cost = compute(&other, Value::Null, Some("small"));
    assert_eq!(cost.total, 2);
    assert!(cost.error.is_none());
}

#[test]
fn sums_saturate() {
    let mut deep = "id".to_owned();
    for _ in 0..14 {
        deep = format!(
            "clubs(first: 100) {{ nodes {{ members(first: 100) {{ nodes {{ {deep} }} }} }} }}"
        );
    }
    assert_eq!(cost(&format!("{{ man {{ {deep} }} }}")), u64::MAX);
}

#[test]
fn large_arguments_cost_extra_for_each_row() {
    let text = "a".repeat(5_000);
    let large = format!(
        "{{ men(first: 10) {{ nodes {{ clubs(filter: \"{text}\") {{ totalCount }} }} }} }}"
    );
    let plain = "{ men(first: 10) { nodes { clubs(filter: \"\") { totalCount } } } }";
    assert_eq!(cost(&large), cost(plain) + 10 * ((5_016 - 1_024) / 256));
    let query = "query($a: [ID!]) { x: things(ids: $a) { id } y: things(ids: $a) { id } }";
    let ids = compute(query, json!({ "a": vec!["abcd"; 100] }), None).total;
    assert_eq!(ids, 2 * (1 + 100 + (16 + 100 * 20 - 1_024) / 256));
    let wide: String = (0..200).map(|at| format!("a{at}: things(ids: $a) {{ id }} ")).collect();
    let query = format!("query($a: [ID!]) {{ {wide} }}");
    for value in [json!("a".repeat(1_000_000)), json!(vec!["a"; 19_000])] {
        let cost = compute(&query, json!({ "a": value }), None);
        let error = *cost.error.unwrap().kind;
        assert!(matches!(error, ErrorKind::Cost { .. }), "{error}");
    }
}

#[test]
fn long_response_names_cost_extra_for_each_row() {
    let named = |length: usize| {
        cost(&format!("{{ men(first: 10) {{ nodes {{ {}: id }} }} }}", "a".repeat(length)))
    };
    assert_eq!(named(32), 2 + 10);
    assert_eq!(named(33), 2 + 10 * 2);
    assert_eq!(named(192), 2 + 10 * 11);
}

#[test]
fn the_error_names_the_most_expensive_field() {
    let named = |query: &str| match error(query) {
        ErrorKind::Cost { field, field_cost, .. } => (field, field_cost),
        other => panic!("{other}"),
    };
    assert_eq!(
        named("{ small: man { id } all: men(first: 100) { nodes { name clubs(first: 100) { nodes { id rooms { a: id b: id c: id d: id e: id f: id } } }
            few: clubs(first: 1) { nodes { id } } } } }"),
        ("all.nodes.clubs.nodes.rooms".to_owned(), 310_000)
    );
    assert_eq!(
        named("{ ...top } fragment top on Query { men(first: 100) { ...page } }
            fragment page on ManConnection { nodes { ... on Man { clubs(first: 100) { nodes {
                a: members(first: 7) { nodes { id } } b: members(first: 30) { nodes { id } totalCount } } } } } }"),
        ("men.nodes.clubs.nodes.b.nodes".to_owned(), 310_000)
    );
    assert_eq!(
        named("{ ...a men(first: 100) { ...c } } fragment a on Query { ...b ...b } fragment b on Query { men(first: 100) { ...c ...c } }
            fragment c on ManConnection { nodes { clubs(first: 100) { nodes { a: id b: id c: id d: id e: id f: id } } } }"),
        ("men.nodes.clubs.nodes".to_owned(), 300_500)
    );
    let wide: String = (0..400)
        .map(|at| {
            format!("a{at}: men(first: 100) {{ nodes {{ id name born {{ text }} id id id }} }} ")
        })
        .collect();
    assert_eq!(named(&format!("{{ {wide} }}")), ("a0.nodes".to_owned(), 701));
}
