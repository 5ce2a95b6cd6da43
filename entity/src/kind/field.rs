//! Fields of records: what they hold, what else is to be known of them, and the words that build
//! them.

use async_graphql::{OutputType, registry::Registry};
use sea_orm::{ActiveEnum, Iterable};

use super::{Target, camel};
use crate::RecordKind;

/// A field of a record: a key of the data set, one or several columns, a field of the object.
#[derive(Debug)]
pub struct Field {
    /// In the data set; of one column, its name.
    pub name: &'static str,
    /// The name in the schema, if it is another.
    pub shown_as: Option<&'static str>,
    pub ty: Type,
    /// What it is, for clients.
    pub about: &'static str,
    pub need: Need,
    /// Whether claims give its value where the row gives none.
    pub claimable: bool,
    /// Whether two values at one time contradict each other.
    pub single: bool,
    /// Whether its value is the same at every date, whenever it is stated.
    pub permanent: bool,
    /// Whether the row keeps its values over all time, because they differ between dates.
    pub varying: bool,
    /// Of a text: how much it counts in search, the lower the more.
    pub searched: Option<i32>,
    /// Whether it follows from other fields or records, and is no key of the data set.
    pub derived: bool,
    /// Whether a resolver of its own makes the field of the object.
    pub computed: bool,
    /// Of a number: the lowest allowed.
    pub min: i32,
}

/// What a field holds.
#[derive(Debug)]
pub enum Type {
    /// A text, compared without case, marks, punctuation and script.
    Text,
    /// A text, compared as written.
    Code,
    /// Prose of the maintainers, which states nothing: not filtered, ordered or grouped by.
    Remark,
    /// A value of an enumeration.
    Enum(Values),
    Number,
    /// A place among others, given by the maintainers: a number that states nothing.
    Rank,
    /// True or false, and which of them if omitted.
    Flag(bool),
    /// A partial date: `<name>_earliest` and `<name>_latest`.
    Date,
    /// The first and the last day on which a document shows it.
    Days,
    /// A record: `<name>_id`, and `<name>_kind` where it can be of several kinds.
    Reference(Reference),
    /// Several records, by a linking table.
    References(References),
}

/// Whether a row must give a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Optional,
    Required,
    /// Required here or by a claim.
    RequiredOrClaimed,
    /// The value of an enumeration that stands for an omitted one.
    Default(&'static str),
}

/// An enumeration.
#[derive(Clone, Copy)]
pub struct Values {
    /// Its values, as stored and as in the schema.
    pub all: fn() -> Vec<String>,
    /// The name of its type in the schema.
    pub name: fn() -> String,
    /// Makes its type known to the schema.
    pub register: fn(&mut Registry) -> String,
}

impl Values {
    pub const fn of<E: ActiveEnum<Value = String> + Iterable + OutputType>() -> Self {
        Self {
            all: || E::iter().map(|value| value.to_value()).collect(),
            name: || <E as OutputType>::type_name().into_owned(),
            register: <E as OutputType>::create_type_info,
        }
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&(self.name)())
    }
}

/// A reference to one record.
#[derive(Debug)]
pub struct Reference {
    pub to: Target,
    pub on_missing: OnMissing,
    /// Whether the row is, or holds, within the time of that record only.
    pub bounds: bool,
    /// Whether the record is read as of the date of the row.
    pub dated: bool,
    /// Whether the row belongs to that record: an export of one assembly has what belongs to it, at
    /// once or by others.
    pub owner: bool,
    /// The relations back.
    pub inverse: &'static [Inverse],
}

/// References to several records of one kind.
#[derive(Debug)]
pub struct References {
    pub to: RecordKind,
    /// The linking table, its column for the row, and that for the records.
    pub table: &'static str,
    pub own: &'static str,
    pub other: &'static str,
    /// The name of one of them.
    pub one: &'static str,
    /// Whether the row exists within the time of any of them only.
    pub bounds: bool,
    /// Whether the row belongs to each of them.
    pub owner: bool,
    pub inverse: Inverse,
}

