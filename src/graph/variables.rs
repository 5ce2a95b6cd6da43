//! Variables: what a request leaves out has its default, what it gives must be of the declared type.
//!
//! The crate looks at a variable only where it is used, and takes what is missing within an argument
//! for left out: a filter by it would pass everything.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Pos, Positioned, Variables,
    parser::types::{
        BaseType, InputValueDefinition, OperationDefinition, Type, TypeDefinition, TypeKind,
    },
};
use async_graphql_value::ConstValue;

use super::error::{BadInput, LONGEST_REPEATED, cut};

/// The most variables of an operation.
pub const MOST_VARIABLES: u64 = 200;
/// The most values in all variables of a request: each item of a list and each field of an object.
pub const MOST_VALUES: u64 = 20_000;

/// Gives the variables that a request leaves out the defaults of its operation.
///
/// The crate gives defaults to arguments but not to `@skip` and `@include`: what is reckoned would
/// not be what runs.
pub fn fill(variables: &mut Variables, operation: &Positioned<OperationDefinition>) {
    for defined in &operation.node.variable_definitions {
        if let Some(default) = &defined.node.default_value {
            let name = defined.node.name.node.clone();
            variables.entry(name).or_insert_with(|| default.node.clone());
        }
    }
}

/// The types that a variable may have.
pub struct Inputs {
    objects: HashMap<String, HashMap<String, InputValueDefinition>>,
    enums: HashMap<String, HashSet<String>>,
}

impl Inputs {
    /// Of the definitions of a schema.
    pub fn new(defined: &[TypeDefinition]) -> Self {
        let (mut objects, mut enums) = (HashMap::new(), HashMap::new());
        for ty in defined {
            let name = ty.name.node.to_string();
            match &ty.kind {
                TypeKind::InputObject(object) => {
                    let fields = object.fields.iter().map(|field| &field.node);
                    let fields = fields.map(|field| (field.name.node.to_string(), field.clone()));
                    objects.insert(name, fields.collect());
                }
                TypeKind::Enum(words) => {
                    let words = words.values.iter().map(|word| word.node.value.node.to_string());
                    enums.insert(name, words.collect());
                }
                _ => {}
            }
        }
        Self { objects, enums }
    }

    /// Refuses variables that are not of their type, and says where they are declared.
    pub fn check(
        &self,
        variables: &Variables,
        operation: &Positioned<OperationDefinition>,
    ) -> Result<(), (BadInput, Pos)> {
        let definitions = &operation.node.variable_definitions;
        let values = variables.values().map(count).fold(0, u64::saturating_add);
        BadInput::at_most("variables", definitions.len() as u64, MOST_VARIABLES)
            .and_then(|()| BadInput::at_most("values in its variables", values, MOST_VALUES))
            .map_err(|wrong| (wrong, operation.pos))?;
        for defined in definitions {
            let (name, ty) = (&defined.node.name.node, &defined.node.var_type.node);
            let checked = match variables.get(name) {
                None if ty.nullable => Ok(()),
                None => {
                    let (name, ty) = (name.to_string(), ty.to_string());
                    Err(BadInput::MissingVariable { name, ty })
                }
                Some(value) => self.value(ty, value, &format!("${name}")),
            };
            checked.map_err(|wrong| (wrong, defined.pos))?;
        }
        Ok(())
    }

