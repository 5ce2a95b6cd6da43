//! The filters, orders and groups of lists, generated from the descriptions of kinds.
//!
//! They contain every field and every relation except for notes, which are prose, and `observed`,
//! which is part of `certainty`. Orders and groups do not contain fields that vary over time.

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
    object::{Object, computed},
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

/// The current and former slugs of records.
pub static SLUGS: [Register; 2] = [
    Register { table: "record", name: "slug", id: "id" },
    Register { table: "alias", name: "slug", id: "record_id" },
];

/// The folded texts of all records.
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

/// The filter, orders and groups of a list.
pub struct ListSchema {
    pub filter: FilterType,
    pub orders: Vec<OrderField>,
    pub dimensions: Vec<Dimension>,
}

/// An item of lists.
pub trait ListItem: 'static {
    /// Returns the name of the object or interface.
    fn name() -> Cow<'static, str>;
    fn list_schema() -> &'static ListSchema;
}

impl<I: ListItem> Filtered for I {
    fn filter() -> &'static FilterType {
        &I::list_schema().filter
    }
}

impl<I: ListItem> Ordered for I {
    fn name() -> Cow<'static, str> {
        I::name()
    }

    fn orders() -> &'static [OrderField] {
        &I::list_schema().orders
    }
}

impl<I: ListItem> Counted for I {
    type Group = group::Group;

    fn name() -> Cow<'static, str> {
        I::name()
    }

    fn dimensions() -> &'static [Dimension] {
        &I::list_schema().dimensions
    }
}

/// Returns a field of a filter.
pub fn filter_field(name: &str, tests: Tests) -> FilterField {
    FilterField { name: name.to_owned(), tests }
}

/// Returns the list schema of a kind.
pub fn list_schema(kind: RecordKind) -> &'static ListSchema {
    static LIST_SCHEMAS: LazyLock<Vec<ListSchema>> = LazyLock::new(|| {
        let list_schema = |kind| ListSchema {
            filter: filter(kind),
            orders: orders(kind).collect(),
            dimensions: dimensions(kind),
        };
        entity::kinds().map(list_schema).collect()
    });
    &LIST_SCHEMAS[kind as usize]
}

/// Leaks a generated name.
#[expect(clippy::disallowed_methods, reason = "called only to initialize statics")]
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// The filters of the items of a relation.
#[derive(Clone, Copy)]
pub struct RelatedFilter {
    filter: fn() -> &'static FilterType,
    filter_type: CreateType,
    list_filter_type: CreateType,
}

impl RelatedFilter {
    pub fn of<N: Filtered>() -> Self {
        Self {
            filter: N::filter,
            filter_type: <Option<Filter<N>> as InputType>::create_type_info,
            list_filter_type: <Option<ListFilter<N>> as InputType>::create_type_info,
        }
    }

