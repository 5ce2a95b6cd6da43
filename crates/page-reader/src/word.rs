//! Words as they are compared: without regard to case, marks, script and the ways of writing
//! Russian names in Latin letters; Russian words also without their endings.

use std::ops::Range;

use crate::lists::ENDINGS;

/// A word of a text: where it stands, and what it is compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub place: Range<usize>,
    /// In plain Latin letters and digits.
    pub plain: String,
    /// Whether it is written in Cyrillic letters, and so may have an ending.
    pub cyrillic: bool,
}

impl Word {
    /// The word without its ending.
    pub fn stem(&self) -> &str {
        stem(&self.plain)
    }
}

/// Ways of writing the same, each with the one that is kept. In this order.
const SPELLINGS: &[(&str, &str)] = &[
    ("y", "i"),
    ("ii", "i"),
    ("dzh", "j"),
    ("dj", "j"),
    ("zh", "j"),
    ("kh", "h"),
    ("x", "ks"),
    ("eie", "ee"),
    ("isation", "ization"),
    ("defence", "defense"),
];

/// The fewest letters that an ending leaves, and those that a vowel at the end leaves.
const LEFT: (usize, usize) = (3, 2);

/// Letters that stand in words without being read: soft hyphens, joiners, byte order marks.
fn is_silent(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Marks that are added to the letter before them.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// The words of a text, in order. What is neither letter nor digit stands between words.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = letter.is_alphanumeric() || is_silent(letter) || is_mark(letter);
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.extend(word(text, from..at));
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn word(text: &str, place: Range<usize>) -> Option<Word> {
    let written = &text[place.clone()];
    let cyrillic = written.chars().any(|letter| matches!(letter, '\u{400}'..='\u{52f}'));
    // Yo is mostly written without its dots.
    let letters = written.chars().filter(|letter| !is_silent(*letter) && !is_mark(*letter));
    let lower = letters.flat_map(char::to_lowercase).map(|letter| match letter {
        'ё' => 'е',
        letter => letter,
    });
    let latin = deunicode::deunicode(&lower.collect::<String>());
    let latin = latin.chars().filter(char::is_ascii_alphanumeric);
    let mut plain: String = latin.map(|letter| letter.to_ascii_lowercase()).collect();
    for (other, kept) in SPELLINGS {
        if plain.contains(other) {
            plain = plain.replace(other, kept);
        }
    }
    if plain.len() > 2 && plain.starts_with("ie") {
        plain.remove(0);
    }
    (!plain.is_empty()).then_some(Word { place, plain, cyrillic })
}

/// A kept word without its ending.
pub fn stem(plain: &str) -> &str {
    if plain.starts_with(|letter: char| letter.is_ascii_digit()) {
        return plain;
    }
    let cuts = ENDINGS.words.iter().filter_map(|ending| plain.strip_suffix(ending.as_str()));
    // The longest ending leaves the shortest stem.
    let cut = cuts.min_by_key(|cut| cut.len());
    let cut = cut.filter(|cut| cut.len() >= LEFT.0).unwrap_or(plain);
    let bare = cut.trim_end_matches(['a', 'e', 'i', 'o', 'u']);
    if bare.len() >= LEFT.1 { bare } else { cut }
}

/// A text as it is compared whole: its words, one space between them.
pub fn fold(text: &str) -> String {
    words(text).into_iter().map(|word| word.plain).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_marks_and_spaces_mean_nothing() {
        assert_eq!(fold("Mäjilis  of\u{a0}the “STATE”"), fold("majilis of the state"));
        assert_eq!(fold("Anne\u{301}e"), fold("annee"));
        assert_eq!(fold("har\u{ad}mony"), fold("Harmony"));
        assert_eq!(fold("Assembly’s — seat"), "assembli s seat");
    }

    #[test]
    fn scripts_and_spellings_of_names_meet() {
        for (one, other) in [
            ("Алексей", "Alexey"),
            ("Юрий", "Yury"),
            ("Евгений", "Yevgeny"),
            ("Джумабеков", "Jumabekov"),
            ("Жумагулов", "Zhumagulov"),
            ("Хусаинов", "Khusainov"),
            ("Фёдоров", "Fedorov"),
            ("Сергеев", "Sergeyev"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
    }

    #[test]
    fn russian_cases_have_one_stem() {
        for cases in [
            &["Сергей", "Сергея", "Сергею", "Сергеем", "Сергее", "Sergei", "Sergey"][..],
            &["Орлов", "Орлова", "Орлову", "Орловым", "Орлове", "Orlov"],
            &["Наталья", "Натальи", "Наталье", "Наталью", "Natalia"],
            &["Парламентская", "Парламентской", "Парламентскую"],
            &["Ассамблея", "Ассамблеи", "Ассамблее", "Ассамблею", "Ассамблеей"],
            &["Армения", "Армении", "Арменией", "Armenia"],
        ] {
            let stems = cases.iter().map(|case| words(case)[0].stem().to_owned());
            let mut stems: Vec<String> = stems.collect();
            stems.dedup();
            assert_eq!(stems.len(), 1, "{stems:?}");
        }
    }

    #[test]
    fn words_know_their_places() {
        let text = "«ПА ОДКБ», 2022";
        let all = words(text);
        let written: Vec<&str> = all.iter().map(|word| &text[word.place.clone()]).collect();
        assert_eq!(written, ["ПА", "ОДКБ", "2022"]);
        assert!(all[0].cyrillic && !all[2].cyrillic);
    }
}
