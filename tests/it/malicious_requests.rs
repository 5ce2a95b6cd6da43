//! Malicious requests, sent over TCP to a server in its own process. Each gets a response, the next
//! client is not affected, and memory use stays bounded.

use std::fmt::Write;

use assembly_graph::{config, http::Server};
use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::{
    cli::Folder,
    server::{GRAPHQL, HttpResponse, JSON, ServerProcess, post, request},
    world::{Home, Store, World},
};

/// The maximum memory of the server in MiB, and its maximum growth in a second run of the requests. The
/// program is not optimized in tests, and the allocator does not return all memory.
const MAX_MEMORY: u64 = 400;
const MAX_GROWTH: u64 = 64;
/// The maximum size of a rejection: a hundred errors of a thousand characters.
const MAX_REFUSAL_SIZE: usize = 200 << 10;

/// An expected response: its status and the code of its first error.
type Expected = (u16, &'static str);

/// The connection is closed without a response.
const CUT: Expected = (0, "");
const OK: Expected = (200, "");
const WRONG: Expected = (400, "BAD_USER_INPUT");
const UNREADABLE: Expected = (400, "GRAPHQL_PARSE_FAILED");
const INVALID: Expected = (400, "GRAPHQL_VALIDATION_FAILED");
/// One field has an error; the others have data.
const FIELD: Expected = (200, "BAD_USER_INPUT");
const TOO_MUCH: Expected = (400, "LIMIT_EXCEEDED");
const UNKNOWN: Expected = (404, "PERSISTED_QUERY_NOT_FOUND");
/// Invalid HTTP is rejected without a JSON body.
const NO_HTTP: Expected = (400, "");

struct Row {
    name: String,
    bytes: Vec<u8>,
    half: bool,
    /// Whether the server waits for the rest of the request until its timeout.
    times_out: bool,
    expected: Vec<Expected>,
}

fn row(name: impl Into<String>, bytes: Vec<u8>, expected: Expected) -> Row {
    Row { name: name.into(), bytes, half: false, times_out: false, expected: vec![expected] }
}

/// An incomplete request.
fn incomplete(name: &str, bytes: impl Into<Vec<u8>>, expected: Expected) -> Row {
    Row { times_out: true, ..row(name, bytes.into(), expected) }
}

/// A query by POST.
fn post_query(query: &str) -> Vec<u8> {
    post(json!({ "query": query }).to_string())
}

fn post_query_with(query: &str, variables: Value) -> Vec<u8> {
    post(json!({ "query": query, "variables": variables }).to_string())
}

fn get(target: &str) -> Vec<u8> {
    request(&format!("GET {target}"), &[GRAPHQL], "")
}

/// Text as a query string has it.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
    }
    encoded
}

