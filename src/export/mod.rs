//! How data goes out: one state of the data, read a chunk at a time, written to a bounded buffer.
//!
//! The same data gives the same bytes: nothing of the clock is in them.

use std::time::Duration;

use chrono::NaiveDate;
use entity::Id;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};
use tokio::sync::mpsc;

mod csv;
mod jsonl;
mod popolo;
pub mod record;
pub mod rows;
pub mod scope;

use crate::{import::keys::Table, store};
use record::Reader;
use scope::Scope;

/// What to export.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only what holds on this date.
    pub as_of: Option<NaiveDate>,
    /// Only what belongs to the assembly of this slug, and all that it names.
    pub assembly: Option<String>,
}

/// What to write it as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One Popolo document.
    Popolo,
    /// The rows of all tables of the data set, one a line.
    Jsonl,
    /// The rows of one table of the data set.
    Csv(Table),
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("no assembly has the slug `{slug}`; there are {}", known.join(", "))]
    Assembly { slug: String, known: Vec<String> },
    #[error("the database refused: {0}")]
    Store(#[from] DbErr),
    #[error("the reader went away")]
    Gone,
    #[error("a row cannot be written: {0}")]
    Row(#[from] serde_json::Error),
    #[error("a row cannot be written: {0}")]
    Cells(#[from] ::csv::Error),
}

/// Bytes that are held before they are sent.
const BUFFER: usize = 64 << 10;
/// Pieces that wait for their reader.
const PIECES: usize = 2;

/// Where an export is written to: pieces of a bounded size, each waited for until there is room.
#[derive(Debug)]
pub struct Out {
    buffer: Vec<u8>,
    pieces: mpsc::Sender<Vec<u8>>,
    /// How long to wait for room; none: as long as it takes.
    patience: Option<Duration>,
}

impl Out {
    /// A place to write to, and the pieces that were written.
    pub fn new() -> (Self, mpsc::Receiver<Vec<u8>>) {
        let (pieces, receiver) = mpsc::channel(PIECES);
        (Self { buffer: Vec::with_capacity(BUFFER), pieces, patience: None }, receiver)
    }

    /// One that takes a reader who reads nothing for so long for gone.
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience: Some(patience), ..self }
    }

    /// Adds bytes, and sends what has come together.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Wrong> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Wrong> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(BUFFER));
        let sent = match self.patience {
            Some(patience) => self.pieces.send_timeout(piece, patience).await.ok(),
            None => self.pieces.send(piece).await.ok(),
        };
        sent.ok_or(Wrong::Gone)
    }
}

/// One state of the data, and which records of it are exported. It ends when this is dropped.
pub struct Export {
    store: DatabaseTransaction,
    scope: Scope,
    options: Options,
    revision: Id,
}

impl Export {
    pub async fn begin(database: &DatabaseConnection, options: Options) -> Result<Self, Wrong> {
        let store = store::reading(database).await?;
        let revision = store::revision(&store).await?;
        let scope = Scope::of(&store, &options).await?;
        Ok(Self { store, scope, options, revision })
    }

    /// The state of the data that is exported.
    pub fn revision(&self) -> Id {
        self.revision
    }

    /// A name for the file of an export: with the state of the data, and with what it is limited to.
    pub fn file_name(&self, format: Format) -> String {
        let mut name = format!("assembly-graph-r{}", self.revision);
        if let Some(assembly) = &self.options.assembly {
            name.push_str(&format!("-{assembly}"));
        }
        if let Some(date) = self.options.as_of {
            name.push_str(&format!("-as-of-{date}"));
        }
        match format {
            Format::Popolo => format!("{name}.popolo.json"),
            Format::Jsonl => format!("{name}.records.jsonl"),
            Format::Csv(table) => format!("{name}.{}.csv", table.name()),
        }
    }

    /// Writes all of it.
    pub async fn write(&self, format: Format, out: &mut Out) -> Result<(), Wrong> {
        let reader = Reader { store: &self.store, scope: &self.scope };
        match format {
            Format::Popolo => popolo::write(reader, &self.options, self.revision, out).await?,
            Format::Jsonl => jsonl::write(reader, out).await?,
            Format::Csv(table) => csv::write(reader, table, out).await?,
        }
        out.flush().await
    }
}
