//! Suggestions for unknown names.

use std::fmt::Write;

/// Maximum number of suggestions of an error.
const MAX_SUGGESTIONS: usize = 3;
/// Maximum number of known names that an error lists if no name is similar to the unknown one.
const MAX_LISTED: usize = 20;

/// Returns the end of a message about an unknown name: the most similar names; or all names, if none is
/// similar and the list is short; or only a period, without `suggestions`.
pub fn hint<'a>(suggestions: bool, unknown: &str, names: impl Iterator<Item = &'a str>) -> String {
    if !suggestions {
        return ".".to_owned();
    }
    let names: Vec<_> = names.collect();
    // Ignores case, and allows two of five characters to differ.
    let folded = unknown.to_lowercase();
    let threshold = unknown.len() * 2 / 5 + 1;
    let mut similar: Vec<_> = names
        .iter()
        .filter(|name| name.len().abs_diff(unknown.len()) <= threshold)
        .map(|name| (strsim::osa_distance(&folded, &name.to_lowercase()), *name))
        .filter(|(distance, _)| *distance <= threshold)
        .collect();
    similar.sort_unstable();
    if !similar.is_empty() {
        let nearest: Vec<_> =
            similar.into_iter().take(MAX_SUGGESTIONS).map(|(_, name)| name).collect();
        format!("; did you mean {}?", list(&nearest))
    } else if (1..=MAX_LISTED).contains(&names.len()) {
        format!("; expected {}.", list(&names))
    } else {
        ".".to_owned()
    }
}

fn list(names: &[&str]) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        let separator = match index {
            0 => "",
            _ if index + 1 == names.len() => " or ",
            _ => ", ",
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}\"{name}\"");
    }
    text
}
