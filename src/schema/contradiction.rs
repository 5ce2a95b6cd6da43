//! Contradictions: sets of claims that cannot all be true.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use async_graphql::{Context, ID, Object, ServerResult};
use entity::{
    RecordKind, contradiction,
    contradiction::{ContradictionKind, ContradictionStatus},
    contradiction_assembly, contradiction_claim, contradiction_record,
    kind::EnumType,
};

use super::{
    assembly::Assembly,
    claim::Claim,
    listing::{Described, Filters, Listing, RECORDS, test},
    record::{AnyRecord, identified, record, records},
};
use crate::graph::{
    AsOf, Edge, GlobalId, GraphContext, List, Many, Node, Nullable, Result, Shown, View,
    batch::Of,
    condition::Reach,
    counts::{Dimension, Group},
    filter::{FilterType, Tests},
    keyset::Holds,
    order::OrderField,
    page::argument,
    registry::{Argument, Field},
    table::{AnyRow, model},
};

/// Set of claims that cannot all be true.
#[derive(Clone)]
pub struct Contradiction {
    row: Arc<contradiction::Model>,
    as_of: AsOf,
}

impl Node for Contradiction {
    type Entity = contradiction::Entity;

    fn new(row: AnyRow, as_of: AsOf) -> Self {
        Self { row: model(row), as_of }
    }
}

impl Described for Contradiction {
    fn name() -> Cow<'static, str> {
        "Contradiction".into()
    }

    fn listing() -> &'static Listing {
        static LISTING: LazyLock<Listing> = LazyLock::new(|| {
            let kind = EnumType::of::<ContradictionKind>();
            let status = EnumType::of::<ContradictionStatus>();
            let order = |name: &str, column| OrderField {
                name: name.to_owned(),
                column,
                holds: Holds::Text,
                nullable: false,
            };
            let dimension = |name: &str, group| Dimension { name: name.to_owned(), group };
            Listing {
                filter: FilterType {
                    name: "ContradictionFilter".to_owned(),
                    description: "Filter for contradictions. All given conditions must hold."
                        .to_owned(),
                    table: "contradiction",
                    kinds: Vec::new(),
                    few: true,
                    is_temporal: false,
                    fields: vec![
                        test("id", Tests::Id(vec!["Contradiction"])),
                        test("slug", Tests::Code("slug")),
                        test("record", Filters::of::<AnyRecord>().to(Reach::To("record_id"))),
                        test("kind", Tests::Words { column: "kind", values: kind }),
                        test("property", Tests::Code("property")),
                        test("topic", Tests::Code("topic")),
                        test("status", Tests::Words { column: "status", values: status }),
                        test(
                            "explainedBy",
                            Filters::of::<Contradiction>().to(Reach::To("explained_by_id")),
                        ),
                        test("computed", Tests::Flag("computed")),
                        test("curated", Tests::Flag("curated")),
                        test(
                            "records",
                            Filters::of::<AnyRecord>().across(to_records().reach(), false),
                        ),
                        test(
                            "assemblies",
                            Filters::of::<Assembly>().across(to_assemblies().reach(), false),
                        ),
                        test("claims", Filters::of::<Claim>().across(to_claims().reach(), false)),
                    ],
                },
                orders: vec![order("SLUG", "slug"), order("PROPERTY", "property")],
                dimensions: vec![
                    dimension("KIND", Group::Text("kind")),
                    dimension("STATUS", Group::Text("status")),
                    dimension("PROPERTY", Group::Text("property")),
                    dimension("TOPIC", Group::Text("topic")),
                    dimension("RECORD", Group::Record("record_id", &RECORDS)),
                ],
            }
        });
        &LISTING
    }
}

/// The relation to the records that a contradiction concerns.
fn to_records() -> Edge {
    use contradiction_record::Column;
    Edge::link(Column::ContradictionId, Column::RecordId).ranked(Column::Position)
}

/// The relation to the assemblies that it concerns.
fn to_assemblies() -> Edge {
    use contradiction_assembly::Column;
    Edge::link(Column::ContradictionId, Column::AssemblyId)
}

/// The relation to its claims.
fn to_claims() -> Edge {
    use contradiction_claim::Column;
    Edge::link(Column::ContradictionId, Column::ClaimId).ranked(Column::Position)
}

