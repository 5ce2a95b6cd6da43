//! Valid and invalid documents for each rule of section 5.

use super::errors;

fn valid(documents: &[&str]) {
    for document in documents {
        assert_eq!(errors(document), [""; 0], "{document}");
    }
}

/// Asserts that each document has exactly these errors.
fn invalid(documents: &[(&str, &[&str])]) {
    for (document, expected) in documents {
        assert_eq!(errors(document), *expected, "{document}");
    }
}

#[test]
fn operations() {
    valid(&[
        "query a { dog { id } } query b { cat { id } }",
        "subscription { dogs { id } }",
        "subscription { ...s } fragment s on Subscription { dogs { id name } }",
    ]);
    invalid(&[
        (
            "query a { dog { id } } query a { cat { id } }",
            &["1:24 Operation \"a\" is defined more than once."],
        ),
        (
            "{ dog { id } } query a { cat { id } }",
            &["1:1 An anonymous operation must be the only operation of the document."],
        ),
        ("mutation { a }", &["1:1 The schema has no mutation type."]),
        (
            "subscription { dogs { id } cats { id } }",
            &[
                "1:1 A subscription must select exactly one root field, which must not be an introspection field and must not use @skip or @include.",
            ],
        ),
        (
            "subscription { __typename }",
            &[
                "1:1 A subscription must select exactly one root field, which must not be an introspection field and must not use @skip or @include.",
            ],
        ),
        (
            "subscription { dogs @include(if: true) { id } }",
            &[
                "1:1 A subscription must select exactly one root field, which must not be an introspection field and must not use @skip or @include.",
            ],
        ),
    ]);
}

#[test]
fn fields() {
    valid(&[
        "{ dog { __typename id } __typename __schema { __typename types { name } } __type(name: \"Dog\") { name } }",
        "{ pet { __typename ... on Dog { barks } } }",
    ]);
    invalid(&[
        (
            "{ dog { bark } }",
            &["1:9 Field \"bark\" does not exist on type \"Dog\"; did you mean \"barks\"?"],
        ),
        (
            "{ pet { name } }",
            &[
                "1:9 Field \"name\" does not exist on type \"Pet\"; did you mean an inline fragment on \"Dog\"?",
            ],
        ),
        (
            "{ dog { __schema { description } } }",
            &[
                "1:9 Field \"__schema\" does not exist on type \"Dog\"; expected \"id\", \"name\", \"kind\", \"barks\", \"size\", \"owner\" or \"toys\".",
            ],
        ),
        ("{ dog }", &["1:3 Field \"dog\" of type \"Dog\" must have a selection of subfields."]),
        (
            "{ dog { id { a } } }",
            &["1:12 Field \"id\" of type \"ID!\" must not have a selection of subfields."],
        ),
        (
            "{ __schema }",
            &["1:3 Field \"__schema\" of type \"__Schema!\" must have a selection of subfields."],
        ),
        (
            "{ __typename { a } }",
            &[
                "1:14 Field \"__typename\" of type \"String!\" must not have a selection of subfields.",
            ],
        ),
        (
            "{ __type { name } }",
            &["1:3 Argument \"name\" of type \"String!\" is required on field \"__type\"."],
        ),
    ]);
}

