//! Reference implementation of filters, orders and counts on rows in memory, written from their
//! descriptions.
//!
//! Shares with the server only the folding of text (`fold`) and the parsing of dates.

use std::collections::{BTreeMap, BTreeSet};

use assembly_graph::fold::fold;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::NaiveDate;
use entity::{Id, PartialDate};
use serde_json::Value;

use super::{
    rows::{Cell, OF_SEVERAL, Rows, Table, edge, is_timeless, snake},
    schema::{FieldKind, Schema},
};

/// An implementation of lists in plain code.
pub struct Plain {
    pub rows: Rows,
    pub schema: Schema,
}

/// The date that rows are read at, which may be known to the year or month only.
#[derive(Clone, Copy, Debug)]
pub struct At {
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// False in a history: all count, whether they hold or not.
    pub dated: bool,
}

impl At {
    pub fn day(day: NaiveDate) -> Self {
        Self { first: day, last: day, dated: true }
    }
}

/// The key in an id of the server.
pub fn key(id: &Value) -> Id {
    let text = BASE64_URL_SAFE_NO_PAD.decode(id.as_str().unwrap()).unwrap();
    let text = String::from_utf8(text).unwrap();
    let (_, key) = text.split_once(':').unwrap();
    let end = key.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(key.len());
    key[..end].parse().unwrap()
}

fn date(value: &Value) -> PartialDate {
    value.as_str().unwrap().parse().unwrap()
}

/// Whether all tests of a value pass.
fn all(value: &Value, passes: impl Fn(&str, &Value) -> bool) -> bool {
    value.as_object().unwrap().iter().all(|(test, value)| passes(test, value))
}

fn any(values: &Value, passes: impl FnMut(&Value) -> bool) -> bool {
    values.as_array().unwrap().iter().any(passes)
}

/// A group of rows: its key, the record that it is of, and how many there are.
pub type Group = (Option<String>, Option<Id>, usize);

impl Plain {
    /// Whether a row passes a filter.
    pub fn passes(&self, ty: &str, row: usize, filter: &Value, at: At) -> bool {
        all(filter, |name, value| match name {
            "and" => value.as_array().unwrap().iter().all(|one| self.passes(ty, row, one, at)),
            "or" => any(value, |one| self.passes(ty, row, one, at)),
            "not" => !self.passes(ty, row, value, at),
            field => self.field(ty, row, field, value, at),
        })
    }

