//! CSV: one file for each table of the data set. A list or a table is a cell of JSON.

use serde_json::Value;

use super::{ExportError, Output, record::Reader, rows::Rows};
use crate::import::{csv::ORDER, keys::Table};

pub async fn write(reader: Reader<'_>, table: Table, out: &mut Output) -> Result<(), ExportError> {
    let columns: Vec<String> = table.cells().into_iter().map(|(name, _)| name).collect();
    let header = [ORDER].into_iter().chain(columns.iter().map(String::as_str));
    out.write(&line(header)?).await?;
    let mut rows = Rows::of_table(reader, table);
    while let Some(batch) = rows.next().await? {
        for row in batch {
            let order = row.order.to_string();
            let cells = columns.iter().map(|column| {
                let value = row.keys.iter().find(|(key, _)| key == column);
                value.map(|(_, value)| cell(value)).unwrap_or_default()
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

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells)?;
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
}
