//! Reads saved pages of an inter-parliamentary assembly's site into rows of a data set.
//!
//! ```text
//! bytes ── Page::parse ──> Page ── read ──> Reading ── interpret ──> Draft ── resolve ──> Outcome
//!                                              Graph ────┘      Records ────┘
//! ```
//!
//! Knows neither a store nor the tables of the graph: records are plain data, by slug. Concludes
//! only where one record can be meant.

mod address;
mod cases;
mod directory;
mod document;
mod evidence;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod glossary;
mod grammar;
pub mod graph;
mod headline;
mod lists;
mod mention;
mod page;
mod people;
mod plan;
mod posts;
mod report;
mod row;
mod sidebar;
mod slugs;
mod word;

use std::{collections::BTreeSet, mem};

use directory::Directory;
use evidence::Evidence;
use graph::{Assembly, Date, Graph, Records};
use lists::OFFICES;
use mention::{Finder, Vocabulary};
use people::People;
use plan::Plan;
use posts::PageReading;
use sidebar::{REPRESENTATIVE, Statement};

pub use headline::Heading;
pub use mention::{AmbiguousName, Mention, NameFilter};
pub use page::{Line, MAX_BYTES, Page, Problem};
pub use report::{Entry, KnownBy, PageReport, Standing};
pub use row::{Row, Value};
pub use sidebar::UnreadLine;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What is known of the pages beside their text.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// When they were saved.
    pub captured: Option<Date>,
    /// The address of the only page.
    pub url: Option<String>,
    /// The slug of the document that the only page is.
    pub document: Option<String>,
    /// The slug of the assembly whose pages they are, if they do not name it.
    pub assembly: Option<String>,
}

/// Why pages give no rows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// All that is wrong with them.
    #[error("{}", lines(.0))]
    Pages(Vec<Problem>),
    /// The names of the graph are too many to be searched at once.
    #[error(transparent)]
    Names(#[from] aho_corasick::BuildError),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// The roles of posts that sidebars list.
pub fn roles() -> impl Iterator<Item = &'static str> {
    [REPRESENTATIVE].into_iter().chain(OFFICES.roles.keys().map(String::as_str))
}

/// Takes pages in, and what is wrong with others: all of it is reported at once.
pub fn read(pages: impl IntoIterator<Item = Result<Page, Problem>>, options: Options) -> Reading {
    let (mut sound, mut problems) = (Vec::new(), Vec::new());
    for page in pages {
        match page {
            Ok(page) => sound.push(page),
            Err(problem) => problems.push(problem),
        }
    }
    let vocabulary = Vocabulary::of(&sound);
    Reading { pages: sound, problems, options, vocabulary }
}

/// Pages, and the words in them.
pub struct Reading {
    pages: Vec<Page>,
    problems: Vec<Problem>,
    options: Options,
    vocabulary: Vocabulary,
}

impl Reading {
    /// The filter of the names that the graph has to have.
    pub fn name_filter(&self, assemblies: &[Assembly]) -> NameFilter<'_> {
        self.vocabulary.filter(assemblies)
    }

    /// Reads the sidebars.
    pub fn interpret(self, mut graph: Graph) -> Draft {
        let names = mem::take(&mut graph.names);
        graph.names = self.name_filter(&graph.assemblies).expand(names);
        let Self { pages, problems, options, vocabulary } = self;
        let mut directory = Directory::new(graph);
        let read = |page| PageReading::new(page, &mut directory, options.assembly.as_deref());
        let pages = pages.into_iter().map(read).collect();
        Draft { pages, problems, options, vocabulary, directory }
    }
}

/// Pages with the statements of their sidebars.
pub struct Draft {
    pages: Vec<PageReading>,
    problems: Vec<Problem>,
    options: Options,
    vocabulary: Vocabulary,
    directory: Directory,
}

/// What [`Draft::resolve`] has to know.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The words of the names of persons in posts.
    people: Vec<BTreeSet<String>>,
    /// Documents are wanted that have one of these slugs,
    pub documents: BTreeSet<String>,
    /// one of these addresses,
    pub urls: BTreeSet<String>,
    /// one of these digests
    pub digests: BTreeSet<String>,
    /// or one of these names of files.
    pub files: BTreeSet<String>,
    /// The records whose claims are wanted.
    pub claims: BTreeSet<String>,
    /// The memberships whose citations are wanted.
    pub citations: BTreeSet<String>,
}

impl Wanted {
    /// Whether members are wanted.
    pub fn has_people(&self) -> bool {
        !self.people.is_empty()
    }

    /// Whether a member of this name is wanted, with all names like it and all ties.
    pub fn accepts(&self, name: &str) -> bool {
        let words = people::words(name);
        self.people.iter().any(|one| people::is_like(one, &words))
    }
}

/// What the pages say.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// New records, additions to known ones, and claims.
    pub rows: Vec<Row>,
    /// One for each page.
    pub reports: Vec<PageReport>,
}

impl Draft {
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.documents.extend(self.options.document.clone());
        let mut people = BTreeSet::new();
        for PageReading { page, sidebar, .. } in &self.pages {
            let url = self.options.url.as_deref().or(page.url.as_deref());
            wanted.urls.extend(url.map(address::addresses).unwrap_or_default());
            wanted.digests.insert(page.digest.clone());
            wanted.files.insert(page.file.clone());
            for finding in &sidebar.findings {
                match &finding.statement {
                    Statement::Seats { record, .. } | Statement::Website { record, .. } => {
                        wanted.claims.insert(record.clone());
                    }
                    Statement::Post { name, role, organization, .. } => {
                        people.insert(name.as_str());
                        let posts = self.directory.posts.iter();
                        let posts = posts.filter(|post| post.is(organization, role));
                        wanted.citations.extend(posts.map(|post| post.slug.clone()));
                    }
                    Statement::Vacant { .. } => {}
                }
            }
        }
        wanted.claims.extend(wanted.citations.iter().cloned());
        wanted.people = people.into_iter().map(people::words).collect();
        wanted
    }

    /// Finds the persons in posts, the records that the texts mention and the documents that the pages
    /// are; compares with what other documents say.
    pub fn resolve(self, records: Records) -> Result<Outcome, Error> {
        let Self { mut pages, mut problems, options, vocabulary, mut directory } = self;
        let mut people = People::new(records.people);
        for page in &mut pages {
            page.fill_posts(&mut directory, &mut people);
        }
        let finder = Finder::new(&directory.names, &vocabulary)?;
        let mut mentions = Vec::new();
        for page in &pages {
            let mut found = finder.find(&page.page);
            page.add_mentions(&directory, &mut found);
            if page.sidebar.findings.is_empty() && found.certain.is_empty() {
                problems.push(page.page.problem(
                    "is no page of an assembly: it has no sidebar of delegations and names \
                     nothing that the graph has",
                ));
            }
            mentions.push(found);
        }
        if !problems.is_empty() {
            problems.sort();
            return Err(Error::Pages(problems));
        }
        let evidence = Evidence::new(records.claims, records.citations);
        let mut plan = Plan::new(options, directory, records.documents, evidence);
        let pages = pages.into_iter().zip(mentions);
        let reports = pages.map(|(page, mentions)| plan.add(page, mentions)).collect();
        Ok(Outcome { rows: plan.finish().map_err(Error::Pages)?, reports })
    }
}
