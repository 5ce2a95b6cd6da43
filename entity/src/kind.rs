//! What a record kind is, described once: [`Kind`], a constant beside each table of records.
//!
//! Whatever differs between kinds is read from here: the keys of the data set, claims, search
//! terms, contradictions, the order in which dates are derived, exports, and the types, filters,
//! orders and groups of the GraphQL schema.
//!
//! A new kind takes: its table in a migration; its module here, with the model and [`Record`]; a
//! value of [`RecordKind`], and in `lib.rs` a `mod` and a line in each of `kinds!` and
//! `for_each_entity!`; query files, as the tests ask for them. A new field takes a column and a line
//! in `fields`.
//!
//! | what is described | columns |
//! | --- | --- |
//! | a kind | `id`, `slug`; and in the model `Relation::Entity` |
//! | a field | `<name>`; of a date `<name>_earliest`, `<name>_latest`; of `observed` both of `observed_first` and of `observed_last` |
//! | a reference | `<name>_id`, indexed; to a group also `<name>_kind` |
//! | [`Temporality::Lifetime`] | `founded`, `dissolved`, `ended` (dates), `holds_from`, `holds_until` |
//! | [`Temporality::Validity`] | `since`, `until` (dates), `ongoing`, `observed`, `holds_from`, `holds_until`, `sure_from`, `sure_until` |
//! | a varying field | `varying`, once |
//!
//! What a kind computes besides stands in a file of its
//! own in `src/schema`; days that follow from more than its own dates and bounds, in `import::date`.

use async_graphql::{OutputType, registry::Registry};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, EntityTrait, IntoActiveModel, Iterable, ModelTrait, TryIntoModel,
};

use crate::RecordKind;

/// A kind of record.
#[derive(Debug)]
pub struct Kind {
    pub kind: RecordKind,
    /// The table, here and in the data set.
    pub table: &'static str,
    /// What one record is, for clients.
    pub about: &'static str,
    pub groups: &'static [Group],
    pub time: Temporality,
    /// Whether there are so few rows that even a common value finds them quickly.
    pub small: bool,
    /// The field that names a record; its further names are listed beside it.
    pub naming: Option<&'static str>,
    /// Whether its records are what supports others.
    pub evidence: bool,
    pub fields: &'static [Field],
    /// Relations that no reference of a record makes.
    pub links: &'static [Link],
    /// What only one record may have.
    pub unique: &'static [Unique],
    /// What must hold between the fields of a row.
    pub rules: &'static [Rule],
    /// The date of the record: the first of these that is set, a date or that of the record that a
    /// reference points at. Whoever took part is read as of it.
    pub dated_by: &'static [&'static str],
    /// The reference that leads to the state it belongs to, at once or by further ones.
    pub of_state: Option<&'static str>,
    /// The fields that order its lists if the client does not say; the id comes after them.
    pub order: &'static [&'static str],
}

/// Kinds that stand for each other where a reference can point at several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What members can belong to.
    Organization,
    /// Who can attend a session or take a position.
    Actor,
    /// Who can participate in an assembly.
    Participant,
    /// Whom a member can represent.
    Represented,
}

/// How a record is in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temporality {
    /// It is read alike at every date.
    Timeless,
    /// It has a start and an end, which bound others and do not hide it.
    Dates { start: &'static str, end: &'static str },
    /// It exists from `founded` to `dissolved`, within what bounds it.
    Lifetime,
    /// It is valid from `since` to `until`, within what bounds it.
    Validity,
}

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

/// Records of one kind.
pub const fn one(kind: RecordKind) -> Target {
    Target::Kind(kind)
}

/// Records of all kinds of a group.
pub const fn any(group: Group) -> Target {
    Target::Group(group)
}

/// What a reference can point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Kind(RecordKind),
    Group(Group),
    /// Some of a group.
    Some(&'static [RecordKind], Group),
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

/// A relation by a table that holds no records, such as citations.
#[derive(Debug)]
pub struct Link {
    pub name: &'static str,
    pub about: &'static str,
    pub table: &'static str,
    /// The column that points at the record.
    pub own: &'static str,
    /// The column that points at the others.
    pub other: &'static str,
    /// Their kind; records of any if none.
    pub to: Option<RecordKind>,
}

/// Fields whose values together only one record may have.
#[derive(Debug)]
pub struct Unique {
    pub fields: &'static [&'static str],
    /// What they are, for messages; `{}` stands for the value of the last field.
    pub what: &'static str,
}

/// What must hold between fields of one row.
#[derive(Debug)]
pub enum Rule {
    /// One of these is given; `what` it tells.
    AnyOf { fields: &'static [&'static str], what: &'static str },
    /// Two references point at different records.
    Differ { fields: [&'static str; 2], what: &'static str },
    /// A date is not before another one.
    InOrder { start: &'static str, end: &'static str },
    /// A code of two capital letters.
    TwoCapitals { field: &'static str, what: &'static str },
}

/// An entity whose rows are records.
pub trait Record:
    EntityTrait<
        Model: ModelTrait<Entity = Self>
                   + IntoActiveModel<Self::ActiveModel>
                   + Clone
                   + PartialEq
                   + Send
                   + Sync,
        ActiveModel: ActiveModelTrait<Entity = Self> + TryIntoModel<Self::Model> + Send,
    >
{
    const KIND: Kind;
}

/// Something to do with the entity of a kind that is known at run time only.
pub trait Visitor {
    type Output;

    fn visit<E: Record>(self) -> Self::Output;
}

impl Kind {
    /// A kind of which nothing is special.
    pub const fn new(kind: RecordKind, table: &'static str, about: &'static str) -> Self {
        Self {
            kind,
            table,
            about,
            groups: &[],
            time: Temporality::Timeless,
            small: false,
            naming: None,
            evidence: false,
            fields: &[],
            links: &[],
            unique: &[],
            rules: &[],
            dated_by: &[],
            of_state: None,
            order: &[],
        }
    }

