//! Files of Popolo: found, unpacked, and read into what the format says. What is no Popolo is
//! refused here; what is odd in one entry is left to the reader of entries.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    marker::PhantomData,
    path::{Component, Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use entity::PartialDate;

use crate::import::digest;

/// The most that one file may hold, unpacked: what it says is kept in memory.
pub const MAX_FILE_BYTES: u64 = 96 << 20;
/// The most entries that one list of a file may have: small ones take more memory than their text.
const MAX_ENTRIES: usize = 400_000;
/// The longest text that is read, in bytes: longer ones are no names, ids or dates.
const MAX_TEXT_BYTES: usize = 2_000;

/// A file to read.
#[derive(Clone, Debug)]
pub struct Found {
    /// As messages name it: the way the keeper does.
    pub name: String,
    /// As its record names it: without the folders that only the keeper knows.
    pub record: String,
    pub path: PathBuf,
    pub bytes: u64,
    /// Found in a folder, where not every file need be one of Popolo.
    pub in_folder: bool,
}

impl Found {
    fn new(path: PathBuf, known: &Path, bytes: u64, in_folder: bool) -> Self {
        /// Of `data/Country/Legislature/file.json` the last three say which it is.
        const PARTS: usize = 3;
        let parts = known.components().filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        });
        let parts: Vec<String> = parts.collect();
        let record = parts[parts.len().saturating_sub(PARTS)..].join("/");
        Self { name: path.display().to_string(), record, path, bytes, in_folder }
    }
}

/// The files that paths name: those themselves, and all that end in `.json` or `.json.gz` in folders
/// and the folders in them.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Found>, (PathBuf, io::Error)> {
    let mut found = Vec::new();
    for path in paths {
        let told = std::fs::metadata(path).map_err(|error| (path.clone(), error))?;
        if told.is_dir() {
            walk(path, path, &mut found)?;
        } else {
            let known = match path.is_absolute() {
                true => Path::new(path.file_name().unwrap_or_default()),
                false => path,
            };
            found.push(Found::new(path.clone(), known, told.len(), false));
        }
    }
    Ok(found)
}

fn walk(top: &Path, folder: &Path, found: &mut Vec<Found>) -> Result<(), (PathBuf, io::Error)> {
    let wrong = |error| (folder.to_owned(), error);
    let mut entries = Vec::new();
    for entry in folder.read_dir().map_err(wrong)? {
        entries.push(entry.map_err(wrong)?);
    }
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // Links are not followed into folders: they may lead round in a ring.
        let kind = entry.file_type().map_err(wrong)?;
        if kind.is_dir() {
            walk(top, &path, found)?;
        } else if let Ok(told) = std::fs::metadata(&path)
            && told.is_file()
        {
            let name = entry.file_name().to_string_lossy().to_lowercase();
            #[expect(clippy::case_sensitive_file_extension_comparisons, reason = "lowered above")]
            if name.ends_with(".json") || name.ends_with(".json.gz") {
                let known = path.strip_prefix(top).unwrap_or(&path).to_owned();
                found.push(Found::new(path, &known, told.len(), true));
            }
        }
    }
    Ok(())
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum NotPopolo {
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    #[error("is empty")]
    Empty,
    #[error("holds more than {} MiB", MAX_FILE_BYTES >> 20)]
    TooLarge,
    #[error("is no Popolo: line {line}, column {column}: {what}")]
    Json { line: usize, column: usize, what: String },
    #[error("is no Popolo: it has none of the lists `persons`, `organizations` and `memberships`")]
    OtherJson,
}

