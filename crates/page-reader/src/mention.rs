//! Finds the records that a page mentions, in one pass over its text for all names of the graph.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use aho_corasick::AhoCorasick;

use crate::{
    cases, glossary,
    graph::{Assembly, Kind, Name},
    lists::BODIES,
    page::Page,
    word::{self, Word},
};

/// A record that a page mentions, with the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub slug: String,
    pub kind: Kind,
    /// The name as written at the first mention.
    pub written: String,
    pub lines: BTreeSet<usize>,
}

/// A name on a page that matches several records, or that may be a name of another person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmbiguousName {
    pub written: String,
    pub lines: BTreeSet<usize>,
    pub slugs: BTreeSet<String>,
}

/// The records and ambiguous names that a page mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    pub certain: Vec<Mention>,
    pub ambiguous: Vec<AmbiguousName>,
}

impl Mentions {
    /// Adds a mention of a record on a line.
    pub fn add(&mut self, kind: Kind, slug: &str, line: usize, page: &Page) {
        if let Some(known) = self.certain.iter_mut().find(|known| known.slug == slug) {
            known.lines.insert(line);
            return;
        }
        let written = page.lines.iter().find(|known| known.number == line);
        self.certain.push(Mention {
            slug: slug.to_owned(),
            kind,
            written: written.map(|line| line.text.clone()).unwrap_or_default(),
            lines: BTreeSet::from([line]),
        });
        self.certain.sort_by_cached_key(|known| (known.kind, known.slug.clone()));
    }
}

/// The minimum number of letters of a name.
const MIN_LETTERS: usize = 3;
/// The minimum number of words of a unique name of a session that is a mention without its convener.
const MIN_SESSION_WORDS: usize = 5;
/// Folded common words: a name of only these words does not identify a body.
static COMMON: LazyLock<HashSet<String>> =
    LazyLock::new(|| BODIES.common.iter().map(|word| word::fold(word)).collect());
/// The maximum number of letters of an acronym.
const MAX_ACRONYM_LETTERS: usize = 6;

/// Returns the token of a word in the searched text: the stem of a Russian word, marked by `~`, or the
/// folded word.
fn token(word: &Word) -> String {
    if word.cyrillic { format!("<~{}>", word.stem()) } else { format!("<{}>", word.plain) }
}

/// A token of a name.
struct Token {
    text: String,
    /// The folded word if it is an acronym, which has no ending.
    whole: Option<String>,
}

/// A form of a name as a sequence of tokens.
#[derive(Debug, PartialEq, Eq)]
struct Pattern {
    text: String,
    /// The acronyms of the name, with the indexes of their words.
    wholes: Vec<(usize, String)>,
}

impl Pattern {
    fn of(way: Vec<Token>) -> Self {
        let text = way.iter().map(|token| token.text.as_str()).collect();
        let wholes = way.into_iter().enumerate();
        let wholes = wholes.filter_map(|(at, token)| Some((at, token.whole?))).collect();
        Self { text, wholes }
    }
}

/// A name that has a pattern.
struct Target {
    /// The index of the name.
    name: usize,
    /// The acronyms of the name, with the indexes of their words.
    wholes: Vec<(usize, String)>,
}

impl Target {
    /// Whether a string contains the acronyms in uppercase and without endings.
    fn is_whole(&self, written: &str) -> bool {
        let words = if self.wholes.is_empty() { Vec::new() } else { word::words(written) };
        self.wholes.iter().all(|(at, whole)| {
            words.get(*at).is_some_and(|word| {
                word.plain == *whole && !written[word.range.clone()].contains(char::is_lowercase)
            })
        })
    }
}

/// Whether a word of a name is an acronym. Titles and names of persons may be in uppercase.
fn is_acronym(kind: Kind, name: &str, word: &str) -> bool {
    /// The maximum number of words of a name that consists of acronyms.
    const ALONE: usize = 2;
    let letters = word.chars().count();
    !matches!(kind, Kind::Member | Kind::Decision)
        && (2..=MAX_ACRONYM_LETTERS).contains(&letters)
        && word.chars().all(char::is_uppercase)
        && (name.contains(char::is_lowercase) || name.split_whitespace().count() <= ALONE)
}

/// The tokens of the pages, to search only for names that can occur.
pub struct Vocabulary {
    tokens: HashSet<String>,
    russian: bool,
}

