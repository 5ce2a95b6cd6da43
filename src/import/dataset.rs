//! The product's own data set format: each table's keys, and the rows they become.
//!
//! `data/README.md` documents the same for those who write the files.

use std::collections::HashMap;

use entity::{
    Id, RecordKind, attendance, chamber,
    claim::Attribution,
    commission_assembly, contradiction,
    contradiction::{ContradictionKind, ContradictionStatus},
    decision, decision_relation, document, legislative_period, member, membership, parliament,
    session, site_state, stage, stance, state,
};
use sea_orm::Iterable;

use super::{
    apply::{Batch, Sides},
    claims::{claimable, fits},
    row::{
        ACTORS, Index, ORGANIZATIONS, Origin, REPRESENTED, Row, SpellColumns, Statement, camel,
        living, spelled, word,
    },
    text::{Cell, Datum, Problem, Raw},
};

/// The kind of record that a table of the format holds; none for a table that holds none.
pub fn kind_of(table: &str) -> Option<RecordKind> {
    RecordKind::iter().find(|kind| word(*kind) == table)
}

/// What only one record may hold, such as a state's code, and who holds it.
pub type Held = HashMap<String, Id>;

/// The code of a state, as only one may hold it.
pub fn code_key(code: &str) -> String {
    format!("the code `{code}`")
}

/// The place of a delegation, as only one may hold it.
pub fn delegation_key(assembly: Id, parliament: Id) -> String {
    format!("the delegation of parliament {parliament} to assembly {assembly}")
}

/// The numbers of seats of allocations in the database, which rows that rest on claims leave out.
pub type Seats = HashMap<Id, i32>;

/// Reads the rows of all files into one batch; what is wrong with them goes to `problems`.
pub fn read(
    raws: Vec<Raw>,
    index: &Index,
    held: Held,
    seats: Seats,
    problems: &mut Vec<Problem>,
) -> Batch {
    let mut reader = Reader { index, held, seats, problems, batch: Batch::default() };
    reader.all(raws);
    reader.batch
}

struct Reader<'a> {
    index: &'a Index,
    held: Held,
    seats: Seats,
    problems: &'a mut Vec<Problem>,
    batch: Batch,
}

/// Reports that another record of the files or of the database holds what only one may hold.
fn hold(held: &mut Held, row: &mut Row<'_>, line: usize, key: String, what: &str, id: Id) {
    let holder = *held.entry(key).or_insert(id);
    if holder != id {
        let name = row.slug_of(holder);
        row.report(line, format!("{what} is held by {name} already"));
    }
}

