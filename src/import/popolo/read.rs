//! One file of Popolo: its entries as rows and claims.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{
    Id, PartialDate, RecordKind, chamber, claim::Attribution, document, document::DocumentKind,
    legislative_period, member, membership, membership::EndInference, name::NameKind, parliament,
    political_group,
};
use sea_orm::DbErr;

use super::{
    DIGEST, Remark, Run,
    file::{Event, Identifier, Link, Membership, Organization, OtherName, Person, Popolo, Text},
    known::{Known, OWN, WIKIDATA, is_item, of_scheme, own_ids, own_slug, source_of},
    words::{self, Class},
};
use crate::{
    import::{
        fold::{fold, slug},
        row::{ORGANIZATIONS, Origin, SpellColumns, Statement, Target, living, spelled},
    },
    store::find,
};

/// The file being read.
struct Reader<'r, 'a> {
    run: &'r mut Run<'a>,
    file: &'r str,
    document: Id,
    known: Known,
    /// What is served as claims of an organization that stands for "not known", and how many
    /// memberships name it.
    unknown: HashMap<String, usize>,
    /// Records of which this file has said something.
    told: HashSet<Id>,
    /// Records that an entry of this file made.
    made: HashSet<Id>,
}

/// Reads a file into the batch of a run.
pub async fn read(
    run: &mut Run<'_>,
    popolo: Popolo,
    file: &str,
    digest: &str,
) -> Result<(), DbErr> {
    let scheme = run.scheme(&popolo).await?;
    let known = run.known(&popolo, scheme).await?;
    let document = document(run, &popolo, &known.scheme, file, digest).await?;
    let mut reader = Reader {
        run,
        file,
        document,
        known,
        unknown: HashMap::new(),
        told: HashSet::new(),
        made: HashSet::new(),
    };
    let Popolo { persons, organizations, memberships, posts, events, areas, .. } = popolo;
    let areas: HashMap<String, String> = areas
        .into_iter()
        .flatten()
        .filter_map(|area| Some((area.id.get()?.to_owned(), area.name.get()?.to_owned())))
        .collect();
    let posts: HashMap<String, (Option<String>, Option<String>)> = posts
        .into_iter()
        .flatten()
        .filter_map(|post| {
            let area = post.area_id.get().and_then(|id| areas.get(id)).cloned();
            Some((post.id.get()?.to_owned(), (post.label.get().map(str::to_owned), area)))
        })
        .collect();
    reader.organizations(organizations.unwrap_or_default()).await?;
    reader.events(events.unwrap_or_default()).await?;
    reader.persons(persons.unwrap_or_default()).await?;
    reader.memberships(memberships.unwrap_or_default(), &areas, &posts).await?;
    for (name, count) in std::mem::take(&mut reader.unknown) {
        let message = format!(
            "stands for \"not known\", which is no group: {count} memberships come in without one"
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
    let target = run.create(RecordKind::Document, slugs[0].clone());
    let legislature = popolo.organizations.iter().flatten();
    let mut legislature = legislature.filter(|one| one.classification.get() == Some("legislature"));
    let legislature = legislature.next().and_then(|one| one.name.get());
    let about = legislature.map_or_else(|| source.to_owned(), |name| format!("{name} ({source})"));
    let count = popolo.persons.as_ref().map_or(0, Vec::len);
    let sources = popolo.meta.iter().flat_map(|meta| {
        meta.source.get().into_iter().chain(meta.sources.0.iter().map(String::as_str))
    });
    let sources: Vec<&str> = sources.collect();
    let captured = PartialDate::to_columns(run.options.captured);
    run.batch.document.push(document::Model {
        id: target.id,
        slug: slugs[0].clone(),
        kind: DocumentKind::Dataset,
        url: None,
        file: Some(file.to_owned()),
        title: Some(format!("Popolo data on {about}: {count} persons")),
        publisher: None,
        published_earliest: captured.0,
        published_latest: captured.1,
        published_basis: run.options.captured.map(|_| "said when it was imported".to_owned()),
        language: None,
        extent: Some(document::DocumentExtent::Full),
        site_state_id: None,
        layout: None,
        note: (!sources.is_empty())
            .then(|| format!("It names as its own sources: {}", sources.join(", "))),
    });
    run.batch.identifiers.push((target.id, DIGEST.to_owned(), digest.to_owned()));
    Ok(target.id)
}

/// A place in the file, as a JSON pointer.
fn place(list: &str, index: usize) -> String {
    format!("/{list}/{index}")
}

/// An entry as remarks name it.
fn label(list: &str, index: usize, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{list}[{index}] {}", short(name)),
        None => format!("{list}[{index}]"),
    }
}

/// A text that may be anything, short enough for a line.
fn short(text: &str) -> String {
    const MOST: usize = 60;
    let plain = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let cut: String = plain.clone().take(MOST).collect();
    if plain.count() > MOST { format!("{cut}...") } else { cut }
}

/// Few hexadecimal digits that tell things of one name apart, the same every time.
fn apart(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize()[..5].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Reader<'_, '_> {
    fn remark(&mut self, entry: String, message: impl Into<String>) {
        let (file, message) = (self.file.to_owned(), message.into());
        self.run.report.remarks.push(Remark { file, entry, message });
    }

    fn no_place(&mut self, what: &'static str, count: usize) {
        if count > 0 {
            *self.run.report.no_place.entry(what).or_default() += count;
        }
    }

    /// Notes that the file supports a record.
    fn cite(&mut self, target: Target) {
        if self.told.insert(target.id) {
            self.run.batch.citations.push((target.id, self.document));
        }
        // Of what an earlier entry made there may now be more than one thing to weigh.
        if !self.made.contains(&target.id) {
            self.run.batch.plain.remove(&target.id);
        }
    }

    /// Notes that the file says something of a record.
    fn say(&mut self, target: Target, property: &str, value: &str, locator: &str) {
        self.say_after(target, property, value, locator, None);
    }

    /// The same, with the page that the file itself has it from.
    fn say_after(
        &mut self,
        target: Target,
        property: &str,
        value: &str,
        locator: &str,
        after: Option<&str>,
    ) {
        let seen = PartialDate::to_columns(self.run.options.captured);
        self.run.batch.statements.push((
            target.id,
            target.kind,
            Statement {
                property: property.to_owned(),
                value: Some(value.to_owned()),
                document: self.document,
                locator: Some(locator.to_owned()),
                attribution: Attribution::Value,
                note: after.map(|url| format!("after {url}")),
                spell: SpellColumns { first: seen, last: seen, ..SpellColumns::default() },
                origin: Origin::CLAIM,
                withdrawn: false,
            },
        ));
    }

    /// A date of an entry; what is none is told and left out.
    fn date(&mut self, entry: &str, field: &str, text: &Text) -> Option<PartialDate> {
        let text = text.get()?;
        // An instant says more than is asked.
        let day = text.split_once('T').map_or(text, |(day, _)| day);
        match day.parse() {
            Ok(date) => Some(date),
            Err(_) => {
                let message = format!("`{field}` is no date: {}; left out", short(text));
                self.remark(entry.to_owned(), message);
                None
            }
        }
    }

    /// Keeps what registers call a record.
    fn identify(
        &mut self,
        target: Target,
        id: &Text,
        identifiers: &Option<Vec<Identifier>>,
        other: Option<Target>,
    ) {
        let scheme = self.known.scheme.clone();
        let mut all: Vec<(String, String)> = Vec::new();
        if own_slug(identifiers).is_none() {
            for own in own_ids(id, identifiers) {
                self.known.own.entry(own.clone()).or_insert(target);
                all.push((scheme.clone(), own));
            }
        }
        for one in identifiers.iter().flatten() {
            let Some((scheme, value)) = one.scheme.get().zip(one.identifier.get()) else {
                continue;
            };
            match scheme {
                OWN => {
                    self.known.slugs.entry(value.to_owned()).or_insert(target);
                    let pending = self.run.pending.identifiers.entry(value.to_owned()).or_default();
                    pending.push((OWN.to_owned(), target));
                    continue;
                }
                // It is another record's.
                WIKIDATA if other.is_some() => continue,
                WIKIDATA if is_item(value) => {
                    self.known.wikidata.entry(value.to_owned()).or_insert(target);
                }
                _ => {}
            }
            all.push((scheme.to_owned(), value.to_owned()));
        }
        for (scheme, value) in all {
            let pending = self.run.pending.identifiers.entry(value.clone()).or_default();
            if !pending.contains(&(scheme.clone(), target)) {
                pending.push((scheme.clone(), target));
                self.run.batch.identifiers.push((target.id, scheme, value));
            }
        }
    }

    /// Adds the further names of a record.
    fn name(
        &mut self,
        target: Target,
        entry: &str,
        main: Option<(&str, &str)>,
        others: &Option<Vec<OtherName>>,
    ) {
        let mut names: Vec<(String, Option<String>, NameKind)> = Vec::new();
        // Another main name than the record goes by here.
        if let Some((own, told)) = main
            && own != told
        {
            names.push((told.to_owned(), None, NameKind::Variant));
        }
        for other in others.iter().flatten() {
            let Some(value) = other.name.get() else { continue };
            let language = other.lang.get();
            let fits = language.is_none_or(words::is_language);
            if !fits {
                let tag = short(language.unwrap_or_default());
                self.remark(
                    entry.to_owned(),
                    format!("`{tag}` is the tag of no language: the name comes in without one"),
                );
            }
            let language = language.filter(|_| fits).map(str::to_owned);
            let plain = main.is_some_and(|(own, _)| own == value) && language.is_none();
            if !plain {
                names.push((value.to_owned(), language, words::name_kind(other.note.get())));
            }
        }
        if names.is_empty() {
            return;
        }
        let known = match self.run.batch.names.get_mut(&target.id) {
            Some(known) => known,
            None => self.run.batch.more_names.entry(target.id).or_default(),
        };
        for name in names {
            if !known.iter().any(|old| (&old.0, &old.1) == (&name.0, &name.1)) {
                known.push(name);
            }
        }
    }

    async fn organizations(&mut self, mut all: Vec<Organization>) -> Result<(), DbErr> {
        // What others are under comes first.
        let rank = |one: &Organization| match words::class(one.classification.get()).0 {
            Class::Kind(RecordKind::Parliament) => 0,
            Class::Kind(RecordKind::Chamber) => 1,
            Class::Commission(_)
                if one.classification.get().is_some_and(|word| fold(word).starts_with("sub")) =>
            {
                3
            }
            _ => 2,
        };
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|index| rank(&all[*index]));
        let renamed = self.renumbered(&all).await?;
        let mut new: Vec<(usize, (String, String))> = Vec::new();
        let mut found: HashMap<usize, (Option<Target>, Option<Target>)> = HashMap::new();
        for index in &order {
            let one = &all[*index];
            if self.is_absence(one) {
                continue;
            }
            let (class, _) = words::class(one.classification.get());
            let (own, other) = self.known.find(&one.id, &one.identifiers, |kind| fits(class, kind));
            let own = own.or_else(|| renamed.get(index).copied());
            if own.is_none() && one.name.get().is_some() {
                let item = of_scheme(&one.identifiers, WIKIDATA).find(|item| is_item(item));
                let apart = item.map_or_else(
                    || apart(&[&self.known.scheme, one.id.get().unwrap_or_default()]),
                    str::to_lowercase,
                );
                let base = own_slug(&one.identifiers)
                    .map_or_else(|| slug(one.name.get().unwrap_or_default()), str::to_owned);
                new.push((*index, (base, apart)));
            }
            found.insert(*index, (own, other));
        }
        let wanted: Vec<(String, String)> = new.iter().map(|one| one.1.clone()).collect();
        let slugs = self.run.slugs(&wanted).await?;
        let mut slugs: HashMap<usize, String> =
            new.into_iter().map(|one| one.0).zip(slugs).collect();
        for index in order {
            let one = std::mem::take(&mut all[index]);
            let Some(found) = found.get(&index).copied() else { continue };
            self.organization(index, one, found, slugs.remove(&index));
        }
        Ok(())
    }

    /// Whether an organization stands for one that is not known; noted, if so.
    fn is_absence(&mut self, one: &Organization) -> bool {
        let group =
            words::class(one.classification.get()).0 == Class::Kind(RecordKind::PoliticalGroup);
        let tail = one.id.get().map(|id| id.rsplit('/').next().unwrap_or(id));
        let absence = group && (words::is_unknown(one.name.get().or(tail)));
        if absence {
            self.unknown.insert(one.id.get().unwrap_or_default().to_owned(), 0);
        }
        absence
    }

    /// Organizations that the source calls by another id than before: of the same name, where it no
    /// longer gives the id that it gave then.
    async fn renumbered(&mut self, all: &[Organization]) -> Result<HashMap<usize, Target>, DbErr> {
        let given: HashSet<&str> = all.iter().filter_map(|one| one.id.get()).collect();
        let mut gone: Vec<Target> = Vec::new();
        let groups: BTreeSet<Id> = self
            .known
            .own
            .values()
            .filter(|target| target.kind == RecordKind::PoliticalGroup)
            .map(|target| target.id)
            .collect();
        for (id, target) in &self.known.own {
            if !given.contains(id.as_str()) && groups.contains(&target.id) {
                gone.push(*target);
            }
        }
        let ids = gone.iter().map(|target| target.id).collect();
        let rows =
            find::<political_group::Entity>(self.run.store, political_group::Column::Id, &ids)
                .await?;
        let mut by_name: HashMap<String, Option<Target>> = HashMap::new();
        for row in rows {
            let target = Target { id: row.id, kind: RecordKind::PoliticalGroup };
            // Two of one name are told apart by nothing.
            by_name
                .entry(fold(&row.name))
                .and_modify(|known| *known = None)
                .or_insert(Some(target));
        }
        let mut renamed = HashMap::new();
        for (index, one) in all.iter().enumerate() {
            let new = one.id.get().is_some_and(|id| !self.known.own.contains_key(id));
            let group =
                words::class(one.classification.get()).0 == Class::Kind(RecordKind::PoliticalGroup);
            if let (true, true, Some(name)) = (new, group, one.name.get())
                && let Some(target) = by_name.remove(&fold(name)).flatten()
            {
                renamed.insert(index, target);
            }
        }
        Ok(renamed)
    }

    fn organization(
        &mut self,
        index: usize,
        one: Organization,
        (own, other): (Option<Target>, Option<Target>),
        slug: Option<String>,
    ) {
        let entry = label("organizations", index, one.name.get().or(one.id.get()));
        let locator = place("organizations", index);
        let (class, is_known) = words::class(one.classification.get());
        let again = |known: &Known| {
            own_ids(&one.id, &one.identifiers).iter().find_map(|id| known.own.get(id)).copied()
        };
        let own = own.or_else(|| again(&self.known).filter(|target| fits(class, target.kind)));
        if let Some(other) = other.filter(|other| own != Some(*other)) {
            self.remark(
                entry.clone(),
                format!(
                    "its Wikidata item is that of another record, a {}: kept apart",
                    crate::import::row::word(other.kind)
                ),
            );
        }
        let founded = self.date(&entry, "founding_date", &one.founding_date);
        let dissolved = self.date(&entry, "dissolution_date", &one.dissolution_date);
        let website = website(&one.links);
        let Some(name) = one.name.get() else {
            self.remark(entry, "it has no name; left out");
            return;
        };
        let new = own.is_none();
        let target = match own {
            Some(target) => target,
            None => {
                let Some(slug) = slug else { return };
                match self.make_organization(
                    &entry,
                    &one,
                    class,
                    slug,
                    name,
                    (founded, dissolved),
                    website,
                ) {
                    Some(target) => target,
                    None => return,
                }
            }
        };
        if self.told.contains(&target.id) {
            self.remark(entry.clone(), "an entry before is the same organization: taken as one");
            self.run.batch.plain.remove(&target.id);
        } else {
            self.run.report.organizations.count(new);
        }
        self.cite(target);
        self.identify(target, &one.id, &one.identifiers, other);
        let main = match new {
            true => Some((name, name)),
            false => None,
        };
        self.name(target, &entry, main, &one.other_names);
        let after = one.sources.iter().flatten().find_map(|link| link.url.get());
        self.say_after(target, "name", name, &locator, after);
        if !is_known && let Some(word) = one.classification.get() {
            self.say(target, "classification", word, &locator);
        }
        if let Some(website) = website {
            self.say(target, "website", website, &locator);
        }
        for (property, date) in [("founded", founded), ("dissolved", dissolved)] {
            if let Some(date) = date {
                self.say(target, property, &date.to_string(), &locator);
            }
        }
        if let Some(seats) = one.seats.get() {
            match seats.parse::<i32>() {
                Ok(number) if number >= 0 => {
                    self.say(target, "size", &number.to_string(), &locator)
                }
                _ => self.remark(
                    entry.clone(),
                    format!("`seats` is no number: {}; left out", short(seats)),
                ),
            }
        }
    }

    /// The row of a new organization; none where what it needs is not known.
    #[expect(clippy::too_many_arguments, reason = "the columns of an organization")]
    fn make_organization(
        &mut self,
        entry: &str,
        one: &Organization,
        class: Class,
        slug: String,
        name: &str,
        (founded, dissolved): (Option<PartialDate>, Option<PartialDate>),
        website: Option<&str>,
    ) -> Option<Target> {
        let (founded, dissolved) =
            (PartialDate::to_columns(founded), PartialDate::to_columns(dissolved));
        let parent = one.parent_id.get().and_then(|id| self.known.own.get(id)).copied();
        if let (Some(id), None) = (one.parent_id.get(), parent) {
            self.remark(
                entry.to_owned(),
                format!("`parent_id` names nothing in the file: {}", short(id)),
            );
        }
        let (name, website) = (name.to_owned(), website.map(str::to_owned));
        let class = match class {
            // A house of nothing is all there is.
            Class::Kind(RecordKind::Chamber)
                if parent.is_none_or(|parent| parent.kind != RecordKind::Parliament) =>
            {
                Class::Kind(RecordKind::Parliament)
            }
            class => class,
        };
        let kind = match class {
            Class::Kind(kind) => kind,
            Class::Commission(_) => RecordKind::Commission,
        };
        let placed = [
            RecordKind::Parliament,
            RecordKind::Chamber,
            RecordKind::PoliticalGroup,
            RecordKind::Commission,
        ];
        if !placed.contains(&kind) {
            self.remark(
                entry.to_owned(),
                format!(
                    "the graph knows no such {}: bring it in as a data set first; left out",
                    crate::import::row::word(kind)
                ),
            );
            return None;
        }
        let target = self.run.create(kind, slug.clone());
        self.made.insert(target.id);
        let id = target.id;
        let batch = &mut self.run.batch;
        match class {
            Class::Kind(RecordKind::Parliament) => batch.parliament.push(living!(
                parliament {
                    id,
                    slug,
                    state_id: self.run.state,
                    name,
                    structure: words::structure(one.structure.get())
                        .unwrap_or(parliament::ParliamentStructure::Unknown),
                    website,
                    note: None,
                },
                founded,
                dissolved
            )),
            Class::Kind(RecordKind::Chamber) => batch.chamber.push(living!(
                chamber {
                    id,
                    slug,
                    parliament_id: parent.map(|parent| parent.id).unwrap_or_default(),
                    name,
                    house: house(one),
                    size: one
                        .seats
                        .get()
                        .and_then(|seats| seats.parse().ok())
                        .filter(|seats| *seats >= 0),
                    website,
                    note: None,
                },
                founded,
                dissolved
            )),
            Class::Kind(_) => batch.political_group.push(living!(
                political_group { id, slug, name, website, note: None },
                founded,
                dissolved
            )),
            Class::Commission(kind) => batch.commission.push(living!(
                commission {
                    id,
                    slug,
                    name,
                    kind: words::commission_kind(one.kind.get()).unwrap_or(kind),
                    under_id: parent
                        .filter(|parent| parent.kind == RecordKind::Commission)
                        .map(|parent| parent.id),
                    chamber_id: parent
                        .filter(|parent| parent.kind == RecordKind::Chamber)
                        .map(|parent| parent.id),
                    website,
                    note: None,
                },
                founded,
                dissolved
            )),
        }
        Some(target)
    }

    /// Legislative periods; other events have no place.
    async fn events(&mut self, all: Vec<Event>) -> Result<(), DbErr> {
        let mut new = Vec::new();
        for (index, one) in all.iter().enumerate() {
            let organization =
                one.organization_id.get().and_then(|id| self.known.own.get(id)).copied();
            let place = [RecordKind::Parliament, RecordKind::Chamber];
            let organization = organization.filter(|target| place.contains(&target.kind));
            if !words::is_period(one.classification.get()) {
                self.no_place("events that are no legislative periods", 1);
                continue;
            }
            let entry = label("events", index, one.name.get().or(one.id.get()));
            let fits = |kind| kind == RecordKind::LegislativePeriod;
            let (own, _) = self.known.find(&one.id, &one.identifiers, fits);
            let Some(name) = one.name.get().or(one.id.get()) else {
                self.remark(entry, "it has neither name nor id; left out");
                continue;
            };
            match (own, organization) {
                (Some(_), _) => new.push((index, entry, own, None)),
                (None, Some(organization)) => {
                    let apart = apart(&[&self.known.scheme, one.id.get().unwrap_or(name)]);
                    new.push((index, entry, None, Some((organization, slug(name), apart))));
                }
                (None, None) => {
                    self.remark(
                        entry,
                        "its `organization_id` names no legislature of the file; left out",
                    );
                }
            }
        }
        let wanted: Vec<(String, String)> = new
            .iter()
            .filter_map(|one| one.3.as_ref())
            .map(|one| (format!("period-{}", one.1), one.2.clone()))
            .collect();
        let mut slugs = self.run.slugs(&wanted).await?.into_iter();
        for (index, entry, own, place_of) in new {
            let one = &all[index];
            let locator = place("events", index);
            let starts = self.date(&entry, "start_date", &one.start_date);
            let ends = self.date(&entry, "end_date", &one.end_date);
            if let (Some(starts), Some(ends)) = (starts, ends)
                && ends.latest() < starts.earliest()
            {
                self.remark(
                    entry.clone(),
                    format!("it ends on {ends}, before it starts on {starts}: both are kept"),
                );
            }
            let name = one.name.get().or(one.id.get()).unwrap_or_default();
            let target = match (own, place_of) {
                (Some(own), _) => own,
                (None, Some((organization, ..))) => {
                    let Some(slug) = slugs.next() else { continue };
                    // The same id twice is the same period.
                    if let Some(known) = one.id.get().and_then(|id| self.known.own.get(id)).copied()
                    {
                        self.remark(entry, "the id stands twice; left out");
                        debug_assert_eq!(known.kind, RecordKind::LegislativePeriod);
                        continue;
                    }
                    let target = self.run.create(RecordKind::LegislativePeriod, slug.clone());
                    self.made.insert(target.id);
                    let (starts, ends) =
                        (PartialDate::to_columns(starts), PartialDate::to_columns(ends));
                    self.run.batch.legislative_period.push(legislative_period::Model {
                        id: target.id,
                        slug,
                        organization_id: organization.id,
                        organization_kind: organization.kind,
                        name: name.to_owned(),
                        starts_earliest: starts.0,
                        starts_latest: starts.1,
                        ends_earliest: ends.0,
                        ends_latest: ends.1,
                        note: None,
                    });
                    target
                }
                (None, None) => continue,
            };
            self.run.report.periods.count(own.is_none());
            self.cite(target);
            self.identify(target, &one.id, &one.identifiers, None);
            self.say(target, "name", name, &locator);
            for (property, date) in [("starts", starts), ("ends", ends)] {
                if let Some(date) = date {
                    self.say(target, property, &date.to_string(), &locator);
                }
            }
        }
        Ok(())
    }

    async fn persons(&mut self, all: Vec<Person>) -> Result<(), DbErr> {
        let fits = |kind| kind == RecordKind::Member;
        let mut new: Vec<(usize, (String, String))> = Vec::new();
        let mut known: BTreeSet<Id> = BTreeSet::new();
        for (index, one) in all.iter().enumerate() {
            let (own, _) = self.known.find(&one.id, &one.identifiers, fits);
            match own {
                Some(target) => drop(known.insert(target.id)),
                None => {
                    let Some(name) = full_name(one) else { continue };
                    let base =
                        own_slug(&one.identifiers).map_or_else(|| slug(&name), str::to_owned);
                    let item = of_scheme(&one.identifiers, WIKIDATA).find(|item| is_item(item));
                    let own = one.id.get().unwrap_or_default();
                    let apart =
                        item.map_or_else(|| apart(&[&self.known.scheme, own]), str::to_lowercase);
                    new.push((index, (base, apart)));
                }
            }
        }
        let mut mains: HashMap<Id, String> = HashMap::new();
        for row in find::<member::Entity>(self.run.store, member::Column::Id, &known).await? {
            mains.insert(row.id, row.name);
        }
        let wanted: Vec<(String, String)> = new.iter().map(|one| one.1.clone()).collect();
        let slugs = self.run.slugs(&wanted).await?;
        let mut slugs: HashMap<usize, String> =
            new.into_iter().map(|one| one.0).zip(slugs).collect();
        for (index, one) in all.iter().enumerate() {
            self.person(index, one, slugs.remove(&index), &mut mains);
        }
        Ok(())
    }

    fn person(
        &mut self,
        index: usize,
        one: &Person,
        slug: Option<String>,
        mains: &mut HashMap<Id, String>,
    ) {
        let locator = place("persons", index);
        let name = full_name(one);
        let entry = label("persons", index, name.as_deref().or(one.id.get()));
        let fits = |kind| kind == RecordKind::Member;
        // Again: an entry before may have been the same person.
        let (own, other) = self.known.find(&one.id, &one.identifiers, fits);
        let Some(name) = name else {
            self.remark(entry, "it has no name; left out");
            return;
        };
        if own.is_none()
            && one.id.get().is_none()
            && of_scheme(&one.identifiers, WIKIDATA).next().is_none()
        {
            self.remark(entry, "it has neither id nor Wikidata item to be known by; left out");
            return;
        }
        if other.is_some() {
            self.remark(entry.clone(), "its Wikidata item is that of another record: kept apart");
        }
        let born = self.date(&entry, "birth_date", &one.birth_date);
        let died = self.date(&entry, "death_date", &one.death_date);
        if let (Some(born), Some(died)) = (born, died)
            && died.latest() < born.earliest()
        {
            self.remark(
                entry.clone(),
                format!("died on {died}, before being born on {born}: both are kept"),
            );
        }
        let target = match (own, slug) {
            (Some(target), _) => {
                if self.told.contains(&target.id) {
                    let message = "an entry before is the same person, by its id or its Wikidata item: taken as one";
                    self.remark(entry.clone(), message);
                    self.run.batch.plain.remove(&target.id);
                } else {
                    self.run.report.persons.count(false);
                }
                target
            }
            (None, Some(slug)) => {
                let target = self.run.create(RecordKind::Member, slug.clone());
                self.made.insert(target.id);
                let (born, died) = (PartialDate::to_columns(born), PartialDate::to_columns(died));
                self.run.batch.member.push(member::Model {
                    id: target.id,
                    slug,
                    name: name.clone(),
                    note: None,
                    born_earliest: born.0,
                    born_latest: born.1,
                    died_earliest: died.0,
                    died_latest: died.1,
                });
                self.run.pending.names.insert(target.id, crate::import::fold::fold_words(&name));
                self.run.report.persons.count(true);
                mains.insert(target.id, name.clone());
                target
            }
            (None, None) => return,
        };
        self.cite(target);
        self.run.batch.mentions.insert((self.document, target.id));
        self.identify(target, &one.id, &one.identifiers, other);
        let main = mains.get(&target.id).cloned();
        let main = main.as_deref().map(|main| (main, name.as_str()));
        self.name(target, &entry, main, &one.other_names);
        let after = one.sources.iter().flatten().find_map(|link| link.url.get());
        self.say_after(target, "name", &name, &locator, after);
        for (property, date) in [("born", born), ("died", died)] {
            if let Some(date) = date {
                self.say(target, property, &date.to_string(), &locator);
            }
        }
        if let Some(gender) = one.gender.get() {
            self.say(target, "gender", gender, &locator);
        }
    }

    async fn memberships(
        &mut self,
        all: Vec<Membership>,
        areas: &HashMap<String, String>,
        posts: &HashMap<String, (Option<String>, Option<String>)>,
    ) -> Result<(), DbErr> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for (index, one) in all.iter().enumerate() {
            wanted.extend(self.wanted(index, one, areas, posts));
        }
        // All memberships of a member are matched together.
        wanted.sort_by_key(|one| (one.member.id, one.index));
        let mut start = 0;
        while start < wanted.len() {
            // A part that is written at once ends with a member.
            let mut end = (start + super::AT_ONCE).min(wanted.len());
            while end < wanted.len() && wanted[end].member == wanted[end - 1].member {
                end += 1;
            }
            self.match_memberships(&wanted[start..end], &all).await?;
            start = end;
            if self.run.is_large() && start < wanted.len() {
                self.run.flush().await?;
            }
        }
        Ok(())
    }

    /// What a membership says, with what it names; none where that is not known.
    fn wanted(
        &mut self,
        index: usize,
        one: &Membership,
        areas: &HashMap<String, String>,
        posts: &HashMap<String, (Option<String>, Option<String>)>,
    ) -> Option<Wanted> {
        let names = [one.person_id.get(), one.organization_id.get()];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        let entry = label("memberships", index, Some(&names.join(" in ")));
        let named = |known: &Known, id: Option<&str>| id.and_then(|id| known.own.get(id)).copied();
        let member = named(&self.known, one.person_id.get());
        let Some(member) = member.filter(|target| target.kind == RecordKind::Member) else {
            let message = match one.person_id.get() {
                Some(_) => "`person_id` names no person of the file; left out",
                None => "it has no `person_id`; left out",
            };
            self.remark(entry, message);
            return None;
        };
        let organization = named(&self.known, one.organization_id.get());
        let Some(organization) = organization.filter(|target| ORGANIZATIONS.contains(&target.kind))
        else {
            let message = match one.organization_id.get() {
                Some(_) => {
                    "`organization_id` names no organization of the file that can have members; left out"
                }
                None => "it has no `organization_id`; left out",
            };
            self.remark(entry, message);
            return None;
        };
        let mut dangling = Vec::new();
        let mut behalf = None;
        if let Some(id) = one.on_behalf_of_id.get() {
            match (self.known.own.get(id).copied(), self.unknown.get_mut(id)) {
                (Some(target), _) if ORGANIZATIONS.contains(&target.kind) => behalf = Some(target),
                (_, Some(count)) => *count += 1,
                _ => {
                    self.remark(entry.clone(), format!("`on_behalf_of_id` names no organization of the file: {}; kept as a claim", short(id)));
                    dangling.push(("onBehalfOf", id.to_owned()));
                }
            }
        }
        let mut period = None;
        if let Some(id) = one.legislative_period_id.get() {
            let target = self
                .known
                .own
                .get(id)
                .filter(|target| target.kind == RecordKind::LegislativePeriod);
            match target {
                Some(target) => period = Some(target.id),
                None => {
                    self.remark(entry.clone(), format!("`legislative_period_id` names no period of the file: {}; kept as a claim", short(id)));
                    dangling.push(("legislativePeriod", id.to_owned()));
                }
            }
        }
        let post = one.post_id.get().and_then(|id| posts.get(id));
        if let (Some(id), None) = (one.post_id.get(), post) {
            self.remark(
                entry.clone(),
                format!("`post_id` names no post of the file: {}; left out", short(id)),
            );
        }
        let area = one.area_id.get().map(|id| (id, areas.get(id)));
        if let Some((id, None)) = area {
            self.remark(
                entry.clone(),
                format!("`area_id` names no area of the file: {}; left out", short(id)),
            );
        }
        let area =
            area.and_then(|(_, name)| name).or(post.and_then(|post| post.1.as_ref())).cloned();
        let (role, says_more) = words::role(one.role.get(), organization.kind);
        let label = post
            .and_then(|post| post.0.as_ref())
            .filter(|label| area.as_ref() != Some(label) && area.is_none());
        let title = one
            .label
            .get()
            .map(str::to_owned)
            .or_else(|| one.role.get().filter(|_| says_more).map(str::to_owned))
            .or_else(|| label.cloned());
        let since = self.date(&entry, "start_date", &one.start_date);
        let until = self.date(&entry, "end_date", &one.end_date);
        if let (Some(since), Some(until)) = (since, until)
            && until.latest() < since.earliest()
        {
            self.remark(
                entry.clone(),
                format!(
                    "it ends on {until}, before it starts on {since}: both are kept, and contradict"
                ),
            );
        }
        Some(Wanted {
            index,
            entry,
            member,
            organization,
            behalf,
            period,
            area,
            role,
            title,
            since,
            until,
            dangling,
        })
    }

    /// Finds which memberships the graph has already, and adds the others.
    async fn match_memberships(
        &mut self,
        wanted: &[Wanted],
        all: &[Membership],
    ) -> Result<(), DbErr> {
        let members: BTreeSet<Id> = wanted.iter().map(|one| one.member.id).collect();
        let stored =
            members.iter().copied().filter(|id| !self.run.pending.kinds.contains_key(id)).collect();
        let mut known: HashMap<Id, Vec<Place>> = HashMap::new();
        for row in find::<membership::Entity>(self.run.store, membership::Column::MemberId, &stored)
            .await?
        {
            // One that is in the batch already is as it is there.
            known.entry(row.member_id).or_default().push(Place::Stored(Box::new(row)));
        }
        for member in &members {
            let places = self.run.pending.memberships.get(member).cloned().unwrap_or_default();
            let ids: HashSet<Id> =
                places.iter().map(|place| self.run.batch.membership[*place].id).collect();
            let all = known.entry(*member).or_default();
            all.retain(|place| !matches!(place, Place::Stored(row) if ids.contains(&row.id)));
            all.extend(places.into_iter().map(Place::Pending));
        }
        let mut fresh: Vec<&Wanted> = Vec::new();
        let mut start = 0;
        while start < wanted.len() {
            let member = wanted[start].member.id;
            let count = wanted[start..].iter().take_while(|one| one.member.id == member).count();
            let own = &wanted[start..start + count.min(MOST_OF_ONE)];
            start += count;
            if let Some(more) = count.checked_sub(MOST_OF_ONE + 1) {
                let message = format!(
                    "one person has {count} memberships, more than {MOST_OF_ONE}: the last {} are left out",
                    more + 1
                );
                self.remark(own[0].entry.clone(), message);
            }
            let places = known.remove(&member).unwrap_or_default();
            fresh.extend(self.pair(own, places));
        }
        let names: BTreeSet<Id> = fresh.iter().map(|one| one.member.id).collect();
        let mut slugs: HashMap<Id, String> = HashMap::new();
        for row in find::<member::Entity>(self.run.store, member::Column::Id, &names).await? {
            slugs.insert(row.id, row.slug);
        }
        slugs.extend(
            self.run
                .batch
                .new
                .iter()
                .filter(|new| names.contains(&new.0))
                .map(|new| (new.0, new.2.clone())),
        );
        let own = all.iter().any(|one| one.id.get().is_some());
        let named: Vec<(String, String)> = fresh
            .iter()
            .map(|one| {
                let member = slugs.get(&one.member.id).map_or("", String::as_str);
                let key = one.key();
                let id = all[one.index].id.get().filter(|_| own).unwrap_or_default();
                let apart = apart(&[&self.known.scheme, &key, id]);
                (format!("{member}-{}", &apart[..6]), apart)
            })
            .collect();
        let named = self.run.slugs(&named).await?;
        for (one, slug) in fresh.into_iter().zip(named) {
            let target = self.run.create(RecordKind::Membership, slug.clone());
            self.made.insert(target.id);
            self.run.put_membership(one.row(target.id, slug));
            self.run.report.memberships.count(true);
            self.tell(target, one);
        }
        Ok(())
    }

    /// Pairs what the file says of one member with what the graph has; answers what it has not.
    fn pair<'w>(&mut self, wanted: &'w [Wanted], mut places: Vec<Place>) -> Vec<&'w Wanted> {
        let mut pairs: Vec<(i32, usize, usize)> = Vec::new();
        for (at, one) in wanted.iter().enumerate() {
            for (place, known) in places.iter().enumerate() {
                pairs.extend(
                    one.likeness(known.row(&self.run.batch.membership))
                        .map(|score| (score, at, place)),
                );
            }
        }
        pairs.sort_by_key(|(score, at, place)| (-score, *at, *place));
        let (mut found, mut taken) = (vec![None; wanted.len()], vec![false; places.len()]);
        for (score, at, place) in &pairs {
            // A start that was told otherwise is another telling of the same where nothing else is
            // left that either could be.
            let alone = || {
                let rivals = pairs.iter().filter(|(_, a, p)| (a == at) != (p == place));
                rivals.into_iter().all(|(_, a, p)| found[*a].is_some() || taken[*p])
            };
            if found[*at].is_none() && !taken[*place] && (*score >= 0 || alone()) {
                found[*at] = Some(*place);
                taken[*place] = true;
            }
        }
        let mut fresh: Vec<&Wanted> = Vec::new();
        for (one, place) in wanted.iter().zip(found) {
            let Some(place) = place else {
                if fresh.iter().any(|known| known.same(one)) {
                    self.remark(one.entry.clone(), "an entry before says the same; left out");
                } else {
                    fresh.push(one);
                }
                continue;
            };
            let table = &mut self.run.batch.membership;
            let old = places[place].row(table);
            let target = Target { id: old.id, kind: RecordKind::Membership };
            let filled = one.fill(old);
            if filled != *old {
                match &mut places[place] {
                    Place::Pending(at) => table[*at] = filled,
                    known => {
                        *known = Place::Pending(table.len());
                        self.run.put_membership(filled);
                    }
                }
            }
            self.run.report.memberships.count(false);
            self.tell(target, one);
        }
        fresh
    }

    /// What the file says of a membership.
    fn tell(&mut self, target: Target, one: &Wanted) {
        let locator = place("memberships", one.index);
        self.cite(target);
        let dates = [("since", one.since), ("until", one.until)];
        let dates =
            dates.into_iter().filter_map(|(property, date)| Some((property, date?.to_string())));
        let texts = [("area", &one.area), ("title", &one.title)];
        let texts =
            texts.into_iter().filter_map(|(property, text)| Some((property, text.clone()?)));
        let all: Vec<(&str, String)> =
            dates.chain(texts).chain(one.dangling.iter().cloned()).collect();
        for (property, value) in all {
            self.say(target, property, &value, &locator);
        }
    }
}

