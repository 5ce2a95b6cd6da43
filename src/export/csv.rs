//! CSV: one table of the data set a file. Lists and tables stand in their cells as JSON.

use serde_json::Value;

use super::{Out, Wrong, record::Reader, rows::Rows};
use crate::import::{csv::ORDER, keys::Table};

pub async fn write(reader: Reader<'_>, table: Table, out: &mut Out) -> Result<(), Wrong> {
    let columns: Vec<String> = table.cells().into_iter().map(|(name, _)| name).collect();
    let header = [ORDER].into_iter().chain(columns.iter().map(String::as_str));
    out.write(&line(header)?).await?;
    let mut rows = Rows::of(reader, table);
    while let Some(some) = rows.next().await? {
        for row in some {
            let order = row.order.to_string();
            let cells = columns.iter().map(|column| {
                let held = row.keys.iter().find(|(key, _)| key == column);
                held.map(|(_, value)| cell(value)).unwrap_or_default()
            });
            let cells: Vec<String> = [order].into_iter().chain(cells).collect();
            out.write(&line(cells.iter().map(String::as_str))?).await?;
        }
    }
    Ok(())
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, Wrong> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells)?;
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
}
