//! One row, read key by key: each reading checks, reports what is wrong, and notes what the row
//! claims.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use entity::{Id, PartialDate, RecordKind, claim::Attribution};
use sea_orm::{ActiveEnum, Iterable};

use super::text::{Cell, Datum, Problem, Raw};

/// Where a slug leads: to a record in the files or in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub id: Id,
    pub kind: RecordKind,
}

pub type Index = HashMap<String, Target>;

/// The kinds that members can belong to.
pub const ORGANIZATIONS: &[RecordKind] = &[
    RecordKind::Assembly,
    RecordKind::Parliament,
    RecordKind::Chamber,
    RecordKind::Delegation,
    RecordKind::Commission,
    RecordKind::PoliticalGroup,
];
/// Organizations, states and members.
pub const ACTORS: &[RecordKind] = &[
    RecordKind::Member,
    RecordKind::State,
    RecordKind::Assembly,
    RecordKind::Parliament,
    RecordKind::Chamber,
    RecordKind::Delegation,
    RecordKind::Commission,
    RecordKind::PoliticalGroup,
];
/// Organizations and states.
pub const REPRESENTED: &[RecordKind] = &[
    RecordKind::State,
    RecordKind::Assembly,
    RecordKind::Parliament,
    RecordKind::Chamber,
    RecordKind::Delegation,
    RecordKind::Commission,
    RecordKind::PoliticalGroup,
];

/// What a document says, before it has a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub property: String,
    pub value: Option<String>,
    pub document: Id,
    pub locator: Option<String>,
    pub attribution: Attribution,
    pub note: Option<String>,
    pub spell: SpellColumns,
    pub origin: Origin,
    /// Said by mistake: to be taken back.
    pub withdrawn: bool,
}

/// What gave a claim: the record's row, a `[[claim]]`, a side of a contradiction; or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub row: bool,
    pub claim: bool,
    pub side: bool,
}

impl Origin {
    pub const ROW: Self = Self { row: true, claim: false, side: false };
    pub const CLAIM: Self = Self { row: false, claim: true, side: false };
    pub const SIDE: Self = Self { row: false, claim: false, side: true };

    pub fn and(self, more: Self) -> Self {
        Self {
            row: self.row || more.row,
            claim: self.claim || more.claim,
            side: self.side || more.side,
        }
    }
}

/// The two columns of a partial date.
pub type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// The columns of a spell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpellColumns {
    pub since: Days,
    pub until: Days,
    pub ongoing: bool,
    pub first: Days,
    pub last: Days,
}

/// A row of an organization: the columns given, and those of its beginning and its end.
macro_rules! living {
    ($model:ident { $($key:ident $(: $value:expr)?),* $(,)? }, $founded:expr, $dissolved:expr) => {{
        let (founded, dissolved): ($crate::import::row::Days, $crate::import::row::Days) =
            ($founded, $dissolved);
        entity::$model::Model {
            $($key $(: $value)?,)*
            founded_earliest: founded.0,
            founded_latest: founded.1,
            dissolved_earliest: dissolved.0,
            dissolved_latest: dissolved.1,
            // Reckoned with all others before it is written.
            ended_earliest: None,
            ended_latest: None,
            holds_from: entity::FIRST_DAY,
            holds_until: entity::LAST_DAY,
            varying: None,
        }
    }};
}

/// A row of what holds for a time: the columns given, and those of its spell.
macro_rules! spelled {
    ($model:ident { $($key:ident $(: $value:expr)?),* $(,)? }, $spell:expr) => {{
        let spell: $crate::import::row::SpellColumns = $spell;
        entity::$model::Model {
            $($key $(: $value)?,)*
            since_earliest: spell.since.0,
            since_latest: spell.since.1,
            until_earliest: spell.until.0,
            until_latest: spell.until.1,
            ongoing: spell.ongoing,
            observed_first_earliest: spell.first.0,
            observed_first_latest: spell.first.1,
            observed_last_earliest: spell.last.0,
            observed_last_latest: spell.last.1,
            // Reckoned with all others before it is written.
            holds_from: entity::FIRST_DAY,
            holds_until: entity::LAST_DAY,
            sure_from: entity::LAST_DAY,
            sure_until: entity::FIRST_DAY,
        }
    }};
}

