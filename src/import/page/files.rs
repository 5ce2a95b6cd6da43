//! Opens the files of pages.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use page_reader::{MAX_BYTES, Page, Problem};

use crate::import::read::reason;

/// The extensions of the files that are read from a folder.
const EXTENSIONS: &[&str] = &["txt", "html", "htm", "xhtml"];

/// Reads pages: files, and the .txt, .html and .htm files of folders.
pub fn open(paths: &[PathBuf]) -> Vec<Result<Page, Problem>> {
    let mut pages = Vec::new();
    for path in paths {
        if !path.is_dir() {
            pages.push(read(path));
            continue;
        }
        match files_of(path) {
            Ok(files) if files.is_empty() => {
                let message = "the folder has no page: no .txt, .html or .htm file";
                pages.push(Err(Problem::new(path, 0, message)));
            }
            Ok(files) => pages.extend(files.iter().map(|file| read(file))),
            Err(error) => pages.push(Err(unreadable(path, &error))),
        }
    }
    pages
}

fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let extension = extension.map(str::to_ascii_lowercase).unwrap_or_default();
        if EXTENSIONS.contains(&extension.as_str()) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<Page, Problem> {
    let mut bytes = Vec::new();
    // Reads one byte more than the maximum: the size of a pipe is unknown.
    let file = fs::File::open(path).map(|file| file.take(MAX_BYTES as u64 + 1));
    let read = file.and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(|error| unreadable(path, &error))?;
    Page::parse(path, &bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(path, 0, format!("cannot be read: {}", reason(error)))
}
