//! The tables of the data set format and their keys, shared by import and export.

use entity::{
    Kind, RecordKind,
    kind::{Field, Type},
};
use sea_orm::Iterable;

use super::suggest::suggestion;

/// A table of the data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    Records(RecordKind),
    Claim,
    Contradiction,
}

/// The type of a key, by which an untyped cell is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Text,
    Number,
    Flag,
    /// A list or a table, as JSON.
    Json,
    /// A date, or a list of two as JSON.
    Days,
}

impl Table {
    pub fn all() -> impl Iterator<Item = Self> {
        RecordKind::iter().map(Self::Records).chain([Self::Claim, Self::Contradiction])
    }

    pub fn name(self) -> String {
        match self {
            Self::Records(kind) => kind.kind().table.to_owned(),
            Self::Claim => "claim".to_owned(),
            Self::Contradiction => "contradiction".to_owned(),
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|table| table.name() == name)
    }

    /// All keys in the order in which exports write them, and the types of their cells.
    pub fn cells(self) -> Vec<(String, Cell)> {
        let fixed: &[(&str, Cell)] = match self {
            Self::Records(kind) => {
                let mut cells = vec![("slug".to_owned(), Cell::Text)];
                let own = || kind.kind().keys();
                let cell = |field: &Field| match field.ty {
                    Type::Number | Type::Rank => Cell::Number,
                    Type::Flag(_) => Cell::Flag,
                    Type::References(_) => Cell::Json,
                    Type::Sightings => Cell::Days,
                    Type::Text
                    | Type::Code
                    | Type::Note
                    | Type::Enum(_)
                    | Type::Date
                    | Type::Reference(_) => Cell::Text,
                };
                cells.extend(own().map(|field| (field.name.to_owned(), cell(field))));
                if kind == RecordKind::Document {
                    cells.push(("mentions".to_owned(), Cell::Json));
                }
                let common = ["names", "identifiers", "aliases", "facts", "sources"];
                cells.extend(common.map(|name| (name.to_owned(), Cell::Json)));
                let sourced = own().filter(|field| field.takes_sources());
                cells.extend(sourced.map(|field| (format!("{}_sources", field.name), Cell::Json)));
                return cells;
            }
            Self::Claim => &[
                ("record", Cell::Text),
                ("property", Cell::Text),
                ("value", Cell::Text),
                ("unknown", Cell::Flag),
                ("since", Cell::Text),
                ("until", Cell::Text),
                ("observed", Cell::Days),
                ("note", Cell::Text),
                ("origin", Cell::Text),
                ("attribution", Cell::Text),
                ("withdrawn", Cell::Flag),
                ("sources", Cell::Json),
            ],
            Self::Contradiction => &[
                ("slug", Cell::Text),
                ("record", Cell::Text),
                ("property", Cell::Text),
                ("topic", Cell::Text),
                ("about", Cell::Text),
                ("status", Cell::Text),
                ("explanation", Cell::Text),
                ("preferred", Cell::Text),
                ("explains", Cell::Json),
                ("claims", Cell::Json),
            ],
        };
        fixed.iter().map(|(name, cell)| ((*name).to_owned(), *cell)).collect()
    }
}

/// The kind of record in a table. Returns `None` if the table contains no records.
pub fn kind_of(table: &str) -> Option<&'static Kind> {
    entity::kinds().find(|kind| kind.table == table)
}

/// The message about a table that the format does not have.
pub fn unknown_table(name: &str) -> String {
    let tables: Vec<String> = Table::all().map(Table::name).collect();
    let suggestion = suggestion(name, tables.iter().map(String::as_str));
    format!("unknown table `{name}`{suggestion} (allowed tables: {})", tables.join(", "))
}
