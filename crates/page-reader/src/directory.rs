//! Matches phrases of the sidebar with organizations of the graph. A lookup succeeds only if exactly
//! one organization matches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    glossary,
    glossary::stem,
    grammar,
    graph::{Allocation, Delegation, Graph, House, Kind, Name, Organization, Post},
    lists::{self, BODIES, OFFICES, PERSON_NAMES},
    mention::NameIndex,
    slugs::Slugs,
    word,
};

/// The English stems of the words of a phrase, without order and fillers.
pub type Keys = BTreeSet<String>;

/// An organization or a state, with the keys of all its names.
#[derive(Clone, Debug)]
pub struct Entry {
    pub slug: String,
    pub name: String,
    names: Vec<Keys>,
}

/// Why a phrase does not match one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    Unknown,
    Ambiguous(Vec<String>),
}

/// The organizations and posts of the graph, and those that previous pages add.
#[derive(Clone, Default)]
pub struct Directory {
    pub assemblies: Vec<Entry>,
    states: Vec<Entry>,
    pub parliaments: Vec<Entry>,
    pub chambers: Vec<Entry>,
    state_of: HashMap<String, String>,
    codes: HashMap<String, String>,
    houses: HashMap<String, House>,
    /// The bodies and the secretariats of each assembly.
    pub bodies: BTreeMap<String, BTreeSet<String>>,
    secretariats: BTreeMap<String, Vec<String>>,
    pub delegations: Vec<Delegation>,
    pub allocations: Vec<Allocation>,
    pub posts: Vec<Post>,
    /// All names of the holders of the posts.
    holders: HashMap<String, Vec<String>>,
    exclusive_roles: Vec<String>,
    /// The keys of full names by acronym.
    acronyms: HashMap<String, Keys>,
    pub names: NameIndex,
    pub slugs: Slugs,
}

/// A word for any parliament.
const PARLIAMENT: &str = "parliament";

/// Returns the keys of a phrase without replacing acronyms.
fn plain_keys(phrase: &str) -> Keys {
    let mut keys = Keys::new();
    let mut inter = false;
    for word in word::words(phrase) {
        // "Inter-Parliamentary" is one word.
        if word.plain == "inter" {
            inter = true;
            continue;
        }
        if glossary::is_filler(&word.plain) {
            continue;
        }
        let stem = if word.cyrillic { glossary::english_stem(word.stem()) } else { word.stem() };
        keys.insert(if std::mem::take(&mut inter) {
            format!("inter{stem}")
        } else {
            stem.to_owned()
        });
    }
    keys
}

fn stems<T: AsRef<str>>(words: &[T]) -> Keys {
    words.iter().map(|word| stem(word.as_ref())).collect()
}

/// Returns the full names of the acronyms of `words/` and of the unions.
fn acronyms(unions: &[Organization]) -> HashMap<String, Keys> {
    let mut acronyms = HashMap::new();
    for union in unions {
        for short in union.names.iter().filter(|name| !name.contains(char::is_lowercase)) {
            let keys = plain_keys(short);
            if keys.len() == 1 {
                acronyms.extend(keys.into_iter().map(|key| (key, plain_keys(&union.name))));
            }
        }
    }
    let known = BODIES.acronyms.iter();
    acronyms.extend(known.map(|(short, long)| (stem(short), plain_keys(long))));
    acronyms
}

