use std::fmt::Write;

use query_guard::{Category, Schema, limits::*, parse, validate};

/// Returns the limit of the first limit error of a document.
fn exceeded(text: &str) -> Option<(&'static str, u64)> {
    let errors = match parse(text) {
        Err(error) => vec![error],
        Ok(document) => validate(&super::schema(), &document, true).err().unwrap_or_default(),
    };
    errors.into_iter().find_map(|error| match *error.kind {
        query_guard::ErrorKind::Limit { what, max, .. } => {
            assert_eq!(error.kind.category(), Category::Limit);
            Some((what, max))
        }
        _ => None,
    })
}

/// Builds a document with a number of limited elements.
type Document<'a> = &'a dyn Fn(u64) -> String;

fn each(count: u64, text: impl Fn(u64) -> String) -> String {
    (0..count).fold(String::new(), |mut all, at| {
        write!(all, "{} ", text(at)).unwrap();
        all
    })
}

#[test]
fn documents_are_limited() {
    let cases: [(&str, u64, Document); 9] = [
        ("tokens", MAX_TOKENS, &|count| format!("{{ {} }}", "a ".repeat(count as usize - 2))),
        ("aliases", MAX_ALIASES, &|count| {
            format!("{{ {} }}", each(count, |at| format!("a{at}: dog {{ id }}")))
        }),
        ("directives", MAX_DIRECTIVES, &|count| {
            format!("{{ dog {} {{ id }} }}", "@often(times: 1) ".repeat(count as usize))
        }),
        ("uses of variables", MAX_VARIABLE_USES, &|count| {
            format!(
                "query ($a: [ID!]) {{ humans(ids: [{}]) {{ id }} }}",
                "$a ".repeat(count as usize - 1)
            )
        }),
        ("characters in a name", MAX_NAME_LENGTH, &|count| {
            format!("{{ {} }}", "a".repeat(count as usize))
        }),
        ("levels of nested brackets", MAX_NESTING, &|count| {
            let levels = count as usize - 2;
            format!("{{ anything(of: {}1{}) }}", "[".repeat(levels), "]".repeat(levels))
        }),
        ("fragments", MAX_FRAGMENTS, &|count| {
            format!(
                "{{ dog {{ ...f0 }} }} {}",
                each(count, |at| format!(
                    "fragment f{at} on Dog {{ id ...f{} }}",
                    (at + 1) % count
                ))
            )
        }),
        ("operations", MAX_OPERATIONS, &|count| {
            each(count, |at| format!("query q{at} {{ dog {{ id }} }}"))
        }),
        ("variables", MAX_VARIABLES, &|count| {
            format!("query ({}) {{ dog {{ id }} }}", each(count, |at| format!("$a{at}: Int")))
        }),
    ];
    for (what, max, document) in cases {
        let at = exceeded(&document(max));
        assert!(at.is_none_or(|(other, _)| other == "validation errors"), "{what}: {at:?}");
        assert_eq!(exceeded(&document(max + 1)), Some((what, max)), "{what}");
    }
}

#[test]
fn nesting_is_limited_for_all_brackets() {
    for (open, close) in [("[", "]"), ("{a:", "}"), ("{a ", "}"), ("{a(b:", ")}"), ("[[", "]]")] {
        for levels in [200, 100_000] {
            let text = format!("{{ a(b: {}1{}) }}", open.repeat(levels), close.repeat(levels));
            assert!(parse(&text).is_err());
            assert!(parse(&open.repeat(levels)).is_err());
        }
    }
    // Brackets in strings and comments do not count.
    let hidden = "[".repeat(1_000);
    assert!(parse(&format!("{{ a(b: \"{hidden}\") }} # {hidden}")).is_ok());
}

