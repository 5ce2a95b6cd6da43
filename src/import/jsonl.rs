//! Reads JSON Lines: one object per line, with the name of its table in `table`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::raw::{Cell, Datum, File, Problem, Raw};

/// Reads the rows of a file and reports lines that are not rows.
pub fn rows(file: &File, problems: &mut Vec<Problem>) -> Vec<Raw> {
    let mut rows = Vec::new();
    let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let mut report = |message: String| {
            problems.push(Problem { file: file.name.clone(), line, record: None, message });
        };
        let mut object = match serde_json::from_str(text) {
            Ok(Value::Object(object)) => object,
            Ok(_) => {
                report("a line must be an object, such as {\"table\": \"member\", ...}".to_owned());
                continue;
            }
            Err(error) => {
                report(format!("invalid JSON: {}", message_of(&error)));
                continue;
            }
        };
        let Some(Value::String(table)) = object.remove("table") else {
            report(
                "`table` is missing; it must be the name of a table, such as \"member\"".to_owned(),
            );
            continue;
        };
        rows.push(Raw::new(file, line, table, cells(object, line)));
    }
    rows
}

/// The message of a parser error with its column, without the line: the parsed text is one line of the
/// file.
pub fn message_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((message, _)) => format!("{message} at column {}", error.column()),
        None => text,
    }
}

fn cells(object: serde_json::Map<String, Value>, line: usize) -> BTreeMap<String, Cell> {
    object.into_iter().map(|(key, value)| (key, Cell { line, datum: datum(value, line) })).collect()
}

/// Converts a JSON value.
pub fn datum(value: Value, line: usize) -> Datum {
    match value {
        Value::String(text) => Datum::Text(text),
        Value::Bool(flag) => Datum::Flag(flag),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Datum::Number(number),
            None if number.is_f64() => Datum::Other("a float"),
            None => Datum::Other("an integer out of range"),
        },
        Value::Array(list) => {
            let cell = |value| Cell { line, datum: datum(value, line) };
            Datum::List(list.into_iter().map(cell).collect())
        }
        Value::Object(object) => Datum::Table(cells(object, line)),
        Value::Null => Datum::Other("null (omit the key)"),
    }
}