impl Vocabulary {
    pub fn new(pages: &[Page]) -> Self {
        let words =
            pages.iter().flat_map(|page| &page.lines).flat_map(|line| word::words(&line.text));
        let tokens: HashSet<String> = words.map(|word| token(&word)).collect();
        let russian = tokens.iter().any(|token| token.starts_with("<~"));
        Self { tokens, russian }
    }

    /// Returns the patterns of a name whose tokens all occur in the pages.
    fn patterns(&self, kind: Kind, text: &str) -> Vec<Pattern> {
        let words = word::words(text);
        let letters = text.chars().filter(|letter| letter.is_alphanumeric()).count();
        let only_digits = words.iter().all(|word| word.plain.bytes().all(|b| b.is_ascii_digit()));
        let common = |word: &Word| glossary::is_filler(&word.plain) || COMMON.contains(&word.plain);
        let is_body =
            matches!(kind, Kind::Assembly | Kind::Commission | Kind::Parliament | Kind::Chamber);
        if letters < MIN_LETTERS
            || only_digits
            || (is_body && words.iter().all(common))
            || ([Kind::Member, Kind::PoliticalGroup].contains(&kind) && words.len() < 2)
        {
            return Vec::new();
        }
        let whole = |word: &Word| {
            is_acronym(kind, text, &text[word.range.clone()]).then(|| word.plain.clone())
        };
        let own = words.iter().map(|word| Token { text: token(word), whole: whole(word) });
        let mut ways = vec![own.collect::<Vec<_>>()];
        if self.russian && !words.iter().any(|word| word.cyrillic) {
            let stemmed = |stem: &str, whole| Token { text: format!("<~{stem}>"), whole };
            let nouns: Vec<&str> = match (kind, &words[..]) {
                (Kind::State, [only]) => glossary::russian_words(&only.plain).collect(),
                _ => Vec::new(),
            };
            for noun in &nouns {
                let noun = word::words(noun);
                ways.push(noun.iter().map(|word| stemmed(word.stem(), None)).collect());
            }
            // «Георгия» is a first name: the state Georgia is «Грузия».
            if nouns.is_empty() {
                ways.push(words.iter().map(|word| stemmed(word.stem(), whole(word))).collect());
            }
            if kind != Kind::Member && nouns.is_empty() {
                let translated = words.iter().filter(|word| !glossary::is_filler(&word.plain));
                let translated = translated.map(|word| {
                    let whole = whole(word).map(|word| glossary::russian_acronym(&word));
                    stemmed(glossary::russian_stem(word.stem()), whole)
                });
                ways.push(translated.collect());
            }
        }
        ways.retain(|way| {
            !way.is_empty() && way.iter().all(|token| self.tokens.contains(&token.text))
        });
        let mut patterns: Vec<Pattern> = ways.into_iter().map(Pattern::of).collect();
        patterns.dedup();
        patterns
    }

    fn may_name(&self, kind: Kind, text: &str) -> bool {
        !self.patterns(kind, text).is_empty()
    }

    /// Returns a filter for names of the graph.
    pub fn filter(&self, assemblies: &[Assembly]) -> NameFilter<'_> {
        let assembly_names = assemblies.iter().map(|row| {
            let names = &row.organization.names;
            [&row.organization.name].into_iter().chain(names).cloned().collect()
        });
        NameFilter { vocabulary: self, assembly_names: assembly_names.collect() }
    }
}

/// Accepts the names of records that the pages may contain.
pub struct NameFilter<'a> {
    vocabulary: &'a Vocabulary,
    /// All names of each assembly.
    assembly_names: Vec<Vec<String>>,
}

impl NameFilter<'_> {
    /// Whether the pages may contain a name in one of its forms.
    pub fn accepts(&self, kind: Kind, text: &str) -> bool {
        Kind::MENTIONABLE.contains(&kind)
            && self.forms(kind, text).iter().any(|form| self.vocabulary.may_name(kind, form))
    }

    /// Returns the forms of names that the pages may contain.
    pub(crate) fn expand(&self, names: Vec<Name>) -> Vec<Name> {
        let all = names.into_iter().flat_map(|Name { slug, kind, text }| {
            let forms = self.forms(kind, &text).into_iter();
            forms.map(move |text| Name { slug: slug.clone(), kind, text })
        });
        all.filter(|name| self.vocabulary.may_name(name.kind, &name.text)).collect()
    }

    /// Returns the forms of a name.
    fn forms(&self, kind: Kind, text: &str) -> Vec<String> {
        let mut forms = match kind {
            Kind::Commission => rewordings(text, &self.assembly_names),
            _ => Vec::new(),
        };
        forms.extend(strip_remark(text).map(str::to_owned));
        if matches!(kind, Kind::Parliament | Kind::Chamber | Kind::Delegation)
            && text.contains(REPUBLIC)
        {
            forms.push(text.replace(REPUBLIC, ""));
        }
        forms.push(text.to_owned());
        forms
    }
}

