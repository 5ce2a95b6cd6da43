//! What an operation costs: computed from the document and the schema before anything runs.
//!
//! A field costs 1, or its weight, each time that it is resolved. Below a page that is as often as the
//! page may have rows, below any other list as often as [`Costs`] say that it is long.

mod arguments;
mod heaviest;

use std::{cell::OnceCell, collections::HashMap};

use async_graphql_parser::Pos;
use async_graphql_value::{ConstValue, Variables};

use self::arguments::Given;
use crate::{
    ast::{Directive, Document, Field, Fragment, Operation, Selection, SelectionSet, ValueKind},
    error::{Error, ErrorKind},
    lower::{Fragments, Lowering},
    schema::{FieldDef, Of, Schema, Ty},
};

/// How the costs of fields are computed, and what an operation may cost and have at most.
///
/// A list whose type has `pageInfo` is a Relay connection: its `nodes` and `edges` are the rows of a
/// page. Any other list with a required list argument has an item for each value of it.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// Costs of fields by their names; other fields cost 1.
    pub weights: &'static [(&'static str, u64)],
    /// The size of a connection's page.
    pub pages: ListSize,
    /// The size of another list that takes one of these arguments.
    pub lists: ListSize,
    /// Items of a list that takes none.
    pub unsized_items: u64,
    /// Maximum values of a list argument; more are refused when the field is resolved.
    pub max_values: u64,
    /// The argument of a list that filters it: each condition costs 1, one on related rows 10.
    pub filter: &'static str,
    /// The argument of a list that orders it: each key costs 1.
    pub order: &'static str,
    /// Maximum cost of an operation.
    pub max_cost: u64,
    /// Maximum fields of an operation, those of a fragment counted wherever it is spread.
    pub max_fields: u64,
    /// Maximum levels of fields.
    pub max_depth: u64,
    /// Maximum selection sets within each other, fragments written out.
    pub max_nesting: u64,
    /// Maximum fields at the root, fragments written out.
    pub max_root_fields: u64,
}

/// How many rows a list has.
#[derive(Clone, Copy, Debug)]
pub struct ListSize {
    /// The arguments that say so, of which the largest counts.
    pub arguments: &'static [&'static str],
    /// If none of them is given.
    pub default: u64,
    /// At most.
    pub max: u64,
}

/// Maximum characters of a response name that cost nothing, and how many more cost 1: names are the
/// client's to choose, and stand in each row.
const FREE_NAME_LENGTH: u64 = 32;
const NAME_LENGTH: u64 = 16;
/// Maximum bytes of arguments that cost nothing, and how many more cost 1: each row that they are
/// given for has its own of them.
const FREE_ARGUMENT_SIZE: u64 = 1_024;
const ARGUMENT_SIZE: u64 = 256;
/// Cost of each field that introspection returns: descriptions are longer than most texts.
const INTROSPECTED: u64 = 2;

/// What an operation costs, and the error if that or its size is too much.
#[derive(Clone, Debug)]
pub struct Cost {
    pub total: u64,
    pub excess: Option<Error>,
}

impl Costs {
    /// Computes the cost of an operation of a document.
    pub fn of(
        &self,
        schema: &Schema,
        document: &Document,
        operation: &Operation,
        variables: &Variables,
    ) -> Cost {
        let mut pricing = Pricing::new(self, schema, document, variables);
        let root = schema.root(operation.ty);
        let sum = pricing.selection(root, &operation.selection_set, 0);
        let total = sum.with(self.pages.max);
        let excess = if total > self.max_cost {
            Some(pricing.too_dear(operation, total))
        } else {
            let at_most = self.check_size(&sum).and_then(|()| {
                ErrorKind::at_most("fields at the root", sum.here, self.max_root_fields)
            });
            at_most.err().map(|kind| kind.at(Pos { line: 1, column: 1 }))
        };
        Cost { total, excess }
    }

    fn check_size(&self, sum: &Sum) -> Result<(), ErrorKind> {
        let fields = "fields, with those of fragments wherever they are spread";
        ErrorKind::at_most(fields, sum.fields, self.max_fields)?;
        ErrorKind::at_most("levels of fields", sum.depth, self.max_depth)?;
        ErrorKind::at_most("levels of selections", sum.nesting, self.max_nesting)
    }
}