/// The memberships of one person that a file may tell of: they are compared each with each.
const MOST_OF_ONE: usize = 1_000;

/// Where a membership stands that the graph has.
enum Place {
    Stored(Box<membership::Model>),
    Pending(usize),
}

impl Place {
    fn row<'p>(&'p self, batch: &'p [membership::Model]) -> &'p membership::Model {
        match self {
            Self::Stored(row) => row,
            Self::Pending(at) => &batch[*at],
        }
    }
}

/// A membership as a file says it.
struct Wanted {
    index: usize,
    entry: String,
    member: Target,
    organization: Target,
    behalf: Option<Target>,
    period: Option<Id>,
    area: Option<String>,
    role: membership::Role,
    title: Option<String>,
    since: Option<PartialDate>,
    until: Option<PartialDate>,
    /// References to nothing: property and what it names.
    dangling: Vec<(&'static str, String)>,
}

impl Wanted {
    /// What tells it from the member's others.
    fn key(&self) -> String {
        let number = |id: Option<Id>| id.map(|id| id.to_string()).unwrap_or_default();
        let parts = [
            self.organization.id.to_string(),
            number(self.behalf.map(|target| target.id)),
            number(self.period),
            self.area.clone().unwrap_or_default(),
            format!("{:?}", self.role),
            self.title.clone().unwrap_or_default(),
            self.since.map(|date| date.to_string()).unwrap_or_default(),
            self.until.map(|date| date.to_string()).unwrap_or_default(),
        ];
        parts.join("\n")
    }

