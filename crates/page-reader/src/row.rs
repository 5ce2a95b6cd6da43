//! Rows of the data set.

use std::{collections::BTreeMap, sync::Arc};

use crate::{graph::Kind, page::Page};

/// A row of the data set, or an addition to an existing record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The file of the page.
    pub file: Arc<str>,
    pub line: usize,
    pub table: &'static str,
    /// The slug of the record; `None` for a claim.
    pub slug: Option<String>,
    /// All other keys.
    pub keys: BTreeMap<&'static str, Value>,
    /// Whether the record exists and the keys are added to it: items of lists and tables, dates of
    /// observation, and fields that are not set.
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

    pub(crate) fn set(&mut self, key: &'static str, text: impl Into<String>) {
        self.keys.insert(key, Value::Text(text.into()));
    }

    pub(crate) fn set_if_some(&mut self, key: &'static str, text: Option<impl Into<String>>) {
        if let Some(text) = text {
            self.set(key, text);
        }
    }

    /// Appends an item to a list that does not contain it.
    pub(crate) fn push(&mut self, key: &'static str, item: &str) {
        let list = self.keys.entry(key).or_insert_with(|| Value::List(Vec::new()));
        if let Value::List(items) = list
            && !items.iter().any(|existing| existing == item)
        {
            items.push(item.to_owned());
        }
    }
}
