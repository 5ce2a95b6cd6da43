//! What one request reads.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_graphql::{Context, Pos};
use chrono::NaiveDate;

use super::{
    batch::{BatchQuery, Edge, Key, Of, Page, Row, Slice},
    error::{BadInput, Error, Result},
    keyset::{Order, Window},
    page::{List, Rows},
    snapshot::{Plan, Snapshot},
    table::{AnyRow, Table},
    wave::Wave,
};
use crate::limits::{MAX_LIST_ROWS, MAX_RESPONSE_ROWS};

/// What one request reads: one state of the data, fetched in waves.
pub struct Graph {
    snapshot: Arc<Snapshot>,
    wave: Wave<Snapshot>,
    /// The day of the request.
    today: NaiveDate,
    /// Rows of lists that are not paged, so far.
    shown: AtomicUsize,
    /// The places of fields that failed.
    failed: Mutex<HashSet<Pos>>,
}

impl Graph {
    pub fn new(snapshot: Snapshot, today: NaiveDate) -> Self {
        let snapshot = Arc::new(snapshot);
        Self {
            wave: Wave::new(snapshot.clone()),
            snapshot,
            today,
            shown: AtomicUsize::new(0),
            failed: Mutex::default(),
        }
    }

    /// The graph that the request reads.
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        let graph: &Arc<Self> = ctx.data_unchecked();
        graph
    }

    /// Whether the field at a place of the document has not failed before.
    pub fn fails_first(&self, at: Option<Pos>) -> bool {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        at.is_some_and(|at| failed.insert(at))
    }

    /// How the store went about the statements so far.
    pub fn plans(&self) -> Vec<Plan> {
        self.snapshot.plans()
    }

    /// The day of the request.
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// Runs a request that reads this graph to its end.
    pub async fn drive<R: Future>(&self, request: R) -> R::Output {
        self.wave.drive(request).await
    }

    /// How many statements the request has cost so far.
    pub fn statements(&self) -> usize {
        self.snapshot.statements()
    }

    /// The answer to a question about a whole table.
    pub async fn overall<Q: BatchQuery>(&self, question: Q) -> Result<Arc<Q::Output>> {
        self.load(question, Of::All).await
    }

    /// The answer to any question about one key.
    pub async fn load<Q: BatchQuery>(
        &self,
        question: Q,
        of: impl Into<Of>,
    ) -> Result<Arc<Q::Output>> {
        self.wave.load(Key::new(question, of.into())).await.to::<Q>()
    }

    /// The row of a table that a unique column names.
    pub async fn row(
        &self,
        table: Table,
        column: &'static str,
        of: impl Into<Of>,
    ) -> Result<Option<AnyRow>> {
        let found = self.load(Row { table, column }, of).await?;
        Ok(found.as_ref().as_ref().map(|found| found.row.clone()))
    }

    /// The rows of a page, of which someone else makes what is shown.
    pub async fn rows(&self, order: Order, edge: Edge, of: Of, list: List) -> Result<Rows> {
        let only_count = list.only_count;
        let window = list.check(&order)?;
        if only_count {
            return Ok(Rows { slice: Arc::default(), window, order });
        }
        let (table, columns) = (order.table, order.columns.clone());
        let page = Page { table, edge, window: window.clone(), order: columns };
        let slice = self.load(page, of).await?;
        Ok(Rows { slice, window, order })
    }

    /// All rows at an edge that is short by its nature.
    pub async fn whole(&self, order: Order, edge: Edge, of: Of) -> Result<Arc<Slice>> {
        let window = Window::whole(MAX_LIST_ROWS);
        let page = Page { table: order.table, edge, window, order: order.columns };
        let slice = self.load(page, of.clone()).await?;
        if slice.more {
            return Err(Error::Broken(format!("{:?} at {of:?} is no short list", order.table)));
        }
        let shown = self.shown.fetch_add(slice.rows.len(), Ordering::Relaxed);
        let (got, most) = (shown + slice.rows.len(), MAX_RESPONSE_ROWS);
        match got > most {
            true => Err(BadInput::AnswerLength { got, most }.into()),
            false => Ok(slice),
        }
    }
}