#[test]
fn errors_are_limited() {
    let unknown = |count| format!("{{ {} }}", each(count, |at| format!("x{at}")));
    assert_eq!(exceeded(&unknown(MAX_ERRORS)), None);
    assert_eq!(exceeded(&unknown(MAX_ERRORS + 1)), Some(("validation errors", MAX_ERRORS)));
    let arguments = each(2_000, |at| format!("a{at}: 1"));
    assert_eq!(
        exceeded(&format!("{{ dog({arguments}) {{ id }} }}")),
        Some(("validation errors", MAX_ERRORS))
    );
    let conflicts = each(250, |at| format!("a: being(id: {at}) {{ id }}"));
    assert_eq!(exceeded(&format!("{{ {conflicts} }}")), Some(("validation errors", MAX_ERRORS)));
}

#[test]
fn comparisons_are_limited() {
    let merging = Some(("selections to compare for field merging", MAX_COMPARISONS));
    // Each selection is compared once.
    let text = format!("{{ {} }}", "dog { id } ".repeat(4_000));
    assert_eq!(exceeded(&text), None);
    let nested =
        format!("{{ {}{}{} }}", "... { ".repeat(40), "dog { id } ".repeat(4_000), "} ".repeat(40));
    assert_eq!(exceeded(&nested), None);
    // Nine hundred fields are merged for each of two hundred fields.
    let fields = "id name kind ".repeat(300);
    let places = each(200, |at| format!("a{at}: owner {{ best {{ ...g }} }}"));
    let text = format!("{{ dog {{ {places} }} }} fragment g on Dog {{ {fields} }}");
    assert_eq!(exceeded(&text), merging);
    // Pairs of object types multiply at each level, up to four thousand sets.
    let doubled = (0..14).fold("id".to_owned(), |below, _| {
        format!("owner {{ best {{ ... on Dog {{ {below} }} ... on Cat {{ {below} }} }} }}")
    });
    assert!(exceeded(&format!("{{ dog {{ {doubled} }} }}")).is_some());
}

#[test]
fn repeated_fragments_are_compared_once() {
    let levels = each(200, |at| {
        format!(
            "fragment f{at} on Dog {{ ...f{0} ...f{0} owner {{ best {{ ...f{0} ...f{0} }} }} }}",
            at + 1
        )
    });
    let text = format!("{{ dog {{ ...f0 }} }} {levels} fragment f200 on Dog {{ id }}");
    assert!(exceeded(&text).is_none_or(|(what, _)| what.starts_with("selections")));
}

#[test]
fn schemas_have_no_size_limit() {
    let types = each(30_000, |at| format!("type T{at} {{ a: T{at} }}"));
    assert!(Schema::new(&format!("type Query {{ a: T0 }} {types}"), &[]).is_ok());
}

#[test]
fn fragment_cycles_are_reported_up_to_the_error_limit() {
    let chain = each(999, |at| format!("fragment f{at} on Dog {{ ...f{} }}", at + 1));
    let back = "...f0 ".repeat(5_000);
    let text = format!("{{ dog {{ ...f0 }} }} {chain} fragment f999 on Dog {{ {back} }}");
    assert_eq!(exceeded(&text), Some(("validation errors", MAX_ERRORS)));
}

#[test]
fn spreads_and_values_count_as_comparisons() {
    let merging = Some(("selections to compare for field merging", MAX_COMPARISONS));
    let places = each(400, |at| format!("a{at}: dog {{ ...g }}"));
    let spreads = "...f ".repeat(5_000);
    let text =
        format!("{{ {places} }} fragment g on Dog {{ {spreads} }} fragment f on Dog {{ id }}");
    assert_eq!(exceeded(&text), merging);
    let humans = |at| format!("a{at}: human(id: 1) {{ ...g }}");
    let pets = format!("pets(filter: {{ sizes: [{}] }}) {{ __typename }}", "1 ".repeat(1_200));
    let text = format!("{{ {} }} fragment g on Human {{ {pets} {pets} }}", each(400, humans));
    assert_eq!(exceeded(&text), merging);
}
