//! What filters, orders and counts need: derived columns and tables, and indexes to walk.

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
-- What is derived is derived anew when the server next opens the database.
UPDATE derivation SET version = 0;

-- Of a member of a parliament, a chamber or a delegation, and of whoever speaks for one: its state.
ALTER TABLE membership ADD COLUMN state_id {key} REFERENCES state (id);
CREATE INDEX membership_state_id_id_key ON membership (state_id, id, holds_from, holds_until);

-- All seats of a delegation together, by the days on which they are so many.
CREATE TABLE seat_total (
  delegation_id {key} NOT NULL REFERENCES delegation (id),
  holds_from {day} NOT NULL,
  holds_until {day} NOT NULL,
  seats integer NOT NULL,
  PRIMARY KEY (delegation_id, holds_from)
);

-- Lists of the larger tables by what they are often asked for by: each is walked from its start,
-- until a page is full.
CREATE INDEX decision_kind_id_key ON decision (kind, id);
CREATE INDEX decision_status_id_key ON decision (status, id);
CREATE INDEX decision_number_id_key ON decision (number, id);
CREATE INDEX decision_adopted_earliest_id_key ON decision (adopted_earliest, id);
CREATE INDEX decision_dated_earliest_id_key ON decision (dated_earliest, id);
CREATE INDEX session_kind_id_key ON session (kind, id);
CREATE INDEX session_starts_earliest_id_key ON session (starts_earliest, id);
CREATE INDEX session_ends_earliest_id_key ON session (ends_earliest, id);
CREATE INDEX session_number_id_key ON session (number, id);
CREATE INDEX membership_role_id_key ON membership (role, id);
CREATE INDEX membership_since_earliest_id_key ON membership (since_earliest, id);
CREATE INDEX membership_until_earliest_id_key ON membership (until_earliest, id);
CREATE INDEX membership_effective_since_earliest_id_key ON membership (effective_since_earliest, id);
CREATE INDEX membership_effective_until_earliest_id_key ON membership (effective_until_earliest, id);
CREATE INDEX member_born_earliest_id_key ON member (born_earliest, id);
CREATE INDEX attendance_capacity_id_key ON attendance (capacity, id);
CREATE INDEX stage_kind_id_key ON stage (kind, id);
CREATE INDEX stage_date_earliest_id_key ON stage (date_earliest, id);
CREATE INDEX stance_position_id_key ON stance (position, id);
CREATE INDEX decision_relation_kind_id_key ON decision_relation (kind, id);
CREATE INDEX commission_kind_id_key ON commission (kind, id);
CREATE INDEX participation_status_id_key ON participation (status, id);
CREATE INDEX document_kind_id_key ON document (kind, id);
CREATE INDEX document_language_id_key ON document (language, id);
CREATE INDEX document_published_earliest_id_key ON document (published_earliest, id);
CREATE INDEX decision_title_id_key ON decision (title {postgres COLLATE \"C\"}, id);
CREATE INDEX document_title_id_key ON document (title {postgres COLLATE \"C\"}, id);
CREATE INDEX session_name_id_key ON session (name {postgres COLLATE \"C\"}, id);
-- SQLite walks an index either way and finds nulls at either end; PostgreSQL has them at the end
-- of its own.
{postgres CREATE INDEX decision_adopted_earliest_desc_id_key ON decision (adopted_earliest DESC NULLS LAST, id)};
{postgres CREATE INDEX session_starts_earliest_desc_id_key ON session (starts_earliest DESC NULLS LAST, id)};
{postgres CREATE INDEX document_published_earliest_desc_id_key ON document (published_earliest DESC NULLS LAST, id)};
";

const DOWN: &str = "
{postgres DROP INDEX document_published_earliest_desc_id_key};
{postgres DROP INDEX session_starts_earliest_desc_id_key};
{postgres DROP INDEX decision_adopted_earliest_desc_id_key};
DROP INDEX session_name_id_key;
DROP INDEX document_title_id_key;
DROP INDEX decision_title_id_key;
DROP INDEX document_published_earliest_id_key;
DROP INDEX document_language_id_key;
DROP INDEX document_kind_id_key;
DROP INDEX participation_status_id_key;
DROP INDEX commission_kind_id_key;
DROP INDEX decision_relation_kind_id_key;
DROP INDEX stance_position_id_key;
DROP INDEX stage_date_earliest_id_key;
DROP INDEX stage_kind_id_key;
DROP INDEX attendance_capacity_id_key;
DROP INDEX member_born_earliest_id_key;
DROP INDEX membership_effective_until_earliest_id_key;
DROP INDEX membership_effective_since_earliest_id_key;
DROP INDEX membership_until_earliest_id_key;
DROP INDEX membership_since_earliest_id_key;
DROP INDEX membership_role_id_key;
DROP INDEX session_number_id_key;
DROP INDEX session_ends_earliest_id_key;
DROP INDEX session_starts_earliest_id_key;
DROP INDEX session_kind_id_key;
DROP INDEX decision_dated_earliest_id_key;
DROP INDEX decision_adopted_earliest_id_key;
DROP INDEX decision_number_id_key;
DROP INDEX decision_status_id_key;
DROP INDEX decision_kind_id_key;
DROP TABLE seat_total;
DROP INDEX membership_state_id_id_key;
ALTER TABLE membership DROP COLUMN state_id;
";
