//! See `assembly_graph::import::page::fuzz`.
#![no_main]

use std::sync::LazyLock;

use assembly_graph::import::page::fuzz::{self, Graph};
use libfuzzer_sys::fuzz_target;

static GRAPH: LazyLock<Graph> = LazyLock::new(Graph::default);

fuzz_target!(|bytes: &[u8]| {
    fuzz::page(&GRAPH, bytes);
    if let Some(bytes) = fuzz::long(bytes) {
        fuzz::page(&GRAPH, &bytes);
    }
});
