//! What the pages say, for people to read.

use std::fmt::{self, Write};

use crate::{
    graph::Kind,
    headline::Heading,
    mention::{AmbiguousName, Mention, locator},
    sidebar::UnreadLine,
};

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
pub struct Entry {
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
    pub seats: Vec<Entry>,
    pub posts: Vec<Entry>,
    pub websites: Vec<Entry>,
    /// Records that are new with the page: kind and slug.
    pub new: Vec<(Kind, String)>,
    pub mentions: Vec<Mention>,
    pub ambiguous: Vec<AmbiguousName>,
    pub unread: Vec<UnreadLine>,
    pub remarks: Vec<String>,
}

/// The maximum number of letters of a line of a page.
const MAX_LETTERS: usize = 80;

/// The maximum number of documents that are named of those that say the same.
const MAX_NAMED: usize = 2;

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_LETTERS) {
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
            let named: Vec<&str> = self.same.iter().take(MAX_NAMED).map(String::as_str).collect();
            write!(f, "; the same in {}", named.join(", "))?;
            if self.same.len() > MAX_NAMED {
                write!(f, " and {} more", self.same.len() - MAX_NAMED)?;
            }
        }
        Ok(())
    }
}

impl PageReport {
    /// How many things of the sidebar stand so.
    fn count(&self, word: &str) -> usize {
        let entries = self.seats.iter().chain(&self.posts).chain(&self.websites);
        entries
            .filter(|entry| entry.standing.as_ref().is_some_and(|one| one.word() == word))
            .count()
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
}

fn write_entries(f: &mut fmt::Formatter<'_>, title: &str, all: &[Entry]) -> fmt::Result {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n  {title}")?;
    let width = |text: fn(&Entry) -> &str| {
        all.iter().map(|entry| text(entry).chars().count()).max().unwrap_or_default()
    };
    let (record, what) = (width(|entry| &entry.record), width(|entry| &entry.what));
    for entry in all {
        let place = format!("line {}", entry.line);
        let standing = entry.standing.as_ref().map(ToString::to_string).unwrap_or_default();
        let line =
            format!("    {place:8}  {:record$}  {:what$}  {standing}", entry.record, entry.what);
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
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
        write_entries(f, "seats", &self.seats)?;
        write_entries(f, "representatives and offices", &self.posts)?;
        write_entries(f, "websites", &self.websites)?;
        if self.seats.is_empty() && self.posts.is_empty() && self.websites.is_empty() {
            writeln!(f, "\n  no sidebar")?;
        }
        if !self.unread.is_empty() {
            writeln!(f, "\n  not understood")?;
            for one in &self.unread {
                writeln!(f, "    line {}: {}", one.line, cut(&one.text))?;
                writeln!(f, "      {}", one.reason)?;
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
            for one in &self.mentions {
                if kind != Some(one.kind) {
                    writeln!(f, "    {}", one.kind.plural())?;
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