    fn same(&self, other: &Self) -> bool {
        (self.organization, self.behalf, self.period, &self.area, self.role, &self.title)
            == (
                other.organization,
                other.behalf,
                other.period,
                &other.area,
                other.role,
                &other.title,
            )
            && (self.since, self.until, &self.dangling)
                == (other.since, other.until, &other.dangling)
    }

    /// How much a membership of the graph is like it; none where it is another one, less than 0
    /// where only the start differs.
    fn likeness(&self, row: &membership::Model) -> Option<i32> {
        if (row.organization_id, row.role) != (self.organization.id, self.role) {
            return None;
        }
        // What is not known may be anything.
        fn like<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<i32> {
            match (one, other) {
                (Some(one), Some(other)) => (one == other).then_some(2),
                (None, None) => Some(1),
                _ => Some(0),
            }
        }
        let since = PartialDate::from_columns(row.since_earliest, row.since_latest);
        let parts = [
            like(row.on_behalf_of_id, self.behalf.map(|target| target.id))?,
            like(row.legislative_period_id, self.period)?,
            like(row.area.as_ref(), self.area.as_ref())?,
            like(row.title.as_ref(), self.title.as_ref())?,
        ];
        let equal = !parts.contains(&0);
        let score: i32 = parts.iter().sum();
        match like(since, self.since) {
            Some(since) => Some(score + 4 * since),
            None => equal.then_some(score - 100),
        }
    }

