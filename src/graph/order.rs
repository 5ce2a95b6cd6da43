//! The order of a list: by what its rows can be ordered, and as clients ask for it.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    Enum, InputType, InputValueResult, Value,
    registry::{MetaTypeId, Registry},
};
use entity::kind::camel;

use super::{
    error::BadInput,
    keyset::{By, Holds, Nulls},
    registry::{Argument, enumeration, input_object},
};
use crate::limits::MAX_ORDER_KEYS;

/// A column that lists of a type can be ordered by.
pub struct OrderField {
    /// The word of the enumeration, such as `STARTS`.
    pub name: String,
    pub column: &'static str,
    pub holds: Holds,
    /// Whether it may be null.
    pub nullable: bool,
}

/// Something whose lists can be ordered.
pub trait Ordered: 'static {
    /// The name of the type.
    fn name() -> Cow<'static, str>;
    fn orders() -> &'static [OrderField];
}

/// Direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// Ascending: the lowest or earliest first.
    Asc,
    /// Descending: the highest or latest first.
    Desc,
}

/// A key of an order as a client wrote it; it is read when the list is.
pub struct OrderBy<N> {
    value: Value,
    of: PhantomData<fn() -> N>,
}

/// The enum of the properties that a list can be ordered by.
struct OrderWord<N>(PhantomData<fn() -> N>);

impl<N: Ordered> InputType for OrderBy<N> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Order", N::name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::InputObject, |registry| {
            let fields = [
                Argument::of::<OrderWord<N>>("field", "Property to order by."),
                Argument::of::<Option<OrderDirection>>("direction", "Direction of the order.")
                    .or("ASC"),
                Argument::of::<Option<Nulls>>("nulls", "Position of items without a value.")
                    .or("LAST"),
            ];
            let about =
                "Key by which a list is ordered. Each further key orders the items that are equal by the \
                 keys before it.";
            input_object::<Self>(registry, about, fields)
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        Ok(Self { value: value.unwrap_or_default(), of: PhantomData })
    }

    fn to_value(&self) -> Value {
        self.value.clone()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<N> From<OrderBy<N>> for Value {
    fn from(order: OrderBy<N>) -> Self {
        order.value
    }
}

impl<N: Ordered> InputType for OrderWord<N> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}OrderField", N::name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let words = N::orders().iter();
        let words = words.map(|field| (field.name.as_str(), field.description()));
        enumeration::<Self>(
            registry,
            "Properties by which the list can be ordered. New values may be added.",
            words,
        )
    }

    fn parse(_: Option<Value>) -> InputValueResult<Self> {
        Ok(Self(PhantomData))
    }

    fn to_value(&self) -> Value {
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl OrderField {
    fn description(&self) -> String {
        let name = camel(&self.name.to_lowercase());
        match self.holds {
            Holds::Day => format!("By the earliest possible day of `{name}`."),
            Holds::Text => format!("By `{name}`, in the order of Unicode code points."),
            Holds::Number => format!("By `{name}`."),
        }
    }
}

/// Reads the keys of an order.
pub fn read(fields: &'static [OrderField], keys: &[Value]) -> Result<Vec<By>, BadInput> {
    BadInput::too_many_in("orderBy", keys.len(), MAX_ORDER_KEYS)?;
    let mut order: Vec<By> = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let place = format!("orderBy[{at}]");
        let word = |name: &str| match key {
            Value::Object(key) => match key.get(name) {
                Some(Value::Enum(word)) => Some(word.as_str()),
                Some(Value::String(word)) => Some(word.as_str()),
                _ => None,
            },
            _ => None,
        };
        let named = fields.iter().find(|field| Some(field.name.as_str()) == word("field"));
        let field = named.ok_or_else(|| {
            let words: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            let wrong = format!("must have a `field`, one of {}", words.join(", "));
            BadInput::Filter { place: place.clone(), wrong }
        })?;
        if order.iter().any(|by| by.column == field.column) {
            let wrong = format!("must not order by {} twice", field.name);
            return Err(BadInput::Filter { place, wrong });
        }
        order.push(By {
            column: field.column,
            holds: field.holds,
            descending: word("direction") == Some("DESC"),
            nulls: field.nullable.then(|| match word("nulls") {
                Some("FIRST") => Nulls::First,
                _ => Nulls::Last,
            }),
        });
    }
    Ok(order)
}
