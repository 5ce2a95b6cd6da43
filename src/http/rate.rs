//! The rate of each client: so many requests a second, some more at once.
//!
//! A client is an address, or a network where addresses cost nothing. It may come from anywhere, so
//! what is known of clients is bounded: whoever owes least is forgotten first.

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

/// The most clients that are known at one time.
const MAX_CLIENTS: usize = 100_000;
/// After so many requests, those who owe nothing any more are forgotten.
const SWEEP: u32 = 10_000;
/// The highest rate; a higher one limits nobody.
const MAX_RATE: u32 = 1_000_000;
/// Requests at once where nothing is said: so many seconds' worth.
const BURST: u32 = 5;

const FORWARDED: &str = "x-forwarded-for";

/// The client of a request: with so many trusted proxies before the server, who spoke to the
/// outermost of them; whoever spoke to us where that is not told.
pub fn client(headers: &HeaderMap, peer: IpAddr, proxies: usize) -> IpAddr {
    let told = || {
        let values = headers.get_all(FORWARDED).iter();
        let entries = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        let entries: Vec<_> = entries.collect();
        address(entries[entries.len().checked_sub(proxies)?..].first()?)
    };
    told().unwrap_or(peer).to_canonical()
}

/// An address, with or without brackets and a port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = str::from_utf8(entry).ok()?.trim();
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let with_port = || entry.parse().ok().map(|address: SocketAddr| address.ip());
    bare.parse().ok().or_else(with_port)
}

/// Whose requests are counted together: one who has a single address of IPv6 has 2⁶⁴.
pub fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

/// A client made more requests than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "more than {limit} requests a second came from your address: try again in {} s",
    retry_after.as_secs()
)]
pub struct Exceeded {
    /// Requests a second.
    pub limit: u32,
    /// Whole seconds, one at least.
    pub retry_after: Duration,
}

/// The rates of all clients.
#[derive(Debug)]
pub struct Rate<C: Clock = DefaultClock> {
    limiter: Option<RateLimiter<IpAddr, Clients, C, NoOpMiddleware<C::Instant>>>,
    limit: u32,
    checks: AtomicU32,
}

impl Rate {
    /// So many requests a second, none limited where it is 0; so many at once, five seconds' worth
    /// where it is 0.
    pub fn new(rate: u32, burst: u32) -> Self {
        Self::with_clock(rate, burst, DefaultClock::default())
    }
}

impl<C: Clock> Rate<C> {
    fn with_clock(rate: u32, burst: u32, clock: C) -> Self {
        let burst = if burst == 0 { rate.saturating_mul(BURST) } else { burst };
        let rates = NonZeroU32::new(rate.min(MAX_RATE)).zip(NonZeroU32::new(burst));
        let limiter = rates.map(|(rate, burst)| {
            RateLimiter::new(Quota::per_second(rate).allow_burst(burst), Clients::default(), clock)
        });
        Self { limiter, limit: rate, checks: AtomicU32::new(0) }
    }

    /// Counts a request of a client, unless it is one too many.
    pub fn check(&self, client: IpAddr) -> Result<(), Exceeded> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        limiter.check_key(&network(client)).map_err(|until| {
            let wait = until.wait_time_from(limiter.clock().now());
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            let retry_after = Duration::from_secs(seconds.try_into().unwrap_or(u64::MAX));
            Exceeded { limit: self.limit, retry_after }
        })
    }
}

