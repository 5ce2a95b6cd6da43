//! The date a subtree is read at: carried by objects and their ids, and by batches.
//!
//! What it is for a row to hold on a date is written in the row: two pairs of days. Knows no
//! table, only the names of those columns.

use std::{fmt, str::FromStr};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;
use entity::PartialDate;

use super::error::BadInput;

/// The date that something is read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AsOf {
    date: PartialDate,
    origin: Origin,
}

/// Where a date comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Origin {
    /// The day of the request: nothing else was said.
    Today,
    /// A record above it is of that date, such as a session.
    Brought,
    /// The request states it.
    Stated,
}

impl AsOf {
    pub fn today(day: NaiveDate) -> Self {
        Self { date: PartialDate::day(day), origin: Origin::Today }
    }

    pub fn stated(day: NaiveDate) -> Self {
        Self { date: PartialDate::day(day), origin: Origin::Stated }
    }

    /// As a record of a date passes it on, which it does unless the request states one.
    pub fn of(self, date: Option<PartialDate>) -> Self {
        match (self.origin, date) {
            (Origin::Stated, _) | (_, None) => self,
            (_, Some(date)) => Self { date, origin: Origin::Brought },
        }
    }

    /// Whether the request states the date.
    pub fn is_stated(&self) -> bool {
        self.origin == Origin::Stated
    }

    pub fn date(&self) -> PartialDate {
        self.date
    }
}

/// As ids carry it: nothing for today, so that ids of today stay the same tomorrow.
impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Today => Ok(()),
            Origin::Brought => write!(f, "~{}", self.date),
            Origin::Stated => write!(f, "@{}", self.date),
        }
    }
}

impl AsOf {
    /// From the end of an id; none where that is no date.
    pub fn parse(text: &str, today: NaiveDate) -> Option<Self> {
        let (origin, date) = match text.split_at_checked(1) {
            None => return Some(Self::today(today)),
            Some(("~", date)) => (Origin::Brought, date),
            Some(("@", date)) => (Origin::Stated, date),
            Some(_) => return None,
        };
        let date = PartialDate::from_str(date).ok()?;
        // Requests state days; records may be known less precisely.
        let fits = origin == Origin::Brought || date.earliest() == date.latest();
        fits.then_some(Self { date, origin })
    }
}

/// A day, `2022-12-05`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

/// A text that is not a day.
#[derive(Debug, thiserror::Error)]
#[error("must be a date such as \"2022-12-05\"")]
pub struct NotADay;

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        match PartialDate::from_str(text) {
            Ok(date) if date.earliest() == date.latest() => Ok(Self(date.earliest())),
            _ => Err(NotADay),
        }
    }
}

impl From<NaiveDate> for Day {
    fn from(day: NaiveDate) -> Self {
        Self(day)
    }
}

/// Calendar date in ISO 8601, such as `2022-12-05`.
#[Scalar(name = "Date", specified_by_url = "https://scalars.graphql.org/andimarek/local-date")]
impl ScalarType for Day {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(text.parse()?),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// The time arguments of a list whose rows hold for a time, as written.
#[derive(Clone, Debug, Default)]
pub struct When {
    pub as_of: Option<Day>,
    pub history: bool,
}

impl When {
    pub fn of(as_of: Option<Day>, history: Option<bool>) -> Self {
        Self { as_of, history: history.unwrap_or(false) }
    }

    /// The only judge of time arguments: the date to read at, and which rows to show.
    pub fn check(self, around: AsOf) -> Result<(AsOf, During), BadInput> {
        let stated = self.as_of.map(|day| AsOf::stated(day.0));
        let as_of = stated.unwrap_or(around);
        match self.history {
            true if stated.is_some() => Err(BadInput::HistoryExcludes { argument: "asOf" }),
            true => Ok((as_of, During::Ever)),
            false => Ok((as_of, During::On(as_of.date))),
        }
    }
}

/// Which of the rows that hold for a time belong to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum During {
    /// All, whether they hold or not.
    Ever,
    /// Those that possibly hold on the date.
    On(PartialDate),
}

/// The first and the last day on which a row may hold.
pub const HOLDS: (&str, &str) = ("holds_from", "holds_until");
/// The days between which a row certainly holds.
pub const SURE: (&str, &str) = ("sure_from", "sure_until");
