//! What the lists of each type can be filtered, ordered and counted by: said once in the type's
//! own file, by these macros.

use crate::graph::{
    condition::{Register, Texts},
    counts::Records,
    filter::{FilterField, Tests},
};

/// What a record goes by, and went by.
pub static SLUGS: [Register; 2] = [
    Register { table: "entity", name: "slug", id: "id" },
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
pub static RECORDS: Records = Records { table: "entity", slug: "slug", kind: "kind" };

/// A name of Rust as GraphQL has it.
pub fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (head, tail) = word.split_at(1);
        name + &head.to_uppercase() + tail
    })
}

/// The tests of one field of a filter: see `filter!`.
macro_rules! tests {
    ($field:ident text) => {
        $crate::graph::filter::Tests::Text {
            of: &$crate::schema::listed::TEXTS,
            property: stringify!($field),
            column: stringify!($field),
        }
    };
    ($field:ident id($object:ident)) => {
        $crate::graph::filter::Tests::Id(&[stringify!($object)])
    };
    ($field:ident id_of_any($($object:ident)*)) => {
        $crate::graph::filter::Tests::Id(&[$(stringify!($object)),*])
    };
    ($field:ident slug) => {
        $crate::graph::filter::Tests::Listed(&$crate::schema::listed::SLUGS)
    };
    ($field:ident number_then($edge:expr, $table:ident $column:ident)) => {
        $crate::graph::filter::Tests::NumberThen {
            reach: $edge.reach(),
            table: stringify!($table),
            column: stringify!($column),
        }
    };
    ($field:ident code) => {
        $crate::graph::filter::Tests::Code(stringify!($field))
    };
    ($field:ident word($words:ty)) => {
        $crate::graph::filter::Tests::Words {
            column: stringify!($field),
            ty: $crate::graph::filter::WordsType::of::<$words>(),
        }
    };
    ($field:ident word_at($words:ty)) => {
        $crate::graph::filter::Tests::WordsAt {
            column: stringify!($field),
            ty: $crate::graph::filter::WordsType::of::<$words>(),
        }
    };
    ($field:ident number_at) => {
        $crate::graph::filter::Tests::NumberAt(stringify!($field))
    };
    ($field:ident number) => {
        $crate::graph::filter::Tests::Number(stringify!($field))
    };
    ($field:ident number($column:ident)) => {
        $crate::graph::filter::Tests::Number(stringify!($column))
    };
    ($field:ident date) => {
        $crate::graph::filter::Tests::Date(
            concat!(stringify!($field), "_earliest"),
            concat!(stringify!($field), "_latest"),
        )
    };
    ($field:ident flag) => {
        $crate::graph::filter::Tests::Flag(stringify!($field))
    };
    ($field:ident flag_then($during:ident)) => {
        $crate::graph::filter::Tests::FlagThen(stringify!($field), stringify!($during))
    };
    ($field:ident certainty) => {
        $crate::graph::filter::Tests::Certainty
    };
    ($field:ident one($object:ident)) => {
        tests!($field to $object concat!(stringify!($field), "_id"))
    };
    ($field:ident same($object:ident)) => {
        tests!($field to $object "id")
    };
    ($field:ident to $object:ident $column:expr) => {
        $crate::graph::filter::Tests::One {
            reach: $crate::graph::condition::Reach::To($column),
            filter: <$object as $crate::graph::filter::Filtered>::filter,
            ty: <Option<$crate::graph::filter::Filter<$object>>
                as async_graphql::InputType>::create_type_info,
        }
    };
    ($field:ident many($object:ident at $edge:expr)) => {
        tests!($field $object $edge, false)
    };
    ($field:ident then($object:ident at $edge:expr)) => {
        tests!($field $object $edge, true)
    };
    ($field:ident $object:ident $edge:expr, $dated:literal) => {
        $crate::graph::filter::Tests::Many {
            reach: $edge.reach(),
            filter: <$object as $crate::graph::filter::Filtered>::filter,
            ty: <Option<$crate::graph::filter::ListFilter<$object>>
                as async_graphql::InputType>::create_type_info,
            dated: $dated,
        }
    };
}

