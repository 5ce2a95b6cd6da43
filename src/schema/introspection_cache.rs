//! Results of introspection, kept: they depend on the request alone, and explorers, code generators and
//! linters send the same one whenever they start.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{Value, Variables};
use lru::LruCache;

/// Results that are kept; the complete one has some megabytes in memory.
const MAX_KEPT: NonZeroUsize = NonZeroUsize::new(2).expect("more than none");

/// What a result depends on.
#[derive(PartialEq, Eq, Hash)]
pub struct Key {
    text: String,
    operation: Option<String>,
    variables: String,
}

impl Key {
    pub fn new(text: String, operation: Option<String>, variables: &Variables) -> Self {
        Self { text, operation, variables: format!("{variables:?}") }
    }
}

pub struct Kept(Mutex<LruCache<Key, Arc<Value>>>);

impl Default for Kept {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MAX_KEPT)))
    }
}

impl Kept {
    pub fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub fn put(&self, key: Key, data: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, Arc::new(data));
    }
}
