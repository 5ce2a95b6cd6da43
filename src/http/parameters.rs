//! Parses the parameters of a GraphQL request from a body or a query string.

use std::{cell::Cell, collections::HashSet, fmt};

use async_graphql::{Name, Request, Variables, indexmap::IndexMap};
use async_graphql_value::{ConstValue, Number};
use axum::http::StatusCode;
use query_guard::{limits::MAX_QUOTED, truncate};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};

use super::refusal::Refusal;
use crate::limits::MAX_REQUEST_VALUES;

/// The parameters of one operation.
#[derive(Debug, Default, PartialEq)]
pub struct Parameters {
    pub query: Option<String>,
    pub operation_name: Option<String>,
    pub variables: IndexMap<Name, ConstValue>,
    pub extensions: IndexMap<Name, ConstValue>,
    /// Whether the response has the diagnostic `extensions` (default true).
    pub response_extensions: Option<bool>,
    /// The id of a persisted document.
    pub document_id: Option<String>,
}

/// A parsed body: one operation, or a batch.
#[derive(Debug, PartialEq)]
pub enum Body {
    Single(Parameters),
    Batch(Vec<Parameters>),
}

impl Parameters {
    /// Builds the request to execute a document.
    pub fn request(self, query: &str) -> Request {
        let mut request = Request::new(query);
        request.operation_name = self.operation_name;
        request.variables = Variables::from_value(ConstValue::Object(self.variables));
        request
    }

    fn from_json(value: ConstValue) -> Result<Self, Refusal> {
        let ConstValue::Object(mut fields) = value else {
            return Err(Refusal::bad(
                "the body must be a JSON object such as {\"query\": \"{ __typename }\"}",
            ));
        };
        let mut take =
            |name: &str| fields.swap_remove(name).filter(|value| *value != ConstValue::Null);
        let extensions = map("extensions", take("extensions"))?;
        Ok(Self {
            query: text("query", take("query"))?,
            operation_name: text("operationName", take("operationName"))?,
            variables: map("variables", take("variables"))?,
            response_extensions: response_extensions(&extensions)?,
            extensions,
            document_id: text("documentId", take("documentId"))?,
        })
    }
}

fn text(name: &str, value: Option<ConstValue>) -> Result<Option<String>, Refusal> {
    match value {
        None => Ok(None),
        Some(ConstValue::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::bad(format!("`{name}` must be a string"))),
    }
}

fn map(name: &str, value: Option<ConstValue>) -> Result<IndexMap<Name, ConstValue>, Refusal> {
    match value {
        None => Ok(IndexMap::default()),
        Some(ConstValue::Object(map)) => Ok(map),
        Some(_) => Err(Refusal::bad(format!("`{name}` must be a JSON object"))),
    }
}

/// Reads `extensions.responseExtensions`.
fn response_extensions(extensions: &IndexMap<Name, ConstValue>) -> Result<Option<bool>, Refusal> {
    match extensions.get("responseExtensions") {
        None | Some(ConstValue::Null) => Ok(None),
        Some(ConstValue::Boolean(value)) => Ok(Some(*value)),
        Some(other) => {
            let got = other.to_string();
            let got = truncate(&got, MAX_QUOTED);
            let message =
                format!("`extensions.responseExtensions` must be true or false, got {got}");
            Err(Refusal::bad(message))
        }
    }
}

/// Parses the body of a POST with at most `max_batch_size` operations.
pub fn parse_body(body: &[u8], max_batch_size: u8) -> Result<Body, Refusal> {
    let Ok(body) = std::str::from_utf8(body) else {
        return Err(Refusal::bad("the body must be UTF-8"));
    };
    if body.trim().is_empty() {
        return Err(Refusal::bad(
            "the body is empty; send a JSON object such as {\"query\": \"{ __typename }\"}",
        ));
    }
    match json("the body", body)? {
        ConstValue::List(_) if max_batch_size <= 1 => Err(Refusal::bad(
            "batches are disabled; send one operation per request, or select several fields in one operation",
        )),
        ConstValue::List(all) if all.is_empty() => Err(Refusal::bad("the batch is empty")),
        ConstValue::List(all) if all.len() > usize::from(max_batch_size) => {
            let got = all.len();
            let message =
                format!("a batch must have at most {max_batch_size} operations, got {got}");
            let (status, limit) = (StatusCode::BAD_REQUEST, max_batch_size.into());
            Err(Refusal::limit(status, message, limit, Some(got as u64)))
        }
        ConstValue::List(all) => {
            let all = all.into_iter().map(Parameters::from_json);
            Ok(Body::Batch(all.collect::<Result<_, _>>()?))
        }
        one => Ok(Body::Single(Parameters::from_json(one)?)),
    }
}