impl Reader<'_> {
    fn all(&mut self, raws: Vec<Raw>) {
        let (mut records, mut claims, mut contradictions) = (Vec::new(), Vec::new(), Vec::new());
        for raw in raws {
            let named = |key| raw.text(key).and_then(|slug| self.index.get(slug)).copied();
            match (raw.table.as_str(), named("slug"), kind_of(&raw.table)) {
                ("contradiction", ..) => contradictions.push(raw),
                ("claim", ..) => {
                    // A row may leave to claims what it needs.
                    if let (Some(target), Some("seats")) = (named("record"), raw.text("property")) {
                        self.seats.entry(target.id).or_default();
                    }
                    claims.push(raw);
                }
                (_, Some(target), Some(kind)) => records.push((raw, kind, target.id)),
                // Its slug or table was found wrong when the index was made.
                _ => {}
            }
        }
        for (raw, kind, id) in records {
            self.record(raw, kind, id);
        }
        for raw in claims {
            self.claim(raw);
        }
        for raw in contradictions {
            self.contradiction(raw);
        }
    }

    /// A `[[claim]]`: one statement for each document.
    fn claim(&mut self, raw: Raw) {
        let mut row = Row::new(raw, self.index, self.problems);
        let target = row.target("record", &[]);
        let property = camel(&row.text("property"));
        let value_line = row.line_of("value");
        let value = match row.flag("unknown", false) {
            false => row.value("value"),
            true => {
                if row.maybe_value("value").is_some() {
                    row.report(
                        value_line,
                        "`value` and `unknown = true` exclude each other: keep one",
                    );
                }
                None
            }
        };
        let origin = row.choice("origin", &["CLAIM", "ROW", "SIDE"]);
        let origin = [Origin::CLAIM, Origin::ROW, Origin::SIDE][origin];
        let attribution = row.choice("attribution", &["VALUE", "RECORD"]);
        let attribution = [Attribution::Value, Attribution::Record][attribution];
        if origin == Origin::ROW {
            // More than the row as it is now is to be weighed.
            self.batch.claimed.push(target.id);
        }
        let withdrawn = row.flag("withdrawn", false);
        if let Some(Err(what)) = value.as_ref().map(|value| fits(target.kind, &property, value)) {
            row.report(
                value_line,
                format!("`value`: the `{property}` of a {} must be {what}", word(target.kind)),
            );
        }
        let line = row.line_of("ongoing");
        if row.flag("ongoing", false) {
            row.report(line, "`claim` has no key `ongoing`");
        }
        let note = row.maybe_text("note");
        let line = row.line_of("until");
        let spell = row.spell();
        if let (Some(since), Some(until)) = (spell.since.0, spell.until.1)
            && since > until
        {
            row.report(line, "`until` lies before `since`");
        }
        let (sources, _, _) = row.finish(true);
        for (document, locator) in sources {
            self.batch.statements.push((
                target.id,
                target.kind,
                Statement {
                    property: property.clone(),
                    value: value.clone(),
                    document,
                    locator,
                    attribution,
                    note: note.clone(),
                    spell,
                    origin,
                    withdrawn,
                },
            ));
        }
    }

    /// A `[[contradiction]]`: its sides become claims, or join those that say the same.
    fn contradiction(&mut self, raw: Raw) {
        let mut row = Row::new(raw, self.index, self.problems);
        let line = row.line_of("claims");
        let slug = row.text("slug");
        let target = row.target("record", &[]);
        let property = camel(&row.text("property"));
        let topic = row.maybe_text("topic");
        let about = row.maybe_text("about");
        let status = row.word_or("status", ContradictionStatus::Open);
        let reading = row.maybe_text("reading");
        let explains = row.any_keys("explains");
        let serves_line = row.line_of("serves");
        let serves = row.maybe_value("serves");
        let sides = row.sides();
        if sides.len() < 2 {
            row.report(line, "`claims` must list two sides at least, each `{ value, sources }`");
        }
        if let Some(serves) = &serves {
            if claimable(target.kind).contains(&property.as_str()) {
                row.report(
                    serves_line,
                    format!("`serves`: the record's row gives its `{property}`"),
                );
            } else if !sides.iter().any(|(value, _)| value == serves) {
                row.report(serves_line, "`serves` must be the value of one of the `claims`");
            }
        }
        row.finish(false);
        let place = (target.id, property.clone());
        self.batch.serves.extend(serves.map(|value| (place, value)));
        let mut claims = Vec::new();
        for (value, sources) in sides {
            for (document, locator) in sources {
                if !claims.contains(&(value.clone(), document)) {
                    claims.push((value.clone(), document));
                }
                self.batch.statements.push((
                    target.id,
                    target.kind,
                    Statement {
                        property: property.clone(),
                        value: Some(value.clone()),
                        document,
                        locator,
                        attribution: Attribution::Value,
                        note: None,
                        spell: SpellColumns::default(),
                        origin: Origin::SIDE,
                        withdrawn: false,
                    },
                ));
            }
        }
        self.batch.contradictions.push(Sides {
            row: contradiction::Model {
                id: 0,
                slug,
                record_id: Some(target.id),
                record_kind: Some(target.kind),
                property,
                kind: ContradictionKind::Values,
                topic,
                about,
                status,
                reading,
                rule: None,
                curated: true,
                computed: false,
                explained_by_id: None,
            },
            claims,
            explains,
        });
    }

    /// A row of a table that holds records.
    fn record(&mut self, mut raw: Raw, kind: RecordKind, id: Id) {
        let Some(Cell { datum: Datum::Text(slug), .. }) = raw.keys.remove("slug") else { return };

        let batch = &mut self.batch;
        let mut row = Row::new(raw, self.index, self.problems);
        match kind {
            RecordKind::Assembly => {
                let name = row.text("name");
                let acronym = row.maybe_text("acronym");
                let (founded, dissolved) = (row.date("founded"), row.date("dissolved"));
                batch.assembly.push(living!(
                    assembly {
                        id,
                        slug,
                        name,
                        acronym,
                        founding_decision_id: row
                            .maybe_key("founding_decision", RecordKind::Decision),
                        seat: row.maybe_text("seat"),
                        parent_id: row.maybe_key("parent", RecordKind::Commission),
                        website: row.maybe_text("website"),
                        note: row.maybe_text("note"),
                    },
                    founded,
                    dissolved
                ));
            }
            RecordKind::State => {
                let line = row.line_of("code");
                let code = row.text("code");
                if !code.is_empty()
                    && (code.len() != 2 || !code.bytes().all(|c| c.is_ascii_uppercase()))
                {
                    let message =
                        format!("`code` must be two capitals of ISO 3166-1, not `{code}`");
                    row.report(line, message);
                }
                let what = code_key(&code);
                hold(&mut self.held, &mut row, line, what.clone(), &what, id);
                batch.state.push(state::Model { id, slug, code, name: row.text("name") });
            }
            RecordKind::Participation => {
                let kinds = [RecordKind::State, RecordKind::Parliament, RecordKind::Assembly];
                let participant = row.target("participant", &kinds);
                batch.participation.push(spelled!(
                    participation {
                        id,
                        slug,
                        assembly_id: row.key("assembly", RecordKind::Assembly),
                        participant_id: participant.id,
                        participant_kind: participant.kind,
                        chamber_id: row.maybe_key("chamber", RecordKind::Chamber),
                        status: row.word("status"),
                        basis: row.maybe_text("basis"),
                        note: row.maybe_text("note"),
                    },
                    row.spell()
                ));
            }
            RecordKind::Parliament => {
                let (founded, dissolved) = (row.date("founded"), row.date("dissolved"));
                batch.parliament.push(living!(
                    parliament {
                        id,
                        slug,
                        state_id: row.maybe_key("state", RecordKind::State),
                        name: row.text("name"),
                        structure: row
                            .word_or("structure", parliament::ParliamentStructure::Unknown),
                        website: row.maybe_text("website"),
                        note: row.maybe_text("note"),
                    },
                    founded,
                    dissolved
                ));
            }
            RecordKind::Chamber => {
                let (founded, dissolved) = (row.date("founded"), row.date("dissolved"));
                batch.chamber.push(living!(
                    chamber {
                        id,
                        slug,
                        parliament_id: row.key("parliament", RecordKind::Parliament),
                        name: row.text("name"),
                        house: row.word_or("house", chamber::House::Unknown),
                        size: row.maybe_number("size"),
                        website: row.maybe_text("website"),
                        note: row.maybe_text("note"),
                    },
                    founded,
                    dissolved
                ));
            }
            RecordKind::Delegation => {
                let line = row.line_of("parliament");
                let assembly_id = row.key("assembly", RecordKind::Assembly);
                let parliament_id = row.key("parliament", RecordKind::Parliament);
                let place = delegation_key(assembly_id, parliament_id);
                let what = "the delegation of its parliament to its assembly";
                hold(&mut self.held, &mut row, line, place, what, id);
                let (founded, dissolved) = (row.date("founded"), row.date("dissolved"));
                batch.delegation.push(living!(
                    delegation {
                        id,
                        slug,
                        assembly_id,
                        parliament_id,
                        name: row.text("name"),
                        website: row.maybe_text("website"),
                        note: row.maybe_text("note"),
                    },
                    founded,
                    dissolved
                ));
            }
            RecordKind::SeatAllocation => {
                let known = self.seats.get(&id).copied();
                batch.seat_allocation.push(spelled!(
                    seat_allocation {
                        id,
                        slug,
                        delegation_id: row.key("delegation", RecordKind::Delegation),
                        chamber_id: row.maybe_key("chamber", RecordKind::Chamber),
                        seats: row.number("seats", "a number, here or in claims", known),
                        disputed: false,
                        varying: None,
                        note: row.maybe_text("note"),
                    },
                    row.spell()
                ))
            }
            RecordKind::Member => {
                let (born, died) = (row.date("born"), row.date("died"));
                batch.member.push(member::Model {
                    id,
                    slug,
                    name: row.text("name"),
                    note: row.maybe_text("note"),
                    born_earliest: born.0,
                    born_latest: born.1,
                    died_earliest: died.0,
                    died_latest: died.1,
                });
            }
            RecordKind::Membership => {
                let member_id = row.key("member", RecordKind::Member);
                let organization = row.target("organization", ORGANIZATIONS);
                let behalf = row.maybe_target("on_behalf_of", REPRESENTED);
                for (document, _) in row.sources() {
                    let member = (RecordKind::Member, None);
                    batch.mentions.entry((*document, member_id)).or_insert(member);
                }
                batch.membership.push(spelled!(
                    membership {
                        id,
                        slug,
                        member_id,
                        organization_id: organization.id,
                        organization_kind: organization.kind,
                        role: row.word("role"),
                        title: row.maybe_text("title"),
                        on_behalf_of_id: behalf.map(|target| target.id),
                        on_behalf_of_kind: behalf.map(|target| target.kind),
                        elected_at_id: row.maybe_key("elected_at", RecordKind::Session),
                        state_id: None,
                        legislative_period_id: row
                            .maybe_key("legislative_period", RecordKind::LegislativePeriod),
                        area: row.maybe_text("area"),
                        term: row.positive("term"),
                        note: row.maybe_text("note"),
                        effective_since_earliest: None,
                        effective_since_latest: None,
                        effective_until_earliest: None,
                        effective_until_latest: None,
                        end_inference: membership::EndInference::None,
                    },
                    row.spell()
                ));
            }
            RecordKind::Commission => {
                let name = row.text("name");
                let (founded, dissolved) = (row.date("founded"), row.date("dissolved"));
                for assembly_id in row.keys("assemblies", RecordKind::Assembly) {
                    let link = commission_assembly::Model { commission_id: id, assembly_id };
                    batch.commission_assembly.push(link);
                }
                batch.commission.push(living!(
                    commission {
                        id,
                        slug,
                        name,
                        kind: row.word("kind"),
                        under_id: row.maybe_key("under", RecordKind::Commission),
                        chamber_id: row.maybe_key("chamber", RecordKind::Chamber),
                        website: row.maybe_text("website"),
                        note: row.maybe_text("note"),
                    },
                    founded,
                    dissolved
                ));
            }
            RecordKind::PoliticalGroup => {
                let (founded, dissolved) = (row.date("founded"), row.date("dissolved"));
                batch.political_group.push(living!(
                    political_group {
                        id,
                        slug,
                        name: row.text("name"),
                        website: row.maybe_text("website"),
                        note: row.maybe_text("note"),
                    },
                    founded,
                    dissolved
                ));
            }
            RecordKind::LegislativePeriod => {
                let kinds = [RecordKind::Parliament, RecordKind::Chamber];
                let organization = row.target("organization", &kinds);
                let (starts, ends) = row.period();
                batch.legislative_period.push(legislative_period::Model {
                    id,
                    slug,
                    organization_id: organization.id,
                    organization_kind: organization.kind,
                    name: row.text("name"),
                    starts_earliest: starts.0,
                    starts_latest: starts.1,
                    ends_earliest: ends.0,
                    ends_latest: ends.1,
                    note: row.maybe_text("note"),
                });
            }
            RecordKind::Session => {
                let (starts, ends) = row.period();
                batch.session.push(session::Model {
                    id,
                    slug,
                    kind: row.word("kind"),
                    number: row.positive("number"),
                    name: row.text("name"),
                    starts_earliest: starts.0,
                    starts_latest: starts.1,
                    ends_earliest: ends.0,
                    ends_latest: ends.1,
                    place: row.maybe_text("place"),
                    state_id: row.maybe_key("state", RecordKind::State),
                    assembly_id: row.maybe_key("assembly", RecordKind::Assembly),
                    commission_id: row.maybe_key("commission", RecordKind::Commission),
                    planned: row.flag("planned", false),
                    note: row.maybe_text("note"),
                });
            }
            RecordKind::Attendance => {
                let attendee = row.target("attendee", ACTORS);
                batch.attendance.push(attendance::Model {
                    id,
                    slug,
                    session_id: row.key("session", RecordKind::Session),
                    attendee_id: attendee.id,
                    attendee_kind: attendee.kind,
                    capacity: row.word_or("capacity", attendance::AttendanceCapacity::Participant),
                    note: row.maybe_text("note"),
                });
            }
            RecordKind::Decision => {
                let line = row.line_of("assembly");
                let assembly_id = row.maybe_key("assembly", RecordKind::Assembly);
                let state_id = row.maybe_key("state", RecordKind::State);
                if assembly_id.is_none() && state_id.is_none() {
                    row.report(line, "`assembly` is missing: give whose act it is, or a `state`");
                }
                let adopted = row.date("adopted");
                let dated = row.date("dated");
                batch.decision.push(decision::Model {
                    id,
                    slug,
                    assembly_id,
                    state_id,
                    kind: row.word("kind"),
                    title: row.text("title"),
                    title_given: row.flag("title_given", true),
                    number: row.maybe_text("number"),
                    status: row.word("status"),
                    status_note: row.maybe_text("status_note"),
                    adopted_earliest: adopted.0,
                    adopted_latest: adopted.1,
                    dated_earliest: dated.0,
                    dated_latest: dated.1,
                    session_id: row.maybe_key("session", RecordKind::Session),
                    note: row.maybe_text("note"),
                });
            }
            RecordKind::Stage => {
                let body = row.maybe_target("body", ORGANIZATIONS);
                let date = row.date("date");
                let decision_id = row.key("decision", RecordKind::Decision);
                let line = row.line_of("position");
                let position = row
                    .positive("position")
                    .unwrap_or_else(|| row.lack("position", "its place among the stages, from 1"));
                let place = format!("place {position} among the stages of its decision");
                hold(&mut self.held, &mut row, line, format!("{decision_id} {place}"), &place, id);
                batch.stage.push(stage::Model {
                    id,
                    slug,
                    decision_id,
                    position,
                    kind: row.word("kind"),
                    body_id: body.map(|target| target.id),
                    body_kind: body.map(|target| target.kind),
                    session_id: row.maybe_key("session", RecordKind::Session),
                    date_earliest: date.0,
                    date_latest: date.1,
                    outcome: row.maybe_text("outcome"),
                    reporter_id: row.maybe_key("reporter", RecordKind::Member),
                    basis_id: row.maybe_key("basis", RecordKind::Decision),
                });
            }
            RecordKind::Stance => {
                let holder = row.target("holder", ACTORS);
                batch.stance.push(stance::Model {
                    id,
                    slug,
                    stage_id: row.key("stage", RecordKind::Stage),
                    holder_id: holder.id,
                    holder_kind: holder.kind,
                    position: row.word("position"),
                    statement: row.maybe_text("statement"),
                });
            }
            RecordKind::DecisionRelation => {
                let line = row.line_of("object");
                let subject_id = row.key("subject", RecordKind::Decision);
                let object_id = row.key("object", RecordKind::Decision);
                if subject_id == object_id && subject_id != 0 {
                    row.report(line, "`subject` and `object` are the same decision");
                }
                batch.decision_relation.push(decision_relation::Model {
                    id,
                    slug,
                    subject_id,
                    object_id,
                    kind: row.word("kind"),
                    inferred: row.flag("inferred", false),
                    note: row.maybe_text("note"),
                });
            }
            RecordKind::Document => {
                let published = row.date("published");
                for (named, place) in row.mentions() {
                    batch.mentions.insert((id, named.id), (named.kind, place));
                }
                batch.document.push(document::Model {
                    id,
                    slug,
                    kind: row.word("kind"),
                    url: row.maybe_text("url"),
                    file: row.maybe_text("file"),
                    title: row.maybe_text("title"),
                    publisher: row.maybe_text("publisher"),
                    published_earliest: published.0,
                    published_latest: published.1,
                    published_basis: row.maybe_text("published_basis"),
                    language: row.maybe_text("language"),
                    extent: row.maybe_word("extent"),
                    site_state_id: row.maybe_key("site_state", RecordKind::SiteState),
                    layout: row.maybe_text("layout"),
                    note: row.maybe_text("note"),
                });
            }
            RecordKind::SiteState => batch.site_state.push(site_state::Model {
                id,
                slug,
                name: row.text("name"),
                language: row.maybe_text("language"),
                position: row.maybe_number("position"),
                note: row.maybe_text("note"),
            }),
        }
        row.facts();
        batch.names.insert(id, row.names());
        let identifiers = row.identifiers().into_iter();
        batch.identifiers.extend(identifiers.map(|(scheme, value)| (id, scheme, value)));
        batch.aliases.extend(row.aliases().into_iter().map(|alias| (alias, id)));
        let (sources, statements, served) = row.finish(kind != RecordKind::Document);
        if kind == RecordKind::Member {
            for (document, _) in &sources {
                batch.mentions.entry((*document, id)).or_insert((kind, None));
            }
        }
        batch.citations.extend(sources.into_iter().map(|(document, _)| (id, document)));
        batch.statements.extend(statements.into_iter().map(|said| (id, kind, said)));
        let served = served.into_iter().map(|(property, value)| ((id, property), value));
        self.batch.served.extend(served);
    }
}
