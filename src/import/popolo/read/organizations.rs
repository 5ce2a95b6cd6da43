//! Reads the organizations of a file: legislatures and their chambers, groups, committees, other bodies.

use std::collections::{BTreeSet, HashMap};

use entity::{
    Id, PartialDate, RecordKind, chamber::House, kind::Group, membership, political_group,
};
use sea_orm::{ActiveEnum, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Value};

use super::{Reader, as_date, label, pointer, short, suffix};
use crate::{
    fold::{fold, slug},
    import::{
        popolo::{
            file::{Link, Organization, Text},
            matching::{WIKIDATA, exported_slug, is_item, of_scheme},
            words::{self, Class},
        },
        row::Target,
        validate,
    },
    store::{find, rows::Draft},
    text::with_article,
};

/// An organization in a file.
struct Entry<'o> {
    index: usize,
    label: String,
    organization: &'o Organization,
    name: String,
    class: Class,
    is_known_class: bool,
    /// The matching record.
    own: Option<Target>,
    /// Another record that its Wikidata item belongs to.
    other: Option<Target>,
}

fn is_parliament(kind: RecordKind) -> bool {
    kind == RecordKind::Parliament
}

fn is_assembly(kind: RecordKind) -> bool {
    kind == RecordKind::Assembly
}

fn is_group(kind: RecordKind) -> bool {
    kind == RecordKind::PoliticalGroup
}