/// Set of claims that cannot all be true.
#[Object]
impl Contradiction {
    /// Opaque global id, for `node` and `nodes`.
    pub async fn id(&self) -> ID {
        GlobalId::new("Contradiction", self.row.id, self.as_of).into()
    }

    /// Readable, stable identifier, as used in URLs and in the data set.
    async fn slug(&self) -> &str {
        &self.row.slug
    }

    /// Record that the claims are about. Null if there are several.
    async fn record(&self, ctx: &Context<'_>) -> Nullable<AnyRecord> {
        Nullable::of(async {
            Ok(match self.row.record_kind.zip(self.row.record_id) {
                Some((kind, id)) => Some(record(ctx.at(self.as_of), kind, id).await?),
                None => None,
            })
        })
        .await
    }

    /// Records that the contradiction concerns: several if validity periods overlap or a total has
    /// parts.
    async fn records(&self, ctx: &Context<'_>) -> Result<Many<AnyRecord>> {
        records(ctx.at(self.as_of), to_records(), self.row.id).await
    }

    /// Assemblies whose bodies, delegations, members or acts the contradiction concerns.
    async fn assemblies(&self, ctx: &Context<'_>) -> Result<Many<Assembly>> {
        ctx.at(self.as_of).many(to_assemblies(), self.row.id).await
    }

    /// Kind of contradiction.
    async fn kind(&self) -> ContradictionKind {
        self.row.kind
    }

    /// Property that the claims are about.
    async fn property(&self) -> &str {
        &self.row.property
    }

    /// Topic of the contradiction, such as `delegations`.
    async fn topic(&self) -> Option<&str> {
        self.row.topic.as_deref()
    }

    /// Summary of the contradiction.
    async fn about(&self) -> Option<&str> {
        self.row.about.as_deref()
    }

    /// Claims that cannot all be true.
    async fn claims(&self, ctx: &Context<'_>) -> Result<Many<Claim>> {
        ctx.at(self.as_of).many(to_claims(), self.row.id).await
    }

    /// Status: open, or explained by a maintainer.
    async fn status(&self) -> ContradictionStatus {
        self.row.status
    }

    /// Explanation by a maintainer: how the claims can be reconciled, or which of them is probably
    /// right.
    async fn explanation(&self) -> Option<&str> {
        self.row.explanation.as_deref()
    }

    /// Whether the server computed the contradiction from claims and dates.
    async fn computed(&self) -> bool {
        self.row.computed
    }

    /// Whether maintainers recorded the contradiction in the data set.
    async fn curated(&self) -> bool {
        self.row.curated
    }

    /// Recorded contradiction whose explanation also covers this one. Null if there is none.
    async fn explained_by(&self, ctx: &Context<'_>) -> Nullable<Contradiction> {
        ctx.at(self.as_of).maybe(self.row.explained_by_id).await.into()
    }

    /// Name of the rule that selected the preferred value. Null if no claim is preferred.
    async fn rule(&self) -> Option<&str> {
        self.row.rule.as_deref()
    }
}

/// The list of all, for the schema.
pub fn field(name: String) -> Field {
    let about = "List of all contradictions between claims.";
    Field::page_of::<Contradiction>(name, about)
        .with(Argument::of::<Option<String>>(
            "assembly",
            "Only return contradictions that concern the assembly with this slug or id.",
        ))
        .with(Argument::of::<Option<String>>(
            "record",
            "Only return contradictions about the record with this slug or id.",
        ))
}

/// A page of it, by the arguments of the field that is being resolved.
pub async fn list(ctx: &Context<'_>, view: View<'_>) -> ServerResult<Result<Shown>> {
    let list = List::read(ctx)?;
    let assembly: Option<String> = argument(ctx, "assembly")?;
    let record: Option<String> = argument(ctx, "record")?;
    let page = async {
        let mut edge = Edge::ALL;
        if let Some(assembly) = assembly {
            let id = identified(ctx, "assembly", &assembly, Some(RecordKind::Assembly)).await?;
            use contradiction_assembly::Column;
            edge = edge.tied(Column::AssemblyId, Column::ContradictionId, id);
        }
        if let Some(record) = record {
            let id = identified(ctx, "record", &record, None).await?;
            use contradiction_record::Column;
            edge = edge.tied(Column::RecordId, Column::ContradictionId, id);
        }
        let page = view.under::<Contradiction>(edge, Of::All, list).await?;
        Ok(Arc::new(page) as Shown)
    };
    Ok(page.await)
}