#[test]
fn fields_that_merge() {
    valid(&[
        "{ dog { id id } dog { id } ...q } fragment q on Query { dog { name id } }",
        // Fields of different object types can have different arguments.
        "{ pet { ... on Dog { name(style: LONG) } ... on Cat { name(style: SHORT) } } }",
        "{ pet { ... on Dog { toys(first: 1) } ... on Cat { n: id } } }",
        "{ being { ... on Dog { a: kind } ... on Cat { a: name } } }",
        "{ human(id: 1) { pets(filter: { name: \"a\", limit: 2 }) { __typename } pets(filter: { limit: 2, name: \"a\" }) { __typename } } }",
        "{ a: human(id: 1, even: \"ab\") { id } a: human(even: \"ab\", id: 1) { id } }",
        "query ($a: ID!) { human(id: $a) { id } human(id: $a) { name } }",
        "{ dog { id @skip(if: true) } dog { id @include(if: false) } }",
        "{ pet { ... on Dog { owner { id } } ... on Cat { owner { name } } } }",
        "{ pet { ... on Dog { a: owner { b: name } } ... on Cat { a: owner { b: kind } } } }",
    ]);
    let conflict = |key: &str, places: &str, reason: &str| {
        format!(
            "{places} Fields \"{key}\" conflict because {reason}. Use different aliases to fetch both."
        )
    };
    let different = |one: &str, two: &str| format!("\"{one}\" and \"{two}\" are different fields");
    let arguments = || "they have different arguments".to_owned();
    let types =
        |one: &str, two: &str| format!("they return conflicting types \"{one}\" and \"{two}\"");
    for (document, key, places, reason) in [
        ("{ dog { x: name x: kind } }", "dog.x", "1:9 1:17", different("name", "kind")),
        ("{ human(id: 1) { id } human(id: 2) { id } }", "human", "1:3 1:23", arguments()),
        ("{ human(id: 1) { id } human(id: \"1\") { id } }", "human", "1:3 1:23", arguments()),
        ("{ float float(by: 1) }", "float", "1:3 1:9", arguments()),
        ("{ float(by: 1.0) float(by: 1) }", "float", "1:3 1:18", arguments()),
        (
            "query ($a: ID!, $b: ID!) { human(id: $a) { id } human(id: $b) { id } }",
            "human",
            "1:28 1:49",
            arguments(),
        ),
        (
            "{ human(id: 1) { id } human(id: 2) @include(if: false) { id } }",
            "human",
            "1:3 1:23",
            arguments(),
        ),
        // Subfields of merged fields, at any depth.
        ("{ dog { x: name } dog { x: kind } }", "dog.x", "1:9 1:25", different("name", "kind")),
        (
            "{ dog { owner { friend(name: \"a\") { id } } } dog { owner { friend(name: \"b\") { id } } } }",
            "dog.owner.friend",
            "1:17 1:60",
            arguments(),
        ),
        // Between a field and a fragment, with or without a type condition.
        ("{ dog { name(style: LONG) ... { name } } }", "dog.name", "1:9 1:33", arguments()),
        ("{ dog { name(style: LONG) ... on Dog { name } } }", "dog.name", "1:9 1:40", arguments()),
        (
            "{ dog { name(style: LONG) ... on Being { name } } }",
            "dog.name",
            "1:9 1:42",
            arguments(),
        ),
        (
            "{ dog { ...a ...b } } fragment a on Dog { x: name } fragment b on Dog { x: kind }",
            "dog.x",
            "1:43 1:73",
            different("name", "kind"),
        ),
        (
            "{ ...a ...b } fragment a on Query { human(id: 1) { pets(first: 1) { __typename } } } fragment b on Query { human(id: 1) { pets(first: 2) { __typename } } }",
            "human.pets",
            "1:52 1:123",
            arguments(),
        ),
        // Between an object type and an interface, and between interfaces.
        (
            "{ being { ... on Dog { x: kind } ... on Being { x: name } } }",
            "being.x",
            "1:24 1:49",
            different("kind", "name"),
        ),
        (
            "{ being { ... on Node { x: id } ... on Being { x: name } } }",
            "being.x",
            "1:25 1:48",
            different("id", "name"),
        ),
        // Shapes of fields of different object types.
        (
            "{ pet { ... on Dog { size } ... on Cat { size } } }",
            "pet.size",
            "1:22 1:42",
            types("Int", "Int!"),
        ),
        (
            "{ pet { ... on Dog { toys } ... on Cat { toys } } }",
            "pet.toys",
            "1:22 1:42",
            types("[String!]", "[String]"),
        ),
        (
            "{ pet { ... on Dog { x: barks } ... on Cat { x: name } } }",
            "pet.x",
            "1:22 1:46",
            types("Boolean!", "String"),
        ),
        (
            "{ pet { ... on Dog { x: owner { id } } ... on Cat { x: name } } }",
            "pet.x",
            "1:22 1:53",
            types("Human", "String"),
        ),
        (
            "{ pet { ... on Dog { x: owner { id } } ... on Cat { x: owner { id: name } } } }",
            "pet.x.id",
            "1:33 1:64",
            types("ID!", "String"),
        ),
        (
            "{ pet { ... on Dog { owner { best { ... on Dog { y: size } } } } ... on Cat { owner { best { ... on Cat { y: size } } } } } }",
            "pet.owner.best.y",
            "1:50 1:107",
            types("Int", "Int!"),
        ),
        // Between a leaf and an object, and meta fields.
        ("{ dog { x: __typename x: name } }", "dog.x", "1:9 1:23", different("__typename", "name")),
        (
            "{ pet { ... on Dog { x: __typename } ... on Cat { x: name } } }",
            "pet.x",
            "1:22 1:51",
            types("String!", "String"),
        ),
    ] {
        assert!(
            errors(document).contains(&conflict(key, places, &reason)),
            "{document}: {:?}",
            errors(document)
        );
    }
}

