//! Finds the sidebar of a page and interprets its lines as statements about records.

use std::{collections::HashSet, ops::Range};

use crate::{
    cases,
    directory::{Directory, Entry, LookupError},
    grammar::{self, Item, Parse, Part},
    graph::{Allocation, Delegation, House},
    headline,
    lists::WORDINGS,
    page::{Page, PageLine},
};

/// A statement and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineStatement {
    pub line: usize,
    pub statement: Statement,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    /// The number of seats of a chamber in a delegation. `record` is the allocation, or the delegation if
    /// the number counts all chambers.
    Seats { delegation: String, record: String, chamber: Option<String>, seats: u16, unit: String },
    /// A person holds a post.
    Post { name: String, role: String, organization: String, title: String, behalf: Option<String> },
    /// The sidebar does not name the representative.
    Vacant { organization: String },
    /// The address of the website of an organization, if the sidebar has it.
    Website { record: String, address: Option<String> },
}

impl Statement {
    /// Returns the claim of the statement; `None` for posts and for a website without an address.
    pub fn claim(&self) -> Option<NewClaim> {
        let (record, property, value, note) = match self {
            Self::Seats { delegation, record, seats, unit, .. } => {
                let property = if record == delegation { "totalSeats" } else { "seats" };
                (record, property, seats.to_string(), Some(format!("unit: {unit}")))
            }
            Self::Website { record, address: Some(url) } => (record, "website", url.clone(), None),
            _ => return None,
        };
        Some(NewClaim { record: record.clone(), property, value, note })
    }
}

/// A claim of a page: a value of a property of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClaim {
    pub record: String,
    pub property: &'static str,
    pub value: String,
    pub note: Option<String>,
}

/// A line of the sidebar that was not recognized, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadLine {
    pub line: usize,
    pub text: String,
    pub reason: String,
}

/// The interpreted sidebar of a page.
#[derive(Debug, Default)]
pub struct Sidebar {
    pub statements: Vec<LineStatement>,
    pub unread: Vec<UnreadLine>,
    /// The indexes of its lines in the page.
    pub lines: Range<usize>,
}

/// A record to add, with the fields of its row.
#[derive(Clone, Debug)]
pub enum NewRecord {
    Delegation { slug: String, assembly: String, parliament: String, name: String },
    Allocation { slug: String, delegation: String, chamber: Option<String> },
}

/// The role of the representative of a parliament.
pub const REPRESENTATIVE: &str = "REPRESENTATIVE";

/// The maximum number of other lines between two lines of a sidebar.
const MAX_GAP: usize = 3;

/// Finds the sidebar of a page: lines that match the grammar, and unrecognized lines near them.
fn find_lines(page: &Page) -> (Range<usize>, Vec<(usize, Item)>, Vec<UnreadLine>) {
    let parses: Vec<(usize, Parse)> = (0..)
        .zip(&page.lines)
        .flat_map(|(at, line)| grammar::read_all(&line.text).into_iter().map(move |one| (at, one)))
        .collect();
    let unread = |line: &PageLine, reason: &str| UnreadLine {
        line: line.number,
        text: line.text.clone(),
        reason: reason.to_owned(),
    };
    let mut items = Vec::new();
    let mut unclear = Vec::new();
    for (at, parse) in parses {
        match parse {
            Parse::Item(item) => items.push((at, item)),
            Parse::Unclear(why) => unclear.push((at, why)),
        }
    }
    let is_lone = items.iter().all(|(_, item)| matches!(item, Item::Website { .. }));
    if is_lone && items.len() < 2 && unclear.len() < 2 {
        // A single line that begins like one of a sidebar is part of the text.
        return (0..0, Vec::new(), Vec::new());
    }
    let mut lines: Vec<usize> = items.iter().map(|item| item.0).collect();
    let last = lines.last().copied();
    let known = lines.clone();
    let within = |at: usize| {
        let next = known.partition_point(|place| place + MAX_GAP < at);
        known.is_empty() || known.get(next).is_some_and(|place| *place <= at + MAX_GAP)
    };
    unclear.retain(|(at, _)| within(*at) && (last > Some(*at) || !is_text_line(page, *at)));
    lines.extend(unclear.iter().map(|line| line.0));
    lines.sort_unstable();
    let mut left: Vec<(usize, UnreadLine)> =
        unclear.iter().map(|(at, why)| (*at, unread(&page.lines[*at], why))).collect();
    for pair in lines.windows(2) {
        // A few other lines between two lines of the sidebar belong to it.
        if pair[1] - pair[0] <= MAX_GAP + 1 {
            let between =
                (pair[0] + 1..pair[1]).filter(|at| !is_address_of_label(page, &items, *at));
            left.extend(between.map(|at| (at, unread(&page.lines[at], "not a line of a sidebar"))));
        }
    }
    left.sort_by_key(|line| line.0);
    // Sites for small screens repeat the sidebar; only the first copy ends the range.
    let first = lines.first().copied().unwrap_or_default();
    let mut end = first;
    for at in &lines {
        if *at <= end + MAX_GAP + 1 {
            end = *at;
        }
    }
    let end = if lines.is_empty() { 0 } else { end + 1 };
    (first..end, items, left.into_iter().map(|line| line.1).collect())
}

