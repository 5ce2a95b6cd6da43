//! Migrations and entities describe the same tables.

use std::collections::{BTreeMap, BTreeSet};

use assembly_graph::{import, store};
use migration::Migrator;
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait,
    IdenStatic, Iterable, PrimaryKeyToColumn, RelationTrait, Statement,
};
use sea_orm_migration::MigratorTrait;

use crate::world::{Store, World, now, test_each_store};

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    /// Name to sort, and whether it may be null.
    columns: BTreeMap<String, (&'static str, bool)>,
    key: BTreeSet<String>,
    /// Column to table.
    references: BTreeSet<(String, String)>,
}

/// How the names of columns end that hold a day; SQLite keeps it as text.
const DAYS: [&str; 4] = ["_earliest", "_latest", "_from", "_until"];

fn sort(kind: &ColumnType) -> &'static str {
    match kind {
        ColumnType::BigInteger => "number",
        ColumnType::Integer => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "day",
        ColumnType::TimestampWithTimeZone => "time",
        ColumnType::Text | ColumnType::String(_) => "text",
        other => panic!("no column is a {other:?}"),
    }
}

fn of_entity<E: EntityTrait>() -> (String, Table, Vec<String>) {
    let mut table = Table::default();
    let mut indexed = Vec::new();
    for column in E::Column::iter() {
        let definition = column.def();
        let name = column.as_str().to_owned();
        let kind = sort(definition.get_column_type());
        table.columns.insert(name.clone(), (kind, definition.is_null()));
        if name.ends_with("_id") {
            indexed.push(name);
        }
    }
    for key in E::PrimaryKey::iter() {
        table.key.insert(key.into_column().as_str().to_owned());
    }
    for relation in E::Relation::iter() {
        let definition = relation.def();
        let column = definition.from_col.iter().next().unwrap().to_string();
        let target = definition.to_tbl.sea_orm_table().to_string();
        table.references.insert((column, target));
    }
    (E::default().table_name().to_owned(), table, indexed)
}

async fn rows(database: &DatabaseConnection, sql: &str) -> Vec<sea_orm::QueryResult> {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    database.query_all_raw(statement).await.unwrap()
}

/// The table as the database has it, and the first columns of its indexes.
async fn of_database(database: &DatabaseConnection, name: &str) -> (Table, BTreeSet<String>) {
    let mut table = Table::default();
    let mut indexed = BTreeSet::new();
    if database.get_database_backend() == DbBackend::Sqlite {
        for row in rows(database, &format!("SELECT * FROM pragma_table_info('{name}')")).await {
            let column: String = row.try_get("", "name").unwrap();
            let kind: String = row.try_get("", "type").unwrap();
            let null = row.try_get::<i32>("", "notnull").unwrap() == 0;
            let kind = match kind.to_lowercase().as_str() {
                "integer" => "number",
                "boolean" => "boolean",
                "text" if DAYS.iter().any(|end| column.ends_with(end)) => "day",
                "text" if column.ends_with("_at") => "time",
                "text" => "text",
                other => panic!("{name}.{column} is a {other}"),
            };
            if row.try_get::<i32>("", "pk").unwrap() > 0 {
                table.key.insert(column.clone());
            }
            table.columns.insert(column, (kind, null));
        }
        let sql = format!("SELECT * FROM pragma_foreign_key_list('{name}')");
        for row in rows(database, &sql).await {
            if row.try_get::<i32>("", "seq").unwrap() == 0 {
                let column = row.try_get("", "from").unwrap();
                table.references.insert((column, row.try_get("", "table").unwrap()));
            }
        }
        let sql = format!(
            "SELECT c.name AS name FROM pragma_index_list('{name}') i \
             JOIN pragma_index_info(i.name) c ON c.seqno = 0"
        );
        for row in rows(database, &sql).await {
            indexed.insert(row.try_get("", "name").unwrap());
        }
    } else {
        let sql = format!(
            "SELECT column_name::text AS name, data_type::text AS type, is_nullable = 'YES' AS maybe \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{name}'"
        );
        for row in rows(database, &sql).await {
            let column: String = row.try_get("", "name").unwrap();
            let kind: String = row.try_get("", "type").unwrap();
            let kind = match kind.as_str() {
                "bigint" | "integer" => "number",
                "boolean" => "boolean",
                "date" => "day",
                "timestamp with time zone" => "time",
                "text" => "text",
                other => panic!("{name}.{column} is a {other}"),
            };
            table.columns.insert(column, (kind, row.try_get("", "maybe").unwrap()));
        }
        let sql = format!(
            "SELECT c.contype::text AS kind, f.relname::text AS target, \
             (SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.conrelid \
              AND a.attnum = c.conkey[1]) AS name, \
             (SELECT string_agg(a.attname::text, ',') FROM pg_attribute a \
              WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) AS all_names \
             FROM pg_constraint c LEFT JOIN pg_class f ON f.oid = c.confrelid \
             WHERE c.conrelid = '{name}'::regclass AND c.contype IN ('p', 'f')"
        );
        for row in rows(database, &sql).await {
            if row.try_get::<String>("", "kind").unwrap() == "p" {
                let names: String = row.try_get("", "all_names").unwrap();
                table.key.extend(names.split(',').map(str::to_owned));
            } else {
                let column = row.try_get("", "name").unwrap();
                table.references.insert((column, row.try_get("", "target").unwrap()));
            }
        }
        let sql = format!(
            "SELECT a.attname::text AS name FROM pg_index i JOIN pg_attribute a \
             ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
             WHERE i.indrelid = '{name}'::regclass"
        );
        for row in rows(database, &sql).await {
            indexed.insert(row.try_get("", "name").unwrap());
        }
    }
    (table, indexed)
}

