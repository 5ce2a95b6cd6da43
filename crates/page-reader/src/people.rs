//! Matches the names in posts with members. An equal name is not enough: a matching member is also
//! affiliated with the parliament or the assembly of the post.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    directory::{Directory, is_same_person},
    graph::Person,
    word,
};

/// The minimum number of equal words of similar names: a first name and a surname.
const MIN_EQUAL_WORDS: usize = 2;

/// Members with names similar to those in posts, by slug.
pub struct People(BTreeMap<String, Person>);

/// The slugs of the members that match a name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    pub affiliated: BTreeSet<String>,
    pub unaffiliated: BTreeSet<String>,
}

/// Returns the folded words of a name.
pub fn words(name: &str) -> BTreeSet<String> {
    word::words(name).into_iter().map(|word| word.plain).collect()
}

/// Whether two names have enough words in common to be names of the same person.
pub fn is_similar(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    one.intersection(other).count() >= MIN_EQUAL_WORDS
}

impl People {
    pub fn new(people: Vec<Person>) -> Self {
        Self(people.into_iter().map(|person| (person.slug.clone(), person)).collect())
    }

    /// Returns the members with an equal name, or, if none of them is affiliated, with a name that
    /// differs by a patronymic.
    pub fn candidates(
        &self,
        name: &str,
        directory: &Directory,
        organization: &str,
        has_initial: bool,
    ) -> Candidates {
        let related = related_organizations(directory, organization);
        let folded = word::fold(name);
        let rules: [&dyn Fn(&str) -> bool; 2] =
            [&|other| word::fold(other) == folded, &|other| is_same_person(other, name)];
        // A name with an initial matches too many names under the second rule.
        let rules = if has_initial { &rules[..1] } else { &rules[..] };
        let mut candidates = Candidates::default();
        for is_match in rules {
            let matches =
                self.0.values().filter(|person| person.names.iter().any(|name| is_match(name)));
            for person in matches {
                let slugs = if person.affiliations.is_disjoint(&related) {
                    &mut candidates.unaffiliated
                } else {
                    &mut candidates.affiliated
                };
                slugs.insert(person.slug.clone());
            }
            if !candidates.affiliated.is_empty() {
                break;
            }
        }
        candidates
    }

    /// Adds a name and an affiliation of a member.
    pub fn add(&mut self, slug: &str, name: &str, organization: &str) {
        let new = || Person { slug: slug.to_owned(), ..Person::default() };
        let person = self.0.entry(slug.to_owned()).or_insert_with(new);
        person.names.push(name.to_owned());
        person.affiliations.insert(organization.to_owned());
    }
}

/// Returns an organization and those related to it: for a delegation, its assembly and its parliament
/// with the chambers, the state and all delegations; for a body, its assemblies; for each of the
/// assemblies, its bodies and delegations.
fn related_organizations(directory: &Directory, organization: &str) -> BTreeSet<String> {
    let mut related = BTreeSet::from([organization.to_owned()]);
    let mut assemblies = BTreeSet::from([organization]);
    let with_body = directory.bodies.iter().filter(|(_, bodies)| bodies.contains(organization));
    assemblies.extend(with_body.map(|(assembly, _)| assembly.as_str()));
    if let Some(row) = directory.delegations.iter().find(|row| row.slug == organization) {
        assemblies.insert(&row.assembly);
        related.insert(row.parliament.clone());
        related.extend(directory.state_of(&row.parliament).map(str::to_owned));
        related.extend(directory.chambers_of(&row.parliament).map(|entry| entry.slug.clone()));
        let delegations =
            directory.delegations.iter().filter(|other| other.parliament == row.parliament);
        related.extend(delegations.map(|other| other.slug.clone()));
    }
    for assembly in assemblies {
        let delegations = directory.delegations.iter().filter(|other| other.assembly == assembly);
        related.extend(delegations.map(|other| other.slug.clone()));
        related.extend(directory.bodies.get(assembly).into_iter().flatten().cloned());
        related.insert(assembly.to_owned());
    }
    related
}
