//! What pages come to: rows as files of the data set format have them, and what known records gain
//! without being restated.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use entity::{
    Id, PartialDate, RecordKind, Spell, alias, document as documents, entity as registry,
    membership, membership::Role, seat_allocation,
};
use sea_orm::{ActiveEnum, DatabaseTransaction, DbErr, EntityTrait, QuerySelect};

use super::{
    Options, Post, Read, document,
    evidence::Evidence,
    fold, headline,
    known::Known,
    mention::{Mentions, Name, Names, locator},
    people::{Meant, People},
    report::{KnownBy, PageReport, Told},
    sidebar,
    sidebar::{Finding, Made, Reader, Said, Unread},
    text::Page,
};
use crate::{
    fold::slug as slug_of,
    import::{
        Applied, ImportError, Problem, apply, dataset, digest, held, index,
        row::{self, Index},
        seats,
        text::{Cell, Datum, Raw},
    },
    store::find,
};

/// What is to be written: rows as files have them, and what known records gain without being
/// restated.
pub struct Plan<'a> {
    store: &'a DatabaseTransaction,
    options: &'a Options,
    pub names: Names,
    taken: HashSet<String>,
    /// Rows of new records, by slug; their sources grow page by page.
    rows: BTreeMap<String, Raw>,
    claims: Vec<Raw>,
    /// Record and document, by slug.
    citations: BTreeSet<(String, String)>,
    /// Document, record and where.
    mentions: Vec<(String, String, String)>,
    /// Known documents, with what the pages add to them.
    documents: BTreeMap<Id, documents::Model>,
    digests: Vec<(Id, String)>,
    /// Known posts and allocations that the pages show.
    seen: BTreeSet<String>,
    /// The documents of the pages that are new, by what their files come to.
    fresh: BTreeMap<String, String>,
    /// The pages of this import, by their documents: what their files come to, and their names.
    pages: BTreeMap<String, (String, Arc<str>)>,
    pub problems: Vec<Problem>,
}

impl<'a> Plan<'a> {
    pub async fn new(
        store: &'a DatabaseTransaction,
        names: Names,
        options: &'a Options,
    ) -> Result<Self, DbErr> {
        let slugs = registry::Entity::find().select_only().column(registry::Column::Slug);
        let mut taken: HashSet<String> = slugs.into_tuple().all(store).await?.into_iter().collect();
        let slugs = alias::Entity::find().select_only().column(alias::Column::Slug);
        taken.extend(slugs.into_tuple::<String>().all(store).await?);
        Ok(Self {
            store,
            options,
            names,
            taken,
            rows: BTreeMap::new(),
            claims: Vec::new(),
            citations: BTreeSet::new(),
            mentions: Vec::new(),
            documents: BTreeMap::new(),
            digests: Vec::new(),
            seen: BTreeSet::new(),
            fresh: BTreeMap::new(),
            pages: BTreeMap::new(),
            problems: Vec::new(),
        })
    }

    /// Understands the sidebar of a page; what it makes is known to the pages after it.
    pub fn read(&mut self, known: &mut Known, page: Page) -> Read {
        let taken = &mut self.taken;
        let mut is_free = |slug: &str| taken.insert(slug.to_owned());
        let mut reader = Reader {
            known,
            assembly: self.options.assembly.clone(),
            made: Vec::new(),
            is_free: &mut is_free,
        };
        let sidebar = reader.read(&page);
        let made = std::mem::take(&mut reader.made);
        for one in &made {
            if let Made::Delegation { slug, name, .. } = one {
                let (slug, text) = (slug.clone(), name.clone());
                self.names.all.push(Name { slug, kind: RecordKind::Delegation, text });
            }
        }
        let heading = headline::find(&page, sidebar.lines.clone());
        Read { page, sidebar, heading, made, posts: Vec::new(), remarks: Vec::new() }
    }

