//! Random values: filters whose values are those of some row, or near them, so that
//! they pass some rows and not all.

use std::collections::BTreeMap;

use assembly_graph::fold::fold;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{Datelike, Days, NaiveDate};
use entity::PartialDate;
use serde_json::{Map, Value, json};

use super::{
    dice::Dice,
    plain::Plain,
    rows::{OF_SEVERAL, is_timeless},
    schema::FieldKind,
};

pub struct Draw<'a> {
    pub dice: Dice,
    plain: &'a Plain,
    /// How often each operator of each field was used.
    pub case: BTreeMap<(String, String, String), usize>,
}

/// How deep the edges of a filter go.
const MAX_DEPTH: usize = 4;

impl<'a> Draw<'a> {
    pub fn new(plain: &'a Plain, seed: u64) -> Self {
        Self { dice: Dice::new(seed), plain, case: BTreeMap::new() }
    }

    /// A random row of a type, if it has rows.
    pub fn row(&mut self, ty: &str) -> Option<usize> {
        let plain = self.plain;
        let count = plain.rows.of(ty).len();
        if !OF_SEVERAL.contains(&ty) || ty == "Record" {
            return (count > 0).then(|| self.dice.below(count));
        }
        // Of the types that it can refer to; only their ids are allowed.
        let kinds: Vec<_> = plain.schema.tested(ty).into_iter().map(|field| field.1).collect();
        let fits = |row: &usize| kinds.contains(&FieldKind::One(&plain.kind(*row)));
        (0..1_000).map(|_| self.dice.below(count)).find(fits)
    }

    /// A filter of a type, which `like` may pass. `dated` says whether its rows are read at a date.
    pub fn filter(&mut self, ty: &str, like: Option<usize>, depth: usize, dated: bool) -> Value {
        let like = like.or_else(|| self.row(ty));
        let mut filter = Map::new();
        if depth < MAX_DEPTH && self.dice.chance(25) {
            match self.dice.below(3) {
                0 => {
                    let other = self.row(ty);
                    let inner = self.filter(ty, other, depth + 1, dated);
                    filter.insert("not".into(), inner);
                }
                1 => {
                    let inner = (0..=self.dice.below(2))
                        .map(|_| self.filter(ty, like, depth + 1, dated))
                        .collect();
                    filter.insert("and".into(), inner);
                }
                _ => {
                    let mut inner = Vec::new();
                    for _ in 0..=self.dice.below(3) {
                        let like = self.row(ty);
                        inner.push(self.filter(ty, like, depth + 1, dated));
                    }
                    filter.insert("or".into(), inner.into());
                }
            }
            if self.dice.chance(60) {
                return filter.into();
            }
        }
        for _ in 0..=usize::from(self.dice.chance(25)) {
            let field = self.field(ty, depth, dated);
            let test = self.test(ty, &field);
            filter.insert(field.clone(), self.value(ty, &field, &test, like, depth, dated));
        }
        filter.into()
    }

    /// A field of a filter, preferably one that was used rarely.
    fn field(&mut self, ty: &str, depth: usize, dated: bool) -> String {
        let mut fields = self.plain.schema.tested(ty);
        fields.retain(|(_, sort)| match sort {
            FieldKind::One(_) | FieldKind::Many(_) => depth < MAX_DEPTH,
            FieldKind::Certainty => dated,
            _ => true,
        });
        let fields: Vec<_> = fields.iter().map(|field| field.0).collect();
        let (one, other) = (*self.dice.pick(&fields), *self.dice.pick(&fields));
        let times = |field: &str| -> usize {
            let own = self.case.iter().filter(|(at, _)| at.0 == ty && at.1 == field);
            own.map(|(_, times)| times).sum()
        };
        if times(one) <= times(other) { one } else { other }.to_owned()
    }

