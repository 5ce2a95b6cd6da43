//! `export`: writes an export to a file, a folder or standard output. Incomplete files are removed.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use sea_orm::DatabaseConnection;

use crate::{
    export::{Export, ExportError, Format, Options, Output},
    import::keys::Table,
    text::plural,
};

fn parse_date(text: &str) -> Result<NaiveDate, &'static str> {
    text.parse().map_err(|_| "must be a date such as 2022-12-05")
}

#[derive(Args, Debug)]
pub struct Arguments {
    /// The format: one Popolo document, all rows as JSON Lines, or one CSV file per table. See
    /// docs/formats.md.
    #[arg(value_enum, value_name = "FORMAT")]
    format: FormatName,
    /// Export only records that are valid on this date.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    as_of: Option<NaiveDate>,
    /// Export only the records of this assembly, and the records that they reference.
    #[arg(long, value_name = "SLUG")]
    assembly: Option<String>,
    /// The file to write, or the folder for csv. Default: standard output.
    #[arg(long, value_name = "FILE|DIR")]
    pub out: Option<PathBuf>,
    /// Export one table, such as member. For csv only.
    #[arg(long, value_name = "NAME", value_parser = table)]
    table: Option<Table>,
}

// Without descriptions of the values, which would make `--help` longer than `-h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    Popolo,
    Jsonl,
    Csv,
}

fn table(name: &str) -> Result<Table, String> {
    let names = || Table::all().map(Table::name).collect::<Vec<_>>().join(", ");
    Table::find(name).ok_or_else(|| format!("use one of {}", names()))
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} is a folder; --out must be a file", .0.display())]
    IsFolder(PathBuf),
    #[error("{} is a file; for csv, --out must be a folder", .0.display())]
    IsFile(PathBuf),
    #[error("csv needs --out DIR, or --table NAME for a single table")]
    CsvWithoutOut,
    #[error("--table is allowed only with csv")]
    TableWithoutCsv,
    #[error("cannot write to standard output: {0}")]
    Stdout(io::Error),
}

/// Exports to a file, a folder or standard output. Returns a summary unless the output is a stream.
pub async fn run(
    database: &DatabaseConnection,
    arguments: Arguments,
) -> Result<Option<String>, CommandError> {
    let Arguments { format, as_of, assembly, out, table } = arguments;
    let format = match (format, table, &out) {
        (FormatName::Popolo, None, _) => Some(Format::Popolo),
        (FormatName::Jsonl, None, _) => Some(Format::Jsonl),
        (FormatName::Popolo | FormatName::Jsonl, Some(_), _) => {
            return Err(CommandError::TableWithoutCsv);
        }
        (FormatName::Csv, Some(table), _) => Some(Format::Csv(table)),
        (FormatName::Csv, None, None) => return Err(CommandError::CsvWithoutOut),
        (FormatName::Csv, None, Some(_)) => None,
    };
    if let Some(path) = &out {
        match (format, path.is_dir(), path.exists()) {
            (Some(_), true, _) => return Err(CommandError::IsFolder(path.clone())),
            (None, false, true) => return Err(CommandError::IsFile(path.clone())),
            _ => {}
        }
    }
    let export = Export::begin(database, Options { as_of, assembly }).await?;
    let summary = |bytes: usize, path: &Path| {
        let revision = export.revision();
        let bytes = plural(bytes, "byte");
        Some(format!("exported revision {revision} to {}: {bytes}", path.display()))
    };
    match (out, format) {
        (None, None) => Err(CommandError::CsvWithoutOut),
        (None, Some(format)) => match stream(&export, format, &mut io::stdout()).await? {
            // A closed pipe, such as that of `head`, is not an error.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(None),
            result => result.map(|_| None).map_err(CommandError::Stdout),
        },
        (Some(path), Some(format)) if path.exists() && !path.is_file() => {
            // A device or a pipe is written directly.
            let write_error = |source| CommandError::Write { path: path.clone(), source };
            let mut file = File::options().write(true).open(&path).map_err(write_error)?;
            stream(&export, format, &mut file).await?.map(|_| None).map_err(write_error)
        }
        (Some(path), Some(format)) => {
            let mut draft = Draft::new(&path)?;
            let bytes = draft.write(&export, format).await?;
            draft.commit()?;
            Ok(summary(bytes, &path))
        }
        (Some(folder), None) => {
            let write_error = |source| CommandError::Write { path: folder.clone(), source };
            let is_new = !folder.exists();
            fs::create_dir_all(&folder).map_err(write_error)?;
            match write_tables(&export, &folder).await {
                Ok(bytes) => Ok(summary(bytes, &folder)),
                Err(error) => {
                    if is_new {
                        drop(fs::remove_dir(&folder));
                    }
                    Err(error)
                }
            }
        }
    }
}

