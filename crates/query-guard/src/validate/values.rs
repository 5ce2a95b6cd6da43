//! Values of arguments, input fields and defaults (section 5.6).

use std::{collections::HashSet, fmt::Write};

use async_graphql_value::ConstValue;
use indexmap::IndexMap;

use super::{Expected, Place, References, Usage, Validation};
use crate::{
    ast::{Argument, Value, ValueKind},
    error::{ErrorKind, quote, truncate},
    limits::MAX_QUOTED,
    schema::{EnumValueDef, InputDef, Kind, Of, Scalar, Ty},
};

impl<'a> Expected<'a> {
    pub(super) fn of(def: &'a InputDef) -> Self {
        let default = def.default.as_ref().is_some_and(|value| *value != ConstValue::Null);
        Self { ty: &def.ty, default, one_of: false }
    }

    fn inside(ty: &'a Ty) -> Self {
        Self { ty, default: false, one_of: false }
    }
}

impl<'a> Validation<'a> {
    /// Checks a value; where nothing is known of its place, only what it refers to.
    pub(super) fn value(
        &mut self,
        value: &'a Value<'a>,
        expected: Option<Expected<'a>>,
        references: &mut References<'a>,
    ) {
        let Some(Expected { ty, .. }) = expected else {
            return self.untyped(value, references);
        };
        match (&value.kind, &ty.of) {
            (ValueKind::Variable(name), _) => {
                references.variables.push(Usage { name, pos: value.pos, expected });
            }
            (ValueKind::Null, _) => {
                if ty.non_null {
                    self.wrong(value, ty, String::new());
                }
            }
            (ValueKind::List(items), Of::List(inner)) => {
                for (at, item) in items.iter().enumerate() {
                    self.place.push(Place::Item(at));
                    self.value(item, Some(Expected::inside(inner)), references);
                    self.place.pop();
                }
            }
            // One value stands for a list of it.
            (_, Of::List(inner)) => self.value(value, Some(Expected::inside(inner)), references),
            (_, Of::Named(id)) => self.named(value, ty, *id, references),
        }
    }

    fn named(
        &mut self,
        value: &'a Value<'a>,
        ty: &'a Ty,
        id: usize,
        references: &mut References<'a>,
    ) {
        let schema = self.schema;
        match &schema.def(id).kind {
            Kind::Scalar(scalar) => {
                if let Err(rule) = literal(*scalar, value) {
                    self.wrong(value, ty, rule);
                }
                // It may hold variables nevertheless.
                self.untyped(value, references);
            }
            Kind::Enum(values) => self.enum_value(value, ty, values, references),
            Kind::Input { fields, one_of } => match &value.kind {
                ValueKind::Object(given) => {
                    self.object(value, schema.name(id), fields, *one_of, given, references);
                }
                _ => {
                    self.wrong(value, ty, "an input object".to_owned());
                    self.untyped(value, references);
                }
            },
            // Not an input type, which is an error of the schema or of the variable's definition.
            _ => self.untyped(value, references),
        }
    }

    fn enum_value(
        &mut self,
        value: &'a Value<'a>,
        ty: &'a Ty,
        values: &'a IndexMap<String, EnumValueDef>,
        references: &mut References<'a>,
    ) {
        let (name, rule) = match &value.kind {
            ValueKind::Enum(name) if values.contains_key(*name) => return,
            ValueKind::Enum(name) => (*name, ""),
            ValueKind::String { value: text, .. } if values.contains_key(&**text) => {
                return self.wrong(value, ty, "an enum value, without quotes".to_owned());
            }
            ValueKind::String { value: text, .. } => (&**text, "an enum value, without quotes"),
            _ => ("", "an enum value"),
        };
        self.report(value.pos, |this| {
            let hint = this.hint(&truncate(name, MAX_QUOTED), values.keys().map(String::as_str));
            this.wrong_value(value, ty, rule.to_owned(), hint)
        });
        self.untyped(value, references);
    }

