//! How many rows of a list there are of each sort: of all parents in one statement.

use std::{borrow::Cow, collections::HashMap, marker::PhantomData, sync::Arc};

use async_graphql::{
    Context, Enum, InputType, InputValueResult, OutputType, SimpleObject, Value, registry::Registry,
};
use chrono::{Months, NaiveDate};
use entity::{Id, kind::camel};
use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};
use sea_orm::{
    DbBackend, QueryResult,
    sea_query::{
        Asterisk, Expr, ExprTrait, Func, JoinType, Order, OverStatement, Query, SelectStatement,
        WindowStatement,
    },
};

use super::{
    as_of::{AsOf, Day, HOLDS},
    batch::{BatchQuery, Count, Edge, FIRST, LAST, OF, Of, ROW, TOTAL, key_column, put_keys},
    condition::{Reach, lasting},
    error::{BadInput, Result},
    registry::enumeration,
    request::Graph,
    show::Shown,
    snapshot::Snapshot,
    table::ID,
};
use crate::limits::{DEFAULT_GROUPS, MAX_GROUPS, MAX_SERIES_DATES};

/// What rows of a type can be counted by.
pub struct Dimension {
    /// The word of the enumeration, such as `STATUS`.
    pub name: String,
    pub group: Group,
}

/// What makes rows one group.
pub enum Group {
    /// The same word or text in a column.
    Text(&'static str),
    /// The same number in a column.
    Number(&'static str),
    /// Whether a column is true or false.
    Flag(&'static str),
    /// The same year in the earliest day of a date.
    Year(&'static str),
    /// The same record that a column points at.
    Record(&'static str, &'static Records),
    /// A group of the rows at the other end of an edge: a row counts once in each that it reaches.
    Across {
        reach: Reach,
        table: &'static str,
        /// Whether those of the date count, and not all.
        dated: bool,
        group: Box<Group>,
    },
}

/// The table in which all records are, by their ids.
#[derive(Debug)]
pub struct Records {
    pub table: &'static str,
    pub slug: &'static str,
    pub kind: &'static str,
}

/// Something whose lists can be counted by dimensions.
pub trait Counted: 'static {
    /// What a count is shown as.
    type Group: OutputType + From<(GroupCount, AsOf)>;

    /// The name of the type.
    fn name() -> Cow<'static, str>;
    fn dimensions() -> &'static [Dimension];
}

/// How many rows are in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCount {
    /// The word, the text, the year, or the slug; none where rows have none.
    pub key: Option<String>,
    /// The record that the group is of: its kind and id.
    pub record: Option<(String, Id)>,
    pub count: i64,
}

/// The groups of the rows at an edge.
#[derive(Clone)]
pub struct Groups {
    table: &'static str,
    edge: Edge,
    by: &'static Dimension,
    /// How many groups of each list are told.
    most: usize,
}

impl std::fmt::Debug for Groups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Groups {} {:?} {} {}", self.table, self.edge, self.by.name, self.most)
    }
}

impl PartialEq for Groups {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.by, other.by) && self.edge == other.edge && self.most == other.most
    }
}

impl Eq for Groups {}

impl std::hash::Hash for Groups {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.table, &self.edge, &self.by.name, self.most).hash(state);
    }
}

const GROUP: &str = "group_";
const SLUG: &str = "slug_";
const KIND: &str = "kind_";
const PLACE: &str = "place_";
/// The groups before and after each has its place.
const COUNTED: &str = "counted";
const FOUND: &str = "found";
/// The row at the other end, whose group it is.
const FAR: &str = "g";
const LINK: &str = "gl";

impl BatchQuery for Groups {
    type Output = Vec<GroupCount>;

    fn keyed(self, of: Of) -> (Self, Of) {
        let (edge, of) = self.edge.keyed(of);
        (Self { edge, ..self }, of)
    }

    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        of: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Self::Output>>> {
        async move {
            let groups = Self { edge: self.edge.alike(of), ..self.clone() };
            let select = groups.statement(snapshot.backend(), of);
            let rows = snapshot.query(&select).await?;
            let mut all: HashMap<Of, Vec<GroupCount>> = HashMap::new();
            for row in &rows {
                all.entry(self.edge.of(row, of)?).or_default().push(self.count(row)?);
            }
            Ok(all.into_iter().map(|(of, groups)| (of, self.sorted(groups))).collect())
        }
        .boxed()
    }