#[test]
fn arguments() {
    valid(&["{ human(id: 1) { name(style: SHORT) pets { __typename } } humans(old: 1) { id } }"]);
    invalid(&[
        (
            "{ human(ID: 1, id: 1) { id } }",
            &["1:9 Argument \"ID\" does not exist on field \"human\"; did you mean \"id\"?"],
        ),
        ("{ human(id: 1, id: 2) { id } }", &["1:16 Argument \"id\" is provided more than once."]),
        (
            "{ human { id } }",
            &["1:3 Argument \"id\" of type \"ID!\" is required on field \"human\"."],
        ),
        (
            "{ human(id: null) { id } }",
            &["1:13 Argument \"id\" must be of type \"ID!\", got null."],
        ),
    ]);
}

#[test]
fn fragments() {
    valid(&[
        "{ pet { ...a } being { ...a ... on Node { id } } } fragment a on Dog { id }",
        "{ dog { ... on Being { id } ... @include(if: true) { id } } }",
        "{ pet { ... on Being { ... on Node { ... on Cat { id } } } } }",
    ]);
    invalid(&[
        (
            "{ dog { ...a } } fragment a on Dog { id } fragment a on Dog { id }",
            &["1:52 Fragment \"a\" is defined more than once."],
        ),
        (
            "{ dog { id ... on Dig { id } } }",
            &["1:19 Type \"Dig\" does not exist; did you mean \"Dog\"?"],
        ),
        (
            "{ dog { ...a } } fragment a on Dg { id }",
            &["1:32 Type \"Dg\" does not exist; did you mean \"Dog\"?"],
        ),
        (
            "{ dog { ... on Style { id } } }",
            &[
                "1:16 A fragment cannot have type \"Style\", which is not an object, interface or union type.",
            ],
        ),
        (
            "{ dog { ...a } } fragment a on PetFilter { id }",
            &[
                "1:32 A fragment cannot have type \"PetFilter\", which is not an object, interface or union type.",
            ],
        ),
        ("{ dog { id } } fragment a on Dog { id }", &["1:16 Fragment \"a\" is not used."]),
        ("{ dog { id ...a } }", &["1:15 Fragment \"a\" does not exist."]),
        (
            "{ dog { ...a } } fragment a on Dog { id ...a }",
            &["1:18 Fragment \"a\" cannot spread itself."],
        ),
        (
            "{ dog { ...a } } fragment a on Dog { id owner { ...b } } fragment b on Human { best { ...c } } fragment c on Dog { ...a }",
            &["1:18 Fragment \"a\" cannot spread itself via \"b\", \"c\"."],
        ),
        (
            "{ dog { ... on Cat { id } } }",
            &[
                "1:9 An inline fragment cannot be spread here: objects of type \"Dog\" can never be of type \"Cat\".",
            ],
        ),
        (
            "{ pet { ... on Human { id } } }",
            &[
                "1:9 An inline fragment cannot be spread here: objects of type \"Pet\" can never be of type \"Human\".",
            ],
        ),
        (
            "{ dog { ...a } } fragment a on Stone { size }",
            &[
                "1:9 Fragment \"a\" cannot be spread here: objects of type \"Dog\" can never be of type \"Stone\".",
            ],
        ),
        (
            "{ being { ... on Stone { size } } }",
            &[
                "1:11 An inline fragment cannot be spread here: objects of type \"Being\" can never be of type \"Stone\".",
            ],
        ),
    ]);
}

