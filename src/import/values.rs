//! Validates values of claims, and converts them to the columns that store them.

use entity::{
    RecordKind,
    kind::{Field, Type},
};
use sea_orm::Value;

use crate::store::rows::{Assignment, date_columns};

/// Validates a value of a property.
///
/// # Errors
///
/// A description of the valid values.
pub fn validate(kind: RecordKind, property: &str, value: &str) -> Result<(), &'static str> {
    let is_number = value.parse::<i32>().is_ok_and(|number| number >= 0);
    match (kind, property) {
        (RecordKind::Delegation, "totalSeats") if !is_number => {
            return Err("an integer of at least 0");
        }
        (RecordKind::Delegation, "seats") if is_number => {
            return Err(
                "a sum of the seats of its chambers, such as \"7 + 4\"; a single number is a value of `total_seats`",
            );
        }
        _ => {}
    }
    match kind.kind().property(property).filter(|field| field.claimable) {
        Some(field) => columns(field, value).map(drop),
        None => Ok(()),
    }
}

/// The columns that store a value of a field.
pub fn columns(field: &Field, value: &str) -> Result<Vec<Assignment>, &'static str> {
    let one = |value: Value| vec![(field.name.to_owned(), value)];
    match &field.ty {
        Type::Number | Type::Rank => {
            let number = value.parse::<i32>().ok().filter(|number| *number >= 0);
            Ok(one(number.ok_or("an integer of at least 0")?.into()))
        }
        Type::Date => {
            let date = value.parse().map_err(|_| "a date, such as \"2022\" or \"2022-12-05\"")?;
            Ok(date_columns(field.name, Some(date)).into())
        }
        Type::Enum(values) if !(values.all)().iter().any(|allowed| allowed == value) => {
            Err("a value of its enum")
        }
        _ => Ok(one(value.into())),
    }
}
