//! The word lists of `words/`, each parsed once.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, de::DeserializeOwned};

/// How one language words the sidebar, in lower case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sidebar {
    /// How a line on a delegation begins.
    pub delegation: Vec<String>,
    /// How a line on a representative begins.
    pub representative: Vec<String>,
    /// How a line on a website begins.
    pub website: Vec<String>,
    /// How a line begins that may follow another one within a paragraph, as written.
    pub starts: Vec<String>,
    /// Between a delegation and its numbers.
    pub verbs: Vec<String>,
    /// How the word begins that follows the name of a delegation.
    #[serde(default)]
    pub name_ends: Vec<String>,
    /// Between a parliament and the assembly that it sends to.
    pub links: Vec<String>,
    /// Who is counted.
    pub units: Vec<String>,
    /// Those of the units who sit in an upper house.
    pub senators: Vec<String>,
    /// Words around the name of a chamber that are no part of it.
    pub fillers: Vec<String>,
    /// The numbers from 1 on, each in all its forms.
    pub numbers: Vec<Vec<String>>,
}

/// Words of the line that dates a page, in lower case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// The months from January on, each in all its forms.
    pub months: Vec<Vec<String>>,
    pub weekdays: Vec<String>,
    /// What may stand before the day or after the year.
    pub around: Vec<String>,
}

/// Words of the names of parliaments, chambers, assemblies and their bodies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bodies {
    /// Made of these alone, a name does not distinguish a body.
    pub common: Vec<String>,
    /// Words that the names of many states share.
    pub states: Vec<String>,
    /// Words that do not matter to a comparison.
    pub fillers: Vec<String>,
    /// Acronyms, spelled out.
    pub acronyms: BTreeMap<String, String>,
}

/// What a representative may be besides, in lower case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offices {
    /// Bodies of an assembly that an office may name in its place.
    pub bodies: Vec<String>,
    /// How an office begins, by its role.
    pub roles: BTreeMap<String, Vec<String>>,
}

/// Parts of the names of persons.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// How patronymics end, in Latin letters as words are compared.
    pub patronymics: Vec<String>,
    /// First names of men that are women's with a vowel more.
    pub pairs: Vec<String>,
}

/// Endings of Russian words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endings {
    /// Those that are cut off, in Latin letters as words are compared.
    pub words: Vec<String>,
    /// Those of the name of a state in all its cases, by how the name ends in Latin letters.
    pub cases: BTreeMap<String, Vec<String>>,
}

/// Russian words of the names of bodies and states, by the English one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glossary {
    /// Names are searched by the first of several Russian words.
    pub words: BTreeMap<String, Vec<String>>,
    /// Further English words for a Russian one that has another in `words`.
    pub synonyms: BTreeMap<String, Vec<String>>,
}

/// English, then Russian.
pub static SIDEBARS: LazyLock<[Sidebar; 2]> = LazyLock::new(|| {
    [
        parse(include_str!("../words/sidebar.en.toml")),
        parse(include_str!("../words/sidebar.ru.toml")),
    ]
});
pub static DATES: LazyLock<Dates> = LazyLock::new(|| parse(include_str!("../words/dates.toml")));
pub static BODIES: LazyLock<Bodies> = LazyLock::new(|| parse(include_str!("../words/bodies.toml")));
pub static OFFICES: LazyLock<Offices> =
    LazyLock::new(|| parse(include_str!("../words/offices.toml")));
pub static NAMES: LazyLock<Names> = LazyLock::new(|| parse(include_str!("../words/names.toml")));
pub static ENDINGS: LazyLock<Endings> =
    LazyLock::new(|| parse(include_str!("../words/endings.toml")));
pub static GLOSSARY: LazyLock<Glossary> =
    LazyLock::new(|| parse(include_str!("../words/glossary.toml")));

fn parse<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("a test parses every word list")
}

/// Whether a list has a word.
pub fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|one| one == word)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use toml::{Table, Value};

    use super::*;

    #[test]
    fn every_list_parses() {
        assert_eq!(SIDEBARS.each_ref().map(|words| words.numbers.len()), [20, 20]);
        assert_eq!(DATES.months.len(), 12);
        assert!(!BODIES.common.is_empty() && !OFFICES.roles.is_empty());
        assert!(!NAMES.pairs.is_empty() && !ENDINGS.words.is_empty());
        assert!(!GLOSSARY.words.is_empty());
    }

    /// All lists of words within a value, with the keys that lead to them.
    fn lists(key: &str, value: &Value, all: &mut Vec<(String, Vec<String>)>) {
        match value {
            Value::Table(table) => {
                table
                    .iter()
                    .for_each(|(inner, value)| lists(&format!("{key}.{inner}"), value, all));
            }
            Value::Array(items) if items.iter().all(Value::is_str) => {
                let words = items.iter().filter_map(Value::as_str).map(str::to_owned);
                all.push((key.to_owned(), words.collect()));
            }
            Value::Array(items) => items.iter().for_each(|value| lists(key, value, all)),
            _ => {}
        }
    }

    /// The keys of a file in the order of their lines, in parts between tables.
    fn keys(text: &str) -> Vec<Vec<&str>> {
        let parts = text.split("\n[").map(|part| {
            part.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key).collect()
        });
        parts.collect()
    }

    #[test]
    fn lists_are_sorted_and_name_nothing_twice() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("words");
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let table: Table = text.parse().unwrap();
            let mut all = Vec::new();
            lists(&path.display().to_string(), &Value::Table(table), &mut all);
            for (key, words) in all {
                // The first of several is preferred.
                let is_ranked = key.contains("glossary.toml.words");
                assert!(is_ranked || words.is_sorted(), "{key} is not sorted: {words:?}");
                let mut unique = words.clone();
                unique.sort();
                unique.dedup();
                assert_eq!(unique.len(), words.len(), "{key} names a word twice: {words:?}");
            }
            for tables in keys(&text).iter().skip(1) {
                assert!(tables.is_sorted(), "{}: sort the keys {tables:?}", path.display());
            }
        }
    }
}
