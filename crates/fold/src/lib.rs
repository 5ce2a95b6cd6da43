//! Normal forms of names for comparison: without case, diacritics, punctuation and script, and a
//! phonetic key.

use std::ops::Range;

use deunicode::AsciiChars;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Folds a string to words of lowercase ASCII letters and digits, separated by single spaces.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut last = 0;
    visit_letters(text, |_, word, letter| {
        if word != last && !folded.is_empty() {
            folded.push(' ');
        }
        last = word;
        folded.push(letter);
    });
    folded
}

/// A word of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub folded: String,
    /// The range of the word in the text, in code points.
    pub range: Range<usize>,
}

/// Returns the words of the folded text in order, with their ranges in the original text.
pub fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut last = 0;
    visit_letters(text, |at, word, letter| match words.last_mut().filter(|_| word == last) {
        Some(word) => {
            word.folded.push(letter);
            word.range.end = at + 1;
        }
        None => {
            last = word;
            words.push(Word { folded: letter.into(), range: at..at + 1 });
        }
    });
    words
}

/// Calls `visit` for each folded letter with its code point index, its word (from 1) and the letter.
fn visit_letters(text: &str, mut visit: impl FnMut(usize, usize, char)) {
    let (mut word, mut gap) = (0, true);
    let mut letters = text.chars().zip(text.ascii_chars()).enumerate().peekable();
    while let Some((at, (letter, plain))) = letters.next() {
        let next = letters.peek().map(|(_, (next, _))| *next);
        let plain = transliterate(letter, next, gap).or(plain).unwrap_or(" ");
        if matches!((letter, next), ('ո' | 'Ո', Some('ւ' | 'Ւ'))) {
            letters.next();
        }
        for plain in plain.chars() {
            if plain.is_ascii_alphanumeric() {
                word += usize::from(gap);
                gap = false;
                visit(at, word, plain.to_ascii_lowercase());
            } else if !matches!(plain, '\'' | '`') {
                gap = true;
            }
        }
    }
}

/// Returns the transliteration of letters for which `deunicode` differs from the usual Latin
/// spelling of names.
fn transliterate(letter: char, next: Option<char>, is_first: bool) -> Option<&'static str> {
    Some(match letter {
        'ə' | 'Ə' | 'ә' | 'Ә' => "a",
        'ҷ' | 'Ҷ' => "j",
        'ҳ' | 'Ҳ' => "h",
        'ғ' | 'Ғ' => "gh",
        'ո' | 'Ո' if matches!(next, Some('ւ' | 'Ւ')) => "u",
        'ո' | 'Ո' if is_first && !matches!(next, Some('վ' | 'Վ')) => "vo",
        'և' => "ev",
        'ღ' => "gh",
        'ძ' => "dz",
        'წ' | 'ც' => "ts",
        'ხ' => "kh",
        _ => return None,
    })
}

/// Folds a string and sorts its words, so that "Surname Name" and "Name Surname" are equal.
pub fn fold_sorted(text: &str) -> String {
    let folded = fold(text);
    let mut words: Vec<&str> = folded.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}

/// Returns a slug of at most 80 letters for a name; empty if no letter of the name can be folded.
pub fn slug(name: &str) -> String {
    const MAX_LENGTH: usize = 80;
    let mut slug = fold(name).replace(' ', "-");
    if slug.len() > MAX_LENGTH {
        let end = slug[..MAX_LENGTH].rfind('-').unwrap_or(MAX_LENGTH);
        slug.truncate(end);
    }
    slug
}

/// Letter groups with several spellings and their common replacement, longer groups first.
const REPLACEMENTS: [(&str, &str); 16] = [
    ("shch", "sh"),
    ("tsch", "ch"),
    ("dzh", "j"),
    ("sch", "sh"),
    ("ch", "ch"),
    ("ck", "k"),
    ("dj", "j"),
    ("gh", "g"),
    ("kh", "h"),
    ("ph", "f"),
    ("rh", "r"),
    ("th", "t"),
    ("zh", "j"),
    ("c", "k"),
    ("q", "k"),
    ("w", "v"),
];

