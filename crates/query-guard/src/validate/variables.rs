//! Variables (section 5.8).

use std::collections::{HashMap, HashSet};

use super::{InputLocation, PathSegment, References, Validation, VariableUsage, describe};
use crate::{
    ast::{Operation, ValueKind},
    error::ErrorKind,
    schema::{BaseTy, Schema, Ty},
};

/// A variable of an operation.
struct Variable<'a> {
    /// `None` if the type is unknown or not an input type.
    ty: Option<&'a Ty>,
    /// Whether it has a default value other than null.
    has_default: bool,
    is_used: bool,
}

fn quote_variable(name: &str) -> String {
    format!("\"${name}\"")
}

impl<'a> Validation<'a> {
    /// Checks variable definitions, and collects the references of their directives.
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
                self.report(pos, |_| ErrorKind::DuplicateVariable { name: quote_variable(name) });
            }
            self.directives(&variable.directives, "VARIABLE_DEFINITION", references);
            match ty {
                Err(unknown) => self.unknown_type(unknown, variable.ty.pos, Schema::is_input),
                Ok(ty) if !self.schema.is_input(ty.named_type()) => {
                    self.report(variable.ty.pos, |this| {
                        let ty = format!("\"{}\"", this.schema.print_type(ty));
                        ErrorKind::NonInputVariable { name: quote_variable(name), ty }
                    });
                }
                Ok(ty) => {
                    if let Some(default) = &variable.default {
                        let location = InputLocation { ty, has_default: false, one_of: false };
                        self.value_path = vec![PathSegment::Default(name)];
                        self.value(default, Some(location), references);
                    }
                }
            }
        }
    }

    /// Checks the usages of variables in an operation and in the fragments that it spreads.
    pub(super) fn variables(
        &mut self,
        operation: &'a Operation<'a>,
        types: &'a [Result<Ty, String>],
        references: &References<'a>,
        mut reachable: Vec<&References<'a>>,
    ) {
        let mut defined: HashMap<&str, Variable> = HashMap::new();
        for (variable, ty) in operation.variables.iter().zip(types) {
            let default = variable.default.as_ref();
            let has_default = default.is_some_and(|value| !matches!(value.kind, ValueKind::Null));
            let ty = ty.as_ref().ok().filter(|ty| self.schema.is_input(ty.named_type()));
            defined.entry(variable.name.text).or_insert(Variable {
                ty,
                has_default,
                is_used: false,
            });
        }
        reachable.sort_unstable_by_key(|it| it.variables.first().map(|usage| usage.pos));
        for usage in std::iter::once(references).chain(reachable).flat_map(|it| &it.variables) {
            match defined.get_mut(usage.name) {
                None => self.report(usage.pos, |_| ErrorKind::UndefinedVariable {
                    name: quote_variable(usage.name),
                    operation: describe(operation),
                }),
                Some(variable) => {
                    variable.is_used = true;
                    self.usage(usage, variable);
                }
            }
        }
        for variable in &operation.variables {
            let name = variable.name.text;
            if defined.get(name).is_some_and(|variable| !variable.is_used) {
                self.report(variable.name.pos, |_| ErrorKind::UnusedVariable {
                    name: quote_variable(name),
                    operation: describe(operation),
                });
            }
        }
    }

    /// Checks that the type of a variable is compatible with the location of its usage.
    fn usage(&mut self, usage: &VariableUsage, variable: &Variable) {
        let (Some(location), Some(ty)) = (usage.location, variable.ty) else { return };
        let expected = location.ty;
        let nullable = |ty: &Ty| Ty { non_null: false, ..ty.clone() };
        let is_compatible = if expected.non_null && !ty.non_null {
            (variable.has_default || location.has_default) && compatible(ty, &nullable(expected))
        } else {
            compatible(ty, expected)
        };
        if !is_compatible || (location.one_of && !ty.non_null) {
            self.report(usage.pos, |this| {
                let non_null = expected.non_null || location.one_of;
                let expected = Ty { non_null, ..expected.clone() };
                let [ty, expected] =
                    [ty, &expected].map(|ty| format!("\"{}\"", this.schema.print_type(ty)));
                ErrorKind::VariableType { name: quote_variable(usage.name), ty, expected }
            });
        }
    }
}

/// Returns whether every value of `ty` is a value of `expected`.
fn compatible(ty: &Ty, expected: &Ty) -> bool {
    (ty.non_null || !expected.non_null)
        && match (&ty.base, &expected.base) {
            (BaseTy::List(ty), BaseTy::List(expected)) => compatible(ty, expected),
            (BaseTy::Named(ty), BaseTy::Named(expected)) => ty == expected,
            _ => false,
        }
}
