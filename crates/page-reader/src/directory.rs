//! The organizations of the graph, and which of them a phrase of the sidebar means. Concludes only
//! where one can be meant.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{
    Id, RecordKind, assembly, chamber, chamber::House, commission, commission::CommissionKind,
    commission_assembly, delegation, member, membership, membership::Role, name, parliament,
    seat_allocation, state,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::{fold, glossary, grammar};
use crate::store::find;

/// The words of a phrase, without endings, in English; order and fillers mean nothing.
pub type Keys = BTreeSet<String>;

/// An organization, or a state, and all its names as keys.
#[derive(Clone, Debug)]
pub struct Org {
    /// None where it is new with this import.
    pub id: Option<Id>,
    pub slug: String,
    pub name: String,
    names: Vec<Keys>,
}

#[derive(Clone, Debug)]
pub struct Delegation {
    pub id: Option<Id>,
    pub slug: String,
    pub assembly: String,
    pub parliament: String,
}

#[derive(Clone, Debug)]
pub struct Allocation {
    pub slug: String,
    pub delegation: String,
    pub chamber: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Post {
    pub slug: String,
    pub member: String,
    pub organization: String,
    pub role: Role,
    /// Whether nothing says that it ended.
    pub open: bool,
}

/// Why a phrase leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    Unknown,
    Several(Vec<String>),
}

/// What the reader has to know of the graph to understand a sidebar.
#[derive(Clone, Default)]
pub struct Known {
    pub assemblies: Vec<Org>,
    states: Vec<Org>,
    pub parliaments: Vec<Org>,
    pub chambers: Vec<Org>,
    state_of: HashMap<String, String>,
    codes: HashMap<String, String>,
    parliament_of: HashMap<String, String>,
    houses: HashMap<String, House>,
    /// The secretariats of each assembly.
    secretariats: BTreeMap<String, Vec<String>>,
    pub delegations: Vec<Delegation>,
    pub allocations: Vec<Allocation>,
    pub posts: Vec<Post>,
    /// All names of those who hold the posts.
    people: HashMap<String, Vec<String>>,
    /// What acronyms stand for.
    acronyms: HashMap<String, Keys>,
    pub slugs: HashMap<Id, String>,
}

/// The second offices that the sidebar tells, in the words that begin them.
const OFFICES: &[(&[&str], Role)] = &[
    (&["deputy", "executive", "secretary"], Role::DeputyExecutiveSecretary),
    (&["executive", "secretary"], Role::ExecutiveSecretary),
    (&["deputy", "secretary", "general"], Role::DeputySecretaryGeneral),
    (&["secretary", "general"], Role::SecretaryGeneral),
    (&["заместитель", "ответственного", "секретаря"], Role::DeputyExecutiveSecretary),
    (&["ответственный", "секретарь"], Role::ExecutiveSecretary),
    (&["заместитель", "генерального", "секретаря"], Role::DeputySecretaryGeneral),
    (&["генеральный", "секретарь"], Role::SecretaryGeneral),
];

/// Words of states' names that many of them share.
const COMMON: &[&str] = &["republic", "federation", "islamic", "union"];

/// Words that say that something is a parliament, and not which.
const PARLIAMENT: &str = "parliament";

fn key(english: &str) -> String {
    fold::words(english).first().map(|word| word.stem().to_owned()).unwrap_or_default()
}

/// The words of a phrase as they are written, in English and without endings.
fn plain_keys(phrase: &str) -> Keys {
    let mut keys = Keys::new();
    let mut inter = false;
    for word in fold::words(phrase) {
        // "Inter-Parliamentary" is one word.
        if word.plain == "inter" {
            inter = true;
            continue;
        }
        if glossary::is_filler(&word.plain) {
            continue;
        }
        let stem = if word.cyrillic { glossary::english(word.stem()) } else { word.stem() };
        keys.insert(if std::mem::take(&mut inter) {
            format!("inter{stem}")
        } else {
            stem.to_owned()
        });
    }
    keys
}

