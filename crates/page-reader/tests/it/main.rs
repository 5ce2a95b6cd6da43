//! Rows of one page with an empty graph and with a graph that has its records.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{collections::BTreeMap, path::Path};

use chrono::NaiveDate;
use page_reader::{
    Error, Options, Page, Resolution, Row, Value,
    graph::{
        Allocation, Assembly, Chamber, Citation, Claim, Date, Delegation, Document, Graph,
        Organization, Parliament, Person, Post, Records,
    },
};

const PAGE: &str = "\
Delegation of the Diet to the Northern Assembly consists of 7 deputies.
Representative of the Diet: Ann Other
First session opens
6 June 2022
The Northern Assembly met.
";

fn day(text: &str) -> Date {
    Date::from(text.parse::<NaiveDate>().unwrap())
}

fn captured(text: &str) -> Options {
    Options { captured: Some(day(text)), ..Options::default() }
}

fn page(name: &str, text: &str) -> Page {
    Page::parse(Path::new(name), text.as_bytes()).unwrap()
}

fn graph() -> Graph {
    let organization = |slug: &str, name: &str| Organization {
        slug: slug.to_owned(),
        name: name.to_owned(),
        names: Vec::new(),
    };
    Graph {
        assemblies: vec![Assembly {
            organization: organization("na", "Northern Assembly"),
            ..Assembly::default()
        }],
        parliaments: vec![Parliament { organization: organization("diet", "Diet"), state: None }],
        chambers: vec![Chamber {
            organization: organization("diet-chamber", "Diet"),
            parliament: "diet".to_owned(),
            house: None,
        }],
        exclusive_roles: vec!["REPRESENTATIVE".to_owned()],
        ..Graph::default()
    }
}

/// A graph that has the delegation, its seats and its representative.
fn full_graph() -> Graph {
    Graph {
        delegations: vec![Delegation {
            slug: "delegation".to_owned(),
            assembly: "na".to_owned(),
            parliament: "diet".to_owned(),
        }],
        allocations: vec![Allocation {
            slug: "seats".to_owned(),
            delegation: "delegation".to_owned(),
            chamber: Some("diet-chamber".to_owned()),
        }],
        posts: vec![Post {
            slug: "ann-representative".to_owned(),
            member: "ann".to_owned(),
            organization: "delegation".to_owned(),
            role: "REPRESENTATIVE".to_owned(),
            open: true,
        }],
        holders: [("ann".to_owned(), vec!["Ann Other".to_owned()])].into(),
        ..graph()
    }
}

fn claim(record: &str, property: &str, value: &str, document: &str) -> Claim {
    Claim {
        record: record.to_owned(),
        property: property.to_owned(),
        value: Some(value.to_owned()),
        document: document.to_owned(),
        locator: Some("line 1".to_owned()),
        note: None,
        observed: Some((day("2020-01-01"), day("2020-01-01"))),
        by_claim: true,
    }
}

fn read(options: Options, graph: Graph, records: Records) -> Resolution {
    let interpretation = page_reader::read([Ok(page("page.txt", PAGE))], options).interpret(graph);
    interpretation.resolve(records).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

/// The rows of a table, by their keys.
fn keys<'a>(rows: &'a [Row], table: &str) -> Vec<&'a BTreeMap<&'static str, Value>> {
    rows.iter().filter(|row| row.table == table).map(|row| &row.keys).collect()
}

#[test]
fn unknown_records_are_added() {
    let Resolution { rows, reports } = read(captured("2024-05-01"), graph(), Records::default());
    assert!(rows.iter().all(|row| !row.addition));
    let slugs: Vec<&str> = rows.iter().filter_map(|row| row.slug.as_deref()).collect();
    let expected = [
        "ann-other",
        "ann-other-na-delegation-diet-representative",
        "first-session-opens",
        "na-delegation-diet",
        "na-delegation-diet-seats-chamber",
    ];
    assert_eq!(slugs, expected);
    let membership = keys(&rows, "membership")[0];
    assert_eq!(membership["observed"], text("2024-05-01"));
    assert_eq!(membership["sources"], list(&["first-session-opens#line 2"]));
    let document = keys(&rows, "document")[0];
    assert_eq!(document["published"], text("2022-06-06"));
    let claims = keys(&rows, "claim");
    assert_eq!((&claims[0]["value"], &claims[1]["value"]), (&text("7"), &text("REPRESENTATIVE")));
    assert_eq!(claims[0]["observed"], list(&["2024-05-01", "2024-05-01"]));
    assert_eq!(reports[0].new.len(), 5);
}