    fn value(&self, ty: &Type, value: &ConstValue, place: &str) -> Result<(), BadInput> {
        let wrong = |must: String| {
            let (place, wrong) = (place.to_owned(), format!("must be {must}, not {}", told(value)));
            Err(BadInput::Variable { place, wrong })
        };
        match (&ty.base, value) {
            (_, ConstValue::Null) if ty.nullable => Ok(()),
            (_, ConstValue::Null) => wrong(format!("a `{ty}`")),
            (BaseType::List(of), ConstValue::List(items)) => {
                let mut items = items.iter().enumerate();
                items.try_for_each(|(at, item)| self.value(of, item, &format!("{place}[{at}]")))
            }
            // One value stands for a list of it.
            (BaseType::List(of), _) => self.value(of, value, place),
            (BaseType::Named(name), _) => {
                if let Some(fields) = self.objects.get(name.as_str()) {
                    return self.object(name, fields, value, place);
                }
                if let Some(words) = self.enums.get(name.as_str()) {
                    let word = match value {
                        ConstValue::String(word) => word.as_str(),
                        ConstValue::Enum(word) => word.as_str(),
                        _ => "",
                    };
                    return match words.contains(word) {
                        true => Ok(()),
                        false => {
                            let mut words: Vec<_> = words.iter().map(String::as_str).collect();
                            words.sort_unstable();
                            wrong(format!("a `{name}`, one of {}", words.join(", ")))
                        }
                    };
                }
                match (name.as_str(), value) {
                    ("Int", ConstValue::Number(number))
                        if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) =>
                    {
                        Ok(())
                    }
                    ("Int", _) => wrong("an `Int`, a whole number of 32 bits".to_owned()),
                    ("Float", ConstValue::Number(_))
                    | ("String" | "ID", ConstValue::String(_))
                    | ("Boolean", ConstValue::Boolean(_)) => Ok(()),
                    ("ID", ConstValue::Number(number)) if number.is_i64() || number.is_u64() => {
                        Ok(())
                    }
                    ("Float" | "String" | "Boolean" | "ID", _) => wrong(format!("a `{name}`")),
                    // The rest is for the resolver, who knows what a scalar takes.
                    (_, ConstValue::Object(_) | ConstValue::List(_)) => {
                        wrong(format!("a `{name}`"))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn object(
        &self,
        name: &str,
        fields: &HashMap<String, InputValueDefinition>,
        value: &ConstValue,
        place: &str,
    ) -> Result<(), BadInput> {
        let wrong = |wrong: String| Err(BadInput::Variable { place: place.to_owned(), wrong });
        let ConstValue::Object(given) = value else {
            return wrong(format!("must be an object, a `{name}`, not {}", told(value)));
        };
        if let Some(unknown) = given.keys().find(|key| !fields.contains_key(key.as_str())) {
            let mut known: Vec<_> = fields.keys().map(String::as_str).collect();
            known.sort_unstable();
            let (unknown, known) = (cut(unknown, LONGEST_REPEATED), known.join(", "));
            return wrong(format!("has an unknown field `{unknown}`: a `{name}` has {known}"));
        }
        for (field, defined) in fields {
            let ty = &defined.ty.node;
            match given.get(field.as_str()) {
                Some(value) => self.value(ty, value, &format!("{place}.{field}"))?,
                None if ty.nullable || defined.default_value.is_some() => {}
                None => return wrong(format!("must have `{field}`, a `{ty}`")),
            }
        }
        Ok(())
    }
}

/// How many values a value is.
fn count(value: &ConstValue) -> u64 {
    let within: u64 = match value {
        ConstValue::List(items) => items.iter().map(count).sum(),
        ConstValue::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    };
    within + 1
}

/// A value as an error tells it.
fn told(value: &ConstValue) -> String {
    match value {
        ConstValue::List(_) => "a list".to_owned(),
        ConstValue::Object(_) => "an object".to_owned(),
        value => cut(&value.to_string(), LONGEST_REPEATED).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::{Value, json};

    use super::*;
    use crate::graph::{contract::Contract, cost::chosen};

    const SDL: &str = "
        scalar Day
        enum Kind { GOOD BAD }
        input Test { eq: String in: [Int!] kind: Kind! = GOOD not: Test }
        input Must { have: Int! }
        type Query { a: Int }
    ";

    fn checked(declared: &str, variables: Value) -> Result<(), String> {
        let document = parse_query(format!("query({declared}) {{ a }}")).expect("a document");
        let operation = chosen(&document, None).expect("an operation");
        let mut variables = Variables::from_json(variables);
        fill(&mut variables, operation);
        let checked = Contract::new(SDL, &[]).inputs.check(&variables, operation);
        checked.map_err(|(wrong, _)| wrong.to_string())
    }

    #[test]
    fn values_of_their_type_pass() {
        for (declared, variables) in [
            ("$a: Int", json!({ "a": 2147483647 })),
            ("$a: Int", json!({ "a": null })),
            ("$a: Int, $b: [Int!]", json!({ "b": 3, "unknown": { "x": 1 } })),
            ("$a: Int! = 3", json!({})),
            ("$a: Float", json!({ "a": 1 })),
            ("$a: ID, $b: ID", json!({ "a": 1, "b": "1" })),
            ("$a: Day", json!({ "a": "2022-12-05" })),
            ("$a: Kind", json!({ "a": "BAD" })),
            ("$a: Kind = BAD", json!({})),
            ("$a: Test", json!({ "a": { "in": 1, "not": { "in": [1, 2], "kind": "GOOD" } } })),
            ("$a: [[Int]]", json!({ "a": [[1, null], null, 3] })),
        ] {
            assert_eq!(checked(declared, variables), Ok(()), "{declared}");
        }
    }

    #[test]
    fn what_is_of_another_type_is_told_by_its_place() {
        for (declared, variables, expected) in [
            ("$a: Int!", json!({}), "the variable `$a` must be given: it is a `Int!`"),
            ("$a: Int!", json!({ "a": null }), "`$a` must be a `Int!`, not null"),
            (
                "$a: Int",
                json!({ "a": "1" }),
                "`$a` must be an `Int`, a whole number of 32 bits, not \"1\"",
            ),
            (
                "$a: Int",
                json!({ "a": 2147483648u64 }),
                "`$a` must be an `Int`, a whole number of 32 bits, not 2147483648",
            ),
            (
                "$a: Int",
                json!({ "a": 1.5 }),
                "`$a` must be an `Int`, a whole number of 32 bits, not 1.5",
            ),
            ("$a: [Int!]", json!({ "a": [1, null] }), "`$a[1]` must be a `Int!`, not null"),
            ("$a: String", json!({ "a": 1 }), "`$a` must be a `String`, not 1"),
            ("$a: Boolean", json!({ "a": "true" }), "`$a` must be a `Boolean`, not \"true\""),
            ("$a: ID", json!({ "a": 1.5 }), "`$a` must be a `ID`, not 1.5"),
            ("$a: Day", json!({ "a": {} }), "`$a` must be a `Day`, not an object"),
            (
                "$a: Kind",
                json!({ "a": "UGLY" }),
                "`$a` must be a `Kind`, one of BAD, GOOD, not \"UGLY\"",
            ),
            ("$a: Test", json!({ "a": 1 }), "`$a` must be an object, a `Test`, not 1"),
            (
                "$a: Test",
                json!({ "a": { "not": { "en": 1 } } }),
                "`$a.not` has an unknown field `en`: a `Test` has eq, in, kind, not",
            ),
            ("$a: Must", json!({ "a": {} }), "`$a` must have `have`, a `Int!`"),
            ("$a: String", json!({ "a": ["x"] }), "`$a` must be a `String`, not a list"),
        ] {
            assert_eq!(checked(declared, variables), Err(expected.to_owned()), "{declared}");
        }
    }

    #[test]
    fn their_number_is_bounded() {
        let many = |count: usize| (0..count).map(|at| format!("$a{at}: Int ")).collect::<String>();
        assert_eq!(checked(&many(200), json!({})), Ok(()));
        assert!(checked(&many(201), json!({})).is_err());
        assert_eq!(checked("$a: [Int]", json!({ "a": vec![1; 19_999] })), Ok(()));
        assert!(checked("$a: [Int]", json!({ "a": vec![1; 20_000] })).is_err());
        assert!(checked("$a: [Int]", json!({ "b": vec![1; 20_000] })).is_err());
    }
}
