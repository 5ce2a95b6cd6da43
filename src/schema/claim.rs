//! What one document says of one property of one record.

use async_graphql::{Context, ID, Object};
use entity::{Observed, PartialDate, Spell, claim::Attribution, contradiction_claim};

use super::{
    contradiction::Contradiction,
    document::Document,
    instant::Instant,
    record::{Record, record},
};
use crate::graph::{Edge, GlobalId, GraphContext, Many, Result};

node! { Claim of claim }

/// What one document says of one property of one record.
#[Object]
impl Claim {
    /// Opaque id, for `node`.
    pub async fn id(&self) -> ID {
        GlobalId::new("Claim", self.0.id).into()
    }

    /// The record.
    async fn record(&self, ctx: &Context<'_>) -> Result<Record> {
        record(ctx, self.0.record_kind, self.0.record_id).await
    }

    /// The property: mostly the name of a field of the record.
    async fn property(&self) -> &str {
        &self.0.property
    }

    /// What the document says it is, in our form: dates as EDTF, records by slug. Null where it says
    /// that there is none.
    async fn value(&self) -> Option<&str> {
        self.0.value.as_deref()
    }

    /// The document.
    async fn document(&self, ctx: &Context<'_>) -> Result<Document> {
        ctx.graph().one(self.0.document_id).await
    }

    /// Where in the document, such as `line 7`.
    async fn locator(&self) -> Option<&str> {
        self.0.locator.as_deref()
    }

    /// How closely the value is tied to the document.
    async fn attribution(&self) -> Attribution {
        self.0.attribution
    }

    /// The start of the time that the claim is about, where the document states one.
    async fn since(&self) -> Option<PartialDate> {
        self.0.since()
    }

    /// The end of the time that the claim is about, where the document states one.
    async fn until(&self) -> Option<PartialDate> {
        self.0.until()
    }

    /// When the document shows it to hold.
    async fn observed(&self) -> Option<Observed> {
        self.0.observed()
    }

    /// When the claim was recorded here.
    async fn recorded_at(&self) -> Instant {
        Instant(self.0.recorded_at)
    }

    /// Whether the record's field has this value.
    async fn served(&self) -> bool {
        self.0.served
    }

    /// The contradictions that it is a side of.
    async fn contradictions(&self, ctx: &Context<'_>) -> Result<Many<Contradiction>> {
        let sides = Edge::link(
            contradiction_claim::Column::ClaimId,
            contradiction_claim::Column::ContradictionId,
        );
        ctx.graph().many(sides, self.0.id).await
    }

    /// A remark of the data's keepers.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }
}
