//! Lexical analysis (section 2.1 of the specification).

use std::borrow::Cow;

use async_graphql_parser::Pos;

use crate::{
    error::{Error, ErrorKind, quote},
    limits::MAX_NAME_LENGTH,
};

#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// One of `! $ & ( ) : = @ [ ] { | }`.
    Punctuator(char),
    Spread,
    Name(&'a str),
    Int(&'a str),
    Float(&'a str),
    String {
        value: Cow<'a, str>,
        block: bool,
    },
    End,
}

impl Token<'_> {
    /// Formats the token for an error message.
    pub fn describe(&self) -> String {
        match self {
            Self::Punctuator(character) => format!("\"{character}\""),
            Self::Spread => "\"...\"".to_owned(),
            Self::Name(text) | Self::Int(text) | Self::Float(text) => quote(text),
            Self::String { value, .. } => format!("string {}", quote(value)),
            Self::End => "end of document".to_owned(),
        }
    }
}

pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    /// Offset from which columns are counted: the start of the line, plus one for each continuation byte
    /// of UTF-8 since then.
    line_start: usize,
    pub tokens: u64,
    max_tokens: u64,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, max_tokens: u64) -> Self {
        Self { text, at: 0, line: 1, line_start: 0, tokens: 0, max_tokens }
    }

    /// Returns the next token and its position.
    pub fn next_token(&mut self) -> Result<(Token<'a>, Pos), Error> {
        self.skip_ignored();
        let (start, pos) = (self.at, self.pos());
        let rest = &self.text.as_bytes()[start..];
        let Some(&byte) = rest.first() else { return Ok((Token::End, pos)) };
        let token = match byte {
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                self.at += count(rest, |byte| byte == b'_' || byte.is_ascii_alphanumeric());
                let name = &self.text[start..self.at];
                let length = name.len() as u64;
                ErrorKind::check_limit("characters in a name", length, MAX_NAME_LENGTH)
                    .map_err(|kind| kind.at(pos))?;
                Token::Name(name)
            }
            b'-' | b'0'..=b'9' => {
                let length = number(rest).ok_or_else(|| {
                    let end = count(rest, |byte| {
                        matches!(byte, b'+' | b'-' | b'.' | b'_') || byte.is_ascii_alphanumeric()
                    });
                    ErrorKind::InvalidNumber { got: quote(&self.text[start..start + end]) }.at(pos)
                })?;
                self.at += length;
                let text = &self.text[start..self.at];
                if text.contains(['.', 'e', 'E']) { Token::Float(text) } else { Token::Int(text) }
            }
            b'"' if rest.starts_with(b"\"\"\"") => self.block_string(pos)?,
            b'"' => self.string(pos)?,
            b'.' if rest.starts_with(b"...") => {
                self.at += 3;
                Token::Spread
            }
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|'
            | b'}' => {
                self.at += 1;
                Token::Punctuator(char::from(byte))
            }
            _ => {
                let got = self.text[start..].chars().next().unwrap_or_default();
                return Err(ErrorKind::UnexpectedCharacter { got }.at(pos));
            }
        };
        self.tokens += 1;
        ErrorKind::check_limit("tokens", self.tokens, self.max_tokens)
            .map_err(|kind| kind.at(pos))?;
        Ok((token, pos))
    }

    fn pos(&self) -> Pos {
        Pos { line: self.line, column: self.at - self.line_start + 1 }
    }

    /// Skips white space, line terminators, commas, comments and byte order marks.
    fn skip_ignored(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b',' => self.at += 1,
                b'\n' | b'\r' => self.line_terminator(),
                b'#' => {
                    let length = count(&bytes[self.at..], |byte| !matches!(byte, b'\n' | b'\r'));
                    self.skip(length);
                }
                _ if bytes[self.at..].starts_with("\u{feff}".as_bytes()) => {
                    self.skip("\u{feff}".len());
                }
                _ => return,
            }
        }
    }

    /// Skips bytes without a line terminator. A character of several bytes has one column.
    fn skip(&mut self, length: usize) {
        let bytes = &self.text.as_bytes()[self.at..self.at + length];
        self.line_start += bytes.iter().filter(|byte| **byte & 0xc0 == 0x80).count();
        self.at += length;
    }

    fn line_terminator(&mut self) {
        let bytes = &self.text.as_bytes()[self.at..];
        self.at += usize::from(bytes.starts_with(b"\r\n")) + 1;
        self.line += 1;
        self.line_start = self.at;
    }

    fn string(&mut self, pos: Pos) -> Result<Token<'a>, Error> {
        self.at += 1;
        let bytes = self.text.as_bytes();
        let mut start = self.at;
        let mut value = Cow::Borrowed("");
        loop {
            match bytes.get(self.at) {
                Some(b'"') => {
                    value += &self.text[start..self.at];
                    self.at += 1;
                    return Ok(Token::String { value, block: false });
                }
                Some(b'\\') => {
                    value += &self.text[start..self.at];
                    let (length, character) = escape(&bytes[self.at + 1..]).ok_or_else(|| {
                        let is_in_escape =
                            |it: &char| matches!(it, '\\' | '{' | '}') || it.is_alphanumeric();
                        let got: String = self.text[self.at..]
                            .chars()
                            .take_while(is_in_escape)
                            .take(12)
                            .collect();
                        ErrorKind::InvalidEscape { got: quote(&got) }.at(self.pos())
                    })?;
                    value.to_mut().push(character);
                    self.at += 1 + length;
                    start = self.at;
                }
                None | Some(b'\n' | b'\r') => return Err(ErrorKind::UnterminatedString.at(pos)),
                Some(_) => self.skip(1),
            }
        }
    }

    fn block_string(&mut self, pos: Pos) -> Result<Token<'a>, Error> {
        self.at += 3;
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut has_escapes = false;
        loop {
            match bytes.get(self.at) {
                Some(b'"') if bytes[self.at..].starts_with(b"\"\"\"") => break,
                Some(b'\\') if bytes[self.at..].starts_with(b"\\\"\"\"") => {
                    has_escapes = true;
                    self.at += 4;
                }
                Some(b'\n' | b'\r') => self.line_terminator(),
                Some(_) => self.skip(1),
                None => return Err(ErrorKind::UnterminatedString.at(pos)),
            }
        }
        let raw = dedent(&self.text[start..self.at]);
        let value = if has_escapes { raw.replace("\\\"\"\"", "\"\"\"") } else { raw };
        self.at += 3;
        Ok(Token::String { value: value.into(), block: true })
    }
}

