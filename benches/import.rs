//! Imports a large set of Popolo files: the time, compared with the `sqlite3` command
//! bringing the same rows into the same tables from CSV, and how much memory. Then takes the data
//! out: how much memory that takes, compared with the small sample world.
//!
//! `POPOLO=FOLDER cargo bench --bench import`; without the variable, only the small world is taken
//! out. Times of one run are comparable; trust their ratios.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a report, set by variables")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use assembly_graph::{
    export::{self, Export, Format, Output},
    import::{
        Applied,
        keys::Table,
        popolo::{self, Options, Report},
    },
    sample::{self, Size},
    store,
};
use chrono::Utc;
use entity::RecordKind;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

/// Has the bench measure one export, in a process of its own: in this one, what imports gave back
/// would be taken again, and not be seen to grow.
const EXPORT: &str = "--one-export";
/// Interval at which the memory of an export is measured.
const PAUSE: Duration = Duration::from_millis(1);

/// Memory of this process in KiB, by its name in `/proc/self/status`. `None` on other systems than Linux.
fn memory(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Anonymous memory: excludes the mapped file of the database.
fn anonymous_memory() -> Option<u64> {
    memory("RssAnon")
}

async fn import(database: &DatabaseConnection, folder: &Path) -> (Report, Duration) {
    let start = Instant::now();
    let (paths, options) = ([folder.to_owned()], Options::default());
    let report = popolo::import(database, &paths, &options, Utc::now(), |_| {});
    (report.await.expect("the files are Popolo"), start.elapsed())
}

/// Runs a script with the `sqlite3` command; returns its output.
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

/// The tables of a database that hold anything, and how many rows; without indexes of words.
async fn tables(database: &DatabaseConnection) -> Vec<(String, i64)> {
    let backend = database.get_database_backend();
    let named =
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
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

/// Takes the data out and throws it away; prints how many bytes, how many milliseconds, and how
/// many KiB were held at once beyond what was held before.
async fn export(database: &str, format: &str) {
    let (_, format) = FORMATS.into_iter().find(|known| known.0 == format).expect("a format");
    let database = store::connect(database).await.expect("a database");
    // Whatever a first statement sets up is no part of an export.
    store::revision(&database).await.expect("a revision");
    let before = anonymous_memory();
    let ended = AtomicBool::new(false);
    let (most, bytes, time) = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = anonymous_memory();
            while !ended.load(Ordering::Relaxed) {
                most = most.max(anonymous_memory());
                thread::sleep(PAUSE);
            }
            most
        });
        let start = Instant::now();
        let bytes = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(export_size(&database, format))
        });
        let time = start.elapsed();
        ended.store(true, Ordering::Relaxed);
        (watch.join().expect("the thread does not panic"), bytes, time)
    });
    let rose = most.zip(before).map(|(most, before)| most.saturating_sub(before));
    println!("{bytes} {} {}", time.as_millis(), rose.map_or(String::new(), |kib| kib.to_string()));
    database.close().await.expect("it closes");
}

async fn export_size(database: &DatabaseConnection, format: Format) -> usize {
    let export = Export::begin(database, export::Options::default()).await.expect("it begins");
    let (mut out, mut pieces) = Output::new();
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
    tokio::join!(writing, reading).1
}

/// The exports that are measured.
const FORMATS: [(&str, Format); 3] = [
    ("jsonl", Format::Jsonl),
    ("popolo", Format::Popolo),
    ("csv of memberships", Format::Csv(Table::Records(RecordKind::Membership))),
];

/// Measures one export of a database in a file. Returns the cells of a table.
fn measure(database: &Path, format: &str) -> String {
    let own = std::env::current_exe().expect("a program");
    let output = Command::new(own).arg(EXPORT).arg(database).arg(format).output();
    let output = output.expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = String::from_utf8(output.stdout).expect("text");
    let numbers: Vec<f64> = output.split_whitespace().flat_map(str::parse).collect();
    let rose = numbers.get(2).map(|kib| format!("{:.1} MiB", kib / 1024.0));
    let rose = rose.unwrap_or("not known here".to_owned());
    format!("{} bytes | {:.1} s | {rose}", numbers[0], numbers[1] / 1000.0)
}

