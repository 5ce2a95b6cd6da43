//! `import popolo`: its arguments, what it tells while it goes on, and when it is done.

use std::{io::IsTerminal, path::PathBuf, time::Instant};

use chrono::Utc;
use clap::Args;
use entity::PartialDate;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Failure, masked, open, told};
use crate::{
    import::{
        Applied,
        popolo::{self, Options, Progress, Report, Tally},
    },
    store,
};

#[derive(Args, Debug)]
pub struct Popolo {
    /// Files, or folders of .json and .json.gz files.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Whose ids the files use, as one word; where it is left out, the ids and the names of the
    /// persons tell whether a source is a known one.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Code of the state whose parliament the files tell of, where it is a new one.
    #[arg(long, value_name = "CODE")]
    state: Option<String>,
    /// When the files were made or fetched: 2015, 2015-11 or 2015-11-29.
    #[arg(long, value_name = "DATE")]
    captured: Option<PartialDate>,
    /// Refuse files in which anything is odd.
    #[arg(long)]
    strict: bool,
    /// Tell what would be done, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(url: &str, what: Popolo) -> Result<(), Failure> {
    let Popolo { paths, source, state, captured, strict, dry_run } = what;
    if dry_run && !store::is_there(url) {
        return Err(Failure::Absent { database: masked(url) });
    }
    let options = Options { source, state, captured, strict, dry_run, at_once: None };
    let database = open(url).await?;
    let bar = bar();
    let start = Instant::now();
    let progress = |Progress { done, all }| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let done = popolo::import(&database, &paths, &options, Utc::now(), progress).await;
    bar.finish_and_clear();
    let report = done?;
    for remark in &report.remarks {
        eprintln!("{remark}");
    }
    tell(&report, dry_run, start.elapsed().as_secs_f64());
    Ok(())
}

/// Shown on a terminal only.
fn bar() -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = "{bar:40} {bytes} of {total_bytes}, {elapsed}";
    bar.with_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

fn tell(report: &Report, dry_run: bool, seconds: f64) {
    let Report { files, read_before, applied, .. } = report;
    eprintln!("{files} files, {read_before} of them read before");
    let sorts = [
        ("persons", report.persons),
        ("organizations", report.organizations),
        ("legislative periods", report.periods),
        ("sessions", report.sessions),
        ("participations", report.participations),
        ("memberships", report.memberships),
    ];
    for (sort, Tally { new, known }) in sorts {
        if new + known > 0 {
            eprintln!("{sort}: {new} new, {known} known");
        }
    }
    for (what, count) in &report.no_place {
        eprintln!("left out, as the graph has no place for them: {count} {what}");
    }
    if !report.remarks.is_empty() {
        eprintln!("remarks: {}, told above", report.remarks.len());
    }
    let told = told(*applied);
    match (dry_run, *applied == Applied::default()) {
        (true, _) => eprintln!("would be: {told}; nothing was written"),
        (false, true) => eprintln!("no changes"),
        _ => eprintln!("imported: {told} ({seconds:.1} s)"),
    }
}
