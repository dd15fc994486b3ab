//! One mailbox is one person in a network, in any spelling of its address.

use testkit::{Client, Json, TestApp, TestHub, json};

const ENROLL: &str =
    "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id name email } } }";
const INVITE: &str = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { code } }";

/// Spellings of one mailbox, and the stored one.
const MAILBOXES: [(&[&str], &str); 3] = [
    (
        &[
            "jana@háčkyčárky.cz",
            "jana@xn--hkyrky-ptac70bc.cz",
            "Jana@HÁČKYČÁRKY.cz",
            "jana@ha\u{301}c\u{30C}kyc\u{30C}a\u{301}rky.cz",
        ],
        "jana@xn--hkyrky-ptac70bc.cz",
    ),
    (&["jiří@example.org", "jir\u{30C}i\u{301}@example.org", " JIŘÍ@Example.org "], "jiří@example.org"),
    (&["dot@example.org", "DOT@EXAMPLE.ORG"], "dot@example.org"),
];

fn member(hub: &TestHub, email: &str) -> Json {
    json!({ "input": { "hubId": hub.id, "name": "Jana", "email": email, "language": "cs", "category": "RESIDENT" } })
}

async fn enrolled(staff: &Client, hub: &TestHub, email: &str) -> Json {
    staff.ask(ENROLL, member(hub, email)).await["enrollMember"]["member"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_is_one_member_however_it_is_spelled() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (hub, other_hub) = (app.hub(&network, "home").await, app.hub(&network, "other").await);
    for (spellings, stored) in MAILBOXES {
        let first = enrolled(&app.system(), &hub, spellings[0]).await;
        assert_eq!(first["email"], stored);
        for spelling in spellings {
            for hub in [&hub, &other_hub] {
                let refused = app.system().refused(ENROLL, member(hub, spelling)).await;
                assert_eq!(refused, "CONFLICT", "{spelling:?}");
            }
        }
    }
    let refused = app.system().response(ENROLL, member(&hub, "dot@example.org.")).await;
    assert_eq!(refused["errors"][0]["extensions"]["field"], "email", "{refused}");
    app.drain().await;
}

/// R18: an invitation accepts every address that enrolment accepts, and recognizes it as the member's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_invited_at_their_own_address_in_any_spelling() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    for (spellings, stored) in MAILBOXES {
        let member = enrolled(&app.system(), &hub, spellings[0]).await;
        app.drain().await;
        let last = spellings[spellings.len() - 1];
        // Another address than the member's own would need `addressChecked`.
        let input = json!({ "input": { "memberId": member["id"], "email": last, "language": "cs" } });
        let invited = app.administrator(&hub).ask(INVITE, input).await;
        app.accept(&invited["inviteMember"], "correct horse battery").await;
        for spelling in spellings {
            app.sign_in(spelling, "correct horse battery").await;
        }
        app.sign_in(stored, "correct horse battery").await;
    }
    app.drain().await;
}

/// R18: two people are not invited to one mailbox.
#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_has_one_account_however_it_is_spelled() {
    const STAFF: &str = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { personId } }";
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let (operator, administrator) = ("OPERATOR", "ADMINISTRATOR");
    let input = |email: &str, role: &str| json!({ "input": { "email": email, "language": "cs", "role": role, "hubId": hub.id } });
    for (spellings, _) in MAILBOXES {
        let first = app.system().ask(STAFF, input(spellings[0], operator)).await;
        let again = app.system().ask(STAFF, input(spellings[1], administrator)).await;
        assert_eq!(first["inviteStaff"]["personId"], again["inviteStaff"]["personId"], "{spellings:?}");
    }
    app.drain().await;
}
