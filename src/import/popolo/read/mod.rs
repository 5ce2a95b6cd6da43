//! Converts the entries of a Popolo file to rows and claims.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::{
    Id, PartialDate, RecordKind, claim::Attribution, document, document::DocumentKind,
    name::NameKind,
};
use sea_orm::{ActiveEnum, DbErr};

use super::{
    Run,
    file::{self, Identifier, OtherName, Popolo, SourceFile, Text},
    matching::{Matches, OWN_SCHEME, WIKIDATA, exported_slug, is_item, source_ids, source_of},
    words,
};
use crate::{
    fold::slug,
    import::{
        Problem, digest, is_slug,
        row::{Origin, PeriodColumns, Statement, Target},
    },
    store::rows::Draft,
};

mod exports;
mod memberships;
mod organizations;
mod periods;
mod persons;

use memberships::References;

/// The file being read.
struct Reader<'r, 'a> {
    run: &'r mut Run<'a>,
    file: &'r str,
    document: Id,
    matches: Matches,
    /// The ids of placeholders for an unknown group, and their numbers of memberships.
    placeholders: BTreeMap<String, usize>,
    /// Records that cite this file.
    cited_by: HashSet<Id>,
    /// Records that an entry of this file created.
    created: HashSet<Id>,
}

/// Reads a file into the batch of a run.
pub async fn read(
    run: &mut Run<'_>,
    popolo: Popolo,
    file: &SourceFile,
    digest: &str,
) -> Result<(), DbErr> {
    let scheme = run.scheme(&popolo).await?;
    if run.pending.schemes.contains(&scheme) {
        // Matches are found in the database, so earlier entries of the source are written first.
        run.flush().await?;
    }
    run.pending.schemes.insert(scheme.clone());
    let matches = run.find_matches(&popolo, scheme).await?;
    let document = document(run, &popolo, &matches.scheme, &file.record, digest).await?;
    let mut reader = Reader {
        run,
        file: &file.name,
        document,
        matches,
        placeholders: BTreeMap::new(),
        cited_by: HashSet::new(),
        created: HashSet::new(),
    };
    let Popolo { persons, organizations, memberships, posts, events, areas, .. } = popolo;
    let areas = areas.unwrap_or_default();
    let text = |text: &Text| text.get().map(str::to_owned);
    let codes = areas.iter().filter_map(|area| Some((text(&area.id)?, text(&area.identifier)?)));
    let codes = codes.filter(|(_, code)| is_code(code)).collect();
    let areas: HashMap<String, String> =
        areas.iter().filter_map(|area| Some((text(&area.id)?, area.name.line()?))).collect();
    let post = |post: file::Post| {
        let area = post.area_id.get().and_then(|id| areas.get(id)).cloned();
        Some((post.id.get()?.to_owned(), (post.label.line(), area)))
    };
    let posts = posts.into_iter().flatten().filter_map(post).collect();
    reader.organizations(organizations.unwrap_or_default(), &codes).await?;
    let events = events.unwrap_or_default();
    reader.periods(&events).await?;
    reader.persons(persons.unwrap_or_default()).await?;
    reader.sessions(&events).await?;
    let memberships = memberships.unwrap_or_default();
    reader.participations(&memberships).await?;
    reader.memberships(memberships, &References { areas, posts }).await?;
    for (name, count) in std::mem::take(&mut reader.placeholders) {
        let message = format!(
            "is a placeholder for an unknown group; {count} memberships are imported without a group"
        );
        reader.remark(format!("organization {name}"), message);
    }
    Ok(())
}

