//! Addresses of pages, and how alike they are written.

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