/// Whether a line after the sidebar is a headline or a sentence that begins like a line of a sidebar.
fn is_text_line(page: &Page, at: usize) -> bool {
    let text = &page.lines[at].text;
    let next = page.lines.get(at + 1);
    next.is_some_and(|next| headline::parse_dateline(&next.text).is_some())
        || !text.contains(|letter: char| letter == ':' || letter.is_ascii_digit())
}

/// Whether a line is the address of the label on the previous line.
fn is_address_of_label(page: &Page, items: &[(usize, Item)], at: usize) -> bool {
    // Items are sorted by line.
    let first = items.partition_point(|(place, _)| place + 1 < at);
    let mut labels = items[first..].iter().take_while(|(place, _)| place + 1 == at);
    labels.any(|(_, item)| matches!(item, Item::Website { address: None, .. }))
        && grammar::is_address(&page.lines[at].text)
}

/// Interprets the sidebar of a page. Adds new records to the directory. `assembly` is the default for
/// lines that do not name one.
pub fn read(
    page: &Page,
    directory: &mut Directory,
    assembly: Option<&str>,
) -> (Sidebar, Vec<NewRecord>) {
    let mut reader = Reader { directory, new: Vec::new() };
    (reader.read(page, assembly), reader.new)
}

struct Reader<'a> {
    directory: &'a mut Directory,
    new: Vec<NewRecord>,
}

