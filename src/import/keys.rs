//! The keys of the data set's tables, as data: what reads cells by key and what writes rows go by
//! them. How a key is read stands in `dataset.rs`.

use entity::RecordKind;
use sea_orm::Iterable;

use super::row::word;

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    pub sort: Sort,
}

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Text,
    /// A remark of the keepers, which claims nothing.
    Remark,
    /// A word of an enumeration; of some, left out means another word.
    Word(Option<&'static str>),
    Number,
    /// A place among others, given by the keepers: a number that claims nothing.
    Rank,
    /// True or false, and which of them it is where it is left out.
    Flag(bool),
    Date,
    /// The slug of a record.
    Record(Tie),
    /// Several slugs.
    Records,
    /// The day, or the first and the last day, on which a document shows it.
    Days,
}

/// What becomes of a row when the record that a key names is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// It is nothing without it.
    Bound,
    /// It stays, without the key.
    Loose,
}

impl Sort {
    /// Whether a row claims the value of such a key by its sources, where the key has none of its
    /// own.
    pub fn claims(self) -> bool {
        matches!(self, Self::Text | Self::Word(_) | Self::Number | Self::Date)
    }

    /// Whether such a key takes sources of its own.
    pub fn takes_sources(self) -> bool {
        self.claims() || matches!(self, Self::Record(_) | Self::Days)
    }
}

const BOUND: Sort = Sort::Record(Tie::Bound);
const LOOSE: Sort = Sort::Record(Tie::Loose);
const WORD: Sort = Sort::Word(None);

const fn key(name: &'static str, sort: Sort) -> Key {
    Key { name, sort }
}

/// The keys of a table of records, besides those of every row.
pub fn keys(kind: RecordKind) -> &'static [Key] {
    const NOTE: Key = key("note", Sort::Remark);
    const NAME: Key = key("name", Sort::Text);
    const WEBSITE: Key = key("website", Sort::Text);
    const FOUNDED: Key = key("founded", Sort::Date);
    const DISSOLVED: Key = key("dissolved", Sort::Date);
    const SINCE: Key = key("since", Sort::Date);
    const UNTIL: Key = key("until", Sort::Date);
    const ONGOING: Key = key("ongoing", Sort::Flag(false));
    const OBSERVED: Key = key("observed", Sort::Days);
    match kind {
        RecordKind::Document => {
            const {
                &[
                    key("kind", WORD),
                    key("url", Sort::Text),
                    key("file", Sort::Text),
                    key("title", Sort::Text),
                    key("publisher", Sort::Text),
                    key("published", Sort::Date),
                    key("published_basis", Sort::Text),
                    key("language", Sort::Text),
                    key("extent", WORD),
                    key("site_state", LOOSE),
                    key("layout", Sort::Text),
                    NOTE,
                ]
            }
        }
        RecordKind::SiteState => {
            const { &[NAME, key("language", Sort::Text), key("position", Sort::Rank), NOTE] }
        }
        RecordKind::Assembly => {
            const {
                &[
                    NAME,
                    key("acronym", Sort::Text),
                    FOUNDED,
                    DISSOLVED,
                    key("founding_decision", LOOSE),
                    key("seat", Sort::Text),
                    key("parent", LOOSE),
                    WEBSITE,
                    NOTE,
                ]
            }
        }
        RecordKind::State => const { &[key("code", Sort::Text), NAME] },
        RecordKind::Participation => {
            const {
                &[
                    key("assembly", BOUND),
                    key("participant", BOUND),
                    key("chamber", BOUND),
                    key("status", WORD),
                    key("basis", Sort::Text),
                    SINCE,
                    UNTIL,
                    ONGOING,
                    OBSERVED,
                    NOTE,
                ]
            }
        }
        RecordKind::Parliament => {
            const {
                &[
                    key("state", BOUND),
                    NAME,
                    key("structure", Sort::Word(Some("UNKNOWN"))),
                    FOUNDED,
                    DISSOLVED,
                    WEBSITE,
                    NOTE,
                ]
            }
        }
        RecordKind::Chamber => {
            const {
                &[
                    key("parliament", BOUND),
                    NAME,
                    key("house", Sort::Word(Some("UNKNOWN"))),
                    key("size", Sort::Number),
                    FOUNDED,
                    DISSOLVED,
                    WEBSITE,
                    NOTE,
                ]
            }
        }
        RecordKind::Delegation => {
            const {
                &[
                    key("assembly", BOUND),
                    key("parliament", BOUND),
                    NAME,
                    FOUNDED,
                    DISSOLVED,
                    WEBSITE,
                    NOTE,
                ]
            }
        }
        RecordKind::SeatAllocation => {
            const {
                &[
                    key("delegation", BOUND),
                    key("chamber", BOUND),
                    key("seats", Sort::Number),
                    SINCE,
                    UNTIL,
                    ONGOING,
                    OBSERVED,
                    NOTE,
                ]
            }
        }
        RecordKind::Member => {
            const { &[NAME, key("born", Sort::Date), key("died", Sort::Date), NOTE] }
        }
        RecordKind::Membership => {
            const {
                &[
                    key("member", BOUND),
                    key("organization", BOUND),
                    key("role", WORD),
                    key("title", Sort::Text),
                    key("on_behalf_of", LOOSE),
                    key("elected_at", LOOSE),
                    key("legislative_period", LOOSE),
                    key("area", Sort::Text),
                    key("term", Sort::Number),
                    SINCE,
                    UNTIL,
                    ONGOING,
                    OBSERVED,
                    NOTE,
                ]
            }
        }
        RecordKind::Commission => {
            const {
                &[
                    NAME,
                    key("kind", WORD),
                    key("assemblies", Sort::Records),
                    key("under", LOOSE),
                    key("chamber", BOUND),
                    FOUNDED,
                    DISSOLVED,
                    WEBSITE,
                    NOTE,
                ]
            }
        }
        RecordKind::PoliticalGroup => const { &[NAME, FOUNDED, DISSOLVED, WEBSITE, NOTE] },
        RecordKind::LegislativePeriod => {
            const {
                &[
                    key("organization", BOUND),
                    NAME,
                    key("starts", Sort::Date),
                    key("ends", Sort::Date),
                    NOTE,
                ]
            }
        }
        RecordKind::Session => {
            const {
                &[
                    key("kind", WORD),
                    key("number", Sort::Number),
                    NAME,
                    key("starts", Sort::Date),
                    key("ends", Sort::Date),
                    key("place", Sort::Text),
                    key("state", LOOSE),
                    key("assembly", BOUND),
                    key("commission", BOUND),
                    key("planned", Sort::Flag(false)),
                    NOTE,
                ]
            }
        }
        RecordKind::Attendance => {
            const {
                &[
                    key("session", BOUND),
                    key("attendee", BOUND),
                    key("capacity", Sort::Word(Some("PARTICIPANT"))),
                    NOTE,
                ]
            }
        }
        RecordKind::Decision => {
            const {
                &[
                    key("assembly", BOUND),
                    key("state", BOUND),
                    key("kind", WORD),
                    key("title", Sort::Text),
                    key("title_given", Sort::Flag(true)),
                    key("number", Sort::Text),
                    key("status", WORD),
                    key("status_note", Sort::Text),
                    key("adopted", Sort::Date),
                    key("dated", Sort::Date),
                    key("session", LOOSE),
                    NOTE,
                ]
            }
        }
        RecordKind::Stage => {
            const {
                &[
                    key("decision", BOUND),
                    key("position", Sort::Rank),
                    key("kind", WORD),
                    key("body", LOOSE),
                    key("session", LOOSE),
                    key("date", Sort::Date),
                    key("outcome", Sort::Text),
                    key("reporter", LOOSE),
                    key("basis", LOOSE),
                ]
            }
        }
        RecordKind::Stance => {
            const {
                &[
                    key("stage", BOUND),
                    key("holder", BOUND),
                    key("position", WORD),
                    key("statement", Sort::Text),
                ]
            }
        }
        RecordKind::DecisionRelation => {
            const {
                &[
                    key("subject", BOUND),
                    key("object", BOUND),
                    key("kind", WORD),
                    key("inferred", Sort::Flag(false)),
                    NOTE,
                ]
            }
        }
    }
}

