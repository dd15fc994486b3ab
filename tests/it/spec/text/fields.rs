//! Every text field with invalid texts: a coded refusal names the field, and nothing changes.

use kernel::NetworkId;
use platform_db::Reach;
use testkit::{Client, Json, TestApp, TestHub, TestNetwork, json};

/// Invalid single-line texts.
const BAD_LINES: [&str; 11] = [
    "",
    " \u{A0}\u{3000} ",
    "\u{2800}",
    "a\u{0}b",
    "a\u{7}b",
    "a\nb",
    "a\u{202E}b",
    "a\u{2066}b",
    "a\u{200B}b",
    "\u{301}a",
    "\u{FFFF}",
];
/// Invalid even in multi-line texts.
const BAD_LINES_OF_TEXT: [&str; 4] = ["a\u{0}b", "a\u{202E}b", "a\u{200B}b", "\u{2800}"];
const BAD_SLUGS: [&str; 8] = ["", " ", "A", "ž", "a b", "-a", "a-", "a\u{202E}b"];
const BAD_EMAILS: [&str; 9] = [
    "",
    "jana",
    "<jana@example.org>",
    "jana@example.org.",
    "Jana <jana@example.org>",
    "ja na@example.org",
    "jana\u{202E}@example.org",
    "jana@example.org\u{0}",
    "jana@xn--a.org",
];
const BAD_PASSWORDS: [&str; 4] = ["", "elevenchars", "long enough\u{0}", "long enough \u{202E}"];
const BAD_IDS: [&str; 4] = ["", " ", "a\u{0}b", "a\u{202E}b"];

/// A mutation, its caller, a valid input, and its fields with the values that each refuses.
struct Asked {
    document: &'static str,
    by: Client,
    input: Json,
    fields: Vec<(&'static str, &'static [&'static str], usize)>,
}

const ENROLL: &str = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
const FOUND: &str = "mutation($input: FoundNetworkInput!) { foundNetwork(input: $input) { network { id } } }";
const ONBOARD: &str = "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { hub { id } } }";
const CHANGE: &str = "mutation($input: ChangeHubInput!) { changeHub(input: $input) { version } }";
const CLOSE_ON: &str = "mutation($input: CloseHubOnInput!) { closeHubOn(input: $input) { version } }";
const ADD_SPACE: &str = "mutation($input: AddSpaceInput!) { addSpace(input: $input) { version } }";
const ADD_DEVICE: &str = "mutation($input: AddDeviceInput!) { addDevice(input: $input) { version } }";
const PAUSE: &str = "mutation($input: PauseHubInput!) { pauseHub(input: $input) { version } }";
const START: &str = "mutation($input: StartHubInput!) { startHub(input: $input) { hub { id } } }";
const MEMBER: &str = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { code } }";
const STAFF: &str = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { code } }";
const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { sessionId } } }";
const FORGOT: &str =
    "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted } }";
const ACCEPT: &str =
    "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { sessionId } }";
const RESET: &str = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { ... on SignedIn { sessionId } } }";
const KEY: &str = "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { apiKey { id } } }";
const EVENT: &str = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
const TARIFF: &str =
    "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { version } } }";
const CHECK_IN: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";