    fn test(&mut self, ty: &str, field: &str) -> String {
        let mut tests = self.plain.schema.tests(ty, field);
        // These two only say what others mean.
        tests.retain(|test| !["asOf", "history"].contains(test));
        let (one, other) = (*self.dice.pick(&tests), *self.dice.pick(&tests));
        let times = |test: &str| {
            let at = (ty.to_owned(), field.to_owned(), test.to_owned());
            self.case.get(&at).copied().unwrap_or(0)
        };
        if times(one) <= times(other) { one } else { other }.to_owned()
    }

    /// What a filter says of a field by one of its tests, or some more.
    pub fn value(
        &mut self,
        ty: &str,
        field: &str,
        test: &str,
        like: Option<usize>,
        depth: usize,
        dated: bool,
    ) -> Value {
        let at = (ty.to_owned(), field.to_owned(), test.to_owned());
        *self.case.entry(at).or_default() += 1;
        let like = if self.dice.chance(85) { like } else { self.row(ty) };
        let sort = self.plain.schema.kind_of(ty, field);
        match sort {
            FieldKind::Flag => json!(test == "true"),
            FieldKind::Certainty => json!(test),
            FieldKind::One(to) if test == "passes" => {
                let far = like.and_then(|row| self.plain.one(ty, row, field, to));
                self.filter(to, far, depth + 1, dated)
            }
            FieldKind::One(_) => json!({}),
            FieldKind::Many(to) => self.many(ty, field, to, test, like, depth, dated),
            FieldKind::Date => self.date_tests(ty, field, test, like),
            _ => {
                let value = match test {
                    "isNull" => json!(self.dice.chance(50)),
                    "in" => {
                        let count = if self.dice.chance(3) { 0 } else { 1 + self.dice.below(4) };
                        let one = |_| {
                            let row = if self.dice.chance(50) { like } else { self.row(ty) };
                            self.one_value(ty, field, sort, test, row)
                        };
                        (0..count).map(one).collect()
                    }
                    "between" => {
                        let mut ends = [like, self.row(ty)]
                            .map(|row| self.one_value(ty, field, sort, test, row));
                        ends.sort_by_key(sea_orm::JsonValue::as_i64);
                        self.range(ends)
                    }
                    test => self.one_value(ty, field, sort, test, like),
                };
                json!({ test: value })
            }
        }
    }

    /// Two ends, or one.
    fn range(&mut self, [from, to]: [Value; 2]) -> Value {
        match self.dice.below(5) {
            0 => json!({ "from": from }),
            1 => json!({ "to": to }),
            _ => json!({ "from": from, "to": to }),
        }
    }

    fn many(
        &mut self,
        ty: &str,
        field: &str,
        to: &str,
        test: &str,
        like: Option<usize>,
        depth: usize,
        dated: bool,
    ) -> Value {
        let far = like.map(|row| self.plain.many_of(ty, row, field, to)).unwrap_or_default();
        let far = (!far.is_empty()).then(|| *self.dice.pick(&far));
        let mut value = Map::new();
        let has_period = self.plain.rows.of(to).has_period();
        let mut own = dated;
        if has_period {
            own = dated && !is_timeless(ty, field);
            match self.dice.below(4) {
                0 => {
                    value.insert("asOf".into(), json!(self.day(to)));
                    own = true;
                }
                1 => {
                    value.insert("history".into(), json!(true));
                    own = false;
                }
                _ => {}
            }
        }
        // All rows, or none, with few filters.
        let inner = if test == "some" && self.dice.chance(10) {
            json!({})
        } else {
            self.filter(to, far, depth + 1, own)
        };
        value.insert(test.to_owned(), inner);
        value.into()
    }

    fn date_tests(&mut self, ty: &str, field: &str, test: &str, like: Option<usize>) -> Value {
        let mut value = Map::new();
        let (test, possibly) = match test {
            "possibly" => (*self.dice.pick(&["before", "after", "within", "between"]), true),
            test => (test, self.dice.chance(30)),
        };
        if possibly {
            value.insert("possibly".into(), json!(true));
        }
        let own = like.and_then(|row| self.plain.days(ty, row, field));
        let tested = match test {
            "isNull" => json!(self.dice.chance(50)),
            "eq" if own.is_some() && self.dice.chance(80) => json!(own.unwrap().to_string()),
            "between" => {
                let mut ends = [like, self.row(ty)].map(|row| self.date(ty, field, row));
                ends.sort_by_key(PartialDate::earliest);
                self.range(ends.map(|end| json!(end.to_string())))
            }
            _ => json!(self.date(ty, field, like).to_string()),
        };
        value.insert(test.to_owned(), tested);
        value.into()
    }

