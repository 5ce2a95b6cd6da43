//! Waves: what is asked together is fetched together, whatever the timing and the load.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use assembly_graph::graph::wave::{Fetch, Wave};
use futures_util::future::{FutureExt, join_all};

/// Answers by doubling, and keeps count of what each wave asked.
#[derive(Default)]
struct Counter {
    waves: Mutex<Vec<usize>>,
    pause: Option<Duration>,
}

impl Fetch for Counter {
    type Key = i64;
    type Answer = i64;

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

/// How a resolver dallies between its questions.
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
        id = wave.ask(id).await;
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

/// In level n a thousand siblings ask for their number doubled n times; half of those were asked
/// for by others a level before, and are remembered.
fn exact() -> Vec<usize> {
    let mut known = std::collections::HashSet::new();
    let fresh = |level| (1..=SIBLINGS).filter(|n| known.insert(n << level)).count();
    (0..LEVELS).map(fresh).collect()
}

#[tokio::test]
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

#[tokio::test]
async fn a_request_that_asks_nothing_needs_no_wave() {
    let wave = Wave::new(Arc::new(Counter::default()));
    let asleep = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        7
    };
    assert_eq!(wave.drive(asleep).await, 7);
}

#[tokio::test]
async fn a_sibling_that_gives_up_disturbs_nobody() {
    let counter = Arc::new(Counter::default());
    let wave = Wave::new(counter.clone());
    let patient = wave.ask(1);
    let done = wave.drive(async {
        let mut hasty = wave.ask(2).boxed();
        assert!(futures_util::poll!(&mut hasty).is_pending());
        drop(hasty);
        patient.await
    });
    assert_eq!(done.await, 2);
}
