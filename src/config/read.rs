//! How settings are read: of flag, variable, file and default, the first that says anything holds.

use std::{
    any::TypeId,
    collections::BTreeMap,
    error::Error,
    ffi::{OsStr, OsString},
    fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{
    Arg, ArgMatches, Command, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};
use toml::de::{DeTable, DeValue};

use super::Config;

/// A command line and the settings in force.
#[derive(Debug)]
pub struct CommandLine {
    /// The arguments of the command.
    pub matches: ArgMatches,
    pub config: Config,
    /// Each setting and its source, in the order of the help.
    pub settings: Vec<Setting>,
}

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What the flag and the key of the file are called.
    pub name: String,
    /// As a flag would say it; nothing where it is not set and has no default.
    pub value: Option<String>,
    pub source: SettingSource,
}

/// Where a setting was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingSource {
    Flag,
    Variable(String),
    File { path: PathBuf, line: usize },
    Default,
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::File { path, line } => write!(f, "file {}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Why there are no settings.
#[derive(Debug)]
pub enum ConfigError {
    /// The command line is wrong, or only help was asked for.
    Usage(clap::Error),
    /// What is wrong with variables, with the file, or between settings.
    Settings { command: Option<String>, problems: Vec<String> },
}

/// Reads the settings of a command line, of the environment, and of the file they may name.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn read(
    command: Command,
    args: impl IntoIterator<Item = OsString>,
) -> Result<CommandLine, ConfigError> {
    layer(command, args, |name| std::env::var_os(name))
}

/// What a setting is given, and where.
struct Given {
    value: OsString,
    source: SettingSource,
}

fn layer(
    told: Command,
    args: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<CommandLine, ConfigError> {
    let args: Vec<OsString> = args.into_iter().collect();
    // Variables are read below, so that a message names them.
    let mut command = without_variables(told.clone());
    let matches = command.try_get_matches_from_mut(&args).map_err(|error| {
        let helps = matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        );
        // Help shows the variables too.
        match helps.then(|| told.clone().try_get_matches_from(&args)) {
            Some(Err(error)) => ConfigError::Usage(error),
            _ => ConfigError::Usage(error),
        }
    })?;
    let called = matches.subcommand_name().map(str::to_owned);
    let wrong = |problems| ConfigError::Settings { command: called.clone(), problems };
    let all = Config::command();
    let mut flags = BTreeMap::new();
    collect_flags(&mut command, &matches, &all, &mut flags).map_err(ConfigError::Usage)?;

    let mut problems = Vec::new();
    let mut given = BTreeMap::new();
    for arg in all.get_arguments().filter(|arg| !flags.contains_key(arg.get_id())) {
        let Some(name) = arg.get_env().and_then(OsStr::to_str) else { continue };
        // A variable that is set to nothing is not set.
        let Some(value) = variable(name).filter(|value| !value.is_empty()) else { continue };
        if let Err(why) = judge(arg, &value) {
            // What is no text could be a password in another encoding.
            let value =
                value.to_str().map_or("what it is".to_owned(), |value| format!("{value:?}"));
            problems.push(format!("the variable {name} cannot be {value}: {why}"));
        }
        let source = SettingSource::Variable(name.to_owned());
        given.insert(arg.get_id().clone(), Given { value, source });
    }
    let path = flags.get(FILE).or_else(|| given.get(FILE).map(|file| &file.value));
    if let Some(path) = path.map(PathBuf::from) {
        match file(&all, &path) {
            Ok(keys) => {
                for (id, told) in keys {
                    given.entry(id).or_insert(told);
                }
            }
            Err(more) => problems.extend(more),
        }
    }
    if !problems.is_empty() {
        return Err(wrong(problems));
    }
    given.extend(
        flags.into_iter().map(|(id, value)| (id, Given { value, source: SettingSource::Flag })),
    );

    let values = all.get_arguments().filter_map(|arg| {
        let mut value = OsString::from(format!("--{}=", name(arg)));
        value.push(&given.get(arg.get_id())?.value);
        Some(value)
    });
    let values: Vec<_> = [OsString::from(all.get_name())].into_iter().chain(values).collect();
    let in_force =
        without_variables(all.clone()).try_get_matches_from(values).map_err(ConfigError::Usage)?;
    let settings = all.get_arguments().map(|arg| {
        let id = arg.get_id().as_str();
        let source = given.get(id).map_or(SettingSource::Default, |given| given.source.clone());
        let value = raw(&in_force, id).map(|value| value.to_string_lossy().into_owned());
        Setting { name: name(arg).to_owned(), value, source }
    });
    let settings: Vec<_> = settings.collect();
    let config = Config::from_arg_matches(&in_force).map_err(ConfigError::Usage)?;
    let problems = config.server.conflicts();
    let problems: Vec<_> = problems.into_iter().map(|one| told_of(&one, &settings)).collect();
    if problems.is_empty() {
        Ok(CommandLine { matches, config, settings })
    } else {
        Err(wrong(problems))
    }
}

