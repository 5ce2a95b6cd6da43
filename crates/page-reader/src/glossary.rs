//! Russian words of parliaments, states and assemblies, as English names say them: so that a page in
//! Russian leads to records whose names the graph has in English only.

use std::{collections::HashMap, sync::LazyLock};

use super::fold;

/// A Russian word and its English one. Where two Russian words have one English, the first is the
/// one that names are looked for by.
const WORDS: &[(&str, &str)] = &[
    ("собрание", "assembly"),
    ("ассамблея", "assembly"),
    ("скупщина", "assembly"),
    ("парламент", "parliament"),
    ("парламентская", "parliamentary"),
    ("межпарламентская", "interparliamentary"),
    ("совет", "council"),
    ("палата", "house"),
    ("палата", "chamber"),
    ("сенат", "senate"),
    ("дума", "duma"),
    ("секретариат", "secretariat"),
    ("комиссия", "commission"),
    ("комитет", "committee"),
    ("представителей", "representatives"),
    ("государственная", "state"),
    ("национальное", "national"),
    ("народная", "national"),
    ("верховный", "supreme"),
    ("федеральное", "federal"),
    ("законодательная", "legislative"),
    ("нижняя", "lower"),
    ("верхняя", "upper"),
    ("постоянная", "standing"),
    ("постоянная", "permanent"),
    ("федерация", "federation"),
    ("республика", "republic"),
    ("исламская", "islamic"),
    ("союз", "union"),
    ("содружество", "commonwealth"),
    ("независимых", "independent"),
    ("государств", "states"),
    ("организация", "organization"),
    ("договор", "treaty"),
    ("коллективная", "collective"),
    ("безопасность", "security"),
    ("россия", "russia"),
    ("российская", "russian"),
    ("беларусь", "belarus"),
    ("белоруссия", "belarus"),
    ("кыргызская", "kyrgyz"),
    ("кыргызстан", "kyrgyzstan"),
    ("киргизия", "kyrgyzstan"),
    ("молдова", "moldova"),
    ("молдавия", "moldova"),
    ("афганистан", "afghanistan"),
    ("китай", "china"),
    ("куба", "cuba"),
    ("грузия", "georgia"),
    ("одкб", "csto"),
    ("снг", "cis"),
    ("обсе", "osce"),
    ("мпа", "ipa"),
];

/// Words that stand between those that tell.
const FILLERS: &[&str] =
    &["the", "of", "a", "an", "to", "in", "at", "and", "for", "from", "v", "i"];

pub fn is_filler(plain: &str) -> bool {
    FILLERS.contains(&plain)
}

fn stem(word: &str) -> String {
    fold::words(word).first().map(|word| word.stem().to_owned()).unwrap_or_default()
}

/// The stem of the Russian word for an English one, by their stems; itself where there is none,
/// because names of places and persons are the same in both.
pub fn russian(english: &str) -> &str {
    static ALL: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        WORDS.iter().rev().map(|(russian, english)| (stem(english), stem(russian))).collect()
    });
    ALL.get(english).map_or(english, String::as_str)
}

/// The stem of the English word for a Russian one, by their stems; itself where there is none.
pub fn english(russian: &str) -> &str {
    static ALL: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        WORDS.iter().rev().map(|(russian, english)| (stem(russian), stem(english))).collect()
    });
    ALL.get(russian).map_or(russian, String::as_str)
}

/// The Russian words for an English one in plain letters.
pub fn nouns(english: &str) -> impl Iterator<Item = &'static str> + '_ {
    WORDS.iter().filter(move |(_, word)| fold::folded(word) == english).map(|(russian, _)| *russian)
}

/// The Russian acronym for an English one, both whole and in plain letters; itself where there is none,
/// because many are the same letters in both.
pub fn acronym(english: &str) -> String {
    let found = WORDS.iter().find(|(_, word)| *word == english);
    found.map_or_else(|| english.to_owned(), |(russian, _)| fold::folded(russian))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_there_and_back() {
        assert_eq!(english(&stem("Думы")), stem("Duma"));
        assert_eq!(english(&stem("ассамблее")), stem("Assembly"));
        assert_eq!(russian(&stem("Russia")), stem("России"));
        assert_eq!(russian(&stem("Kazakhstan")), stem("Казахстана"));
    }

    #[test]
    fn acronyms_are_whole() {
        assert_eq!((acronym("osce").as_str(), acronym("pa").as_str()), ("obse", "pa"));
    }

    #[test]
    fn no_two_meanings_share_a_stem() {
        for (word, meaning) in WORDS {
            let first = WORDS.iter().find(|other| stem(other.0) == stem(word)).unwrap();
            assert!(first.0 == *word, "{word} ({meaning}) is read as {}", first.0);
        }
    }
}
