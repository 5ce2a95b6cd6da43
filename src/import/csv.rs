//! CSV to rows: one table a file, which is the file's name. What a cell holds is decided by its
//! column, never by its look: `007` of a text stays a text, an empty cell is a key left out.

use std::{collections::BTreeMap, path::Path};

use csv::{ReaderBuilder, StringRecord};

use super::{
    jsonl,
    keys::{Cell as Form, Table},
    raw::{Cell, Datum, File, Problem, Raw},
};

/// The column that says the place of a row among all rows.
pub const ORDER: &str = "order";

/// The rows of a file; what is no row is reported.
pub fn rows(file: &File, problems: &mut Vec<Problem>) -> Vec<Raw> {
    let mut report = |line, message: String| {
        problems.push(Problem { file: file.name.clone(), line, record: None, message });
    };
    let stem = Path::new(&*file.name).file_stem().and_then(|stem| stem.to_str());
    let Some(table) = stem.and_then(Table::named) else {
        let names: Vec<_> = Table::all().map(Table::name).collect();
        let message = format!(
            "the file's name is no table: name it after one of {}, such as member.csv",
            names.join(", ")
        );
        report(1, message);
        return Vec::new();
    };
    let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
    let first = text.lines().next().unwrap_or_default();
    // Some spreadsheets part cells by semicolons or tabs.
    let parts = [b',', b';', b'\t'];
    let count = |part: &u8| first.bytes().filter(|byte| byte == part).count();
    let part = parts.into_iter().rev().max_by_key(count).unwrap_or(b',');
    let mut reader = ReaderBuilder::new()
        .delimiter(part)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let Some(Ok(header)) = records.next() else {
        report(1, "the file is empty: its first line names the columns".to_owned());
        return Vec::new();
    };
    let known: BTreeMap<String, Form> = table.cells().into_iter().collect();
    let columns: Vec<(&str, Option<Form>)> =
        header.iter().map(|name| (name.trim(), known.get(name.trim()).copied())).collect();
    for (at, (name, form)) in columns.iter().enumerate() {
        if form.is_none() && *name != ORDER {
            report(1, format!("`{}` has no key `{name}`", table.name()));
        } else if columns[..at].iter().any(|(before, _)| before == name) {
            report(1, format!("the column `{name}` is there twice"));
        }
    }
    let mut rows = Vec::new();
    for record in records {
        match record {
            Ok(record) => rows.extend(row(file, table, &columns, &record, &mut report)),
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                report(usize::try_from(line).unwrap_or(1), format!("not CSV: {error}"));
            }
        }
    }
    rows
}

fn row(
    file: &File,
    table: Table,
    columns: &[(&str, Option<Form>)],
    record: &StringRecord,
    report: &mut impl FnMut(usize, String),
) -> Option<Raw> {
    let line = record.position().map_or(1, csv::Position::line);
    let line = usize::try_from(line).unwrap_or(usize::MAX);
    if record.iter().all(str::is_empty) {
        return None;
    }
    if record.len() > columns.len() {
        let message =
            format!("{} cells, but the first line names {} columns", record.len(), columns.len());
        report(line, message);
        return None;
    }
    let mut keys = BTreeMap::new();
    let mut order = None;
    for ((name, form), text) in columns.iter().zip(record).filter(|(_, text)| !text.is_empty()) {
        match form {
            Some(form) => {
                let cell = Cell { line, datum: datum(*form, name, text, line, report) };
                keys.insert((*name).to_owned(), cell);
            }
            None if *name == ORDER => match text.trim().parse() {
                Ok(place) => order = Some(place),
                Err(_) => report(line, format!("`{ORDER}` must be a whole number, not `{text}`")),
            },
            None => {}
        }
    }
    let mut raw = Raw::new(file, line, table.name(), keys);
    raw.order = order;
    Some(raw)
}

/// What a cell holds. What does not fit its column stays a text, which the reader of rows refuses.
fn datum(
    form: Form,
    name: &str,
    text: &str,
    line: usize,
    report: &mut impl FnMut(usize, String),
) -> Datum {
    let plain = || Datum::Text(text.to_owned());
    match form {
        Form::Text => plain(),
        Form::Number => text.trim().parse().map_or_else(|_| plain(), Datum::Number),
        Form::Flag => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Datum::Flag(true),
            "false" => Datum::Flag(false),
            _ => plain(),
        },
        Form::Days if !text.trim_start().starts_with('[') => plain(),
        Form::Json | Form::Days => match serde_json::from_str(text) {
            Ok(value) => jsonl::datum(value, line),
            Err(error) => {
                let message =
                    format!("`{name}` is a list or a table as JSON: {}", jsonl::said(&error));
                report(line, message);
                Datum::List(Vec::new())
            }
        },
    }
}
