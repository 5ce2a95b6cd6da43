//! `config`: each setting in force, and where it was made.

use serde_json::{Value, json};

use super::{masked, table};
use crate::config::{Setting, SettingSource};

/// As a table, for people.
pub fn text(settings: &[Setting]) -> String {
    let rows = settings.iter().map(|setting| {
        let value = shown(setting).unwrap_or_else(|| "-".to_owned());
        vec![setting.name.clone(), value, setting.source.to_string()]
    });
    table::lines(&rows.collect::<Vec<_>>())
}

/// As JSON, for machines: values as flags would say them.
pub fn json(settings: &[Setting]) -> Value {
    let all = settings.iter().map(|setting| {
        let mut one = json!({ "name": setting.name, "value": shown(setting) });
        let (from, place) = match &setting.source {
            SettingSource::Flag => ("flag", None),
            SettingSource::Variable(name) => ("variable", Some(("variable", json!(name)))),
            SettingSource::File { path, line } => {
                one["line"] = json!(line);
                ("file", Some(("file", json!(path.to_string_lossy()))))
            }
            SettingSource::Default => ("default", None),
        };
        one["from"] = json!(from);
        if let Some((key, place)) = place {
            one[key] = place;
        }
        one
    });
    all.collect()
}

/// A value as it may be shown: what is secret is left out.
fn shown(setting: &Setting) -> Option<String> {
    let value = setting.value.as_deref()?;
    Some(if setting.name == "database" { masked(value) } else { value.to_owned() })
}
