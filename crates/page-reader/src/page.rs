//! Bytes to lines: a page as a browser saves it, as text or as HTML.

use std::{fmt, path::Path, sync::Arc};

use html5gum::{DefaultEmitter, StartTag, State, Token, Tokenizer};
use sha2::{Digest, Sha256};

use crate::address;

/// The maximum number of bytes of a page; a saved page of a site has a thousandth of it.
pub const MAX_BYTES: usize = 8 << 20;

/// Something wrong with a page: where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub file: Arc<str>,
    /// From 1; 0 for the file as a whole.
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

/// A saved page: its lines that are not blank, and what it says of itself.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file as it was named, for messages.
    pub name: Arc<str>,
    /// The name of the file alone.
    pub file: String,
    /// The SHA-256 digest of its bytes, in hexadecimal digits.
    pub digest: String,
    pub lines: Vec<Line>,
    /// The address that the page gives for itself.
    pub url: Option<String>,
    pub language: Option<String>,
    /// The title in its head.
    pub title: Option<String>,
    /// Whether it is HTML, where menus may stand around the text.
    pub html: bool,
}

/// A line of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line of the file that it begins on, from 1.
    pub number: usize,
    pub text: String,
    /// Its rank, from 1, where it is marked as a heading.
    pub heading: Option<u8>,
}

impl Page {
    /// Something wrong with the page as a whole.
    pub(crate) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem { file: self.name.clone(), line: 0, message: message.into() }
    }

    /// Parses the bytes of a file.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Problem> {
        let problem = |message: &str| Problem::new(path, 0, message);
        if bytes.len() > MAX_BYTES {
            let message = format!("is too large for a page: over {} MiB", MAX_BYTES >> 20);
            return Err(problem(&message));
        }
        let text = text_of(bytes).map_err(|(line, message)| Problem::new(path, line, message))?;
        let ending = path.extension().and_then(|ending| ending.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("toml") => {
                return Err(problem("is a data set and no page: use `import PATH`"));
            }
            Some("json") => return Err(problem("is JSON and no page")),
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
            return Err(problem("has no text: save the page once it is shown"));
        }
        Ok(page)
    }
}

