//! Costs of the arguments of a list: the keys of its order and the conditions of its filter.

use async_graphql_value::ConstValue;

use super::CostAnalysis;
use crate::{
    ast::{Field, Value, ValueKind},
    schema::{FieldDef, Kind},
};

/// Cost of a condition on related rows.
const RELATION_COST: u64 = 10;
/// Size of a value in bytes, in addition to the length of a string.
const VALUE_SIZE: u64 = 16;

/// An input value: a literal of the document, or the value of a variable.
#[derive(Clone, Copy)]
pub enum InputValue<'a> {
    Literal(&'a Value<'a>),
    Variable(&'a ConstValue),
}

type Items<'a> = Box<dyn ExactSizeIterator<Item = InputValue<'a>> + 'a>;
type Fields<'a> = Box<dyn Iterator<Item = (&'a str, InputValue<'a>)> + 'a>;

impl<'a> InputValue<'a> {
    /// Returns the name of the variable, if the literal is one.
    fn variable_name(self) -> Option<&'a str> {
        match self {
            Self::Literal(Value { kind: ValueKind::Variable(name), .. }) => Some(name),
            _ => None,
        }
    }

    /// Returns the items of a list.
    fn items(self) -> Option<Items<'a>> {
        match self {
            Self::Literal(Value { kind: ValueKind::List(items), .. }) => {
                Some(Box::new(items.iter().map(Self::Literal)))
            }
            Self::Variable(ConstValue::List(items)) => {
                Some(Box::new(items.iter().map(Self::Variable)))
            }
            _ => None,
        }
    }

    /// Returns the fields of an input object.
    fn fields(self) -> Option<Fields<'a>> {
        match self {
            Self::Literal(Value { kind: ValueKind::Object(fields), .. }) => {
                let fields = fields.iter();
                Some(Box::new(fields.map(|field| (field.name.text, Self::Literal(&field.value)))))
            }
            Self::Variable(ConstValue::Object(fields)) => {
                let fields = fields.iter();
                Some(Box::new(fields.map(|(name, value)| (name.as_str(), Self::Variable(value)))))
            }
            _ => None,
        }
    }

    /// Returns the number of items of a list. Any other value is coerced to a list of one item.
    pub fn item_count(self) -> u64 {
        self.items().map_or(1, |items| items.len() as u64)
    }

    /// Returns an integer as the size of a list, between 0 and `max`. The resolver rejects other sizes.
    pub fn list_size(self, max: u64) -> Option<u64> {
        let number = match self {
            Self::Literal(Value { kind: ValueKind::Int(text), .. }) => Some(text.parse().ok()?),
            Self::Literal(Value { kind: ValueKind::Float(_), .. }) => None,
            Self::Variable(ConstValue::Number(number)) => number.as_i64(),
            _ => return None,
        };
        Some(number.map_or(max, |size: i64| u64::try_from(size).unwrap_or(0).min(max)))
    }

    /// Returns the length of a string in bytes.
    fn string_length(self) -> u64 {
        match self {
            Self::Literal(Value { kind: ValueKind::String { value, .. }, .. }) => {
                value.len() as u64
            }
            // `lower` turns it into a string.
            Self::Literal(Value { kind: ValueKind::Int(text), .. })
                if text.parse::<i64>().is_err() =>
            {
                text.len() as u64
            }
            Self::Variable(ConstValue::String(text)) => text.len() as u64,
            _ => 0,
        }
    }
}