/// The bytes of a file, unpacked, and their digest in hexadecimal digits.
pub fn unpack(found: &Found) -> Result<(Vec<u8>, String), NotPopolo> {
    let mut file = File::open(&found.path)?;
    let mut begin = [0; 2];
    let read = file.read(&mut begin)?;
    let whole = io::Cursor::new(begin).take(read as u64).chain(file);
    let mut bytes = Vec::new();
    let most = MAX_FILE_BYTES + 1;
    match begin {
        [0x1f, 0x8b] => MultiGzDecoder::new(whole).take(most).read_to_end(&mut bytes)?,
        _ => whole.take(most).read_to_end(&mut bytes)?,
    };
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(NotPopolo::TooLarge);
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(NotPopolo::Empty);
    }
    let digest = digest::of(&bytes);
    Ok((bytes, digest))
}

/// What the bytes of a file say.
pub fn parse(bytes: &[u8]) -> Result<Popolo, NotPopolo> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let popolo: Popolo = serde_json::from_slice(bytes).map_err(|error| NotPopolo::Json {
        line: error.line(),
        column: error.column(),
        what: what(&error),
    })?;
    let lists =
        [popolo.persons.is_some(), popolo.organizations.is_some(), popolo.memberships.is_some()];
    if lists.contains(&true) { Ok(popolo) } else { Err(NotPopolo::OtherJson) }
}

/// The message of an error without its place, which is told apart.
fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}

