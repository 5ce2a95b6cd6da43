//! Fragments (section 5.5), and the root of a subscription (section 5.2.4).

use std::collections::{HashMap, HashSet};

use async_graphql_parser::Pos;

use super::{References, Validation};
use crate::{
    ast::{Fragment, Operation, Selection, Spread},
    error::{ErrorKind, quote},
};

/// How far the search for cycles is with a fragment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Search {
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
        let on = self.composite(fragment.on.text, fragment.on.pos);
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
        self.can_be(parent, on, spread.pos, || format!("Fragment {}", quote(name)));
    }

    /// Checks that an object can be of a type and of that of a fragment.
    pub(super) fn can_be(
        &mut self,
        parent: Option<usize>,
        on: Option<usize>,
        pos: Pos,
        fragment: impl FnOnce() -> String,
    ) {
        let (Some(parent), Some(on)) = (parent, on) else { return };
        if !self.schema.overlap(parent, on) {
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

    /// Reports fragments that spread themselves; returns whether there is none.
    ///
    /// Without recursion: a chain of fragments can be as long as the document has fragments.
    pub(super) fn fragment_cycles(
        &mut self,
        references: &HashMap<&'a str, References<'a>>,
    ) -> bool {
        let mut searched: HashMap<&str, Search> = HashMap::new();
        let mut acyclic = true;
        for fragment in &self.document.fragments {
            if searched.contains_key(fragment.name.text) {
                continue;
            }
            let mut path = vec![(fragment.name.text, 0)];
            searched.insert(fragment.name.text, Search::Open);
            while let Some((name, next)) = path.last_mut() {
                let spreads = references.get(name).map_or(&[][..], |own| &own.spreads);
                let Some(&spread) = spreads.get(*next) else {
                    searched.insert(*name, Search::Done);
                    path.pop();
                    continue;
                };
                *next += 1;
                match searched.get(spread) {
                    Some(Search::Done) => {}
                    Some(Search::Open) => {
                        acyclic = false;
                        if self.excess {
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
                        searched.insert(spread, Search::Open);
                        path.push((spread, 0));
                    }
                    None => {}
                }
            }
        }
        acyclic
    }

    /// A subscription selects one field at its root, whatever its variables say.
    pub(super) fn subscription_root(&mut self, operation: &'a Operation<'a>) {
        let (mut keys, mut spread) = (HashSet::new(), HashSet::new());
        let mut ahead: Vec<_> = operation.selection_set.items.iter().collect();
        let mut conditional = false;
        let mut meta = false;
        while let Some(item) = ahead.pop() {
            let directives = match item {
                Selection::Field(field) => {
                    keys.insert(field.response_key().text);
                    meta |= field.name.text.starts_with("__");
                    &field.directives
                }
                Selection::Inline(inline) => {
                    ahead.extend(&inline.selection_set.items);
                    &inline.directives
                }
                Selection::Spread(one) => {
                    if let Some(fragment) = self.fragments.get(one.name.text)
                        && spread.insert(one.name.text)
                    {
                        ahead.extend(&fragment.selection_set.items);
                    }
                    &one.directives
                }
            };
            let condition = |name: &str| ["skip", "include"].contains(&name);
            conditional |= directives.iter().any(|one| condition(one.name.text));
        }
        if conditional || meta || keys.len() > 1 {
            self.report(operation.pos, |_| ErrorKind::SubscriptionRoot);
        }
    }
}
