//! How data goes out: one state of the data, read a chunk at a time, written to a bounded buffer.
//!
//! The same data gives the same bytes: nothing of the clock is in them.

use std::time::Duration;

use chrono::NaiveDate;
use entity::Id;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};
use tokio::{sync::mpsc, time::Instant};

mod csv;
mod jsonl;
mod popolo;
pub mod record;
pub mod rows;
pub mod scope;

use crate::{import::keys::Table, sql, store};
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
    /// How long it may still wait for room; none: as long as it takes.
    waiting: Option<Waiting>,
}

/// How long an export waits for its reader.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For one piece, and for all of them before the first is taken.
    pub piece: Duration,
    /// Bytes a second: what is taken more slowly uses up the rest.
    pub rate: u32,
}

/// What is left of it.
#[derive(Debug)]
struct Waiting {
    patience: Patience,
    left: Duration,
}

impl Waiting {
    /// Sends a piece when there is room for it; whether that was in time.
    async fn send(&mut self, pieces: &mpsc::Sender<Vec<u8>>, piece: Vec<u8>) -> bool {
        let earned = Duration::from_secs_f64(piece.len() as f64 / f64::from(self.patience.rate));
        let start = Instant::now();
        let sent = pieces.send_timeout(piece, self.left.min(self.patience.piece)).await;
        // Only waiting counts: what takes long here is not the reader's fault.
        self.left = self.left.saturating_sub(start.elapsed()) + earned;
        sent.is_ok()
    }
}

impl Out {
    /// A place to write to, and the pieces that were written.
    pub fn new() -> (Self, mpsc::Receiver<Vec<u8>>) {
        let (pieces, receiver) = mpsc::channel(PIECES);
        (Self { buffer: Vec::with_capacity(BUFFER), pieces, waiting: None }, receiver)
    }

    /// One that takes a reader for gone who has it wait for longer.
    pub fn patient(self, patience: Patience) -> Self {
        Self { waiting: Some(Waiting { patience, left: patience.piece }), ..self }
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
        let sent = match &mut self.waiting {
            Some(waiting) => waiting.send(&self.pieces, piece).await,
            None => self.pieces.send(piece).await.is_ok(),
        };
        if sent { Ok(()) } else { Err(Wrong::Gone) }
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
        let store = sql::reading(database, None).await?;
        let revision = store::revision(&store).await?;
        let scope = Scope::of(&store, &options).await?;
        Ok(Self { store, scope, options, revision })
    }

    /// The state of the data that is exported.
    pub fn revision(&self) -> Id {
        self.revision
    }

    /// A name for the file of an export: with the state of the data, and with what it is limited
    /// to. It can stand anywhere: other letters than those of slugs are not in it.
    pub fn file_name(&self, format: Format) -> String {
        let mut name = format!("assembly-graph-r{}", self.revision);
        if let Some(assembly) = &self.options.assembly {
            let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
            name.push('-');
            name.extend(assembly.chars().map(plain));
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

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { piece: Duration::from_mins(1), rate: 64 << 10 };

    /// How many pieces of an export of a thousand a reader gets who takes one in so many seconds.
    async fn taken(seconds: u64) -> usize {
        let (out, mut pieces) = Out::new();
        let mut out = out.patient(PATIENCE);
        let writing = async move {
            for _ in 0..1_000 {
                out.write(&[b' '; BUFFER]).await?;
            }
            Ok::<_, Wrong>(())
        };
        let reading = async {
            let mut taken = 0;
            while pieces.recv().await.is_some() {
                taken += 1;
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
            taken
        };
        tokio::join!(writing, reading).1
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_takes_a_piece_now_and_then_does_not_keep_an_export() {
        assert_eq!(taken(1).await, 1_000);
        assert_eq!(taken(59).await, 4);
        assert_eq!(taken(2).await, 64);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_took_much_at_once_is_waited_for_no_longer_than_others() {
        let (out, mut pieces) = Out::new();
        let mut out = out.patient(PATIENCE);
        for _ in 0..1_000 {
            out.write(&[b' '; BUFFER]).await.expect("there is room");
            pieces.recv().await.expect("a piece");
        }
        let start = Instant::now();
        while out.write(&[b' '; BUFFER]).await.is_ok() {}
        assert_eq!(start.elapsed().as_secs(), 60);
    }
}
