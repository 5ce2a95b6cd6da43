//! Values of arguments, input fields and default values (section 5.6).

use std::{collections::HashSet, fmt::Write};

use async_graphql_value::ConstValue;
use indexmap::IndexMap;

use super::{InputLocation, PathSegment, References, Validation, VariableUsage};
use crate::{
    ast::{Argument, Value, ValueKind},
    error::{ErrorKind, quote, truncate},
    limits::MAX_QUOTED,
    schema::{BaseTy, EnumValueDef, InputDef, Kind, Scalar, Ty},
};

impl<'a> InputLocation<'a> {
    pub(super) fn of(def: &'a InputDef) -> Self {
        let has_default = def.default.as_ref().is_some_and(|value| *value != ConstValue::Null);
        Self { ty: &def.ty, has_default, one_of: false }
    }

    fn item(ty: &'a Ty) -> Self {
        Self { ty, has_default: false, one_of: false }
    }
}

impl<'a> Validation<'a> {
    /// Checks a value and collects its variables. `location` is `None` if the argument or input field is
    /// unknown.
    pub(super) fn value(
        &mut self,
        value: &'a Value<'a>,
        location: Option<InputLocation<'a>>,
        references: &mut References<'a>,
    ) {
        let Some(InputLocation { ty, .. }) = location else {
            return self.untyped(value, references);
        };
        match (&value.kind, &ty.base) {
            (ValueKind::Variable(name), _) => {
                references.variables.push(VariableUsage { name, pos: value.pos, location });
            }
            (ValueKind::Null, _) => {
                if ty.non_null {
                    self.report_invalid_value(value, ty, String::new());
                }
            }
            (ValueKind::List(items), BaseTy::List(inner)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value_path.push(PathSegment::Item(index));
                    self.value(item, Some(InputLocation::item(inner)), references);
                    self.value_path.pop();
                }
            }
            // A single value is coerced to a list of one item.
            (_, BaseTy::List(inner)) => {
                self.value(value, Some(InputLocation::item(inner)), references);
            }
            (_, BaseTy::Named(id)) => self.named_type_value(value, ty, *id, references),
        }
    }

    fn named_type_value(
        &mut self,
        value: &'a Value<'a>,
        ty: &'a Ty,
        id: usize,
        references: &mut References<'a>,
    ) {
        let schema = self.schema;
        match &schema.def(id).kind {
            Kind::Scalar(scalar) => {
                if let Err(rule) = check_literal(*scalar, value) {
                    self.report_invalid_value(value, ty, rule);
                }
                // The value of a custom scalar can contain variables.
                self.untyped(value, references);
            }
            Kind::Enum(values) => self.enum_value(value, ty, values, references),
            Kind::Input { fields, one_of } => match &value.kind {
                ValueKind::Object(object) => {
                    self.object(value, schema.name(id), fields, *one_of, object, references);
                }
                _ => {
                    self.report_invalid_value(value, ty, "an input object".to_owned());
                    self.untyped(value, references);
                }
            },
            // An output type: an error of the schema or of the variable definition.
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
                return self.report_invalid_value(
                    value,
                    ty,
                    "an enum value, without quotes".to_owned(),
                );
            }
            ValueKind::String { value: text, .. } => (&**text, "an enum value, without quotes"),
            _ => ("", "an enum value"),
        };
        self.report(value.pos, |this| {
            let hint = this.hint(&truncate(name, MAX_QUOTED), values.keys().map(String::as_str));
            this.invalid_value(value, ty, rule.to_owned(), hint)
        });
        self.untyped(value, references);
    }

    fn object(
        &mut self,
        value: &'a Value<'a>,
        ty: &'a str,
        fields: &'a IndexMap<String, InputDef>,
        one_of: bool,
        object: &'a [Argument<'a>],
        references: &mut References<'a>,
    ) {
        self.unique_fields(object);
        for Argument { name, value } in object {
            let def = fields.get(name.text);
            if def.is_none() {
                self.report(name.pos, |this| {
                    let hint = this.hint(name.text, fields.keys().map(String::as_str));
                    ErrorKind::UnknownInputField { field: quote(name.text), ty: quote(ty), hint }
                });
            }
            let location = def.map(|def| InputLocation { one_of, ..InputLocation::of(def) });
            self.value_path.push(PathSegment::Field(name.text));
            self.value(value, location, references);
            self.value_path.pop();
        }
        for (name, def) in fields {
            if def.is_required() && !object.iter().any(|field| field.name.text == name) {
                self.report(value.pos, |this| ErrorKind::MissingInputField {
                    field: quote(name),
                    field_ty: quote(&this.schema.print_type(&def.ty)),
                    ty: quote(ty),
                });
            }
        }
        let null = |field: &Argument| matches!(field.value.kind, ValueKind::Null);
        if one_of && (object.len() != 1 || object.iter().any(null)) {
            self.report(value.pos, |_| ErrorKind::OneOf { ty: quote(ty) });
        }
    }

    fn unique_fields(&mut self, object: &'a [Argument<'a>]) {
        let mut names = HashSet::new();
        for Argument { name, .. } in object {
            if !names.insert(name.text) {
                let field = quote(name.text);
                self.report(name.pos, |_| ErrorKind::DuplicateInputField { field });
            }
        }
    }

    /// Checks a value of unknown type.
    fn untyped(&mut self, value: &'a Value<'a>, references: &mut References<'a>) {
        match &value.kind {
            ValueKind::Variable(name) => {
                references.variables.push(VariableUsage { name, pos: value.pos, location: None });
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

    fn report_invalid_value(&mut self, value: &Value, ty: &Ty, rule: String) {
        self.report(value.pos, |this| this.invalid_value(value, ty, rule, ".".to_owned()));
    }

    fn invalid_value(&self, value: &Value, ty: &Ty, rule: String, hint: String) -> ErrorKind {
        let (mut what, mut path) = ("Argument", String::new());
        for segment in &self.value_path {
            // Writing to a string cannot fail.
            let _ = match segment {
                PathSegment::Argument(name) => write!(path, "{name}"),
                PathSegment::Default(name) => {
                    what = "Default value of variable";
                    write!(path, "${name}")
                }
                PathSegment::Field(name) => write!(path, ".{name}"),
                PathSegment::Item(index) => write!(path, "[{index}]"),
            };
        }
        ErrorKind::InvalidValue {
            target: format!("{what} {}", quote(&path)),
            ty: quote(&self.schema.print_type(ty)),
            rule,
            got: describe(value),
            hint,
        }
    }
}

/// Checks a literal of a scalar. The error describes valid values, or is empty.
fn check_literal(scalar: Scalar, value: &Value) -> Result<(), String> {
    let is_valid = match (scalar, &value.kind) {
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
    if is_valid { Ok(()) } else { Err(scalar.rule().to_owned()) }
}

impl Scalar {
    /// Describes the values of a built-in scalar, or returns an empty string if its name is sufficient.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Int => "a 32-bit integer",
            Self::Id => "a string or an integer",
            _ => "",
        }
    }
}

/// Formats a literal for an error message.
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
