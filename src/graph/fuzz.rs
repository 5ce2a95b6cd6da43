//! What the look at the text of a document claims, for fuzzing: see `fuzz/README.md`.

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_query,
        types::{
            BaseType, Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
            Type,
        },
    },
};
use async_graphql_value::{ConstValue, Value};

use super::{
    BadInput,
    scan::{DEEPEST_BRACKETS, MOST_ALIASES, MOST_DIRECTIVES, MOST_TOKENS, Size, measure},
};

/// What the two readers of a document say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Read,
    /// Only the parser refuses it, as it may.
    Unparsed,
    /// Refused at once.
    Refused,
    /// Refused at once, though the parser would have taken it.
    Stricter,
    /// Too large: nobody may parse it.
    TooLarge,
}

/// Whatever is let through can be parsed, and is as large as it was taken to be.
pub fn scan(text: &str) -> Verdict {
    match measure(text) {
        Ok(size) => {
            assert!(size.tokens <= MOST_TOKENS && size.deepest <= DEEPEST_BRACKETS as u64);
            assert!(size.aliases <= MOST_ALIASES && size.directives <= MOST_DIRECTIVES);
            let Ok(document) = parse_query(text) else { return Verdict::Unparsed };
            let parsed = parsed(&document);
            assert!(parsed.tokens <= size.tokens, "{parsed:?} of {size:?}");
            assert_eq!(Size { tokens: size.tokens, ..parsed }, size);
            Verdict::Read
        }
        Err((BadInput::DocumentLength { .. }, _)) => Verdict::TooLarge,
        Err((_, at)) => {
            assert!(at.line >= 1 && at.column >= 1 && at.line <= text.matches('\n').count() + 1);
            let brackets = text.bytes().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count();
            match brackets < DEEPEST_BRACKETS && parse_query(text).is_ok() {
                true => Verdict::Stricter,
                false => Verdict::Refused,
            }
        }
    }
}

/// How large a parsed document is; of its tokens those that became something of their own.
fn parsed(document: &ExecutableDocument) -> Size {
    let mut size = Size::default();
    for (_, operation) in document.operations.iter() {
        let OperationDefinition { variable_definitions, directives, selection_set, .. } =
            &operation.node;
        for variable in variable_definitions {
            let variable = &variable.node;
            size.tokens += 2;
            kind(&variable.var_type.node, 1, &mut size);
            constant(variable.default_value.as_ref().map(|value| &value.node), 1, &mut size);
            all(&variable.directives, 1, &mut size);
        }
        size.deepest = size.deepest.max(u64::from(!variable_definitions.is_empty()));
        all(directives, 0, &mut size);
        selection(&selection_set.node, 1, &mut size);
    }
    for fragment in document.fragments.values() {
        all(&fragment.node.directives, 0, &mut size);
        selection(&fragment.node.selection_set.node, 1, &mut size);
    }
    size
}

fn kind(one: &Type, depth: u64, size: &mut Size) {
    size.deepest = size.deepest.max(depth);
    size.tokens += 1;
    if let BaseType::List(inner) = &one.base {
        kind(inner, depth + 1, size);
    }
}

fn all(directives: &[Positioned<Directive>], depth: u64, size: &mut Size) {
    for directive in directives {
        size.directives += 1;
        size.tokens += 2;
        arguments(&directive.node.arguments, depth, size);
    }
}

fn arguments(all: &[(Positioned<Name>, Positioned<Value>)], depth: u64, size: &mut Size) {
    for (_, argument) in all {
        size.tokens += 2;
        value(&argument.node, depth + 1, size);
    }
}

fn selection(set: &SelectionSet, depth: u64, size: &mut Size) {
    size.deepest = size.deepest.max(depth);
    size.tokens += 2;
    for item in &set.items {
        size.tokens += 1;
        all(item.node.directives(), depth, size);
        match &item.node {
            Selection::Field(field) => {
                let field = &field.node;
                size.aliases += u64::from(field.alias.is_some());
                arguments(&field.arguments, depth, size);
                if !field.selection_set.node.items.is_empty() {
                    selection(&field.selection_set.node, depth + 1, size);
                }
            }
            Selection::InlineFragment(inline) => {
                selection(&inline.node.selection_set.node, depth + 1, size);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn value(one: &Value, depth: u64, size: &mut Size) {
    size.deepest = size.deepest.max(depth);
    size.tokens += 1;
    match one {
        Value::List(items) => {
            size.deepest = size.deepest.max(depth + 1);
            items.iter().for_each(|item| value(item, depth + 1, size));
        }
        Value::Object(fields) => {
            size.deepest = size.deepest.max(depth + 1);
            size.keys += fields.len() as u64;
            size.tokens += 2 * fields.len() as u64;
            fields.values().for_each(|field| value(field, depth + 1, size));
        }
        _ => {}
    }
}

fn constant(one: Option<&ConstValue>, depth: u64, size: &mut Size) {
    if let Some(one) = one {
        value(&one.clone().into_value(), depth, size);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn what_was_found_stays_mended() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut read = 0;
        for folder in ["fuzz/corpus/scan", "fuzz/corpus/ask", "tests/it/queries"] {
            for file in fs::read_dir(root.join(folder)).unwrap() {
                let Ok(text) = fs::read_to_string(file.unwrap().path()) else { continue };
                read += usize::from(scan(&text) == Verdict::Read);
            }
        }
        assert!(read > 100, "{read}");
    }
}