impl Directory {
    pub fn new(graph: Graph) -> Self {
        let mut directory = Self {
            acronyms: acronyms(&graph.unions),
            delegations: graph.delegations,
            allocations: graph.allocations,
            posts: graph.posts,
            holders: graph.holders,
            exclusive_roles: graph.exclusive_roles,
            names: NameIndex {
                all: graph.names,
                conveners: graph.conveners,
                parliaments: HashMap::new(),
            },
            slugs: Slugs(graph.slugs),
            ..Self::default()
        };
        for row in graph.assemblies {
            let entry = directory.entry(row.organization);
            directory.bodies.insert(entry.slug.clone(), row.bodies);
            directory.secretariats.insert(entry.slug.clone(), row.secretariats);
            directory.assemblies.push(entry);
        }
        for row in graph.states {
            let entry = directory.entry(row.organization);
            directory.codes.insert(entry.slug.clone(), row.code);
            directory.states.push(entry);
        }
        for row in graph.parliaments {
            let entry = directory.entry(row.organization);
            directory.state_of.extend(row.state.map(|state| (entry.slug.clone(), state)));
            directory.parliaments.push(entry);
        }
        for row in graph.chambers {
            let entry = directory.entry(row.organization);
            directory.names.parliaments.insert(entry.slug.clone(), row.parliament);
            directory.houses.extend(row.house.map(|house| (entry.slug.clone(), house)));
            directory.chambers.push(entry);
        }
        directory
    }

    /// Adds a name of a new record.
    pub fn add_name(&mut self, kind: Kind, slug: &str, text: &str) {
        let (slug, text) = (slug.to_owned(), text.to_owned());
        self.names.all.push(Name { slug, kind, text });
    }

    fn entry(&self, organization: Organization) -> Entry {
        let Organization { slug, name, names } = organization;
        let names = [&name].into_iter().chain(&names).map(|name| self.keys(name));
        let mut names: Vec<Keys> = names.filter(|keys| !keys.is_empty()).collect();
        names.dedup();
        Entry { slug, name, names }
    }

    /// Returns the keys of a phrase, with acronyms replaced by full names.
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

    /// Finds the assembly that a phrase names.
    pub fn assembly(&self, phrase: &str) -> Result<&Entry, LookupError> {
        let keys = self.keys(phrase);
        only(self.assemblies.iter().filter(|entry| entry.names.contains(&keys)))
    }