pub(crate) use {living, spelled};

/// A document and where in it.
pub type Source = (Id, Option<String>);

pub struct Row<'a> {
    raw: Raw,
    index: &'a Index,
    problems: &'a mut Vec<Problem>,
    sources: Vec<Source>,
    /// What the record's fields serve, by property.
    pub served: BTreeMap<String, String>,
    pub statements: Vec<Statement>,
}

impl<'a> Row<'a> {
    pub fn new(raw: Raw, index: &'a Index, problems: &'a mut Vec<Problem>) -> Self {
        let mut row = Self {
            raw,
            index,
            problems,
            sources: Vec::new(),
            served: BTreeMap::new(),
            statements: Vec::new(),
        };
        row.sources = row.sources_at("sources");
        row
    }

    /// The line of a key that was not read yet; where it is left out, of the row.
    pub fn line_of(&self, key: &str) -> usize {
        self.raw.keys.get(key).map_or(self.raw.line, |cell| cell.line)
    }

    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    pub fn report(&mut self, line: usize, message: impl Into<String>) {
        self.problems.push(self.raw.problem(line, message));
    }

    fn take(&mut self, key: &str) -> Option<Cell> {
        self.raw.keys.remove(key)
    }

    fn missing(&mut self, key: &str, what: &str) {
        let line = self.raw.line;
        self.report(line, format!("`{key}` is missing: give {what}"));
    }

    fn wrong(&mut self, key: &str, cell: &Cell, what: &str) {
        self.report(cell.line, format!("`{key}` must be {what}, not {}", cell.datum.sort()));
    }

    /// A text that is not empty.
    pub fn maybe_text(&mut self, key: &str) -> Option<String> {
        let cell = self.take(key)?;
        match cell.datum {
            Datum::Text(text) if text.trim().is_empty() => {
                let message = format!("`{key}` is empty: leave it out where nothing is known");
                self.report(cell.line, message);
                None
            }
            Datum::Text(text) => {
                self.state(key, text.clone());
                Some(text)
            }
            _ => {
                self.wrong(key, &cell, "a text");
                None
            }
        }
    }

    pub fn text(&mut self, key: &str) -> String {
        if !self.raw.keys.contains_key(key) {
            self.missing(key, "a text");
        }
        self.maybe_text(key).unwrap_or_default()
    }

    pub fn maybe_number(&mut self, key: &str) -> Option<i32> {
        let cell = self.take(key)?;
        let number = match &cell.datum {
            Datum::Number(number) => i32::try_from(*number).ok(),
            _ => None,
        };
        match number.filter(|number| *number >= 0) {
            Some(number) => {
                self.state(key, number.to_string());
                Some(number)
            }
            None => {
                self.wrong(key, &cell, "a whole number, 0 or more");
                None
            }
        }
    }

    /// A whole number from 1.
    pub fn positive(&mut self, key: &str) -> Option<i32> {
        let line = self.line_of(key);
        let number = self.maybe_number(key)?;
        if number == 0 {
            self.report(line, format!("`{key}` counts from 1"));
        }
        Some(number)
    }

    /// Reports that a key is missing that is not in the row at all.
    pub fn lack(&mut self, key: &str, what: &str) -> i32 {
        self.missing(key, what);
        0
    }

    /// The slug of a record, for messages.
    pub fn slug_of(&self, id: Id) -> String {
        let known = self.index.iter().filter(|(_, target)| target.id == id);
        let slug = known.map(|(slug, _)| slug.as_str()).min();
        slug.map_or_else(|| "another record".to_owned(), |slug| format!("`{slug}`"))
    }

    /// A number that is not in the row only where `elsewhere` gives one.
    pub fn number(&mut self, key: &str, what: &str, elsewhere: Option<i32>) -> i32 {
        if !self.raw.keys.contains_key(key) && elsewhere.is_none() {
            self.missing(key, what);
        }
        self.maybe_number(key).or(elsewhere).unwrap_or_default()
    }

