//! A made-up world of any size, the same every time: for tests and benches.
//!
//! Nothing in it is a fact. Every record has a source, every edge of the graph occurs, and sizes
//! are spread unevenly, as they are in the field.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::{
    Id, PartialDate, RecordKind,
    attendance::{self, AttendanceCapacity},
    chamber::House,
    commission::CommissionKind,
    commission_assembly,
    decision::{self, DecisionKind, DecisionStatus},
    decision_relation::{self, DecisionRelationKind},
    document::{self, DocumentKind},
    legislative_period, member,
    membership::{EndInference, Role},
    parliament::ParliamentStructure,
    participation::ParticipationStatus,
    session::{self, SessionKind},
    stage::{self, StageKind},
    stance::{self, StancePosition},
    state,
};
use sea_orm::{DatabaseConnection, DbErr, TransactionTrait};

use crate::import::{
    apply::{Applied, Batch, apply},
    row::{SpellColumns, living, spelled},
};

/// How much of everything there is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub assemblies: usize,
    pub states: usize,
    /// Of `states` parliaments so many have two chambers.
    pub bicameral: usize,
    pub members: usize,
    pub commissions: usize,
    pub political_groups: usize,
    pub sessions: usize,
    pub decisions: usize,
    pub stages: usize,
}

impl Size {
    /// Enough to have several pages of most lists.
    pub const SMALL: Self = Self {
        assemblies: 3,
        states: 12,
        bicameral: 8,
        members: 150,
        commissions: 14,
        political_groups: 9,
        sessions: 40,
        decisions: 60,
        stages: 3,
    };
    /// 350 chambers, 45,000 members, 90,000 memberships, 20,000 decisions of five stages.
    pub const LARGE: Self = Self {
        assemblies: 2,
        states: 200,
        bicameral: 150,
        members: 45_000,
        commissions: 400,
        political_groups: 600,
        sessions: 2_000,
        decisions: 20_000,
        stages: 5,
    };
}

/// Writes the world into an empty database.
pub async fn fill(database: &DatabaseConnection, size: Size) -> Result<Applied, DbErr> {
    let transaction = database.begin().await?;
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let applied = apply(&transaction, World::new(size).batch, now).await?;
    transaction.commit().await?;
    Ok(applied)
}

struct World {
    batch: Batch,
    next: Id,
    source: Id,
    groups: Vec<Id>,
    /// The legislative period of each chamber.
    periods: HashMap<Id, Id>,
}

impl World {
    fn new(size: Size) -> Self {
        let (groups, periods) = (Vec::new(), HashMap::new());
        let mut world = Self { batch: Batch::default(), next: 1, source: 0, groups, periods };
        world.source = world.documents();
        let states: Vec<Id> = (0..size.states).map(|at| world.state(at)).collect();
        let parliaments: Vec<Parliament> = states
            .iter()
            .enumerate()
            .map(|(at, state)| world.parliament(at, *state, at < size.bicameral))
            .collect();
        let assemblies: Vec<Id> = (0..size.assemblies).map(|at| world.assembly(at)).collect();
        for (at, state) in states.iter().enumerate() {
            world.participation(at, *state, assemblies[at % size.assemblies]);
        }
        let delegations: Vec<Id> = parliaments
            .iter()
            .enumerate()
            .map(|(at, parliament)| {
                world.delegation(at, assemblies[at % size.assemblies], parliament)
            })
            .collect();
        let commissions: Vec<Id> = (0..size.commissions)
            .map(|at| world.commission(at, assemblies[at % size.assemblies]))
            .collect();
        world.groups = (0..size.political_groups).map(|at| world.group(at)).collect();
        let sessions: Vec<Id> = (0..size.sessions)
            .map(|at| {
                let commission = at.is_multiple_of(3).then(|| commissions[at % size.commissions]);
                world.session(
                    at,
                    assemblies[at % size.assemblies],
                    commission,
                    states[at % size.states],
                )
            })
            .collect();
        let chambers: Vec<Id> =
            parliaments.iter().flat_map(|parliament| parliament.chambers.iter().copied()).collect();
        for at in 0..size.members {
            // Small chambers and large ones: squares fall on some places more often than on others.
            let place = if at.is_multiple_of(4) { at * at } else { at };
            let chamber = chambers[place % chambers.len()];
            let second = match at % 5 {
                0 => (RecordKind::Delegation, delegations[at % delegations.len()]),
                _ => (RecordKind::Commission, commissions[at % commissions.len()]),
            };
            let member = world.member(at, chamber, second, sessions[at % sessions.len()]);
            if at.is_multiple_of(4) {
                world.attendance(at, sessions[at % sessions.len()], RecordKind::Member, member);
            }
        }
        let mut previous = None;
        for at in 0..size.decisions {
            let place = (assemblies[at % size.assemblies], sessions[at % sessions.len()]);
            let decision = world.decision(at, place);
            for position in 0..size.stages {
                let body = commissions[(at + position) % commissions.len()];
                world.stage(at, decision, position, body, states[at % size.states]);
            }
            if let Some(previous) = previous.filter(|_| at % 2 == 1) {
                world.relation(at, decision, previous);
            }
            previous = Some(decision);
        }
        world
    }

