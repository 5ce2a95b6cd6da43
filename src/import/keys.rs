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

/// The type of a key. A cell of CSV is parsed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellType {
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

    /// All keys, in the order of exports, and the types of their cells.
    pub fn cells(self) -> Vec<(String, CellType)> {
        let fixed: &[(&str, CellType)] = match self {
            Self::Records(kind) => {
                let mut cells = vec![("slug".to_owned(), CellType::Text)];
                let own = || kind.kind().keys();
                let cell = |field: &Field| match field.ty {
                    Type::Number | Type::Rank => CellType::Number,
                    Type::Flag(_) => CellType::Flag,
                    Type::References(_) => CellType::Json,
                    Type::Sightings => CellType::Days,
                    Type::Text
                    | Type::Code
                    | Type::Note
                    | Type::Enum(_)
                    | Type::Date
                    | Type::Reference(_) => CellType::Text,
                };
                cells.extend(own().map(|field| (field.name.to_owned(), cell(field))));
                if kind == RecordKind::Document {
                    cells.push(("mentions".to_owned(), CellType::Json));
                }
                let common = ["names", "identifiers", "aliases", "facts", "sources"];
                cells.extend(common.map(|name| (name.to_owned(), CellType::Json)));
                let sourced = own().filter(|field| field.takes_sources());
                cells.extend(
                    sourced.map(|field| (format!("{}_sources", field.name), CellType::Json)),
                );
                return cells;
            }
            Self::Claim => &[
                ("record", CellType::Text),
                ("property", CellType::Text),
                ("value", CellType::Text),
                ("unknown", CellType::Flag),
                ("since", CellType::Text),
                ("until", CellType::Text),
                ("observed", CellType::Days),
                ("note", CellType::Text),
                ("origin", CellType::Text),
                ("attribution", CellType::Text),
                ("withdrawn", CellType::Flag),
                ("sources", CellType::Json),
            ],
            Self::Contradiction => &[
                ("slug", CellType::Text),
                ("record", CellType::Text),
                ("property", CellType::Text),
                ("topic", CellType::Text),
                ("about", CellType::Text),
                ("status", CellType::Text),
                ("explanation", CellType::Text),
                ("preferred", CellType::Text),
                ("explains", CellType::Json),
                ("claims", CellType::Json),
            ],
        };
        fixed.iter().map(|(name, cell)| ((*name).to_owned(), *cell)).collect()
    }
}

/// The kind of record in a table. Returns `None` if the table contains no records.
pub fn kind_of(table: &str) -> Option<&'static Kind> {
    entity::kinds().find(|kind| kind.table == table)
}

/// The error message for an unknown table.
pub fn unknown_table(name: &str) -> String {
    let tables: Vec<String> = Table::all().map(Table::name).collect();
    let suggestion = suggestion(name, tables.iter().map(String::as_str));
    format!("unknown table `{name}`{suggestion} (allowed tables: {})", tables.join(", "))
}