/// A command whose arguments, and those of its subcommands, are not read from the environment.
fn without_variables(command: Command) -> Command {
    command.mut_args(|arg| arg.env(None::<&'static str>)).mut_subcommands(without_variables)
}

/// Adds the settings that flags of a command and of its subcommands set. A flag before a subcommand
/// must be one of the subcommand too.
fn collect_flags(
    command: &mut Command,
    matches: &ArgMatches,
    all: &Command,
    flags: &mut BTreeMap<clap::Id, OsString>,
) -> Result<(), clap::Error> {
    for arg in all.get_arguments() {
        let id = arg.get_id();
        let has = |command: &Command| command.get_arguments().any(|own| own.get_id() == id);
        if has(command) && matches.value_source(id.as_str()) == Some(ValueSource::CommandLine) {
            flags.extend(raw(matches, id.as_str()).map(|value| (id.clone(), value)));
        } else if !has(command) && flags.contains_key(id) {
            let flag = name(arg);
            let message = format!(
                "unexpected argument '--{flag}' found: `{}` does not read it",
                command.get_name()
            );
            return Err(command.error(ErrorKind::UnknownArgument, message));
        }
    }
    match matches.subcommand() {
        Some((name, matches)) => match command.find_subcommand_mut(name) {
            Some(command) => collect_flags(command, matches, all, flags),
            None => Ok(()),
        },
        None => Ok(()),
    }
}

/// The value of an argument as a flag states it.
fn raw(matches: &ArgMatches, id: &str) -> Option<OsString> {
    let values: Vec<_> = matches.get_raw(id)?.collect();
    Some(values.join(OsStr::new(",")))
}

/// Settings that do not go together, and why.
#[derive(Debug)]
pub struct Conflict {
    /// By their names.
    pub of: &'static [&'static str],
    pub why: &'static str,
}

/// A conflict, with where each of its settings was made.
fn told_of(conflict: &Conflict, settings: &[Setting]) -> String {
    let of = settings.iter().filter(|setting| conflict.of.contains(&&*setting.name));
    let of = of.map(|Setting { name, value, source }| match value {
        Some(value) => format!("`{name}` is {value} ({source})"),
        None => format!("`{name}` is not set"),
    });
    format!("{}: {}", of.collect::<Vec<_>>().join(" and "), conflict.why)
}

/// The setting that names the file.
const FILE: &str = "config";

fn name(arg: &Arg) -> &str {
    arg.get_long().unwrap_or(arg.get_id().as_str())
}

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bool,
    Number,
    Time,
    List,
    Text,
}

impl Kind {
    fn of(arg: &Arg) -> Self {
        let id = arg.get_value_parser().type_id();
        match id {
            _ if arg.get_value_delimiter().is_some() => Self::List,
            id if id == TypeId::of::<bool>() => Self::Bool,
            id if id == TypeId::of::<Duration>() => Self::Time,
            id if [TypeId::of::<u8>(), TypeId::of::<u32>(), TypeId::of::<usize>()]
                .iter()
                .any(|number| id == *number) =>
            {
                Self::Number
            }
            _ => Self::Text,
        }
    }

    /// What stands in a file.
    fn written(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Number => "a whole number",
            Self::Time => "a time in quotes, such as \"10s\"",
            Self::List => "a list of texts in quotes",
            Self::Text => "a text in quotes",
        }
    }
}

/// Judges a value as if a flag said it; answers what is wrong with it.
fn judge(arg: &Arg, value: &OsStr) -> Result<(), String> {
    let mut flag = OsString::from(format!("--{}=", name(arg)));
    flag.push(value);
    // Another command that has only this: what it says, it says of the value.
    let alone = Command::new("judge").arg(arg.clone().env(None::<&'static str>));
    let Err(error) = alone.try_get_matches_from([OsString::from("judge"), flag]) else {
        return Ok(());
    };
    let words = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(words)) => words.join(", "),
        _ => String::new(),
    };
    Err(match (error.source(), Kind::of(arg)) {
        (Some(why), Kind::Time) => format!("{why}; a time is such as 10s"),
        (Some(why), _) => why.to_string(),
        (None, _) if error.kind() == ErrorKind::InvalidUtf8 => "it is not UTF-8".to_owned(),
        (None, _) if words.is_empty() => "it is not taken".to_owned(),
        (None, _) => format!("it is one of {words}"),
    })
}