fn set(words: &[&str]) -> Keys {
    words.iter().map(|word| key(word)).collect()
}

impl Known {
    pub async fn load(store: &DatabaseTransaction) -> Result<Self, DbErr> {
        let mut known = Self::default();
        let assemblies = assembly::Entity::find().all(store).await?;
        let states = state::Entity::find().all(store).await?;
        let parliaments = parliament::Entity::find().all(store).await?;
        let chambers = chamber::Entity::find().all(store).await?;
        let delegations = delegation::Entity::find().all(store).await?;
        let allocations = seat_allocation::Entity::find().all(store).await?;
        let links = commission_assembly::Entity::find().all(store).await?;
        let secretariats = commission::Entity::find()
            .filter(commission::Column::Kind.eq(CommissionKind::Secretariat))
            .all(store)
            .await?;
        let parents: BTreeSet<Id> = assemblies.iter().filter_map(|row| row.parent_id).collect();
        let parents = find::<commission::Entity>(store, commission::Column::Id, &parents).await?;
        let mut owners: BTreeSet<Id> = parents.iter().map(|row| row.id).collect();
        macro_rules! slugs {
            ($($rows:ident)*) => {
                $(for row in &$rows {
                    known.slugs.insert(row.id, row.slug.clone());
                    owners.insert(row.id);
                })*
            };
        }
        slugs! { assemblies states parliaments chambers delegations allocations secretariats }
        let mut names: HashMap<Id, Vec<String>> = HashMap::new();
        for row in find::<name::Entity>(store, name::Column::RecordId, &owners).await? {
            names.entry(row.record_id).or_default().push(row.value);
        }
        for row in &parents {
            for short in names.get(&row.id).into_iter().flatten() {
                let keys = plain_keys(short);
                if let (1, false) = (keys.len(), short.contains(char::is_lowercase)) {
                    known.acronyms.extend(keys.into_iter().map(|key| (key, plain_keys(&row.name))));
                }
            }
        }
        known.acronyms.insert(key("pa"), set(&["parliamentary", "assembly"]));
        known.acronyms.insert(key("ipa"), set(&["interparliamentary", "assembly"]));
        for row in assemblies {
            let more = names.remove(&row.id).unwrap_or_default().into_iter().chain(row.acronym);
            let org = known.org(Some(row.id), row.slug, row.name, more);
            known.assemblies.push(org);
        }
        for row in states {
            known.codes.insert(row.slug.clone(), row.code);
            let more = names.remove(&row.id).unwrap_or_default();
            let org = known.org(Some(row.id), row.slug, row.name, more);
            known.states.push(org);
        }
        for row in parliaments {
            let state = row.state_id.and_then(|state| known.slugs.get(&state).cloned());
            let state = state.unwrap_or_default();
            known.state_of.insert(row.slug.clone(), state);
            let more = names.remove(&row.id).unwrap_or_default();
            let org = known.org(Some(row.id), row.slug, row.name, more);
            known.parliaments.push(org);
        }
        for row in chambers {
            let parliament = known.slugs.get(&row.parliament_id).cloned().unwrap_or_default();
            known.parliament_of.insert(row.slug.clone(), parliament);
            known.houses.insert(row.slug.clone(), row.house);
            let more = names.remove(&row.id).unwrap_or_default();
            let org = known.org(Some(row.id), row.slug, row.name, more);
            known.chambers.push(org);
        }
        let slug = |id: Id| known.slugs.get(&id).cloned().unwrap_or_default();
        known.delegations = delegations
            .into_iter()
            .map(|row| Delegation {
                id: Some(row.id),
                assembly: slug(row.assembly_id),
                parliament: slug(row.parliament_id),
                slug: row.slug,
            })
            .collect();
        known.allocations = allocations
            .into_iter()
            .map(|row| Allocation {
                delegation: slug(row.delegation_id),
                chamber: row.chamber_id.map(slug),
                slug: row.slug,
            })
            .collect();
        let secretariats: HashMap<Id, String> =
            secretariats.into_iter().map(|row| (row.id, row.slug)).collect();
        for link in links {
            if let Some(body) = secretariats.get(&link.commission_id) {
                let bodies = known.secretariats.entry(slug(link.assembly_id)).or_default();
                bodies.push(body.clone());
            }
        }
        known.load_posts(store, secretariats.keys().copied()).await?;
        Ok(known)
    }

