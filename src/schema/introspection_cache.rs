//! A cache of introspection results.
//!
//! They depend only on the request, and explorers, code generators and linters send the same request
//! whenever they start.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{Value, Variables};
use lru::LruCache;

/// The maximum number of results. The result of a complete introspection takes several megabytes.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(2).expect("the capacity is positive");

/// The parts of a request that determine its result.
#[derive(PartialEq, Eq, Hash)]
pub struct CacheKey {
    document: String,
    operation: Option<String>,
    variables: String,
}

impl CacheKey {
    pub fn new(document: String, operation: Option<String>, variables: &Variables) -> Self {
        Self { document, operation, variables: format!("{variables:?}") }
    }
}

pub struct IntrospectionCache(Mutex<LruCache<CacheKey, Arc<Value>>>);

impl Default for IntrospectionCache {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(CAPACITY)))
    }
}

impl IntrospectionCache {
    pub fn get(&self, key: &CacheKey) -> Option<Arc<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub fn insert(&self, key: CacheKey, data: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, Arc::new(data));
    }
}
