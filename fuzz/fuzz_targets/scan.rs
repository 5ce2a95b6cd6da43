//! See `assembly_graph::graph::fuzz`.
#![no_main]

use assembly_graph::graph::fuzz;
use libfuzzer_sys::fuzz_target;

mod stack;

fuzz_target!(init: stack::narrow(), |text: &str| {
    fuzz::scan(text);
});
