//! Where most of a cost lies.

use std::collections::{HashMap, HashSet};

use super::{Below, Definition, Pricing};
use crate::{
    ast::{Field, Operation, Selection, SelectionSet},
    error::{Error, ErrorKind},
    limits::MAX_QUOTED,
};

/// Something of a document, and how often it is resolved.
#[derive(Clone, Copy)]
struct Place<T> {
    /// The type that it is of.
    of: Option<usize>,
    at: T,
    times: u64,
    /// How often if it belongs to the rows of a page.
    rows: u64,
}

type Fields<'a> = Vec<Place<&'a Field<'a>>>;

impl<'a> Pricing<'a> {
    /// The error about an operation that costs too much: names the field at which most of the cost
    /// lies, by the response names that lead there.
    ///
    /// From the root, the dearest name of each level, as long as more than half of what the level
    /// costs lies there; a field without subfields only if it weighs more than others.
    pub fn too_dear(mut self, operation: &'a Operation<'a>, cost: u64) -> Error {
        self.fields = Some(HashMap::new());
        let (mut path, mut share, mut pos) = (String::new(), 0, operation.pos);
        let (of, set) = (self.schema.root(operation.ty), &operation.selection_set);
        let mut level = vec![Place { of, at: set, times: 1, rows: self.costs.pages.max }];
        for depth in 0..self.costs.max_nesting {
            let fields = self.fields_of(&level);
            let costs = self.by_name(&fields);
            let Some(own) = costs.values().max().copied() else { break };
            let Some(dearest) = fields.iter().find(|field| costs[field.name()] == own) else {
                break;
            };
            let is_plain = dearest.at.selection_set.is_none()
                && self.known(dearest).is_none_or(|known| known.weight == 1);
            if depth > 0 && (is_plain || own <= share / 2) {
                break;
            }
            if depth > 0 {
                path.push('.');
            }
            path.extend(dearest.name().chars().take(MAX_QUOTED));
            (share, pos) = (own, dearest.at.response_key().pos);
            let same = fields.iter().filter(|field| field.name() == dearest.name());
            level = same.filter_map(|field| self.subfields(field)).collect();
        }
        let max = self.costs.max_cost;
        ErrorKind::Cost { cost, max, heaviest: path, share }.at(pos)
    }

    /// What the fields of each response name cost together.
    fn by_name(&mut self, fields: &Fields<'a>) -> HashMap<&'a str, u64> {
        let mut costs: HashMap<&str, u64> = HashMap::new();
        for field in fields {
            let sum = self.field(field.of, field.at, 0);
            let cost = sum.once.saturating_mul(field.times);
            let cost = cost.saturating_add(sum.row.saturating_mul(field.rows));
            let all = costs.entry(field.name()).or_default();
            *all = all.saturating_add(cost);
        }
        costs
    }

    fn known(&self, field: &Place<&'a Field<'a>>) -> Option<Definition<'a>> {
        self.definition(field.of, field.at)
    }

    /// What is selected below a field.
    fn subfields(&self, field: &Place<&'a Field<'a>>) -> Option<Place<&'a SelectionSet<'a>>> {
        let at = field.at.selection_set.as_ref()?;
        let known = self.known(field);
        let (times, page) = self.times(known, field.at);
        let times = match known.map(|known| known.below) {
            Some(Below::Rows) => field.rows,
            _ => field.times.saturating_mul(times),
        };
        let of = known.and_then(|known| known.of);
        Some(Place { of, at, times, rows: times.saturating_mul(page) })
    }

    /// The fields of selections, those of the fragments that they spread too: each as often as all
    /// its spreads together are resolved.
    fn fields_of(&self, level: &[Place<&'a SelectionSet<'a>>]) -> Fields<'a> {
        let (mut seen, mut order) = (HashSet::new(), Vec::new());
        for place in level {
            self.order_fragments(place.at, 0, &mut seen, &mut order);
        }
        let (mut fields, mut spreads) = (Vec::new(), HashMap::new());
        for place in level {
            self.collect(*place, &mut fields, &mut spreads);
        }
        // Each fragment after all that spread it.
        for name in order.into_iter().rev() {
            if let (Some((times, rows)), Some(fragment)) =
                (spreads.get(name).copied(), self.fragments.get(name))
            {
                let (of, at) = (self.composite(fragment.on.text), &fragment.selection_set);
                self.collect(Place { of, at, times, rows }, &mut fields, &mut spreads);
            }
        }
        fields
    }

    /// The fragments that a selection spreads, each after those that it spreads itself.
    fn order_fragments(
        &self,
        set: &'a SelectionSet<'a>,
        depth: u64,
        seen: &mut HashSet<&'a str>,
        order: &mut Vec<&'a str>,
    ) {
        if depth > self.costs.max_nesting {
            return;
        }
        for item in &set.items {
            match item {
                Selection::Field(_) => {}
                Selection::Inline(inline) => {
                    self.order_fragments(&inline.selection_set, depth + 1, seen, order);
                }
                Selection::Spread(spread) => {
                    let name = spread.name.text;
                    if let Some(fragment) = self.fragments.get(name)
                        && seen.insert(name)
                    {
                        self.order_fragments(&fragment.selection_set, depth + 1, seen, order);
                        order.push(name);
                    }
                }
            }
        }
    }

    /// Collects the fields of a selection, and how often each fragment is spread in it.
    fn collect(
        &self,
        place: Place<&'a SelectionSet<'a>>,
        fields: &mut Fields<'a>,
        spreads: &mut HashMap<&'a str, (u64, u64)>,
    ) {
        let Place { of, at, times, rows } = place;
        for item in at.items.iter().filter(|item| !self.is_excluded(item.directives())) {
            match item {
                Selection::Field(field) => fields.push(Place { of, at: field, times, rows }),
                Selection::Inline(inline) => {
                    let of = inline.on.map_or(of, |on| self.composite(on.text));
                    let at = &inline.selection_set;
                    self.collect(Place { of, at, times, rows }, fields, spreads);
                }
                Selection::Spread(spread) => {
                    let all = spreads.entry(spread.name.text).or_default();
                    all.0 = all.0.saturating_add(times);
                    all.1 = all.1.saturating_add(rows);
                }
            }
        }
    }
}

impl<'a> Place<&'a Field<'a>> {
    fn name(&self) -> &'a str {
        self.at.response_key().text
    }
}
