//! All tables of the graph.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too: a start that was cut short must not leave half a schema.
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
-- The registry: every record has a row here and shares its id with a row of its own table.

CREATE TABLE entity (
  id {id},
  kind text NOT NULL,
  slug text NOT NULL UNIQUE,
  merged_into_id {key} REFERENCES entity (id) DEFERRABLE INITIALLY DEFERRED CHECK (merged_into_id <> id),
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  UNIQUE (id, kind)
);
CREATE INDEX entity_kind_id_key ON entity (kind, id);
CREATE INDEX entity_merged_into_id_key ON entity (merged_into_id);

CREATE TABLE alias (
  slug text NOT NULL PRIMARY KEY,
  record_id {key} NOT NULL REFERENCES entity (id)
);
CREATE INDEX alias_record_id_key ON alias (record_id);

CREATE TABLE identifier (
  id {auto},
  record_id {key} NOT NULL REFERENCES entity (id),
  scheme text NOT NULL,
  value text NOT NULL,
  UNIQUE (scheme, value, record_id)
);
CREATE INDEX identifier_record_id_key ON identifier (record_id);

CREATE TABLE name (
  id {auto},
  record_id {key} NOT NULL REFERENCES entity (id),
  position integer NOT NULL,
  value text NOT NULL CHECK (value <> ''),
  language text,
  kind text NOT NULL
);
CREATE UNIQUE INDEX name_record_id_position_key ON name (record_id, position);

CREATE TABLE site_state (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  language text,
  position integer,
  note text
);

CREATE TABLE document (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  kind text NOT NULL,
  url text,
  file text,
  title text,
  publisher text,
  {date published},
  published_basis text,
  language text,
  extent text,
  site_state_id {key} REFERENCES site_state (id),
  layout text,
  note text
);
CREATE INDEX document_site_state_id_id_key ON document (site_state_id, id);
CREATE INDEX document_url_key ON document (url);

CREATE TABLE citation (
  record_id {key} NOT NULL REFERENCES entity (id),
  document_id {key} NOT NULL REFERENCES document (id),
  position integer NOT NULL,
  PRIMARY KEY (record_id, document_id)
);
CREATE INDEX citation_document_id_record_id_key ON citation (document_id, record_id);

CREATE TABLE mention (
  document_id {key} NOT NULL REFERENCES document (id),
  record_id {key} NOT NULL,
  record_kind text NOT NULL,
  locator text,
  PRIMARY KEY (document_id, record_id),
  FOREIGN KEY (record_id, record_kind) REFERENCES entity (id, kind)
);
CREATE INDEX mention_record_id_document_id_key ON mention (record_id, document_id);

