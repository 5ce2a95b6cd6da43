//! Errors of a request: what a client sees, and what is only logged.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError};
use query_guard::{Category, ErrorKind, truncate};
use sea_orm::{DbErr, RuntimeErr, SqlxError};

use crate::limits::{MAX_MESSAGE_LENGTH, MAX_PAGE_SIZE, MAX_RESPONSE_ERRORS};

/// What kind of error it is, for programs: `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The document follows no grammar.
    ParseFailed,
    /// The document does not go with the schema.
    ValidationFailed,
    /// A value, a parameter or a header is wrong.
    BadUserInput,
    /// More is asked than one may ask.
    LimitExceeded,
    /// No document is known by the hash or the name.
    PersistedQueryNotFound,
    /// Documents cannot be named by their hash here.
    PersistedQueryNotSupported,
    /// It took too long.
    Timeout,
    /// The server is busy, or cannot reach its data: the same may succeed later.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Code {
    pub fn name(self) -> &'static str {
        match self {
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL_SERVER_ERROR",
        }
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    BadInput(#[from] BadInput),
    #[error("store: {0}")]
    Store(Arc<DbErr>),
    #[error("it took too long")]
    TooSlow,
    /// The data breaks a rule of its own, such as a key that points at nothing.
    #[error("data: {0}")]
    Broken(String),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl Error {
    pub fn code(&self) -> Code {
        match self {
            Self::BadInput(wrong) => wrong.code(),
            Self::Store(error) => failed(error),
            Self::TooSlow => Code::Timeout,
            Self::Broken(_) => Code::Internal,
        }
    }

    /// Whether it ends the whole request, whichever field meets it first.
    pub fn ends_request(&self) -> bool {
        matches!(self, Self::BadInput(BadInput::AnswerLength { .. }))
            || matches!(self.code(), Code::Timeout | Code::Unavailable)
    }

    /// As an answer has it, where the error is of the whole request.
    pub fn of_request(self, at: Option<Pos>) -> ServerError {
        let at = at.unwrap_or_default();
        let mut error = async_graphql::Error::from(self).into_server_error(at);
        error.locations.retain(|at| at.line > 0);
        error
    }
}

/// What it means for a client that the store failed.
pub fn failed(error: &DbErr) -> Code {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Code::Unavailable,
            _ => Code::Internal,
        };
    };
    match &**cause {
        SqlxError::Io(_)
        | SqlxError::Tls(_)
        | SqlxError::Protocol(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed
        | SqlxError::BeginFailed => Code::Unavailable,
        SqlxError::Database(told) => match told.code().as_deref() {
            // PostgreSQL and SQLite stopped the statement, as they were told to.
            Some("57014" | "9") => Code::Timeout,
            // The server goes down or comes up, takes no more connections, or has lost one; a
            // replica or another writer was in the way.
            Some("57P01" | "57P02" | "57P03" | "53300" | "40001" | "40P01" | "5" | "6" | "261") => {
                Code::Unavailable
            }
            // The database does not accept connections.
            Some("55000") => Code::Unavailable,
            // It cannot be reached, rejects the role, or does not exist.
            Some(code) if code.len() == 5 && ["08", "28", "3D"].contains(&&code[..2]) => {
                Code::Unavailable
            }
            _ => Code::Internal,
        },
        _ => Code::Internal,
    }
}

