//! Names that were perhaps meant.

use std::fmt::Write;

/// Maximum suggestions of one error.
const MAX_SUGGESTIONS: usize = 3;
/// Maximum known names that an error lists if none is similar to the unknown one.
const MAX_LISTED: usize = 20;

/// The end of a message about an unknown name: the most similar known names; else all, if they are
/// few; nothing, if names are not to be suggested.
pub fn hint<'a>(suggestions: bool, unknown: &str, known: impl Iterator<Item = &'a str>) -> String {
    if !suggestions {
        return ".".to_owned();
    }
    let known: Vec<_> = known.collect();
    // Case differs often; two characters in five may differ besides.
    let folded = unknown.to_lowercase();
    let threshold = unknown.len() * 2 / 5 + 1;
    let mut near: Vec<_> = known
        .iter()
        .filter(|name| name.len().abs_diff(unknown.len()) <= threshold)
        .map(|name| (strsim::osa_distance(&folded, &name.to_lowercase()), *name))
        .filter(|(distance, _)| *distance <= threshold)
        .collect();
    near.sort_unstable();
    let near: Vec<_> = near.into_iter().take(MAX_SUGGESTIONS).map(|(_, name)| name).collect();
    match (near.is_empty(), known.len()) {
        (false, _) => format!("; did you mean {}?", list(&near)),
        (true, 1..=MAX_LISTED) => format!("; expected {}.", list(&known)),
        _ => ".".to_owned(),
    }
}

fn list(names: &[&str]) -> String {
    let mut text = String::new();
    for (at, name) in names.iter().enumerate() {
        let lead = match at {
            0 => "",
            _ if at + 1 == names.len() => " or ",
            _ => ", ",
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "{lead}\"{name}\"");
    }
    text
}