#[expect(clippy::too_many_lines, reason = "a list: one entry for each mutation")]
fn asked(app: &TestApp, network: &TestNetwork, hub: &TestHub, member: &str, chip: &str) -> Vec<Asked> {
    let by = || app.system();
    let asked = |document, input, fields: &[_]| Asked { document, by: by(), input, fields: fields.to_vec() };
    vec![
        asked(
            ENROLL,
            json!({ "hubId": hub.id, "name": "N", "email": "n@example.org", "language": "cs", "category": "RESIDENT" }),
            &[("name", &BAD_LINES, 200), ("email", &BAD_EMAILS, 254), ("plan", &BAD_SLUGS, 60)],
        ),
        asked(
            FOUND,
            json!({ "slug": "m", "name": "M", "clearingCurrency": "EUR", "timeZone": "Europe/Prague",
                    "homeCommissionBp": 500, "networkCommissionBp": 200 }),
            &[("slug", &BAD_SLUGS, 60), ("name", &BAD_LINES, 200)],
        ),
        asked(
            ONBOARD,
            TestApp::hub_input(network, "other"),
            &[
                ("slug", &BAD_SLUGS, 60),
                ("name", &BAD_LINES, 200),
                ("legalName", &BAD_LINES, 200),
                ("taxNumber", &BAD_LINES, 200),
                ("address.street", &BAD_LINES, 200),
                ("address.city", &BAD_LINES, 200),
                ("address.postalCode", &BAD_LINES, 200),
                ("spaces[0].code", &BAD_SLUGS, 60),
                ("spaces[0].name", &BAD_LINES, 200),
                ("spaces[0].resources[0].code", &BAD_SLUGS, 60),
                ("spaces[0].resources[0].name", &BAD_LINES, 200),
                ("plans[0].code", &BAD_SLUGS, 60),
                ("plans[0].name", &BAD_LINES, 200),
                ("plans[0].monthlyFee", &["", "1,5", "1.005"], 0),
                ("devices[0].code", &BAD_SLUGS, 60),
            ],
        ),
        asked(
            CHANGE,
            json!({ "hubId": hub.id, "expectedVersion": 1,
                    "address": { "street": "S", "city": "C", "postalCode": "1", "country": "CZ" },
                    "contact": { "email": "n@example.org", "phone": "1", "website": "https://example.org" },
                    "equipment": [{ "code": "projector", "note": "N" }] }),
            &[
                ("name", &BAD_LINES, 200),
                ("legalName", &BAD_LINES, 200),
                ("taxNumber", &BAD_LINES, 200),
                ("address.street", &BAD_LINES, 200),
                ("address.city", &BAD_LINES, 200),
                ("address.postalCode", &BAD_LINES, 200),
                ("contact.email", &BAD_EMAILS, 254),
                ("contact.phone", &BAD_LINES, 200),
                ("contact.website", &BAD_LINES, 200),
                ("equipment[0].code", &BAD_SLUGS, 60),
                ("equipment[0].note", &BAD_LINES, 200),
            ],
        ),
        asked(
            CLOSE_ON,
            json!({ "hubId": hub.id, "expectedVersion": 1, "from": "2027-12-24" }),
            &[("note", &BAD_LINES, 200)],
        ),
        asked(
            ADD_SPACE,
            json!({ "hubId": hub.id, "expectedVersion": 1, "space": { "code": "s", "name": "S", "kind": "OFFICE",
                    "capacity": 1, "resources": [{ "code": "r", "name": "R", "kind": "DESK" }] } }),
            &[
                ("space.code", &BAD_SLUGS, 60),
                ("space.name", &BAD_LINES, 200),
                ("space.resources[0].code", &BAD_SLUGS, 60),
                ("space.resources[0].name", &BAD_LINES, 200),
            ],
        ),
        asked(
            ADD_DEVICE,
            json!({ "hubId": hub.id, "expectedVersion": 1, "kind": "DOOR" }),
            &[("code", &BAD_SLUGS, 60)],
        ),
        asked(PAUSE, json!({ "hubId": hub.id, "expectedVersion": 1 }), &[("note", &BAD_LINES, 200)]),
        asked(
            START,
            json!({ "networkId": network.id, "slug": "draft", "name": "D", "kind": "LIBRARY", "language": "cs",
                    "timeZone": "Europe/Prague", "currency": "CZK", "country": "CZ", "capacity": 5 }),
            &[("slug", &BAD_SLUGS, 60), ("name", &BAD_LINES, 200)],
        ),
        asked(
            MEMBER,
            json!({ "memberId": member, "email": "n@example.org", "language": "cs" }),
            &[("email", &BAD_EMAILS, 254)],
        ),
        asked(
            STAFF,
            json!({ "hubId": hub.id, "email": "n@example.org", "language": "cs", "role": "OPERATOR" }),
            &[("email", &BAD_EMAILS, 254)],
        ),
        asked(SIGN_IN, json!({ "email": "n@example.org", "password": "x" }), &[("email", &BAD_EMAILS, 254)]),
        asked(FORGOT, json!({ "email": "n@example.org" }), &[("email", &BAD_EMAILS, 254)]),
        asked(
            ACCEPT,
            json!({ "code": "x", "password": "correct horse" }),
            &[("password", &BAD_PASSWORDS, 256)],
        ),
        asked(
            RESET,
            json!({ "code": "x", "password": "correct horse" }),
            &[("password", &BAD_PASSWORDS, 256)],
        ),
        asked(
            KEY,
            json!({ "name": "K", "hubId": hub.id, "scopes": ["READ_MEMBERS"] }),
            &[("name", &BAD_LINES, 100)],
        ),
        asked(
            EVENT,
            json!({ "hubId": hub.id, "title": "T", "summary": "", "kind": "LECTURE", "language": "cs", "capacity": 5,
                    "startsAt": "2027-01-01T10:00:00Z", "endsAt": "2027-01-01T12:00:00Z" }),
            &[("title", &BAD_LINES, 200), ("summary", &BAD_LINES_OF_TEXT, 2000)],
        ),
        asked(
            TARIFF,
            json!({ "hubId": hub.id, "name": "G", "pricePerHour": "60", "billingStepSeconds": 900 }),
            &[("name", &BAD_LINES, 100)],
        ),
        asked(
            CHECK_IN,
            json!({ "hubId": hub.id, "chip": chip, "eventId": "e" }),
            &[("eventId", &BAD_IDS, 64)],
        ),
    ]
}

