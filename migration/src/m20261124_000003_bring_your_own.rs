//! Political groups, legislative periods, and what else data from elsewhere needs a place for.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, DOWN).await
    }
}

const UP: &str = "
CREATE TABLE political_group (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  website text,
  note text,
  {date founded},
  {date dissolved},
  {date ended},
  holds_from {day} NOT NULL,
  holds_until {day} NOT NULL,
  varying text
);

CREATE TABLE legislative_period (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  organization_id {key} NOT NULL,
  organization_kind text NOT NULL,
  name text NOT NULL,
  {date starts},
  {date ends},
  note text,
  FOREIGN KEY (organization_id, organization_kind) REFERENCES entity (id, kind)
);
CREATE INDEX legislative_period_organization_id_id_key ON legislative_period (organization_id, id);

ALTER TABLE membership ADD COLUMN legislative_period_id {key} REFERENCES legislative_period (id);
ALTER TABLE membership ADD COLUMN area text;
CREATE INDEX membership_legislative_period_id_id_key ON membership (legislative_period_id, id, holds_from, holds_until);

-- Of parliaments of parts of states, and where a source does not say.
{postgres ALTER TABLE parliament ALTER COLUMN state_id DROP NOT NULL};
{sqlite ALTER TABLE parliament ADD COLUMN of_state_id integer REFERENCES state (id)};
{sqlite UPDATE parliament SET of_state_id = state_id};
{sqlite DROP INDEX parliament_state_id_id_key};
{sqlite ALTER TABLE parliament DROP COLUMN state_id};
{sqlite ALTER TABLE parliament RENAME COLUMN of_state_id TO state_id};
{sqlite CREATE INDEX parliament_state_id_id_key ON parliament (state_id, id)};

-- Whose source a file is, is seen by the ids that it gives.
CREATE INDEX identifier_value_scheme_key ON identifier (value, scheme);
";

const DOWN: &str = "
DROP INDEX identifier_value_scheme_key;

-- SQLite cannot add a key that must be set; it stays one that may be null.
{postgres ALTER TABLE parliament ALTER COLUMN state_id SET NOT NULL};

DROP INDEX membership_legislative_period_id_id_key;
ALTER TABLE membership DROP COLUMN area;
ALTER TABLE membership DROP COLUMN legislative_period_id;
DROP TABLE legislative_period;
DROP TABLE political_group;
";
