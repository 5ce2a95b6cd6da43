//! Persisted documents from a folder, and automatic persisted queries (APQ).

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

/// Memory of a cache entry besides its text, in bytes.
const ENTRY_OVERHEAD: usize = 128;
/// Minimum number of documents that fit into the cache: larger documents are not cached.
const MIN_CACHED_DOCUMENTS: usize = 256;

/// Why the persisted documents of a folder cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {reason}", path.display())]
    Invalid { path: PathBuf, reason: String },
    #[error("{}: the folder contains neither a .graphql file nor a .json manifest", path.display())]
    Empty { path: PathBuf },
}

/// Documents by id, and by SHA-256 hash in lowercase hexadecimal digits.
pub struct Documents {
    by_id: HashMap<String, Arc<str>>,
    by_hash: HashMap<String, Arc<str>>,
    /// Whether other documents are rejected.
    persisted_only: bool,
    apq: Option<Mutex<ApqCache>>,
}

/// The cache of automatic persisted queries, by hash. Evicts the least recently used.
struct ApqCache {
    documents: LruCache<String, Arc<str>>,
    size: usize,
    max_size: usize,
}

/// A document to execute.
#[derive(Debug)]
pub struct Document {
    pub text: Arc<str>,
    /// The hash under which the document is cached after its execution.
    cache_as: Option<String>,
}

impl Documents {
    /// Loads the folder of the settings, and validates its documents against the schema.
    pub fn new(settings: &config::ServerConfig, schema: &Schema) -> Result<Self, DocumentsError> {
        let mut documents = Self {
            by_id: HashMap::new(),
            by_hash: HashMap::new(),
            persisted_only: settings.persisted_documents_only,
            apq: (settings.apq_cache_size > 0 && !settings.persisted_documents_only).then(|| {
                let (documents, max_size) = (LruCache::unbounded(), settings.apq_cache_size);
                Mutex::new(ApqCache { documents, size: 0, max_size })
            }),
        };
        if let Some(folder) = &settings.persisted_documents {
            documents.load(folder, schema)?;
        }
        Ok(documents)
    }

