//! A look at the text of a document before anything parses it.
//!
//! The parser calls itself once for each level of nesting, and what comes after it walks what it
//! made: a few thousand brackets overflow the stack, which ends the process and which nobody can
//! catch. This walks the text once, calls nothing that calls it, and keeps only what is open. Where
//! it reads a text otherwise than the parser might, it refuses it: nothing hides from it in what it
//! takes for a string or a comment.

use std::collections::HashSet;

use async_graphql::Pos;

use super::error::{BadInput, LONGEST_REPEATED, cut};

/// The most tokens of a document: names, numbers, strings and punctuation.
pub const MOST_TOKENS: u64 = 20_000;
/// The most aliases of a document.
pub const MOST_ALIASES: u64 = 500;
/// The most directives of a document.
pub const MOST_DIRECTIVES: u64 = 200;
/// The most places of a document that name a variable.
pub const MOST_USES: u64 = 1_000;
/// The most characters of a name: it is held against all others to find which one was meant.
pub const LONGEST_NAME: usize = 200;
/// The most brackets that may be open at one place.
pub const DEEPEST_BRACKETS: usize = 100;

/// Values that are words.
const WORDS: [&str; 3] = ["true", "false", "null"];

/// A bracket that is open.
struct Open<'a> {
    kind: Bracket,
    /// Where it stands.
    at: usize,
    /// The keys of an object so far.
    keys: HashSet<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Selection,
    Arguments,
    List,
    Object,
}

impl Bracket {
    fn text(self) -> (char, char) {
        match self {
            Self::Selection | Self::Object => ('{', '}'),
            Self::Arguments => ('(', ')'),
            Self::List => ('[', ']'),
        }
    }
}

/// How much there is of what is bounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub tokens: u64,
    pub aliases: u64,
    pub directives: u64,
    /// The most brackets that are open at one place.
    pub deepest: u64,
    /// The keys of all objects.
    pub keys: u64,
}

/// Refuses a document that nobody should parse, and says where it is wrong.
pub fn scan(text: &str) -> Result<(), (BadInput, Pos)> {
    measure(text).map(drop)
}

