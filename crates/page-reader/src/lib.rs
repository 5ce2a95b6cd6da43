//! Saved pages of an assembly's site: what their sidebars say, and whom their texts name. Read into
//! the rows of the data set format, so that they are judged and applied as all others.

use std::{collections::BTreeSet, path::PathBuf};

use chrono::{DateTime, Utc};
use entity::{PartialDate, RecordKind, membership::Role};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};

mod cases;
mod document;
mod evidence;
mod fold;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod glossary;
mod grammar;
mod headline;
#[path = "directory.rs"]
mod known;
mod mention;
mod people;
mod plan;
mod report;
mod sidebar;
#[path = "page.rs"]
mod text;

pub use report::{PageReport, Report};

use super::{ImportError, Problem, begin};
use known::Known;
use mention::{Finder, Mentions, Names, Vocabulary};
use people::People;
use plan::Plan;
use sidebar::{Finding, Made, Said, Sidebar};
use text::Page;

/// What the command says of the pages beside them.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// When they were saved.
    pub captured: Option<PartialDate>,
    /// The address of the only one.
    pub url: Option<String>,
    /// The record that the only one is.
    pub document: Option<String>,
    /// Whose pages they are, where they do not say.
    pub assembly: Option<String>,
    /// Whether to write nothing.
    pub dry_run: bool,
}

/// Reads pages and imports what they say: all of it, or nothing.
pub async fn import(
    database: &DatabaseConnection,
    paths: &[PathBuf],
    options: &Options,
    now: DateTime<Utc>,
) -> Result<Report, ImportError> {
    let mut problems = Vec::new();
    let pages = text::open(paths, &mut problems);
    let count = pages.len() + problems.len();
    for (option, is_given) in
        [("--url", options.url.is_some()), ("--document", options.document.is_some())]
    {
        if is_given && count > 1 {
            return Err(ImportError::Options(format!(
                "{option} is of one page: give only that one"
            )));
        }
    }
    if options.captured.is_some_and(|day| day.earliest() > now.date_naive()) {
        let message = "--captured lies in the future: give the day on which the page was saved";
        return Err(ImportError::Options(message.to_owned()));
    }
    let transaction = begin(database).await?;
    let done = bring(&transaction, pages, options, now, problems).await;
    match &done {
        Ok(report) if !report.dry => transaction.commit().await?,
        _ => transaction.rollback().await?,
    }
    done
}

async fn bring(
    store: &DatabaseTransaction,
    pages: Vec<Page>,
    options: &Options,
    now: DateTime<Utc>,
    mut problems: Vec<Problem>,
) -> Result<Report, ImportError> {
    let mut known = Known::load(store).await?;
    if known.assemblies.is_empty() {
        return Err(ImportError::NoAssembly);
    }
    if let Some(slug) = &options.assembly
        && !known.assemblies.iter().any(|org| org.slug == *slug)
    {
        let slugs: Vec<&str> = known.assemblies.iter().map(|org| org.slug.as_str()).collect();
        let message = format!("--assembly: there is no `{slug}`; there are {}", slugs.join(", "));
        return Err(ImportError::Options(message));
    }
    let words = Vocabulary::of(&pages);
    let names = Names::load(store, &words).await?;
    let mut plan = Plan::new(store, names, options).await?;
    let mut read = Vec::new();
    for page in pages {
        read.push(plan.read(&mut known, page));
    }
    let findings = read.iter().flat_map(|page| &page.sidebar.findings);
    let wanted: BTreeSet<&str> = findings
        .filter_map(|finding| match &finding.said {
            Said::Post { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let mut people = People::load(store, &known, &wanted).await?;
    for page in &mut read {
        plan.fill(&mut known, &mut people, page);
    }
    let finder =
        Finder::new(&plan.names, &words).map_err(|error| DbErr::Custom(error.to_string()))?;
    let mut found = Vec::new();
    for page in &read {
        let mut mentions = finder.find(&page.page);
        page.mention(&known, &mut mentions);
        if page.sidebar.findings.is_empty() && mentions.certain.is_empty() {
            let message = "is no page of an assembly: it has no sidebar of delegations and names \
                           nothing that the graph has";
            problems.push(Problem {
                file: page.page.name.clone(),
                line: 0,
                record: None,
                message: message.to_owned(),
            });
        }
        found.push(mentions);
    }
    if !problems.is_empty() {
        problems.sort();
        return Err(ImportError::Wrong(problems));
    }
    let mut reports = Vec::new();
    for (page, mentions) in read.into_iter().zip(found) {
        reports.push(plan.add(&known, page, mentions).await?);
    }
    if !plan.problems.is_empty() {
        return Err(ImportError::Wrong(plan.problems));
    }
    let applied = plan.apply(now).await?;
    Ok(Report { pages: reports, applied, dry: options.dry_run })
}

/// A page, and what was understood of it.
struct Read {
    page: Page,
    sidebar: Sidebar,
    heading: headline::Heading,
    /// What makes rows of the graph, in order.
    made: Vec<Made>,
    posts: Vec<Post>,
    remarks: Vec<String>,
}

impl Read {
    /// Adds what the sidebar means, be it in words that are no name of it.
    fn mention(&self, known: &Known, mentions: &mut Mentions) {
        let mut add = |kind, slug: &str, line| mentions.add(kind, slug, line, &self.page);
        for Finding { line, said } in &self.sidebar.findings {
            match said {
                Said::Seats { delegation, chamber, .. } => {
                    add(RecordKind::Delegation, delegation, *line);
                    if let Some(chamber) = chamber {
                        add(RecordKind::Chamber, chamber, *line);
                    }
                }
                Said::Website { record, .. } => add(known.kind_of(record), record, *line),
                Said::Vacant { .. } | Said::Post { .. } => {}
            }
        }
        for post in &self.posts {
            add(RecordKind::Member, &post.member, post.line);
        }
        // Whom a post is of is known, whoever else goes by that name.
        for post in &self.posts {
            for name in mentions.ambiguous.iter_mut().filter(|one| one.slugs.contains(&post.member))
            {
                name.lines.remove(&post.line);
            }
        }
        mentions.ambiguous.retain(|name| !name.lines.is_empty());
    }
}

/// A person in a post, as a page shows it.
struct Post {
    line: usize,
    membership: String,
    member: String,
    role: Role,
    organization: String,
    title: String,
    behalf: Option<String>,
    name: String,
    new_member: bool,
    new_membership: bool,
}
