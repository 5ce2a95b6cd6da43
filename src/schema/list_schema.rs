//! What lists can be filtered, ordered and grouped by: made of the description of each kind.
//!
//! Every plain field and every relation is there without being asked for. Left out are notes, which
//! are prose of the maintainers; the two days of `observed`, of which `certainty` is made; and, of
//! orders and groups, what differs between dates.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use async_graphql::InputType;
use entity::{
    Kind, RecordEntity, RecordKind, Visitor, citation, claim, contradiction_record, identifier,
    kind::{
        EnumType, Field, Group as Kinds, Inverse, References, Target, Temporality, Type, camel,
    },
};
use sea_orm::ActiveEnum;

use super::{
    claim::Claim,
    contradiction::Contradiction,
    document::Document,
    group,
    name::Identifier,
    object::Object,
    record::{Actor, AnyRecord, Organization, Participant},
};
use crate::graph::{
    Edge,
    condition::{Reach, Register, Texts},
    counts::{Counted, Dimension, Group, Records},
    filter::{Filter, FilterField, FilterType, Filtered, ListFilter, Tests},
    keyset::{By, Holds},
    order::{OrderField, Ordered},
    registry::CreateType,
};

/// What a record goes by, and went by.
pub static SLUGS: [Register; 2] = [
    Register { table: "record", name: "slug", id: "id" },
    Register { table: "alias", name: "slug", id: "record_id" },
];

/// The texts of all records.
pub static TEXTS: Texts = Texts {
    table: "term",
    id: "record_id",
    kind: "record_kind",
    property: "property",
    folded: "folded",
    parts: "term_gram",
};

/// The registry of records.
pub static RECORDS: Records = Records { table: "record", slug: "slug", kind: "kind" };

/// What lists of a kind can be filtered, ordered and grouped by.
pub struct Listing {
    pub filter: FilterType,
    pub orders: Vec<OrderField>,
    pub dimensions: Vec<Dimension>,
}

/// Something that lists are made of, as its listing describes it.
pub trait Described: 'static {
    /// The name of the object or the interface.
    fn name() -> Cow<'static, str>;
    fn listing() -> &'static Listing;
}

impl<D: Described> Filtered for D {
    fn filter() -> &'static FilterType {
        &D::listing().filter
    }
}

impl<D: Described> Ordered for D {
    fn name() -> Cow<'static, str> {
        D::name()
    }

    fn orders() -> &'static [OrderField] {
        &D::listing().orders
    }
}

impl<D: Described> Counted for D {
    type Group = group::Group;

    fn name() -> Cow<'static, str> {
        D::name()
    }

    fn dimensions() -> &'static [Dimension] {
        &D::listing().dimensions
    }
}

/// A field of a filter.
pub fn test(name: &str, tests: Tests) -> FilterField {
    FilterField { name: name.to_owned(), tests }
}

/// The listing of a kind.
pub fn listing(kind: RecordKind) -> &'static Listing {
    static LISTINGS: LazyLock<Vec<Listing>> = LazyLock::new(|| {
        let listing = |kind| Listing {
            filter: filter(kind),
            orders: orders(kind).collect(),
            dimensions: dimensions(kind),
        };
        entity::kinds().map(listing).collect()
    });
    &LISTINGS[kind as usize]
}

