//! Filters as clients write them: read and judged, into conditions.

use std::{convert::Infallible, sync::Arc};

use async_graphql::{Context, Name, Value};
use chrono::NaiveDate;
use entity::{Certainty, Id, PartialDate};

use super::{
    as_of::{Day, NotADay},
    condition::{Across, Compare, Hold, How, Leaf, Reach, Test, TextTest},
    error::BadInput,
    filter::{FilterField, FilterType, Tests},
    id::GlobalId,
};
use crate::{
    fold::fold,
    limits::{
        MAX_FILTER_CONDITIONS, MAX_FILTER_DEPTH, MAX_FILTER_TEXT_LENGTH, MAX_FILTER_VALUES,
        MIN_FILTER_PART_LENGTH,
    },
};

/// A filter or an order of the field that is being resolved, as written.
///
/// A variable that the request omits stands in it by its name, `$name`, which no enum value can have.
pub fn argument(ctx: &Context<'_>, name: &str) -> Option<Box<Value>> {
    let filter = ctx.item.node.get_argument(name)?;
    let value = |name: Name| -> Result<Value, Infallible> {
        let given = ctx.query_env.variables.get(&name).cloned();
        Ok(given.unwrap_or_else(|| Value::Enum(Name::new(format!("${name}")))))
    };
    let Ok(filter) = filter.node.clone().into_const_with(value);
    is_given(&filter).then(|| Box::new(filter))
}

/// Null, and a variable that the request omits, is as if left out.
fn is_given(value: &Value) -> bool {
    *value != Value::Null && !matches!(value, Value::Enum(name) if name.starts_with('$'))
}

/// The first variable within a value that the request omits, and its place there.
fn find_omitted(value: &Value) -> Option<(String, &Name)> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(field, value)| {
            let (place, variable) = find_omitted(value)?;
            Some((format!(".{field}{place}"), variable))
        }),
        Value::List(items) => items.iter().enumerate().find_map(|(at, value)| {
            let (place, variable) = find_omitted(value)?;
            Some((format!("[{at}]{place}"), variable))
        }),
        Value::Enum(name) if name.starts_with('$') => Some((String::new(), name)),
        _ => None,
    }
}

/// Reads a filter: the only judge of what clients write there. `dated` says whether its rows are
/// read at a date, and not as a history.
pub fn read(filter: &'static FilterType, value: &Value, dated: bool) -> Result<Test, BadInput> {
    Reader { tests: 0 }.filter(filter, value, "filter", 1, dated)
}

struct Reader {
    /// Conditions read so far.
    tests: usize,
}

fn wrong(place: &str, wrong: impl Into<String>) -> BadInput {
    BadInput::Filter { place: place.to_owned(), wrong: wrong.into() }
}

impl Reader {
    /// Counts a condition; an empty one too, for they are no less to say in a statement.
    fn count(&mut self, place: &str) -> Result<(), BadInput> {
        self.tests += 1;
        match self.tests > MAX_FILTER_CONDITIONS {
            true => {
                let what = format!("exceeds the maximum of {MAX_FILTER_CONDITIONS} conditions");
                Err(wrong(place, what))
            }
            false => Ok(()),
        }
    }

    fn filter(
        &mut self,
        filter: &'static FilterType,
        value: &Value,
        place: &str,
        depth: usize,
        dated: bool,
    ) -> Result<Test, BadInput> {
        if depth > MAX_FILTER_DEPTH {
            return Err(wrong(
                place,
                format!("exceeds the maximum of {MAX_FILTER_DEPTH} nested levels"),
            ));
        }
        let entries = entries(value, place)?;
        if entries.is_empty() {
            self.count(place)?;
        }
        refuse_omitted(value, place)?;
        let mut all = Vec::new();
        for (name, value) in entries {
            let place = format!("{place}.{name}");
            let mut read = |value, place: &str| self.filter(filter, value, place, depth + 1, dated);
            all.push(match name {
                "and" | "or" => {
                    let values = items(value);
                    if values.is_empty() {
                        let what = "must have at least one condition";
                        return Err(wrong(&place, what));
                    }
                    BadInput::too_many_in(&place, values.len(), MAX_FILTER_CONDITIONS)?;
                    let tests = values.iter().enumerate();
                    let tests = tests.map(|(at, value)| read(value, &format!("{place}[{at}]")));
                    let tests = tests.collect::<Result<Vec<_>, _>>()?;
                    if name == "and" { Test::All(tests) } else { Test::Any(tests) }
                }
                "not" => Test::Not(Box::new(read(value, &place)?)),
                name => {
                    self.count(&place)?;
                    let field = filter.fields.iter().find(|field| field.name == name);
                    let field =
                        field.ok_or_else(|| wrong(&place, "is not a field of this filter"))?;
                    self.field(filter, field, value, &place, depth + 1, dated)?
                }
            });
        }
        Ok(match <[Test; 1]>::try_from(all) {
            Ok([one]) => one,
            Err(all) => Test::All(all),
        })
    }