    fn field(&self, ty: &str, row: usize, field: &str, value: &Value, at: At) -> bool {
        let table = self.rows.of(ty);
        let new = |test: &str| -> bool {
            panic!(
                "`{ty}Filter.{field}` has a test `{test}` that is new here: say in \
                 `random/plain.rs` what passes it, and in `random/draw.rs` what to query"
            )
        };
        let sort = self.schema.kind_of(ty, field);
        match sort {
            FieldKind::Id => {
                let id = table.id(row);
                all(value, |test, value| match test {
                    "eq" => key(value) == id,
                    "not" => key(value) != id,
                    "in" => any(value, |one| key(one) == id),
                    test => new(test),
                })
            }
            FieldKind::Slug => {
                let slugs = self.slugs(table.id(row));
                let is = |value: &Value| slugs.contains(&value.as_str().unwrap());
                all(value, |test, value| match test {
                    "eq" => is(value),
                    "not" => !is(value),
                    "in" => any(value, is),
                    test => new(test),
                })
            }
            FieldKind::Text => {
                let texts: Vec<_> =
                    self.texts(ty, row, field).iter().map(|one| fold(one)).collect();
                let some = |passes: &dyn Fn(&str) -> bool| texts.iter().any(|one| passes(one));
                all(value, |test, value| {
                    let folded = |value: &Value| fold(value.as_str().unwrap());
                    match test {
                        "eq" => some(&|text| text == folded(value)),
                        "not" => !some(&|text| text == folded(value)),
                        "in" => any(value, |one| some(&|text| text == folded(one))),
                        "startsWith" => some(&|text| text.starts_with(&folded(value))),
                        "contains" => some(&|text| text.contains(&folded(value))),
                        "isNull" => {
                            (self.cell(ty, row, field) == &Cell::None) == value.as_bool().unwrap()
                        }
                        test => new(test),
                    }
                })
            }
            FieldKind::Code | FieldKind::Word(_) => {
                let then = self.then_value(ty, row, field, at);
                let text = then.as_deref().or(self.cell(ty, row, field).text());
                all(value, |test, value| match test {
                    "eq" => text == value.as_str(),
                    "not" => text != value.as_str(),
                    "in" => any(value, |one| text == one.as_str()),
                    "isNull" => text.is_none() == value.as_bool().unwrap(),
                    test => new(test),
                })
            }
            FieldKind::Number => {
                if (ty, field) == ("Delegation", "totalSeats") {
                    return self.seats(row, value, at);
                }
                let then = self.then_value(ty, row, field, at);
                let then = then.map(|number| number.parse::<i64>().unwrap());
                let number = then.or(self.cell(ty, row, field).number());
                all(value, |test, value| {
                    number_passes(number, test, value).unwrap_or_else(|| new(test))
                })
            }
            FieldKind::Date => {
                let days = self.days(ty, row, field);
                let possibly = value["possibly"] == true;
                all(value, |test, value| {
                    date_passes(days, test, value, possibly).unwrap_or_else(|| new(test))
                })
            }
            FieldKind::Flag => {
                let then = (ty, field) == ("Claim", "preferred");
                let then = then.then(|| self.preferred_as_of(row, at)).flatten();
                let flag = then.map_or_else(|| self.cell(ty, row, field).clone(), Cell::Flag);
                flag == Cell::Flag(value.as_bool().unwrap())
            }
            FieldKind::Certainty => {
                assert!(at.dated, "a history has no certainty");
                let day = |column| table.cell(row, column).day().unwrap();
                let sure = day("sure_from") <= at.first && day("sure_until") >= at.last;
                holds(table, row, at) && sure == (value == "DEFINITE")
            }
            FieldKind::One(to) => {
                let found = self.one(ty, row, field, to);
                found.is_some_and(|found| self.passes(to, found, value, at))
            }
            FieldKind::Many(to) => self.many(ty, row, field, to, value, at, &new),
        }
    }

    fn many(
        &self,
        ty: &str,
        row: usize,
        field: &str,
        to: &str,
        value: &Value,
        at: At,
        new: &dyn Fn(&str) -> bool,
    ) -> bool {
        let table = self.rows.of(to);
        let own = value.get("asOf").map(|day| At::day(date(day).earliest()));
        let history = value["history"] == true;
        let at = own.unwrap_or(At { dated: at.dated && !history, ..at });
        let of_date = table.has_period() && at.dated && (own.is_some() || !is_timeless(ty, field));
        let mut found = self.many_of(ty, row, field, to);
        found.retain(|row| !of_date || holds(table, *row, at));
        all(value, |test, value| {
            let passes = |row: &usize| self.passes(to, *row, value, at);
            match test {
                "some" => found.iter().any(passes),
                "none" => !found.iter().any(passes),
                "every" => found.iter().all(passes),
                "asOf" | "history" => true,
                test => new(test),
            }
        })
    }

    /// The number of seats is kept by the days on which it is so.
    fn seats(&self, row: usize, value: &Value, at: At) -> bool {
        let totals = self.rows.table("seat_total");
        let own = totals.with("delegation_id", self.rows.of("Delegation").id(row)).iter();
        let own = own.filter(|row| holds(totals, **row, at));
        let seats: Vec<_> = own.map(|row| totals.cell(*row, "seats").number()).collect();
        all(value, |test, value| match test {
            "isNull" => seats.is_empty() == value.as_bool().unwrap(),
            "not" => !seats.iter().any(|seats| *seats == value.as_i64()),
            test => seats.iter().any(|seats| number_passes(*seats, test, value).unwrap()),
        })
    }