    fn load(&mut self, folder: &Path, schema: &Schema) -> Result<(), DocumentsError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| DocumentsError::Unreadable { path, source }
        };
        let has_extension = |path: &Path, extension: &str| {
            path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension))
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
            paths.push(entry.map_err(unreadable(folder))?.path());
        }
        paths.retain(|path| has_extension(path, "graphql") || has_extension(path, "json"));
        paths.sort();
        if paths.is_empty() {
            return Err(DocumentsError::Empty { path: folder.to_owned() });
        }
        for path in paths {
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            let invalid = |reason: String| DocumentsError::Invalid { path: path.clone(), reason };
            let documents = if has_extension(&path, "json") {
                parse_manifest(&text).map_err(invalid)?
            } else {
                let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                vec![(id, text)]
            };
            for (id, text) in documents {
                if let Err(error) = schema.validate(&text) {
                    return Err(invalid(format!("document `{id}`: {error}")));
                }
                let text: Arc<str> = text.into();
                self.by_hash.insert(digest::of(text.as_bytes()), text.clone());
                if self.by_id.insert(id.clone(), text.clone()).is_some_and(|other| other != text) {
                    return Err(invalid(format!("two documents have the id `{id}`")));
                }
            }
        }
        Ok(())
    }

    /// Finds the document of a request.
    pub fn find(&self, parameters: &Parameters) -> Result<Document, Refusal> {
        let hash = persisted_query_hash(&parameters.extensions)?;
        let document = match (&parameters.query, &parameters.document_id, hash) {
            (None, None, None) => {
                return Err(Refusal::bad(
                    "`query` is missing; send a document such as { __typename }",
                ));
            }
            (Some(_), Some(_), _) => {
                return Err(Refusal::bad("send `query` or `documentId`, not both"));
            }
            (None, Some(_), Some(_)) => {
                return Err(Refusal::bad(
                    "send `documentId` or `extensions.persistedQuery`, not both",
                ));
            }
            (None, Some(id), None) => self.find_by_id(id)?,
            (None, None, Some(hash)) => self.find_by_hash(&hash)?,
            (Some(text), None, None) => Document { text: text.as_str().into(), cache_as: None },
            (Some(text), None, Some(hash)) => {
                if digest::of(text.as_bytes()) != hash {
                    return Err(Refusal::bad(
                        "`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`",
                    ));
                }
                Document { text: text.as_str().into(), cache_as: Some(hash) }
            }
        };
        if self.persisted_only && !self.by_hash.contains_key(&digest::of(document.text.as_bytes()))
        {
            return Err(not_found("only persisted documents are allowed"));
        }
        Ok(document)
    }

    fn find_by_id(&self, id: &str) -> Result<Document, Refusal> {
        let text = match self.by_id.get(id) {
            Some(text) => Some(text),
            None => {
                let hash = id.strip_prefix("sha256:").and_then(parse_hash);
                hash.and_then(|hash| self.by_hash.get(&hash))
            }
        };
        match text {
            Some(text) => Ok(Document { text: text.clone(), cache_as: None }),
            None => {
                let id = truncate(id, MAX_QUOTED);
                Err(not_found(format!("no persisted document has the id {id:?}")))
            }
        }
    }

    fn find_by_hash(&self, hash: &str) -> Result<Document, Refusal> {
        if let Some(text) = self.by_hash.get(hash) {
            return Ok(Document { text: text.clone(), cache_as: None });
        }
        // Clients compare this message.
        let Some(cache) = &self.apq else {
            let code = Code::PersistedQueryNotSupported;
            return Err(Refusal::new(StatusCode::NOT_FOUND, code, "PersistedQueryNotSupported"));
        };
        let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        match cache.documents.get(hash) {
            Some(text) => Ok(Document { text: text.clone(), cache_as: None }),
            None => Err(not_found("PersistedQueryNotFound")),
        }
    }

    /// Caches a document that has been executed, if its client sent its hash.
    pub fn cache(&self, document: Document) {
        let (Some(hash), Some(cache)) = (document.cache_as, &self.apq) else { return };
        let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        let size = document.text.len() + ENTRY_OVERHEAD;
        if size > cache.max_size / MIN_CACHED_DOCUMENTS {
            return;
        }
        cache.size += size;
        if let Some((_, replaced)) = cache.documents.push(hash, document.text) {
            cache.size -= replaced.len() + ENTRY_OVERHEAD;
        }
        while cache.size > cache.max_size {
            let Some((_, text)) = cache.documents.pop_lru() else { break };
            cache.size -= text.len() + ENTRY_OVERHEAD;
        }
    }
}

fn not_found(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, Code::PersistedQueryNotFound, message)
}

/// Reads the hash from `extensions.persistedQuery`.
fn persisted_query_hash(
    extensions: &IndexMap<Name, ConstValue>,
) -> Result<Option<String>, Refusal> {
    let fields = match extensions.get("persistedQuery") {
        None | Some(ConstValue::Null) => return Ok(None),
        Some(ConstValue::Object(fields)) => fields,
        Some(_) => return Err(Refusal::bad("`extensions.persistedQuery` must be an object")),
    };
    if fields.get("version") != Some(&ConstValue::from(1)) {
        return Err(Refusal::bad("`extensions.persistedQuery.version` must be 1"));
    }
    let hash = match fields.get("sha256Hash") {
        Some(ConstValue::String(text)) => parse_hash(text),
        _ => None,
    };
    hash.map(Some).ok_or_else(|| {
        Refusal::bad("`extensions.persistedQuery.sha256Hash` must be 64 hexadecimal digits")
    })
}

/// Parses a SHA-256 hash, and converts it to lowercase.
fn parse_hash(text: &str) -> Option<String> {
    let is_hash = text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hash.then(|| text.to_ascii_lowercase())
}