    /// Who speaks for a parliament, and who works at the secretariats and assemblies.
    async fn load_posts(
        &mut self,
        store: &DatabaseTransaction,
        secretariats: impl Iterator<Item = Id>,
    ) -> Result<(), DbErr> {
        let delegations = self.delegations.iter().filter_map(|row| row.id);
        let assemblies = self.assemblies.iter().filter_map(|row| row.id);
        let places: BTreeSet<Id> = delegations.chain(assemblies).chain(secretariats).collect();
        let column = membership::Column::OrganizationId;
        let mut rows = find::<membership::Entity>(store, column, &places).await?;
        let roles = |role: &Role| {
            *role == Role::Representative || OFFICES.iter().any(|office| office.1 == *role)
        };
        rows.retain(|row| roles(&row.role));
        rows.sort_by_key(|row| row.id);
        let members = rows.iter().map(|row| row.member_id).collect();
        for row in find::<name::Entity>(store, name::Column::RecordId, &members).await? {
            self.people.entry(row.record_id.to_string()).or_default().push(row.value);
        }
        for row in find::<member::Entity>(store, member::Column::Id, &members).await? {
            let mut names = self.people.remove(&row.id.to_string()).unwrap_or_default();
            names.push(row.name);
            self.people.insert(row.slug.clone(), names);
            self.slugs.insert(row.id, row.slug);
        }
        let slug = |id: Id| self.slugs.get(&id).cloned().unwrap_or_default();
        self.posts = rows
            .iter()
            .map(|row| Post {
                slug: row.slug.clone(),
                member: slug(row.member_id),
                organization: slug(row.organization_id),
                role: row.role,
                open: row.effective_until_latest.is_none(),
            })
            .collect();
        self.slugs.extend(rows.into_iter().map(|row| (row.id, row.slug)));
        Ok(())
    }

    fn org(
        &self,
        id: Option<Id>,
        slug: String,
        name: String,
        more: impl IntoIterator<Item = String>,
    ) -> Org {
        let names = std::iter::once(name.clone()).chain(more);
        let mut names: Vec<Keys> = names.map(|name| self.keys(&name)).collect();
        names.retain(|keys| !keys.is_empty());
        names.dedup();
        Org { id, slug, name, names }
    }

    /// The keys of a phrase, acronyms spelled out.
    fn keys(&self, phrase: &str) -> Keys {
        let mut keys = Keys::new();
        for key in plain_keys(phrase) {
            match self.acronyms.get(&key) {
                Some(spelled) => keys.extend(spelled.iter().cloned()),
                None => {
                    keys.insert(key);
                }
            }
        }
        keys
    }

    /// The assembly that a phrase means.
    pub fn assembly(&self, phrase: &str) -> Result<&Org, Lost> {
        let keys = self.keys(phrase);
        one(self.assemblies.iter().filter(|org| org.names.contains(&keys)))
    }

    /// What an organization with a site is.
    pub fn kind_of(&self, slug: &str) -> RecordKind {
        let is_in = |all: &[Org]| all.iter().any(|org| org.slug == slug);
        match (is_in(&self.chambers), is_in(&self.parliaments)) {
            (true, _) => RecordKind::Chamber,
            (_, true) => RecordKind::Parliament,
            _ => RecordKind::Assembly,
        }
    }