/// What a selection costs, as far as that does not depend on what it is written under.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// Each time that it is resolved.
    once: u64,
    /// Besides, for each row of the page that it is of.
    row: u64,
    /// How many fields it has, those that are excluded too.
    fields: u64,
    /// How many of them stand right here, and not within another.
    here: u64,
    /// Fields within each other.
    depth: u64,
    /// Selection sets within each other, those of fragments too.
    nesting: u64,
}

impl Sum {
    /// With so many rows of the page.
    fn with(self, page: u64) -> u64 {
        self.once.saturating_add(self.row.saturating_mul(page))
    }

    fn and(self, other: Self) -> Self {
        Self {
            once: self.once.saturating_add(other.once),
            row: self.row.saturating_add(other.row),
            fields: self.fields.saturating_add(other.fields),
            here: self.here.saturating_add(other.here),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
        }
    }

    fn add(&mut self, other: Self) {
        *self = self.and(other);
    }

    fn excluded(self) -> Self {
        Self { once: 0, row: 0, ..self }
    }
}

/// A field, as its type defines it.
#[derive(Clone, Copy)]
struct Definition<'a> {
    def: &'a FieldDef,
    /// The type of its value, if that has fields.
    of: Option<usize>,
    below: Below<'a>,
    weight: u64,
}

/// How often what is below a field is resolved, each time that the field is.
#[derive(Clone, Copy)]
enum Below<'a> {
    Once,
    /// Once for each item of a list whose size nothing says.
    Unsized,
    /// Once for each value of the argument.
    Each(&'a str),
    /// Once for each item of a list whose size an argument says.
    Sized,
    /// The field takes page arguments: its rows are those of the page.
    Page,
    /// As often as the page has rows that the field belongs to.
    Rows,
}

struct Pricing<'a> {
    costs: &'a Costs,
    schema: &'a Schema,
    fragments: HashMap<&'a str, &'a Fragment<'a>>,
    lowering: Lowering<'a>,
    /// The fragments as introspection reads them.
    lowered: OnceCell<Fragments>,
    document: &'a Document<'a>,
    variables: &'a Variables,
    /// Sums of fragments.
    sums: HashMap<&'a str, Sum>,
    /// Costs of filters that come as variables.
    filters: HashMap<&'a str, u64>,
    /// Bytes of variables.
    sizes: HashMap<&'a str, u64>,
    /// Sums of fields, by where they stand: kept only to look for the heaviest, which needs each again
    /// at every level above it.
    fields: Option<HashMap<*const Field<'a>, Sum>>,
    /// The number of fields that each field of introspection returns.
    introspected: HashMap<*const Field<'a>, u64>,
}

impl<'a> Pricing<'a> {
    fn new(
        costs: &'a Costs,
        schema: &'a Schema,
        document: &'a Document<'a>,
        variables: &'a Variables,
    ) -> Self {
        let fragments = document.fragments.iter();
        Self {
            costs,
            schema,
            fragments: fragments.map(|fragment| (fragment.name.text, fragment)).collect(),
            lowering: Lowering { variables },
            lowered: OnceCell::new(),
            document,
            variables,
            sums: HashMap::new(),
            filters: HashMap::new(),
            sizes: HashMap::new(),
            fields: None,
            introspected: HashMap::new(),
        }
    }

