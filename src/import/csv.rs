//! Reads CSV. The name of a file is the name of its table. The type of a cell is the type of its column:
//! `007` in a column of strings is a string. An empty cell is an omitted key.

use std::{collections::BTreeMap, path::Path};

use csv::{ReaderBuilder, StringRecord};

use super::{
    jsonl,
    keys::{CellType, Table, unknown_table},
    raw::{Cell, Datum, File, Problem, Raw},
    suggest::unknown_key,
};

/// The column with the position of a row among all rows.
pub const ORDER: &str = "order";

/// Reads the rows of a file and reports lines that are not rows.
pub fn rows(file: &File, problems: &mut Vec<Problem>) -> Vec<Raw> {
    let mut report = |line, message: String| {
        problems.push(Problem { file: file.name.clone(), line, record: None, message });
    };
    let stem = Path::new(&*file.name).file_stem().and_then(|stem| stem.to_str());
    let Some(table) = stem.and_then(Table::find) else {
        let unknown = unknown_table(stem.unwrap_or_default());
        report(
            1,
            format!("the file name must be the name of a table, such as member.csv: {unknown}"),
        );
        return Vec::new();
    };
    let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
    let first = text.lines().next().unwrap_or_default();
    // Some spreadsheets separate cells by semicolons or tabs.
    let delimiters = [b',', b';', b'\t'];
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    let delimiter = delimiters.into_iter().rev().max_by_key(count).unwrap_or(b',');
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let Some(Ok(header)) = records.next() else {
        report(1, "the file is empty; its first line must contain the column names".to_owned());
        return Vec::new();
    };
    let mut allowed: Vec<String> = table.cells().into_iter().map(|(key, _)| key).collect();
    allowed.push(ORDER.to_owned());
    let types: BTreeMap<String, CellType> = table.cells().into_iter().collect();
    let columns: Vec<(&str, Option<CellType>)> =
        header.iter().map(|name| (name.trim(), types.get(name.trim()).copied())).collect();
    for (index, (name, cell_type)) in columns.iter().enumerate() {
        if cell_type.is_none() && *name != ORDER {
            report(1, unknown_key(&table.name(), name, &allowed));
        } else if columns[..index].iter().any(|(before, _)| before == name) {
            report(1, format!("the column `{name}` is repeated"));
        }
    }
    let mut rows = Vec::new();
    for record in records {
        match record {
            Ok(record) => rows.extend(row(file, table, &columns, &record, &mut report)),
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                report(usize::try_from(line).unwrap_or(1), format!("invalid CSV: {error}"));
            }
        }
    }
    rows
}

fn row(
    file: &File,
    table: Table,
    columns: &[(&str, Option<CellType>)],
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
            format!("{} cells, but the first line has {} columns", record.len(), columns.len());
        report(line, message);
        return None;
    }
    let mut keys = BTreeMap::new();
    let mut order = None;
    for ((name, cell_type), text) in columns.iter().zip(record).filter(|(_, text)| !text.is_empty())
    {
        match cell_type {
            Some(cell_type) => {
                let cell = Cell { line, datum: datum(*cell_type, name, text, line, report) };
                keys.insert((*name).to_owned(), cell);
            }
            None if *name == ORDER => match text.trim().parse() {
                Ok(position) => order = Some(position),
                Err(_) => report(line, format!("`{ORDER}` must be an integer, not `{text}`")),
            },
            None => {}
        }
    }
    let mut raw = Raw::new(file, line, table.name(), keys);
    raw.order = order;
    Some(raw)
}

/// Parses a cell by the type of its column. A cell of another type stays a string, which the reader of
/// rows rejects.
fn datum(
    cell_type: CellType,
    name: &str,
    text: &str,
    line: usize,
    report: &mut impl FnMut(usize, String),
) -> Datum {
    let string = || Datum::Text(text.to_owned());
    match cell_type {
        CellType::Text => string(),
        CellType::Number => text.trim().parse().map_or_else(|_| string(), Datum::Number),
        CellType::Flag => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Datum::Flag(true),
            "false" => Datum::Flag(false),
            _ => string(),
        },
        CellType::Days if !text.trim_start().starts_with('[') => string(),
        CellType::Json | CellType::Days => match serde_json::from_str(text) {
            Ok(value) => jsonl::datum(value, line),
            Err(error) => {
                let message = format!("`{name}` must be JSON: {}", jsonl::message_of(&error));
                report(line, message);
                Datum::List(Vec::new())
            }
        },
    }
}
