//! Sections of the documentation that are generated from the descriptions of record kinds.

use std::{fmt::Write, fs, path::Path};

use assembly_graph::import::keys::Table;
use entity::{
    Kind, RecordKind,
    kind::{Field, Requirement, Rule, Target, Type, camel},
};

/// The record kinds that the diagram of the README shows.
const DIAGRAM: &[RecordKind] = &[
    RecordKind::Assembly,
    RecordKind::State,
    RecordKind::Participation,
    RecordKind::Parliament,
    RecordKind::Chamber,
    RecordKind::Delegation,
    RecordKind::SeatAllocation,
    RecordKind::Member,
    RecordKind::Membership,
    RecordKind::Commission,
    RecordKind::Session,
    RecordKind::Decision,
    RecordKind::Stage,
];

/// Compares the text between the marks of a section; `UPDATE_EXPECT=1` writes it to the file.
fn section(file: &str, name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let document = fs::read_to_string(&path).unwrap();
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
    let (before, rest) = document.split_once(&start).expect("the section has a start mark");
    let (current, after) = rest.split_once(&end).expect("the section has an end mark");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, format!("{before}{start}{text}{end}{after}")).unwrap();
        return;
    }
    assert!(
        current == text,
        "{file}: section {name} is stale: run UPDATE_EXPECT=1 cargo test, then review its diff"
    );
}

#[test]
fn diagram_of_the_readme_matches_the_descriptions() {
    let mut text = "\n```mermaid\nflowchart LR\n".to_owned();
    let mut groups = Vec::new();
    for kind in DIAGRAM.iter().map(|kind| kind.kind()) {
        for (field, target) in relations(kind) {
            let target = match target {
                Target::Kind(to) if DIAGRAM.contains(&to) => type_name(to.kind().table),
                Target::Kind(_) => continue,
                _ => {
                    let name = type_name(field.name);
                    if !groups.contains(&(name.clone(), target)) {
                        groups.push((name.clone(), target));
                    }
                    name
                }
            };
            let (from, field) = (type_name(kind.table), field.property());
            writeln!(text, "    {from} -->|{field}| {target}").unwrap();
        }
    }
    for (name, target) in groups {
        let kinds: Vec<String> =
            target.kinds().into_iter().map(|kind| type_name(kind.kind().table)).collect();
        writeln!(text, "    {name}([\"{name}: {}\"])", kinds.join(", ")).unwrap();
    }
    text.push_str("    Record([any record]) -->|claims| Claim -->|document| Document\n```\n\n");
    section("README.md", "diagram", &text);
}

/// The references of a kind that the diagram shows: those that a row requires, and those to records
/// that it belongs to.
fn relations(kind: &'static Kind) -> impl Iterator<Item = (&'static Field, Target)> {
    kind.fields.iter().filter_map(move |field| match &field.ty {
        Type::Reference(reference)
            if field.requirement == Requirement::Required
                || reference.owner
                || reference.bounds
                || kind.of_state == Some(field.name) =>
        {
            Some((field, reference.to))
        }
        Type::References(many) if many.owner => Some((field, Target::Kind(many.to))),
        _ => None,
    })
}

/// The name of a GraphQL type: `seat_allocation` is `SeatAllocation`.
fn type_name(name: &str) -> String {
    let name = camel(name);
    format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..])
}

#[test]
fn columns_of_files_are_documented() {
    let mut text = "\n| table | keys |\n| --- | --- |\n".to_owned();
    for table in Table::all() {
        let columns: Vec<String> =
            table.cells().into_iter().map(|(column, _)| format!("`{column}`")).collect();
        writeln!(text, "| `{}` | {} |", table.name(), columns.join(", ")).unwrap();
    }
    section("docs/formats.md", "columns", &format!("{text}\n"));
}

#[test]
fn tables_of_the_data_set_are_documented() {
    let mut text = String::new();
    for kind in entity::kinds() {
        write!(text, "\n### `{}`\n\n{}\n\n", kind.table, kind.description).unwrap();
        text.push_str("| key | value | what it is |\n| --- | --- | --- |\n");
        for field in kind.keys() {
            let required = if field.requirement == Requirement::Required { "\\*" } else { "" };
            let (name, about) = (field.name, about(field));
            writeln!(text, "| `{name}`{required} | {} | {about} |", value(field)).unwrap();
        }
        if kind.kind == RecordKind::Document {
            let what = "The records that it names; `\"slug#lines 7, 12\"` gives the position.";
            writeln!(text, "| `mentions` | list of any record | {what} |").unwrap();
        }
        for rule in rules(kind) {
            write!(text, "\n{rule}\n").unwrap();
        }
    }
    section("data/README.md", "tables", &format!("{text}\n"));
}

/// The description of a field in the schema, without its sentences about null: a maintainer omits
/// the key instead.
fn about(field: &Field) -> String {
    let sentences: Vec<&str> = field
        .description
        .split_inclusive(". ")
        .filter(|sentence| !sentence.starts_with("Null "))
        .collect();
    let description = sentences.concat();
    let requirement = match field.requirement {
        Requirement::RequiredOrClaimed => " Required, here or in claims.",
        _ => "",
    };
    format!("{}{requirement}", description.trim_end())
}

/// The values that a key accepts.
fn value(field: &Field) -> String {
    match &field.ty {
        Type::Text | Type::Code | Type::Note => "string".to_owned(),
        Type::Enum(values) => {
            let all = (values.all)();
            let default = |value: &String| match field.requirement {
                Requirement::Default(default) if default == value => {
                    format!("{value} (the default)")
                }
                _ => value.clone(),
            };
            all.iter().map(default).collect::<Vec<_>>().join(", ")
        }
        Type::Number | Type::Rank if field.min == 0 => "integer".to_owned(),
        Type::Number | Type::Rank => format!("integer, from {}", field.min),
        Type::Flag(omitted) => format!("true or false (default: {omitted})"),
        Type::Date => "date".to_owned(),
        Type::Sightings => "date, or list of two dates".to_owned(),
        Type::Reference(reference) => format!("-> {}", tables(reference.to)),
        Type::References(many) => format!("list of {}", many.to.kind().table),
    }
}

fn tables(target: Target) -> String {
    let tables: Vec<&str> = target.kinds().into_iter().map(|kind| kind.kind().table).collect();
    match tables.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => tables.concat(),
    }
}

/// Constraints between the keys of a row.
fn rules(kind: &Kind) -> Vec<String> {
    let keys = |fields: &[&str], and: &str| {
        fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(and)
    };
    let rule = |rule: &Rule| match rule {
        Rule::AnyOf { fields } => format!("A row must have {}.", keys(fields, " or ")),
        Rule::Differ { fields } => {
            format!("{} must be different records.", keys(fields, " and "))
        }
        Rule::InOrder { start, end } => format!("`{end}` must not be before `{start}`."),
        Rule::CountryCode { field } => format!("`{field}` must be two uppercase letters."),
    };
    let unique = kind
        .unique
        .iter()
        .map(|one| format!("No two rows have the same {}.", keys(one.fields, " and ")));
    kind.rules.iter().map(rule).chain(unique).collect()
}