    /// A date of a row or near it, known to the day, the month or the year.
    fn date(&mut self, ty: &str, field: &str, like: Option<usize>) -> PartialDate {
        let mut own = like.and_then(|row| self.plain.days(ty, row, field));
        for _ in 0..5 {
            if own.is_none() {
                own = self.row(ty).and_then(|row| self.plain.days(ty, row, field));
            }
        }
        let own = own.unwrap_or_else(|| "2012-05".parse().unwrap());
        let day = if self.dice.chance(50) { own.earliest() } else { own.latest() };
        let day = self.near(day);
        let day = day.to_string();
        let letters = *self.dice.pick(&[4, 7, 10]);
        day[..letters].parse().unwrap()
    }

    fn near(&mut self, day: NaiveDate) -> NaiveDate {
        let days = Days::new(*self.dice.pick(&[0, 0, 0, 1, 1, 40, 400]));
        let moved = if self.dice.chance(50) {
            day.checked_add_days(days)
        } else {
            day.checked_sub_days(days)
        };
        moved.filter(|day| (1..=9999).contains(&day.year())).unwrap_or(day)
    }

    /// A day on which rows of a type begin to hold or end, or next to it.
    pub fn day(&mut self, ty: &str) -> NaiveDate {
        let columns = ["holds_from", "holds_until", "sure_from", "sure_until"];
        let table = self.plain.rows.of(ty);
        let column = *self.dice.pick(&columns);
        let row = self.row(ty).filter(|_| table.has(column));
        let day = row.and_then(|row| table.cell(row, column).day());
        let day = day.filter(|day| day.year() > 1 && (day.year() < 9999 || self.dice.chance(20)));
        let day = day.unwrap_or_else(|| {
            let year = i32::try_from(1990 + self.dice.below(38)).unwrap();
            NaiveDate::from_yo_opt(year, 200).unwrap()
        });
        self.near(day)
    }

    /// What a row has in a field, or something like it.
    fn one_value(
        &mut self,
        ty: &str,
        field: &str,
        sort: FieldKind<'_>,
        test: &str,
        like: Option<usize>,
    ) -> Value {
        let plain = self.plain;
        match sort {
            FieldKind::Id => {
                let key = like.map_or(1, |row| plain.rows.of(ty).id(row));
                let kind = if OF_SEVERAL.contains(&ty) {
                    like.map_or("Member".to_owned(), |row| plain.kind(row))
                } else {
                    ty.to_owned()
                };
                let date = *self.dice.pick(&["", "", "@2012-05-01", "~2012"]);
                json!(id(&kind, key, date))
            }
            FieldKind::Slug => {
                let slugs = like.map(|row| plain.slugs(plain.rows.of(ty).id(row)));
                json!(slugs.map_or("nobody", |slugs| *self.dice.pick(&slugs)))
            }
            FieldKind::Code => {
                let code = self.some(ty, like, |row| plain.cell(ty, row, field).text());
                let code = code.unwrap_or("en").to_owned();
                let code: String = code.chars().take(200).collect();
                json!(if self.dice.chance(10) { code.to_lowercase() } else { code })
            }
            FieldKind::Word(words) => {
                let own = like.and_then(|row| plain.cell(ty, row, field).text());
                let any = self.dice.pick(plain.schema.words(words));
                json!(own.filter(|_| self.dice.chance(80)).unwrap_or(any))
            }
            FieldKind::Number => {
                let number = match (ty, field) {
                    ("Delegation", "totalSeats") => {
                        let totals = plain.rows.table("seat_total");
                        let row = (totals.len() > 0).then(|| self.dice.below(totals.len()));
                        row.and_then(|row| totals.cell(row, "seats").number())
                    }
                    _ => self.some(ty, like, |row| plain.cell(ty, row, field).number()),
                };
                json!(number.unwrap_or(3) + *self.dice.pick(&[-1, 0, 0, 0, 1]))
            }
            FieldKind::Text => {
                let text = self.some(ty, like, |row| {
                    let texts = plain.texts(ty, row, field);
                    (!texts.is_empty()).then_some(texts)
                });
                let text = text.map_or("Armenia", |texts| *self.dice.pick(&texts));
                let part = self.part(text, test);
                json!(self.disguised(&part))
            }
            _ => unreachable!("{sort:?} has no single values"),
        }
    }

