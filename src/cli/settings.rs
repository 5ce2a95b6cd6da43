//! `config`: prints the effective value of each setting and its source.

use serde_json::{Value, json};

use super::{masked, report};
use crate::config::{Setting, SettingSource};

/// Formats settings as a table for a terminal.
pub fn text(settings: &[Setting]) -> String {
    report::table(settings.iter().map(|setting| {
        let value = printable_value(setting).unwrap_or_else(|| "-".to_owned());
        vec![setting.name.clone(), value, setting.source.to_string()]
    }))
}

/// Formats settings as JSON. Values are strings, in the syntax of flags.
pub fn json(settings: &[Setting]) -> Value {
    let settings = settings.iter().map(|setting| {
        let mut object = json!({ "name": setting.name, "value": printable_value(setting) });
        object["source"] = match &setting.source {
            SettingSource::Flag => "flag".into(),
            SettingSource::Env(name) => {
                object["variable"] = json!(name);
                "variable".into()
            }
            SettingSource::File { path, line } => {
                object["file"] = json!(path.to_string_lossy());
                object["line"] = json!(line);
                "file".into()
            }
            SettingSource::Default => "default".into(),
        };
        object
    });
    settings.collect()
}

/// The value of a setting, without passwords.
fn printable_value(setting: &Setting) -> Option<String> {
    let value = setting.value.as_deref()?;
    Some(if setting.name == "database" { masked(value) } else { value.to_owned() })
}