/// The record of the file itself.
async fn document(
    run: &mut Run<'_>,
    popolo: &Popolo,
    scheme: &str,
    file: &str,
    digest: &str,
) -> Result<Id, DbErr> {
    let source = source_of(scheme);
    let name = format!("popolo-{}", slug(source));
    let slugs = run.slugs(&[(format!("{name}-{}", &digest[..8]), digest[..16].to_owned())]).await?;
    let target = run.create(RecordKind::Document, slugs[0].clone(), "");
    let legislature = popolo.organizations.iter().flatten();
    let mut legislature = legislature.filter(|one| one.classification.get() == Some("legislature"));
    let legislature = legislature.next().and_then(|one| one.name.get());
    let about = legislature.map_or_else(|| source.to_owned(), |name| format!("{name} ({source})"));
    let count = popolo.persons.as_ref().map_or(0, Vec::len);
    let sources = popolo.meta.iter().flat_map(file::Meta::all_sources);
    let sources: Vec<&str> = sources.collect();
    let note = (!sources.is_empty())
        .then(|| format!("It names as its own sources: {}", sources.join(", ")));
    let row = Draft::new(target.kind, target.id, slugs[0].clone())
        .value("kind", DocumentKind::Dataset.to_value())
        .value("file", file)
        .value("title", format!("Popolo data on {about}: {count} persons"))
        .value("extent", document::DocumentExtent::Full.to_value())
        .optional("note", note);
    run.batch.records.add(row)?;
    run.batch.attached.identifiers.push((target.id, digest::SCHEME.to_owned(), digest.to_owned()));
    Ok(target.id)
}

/// A JSON pointer to an entry.
fn pointer(list: &str, index: usize) -> String {
    format!("/{list}/{index}")
}

/// The label of an entry in remarks.
fn label(list: &str, index: usize, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{list}[{index}] {}", short(name)),
        None => format!("{list}[{index}]"),
    }
}

/// A string, truncated for a message.
fn short(text: &str) -> String {
    const MAX_LETTERS: usize = 60;
    let plain = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let cut: String = plain.clone().take(MAX_LETTERS).collect();
    if plain.count() > MAX_LETTERS { format!("{cut}...") } else { cut }
}

/// Whether a string is a valid code of a state.
fn is_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Parses a date, or the date of a timestamp. Returns the string as the error.
fn as_date(text: &Text) -> Option<Result<PartialDate, &str>> {
    let text = text.get()?;
    let day = text.split_once('T').map_or(text, |(day, _)| day);
    Some(day.parse().map_err(|_| text))
}

/// A short deterministic suffix for slugs of records with the same name.
fn suffix(parts: &[&str]) -> String {
    let mut digest = digest::of(parts.join("\0").as_bytes());
    digest.truncate(10);
    digest
}

impl Reader<'_, '_> {
    fn remark(&mut self, entry: String, message: impl Into<String>) {
        let (file, message) = (self.file.into(), message.into());
        let problem = Problem { file, line: 0, record: Some(entry), message };
        self.run.report.remarks.push(problem);
    }

    /// Counts an entry that the schema does not support.
    fn count_unsupported(&mut self, description: &'static str) {
        *self.run.report.unsupported.entry(description).or_default() += 1;
    }

    /// Adds a citation of the file for a record.
    fn cite(&mut self, target: Target) {
        if self.cited_by.insert(target.id) {
            self.run.batch.attached.citations.push((target.id, self.document));
        }
        // Entries of earlier files may have stated other values.
        if !self.created.contains(&target.id) {
            self.run.allow_several_values(target.id);
        }
    }

    /// Adds a claim of the file about a record.
    fn claim(&mut self, target: Target, property: &str, value: &str, locator: &str) {
        self.claim_with_source(target, property, value, locator, None);
    }

    /// Adds a claim with the URL of the page that the file cites as its source.
    fn claim_with_source(
        &mut self,
        target: Target,
        property: &str,
        value: &str,
        locator: &str,
        source_url: Option<&str>,
    ) {
        let seen = PartialDate::to_columns(self.run.options.captured);
        self.run.batch.evidence.statements.push((
            target.id,
            target.kind,
            Statement {
                property: property.to_owned(),
                value: Some(value.to_owned()),
                document: self.document,
                locator: Some(locator.to_owned()),
                attribution: Attribution::Value,
                note: source_url.map(|url| format!("after {url}")),
                period: PeriodColumns { first: seen, last: seen, ..PeriodColumns::default() },
                origin: Origin::CLAIM,
                withdrawn: false,
            },
        ));
    }

    /// A date of an entry. Adds a remark if it is invalid.
    fn date(&mut self, entry: &str, field: &str, text: &Text) -> Option<PartialDate> {
        match as_date(text)? {
            Ok(date) => Some(date),
            Err(text) => {
                let message = format!("`{field}` is not a date: {}; skipped", short(text));
                self.remark(entry.to_owned(), message);
                None
            }
        }
    }