    fn record(&mut self, kind: RecordKind, slug: String) -> (Id, String) {
        let id = self.next;
        self.next += 1;
        self.batch.new.push((id, kind, slug.clone()));
        if kind != RecordKind::Document {
            self.batch.citations.push((id, self.source));
        }
        (id, slug)
    }

    fn documents(&mut self) -> Id {
        let (id, slug) = self.record(RecordKind::Document, "almanac".to_owned());
        self.batch.document.push(document::Model {
            id,
            slug,
            kind: DocumentKind::Dataset,
            url: None,
            file: None,
            title: Some("Almanac of a made-up world".to_owned()),
            publisher: None,
            published_earliest: None,
            published_latest: None,
            published_basis: None,
            language: Some("en".to_owned()),
            extent: None,
            site_state_id: None,
            layout: None,
            note: None,
        });
        id
    }

    fn state(&mut self, at: usize) -> Id {
        let (id, slug) = self.record(RecordKind::State, format!("state-{at}"));
        let letter = |number: usize| char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
        let code = [letter(at / 26), letter(at)].iter().collect();
        let name = format!("{}land", made_up(at));
        self.batch.identifiers.push((id, "almanac".to_owned(), format!("S{at}")));
        self.batch.state.push(state::Model { id, slug, code, name });
        id
    }

    fn parliament(&mut self, at: usize, state_id: Id, bicameral: bool) -> Parliament {
        let (id, slug) = self.record(RecordKind::Parliament, format!("parliament-{at}"));
        let structure = match bicameral {
            true => ParliamentStructure::Bicameral,
            false => ParliamentStructure::Unicameral,
        };
        let name = format!("Parliament of {}land", made_up(at));
        self.batch.parliament.push(living!(
            parliament {
                id,
                slug,
                state_id: Some(state_id),
                name,
                structure,
                website: None,
                note: None
            },
            (None, None),
            (None, None)
        ));
        let houses: &[House] = match bicameral {
            true => &[House::Lower, House::Upper],
            false => &[House::Single],
        };
        let chambers = houses.iter().enumerate().map(|(nth, house)| {
            let (chamber, slug) = self.record(RecordKind::Chamber, format!("chamber-{at}-{nth}"));
            self.batch.chamber.push(living!(
                chamber {
                    id: chamber,
                    slug,
                    parliament_id: id,
                    name: format!("{house:?} House of {}land", made_up(at)),
                    house: *house,
                    size: i32::try_from(100 + at).ok(),
                    website: None,
                    note: None,
                },
                (None, None),
                (None, None)
            ));
            let (period, slug) =
                self.record(RecordKind::LegislativePeriod, format!("period-{at}-{nth}"));
            self.periods.insert(chamber, period);
            self.batch.legislative_period.push(legislative_period::Model {
                id: period,
                slug,
                organization_id: chamber,
                organization_kind: RecordKind::Chamber,
                name: format!("{}th convocation", 1 + at % 9),
                starts_earliest: Some(day(at)),
                starts_latest: Some(day(at)),
                ends_earliest: None,
                ends_latest: None,
                note: None,
            });
            chamber
        });
        let chambers = chambers.collect();
        Parliament { id, chambers }
    }

    fn assembly(&mut self, at: usize) -> Id {
        let (id, slug) = self.record(RecordKind::Assembly, format!("assembly-{at}"));
        self.batch.assembly.push(living!(
            assembly {
                id,
                slug,
                name: format!("Assembly of {}", made_up(at)),
                acronym: Some(format!("A{at}")),
                founding_decision_id: None,
                seat: None,
                parent_id: None,
                website: None,
                note: None,
            },
            (Some(day(at)), Some(day(at))),
            (None, None)
        ));
        id
    }

    fn participation(&mut self, at: usize, state: Id, assembly_id: Id) {
        let (id, slug) = self.record(RecordKind::Participation, format!("participation-{at}"));
        let status = match at % 4 {
            0 => ParticipationStatus::Observer,
            _ => ParticipationStatus::Member,
        };
        self.batch.participation.push(spelled!(
            participation {
                id,
                slug,
                assembly_id,
                participant_id: state,
                participant_kind: RecordKind::State,
                chamber_id: None,
                status,
                basis: None,
                note: None,
            },
            SpellColumns {
                since: (Some(day(at)), Some(day(at))),
                ongoing: at.is_multiple_of(2),
                ..SpellColumns::default()
            }
        ));
    }

