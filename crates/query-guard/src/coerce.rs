//! Coercion of variable values to the types that the operation defines (section 6.1.2).

use async_graphql_value::{ConstValue, Name, Number, Variables};
use indexmap::IndexMap;

use crate::{
    ast::Operation,
    error::{Error, ErrorKind, quote, truncate},
    limits::{MAX_QUOTED, MAX_VALUES},
    lower,
    schema::{BaseTy, InputDef, Kind, Scalar, Schema, Ty},
    suggest::hint,
};

/// Coerces the variable values of a request, and adds the default values of the operation.
///
/// A float without a fractional part becomes an `Int`, a single value becomes a list if the type is a
/// list. Variables that the operation does not define are omitted. The operation must have passed
/// [`validate`](crate::validate()).
///
/// # Errors
/// Returns one error for each variable that is missing or cannot be coerced.
pub fn coerce(
    schema: &Schema,
    operation: &Operation,
    mut values: Variables,
    suggestions: bool,
) -> Result<Variables, Vec<Error>> {
    let count = values.values().map(count).fold(0, u64::saturating_add);
    ErrorKind::check_limit("values in variables", count, MAX_VALUES)
        .map_err(|kind| vec![kind.at(operation.pos)])?;
    let coercion = Coercion { schema, suggestions };
    let (mut coerced, mut errors) = (Variables::default(), Vec::new());
    for variable in &operation.variables {
        let (name, pos) = (variable.name.text, variable.name.pos);
        let Ok(ty) = schema.ty(&variable.ty) else { continue };
        let value = match values.remove(name) {
            Some(value) => coercion.value(&ty, value, &format!("${name}")),
            None => match &variable.default {
                Some(default) => Ok(lower::constant(default)),
                None if ty.non_null => {
                    let (name, ty) = (format!("\"${name}\""), quote(&schema.print_type(&ty)));
                    Err(ErrorKind::MissingVariable { name, ty })
                }
                None => continue,
            },
        };
        match value {
            Ok(value) => {
                coerced.insert(Name::new(name), value);
            }
            Err(kind) => errors.push(kind.at(pos)),
        }
    }
    if errors.is_empty() { Ok(coerced) } else { Err(errors) }
}

/// Returns the default values of the variables of an operation.
pub fn defaults(operation: &Operation) -> Variables {
    let mut defaults = Variables::default();
    for variable in &operation.variables {
        if let Some(default) = &variable.default {
            defaults.insert(Name::new(variable.name.text), lower::constant(default));
        }
    }
    defaults
}

struct Coercion<'a> {
    schema: &'a Schema,
    suggestions: bool,
}

impl Coercion<'_> {
    fn value(&self, ty: &Ty, value: ConstValue, path: &str) -> Result<ConstValue, ErrorKind> {
        match (&ty.base, value) {
            (_, ConstValue::Null) if !ty.non_null => Ok(ConstValue::Null),
            (_, ConstValue::Null) => Err(self.invalid_value(ty, "", &ConstValue::Null, path)),
            (BaseTy::List(inner), ConstValue::List(items)) => {
                let items = items.into_iter().enumerate();
                let items =
                    items.map(|(index, item)| self.value(inner, item, &format!("{path}[{index}]")));
                items.collect::<Result<_, _>>().map(ConstValue::List)
            }
            (BaseTy::List(inner), value) => {
                self.value(inner, value, path).map(|value| ConstValue::List(vec![value]))
            }
            (BaseTy::Named(id), value) => match &self.schema.def(*id).kind {
                Kind::Scalar(kind) => scalar(*kind, value)
                    .map_err(|(value, rule)| self.invalid_value(ty, &rule, &value, path)),
                Kind::Enum(values) => match value {
                    ConstValue::String(name) if values.contains_key(&name) => {
                        Ok(ConstValue::String(name))
                    }
                    value => {
                        let name = if let ConstValue::String(name) = &value { name } else { "" };
                        let hint = self.hint(name, values.keys());
                        Err(self.invalid_value_with_hint(ty, "", &value, path, hint))
                    }
                },
                Kind::Input { fields, one_of } => match value {
                    ConstValue::Object(object) => self.object(*id, fields, *one_of, object, path),
                    value => Err(self.invalid_value(ty, "an input object", &value, path)),
                },
                // Validation rejects variables of output types.
                _ => Ok(value),
            },
        }
    }

    fn object(
        &self,
        id: usize,
        fields: &IndexMap<String, InputDef>,
        one_of: bool,
        object: IndexMap<Name, ConstValue>,
        path: &str,
    ) -> Result<ConstValue, ErrorKind> {
        let error = |error| {
            let prefix = format!("Variable {}: ", quote(path));
            ErrorKind::VariableValue { prefix, error: Box::new(error) }
        };
        let ty = || quote(self.schema.name(id));
        let missing = fields
            .iter()
            .find(|(name, def)| def.is_required() && !object.contains_key(name.as_str()));
        if let Some((name, def)) = missing {
            let (field, field_ty) = (quote(name), quote(&self.schema.print_type(&def.ty)));
            return Err(error(ErrorKind::MissingInputField { field, field_ty, ty: ty() }));
        }
        if one_of && (object.len() != 1 || object.values().any(|value| *value == ConstValue::Null))
        {
            return Err(error(ErrorKind::OneOf { ty: ty() }));
        }
        let mut coerced = IndexMap::with_capacity(object.len());
        for (name, value) in object {
            let Some(def) = fields.get(name.as_str()) else {
                let hint = self.hint(&name, fields.keys());
                let field = quote(&name);
                return Err(error(ErrorKind::UnknownInputField { field, ty: ty(), hint }));
            };
            let value = self.value(&def.ty, value, &format!("{path}.{name}"))?;
            coerced.insert(name, value);
        }
        Ok(ConstValue::Object(coerced))
    }

    /// Returns the end of a message about an unknown name.
    fn hint<'n>(&self, unknown: &str, names: impl Iterator<Item = &'n String>) -> String {
        hint(self.suggestions, &truncate(unknown, MAX_QUOTED), names.map(String::as_str))
    }

    fn invalid_value(&self, ty: &Ty, rule: &str, value: &ConstValue, path: &str) -> ErrorKind {
        self.invalid_value_with_hint(ty, rule, value, path, ".".to_owned())
    }

    fn invalid_value_with_hint(
        &self,
        ty: &Ty,
        rule: &str,
        value: &ConstValue,
        path: &str,
        hint: String,
    ) -> ErrorKind {
        let error = ErrorKind::InvalidValue {
            target: format!("Variable {}", quote(path)),
            ty: quote(&self.schema.print_type(ty)),
            rule: rule.to_owned(),
            got: describe(value),
            hint,
        };
        ErrorKind::VariableValue { prefix: String::new(), error: Box::new(error) }
    }
}

