//! Which records a page names: one pass over its text for the names of all records of the graph.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
};

use aho_corasick::AhoCorasick;
use entity::{
    Id, RecordKind, assembly, chamber, commission, decision, delegation, entity as registry,
    member, name, parliament, political_group, session, state,
};
use futures_util::TryStreamExt;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, JoinType, QuerySelect, RelationTrait};

use super::{
    cases,
    fold::{self, Word},
    glossary,
    text::Page,
};
use crate::store::find;

/// A name of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub slug: String,
    pub kind: RecordKind,
    pub text: String,
}

/// A record that a page names, and on which lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub slug: String,
    pub kind: RecordKind,
    /// As the page writes it where it does so first.
    pub written: String,
    pub lines: BTreeSet<usize>,
}

/// A name on a page that several records go by, or that may as well be that of somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous {
    pub written: String,
    pub lines: BTreeSet<usize>,
    pub slugs: BTreeSet<String>,
}

/// What a page names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    pub certain: Vec<Mention>,
    pub ambiguous: Vec<Ambiguous>,
}

impl Mentions {
    /// Adds a record that a line is known to mean.
    pub fn add(&mut self, kind: RecordKind, slug: &str, line: usize, page: &Page) {
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
        self.certain.sort_by_cached_key(|known| (place(known.kind), known.slug.clone()));
    }
}

fn place(kind: RecordKind) -> Option<usize> {
    NAMED.iter().position(|named| *named == kind)
}

/// The kinds of records that texts call by name, in the order in which they are told.
const NAMED: &[RecordKind] = &[
    RecordKind::Member,
    RecordKind::Assembly,
    RecordKind::Commission,
    RecordKind::PoliticalGroup,
    RecordKind::State,
    RecordKind::Parliament,
    RecordKind::Chamber,
    RecordKind::Delegation,
    RecordKind::Session,
    RecordKind::Decision,
];

/// The fewest letters of a name; shorter ones mean too much.
const SHORTEST: usize = 3;
/// How many words tell a session from all others, where no other is called the same.
const TELLING: usize = 5;
/// Words of which many bodies have their names: made of these alone, a name tells none of them.
const COMMON: &[&str] = &[
    "parliament",
    "senate",
    "assembly",
    "national",
    "federal",
    "state",
    "council",
    "house",
    "chamber",
    "representatives",
    "deputies",
    "congress",
    "supreme",
    "lower",
    "upper",
    "legislative",
    "legislature",
    "general",
    "people",
    "commission",
    "committee",
    "secretariat",
    "bureau",
    "board",
    "group",
    "working",
    "expert",
    "majlis",
    "diet",
    "states",
    "executive",
];
/// The most letters of a word that counts as an acronym where it is all capitals.
const ACRONYM: usize = 6;

/// A word as it stands in what is searched. Russian ones stand there without their endings, and
/// apart, because English ones keep theirs.
fn token(word: &Word) -> String {
    match word.cyrillic {
        true => format!("<~{}>", word.stem()),
        false => format!("<{}>", word.plain),
    }
}

/// A word of a name as it is looked for.
struct Token {
    text: String,
    /// The whole word in plain letters where it is an acronym, which has no endings.
    whole: Option<String>,
}