    /// Finds the persons in the posts of a page; somebody new is known to the pages after it.
    pub fn fill(&mut self, known: &mut Known, people: &mut People, read: &mut Read) {
        // Who a line names is one person, whatever posts it tells.
        let mut before: Option<(usize, String, String)> = None;
        for Finding { line, said } in &read.sidebar.findings {
            let Said::Post { name, role, organization, title, behalf } = said else { continue };
            let same = before.take().filter(|(at, who, _)| at == line && who == name);
            let holder = known.holder(name, organization, *role).map(str::to_owned);
            let found = match holder.or(same.map(|(.., member)| member)) {
                Some(member) => Ok((member, false)),
                None => self.person(known, people, name, organization, &mut read.remarks),
            };
            match found {
                Ok((member, new_member)) => {
                    people.add(&member, name, organization);
                    let (membership, new_membership) =
                        self.membership(known, &member, name, *role, organization);
                    before = Some((*line, name.clone(), member.clone()));
                    read.posts.push(Post {
                        line: *line,
                        membership,
                        member,
                        role: *role,
                        organization: organization.clone(),
                        title: title.clone(),
                        behalf: behalf.clone(),
                        name: name.clone(),
                        new_member,
                        new_membership,
                    });
                }
                Err(why) => {
                    let text = name.clone();
                    read.sidebar.unread.push(Unread { line: *line, text, why });
                }
            }
        }
        read.sidebar.unread.dedup();
    }

    /// The person whom a name means near an organization, and whether it is somebody new: the only
    /// one of that name with a tie to it, else nobody whom the graph has.
    fn person(
        &mut self,
        known: &Known,
        people: &People,
        name: &str,
        organization: &str,
        remarks: &mut Vec<String>,
    ) -> Result<(String, bool), String> {
        let is_short = is_short(name);
        let Meant { near, far } = people.named(name, known, organization, is_short);
        let slugs = |all: &BTreeSet<String>| {
            let told: Vec<&str> = all.iter().take(TOLD).map(String::as_str).collect();
            match all.len().checked_sub(told.len()) {
                None | Some(0) => told.join(", "),
                Some(more) => format!("{} and {more} more", told.join(", ")),
            }
        };
        match (near.len(), near.first()) {
            (1, Some(slug)) => return Ok((slug.clone(), false)),
            (0, _) => {}
            _ => return Err(format!("`{name}` may be one of several: {}", slugs(&near))),
        }
        if is_short {
            return Err(format!("`{name}` does not tell who it is"));
        }
        if !far.is_empty() {
            let far = slugs(&far);
            remarks.push(format!("another {name} is in the graph ({far}): not taken for the same"));
        }
        let slug = self.free(&slug_of(name));
        let (kind, text) = (RecordKind::Member, name.to_owned());
        self.names.all.push(Name { slug: slug.clone(), kind, text });
        Ok((slug, true))
    }

    /// The membership of a person in a post, and whether it is new.
    fn membership(
        &mut self,
        known: &mut Known,
        member: &str,
        name: &str,
        role: Role,
        organization: &str,
    ) -> (String, bool) {
        if let Some(post) = known.post(member, organization, role) {
            return (post.slug.clone(), false);
        }
        let word = role.to_value().to_lowercase().replace('_', "-");
        let slug = self.free(&format!("{member}-{organization}-{word}"));
        known.add_post(&slug, member, organization, role, name);
        (slug, true)
    }

    fn free(&mut self, wish: &str) -> String {
        let wish = if wish.is_empty() { "page" } else { wish };
        // Room for what makes it unique.
        let wish = wish.get(..190).unwrap_or(wish).trim_end_matches('-');
        sidebar::free(wish, &mut |slug| self.taken.insert(slug.to_owned()))
    }

