//! Organizations of a file: legislatures and their chambers, groups, committees, other bodies.

use std::collections::{BTreeSet, HashMap};

use entity::{
    Id, PartialDate, RecordKind, chamber::House, kind::Group, membership, political_group,
};
use sea_orm::{ActiveEnum, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Value};

use super::{Reader, apart, as_date, label, place, short};
use crate::{
    fold::{fold, slug},
    import::{
        popolo::{
            file::{Link, Organization, Text},
            known::{WIKIDATA, is_item, of_scheme, own_slug},
            words::{self, Class},
        },
        row::Target,
        validate,
    },
    store::{find, rows::Draft},
};

/// An organization as a file says it.
struct Told<'o> {
    index: usize,
    entry: String,
    one: &'o Organization,
    name: String,
    class: Class,
    is_known_class: bool,
    /// The record that it is.
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
    /// `codes` are those of states, by id.
    pub(super) async fn organizations(
        &mut self,
        all: Vec<Organization>,
        codes: &HashMap<String, String>,
    ) -> Result<(), DbErr> {
        let mut told = Vec::new();
        for index in in_order(&all) {
            let one = &all[index];
            if self.is_absence(one) {
                continue;
            }
            let Some(name) = one.name.line() else {
                let entry = label("organizations", index, one.id.get());
                self.remark(entry, "it has no name; left out");
                continue;
            };
            let entry = label("organizations", index, Some(&name));
            if one.id.get().is_none() && of_scheme(&one.identifiers, WIKIDATA).next().is_none() {
                let message = "it has neither id nor Wikidata item to be known by; left out";
                self.remark(entry, message);
                continue;
            }
            let exported = own_slug(&one.identifiers).is_some();
            let (class, is_known_class) = words::class(one.classification.get(), exported);
            let (own, other) = self.known.find(&one.id, &one.identifiers, |kind| fits(class, kind));
            told.push(Told { index, entry, one, name, class, is_known_class, own, other });
        }
        self.renumbered_groups(&mut told).await?;
        let new = told.iter().filter(|told| told.own.is_none());
        let wanted: Vec<(String, String)> = new.map(|told| self.wish_of(told)).collect();
        let mut slugs = self.run.slugs(&wanted).await?.into_iter();
        // What organizations name is known before any of them becomes a row.
        let mut new: Vec<(Target, String, Told<'_>)> = Vec::new();
        for one in told {
            let slug = if one.own.is_none() { slugs.next() } else { None };
            if let Some((target, slug)) = self.organization(&one, slug, codes) {
                new.push((target, slug, one));
            }
        }
        for (target, slug, one) in new {
            self.organization_row(target, slug, one, codes)?;
        }
        Ok(())
    }

    /// What a new organization would best go by, and what tells it apart from others of the name.
    fn wish_of(&self, told: &Told<'_>) -> (String, String) {
        let base = own_slug(&told.one.identifiers).map_or_else(|| slug(&told.name), str::to_owned);
        let item = of_scheme(&told.one.identifiers, WIKIDATA).find(|item| is_item(item));
        let own = told.one.id.get().unwrap_or(&told.name);
        (base, item.map_or_else(|| apart(&[&self.known.scheme, own]), str::to_lowercase))
    }

    /// Whether an organization stands for one that is not known; noted, if so.
    fn is_absence(&mut self, one: &Organization) -> bool {
        let tail = one.id.get().map(|id| id.rsplit('/').next().unwrap_or(id));
        let group = words::class(one.classification.get(), false).0 == words::GROUP;
        let absence = group && words::is_unknown(one.name.get().or(tail));
        if absence {
            self.unknown.insert(one.id.get().unwrap_or_default().to_owned(), 0);
        }
        absence
    }

    /// Groups that the source calls by another id than before: of the same name, in the same
    /// legislature, where it no longer gives the id that it gave then.
    async fn renumbered_groups(&mut self, told: &mut [Told<'_>]) -> Result<(), DbErr> {
        if !told.iter().any(|one| one.own.is_none() && one.class == words::GROUP) {
            return Ok(());
        }
        let given: BTreeSet<Id> = told.iter().filter_map(|one| one.own).map(|own| own.id).collect();
        // Those for whom members sit where the file's own sit.
        use membership::Column;
        let mut groups: BTreeSet<Id> = BTreeSet::new();
        for legislature in told.iter().filter(|one| one.class.kind() == RecordKind::Parliament) {
            let Some(own) = legislature.own else { continue };
            let sat = membership::Entity::find()
                .select_only()
                .column(Column::OnBehalfOfId)
                .distinct()
                .filter(Column::OrganizationId.eq(own.id))
                .filter(Column::OnBehalfOfKind.eq(RecordKind::PoliticalGroup));
            let sat = sat.into_tuple::<Option<Id>>().all(self.run.store).await?;
            groups.extend(sat.into_iter().flatten());
        }
        groups.retain(|id| !given.contains(id));
        let called = self.run.called_by(&self.known.scheme, &groups).await?;
        let mut by_name: HashMap<String, Option<Id>> = HashMap::new();
        let column = political_group::Column::Id;
        for row in find::<political_group::Entity>(self.run.store, column, &called).await? {
            // Two of one name are told apart by nothing.
            let known = by_name.entry(fold(&row.name));
            known.and_modify(|known| *known = None).or_insert(Some(row.id));
        }
        for one in told.iter_mut().filter(|one| one.own.is_none() && one.class == words::GROUP) {
            if let Some(id) = by_name.remove(&fold(&one.name)).flatten() {
                one.own = Some(Target { id, kind: RecordKind::PoliticalGroup });
                let message = "it had another id before: known by its name and its legislature";
                self.remark(one.entry.clone(), message);
            }
        }
        Ok(())
    }

    /// Notes what a file says of an organization; answers a new one, for which there is no row yet.
    fn organization(
        &mut self,
        told: &Told<'_>,
        slug: Option<String>,
        codes: &HashMap<String, String>,
    ) -> Option<(Target, String)> {
        let Told { index, entry, one, name, class, is_known_class, own, other } = told;
        // An entry before may have been the same.
        let again = self.known.find(&one.id, &one.identifiers, |kind| fits(*class, kind)).0;
        let held = self.held(told, codes);
        let holder = held.as_ref().and_then(|key| self.run.holders.get(key)).copied();
        let holder = holder.map(|id| Target { id, kind: class.kind() });
        let own = own.or(again).or(holder);
        if let Some(other) = other.filter(|other| own != Some(*other)) {
            let kind = other.kind.kind().table;
            let message =
                format!("its Wikidata item is that of another record, a {kind}: kept apart");
            self.remark(entry.clone(), message);
        }
        let mut new = None;
        let target = match (own, slug) {
            (Some(target), _) if self.told.contains(&target.id) => {
                let message = "an entry before is the same organization: taken as one";
                self.remark(entry.clone(), message);
                self.run.weigh(target.id);
                target
            }
            (Some(target), _) => {
                self.run.report.organizations.count(false);
                target
            }
            (None, Some(slug)) => {
                let kind = self.kind_of_new(told, codes)?;
                self.run.report.organizations.count(true);
                let target = self.make(kind, slug.clone(), name);
                self.run.holders.extend(held.map(|key| (key, target.id)));
                new = Some((target, slug));
                target
            }
            (None, None) => return None,
        };
        self.cite(target);
        self.identify(target, &one.id, &one.identifiers, *other);
        let main = own.is_none().then_some((name.as_str(), name.as_str()));
        self.name(target, entry, main, &one.other_names);
        let locator = place("organizations", *index);
        let after = one.sources.iter().flatten().find_map(|link| link.url.get());
        self.say_after(target, "name", name, &locator, after);
        if let Some(word) = one.classification.get().filter(|_| !is_known_class) {
            self.say(target, "classification", word, &locator);
        }
        if let Some(website) = website(&one.links) {
            self.say(target, "website", website, &locator);
        }
        let (founded, dissolved) = self.dates(entry, one);
        self.in_order(entry, founded, dissolved);
        for (property, date) in [("founded", founded), ("dissolved", dissolved)] {
            if let Some(date) = date {
                self.say(target, property, &date.to_string(), &locator);
            }
        }
        match (seats(one), one.seats.get()) {
            (Some(seats), _) => self.say(target, "size", &seats.to_string(), &locator),
            (None, Some(text)) => {
                let message = format!("`seats` is no number: {}; left out", short(text));
                self.remark(entry.clone(), message);
            }
            (None, None) => {}
        }
        new
    }

    /// The key of what an organization has that only one may have: the code of a state, the
    /// parliament and the assembly of a delegation.
    fn held(&self, told: &Told<'_>, codes: &HashMap<String, String>) -> Option<String> {
        let Told { one, class, .. } = told;
        let id = |target: Option<Target>| target.map(|target| target.id.into());
        validate::first_unique_key(class.kind().kind(), |column| match column {
            "code" => codes.get(one.id.get()?).cloned().map(Value::from),
            "parliament" => id(self.known.own(one.parent_id.get(), is_parliament)),
            "assembly" => id(self.known.own(one.assembly_id.get(), is_assembly)),
            _ => None,
        })
    }

    fn dates(
        &mut self,
        entry: &str,
        one: &Organization,
    ) -> (Option<PartialDate>, Option<PartialDate>) {
        let founded = self.date(entry, "founding_date", &one.founding_date);
        (founded, self.date(entry, "dissolution_date", &one.dissolution_date))
    }

    /// What kind of record a new organization becomes; none where what that needs is not there.
    fn kind_of_new(
        &mut self,
        told: &Told<'_>,
        codes: &HashMap<String, String>,
    ) -> Option<RecordKind> {
        let Told { entry, one, class, .. } = told;
        let parent = one.parent_id.get();
        let lacks = match class.kind() {
            // A house of nothing is all that is known of its parliament.
            RecordKind::Chamber if self.known.own(parent, is_parliament).is_none() => {
                return Some(RecordKind::Parliament);
            }
            RecordKind::State => {
                let code = one.id.get().and_then(|id| codes.get(id));
                code.is_none().then_some("an area of its own with its code as `identifier`")
            }
            RecordKind::Delegation => {
                let assembly = self.known.own(one.assembly_id.get(), is_assembly);
                let whole = self.known.own(parent, is_parliament).is_some() && assembly.is_some();
                (!whole).then_some("a parliament as `parent_id` and an assembly as `assembly_id`")
            }
            _ => None,
        };
        if let Some(lacks) = lacks {
            let kind = class.kind().kind().table;
            self.remark(entry.clone(), format!("a {kind} needs {lacks}; left out"));
            return None;
        }
        Some(class.kind())
    }

    /// The row of a new organization.
    fn organization_row(
        &mut self,
        target: Target,
        slug: String,
        told: Told<'_>,
        codes: &HashMap<String, String>,
    ) -> Result<(), DbErr> {
        let Told { entry, one, name, class, .. } = told;
        let of = |kind| {
            let parent = self.known.own(one.parent_id.get(), |known| known == kind);
            parent.map(|parent| parent.id)
        };
        let is_above = |kind: RecordKind| kind.kind().is(Group::Represented);
        let lost = one.parent_id.get().filter(|id| self.known.own(Some(id), is_above).is_none());
        let (state, parliament, chamber, under) = (
            of(RecordKind::State),
            of(RecordKind::Parliament),
            of(RecordKind::Chamber),
            of(RecordKind::Commission),
        );
        if let Some(id) = lost {
            let message = format!("`parent_id` names nothing of the file: {}; left out", short(id));
            self.remark(entry, message);
        }
        let assembly = self.known.own(one.assembly_id.get(), is_assembly);
        // That they are dates was looked at before.
        let date = |text: &Text| as_date(text).and_then(Result::ok);
        let of_kind = |kind| move |id: Id| (kind, id);
        let mut row = Draft::new(target.kind, target.id, slug).value("name", name);
        row = match target.kind {
            RecordKind::State => {
                let code = one.id.get().and_then(|id| codes.get(id)).cloned().unwrap_or_default();
                self.run.batch.records.add(row.value("code", code))?;
                return Ok(());
            }
            RecordKind::Assembly => row
                .maybe("acronym", one.acronym.line())
                .record("parent", under.map(of_kind(RecordKind::Commission))),
            RecordKind::Parliament => {
                row.record("state", state.or(self.run.state).map(of_kind(RecordKind::State))).maybe(
                    "structure",
                    words::structure(one.structure.get()).map(|word| word.to_value()),
                )
            }
            RecordKind::Chamber => row
                .record("parliament", parliament.map(of_kind(RecordKind::Parliament)))
                .value("house", house(one).to_value())
                .maybe("size", seats(one)),
            RecordKind::Delegation => row
                .record("assembly", assembly.map(|target| (target.kind, target.id)))
                .record("parliament", parliament.map(of_kind(RecordKind::Parliament))),
            RecordKind::PoliticalGroup => row,
            _ => {
                let ids = one.assembly_ids.0.iter();
                let assemblies = ids.filter_map(|id| self.known.own(Some(id), is_assembly));
                let assemblies: Vec<Id> = assemblies.map(|target| target.id).collect();
                let links = &mut self.run.batch.links;
                let links = links.entry((RecordKind::Commission, "assemblies")).or_default();
                links.insert(target.id, assemblies);
                let kind = words::commission_kind(one.kind.get()).unwrap_or(class.commission());
                row.value("kind", kind.to_value())
                    .record("under", under.map(of_kind(RecordKind::Commission)))
                    .record("chamber", chamber.map(of_kind(RecordKind::Chamber)))
            }
        };
        row = row
            .date("founded", date(&one.founding_date))
            .date("dissolved", date(&one.dissolution_date))
            .maybe("website", website(&one.links));
        self.run.batch.records.add(row)?;
        Ok(())
    }
}

fn seats(one: &Organization) -> Option<i32> {
    one.seats.get()?.parse().ok().filter(|seats| *seats >= 0)
}

/// The places of organizations, each after the one that it is under.
fn in_order(all: &[Organization]) -> Vec<usize> {
    let mut parents: HashMap<&str, Option<&str>> = HashMap::new();
    for one in all {
        parents.extend(one.id.get().map(|id| (id, one.parent_id.get())));
    }
    let depth = |one: &Organization| {
        let above = std::iter::successors(one.parent_id.get(), |id| *parents.get(id)?);
        // A ring, which is the file's mistake, must end too.
        above.take(MAX_DEPTH).count()
    };
    let mut order: Vec<usize> = (0..all.len()).collect();
    // What this server's exports name before anything is under it.
    let first = |one: &Organization| {
        let class = words::class(one.classification.get(), own_slug(&one.identifiers).is_some());
        !matches!(class.0.kind(), RecordKind::State | RecordKind::Assembly)
    };
    order.sort_by_cached_key(|index| (first(&all[*index]), depth(&all[*index])));
    order
}

/// Organizations are not under each other deeper than this.
const MAX_DEPTH: usize = 20;

/// Whether a record of a kind can be what an organization is by its classification.
fn fits(class: Class, kind: RecordKind) -> bool {
    match class {
        Class::Kind(RecordKind::Parliament | RecordKind::Chamber) => {
            [RecordKind::Parliament, RecordKind::Chamber].contains(&kind)
        }
        Class::Kind(own) => own == kind,
        Class::Commission(_) => !is_group(kind) && kind.kind().is_organization(),
    }
}

/// Which house a chamber is, by its own word or its classification.
fn house(one: &Organization) -> House {
    let word = one.classification.get().map(fold).unwrap_or_default();
    words::house(one.house.get()).unwrap_or(match word.split(' ').next() {
        Some("upper") => House::Upper,
        Some("lower") => House::Lower,
        _ => House::Unknown,
    })
}

fn website(links: &Option<Vec<Link>>) -> Option<&str> {
    let site = |link: &&Link| link.note.get().map(fold).is_some_and(|note| note == "website");
    links.iter().flatten().find(site).and_then(|link| link.url.get())
}
