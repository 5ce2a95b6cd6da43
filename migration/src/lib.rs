//! The steps that make the database what the entities expect, in order.
//!
//! A step is frozen once released. Knows neither the entities (a test holds the two together)
//! nor the server.

use sea_orm_migration::prelude::*;

mod m20261122_000001_create_graph;
mod m20261122_000002_read_as_of;
mod m20261124_000003_bring_your_own;
mod m20261124_000004_find_by_words;
mod m20261124_000005_ask_anything;
mod m20261201_000006_name_totals;
mod m20261201_000007_rename_entity;
mod m20261201_000008_standard_terms;
mod sql;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_graph::Migration),
            Box::new(m20261122_000002_read_as_of::Migration),
            Box::new(m20261124_000003_bring_your_own::Migration),
            Box::new(m20261124_000004_find_by_words::Migration),
            Box::new(m20261124_000005_ask_anything::Migration),
            Box::new(m20261201_000006_name_totals::STEP),
            Box::new(m20261201_000007_rename_entity::STEP),
            Box::new(m20261201_000008_standard_terms::STEP),
        ]
    }
}