    /// Plans what a page gives.
    pub async fn add(
        &mut self,
        known: &Known,
        read: Read,
        mentions: Mentions,
    ) -> Result<PageReport, ImportError> {
        let ids: BTreeMap<&str, Id> =
            known.slugs.iter().map(|(id, slug)| (slug.as_str(), *id)).collect();
        let mut sayings = document::Sayings::new();
        for finding in &read.sidebar.findings {
            let Some((record, property, value)) = finding.said.claim() else { continue };
            sayings.extend(ids.get(record).map(|id| (*id, property, value)));
        }
        let (slug, model, known_by) = self.document(&read, &sayings).await?;
        let page = (read.page.digest.clone(), read.page.name.clone());
        let (digest, other) = self.pages.entry(slug.clone()).or_insert(page);
        if *digest != read.page.digest {
            // Nothing tells which of them was saved first, and both would say what the page says.
            self.problems.push(Problem {
                file: read.page.name.clone(),
                line: 0,
                record: None,
                message: format!(
                    "is the same page as {other}, document `{slug}`, with other content: import \
                     the one that was saved first, then the other"
                ),
            });
        }
        let document = model.as_ref().map(|row| row.id);
        let evidence = Evidence::load(self.store, &read, &ids).await?;
        let mut report = PageReport {
            file: read.page.name.to_string(),
            document: slug.clone(),
            known_by,
            heading: read.heading.clone(),
            seats: Vec::new(),
            posts: Vec::new(),
            websites: Vec::new(),
            made: Vec::new(),
            mentions: mentions.certain,
            ambiguous: mentions.ambiguous,
            unread: read.sidebar.unread.clone(),
            remarks: read.remarks.clone(),
        };
        match model {
            Some(model) => self.known_document(&read, model, &mut report),
            None if known_by == KnownBy::New => self.new_document(&read, &slug, &mut report),
            None => {}
        }
        for made in &read.made {
            self.make(&read.page, made, &mut report);
        }
        let page = &read.page;
        for Finding { line, said } in &read.sidebar.findings {
            let source = format!("{slug}#line {line}");
            match said {
                Said::Seats { delegation, record, chamber, seats, unit } => {
                    let Some((_, property, value)) = said.claim() else { continue };
                    for record in [delegation, record] {
                        self.cite(record, &slug, &source);
                    }
                    let standing = evidence.standing(record, property, &value, document);
                    let counted = format!("unit: {unit}");
                    let note = Some(counted.as_str());
                    let said = Saying { record, property, value: &value, note };
                    self.claim(page, *line, said, &source, &evidence, document);
                    self.seen.insert(record.clone());
                    report.seats.push(Told {
                        line: *line,
                        record: delegation.clone(),
                        what: match chamber {
                            Some(chamber) => format!("{chamber}: {seats} {unit}"),
                            None => format!("the whole parliament: {seats} {unit}"),
                        },
                        standing: Some(standing),
                    });
                }
                Said::Website { record, address } => {
                    let address =
                        address.as_ref().map(|url| evidence.spelling(record, url, document));
                    let standing = address.as_ref().map(|address| {
                        self.cite(record, &slug, &source);
                        let standing = evidence.standing(record, "website", address, document);
                        let value = address.as_str();
                        let said = Saying { record, property: "website", value, note: None };
                        self.claim(page, *line, said, &source, &evidence, document);
                        standing
                    });
                    report.websites.push(Told {
                        line: *line,
                        record: record.clone(),
                        what: address.clone().unwrap_or_else(|| "unknown: none given".to_owned()),
                        standing,
                    });
                }
                Said::Vacant { organization } => report.posts.push(Told {
                    line: *line,
                    record: organization.clone(),
                    what: "REPRESENTATIVE unknown: nobody named".to_owned(),
                    standing: None,
                }),
                Said::Post { .. } => {}
            }
        }
        for post in &read.posts {
            let source = format!("{slug}#line {}", post.line);
            self.hold(page, post, &source, &mut report);
            self.cite(&post.membership, &slug, &source);
            if self.rows.contains_key(&post.member) {
                self.cite(&post.member, &slug, &source);
            }
            let role = post.role.to_value();
            let said =
                Saying { record: &post.membership, property: "role", value: &role, note: None };
            self.claim(page, post.line, said, &source, &evidence, document);
            self.seen.insert(post.membership.clone());
            report.posts.push(Told {
                line: post.line,
                record: post.organization.clone(),
                what: format!("{role} {} ({})", post.name, post.member),
                standing: Some(evidence.holding(known, post)),
            });
        }
        report.posts.sort_by_key(|told| told.line);
        report.unread.sort_by_key(|line| line.line);
        for mention in &report.mentions {
            let place = locator(&mention.lines);
            if document.is_some() {
                self.mentions.push((slug.clone(), mention.slug.clone(), place));
            }
        }
        Ok(report)
    }