impl Reader<'_> {
    fn read(&mut self, page: &Page, assembly: Option<&str>) -> Sidebar {
        let (lines, items, unread) = find_lines(page);
        let mut sidebar = Sidebar { unread, lines, ..Sidebar::default() };
        let mut known = HashSet::new();
        // The parliament of the previous line, and the default assembly.
        let mut near: Option<String> = None;
        let mut usual = assembly.map(str::to_owned).or_else(|| self.default_assembly(&items));
        for (at, item) in items {
            let line = &page.lines[at];
            let next = page.lines.get(at + 1).filter(|next| grammar::is_address(&next.text));
            let item = match item {
                Item::Website { of, address: None } => {
                    Item::Website { of, address: next.map(|next| next.text.clone()) }
                }
                item => item,
            };
            let unread = |reason| UnreadLine { line: line.number, text: line.text.clone(), reason };
            match self.item(line, item, &mut near, &mut usual) {
                Ok((statements, reasons)) => {
                    // Repeated statements are ignored.
                    let fresh = statements.into_iter().filter(|one| known.insert(one.clone()));
                    let line = line.number;
                    sidebar
                        .statements
                        .extend(fresh.map(|statement| LineStatement { line, statement }));
                    sidebar.unread.extend(reasons.into_iter().map(unread));
                }
                Err(reason) => sidebar.unread.push(unread(reason)),
            }
        }
        sidebar.unread.sort_by_key(|line| line.line);
        sidebar
    }

    /// Returns the first assembly that a line names.
    fn default_assembly(&self, items: &[(usize, Item)]) -> Option<String> {
        items.iter().find_map(|(_, item)| {
            let Item::Delegation { sender, place, .. } = item else { return None };
            let place = place.as_deref().map(grammar::strip_preposition);
            let named = place.and_then(|place| self.directory.assembly(place).ok());
            let named = named.or_else(|| self.directory.sender(sender, None).ok()?.1);
            named.map(|entry| entry.slug.clone())
        })
    }

    fn item(
        &mut self,
        line: &PageLine,
        item: Item,
        near: &mut Option<String>,
        usual: &mut Option<String>,
    ) -> Result<(Vec<Statement>, Vec<String>), String> {
        match item {
            Item::Delegation { sender, place, parts } => {
                let assembly = usual.as_ref();
                let assembly =
                    self.directory.assemblies.iter().find(|entry| Some(&entry.slug) == assembly);
                let found = self.directory.sender(&sender, assembly);
                let (parliament, named) =
                    found.map_err(|(error, words)| reason(&error, "parliament", &words))?;
                let place = place.as_deref().map(grammar::strip_preposition);
                let named = match place.map(|place| (place, self.directory.assembly(place))) {
                    Some((_, Ok(assembly))) => Some(assembly),
                    Some((place, Err(error))) if named.is_none() => {
                        return Err(reason(&error, "assembly", place));
                    }
                    _ => named,
                };
                let assembly = named
                    .ok_or("names no assembly of the graph; specify it with --assembly SLUG")?;
                let (parliament, assembly) = (parliament.clone(), assembly.slug.clone());
                *near = Some(parliament.slug.clone());
                usual.get_or_insert(assembly.clone());
                Ok(self.seats(line, &parliament, &assembly, parts))
            }
            Item::Representative { of, offices, name, title } => {
                self.representative(&of, &offices, name, title, near, usual.as_deref())
            }
            Item::Website { of, address } => {
                let near = near.as_ref();
                let near =
                    self.directory.parliaments.iter().find(|entry| Some(&entry.slug) == near);
                let found = self.directory.site_of(&of, near);
                let entry = found.map_err(|error| reason(&error, "chamber or parliament", &of))?;
                Ok((vec![Statement::Website { record: entry.slug.clone(), address }], Vec::new()))
            }
        }
    }

    fn seats(
        &mut self,
        line: &PageLine,
        parliament: &Entry,
        assembly: &str,
        parts: Vec<Part>,
    ) -> (Vec<Statement>, Vec<String>) {
        let mut unread = Vec::new();
        let mut found: Vec<(Option<String>, u16, String)> = Vec::new();
        let chambers = self.directory.chambers_of(&parliament.slug).map(|entry| entry.slug.clone());
        let chambers: Vec<String> = chambers.collect();
        let alone = parts.len() == 1;
        for Part { seats, unit, senators, from } in parts {
            let chamber = match from.as_deref() {
                Some(from) => self.directory.chamber(parliament, from),
                None => Ok(None),
            };
            let chamber = match chamber {
                // Senators are members of the upper house, even if the line does not name it.
                Ok(None) if senators => {
                    self.directory.house(parliament, House::Upper).map(Some).or(Ok(None))
                }
                found => found,
            };
            match (chamber, &chambers[..]) {
                (Ok(Some(chamber)), _) => found.push((Some(chamber.slug.clone()), seats, unit)),
                // A unicameral parliament has one possible chamber.
                (Ok(None), [only]) => found.push((Some(only.clone()), seats, unit)),
                (Ok(None), _) if alone => found.push((None, seats, unit)),
                (Ok(None), _) => unread.push(format!("{seats} {unit}: no chamber is named")),
                (Err(error), _) => {
                    let what = from.as_deref().unwrap_or_default();
                    unread.push(format!("{seats} {unit}: {}", reason(&error, "chamber", what)));
                }
            }
        }
        if found.is_empty() {
            return (Vec::new(), unread);
        }
        let delegation = self.delegation(line, parliament, assembly);
        let statements = found.into_iter().map(|(chamber, seats, unit)| {
            let record = match &chamber {
                // The number counts all chambers: it is a value of the delegation.
                None if !chambers.is_empty() => delegation.clone(),
                chamber => self.allocation(&delegation, chamber.as_ref()),
            };
            Statement::Seats { delegation: delegation.clone(), record, chamber, seats, unit }
        });
        (statements.collect(), unread)
    }

    fn delegation(&mut self, line: &PageLine, parliament: &Entry, assembly: &str) -> String {
        let known = self
            .directory
            .delegations
            .iter()
            .find(|row| row.assembly == assembly && row.parliament == parliament.slug);
        if let Some(known) = known {
            return known.slug.clone();
        }
        let code = self.directory.code(&parliament.slug).to_lowercase();
        let place = if code.is_empty() { parliament.slug.clone() } else { code };
        let slug = self.directory.slugs.reserve(&format!("{assembly}-delegation-{place}"));
        let whole = self.directory.assemblies.iter().find(|entry| entry.slug == assembly);
        let whole = whole.map(|entry| entry.name.as_str()).unwrap_or_default();
        // Names of records are English.
        let name = if cases::is_cyrillic(&line.text) {
            format!("Delegation of the {} to the {whole}", parliament.name)
        } else {
            delegation_name(&line.text).to_owned()
        };
        self.new.push(NewRecord::Delegation {
            slug: slug.clone(),
            assembly: assembly.to_owned(),
            parliament: parliament.slug.clone(),
            name,
        });
        self.directory.delegations.push(Delegation {
            slug: slug.clone(),
            assembly: assembly.to_owned(),
            parliament: parliament.slug.clone(),
        });
        slug
    }

    fn allocation(&mut self, delegation: &str, chamber: Option<&String>) -> String {
        let known = self
            .directory
            .allocations
            .iter()
            .find(|row| row.delegation == delegation && row.chamber.as_ref() == chamber);
        if let Some(known) = known {
            return known.slug.clone();
        }
        let part = match chamber {
            Some(chamber) => chamber.split_once('-').map_or(chamber.as_str(), |(_, rest)| rest),
            None => "whole",
        };
        let slug = self.directory.slugs.reserve(&format!("{delegation}-seats-{part}"));
        let new = NewRecord::Allocation {
            slug: slug.clone(),
            delegation: delegation.to_owned(),
            chamber: chamber.cloned(),
        };
        self.new.push(new);
        self.directory.allocations.push(Allocation {
            slug: slug.clone(),
            delegation: delegation.to_owned(),
            chamber: chamber.cloned(),
        });
        slug
    }

    fn representative(
        &mut self,
        of: &str,
        offices: &[String],
        name: Option<String>,
        title: String,
        near: &mut Option<String>,
        usual: Option<&str>,
    ) -> Result<(Vec<Statement>, Vec<String>), String> {
        let (parliament, named) = self
            .directory
            .sender(of, None)
            .map_err(|(error, words)| reason(&error, "parliament", &words))?;
        let assembly = named.map(|entry| entry.slug.clone()).or(usual.map(str::to_owned));
        let parliament = parliament.slug.clone();
        let sent = self.directory.delegations.iter().filter(|row| row.parliament == parliament);
        let mut sent =
            sent.filter(|row| assembly.as_ref().is_none_or(|slug| row.assembly == *slug));
        let delegation = match (sent.next(), sent.next()) {
            (Some(only), None) => only.clone(),
            (Some(_), Some(_)) => {
                return Err("does not name an assembly; specify it with --assembly SLUG".to_owned());
            }
            (None, _) => return Err(format!("the graph has no delegation of `{parliament}`")),
        };
        *near = Some(parliament.clone());
        let organization = delegation.slug.clone();
        let Some(name) = name else {
            return Ok((vec![Statement::Vacant { organization }], Vec::new()));
        };
        if !is_name(&name) {
            return Err(format!("`{name}` is not a name of a person"));
        }
        let mut statements = vec![Statement::Post {
            name: name.clone(),
            role: REPRESENTATIVE.to_owned(),
            organization,
            title,
            behalf: Some(parliament),
        }];
        let mut unread = Vec::new();
        for office in offices {
            match self.directory.office(office, Some(&delegation.assembly)) {
                Some((role, organization)) => statements.push(Statement::Post {
                    name: name.clone(),
                    role,
                    organization,
                    title: office.clone(),
                    behalf: None,
                }),
                None => unread.push(format!("unknown office `{office}`")),
            }
        }
        Ok((statements, unread))
    }
}

