//! What pages come to: rows of the data set, and what known records gain.

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

/// Rows to write.
pub struct Plan {
    options: Options,
    directory: Directory,
    documents: Vec<Document>,
    evidence: Evidence,
    /// Rows of new records, by slug; their sources grow page by page.
    rows: BTreeMap<String, Row>,
    /// What known records gain, by slug.
    additions: BTreeMap<String, Row>,
    claims: Vec<Row>,
    /// The documents of the pages that are new, by address or digest.
    new_documents: HashMap<String, String>,
    /// The digests and names of the pages, by document.
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

    /// All rows, or what is wrong with the pages.
    pub fn finish(self) -> Result<Vec<Row>, Vec<Problem>> {
        match self.problems.is_empty() {
            true => {
                let rows = self.rows.into_values().chain(self.additions.into_values());
                Ok(rows.chain(self.claims).collect())
            }
            false => Err(self.problems),
        }
    }

    /// Plans what a page gives.
    pub fn add(&mut self, reading: InterpretedPage, mentions: Mentions) -> PageReport {
        let (slug, document_match) = self.document(&reading);
        let InterpretedPage { page, sidebar, heading, new, posts, remarks } = reading;
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
            Some(at) => self.known_document(&page, at, &mut report),
            None if document_match == DocumentMatch::New => self.new_document(&page, &mut report),
            None => {}
        }
        for record in &new {
            self.new_record(&page, record, &mut report);
        }
        let place = |line| Place { page: &page, line, document: &slug };
        for LineStatement { line, statement } in &sidebar.statements {
            self.state(place(*line), statement, &mut report);
        }
        for post in &posts {
            self.hold(place(post.line), post, &mut report);
        }
        report.posts.sort_by_key(|entry| entry.line);
        report.unread.sort_by_key(|line| line.line);
        report
    }

    /// The document that a page is, and how it is known.
    fn document(&mut self, reading: &InterpretedPage) -> (String, DocumentMatch) {
        let page = &reading.page;
        if let Some(slug) = &self.options.document {
            let is_known = self.documents.iter().any(|document| document.slug == *slug);
            self.directory.slugs.0.insert(slug.clone());
            return (slug.clone(), if is_known { DocumentMatch::Slug } else { DocumentMatch::New });
        }
        let statements = reading.sidebar.statements.iter().map(|finding| &finding.statement);
        let assertions: Vec<NewClaim> = statements.filter_map(Statement::assertion).collect();
        let agrees = |document: &Document| {
            document::agrees(document, &reading.heading, &assertions, &self.evidence)
        };
        let url = self.url(page);
        if let Some((document, document_match)) = document::find(&self.documents, page, url, agrees)
        {
            return (document.slug.clone(), document_match);
        }
        let place = url.map_or_else(|| page.digest.clone(), address::normalize);
        if let Some(slug) = self.new_documents.get(&place) {
            return (slug.clone(), DocumentMatch::Content);
        }
        let headline = reading.heading.headline.as_ref().map(|(text, _)| fold::slug(text));
        let stem = page.file.rsplit_once('.').map_or(page.file.as_str(), |(stem, _)| stem);
        let wish = headline.filter(|slug| !slug.is_empty()).unwrap_or_else(|| fold::slug(stem));
        let slug = self.directory.slugs.reserve(&wish);
        self.new_documents.insert(place, slug.clone());
        (slug, DocumentMatch::New)
    }

    /// The address of a page.
    fn url<'a>(&'a self, page: &'a Page) -> Option<&'a str> {
        self.options.url.as_deref().or(page.url.as_deref())
    }

    /// Refuses a page that comes with two contents: nothing says which was saved first, and both
    /// would say what the page says.
    fn check_content(&mut self, page: &Page, document: &str) {
        let own = (page.digest.clone(), page.name.clone());
        let (digest, other) = self.pages.entry(document.to_owned()).or_insert(own);
        if *digest != page.digest {
            self.problems.push(page.problem(format!(
                "is the same page as {other}, document `{document}`, with other content: import \
                 the one that was saved first, then the other"
            )));
        }
    }

    /// A document that is known gains what it lacks; what it has stays.
    fn known_document(&mut self, page: &Page, at: usize, report: &mut PageReport) {
        let mut fields = fields(page, self.url(page), report);
        let known = &self.documents[at];
        fields.retain(|(key, _)| match *key {
            "url" => known.url.is_none(),
            "file" => known.file.is_none(),
            "title" => known.title.is_none(),
            "language" => known.language.is_none(),
            _ => known.extent.is_none(),
        });
        if let Some(date) = report.heading.date.map(Date::from) {
            match known.published {
                None => {
                    fields.push(("published", date.to_string()));
                    fields.push(("published_basis", DATELINE.to_owned()));
                }
                Some(known) if known != date => {
                    report.remarks.push(format!("the document is known to be of {known}; kept so"));
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

    fn new_document(&mut self, page: &Page, report: &mut PageReport) {
        let slug = report.document.clone();
        let mut row = Row::record(page, 1, Kind::Document, &slug);
        row.set("kind", "OFFICIAL");
        for (key, text) in fields(page, self.url(page), report) {
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

    /// A row of a delegation or of an allocation that is new.
    fn new_record(&mut self, page: &Page, record: &NewRecord, report: &mut PageReport) {
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
                // Which page shows it is said by the claims.
                row.set_if_some("observed", self.captured());
            }
        }
        report.new.push((kind, slug.clone()));
        self.rows.insert(slug.clone(), row);
    }

    fn captured(&self) -> Option<String> {
        self.options.captured.map(|day| day.to_string())
    }

    /// What a line states, but for posts.
    fn state(&mut self, place: Place<'_>, statement: &Statement, report: &mut PageReport) {
        let line = place.line;
        match statement {
            Statement::Seats { delegation, record, chamber, seats, unit } => {
                self.cite(place, Kind::Delegation, delegation);
                if record != delegation {
                    self.cite(place, Kind::SeatAllocation, record);
                    self.observe(place, Kind::SeatAllocation, record);
                }
                let assertion = statement.assertion();
                let comparison = assertion.map(|one| self.assert(place, one));
                let whole = "the whole parliament";
                let text = format!("{}: {seats} {unit}", chamber.as_deref().unwrap_or(whole));
                report.seats.push(ReportEntry {
                    line,
                    record: delegation.clone(),
                    text,
                    comparison,
                });
            }
            Statement::Website { record, .. } => {
                let assertion = statement.assertion().map(|one| {
                    let value = self.evidence.claimed_website(record, &one.value, place.document);
                    NewClaim { value, ..one }
                });
                let address = assertion.as_ref().map(|one| one.value.clone());
                let comparison = assertion.map(|one| {
                    self.cite(place, self.directory.kind_of(record), record);
                    self.assert(place, one)
                });
                let text = address.unwrap_or_else(|| "unknown: none given".to_owned());
                report.websites.push(ReportEntry {
                    line,
                    record: record.clone(),
                    text,
                    comparison,
                });
            }
            Statement::Vacant { organization } => {
                let text = format!("{REPRESENTATIVE} unknown: nobody named");
                let record = organization.clone();
                report.posts.push(ReportEntry { line, record, text, comparison: None });
            }
            Statement::Post { .. } => {}
        }
    }

    /// A person in a post: rows where person or membership is new.
    fn hold(&mut self, place: Place<'_>, post: &ListedPost, report: &mut PageReport) {
        let ListedPost { line, membership, member, role, organization, name, .. } = post;
        if post.is_new_member {
            let mut row = Row::record(place.page, *line, Kind::Member, member);
            row.set("name", name);
            report.new.push((Kind::Member, member.clone()));
            self.rows.insert(member.clone(), row);
        }
        if post.is_new_membership {
            let mut row = Row::record(place.page, *line, Kind::Membership, membership);
            row.set("member", member);
            row.set("organization", organization);
            row.set("role", role);
            row.set("title", &post.title);
            row.set_if_some("on_behalf_of", post.behalf.as_deref());
            if let Some(day) = self.captured() {
                row.set("observed", day);
                row.push("observed_sources", &place.source());
            }
            report.new.push((Kind::Membership, membership.clone()));
            self.rows.insert(membership.clone(), row);
        }
        self.cite(place, Kind::Membership, membership);
        if self.rows.contains_key(member) {
            self.cite(place, Kind::Member, member);
        }
        self.observe(place, Kind::Membership, membership);
        let assertion = NewClaim {
            record: membership.clone(),
            property: "role",
            value: role.clone(),
            note: None,
        };
        self.claim(place, assertion);
        report.posts.push(ReportEntry {
            line: *line,
            record: organization.clone(),
            text: format!("{role} {name} ({member})"),
            comparison: Some(self.evidence.compare_post(&self.directory, post)),
        });
    }

    /// What a known record gains.
    fn addition(&mut self, page: &Page, line: usize, kind: Kind, slug: &str) -> &mut Row {
        let new = || Row::addition(page, line, kind, slug);
        self.additions.entry(slug.to_owned()).or_insert_with(new)
    }

    /// Notes that a document supports a record.
    fn cite(&mut self, place: Place<'_>, kind: Kind, record: &str) {
        match self.rows.get_mut(record) {
            Some(row) => row.push("sources", &place.source()),
            None => {
                let row = self.addition(place.page, place.line, kind, record);
                row.push("sources", place.document);
            }
        }
    }

    /// Notes that a known record was observed when the page was saved.
    fn observe(&mut self, place: Place<'_>, kind: Kind, record: &str) {
        if let Some(day) = self.captured()
            && !self.rows.contains_key(record)
        {
            self.addition(place.page, place.line, kind, record).set("observed", day);
        }
    }

    /// Claims a value, and compares it with those of other documents.
    fn assert(&mut self, place: Place<'_>, one: NewClaim) -> Comparison {
        let document = place.document;
        let comparison = self.evidence.compare(&one.record, one.property, &one.value, document);
        self.claim(place, one);
        comparison
    }

    /// A `[[claim]]`. What the document said on another day stays beside it.
    fn claim(&mut self, place: Place<'_>, assertion: NewClaim) {
        let NewClaim { record, property, value, mut note } = assertion;
        let captured = self.options.captured;
        let mut observed = captured.map(|day| (day, day));
        let mut source = place.source();
        let claims = self.evidence.values(&record, property);
        for (claim, known) in claims.filter(|(claim, _)| claim.document == place.document) {
            if known == value {
                // What is known of the claim stays: where it stands, and what was noted.
                if claim.locator.is_some() {
                    place.document.clone_into(&mut source);
                }
                note = note.filter(|_| claim.note.is_none());
                let both = observed.zip(claim.observed).map(|(one, other)| union(one, other));
                observed = both.or(observed);
            } else if let (Some(day), Some(days)) = (captured, claim.observed)
                && claim.by_claim
                && (day.earliest > days.1.latest || day.latest < days.0.earliest)
            {
                let mut row = place.claim(&record, property, known, Some(days));
                row.push("sources", place.document);
                self.claims.push(row);
            }
        }
        let mut row = place.claim(&record, property, &value, observed);
        row.push("sources", &source);
        row.set_if_some("note", note);
        self.claims.push(row);
    }
}

/// A line of a page, and the document that the page is.
#[derive(Clone, Copy)]
struct Place<'a> {
    page: &'a Page,
    line: usize,
    document: &'a str,
}

impl Place<'_> {
    /// As lists of sources write it.
    fn source(self) -> String {
        format!("{}#line {}", self.document, self.line)
    }

    /// A `[[claim]]` row without sources.
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

/// What a page gives to its document, but for its date.
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

/// The records that a page mentions, with their lines.
fn mentions(report: &PageReport) -> impl Iterator<Item = String> {
    report.mentions.iter().map(|one| format!("{}#{}", one.slug, locator(&one.lines)))
}

fn digest(page: &Page) -> Value {
    Value::Table(BTreeMap::from([(DIGEST_SCHEME.to_owned(), page.digest.clone())]))
}

/// The first and the last of days.
fn union(one: (Date, Date), other: (Date, Date)) -> (Date, Date) {
    let first = if other.0.earliest < one.0.earliest { other.0 } else { one.0 };
    let last = if other.1.latest > one.1.latest { other.1 } else { one.1 };
    (first, last)
}

/// How the date of a page is known.
const DATELINE: &str = "page dateline";

/// The scheme of the identifier that a document has of its bytes.
const DIGEST_SCHEME: &str = "sha-256";