    /// The document that a page is: its slug, its row where the database has one, and how it is
    /// known.
    async fn document(
        &mut self,
        read: &Read,
        sayings: &document::Sayings,
    ) -> Result<(String, Option<documents::Model>, KnownBy), ImportError> {
        let page = &read.page;
        if let Some(slug) = &self.options.document {
            let Some(record) = document::by_slug(self.store, slug).await? else {
                self.taken.insert(slug.clone());
                return Ok((slug.clone(), None, KnownBy::New));
            };
            if !document::is_document(&record) {
                let is = row::word(record.kind);
                let message = format!("--document: `{slug}` is a {is} and no document");
                return Err(ImportError::Options(message));
            }
            let row = documents::Entity::find_by_id(record.id).one(self.store).await?;
            return Ok((record.slug, row, KnownBy::Slug));
        }
        let url = self.options.url.as_deref().or(page.url.as_deref());
        let found = document::known(self.store, page, url, &read.heading, sayings).await?;
        if let Some((row, known_by)) = found {
            return Ok((row.slug.clone(), Some(row), known_by));
        }
        let place = match url {
            Some(url) => document::address(url),
            None => page.digest.clone(),
        };
        if let Some(slug) = self.fresh.get(&place) {
            return Ok((slug.clone(), None, KnownBy::Content));
        }
        let headline = read.heading.headline.as_ref().map(|headline| headline.0.as_str());
        let stem = page.file.rsplit_once('.').map_or(page.file.as_str(), |(stem, _)| stem);
        let wish = headline.map(slug_of).filter(|slug| !slug.is_empty());
        let slug = self.free(&wish.unwrap_or_else(|| slug_of(stem)));
        self.fresh.insert(place, slug.clone());
        Ok((slug, None, KnownBy::New))
    }

    /// A document that is known gains what it lacks; what it has stays.
    fn known_document(&mut self, read: &Read, model: documents::Model, report: &mut PageReport) {
        let row = self.documents.entry(model.id).or_insert(model);
        let published = PartialDate::from_columns(row.published_earliest, row.published_latest);
        match (published, read.heading.date) {
            (None, Some(date)) => {
                (row.published_earliest, row.published_latest) =
                    PartialDate::to_columns(Some(date));
                row.published_basis = Some(DATELINE.to_owned());
            }
            (Some(known), Some(date)) if known != date => {
                report.remarks.push(format!("the document is known to be of {known}; kept so"));
            }
            _ => {}
        }
        let url = self.options.url.clone().or(read.page.url.clone());
        row.url = row.url.take().or(url);
        row.file = row.file.take().or(Some(read.page.file.clone()));
        row.language = row.language.take().or_else(|| document::language(&read.page));
        row.extent = row.extent.or(Some(documents::DocumentExtent::Full));
        let headline = read.heading.headline.as_ref().map(|headline| headline.0.clone());
        row.title = row.title.take().or(headline);
        self.digests.push((row.id, read.page.digest.clone()));
    }

    fn new_document(&mut self, read: &Read, slug: &str, report: &mut PageReport) {
        let mut raw = raw(&read.page, 1, "document", slug);
        raw.put("kind", "OFFICIAL");
        raw.put("extent", "FULL");
        raw.put("file", &read.page.file);
        let url = self.options.url.as_deref().or(read.page.url.as_deref());
        let language = document::language(&read.page);
        let title = read.heading.headline.as_ref().map(|headline| headline.0.as_str());
        for (key, value) in [("url", url), ("title", title), ("language", language.as_deref())] {
            raw.maybe(key, value);
        }
        let basis = match (read.heading.date, &read.heading.dateline) {
            (Some(date), _) => {
                raw.put("published", &date.to_string());
                DATELINE
            }
            (None, Some(_)) => "not on page: its dateline has no year",
            (None, None) => "not on page",
        };
        raw.put("published_basis", basis);
        let digest = Cell { line: 1, datum: Datum::Text(read.page.digest.clone()) };
        let digest = BTreeMap::from([(digest::SCHEME.to_owned(), digest)]);
        raw.keys.insert("identifiers".to_owned(), Cell { line: 1, datum: Datum::Table(digest) });
        let mentions = report.mentions.iter().map(|one| {
            let text = format!("{}#{}", one.slug, locator(&one.lines));
            let line = one.lines.first().copied().unwrap_or(1);
            Cell { line, datum: Datum::Text(text) }
        });
        let mentions = Datum::List(mentions.collect());
        raw.keys.insert("mentions".to_owned(), Cell { line: 1, datum: mentions });
        report.made.push((RecordKind::Document, slug.to_owned()));
        self.rows.insert(slug.to_owned(), raw);
    }

