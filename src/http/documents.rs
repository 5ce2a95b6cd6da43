//! Documents that clients name instead of sending them: those of a folder, and those that clients
//! sent before (automatic persisted queries).

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{Name, indexmap::IndexMap};
use async_graphql_value::ConstValue;
use axum::http::StatusCode;
use lru::LruCache;
use query_guard::{limits::MAX_QUOTED, truncate};

use super::{parameters::Parameters, refusal::Refusal};
use crate::{config, graph::error::Code, import::digest, schema::Schema};

/// What an entry of the store takes besides its text.
const ENTRY: usize = 128;
/// How many documents the store has room for at least: none may take more than its part.
const MIN_KEPT: usize = 256;

/// Why the documents of a folder cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {wrong}", path.display())]
    Document { path: PathBuf, wrong: String },
    #[error("{}: there is neither a .graphql file nor a .json manifest in it", path.display())]
    None { path: PathBuf },
}

/// Documents by their names, and by their hashes in small hexadecimal digits.
pub struct Documents {
    named: HashMap<String, Arc<str>>,
    listed: HashMap<String, Arc<str>>,
    /// Whether no other document runs.
    only_listed: bool,
    sent: Option<Mutex<Sent>>,
}

/// What clients sent; what was asked for longest ago goes first.
struct Sent {
    kept: LruCache<String, Arc<str>>,
    bytes: usize,
    most: usize,
}

/// A document that is to run.
#[derive(Debug)]
pub struct Document {
    pub text: Arc<str>,
    /// Its hash, where a client wants it to be kept.
    keep: Option<String>,
}

impl Documents {
    /// Those of the settings; each document of the folder has been found to go with the schema.
    pub fn new(settings: &config::ServerConfig, schema: &Schema) -> Result<Self, Wrong> {
        let mut documents = Self {
            named: HashMap::new(),
            listed: HashMap::new(),
            only_listed: settings.persisted_documents_only,
            sent: (settings.apq_cache_size > 0 && !settings.persisted_documents_only).then(|| {
                let (kept, most) = (LruCache::unbounded(), settings.apq_cache_size);
                Mutex::new(Sent { kept, bytes: 0, most })
            }),
        };
        if let Some(folder) = &settings.persisted_documents {
            documents.read(folder, schema)?;
        }
        Ok(documents)
    }

