//! Reads TOML: an array of tables such as `[[member]]` for each table of the data set.

use std::collections::BTreeMap;

use ::toml::{
    Spanned,
    de::{DeTable, DeValue, Error},
};

use super::{
    keys::{Table, unknown_table},
    raw::{Cell, Datum, File, Problem, Raw},
};

/// Reads the rows of a file and reports values that are not rows.
///
/// # Errors
///
/// The first syntax error: those after it can be caused by it.
pub fn rows(file: &File, problems: &mut Vec<Problem>) -> Result<Vec<Raw>, Problem> {
    let lines = Lines::of(&file.text);
    let problem = |line, message| Problem { file: file.name.clone(), line, record: None, message };
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    let start = |error: &Error| error.span().map_or(0, |span| span.start);
    if let Some(error) = errors.iter().min_by_key(|error| start(error)) {
        let line = lines.at(start(error));
        return Err(problem(line, format!("invalid TOML: {}", error.message())));
    }
    let mut rows = Vec::new();
    for (key, value) in table.into_inner() {
        let line = lines.at(key.span().start);
        let name = key.get_ref();
        let list = match value.into_inner() {
            DeValue::Array(list) => list,
            _ if Table::find(name).is_none() => {
                problems.push(problem(line, unknown_table(name)));
                continue;
            }
            DeValue::Table(_) => {
                let message = format!("write [[{name}]] instead of [{name}] before each row");
                problems.push(problem(line, message));
                continue;
            }
            _ => {
                let message = format!("`{name}` must be a list of rows: write [[{name}]]");
                problems.push(problem(line, message));
                continue;
            }
        };
        for row in list {
            let line = lines.at(row.span().start);
            let DeValue::Table(table) = row.into_inner() else {
                let message = format!("`{name}` must be a list of rows: write [[{name}]]");
                problems.push(problem(line, message));
                continue;
            };
            let keys = cells(table, &lines);
            rows.push(Raw::new(file, line, name.to_string(), keys));
        }
    }
    rows.sort_by_key(|row| row.line);
    Ok(rows)
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
            .map_or(Datum::Other("an integer out of range"), Datum::Number),
        DeValue::Float(_) => Datum::Other("a float"),
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

/// The offset of each line.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line of an offset, from 1.
    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let file = File { name: "a.toml".into(), text: text.to_owned() };
        let mut problems = Vec::new();
        if let Err(problem) = rows(&file, &mut problems) {
            problems.push(problem);
        }
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn names_the_array_of_tables_instead_of_a_table() {
        assert_eq!(
            problems("[state]\nslug = \"xx\"\n"),
            ["a.toml:1: write [[state]] instead of [state] before each row"]
        );
        assert_eq!(
            problems("state = 5\n"),
            ["a.toml:1: `state` must be a list of rows: write [[state]]"]
        );
    }

    #[test]
    fn suggests_a_table() {
        let problems = problems("[stat]\n");
        assert!(
            problems[0]
                .starts_with("a.toml:1: unknown table `stat`; did you mean `state`? (allowed"),
            "{problems:?}"
        );
    }

    #[test]
    fn reports_one_syntax_error() {
        let problems = problems("[[state]]\nslug = \nname = \"x\n[[member]\n");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("a.toml:2: invalid TOML: "), "{problems:?}");
    }
}