    /// True or false; `default` where it is left out. A flag is the keepers' and claims nothing.
    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.take(key) {
            None => default,
            Some(Cell { datum: Datum::Flag(flag), .. }) => flag,
            Some(cell) => {
                self.wrong(key, &cell, "true or false");
                default
            }
        }
    }

    pub fn date(&mut self, key: &str) -> Days {
        let Some(cell) = self.take(key) else { return (None, None) };
        let date = self.as_date(key, &cell);
        if let Some(date) = date {
            self.state(key, date.to_string());
        }
        PartialDate::to_columns(date)
    }

    fn as_date(&mut self, key: &str, cell: &Cell) -> Option<PartialDate> {
        let Datum::Text(text) = &cell.datum else {
            self.wrong(key, cell, "a date in quotes, such as \"2022-12-05\"");
            return None;
        };
        text.parse().map_err(|error| self.report(cell.line, format!("`{key}`: {error}"))).ok()
    }

    /// One word of an enumeration.
    pub fn maybe_word<E: ActiveEnum<Value = String> + Iterable>(&mut self, key: &str) -> Option<E> {
        let cell = self.take(key)?;
        let words = || E::iter().map(|word| word.to_value()).collect::<Vec<_>>().join(", ");
        let Datum::Text(text) = &cell.datum else {
            self.wrong(key, &cell, &format!("one of {}", words()));
            return None;
        };
        match E::try_from_value(text) {
            Ok(word) => {
                self.state(key, text.clone());
                Some(word)
            }
            Err(_) => {
                let message = format!("`{key}` must be one of {}, not `{text}`", words());
                self.report(cell.line, message);
                None
            }
        }
    }

    /// The place of a word among some; where it is left out, of the first. It claims nothing.
    pub fn choice(&mut self, key: &str, words: &[&str]) -> usize {
        let Some(cell) = self.take(key) else { return 0 };
        let what = format!("one of {}", words.join(", "));
        match &cell.datum {
            Datum::Text(text) => match words.iter().position(|word| word == text) {
                Some(place) => return place,
                None => self.report(cell.line, format!("`{key}` must be {what}, not `{text}`")),
            },
            _ => self.wrong(key, &cell, &what),
        }
        0
    }

    /// One word of an enumeration; where it is left out, `default`.
    pub fn word_or<E: ActiveEnum<Value = String> + Iterable>(
        &mut self,
        key: &str,
        default: E,
    ) -> E {
        self.maybe_word(key).unwrap_or(default)
    }

    pub fn word<E: ActiveEnum<Value = String> + Iterable>(&mut self, key: &str) -> E {
        if !self.raw.keys.contains_key(key) {
            let words: Vec<_> = E::iter().map(|word| word.to_value()).collect();
            self.missing(key, &format!("one of {}", words.join(", ")));
        }
        self.maybe_word(key).unwrap_or_else(|| E::iter().next().expect("an enumeration has words"))
    }

    /// The record that a slug names.
    pub fn maybe_target(&mut self, key: &str, kinds: &[RecordKind]) -> Option<Target> {
        let cell = self.take(key)?;
        let target = self.resolve(key, &cell, kinds)?;
        if let Datum::Text(slug) = cell.datum {
            self.state_only_by_its_own_sources(key, slug);
        }
        Some(target)
    }

    fn resolve(&mut self, key: &str, cell: &Cell, kinds: &[RecordKind]) -> Option<Target> {
        let Datum::Text(slug) = &cell.datum else {
            self.wrong(key, cell, &format!("the slug of {}", any_of(kinds)));
            return None;
        };
        match self.index.get(slug) {
            None => {
                let near = nearest(slug, self.index);
                let message = format!("`{key}`: no record has the slug `{slug}`{near}");
                self.report(cell.line, message);
                None
            }
            Some(target) if !kinds.is_empty() && !kinds.contains(&target.kind) => {
                let (is, wanted) = (word(target.kind), any_of(kinds));
                let message = format!("`{key}` must be the slug of {wanted}; `{slug}` is a {is}");
                self.report(cell.line, message);
                None
            }
            Some(target) => Some(*target),
        }
    }

    pub fn target(&mut self, key: &str, kinds: &[RecordKind]) -> Target {
        if !self.raw.keys.contains_key(key) {
            self.missing(key, &format!("the slug of {}", any_of(kinds)));
        }
        let placeholder = Target { id: 0, kind: RecordKind::Document };
        self.maybe_target(key, kinds).unwrap_or(placeholder)
    }

    pub fn key(&mut self, key: &str, kind: RecordKind) -> Id {
        self.target(key, &[kind]).id
    }

    pub fn maybe_key(&mut self, key: &str, kind: RecordKind) -> Option<Id> {
        self.maybe_target(key, &[kind]).map(|target| target.id)
    }

    /// The records that a list of slugs names.
    pub fn keys(&mut self, key: &str, kind: RecordKind) -> Vec<Id> {
        let cells = self.list(key, "a list of slugs");
        let targets = cells.iter().filter_map(|cell| self.resolve(key, cell, &[kind]));
        targets.map(|target| target.id).collect()
    }

    /// The records of any kind that a list of slugs names.
    pub fn any_keys(&mut self, key: &str) -> Vec<Id> {
        let cells = self.list(key, "a list of slugs");
        let targets = cells.iter().filter_map(|cell| self.resolve(key, cell, &[]));
        targets.map(|target| target.id).collect()
    }

    fn list(&mut self, key: &str, what: &str) -> Vec<Cell> {
        match self.take(key) {
            None => Vec::new(),
            Some(Cell { datum: Datum::List(cells), .. }) => cells,
            Some(cell) => {
                self.wrong(key, &cell, what);
                Vec::new()
            }
        }
    }

    /// Documents by slug, each with its place after a `#`.
    fn sources_at(&mut self, key: &str) -> Vec<Source> {
        let cells = self.list(key, "a list of slugs of documents");
        self.sources_of(key, cells)
    }

    fn sources_of(&mut self, key: &str, cells: Vec<Cell>) -> Vec<Source> {
        let placed = self.placed(key, cells, &[RecordKind::Document]).into_iter();
        placed.map(|(target, locator)| (target.id, locator)).collect()
    }

    /// The records that a document names, each with its places after a `#`.
    pub fn mentions(&mut self) -> Vec<(Target, Option<String>)> {
        let cells = self.list("mentions", "a list of slugs");
        self.placed("mentions", cells, &[])
    }

    fn placed(
        &mut self,
        key: &str,
        cells: Vec<Cell>,
        kinds: &[RecordKind],
    ) -> Vec<(Target, Option<String>)> {
        let mut placed = Vec::new();
        for mut cell in cells {
            let mut locator = None;
            if let Datum::Text(text) = &mut cell.datum
                && let Some((slug, place)) = text.split_once('#')
            {
                locator = Some(place.to_owned());
                *text = slug.to_owned();
            }
            if let Some(target) = self.resolve(key, &cell, kinds) {
                placed.push((target, locator));
            }
        }
        placed
    }

    /// The first and the last day of what is held or elected for a time.
    pub fn period(&mut self) -> (Days, Days) {
        let line = self.line_of("ends");
        let (starts, ends) = (self.date("starts"), self.date("ends"));
        if ends.1 < starts.0 && ends.1.is_some() {
            self.report(line, "`ends` lies before `starts`");
        }
        (starts, ends)
    }

    pub fn spell(&mut self) -> SpellColumns {
        let since = self.date("since");
        let until_line = self.raw.keys.get("until").map(|cell| cell.line);
        let until = self.date("until");
        let ongoing = self.flag("ongoing", false);
        if let (true, Some(line)) = (ongoing, until_line) {
            self.report(line, "`until` and `ongoing = true` exclude each other: keep one");
        }
        let (first, last) = self.observed();
        SpellColumns { since, until, ongoing, first, last }
    }

    fn observed(&mut self) -> (Days, Days) {
        let Some(cell) = self.take("observed") else { return Default::default() };
        let days: Vec<Cell> = match &cell.datum {
            Datum::List(days) => days.clone(),
            _ => vec![cell.clone()],
        };
        let dates: Vec<_> = days.iter().filter_map(|day| self.as_date("observed", day)).collect();
        if !(1..=2).contains(&days.len()) {
            self.report(cell.line, "`observed` is one day, or the first and the last of several");
        }
        let (first, last) = (dates.first().copied(), dates.last().copied());
        if let (Some(from), Some(to)) = (first, last) {
            if from.earliest() > to.latest() {
                let message = format!("`observed`: the first day, {from}, is after the last, {to}");
                self.report(cell.line, message);
            }
            // Which of the row's documents shows which day is not known, unless it is said.
            let days = if from == to { from.to_string() } else { format!("{from}/{to}") };
            self.state_only_by_its_own_sources("observed", days);
        }
        (PartialDate::to_columns(first), PartialDate::to_columns(last))
    }

    /// Notes that the row claims `value` of the property `key`.
    fn state(&mut self, key: &str, value: String) {
        // These are the keepers' own: no document states them.
        let ranks = ["stage", "site_state"].contains(&self.raw.table.as_str());
        if ["slug", "note"].contains(&key) || (ranks && key == "position") {
            return;
        }
        let property = camel(key);
        let own = format!("{key}_sources");
        let (attribution, sources) = match self.raw.keys.contains_key(&own) {
            true => (Attribution::Value, self.sources_at(&own)),
            false => (Attribution::Record, self.sources.clone()),
        };
        self.claim(&property, &value, attribution, sources);
        self.served.insert(property, value);
    }

    fn state_only_by_its_own_sources(&mut self, key: &str, value: String) {
        let own = self.sources_at(&format!("{key}_sources"));
        if !own.is_empty() {
            self.claim(&camel(key), &value, Attribution::Value, own);
        }
    }

    fn claim(
        &mut self,
        property: &str,
        value: &str,
        attribution: Attribution,
        sources: Vec<Source>,
    ) {
        for (document, locator) in sources {
            self.statements.push(Statement {
                property: property.to_owned(),
                value: Some(value.to_owned()),
                document,
                locator,
                attribution,
                note: None,
                spell: SpellColumns::default(),
                origin: Origin::ROW,
                withdrawn: false,
            });
        }
    }

    /// What no field has a place for: claims only.
    pub fn facts(&mut self) {
        let Some(cell) = self.take("facts") else { return };
        let Datum::Table(facts) = cell.datum else {
            self.wrong("facts", &cell, "a table");
            return;
        };
        for (key, cell) in facts {
            let values = match &cell.datum {
                Datum::List(cells) => cells.clone(),
                _ => vec![cell],
            };
            for value in values {
                match plain(&value.datum) {
                    Some(text) => {
                        let sources = self.sources.clone();
                        self.claim(&camel(&key), &text, Attribution::Record, sources);
                    }
                    None => self.wrong(&key, &value, "a text, a number, true or false"),
                }
            }
        }
    }

    /// The further names: value, language, kind.
    pub fn names(&mut self) -> Vec<(String, Option<String>, entity::name::NameKind)> {
        let cells = self.list("names", "a list of tables with `value`, `language` and `kind`");
        let mut names = Vec::new();
        for cell in cells {
            let Datum::Table(keys) = cell.datum else {
                self.wrong("names", &cell, "a list of tables with `value`, `language` and `kind`");
                continue;
            };
            // A name is read as a small row of its own; what it states is a name of the record.
            let outer = std::mem::replace(&mut self.raw.keys, keys);
            let row_line = std::mem::replace(&mut self.raw.line, cell.line);
            let (stated, served) = (self.statements.len(), self.served.clone());
            let value = self.text("value");
            let language = self.maybe_text("language");
            let kind = self.word_or("kind", entity::name::NameKind::Variant);
            self.statements.truncate(stated);
            self.served = served;
            let sources = self.sources_at("sources");
            let property = if self.raw.table == "decision" { "title" } else { "name" };
            self.claim(property, &value, Attribution::Value, sources);
            self.unknown_keys();
            self.raw.keys = outer;
            self.raw.line = row_line;
            names.push((value, language, kind));
        }
        names
    }

    /// What other registers call the record: scheme and value.
    pub fn identifiers(&mut self) -> Vec<(String, String)> {
        let Some(cell) = self.take("identifiers") else { return Vec::new() };
        let Datum::Table(schemes) = cell.datum else {
            self.wrong("identifiers", &cell, "a table such as { wikidata = \"Q1\" }");
            return Vec::new();
        };
        let mut identifiers = Vec::new();
        for (scheme, cell) in schemes {
            let values = match &cell.datum {
                Datum::List(cells) => cells.clone(),
                _ => vec![cell],
            };
            for value in values {
                match plain(&value.datum) {
                    Some(text) => identifiers.push((scheme.clone(), text)),
                    None => self.wrong("identifiers", &value, "a text"),
                }
            }
        }
        identifiers
    }

    /// Other slugs; checked with the row's own when the index is made.
    pub fn aliases(&mut self) -> Vec<String> {
        let cells = self.list("aliases", "a list of slugs");
        let texts = cells.into_iter().filter_map(|cell| match cell.datum {
            Datum::Text(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    /// A claim's or a contradiction's sides: value and sources.
    pub fn sides(&mut self) -> Vec<(String, Vec<Source>)> {
        let cells = self.list("claims", "a list of tables with `value` and `sources`");
        let mut sides = Vec::new();
        for cell in cells {
            let Datum::Table(mut keys) = cell.datum else {
                self.wrong("claims", &cell, "a list of tables with `value` and `sources`");
                continue;
            };
            let value = keys.remove("value").and_then(|value| plain(&value.datum));
            let sources = match keys.remove("sources") {
                Some(Cell { datum: Datum::List(cells), .. }) => self.sources_of("sources", cells),
                _ => Vec::new(),
            };
            if let Some(key) = keys.keys().next() {
                self.report(cell.line, format!("`claims` has no key `{key}`"));
            }
            match value {
                Some(value) if !sources.is_empty() => sides.push((value, sources)),
                _ => self.report(cell.line, "a claim needs a `value` and `sources`"),
            }
        }
        sides
    }

    /// The plain value of a claim.
    pub fn value(&mut self, key: &str) -> Option<String> {
        if !self.raw.keys.contains_key(key) {
            self.missing(key, "a text or a number");
        }
        self.maybe_value(key)
    }

    pub fn maybe_value(&mut self, key: &str) -> Option<String> {
        let cell = self.take(key)?;
        let text = plain(&cell.datum);
        if text.is_none() {
            self.wrong(key, &cell, "a text or a number");
        }
        text
    }

    fn unknown_keys(&mut self) {
        let unknown: Vec<_> = std::mem::take(&mut self.raw.keys).into_iter().collect();
        for (key, cell) in unknown {
            let table = self.raw.table.clone();
            self.report(cell.line, format!("`{table}` has no key `{key}`"));
        }
    }

    /// The end of a row: what was not read is unknown; a record without a source is none.
    pub fn finish(
        mut self,
        sourced: bool,
    ) -> (Vec<Source>, Vec<Statement>, BTreeMap<String, String>) {
        if sourced && self.sources.is_empty() {
            let line = self.raw.line;
            self.report(line, "`sources` is missing: name at least one document that supports it");
        }
        self.unknown_keys();
        (self.sources, self.statements, self.served)
    }
}

/// A text, a number or a flag as text.
pub fn plain(datum: &Datum) -> Option<String> {
    match datum {
        Datum::Text(text) if !text.trim().is_empty() => Some(text.clone()),
        Datum::Number(number) => Some(number.to_string()),
        Datum::Flag(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A key of a file as a field of the contract: `elected_at` is `electedAt`.
pub fn camel(key: &str) -> String {
    let mut parts = key.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut name, part| {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// A field of the contract as a column: `electedAt` is `elected_at`.
pub fn snake(property: &str) -> String {
    let mut name = String::new();
    for letter in property.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// A kind as the name of its table.
pub fn word(kind: RecordKind) -> String {
    kind.to_value().to_lowercase()
}

fn any_of(kinds: &[RecordKind]) -> String {
    match kinds {
        [] => "a record".to_owned(),
        [kind] => format!("a {}", word(*kind)),
        _ => {
            let words: Vec<_> = kinds.iter().map(|kind| word(*kind)).collect();
            format!("one of these: {}", words.join(", "))
        }
    }
}

/// A hint at the slug that was probably meant.
fn nearest(slug: &str, index: &Index) -> String {
    let near = index
        .keys()
        .map(|known| (strsim::jaro_winkler(slug, known), known))
        .max_by(|one, other| one.0.total_cmp(&other.0).then_with(|| other.1.cmp(one.1)));
    match near {
        Some((likeness, known)) if likeness > 0.9 => format!(" (is `{known}` meant?)"),
        _ => String::new(),
    }
}
