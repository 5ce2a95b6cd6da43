//! Brings in a large set of Popolo files: how long that takes, beside the `sqlite3` command bringing
//! the same rows into the same tables from CSV, and how much memory. Then takes the data out: how
//! much memory that takes, beside what the small made-up world takes.
//!
//! `POPOLO=FOLDER cargo bench --bench import`; without the variable, the world set beside the
//! project, where it is there. Times of one run stand beside each other; trust their ratios.
#![expect(clippy::print_stdout, reason = "a report")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use assembly_graph::{
    export::{self, Export, Format, Out},
    import::popolo::{self, Options, Report},
    sample::{self, Size},
    store,
};
use chrono::Utc;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

/// Where the world set stands where nothing else is said.
const WORLD: &str = "../shared/data/everypolitician-world";

/// Begins to count anew what `peak` tells; on Linux.
fn reset_peak() {
    // Elsewhere, and where it is forbidden, the peak is not known either, or counts from the start.
    drop(fs::write("/proc/self/clear_refs", "5"));
}

/// The most memory that this process has held at once since then, in MiB; known on Linux.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

async fn import(database: &DatabaseConnection, folder: &Path) -> (Report, Duration) {
    let start = Instant::now();
    let (paths, options) = ([folder.to_owned()], Options::default());
    let report = popolo::import(database, &paths, &options, Utc::now(), |_| {});
    (report.await.expect("the files are Popolo"), start.elapsed())
}

/// Has the `sqlite3` command run a script; answers what it prints.
fn sqlite3(database: &Path, script: &str) -> Vec<u8> {
    let mut command = Command::new("sqlite3");
    command.args(["-batch", "-bail"]).arg(database).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("sqlite3 starts");
    let mut input = child.stdin.take().expect("an input");
    input.write_all(script.as_bytes()).expect("it reads its script");
    drop(input);
    let output = child.wait_with_output().expect("sqlite3 ends");
    assert!(output.status.success(), "sqlite3 failed");
    output.stdout
}

/// The tables of a database that hold anything, and how many rows.
async fn tables(database: &DatabaseConnection) -> Vec<(String, i64)> {
    let backend = database.get_database_backend();
    let named = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let named = database.query_all_raw(Statement::from_string(backend, named)).await;
    let mut tables = Vec::new();
    for row in named.expect("tables can be listed") {
        let name: String = row.try_get("", "name").expect("a name");
        let count = format!("SELECT count(*) AS n FROM \"{name}\"");
        let count = database.query_one_raw(Statement::from_string(backend, count)).await;
        let count = count.expect("rows can be counted").expect("a count").try_get("", "n");
        let count = count.expect("a number");
        if count > 0 {
            tables.push((name, count));
        }
    }
    tables
}

/// Takes the data out and throws it away: how many bytes, how long, and how much memory at once.
async fn export(database: &DatabaseConnection, format: Format) -> (usize, Duration, Option<u64>) {
    reset_peak();
    let start = Instant::now();
    let export = Export::begin(database, export::Options::default()).await.expect("it begins");
    let (mut out, mut pieces) = Out::new();
    let writing = async {
        export.write(format, &mut out).await.expect("it is written");
        drop(out);
    };
    let reading = async {
        let mut bytes = 0;
        while let Some(piece) = pieces.recv().await {
            bytes += piece.len();
        }
        bytes
    };
    let ((), bytes) = tokio::join!(writing, reading);
    (bytes, start.elapsed(), peak())
}

fn main() {
    let folder = std::env::var_os("POPOLO").map_or_else(|| PathBuf::from(WORLD), PathBuf::from);
    if !folder.exists() {
        println!("left out: there is no folder {}; name one in POPOLO", folder.display());
        return;
    }
    let here =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("import_{}", std::process::id()));
    fs::create_dir_all(&here).expect("a folder can be made");
    tokio::runtime::Runtime::new().expect("a runtime").block_on(report(&folder, &here));
    fs::remove_dir_all(&here).expect("the folder can be removed");
}

async fn report(folder: &Path, here: &Path) {
    let file = here.join("own.sqlite");
    let database = store::connect(&file.display().to_string()).await.expect("a database");
    store::migrate(&database).await.expect("tables");
    let (first, own) = import(&database, folder).await;
    let peak = peak().map_or_else(|| "not known here".to_owned(), |mib| format!("{mib} MiB"));
    let small = store::connect(&here.join("small.sqlite").display().to_string()).await;
    let small = small.expect("a database");
    store::migrate(&small).await.expect("tables");
    sample::fill(&small, Size::SMALL).await.expect("the sample fits");
    let mut exports = Vec::new();
    for (name, format) in [("jsonl", Format::Jsonl), ("popolo", Format::Popolo)] {
        let base = export(&small, format).await;
        exports.push((name, base, export(&database, format).await));
    }
    small.close().await.expect("it closes");
    let (again, second) = import(&database, folder).await;
    assert_eq!(again.applied, Default::default(), "the same again changes nothing");
    let records = first.applied.created;
    let rate = records as f64 / own.as_secs_f64();
    println!("| what | time | to `sqlite3 .import` |\n| --- | --- | --- |");
    let tables = tables(&database).await;
    let rows: i64 = tables.iter().map(|table| table.1).sum();
    database.close().await.expect("it closes");

    let there = Command::new("sqlite3").arg("--version").stdout(Stdio::null()).status();
    let plain = match there {
        Ok(status) if status.success() => {
            let schema = String::from_utf8(sqlite3(&file, ".schema --nosys")).expect("text");
            let other = here.join("plain.sqlite");
            sqlite3(&other, &schema);
            let mut script = String::from(".mode csv\nPRAGMA journal_mode=WAL;\n");
            for (name, _) in &tables {
                let rows = sqlite3(&file, &format!(".mode csv\nSELECT * FROM \"{name}\";"));
                let csv = here.join(format!("{name}.csv"));
                fs::write(&csv, rows).expect("a file can be written");
                script.push_str(&format!(
                    "DELETE FROM \"{name}\";\n.import {} {name}\n",
                    csv.display()
                ));
            }
            let lines = here.join("import.sql");
            fs::write(&lines, script).expect("a file can be written");
            let start = Instant::now();
            sqlite3(&other, &format!(".read {}", lines.display()));
            Some(start.elapsed())
        }
        _ => None,
    };
    let ratio = |time: Duration| match plain {
        Some(plain) => format!("{:.2}", time.as_secs_f64() / plain.as_secs_f64()),
        None => "left out: there is no `sqlite3`".to_owned(),
    };
    let line = |what: &str, time: Duration| {
        println!("| {what} | {:.2} s | {} |", time.as_secs_f64(), ratio(time));
    };
    line("import popolo", own);
    line("the same again", second);
    if let Some(plain) = plain {
        line(&format!("sqlite3 .import of the same {rows} rows"), plain);
    }
    println!("\n| export | bytes | time | memory | bytes of the small world | memory |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for (name, base, whole) in exports {
        let mib = |mib: Option<u64>| mib.map_or("not known".to_owned(), |mib| format!("{mib} MiB"));
        let (seconds, peak) = (whole.1.as_secs_f64(), mib(whole.2));
        println!(
            "| {name} | {} | {seconds:.1} s | {peak} | {} | {} |",
            whole.0,
            base.0,
            mib(base.2)
        );
    }
    println!(
        "\n{} files, {records} records, {rows} rows: {rate:.0} records a second; memory at most {peak}",
        first.files
    );
}
