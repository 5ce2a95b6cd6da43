//! The fields of records, and functions that build them.

use async_graphql::{OutputType, registry::Registry};
use sea_orm::{ActiveEnum, Iterable};

use super::{Target, camel};
use crate::RecordKind;

/// A field of a record: a key of the data set, one or more columns, and a field of the object.
#[derive(Debug)]
pub struct Field {
    /// The key in the data set, and the name of the column if the field has one column.
    pub name: &'static str,
    pub ty: Type,
    /// The description in the schema.
    pub description: &'static str,
    pub requirement: Requirement,
    /// Whether claims set its value if the row does not.
    pub claimable: bool,
    /// Whether two values at one time contradict each other.
    pub single: bool,
    /// Whether its value never changes, such as a founding date.
    pub permanent: bool,
    /// Whether its value changes over time and the row stores all values.
    pub varying: bool,
    /// The rank in search results of a text, the lowest first.
    pub search_rank: Option<i32>,
    /// Whether it is derived from other fields or records and is not a key of the data set.
    pub derived: bool,
    /// The minimum of a number.
    pub min: i32,
}

/// The type of a field.
#[derive(Debug)]
pub enum Type {
    /// A string, compared without case, diacritics, punctuation and script.
    Text,
    /// A string, compared exactly.
    Code,
    /// A note by the maintainers. Not available for filters, orders and groups.
    Note,
    /// A value of an enumeration.
    Enum(EnumType),
    Number,
    /// A position in an order that the maintainers define. Takes no sources.
    Rank,
    /// A boolean and its default.
    Flag(bool),
    /// A partial date: `<name>_earliest` and `<name>_latest`.
    Date,
    /// The first and the last day on which a document shows the record.
    Sightings,
    /// A record: `<name>_id`, and `<name>_kind` if it can be of several kinds.
    Reference(Reference),
    /// Several records, by a linking table.
    References(References),
}

/// Whether a row must have a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    Optional,
    Required,
    /// Required in the row or in a claim.
    RequiredOrClaimed,
    /// The default of an enumeration.
    Default(&'static str),
}

/// The type of an enumeration.
#[derive(Clone, Copy)]
pub struct EnumType {
    /// Its values, as stored and as in the schema.
    pub all: fn() -> Vec<String>,
    /// The name of its type in the schema.
    pub name: fn() -> String,
    /// Registers its type in the schema.
    pub register: fn(&mut Registry) -> String,
}

impl EnumType {
    pub const fn of<E: ActiveEnum<Value = String> + Iterable + OutputType>() -> Self {
        Self {
            all: || E::iter().map(|value| value.to_value()).collect(),
            name: || <E as OutputType>::type_name().into_owned(),
            register: <E as OutputType>::create_type_info,
        }
    }
}

impl std::fmt::Debug for EnumType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&(self.name)())
    }
}

/// A reference to one record.
#[derive(Debug)]
pub struct Reference {
    pub to: Target,
    pub on_missing: OnMissing,
    /// Whether the row exists or is valid only while the record is.
    pub bounds: bool,
    /// Whether the record is read as of the date of the row.
    pub dated: bool,
    /// Whether the row belongs to the record. An export of one assembly contains everything that
    /// belongs to it, directly or through other records.
    pub owner: bool,
    /// The relations from the record to the row.
    pub inverse: &'static [Inverse],
}

/// References to several records of one kind.
#[derive(Debug)]
pub struct References {
    pub to: RecordKind,
    /// The join table, its column that refers to the row, and the column that refers to the records.
    pub table: &'static str,
    pub own: &'static str,
    pub other: &'static str,
    /// The name of one reference.
    pub one: &'static str,
    /// Whether the row exists only while any of the records does.
    pub bounds: bool,
    /// Whether the row belongs to each of them.
    pub owner: bool,
    pub inverse: Inverse,
}

/// What an export does with a row that refers to a record that is not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMissing {
    DropRow,
    SetNull,
}

