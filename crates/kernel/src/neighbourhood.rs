//! Maps an address to the caller that limits by address count. This is the only place that decides it.

use std::net::{IpAddr, Ipv6Addr};

/// Returns the address that limits count. An IPv6 network of 64 bits is one caller, because a holder of one of its
/// addresses usually holds all of them. An IPv4 address written as IPv6 is that IPv4 address.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted_as(address: &str) -> String {
        neighbourhood(address.parse().expect("an address")).to_string()
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller_and_an_ipv4_address_is_itself_however_it_is_written() {
        assert_eq!(counted_as("2001:db8::1"), counted_as("2001:db8::ffff:2"));
        assert_ne!(counted_as("2001:db8::1"), counted_as("2001:db8:0:1::1"));
        assert_eq!(counted_as("::ffff:192.0.2.7"), counted_as("192.0.2.7"));
        assert_ne!(counted_as("192.0.2.7"), counted_as("192.0.2.8"));
    }
}
