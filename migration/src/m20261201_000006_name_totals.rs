//! The number of all seats of a delegation is claimed as `totalSeats`, the name of its field.

use crate::sql::Script;

pub const STEP: Script = Script {
    name: "m20261201_000006_name_totals",
    // What is no number, such as `7 + 4`, is of the parts and stays `seats`.
    up: "
INSERT INTO change (recorded_at, operation, record_id, record_kind, properties)
SELECT DISTINCT {sqlite strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')}{postgres now()}, 'UPDATED',
  record_id, record_kind, '[\"claims\"]'
FROM claim WHERE record_kind = 'DELEGATION' AND property = 'seats'
  AND {sqlite value <> '' AND value NOT GLOB '*[^0-9]*'}{postgres value ~ '^[0-9]+$'};
UPDATE claim SET property = 'totalSeats' WHERE record_kind = 'DELEGATION' AND property = 'seats'
  AND {sqlite value <> '' AND value NOT GLOB '*[^0-9]*'}{postgres value ~ '^[0-9]+$'};
UPDATE contradiction SET property = 'totalSeats'
WHERE record_kind = 'DELEGATION' AND property = 'seats'
  AND id IN (SELECT s.contradiction_id FROM contradiction_claim s
    JOIN claim c ON c.id = s.claim_id
    WHERE c.record_kind = 'DELEGATION' AND c.property = 'totalSeats')
  AND id NOT IN (SELECT s.contradiction_id FROM contradiction_claim s
    JOIN claim c ON c.id = s.claim_id
    WHERE c.record_kind = 'DELEGATION' AND c.property = 'seats');
",
    down: "
UPDATE claim SET property = 'seats' WHERE record_kind = 'DELEGATION' AND property = 'totalSeats';
UPDATE contradiction SET property = 'seats'
WHERE record_kind = 'DELEGATION' AND property = 'totalSeats';
",
};
