//! What one document says of one property of one record.

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
        Edge, GlobalId, GraphContext, Many, Moment, Node, Result,
        condition::Reach,
        counts::{Dimension, Group},
        filter::{FilterType, Tests},
        keyset::Holds,
        order::OrderField,
        table::{AnyRow, model},
    },
};

/// What one document states about one property of one record.
#[derive(Clone)]
pub struct Claim {
    pub(crate) row: Arc<claim::Model>,
    moment: Moment,
}

impl Node for Claim {
    type Entity = claim::Entity;

    fn new(row: AnyRow, moment: Moment) -> Self {
        Self { row: model(row), moment }
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
                    description: "Filter of claims.".to_owned(),
                    table: "claim",
                    kinds: Vec::new(),
                    few: false,
                    lives: false,
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
                        test("served", Tests::FlagThen("served", "served_during")),
                        test(
                            "contradictions",
                            Filters::of::<Contradiction>().across(contradictions().reach(), false),
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

/// The contradictions that a claim is a side of.
fn contradictions() -> Edge {
    Edge::link(contradiction_claim::Column::ClaimId, contradiction_claim::Column::ContradictionId)
}

/// What one document says of one property of one record.
#[Object]
impl Claim {
    /// Opaque id, for `node`.
    pub async fn id(&self) -> ID {
        GlobalId::new("Claim", self.row.id, self.moment).into()
    }

    /// The record.
    async fn record(&self, ctx: &Context<'_>) -> Result<AnyRecord> {
        record(ctx.at(self.moment), self.row.record_kind, self.row.record_id).await
    }

    /// The property: mostly the name of a field of the record.
    async fn property(&self) -> &str {
        &self.row.property
    }

    /// What the document says it is, in our form: dates as EDTF, records by slug. Null where it
    /// says that there is none.
    async fn value(&self) -> Option<&str> {
        self.row.value.as_deref()
    }

    /// The document.
    async fn document(&self, ctx: &Context<'_>) -> Result<Document> {
        ctx.at(self.moment).one(self.row.document_id).await
    }

    /// Where in the document, such as `line 7`.
    async fn locator(&self) -> Option<&str> {
        self.row.locator.as_deref()
    }

    /// How closely the value is tied to the document.
    async fn attribution(&self) -> Attribution {
        self.row.attribution
    }

    /// The start of the time that the claim is about, where the document states one.
    async fn since(&self) -> Option<PartialDate> {
        self.row.since()
    }

    /// The end of the time that the claim is about, where the document states one.
    async fn until(&self) -> Option<PartialDate> {
        self.row.until()
    }

    /// When the document shows it to hold.
    async fn observed(&self) -> Option<Sightings> {
        self.row.observed()
    }

    /// When the claim was recorded here.
    async fn recorded_at(&self) -> Instant {
        Instant(self.row.recorded_at)
    }

    /// Whether the record's field has this value on the date that it is read at.
    async fn served(&self) -> bool {
        let during = self.row.served_during.as_deref();
        evidence::is_preferred_at(during, self.moment.date()).unwrap_or(self.row.served)
    }

    /// The rule by which the record's field has this value now or at another date. Null where it
    /// never has, and where no document claims another.
    async fn rule(&self) -> Option<&str> {
        self.row.rule.as_deref()
    }

    /// The contradictions that it is a side of.
    async fn contradictions(&self, ctx: &Context<'_>) -> Result<Many<Contradiction>> {
        ctx.at(self.moment).many(contradictions(), self.row.id).await
    }

    /// A remark of the data's keepers.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }
}
