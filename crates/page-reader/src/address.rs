//! Normalization of page URLs.

/// Returns a URL without scheme, `www.`, fragment and trailing slashes.
pub fn normalize(url: &str) -> String {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    let bare = bare.split('#').next().unwrap_or_default().trim_end_matches('/');
    bare.strip_prefix("www.").unwrap_or(bare).to_owned()
}

/// Whether a URL is that of a home page. Some sites give it as the canonical URL of all their pages.
pub fn is_home_page(url: &str) -> bool {
    let bare = normalize(url);
    let path = bare.split_once('/').map_or("", |(_, path)| path);
    let is_language = path.len() == 2 && path.chars().all(|letter| letter.is_ascii_alphabetic());
    let is_index = |file: &str| file.starts_with("index.") || file.starts_with("default.");
    !bare.contains('?') && (path.is_empty() || is_language || !path.contains('/') && is_index(path))
}

/// Returns all URLs that normalize to the same: without scheme, with HTTP and HTTPS, with and without
/// `www.` and a trailing slash.
pub fn variants(url: &str) -> Vec<String> {
    let bare = normalize(url);
    let mut variants = Vec::new();
    for scheme in ["https://", "http://", ""] {
        for host in ["", "www."] {
            for end in ["", "/"] {
                variants.push(format!("{scheme}{host}{bare}{end}"));
            }
        }
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_pages_are_recognized() {
        for home in ["https://example.org", "http://www.example.org/", "https://example.org/EN/#a"]
        {
            assert!(is_home_page(home), "{home}");
        }
        for page in ["https://example.org/a", "https://example.org/?id=5", "example.org/en/a"] {
            assert!(!is_home_page(page), "{page}");
        }
    }

    #[test]
    fn variants_differ_in_scheme_host_and_slash() {
        let all = variants("https://www.example.org/events/a/#top");
        assert!(all.contains(&"http://example.org/events/a".to_owned()));
        assert!(all.contains(&"https://www.example.org/events/a/".to_owned()));
    }
}
