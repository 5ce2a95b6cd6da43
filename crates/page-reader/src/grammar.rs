//! A grammar of the lines of sidebars, whose words in each language are in `words/`. Does not use
//! records of the graph.

use crate::{
    lists::{self, WORDINGS, Wording},
    word::{self, Word},
};

/// A parsed line of a sidebar, in the words of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A delegation: the phrase before the verb, the phrase after it that names the assembly in some
    /// wordings, and the numbers of seats.
    Delegation { sender: String, place: Option<String>, parts: Vec<Part> },
    /// A representative: the parliament, other offices, and the name; `None` if the line has no name.
    Representative { of: String, offices: Vec<String>, name: Option<String>, title: String },
    /// A website: the organization and the address; `None`, meaning unknown, if the line has no address.
    Website { of: String, address: Option<String> },
}

/// A part of a delegation: the number of seats, and the chamber if the line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub seats: u16,
    pub unit: String,
    pub senators: bool,
    pub from: Option<String>,
}

/// The result of parsing a line that begins like one of a sidebar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parse {
    Item(Item),
    /// The rest of the line does not match the grammar, with the reason.
    Unclear(&'static str),
}

/// The words of a line.
struct Words<'a> {
    text: &'a str,
    words: Vec<Word>,
    lower: Vec<String>,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        let words = word::words(text);
        let lower = words.iter().map(|word| text[word.range.clone()].to_lowercase()).collect();
        Self { text, words, lower }
    }

    /// Returns the index after a phrase that starts at an index.
    fn after(&self, at: usize, phrase: &str) -> Option<usize> {
        let mut rest = self.lower.get(at..)?.iter();
        let begins = phrase.split(' ').all(|word| rest.next().is_some_and(|own| own == word));
        begins.then(|| self.lower.len() - rest.len())
    }

    /// Returns the index after the longest of the phrases that start at an index.
    fn after_any(&self, at: usize, phrases: &[String]) -> Option<usize> {
        phrases.iter().filter_map(|phrase| self.after(at, phrase)).max()
    }

    /// Returns the text from one word to before another.
    fn slice(&self, from: usize, to: usize) -> &'a str {
        match self.words.get(from..to) {
            Some([first, .., last]) => &self.text[first.range.start..last.range.end],
            Some([only]) => &self.text[only.range.clone()],
            _ => "",
        }
    }
}

/// The maximum number of letters of a line of a sidebar.
const MAX_CHARS: usize = 2_000;

/// Parses a line that consists of one or more sidebar lines. Returns an empty list if it does not begin
/// like a line of a sidebar.
pub fn read_all(text: &str) -> Vec<Parse> {
    let Some(first) = read(text) else { return Vec::new() };
    let starts = WORDINGS.iter().flat_map(|words| &words.line_starts).flat_map(|start| {
        text.match_indices(&format!(" {start} ")).map(|(at, _)| at).collect::<Vec<_>>()
    });
    let mut starts: Vec<usize> = starts.collect();
    starts.sort_unstable();
    let ends = starts.iter().copied().chain([text.len()]);
    let parts = [0].into_iter().chain(starts.iter().copied()).zip(ends);
    let parts: Vec<Parse> = parts.filter_map(|(from, to)| read(text[from..to].trim())).collect();
    let are_items = parts.iter().all(|part| matches!(part, Parse::Item(_)));
    if are_items && parts.len() == starts.len() + 1 { parts } else { vec![first] }
}

fn read(text: &str) -> Option<Parse> {
    let text = strip_leading_path(text);
    if text.len() > 4 * MAX_CHARS || text.chars().count() > MAX_CHARS {
        return None;
    }
    let line = Words::new(text);
    let start = line.after(0, "the").unwrap_or_default();
    WORDINGS.iter().find_map(|wording| {
        if let Some(at) = line.after_any(start, &wording.delegation) {
            return Some(delegation(&line, at, wording));
        }
        if let Some(at) = line.after_any(start, &wording.representative) {
            return Some(representative(&line, at));
        }
        line.after_any(start, &wording.website).map(|at| website(&line, at))
    })
}

/// Removes a path of the site at the beginning of a line.
fn strip_leading_path(text: &str) -> &str {
    let path = |letter: char| letter.is_ascii_lowercase() || "/_-".contains(letter);
    if text.starts_with('/') { text.trim_start_matches(path).trim_start() } else { text }
}