impl<'a> CostAnalysis<'a> {
    /// Returns the value of an argument, or `None` if it is omitted or null.
    pub fn argument(&self, field: &'a Field<'a>, name: &str) -> Option<InputValue<'a>> {
        let argument = field.arguments.iter().find(|argument| argument.name.text == name)?;
        match self.resolve(InputValue::Literal(&argument.value))? {
            InputValue::Literal(Value { kind: ValueKind::Null, .. })
            | InputValue::Variable(ConstValue::Null) => None,
            value => Some(value),
        }
    }

    /// Replaces a variable by its value. Returns `None` if it has no value.
    fn resolve(&self, value: InputValue<'a>) -> Option<InputValue<'a>> {
        match value.variable_name() {
            Some(name) => self.variables.get(name).map(InputValue::Variable),
            None => Some(value),
        }
    }

    /// Returns the cost of the filter and the order of a list.
    pub fn arguments_cost(&mut self, def: &FieldDef, field: &'a Field<'a>) -> u64 {
        if field.arguments.is_empty() {
            return 0;
        }
        let keys =
            self.argument(field, self.costs.order_argument).map_or(0, InputValue::item_count);
        let name = self.costs.filter_argument;
        let filter = field.arguments.iter().find(|argument| argument.name.text == name);
        let conditions = filter.zip(def.arguments.get(name)).map_or(0, |(filter, def)| {
            self.conditions_cost(InputValue::Literal(&filter.value), def.ty.named_type())
        });
        keys.saturating_add(conditions)
    }

    /// Returns the cost of the conditions of a filter of an input type.
    fn conditions_cost(&mut self, filter: InputValue<'a>, ty: usize) -> u64 {
        if let Some(name) = filter.variable_name() {
            if let Some(cost) = self.filter_costs.get(name) {
                return *cost;
            }
            let value = self.variables.get(name);
            let cost =
                value.map_or(0, |value| self.conditions_cost(InputValue::Variable(value), ty));
            self.filter_costs.insert(name, cost);
            return cost;
        }
        if let Some(items) = filter.items() {
            return items.fold(0, |sum, item| sum.saturating_add(self.conditions_cost(item, ty)));
        }
        let fields = filter.fields().into_iter().flatten();
        fields
            .fold(0, |sum, (name, value)| sum.saturating_add(self.condition_cost(name, value, ty)))
    }

    fn condition_cost(&mut self, name: &str, value: InputValue<'a>, ty: usize) -> u64 {
        let schema = self.schema;
        let def = match &schema.def(ty).kind {
            Kind::Input { fields, .. } => fields.get(name),
            _ => None,
        };
        let input_type = def
            .map(|def| def.ty.named_type())
            .filter(|id| matches!(schema.def(*id).kind, Kind::Input { .. }));
        let Some(input_type) = input_type else {
            return self.list_value_count(value).saturating_add(1);
        };
        let is_relation = match name {
            "some" | "none" | "every" => true,
            "and" | "or" | "not" => false,
            _ => self.is_object_filter(input_type),
        };
        let own_cost = if is_relation { RELATION_COST } else { 0 };
        self.conditions_cost(value, input_type).saturating_add(own_cost)
    }

    /// Returns whether an input type filters an object type, as `ClubFilter` filters `Club`.
    fn is_object_filter(&self, ty: usize) -> bool {
        let object = self.schema.name(ty).strip_suffix("Filter");
        object.is_some_and(|object| self.composite(object).is_some())
    }

    /// Counts the values of the lists in a condition, such as those of `in`.
    fn list_value_count(&self, value: InputValue<'a>) -> u64 {
        let Some(value) = self.resolve(value) else { return 0 };
        match value.items() {
            Some(items) => items.len() as u64,
            None => {
                let fields = value.fields().into_iter().flatten();
                fields.map(|(_, value)| self.list_value_count(value)).sum()
            }
        }
    }

    /// Returns the size of a value in bytes.
    pub fn size_of(&mut self, value: InputValue<'a>) -> u64 {
        if let Some(name) = value.variable_name() {
            if let Some(size) = self.variable_sizes.get(name) {
                return *size;
            }
            let value = self.variables.get(name);
            let size = value.map_or(0, |value| self.size_of(InputValue::Variable(value)));
            self.variable_sizes.insert(name, size);
            return size;
        }
        let items = value.items().into_iter().flatten();
        let fields = value.fields().into_iter().flatten().map(|(_, value)| value);
        let nested: u64 = items.chain(fields).map(|value| self.size_of(value)).sum();
        nested + value.string_length() + VALUE_SIZE
    }
}