/// The keys of a file of settings, or everything that is wrong with it.
fn file(command: &Command, path: &Path) -> Result<Vec<(clap::Id, Given)>, Vec<String>> {
    let shown = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| vec![format!("the file of settings {shown} cannot be read: {error}")])?;
    let line = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut problems = Vec::new();
    for error in errors {
        let line = error.span().map_or(1, |span| line(span.start));
        problems.push((line, format!("not TOML: {}", error.message())));
    }
    // Of a file that is not understood, keys are guesses.
    let keys = if problems.is_empty() { table.into_inner() } else { DeTable::new() };
    let mut given = Vec::new();
    for (key, value) in keys {
        let at = line(key.span().start);
        let key = key.into_inner();
        let of = |arg: &&Arg| name(arg) == key && arg.get_id() != FILE;
        let Some(arg) = command.get_arguments().find(of) else {
            problems.push((at, format!("there is no setting `{key}`{}", nearest(command, &key))));
            continue;
        };
        let kind = Kind::of(arg);
        let Some(value) = plain(kind, value.get_ref()) else {
            problems.push((at, format!("`{key}` must be {}", kind.written())));
            continue;
        };
        let value = OsString::from(value);
        if let Err(why) = judge(arg, &value) {
            problems.push((at, format!("`{key}` cannot be {value:?}: {why}")));
        }
        let source = SettingSource::File { path: path.to_owned(), line: at };
        given.push((arg.get_id().clone(), Given { value, source }));
    }
    problems.sort();
    match problems.is_empty() {
        true => Ok(given),
        false => {
            Err(problems.into_iter().map(|(at, what)| format!("{shown}:{at}: {what}")).collect())
        }
    }
}

/// A value of a file as a flag would say it; nothing where it is of another kind.
fn plain(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    match (kind, value) {
        (Kind::Bool, DeValue::Boolean(value)) => Some(value.to_string()),
        (Kind::Number, DeValue::Integer(value)) => {
            i128::from_str_radix(value.as_str(), value.radix()).ok().map(|value| value.to_string())
        }
        (Kind::Time | Kind::Text | Kind::List, DeValue::String(value)) => Some(value.to_string()),
        (Kind::List, DeValue::Array(list)) => {
            let words = list.iter().map(|word| plain(Kind::Text, word.get_ref()));
            words.collect::<Option<Vec<_>>>().map(|words| words.join(","))
        }
        _ => None,
    }
}