/// The relation from a record to those that refer to it.
#[derive(Debug)]
pub struct Inverse {
    pub name: &'static str,
    pub description: &'static str,
    /// The kinds of record that have it. If empty, all kinds that the reference can refer to.
    pub of: &'static [RecordKind],
    /// Whether the list is always short, so that it has no pages.
    pub short: bool,
    /// Whether they are read as of the date of the record.
    pub dated: bool,
    /// Whether all of them are listed as of every date.
    pub timeless: bool,
    /// The fields of the other record that are group keys of this one.
    pub groups: &'static [&'static str],
}

impl Field {
    const fn new(name: &'static str, ty: Type, description: &'static str) -> Self {
        let single = matches!(ty, Type::Enum(_) | Type::Number | Type::Date | Type::Reference(_));
        Self {
            name,
            ty,
            description,
            requirement: Requirement::Optional,
            claimable: false,
            single,
            permanent: false,
            varying: false,
            search_rank: None,
            derived: false,
            min: 0,
        }
    }

    /// Returns the name in the schema and in claims: `electedAt` for `elected_at`.
    pub fn property(&self) -> String {
        camel(self.name)
    }

    /// Whether the sources of a row support the value if the field has no sources of its own.
    pub fn is_stated(&self) -> bool {
        matches!(self.ty, Type::Text | Type::Code | Type::Enum(_) | Type::Number | Type::Date)
    }

    /// Whether the field takes sources of its own.
    pub fn takes_sources(&self) -> bool {
        self.is_stated() || matches!(self.ty, Type::Reference(_) | Type::Sightings)
    }

    pub fn is_required(&self) -> bool {
        !matches!(self.requirement, Requirement::Optional) || matches!(self.ty, Type::Flag(_))
    }

    pub const fn required(self) -> Self {
        Self { requirement: Requirement::Required, ..self }
    }

    pub const fn required_or_claimed(self) -> Self {
        assert!(
            matches!(self.ty, Type::Number),
            "only a number can be required in the row or in claims"
        );
        Self { requirement: Requirement::RequiredOrClaimed, ..self }
    }

    pub const fn or(self, value: &'static str) -> Self {
        Self { requirement: Requirement::Default(value), ..self }
    }

    pub const fn claimable(self) -> Self {
        assert!(
            !matches!(self.ty, Type::Reference(_) | Type::References(_) | Type::Sightings),
            "claims set the value of one field"
        );
        Self { claimable: true, ..self }
    }

    pub const fn single(self) -> Self {
        Self { single: true, ..self }
    }

    /// Several values at one time do not contradict each other.
    pub const fn multiple(self) -> Self {
        Self { single: false, ..self }
    }

    pub const fn permanent(self) -> Self {
        Self { permanent: true, ..self }
    }

    pub const fn varying(self) -> Self {
        Self { varying: true, ..self }
    }

    pub const fn search_rank(self, rank: i32) -> Self {
        Self { search_rank: Some(rank), ..self }
    }

    pub const fn derived(self) -> Self {
        Self { derived: true, ..self }
    }

    pub const fn min(self, min: i32) -> Self {
        Self { min, ..self }
    }

    const fn with(self, option: ReferenceOption) -> Self {
        let Type::Reference(mut reference) = self.ty else {
            panic!("the field is not a reference");
        };
        match option {
            ReferenceOption::Loose => reference.on_missing = OnMissing::SetNull,
            ReferenceOption::Bounds => reference.bounds = true,
            ReferenceOption::Dated => reference.dated = true,
            ReferenceOption::Owner => reference.owner = true,
            ReferenceOption::Inverse(inverse) => reference.inverse = inverse,
        }
        Self { ty: Type::Reference(reference), ..self }
    }

    /// A row is exported even if the referenced record is not.
    pub const fn loose(self) -> Self {
        self.with(ReferenceOption::Loose)
    }