/// A document of Popolo.
#[derive(Debug, Default, Deserialize)]
pub struct Popolo {
    #[serde(default)]
    pub meta: Option<Meta>,
    #[serde(default, deserialize_with = "entries")]
    pub persons: Option<Vec<Person>>,
    #[serde(default, deserialize_with = "entries")]
    pub organizations: Option<Vec<Organization>>,
    #[serde(default, deserialize_with = "entries")]
    pub memberships: Option<Vec<Membership>>,
    #[serde(default, deserialize_with = "entries")]
    pub posts: Option<Vec<Post>>,
    #[serde(default, deserialize_with = "entries")]
    pub events: Option<Vec<Event>>,
    #[serde(default, deserialize_with = "entries")]
    pub areas: Option<Vec<Area>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Meta {
    pub generator: Text,
    pub source: Text,
    pub sources: Texts,
}

impl Meta {
    /// The sources that the file itself names.
    pub fn all_sources(&self) -> impl Iterator<Item = &str> {
        self.source.get().into_iter().chain(self.sources.0.iter().map(String::as_str))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Person {
    pub id: Text,
    pub name: Text,
    pub given_name: Text,
    pub family_name: Text,
    pub other_names: Option<Vec<OtherName>>,
    pub identifiers: Option<Vec<Identifier>>,
    pub gender: Text,
    pub birth_date: Text,
    pub death_date: Text,
    pub sources: Option<Vec<Link>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OtherName {
    pub name: Text,
    pub lang: Text,
    pub note: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Identifier {
    pub scheme: Text,
    pub identifier: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Link {
    pub url: Text,
    pub note: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Organization {
    pub id: Text,
    pub name: Text,
    pub other_names: Option<Vec<OtherName>>,
    pub identifiers: Option<Vec<Identifier>>,
    pub classification: Text,
    pub parent_id: Text,
    pub founding_date: Text,
    pub dissolution_date: Text,
    pub links: Option<Vec<Link>>,
    pub sources: Option<Vec<Link>>,
    /// How many members it has: not in the specification, but in wide use.
    pub seats: Text,
    // What this server's own exports say besides.
    pub acronym: Text,
    pub assembly_id: Text,
    pub assembly_ids: Texts,
    pub kind: Text,
    pub house: Text,
    pub structure: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Membership {
    pub id: Text,
    pub label: Text,
    pub role: Text,
    pub person_id: Text,
    /// Of an organization that is a member.
    pub member: Option<Member>,
    pub organization_id: Text,
    pub post_id: Text,
    pub on_behalf_of_id: Text,
    pub area_id: Text,
    /// The area itself, where it stands in no list.
    pub area: Option<Area>,
    pub legislative_period_id: Text,
    pub start_date: Text,
    pub end_date: Text,
    /// The first and the last day on which a document showed it, as this server's exports have it.
    pub observed: Texts,
    pub identifiers: Option<Vec<Identifier>>,
}

impl Membership {
    /// The columns of the days on which it was seen.
    pub fn seen(&self) -> (Option<PartialDate>, Option<PartialDate>) {
        let mut days = self.observed.0.iter().map(|day| day.parse().ok());
        let (first, last) = (days.next().flatten(), days.next_back().flatten());
        (first, last.or(first))
    }
}

/// Whom a membership or an attendance is of.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Member {
    pub id: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Post {
    pub id: Text,
    pub label: Text,
    pub area_id: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Event {
    pub id: Text,
    pub name: Text,
    pub classification: Text,
    pub organization_id: Text,
    pub start_date: Text,
    pub end_date: Text,
    pub location: Text,
    pub status: Text,
    pub attendees: Option<Vec<Member>>,
    pub identifiers: Option<Vec<Identifier>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Area {
    pub id: Text,
    pub name: Text,
    /// Of a state, its code.
    pub identifier: Text,
}

/// A list of entries, or null.
fn entries<'de, T, D>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Entries<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
        type Value = Option<Vec<T>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = all.next_element()? {
                if entries.len() == MAX_ENTRIES {
                    let message =
                        format!("a list of more than {MAX_ENTRIES} entries: part the file");
                    return Err(de::Error::custom(message));
                }
                entries.push(entry);
            }
            Ok(Some(entries))
        }
    }

    deserializer.deserialize_any(Entries(PhantomData))
}

/// A text, or a number taken as one. What is something else, empty or null counts as not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(Option<String>);

impl Text {
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// As one line, with one space between words: what names are.
    pub fn line(&self) -> Option<String> {
        let words: Vec<&str> = self.get()?.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// Texts, or one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

struct Loose;

impl<'de> Visitor<'de> for Loose {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        // What controls a terminal is no part of a name, and not every store can hold it.
        let plain = text.replace(char::is_control, " ");
        let text = plain.trim();
        let fits = !text.is_empty() && text.len() <= MAX_TEXT_BYTES;
        Ok(if fits { vec![text.to_owned()] } else { Vec::new() })
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(Texts(more)) = all.next_element()? {
            texts.extend(more);
        }
        Ok(texts)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        // A link, where an address would do.
        while let Some(key) = all.next_key::<String>()? {
            if key == "url" {
                let Text(text) = all.next_value()?;
                texts.extend(text);
            } else {
                all.next_value::<IgnoredAny>()?;
            }
        }
        Ok(texts)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Loose).map(Self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts = deserializer.deserialize_any(Loose)?;
        Ok(Self(if texts.len() == 1 { texts.pop() } else { None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        parse(text.as_bytes()).expect_err("no Popolo").to_string()
    }

    #[test]
    fn what_is_odd_in_a_field_counts_as_not_given() {
        let text = r#"{ "persons": [{ "id": 7, "name": "A", "gender": {"x": [1]}, "birth_date": null,
            "death_date": "", "other_names": null, "unknown": [[[]]] }], "memberships": null }"#;
        let popolo = parse(text.as_bytes()).expect("Popolo");
        let person = &popolo.persons.expect("persons")[0];
        assert_eq!(person.id.get(), Some("7"));
        assert_eq!(person.gender, Text(None));
        assert_eq!(person.birth_date, Text(None));
        assert_eq!(person.death_date, Text(None));
    }

    #[test]
    fn what_is_no_popolo_is_told_with_its_place() {
        assert!(wrong("{}").contains("none of the lists"));
        assert!(wrong("[1, 2]").contains("line 1, column"));
        assert!(wrong("[]").contains("none of the lists"));
        assert!(wrong("{\n \"persons\": [1] }").starts_with("is no Popolo: line 2, column"));
        assert!(wrong("{ \"persons\": {} }").contains("expected a list"));
        assert!(wrong("{ \"persons\": [").contains("EOF"));
        assert!(wrong(&format!("{{ \"persons\": {} }}", "[".repeat(5_000))).contains("line 1"));
    }
}