    pub fn code(&self, parliament: &str) -> &str {
        let state = self.state_of.get(parliament).map(String::as_str).unwrap_or_default();
        self.codes.get(state).map(String::as_str).unwrap_or_default()
    }

    pub fn state_of(&self, parliament: &str) -> Option<&str> {
        self.state_of.get(parliament).map(String::as_str).filter(|slug| !slug.is_empty())
    }

    pub fn parliament_of(&self, chamber: &str) -> &str {
        self.parliament_of.get(chamber).map(String::as_str).unwrap_or_default()
    }

    pub fn chambers_of(&self, parliament: &str) -> impl Iterator<Item = &Org> {
        self.chambers.iter().filter(move |org| self.parliament_of(&org.slug) == parliament)
    }

    /// All words of the names of a parliament's state.
    fn state_keys(&self, parliament: &str) -> Keys {
        let state = self.state_of.get(parliament);
        let state = self.states.iter().find(|org| Some(&org.slug) == state);
        let mut keys: Keys =
            state.iter().flat_map(|org| org.names.iter().flatten()).cloned().collect();
        keys.extend(COMMON.iter().map(|word| key(word)));
        keys
    }

    /// The parliament that a phrase means: by a name of its own, also cut short, or as the only one
    /// of a state.
    pub fn parliament(&self, phrase: &str) -> Result<&Org, Lost> {
        let keys = self.keys(phrase);
        if keys.is_empty() {
            return Err(Lost::Unknown);
        }
        let exact = self.parliaments.iter().filter(|org| org.names.contains(&keys));
        match one(exact) {
            Err(Lost::Unknown) => {}
            found => return found,
        }
        let named = self.parliaments.iter().filter(|org| {
            let state = self.state_keys(&org.slug);
            org.names.iter().any(|name| {
                let mut core = name.difference(&state).peekable();
                core.peek().is_some()
                    && core.all(|key| keys.contains(key))
                    && keys.iter().all(|key| name.contains(key) || state.contains(key))
            })
        });
        match one(named) {
            Err(Lost::Unknown) => {}
            found => return found,
        }
        let common = set(COMMON);
        one(self.parliaments.iter().filter(|org| {
            let state = self.state_keys(&org.slug);
            let told = keys.iter().any(|key| state.contains(key) && !common.contains(key));
            told && keys.iter().all(|word| state.contains(word) || *word == key(PARLIAMENT))
        }))
    }

    /// The chamber of a parliament that a phrase means; none where it means the whole of it.
    pub fn chamber(&self, parliament: &Org, phrase: &str) -> Result<Option<&Org>, Lost> {
        let keys = self.keys(phrase);
        let exact = self.chambers_of(&parliament.slug).filter(|org| org.names.contains(&keys));
        match one(exact) {
            Err(Lost::Unknown) => {}
            found => return found.map(Some),
        }
        let state = self.state_keys(&parliament.slug);
        let whole: Keys = parliament.names.iter().flatten().cloned().chain(state).collect();
        let mut fitting: Vec<(usize, &Org)> = Vec::new();
        for org in self.chambers_of(&parliament.slug) {
            let heads = org.names.iter().filter_map(|name| {
                let head: Keys = name.difference(&whole).cloned().collect();
                let fits = !head.is_empty()
                    && head.is_subset(&keys)
                    && keys.iter().all(|key| name.contains(key) || whole.contains(key));
                fits.then_some(head.len())
            });
            fitting.extend(heads.max().map(|length| (length, org)));
        }
        let longest = fitting.iter().map(|fit| fit.0).max();
        match one(fitting.iter().filter(|fit| Some(fit.0) == longest).map(|fit| fit.1)) {
            Err(Lost::Unknown) => {}
            found => return found.map(Some),
        }
        for (word, house) in [("lower", House::Lower), ("upper", House::Upper)] {
            let said = set(&[word, "house", "chamber"]);
            if keys.contains(&key(word))
                && keys.iter().all(|key| said.contains(key) || whole.contains(key))
            {
                return self.house(parliament, house).map(Some);
            }
        }
        match keys.is_subset(&whole) {
            true => Ok(None),
            false => Err(Lost::Unknown),
        }
    }