/// A name as it is looked for.
#[derive(Debug, PartialEq, Eq)]
struct Pattern {
    text: String,
    /// The acronyms in it, by their places among its words.
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

/// A name that a pattern stands for.
struct Sought {
    /// Its place among all names.
    name: usize,
    /// The acronyms in it, by their places among its words.
    wholes: Vec<(usize, String)>,
}

impl Sought {
    /// Whether the acronyms stand in what is written, whole and in capitals.
    fn is_whole(&self, written: &str) -> bool {
        let words = if self.wholes.is_empty() { Vec::new() } else { fold::words(written) };
        self.wholes.iter().all(|(at, whole)| {
            words.get(*at).is_some_and(|word| {
                word.plain == *whole && !written[word.place.clone()].contains(char::is_lowercase)
            })
        })
    }
}

/// Whether a word of a name is an acronym. Titles and names of persons may be in capitals.
fn is_acronym(kind: RecordKind, name: &str, word: &str) -> bool {
    /// The most words of a name that is made of acronyms alone.
    const ALONE: usize = 2;
    let letters = word.chars().count();
    !matches!(kind, RecordKind::Member | RecordKind::Decision)
        && (2..=ACRONYM).contains(&letters)
        && word.chars().all(char::is_uppercase)
        && (name.contains(char::is_lowercase) || name.split_whitespace().count() <= ALONE)
}

/// The words of pages, so that only names are looked for that can be there.
pub struct Vocabulary {
    tokens: HashSet<String>,
    russian: bool,
}

impl Vocabulary {
    pub fn of(pages: &[Page]) -> Self {
        let words =
            pages.iter().flat_map(|page| &page.lines).flat_map(|line| fold::words(&line.text));
        let tokens: HashSet<String> = words.map(|word| token(&word)).collect();
        let russian = tokens.iter().any(|token| token.starts_with("<~"));
        Self { tokens, russian }
    }

