//! Test databases: each test has its own, migrated and filled, which is removed at the end.

use std::{
    path::PathBuf,
    sync::{
        Arc, LazyLock, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use assembly_graph::{
    config,
    graph::snapshot::Plan,
    http::Server,
    import,
    sample::{self, Size},
    schema::{self, Schema},
    store,
};
use async_graphql::{Request, Response, Variables};
use axum::Router;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, EntityTrait};
use serde_json::Value;
use tokio::sync::{Mutex, OnceCell};

/// A database system to test on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

/// The environment variable with the URL of a PostgreSQL server on which tests create and drop databases.
const POSTGRES_URL: &str = "TEST_POSTGRES_URL";

fn postgres_url() -> String {
    std::env::var(POSTGRES_URL).expect("tests on PostgreSQL need TEST_POSTGRES_URL")
}

/// Defines the tests `name::sqlite` and `name::postgres`, which run `async fn name(store: Store)`. The
/// second is ignored if `TEST_POSTGRES_URL` is not set when the tests are built.
macro_rules! test_each_store {
    ($name:ident) => {
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                super::$name($crate::world::Store::Sqlite).await;
            }

            #[tokio::test]
            #[cfg_attr(not(postgres_tests), ignore = "needs TEST_POSTGRES_URL")]
            async fn postgres() {
                super::$name($crate::world::Store::Postgres).await;
            }
        }
    };
}
pub(crate) use test_each_store;

pub struct World {
    pub database: DatabaseConnection,
    schema: Schema,
    home: Home,
    _template: Option<Arc<Home>>,
}

/// The schema is built once.
fn schema() -> Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(schema::schema);
    SCHEMA.clone()
}

/// What a new database contains.
#[derive(Clone, Copy)]
enum Content {
    /// Tables without rows.
    Empty,
    BuiltIn,
    Sample,
}

impl Content {
    async fn write(self, url: &str) {
        let database = store::connect(url).await.unwrap();
        store::migrate(&database).await.unwrap();
        match self {
            Self::Empty => {}
            Self::BuiltIn => {
                import::import(&database, &import::built_in(), now()).await.unwrap();
            }
            Self::Sample => {
                sample::fill(&database, Size::SMALL).await.unwrap();
            }
        }
        database.close().await.unwrap();
    }
}

/// The content is written once, and copied for each test: migrations and imports take most of the time
/// of a short test.
struct Template {
    /// The bytes of a SQLite database.
    sqlite: OnceCell<Vec<u8>>,
    /// A PostgreSQL database, which is dropped with the last world that is copied from it.
    postgres: Mutex<Weak<Home>>,
}

impl Template {
    const fn new() -> Self {
        Self { sqlite: OnceCell::const_new(), postgres: Mutex::const_new(Weak::new()) }
    }

    fn of(content: Content) -> &'static Self {
        static TEMPLATES: [Template; 3] = [const { Template::new() }; 3];
        &TEMPLATES[content as usize]
    }

    /// Returns a copy, and the template that it keeps alive.
    async fn copy(content: Content, store: Store) -> (Home, Option<Arc<Home>>) {
        let template = Self::of(content);
        if store == Store::Sqlite {
            let write = async || {
                let home = Home::new(Store::Sqlite).await;
                content.write(&home.url()).await;
                let bytes = std::fs::read(home.url()).unwrap();
                home.remove().await;
                bytes
            };
            let bytes = template.sqlite.get_or_init(write).await;
            let home = Home::new(Store::Sqlite).await;
            std::fs::write(home.url(), bytes).unwrap();
            return (home, None);
        }
        let mut shared = template.postgres.lock().await;
        let source = match shared.upgrade() {
            Some(source) => source,
            None => {
                let source = Arc::new(Home::new(Store::Postgres).await);
                content.write(&source.url()).await;
                *shared = Arc::downgrade(&source);
                source
            }
        };
        drop(shared);
        (Home::copy_of(&source).await, Some(source))
    }
}

impl World {
    /// Tables without rows.
    pub async fn empty(store: Store) -> Self {
        Self::new(Content::Empty, store).await
    }

    /// The built-in data set.
    pub async fn built_in(store: Store) -> Self {
        Self::new(Content::BuiltIn, store).await
    }

    /// A small synthetic data set.
    pub async fn sample(store: Store) -> Self {
        Self::new(Content::Sample, store).await
    }

    async fn new(content: Content, store: Store) -> Self {
        let (home, template) = Template::copy(content, store).await;
        let database = store::connect(&home.url()).await.unwrap();
        Self { database, schema: schema(), home, _template: template }
    }

    pub async fn execute(&self, query: &str) -> Value {
        self.execute_with(query, Value::Null).await
    }

