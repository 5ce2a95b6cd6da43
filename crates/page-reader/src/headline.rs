//! Finds the headline and the publication date of a page. A date without a year is not a date.

use std::ops::Range;

use chrono::NaiveDate;

use crate::{
    lists::{self, DATES},
    page::{Page, PageLine},
    word,
};

/// The headline and the publication date of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    /// The headline and its line; no line for the HTML title.
    pub headline: Option<(String, Option<usize>)>,
    pub date: Option<NaiveDate>,
    /// The text and the number of the dateline, even if its date has no year.
    pub dateline: Option<(String, usize)>,
}

/// Parses a line that consists of a date. Returns `None` for other lines, and `Some(None)` for a date
/// without a year.
pub fn parse_dateline(text: &str) -> Option<Option<NaiveDate>> {
    if text.chars().count() > 60 {
        return None;
    }
    let text = text.to_lowercase();
    // Times of day are ignored.
    let words = text.split([' ', ',', '|', '\u{a0}']).filter(|word| !is_time(word));
    let words = words.map(|word| word.trim_matches(['.', ':', ';', '(', ')', '-', '–', '—']));
    let is_date_part = |word: &&str| {
        !word.is_empty()
            && !lists::contains(&DATES.weekdays, word)
            && !lists::contains(&DATES.fillers, word)
    };
    let words: Vec<&str> = words.filter(is_date_part).collect();
    match words[..] {
        [one] => parse_numeric_date(one).map(Some),
        [one, two] => day_and_month(one, two).map(|_| None),
        [one, two, year] => {
            let (day, month) = day_and_month(one, two)?;
            date(year, month, day).map(Some)
        }
        _ => None,
    }
}

fn is_time(word: &str) -> bool {
    word.split_once(':').is_some_and(|(hour, minute)| {
        let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        number(hour) && minute.split(':').all(number)
    })
}

fn day_and_month(one: &str, two: &str) -> Option<(u32, u32)> {
    let month_of = |word: &str| {
        let mut months = (1..).zip(&DATES.months);
        months.find(|(_, names)| lists::contains(names, word)).map(|(month, _)| month)
    };
    let (day, month) = match month_of(two) {
        Some(month) => (one, month),
        None => (two, month_of(one)?),
    };
    let day = day.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    Some((day, month))
}

/// Parses the formats `06.06.2022` and `2022-06-06`.
fn parse_numeric_date(word: &str) -> Option<NaiveDate> {
    let parts: Vec<&str> = word.split(['.', '/', '-']).collect();
    match parts[..] {
        [day, month, year] if word.contains('.') && year.len() == 4 => {
            date(year, month.parse().ok()?, day.parse().ok()?)
        }
        [year, month, day] if word.contains('-') && year.len() == 4 => {
            date(year, month.parse().ok()?, day.parse().ok()?)
        }
        _ => None,
    }
}

fn date(year: &str, month: u32, day: u32) -> Option<NaiveDate> {
    let is_number = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    // Web pages are not older than the web.
    let year = year.parse().ok().filter(|year| is_number && (1990..=2100).contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// The maximum number of lines before a dateline without a headline beside it.
const MAX_LINES_BEFORE: usize = 4;

/// The maximum number of letters of a headline.
const MAX_CHARS: usize = 300;

/// Returns the heading level of a line. Other lines rank below all headings.
fn rank(line: &PageLine) -> u8 {
    line.heading.unwrap_or(u8::MAX)
}

fn can_be_headline(line: &PageLine) -> bool {
    line.text.chars().count() <= MAX_CHARS && parse_dateline(&line.text).is_none()
}

/// Whether a line ends with the punctuation of a sentence.
fn is_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '”', '»', ')', '’', '\'']);
    text.ends_with(['.', '!', '?', '…', ':', ';', ','])
}

/// Finds headline and date in one of the layouts `headline, date, headline`, `headline, date` and
/// `date, headline`, or a headline without a date. Ignores the lines of the sidebar.
pub fn find(page: &Page, sidebar: Range<usize>) -> Heading {
    let all = 0..page.lines.len();
    if page.html || sidebar.is_empty() {
        return find_among(page, &all.filter(|at| !sidebar.contains(at)).collect::<Vec<_>>());
    }
    let after: Vec<usize> = (sidebar.end..all.end).collect();
    let found = find_among(page, &after);
    if found == Heading::default() && sidebar.start > 0 {
        find_among(page, &(0..sidebar.start).collect::<Vec<_>>())
    } else {
        found
    }
}