/// Coerces a value to a scalar; returns the value and the rule that it violates on failure.
fn scalar(scalar: Scalar, value: ConstValue) -> Result<ConstValue, (ConstValue, String)> {
    match (scalar, value) {
        (Scalar::Int, ConstValue::Number(number)) => match int(&number) {
            Some(integer) => Ok(ConstValue::Number(integer.into())),
            None => Err((ConstValue::Number(number), scalar.rule().to_owned())),
        },
        // `ID` accepts integers, but not 3.0. The JSON number -0 is parsed as a float.
        (Scalar::Id, ConstValue::Number(number)) if is_negative_zero(&number) => {
            Ok(ConstValue::String("0".to_owned()))
        }
        (Scalar::Id, ConstValue::Number(number)) if !number.is_f64() => {
            Ok(ConstValue::String(number.to_string()))
        }
        (Scalar::Custom(Some(rule)), ConstValue::String(text)) => match rule(&text) {
            Ok(()) => Ok(ConstValue::String(text)),
            Err(rule) => Err((ConstValue::String(text), rule)),
        },
        (Scalar::Custom(Some(_)), value) => Err((value, "a string".to_owned())),
        (Scalar::Custom(None), value)
        | (Scalar::Float, value @ ConstValue::Number(_))
        | (Scalar::String | Scalar::Id, value @ ConstValue::String(_))
        | (Scalar::Boolean, value @ ConstValue::Boolean(_)) => Ok(value),
        (scalar, value) => Err((value, scalar.rule().to_owned())),
    }
}

/// Returns a number as a 32-bit integer: JSON does not distinguish 3.0 from 3.
fn int(number: &Number) -> Option<i32> {
    let integer = number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        let is_integer = float.fract() == 0.0 && float.abs() <= f64::from(u32::MAX);
        #[expect(clippy::cast_possible_truncation, reason = "an integer in range")]
        is_integer.then_some(float as i64)
    });
    i32::try_from(integer?).ok()
}

fn is_negative_zero(number: &Number) -> bool {
    number.as_f64().is_some_and(|float| float == 0.0 && float.is_sign_negative())
}

/// Counts a value, its items and its fields, recursively.
fn count(value: &ConstValue) -> u64 {
    let nested: u64 = match value {
        ConstValue::List(items) => items.iter().map(count).sum(),
        ConstValue::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    };
    nested + 1
}

/// Formats a value for an error message.
fn describe(value: &ConstValue) -> String {
    match value {
        ConstValue::List(_) => "a list".to_owned(),
        ConstValue::Object(_) => "an object".to_owned(),
        ConstValue::String(text) => quote(text),
        value => truncate(&value.to_string(), MAX_QUOTED).into_owned(),
    }
}
