//! What a document costs: reckoned from it and the contract before anything of it runs.
//!
//! A field costs one for each time that it can be answered. Below a page that is as often as the
//! page may have rows, below any other list as often as the contract takes it to be long.

use std::collections::{HashMap, HashSet};

use async_graphql_parser::{
    Pos, Positioned,
    types::{
        Directive, ExecutableDocument, Field as Selected, FragmentDefinition, OperationDefinition,
        Selection, SelectionSet,
    },
};
use async_graphql_value::{ConstValue, Name, Value, Variables};

use crate::{
    contract::{Below, Contract, Field},
    error::{Error, ErrorKind},
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

/// The longest name in an answer that costs nothing, and how much of a longer one costs one: names are
/// the client's to choose, and stand in each row.
const SHORT_NAME: u64 = 32;
const NAME: u64 = 16;
/// Bytes of arguments that cost one more, beyond those that cost nothing: each row that they are
/// given for has its own of them.
const SIZE: u64 = 256;
const SMALL: u64 = 1_024;
/// Cost of each field that introspection returns: descriptions are longer than most texts.
const INTROSPECTED: u64 = 2;
/// Bytes of a value besides those of its text.
const VALUE: u64 = 16;

impl Contract {
    /// What the only operation of a document costs, and why it may not run.
    pub fn bill(&self, document: &ExecutableDocument, variables: &Variables) -> Bill {
        let costs = &self.costs;
        // What is wrong with a document as a whole, and not with a place in it.
        let at_most = |what, got, max| {
            ErrorKind::at_most(what, got, max).map_err(|kind| kind.at(Pos { line: 1, column: 1 }))
        };
        let mut reckoning = Reckoning {
            contract: self,
            fragments: &document.fragments,
            variables,
            reckoned: HashMap::new(),
            filters: HashMap::new(),
            sizes: HashMap::new(),
            fields: None,
            introspected: HashMap::new(),
        };
        let Some((_, runs)) = document.operations.iter().next() else {
            return Bill { cost: 0, excess: None };
        };
        let all = reckoning.selection(self.top(runs), &runs.node.selection_set.node, 0);
        let cost = all.with(costs.pages.max);
        if cost > costs.max_cost {
            let (heaviest, share, at) = reckoning.heaviest(runs);
            let excess = ErrorKind::Cost { cost, max: costs.max_cost, heaviest, share };
            return Bill { cost, excess: Some(excess.at(at)) };
        }
        let excess = at_most(
            "fields, with those of fragments wherever they are spread",
            all.fields,
            costs.max_fields,
        )
        .and_then(|()| at_most("levels of fields", all.depth, costs.max_depth))
        .and_then(|()| at_most("levels of selections", all.nesting, costs.max_nesting))
        .and_then(|()| at_most("fields at the root", all.here, costs.max_root_fields))
        .err();
        Bill { cost, excess }
    }
}

/// What a document costs, and why it does not run where it may not.
pub struct Bill {
    pub cost: u64,
    pub excess: Option<Error>,
}

/// What a selection costs, as far as it does not hang on what it is written under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    /// Each time that it is answered.
    once: u64,
    /// Besides, for each row of the page that it is of.
    row: u64,
    /// How many fields it has, those that are left out too.
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

    fn left_out(self) -> Self {
        Self { once: 0, row: 0, ..self }
    }
}

/// An argument's value: as it is written, or as a variable brings it.
#[derive(Clone, Copy)]
enum Given<'a> {
    Written(&'a Value),
    Sent(&'a ConstValue),
}

struct Reckoning<'a> {
    contract: &'a Contract,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'a Variables,
    /// Fragments.
    reckoned: HashMap<&'a str, Sum>,
    /// Filters that come as variables.
    filters: HashMap<&'a str, u64>,
    /// Bytes of variables.
    sizes: HashMap<&'a str, u64>,
    /// Fields, by where they stand: kept only to look for the heaviest, which asks for each again at
    /// every level above it.
    fields: Option<HashMap<*const Selected, Sum>>,
    /// The number of fields that each field of introspection returns.
    introspected: HashMap<*const Selected, u64>,
}

