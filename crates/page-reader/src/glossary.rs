//! Translates the words of names of parliaments, states and assemblies between Russian and English,
//! so that a Russian page matches records that only have English names.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    lists::{self, BODIES, GLOSSARY},
    word,
};

/// Returns every pair of a Russian and an English word; of several translations the preferred one
/// first.
fn pairs() -> impl DoubleEndedIterator<Item = (&'static str, &'static str)> {
    let all = GLOSSARY.words.iter().chain(&GLOSSARY.synonyms);
    all.flat_map(|(english, all)| all.iter().map(|russian| (russian.as_str(), english.as_str())))
}

/// Whether comparisons ignore a folded word.
pub fn is_filler(plain: &str) -> bool {
    lists::contains(&BODIES.fillers, plain)
}

/// Returns the stem of the first word of a string.
pub fn stem(text: &str) -> String {
    word::words(text).first().map(|word| word.stem().to_owned()).unwrap_or_default()
}

/// Translates the stem of an English word to that of the Russian word. Returns the English stem if
/// there is no translation, because names of places and persons are equal in both languages.
pub fn russian_stem(english: &str) -> &str {
    static STEMS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        pairs().rev().map(|(russian, english)| (stem(english), stem(russian))).collect()
    });
    STEMS.get(english).map_or(english, String::as_str)
}

/// Translates the stem of a Russian word to that of the English word. Returns the Russian stem if there
/// is no translation.
pub fn english_stem(russian: &str) -> &str {
    static STEMS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        pairs().rev().map(|(russian, english)| (stem(russian), stem(english))).collect()
    });
    STEMS.get(russian).map_or(russian, String::as_str)
}

/// Returns the Russian translations of a folded English word.
pub fn russian_words(english: &str) -> impl Iterator<Item = &'static str> + '_ {
    pairs().filter(move |(_, word)| word::fold(word) == english).map(|(russian, _)| russian)
}

/// Translates a folded English acronym to the folded Russian one. Returns the English acronym if there
/// is no translation, because many have the same letters in both languages.
pub fn russian_acronym(english: &str) -> String {
    let translation = pairs().find(|(_, word)| *word == english);
    translation.map_or_else(|| english.to_owned(), |(russian, _)| word::fold(russian))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_translated_in_both_directions() {
        assert_eq!(english_stem(&stem("Думы")), stem("Duma"));
        assert_eq!(english_stem(&stem("ассамблее")), stem("Assembly"));
        assert_eq!(english_stem(&stem("палаты")), stem("house"));
        assert_eq!(russian_stem(&stem("Russia")), stem("России"));
        assert_eq!(russian_stem(&stem("chamber")), stem("палата"));
        assert_eq!(russian_stem(&stem("Kazakhstan")), stem("Казахстана"));
    }

    #[test]
    fn acronyms_are_translated_as_a_whole() {
        assert_eq!(
            (russian_acronym("osce").as_str(), russian_acronym("pa").as_str()),
            ("obse", "pa")
        );
    }

    #[test]
    fn russian_words_have_distinct_stems() {
        for (word, meaning) in pairs() {
            let (first, _) = pairs().find(|other| stem(other.0) == stem(word)).unwrap();
            assert!(first == word, "{word} ({meaning}) has the stem of {first}");
        }
    }
}