/// A table of the data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    Records(RecordKind),
    Claim,
    Contradiction,
}

/// How a cell of a table without types is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Text,
    Number,
    Flag,
    /// A list or a table, as JSON.
    Json,
    /// A date, or a list of two as JSON.
    Days,
}

impl Table {
    pub fn all() -> impl Iterator<Item = Self> {
        RecordKind::iter().map(Self::Records).chain([Self::Claim, Self::Contradiction])
    }

    pub fn name(self) -> String {
        match self {
            Self::Records(kind) => word(kind),
            Self::Claim => "claim".to_owned(),
            Self::Contradiction => "contradiction".to_owned(),
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|table| table.name() == name)
    }

    /// All keys of its rows, in the order in which they are written, and how their cells are read.
    pub fn cells(self) -> Vec<(String, Cell)> {
        let fixed: &[(&str, Cell)] = match self {
            Self::Records(kind) => {
                let mut cells = vec![("slug".to_owned(), Cell::Text)];
                let own = keys(kind);
                let cell = |key: &Key| match key.sort {
                    Sort::Number | Sort::Rank => Cell::Number,
                    Sort::Flag(_) => Cell::Flag,
                    Sort::Records => Cell::Json,
                    Sort::Days => Cell::Days,
                    Sort::Text | Sort::Remark | Sort::Word(_) | Sort::Date | Sort::Record(_) => {
                        Cell::Text
                    }
                };
                cells.extend(own.iter().map(|key| (key.name.to_owned(), cell(key))));
                if kind == RecordKind::Document {
                    cells.push(("mentions".to_owned(), Cell::Json));
                }
                let common = ["names", "identifiers", "aliases", "facts", "sources"];
                cells.extend(common.map(|name| (name.to_owned(), Cell::Json)));
                let sourced = own.iter().filter(|key| key.sort.takes_sources());
                cells.extend(sourced.map(|key| (format!("{}_sources", key.name), Cell::Json)));
                return cells;
            }
            Self::Claim => &[
                ("record", Cell::Text),
                ("property", Cell::Text),
                ("value", Cell::Text),
                ("unknown", Cell::Flag),
                ("since", Cell::Text),
                ("until", Cell::Text),
                ("observed", Cell::Days),
                ("note", Cell::Text),
                ("origin", Cell::Text),
                ("attribution", Cell::Text),
                ("withdrawn", Cell::Flag),
                ("sources", Cell::Json),
            ],
            Self::Contradiction => &[
                ("slug", Cell::Text),
                ("record", Cell::Text),
                ("property", Cell::Text),
                ("topic", Cell::Text),
                ("about", Cell::Text),
                ("status", Cell::Text),
                ("reading", Cell::Text),
                ("serves", Cell::Text),
                ("explains", Cell::Json),
                ("claims", Cell::Json),
            ],
        };
        fixed.iter().map(|(name, cell)| ((*name).to_owned(), *cell)).collect()
    }
}