    fn read(&mut self, folder: &Path, schema: &Schema) -> Result<(), Wrong> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| Wrong::Unreadable { path, source }
        };
        let ends_with = |path: &Path, end: &str| {
            path.extension().is_some_and(|own| own.eq_ignore_ascii_case(end))
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
            paths.push(entry.map_err(unreadable(folder))?.path());
        }
        paths.retain(|path| ends_with(path, "graphql") || ends_with(path, "json"));
        paths.sort();
        if paths.is_empty() {
            return Err(Wrong::None { path: folder.to_owned() });
        }
        for path in paths {
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            let wrong = |wrong: String| Wrong::Document { path: path.clone(), wrong };
            let found = match ends_with(&path, "json") {
                true => manifest(&text).map_err(wrong)?,
                false => {
                    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    vec![(name, text)]
                }
            };
            for (name, text) in found {
                if let Err(told) = schema.validate(&text) {
                    return Err(wrong(format!("`{name}` is no document of this schema: {told}")));
                }
                let text: Arc<str> = text.into();
                self.listed.insert(digest::of(text.as_bytes()), text.clone());
                if self.named.insert(name.clone(), text.clone()).is_some_and(|other| other != text)
                {
                    return Err(wrong(format!("`{name}` is the name of two documents")));
                }
            }
        }
        Ok(())
    }

    /// The document that a request is for.
    pub fn find(&self, parameters: &Parameters) -> Result<Document, Refusal> {
        let asked = persisted(&parameters.extensions)?;
        let document = match (&parameters.query, &parameters.document_id, asked) {
            (None, None, None) => {
                return Err(Refusal::bad(
                    "`query` is missing: give a document such as { __typename }",
                ));
            }
            (Some(_), Some(_), _) => {
                return Err(Refusal::bad("give `query` or `documentId`, not both"));
            }
            (None, Some(_), Some(_)) => {
                return Err(Refusal::bad(
                    "give `documentId` or `extensions.persistedQuery`, not both",
                ));
            }
            (None, Some(name), None) => self.named(name)?,
            (None, None, Some(hash)) => self.known(&hash)?,
            (Some(text), None, None) => Document { text: text.as_str().into(), keep: None },
            (Some(text), None, Some(given)) => {
                if digest::of(text.as_bytes()) != given {
                    return Err(Refusal::bad(
                        "`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`",
                    ));
                }
                Document { text: text.as_str().into(), keep: Some(given) }
            }
        };
        if self.only_listed && !self.listed.contains_key(&digest::of(document.text.as_bytes())) {
            return Err(unknown("this server runs only documents that it lists"));
        }
        Ok(document)
    }

    fn named(&self, name: &str) -> Result<Document, Refusal> {
        let text = match self.named.get(name) {
            Some(text) => Some(text),
            None => {
                let hash = name.strip_prefix("sha256:").and_then(hash);
                hash.and_then(|hash| self.listed.get(&hash))
            }
        };
        match text {
            Some(text) => Ok(Document { text: text.clone(), keep: None }),
            None => {
                let name = truncate(name, MAX_QUOTED);
                Err(unknown(format!("no document is named {name:?} here")))
            }
        }
    }

    fn known(&self, hash: &str) -> Result<Document, Refusal> {
        if let Some(text) = self.listed.get(hash) {
            return Ok(Document { text: text.clone(), keep: None });
        }
        // Clients look for these very words.
        let Some(sent) = &self.sent else {
            let code = Code::PersistedQueryNotSupported;
            return Err(Refusal::new(StatusCode::NOT_FOUND, code, "PersistedQueryNotSupported"));
        };
        let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
        match sent.kept.get(hash) {
            Some(text) => Ok(Document { text: text.clone(), keep: None }),
            None => Err(unknown("PersistedQueryNotFound")),
        }
    }

    /// Keeps a document that has run, if its client wants that.
    pub fn keep(&self, document: Document) {
        let (Some(hash), Some(sent)) = (document.keep, &self.sent) else { return };
        let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
        let size = document.text.len() + ENTRY;
        if size > sent.most / MIN_KEPT {
            return;
        }
        sent.bytes += size;
        if let Some((_, before)) = sent.kept.push(hash, document.text) {
            sent.bytes -= before.len() + ENTRY;
        }
        while sent.bytes > sent.most {
            let Some((_, text)) = sent.kept.pop_lru() else { break };
            sent.bytes -= text.len() + ENTRY;
        }
    }
}

fn unknown(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, Code::PersistedQueryNotFound, message)
}

/// The hash that `extensions.persistedQuery` gives.
fn persisted(extensions: &IndexMap<Name, ConstValue>) -> Result<Option<String>, Refusal> {
    let asked = match extensions.get("persistedQuery") {
        None | Some(ConstValue::Null) => return Ok(None),
        Some(ConstValue::Object(asked)) => asked,
        Some(_) => return Err(Refusal::bad("`extensions.persistedQuery` must be an object")),
    };
    if asked.get("version") != Some(&ConstValue::from(1)) {
        return Err(Refusal::bad("`extensions.persistedQuery.version` must be 1"));
    }
    let given = match asked.get("sha256Hash") {
        Some(ConstValue::String(text)) => hash(text),
        _ => None,
    };
    given.map(Some).ok_or_else(|| {
        Refusal::bad("`extensions.persistedQuery.sha256Hash` must be 64 hexadecimal digits")
    })
}

/// A hash as it is kept, where a text is one.
fn hash(text: &str) -> Option<String> {
    let is_one = text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_one.then(|| text.to_ascii_lowercase())
}