    /// Returns the kind of an organization with a website.
    pub fn kind_of(&self, slug: &str) -> Kind {
        let is_in = |all: &[Entry]| all.iter().any(|entry| entry.slug == slug);
        match (is_in(&self.chambers), is_in(&self.parliaments)) {
            (true, _) => Kind::Chamber,
            (_, true) => Kind::Parliament,
            _ => Kind::Assembly,
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
        self.names.parliaments.get(chamber).map(String::as_str).unwrap_or_default()
    }

    pub fn chambers_of(&self, parliament: &str) -> impl Iterator<Item = &Entry> {
        self.chambers.iter().filter(move |entry| self.parliament_of(&entry.slug) == parliament)
    }

    /// Returns the keys of all names of a parliament's state.
    fn state_keys(&self, parliament: &str) -> Keys {
        let state = self.state_of.get(parliament);
        let state = self.states.iter().find(|entry| Some(&entry.slug) == state);
        let mut keys: Keys =
            state.iter().flat_map(|entry| entry.names.iter().flatten()).cloned().collect();
        keys.extend(stems(&BODIES.states));
        keys
    }

    /// Finds the parliament that a phrase names: by its full or shortened name, or by the name of its
    /// state.
    pub fn parliament(&self, phrase: &str) -> Result<&Entry, LookupError> {
        let keys = self.keys(phrase);
        if keys.is_empty() {
            return Err(LookupError::Unknown);
        }
        let exact = self.parliaments.iter().filter(|entry| entry.names.contains(&keys));
        match only(exact) {
            Err(LookupError::Unknown) => {}
            found => return found,
        }
        let named = self.parliaments.iter().filter(|entry| {
            let state = self.state_keys(&entry.slug);
            entry.names.iter().any(|name| {
                let mut core = name.difference(&state).peekable();
                core.peek().is_some()
                    && core.all(|key| keys.contains(key))
                    && keys.iter().all(|key| name.contains(key) || state.contains(key))
            })
        });
        match only(named) {
            Err(LookupError::Unknown) => {}
            found => return found,
        }
        let common = stems(&BODIES.states);
        only(self.parliaments.iter().filter(|entry| {
            let state = self.state_keys(&entry.slug);
            let is_named = keys.iter().any(|key| state.contains(key) && !common.contains(key));
            is_named && keys.iter().all(|word| state.contains(word) || *word == stem(PARLIAMENT))
        }))
    }

    /// Finds the chamber of a parliament that a phrase names. Returns `None` if the phrase names the whole
    /// parliament.
    pub fn chamber(&self, parliament: &Entry, phrase: &str) -> Result<Option<&Entry>, LookupError> {
        let keys = self.keys(phrase);
        let exact = self.chambers_of(&parliament.slug).filter(|entry| entry.names.contains(&keys));
        match only(exact) {
            Err(LookupError::Unknown) => {}
            found => return found.map(Some),
        }
        let state = self.state_keys(&parliament.slug);
        let whole: Keys = parliament.names.iter().flatten().cloned().chain(state).collect();
        let mut fitting: Vec<(usize, &Entry)> = Vec::new();
        for entry in self.chambers_of(&parliament.slug) {
            let heads = entry.names.iter().filter_map(|name| {
                let head: Keys = name.difference(&whole).cloned().collect();
                let fits = !head.is_empty()
                    && head.is_subset(&keys)
                    && keys.iter().all(|key| name.contains(key) || whole.contains(key));
                fits.then_some(head.len())
            });
            fitting.extend(heads.max().map(|length| (length, entry)));
        }
        let longest = fitting.iter().map(|fit| fit.0).max();
        match only(fitting.iter().filter(|fit| Some(fit.0) == longest).map(|fit| fit.1)) {
            Err(LookupError::Unknown) => {}
            found => return found.map(Some),
        }
        for (word, house) in [("lower", House::Lower), ("upper", House::Upper)] {
            let known = stems(&[word, "house", "chamber"]);
            if keys.contains(&stem(word))
                && keys.iter().all(|key| known.contains(key) || whole.contains(key))
            {
                return self.house(parliament, house).map(Some);
            }
        }
        if keys.is_subset(&whole) { Ok(None) } else { Err(LookupError::Unknown) }
    }

    /// Finds the lower or upper house of a parliament.
    pub fn house(&self, parliament: &Entry, house: House) -> Result<&Entry, LookupError> {
        only(
            self.chambers_of(&parliament.slug)
                .filter(|entry| self.houses.get(&entry.slug) == Some(&house)),
        )
    }

    /// Finds the parliament and the assembly that the phrase before a verb names; `usual` is the default
    /// assembly. An error contains the phrase that did not match.
    pub fn sender<'a>(
        &'a self,
        phrase: &str,
        usual: Option<&'a Entry>,
    ) -> Result<(&'a Entry, Option<&'a Entry>), (LookupError, String)> {
        let mut error = None;
        for (parliament, assembly) in grammar::splits(phrase) {
            let Ok(assembly) = self.assembly(assembly) else { continue };
            match self.parliament(parliament) {
                Ok(parliament) => return Ok((parliament, Some(assembly))),
                Err(why) => error = error.or(Some((why, parliament.to_owned()))),
            }
        }
        match self.parliament(phrase) {
            Ok(parliament) => Ok((parliament, usual)),
            Err(why) => Err(error.unwrap_or((why, phrase.to_owned()))),
        }
    }

