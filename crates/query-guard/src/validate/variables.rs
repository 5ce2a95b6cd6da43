//! Variables (section 5.8).

use std::collections::{HashMap, HashSet};

use super::{Expected, Place, References, Usage, Validation, describe};
use crate::{
    ast::{Operation, ValueKind},
    error::ErrorKind,
    schema::{Of, Schema, Ty},
};

/// A variable, as its operation defines it.
struct Defined<'a> {
    /// None where its type does not exist.
    ty: Option<&'a Ty>,
    /// Whether it has a default that is not null.
    default: bool,
    used: bool,
}

fn shown(name: &str) -> String {
    format!("\"${name}\"")
}

impl<'a> Validation<'a> {
    /// Checks definitions by themselves, and what their directives refer to.
    pub(super) fn variable_definitions(
        &mut self,
        operation: &'a Operation<'a>,
        types: &'a [Result<Ty, String>],
        references: &mut References<'a>,
    ) {
        let mut names = HashSet::new();
        for (variable, ty) in operation.variables.iter().zip(types) {
            let (name, pos) = (variable.name.text, variable.name.pos);
            if !names.insert(name) {
                self.report(pos, |_| ErrorKind::DuplicateVariable { name: shown(name) });
            }
            self.directives(&variable.directives, "VARIABLE_DEFINITION", references);
            match ty {
                Err(unknown) => self.unknown_type(unknown, variable.ty.pos, Schema::is_input),
                Ok(ty) if !self.schema.is_input(ty.named()) => {
                    self.report(variable.ty.pos, |this| {
                        let ty = format!("\"{}\"", this.schema.show(ty));
                        ErrorKind::NonInputVariable { name: shown(name), ty }
                    });
                }
                Ok(ty) => {
                    if let Some(default) = &variable.default {
                        let expected = Expected { ty, default: false, one_of: false };
                        self.place = vec![Place::Default(name)];
                        self.value(default, Some(expected), references);
                    }
                }
            }
        }
    }

    /// Checks how an operation, and the fragments that it reaches, use its variables.
    pub(super) fn variables(
        &mut self,
        operation: &'a Operation<'a>,
        types: &'a [Result<Ty, String>],
        own: &References<'a>,
        mut reachable: Vec<&References<'a>>,
    ) {
        let mut defined: HashMap<&str, Defined> = HashMap::new();
        for (variable, ty) in operation.variables.iter().zip(types) {
            let default = variable.default.as_ref();
            let default = default.is_some_and(|value| !matches!(value.kind, ValueKind::Null));
            let ty = ty.as_ref().ok().filter(|ty| self.schema.is_input(ty.named()));
            defined.entry(variable.name.text).or_insert(Defined { ty, default, used: false });
        }
        reachable.sort_unstable_by_key(|one| one.variables.first().map(|usage| usage.pos));
        for usage in std::iter::once(own).chain(reachable).flat_map(|one| &one.variables) {
            match defined.get_mut(usage.name) {
                None => self.report(usage.pos, |_| ErrorKind::UndefinedVariable {
                    name: shown(usage.name),
                    operation: describe(operation),
                }),
                Some(variable) => {
                    variable.used = true;
                    self.usage(usage, variable);
                }
            }
        }
        for variable in &operation.variables {
            let name = variable.name.text;
            if defined.get(name).is_some_and(|variable| !variable.used) {
                self.report(variable.name.pos, |_| ErrorKind::UnusedVariable {
                    name: shown(name),
                    operation: describe(operation),
                });
            }
        }
    }

    /// Checks that a variable may stand where it is used.
    fn usage(&mut self, usage: &Usage, variable: &Defined) {
        let (Some(Expected { ty: expected, default, one_of }), Some(ty)) =
            (usage.expected, variable.ty)
        else {
            return;
        };
        let nullable = |ty: &Ty| Ty { non_null: false, ..ty.clone() };
        let fits = match expected.non_null && !ty.non_null {
            true => (variable.default || default) && compatible(ty, &nullable(expected)),
            false => compatible(ty, expected),
        };
        if !fits || (one_of && !ty.non_null) {
            self.report(usage.pos, |this| {
                let expected = match one_of {
                    true => Ty { non_null: true, ..expected.clone() },
                    false => expected.clone(),
                };
                let [ty, expected] =
                    [ty, &expected].map(|ty| format!("\"{}\"", this.schema.show(ty)));
                ErrorKind::VariableType { name: shown(usage.name), ty, expected }
            });
        }
    }
}

/// Whether every value of a type is one of another.
fn compatible(ty: &Ty, expected: &Ty) -> bool {
    (ty.non_null || !expected.non_null)
        && match (&ty.of, &expected.of) {
            (Of::List(ty), Of::List(expected)) => compatible(ty, expected),
            (Of::Named(ty), Of::Named(expected)) => ty == expected,
            _ => false,
        }
}
