//! Reads the keys of a row: validates each value, reports errors, and collects the claims of the row.

use std::collections::{BTreeMap, HashMap};

use async_graphql::OutputType;
use chrono::NaiveDate;
use entity::{
    Id, PartialDate, RecordKind,
    claim::Attribution,
    kind::{EnumType, Field, Requirement, Type, camel},
    name::NameKind,
};
use sea_orm::{ActiveEnum, Iterable, Value};

use super::{
    keys::Table,
    raw::{Cell, Datum, Problem, Raw},
    suggest::{suggestion, unknown_key},
};
use crate::{
    store::rows::{Assignment, date_columns},
    text::with_article,
};

/// The record that a slug identifies, in the files or in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub id: Id,
    pub kind: RecordKind,
}

pub type Index = HashMap<String, Target>;

/// A claim that has no id yet: the value of a property, as a document states it.
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
    /// Whether the claim was a mistake, and a stored claim is removed.
    pub withdrawn: bool,
}

/// The origins of a claim: the record's row, a `[[claim]]`, a side of a contradiction, or several.
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

    pub fn and(self, other: Self) -> Self {
        Self {
            row: self.row || other.row,
            claim: self.claim || other.claim,
            side: self.side || other.side,
        }
    }
}

/// The two columns of a partial date.
pub type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// The columns of a validity period, and of the first and the last day on which documents show the
/// value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PeriodColumns {
    pub since: Days,
    pub until: Days,
    pub first: Days,
    pub last: Days,
}

/// A document, and the locator in it.
pub type Source = (Id, Option<String>);

/// An alternative name: value, language and kind.
pub type Name = (String, Option<String>, NameKind);

pub struct Row<'a> {
    raw: Raw,
    index: &'a Index,
    problems: &'a mut Vec<Problem>,
    sources: Vec<Source>,
    /// The values of the record's fields, by property.
    values: BTreeMap<String, String>,
    pub statements: Vec<Statement>,
}

impl<'a> Row<'a> {
    pub fn new(raw: Raw, index: &'a Index, problems: &'a mut Vec<Problem>) -> Self {
        let mut row = Self {
            raw,
            index,
            problems,
            sources: Vec::new(),
            values: BTreeMap::new(),
            statements: Vec::new(),
        };
        row.sources = row.sources_at("sources");
        row
    }

    /// The line of a key that has not been read yet, or the line of the row if the key is omitted.
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

    fn report_missing(&mut self, key: &str, expected: &str) {
        let line = self.raw.line;
        self.report(line, format!("`{key}` is missing; it must be {expected}"));
    }

    fn report_type(&mut self, key: &str, cell: &Cell, expected: &str) {
        let message = format!("`{key}` must be {expected}, not {}", cell.datum.type_name());
        self.report(cell.line, message);
    }