#[test]
fn values() {
    valid(&[
        "{ humans(filter: { name: \"a\", sizes: 1, style: LONG, not: { sizes: [1, 2], style: null }, limit: 3 }) { id } }",
        "{ humans(filter: {}, ids: 1) { id } humans2: humans(filter: null, ids: [1, \"b\", -0, 12345678901234567890123]) { id } }",
        "{ humans(filter: { style: nullable, of: { id: 1 }, must: { have: 1, even: \"ab\" } }) { id } }",
        "{ a: float(by: 1) b: float(by: -1.5e3) c: float(by: null) d: float(by: 123456789012345678901234567890) }",
        "query ($a: Int!, $b: [Anything]) { anything(of: { a: $a, b: [$b, { c: 1.5 }], c: ENUM }) }",
        "{ human(id: 1, even: \"\"\"ab\"\"\") { id } }",
    ]);
    let int = "(a 32-bit integer)";
    for (value, expected) in [
        ("first: 1.0", format!("Argument \"first\" must be of type \"Int\" {int}, got 1.0.")),
        ("first: 1e0", format!("Argument \"first\" must be of type \"Int\" {int}, got 1e0.")),
        ("first: 2147483648", format!("Argument \"first\" must be of type \"Int\" {int}, got 2147483648.")),
        ("first: \"1\"", format!("Argument \"first\" must be of type \"Int\" {int}, got \"1\".")),
        ("first: true", format!("Argument \"first\" must be of type \"Int\" {int}, got true.")),
        ("first: [1]", format!("Argument \"first\" must be of type \"Int\" {int}, got a list.")),
        ("filter: []", "Argument \"filter\" must be of type \"PetFilter\" (an input object), got a list.".to_owned()),
        ("filter: { name: 1 }", "Argument \"filter.name\" must be of type \"String\", got 1.".to_owned()),
        ("filter: { name: a }", "Argument \"filter.name\" must be of type \"String\", got a.".to_owned()),
        ("filter: { sizes: [1, null] }", "Argument \"filter.sizes[1]\" must be of type \"Int!\", got null.".to_owned()),
        ("filter: { sizes: [[1]] }", format!("Argument \"filter.sizes[0]\" must be of type \"Int!\" {int}, got a list.")),
        ("filter: { limit: null }", "Argument \"filter.limit\" must be of type \"Int!\", got null.".to_owned()),
        (
            "filter: { style: \"LONG\" }",
            "Argument \"filter.style\" must be of type \"Style\" (an enum value, without quotes), got \"LONG\".".to_owned(),
        ),
        ("filter: { style: LANG }", "Argument \"filter.style\" must be of type \"Style\", got LANG; did you mean \"LONG\"?".to_owned()),
        ("filter: { style: 1 }", "Argument \"filter.style\" must be of type \"Style\" (an enum value), got 1; expected \"SHORT\", \"LONG\" or \"nullable\".".to_owned()),
        ("filter: { nam: 1 }", "Field \"nam\" does not exist on input type \"PetFilter\"; did you mean \"name\" or \"not\"?".to_owned()),
        ("filter: { name: \"a\", name: \"b\" }", "Input field \"name\" is provided more than once.".to_owned()),
        ("filter: { must: {} }", "Field \"have\" of type \"Int!\" is required in input type \"Must\".".to_owned()),
        ("filter: { must: { have: 1, even: \"abc\" } }", "Argument \"filter.must.even\" must be of type \"Even\" (a string of even length), got \"abc\".".to_owned()),
        ("filter: { must: { have: 1, even: 12 } }", "Argument \"filter.must.even\" must be of type \"Even\" (a string), got 12.".to_owned()),
        ("filter: { of: {} }", "OneOf input type \"Key\" requires exactly one field, with a value other than null.".to_owned()),
        ("filter: { of: { id: 1, name: \"a\" } }", "OneOf input type \"Key\" requires exactly one field, with a value other than null.".to_owned()),
        ("filter: { of: { id: null } }", "OneOf input type \"Key\" requires exactly one field, with a value other than null.".to_owned()),
    ] {
        let found = errors(&format!("{{ human(id: 1) {{ pets({value}) {{ __typename }} }} }}"));
        let [found] = found.as_slice() else { panic!("{value}: {found:?}") };
        assert_eq!(found.split_once(' ').unwrap().1, expected, "{value}");
    }
    // The location of the error is the location of the value.
    invalid(&[
        (
            "{ humans(filter: {\n  not: {\n    limit: \"x\" } }) { id } }",
            &[
                "3:12 Argument \"filter.not.limit\" must be of type \"Int!\" (a 32-bit integer), got \"x\".",
            ],
        ),
        ("{ float(by: 1e400) }", &["1:13 Argument \"by\" must be of type \"Float\", got 1e400."]),
        ("{ float(by: \"1\") }", &["1:13 Argument \"by\" must be of type \"Float\", got \"1\"."]),
        (
            "{ human(id: 1.0) { id } }",
            &["1:13 Argument \"id\" must be of type \"ID!\" (a string or an integer), got 1.0."],
        ),
    ]);
}