/// Says what lists of a type can be filtered by, one field a line:
///
/// | sort | what it tests |
/// | --- | --- |
/// | `text` | a text, folded |
/// | `code` | a text, as written |
/// | `word(Enum)` | a word of an enumeration |
/// | `number`, `number(column)` | a whole number |
/// | `word_at(Enum)`, `number_at` | the same, of a row that keeps other values for other dates |
/// | `date` | a partial date: the columns `<field>_earliest` and `<field>_latest` |
/// | `flag` | true or false |
/// | `flag_then(column)` | the same, by the days that the row keeps in the column |
/// | `certainty` | how sure it is that the row holds on the date |
/// | `number_then(edge, table column)` | a number that another table has by the days on which it is so |
/// | `id(Object)`, `id_of_any(Object ..)`, `slug` | the names that clients know an object by |
/// | `one(Object)` | the row that `<field>_id` points at |
/// | `same(Object)` | the row with the same id in another table |
/// | `many(Object at edge)` | the rows at an edge |
/// | `then(Object at edge)` | the same, of those that hold on the date |
///
/// `few` says that there are never many rows; `lives` that they exist or hold for a time. Under
/// `record`, what every record has comes first.
macro_rules! filter {
    (
        $(#[doc = $doc:literal])*
        $name:ident on $object:ident($table:ident) $(, $trait:ident)* {
            $($field:ident: $sort:ident $(($($of:tt)*))?),* $(,)?
        }
    ) => {
        impl $crate::graph::filter::Filtered for $object {
            fn filter() -> &'static $crate::graph::filter::FilterType {
                use $crate::graph::filter::{FilterField, FilterType};
                static FILTER: std::sync::LazyLock<FilterType> = std::sync::LazyLock::new(|| {
                    let traits: &[&str] = &[$(stringify!($trait)),*];
                    let mut fields = Vec::new();
                    if traits.contains(&"record") {
                        fields = $crate::schema::listed::of_record(&[stringify!($object)]);
                    }
                    fields.extend([$(FilterField {
                        name: $crate::schema::listed::camel(stringify!($field)),
                        tests: tests!($field $sort $(($($of)*))?),
                    }),*]);
                    FilterType {
                        name: stringify!($name),
                        description: concat!($($doc),*).trim(),
                        table: stringify!($table),
                        kinds: vec![stringify!($table).to_uppercase()],
                        few: traits.contains(&"few"),
                        lives: traits.contains(&"lives"),
                        fields,
                    }
                });
                &FILTER
            }
        }
    };
}

/// A key of an order: see `order!`.
macro_rules! key {
    ($field:ident date) => { key!($field Day true, concat!(stringify!($field), "_earliest")) };
    ($field:ident text) => { key!($field Text false, stringify!($field)) };
    ($field:ident text_or_none) => { key!($field Text true, stringify!($field)) };
    ($field:ident number) => { key!($field Number false, stringify!($field)) };
    ($field:ident number($column:ident)) => { key!($field Number false, stringify!($column)) };
    ($field:ident number_or_none) => { key!($field Number true, stringify!($field)) };
    ($field:ident $holds:ident $nullable:literal, $column:expr) => {
        $crate::graph::order::OrderField {
            name: stringify!($field).to_uppercase(),
            column: $column,
            holds: $crate::graph::keyset::Holds::$holds,
            nullable: $nullable,
        }
    };
}

