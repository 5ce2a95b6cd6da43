//! The GraphQL schema and its execution.
//!
//! The types of records, and their filters, orders and groups, are generated from the descriptions of
//! their kinds ([`object`], [`fields`], [`list_schema`]). The module of a kind contains its computed
//! fields.

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
mod introspection_cache;
pub mod list_schema;
pub mod name;
pub mod object;
pub mod query;
pub mod record;
pub mod root;
mod scalar;
pub mod search;
pub mod service;

use introspection_cache::IntrospectionCache;

pub use execute::{ExecutionResult, execute, execute_until, explain};

/// The executable schema, with the validation and cost analysis of requests.
#[derive(Clone)]
pub struct Schema {
    graphql: GraphQl,
    guard: Arc<Guard>,
    introspection_cache: Arc<IntrospectionCache>,
    digest: u64,
}

type GraphQl = async_graphql::Schema<root::Root, EmptyMutation, EmptySubscription>;

/// The options that the operator of a server can set.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the schema can be introspected.
    pub introspection: bool,
    /// Whether errors suggest similar names.
    pub suggestions: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { introspection: true, suggestions: true }
    }
}

/// The description of the schema.
const DESCRIPTION: &str = "Inter-parliamentary assemblies as a graph: who belongs to them, who sits \
    in them, what they decide, as of any date, and where each fact comes from.";

/// The costs of fields and the limits of operations.
pub const COSTS: Costs = Costs {
    // A count reads every row of the list.
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
    // Lists without pagination are short, and clients cannot limit them.
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

/// The computed fields and filters of kinds.
static COMPUTED: &[object::Computed] =
    &[assembly::COMPUTED, delegation::COMPUTED, document::COMPUTED];

/// The custom scalars and their validation.
const SCALARS: [(&str, ScalarRule); 3] = [
    ("Date", scalar::date),
    ("DateTime", scalar::date_time),
    ("PartialDate", scalar::partial_date),
];

/// Builds the schema with the default options.
pub fn schema() -> Schema {
    with_options(Options::default())
}

/// Builds the schema.
///
/// # Panics
/// Panics if the printed schema is not valid SDL.
pub fn with_options(options: Options) -> Schema {
    let graphql = graphql();
    let sdl = print(&graphql);
    let definitions = query_guard::Schema::new(&sdl, &SCALARS).expect("the schema is valid SDL");
    let Options { introspection, suggestions } = options;
    let options = query_guard::Options { introspection, suggestions, costs: COSTS };
    let guard = Arc::new(Guard::new(definitions, options));
    let digest = digest(&(sdl, introspection));
    Schema { graphql, guard, introspection_cache: Arc::default(), digest }
}

fn graphql() -> GraphQl {
    GraphQl::build(root::Root, EmptyMutation, EmptySubscription)
        .register_output_type::<record::AnyNode>()
        .register_output_type::<record::Organization>()
        // `execute` validates requests before, and `root` executes introspection.
        .validation_mode(ValidationMode::Fast)
        .disable_introspection()
        // `query_guard` enforces the same limits before, with better error messages.
        .limit_depth(usize::try_from(MAX_DEPTH).unwrap_or(usize::MAX))
        .limit_recursive_depth(MAX_SELECTION_NESTING)
        .finish()
}

fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Returns the SDL of the schema, as in `schema.graphql`.
pub fn sdl() -> String {
    print(&graphql())
}

/// Prints the SDL with the description of the schema, which async-graphql omits.
fn print(graphql: &GraphQl) -> String {
    let sdl = graphql.sdl_with_options(SDLExportOptions::new().include_specified_by());
    let with_description = format!("\"\"\"\n{DESCRIPTION}\n\"\"\"\nschema {{\n");
    sdl.replacen("schema {\n", &with_description, 1)
}
