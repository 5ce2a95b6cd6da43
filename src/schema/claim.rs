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
    listing::{Described, Filters, Listing, RECORDS, test},
    record::{AnyRecord, record},
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

impl Described for Claim {
    fn name() -> Cow<'static, str> {
        "Claim".into()
    }

    fn listing() -> &'static Listing {
        static LISTING: LazyLock<Listing> = LazyLock::new(|| {
            let attribution = EnumType::of::<Attribution>();
            let order = |name: &str, column, holds, nullable| OrderField {
                name: name.to_owned(),
                column,
                holds,
                nullable,
            };
            let dimension = |name: &str, group| Dimension { name: name.to_owned(), group };
            Listing {
                filter: FilterType {
                    name: "ClaimFilter".to_owned(),
                    description: "Filter for claims. All given conditions must hold.".to_owned(),
                    table: "claim",
                    kinds: Vec::new(),
                    few: false,
                    is_temporal: false,
                    fields: vec![
                        test("id", Tests::Id(vec!["Claim"])),
                        test("record", Filters::of::<AnyRecord>().to(Reach::To("record_id"))),
                        test("property", Tests::Code("property")),
                        test("value", Tests::Code("value")),
                        test("document", Filters::of::<Document>().to(Reach::To("document_id"))),
                        test(
                            "attribution",
                            Tests::Words { column: "attribution", values: attribution },
                        ),
                        test("since", Tests::Date("since_earliest", "since_latest")),
                        test("until", Tests::Date("until_earliest", "until_latest")),
                        test("preferred", Tests::FlagThen("preferred", "preferred_during")),
                        test(
                            "contradictions",
                            Filters::of::<Contradiction>()
                                .across(to_contradictions().reach(), false),
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
        &LISTING
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
        record(ctx.at(self.as_of), self.row.record_kind, self.row.record_id).await
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
