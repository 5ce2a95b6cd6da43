//! The queue before the work: so many requests at one time, so many in line, for so long.
//!
//! A line that grows without bound serves everybody late; a short one serves most in time and tells
//! the others at once when to come again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{self, Instant},
};

use crate::limits::MAX_RETRY_AFTER;

#[derive(Debug)]
pub struct Queue(Arc<Line>);

#[derive(Debug)]
struct Line {
    places: Arc<Semaphore>,
    in_flight: usize,
    waiting: AtomicUsize,
    most_waiting: usize,
    wait: Duration,
    /// How long a place is held, in microseconds: a mean in which the last ones count most.
    held: AtomicU64,
}

/// A place among the requests that are answered; free again when dropped.
#[derive(Debug)]
pub struct Place {
    line: Arc<Line>,
    since: Instant,
    _permit: OwnedSemaphorePermit,
}

/// There was no place in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests are under way: try again in {} s", retry_after.as_secs())]
pub struct Full {
    /// Whole seconds, one at least.
    pub retry_after: Duration,
}

impl Queue {
    /// At least one request is in flight at a time.
    pub fn new(in_flight: usize, waiting: usize, wait: Duration) -> Self {
        let in_flight = in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Self(Arc::new(Line {
            places: Arc::new(Semaphore::new(in_flight)),
            in_flight,
            waiting: AtomicUsize::new(0),
            most_waiting: waiting,
            wait,
            held: AtomicU64::new(0),
        }))
    }

    /// A place at once where one is free; else after those who came before, if the line is not full
    /// and the wait not too long. Whoever goes away meanwhile leaves the line.
    pub async fn enter(&self) -> Result<Place, Full> {
        let line = &self.0;
        // A free place is nobody's: one that is given up goes to the first in line.
        if let Ok(permit) = line.places.clone().try_acquire_owned() {
            return Ok(self.place(permit));
        }
        let Some(_waiter) = Waiter::join(line) else { return Err(self.turn_away()) };
        match time::timeout(line.wait, line.places.clone().acquire_owned()).await {
            Ok(permit) => Ok(self.place(permit.expect("places are never closed"))),
            Err(_) => Err(self.turn_away()),
        }
    }

    /// Requests that hold a place.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight - self.0.places.available_permits()
    }

    /// Requests in line.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }

    fn place(&self, permit: OwnedSemaphorePermit) -> Place {
        Place { line: self.0.clone(), since: Instant::now(), _permit: permit }
    }

    fn turn_away(&self) -> Full {
        Full { retry_after: self.0.until_empty() }
    }
}

impl Line {
    /// When those in line will have had their turn, if places are held as long as before.
    fn until_empty(&self) -> Duration {
        let waiting = self.waiting.load(Ordering::Relaxed) as u64;
        let held = self.held.load(Ordering::Relaxed);
        let micros = held.saturating_mul(waiting + 1) / self.in_flight as u64;
        Duration::from_secs(micros.div_ceil(1_000_000).clamp(1, MAX_RETRY_AFTER))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let held = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        // A mean that misses one of two places given up at once is as good.
        let mean = self.line.held.load(Ordering::Relaxed);
        let mean = if mean == 0 { held } else { mean - mean / 8 + held / 8 };
        self.line.held.store(mean, Ordering::Relaxed);
    }
}

/// Somebody in line; no longer when dropped.
struct Waiter<'a>(&'a Line);

impl<'a> Waiter<'a> {
    fn join(line: &'a Line) -> Option<Self> {
        let more = |waiting| (waiting < line.most_waiting).then_some(waiting + 1);
        line.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Self(line))
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, poll};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn free_places_are_given_at_once() {
        let queue = Queue::new(2, 0, SECOND);
        let one = queue.enter().await.unwrap();
        let _other = queue.enter().await.unwrap();
        assert_eq!((queue.in_flight(), queue.waiting()), (2, 0));
        assert_eq!(queue.enter().now_or_never().unwrap().unwrap_err().retry_after, SECOND);
        drop(one);
        assert_eq!(queue.in_flight(), 1);
        queue.enter().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_came_first_is_first() {
        let queue = Queue::new(1, 2, SECOND);
        let place = queue.enter().await.unwrap();
        let (mut first, mut second) = (Box::pin(queue.enter()), Box::pin(queue.enter()));
        assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending());
        assert_eq!(queue.waiting(), 2);
        queue.enter().now_or_never().unwrap().unwrap_err();
        drop(place);
        // The place is the first's already, though it has not looked yet.
        queue.enter().now_or_never().unwrap().unwrap_err();
        assert!(poll!(&mut second).is_pending());
        let place = first.await.unwrap();
        assert_eq!((queue.in_flight(), queue.waiting()), (1, 1));
        drop(place);
        second.await.unwrap();
        assert_eq!((queue.in_flight(), queue.waiting()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_allowed() {
        let queue = Queue::new(1, 1, SECOND);
        let _place = queue.enter().await.unwrap();
        let start = Instant::now();
        queue.enter().await.unwrap_err();
        assert_eq!(start.elapsed().as_secs(), 1);
        assert_eq!((queue.in_flight(), queue.waiting()), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_leaves_the_line() {
        let queue = Queue::new(1, 1, SECOND);
        let place = queue.enter().await.unwrap();
        let mut gone = Box::pin(queue.enter());
        assert!(poll!(&mut gone).is_pending());
        drop(gone);
        assert_eq!(queue.waiting(), 0);
        let mut next = Box::pin(queue.enter());
        assert!(poll!(&mut next).is_pending());
        // One who has been given the place and goes away before looking gives it back.
        drop(place);
        drop(next);
        assert_eq!((queue.in_flight(), queue.waiting()), (0, 0));
        queue.enter().now_or_never().unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn when_to_come_again_follows_the_line() {
        let queue = Queue::new(2, 3, 10 * SECOND);
        let place = queue.enter().await.unwrap();
        time::advance(4 * SECOND).await;
        drop(place);
        let _places = (queue.enter().await.unwrap(), queue.enter().await.unwrap());
        let mut line = [(); 3].map(|()| Box::pin(queue.enter()));
        for waiter in &mut line {
            assert!(poll!(waiter).is_pending());
        }
        // Three in line and the one who asks: four turns of 4 s in two places.
        let full = queue.enter().await.unwrap_err();
        assert_eq!(full.retry_after, 8 * SECOND);
        assert_eq!(full.to_string(), "too many requests are under way: try again in 8 s");
    }
}