/// The text of a file; where it has none, on which line, and what would be right.
fn text_of(bytes: &[u8]) -> Result<&str, (usize, String)> {
    if bytes.is_empty() {
        return Err((0, "is empty".to_owned()));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err((0, "is UTF-16: save it as UTF-8 text".to_owned()));
    }
    let line = |at: usize| 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
    let control = |byte: &u8| *byte < 9 || (14..27).contains(byte);
    let known: [&[u8]; 5] = [b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b"];
    if known.iter().any(|start| bytes.starts_with(start)) {
        return Err((0, "is binary and no page: save it as text or HTML".to_owned()));
    }
    if let Some(at) = bytes.iter().position(control) {
        let message = "is binary and no page: save it as text or HTML";
        return Err((line(at), message.to_owned()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = "is not UTF-8 text: save the page as UTF-8";
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

/// A line without doubled and unusual spaces, and without the signs of a list before it.
fn tidy(text: &str) -> String {
    let silent = |letter: &char| !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}');
    let text: String = text.chars().filter(silent).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_start_matches(['•', '·', '▪', '●', '*']).trim_start().to_owned()
}

fn parse_text(text: &str, mut page: Page) -> Page {
    for (number, line) in (1..).zip(text.lines()) {
        let text = tidy(line);
        if !text.is_empty() {
            page.lines.push(Line { number, text, heading: None });
        }
    }
    page
}

/// What no reader of a page sees.
const HIDDEN: &[&str] =
    &["script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea"];

/// What stands within a line; all else begins another.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

/// HTML to lines: one loop over its tokens, so that no depth of nesting matters.
struct Html<'a> {
    page: Page,
    text: &'a str,
    /// The line that is being put together.
    line: String,
    start: usize,
    /// Elements that hide what is in them, and how deep within them this is.
    hidden: Option<(String, usize)>,
    in_title: bool,
    title: String,
    heading: Option<u8>,
    /// How far line ends were counted, and how many there were.
    counted: (usize, usize),
}

impl Html<'_> {
    /// The line of the file that an offset lies on; offsets only grow.
    fn line_at(&mut self, offset: usize) -> usize {
        let (from, count) = self.counted;
        let offset = offset.clamp(from, self.text.len());
        let more = self.text.as_bytes()[from..offset].iter().filter(|b| **b == b'\n').count();
        self.counted = (offset, count + more);
        1 + count + more
    }

    fn end_line(&mut self) {
        let text = tidy(&std::mem::take(&mut self.line));
        if !text.is_empty() {
            self.page.lines.push(Line { number: self.start, text, heading: self.heading });
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
            // Spaces before a line are none of it, however many elements they stand in.
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
                let address = attribute("href").filter(|address| is_address(address));
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

/// Whether a text is the address of a page. That of a whole site distinguishes no page.
fn is_address(text: &str) -> bool {
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
    // Script, style and the like hold no tags.
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
                // Browsers note where they saved from: "saved from url=(0021)https://...".
                let address = comment.trim().strip_prefix("saved from url=");
                let address = address.and_then(|rest| rest.split_once(')')).map(|(_, url)| url);
                let address = address.map(str::trim).filter(|address| is_address(address));
                if reader.page.url.is_none() {
                    reader.page.url = address.map(str::to_owned);
                }
            }
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    reader.end_line();
    reader.page.title = Some(tidy(&reader.title)).filter(|title| !title.is_empty());
    reader.page
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A page of these contents, as if it had been a file.
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
    fn text_keeps_the_numbers_of_its_lines() {
        let page = page("\r\n  First\u{a0} line\r\n\r\n• second \u{200b}line\n");
        assert_eq!(lines(&page), [(2, "First line"), (4, "second line")]);
    }

    #[test]
    fn html_becomes_lines() {
        let page = page(
            "<!DOCTYPE html>\n<!-- saved from url=(0021)https://example.org/a -->\n\
             <html lang=ru><head><title>A &amp; B</title><style>p { x }</style>\n\
             <script>if (a < b) { '<p>no</p>' }</script></head>\n<body>\n<nav><ul><li>Home<li>News</ul></nav>\n\
             <h1>The <em>head</em>line</h1>\n\n<p>\nOne&nbsp;<b>para</b>graph<br>and line\n\
             </p><noscript>no</noscript><template><p>no</p></template></body></html>",
        );
        let expected = [
            (6, "Home"),
            (6, "News"),
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
    fn no_nesting_is_too_deep() {
        let deep = format!("<html>{}core{}", "<div><svg>", "</svg>x</div>");
        assert_eq!(lines(&page(&deep)), [(1, "x")]);
        let deep = format!("<html>{}core", "<div>".repeat(200_000));
        assert_eq!(lines(&page(&deep)), [(1, "core")]);
    }

    #[test]
    fn spaces_in_elements_are_walked_once() {
        let many = format!("<html><p>{}core", "<b> </b>".repeat(100_000));
        assert_eq!(lines(&page(&many)), [(1, "core")]);
    }

    #[test]
    fn what_is_no_text_is_reported() {
        let problem = |bytes: &[u8]| text_of(bytes).unwrap_err();
        assert_eq!(problem(b"").1, "is empty");
        assert_eq!(problem(b"a\nb\0c").0, 2);
        assert_eq!(problem(b"a\n\nb\xff").0, 3);
        assert!(problem(b"\xff\xfea\0").1.contains("UTF-16"));
        assert!(problem(b"%PDF-1.7").1.contains("binary"));
        assert_eq!(text_of("\u{feff}a".as_bytes()), Ok("a"));
    }
}
