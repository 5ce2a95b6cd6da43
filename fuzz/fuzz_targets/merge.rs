//! Two valid generated fragments in one operation: the document is rejected, or returns the merged data of
//! the two fragments executed separately.
#![no_main]

use std::{path::PathBuf, sync::LazyLock};

use assembly_graph::{
    import,
    schema::{self, Schema},
    store,
};
use async_graphql::Response;
use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use sea_orm::DatabaseConnection;
use serde_json::Value;
use tokio::runtime::Runtime;

mod draw;

struct World {
    runtime: Runtime,
    database: DatabaseConnection,
    schema: Schema,
    draw: draw::Draw,
}

fn now() -> DateTime<Utc> {
    "2026-11-01T00:00:00Z".parse().expect("an instant")
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let file: PathBuf = std::env::temp_dir().join(format!("fuzz-merge-{}.sqlite", std::process::id()));
    let database = runtime.block_on(async {
        let database = store::connect(&file.display().to_string()).await.expect("a new file");
        store::migrate(&database).await.expect("tables");
        import::import(&database, &import::built_in(), now()).await.expect("the built-in data set");
        database
    });
    let draw = draw::Draw::new(&schema::sdl());
    World { runtime, database, schema: schema::schema(), draw }
});

impl World {
    fn run(&self, text: &str) -> Response {
        let run = schema::execute(&self.schema, &self.database, now().date_naive(), text.into());
        self.runtime.block_on(run)
    }

    /// Returns the data of a document, or `None` if the document is rejected or a field has an error.
    fn data(&self, text: &str) -> Option<Value> {
        let response = self.run(text);
        response.errors.is_empty().then(|| response.data.into_json().expect("JSON"))
    }
}

/// Whether a document was rejected by validation or a limit.
fn is_rejected(response: &Response) -> bool {
    let codes = ["GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED"].map(async_graphql::Value::from);
    !response.errors.is_empty()
        && response.errors.iter().all(|error| {
            let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
            error.path.is_empty() && code.is_some_and(|code| codes.contains(code))
        })
}

/// Merges two results: objects by key, lists by index.
fn merge(one: &mut Value, other: Value) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for (key, value) in other {
                match one.get_mut(&key) {
                    Some(own) => merge(own, value),
                    None => drop(one.insert(key, value)),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter_mut().zip(other).for_each(|(one, other)| merge(one, other));
        }
        (one, other) => assert_eq!(*one, other),
    }
}

fuzz_target!(init: drop(LazyLock::force(&WORLD)), |bytes: &[u8]| {
    let world = &*WORLD;
    let mut dice = draw::Dice::new(bytes);
    let [one, other] = ["a", "b"].map(|name| world.draw.fragment(&mut dice, name));
    let apart = |name, fragments| format!("{{ ...{name} }} {fragments}");
    let (Some(mut apart), Some(beside)) =
        (world.data(&apart("a", &one)), world.data(&apart("b", &other)))
    else {
        return;
    };
    let both = format!("{{ ...a ...b }} {one} {other}");
    let together = world.run(&both);
    if is_rejected(&together) {
        return;
    }
    assert!(together.errors.is_empty(), "{both}: {:?}", together.errors);
    merge(&mut apart, beside);
    assert_eq!(together.data.into_json().expect("JSON"), apart, "{both}");
});