/// The names to search for.
#[derive(Clone, Default)]
pub struct NameIndex {
    pub all: Vec<Name>,
    /// The assembly and the body that hold a session, by slug of the session.
    pub conveners: HashMap<String, Vec<String>>,
    /// The parliament of a chamber, by slug of the chamber.
    pub parliaments: HashMap<String, String>,
}

/// Returns the names of a body with each name of its assembly, in both orders: "X Council" and "Council of
/// the X".
fn rewordings(text: &str, assembly_names: &[Vec<String>]) -> Vec<String> {
    let mut names = Vec::new();
    for all in assembly_names {
        let within = all.iter().filter_map(|one| Some((one, text.find(one.as_str())?)));
        // The longest name, because one name may contain another.
        let Some((one, at)) = within.max_by_key(|(one, _)| one.len()) else { continue };
        let (before, after) = (&text[..at], &text[at + one.len()..]);
        for other in all {
            names.push(format!("{before}{other}{after}"));
            match (before.strip_suffix(" of the "), after.strip_prefix(' ')) {
                (Some(body), None) if after.is_empty() => names.push(format!("{other} {body}")),
                (None, Some(body)) if before.is_empty() => {
                    names.push(format!("{body} of the {other}"));
                }
                _ => {}
            }
        }
    }
    names
}

/// A part that texts often omit from names of parliaments and chambers.
const REPUBLIC: &str = "the Republic of ";

/// Returns a name without a remark in parentheses, if it has one.
fn strip_remark(text: &str) -> Option<&str> {
    let (name, _) = text.strip_suffix(')')?.rsplit_once(" (")?;
    Some(name.trim())
}

/// Searches texts for names.
pub struct Finder<'a> {
    names: &'a NameIndex,
    automaton: AhoCorasick,
    /// The names that have each pattern.
    targets: Vec<Vec<Target>>,
}

impl<'a> Finder<'a> {
    pub fn new(names: &'a NameIndex, words: &Vocabulary) -> Result<Self, aho_corasick::BuildError> {
        let mut targets: BTreeMap<String, Vec<Target>> = BTreeMap::new();
        for (at, name) in names.all.iter().enumerate() {
            for Pattern { text, wholes } in words.patterns(name.kind, &name.text) {
                targets.entry(text).or_default().push(Target { name: at, wholes });
            }
        }
        let automaton = AhoCorasick::new(targets.keys())?;
        Ok(Self { names, automaton, targets: targets.into_values().collect() })
    }

    /// Finds the names on a page: whole words, and the longest of overlapping names.
    pub fn find(&self, page: &Page) -> Mentions {
        let mut text = String::new();
        // The offset of each word in the searched text, its line, and its range in that line.
        let mut places: Vec<(usize, usize, Range<usize>)> = Vec::new();
        for (at, line) in page.lines.iter().enumerate() {
            for word in word::words(&line.text) {
                places.push((text.len(), at, word.range.clone()));
                text.push_str(&token(&word));
            }
            text.push('\n');
        }
        let mut hits = Vec::new();
        for hit in self.automaton.find_overlapping_iter(&text) {
            let first = places.partition_point(|place| place.0 < hit.start());
            let last = places.partition_point(|place| place.0 < hit.end()) - 1;
            let (_, line, from) = &places[first];
            let written = &page.lines[*line].text[from.start..places[last].2.end];
            let targets = self.targets[hit.pattern().as_usize()].iter();
            let targets = targets.filter(|target| target.is_whole(written));
            let names = targets.map(|target| &self.names.all[target.name]);
            let names: Vec<&Name> = names.filter(|name| is_occurrence(name, written)).collect();
            hits.push(Hit { line: *line, words: first..last + 1, written, names });
        }
        let mut beside: HashSet<(usize, &str)> = HashSet::new();
        for hit in &hits {
            beside.extend(hit.names.iter().map(|name| (hit.line, name.slug.as_str())));
        }
        for hit in &mut hits {
            let line = hit.line;
            let alone = hit.words.len() >= MIN_SESSION_WORDS && one_slug(&hit.names);
            // Sessions of different bodies have equal names: the line has to mention the convener.
            hit.names.retain(|name| match self.names.conveners.get(&name.slug) {
                Some(conveners) => {
                    alone || conveners.iter().any(|slug| beside.contains(&(line, slug.as_str())))
                }
                None => true,
            });
        }
        hits.retain(|hit| !hit.names.is_empty());
        // The leftmost, longest of overlapping names.
        hits.sort_by_key(|hit| (hit.words.start, usize::MAX - hit.words.end));
        let mut end = 0;
        hits.retain(|hit| {
            let free = hit.words.start >= end;
            end = if free { hit.words.end } else { end };
            free
        });
        self.classify(page, &hits)
    }