    fn field(
        &mut self,
        filter: &'static FilterType,
        field: &'static FilterField,
        value: &Value,
        place: &str,
        depth: usize,
        dated: bool,
    ) -> Result<Test, BadInput> {
        match &field.tests {
            Tests::Id(types) => each(value, place, |test, value, place| {
                let id = |value: &Value| an_id(types, value, place);
                let leaf = |ids| Test::Row(Leaf::Ids(ids));
                Ok(match test {
                    "eq" => leaf(vec![id(value)?]),
                    "not" => Test::Not(Box::new(leaf(vec![id(value)?]))),
                    _ => leaf(values(value, place, id)?),
                })
            }),
            Tests::Listed(registers) => each(value, place, |test, value, place| {
                let name = |value: &Value| a_text(value, place);
                let leaf = |names| Test::Row(Leaf::Listed(registers, names));
                Ok(match test {
                    "eq" => leaf(vec![name(value)?]),
                    "not" => Test::Not(Box::new(leaf(vec![name(value)?]))),
                    _ => leaf(values(value, place, name)?),
                })
            }),
            Tests::Text { of, property, column } => each(value, place, |test, value, place| {
                if test == "isNull" {
                    return is_null(column, value, place);
                }
                let folded = |value: &Value| folded(value, place);
                let leaf = |how| {
                    let test =
                        TextTest { of, kinds: &filter.kinds, property, how, few: filter.few };
                    Test::Row(Leaf::Text(Arc::new(test)))
                };
                Ok(match test {
                    "eq" => leaf(How::Is(vec![folded(value)?])),
                    "not" => Test::Not(Box::new(leaf(How::Is(vec![folded(value)?])))),
                    "startsWith" => leaf(How::Begins(folded(value)?)),
                    "contains" => {
                        let part = folded(value)?;
                        if part.len() < MIN_FILTER_PART_LENGTH {
                            let what = format!(
                                "must have at least {MIN_FILTER_PART_LENGTH} letters or digits; use \
                                 `startsWith` or `eq` for shorter text"
                            );
                            return Err(wrong(place, what));
                        }
                        leaf(How::Contains(part))
                    }
                    _ => leaf(How::Is(values(value, place, folded)?)),
                })
            }),
            Tests::Code(column) => codes(column, value, place),
            Tests::CodeAt(column) => Ok(codes(column, value, place)?.then()),
            Tests::Words { column, values: known } | Tests::WordsAt { column, values: known } => {
                let known = (known.all)();
                let test = each(value, place, |test, value, place| {
                    if test == "isNull" {
                        return is_null(column, value, place);
                    }
                    let word = |value: &Value| a_word(&known, value, place);
                    let leaf = |words| Test::Row(Leaf::Words(column, words));
                    Ok(match test {
                        "eq" => leaf(vec![word(value)?]),
                        "not" => Test::Not(Box::new(leaf(vec![word(value)?]))),
                        _ => leaf(values(value, place, word)?),
                    })
                })?;
                let varies = matches!(field.tests, Tests::WordsAt { .. });
                Ok(if varies { test.then() } else { test })
            }
            Tests::Number(column) => numbers(column, value, place),
            Tests::NumberAt(column) => Ok(numbers(column, value, place)?.then()),
            Tests::NumberThen { reach, table, column } => {
                // Where there is none, no row says so.
                let mut tests = Vec::new();
                let some = |test| {
                    let (reach, few, when) = (*reach, true, Hold::Then);
                    Test::Some(Box::new(Across { reach, table, few, when, test }))
                };
                for (test, value) in entries(value, place)? {
                    let place = format!("{place}.{test}");
                    tests.push(match test {
                        "isNull" => {
                            let any = some(Test::All(Vec::new()));
                            if a_flag(value, &place)? { Test::Not(Box::new(any)) } else { any }
                        }
                        "not" => {
                            let same =
                                Leaf::Number(column, Compare::Equal, a_number(value, &place)?);
                            Test::Not(Box::new(some(Test::Row(same))))
                        }
                        test => some(number(column, test, value, &place)?),
                    });
                }
                Ok(Test::All(tests))
            }
            Tests::Date(earliest, latest) => date(earliest, latest, value, place),
            Tests::Flag(column) => Ok(Test::Row(Leaf::Flag(column, a_flag(value, place)?))),
            Tests::FlagThen(column, during) => {
                Ok(Test::Then(Leaf::FlagThen(column, during, a_flag(value, place)?)))
            }
            Tests::Certainty => {
                if !dated {
                    let what = "needs a point in time, and `history` has none; use `asOf` instead of `history`, or \
                                omit the condition";
                    return Err(wrong(place, what));
                }
                let word = a_word(&["DEFINITE".into(), "POSSIBLE".into()], value, place)?;
                let sure = word == "DEFINITE";
                let certainty = if sure { Certainty::Definite } else { Certainty::Possible };
                Ok(Test::Row(Leaf::Certain(certainty)))
            }
            Tests::One { reach, filter, .. } => {
                let filter = filter();
                // What a key points at is asked whatever the date.
                let test = self.filter(filter, value, place, depth, dated)?;
                let (table, few) = (filter.table, filter.few);
                let when = Hold::Ever;
                Ok(Test::Some(Box::new(Across { reach: *reach, table, few, when, test })))
            }
            Tests::Many { reach, filter, dated: lasting, .. } => {
                self.many(*reach, filter(), *lasting, value, place, depth, dated)
            }
        }
    }

