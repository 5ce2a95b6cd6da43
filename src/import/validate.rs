//! Validates the rows of a data set: resolves slugs, and checks values by the description of their
//! kind. The result is [`Validated`].
//!
//! This stage does not depend on file formats and writes nothing. The stage `prefer` picks the values
//! that claims state. `data/README.md` documents the keys of rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::{
    Id, Kind, RecordKind,
    claim::Attribution,
    contradiction,
    contradiction::{ContradictionKind, ContradictionStatus},
    kind::{Requirement, Rule, Temporality, Type, Unique, camel},
};
use sea_orm::{DatabaseTransaction, DbErr, Value};

use super::{
    ImportError,
    index::index,
    keys::kind_of,
    raw::{Cell, Datum, Problem, Raw},
    row::{Index, Name, Origin, PeriodColumns, Row, Statement},
    values,
};
use crate::{
    store::rows::{Assignment, Records, Rows},
    text::with_article,
};

/// A validated import. Its ids are resolved; its preferred values are not picked yet.
#[derive(Default)]
pub struct Validated {
    /// The new records, in order.
    pub new: Vec<(Id, RecordKind, String)>,
    /// The records that have a row in this import.
    pub stated: HashSet<Id>,
    pub records: Records,
    /// The references to several records, which are stored in link tables.
    pub links: Links,
    pub attached: Attached,
    pub evidence: Evidence,
}

