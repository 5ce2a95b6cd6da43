//! The scalar `DateTime`.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time.
pub struct Instant(pub DateTime<Utc>);

/// Date and time in RFC 3339, in UTC with milliseconds, such as `2022-12-05T09:30:00.000Z`.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time")]
impl ScalarType for Instant {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text.parse()?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        // Databases store different precisions.
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}
