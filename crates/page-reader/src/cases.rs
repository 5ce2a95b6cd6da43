//! Cases of Russian names: whether a written word is a form of a name, and of a man's or of a woman's.
//! Comparing stems finds all forms; this rejects those that only look like one.

use crate::{
    lists::{ENDINGS, PERSON_NAMES},
    word::{self, Word},
};

/// Whether a word can be a case of a name of one word; both may be in either script.
pub fn is_case_of(name: &str, written: &str) -> bool {
    let plain = word::fold(name);
    if word::fold(written) == plain && !is_cyrillic(written) {
        return true;
    }
    let written = written.to_lowercase();
    // A name that the graph has in English says less of its Russian one: "Brazil" is «Бразилия»,
    // "Ukraine" «Украина».
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

/// Whose name a written form can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    Man,
    Woman,
    Either,
}

impl Gender {
    /// What both say; none where they contradict.
    fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Either, one) | (one, Self::Either) => Some(one),
            (one, other) => (one == other).then_some(one),
        }
    }
}

/// How a written form goes with the name of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    Sure,
    /// It may as well be somebody else's.
    Unsure,
    No,
}

/// How a Russian form goes with the name of a person whose words it has, but for their endings.
pub fn fit(name: &str, written: &str) -> Fit {
    let (known, words) = (word::words(name), word::words(written));
    let text = written.to_lowercase();
    // Small letters have the same places, but for those that no Russian word has.
    let at = |word: &Word| text.get(word.place.clone()).unwrap_or_default();
    let is_first = |word: &Word| {
        word.cyrillic
            && PERSON_NAMES
                .paired_first_names
                .iter()
                .any(|pair| word::stem(&word::fold(pair)) == word.stem())
    };
    let Some(place) = words.iter().position(is_first) else { return Fit::Sure };
    let mut gender = Some(first_name_gender(at(&words[place])));
    for (_, word) in words.iter().enumerate().filter(|(other, _)| *other != place) {
        gender = gender.and_then(|one| one.and(last_name_gender(at(word))));
    }
    let known = if is_woman(&known, place) { Gender::Woman } else { Gender::Man };
    match gender {
        Some(one) if one == known => Fit::Sure,
        Some(Gender::Either) if known == Gender::Woman => Fit::Sure,
        Some(Gender::Either) => Fit::Unsure,
        _ => Fit::No,
    }
}

fn is_woman(name: &[Word], place: usize) -> bool {
    name.get(place).is_some_and(|word| word.plain.ends_with('a'))
}

/// The gender by the ending of a first name, that of a man ending in a consonant or in «й».
fn first_name_gender(word: &str) -> Gender {
    match word {
        _ if ends(word, &["ой", "ою", "ей", "ею", "ы"]) => Gender::Woman,
        _ if ends(word, &["а", "у", "е", "я", "ю", "и"]) => Gender::Either,
        _ => Gender::Man,
    }
}

/// The gender by the ending of a surname or of a patronymic.
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
    fn states_have_their_cases_and_no_peoples() {
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
    fn women_are_not_men() {
        for (name, written, expected) in [
            ("Александр Орлов", "Александр Орлов", Fit::Sure),
            ("Александр Орлов", "Александра Орлова", Fit::Unsure),
            ("Alexander Orlov", "Александру Орлову", Fit::Unsure),
            ("Александр Орлов", "Александром Орловым", Fit::Sure),
            ("Александр Орлов", "Александре Орлове", Fit::Sure),
            ("Александр Орлов", "Александрой Орловой", Fit::No),
            ("Орлов Александр Иванович", "Орлова Александра Ивановича", Fit::Sure),
            ("Александра Орлова", "Александра Орлова", Fit::Sure),
            ("Александра Орлова", "Александре Орловой", Fit::Sure),
            ("Александра Орлова", "Александр Орлов", Fit::No),
            ("Евгений Маевский", "Евгения Маевского", Fit::Sure),
            ("Евгений Маевский", "Евгения Маевская", Fit::No),
            ("Sergey Orlov", "Сергея Орлова", Fit::Sure),
        ] {
            assert_eq!(fit(name, written), expected, "{name}, {written}");
        }
    }
}