/// When each client would owe nothing any more.
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
        let known = all.get(client).copied();
        let (outcome, owes_until) = measure(known)?;
        if known.is_none() && all.len() >= MAX_CLIENTS {
            // Who owes no more than the newcomer does is let off one request.
            all.retain(|_, until| *until > owes_until);
            // So many who owe more have so many addresses that limits by address are no use; but to
            // sweep for each newcomer would help them.
            if all.len() > MAX_CLIENTS / 2 {
                all.clear();
            }
        }
        all.insert(*client, owes_until);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<IpAddr> for Clients {
    fn retain_recent(&self, drop_below: Nanos) {
        self.all().retain(|_, until| *until > drop_below);
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

    fn of(values: &[&'static str], proxies: usize) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FORWARDED, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        client(&headers, ip("::ffff:192.0.2.1"), proxies).to_string()
    }

    #[test]
    fn proxies_tell_who_asks_and_nobody_else_does() {
        let peer = "192.0.2.1";
        assert_eq!(of(&["203.0.113.9"], 0), peer);
        assert_eq!(of(&[], 1), peer);
        assert_eq!(of(&["203.0.113.9"], 1), "203.0.113.9");
        assert_eq!(of(&["198.51.100.1, 203.0.113.9"], 1), "203.0.113.9");
        assert_eq!(of(&["198.51.100.1, 203.0.113.9"], 2), "198.51.100.1");
        assert_eq!(of(&["198.51.100.1, 203.0.113.9"], 3), peer);
        assert_eq!(of(&["203.0.113.9"], usize::MAX), peer);
        // What stands in several headers is one list.
        assert_eq!(of(&["198.51.100.1", "203.0.113.9,10.0.0.1"], 2), "203.0.113.9");
        assert_eq!(of(&["198.51.100.1", "203.0.113.9,10.0.0.1"], 3), "198.51.100.1");
        for garbage in ["", "unknown", "_hidden", "203.0.113.9 x", "203.0.113.256", "é", "[::1"] {
            assert_eq!(of(&[garbage], 1), peer, "{garbage}");
        }
        assert_eq!(of(&["203.0.113.9,"], 1), peer);
        assert_eq!(of(&["203.0.113.9:4711"], 1), "203.0.113.9");
        assert_eq!(of(&["2001:db8::1"], 1), "2001:db8::1");
        assert_eq!(of(&["[2001:db8::1]"], 1), "2001:db8::1");
        assert_eq!(of(&["[2001:db8::1]:4711"], 1), "2001:db8::1");
        assert_eq!(of(&["::ffff:203.0.113.9"], 1), "203.0.113.9");
    }

    #[test]
    fn each_client_has_its_rate() {
        let clock = FakeRelativeClock::default();
        let rate = Rate::with_clock(2, 3, clock.clone());
        for _ in 0..3 {
            rate.check(ip("192.0.2.1")).unwrap();
        }
        let exceeded = rate.check(ip("192.0.2.1")).unwrap_err();
        assert_eq!(exceeded, Exceeded { limit: 2, retry_after: SECOND });
        assert_eq!(
            exceeded.to_string(),
            "more than 2 requests a second came from your address: try again in 1 s"
        );
        rate.check(ip("192.0.2.2")).unwrap();
        clock.advance(SECOND);
        rate.check(ip("192.0.2.1")).unwrap();
        rate.check(ip("192.0.2.1")).unwrap();
        rate.check(ip("192.0.2.1")).unwrap_err();
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let rate = Rate::with_clock(1, 1, FakeRelativeClock::default());
        rate.check(ip("2001:db8:0:1::1")).unwrap();
        rate.check(ip("2001:db8:0:1:ffff::2")).unwrap_err();
        rate.check(ip("2001:db8:0:2::1")).unwrap();
    }

    #[test]
    fn a_burst_is_five_seconds_worth_where_nothing_is_said() {
        let rate = Rate::with_clock(2, 0, FakeRelativeClock::default());
        for _ in 0..10 {
            rate.check(ip("192.0.2.1")).unwrap();
        }
        rate.check(ip("192.0.2.1")).unwrap_err();
    }

    #[test]
    fn the_lowest_and_the_highest_rate_limit_nobody() {
        for (rate, burst) in [(0, 0), (0, 1), (u32::MAX, 0), (u32::MAX, u32::MAX)] {
            let rate = Rate::new(rate, burst);
            for _ in 0..1000 {
                rate.check(ip("192.0.2.1")).unwrap();
            }
        }
    }

    #[test]
    fn who_owes_nothing_is_forgotten() {
        let clock = FakeRelativeClock::default();
        let rate = Rate::with_clock(1, 2, clock.clone());
        for address in 0..SWEEP - 2 {
            rate.check(IpAddr::from(address.to_be_bytes())).unwrap();
        }
        clock.advance(3 * SECOND);
        for _ in 0..2 {
            rate.check(ip("192.0.2.1")).unwrap();
        }
        assert_eq!(rate.limiter.unwrap().len(), 1);
    }

    #[test]
    fn no_more_clients_are_known_than_can_be() {
        let clock = FakeRelativeClock::default();
        let rate = Rate::with_clock(1, 2, clock.clone());
        let heavy = ip("2001:db8::1");
        rate.check(heavy).unwrap();
        rate.check(heavy).unwrap();
        let known = |rate: &Rate<_>| rate.limiter.as_ref().unwrap().len();
        for address in 0..MAX_CLIENTS as u32 - 1 {
            rate.check(IpAddr::from(address.to_be_bytes())).unwrap();
        }
        assert_eq!(known(&rate), MAX_CLIENTS);
        rate.check(ip("2001:db8:0:1::1")).unwrap();
        assert_eq!(known(&rate), 2);
        // Whoever owes most is not forgotten for the crowd.
        rate.check(heavy).unwrap_err();
        for _ in 0..2 {
            for address in 0..MAX_CLIENTS as u32 {
                rate.check(IpAddr::from(address.to_be_bytes())).unwrap();
                assert!(address % 10_000 > 0 || known(&rate) <= MAX_CLIENTS);
            }
        }
        assert!(known(&rate) <= MAX_CLIENTS);
    }
}
