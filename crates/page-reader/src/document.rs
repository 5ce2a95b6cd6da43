//! Which document a page is: the same page is the same record, however often it comes.

use entity::{Id, RecordKind, alias, claim, document, entity as registry, identifier};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::{fold, headline::Heading, report::KnownBy, text::Page};
use crate::import::digest;

/// A record by its slug, or by one that it had.
pub async fn by_slug(
    store: &DatabaseTransaction,
    slug: &str,
) -> Result<Option<registry::Model>, DbErr> {
    let own = registry::Entity::find().filter(registry::Column::Slug.eq(slug)).one(store).await?;
    if own.is_some() {
        return Ok(own);
    }
    match alias::Entity::find_by_id(slug).one(store).await? {
        Some(row) => registry::Entity::find_by_id(row.record_id).one(store).await,
        None => Ok(None),
    }
}

/// An address without what may be written or not: `www.`, whether it is secure, a slash at its end.
pub fn address(url: &str) -> String {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    let bare = bare.split('#').next().unwrap_or_default().trim_end_matches('/');
    bare.strip_prefix("www.").unwrap_or(bare).to_owned()
}

/// Whether an address is that of a whole site, which its pages may give for their own.
pub fn is_home(url: &str) -> bool {
    let bare = address(url);
    let path = bare.split_once('/').map_or("", |(_, path)| path);
    let is_language = path.len() == 2 && path.chars().all(|letter| letter.is_ascii_alphabetic());
    let is_index = |file: &str| file.starts_with("index.") || file.starts_with("default.");
    !bare.contains('?') && (path.is_empty() || is_language || !path.contains('/') && is_index(path))
}

/// An address in all the ways in which it is written: with and without `www.`, secure or not, with
/// and without a slash at its end.
pub fn addresses(url: &str) -> Vec<String> {
    let bare = address(url);
    let mut all = Vec::new();
    for scheme in ["https://", "http://", ""] {
        for host in ["", "www."] {
            for end in ["", "/"] {
                all.push(format!("{scheme}{host}{bare}{end}"));
            }
        }
    }
    all
}

/// What a page says, to be held against what a document is known to say: property and value.
pub type Sayings = Vec<(Id, &'static str, String)>;

/// The document of the database that a page is, and how it is known: by the address, by what the
/// file comes to, or by a file of the same name that says the same.
pub async fn known(
    store: &DatabaseTransaction,
    page: &Page,
    url: Option<&str>,
    heading: &Heading,
    sayings: &Sayings,
) -> Result<Option<(document::Model, KnownBy)>, DbErr> {
    use document::{Column, Entity};
    if let Some(url) = url {
        let same = Entity::find().filter(Column::Url.is_in(addresses(url)));
        let mut same = same.all(store).await?;
        same.sort_by_key(|row| row.id);
        if let Some(row) = same.into_iter().next() {
            return Ok(Some((row, KnownBy::Address)));
        }
    }
    let same = identifier::Entity::find()
        .filter(identifier::Column::Scheme.eq(digest::SCHEME))
        .filter(identifier::Column::Value.eq(page.digest.as_str()))
        .one(store)
        .await?;
    if let Some(row) = same
        && let Some(document) = Entity::find_by_id(row.record_id).one(store).await?
    {
        return Ok(Some((document, KnownBy::Content)));
    }
    let mut named = Entity::find().filter(Column::File.eq(page.file.as_str())).all(store).await?;
    named.sort_by_key(|row| row.id);
    for row in named {
        let elsewhere = url.is_some_and(|url| {
            row.url.as_deref().is_some_and(|known| !addresses(url).contains(&known.to_owned()))
        });
        let digests = identifier::Entity::find()
            .filter(identifier::Column::RecordId.eq(row.id))
            .filter(identifier::Column::Scheme.eq(digest::SCHEME))
            .all(store)
            .await?;
        // A file of the same name with other bytes is another page.
        if !elsewhere && digests.is_empty() && agrees(store, &row, heading, sayings).await? {
            return Ok(Some((row, KnownBy::File)));
        }
    }
    Ok(None)
}

/// Whether a page says something of what a document is known to say, and nothing else.
async fn agrees(
    store: &DatabaseTransaction,
    document: &document::Model,
    heading: &Heading,
    sayings: &Sayings,
) -> Result<bool, DbErr> {
    let mut found = false;
    if let (Some(title), Some((headline, _))) = (&document.title, &heading.headline) {
        if fold::folded(title) != fold::folded(headline) {
            return Ok(false);
        }
        found = true;
    }
    let published =
        entity::PartialDate::from_columns(document.published_earliest, document.published_latest);
    if let (Some(known), Some(date)) = (published, heading.date)
        && known != date
    {
        return Ok(false);
    }
    let claims = claim::Entity::find().filter(claim::Column::DocumentId.eq(document.id));
    let claims = claims.all(store).await?;
    for (record, property, value) in sayings {
        let mut said = claims
            .iter()
            .filter(|claim| claim.record_id == *record && claim.property == *property)
            .peekable();
        if said.peek().is_none() {
            continue;
        }
        if !said.any(|claim| claim.value.as_ref() == Some(value)) {
            return Ok(false);
        }
        found = true;
    }
    Ok(found)
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

/// The kind of record of a document.
pub fn is_document(record: &registry::Model) -> bool {
    record.kind == RecordKind::Document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_no_page() {
        for home in ["https://example.org", "http://www.example.org/", "https://example.org/EN/#a"]
        {
            assert!(is_home(home), "{home}");
        }
        for page in ["https://example.org/a", "https://example.org/?id=5", "example.org/en/a"] {
            assert!(!is_home(page), "{page}");
        }
    }

    #[test]
    fn addresses_are_the_same_in_all_spellings() {
        let all = addresses("https://www.example.org/events/a/#top");
        assert!(all.contains(&"http://example.org/events/a".to_owned()));
        assert!(all.contains(&"https://www.example.org/events/a/".to_owned()));
    }
}