fn delegation(line: &Words<'_>, start: usize, wording: &Wording) -> Parse {
    let verb = (start..line.words.len())
        .find_map(|at| line.after_any(at, &wording.verbs).map(|after| (at, after)));
    let Some((verb, after)) = verb else {
        return Parse::Unclear("no verb between delegation and seats");
    };
    let sender = line.slice(start, verb);
    let mut parts: Vec<(usize, usize, u16)> = Vec::new();
    for at in after..line.words.len() {
        let Some(seats) = number(&line.lower[at], wording) else { continue };
        // An adjective or the number in words may precede the unit.
        let unit = (at + 1..line.words.len().min(at + 4))
            .find(|place| lists::contains(&wording.units, &line.lower[*place]));
        let Some(unit) = unit else { continue };
        if parts.last().is_none_or(|part| part.1 != unit) {
            parts.push((at, unit, seats));
        }
    }
    let Some(first) = parts.first().map(|part| part.0) else {
        return Parse::Unclear("no number of deputies, members or senators");
    };
    let place = line.slice(after, first).trim();
    let ends = parts.iter().skip(1).map(|part| part.0).chain([line.words.len()]);
    let read = parts.iter().zip(ends).map(|((_, unit, seats), end)| {
        let filler = |at: &usize| lists::contains(&wording.fillers, &line.lower[*at]);
        let from = (unit + 1..end).find(|at| !filler(at)).unwrap_or(end);
        let to = (from..end).rev().find(|at| !filler(at)).map_or(from, |at| at + 1);
        let from = line.slice(from, to);
        let unit = line.lower[*unit].clone();
        Part {
            seats: *seats,
            senators: lists::contains(&wording.senators, &unit),
            unit,
            from: (!from.is_empty()).then(|| strip_trailing_path(from).to_owned()),
        }
    });
    let mut parts: Vec<Part> = read.collect();
    // "22 deputies: 10 from one chamber and 12 from the other" begins with the sum.
    let rest: u32 = parts.iter().skip(1).map(|part| u32::from(part.seats)).sum();
    if parts.len() > 2 && parts[0].from.is_none() && u32::from(parts[0].seats) == rest {
        parts.remove(0);
    }
    let place = (!place.is_empty()).then(|| place.to_owned());
    Parse::Item(Item::Delegation { sender: sender.to_owned(), place, parts })
}

/// Removes a path of the site at the end of a phrase.
fn strip_trailing_path(text: &str) -> &str {
    match text.find("./").or_else(|| text.find('/')) {
        Some(at) => text[..at].trim_end(),
        None => text,
    }
}

fn number(word: &str, wording: &Wording) -> Option<u16> {
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let at = wording.numbers.iter().position(|forms| lists::contains(forms, word))?;
    u16::try_from(at + 1).ok()
}

/// Splits a line after its label, at the first colon that is not part of a URL.
fn split_label(text: &str) -> Option<(&str, &str)> {
    let colons = text.match_indices([':', '：']);
    let mut colons = colons.filter(|(at, colon)| !text[at + colon.len()..].starts_with("//"));
    colons.next().map(|(at, colon)| (&text[..at], text[at + colon.len()..].trim()))
}

/// Separators between the offices of a person.
const SEPARATORS: &[&str] = &[", ", "; ", " - ", " – ", " — ", " -", " –", " —", "– ", "— "];

fn representative(line: &Words<'_>, start: usize) -> Parse {
    let Some((label, name)) = split_label(line.text) else {
        return Parse::Unclear("no colon before a name");
    };
    let Some(first) = line.words.get(start).filter(|word| word.range.end <= label.len()) else {
        return Parse::Unclear("no parliament before the colon");
    };
    let mut rest = &label[first.range.start..];
    let mut segments = Vec::new();
    loop {
        let next = SEPARATORS.iter().filter_map(|sign| Some((rest.find(sign)?, sign.len())));
        let Some((at, length)) = next.min_by_key(|(at, length)| (*at, usize::MAX - length)) else {
            break;
        };
        segments.push(rest[..at].trim());
        rest = &rest[at + length..];
    }
    segments.push(rest.trim());
    let mut segments = segments.into_iter().filter(|segment| !segment.is_empty());
    let of = segments.next().unwrap_or_default().to_owned();
    let offices: Vec<String> = segments.map(str::to_owned).collect();
    // The title of the post is the label without the other offices.
    let end = label.find(&of).map_or(label.len(), |at| at + of.len());
    let title = label[..end].trim().to_owned();
    let name = name.trim_end_matches(['.', ',', ';']).trim();
    if name.chars().count() > 80 || name.contains([':', '/', '@']) {
        return Parse::Unclear("the text after the colon is not a name");
    }
    let name = (!name.is_empty()).then(|| name.to_owned());
    Parse::Item(Item::Representative { of, offices, name, title })
}