    /// Reads a field, adds its claims, and returns the values of its columns. `claimed` is the value that
    /// claims state, for a row that omits the field.
    pub fn field(&mut self, field: &'static Field, claimed: Option<Value>) -> Vec<Assignment> {
        let name = field.name;
        let missing = !self.raw.keys.contains_key(name);
        if missing
            && (field.requirement == Requirement::Required
                || (field.requirement == Requirement::RequiredOrClaimed && claimed.is_none()))
        {
            self.report_missing(name, &expected(field));
        }
        let one = |value: Value| vec![(name.to_owned(), value)];
        match &field.ty {
            Type::Text | Type::Code => {
                let text = self.optional_text(name);
                self.add_field_claims(field, text.clone());
                let text = text.or_else(|| field.is_required().then(String::new));
                one(text.into())
            }
            Type::Note => one(self.optional_text(name).into()),
            Type::Enum(values) => {
                let value = self.optional_value_of(name, values);
                self.add_field_claims(field, value.clone());
                let default = match field.requirement {
                    Requirement::Default(default) => Some(default.to_owned()),
                    // A placeholder: the missing value has been reported.
                    Requirement::Required => (values.all)().into_iter().next(),
                    _ => None,
                };
                one(value.or(default).into())
            }
            Type::Number | Type::Rank => {
                let number = self.number_from(name, field.min);
                self.add_field_claims(field, number.map(|number| number.to_string()));
                match (number, claimed) {
                    (None, Some(claimed)) => one(claimed),
                    (None, None) if field.is_required() => one(0.into()),
                    (number, _) => one(number.into()),
                }
            }
            Type::Flag(if_omitted) => one(self.flag(name, *if_omitted).into()),
            Type::Date => {
                let date = self.date(name);
                self.add_field_claims(field, date.map(|date| date.to_string()));
                date_columns(name, date).into()
            }
            Type::Sightings => {
                let days = self.observed(name);
                let (first, last) = days.unzip();
                let columns = [("first", first), ("last", last)];
                let columns = columns.map(|(end, day)| date_columns(&format!("{name}_{end}"), day));
                columns.into_iter().flatten().collect()
            }
            Type::Reference(reference) => {
                let target = self.optional_target(name, &reference.to.kinds());
                let id = target.map(|target| target.id);
                let id = id.or_else(|| (field.requirement == Requirement::Required).then_some(0));
                let mut columns = vec![(format!("{name}_id"), id.into())];
                if reference.to.kind().is_none() {
                    let kind = target.map(|target| target.kind.to_value());
                    let placeholder = || RecordKind::Document.to_value();
                    let kind = kind.or_else(|| id.map(|_| placeholder()));
                    columns.push((format!("{name}_kind"), kind.into()));
                }
                columns
            }
            // They are stored in a link table.
            Type::References(_) => Vec::new(),
        }
    }

    /// A non-empty string.
    pub fn optional_text(&mut self, key: &str) -> Option<String> {
        let cell = self.take(key)?;
        match cell.datum {
            Datum::Text(text) if text.trim().is_empty() => {
                let message = format!("`{key}` is empty; omit it if the value is unknown");
                self.report(cell.line, message);
                None
            }
            Datum::Text(text) => Some(text),
            _ => {
                self.report_type(key, &cell, "a string");
                None
            }
        }
    }

    pub fn text(&mut self, key: &str) -> String {
        if !self.raw.keys.contains_key(key) {
            self.report_missing(key, "a string");
        }
        self.optional_text(key).unwrap_or_default()
    }

    /// An integer, not negative and not less than a minimum.
    fn number_from(&mut self, key: &str, min: i32) -> Option<i32> {
        let cell = self.take(key)?;
        let Datum::Number(number) = cell.datum else {
            self.report_type(key, &cell, "an integer of at least 0");
            return None;
        };
        match i32::try_from(number) {
            Ok(number) if number >= min.max(0) => Some(number),
            _ => {
                let max = i32::MAX;
                let min = min.max(0);
                let message = format!("`{key}` must be between {min} and {max}, got {number}");
                self.report(cell.line, message);
                None
            }
        }
    }

    /// The slug of a record in backticks, for messages.
    pub fn slug_of(&self, id: Id) -> String {
        let slugs = self.index.iter().filter(|(_, target)| target.id == id);
        let slug = slugs.map(|(slug, _)| slug.as_str()).min();
        slug.map_or_else(|| "another record".to_owned(), |slug| format!("`{slug}`"))
    }

    /// True or false; `default` if omitted.
    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.take(key) {
            None => default,
            Some(Cell { datum: Datum::Flag(flag), .. }) => flag,
            Some(cell) => {
                self.report_type(key, &cell, "true or false");
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
            self.report_type(key, cell, "a date in quotes, such as \"2022-12-05\"");
            return None;
        };
        text.parse().map_err(|error| self.report(cell.line, format!("`{key}`: {error}"))).ok()
    }

    /// One value of an enumeration.
    fn optional_value_of(&mut self, key: &str, values: &EnumType) -> Option<String> {
        let values = (values.all)();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        self.choice(key, &values).map(|index| values[index].to_owned())
    }

    /// One value of an enumeration; `if_omitted` if omitted.
    pub fn value_of<E: ActiveEnum<Value = String> + Iterable + OutputType>(
        &mut self,
        key: &str,
        if_omitted: E,
    ) -> E {
        let value = self.optional_value_of(key, &EnumType::of::<E>());
        value.and_then(|value| E::try_from_value(&value).ok()).unwrap_or(if_omitted)
    }

