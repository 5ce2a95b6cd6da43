//! Search across scripts and spellings.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use async_graphql::{ComplexObject, Context, Enum, OutputType, ServerResult, SimpleObject};
use entity::RecordKind;
use futures_util::future::try_join_all;
use sea_orm::ActiveEnum;

use super::{
    count::Count,
    record::{AnyRecord, record},
};
use crate::{
    graph::{
        BadInput, List, Many, Maybe, Moment, Result, Shown, View,
        batch::Of,
        counts::GroupCount,
        page::{PageInfo, argument},
        registry::{Argument, Field},
    },
    search::{Search, SearchTerms, Text},
};

/// A page of a list, by the Relay cursor connections specification.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SearchConnection {
    /// The rows of the page, each with its cursor and the texts that match.
    edges: Many<SearchEdge>,
    /// The rows of the page.
    nodes: Many<AnyRecord>,
    /// Whether the list goes on, and where.
    page_info: PageInfo,
    /// How many records the whole list has. It has those that match best: of a query that very many
    /// texts match, about a thousand.
    total_count: usize,
    #[graphql(skip)]
    kinds: BTreeMap<String, i64>,
    #[graphql(skip)]
    moment: Moment,
}

/// What the rows of a list can be counted by.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum SearchDimension {
    /// By the kind of record.
    Kind,
}

#[ComplexObject]
impl SearchConnection {
    /// How many rows the whole list has of each sort: those with the most first.
    async fn counts(
        &self,
        #[graphql(desc = "What makes rows one sort.")] by: SearchDimension,
    ) -> Vec<Count> {
        let SearchDimension::Kind = by;
        let mut kinds: Vec<(&String, i64)> =
            self.kinds.iter().map(|(kind, count)| (kind, *count)).collect();
        kinds.sort_by_key(|(_, count)| Reverse(*count));
        let count = |(kind, count): (&String, i64)| {
            let group = GroupCount { key: Some(kind.clone()), record: None, count };
            Count::from((group, self.moment))
        };
        kinds.into_iter().map(count).collect()
    }
}

/// A row of a list and its place there.
#[derive(SimpleObject)]
pub struct SearchEdge {
    /// Where the row stands in the list: for `after` and `before`.
    cursor: String,
    /// The row.
    node: Arc<AnyRecord>,
    /// The texts of the record that match, the best first: at most 5.
    matches: Vec<TextMatch>,
}

/// A text of a record that has all the words that are looked for.
#[derive(Clone, SimpleObject)]
pub struct TextMatch {
    /// The field that has the text, such as `name`: one of several names is one of `names`.
    property: String,
    /// The text as it is written.
    text: String,
    /// BCP 47 tag of its language, where it is known.
    language: Option<String>,
    /// The words of the text that are meant, in order.
    highlights: Vec<Highlight>,
}

/// A part of a text.
#[derive(Clone, SimpleObject)]
pub struct Highlight {
    /// Where it begins: how many Unicode code points stand before it.
    start: usize,
    /// Where it ends: how many code points stand before what follows it.
    end: usize,
    /// The part itself.
    text: String,
}

impl TextMatch {
    fn new(search: &Search, text: &Text) -> Self {
        let letters: Vec<char> = text.value.chars().collect();
        let highlights = search.matching_ranges(text).into_iter().map(|place| Highlight {
            start: place.start,
            end: place.end,
            text: letters[place].iter().collect(),
        });
        Self {
            property: text.property.clone(),
            text: text.value.clone(),
            language: text.language.clone(),
            highlights: highlights.collect(),
        }
    }
}

/// The list, for the schema.
pub fn field(name: String) -> Field {
    let about = "Records by their names and titles, in any script and spelling, the best match \
        first: each word begins a word of the text, or sounds like its beginning. Slugs and \
        identifiers match as a whole.";
    let words = "What to look for: at most 10 words and 200 characters.";
    Field::new(name, about, Maybe::<SearchConnection>::create_type_info)
        .with(Argument::of::<String>("query", words))
        .with(Argument::of::<Option<Vec<RecordKind>>>("kinds", "Only records of these kinds."))
        .paged()
}

/// A page of it, by the arguments of the field that is being resolved.
pub async fn list(ctx: &Context<'_>, view: View<'_>) -> ServerResult<Result<Shown>> {
    let (_, query): (_, String) = ctx.param_value("query", None)?;
    let found = search(view, &query, argument(ctx, "kinds")?, List::read(ctx)?).await;
    Ok(found.map(|page| Arc::new(page) as Shown))
}

/// A page of the records that are called so.
async fn search(
    view: View<'_>,
    query: &str,
    kinds: Option<Vec<RecordKind>>,
    list: List,
) -> Result<SearchConnection> {
    let terms = SearchTerms::new("query", query)?;
    BadInput::too_many("kinds", kinds.iter().flatten().count())?;
    let search = Search { terms, kinds };
    let only_count = list.only_count;
    let window = list.check(&Search::order())?.led_by(&search.key())?;
    let hits = view.graph.ask(search.clone(), Of::All).await?;
    let places: Vec<_> = hits.iter().map(|hit| search.place(hit)).collect();
    let (page, more) = if only_count { (0..0, false) } else { window.cut(&places) };
    let hits_of_page = &hits[page.clone()];
    let nodes = try_join_all(hits_of_page.iter().map(|hit| record(view, hit.kind, hit.id))).await?;
    let nodes: Vec<Arc<AnyRecord>> = nodes.into_iter().map(Arc::new).collect();
    let cursors: Vec<String> = places[page].iter().map(ToString::to_string).collect();
    let edges = hits_of_page.iter().zip(&nodes).zip(&cursors).map(|((hit, node), cursor)| {
        let matches = hit.texts.iter().map(|text| TextMatch::new(&search, text)).collect();
        Arc::new(SearchEdge { cursor: cursor.clone(), node: node.clone(), matches }) as Shown
    });
    let mut kinds = BTreeMap::new();
    for hit in hits.iter() {
        *kinds.entry(hit.kind.to_value()).or_default() += 1;
    }
    let ends = cursors.first().zip(cursors.last());
    Ok(SearchConnection {
        edges: Many::new(edges.collect()),
        page_info: PageInfo::of(
            &window,
            more,
            ends.map(|(one, other)| (one.clone(), other.clone())),
        ),
        nodes: Many::new(nodes.iter().map(|node| node.clone() as Shown).collect()),
        total_count: hits.len(),
        kinds,
        moment: view.moment,
    })
}
