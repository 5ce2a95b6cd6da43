//! The contract in Rust: one file a GraphQL object; and the one way to execute a request.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Instant,
};

use async_graphql::{
    EmptyMutation, EmptySubscription, Pos, Positioned, Request, Response, ServerError,
    parser::{
        self, parse_query,
        types::{
            ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
        },
    },
};
use chrono::NaiveDate;
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::DatabaseConnection;

use crate::graph::{
    BadInput, Error, Graph,
    contract::Contract,
    cost::{self, Bill, DEEPEST_NESTING, DEEPEST_SELECTION},
    error::{self, Code},
    scan::scan,
    snapshot::{Plan, Snapshot},
    variables,
};

#[macro_use]
pub mod listed;
#[macro_use]
pub mod record;

pub mod assembly;
pub mod attendance;
pub mod chamber;
pub mod claim;
pub mod commission;
pub mod composition;
pub mod contradiction;
pub mod count;
pub mod decision;
pub mod decision_relation;
pub mod delegation;
pub mod document;
pub mod instant;
pub mod legislative_period;
pub mod member;
pub mod membership;
pub mod name;
pub mod parliament;
pub mod participation;
pub mod political_group;
pub mod query;
pub mod search;
pub mod seat_allocation;
pub mod service;
pub mod session;
pub mod site_state;
pub mod spell;
pub mod stage;
pub mod stance;
pub mod state;

/// The schema that requests run against, and what there is to know of it to judge them.
#[derive(Clone)]
pub struct Schema {
    graphql: GraphQl,
    contract: Arc<Contract>,
    introspection: bool,
    digest: u64,
}

type GraphQl = async_graphql::Schema<query::Query, EmptyMutation, EmptySubscription>;

/// What a keeper of a server may choose.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the schema can be asked for.
    pub introspection: bool,
    /// Whether errors suggest names that were perhaps meant.
    pub suggestions: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { introspection: true, suggestions: true }
    }
}

/// Selections within each other that the parser takes.
const DEEPEST_PARSED: u64 = 64;

/// Fields that cost more than one each time that they are answered.
const WEIGHTS: [(&str, u64); 3] = [("counts", 100), ("series", 500), ("search", 200)];

pub fn schema() -> Schema {
    with(&Options::default())
}

/// The schema as a server offers it.
pub fn with(options: &Options) -> Schema {
    let graphql = graphql(options);
    let sdl = graphql.sdl();
    let contract = Arc::new(Contract::new(&sdl, &WEIGHTS));
    let introspection = options.introspection;
    let digest = digest(&(sdl, introspection));
    Schema { graphql, contract, introspection, digest }
}

fn graphql(options: &Options) -> GraphQl {
    let mut builder = GraphQl::build(query::Query, EmptyMutation, EmptySubscription)
        .register_output_type::<record::AnyNode>()
        .register_output_type::<record::Organization>()
        // Behind limits of ours, whose errors say more.
        .limit_depth(usize::try_from(DEEPEST_SELECTION).unwrap_or(usize::MAX))
        .limit_recursive_depth(DEEPEST_NESTING);
    if !options.suggestions {
        builder = builder.disable_suggestions();
    }
    builder.finish()
}

fn digest(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// The contract, as `schema.graphql` has it.
pub fn sdl() -> String {
    graphql(&Options::default()).sdl_with_options(async_graphql::SDLExportOptions::new())
}

/// What came of a request.
pub struct Answer {
    pub response: Response,
    /// The name of the operation, where it has one.
    pub operation: Option<String>,
    /// Whether it asked for more than to read, which nobody can here.
    pub writes: bool,
    /// The code of the first error.
    pub error: Option<Code>,
    /// Whether there is anything to show: else the errors are of the request as a whole.
    pub ran: bool,
}

/// Answers one request from one state of the data; `extensions.cost` says what it costs by the rule
/// of [`cost`], `extensions.statements` how many SQL statements it took. What costs too much does
/// not run. What is current is so on the day `today`.
///
/// Boxed, so that the resolvers are compiled here and not in each crate that asks.
pub fn execute<'a>(
    schema: &'a Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
) -> BoxFuture<'a, Response> {
    answer(schema, database, today, request, None).map(|answer| answer.response).boxed()
}

/// The same by then at the latest, with what there is to know of the request.
pub fn answer<'a>(
    schema: &'a Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
    until: Option<Instant>,
) -> BoxFuture<'a, Answer> {
    let snapshot = Snapshot::new(database.clone()).until(until);
    schema.run(Arc::new(Graph::new(snapshot, today)), request, until)
}