    /// The value on a date of a field with a history.
    fn then_value(&self, ty: &str, row: usize, field: &str, at: At) -> Option<String> {
        if !self.rows.of(ty).has("varying") {
            return None;
        }
        let kept: Value = serde_json::from_str(self.cell(ty, row, "varying").text()?).unwrap();
        let begun = |period: &&Value| period[0].as_str().unwrap() <= &*at.last.to_string();
        let last = kept.get(field)?.as_array().unwrap().iter().rfind(begun)?;
        Some(last[1].as_str().unwrap().to_owned())
    }

    /// Whether a claim is preferred on a date. `None` if that does not depend on the date.
    fn preferred_as_of(&self, row: usize, at: At) -> Option<bool> {
        let during = self.cell("Claim", row, "preferredDuring").text()?;
        let during: Vec<(NaiveDate, NaiveDate)> = serde_json::from_str(during).unwrap();
        Some(during.iter().any(|(from, until)| *from <= at.last && at.last <= *until))
    }

    /// The row that an edge to one leads to.
    pub fn one(&self, ty: &str, row: usize, field: &str, to: &str) -> Option<usize> {
        let table = self.rows.of(ty);
        let id = if OF_SEVERAL.contains(&ty) {
            Some(table.id(row))
        } else {
            self.cell(ty, row, &format!("{field}Id")).number()
        };
        id.and_then(|id| self.rows.of(to).with("id", id).first()).copied()
    }

    /// The rows that an edge to many leads to, whether they hold or not.
    pub fn many_of(&self, ty: &str, row: usize, field: &str, to: &str) -> Vec<usize> {
        let way = edge(&self.rows, ty, field, to);
        self.rows.at(way, to, self.rows.of(ty).id(row))
    }

    /// The row of one of several types in the table of its own, and that type.
    fn own(&self, ty: &str, row: usize) -> (String, usize) {
        let table = self.rows.of(ty);
        let words = table.cell(row, "kind").text().unwrap().split('_');
        let own: String =
            words.map(|word| word[..1].to_owned() + &word[1..].to_lowercase()).collect();
        let row = self.rows.of(&own).with("id", table.id(row))[0];
        (own, row)
    }

    /// What a row has in the column of a field.
    pub fn cell(&self, ty: &str, row: usize, field: &str) -> &Cell {
        let table = self.rows.of(ty);
        if OF_SEVERAL.contains(&ty) && field == "name" {
            let (ty, row) = self.own(ty, row);
            return self.cell(&ty, row, field);
        }
        let column = match (ty, field) {
            ("Stage", "order") => "position".to_owned(),
            _ => snake(field),
        };
        assert!(
            table.has(&column),
            "`{ty}.{field}` is new here, and there is no column {column}: say in \
             `random/plain.rs` what it is"
        );
        table.cell(row, &column)
    }

    /// The first and the last possible day of a date.
    pub fn days(&self, ty: &str, row: usize, field: &str) -> Option<PartialDate> {
        let day = |end| self.cell(ty, row, &format!("{field}{end}")).day();
        PartialDate::from_columns(day("Earliest"), day("Latest"))
    }

    /// The names of a record, current and former.
    pub fn slugs(&self, id: Id) -> Vec<&str> {
        let slug = |table: &str, column: &str| {
            let table = self.rows.table(table);
            table
                .with(column, id)
                .iter()
                .filter_map(|row| table.cell(*row, "slug").text())
                .collect::<Vec<_>>()
        };
        [slug("record", "id"), slug("alias", "record_id")].concat()
    }

