//! What reading pages came to, for people to read.

use std::fmt::{self, Write};

use entity::RecordKind;

use super::{
    headline::Heading,
    mention::{Ambiguous, Mention, locator},
    sidebar::{Unread, plural},
};
use crate::import::Applied;

/// How the graph knows the document that a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    New,
    Slug,
    Address,
    Content,
    File,
}

/// How what a page says goes with what the graph has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Documents that say the same.
    pub same: Vec<String>,
    /// What other documents say: the value, the document and where in it.
    pub others: Vec<(String, String)>,
    /// What this document was known to say before.
    pub before: Option<String>,
}

/// One thing that the sidebar says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub line: usize,
    pub record: String,
    pub what: String,
    /// None where the page leaves it unknown.
    pub standing: Option<Standing>,
}

/// What one page came to.
#[derive(Clone, Debug)]
pub struct PageReport {
    pub file: String,
    pub document: String,
    pub known_by: KnownBy,
    pub heading: Heading,
    pub seats: Vec<Told>,
    pub posts: Vec<Told>,
    pub websites: Vec<Told>,
    /// Records that the page makes: kind and slug.
    pub made: Vec<(RecordKind, String)>,
    pub mentions: Vec<Mention>,
    pub ambiguous: Vec<Ambiguous>,
    pub unread: Vec<Unread>,
    pub remarks: Vec<String>,
}

/// What an import of pages came to.
#[derive(Clone, Debug)]
pub struct Report {
    pub pages: Vec<PageReport>,
    pub applied: Applied,
    /// Whether nothing was written.
    pub dry: bool,
}

/// The most letters of a line that is told.
const CUT: usize = 80;

/// The most documents that are named of those that say the same.
const TOLD: usize = 2;

