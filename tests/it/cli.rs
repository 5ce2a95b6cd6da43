//! Runs the program as a user does.

use std::{
    collections::BTreeSet,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::server::ServerProcess;

/// An empty folder to run in, removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("cli_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn program(&self) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_assembly-graph"));
        program.current_dir(&self.0).env_remove("DATABASE_URL").env_remove("LISTEN");
        program
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.program().args(args).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn only_the_first_start_imports_the_built_in_data_set() {
    let folder = Folder::new();
    let query = "{ service { revision } contradictions { totalCount } }";
    let served = ServerProcess::of(folder.program());
    let stderr = served.log();
    assert!(stderr.contains("importing the built-in data set"), "{stderr}");
    let first = served.query(query);
    assert!(first.body.contains("\"totalCount\":41"), "{first:?}");
    drop(served);
    assert!(folder.0.join("assembly-graph.sqlite").exists());
    let served = ServerProcess::of(folder.program());
    // The first line contains the address.
    let stderr = served.log();
    assert!(stderr.starts_with("serving assembly-graph.sqlite at http://"), "{stderr}");
    assert_eq!(served.query(query).body, first.body);
}

/// Runs in a server process, because the threads of a test have another stack size.
#[test]
fn a_query_of_maximum_depth_fits_on_the_stack() {
    let folder = Folder::new();
    let served = ServerProcess::of(folder.program());
    let nested = |levels: usize| {
        let cycle = ["member", "memberships(first: 1)", "nodes"];
        let steps = cycle.iter().cycle().take(levels);
        let open: String = steps.map(|step| format!("{step} {{ ")).collect();
        // If the last field is a connection, it has no slug.
        let leaf = if levels % 3 == 2 { "totalCount" } else { "slug" };
        let root = "membership(slug: \"viktor-kogut-csto-pa-delegation-by-representative\")";
        format!("{{ {root} {{ {open} {leaf} {} }} }}", "} ".repeat(levels))
    };
    let response = served.query(&nested(46));
    assert!(response.body.contains("\"statements\":3"), "{response:?}");
    assert!(
        served.query(&nested(47)).body.contains("Too many levels of fields; the maximum is 48.")
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_the_server() {
    let folder = Folder::new();
    let (ended, stderr) = ServerProcess::of(folder.program()).interrupt();
    assert!(ended.success());
    assert!(stderr.ends_with("stopped\n"), "{stderr}");
}

#[test]
fn an_address_in_use_is_reported() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = folder.run(&["--listen", &address]);
    assert!(!output.status.success());
    let stderr = text(&output.stderr);
    let expected = format!("Address {address} is already in use; choose another with --listen.");
    assert!(stderr.contains(&expected), "{stderr}");
    assert!(!folder.0.join("assembly-graph.sqlite").exists(), "nothing was made");
}

#[test]
fn import_reports_changes_and_errors() {
    let folder = Folder::new();
    let valid = "[[document]]\nslug = \"almanac\"\nkind = \"OFFICIAL\"\n";
    fs::create_dir(folder.0.join("set")).unwrap();
    fs::write(folder.0.join("set/a.toml"), valid).unwrap();
    let output = folder.run(&["import", "set"]);
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("imported: 1 new record, 0 updated"));
    let output = folder.run(&["import", "set/a.toml"]);
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("no changes"));
    fs::write(folder.0.join("set/a.toml"), valid.replace("OFFICIAL", "OFICIAL")).unwrap();
    let output = folder.run(&["import", "set"]);
    assert!(!output.status.success());
    let stderr = text(&output.stderr);
    assert!(stderr.contains("set/a.toml:3: document almanac: `kind` must be one of"), "{stderr}");
    for (args, message) in [
        (&["import", "missing"][..], "missing"),
        (&["import"], "required"),
        (
            &["--database", "postgres://nobody@127.0.0.1:1/x", "migrate"],
            "cannot use the database postgres://",
        ),
    ] {
        let output = folder.run(args);
        assert!(!output.status.success(), "{args:?}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains(message), "{args:?}: {stderr}");
    }
}

#[test]
fn check_reports_problems() {
    let folder = Folder::new();
    let output = folder.run(&["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the database assembly-graph.sqlite does not exist"));
    assert!(folder.run(&["import", "--built-in"]).status.success());

    let output = folder.run(&["check", "--as-of", "2022-06-06"]);
    assert_eq!(output.status.code(), Some(0));
    let report = text(&output.stdout);
    for line in [
        "revision 1058, as of 2022-06-06",
        "records without sources: 0",
        "no problems found; 8 open contradictions",
    ] {
        assert!(report.lines().any(|report| report == line), "{report}");
    }
    let seats = |line: &&str| line.trim_start().starts_with("csto-pa-delegation-kg ");
    let seats = report.lines().find(seats).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(seats, ["csto-pa-delegation-kg", "1", "6", "yes"]);

    let output = folder.run(&["check", "--strict", "--json"]);
    assert_eq!(output.status.code(), Some(1), "eight contradictions are open");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["records"]["DOCUMENT"], 266);
    assert_eq!(report["open"].as_array().unwrap().len(), 8);
    assert_eq!(
        report["contradictions"]["VALUES"],
        serde_json::json!({ "open": 8, "explained": 32 })
    );

    let wrong = "[[membership]]\nslug = \"boris-gryzlov-csto-pa-chair\"\nmember = \"boris-gryzlov\"\n\
                 organization = \"csto-pa\"\nrole = \"CHAIR\"\nsince = \"2008\"\n\
                 until = \"2007\"\nsources = [\"rferl-1072794\"]\n";
    fs::write(folder.0.join("wrong.toml"), wrong).unwrap();
    assert!(folder.run(&["import", "wrong.toml"]).status.success());
    let output = folder.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    assert!(report.contains("contradictions of dates: 1"), "{report}");
    assert!(
        report.contains("END_BEFORE_START  end-before-start--boris-gryzlov-csto-pa-chair--until")
    );
    assert_eq!(report.lines().last(), Some("1 problem found"));

    let output = folder.run(&["check", "--as-of", "2022-02-30"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--as-of"));
}

#[test]
fn export_writes_complete_files_or_none() {
    let folder = Folder::new();
    let output = folder.run(&["export", "popolo"]);
    assert!(text(&output.stderr).contains("the database assembly-graph.sqlite does not exist"));
    assert!(folder.run(&["import", "--built-in"]).status.success());

    let printed = folder.run(&["export", "jsonl"]);
    assert!(printed.status.success() && printed.stderr.is_empty());
    fs::write(folder.0.join("all.jsonl"), "old").unwrap();
    let output = folder.run(&["export", "jsonl", "--out", "all.jsonl"]);
    assert!(text(&output.stderr).contains("exported revision 1058"));
    assert!(fs::read(folder.0.join("all.jsonl")).unwrap() == printed.stdout);
    let output = folder.run(&["export", "csv", "--out", "tables"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = folder.run(&["export", "csv", "--table", "member"]);
    assert!(fs::read(folder.0.join("tables/member.csv")).unwrap() == printed.stdout);
    let output = folder.run(&["--database", "again.sqlite", "import", "tables"]);
    assert!(text(&output.stderr).contains("imported: 1058 new records"));
    let output = folder.run(&["--database", "again.sqlite", "import", "all.jsonl"]);
    assert!(text(&output.stderr).contains("no changes"));

    let files = || {
        let all = [".", "tables"].map(|name| fs::read_dir(folder.0.join(name)).unwrap());
        let all = all.into_iter().flatten().map(|entry| entry.unwrap().path());
        // The database may have a journal file.
        let others = all.filter(|path| !path.to_string_lossy().contains(".sqlite"));
        others.collect::<BTreeSet<_>>()
    };
    let before = files();
    for (args, message) in [
        (&["export", "csv"][..], "csv needs --out DIR, or --table NAME for a single table"),
        (
            &["export", "csv", "--out", "all.jsonl"],
            "all.jsonl is a file; for csv, --out must be a folder",
        ),
        (&["export", "csv", "--table", "members"], "use one of assembly, state,"),
        (&["export", "jsonl", "--table", "member"], "--table is allowed only with csv"),
        (&["export", "popolo", "--out", "tables"], "tables is a folder; --out must be a file"),
        (&["export", "popolo", "--out", "missing/p.json"], "missing/p.json: No such file"),
        (&["export", "popolo", "--as-of", "2022-02-30"], "--as-of"),
        (
            &["export", "popolo", "--assembly", "x", "--out", "p.json"],
            "no assembly has the slug `x`",
        ),
        (&["export", "xml"], "popolo, jsonl, csv"),
    ] {
        let output = folder.run(args);
        assert!(!output.status.success(), "{args:?}");
        assert!(text(&output.stderr).contains(message), "{args:?}: {}", text(&output.stderr));
    }
    assert_eq!(files(), before, "something was left behind");

    #[cfg(unix)]
    {
        let output = folder.run(&["export", "popolo", "--out", "/dev/null"]);
        assert!(output.status.success() && !Path::new("/dev/null").is_file());
        std::os::unix::fs::symlink("all.jsonl", folder.0.join("link.jsonl")).unwrap();
        assert!(folder.run(&["export", "popolo", "--out", "link.jsonl"]).status.success());
        assert!(folder.0.join("link.jsonl").is_symlink());
        assert!(fs::read(folder.0.join("all.jsonl")).unwrap().starts_with(b"{\n\"meta\""));
    }

    // A closed pipe is not an error.
    let mut child =
        folder.program().args(["export", "jsonl"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_export_does_not_overwrite_its_database() {
    let folder = Folder::new();
    assert!(folder.run(&["import", "--built-in"]).status.success());
    let output = folder.run(&["export", "jsonl", "--out", "./assembly-graph.sqlite"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("is a file of the database"));
    assert!(folder.run(&["check"]).status.success());
}

#[test]
fn a_dry_run_creates_no_database() {
    let folder = Folder::new();
    for what in ["page", "popolo"] {
        let output = folder.run(&["import", what, "nothing.json", "--dry-run"]);
        assert!(text(&output.stderr).contains("the database assembly-graph.sqlite does not exist"));
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    }
}

#[test]
fn an_import_of_missing_files_creates_no_database() {
    let folder = Folder::new();
    for args in [&["import", "missing.toml"][..], &["import", "popolo", "missing.json"]] {
        let output = folder.run(args);
        assert_eq!(output.status.code(), Some(1));
        let name = args[args.len() - 1];
        let expected = format!("error: Cannot read {name}: no such file\n");
        assert_eq!(text(&output.stderr), expected);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    }
}

#[test]
fn help_shows_only_settings_that_the_command_reads() {
    let folder = Folder::new();
    for (command, own, others) in [
        (&["import"][..], "--built-in", "--listen"),
        (&["import", "popolo"], "--dry-run", "--built-in"),
        (&["export"], "--as-of", "--timeout"),
        (&["check"], "--database", "--rate-limit"),
        (&["health"], "--listen", "--database"),
        (&["config"], "--json", "--listen"),
        (&["migrate"], "--database", "--listen"),
        (&["schema"], "schema.graphql", "--database"),
    ] {
        for flag in ["-h", "--help"] {
            let output = folder.run(&[command, &[flag]].concat());
            let help = text(&output.stdout);
            assert!(help.contains(own) && !help.contains(others), "{help}");
            assert!(help.contains("Examples:") && help.lines().count() < 40, "{help}");
        }
    }
    let output = folder.run(&["check", "--timeout", "5s"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("unexpected argument '--timeout' found"));
}

#[test]
fn output_that_nobody_reads_is_an_error() {
    let folder = Folder::new();
    for args in [&["schema"][..], &["config"], &["config", "--json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = folder.program().args(args).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            stderr.starts_with("error: cannot write to standard output: "),
            "{args:?}: {stderr}"
        );
    }
}

#[test]
fn schema_prints_the_published_schema() {
    let folder = Folder::new();
    let output = folder.run(&["schema"]);
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    assert!(
        text(&output.stdout) == fs::read_to_string(published).unwrap(),
        "schema.graphql is stale"
    );
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0, "no database is made for it");
}
