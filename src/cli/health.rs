//! `health`: requests the readiness endpoint of a running server, so that a container needs no other
//! HTTP client.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::config::ServerConfig;

/// The maximum time until the whole response is received.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum number of bytes that are read from a response.
const MAX_RESPONSE_SIZE: u64 = 4 << 10;
/// The path of the readiness endpoint.
const READY: &str = "/health/ready";

/// The URL of the readiness endpoint of a server on this machine.
pub fn ready_url(config: &ServerConfig) -> String {
    let listen = config.management_listen.unwrap_or(config.listen);
    // A server that listens on all addresses is reachable on the loopback address.
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}{READY}", SocketAddr::new(ip, listen.port()))
}

/// Requests a URL and returns the body of the response. Returns an error if the status is not 2xx.
pub async fn get(url: &str) -> Result<String, String> {
    let authority_and_path = url.strip_prefix("http://").ok_or_else(|| {
        format!("unsupported URL {url}: it must start with http://, as in http://HOST:PORT{READY}")
    })?;
    let (host, path) = match authority_and_path.find('/') {
        Some(index) => authority_and_path.split_at(index),
        None => (authority_and_path, READY),
    };
    let response = tokio::time::timeout(RESPONSE_TIMEOUT, exchange(host, path))
        .await
        .map_err(|_| format!("{host} did not respond within {} s", RESPONSE_TIMEOUT.as_secs()))?
        .map_err(|error| format!("request to {host} failed: {error}"))?;
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
    let status_line = head.lines().next().unwrap_or_default();
    let status = status_line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    let body = body.trim();
    match status {
        Some(status) if status.starts_with('2') => Ok(body.to_owned()),
        Some(status) => Err(format!("{url} returned {status}: {body}")),
        None => Err(format!("{host} did not send an HTTP response")),
    }
}

async fn exchange(host: &str, path: &str) -> std::io::Result<String> {
    let has_port = host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok());
    let port = if has_port && !host.ends_with(']') { "" } else { ":80" };
    let mut stream = TcpStream::connect(format!("{host}{port}")).await?;
    // With HTTP/1.0, the server closes the connection after the response.
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut response = Vec::new();
    stream.take(MAX_RESPONSE_SIZE).read_to_end(&mut response).await?;
    Ok(String::from_utf8_lossy(&response).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unspecified_address_is_requested_on_the_loopback_address() {
        let url = |listen: &str, management: Option<&str>| {
            let management_listen = management.map(|address| address.parse().unwrap());
            let listen = listen.parse().unwrap();
            ready_url(&ServerConfig { listen, management_listen, ..ServerConfig::default() })
        };
        assert_eq!(url("0.0.0.0:8000", None), "http://127.0.0.1:8000/health/ready");
        assert_eq!(url("[::]:8000", None), "http://[::1]:8000/health/ready");
        assert_eq!(url("0.0.0.0:8000", Some("10.0.0.1:9")), "http://10.0.0.1:9/health/ready");
    }
}
