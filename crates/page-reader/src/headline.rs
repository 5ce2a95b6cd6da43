//! The headline and the date of a page. Never invents a year: a date without one is none.

use std::ops::Range;

use chrono::NaiveDate;

use crate::{
    lists::{self, DATES},
    page::{Line, Page},
    word,
};

/// What a page calls itself, and when it says that it was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    /// The headline and its line; none for a title that stands in the head of the file only.
    pub headline: Option<(String, Option<usize>)>,
    pub date: Option<NaiveDate>,
    /// The line that only holds a date, as written; also one without a year.
    pub dateline: Option<(String, usize)>,
}

/// A line that is a date and nothing else: the date, where it has a year; none where it is none.
pub fn dateline(text: &str) -> Option<Option<NaiveDate>> {
    if text.chars().count() > 60 {
        return None;
    }
    let text = text.to_lowercase();
    // A time of day is not kept.
    let words = text.split([' ', ',', '|', '\u{a0}']).filter(|word| !is_time(word));
    let words = words.map(|word| word.trim_matches(['.', ':', ';', '(', ')', '-', '–', '—']));
    let is_kept = |word: &&str| {
        !word.is_empty() && !lists::has(&DATES.weekdays, word) && !lists::has(&DATES.around, word)
    };
    let words: Vec<&str> = words.filter(is_kept).collect();
    match words[..] {
        [one] => numeric(one).map(Some),
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
        months.find(|(_, names)| lists::has(names, word)).map(|(month, _)| month)
    };
    let (day, month) = match month_of(two) {
        Some(month) => (one, month),
        None => (two, month_of(one)?),
    };
    let day = day.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    Some((day, month))
}

/// `06.06.2022`, as sites of the region write it, and `2022-06-06`.
fn numeric(word: &str) -> Option<NaiveDate> {
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
    // No page is older than the web.
    let year = year.parse().ok().filter(|year| is_number && (1990..=2100).contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// How many lines after the sidebar a dateline may come.
const NEAR: usize = 4;

/// The most letters of a headline.
const MAX_CHARS: usize = 300;

/// The rank of a line among headings; of all other lines, after them.
fn rank(line: &Line) -> u8 {
    line.heading.unwrap_or(u8::MAX)
}

fn can_be_headline(line: &Line) -> bool {
    line.text.chars().count() <= MAX_CHARS && dateline(&line.text).is_none()
}

/// Whether a line ends as sentences do, and headlines do not.
fn is_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '”', '»', ')', '’', '\'']);
    text.ends_with(['.', '!', '?', '…', ':', ';', ','])
}

/// Finds headline and date: `headline, date, headline`, `headline, date`, or neither, where the
/// text starts at once. `sidebar` are the lines that are none of the text.
pub fn find(page: &Page, sidebar: Range<usize>) -> Heading {
    let all = 0..page.lines.len();
    if page.html || sidebar.is_empty() {
        return find_among(page, &all.filter(|at| !sidebar.contains(at)).collect::<Vec<_>>());
    }
    let after: Vec<usize> = (sidebar.end..all.end).collect();
    let found = find_among(page, &after);
    match found == Heading::default() && sidebar.start > 0 {
        true => find_among(page, &(0..sidebar.start).collect::<Vec<_>>()),
        false => found,
    }
}

/// Finds them among some of the lines.
fn find_among(page: &Page, texts: &[usize]) -> Heading {
    let lines = &page.lines;
    let line = |place: usize| texts.get(place).map(|at| &lines[*at]);
    let datelines =
        (0..texts.len()).filter_map(|place| Some((place, dateline(&line(place)?.text)?)));
    let datelines: Vec<(usize, Option<NaiveDate>)> = datelines.collect();
    let heads = |place: &usize| {
        let beside = [place.checked_sub(1), Some(place + 1)];
        beside.into_iter().flatten().filter_map(line).any(|line| line.heading.is_some())
    };
    let twice = |place: &usize| {
        let before = place.checked_sub(1).and_then(line);
        before.zip(line(place + 1)).is_some_and(|(one, other)| same(&one.text, &other.text))
    };
    let near = |place: &usize| *place < NEAR;
    let picked = datelines
        .iter()
        .find(|(place, _)| twice(place))
        .or_else(|| datelines.iter().find(|(place, _)| heads(place)))
        .or_else(|| datelines.iter().find(|(place, _)| near(place)));
    if let Some((place, date)) = picked {
        let dated = line(*place).map(|line| (line.text.clone(), line.number));
        let before = place.checked_sub(1).and_then(line).filter(|line| can_be_headline(line));
        let after = line(place + 1).filter(|line| {
            can_be_headline(line) && (line.heading.is_some() || !is_sentence(&line.text))
        });
        let picked = match (before, after) {
            (Some(before), Some(after)) if rank(after) < rank(before) => Some(after),
            (Some(before), _) => Some(before),
            // A page that opens with its date.
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
        dateline(text).flatten().map(|date| date.to_string())
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (written, read) in [
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
            assert_eq!(day(written).as_deref(), Some(read), "{written}");
        }
    }

    #[test]
    fn no_year_is_invented() {
        for written in ["15 June", "June 15", "15 июня"] {
            assert_eq!(dateline(written), Some(None), "{written}");
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
            assert_eq!(dateline(written), None, "{written}");
        }
    }

    fn found(text: &str, sidebar: Range<usize>) -> (Option<String>, Option<String>) {
        let heading = find(&page(text), sidebar);
        (heading.headline.map(|line| line.0), heading.date.map(|date| date.to_string()))
    }

    #[test]
    fn layouts_are_told_apart() {
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
    fn menus_of_html_are_no_headlines() {
        let text = "<html><title>A headline | Site</title><ul><li>1 May 2020<li>Other news</ul>\
                    <h1>A headline</h1><time>6 June 2022</time><p>Text.</p>";
        let text = &text.replace("<time>", "<div>");
        assert_eq!(
            found(text, 0..0),
            (Some("A headline".to_owned()), Some("2022-06-06".to_owned()))
        );
        let text = "<html><h2>News</h2><p>6 June 2022</p><h1>A headline</h1><p>Text.</p>";
        assert_eq!(found(text, 0..0).0.as_deref(), Some("A headline"));
        let text = "<html><title>A headline</title><ul><li>Home</ul><p>Text.</p>";
        assert_eq!(found(text, 0..0), (Some("A headline".to_owned()), None));
    }
}