    /// The index of a value in a list of allowed values.
    pub fn choice(&mut self, key: &str, values: &[&str]) -> Option<usize> {
        let cell = self.take(key)?;
        let expected = format!("one of {}", values.join(", "));
        let Datum::Text(text) = &cell.datum else {
            self.report_type(key, &cell, &expected);
            return None;
        };
        let index = values.iter().position(|value| value == text);
        if index.is_none() {
            self.report(cell.line, format!("`{key}` must be {expected}, not `{text}`"));
        }
        index
    }

    /// The record that a slug identifies.
    fn optional_target(&mut self, key: &str, kinds: &[RecordKind]) -> Option<Target> {
        let cell = self.take(key)?;
        let target = self.resolve(key, &cell, kinds)?;
        if let Datum::Text(slug) = cell.datum {
            self.add_sourced_claims(key, slug);
        }
        Some(target)
    }

    fn resolve(&mut self, key: &str, cell: &Cell, kinds: &[RecordKind]) -> Option<Target> {
        let Datum::Text(slug) = &cell.datum else {
            self.report_type(key, cell, &format!("the slug of {}", any_of(kinds)));
            return None;
        };
        match self.index.get(slug) {
            None => {
                let suggestion = suggestion(slug, self.index.keys().map(String::as_str));
                let message = format!("`{key}`: no record has the slug `{slug}`{suggestion}");
                self.report(cell.line, message);
                None
            }
            Some(target) if !kinds.is_empty() && !kinds.contains(&target.kind) => {
                let (actual, expected) = (with_article(target.kind.kind().table), any_of(kinds));
                let message =
                    format!("`{key}` must be the slug of {expected}; `{slug}` is {actual}");
                self.report(cell.line, message);
                None
            }
            Some(target) => Some(*target),
        }
    }

    /// The record of any kind that a slug identifies.
    pub fn target(&mut self, key: &str) -> Target {
        if !self.raw.keys.contains_key(key) {
            self.report_missing(key, "the slug of a record");
        }
        let placeholder = Target { id: 0, kind: RecordKind::Document };
        self.optional_target(key, &[]).unwrap_or(placeholder)
    }

    /// The records that a list of slugs identifies. An empty list of `kinds` allows all kinds.
    pub fn targets(&mut self, key: &str, kinds: &[RecordKind]) -> Vec<Id> {
        let cells = self.list(key, "a list of slugs");
        let targets = cells.iter().filter_map(|cell| self.resolve(key, cell, kinds));
        targets.map(|target| target.id).collect()
    }

    fn list(&mut self, key: &str, expected: &str) -> Vec<Cell> {
        match self.take(key) {
            None => Vec::new(),
            Some(Cell { datum: Datum::List(cells), .. }) => cells,
            Some(cell) => {
                self.report_type(key, &cell, expected);
                Vec::new()
            }
        }
    }

    /// Documents by slug, each with an optional locator after a `#`.
    fn sources_at(&mut self, key: &str) -> Vec<Source> {
        let cells = self.list(key, "a list of slugs of documents");
        self.sources_of(key, cells)
    }

    fn sources_of(&mut self, key: &str, cells: Vec<Cell>) -> Vec<Source> {
        let targets = self.located_targets(key, cells, &[RecordKind::Document]).into_iter();
        targets.map(|(target, locator)| (target.id, locator)).collect()
    }

    /// The records that a document mentions, by slug, each with an optional locator after a `#`.
    pub fn mentions(&mut self) -> Vec<(Target, Option<String>)> {
        let cells = self.list("mentions", "a list of slugs");
        self.located_targets("mentions", cells, &[])
    }

