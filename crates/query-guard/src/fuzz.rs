//! Invariants of the parser, for fuzzing: see `fuzz/README.md` in the root of the repository.

use crate::{
    ast::{
        Argument, BaseType, Directive, Document, Selection, SelectionSet, Size, Type, Value,
        ValueKind,
    },
    limits::{MAX_ALIASES, MAX_DIRECTIVES, MAX_NESTING, MAX_TOKENS, MAX_VARIABLE_USES},
};

/// Returns whether the parser accepts a document.
///
/// # Panics
/// If the document exceeds a limit, if its `size` is incorrect, or if the location of an error is not
/// in the text.
#[must_use]
pub fn parse(text: &str) -> bool {
    match crate::parse(text) {
        Ok(document) => {
            let size = document.size;
            assert!(size.tokens <= MAX_TOKENS && size.nesting <= MAX_NESTING);
            assert!(size.aliases <= MAX_ALIASES && size.directives <= MAX_DIRECTIVES);
            assert!(size.variable_uses <= MAX_VARIABLE_USES);
            assert_eq!(Size { tokens: size.tokens, ..measure(&document) }, size);
            true
        }
        Err(error) => {
            let lines = text.matches(['\n', '\r']).count() + 1;
            let [pos] = error.locations[..] else { panic!("{:?}", error.locations) };
            assert!(pos.column >= 1 && (1..=lines).contains(&pos.line), "{pos:?}");
            false
        }
    }
}

/// Computes the size of a document, without the number of tokens.
fn measure(document: &Document) -> Size {
    let mut size = Size::default();
    for operation in &document.operations {
        for variable in &operation.variables {
            size.variable_uses += 1;
            size.ty(&variable.ty, 1);
            size.directives(&variable.directives, 1);
            variable.default.iter().for_each(|default| size.value(default, 1));
        }
        size.update_nesting(u64::from(!operation.variables.is_empty()));
        size.directives(&operation.directives, 0);
        size.selection_set(&operation.selection_set, 1);
    }
    for fragment in &document.fragments {
        size.directives(&fragment.directives, 0);
        size.selection_set(&fragment.selection_set, 1);
    }
    size
}

impl Size {
    fn update_nesting(&mut self, depth: u64) {
        self.nesting = self.nesting.max(depth);
    }

    fn ty(&mut self, ty: &Type, depth: u64) {
        if let BaseType::List(inner) = &ty.base {
            self.update_nesting(depth + 1);
            self.ty(inner, depth + 1);
        }
    }

    fn directives(&mut self, directives: &[Directive], depth: u64) {
        for directive in directives {
            self.directives += 1;
            self.arguments(&directive.arguments, depth);
        }
    }

    fn arguments(&mut self, arguments: &[Argument], depth: u64) {
        for argument in arguments {
            self.update_nesting(depth + 1);
            self.value(&argument.value, depth + 1);
        }
    }

    fn selection_set(&mut self, set: &SelectionSet, depth: u64) {
        self.update_nesting(depth);
        for item in &set.items {
            match item {
                Selection::Field(field) => {
                    self.aliases += u64::from(field.alias.is_some());
                    self.arguments(&field.arguments, depth);
                    self.directives(&field.directives, depth);
                    field.selection_set.iter().for_each(|set| self.selection_set(set, depth + 1));
                }
                Selection::Inline(inline) => {
                    self.directives(&inline.directives, depth);
                    self.selection_set(&inline.selection_set, depth + 1);
                }
                Selection::Spread(spread) => self.directives(&spread.directives, depth),
            }
        }
    }

    fn value(&mut self, value: &Value, depth: u64) {
        match &value.kind {
            ValueKind::Variable(_) => self.variable_uses += 1,
            ValueKind::List(items) => {
                self.update_nesting(depth + 1);
                items.iter().for_each(|item| self.value(item, depth + 1));
            }
            ValueKind::Object(fields) => {
                self.update_nesting(depth + 1);
                fields.iter().for_each(|field| self.value(&field.value, depth + 1));
            }
            _ => {}
        }
    }
}
