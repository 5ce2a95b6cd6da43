//! Which document a page is: the same page is the same record, however often it comes.

use crate::{
    address::addresses,
    evidence::Evidence,
    graph::{Date, Document},
    headline::Heading,
    page::Page,
    report::KnownBy,
    sidebar::Assertion,
    word,
};

/// The document that a page is, and how it is known: by the address, by its digest, or by a file of
/// the same name that says the same.
pub fn find<'a>(
    documents: &'a [Document],
    page: &Page,
    url: Option<&str>,
    is_same: impl Fn(&Document) -> bool,
) -> Option<(&'a Document, KnownBy)> {
    let all = url.map(addresses).unwrap_or_default();
    let is_here = |document: &&Document| document.url.as_ref().is_some_and(|url| all.contains(url));
    if let Some(document) = documents.iter().find(is_here) {
        return Some((document, KnownBy::Address));
    }
    if let Some(document) =
        documents.iter().find(|document| document.digests.contains(&page.digest))
    {
        return Some((document, KnownBy::Content));
    }
    let named = documents.iter().find(|document| {
        let is_elsewhere = url.is_some() && document.url.is_some();
        // A file of the same name with other bytes is another page.
        document.file.as_ref() == Some(&page.file)
            && !is_elsewhere
            && document.digests.is_empty()
            && is_same(document)
    });
    named.map(|document| (document, KnownBy::File))
}

/// Whether a page says something of what a document is known to say, and nothing else.
pub fn agrees(
    document: &Document,
    heading: &Heading,
    assertions: &[Assertion],
    evidence: &Evidence,
) -> bool {
    let mut found = false;
    if let (Some(title), Some((headline, _))) = (&document.title, &heading.headline) {
        if word::fold(title) != word::fold(headline) {
            return false;
        }
        found = true;
    }
    if let (Some(known), Some(date)) = (document.published, heading.date)
        && known != Date::from(date)
    {
        return false;
    }
    for Assertion { record, property, value, .. } in assertions {
        let claims = evidence.claims(record, property);
        let mut own = claims.filter(|claim| claim.document == document.slug).peekable();
        if own.peek().is_none() {
            continue;
        }
        if !own.any(|claim| claim.value.as_ref() == Some(value)) {
            return false;
        }
        found = true;
    }
    found
}

/// The language of a page: what its file says, else what its letters and small words show.
pub fn language(page: &Page) -> Option<String> {
    let is_tag = |tag: &&String| {
        tag.len() <= 20
            && tag.split('-').all(|part| part.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    if let Some(tag) = page.language.as_ref().filter(is_tag) {
        return Some(tag.clone());
    }
    let words = page.lines.iter().flat_map(|line| line.text.split_whitespace());
    let (mut the, mut v, mut letters, mut other) = (0, 0, 0, false);
    for word in words {
        the += usize::from(word == "the");
        v += usize::from(matches!(word, "в" | "и" | "на"));
        letters += usize::from(word.chars().any(|letter| matches!(letter, '\u{400}'..='\u{52f}')));
        other |= word.contains(['і', 'ў', 'қ', 'ң', 'ғ', 'ө', 'ү', 'ҳ', 'ї']);
    }
    match (the > v, letters > 0, v > 0 && !other) {
        (true, _, _) => Some("en".to_owned()),
        (false, true, true) => Some("ru".to_owned()),
        _ => None,
    }
}
