//! The schema in Rust.
//!
//! Objects, filters, orders and groups of records are made of the descriptions of their kinds
//! ([`object`], [`fields`], [`listing`]); a file of a kind's own holds what is computed besides.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use async_graphql::{EmptyMutation, EmptySubscription, SDLExportOptions, ValidationMode};
use query_guard::{Costs, Guard, ListSize, ScalarRule};

use crate::limits::{
    DEFAULT_GROUPS, DEFAULT_PAGE_SIZE, MAX_COST, MAX_DEPTH, MAX_FIELDS, MAX_GROUPS, MAX_PAGE_SIZE,
    MAX_ROOT_FIELDS, MAX_SELECTION_NESTING,
};

pub mod assembly;
pub mod claim;
pub mod composition;
pub mod contradiction;
pub mod delegation;
pub mod document;
pub mod erased;
pub mod execute;
pub mod fields;
pub mod group;
pub mod instant;
mod kept;
pub mod listing;
pub mod name;
pub mod object;
pub mod query;
pub mod record;
pub mod root;
mod scalar;
pub mod search;
pub mod service;

pub use execute::{ExecutionResult, execute, execute_until, explain};

/// The schema that requests run against, and what there is to know of it to judge them.
#[derive(Clone)]
pub struct Schema {
    graphql: GraphQl,
    guard: Arc<Guard>,
    introspected: Arc<kept::Kept>,
    digest: u64,
}

type GraphQl = async_graphql::Schema<root::Root, EmptyMutation, EmptySubscription>;

/// What an operator of a server may choose.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the schema can be introspected.
    pub introspection: bool,
    /// Whether errors suggest names.
    pub suggestions: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { introspection: true, suggestions: true }
    }
}

/// What the schema as a whole is.
const DESCRIPTION: &str = "Inter-parliamentary assemblies as a graph: who belongs to them, who sits \
    in them, what they decide, as of any date, and where each fact comes from.";

/// What operations cost, and may cost at most.
pub const COSTS: Costs = Costs {
    // Each row of a total has to be looked at.
    weights: &[("groups", 100), ("search", 200), ("series", 500), ("totalCount", 20)],
    pages: ListSize {
        arguments: &["first", "last"],
        default: DEFAULT_PAGE_SIZE as u64,
        max: MAX_PAGE_SIZE as u64,
    },
    lists: ListSize {
        arguments: &["first"],
        default: DEFAULT_GROUPS as u64,
        max: MAX_GROUPS as u64,
    },
    // Such a list is short by its nature, and not the client's to cut.
    assumed_list_size: 5,
    max_list_values: MAX_PAGE_SIZE as u64,
    filter_argument: "filter",
    order_argument: "orderBy",
    max_cost: MAX_COST,
    max_fields: MAX_FIELDS,
    max_depth: MAX_DEPTH,
    max_nesting: MAX_SELECTION_NESTING as u64,
    max_root_fields: MAX_ROOT_FIELDS,
};

/// What kinds have besides what their descriptions say.
static COMPUTED: &[object::Computed] =
    &[assembly::COMPUTED, delegation::COMPUTED, document::COMPUTED];

/// Custom scalars, and what a value of each is.
const SCALARS: [(&str, ScalarRule); 3] = [
    ("Date", scalar::date),
    ("DateTime", scalar::date_time),
    ("PartialDate", scalar::partial_date),
];

pub fn schema() -> Schema {
    with(Options::default())
}

/// The schema as a server offers it.
///
/// # Panics
/// If the text of the schema is no SDL, which every test would show.
pub fn with(options: Options) -> Schema {
    let graphql = graphql();
    let sdl = print(&graphql);
    let definitions = query_guard::Schema::new(&sdl, &SCALARS).expect("the schema is valid SDL");
    let Options { introspection, suggestions } = options;
    let options = query_guard::Options { introspection, suggestions, costs: COSTS };
    let guard = Arc::new(Guard::new(definitions, options));
    let digest = digest(&(sdl, introspection));
    Schema { graphql, guard, introspected: Arc::default(), digest }
}

fn graphql() -> GraphQl {
    GraphQl::build(root::Root, EmptyMutation, EmptySubscription)
        .register_output_type::<record::AnyNode>()
        .register_output_type::<record::Organization>()
        // What runs has been validated, and introspection is ours: see `execute` and `root`.
        .validation_mode(ValidationMode::Fast)
        .disable_introspection()
        // Behind limits of ours, whose errors say more.
        .limit_depth(usize::try_from(MAX_DEPTH).unwrap_or(usize::MAX))
        .limit_recursive_depth(MAX_SELECTION_NESTING)
        .finish()
}

fn digest(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// The schema, as `schema.graphql` has it.
pub fn sdl() -> String {
    print(&graphql())
}

/// The SDL, with the description of the schema, which the library does not print.
fn print(graphql: &GraphQl) -> String {
    let sdl = graphql.sdl_with_options(SDLExportOptions::new().include_specified_by());
    let described = format!("\"\"\"\n{DESCRIPTION}\n\"\"\"\nschema {{\n");
    sdl.replacen("schema {\n", &described, 1)
}