    /// Finds the chamber, parliament or assembly of a website. Prefers the chambers of `near`, the parliament
    /// of the previous lines.
    pub fn site_of<'a>(
        &'a self,
        phrase: &str,
        near: Option<&'a Entry>,
    ) -> Result<&'a Entry, LookupError> {
        let keys = self.keys(phrase);
        if let Some(near) = near {
            match self.chamber(near, phrase) {
                Ok(Some(chamber)) => return Ok(chamber),
                Ok(None) if self.is_named(near, &keys) => return Ok(self.only_chamber(near)),
                _ => {}
            }
        }
        match only(self.chambers.iter().filter(|entry| entry.names.contains(&keys))) {
            Err(LookupError::Unknown) => {}
            found => return found,
        }
        let named =
            self.parliaments.iter().filter_map(|entry| self.chamber(entry, phrase).ok().flatten());
        match only(named) {
            Err(LookupError::Unknown) => {}
            found => return found,
        }
        match self.parliament(phrase) {
            Err(LookupError::Unknown) => self.assembly(phrase),
            found => found.map(|parliament| self.only_chamber(parliament)),
        }
    }

    /// Whether keys contain the name of a parliament, not only that of its state.
    fn is_named(&self, parliament: &Entry, keys: &Keys) -> bool {
        let state = self.state_keys(&parliament.slug);
        parliament.names.iter().any(|name| {
            let mut core = name.difference(&state).peekable();
            core.peek().is_some() && core.all(|key| keys.contains(key))
        })
    }

    /// Returns the chamber of a unicameral parliament, whose website is that of the parliament; otherwise
    /// the parliament.
    fn only_chamber<'a>(&'a self, parliament: &'a Entry) -> &'a Entry {
        let mut chambers = self.chambers_of(&parliament.slug);
        match (chambers.next(), chambers.next()) {
            (Some(only), None) => only,
            _ => parliament,
        }
    }

    /// Returns the role and the organization of an office: the only secretariat of the assembly,
    /// otherwise the assembly.
    pub fn office(&self, phrase: &str, usual: Option<&str>) -> Option<(String, String)> {
        let lower = phrase.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().filter(|word| *word != "the").collect();
        let phrases =
            OFFICES.roles.iter().flat_map(|(role, all)| all.iter().map(move |one| (role, one)));
        let begun = phrases.filter_map(|(role, phrase)| {
            let phrase: Vec<&str> = phrase.split(' ').collect();
            words.strip_prefix(&phrase[..]).map(|rest| (role, rest))
        });
        let (role, rest) = begun.min_by_key(|(_, rest)| rest.len())?;
        let rest = rest.join(" ");
        let assembly = if plain_keys(&rest).is_empty() {
            usual?.to_owned()
        } else {
            let keys = self.keys(&rest);
            let bare: Keys = keys.difference(&stems(&OFFICES.bodies)).cloned().collect();
            let of = |keys: &Keys| {
                only(self.assemblies.iter().filter(|entry| entry.names.contains(keys)))
                    .map(|entry| entry.slug.clone())
            };
            of(&keys).or_else(|_| of(&bare)).ok()?
        };
        let place = match self.secretariats.get(&assembly).map(Vec::as_slice) {
            Some([only]) => only.clone(),
            _ => assembly,
        };
        Some((role.clone(), place))
    }

    /// Whether only one person holds a role at a time.
    pub fn is_exclusive(&self, role: &str) -> bool {
        lists::contains(&self.exclusive_roles, role)
    }

    /// Returns the only holder of a post with a name.
    pub fn holder(&self, name: &str, organization: &str, role: &str) -> Option<&str> {
        let named = self.posts.iter().filter(|post| {
            let names = self.holders.get(&post.member).into_iter().flatten();
            post.is(organization, role)
                && names.into_iter().any(|known| is_same_person(known, name))
        });
        let members: BTreeSet<&str> = named.map(|post| post.member.as_str()).collect();
        members.first().copied().filter(|_| members.len() == 1)
    }

    /// Adds a post and a name of its holder.
    pub fn add_post(&mut self, post: Post, name: &str) {
        self.holders.entry(post.member.clone()).or_default().push(name.to_owned());
        self.posts.push(post);
    }

    /// Returns the post of a member in an organization, preferably one without an end date.
    pub fn post(&self, member: &str, organization: &str, role: &str) -> Option<&Post> {
        let held = self.posts.iter();
        let held = held.filter(|post| post.member == member && post.is(organization, role));
        held.max_by_key(|post| post.open)
    }
}

