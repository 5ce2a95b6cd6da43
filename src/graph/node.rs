//! What an object says of itself once, and the ids by which clients hold it.

use async_graphql::ID;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::Id;
use sea_orm::EntityTrait;

use super::{
    batch::{AnyRow, Table},
    error::BadInput,
    page::{Order, Sorted},
};

/// An object that stands for one row of a table.
pub trait Node: From<AnyRow> + Send + Sync + 'static {
    type Entity: EntityTrait<Model: Send + Sync>;

    /// The columns that order its lists; the id comes after them. None of them may be null.
    const ORDER: &'static [Sorted] = &[];

    fn table() -> Table {
        Table::of::<Self::Entity>()
    }

    fn order() -> Order {
        Order { table: Self::table(), columns: Self::ORDER }
    }
}

/// The id of an object among all objects: opaque to clients, its type and key to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalId {
    pub kind: String,
    pub key: Id,
}

impl GlobalId {
    pub fn new(kind: &str, key: Id) -> Self {
        Self { kind: kind.to_owned(), key }
    }

    pub fn parse(argument: &'static str, id: &ID) -> Result<Self, BadInput> {
        BASE64_URL_SAFE_NO_PAD
            .decode(id.as_bytes())
            .ok()
            .and_then(|text| String::from_utf8(text).ok())
            .and_then(|text| {
                let (kind, key) = text.split_once(':')?;
                let key = key.parse().ok().filter(|key| *key > 0)?;
                let parsed = Self::new(kind, key);
                (parsed.to_string() == id.as_str()).then_some(parsed)
            })
            .ok_or_else(|| Self::unknown(argument, id))
    }

    /// The error about an id that names no object here.
    pub fn unknown(argument: &'static str, id: &ID) -> BadInput {
        BadInput::NotAnId { argument, got: id.chars().take(80).collect() }
    }
}

impl std::fmt::Display for GlobalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(format!("{}:{}", self.kind, self.key)))
    }
}