/// Returns the phonetic key of a folded word, equal for the common Latin spellings of a name:
/// Matvienko and Matviyenko, Yuri and Iurii, Khabarov and Habarov. A word with digits is its own key.
///
/// The key of a prefix of a word is not necessarily a prefix of the word's key.
pub fn phonetic_key(word: &str) -> String {
    if word.bytes().any(|byte| byte.is_ascii_digit()) {
        return word.to_owned();
    }
    let letters = word.as_bytes();
    let mut key = String::with_capacity(word.len());
    let mut at = 0;
    while at < letters.len() {
        let rest = &word[at..];
        if let Some((written, sound)) =
            REPLACEMENTS.iter().find(|(written, _)| rest.starts_with(written))
        {
            sound.chars().for_each(|letter| push(&mut key, letter));
            at += written.len();
            continue;
        }
        match letters[at] {
            b'y' => push(&mut key, 'i'),
            b'j' if is_semivowel(&letters[..at], letters.get(at + 1)) => push(&mut key, 'i'),
            b'x' => "ks".chars().for_each(|letter| push(&mut key, letter)),
            letter => push(&mut key, letter.into()),
        }
        at += 1;
    }
    // Gorbachov and Gorbachyov get the key of Gorbachev.
    for (written, sound) in [("ov", "ev"), ("ova", "eva")] {
        let stem = key.strip_suffix(written);
        let stem = stem.filter(|stem| ["ch", "sh", "j"].iter().any(|end| stem.ends_with(end)));
        if let Some(stem) = stem {
            return format!("{stem}{sound}");
        }
    }
    key
}

/// Whether a `j` between these letters is pronounced as `i`: it is in Sergej, Tatjana and Natalija,
/// and is not in Tajikistan, Ganja, Azerbaijan and Jomart.
fn is_semivowel(before: &[u8], next: Option<&u8>) -> bool {
    let is_vowel = |letter: &u8| b"aeiouy".contains(letter);
    match before {
        [] | [.., b'n'] => false,
        [.., one, b'i'] if !is_vowel(one) => true,
        [.., last] if is_vowel(last) => !next.is_some_and(is_vowel),
        _ => true,
    }
}

