//! `import popolo`: imports Popolo JSON, with a progress bar and a summary.

use std::{io::IsTerminal, path::PathBuf, time::Instant};

use chrono::Utc;
use clap::Args;
use entity::PartialDate;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{CliError, masked, open};
use crate::{
    import::{
        Applied,
        popolo::{self, Options, Progress, Report, Tally},
    },
    store,
    text::plural,
};

/// Import Popolo JSON. If any file is invalid, nothing is imported.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Popolo {
    /// Files, or folders of .json and .json.gz files.
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// The name of the source of the ids in the files. By default, a source that was imported before is
    /// recognized by the ids and names of its persons.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The code of the state of the parliament, such as BY, if the parliament is not in the database yet.
    #[arg(long, value_name = "CODE")]
    state: Option<String>,
    /// When the files were created or downloaded: 2015, 2015-11 or 2015-11-29.
    #[arg(long, value_name = "DATE")]
    captured: Option<PartialDate>,
    /// Reject files with any invalid entry, instead of reporting the entry.
    #[arg(long)]
    strict: bool,
    /// Print the changes of the import, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  assembly-graph import popolo ep-popolo-v1.0.json --dry-run
  assembly-graph import popolo everypolitician-data/ --captured 2015-11-30";

pub async fn run(url: &str, arguments: Popolo) -> Result<(), CliError> {
    let Popolo { paths, source, state, captured, strict, dry_run } = arguments;
    if dry_run && !store::may_exist(url) {
        return Err(CliError::NoDatabase { database: masked(url) });
    }
    // Missing files are reported before a database is created.
    popolo::find_files(&paths)?;
    let options = Options { source, state, captured, strict, dry_run, batch_size: None };
    let database = open(url).await?;
    let bar = progress_bar();
    let start = Instant::now();
    let progress = |Progress { done, all }| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let result = popolo::import(&database, &paths, &options, Utc::now(), progress).await;
    bar.finish_and_clear();
    let report = result?;
    for remark in &report.remarks {
        eprintln!("{remark}");
    }
    print_summary(&report, dry_run, start.elapsed().as_secs_f64());
    Ok(())
}

/// Hidden unless standard error is a terminal.
fn progress_bar() -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = "{bar:40} {bytes} of {total_bytes}, {elapsed}";
    bar.with_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

fn print_summary(report: &Report, dry_run: bool, seconds: f64) {
    let Report { files, already_imported, applied, .. } = report;
    eprintln!("{}, {already_imported} already imported", plural(*files, "file"));
    let tallies = [
        ("person", report.persons),
        ("organization", report.organizations),
        ("legislative period", report.periods),
        ("session", report.sessions),
        ("participation", report.participations),
        ("membership", report.memberships),
    ];
    for (noun, Tally { new, existing }) in tallies {
        if new + existing > 0 {
            eprintln!("{}: {new} new, {existing} existing", plural(new + existing, noun));
        }
    }
    for (description, count) in &report.unsupported {
        eprintln!("skipped, not supported by the schema: {count} {description}");
    }
    if !report.remarks.is_empty() {
        eprintln!("{}, see above", plural(report.remarks.len(), "warning"));
    }
    if dry_run {
        eprintln!("would import: {applied}; nothing was written");
    } else if *applied == Applied::default() {
        eprintln!("no changes");
    } else {
        eprintln!("imported: {applied} ({seconds:.1} s)");
    }
}