    /// A row of the graph with what it lacks.
    fn fill(&self, old: &membership::Model) -> membership::Model {
        let mut row = old.clone();
        if row.on_behalf_of_id.is_none() {
            row.on_behalf_of_id = self.behalf.map(|target| target.id);
            row.on_behalf_of_kind = self.behalf.map(|target| target.kind);
        }
        row.legislative_period_id = row.legislative_period_id.or(self.period);
        row
    }

    fn row(&self, id: Id, slug: String) -> membership::Model {
        spelled!(
            membership {
                id,
                slug,
                member_id: self.member.id,
                organization_id: self.organization.id,
                organization_kind: self.organization.kind,
                role: self.role,
                title: self.title.clone(),
                on_behalf_of_id: self.behalf.map(|target| target.id),
                on_behalf_of_kind: self.behalf.map(|target| target.kind),
                elected_at_id: None,
                legislative_period_id: self.period,
                area: self.area.clone(),
                term: None,
                note: None,
                effective_since_earliest: None,
                effective_since_latest: None,
                effective_until_earliest: None,
                effective_until_latest: None,
                end_inference: EndInference::None,
            },
            SpellColumns {
                since: PartialDate::to_columns(self.since),
                until: PartialDate::to_columns(self.until),
                ..SpellColumns::default()
            }
        )
    }
}

/// Whether a record of a kind can be what an organization is by its classification.
fn fits(class: Class, kind: RecordKind) -> bool {
    match class {
        Class::Kind(RecordKind::Parliament | RecordKind::Chamber) => {
            [RecordKind::Parliament, RecordKind::Chamber, RecordKind::Assembly].contains(&kind)
        }
        Class::Kind(own) => own == kind,
        Class::Commission(_) => kind != RecordKind::PoliticalGroup && ORGANIZATIONS.contains(&kind),
    }
}

/// Which house a chamber is, by its own word or its classification.
fn house(one: &Organization) -> chamber::House {
    let word = one.classification.get().map(fold).unwrap_or_default();
    words::house(one.house.get()).unwrap_or(match word.split(' ').next() {
        Some("upper") => chamber::House::Upper,
        Some("lower") => chamber::House::Lower,
        _ => chamber::House::Unknown,
    })
}

/// The name of a person, put together where it is given in parts only.
fn full_name(one: &Person) -> Option<String> {
    let parts = || one.given_name.get().into_iter().chain(one.family_name.get());
    let joined = || parts().collect::<Vec<_>>().join(" ");
    let name = one.name.get().map(str::to_owned).unwrap_or_else(joined);
    (!name.is_empty()).then_some(name)
}

fn website(links: &Option<Vec<Link>>) -> Option<&str> {
    let site = |link: &&Link| link.note.get().map(fold).is_some_and(|note| note == "website");
    links.iter().flatten().find(site).and_then(|link| link.url.get())
}