async fn migrations_create_the_tables_of_the_entities(store: Store) {
    let world = World::empty(store).await;
    let mut tables = BTreeSet::new();
    macro_rules! compare {
        ($($table:ident)*) => {
            $({
                let (name, entity, keys) = of_entity::<entity::$table::Entity>();
                let (table, indexed) = of_database(&world.database, &name).await;
                assert_eq!(entity, table, "{name} on {store:?}: entity, then migration");
                for key in keys {
                    assert!(indexed.contains(&key), "{name}.{key} has no index on {store:?}");
                }
                tables.insert(name);
            })*
        };
    }
    entity::for_each_entity!(compare);
    for kind in entity::kinds() {
        assert!(tables.contains(kind.table), "{} is missing in `for_each_entity`", kind.table);
    }
    world.end().await;
}

test_each_store!(migrations_create_the_tables_of_the_entities);

/// Reverts a migration and all later ones; returns their number.
async fn down_before(world: &World, step: &str) -> usize {
    let all = Migrator::migrations();
    let steps = all.iter().rev().position(|one| one.name().starts_with(step)).unwrap() + 1;
    Migrator::down(&world.database, Some(steps.try_into().unwrap())).await.unwrap();
    steps
}

/// A database of the previous version is migrated, and its derived data is computed again.
async fn a_filled_database_is_migrated(store: Store) {
    let world = World::built_in(store).await;
    let chairs = "{ assembly(slug: \"csto-pa\", asOf: \"2015-11-26\") { memberships { nodes {
        role certainty effectiveUntil member { name } } } delegations { totalCount } } }";
    let before = world.data(chairs).await;
    // The previous version had only curated contradictions.
    for sql in [
        "DELETE FROM contradiction_claim WHERE NOT curated",
        "DELETE FROM contradiction_assembly",
        "DELETE FROM contradiction_record WHERE contradiction_id IN \
         (SELECT id FROM contradiction WHERE NOT curated)",
        "DELETE FROM contradiction WHERE NOT curated",
    ] {
        world.database.execute_unprepared(sql).await.unwrap();
    }
    let steps = down_before(&world, "m20261124_000003").await;
    assert_eq!(store::migrate(&world.database).await.unwrap(), steps);
    let derived = import::derive(&world.database, now()).await.unwrap();
    assert!(derived.unwrap().updated > 0);
    assert_eq!(world.data(chairs).await, before);
    let kept = "{ all: contradictions { totalCount }
        values: contradictions(filter: { kind: { eq: VALUES } }) { totalCount } }";
    let kept = world.data(kept).await;
    assert_eq!(kept["all"]["totalCount"], 41);
    assert_eq!(kept["values"]["totalCount"], 40);
    // Importing the same data again adds the source of each claim; a third import changes nothing.
    import::import(&world.database, &import::built_in(), now()).await.unwrap();
    let again = import::import(&world.database, &import::built_in(), now()).await.unwrap();
    assert_eq!(again, import::Applied::default());
    world.end().await;
}

test_each_store!(a_filled_database_is_migrated);

/// The previous version stored the total seats of a delegation as claims of `seats`.
async fn total_seats_of_delegations_are_renamed(store: Store) {
    let world = World::built_in(store).await;
    let text = "[[claim]]\nrecord = \"csto-pa-delegation-by\"\nproperty = \"total_seats\"\n\
                value = 50\nsources = [\"pa-bekmatov\"]\n\
                [[contradiction]]\nslug = \"x-all-seats\"\nrecord = \"csto-pa-delegation-by\"\n\
                property = \"total_seats\"\nclaims = [\n\
                { value = 50, sources = [\"pa-bekmatov\"] },\n\
                { value = 77, sources = [\"paodkb-newyear\"] },\n]\n";
    let files = [import::File { name: "more.toml".into(), text: text.to_owned() }];
    import::import(&world.database, &files, now()).await.unwrap();
    let seats = "{ delegation(slug: \"csto-pa-delegation-by\") {
        claimsAbout(property: [\"seats\", \"totalSeats\"]) { property value }
        contradictions { slug kind property records { slug } claims { property value } } }
        service { revision } }";
    let before = world.data(seats).await;
    down_before(&world, "m20261201_000006").await;
    // As SQL: the server needs the tables of the last step.
    let renamed = "SELECT id FROM claim WHERE property = 'totalSeats'";
    assert!(rows(&world.database, renamed).await.is_empty());
    store::migrate(&world.database).await.unwrap();
    import::derive(&world.database, now()).await.unwrap();
    let after = world.data(seats).await;
    assert_eq!(after["delegation"], before["delegation"]);
    assert_ne!(after["service"], before["service"], "the change is not visible");
    world.end().await;
}

test_each_store!(total_seats_of_delegations_are_renamed);
