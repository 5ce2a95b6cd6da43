//! Reads settings from flags, environment variables, the configuration file and defaults, in this
//! order of precedence.

use std::{
    any::TypeId,
    collections::BTreeMap,
    error::Error,
    ffi::{OsStr, OsString},
    fmt, fs, io,
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
use crate::text::nearest;

/// The prefix of the names of environment variables.
const PREFIX: &str = "ASSEMBLY_GRAPH_";

/// A parsed command line and the effective settings.
#[derive(Debug)]
pub struct CommandLine {
    /// The arguments of the command.
    pub matches: ArgMatches,
    pub config: Config,
    /// Each setting and its source, in the order of the help.
    pub settings: Vec<Setting>,
}

/// The effective value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name of the flag and of the key in the configuration file.
    pub name: String,
    /// The value, written as the argument of the flag. `None` if it is not set and has no default.
    pub value: Option<String>,
    pub source: SettingSource,
}

/// Where the value of a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingSource {
    Flag,
    Env(String),
    File { path: PathBuf, line: usize },
    Default,
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File { path, line } => write!(f, "file {}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Why the settings cannot be read.
#[derive(Debug)]
pub enum ConfigError {
    /// The command line is invalid, or requests help.
    Usage(clap::Error),
    /// Errors in environment variables, in the configuration file, or between settings.
    Settings { command: Option<String>, problems: Vec<String> },
}

/// Reads the settings from a command line, the environment, and the configuration file.
#[expect(clippy::disallowed_methods, reason = "the only place that reads the environment")]
pub fn read(
    command: Command,
    args: impl IntoIterator<Item = OsString>,
) -> Result<CommandLine, ConfigError> {
    // An empty variable counts as not set.
    let set = std::env::vars_os().filter(|(_, value)| !value.is_empty());
    let names = set.filter_map(|(name, _)| name.into_string().ok());
    read_with(command, args, |name| std::env::var_os(name), names)
}

/// A value of a setting from outside the command line.
struct Override {
    value: OsString,
    source: SettingSource,
}

fn read_with(
    command: Command,
    args: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
    names: impl Iterator<Item = String>,
) -> Result<CommandLine, ConfigError> {
    let args: Vec<OsString> = args.into_iter().collect();
    // Variables are read below, so that error messages contain their names.
    let mut without_env = without_variables(command.clone());
    let matches = without_env.try_get_matches_from_mut(&args).map_err(|error| {
        let is_help = matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        );
        // The help text lists the variables.
        match is_help.then(|| command.clone().try_get_matches_from(&args)) {
            Some(Err(error)) => ConfigError::Usage(error),
            _ => ConfigError::Usage(error),
        }
    })?;
    let subcommand = matches.subcommand_name().map(str::to_owned);
    let settings_error = |problems| ConfigError::Settings { command: subcommand.clone(), problems };
    let all = Config::command();
    let mut flags = BTreeMap::new();
    collect_flags(&mut without_env, &matches, &all, &mut flags).map_err(ConfigError::Usage)?;

    let mut problems = unknown_variables(&all, names);
    let mut overrides = BTreeMap::new();
    for arg in all.get_arguments().filter(|arg| !flags.contains_key(arg.get_id())) {
        let Some(name) = arg.get_env().and_then(OsStr::to_str) else { continue };
        // An empty variable counts as not set.
        let Some(value) = variable(name).filter(|value| !value.is_empty()) else { continue };
        if let Err(reason) = validate(arg, &value) {
            // A value that is not UTF-8 is not printed: it could be a password.
            let value = value.to_str().map(|value| format!(" {value:?}")).unwrap_or_default();
            problems.push(format!("invalid value{value} of environment variable {name}: {reason}"));
        }
        let source = SettingSource::Env(name.to_owned());
        overrides.insert(arg.get_id().clone(), Override { value, source });
    }
    let path = flags.get(FILE).or_else(|| overrides.get(FILE).map(|file| &file.value));
    if let Some(path) = path.map(PathBuf::from) {
        match read_file(&all, &path) {
            Ok(keys) => {
                for (id, value) in keys {
                    overrides.entry(id).or_insert(value);
                }
            }
            Err(more) => problems.extend(more),
        }
    }
    if !problems.is_empty() {
        return Err(settings_error(problems));
    }
    overrides.extend(
        flags.into_iter().map(|(id, value)| (id, Override { value, source: SettingSource::Flag })),
    );

    let values = all.get_arguments().filter_map(|arg| {
        let mut value = OsString::from(format!("--{}=", name(arg)));
        value.push(&overrides.get(arg.get_id())?.value);
        Some(value)
    });
    let values: Vec<_> = [OsString::from(all.get_name())].into_iter().chain(values).collect();
    let effective =
        without_variables(all.clone()).try_get_matches_from(values).map_err(ConfigError::Usage)?;
    let settings = all.get_arguments().map(|arg| {
        let id = arg.get_id().as_str();
        let source = overrides.get(id).map_or(SettingSource::Default, |value| value.source.clone());
        let value = raw_value(&effective, id).map(|value| value.to_string_lossy().into_owned());
        Setting { name: name(arg).to_owned(), value, source }
    });
    let settings: Vec<_> = settings.collect();
    let config = Config::from_arg_matches(&effective).map_err(ConfigError::Usage)?;
    let conflicts = config.server.conflicts();
    let problems: Vec<_> = conflicts.iter().map(|conflict| conflict.message(&settings)).collect();
    if problems.is_empty() {
        Ok(CommandLine { matches, config, settings })
    } else {
        Err(settings_error(problems))
    }
}

