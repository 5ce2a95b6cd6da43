//! Responses to rejected requests: a status, and a GraphQL error.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use query_guard::truncate;
use serde_json::{Map, Value, json};

use super::media::Media;
use crate::{
    graph::error::{self, Code},
    limits::MAX_MESSAGE_LENGTH,
};

/// Why a request is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: Code,
    pub message: String,
    /// The limit, and the actual value if known.
    limit: Option<(u64, Option<u64>)>,
    /// The reference of the error in the log.
    reference: Option<String>,
    retry_after: Option<Duration>,
    allow: Option<&'static str>,
}

impl Refusal {
    pub fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        // The message may quote parts of the request.
        let message = truncate(&message.into(), MAX_MESSAGE_LENGTH).into_owned();
        Self { status, code, message, limit: None, reference: None, retry_after: None, allow: None }
    }

    /// A malformed request.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadUserInput, message)
    }

    /// A limit is exceeded.
    pub fn limit(
        status: StatusCode,
        message: impl Into<String>,
        limit: u64,
        value: Option<u64>,
    ) -> Self {
        let refusal = Self::new(status, Code::LimitExceeded, message);
        Self { limit: Some((limit, value)), ..refusal }
    }

    /// The method is not allowed; `allow` lists the allowed ones.
    pub fn method(message: impl Into<String>, allow: &'static str) -> Self {
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput, message);
        Self { allow: Some(allow), ..refusal }
    }

    /// An internal error, which is logged with the reference.
    pub fn internal(reference: &str) -> Self {
        let message = error::failure(Code::Internal).message;
        let refusal = Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, message);
        Self { reference: Some(reference.to_owned()), ..refusal }
    }

    /// Sets `Retry-After`.
    pub fn retry_after(self, time: Duration) -> Self {
        Self { retry_after: Some(time), ..self }
    }

    /// The server is overloaded, or its database is unavailable.
    pub fn busy(message: impl Into<String>, time: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message).retry_after(time)
    }

    /// The body of the response.
    pub fn body(&self) -> Value {
        let mut extensions = Map::new();
        extensions.insert("code".to_owned(), self.code.name().into());
        if let Some((limit, value)) = self.limit {
            extensions.insert("limit".to_owned(), limit.into());
            extensions.extend(value.map(|value| ("value".to_owned(), value.into())));
        }
        if let Some(reference) = &self.reference {
            extensions.insert("reference".to_owned(), reference.as_str().into());
        }
        json!({ "errors": [{ "message": self.message, "extensions": extensions }] })
    }

    pub fn response(&self, media: Media) -> Response {
        let response = (self.status, self.body().to_string()).into_response();
        let mut response = media.without_cache(response);
        let headers = response.headers_mut();
        if let Some(time) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds(time));
        }
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.response(Media::Json)
    }
}

/// A duration as whole seconds, at least one.
pub fn seconds(time: Duration) -> HeaderValue {
    HeaderValue::from(time.as_millis().div_ceil(1_000).clamp(1, 3_600) as u64)
}
