//! Reads the memberships of a file. Their ids are not reliable, so they match stored memberships by
//! member, organization, represented organization, legislative period and start date.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{
    Id, PartialDate, RecordKind,
    kind::{Group, snake},
    member, membership,
    membership::Role,
};
use sea_orm::{ActiveEnum, DbErr};

use super::{Reader, label, pointer, short, suffix};
use crate::{
    import::{
        popolo::{BATCH_SIZE, file::Membership, matching::exported_slug, words},
        row::Target,
    },
    store::{find, rows::Draft},
};

/// The maximum number of memberships of a person in a file: each is compared with each stored one.
const MAX_MEMBERSHIPS: usize = 1_000;

/// The areas and posts that memberships reference, by id.
pub(super) struct References {
    /// The names of areas.
    pub areas: HashMap<String, String>,
    /// The labels of posts, and the names of their areas.
    pub posts: HashMap<String, (Option<String>, Option<String>)>,
}

/// A membership in a file.
struct Entry {
    index: usize,
    entry: String,
    member: Target,
    organization: Target,
    represented: Option<Target>,
    period: Option<Id>,
    area: Option<String>,
    role: Role,
    title: Option<String>,
    since: Option<PartialDate>,
    until: Option<PartialDate>,
    /// The first and the last date on which a document shows it, in an export of this server.
    observed: (Option<PartialDate>, Option<PartialDate>),
    /// References to missing entries: property and id.
    dangling: Vec<(&'static str, String)>,
    /// The slug, in an export of this server.
    slug: Option<String>,
}

/// An existing membership.
enum Existing {
    /// A row of the database.
    Stored(Box<membership::Model>),
    /// The index of a row in the batch.
    Pending(usize),
}

impl Existing {
    fn row<'p>(&'p self, batch: &'p [membership::Model]) -> &'p membership::Model {
        match self {
            Self::Stored(row) => row,
            Self::Pending(at) => &batch[*at],
        }
    }
}

impl Reader<'_, '_> {
    pub(super) async fn memberships(
        &mut self,
        all: Vec<Membership>,
        references: &References,
    ) -> Result<(), DbErr> {
        let mut entries: Vec<Entry> = Vec::new();
        for (index, one) in all.iter().enumerate() {
            // The membership of an organization is a participation.
            if one.member.is_none() || one.person_id.get().is_some() {
                entries.extend(self.entry(index, one, references));
            }
        }
        drop(all);
        // All memberships of a member are matched together.
        entries.sort_by_key(|one| (one.member.id, one.index));
        let mut start = 0;
        while start < entries.len() {
            // A batch contains all memberships of a member.
            let limit = self.run.options.batch_size.unwrap_or(BATCH_SIZE);
            let mut end = (start + limit).min(entries.len());
            while end < entries.len() && entries[end].member == entries[end - 1].member {
                end += 1;
            }
            self.match_memberships(&entries[start..end]).await?;
            start = end;
            if self.run.is_large() && start < entries.len() {
                self.run.flush().await?;
            }
        }
        Ok(())
    }