#[test]
fn directives() {
    valid(&[
        "{ dog @include(if: true) @skip(if: false) { id ... @skip(if: false) { id } ...a @include(if: true) } } fragment a on Dog { id }",
        "{ dog @often(times: 1) @often(times: 2) { __typename @skip(if: true) } }",
        "query ($a: Int @often(times: 1), $b: Boolean!) { humans(old: $a) { __typename @include(if: $b) } }",
    ]);
    let condition =
        "1:18 Argument \"if\" of type \"Boolean!\" is required on directive \"@include\".";
    invalid(&[
        (
            "{ dog { id @skop(if: true) } }",
            &["1:12 Directive \"@skop\" does not exist; did you mean \"@skip\"?"],
        ),
        (
            "query @skip(if: true) { dog { id } }",
            &["1:7 Directive \"@skip\" is not allowed on QUERY."],
        ),
        (
            "query ($a: Int @deprecated) { humans(old: $a) { id } }",
            &["1:16 Directive \"@deprecated\" is not allowed on VARIABLE_DEFINITION."],
        ),
        (
            "{ dog { ...a } } fragment a on Dog @include(if: true) { id }",
            &["1:36 Directive \"@include\" is not allowed on FRAGMENT_DEFINITION."],
        ),
        (
            "{ dog { id @skip(if: true) @skip(if: true) } }",
            &["1:28 Directive \"@skip\" can only be used once at this location."],
        ),
        ("{ __typename     @include }", &[condition]),
        (
            "{ __typename @include(if: \"yes\") }",
            &["1:27 Argument \"if\" must be of type \"Boolean!\", got \"yes\"."],
        ),
        (
            "{ __typename @include(if: $c) }",
            &["1:27 Variable \"$c\" is not defined by the operation."],
        ),
        (
            "{ __typename @include(if: true) @include(if: true) }",
            &["1:33 Directive \"@include\" can only be used once at this location."],
        ),
        (
            "{ __typename @include(if: true, of: 1) }",
            &[
                "1:33 Argument \"of\" does not exist on directive \"@include\"; did you mean \"if\"?",
            ],
        ),
    ]);
}

