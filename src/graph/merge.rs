//! Fields of one name, held against each other before the crate does so.
//!
//! It does so anew for each selection, fragments and all, and tells of each argument of each pair
//! that differs: a document within all other limits can hold millions of such differences, and
//! telling of them takes gigabytes. This walks the same way, only counts, and stops in time.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet},
};

use super::error::BadInput;

/// The most fields and fragments that are looked at, each again for every selection that it may be merged in.
pub const MOST_LOOKS: u64 = 100_000;
/// The most mistakes of a document: more than an answer tells, and few enough to be found.
pub const MOST_MISTAKES: u64 = 200;

/// Refuses a document in which too many fields would have to be merged, or cannot be.
pub fn bounded(document: &ExecutableDocument) -> Result<(), (BadInput, Pos)> {
    let mut merging = Merging { fragments: &document.fragments, looks: 0, mistakes: 0 };
    let fragments = document.fragments.values().map(|one| &one.node.selection_set);
    let operations = document.operations.iter().map(|(_, one)| &one.node.selection_set);
    operations.chain(fragments).try_for_each(|set| merging.all(set))
}

/// Refuses more mistakes than anybody reads.
pub fn few(mistakes: u64) -> Result<(), BadInput> {
    BadInput::at_most("mistakes or more", mistakes, MOST_MISTAKES)
}

struct Merging<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    looks: u64,
    mistakes: u64,
}

/// What one selection selects.
#[derive(Default)]
struct Merged<'a> {
    /// The first field of each name, by the type that it is selected on.
    fields: HashMap<(Option<&'a str>, &'a str), &'a Positioned<Field>>,
    spread: HashSet<&'a str>,
}

impl<'a> Merging<'a> {
    /// Merges a selection, and those within it.
    fn all(&mut self, set: &'a Positioned<SelectionSet>) -> Result<(), (BadInput, Pos)> {
        self.merge(None, set, &mut Merged::default())?;
        set.node.items.iter().try_for_each(|item| match &item.node {
            Selection::Field(field) => self.all(&field.node.selection_set),
            Selection::InlineFragment(inline) => self.all(&inline.node.selection_set),
            Selection::FragmentSpread(_) => Ok(()),
        })
    }

    fn merge(
        &mut self,
        on: Option<&'a str>,
        set: &'a Positioned<SelectionSet>,
        into: &mut Merged<'a>,
    ) -> Result<(), (BadInput, Pos)> {
        for item in &set.node.items {
            self.looks += 1;
            let what = "fields or more that may have to be merged";
            BadInput::at_most(what, self.looks, MOST_LOOKS).map_err(|wrong| (wrong, item.pos))?;
            match &item.node {
                Selection::Field(field) => self.field(on, field, into)?,
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map(|condition| condition.node.on.node.as_str());
                    self.merge(on, &inline.node.selection_set, into)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.fragments.get(name)
                        && into.spread.insert(name)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.merge(Some(on), &fragment.node.selection_set, into)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        on: Option<&'a str>,
        field: &'a Positioned<Field>,
        into: &mut Merged<'a>,
    ) -> Result<(), (BadInput, Pos)> {
        let name = field.node.response_key().node.as_str();
        let first = &into.fields.entry((on, name)).or_insert(field).node;
        let (one, other) = (&first.arguments, &field.node.arguments);
        if std::ptr::eq(first, &raw const field.node) {
            return Ok(());
        }
        self.mistakes += u64::from(first.name.node != field.node.name.node);
        self.mistakes += u64::from(one.len() != other.len());
        for (name, value) in one {
            let same = field.node.get_argument(&name.node).is_some_and(|other| other == value);
            self.mistakes += u64::from(!same);
            few(self.mistakes).map_err(|wrong| (wrong, field.pos))?;
        }
        few(self.mistakes).map_err(|wrong| (wrong, field.pos))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn refused(question: &str) -> Option<&'static str> {
        match bounded(&parse_query(question).expect("a document")) {
            Ok(()) => None,
            Err((BadInput::DocumentLength { what, .. }, _)) => Some(what),
            Err((other, _)) => panic!("{other}"),
        }
    }

    const MISTAKES: Option<&str> = Some("mistakes or more");

    #[test]
    fn few_mistakes_are_left_to_be_told() {
        assert_eq!(refused("{ a(b: 1) a(b: 2) a c: a c: d ...f } fragment f on T { a }"), None);
        assert_eq!(refused(&format!("{{ a(b: 1) {} }}", "a(b: 1) ".repeat(9_000))), None);
    }

    #[test]
    fn many_mistakes_are_not() {
        let arguments: String = (0..2_000).map(|at| format!("a{at}: 1 ")).collect();
        let once = format!("a({arguments}) {{ b }}");
        assert_eq!(refused(&format!("{{ {once} {} }}", "a ".repeat(10_000))), MISTAKES);
        assert_eq!(refused(&format!("{{ {once} a }}")), MISTAKES);
        assert_eq!(refused(&format!("{{ {once} }} fragment f on T {{ {once} a }}")), MISTAKES);
        let few = format!("{{ a(b: 1) {} }}", "a ".repeat(150));
        assert_eq!(refused(&few), MISTAKES);
        assert_eq!(refused(&format!("{{ {} }}", "a: b a: c ".repeat(250))), MISTAKES);
    }

    #[test]
    fn what_is_walked_again_and_again_is_bounded() {
        let fields = "a ".repeat(10_000);
        let nested = format!("{{ {}{fields}{} }}", "... { ".repeat(40), " }".repeat(40));
        assert_eq!(refused(&nested), Some("fields or more that may have to be merged"));
        let mut text = format!("{{ a }} fragment f on T {{ {fields} }}");
        for at in 0..100 {
            text.push_str(&format!(" fragment f{at} on T {{ ...f }}"));
        }
        assert_eq!(refused(&text), Some("fields or more that may have to be merged"));
        let ring = "{ ...f } fragment f on T { ...g a } fragment g on T { ...f a }";
        assert_eq!(refused(ring), None);
    }
}