    /// Resolves the references of a membership. Returns `None` if its person or organization is unknown.
    fn entry(&mut self, index: usize, one: &Membership, references: &References) -> Option<Entry> {
        let ids = [one.person_id.get(), one.organization_id.get()];
        let ids: Vec<&str> = ids.into_iter().flatten().collect();
        let entry = label("memberships", index, Some(&ids.join(" in ")));
        let skipped = |field: &str, id: Option<&str>, what: &str| match id {
            Some(_) => format!("`{field}` is not the id of {what} in the file; skipped"),
            None => format!("it has no `{field}`; skipped"),
        };
        let person = one.person_id.get();
        let Some(member) = self.matches.find_by_id(person, |kind| kind == RecordKind::Member)
        else {
            self.remark(entry, skipped("person_id", person, "a person"));
            return None;
        };
        let is_organization = |kind: RecordKind| kind.kind().is(Group::Organization);
        let id = one.organization_id.get();
        let Some(organization) = self.matches.find_by_id(id, is_organization) else {
            self.remark(entry, skipped("organization_id", id, "an organization"));
            return None;
        };
        let mut dangling = Vec::new();
        let mut represented = None;
        if let Some(id) = one.on_behalf_of_id.get() {
            represented = self
                .matches
                .find_by_id(Some(id), |kind: RecordKind| kind.kind().is(Group::Represented));
            match self.placeholders.get_mut(id) {
                Some(count) => *count += 1,
                None if represented.is_none() => dangling.push(("onBehalfOf", id.to_owned())),
                None => {}
            }
        }
        let mut period = None;
        if let Some(id) = one.legislative_period_id.get() {
            let is_period = |kind| kind == RecordKind::LegislativePeriod;
            period = self.matches.find_by_id(Some(id), is_period).map(|target| target.id);
            if period.is_none() {
                dangling.push(("legislativePeriod", id.to_owned()));
            }
        }
        for (property, id) in &dangling {
            let message = format!(
                "`{}_id` is not the id of an entry of the file: {}; imported as a claim",
                snake(property),
                short(id)
            );
            self.remark(entry.clone(), message);
        }
        let post = one.post_id.get().map(|id| (id, references.posts.get(id)));
        let area = one.area_id.get().map(|id| (id, references.areas.get(id)));
        let missing = [
            ("post_id", post.filter(|post| post.1.is_none()).map(|post| post.0)),
            ("area_id", area.filter(|area| area.1.is_none()).map(|area| area.0)),
        ];
        for (field, id) in missing {
            if let Some(id) = id {
                let message = format!(
                    "`{field}` is not the id of an entry of the file: {}; skipped",
                    short(id)
                );
                self.remark(entry.clone(), message);
            }
        }
        let (post, post_area) = post.and_then(|post| post.1).cloned().unwrap_or_default();
        let own_area = one.area.as_ref().and_then(|area| area.name.line());
        let area = area.and_then(|area| area.1).cloned().or(own_area).or(post_area);
        let (role, is_more_specific) = words::role(one.role.get(), organization.kind);
        let role_word = one.role.line().filter(|_| is_more_specific);
        // The label of a post with an area only repeats the area.
        let post = post.filter(|_| area.is_none());
        let title = one.label.line().or(role_word).or(post);
        let since = self.date(&entry, "start_date", &one.start_date);
        let until = self.date(&entry, "end_date", &one.end_date);
        self.check_order(&entry, since, until);
        Some(Entry {
            index,
            entry,
            member,
            organization,
            represented,
            period,
            area,
            role,
            title,
            since,
            until,
            observed: one.observed_dates(),
            dangling,
            slug: exported_slug(&one.identifiers).map(str::to_owned),
        })
    }

    /// Matches memberships of the file with existing ones, and adds the memberships without a match.
    async fn match_memberships(&mut self, entries: &[Entry]) -> Result<(), DbErr> {
        let mut existing = self.memberships_of(entries).await?;
        let mut fresh: Vec<&Entry> = Vec::new();
        let mut start = 0;
        while start < entries.len() {
            let member = entries[start].member.id;
            let count = entries[start..].iter().take_while(|one| one.member.id == member).count();
            let own = &entries[start..start + count.min(MAX_MEMBERSHIPS)];
            start += count;
            if count > own.len() {
                let message = format!(
                    "one person has {count} memberships; the last {} are skipped",
                    count - own.len()
                );
                self.remark(own[0].entry.clone(), message);
            }
            fresh.extend(self.match_member(own, existing.remove(&member).unwrap_or_default()));
        }
        let names: BTreeSet<Id> = fresh.iter().map(|one| one.member.id).collect();
        let mut slugs: HashMap<Id, String> = HashMap::new();
        for row in find::<member::Entity>(self.run.store, member::Column::Id, &names).await? {
            slugs.insert(row.id, row.slug);
        }
        let new = self.run.batch.new.iter().filter(|new| names.contains(&new.0));
        slugs.extend(new.map(|new| (new.0, new.2.clone())));
        let preferred_slug = |one: &&Entry| {
            let member = slugs.get(&one.member.id).map_or("", String::as_str);
            let suffix = suffix(&[&self.matches.scheme, member, &one.key()]);
            (one.slug.clone().unwrap_or_else(|| format!("{member}-{}", &suffix[..6])), suffix)
        };
        let preferred: Vec<(String, String)> = fresh.iter().map(preferred_slug).collect();
        let slugs = self.run.slugs(&preferred).await?;
        for (one, slug) in fresh.into_iter().zip(slugs) {
            let target = self.create(RecordKind::Membership, slug.clone(), "");
            let row = one.row(Draft::new(target.kind, target.id, slug));
            self.run.batch.records.add(row)?;
            self.run.index_membership();
            self.run.report.memberships.count(true);
            self.add_claims(target, one);
        }
        Ok(())
    }