    /// The texts of a row in a field: its own, and where names belong to it, all names.
    pub fn texts(&self, ty: &str, row: usize, field: &str) -> Vec<&str> {
        if OF_SEVERAL.contains(&ty) {
            let (ty, row) = self.own(ty, row);
            return self.texts(&ty, row, field);
        }
        let mut texts: Vec<_> = self.cell(ty, row, field).text().into_iter().collect();
        let titled = ["Decision", "Document", "Membership"].contains(&ty);
        if field == if titled { "title" } else { "name" } {
            let names = self.rows.table("name");
            let own = names.with("record_id", self.rows.of(ty).id(row)).iter();
            texts.extend(own.filter_map(|row| names.cell(*row, "value").text()));
        }
        texts
    }

    /// The rows in the case order, or in the default order.
    pub fn sort(&self, ty: &str, rows: &mut [usize], order: &[Value]) {
        let table = self.rows.of(ty);
        let own = match ty {
            "State" => vec![("code".to_owned(), false, false)],
            "Member" => vec![("name".to_owned(), false, false)],
            "Stage" => vec![("position".to_owned(), false, false)],
            _ => Vec::new(),
        };
        let case = order.iter().map(|key| {
            let column = self.order_column(ty, key["field"].as_str().unwrap());
            (column, key["direction"] == "DESC", key["nulls"] == "FIRST")
        });
        let keys: Vec<_> = if order.is_empty() { own } else { case.collect() };
        rows.sort_by(|one, other| {
            let by_key = keys.iter().map(|(column, descending, nulls_first)| {
                let (one, other) = (table.cell(*one, column), table.cell(*other, column));
                let is_last = |cell| (cell == &Cell::None) != *nulls_first;
                let by_value = one.cmp(other);
                let by_value = if *descending { by_value.reverse() } else { by_value };
                is_last(one).cmp(&is_last(other)).then(by_value)
            });
            let by_key = by_key.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then);
            by_key.then(table.id(*one).cmp(&table.id(*other)))
        });
    }

    fn order_column(&self, ty: &str, word: &str) -> String {
        let table = self.rows.of(ty);
        let column = word.to_lowercase();
        let columns = match (ty, word) {
            ("Stage", "ORDER") => vec!["position".to_owned()],
            _ => vec![format!("{column}_earliest"), column],
        };
        let found = columns.into_iter().find(|column| table.has(column));
        found.unwrap_or_else(|| {
            panic!("{ty} in the order of {word} is new here: say in `order_column` what it is")
        })
    }

    /// How many of some rows there are in each group.
    pub fn groups(&self, ty: &str, rows: &[usize], group_key: &str, at: At) -> Vec<Group> {
        let mut groups: BTreeMap<(Option<String>, Option<Id>), BTreeSet<usize>> = BTreeMap::new();
        let (mut years, column) = (false, group_key.to_lowercase());
        for row in rows {
            // Of the rows at an edge, if they have the group key.
            let (far, rows, column) = match (ty, group_key) {
                ("Member", "STATE" | "ORGANIZATION" | "ROLE") => {
                    ("Membership", self.as_of(ty, *row, "memberships", "Membership", at), &*column)
                }
                ("State" | "Parliament", "ASSEMBLY" | "STATUS") => {
                    let then = self.as_of(ty, *row, "participations", "Participation", at);
                    ("Participation", then, &*column)
                }
                ("Commission", "ASSEMBLY") => {
                    ("Assembly", self.many_of(ty, *row, "assemblies", "Assembly"), "id")
                }
                ("Stage", "ORDER") => (ty, vec![*row], "position"),
                _ => (ty, vec![*row], &*column),
            };
            let table = self.rows.of(far);
            for far_row in rows {
                let pointer = match column {
                    "id" => "id".to_owned(),
                    _ => format!("{column}_id"),
                };
                let year = match (far, group_key) {
                    ("Decision", "YEAR") => "adopted_earliest".to_owned(),
                    ("Document", "YEAR") => "published_earliest".to_owned(),
                    ("Session" | "LegislativePeriod", "YEAR") => "starts_earliest".to_owned(),
                    ("Stage", "YEAR") => "date_earliest".to_owned(),
                    _ => format!("{column}_earliest"),
                };
                let key = if table.has(&pointer) {
                    let id = table.cell(far_row, &pointer).number();
                    let slug = id.map(|id| self.slugs(id)[0].to_owned());
                    (slug, id)
                } else if table.has(&year) {
                    years = true;
                    let day = table.cell(far_row, &year).day();
                    (day.map(|day| day.format("%Y").to_string()), None)
                } else {
                    assert!(
                        table.has(column),
                        "{ty} by {group_key} is new here: say in `groups` of `random/plain.rs` \
                         what its groups are"
                    );
                    (table.cell(far_row, column).group_key(), None)
                };
                // What lies at the far end without a group says nothing of the row.
                if far == ty || key.0.is_some() {
                    groups.entry(key).or_default().insert(*row);
                }
            }
        }
        let groups = groups.into_iter().map(|((key, id), rows)| (key, id, rows.len()));
        let mut groups: Vec<Group> = groups.collect();
        groups.sort_by_key(|(key, _, count)| {
            let first = if years { 0 } else { usize::MAX - count };
            (first, key.is_none(), key.clone())
        });
        groups
    }

    fn as_of(&self, ty: &str, row: usize, field: &str, to: &str, at: At) -> Vec<usize> {
        let mut rows = self.many_of(ty, row, field, to);
        rows.retain(|row| holds(self.rows.of(to), *row, at));
        rows
    }
}