fn website(line: &Words<'_>, start: usize) -> Parse {
    let address_at =
        |text: &str| ["http://", "https://", "www."].iter().find_map(|sign| text.find(sign));
    let (label, address) = match (split_label(line.text), address_at(line.text)) {
        (Some((label, rest)), _) => (label, rest),
        (None, Some(at)) => (&line.text[..at], &line.text[at..]),
        (None, None) => return Parse::Unclear("no colon before an address"),
    };
    let Some(first) = line.words.get(start).filter(|word| word.range.end <= label.len()) else {
        return Parse::Unclear("no organization before the address");
    };
    let of = label[first.range.start..].trim_end_matches([' ', '-', '–', '—']).to_owned();
    match address {
        "" | "-" | "–" | "—" => Parse::Item(Item::Website { of, address: None }),
        address if is_address(address) => {
            Parse::Item(Item::Website { of, address: Some(address.to_owned()) })
        }
        _ => Parse::Unclear("the text after the colon is not an address"),
    }
}

/// Whether a string is a web address.
pub fn is_address(text: &str) -> bool {
    let host = text.trim_start_matches("https://").trim_start_matches("http://");
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    !text.contains(char::is_whitespace)
        && host.contains('.')
        && !host.ends_with('.')
        && host.chars().all(|letter| letter.is_alphanumeric() || ".-:".contains(letter))
}

/// Whether a word is a preposition between a parliament and its assembly.
fn is_preposition(word: &str) -> bool {
    WORDINGS.iter().any(|wording| lists::contains(&wording.prepositions, word))
}

/// The maximum number of prepositions at which a phrase is split.
const MAX_SPLITS: usize = 4;

/// Splits a phrase into a parliament and an assembly at each preposition, the last one first.
pub fn splits(phrase: &str) -> Vec<(&str, &str)> {
    let line = Words::new(phrase);
    let links =
        (1..line.words.len()).rev().filter(|at| is_preposition(&line.lower[*at])).take(MAX_SPLITS);
    links.map(|at| (line.slice(0, at), line.slice(at + 1, line.words.len()))).collect()
}

