//! JSON Lines: one row of the data set a line.

use super::{Out, Wrong, record::Reader, rows::Rows};

pub async fn write(reader: Reader<'_>, out: &mut Out) -> Result<(), Wrong> {
    let mut rows = Rows::all(reader);
    let mut line = Vec::new();
    while let Some(some) = rows.next().await? {
        for row in some {
            line.clear();
            serde_json::to_writer(&mut line, &row)?;
            line.push(b'\n');
            out.write(&line).await?;
        }
    }
    Ok(())
}
