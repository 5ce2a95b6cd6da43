//! Worlds to ask: each has its own database, migrated and filled, and leaves nothing behind.

use std::{
    future::Future,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
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

/// Runs `test` on SQLite, and on PostgreSQL if `TEST_POSTGRES_URL` is set.
pub async fn on_each_store<F: Future<Output = ()>>(test: impl Fn(Store) -> F) {
    let postgres = cfg!(postgres_tests).then_some(Store::Postgres);
    for store in [Store::Sqlite].into_iter().chain(postgres) {
        test(store).await;
    }
}

pub struct World {
    pub database: DatabaseConnection,
    schema: Schema,
    home: Home,
}

impl World {
    /// Tables without rows.
    pub async fn empty(store: Store) -> Self {
        let home = Home::new(store).await;
        let url = home.url();
        let database = store::connect(&url).await.unwrap();
        store::migrate(&database).await.unwrap();
        Self { database, schema: schema::schema(), home }
    }

    /// The data set that the server comes with.
    pub async fn shipped(store: Store) -> Self {
        let world = Self::empty(store).await;
        import::import(&world.database, &import::built_in(), now()).await.unwrap();
        world
    }

    /// A small made-up world.
    pub async fn sample(store: Store) -> Self {
        let world = Self::empty(store).await;
        sample::fill(&world.database, Size::SMALL).await.unwrap();
        world
    }

    pub async fn ask(&self, query: &str) -> Value {
        self.ask_with(query, Value::Null).await
    }

    pub async fn ask_with(&self, query: &str, variables: Value) -> Value {
        serde_json::to_value(self.answer(query, variables).await).unwrap()
    }

    /// The answer as it is sent, fields in order.
    pub async fn answer(&self, query: &str, variables: Value) -> Response {
        self.run(Request::new(query).variables(Variables::from_json(variables))).await
    }

    pub async fn run(&self, request: Request) -> Response {
        schema::execute(&self.schema, &self.database, now().date_naive(), request).await
    }

    /// The server on the wire, with what holds where nobody says anything.
    pub fn router(&self) -> Router {
        self.router_with(config::ServerConfig::default())
    }

    pub fn router_with(&self, settings: config::ServerConfig) -> Router {
        Server::new(self.database.clone(), settings).unwrap().router()
    }

    /// How the store goes about the statements of a question.
    pub async fn plans(&self, query: &str) -> Vec<Plan> {
        let today = now().date_naive();
        let (response, plans) =
            schema::explain(&self.schema, &self.database, today, query.into()).await;
        assert!(response.errors.is_empty(), "{query}: {:?}", response.errors);
        plans
    }

    /// The answer's data, where there are no errors.
    pub async fn data(&self, query: &str) -> Value {
        let mut answer = self.ask(query).await;
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["data"].take()
    }

    /// How many statements a question costs.
    pub async fn cost(&self, query: &str) -> u64 {
        let answer = self.ask(query).await;
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["extensions"]["statements"].as_u64().unwrap()
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

/// The hour at which all test data was recorded and is asked for.
pub fn now() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// Where a database lives; removed even when the test fails.
pub struct Home {
    place: Option<Place>,
}

enum Place {
    File(PathBuf),
    Database { server: String, name: String },
}

impl Home {
    pub async fn new(store: Store) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("it_{}_{number}", std::process::id());
        let place = match store {
            Store::Sqlite => {
                let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
                Place::File(folder.join(name).with_extension("sqlite"))
            }
            Store::Postgres => {
                let server = postgres_url();
                let admin = Database::connect(&server).await.unwrap();
                admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
                admin.close().await.unwrap();
                Place::Database { server, name }
            }
        };
        Self { place: Some(place) }
    }

    pub fn url(&self) -> String {
        match self.place.as_ref().unwrap() {
            Place::File(path) => path.display().to_string(),
            Place::Database { server, name } => {
                let (server, _) = server.rsplit_once('/').unwrap();
                format!("{server}/{name}")
            }
        }
    }

    pub async fn remove(mut self) {
        if let Some(place) = self.place.take() {
            place.remove().await;
        }
    }
}

impl Place {
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
        let Some(place) = self.place.take() else { return };
        // A test that failed: its runtime is going down, so the removal gets one of its own.
        let removal = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(place.remove());
        });
        drop(removal.join());
    }
}
