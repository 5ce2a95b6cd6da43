//! The tables of a database in memory, and their relations.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::Id;
use sea_orm::{EntityName, EntityTrait, IdenStatic, Iterable, ModelTrait, Value};

use crate::world::World;

/// The value of a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    None,
    Flag(bool),
    Number(i64),
    Text(String),
    Day(NaiveDate),
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        match value {
            Value::Bool(Some(flag)) => Self::Flag(flag),
            Value::Int(Some(number)) => Self::Number(number.into()),
            Value::BigInt(Some(number)) => Self::Number(number),
            Value::String(Some(text)) => Self::Text(text),
            Value::ChronoDate(Some(day)) => Self::Day(day),
            // Instants are in no filter.
            _ => Self::None,
        }
    }
}

impl Cell {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// As the key of a group.
    pub fn group_key(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Day(day) => Some(day.to_string()),
        }
    }

    pub fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(*day),
            _ => None,
        }
    }
}

#[derive(Default)]
pub struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    /// The places of rows by the ids in their columns.
    by_id: HashMap<&'static str, HashMap<Id, Vec<usize>>>,
}

impl Table {
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn cell(&self, row: usize, column: &str) -> &Cell {
        let place = self.columns.iter().position(|own| *own == column);
        &self.rows[row][place.unwrap_or_else(|| panic!("there is no column {column}"))]
    }

    pub fn id(&self, row: usize) -> Id {
        self.cell(row, "id").number().unwrap()
    }