    fn delegation(&mut self, at: usize, assembly_id: Id, parliament: &Parliament) -> Id {
        let (id, slug) = self.record(RecordKind::Delegation, format!("delegation-{at}"));
        self.batch.delegation.push(living!(
            delegation {
                id,
                slug,
                assembly_id,
                parliament_id: parliament.id,
                name: format!("Delegation of {}land", made_up(at)),
                website: None,
                note: None,
            },
            (None, None),
            (None, None)
        ));
        for (nth, chamber) in parliament.chambers.iter().enumerate() {
            let (seats, slug) =
                self.record(RecordKind::SeatAllocation, format!("seats-{at}-{nth}"));
            self.batch.seat_allocation.push(spelled!(
                seat_allocation {
                    id: seats,
                    slug,
                    delegation_id: id,
                    chamber_id: Some(*chamber),
                    seats: i32::try_from(3 + at % 9).unwrap_or(3),
                    disputed: false,
                    note: None,
                    varying: None,
                },
                SpellColumns::default()
            ));
        }
        id
    }

    fn commission(&mut self, at: usize, assembly_id: Id) -> Id {
        let (id, slug) = self.record(RecordKind::Commission, format!("commission-{at}"));
        self.batch
            .commission_assembly
            .push(commission_assembly::Model { commission_id: id, assembly_id });
        self.batch.commission.push(living!(
            commission {
                id,
                slug,
                name: format!("Commission on {}", made_up(at)),
                kind: if at.is_multiple_of(7) {
                    CommissionKind::Council
                } else {
                    CommissionKind::Standing
                },
                under_id: None,
                chamber_id: None,
                website: None,
                note: None,
            },
            (None, None),
            (None, None)
        ));
        id
    }

    fn group(&mut self, at: usize) -> Id {
        let (id, slug) = self.record(RecordKind::PoliticalGroup, format!("group-{at}"));
        self.batch.political_group.push(living!(
            political_group {
                id,
                slug,
                name: format!("{} Party", made_up(at * 5)),
                website: None,
                note: None,
            },
            (None, None),
            (None, None)
        ));
        id
    }

    fn session(&mut self, at: usize, assembly: Id, commission_id: Option<Id>, state: Id) -> Id {
        let (id, slug) = self.record(RecordKind::Session, format!("session-{at}"));
        self.batch.session.push(session::Model {
            id,
            slug,
            kind: match commission_id {
                Some(_) => SessionKind::Commission,
                None => SessionKind::Plenary,
            },
            number: i32::try_from(at + 1).ok(),
            name: format!("Session {}", at + 1),
            starts_earliest: Some(day(at * 3)),
            starts_latest: Some(day(at * 3)),
            ends_earliest: None,
            ends_latest: None,
            place: Some(made_up(at)),
            state_id: Some(state),
            assembly_id: Some(assembly),
            commission_id,
            planned: false,
            note: None,
        });
        id
    }

    fn member(&mut self, at: usize, chamber: Id, second: (RecordKind, Id), elected_at: Id) -> Id {
        let (id, slug) = self.record(RecordKind::Member, format!("member-{at}"));
        let name = format!("{} {}", made_up(at * 7 + 3), made_up(at));
        self.batch.member.push(member::Model {
            id,
            slug,
            name,
            note: None,
            born_earliest: None,
            born_latest: None,
            died_earliest: None,
            died_latest: None,
        });
        self.batch.mentions.insert((self.source, id), (RecordKind::Member, None));
        for (nth, (kind, organization)) in
            [(RecordKind::Chamber, chamber), second].into_iter().enumerate()
        {
            let (key, slug) = self.record(RecordKind::Membership, format!("membership-{at}-{nth}"));
            let role = if (at + nth) % 50 == 7 { Role::DeputyChair } else { Role::Member };
            let since = PartialDate::day(day(at % 4_000));
            // One in seven is over, after four years.
            let until = (at % 7 == 1).then(|| PartialDate::day(day(at % 4_000 + 1_461)));
            let until = PartialDate::to_columns(until);
            let group = self.groups[at % self.groups.len()];
            let group = (nth == 0 && !at.is_multiple_of(3)).then_some(group);
            self.batch.membership.push(spelled!(
                membership {
                    id: key,
                    slug,
                    member_id: id,
                    organization_id: organization,
                    organization_kind: kind,
                    role,
                    title: None,
                    on_behalf_of_id: group,
                    on_behalf_of_kind: group.map(|_| RecordKind::PoliticalGroup),
                    elected_at_id: (nth == 1).then_some(elected_at),
                    state_id: None,
                    legislative_period_id: self.periods.get(&organization).copied(),
                    area: (nth == 0).then(|| format!("District {}", at % 100)),
                    term: None,
                    note: None,
                    effective_until_earliest: None,
                    effective_until_latest: None,
                    end_inference: EndInference::None,
                    effective_since_earliest: None,
                    effective_since_latest: None,
                },
                SpellColumns {
                    since: (Some(since.earliest()), Some(since.latest())),
                    until: (until.0, until.1),
                    ongoing: until.0.is_none() && at.is_multiple_of(3),
                    ..SpellColumns::default()
                }
            ));
        }
        id
    }

