//! Reads files and folders of the data set into rows.

use std::path::{Path, PathBuf};

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

/// Reads files, and those files of folders whose names say that they hold rows.
pub fn open(paths: &[PathBuf]) -> Result<Vec<File>, ImportError> {
    let mut files = Vec::new();
    for path in paths {
        let unreadable = |source| ImportError::Unreadable { path: path.clone(), source };
        if path.is_dir() {
            let entries = path.read_dir().map_err(unreadable)?;
            let mut found = Vec::new();
            for entry in entries {
                let entry = entry.map_err(unreadable)?.path();
                let end = entry.extension().and_then(|end| end.to_str());
                if end.is_some_and(|end| ENDINGS.contains(&end)) {
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
    let bytes = std::fs::read(path)
        .map_err(|source| ImportError::Unreadable { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        let reason = format!("line {line} is not UTF-8 text");
        ImportError::NotADataSet { path: path.to_owned(), reason }
    })?;
    Ok(File { name: path.display().to_string().into(), text })
}

/// The endings of the names of files that hold rows of the data set.
const ENDINGS: &[&str] = &["toml", "jsonl", "csv"];

/// The rows of a file, read by the ending of its name; what is no row is reported.
pub fn rows(file: &File, problems: &mut Vec<Problem>) -> Vec<Raw> {
    match Path::new(&*file.name).extension().and_then(|end| end.to_str()) {
        Some("jsonl") => jsonl::rows(file, problems),
        Some("csv") => csv::rows(file, problems),
        _ => toml::rows(file, problems),
    }
}
