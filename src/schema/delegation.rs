//! The computed fields, lists and filters of delegations.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use entity::{
    Id, RecordKind, delegation, membership, membership::Role, seat_allocation, seat_total,
};
use futures_util::FutureExt;
use sea_orm::ActiveEnum;

use super::{
    composition,
    composition::{Composition, CompositionPeriodConnection, Membership, SeatAllocation},
    object::{self, Computed, ComputedList},
};
use crate::{
    evidence,
    graph::{
        Day, Edge, GraphContext, List, Node, Nullable, Result, Shown, View, When,
        as_of::During,
        filter::{FilterField, Tests},
        registry::Field,
    },
};

pub type Delegation = object::Object<delegation::Entity>;

pub const COMPUTED: Computed = Computed::new(RecordKind::Delegation)
    .fields::<_, DelegationFields>()
    .lists(LISTS)
    .filters(filters);

const LISTS: &[ComputedList] = &[ComputedList {
    name: "composition",
    definition: |name| {
        let description = "History of the seats and members: one item for each period without a change, \
            in chronological order.";
        Field::of::<Nullable<CompositionPeriodConnection>>(name, description).paged()
    },
    load: |view, id, list| {
        async move { Ok(Arc::new(load_composition(view, id, list).await?) as Shown) }.boxed()
    },
}];

const TOTAL_SEATS: &str = "totalSeats";

fn filters() -> Vec<FilterField> {
    let reach = Edge::key(seat_total::Column::DelegationId).reach();
    let tests = Tests::NumberThen { reach, table: "seat_total", column: "seats" };
    vec![FilterField { name: TOTAL_SEATS.to_owned(), tests }]
}

/// Number of seats of a delegation compared with its known members.
#[derive(SimpleObject)]
pub struct Coverage {
    /// Total number of seats. Null if no document states it.
    declared: Option<i32>,
    /// Number of persons with a membership in any role.
    named: usize,
}

pub struct DelegationFields(Delegation);

impl From<Delegation> for DelegationFields {
    fn from(record: Delegation) -> Self {
        Self(record)
    }
}

impl DelegationFields {
    /// Loads the rows of a relation that are valid at the given time.
    async fn load_valid<N: Node>(&self, view: View<'_>, edge: Edge, when: When) -> Result<Vec<N>> {
        let (view, during) = view.when(when)?;
        view.list(edge.during(during), self.0.row.id).await
    }

    async fn load_total_seats(&self, view: View<'_>) -> Result<Option<i32>> {
        let edge = Edge::key(seat_allocation::Column::DelegationId);
        let seats: Vec<SeatAllocation> = self.load_valid(view, edge, When::default()).await?;
        Ok(evidence::seats::total(seats.iter().map(|part| &*part.row), view.as_of.date()))
    }
}

#[Object]
impl DelegationFields {
    /// Total number of seats. If a chamber has several possible allocations, the definite one
    /// counts, otherwise the latest. Null if no document states the number.
    async fn total_seats(&self, ctx: &Context<'_>) -> Nullable<i32> {
        self.load_total_seats(ctx.at(self.0.as_of)).await.into()
    }

    /// Plenipotentiary representative of the parliament in the assembly. If there are several
    /// possible ones, the definite one, otherwise the latest; with `history: true`, the last known
    /// one. Null if none is known.
    async fn representative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Point in time for this field and everything below it; defaults to the \
                parent's, or today.")]
        as_of: Option<Day>,
        #[graphql(
            default_with = "Some(false)",
            desc = "Whether to return all validity periods, past and future, instead of those at \
                the point in time."
        )]
        history: Option<bool>,
    ) -> Nullable<Membership> {
        Nullable::of(async {
            let edge = Edge::key(membership::Column::OrganizationId)
                .only(membership::Column::Role, [Role::Representative.to_value()]);
            let when = When::of(as_of, history);
            let select = if when.history { composition::last } else { composition::current };
            self.load_valid(ctx.at(self.0.as_of), edge, when).await.map(select)
        })
        .await
    }

    /// Number of seats compared with the known members.
    async fn coverage(&self, ctx: &Context<'_>) -> Result<Coverage> {
        let view = ctx.at(self.0.as_of);
        let edge = Edge::key(membership::Column::OrganizationId);
        let (declared, members) = futures_util::try_join!(
            self.load_total_seats(view),
            self.load_valid::<Membership>(view, edge, When::default()),
        )?;
        Ok(Coverage { declared, named: composition::count_persons(&members) })
    }
}

/// Loads a page of the periods in which neither the seats nor the members of a delegation change.
async fn load_composition(
    view: View<'_>,
    id: Id,
    list: List,
) -> Result<CompositionPeriodConnection> {
    let window = list.check(&Composition::order())?;
    let seats = Edge::key(seat_allocation::Column::DelegationId);
    let members = Edge::key(membership::Column::OrganizationId);
    let (seats, members) = futures_util::try_join!(
        view.list(seats.during(During::Ever), id),
        view.list(members.during(During::Ever), id),
    )?;
    let composition = Composition::new(id, seats, members, view.graph.today());
    Ok(Arc::new(composition).page(&window))
}
