//! Inputs that fuzzing found, and documents of clients.

use std::{fs, path::Path};

use query_guard::fuzz;

#[test]
fn what_fuzzing_found_stays_fixed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut parsed = 0;
    for folder in ["fuzz/corpus/parse", "fuzz/corpus/ask", "tests/it/queries"] {
        for file in fs::read_dir(root.join(folder)).unwrap() {
            let Ok(text) = fs::read_to_string(file.unwrap().path()) else { continue };
            parsed += usize::from(fuzz::parse(&text));
        }
    }
    assert!(parsed > 100, "{parsed}");
}