/// A hint at the setting that was probably meant.
fn nearest(command: &Command, key: &str) -> String {
    let known = command.get_arguments().filter(|arg| arg.get_id() != FILE).map(name);
    let near = known
        .map(|known| (strsim::jaro_winkler(key, known), known))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match near {
        _ if key == FILE => ": a file does not name another".to_owned(),
        Some((likeness, known)) if likeness > 0.85 => format!(": is `{known}` meant?"),
        _ => ": `assembly-graph config` lists all".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli, config::ServerConfig};

    fn read(args: &[&str], variables: &[(&str, &str)]) -> Result<CommandLine, Vec<String>> {
        let args = ["assembly-graph"].iter().chain(args).map(OsString::from);
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        layer(cli::command(), args, variable).map_err(|wrong| match wrong {
            ConfigError::Usage(error) => vec![error.to_string()],
            ConfigError::Settings { problems, .. } => problems,
        })
    }

    fn in_force(read: &CommandLine, name: &str) -> (Option<String>, String) {
        let setting = read.settings.iter().find(|setting| setting.name == name).unwrap();
        (setting.value.clone(), setting.source.to_string())
    }

    #[test]
    fn without_anything_defaults_hold() {
        let read = read(&[], &[]).unwrap();
        assert!(read.settings.iter().all(|setting| setting.source == SettingSource::Default));
        assert_eq!(in_force(&read, "timeout"), (Some("10s".to_owned()), "default".to_owned()));
        assert_eq!(in_force(&read, "persisted-documents").0, None);
        assert_eq!(format!("{:?}", read.config.server), format!("{:?}", ServerConfig::default()));
    }

    #[test]
    fn a_flag_goes_before_a_variable_and_a_variable_to_nothing_is_none() {
        let variables = [
            ("ASSEMBLY_GRAPH_RATE_LIMIT", "7"),
            ("ASSEMBLY_GRAPH_MAX_QUEUED_REQUESTS", ""),
            ("ASSEMBLY_GRAPH_TIMEOUT", "soon"),
        ];
        let read = read(&["--timeout", "3s", "serve"], &variables).unwrap();
        assert_eq!(
            in_force(&read, "rate-limit"),
            (Some("7".to_owned()), "variable ASSEMBLY_GRAPH_RATE_LIMIT".to_owned())
        );
        assert_eq!(
            in_force(&read, "max-queued-requests"),
            (Some("256".to_owned()), "default".to_owned())
        );
        assert_eq!(in_force(&read, "timeout"), (Some("3s".to_owned()), "flag".to_owned()));
    }

    #[test]
    fn a_command_takes_the_flags_that_it_reads() {
        let in_force = |args: &[&str]| in_force(&read(args, &[]).unwrap(), "database").0;
        assert_eq!(in_force(&["--database", "a", "check"]).as_deref(), Some("a"));
        assert_eq!(in_force(&["check", "--database", "a"]).as_deref(), Some("a"));
        assert_eq!(
            in_force(&["--database", "a", "check", "--database", "b"]).as_deref(),
            Some("b")
        );
        for args in [
            &["check", "--timeout", "3s"][..],
            &["--timeout", "3s", "check"],
            &["--database", "a", "schema"],
            &["--database", "a", "health"],
            &["--listen", "127.0.0.1:1", "import", "popolo", "a.json"],
            &["import", "popolo", "a.json", "--listen", "127.0.0.1:1"],
        ] {
            let problems = read(args, &[]).unwrap_err();
            assert!(problems[0].contains("error: unexpected argument '--"), "{problems:?}");
        }
        let variables = [("ASSEMBLY_GRAPH_TIMEOUT", "3s")];
        assert!(read(&["check"], &variables).is_ok());
    }

    #[test]
    fn a_wrong_variable_is_named() {
        for (name, value, why) in [
            (
                "ASSEMBLY_GRAPH_RATE_LIMIT",
                "many",
                "the variable ASSEMBLY_GRAPH_RATE_LIMIT cannot be \"many\": invalid digit found in string",
            ),
            (
                "ASSEMBLY_GRAPH_MAX_BATCH_SIZE",
                "11",
                "the variable ASSEMBLY_GRAPH_MAX_BATCH_SIZE cannot be \"11\": 11 is not in 1..=10",
            ),
            (
                "ASSEMBLY_GRAPH_TIMEOUT",
                "0s",
                "the variable ASSEMBLY_GRAPH_TIMEOUT cannot be \"0s\": it must be more than nothing",
            ),
            (
                "ASSEMBLY_GRAPH_EXPLORER",
                "no",
                "the variable ASSEMBLY_GRAPH_EXPLORER cannot be \"no\": it is one of true, false",
            ),
            ("LOG", "wran", "the variable LOG cannot be \"wran\": `wran` is no level"),
            ("ASSEMBLY_GRAPH_LOG_FORMAT", "xml", "it is one of text, json"),
            ("LISTEN", "8000", "the variable LISTEN cannot be \"8000\": "),
            ("ASSEMBLY_GRAPH_CORS_ORIGINS", "a.example", "`a.example` is no origin"),
        ] {
            let problems = read(&[], &[(name, value)]).unwrap_err();
            assert_eq!(problems.len(), 1);
            assert!(problems[0].contains(why), "{problems:?}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_told_with_its_places() {
        let problems =
            read(&[], &[("ASSEMBLY_GRAPH_PERSISTED_DOCUMENTS_ONLY", "true")]).unwrap_err();
        assert_eq!(
            problems,
            [
                "`persisted-documents` is not set and `persisted-documents-only` is true (variable ASSEMBLY_GRAPH_PERSISTED_DOCUMENTS_ONLY): \
                 without a folder of documents none would run"
            ]
        );
        let problems = read(&["--management-listen", "127.0.0.1:8000"], &[]).unwrap_err();
        assert!(problems[0].contains("(default) and `management-listen`"), "{problems:?}");
        let problems = read(&["--cors-origins", "*,none"], &[]).unwrap_err();
        assert!(problems[0].contains("stand alone"), "{problems:?}");
        assert!(read(&["--cors-origins", "https://a.example, http://b:1"], &[]).is_ok());
        assert!(read(&["--listen", "[::1]:0", "--management-listen", "[::1]:0"], &[]).is_ok());
    }

    #[test]
    fn help_tells_the_variables() {
        let problems =
            read(&["serve", "--help"], &[("ASSEMBLY_GRAPH_RATE_LIMIT", "many")]).unwrap_err();
        assert!(problems[0].contains("[env: ASSEMBLY_GRAPH_RATE_LIMIT="), "{problems:?}");
    }
}