/// What an export does with a row if the record that it points at is not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMissing {
    DropRow,
    SetNull,
}

/// The relation from a record to those that point at it.
#[derive(Debug)]
pub struct Inverse {
    pub name: &'static str,
    pub about: &'static str,
    /// The kinds of record that have it; all that the reference can point at if empty.
    pub of: &'static [RecordKind],
    /// Whether there are never many, so that the list is not paged.
    pub short: bool,
    /// Whether they are read as of the date of the record.
    pub dated: bool,
    /// Whether all of them are listed at every date.
    pub timeless: bool,
    /// Their fields by which records that have them can be grouped.
    pub groups: &'static [&'static str],
    /// Whether a resolver of its own makes the field of the object.
    pub computed: bool,
}

impl Field {
    const fn new(name: &'static str, ty: Type, about: &'static str) -> Self {
        let single = matches!(ty, Type::Enum(_) | Type::Number | Type::Date | Type::Reference(_));
        Self {
            name,
            shown_as: None,
            ty,
            about,
            need: Need::Optional,
            claimable: false,
            single,
            permanent: false,
            varying: false,
            searched: None,
            derived: false,
            computed: false,
            min: 0,
        }
    }

    /// Its name in the schema and in claims: `elected_at` is `electedAt`.
    pub fn property(&self) -> String {
        camel(self.shown_as.unwrap_or(self.name))
    }

    /// Whether a row states the value by its sources, where the field has no sources of its own.
    pub fn is_stated(&self) -> bool {
        matches!(self.ty, Type::Text | Type::Code | Type::Enum(_) | Type::Number | Type::Date)
    }

    /// Whether the field takes sources of its own.
    pub fn takes_sources(&self) -> bool {
        self.is_stated() || matches!(self.ty, Type::Reference(_) | Type::Days)
    }

    pub fn is_required(&self) -> bool {
        !matches!(self.need, Need::Optional) || matches!(self.ty, Type::Flag(_))
    }

    pub const fn shown_as(self, name: &'static str) -> Self {
        assert!(!self.varying, "values over time are kept by the name of the column");
        Self { shown_as: Some(name), ..self }
    }

    pub const fn required(self) -> Self {
        Self { need: Need::Required, ..self }
    }

    pub const fn required_or_claimed(self) -> Self {
        assert!(matches!(self.ty, Type::Number), "only a number can be left to claims");
        Self { need: Need::RequiredOrClaimed, ..self }
    }

    pub const fn or(self, value: &'static str) -> Self {
        Self { need: Need::Default(value), ..self }
    }

    pub const fn claimable(self) -> Self {
        assert!(
            !matches!(self.ty, Type::Reference(_) | Type::References(_) | Type::Days),
            "claims give the value of one field"
        );
        Self { claimable: true, ..self }
    }

    pub const fn single(self) -> Self {
        Self { single: true, ..self }
    }

    /// Several values at one time are no contradiction.
    pub const fn multiple(self) -> Self {
        Self { single: false, ..self }
    }

    pub const fn permanent(self) -> Self {
        Self { permanent: true, ..self }
    }

    pub const fn varying(self) -> Self {
        assert!(self.shown_as.is_none(), "values over time are kept by the name of the column");
        Self { varying: true, ..self }
    }

    pub const fn searched(self, rank: i32) -> Self {
        Self { searched: Some(rank), ..self }
    }

    pub const fn derived(self) -> Self {
        Self { derived: true, ..self }
    }

    pub const fn computed(self) -> Self {
        Self { computed: true, ..self }
    }

    pub const fn min(self, min: i32) -> Self {
        Self { min, ..self }
    }