    /// The name of several records: `legislative_periods`.
    pub fn plural(&self) -> String {
        match self.table.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None => format!("{}s", self.table),
        }
    }

    pub fn is(&self, group: Group) -> bool {
        self.groups.contains(&group)
    }

    pub fn is_organization(&self) -> bool {
        self.is(Group::Organization)
    }

    /// Whether its rows hold on some dates and not on others.
    pub fn is_temporal(&self) -> bool {
        matches!(self.time, Temporality::Lifetime | Temporality::Validity)
    }

    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that is called so in the schema and in claims.
    pub fn property(&self, property: &str) -> Option<&'static Field> {
        // Each claim asks for its field: no name is made for it.
        self.fields.iter().find(|field| is_camel(field.shown_as.unwrap_or(field.name), property))
    }

    /// The property of which the further names of a record are values: the field that names it, if
    /// every record has one.
    pub fn further_names(&self) -> &'static str {
        let naming = self.naming.filter(|name| self.field(name).is_some_and(Field::is_required));
        naming.unwrap_or("name")
    }

    /// The names of the fields that begin and end it.
    pub fn ends(&self) -> Option<(&'static str, &'static str)> {
        match self.time {
            Temporality::Timeless => None,
            Temporality::Dates { start, end } => Some((start, end)),
            Temporality::Lifetime => Some(("founded", "dissolved")),
            Temporality::Validity => Some(("since", "until")),
        }
    }

    /// The fields that are keys of the data set.
    pub fn keys(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.fields.iter().filter(|field| !field.derived)
    }

    /// The references to single records.
    pub fn references(&self) -> impl Iterator<Item = (&'static Field, &'static Reference)> + use<> {
        self.fields.iter().filter_map(|field| match &field.ty {
            Type::Reference(reference) => Some((field, reference)),
            _ => None,
        })
    }

    /// The relations from records of this kind to those that point at them: the kind of those, the
    /// field that points here, and what the relation is.
    pub fn inverses(&self) -> Vec<(&'static Kind, &'static Field, &'static Inverse)> {
        let mut all = Vec::new();
        for kind in crate::kinds() {
            for field in kind.fields {
                let inverses = match &field.ty {
                    Type::Reference(reference) if reference.to.has(self) => reference.inverse,
                    Type::References(many) if many.to == self.kind => {
                        std::slice::from_ref(&many.inverse)
                    }
                    _ => continue,
                };
                let own =
                    inverses.iter().filter(|one| one.of.is_empty() || one.of.contains(&self.kind));
                all.extend(own.map(|inverse| (kind, field, inverse)));
            }
        }
        all
    }
}

/// Kinds in an order in which each comes after those that it `needs`; where they need each other
/// in a ring, the ring is cut at its first.
pub fn in_order(
    kinds: impl Iterator<Item = &'static Kind>,
    needs: impl Fn(&'static Kind) -> Vec<RecordKind>,
) -> Vec<&'static Kind> {
    let mut left: Vec<&'static Kind> = kinds.collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |kind: &RecordKind| left.iter().any(|other| other.kind == *kind);
        let is_free =
            |one: &'static Kind| needs(one).iter().all(|kind| *kind == one.kind || !waits(kind));
        let next = left.iter().position(|one| is_free(one)).unwrap_or(0);
        order.push(left.remove(next));
    }
    order
}

/// The kinds, each after those that its rows point at.
pub fn in_writing_order() -> impl Iterator<Item = RecordKind> {
    let needs = |loose: bool| {
        move |kind: &'static Kind| {
            let references = kind
                .references()
                .filter(move |(_, reference)| loose || reference.on_missing == OnMissing::DropRow);
            references.filter_map(|(_, reference)| reference.to.kind()).collect::<Vec<_>>()
        }
    };
    // What a row can be without is not needed where the two need each other.
    let order = in_order(crate::kinds(), needs(false));
    in_order(order.into_iter(), needs(true)).into_iter().map(|kind| kind.kind)
}

impl Target {
    pub fn has(&self, kind: &Kind) -> bool {
        match self {
            Self::Kind(own) => *own == kind.kind,
            Self::Group(group) => kind.is(*group),
            Self::Some(kinds, _) => kinds.contains(&kind.kind),
        }
    }

    /// The kinds that it has, in the order of kinds.
    pub fn kinds(&self) -> Vec<RecordKind> {
        crate::kinds().filter(|kind| self.has(kind)).map(|kind| kind.kind).collect()
    }

    /// The only kind that it has.
    pub fn kind(&self) -> Option<RecordKind> {
        match self {
            Self::Kind(kind) => Some(*kind),
            _ => None,
        }
    }
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

/// The groups of every organization.
pub const ORGANIZATION: &[Group] = &[Group::Organization, Group::Actor, Group::Represented];
/// The groups of an organization that can participate in assemblies.
pub const PARTICIPANT: &[Group] =
    &[Group::Organization, Group::Actor, Group::Represented, Group::Participant];

/// A name of the data set or of a column as the schema has it.
pub fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut name, part| {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// Whether the schema has a name as `camel`.
fn is_camel(name: &str, camel: &str) -> bool {
    let mut camel = camel.chars();
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default();
    let rest = parts.flat_map(|part| {
        part.chars().enumerate().map(|(at, letter)| match at {
            0 => letter.to_ascii_uppercase(),
            _ => letter,
        })
    });
    first.chars().chain(rest).all(|letter| camel.next() == Some(letter)) && camel.next().is_none()
}

/// A name of the schema as the data set and columns have it.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
