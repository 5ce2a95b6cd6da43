//! Generates a synthetic data set of any size for tests and benchmarks. The same size gives the same
//! data.
//!
//! Every record has a source, every relation of the graph occurs, and sizes are distributed unevenly,
//! as in real data. The data is imported as rows of the data set.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::{Id, RecordKind};
use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};

use crate::import::{
    Applied, ImportError,
    keys::kind_of,
    raw::{Cell, Datum, File, Raw},
    row::{Index, Target},
    validate::{self, Stored},
    write::{Fold, apply},
};

/// The number of records of each kind.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub assemblies: usize,
    pub states: usize,
    /// The number of parliaments with two chambers; there are `states` parliaments.
    pub bicameral: usize,
    pub members: usize,
    pub commissions: usize,
    pub political_groups: usize,
    pub sessions: usize,
    pub decisions: usize,
    pub stages: usize,
}

impl Size {
    /// Enough for several pages of most lists.
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

/// The minimum number of rows per write.
const BATCH_SIZE: usize = 10_000;
/// The slug of the only source.
const SOURCE: &str = "almanac";

/// Writes a data set of `size` into an empty database.
pub async fn fill(database: &DatabaseConnection, size: Size) -> Result<Applied, ImportError> {
    let transaction = database.begin().await?;
    let mut generator = Generator::default();
    generator.organizations(size);
    for at in 0..size.members {
        generator.member(at, size);
        generator.write_batch(&transaction, BATCH_SIZE).await?;
    }
    for at in 0..size.decisions {
        generator.decision(at, size);
        generator.write_batch(&transaction, BATCH_SIZE).await?;
    }
    generator.write_batch(&transaction, 0).await?;
    transaction.commit().await?;
    Ok(generator.applied)
}

#[derive(Default)]
struct Generator {
    rows: Vec<Raw>,
    new: Vec<(Id, RecordKind, String)>,
    index: Index,
    chambers: Vec<String>,
    /// The legislative period of each chamber.
    periods: HashMap<String, String>,
    applied: Applied,
}

/// Builds a row.
struct Draft<'g> {
    generator: &'g mut Generator,
    table: &'static str,
    keys: BTreeMap<String, Cell>,
}

