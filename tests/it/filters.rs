//! Unusual and invalid filters, orders, groups and pages: each succeeds, or is rejected with the expected
//! message. None is an internal error.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::world::{Store, World, test_each_store};

/// The outcome of a query.
#[derive(Debug)]
enum Outcome {
    /// The number of rows.
    Rows(u64),
    /// An error whose message contains this text.
    Error(&'static str),
}
use Outcome::{Error, Rows};

/// A case: a label, the query, its variables, the outcome.
type Case = (&'static str, String, Value, Outcome);

/// A list with arguments as a document has them.
fn list(what: &'static str, list: &str, arguments: &str, outcome: Outcome) -> Case {
    let text = format!("{{ list: {list}({arguments}) {{ totalCount nodes {{ id }} }} }}");
    (what, text, Value::Null, outcome)
}

/// A list with a filter as a variable.
fn by_variable(what: &'static str, list: &str, ty: &str, filter: Value, outcome: Outcome) -> Case {
    let text = format!(
        "query($f: {ty}Filter) {{ list: {list}(filter: $f) {{ totalCount nodes {{ id }} }} }}"
    );
    (what, text, json!({ "f": filter }), outcome)
}

fn id(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

fn nested(outer: &str, inner: &str, levels: usize) -> String {
    let open = format!("{outer}: {{").repeat(levels);
    format!("{open}{inner}{}", "}".repeat(levels))
}

fn nested_value(outer: &str, inner: Value, levels: usize) -> Value {
    (0..levels).fold(inner, |inner, _| json!({ outer: inner }))
}

const STATES: u64 = 12;

fn shapes() -> Vec<Case> {
    let states =
        |what, filter: &str, outcome| list(what, "states", &format!("filter: {filter}"), outcome);
    let state = |what, filter, outcome| by_variable(what, "states", "State", filter, outcome);
    let deep = nested_value("not", json!({ "code": { "eq": "AA" } }), 200);
    vec![
        states("nothing", "{}", Rows(STATES)),
        states("no filter", "null", Rows(STATES)),
        states(
            "an empty `and`",
            "{and: []}",
            Error("Argument \"filter.and\" must have at least one condition."),
        ),
        states(
            "an empty `or`",
            "{or: []}",
            Error("Argument \"filter.or\" must have at least one condition."),
        ),
        state(
            "an empty `or` by variable",
            json!({ "or": [] }),
            Error("Argument \"filter.or\" must have at least one condition."),
        ),
        states("an `or` of nothing", "{or: [{}]}", Rows(STATES)),
        states("a `not` of nothing", "{not: {}}", Rows(0)),
        states("one condition for a list", "{and: {code: {eq: \"AA\"}}}", Rows(1)),
        state(
            "one condition for a list by variable",
            json!({ "and": { "code": { "eq": "AA" } } }),
            Rows(1),
        ),
        state(
            "nulls",
            json!({ "and": null, "or": null, "not": null, "name": null, "code": { "eq": null, "in": null, "isNull": null }, "sessions": null }),
            Rows(STATES),
        ),
        states(
            "nulls in the text",
            "{and: null, name: null, code: {eq: null, in: null}}",
            Rows(STATES),
        ),
        state(
            "nulls in a list of conditions",
            json!({ "and": [null] }),
            Error("Variable \"$f.and[0]\" must be of type \"StateFilter!\", got null."),
        ),
        state(
            "a null value",
            json!({ "code": { "in": ["AA", null] } }),
            Error("Variable \"$f.code.in[1]\" must be of type \"String!\", got null."),
        ),
        states("a test of nothing", "{code: {}}", Rows(STATES)),
        states("a test of nothing, not", "{not: {code: {}}}", Rows(0)),
        states(
            "an unknown field",
            "{nme: {eq: \"x\"}}",
            Error(
                "Field \"nme\" does not exist on input type \"StateFilter\"; did you mean \"name\" or \"not\"?",
            ),
        ),
        state(
            "an unknown field by variable",
            json!({ "nme": { "eq": "x" } }),
            Error(
                "Variable \"$f\": Field \"nme\" does not exist on input type \"StateFilter\"; did you mean \"name\" or \"not\"?",
            ),
        ),
        states(
            "an unknown test",
            "{code: {equals: \"x\"}}",
            Error(
                "Field \"equals\" does not exist on input type \"CodeFilter\"; expected \"eq\", \"in\", \"not\" or \"isNull\".",
            ),
        ),
        state(
            "an unknown test by variable",
            json!({ "code": { "equals": "x" } }),
            Error(
                "Variable \"$f.code\": Field \"equals\" does not exist on input type \"CodeFilter\"; expected \"eq\", \"in\", \"not\" or \"isNull\".",
            ),
        ),
        states(
            "a string for an object",
            "{code: \"AA\"}",
            Error(
                "Argument \"filter.code\" must be of type \"CodeFilter\" (an input object), got \"AA\".",
            ),
        ),
        state(
            "a string for an object by variable",
            json!({ "code": "AA" }),
            Error(
                "Variable \"$f.code\" must be of type \"CodeFilter\" (an input object), got \"AA\".",
            ),
        ),
        states(
            "a string for a filter",
            "\"AA\"",
            Error(
                "Argument \"filter\" must be of type \"StateFilter\" (an input object), got \"AA\".",
            ),
        ),
        state(
            "a string for a filter by variable",
            json!("AA"),
            Error("Variable \"$f\" must be of type \"StateFilter\" (an input object), got \"AA\"."),
        ),
        state(
            "a list for a filter",
            json!([{ "code": { "eq": "AA" } }]),
            Error("Variable \"$f\" must be of type \"StateFilter\" (an input object), got a list."),
        ),
        states(
            "a list for an object",
            "{code: [{eq: \"AA\"}]}",
            Error(
                "Argument \"filter.code\" must be of type \"CodeFilter\" (an input object), got a list.",
            ),
        ),
        state(
            "a list for an object by variable",
            json!({ "code": [{ "eq": "AA" }] }),
            Error(
                "Variable \"$f.code\" must be of type \"CodeFilter\" (an input object), got a list.",
            ),
        ),
        state(
            "an object for a list",
            json!({ "code": { "in": { "eq": "AA" } } }),
            Error("Variable \"$f.code.in\" must be of type \"String!\", got an object."),
        ),
        states(
            "a number for a string",
            "{code: {eq: 5}}",
            Error("Argument \"filter.code.eq\" must be of type \"String\", got 5."),
        ),
        state(
            "a number for a string by variable",
            json!({ "code": { "eq": 5 } }),
            Error("Variable \"$f.code.eq\" must be of type \"String\", got 5."),
        ),
        state(
            "a number for texts by variable",
            json!({ "code": { "in": [5] } }),
            Error("Variable \"$f.code.in[0]\" must be of type \"String!\", got 5."),
        ),
        state(
            "a number for a flag",
            json!({ "code": { "isNull": 1 } }),
            Error("Variable \"$f.code.isNull\" must be of type \"Boolean\", got 1."),
        ),
        states(
            "a list for a string",
            "{code: {eq: [\"AA\"]}}",
            Error("Argument \"filter.code.eq\" must be of type \"String\", got a list."),
        ),
        state(
            "a number for a condition",
            json!({ "not": 7 }),
            Error("Variable \"$f.not\" must be of type \"StateFilter\" (an input object), got 7."),
        ),
        states(
            "90 levels of `not`",
            &format!("{{{}}}", nested("not", "code: {eq: \"AA\"}", 90)),
            Error("exceeds the maximum of 12 nested levels"),
        ),
        state(
            "200 levels of `not` by variable",
            deep.clone(),
            Error("exceeds the maximum of 12 nested levels"),
        ),
        state(
            "13 levels of `not`",
            nested_value("not", json!({ "code": { "eq": "AA" } }), 13),
            Error("exceeds the maximum of 12 nested levels"),
        ),
        state(
            "10 levels of `not`",
            nested_value("not", json!({ "code": { "eq": "AA" } }), 10),
            Rows(1),
        ),
        state("13 levels of edges", edges(13), Error("exceeds the maximum of 12 nested levels")),
        state("200 levels of edges", edges(200), Error("exceeds the maximum of 12 nested levels")),
        state(
            "50 conditions",
            json!({ "or": vec![json!({ "code": { "eq": "AA" } }); 50] }),
            Rows(1),
        ),
        state(
            "51 conditions",
            json!({ "or": vec![json!({ "code": { "eq": "AA" } }); 51] }),
            Error("Argument \"filter.or\" must have at most 50 values, got 51."),
        ),
        state(
            "51 conditions in two lists",
            json!({ "or": vec![json!({ "code": { "eq": "AA" } }); 26], "and": vec![json!({ "code": { "eq": "AA" } }); 25] }),
            Error("exceeds the maximum of 50 conditions"),
        ),
        state(
            "many nested lists",
            json!({ "or": vec![json!({ "and": vec![json!({}); 50] }); 50] }),
            Error("exceeds the maximum of 50 conditions"),
        ),
        states(
            "a to-many without some, none or every",
            "{sessions: {}}",
            Error("must have `some`, `none` or `every`"),
        ),
        state(
            "a to-many without some, none or every by variable",
            json!({ "sessions": {} }),
            Error("must have `some`, `none` or `every`"),
        ),
        states(
            "a to-many with a date alone",
            "{participations: {asOf: \"2020-01-01\"}}",
            Error("must have `some`, `none` or `every`"),
        ),
        states(
            "a to-many as an object",
            "{sessions: {name: {eq: \"x\"}}}",
            Error(
                "Field \"name\" does not exist on input type \"SessionListFilter\"; did you mean \"none\" or \"some\"?",
            ),
        ),
        state(
            "a to-many as an object by variable",
            json!({ "sessions": { "name": { "eq": "x" } } }),
            Error(
                "Variable \"$f.sessions\": Field \"name\" does not exist on input type \"SessionListFilter\"; did you mean \"none\" or \"some\"?",
            ),
        ),
        list(
            "a to-one with some",
            "sessions",
            "filter: {state: {some: {}}}",
            Error(
                "Field \"some\" does not exist on input type \"StateFilter\"; did you mean \"code\" or \"name\"?",
            ),
        ),
        states(
            "asOf and history",
            "{participations: {asOf: \"2020-01-01\", history: true, some: {}}}",
            Error("must not have both `asOf` and `history`"),
        ),
        states(
            "asOf a year",
            "{participations: {asOf: \"2020\", some: {}}}",
            Error(
                "Argument \"filter.participations.asOf\" must be of type \"Date\" (a date such as \"2022-12-05\"), got \"2020\".",
            ),
        ),
        states(
            "asOf no day",
            "{participations: {asOf: \"2020-02-30\", some: {}}}",
            Error(
                "Argument \"filter.participations.asOf\" must be of type \"Date\" (a date such as \"2022-12-05\"), got \"2020-02-30\".",
            ),
        ),
        state(
            "asOf a number",
            json!({ "participations": { "asOf": 5, "some": {} } }),
            Error(
                "Variable \"$f.participations.asOf\" must be of type \"Date\" (a string), got 5.",
            ),
        ),
        state(
            "history as a string",
            json!({ "participations": { "history": "yes", "some": {} } }),
            Error(
                "Variable \"$f.participations.history\" must be of type \"Boolean\", got \"yes\".",
            ),
        ),
        states(
            "certainty in a history of an edge",
            "{participations: {history: true, some: {certainty: DEFINITE}}}",
            Error("needs a point in time, and `history` has none"),
        ),
        list(
            "certainty in a history",
            "memberships",
            "history: true, filter: {certainty: DEFINITE}",
            Error("needs a point in time, and `history` has none"),
        ),
        list(
            "a list with asOf and history",
            "memberships",
            "history: true, asOf: \"2020-01-01\"",
            Error("Arguments \"asOf\" and \"history\" must not both be given"),
        ),
    ]
}

fn edges(levels: usize) -> Value {
    let mut filter = json!({ "code": { "eq": "AA" } });
    for level in 0..levels {
        filter = if level.is_multiple_of(2) {
            json!({ "state": filter })
        } else {
            json!({ "sessions": { "some": filter } })
        };
    }
    if levels.is_multiple_of(2) { filter } else { json!({ "sessions": { "some": filter } }) }
}

fn values() -> Vec<Case> {
    let states =
        |what, filter: &str, outcome| list(what, "states", &format!("filter: {filter}"), outcome);
    let state = |what, filter, outcome| by_variable(what, "states", "State", filter, outcome);
    let member = |what, filter, outcome| by_variable(what, "members", "Member", filter, outcome);
    let session = |what, filter, outcome| by_variable(what, "sessions", "Session", filter, outcome);
    let ids =
        |count: usize| -> Value { (1..=count).map(|key| id(&format!("State:{key}"))).collect() };
    let name = |what, test: &str, text: &str, outcome| {
        by_variable(what, "members", "Member", json!({ "name": { test: text } }), outcome)
    };
    let mut cases = vec![
        states(
            "an unknown word",
            "{participations: {some: {status: NOBODY}}}",
            Error(
                "Argument \"filter.participations.some.status\" must be of type \"ParticipationStatusFilter\" (an input object), got NOBODY.",
            ),
        ),
        state(
            "an unknown word by variable",
            json!({ "participations": { "some": { "status": { "eq": "NOBODY" } } } }),
            Error(
                "Variable \"$f.participations.some.status.eq\" must be of type \"ParticipationStatus\", got \"NOBODY\"; expected \"MEMBER\", \"ASSOCIATE_MEMBER\", \"OBSERVER\", \"PARTNER\", \"INVITED\", \"PROPOSED\", \"GUEST\", \"SIGNATORY\", \"RATIFIED\", \"NOT_ATTENDING\", \"SUSPENDED\", \"WITHDRAWING\", \"WITHDRAWN\", \"NOT_MEMBER\" or \"RELATED\".",
            ),
        ),
        session(
            "an unknown word",
            json!({ "kind": { "eq": "NOBODY" } }),
            Error(
                "Variable \"$f.kind.eq\" must be of type \"SessionKind\", got \"NOBODY\"; expected \"PLENARY\", \"FOUNDING\", \"COUNCIL\", \"COMMISSION\", \"COORDINATION\", \"EXPERT_MEETING\", \"PREPARATORY\", \"WORKSHOP\", \"HEARING\", \"FORUM\", \"CONFERENCE\", \"EXCHANGE\", \"BILATERAL\" or \"OBSERVATION_MISSION\".",
            ),
        ),
        session(
            "an unknown word among others",
            json!({ "kind": { "in": ["PLENARY", "NOBODY"] } }),
            Error(
                "Variable \"$f.kind.in[1]\" must be of type \"SessionKind!\", got \"NOBODY\"; expected \"PLENARY\", \"FOUNDING\", \"COUNCIL\", \"COMMISSION\", \"COORDINATION\", \"EXPERT_MEETING\", \"PREPARATORY\", \"WORKSHOP\", \"HEARING\", \"FORUM\", \"CONFERENCE\", \"EXCHANGE\", \"BILATERAL\" or \"OBSERVATION_MISSION\".",
            ),
        ),
        session(
            "an enum value in lowercase",
            json!({ "kind": { "eq": "plenary" } }),
            Error(
                "Variable \"$f.kind.eq\" must be of type \"SessionKind\", got \"plenary\"; did you mean \"PLENARY\"?",
            ),
        ),
        session(
            "a number for a word",
            json!({ "kind": { "eq": 1 } }),
            Error(
                "Variable \"$f.kind.eq\" must be of type \"SessionKind\", got 1; expected \"PLENARY\", \"FOUNDING\", \"COUNCIL\", \"COMMISSION\", \"COORDINATION\", \"EXPERT_MEETING\", \"PREPARATORY\", \"WORKSHOP\", \"HEARING\", \"FORUM\", \"CONFERENCE\", \"EXCHANGE\", \"BILATERAL\" or \"OBSERVATION_MISSION\".",
            ),
        ),
        list(
            "a string for an enum value",
            "sessions",
            "filter: {kind: {eq: \"PLENARYY\"}}",
            Error(
                "Argument \"filter.kind.eq\" must be of type \"SessionKind\" (an enum value, without quotes), got \"PLENARYY\"; did you mean \"PLENARY\"?",
            ),
        ),
        list(
            "an unknown word in the text",
            "sessions",
            "filter: {kind: {eq: NOBODY}}",
            Error(
                "Argument \"filter.kind.eq\" must be of type \"SessionKind\", got NOBODY; expected \"PLENARY\", \"FOUNDING\", \"COUNCIL\", \"COMMISSION\", \"COORDINATION\", \"EXPERT_MEETING\", \"PREPARATORY\", \"WORKSHOP\", \"HEARING\", \"FORUM\", \"CONFERENCE\", \"EXCHANGE\", \"BILATERAL\" or \"OBSERVATION_MISSION\".",
            ),
        ),
        session("no values", json!({ "kind": { "in": [] } }), Rows(0)),
        state("no codes", json!({ "code": { "in": [] } }), Rows(0)),
        state("no texts", json!({ "name": { "in": [] } }), Rows(0)),
        state("no ids", json!({ "id": { "in": [] } }), Rows(0)),
        state("no slugs", json!({ "slug": { "in": [] } }), Rows(0)),
        session("no numbers", json!({ "number": { "in": [] } }), Rows(0)),
        session("not one of no numbers", json!({ "not": { "number": { "in": [] } } }), Rows(40)),
        state("1,000 ids", json!({ "id": { "in": ids(1_000) } }), Rows(STATES)),
        state(
            "1,001 ids",
            json!({ "id": { "in": ids(1_001) } }),
            Error("must have at most 1000 values, got 1001"),
        ),
        state(
            "10,000 ids",
            json!({ "id": { "in": ids(10_000) } }),
            Error("must have at most 1000 values, got 10000"),
        ),
        state("1,000 codes", json!({ "code": { "in": vec!["AA"; 1_000] } }), Rows(1)),
        state(
            "1,001 codes",
            json!({ "code": { "in": vec!["AA"; 1_001] } }),
            Error("must have at most 1000 values"),
        ),
        state(
            "1,001 texts",
            json!({ "name": { "in": vec!["AA"; 1_001] } }),
            Error("must have at most 1000 values"),
        ),
        session(
            "1,001 numbers",
            json!({ "number": { "in": vec![1; 1_001] } }),
            Error("must have at most 1000 values"),
        ),
        state(
            "an invalid id",
            json!({ "id": { "eq": "AA" } }),
            Error("Argument \"filter.id.eq\" must be an id that this server returned, got \"AA\""),
        ),
        state(
            "an empty id",
            json!({ "id": { "eq": "" } }),
            Error("must be an id that this server returned"),
        ),
        state(
            "a number for an id",
            json!({ "id": { "eq": 5 } }),
            Error("Argument \"filter.id.eq\" must be an id that this server returned, got \"5\""),
        ),
        state(
            "an id of another type",
            json!({ "id": { "eq": id("Member:5") } }),
            Error("must be an id of type State, got an id of type Member"),
        ),
        state(
            "an id of no type",
            json!({ "id": { "eq": id("Nobody:5") } }),
            Error("must be an id of type State, got an id of type Nobody"),
        ),
        state(
            "an id with an invalid date",
            json!({ "id": { "eq": id("State:5@2020-13") } }),
            Error("must be an id that this server returned"),
        ),
        state(
            "an id with a huge key",
            json!({ "id": { "eq": id("State:9223372036854775808") } }),
            Error("must be an id that this server returned"),
        ),
        state(
            "an id with the hugest key",
            json!({ "id": { "eq": id("State:9223372036854775807") } }),
            Rows(0),
        ),
        state(
            "an id with a NUL",
            json!({ "id": { "eq": "\u{0}" } }),
            Error("must be an id that this server returned"),
        ),
        by_variable(
            "an id of a type that cannot be there",
            "attendances",
            "Attendance",
            json!({ "attendee": { "id": { "eq": id("Session:5") } } }),
            Error("got an id of type Session"),
        ),
        by_variable(
            "an id of a claim for one of a record",
            "attendances",
            "Attendance",
            json!({ "attendee": { "id": { "eq": id("Claim:5") } } }),
            Error("got an id of type Claim"),
        ),
        by_variable(
            "an id of no type for one of a record",
            "attendances",
            "Attendance",
            json!({ "attendee": { "id": { "eq": id("Nobody:5") } } }),
            Error("got an id of type Nobody"),
        ),
        name(
            "a part of 1 MB",
            "contains",
            &"x".repeat(1 << 20),
            Error("must have at most 200 characters, got 1048576"),
        ),
        name(
            "a part of 201 letters",
            "contains",
            &"x".repeat(201),
            Error("must have at most 200 characters, got 201"),
        ),
        name("a part of 200 letters", "contains", &"x".repeat(200), Rows(0)),
        name("a part of 200 letters that are more in Latin", "contains", &"щ".repeat(200), Rows(0)),
        name("two letters", "contains", "ab", Error("at least 3 letters or digits")),
        name("two letters that are three in Latin", "contains", "щ", Rows(0)),
        name("a part of punctuation", "contains", "%_%", Error("must contain a letter or a digit")),
        name("a string of punctuation", "eq", "---", Error("must contain a letter or a digit")),
        name(
            "a start of punctuation",
            "startsWith",
            "\\",
            Error("must contain a letter or a digit"),
        ),
        name("an empty text", "eq", "", Error("must contain a letter or a digit")),
        name("an empty start", "startsWith", "", Error("must contain a letter or a digit")),
        name("an emoji", "eq", "🙂", Rows(0)),
        name("any letters in LIKE", "contains", "100%x", Rows(0)),
        name("any letter in LIKE", "contains", "_a_", Error("at least 3 letters or digits")),
        name("any letters in GLOB", "contains", "a*[a-z]*", Rows(0)),
        name("a regular expression", "contains", ".*member.*", Rows(0)),
        name("a backslash", "contains", "abc\\", Rows(0)),
        name("a query of FTS5", "contains", "abc\" OR \"a", Rows(0)),
        name("a prefix of FTS5", "startsWith", "abc*", Rows(0)),
        name("a tilde", "startsWith", "~", Error("must contain a letter or a digit")),
        state(
            "a slug of 1 MB",
            json!({ "slug": { "eq": "x".repeat(1 << 20) } }),
            Error("must have at most 200 characters"),
        ),
        state("an empty slug", json!({ "slug": { "eq": "" } }), Rows(0)),
        state("an empty code", json!({ "code": { "eq": "" } }), Rows(0)),
        state("LIKE in a code", json!({ "code": { "eq": "A%" } }), Rows(0)),
        session(
            "a huge number",
            json!({ "number": { "eq": 2_147_483_648_i64 } }),
            Error(
                "Variable \"$f.number.eq\" must be of type \"Int\" (a 32-bit integer), got 2147483648.",
            ),
        ),
        session("the hugest number", json!({ "number": { "lte": 2_147_483_647 } }), Rows(40)),
        session(
            "a fraction",
            json!({ "number": { "eq": 1.5 } }),
            Error("Variable \"$f.number.eq\" must be of type \"Int\" (a 32-bit integer), got 1.5."),
        ),
        session("a whole float", json!({ "number": { "eq": 1e9 } }), Rows(0)),
        session(
            "a string for a number",
            json!({ "number": { "eq": "1" } }),
            Error(
                "Variable \"$f.number.eq\" must be of type \"Int\" (a 32-bit integer), got \"1\".",
            ),
        ),
        session(
            "strings as bounds of numbers",
            json!({ "number": { "between": { "from": "1" } } }),
            Error(
                "Variable \"$f.number.between.from\" must be of type \"Int\" (a 32-bit integer), got \"1\".",
            ),
        ),
        session(
            "numbers the wrong way round",
            json!({ "number": { "between": { "from": 3, "to": 1 } } }),
            Error(
                "Argument \"filter.number.between\" must have `from` not greater than `to`, got 3 and 1",
            ),
        ),
        session("between nothing", json!({ "number": { "between": {} } }), Rows(40)),
        session(
            "between no list",
            json!({ "number": { "between": [1, 3] } }),
            Error(
                "Variable \"$f.number.between\" must be of type \"IntRange\" (an input object), got a list.",
            ),
        ),
        session(
            "dates the wrong way round",
            json!({ "starts": { "between": { "from": "2020", "to": "2019" } } }),
            Error("must have `from` not greater than `to`, got 2020 and 2019"),
        ),
        session(
            "possible dates the wrong way round",
            json!({ "starts": { "possibly": true, "between": { "from": "2020-08", "to": "2020-03" } } }),
            Error("must have `from` not greater than `to`, got 2020-08 and 2020-03"),
        ),
        session("dates between nothing", json!({ "starts": { "between": {} } }), Rows(40)),
        session("possibly alone", json!({ "starts": { "possibly": true } }), Rows(40)),
        session(
            "a number for a date",
            json!({ "starts": { "eq": 2020 } }),
            Error(
                "Variable \"$f.starts.eq\" must be of type \"PartialDate\" (a string), got 2020.",
            ),
        ),
        session(
            "a flag for possibly",
            json!({ "starts": { "possibly": "yes", "before": "2020" } }),
            Error("Variable \"$f.starts.possibly\" must be of type \"Boolean\", got \"yes\"."),
        ),
        member(
            "a string for a date",
            json!({ "born": { "isNull": "no" } }),
            Error("Variable \"$f.born.isNull\" must be of type \"Boolean\", got \"no\"."),
        ),
    ];
    for (what, date) in [
        ("no date", "soon"),
        ("an empty date", ""),
        ("the 30th of February", "2020-02-30"),
        ("a 13th month", "2020-13"),
        ("the year 0", "0000"),
        ("the year 10000", "10000"),
        ("an instant", "2020-01-01T00:00:00Z"),
        ("a date with a NUL", "2020\u{0}"),
        ("a date in other digits", "２０２０"),
    ] {
        let day = "must be of type \"PartialDate\" (a year, month or day, such as";
        for test in ["eq", "before", "within"] {
            cases.push(session(what, json!({ "starts": { test: date } }), Error(day)));
        }
        cases.push(session(
            what,
            json!({ "starts": { "between": { "from": date } } }),
            Error("Variable \"$f.starts.between.from\" must be of type \"PartialDate\""),
        ));
        let arguments =
            format!("filter: {{starts: {{after: {date:?}}}}}").replace("\\0", "\\u0000");
        cases.push(list(
            what,
            "sessions",
            &arguments,
            Error("Argument \"filter.starts.after\" must be of type \"PartialDate\""),
        ));
    }
    for date in ["0001", "9999-12-31"] {
        for test in ["before", "after", "within"] {
            let most =
                if (test == "before") == (date == "0001") || test == "within" { 0 } else { 40 };
            cases.push(session(
                "the ends of the calendar",
                json!({ "starts": { test: date } }),
                Rows(most),
            ));
        }
    }
    for (what, text) in [
        ("a NUL", "\u{0}"),
        ("a NUL between letters", "abc\u{0}def"),
        ("SQL", "x' OR '1'='1"),
        ("SQL that ends a statement", "x'; DROP TABLE member; --"),
        ("quotes", "\"a\" `b` 'c' $1 ?1 :x"),
        ("noncharacters", "abc\u{ffff}\u{fffe}"),
        ("from right to left", "\u{202e}abc"),
    ] {
        let nothing = text == "\u{0}";
        for test in ["eq", "startsWith", "contains"] {
            let outcome = if nothing { Error("must contain a letter or a digit") } else { Rows(0) };
            cases.push(member(what, json!({ "name": { test: text } }), outcome));
        }
        cases.push(member(
            what,
            json!({ "name": { "in": [text, "abcabc"] } }),
            if nothing { Error("must contain a letter or a digit") } else { Rows(0) },
        ));
        for test in ["slug", "code"] {
            cases.push(state(what, json!({ test: { "eq": text } }), Rows(0)));
            cases.push(state(what, json!({ test: { "in": [text] } }), Rows(0)));
            cases.push(state(what, json!({ test: { "in": [text, "AA", "state-0"] } }), Rows(1)));
            cases.push(state(what, json!({ test: { "not": text } }), Rows(STATES)));
        }
        cases.push(state(
            what,
            json!({ "id": { "in": [text] } }),
            Error("must be an id that this server returned"),
        ));
        cases.push(state(
            what,
            json!({ "identifiers": { "some": { "scheme": { "eq": text } } } }),
            Rows(0),
        ));
        cases.push(session(
            what,
            json!({ "kind": { "eq": text } }),
            Error("Variable \"$f.kind.eq\" must be of type \"SessionKind\""),
        ));
        cases.push(session(
            what,
            json!({ "place": { "eq": text } }),
            if nothing { Error("must contain a letter or a digit") } else { Rows(0) },
        ));
        cases.push((
            what,
            "query($a: String!) { list: contradictions(assembly: $a) { totalCount } }".to_owned(),
            json!({ "a": text }),
            Error("no assembly has the slug or id"),
        ));
    }
    // As a document writes it.
    for (what, escaped, outcome) in [
        (
            "half a surrogate pair",
            "abc\\ud800",
            Error("Syntax error: invalid escape sequence \"\\ud800\"."),
        ),
        (
            "the other half of a surrogate pair",
            "abc\\udc00",
            Error("Syntax error: invalid escape sequence \"\\udc00\"."),
        ),
        ("a surrogate pair", "abc\\ud83d\\ude42", Rows(0)),
        ("a NUL", "abc\\u0000", Rows(0)),
    ] {
        cases.push(states(what, &format!("{{name: {{eq: \"{escaped}\"}}}}"), outcome));
    }
    cases
}

/// A number that is one, but not of the rows of a page; or none.
fn size_error(size: &str) -> Outcome {
    match size {
        // JSON does not distinguish integers from floats without a fraction.
        "-1" | "101" | "2147483647" | "1000000000.0" => Error("must be between 0 and 100, got"),
        _ => Error("Int"),
    }
}

fn pages() -> Vec<Case> {
    let mut cases = Vec::new();
    for argument in ["first", "last"] {
        for size in [
            "-1",
            "101",
            "2147483647",
            "2147483648",
            "1e9",
            "1.0",
            "9223372036854775808",
            "\"1\"",
            "-2147483649",
        ] {
            cases.push(list(
                "a page of a wrong size",
                "states",
                &format!("{argument}: {size}"),
                size_error(size),
            ));
        }
        for size in [
            json!(-1),
            json!(101),
            json!(2_147_483_648_i64),
            json!(1e9),
            json!(9_223_372_036_854_775_808_u64),
            json!("1"),
            json!(true),
        ] {
            let text = format!(
                "query($n: Int) {{ list: states({argument}: $n) {{ totalCount nodes {{ id }} }} }}"
            );
            cases.push((
                "a page of a wrong size by variable",
                text,
                json!({ "n": size }),
                size_error(&size.to_string()),
            ));
        }
        cases.push(list("a page of no rows", "states", &format!("{argument}: 0"), Rows(STATES)));
    }
    cases.push(list(
        "pages from both ends",
        "states",
        "first: 1, last: 1",
        Error("must not both be given"),
    ));
    let cursor = |what, order: &str, cursor: &str, outcome| {
        list(what, "sessions", &format!("{order} after: \"{}\"", id(cursor)), outcome)
    };
    let by_number = "orderBy: [{field: NUMBER}],";
    cases.extend([
        cursor("a cursor of another list", "", r#"{"list":"member name","keys":["A"],"id":1}"#, Error("must be a cursor of the same list in the same order")),
        cursor("a cursor of another order", by_number, r#"{"list":"session","keys":[],"id":1}"#, Error("must be a cursor of the same list in the same order")),
        cursor("a cursor with a null", by_number, r#"{"list":"session number","keys":[null],"id":1}"#, Rows(40)),
        cursor("a cursor with a null for a field that is not nullable", "orderBy: [{field: NAME}],", r#"{"list":"session name","keys":[null],"id":1}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor with a string for a number", by_number, r#"{"list":"session number","keys":["1"],"id":1}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor with a fraction", by_number, r#"{"list":"session number","keys":[1.5],"id":1}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor with a huge number", by_number, r#"{"list":"session number","keys":[9223372036854775807],"id":1}"#, Rows(40)),
        cursor("a cursor with a huger number", by_number, r#"{"list":"session number","keys":[9223372036854775808],"id":1}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor with a string for an id", "", r#"{"list":"session","keys":[],"id":"1"}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor with a negative id", "", r#"{"list":"session","keys":[],"id":-1}"#, Rows(40)),
        cursor("a cursor with a string for a day", "orderBy: [{field: STARTS}],", r#"{"list":"session starts_earliest","keys":["soon"],"id":1}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor with a day after all", "orderBy: [{field: STARTS}],", r#"{"list":"session starts_earliest","keys":["+262142-12-31"],"id":1}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor with a day before all", "orderBy: [{field: STARTS}],", r#"{"list":"session starts_earliest","keys":["-4714-01-01"],"id":1}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor with a NUL", "orderBy: [{field: NAME}],", r#"{"list":"session name","keys":["a\u0000"],"id":1}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor with too many keys", by_number, r#"{"list":"session number","keys":[1,2],"id":1}"#, Error("must be a cursor that this server returned")),
        cursor("a cursor that is a list", "", "[]", Error("must be a cursor that this server returned")),
        cursor("an empty cursor", "", "", Error("must be a cursor that this server returned")),
        list("an invalid cursor", "sessions", "after: \"x\"", Error("must be a cursor that this server returned")),
        list("an order by nothing", "sessions", "orderBy: []", Rows(40)),
        list("no order", "sessions", "orderBy: null", Rows(40)),
        list("an order by one key", "sessions", "orderBy: {field: NAME}", Rows(40)),
        list("an order by what is not there", "sessions", "orderBy: [{field: NOBODY}]", Error("Argument \"orderBy[0].field\" must be of type \"SessionOrderField!\", got NOBODY; expected \"KIND\", \"NUMBER\", \"NAME\", \"STARTS\", \"ENDS\" or \"PLACE\".")),
        list("an order by a string", "sessions", "orderBy: [{field: \"NAME\"}]", Error("Argument \"orderBy[0].field\" must be of type \"SessionOrderField!\" (an enum value, without quotes), got \"NAME\".")),
        list("an order without a field", "sessions", "orderBy: [{direction: ASC}]", Error("Field \"field\" of type \"SessionOrderField!\" is required in input type \"SessionOrder\".")),
        list("an order in no direction", "sessions", "orderBy: [{field: NAME, direction: UP}]", Error("Argument \"orderBy[0].direction\" must be of type \"OrderDirection\", got UP; expected \"ASC\" or \"DESC\".")),
        list("an order by the same twice", "sessions", "orderBy: [{field: NAME}, {field: NAME, direction: DESC}]", Error("Argument \"orderBy[1]\" must not order by NAME twice")),
        list("an order by six keys", "sessions", "orderBy: [{field: NAME}, {field: STARTS}, {field: ENDS}, {field: NUMBER}, {field: NAME}, {field: NAME}]", Error("must have at most 5 values, got 6")),
    ]);
    for (what, order, outcome) in [
        (
            "an order by what is not there",
            json!([{ "field": "NOBODY" }]),
            Error(
                "Variable \"$o[0].field\" must be of type \"SessionOrderField!\", got \"NOBODY\"; expected \"KIND\", \"NUMBER\", \"NAME\", \"STARTS\", \"ENDS\" or \"PLACE\".",
            ),
        ),
        (
            "an order by a number",
            json!([{ "field": 1 }]),
            Error(
                "Variable \"$o[0].field\" must be of type \"SessionOrderField!\", got 1; expected \"KIND\", \"NUMBER\", \"NAME\", \"STARTS\", \"ENDS\" or \"PLACE\".",
            ),
        ),
        (
            "an order that is a string",
            json!(["NAME"]),
            Error(
                "Variable \"$o[0]\" must be of type \"SessionOrder!\" (an input object), got \"NAME\".",
            ),
        ),
        (
            "an order by a null",
            json!([null]),
            Error("Variable \"$o[0]\" must be of type \"SessionOrder!\", got null."),
        ),
        (
            "an order in no direction",
            json!([{ "field": "NAME", "direction": "UP" }]),
            Error(
                "Variable \"$o[0].direction\" must be of type \"OrderDirection\", got \"UP\"; expected \"ASC\" or \"DESC\".",
            ),
        ),
        (
            "an order with unknown nulls",
            json!([{ "field": "NAME", "nulls": "UP" }]),
            Error(
                "Variable \"$o[0].nulls\" must be of type \"Nulls\", got \"UP\"; expected \"FIRST\" or \"LAST\".",
            ),
        ),
        (
            "an order with an unknown field",
            json!([{ "field": "NAME", "x": 1 }]),
            Error(
                "Variable \"$o[0]\": Field \"x\" does not exist on input type \"SessionOrder\"; expected \"field\", \"direction\" or \"nulls\".",
            ),
        ),
        (
            "an order with nulls",
            json!([{ "field": "NAME", "direction": null, "nulls": null }]),
            Rows(40),
        ),
    ] {
        let text = "query($o: [SessionOrder!]) { list: sessions(orderBy: $o) { totalCount nodes { id } } }";
        cases.push((what, text.to_owned(), json!({ "o": order }), outcome));
    }
    let on = |what, field: &str, outcome| {
        let text = format!("{{ list: memberships {{ totalCount {field} }} }}");
        (what, text, Value::Null, outcome)
    };
    cases.extend([
        on(
            "counts by what is not there",
            "groups(by: NOBODY) { key }",
            Error("Argument \"by\" must be of type \"MembershipGroupKey!\", got NOBODY; expected \"MEMBER\", \"ORGANIZATION\", \"ROLE\", \"TITLE\", \"ON_BEHALF_OF\", \"ELECTED_AT\", \"LEGISLATIVE_PERIOD\", \"AREA\", \"TERM\", \"SINCE\", \"UNTIL\", \"ONGOING\", \"STATE\", \"EFFECTIVE_SINCE\", \"EFFECTIVE_UNTIL\" or \"END_INFERENCE\"."),
        ),
        on("counts by a string", "groups(by: \"ROLE\") { key }", Error("Argument \"by\" must be of type \"MembershipGroupKey!\" (an enum value, without quotes), got \"ROLE\".")),
        on("counts by nothing", "groups { key }", Error("Argument \"by\" of type \"MembershipGroupKey!\" is required on field \"groups\".")),
        on(
            "counts by null",
            "groups(by: null) { key }",
            Error("Argument \"by\" must be of type \"MembershipGroupKey!\", got null."),
        ),
        on(
            "a series backward",
            "series(from: \"2020-01-01\", to: \"2019-01-01\") { count }",
            Error("must not be later than argument"),
        ),
        on(
            "a series too long",
            "series(from: \"1900-01-01\", to: \"2019-01-01\") { count }",
            Error("at most 100 dates"),
        ),
        on(
            "a series of all time by month",
            "series(from: \"0001-01-01\", to: \"9999-12-31\", every: MONTH) { count }",
            Error("at most 100 dates"),
        ),
        on(
            "a series from a year",
            "series(from: \"2019\", to: \"2020-01-01\") { count }",
            Error("Argument \"from\" must be of type \"Date!\" (a date such as \"2022-12-05\"), got \"2019\"."),
        ),
        on(
            "a series from no day",
            "series(from: \"2019-02-30\", to: \"2020-01-01\") { count }",
            Error("Argument \"from\" must be of type \"Date!\" (a date such as \"2022-12-05\"), got \"2019-02-30\"."),
        ),
        on(
            "a series from a number",
            "series(from: 2019, to: \"2020-01-01\") { count }",
            Error("Argument \"from\" must be of type \"Date!\" (a string), got 2019."),
        ),
        on(
            "a series without a start",
            "series(to: \"2020-01-01\") { count }",
            Error("Argument \"from\" of type \"Date!\" is required on field \"series\"."),
        ),
        on(
            "a series in no steps",
            "series(from: \"2019-01-01\", to: \"2020-01-01\", every: DAY) { count }",
            Error("Argument \"every\" must be of type \"Interval\", got DAY; expected \"MONTH\", \"QUARTER\" or \"YEAR\"."),
        ),
    ]);
    for (what, value, says) in [
        ("a number", json!(5), "Variable \"$d\" must be of type \"Date!\" (a string), got 5."),
        ("a NUL", json!("\u{0}"), "Variable \"$d\" must be of type \"Date!\""),
        ("null", Value::Null, "Variable \"$d\" must be of type \"Date!\", got null."),
    ] {
        let text = "query($d: Date!) { list: memberships { totalCount series(from: $d, to: $d) { count } } }";
        cases.push((what, text.to_owned(), json!({ "d": value }), Error(says)));
    }
    let word = "query($w: MembershipGroupKey!) { list: memberships { totalCount groups(by: $w) { key } } }";
    for value in [json!("NOBODY"), json!(1), Value::Null] {
        cases.push((
            "counts by a wrong word by variable",
            word.to_owned(),
            json!({ "w": value }),
            Error("MembershipGroupKey"),
        ));
    }
    cases
}

const CODES: [&str; 3] = ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"];

async fn invalid_filters_are_errors_and_valid_ones_match(store: Store) {
    let world = World::sample(store).await;
    let mut wrong = Vec::new();
    for (what, query, variables, outcome) in shapes().into_iter().chain(values()).chain(pages()) {
        let response = world.execute_with(&query, variables).await;
        let error = &response["errors"][0];
        let (message, code) = (error["message"].as_str(), error["extensions"]["code"].as_str());
        let total = response["data"]["list"]["totalCount"].as_u64();
        let fits = match outcome {
            Rows(rows) => message.is_none() && total == Some(rows),
            Error(part) => message.is_some_and(|message| message.contains(part)),
        };
        // A value in the document that is not of its type is a fault of the document.
        let found = match outcome {
            Rows(_) => code.is_none(),
            Error(_) => code.is_some_and(|code| CODES.contains(&code)),
        };
        if !fits || !found {
            let query: String = query.chars().take(200).collect();
            wrong.push(format!("{what}: {outcome:?}, but {message:?}, {total:?} rows: {query}"));
        }
    }
    world.end().await;
    assert!(wrong.is_empty(), "on {store:?}:\n{}", wrong.join("\n"));
}

test_each_store!(invalid_filters_are_errors_and_valid_ones_match);

/// Conditions with the variable `$x`, of a type, that the request omits; and where that is an error.
const OMITTED: [(&str, &str, Option<&str>); 14] = [
    ("String", "or: [{name: {eq: $x}}, {slug: {eq: \"a\"}}]", Some("filter.or[0].name.eq")),
    (
        "String",
        "or: [{slug: {eq: \"a\"}}, {name: {in: [\"b\"], eq: $x}}]",
        Some("filter.or[1].name.eq"),
    ),
    ("String", "or: {name: {eq: $x}}", Some("filter.or.name.eq")),
    ("[MemberFilter!]", "or: $x", Some("filter.or")),
    ("MemberFilter", "not: $x", Some("filter.not")),
    ("TextFilter", "not: {name: $x}", Some("filter.not.name")),
    ("[String!]", "not: {name: {in: $x}}", Some("filter.not.name.in")),
    ("String", "and: [{or: [{name: {eq: $x}}]}]", Some("filter.and[0].or[0].name.eq")),
    (
        "Boolean",
        "memberships: {some: {not: {organization: {parliament: {chambers: {every: {founded: {isNull: $x}}}}}}}}",
        Some("filter.memberships.some.not.organization.parliament.chambers.every.founded.isNull"),
    ),
    (
        "Date",
        "or: [{memberships: {none: {role: {eq: CHAIR}}, asOf: $x}}]",
        Some("filter.or[0].memberships.asOf"),
    ),
    // Elsewhere null has the same effect as omitting it.
    ("String", "name: {eq: $x}", None),
    ("String", "name: {not: $x}", None),
    ("MemberFilter", "memberships: {none: {member: $x}}", None),
    ("[MemberFilter!]", "and: $x, or: [{name: {eq: \"a\"}}, {name: {not: \"a\"}}]", None),
];

async fn an_omitted_variable_within_or_or_not_is_an_error_of_the_field(store: Store) {
    let world = World::sample(store).await;
    for (ty, filter, place) in OMITTED {
        let query = format!(
            "query($x: {ty}) {{ other: members {{ totalCount }} members(filter: {{{filter}}}) {{ totalCount }} }}"
        );
        let response = world.execute(&query).await;
        assert_eq!(response["data"]["other"]["totalCount"], 150, "{query}: {response}");
        let Some(place) = place else {
            assert_eq!(response.get("errors"), None, "{query}");
            continue;
        };
        let message = format!(
            "Variable \"$x\" is omitted at \"{place}\": inside \"or\" and \"not\", omitting a \
             condition changes which rows match. Provide a value, or remove the condition."
        );
        assert_eq!(response["errors"][0]["message"], message, "{query}");
        assert_eq!(response["errors"][0]["path"], json!(["members"]));
        assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert_eq!(response["data"]["members"], Value::Null);
        // Null as a value or as a default has the same effect as omitting it.
        let default = query.replacen(") {", " = null) {", 1);
        for (query, variables) in [(query, json!({ "x": null })), (default, json!({}))] {
            let response = world.execute_with(&query, variables).await;
            assert_eq!(response.get("errors"), None, "{query}");
        }
    }
    world.end().await;
}

test_each_store!(an_omitted_variable_within_or_or_not_is_an_error_of_the_field);
