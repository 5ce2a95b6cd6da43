//! Exports one snapshot of the database, read in chunks and written to a bounded buffer.
//!
//! The output is deterministic: it contains no time of the export.

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
    /// Exports only records that are valid on this date.
    pub as_of: Option<NaiveDate>,
    /// Exports only the records of the assembly with this slug, and the records that they reference.
    pub assembly: Option<String>,
}

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One Popolo document.
    Popolo,
    /// The rows of all tables of the data set, one per line.
    Jsonl,
    /// The rows of one table of the data set.
    Csv(Table),
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("no assembly has the slug `{slug}`; use one of {}", assemblies.join(", "))]
    UnknownAssembly { slug: String, assemblies: Vec<String> },
    #[error("database error: {0}")]
    Database(#[from] DbErr),
    #[error("the reader disconnected or timed out")]
    Disconnected,
    #[error("cannot write a row as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("cannot write a row as CSV: {0}")]
    Csv(#[from] ::csv::Error),
}

/// Bytes that are buffered before they are sent.
const BUFFER_SIZE: usize = 64 << 10;
/// The maximum number of chunks that are queued for the reader.
const MAX_QUEUED_CHUNKS: usize = 2;

/// The output of an export: a bounded queue of chunks. Writing waits while the queue is full.
#[derive(Debug)]
pub struct Output {
    buffer: Vec<u8>,
    chunks: mpsc::Sender<Vec<u8>>,
    /// The remaining time for which writing may wait for the reader. No limit if `None`.
    wait: Option<WaitBudget>,
}

/// How long an export waits for a slow reader.
#[derive(Clone, Copy, Debug)]
pub struct ReaderTimeout {
    /// The maximum wait for one chunk, and the initial budget for the sum of all waits.
    pub max_wait: Duration,
    /// The minimum average rate, in bytes per second: each sent chunk adds its share to the budget.
    pub min_rate: u32,
}

/// The remaining time of a [`ReaderTimeout`].
#[derive(Debug)]
struct WaitBudget {
    timeout: ReaderTimeout,
    remaining: Duration,
}

impl WaitBudget {
    /// Sends a chunk once the queue has room. Returns false if that takes too long.
    async fn send(&mut self, chunks: &mpsc::Sender<Vec<u8>>, chunk: Vec<u8>) -> bool {
        let earned = Duration::from_secs_f64(chunk.len() as f64 / f64::from(self.timeout.min_rate));
        let start = Instant::now();
        let sent = chunks.send_timeout(chunk, self.remaining.min(self.timeout.max_wait)).await;
        // Counts the wait only, not the time for reading the database.
        self.remaining = self.remaining.saturating_sub(start.elapsed()) + earned;
        sent.is_ok()
    }
}

impl Output {
    /// Creates an output, and the receiver of the chunks that are written to it.
    pub fn new() -> (Self, mpsc::Receiver<Vec<u8>>) {
        let (chunks, receiver) = mpsc::channel(MAX_QUEUED_CHUNKS);
        (Self { buffer: Vec::with_capacity(BUFFER_SIZE), chunks, wait: None }, receiver)
    }

    /// Fails as disconnected if the reader is slower than the timeout allows.
    pub fn with_timeout(self, timeout: ReaderTimeout) -> Self {
        Self { wait: Some(WaitBudget { timeout, remaining: timeout.max_wait }), ..self }
    }

    /// Appends bytes, and sends the buffer once it is full.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_SIZE { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), ExportError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(BUFFER_SIZE));
        let sent = match &mut self.wait {
            Some(wait) => wait.send(&self.chunks, chunk).await,
            None => self.chunks.send(chunk).await.is_ok(),
        };
        if sent { Ok(()) } else { Err(ExportError::Disconnected) }
    }
}

/// A snapshot of the database, and the records of it that are exported. Dropping it ends the
/// transaction.
pub struct Export {
    store: DatabaseTransaction,
    scope: Scope,
    options: Options,
    revision: Id,
}

impl Export {
    pub async fn begin(
        database: &DatabaseConnection,
        options: Options,
    ) -> Result<Self, ExportError> {
        let store = sql::begin_read(database, None).await?;
        let revision = store::revision(&store).await?;
        let scope = Scope::of(&store, &options).await?;
        Ok(Self { store, scope, options, revision })
    }

    /// The revision of the exported data.
    pub fn revision(&self) -> Id {
        self.revision
    }

    /// A file name with the revision and the options. It contains only letters, digits, `-` and `.`,
    /// so that it needs no escaping.
    pub fn file_name(&self, format: Format) -> String {
        let mut name = format!("assembly-graph-r{}", self.revision);
        if let Some(assembly) = &self.options.assembly {
            let escape = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
            name.push('-');
            name.extend(assembly.chars().map(escape));
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

    /// Writes the whole export.
    pub async fn write(&self, format: Format, out: &mut Output) -> Result<(), ExportError> {
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

    const READER_TIMEOUT: ReaderTimeout =
        ReaderTimeout { max_wait: Duration::from_mins(1), min_rate: 64 << 10 };

    /// Exports 1000 chunks to a reader that receives one chunk every `seconds`. Returns the number of
    /// received chunks.
    async fn count_received(seconds: u64) -> usize {
        let (out, mut chunks) = Output::new();
        let mut out = out.with_timeout(READER_TIMEOUT);
        let writing = async move {
            for _ in 0..1_000 {
                out.write(&[b' '; BUFFER_SIZE]).await?;
            }
            Ok::<_, ExportError>(())
        };
        let reading = async {
            let mut received = 0;
            while chunks.recv().await.is_some() {
                received += 1;
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
            received
        };
        tokio::join!(writing, reading).1
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_times_out() {
        assert_eq!(count_received(1).await, 1_000);
        assert_eq!(count_received(59).await, 4);
        assert_eq!(count_received(2).await, 64);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fast_start_does_not_extend_the_timeout_of_a_chunk() {
        let (out, mut chunks) = Output::new();
        let mut out = out.with_timeout(READER_TIMEOUT);
        for _ in 0..1_000 {
            out.write(&[b' '; BUFFER_SIZE]).await.expect("the queue has room");
            chunks.recv().await.expect("a chunk");
        }
        let start = Instant::now();
        while out.write(&[b' '; BUFFER_SIZE]).await.is_ok() {}
        assert_eq!(start.elapsed().as_secs(), 60);
    }
}
