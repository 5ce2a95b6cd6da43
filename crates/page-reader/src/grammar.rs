//! The lines of the sidebar that an assembly's site repeats on all its pages: a small grammar, with
//! a table of its variants in each language. Knows wordings and no record of the graph.

use super::fold::{self, Word};

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
pub enum Reading {
    Item(Item),
    /// It goes on otherwise: why it was not understood.
    Unclear(&'static str),
}

type Phrase = &'static [&'static str];

/// How one language words the sidebar. Words stand as they are spoken, in lower case.
struct Wording {
    /// How a line on a delegation begins.
    delegation: &'static [Phrase],
    /// Between the delegation and its numbers.
    verbs: &'static [Phrase],
    /// Between a parliament and the assembly it is in.
    links: &'static [&'static str],
    /// Who is counted.
    units: &'static [&'static str],
    senators: &'static [&'static str],
    /// How a line on a representative begins.
    representative: &'static [Phrase],
    /// How a line on a site begins.
    website: &'static [Phrase],
    /// Words before a name that are none of it.
    fillers: &'static [&'static str],
    numbers: &'static [&'static [&'static str]],
}

const WORDINGS: &[Wording] = &[
    Wording {
        delegation: &[
            &["delegation", "of"],
            &["delegation", "from"],
            &["parliamentary", "delegation", "of"],
        ],
        verbs: &[
            &["consists", "of"],
            &["consist", "of"],
            &["is", "represented", "by"],
            &["are", "represented", "by"],
            &["is", "composed", "of"],
            &["is", "comprised", "of"],
            &["is", "made", "up", "of"],
            &["is", "formed", "of"],
            &["comprises"],
            &["includes"],
            &["has"],
        ],
        links: &["to", "in", "at"],
        units: &[
            "deputies",
            "deputy",
            "members",
            "member",
            "senators",
            "senator",
            "representatives",
            "representative",
            "parliamentarians",
            "parliamentarian",
            "delegates",
            "delegate",
            "persons",
            "people",
            "mps",
        ],
        senators: &["senators", "senator"],
        representative: &[
            &["plenipotentiary", "representative", "of"],
            &["plenipotentiary", "representative", "from"],
            &["permanent", "representative", "of"],
            &["authorized", "representative", "of"],
            &["authorised", "representative", "of"],
            &["representative", "of"],
        ],
        website: &[
            &["website", "of"],
            &["web", "site", "of"],
            &["official", "website", "of"],
            &["official", "web", "site", "of"],
            &["official", "site", "of"],
            &["site", "of"],
        ],
        fillers: &["the", "of", "from", "in", "by", "and"],
        numbers: &[
            &["one"],
            &["two"],
            &["three"],
            &["four"],
            &["five"],
            &["six"],
            &["seven"],
            &["eight"],
            &["nine"],
            &["ten"],
            &["eleven"],
            &["twelve"],
            &["thirteen"],
            &["fourteen"],
            &["fifteen"],
            &["sixteen"],
            &["seventeen"],
            &["eighteen"],
            &["nineteen"],
            &["twenty"],
        ],
    },
    Wording {
        delegation: &[&["делегация"], &["парламентская", "делегация"]],
        verbs: &[
            &["представлена"],
            &["представлен"],
            &["состоит", "из"],
            &["включает", "в", "себя"],
            &["включает"],
            &["насчитывает"],
            &["сформирована", "из"],
            &["в", "составе"],
        ],
        links: &["в", "во", "при"],
        units: &[
            "депутатами",
            "депутатом",
            "депутатов",
            "депутата",
            "депутат",
            "депутаты",
            "членами",
            "членом",
            "членов",
            "члена",
            "член",
            "члены",
            "сенаторами",
            "сенатором",
            "сенаторов",
            "сенатора",
            "сенатор",
            "сенаторы",
            "представителями",
            "представителем",
            "представителей",
            "парламентариями",
            "парламентариев",
            "человек",
            "человека",
        ],
        senators: &["сенаторами", "сенатором", "сенаторов", "сенатора", "сенатор", "сенаторы"],
        representative: &[
            &["полномочный", "представитель"],
            &["полномочным", "представителем"],
            &["постоянный", "представитель"],
            &["уполномоченный", "представитель"],
            &["представитель"],
        ],
        website: &[
            &["сайт"],
            &["официальный", "сайт"],
            &["веб", "сайт"],
            &["официальный", "веб", "сайт"],
            &["интернет", "сайт"],
            &["официальный", "интернет", "сайт"],
        ],
        fillers: &["от", "из", "и", "а", "также"],
        numbers: &[
            &["один", "одним", "одного", "одной"],
            &["два", "двумя", "двух"],
            &["три", "тремя", "трёх", "трех"],
            &["четыре", "четырьмя", "четырёх", "четырех"],
            &["пять", "пятью", "пяти"],
            &["шесть", "шестью", "шести"],
            &["семь", "семью", "семи"],
            &["восемь", "восемью", "восьмью", "восьми"],
            &["девять", "девятью", "девяти"],
            &["десять", "десятью", "десяти"],
            &["одиннадцать", "одиннадцатью", "одиннадцати"],
            &["двенадцать", "двенадцатью", "двенадцати"],
            &["тринадцать", "тринадцатью", "тринадцати"],
            &["четырнадцать", "четырнадцатью", "четырнадцати"],
            &["пятнадцать", "пятнадцатью", "пятнадцати"],
            &["шестнадцать", "шестнадцатью", "шестнадцати"],
            &["семнадцать", "семнадцатью", "семнадцати"],
            &["восемнадцать", "восемнадцатью", "восемнадцати"],
            &["девятнадцать", "девятнадцатью", "девятнадцати"],
            &["двадцать", "двадцатью", "двадцати"],
        ],
    },
];

