//! The data of the graph that the crate needs: plain records that refer to each other by slug.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
};

use chrono::{Datelike, NaiveDate};

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Member,
    Assembly,
    Commission,
    PoliticalGroup,
    State,
    Parliament,
    Chamber,
    Delegation,
    Session,
    Decision,
    SeatAllocation,
    Membership,
    Document,
}

impl Kind {
    /// The kinds of records that texts mention by name, in the order of reports.
    pub const MENTIONABLE: [Self; 10] = [
        Self::Member,
        Self::Assembly,
        Self::Commission,
        Self::PoliticalGroup,
        Self::State,
        Self::Parliament,
        Self::Chamber,
        Self::Delegation,
        Self::Session,
        Self::Decision,
    ];

    /// Returns the table of the data set that contains the records of this kind.
    pub fn table(self) -> &'static str {
        self.names().0
    }

    /// Returns the heading for records of this kind in reports.
    pub fn plural(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Member => ("member", "members"),
            Self::Assembly => ("assembly", "assemblies"),
            Self::Commission => ("commission", "bodies"),
            Self::PoliticalGroup => ("political_group", "groups"),
            Self::State => ("state", "states"),
            Self::Parliament => ("parliament", "parliaments"),
            Self::Chamber => ("chamber", "chambers"),
            Self::Delegation => ("delegation", "delegations"),
            Self::Session => ("session", "sessions"),
            Self::Decision => ("decision", "decisions"),
            Self::SeatAllocation => ("seat_allocation", "allocations"),
            Self::Membership => ("membership", "memberships"),
            Self::Document => ("document", "documents"),
        }
    }
}

/// A day, month or year, stored as its earliest and latest day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    pub earliest: NaiveDate,
    pub latest: NaiveDate,
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self { earliest: day, latest: day }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { earliest, latest } = self;
        let month = |day: &NaiveDate| (day.year(), day.month());
        let format = match (earliest == latest, month(earliest) == month(latest)) {
            (true, _) => "%Y-%m-%d",
            (false, true) => "%Y-%m",
            (false, false) => "%Y",
        };
        write!(f, "{}", earliest.format(format))
    }
}

/// The input of [`PageSet::interpret`](crate::PageSet::interpret): the organizations, the holders of
/// the posts that sidebars list, and the names that the pages may contain.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub assemblies: Vec<Assembly>,
    /// The organizations that the assemblies belong to. A name of one uppercase word is an acronym of
    /// the full name.
    pub unions: Vec<Organization>,
    pub states: Vec<State>,
    pub parliaments: Vec<Parliament>,
    pub chambers: Vec<Chamber>,
    pub delegations: Vec<Delegation>,
    pub allocations: Vec<Allocation>,
    /// Memberships in one of [`roles`](crate::roles) of an assembly, a delegation or a secretariat.
    pub posts: Vec<Post>,
    /// All names of the holders of the posts, by slug of the member.
    pub holders: HashMap<String, Vec<String>>,
    /// The roles that only one person holds at a time.
    pub exclusive_roles: Vec<String>,
    /// The names that [`NameFilter::accepts`](crate::NameFilter::accepts) accepts. Other names are
    /// ignored.
    pub names: Vec<Name>,
    /// The assembly and the body that hold a session, by slug of the session.
    pub conveners: HashMap<String, Vec<String>>,
    /// The slugs in use.
    pub slugs: HashSet<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Organization {
    pub slug: String,
    pub name: String,
    /// All other names, including acronyms.
    pub names: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Assembly {
    pub organization: Organization,
    /// The slugs of its bodies.
    pub bodies: BTreeSet<String>,
    /// The slugs of the bodies that are secretariats.
    pub secretariats: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct State {
    pub organization: Organization,
    /// ISO 3166-1 alpha-2.
    pub code: String,
}

#[derive(Clone, Debug)]
pub struct Parliament {
    pub organization: Organization,
    pub state: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Chamber {
    pub organization: Organization,
    pub parliament: String,
    pub house: Option<House>,
}

/// The house of a bicameral parliament.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum House {
    Lower,
    Upper,
}

#[derive(Clone, Debug)]
pub struct Delegation {
    pub slug: String,
    pub assembly: String,
    pub parliament: String,
}

/// The seats of a delegation that are filled by a chamber.
#[derive(Clone, Debug)]
pub struct Allocation {
    pub slug: String,
    pub delegation: String,
    pub chamber: Option<String>,
}

/// A membership with one of [`roles`](crate::roles).
#[derive(Clone, Debug)]
pub struct Post {
    pub slug: String,
    pub member: String,
    pub organization: String,
    pub role: String,
    /// Whether the membership has no end date.
    pub open: bool,
}

impl Post {
    pub(crate) fn is(&self, organization: &str, role: &str) -> bool {
        self.organization == organization && self.role == role
    }
}

/// A name of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub slug: String,
    pub kind: Kind,
    pub text: String,
}

/// The input of [`Interpretation::resolve`](crate::Interpretation::resolve): the records that
/// [`Interpretation::record_filter`](crate::Interpretation::record_filter) selects.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pub people: Vec<Person>,
    /// Sorted by creation, oldest first.
    pub documents: Vec<Document>,
    /// Sorted by creation, oldest first.
    pub claims: Vec<Claim>,
    pub citations: Vec<Citation>,
}

