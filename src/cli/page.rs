//! `import page`: saved pages of an assembly's site.

use std::{io::Write, path::PathBuf};

use chrono::Utc;
use clap::Args;
use entity::PartialDate;

use super::{Failure, masked, open};
use crate::{
    import::page::{self, Options},
    store,
};

/// Bring in saved pages of an assembly's site: what their sidebars say of delegations, and whom
/// their texts name. All of them, or nothing where anything is wrong.
#[derive(Debug, Args)]
pub struct Page {
    /// Pages as a browser saves them, as text or HTML; or folders of .txt, .html and .htm files.
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// The day on which the pages were saved; without it, nothing they show is dated.
    #[arg(long, value_name = "DATE")]
    captured: Option<PartialDate>,
    /// The address of the page.
    #[arg(long)]
    url: Option<String>,
    /// The document that the page is, where neither address nor file tells.
    #[arg(long, value_name = "SLUG")]
    document: Option<String>,
    /// The assembly whose pages they are, where they do not name it.
    #[arg(long, value_name = "SLUG")]
    assembly: Option<String>,
    /// Tell what the pages say, what of it is new, agrees or contradicts; write nothing.
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(url: &str, page: Page) -> Result<(), Failure> {
    let Page { paths, captured, url: address, document, assembly, dry_run } = page;
    let options = Options { captured, url: address, document, assembly, dry_run };
    if dry_run && !store::is_there(url) {
        return Err(Failure::Absent { database: masked(url) });
    }
    let database = open(url).await?;
    let report = page::import(&database, &paths, &options, Utc::now()).await?;
    let told = match dry_run {
        true => report.to_string(),
        false => report.pages.iter().map(|page| format!("{}\n", page.summary())).collect(),
    };
    // Whoever reads only the beginning of it has closed the pipe.
    drop(std::io::stdout().write_all(told.as_bytes()));
    if !dry_run {
        eprintln!("{}", report.summary());
    }
    Ok(())
}
