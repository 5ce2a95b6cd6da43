//! Converts names between the schema (`camelCase`) and the data set and columns (`snake_case`).

/// Converts `snake_case` to `camelCase`.
pub fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut name, part| {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// Whether `camel` is the camel case of `name`.
pub(super) fn is_camel(name: &str, camel: &str) -> bool {
    let mut camel = camel.chars();
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default();
    let rest = parts.flat_map(|part| {
        let first = part.chars().next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(part.chars().skip(1))
    });
    first.chars().chain(rest).all(|letter| camel.next() == Some(letter)) && camel.next().is_none()
}

/// Returns the plural of a noun: `stances` for `stance`, `assemblies` for `assembly`.
pub fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    }
}

/// Converts `camelCase` and `PascalCase` to `snake_case`.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
