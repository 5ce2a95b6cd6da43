//! Rate limits: requests per second and burst of each client.
//!
//! A client is an IPv4 address or an IPv6 network of 64 bits. The number of clients in memory is
//! limited; those with the least usage are evicted first.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::http::HeaderMap;
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};

/// Maximum number of clients in memory.
const MAX_CLIENTS: usize = 100_000;
/// Number of requests after which clients without recent requests are removed.
const SWEEP_INTERVAL: u32 = 10_000;
/// Maximum rate; a higher one is reduced to it.
const MAX_RATE: u32 = 1_000_000;
/// Default burst, in seconds of the rate.
const DEFAULT_BURST_SECONDS: u32 = 5;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client of a request: the entry of `X-Forwarded-For` that the outermost trusted
/// proxy has added, or the address of the peer if no proxy is trusted or the entry is missing.
pub fn client_address(headers: &HeaderMap, peer: IpAddr, trusted_proxies: usize) -> IpAddr {
    let forwarded = || {
        let values = headers.get_all(X_FORWARDED_FOR).iter();
        let entries = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        let entries: Vec<_> = entries.collect();
        parse_address(entries[entries.len().checked_sub(trusted_proxies)?..].first()?)
    };
    forwarded().unwrap_or(peer).to_canonical()
}

/// Parses an address, with or without brackets and a port.
fn parse_address(entry: &[u8]) -> Option<IpAddr> {
    let entry = str::from_utf8(entry).ok()?.trim();
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let with_port = || entry.parse().ok().map(|address: SocketAddr| address.ip());
    bare.parse().ok().or_else(with_port)
}

/// The key by which clients are counted. IPv6 clients are counted by their /64 network, because most
/// of them can use any address in it.
pub fn client_key(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

/// A client has exceeded its rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "rate limit of {limit} {} per second exceeded; try again in {} s",
    if *limit == 1 { "request" } else { "requests" },
    retry_after.as_secs()
)]
pub struct RateLimitExceeded {
    /// Requests per second.
    pub limit: u32,
    /// Whole seconds, at least one.
    pub retry_after: Duration,
}

/// The rate limits of all clients.
#[derive(Debug)]
pub struct RateLimits<C: Clock = DefaultClock> {
    limiter: Option<RateLimiter<IpAddr, Clients, C, NoOpMiddleware<C::Instant>>>,
    limit: u32,
    checks: AtomicU32,
}

impl RateLimits {
    /// `rate` is in requests per second, 0 for no limit. A `burst` of 0 means five seconds' worth.
    pub fn new(rate: u32, burst: u32) -> Self {
        Self::with_clock(rate, burst, DefaultClock::default())
    }
}

impl<C: Clock> RateLimits<C> {
    fn with_clock(rate: u32, burst: u32, clock: C) -> Self {
        let burst = if burst == 0 { rate.saturating_mul(DEFAULT_BURST_SECONDS) } else { burst };
        let rates = NonZeroU32::new(rate.min(MAX_RATE)).zip(NonZeroU32::new(burst));
        let limiter = rates.map(|(rate, burst)| {
            RateLimiter::new(Quota::per_second(rate).allow_burst(burst), Clients::default(), clock)
        });
        Self { limiter, limit: rate, checks: AtomicU32::new(0) }
    }

    /// Counts a request of a client, or fails if the client has exceeded its limit.
    pub fn check(&self, client: IpAddr) -> Result<(), RateLimitExceeded> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_INTERVAL == SWEEP_INTERVAL - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        limiter.check_key(&client_key(client)).map_err(|until| {
            let wait = until.wait_time_from(limiter.clock().now());
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            let retry_after = Duration::from_secs(seconds.try_into().unwrap_or(u64::MAX));
            RateLimitExceeded { limit: self.limit, retry_after }
        })
    }
}

/// For each client the theoretical arrival time (TAT) of the GCRA algorithm: when its burst is fully
/// available again.
#[derive(Debug, Default)]
struct Clients(Mutex<HashMap<IpAddr, Nanos>>);

impl Clients {
    fn all(&self) -> MutexGuard<'_, HashMap<IpAddr, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Clients {
    type Key = IpAddr;

