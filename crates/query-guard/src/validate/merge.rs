//! Field selection merging (section 5.3.2).
//!
//! The specification compares all pairs of fields. This implementation compares groups, with the same
//! result: all fields of a response name must have the same shape, and those that can apply to the same
//! object must be the same field with the same arguments. The subfields of a group are merged once, and
//! each set of selection sets is visited once.

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
    schema::{BaseTy, FieldDef, Schema, Ty},
};

/// The rule that fields of one response name are compared by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    /// `SameResponseShape`, for all parent types.
    Shape,
    /// The same field and arguments, for parent types that can apply to the same object.
    Identity,
}

/// Selection sets that are merged, each with its parent type.
type SelectionSets<'a> = Vec<(usize, &'a SelectionSet<'a>)>;

struct MergeTask<'a> {
    rule: Rule,
    sets: SelectionSets<'a>,
    /// The field that has the selection sets, as an index of [`Merging::path`].
    parent_field: Option<usize>,
}

#[derive(Clone, Copy)]
struct TypedField<'a> {
    parent: usize,
    field: &'a Field<'a>,
    def: &'a FieldDef,
}

struct Merging<'a> {
    tasks: Vec<MergeTask<'a>>,
    visited: HashSet<(Rule, Vec<(usize, *const SelectionSet<'a>)>)>,
    /// Response names of visited fields, each with the index of its parent field.
    path: Vec<(Option<usize>, &'a str)>,
    comparisons: u64,
}

impl<'a> Validation<'a> {
    /// Reports conflicting fields.
    ///
    /// # Errors
    /// If the number of comparisons exceeds [`MAX_COMPARISONS`].
    pub(super) fn merge(&mut self) -> Result<(), Error> {
        let mut merging = Merging {
            tasks: Vec::new(),
            visited: HashSet::new(),
            path: Vec::new(),
            comparisons: 0,
        };
        for operation in &self.document.operations {
            let Some(root) = self.schema.root(operation.ty) else { continue };
            // The task that is pushed last runs first: its errors are more specific.
            for rule in [Rule::Shape, Rule::Identity] {
                let sets = vec![(root, &operation.selection_set)];
                merging.tasks.push(MergeTask { rule, sets, parent_field: None });
            }
            while let Some(task) = merging.tasks.pop() {
                if self.has_too_many_errors {
                    return Ok(());
                }
                self.run_merge_task(&mut merging, &task)?;
            }
        }
        Ok(())
    }

    fn run_merge_task(
        &mut self,
        merging: &mut Merging<'a>,
        task: &MergeTask<'a>,
    ) -> Result<(), Error> {
        let mut key: Vec<_> = task.sets.iter().map(|(on, set)| (*on, &raw const **set)).collect();
        key.sort_unstable();
        key.dedup();
        if !merging.visited.insert((task.rule, key)) {
            return Ok(());
        }
        for (name, fields) in self.collect_fields(merging, &task.sets)? {
            let path = merging.path.len();
            merging.path.push((task.parent_field, name));
            match task.rule {
                Rule::Shape => self.check_shapes(merging, path, fields)?,
                Rule::Identity => self.check_identity(merging, path, &fields)?,
            }
        }
        Ok(())
    }

    /// Collects the fields of selection sets by response name, expanding fragments.
    fn collect_fields(
        &self,
        merging: &mut Merging<'a>,
        sets: &SelectionSets<'a>,
    ) -> Result<IndexMap<&'a str, Vec<TypedField<'a>>>, Error> {
        let mut fields: IndexMap<&str, Vec<TypedField>> = IndexMap::new();
        let mut visited = HashSet::new();
        let mut pending: Vec<(usize, Iter<Selection>)> =
            sets.iter().rev().map(|(on, set)| (*on, set.items.iter())).collect();
        while let Some((parent, items)) = pending.last_mut() {
            let parent = *parent;
            let Some(item) = items.next() else {
                pending.pop();
                continue;
            };
            merging.count(1, item.pos())?;
            let (on, set) = match item {
                Selection::Field(field) => {
                    if let Some(def) = self.schema.field(parent, field.name.text) {
                        let name = field.response_key().text;
                        fields.entry(name).or_default().push(TypedField { parent, field, def });
                    }
                    continue;
                }
                Selection::Inline(inline) => {
                    let on = inline.on.map_or(Some(parent), |on| self.schema.id(on.text));
                    (on, &inline.selection_set)
                }
                Selection::Spread(spread) => match self.fragments.get(spread.name.text) {
                    Some(fragment) if visited.insert(spread.name.text) => {
                        (self.schema.id(fragment.on.text), &fragment.selection_set)
                    }
                    _ => continue,
                },
            };
            if let Some(on) = on {
                pending.push((on, set.items.iter()));
            }
        }
        Ok(fields)
    }

    fn check_shapes(
        &mut self,
        merging: &mut Merging<'a>,
        path: usize,
        fields: Vec<TypedField<'a>>,
    ) -> Result<(), Error> {
        let first = fields[0];
        let mut same_shape = Vec::new();
        for other in fields {
            merging.count(1, other.field.name.pos)?;
            if has_same_shape(self.schema, &first.def.ty, &other.def.ty) {
                same_shape.push(other);
            } else {
                let [left, right] =
                    [first, other].map(|it| quote(&self.schema.print_type(&it.def.ty)));
                let reason = format!("they return conflicting types {left} and {right}");
                self.conflict(merging, path, [first.field, other.field], reason);
            }
        }
        merging.push_subfields(Rule::Shape, path, &same_shape);
        Ok(())
    }

    fn check_identity(
        &mut self,
        merging: &mut Merging<'a>,
        path: usize,
        fields: &[TypedField<'a>],
    ) -> Result<(), Error> {
        let (concrete, shared): (Vec<_>, Vec<_>) =
            fields.iter().copied().partition(|field| self.schema.is_object(field.parent));
        let mut groups: IndexMap<usize, Vec<TypedField>> = IndexMap::new();
        for field in concrete {
            groups.entry(field.parent).or_default().push(field);
        }
        // A field of an interface can apply to an object of any type.
        let groups = if groups.is_empty() {
            vec![shared]
        } else {
            let with_shared = |mut group: Vec<TypedField<'a>>| {
                group.extend(&shared);
                group
            };
            groups.into_values().map(with_shared).collect()
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
                let [left, right] = [first, other].map(|it| it.field.name.text);
                let reason = if left != right {
                    format!("{} and {} are different fields", quote(left), quote(right))
                } else if !merging.same_arguments(first.field, other.field)? {
                    "they have different arguments".to_owned()
                } else {
                    same.push(other);
                    continue;
                };
                self.conflict(merging, path, [first.field, other.field], reason);
            }
            merging.push_subfields(Rule::Identity, path, &same);
        }
        Ok(())
    }

    fn conflict(&mut self, merging: &Merging, path: usize, fields: [&Field; 2], reason: String) {
        let locations = fields.map(|field| field.response_key().pos);
        let is_same = |error: &Error| {
            error.locations == locations && matches!(*error.kind, ErrorKind::Conflict { .. })
        };
        if self.errors.iter().any(is_same) {
            return;
        }
        let errors = self.errors.len();
        self.report(locations[0], |_| ErrorKind::Conflict { key: merging.key(path), reason });
        if let Some(error) = self.errors.get_mut(errors) {
            error.locations = locations.to_vec();
        }
    }
}

impl<'a> Merging<'a> {
    fn count(&mut self, comparisons: u64, pos: Pos) -> Result<(), Error> {
        self.comparisons += comparisons;
        let what = "selections to compare for field merging";
        ErrorKind::check_limit(what, self.comparisons, MAX_COMPARISONS).map_err(|kind| kind.at(pos))
    }

    /// Adds a task for the subfields of equal fields.
    fn push_subfields(&mut self, rule: Rule, path: usize, fields: &[TypedField<'a>]) {
        let with_types = fields.iter().filter_map(|field| {
            let set = field.field.selection_set.as_ref()?;
            Some((field.def.ty.named_type(), set))
        });
        let sets: SelectionSets = with_types.collect();
        if !sets.is_empty() {
            self.tasks.push(MergeTask { rule, sets, parent_field: Some(path) });
        }
    }

    fn same_arguments(&mut self, left: &Field, right: &Field) -> Result<bool, Error> {
        if left.arguments.len() != right.arguments.len() {
            return Ok(false);
        }
        let values: u64 = left.arguments.iter().map(|argument| size(&argument.value)).sum();
        self.count(values, right.name.pos)?;
        let same = |(left, right): (&Argument, &Argument)| {
            left.name.text == right.name.text && same_value(&left.value, &right.value)
        };
        // Fast path for arguments in the same order.
        if left.arguments.iter().zip(&right.arguments).all(same) {
            return Ok(true);
        }
        let right_by_name: HashMap<_, _> =
            right.arguments.iter().map(|argument| (argument.name.text, argument)).collect();
        Ok(left.arguments.iter().all(|argument| {
            right_by_name
                .get(argument.name.text)
                .is_some_and(|right| same_value(&argument.value, &right.value))
        }))
    }

    /// Returns the quoted path of a field: its response names, joined by dots.
    fn key(&self, path: usize) -> String {
        let mut names = Vec::new();
        let mut next = Some(path);
        while let Some((parent, name)) = next.map(|index| self.path[index]) {
            names.push(name);
            next = parent;
        }
        names.reverse();
        quote(&names.join("."))
    }
}

/// Returns whether the types of two fields have the same shape, without regard to subfields.
fn has_same_shape(schema: &Schema, left: &Ty, right: &Ty) -> bool {
    left.non_null == right.non_null
        && match (&left.base, &right.base) {
            (BaseTy::List(left), BaseTy::List(right)) => has_same_shape(schema, left, right),
            (BaseTy::Named(left), BaseTy::Named(right)) => {
                left == right || (schema.is_composite(*left) && schema.is_composite(*right))
            }
            _ => false,
        }
}

/// Counts a value, its items and its fields, recursively.
fn size(value: &Value) -> u64 {
    let nested: u64 = match &value.kind {
        ValueKind::List(items) => items.iter().map(size).sum(),
        ValueKind::Object(fields) => fields.iter().map(|field| size(&field.value)).sum(),
        _ => 0,
    };
    nested + 1
}

fn same_value(left: &Value, right: &Value) -> bool {
    use ValueKind::{Boolean, Enum, Float, Int, List, Null, Object, String, Variable};
    match (&left.kind, &right.kind) {
        (Variable(left), Variable(right))
        | (Int(left), Int(right))
        | (Float(left), Float(right))
        | (Enum(left), Enum(right)) => left == right,
        (String { value, block }, String { value: right, block: other_block }) => {
            value == right && block == other_block
        }
        (Boolean(left), Boolean(right)) => left == right,
        (Null, Null) => true,
        (List(left), List(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same_value(left, right))
        }
        (Object(left), Object(right)) => {
            let right_by_name: HashMap<_, _> =
                right.iter().map(|field| (field.name.text, &field.value)).collect();
            left.len() == right.len()
                && left.iter().all(|field| {
                    right_by_name
                        .get(field.name.text)
                        .is_some_and(|right| same_value(&field.value, right))
                })
        }
        _ => false,
    }
}