/// The answer, and how the store goes about each statement.
pub async fn explain(
    schema: &Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
) -> (Response, Vec<Plan>) {
    let graph = Arc::new(Graph::new(Snapshot::explained(database.clone()), today));
    let answer = schema.run(graph.clone(), request, None).await;
    (answer.response, graph.plans())
}

/// A request that may run, or why it may not.
struct Judged {
    operation: Option<String>,
    writes: bool,
    cost: Option<u64>,
    refused: Option<(BadInput, Option<Pos>)>,
}

impl Schema {
    /// What its answers depend on besides the data.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    fn run(
        &self,
        graph: Arc<Graph>,
        mut request: Request,
        until: Option<Instant>,
    ) -> BoxFuture<'_, Answer> {
        async move {
            let Judged { operation, writes, cost, refused } = self.judge(&mut request);
            let mut response = match refused {
                Some((wrong, at)) => Response::from_errors(vec![Error::from(wrong).of_request(at)]),
                None => self.bounded(&graph, request.data(graph.clone()), until).await,
            };
            let error = error::mask(&mut response, operation.as_deref());
            let of_field = |error: &ServerError| !error.path.is_empty();
            let ran = error.is_none() || response.errors.iter().any(of_field);
            if let Some(cost) = cost {
                response = response.extension("cost", cost.into());
            }
            let response = response.extension("statements", graph.statements().into());
            Answer { response, operation, writes, error, ran }
        }
        .boxed()
    }

    /// Runs a request within its time. A panic of a resolver is the end of the request, and of
    /// nothing else.
    async fn bounded(&self, graph: &Graph, request: Request, until: Option<Instant>) -> Response {
        let work = graph.drive(self.graphql.execute(request));
        let work = AssertUnwindSafe(work).catch_unwind();
        let done = match until {
            Some(until) => tokio::time::timeout_at(until.into(), work).await.ok(),
            None => Some(work.await),
        };
        let ended = match done {
            Some(Ok(response)) => return response,
            // The panic has told of itself.
            Some(Err(_)) => Error::Broken("a resolver panicked".to_owned()),
            None => Error::TooSlow,
        };
        Response::from_errors(vec![ended.of_request(None)])
    }

    /// Whether a document could run, all of its operations; else why not. Nothing of it runs.
    pub async fn validate(&self, text: &str) -> Result<(), String> {
        let told = |(wrong, at): (String, Option<Pos>)| match at {
            Some(Pos { line, column }) => format!("line {line}, column {column}: {wrong}"),
            None => wrong,
        };
        let document = parsed(text).map_err(|(wrong, at)| told((wrong.to_string(), at)))?;
        for (name, operation) in document.operations.iter() {
            let mut request = Request::new(text).only_introspection();
            request.operation_name = name.map(ToString::to_string);
            match self.reckon(&mut request, &document, operation).1 {
                // They come with the request.
                None | Some((BadInput::MissingVariable { .. }, _)) => {}
                Some((wrong, at)) => return Err(told((wrong.to_string(), Some(at)))),
            }
            request.set_parsed_query(document.clone());
            let response = self.graphql.execute(request).await;
            if let Some(error) = response.errors.first() {
                return Err(told((error.message.clone(), error.locations.first().copied())));
            }
        }
        Ok(())
    }

    /// Reads a request, which then has its document parsed and the defaults of its variables.
    fn judge(&self, request: &mut Request) -> Judged {
        // Some clients send it always.
        request.operation_name.take_if(|name| name.is_empty());
        let mut judged = Judged {
            operation: request.operation_name.clone(),
            writes: false,
            cost: None,
            refused: None,
        };
        let document = match parsed(&request.query) {
            Ok(document) => document,
            Err(refused) => return Judged { refused: Some(refused), ..judged },
        };
        let operation = match cost::chosen(&document, request.operation_name.as_deref()) {
            Ok(operation) => operation,
            Err(wrong) => return Judged { refused: Some((wrong, None)), ..judged },
        };
        let mut operations = document.operations.iter();
        let name = operations.find(|(_, one)| std::ptr::eq(*one, operation));
        judged.operation = name.and_then(|(name, _)| name).map(ToString::to_string);
        judged.writes = operation.node.ty != OperationType::Query;
        let (cost, refused) = self.reckon(request, &document, operation);
        judged.cost = cost;
        judged.refused = refused.map(|(wrong, at)| (wrong, Some(at)));
        request.set_parsed_query(document);
        judged
    }

    /// What an operation costs, as far as it is one that can run, and why it may not.
    fn reckon(
        &self,
        request: &mut Request,
        document: &ExecutableDocument,
        operation: &Positioned<OperationDefinition>,
    ) -> (Option<u64>, Option<(BadInput, Pos)>) {
        let kind = match operation.node.ty {
            OperationType::Query => None,
            OperationType::Mutation => Some("mutations"),
            OperationType::Subscription => Some("subscriptions"),
        };
        if let Some(kind) = kind {
            return (None, Some((BadInput::OnlyQueries { kind }, operation.pos)));
        }
        if let Some(odd) = field(document, is_odd_name_of_type) {
            return (None, Some((BadInput::NameOfType, odd.pos)));
        }
        if !self.introspection
            && let Some(asks) = field(document, is_introspection)
        {
            return (None, Some((BadInput::NoIntrospection, asks.pos)));
        }
        variables::fill(&mut request.variables, operation);
        let fitting = self.contract.inputs.check(&request.variables, operation);
        let Bill { cost, refused } = self.contract.bill(document, operation, &request.variables);
        (Some(cost), refused.or(fitting.err()))
    }
}

