//! Persons of the graph.

use entity::{attendance, membership, mention, stage, stance};

use super::{
    attendance::Attendance, document::Document, membership::Membership, stage::Stage,
    stance::Stance,
};
use crate::graph::Edge;

node! { Member of member by Text "name" }

named! {
    /// A person of the graph: a deputy, a delegate, an officer, an expert.
    impl Member {
        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.0.note.as_deref()
        }
    }
    pages {
        /// What the person is and was, and where: one entry for each spell.
        memberships: Membership at Edge::key(membership::Column::MemberId);
        /// Documents that name the person.
        mentions: Document at Edge::link(mention::Column::RecordId, mention::Column::DocumentId);
        /// Sessions that the person took part in.
        attendances: Attendance at Edge::key(attendance::Column::AttendeeId);
        /// Steps in decisions' lives on which the person reported.
        reported_stages: Stage at Edge::key(stage::Column::ReporterId);
        /// Positions that the person took.
        stances: Stance at Edge::key(stance::Column::HolderId);
    }
}
