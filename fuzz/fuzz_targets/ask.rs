//! Whatever a document asks, it is judged, and what of it is introspection answered: without a
//! panic, within the stack of a server's thread, and soon.
#![no_main]

use std::sync::LazyLock;

use assembly_graph::schema::{self, Schema};
use futures_util::FutureExt;
use libfuzzer_sys::fuzz_target;

mod stack;

static SCHEMA: LazyLock<Schema> = LazyLock::new(schema::schema);

fuzz_target!(
    init: {
        LazyLock::force(&SCHEMA);
        stack::narrow();
    },
    |text: &str| {
        let judged = SCHEMA.validate(text).now_or_never();
        if let Err(wrong) = judged.expect("nothing waits for a store") {
            assert!(!wrong.is_empty());
        }
    }
);