impl Reader<'_, '_> {
    /// `codes` are the codes of states, by id.
    pub(super) async fn organizations(
        &mut self,
        all: Vec<Organization>,
        codes: &HashMap<String, String>,
    ) -> Result<(), DbErr> {
        let mut entries = Vec::new();
        for index in parents_first(&all) {
            let organization = &all[index];
            if self.is_placeholder(organization) {
                continue;
            }
            let Some(name) = organization.name.line() else {
                let entry = label("organizations", index, organization.id.get());
                self.remark(entry, "it has no name; skipped");
                continue;
            };
            let entry = label("organizations", index, Some(&name));
            if organization.id.get().is_none()
                && of_scheme(&organization.identifiers, WIKIDATA).next().is_none()
            {
                let message = "it has neither an id nor a Wikidata item; skipped";
                self.remark(entry, message);
                continue;
            }
            let exported = exported_slug(&organization.identifiers).is_some();
            let (class, is_known_class) = words::class(organization.classification.get(), exported);
            let (own, other) =
                self.matches
                    .find(&organization.id, &organization.identifiers, |kind| fits(class, kind));
            entries.push(Entry {
                index,
                label: entry,
                organization,
                name,
                class,
                is_known_class,
                own,
                other,
            });
        }
        self.match_renumbered_groups(&mut entries).await?;
        let new = entries.iter().filter(|item| item.own.is_none());
        let preferred: Vec<(String, String)> =
            new.map(|item| self.organization_slug(item)).collect();
        let mut slugs = self.run.slugs(&preferred).await?.into_iter();
        // All organizations are matched before rows are created, since rows reference other organizations.
        let mut new: Vec<(Target, String, Entry<'_>)> = Vec::new();
        for entry in entries {
            let slug = if entry.own.is_none() { slugs.next() } else { None };
            if let Some((target, slug)) = self.organization(&entry, slug, codes) {
                new.push((target, slug, entry));
            }
        }
        for (target, slug, entry) in new {
            self.organization_row(target, slug, entry, codes)?;
        }
        Ok(())
    }

    /// The preferred slug of a new organization, and the suffix if the slug is already used.
    fn organization_slug(&self, item: &Entry<'_>) -> (String, String) {
        let base = exported_slug(&item.organization.identifiers)
            .map_or_else(|| slug(&item.name), str::to_owned);
        let wikidata =
            of_scheme(&item.organization.identifiers, WIKIDATA).find(|item| is_item(item));
        let own = item.organization.id.get().unwrap_or(&item.name);
        (base, wikidata.map_or_else(|| suffix(&[&self.matches.scheme, own]), str::to_lowercase))
    }

    /// Whether an organization is a placeholder for an unknown group. Stores the id of a placeholder.
    fn is_placeholder(&mut self, organization: &Organization) -> bool {
        let tail = organization.id.get().map(|id| id.rsplit('/').next().unwrap_or(id));
        let group = words::class(organization.classification.get(), false).0 == words::GROUP;
        let is_placeholder = group && words::is_unknown(organization.name.get().or(tail));
        if is_placeholder {
            self.placeholders.insert(organization.id.get().unwrap_or_default().to_owned(), 0);
        }
        is_placeholder
    }

    /// Matches groups whose id in the source has changed, by name and legislature, if the file no longer
    /// contains the former id.
    async fn match_renumbered_groups(&mut self, entries: &mut [Entry<'_>]) -> Result<(), DbErr> {
        if !entries.iter().any(|entry| entry.own.is_none() && entry.class == words::GROUP) {
            return Ok(());
        }
        let matched: BTreeSet<Id> =
            entries.iter().filter_map(|entry| entry.own).map(|own| own.id).collect();
        // The groups with members in the legislatures of the file.
        use membership::Column;
        let mut groups: BTreeSet<Id> = BTreeSet::new();
        for legislature in
            entries.iter().filter(|entry| entry.class.kind() == RecordKind::Parliament)
        {
            let Some(own) = legislature.own else { continue };
            let represented = membership::Entity::find()
                .select_only()
                .column(Column::OnBehalfOfId)
                .distinct()
                .filter(Column::OrganizationId.eq(own.id))
                .filter(Column::OnBehalfOfKind.eq(RecordKind::PoliticalGroup));
            let represented = represented.into_tuple::<Option<Id>>().all(self.run.store).await?;
            groups.extend(represented.into_iter().flatten());
        }
        groups.retain(|id| !matched.contains(id));
        let with_id = self.run.with_id_of(&self.matches.scheme, &groups).await?;
        let mut by_name: HashMap<String, Option<Id>> = HashMap::new();
        let column = political_group::Column::Id;
        for row in find::<political_group::Entity>(self.run.store, column, &with_id).await? {
            // Groups with the same name cannot be distinguished.
            let entry = by_name.entry(fold(&row.name));
            entry.and_modify(|id| *id = None).or_insert(Some(row.id));
        }
        for entry in
            entries.iter_mut().filter(|entry| entry.own.is_none() && entry.class == words::GROUP)
        {
            if let Some(id) = by_name.remove(&fold(&entry.name)).flatten() {
                entry.own = Some(Target { id, kind: RecordKind::PoliticalGroup });
                let message = "its id has changed; matched by name and legislature";
                self.remark(entry.label.clone(), message);
            }
        }
        Ok(())
    }

    /// Adds the claims about an organization. Returns the record and the slug of a new organization, whose
    /// row is added later.
    fn organization(
        &mut self,
        item: &Entry<'_>,
        slug: Option<String>,
        codes: &HashMap<String, String>,
    ) -> Option<(Target, String)> {
        let Entry { index, label: entry, organization, name, class, is_known_class, own, other } =
            item;
        // An earlier entry may be the same organization.
        let earlier = self
            .matches
            .find(&organization.id, &organization.identifiers, |kind| fits(*class, kind))
            .0;
        let key = self.unique_key(item, codes);
        let holder = key.as_ref().and_then(|key| self.run.holders.get(key)).copied();
        let holder = holder.map(|id| Target { id, kind: class.kind() });
        let own = own.or(earlier).or(holder);
        if let Some(other) = other.filter(|other| own != Some(*other)) {
            let kind = other.kind.kind().table;
            let message =
                format!("its Wikidata item belongs to another record ({kind}); not merged");
            self.remark(entry.clone(), message);
        }
        let mut new = None;
        let target = match (own, slug) {
            (Some(target), _) if self.cited_by.contains(&target.id) => {
                let message = "an earlier entry is the same organization; merged";
                self.remark(entry.clone(), message);
                self.run.allow_several_values(target.id);
                target
            }
            (Some(target), _) => {
                self.run.report.organizations.count(false);
                target
            }
            (None, Some(slug)) => {
                let kind = self.kind_of_new(item, codes)?;
                self.run.report.organizations.count(true);
                let target = self.create(kind, slug.clone(), name);
                self.run.holders.extend(key.map(|key| (key, target.id)));
                new = Some((target, slug));
                target
            }
            (None, None) => return None,
        };
        self.cite(target);
        self.add_identifiers(target, &organization.id, &organization.identifiers, *other);
        let main = own.is_none().then_some((name.as_str(), name.as_str()));
        self.add_names(target, entry, main, &organization.other_names);
        let locator = pointer("organizations", *index);
        let source_url = organization.sources.iter().flatten().find_map(|link| link.url.get());
        self.claim_with_source(target, "name", name, &locator, source_url);
        if let Some(word) = organization.classification.get().filter(|_| !is_known_class) {
            self.claim(target, "classification", word, &locator);
        }
        if let Some(website) = website(&organization.links) {
            self.claim(target, "website", website, &locator);
        }
        let (founded, dissolved) = self.dates(entry, organization);
        self.check_order(entry, founded, dissolved);
        for (property, date) in [("founded", founded), ("dissolved", dissolved)] {
            if let Some(date) = date {
                self.claim(target, property, &date.to_string(), &locator);
            }
        }
        match (seats(organization), organization.seats.get()) {
            (Some(seats), _) => self.claim(target, "size", &seats.to_string(), &locator),
            (None, Some(text)) => {
                let message = format!("`seats` is not an integer: {}; skipped", short(text));
                self.remark(entry.clone(), message);
            }
            (None, None) => {}
        }
        new
    }

    /// The unique key of an organization: the code of a state, or the parliament and the assembly of a
    /// delegation.
    fn unique_key(&self, item: &Entry<'_>, codes: &HashMap<String, String>) -> Option<String> {
        let Entry { organization, class, .. } = item;
        let id = |target: Option<Target>| target.map(|target| target.id.into());
        validate::first_unique_key(class.kind().kind(), |column| match column {
            "code" => codes.get(organization.id.get()?).cloned().map(Value::from),
            "parliament" => {
                id(self.matches.find_by_id(organization.parent_id.get(), is_parliament))
            }
            "assembly" => id(self.matches.find_by_id(organization.assembly_id.get(), is_assembly)),
            _ => None,
        })
    }

    fn dates(
        &mut self,
        entry: &str,
        organization: &Organization,
    ) -> (Option<PartialDate>, Option<PartialDate>) {
        let founded = self.date(entry, "founding_date", &organization.founding_date);
        (founded, self.date(entry, "dissolution_date", &organization.dissolution_date))
    }

    /// The kind of a new organization. Returns `None` if a required value is missing.
    fn kind_of_new(
        &mut self,
        item: &Entry<'_>,
        codes: &HashMap<String, String>,
    ) -> Option<RecordKind> {
        let Entry { label: entry, organization, class, .. } = item;
        let parent = organization.parent_id.get();
        let missing = match class.kind() {
            // A chamber without a parliament is imported as a parliament.
            RecordKind::Chamber if self.matches.find_by_id(parent, is_parliament).is_none() => {
                return Some(RecordKind::Parliament);
            }
            RecordKind::State => {
                let code = organization.id.get().and_then(|id| codes.get(id));
                code.is_none().then_some("an area of its own with its code as `identifier`")
            }
            RecordKind::Delegation => {
                let assembly = self.matches.find_by_id(organization.assembly_id.get(), is_assembly);
                let is_complete =
                    self.matches.find_by_id(parent, is_parliament).is_some() && assembly.is_some();
                (!is_complete)
                    .then_some("a parliament as `parent_id` and an assembly as `assembly_id`")
            }
            _ => None,
        };
        if let Some(missing) = missing {
            let kind = with_article(class.kind().kind().table);
            self.remark(entry.clone(), format!("{kind} needs {missing}; skipped"));
            return None;
        }
        Some(class.kind())
    }

    /// The row of a new organization.
    fn organization_row(
        &mut self,
        target: Target,
        slug: String,
        item: Entry<'_>,
        codes: &HashMap<String, String>,
    ) -> Result<(), DbErr> {
        let Entry { label: entry, organization, name, class, .. } = item;
        let of = |kind| {
            let parent =
                self.matches.find_by_id(organization.parent_id.get(), |other| other == kind);
            parent.map(|parent| parent.id)
        };
        let is_above = |kind: RecordKind| kind.kind().is(Group::Represented);
        let missing_parent = organization
            .parent_id
            .get()
            .filter(|id| self.matches.find_by_id(Some(id), is_above).is_none());
        let (state, parliament, chamber, under) = (
            of(RecordKind::State),
            of(RecordKind::Parliament),
            of(RecordKind::Chamber),
            of(RecordKind::Commission),
        );
        if let Some(id) = missing_parent {
            let message = format!(
                "`parent_id` is not the id of an entry of the file: {}; skipped",
                short(id)
            );
            self.remark(entry, message);
        }
        let assembly = self.matches.find_by_id(organization.assembly_id.get(), is_assembly);
        // Invalid dates were reported before.
        let date = |text: &Text| as_date(text).and_then(Result::ok);
        let of_kind = |kind| move |id: Id| (kind, id);
        let mut row = Draft::new(target.kind, target.id, slug).value("name", name);
        row = match target.kind {
            RecordKind::State => {
                let code =
                    organization.id.get().and_then(|id| codes.get(id)).cloned().unwrap_or_default();
                self.run.batch.records.add(row.value("code", code))?;
                return Ok(());
            }
            RecordKind::Assembly => row
                .optional("acronym", organization.acronym.line())
                .record("parent", under.map(of_kind(RecordKind::Commission))),
            RecordKind::Parliament => row
                .record("state", state.or(self.run.state).map(of_kind(RecordKind::State)))
                .optional(
                    "structure",
                    words::structure(organization.structure.get()).map(|word| word.to_value()),
                ),
            RecordKind::Chamber => row
                .record("parliament", parliament.map(of_kind(RecordKind::Parliament)))
                .value("house", house(organization).to_value())
                .optional("size", seats(organization)),
            RecordKind::Delegation => row
                .record("assembly", assembly.map(|target| (target.kind, target.id)))
                .record("parliament", parliament.map(of_kind(RecordKind::Parliament))),
            RecordKind::PoliticalGroup => row,
            _ => {
                let ids = organization.assembly_ids.0.iter();
                let assemblies =
                    ids.filter_map(|id| self.matches.find_by_id(Some(id), is_assembly));
                let assemblies: Vec<Id> = assemblies.map(|target| target.id).collect();
                let links = &mut self.run.batch.links;
                let links = links.entry((RecordKind::Commission, "assemblies")).or_default();
                links.insert(target.id, assemblies);
                let kind =
                    words::commission_kind(organization.kind.get()).unwrap_or(class.commission());
                row.value("kind", kind.to_value())
                    .record("under", under.map(of_kind(RecordKind::Commission)))
                    .record("chamber", chamber.map(of_kind(RecordKind::Chamber)))
            }
        };
        row = row
            .date("founded", date(&organization.founding_date))
            .date("dissolved", date(&organization.dissolution_date))
            .optional("website", website(&organization.links));
        self.run.batch.records.add(row)?;
        Ok(())
    }
}

fn seats(organization: &Organization) -> Option<i32> {
    organization.seats.get()?.parse().ok().filter(|seats| *seats >= 0)
}

/// The indexes of organizations, parents first.
fn parents_first(all: &[Organization]) -> Vec<usize> {
    let mut parents: HashMap<&str, Option<&str>> = HashMap::new();
    for organization in all {
        parents.extend(organization.id.get().map(|id| (id, organization.parent_id.get())));
    }
    let depth = |organization: &Organization| {
        let above = std::iter::successors(organization.parent_id.get(), |id| *parents.get(id)?);
        // The file may contain cycles by mistake.
        above.take(MAX_DEPTH).count()
    };
    let mut order: Vec<usize> = (0..all.len()).collect();
    // States and assemblies of exports of this server are first.
    let is_later = |organization: &Organization| {
        let class = words::class(
            organization.classification.get(),
            exported_slug(&organization.identifiers).is_some(),
        );
        !matches!(class.0.kind(), RecordKind::State | RecordKind::Assembly)
    };
    order.sort_by_cached_key(|index| (is_later(&all[*index]), depth(&all[*index])));
    order
}

/// The maximum depth of organizations.
const MAX_DEPTH: usize = 20;

/// Whether the kind of a record fits the classification of an organization.
fn fits(class: Class, kind: RecordKind) -> bool {
    match class {
        Class::Kind(RecordKind::Parliament | RecordKind::Chamber) => {
            [RecordKind::Parliament, RecordKind::Chamber].contains(&kind)
        }
        Class::Kind(own) => own == kind,
        Class::Commission(_) => !is_group(kind) && kind.kind().is_organization(),
    }
}

/// The house of a chamber, by its `house` or its classification.
fn house(organization: &Organization) -> House {
    let word = organization.classification.get().map(fold).unwrap_or_default();
    words::house(organization.house.get()).unwrap_or(match word.split(' ').next() {
        Some("upper") => House::Upper,
        Some("lower") => House::Lower,
        _ => House::Unknown,
    })
}

fn website(links: &Option<Vec<Link>>) -> Option<&str> {
    let site = |link: &&Link| link.note.get().map(fold).is_some_and(|note| note == "website");
    links.iter().flatten().find(site).and_then(|link| link.url.get())
}