/// Returns the name of a delegation: the text before the verb of its line.
fn delegation_name(text: &str) -> &str {
    let ends = WORDINGS.iter().flat_map(|words| &words.name_ends);
    let end = ends.filter_map(|end| text.find(&format!(" {end}"))).min();
    text[..end.unwrap_or(text.len())].trim()
}

/// Whether a string is a name of a person: two to six words of letters.
fn is_name(name: &str) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    (2..=6).contains(&words.len())
        && words.iter().all(|word| word.chars().all(|c| c.is_alphabetic() || "-.'’ʼ".contains(c)))
        && words.iter().any(|word| word.chars().next().is_some_and(char::is_uppercase))
}

fn reason(error: &LookupError, what: &str, phrase: &str) -> String {
    match error {
        LookupError::Unknown => format!("the graph has no {what} `{phrase}`"),
        LookupError::Ambiguous(slugs) => {
            format!("`{phrase}` is ambiguous: {}", slugs.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::tests::page;

    #[test]
    fn a_long_sidebar_takes_linear_time() {
        const MANY: usize = 10_000;
        let text = "Website of the Diet:\n".repeat(MANY) + &"Delegation of it\n".repeat(MANY);
        let (lines, items, unread) = find_lines(&page(&text));
        assert_eq!((lines, items.len(), unread.len()), (0..MANY, MANY, 0));
    }
}