/// The referenced records of each row, by the kind of the row and the field.
pub type Links = BTreeMap<(RecordKind, &'static str), BTreeMap<Id, Vec<Id>>>;

/// The data of records that is not in their rows.
#[derive(Default)]
pub struct Attached {
    /// All alternative names of a record; they replace the stored ones.
    pub names: BTreeMap<Id, Vec<Name>>,
    /// Names that are added to the stored ones.
    pub more_names: BTreeMap<Id, Vec<Name>>,
    pub identifiers: Vec<(Id, String, String)>,
    pub aliases: Vec<(String, Id)>,
    /// Pairs of record and document.
    pub citations: Vec<(Id, Id)>,
    /// The kind of the record and the locator of each mention, by document and record.
    pub mentions: BTreeMap<(Id, Id), (RecordKind, Option<String>)>,
}

/// Claims and contradictions.
#[derive(Default)]
pub struct Evidence {
    pub statements: Vec<(Id, RecordKind, Statement)>,
    /// New records with at most one value for each property, the value of their rows. Their preferred
    /// values need not be picked.
    pub plain: HashSet<Id>,
    /// Other records whose preferred values must be picked again.
    pub claimed: Vec<Id>,
    pub contradictions: Vec<Sides>,
    /// The preferred values that contradictions state, by record and property. For properties without a
    /// field.
    pub preferred: HashMap<(Id, String), String>,
    /// The values in rows, by record and property.
    pub row_values: HashMap<(Id, String), String>,
}

/// A contradiction and its claims, by value and document.
pub struct Sides {
    pub row: contradiction::Model,
    pub claims: Vec<(String, Id)>,
    /// Other records whose computed contradictions it explains.
    pub explains: Vec<Id>,
}

/// The stored data that the validation of rows needs.
#[derive(Default)]
pub struct Stored {
    /// The records with unique values, by key.
    holders: HashMap<String, Id>,
    /// The values that claims state, for rows that omit them.
    claimed: HashMap<(Id, &'static str), Value>,
}

impl Stored {
    /// Loads the stored data that the validation of these rows needs.
    pub async fn load(
        store: &DatabaseTransaction,
        raws: &[Raw],
        index: &Index,
    ) -> Result<Self, DbErr> {
        let mut stored = Self::default();
        for kind in entity::kinds() {
            let own = || raws.iter().filter(|raw| raw.table == kind.table);
            let target = |raw: &Raw, key: &str| raw.text(key).and_then(|slug| index.get(slug));
            let ids =
                |key: &str| own().filter_map(|raw| target(raw, key)).map(|to| to.id).collect();
            for unique in kind.unique {
                let first = unique.fields[0];
                let rows = match kind.field(first).map(|field| &field.ty) {
                    Some(Type::Reference(_)) => {
                        Rows::find(store, kind.kind, &format!("{first}_id"), &ids(first)).await?
                    }
                    _ if own().next().is_some() => Rows::all(store, kind.kind).await?,
                    _ => Rows::empty(kind.kind),
                };
                // A record with a row in this import no longer has the values of its stored row.
                let stated: HashSet<Id> = ids("slug").into_iter().collect();
                for at in 0..rows.len() {
                    let id = rows.id(at, "id").filter(|id| !stated.contains(id));
                    let value = |column: &str| rows.value(at, column);
                    let holder = id.zip(unique_key(kind, unique, value));
                    stored.holders.extend(holder.map(|(id, (key, _))| (key, id)));
                }
            }
            for field in kind
                .fields
                .iter()
                .filter(|field| field.requirement == Requirement::RequiredOrClaimed)
            {
                let rows = Rows::find(store, kind.kind, "id", &ids("slug")).await?;
                for (at, id) in rows.ids().enumerate() {
                    let value = rows.value(at, field.name);
                    stored.claimed.extend(value.map(|value| ((id, field.name), value)));
                }
                let claims = raws.iter().filter(|raw| raw.table == "claim");
                let claims =
                    claims.filter(|raw| raw.text("property").map(camel) == Some(field.property()));
                for claimed in claims.filter_map(|raw| target(raw, "record")) {
                    stored.claimed.entry((claimed.id, field.name)).or_insert(0.into());
                }
            }
        }
        Ok(stored)
    }
}

/// The stored records of a kind, by the key of their first unique value.
pub async fn holders(
    store: &DatabaseTransaction,
    kind: RecordKind,
) -> Result<HashMap<String, Id>, DbErr> {
    let rows = Rows::all(store, kind).await?;
    let key = |at: usize| first_unique_key(kind.kind(), |column| rows.value(at, column));
    Ok(rows.ids().enumerate().filter_map(|(at, id)| Some((key(at)?, id))).collect())
}

/// The key of the first unique value of a row that is complete.
pub fn first_unique_key(kind: &Kind, value: impl Fn(&str) -> Option<Value>) -> Option<String> {
    kind.unique.iter().find_map(|unique| Some(unique_key(kind, unique, &value)?.0))
}

/// The key of a unique value, and its name in messages. Returns `None` if a value is missing.
fn unique_key(
    kind: &Kind,
    unique: &Unique,
    value: impl Fn(&str) -> Option<Value>,
) -> Option<(String, String)> {
    let mut key = kind.table.to_owned();
    let mut what = String::new();
    for name in unique.fields {
        let text = match value(name).or_else(|| value(&format!("{name}_id")))? {
            Value::String(Some(text)) => text,
            Value::BigInt(Some(id)) if id != 0 => id.to_string(),
            Value::Int(Some(number)) => number.to_string(),
            _ => return None,
        };
        what = unique.what.replace("{}", &text);
        key = format!("{key} {text}");
    }
    Some((key, what))
}

/// Resolves and validates rows. `problems` are the errors of the stage `read`.
///
/// # Errors
///
/// All problems, if there are any.
pub async fn validate(
    store: &DatabaseTransaction,
    raws: Vec<Raw>,
    mut problems: Vec<Problem>,
) -> Result<(Validated, Index), ImportError> {
    let (index, new) = index(store, &raws, &mut problems).await?;
    let stored = Stored::load(store, &raws, &index).await?;
    let mut validated = read(raws, &index, stored, &mut problems)?;
    if !problems.is_empty() {
        problems.sort();
        problems.dedup();
        return Err(ImportError::Invalid(problems));
    }
    validated.new = new;
    Ok((validated, index))
}

/// Reads rows and appends their errors to `problems`.
pub fn read(
    raws: Vec<Raw>,
    index: &Index,
    stored: Stored,
    problems: &mut Vec<Problem>,
) -> Result<Validated, DbErr> {
    let mut reader = Reader { index, stored, problems, read: Validated::default() };
    reader.all(raws)?;
    Ok(reader.read)
}

struct Reader<'a> {
    index: &'a Index,
    stored: Stored,
    problems: &'a mut Vec<Problem>,
    read: Validated,
}

impl Reader<'_> {
    fn all(&mut self, raws: Vec<Raw>) -> Result<(), DbErr> {
        let (mut records, mut claims, mut contradictions) = (Vec::new(), Vec::new(), Vec::new());
        for raw in raws {
            let target = raw.text("slug").and_then(|slug| self.index.get(slug)).copied();
            match (raw.table.as_str(), target, kind_of(&raw.table)) {
                ("contradiction", ..) => contradictions.push(raw),
                ("claim", ..) => claims.push(raw),
                (_, Some(target), Some(kind)) => records.push((raw, kind, target.id)),
                // `index` has reported the error in its slug or its table.
                _ => {}
            }
        }
        for (raw, kind, id) in records {
            self.record(raw, kind, id)?;
        }
        for raw in claims {
            self.claim(raw);
        }
        for raw in contradictions {
            self.contradiction(raw);
        }
        Ok(())
    }

    /// A `[[claim]]`: one statement for each document.
    fn claim(&mut self, raw: Raw) {
        let mut row = Row::new(raw, self.index, self.problems);
        let target = row.target("record");
        let property = camel(&row.text("property"));
        let value_line = row.line_of("value");
        let value = if row.flag("unknown", false) {
            if row.optional_value("value").is_some() {
                let message = "`value` is not allowed with `unknown = true`";
                row.report(value_line, message);
            }
            None
        } else {
            row.value("value")
        };
        let origin = row.choice("origin", &["CLAIM", "ROW", "SIDE"]).unwrap_or(0);
        let origin = [Origin::CLAIM, Origin::ROW, Origin::SIDE][origin];
        let attribution = row.choice("attribution", &["VALUE", "RECORD"]).unwrap_or(0);
        let attribution = [Attribution::Value, Attribution::Record][attribution];
        if origin == Origin::ROW {
            // The row of the record does not imply this claim.
            self.read.evidence.claimed.push(target.id);
        }
        let withdrawn = row.flag("withdrawn", false);
        let validated = value.as_ref().map(|value| values::validate(target.kind, &property, value));
        if let Some(Err(expected)) = validated {
            let record = with_article(target.kind.kind().table);
            let message = format!("`value`: the `{property}` of {record} must be {expected}");
            row.report(value_line, message);
        }
        let note = row.optional_text("note");
        let line = row.line_of("until");
        let period = row.period();
        if let (Some(since), Some(until)) = (period.since.0, period.until.1)
            && since > until
        {
            row.report(line, "`until` is before `since`");
        }
        let (sources, _, _) = row.finish(true);
        for (document, locator) in sources {
            self.read.evidence.statements.push((
                target.id,
                target.kind,
                Statement {
                    property: property.clone(),
                    value: value.clone(),
                    document,
                    locator,
                    attribution,
                    note: note.clone(),
                    period,
                    origin,
                    withdrawn,
                },
            ));
        }
    }

    /// A `[[contradiction]]`: its sides become claims, or are merged with equal claims.
    fn contradiction(&mut self, raw: Raw) {
        let mut row = Row::new(raw, self.index, self.problems);
        let line = row.line_of("claims");
        let slug = row.text("slug");
        let target = row.target("record");
        let property = camel(&row.text("property"));
        let topic = row.optional_text("topic");
        let about = row.optional_text("about");
        let status = row.value_of("status", ContradictionStatus::Open);
        let explanation = row.optional_text("explanation");
        let explains = row.targets("explains", &[]);
        let preferred_line = row.line_of("preferred");
        let preferred = row.optional_value("preferred");
        let sides = row.sides();
        if sides.len() < 2 {
            row.report(
                line,
                "`claims` must be a list of at least two tables, each `{ value, sources }`",
            );
        }
        if let Some(value) = &preferred {
            if target.kind.kind().property(&property).is_some_and(|field| field.claimable) {
                row.report(
                    preferred_line,
                    format!(
                        "`preferred` is not allowed for `{property}`: the row of the record states the preferred value"
                    ),
                );
            } else if !sides.iter().any(|(side, _)| side == value) {
                row.report(preferred_line, "`preferred` must be a value of `claims`");
            }
        }
        row.finish(false);
        let key = (target.id, property.clone());
        self.read.evidence.preferred.extend(preferred.map(|value| (key, value)));
        let mut claims = Vec::new();
        for (value, sources) in sides {
            for (document, locator) in sources {
                if !claims.contains(&(value.clone(), document)) {
                    claims.push((value.clone(), document));
                }
                self.read.evidence.statements.push((
                    target.id,
                    target.kind,
                    Statement {
                        property: property.clone(),
                        value: Some(value.clone()),
                        document,
                        locator,
                        attribution: Attribution::Value,
                        note: None,
                        period: PeriodColumns::default(),
                        origin: Origin::SIDE,
                        withdrawn: false,
                    },
                ));
            }
        }
        self.read.evidence.contradictions.push(Sides {
            row: contradiction::Model {
                id: 0,
                slug,
                record_id: Some(target.id),
                record_kind: Some(target.kind),
                property,
                kind: ContradictionKind::Values,
                topic,
                about,
                status,
                explanation,
                rule: None,
                curated: true,
                computed: false,
                explained_by_id: None,
            },
            claims,
            explains,
        });
    }

    /// A row of a table of records.
    fn record(&mut self, mut raw: Raw, kind: &'static Kind, id: Id) -> Result<(), DbErr> {
        let Some(Cell { datum: Datum::Text(slug), .. }) = raw.keys.remove("slug") else {
            return Ok(());
        };
        let mut row = Row::new(raw, self.index, self.problems);
        let lines: HashMap<&str, usize> =
            kind.keys().map(|field| (field.name, row.line_of(field.name))).collect();
        let mut values: Vec<Assignment> =
            vec![("id".to_owned(), id.into()), ("slug".to_owned(), slug.into())];
        // The ids of claims are assigned in this order.
        let (dates, rest): (Vec<_>, Vec<_>) =
            kind.keys().partition(|field| matches!(field.ty, Type::Date | Type::Sightings));
        for field in dates.into_iter().chain(rest) {
            if let Type::References(references) = &field.ty {
                let targets = row.targets(field.name, &[references.to]);
                self.read.links.entry((kind.kind, field.name)).or_default().insert(id, targets);
                continue;
            }
            let claimed = self.stored.claimed.get(&(id, field.name)).cloned();
            values.extend(row.field(field, claimed));
        }
        for field in kind.fields.iter().filter(|field| field.derived) {
            if let Requirement::Default(value) = field.requirement {
                values.push((field.name.to_owned(), value.to_owned().into()));
            }
        }
        let value = |column: &str| {
            let assignment = values.iter().find(|(own, _)| own == column);
            assignment.map(|(_, value)| value.clone())
        };
        for unique in kind.unique {
            let Some((key, what)) = unique_key(kind, unique, value) else { continue };
            let holder = *self.stored.holders.entry(key).or_insert(id);
            if holder != id {
                let name = row.slug_of(holder);
                let last = unique.fields[unique.fields.len() - 1];
                row.report(lines[last], format!("{what} is already used by {name}"));
            }
        }
        check(&mut row, kind, &lines, value);
        let attached = &mut self.read.attached;
        if kind.kind == RecordKind::Document {
            for (target, locator) in row.mentions() {
                attached.mentions.insert((id, target.id), (target.kind, locator));
            }
        }
        row.facts();
        attached.names.insert(id, row.names(kind.names_property()));
        let identifiers = row.identifiers().into_iter();
        attached.identifiers.extend(identifiers.map(|(scheme, value)| (id, scheme, value)));
        attached.aliases.extend(row.aliases().into_iter().map(|alias| (alias, id)));
        let (sources, statements, values_by_property) =
            row.finish(kind.kind != RecordKind::Document);
        // A document that supports a member or a membership mentions the member.
        let member = match kind.kind {
            RecordKind::Member => Some(id),
            RecordKind::Membership => match value("member_id") {
                Some(Value::BigInt(member)) => member,
                _ => None,
            },
            _ => None,
        };
        for (document, _) in &sources {
            let mention = member.map(|member| (*document, member));
            mention.map(|mention| {
                attached.mentions.entry(mention).or_insert((RecordKind::Member, None))
            });
        }
        attached.citations.extend(sources.into_iter().map(|(document, _)| (id, document)));
        let evidence = &mut self.read.evidence;
        evidence
            .statements
            .extend(statements.into_iter().map(|statement| (id, kind.kind, statement)));
        let row_values =
            values_by_property.into_iter().map(|(property, value)| ((id, property), value));
        evidence.row_values.extend(row_values);
        self.read.stated.insert(id);
        // After an error, values can be placeholders, and nothing is written.
        if self.problems.is_empty() {
            self.read.records.of_mut(kind.kind).push(values)
        } else {
            Ok(())
        }
    }
}