    fn empty() -> Self::Output {
        Vec::new()
    }
}

impl Groups {
    /// Years come in order, other groups by how many rows they have.
    fn sorted(&self, mut groups: Vec<GroupCount>) -> Vec<GroupCount> {
        let years = matches!(self.by.group.last(), Group::Year(_));
        groups.sort_by(|one, other| {
            let by_count = other.count.cmp(&one.count);
            let by_key = (one.key.is_none(), &one.key).cmp(&(other.key.is_none(), &other.key));
            if years { by_key } else { by_count.then(by_key) }
        });
        groups
    }

    fn count(&self, row: &QueryResult) -> Result<GroupCount> {
        let count = row.try_get("", TOTAL)?;
        if !matches!(self.by.group.last(), Group::Record(..)) {
            return Ok(GroupCount { key: row.try_get("", GROUP)?, record: None, count });
        }
        let kind: Option<String> = row.try_get("", KIND)?;
        let record = kind.zip(row.try_get::<Option<Id>>("", GROUP)?);
        Ok(GroupCount { key: row.try_get("", SLUG)?, record, count })
    }

    /// The groups are counted, put in place for each key, and of them the first so many taken.
    fn statement(&self, backend: DbBackend, of: &[Of]) -> SelectStatement {
        let keyed = of.first() != Some(&Of::All);
        let mut keys = Vec::new();
        let mut rows = self.edge.rows(backend, self.table, keyed.then(|| key_column(backend)));
        if keyed {
            put_keys(&mut rows, backend, of);
            keys.push(OF);
        }
        if matches!(of.first(), Some(Of::Dated(..))) {
            keys.extend([FIRST, LAST]);
        }
        let (group, several) = self.group(&mut rows, backend);
        let id = Expr::col((ROW, ID));
        let total = if several { Func::count_distinct(id) } else { Func::count(id) };
        rows.expr_as(group, GROUP).expr_as(total, TOTAL).group_by_col(GROUP);
        rows.group_by_columns(keys.clone());

        let mut places = WindowStatement::new();
        // Where stores put nulls differs.
        places
            .order_by(TOTAL, Order::Desc)
            .order_by_expr(Expr::col(GROUP).is_null(), Order::Asc)
            .order_by(GROUP, Order::Asc);
        for key in &keys {
            places.add_partition_by(Expr::col(*key));
        }
        let mut placed = Query::select();
        placed
            .column(Asterisk)
            .expr_window_as(Func::cust("ROW_NUMBER"), places, PLACE)
            .from_subquery(rows, COUNTED);

        let mut named = Query::select();
        named
            .columns([(FOUND, GROUP), (FOUND, TOTAL)])
            .columns(keys.into_iter().map(|key| (FOUND, key)))
            .from_subquery(placed, FOUND)
            .and_where(Expr::col((FOUND, PLACE)).lte(self.most as i64));
        if let Group::Record(_, records) = self.by.group.last() {
            let registered = Expr::col((records.table, ID)).equals((FOUND, GROUP));
            named
                .expr_as(Expr::col((records.table, records.slug)), SLUG)
                .expr_as(Expr::col((records.table, records.kind)), KIND)
                .join(JoinType::LeftJoin, records.table, registered);
        }
        named
    }

    /// What tells the groups apart; and whether a row can be in several.
    fn group(&self, rows: &mut SelectStatement, backend: DbBackend) -> (Expr, bool) {
        let Group::Across { reach, table, dated, group } = &self.by.group else {
            return (self.by.group.expr(ROW, backend), false);
        };
        rows.from_as(*table, FAR);
        match *reach {
            Reach::To(column) => {
                rows.and_where(Expr::col((FAR, ID)).equals((ROW, column)));
            }
            Reach::Key(column) => {
                rows.and_where(Expr::col((FAR, column)).equals((ROW, ID)));
            }
            Reach::Link { table, one, many } => {
                rows.from_as(table, LINK);
                rows.and_where(Expr::col((LINK, many)).equals((FAR, ID)));
                rows.and_where(Expr::col((LINK, one)).equals((ROW, ID)));
            }
        }
        if let Some((first, last)) = self.edge.days().filter(|_| *dated) {
            rows.and_where(lasting(FAR, HOLDS, &last, &first));
        }
        // What lies there without a group says nothing of the row: another may have one.
        let group = group.expr(FAR, backend);
        rows.and_where(group.clone().is_not_null());
        (group, !matches!(reach, Reach::To(_)))
    }
}

