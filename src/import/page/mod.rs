//! Imports saved pages of an assembly's site. `page_reader` reads them with data from the database;
//! its rows are validated and applied like those of other imports.

use std::{fmt, path::PathBuf};

use chrono::{DateTime, Utc};
use entity::PartialDate;
use page_reader::{Page, PageReport, graph::Date};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};

mod files;
mod load;
mod write;

use super::{Applied, ImportError, Problem, begin};

/// The options of `import page`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// When the pages were saved.
    pub captured: Option<PartialDate>,
    /// The URL of the only page.
    pub url: Option<String>,
    /// The slug of the document of the only page.
    pub document: Option<String>,
    /// The slug of the assembly, if the pages do not name it.
    pub assembly: Option<String>,
    /// Whether to write nothing.
    pub dry_run: bool,
}

/// The result of an import of pages.
#[derive(Clone, Debug)]
pub struct Report {
    pub pages: Vec<PageReport>,
    pub applied: Applied,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// Imports pages in one transaction.
pub async fn import(
    database: &DatabaseConnection,
    paths: &[PathBuf],
    options: &Options,
    now: DateTime<Utc>,
) -> Result<Report, ImportError> {
    let pages = files::open(paths);
    for (option, is_given) in
        [("--url", options.url.is_some()), ("--document", options.document.is_some())]
    {
        if is_given && pages.len() > 1 {
            return Err(ImportError::Options(format!("{option} requires a single page")));
        }
    }
    if options.captured.is_some_and(|day| day.earliest() > now.date_naive()) {
        let message =
            "--captured must be the date on which the pages were saved, not a date in the future";
        return Err(ImportError::Options(message.to_owned()));
    }
    let transaction = begin(database).await?;
    let report = run(&transaction, pages, options, now).await;
    match &report {
        Ok(report) if !report.dry_run => transaction.commit().await?,
        _ => transaction.rollback().await?,
    }
    report
}

async fn run(
    store: &DatabaseTransaction,
    pages: Vec<Result<Page, page_reader::Problem>>,
    options: &Options,
    now: DateTime<Utc>,
) -> Result<Report, ImportError> {
    let document = match &options.document {
        Some(slug) => Some(load::document_slug(store, slug).await?),
        None => None,
    };
    let reader_options = page_reader::Options {
        captured: options.captured.map(date),
        url: options.url.clone(),
        document,
        assembly: options.assembly.clone(),
    };
    let pages = page_reader::read(pages, reader_options);
    let slugs = load::slugs(store).await?;
    let graph = load::graph(store, &slugs, &pages).await?;
    let assemblies = graph.assemblies.iter().map(|row| row.organization.slug.as_str());
    let assemblies: Vec<&str> = assemblies.collect();
    if assemblies.is_empty() {
        return Err(ImportError::NoAssembly);
    }
    if let Some(slug) = options.assembly.as_deref().filter(|slug| !assemblies.contains(slug)) {
        let all = assemblies.join(", ");
        let message = format!("--assembly: no assembly has the slug `{slug}`; use one of {all}");
        return Err(ImportError::Options(message));
    }
    let interpretation = pages.interpret(graph);
    let records = load::records(store, &slugs, &interpretation.record_filter()).await?;
    let outcome = interpretation.resolve(records)?;
    drop(slugs);
    let applied = write::apply(store, outcome.rows, now).await?;
    Ok(Report { pages: outcome.reports, applied, dry_run: options.dry_run })
}

impl From<page_reader::Error> for ImportError {
    fn from(error: page_reader::Error) -> Self {
        match error {
            page_reader::Error::Pages(problems) => {
                Self::Invalid(problems.into_iter().map(Problem::from).collect())
            }
            page_reader::Error::Names(error) => DbErr::Custom(error.to_string()).into(),
        }
    }
}

impl From<page_reader::Problem> for Problem {
    fn from(problem: page_reader::Problem) -> Self {
        let page_reader::Problem { file, line, message } = problem;
        Self { file, line, record: None, message }
    }
}

fn date(date: PartialDate) -> Date {
    Date { earliest: date.earliest(), latest: date.latest() }
}

impl Report {
    /// The number of new and updated records, in one line.
    pub fn summary(&self) -> String {
        let Self { applied, dry_run, .. } = self;
        if *applied == Applied::default() {
            "no changes: the database has all records and claims of the pages".to_owned()
        } else if *dry_run {
            format!("would import: {applied}; nothing was written")
        } else {
            format!("imported: {applied}")
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for page in &self.pages {
            writeln!(f, "{page}")?;
        }
        writeln!(f, "{}", self.summary())
    }
}
