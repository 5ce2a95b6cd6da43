//! Finds the document record of a page, so that importing a page again updates the same record.

use crate::{
    address::variants,
    cases,
    evidence::Evidence,
    graph::{Date, Document},
    headline::Heading,
    page::Page,
    report::DocumentMatch,
    sidebar::NewClaim,
    word,
};

/// Finds the document of a page by URL, by digest, or by file name if `is_same` confirms the content.
pub fn find<'a>(
    documents: &'a [Document],
    page: &Page,
    url: Option<&str>,
    is_same: impl Fn(&Document) -> bool,
) -> Option<(&'a Document, DocumentMatch)> {
    let urls = url.map(variants).unwrap_or_default();
    let has_url =
        |document: &&Document| document.url.as_ref().is_some_and(|url| urls.contains(url));
    if let Some(document) = documents.iter().find(has_url) {
        return Some((document, DocumentMatch::Url));
    }
    if let Some(document) =
        documents.iter().find(|document| document.digests.contains(&page.digest))
    {
        return Some((document, DocumentMatch::Content));
    }
    let has_file = |document: &&Document| {
        // If both URLs are known, they differ.
        let has_other_url = url.is_some() && document.url.is_some();
        // A file with the same name and another digest is another page.
        document.file.as_ref() == Some(&page.file)
            && !has_other_url
            && document.digests.is_empty()
            && is_same(document)
    };
    documents.iter().find(has_file).map(|document| (document, DocumentMatch::File))
}

/// Whether the title or a claim of a document is on a page, and none of them contradicts the page.
pub fn agrees(
    document: &Document,
    heading: &Heading,
    claims: &[NewClaim],
    evidence: &Evidence,
) -> bool {
    let mut has_match = false;
    if let (Some(title), Some((headline, _))) = (&document.title, &heading.headline) {
        if word::fold(title) != word::fold(headline) {
            return false;
        }
        has_match = true;
    }
    if let (Some(known), Some(date)) = (document.published, heading.date)
        && known != Date::from(date)
    {
        return false;
    }
    for NewClaim { record, property, value, .. } in claims {
        let existing = evidence.claims(record, property);
        let mut existing = existing.filter(|claim| claim.document == document.slug).peekable();
        if existing.peek().is_none() {
            continue;
        }
        if !existing.any(|claim| claim.value.as_ref() == Some(value)) {
            return false;
        }
        has_match = true;
    }
    has_match
}

/// Returns the language of a page: its `lang` attribute, otherwise a guess from letters and frequent
/// words.
pub fn language(page: &Page) -> Option<String> {
    let is_tag = |tag: &&String| {
        tag.len() <= 20
            && tag.split('-').all(|part| part.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    if let Some(tag) = page.language.as_ref().filter(is_tag) {
        return Some(tag.clone());
    }
    let words = page.lines.iter().flat_map(|line| line.text.split_whitespace());
    let (mut english, mut russian) = (0, 0);
    let (mut is_cyrillic, mut is_other_cyrillic) = (false, false);
    for word in words {
        english += usize::from(word == "the");
        russian += usize::from(matches!(word, "в" | "и" | "на"));
        is_cyrillic |= cases::is_cyrillic(word);
        // Letters that Russian does not have.
        is_other_cyrillic |= word.contains(['і', 'ў', 'қ', 'ң', 'ғ', 'ө', 'ү', 'ҳ', 'ї']);
    }
    if english > russian {
        Some("en".to_owned())
    } else if is_cyrillic && russian > 0 && !is_other_cyrillic {
        Some("ru".to_owned())
    } else {
        None
    }
}