    /// The existing memberships of members, in the database and in the batch, by member.
    async fn memberships_of(&self, entries: &[Entry]) -> Result<HashMap<Id, Vec<Existing>>, DbErr> {
        let members: BTreeSet<Id> = entries.iter().map(|one| one.member.id).collect();
        let pending = &self.run.pending;
        let stored = members.iter().copied().filter(|id| !pending.kinds.contains_key(id)).collect();
        let table = self.run.memberships();
        let indexes = |id: &Id| pending.memberships.get(id).into_iter().flatten().copied();
        let altered: HashSet<Id> =
            members.iter().flat_map(indexes).map(|at| table[at].id).collect();
        let mut existing: HashMap<Id, Vec<Existing>> = HashMap::new();
        use membership::{Column, Entity};
        for row in find::<Entity>(self.run.store, Column::MemberId, &stored).await? {
            if !altered.contains(&row.id) {
                existing.entry(row.member_id).or_default().push(Existing::Stored(Box::new(row)));
            }
        }
        for member in &members {
            existing.entry(*member).or_default().extend(indexes(member).map(Existing::Pending));
        }
        Ok(existing)
    }

    /// Matches the memberships of one member with existing ones, and adds missing values to the matches.
    /// Returns the memberships without a match.
    fn match_member<'w>(
        &mut self,
        all: &'w [Entry],
        mut existing: Vec<Existing>,
    ) -> Vec<&'w Entry> {
        let mut entries: Vec<&Entry> = Vec::new();
        let mut keys = HashSet::new();
        for one in all {
            if keys.insert((one.key(), &one.dangling)) {
                entries.push(one);
            } else {
                self.remark(one.entry.clone(), "an earlier entry is equal; skipped");
            }
        }
        let matches = pairs(&entries, &existing, self.run.memberships());
        let mut fresh: Vec<&Entry> = Vec::new();
        for (one, index) in entries.into_iter().zip(matches) {
            let Some(index) = index else {
                fresh.push(one);
                continue;
            };
            let table = self.run.batch.records.models_mut::<membership::Entity>();
            let old = existing[index].row(table);
            let target = Target { id: old.id, kind: RecordKind::Membership };
            let filled = one.fill(old);
            if filled != *old {
                match &mut existing[index] {
                    Existing::Pending(at) => table[*at] = filled,
                    stored @ Existing::Stored(_) => {
                        *stored = Existing::Pending(table.len());
                        table.push(filled);
                        self.run.index_membership();
                    }
                }
            }
            self.run.report.memberships.count(false);
            self.add_claims(target, one);
        }
        fresh
    }

    /// Adds the claims of the file about a membership.
    fn add_claims(&mut self, target: Target, one: &Entry) {
        let locator = pointer("memberships", one.index);
        self.cite(target);
        let dates = [("since", one.since), ("until", one.until)];
        for (property, date) in dates {
            if let Some(date) = date {
                self.claim(target, property, &date.to_string(), &locator);
            }
        }
        for (property, text) in [("area", &one.area), ("title", &one.title)] {
            if let Some(text) = text {
                self.claim(target, property, text, &locator);
            }
        }
        for (property, id) in &one.dangling {
            self.claim(target, property, id, &locator);
        }
    }
}

/// For each membership of a file, the index of the existing membership that it matches. Assigns each
/// index at most once, in descending order of similarity.
fn pairs(
    entries: &[&Entry],
    existing: &[Existing],
    batch: &[membership::Model],
) -> Vec<Option<usize>> {
    let mut pairs: Vec<(i32, usize, usize)> = Vec::new();
    for (at, one) in entries.iter().enumerate() {
        for (index, membership) in existing.iter().enumerate() {
            let similarity = one.similarity(membership.row(batch));
            pairs.extend(similarity.map(|similarity| (similarity, at, index)));
        }
    }
    pairs.sort_by_key(|(similarity, at, index)| (-similarity, *at, *index));
    let (mut found, mut is_used) = (vec![None; entries.len()], vec![false; existing.len()]);
    let (compatible, different) = pairs.split_at(pairs.partition_point(|pair| pair.0 >= 0));
    for (_, at, index) in compatible {
        if found[*at].is_none() && !is_used[*index] {
            found[*at] = Some(*index);
            is_used[*index] = true;
        }
    }
    // A membership with one different value matches if neither has another possible match.
    let unmatched =
        different.iter().filter(|(_, at, index)| found[*at].is_none() && !is_used[*index]);
    let unmatched: Vec<(usize, usize)> = unmatched.map(|(_, at, index)| (*at, *index)).collect();
    let (mut candidates_of_entry, mut candidates_of_row) =
        (vec![0; entries.len()], vec![0; existing.len()]);
    for (at, index) in &unmatched {
        candidates_of_entry[*at] += 1;
        candidates_of_row[*index] += 1;
    }
    for (at, index) in unmatched {
        if (candidates_of_entry[at], candidates_of_row[index]) == (1, 1) {
            found[at] = Some(index);
        }
    }
    found
}