/// A command whose arguments, and those of its subcommands, are not read from the environment.
fn without_variables(command: Command) -> Command {
    command.mut_args(|arg| arg.env(None::<&'static str>)).mut_subcommands(without_variables)
}

/// Collects the settings in flags of a command and of its subcommands. A flag before a subcommand must
/// also be a flag of the subcommand.
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
            flags.extend(raw_value(matches, id.as_str()).map(|value| (id.clone(), value)));
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

/// The value of an argument, in the syntax of its flag.
fn raw_value(matches: &ArgMatches, id: &str) -> Option<OsString> {
    let values: Vec<_> = matches.get_raw(id)?.collect();
    Some(values.join(OsStr::new(",")))
}

/// A combination of settings that is not allowed.
#[derive(Debug)]
pub struct Conflict {
    /// The names of the settings.
    pub names: &'static [&'static str],
    pub reason: &'static str,
}

impl Conflict {
    /// The error message: each setting with its value and source, and the reason.
    fn message(&self, settings: &[Setting]) -> String {
        let involved = settings.iter().filter(|setting| self.names.contains(&&*setting.name));
        let values = involved.map(|Setting { name, value, source }| match value {
            Some(value) => format!("`{name}` is {value} ({source})"),
            None => format!("`{name}` is not set"),
        });
        format!("{}: {}", values.collect::<Vec<_>>().join(" and "), self.reason)
    }
}

/// The setting with the path of the configuration file.
const FILE: &str = "config";

fn name(arg: &Arg) -> &str {
    arg.get_long().unwrap_or(arg.get_id().as_str())
}

/// The type of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SettingType {
    Bool,
    Number,
    Duration,
    List,
    String,
}

impl SettingType {
    fn of(arg: &Arg) -> Self {
        let id = arg.get_value_parser().type_id();
        match id {
            _ if arg.get_value_delimiter().is_some() => Self::List,
            id if id == TypeId::of::<bool>() => Self::Bool,
            id if id == TypeId::of::<Duration>() => Self::Duration,
            id if [TypeId::of::<u8>(), TypeId::of::<u32>(), TypeId::of::<usize>()]
                .iter()
                .any(|number| id == *number) =>
            {
                Self::Number
            }
            _ => Self::String,
        }
    }

    /// How to write a value in the configuration file.
    fn syntax(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Number => "a whole number",
            Self::Duration => "a duration in quotes, such as \"10s\"",
            Self::List => "an array of strings",
            Self::String => "a string in quotes",
        }
    }
}

/// Validates a value as the argument of the flag. Returns the reason if it is invalid.
fn validate(arg: &Arg, value: &OsStr) -> Result<(), String> {
    let mut flag = OsString::from(format!("--{}=", name(arg)));
    flag.push(value);
    // The command has this flag alone, so every error concerns its value.
    let command = Command::new("validate").arg(arg.clone().env(None::<&'static str>));
    let Err(error) = command.try_get_matches_from([OsString::from("validate"), flag]) else {
        return Ok(());
    };
    let allowed = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => values.join(", "),
        _ => String::new(),
    };
    Err(match (error.source(), SettingType::of(arg)) {
        (Some(reason), SettingType::Duration) => format!("{reason}; use a duration such as 10s"),
        (Some(reason), _) => reason.to_string(),
        (None, _) if error.kind() == ErrorKind::InvalidUtf8 => "it is not UTF-8".to_owned(),
        (None, _) if allowed.is_empty() => "it is not valid".to_owned(),
        (None, _) => format!("it must be one of {allowed}"),
    })
}

/// Reads the keys of a configuration file. Returns all errors if there are any.
fn read_file(command: &Command, path: &Path) -> Result<Vec<(clap::Id, Override)>, Vec<String>> {
    let file = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "the file does not exist".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
            _ => error.to_string(),
        };
        vec![format!("cannot read the configuration file {file}: {reason}")]
    })?;
    let line_of =
        |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut problems = Vec::new();
    for error in errors {
        let line = error.span().map_or(1, |span| line_of(span.start));
        problems.push((line, format!("invalid TOML: {}", error.message())));
    }
    // After a syntax error the keys are not reliable.
    let keys = if problems.is_empty() { table.into_inner() } else { DeTable::new() };
    let mut overrides = Vec::new();
    for (key, value) in keys {
        let line = line_of(key.span().start);
        let key = key.into_inner();
        let has_name = |arg: &&Arg| name(arg) == key && arg.get_id() != FILE;
        let Some(arg) = command.get_arguments().find(has_name) else {
            problems.push((line, format!("unknown setting `{key}`{}", suggestion(command, &key))));
            continue;
        };
        let kind = SettingType::of(arg);
        let Some(value) = flag_value(kind, value.get_ref()) else {
            problems.push((line, format!("`{key}` must be {}", kind.syntax())));
            continue;
        };
        let value = OsString::from(value);
        if let Err(reason) = validate(arg, &value) {
            problems.push((line, format!("invalid value {value:?} of `{key}`: {reason}")));
        }
        let source = SettingSource::File { path: path.to_owned(), line };
        overrides.push((arg.get_id().clone(), Override { value, source }));
    }
    problems.sort();
    if problems.is_empty() {
        Ok(overrides)
    } else {
        Err(problems.into_iter().map(|(line, what)| format!("{file}:{line}: {what}")).collect())
    }
}