impl Group {
    /// The group of the row at the far end.
    fn last(&self) -> &Self {
        match self {
            Self::Across { group, .. } => group.last(),
            own => own,
        }
    }

    fn expr(&self, row: &'static str, backend: DbBackend) -> Expr {
        match self {
            Self::Text(column) | Self::Record(column, _) => Expr::col((row, *column)),
            Self::Number(column) => Expr::col((row, *column)).cast_as("text"),
            Self::Flag(column) => {
                let is = Expr::col((row, *column)).eq(true);
                Expr::case(is, "true").finally("false").into()
            }
            Self::Year(column) => {
                let day = Expr::col((row, *column));
                match backend {
                    DbBackend::Postgres => Func::cust("to_char").arg(day).arg("YYYY").into(),
                    _ => Func::cust("substr").arg(day).arg(1).arg(4).into(),
                }
            }
            Self::Across { .. } => unreachable!("an edge of a dimension leads to a group"),
        }
    }

    fn is_dated(&self) -> bool {
        matches!(self, Self::Across { dated: true, .. })
    }
}

/// The words that dimensions are named by.
pub struct DimensionWord<N>(String, PhantomData<fn() -> N>);

impl<N: Counted> InputType for DimensionWord<N> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}GroupKey", N::name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let words = N::dimensions().iter();
        let words = words.map(|dimension| (dimension.name.as_str(), dimension.description()));
        enumeration::<Self>(
            registry,
            "Keys by which the items of the list can be grouped. New values may be added.",
            words,
        )
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let word = match value {
            Some(Value::Enum(word)) => word.as_str().to_owned(),
            Some(Value::String(word)) => word,
            _ => String::new(),
        };
        Ok(Self(word, PhantomData))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl Dimension {
    fn description(&self) -> String {
        let name = camel(&self.name.to_lowercase());
        match &self.group {
            Group::Text(_) | Group::Number(_) => format!("By `{name}`."),
            Group::Flag(_) => format!("By `{name}`; keys are `true` and `false`."),
            Group::Year(column) => {
                format!("By the year of `{}`.", camel(column.trim_end_matches("_earliest")))
            }
            Group::Record(..) => format!("By `{name}`; keys are slugs."),
            Group::Across { dated, group, .. } => {
                let name = self.name.to_lowercase().replace('_', " ");
                let valid = if *dated { " at the point in time" } else { "" };
                let keys = match group.last() {
                    Group::Record(..) => "; keys are slugs",
                    _ => "",
                };
                format!("By {name}{valid}{keys}. An item can be in several groups or in none.")
            }
        }
    }
}

/// Interval between the dates of a series. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Interval {
    /// One month.
    Month,
    /// Three months.
    Quarter,
    /// One year.
    Year,
}

/// Number of items that are valid on a date.
#[derive(Clone, Debug, SimpleObject)]
pub struct Point {
    /// Date of the count.
    date: Day,
    /// Number of items that are valid on the date.
    count: i64,
}

/// What a connection needs to count the rows of its list.
#[derive(Clone)]
pub struct Counting {
    dimensions: &'static [Dimension],
    show: fn(GroupCount, AsOf) -> Shown,
    table: &'static str,
    edge: Edge,
    of: Of,
    as_of: AsOf,
}

impl Counting {
    pub fn new<N: Counted>(table: &'static str, edge: Edge, of: Of, as_of: AsOf) -> Self {
        let show = |count, as_of| Arc::new(N::Group::from((count, as_of))) as Shown;
        Self { dimensions: N::dimensions(), show, table, edge, of, as_of }
    }

    /// How long the whole list is.
    pub async fn total(&self, graph: &Graph) -> Result<i64> {
        let count = Count { table: self.table, edge: self.edge.clone() };
        Ok(*graph.load(count, self.of.clone()).await?)
    }

