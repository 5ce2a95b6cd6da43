//! The order of a list and places in it: what a cursor holds, and what a page is cut by.

use std::{borrow::Cow, ops::Range};

use async_graphql::Enum;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::NaiveDate;
use entity::{Id, PartialDate};
use sea_orm::Value;
use serde::{Deserialize, Serialize};

use super::{error::BadInput, table::Table};

/// A column that orders a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct By {
    pub column: &'static str,
    pub holds: Holds,
    pub descending: bool,
    /// Where rows without it stand; none where every row has it.
    pub nulls: Option<Nulls>,
}

/// Position of items without a value in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum Nulls {
    /// Before all other items.
    First,
    /// After all other items.
    Last,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holds {
    Text,
    Number,
    Day,
}

impl By {
    pub const fn text(column: &'static str) -> Self {
        Self { column, holds: Holds::Text, descending: false, nulls: None }
    }

    pub const fn number(column: &'static str) -> Self {
        Self { column, holds: Holds::Number, descending: false, nulls: None }
    }

    fn fits(&self, key: &OrderKey) -> bool {
        match (self.holds, key) {
            (_, OrderKey::Null) => self.nulls.is_some(),
            // PostgreSQL takes no NUL.
            (Holds::Text, OrderKey::Text(text)) => !text.contains('\0'),
            (Holds::Number, OrderKey::Number(_)) => true,
            (Holds::Day, OrderKey::Text(day)) => {
                let day = day.parse::<PartialDate>();
                day.is_ok_and(|day| day.earliest() == day.latest())
            }
            _ => false,
        }
    }

    /// As the names of orders have it.
    fn name(&self) -> String {
        let direction = if self.descending { "-" } else { "" };
        let nulls = if self.nulls == Some(Nulls::First) { "?" } else { "" };
        format!("{direction}{}{nulls}", self.column)
    }
}

/// The order of a list: the table and the columns, after which comes the id.
#[derive(Clone, Debug)]
pub struct Order {
    pub table: Table,
    pub columns: Cow<'static, [By]>,
}

impl Order {
    fn name(&self) -> String {
        let columns = self.columns.iter().map(By::name);
        std::iter::once(self.table.name().to_owned()).chain(columns).collect::<Vec<_>>().join(" ")
    }

    /// The place of a row with these keys.
    pub fn place(&self, keys: Vec<OrderKey>, id: Id) -> Place {
        Place { list: self.name(), keys, id }
    }

    /// The place that a cursor names.
    pub fn parse(&self, argument: &'static str, cursor: &str) -> Result<Place, BadInput> {
        let got = || cursor.chars().take(80).collect();
        let place: Place = BASE64_URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .ok_or_else(|| BadInput::NotACursor { argument, got: got() })?;
        if place.list != self.name() {
            return Err(BadInput::CursorOfAnotherList { argument, got: got() });
        }
        let fits = self.columns.iter().zip(&place.keys).all(|(by, key)| by.fits(key));
        if place.keys.len() != self.columns.len() || !fits {
            return Err(BadInput::NotACursor { argument, got: got() });
        }
        Ok(place)
    }
}

/// A place in the order of a list: the keys of the row that stands there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The name of the order.
    list: String,
    keys: Vec<OrderKey>,
    id: Id,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OrderKey {
    Null,
    Number(i64),
    Text(String),
}

impl Place {
    /// The values to compare with the columns of the order, none where the row has none; and the
    /// id.
    pub fn values<'a>(
        &'a self,
        order: &'a [By],
    ) -> (impl Iterator<Item = (&'a By, Option<Value>)> + 'a, Id) {
        let keys = order.iter().zip(&self.keys).map(|(by, key)| {
            let value = match key {
                OrderKey::Null => None,
                OrderKey::Number(number) => Some((*number).into()),
                OrderKey::Text(text) if by.holds == Holds::Day => {
                    text.parse::<NaiveDate>().ok().map(Into::into)
                }
                OrderKey::Text(text) => Some(text.as_str().into()),
            };
            (by, value)
        });
        (keys, self.id)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = serde_json::to_vec(self).expect("a place is plain data");
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(text))
    }
}

/// The part of a list that a page shows, checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    pub size: usize,
    /// Counted from the end of the list.
    pub backward: bool,
    pub after: Option<Place>,
    pub before: Option<Place>,
}

impl Window {
    /// The whole of a list that is short by its nature.
    pub const fn whole(size: usize) -> Self {
        Self { size, backward: false, after: None, before: None }
    }

    /// Refuses the cursors of other lists in the same order: those of this one begin with `key`.
    pub fn led_by(self, key: &OrderKey) -> Result<Self, BadInput> {
        for (argument, place) in [("after", &self.after), ("before", &self.before)] {
            if let Some(place) = place.as_ref().filter(|place| place.keys.first() != Some(key)) {
                let got = place.to_string().chars().take(80).collect();
                return Err(BadInput::CursorOfAnotherList { argument, got });
            }
        }
        Ok(self)
    }

    /// The same part of a list that is at hand as a whole, by its places in order; and whether
    /// there are more beyond its far end.
    pub fn cut(&self, places: &[Place]) -> (Range<usize>, bool) {
        let after = |after| places.partition_point(|place| place <= after);
        let start = self.after.as_ref().map_or(0, after);
        let before = |before| places.partition_point(|place| place < before);
        let end = self.before.as_ref().map_or(places.len(), before).max(start);
        let more = end - start > self.size;
        let page = match (more, self.backward) {
            (false, _) => start..end,
            (true, false) => start..start + self.size,
            (true, true) => end - self.size..end,
        };
        (page, more)
    }
}