impl<'a> Reckoning<'a> {
    fn selection(&mut self, of: Option<usize>, set: &'a SelectionSet, depth: u64) -> Sum {
        let mut sum = Sum { nesting: 1, ..Sum::default() };
        if depth > self.contract.costs.max_nesting {
            return sum;
        }
        // An object is of one type only: of what is asked of several, the dearest counts.
        let several = of.is_some_and(|of| self.contract.types[of].several);
        let mut dearest: Vec<(usize, Sum)> = Vec::new();
        for item in &set.items {
            let (condition, mut part) = match &item.node {
                Selection::Field(field) => (None, self.field(of, &field.node, depth)),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let condition = condition.map(|on| self.named(&on.node.on.node));
                    let of = condition.unwrap_or(of);
                    let set = &inline.node.selection_set.node;
                    (condition.flatten(), self.selection(of, set, depth + 1))
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, depth + 1)
                }
            };
            if self.left_out(item.node.directives()) {
                part = part.left_out();
            }
            match condition {
                Some(object) if several && !self.contract.types[object].several => {
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
        Sum { nesting: sum.nesting + u64::from(depth <= self.contract.costs.max_nesting), ..sum }
    }

    fn named(&self, name: &Name) -> Option<usize> {
        self.contract.names.get(name.as_str()).copied()
    }

    /// The type that a fragment is of, and what it costs: reckoned once, however often it is spread.
    fn fragment(&mut self, name: &'a Name, depth: u64) -> (Option<usize>, Sum) {
        let Some(fragment) = self.fragments.get(name) else {
            // Nothing to answer, but still something to walk.
            return (None, Sum { fields: 1, ..Sum::default() });
        };
        let of = self.named(&fragment.node.type_condition.node.on.node);
        if let Some(known) = self.reckoned.get(name.as_str()) {
            return (of, *known);
        }
        // Where a fragment spreads itself, which validation refuses, this ends it.
        self.reckoned.insert(name.as_str(), Sum::default());
        let sum = self.selection(of, &fragment.node.selection_set.node, depth);
        self.reckoned.insert(name.as_str(), sum);
        (of, sum)
    }

    fn field(&mut self, of: Option<usize>, selected: &'a Selected, depth: u64) -> Sum {
        let place = std::ptr::from_ref(selected);
        if let Some(sum) = self.fields.as_ref().and_then(|fields| fields.get(&place)) {
            return *sum;
        }
        if of == self.contract.root && ["__schema", "__type"].contains(&selected.name.node.as_str())
        {
            return self.introspection(selected, depth);
        }
        let known = self.contract.field(of, selected);
        let set = &selected.selection_set.node;
        let below = match set.items.is_empty() {
            true => Sum::default(),
            false => self.selection(known.and_then(|field| field.of), set, depth + 1),
        };
        let own = match known {
            Some(field) => field.weight.saturating_add(self.arguments(field, selected)),
            None => 1,
        };
        let own = own.saturating_add(self.size(selected).saturating_sub(SMALL) / SIZE);
        let name = selected.response_key().node.len() as u64;
        let own = own.saturating_add(name.saturating_sub(SHORT_NAME).div_ceil(NAME));
        let (times, page) = self.times(known, selected);
        let sum = below.with(page).saturating_mul(times);
        let (once, row) = match known.map(|field| &field.below) {
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

    /// What introspection costs: what it returns is counted, up to what the whole document may cost.
    fn introspection(&mut self, selected: &'a Selected, depth: u64) -> Sum {
        let below = self.selection(None, &selected.selection_set.node, depth + 1);
        let place = std::ptr::from_ref(selected);
        let costs = &self.contract.costs;
        let bounded = below.fields <= costs.max_fields
            && below.depth <= costs.max_depth
            && below.nesting <= costs.max_nesting;
        let known = self.introspected.get(&place).copied();
        let size = known.unwrap_or_else(|| {
            let left = (costs.max_cost / INTROSPECTED + 1)
                .saturating_sub(self.introspected.values().sum());
            // Otherwise it is refused in any case.
            let max = if bounded { left } else { 0 };
            let definitions = &self.contract.definitions;
            definitions.introspection_size(selected, self.fragments, self.variables, max)
        });
        self.introspected.insert(place, size);
        let once = size.saturating_mul(INTROSPECTED).saturating_add(1);
        let (fields, depth, nesting) = (below.fields + 1, below.depth + 1, below.nesting);
        Sum { once, row: 0, here: 1, fields, depth, nesting }
    }

    /// How often what is below a field is answered, and how many rows its page has.
    fn times(&self, field: Option<&Field>, selected: &'a Selected) -> (u64, u64) {
        let costs = &self.contract.costs;
        let most = costs.pages.max;
        match field.map(|field| &field.below) {
            None | Some(Below::Once | Below::Rows) => (1, most),
            Some(Below::Assumed) => (costs.unsized_items, most),
            Some(Below::Each(argument)) => {
                let values = self.argument(selected, argument).map_or(0, Given::count);
                (values.min(costs.max_values), most)
            }
            Some(Below::Cut) => (self.list_size(&costs.lists, selected), most),
            Some(Below::Page) => (1, self.list_size(&costs.pages, selected)),
        }
    }

    fn list_size(&self, size: &ListSize, selected: &'a Selected) -> u64 {
        let given = size.arguments.iter().filter_map(|name| self.argument(selected, name));
        given.filter_map(|given| given.size(size.max)).max().unwrap_or(size.default)
    }

    /// What the arguments of a list ask for besides its rows.
    fn arguments(&mut self, field: &Field, selected: &'a Selected) -> u64 {
        if selected.arguments.is_empty() {
            return 0;
        }
        let keys = self.argument(selected, self.contract.costs.order).map_or(0, Given::count);
        let filter = field.filter.zip(selected.get_argument(self.contract.costs.filter));
        let tests =
            filter.map_or(0, |(words, value)| self.tests(Given::Written(&value.node), words));
        keys.saturating_add(tests)
    }

    /// How large the arguments of a field are, with what variables bring.
    fn size(&mut self, selected: &'a Selected) -> u64 {
        let mut size = 0_u64;
        for (_, value) in &selected.arguments {
            size = size.saturating_add(self.size_of(&value.node));
        }
        size
    }

    fn size_of(&mut self, value: &'a Value) -> u64 {
        let within: u64 = match value {
            Value::Variable(name) => {
                if let Some(known) = self.sizes.get(name.as_str()) {
                    return *known;
                }
                let size = self.variables.get(name).map_or(0, size_of_sent);
                self.sizes.insert(name.as_str(), size);
                return size;
            }
            Value::String(text) => text.len() as u64,
            Value::List(items) => items.iter().map(|item| self.size_of(item)).sum(),
            Value::Object(fields) => fields.values().map(|value| self.size_of(value)).sum(),
            _ => 0,
        };
        within.saturating_add(VALUE)
    }

    /// The value of an argument; none where it is left out or null.
    fn argument(&self, selected: &'a Selected, name: &str) -> Option<Given<'a>> {
        match &selected.get_argument(name)?.node {
            Value::Null => None,
            Value::Variable(variable) => match self.variables.get(variable)? {
                ConstValue::Null => None,
                sent => Some(Given::Sent(sent)),
            },
            written => Some(Given::Written(written)),
        }
    }

    /// The tests of a filter.
    fn tests(&mut self, filter: Given<'a>, words: usize) -> u64 {
        let add = u64::saturating_add;
        match filter {
            Given::Written(Value::Variable(name)) => {
                if let Some(known) = self.filters.get(name.as_str()) {
                    return *known;
                }
                let sent = self.variables.get(name);
                let tests = sent.map_or(0, |sent| self.tests(Given::Sent(sent), words));
                self.filters.insert(name.as_str(), tests);
                tests
            }
            Given::Written(Value::Object(given)) => {
                let each = given.iter().map(|(word, value)| (word, Given::Written(value)));
                each.fold(0, |sum, (word, value)| add(sum, self.test(word, value, words)))
            }
            Given::Sent(ConstValue::Object(given)) => {
                let each = given.iter().map(|(word, value)| (word, Given::Sent(value)));
                each.fold(0, |sum, (word, value)| add(sum, self.test(word, value, words)))
            }
            Given::Written(Value::List(items)) => {
                items.iter().fold(0, |sum, item| add(sum, self.tests(Given::Written(item), words)))
            }
            Given::Sent(ConstValue::List(items)) => {
                items.iter().fold(0, |sum, item| add(sum, self.tests(Given::Sent(item), words)))
            }
            _ => 0,
        }
    }

    fn test(&mut self, word: &Name, value: Given<'a>, words: usize) -> u64 {
        let contract = self.contract;
        let Some(test) = contract.filters[words].get(word.as_str()) else {
            return self.listed(value).saturating_add(1);
        };
        let within = match test.of {
            Some(words) => self.tests(value, words),
            None => self.listed(value),
        };
        test.weight.saturating_add(within)
    }

    /// The values that a test lists, such as those of `in`.
    fn listed(&self, value: Given<'a>) -> u64 {
        match value {
            Given::Written(Value::Variable(name)) => {
                self.variables.get(name).map_or(0, |sent| self.listed(Given::Sent(sent)))
            }
            Given::Written(Value::List(items)) => items.len() as u64,
            Given::Sent(ConstValue::List(items)) => items.len() as u64,
            Given::Written(Value::Object(tests)) => {
                tests.values().map(|value| self.listed(Given::Written(value))).sum()
            }
            Given::Sent(ConstValue::Object(tests)) => {
                tests.values().map(|value| self.listed(Given::Sent(value))).sum()
            }
            _ => 0,
        }
    }

    /// Whether a selection is left out of what runs.
    fn left_out(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let included = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return false,
            };
            directive.node.get_argument("if").is_some_and(|condition| {
                let condition = match &condition.node {
                    Value::Boolean(written) => *written,
                    Value::Variable(name) => {
                        matches!(self.variables.get(name), Some(ConstValue::Boolean(true)))
                    }
                    _ => false,
                };
                condition != included
            })
        })
    }

    /// The field that most of the cost lies at, by the names in the answer that lead there; its
    /// share, and its place in the document.
    ///
    /// From the top, the dearest name of each level, as long as more than half of what the level
    /// costs lies there; a field that has none below it only where it weighs more than others.
    fn heaviest(&mut self, operation: &'a Positioned<OperationDefinition>) -> (String, u64, Pos) {
        self.fields = Some(HashMap::new());
        let (mut path, mut share, mut pos) = (String::new(), 0, operation.pos);
        let (of, set) = (self.contract.top(operation), &operation.node.selection_set.node);
        let mut level = vec![Place { of, at: set, times: 1, rows: self.contract.costs.pages.max }];
        for depth in 0..self.contract.costs.max_nesting {
            let fields = self.spread_out(&level);
            let mut costs: HashMap<&str, u64> = HashMap::new();
            for Place { of, at: field, times, rows } in &fields {
                let sum = self.field(*of, &field.node, 0);
                let cost = sum.once.saturating_mul(*times);
                let cost = cost.saturating_add(sum.row.saturating_mul(*rows));
                let all = costs.entry(field.node.response_key().node.as_str()).or_default();
                *all = all.saturating_add(cost);
            }
            let Some(own) = costs.values().max().copied() else { break };
            let name = |place: &Place<&'a Positioned<Selected>>| {
                place.at.node.response_key().node.as_str()
            };
            let Some(dearest) = fields.iter().find(|field| costs[name(field)] == own) else {
                break;
            };
            let known = |place: &Place<&'a Positioned<Selected>>| {
                self.contract.field(place.of, &place.at.node)
            };
            let plain = dearest.at.node.selection_set.node.items.is_empty()
                && known(dearest).is_none_or(|field| field.weight == 1);
            if depth > 0 && (plain || own <= share / 2) {
                break;
            }
            if depth > 0 {
                path.push('.');
            }
            path.extend(name(dearest).chars().take(80));
            (share, pos) = (own, dearest.at.pos);
            let same = fields.iter().filter(|field| name(field) == name(dearest));
            level = same.map(|place| self.below(known(place), place)).collect();
        }
        (path, share, pos)
    }

    /// What is selected below a field.
    fn below(
        &self,
        field: Option<&Field>,
        place: &Place<&'a Positioned<Selected>>,
    ) -> Place<&'a SelectionSet> {
        let selected = &place.at.node;
        let (times, page) = self.times(field, selected);
        let times = match field.map(|field| &field.below) {
            Some(Below::Rows) => place.rows,
            _ => place.times.saturating_mul(times),
        };
        let of = field.and_then(|field| field.of);
        let at = &selected.selection_set.node;
        Place { of, at, times, rows: times.saturating_mul(page) }
    }

    /// The fields of selections, those of the fragments that they spread too: each as often as all
    /// its spreads together are answered.
    fn spread_out(
        &self,
        level: &[Place<&'a SelectionSet>],
    ) -> Vec<Place<&'a Positioned<Selected>>> {
        let (mut seen, mut order) = (HashSet::new(), Vec::new());
        for place in level {
            self.follow(place.at, 0, &mut seen, &mut order);
        }
        let (mut fields, mut spreads) = (Vec::new(), HashMap::new());
        for place in level {
            self.gather(*place, &mut fields, &mut spreads);
        }
        // Each fragment after all that spread it.
        for name in order.into_iter().rev() {
            if let (Some((times, rows)), Some(fragment)) =
                (spreads.get(name).copied(), self.fragments.get(name))
            {
                let of = self.named(&fragment.node.type_condition.node.on.node);
                let at = &fragment.node.selection_set.node;
                self.gather(Place { of, at, times, rows }, &mut fields, &mut spreads);
            }
        }
        fields
    }

    /// The fragments that a selection spreads, each after those that it spreads itself.
    fn follow(
        &self,
        set: &'a SelectionSet,
        depth: u64,
        seen: &mut HashSet<&'a str>,
        order: &mut Vec<&'a str>,
    ) {
        if depth > self.contract.costs.max_nesting {
            return;
        }
        for item in &set.items {
            match &item.node {
                Selection::Field(_) => {}
                Selection::InlineFragment(inline) => {
                    self.follow(&inline.node.selection_set.node, depth + 1, seen, order);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.fragments.get(name)
                        && seen.insert(name.as_str())
                    {
                        self.follow(&fragment.node.selection_set.node, depth + 1, seen, order);
                        order.push(name.as_str());
                    }
                }
            }
        }
    }

    fn gather(
        &self,
        place: Place<&'a SelectionSet>,
        fields: &mut Vec<Place<&'a Positioned<Selected>>>,
        spreads: &mut HashMap<&'a str, (u64, u64)>,
    ) {
        let Place { of, at, times, rows } = place;
        for item in at.items.iter().filter(|item| !self.left_out(item.node.directives())) {
            match &item.node {
                Selection::Field(field) => fields.push(Place { of, at: field, times, rows }),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let of = condition.map_or(of, |on| self.named(&on.node.on.node));
                    let at = &inline.node.selection_set.node;
                    self.gather(Place { of, at, times, rows }, fields, spreads);
                }
                Selection::FragmentSpread(spread) => {
                    let all = spreads.entry(spread.node.fragment_name.node.as_str()).or_default();
                    all.0 = all.0.saturating_add(times);
                    all.1 = all.1.saturating_add(rows);
                }
            }
        }
    }
}