/// Returns the number of rows in the tables that these mutations write.
async fn rows(app: &TestApp, network: NetworkId) -> Vec<(&'static str, i64)> {
    const TABLES: [(&str, &[&str]); 4] = [
        (
            "membership",
            &["network", "hub", "space", "plan", "device", "person", "member", "touch", "visit", "outbox"],
        ),
        ("identity", &["sign_in_account", "one_time_code", "session", "api_key", "mail"]),
        ("events", &["event", "outbox"]),
        ("roaming", &["tariff", "outbox"]),
    ];
    let mut counted = Vec::new();
    for (service, db) in app.services().service_databases() {
        let (_, tables) = TABLES.iter().find(|(name, _)| *name == service.name()).unwrap_or(&("", &[]));
        for table in *tables {
            let tx = db.read(Reach::Network(network)).await.expect("a transaction");
            let row = tx.row(&format!("select count(*) as counted from {table}"), []).await.expect("a count");
            counted.push((*table, row.expect("a row").try_get("", "counted").expect("a number")));
        }
    }
    counted
}

/// Returns a field such as `spaces[0].name` as a pointer into the input.
fn pointer(field: &str) -> String {
    format!("/{}", field.replace(['.', '['], "/").replace(']', ""))
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_breaks_its_rule_is_refused_with_its_field_and_changes_nothing() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let member = app.member(&hub, "Eva").await;
    app.drain().await;
    let id: NetworkId = network.id.parse().expect("an id");
    let before = rows(&app, id).await;
    assert!(before.iter().any(|(_, counted)| *counted > 0), "{before:?}");
    for asked in asked(&app, &network, &hub, &member.id, &member.chip) {
        for (field, bad, longest) in &asked.fields {
            let longer = "a".repeat(longest + 1);
            let too_long = (*longest > 0).then_some(longer.as_str());
            for text in bad.iter().copied().chain(too_long) {
                let mut input = asked.input.clone();
                match input.pointer_mut(&pointer(field)) {
                    Some(place) => *place = json!(text),
                    None => input[*field] = json!(text),
                }
                let answer = asked.by.response(asked.document, json!({ "input": input })).await;
                let extensions = &answer["errors"][0]["extensions"];
                assert_eq!(extensions["code"], "INVALID_INPUT", "{field} {text:?} {answer}");
                assert_eq!(extensions["field"], *field, "{text:?} {answer}");
                if too_long == Some(text) && !field.ends_with("email") {
                    let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
                    assert!(message.contains(&longest.to_string()), "{field} states its maximum: {message}");
                }
            }
        }
    }
    assert_eq!(rows(&app, id).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_stored_in_its_one_form_and_displayed_as_it_is_stored() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let mut input = TestApp::hub_input(&network, "home");
    input["slug"] = json!(" home ");
    input["name"] = json!("  Z\u{30C}luty\u{301} ku\u{30A}n\u{30C}\n");
    input["plans"][0]["code"] = json!(" resident ");
    let asked = "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { hub { id slug name plans { code } } } }";
    let hub = app.system().ask(asked, json!({ "input": input })).await["onboardHub"]["hub"].clone();
    assert_eq!((&hub["slug"], &hub["name"]), (&json!("home"), &json!("Žlutý kůň")));
    assert_eq!(hub["plans"][0]["code"], "resident");
    let asked = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { name email plan { code } } } }";
    let input = json!({ "hubId": hub["id"], "name": " Jir\u{30C}i\u{301} ", "email": "Jir\u{30C}i\u{301}@Ž.CZ", "language": "cs",
                        "category": "RESIDENT", "plan": " resident " });
    let member = app.system().ask(asked, json!({ "input": input })).await["enrollMember"]["member"].clone();
    assert_eq!((&member["name"], &member["email"]), (&json!("Jiří"), &json!("jiří@xn--jha.cz")));
    app.drain().await;
}