/// A name that is made of a description, once: it is there as long as the program.
#[expect(clippy::disallowed_methods, reason = "within the statics below")]
fn name(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// The filters of what a relation leads to, as the engine and the schema have them.
#[derive(Clone, Copy)]
pub struct Filters {
    filter: fn() -> &'static FilterType,
    one: CreateType,
    many: CreateType,
}

impl Filters {
    pub fn of<N: Filtered>() -> Self {
        Self {
            filter: N::filter,
            one: <Option<Filter<N>> as InputType>::create_type_info,
            many: <Option<ListFilter<N>> as InputType>::create_type_info,
        }
    }

    pub fn of_kind(kind: RecordKind) -> Self {
        struct Of;
        impl Visitor for Of {
            type Output = Filters;

            fn visit<E: RecordEntity>(self) -> Filters {
                Filters::of::<Object<E>>()
            }
        }
        kind.visit(Of)
    }

    fn of_target(target: Target) -> Self {
        match target {
            Target::Kind(kind) => Self::of_kind(kind),
            Target::Group(group) | Target::Some(_, group) => match group {
                Kinds::Organization => Self::of::<Organization>(),
                Kinds::Actor | Kinds::Represented => Self::of::<Actor>(),
                Kinds::Participant => Self::of::<Participant>(),
            },
        }
    }

    /// The record that a column points at.
    pub fn to(self, reach: Reach) -> Tests {
        Tests::One { reach, filter: self.filter, ty: self.one }
    }

    /// The records at the other end; those of the date, if they are `dated`.
    pub fn across(self, reach: Reach, dated: bool) -> Tests {
        Tests::Many { reach, filter: self.filter, ty: self.many, dated }
    }
}

/// Where references to several records lead, from the row or to it.
pub fn link(references: &References, forward: bool) -> Reach {
    let References { table, own, other, .. } = *references;
    let (one, many) = if forward { (own, other) } else { (other, own) };
    Reach::Link { table, one, many }
}

/// Where the relation back leads that a field makes.
pub fn back(field: &Field) -> Reach {
    match &field.ty {
        Type::References(references) => link(references, false),
        _ => Reach::Key(name(format!("{}_id", field.name))),
    }
}

/// Whether only those of the date belong to a relation back.
pub fn is_dated(kind: &Kind, inverse: &Inverse) -> bool {
    kind.is_temporal() && !inverse.timeless
}

fn filter(kind: &'static Kind) -> FilterType {
    let mut fields = of_record(kind);
    fields.extend(kind.fields.iter().filter_map(|own| Some(test(&own.property(), tests(own)?))));
    if kind.time == Temporality::Validity {
        fields.push(test("certainty", Tests::Certainty));
    }
    for (other, own, inverse) in kind.inverses() {
        let tests = Filters::of_kind(other.kind).across(back(own), is_dated(other, inverse));
        fields.push(test(&camel(inverse.name), tests));
    }
    for link in kind.links {
        let reach = Reach::Link { table: link.table, one: link.own, many: link.other };
        let filters = link.to.map_or_else(Filters::of::<AnyRecord>, Filters::of_kind);
        fields.push(test(&camel(link.name), filters.across(reach, false)));
    }
    fields.extend(super::object::computed(kind.kind).into_iter().flat_map(|own| (own.filters)()));
    FilterType {
        name: format!("{}Filter", kind.kind.object()),
        description: format!(
            "Filter for {}. All given conditions must hold.",
            kind.plural().replace('_', " ")
        ),
        table: kind.table,
        kinds: vec![ActiveEnum::to_value(&kind.kind)],
        few: kind.small,
        is_temporal: kind.is_temporal(),
        fields,
    }
}

/// What every record can be filtered by.
fn of_record(kind: &'static Kind) -> Vec<FilterField> {
    let many = |edge: Edge, filters: Filters| filters.across(edge.reach(), false);
    let cited = Edge::link(citation::Column::RecordId, citation::Column::DocumentId);
    let about = Edge::link(
        contradiction_record::Column::RecordId,
        contradiction_record::Column::ContradictionId,
    );
    let identified = Edge::key(identifier::Column::RecordId);
    vec![
        test("id", Tests::Id(vec![kind.kind.object()])),
        test("slug", Tests::Listed(&SLUGS)),
        test("identifiers", many(identified, Filters::of::<Identifier>())),
        test("sources", many(cited, Filters::of::<Document>())),
        test("claimsAbout", many(Edge::key(claim::Column::RecordId), Filters::of::<Claim>())),
        test("contradictions", many(about, Filters::of::<Contradiction>())),
    ]
}

/// What a field is tested by.
fn tests(field: &'static Field) -> Option<Tests> {
    let column = field.name;
    Some(match &field.ty {
        Type::Text => Tests::Text { of: &TEXTS, property: column, column },
        Type::Code if field.varying => Tests::CodeAt(column),
        Type::Code => Tests::Code(column),
        Type::Enum(values) if field.varying => Tests::WordsAt { column, values: *values },
        Type::Enum(values) => Tests::Words { column, values: *values },
        Type::Number | Type::Rank if field.varying => Tests::NumberAt(column),
        Type::Number | Type::Rank => Tests::Number(column),
        Type::Flag(_) => Tests::Flag(column),
        Type::Date => {
            Tests::Date(name(format!("{column}_earliest")), name(format!("{column}_latest")))
        }
        Type::Reference(reference) => {
            Filters::of_target(reference.to).to(Reach::To(name(format!("{column}_id"))))
        }
        Type::References(references) => {
            Filters::of_kind(references.to).across(link(references, true), false)
        }
        Type::Note | Type::Sightings => return None,
    })
}

/// The listing of what is of several kinds: of a group, or of any.
pub fn listing_of(group: Option<Kinds>) -> &'static Listing {
    static LISTINGS: LazyLock<Vec<(Option<Kinds>, Listing)>> = LazyLock::new(|| {
        let listing = |group, name, plural| (group, of_several(group, name, plural));
        vec![
            listing(None, "Record", "records"),
            listing(Some(Kinds::Organization), "Organization", "organizations"),
            listing(Some(Kinds::Actor), "Actor", "actors"),
            listing(Some(Kinds::Participant), "Participant", "participants"),
        ]
    });
    let found = LISTINGS.iter().find(|(own, _)| *own == group);
    &found.expect("every group that the schema has is listed").1
}