    fn many(
        &mut self,
        reach: Reach,
        filter: &'static FilterType,
        lasting: bool,
        value: &Value,
        place: &str,
        depth: usize,
        dated: bool,
    ) -> Result<Test, BadInput> {
        let (mut as_of, mut history) = (None, false);
        let entries = entries(value, place)?;
        for (name, value) in &entries {
            let place = format!("{place}.{name}");
            match *name {
                "asOf" => {
                    let day = match value {
                        Value::String(text) => text.parse::<Day>(),
                        _ => Err(NotADay),
                    };
                    as_of = Some(day.map_err(|what| wrong(&place, what.to_string()))?.0);
                }
                "history" => history = a_flag(value, &place)?,
                _ => {}
            }
        }
        if history && as_of.is_some() {
            let what = "must not have both `asOf` and `history`: a history includes all dates";
            return Err(wrong(place, what));
        }
        let when = match as_of {
            Some(day) => Hold::On(day),
            None if lasting && dated && !history => Hold::Then,
            None => Hold::Ever,
        };
        // Where all count, whatever the date, that of the list goes on for what lies beyond.
        let dated = as_of.is_some() || dated && !history;
        let mut tests = Vec::new();
        for (name, value) in entries {
            if ["asOf", "history"].contains(&name) {
                continue;
            }
            let place = format!("{place}.{name}");
            let test = self.filter(filter, value, &place, depth, dated)?;
            let some = |test| {
                let (table, few) = (filter.table, filter.few);
                Test::Some(Box::new(Across { reach, table, few, when, test }))
            };
            tests.push(match name {
                "some" => some(test),
                "none" => Test::Not(Box::new(some(test))),
                _ => Test::Not(Box::new(some(Test::Not(Box::new(test))))),
            });
        }
        if tests.is_empty() {
            return Err(wrong(place, "must have `some`, `none` or `every`"));
        }
        Ok(Test::All(tests))
    }
}

/// Refuses a filter whose `or` or `not` has a variable that the request omits: without the condition
/// `or` would match more rows, and `not` other ones.
fn refuse_omitted(filter: &Value, place: &str) -> Result<(), BadInput> {
    let Value::Object(fields) = filter else { return Ok(()) };
    for name in ["or", "not"] {
        if let Some((within, variable)) = fields.get(name).and_then(find_omitted) {
            let (place, variable) = (format!("{place}.{name}{within}"), variable.to_string());
            return Err(BadInput::OmittedVariable { variable, place });
        }
    }
    Ok(())
}

/// The given fields of an object.
fn entries<'a>(value: &'a Value, place: &str) -> Result<Vec<(&'a str, &'a Value)>, BadInput> {
    let Value::Object(fields) = value else {
        return Err(wrong(place, format!("must be an object, got {}", shown(value))));
    };
    let given = fields.iter().filter(|(_, value)| is_given(value));
    Ok(given.map(|(name, value)| (name.as_str(), value)).collect())
}