    /// A row of a delegation or of an allocation that is new.
    fn make(&mut self, page: &Page, made: &Made, report: &mut PageReport) {
        let (slug, kind) = match made {
            Made::Delegation { slug, .. } => (slug, RecordKind::Delegation),
            Made::Allocation { slug, .. } => (slug, RecordKind::SeatAllocation),
        };
        let mut raw = raw(page, 1, &row::word(kind), slug);
        match made {
            Made::Delegation { assembly, parliament, name, .. } => {
                raw.put("assembly", assembly);
                raw.put("parliament", parliament);
                raw.put("name", name);
            }
            Made::Allocation { delegation, chamber, .. } => {
                raw.put("delegation", delegation);
                raw.maybe("chamber", chamber.as_deref());
                // Which page shows it is said by the claims.
                raw.maybe("observed", self.captured().as_deref());
            }
        }
        report.made.push((kind, slug.clone()));
        self.rows.insert(slug.clone(), raw);
    }

    fn captured(&self) -> Option<String> {
        self.options.captured.map(|day| day.to_string())
    }

    /// Rows of a person and of a membership that are new.
    fn hold(&mut self, page: &Page, post: &Post, source: &str, report: &mut PageReport) {
        if post.new_member {
            let mut raw = raw(page, post.line, "member", &post.member);
            raw.put("name", &post.name);
            report.made.push((RecordKind::Member, post.member.clone()));
            self.rows.insert(post.member.clone(), raw);
        }
        if post.new_membership {
            let mut raw = raw(page, post.line, "membership", &post.membership);
            raw.put("member", &post.member);
            raw.put("organization", &post.organization);
            raw.put("role", &post.role.to_value());
            raw.put("title", &post.title);
            raw.maybe("on_behalf_of", post.behalf.as_deref());
            if let Some(day) = self.captured() {
                raw.put("observed", &day);
                raw.list("observed_sources", source);
            }
            report.made.push((RecordKind::Membership, post.membership.clone()));
            self.rows.insert(post.membership.clone(), raw);
        }
    }

    /// Notes that a document supports a record: in its row where it is new, else beside it.
    fn cite(&mut self, record: &str, document: &str, source: &str) {
        match self.rows.get_mut(record) {
            Some(raw) => raw.list("sources", source),
            None => {
                self.citations.insert((record.to_owned(), document.to_owned()));
            }
        }
    }

    /// A `[[claim]]`. What the document said on another day stays beside it.
    fn claim(
        &mut self,
        page: &Page,
        line: usize,
        said: Saying<'_>,
        source: &str,
        evidence: &Evidence,
        document: Option<Id>,
    ) {
        let captured = self.options.captured;
        let mut seen = captured.map(|day| (day, day));
        let (mut source, mut note) = (source, said.note);
        let slug = source.split('#').next().unwrap_or_default();
        for claim in evidence.own(said.record, said.property, document) {
            let days = claim.observed().and_then(|days| days.first.zip(days.last));
            if claim.value.as_deref() == Some(said.value) {
                // What is known of the claim stays: where it stands, and what was noted.
                source = if claim.locator.is_some() { slug } else { source };
                note = note.filter(|_| claim.note.is_none());
                seen = seen.zip(days).map(|(now, before)| union(now, before)).or(seen);
            } else if let (Some(value), Some(day), Some(days)) = (&claim.value, captured, days)
                && claim.by_claim
                && (day.earliest() > days.1.latest() || day.latest() < days.0.earliest())
            {
                let said = Saying { value, note: None, ..said };
                self.claims.push(claim_of(page, line, &said, slug, Some(days)));
            }
        }
        let said = Saying { note, ..said };
        self.claims.push(claim_of(page, line, &said, source, seen));
    }

    pub async fn apply(self, now: DateTime<Utc>) -> Result<Applied, ImportError> {
        let Self { store, options, rows, claims, .. } = &self;
        let raws: Vec<Raw> = rows.values().chain(claims).cloned().collect();
        let mut problems = Vec::new();
        let (index, new) = index(store, &raws, &mut problems).await?;
        let (held, seats) = (held(store).await?, seats(store).await?);
        let mut batch = dataset::read(raws, &index, held, seats, &mut problems);
        if !problems.is_empty() {
            problems.sort();
            problems.dedup();
            return Err(ImportError::Wrong(problems));
        }
        batch.new = new;
        let id = |slug: &String| index.get(slug).map(|target| target.id);
        for (record, document) in &self.citations {
            batch.citations.extend(id(record).zip(id(document)));
        }
        for (document, record, place) in &self.mentions {
            let (Some(document), Some(record)) = (id(document), index.get(record)) else {
                continue;
            };
            let said = (record.kind, Some(place.clone()));
            batch.mentions.insert((document, record.id), said);
        }
        batch.document.extend(self.documents.values().cloned());
        let digests = self.digests.iter();
        batch
            .identifiers
            .extend(digests.map(|(id, digest)| (*id, digest::SCHEME.to_owned(), digest.clone())));
        if let Some(day) = options.captured {
            self.widen(&index, day, &mut batch).await?;
        }
        Ok(apply::apply(store, batch, now).await?)
    }

