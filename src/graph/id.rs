//! The ids by which clients hold objects.

use async_graphql::ID;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::NaiveDate;
use entity::Id;

use super::{as_of::AsOf, error::BadInput};

/// The id of an object among all objects: opaque to clients; to us its type, its key and the date
/// that it is read at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalId {
    pub kind: String,
    pub key: Id,
    pub as_of: AsOf,
}

impl GlobalId {
    pub fn new(kind: &str, key: Id, as_of: AsOf) -> Self {
        Self { kind: kind.to_owned(), key, as_of }
    }

    pub fn parse(argument: &'static str, id: &ID, today: NaiveDate) -> Result<Self, BadInput> {
        let text = BASE64_URL_SAFE_NO_PAD.decode(id.as_bytes()).ok();
        let text = text.and_then(|text| String::from_utf8(text).ok());
        let (kind, rest) = text
            .as_deref()
            .and_then(|text| text.split_once(':'))
            .ok_or_else(|| Self::unknown(argument, id))?;
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (key, as_of) = rest.split_at(end);
        let key = key.parse().ok().filter(|key| *key > 0);
        let key = key.ok_or_else(|| Self::unknown(argument, id))?;
        let as_of = AsOf::parse(as_of, today).ok_or_else(|| {
            let got = as_of.chars().skip(1).take(80).collect();
            BadInput::NotADatedId { argument, got }
        })?;
        let parsed = Self::new(kind, key, as_of);
        match parsed.to_string() == id.as_str() {
            true => Ok(parsed),
            false => Err(Self::unknown(argument, id)),
        }
    }

    /// The error about an id that names no object here.
    pub fn unknown(argument: &'static str, id: &ID) -> BadInput {
        BadInput::NotAnId { argument, got: id.chars().take(80).collect() }
    }
}

impl std::fmt::Display for GlobalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            &BASE64_URL_SAFE_NO_PAD.encode(format!("{}:{}{}", self.kind, self.key, self.as_of)),
        )
    }
}
