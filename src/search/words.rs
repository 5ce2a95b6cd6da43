//! The words of texts and of search queries.

use std::ops::Range;

use crate::{
    fold::{self, fold, phonetic_key},
    graph::BadInput,
    limits::{MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS},
};

/// The prefix of phonetic keys among the indexed words.
const PHONETIC_PREFIX: char = '~';
/// The maximum length of an indexed word. Longer words are truncated.
const MAX_WORD_LENGTH: usize = 64;
/// The minimum length of a phonetic key that matches as a prefix. A shorter key must match a whole
/// key.
const MIN_PHONETIC_PREFIX_LENGTH: usize = 3;

/// Returns the words of a folded text and their phonetic keys, for the full-text indexes.
pub fn index_words(folded: &str) -> String {
    let words = || folded.split(' ').map(truncate);
    let phonetic_keys = words().map(|word| format!("{PHONETIC_PREFIX}{}", phonetic_key(word)));
    words().map(str::to_owned).chain(phonetic_keys).collect::<Vec<_>>().join(" ")
}

fn truncate(word: &str) -> &str {
    &word[..word.len().min(MAX_WORD_LENGTH)]
}

/// The words of a search query. Matching texts contain all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchTerms {
    /// The query without leading and trailing white space.
    pub text: String,
    pub folded: String,
    terms: Vec<SearchTerm>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SearchTerm {
    folded: String,
    sound: String,
}

/// The kinds of matches, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// The slug or an identifier of the record equals the query.
    Identifier,
    /// The text equals the query.
    Whole,
    /// The text starts with the words of the query.
    FirstWords,
    /// The text contains all words of the query.
    Words,
    /// The text starts with the query, which ends within a word.
    Prefix,
    /// Each word of the query is a prefix of a word of the text.
    WordPrefixes,
    /// The phonetic key of each word of the query is one of the text's, or a prefix of one.
    Sounds,
}

impl SearchTerms {
    /// Parses and validates the query of `argument`.
    pub fn new(argument: &'static str, query: &str) -> Result<Self, BadInput> {
        let text = query.trim();
        let letters = text.chars().count();
        if letters > MAX_SEARCH_LENGTH {
            return Err(BadInput::TooLong { argument, got: letters, most: MAX_SEARCH_LENGTH });
        }
        let folded = fold(text);
        let mut terms: Vec<SearchTerm> = Vec::new();
        for word in folded.split(' ').filter(|word| !word.is_empty()).map(truncate) {
            if terms.iter().all(|term| term.folded != word) {
                terms.push(SearchTerm { folded: word.to_owned(), sound: phonetic_key(word) });
            }
        }
        match terms.len() {
            0 => Err(BadInput::NothingToLookFor { argument }),
            got if got > MAX_SEARCH_WORDS => {
                Err(BadInput::TooManyWords { argument, got, most: MAX_SEARCH_WORDS })
            }
            _ => Ok(Self { text: text.to_owned(), folded, terms }),
        }
    }

    /// Returns for each term the prefixes of indexed words, and the whole indexed words, that match.
    pub fn alternatives(&self) -> impl Iterator<Item = (Vec<String>, Vec<String>)> {
        self.terms.iter().map(|term| {
            let sound = format!("{PHONETIC_PREFIX}{}", term.sound);
            if term.matches_phonetic_prefixes() {
                (vec![term.folded.clone(), sound], Vec::new())
            } else {
                (vec![term.folded.clone()], vec![sound])
            }
        })
    }

    /// Returns the match of a folded text with these indexed words, or `None` if a term is missing.
    pub fn match_of(&self, folded: &str, indexed: &str) -> Option<Match> {
        let rest = folded.strip_prefix(self.folded.as_str());
        match rest.map(|rest| rest.chars().next()) {
            Some(None) => return Some(Match::Whole),
            Some(Some(' ')) => return Some(Match::FirstWords),
            _ => {}
        }
        let best_match = |term: &SearchTerm| {
            indexed
                .split(' ')
                .filter_map(|word| match word.strip_prefix(PHONETIC_PREFIX) {
                    None => term.match_word(word),
                    Some(sound) => term.match_sound(sound),
                })
                .min()
        };
        let matches = self.terms.iter().map(best_match).collect::<Option<Vec<_>>>();
        let words = matches.and_then(|matches| matches.into_iter().max());
        let prefix = rest.map(|_| Match::Prefix);
        words.into_iter().chain(prefix).min()
    }

