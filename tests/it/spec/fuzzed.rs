//! The bodies of the fuzz targets (`tests/fuzz`), run briefly in every test run: random bytes, and well-formed
//! examples with some bytes changed.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use proptest::prelude::*;

/// A well-formed example that the fuzzer starts with, too.
macro_rules! seed {
    ($name:literal) => {
        include_str!(concat!("../../fuzz/seeds/", $name))
    };
}

/// Well-formed examples, by target.
const TOKENS: [&str; 3] = [seed!("token/1"), seed!("token/2"), seed!("token/3")];
const QUERIES: [&str; 3] = [seed!("query_budget/1"), seed!("query_budget/2"), seed!("query_budget/3")];
const MESSAGES: [&str; 3] = [seed!("device_message/1"), seed!("device_message/2"), seed!("device_message/3")];
const AMOUNTS: [&str; 4] = [seed!("money/1"), seed!("money/2"), seed!("money/3"), seed!("money/4")];
const TIMES: [&str; 10] = [
    seed!("time/1"),
    seed!("time/2"),
    seed!("time/3"),
    seed!("time/4"),
    seed!("time/5"),
    seed!("time/6"),
    seed!("time/7"),
    seed!("time/8"),
    seed!("time/9"),
    seed!("time/10"),
];

/// Returns an example with some bytes changed, removed or inserted.
fn near(examples: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..6);
    (prop::sample::select(examples), changes).prop_map(|(example, changes)| {
        let mut bytes = example.as_bytes().to_vec();
        for (at, byte, kind) in changes {
            let at = at.index(bytes.len() + 1);
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

fn some_bytes(examples: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![3 => near(examples), 1 => prop::collection::vec(any::<u8>(), 0..300)]
}

proptest! {
    #[test]
    fn no_token_but_our_own_is_accepted(bytes in some_bytes(&TOKENS)) {
        bodies::token(&bytes);
    }

    #[test]
    fn any_query_is_counted_by_the_budget(bytes in some_bytes(&QUERIES)) {
        bodies::query_budget(&bytes);
    }

    #[test]
    fn any_device_message_is_read_or_refused(bytes in some_bytes(&MESSAGES)) {
        bodies::device_message(&bytes);
    }

    #[test]
    fn an_amount_comes_back_as_it_was(bytes in some_bytes(&AMOUNTS)) {
        bodies::money(&bytes);
    }

    #[test]
    fn an_instant_lies_in_its_day(bytes in some_bytes(&TIMES)) {
        bodies::time(&bytes);
    }
}
