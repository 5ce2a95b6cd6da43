//! The word lists of `words/`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, de::DeserializeOwned};

/// The wording of sidebars in one language, in lower case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// Beginnings of lines on delegations.
    pub delegation: Vec<String>,
    /// Beginnings of lines on representatives.
    pub representative: Vec<String>,
    /// Beginnings of lines on websites.
    pub website: Vec<String>,
    /// Beginnings of lines that may follow another one in the same paragraph, case-sensitive.
    pub line_starts: Vec<String>,
    /// Verbs between the name of a delegation and its numbers of seats.
    pub verbs: Vec<String>,
    /// Beginnings of the word after the name of a delegation.
    #[serde(default)]
    pub name_ends: Vec<String>,
    /// Prepositions between a parliament and the assembly of its delegation.
    pub prepositions: Vec<String>,
    /// Nouns for the members of a delegation.
    pub units: Vec<String>,
    /// The units that are members of an upper house.
    pub senators: Vec<String>,
    /// Words before and after the name of a chamber that are not part of the name.
    pub fillers: Vec<String>,
    /// The numerals from 1, each in all its forms.
    pub numbers: Vec<Vec<String>>,
}

/// Words of datelines, in lower case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// The months from January, each in all its forms.
    pub months: Vec<Vec<String>>,
    pub weekdays: Vec<String>,
    /// Words that are ignored.
    pub fillers: Vec<String>,
}

/// Words of the names of parliaments, chambers, assemblies and their bodies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bodies {
    /// Common words: a name of only these words does not identify a body.
    pub common: Vec<String>,
    /// Words that occur in the names of many states.
    pub states: Vec<String>,
    /// Words that comparisons ignore.
    pub fillers: Vec<String>,
    /// Full names by acronym.
    pub acronyms: BTreeMap<String, String>,
}

/// Other offices of representatives, in lower case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offices {
    /// Bodies that the title of an office may name together with their assembly.
    pub bodies: Vec<String>,
    /// Beginnings of the titles of offices, by role.
    pub roles: BTreeMap<String, Vec<String>>,
}

/// Parts of names of persons.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonNames {
    /// Endings of patronymics, as folded words.
    pub patronymics: Vec<String>,
    /// First names of men that become first names of women by adding a vowel.
    pub paired_first_names: Vec<String>,
}

/// Inflectional endings of Russian words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endings {
    /// Endings that stemming removes, as folded words.
    pub words: Vec<String>,
    /// Case endings of names of states, by the ending of the folded name.
    pub cases: BTreeMap<String, Vec<String>>,
}

/// Russian words of names of bodies and states, by English word.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glossary {
    /// Of several Russian words the first one is used to search for names.
    pub words: BTreeMap<String, Vec<String>>,
    /// Other English words for a Russian word of `words`.
    pub synonyms: BTreeMap<String, Vec<String>>,
}

/// English, then Russian.
pub static WORDINGS: LazyLock<[Wording; 2]> = LazyLock::new(|| {
    [
        parse(include_str!("../words/sidebar.en.toml")),
        parse(include_str!("../words/sidebar.ru.toml")),
    ]
});
pub static DATES: LazyLock<Dates> = LazyLock::new(|| parse(include_str!("../words/dates.toml")));
pub static BODIES: LazyLock<Bodies> = LazyLock::new(|| parse(include_str!("../words/bodies.toml")));
pub static OFFICES: LazyLock<Offices> =
    LazyLock::new(|| parse(include_str!("../words/offices.toml")));
pub static PERSON_NAMES: LazyLock<PersonNames> =
    LazyLock::new(|| parse(include_str!("../words/names.toml")));
pub static ENDINGS: LazyLock<Endings> =
    LazyLock::new(|| parse(include_str!("../words/endings.toml")));
pub static GLOSSARY: LazyLock<Glossary> =
    LazyLock::new(|| parse(include_str!("../words/glossary.toml")));

fn parse<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("a test parses every word list")
}

/// Whether a list contains a word.
pub fn contains(list: &[String], word: &str) -> bool {
    list.iter().any(|item| item == word)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use toml::{Table, Value};

    use super::*;

    #[test]
    fn every_list_parses() {
        assert_eq!(WORDINGS.each_ref().map(|words| words.numbers.len()), [20, 20]);
        assert_eq!(DATES.months.len(), 12);
        assert!(!BODIES.common.is_empty() && !OFFICES.roles.is_empty());
        assert!(!PERSON_NAMES.paired_first_names.is_empty() && !ENDINGS.words.is_empty());
        assert!(!GLOSSARY.words.is_empty());
    }

    /// Collects the word lists in a value, with their key paths.
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

    /// Returns the keys of each table of a file, in the order of lines.
    fn keys(text: &str) -> Vec<Vec<&str>> {
        let parts = text.split("\n[").map(|part| {
            part.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key).collect()
        });
        parts.collect()
    }

    #[test]
    fn lists_are_sorted_and_have_no_duplicates() {
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
                assert_eq!(unique.len(), words.len(), "{key} has a duplicate: {words:?}");
            }
            for tables in keys(&text).iter().skip(1) {
                assert!(tables.is_sorted(), "{}: sort the keys {tables:?}", path.display());
            }
        }
    }
}
