//! Claims: the value of one property of one record in one document.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use async_graphql::{Context, ID, Object};
use entity::{
    PartialDate, Sightings, ValidityPeriod, claim, claim::Attribution, contradiction_claim,
    kind::EnumType,
};

use super::{
    contradiction::Contradiction,
    document::Document,
    instant::Instant,
    list_schema::{ListItem, ListSchema, RECORDS, RelatedFilter, filter_field},
    record::{AnyRecord, load_interface},
};
use crate::{
    evidence,
    graph::{
        AsOf, Edge, GlobalId, GraphContext, Many, Node, Result,
        condition::Reach,
        counts::{Dimension, Group},
        filter::{FilterType, Tests},
        keyset::Holds,
        order::OrderField,
        table::{AnyRow, model},
    },
};

/// Claim of one document about one property of one record.
#[derive(Clone)]
pub struct Claim {
    pub(crate) row: Arc<claim::Model>,
    as_of: AsOf,
}

impl Node for Claim {
    type Entity = claim::Entity;

    fn new(row: AnyRow, as_of: AsOf) -> Self {
        Self { row: model(row), as_of }
    }
}

impl ListItem for Claim {
    fn name() -> Cow<'static, str> {
        "Claim".into()
    }

    fn list_schema() -> &'static ListSchema {
        static LIST_SCHEMA: LazyLock<ListSchema> = LazyLock::new(|| {
            let attribution = EnumType::of::<Attribution>();
            let order = |name: &str, column, holds, nullable| OrderField {
                name: name.to_owned(),
                column,
                holds,
                nullable,
            };
            let dimension = |name: &str, group| Dimension { name: name.to_owned(), group };
            ListSchema {
                filter: FilterType {
                    name: "ClaimFilter".to_owned(),
                    description: "Filter for claims. All given conditions must hold.".to_owned(),
                    table: "claim",
                    kinds: Vec::new(),
                    few: false,
                    is_temporal: false,
                    fields: vec![
                        filter_field("id", Tests::Id(vec!["Claim"])),
                        filter_field(
                            "record",
                            RelatedFilter::of::<AnyRecord>().to_one(Reach::To("record_id")),
                        ),
                        filter_field("property", Tests::Code("property")),
                        filter_field("value", Tests::Code("value")),
                        filter_field(
                            "document",
                            RelatedFilter::of::<Document>().to_one(Reach::To("document_id")),
                        ),
                        filter_field(
                            "attribution",
                            Tests::Words { column: "attribution", values: attribution },
                        ),
                        filter_field("since", Tests::Date("since_earliest", "since_latest")),
                        filter_field("until", Tests::Date("until_earliest", "until_latest")),
                        filter_field("preferred", Tests::FlagThen("preferred", "preferred_during")),
                        filter_field(
                            "contradictions",
                            RelatedFilter::of::<Contradiction>()
                                .to_many(to_contradictions().reach(), false),
                        ),
                    ],
                },
                orders: vec![
                    order("PROPERTY", "property", Holds::Text, false),
                    order("SINCE", "since_earliest", Holds::Day, true),
                ],
                dimensions: vec![
                    dimension("PROPERTY", Group::Text("property")),
                    dimension("DOCUMENT", Group::Record("document_id", &RECORDS)),
                    dimension("RECORD", Group::Record("record_id", &RECORDS)),
                    dimension("ATTRIBUTION", Group::Text("attribution")),
                ],
            }
        });
        &LIST_SCHEMA
    }
}

/// The relation to the contradictions that include a claim.
fn to_contradictions() -> Edge {
    Edge::link(contradiction_claim::Column::ClaimId, contradiction_claim::Column::ContradictionId)
}

/// Claim of one document about one property of one record.
#[Object]
impl Claim {
    /// Opaque global id, for `node` and `nodes`.
    pub async fn id(&self) -> ID {
        GlobalId::new("Claim", self.row.id, self.as_of).into()
    }

    /// Record that the claim is about.
    async fn record(&self, ctx: &Context<'_>) -> Result<AnyRecord> {
        load_interface(ctx.at(self.as_of), self.row.record_kind, self.row.record_id).await
    }

    /// Name of the property, usually of a field of the record.
    async fn property(&self) -> &str {
        &self.row.property
    }

    /// Claimed value: dates in EDTF, records by slug. Null if the document states that there is
    /// no value.
    async fn value(&self) -> Option<&str> {
        self.row.value.as_deref()
    }

    /// Document that makes the claim.
    async fn document(&self, ctx: &Context<'_>) -> Result<Document> {
        ctx.at(self.as_of).one(self.row.document_id).await
    }

    /// Position in the document, such as `line 7`. Null if unknown.
    async fn locator(&self) -> Option<&str> {
        self.row.locator.as_deref()
    }

    /// Relation between the value and the document.
    async fn attribution(&self) -> Attribution {
        self.row.attribution
    }

    /// Start of the claimed validity period. Null if the document states none.
    async fn since(&self) -> Option<PartialDate> {
        self.row.since()
    }

    /// End of the claimed validity period. Null if the document states none.
    async fn until(&self) -> Option<PartialDate> {
        self.row.until()
    }

    /// First and last day on which the document shows the value. Null if it shows none.
    async fn observed(&self) -> Option<Sightings> {
        self.row.observed()
    }

    /// Time at which the claim was recorded.
    async fn recorded_at(&self) -> Instant {
        Instant(self.row.recorded_at)
    }

    /// Whether this is the preferred value at the point in time: the value of the record's field.
    async fn preferred(&self) -> bool {
        let during = self.row.preferred_during.as_deref();
        evidence::is_preferred_at(during, self.as_of.date()).unwrap_or(self.row.preferred)
    }

    /// Name of the rule by which the value is preferred at some point in time. Null if it never is,
    /// or if no document claims another value.
    async fn rule(&self) -> Option<&str> {
        self.row.rule.as_deref()
    }

    /// Contradictions that include this claim.
    async fn contradictions(&self, ctx: &Context<'_>) -> Result<Many<Contradiction>> {
        ctx.at(self.as_of).many(to_contradictions(), self.row.id).await
    }

    /// Note by the maintainers of the data.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }
}