/// Says what lists of a type can be ordered by: `date`, `text`, `number`, or one of the latter that
/// a row may lack.
macro_rules! order {
    ($object:ident { $($field:ident: $sort:ident $(($($of:tt)*))?),* $(,)? }) => {
        impl $crate::graph::order::Ordered for $object {
            fn name() -> std::borrow::Cow<'static, str> {
                <$object as async_graphql::OutputType>::type_name()
            }

            fn orders() -> &'static [$crate::graph::order::OrderField] {
                use $crate::graph::order::OrderField;
                static ORDER: std::sync::LazyLock<Vec<OrderField>> =
                    std::sync::LazyLock::new(|| vec![$(key!($field $sort $(($($of)*))?)),*]);
                &ORDER
            }
        }
    };
}

/// What makes rows one group: see `counts!`.
macro_rules! group {
    ($field:ident text) => { $crate::graph::counts::Group::Text(stringify!($field)) };
    ($field:ident itself) => {
        $crate::graph::counts::Group::Record("id", &$crate::schema::listed::RECORDS)
    };
    ($field:ident year($column:ident)) => {
        $crate::graph::counts::Group::Year(concat!(stringify!($column), "_earliest"))
    };
    ($field:ident record) => {
        $crate::graph::counts::Group::Record(
            concat!(stringify!($field), "_id"),
            &$crate::schema::listed::RECORDS,
        )
    };
    ($field:ident many($edge:expr, $table:ident $sort:ident)) => {
        group!($field across $edge, $table, group!($field $sort), false)
    };
    ($field:ident then($edge:expr, $table:ident $sort:ident)) => {
        group!($field across $edge, $table, group!($field $sort), true)
    };
    ($field:ident across $edge:expr, $table:ident, $group:expr, $dated:literal) => {
        $crate::graph::counts::Group::Across {
            reach: $edge.reach(),
            table: stringify!($table),
            dated: $dated,
            group: Box::new($group),
        }
    };
}

/// Says what lists of a type can be counted by: a `text`, a `year(date)`, a `record` that
/// `<field>_id` points at (or, at an edge, the row `itself`); or one of these of the rows at an edge, `many(edge, table sort)`, or of
/// those that hold on the date, `then(edge, table sort)`.
macro_rules! counts {
    ($object:ident { $($field:ident: $sort:ident $(($($of:tt)*))?),* $(,)? }) => {
        impl $crate::graph::counts::Counted for $object {
            type Shown = $crate::schema::count::Count;

            fn name() -> std::borrow::Cow<'static, str> {
                <$object as async_graphql::OutputType>::type_name()
            }

            fn dimensions() -> &'static [$crate::graph::counts::Dimension] {
                use $crate::graph::counts::Dimension;
                static DIMENSIONS: std::sync::LazyLock<Vec<Dimension>> =
                    std::sync::LazyLock::new(|| vec![$(Dimension {
                        name: stringify!($field).to_uppercase(),
                        group: group!($field $sort $(($($of)*))?),
                    }),*]);
                &DIMENSIONS
            }
        }
    };
}

/// What every record can be filtered by.
pub fn of_record(kind: &'static [&'static str]) -> Vec<FilterField> {
    use entity::{citation, claim, contradiction_record, identifier};

    use super::{claim::Claim, contradiction::Contradiction, document::Document, name::Identifier};
    use crate::graph::Edge;
    let field = |name: &str, tests| FilterField { name: name.to_owned(), tests };
    vec![
        field("id", Tests::Id(kind)),
        field("slug", Tests::Listed(&SLUGS)),
        field("identifiers", tests!(x many(Identifier at Edge::key(identifier::Column::RecordId)))),
        field(
            "sources",
            tests!(x many(Document at
                Edge::link(citation::Column::RecordId, citation::Column::DocumentId))),
        ),
        field("claims", tests!(x many(Claim at Edge::key(claim::Column::RecordId)))),
        field(
            "contradictions",
            tests!(x many(Contradiction at Edge::link(
                contradiction_record::Column::RecordId,
                contradiction_record::Column::ContradictionId
            ))),
        ),
    ]
}
