//! Texts of records by their words, for search and for filters.

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

/// On SQLite two indexes of words stand beside the table; whoever writes the table writes them too.
/// Neither keeps where in a text a word stands: nobody asks for phrases.
///
/// On PostgreSQL the index of pieces of words needs an extension that not every server has, or
/// lets its users make; without it those pieces are found by reading all texts.
const UP: &str = "
CREATE TABLE term (
  id {id},
  record_id {key} NOT NULL REFERENCES entity (id),
  record_kind text NOT NULL,
  property text NOT NULL,
  rank integer NOT NULL,
  language text,
  value text NOT NULL,
  folded text {postgres COLLATE \"C\"} NOT NULL CHECK (folded <> ''),
  words text NOT NULL
);
CREATE INDEX term_record_id_key ON term (record_id);
CREATE INDEX term_record_kind_property_folded_record_id_key ON term (record_kind, property, folded, record_id);
CREATE INDEX term_folded_id_key ON term (folded, id) WHERE rank < 9;

{sqlite CREATE VIRTUAL TABLE term_word USING fts5 (words, content = 'term', content_rowid = 'id', tokenize = \"ascii tokenchars '~'\", prefix = '1 2 3', detail = none, columnsize = 0)};
{sqlite CREATE VIRTUAL TABLE term_gram USING fts5 (folded, content = 'term', content_rowid = 'id', tokenize = 'trigram', detail = none, columnsize = 0)};

{postgres CREATE INDEX term_words_key ON term USING gin (array_to_tsvector(string_to_array(words, ' '))) WHERE rank < 9};
{postgres DO $$ BEGIN \
  CREATE EXTENSION IF NOT EXISTS pg_trgm; \
  CREATE INDEX term_folded_gram_key ON term USING gin (folded gin_trgm_ops); \
EXCEPTION \
  WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN NULL; \
END $$};
";

/// The extension stays: others may use it by now.
const DOWN: &str = "
{sqlite DROP TABLE term_gram};
{sqlite DROP TABLE term_word};
DROP TABLE term;
";
