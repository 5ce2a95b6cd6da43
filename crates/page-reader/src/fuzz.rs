//! What the reader of pages claims, for fuzzing: see `fuzz/README.md`.

use std::{collections::HashSet, path::Path};

use entity::RecordKind;

use super::{
    document, headline,
    known::{self, Known},
    mention::{Finder, Name, Names, Vocabulary},
    sidebar::{Finding, Reader, Said},
    text,
};

/// The records of [`known::made_up`], and names that pages may hold.
pub struct Graph {
    known: Known,
    names: Names,
}

impl Default for Graph {
    fn default() -> Self {
        let known = known::made_up();
        let named = [
            (RecordKind::Assembly, &known.assemblies),
            (RecordKind::Parliament, &known.parliaments),
            (RecordKind::Chamber, &known.chambers),
        ];
        let named = named.into_iter().flat_map(|(kind, orgs)| {
            orgs.iter().map(move |org| (kind, org.slug.clone(), org.name.clone()))
        });
        let more = [
            (RecordKind::Member, "ann", "Ann Other"),
            (RecordKind::Member, "ivan", "Иван Петров"),
            (RecordKind::State, "ge", "Georgia"),
            (RecordKind::Commission, "union", "EXU"),
            (RecordKind::Session, "first", "First Session"),
            (RecordKind::Decision, "law", "On peacekeeping"),
        ];
        let more = more.map(|(kind, slug, name)| (kind, slug.to_owned(), name.to_owned()));
        let all = named.chain(more).map(|(kind, slug, text)| Name { slug, kind, text });
        let names = Names { all: all.collect(), ..Names::default() };
        Self { known, names }
    }
}

/// What takes too long shows only in long pages: an input that begins with a digit and `x` stands
/// for one that has the rest of it over and over.
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

/// Whatever a file holds, it is a page, whose lines are those of the file, or none.
pub fn page(graph: &Graph, bytes: &[u8]) {
    let Ok(page) = text::of(Path::new("page"), bytes) else { return };
    let most = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
    let within = |number: usize| assert!((1..=most).contains(&number), "{number} of {most}");
    let numbers: Vec<usize> = page.lines.iter().map(|line| line.number).collect();
    assert!(numbers.is_sorted());
    numbers.iter().copied().for_each(within);
    let mut known = graph.known.clone();
    let mut taken = HashSet::new();
    let sidebar = Reader {
        known: &mut known,
        assembly: None,
        made: Vec::new(),
        is_free: &mut |slug| taken.insert(slug.to_owned()),
    }
    .read(&page);
    assert!(sidebar.lines.end <= page.lines.len());
    for Finding { line, said } in &sidebar.findings {
        within(*line);
        if let Said::Post { name, .. } = said {
            assert!(!name.trim().is_empty());
        }
    }
    sidebar.unread.iter().for_each(|unread| within(unread.line));
    let heading = headline::find(&page, sidebar.lines.clone());
    heading.dateline.iter().for_each(|(_, line)| within(*line));
    document::language(&page);
    page.url.iter().for_each(|url| assert!(!document::is_home(url)));
    let pages = [page];
    let words = Vocabulary::of(&pages);
    let finder = Finder::new(&graph.names, &words).expect("few names are no large automaton");
    let mentions = finder.find(&pages[0]);
    for mention in mentions.certain {
        assert!(!mention.lines.is_empty() && !mention.written.is_empty());
        mention.lines.into_iter().for_each(within);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_found_stays_mended() {
        let graph = Graph::default();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/page");
        for file in fs::read_dir(folder).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            page(&graph, &bytes);
            if let Some(bytes) = repeated(&bytes, 1 << 14) {
                page(&graph, &bytes);
            }
        }
    }
}