    /// The only chamber of a parliament that is this house.
    pub fn house(&self, parliament: &Org, house: House) -> Result<&Org, Lost> {
        one(self
            .chambers_of(&parliament.slug)
            .filter(|org| self.houses.get(&org.slug) == Some(&house)))
    }

    /// The parliament and the assembly that the words before a verb mean; where they do not say the
    /// assembly, it is `usual`. What is lost comes with the words that lead nowhere.
    pub fn sender<'a>(
        &'a self,
        phrase: &str,
        usual: Option<&'a Org>,
    ) -> Result<(&'a Org, Option<&'a Org>), (Lost, String)> {
        let mut lost = None;
        for (parliament, assembly) in grammar::splits(phrase) {
            let Ok(assembly) = self.assembly(assembly) else { continue };
            match self.parliament(parliament) {
                Ok(parliament) => return Ok((parliament, Some(assembly))),
                Err(why) => lost = lost.or(Some((why, parliament.to_owned()))),
            }
        }
        match self.parliament(phrase) {
            Ok(parliament) => Ok((parliament, usual)),
            Err(why) => Err(lost.unwrap_or((why, phrase.to_owned()))),
        }
    }

    /// Whose site a phrase means: a chamber's, a parliament's or an assembly's. The parliament of the
    /// lines before comes first.
    pub fn site_of<'a>(&'a self, phrase: &str, near: Option<&'a Org>) -> Result<&'a Org, Lost> {
        let keys = self.keys(phrase);
        if let Some(near) = near {
            match self.chamber(near, phrase) {
                Ok(Some(chamber)) => return Ok(chamber),
                Ok(None) if self.is_named(near, &keys) => return Ok(self.only_chamber(near)),
                _ => {}
            }
        }
        match one(self.chambers.iter().filter(|org| org.names.contains(&keys))) {
            Err(Lost::Unknown) => {}
            found => return found,
        }
        let named =
            self.parliaments.iter().filter_map(|org| self.chamber(org, phrase).ok().flatten());
        match one(named) {
            Err(Lost::Unknown) => {}
            found => return found,
        }
        match self.parliament(phrase) {
            Err(Lost::Unknown) => self.assembly(phrase),
            found => found.map(|parliament| self.only_chamber(parliament)),
        }
    }

    /// Whether words name a parliament, and not its state alone.
    fn is_named(&self, parliament: &Org, keys: &Keys) -> bool {
        let state = self.state_keys(&parliament.slug);
        parliament.names.iter().any(|name| {
            let mut core = name.difference(&state).peekable();
            core.peek().is_some() && core.all(|key| keys.contains(key))
        })
    }

    /// The chamber of a parliament of one chamber, whose site is the parliament's; else itself.
    fn only_chamber<'a>(&'a self, parliament: &'a Org) -> &'a Org {
        let mut chambers = self.chambers_of(&parliament.slug);
        match (chambers.next(), chambers.next()) {
            (Some(only), None) => only,
            _ => parliament,
        }
    }

    /// What a second office is, and where it is held: at the secretariat of the assembly that it
    /// names, else at the assembly itself.
    pub fn office(&self, phrase: &str, usual: Option<&str>) -> Option<(Role, String)> {
        let lower = phrase.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().filter(|word| *word != "the").collect();
        let (begin, role) = OFFICES.iter().find(|(begin, _)| words.starts_with(begin))?;
        let rest = words[begin.len()..].join(" ");
        let assembly = match plain_keys(&rest).is_empty() {
            true => usual?.to_owned(),
            false => {
                let body = set(&["secretariat", "council"]);
                let keys = self.keys(&rest);
                let bare: Keys = keys.difference(&body).cloned().collect();
                let of = |keys: &Keys| {
                    one(self.assemblies.iter().filter(|org| org.names.contains(keys)))
                        .map(|org| org.slug.clone())
                };
                of(&keys).or_else(|_| of(&bare)).ok()?
            }
        };
        let place = match self.secretariats.get(&assembly).map(Vec::as_slice) {
            Some([only]) => only.clone(),
            _ => assembly,
        };
        Some((*role, place))
    }

    /// Who of those that hold a post goes by a name.
    pub fn holder(&self, name: &str, organization: &str, role: Role) -> Option<&str> {
        let held =
            self.posts.iter().filter(|post| post.organization == organization && post.role == role);
        let named = held.filter(|post| {
            let names = self.people.get(&post.member).into_iter().flatten();
            names.into_iter().any(|known| is_same_person(known, name))
        });
        let members: BTreeSet<&str> = named.map(|post| post.member.as_str()).collect();
        members.first().copied().filter(|_| members.len() == 1)
    }

    /// Notes that a person holds a post, by this name.
    pub fn add_post(
        &mut self,
        slug: &str,
        member: &str,
        organization: &str,
        role: Role,
        name: &str,
    ) {
        self.people.entry(member.to_owned()).or_default().push(name.to_owned());
        self.posts.push(Post {
            slug: slug.to_owned(),
            member: member.to_owned(),
            organization: organization.to_owned(),
            role,
            open: true,
        });
    }

    /// The post of a role that a person holds somewhere; of several spells the one that goes on.
    pub fn post(&self, member: &str, organization: &str, role: Role) -> Option<&Post> {
        let held = self.posts.iter().filter(|post| {
            post.member == member && post.organization == organization && post.role == role
        });
        held.max_by_key(|post| post.open)
    }
}

