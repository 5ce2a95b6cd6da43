//! The request queue: limits how many requests execute concurrently, how many wait, and for how long.
//!
//! A long queue delays all requests. A short queue delays few requests, and rejects the others at once
//! with `Retry-After`.

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
pub struct Queue(Arc<State>);

#[derive(Debug)]
struct State {
    permits: Arc<Semaphore>,
    max_concurrent: usize,
    queued: AtomicUsize,
    max_queued: usize,
    timeout: Duration,
    /// Exponential moving average of the time for which a permit is held, in microseconds.
    mean_duration: AtomicU64,
}

/// Permission to execute a request. Dropping it lets the next request in the queue start.
#[derive(Debug)]
pub struct Permit {
    queue: Arc<State>,
    acquired: Instant,
    _permit: OwnedSemaphorePermit,
}

/// The queue is full, or the queue timeout has elapsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many concurrent requests; try again in {} s", retry_after.as_secs())]
pub struct QueueFull {
    /// Whole seconds, at least one.
    pub retry_after: Duration,
}

impl Queue {
    /// `max_concurrent` is at least 1.
    pub fn new(max_concurrent: usize, max_queued: usize, timeout: Duration) -> Self {
        let max_concurrent = max_concurrent.clamp(1, Semaphore::MAX_PERMITS);
        Self(Arc::new(State {
            permits: Arc::new(Semaphore::new(max_concurrent)),
            max_concurrent,
            queued: AtomicUsize::new(0),
            max_queued,
            timeout,
            mean_duration: AtomicU64::new(0),
        }))
    }

    /// Waits for a permit, in the order of arrival. Fails if the queue is full or the timeout elapses.
    /// Dropping the future removes the request from the queue.
    pub async fn acquire(&self) -> Result<Permit, QueueFull> {
        let state = &self.0;
        // Does not overtake the queue: a released permit is assigned to the first waiter.
        if let Ok(permit) = state.permits.clone().try_acquire_owned() {
            return Ok(self.permit(permit));
        }
        let Some(_waiter) = Waiter::new(state) else { return Err(self.full()) };
        match time::timeout(state.timeout, state.permits.clone().acquire_owned()).await {
            Ok(permit) => Ok(self.permit(permit.expect("the semaphore is never closed"))),
            Err(_) => Err(self.full()),
        }
    }

    /// The number of requests that execute.
    pub fn in_flight(&self) -> usize {
        self.0.max_concurrent - self.0.permits.available_permits()
    }

    /// The number of requests that wait.
    pub fn queued(&self) -> usize {
        self.0.queued.load(Ordering::Relaxed)
    }

    fn permit(&self, permit: OwnedSemaphorePermit) -> Permit {
        Permit { queue: self.0.clone(), acquired: Instant::now(), _permit: permit }
    }

    fn full(&self) -> QueueFull {
        QueueFull { retry_after: self.0.estimated_wait() }
    }
}

impl State {
    /// Estimates the time until the requests in the queue and one more have been executed.
    fn estimated_wait(&self) -> Duration {
        let queued = self.queued.load(Ordering::Relaxed) as u64;
        let mean = self.mean_duration.load(Ordering::Relaxed);
        let micros = mean.saturating_mul(queued + 1) / self.max_concurrent as u64;
        Duration::from_secs(micros.div_ceil(1_000_000).clamp(1, MAX_RETRY_AFTER))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let duration = u64::try_from(self.acquired.elapsed().as_micros()).unwrap_or(u64::MAX);
        // Concurrent drops may lose an update, which does not matter for an estimate.
        let mean = self.queue.mean_duration.load(Ordering::Relaxed);
        let updated = if mean == 0 { duration } else { mean - mean / 8 + duration / 8 };
        self.queue.mean_duration.store(updated, Ordering::Relaxed);
    }
}

/// Counts one request as queued until it is dropped.
struct Waiter<'a>(&'a State);

impl<'a> Waiter<'a> {
    /// Returns `None` if the queue is full.
    fn new(state: &'a State) -> Option<Self> {
        let increment = |queued| (queued < state.max_queued).then_some(queued + 1);
        state.queued.fetch_update(Ordering::Relaxed, Ordering::Relaxed, increment).ok()?;
        Some(Self(state))
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, poll};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn free_permits_are_acquired_at_once() {
        let queue = Queue::new(2, 0, SECOND);
        let one = queue.acquire().await.unwrap();
        let _other = queue.acquire().await.unwrap();
        assert_eq!((queue.in_flight(), queue.queued()), (2, 0));
        assert_eq!(queue.acquire().now_or_never().unwrap().unwrap_err().retry_after, SECOND);
        drop(one);
        assert_eq!(queue.in_flight(), 1);
        queue.acquire().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn permits_are_acquired_in_order_of_arrival() {
        let queue = Queue::new(1, 2, SECOND);
        let permit = queue.acquire().await.unwrap();
        let (mut first, mut second) = (Box::pin(queue.acquire()), Box::pin(queue.acquire()));
        assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending());
        assert_eq!(queue.queued(), 2);
        queue.acquire().now_or_never().unwrap().unwrap_err();
        drop(permit);
        // The permit is already assigned to the first waiter, which has not been polled yet.
        queue.acquire().now_or_never().unwrap().unwrap_err();
        assert!(poll!(&mut second).is_pending());
        let permit = first.await.unwrap();
        assert_eq!((queue.in_flight(), queue.queued()), (1, 1));
        drop(permit);
        second.await.unwrap();
        assert_eq!((queue.in_flight(), queue.queued()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_times_out() {
        let queue = Queue::new(1, 1, SECOND);
        let _permit = queue.acquire().await.unwrap();
        let start = Instant::now();
        queue.acquire().await.unwrap_err();
        assert_eq!(start.elapsed().as_secs(), 1);
        assert_eq!((queue.in_flight(), queue.queued()), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_waiter_leaves_the_queue() {
        let queue = Queue::new(1, 1, SECOND);
        let permit = queue.acquire().await.unwrap();
        let mut dropped = Box::pin(queue.acquire());
        assert!(poll!(&mut dropped).is_pending());
        drop(dropped);
        assert_eq!(queue.queued(), 0);
        let mut next = Box::pin(queue.acquire());
        assert!(poll!(&mut next).is_pending());
        // A waiter that is dropped after the permit was assigned to it releases the permit.
        drop(permit);
        drop(next);
        assert_eq!((queue.in_flight(), queue.queued()), (0, 0));
        queue.acquire().now_or_never().unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_estimated_from_the_queue() {
        let queue = Queue::new(2, 3, 10 * SECOND);
        let permit = queue.acquire().await.unwrap();
        time::advance(4 * SECOND).await;
        drop(permit);
        let _permits = (queue.acquire().await.unwrap(), queue.acquire().await.unwrap());
        let mut waiters = [(); 3].map(|()| Box::pin(queue.acquire()));
        for waiter in &mut waiters {
            assert!(poll!(waiter).is_pending());
        }
        // Three queued requests and this one, each 4 s, two at a time.
        let error = queue.acquire().await.unwrap_err();
        assert_eq!(error.retry_after, 8 * SECOND);
        assert_eq!(error.to_string(), "too many concurrent requests; try again in 8 s");
    }
}
