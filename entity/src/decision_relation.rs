//! Relations between decisions.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decision_relation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub subject_id: Id,
    #[sea_orm(indexed)]
    pub object_id: Id,
    pub kind: DecisionRelationKind,
    /// Whether the relation is inferred rather than stated by a document.
    pub inferred: bool,
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::Id",
        to = "super::record::Column::Id"
    )]
    Record,
    #[sea_orm(
        belongs_to = "super::decision::Entity",
        from = "Column::SubjectId",
        to = "super::decision::Column::Id"
    )]
    Subject,
    #[sea_orm(
        belongs_to = "super::decision::Entity",
        from = "Column::ObjectId",
        to = "super::decision::Column::Id"
    )]
    Object,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        fields: &[
            reference(
                "subject",
                one(RecordKind::Decision),
                "Decision that is related to the object: for example, it implements the object.",
            )
            .owner()
            .required()
            .inverse(&[Inverse::new(
                "outgoing_relations",
                "Relations of which this decision is the subject, of any `kind`.",
            )
            .short()]),
            reference(
                "object",
                one(RecordKind::Decision),
                "Decision that the subject is related to: for example, the subject implements it.",
            )
            .required()
            .inverse(&[Inverse::new(
                "incoming_relations",
                "Relations of which this decision is the object, of any `kind`.",
            )
            .short()]),
            values::<DecisionRelationKind>(
                "kind",
                "Kind of relation of the subject to the object.",
            )
            .required(),
            flag(
                "inferred",
                false,
                "Whether the relation is inferred rather than stated by a document.",
            ),
            NOTE,
        ],
        rules: &[Rule::Differ { fields: ["subject", "object"] }],
        ..Kind::new(
            RecordKind::DecisionRelation,
            "decision_relation",
            "Relation between two decisions; for example, the subject implements the object.",
        )
    };
}

/// Kind of relation between decisions. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DecisionRelationKind {
    /// The subject implements the object.
    Implements,
    /// The subject amends the object.
    Amends,
    /// The subject is based on the object.
    BasedOn,
    /// The subject comes after the object.
    Follows,
    /// The subject is or was part of the object.
    PartOf,
    /// The subject is planned in the object.
    PlannedIn,
    /// The subject accedes to the object.
    AccedesTo,
    /// The subject denounces the object.
    Denounces,
}
