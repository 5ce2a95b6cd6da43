//! The lines of the sidebar that an assembly's site repeats on all its pages: a small grammar, whose
//! wordings in each language are lists. Knows no record of the graph.

use crate::{
    lists::{self, WORDINGS, Wording},
    word::{self, Word},
};

/// What a line of the sidebar says, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Whose delegation it is, in the words before the verb and, in some wordings, those after it;
    /// and how many are sent from where.
    Delegation { sender: String, place: Option<String>, parts: Vec<Part> },
    /// Whom somebody speaks for, what else he or she is, and who it is; none where nothing follows.
    Representative { of: String, offices: Vec<String>, name: Option<String>, title: String },
    /// Whose site, and its address; none where nothing follows: unknown, not empty.
    Website { of: String, address: Option<String> },
}

/// So many of a delegation, and where they come from; nowhere where the line does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub seats: u16,
    pub unit: String,
    pub senators: bool,
    pub from: Option<String>,
}

/// A line that begins like one of the sidebar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parse {
    Item(Item),
    /// It goes on otherwise, and why that is not understood.
    Unclear(&'static str),
}

/// A line as its words, each also in lower case.
struct Words<'a> {
    text: &'a str,
    words: Vec<Word>,
    lower: Vec<String>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let words = word::words(text);
        let lower = words.iter().map(|word| text[word.place.clone()].to_lowercase()).collect();
        Self { text, words, lower }
    }

    /// The place after a phrase that the words at a place begin with.
    fn after(&self, at: usize, phrase: &str) -> Option<usize> {
        let mut rest = self.lower.get(at..)?.iter();
        let begins = phrase.split(' ').all(|word| rest.next().is_some_and(|own| own == word));
        begins.then(|| self.lower.len() - rest.len())
    }

    /// The place after the longest of the phrases that the words at a place begin with.
    fn after_any(&self, at: usize, phrases: &[String]) -> Option<usize> {
        phrases.iter().filter_map(|phrase| self.after(at, phrase)).max()
    }

    /// The text of some words, with what stands between them.
    fn span(&self, from: usize, to: usize) -> &'a str {
        match self.words.get(from..to) {
            Some([first, .., last]) => &self.text[first.place.start..last.place.end],
            Some([only]) => &self.text[only.place.clone()],
            _ => "",
        }
    }
}

/// The most letters of a line of a sidebar.
const MAX_CHARS: usize = 2_000;

/// Reads a line: what it says, one after the other; nothing where it does not begin like a line of
/// the sidebar.
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
    let line = Words::of(text);
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

/// A line without a path of the site that is glued to its start.
fn strip_leading_path(text: &str) -> &str {
    let path = |letter: char| letter.is_ascii_lowercase() || "/_-".contains(letter);
    match text.starts_with('/') {
        true => text.trim_start_matches(path).trim_start(),
        false => text,
    }
}

fn delegation(line: &Words<'_>, start: usize, wording: &Wording) -> Parse {
    let verb = (start..line.words.len())
        .find_map(|at| line.after_any(at, &wording.verbs).map(|after| (at, after)));
    let Some((verb, after)) = verb else { return Parse::Unclear("no verb of the sidebar in it") };
    let sender = line.span(start, verb);
    let mut parts: Vec<(usize, usize, u16)> = Vec::new();
    for at in after..line.words.len() {
        let Some(seats) = number(&line.lower[at], wording) else { continue };
        // An adjective, or the number again in words, may stand before who is counted.
        let unit = (at + 1..line.words.len().min(at + 4))
            .find(|place| lists::contains(&wording.units, &line.lower[*place]));
        let Some(unit) = unit else { continue };
        if parts.last().is_none_or(|part| part.1 != unit) {
            parts.push((at, unit, seats));
        }
    }
    let Some(first) = parts.first().map(|part| part.0) else {
        return Parse::Unclear("no number of deputies, members or senators in it");
    };
    let place = line.span(after, first).trim();
    let ends = parts.iter().skip(1).map(|part| part.0).chain([line.words.len()]);
    let read = parts.iter().zip(ends).map(|((_, unit, seats), end)| {
        let filler = |at: &usize| lists::contains(&wording.fillers, &line.lower[*at]);
        let from = (unit + 1..end).find(|at| !filler(at)).unwrap_or(end);
        let to = (from..end).rev().find(|at| !filler(at)).map_or(from, |at| at + 1);
        let from = line.span(from, to);
        let unit = line.lower[*unit].clone();
        Part {
            seats: *seats,
            senators: lists::contains(&wording.senators, &unit),
            unit,
            from: (!from.is_empty()).then(|| strip_trailing_path(from).to_owned()),
        }
    });
    let mut parts: Vec<Part> = read.collect();
    // "22 deputies: 10 from one chamber and 12 from the other" says the sum first.
    let rest: u32 = parts.iter().skip(1).map(|part| u32::from(part.seats)).sum();
    if parts.len() > 2 && parts[0].from.is_none() && u32::from(parts[0].seats) == rest {
        parts.remove(0);
    }
    let place = (!place.is_empty()).then(|| place.to_owned());
    Parse::Item(Item::Delegation { sender: sender.to_owned(), place, parts })
}