/// The documents of a manifest: a map of names to texts, as Relay's compiler writes it, or a list of
/// operations with `id`, `name` and `body`, as Apollo's does.
fn manifest(text: &str) -> Result<Vec<(String, String)>, String> {
    let manifest: serde_json::Value =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let wrong = || {
        "a manifest is a map of names to documents, or has a list `operations` of objects with `id` and `body`"
            .to_owned()
    };
    let map = manifest.as_object().ok_or_else(wrong)?;
    let texts = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    if let Some(operations) = map.get("operations").and_then(serde_json::Value::as_array) {
        let mut found = Vec::new();
        for operation in operations {
            let body = texts(&operation["body"]).ok_or_else(wrong)?;
            found.push((texts(&operation["id"]).ok_or_else(wrong)?, body.clone()));
            found.extend(texts(&operation["name"]).map(|name| (name, body)));
        }
        return Ok(found);
    }
    let named = map.iter().map(|(name, text)| Some((name.clone(), texts(text)?)));
    named.collect::<Option<_>>().ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(most: usize) -> Documents {
        let settings =
            config::ServerConfig { apq_cache_size: most, ..config::ServerConfig::default() };
        Documents::new(&settings, &crate::schema::schema()).expect("no folder")
    }

    fn asked(query: Option<&str>, hash: &str) -> Parameters {
        let asked = serde_json::json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
        let Ok(ConstValue::Object(extensions)) = ConstValue::from_json(asked) else {
            panic!("an object")
        };
        let query = query.map(str::to_owned);
        Parameters { query, extensions, ..Parameters::default() }
    }

    fn hex(text: &str) -> String {
        digest::of(text.as_bytes())
    }

    #[test]
    fn what_ran_is_known_by_its_hash() {
        let documents = documents(100_000);
        let hash = hex("{ a }");
        let first = documents.find(&asked(None, &hash)).expect_err("unknown");
        assert_eq!(
            (first.code, first.message.as_str()),
            (Code::PersistedQueryNotFound, "PersistedQueryNotFound")
        );
        let document = documents.find(&asked(Some("{ a }"), &hash)).expect("a document");
        documents.keep(document);
        let known = documents.find(&asked(None, &hash.to_uppercase())).expect("a document");
        assert_eq!(&*known.text, "{ a }");
        let other = documents.find(&asked(Some("{ b }"), &hash)).expect_err("refused");
        assert_eq!(other.code, Code::BadUserInput);
        for odd in ["", "abc", &"g".repeat(64), &"0".repeat(63), &"é".repeat(32)] {
            assert_eq!(
                documents.find(&asked(None, odd)).err().map(|wrong| wrong.code),
                Some(Code::BadUserInput)
            );
        }
    }

    #[test]
    fn the_store_is_bounded() {
        let documents = documents(100_000);
        for at in 0..2_000 {
            let text = format!("{{ a{at} }}");
            let document = documents.find(&asked(Some(&text), &hex(&text))).expect("a document");
            documents.keep(document);
            let sent = documents.sent.as_ref().expect("a store").lock().expect("a lock");
            let held: usize = sent.kept.iter().map(|(_, text)| text.len() + ENTRY).sum();
            assert_eq!(held, sent.bytes);
            assert!(held <= 100_000);
        }
        assert!(documents.find(&asked(None, &hex("{ a1999 }"))).is_ok());
        assert!(documents.find(&asked(None, &hex("{ a0 }"))).is_err());
        let large = "a".repeat(300);
        documents.keep(documents.find(&asked(Some(&large), &hex(&large))).expect("a document"));
        assert!(documents.find(&asked(None, &hex(&large))).is_err());
        assert!(documents.find(&asked(None, &hex("{ a1999 }"))).is_ok());
        // The same again takes no more room.
        for _ in 0..1_000 {
            documents
                .keep(documents.find(&asked(Some("{ b }"), &hex("{ b }"))).expect("a document"));
        }
        assert!(documents.find(&asked(None, &hex("{ a1999 }"))).is_ok());
    }

    #[test]
    fn manifests_of_both_kinds_are_read() {
        let apollo = r#"{ "format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{ "id": "abc", "name": "A", "type": "query", "body": "query A { a }" }] }"#;
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(
            manifest(apollo),
            Ok(vec![pair("abc", "query A { a }"), pair("A", "query A { a }")])
        );
        assert_eq!(manifest(r#"{ "x": "{ a }" }"#), Ok(vec![pair("x", "{ a }")]));
        for wrong in ["[]", "{ \"x\": 1 }", "{ \"operations\": [{}] }", "{"] {
            assert!(manifest(wrong).is_err(), "{wrong}");
        }
    }
}