    /// Separates certain mentions from ambiguous names.
    fn classify(&self, page: &Page, hits: &[Hit<'_>]) -> Mentions {
        let mut certain: BTreeMap<(Kind, &str), Mention> = BTreeMap::new();
        let mut ambiguous: BTreeMap<BTreeSet<String>, AmbiguousName> = BTreeMap::new();
        for Hit { line, written, names, .. } in hits {
            let number = page.lines[*line].number;
            let named: BTreeMap<&str, &Name> =
                names.iter().map(|name| (name.slug.as_str(), *name)).collect();
            // A parliament and its only chamber may have the same name, which mentions both.
            let parliament = |slug: &str| self.names.parliaments.get(slug).map(String::as_str);
            let wholes: BTreeSet<&str> =
                named.keys().map(|slug| parliament(slug).unwrap_or(slug)).collect();
            let is_sure = |name: &&Name| {
                name.kind != Kind::Member
                    || cases::gender_agreement(&name.text, written)
                        == cases::GenderAgreement::Certain
            };
            if wholes.len() > 1 || !names.iter().any(is_sure) {
                let slugs: BTreeSet<String> = named.keys().map(|slug| (*slug).to_owned()).collect();
                let known = ambiguous.entry(slugs.clone()).or_insert_with(|| AmbiguousName {
                    written: (*written).to_owned(),
                    lines: BTreeSet::new(),
                    slugs,
                });
                known.lines.insert(number);
                continue;
            }
            for (slug, name) in named {
                let known = certain.entry((name.kind, slug)).or_insert_with(|| Mention {
                    slug: slug.to_owned(),
                    kind: name.kind,
                    written: (*written).to_owned(),
                    lines: BTreeSet::new(),
                });
                known.lines.insert(number);
            }
        }
        Mentions {
            certain: certain.into_values().collect(),
            ambiguous: ambiguous.into_values().collect(),
        }
    }
}

/// An occurrence of a name: the line, the range of words of the page, and the matching names.
struct Hit<'a> {
    line: usize,
    words: Range<usize>,
    written: &'a str,
    names: Vec<&'a Name>,
}

fn one_slug(names: &[&Name]) -> bool {
    names.windows(2).all(|pair| pair[0].slug == pair[1].slug)
}

/// Whether a string can be an occurrence of a name. Acronyms must be in uppercase; titles of acts and single
/// words must begin with an uppercase letter.
fn is_occurrence(name: &Name, written: &str) -> bool {
    if name.kind == Kind::Member
        && cases::gender_agreement(&name.text, written) == cases::GenderAgreement::Excluded
    {
        return false;
    }
    let acronym = !name.text.contains(char::is_whitespace)
        && name.text.chars().count() <= MAX_ACRONYM_LETTERS
        && name.text.chars().all(|letter| !letter.is_lowercase());
    if acronym {
        return written.chars().all(|letter| !letter.is_lowercase());
    }
    if name.kind == Kind::State && !is_state(&name.text, written) {
        return false;
    }
    let capital = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
    let proper = name.kind == Kind::Decision || !name.text.contains(char::is_whitespace);
    !proper || !capital(&name.text) || capital(written)
}

