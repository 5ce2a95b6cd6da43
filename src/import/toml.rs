//! TOML to rows: a list of tables for each table of the data set.

use std::collections::BTreeMap;

use ::toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::raw::{Cell, Datum, File, Problem, Raw};

/// The rows of a file; what is no row is reported.
pub fn rows(file: &File, problems: &mut Vec<Problem>) -> Vec<Raw> {
    let lines = Lines::of(&file.text);
    let problem = |line, message| Problem { file: file.name.clone(), line, record: None, message };
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    for error in errors {
        let line = error.span().map_or(1, |span| lines.at(span.start));
        problems.push(problem(line, format!("not TOML: {}", error.message())));
    }
    let mut rows = Vec::new();
    for (key, value) in table.into_inner() {
        let line = lines.at(key.span().start);
        let DeValue::Array(list) = value.into_inner() else {
            let message =
                format!("a file is a list of rows such as [[{}]], not a key", key.get_ref());
            problems.push(problem(line, message));
            continue;
        };
        for row in list {
            let line = lines.at(row.span().start);
            let DeValue::Table(table) = row.into_inner() else {
                problems.push(problem(line, format!("[[{}]] is a list of rows", key.get_ref())));
                continue;
            };
            let keys = cells(table, &lines);
            rows.push(Raw::new(file, line, key.get_ref().to_string(), keys));
        }
    }
    rows.sort_by_key(|row| row.line);
    rows
}

fn cells(table: DeTable<'_>, lines: &Lines) -> BTreeMap<String, Cell> {
    table
        .into_iter()
        .map(|(key, value)| {
            let line = lines.at(key.span().start);
            (key.into_inner().into_owned(), Cell { line, datum: datum(value, lines) })
        })
        .collect()
}

fn datum(value: Spanned<DeValue<'_>>, lines: &Lines) -> Datum {
    match value.into_inner() {
        DeValue::String(text) => Datum::Text(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Datum::Other("a number beyond all bounds"), Datum::Number),
        DeValue::Float(_) => Datum::Other("a fraction"),
        DeValue::Boolean(flag) => Datum::Flag(flag),
        DeValue::Datetime(_) => Datum::Other("a TOML date (write dates in quotes)"),
        DeValue::Array(list) => Datum::List(
            list.into_iter()
                .map(|value| Cell {
                    line: lines.at(value.span().start),
                    datum: datum(value, lines),
                })
                .collect(),
        ),
        DeValue::Table(table) => Datum::Table(cells(table, lines)),
    }
}

/// Where each line of a text begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line, from 1, that an offset lies on.
    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}