/// Writes all tables to a folder. The files are renamed into place after all of them are complete.
async fn write_tables(export: &Export, folder: &Path) -> Result<usize, CommandError> {
    let mut drafts = Vec::new();
    let mut bytes = 0;
    for table in Table::all() {
        let mut draft = Draft::new(&folder.join(table.name()).with_extension("csv"))?;
        bytes += draft.write(export, Format::Csv(table)).await?;
        drafts.push(draft);
    }
    for draft in drafts {
        draft.commit()?;
    }
    Ok(bytes)
}

/// A temporary file that is renamed to its path when it is complete, and removed otherwise.
struct Draft {
    path: PathBuf,
    temporary_path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Draft {
    fn new(path: &Path) -> Result<Self, CommandError> {
        let write_error = |source| CommandError::Write { path: path.to_owned(), source };
        // Replaces the target of a symbolic link, not the link.
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = path.file_name().ok_or_else(|| CommandError::IsFolder(path.to_owned()))?;
        let mut temporary_name = OsString::from(".");
        temporary_name.push(name);
        temporary_name.push(format!(".{}.draft", std::process::id()));
        let temporary_path = path.with_file_name(temporary_name);
        let file = File::create(&temporary_path).map_err(write_error)?;
        Ok(Self { path: path.to_owned(), temporary_path, file: Some(BufWriter::new(file)) })
    }

    fn write_error(&self) -> impl Fn(io::Error) -> CommandError + use<> {
        let path = self.path.clone();
        move |source| CommandError::Write { path: path.clone(), source }
    }

    async fn write(&mut self, export: &Export, format: Format) -> Result<usize, CommandError> {
        let write_error = self.write_error();
        let Some(file) = &mut self.file else { return Ok(0) };
        stream(export, format, file).await?.map_err(write_error)
    }

    fn commit(mut self) -> Result<(), CommandError> {
        let write_error = self.write_error();
        if let Some(file) = self.file.take() {
            let file = file.into_inner().map_err(|error| write_error(error.into_error()))?;
            file.sync_all().map_err(&write_error)?;
            fs::rename(&self.temporary_path, &self.path).map_err(&write_error)?;
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Fails after `commit`, which has renamed the file.
        drop(fs::remove_file(&self.temporary_path));
    }
}

/// Writes an export in chunks, while the database is read. Returns the number of bytes.
async fn stream(
    export: &Export,
    format: Format,
    target: &mut impl Write,
) -> Result<io::Result<usize>, CommandError> {
    let (mut out, mut chunks) = Output::new();
    let writing = async {
        let result = export.write(format, &mut out).await;
        drop(out);
        result
    };
    let receiving = async {
        let mut bytes = 0;
        while let Some(chunk) = chunks.recv().await {
            target.write_all(&chunk)?;
            bytes += chunk.len();
        }
        target.flush()?;
        drop(chunks);
        Ok(bytes)
    };
    match tokio::join!(writing, receiving) {
        (_, Err(error)) => Ok(Err(error)),
        (Err(error), _) => Err(error.into()),
        (Ok(()), Ok(bytes)) => Ok(Ok(bytes)),
    }
}
