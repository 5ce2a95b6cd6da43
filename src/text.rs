//! Phrases of messages: numbers and articles with nouns, and the nearest of some names. Knows no messages.

/// The minimum similarity of a name that is suggested.
const MIN_SIMILARITY: f64 = 0.85;

/// A number with its noun: "1 record", "2 records".
pub fn plural(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A noun with its indefinite article.
pub fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// Returns the name that is most similar to an unknown one. `None` if no name is similar.
pub fn nearest<'n>(unknown: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let similarity = |name| strsim::jaro_winkler(unknown, name);
    let names = names.into_iter().map(|name| (similarity(name), name));
    names
        .filter(|(similarity, _)| *similarity > MIN_SIMILARITY)
        .max_by(|one, other| one.0.total_cmp(&other.0).then_with(|| other.1.cmp(one.1)))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn article_matches_the_noun() {
        assert_eq!(with_article("assembly"), "an assembly");
        assert_eq!(with_article("state"), "a state");
    }

    #[test]
    fn the_nearest_name_is_similar() {
        assert_eq!(nearest("nam", ["slug", "name", "note"]), Some("name"));
        assert_eq!(nearest("colour", ["slug", "name", "note"]), None);
    }

    #[test]
    fn nouns_agree_with_their_number() {
        assert_eq!(plural(0, "record"), "0 records");
        assert_eq!(plural(1, "record"), "1 record");
        assert_eq!(plural(2, "record"), "2 records");
    }
}
