//! Russian words of parliaments, states and assemblies, as English names have them: so that a page in
//! Russian leads to records whose names the graph has in English only.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    lists::{self, BODIES, GLOSSARY},
    word,
};

/// Every Russian word and its English one; of several the preferred one first.
fn pairs() -> impl DoubleEndedIterator<Item = (&'static str, &'static str)> {
    let all = GLOSSARY.words.iter().chain(&GLOSSARY.synonyms);
    all.flat_map(|(english, all)| all.iter().map(|russian| (russian.as_str(), english.as_str())))
}

/// Whether a word in plain letters does not matter to a comparison.
pub fn is_filler(plain: &str) -> bool {
    lists::has(&BODIES.fillers, plain)
}

/// The stem of the first word of a text.
pub fn stem(text: &str) -> String {
    word::words(text).first().map(|word| word.stem().to_owned()).unwrap_or_default()
}

/// The stem of the Russian word for an English one, by their stems; itself where there is none,
/// because names of places and persons are the same in both.
pub fn russian(english: &str) -> &str {
    static ALL: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        pairs().rev().map(|(russian, english)| (stem(english), stem(russian))).collect()
    });
    ALL.get(english).map_or(english, String::as_str)
}

/// The stem of the English word for a Russian one, by their stems; itself where there is none.
pub fn english(russian: &str) -> &str {
    static ALL: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        pairs().rev().map(|(russian, english)| (stem(russian), stem(english))).collect()
    });
    ALL.get(russian).map_or(russian, String::as_str)
}

/// The Russian words for an English one in plain letters.
pub fn nouns(english: &str) -> impl Iterator<Item = &'static str> + '_ {
    pairs().filter(move |(_, word)| word::fold(word) == english).map(|(russian, _)| russian)
}

/// The Russian acronym for an English one, both whole and in plain letters; itself where there is none,
/// because many are the same letters in both.
pub fn acronym(english: &str) -> String {
    let found = pairs().find(|(_, word)| *word == english);
    found.map_or_else(|| english.to_owned(), |(russian, _)| word::fold(russian))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_there_and_back() {
        assert_eq!(english(&stem("Думы")), stem("Duma"));
        assert_eq!(english(&stem("ассамблее")), stem("Assembly"));
        assert_eq!(english(&stem("палаты")), stem("house"));
        assert_eq!(russian(&stem("Russia")), stem("России"));
        assert_eq!(russian(&stem("chamber")), stem("палата"));
        assert_eq!(russian(&stem("Kazakhstan")), stem("Казахстана"));
    }

    #[test]
    fn acronyms_are_whole() {
        assert_eq!((acronym("osce").as_str(), acronym("pa").as_str()), ("obse", "pa"));
    }

    #[test]
    fn no_two_meanings_share_a_stem() {
        for (word, meaning) in pairs() {
            let (first, _) = pairs().find(|other| stem(other.0) == stem(word)).unwrap();
            assert!(first == word, "{word} ({meaning}) is read as {first}");
        }
    }
}