/// Whether a string is a case of the name of a state of one word, not a name of its people.
fn is_state(name: &str, written: &str) -> bool {
    if name.contains(char::is_whitespace) || written.contains(char::is_whitespace) {
        return true;
    }
    let plain = word::fold(name);
    let mut nouns = glossary::russian_words(&plain).peekable();
    match nouns.peek() {
        Some(_) if cases::is_cyrillic(written) => {
            nouns.any(|noun| cases::is_case_of(noun, written))
        }
        _ => cases::is_case_of(name, written),
    }
}

/// Returns the locator of lines: "line 7", "lines 7, 12".
pub fn locator(lines: &BTreeSet<usize>) -> String {
    let numbers: Vec<String> = lines.iter().map(usize::to_string).collect();
    match numbers.len() {
        1 => format!("line {}", numbers[0]),
        _ => format!("lines {}", numbers.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::tests::page;

    fn names(all: &[(&str, Kind, &str)]) -> NameIndex {
        let all = all.iter().map(|(slug, kind, text)| Name {
            slug: (*slug).to_owned(),
            kind: *kind,
            text: (*text).to_owned(),
        });
        NameIndex { all: all.collect(), ..NameIndex::default() }
    }

    fn found(names: &NameIndex, text: &str) -> Vec<(String, String)> {
        let pages = [page(text)];
        let words = Vocabulary::new(&pages);
        let finder = Finder::new(names, &words).unwrap();
        let mentions = finder.find(&pages[0]).certain.into_iter();
        mentions.map(|one| (one.slug, locator(&one.lines))).collect()
    }

    fn expected(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(slug, lines)| ((*slug).to_owned(), (*lines).to_owned())).collect()
    }

    #[test]
    fn the_longest_name_is_found_with_all_lines() {
        let names = names(&[
            ("union", Kind::Commission, "EXU"),
            ("union-pa", Kind::Assembly, "EXU PA"),
            ("pa-board", Kind::Commission, "EXU PA Expert Board"),
            ("ann", Kind::Member, "Ann Other"),
        ]);
        let text =
            "Ann Other of the EXU\n\nEXU PA Expert Board: ANN  OTHER’s\nEXU PA, EXUS, Ann Others";
        let all = [
            ("ann", "lines 1, 3"),
            ("union-pa", "line 4"),
            ("pa-board", "line 3"),
            ("union", "line 1"),
        ];
        assert_eq!(found(&names, text), expected(&all));
    }

    #[test]
    fn short_and_lowercase_words_are_not_names() {
        let names = names(&[
            ("ex", Kind::Commission, "EX"),
            ("sea", Kind::Assembly, "SEA"),
            ("secrets", Kind::Decision, "On State Secrets"),
        ]);
        assert_eq!(found(&names, "The sea, EX, a law on state secrets."), []);
        let all = [("sea", "line 1"), ("secrets", "line 1")];
        assert_eq!(found(&names, "The SEA adopted On State Secrets"), expected(&all));
    }

    #[test]
    fn names_do_not_span_lines() {
        let names = names(&[("ann", Kind::Member, "Ann Other")]);
        assert_eq!(found(&names, "Ann\nOther"), []);
    }

    #[test]
    fn russian_texts_mention_records_with_names_in_either_script() {
        let names = names(&[
            ("orlov", Kind::Member, "Sergey Orlov"),
            ("iva", Kind::Member, "Ива Новак"),
            ("duma", Kind::Chamber, "State Duma of the Russian Federation"),
            ("belarus", Kind::State, "Belarus"),
            ("russia", Kind::State, "Russia"),
        ]);
        let text = "Сергея Орлова и Иву Новак\nГосударственной Думой Российской Федерации\n\
                    в Беларуси и России\nSergei ORLOV";
        let all = [
            ("iva", "line 1"),
            ("orlov", "lines 1, 4"),
            ("belarus", "line 3"),
            ("russia", "line 3"),
            ("duma", "line 2"),
        ];
        assert_eq!(found(&names, text), expected(&all));
    }

    #[test]
    fn acronyms_have_no_endings() {
        let names = names(&[
            ("apa", Kind::Assembly, "APA"),
            ("ipu", Kind::Assembly, "IPU"),
            ("osce", Kind::Assembly, "OSCE PA"),
            ("union", Kind::Assembly, "ПА ЭКС"),
            ("cis", Kind::Assembly, "IPA CIS"),
        ]);
        let text = "АП и ИП, ПУ\nОБС ПА, Па Экса\nПА ЭКС и МПА СНГ\nАПА";
        let all = [("apa", "line 4"), ("cis", "line 3"), ("union", "line 3")];
        assert_eq!(found(&names, text), expected(&all));
    }

    #[test]
    fn names_of_peoples_and_of_the_other_gender_are_not_mentions() {
        let all = [
            ("orlov", Kind::Member, "Александр Орлов"),
            ("rs", Kind::State, "Serbia"),
            ("ge", Kind::State, "Georgia"),
        ];
        let names = names(&all);
        assert_eq!(found(&names, "Сербы и Александрой Орловой, Георгия"), []);
        let pages = [page("Александра Орлова\nСербии, Грузии\nАлександр Орлов")];
        let words = Vocabulary::new(&pages);
        let mentions = Finder::new(&names, &words).unwrap().find(&pages[0]);
        let certain = mentions.certain.iter().map(|one| (one.slug.as_str(), locator(&one.lines)));
        let certain: Vec<_> = certain.collect();
        let expected = [("orlov", "line 3"), ("ge", "line 2"), ("rs", "line 2")];
        assert_eq!(certain, expected.map(|(slug, place)| (slug, place.to_owned())));
        assert_eq!(mentions.ambiguous[0].lines, BTreeSet::from([1]));
    }

    #[test]
    fn bodies_match_each_name_of_their_assembly() {
        let wordings = [vec!["EXU PA".to_owned(), "EXU Parliamentary Assembly".to_owned()]];
        let names = rewordings("Council of the EXU Parliamentary Assembly", &wordings);
        for expected in
            ["Council of the EXU PA", "EXU PA Council", "EXU Parliamentary Assembly Council"]
        {
            assert!(names.iter().any(|name| name == expected), "{names:?}");
        }
        let names = rewordings("EXU PA Commission on Law", &wordings);
        assert!(names.iter().any(|name| name == "EXU Parliamentary Assembly Commission on Law"));
        assert!(names.iter().any(|name| name == "Commission on Law of the EXU PA"));
        assert_eq!(strip_remark("A Concept (updated)"), Some("A Concept"));
    }

    #[test]
    fn a_rejected_name_does_not_hide_a_name_within_it() {
        let mut names = names(&[
            ("pa", Kind::Assembly, "EXU PA"),
            ("meeting", Kind::Session, "EXU PA meeting"),
        ]);
        names.conveners.insert("meeting".to_owned(), vec!["other".to_owned()]);
        assert_eq!(found(&names, "The EXU PA meeting"), expected(&[("pa", "line 1")]));
    }

    #[test]
    fn sessions_are_distinguished_by_convener() {
        let mut names = names(&[
            ("a", Kind::Assembly, "First Assembly"),
            ("b", Kind::Assembly, "Second Assembly"),
            ("a-3", Kind::Session, "3rd plenary session"),
            ("b-3", Kind::Session, "3rd plenary session"),
        ]);
        for (session, assembly) in [("a-3", "a"), ("b-3", "b")] {
            names.conveners.insert(session.to_owned(), vec![assembly.to_owned()]);
        }
        let text = "The 3rd plenary session of the Second Assembly\nThe 3rd plenary session";
        assert_eq!(found(&names, text), expected(&[("b", "line 1"), ("b-3", "line 1")]));
    }

    #[test]
    fn ambiguous_names_are_not_mentions() {
        let mut names = names(&[
            ("one", Kind::Member, "Ann Other"),
            ("two", Kind::Member, "Ann OTHER"),
            ("parliament", Kind::Parliament, "Great Diet"),
            ("chamber", Kind::Chamber, "Great Diet"),
        ]);
        names.parliaments.insert("chamber".to_owned(), "parliament".to_owned());
        let pages = [page("Ann Other of the Great Diet")];
        let words = Vocabulary::new(&pages);
        let mentions = Finder::new(&names, &words).unwrap().find(&pages[0]);
        let certain: Vec<&str> = mentions.certain.iter().map(|one| one.slug.as_str()).collect();
        assert_eq!(certain, ["parliament", "chamber"]);
        let slugs: Vec<&String> = mentions.ambiguous[0].slugs.iter().collect();
        assert_eq!(
            (mentions.ambiguous.len(), slugs[0].as_str(), slugs[1].as_str()),
            (1, "one", "two")
        );
    }
}
