//! Checks invariants of the request parsers, for fuzzing; see `fuzz/README.md`.

use async_graphql_value::ConstValue;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{
    media::{self, Media},
    parameters::{self, Body, Parameters},
    refusal::Refusal,
    trace::Trace,
};

/// Maximum number of operations in a batch.
const MAX_BATCH_SIZE: u8 = 3;
/// Maximum nesting depth of JSON, a limit of the parser.
const MAX_DEPTH: usize = 128;
/// Maximum bytes of an error message besides what it quotes of the request.
const MAX_MESSAGE_SIZE: usize = 300;

/// Any bytes are parsed or rejected as a body, as a query string, and as headers.
pub fn request(bytes: &[u8]) {
    match parameters::parse_body(bytes, MAX_BATCH_SIZE) {
        Ok(Body::Single(one)) => check_parameters(&one, bytes.len()),
        Ok(Body::Batch(all)) => {
            assert!((1..=usize::from(MAX_BATCH_SIZE)).contains(&all.len()));
            all.iter().for_each(|one| check_parameters(one, bytes.len()));
        }
        Err(refusal) => check_refusal(&refusal, bytes.len()),
    }
    if let Ok(query) = std::str::from_utf8(bytes) {
        match parameters::parse_query(query) {
            Ok(one) => check_parameters(&one, bytes.len()),
            Err(refusal) => check_refusal(&refusal, bytes.len()),
        }
    }
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let trace = HeaderName::from_static("traceparent");
    let names = [header::ACCEPT, header::CONTENT_TYPE, trace];
    let headers = HeaderMap::from_iter(names.map(|name| (name, value.clone())));
    let trace = Trace::from_headers(&headers);
    assert!(trace.trace_id != 0 && trace.span_id != 0 && trace.parent != Some(0));
    if trace.parent.is_some() {
        assert_eq!(bytes[3..35], *trace.id().as_bytes());
    }
    if Media::accepted(&headers).is_some() {
        let lower = bytes.to_ascii_lowercase();
        let names = |name: &str| lower.windows(name.len()).any(|part| part == name.as_bytes());
        assert!(["application/", "*/*"].into_iter().any(names));
    }
    media::accepts_html(&headers);
    media::is_json(&headers);
}

fn check_parameters(one: &Parameters, length: usize) {
    let texts = [&one.query, &one.operation_name, &one.document_id];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let values = one.variables.iter().chain(&one.extensions);
    let values: usize =
        values.map(|(key, value)| key.len() + size_of_value(value, MAX_DEPTH)).sum();
    // Parsed parameters are not larger than the request.
    assert!(texts + values <= length, "{one:?}");
}

/// The size of the strings and the number of the items of a value.
fn size_of_value(value: &ConstValue, max_depth: usize) -> usize {
    assert!(max_depth > 0);
    match value {
        ConstValue::String(text) => text.len(),
        ConstValue::List(items) => {
            items.iter().map(|item| 1 + size_of_value(item, max_depth - 1)).sum()
        }
        ConstValue::Object(fields) => {
            fields.iter().map(|(key, field)| key.len() + size_of_value(field, max_depth - 1)).sum()
        }
        _ => 0,
    }
}

fn check_refusal(refusal: &Refusal, length: usize) {
    assert!(refusal.status.is_client_error(), "{refusal:?}");
    // Quoted parts are escaped.
    assert!(refusal.message.len() <= MAX_MESSAGE_SIZE + 10 * length, "{refusal:?}");
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_corpus_passes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/request");
        for file in fs::read_dir(folder).unwrap() {
            request(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}
