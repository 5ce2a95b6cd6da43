//! Parties and factions.

use super::{attendance::Attendance, membership::Membership, stage::Stage, stance::Stance};
use crate::graph::{Edge, GraphContext};

node! { PoliticalGroup of political_group }

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
    spells {}
}
