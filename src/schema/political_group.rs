//! Parties and factions.

use super::{attendance::Attendance, membership::Membership, stage::Stage, stance::Stance};
use crate::graph::{Edge, GraphContext};

node! { PoliticalGroup of political_group }

filter! {
    /// Which parties and factions.
    PoliticalGroupFilter on PoliticalGroup(political_group), record, few, lives {
        name: text,
        founded: date,
        dissolved: date,
        memberships: then(Membership at Edge::key(entity::membership::Column::OrganizationId)),
        represented_by: then(Membership at Edge::key(entity::membership::Column::OnBehalfOfId)),
    }
}

order! { PoliticalGroup { name: text, founded: date } }

counts! { PoliticalGroup { founded: year(founded) } }

organization! {
    /// A party, or a faction of a parliament: whom members sit for.
    impl PoliticalGroup {
        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {}
    lives {}
}