    /// The rows that have an id in a column.
    pub fn with(&self, column: &str, id: Id) -> &[usize] {
        self.by_id[column].get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn has_period(&self) -> bool {
        self.has("holds_from")
    }
}

/// All tables by their names.
pub struct Rows(HashMap<&'static str, Table>);

impl Rows {
    pub async fn read(world: &World) -> Self {
        let mut tables = HashMap::new();
        macro_rules! read {
            ($($table:ident)*) => {
                $({
                    use entity::$table::{Column, Entity};
                    let mut table = Table {
                        columns: Column::iter().map(|column| column.as_str()).collect(),
                        ..Table::default()
                    };
                    for row in Entity::find().all(&world.database).await.unwrap() {
                        let cells = Column::iter().map(|column| Cell::from(row.get(column)));
                        table.rows.push(cells.collect());
                    }
                    // In the same order on each store, so that a seed gives the same query.
                    table.rows.sort();
                    table.index();
                    tables.insert(Entity.table_name(), table);
                })*
            };
        }
        entity::for_each_entity!(read);
        Self(tables)
    }

    pub fn table(&self, name: &str) -> &Table {
        self.0.get(name).unwrap_or_else(|| panic!("there is no table {name}"))
    }

    /// The table with the rows of a type; what can be of several types is in the registry.
    pub fn of(&self, ty: &str) -> &Table {
        self.table(&table_of(ty))
    }

    /// The rows at an edge to many of one row.
    pub fn at(&self, way: Way, rows: &str, id: Id) -> Vec<usize> {
        match way {
            Way::Key(column) => self.of(rows).with(column, id).to_vec(),
            Way::Link(link, one, many) => {
                let link = self.table(link);
                let ids = link.with(one, id).iter().map(|at| link.cell(*at, many).number());
                let rows = self.of(rows);
                ids.flat_map(|id| rows.with("id", id.unwrap())).copied().collect()
            }
        }
    }
}

impl Table {
    fn index(&mut self) {
        for (place, column) in self.columns.iter().enumerate() {
            if *column != "id" && !column.ends_with("_id") {
                continue;
            }
            let mut all: HashMap<Id, Vec<usize>> = HashMap::new();
            for (at, row) in self.rows.iter().enumerate() {
                if let Some(id) = row[place].number() {
                    all.entry(id).or_default().push(at);
                }
            }
            self.by_id.insert(column, all);
        }
    }
}

/// Types of which there are several: their rows are those of the registry.
pub const OF_SEVERAL: [&str; 4] = ["Actor", "Participant", "Organization", "Record"];

fn table_of(ty: &str) -> String {
    if OF_SEVERAL.contains(&ty) { "record".to_owned() } else { snake(ty) }
}

/// A name of GraphQL as a column has it.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Where an edge to many leads.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// To the rows with the one's id in a column.
    Key(&'static str),
    /// To the rows that a table links: its name, its columns of the one and of the many.
    Link(&'static str, &'static str, &'static str),
}

/// The relation to many that a field of a type represents. Without an entry here, it leads to the rows
/// whose column is named after the type.
pub fn edge(rows: &Rows, ty: &str, field: &str, to: &str) -> Way {
    use Way::{Key, Link};
    match (ty, field) {
        ("Claim", "contradictions") => Link("contradiction_claim", "claim_id", "contradiction_id"),
        ("Contradiction", "claims") => Link("contradiction_claim", "contradiction_id", "claim_id"),
        ("Contradiction", "records") => {
            Link("contradiction_record", "contradiction_id", "record_id")
        }
        ("Contradiction", "assemblies") => {
            Link("contradiction_assembly", "contradiction_id", "assembly_id")
        }
        (_, "contradictions") => Link("contradiction_record", "record_id", "contradiction_id"),
        (_, "sources") => Link("citation", "record_id", "document_id"),
        ("Document", "supports") => Link("citation", "document_id", "record_id"),
        ("Document", "mentions") => Link("mention", "document_id", "record_id"),
        ("Member", "mentions") => Link("mention", "record_id", "document_id"),
        (_, "claimsAbout" | "identifiers") => Key("record_id"),
        ("Assembly", "commissions") => Link("commission_assembly", "assembly_id", "commission_id"),
        ("Commission", "assemblies") => Link("commission_assembly", "commission_id", "assembly_id"),
        ("Commission", "subordinates") => Key("under_id"),
        ("Commission", "parentOf") => Key("parent_id"),
        ("Decision", "outgoingRelations") => Key("subject_id"),
        ("Decision", "incomingRelations") => Key("object_id"),
        ("Decision", "basisOf") => Key("basis_id"),
        ("Decision", "founded") => Key("founding_decision_id"),
        ("Session", "elected") => Key("elected_at_id"),
        ("Assembly", "participatesIn") => Key("participant_id"),
        ("State" | "Parliament", "participations") => Key("participant_id"),
        (_, "representedBy") => Key("on_behalf_of_id"),
        (_, "attendances") => Key("attendee_id"),
        (_, "reportedStages") => Key("reporter_id"),
        ("Session" | "Decision", "stages") | ("Stage", "stances") => named_after(ty),
        (_, "stages") => Key("body_id"),
        (_, "stances") => Key("holder_id"),
        ("Member" | "LegislativePeriod", "memberships") => named_after(ty),
        (_, "memberships" | "legislativePeriods") => Key("organization_id"),
        _ => {
            let way = named_after(ty);
            let Key(column) = way else { unreachable!() };
            assert!(
                rows.of(to).has(column),
                "`{ty}.{field}` leads to many in a way that is new here, there being no {column}: \
                 say in `edge` of `random/rows.rs` what its rows are"
            );
            way
        }
    }
}

fn named_after(ty: &str) -> Way {
    Way::Key(match ty {
        "Assembly" => "assembly_id",
        "Chamber" => "chamber_id",
        "Commission" => "commission_id",
        "Decision" => "decision_id",
        "Delegation" => "delegation_id",
        "Document" => "document_id",
        "LegislativePeriod" => "legislative_period_id",
        "Member" => "member_id",
        "Parliament" => "parliament_id",
        "Session" => "session_id",
        "SiteState" => "site_state_id",
        "Stage" => "stage_id",
        "State" => "state_id",
        _ => panic!("`{ty}` has lists, which is new here: add it to `named_after`"),
    })
}

/// Whether all rows at an edge count whatever the date, though they exist or hold for a time.
pub fn is_timeless(ty: &str, field: &str) -> bool {
    let timeless = [
        ("Commission", "assemblies"),
        ("Contradiction", "assemblies"),
        ("Decision", "founded"),
        ("Session", "elected"),
    ];
    timeless.contains(&(ty, field))
}
