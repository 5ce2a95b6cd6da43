//! Folds words for comparison: ignores case, diacritics, script and the variants of transliterated
//! Russian names. Russian words are also compared by stem.

use std::ops::Range;

use crate::lists::ENDINGS;

/// A word of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The byte range of the word in the text.
    pub range: Range<usize>,
    /// The folded word: Latin letters and digits.
    pub plain: String,
    /// Whether the word is written in Cyrillic letters, and may have an inflectional ending.
    pub cyrillic: bool,
}

impl Word {
    /// Returns the word without its ending.
    pub fn stem(&self) -> &str {
        stem(&self.plain)
    }
}

/// Variants of transliteration and their replacements, applied in this order.
const VARIANTS: &[(&str, &str)] = &[
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

/// The minimum length of a stem after an ending is removed.
const MIN_STEM_LENGTH: usize = 3;
/// The minimum length of a stem after final vowels are removed.
const MIN_BARE_STEM_LENGTH: usize = 2;

/// Whether a character is invisible in a word: a soft hyphen, joiner or byte order mark.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Whether a character is a combining diacritical mark.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// Returns the words of a string in order. All characters except letters and digits separate words.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = letter.is_alphanumeric() || is_invisible(letter) || is_mark(letter);
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.extend(parse_word(text, from..at));
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn parse_word(text: &str, range: Range<usize>) -> Option<Word> {
    let written = &text[range.clone()];
    let cyrillic = written.chars().any(|letter| matches!(letter, '\u{400}'..='\u{52f}'));
    // «Ё» is usually written as «Е».
    let letters = written.chars().filter(|letter| !is_invisible(*letter) && !is_mark(*letter));
    let lower = letters.flat_map(char::to_lowercase).map(|letter| match letter {
        'ё' => 'е',
        letter => letter,
    });
    let latin = deunicode::deunicode(&lower.collect::<String>());
    let latin = latin.chars().filter(char::is_ascii_alphanumeric);
    let mut plain: String = latin.map(|letter| letter.to_ascii_lowercase()).collect();
    for (other, kept) in VARIANTS {
        if plain.contains(other) {
            plain = plain.replace(other, kept);
        }
    }
    if plain.len() > 2 && plain.starts_with("ie") {
        plain.remove(0);
    }
    (!plain.is_empty()).then_some(Word { range, plain, cyrillic })
}

/// Returns a folded word without its ending.
pub fn stem(plain: &str) -> &str {
    if plain.starts_with(|letter: char| letter.is_ascii_digit()) {
        return plain;
    }
    let cuts = ENDINGS.words.iter().filter_map(|ending| plain.strip_suffix(ending.as_str()));
    // The longest ending leaves the shortest stem.
    let cut = cuts.min_by_key(|cut| cut.len());
    let cut = cut.filter(|cut| cut.len() >= MIN_STEM_LENGTH).unwrap_or(plain);
    let bare = cut.trim_end_matches(['a', 'e', 'i', 'o', 'u']);
    if bare.len() >= MIN_BARE_STEM_LENGTH { bare } else { cut }
}

/// Folds a string to its folded words, separated by single spaces.
pub fn fold(text: &str) -> String {
    words(text).into_iter().map(|word| word.plain).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ignores_case_diacritics_and_spaces() {
        assert_eq!(fold("Mäjilis  of\u{a0}the “STATE”"), fold("majilis of the state"));
        assert_eq!(fold("Anne\u{301}e"), fold("annee"));
        assert_eq!(fold("har\u{ad}mony"), fold("Harmony"));
        assert_eq!(fold("Assembly’s — seat"), "assembli s seat");
    }

    #[test]
    fn scripts_and_variants_of_names_fold_to_the_same() {
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
    fn words_have_their_ranges_in_the_text() {
        let text = "«ПА ОДКБ», 2022";
        let all = words(text);
        let written: Vec<&str> = all.iter().map(|word| &text[word.range.clone()]).collect();
        assert_eq!(written, ["ПА", "ОДКБ", "2022"]);
        assert!(all[0].cyrillic && !all[2].cyrillic);
    }
}