/// A member with a name similar to one on a page.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub slug: String,
    pub names: Vec<String>,
    /// The organizations of the person's current and former memberships, and the assemblies, bodies
    /// and delegations that are mentioned in the same documents as the person.
    pub affiliations: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Document {
    pub slug: String,
    pub url: Option<String>,
    pub file: Option<String>,
    pub title: Option<String>,
    pub published: Option<Date>,
    pub language: Option<String>,
    pub extent: Option<String>,
    /// The SHA-256 digests of its files.
    pub digests: Vec<String>,
}

/// The value of a property of a record according to a document.
#[derive(Clone, Debug)]
pub struct Claim {
    pub record: String,
    pub property: String,
    pub value: Option<String>,
    pub document: String,
    pub locator: Option<String>,
    pub note: Option<String>,
    /// The first and the last day on which the document shows it.
    pub observed: Option<(Date, Date)>,
    /// Whether the claim was imported from a `[[claim]]` row, not from the row of the record.
    pub by_claim: bool,
}

/// A document that supports a record.
#[derive(Clone, Debug)]
pub struct Citation {
    pub record: String,
    pub document: String,
}

/// A graph for tests: an assembly, two bicameral parliaments and a unicameral one.
#[cfg(any(test, fuzzing))]
pub fn sample() -> Graph {
    let organization = |slug: &str, names: &[&str]| Organization {
        slug: slug.to_owned(),
        name: names[0].to_owned(),
        names: names[1..].iter().map(|name| (*name).to_owned()).collect(),
    };
    let states = [
        ("ex", &["Exland", "Republic of Exland"][..]),
        ("wy", &["Wyland", "Wylandic Federation"]),
        ("ze", &["Zedia", "Zedic Republic"]),
    ];
    let parliaments = [
        ("parliament-ex", "ex", &["National Assembly of the Republic of Exland"][..]),
        ("parliament-wy", "wy", &["Federal Assembly of the Wylandic Federation"]),
        ("parliament-ze", "ze", &["Supreme Council of the Zedic Republic", "Hural"]),
    ];
    let chambers = [
        (
            "ex-house",
            "parliament-ex",
            Some(House::Lower),
            "House of Representatives of the National Assembly of the Republic of Exland",
        ),
        (
            "ex-council",
            "parliament-ex",
            Some(House::Upper),
            "Council of the Republic of the National Assembly of the Republic of Exland",
        ),
        (
            "wy-duma",
            "parliament-wy",
            Some(House::Lower),
            "State Duma of the Federal Assembly of the Wylandic Federation",
        ),
        (
            "wy-council",
            "parliament-wy",
            Some(House::Upper),
            "Federation Council of the Federal Assembly of the Wylandic Federation",
        ),
        ("ze-council", "parliament-ze", None, "Supreme Council of the Zedic Republic"),
    ];
    Graph {
        assemblies: vec![Assembly {
            organization: organization("pa", &["Parliamentary Assembly of the Exland Union"]),
            bodies: BTreeSet::from(["pa-secretariat".to_owned()]),
            secretariats: vec!["pa-secretariat".to_owned()],
        }],
        unions: vec![organization("exu", &["Exland Union", "EXU"])],
        states: Vec::from(states.map(|(slug, names)| State {
            organization: organization(slug, names),
            code: slug.to_uppercase(),
        })),
        parliaments: Vec::from(parliaments.map(|(slug, state, names)| Parliament {
            organization: organization(slug, names),
            state: Some(state.to_owned()),
        })),
        chambers: Vec::from(chambers.map(|(slug, parliament, house, name)| Chamber {
            organization: organization(slug, &[name]),
            parliament: parliament.to_owned(),
            house,
        })),
        ..Graph::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_displayed_with_their_precision() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (earliest, latest, text) in [
            ("2022-12-05", "2022-12-05", "2022-12-05"),
            ("2022-12-01", "2022-12-31", "2022-12"),
            ("2022-01-01", "2022-12-31", "2022"),
        ] {
            let date = Date { earliest: day(earliest), latest: day(latest) };
            assert_eq!(date.to_string(), text);
        }
    }
}