    const fn with(self, change: Change) -> Self {
        let Type::Reference(mut reference) = self.ty else {
            panic!("only a reference points at a record");
        };
        match change {
            Change::Loose => reference.on_missing = OnMissing::SetNull,
            Change::Bounds => reference.bounds = true,
            Change::Dated => reference.dated = true,
            Change::Owner => reference.owner = true,
            Change::Inverse(inverse) => reference.inverse = inverse,
        }
        Self { ty: Type::Reference(reference), ..self }
    }

    /// A row is exported without the record that the reference points at.
    pub const fn loose(self) -> Self {
        self.with(Change::Loose)
    }

    /// A row is, or holds, within the time of the record that the reference points at.
    pub const fn bounds(self) -> Self {
        self.with(Change::Bounds)
    }

    /// The record is read as of the date of the row.
    pub const fn dated(self) -> Self {
        self.with(Change::Dated)
    }

    /// The row belongs to the record that the reference points at.
    pub const fn owner(self) -> Self {
        self.with(Change::Owner)
    }

    pub const fn inverse(self, inverse: &'static [Inverse]) -> Self {
        self.with(Change::Inverse(inverse))
    }
}

enum Change {
    Loose,
    Bounds,
    Dated,
    Owner,
    Inverse(&'static [Inverse]),
}

impl Inverse {
    pub const fn new(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            of: &[],
            short: false,
            dated: false,
            timeless: false,
            groups: &[],
            computed: false,
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

    pub const fn computed(self) -> Self {
        Self { computed: true, ..self }
    }
}

pub const fn text(name: &'static str, about: &'static str) -> Field {
    Field::new(name, Type::Text, about)
}

pub const fn code(name: &'static str, about: &'static str) -> Field {
    Field::new(name, Type::Code, about)
}

pub const fn values<E: ActiveEnum<Value = String> + Iterable + OutputType>(
    name: &'static str,
    about: &'static str,
) -> Field {
    Field::new(name, Type::Enum(Values::of::<E>()), about)
}

pub const fn number(name: &'static str, about: &'static str) -> Field {
    Field::new(name, Type::Number, about)
}

pub const fn rank(name: &'static str, about: &'static str) -> Field {
    Field::new(name, Type::Rank, about)
}

pub const fn flag(name: &'static str, if_omitted: bool, about: &'static str) -> Field {
    Field::new(name, Type::Flag(if_omitted), about)
}

pub const fn date(name: &'static str, about: &'static str) -> Field {
    Field::new(name, Type::Date, about)
}

pub const fn reference(name: &'static str, to: Target, about: &'static str) -> Field {
    let reference = Reference {
        to,
        on_missing: OnMissing::DropRow,
        bounds: false,
        dated: false,
        owner: false,
        inverse: &[],
    };
    Field::new(name, Type::Reference(reference), about)
}

pub const fn references(name: &'static str, references: References, about: &'static str) -> Field {
    Field::new(name, Type::References(references), about)
}

/// The name that a record is shown by.
pub const NAME: Field = text("name", "Its name.").required().searched(0);
pub const NOTE: Field = Field::new("note", Type::Remark, "A note by the maintainers of the data.");
pub const WEBSITE: Field =
    code("website", "Address of its web site.").claimable().single().varying();
pub const FOUNDED: Field =
    date("founded", "When it was founded, if a document states it.").claimable().permanent();
pub const DISSOLVED: Field =
    date("dissolved", "When it ended, if a document states it.").claimable().permanent();
pub const SINCE: Field =
    date("since", "The start of its validity period, if a document states it.")
        .claimable()
        .permanent();
pub const UNTIL: Field = date("until", "The end of its validity period, if a document states it.")
    .claimable()
    .permanent();
pub const ONGOING: Field = flag(
    "ongoing",
    false,
    "Whether a document states that it has no end. False if nothing is known of its end.",
);
pub const OBSERVED: Field =
    Field::new("observed", Type::Days, "The days on which documents show it to hold.");
