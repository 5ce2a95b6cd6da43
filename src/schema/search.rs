//! The root field `search`: search across scripts and spellings.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use async_graphql::{ComplexObject, Context, Enum, OutputType, ServerResult, SimpleObject};
use entity::RecordKind;
use futures_util::future::try_join_all;
use sea_orm::ActiveEnum;

use super::{
    group::Group,
    record::{AnyRecord, load_interface},
};
use crate::{
    graph::{
        AsOf, BadInput, List, Many, Nullable, Result, Shown, View,
        batch::Of,
        counts::GroupCount,
        page::{PageInfo, argument},
        registry::{Argument, Field},
    },
    search::{Search, SearchTerms, Text},
};

/// Page of a list, as a Relay connection.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SearchConnection {
    /// Items of the page, each with its cursor and the matching texts.
    edges: Many<SearchEdge>,
    /// Items of the page.
    nodes: Many<AnyRecord>,
    /// Information about the page, for pagination.
    page_info: PageInfo,
    /// Total number of items in the list. If very many texts match, the list contains only the best
    /// matches (about 1,000).
    total_count: usize,
    #[graphql(skip)]
    kinds: BTreeMap<String, i64>,
    #[graphql(skip)]
    as_of: AsOf,
}

/// Keys by which the items of the list can be grouped. New values may be added.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum SearchGroupKey {
    /// By kind of record.
    Kind,
}

#[ComplexObject]
impl SearchConnection {
    /// Groups of all items in the list by a key, the largest first.
    async fn groups(&self, #[graphql(desc = "Key to group by.")] by: SearchGroupKey) -> Vec<Group> {
        let SearchGroupKey::Kind = by;
        let mut counts: Vec<(&String, i64)> =
            self.kinds.iter().map(|(kind, count)| (kind, *count)).collect();
        counts.sort_by_key(|(_, count)| Reverse(*count));
        let group = |(kind, count): (&String, i64)| {
            let group = GroupCount { key: Some(kind.clone()), record: None, count };
            Group::from((group, self.as_of))
        };
        counts.into_iter().map(group).collect()
    }
}

/// Item of a page, with its cursor.
#[derive(SimpleObject)]
pub struct SearchEdge {
    /// Cursor of the item, for `after` and `before`.
    cursor: String,
    /// Item of the list.
    node: Arc<AnyRecord>,
    /// Matching texts of the record, the best first (max 5).
    matches: Vec<TextMatch>,
}

/// Text of a record that matches the query.
#[derive(Clone, SimpleObject)]
pub struct TextMatch {
    /// Field that contains the text, such as `name` or `names`.
    property: String,
    /// The whole text.
    text: String,
    /// BCP 47 tag of the language. Null if unknown.
    language: Option<String>,
    /// Matching parts of the text, in order.
    highlights: Vec<Highlight>,
}

/// Matching part of a text.
#[derive(Clone, SimpleObject)]
pub struct Highlight {
    /// Start offset, in Unicode code points.
    start: usize,
    /// End offset (exclusive), in Unicode code points.
    end: usize,
    /// Text of the matching part.
    text: String,
}

impl TextMatch {
    fn new(search: &Search, text: &Text) -> Self {
        let chars: Vec<char> = text.value.chars().collect();
        let highlights = search.matching_ranges(text).into_iter().map(|range| Highlight {
            start: range.start,
            end: range.end,
            text: chars[range].iter().collect(),
        });
        Self {
            property: text.property.clone(),
            text: text.value.clone(),
            language: text.language.clone(),
            highlights: highlights.collect(),
        }
    }
}

/// Returns the definition of the field.
pub fn field(name: String) -> Field {
    let description = "Records that match a search query, the best match first. Names and titles match in any \
        script and spelling: each word of the query must match the beginning of a word, literally or \
        by sound. Slugs and identifiers must match as a whole.";
    let query = "Search query (max 10 words, 200 characters).";
    Field::new(name, description, Nullable::<SearchConnection>::create_type_info)
        .with(Argument::of::<String>("query", query))
        .with(Argument::of::<Option<Vec<RecordKind>>>(
            "kinds",
            "Only return records of these kinds.",
        ))
        .paged()
}

/// Loads a page of the results with the arguments of the field that is being resolved.
pub async fn load(ctx: &Context<'_>, view: View<'_>) -> ServerResult<Result<Shown>> {
    let (_, query): (_, String) = ctx.param_value("query", None)?;
    let page = search(view, &query, argument(ctx, "kinds")?, List::read(ctx)?).await;
    Ok(page.map(|page| Arc::new(page) as Shown))
}

/// Returns a page of the records that match a query.
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
    let hits = view.graph.load(search.clone(), Of::All).await?;
    let positions: Vec<_> = hits.iter().map(|hit| search.place(hit)).collect();
    let (page, more) = if only_count { (0..0, false) } else { window.cut(&positions) };
    let page_hits = &hits[page.clone()];
    let nodes: Vec<Arc<AnyRecord>> = try_join_all(
        page_hits
            .iter()
            .map(|hit| async { load_interface(view, hit.kind, hit.id).await.map(Arc::new) }),
    )
    .await?;
    let cursors: Vec<String> = positions[page].iter().map(ToString::to_string).collect();
    let edges = page_hits.iter().zip(&nodes).zip(&cursors).map(|((hit, node), cursor)| {
        let matches = hit.texts.iter().map(|text| TextMatch::new(&search, text)).collect();
        Arc::new(SearchEdge { cursor: cursor.clone(), node: node.clone(), matches }) as Shown
    });
    let mut kinds = BTreeMap::new();
    for hit in hits.iter() {
        *kinds.entry(hit.kind.to_value()).or_default() += 1;
    }
    let ends =
        cursors.first().zip(cursors.last()).map(|(first, last)| (first.clone(), last.clone()));
    Ok(SearchConnection {
        edges: Many::new(edges.collect()),
        page_info: PageInfo::of(&window, more, ends),
        nodes: Many::new(nodes.iter().map(|node| node.clone() as Shown).collect()),
        total_count: hits.len(),
        kinds,
        as_of: view.as_of,
    })
}