    /// A row exists or is valid only while the referenced record is.
    pub const fn bounds(self) -> Self {
        self.with(ReferenceOption::Bounds)
    }

    /// The record is read as of the date of the row.
    pub const fn dated(self) -> Self {
        self.with(ReferenceOption::Dated)
    }

    /// The row belongs to the referenced record.
    pub const fn owner(self) -> Self {
        self.with(ReferenceOption::Owner)
    }

    pub const fn inverse(self, inverse: &'static [Inverse]) -> Self {
        self.with(ReferenceOption::Inverse(inverse))
    }
}

enum ReferenceOption {
    Loose,
    Bounds,
    Dated,
    Owner,
    Inverse(&'static [Inverse]),
}

impl Inverse {
    pub const fn new(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            description,
            of: &[],
            short: false,
            dated: false,
            timeless: false,
            groups: &[],
        }
    }

    pub const fn of(self, of: &'static [RecordKind]) -> Self {
        Self { of, ..self }
    }

    pub const fn short(self) -> Self {
        Self { short: true, ..self }
    }

    pub const fn dated(self) -> Self {
        Self { dated: true, ..self }
    }

    pub const fn timeless(self) -> Self {
        Self { timeless: true, ..self }
    }

    pub const fn groups(self, groups: &'static [&'static str]) -> Self {
        Self { groups, ..self }
    }
}

pub const fn text(name: &'static str, description: &'static str) -> Field {
    Field::new(name, Type::Text, description)
}

pub const fn code(name: &'static str, description: &'static str) -> Field {
    Field::new(name, Type::Code, description)
}

pub const fn values<E: ActiveEnum<Value = String> + Iterable + OutputType>(
    name: &'static str,
    description: &'static str,
) -> Field {
    Field::new(name, Type::Enum(EnumType::of::<E>()), description)
}

pub const fn number(name: &'static str, description: &'static str) -> Field {
    Field::new(name, Type::Number, description)
}

pub const fn rank(name: &'static str, description: &'static str) -> Field {
    Field::new(name, Type::Rank, description)
}

pub const fn flag(name: &'static str, if_omitted: bool, description: &'static str) -> Field {
    Field::new(name, Type::Flag(if_omitted), description)
}

pub const fn date(name: &'static str, description: &'static str) -> Field {
    Field::new(name, Type::Date, description)
}

pub const fn reference(name: &'static str, to: Target, description: &'static str) -> Field {
    let reference = Reference {
        to,
        on_missing: OnMissing::DropRow,
        bounds: false,
        dated: false,
        owner: false,
        inverse: &[],
    };
    Field::new(name, Type::Reference(reference), description)
}

pub const fn references(
    name: &'static str,
    references: References,
    description: &'static str,
) -> Field {
    Field::new(name, Type::References(references), description)
}

/// The display name of a record.
pub const NAME: Field = text("name", "Name of the record.").required().search_rank(0);
pub const NOTE: Field = Field::new("note", Type::Note, "Note by the maintainers of the data.");
pub const WEBSITE: Field =
    code("website", "URL of the website. Null if unknown.").claimable().single().varying();
pub const FOUNDED: Field =
    date("founded", "Date of foundation. Null if no document states it.").claimable().permanent();
pub const DISSOLVED: Field =
    date("dissolved", "Date of dissolution. Null if no document states it.")
        .claimable()
        .permanent();
pub const SINCE: Field =
    date("since", "Start of the validity period. Null if no document states it.")
        .claimable()
        .permanent();
pub const UNTIL: Field =
    date("until", "End of the validity period. Null if no document states it.")
        .claimable()
        .permanent();
pub const ONGOING: Field = flag(
    "ongoing",
    false,
    "Whether a document states that the validity period continues. False if the end is merely \
        unknown.",
);
pub const OBSERVED: Field = Field::new(
    "observed",
    Type::Sightings,
    "First and last day on which documents show the record to be valid. Null if none does.",
);