    pub fn of_kind(kind: RecordKind) -> Self {
        struct OfObject;
        impl Visitor for OfObject {
            type Output = RelatedFilter;

            fn visit<E: RecordEntity>(self) -> RelatedFilter {
                RelatedFilter::of::<Object<E>>()
            }
        }
        kind.visit(OfObject)
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

    /// Returns the condition of a relation to one item.
    pub fn to_one(self, reach: Reach) -> Tests {
        Tests::One { reach, filter: self.filter, ty: self.filter_type }
    }

    /// Returns the condition of a relation to several items. If it is `dated`, only the items that are
    /// valid at the point in time count.
    pub fn to_many(self, reach: Reach, dated: bool) -> Tests {
        Tests::Many { reach, filter: self.filter, ty: self.list_filter_type, dated }
    }
}

/// Returns the join path from a row to the records that it refers to.
pub fn reference_reach(references: &References) -> Reach {
    Reach::Link { table: references.table, one: references.own, many: references.other }
}

/// Returns the join path from a record to the rows that refer to it with this field.
pub fn inverse_reach(field: &Field) -> Reach {
    match &field.ty {
        Type::References(references) => {
            Reach::Link { table: references.table, one: references.other, many: references.own }
        }
        _ => Reach::Key(leak(format!("{}_id", field.name))),
    }
}

/// Whether an inverse relation contains only the records that are valid at the point in time.
pub fn is_dated(kind: &Kind, inverse: &Inverse) -> bool {
    kind.is_temporal() && !inverse.timeless
}

fn filter(kind: &'static Kind) -> FilterType {
    let mut fields = common_filter_fields(kind);
    fields.extend(
        kind.fields
            .iter()
            .filter_map(|field| Some(filter_field(&field.property(), field_tests(field)?))),
    );
    if kind.time == Temporality::Validity {
        fields.push(filter_field("certainty", Tests::Certainty));
    }
    for (other, field, inverse) in kind.inverses() {
        let tests = RelatedFilter::of_kind(other.kind)
            .to_many(inverse_reach(field), is_dated(other, inverse));
        fields.push(filter_field(&camel(inverse.name), tests));
    }
    for link in kind.links {
        let reach = Reach::Link { table: link.table, one: link.own, many: link.other };
        let related = link.to.map_or_else(RelatedFilter::of::<AnyRecord>, RelatedFilter::of_kind);
        fields.push(filter_field(&camel(link.name), related.to_many(reach, false)));
    }
    if let Some(computed) = computed(kind.kind) {
        fields.extend((computed.filters)());
    }
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

/// Returns the filter fields of every kind.
fn common_filter_fields(kind: &'static Kind) -> Vec<FilterField> {
    let to_many = |edge: Edge, related: RelatedFilter| related.to_many(edge.reach(), false);
    let sources = Edge::link(citation::Column::RecordId, citation::Column::DocumentId);
    let contradictions = Edge::link(
        contradiction_record::Column::RecordId,
        contradiction_record::Column::ContradictionId,
    );
    let claims = Edge::key(claim::Column::RecordId);
    let identifiers = Edge::key(identifier::Column::RecordId);
    vec![
        filter_field("id", Tests::Id(vec![kind.kind.object()])),
        filter_field("slug", Tests::Listed(&SLUGS)),
        filter_field("identifiers", to_many(identifiers, RelatedFilter::of::<Identifier>())),
        filter_field("sources", to_many(sources, RelatedFilter::of::<Document>())),
        filter_field("claimsAbout", to_many(claims, RelatedFilter::of::<Claim>())),
        filter_field(
            "contradictions",
            to_many(contradictions, RelatedFilter::of::<Contradiction>()),
        ),
    ]
}

/// Returns the condition of a filter on a field.
fn field_tests(field: &'static Field) -> Option<Tests> {
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
            Tests::Date(leak(format!("{column}_earliest")), leak(format!("{column}_latest")))
        }
        Type::Reference(reference) => {
            RelatedFilter::of_target(reference.to).to_one(Reach::To(leak(format!("{column}_id"))))
        }
        Type::References(references) => {
            RelatedFilter::of_kind(references.to).to_many(reference_reach(references), false)
        }
        Type::Note | Type::Sightings => return None,
    })
}

/// Returns the list schema of the records of a group, or of all records.
pub fn group_list_schema(group: Option<Kinds>) -> &'static ListSchema {
    static LIST_SCHEMAS: LazyLock<Vec<(Option<Kinds>, ListSchema)>> = LazyLock::new(|| {
        let entry = |group, name, plural| (group, build_group(group, name, plural));
        vec![
            entry(None, "Record", "records"),
            entry(Some(Kinds::Organization), "Organization", "organizations"),
            entry(Some(Kinds::Actor), "Actor", "actors"),
            entry(Some(Kinds::Participant), "Participant", "participants"),
        ]
    });
    let entry = LIST_SCHEMAS.iter().find(|(key, _)| *key == group);
    &entry.expect("each interface of the schema has an entry").1
}