/// Appends a letter to a key. Doubled letters are kept once; `ie` and `io` become `e`, because some
/// spellings omit the `i`.
fn push(key: &mut String, letter: char) {
    let letter = match letter {
        'e' | 'o' if key.ends_with('i') => {
            key.pop();
            'e'
        }
        letter => letter,
    };
    if !key.ends_with(letter) {
        key.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ignores_case_diacritics_and_script() {
        assert_eq!(fold("  Ó Brian,\u{a0}J.-P. "), "o brian j p");
        assert_eq!(fold("Матвиенко"), fold("MATVIENKO"));
        assert_eq!(fold("O'Neill"), fold("ONeill"));
        assert_eq!(fold_sorted("KOGUT Viktor"), fold_sorted("Viktor Kogut"));
        assert_eq!(fold("—"), "");
        assert_eq!(fold("北京 (Beijing)"), "bei jing beijing");
    }

    #[test]
    fn letters_fold_to_the_usual_latin_spelling() {
        for (text, folded) in [
            ("Փաշինյան", "pashinyan"),
            ("Սուրեն Շուշանյան", "suren shushanyan"),
            ("Ոսկանյան", "voskanyan"),
            ("ՈՒԼՈՒԲԱԲՅԱՆ", "ulubabyan"),
            ("Արև", "arev"),
            ("Հայաստան", "hayastan"),
            ("საქართველო", "sakartvelo"),
            ("ძიძიგური", "dzidziguri"),
            ("წერეთელი", "tsereteli"),
            ("ხარაძე", "kharadze"),
            ("ღვინიაშვილი", "ghviniashvili"),
            ("Əliyev", "aliyev"),
            ("Нәзира", "nazira"),
            ("Тоҷикистон", "tojikiston"),
            ("Раҳмон", "rahmon"),
            ("Өмірбек Байгелді", "omirbek baigeldi"),
            ("Київ", "kiyiv"),
            ("Ґалаґан", "galagan"),
            ("Быкаў", "bykau"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn words_have_their_ranges_in_the_text() {
        let text = "«Ó'Brian», Փաշինյան — 北京";
        let words = words(text);
        let letters: Vec<char> = text.chars().collect();
        let written: Vec<String> =
            words.iter().map(|word| letters[word.range.clone()].iter().collect()).collect();
        assert_eq!(written, ["Ó'Brian", "Փաշինյան", "北", "京"]);
        let folded: Vec<_> = words.iter().map(|word| word.folded.as_str()).collect();
        assert_eq!(folded.join(" "), fold(text));
    }

    #[test]
    fn spellings_of_a_name_have_one_phonetic_key() {
        for names in [
            "Matvienko Matviyenko Matviienko Матвиенко Матвієнко",
            "Sergei Sergey Sergej Сергей",
            "Yuri Yury Yuriy Iurii Юрий Юрій",
            "Khabarov Habarov Хабаров",
            "Tajikistan Tadzhikistan Tadjikistan Таджикистан",
            "Azerbaijan Azerbaidzhan Азербайджан",
            "Fyodor Fedor Fiodor Фёдор Федор",
            "Viktor Victor Wiktor Виктор",
            "Wolf Volf Вольф",
            "Lukashenko Лукашенко",
            "Rogalev Rogalyov Rogaliov Рогалёв Рогалев",
            "Zhirinovsky Zhirinovski Zhirinovskiy Zhirinovskij Zhirinovskii Жириновский",
            "Gorbachev Gorbachov Gorbachyov Горбачёв Горбачев",
            "Khrushchev Khrushchov Хрущёв",
            "Shcherbakov Scherbakov Щербаков",
            "Yeltsin Eltsin Ельцин",
            "Aliyev Aliev Əliyev Алиев Әлиев",
            "Tokayev Tokaev Токаев Тоқаев",
            "Kassym Kasym Qasym Қасым",
            "Jomart Zhomart Жомарт",
            "Japarov Zhaparov Dzhaparov Жапаров",
            "Dmitri Dmitry Dmitriy Dmitrij Дмитрий",
            "Anatolyevich Anatolevich Анатольевич",
            "Natalia Natalya Natalija Наталия",
            "Tatiana Tatyana Tatjana Татьяна",
            "Alexandr Aleksandr Александр",
            "Pashinyan Pashinian Пашинян Փաշինյան",
            "Sargsyan Саргсян Սարգսյան",
            "Rahmon Rakhmon Рахмон Раҳмон",
            "Ivanishvili Иванишвили ივანიშვილი",
            "Saakashvili Саакашвили სააკაშვილი",
            "Bykau Быкаў",
            "Zhumabayev Jumabaev Жұмабаев",
        ] {
            let keys: Vec<_> = names.split(' ').map(|name| phonetic_key(&fold(name))).collect();
            assert!(keys.iter().all(|key| *key == keys[0]), "{names}: {keys:?}");
        }
    }

    #[test]
    fn different_names_have_different_phonetic_keys() {
        for names in [
            "Ivanov Ivanova Ivanenko Ivanishin",
            "Petrov Pavlov Popov Pupov",
            "Karimov Kerimov Karamov",
            "Zhukov Shukov Chukov Kukov",
            "Maria Marina Mara Mariam",
            "Gusev Husev",
            "Sidorov Fedorov Sidorenko",
            "Orlov Orel Orlova",
            "Sharipov Zharipov Charipov Garipov",
            "Armenia Romania Albania",
            "Iran Iraq Irak0",
            "Member Members",
            "11 1 111 2011 201",
        ] {
            let mut keys: Vec<_> = names.split(' ').map(|name| phonetic_key(&fold(name))).collect();
            let count = keys.len();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), count, "{names}: {keys:?}");
        }
    }

    #[test]
    fn slugs_are_short_and_ascii() {
        assert_eq!(slug("Լևոն Տեր-Պետրոսյան"), slug("Լևոն Տեր Պետրոսյան"));
        assert_eq!(slug("A  Party (New)"), "a-party-new");
        assert!(slug(&"long name ".repeat(30)).len() <= 80);
        assert!(!slug(&"x".repeat(300)).ends_with('-'));
    }
}