/// How patronymics end, in Latin letters as words are kept.
const PATRONYMICS: &[&str] = &["vich", "ich", "vna", "chna", "ogli", "uli", "uulu", "kizi"];

/// Whether two names are one person's: the same words in any order, but for a patronymic that one of
/// them leaves out.
pub fn is_same_person(one: &str, other: &str) -> bool {
    let words =
        |name: &str| -> Keys { fold::words(name).into_iter().map(|word| word.plain).collect() };
    let (one, other) = (words(one), words(other));
    // An initial stands for any name that begins with it.
    let stands = |word: &str, all: &Keys| {
        all.contains(word)
            || word.len() == 1 && all.iter().any(|full| full.starts_with(word))
            || all.iter().any(|short| short.len() == 1 && word.starts_with(short.as_str()))
    };
    let both = one.iter().filter(|word| stands(word, &other)).count();
    let full = one.iter().filter(|word| word.len() > 1 && other.contains(*word)).count();
    let rest = one.iter().filter(|word| !stands(word, &other));
    let rest: Vec<&String> = rest.chain(other.iter().filter(|word| !stands(word, &one))).collect();
    let patronymic = |word: &&String| PATRONYMICS.iter().any(|ending| word.ends_with(ending));
    both >= 2 && full >= 1 && rest.len() <= 1 && rest.iter().all(patronymic)
}

/// The only one of several; else why there is none.
fn one<'a>(found: impl Iterator<Item = &'a Org>) -> Result<&'a Org, Lost> {
    let found: BTreeMap<&str, &Org> = found.map(|org| (org.slug.as_str(), org)).collect();
    match found.len() {
        0 => Err(Lost::Unknown),
        1 => found.into_values().next().ok_or(Lost::Unknown),
        _ => Err(Lost::Several(found.into_keys().map(str::to_owned).collect())),
    }
}

