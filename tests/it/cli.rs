//! The program as a newcomer runs it.

use std::{
    collections::BTreeSet,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::served::Served;

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
fn the_first_start_fills_a_database_and_the_second_does_not() {
    let folder = Folder::new();
    let query = "{ service { revision } contradictions { totalCount } }";
    let served = Served::of(folder.program());
    let said = served.said();
    assert!(said.contains("filling it with the data set"), "{said}");
    let first = served.ask(query);
    assert!(first.body.contains("\"totalCount\":41"), "{first:?}");
    drop(served);
    assert!(folder.0.join("assembly-graph.sqlite").exists());
    let served = Served::of(folder.program());
    // The address is the first thing that it says.
    let said = served.said();
    assert!(said.starts_with("serving assembly-graph.sqlite at http://"), "{said}");
    assert_eq!(served.ask(query).body, first.body);
}

/// A server dies of a stack that is too small; a test's own thread would say nothing of that.
#[test]
fn the_deepest_question_is_answered() {
    let folder = Folder::new();
    let served = Served::of(folder.program());
    let nested = |levels: usize| {
        let ring = ["member", "memberships(first: 1)", "nodes"];
        let steps = ring.iter().cycle().take(levels);
        let open: String = steps.map(|step| format!("{step} {{ ")).collect();
        // The last step may lead to a connection, which has no slug.
        let leaf = if levels % 3 == 2 { "totalCount" } else { "slug" };
        let root = "membership(slug: \"viktor-kogut-csto-pa-delegation-by-representative\")";
        format!("{{ {root} {{ {open} {leaf} {} }} }}", "} ".repeat(levels))
    };
    let answer = served.ask(&nested(46));
    assert!(answer.body.contains("\"statements\":3"), "{answer:?}");
    assert!(served.ask(&nested(47)).body.contains("Too many levels of fields; the maximum is 48."));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_cleanly() {
    let folder = Folder::new();
    let (ended, said) = Served::of(folder.program()).interrupt();
    assert!(ended.success());
    assert!(said.ends_with("ended\n"), "{said}");
}

#[test]
fn a_taken_port_is_told() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = folder.run(&["--listen", &address]);
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains(&format!("{address} is taken")), "{said}");
    assert!(!folder.0.join("assembly-graph.sqlite").exists(), "nothing was made");
}

#[test]
fn import_tells_what_it_did() {
    let folder = Folder::new();
    let sound = "[[document]]\nslug = \"almanac\"\nkind = \"OFFICIAL\"\n";
    fs::create_dir(folder.0.join("set")).unwrap();
    fs::write(folder.0.join("set/a.toml"), sound).unwrap();
    let output = folder.run(&["import", "set"]);
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("imported: 1 records new, 0 altered"));
    let output = folder.run(&["import", "set/a.toml"]);
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("no changes"));
    fs::write(folder.0.join("set/a.toml"), sound.replace("OFFICIAL", "OFICIAL")).unwrap();
    let output = folder.run(&["import", "set"]);
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains("set/a.toml:3: document almanac: `kind` must be one of"), "{said}");
    for (args, message) in [
        (&["import", "nowhere"][..], "nowhere"),
        (&["import"], "required"),
        (&["--database", "postgres://nobody@127.0.0.1:1/x", "migrate"], "the database postgres://"),
    ] {
        let output = folder.run(args);
        assert!(!output.status.success(), "{args:?}");
        let said = text(&output.stderr);
        assert!(said.contains(message), "{args:?}: {said}");
    }
}

