//! Messages about unknown names: the nearest allowed name, and all allowed names.

use crate::text::nearest;

/// A phrase with the most similar name, or an empty string if no name is similar.
pub fn suggestion<'n>(name: &str, allowed: impl IntoIterator<Item = &'n str>) -> String {
    nearest(name, allowed).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The message about a key that a table does not have.
pub fn unknown_key(table: &str, key: &str, allowed: &[String]) -> String {
    let suggestion = suggestion(key, allowed.iter().map(String::as_str));
    let list = allowed.join(", ");
    format!("`{table}` has no key `{key}`{suggestion} (allowed keys: {list})")
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
}