async fn sample(file: &Path) {
    let small = store::connect(&file.display().to_string()).await.expect("a database");
    store::migrate(&small).await.expect("tables");
    sample::fill(&small, Size::SMALL).await.expect("the sample fits");
    small.close().await.expect("it closes");
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [EXPORT, database, format] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        return runtime.block_on(export(database, format));
    }
    let here =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("import_{}", std::process::id()));
    fs::create_dir_all(&here).expect("a folder can be made");
    let small = here.join("small.sqlite");
    runtime.block_on(sample(&small));
    let mut worlds = vec![("small", small)];
    match std::env::var_os("POPOLO") {
        Some(folder) => {
            let file = here.join("own.sqlite");
            runtime.block_on(report(Path::new(&folder), &here, &file));
            worlds.push(("large", file));
        }
        None => println!(
            "skipped: the import, and the exports of the large world; POPOLO names no folder"
        ),
    }
    println!("\n| export | world | size | time | memory beyond what was held before |");
    println!("| --- | --- | --- | --- | --- |");
    for (format, _) in FORMATS {
        for (world, file) in &worlds {
            println!("| {format} | {world} | {} |", measure(file, format));
        }
    }
    fs::remove_dir_all(&here).expect("the folder can be removed");
}

async fn report(folder: &Path, here: &Path, file: &Path) {
    let database = store::connect(&file.display().to_string()).await.expect("a database");
    store::migrate(&database).await.expect("tables");
    let (first, own) = import(&database, folder).await;
    let peak = memory("VmHWM");
    let peak = peak.map_or("not known here".to_owned(), |kib| format!("{} MiB", kib / 1024));
    let (again, second) = import(&database, folder).await;
    assert_eq!(again.applied, Applied::default(), "the same again changes nothing");
    let records = first.applied.created;
    let rate = records as f64 / own.as_secs_f64();
    println!("| what | time | to `sqlite3 .import` |\n| --- | --- | --- |");
    let tables = tables(&database).await;
    let rows: i64 = tables.iter().map(|table| table.1).sum();
    database.close().await.expect("it closes");

    let there = Command::new("sqlite3").arg("--version").stdout(Stdio::null()).status();
    let plain = match there {
        Ok(status) if status.success() => {
            let schema = String::from_utf8(sqlite3(file, ".schema --nosys")).expect("text");
            let other = here.join("plain.sqlite");
            sqlite3(&other, &schema);
            let mut script = String::from(".mode csv\nPRAGMA journal_mode=WAL;\n");
            for (name, _) in &tables {
                let rows = sqlite3(file, &format!(".mode csv\nSELECT * FROM \"{name}\";"));
                let csv = here.join(format!("{name}.csv"));
                fs::write(&csv, rows).expect("a file can be written");
                script.push_str(&format!(
                    "DELETE FROM \"{name}\";\n.import {} {name}\n",
                    csv.display()
                ));
            }
            for index in ["term_word", "term_gram"] {
                script.push_str(&format!("INSERT INTO {index} ({index}) VALUES ('rebuild');\n"));
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
        None => "skipped: `sqlite3` is not installed".to_owned(),
    };
    let line = |what: &str, time: Duration| {
        println!("| {what} | {:.2} s | {} |", time.as_secs_f64(), ratio(time));
    };
    line("import popolo", own);
    line("the same again", second);
    if let Some(plain) = plain {
        line(&format!("sqlite3 .import of the same {rows} rows"), plain);
    }
    println!(
        "\n{} files, {records} records, {rows} rows: {rate:.0} records a second; \
         memory at most {peak}",
        first.files
    );
}