impl Draft<'_> {
    fn set(mut self, key: &str, datum: Datum) -> Self {
        self.keys.insert(key.to_owned(), Cell { line: 0, datum });
        self
    }

    /// Sets a value without sources, so that no claim is created.
    fn value(self, key: &str, datum: Datum) -> Self {
        self.set(key, datum).set(&format!("{key}_sources"), Datum::List(Vec::new()))
    }

    fn text(self, key: &str, text: impl Into<String>) -> Self {
        self.value(key, Datum::Text(text.into()))
    }

    fn number(self, key: &str, number: usize) -> Self {
        self.value(key, Datum::Number(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn date(self, key: &str, day: NaiveDate) -> Self {
        self.text(key, day.to_string())
    }

    /// Sets a value that takes no sources: a reference, a rank or a flag.
    fn plain(self, key: &str, datum: impl Into<Datum>) -> Self {
        self.set(key, datum.into())
    }

    fn optional<T>(self, value: Option<T>, set: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => set(self, value),
            None => self,
        }
    }

    fn finish(self) {
        let Self { generator, table, keys } = self;
        let mut raw = Raw::new(
            &File { name: "world".into(), text: String::new() },
            0,
            table.to_owned(),
            keys,
        );
        if table != "document" {
            let source = Cell { line: 0, datum: SOURCE.into() };
            raw.keys
                .insert("sources".to_owned(), Cell { line: 0, datum: Datum::List(vec![source]) });
        }
        generator.rows.push(raw);
    }
}

impl Generator {
    /// Starts a row with the next id.
    fn row(&mut self, table: &'static str, slug: &str) -> Draft<'_> {
        let id = 1 + Id::try_from(self.index.len()).unwrap_or(Id::MAX);
        let kind = kind_of(table).expect("a table of records").kind;
        self.new.push((id, kind, slug.to_owned()));
        self.index.insert(slug.to_owned(), Target { id, kind });
        Draft { generator: self, table, keys: BTreeMap::new() }.set("slug", slug.into())
    }

    /// Writes the rows if there are at least `min`.
    async fn write_batch(
        &mut self,
        store: &DatabaseTransaction,
        min: usize,
    ) -> Result<(), ImportError> {
        if self.rows.len() < min {
            return Ok(());
        }
        let mut problems = Vec::new();
        let rows = std::mem::take(&mut self.rows);
        let mut validated = validate::read(rows, &self.index, Stored::default(), &mut problems)?;
        if !problems.is_empty() {
            return Err(ImportError::Invalid(problems));
        }
        validated.new = std::mem::take(&mut self.new);
        let applied = apply(store, validated, Fold::Altered, DateTime::<Utc>::UNIX_EPOCH).await?;
        self.applied.created += applied.created;
        self.applied.updated += applied.updated;
        Ok(())
    }

    /// Generates all records except members and decisions.
    fn organizations(&mut self, size: Size) {
        let title = "Synthetic almanac";
        let source = self.row("document", SOURCE).text("kind", "DATASET").text("title", title);
        source.text("language", "en").finish();
        for at in 0..size.states {
            self.state(at);
        }
        for at in 0..size.states {
            self.parliament(at, at < size.bicameral);
        }
        for at in 0..size.assemblies {
            self.row("assembly", &format!("assembly-{at}"))
                .text("name", format!("Assembly of {}", synthetic_word(at)))
                .text("acronym", format!("A{at}"))
                .date("founded", day(at))
                .finish();
        }
        for at in 0..size.states {
            self.row("participation", &format!("participation-{at}"))
                .plain("assembly", assembly(at, size))
                .plain("participant", format!("state-{at}"))
                .text("status", if at.is_multiple_of(4) { "OBSERVER" } else { "MEMBER" })
                .date("since", day(at))
                .plain("ongoing", at.is_multiple_of(2))
                .finish();
        }
        for at in 0..size.states {
            self.delegation(at, size);
        }
        for at in 0..size.commissions {
            self.row("commission", &format!("commission-{at}"))
                .text("name", format!("Commission on {}", synthetic_word(at)))
                .text("kind", if at.is_multiple_of(7) { "COUNCIL" } else { "STANDING" })
                .plain("assemblies", vec![assembly(at, size)])
                .finish();
        }
        for at in 0..size.political_groups {
            let name = format!("{} Party", synthetic_word(at * 5));
            self.row("political_group", &format!("group-{at}")).text("name", name).finish();
        }
        for at in 0..size.sessions {
            let commission = at.is_multiple_of(3).then(|| commission(at, size));
            self.row("session", &session(at, size))
                .text("kind", if commission.is_some() { "COMMISSION" } else { "PLENARY" })
                .number("number", at + 1)
                .text("name", format!("Session {}", at + 1))
                .date("starts", day(at * 3))
                .text("place", synthetic_word(at))
                .plain("state", format!("state-{}", at % size.states))
                .plain("assembly", assembly(at, size))
                .optional(commission, |row, commission| row.plain("commission", commission))
                .finish();
        }
    }

    fn state(&mut self, at: usize) {
        let letter = |number: usize| char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
        let code: String = [letter(at / 26), letter(at)].iter().collect();
        let register = Cell { line: 0, datum: format!("S{at}").into() };
        self.row("state", &format!("state-{at}"))
            .text("code", code)
            .text("name", format!("{}land", synthetic_word(at)))
            .plain("identifiers", Datum::Table(BTreeMap::from([(SOURCE.to_owned(), register)])))
            .finish();
    }

    fn parliament(&mut self, at: usize, bicameral: bool) {
        let slug = format!("parliament-{at}");
        self.row("parliament", &slug)
            .plain("state", format!("state-{at}"))
            .text("name", format!("Parliament of {}land", synthetic_word(at)))
            .text("structure", if bicameral { "BICAMERAL" } else { "UNICAMERAL" })
            .finish();
        let houses: &[(&str, &str)] = if bicameral {
            &[("LOWER", "Lower"), ("UPPER", "Upper")]
        } else {
            &[("SINGLE", "Single")]
        };
        for (nth, (house, name)) in houses.iter().enumerate() {
            let chamber = format!("chamber-{at}-{nth}");
            self.row("chamber", &chamber)
                .plain("parliament", slug.as_str())
                .text("name", format!("{name} House of {}land", synthetic_word(at)))
                .text("house", *house)
                .number("size", 100 + at)
                .finish();
            let period = format!("period-{at}-{nth}");
            self.row("legislative_period", &period)
                .plain("organization", chamber.as_str())
                .text("name", format!("{}th convocation", 1 + at % 9))
                .date("starts", day(at))
                .finish();
            self.periods.insert(chamber.clone(), period);
            self.chambers.push(chamber);
        }
    }

    fn delegation(&mut self, at: usize, size: Size) {
        let slug = format!("delegation-{at}");
        self.row("delegation", &slug)
            .plain("assembly", assembly(at, size))
            .plain("parliament", format!("parliament-{at}"))
            .text("name", format!("Delegation of {}land", synthetic_word(at)))
            .finish();
        for nth in 0..if at < size.bicameral { 2 } else { 1 } {
            self.row("seat_allocation", &format!("seats-{at}-{nth}"))
                .plain("delegation", slug.as_str())
                .plain("chamber", format!("chamber-{at}-{nth}"))
                .number("seats", 3 + at % 9)
                .finish();
        }
    }

    /// Generates a person with two memberships, some with an attendance.
    fn member(&mut self, at: usize, size: Size) {
        let member = format!("member-{at}");
        let name = format!("{} {}", synthetic_word(at * 7 + 3), synthetic_word(at));
        self.row("member", &member).text("name", name).finish();
        // Squares are distributed unevenly, so that chambers have different sizes.
        let index = if at.is_multiple_of(4) { at * at } else { at };
        let chamber = self.chambers[index % self.chambers.len()].clone();
        let second = match at % 5 {
            0 => format!("delegation-{}", at % size.states),
            _ => commission(at, size),
        };
        let group = format!("group-{}", at % size.political_groups);
        for (nth, organization) in [chamber, second].into_iter().enumerate() {
            // One membership in seven ends after four years.
            let until = (at % 7 == 1).then(|| day(at % 4_000 + 1_461));
            let ongoing = until.is_none() && at.is_multiple_of(3);
            let group = (nth == 0 && !at.is_multiple_of(3)).then_some(&group);
            let period = self.periods.get(&organization).cloned();
            let elected = (nth == 1).then(|| session(at, size));
            let area = (nth == 0).then(|| format!("District {}", at % 100));
            self.row("membership", &format!("membership-{at}-{nth}"))
                .plain("member", member.as_str())
                .plain("organization", organization)
                .text("role", if (at + nth) % 50 == 7 { "DEPUTY_CHAIR" } else { "MEMBER" })
                .optional(group, |row, group| row.plain("on_behalf_of", group.as_str()))
                .optional(elected, |row, session| row.plain("elected_at", session))
                .optional(period, |row, period| row.plain("legislative_period", period))
                .optional(area, |row, area| row.text("area", area))
                .date("since", day(at % 4_000))
                .optional(until, |row, until| row.date("until", until))
                .plain("ongoing", ongoing)
                .finish();
        }
        if at.is_multiple_of(4) {
            self.row("attendance", &format!("attendance-{at}"))
                .plain("session", session(at, size))
                .plain("attendee", member)
                .finish();
        }
    }

    /// Generates a decision with its stages, some with a relation to the previous decision.
    fn decision(&mut self, at: usize, size: Size) {
        let slug = format!("decision-{at}");
        let adopted = (!at.is_multiple_of(3)).then(|| day(at));
        self.row("decision", &slug)
            .plain("assembly", assembly(at, size))
            .text("kind", if at.is_multiple_of(5) { "MODEL_LAW" } else { "DECISION" })
            .text("title", format!("On {}", synthetic_word(at * 11)))
            .text("number", format!("{}-{}", at / 100 + 1, at % 100 + 1))
            .text("status", if adopted.is_some() { "ADOPTED" } else { "DRAFT" })
            .optional(adopted, |row, adopted| row.date("adopted", adopted))
            .plain("session", session(at, size))
            .finish();
        for position in 0..size.stages {
            let stage = format!("stage-{at}-{position}");
            self.row("stage", &stage)
                .plain("decision", slug.as_str())
                .plain("position", Datum::Number(1 + i64::try_from(position).unwrap_or(0)))
                .text("kind", if position == 0 { "DRAFTED" } else { "CONSIDERED" })
                .plain("body", commission(at + position, size))
                .date("date", day(at + position))
                .finish();
            if position == 1 && at.is_multiple_of(10) {
                self.row("stance", &format!("stance-{at}"))
                    .plain("stage", stage)
                    .plain("holder", format!("state-{}", at % size.states))
                    .text("position", "AMEND")
                    .finish();
            }
        }
        if at % 2 == 1 {
            self.row("decision_relation", &format!("relation-{at}"))
                .plain("subject", slug)
                .plain("object", format!("decision-{}", at - 1))
                .text("kind", "IMPLEMENTS")
                .finish();
        }
    }
}

fn assembly(at: usize, size: Size) -> String {
    format!("assembly-{}", at % size.assemblies)
}

fn commission(at: usize, size: Size) -> String {
    format!("commission-{}", at % size.commissions)
}

fn session(at: usize, size: Size) -> String {
    format!("session-{}", at % size.sessions)
}

fn day(number: usize) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(1992, 1, 1).expect("a day of the calendar");
    first + Days::new(u64::try_from(number % 12_000).unwrap_or(0))
}

/// Returns a pronounceable word that is unique for each number.
fn synthetic_word(number: usize) -> String {
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
