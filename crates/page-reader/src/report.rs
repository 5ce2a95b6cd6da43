//! Reports on pages, for people to read.

use std::fmt::{self, Write};

use crate::{
    graph::Kind,
    headline::Heading,
    mention::{AmbiguousName, Mention, locator},
    sidebar::UnreadLine,
};

/// How the document record of a page was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentMatch {
    /// It was not found: the record is new.
    New,
    Slug,
    Url,
    Content,
    File,
}

/// The result of comparing a statement of a page with the claims of the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The documents that claim the same value.
    pub supporting: Vec<String>,
    /// Different values and the documents that claim them, with locators.
    pub conflicting: Vec<(String, String)>,
    /// The value that the document of the page claimed before.
    pub previous: Option<String>,
}

/// A statement of a sidebar, as reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportEntry {
    pub line: usize,
    pub record: String,
    pub text: String,
    /// `None` if the page states no value.
    pub comparison: Option<Comparison>,
}

/// The report on one page.
#[derive(Clone, Debug)]
pub struct PageReport {
    pub file: String,
    pub document: String,
    pub document_match: DocumentMatch,
    pub heading: Heading,
    pub seats: Vec<ReportEntry>,
    pub posts: Vec<ReportEntry>,
    pub websites: Vec<ReportEntry>,
    /// The kinds and slugs of the records that the page adds.
    pub new: Vec<(Kind, String)>,
    pub mentions: Vec<Mention>,
    pub ambiguous: Vec<AmbiguousName>,
    pub unread: Vec<UnreadLine>,
    pub remarks: Vec<String>,
}

/// The maximum number of letters of a line of a page in a report.
const MAX_LETTERS: usize = 80;

/// The maximum number of listed documents that claim the same value.
const MAX_SUPPORTING: usize = 2;

/// The maximum number of listed records of an ambiguous name.
const MAX_RECORDS: usize = 5;

fn truncate(text: &str) -> String {
    match text.char_indices().nth(MAX_LETTERS) {
        Some((at, _)) => format!("{}...", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

impl Comparison {
    /// Returns "contradicts", "agrees" or "new".
    pub fn label(&self) -> &'static str {
        if !self.conflicting.is_empty() {
            "contradicts"
        } else if !self.supporting.is_empty() || self.previous.is_some() {
            "agrees"
        } else {
            "new"
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())?;
        if let Some(previous) = &self.previous {
            write!(f, "; previously {previous}")?;
        }
        for (value, document) in &self.conflicting {
            write!(f, "; {value} in {document}")?;
        }
        if !self.conflicting.is_empty() && !self.supporting.is_empty() {
            let documents = self.supporting.iter().take(MAX_SUPPORTING).map(String::as_str);
            write!(f, "; the same in {}", documents.collect::<Vec<_>>().join(", "))?;
            if self.supporting.len() > MAX_SUPPORTING {
                write!(f, " and {} more", self.supporting.len() - MAX_SUPPORTING)?;
            }
        }
        Ok(())
    }
}

/// A number and its noun.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

impl PageReport {
    /// Counts the statements with a label.
    fn count(&self, label: &str) -> usize {
        let entries = self.seats.iter().chain(&self.posts).chain(&self.websites);
        let comparisons = entries.filter_map(|entry| entry.comparison.as_ref());
        comparisons.filter(|comparison| comparison.label() == label).count()
    }

    /// Returns a summary of one line.
    pub fn summary(&self) -> String {
        let is_new = self.document_match == DocumentMatch::New;
        let document = if is_new { "new document" } else { "document" };
        let mut text = format!("{}: {document} {}", self.file, self.document);
        for label in ["new", "agrees", "contradicts"] {
            let count = self.count(label);
            if count > 0 {
                let _ = write!(text, ", {count} {label}");
            }
        }
        let _ = write!(text, ", {} mentioned", counted(self.mentions.len(), "record"));
        if !self.unread.is_empty() {
            let _ = write!(text, ", {} not recognized", counted(self.unread.len(), "line"));
        }
        text
    }
}

fn write_entries(f: &mut fmt::Formatter<'_>, title: &str, all: &[ReportEntry]) -> fmt::Result {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n  {title}")?;
    let width = |text: fn(&ReportEntry) -> &str| {
        all.iter().map(|entry| text(entry).chars().count()).max().unwrap_or_default()
    };
    let (record, text) = (width(|entry| &entry.record), width(|entry| &entry.text));
    for entry in all {
        let number = format!("line {}", entry.line);
        let comparison = entry.comparison.as_ref().map(ToString::to_string).unwrap_or_default();
        let line =
            format!("    {number:8}  {:record$}  {:text$}  {comparison}", entry.record, entry.text);
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

impl fmt::Display for PageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document_match = match self.document_match {
            DocumentMatch::New => "new",
            DocumentMatch::Slug => "found by --document",
            DocumentMatch::Url => "found by its URL",
            DocumentMatch::Content => "found by its content",
            DocumentMatch::File => "found by its file name and content",
        };
        writeln!(f, "{}", self.file)?;
        writeln!(f, "  document  {} ({document_match})", self.document)?;
        match &self.heading.headline {
            Some((text, Some(line))) => writeln!(f, "  headline  {text} (line {line})")?,
            Some((text, None)) => writeln!(f, "  headline  {text} (HTML title)")?,
            None => writeln!(f, "  headline  none")?,
        }
        match (&self.heading.date, &self.heading.dateline) {
            (Some(date), Some((_, line))) => writeln!(f, "  date      {date} (line {line})")?,
            (None, Some((text, line))) => {
                writeln!(f, "  date      unknown: `{text}` has no year (line {line})")?;
            }
            _ => writeln!(f, "  date      none on the page")?,
        }
        write_entries(f, "seats", &self.seats)?;
        write_entries(f, "representatives and offices", &self.posts)?;
        write_entries(f, "websites", &self.websites)?;
        if self.seats.is_empty() && self.posts.is_empty() && self.websites.is_empty() {
            writeln!(f, "\n  no sidebar")?;
        }
        if !self.unread.is_empty() {
            writeln!(f, "\n  lines not recognized")?;
            for line in &self.unread {
                writeln!(f, "    line {}: {}", line.line, truncate(&line.text))?;
                writeln!(f, "      {}", line.reason)?;
            }
        }
        if !self.new.is_empty() {
            writeln!(f, "\n  new records")?;
            for (kind, slug) in &self.new {
                writeln!(f, "    {} {slug}", kind.table())?;
            }
        }
        if !self.mentions.is_empty() {
            writeln!(f, "\n  mentions")?;
            let mut kind = None;
            for Mention { slug, kind: own_kind, written, lines } in &self.mentions {
                if kind != Some(*own_kind) {
                    writeln!(f, "    {}", own_kind.plural())?;
                    kind = Some(*own_kind);
                }
                writeln!(f, "      {slug}: {} ({})", truncate(written), locator(lines))?;
            }
        }
        if !self.ambiguous.is_empty() {
            writeln!(f, "\n  ambiguous names, not imported as mentions")?;
            for AmbiguousName { written, lines, slugs } in &self.ambiguous {
                let listed = slugs.iter().take(MAX_RECORDS).map(String::as_str);
                let listed = listed.collect::<Vec<_>>().join(", ");
                write!(f, "    {} ({}): {listed}", truncate(written), locator(lines))?;
                if slugs.len() > MAX_RECORDS {
                    write!(f, " and {} more", slugs.len() - MAX_RECORDS)?;
                }
                writeln!(f)?;
            }
        }
        for remark in &self.remarks {
            writeln!(f, "\n  {remark}")?;
        }
        Ok(())
    }
}
