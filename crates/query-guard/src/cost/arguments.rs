//! What the arguments of a list cost: the keys of its order and the conditions of its filter.

use async_graphql_value::ConstValue;

use super::Pricing;
use crate::{
    ast::{Field, Value, ValueKind},
    schema::{FieldDef, Kind},
};

/// Cost of a condition on related rows.
const RELATED: u64 = 10;
/// Bytes of a value besides those of its text.
const VALUE: u64 = 16;

/// A value: a literal, or what a variable brings.
#[derive(Clone, Copy)]
pub enum Given<'a> {
    Literal(&'a Value<'a>),
    Sent(&'a ConstValue),
}

type Items<'a> = Box<dyn ExactSizeIterator<Item = Given<'a>> + 'a>;
type Entries<'a> = Box<dyn Iterator<Item = (&'a str, Given<'a>)> + 'a>;

impl<'a> Given<'a> {
    fn variable(self) -> Option<&'a str> {
        match self {
            Self::Literal(Value { kind: ValueKind::Variable(name), .. }) => Some(name),
            _ => None,
        }
    }

    /// The items of a list.
    fn items(self) -> Option<Items<'a>> {
        match self {
            Self::Literal(Value { kind: ValueKind::List(items), .. }) => {
                Some(Box::new(items.iter().map(Self::Literal)))
            }
            Self::Sent(ConstValue::List(items)) => Some(Box::new(items.iter().map(Self::Sent))),
            _ => None,
        }
    }

    /// The fields of an object.
    fn entries(self) -> Option<Entries<'a>> {
        match self {
            Self::Literal(Value { kind: ValueKind::Object(fields), .. }) => {
                let fields = fields.iter();
                Some(Box::new(fields.map(|one| (one.name.text, Self::Literal(&one.value)))))
            }
            Self::Sent(ConstValue::Object(fields)) => {
                let fields = fields.iter();
                Some(Box::new(fields.map(|(name, value)| (name.as_str(), Self::Sent(value)))))
            }
            _ => None,
        }
    }

    /// How many values a list has; any other value stands for a list of it.
    pub fn count(self) -> u64 {
        self.items().map_or(1, |items| items.len() as u64)
    }

    /// The number of rows, if it is a number; of one that is refused when it runs, at most `max`.
    pub fn size(self, max: u64) -> Option<u64> {
        let number = match self {
            Self::Literal(Value { kind: ValueKind::Int(text), .. }) => Some(text.parse().ok()?),
            Self::Literal(Value { kind: ValueKind::Float(_), .. }) => None,
            Self::Sent(ConstValue::Number(number)) => number.as_i64(),
            _ => return None,
        };
        Some(number.map_or(max, |size: i64| u64::try_from(size).unwrap_or(0).min(max)))
    }

    /// Bytes of a text.
    fn length(self) -> u64 {
        match self {
            Self::Literal(Value { kind: ValueKind::String { value, .. }, .. }) => {
                value.len() as u64
            }
            // It reaches the resolver as a string.
            Self::Literal(Value { kind: ValueKind::Int(text), .. })
                if text.parse::<i64>().is_err() =>
            {
                text.len() as u64
            }
            Self::Sent(ConstValue::String(text)) => text.len() as u64,
            _ => 0,
        }
    }
}

impl<'a> Pricing<'a> {
    /// The value of an argument; none if it is omitted or null.
    pub fn argument(&self, field: &'a Field<'a>, name: &str) -> Option<Given<'a>> {
        let argument = field.arguments.iter().find(|argument| argument.name.text == name)?;
        match self.resolve(Given::Literal(&argument.value))? {
            Given::Literal(Value { kind: ValueKind::Null, .. }) | Given::Sent(ConstValue::Null) => {
                None
            }
            given => Some(given),
        }
    }

    /// The value of a variable in its place; none if it has none.
    fn resolve(&self, value: Given<'a>) -> Option<Given<'a>> {
        match value.variable() {
            Some(name) => self.variables.get(name).map(Given::Sent),
            None => Some(value),
        }
    }

    /// What the arguments of a list cost besides its rows.
    pub fn list_arguments(&mut self, def: &FieldDef, field: &'a Field<'a>) -> u64 {
        if field.arguments.is_empty() {
            return 0;
        }
        let keys = self.argument(field, self.costs.order).map_or(0, Given::count);
        let name = self.costs.filter;
        let filter = field.arguments.iter().find(|argument| argument.name.text == name);
        let conditions = filter.zip(def.arguments.get(name)).map_or(0, |(filter, def)| {
            self.conditions(Given::Literal(&filter.value), def.ty.named())
        });
        keys.saturating_add(conditions)
    }

    /// What the conditions of a filter cost, which is of an input type.
    fn conditions(&mut self, filter: Given<'a>, ty: usize) -> u64 {
        if let Some(name) = filter.variable() {
            if let Some(known) = self.filters.get(name) {
                return *known;
            }
            let sent = self.variables.get(name);
            let cost = sent.map_or(0, |sent| self.conditions(Given::Sent(sent), ty));
            self.filters.insert(name, cost);
            return cost;
        }
        if let Some(items) = filter.items() {
            return items.fold(0, |sum, item| sum.saturating_add(self.conditions(item, ty)));
        }
        let entries = filter.entries().into_iter().flatten();
        entries.fold(0, |sum, (name, value)| sum.saturating_add(self.condition(name, value, ty)))
    }

    fn condition(&mut self, name: &str, value: Given<'a>, ty: usize) -> u64 {
        let schema = self.schema;
        let def = match &schema.def(ty).kind {
            Kind::Input { fields, .. } => fields.get(name),
            _ => None,
        };
        let inner = def.map(|def| def.ty.named());
        let inner = inner.filter(|id| matches!(schema.def(*id).kind, Kind::Input { .. }));
        let Some(inner) = inner else {
            return self.listed(value).saturating_add(1);
        };
        let is_related = match name {
            "some" | "none" | "every" => true,
            "and" | "or" | "not" => false,
            _ => self.filters_rows(inner),
        };
        let own = if is_related { RELATED } else { 0 };
        self.conditions(value, inner).saturating_add(own)
    }

    /// Whether an input type is the filter of an object type, as `ClubFilter` is of `Club`.
    fn filters_rows(&self, ty: usize) -> bool {
        let row = self.schema.name(ty).strip_suffix("Filter");
        row.is_some_and(|row| self.composite(row).is_some())
    }

    /// The values that a condition lists, such as those of `in`.
    fn listed(&self, value: Given<'a>) -> u64 {
        let Some(value) = self.resolve(value) else { return 0 };
        match value.items() {
            Some(items) => items.len() as u64,
            None => {
                let entries = value.entries().into_iter().flatten();
                entries.map(|(_, value)| self.listed(value)).sum()
            }
        }
    }

    /// Bytes of a value.
    pub fn size_of(&mut self, value: Given<'a>) -> u64 {
        if let Some(name) = value.variable() {
            if let Some(known) = self.sizes.get(name) {
                return *known;
            }
            let size = self.variables.get(name).map_or(0, |sent| self.size_of(Given::Sent(sent)));
            self.sizes.insert(name, size);
            return size;
        }
        let items = value.items().into_iter().flatten();
        let fields = value.entries().into_iter().flatten().map(|(_, value)| value);
        let within: u64 = items.chain(fields).map(|value| self.size_of(value)).sum();
        within + value.length() + VALUE
    }
}