    fn selection(&mut self, of: Option<usize>, set: &'a SelectionSet<'a>, depth: u64) -> Sum {
        let mut sum = Sum { nesting: 1, ..Sum::default() };
        if depth > self.costs.max_nesting {
            return sum;
        }
        // An object is of one type only: of what several types select, the dearest counts.
        let several = of.is_some_and(|of| !self.schema.is_object(of));
        let mut dearest: Vec<(usize, Sum)> = Vec::new();
        for item in &set.items {
            let (condition, mut part) = match item {
                Selection::Field(field) => (None, self.field(of, field, depth)),
                Selection::Inline(inline) => {
                    let condition = inline.on.map(|on| self.composite(on.text));
                    let of = condition.unwrap_or(of);
                    (condition.flatten(), self.selection(of, &inline.selection_set, depth + 1))
                }
                Selection::Spread(spread) => self.fragment(spread.name.text, depth + 1),
            };
            if self.is_excluded(item.directives()) {
                part = part.excluded();
            }
            match condition {
                Some(object) if several && self.schema.is_object(object) => {
                    match dearest.iter_mut().find(|(own, _)| *own == object) {
                        Some((_, own)) => own.add(part),
                        None => dearest.push((object, part)),
                    }
                }
                _ => sum.add(part),
            }
        }
        let dearest = dearest.into_iter().map(|(_, sum)| sum);
        let sum = sum.and(dearest.fold(Sum::default(), |one, other| Sum {
            once: one.once.max(other.once),
            row: one.row.max(other.row),
            ..one.and(other)
        }));
        Sum { nesting: sum.nesting + 1, ..sum }
    }

    /// A type of the schema itself that has fields, by its name.
    fn composite(&self, name: &str) -> Option<usize> {
        let id = self.schema.id(name).filter(|id| self.schema.is_composite(*id));
        id.filter(|_| !name.starts_with("__"))
    }

    /// The type that a fragment is on, and its sum: computed once, however often it is spread.
    fn fragment(&mut self, name: &'a str, depth: u64) -> (Option<usize>, Sum) {
        let Some(fragment) = self.fragments.get(name).copied() else {
            // Nothing to resolve, but still something to walk.
            return (None, Sum { fields: 1, ..Sum::default() });
        };
        let of = self.composite(fragment.on.text);
        if let Some(known) = self.sums.get(name) {
            return (of, *known);
        }
        // Ends a fragment that spreads itself, which validation refuses.
        self.sums.insert(name, Sum::default());
        let sum = self.selection(of, &fragment.selection_set, depth);
        self.sums.insert(name, sum);
        (of, sum)
    }

    fn field(&mut self, of: Option<usize>, field: &'a Field<'a>, depth: u64) -> Sum {
        let place = std::ptr::from_ref(field);
        if let Some(sum) = self.fields.as_ref().and_then(|fields| fields.get(&place)) {
            return *sum;
        }
        if of == Some(self.schema.query) && field.introspects() {
            return self.introspection(field, depth);
        }
        let known = self.definition(of, field);
        let below = match &field.selection_set {
            None => Sum::default(),
            Some(set) => self.selection(known.and_then(|known| known.of), set, depth + 1),
        };
        let own = known
            .map_or(1, |known| known.weight.saturating_add(self.list_arguments(known.def, field)));
        let own = own.saturating_add(self.surcharge(field));
        let (times, page) = self.times(known, field);
        let sum = below.with(page).saturating_mul(times);
        let (once, row) = match known.map(|known| known.below) {
            Some(Below::Rows) => (own, sum),
            _ => (own.saturating_add(sum), 0),
        };
        let fields = below.fields.saturating_add(1);
        let sum =
            Sum { once, row, fields, here: 1, depth: below.depth + 1, nesting: below.nesting };
        if let Some(fields) = &mut self.fields {
            fields.insert(place, sum);
        }
        sum
    }

    /// The cost of large arguments and of a long name.
    fn surcharge(&mut self, field: &'a Field<'a>) -> u64 {
        let values = field.arguments.iter().map(|argument| Given::Literal(&argument.value));
        let size = values.fold(0, |sum: u64, value| sum.saturating_add(self.size_of(value)));
        let name = field.response_key().text.len() as u64;
        let arguments = size.saturating_sub(FREE_ARGUMENT_SIZE) / ARGUMENT_SIZE;
        arguments + name.saturating_sub(FREE_NAME_LENGTH).div_ceil(NAME_LENGTH)
    }

