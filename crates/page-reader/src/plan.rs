//! Turns interpreted pages into rows: new records, additions to existing records, and claims.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    Options, address,
    directory::Directory,
    document,
    evidence::Evidence,
    graph::{Date, Document, Kind},
    mention::{Mentions, locator},
    page::{Page, Problem},
    posts::{InterpretedPage, ListedPost},
    report::{Comparison, DocumentMatch, PageReport, ReportEntry},
    row::{Row, Value},
    sidebar::{LineStatement, NewClaim, NewRecord, REPRESENTATIVE, Statement},
};

/// The rows of all pages.
pub struct Plan {
    options: Options,
    directory: Directory,
    documents: Vec<Document>,
    evidence: Evidence,
    /// Rows of new records, by slug. Each page that states a record adds a source.
    rows: BTreeMap<String, Row>,
    /// Additions to existing records, by slug.
    additions: BTreeMap<String, Row>,
    claims: Vec<Row>,
    /// New documents, by normalized URL or by digest.
    new_documents: HashMap<String, String>,
    /// The digest and name of the page of each document.
    pages: HashMap<String, (String, Arc<str>)>,
    problems: Vec<Problem>,
}

impl Plan {
    pub fn new(
        options: Options,
        directory: Directory,
        documents: Vec<Document>,
        evidence: Evidence,
    ) -> Self {
        Self {
            options,
            directory,
            documents,
            evidence,
            rows: BTreeMap::new(),
            additions: BTreeMap::new(),
            claims: Vec::new(),
            new_documents: HashMap::new(),
            pages: HashMap::new(),
            problems: Vec::new(),
        }
    }

