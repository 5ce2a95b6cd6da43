//! Static query cost analysis: computes the cost of an operation before it is executed.
//!
//! A field costs 1, or its weight, each time it is resolved. The subfields of a connection are resolved
//! once per row of the page, those of any other list once per item. [`Costs`] defines the list sizes.

mod arguments;
mod most_expensive;

use std::{cell::OnceCell, collections::HashMap};

use async_graphql_parser::Pos;
use async_graphql_value::{ConstValue, Variables};

use self::arguments::InputValue;
use crate::{
    ast::{Directive, Document, Field, Fragment, Operation, Selection, SelectionSet, ValueKind},
    error::{Error, ErrorKind},
    lower::{Fragments, Lowering},
    schema::{BaseTy, FieldDef, Schema, Ty},
};

/// The cost of fields, and the limits of an operation.
///
/// A type with the field `pageInfo` is a Relay connection: its fields `nodes` and `edges` have one item
/// per row of the page. Any other list with a required list argument has one item per value.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// Costs of fields by name. Other fields cost 1.
    pub weights: &'static [(&'static str, u64)],
    /// Page size of a connection.
    pub pages: ListSize,
    /// Size of any other list with one of these arguments.
    pub lists: ListSize,
    /// Assumed size of a list without such an argument.
    pub assumed_list_size: u64,
    /// Maximum number of values of a list argument. The resolver rejects more.
    pub max_list_values: u64,
    /// Name of the filter argument: each condition costs 1, a condition on related rows 10 more.
    pub filter_argument: &'static str,
    /// Name of the order argument: each key costs 1.
    pub order_argument: &'static str,
    /// Maximum cost of an operation.
    pub max_cost: u64,
    /// Maximum number of fields of an operation, with fragments expanded.
    pub max_fields: u64,
    /// Maximum depth of fields.
    pub max_depth: u64,
    /// Maximum depth of selection sets, with fragments expanded.
    pub max_nesting: u64,
    /// Maximum number of root fields, with fragments expanded.
    pub max_root_fields: u64,
}

/// The number of rows of a list.
#[derive(Clone, Copy, Debug)]
pub struct ListSize {
    /// The arguments that set the size. If several are provided, the largest value applies.
    pub arguments: &'static [&'static str],
    /// The size if none of the arguments is provided.
    pub default: u64,
    pub max: u64,
}

/// Response names of up to `FREE_NAME_LENGTH` bytes are free, each further `NAME_LENGTH` bytes cost 1:
/// an alias is repeated in each row of the response.
const FREE_NAME_LENGTH: u64 = 32;
const NAME_LENGTH: u64 = 16;
/// Arguments of up to `FREE_ARGUMENT_SIZE` bytes are free, each further `ARGUMENT_SIZE` bytes cost 1:
/// arguments are evaluated for each row.
const FREE_ARGUMENT_SIZE: u64 = 1_024;
const ARGUMENT_SIZE: u64 = 256;
/// Cost of each field that introspection returns: descriptions are longer than most other strings.
const INTROSPECTION_FIELD_COST: u64 = 2;

/// The cost of an operation, and the error if the cost or the size exceeds a limit.
#[derive(Clone, Debug)]
pub struct Cost {
    pub total: u64,
    pub error: Option<Error>,
}

impl Costs {
    /// Computes the cost of an operation of a document.
    pub fn compute(
        &self,
        schema: &Schema,
        document: &Document,
        operation: &Operation,
        variables: &Variables,
    ) -> Cost {
        let mut analysis = CostAnalysis::new(self, schema, document, variables);
        let root = schema.root(operation.ty);
        let cost = analysis.selection_set(root, &operation.selection_set, 0);
        let total = cost.total(self.pages.max);
        let error = if total > self.max_cost {
            Some(analysis.max_cost_error(operation, total))
        } else {
            let root_fields =
                || ErrorKind::check_limit("root fields", cost.own_fields, self.max_root_fields);
            let result = self.check_size(&cost).and_then(|()| root_fields());
            result.err().map(|kind| kind.at(Pos { line: 1, column: 1 }))
        };
        Cost { total, error }
    }

    /// Checks the limits that apply to each selection set.
    fn check_size(&self, cost: &SelectionCost) -> Result<(), ErrorKind> {
        let fields = "fields, counting fragments at every spread";
        ErrorKind::check_limit(fields, cost.fields, self.max_fields)?;
        ErrorKind::check_limit("levels of fields", cost.depth, self.max_depth)?;
        ErrorKind::check_limit("levels of nested selection sets", cost.nesting, self.max_nesting)
    }
}

