//! The source address of a request. Always true: a header is trusted only from a proxy that the operator named.

use std::net::IpAddr;

use actix_web::HttpRequest;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The caller's address: the last one in `X-Forwarded-For` that is not a trusted proxy's, if a trusted proxy sent it.
pub(crate) fn of(http: &HttpRequest, trusted: &[IpAddr]) -> IpAddr {
    let peer = http.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    let forwarded: Vec<&str> =
        http.headers().get_all(FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect();
    client(peer, &forwarded.join(","), trusted)
}

fn client(peer: IpAddr, forwarded: &str, trusted: &[IpAddr]) -> IpAddr {
    let mut client = peer;
    let mut hops = forwarded.rsplit(',').map(str::trim);
    while trusted.contains(&client) {
        match hops.next().and_then(|hop| hop.parse().ok()) {
            Some(hop) => client = hop,
            None => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxy = [ip("10.0.0.1"), ip("10.0.0.2")];
        assert_eq!(client(ip("203.0.113.9"), "1.1.1.1", &proxy), ip("203.0.113.9"));
        assert_eq!(client(ip("10.0.0.1"), "1.1.1.1, 203.0.113.9", &proxy), ip("203.0.113.9"));
        assert_eq!(client(ip("10.0.0.1"), "203.0.113.9, 10.0.0.2", &proxy), ip("203.0.113.9"));
        assert_eq!(client(ip("10.0.0.1"), "nonsense", &proxy), ip("10.0.0.1"));
        assert_eq!(client(ip("10.0.0.1"), "", &[]), ip("10.0.0.1"));
    }
}
