//! Invalid values, as raw JSON text; some are not valid JSON.

use testkit::{Json, json};

/// Returns every invalid value.
pub(super) fn all() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = values().iter().map(|value| value.to_string().into_bytes()).collect();
    all.extend(RAW.iter().map(|raw| raw.to_vec()));
    all.push([b"[".repeat(300), b"]".repeat(300)].concat());
    all
}

/// Text that no serialiser would write.
const RAW: [&[u8]; 20] = [
    // Unpaired surrogates.
    br#""\ud800""#,
    br#""a\udfff""#,
    br#""\udc00\ud800""#,
    // Numbers.
    b"1e999",
    b"-1e999",
    b"1e-999",
    b"-0",
    b"00",
    b"+1",
    b"0x10",
    b"NaN",
    b"-Infinity",
    b"123456789012345678901234567890123456789012345678901234567890",
    b"0.00000000000000000000000000000000000000000000000000000000001",
    // Texts.
    b"\"\x00\"",
    b"\"\xff\xfe\"",
    b"\"\xc0\x80\"",
    br#""\x""#,
    b"\"open",
    b"",
];

#[rustfmt::skip]
fn values() -> Vec<Json> {
    let mut values = vec![
        // Other types.
        json!(null), json!(true), json!([]), json!([null]), json!([[1]]), json!({}), json!({"a": {"b": 1}}),
        json!(["x", 1, null]),
        // Numbers at and over the limits.
        json!(0), json!(1), json!(-1), json!(0.5), json!(101), json!(i32::MAX), json!(i32::MIN),
        json!(i64::from(i32::MAX) + 1), json!((1_i64 << 53) + 1), json!(i64::MAX), json!(i64::MIN),
        json!(u64::MAX), json!(1e300), json!(-1e-300),
    ];
    values.extend(TEXTS.map(|text| json!(text)));
    values.extend([("x", 300), ("x", 20_000), ("9", 400), ("🏢", 2_000), ("a\u{301}", 5_000), (" ", 500)]
        .map(|(piece, times)| json!(piece.repeat(times))));
    values
}

const TEXTS: [&str; 62] = [
    // Empty and blank texts.
    "",
    " ",
    "\t\n",
    "\u{0}",
    "a\u{0}b",
    "\u{feff}",
    "\u{202e}abc",
    "\u{fffd}",
    "\u{fffe}",
    "\u{e000}",
    "\u{7f}",
    // Instants and days.
    "-0001-01-01T00:00:00Z",
    "-0001-01-01",
    "0000-00-00",
    "0000-01-01T00:00:00Z",
    "99999-01-01T00:00:00Z",
    "99999-01-01",
    "+99999-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "9999-12-31",
    "2026-02-30",
    "2026-13-01T00:00:00Z",
    "2026-11-02T25:00:00Z",
    "2026-11-02T00:00:00",
    "2026-11-02T23:59:60Z",
    "2026-11-02T00:00:00+99:99",
    "1970-01-01T00:00:00Z",
    "99999-13",
    "-0001-01",
    "2026-00",
    "9999-12",
    // Numbers as texts.
    "NaN",
    "Infinity",
    "1e400",
    "-1",
    "-0.00",
    "0.001",
    "999999999999999999999999999999999999.99",
    "79228162514264337593543950335",
    "79228162514264337593543950336",
    "0x10",
    "1,5",
    "１２",
    "1_000",
    "--1",
    "91.0",
    // Ids.
    "00000000-0000-0000-0000-000000000000",
    "hub_",
    "hub_00000000-0000-0000-0000-000000000000",
    "mem_ffffffff-ffff-ffff-ffff-ffffffffffff",
    "hub_00000000-0000-0000-0000-00000000000g",
    "chp_1",
    // Injections and other text that breaks programs.
    "' OR 1=1 --",
    "'; drop table member; --",
    "../../../../etc/passwd",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "%00%0a",
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A0",
    "http://127.0.0.1:1/",
    "\r\nSet-Cookie: a=b",
];
