//! The requests: invalid variables, invalid literals, bodies with broken bytes, broken headers and tokens.

use rand::{Rng, SeedableRng, rngs::SmallRng};
use reqwest::header::HeaderValue;
use testkit::{Json, json};

use super::{
    poison,
    schema::{Asked, Schema, places},
};

const SEED: u64 = 2026;
/// Another seed breaks other bytes.
const SEED_VARIABLE: &str = "HUBNET_TEST_SEED";
/// Marks the place of an invalid value in a body.
const MARK: &str = "@@poison@@";

/// Existing objects at the server, so that a broken value is the only fault.
pub(super) struct Known {
    pub(super) hub: String,
    pub(super) network: String,
    pub(super) member: String,
    pub(super) chip: String,
    pub(super) chip_id: String,
    pub(super) administrator: String,
}

/// A request to send.
#[derive(Clone)]
pub(super) struct Request {
    /// The description of its fault.
    pub(super) what: String,
    pub(super) headers: Vec<(&'static str, HeaderValue)>,
    pub(super) body: Vec<u8>,
    /// Whether a success may have had an effect.
    pub(super) is_mutation: bool,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "{}: {:.1500} {:?}", self.what, body, self.headers)
    }
}

/// Returns at least a number of requests, all of them invalid.
pub(super) fn all(known: &Known, at_least: usize) -> Vec<Request> {
    let seed = std::env::var(SEED_VARIABLE).ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED);
    println!("malformed input with {SEED_VARIABLE}={seed}");
    let mut random = SmallRng::seed_from_u64(seed);
    let asked = Schema::read().asked(known);
    let mut all: Vec<Request> = asked.iter().flat_map(|asked| poisoned_variables(known, asked)).collect();
    all.extend(poisoned_literals(known));
    all.extend(broken_envelopes(known));
    all.extend(broken_headers(known, &mut random));
    all.extend(broken_tokens(known, &mut random));
    println!("{} inputs from the schema, the rest are bodies with broken bytes", all.len());
    while all.len() < at_least {
        let asked = &asked[random.random_range(0..asked.len())];
        all.push(broken_bytes(known, asked, &mut random));
    }
    all
}

fn request(known: &Known, what: String, body: Vec<u8>, is_mutation: bool) -> Request {
    let bearer = HeaderValue::from_str(&format!("Bearer {}", known.administrator)).expect("a header");
    let headers =
        vec![("content-type", HeaderValue::from_static("application/json")), ("authorization", bearer)];
    Request { what, headers, body, is_mutation }
}

fn body(document: &str, variables: &Json) -> String {
    json!({ "query": document, "variables": variables }).to_string()
}

/// Returns requests with each place of the variables set to each invalid value.
fn poisoned_variables(known: &Known, asked: &Asked) -> Vec<Request> {
    let mut requests = Vec::new();
    for place in places(&asked.variables) {
        let mut variables = asked.variables.clone();
        *variables.pointer_mut(&place).expect("a place") = json!(MARK);
        let marked = body(&asked.document, &variables);
        let (before, after) = marked.split_once(&format!("\"{MARK}\"")).expect("the mark");
        for poison in poison::all() {
            let body = [before.as_bytes(), &poison, after.as_bytes()].concat();
            let shown: String = String::from_utf8_lossy(&poison).chars().take(40).collect();
            requests.push(request(
                known,
                format!("{}{place} = {shown}", asked.name),
                body,
                asked.is_mutation,
            ));
        }
    }
    requests
}

/// Returns requests with invalid values written into the document itself.
fn poisoned_literals(known: &Known) -> Vec<Request> {
    let documents = [
        "{ hub(slug: @@poison@@) { id } }",
        "{ hub(id: @@poison@@) { id } }",
        "{ hubs(first: @@poison@@) { nodes { id } } }",
        "{ network { metrics(from: @@poison@@, until: \"2026-12\", by: MONTH) { visits } } }",
        "query($x: Int = @@poison@@) { hubs(first: $x) { nodes { id } } }",
        "{ hub(slug: \"humpolec\") @include(if: @@poison@@) { id } }",
        "{ __type(name: @@poison@@) { name } }",
    ];
    let mut requests = Vec::new();
    for document in documents {
        for poison in poison::all() {
            let Ok(poison) = String::from_utf8(poison) else { continue };
            let text = document.replace(MARK, &poison);
            requests.push(request(
                known,
                format!("literal in {document}"),
                body(&text, &json!({})).into(),
                false,
            ));
        }
    }
    requests
}

