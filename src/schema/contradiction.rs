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
    list_schema::{ListItem, ListSchema, RECORDS, RelatedFilter, filter_field},
    record::{AnyRecord, find_id, load_interface, load_records},
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

impl ListItem for Contradiction {
    fn name() -> Cow<'static, str> {
        "Contradiction".into()
    }

    fn list_schema() -> &'static ListSchema {
        static LIST_SCHEMA: LazyLock<ListSchema> = LazyLock::new(|| {
            let kind = EnumType::of::<ContradictionKind>();
            let status = EnumType::of::<ContradictionStatus>();
            let order = |name: &str, column| OrderField {
                name: name.to_owned(),
                column,
                holds: Holds::Text,
                nullable: false,
            };
            let dimension = |name: &str, group| Dimension { name: name.to_owned(), group };
            ListSchema {
                filter: FilterType {
                    name: "ContradictionFilter".to_owned(),
                    description: "Filter for contradictions. All given conditions must hold."
                        .to_owned(),
                    table: "contradiction",
                    kinds: Vec::new(),
                    few: true,
                    is_temporal: false,
                    fields: vec![
                        filter_field("id", Tests::Id(vec!["Contradiction"])),
                        filter_field("slug", Tests::Code("slug")),
                        filter_field(
                            "record",
                            RelatedFilter::of::<AnyRecord>().to_one(Reach::To("record_id")),
                        ),
                        filter_field("kind", Tests::Words { column: "kind", values: kind }),
                        filter_field("property", Tests::Code("property")),
                        filter_field("topic", Tests::Code("topic")),
                        filter_field("status", Tests::Words { column: "status", values: status }),
                        filter_field(
                            "explainedBy",
                            RelatedFilter::of::<Contradiction>()
                                .to_one(Reach::To("explained_by_id")),
                        ),
                        filter_field("computed", Tests::Flag("computed")),
                        filter_field("curated", Tests::Flag("curated")),
                        filter_field(
                            "records",
                            RelatedFilter::of::<AnyRecord>().to_many(to_records().reach(), false),
                        ),
                        filter_field(
                            "assemblies",
                            RelatedFilter::of::<Assembly>().to_many(to_assemblies().reach(), false),
                        ),
                        filter_field(
                            "claims",
                            RelatedFilter::of::<Claim>().to_many(to_claims().reach(), false),
                        ),
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
        &LIST_SCHEMA
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
                Some((kind, id)) => Some(load_interface(ctx.at(self.as_of), kind, id).await?),
                None => None,
            })
        })
        .await
    }

    /// Records that the contradiction concerns: several if validity periods overlap or a total has
    /// parts.
    async fn records(&self, ctx: &Context<'_>) -> Result<Many<AnyRecord>> {
        load_records(ctx.at(self.as_of), to_records(), self.row.id).await
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

    /// Recorded contradiction that covers this computed one, explained or not. Null if there is none.
    async fn explained_by(&self, ctx: &Context<'_>) -> Nullable<Contradiction> {
        ctx.at(self.as_of).maybe(self.row.explained_by_id).await.into()
    }

    /// Name of the rule that selected the preferred value. Null if no claim is preferred.
    async fn rule(&self) -> Option<&str> {
        self.row.rule.as_deref()
    }
}

/// Returns the definition of the list of all contradictions.
pub fn field(name: String) -> Field {
    Field::page_of::<Contradiction>(name, "List of all contradictions between claims.")
        .with(Argument::of::<Option<String>>(
            "assembly",
            "Only return contradictions that concern the assembly with this slug or id.",
        ))
        .with(Argument::of::<Option<String>>(
            "record",
            "Only return contradictions about the record with this slug or id.",
        ))
}

/// Loads a page of contradictions with the arguments of the field that is being resolved.
pub async fn load(ctx: &Context<'_>, view: View<'_>) -> ServerResult<Result<Shown>> {
    let list = List::read(ctx)?;
    let assembly: Option<String> = argument(ctx, "assembly")?;
    let record: Option<String> = argument(ctx, "record")?;
    let page = async {
        let mut edge = Edge::ALL;
        if let Some(assembly) = assembly {
            let id = find_id(ctx, "assembly", &assembly, Some(RecordKind::Assembly)).await?;
            use contradiction_assembly::Column;
            edge = edge.linked(Column::AssemblyId, Column::ContradictionId, id);
        }
        if let Some(record) = record {
            let id = find_id(ctx, "record", &record, None).await?;
            use contradiction_record::Column;
            edge = edge.linked(Column::RecordId, Column::ContradictionId, id);
        }
        let page = view.under::<Contradiction>(edge, Of::All, list).await?;
        Ok(Arc::new(page) as Shown)
    };
    Ok(page.await)
}
