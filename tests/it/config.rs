//! Settings: precedence of sources, errors, and the documented table.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Output},
    thread,
};

use assembly_graph::config::Config;
use clap::{Arg, builder::OsStr};
use serde_json::{Value, json};

use crate::cli::{Folder, text};

/// Runs the program in a folder, with only the given environment variables.
fn run(folder: &Folder, variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_assembly-graph"));
    program.current_dir(&folder.0).env_clear().envs(variables.iter().copied()).args(args);
    program.output().unwrap()
}

/// The output of `config --json`, by name of the setting.
fn settings(folder: &Folder, variables: &[(&str, &str)], args: &[&str]) -> BTreeMap<String, Value> {
    let args = [&["config", "--json"], args].concat();
    let output = run(folder, variables, &args);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let all: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    all.into_iter().map(|one| (one["name"].as_str().unwrap().to_owned(), one)).collect()
}

#[test]
fn a_flag_overrides_a_variable_which_overrides_the_file_which_overrides_the_default() {
    let folder = Folder::new();
    let file = "# Of this server.\nrate-limit = 20\ntimeout = \"5s\"\nmax-queued-requests = 0x10\n\
                cors-origins = [\"https://a.example\", \"https://b.example\"]\n\
                introspection = false\nlisten = \"0.0.0.0:8000\"\n";
    fs::write(folder.0.join("settings.toml"), file).unwrap();
    let variables = [
        ("ASSEMBLY_GRAPH_TIMEOUT", "6s"),
        ("ASSEMBLY_GRAPH_MAX_QUEUED_REQUESTS", ""),
        ("LISTEN", "127.0.0.1:80"),
    ];
    let args = ["--config", "settings.toml", "--listen", "127.0.0.1:81"];
    let settings = settings(&folder, &variables, &args);
    for (name, expected) in [
        ("config", json!({ "value": "settings.toml", "source": "flag" })),
        ("listen", json!({ "value": "127.0.0.1:81", "source": "flag" })),
        (
            "timeout",
            json!({ "value": "6s", "source": "variable", "variable": "ASSEMBLY_GRAPH_TIMEOUT" }),
        ),
        (
            "max-queued-requests",
            json!({ "value": "16", "source": "file", "file": "settings.toml", "line": 4 }),
        ),
        (
            "introspection",
            json!({
                "value": "false", "source": "file", "file": "settings.toml", "line": 6,
            }),
        ),
        (
            "cors-origins",
            json!({
                "value": "https://a.example,https://b.example",
                "source": "file", "file": "settings.toml", "line": 5,
            }),
        ),
        ("explorer", json!({ "value": "true", "source": "default" })),
        ("persisted-documents", json!({ "value": null, "source": "default" })),
    ] {
        let mut expected = expected;
        expected["name"] = json!(name);
        assert_eq!(settings[name], expected);
    }
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "no database is made for it");
}

