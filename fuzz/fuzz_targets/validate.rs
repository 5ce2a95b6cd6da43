//! Any document is parsed and validated, and its cost computed, without a panic, within the stack of a
//! server thread, and in time.
#![no_main]

use std::sync::LazyLock;

use assembly_graph::schema::{self, Schema};
use libfuzzer_sys::fuzz_target;

mod stack;

static SCHEMA: LazyLock<Schema> = LazyLock::new(schema::schema);

fuzz_target!(
    init: {
        LazyLock::force(&SCHEMA);
        stack::limit();
    },
    |text: &str| {
        if let Err(error) = SCHEMA.validate(text) {
            assert!(!error.is_empty());
        }
    }
);
