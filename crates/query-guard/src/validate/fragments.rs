//! Fragments (section 5.5), and the root of a subscription (section 5.2.4).

use std::collections::{HashMap, HashSet};

use async_graphql_parser::Pos;

use super::{References, Validation};
use crate::{
    ast::{Fragment, Operation, Selection, Spread},
    error::{ErrorKind, quote},
};

/// State of a fragment in the depth-first search for cycles.
#[derive(Clone, Copy, PartialEq, Eq)]
enum VisitState {
    Open,
    Done,
}

impl<'a> Validation<'a> {
    pub(super) fn fragment(&mut self, fragment: &'a Fragment<'a>) -> References<'a> {
        let name = fragment.name.text;
        let first = self.fragments.get(name).copied();
        if !first.is_some_and(|first| std::ptr::eq(first, fragment)) {
            let name = quote(name);
            self.report(fragment.name.pos, |_| ErrorKind::DuplicateFragment { name });
        }
        let mut references = References::default();
        let on = self.type_condition(fragment.on.text, fragment.on.pos);
        self.directives(&fragment.directives, "FRAGMENT_DEFINITION", &mut references);
        self.selection_set(on, &fragment.selection_set, &mut references);
        references
    }

    /// Checks a spread of a named fragment.
    pub(super) fn spread(&mut self, parent: Option<usize>, spread: &Spread) {
        let name = spread.name.text;
        let Some(fragment) = self.fragments.get(name) else {
            return self.report(spread.name.pos, |this| {
                let hint = this.hint(name, this.fragments.keys().copied());
                ErrorKind::UnknownFragment { name: quote(name), hint }
            });
        };
        let on = self.schema.id(fragment.on.text).filter(|id| self.schema.is_composite(*id));
        self.check_spread_possible(parent, on, spread.pos, || format!("Fragment {}", quote(name)));
    }

    /// Checks that an object of the parent type can match the type condition of a fragment.
    pub(super) fn check_spread_possible(
        &mut self,
        parent: Option<usize>,
        on: Option<usize>,
        pos: Pos,
        fragment: impl FnOnce() -> String,
    ) {
        let (Some(parent), Some(on)) = (parent, on) else { return };
        if !self.schema.types_overlap(parent, on) {
            self.report(pos, |this| {
                let [parent, on] = [parent, on].map(|id| quote(this.schema.name(id)));
                ErrorKind::ImpossibleSpread { fragment: fragment(), parent, on }
            });
        }
    }

    pub(super) fn unused_fragments(&mut self, used: &HashSet<&str>) {
        for fragment in &self.document.fragments {
            let name = fragment.name.text;
            if !used.contains(name) {
                self.report(fragment.pos, |_| ErrorKind::UnusedFragment { name: quote(name) });
            }
        }
    }

    /// Reports fragment cycles. Returns whether the fragments are acyclic.
    ///
    /// Iterative, since a chain of fragments can be as long as `MAX_FRAGMENTS`.
    pub(super) fn fragment_cycles(
        &mut self,
        references: &HashMap<&'a str, References<'a>>,
    ) -> bool {
        let mut visited: HashMap<&str, VisitState> = HashMap::new();
        let mut acyclic = true;
        for fragment in &self.document.fragments {
            if visited.contains_key(fragment.name.text) {
                continue;
            }
            let mut path = vec![(fragment.name.text, 0)];
            visited.insert(fragment.name.text, VisitState::Open);
            while let Some((name, next)) = path.last_mut() {
                let spreads = references.get(name).map_or(&[][..], |it| &it.spreads);
                let Some(&spread) = spreads.get(*next) else {
                    visited.insert(*name, VisitState::Done);
                    path.pop();
                    continue;
                };
                *next += 1;
                match visited.get(spread) {
                    Some(VisitState::Done) => {}
                    Some(VisitState::Open) => {
                        acyclic = false;
                        if self.has_too_many_errors {
                            return acyclic;
                        }
                        let pos = self.fragments.get(spread).map_or(fragment.pos, |it| it.pos);
                        self.report(pos, |_| {
                            let through = path.iter().skip_while(|(name, _)| *name != spread);
                            let via = through.skip(1).map(|(name, _)| quote(name)).collect();
                            ErrorKind::FragmentCycle { name: quote(spread), via }
                        });
                    }
                    None if self.fragments.contains_key(spread) => {
                        visited.insert(spread, VisitState::Open);
                        path.push((spread, 0));
                    }
                    None => {}
                }
            }
        }
        acyclic
    }

    /// Checks that a subscription selects exactly one root field.
    pub(super) fn subscription_root(&mut self, operation: &'a Operation<'a>) {
        let (mut keys, mut visited) = (HashSet::new(), HashSet::new());
        let mut pending: Vec<_> = operation.selection_set.items.iter().collect();
        let mut has_conditions = false;
        let mut has_introspection = false;
        while let Some(item) = pending.pop() {
            let directives = match item {
                Selection::Field(field) => {
                    keys.insert(field.response_key().text);
                    has_introspection |= field.name.text.starts_with("__");
                    &field.directives
                }
                Selection::Inline(inline) => {
                    pending.extend(&inline.selection_set.items);
                    &inline.directives
                }
                Selection::Spread(spread) => {
                    if let Some(fragment) = self.fragments.get(spread.name.text)
                        && visited.insert(spread.name.text)
                    {
                        pending.extend(&fragment.selection_set.items);
                    }
                    &spread.directives
                }
            };
            has_conditions |=
                directives.iter().any(|it| ["skip", "include"].contains(&it.name.text));
        }
        if has_conditions || has_introspection || keys.len() > 1 {
            self.report(operation.pos, |_| ErrorKind::SubscriptionRoot);
        }
    }
}
