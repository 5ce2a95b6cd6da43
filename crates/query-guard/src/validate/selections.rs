//! Fields, arguments and directives (sections 5.3, 5.4, 5.5.2 and 5.7).

use std::collections::HashSet;

use async_graphql_parser::Pos;
use indexmap::IndexMap;

use super::{Expected, Place, References, Validation};
use crate::{
    ast::{Argument, Directive, Field, Selection, SelectionSet},
    error::{ErrorKind, quote},
    schema::InputDef,
};

impl<'a> Validation<'a> {
    /// Checks a selection set on a type; on none, where the type is unknown.
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
                        Some(on) => self.composite(on.text, on.pos),
                        None => parent,
                    };
                    self.can_be(parent, on, inline.pos, || "An inline fragment".to_owned());
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
                let known = schema.fields(parent).into_iter().flat_map(IndexMap::keys);
                let hint = this
                    .inline_fragment(parent, name.text)
                    .unwrap_or_else(|| this.hint(name.text, known.map(String::as_str)));
                let ty = quote(schema.name(parent));
                ErrorKind::UnknownField { field: quote(name.text), ty, hint }
            });
        }
        let on = || format!("field {}", quote(name.text));
        let arguments = def.map(|def| &def.arguments);
        self.arguments(arguments, &field.arguments, name.pos, on, references);
        self.directives(&field.directives, "FIELD", references);
        let composite = def.map(|def| def.ty.named()).filter(|id| schema.is_composite(*id));
        if let Some(def) = def {
            let (field_name, ty) = (|| quote(name.text), || quote(&schema.show(&def.ty)));
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

    /// The end of a message about a field that an abstract type lacks and one of its objects has.
    fn inline_fragment(&self, parent: usize, field: &str) -> Option<String> {
        let mut objects = self.schema.def(parent).possible.iter().copied();
        let object = objects.find(|id| *id != parent && self.schema.field(*id, field).is_some())?;
        let object = quote(self.schema.name(object));
        self.suggestions.then(|| format!("; did you mean an inline fragment on {object}?"))
    }

    /// Checks the arguments at one place; of an unknown field or directive, only their values.
    fn arguments(
        &mut self,
        defs: Option<&'a IndexMap<String, InputDef>>,
        arguments: &'a [Argument<'a>],
        pos: Pos,
        on: impl Fn() -> String,
        references: &mut References<'a>,
    ) {
        let mut given = HashSet::new();
        for Argument { name, value } in arguments {
            if !given.insert(name.text) {
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
            self.place = vec![Place::Argument(name.text)];
            self.value(value, def.map(Expected::of), references);
        }
        for (name, def) in defs.into_iter().flatten() {
            if def.is_required() && !given.contains(name.as_str()) {
                self.report(pos, |this| ErrorKind::MissingArgument {
                    argument: quote(name),
                    ty: quote(&this.schema.show(&def.ty)),
                    on: on(),
                });
            }
        }
    }

    /// Checks the directives at one place.
    pub(super) fn directives(
        &mut self,
        directives: &'a [Directive<'a>],
        location: &'static str,
        references: &mut References<'a>,
    ) {
        let mut given = HashSet::new();
        for directive in directives {
            let (pos, name) = (directive.pos, directive.name.text);
            let shown = || format!("\"@{name}\"");
            let def = self.schema.directives.get(name);
            match def {
                None => self.report(pos, |this| {
                    let known = this.schema.directives.iter();
                    let known = known.filter(|(_, def)| def.locations.contains(&location));
                    let known: Vec<_> = known.map(|(name, _)| format!("@{name}")).collect();
                    let hint = this.hint(&format!("@{name}"), known.iter().map(String::as_str));
                    ErrorKind::UnknownDirective { name: shown(), hint }
                }),
                Some(def) => {
                    if !def.locations.contains(&location) {
                        let name = shown();
                        self.report(pos, |_| ErrorKind::MisplacedDirective { name, location });
                    }
                    if !def.repeatable && !given.insert(name) {
                        self.report(pos, |_| ErrorKind::DuplicateDirective { name: shown() });
                    }
                }
            }
            let on = || format!("directive {}", shown());
            let defs = def.map(|def| &def.arguments);
            self.arguments(defs, &directive.arguments, pos, on, references);
        }
    }
}