/// Two made-up parliaments of two chambers, one of one, and an assembly.
#[cfg(any(test, fuzzing))]
pub fn made_up() -> Known {
    let mut known = Known::default();
    known.acronyms.insert(key("exu"), plain_keys("Exland Union"));
    known.acronyms.insert(key("pa"), set(&["parliamentary", "assembly"]));
    let org = |known: &Known, slug: &str, names: &[&str]| {
        let more = names[1..].iter().map(|name| (*name).to_owned());
        known.org(None, slug.to_owned(), names[0].to_owned(), more)
    };
    let assembly = org(&known, "pa", &["Parliamentary Assembly of the Exland Union"]);
    known.assemblies.push(assembly);
    for (slug, names) in [
        ("ex", &["Exland", "Republic of Exland"][..]),
        ("wy", &["Wyland", "Wylandic Federation"]),
        ("ze", &["Zedia", "Zedic Republic"]),
    ] {
        known.codes.insert(slug.to_owned(), slug.to_uppercase());
        let state = org(&known, slug, names);
        known.states.push(state);
    }
    for (slug, state, names) in [
        ("parliament-ex", "ex", &["National Assembly of the Republic of Exland"][..]),
        ("parliament-wy", "wy", &["Federal Assembly of the Wylandic Federation"]),
        ("parliament-ze", "ze", &["Supreme Council of the Zedic Republic", "Hural"]),
    ] {
        known.state_of.insert(slug.to_owned(), state.to_owned());
        let parliament = org(&known, slug, names);
        known.parliaments.push(parliament);
    }
    for (slug, parliament, house, name) in [
        (
            "ex-house",
            "parliament-ex",
            House::Lower,
            "House of Representatives of the National Assembly of the Republic of Exland",
        ),
        (
            "ex-council",
            "parliament-ex",
            House::Upper,
            "Council of the Republic of the National Assembly of the Republic of Exland",
        ),
        (
            "wy-duma",
            "parliament-wy",
            House::Lower,
            "State Duma of the Federal Assembly of the Wylandic Federation",
        ),
        (
            "wy-council",
            "parliament-wy",
            House::Upper,
            "Federation Council of the Federal Assembly of the Wylandic Federation",
        ),
        ("ze-council", "parliament-ze", House::Single, "Supreme Council of the Zedic Republic"),
    ] {
        known.parliament_of.insert(slug.to_owned(), parliament.to_owned());
        known.houses.insert(slug.to_owned(), house);
        let chamber = org(&known, slug, &[name]);
        known.chambers.push(chamber);
    }
    known.secretariats.insert("pa".to_owned(), vec!["pa-secretariat".to_owned()]);
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parliaments_are_known_cut_short_and_in_russian() {
        let known = made_up();
        let slug = |phrase: &str| known.parliament(phrase).map(|org| org.slug.clone());
        for (phrase, expected) in [
            ("the National Assembly of the Republic of Exland", "parliament-ex"),
            ("National Assembly of Exland", "parliament-ex"),
            ("Национального собрания Республики Exland", "parliament-ex"),
            ("the Federal Assembly", "parliament-wy"),
            ("the Parliament of Wyland", "parliament-wy"),
            ("Верховного Совета Zedic Республики", "parliament-ze"),
            ("the Hural of Zedia", "parliament-ze"),
            ("the Republic of Exland", "parliament-ex"),
        ] {
            assert_eq!(slug(phrase).as_deref(), Ok(expected), "{phrase}");
        }
        assert_eq!(slug("the Diet of Ruritania"), Err(Lost::Unknown));
        assert_eq!(slug("the National Assembly of Ruritania"), Err(Lost::Unknown));
        assert_eq!(slug("the Republic"), Err(Lost::Unknown));
    }

    #[test]
    fn chambers_are_known_cut_short() {
        let known = made_up();
        let chamber = |at: usize, phrase: &str| {
            let found = known.chamber(&known.parliaments[at], phrase);
            found.map(|org| org.map(|org| org.slug.clone()))
        };
        for (at, phrase, expected) in [
            (0, "House of Representatives of the National Assembly of Exland", Some("ex-house")),
            (
                0,
                "Council of the Republic of the National Assembly of the Republic of Exland",
                Some("ex-council"),
            ),
            (0, "Council of the Republic", Some("ex-council")),
            (0, "Палаты представителей Национального собрания", Some("ex-house")),
            (0, "upper house", Some("ex-council")),
            (0, "National Assembly of Exland", None),
            (1, "State Duma of the Wylandic Federation", Some("wy-duma")),
            (1, "Совета Федерации", Some("wy-council")),
            (1, "Wylandic Federation", None),
            (2, "Supreme Council of the Zedic Republic", Some("ze-council")),
        ] {
            assert_eq!(chamber(at, phrase), Ok(expected.map(str::to_owned)), "{phrase}");
        }
        assert_eq!(chamber(0, "State Duma"), Err(Lost::Unknown));
        assert_eq!(chamber(1, "House of Lords"), Err(Lost::Unknown));
    }

    #[test]
    fn senders_and_offices_name_an_assembly() {
        let known = made_up();
        let sender = |phrase: &str| {
            let found = known.sender(phrase, None);
            found.map(|(who, whom)| (who.slug.clone(), whom.map(|org| org.slug.clone())))
        };
        let ex = Ok(("parliament-ex".to_owned(), Some("pa".to_owned())));
        assert_eq!(sender("the National Assembly of Exland to the EXU PA"), ex);
        assert_eq!(sender("the National Assembly of Exland to the EXU Parliamentary Assembly"), ex);
        assert_eq!(sender("Национального собрания Exland в Парламентской Ассамблее EXU"), ex);
        assert_eq!(
            sender("the National Assembly of Exland"),
            Ok(("parliament-ex".to_owned(), None))
        );
        let office = |phrase: &str| known.office(phrase, Some("pa"));
        let deputy = Some((Role::DeputyExecutiveSecretary, "pa-secretariat".to_owned()));
        assert_eq!(office("deputy Executive Secretary of the EXU PA"), deputy);
        assert_eq!(office("заместитель Ответственного секретаря ПА EXU"), deputy);
        assert_eq!(office("Deputy Executive Secretary"), deputy);
        assert_eq!(office("deputy Executive Secretary of the NATO PA"), None);
        assert_eq!(office("poet"), None);
    }

    #[test]
    fn persons_are_known_with_and_without_a_patronymic() {
        for (one, other, same) in [
            ("Ivan Petrov", "Петров Иван Сергеевич", true),
            ("Ivan PETROV", "ivan petrov", true),
            ("I. Petrov", "Петров Иван Сергеевич", true),
            ("A. Petrov", "Ivan Petrov", false),
            ("I. P.", "Ivan Petrov", false),
            ("Ivan Petrov", "Ivan Ivanov", false),
            ("Ivan Petrov", "Ivan Petrov Junior", false),
            ("Petrov", "Petrov", false),
        ] {
            assert_eq!(is_same_person(one, other), same, "{one}, {other}");
        }
    }

    #[test]
    fn sites_belong_to_what_is_named() {
        let known = made_up();
        let site = |phrase: &str| known.site_of(phrase, None).map(|org| org.slug.clone());
        assert_eq!(
            site("the House of Representatives of the National Assembly of the Republic of Exland")
                .as_deref(),
            Ok("ex-house")
        );
        assert_eq!(site("the State Duma of the Wylandic Federation").as_deref(), Ok("wy-duma"));
        assert_eq!(site("the Supreme Council of the Zedic Republic").as_deref(), Ok("ze-council"));
        assert_eq!(site("the National Assembly of Exland").as_deref(), Ok("parliament-ex"));
        assert_eq!(site("the EXU PA").as_deref(), Ok("pa"));
        assert_eq!(site("the Senate of Ruritania"), Err(Lost::Unknown));
    }
}