    fn attendance(&mut self, at: usize, session_id: Id, attendee_kind: RecordKind, attendee: Id) {
        let (id, slug) = self.record(RecordKind::Attendance, format!("attendance-{at}"));
        self.batch.attendance.push(attendance::Model {
            id,
            slug,
            session_id,
            attendee_id: attendee,
            attendee_kind,
            capacity: AttendanceCapacity::Participant,
            note: None,
        });
    }

    fn decision(&mut self, at: usize, (assembly, session): (Id, Id)) -> Id {
        let (id, slug) = self.record(RecordKind::Decision, format!("decision-{at}"));
        let adopted = (!at.is_multiple_of(3)).then(|| day(at));
        self.batch.decision.push(decision::Model {
            id,
            slug,
            assembly_id: Some(assembly),
            state_id: None,
            kind: if at.is_multiple_of(5) {
                DecisionKind::ModelLaw
            } else {
                DecisionKind::Decision
            },
            title: format!("On {}", made_up(at * 11)),
            title_given: true,
            number: Some(format!("{}-{}", at / 100 + 1, at % 100 + 1)),
            status: match adopted {
                Some(_) => DecisionStatus::Adopted,
                None => DecisionStatus::Draft,
            },
            status_note: None,
            adopted_earliest: adopted,
            adopted_latest: adopted,
            dated_earliest: None,
            dated_latest: None,
            session_id: Some(session),
            note: None,
        });
        id
    }

    fn stage(&mut self, at: usize, decision_id: Id, position: usize, body: Id, state: Id) {
        let (id, slug) = self.record(RecordKind::Stage, format!("stage-{at}-{position}"));
        self.batch.stage.push(stage::Model {
            id,
            slug,
            decision_id,
            position: i32::try_from(position + 1).unwrap_or(i32::MAX),
            kind: if position == 0 { StageKind::Drafted } else { StageKind::Considered },
            body_id: Some(body),
            body_kind: Some(RecordKind::Commission),
            session_id: None,
            date_earliest: Some(day(at + position)),
            date_latest: Some(day(at + position)),
            outcome: None,
            reporter_id: None,
            basis_id: None,
        });
        if position == 1 && at.is_multiple_of(10) {
            let (stance, slug) = self.record(RecordKind::Stance, format!("stance-{at}"));
            self.batch.stance.push(stance::Model {
                id: stance,
                slug,
                stage_id: id,
                holder_id: state,
                holder_kind: RecordKind::State,
                position: StancePosition::Amend,
                statement: None,
            });
        }
    }

    fn relation(&mut self, at: usize, subject_id: Id, object_id: Id) {
        let (id, slug) = self.record(RecordKind::DecisionRelation, format!("relation-{at}"));
        self.batch.decision_relation.push(decision_relation::Model {
            id,
            slug,
            subject_id,
            object_id,
            kind: DecisionRelationKind::Implements,
            inferred: false,
            note: None,
        });
    }
}

struct Parliament {
    id: Id,
    chambers: Vec<Id>,
}

fn day(number: usize) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(1992, 1, 1).expect("a day of the calendar");
    first + Days::new(u64::try_from(number % 12_000).unwrap_or(0))
}

/// A word that could be a name, another for each number.
fn made_up(number: usize) -> String {
    const BEGIN: [&str; 12] =
        ["Al", "Bor", "Cel", "Dan", "Er", "Fal", "Gor", "Hel", "Is", "Kal", "Lor", "Mar"];
    const MIDDLE: [&str; 10] = ["a", "e", "i", "o", "u", "ar", "en", "il", "on", "ur"];
    const END: [&str; 11] =
        ["dan", "go", "las", "mir", "na", "rin", "sk", "ta", "van", "wen", "zel"];
    let (begin, rest) = (number % BEGIN.len(), number / BEGIN.len());
    let (middle, rest) = (rest % MIDDLE.len(), rest / MIDDLE.len());
    let mut word = format!("{}{}{}", BEGIN[begin], MIDDLE[middle], END[rest % END.len()]);
    let rest = rest / END.len();
    if rest > 0 {
        word.push_str(MIDDLE[rest % MIDDLE.len()]);
        word.push_str(END[rest / MIDDLE.len() % END.len()]);
    }
    word
}
