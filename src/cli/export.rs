//! `export`: where an export is written to. A file is whole or not there at all.

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
};

#[derive(Args, Debug)]
pub struct Settings {
    /// The format, as docs/formats.md documents them.
    #[arg(value_enum, value_name = "FORMAT")]
    form: Form,
    /// Only what holds on this date.
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// Only what belongs to one assembly, and all that it names.
    #[arg(long, value_name = "SLUG")]
    assembly: Option<String>,
    /// The file to write, of csv the folder; where it is left out, the standard output.
    #[arg(long, value_name = "FILE|DIR")]
    pub out: Option<PathBuf>,
    /// Of csv: one table only, such as member.
    #[arg(long, value_name = "NAME", value_parser = table)]
    table: Option<Table>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// One JSON document of the field's interchange format.
    Popolo,
    /// All rows of the data set, one a line.
    Jsonl,
    /// All rows of the data set, one file a table.
    Csv,
}

fn table(name: &str) -> Result<Table, String> {
    let names = || Table::all().map(Table::name).collect::<Vec<_>>().join(", ");
    Table::find(name).ok_or_else(|| format!("the tables are {}", names()))
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error("{}: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("{} is a folder: name a file in it", .0.display())]
    Folder(PathBuf),
    #[error("{} is a file: csv is one file a table, name a folder", .0.display())]
    NoFolder(PathBuf),
    #[error(
        "csv is one file a table: name a folder with --out DIR, or one table with --table NAME"
    )]
    NoPlace,
    #[error("--table is of csv only: the other formats hold all tables")]
    NoTables,
    #[error("the standard output cannot be written to: {0}")]
    Output(io::Error),
}

/// Exports to where the settings say; answers what to tell of it, where anybody should be told.
pub async fn run(
    database: &DatabaseConnection,
    settings: Settings,
) -> Result<Option<String>, Failure> {
    let Settings { form, as_of, assembly, out, table } = settings;
    let format = match (form, table, &out) {
        (Form::Popolo, None, _) => Some(Format::Popolo),
        (Form::Jsonl, None, _) => Some(Format::Jsonl),
        (Form::Popolo | Form::Jsonl, Some(_), _) => return Err(Failure::NoTables),
        (Form::Csv, Some(table), _) => Some(Format::Csv(table)),
        (Form::Csv, None, None) => return Err(Failure::NoPlace),
        (Form::Csv, None, Some(_)) => None,
    };
    if let Some(path) = &out {
        match (format, path.is_dir(), path.exists()) {
            (Some(_), true, _) => return Err(Failure::Folder(path.clone())),
            (None, false, true) => return Err(Failure::NoFolder(path.clone())),
            _ => {}
        }
    }
    let export = Export::begin(database, Options { as_of, assembly }).await?;
    let told = |bytes: u64, path: &Path| {
        let revision = export.revision();
        Some(format!("exported: revision {revision}, {bytes} bytes, to {}", path.display()))
    };
    match (out, format) {
        (None, None) => Err(Failure::NoPlace),
        (None, Some(format)) => match pour(&export, format, &mut io::stdout()).await? {
            // Who reads no further wants no more.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(None),
            poured => poured.map(|_| None).map_err(Failure::Output),
        },
        (Some(path), Some(format)) if path.exists() && !path.is_file() => {
            // A device or a pipe is written to as it is.
            let unwritable = |source| Failure::Unwritable { path: path.clone(), source };
            let mut file = File::options().write(true).open(&path).map_err(unwritable)?;
            pour(&export, format, &mut file).await?.map(|_| None).map_err(unwritable)
        }
        (Some(path), Some(format)) => {
            let mut draft = Draft::new(&path)?;
            let bytes = draft.fill(&export, format).await?;
            draft.keep()?;
            Ok(told(bytes, &path))
        }
        (Some(folder), None) => {
            let unwritable = |source| Failure::Unwritable { path: folder.clone(), source };
            let is_new = !folder.exists();
            fs::create_dir_all(&folder).map_err(unwritable)?;
            match tables(&export, &folder).await {
                Ok(bytes) => Ok(told(bytes, &folder)),
                Err(failure) => {
                    if is_new {
                        drop(fs::remove_dir(&folder));
                    }
                    Err(failure)
                }
            }
        }
    }
}

/// Writes all tables into a folder. Each is whole before the first of them takes its name.
async fn tables(export: &Export, folder: &Path) -> Result<u64, Failure> {
    let mut drafts = Vec::new();
    let mut bytes = 0;
    for table in Table::all() {
        let mut draft = Draft::new(&folder.join(table.name()).with_extension("csv"))?;
        bytes += draft.fill(export, Format::Csv(table)).await?;
        drafts.push(draft);
    }
    for draft in drafts {
        draft.keep()?;
    }
    Ok(bytes)
}

/// A file that takes its name only when it is whole, and is removed else.
struct Draft {
    path: PathBuf,
    /// Its place until it is whole.
    place: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Draft {
    fn new(path: &Path) -> Result<Self, Failure> {
        let unwritable = |source| Failure::Unwritable { path: path.to_owned(), source };
        // What a link leads to is written, and the link stays.
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = path.file_name().ok_or_else(|| Failure::Folder(path.to_owned()))?;
        let mut draft = OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}.draft", std::process::id()));
        let place = path.with_file_name(draft);
        let file = File::create(&place).map_err(unwritable)?;
        Ok(Self { path: path.to_owned(), place, file: Some(BufWriter::new(file)) })
    }

    fn unwritable(&self) -> impl Fn(io::Error) -> Failure + use<> {
        let path = self.path.clone();
        move |source| Failure::Unwritable { path: path.clone(), source }
    }

    async fn fill(&mut self, export: &Export, format: Format) -> Result<u64, Failure> {
        let unwritable = self.unwritable();
        let Some(file) = &mut self.file else { return Ok(0) };
        pour(export, format, file).await?.map_err(unwritable)
    }

    fn keep(mut self) -> Result<(), Failure> {
        let unwritable = self.unwritable();
        if let Some(file) = self.file.take() {
            let file = file.into_inner().map_err(|error| unwritable(error.into_error()))?;
            file.sync_all().map_err(&unwritable)?;
            fs::rename(&self.place, &self.path).map_err(&unwritable)?;
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After it was kept there is nothing in its place.
        drop(fs::remove_file(&self.place));
    }
}

/// Writes an export as it comes; answers how many bytes that were.
async fn pour(
    export: &Export,
    format: Format,
    to: &mut impl Write,
) -> Result<io::Result<u64>, Failure> {
    let (mut out, mut pieces) = Output::new();
    let writing = async {
        let done = export.write(format, &mut out).await;
        drop(out);
        done
    };
    let reading = async {
        let mut bytes = 0;
        while let Some(piece) = pieces.recv().await {
            to.write_all(&piece)?;
            bytes += u64::try_from(piece.len()).unwrap_or_default();
        }
        to.flush()?;
        drop(pieces);
        Ok(bytes)
    };
    match tokio::join!(writing, reading) {
        (_, Err(error)) => Ok(Err(error)),
        (Err(wrong), _) => Err(wrong.into()),
        (Ok(()), Ok(bytes)) => Ok(Ok(bytes)),
    }
}
