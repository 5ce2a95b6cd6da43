//! Finds, decompresses and parses files. Rejects files in other formats; `read` reports invalid
//! entries.

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

use crate::import::{digest, read::reason};

/// The maximum size of a file after decompression: its content is kept in memory.
pub const MAX_FILE_BYTES: u64 = 96 << 20;
/// The maximum number of entries of a list: a small entry takes more memory than its text.
const MAX_ENTRIES: usize = 400_000;
/// The maximum length of a string in bytes. Longer strings are not names, ids or dates and are ignored.
const MAX_TEXT_BYTES: usize = 2_000;

/// A file to import.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path in messages, as the user gave it.
    pub name: String,
    /// The path in the record of the file, without the folders of this machine.
    pub record: String,
    pub path: PathBuf,
    pub bytes: u64,
    /// Whether the file was found in a folder, which may contain other files too.
    pub in_folder: bool,
}

impl SourceFile {
    fn new(path: PathBuf, record: &Path, bytes: u64, in_folder: bool) -> Self {
        /// The last three parts of `data/Country/Legislature/file.json` identify a file.
        const PARTS: usize = 3;
        let parts = record.components().filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        });
        let parts: Vec<String> = parts.collect();
        let record = parts[parts.len().saturating_sub(PARTS)..].join("/");
        Self { name: path.display().to_string(), record, path, bytes, in_folder }
    }
}

/// Lists the files of paths: files themselves, and the `.json` and `.json.gz` files of folders and
/// their subfolders.
pub fn find(paths: &[PathBuf]) -> Result<Vec<SourceFile>, (PathBuf, io::Error)> {
    let mut found = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(|error| (path.clone(), error))?;
        if metadata.is_dir() {
            walk(path, path, &mut found)?;
        } else {
            let record = if path.is_absolute() {
                Path::new(path.file_name().unwrap_or_default())
            } else {
                path
            };
            found.push(SourceFile::new(path.clone(), record, metadata.len(), false));
        }
    }
    Ok(found)
}

fn walk(
    top: &Path,
    folder: &Path,
    found: &mut Vec<SourceFile>,
) -> Result<(), (PathBuf, io::Error)> {
    let with_folder = |error| (folder.to_owned(), error);
    let mut entries = Vec::new();
    for entry in folder.read_dir().map_err(with_folder)? {
        entries.push(entry.map_err(with_folder)?);
    }
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // Symbolic links to folders are not followed: they may form a cycle.
        let kind = entry.file_type().map_err(with_folder)?;
        if kind.is_dir() {
            walk(top, &path, found)?;
        } else if let Ok(metadata) = std::fs::metadata(&path)
            && metadata.is_file()
        {
            let name = entry.file_name().to_string_lossy().to_lowercase();
            #[expect(clippy::case_sensitive_file_extension_comparisons, reason = "lowered above")]
            if name.ends_with(".json") || name.ends_with(".json.gz") {
                let record = path.strip_prefix(top).unwrap_or(&path).to_owned();
                found.push(SourceFile::new(path, &record, metadata.len(), true));
            }
        }
    }
    Ok(())
}

