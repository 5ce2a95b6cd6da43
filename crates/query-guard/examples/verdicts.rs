//! Validates documents: reads JSON lines `{"test", "sdl", "document"}` and prints
//! `{"test", "verdict": "accepted" | "rejected", "errors": [..]}` for each. Without SDL, a document is only parsed.

use std::{
    collections::HashMap,
    io::{BufRead, Write, stdin, stdout},
};

use query_guard::{Error, Schema, parse, validate};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut schemas: HashMap<String, Schema> = HashMap::new();
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line?)?;
        let text = case["document"].as_str().ok_or("\"document\" must be a string")?;
        let errors = match (parse(text), case["sdl"].as_str()) {
            (Err(error), _) => vec![error],
            (Ok(_), None) => Vec::new(),
            (Ok(document), Some(sdl)) => {
                if !schemas.contains_key(sdl) {
                    schemas.insert(sdl.to_owned(), Schema::new(sdl, &[])?);
                }
                validate(&schemas[sdl], &document, true).err().unwrap_or_default()
            }
        };
        let verdict = if errors.is_empty() { "accepted" } else { "rejected" };
        let errors: Vec<_> = errors.iter().map(format_error).collect();
        writeln!(out, "{}", json!({ "test": case["test"], "verdict": verdict, "errors": errors }))?;
    }
    Ok(())
}

fn format_error(error: &Error) -> String {
    let locations: Vec<_> = error.locations.iter().map(ToString::to_string).collect();
    format!("{} {}", locations.join(" "), error.kind)
}
