//! Persons of the graph.

use entity::{PartialDate, attendance, membership, mention, stage, stance};

use super::{
    attendance::Attendance, document::Document, membership::Membership, stage::Stage,
    stance::Stance,
};
use crate::graph::{Edge, GraphContext};

node! { Member of member by text "name" }

filter! {
    /// Which persons.
    MemberFilter on Member(member), record {
        name: text,
        born: date,
        died: date,
        memberships: then(Membership at Edge::key(membership::Column::MemberId)),
        attendances: many(Attendance at Edge::key(attendance::Column::AttendeeId)),
        reported_stages: many(Stage at Edge::key(stage::Column::ReporterId)),
        stances: many(Stance at Edge::key(stance::Column::HolderId)),
        mentions: many(Document at
            Edge::link(mention::Column::RecordId, mention::Column::DocumentId)),
    }
}

order! { Member { name: text, born: date } }

counts! {
    Member {
        state: then(Edge::key(membership::Column::MemberId), membership record),
        organization: then(Edge::key(membership::Column::MemberId), membership record),
        role: then(Edge::key(membership::Column::MemberId), membership text),
        born: year(born),
    }
}

named! {
    /// A person of the graph: a deputy, a delegate, an officer, an expert.
    impl Member {
        /// When the person was born, where a document states it.
        pub async fn born(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.row.born_earliest, self.row.born_latest)
        }

        /// When the person died, where a document states it.
        pub async fn died(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.row.died_earliest, self.row.died_latest)
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {
        /// Documents that name the person.
        mentions: Document at Edge::link(mention::Column::RecordId, mention::Column::DocumentId);
        /// Sessions that the person took part in.
        attendances: Attendance at Edge::key(attendance::Column::AttendeeId);
        /// Steps in decisions' lives on which the person reported.
        reported_stages: Stage at Edge::key(stage::Column::ReporterId);
        /// Positions that the person took.
        stances: Stance at Edge::key(stance::Column::HolderId);
    }
    lives {
        /// What the person is, and where.
        memberships: Membership at Edge::key(membership::Column::MemberId);
    }
}