CREATE TABLE state (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  code text {postgres COLLATE \"C\"} NOT NULL UNIQUE CHECK (length(code) = 2),
  name text NOT NULL
);

CREATE TABLE parliament (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  state_id {key} NOT NULL REFERENCES state (id),
  name text NOT NULL,
  structure text NOT NULL,
  website text,
  note text
);
CREATE INDEX parliament_state_id_id_key ON parliament (state_id, id);

CREATE TABLE chamber (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  parliament_id {key} NOT NULL REFERENCES parliament (id),
  name text NOT NULL,
  house text NOT NULL,
  size integer CHECK (size >= 0),
  website text,
  note text
);
CREATE INDEX chamber_parliament_id_id_key ON chamber (parliament_id, id);

CREATE TABLE commission (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  kind text NOT NULL,
  under_id {key} REFERENCES commission (id) DEFERRABLE INITIALLY DEFERRED,
  chamber_id {key} REFERENCES chamber (id),
  website text,
  note text,
  {date founded}
);
CREATE INDEX commission_under_id_id_key ON commission (under_id, id);
CREATE INDEX commission_chamber_id_id_key ON commission (chamber_id, id);

CREATE TABLE assembly (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  acronym text,
  {date founded},
  founding_decision_id {key} {sqlite REFERENCES decision (id) DEFERRABLE INITIALLY DEFERRED},
  seat text,
  parent_id {key} REFERENCES commission (id),
  website text,
  note text
);
CREATE INDEX assembly_founding_decision_id_id_key ON assembly (founding_decision_id, id);
CREATE INDEX assembly_parent_id_id_key ON assembly (parent_id, id);

CREATE TABLE commission_assembly (
  commission_id {key} NOT NULL REFERENCES commission (id),
  assembly_id {key} NOT NULL REFERENCES assembly (id),
  PRIMARY KEY (commission_id, assembly_id)
);
CREATE INDEX commission_assembly_assembly_id_commission_id_key ON commission_assembly (assembly_id, commission_id);

CREATE TABLE participation (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  assembly_id {key} NOT NULL REFERENCES assembly (id),
  participant_id {key} NOT NULL,
  participant_kind text NOT NULL,
  chamber_id {key} REFERENCES chamber (id),
  status text NOT NULL,
  basis text,
  note text,
  {date since},
  {date until},
  ongoing boolean NOT NULL,
  {date observed_first},
  {date observed_last},
  FOREIGN KEY (participant_id, participant_kind) REFERENCES entity (id, kind)
);
CREATE INDEX participation_assembly_id_id_key ON participation (assembly_id, id);
CREATE INDEX participation_participant_id_id_key ON participation (participant_id, id);
CREATE INDEX participation_chamber_id_id_key ON participation (chamber_id, id);

CREATE TABLE delegation (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  assembly_id {key} NOT NULL REFERENCES assembly (id),
  parliament_id {key} NOT NULL REFERENCES parliament (id),
  name text NOT NULL,
  website text,
  note text,
  UNIQUE (assembly_id, parliament_id)
);
CREATE INDEX delegation_assembly_id_id_key ON delegation (assembly_id, id);
CREATE INDEX delegation_parliament_id_id_key ON delegation (parliament_id, id);

CREATE TABLE seat_allocation (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  delegation_id {key} NOT NULL REFERENCES delegation (id),
  chamber_id {key} REFERENCES chamber (id),
  seats integer NOT NULL CHECK (seats >= 0),
  disputed boolean NOT NULL,
  note text,
  {date since},
  {date until},
  ongoing boolean NOT NULL,
  {date observed_first},
  {date observed_last}
);
CREATE INDEX seat_allocation_delegation_id_id_key ON seat_allocation (delegation_id, id);
CREATE INDEX seat_allocation_chamber_id_id_key ON seat_allocation (chamber_id, id);

CREATE TABLE member (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  name text {postgres COLLATE \"C\"} NOT NULL,
  note text
);
CREATE INDEX member_name_id_key ON member (name, id);

CREATE TABLE session (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  kind text NOT NULL,
  number integer CHECK (number > 0),
  name text NOT NULL,
  {date starts},
  {date ends},
  place text,
  state_id {key} REFERENCES state (id),
  assembly_id {key} REFERENCES assembly (id),
  commission_id {key} REFERENCES commission (id),
  planned boolean NOT NULL,
  note text
);
CREATE INDEX session_state_id_id_key ON session (state_id, id);
CREATE INDEX session_assembly_id_id_key ON session (assembly_id, id);
CREATE INDEX session_commission_id_id_key ON session (commission_id, id);

CREATE TABLE membership (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  member_id {key} NOT NULL REFERENCES member (id),
  organization_id {key} NOT NULL,
  organization_kind text NOT NULL,
  role text NOT NULL,
  title text,
  on_behalf_of_id {key},
  on_behalf_of_kind text,
  elected_at_id {key} REFERENCES session (id),
  term integer CHECK (term > 0),
  note text,
  {date since},
  {date until},
  ongoing boolean NOT NULL,
  {date observed_first},
  {date observed_last},
  {date effective_until},
  end_inference text NOT NULL,
  FOREIGN KEY (organization_id, organization_kind) REFERENCES entity (id, kind),
  FOREIGN KEY (on_behalf_of_id, on_behalf_of_kind) REFERENCES entity (id, kind)
);
CREATE INDEX membership_member_id_id_key ON membership (member_id, id);
CREATE INDEX membership_organization_id_id_key ON membership (organization_id, id);
CREATE INDEX membership_on_behalf_of_id_id_key ON membership (on_behalf_of_id, id);
CREATE INDEX membership_elected_at_id_id_key ON membership (elected_at_id, id);

CREATE TABLE attendance (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  session_id {key} NOT NULL REFERENCES session (id),
  attendee_id {key} NOT NULL,
  attendee_kind text NOT NULL,
  capacity text NOT NULL,
  note text,
  FOREIGN KEY (attendee_id, attendee_kind) REFERENCES entity (id, kind)
);
CREATE INDEX attendance_session_id_id_key ON attendance (session_id, id);
CREATE INDEX attendance_attendee_id_id_key ON attendance (attendee_id, id);

CREATE TABLE decision (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  assembly_id {key} REFERENCES assembly (id),
  state_id {key} REFERENCES state (id),
  kind text NOT NULL,
  title text NOT NULL,
  title_given boolean NOT NULL,
  number text,
  status text NOT NULL,
  status_note text,
  {date adopted},
  {date dated},
  session_id {key} REFERENCES session (id),
  note text,
  CHECK (assembly_id IS NOT NULL OR state_id IS NOT NULL)
);
CREATE INDEX decision_assembly_id_id_key ON decision (assembly_id, id);
CREATE INDEX decision_state_id_id_key ON decision (state_id, id);
CREATE INDEX decision_session_id_id_key ON decision (session_id, id);

{postgres ALTER TABLE assembly ADD FOREIGN KEY (founding_decision_id) REFERENCES decision (id) DEFERRABLE INITIALLY DEFERRED};

CREATE TABLE stage (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  decision_id {key} NOT NULL REFERENCES decision (id),
  position integer NOT NULL CHECK (position > 0),
  kind text NOT NULL,
  body_id {key},
  body_kind text,
  session_id {key} REFERENCES session (id),
  {date date},
  outcome text,
  reporter_id {key} REFERENCES member (id),
  basis_id {key} REFERENCES decision (id),
  FOREIGN KEY (body_id, body_kind) REFERENCES entity (id, kind)
);
CREATE INDEX stage_decision_id_position_key ON stage (decision_id, position);
CREATE INDEX stage_body_id_id_key ON stage (body_id, id);
CREATE INDEX stage_session_id_id_key ON stage (session_id, id);
CREATE INDEX stage_reporter_id_id_key ON stage (reporter_id, id);
CREATE INDEX stage_basis_id_id_key ON stage (basis_id, id);

CREATE TABLE stance (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  stage_id {key} NOT NULL REFERENCES stage (id),
  holder_id {key} NOT NULL,
  holder_kind text NOT NULL,
  position text NOT NULL,
  statement text,
  FOREIGN KEY (holder_id, holder_kind) REFERENCES entity (id, kind)
);
CREATE INDEX stance_stage_id_id_key ON stance (stage_id, id);
CREATE INDEX stance_holder_id_id_key ON stance (holder_id, id);

CREATE TABLE decision_relation (
  id {id} REFERENCES entity (id),
  slug text NOT NULL UNIQUE,
  subject_id {key} NOT NULL REFERENCES decision (id),
  object_id {key} NOT NULL REFERENCES decision (id),
  kind text NOT NULL,
  inferred boolean NOT NULL,
  note text,
  CHECK (subject_id <> object_id)
);
CREATE INDEX decision_relation_subject_id_id_key ON decision_relation (subject_id, id);
CREATE INDEX decision_relation_object_id_id_key ON decision_relation (object_id, id);

-- Evidence.

CREATE TABLE claim (
  id {auto},
  record_id {key} NOT NULL,
  record_kind text NOT NULL,
  property text NOT NULL,
  value text,
  document_id {key} NOT NULL REFERENCES document (id),
  locator text,
  attribution text NOT NULL,
  note text,
  {date since},
  {date until},
  {date observed_first},
  {date observed_last},
  served boolean NOT NULL,
  recorded_at {time} NOT NULL,
  FOREIGN KEY (record_id, record_kind) REFERENCES entity (id, kind)
);
CREATE INDEX claim_record_id_property_id_key ON claim (record_id, property, id);
CREATE INDEX claim_document_id_id_key ON claim (document_id, id);

CREATE TABLE contradiction (
  id {auto},
  slug text NOT NULL UNIQUE,
  record_id {key},
  record_kind text,
  property text NOT NULL,
  topic text,
  about text,
  status text NOT NULL,
  reading text,
  rule text,
  FOREIGN KEY (record_id, record_kind) REFERENCES entity (id, kind)
);
CREATE INDEX contradiction_record_id_id_key ON contradiction (record_id, id);

CREATE TABLE contradiction_claim (
  contradiction_id {key} NOT NULL REFERENCES contradiction (id),
  claim_id {key} NOT NULL REFERENCES claim (id),
  position integer NOT NULL,
  PRIMARY KEY (contradiction_id, claim_id)
);
CREATE INDEX contradiction_claim_claim_id_contradiction_id_key ON contradiction_claim (claim_id, contradiction_id);

-- Every committed alteration, in commit order; it outlives the record it tells of.

CREATE TABLE change (
  revision {auto},
  recorded_at {time} NOT NULL,
  operation text NOT NULL,
  record_id {key} NOT NULL,
  record_kind text NOT NULL,
  properties text NOT NULL
);
CREATE INDEX change_record_id_revision_key ON change (record_id, revision);
";

const DOWN: &str = "
{postgres ALTER TABLE assembly DROP CONSTRAINT assembly_founding_decision_id_fkey};
DROP TABLE change;
DROP TABLE contradiction_claim;
DROP TABLE contradiction;
DROP TABLE claim;
DROP TABLE decision_relation;
DROP TABLE stance;
DROP TABLE stage;
DROP TABLE decision;
DROP TABLE attendance;
DROP TABLE membership;
DROP TABLE session;
DROP TABLE member;
DROP TABLE seat_allocation;
DROP TABLE delegation;
DROP TABLE participation;
DROP TABLE commission_assembly;
DROP TABLE assembly;
DROP TABLE commission;
DROP TABLE chamber;
DROP TABLE parliament;
DROP TABLE state;
DROP TABLE mention;
DROP TABLE citation;
DROP TABLE document;
DROP TABLE site_state;
DROP TABLE name;
DROP TABLE identifier;
DROP TABLE alias;
DROP TABLE entity;
";