/// Whether a row holds on a date, or may.
pub fn holds(table: &Table, row: usize, at: At) -> bool {
    let day = |column| table.cell(row, column).day().unwrap();
    day("holds_from") <= at.last && day("holds_until") >= at.first
}

/// Whether a number matches; `None` if the operator does not exist.
fn number_passes(number: Option<i64>, test: &str, value: &Value) -> Option<bool> {
    let is = |passes: &dyn Fn(i64, i64) -> bool| {
        number.is_some_and(|number| passes(number, value.as_i64().unwrap()))
    };
    Some(match test {
        "isNull" => number.is_none() == value.as_bool().unwrap(),
        "eq" => is(&|number, value| number == value),
        "not" => !is(&|number, value| number == value),
        "in" => any(value, |one| number.is_some() && number == one.as_i64()),
        "lt" => is(&|number, value| number < value),
        "lte" => is(&|number, value| number <= value),
        "gt" => is(&|number, value| number > value),
        "gte" => is(&|number, value| number >= value),
        "between" => number.is_some_and(|number| {
            let (from, to) = (value["from"].as_i64(), value["to"].as_i64());
            from.is_none_or(|from| from <= number) && to.is_none_or(|to| number <= to)
        }),
        _ => return None,
    })
}

/// Whether a date matches, definitely or possibly; `None` if the operator does not exist.
fn date_passes(
    days: Option<PartialDate>,
    test: &str,
    value: &Value,
    possibly: bool,
) -> Option<bool> {
    if test == "possibly" {
        return Some(true);
    }
    if test == "isNull" {
        return Some(days.is_none() == value.as_bool().unwrap());
    }
    let Some(own) = days else { return Some(false) };
    // Of a range of days: all of them, or one.
    let from = |day| if possibly { own.latest() >= day } else { own.earliest() >= day };
    let to = |day| if possibly { own.earliest() <= day } else { own.latest() <= day };
    Some(match test {
        "eq" => own == date(value),
        "before" if possibly => own.earliest() < date(value).latest(),
        "before" => own.latest() < date(value).earliest(),
        "after" if possibly => own.latest() > date(value).earliest(),
        "after" => own.earliest() > date(value).latest(),
        "within" => from(date(value).earliest()) && to(date(value).latest()),
        "between" => {
            value.get("from").is_none_or(|value| from(date(value).earliest()))
                && value.get("to").is_none_or(|value| to(date(value).latest()))
        }
        _ => return None,
    })
}