/// Checks the rules that concern several fields of a row.
fn check(
    row: &mut Row<'_>,
    kind: &Kind,
    lines: &HashMap<&str, usize>,
    value: impl Fn(&str) -> Option<Value>,
) {
    let day = |column: String| match value(&column) {
        Some(Value::ChronoDate(day)) => day,
        _ => None,
    };
    let id = |field: &str| match value(&format!("{field}_id")) {
        Some(Value::BigInt(id)) => id,
        _ => None,
    };
    for rule in kind.rules {
        match rule {
            Rule::AnyOf { fields } => {
                if fields.iter().all(|field| id(field).is_none()) {
                    let names = fields.join("` or `");
                    row.report(lines[fields[0]], format!("`{names}` is required"));
                }
            }
            Rule::Differ { fields: [one, other] } => {
                if id(one) == id(other) && id(one) != Some(0) {
                    row.report(lines[other], format!("`{one}` and `{other}` must differ"));
                }
            }
            Rule::InOrder { start, end } => {
                let ends = day(format!("{start}_earliest")).zip(day(format!("{end}_latest")));
                if ends.is_some_and(|(start, end)| end < start) {
                    row.report(lines[end], format!("`{end}` is before `{start}`"));
                }
            }
            Rule::CountryCode { field } => {
                let Some(Value::String(Some(code))) = value(field) else { continue };
                let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
                if !is_code && !code.is_empty() {
                    let message = format!(
                        "`{field}` must be an ISO 3166-1 code of two uppercase letters, not `{code}`"
                    );
                    row.report(lines[field], message);
                }
            }
        }
    }
    let ongoing = value("ongoing") == Some(Value::Bool(Some(true)));
    if kind.time == Temporality::Validity && ongoing && day("until_earliest".to_owned()).is_some() {
        row.report(lines["until"], "`until` is not allowed with `ongoing = true`");
    }
}
