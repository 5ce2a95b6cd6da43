//! When to fetch: in waves.
//!
//! A request is one future. It is polled until every one of its resolvers waits for an answer;
//! then all they wait for is fetched at once, and they run on. So a question's statements depend
//! on the depth of the document and never on the number of rows, on timing or on load. Loaders
//! that guess when siblings have asked (by a timer, by yields) cannot promise that.
//!
//! Answers of earlier waves are kept for the rest of the request by the cached loader: the same
//! question about the same key is never fetched twice. Knows neither keys nor answers: those are
//! the fetcher's.

use std::{
    collections::HashMap,
    fmt::Debug,
    future::{Future, poll_fn},
    hash::Hash,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use dataloader::{BatchFn, cached::Loader};
use futures_channel::oneshot;

/// Answers many keys at once; one call is one wave.
pub trait Fetch: Send + Sync + 'static {
    type Key: Clone + Debug + Eq + Hash + Send + Sync;
    type Output: Clone + Send + Sync;

    fn fetch(
        &self,
        keys: Vec<Self::Key>,
    ) -> impl Future<Output = HashMap<Self::Key, Self::Output>> + Send;
}

/// What the resolvers of one request have asked for and not yet been told.
pub struct Wave<F: Fetch> {
    asked: Mutex<Vec<Asked<F>>>,
    outside: AtomicUsize,
    loader: Loader<F::Key, F::Output, Carrier<F>>,
}

/// A key, and who waits for its answer.
type Asked<F> = (<F as Fetch>::Key, oneshot::Sender<<F as Fetch>::Output>);

/// Hands a wave's keys from the loader to the fetcher.
struct Carrier<F>(Arc<F>);

impl<F: Fetch> BatchFn<F::Key, F::Output> for Carrier<F> {
    async fn load(&mut self, keys: &[F::Key]) -> HashMap<F::Key, F::Output> {
        self.0.fetch(keys.to_vec()).await
    }
}

impl<F: Fetch> Wave<F> {
    pub fn new(fetcher: Arc<F>) -> Self {
        Self {
            asked: Mutex::default(),
            outside: AtomicUsize::new(0),
            // The wave decides when to load and how much: the loader must neither wait nor split.
            loader: Loader::new(Carrier(fetcher))
                .with_yield_count(0)
                .with_max_batch_size(usize::MAX),
        }
    }

    /// The answer to one question about one key, with the next wave.
    pub async fn load(&self, key: F::Key) -> F::Output {
        let (answer, waiting) = oneshot::channel();
        self.lock().push((key, answer));
        waiting.await.expect("a wave answers everything that was asked before it")
    }

    /// Waits for something other than an answer; no wave sets out meanwhile, because what follows
    /// may ask for more of the same.
    pub async fn outside<T>(&self, work: impl Future<Output = T>) -> T {
        let _stay = Stay::new(&self.outside);
        work.await
    }

    /// Runs a request to its end.
    pub async fn drive<R: Future>(&self, request: R) -> R::Output {
        let mut request = pin!(request);
        let signal = Arc::new(Signal::default());
        let waker = Waker::from(signal.clone());
        loop {
            // A request may be woken by one thread while another still ends an earlier turn.
            let mut rounds: Vec<Round> = Vec::new();
            let done = poll_fn(|context| {
                signal.forward_to(context.waker());
                let moving = signal.woken.swap(false, Ordering::AcqRel);
                if moving || rounds.is_empty() {
                    rounds.retain(|round| !round.is_over());
                    let round = Round::begin(&signal);
                    let output = request.as_mut().poll(&mut Context::from_waker(&waker));
                    if let Poll::Ready(output) = output {
                        return Poll::Ready(Some(output));
                    }
                    rounds.push(round.end(&signal));
                }
                // In this order: whoever was to be woken in the turn was so before it was over.
                let turned = rounds.iter().all(Round::is_over);
                let moving = signal.woken.load(Ordering::Acquire);
                let away = self.outside.load(Ordering::Acquire) > 0;
                if moving || !turned || away || self.lock().is_empty() {
                    // It wakes itself, or may still do so, or something outside will.
                    Poll::Pending
                } else {
                    Poll::Ready(None)
                }
            })
            .await;
            match done {
                Some(output) => return output,
                None => self.set_out().await,
            }
        }
    }

    async fn set_out(&self) {
        let asked = std::mem::take(&mut *self.lock());
        let keys = asked.iter().map(|(key, _)| key.clone()).collect();
        let answers = self.loader.try_load_many(keys).await.expect("a fetch answers every key");
        for (key, waiting) in asked {
            // A resolver that was dropped meanwhile (its sibling failed) no longer listens.
            if let Some(answer) = answers.get(&key).filter(|_| !waiting.is_canceled()) {
                drop(waiting.send(answer.clone()));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Asked<F>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Stay<'a>(&'a AtomicUsize);

impl<'a> Stay<'a> {
    fn new(outside: &'a AtomicUsize) -> Self {
        outside.fetch_add(1, Ordering::AcqRel);
        Self(outside)
    }
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One turn of the runtime around a poll of the request.
///
/// A resolver that yields, or that used up its budget, is not woken within the poll: the runtime
/// keeps its waker until the end of the turn. So a wave may set out only after the turn is over,
/// which shows when wakers that were left there before and after the poll have come back: whatever
/// the order in which the runtime goes through its list, all in between have been woken too. That it
/// does so is no promise of tokio's: `tests/it/waves.rs` tests it, and `Cargo.toml` pins the version.
struct Round {
    before: Arc<Tick>,
    after: Option<Arc<Tick>>,
}

impl Round {
    fn begin(signal: &Arc<Signal>) -> Self {
        Self { before: Tick::leave(signal), after: None }
    }

    fn end(self, signal: &Arc<Signal>) -> Self {
        Self { after: Some(Tick::leave(signal)), ..self }
    }

    fn is_over(&self) -> bool {
        let came = |tick: &Arc<Tick>| tick.came.load(Ordering::Acquire);
        came(&self.before) && self.after.as_ref().is_some_and(came)
    }
}

/// A waker left with the runtime until the end of its turn.
struct Tick {
    came: AtomicBool,
    signal: Arc<Signal>,
}

impl Tick {
    fn leave(signal: &Arc<Signal>) -> Arc<Self> {
        let tick = Arc::new(Self { came: AtomicBool::new(false), signal: signal.clone() });
        let waker = Waker::from(tick.clone());
        let turn = pin!(tokio::task::yield_now());
        if turn.poll(&mut Context::from_waker(&waker)).is_ready() {
            tick.came.store(true, Ordering::Release);
        }
        tick
    }
}

impl Wake for Tick {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.came.store(true, Ordering::Release);
        self.signal.wake_task();
    }
}

/// Remembers that the request was woken, and wakes the task that drives it.
#[derive(Default)]
struct Signal {
    woken: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Signal {
    fn forward_to(&self, task: &Waker) {
        let mut kept = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *kept {
            Some(kept) => kept.clone_from(task),
            None => *kept = Some(task.clone()),
        }
    }

    fn wake_task(&self) {
        if let Some(task) = &*self.task.lock().unwrap_or_else(PoisonError::into_inner) {
            task.wake_by_ref();
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.wake_task();
    }
}
