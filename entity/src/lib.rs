//! The SeaORM entities of the graph: one module per table, with its columns, relations and enums.
//!
//! Depends on neither the migrations nor the server; a test checks that entities and migrations
//! match. Enums and the partial date are also GraphQL types.

pub mod alias;
pub mod assembly;
pub mod attendance;
pub mod chamber;
pub mod change;
pub mod citation;
pub mod claim;
pub mod commission;
pub mod commission_assembly;
pub mod contradiction;
pub mod contradiction_assembly;
pub mod contradiction_claim;
pub mod contradiction_record;
pub mod decision;
pub mod decision_relation;
pub mod delegation;
pub mod derivation;
pub mod document;
pub mod identifier;
pub mod kind;
pub mod legislative_period;
pub mod member;
pub mod membership;
pub mod mention;
pub mod name;
pub mod parliament;
pub mod partial_date;
pub mod participation;
pub mod political_group;
pub mod record;
pub mod seat_allocation;
pub mod seat_total;
pub mod session;
pub mod site_state;
pub mod stage;
pub mod stance;
pub mod state;
pub mod term;
pub mod validity;
pub mod validity_period;

pub use kind::{Kind, RecordEntity, Visitor};
pub use partial_date::PartialDate;
pub use record::RecordKind;
pub use validity::{Certainty, FIRST_DAY, LAST_DAY, Period, Temporal, Validity};
pub use validity_period::{Sightings, ValidityPeriod};

/// The id of a record, claim or contradiction, or the revision of a change.
pub type Id = i64;

/// The list of all kinds of record and their entities.
macro_rules! kinds {
    ($($kind:ident $table:ident)*) => {
        static KINDS: &[Kind] = &[$(<$table::Entity as RecordEntity>::KIND),*];

        // `KINDS[kind as usize]` describes the kind.
        const _: () = {
            let mut at = 0;
            $(
                assert!(RecordKind::$kind as usize == at, "in the order of `RecordKind`");
                at += 1;
            )*
            assert!(KINDS.len() == at);
        };

        impl RecordKind {
            /// Returns the name of the object in the schema.
            pub fn object(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($kind),)*
                }
            }

            /// Calls the visitor with the entity of this kind.
            pub fn visit<V: Visitor>(self, visitor: V) -> V::Output {
                match self {
                    $(Self::$kind => visitor.visit::<$table::Entity>(),)*
                }
            }
        }
    };
}

kinds! {
    Assembly assembly
    State state
    Participation participation
    Parliament parliament
    Chamber chamber
    Delegation delegation
    SeatAllocation seat_allocation
    Member member
    Membership membership
    Commission commission
    PoliticalGroup political_group
    LegislativePeriod legislative_period
    Session session
    Attendance attendance
    Decision decision
    Stage stage
    Stance stance
    DecisionRelation decision_relation
    Document document
    SiteState site_state
}

/// Returns the descriptions of all kinds in the order of [`RecordKind`].
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter()
}

impl RecordKind {
    /// Returns the description of the kind.
    pub fn kind(self) -> &'static Kind {
        &KINDS[self as usize]
    }
}

/// Calls a macro with all entities, for tests.
#[macro_export]
macro_rules! for_each_entity {
    ($call:ident) => {
        $call! {
            alias assembly attendance chamber change citation claim commission
            commission_assembly contradiction contradiction_assembly contradiction_claim
            contradiction_record decision decision_relation delegation derivation document identifier
            legislative_period member membership mention name parliament participation
            political_group record seat_allocation seat_total session site_state stage stance state term
        }
    };
}
