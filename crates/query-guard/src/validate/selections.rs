//! Fields, arguments and directives (sections 5.3, 5.4, 5.5.2 and 5.7).

use std::collections::HashSet;

use async_graphql_parser::Pos;
use indexmap::IndexMap;

use super::{InputLocation, PathSegment, References, Validation};
use crate::{
    ast::{Argument, Directive, Field, Selection, SelectionSet},
    error::{ErrorKind, quote},
    schema::InputDef,
};

impl<'a> Validation<'a> {
    /// Checks a selection set. `parent` is `None` if the type is unknown.
    pub(super) fn selection_set(
        &mut self,
        parent: Option<usize>,
        set: &'a SelectionSet<'a>,
        references: &mut References<'a>,
    ) {
        for item in &set.items {
            match item {
                Selection::Field(field) => self.field(parent, field, references),
                Selection::Spread(spread) => {
                    self.directives(&spread.directives, "FRAGMENT_SPREAD", references);
                    references.spreads.push(spread.name.text);
                    self.spread(parent, spread);
                }
                Selection::Inline(inline) => {
                    self.directives(&inline.directives, "INLINE_FRAGMENT", references);
                    let on = match inline.on {
                        Some(on) => self.type_condition(on.text, on.pos),
                        None => parent,
                    };
                    self.check_spread_possible(parent, on, inline.pos, || {
                        "An inline fragment".to_owned()
                    });
                    self.selection_set(on, &inline.selection_set, references);
                }
            }
        }
    }

    fn field(
        &mut self,
        parent: Option<usize>,
        field: &'a Field<'a>,
        references: &mut References<'a>,
    ) {
        let (schema, name) = (self.schema, field.name);
        let def = parent.and_then(|parent| schema.field(parent, name.text));
        if let (Some(parent), None) = (parent, def) {
            self.report(name.pos, |this| {
                let names = schema.fields(parent).into_iter().flat_map(IndexMap::keys);
                let hint = this
                    .inline_fragment_hint(parent, name.text)
                    .unwrap_or_else(|| this.hint(name.text, names.map(String::as_str)));
                let ty = quote(schema.name(parent));
                ErrorKind::UnknownField { field: quote(name.text), ty, hint }
            });
        }
        let on = || format!("field {}", quote(name.text));
        let arguments = def.map(|def| &def.arguments);
        self.arguments(arguments, &field.arguments, name.pos, on, references);
        self.directives(&field.directives, "FIELD", references);
        let composite = def.map(|def| def.ty.named_type()).filter(|id| schema.is_composite(*id));
        if let Some(def) = def {
            let (field_name, ty) = (|| quote(name.text), || quote(&schema.print_type(&def.ty)));
            match (&field.selection_set, composite) {
                (None, Some(_)) => self.report(name.pos, |_| ErrorKind::MissingSelection {
                    field: field_name(),
                    ty: ty(),
                }),
                (Some(set), None) => self.report(set.pos, |_| ErrorKind::SelectionOnLeaf {
                    field: field_name(),
                    ty: ty(),
                }),
                _ => {}
            }
        }
        if let Some(set) = &field.selection_set {
            self.selection_set(composite, set, references);
        }
    }

    /// Returns the end of a message about an unknown field of an abstract type, if a possible type has the
    /// field.
    fn inline_fragment_hint(&self, parent: usize, field: &str) -> Option<String> {
        let mut objects = self.schema.def(parent).possible.iter().copied();
        let object = objects.find(|id| *id != parent && self.schema.field(*id, field).is_some())?;
        let object = quote(self.schema.name(object));
        self.suggestions.then(|| format!("; did you mean an inline fragment on {object}?"))
    }

    /// Checks the arguments of a field or directive. `defs` is `None` if the field or directive is unknown.
    fn arguments(
        &mut self,
        defs: Option<&'a IndexMap<String, InputDef>>,
        arguments: &'a [Argument<'a>],
        pos: Pos,
        on: impl Fn() -> String,
        references: &mut References<'a>,
    ) {
        let mut provided = HashSet::new();
        for Argument { name, value } in arguments {
            if !provided.insert(name.text) {
                let argument = quote(name.text);
                self.report(name.pos, |_| ErrorKind::DuplicateArgument { argument });
            }
            let def = defs.and_then(|defs| defs.get(name.text));
            if let (Some(defs), None) = (defs, def) {
                self.report(name.pos, |this| {
                    let hint = this.hint(name.text, defs.keys().map(String::as_str));
                    let argument = quote(name.text);
                    ErrorKind::UnknownArgument { argument, on: on(), hint }
                });
            }
            self.value_path = vec![PathSegment::Argument(name.text)];
            self.value(value, def.map(InputLocation::of), references);
        }
        for (name, def) in defs.into_iter().flatten() {
            if def.is_required() && !provided.contains(name.as_str()) {
                self.report(pos, |this| ErrorKind::MissingArgument {
                    argument: quote(name),
                    ty: quote(&this.schema.print_type(&def.ty)),
                    on: on(),
                });
            }
        }
    }

    /// Checks the directives at one location.
    pub(super) fn directives(
        &mut self,
        directives: &'a [Directive<'a>],
        location: &'static str,
        references: &mut References<'a>,
    ) {
        let mut names = HashSet::new();
        for directive in directives {
            let (pos, name) = (directive.pos, directive.name.text);
            let quoted = || format!("\"@{name}\"");
            let def = self.schema.directives.get(name);
            match def {
                None => self.report(pos, |this| {
                    let defs = this.schema.directives.iter();
                    let allowed = defs.filter(|(_, def)| def.locations.contains(&location));
                    let names: Vec<_> = allowed.map(|(name, _)| format!("@{name}")).collect();
                    let hint = this.hint(&format!("@{name}"), names.iter().map(String::as_str));
                    ErrorKind::UnknownDirective { name: quoted(), hint }
                }),
                Some(def) => {
                    if !def.locations.contains(&location) {
                        let name = quoted();
                        self.report(pos, |_| ErrorKind::MisplacedDirective { name, location });
                    }
                    if !def.repeatable && !names.insert(name) {
                        self.report(pos, |_| ErrorKind::DuplicateDirective { name: quoted() });
                    }
                }
            }
            let on = || format!("directive {}", quoted());
            let defs = def.map(|def| &def.arguments);
            self.arguments(defs, &directive.arguments, pos, on, references);
        }
    }
}