    fn measure_and_replace<T, F, E>(&self, client: &IpAddr, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut all = self.all();
        let previous = all.get(client).copied();
        let (outcome, arrival) = measure(previous)?;
        if previous.is_none() && all.len() >= MAX_CLIENTS {
            // Forgets clients with at most the usage of the new one: a single request.
            all.retain(|_, other| *other > arrival);
            // If most clients have used more, limits by address are useless, and keeping the clients
            // would cost a scan of the map for every new client.
            if all.len() > MAX_CLIENTS / 2 {
                all.clear();
            }
        }
        all.insert(*client, arrival);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<IpAddr> for Clients {
    fn retain_recent(&self, drop_below: Nanos) {
        self.all().retain(|_, arrival| *arrival > drop_below);
    }

    fn shrink_to_fit(&self) {
        self.all().shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.all().len()
    }

    fn is_empty(&self) -> bool {
        self.all().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use governor::clock::FakeRelativeClock;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn forwarded(values: &[&'static str], trusted_proxies: usize) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        client_address(&headers, ip("::ffff:192.0.2.1"), trusted_proxies).to_string()
    }

    #[test]
    fn only_trusted_proxies_forward_the_client_address() {
        let peer = "192.0.2.1";
        assert_eq!(forwarded(&["203.0.113.9"], 0), peer);
        assert_eq!(forwarded(&[], 1), peer);
        assert_eq!(forwarded(&["203.0.113.9"], 1), "203.0.113.9");
        assert_eq!(forwarded(&["198.51.100.1, 203.0.113.9"], 1), "203.0.113.9");
        assert_eq!(forwarded(&["198.51.100.1, 203.0.113.9"], 2), "198.51.100.1");
        assert_eq!(forwarded(&["198.51.100.1, 203.0.113.9"], 3), peer);
        assert_eq!(forwarded(&["203.0.113.9"], usize::MAX), peer);
        // Several headers are one list.
        assert_eq!(forwarded(&["198.51.100.1", "203.0.113.9,10.0.0.1"], 2), "203.0.113.9");
        assert_eq!(forwarded(&["198.51.100.1", "203.0.113.9,10.0.0.1"], 3), "198.51.100.1");
        for garbage in ["", "unknown", "_hidden", "203.0.113.9 x", "203.0.113.256", "é", "[::1"] {
            assert_eq!(forwarded(&[garbage], 1), peer, "{garbage}");
        }
        assert_eq!(forwarded(&["203.0.113.9,"], 1), peer);
        assert_eq!(forwarded(&["203.0.113.9:4711"], 1), "203.0.113.9");
        assert_eq!(forwarded(&["2001:db8::1"], 1), "2001:db8::1");
        assert_eq!(forwarded(&["[2001:db8::1]"], 1), "2001:db8::1");
        assert_eq!(forwarded(&["[2001:db8::1]:4711"], 1), "2001:db8::1");
        assert_eq!(forwarded(&["::ffff:203.0.113.9"], 1), "203.0.113.9");
    }

    #[test]
    fn each_client_has_its_own_limit() {
        let clock = FakeRelativeClock::default();
        let rate = RateLimits::with_clock(2, 3, clock.clone());
        for _ in 0..3 {
            rate.check(ip("192.0.2.1")).unwrap();
        }
        let exceeded = rate.check(ip("192.0.2.1")).unwrap_err();
        assert_eq!(exceeded, RateLimitExceeded { limit: 2, retry_after: SECOND });
        assert_eq!(
            exceeded.to_string(),
            "rate limit of 2 requests per second exceeded; try again in 1 s"
        );
        rate.check(ip("192.0.2.2")).unwrap();
        clock.advance(SECOND);
        rate.check(ip("192.0.2.1")).unwrap();
        rate.check(ip("192.0.2.1")).unwrap();
        rate.check(ip("192.0.2.1")).unwrap_err();
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let rate = RateLimits::with_clock(1, 1, FakeRelativeClock::default());
        rate.check(ip("2001:db8:0:1::1")).unwrap();
        rate.check(ip("2001:db8:0:1:ffff::2")).unwrap_err();
        rate.check(ip("2001:db8:0:2::1")).unwrap();
    }

    #[test]
    fn the_default_burst_is_five_seconds_worth() {
        let rate = RateLimits::with_clock(2, 0, FakeRelativeClock::default());
        for _ in 0..10 {
            rate.check(ip("192.0.2.1")).unwrap();
        }
        rate.check(ip("192.0.2.1")).unwrap_err();
    }

    #[test]
    fn the_lowest_and_the_highest_rate_do_not_limit() {
        for (rate, burst) in [(0, 0), (0, 1), (u32::MAX, 0), (u32::MAX, u32::MAX)] {
            let rate = RateLimits::new(rate, burst);
            for _ in 0..1000 {
                rate.check(ip("192.0.2.1")).unwrap();
            }
        }
    }

    #[test]
    fn clients_without_recent_requests_are_removed() {
        let clock = FakeRelativeClock::default();
        let rate = RateLimits::with_clock(1, 2, clock.clone());
        for address in 0..SWEEP_INTERVAL - 2 {
            rate.check(IpAddr::from(address.to_be_bytes())).unwrap();
        }
        clock.advance(3 * SECOND);
        for _ in 0..2 {
            rate.check(ip("192.0.2.1")).unwrap();
        }
        assert_eq!(rate.limiter.unwrap().len(), 1);
    }

    #[test]
    fn the_number_of_clients_in_memory_is_limited() {
        let clock = FakeRelativeClock::default();
        let rate = RateLimits::with_clock(1, 2, clock.clone());
        let heavy = ip("2001:db8::1");
        rate.check(heavy).unwrap();
        rate.check(heavy).unwrap();
        let client_count = |rate: &RateLimits<_>| rate.limiter.as_ref().unwrap().len();
        for address in 0..MAX_CLIENTS as u32 - 1 {
            rate.check(IpAddr::from(address.to_be_bytes())).unwrap();
        }
        assert_eq!(client_count(&rate), MAX_CLIENTS);
        rate.check(ip("2001:db8:0:1::1")).unwrap();
        assert_eq!(client_count(&rate), 2);
        // The client with the highest usage is not evicted.
        rate.check(heavy).unwrap_err();
        for _ in 0..2 {
            for address in 0..MAX_CLIENTS as u32 {
                rate.check(IpAddr::from(address.to_be_bytes())).unwrap();
                assert!(address % 10_000 > 0 || client_count(&rate) <= MAX_CLIENTS);
            }
        }
        assert!(client_count(&rate) <= MAX_CLIENTS);
    }
}
