//! Parses a page, saved by a browser as text or HTML, into lines.

use std::{fmt, path::Path, sync::Arc};

use html5gum::{DefaultEmitter, StartTag, State, Token, Tokenizer};
use sha2::{Digest, Sha256};

use crate::address;

/// The maximum size of a page in bytes. A typical saved page is a thousand times smaller.
pub const MAX_BYTES: usize = 8 << 20;

/// An error in a page, with file and line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub file: Arc<str>,
    /// The line, from 1; 0 for an error of the whole file.
    pub line: usize,
    pub message: String,
}

impl Problem {
    pub fn new(path: &Path, line: usize, message: impl Into<String>) -> Self {
        Self { file: path.display().to_string().into(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// A saved page: its nonblank lines and its metadata.
#[derive(Clone, Debug)]
pub struct Page {
    /// The path of the file, for messages.
    pub name: Arc<str>,
    /// The file name without folders.
    pub file: String,
    /// The SHA-256 digest of the file in hexadecimal.
    pub digest: String,
    pub lines: Vec<PageLine>,
    /// The canonical URL, or the URL that the browser saved the page from.
    pub url: Option<String>,
    pub language: Option<String>,
    /// The HTML title.
    pub title: Option<String>,
    /// Whether the page is HTML, which may have menus before and after the text.
    pub html: bool,
}

/// A line of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLine {
    /// The number of its first line in the file, from 1.
    pub number: usize,
    pub text: String,
    /// The level of an HTML heading: 1, 2 or 3.
    pub heading: Option<u8>,
}

impl Page {
    /// Returns an error of the whole page.
    pub(crate) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem { file: self.name.clone(), line: 0, message: message.into() }
    }

    /// Parses the bytes of a file.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Problem> {
        let problem = |message: &str| Problem::new(path, 0, message);
        if bytes.len() > MAX_BYTES {
            let message = format!("is too large: a page has at most {} MiB", MAX_BYTES >> 20);
            return Err(problem(&message));
        }
        let text = decode(bytes).map_err(|(line, message)| Problem::new(path, line, message))?;
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("toml") => {
                return Err(problem("is a data set, not a page; use `import PATH`"));
            }
            Some("json") => return Err(problem("is JSON, not a page")),
            _ => {}
        }
        let page = Self {
            name: path.display().to_string().into(),
            file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            digest: Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
            lines: Vec::new(),
            url: None,
            language: None,
            title: None,
            html: is_html(text),
        };
        let page = if page.html { parse_html(text, page) } else { parse_text(text, page) };
        if page.lines.is_empty() {
            return Err(problem("has no text; save the page after it has loaded"));
        }
        Ok(page)
    }
}