/// Something of a document, and how often it is answered.
#[derive(Clone, Copy)]
struct Place<T> {
    /// The type that it is of.
    of: Option<usize>,
    at: T,
    times: u64,
    /// How often where it belongs to the rows of a page.
    rows: u64,
}

/// How large a value is that a variable brings.
fn size_of_sent(value: &ConstValue) -> u64 {
    let within: u64 = match value {
        ConstValue::String(text) => text.len() as u64,
        ConstValue::List(items) => items.iter().map(size_of_sent).sum(),
        ConstValue::Object(fields) => fields.values().map(size_of_sent).sum(),
        _ => 0,
    };
    within.saturating_add(VALUE)
}

impl Given<'_> {
    /// How many values a list has; one that is none stands for a list of it.
    fn count(self) -> u64 {
        match self {
            Given::Written(Value::List(items)) => items.len() as u64,
            Given::Sent(ConstValue::List(items)) => items.len() as u64,
            _ => 1,
        }
    }

    /// The rows of a page; of one that is refused when it runs, at most so many.
    fn size(self, most: u64) -> Option<u64> {
        let (Given::Written(Value::Number(number)) | Given::Sent(ConstValue::Number(number))) =
            self
        else {
            return None;
        };
        Some(number.as_i64().map_or(most, |size| u64::try_from(size).unwrap_or(0).min(most)))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use serde_json::{Value, json};

    use super::*;

    const SDL: &str = "
        interface Body implements Thing { id: ID! name: String! members(first: Int, last: Int): ManConnection! }
        interface Thing { id: ID! }
        type Club implements Body & Thing { id: ID! name: String! members(first: Int, last: Int): ManConnection!
            rooms: [Room!]! tags: [String!]! }
        type Room implements Thing { id: ID! name: String! }
        type Man implements Thing { id: ID! name: String! clubs(first: Int, last: Int, filter: ClubFilter,
            orderBy: [ClubOrder!]): ClubConnection! born: Day }
        type Day { text: String! }
        type ManConnection { nodes: [Man!]! edges: [ManEdge!]! pageInfo: PageInfo! totalCount: Int! }
        type ManEdge { cursor: String! node: Man! }
        type ClubConnection { nodes: [Club!]! pageInfo: PageInfo! totalCount: Int! }
        type PageInfo { endCursor: String }
        type Heavy { key: String! count: Int! }
        union Any = Club | Man
        input ClubFilter { and: [ClubFilter!] or: [ClubFilter!] not: ClubFilter name: TextFilter
            open: Boolean head: ManFilter parent: ClubFilter members: MenFilter }
        input ManFilter { name: TextFilter }
        input MenFilter { some: ManFilter none: ManFilter every: ManFilter }
        input TextFilter { eq: String in: [String!] }
        input ClubOrder { field: Int }
        type Query { man: Man men(first: Int, last: Int): ManConnection! body: Body any: Any
            things(ids: [ID!]!): [Thing]! heavy: [Heavy!]! }
        schema { query: Query }
    ";

    const TOTAL: u64 = 20;
    const COSTS: Costs = Costs {
        weights: &[("heavy", 50), ("totalCount", TOTAL)],
        pages: ListSize { arguments: &["first", "last"], default: 20, max: 100 },
        lists: ListSize { arguments: &["first"], default: 100, max: 1_000 },
        unsized_items: 5,
        max_values: 100,
        filter: "filter",
        order: "orderBy",
        max_cost: 250_000,
        max_fields: 50_000,
        max_depth: 48,
        max_nesting: 96,
        max_root_fields: 200,
    };

    fn definitions() -> crate::Schema {
        crate::Schema::new(SDL, &[]).expect("a schema")
    }

    fn contract() -> Contract {
        Contract::new(SDL, COSTS, definitions().into())
    }

    fn bill(question: &str, variables: Value, operation: Option<&str>) -> Bill {
        let document = crate::parse(question).expect("a document");
        let operation = document.operation(operation).expect("an operation");
        let variables = Variables::from_json(variables);
        let variables = crate::coerce(&definitions(), operation, variables, true).expect("values");
        contract().bill(&crate::lower(&document, operation, &variables), &variables)
    }

    fn cost(question: &str) -> u64 {
        bill(question, Value::Null, None).cost
    }

    fn refused(question: &str) -> ErrorKind {
        *bill(question, Value::Null, None).excess.expect("too much").kind
    }

    #[test]
    fn a_field_costs_one_for_each_time_that_it_is_answered() {
        assert_eq!(cost("{ man { id name born { text } } }"), 5);
        assert_eq!(cost("{ a: man { id } b: man { id } __typename }"), 5);
        assert_eq!(cost("{ men(first: 7) { nodes { id name } } }"), 2 + 7 * 2);
        assert_eq!(cost("{ men(last: 7) { edges { cursor node { id } } } }"), 2 + 7 * 3);
        assert_eq!(
            cost("{ men(first: 7) { nodes { id } edges { cursor } pageInfo { endCursor } } }"),
            5 + 7 * 2
        );
        assert_eq!(
            cost("{ men(first: 7) { nodes { clubs(last: 5) { nodes { id } } } } }"),
            2 + 7 * (2 + 5)
        );
    }

    #[test]
    fn pages_have_twenty_rows_where_nothing_is_said_and_never_more_than_a_hundred() {
        assert_eq!(cost("{ men { nodes { id } } }"), 2 + 20);
        assert_eq!(cost("{ men(first: null) { nodes { id } } }"), 2 + 20);
        assert_eq!(cost("{ men(first: 0) { nodes { id } } }"), 2);
        assert_eq!(cost("{ men(first: -5) { nodes { id } } }"), 2);
        assert_eq!(cost("{ men(first: 2, last: 3) { nodes { id } } }"), 2 + 3);
        for huge in ["101", "2147483647", "9223372036854775807", "1e300"] {
            assert_eq!(
                cost(&format!("{{ men(first: {huge}) {{ nodes {{ id }} }} }}")),
                2 + 100,
                "{huge}"
            );
        }
    }

    #[test]
    fn lists_that_are_not_paged_count_as_five_and_those_of_ids_as_the_ids() {
        assert_eq!(
            cost("{ men(first: 1) { nodes { clubs(first: 1) { nodes { tags rooms { id } } } } } }"),
            4 + 2 + 5
        );
        assert_eq!(cost("{ things(ids: [1, 2, 3]) { id } }"), 1 + 3);
        assert_eq!(cost("{ things(ids: 1) { id } }"), 1 + 1);
        assert_eq!(cost("{ things(ids: []) { id } }"), 1);
        let sent = "query($ids: [ID!]!) { things(ids: $ids) { id } }";
        assert_eq!(bill(sent, json!({ "ids": [1, 2] }), None).cost, 1 + 2);
        let many = json!({ "ids": vec![1; 5_000] });
        assert_eq!(bill(sent, many, None).cost, 1 + 100 + (5_001 * VALUE + 5_000 - SMALL) / SIZE);
    }

    #[test]
    fn numbers_of_rows_and_what_is_told_to_weigh_more() {
        assert_eq!(cost("{ men { totalCount } }"), 1 + TOTAL);
        assert_eq!(
            cost("{ men(first: 3) { nodes { clubs { totalCount } } } }"),
            2 + 3 * (1 + TOTAL)
        );
        assert_eq!(cost("{ heavy { key count } }"), 50 + 5 * 2);
    }

    #[test]
    fn filters_cost_for_each_test_and_more_across_edges() {
        let clubs = |arguments: &str| {
            cost(&format!(
                "{{ men(first: 3) {{ nodes {{ clubs({arguments}) {{ pageInfo {{ endCursor }} }} }} }} }}"
            ))
        };
        let plain = clubs("first: 1");
        assert_eq!(plain, 2 + 3 * 3);
        for (arguments, more) in [
            ("filter: {}", 0),
            ("filter: null", 0),
            ("filter: { open: true }", 1),
            ("filter: { name: { in: [\"a\", \"b\"] eq: \"a\" } }", 2 + 2),
            ("filter: { head: { name: { eq: \"a\" } } }", 11),
            ("filter: { parent: { open: true } }", 11),
            ("filter: { members: { some: { name: { eq: \"a\" } } none: {} } }", 21),
            (
                "filter: { or: [{ open: true }, { not: { and: [{ open: false }, { open: true }] } }] }",
                3,
            ),
            ("filter: { unknown: 1 }", 1),
            ("filter: [{ open: true }]", 1),
            ("filter: 5", 0),
            ("orderBy: [{ field: 1 }, { field: 2 }]", 2),
            ("orderBy: { field: 1 }", 1),
        ] {
            assert_eq!(clubs(arguments), plain + 3 * more, "{arguments}");
        }
        let sent =
            "query($f: ClubFilter, $h: ManFilter) { man { a: clubs(filter: $f) { totalCount }
            b: clubs(filter: $f) { totalCount } c: clubs(filter: { head: $h }) { totalCount } } }";
        let variables = json!({ "f": { "members": { "every": { "name": { "eq": "a" } } } }, "h": { "name": { "eq": "b" } } });
        assert_eq!(bill(sent, variables, None).cost, 1 + 3 * (1 + TOTAL) + 11 + 11 + 11);
        assert_eq!(bill(sent, Value::Null, None).cost, 1 + 3 * (1 + TOTAL) + 10);
    }

    #[test]
    fn variables_count_with_their_defaults() {
        let question = "query($n: Int = 5) { men(first: $n) { nodes { id } } }";
        assert_eq!(bill(question, Value::Null, None).cost, 2 + 5);
        assert_eq!(bill(question, json!({ "n": 9 }), None).cost, 2 + 9);
        assert_eq!(bill(question, json!({ "n": null }), None).cost, 2 + 20);
        assert_eq!(cost("query($n: Int) { men(first: $n) { nodes { id } } }"), 2 + 20);
    }

    #[test]
    fn what_is_left_out_costs_nothing() {
        let question = "query($s: Boolean = true, $i: Boolean! = false) {
            man { id @skip(if: $s) name @include(if: $i) }
            men @skip(if: true) { nodes { id } }
            ...on Query @include(if: false) { men { nodes { id } } }
            ...more @skip(if: $s)
        }
        fragment more on Query { men { nodes { id } } }";
        assert_eq!(cost(question), 1);
        assert_eq!(bill(question, json!({ "s": false, "i": true }), None).cost, 3 + 22);
        assert_eq!(cost("{ man { id @skip(if: false) name @include(if: true) } }"), 3);
    }

    #[test]
    fn fragments_count_where_they_are_spread() {
        let page = "fragment page on ManConnection { nodes { id } totalCount }";
        assert_eq!(
            cost(&format!(
                "{{ a: men(first: 3) {{ ...page }} b: men(first: 50) {{ ...page }} }} {page}"
            )),
            2 * (2 + TOTAL) + 3 + 50
        );
        assert_eq!(
            cost("{ ...a ...a ... { man { id } } } fragment a on Query { man { name } }"),
            6
        );
    }

    #[test]
    fn of_several_types_the_dearest_counts() {
        let club = "... on Club { id name tags }";
        assert_eq!(cost(&format!("{{ body {{ id {club} }} }}")), 2 + 3);
        assert_eq!(
            cost(&format!(
                "{{ any {{ __typename {club} ... on Man {{ id }} ...on Man {{ name }} }} }}"
            )),
            2 + 3
        );
        assert_eq!(cost(&format!("{{ any {{ {club} ... on Thing {{ id }} }} }}")), 1 + 3 + 1);
        assert_eq!(cost("{ body { members(first: 4) { nodes { id } } } }"), 3 + 4);
    }

    #[test]
    fn the_operation_that_runs_counts() {
        let two = "query a { man { id } } query b { men { nodes { id } } }";
        assert_eq!(bill(two, Value::Null, Some("a")).cost, 2);
        assert_eq!(bill(two, Value::Null, Some("b")).cost, 22);
        assert_eq!(cost("query only { man { id } }"), 2);
    }

    #[test]
    fn what_the_contract_does_not_know_costs_one() {
        assert_eq!(
            cost("{ nothing { at(first: 100) { all } } man { x ... on Nobody { y } ...z } }"),
            6
        );
        assert_eq!(cost("mutation { men(first: 100) { nodes { id } } }"), 3);
    }

    #[test]
    fn introspection_costs_two_for_each_field_that_it_returns() {
        assert_eq!(cost("{ __schema { queryType { name } } }"), 1 + 2 * 2);
        assert_eq!(
            cost("{ __type(name: \"Room\") { name fields { name type { name } } } }"),
            1 + 2 * (2 + 2 * 3)
        );
        assert_eq!(cost("{ __type(name: \"Nothing\") { name } }"), 1);
        let question = "query ($s: Boolean!) { __type(name: \"Room\") { name @skip(if: $s) ...f } }
            fragment f on __Type { fields @include(if: $s) { name } }";
        assert_eq!(bill(question, json!({ "s": false }), None).cost, 1 + 2);
        assert_eq!(bill(question, json!({ "s": true }), None).cost, 1 + 2 * (1 + 2));
        assert_eq!(
            cost("{ ...q } fragment q on Query { __schema { mutationType { name } } }"),
            1 + 2
        );
    }

    #[test]
    fn rings_of_fragments_end() {
        assert!(
            cost(
                "{ ...a } fragment a on Query { man { id } ...b } fragment b on Query { ...a man { id } }"
            ) > 0
        );
        let ring = "fragment a on Man { clubs(first: 100) { nodes { members(first: 100) { nodes { ...a ...a } } } } }";
        cost(&format!("{{ men(first: 100) {{ nodes {{ ...a }} }} }} {ring}"));
        let ring = "{ men(first: 100) { nodes { ...a } } } fragment a on Man { ...b }
            fragment b on Man { ...a x: clubs(first: 100) { nodes { rooms { ...c } ...b } } }
            fragment c on Room { id name ...c ...c }";
        cost(ring);
    }

    /// Thirty levels, each of which spreads the next one twice.
    fn bomb(leaf: &str) -> String {
        let mut text = "{ ...f0 }".to_owned();
        for level in 0..30 {
            write!(text, " fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1)
                .expect("text");
        }
        text + &format!(" fragment f30 on Query {{ {leaf} }}")
    }

    #[test]
    fn bombs_are_reckoned_and_refused() {
        let cost = 1 << 31;
        let heaviest = "man".to_owned();
        assert_eq!(
            refused(&bomb("man { id }")),
            ErrorKind::Cost { cost, max: COSTS.max_cost, heaviest, share: cost }
        );
        for leaf in ["man @skip(if: true) { id }", "...nothing", "... @include(if: false) { id }"] {
            assert!(matches!(refused(&bomb(leaf)), ErrorKind::Limit { .. }), "{leaf}");
        }
        let other = bomb("id").replacen('{', "query bomb {", 1) + " query small { man { id } }";
        let bill = bill(&other, Value::Null, Some("small"));
        assert_eq!(bill.cost, 2);
        assert!(bill.excess.is_none());
    }

    #[test]
    fn sums_end_at_the_largest_number() {
        let mut deep = "id".to_owned();
        for _ in 0..14 {
            deep = format!(
                "clubs(first: 100) {{ nodes {{ members(first: 100) {{ nodes {{ {deep} }} }} }} }}"
            );
        }
        assert_eq!(cost(&format!("{{ man {{ {deep} }} }}")), u64::MAX);
    }

    #[test]
    fn large_arguments_cost_for_each_row_that_they_are_given_for() {
        let text = "a".repeat(5_000);
        let large = format!(
            "{{ men(first: 10) {{ nodes {{ clubs(filter: \"{text}\") {{ totalCount }} }} }} }}"
        );
        let plain = "{ men(first: 10) { nodes { clubs(filter: \"\") { totalCount } } } }";
        assert_eq!(cost(&large), cost(plain) + 10 * ((5_016 - SMALL) / SIZE));
        let question = "query($a: [ID!]) { x: things(ids: $a) { id } y: things(ids: $a) { id } }";
        let ids = bill(question, json!({ "a": vec!["abcd"; 100] }), None).cost;
        assert_eq!(ids, 2 * (1 + 100 + (16 + 100 * 20 - SMALL) / SIZE));
        let wide: String = (0..200).map(|at| format!("a{at}: things(ids: $a) {{ id }} ")).collect();
        let question = format!("query($a: [ID!]) {{ {wide} }}");
        for value in [json!("a".repeat(1_000_000)), json!(vec!["a"; 19_000])] {
            let bill = bill(&question, json!({ "a": value }), None);
            let excess = *bill.excess.expect("too much").kind;
            assert!(matches!(excess, ErrorKind::Cost { .. }), "{excess}");
        }
    }

    #[test]
    fn long_names_cost_for_each_row() {
        let named = |length: usize| {
            cost(&format!("{{ men(first: 10) {{ nodes {{ {}: id }} }} }}", "a".repeat(length)))
        };
        assert_eq!(named(32), 2 + 10);
        assert_eq!(named(33), 2 + 10 * 2);
        assert_eq!(named(192), 2 + 10 * 11);
    }

    #[test]
    fn the_heaviest_field_is_where_most_of_the_cost_lies() {
        let named = |question: &str| match refused(question) {
            ErrorKind::Cost { heaviest, share, .. } => (heaviest, share),
            other => panic!("{other}"),
        };
        assert_eq!(
            named("{ small: man { id } all: men(first: 100) { nodes { name clubs(first: 100) { nodes { id rooms { a: id b: id c: id d: id e: id f: id } } }
                few: clubs(first: 1) { nodes { id } } } } }"),
            ("all.nodes.clubs.nodes.rooms".to_owned(), 310_000)
        );
        assert_eq!(
            named("{ ...top } fragment top on Query { men(first: 100) { ...page } }
                fragment page on ManConnection { nodes { ... on Man { clubs(first: 100) { nodes {
                    a: members(first: 7) { nodes { id } } b: members(first: 30) { nodes { id } totalCount } } } } } }"),
            ("men.nodes.clubs.nodes.b.nodes".to_owned(), 310_000)
        );
        assert_eq!(
            named("{ ...a men(first: 100) { ...c } } fragment a on Query { ...b ...b } fragment b on Query { men(first: 100) { ...c ...c } }
                fragment c on ManConnection { nodes { clubs(first: 100) { nodes { a: id b: id c: id d: id e: id f: id } } } }"),
            ("men.nodes.clubs.nodes".to_owned(), 300_500)
        );
        let wide: String = (0..400)
            .map(|at| {
                format!(
                    "a{at}: men(first: 100) {{ nodes {{ id name born {{ text }} id id id }} }} "
                )
            })
            .collect();
        assert_eq!(named(&format!("{{ {wide} }}")), ("a0.nodes".to_owned(), 701));
    }
}