    /// Returns all rows, or the problems of the pages.
    pub fn finish(self) -> Result<Vec<Row>, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let rows = self.rows.into_values().chain(self.additions.into_values());
        Ok(rows.chain(self.claims).collect())
    }

    /// Adds the rows of a page and returns the report on it.
    pub fn add(&mut self, interpreted: InterpretedPage, mentions: Mentions) -> PageReport {
        let (slug, document_match) = self.find_document(&interpreted);
        let InterpretedPage { page, sidebar, heading, new, posts, remarks } = interpreted;
        self.check_content(&page, &slug);
        let mut report = PageReport {
            file: page.name.to_string(),
            document: slug.clone(),
            document_match,
            heading,
            seats: Vec::new(),
            posts: Vec::new(),
            websites: Vec::new(),
            new: Vec::new(),
            mentions: mentions.certain,
            ambiguous: mentions.ambiguous,
            unread: sidebar.unread,
            remarks,
        };
        match self.documents.iter().position(|document| document.slug == slug) {
            Some(at) => self.update_document(&page, at, &mut report),
            None if document_match == DocumentMatch::New => self.add_document(&page, &mut report),
            None => {}
        }
        for record in &new {
            self.add_record(&page, record, &mut report);
        }
        let source = |line| Source { page: &page, line, document: &slug };
        for LineStatement { line, statement } in &sidebar.statements {
            self.add_statement(source(*line), statement, &mut report);
        }
        for post in &posts {
            self.add_post(source(post.line), post, &mut report);
        }
        report.posts.sort_by_key(|entry| entry.line);
        report.unread.sort_by_key(|line| line.line);
        report
    }

    /// Finds the document of a page, or reserves a slug for a new one.
    fn find_document(&mut self, interpreted: &InterpretedPage) -> (String, DocumentMatch) {
        let page = &interpreted.page;
        if let Some(slug) = &self.options.document {
            let exists = self.documents.iter().any(|document| document.slug == *slug);
            self.directory.slugs.0.insert(slug.clone());
            return (slug.clone(), if exists { DocumentMatch::Slug } else { DocumentMatch::New });
        }
        let statements = interpreted.sidebar.statements.iter().map(|line| &line.statement);
        let claims: Vec<NewClaim> = statements.filter_map(Statement::claim).collect();
        let agrees = |document: &Document| {
            document::agrees(document, &interpreted.heading, &claims, &self.evidence)
        };
        let url = self.page_url(page);
        if let Some((document, document_match)) = document::find(&self.documents, page, url, agrees)
        {
            return (document.slug.clone(), document_match);
        }
        let key = url.map_or_else(|| page.digest.clone(), address::normalize);
        if let Some(slug) = self.new_documents.get(&key) {
            return (slug.clone(), DocumentMatch::Content);
        }
        let headline = interpreted.heading.headline.as_ref().map(|(text, _)| fold::slug(text));
        let stem = page.file.rsplit_once('.').map_or(page.file.as_str(), |(stem, _)| stem);
        let preferred =
            headline.filter(|slug| !slug.is_empty()).unwrap_or_else(|| fold::slug(stem));
        let slug = self.directory.slugs.reserve(&preferred);
        self.new_documents.insert(key, slug.clone());
        (slug, DocumentMatch::New)
    }

    /// Returns the URL of a page.
    fn page_url<'a>(&'a self, page: &'a Page) -> Option<&'a str> {
        self.options.url.as_deref().or(page.url.as_deref())
    }

    /// Reports a problem if two files are the same page with different content: it is unknown which
    /// one is older, so neither value can be preferred.
    fn check_content(&mut self, page: &Page, document: &str) {
        let this = (page.digest.clone(), page.name.clone());
        let (digest, other) = self.pages.entry(document.to_owned()).or_insert(this);
        if *digest != page.digest {
            self.problems.push(page.problem(format!(
                "is the same page as {other}, document `{document}`, with different content; \
                 import the older file first, then the other"
            )));
        }
    }

    /// Adds missing fields to an existing document. Fields that are set are kept.
    fn update_document(&mut self, page: &Page, at: usize, report: &mut PageReport) {
        let mut fields = fields(page, self.page_url(page), report);
        let document = &self.documents[at];
        fields.retain(|(key, _)| match *key {
            "url" => document.url.is_none(),
            "file" => document.file.is_none(),
            "title" => document.title.is_none(),
            "language" => document.language.is_none(),
            _ => document.extent.is_none(),
        });
        if let Some(date) = report.heading.date.map(Date::from) {
            match document.published {
                None => {
                    fields.push(("published", date.to_string()));
                    fields.push(("published_basis", DATELINE.to_owned()));
                }
                Some(published) if published != date => {
                    report
                        .remarks
                        .push(format!("kept the existing date of the document, {published}"));
                }
                Some(_) => {}
            }
        }
        let row = self.addition(page, 1, Kind::Document, &report.document);
        for (key, text) in fields {
            row.keys.entry(key).or_insert(Value::Text(text));
        }
        row.keys.insert("identifiers", digest(page));
        for mention in mentions(report) {
            row.push("mentions", &mention);
        }
    }

    fn add_document(&mut self, page: &Page, report: &mut PageReport) {
        let slug = report.document.clone();
        let mut row = Row::record(page, 1, Kind::Document, &slug);
        row.set("kind", "OFFICIAL");
        for (key, text) in fields(page, self.page_url(page), report) {
            row.set(key, text);
        }
        row.set_if_some("published", report.heading.date.map(|date| date.to_string()));
        let basis = match (report.heading.date, &report.heading.dateline) {
            (Some(_), _) => DATELINE,
            (None, Some(_)) => "not on page: its dateline has no year",
            (None, None) => "not on page",
        };
        row.set("published_basis", basis);
        row.keys.insert("identifiers", digest(page));
        row.keys.insert("mentions", Value::List(mentions(report).collect()));
        report.new.push((Kind::Document, slug.clone()));
        self.rows.insert(slug, row);
    }

    /// Adds a row of a new delegation or allocation.
    fn add_record(&mut self, page: &Page, record: &NewRecord, report: &mut PageReport) {
        let (slug, kind) = match record {
            NewRecord::Delegation { slug, .. } => (slug, Kind::Delegation),
            NewRecord::Allocation { slug, .. } => (slug, Kind::SeatAllocation),
        };
        let mut row = Row::record(page, 1, kind, slug);
        match record {
            NewRecord::Delegation { assembly, parliament, name, .. } => {
                row.set("assembly", assembly);
                row.set("parliament", parliament);
                row.set("name", name);
            }
            NewRecord::Allocation { delegation, chamber, .. } => {
                row.set("delegation", delegation);
                row.set_if_some("chamber", chamber.as_deref());
                // The claims cite the page.
                row.set_if_some("observed", self.captured());
            }
        }
        report.new.push((kind, slug.clone()));
        self.rows.insert(slug.clone(), row);
    }

    fn captured(&self) -> Option<String> {
        self.options.captured.map(|day| day.to_string())
    }

    /// Adds the rows of a statement other than a post.
    fn add_statement(
        &mut self,
        source: Source<'_>,
        statement: &Statement,
        report: &mut PageReport,
    ) {
        let line = source.line;
        match statement {
            Statement::Seats { delegation, record, chamber, seats, unit } => {
                self.cite(source, Kind::Delegation, delegation);
                if record != delegation {
                    self.cite(source, Kind::SeatAllocation, record);
                    self.observe(source, Kind::SeatAllocation, record);
                }
                let claim = statement.claim();
                let comparison = claim.map(|claim| self.add_compared_claim(source, claim));
                let chamber = chamber.as_deref().unwrap_or("the whole parliament");
                let text = format!("{chamber}: {seats} {unit}");
                report.seats.push(ReportEntry {
                    line,
                    record: delegation.clone(),
                    text,
                    comparison,
                });
            }
            Statement::Website { record, .. } => {
                let claim = statement.claim().map(|claim| {
                    let value =
                        self.evidence.claimed_website(record, &claim.value, source.document);
                    NewClaim { value, ..claim }
                });
                let address = claim.as_ref().map(|claim| claim.value.clone());
                let comparison = claim.map(|claim| {
                    self.cite(source, self.directory.kind_of(record), record);
                    self.add_compared_claim(source, claim)
                });
                let text = address.unwrap_or_else(|| "unknown: no address".to_owned());
                report.websites.push(ReportEntry {
                    line,
                    record: record.clone(),
                    text,
                    comparison,
                });
            }
            Statement::Vacant { organization } => {
                let text = format!("{REPRESENTATIVE} unknown: no name");
                let record = organization.clone();
                report.posts.push(ReportEntry { line, record, text, comparison: None });
            }
            Statement::Post { .. } => {}
        }
    }

    /// Adds the rows of a post: a new member, a new membership, or an addition to the membership.
    fn add_post(&mut self, source: Source<'_>, post: &ListedPost, report: &mut PageReport) {
        let ListedPost { line, membership, member, role, organization, name, .. } = post;
        if post.is_new_member {
            let mut row = Row::record(source.page, *line, Kind::Member, member);
            row.set("name", name);
            report.new.push((Kind::Member, member.clone()));
            self.rows.insert(member.clone(), row);
        }
        if post.is_new_membership {
            let mut row = Row::record(source.page, *line, Kind::Membership, membership);
            row.set("member", member);
            row.set("organization", organization);
            row.set("role", role);
            row.set("title", &post.title);
            row.set_if_some("on_behalf_of", post.behalf.as_deref());
            if let Some(day) = self.captured() {
                row.set("observed", day);
                row.push("observed_sources", &source.reference());
            }
            report.new.push((Kind::Membership, membership.clone()));
            self.rows.insert(membership.clone(), row);
        }
        self.cite(source, Kind::Membership, membership);
        if self.rows.contains_key(member) {
            self.cite(source, Kind::Member, member);
        }
        self.observe(source, Kind::Membership, membership);
        let claim = NewClaim {
            record: membership.clone(),
            property: "role",
            value: role.clone(),
            note: None,
        };
        self.add_claim(source, claim);
        report.posts.push(ReportEntry {
            line: *line,
            record: organization.clone(),
            text: format!("{role} {name} ({member})"),
            comparison: Some(self.evidence.compare_post(&self.directory, post)),
        });
    }

    /// Returns the addition to an existing record.
    fn addition(&mut self, page: &Page, line: usize, kind: Kind, slug: &str) -> &mut Row {
        let new = || Row::addition(page, line, kind, slug);
        self.additions.entry(slug.to_owned()).or_insert_with(new)
    }

    /// Adds the document to the sources of a record.
    fn cite(&mut self, source: Source<'_>, kind: Kind, record: &str) {
        match self.rows.get_mut(record) {
            Some(row) => row.push("sources", &source.reference()),
            None => {
                let row = self.addition(source.page, source.line, kind, record);
                row.push("sources", source.document);
            }
        }
    }

    /// Adds the day on which the page was saved to the dates of observation of an existing record.
    fn observe(&mut self, source: Source<'_>, kind: Kind, record: &str) {
        if let Some(day) = self.captured()
            && !self.rows.contains_key(record)
        {
            self.addition(source.page, source.line, kind, record).set("observed", day);
        }
    }

    /// Compares a claim with those of other documents and adds it.
    fn add_compared_claim(&mut self, source: Source<'_>, claim: NewClaim) -> Comparison {
        let document = source.document;
        let comparison =
            self.evidence.compare(&claim.record, claim.property, &claim.value, document);
        self.add_claim(source, claim);
        comparison
    }

    /// Adds a `[[claim]]` row. A different value that the document had on another day is kept in a
    /// row of its own.
    fn add_claim(&mut self, source: Source<'_>, claim: NewClaim) {
        let NewClaim { record, property, value, mut note } = claim;
        let captured = self.options.captured;
        let mut observed = captured.map(|day| (day, day));
        let mut reference = source.reference();
        let claims = self.evidence.values(&record, property);
        for (claim, claimed) in claims.filter(|(claim, _)| claim.document == source.document) {
            if claimed == value {
                // The locator and the note of an existing claim are kept.
                if claim.locator.is_some() {
                    source.document.clone_into(&mut reference);
                }
                note = note.filter(|_| claim.note.is_none());
                let both = observed.zip(claim.observed).map(|(one, other)| union(one, other));
                observed = both.or(observed);
            } else if let (Some(day), Some(days)) = (captured, claim.observed)
                && claim.by_claim
                && (day.earliest > days.1.latest || day.latest < days.0.earliest)
            {
                let mut row = source.claim(&record, property, claimed, Some(days));
                row.push("sources", source.document);
                self.claims.push(row);
            }
        }
        let mut row = source.claim(&record, property, &value, observed);
        row.push("sources", &reference);
        row.set_if_some("note", note);
        self.claims.push(row);
    }
}

