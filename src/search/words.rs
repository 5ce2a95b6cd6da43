//! The words of texts and of what is looked for in them.

use std::ops::Range;

use crate::{
    fold::{self, fold, phonetic_key},
    graph::BadInput,
    limits::{MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS},
};

/// Stands before how a word sounds, among the words of a text.
const SOUND: char = '~';
/// The longest word that is kept and compared, in letters.
const MAX_WORD_LENGTH: usize = 64;
/// A shorter sound is the beginning of too many: it has to be the whole of another.
const MIN_BEGINNING_LENGTH: usize = 3;

/// The words of a folded text, and how each sounds: what the indexes of words hold.
pub fn indexed(folded: &str) -> String {
    let words = || folded.split(' ').map(cut);
    let sounds = words().map(|word| format!("{SOUND}{}", phonetic_key(word)));
    words().map(str::to_owned).chain(sounds).collect::<Vec<_>>().join(" ")
}

fn cut(word: &str) -> &str {
    &word[..word.len().min(MAX_WORD_LENGTH)]
}

/// What is looked for: words, of which a text must have all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sought {
    /// As written, without the blanks around it.
    pub text: String,
    pub folded: String,
    words: Vec<SoughtWord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SoughtWord {
    folded: String,
    sound: String,
}

/// How closely a text matches, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// It is another register's name for the record or its name in addresses, letter by letter.
    Named,
    /// It is what is looked for.
    Whole,
    /// It begins with the words that are looked for.
    FirstWords,
    /// It has each of the words.
    Words,
    /// It begins with what is looked for, as far as that is typed.
    Beginning,
    /// It has words that begin with each of the words.
    BeginningsOfWords,
    /// It has words that sound as each of the words does, or begin so.
    Sounds,
}

impl Sought {
    /// The only judge of what can be looked for.
    pub fn new(argument: &'static str, query: &str) -> Result<Self, BadInput> {
        let text = query.trim();
        let letters = text.chars().count();
        if letters > MAX_SEARCH_LENGTH {
            return Err(BadInput::TooLong { argument, got: letters, most: MAX_SEARCH_LENGTH });
        }
        let folded = fold(text);
        let mut words: Vec<SoughtWord> = Vec::new();
        for word in folded.split(' ').filter(|word| !word.is_empty()).map(cut) {
            if words.iter().all(|known| known.folded != word) {
                words.push(SoughtWord { folded: word.to_owned(), sound: phonetic_key(word) });
            }
        }
        match words.len() {
            0 => Err(BadInput::NothingToLookFor { argument }),
            got if got > MAX_SEARCH_WORDS => {
                Err(BadInput::TooManyWords { argument, got, most: MAX_SEARCH_WORDS })
            }
            _ => Ok(Self { text: text.to_owned(), folded, words }),
        }
    }

    /// Each word as what may stand for it in an index: beginnings of indexed words, and whole ones.
    pub fn ways(&self) -> impl Iterator<Item = (Vec<String>, Vec<String>)> {
        self.words.iter().map(|word| {
            let sound = format!("{SOUND}{}", word.sound);
            match word.begins_sounds() {
                true => (vec![word.folded.clone(), sound], Vec::new()),
                false => (vec![word.folded.clone()], vec![sound]),
            }
        })
    }

    /// How closely a folded text with these indexed words matches; none where a word is missing.
    pub fn match_of(&self, folded: &str, indexed: &str) -> Option<Match> {
        let rest = folded.strip_prefix(self.folded.as_str());
        match rest.map(|rest| rest.chars().next()) {
            Some(None) => return Some(Match::Whole),
            Some(Some(' ')) => return Some(Match::FirstWords),
            _ => {}
        }
        let closest = |sought: &SoughtWord| {
            indexed
                .split(' ')
                .filter_map(|word| match word.strip_prefix(SOUND) {
                    None => sought.written(word),
                    Some(sound) => sought.sounds(sound),
                })
                .min()
        };
        let each = self.words.iter().map(closest).collect::<Option<Vec<_>>>();
        let words = each.and_then(|each| each.into_iter().max());
        let beginning = rest.map(|_| Match::Beginning);
        words.into_iter().chain(beginning).min()
    }

    /// The places of the words of a text that are looked for, in code points.
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let words = fold::words(text).into_iter().filter(|word| {
            let (folded, sound) = (cut(&word.folded), phonetic_key(cut(&word.folded)));
            let is_meant = |sought: &SoughtWord| {
                sought.written(folded).or_else(|| sought.sounds(&sound)).is_some()
            };
            self.words.iter().any(is_meant)
        });
        words.map(|word| word.range).collect()
    }
}

impl SoughtWord {
    fn begins_sounds(&self) -> bool {
        self.sound.len() >= MIN_BEGINNING_LENGTH
    }

    fn written(&self, word: &str) -> Option<Match> {
        match word.strip_prefix(self.folded.as_str()) {
            Some("") => Some(Match::Words),
            Some(_) => Some(Match::BeginningsOfWords),
            None => None,
        }
    }

    fn sounds(&self, sound: &str) -> Option<Match> {
        let rest = sound.strip_prefix(self.sound.as_str())?;
        (rest.is_empty() || self.begins_sounds()).then_some(Match::Sounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn match_of(query: &str, text: &str) -> Option<Match> {
        let folded = fold(text);
        Sought::new("query", query).expect("words").match_of(&folded, &indexed(&folded))
    }

    #[test]
    fn what_is_closer_comes_first() {
        for (query, text, expected) in [
            ("Виктор Когут", "Viktor Kogut", Some(Match::Whole)),
            ("viktor", "Viktor Kogut", Some(Match::FirstWords)),
            ("viktor ko", "Viktor Kogut", Some(Match::Beginning)),
            ("kogut viktor", "Viktor Kogut", Some(Match::Words)),
            ("ko vi", "Viktor Kogut", Some(Match::BeginningsOfWords)),
            ("kogut victor", "Viktor Kogut", Some(Match::Sounds)),
            ("fed council", "Council of the Federation", Some(Match::BeginningsOfWords)),
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
    fn words_are_placed_in_the_text_as_written() {
        let places = |query: &str, text: &str| {
            let letters: Vec<char> = text.chars().collect();
            let places = Sought::new("query", query).expect("words").places(text);
            places.into_iter().map(|place| letters[place].iter().collect()).collect::<Vec<String>>()
        };
        assert_eq!(
            places("matviyenko val", "В. Матвиенко, «Валентина»"),
            ["Матвиенко", "Валентина"]
        );
        assert_eq!(places("brian", "Ó'Brian"), Vec::<String>::new());
        assert_eq!(places("obrian", "Ó'Brian"), ["Ó'Brian"]);
    }

    #[test]
    fn what_has_nothing_to_look_for_is_refused() {
        let refused = |query: &str| Sought::new("query", query).expect_err("refused");
        for empty in ["", "  ", "—?!", "\u{0}", "* ^ \" %", "'"] {
            assert_eq!(refused(empty), BadInput::NothingToLookFor { argument: "query" });
        }
        let long = "x".repeat(MAX_SEARCH_LENGTH + 1);
        assert!(matches!(refused(&long), BadInput::TooLong { got: 201, .. }));
        let many = (0..=MAX_SEARCH_WORDS).map(|at| format!("w{at} ")).collect::<String>();
        assert!(matches!(refused(&many), BadInput::TooManyWords { got: 11, .. }));
        assert!(Sought::new("query", &"same ".repeat(11)).is_ok());
    }
}