    /// The ways in which a name can stand in the pages; none where some of its words do not.
    fn patterns(&self, kind: RecordKind, text: &str) -> Vec<Pattern> {
        let words = fold::words(text);
        let letters = text.chars().filter(|letter| letter.is_alphanumeric()).count();
        let only_digits = words.iter().all(|word| word.plain.bytes().all(|b| b.is_ascii_digit()));
        let common = |word: &Word| {
            let plain = glossary::is_filler(&word.plain);
            plain || COMMON.iter().any(|one| fold::folded(one) == word.plain)
        };
        let is_body = matches!(
            kind,
            RecordKind::Assembly
                | RecordKind::Commission
                | RecordKind::Parliament
                | RecordKind::Chamber
        );
        if letters < SHORTEST
            || only_digits
            || (is_body && words.iter().all(common))
            || ([RecordKind::Member, RecordKind::PoliticalGroup].contains(&kind) && words.len() < 2)
        {
            return Vec::new();
        }
        let whole = |word: &Word| {
            is_acronym(kind, text, &text[word.place.clone()]).then(|| word.plain.clone())
        };
        let own = words.iter().map(|word| Token { text: token(word), whole: whole(word) });
        let mut ways = vec![own.collect::<Vec<_>>()];
        if self.russian && !words.iter().any(|word| word.cyrillic) {
            let stemmed = |stem: &str, whole| Token { text: format!("<~{stem}>"), whole };
            let nouns: Vec<&str> = match (kind, &words[..]) {
                (RecordKind::State, [only]) => glossary::nouns(&only.plain).collect(),
                _ => Vec::new(),
            };
            for noun in &nouns {
                let noun = fold::words(noun);
                ways.push(noun.iter().map(|word| stemmed(word.stem(), None)).collect());
            }
            // «Георгия» is a name of persons, and no state where the state is «Грузия».
            if nouns.is_empty() {
                ways.push(words.iter().map(|word| stemmed(word.stem(), whole(word))).collect());
            }
            if kind != RecordKind::Member && nouns.is_empty() {
                let translated = words.iter().filter(|word| !glossary::is_filler(&word.plain));
                let translated = translated.map(|word| {
                    let whole = whole(word).map(|word| glossary::acronym(&word));
                    stemmed(glossary::russian(word.stem()), whole)
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

    fn may_name(&self, kind: RecordKind, text: &str) -> bool {
        !self.patterns(kind, text).is_empty()
    }
}

/// The names that pages may hold.
#[derive(Default)]
pub struct Names {
    pub all: Vec<Name>,
    /// Of each session, by slug, the assembly and the body that hold it.
    pub holders: HashMap<String, Vec<String>>,
    /// Of each chamber, by slug, its parliament.
    pub parliaments: HashMap<String, String>,
}

impl Names {
    /// All names of the database that pages with these words may hold.
    pub async fn load(store: &DatabaseTransaction, words: &Vocabulary) -> Result<Self, DbErr> {
        let wordings = wordings(store).await?;
        let mut found: Vec<(Id, RecordKind, String)> = Vec::new();
        let mut add = |id: Id, kind: RecordKind, text: String| {
            let others = match kind {
                RecordKind::Commission => reworded(&text, &wordings),
                _ => Vec::new(),
            };
            let bare = without_remark(&text).map(str::to_owned);
            let short = match kind {
                RecordKind::Parliament | RecordKind::Chamber | RecordKind::Delegation => {
                    text.contains(REPUBLIC).then(|| text.replace(REPUBLIC, ""))
                }
                _ => None,
            };
            let all = others.into_iter().chain(bare).chain(short).chain([text]);
            found
                .extend(all.filter(|text| words.may_name(kind, text)).map(|text| (id, kind, text)));
        };
        macro_rules! named {
            ($($table:ident $kind:ident $column:ident),*) => {
                $({
                    let rows = $table::Entity::find()
                        .select_only()
                        .columns([$table::Column::Id, $table::Column::$column])
                        .into_tuple::<(Id, Option<String>)>();
                    let mut rows = rows.stream(store).await?;
                    while let Some((id, text)) = rows.try_next().await? {
                        if let Some(text) = text {
                            add(id, RecordKind::$kind, text);
                        }
                    }
                })*
            };
        }
        named! {
            member Member Name, state State Name, assembly Assembly Name, assembly Assembly Acronym,
            parliament Parliament Name, chamber Chamber Name, delegation Delegation Name,
            commission Commission Name, political_group PoliticalGroup Name, session Session Name, decision Decision Title
        }
        {
            let rows = name::Entity::find()
                .select_only()
                .columns([name::Column::RecordId, name::Column::Value])
                .column(registry::Column::Kind)
                .join(JoinType::InnerJoin, name::Relation::Record.def())
                .into_tuple::<(Id, String, RecordKind)>();
            let mut rows = rows.stream(store).await?;
            while let Some((id, text, kind)) = rows.try_next().await? {
                if NAMED.contains(&kind) {
                    add(id, kind, text);
                }
            }
        }
        let ids = found.iter().map(|row| row.0).collect();
        let records = find::<registry::Entity>(store, registry::Column::Id, &ids).await?;
        let records: HashMap<Id, registry::Model> =
            records.into_iter().map(|row| (row.id, row)).collect();
        let described = BTreeSet::from_iter(found.iter().map(|row| row.0));
        let described = find::<decision::Entity>(store, decision::Column::Id, &described).await?;
        // A description of the keepers is no title that a text would have.
        let described: HashSet<Id> =
            described.into_iter().filter(|row| !row.title_given).map(|row| row.id).collect();
        found.retain(|(id, ..)| !described.contains(id));
        let mut names = Self::default();
        names.surround(store, &found).await?;
        names.all.extend(found.into_iter().filter_map(|(id, kind, text)| {
            Some(Name { slug: records.get(&id)?.slug.clone(), kind, text })
        }));
        Ok(names)
    }

    /// Notes whose the sessions and the chambers are that have names among those found.
    async fn surround(
        &mut self,
        store: &DatabaseTransaction,
        found: &[(Id, RecordKind, String)],
    ) -> Result<(), DbErr> {
        let of = |kind| found.iter().filter(move |row| row.1 == kind).map(|row| row.0).collect();
        let (sessions, chambers) = (of(RecordKind::Session), of(RecordKind::Chamber));
        let sessions = find::<session::Entity>(store, session::Column::Id, &sessions).await?;
        let chambers = find::<chamber::Entity>(store, chamber::Column::Id, &chambers).await?;
        let outer = sessions.iter().flat_map(|row| [row.assembly_id, row.commission_id]).flatten();
        let outer = outer.chain(chambers.iter().map(|row| row.parliament_id)).collect();
        let outer = find::<registry::Entity>(store, registry::Column::Id, &outer).await?;
        let slugs: HashMap<Id, String> = outer.into_iter().map(|row| (row.id, row.slug)).collect();
        for row in sessions {
            let holders = [row.assembly_id, row.commission_id].into_iter().flatten();
            let slugs = holders.filter_map(|id| slugs.get(&id).cloned()).collect();
            self.holders.insert(row.slug, slugs);
        }
        for row in chambers {
            let parliament = slugs.get(&row.parliament_id).cloned();
            self.parliaments.extend(parliament.map(|parliament| (row.slug, parliament)));
        }
        Ok(())
    }
}

/// How each assembly is called, in all ways.
async fn wordings(store: &DatabaseTransaction) -> Result<Vec<Vec<String>>, DbErr> {
    let assemblies = assembly::Entity::find().all(store).await?;
    let ids = assemblies.iter().map(|row| row.id).collect();
    let names = find::<name::Entity>(store, name::Column::RecordId, &ids).await?;
    let all = assemblies.into_iter().map(|row| {
        let more = names.iter().filter(|name| name.record_id == row.id);
        let more = more.map(|name| name.value.clone());
        [row.name].into_iter().chain(row.acronym).chain(more).collect()
    });
    Ok(all.collect())
}

/// The names of a body of an assembly with the assembly called otherwise, and in the other order:
/// "X Council" is "Council of the X".
fn reworded(text: &str, wordings: &[Vec<String>]) -> Vec<String> {
    let mut names = Vec::new();
    for all in wordings {
        let within = all.iter().filter_map(|one| Some((one, text.find(one.as_str())?)));
        // The longest, and not a part of it.
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

/// What names of parliaments and chambers often lose.
const REPUBLIC: &str = "the Republic of ";

/// A name without what its keepers add to it in brackets.
fn without_remark(text: &str) -> Option<&str> {
    let (name, _) = text.strip_suffix(')')?.rsplit_once(" (")?;
    Some(name.trim())
}

/// The names of records, ready to be looked for.
pub struct Finder<'a> {
    names: &'a Names,
    automaton: AhoCorasick,
    /// The names that each pattern stands for.
    meant: Vec<Vec<Sought>>,
}

impl<'a> Finder<'a> {
    pub fn new(names: &'a Names, words: &Vocabulary) -> Result<Self, aho_corasick::BuildError> {
        let mut meant: BTreeMap<String, Vec<Sought>> = BTreeMap::new();
        for (at, name) in names.all.iter().enumerate() {
            for Pattern { text, wholes } in words.patterns(name.kind, &name.text) {
                meant.entry(text).or_default().push(Sought { name: at, wholes });
            }
        }
        let automaton = AhoCorasick::new(meant.keys())?;
        Ok(Self { names, automaton, meant: meant.into_values().collect() })
    }

    /// What a page names: whole words only, and of names within names the longest.
    pub fn find(&self, page: &Page) -> Mentions {
        let mut text = String::new();
        // Where each word begins in the text that is searched, on which line, and where on it.
        let mut places: Vec<(usize, usize, Range<usize>)> = Vec::new();
        for (at, line) in page.lines.iter().enumerate() {
            for word in fold::words(&line.text) {
                places.push((text.len(), at, word.place.clone()));
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
            let meant = self.meant[hit.pattern().as_usize()].iter();
            let meant = meant.filter(|sought| sought.is_whole(written));
            let names = meant.map(|sought| &self.names.all[sought.name]);
            let names: Vec<&Name> = names.filter(|name| is_written(name, written)).collect();
            hits.push(Hit { line: *line, words: first..last + 1, written, names });
        }
        let mut beside: HashSet<(usize, &str)> = HashSet::new();
        for hit in &hits {
            beside.extend(hit.names.iter().map(|name| (hit.line, name.slug.as_str())));
        }
        for hit in &mut hits {
            let line = hit.line;
            let alone = hit.words.len() >= TELLING && one_slug(&hit.names);
            // Sessions of many bodies are called the same: the text has to name whose it is.
            hit.names.retain(|name| match self.names.holders.get(&name.slug) {
                Some(holders) => {
                    alone || holders.iter().any(|slug| beside.contains(&(line, slug.as_str())))
                }
                None => true,
            });
        }
        hits.retain(|hit| !hit.names.is_empty());
        // Of names within names the longest, from the left.
        hits.sort_by_key(|hit| (hit.words.start, usize::MAX - hit.words.end));
        let mut end = 0;
        hits.retain(|hit| {
            let free = hit.words.start >= end;
            end = if free { hit.words.end } else { end };
            free
        });
        self.weigh(page, &hits)
    }

    fn weigh(&self, page: &Page, hits: &[Hit<'_>]) -> Mentions {
        let mut certain: BTreeMap<(Option<usize>, &str), Mention> = BTreeMap::new();
        let mut ambiguous: BTreeMap<BTreeSet<String>, Ambiguous> = BTreeMap::new();
        for Hit { line, written, names, .. } in hits {
            let number = page.lines[*line].number;
            let told: BTreeMap<&str, &Name> =
                names.iter().map(|name| (name.slug.as_str(), *name)).collect();
            // A parliament and its only chamber are called the same, and are both meant.
            let parliament = |slug: &str| self.names.parliaments.get(slug).map(String::as_str);
            let wholes: BTreeSet<&str> =
                told.keys().map(|slug| parliament(slug).unwrap_or(slug)).collect();
            let is_sure = |name: &&Name| {
                name.kind != RecordKind::Member
                    || cases::fit(&name.text, written) == cases::Fit::Sure
            };
            if wholes.len() > 1 || !names.iter().any(is_sure) {
                let slugs: BTreeSet<String> = told.keys().map(|slug| (*slug).to_owned()).collect();
                let known = ambiguous.entry(slugs.clone()).or_insert_with(|| Ambiguous {
                    written: (*written).to_owned(),
                    lines: BTreeSet::new(),
                    slugs,
                });
                known.lines.insert(number);
                continue;
            }
            for (slug, name) in told {
                let known = certain.entry((place(name.kind), slug)).or_insert_with(|| Mention {
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

/// A name found on a page: on which line, which words of the page, and what goes by it.
struct Hit<'a> {
    line: usize,
    words: Range<usize>,
    written: &'a str,
    names: Vec<&'a Name>,
}

fn one_slug(names: &[&Name]) -> bool {
    names.windows(2).all(|pair| pair[0].slug == pair[1].slug)
}

/// Whether what is written can be meant as a name: acronyms stand in capitals, titles of acts and
/// single words begin with one; in small letters the same words mean something else.
fn is_written(name: &Name, written: &str) -> bool {
    if name.kind == RecordKind::Member && cases::fit(&name.text, written) == cases::Fit::No {
        return false;
    }
    let acronym = !name.text.contains(char::is_whitespace)
        && name.text.chars().count() <= ACRONYM
        && name.text.chars().all(|letter| !letter.is_lowercase());
    if acronym {
        return written.chars().all(|letter| !letter.is_lowercase());
    }
    if name.kind == RecordKind::State && !is_state(&name.text, written) {
        return false;
    }
    let capital = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
    let proper = name.kind == RecordKind::Decision || !name.text.contains(char::is_whitespace);
    !proper || !capital(&name.text) || capital(written)
}

/// Whether what is written is a case of the name of a state of one word, and not that of its people.
fn is_state(name: &str, written: &str) -> bool {
    if name.contains(char::is_whitespace) || written.contains(char::is_whitespace) {
        return true;
    }
    let plain = fold::folded(name);
    let mut nouns = glossary::nouns(&plain).peekable();
    match nouns.peek() {
        Some(_) if cases::is_cyrillic(written) => {
            nouns.any(|noun| cases::is_case_of(noun, written))
        }
        _ => cases::is_case_of(name, written),
    }
}

/// Where on a page something stands: "line 7", "lines 7, 12".
pub fn locator(lines: &BTreeSet<usize>) -> String {
    let numbers: Vec<String> = lines.iter().map(usize::to_string).collect();
    match numbers.len() {
        1 => format!("line {}", numbers[0]),
        _ => format!("lines {}", numbers.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::text::tests::page, *};

    fn names(all: &[(&str, RecordKind, &str)]) -> Names {
        let all = all.iter().map(|(slug, kind, text)| Name {
            slug: (*slug).to_owned(),
            kind: *kind,
            text: (*text).to_owned(),
        });
        Names { all: all.collect(), ..Names::default() }
    }

    fn found(names: &Names, text: &str) -> Vec<(String, String)> {
        let pages = [page(text)];
        let words = Vocabulary::of(&pages);
        let finder = Finder::new(names, &words).unwrap();
        let mentions = finder.find(&pages[0]).certain.into_iter();
        mentions.map(|one| (one.slug, locator(&one.lines))).collect()
    }

    fn said(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(slug, lines)| ((*slug).to_owned(), (*lines).to_owned())).collect()
    }

    #[test]
    fn the_longest_name_wins_and_lines_are_gathered() {
        let names = names(&[
            ("union", RecordKind::Commission, "EXU"),
            ("union-pa", RecordKind::Assembly, "EXU PA"),
            ("pa-board", RecordKind::Commission, "EXU PA Expert Board"),
            ("ann", RecordKind::Member, "Ann Other"),
        ]);
        let text =
            "Ann Other of the EXU\n\nEXU PA Expert Board: ANN  OTHER’s\nEXU PA, EXUS, Ann Others";
        let all = [
            ("ann", "lines 1, 3"),
            ("union-pa", "line 4"),
            ("pa-board", "line 3"),
            ("union", "line 1"),
        ];
        assert_eq!(found(&names, text), said(&all));
    }

    #[test]
    fn short_and_small_letters_are_no_names() {
        let names = names(&[
            ("ex", RecordKind::Commission, "EX"),
            ("sea", RecordKind::Assembly, "SEA"),
            ("secrets", RecordKind::Decision, "On State Secrets"),
        ]);
        assert_eq!(found(&names, "The sea, EX, a law on state secrets."), []);
        let all = [("sea", "line 1"), ("secrets", "line 1")];
        assert_eq!(found(&names, "The SEA adopted On State Secrets"), said(&all));
    }

    #[test]
    fn names_do_not_run_over_lines() {
        let names = names(&[("ann", RecordKind::Member, "Ann Other")]);
        assert_eq!(found(&names, "Ann\nOther"), []);
    }

    #[test]
    fn russian_texts_name_whom_the_graph_knows_in_either_script() {
        let names = names(&[
            ("orlov", RecordKind::Member, "Sergey Orlov"),
            ("iva", RecordKind::Member, "Ива Новак"),
            ("duma", RecordKind::Chamber, "State Duma of the Russian Federation"),
            ("belarus", RecordKind::State, "Belarus"),
            ("russia", RecordKind::State, "Russia"),
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
        assert_eq!(found(&names, text), said(&all));
    }

    #[test]
    fn acronyms_have_no_endings() {
        let names = names(&[
            ("apa", RecordKind::Assembly, "APA"),
            ("ipu", RecordKind::Assembly, "IPU"),
            ("osce", RecordKind::Assembly, "OSCE PA"),
            ("union", RecordKind::Assembly, "ПА ЭКС"),
            ("cis", RecordKind::Assembly, "IPA CIS"),
        ]);
        let text = "АП и ИП, ПУ\nОБС ПА, Па Экса\nПА ЭКС и МПА СНГ\nАПА";
        let all = [("apa", "line 4"), ("cis", "line 3"), ("union", "line 3")];
        assert_eq!(found(&names, text), said(&all));
    }

    #[test]
    fn peoples_are_no_states_and_women_no_men() {
        let all = [
            ("orlov", RecordKind::Member, "Александр Орлов"),
            ("rs", RecordKind::State, "Serbia"),
            ("ge", RecordKind::State, "Georgia"),
        ];
        let names = names(&all);
        assert_eq!(found(&names, "Сербы и Александрой Орловой, Георгия"), []);
        let pages = [page("Александра Орлова\nСербии, Грузии\nАлександр Орлов")];
        let words = Vocabulary::of(&pages);
        let mentions = Finder::new(&names, &words).unwrap().find(&pages[0]);
        let certain = mentions.certain.iter().map(|one| (one.slug.as_str(), locator(&one.lines)));
        let certain: Vec<_> = certain.collect();
        let expected = [("orlov", "line 3"), ("ge", "line 2"), ("rs", "line 2")];
        assert_eq!(certain, expected.map(|(slug, place)| (slug, place.to_owned())));
        assert_eq!(mentions.ambiguous[0].lines, BTreeSet::from([1]));
    }

    #[test]
    fn bodies_are_known_however_their_assembly_is_called() {
        let wordings = [vec!["EXU PA".to_owned(), "EXU Parliamentary Assembly".to_owned()]];
        let names = reworded("Council of the EXU Parliamentary Assembly", &wordings);
        for expected in
            ["Council of the EXU PA", "EXU PA Council", "EXU Parliamentary Assembly Council"]
        {
            assert!(names.iter().any(|name| name == expected), "{names:?}");
        }
        let names = reworded("EXU PA Commission on Law", &wordings);
        assert!(names.iter().any(|name| name == "EXU Parliamentary Assembly Commission on Law"));
        assert!(names.iter().any(|name| name == "Commission on Law of the EXU PA"));
        assert_eq!(without_remark("A Concept (updated)"), Some("A Concept"));
    }

    #[test]
    fn a_name_that_is_not_meant_hides_none_within() {
        let mut names = names(&[
            ("pa", RecordKind::Assembly, "EXU PA"),
            ("meeting", RecordKind::Session, "EXU PA meeting"),
        ]);
        names.holders.insert("meeting".to_owned(), vec!["other".to_owned()]);
        assert_eq!(found(&names, "The EXU PA meeting"), said(&[("pa", "line 1")]));
    }

    #[test]
    fn sessions_are_told_apart_by_whose_they_are() {
        let mut names = names(&[
            ("a", RecordKind::Assembly, "First Assembly"),
            ("b", RecordKind::Assembly, "Second Assembly"),
            ("a-3", RecordKind::Session, "3rd plenary session"),
            ("b-3", RecordKind::Session, "3rd plenary session"),
        ]);
        for (session, assembly) in [("a-3", "a"), ("b-3", "b")] {
            names.holders.insert(session.to_owned(), vec![assembly.to_owned()]);
        }
        let text = "The 3rd plenary session of the Second Assembly\nThe 3rd plenary session";
        assert_eq!(found(&names, text), said(&[("b", "line 1"), ("b-3", "line 1")]));
    }

    #[test]
    fn what_means_several_is_reported_and_nothing_concluded() {
        let mut names = names(&[
            ("one", RecordKind::Member, "Ann Other"),
            ("two", RecordKind::Member, "Ann OTHER"),
            ("parliament", RecordKind::Parliament, "Great Diet"),
            ("chamber", RecordKind::Chamber, "Great Diet"),
        ]);
        names.parliaments.insert("chamber".to_owned(), "parliament".to_owned());
        let pages = [page("Ann Other of the Great Diet")];
        let words = Vocabulary::of(&pages);
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
