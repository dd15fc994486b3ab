//! The bodies of the fuzz targets (`tests/fuzz`), a little of it in every run: random bytes, and well-formed examples
//! with some bytes changed.

#[path = "../fuzz/bodies.rs"]
mod bodies;

use proptest::prelude::*;

/// Well-formed examples, by target.
const TOKENS: [&str; 3] = [
    "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6ImEifQ.eyJpc3MiOiJodWJuZXQifQ.AAAA",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzeXN0ZW0ifQ.",
    "cs-CZ,cs;q=0.9,en;q=0.1",
];
const QUERIES: [&str; 3] = [
    "query A($n: Int = 3) { hub(slug: \"humpolec\") { visits(first: $n) { nodes { id ...f } } } } fragment f on Visit { minutes }",
    "{a:b(x:{y:[1,2.5e3,\"\"\"block\"\"\"]})@include(if:true){...on X{__typename}}} # note",
    "subscription{hubOccupancy(hubId:\"hub_1\"){present}}",
];
const MESSAGES: [&str; 3] = [
    "event_id,at,device,credential,direction\ne1,2026-11-02T09:00:00Z,reception,04AB0001,in\n",
    "{\"event_id\":\"e1\",\"at\":\"2026-11-02T09:00:00Z\",\"device\":\"r\",\"credential\":\"04AB0001\",\"direction\":\"in\"}",
    "{\"eventId\":\"e1\",\"at\":\"2026-11-02T09:00:00Z\",\"credential\":\"04AB0001\",\"direction\":\"IN\",\"hubId\":\"hub_1\"}",
];
const AMOUNTS: [&str; 4] =
    ["12.34EUR", "-92233720368547758.08CZK", "79228162514264337593543950335UAH", "0.005PLN"];
const TIMES: [&str; 8] = [
    "2026-11-02T09:00:00Z Europe/Prague",
    "-009999-01-02T01:59:59Z Pacific/Kiritimati",
    "9999-12-30T22:00:00.999999999Z Asia/Kathmandu",
    "2026-10-25T00:30:00Z Europe/Kyiv",
    "9999-12",
    "2026-11",
    "0000-01",
    "Mo-Fr 08:00-16:00; Sa,Su off",
];

/// An example with some bytes changed, lost or put in.
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
    fn no_token_but_our_own_is_let_in(bytes in some_bytes(&TOKENS)) {
        bodies::token(&bytes);
    }

    #[test]
    fn whatever_is_asked_is_counted(bytes in some_bytes(&QUERIES)) {
        bodies::query_budget(&bytes);
    }

    #[test]
    fn whatever_a_device_says_is_read_or_refused(bytes in some_bytes(&MESSAGES)) {
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