    pub async fn execute_with(&self, query: &str, variables: Value) -> Value {
        serde_json::to_value(self.response(query, variables).await).unwrap()
    }

    /// The response with its fields in order.
    pub async fn response(&self, query: &str, variables: Value) -> Response {
        self.run(Request::new(query).variables(Variables::from_json(variables))).await
    }

    pub async fn run(&self, request: Request) -> Response {
        schema::execute(&self.schema, &self.database, now().date_naive(), request).await
    }

    /// The router of the HTTP server with default settings.
    pub fn router(&self) -> Router {
        self.router_with(config::ServerConfig::default())
    }

    pub fn router_with(&self, settings: config::ServerConfig) -> Router {
        Server::new(self.database.clone(), settings).unwrap().router()
    }

    /// The query plans of the statements of a query.
    pub async fn plans(&self, query: &str) -> Vec<Plan> {
        let today = now().date_naive();
        let (response, plans) =
            schema::explain(&self.schema, &self.database, today, query.into()).await;
        assert!(response.errors.is_empty(), "{query}: {:?}", response.errors);
        plans
    }

    /// The data of the response; panics if it has errors.
    pub async fn data(&self, query: &str) -> Value {
        let mut response = self.execute(query).await;
        assert_eq!(response.get("errors"), None, "{query}");
        response["data"].take()
    }

    /// The number of SQL statements that a query executes.
    pub async fn cost(&self, query: &str) -> u64 {
        let response = self.execute(query).await;
        assert_eq!(response.get("errors"), None, "{query}");
        response["extensions"]["statements"].as_u64().unwrap()
    }

    /// Everything that is in the database: every row of every table.
    pub async fn fingerprint(&self) -> Vec<String> {
        let mut all = Vec::new();
        macro_rules! rows {
            ($($table:ident)*) => {
                $({
                    let rows = entity::$table::Entity::find().all(&self.database).await.unwrap();
                    let mut rows: Vec<_> = rows.iter().map(|row| format!("{row:?}")).collect();
                    rows.sort();
                    all.push(format!("{}: {}", stringify!($table), rows.join("\n")));
                })*
            };
        }
        entity::for_each_entity!(rows);
        all
    }

    /// Closes the database and removes it.
    pub async fn end(self) {
        self.database.close().await.unwrap();
        self.home.remove().await;
    }
}

/// The time at which all test data is recorded and read.
pub fn now() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// A database, which is removed even if the test fails.
pub struct Home {
    location: Option<Location>,
}

enum Location {
    File(PathBuf),
    Database { server: String, name: String },
}

impl Home {
    pub async fn new(store: Store) -> Self {
        let name = Self::next_name();
        let location = match store {
            Store::Sqlite => {
                let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
                Location::File(folder.join(name).with_extension("sqlite"))
            }
            Store::Postgres => Self::create(name, "").await,
        };
        Self { location: Some(location) }
    }

    /// A PostgreSQL database with the content of another one, to which nobody is connected.
    async fn copy_of(source: &Self) -> Self {
        let Some(Location::Database { name, .. }) = &source.location else { panic!("a file") };
        Self { location: Some(Self::create(Self::next_name(), &format!(" TEMPLATE {name}")).await) }
    }

    fn next_name() -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        format!("it_{}_{number}", std::process::id())
    }

    async fn create(name: String, options: &str) -> Location {
        let server = postgres_url();
        let admin = Database::connect(&server).await.unwrap();
        let sql = format!("CREATE DATABASE {name}{options}");
        admin.execute_unprepared(&sql).await.unwrap();
        admin.close().await.unwrap();
        Location::Database { server, name }
    }

    pub fn url(&self) -> String {
        match self.location.as_ref().unwrap() {
            Location::File(path) => path.display().to_string(),
            Location::Database { server, name } => {
                let (server, _) = server.rsplit_once('/').unwrap();
                format!("{server}/{name}")
            }
        }
    }

    pub async fn remove(mut self) {
        if let Some(location) = self.location.take() {
            location.remove().await;
        }
    }
}

impl Location {
    async fn remove(self) {
        match self {
            Self::File(path) => {
                for end in ["sqlite", "sqlite-wal", "sqlite-shm"] {
                    drop(std::fs::remove_file(path.with_extension(end)));
                }
            }
            Self::Database { server, name } => {
                let admin = Database::connect(&server).await.unwrap();
                let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                admin.execute_unprepared(&sql).await.unwrap();
                admin.close().await.unwrap();
            }
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let Some(location) = self.location.take() else { return };
        // A test that failed: its runtime is going down, so the removal gets one of its own.
        let removal = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(location.remove());
        });
        drop(removal.join());
    }
}