/// Finds headline and date among the lines with these indexes.
fn find_among(page: &Page, texts: &[usize]) -> Heading {
    let lines = &page.lines;
    let line = |at: usize| texts.get(at).map(|line| &lines[*line]);
    let datelines = (0..texts.len()).filter_map(|at| Some((at, parse_dateline(&line(at)?.text)?)));
    let datelines: Vec<(usize, Option<NaiveDate>)> = datelines.collect();
    let heads = |at: &usize| {
        let beside = [at.checked_sub(1), Some(at + 1)];
        beside.into_iter().flatten().filter_map(line).any(|line| line.heading.is_some())
    };
    let twice = |at: &usize| {
        let before = at.checked_sub(1).and_then(line);
        before.zip(line(at + 1)).is_some_and(|(one, other)| same(&one.text, &other.text))
    };
    let near = |at: &usize| *at < MAX_LINES_BEFORE;
    let picked = datelines
        .iter()
        .find(|(at, _)| twice(at))
        .or_else(|| datelines.iter().find(|(at, _)| heads(at)))
        .or_else(|| datelines.iter().find(|(at, _)| near(at)));
    if let Some((at, date)) = picked {
        let dated = line(*at).map(|line| (line.text.clone(), line.number));
        let before = at.checked_sub(1).and_then(line).filter(|line| can_be_headline(line));
        let after = line(at + 1).filter(|line| {
            can_be_headline(line) && (line.heading.is_some() || !is_sentence(&line.text))
        });
        let picked = match (before, after) {
            (Some(before), Some(after)) if rank(after) < rank(before) => Some(after),
            (Some(before), _) => Some(before),
            // The page starts with its date.
            (None, after) => after,
        };
        let headline = picked.map(|line| (line.text.clone(), Some(line.number)));
        return Heading { headline, date: *date, dateline: dated };
    }
    let headings = texts.iter().map(|at| &lines[*at]).filter(|line| line.heading.is_some());
    let heading = headings.min_by_key(|line| rank(line));
    let first = line(0).filter(|_| !page.html);
    let first = first.filter(|first| can_be_headline(first) && !is_sentence(&first.text));
    let headline = heading.or(first).map(|line| (line.text.clone(), Some(line.number)));
    let title = page.title.clone().map(|title| (title, None));
    Heading { headline: headline.or(title), ..Heading::default() }
}

fn same(one: &str, other: &str) -> bool {
    word::fold(one) == word::fold(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::tests::page;

    fn day(text: &str) -> Option<String> {
        parse_dateline(text).flatten().map(|date| date.to_string())
    }

    #[test]
    fn common_date_formats_are_parsed() {
        for (text, date) in [
            ("6 June 2022", "2022-06-06"),
            ("08 December 2022", "2022-12-08"),
            ("June 6, 2022", "2022-06-06"),
            ("Monday, 6 June 2022, 14:30", "2022-06-06"),
            ("6 июня 2022 г.", "2022-06-06"),
            ("06 июня 2022 года", "2022-06-06"),
            ("29 Февраля 2024", "2024-02-29"),
            ("06.06.2022", "2022-06-06"),
            ("06.06.2022 | 10:15", "2022-06-06"),
            ("2022-06-06", "2022-06-06"),
        ] {
            assert_eq!(day(text).as_deref(), Some(date), "{text}");
        }
    }

    #[test]
    fn dates_without_a_year_are_rejected() {
        for written in ["15 June", "June 15", "15 июня"] {
            assert_eq!(parse_dateline(written), Some(None), "{written}");
        }
        for written in [
            "31 June 2022",
            "June 2022",
            "6 June 22",
            "On 6 June 2022 the Council met",
            "12 deputies 2022",
            "2022",
            "10.12",
            "",
        ] {
            assert_eq!(parse_dateline(written), None, "{written}");
        }
    }

    fn found(text: &str, sidebar: Range<usize>) -> (Option<String>, Option<String>) {
        let heading = find(&page(text), sidebar);
        (heading.headline.map(|line| line.0), heading.date.map(|date| date.to_string()))
    }

    #[test]
    fn layouts_are_distinguished() {
        let both = (Some("A headline".to_owned()), Some("2022-06-06".to_owned()));
        assert_eq!(found("s\nA headline\n6 June 2022\nA headline\nText.", 0..1), both);
        assert_eq!(found("s\nA headline\n6 June 2022\nText.", 0..1), both);
        assert_eq!(found("s\n6 June 2022\nA headline\nText.", 0..1), both);
        assert_eq!(found("s\nText at once.\nMore.", 0..1), (None, None));
        let headline = (Some("A headline".to_owned()), None);
        assert_eq!(found("s\nA headline\nText.", 0..1), headline);
        assert_eq!(found("s\nA headline\n6 June\nText.", 0..1), headline);
        assert_eq!(found("Text at once.\nMore.", 0..0), (None, None));
        let far = "Text.\nMore.\nMore.\nMore.\nMore.\n6 June 2022\nA caption";
        assert_eq!(found(far, 0..0), (None, None));
    }

    #[test]
    fn html_menus_are_not_headlines() {
        let text = "<html><title>A headline | Site</title><ul><li>1 May 2020<li>Other items</ul>\
                    <h1>A headline</h1><time>6 June 2022</time><p>Text.</p>";
        let text = &text.replace("<time>", "<div>");
        assert_eq!(
            found(text, 0..0),
            (Some("A headline".to_owned()), Some("2022-06-06".to_owned()))
        );
        let text = "<html><h2>Events</h2><p>6 June 2022</p><h1>A headline</h1><p>Text.</p>";
        assert_eq!(found(text, 0..0).0.as_deref(), Some("A headline"));
        let text = "<html><title>A headline</title><ul><li>Home</ul><p>Text.</p>";
        assert_eq!(found(text, 0..0), (Some("A headline".to_owned()), None));
    }
}
