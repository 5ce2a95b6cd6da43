//! Rows as they are in files, with the line of each key, and the errors in them.

use std::{collections::BTreeMap, fmt, sync::Arc};

/// A file to import: its name, for messages, and its text.
#[derive(Clone, Debug)]
pub struct File {
    pub name: Arc<str>,
    pub text: String,
}

/// An error in a file, with its line and record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub file: Arc<str>,
    /// The line, from 1, or 0 if the error concerns the whole file.
    pub line: usize,
    pub record: Option<String>,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: ", self.file)?;
        } else {
            write!(f, "{}:{}: ", self.file, self.line)?;
        }
        if let Some(record) = &self.record {
            write!(f, "{record}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// A row of a file.
#[derive(Clone, Debug)]
pub struct Raw {
    pub file: Arc<str>,
    pub line: usize,
    pub table: String,
    /// The name of the row in messages.
    pub label: String,
    /// Its position among the rows of all files, if the file states it.
    pub order: Option<i64>,
    pub keys: BTreeMap<String, Cell>,
}

/// A value and its line.
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
    /// A value of a type that no key accepts: the name of the type.
    Other(&'static str),
}

impl Datum {
    /// The name of the type, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Number(_) => "an integer",
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(name) => name,
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
        let label = ["slug", "record"].iter().find_map(|key| match &keys.get(*key)?.datum {
            Datum::Text(text) => Some(format!("{table} {text}")),
            _ => None,
        });
        let label = label.unwrap_or_else(|| format!("[[{table}]]"));
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
