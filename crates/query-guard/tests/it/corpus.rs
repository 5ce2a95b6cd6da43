//! The fuzzing corpus, and the documents of the query tests.

use std::{fs, path::Path};

use query_guard::fuzz;

#[test]
fn the_parser_invariants_hold_for_the_corpus() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = ["fuzz/corpus", "tests/it/queries"];
    let mut folders = folders.map(|folder| root.join(folder)).to_vec();
    let mut parsed = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(path) {
                parsed += usize::from(fuzz::parse(&text));
            }
        }
    }
    assert!(parsed > 100, "{parsed}");
}