/// Parses the query string of a GET.
pub fn parse_query(query: &str) -> Result<Parameters, Refusal> {
    let mut parameters = Parameters::default();
    let mut seen = HashSet::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode("the name of a parameter", name)?;
        let value = || decode(&format!("`{name}`"), value);
        match name.as_str() {
            "query" => parameters.query = Some(value()?),
            "operationName" => parameters.operation_name = Some(value()?),
            "documentId" => parameters.document_id = Some(value()?),
            "variables" => parameters.variables = object("variables", &value()?)?,
            "extensions" => parameters.extensions = object("extensions", &value()?)?,
            // Other parameters are ignored: some clients add their own, such as cache busters.
            _ => continue,
        }
        if !seen.insert(name.clone()) {
            return Err(Refusal::bad(format!("the parameter `{name}` is repeated; send it once")));
        }
    }
    parameters.response_extensions = response_extensions(&parameters.extensions)?;
    Ok(parameters)
}

fn object(name: &str, text: &str) -> Result<IndexMap<Name, ConstValue>, Refusal> {
    if text.is_empty() {
        return Ok(IndexMap::default());
    }
    let value = json(&format!("`{name}`"), text)?;
    map(name, Some(value).filter(|value| *value != ConstValue::Null))
}

/// Decodes a percent-encoded part of a query string, in which `+` is a space.
fn decode(what: &str, text: &str) -> Result<String, Refusal> {
    let invalid = || {
        Refusal::bad(format!(
            "{what} must be percent-encoded UTF-8, with two hexadecimal digits after each `%`"
        ))
    };
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        index += 1;
        match byte {
            b'+' => decoded.push(b' '),
            b'%' => {
                let digit = |index: usize| char::from(*bytes.get(index)?).to_digit(16);
                let value = digit(index).zip(digit(index + 1)).ok_or_else(invalid)?;
                decoded.push(u8::try_from(value.0 * 16 + value.1).map_err(|_| invalid())?);
                index += 2;
            }
            byte => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).map_err(|_| invalid())
}

fn json(what: &str, text: &str) -> Result<ConstValue, Refusal> {
    let remaining = Cell::new(MAX_REQUEST_VALUES);
    let mut reader = serde_json::Deserializer::from_str(text);
    let parsed = Json { remaining: &remaining }.deserialize(&mut reader);
    let parsed = parsed.and_then(|value| reader.end().map(|()| value));
    parsed.map_err(|error| match remaining.get() {
        0 => {
            let message = format!("{what} must have fewer than {MAX_REQUEST_VALUES} JSON values");
            Refusal::limit(StatusCode::BAD_REQUEST, message, MAX_REQUEST_VALUES, None)
        }
        _ => Refusal::bad(format!("{what} is not valid JSON: {error}")),
    })
}

