//! Who the persons in posts may be. A name alone makes nobody the same: whoever is taken for the person
//! has a affiliation to the parliament or the assembly that the page speaks of.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    directory::{Directory, is_same_person},
    graph::Person,
    word,
};

/// How many words of a name a candidate shares with it: a first name and a surname.
const SHARED: usize = 2;

/// The persons with names like those of the posts, by slug.
pub struct People(BTreeMap<String, Person>);

/// Who may go by a name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Those who have a affiliation.
    pub near: BTreeSet<String>,
    /// Others of that name.
    pub far: BTreeSet<String>,
}

/// The words of a name, without regard to their order.
pub fn words(name: &str) -> BTreeSet<String> {
    word::words(name).into_iter().map(|word| word.plain).collect()
}

/// Whether a name shares enough words with another one to be that of the same person.
pub fn is_similar(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    one.intersection(other).count() >= SHARED
}

impl People {
    pub fn new(people: Vec<Person>) -> Self {
        Self(people.into_iter().map(|person| (person.slug.clone(), person)).collect())
    }

    /// Whoever goes by a name, an exact one before one with or without a patronymic.
    pub fn candidates(
        &self,
        name: &str,
        directory: &Directory,
        organization: &str,
        is_short: bool,
    ) -> Candidates {
        let circle = circle(directory, organization);
        let exact = word::fold(name);
        let rules: [&dyn Fn(&str) -> bool; 2] =
            [&|known| word::fold(known) == exact, &|known| is_same_person(known, name)];
        // An initial distinguishes a person only among the few who can be meant.
        let rules = if is_short { &rules[..1] } else { &rules[..] };
        let mut far = BTreeSet::new();
        for is_match in rules {
            let matches = self.0.values().filter(|one| one.names.iter().any(|name| is_match(name)));
            let (near, others): (Vec<_>, Vec<_>) =
                matches.partition(|person| !person.affiliations.is_disjoint(&circle));
            far.extend(others.into_iter().map(|person| person.slug.clone()));
            if !near.is_empty() {
                let near = near.into_iter().map(|person| person.slug.clone()).collect();
                return Candidates { near, far };
            }
        }
        Candidates { near: BTreeSet::new(), far }
    }

    /// Notes somebody who holds a post.
    pub fn add(&mut self, slug: &str, name: &str, organization: &str) {
        let new = || Person { slug: slug.to_owned(), ..Person::default() };
        let person = self.0.entry(slug.to_owned()).or_insert_with(new);
        person.names.push(name.to_owned());
        person.affiliations.insert(organization.to_owned());
    }
}

/// The organizations around one: of a delegation its parliament with the chambers, the state and
/// all delegations, and its assembly; of a body its assemblies; of an assembly its bodies and
/// delegations.
fn circle(directory: &Directory, organization: &str) -> BTreeSet<String> {
    let mut circle = BTreeSet::from([organization.to_owned()]);
    let mut assemblies = BTreeSet::from([organization]);
    let of = directory.bodies.iter().filter(|(_, bodies)| bodies.contains(organization));
    assemblies.extend(of.map(|(assembly, _)| assembly.as_str()));
    if let Some(row) = directory.delegations.iter().find(|row| row.slug == organization) {
        assemblies.insert(&row.assembly);
        circle.insert(row.parliament.clone());
        circle.extend(directory.state_of(&row.parliament).map(str::to_owned));
        circle.extend(directory.chambers_of(&row.parliament).map(|entry| entry.slug.clone()));
        let sent = directory.delegations.iter().filter(|other| other.parliament == row.parliament);
        circle.extend(sent.map(|other| other.slug.clone()));
    }
    for assembly in assemblies {
        let sent = directory.delegations.iter().filter(|other| other.assembly == assembly);
        circle.extend(sent.map(|other| other.slug.clone()));
        circle.extend(directory.bodies.get(assembly).into_iter().flatten().cloned());
        circle.insert(assembly.to_owned());
    }
    circle
}