/// The items of a list; one value stands for a list of it.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(values) => values,
        one => std::slice::from_ref(one),
    }
}

fn shown(value: &Value) -> String {
    value.to_string().chars().take(80).collect()
}

/// All tests of one value.
fn each(
    value: &Value,
    place: &str,
    read: impl Fn(&str, &Value, &str) -> Result<Test, BadInput>,
) -> Result<Test, BadInput> {
    let tests = entries(value, place)?.into_iter();
    let tests = tests.map(|(test, value)| read(test, value, &format!("{place}.{test}")));
    Ok(Test::All(tests.collect::<Result<_, _>>()?))
}

fn values<T>(
    value: &Value,
    place: &str,
    read: impl Fn(&Value) -> Result<T, BadInput>,
) -> Result<Vec<T>, BadInput> {
    let values = items(value);
    BadInput::too_many_in(place, values.len(), MAX_FILTER_VALUES)?;
    values.iter().map(read).collect()
}

fn a_text(value: &Value, place: &str) -> Result<String, BadInput> {
    let Value::String(text) = value else {
        return Err(wrong(place, format!("must be a string, got {}", shown(value))));
    };
    let length = text.chars().count();
    match length > MAX_FILTER_TEXT_LENGTH {
        true => {
            let what =
                format!("must have at most {MAX_FILTER_TEXT_LENGTH} characters, got {length}");
            Err(wrong(place, what))
        }
        false => Ok(text.clone()),
    }
}

/// A text as texts are compared.
fn folded(value: &Value, place: &str) -> Result<String, BadInput> {
    let text = a_text(value, place)?;
    match fold(&text) {
        folded if folded.is_empty() => {
            let what = "must contain a letter or a digit; use `isNull` for missing values";
            Err(wrong(place, what))
        }
        folded => Ok(folded),
    }
}

fn a_word(known: &[String], value: &Value, place: &str) -> Result<String, BadInput> {
    let word = match value {
        Value::Enum(word) => word.as_str(),
        Value::String(word) => word,
        _ => "",
    };
    let known = known.iter().find(|one| *one == word);
    known
        .cloned()
        .ok_or_else(|| wrong(place, format!("must be a value of the enum, got {}", shown(value))))
}

fn a_flag(value: &Value, place: &str) -> Result<bool, BadInput> {
    match value {
        Value::Boolean(flag) => Ok(*flag),
        _ => Err(wrong(place, format!("must be true or false, got {}", shown(value)))),
    }
}

fn a_number(value: &Value, place: &str) -> Result<i64, BadInput> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    let number = number.filter(|number| i32::try_from(*number).is_ok());
    number.ok_or_else(|| wrong(place, format!("must be an integer, got {}", shown(value))))
}

fn a_date(value: &Value, place: &str) -> Result<PartialDate, BadInput> {
    let date = match value {
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let right = "must be a date such as \"2022\", \"2022-12\" or \"2022-12-05\"";
    date.ok_or_else(|| wrong(place, format!("{right}, got {}", shown(value))))
}

fn an_id(types: &[&str], value: &Value, place: &str) -> Result<Id, BadInput> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let id = GlobalId::parse("id", &text.as_str().into(), NaiveDate::MIN).ok();
    let id = id.ok_or_else(|| {
        wrong(place, format!("must be an id that this server returned, got {}", shown(value)))
    })?;
    match types.contains(&id.kind.as_str()) {
        true => Ok(id.key),
        false => {
            let types = types.join(" or ");
            Err(wrong(
                place,
                format!("must be an id of type {types}, got an id of type {}", id.kind),
            ))
        }
    }
}

/// The ends of a range, as far as they are given; both are, where they `follow` each other.
fn ends<T: std::fmt::Display>(
    value: &Value,
    place: &str,
    read: impl Fn(&Value, &str) -> Result<T, BadInput>,
    follow: impl Fn(&T, &T) -> bool,
) -> Result<(Option<T>, Option<T>), BadInput> {
    let (mut from, mut to) = (None, None);
    for (end, value) in entries(value, place)? {
        let read = read(value, &format!("{place}.{end}"))?;
        *(if end == "from" { &mut from } else { &mut to }) = Some(read);
    }
    match (&from, &to) {
        (Some(first), Some(last)) if !follow(first, last) => Err(wrong(
            place,
            format!("must have `from` not greater than `to`, got {first} and {last}"),
        )),
        _ => Ok((from, to)),
    }
}

