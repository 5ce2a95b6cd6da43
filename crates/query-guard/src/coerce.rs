//! Variables of a request, coerced to the types that its operation gives them (section 6.1.2).

use async_graphql_value::{ConstValue, Name, Number, Variables};
use indexmap::IndexMap;

use crate::{
    ast::Operation,
    error::{Error, ErrorKind, quote, truncate},
    limits::{MAX_QUOTED, MAX_VALUES},
    lower,
    schema::{InputDef, Kind, Of, Scalar, Schema, Ty},
    suggest::hint,
};

/// Returns the variables that an operation defines, with its defaults.
///
/// Whole numbers become integers whatever their spelling, a single value a list where a list is
/// expected. Variables that the operation does not define are left out. The operation must have
/// passed [`validate`](crate::validate()).
///
/// # Errors
/// One for each variable that is missing or cannot be coerced.
pub fn coerce(
    schema: &Schema,
    operation: &Operation,
    mut given: Variables,
    suggestions: bool,
) -> Result<Variables, Vec<Error>> {
    let count = given.values().map(count).fold(0, u64::saturating_add);
    ErrorKind::at_most("values in variables", count, MAX_VALUES)
        .map_err(|kind| vec![kind.at(operation.pos)])?;
    let coercion = Coercion { schema, suggestions };
    let (mut coerced, mut errors) = (Variables::default(), Vec::new());
    for variable in &operation.variables {
        let (name, pos) = (variable.name.text, variable.name.pos);
        let Ok(ty) = schema.ty(&variable.ty) else { continue };
        let value = match given.remove(name) {
            Some(value) => coercion.value(&ty, value, &format!("${name}")),
            None => match &variable.default {
                Some(default) => Ok(lower::constant(default)),
                None if ty.non_null => {
                    let (name, ty) = (format!("\"${name}\""), quote(&schema.show(&ty)));
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

/// The defaults that an operation gives its variables.
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
    fn value(&self, ty: &Ty, value: ConstValue, place: &str) -> Result<ConstValue, ErrorKind> {
        match (&ty.of, value) {
            (_, ConstValue::Null) if !ty.non_null => Ok(ConstValue::Null),
            (_, ConstValue::Null) => Err(self.wrong(ty, "", &ConstValue::Null, place)),
            (Of::List(inner), ConstValue::List(items)) => {
                let items = items.into_iter().enumerate();
                let items =
                    items.map(|(at, item)| self.value(inner, item, &format!("{place}[{at}]")));
                items.collect::<Result<_, _>>().map(ConstValue::List)
            }
            (Of::List(inner), value) => {
                self.value(inner, value, place).map(|value| ConstValue::List(vec![value]))
            }
            (Of::Named(id), value) => match &self.schema.def(*id).kind {
                Kind::Scalar(of) => match scalar(*of, value) {
                    Ok(value) => Ok(value),
                    Err((value, rule)) => Err(self.wrong(ty, &rule, &value, place)),
                },
                Kind::Enum(values) => match value {
                    ConstValue::String(name) if values.contains_key(&name) => {
                        Ok(ConstValue::String(name))
                    }
                    value => {
                        let ConstValue::String(name) = &value else {
                            let hint = self.hint("", values.keys());
                            return Err(self.wrong_value(ty, "", &value, place, hint));
                        };
                        let hint = self.hint(name, values.keys());
                        Err(self.wrong_value(ty, "", &value, place, hint))
                    }
                },
                Kind::Input { fields, one_of } => match value {
                    ConstValue::Object(given) => self.object(*id, fields, *one_of, given, place),
                    value => Err(self.wrong(ty, "an input object", &value, place)),
                },
                // Validation refuses variables of other types.
                _ => Ok(value),
            },
        }
    }

    fn object(
        &self,
        id: usize,
        fields: &IndexMap<String, InputDef>,
        one_of: bool,
        given: IndexMap<Name, ConstValue>,
        place: &str,
    ) -> Result<ConstValue, ErrorKind> {
        let at = |error| {
            let place = format!("Variable {}: ", quote(place));
            ErrorKind::VariableValue { place, error: Box::new(error) }
        };
        let ty = || quote(self.schema.name(id));
        let missing = fields
            .iter()
            .find(|(name, def)| def.is_required() && !given.contains_key(name.as_str()));
        if let Some((name, def)) = missing {
            let (field, field_ty) = (quote(name), quote(&self.schema.show(&def.ty)));
            return Err(at(ErrorKind::MissingInputField { field, field_ty, ty: ty() }));
        }
        if one_of && (given.len() != 1 || given.values().any(|value| *value == ConstValue::Null)) {
            return Err(at(ErrorKind::OneOf { ty: ty() }));
        }
        let mut object = IndexMap::with_capacity(given.len());
        for (name, value) in given {
            let Some(def) = fields.get(name.as_str()) else {
                let hint = self.hint(&name, fields.keys());
                let field = quote(&name);
                return Err(at(ErrorKind::UnknownInputField { field, ty: ty(), hint }));
            };
            let value = self.value(&def.ty, value, &format!("{place}.{name}"))?;
            object.insert(name, value);
        }
        Ok(ConstValue::Object(object))
    }

    /// The end of a message about an unknown name.
    fn hint<'n>(&self, unknown: &str, known: impl Iterator<Item = &'n String>) -> String {
        hint(self.suggestions, &truncate(unknown, MAX_QUOTED), known.map(String::as_str))
    }

    fn wrong(&self, ty: &Ty, rule: &str, value: &ConstValue, place: &str) -> ErrorKind {
        self.wrong_value(ty, rule, value, place, ".".to_owned())
    }

    fn wrong_value(
        &self,
        ty: &Ty,
        rule: &str,
        value: &ConstValue,
        place: &str,
        hint: String,
    ) -> ErrorKind {
        let error = ErrorKind::WrongValue {
            place: format!("Variable {}", quote(place)),
            ty: quote(&self.schema.show(ty)),
            rule: rule.to_owned(),
            got: describe(value),
            hint,
        };
        ErrorKind::VariableValue { place: String::new(), error: Box::new(error) }
    }
}

/// A value as a scalar; else the value, and what one is.
fn scalar(scalar: Scalar, value: ConstValue) -> Result<ConstValue, (ConstValue, String)> {
    match (scalar, value) {
        (Scalar::Int, ConstValue::Number(number)) => match int(&number) {
            Some(whole) => Ok(ConstValue::Number(whole.into())),
            None => Err((ConstValue::Number(number), scalar.rule().to_owned())),
        },
        // Here 3.0 is refused: an identifier is as it is written. JSON's -0 is read as a float.
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

/// A number as an integer of 32 bits: JSON does not tell 3.0 from 3.
fn int(number: &Number) -> Option<i32> {
    let whole = number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        let exact = float.fract() == 0.0 && float.abs() <= f64::from(u32::MAX);
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
        exact.then_some(float as i64)
    });
    i32::try_from(whole?).ok()
}

fn is_negative_zero(number: &Number) -> bool {
    number.as_f64().is_some_and(|float| float == 0.0 && float.is_sign_negative())
}

/// The number of values that a value consists of.
fn count(value: &ConstValue) -> u64 {
    let within: u64 = match value {
        ConstValue::List(items) => items.iter().map(count).sum(),
        ConstValue::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    };
    within + 1
}

/// A value as an error message shows it.
fn describe(value: &ConstValue) -> String {
    match value {
        ConstValue::List(_) => "a list".to_owned(),
        ConstValue::Object(_) => "an object".to_owned(),
        ConstValue::String(text) => quote(text),
        value => truncate(&value.to_string(), MAX_QUOTED).into_owned(),
    }
}