/// A phrase without a path of the site that is glued to its end.
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

/// Where a label ends: a colon that is not that of an address.
fn split_label(text: &str) -> Option<(&str, &str)> {
    let colons = text.match_indices([':', '：']);
    let mut colons = colons.filter(|(at, colon)| !text[at + colon.len()..].starts_with("//"));
    colons.next().map(|(at, colon)| (&text[..at], text[at + colon.len()..].trim()))
}

/// What stands between a person's offices.
const SEPARATORS: &[&str] = &[", ", "; ", " - ", " – ", " — ", " -", " –", " —", "– ", "— "];

fn representative(line: &Words<'_>, start: usize) -> Parse {
    let Some((label, name)) = split_label(line.text) else {
        return Parse::Unclear("no colon before a name");
    };
    let Some(first) = line.words.get(start).filter(|word| word.place.end <= label.len()) else {
        return Parse::Unclear("nobody is named who is spoken for");
    };
    let mut rest = &label[first.place.start..];
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
    // The words of the source for this office are those before the others.
    let end = label.find(&of).map_or(label.len(), |at| at + of.len());
    let title = label[..end].trim().to_owned();
    let name = name.trim_end_matches(['.', ',', ';']).trim();
    if name.chars().count() > 80 || name.contains([':', '/', '@']) {
        return Parse::Unclear("what stands after the colon is no name");
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
    let Some(first) = line.words.get(start).filter(|word| word.place.end <= label.len()) else {
        return Parse::Unclear("nobody is named whose site it is");
    };
    let of = label[first.place.start..].trim_end_matches([' ', '-', '–', '—']).to_owned();
    match address {
        "" | "-" | "–" | "—" => Parse::Item(Item::Website { of, address: None }),
        address if is_address(address) => {
            Parse::Item(Item::Website { of, address: Some(address.to_owned()) })
        }
        _ => Parse::Unclear("what stands after the colon is no address"),
    }
}

/// Whether a text is an address on the web and nothing else.
pub fn is_address(text: &str) -> bool {
    let host = text.trim_start_matches("https://").trim_start_matches("http://");
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    !text.contains(char::is_whitespace)
        && host.contains('.')
        && !host.ends_with('.')
        && host.chars().all(|letter| letter.is_alphanumeric() || ".-:".contains(letter))
}

/// Whether a word stands between a parliament and its assembly.
fn is_link(word: &str) -> bool {
    WORDINGS.iter().any(|wording| lists::contains(&wording.prepositions, word))
}

/// The most links that are tried.
const LINKS: usize = 4;

/// The ways to take a phrase apart into a parliament and the assembly that it is in: the last link
/// comes first.
pub fn splits(phrase: &str) -> Vec<(&str, &str)> {
    let line = Words::of(phrase);
    let links = (1..line.words.len()).rev().filter(|at| is_link(&line.lower[*at])).take(LINKS);
    links.map(|at| (line.span(0, at), line.span(at + 1, line.words.len()))).collect()
}

/// A phrase without a link before it, such as "in the".
pub fn strip_link(phrase: &str) -> &str {
    let line = Words::of(phrase);
    let at = usize::from(line.lower.first().is_some_and(|word| is_link(word)));
    line.span(at, line.words.len())
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
    fn delegations_are_read_in_all_wordings() {
        let sender = "Great Hural of Exland to the PA";
        let two =
            |one: &str, other: &str| vec![part(3, "deputies", one), part(14, "members", other)];
        for verb in [
            "consists of",
            "is represented by",
            "is composed of",
            "is made up of",
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
    fn russian_delegations_are_read() {
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
    fn representatives_may_hold_further_offices() {
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
    fn nothing_after_the_colon_is_unknown() {
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
    fn one_paragraph_may_hold_all_lines() {
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
    fn other_lines_are_told_apart() {
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
    fn splits_try_the_last_link_first() {
        let phrase = "the Diet in Exland to the PA";
        assert_eq!(
            splits(phrase),
            [("the Diet in Exland", "the PA"), ("the Diet", "Exland to the PA")]
        );
        assert_eq!(strip_link("в ПА ОДКБ"), "ПА ОДКБ");
    }
}