/// The same, and how large the document is.
pub fn measure(text: &str) -> Result<Size, (BadInput, Pos)> {
    let bytes = text.as_bytes();
    let unreadable = |wrong: String, at| (BadInput::Unreadable { wrong }, position(text, at));
    let mut open: Vec<Open> = Vec::new();
    let at_most = |what, got, most, at| {
        BadInput::at_most(what, got, most).map_err(|wrong| (wrong, position(text, at)))
    };
    let (mut at, mut size, mut variables) = (0, Size::default(), 0);
    // The name that the last token was, and the first byte of that token.
    let (mut name, mut before) = (None, b'{');
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        match byte {
            b' ' | b'\t' | b',' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += run(&bytes[at..], |byte| !matches!(byte, b'\n' | b'\r'));
                continue;
            }
            _ if bytes[at..].starts_with("\u{feff}".as_bytes()) => {
                at += "\u{feff}".len();
                continue;
            }
            b'"' => {
                let length = string(&bytes[at..]);
                at += length.ok_or_else(|| unreadable("a string is never closed".into(), at))?;
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                at += run(&bytes[at..], |byte| byte == b'_' || byte.is_ascii_alphanumeric());
                let (got, most) = ((at - start) as u64, LONGEST_NAME as u64);
                at_most("characters in one name", got, most, start)?;
            }
            b'-' | b'0'..=b'9' => {
                let length = number(&bytes[at..]);
                at += length.ok_or_else(|| unreadable("a number is written wrongly".into(), at))?;
            }
            b'.' if bytes[at..].starts_with(b"...") => at += 3,
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|'
            | b'}' => at += 1,
            _ => {
                let odd = text[at..].chars().next().unwrap_or_default();
                let hint = if odd == '\'' { ": strings stand in double quotes" } else { "" };
                let wrong = format!("the character {odd:?} has no meaning here{hint}");
                return Err(unreadable(wrong, at));
            }
        }
        size.tokens += 1;
        at_most("tokens or more", size.tokens, MOST_TOKENS, start)?;
        let top = open.last().map(|open| open.kind);
        match byte {
            b'{' | b'(' | b'[' => {
                let kind = match (byte, top) {
                    (b'(', _) => Bracket::Arguments,
                    (b'[', _) => Bracket::List,
                    (_, None | Some(Bracket::Selection)) => Bracket::Selection,
                    _ => Bracket::Object,
                };
                open.push(Open { kind, at: start, keys: HashSet::new() });
                let (got, most) = (open.len() as u64, DEEPEST_BRACKETS as u64);
                at_most("brackets within each other, or more", got, most, start)?;
                size.deepest = size.deepest.max(got);
            }
            b'}' | b')' | b']' => {
                let Some(opened) = open.pop() else {
                    let wrong = format!("`{}` closes nothing", char::from(byte));
                    return Err(unreadable(wrong, start));
                };
                let (begin, end) = opened.kind.text();
                if end != char::from(byte) {
                    let Pos { line, column } = position(text, opened.at);
                    let wrong = format!(
                        "`{}` cannot close the `{begin}` of line {line}, column {column}",
                        char::from(byte)
                    );
                    return Err(unreadable(wrong, start));
                }
            }
            b':' if top == Some(Bracket::Selection) => {
                size.aliases += 1;
                at_most("aliases or more", size.aliases, MOST_ALIASES, start)?;
            }
            b'@' => {
                size.directives += 1;
                at_most("directives or more", size.directives, MOST_DIRECTIVES, start)?;
            }
            b'$' => {
                variables += 1;
                at_most("places or more that name a variable", variables, MOST_USES, start)?;
            }
            b':' => {
                // The parser keeps the last of them and says nothing.
                if let (Some(object), Some((key, at))) = (open.last_mut(), name)
                    && object.kind == Bracket::Object
                {
                    if !object.keys.insert(key) {
                        let wrong = BadInput::KeyTwice { key: key.to_owned() };
                        return Err((wrong, position(text, at)));
                    }
                    size.keys += 1;
                }
            }
            _ => {}
        }
        let is_name = byte == b'_' || byte.is_ascii_alphabetic();
        name = is_name.then(|| (&text[start..at], start));
        let is_value = match top {
            Some(Bracket::List) => before != b'$',
            Some(Bracket::Arguments | Bracket::Object) => matches!(before, b':' | b'='),
            _ => false,
        };
        if let (true, Some((name, _))) = (is_value, name)
            && let Some(begin) =
                WORDS.iter().find(|word| name.len() > word.len() && name.starts_with(**word))
        {
            // The parser takes it for the word and what comes after it.
            let name = cut(name, LONGEST_REPEATED);
            return Err(unreadable(format!("no value can begin with `{begin}`: `{name}`"), start));
        }
        before = byte;
    }
    if let Some(Open { kind, at, .. }) = open.pop() {
        return Err(unreadable(format!("`{}` is never closed", kind.text().0), at));
    }
    if size.tokens == 0 {
        return Err(unreadable("it is empty".into(), 0));
    }
    Ok(size)
}

/// How many bytes from the first on are of a kind.
fn run(bytes: &[u8], of: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !of(*byte)).unwrap_or(bytes.len())
}

