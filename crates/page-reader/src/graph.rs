//! What the reader has to know of the graph: plain data, by slug.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
};

use chrono::{Datelike, NaiveDate};

/// The kinds of records that the reader knows.
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
    /// The kinds of records that texts call by name, in the order of reports.
    pub const NAMED: [Self; 10] = [
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

    /// The table of the data set that has the records of a kind.
    pub fn table(self) -> &'static str {
        self.words().0
    }

    /// What reports call several records of a kind.
    pub fn plural(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
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

/// A day, a month or a year, as its earliest and latest day.
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

/// What [`Reading::interpret`](crate::Reading::interpret) has to know: the organizations, who holds
/// the posts that sidebars list, and the names that the pages may have.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub assemblies: Vec<Assembly>,
    /// What the assemblies are organs of. A name of one word in capitals stands for the whole name.
    pub unions: Vec<Organization>,
    pub states: Vec<State>,
    pub parliaments: Vec<Parliament>,
    pub chambers: Vec<Chamber>,
    pub delegations: Vec<Delegation>,
    pub allocations: Vec<Allocation>,
    /// Memberships in one of [`roles`](crate::roles) of an assembly, a delegation or a secretariat.
    pub posts: Vec<Post>,
    /// All names of those who hold the posts.
    pub holders: HashMap<String, Vec<String>>,
    /// The roles that one person holds at a time.
    pub exclusive_roles: Vec<String>,
    /// The names that [`NameFilter::accepts`](crate::NameFilter::accepts); all names will do.
    pub names: Vec<Name>,
    /// Of each session that has a name, the assembly and the body that hold it.
    pub conveners: HashMap<String, Vec<String>>,
    /// The slugs that no new record may take.
    pub slugs: HashSet<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Organization {
    pub slug: String,
    pub name: String,
    /// All further names, acronyms among them.
    pub names: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Assembly {
    pub organization: Organization,
    /// Its bodies, by slug.
    pub bodies: BTreeSet<String>,
    /// Those of the bodies that are secretariats.
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

/// Which chamber of a parliament of two it is.
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

/// The seats of a delegation that a chamber fills.
#[derive(Clone, Debug)]
pub struct Allocation {
    pub slug: String,
    pub delegation: String,
    pub chamber: Option<String>,
}

/// A membership.
#[derive(Clone, Debug)]
pub struct Post {
    pub slug: String,
    pub member: String,
    pub organization: String,
    pub role: String,
    /// Whether nothing says that it ended.
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

/// What [`Draft::resolve`](crate::Draft::resolve) has to know: what [`Draft::wanted`](crate::Draft::wanted)
/// lists.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pub people: Vec<Person>,
    /// From the first that the graph had.
    pub documents: Vec<Document>,
    /// From the first that the graph had.
    pub claims: Vec<Claim>,
    pub citations: Vec<Citation>,
}

/// A member whose name is like one on a page.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub slug: String,
    pub names: Vec<String>,
    /// The organizations where the person is or was, and the assemblies, bodies and delegations that
    /// documents mention beside the person.
    pub ties: BTreeSet<String>,
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

/// What a document says of a property of a record.
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
    /// Whether a row of its own gave it, not only that of the record.
    pub by_claim: bool,
}

/// A document that supports a record.
#[derive(Clone, Debug)]
pub struct Citation {
    pub record: String,
    pub document: String,
}

/// An assembly, two made-up parliaments of two chambers, and one of one.
#[cfg(any(test, fuzzing))]
pub fn made_up() -> Graph {
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
    fn dates_are_as_precise_as_they_are_known() {
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