/// A line as its words, each also in lower case.
struct Said<'a> {
    text: &'a str,
    words: Vec<Word>,
    lower: Vec<String>,
}

impl<'a> Said<'a> {
    fn of(text: &'a str) -> Self {
        let words = fold::words(text);
        let lower = words.iter().map(|word| text[word.place.clone()].to_lowercase()).collect();
        Self { text, words, lower }
    }

    fn starts(&self, at: usize, phrase: &[&str]) -> bool {
        let rest = self.lower.get(at..).unwrap_or_default();
        rest.len() >= phrase.len() && rest.iter().zip(phrase).all(|(said, word)| said == word)
    }

    /// The place after the longest of the phrases that the words at a place begin with.
    fn after(&self, at: usize, phrases: &[Phrase]) -> Option<usize> {
        let found = phrases.iter().filter(|phrase| self.starts(at, phrase));
        found.map(|phrase| at + phrase.len()).max()
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
const LONGEST: usize = 2_000;

/// How lines of the sidebar begin that may stand in one line with others, as where a page puts them
/// into one paragraph.
const STARTS: &[&str] = &[
    " Delegation of ",
    " The delegation of ",
    " Plenipotentiary ",
    " Website of ",
    " Делегация ",
    " Полномочный представитель ",
    " Сайт ",
    " Официальный сайт ",
];

/// Reads a line: what it says, one after the other; nothing where it does not begin like a line of
/// the sidebar.
pub fn read_all(text: &str) -> Vec<Reading> {
    let Some(first) = read(text) else { return Vec::new() };
    let starts = STARTS.iter().flat_map(|start| text.match_indices(start).map(|(at, _)| at));
    let mut starts: Vec<usize> = starts.collect();
    starts.sort_unstable();
    let ends = starts.iter().copied().chain([text.len()]);
    let parts = [0].into_iter().chain(starts.iter().copied()).zip(ends);
    let parts: Vec<Reading> = parts.filter_map(|(from, to)| read(text[from..to].trim())).collect();
    let all_said = parts.iter().all(|part| matches!(part, Reading::Item(_)));
    if all_said && parts.len() == starts.len() + 1 { parts } else { vec![first] }
}

fn read(text: &str) -> Option<Reading> {
    let text = unglued(text);
    if text.len() > 4 * LONGEST || text.chars().count() > LONGEST {
        return None;
    }
    let said = Said::of(text);
    WORDINGS.iter().find_map(|wording| {
        let start = usize::from(said.starts(0, &["the"]));
        if let Some(at) = said.after(start, wording.delegation) {
            return Some(delegation(&said, at, wording));
        }
        if let Some(at) = said.after(start, wording.representative) {
            return Some(representative(&said, at));
        }
        said.after(start, wording.website).map(|at| website(&said, at))
    })
}

/// A line without a path of the site that is glued to its start.
fn unglued(text: &str) -> &str {
    let path = |letter: char| letter.is_ascii_lowercase() || "/_-".contains(letter);
    match text.starts_with('/') {
        true => text.trim_start_matches(path).trim_start(),
        false => text,
    }
}

fn delegation(said: &Said<'_>, start: usize, wording: &Wording) -> Reading {
    let verb = (start..said.words.len())
        .find_map(|at| said.after(at, wording.verbs).map(|after| (at, after)));
    let Some((verb, after)) = verb else { return Reading::Unclear("no verb of the sidebar in it") };
    let sender = said.span(start, verb);
    let mut parts: Vec<(usize, usize, u16)> = Vec::new();
    for at in after..said.words.len() {
        let Some(seats) = number(&said.lower[at], wording) else { continue };
        // An adjective, or the number again in words, may stand before who is counted.
        let unit = (at + 1..said.words.len().min(at + 4))
            .find(|place| wording.units.contains(&said.lower[*place].as_str()));
        let Some(unit) = unit else { continue };
        if parts.last().is_none_or(|part| part.1 != unit) {
            parts.push((at, unit, seats));
        }
    }
    let Some(first) = parts.first().map(|part| part.0) else {
        return Reading::Unclear("no number of deputies, members or senators in it");
    };
    let place = said.span(after, first).trim();
    let ends = parts.iter().skip(1).map(|part| part.0).chain([said.words.len()]);
    let read = parts.iter().zip(ends).map(|((_, unit, seats), end)| {
        let filler = |at: &usize| wording.fillers.contains(&said.lower[*at].as_str());
        let from = (unit + 1..end).find(|at| !filler(at)).unwrap_or(end);
        let to = (from..end).rev().find(|at| !filler(at)).map_or(from, |at| at + 1);
        let from = said.span(from, to);
        let word = said.lower[*unit].as_str();
        Part {
            seats: *seats,
            unit: word.to_owned(),
            senators: wording.senators.contains(&word),
            from: (!from.is_empty()).then(|| path_off(from).to_owned()),
        }
    });
    let mut parts: Vec<Part> = read.collect();
    // "22 deputies: 10 from one chamber and 12 from the other" says the sum first.
    let rest: u32 = parts.iter().skip(1).map(|part| u32::from(part.seats)).sum();
    if parts.len() > 2 && parts[0].from.is_none() && u32::from(parts[0].seats) == rest {
        parts.remove(0);
    }
    let place = (!place.is_empty()).then(|| place.to_owned());
    Reading::Item(Item::Delegation { sender: sender.to_owned(), place, parts })
}

/// A phrase without a path of the site that is glued to its end.
fn path_off(text: &str) -> &str {
    match text.find("./").or_else(|| text.find('/')) {
        Some(at) => text[..at].trim_end(),
        None => text,
    }
}

fn number(word: &str, wording: &Wording) -> Option<u16> {
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let at = wording.numbers.iter().position(|forms| forms.contains(&word))?;
    u16::try_from(at + 1).ok()
}

/// Where a label ends: a colon that is not that of an address.
fn colon(text: &str) -> Option<(&str, &str)> {
    let colons = text.match_indices([':', '：']);
    let mut colons = colons.filter(|(at, colon)| !text[at + colon.len()..].starts_with("//"));
    colons.next().map(|(at, colon)| (&text[..at], text[at + colon.len()..].trim()))
}

/// What stands between a person's offices.
const SEPARATORS: &[&str] = &[", ", "; ", " - ", " – ", " — ", " -", " –", " —", "– ", "— "];

fn representative(said: &Said<'_>, start: usize) -> Reading {
    let Some((label, name)) = colon(said.text) else {
        return Reading::Unclear("no colon before a name");
    };
    let Some(first) = said.words.get(start).filter(|word| word.place.end <= label.len()) else {
        return Reading::Unclear("nobody is named who is spoken for");
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
        return Reading::Unclear("what stands after the colon is no name");
    }
    let name = (!name.is_empty()).then(|| name.to_owned());
    Reading::Item(Item::Representative { of, offices, name, title })
}

fn website(said: &Said<'_>, start: usize) -> Reading {
    let address_at =
        |text: &str| ["http://", "https://", "www."].iter().find_map(|sign| text.find(sign));
    let (label, address) = match (colon(said.text), address_at(said.text)) {
        (Some((label, rest)), _) => (label, rest),
        (None, Some(at)) => (&said.text[..at], &said.text[at..]),
        (None, None) => return Reading::Unclear("no colon before an address"),
    };
    let Some(first) = said.words.get(start).filter(|word| word.place.end <= label.len()) else {
        return Reading::Unclear("nobody is named whose site it is");
    };
    let of = label[first.place.start..].trim_end_matches([' ', '-', '–', '—']).to_owned();
    match address {
        "" | "-" | "–" | "—" => Reading::Item(Item::Website { of, address: None }),
        address if is_address(address) => {
            Reading::Item(Item::Website { of, address: Some(address.to_owned()) })
        }
        _ => Reading::Unclear("what stands after the colon is no address"),
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

/// The most links that are tried.
const LINKS: usize = 4;

/// The ways to take a phrase apart into a parliament and the assembly that it is in: the last link
/// comes first.
pub fn splits(phrase: &str) -> Vec<(&str, &str)> {
    let said = Said::of(phrase);
    let is_link = |at: &usize| {
        let word = said.lower[*at].as_str();
        WORDINGS.iter().any(|wording| wording.links.contains(&word))
    };
    let links = (1..said.words.len()).rev().filter(is_link).take(LINKS);
    links.map(|at| (said.span(0, at), said.span(at + 1, said.words.len()))).collect()
}

/// A phrase without a link before it, such as "in the".
pub fn linked(phrase: &str) -> &str {
    let said = Said::of(phrase);
    let is_link = |word: &String| WORDINGS.iter().any(|one| one.links.contains(&word.as_str()));
    let at = usize::from(said.lower.first().is_some_and(is_link));
    said.span(at, said.words.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> Item {
        match read(text) {
            Some(Reading::Item(item)) => item,
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
            let (who, said) = parts(&text);
            assert_eq!(who, format!("the {sender}"));
            assert_eq!(said, two("Lower House", "Upper House of Exland"), "{verb}");
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
        let (sender, said) = parts(text);
        assert_eq!(sender, "Народного Хурала Экслании в ПА");
        assert_eq!(
            said,
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
            Reading::Item(Item::Delegation { parts, .. }),
            Reading::Item(Item::Representative { name, .. }),
            Reading::Item(Item::Website { address, .. }),
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
            assert!(!matches!(read(text), Some(Reading::Item(_))), "{text}");
        }
    }

    #[test]
    fn splits_try_the_last_link_first() {
        let phrase = "the Diet in Exland to the PA";
        assert_eq!(
            splits(phrase),
            [("the Diet in Exland", "the PA"), ("the Diet", "Exland to the PA")]
        );
        assert_eq!(linked("в ПА ОДКБ"), "ПА ОДКБ");
    }
}
