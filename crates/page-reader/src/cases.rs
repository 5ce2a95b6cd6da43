//! Cases of Russian names: whether a written word is a form of a name, and of a man's or of a woman's.
//! Comparing stems finds all forms; this tells those that only look like one.

use super::fold;

/// Endings of nouns in all their cases, by how the name ends in plain Latin letters. A name that the
/// graph has in English says less of its Russian one: "Brazil" is «Бразилия», "Ukraine» «Украина».
const NOUNS: &[(&str, &[&str])] = &[
    ("eia", &["ея", "еи", "ею", "еей"]),
    ("ia", &["ия", "ии", "ию", "ией", "иею"]),
    ("a", &["а", "ы", "и", "е", "у", "ой", "ою"]),
    ("e", &["а", "ы", "и", "е", "у", "ой", "ою"]),
    ("i", &["и", "ия", "ии", "ию", "ией", "й", "я", "ю", "ем", "е"]),
    ("o", &["о"]),
    ("u", &["у"]),
    ("", &["", "а", "у", "ом", "ем", "е", "ь", "я", "ю", "и", "ью", "ия", "ии", "ию", "ией"]),
];

/// Whether a word can be a case of a name of one word; both may be in either script.
pub fn is_case_of(name: &str, written: &str) -> bool {
    let plain = fold::folded(name);
    if fold::folded(written) == plain && !is_cyrillic(written) {
        return true;
    }
    let written = written.to_lowercase();
    let Some((end, endings)) = NOUNS.iter().find(|(end, _)| plain.ends_with(end)) else {
        return false;
    };
    let stem = &plain[..plain.len() - end.len()];
    endings
        .iter()
        .any(|ending| written.strip_suffix(ending).is_some_and(|rest| fold::folded(rest) == stem))
}

pub fn is_cyrillic(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{400}'..='\u{52f}'))
}

/// First names of men that are those of women too with a vowel more, as stems: «Александра» is a case
/// of the one, and the other.
const PAIRS: &[&str] = &[
    "александр",
    "валентин",
    "валерий",
    "евгений",
    "станислав",
    "владислав",
    "ярослав",
    "мирослав",
    "богдан",
    "руслан",
    "карим",
    "амир",
    "фарид",
    "рашид",
    "саид",
    "азиз",
    "надир",
    "халид",
    "камил",
    "джамиль",
    "наиль",
    "рамиль",
    "зариф",
    "латиф",
    "шариф",
    "сабир",
    "малик",
];

/// Whose name a written form can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Man,
    Woman,
    Either,
}

impl Reading {
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
    let (known, words) = (fold::words(name), fold::words(written));
    let text = written.to_lowercase();
    // Small letters have the same places, but for those that no Russian word has.
    let at = |word: &fold::Word| text.get(word.place.clone()).unwrap_or_default();
    let is_first = |word: &fold::Word| {
        word.cyrillic && PAIRS.iter().any(|pair| fold::stem(&fold::folded(pair)) == word.stem())
    };
    let Some(place) = words.iter().position(is_first) else { return Fit::Sure };
    let mut reading = Some(first(at(&words[place])));
    for (_, word) in words.iter().enumerate().filter(|(other, _)| *other != place) {
        reading = reading.and_then(|one| one.and(last(at(word))));
    }
    let known = if is_woman(&known, place) { Reading::Woman } else { Reading::Man };
    match reading {
        Some(one) if one == known => Fit::Sure,
        Some(Reading::Either) if known == Reading::Woman => Fit::Sure,
        Some(Reading::Either) => Fit::Unsure,
        _ => Fit::No,
    }
}

fn is_woman(name: &[fold::Word], place: usize) -> bool {
    name.get(place).is_some_and(|word| word.plain.ends_with('a'))
}

/// What the ending of a first name tells, that of a man ending in a consonant or in «й».
fn first(word: &str) -> Reading {
    match word {
        _ if ends(word, &["ой", "ою", "ей", "ею", "ы"]) => Reading::Woman,
        _ if ends(word, &["а", "у", "е", "я", "ю", "и"]) => Reading::Either,
        _ => Reading::Man,
    }
}

/// What the ending of a surname or of a patronymic tells.
fn last(word: &str) -> Reading {
    let is_of = |stems: &[&str], endings: &[&str]| {
        endings.iter().any(|ending| {
            word.strip_suffix(ending).is_some_and(|rest| ends(rest, stems) && rest.len() > 4)
        })
    };
    let possessive: &[&str] = &["ов", "ев", "ин", "ын"];
    match word {
        _ if is_of(possessive, &["", "ым", "е"]) => Reading::Man,
        _ if is_of(possessive, &["ой", "ою"]) => Reading::Woman,
        _ if is_of(&["ск", "цк"], &["ий", "ого", "ому", "им", "ом"]) => {
            Reading::Man
        }
        _ if is_of(&["ск", "цк"], &["ая", "ой", "ую"]) => Reading::Woman,
        _ if is_of(&["вич"], &["", "а", "у", "ем", "е"]) => Reading::Man,
        _ if is_of(&["вн", "чн"], &["а", "ы", "е", "у", "ой"]) => Reading::Woman,
        _ => Reading::Either,
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
