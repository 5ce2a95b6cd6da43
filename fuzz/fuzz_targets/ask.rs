//! Whatever a document selects, it is parsed, validated and priced: without a panic, within the
//! stack of a server's thread, and soon.
#![no_main]

use std::sync::LazyLock;

use assembly_graph::schema::{self, Schema};
use libfuzzer_sys::fuzz_target;

mod stack;

static SCHEMA: LazyLock<Schema> = LazyLock::new(schema::schema);

fuzz_target!(
    init: {
        LazyLock::force(&SCHEMA);
        stack::narrow();
    },
    |text: &str| {
        if let Err(error) = SCHEMA.validate(text) {
            assert!(!error.is_empty());
        }
    }
);
