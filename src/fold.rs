//! Names as they are compared: without case, marks, punctuation and script.

use deunicode::AsciiChars;

/// A text as words of plain lower-case letters and digits, with one space between them.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for piece in text.ascii_chars() {
        for letter in piece.unwrap_or(" ").chars() {
            if letter.is_ascii_alphanumeric() {
                if gap && !folded.is_empty() {
                    folded.push(' ');
                }
                gap = false;
                folded.push(letter.to_ascii_lowercase());
            } else if letter != '\'' {
                gap = true;
            }
        }
    }
    folded
}

/// Names of the same words in any order are folded to the same: surnames stand first in one list
/// and last in another.
pub fn fold_words(text: &str) -> String {
    let folded = fold(text);
    let mut words: Vec<&str> = folded.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}

/// The longest beginning of a name that is fit for a slug; nothing where no letter of it is.
pub fn slug(name: &str) -> String {
    const MOST: usize = 80;
    let mut slug = fold(name).replace(' ', "-");
    if slug.len() > MOST {
        let end = slug[..MOST].rfind('-').unwrap_or(MOST);
        slug.truncate(end);
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_whatever_their_case_marks_and_script() {
        assert_eq!(fold("  Ó Brian,\u{a0}J.-P. "), "o brian j p");
        assert_eq!(fold("Матвиенко"), fold("MATVIENKO"));
        assert_eq!(fold("O'Neill"), fold("ONeill"));
        assert_eq!(fold_words("KOGUT Viktor"), fold_words("Viktor Kogut"));
        assert_eq!(fold("—"), "");
    }

    #[test]
    fn slugs_are_short_and_plain() {
        assert_eq!(slug("Լևոն Տեր-Պետրոսյան"), slug("Լևոն Տեր Պետրոսյան"));
        assert_eq!(slug("A  Party (New)"), "a-party-new");
        assert!(slug(&"long name ".repeat(30)).len() <= 80);
        assert!(!slug(&"x".repeat(300)).ends_with('-'));
    }
}
