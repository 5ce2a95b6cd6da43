//! What the rows of each type can be filtered by, and the input types that say so.
//!
//! All that the engine knows of a type: `read` makes conditions of what clients write.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ID, InputType, InputValueResult, Value,
    registry::{MetaTypeId, Registry},
};
use entity::{
    Certainty, PartialDate,
    kind::{EnumType, plural, snake},
};

use super::{
    as_of::Day,
    condition::{Reach, Register, Texts},
    registry::{Argument, Create, CreateType, input_object, input_type},
};

/// What the rows of a type can be filtered by.
pub struct FilterType {
    /// The name of the input type, such as `SessionFilter`.
    pub name: String,
    pub description: String,
    pub table: &'static str,
    /// The kinds of record that its rows are.
    pub kinds: Vec<String>,
    /// Whether there are so few rows that even a common property finds them quickly.
    pub few: bool,
    /// Whether its rows exist or hold for a time.
    pub is_temporal: bool,
    pub fields: Vec<FilterField>,
}

pub struct FilterField {
    pub name: String,
    pub tests: Tests,
}

/// What a field of a filter tests.
pub enum Tests {
    /// The id that clients know an object by, which is of one of these types.
    Id(Vec<&'static str>),
    /// Names that registers give to rows.
    Listed(&'static [Register]),
    /// A text, by what it folds to; and the column that tells whether there is one.
    Text {
        of: &'static Texts,
        property: &'static str,
        column: &'static str,
    },
    /// A text, as written.
    Code(&'static str),
    /// The same, of a row that keeps other values for other dates.
    CodeAt(&'static str),
    /// A word of an enumeration.
    Words {
        column: &'static str,
        values: EnumType,
    },
    /// The same, of a row that keeps other values for other dates.
    WordsAt {
        column: &'static str,
        values: EnumType,
    },
    Number(&'static str),
    NumberAt(&'static str),
    /// The earliest and the latest day.
    Date(&'static str, &'static str),
    Flag(&'static str),
    /// The same, by the days between which it is so.
    FlagThen(&'static str, &'static str),
    Certainty,
    /// A number that is kept by the days on which it is so.
    NumberThen {
        reach: Reach,
        table: &'static str,
        column: &'static str,
    },
    One {
        reach: Reach,
        filter: fn() -> &'static FilterType,
        ty: CreateType,
    },
    Many {
        reach: Reach,
        filter: fn() -> &'static FilterType,
        ty: CreateType,
        /// Whether those of the date count, and not all.
        dated: bool,
    },
}

/// Something whose lists can be filtered.
pub trait Filtered: 'static {
    fn filter() -> &'static FilterType;
}

/// The filter of a list. Its type stands in the schema alone: `read::resolve_argument` reads what a client wrote.
pub struct Filter<N>(PhantomData<fn() -> N>);

/// The tests of an edge to many.
pub struct ListFilter<N>(PhantomData<fn() -> N>);

/// The tests of a value of one of the common sorts.
pub struct Plain<S>(PhantomData<fn() -> S>);

/// A sort of value: the name of its tests, and what they are.
pub trait Sort: 'static {
    const NAME: &'static str;
    const ABOUT: &'static str;
    const TESTS: &'static [(&'static str, &'static str, CreateType)];
}

macro_rules! sorts {
    ($($sort:ident $name:literal $about:literal { $($test:literal $ty:ty: $doc:literal;)* })*) => {
        $(
            pub struct $sort;

            impl Sort for $sort {
                const NAME: &'static str = $name;
                const ABOUT: &'static str = $about;
                const TESTS: &'static [(&'static str, &'static str, CreateType)] =
                    &[$(($test, $doc, <$ty as InputType>::create_type_info),)*];
            }
        )*
    };
}

sorts! {
    Ids "IdFilter" "Conditions on an id. All given conditions must hold." {
        "eq" Option<ID>: "Equal to this id. The date in the id is ignored.";
        "in" Option<Vec<ID>>: "Equal to one of these values (max 1,000).";
        "not" Option<ID>: "Not equal to this value.";
    }
    Slugs "SlugFilter" "Conditions on a slug, including former slugs. All given conditions must hold." {
        "eq" Option<String>: "Equal to this value.";
        "in" Option<Vec<String>>: "Equal to one of these values (max 1,000).";
        "not" Option<String>: "Not equal to this value.";
    }
    TextTests "TextFilter" "Conditions on a text. Case, diacritics, punctuation and script are ignored: \
        `Когут` equals `kogut`. All given conditions must hold." {
        "eq" Option<String>: "Equal to this value.";
        "in" Option<Vec<String>>: "Equal to one of these values (max 1,000).";
        "not" Option<String>: "Not equal to this value.";
        "contains" Option<String>: "Contains this text (min 3 letters or digits).";
        "startsWith" Option<String>: "Starts with this text.";
        "isNull" Option<bool>: "Whether the value must be null (`true`) or not null (`false`).";
    }
    Codes "CodeFilter" "Conditions on a code, compared exactly. All given conditions must hold." {
        "eq" Option<String>: "Equal to this value.";
        "in" Option<Vec<String>>: "Equal to one of these values (max 1,000).";
        "not" Option<String>: "Not equal to this value.";
        "isNull" Option<bool>: "Whether the value must be null (`true`) or not null (`false`).";
    }
    Numbers "IntFilter" "Conditions on a number. All given conditions must hold." {
        "eq" Option<i32>: "Equal to this value.";
        "in" Option<Vec<i32>>: "Equal to one of these values (max 1,000).";
        "not" Option<i32>: "Not equal to this value.";
        "lt" Option<i32>: "Less than this value.";
        "lte" Option<i32>: "Less than or equal to this value.";
        "gt" Option<i32>: "Greater than this value.";
        "gte" Option<i32>: "Greater than or equal to this value.";
        "between" Option<Plain<NumberRange>>: "Within this range, both ends included.";
        "isNull" Option<bool>: "Whether the value must be null (`true`) or not null (`false`).";
    }
    NumberRange "IntRange" "Range of numbers, both ends included." {
        "from" Option<i32>: "Minimum. Unbounded if omitted.";
        "to" Option<i32>: "Maximum. Unbounded if omitted.";
    }
    Dates "DateFilter" "Conditions on a date, which may be known only to the year or month. All given \
        conditions must hold, each for every day that the date may be; with `possibly: true`, each \
        for at least one of these days." {
        "eq" Option<PartialDate>: "Equal to this date, with the same precision.";
        "before" Option<PartialDate>: "Earlier than this date.";
        "after" Option<PartialDate>: "Later than this date.";
        "within" Option<PartialDate>: "Within this year, month or day.";
        "between" Option<Plain<DateRange>>: "Within this range, both ends included.";
        "possibly" Option<bool>: "Whether a condition must hold for only one of the days that the \
            date may be. For example, `2022` is before `2023`, but only possibly before `2022-06`.";
        "isNull" Option<bool>: "Whether the date must be unknown (`true`) or known (`false`).";
    }
    DateRange "DateRange" "Range of dates, both ends included." {
        "from" Option<PartialDate>: "Start: the earliest day of this date. Unbounded if omitted.";
        "to" Option<PartialDate>: "End: the latest day of this date. Unbounded if omitted.";
    }
}

/// Input types that stand in the schema alone: what is written is kept as a value.
macro_rules! schema_only {
    ($($ty:ident<$n:ident: $bound:path> $name:expr, $fields:expr;)*) => {
        $(impl<$n: $bound + 'static> InputType for $ty<$n> {
            type RawValueType = Self;

            fn type_name() -> Cow<'static, str> {
                $name
            }

            fn create_type_info(registry: &mut Registry) -> String {
                registry.create_input_type::<Self, _>(MetaTypeId::InputObject, $fields)
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
        })*
    };
}

schema_only! {
    Filter<N: Filtered> N::filter().name.as_str().into(), |registry| {
        let filter = N::filter();
        let logic = [
            Argument::of::<Option<Vec<Self>>>("and", "Only return items that match all of these filters (min 1)."),
            Argument::of::<Option<Vec<Self>>>("or", "Only return items that match any of these filters (min 1)."),
            Argument::of::<Option<Self>>("not", "Only return items that do not match this filter."),
        ];
        let fields = filter.fields.iter().map(FilterField::argument);
        input_object::<Self>(registry, &filter.description, logic.into_iter().chain(fields))
    };
    Plain<S: Sort> S::NAME.into(), |registry| {
        let fields = S::TESTS.iter().map(|(name, about, ty)| Argument::new(*name, *about, *ty));
        input_object::<Self>(registry, S::ABOUT, fields)
    };
    ListFilter<N: Filtered> N::filter().name.replace("Filter", "ListFilter").into(), |registry| {
        let mut fields = vec![
            Argument::of::<Option<Filter<N>>>("some", "At least one related item matches."),
            Argument::of::<Option<Filter<N>>>("none", "No related item matches."),
            Argument::of::<Option<Filter<N>>>("every", "All related items match. Also true if there are no related items."),
        ];
        if N::filter().is_temporal {
            fields.push(Argument::of::<Option<Day>>(
                "asOf",
                "Point in time at which related items are valid; defaults to that of the list.",
            ));
            fields.push(Argument::of::<Option<bool>>(
                "history",
                "Whether to include all validity periods, past and future, instead of those at the \
                    point in time.",
            ));
        }
        let about = "Conditions on a list of related items. All given conditions must hold.";
        input_object::<Self>(registry, about, fields)
    };
}

impl FilterField {
    /// The input field: its description and its type.
    fn argument(&self) -> Argument {
        let name = &self.name;
        let plain = |ty: CreateType| (format!("Condition on `{name}`."), Box::new(ty) as Create);
        let (about, ty) = match &self.tests {
            Tests::Id(_) => plain(Option::<Plain<Ids>>::create_type_info),
            Tests::Listed(_) => plain(Option::<Plain<Slugs>>::create_type_info),
            Tests::Text { .. } => plain(Option::<Plain<TextTests>>::create_type_info),
            Tests::Code(_) | Tests::CodeAt(_) => plain(Option::<Plain<Codes>>::create_type_info),
            Tests::Words { values, .. } | Tests::WordsAt { values, .. } => {
                let values = *values;
                let ty = move |registry: &mut Registry| values_filter(registry, values);
                (format!("Condition on `{name}`."), Box::new(ty) as Create)
            }
            Tests::Number(_) | Tests::NumberAt(_) | Tests::NumberThen { .. } => {
                plain(Option::<Plain<Numbers>>::create_type_info)
            }
            Tests::Date(..) => plain(Option::<Plain<Dates>>::create_type_info),
            Tests::Flag(_) | Tests::FlagThen(..) => {
                let ty = Box::new(Option::<bool>::create_type_info) as Create;
                (format!("Required value of `{name}`."), ty)
            }
            Tests::Certainty => {
                let about = "Required certainty at the point in time.".to_owned();
                (about, Box::new(Option::<Certainty>::create_type_info) as Create)
            }
            Tests::One { filter, ty, .. } => {
                let related = self.related(&words(filter().item()));
                let about = format!("Condition on the related {related}; `{{}}` matches any.");
                (about, Box::new(*ty) as Create)
            }
            Tests::Many { filter, ty, .. } => {
                let related = self.related(&plural(&words(filter().item())));
                (format!("Conditions on the related {related}."), Box::new(*ty) as Create)
            }
        };
        Argument::new(self.name.clone(), about, ty)
    }

    /// The related items of a kind, with the name of the relation if it is another word.
    fn related(&self, kind: &str) -> String {
        if words(&self.name) == kind {
            kind.to_owned()
        } else {
            format!("{kind} in `{}`", self.name)
        }
    }
}

impl FilterType {
    /// The name of the type of the items.
    fn item(&self) -> &str {
        self.name.trim_end_matches("Filter")
    }
}

/// A name of the schema in lowercase words: `LegislativePeriod` is `legislative period`.
fn words(name: &str) -> String {
    snake(name).replace('_', " ")
}

/// Makes the filter of the values of an enumeration known to the schema.
fn values_filter(registry: &mut Registry, values: EnumType) -> String {
    let name = format!("{}Filter", (values.name)());
    if !registry.types.contains_key(&name) {
        let one = (values.register)(registry);
        let one = one.trim_end_matches('!');
        let list = format!("[{one}!]");
        let fields = [
            ("eq", "Equal to this value.", one),
            ("in", "Equal to one of these values.", list.as_str()),
            ("not", "Not equal to this value.", one),
            ("isNull", "Whether the value must be null (`true`) or not null (`false`).", "Boolean"),
        ];
        let fields = fields.map(|(name, about, ty)| {
            let ty = ty.to_owned();
            Argument::new(name, about, move |_: &mut Registry| ty.clone())
        });
        let about = "Conditions on an enum value. All given conditions must hold.";
        let meta = input_type(registry, &name, about, fields, None);
        registry.types.insert(name.clone(), meta);
    }
    name
}
