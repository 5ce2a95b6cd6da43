//! Text to rows: tables with the line of every key, and the problems found in them.

use std::{collections::BTreeMap, fmt, path::Path, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A file to import: its name, for messages, and its text.
#[derive(Clone, Debug)]
pub struct File {
    pub name: Arc<str>,
    pub text: String,
}

/// Something wrong in a file: where, in which record, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub file: Arc<str>,
    /// From 1; 0 where it is the file as a whole.
    pub line: usize,
    pub record: Option<String>,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: ", self.file)?,
            line => write!(f, "{}:{line}: ", self.file)?,
        }
        if let Some(record) = &self.record {
            write!(f, "{record}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// One row of a file, as written.
#[derive(Clone, Debug)]
pub struct Raw {
    pub file: Arc<str>,
    pub line: usize,
    pub table: String,
    /// What the row goes by in messages.
    pub label: String,
    /// Its place among the rows of all files, where it says one.
    pub order: Option<i64>,
    pub keys: BTreeMap<String, Cell>,
}

/// A value and the line it stands on.
#[derive(Clone, Debug)]
pub struct Cell {
    pub line: usize,
    pub datum: Datum,
}

#[derive(Clone, Debug)]
pub enum Datum {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<Cell>),
    Table(BTreeMap<String, Cell>),
    /// A float or a TOML date, which no key takes.
    Other(&'static str),
}

impl Datum {
    /// What it is, for a message about what should be there instead.
    pub fn sort(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(sort) => sort,
        }
    }
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Datum {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Datum {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<String>> for Datum {
    fn from(texts: Vec<String>) -> Self {
        let cell = |text: String| Cell { line: 0, datum: text.into() };
        Self::List(texts.into_iter().map(cell).collect())
    }
}

impl Raw {
    pub fn new(file: &File, line: usize, table: String, keys: BTreeMap<String, Cell>) -> Self {
        let name = ["slug", "record"].iter().find_map(|key| match &keys.get(*key)?.datum {
            Datum::Text(text) => Some(format!("{table} {text}")),
            _ => None,
        });
        let label = name.unwrap_or_else(|| format!("[[{table}]]"));
        Self { file: file.name.clone(), line, table, label, order: None, keys }
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        match &self.keys.get(key)?.datum {
            Datum::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn problem(&self, line: usize, message: impl Into<String>) -> Problem {
        let (file, message) = (self.file.clone(), message.into());
        Problem { file, line, record: Some(self.label.clone()), message }
    }
}

/// The endings of the names of files that hold rows of the data set.
pub const ENDINGS: &[&str] = &["toml", "jsonl", "csv"];

/// The rows of a file, read by the ending of its name; what is no row is reported.
pub fn rows(file: &File, problems: &mut Vec<Problem>) -> Vec<Raw> {
    match Path::new(&*file.name).extension().and_then(|end| end.to_str()) {
        Some("jsonl") => super::jsonl::rows(file, problems),
        Some("csv") => super::csv::rows(file, problems),
        _ => toml(file, problems),
    }
}

fn toml(file: &File, problems: &mut Vec<Problem>) -> Vec<Raw> {
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
