//! What the readers of requests claim, for fuzzing: see `fuzz/README.md`.

use async_graphql_value::ConstValue;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{
    media::{self, Media},
    parameters::{self, Asked, Parameters},
    refusal::Refusal,
    trace::Trace,
};

/// The most operations of a batch.
const BATCH: u8 = 3;
/// How deep JSON may nest, by the rule of its parser.
const MAX_DEPTH: usize = 128;
/// The most bytes of a message beside what it repeats of the request.
const OWN: usize = 300;

/// Whatever comes as a body, as a query string or as a header is read or refused.
pub fn request(bytes: &[u8]) {
    match parameters::of_body(bytes, BATCH) {
        Ok(Asked::One(one)) => judge(&one, bytes.len()),
        Ok(Asked::Batch(all)) => {
            assert!((1..=usize::from(BATCH)).contains(&all.len()));
            all.iter().for_each(|one| judge(one, bytes.len()));
        }
        Err(refusal) => told(&refusal, bytes.len()),
    }
    if let Ok(query) = std::str::from_utf8(bytes) {
        match parameters::of_query(query) {
            Ok(one) => judge(&one, bytes.len()),
            Err(refusal) => told(&refusal, bytes.len()),
        }
    }
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let trace = HeaderName::from_static("traceparent");
    let names = [header::ACCEPT, header::CONTENT_TYPE, trace];
    let headers = HeaderMap::from_iter(names.map(|name| (name, value.clone())));
    let trace = Trace::of(&headers);
    assert!(trace.trace_id != 0 && trace.span_id != 0 && trace.parent != Some(0));
    if trace.parent.is_some() {
        assert_eq!(bytes[3..35], *trace.id().as_bytes());
    }
    if Media::accepted(&headers).is_some() {
        let lower = bytes.to_ascii_lowercase();
        let names = |name: &str| lower.windows(name.len()).any(|part| part == name.as_bytes());
        assert!(["application/", "*/*"].into_iter().any(names));
    }
    media::wants_page(&headers);
    media::is_json(&headers);
}

fn judge(one: &Parameters, length: usize) {
    let texts = [&one.query, &one.operation_name, &one.document_id];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let values = one.variables.iter().chain(&one.extensions);
    let values: usize = values.map(|(key, value)| key.len() + weight(value, MAX_DEPTH)).sum();
    // Nothing of a request is larger once it is read.
    assert!(texts + values <= length, "{one:?}");
}

/// The texts and the items of a value.
fn weight(value: &ConstValue, deepest: usize) -> usize {
    assert!(deepest > 0);
    match value {
        ConstValue::String(text) => text.len(),
        ConstValue::List(items) => items.iter().map(|item| 1 + weight(item, deepest - 1)).sum(),
        ConstValue::Object(fields) => {
            fields.iter().map(|(key, field)| key.len() + weight(field, deepest - 1)).sum()
        }
        _ => 0,
    }
}

fn told(refusal: &Refusal, length: usize) {
    assert!(refusal.status.is_client_error(), "{refusal:?}");
    // What is repeated is written with escapes.
    assert!(refusal.message.len() <= OWN + 10 * length, "{refusal:?}");
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn what_was_found_stays_mended() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/request");
        for file in fs::read_dir(folder).unwrap() {
            request(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}