#[test]
fn variables() {
    valid(&[
        "query ($a: ID!) { human(id: $a) { ...h } } fragment h on Human { friend(name: \"a\") { id } }",
        "query a($a: ID!) { ...q } query b($a: ID!) { ...q } fragment q on Query { human(id: $a) { id } }",
        "query ($a: Int = 1, $b: Int!) { human(id: 1) { a: pets(first: $a) { __typename } b: pets(first: $b) { __typename } } }",
        // A default value allows a nullable variable at a non-null location.
        "query ($a: Boolean = true) { dog @skip(if: $a) { id } }",
        "query ($a: Int) { humans(filter: { limit: $a }) { id } }",
        "query ($a: [ID!]!, $b: ID!) { humans(ids: $a) { id } b: humans(ids: [$b]) { id } }",
        "query ($a: PetFilter, $b: Int!) { humans(filter: $a) { id } b: humans(filter: { not: $a, sizes: [$b] }) { id } }",
        "query ($a: String!) { humans(filter: { of: { name: $a } }) { id } }",
        "query ($a: Boolean!) { __schema @include(if: $a) { types { name fields(includeDeprecated: $a) { name } } } }",
    ]);
    invalid(&[
        (
            "query ($a: ID!, $a: ID!) { human(id: $a) { id } }",
            &["1:17 Variable \"$a\" is defined more than once."],
        ),
        (
            "query ($a: Dog) { dog { id } }",
            &[
                "1:12 Variable \"$a\" cannot have type \"Dog\", which is not an input type.",
                "1:8 Variable \"$a\" is not used in the operation.",
            ],
        ),
        // An unknown type is reported once, regardless of the usages of the variable.
        (
            "query ($a: Foo) { human(id: $a) { id } }",
            &[
                "1:12 Type \"Foo\" does not exist; expected \"Even\", \"Anything\", \"Style\", \"PetFilter\", \
               \"Must\", \"Key\", \"String\", \"Boolean\", \"Int\", \"Float\", \"ID\", \"__TypeKind\" or \
               \"__DirectiveLocation\".",
            ],
        ),
        (
            "query a { human(id: $a) { id } }",
            &["1:21 Variable \"$a\" is not defined by operation \"a\"."],
        ),
        (
            "{ ...q } fragment q on Query { human(id: $a) { id } }",
            &["1:42 Variable \"$a\" is not defined by the operation."],
        ),
        (
            "query a($a: ID!) { dog { id } }",
            &["1:9 Variable \"$a\" is not used in operation \"a\"."],
        ),
        (
            "query ($a: Int = \"x\") { humans(old: $a) { id } }",
            &[
                "1:18 Default value of variable \"$a\" must be of type \"Int\" (a 32-bit integer), got \"x\".",
            ],
        ),
        (
            "query ($a: ID! = null) { human(id: $a) { id } }",
            &["1:18 Default value of variable \"$a\" must be of type \"ID!\", got null."],
        ),
    ]);
    for (declared, place, ty, expected) in [
        ("$a: ID", "human(id: $a) { id }", "ID", "ID!"),
        ("$a: String!", "human(id: $a) { id }", "String!", "ID!"),
        ("$a: String", "humans(filter: { name: \"a\", style: $a }) { id }", "String", "Style"),
        ("$a: Float", "humans(old: $a) { id }", "Float", "Int"),
        ("$a: [ID]", "humans(ids: $a) { id }", "[ID]", "[ID!]"),
        ("$a: [ID!]", "human(id: $a) { id }", "[ID!]", "ID!"),
        ("$a: ID!", "humans(ids: $a) { id }", "ID!", "[ID!]"),
        ("$a: ID", "humans(ids: [$a]) { id }", "ID", "ID!"),
        ("$a: Must", "humans(filter: $a) { id }", "Must", "PetFilter"),
        ("$a: Boolean", "dog @skip(if: $a) { id }", "Boolean", "Boolean!"),
        ("$a: Boolean = null", "dog @skip(if: $a) { id }", "Boolean", "Boolean!"),
        ("$a: String", "human(id: 1, even: $a) { id }", "String", "Even"),
        ("$a: String", "humans(filter: { of: { name: $a } }) { id }", "String", "String!"),
    ] {
        let message = format!(
            "Variable \"$a\" of type \"{ty}\" cannot be used where type \"{expected}\" is expected."
        );
        let found = errors(&format!("query ({declared}) {{ {place} }}"));
        assert_eq!(found.len(), 1, "{declared}: {found:?}");
        assert!(found[0].ends_with(&message), "{declared}: {found:?}");
    }
}

#[test]
fn all_errors_are_reported() {
    assert_eq!(errors("query ($x: Foo) { dg { id } cat { meow } ...f }").len(), 5);
}