    fn located_targets(
        &mut self,
        key: &str,
        cells: Vec<Cell>,
        kinds: &[RecordKind],
    ) -> Vec<(Target, Option<String>)> {
        let mut targets = Vec::new();
        for mut cell in cells {
            let mut locator = None;
            if let Datum::Text(text) = &mut cell.datum
                && let Some((slug, anchor)) = text.split_once('#')
            {
                locator = Some(anchor.to_owned());
                *text = slug.to_owned();
            }
            if let Some(target) = self.resolve(key, &cell, kinds) {
                targets.push((target, locator));
            }
        }
        targets
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
                format!("`{key}` must be one date, or a list of the first and the last date"),
            );
        }
        let (first, last) = (dates.first().copied()?, dates.last().copied()?);
        if first.earliest() > last.latest() {
            let message =
                format!("`{key}`: the first date, {first}, is after the last date, {last}");
            self.report(cell.line, message);
        }
        // The `sources` of the row are not its sources: they do not state which document shows which day.
        let days = if first == last { first.to_string() } else { format!("{first}/{last}") };
        self.add_sourced_claims(key, days);
        Some((first, last))
    }

    /// Adds the claims of the row about the value of a field.
    fn add_field_claims(&mut self, field: &Field, value: Option<String>) {
        let Some(value) = value.filter(|_| field.is_stated()) else { return };
        let own = format!("{}_sources", field.name);
        let (attribution, sources) = if self.raw.keys.contains_key(&own) {
            (Attribution::Value, self.sources_at(&own))
        } else {
            (Attribution::Record, self.sources.clone())
        };
        let property = field.property();
        self.add_claims(&property, &value, attribution, sources);
        self.values.insert(property, value);
    }

    /// Adds the claims of the documents in `<key>_sources`.
    fn add_sourced_claims(&mut self, key: &str, value: String) {
        let own = self.sources_at(&format!("{key}_sources"));
        if !own.is_empty() {
            self.add_claims(&camel(key), &value, Attribution::Value, own);
        }
    }

    fn add_claims(
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

    /// Reads `facts`: properties without a field, which are stored as claims only.
    pub fn facts(&mut self) {
        let Some(cell) = self.take("facts") else { return };
        let Datum::Table(facts) = cell.datum else {
            self.report_type("facts", &cell, "a table");
            return;
        };
        for (key, cell) in facts {
            let values = match &cell.datum {
                Datum::List(cells) => cells.clone(),
                _ => vec![cell],
            };
            for value in values {
                match scalar_text(&value.datum) {
                    Some(text) => {
                        let sources = self.sources.clone();
                        self.add_claims(&camel(&key), &text, Attribution::Record, sources);
                    }
                    None => self.report_type(&key, &value, "a string, an integer, true or false"),
                }
            }
        }
    }

    /// The alternative names, each of which is also a claim about `property`.
    pub fn names(&mut self, property: &str) -> Vec<Name> {
        let cells = self.list("names", "a list of tables with `value`, `language` and `kind`");
        let mut names = Vec::new();
        for cell in cells {
            let Datum::Table(keys) = cell.datum else {
                self.report_type(
                    "names",
                    &cell,
                    "a list of tables with `value`, `language` and `kind`",
                );
                continue;
            };
            // Each name is read as a row.
            let outer = std::mem::replace(&mut self.raw.keys, keys);
            let row_line = std::mem::replace(&mut self.raw.line, cell.line);
            let value = self.text("value");
            let language = self.optional_text("language");
            let kind = self.value_of("kind", NameKind::Variant);
            let sources = self.sources_at("sources");
            self.add_claims(property, &value, Attribution::Value, sources);
            let allowed = ["value", "language", "kind", "sources"].map(str::to_owned);
            self.report_unknown_keys("names", &allowed);
            self.raw.keys = outer;
            self.raw.line = row_line;
            names.push((value, language, kind));
        }
        names
    }

    /// The identifiers of the record in other registers: scheme and value.
    pub fn identifiers(&mut self) -> Vec<(String, String)> {
        let Some(cell) = self.take("identifiers") else { return Vec::new() };
        let Datum::Table(schemes) = cell.datum else {
            self.report_type("identifiers", &cell, "a table such as { wikidata = \"Q1\" }");
            return Vec::new();
        };
        let mut identifiers = Vec::new();
        for (scheme, cell) in schemes {
            let values = match &cell.datum {
                Datum::List(cells) => cells.clone(),
                _ => vec![cell],
            };
            for value in values {
                match scalar_text(&value.datum) {
                    Some(text) => identifiers.push((scheme.clone(), text)),
                    None => self.report_type("identifiers", &value, "a string"),
                }
            }
        }
        identifiers
    }

    /// Other slugs of the record. `index` has validated them.
    pub fn aliases(&mut self) -> Vec<String> {
        let cells = self.list("aliases", "a list of slugs");
        let texts = cells.into_iter().filter_map(|cell| match cell.datum {
            Datum::Text(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    /// The sides of a contradiction: values with their sources.
    pub fn sides(&mut self) -> Vec<(String, Vec<Source>)> {
        let cells = self.list("claims", "a list of tables with `value` and `sources`");
        let mut sides = Vec::new();
        for cell in cells {
            let Datum::Table(mut keys) = cell.datum else {
                self.report_type("claims", &cell, "a list of tables with `value` and `sources`");
                continue;
            };
            let value = keys.remove("value").and_then(|value| scalar_text(&value.datum));
            let sources = match keys.remove("sources") {
                Some(Cell { datum: Datum::List(cells), .. }) => self.sources_of("sources", cells),
                _ => Vec::new(),
            };
            if let Some(key) = keys.keys().next() {
                let allowed = ["value", "sources"].map(str::to_owned);
                self.report(cell.line, unknown_key("claims", key, &allowed));
            }
            match value {
                Some(value) if !sources.is_empty() => sides.push((value, sources)),
                _ => self.report(cell.line, "a claim must have a `value` and `sources`"),
            }
        }
        sides
    }

    /// The value of a claim.
    pub fn value(&mut self, key: &str) -> Option<String> {
        if !self.raw.keys.contains_key(key) {
            self.report_missing(key, "a string or an integer");
        }
        self.optional_value(key)
    }

    pub fn optional_value(&mut self, key: &str) -> Option<String> {
        let cell = self.take(key)?;
        let text = scalar_text(&cell.datum);
        if text.is_none() {
            self.report_type(key, &cell, "a string or an integer");
        }
        text
    }

    /// Reports the keys that were not read.
    fn report_unknown_keys(&mut self, table: &str, allowed: &[String]) {
        for (key, cell) in std::mem::take(&mut self.raw.keys) {
            // The sources of a value are read only if the value is present.
            let message = match key.strip_suffix("_sources").filter(|_| allowed.contains(&key)) {
                Some(value) => format!("`{key}` is allowed only with `{value}`"),
                None => unknown_key(table, &key, allowed),
            };
            self.report(cell.line, message);
        }
    }

    /// Finishes the row: reports unknown keys, and missing sources if `requires_sources`. Returns the
    /// sources, the statements, and the values of fields by property.
    pub fn finish(
        mut self,
        requires_sources: bool,
    ) -> (Vec<Source>, Vec<Statement>, BTreeMap<String, String>) {
        if requires_sources && self.sources.is_empty() {
            let line = self.raw.line;
            self.report(
                line,
                "`sources` is missing; it must be a list with the slug of at least one document",
            );
        }
        let table = self.raw.table.clone();
        let keys = Table::find(&table).map(Table::cells).unwrap_or_default();
        let allowed: Vec<String> = keys.into_iter().map(|(key, _)| key).collect();
        self.report_unknown_keys(&table, &allowed);
        (self.sources, self.statements, self.values)
    }
}

/// A string, an integer or a boolean as text.
pub fn scalar_text(datum: &Datum) -> Option<String> {
    match datum {
        Datum::Text(text) if !text.trim().is_empty() => Some(text.clone()),
        Datum::Number(number) => Some(number.to_string()),
        Datum::Flag(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A description of the values that a field accepts, for messages.
fn expected(field: &Field) -> String {
    match &field.ty {
        Type::Enum(values) => format!("one of {}", (values.all)().join(", ")),
        Type::Number if field.requirement == Requirement::RequiredOrClaimed => {
            "an integer, in the row or in a claim".to_owned()
        }
        Type::Number | Type::Rank => format!("an integer of at least {}", field.min),
        Type::Reference(reference) => format!("the slug of {}", any_of(&reference.to.kinds())),
        _ => "a string".to_owned(),
    }
}

fn any_of(kinds: &[RecordKind]) -> String {
    let nouns: Vec<String> = kinds.iter().map(|kind| with_article(kind.kind().table)).collect();
    match nouns.split_last() {
        None => "a record".to_owned(),
        Some((noun, [])) => noun.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