    /// Adds a remark if an end is before its start.
    fn check_order(&mut self, entry: &str, start: Option<PartialDate>, end: Option<PartialDate>) {
        if let (Some(start), Some(end)) = (start, end)
            && end.latest() < start.earliest()
        {
            let message = format!("the end, {end}, is before the start, {start}; both are kept");
            self.remark(entry.to_owned(), message);
        }
    }

    /// Creates a record for an entry of the file.
    fn create(&mut self, kind: RecordKind, slug: String, name: &str) -> Target {
        let target = self.run.create(kind, slug, name);
        self.created.insert(target.id);
        target
    }

    /// Adds the identifiers of a record. `other` is another record with the same Wikidata item.
    fn add_identifiers(
        &mut self,
        target: Target,
        id: &Text,
        identifiers: &Option<Vec<Identifier>>,
        other: Option<Target>,
    ) {
        let scheme = self.matches.scheme.clone();
        let mut all: Vec<(String, String)> = Vec::new();
        let exported = exported_slug(identifiers).is_some();
        for own in source_ids(id, identifiers) {
            self.matches.add(own.clone(), target);
            // In an export of this server the id is the slug, which is stored already.
            if !exported {
                all.push((scheme.clone(), own));
            }
        }
        for one in identifiers.iter().flatten() {
            let Some((scheme, value)) = one.scheme.get().zip(one.identifier.get()) else {
                continue;
            };
            match scheme {
                OWN_SCHEME if !is_slug(value) => {
                    let entry = short(id.get().unwrap_or_default());
                    self.remark(entry, format!("is not a valid slug: {}; skipped", short(value)));
                    continue;
                }
                OWN_SCHEME => {
                    self.matches.slugs.entry(value.to_owned()).or_insert(target);
                    let pending = self.run.pending.identifiers.entry(value.to_owned()).or_default();
                    pending.push((OWN_SCHEME.to_owned(), target));
                    continue;
                }
                // The item belongs to another record.
                WIKIDATA if other.is_some() => continue,
                WIKIDATA if is_item(value) => {
                    self.matches.wikidata.entry(value.to_owned()).or_insert(target);
                }
                _ => {}
            }
            all.push((scheme.to_owned(), value.to_owned()));
        }
        for (scheme, value) in all {
            let pending = self.run.pending.identifiers.entry(value.clone()).or_default();
            if !pending.contains(&(scheme.clone(), target)) {
                pending.push((scheme.clone(), target));
                self.run.batch.attached.identifiers.push((target.id, scheme, value));
            }
        }
    }

    /// Adds the alternative names of a record. `main` is the name of the record, and the name in the
    /// file.
    fn add_names(
        &mut self,
        target: Target,
        entry: &str,
        main: Option<(&str, &str)>,
        others: &Option<Vec<OtherName>>,
    ) {
        let mut names: Vec<(String, Option<String>, NameKind)> = Vec::new();
        // The name in the file differs from the name of the record.
        if let Some((own, name_in_file)) = main
            && own != name_in_file
        {
            names.push((name_in_file.to_owned(), None, NameKind::Variant));
        }
        for other in others.iter().flatten() {
            let Some(value) = other.name.line() else { continue };
            let language = other.lang.get();
            let is_valid = language.is_none_or(words::is_language);
            if !is_valid {
                let tag = short(language.unwrap_or_default());
                self.remark(
                    entry.to_owned(),
                    format!("`{tag}` is not a language tag; the name is imported without one"),
                );
            }
            let language = language.filter(|_| is_valid).map(str::to_owned);
            let plain = main.is_some_and(|(own, _)| own == value) && language.is_none();
            if !plain {
                names.push((value, language, words::name_kind(other.note.get())));
            }
        }
        if names.is_empty() {
            return;
        }
        let stored = match self.run.batch.attached.names.get_mut(&target.id) {
            Some(stored) => stored,
            None => self.run.batch.attached.more_names.entry(target.id).or_default(),
        };
        for name in names {
            if !stored.iter().any(|old| (&old.0, &old.1) == (&name.0, &name.1)) {
                stored.push(name);
            }
        }
    }
}