#[test]
fn existing_records_gain_additions() {
    let document = Document {
        slug: "page".to_owned(),
        file: Some("page.txt".to_owned()),
        title: Some("First session opens".to_owned()),
        extent: Some("HEADLINE".to_owned()),
        ..Document::default()
    };
    let records = Records {
        documents: vec![document],
        claims: vec![claim("seats", "seats", "7", "page"), claim("seats", "seats", "9", "other")],
        citations: vec![Citation {
            record: "ann-representative".to_owned(),
            document: "other".to_owned(),
        }],
        people: Vec::new(),
    };
    let Resolution { rows, reports } = read(captured("2024-05-01"), full_graph(), records);
    let (additions, claims): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.addition);
    let slugs: Vec<&str> = additions.iter().filter_map(|row| row.slug.as_deref()).collect();
    assert_eq!(slugs, ["ann-representative", "delegation", "page", "seats"]);
    let gains = BTreeMap::from([("observed", text("2024-05-01")), ("sources", list(&["page"]))]);
    assert_eq!(keys(&additions, "membership"), [&gains]);
    assert_eq!(keys(&additions, "seat_allocation"), [&gains]);
    assert_eq!(keys(&additions, "delegation")[0].len(), 1);
    let document = keys(&additions, "document")[0];
    let names: Vec<&str> = document.keys().copied().collect();
    let expected = ["identifiers", "language", "mentions", "published", "published_basis"];
    assert_eq!(names, expected);
    // The days of the claim of the same value are extended, and its locator is kept.
    let claims = keys(&claims, "claim");
    assert_eq!(claims[0]["observed"], list(&["2020-01-01", "2024-05-01"]));
    assert_eq!(claims[0]["sources"], list(&["page"]));
    let report = reports[0].to_string();
    assert!(report.contains("7 deputies  contradicts; 9 in other (line 1); the same in page"));
    assert!(report.contains("REPRESENTATIVE Ann Other (ann)  agrees"), "{report}");
}

#[test]
fn an_unaffiliated_member_with_the_name_is_another_person() {
    let person = |affiliations: &[&str]| Person {
        slug: "ann".to_owned(),
        names: vec!["Ann Other".to_owned()],
        affiliations: affiliations.iter().map(|affiliation| (*affiliation).to_owned()).collect(),
    };
    for (affiliations, members) in [(&["diet"][..], 0), (&["elsewhere"], 1), (&[], 1)] {
        let records = Records { people: vec![person(affiliations)], ..Records::default() };
        let rows = read(Options::default(), graph(), records).rows;
        assert_eq!(keys(&rows, "member").len(), members, "{affiliations:?}");
    }
}

#[test]
fn problems_of_all_pages_are_reported() {
    let problems = |pages: &[(&str, &str)]| {
        let pages = pages.iter().map(|(name, text)| Page::parse(Path::new(name), text.as_bytes()));
        let options =
            Options { url: Some("https://example.org/1".to_owned()), ..Options::default() };
        let interpretation = page_reader::read(pages, options).interpret(graph());
        match interpretation.resolve(Records::default()) {
            Err(Error::Pages(problems)) => problems.iter().map(ToString::to_string).collect(),
            other => panic!("{other:?}"),
        }
    };
    let all: Vec<String> = problems(&[("b.txt", "A poem."), ("a.txt", ""), ("c.txt", PAGE)]);
    assert!(all[0].starts_with("a.txt: is empty"), "{all:?}");
    assert!(all[1].starts_with("b.txt: is not a page of an assembly"), "{all:?}");
    assert_eq!(all.len(), 2);
    let other = PAGE.replace("7 deputies", "8 deputies");
    let all: Vec<String> = problems(&[("a.txt", PAGE), ("b.txt", &other)]);
    assert!(all[0].starts_with("b.txt: is the same page as a.txt"), "{all:?}");
}
