//! Rows as files have them: tables with the line of every key, and the problems found in them.

use std::{collections::BTreeMap, fmt, sync::Arc};

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
