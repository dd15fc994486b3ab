//! Readiness probes, in the fewest bytes that a protocol allows.
//!
//! A probe never blocks for long and never fails: "not yet" and "no" are the same result.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);

/// Sends `request` to a loopback port and reads as many bytes as `answer` has; returns whether they are equal.
pub(crate) fn answers(port: u16, request: &[u8], answer: &[u8]) -> bool {
    let mut received = vec![0; answer.len()];
    let Some(mut stream) = connect(port) else { return false };
    stream.write_all(request).is_ok() && stream.read_exact(&mut received).is_ok() && received == answer
}

/// Returns the status with which a loopback port responds to `GET path`, if it responds at all.
pub fn http_status(port: u16, path: &str) -> Option<u16> {
    let mut stream = connect(port)?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    status_of(&head)
}

fn connect(port: u16) -> Option<TcpStream> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    Some(stream)
}

fn status_of(head: &[u8]) -> Option<u16> {
    let (version, status) = std::str::from_utf8(head).ok()?.split_once(' ')?;
    if version.starts_with("HTTP/1.") { status.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_from_the_first_twelve_bytes() {
        assert_eq!(status_of(b"HTTP/1.1 503"), Some(503));
        assert_eq!(status_of(b"SSH-2.0-Open"), None);
    }

    #[test]
    fn a_port_where_nobody_listens_answers_nothing() {
        let port = crate::ports::free_port().expect("there are free ports");
        assert_eq!(http_status(port, "/"), None);
        assert!(!answers(port, b"PING\r\n", b"+PONG"));
    }
}
