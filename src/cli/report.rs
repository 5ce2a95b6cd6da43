//! Formats reports as tables for a terminal.

use std::fmt::Write;

use comfy_table::{Table, presets};

use crate::{
    check::{Contradiction, Coverage, Report},
    text::plural,
};

/// Aligns rows of cells in columns, without borders.
pub fn table(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = table.trim_fmt();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Formats a report of `check`.
pub fn check(report: &Report) -> String {
    let mut text = format!("revision {}, as of {}\n", report.revision, report.as_of);
    let counts = report.records.iter().map(|(kind, count)| row([kind, &count.to_string()]));
    let claims = row(["(claims)", &report.claims.to_string()]);
    section(&mut text, "records", counts.chain([claims]));

    let title = format!("records without sources: {}", report.without_sources.len());
    section(&mut text, &title, report.without_sources.iter().map(|slug| row([slug])));
    let header = row(["", "open", "explained"]);
    let kinds = report
        .contradictions
        .iter()
        .map(|(kind, count)| row([kind, &count.open.to_string(), &count.explained.to_string()]));
    section(&mut text, "contradictions by kind", [header].into_iter().chain(kinds));
    contradictions(&mut text, "open contradictions", &report.open);
    contradictions(&mut text, "contradictions of dates", &report.date_contradictions);
    coverage(&mut text, "delegations", &report.delegations);
    coverage(&mut text, "commissions", &report.commissions);
    let _ = match report.problem_count() {
        0 if report.open.is_empty() => writeln!(text, "\nno problems found"),
        0 => {
            let open = plural(report.open.len(), "open contradiction");
            writeln!(text, "\nno problems found; {open}")
        }
        count => writeln!(text, "\n{} found", plural(count, "problem")),
    };
    text
}

/// Appends a title and an indented table. The first row may be a header.
fn section(text: &mut String, title: &str, rows: impl IntoIterator<Item = Vec<String>>) {
    let _ = writeln!(text, "\n{title}");
    for line in table(rows).lines() {
        let _ = writeln!(text, "  {line}");
    }
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).into()
}

fn contradictions(text: &mut String, title: &str, contradictions: &[Contradiction]) {
    let rows = contradictions.iter().map(|contradiction| {
        let Contradiction { kind, slug, property, about, .. } = contradiction;
        row([kind, slug, about.as_deref().unwrap_or(property)])
    });
    section(text, &format!("{title}: {}", contradictions.len()), rows);
}

fn coverage(text: &mut String, title: &str, bodies: &[Coverage]) {
    let has_seats = bodies.iter().any(|body| body.seats.is_some());
    let cells = |slug: &str, members: &str, seats: &str, leader: &str| {
        if has_seats { row([slug, members, seats, leader]) } else { row([slug, members, leader]) }
    };
    let header = cells("", "members", "seats", "leader");
    let rows = bodies.iter().map(|body| {
        let seats = body.seats.map_or("-".to_owned(), |seats| seats.to_string());
        let leader = if body.has_leader { "yes" } else { "-" };
        cells(&body.slug, &body.members.to_string(), &seats, leader)
    });
    section(text, title, [header].into_iter().chain(rows));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [row(["a", "long", "x"]), row(["longer", "é", ""])];
        assert_eq!(table(rows), "a       long  x\nlonger  é\n");
        assert_eq!(table([]), "");
    }
}