/// The reason why a file is rejected.
#[derive(Debug, thiserror::Error)]
pub enum NotPopolo {
    #[error("cannot be read: {}", reason(.0))]
    Unreadable(#[from] io::Error),
    #[error("is empty")]
    Empty,
    #[error("is larger than {} MiB", MAX_FILE_BYTES >> 20)]
    TooLarge,
    #[error("is not Popolo: line {line}, column {column}: {message}")]
    Json { line: usize, column: usize, message: String },
    #[error("is not Popolo: it has no list `persons`, `organizations` or `memberships`")]
    OtherJson,
}

/// Reads and decompresses a file. Returns its bytes and their digest in hexadecimal.
pub fn decompress(file: &SourceFile) -> Result<(Vec<u8>, String), NotPopolo> {
    let mut file = File::open(&file.path)?;
    let mut magic = [0; 2];
    let read = file.read(&mut magic)?;
    let whole = io::Cursor::new(magic).take(read as u64).chain(file);
    let mut bytes = Vec::new();
    let limit = MAX_FILE_BYTES + 1;
    match magic {
        [0x1f, 0x8b] => MultiGzDecoder::new(whole).take(limit).read_to_end(&mut bytes)?,
        _ => whole.take(limit).read_to_end(&mut bytes)?,
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

/// Parses the bytes of a file.
pub fn parse(bytes: &[u8]) -> Result<Popolo, NotPopolo> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let popolo: Popolo = serde_json::from_slice(bytes).map_err(|error| NotPopolo::Json {
        line: error.line(),
        column: error.column(),
        message: message_of(&error),
    })?;
    let lists =
        [popolo.persons.is_some(), popolo.organizations.is_some(), popolo.memberships.is_some()];
    if lists.contains(&true) { Ok(popolo) } else { Err(NotPopolo::OtherJson) }
}

/// The message of an error without line and column.
fn message_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
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
    /// The sources that the file lists.
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
    /// The number of its members. Not in the specification, but widely used.
    pub seats: Text,
    // Keys of exports of this server.
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
    /// The member, if it is an organization.
    pub member: Option<Member>,
    pub organization_id: Text,
    pub post_id: Text,
    pub on_behalf_of_id: Text,
    pub area_id: Text,
    /// The area, if it is not in the list of areas.
    pub area: Option<Area>,
    pub legislative_period_id: Text,
    pub start_date: Text,
    pub end_date: Text,
    /// The first and the last day on which a document shows it, in exports of this server.
    pub observed: Texts,
    pub identifiers: Option<Vec<Identifier>>,
}

impl Membership {
    /// The first and the last date on which a document shows it.
    pub fn observed_dates(&self) -> (Option<PartialDate>, Option<PartialDate>) {
        let mut days = self.observed.0.iter().map(|day| day.parse().ok());
        let (first, last) = (days.next().flatten(), days.next_back().flatten());
        (first, last.or(first))
    }
}

/// The member of a membership or an attendee of an event.
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
    /// The code of a state.
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
                        format!("a list has more than {MAX_ENTRIES} entries; split the file");
                    return Err(de::Error::custom(message));
                }
                entries.push(entry);
            }
            Ok(Some(entries))
        }
    }

    deserializer.deserialize_any(Entries(PhantomData))
}

/// A string, or a number as a string. Other, empty and null values count as omitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(Option<String>);

impl Text {
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The string in one line with single spaces, for names.
    pub fn line(&self) -> Option<String> {
        let words: Vec<&str> = self.get()?.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// Several strings, or one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

struct Loose;

impl<'de> Visitor<'de> for Loose {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        // Control characters are not part of a name, and PostgreSQL cannot store all of them.
        let plain = text.replace(char::is_control, " ");
        let text = plain.trim();
        let is_valid = !text.is_empty() && text.len() <= MAX_TEXT_BYTES;
        Ok(if is_valid { vec![text.to_owned()] } else { Vec::new() })
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
        // A link object instead of a URL.
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

    fn rejection(text: &str) -> String {
        parse(text.as_bytes()).expect_err("no Popolo").to_string()
    }

    #[test]
    fn invalid_values_count_as_omitted() {
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
    fn other_formats_are_rejected_with_line_and_column() {
        assert!(rejection("{}").contains("no list `persons`"));
        assert!(rejection("[1, 2]").contains("line 1, column"));
        assert!(rejection("[]").contains("no list `persons`"));
        assert!(rejection("{\n \"persons\": [1] }").starts_with("is not Popolo: line 2, column"));
        assert!(rejection("{ \"persons\": {} }").contains("expected a list"));
        assert!(rejection("{ \"persons\": [").contains("EOF"));
        assert!(rejection(&format!("{{ \"persons\": {} }}", "[".repeat(5_000))).contains("line 1"));
    }
}