/// A TOML value, written as the argument of the flag. `None` if it has another type.
fn flag_value(kind: SettingType, value: &DeValue<'_>) -> Option<String> {
    match (kind, value) {
        (SettingType::Bool, DeValue::Boolean(value)) => Some(value.to_string()),
        (SettingType::Number, DeValue::Integer(value)) => {
            i128::from_str_radix(value.as_str(), value.radix()).ok().map(|value| value.to_string())
        }
        (
            SettingType::Duration | SettingType::String | SettingType::List,
            DeValue::String(value),
        ) => Some(value.to_string()),
        (SettingType::List, DeValue::Array(list)) => {
            let items = list.iter().map(|item| flag_value(SettingType::String, item.get_ref()));
            items.collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        _ => None,
    }
}

/// Errors about environment variables that have the prefix of settings but are not settings.
fn unknown_variables(all: &Command, names: impl Iterator<Item = String>) -> Vec<String> {
    let known: Vec<&str> =
        all.get_arguments().filter_map(|arg| arg.get_env().and_then(OsStr::to_str)).collect();
    let is_unknown = |name: &String| {
        name.starts_with(PREFIX) && !known.contains(&name.as_str()) && !is_of_kubernetes(name)
    };
    let mut unknown: Vec<String> = names.filter(is_unknown).collect();
    unknown.sort_unstable();
    let message = |name: String| {
        let short = |name: &str| name.strip_prefix(PREFIX).unwrap_or(name).to_owned();
        let shorts: Vec<String> = known.iter().map(|known| short(known)).collect();
        let nearest = nearest(&short(&name), shorts.iter().map(String::as_str));
        let nearest =
            nearest.and_then(|nearest| known.iter().find(|known| short(known) == nearest));
        let hint = nearest.map(|known| format!("; did you mean {known}?")).unwrap_or_default();
        format!("unknown environment variable {name}{hint}")
    };
    unknown.into_iter().map(message).collect()
}

/// Whether Kubernetes sets a variable of this name, for a service such as `assembly-graph-db`.
fn is_of_kubernetes(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_PORT")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
}

/// A suggestion for an unknown key.
fn suggestion(command: &Command, key: &str) -> String {
    if key == FILE {
        return "; a configuration file cannot include another".to_owned();
    }
    let names = command.get_arguments().filter(|arg| arg.get_id() != FILE).map(name);
    match nearest(key, names) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => "; run `assembly-graph config` for a list".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli, config::ServerConfig};

    fn read(args: &[&str], variables: &[(&str, &str)]) -> Result<CommandLine, Vec<String>> {
        let args = ["assembly-graph"].iter().chain(args).map(OsString::from);
        let variable = |name: &str| {
            let variable = variables.iter().find(|(key, _)| *key == name);
            variable.map(|(_, value)| OsString::from(value))
        };
        read_with(cli::command(), args, variable, std::iter::empty()).map_err(|error| match error {
            ConfigError::Usage(error) => vec![error.to_string()],
            ConfigError::Settings { problems, .. } => problems,
        })
    }

    fn effective(read: &CommandLine, name: &str) -> (Option<String>, String) {
        let setting = read.settings.iter().find(|setting| setting.name == name).unwrap();
        (setting.value.clone(), setting.source.to_string())
    }

    #[test]
    fn settings_have_defaults() {
        let read = read(&[], &[]).unwrap();
        assert!(read.settings.iter().all(|setting| setting.source == SettingSource::Default));
        assert_eq!(effective(&read, "timeout"), (Some("10s".to_owned()), "default".to_owned()));
        assert_eq!(effective(&read, "persisted-documents").0, None);
        assert_eq!(format!("{:?}", read.config.server), format!("{:?}", ServerConfig::default()));
    }

    #[test]
    fn flags_override_variables_and_empty_variables_count_as_unset() {
        let variables = [
            ("ASSEMBLY_GRAPH_RATE_LIMIT", "7"),
            ("ASSEMBLY_GRAPH_MAX_QUEUED_REQUESTS", ""),
            ("ASSEMBLY_GRAPH_TIMEOUT", "soon"),
        ];
        let read = read(&["--timeout", "3s", "serve"], &variables).unwrap();
        assert_eq!(
            effective(&read, "rate-limit"),
            (Some("7".to_owned()), "environment variable ASSEMBLY_GRAPH_RATE_LIMIT".to_owned())
        );
        assert_eq!(
            effective(&read, "max-queued-requests"),
            (Some("256".to_owned()), "default".to_owned())
        );
        assert_eq!(effective(&read, "timeout"), (Some("3s".to_owned()), "flag".to_owned()));
    }

    #[test]
    fn a_command_accepts_only_the_flags_that_it_reads() {
        let database = |args: &[&str]| effective(&read(args, &[]).unwrap(), "database").0;
        assert_eq!(database(&["--database", "a", "check"]).as_deref(), Some("a"));
        assert_eq!(database(&["check", "--database", "a"]).as_deref(), Some("a"));
        assert_eq!(
            database(&["--database", "a", "check", "--database", "b"]).as_deref(),
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
    fn errors_name_the_invalid_variable() {
        for (name, value, expected) in [
            (
                "ASSEMBLY_GRAPH_RATE_LIMIT",
                "many",
                "invalid value \"many\" of environment variable ASSEMBLY_GRAPH_RATE_LIMIT: invalid digit found in string",
            ),
            (
                "ASSEMBLY_GRAPH_MAX_BATCH_SIZE",
                "11",
                "invalid value \"11\" of environment variable ASSEMBLY_GRAPH_MAX_BATCH_SIZE: 11 is not in 1..=10",
            ),
            (
                "ASSEMBLY_GRAPH_TIMEOUT",
                "0s",
                "invalid value \"0s\" of environment variable ASSEMBLY_GRAPH_TIMEOUT: it must be greater than zero",
            ),
            (
                "ASSEMBLY_GRAPH_EXPLORER",
                "no",
                "invalid value \"no\" of environment variable ASSEMBLY_GRAPH_EXPLORER: it must be one of true, false",
            ),
            (
                "LOG",
                "wran",
                "invalid value \"wran\" of environment variable LOG: `wran` is not a log level",
            ),
            ("ASSEMBLY_GRAPH_LOG_FORMAT", "xml", "it must be one of text, json"),
            ("LISTEN", "8000", "invalid value \"8000\" of environment variable LISTEN: "),
            ("ASSEMBLY_GRAPH_CORS_ORIGINS", "a.example", "`a.example` is not an origin"),
        ] {
            let problems = read(&[], &[(name, value)]).unwrap_err();
            assert_eq!(problems.len(), 1);
            assert!(problems[0].contains(expected), "{problems:?}");
        }
    }

    #[test]
    fn conflicts_name_each_setting_and_its_source() {
        let problems =
            read(&[], &[("ASSEMBLY_GRAPH_PERSISTED_DOCUMENTS_ONLY", "true")]).unwrap_err();
        assert_eq!(
            problems,
            [
                "`persisted-documents` is not set and `persisted-documents-only` is true (environment variable ASSEMBLY_GRAPH_PERSISTED_DOCUMENTS_ONLY): \
                 without persisted documents, all requests are rejected"
            ]
        );
        let problems = read(&["--management-listen", "127.0.0.1:8000"], &[]).unwrap_err();
        assert!(problems[0].contains("(default) and `management-listen`"), "{problems:?}");
        let problems = read(&["--cors-origins", "*,none"], &[]).unwrap_err();
        assert!(problems[0].contains("cannot be combined"), "{problems:?}");
        assert!(read(&["--cors-origins", "https://a.example, http://b:1"], &[]).is_ok());
        assert!(read(&["--listen", "[::1]:0", "--management-listen", "[::1]:0"], &[]).is_ok());
    }

    #[test]
    fn help_lists_the_variables() {
        let problems =
            read(&["serve", "--help"], &[("ASSEMBLY_GRAPH_RATE_LIMIT", "many")]).unwrap_err();
        assert!(problems[0].contains("[env: ASSEMBLY_GRAPH_RATE_LIMIT="), "{problems:?}");
    }
}