    /// What a row has, else what one of some others has.
    fn some<T>(
        &mut self,
        ty: &str,
        like: Option<usize>,
        read: impl Fn(usize) -> Option<T>,
    ) -> Option<T> {
        let own = like.and_then(&read);
        own.or_else(|| (0..5).find_map(|_| self.row(ty).and_then(&read)))
    }

    /// A part of a string that is long enough for a filter, or the string, truncated to the maximum.
    fn part(&mut self, text: &str, test: &str) -> String {
        let letters: Vec<char> = text.chars().take(150).collect();
        let start = match test {
            "contains" => self.dice.below(letters.len().max(1)),
            "startsWith" => 0,
            _ => letters.len(),
        };
        let rest = letters.len() - start;
        let end = start + if rest > 3 { 3 + self.dice.below(rest - 3) } else { rest };
        let part: String = letters[start..end.min(start + 40)].iter().collect();
        if fold(&part).len() >= 3 { part } else { letters.into_iter().collect() }
    }

    /// The same text to those who compare without case, marks and script; mostly.
    fn disguised(&mut self, text: &str) -> String {
        let written: String = match self.dice.below(5) {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            2 => text.chars().flat_map(|letter| [Some(letter), marked(letter)]).flatten().collect(),
            3 => text.chars().map(in_cyrillic).collect(),
            _ => format!(" {text}."),
        };
        let fits = fold(&written).len() >= 3 && written.chars().count() <= 200;
        if fits { written } else { "Nobody at all".to_owned() }
    }

    /// Keys to order a list by.
    pub fn order(&mut self, ty: &str) -> Vec<Value> {
        let words = self.plain.schema.words_of(ty, "OrderField");
        let mut order = Vec::<Value>::new();
        for _ in 0..self.dice.below(4) {
            let word = self.dice.pick(words);
            if order.iter().any(|key| key["field"] == **word) {
                continue;
            }
            let mut key = Map::from_iter([("field".to_owned(), json!(word))]);
            if self.dice.chance(60) {
                key.insert("direction".into(), json!(self.dice.pick(&["ASC", "DESC"])));
            }
            if self.dice.chance(60) {
                key.insert("nulls".into(), json!(self.dice.pick(&["FIRST", "LAST"])));
            }
            order.push(key.into());
        }
        order
    }
}

impl Plain {
    /// The type of a row of the registry.
    pub fn kind(&self, row: usize) -> String {
        let kind = self.rows.table("record").cell(row, "kind").text().unwrap();
        let words = kind.split('_').map(|word| word[..1].to_owned() + &word[1..].to_lowercase());
        words.collect()
    }
}

/// An id as the server gives it.
pub fn id(kind: &str, key: entity::Id, date: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{kind}:{key}{date}"))
}

/// An accent on a vowel.
fn marked(letter: char) -> Option<char> {
    "aeiouAEIOU".contains(letter).then_some('\u{301}')
}

fn in_cyrillic(letter: char) -> char {
    let (latin, cyrillic) =
        ("abdegiklmnoprstuvzABDEGIKLMNOPRSTUVZ", "абдегиклмнопрстувзАБДЕГИКЛМНОПРСТУВЗ");
    let place = latin.chars().position(|own| own == letter);
    place.and_then(|place| cyrillic.chars().nth(place)).unwrap_or(letter)
}
