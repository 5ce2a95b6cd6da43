//! `import page`: imports saved pages of an assembly's website.

use std::{io::Write, path::PathBuf};

use chrono::Utc;
use clap::Args;
use entity::PartialDate;

use super::{CliError, masked, open};
use crate::{
    import::page::{self, Options},
    store,
};

/// Import saved pages of an assembly's website: the delegations in their sidebars and the persons
/// in their text. If any page is invalid, nothing is imported.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Page {
    /// Saved pages as text or HTML, or folders of .txt, .html and .htm files.
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// The date on which the pages were saved. If omitted, the claims of the pages have no date.
    #[arg(long, value_name = "DATE")]
    captured: Option<PartialDate>,
    /// The URL of the page. Requires a single page.
    #[arg(long)]
    url: Option<String>,
    /// The document record of the page, if neither its URL nor its file identifies it. Requires a single
    /// page.
    #[arg(long, value_name = "SLUG")]
    document: Option<String>,
    /// The assembly of the pages, if the pages do not name it.
    #[arg(long, value_name = "SLUG")]
    assembly: Option<String>,
    /// Print the statements of the pages - each is new, confirms a claim or contradicts one - and write
    /// nothing.
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  assembly-graph import page saved/ --dry-run
  assembly-graph import page saved/ --captured 2025-03-01";

pub async fn run(url: &str, page: Page) -> Result<(), CliError> {
    let Page { paths, captured, url: address, document, assembly, dry_run } = page;
    let options = Options { captured, url: address, document, assembly, dry_run };
    // Pages are compared with a database that has their assembly, so none is created.
    if !store::may_exist(url) {
        return Err(CliError::NoDatabase { database: masked(url) });
    }
    let database = open(url).await?;
    let report = page::import(&database, &paths, &options, Utc::now()).await?;
    let text = if dry_run {
        report.to_string()
    } else {
        report.pages.iter().map(|page| format!("{}\n", page.summary())).collect()
    };
    // Ignores a closed pipe, such as that of `head`.
    drop(std::io::stdout().write_all(text.as_bytes()));
    if !dry_run {
        eprintln!("{}", report.summary());
    }
    Ok(())
}