fn codes(column: &'static str, value: &Value, place: &str) -> Result<Test, BadInput> {
    each(value, place, |test, value, place| {
        let code = |value: &Value| a_text(value, place);
        let leaf = |codes| Test::Row(Leaf::Words(column, codes));
        Ok(match test {
            "isNull" => is_null(column, value, place)?,
            "eq" => leaf(vec![code(value)?]),
            "not" => Test::Not(Box::new(leaf(vec![code(value)?]))),
            _ => leaf(values(value, place, code)?),
        })
    })
}

fn is_null(column: &'static str, value: &Value, place: &str) -> Result<Test, BadInput> {
    let null = Test::Row(Leaf::Null(column));
    Ok(if a_flag(value, place)? { null } else { Test::Not(Box::new(null)) })
}

fn numbers(column: &'static str, value: &Value, place: &str) -> Result<Test, BadInput> {
    each(value, place, |test, value, place| match test {
        "isNull" => is_null(column, value, place),
        "not" => Ok(Test::Not(Box::new(number(column, "eq", value, place)?))),
        test => number(column, test, value, place),
    })
}

fn number(column: &'static str, test: &str, value: &Value, place: &str) -> Result<Test, BadInput> {
    let compare = match test {
        "eq" => Compare::Equal,
        "lt" => Compare::Below,
        "lte" => Compare::AtMost,
        "gt" => Compare::Above,
        "gte" => Compare::AtLeast,
        "between" => {
            let (from, to) = ends(value, place, a_number, |from, to| from <= to)?;
            let from = from.map(|from| Leaf::Number(column, Compare::AtLeast, from));
            let to = to.map(|to| Leaf::Number(column, Compare::AtMost, to));
            return Ok(Test::All(from.into_iter().chain(to).map(Test::Row).collect()));
        }
        _ => {
            let numbers = values(value, place, |value| a_number(value, place))?;
            return Ok(Test::Row(Leaf::Numbers(column, numbers)));
        }
    };
    Ok(Test::Row(Leaf::Number(column, compare, a_number(value, place)?)))
}

fn date(
    earliest: &'static str,
    latest: &'static str,
    value: &Value,
    place: &str,
) -> Result<Test, BadInput> {
    let possibly = entries(value, place)?.into_iter().find(|(name, _)| *name == "possibly");
    let possibly = possibly.map(|(_, value)| a_flag(value, &format!("{place}.possibly")));
    let possibly = possibly.transpose()?.unwrap_or(false);
    // For certain, the day that is hardest to place decides; possibly, the easiest.
    let (early, late) = if possibly { (latest, earliest) } else { (earliest, latest) };
    let day = |column, compare, day| Test::Row(Leaf::Day(column, compare, day));
    let from = |date: PartialDate| day(early, Compare::AtLeast, date.earliest());
    // What ends before a day has begun before it: said again, so that an index of the first days
    // has both ends.
    let until = |compare, end: NaiveDate| {
        Test::All(vec![day(late, compare, end), day(earliest, compare, end)])
    };
    let to = |date: PartialDate| until(Compare::AtMost, date.latest());
    each(value, place, |test, value, place| {
        Ok(match test {
            "isNull" => is_null(earliest, value, place)?,
            "possibly" => Test::All(Vec::new()),
            "eq" => {
                let date = a_date(value, place)?;
                Test::All(vec![
                    day(earliest, Compare::Equal, date.earliest()),
                    day(latest, Compare::Equal, date.latest()),
                ])
            }
            "before" => {
                let date = a_date(value, place)?;
                let end = if possibly { date.latest() } else { date.earliest() };
                until(Compare::Below, end)
            }
            "after" => {
                let date = a_date(value, place)?;
                let end = if possibly { date.earliest() } else { date.latest() };
                day(early, Compare::Above, end)
            }
            "within" => {
                let date = a_date(value, place)?;
                Test::All(vec![from(date), to(date)])
            }
            _ => {
                let follow = |from: &PartialDate, to: &PartialDate| from.earliest() <= to.latest();
                let (first, last) = ends(value, place, a_date, follow)?;
                Test::All(first.map(from).into_iter().chain(last.map(to)).collect())
            }
        })
    })
}
