//! Grammatical cases and genders of Russian names. Names are searched by stem; this module rejects
//! matches that are not a case of the name or have another gender.

use crate::{
    lists::{ENDINGS, PERSON_NAMES},
    word::{self, Word},
};

/// Whether a word can be a grammatical case of a name of one word, each in either script.
pub fn is_case_of(name: &str, written: &str) -> bool {
    let plain = word::fold(name);
    if word::fold(written) == plain && !is_cyrillic(written) {
        return true;
    }
    let written = written.to_lowercase();
    // The ending of an English name does not determine the Russian one: "Brazil" is «Бразилия»,
    // "Ukraine" is «Украина».
    let ends = ENDINGS.cases.iter().filter(|(end, _)| plain.ends_with(end.as_str()));
    let Some((end, endings)) = ends.max_by_key(|(end, _)| end.len()) else { return false };
    let stem = &plain[..plain.len() - end.len()];
    endings.iter().any(|ending| {
        written.strip_suffix(ending.as_str()).is_some_and(|rest| word::fold(rest) == stem)
    })
}

pub fn is_cyrillic(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{400}'..='\u{52f}'))
}

/// The possible gender of a word form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    Man,
    Woman,
    Either,
}

impl Gender {
    /// Combines two genders; `None` if they contradict.
    fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Either, one) | (one, Self::Either) => Some(one),
            (one, other) => (one == other).then_some(one),
        }
    }
}

/// Whether the gender of a Russian form agrees with that of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenderAgreement {
    Certain,
    /// The form may also be a name of the other gender.
    Possible,
    Excluded,
}

/// Compares the gender of a Russian form with that of a name with the same stems.
pub fn gender_agreement(name: &str, written: &str) -> GenderAgreement {
    let (known, words) = (word::words(name), word::words(written));
    let text = written.to_lowercase();
    // Lowercase Russian letters have the same length as uppercase ones, so ranges are unchanged.
    let at = |word: &Word| text.get(word.range.clone()).unwrap_or_default();
    let is_first = |word: &Word| {
        word.cyrillic
            && PERSON_NAMES
                .paired_first_names
                .iter()
                .any(|pair| word::stem(&word::fold(pair)) == word.stem())
    };
    let Some(place) = words.iter().position(is_first) else { return GenderAgreement::Certain };
    let mut gender = Some(first_name_gender(at(&words[place])));
    for (_, word) in words.iter().enumerate().filter(|(other, _)| *other != place) {
        gender = gender.and_then(|one| one.and(last_name_gender(at(word))));
    }
    let known = if is_woman(&known, place) { Gender::Woman } else { Gender::Man };
    match gender {
        Some(one) if one == known => GenderAgreement::Certain,
        Some(Gender::Either) if known == Gender::Woman => GenderAgreement::Certain,
        Some(Gender::Either) => GenderAgreement::Possible,
        _ => GenderAgreement::Excluded,
    }
}

fn is_woman(name: &[Word], place: usize) -> bool {
    name.get(place).is_some_and(|word| word.plain.ends_with('a'))
}

/// Returns the gender by the ending of a first name that has a male form ending in a consonant or «й».
fn first_name_gender(word: &str) -> Gender {
    match word {
        _ if ends(word, &["ой", "ою", "ей", "ею", "ы"]) => Gender::Woman,
        _ if ends(word, &["а", "у", "е", "я", "ю", "и"]) => Gender::Either,
        _ => Gender::Man,
    }
}

/// Returns the gender by the ending of a surname or patronymic.
fn last_name_gender(word: &str) -> Gender {
    let is_of = |stems: &[&str], endings: &[&str]| {
        endings.iter().any(|ending| {
            word.strip_suffix(ending).is_some_and(|rest| ends(rest, stems) && rest.len() > 4)
        })
    };
    let possessive: &[&str] = &["ов", "ев", "ин", "ын"];
    match word {
        _ if is_of(possessive, &["", "ым", "е"]) => Gender::Man,
        _ if is_of(possessive, &["ой", "ою"]) => Gender::Woman,
        _ if is_of(&["ск", "цк"], &["ий", "ого", "ому", "им", "ом"]) => Gender::Man,
        _ if is_of(&["ск", "цк"], &["ая", "ой", "ую"]) => Gender::Woman,
        _ if is_of(&["вич"], &["", "а", "у", "ем", "е"]) => Gender::Man,
        _ if is_of(&["вн", "чн"], &["а", "ы", "е", "у", "ой"]) => Gender::Woman,
        _ => Gender::Either,
    }
}

fn ends(word: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| word.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_of_states_are_not_names_of_peoples() {
        for (name, written) in [
            ("Serbia", "Сербии"),
            ("Сербия", "Сербией"),
            ("Россия", "Россию"),
            ("Belarus", "Беларуси"),
            ("Беларусь", "Беларусью"),
            ("Kazakhstan", "Казахстаном"),
            ("Китай", "Китая"),
            ("Ukraine", "Украину"),
            ("Italy", "Италией"),
            ("Brazil", "Бразилии"),
            ("Куба", "Кубы"),
            ("Молдова", "Молдовой"),
            ("Chile", "Чили"),
            ("Mali", "Мали"),
            ("Peru", "Перу"),
            ("Armenia", "ARMENIA"),
        ] {
            assert!(is_case_of(name, written), "{name}, {written}");
        }
        for (name, written) in [
            ("Serbia", "Сербы"),
            ("Сербия", "Сербов"),
            ("Serbia", "Сербам"),
            ("Serbia", "Серб"),
            ("Russia", "Россы"),
            ("Mongolia", "Монголы"),
            ("Monaco", "Монах"),
            ("Slovakia", "Словаки"),
            ("Cuba", "Кубам"),
        ] {
            assert!(!is_case_of(name, written), "{name}, {written}");
        }
    }

    #[test]
    fn gender_of_forms_is_compared() {
        for (name, written, expected) in [
            ("Александр Орлов", "Александр Орлов", GenderAgreement::Certain),
            ("Александр Орлов", "Александра Орлова", GenderAgreement::Possible),
            ("Alexander Orlov", "Александру Орлову", GenderAgreement::Possible),
            ("Александр Орлов", "Александром Орловым", GenderAgreement::Certain),
            ("Александр Орлов", "Александре Орлове", GenderAgreement::Certain),
            ("Александр Орлов", "Александрой Орловой", GenderAgreement::Excluded),
            ("Орлов Александр Иванович", "Орлова Александра Ивановича", GenderAgreement::Certain),
            ("Александра Орлова", "Александра Орлова", GenderAgreement::Certain),
            ("Александра Орлова", "Александре Орловой", GenderAgreement::Certain),
            ("Александра Орлова", "Александр Орлов", GenderAgreement::Excluded),
            ("Евгений Маевский", "Евгения Маевского", GenderAgreement::Certain),
            ("Евгений Маевский", "Евгения Маевская", GenderAgreement::Excluded),
            ("Sergey Orlov", "Сергея Орлова", GenderAgreement::Certain),
        ] {
            assert_eq!(gender_agreement(name, written), expected, "{name}, {written}");
        }
    }
}