/// Deserializes JSON. Rejects duplicate keys in an object, and more than a maximum number of values.
/// The parser limits the nesting depth.
#[derive(Clone, Copy)]
struct Json<'a> {
    /// The number of values that are still allowed.
    remaining: &'a Cell<u64>,
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = ConstValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ConstValue, D::Error> {
        self.remaining.set(self.remaining.get().saturating_sub(1));
        if self.remaining.get() == 0 {
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = ConstValue;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<ConstValue, E> {
        Ok(ConstValue::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<ConstValue, E> {
        Ok(ConstValue::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<ConstValue, E> {
        Ok(ConstValue::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<ConstValue, E> {
        Ok(Number::from_f64(value).map_or(ConstValue::Null, ConstValue::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<ConstValue, E> {
        Ok(ConstValue::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<ConstValue, E> {
        Ok(ConstValue::String(value))
    }

    fn visit_unit<E>(self) -> Result<ConstValue, E> {
        Ok(ConstValue::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ConstValue, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(ConstValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<ConstValue, A::Error> {
        let mut object = IndexMap::new();
        while let Some(key) = fields.next_key::<String>()? {
            if object.contains_key(key.as_str()) {
                let key = truncate(&key, MAX_QUOTED);
                return Err(A::Error::custom(format!("duplicate key {key:?}")));
            }
            let value = fields.next_value_seed(self)?;
            object.insert(Name::new(key), value);
        }
        Ok(ConstValue::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::error::Code;

    fn single(body: &str) -> Result<Parameters, String> {
        match parse_body(body.as_bytes(), 1) {
            Ok(Body::Single(one)) => Ok(one),
            Ok(Body::Batch(_)) => panic!("no batch"),
            Err(refusal) => Err(refusal.message),
        }
    }

    fn error_of(body: &str) -> String {
        single(body).expect_err(body)
    }

    #[test]
    fn bodies_are_parsed() {
        let body = r#"{ "query": "{ a }", "variables": { "a": [1, -2, 1.5, "x", null, true, {}] }, "operationName": null, "more": 1 }"#;
        let read = single(body).expect("parameters");
        assert_eq!(read.query.as_deref(), Some("{ a }"));
        assert_eq!(read.operation_name, None);
        let expected =
            ConstValue::from_json(serde_json::json!({ "a": [1, -2, 1.5, "x", null, true, {}] }));
        assert_eq!(ConstValue::Object(read.variables), expected.expect("a value"));
    }

    #[test]
    fn invalid_bodies_are_reported() {
        for (body, expected) in [
            ("", "the body is empty; send a JSON object such as {\"query\": \"{ __typename }\"}"),
            (
                "{ \"not a JSON",
                "the body is not valid JSON: EOF while parsing a string at line 1 column 13",
            ),
            ("7", "the body must be a JSON object such as {\"query\": \"{ __typename }\"}"),
            (r#"{ "query": {} }"#, "`query` must be a string"),
            (r#"{ "operationName": [] }"#, "`operationName` must be a string"),
            (r#"{ "variables": "x" }"#, "`variables` must be a JSON object"),
            (r#"{ "extensions": 0 }"#, "`extensions` must be a JSON object"),
            (
                r#"{ "extensions": { "responseExtensions": "false" } }"#,
                "`extensions.responseExtensions` must be true or false, got \"false\"",
            ),
            (
                r#"{ "query": "a", "query": "b" }"#,
                "the body is not valid JSON: duplicate key \"query\" at line 1 column 23",
            ),
            (
                r#"{ "variables": { "a": { "b": 1, "b": 1 } } }"#,
                "the body is not valid JSON: duplicate key \"b\" at line 1 column 35",
            ),
            (
                "[{}]",
                "batches are disabled; send one operation per request, or select several fields in one operation",
            ),
        ] {
            assert_eq!(error_of(body), expected, "{body}");
        }
        assert!(
            error_of(&format!("{{\"variables\": {}{}}}", "[".repeat(500_000), "]".repeat(500_000)))
                .contains("recursion limit")
        );
        assert_eq!(
            parse_body(b"{\"query\": \"\xff\"}", 1).expect_err("no text").message,
            "the body must be UTF-8"
        );
    }

    #[test]
    fn the_number_of_values_is_limited() {
        let many = |what: &str, count: usize| {
            let body = format!("{{\"{what}\": {{\"a\": [{}]}}}}", vec!["[0]"; count].join(","));
            parse_body(body.as_bytes(), 1).err().map(|refusal| refusal.code)
        };
        for what in ["variables", "extensions", "others"] {
            assert_eq!(many(what, 10_000), None);
            assert_eq!(many(what, 30_000), Some(Code::LimitExceeded), "{what}");
        }
    }

    #[test]
    fn batches_are_limited() {
        let batch =
            |count: usize| format!("[{}]", vec!["{ \"query\": \"{ a }\" }"; count].join(","));
        let Ok(Body::Batch(three)) = parse_body(batch(3).as_bytes(), 3) else { panic!("a batch") };
        assert_eq!(three.len(), 3);
        assert!(parse_body(batch(4).as_bytes(), 3).is_err());
        assert!(parse_body(b"[]", 3).is_err());
    }

    #[test]
    fn query_strings_are_parsed() {
        let read = parse_query(
            "query=%7B+a%20%7D&variables=%7B%22n%22%3A%201%7D&operationName=A&extensions=&other=1&&x",
        );
        let read = read.expect("parameters");
        assert_eq!(read.query.as_deref(), Some("{ a }"));
        assert_eq!(read.operation_name.as_deref(), Some("A"));
        assert_eq!(read.variables.get("n"), Some(&ConstValue::from(1)));
        for (query, expected) in [
            (
                "query=%7",
                "`query` must be percent-encoded UTF-8, with two hexadecimal digits after each `%`",
            ),
            (
                "query=%ff",
                "`query` must be percent-encoded UTF-8, with two hexadecimal digits after each `%`",
            ),
            ("query=a&query=b", "the parameter `query` is repeated; send it once"),
            ("variables=[1]", "`variables` must be a JSON object"),
            (
                "extensions=%7B%22responseExtensions%22:0%7D",
                "`extensions.responseExtensions` must be true or false, got 0",
            ),
            (
                "variables={",
                "`variables` is not valid JSON: EOF while parsing an object at line 1 column 1",
            ),
        ] {
            assert_eq!(parse_query(query).expect_err(query).message, expected);
        }
    }
}
