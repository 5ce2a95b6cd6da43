//! Memberships: the role of a member in an organization, for one validity period.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub member_id: Id,
    #[sea_orm(indexed)]
    pub organization_id: Id,
    pub organization_kind: RecordKind,
    pub role: Role,
    pub title: Option<String>,
    /// State, organization or group that the member represents.
    #[sea_orm(indexed)]
    pub on_behalf_of_id: Option<Id>,
    pub on_behalf_of_kind: Option<RecordKind>,
    /// Session that elected the member.
    #[sea_orm(indexed)]
    pub elected_at_id: Option<Id>,
    /// Legislative period for which the member was elected.
    #[sea_orm(indexed)]
    pub legislative_period_id: Option<Id>,
    /// State of the parliament, chamber or delegation, or the state that the member represents.
    #[sea_orm(indexed)]
    pub state_id: Option<Id>,
    /// Constituency or region that elected the member.
    pub area: Option<String>,
    /// Number of the term of office, starting at 1.
    pub term: Option<i32>,
    pub note: Option<String>,
    pub since_earliest: Option<Date>,
    pub since_latest: Option<Date>,
    pub until_earliest: Option<Date>,
    pub until_latest: Option<Date>,
    pub ongoing: bool,
    pub observed_first_earliest: Option<Date>,
    pub observed_first_latest: Option<Date>,
    pub observed_last_earliest: Option<Date>,
    pub observed_last_latest: Option<Date>,
    pub effective_since_earliest: Option<Date>,
    pub effective_since_latest: Option<Date>,
    pub effective_until_earliest: Option<Date>,
    pub effective_until_latest: Option<Date>,
    pub end_inference: EndInference,
    /// The periods in which it is possibly and definitely valid, derived from its own dates and the
    /// records it belongs to.
    pub holds_from: Date,
    pub holds_until: Date,
    pub sure_from: Date,
    pub sure_until: Date,
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
        belongs_to = "super::member::Entity",
        from = "Column::MemberId",
        to = "super::member::Column::Id"
    )]
    Member,
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::OrganizationId",
        to = "super::record::Column::Id"
    )]
    Organization,
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::OnBehalfOfId",
        to = "super::record::Column::Id"
    )]
    OnBehalfOf,
    #[sea_orm(
        belongs_to = "super::session::Entity",
        from = "Column::ElectedAtId",
        to = "super::session::Column::Id"
    )]
    ElectedAt,
    #[sea_orm(
        belongs_to = "super::legislative_period::Entity",
        from = "Column::LegislativePeriodId",
        to = "super::legislative_period::Column::Id"
    )]
    LegislativePeriod,
    #[sea_orm(
        belongs_to = "super::state::Entity",
        from = "Column::StateId",
        to = "super::state::Column::Id"
    )]
    State,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        time: Temporality::Validity,
        naming: Some("title"),
        fields: &[
            reference("member", one(RecordKind::Member), "Member who has the role.")
                .required()
                .bounds()
                .inverse(&[Inverse::new(
                    "memberships",
                    "Memberships of the person in organizations.",
                )
                .groups(&["state", "organization", "role"])]),
            reference("organization", any(Group::Organization), "Organization in which the member has the role.")
                .owner()
                .required()
                .bounds()
                .inverse(&[Inverse::new(
                    "memberships",
                    "Memberships in the organization, in any role.",
                )]),
            values::<Role>("role", "Role of the member in the organization.").required(),
            text("title", "Title of the role as given by the source.").claimable(),
            reference(
                "on_behalf_of",
                any(Group::Represented),
                "State, organization or group that the member represents.",
            )
            .loose()
            .inverse(&[Inverse::new("represented_by", "Memberships in which a member represents this state, organization or group.")]),
            reference("elected_at", one(RecordKind::Session), "Session that elected the member.")
                .loose()
                .inverse(&[Inverse::new(
                    "elected",
                    "Memberships of members elected at the session, read as of its date.",
                )
                .dated()
                .timeless()]),
            reference(
                "legislative_period",
                one(RecordKind::LegislativePeriod),
                "Legislative period for which the member was elected.",
            )
            .loose()
            .bounds()
            .inverse(&[Inverse::new("memberships", "Memberships for the legislative period.")]),
            text("area", "Constituency or region that elected the member.")
                .claimable()
                .single()
                .permanent(),
            number("term", "Number of the term of office, starting at 1.").min(1),
            SINCE,
            UNTIL,
            ONGOING,
            OBSERVED,
            NOTE,
            reference(
                "state",
                one(RecordKind::State),
                "State of the parliament, chamber or delegation, or the state that the member \
                    represents.",
            )
            .derived()
            .loose(),
            date(
                "effective_since",
                "Effective start: `since`; otherwise the date of the session that elected the member, \
                    the start of the legislative period, or, for a post with one holder, the first \
                    day on which a document shows the member in it, unless a document states when \
                    the previous holder left it. Null if unknown.",
            )
            .derived(),
            date(
                "effective_until",
                "Effective end: `until`; otherwise the end inferred for the reason in `endInference`. \
                    If another membership begins on that day, this one is valid until the day \
                    before. Null if unknown.",
            )
            .derived(),
            values::<EndInference>("end_inference", "Reason for an inferred `effectiveUntil`.")
                .or("NONE")
                .derived(),
        ],
        ..Kind::new(
            RecordKind::Membership,
            "membership",
            "Role of a member in an organization, for one validity period.",
        )
    };
}

/// Role of a member in an organization. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Chair or president; in a chamber, the speaker.
    Chair,
    /// First deputy chair.
    FirstDeputyChair,
    /// Deputy chair.
    DeputyChair,
    /// Head of a delegation or an organization.
    Head,
    /// Deputy head.
    DeputyHead,
    /// Plenipotentiary representative of a parliament.
    Representative,
    /// Executive secretary.
    ExecutiveSecretary,
    /// Deputy executive secretary.
    DeputyExecutiveSecretary,
    /// Secretary general.
    SecretaryGeneral,
    /// Deputy secretary general.
    DeputySecretaryGeneral,
    /// Coordinator.
    Coordinator,
    /// Ordinary member.
    Member,
    /// Expert.
    Expert,
    /// Holder of another office, which is named in `title`.
    Official,
}

/// Reason for an inferred end of a membership. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EndInference {
    /// No inference: a document states the end, or the end is unknown.
    None,
    /// Another person took the post.
    Successor,
    /// The member began a new term.
    Reelection,
    /// The legislative period ended.
    Term,
    /// The organization ended.
    Dissolution,
    /// The member died.
    Death,
}
