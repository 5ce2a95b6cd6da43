//! See `page_reader::fuzz`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use page_reader::{fuzz, graph::Graph};

static GRAPH: LazyLock<Graph> = LazyLock::new(fuzz::graph);

fuzz_target!(|bytes: &[u8]| {
    fuzz::page(&GRAPH, bytes);
    if let Some(bytes) = fuzz::long(bytes) {
        fuzz::page(&GRAPH, &bytes);
    }
});