    fn definition(&self, of: Option<usize>, field: &Field) -> Option<Definition<'a>> {
        let (parent, name) = (self.schema.fields(of?)?, field.name.text);
        let def = parent.get(name)?;
        let weight = self.costs.weights.iter().find(|(own, _)| *own == name);
        let inner = def.ty.named();
        Some(Definition {
            def,
            of: Some(inner).filter(|of| self.schema.is_composite(*of)),
            below: self.below(name, def, parent.contains_key("pageInfo")),
            weight: weight.map_or(1, |(_, weight)| *weight),
        })
    }

    fn below(&self, name: &str, def: &'a FieldDef, is_of_connection: bool) -> Below<'a> {
        let takes = |size: &ListSize| {
            size.arguments.iter().any(|argument| def.arguments.contains_key(*argument))
        };
        let each = def
            .arguments
            .iter()
            .find(|(_, argument)| argument.ty.non_null && is_list(&argument.ty));
        match (is_list(&def.ty), each) {
            (true, _) if is_of_connection && ["nodes", "edges"].contains(&name) => Below::Rows,
            (true, Some((argument, _))) => Below::Each(argument),
            (true, None) if takes(&self.costs.lists) => Below::Sized,
            (true, None) => Below::Unsized,
            (false, _) if takes(&self.costs.pages) => Below::Page,
            (false, _) => Below::Once,
        }
    }

    /// What introspection costs: what it returns is counted, up to what an operation may cost.
    fn introspection(&mut self, field: &'a Field<'a>, depth: u64) -> Sum {
        let below = match &field.selection_set {
            None => Sum::default(),
            Some(set) => self.selection(None, set, depth + 1),
        };
        let place = std::ptr::from_ref(field);
        let known = self.introspected.get(&place).copied();
        let size = known.unwrap_or_else(|| {
            let left = (self.costs.max_cost / INTROSPECTED + 1)
                .saturating_sub(self.introspected.values().sum());
            // Otherwise it is refused in any case.
            let is_bounded = self.costs.check_size(&below).is_ok();
            self.introspection_size(field, if is_bounded { left } else { 0 })
        });
        self.introspected.insert(place, size);
        let once = size.saturating_mul(INTROSPECTED).saturating_add(1);
        Sum { once, row: 0, here: 1, fields: below.fields + 1, depth: below.depth + 1, ..below }
    }

    fn introspection_size(&self, field: &'a Field<'a>, max: u64) -> u64 {
        let fragments = self.lowered.get_or_init(|| self.lowering.fragments(self.document));
        self.schema.introspection_size(&self.lowering.field(field), fragments, self.variables, max)
    }

    /// How often what is below a field is resolved, and how many rows its page has.
    fn times(&self, known: Option<Definition>, field: &'a Field<'a>) -> (u64, u64) {
        let ListSize { max, .. } = self.costs.pages;
        match known.map(|known| known.below) {
            None | Some(Below::Once | Below::Rows) => (1, max),
            Some(Below::Unsized) => (self.costs.unsized_items, max),
            Some(Below::Each(argument)) => {
                let values = self.argument(field, argument).map_or(0, Given::count);
                (values.min(self.costs.max_values), max)
            }
            Some(Below::Sized) => (self.list_size(&self.costs.lists, field), max),
            Some(Below::Page) => (1, self.list_size(&self.costs.pages, field)),
        }
    }

    fn list_size(&self, size: &ListSize, field: &'a Field<'a>) -> u64 {
        let given = size.arguments.iter().filter_map(|name| self.argument(field, name));
        given.filter_map(|given| given.size(size.max)).max().unwrap_or(size.default)
    }

    /// Whether a selection is excluded from what runs.
    fn is_excluded(&self, directives: &[Directive]) -> bool {
        directives.iter().any(|directive| {
            let included = match directive.name.text {
                "skip" => false,
                "include" => true,
                _ => return false,
            };
            let condition = directive.arguments.iter().find(|argument| argument.name.text == "if");
            let condition = condition.and_then(|condition| match condition.value.kind {
                ValueKind::Boolean(literal) => Some(literal),
                ValueKind::Variable(name) => {
                    self.variables.get(name).map(|value| *value == ConstValue::Boolean(true))
                }
                _ => Some(false),
            });
            condition.is_some_and(|condition| condition != included)
        })
    }
}

fn is_list(ty: &Ty) -> bool {
    matches!(ty.of, Of::List(_))
}
