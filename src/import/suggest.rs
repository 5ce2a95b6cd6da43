//! Messages about unknown names: the nearest allowed name, and all allowed names.

/// The minimum similarity of a name that is suggested.
const MIN_SIMILARITY: f64 = 0.85;

/// A phrase with the most similar name, or an empty string if no name is similar.
pub fn suggestion<'n>(name: &str, allowed: impl IntoIterator<Item = &'n str>) -> String {
    let nearest = allowed
        .into_iter()
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .max_by(|one, other| one.0.total_cmp(&other.0).then_with(|| other.1.cmp(one.1)));
    match nearest {
        Some((similarity, other)) if similarity > MIN_SIMILARITY => {
            format!("; did you mean `{other}`?")
        }
        _ => String::new(),
    }
}

/// The message about a key that a table does not have.
pub fn unknown_key(table: &str, key: &str, allowed: &[String]) -> String {
    let suggestion = suggestion(key, allowed.iter().map(String::as_str));
    let list = allowed.join(", ");
    format!("`{table}` has no key `{key}`{suggestion} (allowed keys: {list})")
}

/// A noun with its indefinite article.
pub fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_a_similar_name() {
        let keys = ["slug", "name", "note"].map(str::to_owned);
        assert_eq!(
            unknown_key("member", "nam", &keys),
            "`member` has no key `nam`; did you mean `name`? (allowed keys: slug, name, note)"
        );
        assert_eq!(
            unknown_key("member", "colour", &keys),
            "`member` has no key `colour` (allowed keys: slug, name, note)"
        );
    }

    #[test]
    fn article_matches_the_noun() {
        assert_eq!(with_article("assembly"), "an assembly");
        assert_eq!(with_article("state"), "a state");
    }
}
