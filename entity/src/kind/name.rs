//! Names as the schema and as the data set and columns write them.

/// A name of the data set or of a column as the schema has it.
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

/// Whether the schema has a name as `camel`.
pub(super) fn is_camel(name: &str, camel: &str) -> bool {
    let mut camel = camel.chars();
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default();
    let rest = parts.flat_map(|part| {
        part.chars().enumerate().map(|(at, letter)| match at {
            0 => letter.to_ascii_uppercase(),
            _ => letter,
        })
    });
    first.chars().chain(rest).all(|letter| camel.next() == Some(letter)) && camel.next().is_none()
}

/// A name of the schema as the data set and columns have it.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
