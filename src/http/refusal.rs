//! Why a request has no answer, for the client: a status, and an error as GraphQL has them.

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

/// What is wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: Code,
    pub message: String,
    /// A limit, and what was given where that is known.
    limit: Option<(u64, Option<u64>)>,
    /// What finds it in the log.
    reference: Option<String>,
    retry_after: Option<Duration>,
    allow: Option<&'static str>,
}

impl Refusal {
    pub fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        // It may quote what was sent.
        let message = truncate(&message.into(), MAX_MESSAGE_LENGTH).into_owned();
        Self { status, code, message, limit: None, reference: None, retry_after: None, allow: None }
    }

    /// A request that cannot be read.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadUserInput, message)
    }

    /// A limit that was passed.
    pub fn limit(
        status: StatusCode,
        message: impl Into<String>,
        limit: u64,
        value: Option<u64>,
    ) -> Self {
        let refusal = Self::new(status, Code::LimitExceeded, message);
        Self { limit: Some((limit, value)), ..refusal }
    }

    /// A method that there is not; `allow` lists those that there are.
    pub fn method(message: impl Into<String>, allow: &'static str) -> Self {
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput, message);
        Self { allow: Some(allow), ..refusal }
    }

    /// A fault of ours, which the log tells under the reference.
    pub fn internal(reference: &str) -> Self {
        let message = error::failure(Code::Internal).message;
        let refusal = Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, message);
        Self { reference: Some(reference.to_owned()), ..refusal }
    }

    /// One that may be tried again.
    pub fn retry_after(self, time: Duration) -> Self {
        Self { retry_after: Some(time), ..self }
    }

    pub fn busy(message: impl Into<String>, time: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message).retry_after(time)
    }

    /// The body of the answer.
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
        let mut response = media.unkept(response);
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

/// Whole seconds, and one at least.
pub fn seconds(time: Duration) -> HeaderValue {
    HeaderValue::from(time.as_millis().div_ceil(1_000).clamp(1, 3_600) as u64)
}