    fn object(
        &mut self,
        value: &'a Value<'a>,
        ty: &'a str,
        fields: &'a IndexMap<String, InputDef>,
        one_of: bool,
        given: &'a [Argument<'a>],
        references: &mut References<'a>,
    ) {
        self.unique_fields(given);
        for Argument { name, value } in given {
            let def = fields.get(name.text);
            if def.is_none() {
                self.report(name.pos, |this| {
                    let hint = this.hint(name.text, fields.keys().map(String::as_str));
                    ErrorKind::UnknownInputField { field: quote(name.text), ty: quote(ty), hint }
                });
            }
            let expected = def.map(|def| Expected { one_of, ..Expected::of(def) });
            self.place.push(Place::Field(name.text));
            self.value(value, expected, references);
            self.place.pop();
        }
        for (name, def) in fields {
            if def.is_required() && !given.iter().any(|field| field.name.text == name) {
                self.report(value.pos, |this| ErrorKind::MissingInputField {
                    field: quote(name),
                    field_ty: quote(&this.schema.show(&def.ty)),
                    ty: quote(ty),
                });
            }
        }
        let null = |field: &Argument| matches!(field.value.kind, ValueKind::Null);
        if one_of && (given.len() != 1 || given.iter().any(null)) {
            self.report(value.pos, |_| ErrorKind::OneOf { ty: quote(ty) });
        }
    }

    fn unique_fields(&mut self, given: &'a [Argument<'a>]) {
        let mut names = HashSet::new();
        for Argument { name, .. } in given {
            if !names.insert(name.text) {
                let field = quote(name.text);
                self.report(name.pos, |_| ErrorKind::DuplicateInputField { field });
            }
        }
    }

    /// Checks a value at a place of which nothing is known.
    fn untyped(&mut self, value: &'a Value<'a>, references: &mut References<'a>) {
        match &value.kind {
            ValueKind::Variable(name) => {
                references.variables.push(Usage { name, pos: value.pos, expected: None });
            }
            ValueKind::List(items) => {
                items.iter().for_each(|item| self.untyped(item, references));
            }
            ValueKind::Object(fields) => {
                self.unique_fields(fields);
                fields.iter().for_each(|field| self.untyped(&field.value, references));
            }
            _ => {}
        }
    }

    fn wrong(&mut self, value: &Value, ty: &Ty, rule: String) {
        self.report(value.pos, |this| this.wrong_value(value, ty, rule, ".".to_owned()));
    }

    fn wrong_value(&self, value: &Value, ty: &Ty, rule: String, hint: String) -> ErrorKind {
        let (mut what, mut place) = ("Argument", String::new());
        for step in &self.place {
            // Writing to a string cannot fail.
            let _ = match step {
                Place::Argument(name) => write!(place, "{name}"),
                Place::Default(name) => {
                    what = "Default value of variable";
                    write!(place, "${name}")
                }
                Place::Field(name) => write!(place, ".{name}"),
                Place::Item(at) => write!(place, "[{at}]"),
            };
        }
        ErrorKind::InvalidValue {
            target: format!("{what} {}", quote(&place)),
            ty: quote(&self.schema.show(ty)),
            rule,
            got: describe(value),
            hint,
        }
    }
}

/// Whether a literal is a value of a scalar; if not, what one is.
fn literal(scalar: Scalar, value: &Value) -> Result<(), String> {
    let fits = match (scalar, &value.kind) {
        (Scalar::Int, ValueKind::Int(text)) => text.parse::<i32>().is_ok(),
        (Scalar::Float, ValueKind::Int(text) | ValueKind::Float(text)) => {
            text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        (Scalar::String, ValueKind::String { .. })
        | (Scalar::Boolean, ValueKind::Boolean(_))
        | (Scalar::Id, ValueKind::String { .. } | ValueKind::Int(_))
        | (Scalar::Custom(None), _) => true,
        (Scalar::Custom(Some(rule)), ValueKind::String { value, .. }) => return rule(value),
        (Scalar::Custom(Some(_)), _) => return Err("a string".to_owned()),
        _ => false,
    };
    if fits { Ok(()) } else { Err(scalar.rule().to_owned()) }
}

impl Scalar {
    /// What a value of a built-in scalar is, where its name does not say enough.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Int => "a 32-bit integer",
            Self::Id => "a string or an integer",
            _ => "",
        }
    }
}

/// A literal as an error message shows it.
fn describe(value: &Value) -> String {
    match &value.kind {
        ValueKind::Variable(name) => format!("variable \"${name}\""),
        ValueKind::Int(text) | ValueKind::Float(text) | ValueKind::Enum(text) => {
            truncate(text, MAX_QUOTED).into_owned()
        }
        ValueKind::String { value, .. } => quote(value),
        ValueKind::Boolean(value) => value.to_string(),
        ValueKind::Null => "null".to_owned(),
        ValueKind::List(_) => "a list".to_owned(),
        ValueKind::Object(_) => "an object".to_owned(),
    }
}