/// Builds the list schema of several kinds, from what all of them have and from the filters of each.
fn build_group(group: Option<Kinds>, name: &str, plural: &str) -> ListSchema {
    let kinds: Vec<&Kind> =
        entity::kinds().filter(|kind| group.is_none_or(|group| kind.is(group))).collect();
    let names: Vec<&'static str> = kinds.iter().map(|kind| kind.kind.object()).collect();
    let values = EnumType::of::<RecordKind>();
    let mut fields = vec![
        filter_field("id", Tests::Id(names)),
        filter_field("slug", Tests::Listed(&SLUGS)),
        filter_field("kind", Tests::Words { column: "kind", values }),
    ];
    if kinds.iter().all(|kind| kind.naming == Some("name")) {
        // `name` is required, so `id` serves as the column that is null if there is no name.
        fields
            .push(filter_field("name", Tests::Text { of: &TEXTS, property: "name", column: "id" }));
    }
    if group.is_some() {
        let of_kind = |kind: &&Kind| {
            let related = RelatedFilter::of_kind(kind.kind);
            filter_field(&camel(kind.table), related.to_one(Reach::To("id")))
        };
        fields.extend(kinds.iter().map(of_kind));
    }
    let (holds, nullable) = (Holds::Text, false);
    ListSchema {
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

/// Returns the column that orders a list by a field, and its type.
fn order_column(field: &Field) -> Option<(&'static str, Holds)> {
    Some(match field.ty {
        _ if field.varying => return None,
        Type::Text | Type::Code | Type::Enum(_) => (field.name, Holds::Text),
        Type::Number | Type::Rank => (field.name, Holds::Number),
        Type::Date => (leak(format!("{}_earliest", field.name)), Holds::Day),
        _ => return None,
    })
}

fn orders(kind: &'static Kind) -> impl Iterator<Item = OrderField> {
    kind.fields.iter().filter_map(|field| {
        let (column, holds) = order_column(field)?;
        let nullable = !field.is_required();
        Some(OrderField { name: enum_value(field), column, holds, nullable })
    })
}

/// Returns the default order of the lists of a kind.
pub fn default_order(kind: RecordKind) -> &'static [By] {
    static ORDERS: LazyLock<Vec<Vec<By>>> = LazyLock::new(|| {
        let by = |(column, holds)| By { column, holds, descending: false, nulls: None };
        let order = |kind: &'static Kind| {
            let fields = kind.order.iter().filter_map(|name| kind.field(name));
            fields.filter_map(order_column).map(by).collect()
        };
        entity::kinds().map(order).collect()
    });
    &ORDERS[kind as usize]
}

/// Returns the enum value of a field.
fn enum_value(field: &Field) -> String {
    field.name.to_uppercase()
}

fn dimensions(kind: &'static Kind) -> Vec<Dimension> {
    let mut all: Vec<Dimension> = Vec::new();
    let mut date_fields = kind.dated_by.iter().filter_map(|name| kind.field(name));
    if let Some(field) = date_fields.find(|field| matches!(field.ty, Type::Date)) {
        all.extend(field_group(field).map(|group| Dimension { name: "YEAR".into(), group }));
    }
    for field in kind.fields {
        if let Type::References(references) = &field.ty {
            let group = Group::Across {
                reach: reference_reach(references),
                table: references.to.kind().table,
                dated: false,
                group: Box::new(Group::Record("id", &RECORDS)),
            };
            all.push(Dimension { name: references.one.to_uppercase(), group });
        }
        all.extend(field_group(field).map(|group| Dimension { name: enum_value(field), group }));
    }
    for (other, referring, inverse) in kind.inverses() {
        let fields = inverse.groups.iter().filter_map(|name| other.field(name));
        all.extend(fields.filter_map(|field| {
            let group = Group::Across {
                reach: inverse_reach(referring),
                table: other.table,
                dated: is_dated(other, inverse),
                group: Box::new(field_group(field)?),
            };
            Some(Dimension { name: enum_value(field), group })
        }));
    }
    let names: HashSet<&String> = all.iter().map(|dimension| &dimension.name).collect();
    assert!(names.len() == all.len(), "two groups of {} have the same name", kind.plural());
    all
}

/// Returns the group key of a field.
fn field_group(field: &'static Field) -> Option<Group> {
    Some(match field.ty {
        _ if field.varying => return None,
        Type::Text | Type::Code | Type::Enum(_) => Group::Text(field.name),
        Type::Number | Type::Rank => Group::Number(field.name),
        Type::Flag(_) => Group::Flag(field.name),
        Type::Date => Group::Year(leak(format!("{}_earliest", field.name))),
        Type::Reference(_) => Group::Record(leak(format!("{}_id", field.name)), &RECORDS),
        Type::References(_) | Type::Note | Type::Sightings => return None,
    })
}
