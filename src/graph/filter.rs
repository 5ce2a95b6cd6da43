//! What the rows of each type can be filtered by, and the input types that say so.
//!
//! All that the engine knows of a type: `read` makes conditions of what clients write.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ID, InputType, InputValueResult, Value,
    registry::{MetaTypeId, Registry},
};
use entity::{Certainty, PartialDate, kind::EnumType};

use super::{
    condition::{Reach, Register, Texts},
    moment::Day,
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
    pub lives: bool,
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
    Ids "IdFilter" "Tests of an id. All that are given must pass." {
        "eq" Option<ID>: "It is this one, whatever date the id carries.";
        "in" Option<Vec<ID>>: "It is one of these, at most 1,000.";
        "not" Option<ID>: "It is not this one.";
    }
    Slugs "SlugFilter" "Tests of a slug. All that are given must pass. A slug that a record went by \
        counts too." {
        "eq" Option<String>: "It is this one.";
        "in" Option<Vec<String>>: "It is one of these, at most 1,000.";
        "not" Option<String>: "It is not this one.";
    }
    TextTests "TextFilter" "Tests of a text. All that are given must pass. Case, marks, punctuation \
        and script do not count: `Когут` is `kogut`." {
        "eq" Option<String>: "It is this text.";
        "in" Option<Vec<String>>: "It is one of these, at most 1,000.";
        "not" Option<String>: "It is not this text.";
        "contains" Option<String>: "It has this part, of at least three letters or digits.";
        "startsWith" Option<String>: "It begins with this.";
        "isNull" Option<bool>: "Whether there is none.";
    }
    Codes "CodeFilter" "Tests of a code, letter by letter as written. All that are given must pass." {
        "eq" Option<String>: "It is this one.";
        "in" Option<Vec<String>>: "It is one of these, at most 1,000.";
        "not" Option<String>: "It is not this one.";
        "isNull" Option<bool>: "Whether there is none.";
    }
    Numbers "IntFilter" "Tests of a number. All that are given must pass." {
        "eq" Option<i32>: "It is this one.";
        "in" Option<Vec<i32>>: "It is one of these, at most 1,000.";
        "not" Option<i32>: "It is not this one.";
        "lt" Option<i32>: "It is less than this.";
        "lte" Option<i32>: "It is this or less.";
        "gt" Option<i32>: "It is more than this.";
        "gte" Option<i32>: "It is this or more.";
        "between" Option<Plain<NumberRange>>: "It lies between these two, or is one of them.";
        "isNull" Option<bool>: "Whether there is none.";
    }
    NumberRange "IntRange" "Two numbers and what lies between them." {
        "from" Option<i32>: "The least; any where it is left out.";
        "to" Option<i32>: "The most; any where it is left out.";
    }
    Dates "DateFilter" "Tests of a date, which may be known to the year or month only. All that are \
        given must pass, each by itself: for certain, whatever day it was, or, with `possibly`, on \
        some day that it may have been." {
        "eq" Option<PartialDate>: "It is known as this date, as precisely.";
        "before" Option<PartialDate>: "It is earlier than this date.";
        "after" Option<PartialDate>: "It is later than this date.";
        "within" Option<PartialDate>: "It lies in this year or month, or is this day.";
        "between" Option<Plain<DateRange>>: "It lies between these two dates, or is one of them.";
        "possibly" Option<bool>: "Whether it is enough that it may be so. A date `2022` may be \
            before `2022-06`; it is before `2023` for certain.";
        "isNull" Option<bool>: "Whether none is known.";
    }
    DateRange "DateRange" "Two dates and what lies between them." {
        "from" Option<PartialDate>: "From the first day of this date on; any where it is left out.";
        "to" Option<PartialDate>: "Up to the last day of this date; any where it is left out.";
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
            Argument::of::<Option<Vec<Self>>>("and", "All of these pass; at least one is given."),
            Argument::of::<Option<Vec<Self>>>("or", "One of these passes; at least one is given."),
            Argument::of::<Option<Self>>("not", "This does not pass."),
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
            Argument::of::<Option<Filter<N>>>("some", "One of them at least passes."),
            Argument::of::<Option<Filter<N>>>("none", "None of them passes."),
            Argument::of::<Option<Filter<N>>>("every", "All of them pass; so do none at all."),
        ];
        if N::filter().lives {
            fields.push(Argument::of::<Option<Day>>(
                "asOf",
                "The date at which they count; as the list is read at, where it is left out.",
            ));
            fields.push(Argument::of::<Option<bool>>(
                "history",
                "Whether all spells count, past and to come too.",
            ));
        }
        let about = "Tests of all those at the other end. All that are given must pass.";
        input_object::<Self>(registry, about, fields)
    };
}

impl FilterField {
    /// What it is for, and its type.
    fn argument(&self) -> Argument {
        let name = &self.name;
        let plain = |ty: CreateType| (format!("Tests its `{name}`."), Box::new(ty) as Create);
        let (about, ty) = match &self.tests {
            Tests::Id(_) => plain(Option::<Plain<Ids>>::create_type_info),
            Tests::Listed(_) => plain(Option::<Plain<Slugs>>::create_type_info),
            Tests::Text { .. } => plain(Option::<Plain<TextTests>>::create_type_info),
            Tests::Code(_) | Tests::CodeAt(_) => plain(Option::<Plain<Codes>>::create_type_info),
            Tests::Words { values, .. } | Tests::WordsAt { values, .. } => {
                let values = *values;
                let ty = move |registry: &mut Registry| values_filter(registry, values);
                (format!("Tests its `{name}`."), Box::new(ty) as Create)
            }
            Tests::Number(_) | Tests::NumberAt(_) | Tests::NumberThen { .. } => {
                plain(Option::<Plain<Numbers>>::create_type_info)
            }
            Tests::Date(..) => plain(Option::<Plain<Dates>>::create_type_info),
            Tests::Flag(_) | Tests::FlagThen(..) => {
                let ty = Box::new(Option::<bool>::create_type_info) as Create;
                (format!("What its `{name}` is."), ty)
            }
            Tests::Certainty => {
                let about = "Only those that certainly hold on the date, or only those that \
                     merely may.";
                (about.to_owned(), Box::new(Option::<Certainty>::create_type_info) as Create)
            }
            Tests::One { ty, .. } => (
                format!("It has a `{name}` that passes; `{{}}` tests that it has one."),
                Box::new(*ty) as Create,
            ),
            Tests::Many { ty, .. } => plain(*ty),
        };
        Argument::new(name.clone(), about, ty)
    }
}

/// Makes the filter of the values of an enumeration known to the schema.
fn values_filter(registry: &mut Registry, values: EnumType) -> String {
    let name = format!("{}Filter", (values.name)());
    if !registry.types.contains_key(&name) {
        let one = (values.register)(registry);
        let one = one.trim_end_matches('!');
        let list = format!("[{one}!]");
        let fields = [
            ("eq", "It is this one.", one),
            ("in", "It is one of these.", list.as_str()),
            ("not", "It is not this one.", one),
            ("isNull", "Whether there is none.", "Boolean"),
        ];
        let fields = fields.map(|(name, about, ty)| {
            let ty = ty.to_owned();
            Argument::new(name, about, move |_: &mut Registry| ty.clone())
        });
        let about = "Tests of a word. All that are given must pass.";
        let meta = input_type(registry, &name, about, fields, None);
        registry.types.insert(name.clone(), meta);
    }
    name
}