/// A text as a document. Nothing parses one before it is scanned, whichever way it came.
fn parsed(text: &str) -> Result<ExecutableDocument, (BadInput, Option<Pos>)> {
    scan(text).map_err(|(wrong, at)| (wrong, Some(at)))?;
    parse_query(text).map_err(|error| unreadable(text, error))
}

/// The first field of a document that a test tells.
fn field(
    document: &ExecutableDocument,
    test: impl Fn(&Field) -> bool + Copy,
) -> Option<&Positioned<Field>> {
    fn within(
        set: &SelectionSet,
        test: impl Fn(&Field) -> bool + Copy,
    ) -> Option<&Positioned<Field>> {
        set.items.iter().find_map(|item| match &item.node {
            Selection::Field(field) if test(&field.node) => Some(field),
            Selection::Field(field) => within(&field.node.selection_set.node, test),
            Selection::InlineFragment(inline) => within(&inline.node.selection_set.node, test),
            Selection::FragmentSpread(_) => None,
        })
    }
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let operations = document.operations.iter();
    let operations = operations.map(|(_, operation)| &operation.node.selection_set.node);
    operations.chain(fragments).find_map(|set| within(set, test))
}

/// Whether a field asks for the schema. Where it is not told, the crate would answer null, as if
/// there were none.
fn is_introspection(field: &Field) -> bool {
    ["__schema", "__type"].contains(&field.name.node.as_str())
}

/// Whether a field asks more of the name of a type than that; the crate holds it to no rule.
fn is_odd_name_of_type(field: &Field) -> bool {
    let odd = |name: &str| !["skip", "include"].contains(&name);
    field.name.node == "__typename"
        && (!field.arguments.is_empty()
            || !field.selection_set.node.items.is_empty()
            || field.directives.iter().any(|one| odd(one.node.name.node.as_str())))
}

/// Why a text is no document, without the line that the parser draws of it.
fn unreadable(text: &str, error: parser::Error) -> (BadInput, Option<Pos>) {
    let at = error.positions().next();
    if error == parser::Error::RecursionLimitExceeded {
        let (what, most) = ("selections within each other, or more", DEEPEST_PARSED);
        return (BadInput::DocumentLength { what, got: most + 1, most }, at);
    }
    let ServerError { message, .. } = error.into();
    // Of a drawing the last line tells what would be right.
    let told = message.lines().last().unwrap_or_default().trim().trim_start_matches("= ");
    let line = at.and_then(|at| text.lines().nth(at.line.checked_sub(1)?));
    let found = at.zip(line).map(|(at, line)| {
        let rest = line.chars().skip(at.column.saturating_sub(1));
        let found: String = rest.take_while(|next| !next.is_whitespace()).take(20).collect();
        if found.is_empty() { "the end of the line".to_owned() } else { format!("`{found}`") }
    });
    let told = told.replace('_', " ").replace("EOI", "the end");
    let wrong = match found.filter(|_| told.starts_with("expected")) {
        Some(found) => format!("{told}, found {found}"),
        None => told,
    };
    (BadInput::Unreadable { wrong }, at)
}