/// Whether two names can be names of one person: they have the same words in any order, except that one
/// may omit a patronymic or abbreviate a first name.
pub fn is_same_person(one: &str, other: &str) -> bool {
    let words =
        |name: &str| -> Keys { word::words(name).into_iter().map(|word| word.plain).collect() };
    let (one, other) = (words(one), words(other));
    // An initial matches any name that begins with it.
    let matches = |word: &str, all: &Keys| {
        all.contains(word)
            || word.len() == 1 && all.iter().any(|full| full.starts_with(word))
            || all.iter().any(|short| short.len() == 1 && word.starts_with(short.as_str()))
    };
    let both = one.iter().filter(|word| matches(word, &other)).count();
    let full = one.iter().filter(|word| word.len() > 1 && other.contains(*word)).count();
    let rest = one.iter().filter(|word| !matches(word, &other));
    let rest: Vec<&String> = rest.chain(other.iter().filter(|word| !matches(word, &one))).collect();
    let patronymic =
        |word: &&String| PERSON_NAMES.patronymics.iter().any(|ending| word.ends_with(ending));
    both >= 2 && full >= 1 && rest.len() <= 1 && rest.iter().all(patronymic)
}

/// Returns the only entry of an iterator.
fn only<'a>(found: impl Iterator<Item = &'a Entry>) -> Result<&'a Entry, LookupError> {
    let found: BTreeMap<&str, &Entry> = found.map(|entry| (entry.slug.as_str(), entry)).collect();
    match found.len() {
        0 => Err(LookupError::Unknown),
        1 => found.into_values().next().ok_or(LookupError::Unknown),
        _ => Err(LookupError::Ambiguous(found.into_keys().map(str::to_owned).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample;

    #[test]
    fn parliaments_match_shortened_and_russian_names() {
        let known = Directory::new(sample());
        let slug = |phrase: &str| known.parliament(phrase).map(|entry| entry.slug.clone());
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
        assert_eq!(slug("the Diet of Ruritania"), Err(LookupError::Unknown));
        assert_eq!(slug("the National Assembly of Ruritania"), Err(LookupError::Unknown));
        assert_eq!(slug("the Republic"), Err(LookupError::Unknown));
    }

    #[test]
    fn chambers_match_shortened_names() {
        let known = Directory::new(sample());
        let chamber = |at: usize, phrase: &str| {
            let found = known.chamber(&known.parliaments[at], phrase);
            found.map(|entry| entry.map(|entry| entry.slug.clone()))
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
        assert_eq!(chamber(0, "State Duma"), Err(LookupError::Unknown));
        assert_eq!(chamber(1, "House of Lords"), Err(LookupError::Unknown));
    }

    #[test]
    fn phrases_of_delegations_and_offices_match_an_assembly() {
        let known = Directory::new(sample());
        let sender = |phrase: &str| {
            let found = known.sender(phrase, None);
            found.map(|(who, whom)| (who.slug.clone(), whom.map(|entry| entry.slug.clone())))
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
        let deputy = Some(("DEPUTY_EXECUTIVE_SECRETARY".to_owned(), "pa-secretariat".to_owned()));
        assert_eq!(office("deputy Executive Secretary of the EXU PA"), deputy);
        assert_eq!(office("заместитель Ответственного секретаря ПА EXU"), deputy);
        assert_eq!(office("Deputy Executive Secretary"), deputy);
        assert_eq!(office("deputy Executive Secretary of the NATO PA"), None);
        assert_eq!(office("poet"), None);
    }

    #[test]
    fn persons_match_with_and_without_a_patronymic() {
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
    fn websites_match_the_named_organization() {
        let known = Directory::new(sample());
        let site = |phrase: &str| known.site_of(phrase, None).map(|entry| entry.slug.clone());
        assert_eq!(
            site("the House of Representatives of the National Assembly of the Republic of Exland")
                .as_deref(),
            Ok("ex-house")
        );
        assert_eq!(site("the State Duma of the Wylandic Federation").as_deref(), Ok("wy-duma"));
        assert_eq!(site("the Supreme Council of the Zedic Republic").as_deref(), Ok("ze-council"));
        assert_eq!(site("the National Assembly of Exland").as_deref(), Ok("parliament-ex"));
        assert_eq!(site("the EXU PA").as_deref(), Ok("pa"));
        assert_eq!(site("the Senate of Ruritania"), Err(LookupError::Unknown));
    }
}
