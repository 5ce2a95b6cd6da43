//! Rows of the data set.

use std::{collections::BTreeMap, sync::Arc};

use crate::{graph::Kind, page::Page};

/// A row of the data set, or what one that is known gains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The page that gives the row.
    pub file: Arc<str>,
    pub line: usize,
    pub table: &'static str,
    /// The slug of the record; none for a claim.
    pub slug: Option<String>,
    /// All other keys.
    pub keys: BTreeMap<&'static str, Value>,
    /// Whether the record is known and only gains what is given: further items of lists and tables,
    /// days on which it was observed, and the fields that it lacks.
    pub addition: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    List(Vec<String>),
    Table(BTreeMap<String, String>),
}

impl Row {
    pub(crate) fn record(page: &Page, line: usize, kind: Kind, slug: &str) -> Self {
        let (table, slug) = (kind.table(), Some(slug.to_owned()));
        Self { file: page.name.clone(), line, table, slug, keys: BTreeMap::new(), addition: false }
    }

    pub(crate) fn addition(page: &Page, line: usize, kind: Kind, slug: &str) -> Self {
        Self { addition: true, ..Self::record(page, line, kind, slug) }
    }

    pub(crate) fn claim(page: &Page, line: usize) -> Self {
        let (file, keys) = (page.name.clone(), BTreeMap::new());
        Self { file, line, table: "claim", slug: None, keys, addition: false }
    }

    pub(crate) fn put(&mut self, key: &'static str, text: impl Into<String>) {
        self.keys.insert(key, Value::Text(text.into()));
    }

    pub(crate) fn put_if(&mut self, key: &'static str, text: Option<impl Into<String>>) {
        if let Some(text) = text {
            self.put(key, text);
        }
    }

    /// Adds an item to a list, once.
    pub(crate) fn push(&mut self, key: &'static str, item: &str) {
        let list = self.keys.entry(key).or_insert_with(|| Value::List(Vec::new()));
        if let Value::List(items) = list
            && !items.iter().any(|known| known == item)
        {
            items.push(item.to_owned());
        }
    }
}
