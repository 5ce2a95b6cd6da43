//! JSON Lines: each line is one row of the data set.

use super::{ExportError, Output, record::Reader, rows::Rows};

pub async fn write(reader: Reader<'_>, out: &mut Output) -> Result<(), ExportError> {
    let mut rows = Rows::all(reader);
    let mut line = Vec::new();
    while let Some(batch) = rows.next().await? {
        for row in batch {
            line.clear();
            serde_json::to_writer(&mut line, &row)?;
            line.push(b'\n');
            out.write(&line).await?;
        }
    }
    Ok(())
}