fn cut(text: &str) -> String {
    match text.char_indices().nth(CUT) {
        Some((at, _)) => format!("{}...", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

impl Standing {
    /// In a word: whether documents differ, whether it was known.
    pub fn word(&self) -> &'static str {
        match (self.others.is_empty(), self.same.is_empty() && self.before.is_none()) {
            (false, _) => "contradicts",
            (true, false) => "agrees",
            (true, true) => "new",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        if let Some(before) = &self.before {
            write!(f, "; it said {before} before")?;
        }
        for (value, document) in &self.others {
            write!(f, "; {value} in {document}")?;
        }
        if !self.others.is_empty() && !self.same.is_empty() {
            let told: Vec<&str> = self.same.iter().take(TOLD).map(String::as_str).collect();
            write!(f, "; the same in {}", told.join(", "))?;
            if self.same.len() > TOLD {
                write!(f, " and {} more", self.same.len() - TOLD)?;
            }
        }
        Ok(())
    }
}

impl PageReport {
    /// How many things of the sidebar stand so.
    fn count(&self, word: &str) -> usize {
        let told = self.seats.iter().chain(&self.posts).chain(&self.websites);
        told.filter(|told| told.standing.as_ref().is_some_and(|one| one.word() == word)).count()
    }

    /// The page in one line.
    pub fn short(&self) -> String {
        let known = if self.known_by == KnownBy::New { "new document" } else { "document" };
        let mut text = format!("{}: {known} {}", self.file, self.document);
        for (word, count) in ["new", "agrees", "contradicts"].map(|word| (word, self.count(word))) {
            if count > 0 {
                let _ = write!(text, ", {count} {word}");
            }
        }
        let _ = write!(text, ", {} records mentioned", self.mentions.len());
        if !self.unread.is_empty() {
            let _ = write!(text, ", {} lines not understood", self.unread.len());
        }
        text
    }

    fn tell(&self, f: &mut fmt::Formatter<'_>, title: &str, all: &[Told]) -> fmt::Result {
        if all.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n  {title}")?;
        let width = |text: fn(&Told) -> &str| {
            all.iter().map(|told| text(told).chars().count()).max().unwrap_or_default()
        };
        let (record, what) = (width(|told| &told.record), width(|told| &told.what));
        for told in all {
            let place = format!("line {}", told.line);
            let standing = told.standing.as_ref().map(ToString::to_string).unwrap_or_default();
            let line =
                format!("    {place:8}  {:record$}  {:what$}  {standing}", told.record, told.what);
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

impl fmt::Display for PageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = match self.known_by {
            KnownBy::New => "new",
            KnownBy::Slug => "known, as given",
            KnownBy::Address => "known by its address",
            KnownBy::Content => "known by its content",
            KnownBy::File => "known by its file and what it says",
        };
        writeln!(f, "{}", self.file)?;
        writeln!(f, "  document  {} ({known})", self.document)?;
        match &self.heading.headline {
            Some((text, Some(line))) => writeln!(f, "  headline  {text} (line {line})")?,
            Some((text, None)) => writeln!(f, "  headline  {text} (title of the file)")?,
            None => writeln!(f, "  headline  none: the text starts at once")?,
        }
        match (&self.heading.date, &self.heading.dateline) {
            (Some(date), Some((_, line))) => writeln!(f, "  date      {date} (line {line})")?,
            (None, Some((text, line))) => {
                writeln!(f, "  date      unknown: `{text}` has no year (line {line})")?;
            }
            _ => writeln!(f, "  date      none on the page")?,
        }
        self.tell(f, "seats", &self.seats)?;
        self.tell(f, "representatives and offices", &self.posts)?;
        self.tell(f, "websites", &self.websites)?;
        if self.seats.is_empty() && self.posts.is_empty() && self.websites.is_empty() {
            writeln!(f, "\n  no sidebar")?;
        }
        if !self.unread.is_empty() {
            writeln!(f, "\n  not understood")?;
            for one in &self.unread {
                writeln!(f, "    line {}: {}", one.line, cut(&one.text))?;
                writeln!(f, "      {}", one.why)?;
            }
        }
        if !self.made.is_empty() {
            writeln!(f, "\n  new records")?;
            for (kind, slug) in &self.made {
                writeln!(f, "    {} {slug}", crate::import::row::word(*kind))?;
            }
        }
        if !self.mentions.is_empty() {
            writeln!(f, "\n  mentions")?;
            let mut kind = None;
            for one in &self.mentions {
                if kind != Some(one.kind) {
                    writeln!(f, "    {}", plural(one.kind))?;
                    kind = Some(one.kind);
                }
                writeln!(f, "      {}: {} ({})", one.slug, cut(&one.written), locator(&one.lines))?;
            }
        }
        if !self.ambiguous.is_empty() {
            writeln!(f, "\n  names that may mean others, of which none is concluded")?;
            for one in &self.ambiguous {
                let slugs: Vec<&str> = one.slugs.iter().take(5).map(String::as_str).collect();
                let place = locator(&one.lines);
                write!(f, "    {} ({place}): {}", cut(&one.written), slugs.join(", "))?;
                match one.slugs.len().checked_sub(slugs.len()) {
                    None | Some(0) => writeln!(f)?,
                    Some(more) => writeln!(f, " and {more} more")?,
                }
            }
        }
        for remark in &self.remarks {
            writeln!(f, "\n  {remark}")?;
        }
        Ok(())
    }
}

impl Report {
    /// What was altered, in one line.
    pub fn summary(&self) -> String {
        let Applied { created, updated, .. } = self.applied;
        match (self.applied == Applied::default(), self.dry) {
            (true, _) => "no changes: the graph has all of it".to_owned(),
            (false, true) => format!(
                "would import: {created} records new, {updated} altered; nothing was written"
            ),
            (false, false) => format!("imported: {created} records new, {updated} altered"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for page in &self.pages {
            writeln!(f, "{page}")?;
        }
        writeln!(f, "{}", self.summary())
    }
}
