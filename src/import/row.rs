//! One row, read key by key: each reading checks, reports what is wrong, and notes what the row
//! claims.

use std::collections::{BTreeMap, HashMap};

use async_graphql::OutputType;
use chrono::NaiveDate;
use entity::{
    Id, PartialDate, RecordKind,
    claim::Attribution,
    kind::{Field, Need, Type, Values, camel},
    name::NameKind,
};
use sea_orm::{ActiveEnum, Iterable, Value};

use super::raw::{Cell, Datum, Problem, Raw};
use crate::store::rows::{Assignment, date_columns};

/// Where a slug leads: to a record in the files or in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub id: Id,
    pub kind: RecordKind,
}

pub type Index = HashMap<String, Target>;

/// What a document says, before it has a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub property: String,
    pub value: Option<String>,
    pub document: Id,
    pub locator: Option<String>,
    pub attribution: Attribution,
    pub note: Option<String>,
    pub period: PeriodColumns,
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

/// The columns of a validity period and of the days on which documents show the value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PeriodColumns {
    pub since: Days,
    pub until: Days,
    pub first: Days,
    pub last: Days,
}

/// A document and where in it.
pub type Source = (Id, Option<String>);

/// A further name: its value, language and kind.
pub type Name = (String, Option<String>, NameKind);

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

    /// Reads a field: checks it, notes what it states, and answers the values of its columns.
    /// `claimed` says that claims give its value where the row does not.
    pub fn field(&mut self, field: &'static Field, claimed: Option<Value>) -> Vec<Assignment> {
        let name = field.name;
        let missing = !self.raw.keys.contains_key(name);
        if missing
            && (field.need == Need::Required
                || (field.need == Need::RequiredOrClaimed && claimed.is_none()))
        {
            self.missing(name, &expected(field));
        }
        let one = |value: Value| vec![(name.to_owned(), value)];
        match &field.ty {
            Type::Text | Type::Code => {
                let text = self.maybe_text(name);
                self.state(field, text.clone());
                let text = text.or_else(|| field.is_required().then(String::new));
                one(text.into())
            }
            Type::Remark => one(self.maybe_text(name).into()),
            Type::Enum(values) => {
                let word = self.maybe_value_of(name, values);
                self.state(field, word.clone());
                let default = match field.need {
                    Need::Default(word) => Some(word.to_owned()),
                    // A placeholder: that it is missing is reported.
                    Need::Required => (values.all)().into_iter().next(),
                    _ => None,
                };
                one(word.or(default).into())
            }
            Type::Number | Type::Rank => {
                let number = self.number_from(name, field.min);
                self.state(field, number.map(|number| number.to_string()));
                match (number, claimed) {
                    (None, Some(claimed)) => one(claimed),
                    (None, None) if field.is_required() => one(0.into()),
                    (number, _) => one(number.into()),
                }
            }
            Type::Flag(if_omitted) => one(self.flag(name, *if_omitted).into()),
            Type::Date => {
                let date = self.date(name);
                self.state(field, date.map(|date| date.to_string()));
                date_columns(name, date).into()
            }
            Type::Days => {
                let days = self.observed(name);
                let (first, last) = days.unzip();
                let columns = [("first", first), ("last", last)];
                let columns = columns.map(|(end, day)| date_columns(&format!("{name}_{end}"), day));
                columns.into_iter().flatten().collect()
            }
            Type::Reference(reference) => {
                let target = self.maybe_target(name, &reference.to.kinds());
                let id = target.map(|target| target.id);
                let id = id.or_else(|| (field.need == Need::Required).then_some(0));
                let mut columns = vec![(format!("{name}_id"), id.into())];
                if reference.to.kind().is_none() {
                    let kind = target.map(|target| target.kind.to_value());
                    let placeholder = || RecordKind::Document.to_value();
                    let kind = kind.or_else(|| id.map(|_| placeholder()));
                    columns.push((format!("{name}_kind"), kind.into()));
                }
                columns
            }
            // They stand in a table of their own.
            Type::References(_) => Vec::new(),
        }
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
            Datum::Text(text) => Some(text),
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

    /// A whole number, 0 or more, and not below a minimum.
    fn number_from(&mut self, key: &str, min: i32) -> Option<i32> {
        let cell = self.take(key)?;
        let number = match &cell.datum {
            Datum::Number(number) => i32::try_from(*number).ok(),
            _ => None,
        };
        match number.filter(|number| *number >= 0) {
            Some(number) if number < min => {
                self.report(cell.line, format!("`{key}` counts from {min}"));
                Some(number)
            }
            Some(number) => Some(number),
            None => {
                self.wrong(key, &cell, "a whole number, 0 or more");
                None
            }
        }
    }

    /// The slug of a record, for messages.
    pub fn slug_of(&self, id: Id) -> String {
        let known = self.index.iter().filter(|(_, target)| target.id == id);
        let slug = known.map(|(slug, _)| slug.as_str()).min();
        slug.map_or_else(|| "another record".to_owned(), |slug| format!("`{slug}`"))
    }

    /// True or false; `default` where it is left out.
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

    pub fn date(&mut self, key: &str) -> Option<PartialDate> {
        let cell = self.take(key)?;
        self.as_date(key, &cell)
    }

    fn as_date(&mut self, key: &str, cell: &Cell) -> Option<PartialDate> {
        let Datum::Text(text) = &cell.datum else {
            self.wrong(key, cell, "a date in quotes, such as \"2022-12-05\"");
            return None;
        };
        text.parse().map_err(|error| self.report(cell.line, format!("`{key}`: {error}"))).ok()
    }

    /// One value of an enumeration.
    fn maybe_value_of(&mut self, key: &str, values: &Values) -> Option<String> {
        let values = (values.all)();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        self.choice(key, &values).map(|place| values[place].to_owned())
    }

    /// One value of an enumeration, or the one that stands for an omitted one.
    pub fn value_of<E: ActiveEnum<Value = String> + Iterable + OutputType>(
        &mut self,
        key: &str,
        if_omitted: E,
    ) -> E {
        let value = self.maybe_value_of(key, &Values::of::<E>());
        value.and_then(|value| E::try_from_value(&value).ok()).unwrap_or(if_omitted)
    }

    /// The place of a value among some.
    pub fn choice(&mut self, key: &str, values: &[&str]) -> Option<usize> {
        let cell = self.take(key)?;
        let what = format!("one of {}", values.join(", "));
        match &cell.datum {
            Datum::Text(text) => match values.iter().position(|value| value == text) {
                Some(place) => return Some(place),
                None => self.report(cell.line, format!("`{key}` must be {what}, not `{text}`")),
            },
            _ => self.wrong(key, &cell, &what),
        }
        None
    }

    /// The record that a slug names.
    fn maybe_target(&mut self, key: &str, kinds: &[RecordKind]) -> Option<Target> {
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
                let (is, wanted) = (target.kind.kind().table, any_of(kinds));
                let message = format!("`{key}` must be the slug of {wanted}; `{slug}` is a {is}");
                self.report(cell.line, message);
                None
            }
            Some(target) => Some(*target),
        }
    }

    /// A record of any kind.
    pub fn target(&mut self, key: &str) -> Target {
        if !self.raw.keys.contains_key(key) {
            self.missing(key, "the slug of a record");
        }
        let placeholder = Target { id: 0, kind: RecordKind::Document };
        self.maybe_target(key, &[]).unwrap_or(placeholder)
    }

    /// The records that a list of slugs names; of any kind if `kinds` is empty.
    pub fn targets(&mut self, key: &str, kinds: &[RecordKind]) -> Vec<Id> {
        let cells = self.list(key, "a list of slugs");
        let targets = cells.iter().filter_map(|cell| self.resolve(key, cell, kinds));
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

    /// Reads the dates of a claim.
    pub fn period(&mut self) -> PeriodColumns {
        let [since, until] = ["since", "until"].map(|key| PartialDate::to_columns(self.date(key)));
        let (first, last) = self.observed("observed").unzip();
        let [first, last] = [first, last].map(PartialDate::to_columns);
        PeriodColumns { since, until, first, last }
    }

    fn observed(&mut self, key: &str) -> Option<(PartialDate, PartialDate)> {
        let cell = self.take(key)?;
        let days: Vec<Cell> = match &cell.datum {
            Datum::List(days) => days.clone(),
            _ => vec![cell.clone()],
        };
        let dates: Vec<_> = days.iter().filter_map(|day| self.as_date(key, day)).collect();
        if !(1..=2).contains(&days.len()) {
            self.report(
                cell.line,
                format!("`{key}` is one day, or the first and the last of several"),
            );
        }
        let (first, last) = (dates.first().copied()?, dates.last().copied()?);
        if first.earliest() > last.latest() {
            let message = format!("`{key}`: the first day, {first}, is after the last, {last}");
            self.report(cell.line, message);
        }
        // Which of the row's documents shows which day is not known, unless it is said.
        let days = if first == last { first.to_string() } else { format!("{first}/{last}") };
        self.state_only_by_its_own_sources(key, days);
        Some((first, last))
    }

    /// Notes that the row states the value of a field.
    fn state(&mut self, field: &Field, value: Option<String>) {
        let Some(value) = value.filter(|_| field.is_stated()) else { return };
        let own = format!("{}_sources", field.name);
        let (attribution, sources) = match self.raw.keys.contains_key(&own) {
            true => (Attribution::Value, self.sources_at(&own)),
            false => (Attribution::Record, self.sources.clone()),
        };
        let property = field.property();
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
                period: PeriodColumns::default(),
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

    /// The further names, of which each is a value of `property`.
    pub fn names(&mut self, property: &str) -> Vec<Name> {
        let cells = self.list("names", "a list of tables with `value`, `language` and `kind`");
        let mut names = Vec::new();
        for cell in cells {
            let Datum::Table(keys) = cell.datum else {
                self.wrong("names", &cell, "a list of tables with `value`, `language` and `kind`");
                continue;
            };
            // A name is read as a small row of its own.
            let outer = std::mem::replace(&mut self.raw.keys, keys);
            let row_line = std::mem::replace(&mut self.raw.line, cell.line);
            let value = self.text("value");
            let language = self.maybe_text("language");
            let kind = self.value_of("kind", NameKind::Variant);
            let sources = self.sources_at("sources");
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

/// What a row must give for a field.
fn expected(field: &Field) -> String {
    match &field.ty {
        Type::Enum(values) => format!("one of {}", (values.all)().join(", ")),
        Type::Number if field.need == Need::RequiredOrClaimed => {
            "a number, here or in claims".to_owned()
        }
        Type::Number | Type::Rank => format!("a whole number, from {}", field.min),
        Type::Reference(reference) => format!("the slug of {}", any_of(&reference.to.kinds())),
        _ => "a text".to_owned(),
    }
}

fn any_of(kinds: &[RecordKind]) -> String {
    match kinds {
        [] => "a record".to_owned(),
        [kind] => format!("a {}", kind.kind().table),
        _ => {
            let words: Vec<_> = kinds.iter().map(|kind| kind.kind().table).collect();
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
