//! Lists: page arguments, and what a page knows of its list.

use std::sync::Arc;

use async_graphql::{Context, InputType, ServerResult, SimpleObject, Value as Written};

use super::{
    as_of::When,
    batch::Slice,
    error::BadInput,
    filter::Filter,
    keyset::{Order, Window},
    order::OrderBy,
    read,
};
use crate::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// An argument of the field that is being resolved; none where it is omitted.
pub fn argument<T: InputType>(ctx: &Context<'_>, name: &str) -> ServerResult<Option<T>> {
    ctx.param_value::<Option<T>>(name, Some(Option::default)).map(|(_, value)| value)
}

/// The page arguments of a list, as written.
#[derive(Default)]
pub struct List {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
    /// The time arguments; none where the rows are not read as of a date.
    pub when: Option<When>,
    /// Which rows, as written. Boxed, because without optimization a resolver's frame has room for the
    /// list of each of its fields.
    pub filter: Option<Box<Written>>,
    /// In which order, as written; as the type has it where nothing is said.
    pub order_by: Vec<Written>,
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
        let filter = read::argument(ctx, "filter");
        Self { first, after, last, before, filter, only_count, ..Self::default() }
    }

    /// All arguments of a list of the field that is being resolved.
    pub fn read(ctx: &Context<'_>) -> ServerResult<Self> {
        let list = Self::of(
            ctx,
            argument(ctx, "first")?,
            argument(ctx, "after")?,
            argument(ctx, "last")?,
            argument(ctx, "before")?,
        );
        let order_by = match read::argument(ctx, "orderBy").map(|value| *value) {
            None => Vec::new(),
            Some(Written::List(keys)) => keys,
            Some(key) => vec![key],
        };
        Ok(Self { order_by, ..list })
    }

    /// The filter of the field that is being resolved, where its list is not paged.
    pub fn read_filter(ctx: &Context<'_>) -> Self {
        Self { filter: read::argument(ctx, "filter"), ..Self::default() }
    }

    /// The order besides; the filter is at hand as it is written.
    pub fn asked<N>(self, _: Option<Filter<N>>, order_by: Option<Vec<OrderBy<N>>>) -> Self {
        let order_by = order_by.into_iter().flatten().map(Written::from).collect();
        Self { order_by, ..self }
    }

    /// The time arguments besides.
    pub fn when(self, when: When) -> Self {
        Self { when: Some(when), ..self }
    }
}

impl List {
    /// The only judge of page arguments.
    pub fn check(self, order: &Order) -> Result<Window, BadInput> {
        let size = |argument, got: i32| {
            usize::try_from(got)
                .ok()
                .filter(|size| *size <= MAX_PAGE_SIZE)
                .ok_or(BadInput::PageSize { argument, got, most: MAX_PAGE_SIZE as i32 })
        };
        let (size, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(BadInput::BothEnds),
            (Some(first), None) => (size("first", first)?, false),
            (None, Some(last)) => (size("last", last)?, true),
            (None, None) => (DEFAULT_PAGE_SIZE, false),
        };
        let place = |argument, cursor: Option<String>| {
            cursor.map(|cursor| order.parse(argument, &cursor)).transpose()
        };
        let after = place("after", self.after)?;
        let before = place("before", self.before)?;
        Ok(Window { size, backward, after, before })
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

/// Information about a page, for pagination.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there are items after this page.
    has_next_page: bool,
    /// Whether there are items before this page.
    has_previous_page: bool,
    /// Cursor of the first item of the page. Null if the page is empty.
    start_cursor: Option<String>,
    /// Cursor of the last item of the page. Null if the page is empty.
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
