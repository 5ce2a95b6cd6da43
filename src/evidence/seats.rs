//! The total seats of delegations.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use entity::{Certainty, Id, LAST_DAY, PartialDate, Temporal, Validity, seat_allocation};

use super::{preference, value_at};

/// Returns the total seats of a delegation as of a date, or `None` if no allocation is possibly
/// valid.
///
/// Of several possible allocations of a chamber, only the one with the highest rank counts. An
/// allocation without a chamber counts only if no chamber has one.
pub fn total<'a>(
    rows: impl IntoIterator<Item = &'a seat_allocation::Model>,
    date: PartialDate,
) -> Option<i32> {
    let mut counted: HashMap<Option<Id>, &seat_allocation::Model> = HashMap::new();
    for row in rows.into_iter().filter(|row| row.validity().certainty(date).is_some()) {
        let best = counted.entry(row.chamber_id).or_insert(row);
        if rank(row.validity(), row.id, date) > rank(best.validity(), best.id, date) {
            *best = row;
        }
    }
    if counted.len() > 1 {
        counted.remove(&None);
    }
    let seats = counted.values().map(|row| i64::from(seats_on(row, date)));
    (!counted.is_empty()).then(|| seats.sum::<i64>()).and_then(|sum| i32::try_from(sum).ok())
}

/// Returns the number of seats of an allocation as of a date.
pub fn seats_on(row: &seat_allocation::Model, date: PartialDate) -> i32 {
    let seats = value_at(row.varying.as_deref(), "seats", date);
    seats.and_then(|seats| seats.parse().ok()).unwrap_or(row.seats)
}

/// Returns the rank of one of several alternatives as of a date. The highest rank is preferred.
pub fn rank(validity: Validity, id: Id, date: PartialDate) -> impl Ord {
    let is_definite = validity.certainty(date) == Some(Certainty::Definite);
    (is_definite, validity.possible.from, validity.possible.until, id)
}

/// Returns the total seats of a delegation over all time, each with its first and last day. Days
/// without a known total are omitted.
pub fn totals(rows: &[&seat_allocation::Model]) -> Vec<(NaiveDate, NaiveDate, i32)> {
    let mut days = BTreeSet::new();
    for row in rows {
        let Validity { possible, definite } = row.validity();
        days.extend([possible.from, definite.from]);
        days.extend([possible.until, definite.until].iter().filter_map(NaiveDate::succ_opt));
        days.extend(preference::change_dates(row.varying.as_deref(), "seats"));
    }
    let days: Vec<NaiveDate> = days.into_iter().filter(|day| *day <= LAST_DAY).collect();
    let mut totals: Vec<(NaiveDate, NaiveDate, i32)> = Vec::new();
    for (at, from) in days.iter().enumerate() {
        let next = days.get(at + 1).and_then(NaiveDate::pred_opt);
        let until = next.unwrap_or(LAST_DAY);
        let Some(seats) = total(rows.iter().copied(), PartialDate::day(*from)) else { continue };
        match totals.last_mut() {
            Some(last) if last.2 == seats && last.1.succ_opt() == Some(*from) => last.1 = until,
            _ => totals.push((*from, until, seats)),
        }
    }
    totals
}
