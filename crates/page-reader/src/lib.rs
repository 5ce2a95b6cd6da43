//! Extracts data set rows from saved web pages of an inter-parliamentary assembly.
//!
//! ```text
//! bytes ─ Page::parse ─> Page ─ read ─> PageSet ─ interpret ─> Interpretation ─ resolve ─> Resolution
//!                                           Graph ─┘                Records ─┘
//! ```
//!
//! The crate does not access a database. Records are plain data, identified by slug. A phrase is
//! matched with a record only if no other record matches it.

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
use posts::InterpretedPage;
use sidebar::{LineStatement, REPRESENTATIVE, Statement};

pub use headline::Heading;
pub use mention::{AmbiguousName, Mention, NameFilter};
pub use page::{MAX_BYTES, Page, PageLine, Problem};
pub use report::{Comparison, DocumentMatch, PageReport, ReportEntry};
pub use row::{Row, Value};
pub use sidebar::UnreadLine;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Facts about the pages that are not in their text.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The day on which the pages were saved.
    pub captured: Option<Date>,
    /// The URL of the page; only for a single page.
    pub url: Option<String>,
    /// The slug of the document record of the page; only for a single page.
    pub document: Option<String>,
    /// The slug of the assembly that published the pages, for pages that do not name it.
    pub assembly: Option<String>,
}

/// Why no rows were extracted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// All problems of all pages.
    #[error("{}", lines(.0))]
    Pages(Vec<Problem>),
    /// The names of the graph are too many for one search automaton.
    #[error(transparent)]
    Names(#[from] aho_corasick::BuildError),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// Returns the roles of the posts that sidebars list.
pub fn roles() -> impl Iterator<Item = &'static str> {
    [REPRESENTATIVE].into_iter().chain(OFFICES.roles.keys().map(String::as_str))
}

/// Collects parsed pages. Problems of others are kept, and reported together by
/// [`Interpretation::resolve`].
pub fn read(results: impl IntoIterator<Item = Result<Page, Problem>>, options: Options) -> PageSet {
    let (mut pages, mut problems) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(page) => pages.push(page),
            Err(problem) => problems.push(problem),
        }
    }
    let vocabulary = Vocabulary::new(&pages);
    PageSet { pages, problems, options, vocabulary }
}

/// Parsed pages and the words in them.
pub struct PageSet {
    pages: Vec<Page>,
    problems: Vec<Problem>,
    options: Options,
    vocabulary: Vocabulary,
}

impl PageSet {
    /// Returns a filter that accepts the names that [`Graph::names`] has to contain.
    pub fn name_filter(&self, assemblies: &[Assembly]) -> NameFilter<'_> {
        self.vocabulary.filter(assemblies)
    }

    /// Interprets the sidebars, headlines and dates of the pages.
    pub fn interpret(self, mut graph: Graph) -> Interpretation {
        let names = mem::take(&mut graph.names);
        graph.names = self.name_filter(&graph.assemblies).expand(names);
        let Self { pages, problems, options, vocabulary } = self;
        let mut directory = Directory::new(graph);
        let assembly = options.assembly.as_deref();
        let interpret = |page| InterpretedPage::new(page, &mut directory, assembly);
        let pages = pages.into_iter().map(interpret).collect();
        Interpretation { pages, problems, options, vocabulary, directory }
    }
}

/// Pages with the statements of their sidebars, not yet compared with the records of the graph.
pub struct Interpretation {
    pages: Vec<InterpretedPage>,
    problems: Vec<Problem>,
    options: Options,
    vocabulary: Vocabulary,
    directory: Directory,
}

/// Selects the records that [`Interpretation::resolve`] needs.
#[derive(Clone, Debug, Default)]
pub struct RecordFilter {
    /// The words of the name of each person in a post.
    people: Vec<BTreeSet<String>>,
    /// Slugs of documents. A document is selected if its slug, URL, digest or file is listed.
    pub documents: BTreeSet<String>,
    /// URLs of documents.
    pub urls: BTreeSet<String>,
    /// SHA-256 digests of documents.
    pub digests: BTreeSet<String>,
    /// File names of documents.
    pub files: BTreeSet<String>,
    /// Slugs of the records whose claims are needed.
    pub claims: BTreeSet<String>,
    /// Slugs of the memberships whose citations are needed.
    pub citations: BTreeSet<String>,
}

impl RecordFilter {
    /// Whether any members are needed.
    pub fn needs_people(&self) -> bool {
        !self.people.is_empty()
    }

    /// Whether a member with this name is needed, with all accepted names and all affiliations.
    pub fn accepts_person(&self, name: &str) -> bool {
        let words = people::words(name);
        self.people.iter().any(|other| people::is_similar(other, &words))
    }
}

/// The result for a set of pages.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// New records, additions to existing records, and claims.
    pub rows: Vec<Row>,
    /// One report for each page.
    pub reports: Vec<PageReport>,
}

impl Interpretation {
    /// Returns a filter that selects the records for [`Interpretation::resolve`].
    pub fn record_filter(&self) -> RecordFilter {
        let mut filter = RecordFilter::default();
        filter.documents.extend(self.options.document.clone());
        let mut people = BTreeSet::new();
        for InterpretedPage { page, sidebar, .. } in &self.pages {
            let url = self.options.url.as_deref().or(page.url.as_deref());
            filter.urls.extend(url.map(address::variants).unwrap_or_default());
            filter.digests.insert(page.digest.clone());
            filter.files.insert(page.file.clone());
            for LineStatement { statement, .. } in &sidebar.statements {
                match statement {
                    Statement::Seats { record, .. } | Statement::Website { record, .. } => {
                        filter.claims.insert(record.clone());
                    }
                    Statement::Post { name, role, organization, .. } => {
                        people.insert(name.as_str());
                        let posts = self.directory.posts.iter();
                        let posts = posts.filter(|post| post.is(organization, role));
                        filter.citations.extend(posts.map(|post| post.slug.clone()));
                    }
                    Statement::Vacant { .. } => {}
                }
            }
        }
        filter.claims.extend(filter.citations.iter().cloned());
        filter.people = people.into_iter().map(people::words).collect();
        filter
    }

    /// Finds the persons in posts, the mentioned records and the document of each page, and compares
    /// the statements of the pages with the claims of other documents.
    pub fn resolve(self, records: Records) -> Result<Resolution, Error> {
        let Self { mut pages, mut problems, options, vocabulary, mut directory } = self;
        let mut people = People::new(records.people);
        for page in &mut pages {
            page.resolve_posts(&mut directory, &mut people);
        }
        let finder = Finder::new(&directory.names, &vocabulary)?;
        let mut mentions = Vec::new();
        for page in &pages {
            let mut found = finder.find(&page.page);
            page.add_mentions(&directory, &mut found);
            if page.sidebar.statements.is_empty() && found.certain.is_empty() {
                problems.push(page.page.problem(
                    "is not a page of an assembly: it has no sidebar of delegations and mentions no \
                     record of the graph",
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
        Ok(Resolution { rows: plan.finish().map_err(Error::Pages)?, reports })
    }
}
