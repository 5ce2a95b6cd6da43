use query_guard::{
    ast::{Selection, ValueKind},
    parse,
};

use super::errors;

fn parse_error(text: &str) -> String {
    super::message(parse(text).map(|_| ()).expect_err(text))
}

/// Returns the value of a string literal.
fn string(literal: &str) -> Option<String> {
    let text = format!("{{ a(b: {literal}) }}");
    let document = parse(&text).ok()?;
    let Selection::Field(field) = &document.operations[0].selection_set.items[0] else {
        return None;
    };
    match &field.arguments[0].value.kind {
        ValueKind::String { value, .. } => Some(value.clone().into_owned()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn documents_of_the_september_2025_edition_are_parsed() {
    for text in [
        "{ a }",
        "\u{feff}query q($a: [Int!]! = [1, -2.5e+3], $b: F = { x: { y: 1 }, z: [{ x: 1 }, { x: 2 }] }) @d(a: 1) {
            a: b(c: $a, d: \"}{\", e: \"\"\" }{\" \\\"\"\" \"\"\", f: { g: ENUM, h: null }) { ...f ... on T { i } }
        } # }}}}\n fragment f on T { a }",
        "\"\"\"What it is for.\"\"\" query A(\"One.\" $a: [ Int ! ] = [], \"\"\"Two.\"\"\" $b: [ [ Int ] ! ] ! @d) { a }",
        "\"A.\" query { a } \"B.\" fragment b on C { d } \"C.\" mutation { a } \"D.\" subscription { a }",
        "{ query mutation on fragment null true subscription: false ...on on { type } ... @d { input } ...onX }",
        "query query { a(b: trueish, c: [nullable falsey, fals], d: nullX, on: on) } fragment query on query { a }",
        "{ a(b: [], c: {}, d: -0, e: 12345678901234567890123456789012345678901, f: 1e400) }",
        "{ a # \u{0} ünïcode \u{1F3CA}\r b, c,,, d \u{feff}e }",
        "query ($a: Int $b: Int){a(b:$a c:$b)}",
    ] {
        assert!(parse(text).is_ok(), "{text}: {}", parse_error(text));
    }
}

#[test]
fn string_values_follow_the_specification() {
    for (literal, value) in [
        (r#""""#, ""),
        (r#""a \" \\ \/ \b\f\n\r\t""#, "a \" \\ / \u{8}\u{c}\n\r\t"),
        (r#""\u004B\u{4B}\u{1D11E}\u{00000000041}\u{10FFFF}""#, "KK\u{1D11E}A\u{10FFFF}"),
        (r#""\uD83D\uDE00 \uD7FF\uE000""#, "\u{1F600} \u{D7FF}\u{E000}"),
        ("\"\u{0} \t \u{1F600}\"", "\u{0} \t \u{1F600}"),
        ("\"\"\"\"\"\"", ""),
        ("\"\"\"  one  \"\"\"", "  one  "),
        ("\"\"\"\n\n    one\n      two\n\n    three\n  \n\"\"\"", "one\n  two\n\nthree"),
        ("\"\"\"one\r\n\ttwo\r\tthree\"\"\"", "one\ntwo\nthree"),
        (r#""""a \""" b \u004B \\ " "" c""""#, "a \"\"\" b \\u004B \\\\ \" \"\" c"),
    ] {
        assert_eq!(string(literal).as_deref(), Some(value), "{literal}");
    }
    for literal in [
        r#""\x""#,
        r#""\""#,
        r#""\u12""#,
        r#""\u{}""#,
        r#""\u{110000}""#,
        r#""\u{FFFFFFFFFFFF}""#,
        r#""\u{D800}""#,
        r#""\uD800""#,
        r#""\uD800x""#,
        r#""\uD800\u0041""#,
        r#""\uDE00\uD83D""#,
        r#""\u{12""#,
        r#""\u+123""#,
        "\"a\nb\"",
        "\"a\rb\"",
        "\"\"\"a",
        "\"a",
    ] {
        assert_eq!(string(literal), None, "{literal}");
    }
}

#[test]
fn numbers_end_before_a_valid_next_token() {
    for value in ["0", "-0", "10", "-1.05", "0.0e-00", "1E+007", "1e5", "[1-1 0-0]"] {
        assert!(parse(&format!("{{ a(b: {value}) }}")).is_ok(), "{value}");
    }
    for value in [
        "00", "-", "01", "-007", "1.", "1.e1", ".1", "1e", "1e+", "1a", "1_", "1.0.0", "0x1F",
        "--1", "+1", "1.5e3.2", "1...",
    ] {
        assert!(parse(&format!("{{ a(b: {value}) }}")).is_err(), "{value}");
    }
}

#[test]
fn errors_state_what_is_expected() {
    for (text, expected) in [
        (
            "",
            "1:1 Syntax error: unexpected end of document; expected \"{\", \"query\" or \"fragment\".",
        ),
        (
            " # { a }\n",
            "2:1 Syntax error: unexpected end of document; expected \"{\", \"query\" or \"fragment\".",
        ),
        (
            "{ a\n  { b }",
            "2:8 Syntax error: unexpected end of document; expected a field or fragment or \"}\".",
        ),
        (
            "{ a } }",
            "1:7 Syntax error: unexpected \"}\"; expected \"{\", \"query\" or \"fragment\".",
        ),
        ("{ a(b:\n  [1) }", "2:5 Syntax error: unexpected \")\"; expected a value or \"]\"."),
        ("{ }", "1:3 Syntax error: unexpected \"}\"; expected a field or fragment."),
        ("{ a() }", "1:5 Syntax error: unexpected \")\"; expected an argument."),
        ("query () { a }", "1:8 Syntax error: unexpected \")\"; expected a variable."),
        (
            "{ a(b: 'x') }",
            "1:8 Syntax error: unexpected character \"'\"; strings use double quotes.",
        ),
        ("{ a(b: \"x) }", "1:8 Syntax error: unterminated string."),
        ("{ a(b: \"\\q\") }", "1:9 Syntax error: invalid escape sequence \"\\q\"."),
        ("{ a(b: 1.) }", "1:8 Syntax error: invalid number \"1.\"."),
        (
            "query ($a: Int = $b) { a }",
            "1:18 Syntax error: unexpected \"$\"; expected a value that is not a variable.",
        ),
        (
            "query ($a: Int @d(a: $b)) { a }",
            "1:22 Syntax error: unexpected \"$\"; expected a value that is not a variable.",
        ),
        ("query ($a: [Int Int]) { a }", "1:17 Syntax error: unexpected \"Int\"; expected \"]\"."),
        (
            "\"A\" { a }",
            "1:5 Syntax error: unexpected \"{\"; expected \"{\", \"query\" or \"fragment\".",
        ),
        (
            "type A { a: Int }",
            "1:1 Syntax error: unexpected \"type\"; expected \"{\", \"query\" or \"fragment\".",
        ),
        (
            "fragment on on A { a }",
            "1:10 Syntax error: unexpected \"on\"; expected the name of the fragment.",
        ),
        ("{ ä }", "1:3 Syntax error: unexpected character \"ä\"."),
        ("{ äa\u{0} }", "1:3 Syntax error: unexpected character \"ä\"."),
        // Columns count characters. Lines end with the line terminators of the specification.
        ("{ a(b: \"\u{1F600}ü\") ? }", "1:14 Syntax error: unexpected character \"?\"."),
        (
            "{\r\na\r\"\"\"\n\r\n\n\"\"\" }",
            "3:1 Syntax error: unexpected string \"\"; expected a field or fragment or \"}\".",
        ),
        ("{ # \u{1F600}\n ; }", "2:2 Syntax error: unexpected character \";\"."),
    ] {
        let text = text.replace("ä a", "a");
        assert_eq!(errors(&text), [expected], "{text}");
    }
}
