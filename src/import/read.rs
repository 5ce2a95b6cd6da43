//! Opens the files of a data set and reads their rows.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    ImportError, csv, jsonl,
    raw::{File, Problem, Raw},
    toml,
};

/// The built-in data set.
pub fn built_in() -> Vec<File> {
    static DATA: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/data");
    let mut files: Vec<_> = DATA
        .files()
        .filter(|file| file.path().extension().is_some_and(|end| end == "toml"))
        .map(|file| File {
            name: format!("data/{}", file.path().display()).into(),
            text: file.contents_utf8().unwrap_or_default().to_owned(),
        })
        .collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

/// Opens files, and the .toml, .jsonl and .csv files of folders.
pub fn open(paths: &[PathBuf]) -> Result<Vec<File>, ImportError> {
    let mut files = Vec::new();
    for path in paths {
        let unreadable = |error: io::Error| ImportError::Unreadable {
            path: path.clone(),
            reason: reason(&error),
        };
        if path.is_dir() {
            let entries = path.read_dir().map_err(unreadable)?;
            let mut found = Vec::new();
            for entry in entries {
                let entry = entry.map_err(unreadable)?.path();
                let end = entry.extension().and_then(|end| end.to_str());
                if end.is_some_and(|end| EXTENSIONS.contains(&end)) {
                    found.push(entry);
                }
            }
            if found.is_empty() {
                let reason = "the folder has no .toml, .jsonl or .csv file".to_owned();
                return Err(ImportError::NotADataSet { path: path.clone(), reason });
            }
            found.sort();
            for path in found {
                files.push(read(&path)?);
            }
        } else {
            files.push(read(path)?);
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<File, ImportError> {
    let bytes = std::fs::read(path).map_err(|error| ImportError::Unreadable {
        path: path.to_owned(),
        reason: reason(&error),
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        let reason = format!("line {line} is not UTF-8 text");
        ImportError::NotADataSet { path: path.to_owned(), reason }
    })?;
    Ok(File { name: path.display().to_string().into(), text })
}

/// The file name extensions of the formats.
const EXTENSIONS: &[&str] = &["toml", "jsonl", "csv"];

/// Reads the rows of a file in the format of its extension. Adds an error to `problems` for each value
/// that is not a row.
///
/// # Errors
///
/// A syntax error after which the rows of the file are unknown.
pub fn rows(file: &File, problems: &mut Vec<Problem>) -> Result<Vec<Raw>, Problem> {
    match Path::new(&*file.name).extension().and_then(|extension| extension.to_str()) {
        Some("jsonl") => Ok(jsonl::rows(file, problems)),
        Some("csv") => Ok(csv::rows(file, problems)),
        _ => toml::rows(file, problems),
    }
}

/// The reason of an I/O error for messages, without the error number.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_lowercase()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_reported_without_an_error_number() {
        let error = open(&["absent.toml".into()]).expect_err("there is no such file");
        assert_eq!(error.to_string(), "Cannot read absent.toml: no such file");
    }
}