/// Parses a manifest: a map of ids to documents, as written by the Relay compiler, or a list of
/// operations with `id`, `name` and `body`, as written by Apollo.
fn parse_manifest(text: &str) -> Result<Vec<(String, String)>, String> {
    let manifest: serde_json::Value =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let invalid = || {
        "a manifest must be a map of ids to documents, or have a list `operations` of objects with `id` and `body`"
            .to_owned()
    };
    let map = manifest.as_object().ok_or_else(invalid)?;
    let string = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    if let Some(operations) = map.get("operations").and_then(serde_json::Value::as_array) {
        let mut documents = Vec::new();
        for operation in operations {
            let body = string(&operation["body"]).ok_or_else(invalid)?;
            documents.push((string(&operation["id"]).ok_or_else(invalid)?, body.clone()));
            documents.extend(string(&operation["name"]).map(|name| (name, body)));
        }
        return Ok(documents);
    }
    let documents = map.iter().map(|(name, text)| Some((name.clone(), string(text)?)));
    documents.collect::<Option<_>>().ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(max_size: usize) -> Documents {
        let settings =
            config::ServerConfig { apq_cache_size: max_size, ..config::ServerConfig::default() };
        Documents::new(&settings, &crate::schema::schema()).expect("no folder")
    }

    fn parameters(query: Option<&str>, hash: &str) -> Parameters {
        let extensions =
            serde_json::json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
        let Ok(ConstValue::Object(extensions)) = ConstValue::from_json(extensions) else {
            panic!("an object")
        };
        let query = query.map(str::to_owned);
        Parameters { query, extensions, ..Parameters::default() }
    }

    fn hex(text: &str) -> String {
        digest::of(text.as_bytes())
    }

    #[test]
    fn executed_documents_are_found_by_hash() {
        let documents = documents(100_000);
        let hash = hex("{ a }");
        let first = documents.find(&parameters(None, &hash)).expect_err("unknown");
        assert_eq!(
            (first.code, first.message.as_str()),
            (Code::PersistedQueryNotFound, "PersistedQueryNotFound")
        );
        let document = documents.find(&parameters(Some("{ a }"), &hash)).expect("a document");
        documents.cache(document);
        let cached = documents.find(&parameters(None, &hash.to_uppercase())).expect("a document");
        assert_eq!(&*cached.text, "{ a }");
        let other = documents.find(&parameters(Some("{ b }"), &hash)).expect_err("a refusal");
        assert_eq!(other.code, Code::BadUserInput);
        for invalid in ["", "abc", &"g".repeat(64), &"0".repeat(63), &"é".repeat(32)] {
            assert_eq!(
                documents.find(&parameters(None, invalid)).err().map(|refusal| refusal.code),
                Some(Code::BadUserInput)
            );
        }
    }

    #[test]
    fn the_cache_size_is_limited() {
        let documents = documents(100_000);
        for at in 0..2_000 {
            let text = format!("{{ a{at} }}");
            let document =
                documents.find(&parameters(Some(&text), &hex(&text))).expect("a document");
            documents.cache(document);
            let cache = documents.apq.as_ref().expect("a cache").lock().expect("a lock");
            let size: usize =
                cache.documents.iter().map(|(_, text)| text.len() + ENTRY_OVERHEAD).sum();
            assert_eq!(size, cache.size);
            assert!(size <= 100_000);
        }
        assert!(documents.find(&parameters(None, &hex("{ a1999 }"))).is_ok());
        assert!(documents.find(&parameters(None, &hex("{ a0 }"))).is_err());
        let large = "a".repeat(300);
        documents
            .cache(documents.find(&parameters(Some(&large), &hex(&large))).expect("a document"));
        assert!(documents.find(&parameters(None, &hex(&large))).is_err());
        assert!(documents.find(&parameters(None, &hex("{ a1999 }"))).is_ok());
        // Caching the same document again does not increase the size.
        for _ in 0..1_000 {
            documents.cache(
                documents.find(&parameters(Some("{ b }"), &hex("{ b }"))).expect("a document"),
            );
        }
        assert!(documents.find(&parameters(None, &hex("{ a1999 }"))).is_ok());
    }

    #[test]
    fn both_manifest_formats_are_parsed() {
        let apollo = r#"{ "format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{ "id": "abc", "name": "A", "type": "query", "body": "query A { a }" }] }"#;
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(
            parse_manifest(apollo),
            Ok(vec![pair("abc", "query A { a }"), pair("A", "query A { a }")])
        );
        assert_eq!(parse_manifest(r#"{ "x": "{ a }" }"#), Ok(vec![pair("x", "{ a }")]));
        for invalid in ["[]", "{ \"x\": 1 }", "{ \"operations\": [{}] }", "{"] {
            assert!(parse_manifest(invalid).is_err(), "{invalid}");
        }
    }
}