/// Counts the leading bytes that match.
fn count(bytes: &[u8], matches: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !matches(*byte)).unwrap_or(bytes.len())
}

/// Returns the length of the number at the start, if it is valid and the next byte can follow it.
fn number(bytes: &[u8]) -> Option<usize> {
    let digits = |at: usize| match count(&bytes[at..], |byte| byte.is_ascii_digit()) {
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

/// Parses an escape sequence after the backslash. Returns its length and the character.
fn escape(bytes: &[u8]) -> Option<(usize, char)> {
    let simple = |character| Some((1, character));
    match bytes.first()? {
        b'"' => simple('"'),
        b'\\' => simple('\\'),
        b'/' => simple('/'),
        b'b' => simple('\u{8}'),
        b'f' => simple('\u{c}'),
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        b'u' if bytes.get(1) == Some(&b'{') => {
            let length = count(&bytes[2..], |byte| byte.is_ascii_hexdigit());
            let ends = bytes.get(2 + length) == Some(&b'}');
            let code = hexadecimal(&bytes[2..2 + length]).filter(|_| ends)?;
            Some((3 + length, char::from_u32(code)?))
        }
        b'u' => {
            let first = hexadecimal(bytes.get(1..5)?)?;
            if !(0xd800..0xdc00).contains(&first) {
                return Some((5, char::from_u32(first)?));
            }
            let second = hexadecimal(bytes.get(5..11)?.strip_prefix(b"\\u")?)?;
            let second = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
            Some((11, char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)?))
        }
        _ => None,
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let add =
        |code: u32, digit: &u8| code.checked_mul(16)?.checked_add(char::from(*digit).to_digit(16)?);
    digits.iter().try_fold(0, add).filter(|_| !digits.is_empty())
}

/// Returns the value of a block string: removes common indentation, and blank lines at both ends.
fn dedent(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<_> = raw.split('\n').collect();
    let indent = |line: &str| count(line.as_bytes(), |byte| matches!(byte, b' ' | b'\t'));
    let blank = |line: &&str| indent(line) == line.len();
    let common = lines.iter().skip(1).filter(|line| !blank(line)).map(|line| indent(line)).min();
    let dedented = lines.iter().enumerate().map(|(at, line)| match at {
        0 => *line,
        _ => line.get(common.unwrap_or(0)..).unwrap_or_default(),
    });
    let dedented: Vec<_> = dedented.collect();
    let first = dedented.iter().position(|line| !blank(line)).unwrap_or(dedented.len());
    let last = dedented.iter().rposition(|line| !blank(line)).map_or(first, |at| at + 1);
    dedented[first..last].join("\n")
}