/// The ways in which a client can be wrong; told in full.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadInput {
    /// The document or its variables do not fit the schema, or exceed a limit.
    #[error(transparent)]
    Document(#[from] Box<ErrorKind>),
    #[error("Arguments \"first\" and \"last\" must not both be given.")]
    BothEnds,
    #[error("Argument \"{argument}\" must be between 0 and {most}, got {got}.")]
    PageSize { argument: &'static str, got: i32, most: i32 },
    #[error("Argument \"{argument}\" must be a cursor that this server returned, got {got:?}.")]
    NotACursor { argument: &'static str, got: String },
    #[error(
        "Argument \"{argument}\" must be a cursor of the same list in the same order, got {got:?}."
    )]
    CursorOfAnotherList { argument: &'static str, got: String },
    #[error("Argument \"{argument}\" must be an id that this server returned, got {got:?}.")]
    NotAnId { argument: &'static str, got: String },
    #[error("Argument \"{argument}\" is an id with an invalid date: {got:?}.")]
    NotADatedId { argument: &'static str, got: String },
    #[error("Argument \"{argument}\" must not be null.")]
    NullArgument { argument: &'static str },
    #[error(
        "Arguments \"{argument}\" and \"history\" must not both be given: a history includes all dates."
    )]
    HistoryExcludes { argument: &'static str },
    #[error("Argument \"{argument}\": no {what} has the slug or id {got:?}.")]
    Unknown { argument: &'static str, what: &'static str, got: String },
    #[error("Argument \"{argument}\" must have at most {most} values, got {got}.")]
    TooMany { argument: String, got: usize, most: usize },
    /// A condition of a filter or a key of an order, by its place in the argument.
    #[error("Argument \"{place}\" {wrong}.")]
    Filter { place: String, wrong: String },
    #[error(
        "Variable \"{variable}\" is omitted at \"{place}\": inside \"or\" and \"not\", omitting a \
        condition changes which rows match. Provide a value, or remove the condition."
    )]
    OmittedVariable { variable: String, place: String },
    #[error("A series must have at most {most} dates; use a shorter period or a longer interval.")]
    TooManyDates { most: usize },
    #[error("Argument \"from\" ({from}) must not be later than argument \"to\" ({to}).")]
    EndsBeforeItBegins { from: String, to: String },
    #[error(
        "The response has more than {most} items in lists without pagination; select fewer nested lists, or \
         filter them."
    )]
    AnswerLength { got: usize, most: usize },
    #[error("Argument \"{argument}\" must contain a letter or a digit.")]
    NothingToLookFor { argument: &'static str },
    #[error("Argument \"{argument}\" must have at most {most} characters, got {got}.")]
    TooLong { argument: &'static str, got: usize, most: usize },
    #[error("Argument \"{argument}\" must have at most {most} words, got {got}.")]
    TooManyWords { argument: &'static str, got: usize, most: usize },
}

impl BadInput {
    /// Refuses an argument of more than a hundred values.
    pub fn too_many(argument: &'static str, got: usize) -> Result<(), Self> {
        Self::too_many_in(argument, got, MAX_PAGE_SIZE)
    }

    /// Refuses a place in an argument that has more than so many values.
    pub fn too_many_in(place: &str, got: usize, most: usize) -> Result<(), Self> {
        match got > most {
            true => Err(Self::TooMany { argument: place.to_owned(), got, most }),
            false => Ok(()),
        }
    }

    pub fn code(&self) -> Code {
        match self {
            Self::Document(kind) => match kind.category() {
                Category::Syntax => Code::ParseFailed,
                Category::Validation => Code::ValidationFailed,
                Category::Variable => Code::BadUserInput,
                Category::Limit => Code::LimitExceeded,
            },
            Self::AnswerLength { .. } => Code::LimitExceeded,
            _ => Code::BadUserInput,
        }
    }

    /// The numbers that a program may want to read.
    fn tell(&self, extensions: &mut ErrorExtensionValues) {
        match self {
            Self::Document(kind) => match &**kind {
                ErrorKind::Limit { got, max, .. } => {
                    extensions.set("limit", *max);
                    extensions.set("value", *got);
                }
                ErrorKind::Cost { cost, max, field, field_cost } => {
                    extensions.set("limit", *max);
                    extensions.set("value", *cost);
                    extensions.set("field", field.as_str());
                    extensions.set("fieldCost", *field_cost);
                }
                _ => {}
            },
            Self::AnswerLength { most, got } => {
                extensions.set("limit", *most);
                extensions.set("value", *got);
            }
            _ => {}
        }
    }
}

/// Gives each error its code, bounds their number and their text, and keeps what is ours to
/// ourselves: it is logged once and shown as "Internal server error.", with a reference that the log has
/// too.
///
/// On the finished response, not as an extension of the schema: with one, the crate takes a longer
/// way for each field and each item of a list. Answers the code of the first error.
pub fn mask(response: &mut Response, operation: Option<&str>) -> Option<Code> {
    // What the whole request failed of leaves nothing to show.
    let of_all = response
        .errors
        .iter()
        .filter_map(|error| error.source::<Error>())
        .find(|error| error.ends_request())
        .cloned();
    if let Some(of_all) = of_all {
        let code = of_all.code();
        let error = match code {
            Code::Timeout => {
                tracing::warn!(operation, "a request took too long");
                failure(code)
            }
            Code::Unavailable => {
                let error = of_all.to_string();
                tracing::error!(error, operation, "the data cannot be reached");
                failure(code)
            }
            _ => of_all.of_request(None),
        };
        let extensions = std::mem::take(&mut response.extensions);
        *response = Response::from_errors(vec![error]);
        response.extensions = extensions;
        if matches!(code, Code::Timeout | Code::Unavailable) {
            return Some(code);
        }
    }
    let first = response.errors.first().map(code);
    let left_out = response.errors.len().saturating_sub(MAX_RESPONSE_ERRORS);
    if left_out > 0 {
        // The first of each field are reported in any case, so that none fails in silence.
        let mut fields = HashSet::new();
        response.errors.sort_by_cached_key(|error| {
            error.locations.is_empty() || !fields.insert(error.locations.clone())
        });
    }
    let mut reference = None;
    for (at, error) in response.errors.iter_mut().enumerate() {
        // Beyond those that are shown, only what the log needs.
        if at >= MAX_RESPONSE_ERRORS && code(error) != Code::Internal {
            continue;
        }
        let mut extensions = error.extensions.take().unwrap_or_default();
        let code = code(error);
        extensions.set("code", code.name());
        if let Some(Error::BadInput(wrong)) = error.source::<Error>() {
            wrong.tell(&mut extensions);
        }
        if code == Code::Internal {
            let reference = reference.get_or_insert_with(|| {
                let reference = self::reference();
                let path = format!("{:?}", error.path);
                let cause = error.source::<Error>().map(ToString::to_string);
                let cause = cause.unwrap_or_else(|| error.message.clone());
                tracing::error!(error = cause, operation, path, reference, "a request failed");
                reference
            });
            "Internal server error.".clone_into(&mut error.message);
            error.source = None;
            extensions.set("reference", reference.as_str());
        }
        // The library alone fails without a source, where a variable that has a default is null.
        if error.source.is_none() && code == Code::BadUserInput {
            "An argument must not be null, but its variable is null."
                .clone_into(&mut error.message);
        }
        error.message = truncate(&error.message, MAX_MESSAGE_LENGTH).into_owned();
        error.extensions = Some(extensions);
    }
    response.errors.truncate(MAX_RESPONSE_ERRORS);
    if left_out > 0 {
        response.extensions.insert("errorsLeftOut".to_owned(), left_out.into());
    }
    first
}

/// The code of an error that is not masked yet.
fn code(error: &ServerError) -> Code {
    match error.source::<Error>() {
        Some(error) => error.code(),
        // The crate tells of values where they are read, and of all else before anything runs.
        None if error.path.is_empty() => Code::ValidationFailed,
        None => Code::BadUserInput,
    }
}

/// The one error of a request that came to nothing for no fault of the client.
pub fn failure(code: Code) -> ServerError {
    let message = match code {
        Code::Timeout => "The request exceeded the time limit; select less.",
        Code::Unavailable => "The server cannot process the request now; try again later.",
        _ => "Internal server error.",
    };
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.name());
    let mut error = ServerError::new(message, None);
    error.extensions = Some(extensions);
    error
}

/// A word that finds a failure in the log.
pub fn reference() -> String {
    format!("{:016x}", RandomState::new().hash_one(()))
}
