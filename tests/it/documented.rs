//! The tables of the documents that follow from the descriptions of kinds.

use std::{fmt::Write, fs, path::Path};

use assembly_graph::import::keys::Table;
use entity::{
    Kind, RecordKind,
    kind::{Field, Need, Rule, Target, Type},
};

/// What stands between the marks of a section must be `text`; `UPDATE_EXPECT=1` writes it there.
fn section(file: &str, name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let document = fs::read_to_string(&path).unwrap();
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
    let (before, rest) = document.split_once(&start).expect("the section begins");
    let (own, after) = rest.split_once(&end).expect("the section ends");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, format!("{before}{start}{text}{end}{after}")).unwrap();
        return;
    }
    assert!(own == text, "{file}: {name} is stale: UPDATE_EXPECT=1 cargo test, then read its diff");
}

#[test]
fn the_columns_of_files_are_documented() {
    let mut text = "\n| table | keys |\n| --- | --- |\n".to_owned();
    for table in Table::all() {
        let columns: Vec<String> =
            table.cells().into_iter().map(|(column, _)| format!("`{column}`")).collect();
        writeln!(text, "| `{}` | {} |", table.name(), columns.join(", ")).unwrap();
    }
    section("docs/formats.md", "columns", &format!("{text}\n"));
}

#[test]
fn the_tables_of_the_data_set_are_documented() {
    let mut text = String::new();
    for kind in entity::kinds() {
        write!(text, "\n### `{}`\n\n{}\n\n", kind.table, kind.about).unwrap();
        text.push_str("| key | value | what it is |\n| --- | --- | --- |\n");
        for field in kind.keys() {
            let required = if field.need == Need::Required { "\\*" } else { "" };
            let (name, about) = (field.name, about(field));
            writeln!(text, "| `{name}`{required} | {} | {about} |", value(field)).unwrap();
        }
        if kind.kind == RecordKind::Document {
            let what = "The records that it is known to name; `\"slug#lines 7, 12\"` says where.";
            writeln!(text, "| `mentions` | list of any record | {what} |").unwrap();
        }
        for rule in rules(kind) {
            write!(text, "\n{rule}\n").unwrap();
        }
    }
    section("data/README.md", "tables", &format!("{text}\n"));
}

fn about(field: &Field) -> String {
    let also = match field.need {
        Need::RequiredOrClaimed => " Required, here or in claims.",
        _ => "",
    };
    format!("{}{also}", field.about)
}

/// What a key takes.
fn value(field: &Field) -> String {
    match &field.ty {
        Type::Text | Type::Code | Type::Remark => "text".to_owned(),
        Type::Enum(values) => {
            let all = (values.all)();
            let default = |value: &String| match field.need {
                Need::Default(default) if default == value => format!("{value} (the default)"),
                _ => value.clone(),
            };
            all.iter().map(default).collect::<Vec<_>>().join(", ")
        }
        Type::Number | Type::Rank if field.min == 0 => "whole number".to_owned(),
        Type::Number | Type::Rank => format!("whole number, from {}", field.min),
        Type::Flag(omitted) => format!("true or false (if left out: {omitted})"),
        Type::Date => "date".to_owned(),
        Type::Days => "date, or list of two".to_owned(),
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

/// What must hold between the keys of a row.
fn rules(kind: &Kind) -> Vec<String> {
    let keys = |fields: &[&str], and: &str| {
        fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(and)
    };
    let rule = |rule: &Rule| match rule {
        Rule::AnyOf { fields, .. } => format!("A row gives {} at least.", keys(fields, " or ")),
        Rule::Differ { fields, .. } => format!("{} are different records.", keys(fields, " and ")),
        Rule::InOrder { start, end } => format!("`{end}` is not before `{start}`."),
        Rule::TwoCapitals { field, .. } => format!("`{field}` is two capital letters."),
    };
    let unique = kind
        .unique
        .iter()
        .map(|one| format!("No two rows have the same {}.", keys(one.fields, " and ")));
    kind.rules.iter().map(rule).chain(unique).collect()
}
