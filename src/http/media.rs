//! The media types of requests and responses.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

/// The media type of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status depends on the result.
    GraphQl,
    /// `application/json`, for older clients: the status of a well-formed request is 200.
    #[default]
    Json,
}

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

impl Media {
    /// The media type that the `Accept` header prefers, or `None` if it allows neither. The default is
    /// JSON, which clients that predate the specification expect.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(header::ACCEPT).iter().peekable();
        if values.peek().is_none() {
            return Some(Self::Json);
        }
        let ranges: Vec<_> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(parse_range)
            .collect();
        // The most specific range that matches a type determines its quality.
        let quality = |name: &str, wildcards: &[&str]| {
            std::iter::once(name)
                .chain(wildcards.iter().copied())
                .find_map(|pattern| {
                    let matching = ranges.iter().filter(|(range, _)| range == pattern);
                    matching.map(|(_, quality)| *quality).max()
                })
                .unwrap_or(0)
        };
        let any = ["application/*", "*/*"];
        let (graphql, json) = (quality(GRAPHQL, &any), quality(JSON, &any));
        // A client that does not name the newer type may not support it.
        let names_graphql = ranges.iter().any(|(range, _)| range == GRAPHQL);
        match (graphql, json) {
            (0, 0) => None,
            (graphql, json) if graphql > json || (graphql == json && names_graphql) => {
                Some(Self::GraphQl)
            }
            _ => Some(Self::Json),
        }
    }

    /// Sets the content type, and `Cache-Control: no-store`.
    pub fn without_cache(self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    fn content_type(self) -> HeaderValue {
        match self {
            Self::GraphQl => {
                HeaderValue::from_static("application/graphql-response+json; charset=utf-8")
            }
            Self::Json => HeaderValue::from_static("application/json; charset=utf-8"),
        }
    }
}

/// Parses a media range and its quality, in thousandths.
fn parse_range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';');
    let name = parts.next()?.trim().to_ascii_lowercase();
    let mut quality = 1_000;
    for part in parts {
        let (key, value) = part.split_once('=')?;
        if key.trim().eq_ignore_ascii_case("q") {
            let value: f32 = value.trim().parse().ok()?;
            quality = ((0.0..=1.0).contains(&value)).then_some((value * 1_000.0) as u16)?;
        }
    }
    (!name.is_empty()).then_some((name, quality))
}

/// Whether a request accepts HTML, as those of browsers do.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| {
        accept
            .split(',')
            .filter_map(parse_range)
            .any(|(name, quality)| name == "text/html" && quality > 0)
    })
}

/// Whether the headers declare a body as JSON in UTF-8.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let Some(kind) = kind else { return false };
    let mut parts = kind.split(';');
    let name = parts.next().unwrap_or_default().trim();
    name.eq_ignore_ascii_case(JSON)
        && parts.all(|part| match part.split_once('=') {
            Some((key, value)) if key.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &'static str) -> Option<Media> {
        let accept = [(header::ACCEPT, HeaderValue::from_static(accept))];
        Media::accepted(&HeaderMap::from_iter(accept))
    }

    #[test]
    fn the_preferred_media_type_is_chosen() {
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
        for (accept, expected) in [
            ("*/*", Some(Media::Json)),
            ("application/*", Some(Media::Json)),
            ("application/json", Some(Media::Json)),
            ("Application/JSON; charset=utf-8", Some(Media::Json)),
            (GRAPHQL, Some(Media::GraphQl)),
            ("application/graphql-response+json; charset=utf-8", Some(Media::GraphQl)),
            ("application/graphql-response+json, application/json;q=0.9", Some(Media::GraphQl)),
            ("application/json, application/graphql-response+json", Some(Media::GraphQl)),
            ("application/json, application/graphql-response+json;q=0.5", Some(Media::Json)),
            ("application/graphql-response+json, */*;q=0.1", Some(Media::GraphQl)),
            ("multipart/mixed, application/graphql-response+json;q=0.9", Some(Media::GraphQl)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(Media::Json)),
            ("application/json;q=0, */*", Some(Media::GraphQl)),
            ("application/graphql-response+json;q=0, */*", Some(Media::Json)),
            ("*/*;q=0", None),
            ("application/graphql-response+json;q=0, application/json;q=0.1", Some(Media::Json)),
            ("text/html", None),
            ("text/*, image/png", None),
            ("", None),
            ("application/json;q=2", None),
            ("application/json;q=nonsense, */*;q=0.1", Some(Media::Json)),
            ("json", None),
        ] {
            assert_eq!(accepted(accept), expected, "{accept}");
        }
    }

    #[test]
    fn bodies_must_be_json_in_utf_8() {
        for (kind, expected) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("APPLICATION/JSON;charset=\"UTF-8\"", true),
            ("application/json; charset=iso-8859-1", false),
            ("application/graphql", false),
            ("application/jsonp", false),
            ("text/plain", false),
            ("text/plain; application/json", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
            ("", false),
        ] {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
            assert_eq!(is_json(&HeaderMap::from_iter(headers)), expected, "{kind}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
