//! See `assembly_graph::http::fuzz`.
#![no_main]

use assembly_graph::http::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::request(bytes));