/// A query by GET.
fn get_query(query: &str) -> Vec<u8> {
    get(&format!("/graphql?query={}", encoded(query)))
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A document by its hash, with its text or without.
fn persisted(query: Option<&str>, hash: &str, version: u32) -> Vec<u8> {
    let extensions = json!({ "persistedQuery": { "version": version, "sha256Hash": hash } });
    post(match query {
        Some(query) => json!({ "query": query, "extensions": extensions }).to_string(),
        None => json!({ "extensions": extensions }).to_string(),
    })
}

fn nested(open: &str, within: &str, close: &str, levels: usize) -> String {
    format!("{}{within}{}", open.repeat(levels), close.repeat(levels))
}

fn lists(levels: usize) -> String {
    nested("[", "1", "]", levels)
}

fn many(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect()
}

/// A body of POST with a head of one's own.
fn body(headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let length = format!("content-length: {}", body.as_ref().len());
    let headers: Vec<_> = headers.iter().copied().chain([length.as_str()]).collect();
    request("POST /graphql", &headers, body)
}

const PLAIN: &str = r#"{"query":"{ __typename }"}"#;

/// Documents that nest.
fn deep() -> Vec<Row> {
    let mut rows = Vec::new();
    // 3 KB, 100 KB, 1 MB.
    for levels in [1_500, 50_000, 500_000] {
        let list = lists(levels);
        let kilobytes = levels / 500;
        let argument = format!("{{ nodes(ids: {list}) {{ id }} }}");
        for (place, query) in [
            ("an argument", argument.clone()),
            ("a default", format!("query($a: [Int] = {list}) {{ __typename }}")),
            ("a directive", format!("{{ __typename @skip(if: {list}) }}")),
        ] {
            rows.push(row(
                format!("lists of {kilobytes} KB in {place}"),
                post_query(&query),
                TOO_MUCH,
            ));
        }
        let own = hash(&argument);
        let sent = persisted(Some(&argument), &own, 1);
        rows.push(row(format!("lists of {kilobytes} KB with their hash"), sent, TOO_MUCH));
        let named = persisted(None, &own, 1);
        rows.push(row(format!("lists of {kilobytes} KB by their hash"), named, UNKNOWN));
        for (what, query) in [
            (
                "objects",
                format!(
                    "{{ states(filter: {}) {{ totalCount }} }}",
                    nested("{not:", "{}", "}", levels / 3)
                ),
            ),
            ("selections", nested("{a", "", "}", levels / 3 * 2)),
            ("selections without an end", "{a".repeat(levels)),
            ("types", format!("query($a: {}) {{ a }}", nested("[", "Int", "]", levels))),
            ("arguments", format!("{{ a(b: {}) }}", nested("[{c:", "1", "}]", levels / 4))),
            ("lists without an end", format!("{{ nodes(ids: {}", "[".repeat(levels))),
        ] {
            rows.push(row(format!("{what} of {kilobytes} KB"), post_query(&query), TOO_MUCH));
        }
        let variables = format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{list}}}}}"#);
        rows.push(row(format!("variables of {kilobytes} KB"), post(variables), WRONG));
    }
    let list = lists(1_500);
    rows.extend([
        row("lists by GET", get_query(&format!("{{ nodes(ids: {list}) {{ id }} }}")), TOO_MUCH),
        row(
            "nested variables by GET",
            get(&format!(
                "/graphql?query=%7B__typename%7D&variables=%7B%22a%22%3A{}%7D",
                encoded(&list)
            )),
            WRONG,
        ),
        row(
            "lists in a batch",
            post(format!(r#"[{{"query":"{{ nodes(ids: {list}) {{ id }} }}"}}]"#)),
            WRONG,
        ),
        row(
            "lists behind a string",
            post_query(&format!("{{ a(b: \"}}\", c: {list}) }}")),
            TOO_MUCH,
        ),
        row(
            "lists behind a block string",
            post_query(&format!("{{ a(b: \"\"\"\\\"\"\"\"\"\", c: {list}) }}")),
            TOO_MUCH,
        ),
        row("lists behind a comment", post_query(&format!("{{ # }}\n a(c: {list}) }}")), TOO_MUCH),
        row(
            "lists behind a carriage return",
            post_query(&format!("{{ # }}\r a(c: {list}) }}")),
            TOO_MUCH,
        ),
        row(
            "brackets in a string",
            post_query(&format!("{{ state(code: \"{}\") {{ id }} }}", "[".repeat(100_000))),
            OK,
        ),
        row(
            "brackets in a comment",
            post_query(&format!("{{ __typename }} # {}", "[".repeat(100_000))),
            OK,
        ),
        row("a string without an end", post_query("{ state(code: \"kg) { id } }"), UNREADABLE),
        row(
            "a block string without an end",
            post_query("{ state(code: \"\"\"kg\") { id } }"),
            UNREADABLE,
        ),
        row(
            "a bracket that closes another",
            post_query("{ states(first: [1) { totalCount } }"),
            UNREADABLE,
        ),
        row(
            "50 levels of inline fragments",
            post_query(&format!("{{ {} }}", nested("... {", "__typename", "}", 50))),
            OK,
        ),
        row(
            "filters within filters",
            post_query(&format!(
                "{{ states(filter: {}) {{ totalCount }} }}",
                nested("{not:", "{code:{eq:\"kg\"}}", "}", 40)
            )),
            FIELD,
        ),
        row(
            "cyclic introspection",
            post_query(&format!(
                "{{ __schema {{ types {{ {} }} }} }}",
                nested("fields { type { ", "name", " } }", 12)
            )),
            TOO_MUCH,
        ),
        row(
            "more levels than there are",
            post_query(&format!(
                "{{ __type(name: \"Query\") {{ {} }} }}",
                nested("ofType { ", "name", " }", 60)
            )),
            TOO_MUCH,
        ),
    ]);
    rows
}

/// Documents that are long.
fn long() -> Vec<Row> {
    let doubling = |levels: usize| {
        let fragments = many(levels, |at| {
            format!("fragment f{at} on Query {{ ...f{n} ...f{n} }} ", n = at + 1)
        });
        format!("{{ ...f0 }} {fragments} fragment f{levels} on Query {{ __typename }}")
    };
    let undeclared = |operations: usize, variables: usize| {
        let operations = many(operations, |at| format!("query q{at} {{ ...f }} "));
        let ids = many(variables, |at| format!("$v{at} "));
        let query = format!("{operations} fragment f on Query {{ nodes(ids: [{ids}]) {{ id }} }}");
        post(json!({ "query": query, "operationName": "q0" }).to_string())
    };
    let million = 1_000_000;
    vec![
        row("fragments that double 24 times", post_query(&doubling(24)), TOO_MUCH),
        row("fragments that double 30 times", post_query(&doubling(30)), TOO_MUCH),
        row(
            "a cycle of fragments",
            post_query("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"),
            INVALID,
        ),
        row(
            "a cycle of fragments that nobody spreads",
            post_query("{ __typename } fragment a on Query { ...b } fragment b on Query { ...a }"),
            INVALID,
        ),
        row(
            "5,000 fragments",
            post_query(&format!(
                "{{ __typename }} {}",
                many(5_000, |at| format!("fragment f{at} on Query {{ a }} "))
            )),
            TOO_MUCH,
        ),
        row(
            "1,000 fragments in a chain",
            post_query(&format!(
                "{{ ...f0 }} {} fragment f999 on Query {{ __typename }}",
                many(999, |at| format!("fragment f{at} on Query {{ ...f{} }} ", at + 1))
            )),
            TOO_MUCH,
        ),
        row(
            "1,000 fragments that nobody spreads",
            post_query(&format!(
                "{{ __typename }} {}",
                many(1_000, |at| format!("fragment f{at} on Query {{ __typename }} "))
            )),
            TOO_MUCH,
        ),
        row(
            "10,000 aliases",
            post_query(&format!("{{ {} }}", many(10_000, |at| format!("a{at}: __typename ")))),
            TOO_MUCH,
        ),
        row(
            "1,000 fields at the root",
            post_query(&format!("{{ {} }}", "__typename ".repeat(1_000))),
            TOO_MUCH,
        ),
        row(
            "10,000 directives",
            post_query(&format!("{{ __typename {} }}", "@skip(if: false) ".repeat(10_000))),
            TOO_MUCH,
        ),
        row(
            "200 directives that are not known",
            post_query(&format!(
                "{{ states {} {{ totalCount }} }}",
                many(200, |at| format!("@d{at} "))
            )),
            INVALID,
        ),
        row("1 MB of names", post_query(&format!("{{ {} }}", "a ".repeat(million / 2))), TOO_MUCH),
        row("1 MB of brackets", post_query(&"{".repeat(million)), UNREADABLE),
        row("1 MB of closing brackets", post_query(&"}".repeat(million)), UNREADABLE),
        row("1 MB of dots", post_query(&".".repeat(million)), UNREADABLE),
        row("1 MB of spaces", post_query(&" ".repeat(million)), UNREADABLE),
        row("1 MB of comment lines", post_query(&"#\n".repeat(million / 3)), UNREADABLE),
        row(
            "1 MB of quotes",
            post_query(&format!("{{ a(b: [{}]) }}", "\"\"".repeat(million / 4))),
            TOO_MUCH,
        ),
        row(
            "1 MB in a string",
            post_query(&format!("{{ state(code: \"{}\") {{ id }} }}", "a".repeat(million))),
            OK,
        ),
        row(
            "1 MB in a block string",
            post_query(&format!(
                "{{ state(code: \"\"\"{}\"\"\") {{ id }} }}",
                "\n a".repeat(million / 4)
            )),
            OK,
        ),
        row(
            "1 MB of escapes",
            post_query(&format!(
                "{{ state(code: \"{}\") {{ id }} }}",
                "\\u0041".repeat(million / 7)
            )),
            OK,
        ),
        row(
            "1 MB to search for",
            post_query(&format!(
                "{{ search(query: \"{}\") {{ totalCount }} }}",
                "a".repeat(million)
            )),
            FIELD,
        ),
        row("a name of 1 MB", post_query(&format!("{{ {} }}", "a".repeat(million))), TOO_MUCH),
        row(
            "names of 50 KB",
            post_query(&format!("{{ {} }}", many(20, |_| format!("{} ", "a".repeat(50_000))))),
            TOO_MUCH,
        ),
        row(
            "a number of 1 MB",
            post_query(&format!("{{ states(first: {}) {{ totalCount }} }}", "9".repeat(million))),
            INVALID,
        ),
        row(
            "a number with a huge exponent",
            post_query("{ states(first: 1e999999999) { totalCount } }"),
            INVALID,
        ),
        row("a page of 1e9", post_query("{ states(first: 1000000000) { totalCount } }"), FIELD),
        row(
            "a page of 2^40",
            post_query("{ states(first: 1099511627776) { totalCount } }"),
            INVALID,
        ),
        row(
            "an enum word of 1 MB",
            post_query(&format!(
                "{{ states(orderBy: [{{ field: {} }}]) {{ totalCount }} }}",
                "A".repeat(million)
            )),
            TOO_MUCH,
        ),
        row(
            "200 unknown fields",
            post_query(&format!("{{ states {{ {} }} }}", many(200, |at| format!("a{at} ")))),
            INVALID,
        ),
        row(
            "15,000 unknown fields",
            post_query(&format!("{{ states {{ {} }} }}", many(15_000, |at| format!("a{at} ")))),
            TOO_MUCH,
        ),
        row(
            "50,000 unknown fields",
            post_query(&format!("{{ states {{ {} }} }}", many(50_000, |at| format!("a{at} ")))),
            TOO_MUCH,
        ),
        row(
            "15,000 unknown fields with long names",
            post_query(&format!(
                "{{ state(code: \"kg\") {{ {} }} }}",
                many(15_000, |at| format!("{}{at} ", "legislativePeriodsThatAreNot".repeat(2)))
            )),
            TOO_MUCH,
        ),
        row(
            "200 unknown fields with the longest names",
            post_query(&format!(
                "{{ member(slug: \"a\") {{ {} }} }}",
                many(200, |at| format!("{}{at} ", "a".repeat(197)))
            )),
            INVALID,
        ),
        row(
            "a field under 50 fragments in each other, 10,000 times",
            post_query(&format!(
                "{{ {} }}",
                nested("... { ", &"__typename ".repeat(10_000), " }", 50)
            )),
            TOO_MUCH,
        ),
        row("variables that 1,000 operations do not declare", undeclared(1_000, 900), TOO_MUCH),
        row("variables that 50 operations do not declare", undeclared(50, 900), TOO_MUCH),
        row(
            "one field 15,000 times",
            post_query(&format!("{{ state(code: \"kg\") {{ {} }} }}", "slug ".repeat(15_000))),
            OK,
        ),
        row(
            "900 fields of a fragment, merged anew in 200 places",
            post_query(&format!(
                "{{ {} }} fragment f on Assembly {{ {} }}",
                many(200, |at| format!("a{at}: assembly(slug: \"a\") {{ ...f }} ")),
                "id slug name ".repeat(300)
            )),
            TOO_MUCH,
        ),
        row(
            "one field with many arguments and many times without",
            post_query(&format!(
                "{{ states {{ nodes({}) {{ id }} {} }} }}",
                many(3_000, |at| format!("a{at}: 1 ")),
                "nodes { id } ".repeat(2_500)
            )),
            TOO_MUCH,
        ),
        row(
            "one field with an argument and many times without",
            post_query(&format!(
                "{{ state(code: \"kg\") {{ sessions(first: 1) {{ totalCount }} {} }} }}",
                "sessions { totalCount } ".repeat(4_000)
            )),
            TOO_MUCH,
        ),
        row(
            "an argument 3,000 times",
            post_query(&format!("{{ states({}) {{ totalCount }} }}", "first: 1 ".repeat(3_000))),
            TOO_MUCH,
        ),
        row(
            "an unknown field with a long name",
            post_query(&format!("{{ {} }}", "a".repeat(200))),
            INVALID,
        ),
        row(
            "1 MB in a list for each row of another",
            post_query(&format!(
                "{{ states(first: 100) {{ nodes {{ participations(filter: {{ basis: {{ eq: \"{}\" }} }}) {{ totalCount }} }} }} }}",
                "a".repeat(million)
            )),
            TOO_MUCH,
        ),
        row(
            "10,000 ids",
            post_query(&format!("{{ nodes(ids: [{}]) {{ id }} }}", "\"a\" ".repeat(10_000))),
            FIELD,
        ),
        row(
            "a key twice in an object",
            post_query(
                "{ states(filter: { code: { eq: \"kg\" }, code: { eq: \"ru\" } }) { totalCount } }",
            ),
            INVALID,
        ),
        row(
            "a filter with 12 nots",
            post_query(&format!(
                "{{ states(filter: {}) {{ totalCount }} }}",
                nested("{not:", "{code:{eq:\"kg\"}}", "}", 12)
            )),
            FIELD,
        ),
        row(
            "1,800 conditions",
            post_query(&format!(
                "{{ states(filter: {{ or: [{}] }}) {{ totalCount }} }}",
                "{ code: { eq: \"kg\" } } ".repeat(1_800)
            )),
            FIELD,
        ),
    ]
}

/// Variables and parameters.
fn values() -> Vec<Row> {
    let declared = many(10_000, |at| format!("$a{at}: Int "));
    let used = many(500, |at| format!("a{at}: nodes(ids: $ids) {{ id }} "));
    let used_few = many(200, |at| format!("a{at}: nodes(ids: $ids) {{ id }} "));
    vec![
        row("10,000 variables", post_query(&format!("query({declared}) {{ __typename }}")), TOO_MUCH),
        row("a list of 100,000 values for 500 aliases", post_query_with(&format!("query($ids: [ID!]!) {{ {used} }}"), json!({ "ids": vec!["a"; 100_000] })), TOO_MUCH),
        row("a list of 19,000 values for 200 aliases", post_query_with(&format!("query($ids: [ID!]!) {{ {used_few} }}"), json!({ "ids": vec!["a"; 19_000] })), TOO_MUCH),
        row("a string of 1 MB for 200 aliases", post_query_with(&format!("query($a: String!) {{ {} }}", many(200, |at| format!("a{at}: state(code: $a) {{ id }} "))), json!({ "a": "a".repeat(1_000_000) })), TOO_MUCH),
        row("variables of the wrong kind", post_query_with("query($a: Int) { states(first: $a) { totalCount } }", json!({ "a": { "b": ["c"] } })), WRONG),
        row("a variable that is missing", post_query("query($a: ID!) { node(id: $a) { id } }"), WRONG),
        row("a variable of no type", post_query_with("query($a: Nothing) { states(first: $a) { totalCount } }", json!({ "a": 1 })), INVALID),
        row("dates out of range", post_query_with("query($a: Date) { states(asOf: $a) { totalCount } }", json!({ "a": "99999-12-31" })), WRONG),
        row("an invalid date", post_query("{ states(asOf: \"2023-02-30\") { totalCount } }"), INVALID),
        row("invalid cursors", post_query("{ states(after: \"%%%\") { totalCount } }"), FIELD),
        row("invalid ids", post_query("{ node(id: \"!!!!\") { id } }"), FIELD),
        row("an operation that there is not", post(json!({ "query": "query A { __typename }", "operationName": "\u{0}\"}".repeat(1_000) }).to_string()), INVALID),
        row("two operations without a name", post_query("query A { __typename } query B { __typename }"), INVALID),
        row("a mutation", post_query("mutation { drop }"), INVALID),
        row("a mutation by GET", get_query("mutation { drop }"), (405, "BAD_USER_INPUT")),
        row("a subscription", post_query("subscription { a }"), INVALID),
        row("a subscription by GET", get_query("subscription { a }"), (405, "BAD_USER_INPUT")),
        row("a hash of something else", persisted(Some("{ __typename }"), &hash("{ a }"), 1), WRONG),
        row("persisted queries of version 2", persisted(None, &hash("{ a }"), 2), WRONG),
        row("an invalid hash", persisted(None, &"z".repeat(64), 1), WRONG),
        row("a document by a path", post(r#"{"documentId":"../../etc/passwd"}"#), UNKNOWN),
        row("everything at once", post(r#"{"query":"{ __typename }","documentId":"a","extensions":{"persistedQuery":{"version":1,"sha256Hash":""}}}"#), WRONG),
        row("a NUL", post_query("{ state(code: \"a\\u0000b\") { id } }"), OK),
        row("a NUL in the document", post_query("{ __typename \u{0} }"), UNREADABLE),
        row("a byte order mark", post_query("\u{feff}{ __typename }"), OK),
        row("half of a surrogate pair", post(r#"{"query":"{ __typename }\ud800"}"#), WRONG),
        row("half of a surrogate pair in a string", post_query(r#"{ state(code: "\ud800") { id } }"#), UNREADABLE),
    ]
}

/// Invalid bodies.
fn bodies() -> Vec<Row> {
    let over = format!(r#"{{"query":"{}"}}"#, " ".repeat(1 << 20));
    let chunk = format!("{:x}\r\n{}\r\n", 64 << 10, " ".repeat(64 << 10));
    let chunked = format!("{}0\r\n\r\n", chunk.repeat(17));
    let small = "1\r\n{\r\n".to_owned() + &"1\r\n \r\n".repeat(10_000) + "1\r\n}\r\n0\r\n\r\n";
    let bomb = {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut gzip, &vec![b' '; 50 << 20]).unwrap();
        gzip.finish().unwrap()
    };
    let wide: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let unsupported = (415, "BAD_USER_INPUT");
    vec![
        row("nothing", post(""), WRONG),
        row("spaces", post("  \n "), WRONG),
        row("no JSON", post("{ __typename }"), WRONG),
        row("JSON without an end", post(r#"{"query":"{ __typename }""#), WRONG),
        row("JSON of another shape", post(r#"{"query":{"query":1}}"#), WRONG),
        row("a number", post("1e999999"), WRONG),
        row("a batch", post(format!("[{PLAIN},{PLAIN}]")), WRONG),
        row("a batch of 10,000", post(format!("[{}0]", format!("{PLAIN},").repeat(10_000))), WRONG),
        row("a key twice", post(r#"{"query":"{ a }","query":"{ __typename }"}"#), WRONG),
        row(
            "100,000 keys",
            post(format!(
                "{{{}\"query\":\"{{ __typename }}\"}}",
                many(90_000, |at| format!("\"{at}\":1,"))
            )),
            TOO_MUCH,
        ),
        row("what is no UTF-8", post(b"{\"query\":\"{ \xff\xfe }\"}"), WRONG),
        row("UTF-16", post(wide), WRONG),
        row("a byte order mark before the body", post(format!("\u{feff}{PLAIN}")), WRONG),
        row("more than 1 MiB", post(&over), (413, "LIMIT_EXCEEDED")),
        row(
            "more than 1 MiB in chunks",
            request("POST /graphql", &[GRAPHQL, JSON, "transfer-encoding: chunked"], &chunked),
            (413, "LIMIT_EXCEEDED"),
        ),
        row(
            "10,000 chunks of a byte",
            request("POST /graphql", &[GRAPHQL, JSON, "transfer-encoding: chunked"], &small),
            WRONG,
        ),
        row(
            "a length of 10^18",
            request(
                "POST /graphql",
                &[GRAPHQL, JSON, "content-length: 1000000000000000000"],
                PLAIN,
            ),
            (413, "LIMIT_EXCEEDED"),
        ),
        incomplete(
            "a length that is longer",
            request("POST /graphql", &[GRAPHQL, JSON, "content-length: 100"], PLAIN),
            (408, "TIMEOUT"),
        ),
        Row {
            half: true,
            expected: vec![CUT, WRONG],
            ..row(
                "a length that is longer, then the end",
                request("POST /graphql", &[GRAPHQL, JSON, "content-length: 100"], PLAIN),
                CUT,
            )
        },
        row(
            "a length that is shorter",
            request("POST /graphql", &[GRAPHQL, JSON, "content-length: 10"], PLAIN),
            WRONG,
        ),
        row(
            "a length that is negative",
            request("POST /graphql", &[GRAPHQL, JSON, "content-length: -1"], PLAIN),
            NO_HTTP,
        ),
        row("50 MB in 50 KB", body(&[GRAPHQL, JSON, "content-encoding: gzip"], bomb), unsupported),
        row(
            "a form",
            body(
                &[GRAPHQL, "content-type: application/x-www-form-urlencoded"],
                "query=%7B__typename%7D",
            ),
            unsupported,
        ),
        row(
            "parts",
            body(&[GRAPHQL, "content-type: multipart/form-data; boundary=a"], "--a\r\n\r\n--a--"),
            unsupported,
        ),
        row("plain text", body(&[GRAPHQL, "content-type: text/plain"], PLAIN), unsupported),
        row("of no type", body(&[GRAPHQL], PLAIN), unsupported),
        row(
            "another charset",
            body(&[GRAPHQL, "content-type: application/json; charset=utf-16"], PLAIN),
            unsupported,
        ),
        row(
            "a type of 30 KB",
            body(
                &[GRAPHQL, &format!("content-type: application/json;{}", "a=b;".repeat(7_500))],
                PLAIN,
            ),
            OK,
        ),
    ]
}

/// Methods, headers, parameters and paths.
fn heads() -> Vec<Row> {
    let method = (405, "BAD_USER_INPUT");
    let plain = "GET /graphql?query=%7B__typename%7D";
    let accepting = |accept: &str| request(plain, &[&format!("accept: {accept}")], "");
    let two = request(plain, &[], "");
    let open = String::from_utf8(two.clone()).unwrap().replace("connection: close\r\n", "");
    let wrong = |name: &str, target: &str| row(name, get(target), WRONG);
    let target = |length| {
        let start = "/graphql?query=%7B__typename%7D&other=";
        format!("{start}{}", "a".repeat(length - start.len()))
    };
    vec![
        row("an unknown method", request("BREW /graphql", &[GRAPHQL], ""), method),
        row("TRACE", request("TRACE /graphql", &[GRAPHQL], ""), method),
        row("PUT", request("PUT /graphql", &[GRAPHQL, JSON, "content-length: 26"], PLAIN), method),
        row("CONNECT", request("CONNECT example.org:443", &[], ""), (404, "BAD_USER_INPUT")),
        row(
            "OPTIONS",
            request(
                "OPTIONS /graphql",
                &["origin: http://a.example", "access-control-request-method: POST"],
                "",
            ),
            OK,
        ),
        row("HEAD", request("HEAD /graphql?query=%7B__typename%7D", &[], ""), OK),
        row("a type that nobody has", accepting("image/png"), (406, "BAD_USER_INPUT")),
        row("an invalid media type", accepting(";;;q=,,\u{7f}/"), NO_HTTP),
        row("60 KB of types", accepting(&"a/b;q=0.5,".repeat(5_000)), (406, "BAD_USER_INPUT")),
        row(
            "a client of old",
            request("GET /graphql?query=%7Ba%7D", &["accept: application/json"], ""),
            (200, "GRAPHQL_VALIDATION_FAILED"),
        ),
        row("an empty query", get("/graphql?query"), UNREADABLE),
        wrong("no parameter", "/graphql?a=b"),
        wrong("a parameter twice", "/graphql?query=%7Ba%7D&query=%7B__typename%7D"),
        wrong("what is no UTF-8 in a parameter", "/graphql?query=%FF%FE"),
        wrong("half of a percent sign", "/graphql?query=%7"),
        wrong("invalid variables", "/graphql?query=%7B__typename%7D&variables=%5B1%5D"),
        row(
            "10,000 parameters",
            get(&format!("/graphql?query=%7B__typename%7D{}", "&a=b".repeat(10_000))),
            OK,
        ),
        row("a target of 48 KiB", get(&target(48 << 10)), OK),
        row("a target of a byte more", get(&target((48 << 10) + 1)), (414, "LIMIT_EXCEEDED")),
        // Beyond what the HTTP library reads: its refusal has no body.
        row("a target of 100 KB", get(&format!("/{}", "a".repeat(100_000))), (414, "")),
        row(
            "a header of 300 KB",
            request(plain, &[&format!("a: {}", "a".repeat(300_000))], ""),
            (431, ""),
        ),
        row("200 headers", request(plain, &["a: b"; 200], ""), (431, "")),
        row(
            "garbage for If-None-Match",
            request(plain, &["if-none-match: W/,\"\",*,\u{e9}"], ""),
            OK,
        ),
        row(
            "50 KB for If-None-Match",
            request(plain, &[&format!("if-none-match: {}", "\"a\",".repeat(12_000))], ""),
            OK,
        ),
        row(
            "a whole address",
            request("GET http://example.org/graphql?query=%7B__typename%7D", &[], ""),
            OK,
        ),
        row("a path out of the server", get("/../../../etc/passwd"), (404, "BAD_USER_INPUT")),
        row(
            "a path out of the exports",
            get("/export/csv/..%2F..%2F..%2Fetc%2Fpasswd"),
            (404, "BAD_USER_INPUT"),
        ),
        row("an export that there is not", get("/export/csv/nothing.csv"), (404, "BAD_USER_INPUT")),
        row("an export of no date", get("/export/records.jsonl?asOf=99999-01-01"), WRONG),
        row("an export of no assembly", get("/export/popolo.json?assembly=%27%3B--"), WRONG),
        row("an export with invalid UTF-8", get("/export/popolo.json?assembly=%FF"), WRONG),
        row("an export with more to say", get("/export/popolo.json?a=b"), WRONG),
        row(
            "an export by POST",
            request("POST /export/popolo.json", &[JSON, "content-length: 0"], ""),
            method,
        ),
        row(
            "a length and chunks",
            request(
                "POST /graphql",
                &[GRAPHQL, JSON, "content-length: 5", "transfer-encoding: chunked"],
                "0\r\n\r\nGET /health HTTP/1.1\r\nhost: here\r\n\r\n",
            ),
            WRONG,
        ),
        row(
            "two lengths",
            request(
                "POST /graphql",
                &[GRAPHQL, JSON, "content-length: 26", "content-length: 5"],
                PLAIN,
            ),
            NO_HTTP,
        ),
        row(
            "a chunk of no size",
            request(
                "POST /graphql",
                &[GRAPHQL, JSON, "transfer-encoding: chunked"],
                "zz\r\n{}\r\n0\r\n\r\n",
            ),
            WRONG,
        ),
        row(
            "a chunk of 2^64",
            request(
                "POST /graphql",
                &[GRAPHQL, JSON, "transfer-encoding: chunked"],
                "fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
            ),
            WRONG,
        ),
        row(
            "an encoding that there is not",
            request("POST /graphql", &[GRAPHQL, JSON, "transfer-encoding: gzip"], PLAIN),
            NO_HTTP,
        ),
        row("50 requests in one", [open.repeat(49).as_bytes(), &two].concat(), OK),
        row("HTTP/1.0", b"GET /graphql?query=%7B__typename%7D HTTP/1.0\r\n\r\n".to_vec(), OK),
        row("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), CUT),
        row("HTTP/9.9", b"GET / HTTP/9.9\r\n\r\n".to_vec(), NO_HTTP),
        row("what is no HTTP", b"what is this?\r\n\r\n".to_vec(), NO_HTTP),
        row(
            "a hello of TLS",
            b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\x00\x00\x00\x00\x00\x00\x00".to_vec(),
            NO_HTTP,
        ),
        row("zeros", vec![0; 1_000], NO_HTTP),
        incomplete("a head that never ends", b"GET / HTTP/1.1\r\nhost: here\r\na: ".to_vec(), CUT),
        incomplete("silence", Vec::new(), CUT),
        incomplete(
            "a body that never comes",
            request("POST /graphql", &[GRAPHQL, JSON, "content-length: 26"], ""),
            (408, "TIMEOUT"),
        ),
        incomplete(
            "a chunk that never comes",
            request("POST /graphql", &[GRAPHQL, JSON, "transfer-encoding: chunked"], "1a\r\n{"),
            (408, "TIMEOUT"),
        ),
        Row {
            half: true,
            expected: vec![CUT, OK],
            ..row("a query on a half-closed connection", two.clone(), OK)
        },
        row("the numbers of the server", get("/metrics"), OK),
        row("a page of another kind", get("/.env"), (404, "BAD_USER_INPUT")),
    ]
}

/// Costly requests that are allowed.
fn costly() -> Vec<Row> {
    let whole = "{ __schema { types { name description fields(includeDeprecated: true) { name description \
        args { name description type { name kind ofType { name kind ofType { name kind } } } } \
        type { name kind ofType { name kind ofType { name kind } } } } inputFields { name type { name } } \
        enumValues { name } interfaces { name } possibleTypes { name } } directives { name args { name } } } }";
    let wide = "{ members(first: 100) { nodes { name memberships(first: 100) { nodes { role organization { name slug } member { slug } } } } } }";
    let searches = format!(
        "{{ {} }}",
        many(200, |at| format!("a{at}: search(query: \"a{at} b c\", first: 1) {{ totalCount }} "))
    );
    vec![
        row("all of the schema", post_query(whole), OK),
        Row { expected: vec![OK, TOO_MUCH], ..row("wide pages", post_query(wide), OK) },
        row("200 searches", post_query(&searches), OK),
    ]
}

fn rows() -> Vec<Row> {
    [deep(), long(), values(), bodies(), heads(), costly()].into_iter().flatten().collect()
}

/// Checks what is true of every response; returns the first violation.
fn violation(response: &HttpResponse) -> Option<String> {
    let HttpResponse { status, head, body } = response;
    let found = |wrong: &str| {
        Some(format!("{wrong}: {status} {head} {}", &body[..body.floor_char_boundary(600)]))
    };
    // Descriptions of the schema may contain such words; errors may not.
    let errors = serde_json::from_str::<Value>(body).map(|parsed| parsed["errors"].to_string());
    let exposed = errors.as_deref().unwrap_or(body);
    for leak in ["Error(", "panicked", "::", "/src/", "sqlx", "SELECT"] {
        if exposed.contains(leak) {
            return found(&format!("it discloses {leak:?}"));
        }
    }
    if body.is_empty() || response.code().is_empty() {
        return (*status == 500).then(|| found("an internal error")).flatten();
    }
    let kind = response.header("content-type").unwrap_or_default();
    if !["application/json; charset=utf-8", "application/graphql-response+json; charset=utf-8"]
        .contains(&kind)
    {
        return found("another media type");
    }
    let Ok(parsed) = serde_json::from_str::<Value>(body) else { return found("invalid JSON") };
    let errors = parsed["errors"].as_array().map_or(&[][..], Vec::as_slice);
    if errors.len() > 100 || body.len() > MAX_REFUSAL_SIZE {
        return found("too long");
    }
    let short = errors.iter().all(|error| {
        error["message"].as_str().is_some_and(|text| text.chars().count() <= 1_000)
            && error["extensions"]["code"].is_string()
    });
    if short { None } else { found("an error is too long or has no code") }
}

/// A server with timeouts that no request reaches, and one with short timeouts for incomplete requests.
struct Servers {
    patient: ServerProcess,
    impatient: ServerProcess,
}

impl Servers {
    fn start(database: &str) -> Self {
        let start = |timeouts: [&str; 3]| {
            let [header, body, request] = timeouts;
            let flags = ["--header-timeout", header, "--body-timeout", body, "--timeout", request];
            ServerProcess::start(database, &flags)
        };
        Self { patient: start(["1h"; 3]), impatient: start(["100ms", "100ms", "1h"]) }
    }

    fn resident(&self) -> Option<u64> {
        Some(self.patient.resident()?.max(self.impatient.resident()?))
    }
}

/// Sends each row and returns the differences from what is expected.
fn send_all(servers: &Servers) -> Vec<String> {
    let mut otherwise = Vec::new();
    println!("| request | method | bytes | status | code | MiB |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for Row { name, bytes, half, times_out, expected } in rows() {
        let server = if times_out { &servers.impatient } else { &servers.patient };
        let method = String::from_utf8_lossy(&bytes[..bytes.len().min(7)]);
        let method = method.split(' ').next().unwrap_or_default().to_owned();
        let method = if method.chars().all(|letter| letter.is_ascii_uppercase()) {
            method
        } else {
            String::new()
        };
        let responses = server.exchange(&bytes, half);
        let memory = server.resident().unwrap_or_default();
        let received = responses
            .first()
            .map_or((0, String::new()), |response| (response.status, response.code()));
        println!(
            "| {name} | {method} | {} | {} | {} | {memory} |",
            bytes.len(),
            received.0,
            received.1
        );
        if !expected
            .iter()
            .any(|(status, code)| (*status, *code) == (received.0, received.1.as_str()))
        {
            let found = responses.first().map_or("", |response| &response.body);
            let found = &found[..found.floor_char_boundary(300)];
            otherwise.push(format!("{name}: {received:?}, not {expected:?}: {found}"));
        }
        otherwise
            .extend(responses.iter().filter_map(violation).map(|wrong| format!("{name}: {wrong}")));
        let next = servers.patient.query("{ __typename }");
        if next.status != 200 {
            otherwise.push(format!("after {name}: {next:?}"));
        }
    }
    otherwise
}

#[tokio::test]
async fn malicious_requests_are_rejected_and_the_server_keeps_running() {
    let home = Home::new(Store::Sqlite).await;
    let servers = Servers::start(&home.url());
    let mut otherwise = send_all(&servers);
    let first = servers.resident();
    println!("\nthe same requests again:\n");
    otherwise.extend(send_all(&servers));
    let second = servers.resident();
    if let (Some(first), Some(second)) = (first, second) {
        println!("\n{first} MiB after the first pass, {second} MiB after the second");
        assert!(first.max(second) < MAX_MEMORY, "{first} MiB, {second} MiB");
        assert!(second < first + MAX_GROWTH, "{first} MiB, {second} MiB");
    }
    for server in [&servers.patient, &servers.impatient] {
        assert!(!server.log().contains("panicked"), "{}", server.log());
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
    drop(servers);
    home.remove().await;
}

/// Batches and stored documents have the same limits as other requests.
#[tokio::test]
async fn batches_and_stored_documents_have_the_same_limits() {
    let world = World::empty(Store::Sqlite).await;
    let deep = format!("{{ nodes(ids: {}) {{ id }} }}", lists(1_500));
    let router = world
        .router_with(config::ServerConfig { max_batch_size: 2, ..config::ServerConfig::default() });
    let batch = json!([{ "query": deep }, { "query": "{ __typename }" }]).to_string();
    let request = Request::post("/graphql").header("content-type", "application/json");
    let response = router.oneshot(request.body(Body::from(batch)).unwrap()).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let responses: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(responses[0]["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
    assert_eq!(responses[1]["data"]["__typename"], "Query");

    let folder = Folder::new();
    std::fs::write(folder.0.join("deep.graphql"), deep).unwrap();
    let settings = config::ServerConfig {
        persisted_documents: Some(folder.0.clone()),
        ..config::ServerConfig::default()
    };
    let unfit = Server::new(world.database.clone(), settings).err().unwrap().to_string();
    assert!(unfit.contains("levels of nested brackets"), "{unfit}");
    world.end().await;
}
