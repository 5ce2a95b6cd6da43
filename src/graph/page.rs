//! Lists: page arguments, cursors, and what a page knows of its list.

use std::{ops::Range, sync::Arc};

use async_graphql::{Context, SimpleObject};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::Id;
use sea_orm::Value;
use serde::{Deserialize, Serialize};

use super::{
    batch::{Slice, Table},
    error::BadInput,
    moment::When,
};

/// Rows of a page where the client does not say how many.
pub const DEFAULT_PAGE: usize = 20;
/// The most rows of a page.
pub const LARGEST_PAGE: usize = 100;

/// The page arguments of a list, as written.
#[derive(Debug, Default)]
pub struct List {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
    /// The time arguments; none where the rows are not read as of a date.
    pub when: Option<When>,
    /// Nothing of the page is asked for but how long the whole list is.
    pub only_count: bool,
}

impl List {
    /// The page arguments of the field that is being resolved.
    pub fn of(
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Self {
        let rows = ["nodes", "edges", "pageInfo"];
        let only_count = !ctx.field().selection_set().any(|field| rows.contains(&field.name()));
        Self { first, after, last, before, when: None, only_count }
    }

    /// The time arguments besides.
    pub fn when(self, when: When) -> Self {
        Self { when: Some(when), ..self }
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

impl List {
    /// The only judge of page arguments.
    pub fn check(self, order: &Order) -> Result<Window, BadInput> {
        let size = |argument, got: i32| {
            usize::try_from(got)
                .ok()
                .filter(|size| *size <= LARGEST_PAGE)
                .ok_or(BadInput::PageSize { argument, got, most: LARGEST_PAGE as i32 })
        };
        let (size, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(BadInput::BothEnds),
            (Some(first), None) => (size("first", first)?, false),
            (None, Some(last)) => (size("last", last)?, true),
            (None, None) => (DEFAULT_PAGE, false),
        };
        let place = |argument, cursor: Option<String>| {
            cursor.map(|cursor| order.parse(argument, &cursor)).transpose()
        };
        let after = place("after", self.after)?;
        let before = place("before", self.before)?;
        Ok(Window { size, backward, after, before })
    }
}

/// A column that orders a list, by what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sorted {
    Text(&'static str),
    Number(&'static str),
}

impl Sorted {
    pub fn column(&self) -> &'static str {
        let (Self::Text(column) | Self::Number(column)) = self;
        column
    }

    fn holds(&self, key: &OrderKey) -> bool {
        matches!(
            (self, key),
            (Self::Text(_), OrderKey::Text(_)) | (Self::Number(_), OrderKey::Number(_))
        )
    }
}

/// The order of a list: the table and the columns, after which comes the id.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub table: Table,
    pub columns: &'static [Sorted],
}

impl Order {
    fn name(&self) -> String {
        let columns = self.columns.iter().map(Sorted::column);
        std::iter::once(self.table.name()).chain(columns).collect::<Vec<_>>().join(" ")
    }

    /// The place of a row with these keys.
    pub fn place(&self, keys: Vec<OrderKey>, id: Id) -> Place {
        Place { list: self.name(), keys, id }
    }

    fn parse(&self, argument: &'static str, cursor: &str) -> Result<Place, BadInput> {
        let got = || cursor.chars().take(80).collect();
        let place: Place = BASE64_URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .ok_or_else(|| BadInput::NotACursor { argument, got: got() })?;
        if place.list != self.name() {
            return Err(BadInput::CursorOfAnotherList { argument, got: got() });
        }
        let fits = self.columns.iter().zip(&place.keys).all(|(column, key)| column.holds(key));
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
    Number(i64),
    Text(String),
}

impl Place {
    /// The values to compare with the columns of the order and the id.
    pub fn values(&self) -> impl Iterator<Item = Value> {
        let keys = self.keys.iter().map(|key| match key {
            OrderKey::Number(number) => (*number).into(),
            OrderKey::Text(text) => text.as_str().into(),
        });
        keys.chain([self.id.into()])
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = serde_json::to_vec(self).expect("a place is plain data");
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(text))
    }
}

/// The rows of a page, and what they tell of the list.
pub struct Rows {
    pub slice: Arc<Slice>,
    pub window: Window,
    pub order: Order,
}

impl Rows {
    /// The cursor of a row of the page.
    pub fn cursor(&self, at: usize) -> String {
        let placed = &self.slice.rows[at];
        self.order.place(placed.keys.clone(), placed.id).to_string()
    }

    pub fn info(&self) -> PageInfo {
        let count = self.slice.rows.len();
        let ends = count.checked_sub(1).map(|last| (self.cursor(0), self.cursor(last)));
        PageInfo::of(&self.window, self.slice.more, ends)
    }
}

/// Whether a list goes on beyond a page, and where.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there is more after this page.
    has_next_page: bool,
    /// Whether there is more before this page.
    has_previous_page: bool,
    /// Cursor of the first row of the page.
    start_cursor: Option<String>,
    /// Cursor of the last row of the page.
    end_cursor: Option<String>,
}

impl PageInfo {
    /// Of a page with more rows beyond its far end, or none; `ends` are its cursors, where it has
    /// rows.
    pub fn of(window: &Window, more: bool, ends: Option<(String, String)>) -> Self {
        // The row that a cursor names lies outside the page, so there is something on its side.
        let (has_previous_page, has_next_page) = match window.backward {
            false => (window.after.is_some(), more),
            true => (more, window.before.is_some()),
        };
        let (start_cursor, end_cursor) = ends.unzip();
        Self { has_next_page, has_previous_page, start_cursor, end_cursor }
    }
}
