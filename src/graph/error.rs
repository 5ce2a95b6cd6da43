//! What can go wrong, and what of it a client is told.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response};
use sea_orm::DbErr;

use super::page::LARGEST_PAGE;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    BadInput(#[from] BadInput),
    #[error("store: {0}")]
    Store(Arc<DbErr>),
    /// The data breaks a rule of its own, such as a key that points at nothing.
    #[error("data: {0}")]
    Broken(String),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// The ways in which a client can be wrong; told in full.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadInput {
    #[error("`first` and `last` cannot be given together: ask for a page from one end")]
    BothEnds,
    #[error("`{argument}` must be between 0 and {most}, not {got}")]
    PageSize { argument: &'static str, got: i32, most: i32 },
    #[error("`{argument}` is no cursor of this server: {got:?}")]
    NotACursor { argument: &'static str, got: String },
    #[error("`{argument}` is a cursor of another list or order: {got:?}")]
    CursorOfAnotherList { argument: &'static str, got: String },
    #[error("`{argument}` is no id of this server: {got:?}")]
    NotAnId { argument: &'static str, got: String },
    #[error("`{argument}` is an id with a date that is none: {got:?}")]
    NotADatedId { argument: &'static str, got: String },
    #[error("`{argument}` must be a day such as \"2022-12-05\", not {got}")]
    NotADay { argument: &'static str, got: String },
    #[error("`{argument}` and `history` cannot be given together: a history is of all dates")]
    HistoryExcludes { argument: &'static str },
    #[error("`{argument}` names no {what} here: {got:?}")]
    Unknown { argument: &'static str, what: &'static str, got: String },
    #[error("`{argument}` takes at most {most} values, not {got}")]
    TooMany { argument: String, got: usize, most: usize },
    /// A condition of a filter or a key of an order, by its place in the argument.
    #[error("`{place}` {wrong}")]
    Filter { place: String, wrong: String },
    #[error("a series has at most {most} dates: shorten it, or take a longer interval")]
    TooManyDates { most: usize },
    #[error("`from` ({from}) must not be later than `to` ({to})")]
    EndsBeforeItBegins { from: String, to: String },
    #[error(
        "the document costs {cost}, and {limit} is the most; {share} of it lies at `{heaviest}`: \
        ask for smaller pages, fewer levels or fewer fields there"
    )]
    Cost { cost: u64, limit: u64, heaviest: String, share: u64 },
    #[error("the variable `${name}` must be given: it is a `{ty}`")]
    MissingVariable { name: String, ty: String },
    #[error(
        "the answer has more than {most} rows of lists that are not paged: ask for fewer levels, or \
         for less on each"
    )]
    AnswerLength { most: usize },
    #[error("the document has {got} {what}; {most} are the most")]
    DocumentLength { what: &'static str, got: u64, most: u64 },
    #[error("`{argument}` has no letter or digit to look for")]
    NothingToLookFor { argument: &'static str },
    #[error("`{argument}` takes at most {most} characters, not {got}")]
    TooLong { argument: &'static str, got: usize, most: usize },
    #[error("`{argument}` takes at most {most} words, not {got}")]
    TooManyWords { argument: &'static str, got: usize, most: usize },
}

impl BadInput {
    /// Refuses an argument of more than a hundred values.
    pub fn too_many(argument: &'static str, got: usize) -> Result<(), Self> {
        Self::too_many_in(argument, got, LARGEST_PAGE)
    }

    /// Refuses a place in an argument that has more than so many values.
    pub fn too_many_in(place: &str, got: usize, most: usize) -> Result<(), Self> {
        match got > most {
            true => Err(Self::TooMany { argument: place.to_owned(), got, most }),
            false => Ok(()),
        }
    }

    /// The code, and the numbers that a program may want to read.
    fn tell(&self, extensions: &mut ErrorExtensionValues) {
        let Self::Cost { cost, limit, heaviest, share } = self else {
            return extensions.set("code", "BAD_USER_INPUT");
        };
        extensions.set("code", "COST_LIMIT_EXCEEDED");
        extensions.set("cost", *cost);
        extensions.set("limit", *limit);
        extensions.set("heaviest", heaviest.as_str());
        extensions.set("share", *share);
    }
}

/// Gives each error its code, and keeps what is ours to ourselves: it is logged once and shown as
/// "internal error".
///
/// On the finished response, not as an extension of the schema: with one, the crate takes a longer
/// way for each field and each item of a list.
pub fn mask(response: &mut Response, operation: Option<&str>) {
    for error in &mut response.errors {
        let mut extensions = error.extensions.take().unwrap_or_default();
        match error.source::<Error>() {
            None => {}
            Some(Error::BadInput(wrong)) => wrong.tell(&mut extensions),
            Some(ours) => {
                let path = format!("{:?}", error.path);
                tracing::error!(error = %ours, operation, path, "a request failed");
                error.message = "internal error".to_owned();
                error.source = None;
                extensions.set("code", "INTERNAL_SERVER_ERROR");
            }
        }
        error.extensions = (extensions != ErrorExtensionValues::default()).then_some(extensions);
    }
}
