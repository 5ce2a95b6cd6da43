//! `health`: asks a running server whether it can answer, so that a container needs no other program
//! for that.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::config::ServerConfig;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of an answer that are read.
const MAX_RESPONSE_SIZE: u64 = 4 << 10;
/// Where a server tells whether it can answer.
const READY: &str = "/health/ready";

/// Where a server of these settings is asked, from the machine that it runs on.
pub fn address(settings: &ServerConfig) -> String {
    let listens = settings.management_listen.unwrap_or(settings.listen);
    // Who listens everywhere is asked at home.
    let ip = match listens.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}{READY}", SocketAddr::new(ip, listens.port()))
}

/// What the server at a URL answers; an error where it says anything but that all is well.
pub async fn ask(url: &str) -> Result<String, String> {
    let place = url
        .strip_prefix("http://")
        .ok_or_else(|| format!("{url} cannot be asked: write http://HOST:PORT{READY}"))?;
    let (host, path) = match place.find('/') {
        Some(at) => place.split_at(at),
        None => (place, READY),
    };
    let answer = tokio::time::timeout(PATIENCE, exchange(host, path))
        .await
        .map_err(|_| format!("{host} has not answered in {} s", PATIENCE.as_secs()))?
        .map_err(|error| format!("{host} does not answer: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    let code = status.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    let body = body.trim();
    match code {
        Some(code) if code.starts_with('2') => Ok(body.to_owned()),
        Some(code) => Err(format!("{url} answers {code}: {body}")),
        None => Err(format!("{host} does not speak HTTP")),
    }
}

async fn exchange(host: &str, path: &str) -> std::io::Result<String> {
    // A port that is left out is that of HTTP.
    let has_port = host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok());
    let port = if has_port && !host.ends_with(']') { "" } else { ":80" };
    let mut stream = TcpStream::connect(format!("{host}{port}")).await?;
    // Of version 1.0, an answer comes whole and ends with the connection.
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_RESPONSE_SIZE).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_asked_at_home() {
        let at = |listen: &str, operations: Option<&str>| {
            let management_listen = operations.map(|address| address.parse().unwrap());
            let listen = listen.parse().unwrap();
            address(&ServerConfig { listen, management_listen, ..ServerConfig::default() })
        };
        assert_eq!(at("0.0.0.0:8000", None), "http://127.0.0.1:8000/health/ready");
        assert_eq!(at("[::]:8000", None), "http://[::1]:8000/health/ready");
        assert_eq!(at("0.0.0.0:8000", Some("10.0.0.1:9")), "http://10.0.0.1:9/health/ready");
    }
}
