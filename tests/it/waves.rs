//! Waves: keys that resolvers load together are fetched together, regardless of timing and load.

use std::{
    collections::HashMap,
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use assembly_graph::graph::wave::{Fetch, Wave};
use futures_util::future::{FutureExt, join_all};

/// Doubles keys, and records the number of keys of each wave.
#[derive(Default)]
struct Counter {
    waves: Mutex<Vec<usize>>,
    pause: Option<Duration>,
}

impl Fetch for Counter {
    type Key = i64;
    type Output = i64;

    async fn fetch(&self, keys: Vec<i64>) -> HashMap<i64, i64> {
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause).await;
        }
        self.waves.lock().unwrap().push(keys.len());
        keys.into_iter().map(|key| (key, key * 2)).collect()
    }
}

const SIBLINGS: i64 = 1_000;
const LEVELS: usize = 6;

/// What a resolver awaits between two keys.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Straight,
    /// Goes through tokio's cooperative budget by yielding.
    Yielding,
    /// Waits for timers of different lengths.
    Timers,
}

async fn descend(wave: &Wave<Counter>, sibling: i64, manner: Manner) -> i64 {
    let mut id = sibling;
    for level in 0..LEVELS {
        match manner {
            Manner::Straight => {}
            Manner::Yielding => {
                for _ in 0..(sibling % 5) {
                    tokio::task::yield_now().await;
                }
                // Spends the budget of the task, so that polls end early.
                let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
                sender.send(level).unwrap();
                receiver.recv().await.unwrap();
            }
            Manner::Timers => {
                let pause = Duration::from_micros((sibling as u64 * 37) % 3_000);
                wave.outside(tokio::time::sleep(pause)).await;
            }
        }
        id = wave.load(id).await;
    }
    id
}

async fn request(manner: Manner, pause: Option<Duration>) -> Vec<usize> {
    let counter = Arc::new(Counter { pause, ..Counter::default() });
    let wave = Wave::new(counter.clone());
    let siblings = (1..=SIBLINGS).map(|sibling| descend(&wave, sibling, manner));
    let done = wave.drive(join_all(siblings)).await;
    let expected: Vec<i64> = (1..=SIBLINGS).map(|sibling| sibling << LEVELS).collect();
    assert_eq!(done, expected);
    counter.waves.lock().unwrap().clone()
}

/// In level n a thousand siblings load their number doubled n times; half of those were loaded
/// by others a level before, and are cached.
fn exact() -> Vec<usize> {
    let mut known = std::collections::HashSet::new();
    let fresh = |level| (1..=SIBLINGS).filter(|n| known.insert(n << level)).count();
    (0..LEVELS).map(fresh).collect()
}

#[tokio::test(start_paused = true)]
async fn each_level_is_one_wave() {
    for manner in [Manner::Straight, Manner::Yielding, Manner::Timers] {
        assert_eq!(request(manner, None).await, exact(), "{manner:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_level_is_one_wave_with_32_requests_in_flight() {
    for manner in [Manner::Straight, Manner::Yielding, Manner::Timers] {
        let pause = Some(Duration::from_millis(2));
        let requests: Vec<_> =
            (0..32).map(|_| tokio::spawn(async move { request(manner, pause).await })).collect();
        for request in requests {
            assert_eq!(request.await.unwrap(), exact(), "{manner:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_loader_keys_needs_no_wave() {
    let wave = Wave::new(Arc::new(Counter::default()));
    let asleep = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        7
    };
    assert_eq!(wave.drive(asleep).await, 7);
}

#[tokio::test]
async fn a_cancelled_sibling_does_not_affect_others() {
    let counter = Arc::new(Counter::default());
    let wave = Wave::new(counter.clone());
    let patient = wave.load(1);
    let done = wave.drive(async {
        let mut hasty = wave.load(2).boxed();
        assert!(futures_util::poll!(&mut hasty).is_pending());
        drop(hasty);
        patient.await
    });
    assert_eq!(done.await, 2);
}

/// Wakers that were left with the runtime in one poll, and woken since.
#[derive(Default)]
struct Left {
    woken: Mutex<Vec<usize>>,
    task: Mutex<Option<Waker>>,
}

/// One of them, by its number.
struct Numbered(usize, Arc<Left>);

impl Wake for Numbered {
    fn wake(self: Arc<Self>) {
        self.1.woken.lock().unwrap().push(self.0);
        if let Some(task) = &*self.1.task.lock().unwrap() {
            task.wake_by_ref();
        }
    }
}

/// Polls a future that has not come to its end.
fn leave(left: &Arc<Left>, number: usize, work: impl Future<Output = ()>) {
    let waker = Waker::from(Arc::new(Numbered(number, left.clone())));
    assert!(pin!(work).poll(&mut Context::from_waker(&waker)).is_pending());
}

/// Uses up the budget of the task, as tokio's own futures do, and waits for the next.
async fn spend() {
    loop {
        tokio::task::coop::consume_budget().await;
    }
}

/// In one poll of a task, yields, spends the budget and yields again. Returns the order in which the three
/// wakers were woken.
async fn order_of_wakes() -> Vec<usize> {
    let left = Arc::new(Left::default());
    let mut begun = false;
    poll_fn(|context| {
        if !begun {
            begun = true;
            *left.task.lock().unwrap() = Some(context.waker().clone());
            leave(&left, 0, tokio::task::yield_now());
            leave(&left, 1, spend());
            leave(&left, 2, tokio::task::yield_now());
            assert_eq!(*left.woken.lock().unwrap(), [0; 0], "a waker was woken within the poll");
        }
        let woken = left.woken.lock().unwrap().clone();
        if woken.contains(&0) && woken.contains(&2) {
            assert!(woken.contains(&1), "what was left in between is still there: {woken:?}");
        }
        if woken.len() == 3 { Poll::Ready(woken) } else { Poll::Pending }
    })
    .await
}

/// [`Wave`] relies on this behavior of tokio: wakers of tasks that yield, or that have spent their budget,
/// are deferred until the poll ends, and then woken one after another. See `docs/decisions.md`.
#[tokio::test]
async fn tokio_wakes_deferred_wakers_together_after_the_poll() {
    for _ in 0..100 {
        let order = order_of_wakes().await;
        assert!([[0, 1, 2], [2, 1, 0]].contains(&[order[0], order[1], order[2]]), "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokio_wakes_deferred_wakers_together_on_each_thread() {
    let task = || async {
        for _ in 0..100 {
            order_of_wakes().await;
        }
    };
    join_all((0..32).map(|_| tokio::spawn(task()))).await.into_iter().for_each(Result::unwrap);
}