#[test]
fn check_tells_the_state_of_the_data() {
    let folder = Folder::new();
    let output = folder.run(&["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no database assembly-graph.sqlite"));
    assert!(folder.run(&["import", "--shipped"]).status.success());

    let output = folder.run(&["check", "--as-of", "2022-06-06"]);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    for line in ["revision 1058, as of 2022-06-06", "records without sources: 0", "sound"] {
        assert!(told.lines().any(|told| told == line), "{told}");
    }
    let seats = |line: &&str| line.trim_start().starts_with("csto-pa-delegation-kg ");
    let seats = told.lines().find(seats).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(seats, ["csto-pa-delegation-kg", "1", "6", "yes"]);

    let output = folder.run(&["check", "--strict", "--json"]);
    assert_eq!(output.status.code(), Some(1), "eight contradictions are open");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["counts"]["DOCUMENT"], 266);
    assert_eq!(told["open"].as_array().unwrap().len(), 8);
    assert_eq!(told["contradictions"]["VALUES"], serde_json::json!({ "open": 8, "explained": 32 }));

    let wrong = "[[membership]]\nslug = \"boris-gryzlov-csto-pa-chair\"\nmember = \"boris-gryzlov\"\n\
                 organization = \"csto-pa\"\nrole = \"CHAIR\"\nsince = \"2008\"\n\
                 until = \"2007\"\nsources = [\"rferl-1072794\"]\n";
    fs::write(folder.0.join("wrong.toml"), wrong).unwrap();
    assert!(folder.run(&["import", "wrong.toml"]).status.success());
    let output = folder.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    assert!(told.contains("dates out of order: 1"), "{told}");
    assert!(
        told.contains("END_BEFORE_START  end-before-start--boris-gryzlov-csto-pa-chair--until")
    );
    assert_eq!(told.lines().last(), Some("not sound"));

    let output = folder.run(&["check", "--as-of", "2022-02-30"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--as-of"));
}

#[test]
fn export_writes_whole_files_or_none() {
    let folder = Folder::new();
    let output = folder.run(&["export", "popolo"]);
    assert!(text(&output.stderr).contains("there is no database assembly-graph.sqlite"));
    assert!(folder.run(&["import", "--shipped"]).status.success());

    let printed = folder.run(&["export", "jsonl"]);
    assert!(printed.status.success() && printed.stderr.is_empty());
    fs::write(folder.0.join("all.jsonl"), "of before").unwrap();
    let output = folder.run(&["export", "jsonl", "--out", "all.jsonl"]);
    assert!(text(&output.stderr).contains("exported: revision 1058"));
    assert!(fs::read(folder.0.join("all.jsonl")).unwrap() == printed.stdout);
    let output = folder.run(&["export", "csv", "--out", "tables"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = folder.run(&["export", "csv", "--table", "member"]);
    assert!(fs::read(folder.0.join("tables/member.csv")).unwrap() == printed.stdout);
    let output = folder.run(&["--database", "again.sqlite", "import", "tables"]);
    assert!(text(&output.stderr).contains("imported: 1058 records new"));
    let output = folder.run(&["--database", "again.sqlite", "import", "all.jsonl"]);
    assert!(text(&output.stderr).contains("no changes"));

    let files = || {
        let all = [".", "tables"].map(|name| fs::read_dir(folder.0.join(name)).unwrap());
        let all = all.into_iter().flatten().map(|entry| entry.unwrap().path());
        // The database keeps a journal beside itself, or none.
        let others = all.filter(|path| !path.to_string_lossy().contains(".sqlite"));
        others.collect::<BTreeSet<_>>()
    };
    let before = files();
    for (args, message) in [
        (&["export", "csv"][..], "name a folder with --out DIR, or one table with --table NAME"),
        (&["export", "csv", "--out", "all.jsonl"], "all.jsonl is a file: csv is one file a table"),
        (&["export", "csv", "--table", "members"], "the tables are assembly, state,"),
        (&["export", "jsonl", "--table", "member"], "--table is of csv only"),
        (&["export", "popolo", "--out", "tables"], "tables is a folder: name a file in it"),
        (&["export", "popolo", "--out", "nowhere/p.json"], "nowhere/p.json: No such file"),
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

    // Whoever reads no further is no failure of ours.
    let mut child =
        folder.program().args(["export", "jsonl"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_export_does_not_write_over_its_database() {
    let folder = Folder::new();
    assert!(folder.run(&["import", "--shipped"]).status.success());
    let output = folder.run(&["export", "jsonl", "--out", "./assembly-graph.sqlite"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("is a file of the database itself"));
    assert!(folder.run(&["check"]).status.success());
}

#[test]
fn a_dry_run_makes_no_database() {
    let folder = Folder::new();
    for what in ["page", "popolo"] {
        let output = folder.run(&["import", what, "nothing.json", "--dry-run"]);
        assert!(text(&output.stderr).contains("there is no database assembly-graph.sqlite"));
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    }
}

#[test]
fn schema_prints_the_contract() {
    let folder = Folder::new();
    let output = folder.run(&["schema"]);
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    assert!(text(&output.stdout) == fs::read_to_string(published).unwrap(), "another contract");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0, "no database is made for it");
}
