//! Reports as tables that people read on a terminal.

use std::fmt::Write;

use crate::check::{Contradiction, Coverage, Report};

/// Rows of cells as lines, each column as wide as its widest cell.
pub fn lines(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// A part of a report, set in from its title. The first row names the columns.
fn table(text: &mut String, rows: &[Vec<String>]) {
    for line in lines(rows).lines() {
        let _ = writeln!(text, "  {line}");
    }
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn contradictions(text: &mut String, title: &str, all: &[Contradiction]) {
    let _ = writeln!(text, "\n{title}: {}", all.len());
    let rows = all.iter().map(|one| {
        let about = one.about.as_deref().unwrap_or(&one.property);
        row(&[&one.kind, &one.slug, about])
    });
    table(text, &rows.collect::<Vec<_>>());
}

fn coverage(text: &mut String, title: &str, all: &[Coverage]) {
    let _ = writeln!(text, "\n{title}");
    let seated = all.iter().any(|one| one.seats.is_some());
    let seats = |cell: String| seated.then_some(cell);
    let line = |slug: &str, number: String, named: &str, led: &str| {
        let cells = [Some(slug.to_owned()), Some(named.to_owned()), seats(number)];
        cells.into_iter().chain([Some(led.to_owned())]).flatten().collect()
    };
    let mut rows: Vec<Vec<String>> = vec![line("", "of seats".to_owned(), "named", "led")];
    rows.extend(all.iter().map(|one| {
        let number = one.seats.map_or("-".to_owned(), |seats| seats.to_string());
        line(&one.slug, number, &one.named.to_string(), if one.led { "yes" } else { "-" })
    }));
    table(text, &rows);
}

/// The state of the data.
pub fn check(report: &Report) -> String {
    let mut text = format!("revision {}, as of {}\n\nrecords\n", report.revision, report.as_of);
    let counts = report.counts.iter().map(|(kind, count)| row(&[kind, &count.to_string()]));
    let claims = row(&["(claims)", &report.claims.to_string()]);
    table(&mut text, &counts.chain([claims]).collect::<Vec<_>>());

    let _ = writeln!(text, "\nrecords without sources: {}", report.without_sources.len());
    for slug in &report.without_sources {
        let _ = writeln!(text, "  {slug}");
    }
    let _ = writeln!(text, "\ncontradictions");
    let mut rows = vec![row(&["", "open", "explained"])];
    rows.extend(
        report.contradictions.iter().map(|(kind, count)| {
            row(&[kind, &count.open.to_string(), &count.explained.to_string()])
        }),
    );
    table(&mut text, &rows);
    contradictions(&mut text, "open", &report.open);
    contradictions(&mut text, "dates out of order", &report.out_of_order);
    coverage(&mut text, "delegations", &report.delegations);
    coverage(&mut text, "commissions", &report.commissions);
    let verdict = if report.is_sound() { "sound" } else { "not sound" };
    let _ = writeln!(text, "\n{verdict}");
    text
}
