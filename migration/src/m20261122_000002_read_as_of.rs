//! What reading as of a date needs, and contradictions of every kind.

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

// The columns get their values from the server when it next opens the database: `derivation` tells
// it that they lack them.
const UP: &str = "
CREATE TABLE derivation (
  id {id},
  version integer NOT NULL
);
INSERT INTO derivation (id, version) VALUES (1, 0);

{date+ parliament founded};
{date+ chamber founded};
{date+ delegation founded};
{date+ assembly dissolved};
{date+ commission dissolved};
{date+ parliament dissolved};
{date+ chamber dissolved};
{date+ delegation dissolved};
{date+ assembly ended};
{date+ commission ended};
{date+ parliament ended};
{date+ chamber ended};
{date+ delegation ended};
{date+ member born};
{date+ member died};
{date+ membership effective_since};

{span+ assembly holds};
{span+ commission holds};
{span+ parliament holds};
{span+ chamber holds};
{span+ delegation holds};
{span+ participation holds};
{span+ participation sure};
{span+ seat_allocation holds};
{span+ seat_allocation sure};
{span+ membership holds};
{span+ membership sure};

ALTER TABLE assembly ADD COLUMN varying text;
ALTER TABLE commission ADD COLUMN varying text;
ALTER TABLE parliament ADD COLUMN varying text;
ALTER TABLE chamber ADD COLUMN varying text;
ALTER TABLE delegation ADD COLUMN varying text;
ALTER TABLE seat_allocation ADD COLUMN varying text;
ALTER TABLE claim ADD COLUMN by_row boolean NOT NULL DEFAULT true;
ALTER TABLE claim ADD COLUMN by_claim boolean NOT NULL DEFAULT false;
ALTER TABLE claim ADD COLUMN by_side boolean NOT NULL DEFAULT false;
ALTER TABLE claim ADD COLUMN rule text;
ALTER TABLE claim ADD COLUMN served_during text;

-- One walk over an index finds the rows of a parent that hold on a date.
DROP INDEX membership_member_id_id_key;
DROP INDEX membership_organization_id_id_key;
DROP INDEX participation_assembly_id_id_key;
DROP INDEX participation_participant_id_id_key;
DROP INDEX seat_allocation_delegation_id_id_key;
CREATE INDEX membership_member_id_id_key ON membership (member_id, id, holds_from, holds_until);
CREATE INDEX membership_organization_id_id_key ON membership (organization_id, id, holds_from, holds_until);
CREATE INDEX participation_assembly_id_id_key ON participation (assembly_id, id, holds_from, holds_until);
CREATE INDEX participation_participant_id_id_key ON participation (participant_id, id, holds_from, holds_until);
CREATE INDEX seat_allocation_delegation_id_id_key ON seat_allocation (delegation_id, id, holds_from, holds_until);
-- For posts that one person holds, and their holders.
CREATE INDEX membership_organization_id_role_key ON membership (organization_id, role)
  WHERE role IN ('CHAIR', 'HEAD', 'REPRESENTATIVE', 'EXECUTIVE_SECRETARY', 'SECRETARY_GENERAL');

ALTER TABLE contradiction ADD COLUMN kind text NOT NULL DEFAULT 'VALUES';
ALTER TABLE contradiction ADD COLUMN curated boolean NOT NULL DEFAULT true;
ALTER TABLE contradiction ADD COLUMN computed boolean NOT NULL DEFAULT false;
ALTER TABLE contradiction ADD COLUMN explained_by_id {key} REFERENCES contradiction (id);
CREATE INDEX contradiction_explained_by_id_id_key ON contradiction (explained_by_id, id);
CREATE INDEX contradiction_status_id_key ON contradiction (status, id);
CREATE INDEX contradiction_kind_id_key ON contradiction (kind, id);

ALTER TABLE contradiction_claim ADD COLUMN curated boolean NOT NULL DEFAULT true;

CREATE TABLE contradiction_record (
  contradiction_id {key} NOT NULL REFERENCES contradiction (id),
  record_id {key} NOT NULL,
  record_kind text NOT NULL,
  position integer NOT NULL,
  PRIMARY KEY (contradiction_id, record_id),
  FOREIGN KEY (record_id, record_kind) REFERENCES entity (id, kind)
);
CREATE INDEX contradiction_record_record_id_contradiction_id_key ON contradiction_record (record_id, contradiction_id);

CREATE TABLE contradiction_assembly (
  contradiction_id {key} NOT NULL REFERENCES contradiction (id),
  assembly_id {key} NOT NULL REFERENCES assembly (id),
  PRIMARY KEY (contradiction_id, assembly_id)
);
CREATE INDEX contradiction_assembly_assembly_id_contradiction_id_key ON contradiction_assembly (assembly_id, contradiction_id);

INSERT INTO contradiction_record (contradiction_id, record_id, record_kind, position)
SELECT id, record_id, record_kind, 1 FROM contradiction WHERE record_id IS NOT NULL;
";

const DOWN: &str = "
DROP TABLE contradiction_assembly;
DROP TABLE contradiction_record;
ALTER TABLE contradiction_claim DROP COLUMN curated;
DROP INDEX contradiction_kind_id_key;
DROP INDEX contradiction_status_id_key;
DROP INDEX contradiction_explained_by_id_id_key;
ALTER TABLE contradiction DROP COLUMN explained_by_id;
ALTER TABLE contradiction DROP COLUMN computed;
ALTER TABLE contradiction DROP COLUMN curated;
ALTER TABLE contradiction DROP COLUMN kind;

DROP INDEX membership_organization_id_role_key;
DROP INDEX membership_member_id_id_key;
DROP INDEX membership_organization_id_id_key;
DROP INDEX participation_assembly_id_id_key;
DROP INDEX participation_participant_id_id_key;
DROP INDEX seat_allocation_delegation_id_id_key;
CREATE INDEX membership_member_id_id_key ON membership (member_id, id);
CREATE INDEX membership_organization_id_id_key ON membership (organization_id, id);
CREATE INDEX participation_assembly_id_id_key ON participation (assembly_id, id);
CREATE INDEX participation_participant_id_id_key ON participation (participant_id, id);
CREATE INDEX seat_allocation_delegation_id_id_key ON seat_allocation (delegation_id, id);

ALTER TABLE claim DROP COLUMN served_during;
ALTER TABLE claim DROP COLUMN rule;
ALTER TABLE claim DROP COLUMN by_side;
ALTER TABLE claim DROP COLUMN by_claim;
ALTER TABLE claim DROP COLUMN by_row;
ALTER TABLE seat_allocation DROP COLUMN varying;
ALTER TABLE delegation DROP COLUMN varying;
ALTER TABLE chamber DROP COLUMN varying;
ALTER TABLE parliament DROP COLUMN varying;
ALTER TABLE commission DROP COLUMN varying;
ALTER TABLE assembly DROP COLUMN varying;

{span- membership sure};
{span- membership holds};
{span- seat_allocation sure};
{span- seat_allocation holds};
{span- participation sure};
{span- participation holds};
{span- delegation holds};
{span- chamber holds};
{span- parliament holds};
{span- commission holds};
{span- assembly holds};

{date- membership effective_since};
{date- member died};
{date- member born};
{date- delegation ended};
{date- chamber ended};
{date- parliament ended};
{date- commission ended};
{date- assembly ended};
{date- delegation dissolved};
{date- chamber dissolved};
{date- parliament dissolved};
{date- commission dissolved};
{date- assembly dissolved};
{date- delegation founded};
{date- chamber founded};
{date- parliament founded};

DROP TABLE derivation;
";
