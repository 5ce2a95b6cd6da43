//! The date type of the domain: a day, a month or a year, with the precision of its source.

use std::{fmt, str::FromStr};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, Months, NaiveDate};

/// A date with the precision of its source: `2022`, `2022-12` or `2022-12-05`.
///
/// Stored as its earliest and latest day, so that possible and definite matches are one comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartialDate {
    earliest: NaiveDate,
    latest: NaiveDate,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a date; a date is a year, a month or a day, such as 2022, 2022-12 or 2022-12-05"
)]
pub struct InvalidDate(String);

impl PartialDate {
    pub fn day(day: NaiveDate) -> Self {
        Self { earliest: day, latest: day }
    }

    /// Reads the two columns of a row: both are set or neither.
    pub fn from_columns(earliest: Option<NaiveDate>, latest: Option<NaiveDate>) -> Option<Self> {
        earliest.zip(latest).map(|(earliest, latest)| Self { earliest, latest })
    }

    /// Returns the values of the two columns of a row.
    pub fn to_columns(date: Option<Self>) -> (Option<NaiveDate>, Option<NaiveDate>) {
        (date.map(|date| date.earliest), date.map(|date| date.latest))
    }

    pub fn earliest(&self) -> NaiveDate {
        self.earliest
    }

    pub fn latest(&self) -> NaiveDate {
        self.latest
    }

    fn from_months(first: Option<NaiveDate>, months: u32) -> Option<Self> {
        let earliest = first?;
        let latest = earliest.checked_add_months(Months::new(months))?.pred_opt()?;
        Some(Self { earliest, latest })
    }
}

impl FromStr for PartialDate {
    type Err = InvalidDate;

    /// Parses `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let plain = text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let number = |from: usize, to: usize| text[from..to].parse().unwrap_or(0);
        let date = match (plain, text.len()) {
            (true, 4) => Self::from_months(year_month(number(0, 4), 1), 12),
            (true, 7) => Self::from_months(year_month(number(0, 4), number(5, 7)), 1),
            (true, 10) => year_month(number(0, 4), number(5, 7))
                .and_then(|month| month.with_day(number(8, 10)))
                .map(Self::day),
            _ => None,
        };
        date.ok_or_else(|| InvalidDate(text.chars().take(40).collect()))
    }
}

fn year_month(year: u32, month: u32) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok().filter(|year| *year > 0)?;
    NaiveDate::from_ymd_opt(year, month, 1)
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { earliest, latest } = self;
        if earliest == latest {
            write!(f, "{earliest}")
        } else if (earliest.year(), earliest.month()) == (latest.year(), latest.month()) {
            write!(f, "{}", earliest.format("%Y-%m"))
        } else {
            write!(f, "{}", earliest.format("%Y"))
        }
    }
}

/// Date with the precision of its source, in EDTF: a year `2022`, a month `2022-12` or a day
/// `2022-12-05`.
#[Scalar(specified_by_url = "https://www.loc.gov/standards/datetime/")]
impl ScalarType for PartialDate {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(text.parse()?),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
    }

    #[test]
    fn reads_and_writes_each_precision() {
        for (text, earliest, latest) in [
            ("2022", day(2022, 1, 1), day(2022, 12, 31)),
            ("2024-02", day(2024, 2, 1), day(2024, 2, 29)),
            ("2022-12", day(2022, 12, 1), day(2022, 12, 31)),
            ("2022-12-05", day(2022, 12, 5), day(2022, 12, 5)),
            ("9999", day(9999, 1, 1), day(9999, 12, 31)),
        ] {
            let date: PartialDate = text.parse().expect(text);
            assert_eq!((date.earliest(), date.latest()), (earliest, latest), "{text}");
            assert_eq!(date.to_string(), text);
        }
    }

    #[test]
    fn rejects_invalid_dates() {
        for text in [
            "",
            "22",
            "0000",
            "2022-13",
            "2022-00",
            "2022-02-30",
            "2022-1",
            "2022-1-5",
            "+022",
            "2022-12-5x",
            "05.12.2022",
            "2022/12",
            "unknown",
            "２０２２",
            "2022-12-05T00:00",
        ] {
            assert_eq!(text.parse::<PartialDate>(), Err(InvalidDate(text.into())), "{text}");
        }
    }
}
