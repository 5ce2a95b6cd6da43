//! Columns named by standard terms: a claim has a preferred value, a contradiction an explanation. The
//! state of chambers and delegations, by which their lists are filtered and grouped.

use crate::sql::Script;

pub const STEP: Script = Script {
    name: "m20261201_000008_standard_terms",
    up: "
ALTER TABLE claim RENAME COLUMN served TO preferred;
ALTER TABLE claim RENAME COLUMN served_during TO preferred_during;
ALTER TABLE contradiction RENAME COLUMN reading TO explanation;
ALTER TABLE chamber ADD COLUMN state_id {key} REFERENCES state (id);
CREATE INDEX chamber_state_id_id_key ON chamber (state_id, id);
ALTER TABLE delegation ADD COLUMN state_id {key} REFERENCES state (id);
CREATE INDEX delegation_state_id_id_key ON delegation (state_id, id);
",
    down: "
DROP INDEX delegation_state_id_id_key;
ALTER TABLE delegation DROP COLUMN state_id;
DROP INDEX chamber_state_id_id_key;
ALTER TABLE chamber DROP COLUMN state_id;
ALTER TABLE contradiction RENAME COLUMN explanation TO reading;
ALTER TABLE claim RENAME COLUMN preferred_during TO served_during;
ALTER TABLE claim RENAME COLUMN preferred TO served;
",
};