/// The cost and size of a field or selection set, independent of the page that it is in.
#[derive(Clone, Copy, Debug, Default)]
struct SelectionCost {
    /// Cost each time it is resolved.
    fixed: u64,
    /// Additional cost for each row of the enclosing page.
    per_row: u64,
    /// Number of fields at all levels, excluded fields included.
    fields: u64,
    /// Number of fields at the first level.
    own_fields: u64,
    /// Depth of fields.
    depth: u64,
    /// Depth of selection sets, those of fragments included.
    nesting: u64,
}

impl SelectionCost {
    /// Returns the cost with a number of rows in the enclosing page.
    fn total(self, rows: u64) -> u64 {
        self.fixed.saturating_add(self.per_row.saturating_mul(rows))
    }

    /// Returns the cost of both selections together.
    fn merge(self, other: Self) -> Self {
        Self {
            fixed: self.fixed.saturating_add(other.fixed),
            per_row: self.per_row.saturating_add(other.per_row),
            fields: self.fields.saturating_add(other.fields),
            own_fields: self.own_fields.saturating_add(other.own_fields),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
        }
    }

    /// Returns the size of both selections, and the maximum of their costs.
    fn max(self, other: Self) -> Self {
        let fixed = self.fixed.max(other.fixed);
        let per_row = self.per_row.max(other.per_row);
        Self { fixed, per_row, ..self.merge(other) }
    }

    /// Returns the size without the cost.
    fn excluded(self) -> Self {
        Self { fixed: 0, per_row: 0, ..self }
    }
}

/// The definition of a field, as far as the cost depends on it.
#[derive(Clone, Copy)]
struct FieldInfo<'a> {
    def: &'a FieldDef,
    /// The type of the field, if it has subfields.
    ty: Option<usize>,
    multiplier: Multiplier<'a>,
    weight: u64,
}

/// How often the subfields of a field are resolved each time the field is.
#[derive(Clone, Copy)]
enum Multiplier<'a> {
    /// Once.
    One,
    /// Once per item of a list of the assumed size.
    AssumedListSize,
    /// Once per value of a list argument.
    ListArgument(&'a str),
    /// Once per item of a list whose size an argument sets.
    SizeArgument,
    /// Once. Arguments of the field set the number of rows of the page.
    Connection,
    /// Once per row of the page of the enclosing connection.
    PageRows,
}

struct CostAnalysis<'a> {
    costs: &'a Costs,
    schema: &'a Schema,
    fragments: HashMap<&'a str, &'a Fragment<'a>>,
    lowering: Lowering<'a>,
    /// The fragments in the form that introspection reads.
    lowered: OnceCell<Fragments>,
    document: &'a Document<'a>,
    variables: &'a Variables,
    fragment_costs: HashMap<&'a str, SelectionCost>,
    /// Costs of filters by the names of their variables.
    filter_costs: HashMap<&'a str, u64>,
    /// Sizes of variables in bytes.
    variable_sizes: HashMap<&'a str, u64>,
    /// Costs of fields. Only set by [`max_cost_error`](Self::max_cost_error), which needs the cost of a
    /// field at each level above it.
    field_costs: Option<HashMap<*const Field<'a>, SelectionCost>>,
    /// The number of fields that each introspection field returns.
    introspection_sizes: HashMap<*const Field<'a>, u64>,
}