/// Decodes a file. An error has the line, 0 for the whole file, and a message.
fn decode(bytes: &[u8]) -> Result<&str, (usize, String)> {
    if bytes.is_empty() {
        return Err((0, "is empty".to_owned()));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err((0, "is UTF-16; save the page as UTF-8".to_owned()));
    }
    let line = |at: usize| 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
    let control = |byte: &u8| *byte < 9 || (14..27).contains(byte);
    let signatures: [&[u8]; 5] = [b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b"];
    if signatures.iter().any(|signature| bytes.starts_with(signature)) {
        return Err((0, "is binary; save the page as text or HTML".to_owned()));
    }
    if let Some(at) = bytes.iter().position(control) {
        let message = "is binary; save the page as text or HTML";
        return Err((line(at), message.to_owned()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = "is not UTF-8; save the page as UTF-8";
        (line(error.valid_up_to()), message.to_owned())
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn is_html(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(2_000).collect();
    let start = start.to_ascii_lowercase();
    let tags = ["<html", "<head", "<body", "<div", "<p>", "<p ", "<br", "<table", "<h1", "<main"];
    start.starts_with("<!doctype html")
        || (start.starts_with('<') && tags.iter().any(|tag| start.contains(tag)))
}

/// Normalizes whitespace and removes invisible characters and leading bullets.
fn normalize_line(text: &str) -> String {
    let silent = |letter: &char| !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}');
    let text: String = text.chars().filter(silent).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_start_matches(['•', '·', '▪', '●', '*']).trim_start().to_owned()
}

fn parse_text(text: &str, mut page: Page) -> Page {
    for (number, line) in (1..).zip(text.lines()) {
        let text = normalize_line(line);
        if !text.is_empty() {
            page.lines.push(PageLine { number, text, heading: None });
        }
    }
    page
}

/// Elements whose content is not displayed.
const HIDDEN: &[&str] =
    &["script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea"];

/// Inline elements. All other elements start a new line.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

/// Converts HTML to lines in one loop over its tokens, without recursion on nested elements.
struct Html<'a> {
    page: Page,
    text: &'a str,
    /// The current line.
    line: String,
    start: usize,
    /// The open element of `HIDDEN`, and how many elements of this name are open.
    hidden: Option<(String, usize)>,
    in_title: bool,
    title: String,
    heading: Option<u8>,
    /// The offset up to which line breaks are counted, and their number.
    counted: (usize, usize),
}

impl Html<'_> {
    /// Returns the line number of an offset. Offsets must not decrease between calls.
    fn line_at(&mut self, offset: usize) -> usize {
        let (from, count) = self.counted;
        let offset = offset.clamp(from, self.text.len());
        let more = self.text.as_bytes()[from..offset].iter().filter(|b| **b == b'\n').count();
        self.counted = (offset, count + more);
        1 + count + more
    }

    fn end_line(&mut self) {
        let text = normalize_line(&std::mem::take(&mut self.line));
        if !text.is_empty() {
            self.page.lines.push(PageLine { number: self.start, text, heading: self.heading });
        }
    }

    fn push(&mut self, text: &str, offset: usize) {
        if self.in_title {
            self.title.push_str(text);
            return;
        }
        if self.hidden.is_some() {
            return;
        }
        if self.line.is_empty() {
            // Leading whitespace is skipped, even if it spans several elements.
            let trimmed = text.trim_start();
            if trimmed.is_empty() {
                return;
            }
            self.start = self.line_at(offset + text.len() - trimmed.len());
        }
        self.line.push_str(text);
    }

    fn open(&mut self, tag: &StartTag<usize>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let attribute = |key: &str| {
            let value = tag.attributes.get(key.as_bytes())?;
            Some(String::from_utf8_lossy(value).trim().to_owned()).filter(|text| !text.is_empty())
        };
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += usize::from(*hidden == name && !tag.self_closing);
            return;
        }
        match name.as_str() {
            "html" => self.page.language = attribute("lang"),
            "link" if attribute("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) => {
                let address = attribute("href").filter(|address| is_page_url(address));
                self.page.url = address.or(self.page.url.take());
            }
            "title" => self.in_title = self.title.is_empty(),
            "h1" | "h2" | "h3" => {
                self.end_line();
                self.heading = name[1..].parse().ok();
            }
            name if HIDDEN.contains(&name) && !tag.self_closing => {
                self.hidden = Some((name.to_owned(), 1));
            }
            "td" | "th" | "dt" | "dd" | "option" => self.end_line(),
            name if !INLINE.contains(&name) => self.end_line(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((hidden, depth)) = &mut self.hidden {
            if hidden == name {
                *depth -= 1;
                if *depth == 0 {
                    self.hidden = None;
                }
            }
            return;
        }
        match name {
            "title" => self.in_title = false,
            "h1" | "h2" | "h3" => {
                self.end_line();
                self.heading = None;
            }
            name if !INLINE.contains(&name) => self.end_line(),
            _ => {}
        }
    }
}

/// Whether a string is the URL of a page other than a home page.
fn is_page_url(text: &str) -> bool {
    (text.starts_with("http://") || text.starts_with("https://")) && !address::is_home_page(text)
}

fn parse_html(text: &str, page: Page) -> Page {
    let mut reader = Html {
        page,
        text,
        line: String::new(),
        start: 1,
        hidden: None,
        in_title: false,
        title: String::new(),
        heading: None,
        counted: (0, 0),
    };
    let mut emitter = DefaultEmitter::new_with_span();
    // The content of elements such as script and style has no tags.
    emitter.naively_switch_states(true);
    let mut tokens = Tokenizer::new_with_emitter(text, emitter);
    tokens.set_state(State::Data);
    for token in tokens {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => reader.open(&tag),
            Token::EndTag(tag) => reader.close(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => {
                reader.push(&String::from_utf8_lossy(&text.value), text.span.start);
            }
            Token::Comment(comment) => {
                let comment = String::from_utf8_lossy(&comment.value);
                // Browsers store the URL of a saved page in a comment: "saved from url=(0021)https://...".
                let address = comment.trim().strip_prefix("saved from url=");
                let address = address.and_then(|rest| rest.split_once(')')).map(|(_, url)| url);
                let address = address.map(str::trim).filter(|address| is_page_url(address));
                if reader.page.url.is_none() {
                    reader.page.url = address.map(str::to_owned);
                }
            }
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    reader.end_line();
    reader.page.title = Some(normalize_line(&reader.title)).filter(|title| !title.is_empty());
    reader.page
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Parses a string as the content of a file.
    pub fn page(text: &str) -> Page {
        let page = Page {
            name: "page".into(),
            file: "page".to_owned(),
            digest: String::new(),
            lines: Vec::new(),
            url: None,
            language: None,
            title: None,
            html: is_html(text),
        };
        if page.html { parse_html(text, page) } else { parse_text(text, page) }
    }

    fn lines(page: &Page) -> Vec<(usize, &str)> {
        page.lines.iter().map(|line| (line.number, line.text.as_str())).collect()
    }

    #[test]
    fn lines_of_text_have_their_numbers() {
        let page = page("\r\n  First\u{a0} line\r\n\r\n• second \u{200b}line\n");
        assert_eq!(lines(&page), [(2, "First line"), (4, "second line")]);
    }

    #[test]
    fn html_is_converted_to_lines() {
        let page = page(
            "<!DOCTYPE html>\n<!-- saved from url=(0021)https://example.org/a -->\n\
             <html lang=ru><head><title>A &amp; B</title><style>p { x }</style>\n\
             <script>if (a < b) { '<p>no</p>' }</script></head>\n<body>\n<nav><ul><li>Home<li>Events</ul></nav>\n\
             <h1>The <em>head</em>line</h1>\n\n<p>\nOne&nbsp;<b>para</b>graph<br>and line\n\
             </p><noscript>no</noscript><template><p>no</p></template></body></html>",
        );
        let expected = [
            (6, "Home"),
            (6, "Events"),
            (7, "The headline"),
            (10, "One paragraph"),
            (10, "and line"),
        ];
        assert_eq!(lines(&page), expected);
        assert_eq!((page.lines[2].heading, page.lines[3].heading), (Some(1), None));
        assert_eq!(page.url.as_deref(), Some("https://example.org/a"));
        assert_eq!(page.language.as_deref(), Some("ru"));
        assert_eq!(page.title.as_deref(), Some("A & B"));
    }

    #[test]
    fn deep_nesting_is_parsed() {
        let deep = format!("<html>{}core{}", "<div><svg>", "</svg>x</div>");
        assert_eq!(lines(&page(&deep)), [(1, "x")]);
        let deep = format!("<html>{}core", "<div>".repeat(200_000));
        assert_eq!(lines(&page(&deep)), [(1, "core")]);
    }

    #[test]
    fn spaces_in_elements_take_linear_time() {
        let many = format!("<html><p>{}core", "<b> </b>".repeat(100_000));
        assert_eq!(lines(&page(&many)), [(1, "core")]);
    }

    #[test]
    fn binary_and_empty_files_are_rejected() {
        let problem = |bytes: &[u8]| decode(bytes).unwrap_err();
        assert_eq!(problem(b"").1, "is empty");
        assert_eq!(problem(b"a\nb\0c").0, 2);
        assert_eq!(problem(b"a\n\nb\xff").0, 3);
        assert!(problem(b"\xff\xfea\0").1.contains("UTF-16"));
        assert!(problem(b"%PDF-1.7").1.contains("binary"));
        assert_eq!(decode("\u{feff}a".as_bytes()), Ok("a"));
    }
}
