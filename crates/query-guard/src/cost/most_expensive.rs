//! The most expensive field of an operation.

use std::collections::{HashMap, HashSet};

use super::{CostAnalysis, FieldInfo, Multiplier};
use crate::{
    ast::{Field, Operation, Selection, SelectionSet},
    error::{Error, ErrorKind},
    limits::MAX_QUOTED,
};

/// A field or selection set, and how often it is resolved.
#[derive(Clone, Copy)]
struct Occurrence<T> {
    parent: Option<usize>,
    node: T,
    times: u64,
    /// How often its subfields are resolved, if they are the rows of a page.
    rows: u64,
}

type Fields<'a> = Vec<Occurrence<&'a Field<'a>>>;

impl<'a> CostAnalysis<'a> {
    /// Returns the error for an operation that exceeds the maximum cost.
    ///
    /// It names the most expensive field by its path: starting at the root, the most expensive response
    /// name of each level, for as long as it accounts for more than half of the cost of the level. A
    /// field without subfields is only named if it has a weight.
    pub fn max_cost_error(mut self, operation: &'a Operation<'a>, cost: u64) -> Error {
        self.field_costs = Some(HashMap::new());
        let (mut path, mut path_cost, mut pos) = (String::new(), 0, operation.pos);
        let mut level = vec![Occurrence {
            parent: self.schema.root(operation.ty),
            node: &operation.selection_set,
            times: 1,
            rows: self.costs.pages.max,
        }];
        for depth in 0..self.costs.max_nesting {
            let fields = self.fields_of(&level);
            let costs = self.costs_by_name(&fields);
            let Some(max) = costs.values().max().copied() else { break };
            let Some(field) = fields.iter().find(|field| costs[field.name()] == max) else {
                break;
            };
            let is_plain_leaf = field.node.selection_set.is_none()
                && self.info(field).is_none_or(|info| info.weight == 1);
            if depth > 0 && (is_plain_leaf || max <= path_cost / 2) {
                break;
            }
            if depth > 0 {
                path.push('.');
            }
            path.extend(field.name().chars().take(MAX_QUOTED));
            (path_cost, pos) = (max, field.node.response_key().pos);
            let same_name = fields.iter().filter(|other| other.name() == field.name());
            level = same_name.filter_map(|field| self.subfields(field)).collect();
        }
        let max = self.costs.max_cost;
        ErrorKind::Cost { cost, max, field: path, field_cost: path_cost }.at(pos)
    }

    /// Returns the total cost of the fields of each response name.
    fn costs_by_name(&mut self, fields: &Fields<'a>) -> HashMap<&'a str, u64> {
        let mut costs: HashMap<&str, u64> = HashMap::new();
        for field in fields {
            let cost = self.field(field.parent, field.node, 0);
            let fixed = cost.fixed.saturating_mul(field.times);
            let rows = cost.per_row.saturating_mul(field.rows);
            let total = costs.entry(field.name()).or_default();
            *total = total.saturating_add(fixed).saturating_add(rows);
        }
        costs
    }

    fn info(&self, field: &Occurrence<&'a Field<'a>>) -> Option<FieldInfo<'a>> {
        self.field_info(field.parent, field.node)
    }

    /// Returns the selection set of a field.
    fn subfields(
        &self,
        field: &Occurrence<&'a Field<'a>>,
    ) -> Option<Occurrence<&'a SelectionSet<'a>>> {
        let node = field.node.selection_set.as_ref()?;
        let info = self.info(field);
        let (times_each, page_rows) = self.times(info, field.node);
        let times = match info.map(|info| info.multiplier) {
            Some(Multiplier::PageRows) => field.rows,
            _ => field.times.saturating_mul(times_each),
        };
        let parent = info.and_then(|info| info.ty);
        Some(Occurrence { parent, node, times, rows: times.saturating_mul(page_rows) })
    }

    /// Returns the fields of selection sets and of the fragments that they spread. A fragment occurs
    /// once, as often as all its spreads together.
    fn fields_of(&self, level: &[Occurrence<&'a SelectionSet<'a>>]) -> Fields<'a> {
        let (mut visited, mut order) = (HashSet::new(), Vec::new());
        for set in level {
            self.order_fragments(set.node, 0, &mut visited, &mut order);
        }
        let (mut fields, mut spreads) = (Vec::new(), HashMap::new());
        for set in level {
            self.collect(*set, &mut fields, &mut spreads);
        }
        // In this order, each fragment follows all fragments that spread it.
        for name in order.into_iter().rev() {
            if let (Some((times, rows)), Some(fragment)) =
                (spreads.get(name).copied(), self.fragments.get(name))
            {
                let parent = self.composite(fragment.on.text);
                let node = &fragment.selection_set;
                let set = Occurrence { parent, node, times, rows };
                self.collect(set, &mut fields, &mut spreads);
            }
        }
        fields
    }

    /// Appends the fragments that a selection set spreads, each after the fragments that it spreads.
    fn order_fragments(
        &self,
        set: &'a SelectionSet<'a>,
        depth: u64,
        visited: &mut HashSet<&'a str>,
        order: &mut Vec<&'a str>,
    ) {
        if depth > self.costs.max_nesting {
            return;
        }
        for item in &set.items {
            match item {
                Selection::Field(_) => {}
                Selection::Inline(inline) => {
                    self.order_fragments(&inline.selection_set, depth + 1, visited, order);
                }
                Selection::Spread(spread) => {
                    let name = spread.name.text;
                    if let Some(fragment) = self.fragments.get(name)
                        && visited.insert(name)
                    {
                        self.order_fragments(&fragment.selection_set, depth + 1, visited, order);
                        order.push(name);
                    }
                }
            }
        }
    }

    /// Collects the fields of a selection set, and how often it spreads each fragment.
    fn collect(
        &self,
        set: Occurrence<&'a SelectionSet<'a>>,
        fields: &mut Fields<'a>,
        spreads: &mut HashMap<&'a str, (u64, u64)>,
    ) {
        let Occurrence { parent, node, times, rows } = set;
        for item in node.items.iter().filter(|item| !self.is_excluded(item.directives())) {
            match item {
                Selection::Field(field) => {
                    fields.push(Occurrence { parent, node: field, times, rows });
                }
                Selection::Inline(inline) => {
                    let parent = inline.on.map_or(parent, |on| self.composite(on.text));
                    let node = &inline.selection_set;
                    self.collect(Occurrence { parent, node, times, rows }, fields, spreads);
                }
                Selection::Spread(spread) => {
                    let total = spreads.entry(spread.name.text).or_default();
                    total.0 = total.0.saturating_add(times);
                    total.1 = total.1.saturating_add(rows);
                }
            }
        }
    }
}

impl<'a> Occurrence<&'a Field<'a>> {
    fn name(&self) -> &'a str {
        self.node.response_key().text
    }
}
