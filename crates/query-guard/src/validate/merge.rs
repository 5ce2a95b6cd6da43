//! Whether fields of one response name can be merged (section 5.3.2).
//!
//! The specification compares fields pair by pair. This compares groups, to the same effect: all
//! fields of one name must have one shape; and of those that one object can have, all must be the
//! same field with the same arguments. Groups are the same for every pair in them, so that their
//! subfields are merged once, and each set of selections is looked at once.

use std::{
    collections::{HashMap, HashSet},
    slice::Iter,
};

use async_graphql_parser::Pos;
use indexmap::IndexMap;

use super::Validation;
use crate::{
    ast::{Argument, Field, Selection, SelectionSet, Value, ValueKind},
    error::{Error, ErrorKind, quote},
    limits::MAX_COMPARISONS,
    schema::{FieldDef, Of, Schema, Ty},
};

/// What fields of one name are held to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    /// `SameResponseShape`, whatever the types of their parents.
    Shape,
    /// The same field and arguments, where one object can have both.
    Identity,
}

/// Selection sets that are merged into one, each on its type.
type Merged<'a> = Vec<(usize, &'a SelectionSet<'a>)>;

struct Work<'a> {
    rule: Rule,
    merged: Merged<'a>,
    /// The field that the selections belong to, by its number in [`Merging::path`].
    below: Option<usize>,
}

#[derive(Clone, Copy)]
struct Selected<'a> {
    parent: usize,
    field: &'a Field<'a>,
    def: &'a FieldDef,
}