/// The maximum distance in days between two start dates of one membership. A larger distance means
/// another validity period, not a correction.
const MAX_START_DISTANCE: i64 = 366;

impl Entry {
    /// The key that distinguishes it from other memberships of the member.
    fn key(&self) -> String {
        let number = |id: Option<Id>| id.map(|id| id.to_string()).unwrap_or_default();
        let date =
            |date: Option<PartialDate>| date.map(|date| date.to_string()).unwrap_or_default();
        let parts = [
            self.organization.id.to_string(),
            number(self.represented.map(|target| target.id)),
            number(self.period),
            self.area.clone().unwrap_or_default(),
            format!("{:?}", self.role),
            self.title.clone().unwrap_or_default(),
            date(self.since),
            date(self.until),
        ];
        parts.join("\n")
    }

    /// The similarity to an existing membership: `None` if they are different memberships, negative if
    /// one value differs.
    fn similarity(&self, row: &membership::Model) -> Option<i32> {
        if self.slug.as_ref() == Some(&row.slug) {
            return Some(1_000);
        }
        if (row.organization_id, row.role) != (self.organization.id, self.role) {
            return None;
        }
        // A missing value is compatible with any value.
        fn compare<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<i32> {
            match (one, other) {
                (Some(one), Some(other)) => (one == other).then_some(2),
                (None, None) => Some(1),
                _ => Some(0),
            }
        }
        const DIFFERENT: i32 = -100;
        let since = PartialDate::from_columns(row.since_earliest, row.since_latest);
        let until = PartialDate::from_columns(row.until_earliest, row.until_latest);
        let is_before = |until: Option<PartialDate>, since: Option<PartialDate>| {
            until.zip(since).is_some_and(|(until, since)| until.latest() < since.earliest())
        };
        // A membership that ends before the other begins has another validity period.
        if is_before(until, self.since) || is_before(self.until, since) {
            return None;
        }
        let far = since.zip(self.since).is_some_and(|(one, other)| {
            (one.earliest() - other.earliest()).num_days().abs() > MAX_START_DISTANCE
        });
        if far {
            return None;
        }
        let represented = compare(row.on_behalf_of_id, self.represented.map(|target| target.id))?;
        let period = compare(row.legislative_period_id, self.period)?;
        let area = compare(row.area.as_ref(), self.area.as_ref());
        let title = compare(row.title.as_ref(), self.title.as_ref());
        let since = compare(since, self.since).map(|since| 4 * since);
        let parts = [area, title, since, compare(until, self.until)];
        // At most one value may differ.
        if parts.iter().filter(|part| part.is_none()).count() > 1 {
            return None;
        }
        let parts: i32 = parts.into_iter().map(|part| part.unwrap_or(DIFFERENT)).sum();
        Some(represented + period + parts)
    }

    /// An existing membership with its missing values added.
    fn fill(&self, old: &membership::Model) -> membership::Model {
        let mut row = old.clone();
        if row.on_behalf_of_id.is_none() {
            row.on_behalf_of_id = self.represented.map(|target| target.id);
            row.on_behalf_of_kind = self.represented.map(|target| target.kind);
        }
        row.legislative_period_id = row.legislative_period_id.or(self.period);
        row
    }

    fn row(&self, draft: Draft) -> Draft {
        let record = |target: Target| (target.kind, target.id);
        let period = self.period.map(|id| (RecordKind::LegislativePeriod, id));
        draft
            .record("member", Some(record(self.member)))
            .record("organization", Some(record(self.organization)))
            .value("role", self.role.to_value())
            .optional("title", self.title.clone())
            .record("on_behalf_of", self.represented.map(record))
            .record("legislative_period", period)
            .optional("area", self.area.clone())
            .date("since", self.since)
            .date("until", self.until)
            .observed(self.observed.0, self.observed.1)
    }
}