/// Returns requests with invalid values as the parts of the request.
fn broken_envelopes(known: &Known) -> Vec<Request> {
    let mut requests = Vec::new();
    for part in ["query", "variables", "operationName", "extensions", "documentId", "id"] {
        let marked = match part {
            "query" => json!({ "query": MARK }),
            part => json!({ "query": "{ hubs { nodes { id } } }", part: MARK }),
        };
        let marked = marked.to_string();
        let (before, after) = marked.split_once(&format!("\"{MARK}\"")).expect("the mark");
        for poison in poison::all() {
            let body = [before.as_bytes(), &poison, after.as_bytes()].concat();
            requests.push(request(known, format!("{part} of the request"), body, false));
        }
    }
    for poison in poison::all() {
        requests.push(request(known, "the whole body".to_owned(), poison, false));
    }
    requests
}

/// Returns requests with headers of random bytes.
fn broken_headers(known: &Known, random: &mut SmallRng) -> Vec<Request> {
    const HEADERS: [&str; 9] = [
        "content-type",
        "accept",
        "accept-language",
        "content-encoding",
        "idempotency-key",
        "traceparent",
        "tracestate",
        "x-forwarded-for",
        "cookie",
    ];
    let mut requests = Vec::new();
    for header in HEADERS {
        for _ in 0..60 {
            let length = random.random_range(0..200);
            let bytes: Vec<u8> =
                (0..length).map(|_| random.random_range(0x20..=0xff)).filter(|byte| *byte != 0x7f).collect();
            let mut broken = request(
                known,
                format!("the header {header}"),
                body("{ hubs { nodes { id } } }", &json!({})).into(),
                false,
            );
            broken.headers.retain(|(name, _)| *name != header);
            broken.headers.push((header, HeaderValue::from_bytes(&bytes).expect("bytes a header may hold")));
            requests.push(broken);
        }
    }
    requests
}

/// Returns requests with broken tokens. They carry a mutation, which must have no effect.
fn broken_tokens(known: &Known, random: &mut SmallRng) -> Vec<Request> {
    const MUTATION: &str =
        "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
    let input = json!({ "input": {
        "hubId": known.hub, "name": "Nobody", "email": "nobody@example.org", "language": "cs", "category": "RESIDENT",
    } });
    let token = |token: Vec<u8>| {
        let mut broken = request(known, "a token".to_owned(), body(MUTATION, &input).into(), true);
        let value = [b"Bearer ".as_slice(), &token].concat();
        broken.headers.retain(|(name, _)| *name != "authorization");
        broken
            .headers
            .push(("authorization", HeaderValue::from_bytes(&value).expect("bytes a header may hold")));
        broken
    };
    let mut tokens: Vec<Vec<u8>> = [
        "",
        ".",
        "..",
        "a.b.c",
        "null",
        "Bearer",
        "eyJhbGciOiJub25lIn0.e30.",
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
        "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJzeXN0ZW0ifQ.",
    ]
    .iter()
    .map(|token| token.as_bytes().to_vec())
    .collect();
    tokens.push(b"A".repeat(7_000));
    for _ in 0..500 {
        let mut broken = known.administrator.clone().into_bytes();
        // The last letter of a part contains unused bits, so it may differ without harm.
        let significant: Vec<usize> = (0..broken.len() - 1).filter(|at| broken[*at + 1] != b'.').collect();
        let at = significant[random.random_range(0..significant.len())];
        broken[at] = if broken[at] == b'A' { b'B' } else { b'A' };
        tokens.push(broken);
    }
    tokens.into_iter().map(token).collect()
}

/// Returns a request whose body has some bytes changed, removed, doubled or moved. Mutations come without a token,
/// because changed bytes may leave a valid request.
fn broken_bytes(known: &Known, asked: &Asked, random: &mut SmallRng) -> Request {
    let mut bytes = body(&asked.document, &asked.variables).into_bytes();
    for _ in 0..random.random_range(1..6) {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..5) {
            0 => bytes[at] = random.random(),
            1 => {
                bytes.remove(at);
            }
            2 => bytes.insert(at, random.random()),
            3 => bytes.truncate(at + 1),
            _ => {
                let end = (at + random.random_range(1..40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = random.random_range(0..bytes.len());
                bytes.splice(to..to, piece);
            }
        }
    }
    let mut broken = request(known, "bytes of a body".to_owned(), bytes, asked.is_mutation);
    if asked.is_mutation {
        broken.headers.retain(|(name, _)| *name != "authorization");
    }
    broken
}