/// By what all kinds have, and by what each has.
fn of_several(group: Option<Kinds>, name: &str, plural: &str) -> Listing {
    let kinds: Vec<&Kind> =
        entity::kinds().filter(|kind| group.is_none_or(|group| kind.is(group))).collect();
    let names: Vec<&'static str> = kinds.iter().map(|kind| kind.kind.object()).collect();
    let values = EnumType::of::<RecordKind>();
    let mut fields = vec![
        test("id", Tests::Id(names)),
        test("slug", Tests::Listed(&SLUGS)),
        test("kind", Tests::Words { column: "kind", values }),
    ];
    if kinds.iter().all(|kind| kind.naming == Some("name")) {
        // Every one has a name: no column has to tell.
        fields.push(test("name", Tests::Text { of: &TEXTS, property: "name", column: "id" }));
    }
    if group.is_some() {
        let of_kind = |kind: &&Kind| {
            test(&camel(kind.table), Filters::of_kind(kind.kind).to(Reach::To("id")))
        };
        fields.extend(kinds.iter().map(of_kind));
    }
    let (holds, nullable) = (Holds::Text, false);
    Listing {
        filter: FilterType {
            name: format!("{name}Filter"),
            description: format!("Filter for {plural}. All given conditions must hold."),
            table: "record",
            kinds: kinds.iter().map(|kind| ActiveEnum::to_value(&kind.kind)).collect(),
            few: false,
            is_temporal: false,
            fields,
        },
        orders: vec![OrderField { name: "KIND".to_owned(), column: "kind", holds, nullable }],
        dimensions: vec![Dimension { name: "KIND".to_owned(), group: Group::Text("kind") }],
    }
}

/// The column of a field whose values have an order, and what it holds.
fn ordered(field: &Field) -> Option<(&'static str, Holds)> {
    Some(match field.ty {
        _ if field.varying => return None,
        Type::Text | Type::Code | Type::Enum(_) => (field.name, Holds::Text),
        Type::Number | Type::Rank => (field.name, Holds::Number),
        Type::Date => (name(format!("{}_earliest", field.name)), Holds::Day),
        _ => return None,
    })
}

fn orders(kind: &'static Kind) -> impl Iterator<Item = OrderField> {
    kind.fields.iter().filter_map(|field| {
        let (column, holds) = ordered(field)?;
        let nullable = !field.is_required();
        Some(OrderField { name: value(field), column, holds, nullable })
    })
}

/// The order of lists of a kind if the client does not say.
pub fn default_order(kind: RecordKind) -> &'static [By] {
    static ORDERS: LazyLock<Vec<Vec<By>>> = LazyLock::new(|| {
        let by = |(column, holds)| By { column, holds, descending: false, nulls: None };
        let order = |kind: &'static Kind| {
            let fields = kind.order.iter().filter_map(|name| kind.field(name));
            fields.filter_map(ordered).map(by).collect()
        };
        entity::kinds().map(order).collect()
    });
    &ORDERS[kind as usize]
}

/// A field as a value of an enumeration.
fn value(field: &Field) -> String {
    field.name.to_uppercase()
}

fn dimensions(kind: &'static Kind) -> Vec<Dimension> {
    let mut all: Vec<Dimension> = Vec::new();
    let year = kind.dated_by.iter().filter_map(|name| kind.field(name));
    let year = year.filter(|field| matches!(field.ty, Type::Date)).take(1);
    all.extend(
        year.filter_map(|field| Some(Dimension { name: "YEAR".into(), group: group(field)? })),
    );
    for field in kind.fields {
        if let Type::References(references) = &field.ty {
            let group = Group::Across {
                reach: link(references, true),
                table: references.to.kind().table,
                dated: false,
                group: Box::new(Group::Record("id", &RECORDS)),
            };
            all.push(Dimension { name: references.one.to_uppercase(), group });
        }
        all.extend(group(field).map(|group| Dimension { name: value(field), group }));
    }
    for (other, own, inverse) in kind.inverses() {
        let fields = inverse.groups.iter().filter_map(|name| other.field(name));
        all.extend(fields.filter_map(|field| {
            let group = Group::Across {
                reach: back(own),
                table: other.table,
                dated: is_dated(other, inverse),
                group: Box::new(group(field)?),
            };
            Some(Dimension { name: value(field), group })
        }));
    }
    let names: HashSet<&String> = all.iter().map(|dimension| &dimension.name).collect();
    assert!(names.len() == all.len(), "two groups of {} have one name", kind.plural());
    all
}

/// What makes rows one group by a field.
fn group(field: &'static Field) -> Option<Group> {
    Some(match field.ty {
        _ if field.varying => return None,
        Type::Text | Type::Code | Type::Enum(_) => Group::Text(field.name),
        Type::Number | Type::Rank => Group::Number(field.name),
        Type::Flag(_) => Group::Flag(field.name),
        Type::Date => Group::Year(name(format!("{}_earliest", field.name))),
        Type::Reference(_) => Group::Record(name(format!("{}_id", field.name)), &RECORDS),
        Type::References(_) | Type::Note | Type::Sightings => return None,
    })
}
