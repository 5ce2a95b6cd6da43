//! See `query_guard::fuzz`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use query_guard::fuzz;

mod stack;

fuzz_target!(init: stack::limit(), |text: &str| {
    let _ = fuzz::parse(text);
});
