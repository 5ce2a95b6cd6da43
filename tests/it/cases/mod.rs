//! Rules as tables of cases: small data sets, written short, and what follows from them.

use std::fmt::Write;

use assembly_graph::import::{self, Applied, File};

use crate::world::{World, now};

mod bounds;

pub use bounds::hidden;

/// What rows of a table need where a case does not say it.
fn needed(table: &str) -> &'static [(&'static str, &'static str)] {
    match table {
        "commission" => &[("name", "x"), ("kind", "STANDING")],
        "membership" => &[("role", "MEMBER")],
        "participation" => &[("status", "MEMBER")],
        "seat_allocation" => &[("seats", "5")],
        "session" => &[("name", "x"), ("kind", "PLENARY")],
        _ => &[("name", "x")],
    }
}

/// Rows of the data set format, written short: `chamber c parliament=p founded=2001, ...`. Each
/// slug becomes one of the case's own, `<case>-<slug>`; a list is written `a+b`.
pub fn rows(case: &str, short: &str) -> Vec<String> {
    short.split(',').map(|row| one_row(case, row)).collect()
}

fn one_row(case: &str, short: &str) -> String {
    let mut words = short.split_whitespace();
    let (table, slug) = words.next().zip(words.next()).unwrap();
    let given: Vec<(&str, &str)> = words.map(|word| word.split_once('=').unwrap()).collect();
    let needed = needed(table).iter().filter(|need| given.iter().all(|one| one.0 != need.0));
    let mut row = format!("[[{table}]]\nslug = \"{case}-{slug}\"\nsources = [\"almanac\"]\n");
    for (key, value) in needed.copied().chain(given.iter().copied()) {
        let own = |value: &str| match value.starts_with(|letter: char| letter.is_ascii_lowercase())
        {
            true if key != "name" => format!("\"{case}-{value}\""),
            _ => format!("\"{value}\""),
        };
        let value = match key {
            "assemblies" => {
                let all: Vec<String> = value.split('+').map(own).collect();
                format!("[{}]", all.join(", "))
            }
            "seats" | "size" => value.to_owned(),
            _ => own(value),
        };
        writeln!(row, "{key} = {value}").unwrap();
    }
    row
}

pub const ALMANAC: &str = "[[document]]\nslug = \"almanac\"\nkind = \"OFFICIAL\"\n";

pub async fn bring(world: &World, text: &str) -> Applied {
    let files = [File { name: "case.toml".into(), text: text.to_owned() }];
    match import::import(&world.database, &files, now()).await {
        Ok(applied) => applied,
        Err(refused) => panic!("{refused}\n{text}"),
    }
}
