//! Renames the table `entity`, in which all records are registered, to `record`.

use crate::sql::Script;

pub const STEP: Script = Script {
    name: "m20261201_000007_rename_entity",
    // Foreign keys follow the table. SQLite cannot rename an index.
    up: "
ALTER TABLE entity RENAME TO record;
{sqlite DROP INDEX entity_kind_id_key};
{sqlite DROP INDEX entity_merged_into_id_key};
{sqlite CREATE INDEX record_kind_id_key ON record (kind, id)};
{sqlite CREATE INDEX record_merged_into_id_key ON record (merged_into_id)};
{postgres ALTER INDEX entity_kind_id_key RENAME TO record_kind_id_key};
{postgres ALTER INDEX entity_merged_into_id_key RENAME TO record_merged_into_id_key};
{postgres ALTER INDEX entity_pkey RENAME TO record_pkey};
{postgres ALTER INDEX entity_slug_key RENAME TO record_slug_key};
{postgres ALTER INDEX entity_id_kind_key RENAME TO record_id_kind_key};
{postgres ALTER TABLE record RENAME CONSTRAINT entity_check TO record_check};
{postgres ALTER TABLE record RENAME CONSTRAINT entity_merged_into_id_fkey TO record_merged_into_id_fkey};
",
    down: "
{postgres ALTER TABLE record RENAME CONSTRAINT record_merged_into_id_fkey TO entity_merged_into_id_fkey};
{postgres ALTER TABLE record RENAME CONSTRAINT record_check TO entity_check};
{postgres ALTER INDEX record_id_kind_key RENAME TO entity_id_kind_key};
{postgres ALTER INDEX record_slug_key RENAME TO entity_slug_key};
{postgres ALTER INDEX record_pkey RENAME TO entity_pkey};
{postgres ALTER INDEX record_merged_into_id_key RENAME TO entity_merged_into_id_key};
{postgres ALTER INDEX record_kind_id_key RENAME TO entity_kind_id_key};
{sqlite DROP INDEX record_merged_into_id_key};
{sqlite DROP INDEX record_kind_id_key};
ALTER TABLE record RENAME TO entity;
{sqlite CREATE INDEX entity_kind_id_key ON entity (kind, id)};
{sqlite CREATE INDEX entity_merged_into_id_key ON entity (merged_into_id)};
",
};