    /// Returns the ranges of the matching words of `text`, in code points.
    pub fn matching_ranges(&self, text: &str) -> Vec<Range<usize>> {
        let words = fold::words(text).into_iter().filter(|word| {
            let (folded, sound) = (truncate(&word.folded), phonetic_key(truncate(&word.folded)));
            let is_match = |term: &SearchTerm| {
                term.match_word(folded).or_else(|| term.match_sound(&sound)).is_some()
            };
            self.terms.iter().any(is_match)
        });
        words.map(|word| word.range).collect()
    }
}

impl SearchTerm {
    fn matches_phonetic_prefixes(&self) -> bool {
        self.sound.len() >= MIN_PHONETIC_PREFIX_LENGTH
    }

    fn match_word(&self, word: &str) -> Option<Match> {
        match word.strip_prefix(self.folded.as_str()) {
            Some("") => Some(Match::Words),
            Some(_) => Some(Match::WordPrefixes),
            None => None,
        }
    }

    fn match_sound(&self, sound: &str) -> Option<Match> {
        let rest = sound.strip_prefix(self.sound.as_str())?;
        (rest.is_empty() || self.matches_phonetic_prefixes()).then_some(Match::Sounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn match_of(query: &str, text: &str) -> Option<Match> {
        let folded = fold(text);
        SearchTerms::new("query", query).expect("words").match_of(&folded, &index_words(&folded))
    }

    #[test]
    fn returns_the_best_match() {
        for (query, text, expected) in [
            ("Виктор Когут", "Viktor Kogut", Some(Match::Whole)),
            ("viktor", "Viktor Kogut", Some(Match::FirstWords)),
            ("viktor ko", "Viktor Kogut", Some(Match::Prefix)),
            ("kogut viktor", "Viktor Kogut", Some(Match::Words)),
            ("ko vi", "Viktor Kogut", Some(Match::WordPrefixes)),
            ("kogut victor", "Viktor Kogut", Some(Match::Sounds)),
            ("fed council", "Council of the Federation", Some(Match::WordPrefixes)),
            ("fed council", "Council of Europe", None),
            ("matviyen", "Валентина Матвиенко", Some(Match::Sounds)),
            ("yu", "Iurii", None),
            ("yuri", "Iurii", Some(Match::Sounds)),
            ("tadzhik", "Republic of Tajikistan", Some(Match::Sounds)),
        ] {
            assert_eq!(match_of(query, text), expected, "{query} in {text}");
        }
    }

    #[test]
    fn returns_the_ranges_in_the_original_text() {
        let matching = |query: &str, text: &str| {
            let letters: Vec<char> = text.chars().collect();
            let ranges = SearchTerms::new("query", query).expect("words").matching_ranges(text);
            ranges.into_iter().map(|range| letters[range].iter().collect()).collect::<Vec<String>>()
        };
        assert_eq!(
            matching("matviyenko val", "В. Матвиенко, «Валентина»"),
            ["Матвиенко", "Валентина"]
        );
        assert_eq!(matching("brian", "Ó'Brian"), Vec::<String>::new());
        assert_eq!(matching("obrian", "Ó'Brian"), ["Ó'Brian"]);
    }

    #[test]
    fn rejects_queries_without_words_and_above_the_limits() {
        let error = |query: &str| SearchTerms::new("query", query).expect_err("invalid");
        for empty in ["", "  ", "—?!", "\u{0}", "* ^ \" %", "'"] {
            assert_eq!(error(empty), BadInput::NothingToLookFor { argument: "query" });
        }
        let long = "x".repeat(MAX_SEARCH_LENGTH + 1);
        assert!(matches!(error(&long), BadInput::TooLong { got: 201, .. }));
        let many = (0..=MAX_SEARCH_WORDS).map(|at| format!("w{at} ")).collect::<String>();
        assert!(matches!(error(&many), BadInput::TooManyWords { got: 11, .. }));
        assert!(SearchTerms::new("query", &"same ".repeat(11)).is_ok());
    }
}