/// A line of a page and the document of the page.
#[derive(Clone, Copy)]
struct Source<'a> {
    page: &'a Page,
    line: usize,
    document: &'a str,
}

impl Source<'_> {
    /// Returns the item of a `sources` list: the slug with the line as locator.
    fn reference(self) -> String {
        format!("{}#line {}", self.document, self.line)
    }

    /// Returns a `[[claim]]` row without sources.
    fn claim(
        self,
        record: &str,
        property: &str,
        value: &str,
        observed: Option<(Date, Date)>,
    ) -> Row {
        let mut row = Row::claim(self.page, self.line);
        row.set("record", record);
        row.set("property", property);
        row.set("value", value);
        if let Some((first, last)) = observed {
            let days = vec![first.to_string(), last.to_string()];
            row.keys.insert("observed", Value::List(days));
        }
        row
    }
}

/// Returns the fields of the document of a page, except the date.
fn fields(page: &Page, url: Option<&str>, report: &PageReport) -> Vec<(&'static str, String)> {
    let headline = report.heading.headline.as_ref().map(|(text, _)| text.clone());
    let fields = [
        ("extent", Some("FULL".to_owned())),
        ("file", Some(page.file.clone())),
        ("language", document::language(page)),
        ("title", headline),
        ("url", url.map(str::to_owned)),
    ];
    fields.into_iter().filter_map(|(key, text)| Some((key, text?))).collect()
}

/// Returns the mentioned records, with their lines as locators.
fn mentions(report: &PageReport) -> impl Iterator<Item = String> {
    report.mentions.iter().map(|mention| format!("{}#{}", mention.slug, locator(&mention.lines)))
}

fn digest(page: &Page) -> Value {
    Value::Table(BTreeMap::from([(DIGEST_SCHEME.to_owned(), page.digest.clone())]))
}

/// Returns the smallest period that contains both.
fn union(one: (Date, Date), other: (Date, Date)) -> (Date, Date) {
    let first = if other.0.earliest < one.0.earliest { other.0 } else { one.0 };
    let last = if other.1.latest > one.1.latest { other.1 } else { one.1 };
    (first, last)
}

/// The basis of a publication date that is on the page.
const DATELINE: &str = "page dateline";

/// The identifier scheme of the digest of a document.
const DIGEST_SCHEME: &str = "sha-256";