/// Removes a preposition at the beginning of a phrase.
pub fn strip_preposition(phrase: &str) -> &str {
    let line = Words::new(phrase);
    let at = usize::from(line.lower.first().is_some_and(|word| is_preposition(word)));
    line.slice(at, line.words.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> Item {
        match read(text) {
            Some(Parse::Item(item)) => item,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn part(seats: u16, unit: &str, from: &str) -> Part {
        let senators = unit.starts_with("senator") || unit.starts_with("сенатор");
        let from = (!from.is_empty()).then(|| from.to_owned());
        Part { seats, unit: unit.to_owned(), senators, from }
    }

    fn parts(text: &str) -> (String, Vec<Part>) {
        match item(text) {
            Item::Delegation { sender, parts, .. } => (sender, parts),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn wordings_of_delegations_are_parsed() {
        let sender = "Great Hural of Exland to the PA";
        let two =
            |one: &str, other: &str| vec![part(3, "deputies", one), part(14, "members", other)];
        for verb in [
            "consists of",
            "is represented by",
            "is composed of",
            "is formed of",
            "comprises",
            "includes",
        ] {
            let text = format!(
                "Delegation of the Great Hural of Exland to the PA {verb} 3 deputies from the Lower \
                 House and 14 members of the Upper House of Exland."
            );
            let (who, parts) = parts(&text);
            assert_eq!(who, format!("the {sender}"));
            assert_eq!(parts, two("Lower House", "Upper House of Exland"), "{verb}");
        }
        let text = "The delegation of the Diet to the PA consists of five (5) elected deputies";
        assert_eq!(parts(text).1, [part(5, "deputies", "")]);
        let text = "Delegation of the Diet to the PA consists of 5 deputies.";
        assert_eq!(parts(text).1, [part(5, "deputies", "")]);
        let text = "Delegation of X to the PA is represented by 2 deputies of A and 9 senators of the Exlandic Federation";
        assert_eq!(
            parts(text).1,
            [part(2, "deputies", "A"), part(9, "senators", "Exlandic Federation")]
        );
        let text = "Delegation of X to the PA consists of 11 deputies: 2 deputies of A and 9 members of B.";
        assert_eq!(parts(text).1, [part(2, "deputies", "A"), part(9, "members", "B")]);
    }

    #[test]
    fn russian_delegations_are_parsed() {
        let text = "/countries/exlandДелегация Народного Хурала Экслании в ПА представлена 7 депутатами \
                    Нижней палаты и 4 членами Верхней палаты./countries/exland";
        let (sender, parts) = parts(text);
        assert_eq!(sender, "Народного Хурала Экслании в ПА");
        assert_eq!(
            parts,
            [part(7, "депутатами", "Нижней палаты"), part(4, "членами", "Верхней палаты")]
        );
        let text = "Делегация Хурала представлена в ПА двенадцатью сенаторами Экслании";
        let Item::Delegation { sender, place, parts } = item(text) else { panic!() };
        assert_eq!((sender.as_str(), place.as_deref()), ("Хурала", Some("в ПА")));
        assert_eq!(parts, [part(12, "сенаторами", "Экслании")]);
        let text = "Делегация Хурала в ПА состоит из 10 депутатов Палаты, а также 2 членов Совета.";
        let Item::Delegation { parts, .. } = item(text) else { panic!() };
        assert_eq!(parts, [part(10, "депутатов", "Палаты"), part(2, "членов", "Совета")]);
    }

    #[test]
    fn representatives_may_hold_other_offices() {
        let of = |text: &str| match item(text) {
            Item::Representative { of, offices, name, title } => (of, offices, name, title),
            other => panic!("{text}: {other:?}"),
        };
        for (sign, word) in
            [(", ", "representative"), (" - ", "Representative"), (" – ", "representative")]
        {
            let text = format!(
                "Plenipotentiary {word} of the Diet of Exland{sign}deputy Secretary of the PA: Ann Other"
            );
            let (diet, offices, name, title) = of(&text);
            assert_eq!(diet, "Diet of Exland".replace("Diet", "the Diet"));
            assert_eq!(offices, ["deputy Secretary of the PA"]);
            assert_eq!(name.as_deref(), Some("Ann Other"));
            assert_eq!(title, format!("Plenipotentiary {word} of the Diet of Exland"));
        }
        let (of_, offices, name, _) = of(
            "Полномочный представитель Хурала Экслании — заместитель секретаря: Иная Анна Ивановна",
        );
        assert_eq!((of_.as_str(), offices.len()), ("Хурала Экслании", 1));
        assert_eq!(name.as_deref(), Some("Иная Анна Ивановна"));
        assert_eq!(of("Plenipotentiary representative of the Diet:").2, None);
    }

    #[test]
    fn a_missing_address_is_unknown() {
        let of = |text: &str| match item(text) {
            Item::Website { of, address } => (of, address),
            other => panic!("{text}: {other:?}"),
        };
        let diet = "the Diet of Exland".to_owned();
        assert_eq!(of("Website of the Diet of Exland:"), (diet.clone(), None));
        let address = |text: &str| of(text).1;
        assert_eq!(
            address("Website of the Diet of Exland: http://diet.ex/en/").as_deref(),
            Some("http://diet.ex/en/")
        );
        assert_eq!(address("Official site of the Diet: diet.ex").as_deref(), Some("diet.ex"));
        assert_eq!(
            address("Сайт Хурала Экслании: https://хурал.рф").as_deref(),
            Some("https://хурал.рф")
        );
        assert_eq!(
            address("Website of the Diet http://diet.ex").as_deref(),
            Some("http://diet.ex")
        );
        assert_eq!(address("Официальный веб-сайт Хурала:"), None);
    }

    #[test]
    fn a_paragraph_may_contain_all_lines() {
        let text = "Delegation of the Diet to the PA consists of 5 deputies. Plenipotentiary \
                    representative of the Diet: Ann Other Website of the Diet: http://diet.ex";
        let [
            Parse::Item(Item::Delegation { parts, .. }),
            Parse::Item(Item::Representative { name, .. }),
            Parse::Item(Item::Website { address, .. }),
        ] = &read_all(text)[..]
        else {
            panic!("{:?}", read_all(text));
        };
        assert_eq!(*parts, [part(5, "deputies", "")]);
        assert_eq!(name.as_deref(), Some("Ann Other"));
        assert_eq!(address.as_deref(), Some("http://diet.ex"));
    }

    #[test]
    fn other_lines_are_not_items() {
        for text in [
            "Text of an item.",
            "Delegations of ten states met.",
            "",
            "Representatives of the Diet: all",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        for text in [
            "Delegation of the Diet arrived in Exland.",
            "Delegation of the Diet to the PA consists of many deputies.",
            "Website of the Diet: see below, please",
            "Plenipotentiary representative of the Diet",
            "Plenipotentiary representative:  Ann Other",
        ] {
            assert!(!matches!(read(text), Some(Parse::Item(_))), "{text}");
        }
    }

    #[test]
    fn splits_begin_with_the_last_preposition() {
        let phrase = "the Diet in Exland to the PA";
        assert_eq!(
            splits(phrase),
            [("the Diet in Exland", "the PA"), ("the Diet", "Exland to the PA")]
        );
        assert_eq!(strip_preposition("в ПА ОДКБ"), "ПА ОДКБ");
    }
}