/// How long the number is that begins here, if it is one and ends where another token may begin:
/// the parser would take `00` for two.
fn number(bytes: &[u8]) -> Option<usize> {
    let digits = |at: usize| match run(&bytes[at..], |byte| byte.is_ascii_digit()) {
        0 => None,
        count => Some(at + count),
    };
    let begin = usize::from(bytes.first() == Some(&b'-'));
    let mut at = digits(begin)?;
    if at > begin + 1 && bytes[begin] == b'0' {
        return None;
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at = digits(at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-'))))?;
    }
    let ends = |byte: &u8| !matches!(byte, b'.' | b'_') && !byte.is_ascii_alphabetic();
    bytes.get(at).is_none_or(ends).then_some(at)
}

/// How long the string is that begins here, if it ends.
fn string(bytes: &[u8]) -> Option<usize> {
    let (quote, block) = (b"\"", b"\"\"\"");
    if bytes.starts_with(block) {
        let mut at = block.len();
        loop {
            match bytes.get(at..)? {
                rest if rest.starts_with(b"\\\"\"\"") => at += 4,
                rest if rest.starts_with(block) => return Some(at + block.len()),
                [] => return None,
                _ => at += 1,
            }
        }
    }
    let mut at = quote.len();
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return None,
            b'\\' if matches!(bytes.get(at + 1)?, b'\n' | b'\r') => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Where a byte stands, as people count.
pub fn position(text: &str, at: usize) -> Pos {
    let before = &text.as_bytes()[..at];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let column = String::from_utf8_lossy(&before[begin..]).chars().count() + 1;
    Pos { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (BadInput, (usize, usize)) {
        let (wrong, Pos { line, column }) = scan(text).expect_err(text);
        (wrong, (line, column))
    }

    fn unreadable(text: &str) -> (String, (usize, usize)) {
        match refused(text) {
            (BadInput::Unreadable { wrong }, at) => (wrong, at),
            (other, _) => panic!("{text}: {other}"),
        }
    }

    #[test]
    fn documents_pass() {
        for text in [
            "{ a }",
            "\u{feff}query q($a: [Int!]! = [1, -2.5e+3], $b: F = { x: { y: 1 }, z: [{ x: 1 }, { x: 2 }] }) @d(a: 1) {
                a: b(c: $a, d: \"}{\", e: \"\"\" }{\" \\\"\"\" \"\"\", f: { g: ENUM, h: null }) { ...f ... on T { i } }
            } # }}}}\n fragment f on T { a }",
            "{ a(b: \"\\\\\", c: \"\\\"\") }",
            "{ a(b: \"\") c(d: \"\"\"\"\"\") }",
            "{ \u{feff}a # ünïcode \u{1F3CA}\r b }",
        ] {
            assert_eq!(scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_open_must_be_closed() {
        assert_eq!(unreadable("{ a\n  { b }"), ("`{` is never closed".into(), (1, 1)));
        assert_eq!(unreadable("{ a } }"), ("`}` closes nothing".into(), (1, 7)));
        let wrong = "`)` cannot close the `[` of line 2, column 3";
        assert_eq!(unreadable("{ a(b:\n  [1) }"), (wrong.into(), (2, 5)));
        for text in ["{ a(b: \"x) }", "{ a(b: \"x\n\") }", "{ a(b: \"\\\n\") }", "{ a(b: \"x\\"] {
            assert_eq!(unreadable(text).0, "a string is never closed", "{text}");
        }
        // The parser would take three quotes for an empty string and the beginning of another.
        assert_eq!(unreadable("{ a(b: [\"\"\"[[[[\"]) }").0, "a string is never closed");
    }

    #[test]
    fn no_token_hides_others() {
        for value in
            ["0", "-0", "10", "-1.05", "0.0e-00", "1E+007", "1e5", "[1-1 0-0]", "[true null]"]
        {
            assert_eq!(scan(&format!("{{ a(b: {value}) }}")), Ok(()), "{value}");
        }
        for value in [
            "00", "-", "01", "-007", "1.", "1.e1", ".1", "1e", "1e+", "1a", "1_", "1.0.0", "0x1F",
            "--1", "+1",
        ] {
            assert!(scan(&format!("{{ a(b: {value}) }}")).is_err(), "{value}");
        }
        // The parser would take these for more values than there are tokens, and for another key.
        for value in ["[truetrue]", "[null \u{feff}falsenull]", "{ X: 1, b: trueX: 2 }", "nullable"]
        {
            let wrong = unreadable(&format!("{{ a(b: {value}) }}")).0;
            assert!(wrong.starts_with("no value can begin with `"), "{wrong}");
        }
        assert!(scan(&format!("query($a: [Int] = {}) {{ a }}", "null".repeat(2))).is_err());
        for text in [
            "query trueX($nullable: T) { falseX: nullX(trueX: [$nullable], b: { nullX: $nullable }) @trueX }",
            "{ a(b: TRUE_X, c: [fals, t]) }",
        ] {
            assert_eq!(scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_means_nothing_is_told() {
        assert_eq!(unreadable("").0, "it is empty");
        assert_eq!(unreadable(" # { a }\n").0, "it is empty");
        let wrong = "the character '\u{1F3CA}' has no meaning here";
        assert_eq!(unreadable("{ ä\u{1F3CA} }".replace('ä', "a").as_str()).0, wrong);
        assert_eq!(
            unreadable("{ a\u{0} }"),
            ("the character '\\0' has no meaning here".into(), (1, 4))
        );
        assert_eq!(unreadable("{\n a;b }").1, (2, 3));
        assert_eq!(unreadable("query \u{e9}").1, (1, 7));
    }

    #[test]
    fn nesting_is_bounded_whatever_the_brackets() {
        let nested = |open: &str, close: &str, levels: usize| {
            format!("{{ a(b: {}1{}) }}", open.repeat(levels), close.repeat(levels))
        };
        for (open, close) in [("[", "]"), ("{a:", "}")] {
            assert_eq!(scan(&nested(open, close, DEEPEST_BRACKETS - 2)), Ok(()));
            for levels in [DEEPEST_BRACKETS - 1, 1_000, 400_000] {
                let (wrong, _) = scan(&nested(open, close, levels)).expect_err("deep");
                assert!(matches!(wrong, BadInput::DocumentLength { got: 101, most: 100, .. }));
            }
        }
        assert!(scan(&"[".repeat(1_000_000)).is_err());
        assert!(scan(&"{a".repeat(200)).is_err());
        // What stands in strings and comments is not nested.
        let hidden = "[".repeat(1_000);
        assert_eq!(scan(&format!("{{ a(b: \"{hidden}\") }} # {hidden}")), Ok(()));
    }

    #[test]
    fn tokens_are_bounded() {
        let names =
            |count: u64| format!("{{ {} }}", "a ".repeat(usize::try_from(count).unwrap_or(0)));
        assert_eq!(scan(&names(MOST_TOKENS - 2)), Ok(()));
        let (wrong, _) = scan(&names(MOST_TOKENS - 1)).expect_err("long");
        assert!(matches!(wrong, BadInput::DocumentLength { got: 20_001, .. }));
        // No space is needed between some of them.
        for dense in ["1-1", "\"\"", "[]", "1."] {
            assert!(scan(&format!("{{ a(b: [{}]) }}", dense.repeat(20_000))).is_err(), "{dense}");
        }
    }

    #[test]
    fn names_are_bounded() {
        assert_eq!(scan(&format!("{{ {} }}", "a".repeat(LONGEST_NAME))), Ok(()));
        let (wrong, at) = refused(&format!("{{ a\n {} }}", "b".repeat(LONGEST_NAME + 1)));
        assert!(matches!(wrong, BadInput::DocumentLength { got: 201, most: 200, .. }));
        assert_eq!(at, (2, 2));
        assert_eq!(scan(&format!("{{ a(b: \"{}\") }}", "c".repeat(1_000_000))), Ok(()));
    }

    #[test]
    fn places_that_name_a_variable_are_bounded() {
        let uses = |count: usize| format!("{{ a(b: [{}]) }}", "$c ".repeat(count));
        assert_eq!(scan(&uses(1_000)), Ok(()));
        assert!(scan(&uses(1_001)).is_err());
    }

    #[test]
    fn aliases_and_directives_are_bounded() {
        let aliases =
            |count: usize| format!("{{ {} b(c: {{ d: 1 }}) }}", "a: __typename ".repeat(count));
        assert_eq!(scan(&aliases(500)), Ok(()));
        assert!(scan(&aliases(501)).is_err());
        assert_eq!(scan(&format!("{{ a {} }}", "@b".repeat(200))), Ok(()));
        assert!(scan(&format!("{{ a {} }}", "@b".repeat(201))).is_err());
    }

    #[test]
    fn a_key_stands_once_in_its_object() {
        let twice = |key: &str, at| (BadInput::KeyTwice { key: key.into() }, at);
        assert_eq!(refused("{ a(b: { c: 1, d: 2\n c: 3 }) }"), twice("c", (2, 2)));
        assert_eq!(refused("query($v: T = { c: 1 c: 1 }) { a }"), twice("c", (1, 22)));
        assert_eq!(
            refused("{ a(b: [{ c: { e: 1 } }, { c: { f: 1, f: 2 } }]) }"),
            twice("f", (1, 39))
        );
        for text in [
            "{ a: b a: b }",
            "{ a(b: { c: { c: 1 } }, d: { c: c }) }",
            "{ a(b: [{ c: 1 }, { c: 1 }]) }",
        ] {
            assert_eq!(scan(text), Ok(()), "{text}");
        }
    }
}