struct Merging<'a> {
    work: Vec<Work<'a>>,
    seen: HashSet<(Rule, Vec<(usize, *const SelectionSet<'a>)>)>,
    /// Response names on the way to the selections at work: each with the one above.
    path: Vec<(Option<usize>, &'a str)>,
    comparisons: u64,
}

impl<'a> Validation<'a> {
    /// Reports fields that cannot be merged.
    ///
    /// # Errors
    /// If it takes too many comparisons.
    pub(super) fn merge(&mut self) -> Result<(), Error> {
        let mut merging =
            Merging { work: Vec::new(), seen: HashSet::new(), path: Vec::new(), comparisons: 0 };
        for operation in &self.document.operations {
            let Some(root) = self.schema.root(operation.ty) else { continue };
            // The last one is looked at first: it says more.
            for rule in [Rule::Shape, Rule::Identity] {
                let merged = vec![(root, &operation.selection_set)];
                merging.work.push(Work { rule, merged, below: None });
            }
            while let Some(work) = merging.work.pop() {
                if self.excess {
                    return Ok(());
                }
                self.merge_one(&mut merging, &work)?;
            }
        }
        Ok(())
    }

    fn merge_one(&mut self, merging: &mut Merging<'a>, work: &Work<'a>) -> Result<(), Error> {
        let mut key: Vec<_> = work.merged.iter().map(|(on, set)| (*on, &raw const **set)).collect();
        key.sort_unstable();
        key.dedup();
        if !merging.seen.insert((work.rule, key)) {
            return Ok(());
        }
        for (name, fields) in self.flatten(merging, &work.merged)? {
            let below = merging.path.len();
            merging.path.push((work.below, name));
            match work.rule {
                Rule::Shape => self.same_shape(merging, below, fields)?,
                Rule::Identity => self.same_fields(merging, below, &fields)?,
            }
        }
        Ok(())
    }

    /// The fields of selections by their response names, those of fragments among them.
    fn flatten(
        &self,
        merging: &mut Merging<'a>,
        merged: &Merged<'a>,
    ) -> Result<IndexMap<&'a str, Vec<Selected<'a>>>, Error> {
        let mut fields: IndexMap<&str, Vec<Selected>> = IndexMap::new();
        let mut spread = HashSet::new();
        let mut ahead: Vec<(usize, Iter<Selection>)> =
            merged.iter().rev().map(|(on, set)| (*on, set.items.iter())).collect();
        while let Some((parent, items)) = ahead.last_mut() {
            let parent = *parent;
            let Some(item) = items.next() else {
                ahead.pop();
                continue;
            };
            merging.count(1, item.pos())?;
            let (on, set) = match item {
                Selection::Field(field) => {
                    if let Some(def) = self.schema.field(parent, field.name.text) {
                        let name = field.response_key().text;
                        fields.entry(name).or_default().push(Selected { parent, field, def });
                    }
                    continue;
                }
                Selection::Inline(inline) => {
                    let on = inline.on.map_or(Some(parent), |on| self.schema.id(on.text));
                    (on, &inline.selection_set)
                }
                Selection::Spread(one) => match self.fragments.get(one.name.text) {
                    Some(fragment) if spread.insert(one.name.text) => {
                        (self.schema.id(fragment.on.text), &fragment.selection_set)
                    }
                    _ => continue,
                },
            };
            if let Some(on) = on {
                ahead.push((on, set.items.iter()));
            }
        }
        Ok(fields)
    }

    fn same_shape(
        &mut self,
        merging: &mut Merging<'a>,
        below: usize,
        fields: Vec<Selected<'a>>,
    ) -> Result<(), Error> {
        let first = fields[0];
        let mut alike = Vec::new();
        for other in fields {
            merging.count(1, other.field.name.pos)?;
            if has_same_shape(self.schema, &first.def.ty, &other.def.ty) {
                alike.push(other);
            } else {
                let [one, two] = [first, other].map(|one| quote(&self.schema.show(&one.def.ty)));
                let reason = format!("they return conflicting types {one} and {two}");
                self.conflict(merging, below, [first.field, other.field], reason);
            }
        }
        merging.descend(Rule::Shape, below, &alike);
        Ok(())
    }

    fn same_fields(
        &mut self,
        merging: &mut Merging<'a>,
        below: usize,
        fields: &[Selected<'a>],
    ) -> Result<(), Error> {
        let (concrete, shared): (Vec<_>, Vec<_>) =
            fields.iter().copied().partition(|one| self.schema.is_object(one.parent));
        let mut groups: IndexMap<usize, Vec<Selected>> = IndexMap::new();
        for one in concrete {
            groups.entry(one.parent).or_default().push(one);
        }
        // A field of an interface meets those of every object type.
        let groups = match groups.is_empty() {
            true => vec![shared],
            false => {
                let with_shared = |mut group: Vec<Selected<'a>>| {
                    group.extend(&shared);
                    group
                };
                groups.into_values().map(with_shared).collect()
            }
        };
        for group in groups {
            let first = group[0];
            let mut same = Vec::new();
            for other in group {
                merging.count(1, other.field.name.pos)?;
                if std::ptr::eq(first.field, other.field) {
                    same.push(other);
                    continue;
                }
                let [one, two] = [first, other].map(|one| one.field.name.text);
                let reason = if one != two {
                    format!("{} and {} are different fields", quote(one), quote(two))
                } else if !merging.same_arguments(first.field, other.field)? {
                    "they have different arguments".to_owned()
                } else {
                    same.push(other);
                    continue;
                };
                self.conflict(merging, below, [first.field, other.field], reason);
            }
            merging.descend(Rule::Identity, below, &same);
        }
        Ok(())
    }

    fn conflict(&mut self, merging: &Merging, below: usize, fields: [&Field; 2], reason: String) {
        let locations = fields.map(|field| field.response_key().pos);
        let already = |error: &Error| {
            error.locations == locations && matches!(*error.kind, ErrorKind::Conflict { .. })
        };
        if self.errors.iter().any(already) {
            return;
        }
        let errors = self.errors.len();
        self.report(locations[0], |_| ErrorKind::Conflict { key: merging.key(below), reason });
        if let Some(error) = self.errors.get_mut(errors) {
            error.locations = locations.to_vec();
        }
    }
}

impl<'a> Merging<'a> {
    fn count(&mut self, work: u64, pos: Pos) -> Result<(), Error> {
        self.comparisons += work;
        let what = "selections to compare for field merging";
        ErrorKind::check_limit(what, self.comparisons, MAX_COMPARISONS).map_err(|kind| kind.at(pos))
    }

    /// Goes on with the subfields of fields that agree.
    fn descend(&mut self, rule: Rule, below: usize, fields: &[Selected<'a>]) {
        let sets = fields.iter().filter_map(|one| {
            let set = one.field.selection_set.as_ref()?;
            Some((one.def.ty.named(), set))
        });
        let merged: Merged = sets.collect();
        if !merged.is_empty() {
            self.work.push(Work { rule, merged, below: Some(below) });
        }
    }

    fn same_arguments(&mut self, one: &Field, other: &Field) -> Result<bool, Error> {
        if one.arguments.len() != other.arguments.len() {
            return Ok(false);
        }
        let values: u64 = one.arguments.iter().map(|argument| size(&argument.value)).sum();
        self.count(values, other.name.pos)?;
        let same = |(one, other): (&Argument, &Argument)| {
            one.name.text == other.name.text && same_value(&one.value, &other.value)
        };
        // Mostly they are in the same order.
        if one.arguments.iter().zip(&other.arguments).all(same) {
            return Ok(true);
        }
        let others: HashMap<_, _> =
            other.arguments.iter().map(|argument| (argument.name.text, argument)).collect();
        Ok(one.arguments.iter().all(|argument| {
            others
                .get(argument.name.text)
                .is_some_and(|other| same_value(&argument.value, &other.value))
        }))
    }

    /// The response names down to a field, joined by dots.
    fn key(&self, below: usize) -> String {
        let mut names = Vec::new();
        let mut next = Some(below);
        while let Some((above, name)) = next.map(|at| self.path[at]) {
            names.push(name);
            next = above;
        }
        names.reverse();
        quote(&names.join("."))
    }
}

/// `SameResponseShape`, of the types of two fields without their subfields.
fn has_same_shape(schema: &Schema, one: &Ty, other: &Ty) -> bool {
    one.non_null == other.non_null
        && match (&one.of, &other.of) {
            (Of::List(one), Of::List(other)) => has_same_shape(schema, one, other),
            (Of::Named(one), Of::Named(other)) => {
                one == other || (schema.is_composite(*one) && schema.is_composite(*other))
            }
            _ => false,
        }
}

/// The number of values that a value consists of.
fn size(value: &Value) -> u64 {
    let within: u64 = match &value.kind {
        ValueKind::List(items) => items.iter().map(size).sum(),
        ValueKind::Object(fields) => fields.iter().map(|field| size(&field.value)).sum(),
        _ => 0,
    };
    within + 1
}

fn same_value(one: &Value, other: &Value) -> bool {
    use ValueKind::{Boolean, Enum, Float, Int, List, Null, Object, String, Variable};
    match (&one.kind, &other.kind) {
        (Variable(one), Variable(other))
        | (Int(one), Int(other))
        | (Float(one), Float(other))
        | (Enum(one), Enum(other)) => one == other,
        (String { value, block }, String { value: other, block: other_block }) => {
            value == other && block == other_block
        }
        (Boolean(one), Boolean(other)) => one == other,
        (Null, Null) => true,
        (List(one), List(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| same_value(one, other))
        }
        (Object(one), Object(other)) => {
            let others: HashMap<_, _> =
                other.iter().map(|field| (field.name.text, &field.value)).collect();
            one.len() == other.len()
                && one.iter().all(|field| {
                    others.get(field.name.text).is_some_and(|other| same_value(&field.value, other))
                })
        }
        _ => false,
    }
}
