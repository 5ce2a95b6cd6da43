//! `import page`: imports saved pages of an assembly's website.

use std::{io::Write, path::PathBuf};

use chrono::Utc;
use clap::Args;
use entity::PartialDate;

use super::{Failure, masked, open};
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
    /// The date on which the pages were saved. Without it, nothing on them is dated.
    #[arg(long, value_name = "DATE")]
    captured: Option<PartialDate>,
    /// The URL of the page.
    #[arg(long)]
    url: Option<String>,
    /// The document of the page, if neither the URL nor the file identifies it.
    #[arg(long, value_name = "SLUG")]
    document: Option<String>,
    /// The assembly of the pages, if they do not name it.
    #[arg(long, value_name = "SLUG")]
    assembly: Option<String>,
    /// Print what the pages contain, and what of it is new, confirmed or contradictory. Nothing is
    /// written.
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  assembly-graph import page saved/ --dry-run
  assembly-graph import page saved/ --captured 2025-03-01";

pub async fn run(url: &str, page: Page) -> Result<(), Failure> {
    let Page { paths, captured, url: address, document, assembly, dry_run } = page;
    let options = Options { captured, url: address, document, assembly, dry_run };
    // Pages are compared with a database that has their assembly, so none is created.
    if !store::may_exist(url) {
        return Err(Failure::NoDatabase { database: masked(url) });
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