impl<'a> CostAnalysis<'a> {
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
            fragment_costs: HashMap::new(),
            filter_costs: HashMap::new(),
            variable_sizes: HashMap::new(),
            field_costs: None,
            introspection_sizes: HashMap::new(),
        }
    }

    fn selection_set(
        &mut self,
        parent: Option<usize>,
        set: &'a SelectionSet<'a>,
        depth: u64,
    ) -> SelectionCost {
        let mut cost = SelectionCost { nesting: 1, ..SelectionCost::default() };
        if depth > self.costs.max_nesting {
            return cost;
        }
        // An object has one type: of the selections on different object types, only the most expensive
        // one counts.
        let is_abstract = parent.is_some_and(|parent| !self.schema.is_object(parent));
        let mut by_object_type: Vec<(usize, SelectionCost)> = Vec::new();
        for item in &set.items {
            let (condition, full_cost) = match item {
                Selection::Field(field) => (None, self.field(parent, field, depth)),
                Selection::Inline(inline) => {
                    let condition = inline.on.map(|on| self.composite(on.text));
                    let ty = condition.unwrap_or(parent);
                    (condition.flatten(), self.selection_set(ty, &inline.selection_set, depth + 1))
                }
                Selection::Spread(spread) => self.fragment(spread.name.text, depth + 1),
            };
            let is_excluded = self.is_excluded(item.directives());
            let item_cost = if is_excluded { full_cost.excluded() } else { full_cost };
            match condition {
                Some(object) if is_abstract && self.schema.is_object(object) => {
                    match by_object_type.iter_mut().find(|(ty, _)| *ty == object) {
                        Some((_, cost)) => *cost = cost.merge(item_cost),
                        None => by_object_type.push((object, item_cost)),
                    }
                }
                _ => cost = cost.merge(item_cost),
            }
        }
        let object_costs = by_object_type.into_iter().map(|(_, cost)| cost);
        let cost = cost.merge(object_costs.fold(SelectionCost::default(), SelectionCost::max));
        SelectionCost { nesting: cost.nesting + 1, ..cost }
    }

    /// Returns an object, interface or union type by name, unless it is an introspection type.
    fn composite(&self, name: &str) -> Option<usize> {
        let id = self.schema.id(name).filter(|id| self.schema.is_composite(*id));
        id.filter(|_| !name.starts_with("__"))
    }

    /// Returns the type condition and the cost of a fragment. The cost is computed once per fragment.
    fn fragment(&mut self, name: &'a str, depth: u64) -> (Option<usize>, SelectionCost) {
        let Some(fragment) = self.fragments.get(name).copied() else {
            // An unknown fragment counts as a field, as the document is traversed nevertheless.
            return (None, SelectionCost { fields: 1, ..SelectionCost::default() });
        };
        let ty = self.composite(fragment.on.text);
        if let Some(cost) = self.fragment_costs.get(name) {
            return (ty, *cost);
        }
        // Ends the recursion of a fragment cycle, which validation rejects.
        self.fragment_costs.insert(name, SelectionCost::default());
        let cost = self.selection_set(ty, &fragment.selection_set, depth);
        self.fragment_costs.insert(name, cost);
        (ty, cost)
    }

    fn field(&mut self, parent: Option<usize>, field: &'a Field<'a>, depth: u64) -> SelectionCost {
        let key = std::ptr::from_ref(field);
        if let Some(cost) = self.field_costs.as_ref().and_then(|costs| costs.get(&key)) {
            return *cost;
        }
        if parent == Some(self.schema.query) && field.introspects() {
            return self.introspection(field, depth);
        }
        let info = self.field_info(parent, field);
        let subfields = match &field.selection_set {
            None => SelectionCost::default(),
            Some(set) => self.selection_set(info.and_then(|info| info.ty), set, depth + 1),
        };
        let resolver_cost = match info {
            None => 1,
            Some(info) => info.weight.saturating_add(self.arguments_cost(info.def, field)),
        };
        let own_cost = resolver_cost.saturating_add(self.size_cost(field));
        let (times, page_rows) = self.times(info, field);
        let subfields_cost = subfields.total(page_rows).saturating_mul(times);
        let is_per_row = matches!(info, Some(FieldInfo { multiplier: Multiplier::PageRows, .. }));
        let (fixed, per_row) = if is_per_row {
            (own_cost, subfields_cost)
        } else {
            (own_cost.saturating_add(subfields_cost), 0)
        };
        let cost = SelectionCost {
            fixed,
            per_row,
            fields: subfields.fields.saturating_add(1),
            own_fields: 1,
            depth: subfields.depth + 1,
            nesting: subfields.nesting,
        };
        if let Some(costs) = &mut self.field_costs {
            costs.insert(key, cost);
        }
        cost
    }

    /// Returns the cost of large arguments and of a long response name.
    fn size_cost(&mut self, field: &'a Field<'a>) -> u64 {
        let values = field.arguments.iter().map(|argument| InputValue::Literal(&argument.value));
        let size = values.fold(0, |sum: u64, value| sum.saturating_add(self.size_of(value)));
        let name = field.response_key().text.len() as u64;
        let arguments = size.saturating_sub(FREE_ARGUMENT_SIZE) / ARGUMENT_SIZE;
        arguments + name.saturating_sub(FREE_NAME_LENGTH).div_ceil(NAME_LENGTH)
    }

    fn field_info(&self, parent: Option<usize>, field: &Field) -> Option<FieldInfo<'a>> {
        let (fields, name) = (self.schema.fields(parent?)?, field.name.text);
        let def = fields.get(name)?;
        let weight = self.costs.weights.iter().find(|(field, _)| *field == name);
        let ty = def.ty.named_type();
        Some(FieldInfo {
            def,
            ty: Some(ty).filter(|ty| self.schema.is_composite(*ty)),
            multiplier: self.multiplier(name, def, fields.contains_key("pageInfo")),
            weight: weight.map_or(1, |(_, weight)| *weight),
        })
    }

    fn multiplier(&self, name: &str, def: &'a FieldDef, in_connection: bool) -> Multiplier<'a> {
        let has_argument = |size: &ListSize| {
            size.arguments.iter().any(|argument| def.arguments.contains_key(*argument))
        };
        if !is_list(&def.ty) {
            let is_connection = has_argument(&self.costs.pages);
            return if is_connection { Multiplier::Connection } else { Multiplier::One };
        }
        if in_connection && ["nodes", "edges"].contains(&name) {
            return Multiplier::PageRows;
        }
        let list_argument = def
            .arguments
            .iter()
            .find(|(_, argument)| argument.ty.non_null && is_list(&argument.ty));
        match list_argument {
            Some((argument, _)) => Multiplier::ListArgument(argument),
            None if has_argument(&self.costs.lists) => Multiplier::SizeArgument,
            None => Multiplier::AssumedListSize,
        }
    }

    /// Returns the cost of an introspection field: counts the fields that it returns, up to the maximum
    /// cost of an operation.
    fn introspection(&mut self, field: &'a Field<'a>, depth: u64) -> SelectionCost {
        let subfields = match &field.selection_set {
            None => SelectionCost::default(),
            Some(set) => self.selection_set(None, set, depth + 1),
        };
        let key = std::ptr::from_ref(field);
        let cached = self.introspection_sizes.get(&key).copied();
        let size = cached.unwrap_or_else(|| {
            let max = self.costs.max_cost / INTROSPECTION_FIELD_COST + 1;
            let remaining = max.saturating_sub(self.introspection_sizes.values().sum());
            // A selection that exceeds a size limit is rejected regardless of its cost.
            let is_bounded = self.costs.check_size(&subfields).is_ok();
            self.introspection_size(field, if is_bounded { remaining } else { 0 })
        });
        self.introspection_sizes.insert(key, size);
        SelectionCost {
            fixed: size.saturating_mul(INTROSPECTION_FIELD_COST).saturating_add(1),
            per_row: 0,
            fields: subfields.fields + 1,
            own_fields: 1,
            depth: subfields.depth + 1,
            nesting: subfields.nesting,
        }
    }

    fn introspection_size(&self, field: &'a Field<'a>, max: u64) -> u64 {
        let fragments = self.lowered.get_or_init(|| self.lowering.fragments(self.document));
        self.schema.introspection_size(&self.lowering.field(field), fragments, self.variables, max)
    }

    /// Returns how often the subfields of a field are resolved, and the number of rows of its page.
    fn times(&self, info: Option<FieldInfo>, field: &'a Field<'a>) -> (u64, u64) {
        let ListSize { max, .. } = self.costs.pages;
        match info.map(|info| info.multiplier) {
            None | Some(Multiplier::One | Multiplier::PageRows) => (1, max),
            Some(Multiplier::AssumedListSize) => (self.costs.assumed_list_size, max),
            Some(Multiplier::ListArgument(argument)) => {
                let values = self.argument(field, argument).map_or(0, InputValue::item_count);
                (values.min(self.costs.max_list_values), max)
            }
            Some(Multiplier::SizeArgument) => (self.list_size(&self.costs.lists, field), max),
            Some(Multiplier::Connection) => (1, self.list_size(&self.costs.pages, field)),
        }
    }

    fn list_size(&self, size: &ListSize, field: &'a Field<'a>) -> u64 {
        let values = size.arguments.iter().filter_map(|name| self.argument(field, name));
        values.filter_map(|value| value.list_size(size.max)).max().unwrap_or(size.default)
    }

    /// Returns whether `@skip` or `@include` excludes a selection from execution.
    fn is_excluded(&self, directives: &[Directive]) -> bool {
        directives.iter().any(|directive| {
            let included_if = match directive.name.text {
                "skip" => false,
                "include" => true,
                _ => return false,
            };
            let argument = directive.arguments.iter().find(|argument| argument.name.text == "if");
            let condition = argument.and_then(|argument| match argument.value.kind {
                ValueKind::Boolean(literal) => Some(literal),
                ValueKind::Variable(name) => {
                    self.variables.get(name).map(|value| *value == ConstValue::Boolean(true))
                }
                _ => Some(false),
            });
            condition.is_some_and(|condition| condition != included_if)
        })
    }
}

fn is_list(ty: &Ty) -> bool {
    matches!(ty.base, BaseTy::List(_))
}
