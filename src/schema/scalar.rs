//! The validation of custom scalars in documents and variables.

use chrono::DateTime;
use entity::PartialDate;

use crate::graph::Day;

pub fn date(text: &str) -> Result<(), String> {
    match text.parse::<Day>() {
        Ok(_) => Ok(()),
        Err(_) => Err("a date such as \"2022-12-05\"".to_owned()),
    }
}

pub fn partial_date(text: &str) -> Result<(), String> {
    match text.parse::<PartialDate>() {
        Ok(_) => Ok(()),
        Err(_) => {
            Err("a year, month or day, such as \"2022\", \"2022-12\" or \"2022-12-05\"".to_owned())
        }
    }
}

pub fn date_time(text: &str) -> Result<(), String> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(_) => Ok(()),
        Err(_) => Err("a date and time in RFC 3339, such as \"2022-12-05T09:30:00Z\"".to_owned()),
    }
}
