//! What one document says of one property of one record.

use async_graphql::{Context, ID, Object};
use entity::{Observed, PartialDate, Spell, claim::Attribution, contradiction_claim};

use super::{
    contradiction::Contradiction,
    document::Document,
    instant::Instant,
    record::{Record, record},
};
use crate::evidence;
use crate::graph::{Edge, GlobalId, GraphContext, Many, Result};

node! { Claim of claim }

filter! {
    /// Which claims.
    ClaimFilter on Claim(claim) {
        id: id(Claim),
        record: one(Record),
        property: code,
        value: code,
        document: one(Document),
        attribution: word(Attribution),
        since: date,
        until: date,
        served: flag_then(served_during),
        contradictions: many(Contradiction at Edge::link(
            contradiction_claim::Column::ClaimId,
            contradiction_claim::Column::ContradictionId
        )),
    }
}

order! { Claim { property: text, since: date } }

counts! { Claim { property: text, document: record, record: record, attribution: text } }

/// What one document says of one property of one record.
#[Object]
impl Claim {
    /// Opaque id, for `node`.
    pub async fn id(&self) -> ID {
        GlobalId::new("Claim", self.row.id, self.moment).into()
    }

    /// The record.
    async fn record(&self, ctx: &Context<'_>) -> Result<Record> {
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
    async fn observed(&self) -> Option<Observed> {
        self.row.observed()
    }

    /// When the claim was recorded here.
    async fn recorded_at(&self) -> Instant {
        Instant(self.row.recorded_at)
    }

    /// Whether the record's field has this value on the date that it is read at.
    async fn served(&self) -> bool {
        let during = self.row.served_during.as_deref();
        evidence::served_at(during, self.moment.date()).unwrap_or(self.row.served)
    }

    /// The rule by which the record's field has this value now or at another date. Null where it
    /// never has, and where no document claims another.
    async fn rule(&self) -> Option<&str> {
        self.row.rule.as_deref()
    }

    /// The contradictions that it is a side of.
    async fn contradictions(&self, ctx: &Context<'_>) -> Result<Many<Contradiction>> {
        let sides = Edge::link(
            contradiction_claim::Column::ClaimId,
            contradiction_claim::Column::ContradictionId,
        );
        ctx.at(self.moment).many(sides, self.row.id).await
    }

    /// A remark of the data's keepers.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }
}
