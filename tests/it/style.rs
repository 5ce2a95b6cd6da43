//! Checks that only standard terms are used: the table of patterns in `docs/style.md`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::{Regex, RegexBuilder};

/// What is searched, from the root of the repository.
const SEARCHED: [&str; 12] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "data/README.md",
    "docs",
    "schema.graphql",
    "src",
    "crates",
    "entity/src",
    "tests/it",
    "benches",
];
/// `src/graph` will be rewritten; the others contain the patterns.
const SKIPPED: [&str; 3] = ["src/graph", "docs/style.md", "tests/it/style.rs"];
const EXTENSIONS: [&str; 5] = ["rs", "md", "graphql", "html", "toml"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> Vec<(Regex, String)> {
    let page = fs::read_to_string(root().join("docs/style.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let rows = rows.map(|row| row.split_once("` | ").expect("a pattern and what to say"));
    rows.map(|(pattern, instead)| {
        let pattern = pattern.replace("\\|", "|");
        let ignores_case = !pattern.contains(|c: char| c.is_ascii_uppercase());
        let regex = RegexBuilder::new(&pattern).case_insensitive(ignores_case).build();
        (regex.expect("a regular expression"), instead.to_owned())
    })
    .collect()
}

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    let name = path.strip_prefix(root()).unwrap();
    if SKIPPED.iter().any(|skipped| name == Path::new(skipped)) {
        return;
    }
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            files(&entry.unwrap().path(), found);
        }
    } else if path.extension().is_some_and(|ext| EXTENSIONS.iter().any(|one| ext == *one)) {
        found.push(path.to_owned());
    }
}

#[test]
fn only_standard_terms_are_used() {
    let table = table();
    assert!(table.len() >= 60, "the table has only {} patterns", table.len());
    let mut found = Vec::new();
    for path in SEARCHED {
        let path = root().join(path);
        assert!(path.exists(), "{} is missing", path.display());
        files(&path, &mut found);
    }
    let mut hits = Vec::new();
    for path in found {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            // A row of CHANGELOG's table of renames contains the old name.
            if name == "CHANGELOG.md" && line.starts_with("| `") {
                continue;
            }
            for (pattern, instead) in &table {
                if let Some(hit) = pattern.find(line) {
                    let hit = hit.as_str().trim();
                    hits.push(format!("{name}:{number}: \"{hit}\"; say instead: {instead}"));
                }
            }
        }
    }
    assert!(hits.is_empty(), "{} hits\n{}", hits.len(), hits.join("\n"));
}

#[test]
fn patterns_match_what_they_are_for() {
    let table = table();
    let matches = |text: &str| table.iter().any(|(pattern, _)| pattern.is_match(text));
    for text in ["for its keepers", "fn told_of", "mostTokens", "MOST_TOKENS", "    true => 1,"] {
        assert!(matches(text), "{text}");
    }
    for text in ["The maintainer masked it.", "maxTokens", "MAX_TOKENS", "and_then(|x| x)"] {
        assert!(!matches(text), "{text}");
    }
}