    /// The groups by the dimension that the field asks for.
    pub async fn groups(&self, ctx: &Context<'_>, graph: &Graph) -> Result<Vec<Shown>> {
        let word = argument(ctx, "by");
        let word = match &word {
            Value::Enum(word) => word.as_str(),
            Value::String(word) => word,
            _ => return Err(BadInput::NullArgument { argument: "by" }.into()),
        };
        let by = self.dimensions.iter().find(|dimension| dimension.name == word);
        let by = by.ok_or_else(|| BadInput::Unknown {
            argument: "by",
            what: "dimension",
            got: word.to_owned(),
        })?;
        let edge = match by.group.is_dated() {
            true => self.edge.clone().dated(self.as_of.date()),
            false => self.edge.clone(),
        };
        let most = match argument(ctx, "first") {
            Value::Number(first) => first.as_i64().unwrap_or_default(),
            _ => DEFAULT_GROUPS as i64,
        };
        let size = || BadInput::PageSize {
            argument: "first",
            got: i32::try_from(most).unwrap_or_default(),
            most: MAX_GROUPS as i32,
        };
        let most = usize::try_from(most).ok().filter(|most| *most <= MAX_GROUPS);
        let groups = Groups { table: self.table, edge, by, most: most.ok_or_else(size)? };
        let groups = graph.load(groups, self.of.clone()).await?;
        Ok(groups.iter().map(|group| (self.show)(group.clone(), self.as_of)).collect())
    }

    /// How many rows hold on each of the dates that the field asks for.
    pub async fn series(&self, ctx: &Context<'_>, graph: &Graph) -> Result<Vec<Point>> {
        // Anything else is refused before: a null comes by a variable that has a default.
        let day = |argument| {
            let given = ctx.param_value::<Day>(argument, None).ok();
            given.map(|(_, day)| day.0).ok_or(BadInput::NullArgument { argument })
        };
        let months = match argument(ctx, "every") {
            Value::Enum(word) if word == "MONTH" => 1,
            Value::Enum(word) if word == "QUARTER" => 3,
            Value::String(word) if word == "MONTH" => 1,
            Value::String(word) if word == "QUARTER" => 3,
            _ => 12,
        };
        let days = days(day("from")?, day("to")?, months)?;
        let count = Count { table: self.table, edge: self.edge.clone().on_each_day() };
        let points = days.into_iter().map(|day| {
            let id = match self.of {
                Of::Id(id) | Of::Dated(id, ..) => id,
                Of::All | Of::Text(_) => 0,
            };
            let count = graph.load(count.clone(), Of::Dated(id, day, day));
            async move { Ok(Point { date: day.into(), count: *count.await? }) }
        });
        try_join_all(points).await
    }
}

/// An argument of a connection's own field.
fn argument(ctx: &Context<'_>, name: &str) -> Value {
    let arguments = ctx.field().arguments().unwrap_or_default();
    let found = arguments.into_iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value).unwrap_or_default()
}

/// The dates of a series: the first, and then one after each interval up to the last.
fn days(from: NaiveDate, to: NaiveDate, months: u32) -> Result<Vec<NaiveDate>, BadInput> {
    if to < from {
        return Err(BadInput::EndsBeforeItBegins { from: from.to_string(), to: to.to_string() });
    }
    let mut days = Vec::new();
    // From the first, so that the last days of months stay last days.
    let each = (0..).map_while(|at| from.checked_add_months(Months::new(at * months)));
    for day in each.take_while(|day| *day <= to) {
        days.push(day);
        if days.len() > MAX_SERIES_DATES {
            return Err(BadInput::TooManyDates { most: MAX_SERIES_DATES });
        }
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_has_a_date_for_each_interval() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let days = |from, to, months| {
            let days = days(day(from), day(to), months).expect("few dates");
            days.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            days("2019-01-31", "2019-04-30", 1),
            "2019-01-31 2019-02-28 2019-03-31 2019-04-30"
        );
        assert_eq!(days("2020-02-29", "2022-03-01", 12), "2020-02-29 2021-02-28 2022-02-28");
        assert_eq!(days("2020-02-29", "2020-02-29", 3), "2020-02-29");
    }
}
