//! Free ports on the loopback address.
//!
//! They lie below the range from which the kernel takes the ports of outgoing connections, and each process starts
//! its search at a different port, so a free port is rarely taken before it is used. If it is, [`retry`] starts again
//! on other ports.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{Error, Result};

const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;
/// Distance between the first ports of processes that start one after another.
const STRIDE: u32 = 97;
const ATTEMPTS: u32 = 3;

static HANDED_OUT: AtomicU32 = AtomicU32::new(0);

/// Returns a port on which nothing listened a moment ago, and which this process does not hand out twice in a row.
pub fn free_port() -> Result<u16> {
    for _ in 0..COUNT {
        let step = HANDED_OUT.fetch_add(1, Ordering::Relaxed);
        let offset = std::process::id().wrapping_mul(STRIDE).wrapping_add(step) % COUNT;
        let Ok(port) = u16::try_from(FIRST + offset) else { continue };
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Error::Missing {
        programs: "a free port on 127.0.0.1".to_owned(),
        remedy: format!("All ports from {FIRST} to {} are taken.", FIRST + COUNT),
    })
}

/// Starts a server, and again on other ports if it ended early.
pub(crate) fn retry<T>(mut start: impl FnMut() -> Result<T>) -> Result<T> {
    let mut attempt = 1;
    loop {
        match start() {
            Err(Error::EndedEarly { .. }) if attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ports_in_a_row_differ_and_a_taken_one_is_passed_over() {
        let first = free_port().expect("there are free ports");
        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).expect("it is free");
        let second = free_port().expect("there are free ports");
        assert_ne!(first, second);
    }
}
