//! Invariants of the page reader, for fuzzing: see `fuzz/README.md`.

use std::path::Path;

use crate::{
    Error, Options, Page, Resolution,
    graph::{Graph, Kind, Name, Records, sample},
    read,
    sidebar::Statement,
};

/// Returns a synthetic graph with names that the corpus contains.
pub fn graph() -> Graph {
    let mut graph = sample();
    let assemblies = graph.assemblies.iter().map(|row| (Kind::Assembly, &row.organization));
    let parliaments = graph.parliaments.iter().map(|row| (Kind::Parliament, &row.organization));
    let chambers = graph.chambers.iter().map(|row| (Kind::Chamber, &row.organization));
    let organizations = assemblies.chain(parliaments).chain(chambers);
    let organizations =
        organizations.map(|(kind, one)| (kind, one.slug.as_str(), one.name.as_str()));
    let more = [
        (Kind::Member, "ann", "Ann Other"),
        (Kind::Member, "ivan", "Иван Петров"),
        (Kind::State, "ge", "Georgia"),
        (Kind::Commission, "union", "EXU"),
        (Kind::Session, "first", "First Session"),
        (Kind::Decision, "law", "On peacekeeping"),
    ];
    let names = organizations.chain(more).map(|(kind, slug, text)| Name {
        slug: slug.to_owned(),
        kind,
        text: text.to_owned(),
    });
    graph.names = names.collect();
    graph
}

/// Repeats an input that begins with a digit and `x`, without these, to a long page, because superlinear
/// time shows only there.
pub fn long(bytes: &[u8]) -> Option<Vec<u8>> {
    repeated(bytes, 1 << 16)
}

fn repeated(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    match bytes {
        [b'0'..=b'9', b'x', part @ ..] if !part.is_empty() => {
            Some(part.repeat(length.div_ceil(part.len())))
        }
        _ => None,
    }
}

/// Checks that a file is rejected, or is a page whose line numbers are within the file.
pub fn page(graph: &Graph, bytes: &[u8]) {
    let Ok(page) = Page::parse(Path::new("page"), bytes) else { return };
    let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
    let within = |number: usize| assert!((1..=lines).contains(&number), "{number} of {lines}");
    let numbers: Vec<usize> = page.lines.iter().map(|line| line.number).collect();
    assert!(numbers.is_sorted());
    numbers.iter().copied().for_each(within);
    page.url.iter().for_each(|url| assert!(!crate::address::is_home_page(url)));
    let interpretation = read([Ok(page)], Options::default()).interpret(graph.clone());
    for reading in &interpretation.pages {
        assert!(reading.sidebar.lines.end <= reading.page.lines.len());
        for finding in &reading.sidebar.statements {
            within(finding.line);
            if let Statement::Post { name, .. } = &finding.statement {
                assert!(!name.trim().is_empty());
            }
        }
        reading.heading.dateline.iter().for_each(|(_, line)| within(*line));
    }
    interpretation.record_filter();
    match interpretation.resolve(Records::default()) {
        Ok(Resolution { rows, reports }) => {
            rows.iter().for_each(|row| within(row.line));
            for report in reports {
                report.unread.iter().for_each(|unread| within(unread.line));
                for mention in report.mentions {
                    assert!(!mention.lines.is_empty() && !mention.written.is_empty());
                    mention.lines.into_iter().for_each(within);
                }
            }
        }
        Err(Error::Pages(problems)) => assert_eq!(problems.len(), 1, "{problems:?}"),
        Err(Error::Names(error)) => panic!("the automaton is too large: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_corpus_passes() {
        let graph = graph();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/page");
        for file in fs::read_dir(folder).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            page(&graph, &bytes);
            if let Some(bytes) = repeated(&bytes, 1 << 14) {
                page(&graph, &bytes);
            }
        }
    }
}