#[test]
fn config_prints_a_table_without_passwords() {
    let folder = Folder::new();
    fs::write(folder.0.join("a.toml"), "rate-limit = 20\n").unwrap();
    let variables =
        [("ASSEMBLY_GRAPH_CONFIG", "a.toml"), ("DATABASE_URL", "postgres://anna:secret@h/n")];
    let output = run(&folder, &variables, &["config"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    assert!(!shown.contains("secret"), "{shown}");
    let cells = |name: &str| {
        let line = shown.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(cells("config"), ["config", "a.toml", "environment variable ASSEMBLY_GRAPH_CONFIG"]);
    assert_eq!(cells("rate-limit"), ["rate-limit", "20", "file a.toml:1"]);
    assert_eq!(
        cells("database"),
        ["database", "postgres://anna@h/n", "environment variable DATABASE_URL"]
    );
    assert_eq!(cells("persisted-documents"), ["persisted-documents", "-", "default"]);
    let begins = |line: &str| line.len() - line.rsplit("  ").next().unwrap().len();
    let columns: BTreeSet<_> = shown.lines().map(begins).collect();
    assert_eq!(columns.len(), 1, "{shown}");
}

#[test]
fn errors_of_a_configuration_file_are_reported_with_their_lines() {
    let folder = Folder::new();
    let name = "wrong.toml";
    let long = "rate-limit = \"20\"\n\nlisen = \"127.0.0.1:8000\"\ntimeout = \"soon\"\nmax-batch-size = 11\n\
                cors_origins = [\"*\"]\ncors-origins = [1]\nlog-format = \"xml\"\nconfig = \"b\"\n\
                explorer = \"yes\"\npersisted-documents = 3\n\n[http]\nmax-queued-requests = 3\n";
    for (file, problems) in [
        (
            long,
            &[
                "wrong.toml:1: `rate-limit` must be a whole number",
                "wrong.toml:3: unknown setting `lisen`; did you mean `listen`?",
                "wrong.toml:4: invalid value \"soon\" of `timeout`: expected number at 0; use a duration such as 10s",
                "wrong.toml:5: invalid value \"11\" of `max-batch-size`: 11 is not in 1..=10",
                "wrong.toml:6: unknown setting `cors_origins`; did you mean `cors-origins`?",
                "wrong.toml:7: `cors-origins` must be an array of strings",
                "wrong.toml:8: invalid value \"xml\" of `log-format`: it must be one of text, json",
                "wrong.toml:9: unknown setting `config`; a configuration file cannot include another",
                "wrong.toml:10: `explorer` must be true or false",
                "wrong.toml:11: `persisted-documents` must be a string in quotes",
                "wrong.toml:13: unknown setting `http`; run `assembly-graph config` for a list",
            ][..],
        ),
        ("rate-limit = 1\nrate-limit = 2\n", &["wrong.toml:2: invalid TOML: duplicate key"]),
        (
            "rate-limit = -1\n",
            &["wrong.toml:1: invalid value \"-1\" of `rate-limit`: -1 is not in 0..=4294967295"],
        ),
        ("\nrate-limit =\n", &["wrong.toml:2: invalid TOML: "]),
    ] {
        fs::write(folder.0.join(name), file).unwrap();
        // The file is checked even if a variable or a flag overrides it.
        let variables = [("ASSEMBLY_GRAPH_CONFIG", name), ("ASSEMBLY_GRAPH_RATE_LIMIT", "5")];
        for (args, code) in [(&["config"][..], 1), (&["check"], 2), (&["--rate-limit", "9"], 2)] {
            let output = run(&folder, &variables, args);
            assert_eq!(output.status.code(), Some(code), "{args:?}");
            assert!(output.stdout.is_empty());
            let stderr = text(&output.stderr);
            let stderr: Vec<_> = stderr.lines().collect();
            assert_eq!(stderr.len(), problems.len(), "{stderr:#?}");
            for (stderr, problem) in stderr.iter().zip(problems) {
                assert!(stderr.starts_with(&format!("error: {problem}")), "{stderr}");
            }
        }
    }
    let output = run(&folder, &[], &["config", "--config", "missing.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr)
            .contains("cannot read the configuration file missing.toml: the file does not exist")
    );
}

#[test]
fn invalid_flags_and_variables_are_reported() {
    let folder = Folder::new();
    let output = run(&folder, &[], &["--max-batch-size", "11"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("'11' for '--max-batch-size <NUMBER>': 11 is not in 1..=10"),
        "{stderr}"
    );
    let output = run(&folder, &[("ASSEMBLY_GRAPH_MAX_BATCH_SIZE", "11")], &["config"]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert_eq!(
        stderr,
        "error: invalid value \"11\" of environment variable ASSEMBLY_GRAPH_MAX_BATCH_SIZE: 11 is not in 1..=10\n"
    );
    let kubernetes = ("ASSEMBLY_GRAPH_DB_PORT_5432_TCP", "tcp://10.0.0.1:5432");
    let empty = ("ASSEMBLY_GRAPH_RATE", "");
    for (variable, suggestion) in
        [("ASSEMBLY_GRAPH_TIMOUT", "ASSEMBLY_GRAPH_TIMEOUT"), ("ASSEMBLY_GRAPH_LISTEN", "LISTEN")]
    {
        let output = run(&folder, &[(variable, "1"), kubernetes, empty], &["config"]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            text(&output.stderr),
            format!("error: unknown environment variable {variable}; did you mean {suggestion}?\n")
        );
    }
    let output = run(&folder, &[], &["config", "--persisted-documents-only", "true"]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("`persisted-documents-only` is true (flag)"), "{stderr}");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0, "no database was made");
}

/// A server that sends one response to its first request, and returns the first line of the request.
fn respond(response: &'static str) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let request_line = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut head).unwrap(), 0, "ended early: {head}");
        }
        reader.get_mut().write_all(response.as_bytes()).unwrap();
        head.lines().next().unwrap().to_owned()
    });
    (address, request_line)
}

#[test]
fn health_queries_a_running_server() {
    let folder = Folder::new();
    let fine = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n";
    let (address, request_line) = respond(fine);
    let output = run(&folder, &[("LISTEN", &address)], &["health"]);
    assert_eq!((output.status.code(), &*text(&output.stdout)), (Some(0), "ok\n"));
    assert_eq!(request_line.join().unwrap(), "GET /health/ready HTTP/1.0");

    let (address, request_line) = respond("HTTP/1.1 503 Service Unavailable\r\n\r\nno database\n");
    let output = run(&folder, &[], &["health", &format!("http://{address}/health/live")]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert_eq!(stderr, format!("error: http://{address}/health/live returned 503: no database\n"));
    assert_eq!(request_line.join().unwrap(), "GET /health/live HTTP/1.0");

    let (address, request_line) = respond("220 mail.example\r\n");
    let output = run(&folder, &[("ASSEMBLY_GRAPH_MANAGEMENT_LISTEN", &address)], &["health"]);
    assert!(
        text(&output.stderr).contains("did not send an HTTP response"),
        "{}",
        text(&output.stderr)
    );
    request_line.join().unwrap();

    for (url, why) in [
        ("http://127.0.0.1:1", "request to 127.0.0.1:1 failed: "),
        ("https://a.example/", "as in http://HOST:PORT/health/ready"),
    ] {
        let output = run(&folder, &[], &["health", url]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
}

/// The table of settings, as docs/operations.md has it.
fn table() -> String {
    let command = Config::command();
    let mut table = "| flag | variable | key of the file | default | meaning |\n\
                     | --- | --- | --- | --- | --- |\n"
        .to_owned();
    // Exists only in builds with the feature; the page describes it outside of the table.
    let settings = command.get_arguments();
    for arg in settings.filter(|arg| arg.get_id() != "otel_endpoint") {
        let flag = arg.get_long().unwrap();
        let key = if flag == "config" { "-".to_owned() } else { format!("`{flag}`") };
        let variable = arg.get_env().unwrap().to_str().unwrap();
        let cell = |arg: &Arg| arg.get_help().unwrap().to_string().replace('|', "\\|");
        let default: Vec<_> =
            arg.get_default_values().iter().filter_map(|one| one.to_str()).collect();
        let default = match default.join(",") {
            none if none.is_empty() => "-".to_owned(),
            default => format!("`{default}`"),
        };
        let mut words: Vec<_> = arg.get_possible_values();
        words.retain(|word| word.get_help().is_some());
        let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.get_name())).collect();
        let words =
            if words.is_empty() { String::new() } else { format!(" One of {}.", words.join(", ")) };
        let meaning = cell(arg);
        let end = if meaning.ends_with('.') { "" } else { "." };
        table +=
            &format!("| `--{flag}` | `{variable}` | {key} | {default} | {meaning}{end}{words} |\n");
    }
    table
}

#[test]
fn each_setting_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    let (begin, end) = ("<!-- settings: begin -->\n", "<!-- settings: end -->\n");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let new = format!("{before}{begin}{}{end}{after}", table());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &new).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == new,
        "docs/operations.md is stale: UPDATE_EXPECT=1 cargo test, then read its diff",
    );
}

/// Each setting has a flag, a variable and a description.
#[test]
fn each_setting_has_a_flag_a_variable_and_a_description() {
    let command = Config::command();
    let mut variables: Vec<OsStr> = Vec::new();
    for arg in command.get_arguments() {
        let flag = arg.get_long().unwrap();
        let variable = arg.get_env().unwrap_or_else(|| panic!("{flag} has no variable"));
        assert!(arg.get_help().is_some(), "{flag} has no description");
        assert!(arg.get_short().is_none() && arg.get_all_aliases().is_none());
        variables.push(variable.to_owned().into());
    }
    let all = variables.len();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), all, "two settings share a variable");
}