    /// Known posts and allocations that pages of a day show were seen on that day too.
    async fn widen(
        &self,
        index: &Index,
        day: PartialDate,
        batch: &mut apply::Batch,
    ) -> Result<(), DbErr> {
        let seen = self.seen.iter().filter(|slug| !self.rows.contains_key(*slug));
        let seen: BTreeSet<Id> = seen.filter_map(|slug| index.get(slug)).map(|to| to.id).collect();
        macro_rules! widen {
            ($table:ident) => {
                for mut row in find::<$table::Entity>(self.store, $table::Column::Id, &seen).await?
                {
                    let first = row.observed_first_earliest;
                    if first.is_none_or(|first| day.earliest() < first) {
                        (row.observed_first_earliest, row.observed_first_latest) =
                            PartialDate::to_columns(Some(day));
                    }
                    let last = row.observed_last_latest;
                    if last.is_none_or(|last| day.latest() > last) {
                        (row.observed_last_earliest, row.observed_last_latest) =
                            PartialDate::to_columns(Some(day));
                    }
                    batch.$table.push(row);
                }
            };
        }
        widen!(membership);
        widen!(seat_allocation);
        Ok(())
    }
}

/// The most records that a message names.
const TOLD: usize = 5;

/// Whether a name has an initial in it.
fn is_short(name: &str) -> bool {
    fold::words(name).iter().any(|word| word.plain.len() == 1)
}

/// What a page says of a property.
#[derive(Clone, Copy)]
struct Saying<'a> {
    record: &'a str,
    property: &'static str,
    value: &'a str,
    note: Option<&'a str>,
}

/// The first and the last of days.
fn union(
    one: (PartialDate, PartialDate),
    other: (PartialDate, PartialDate),
) -> (PartialDate, PartialDate) {
    let first = if other.0.earliest() < one.0.earliest() { other.0 } else { one.0 };
    let last = if other.1.latest() > one.1.latest() { other.1 } else { one.1 };
    (first, last)
}

/// A `[[claim]]` row.
fn claim_of(
    page: &Page,
    line: usize,
    said: &Saying<'_>,
    source: &str,
    seen: Option<(PartialDate, PartialDate)>,
) -> Raw {
    let mut raw = raw(page, line, "claim", "");
    raw.label = format!("claim {}", said.record);
    raw.put("record", said.record);
    raw.put("property", said.property);
    raw.put("value", said.value);
    raw.maybe("note", said.note);
    raw.list("sources", source);
    if let Some((first, last)) = seen {
        raw.list("observed", &first.to_string());
        raw.list("observed", &last.to_string());
    }
    raw
}

/// How the date of a page is known.
const DATELINE: &str = "page dateline";

/// A row of the data set format, without keys but its slug.
fn raw(page: &Page, line: usize, table: &str, slug: &str) -> Raw {
    let label = format!("{table} {slug}");
    let mut raw = Raw {
        file: page.name.clone(),
        line,
        table: table.to_owned(),
        label,
        order: None,
        keys: BTreeMap::new(),
    };
    raw.maybe("slug", Some(slug).filter(|slug| !slug.is_empty()));
    raw
}

impl Raw {
    fn put(&mut self, key: &str, text: &str) {
        let datum = Datum::Text(text.to_owned());
        self.keys.insert(key.to_owned(), Cell { line: self.line, datum });
    }

    fn maybe(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(key, text);
        }
    }

    /// Adds a text to a list, once.
    fn list(&mut self, key: &str, text: &str) {
        let line = self.line;
        let empty = || Cell { line, datum: Datum::List(Vec::new()) };
        let cell = self.keys.entry(key.to_owned()).or_insert_with(empty);
        if let Datum::List(cells) = &mut cell.datum {
            let same = |cell: &Cell| matches!(&cell.datum, Datum::Text(known) if known == text);
            if key == "observed" || !cells.iter().any(same) {
                cells.push(Cell { line, datum: Datum::Text(text.to_owned()) });
            }
        }
    }
}
