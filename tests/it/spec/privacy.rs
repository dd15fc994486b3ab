//! Privacy (G14): every column is marked, and an erased person leaves no trace that leads to them.

mod columns;
pub(crate) mod export;

use std::{
    io,
    sync::{Arc, Mutex},
};

use kernel::{NetworkId, Role};
use platform_db::{Db, Reach, Ts, Tx};
use platform_module::Module as _;
use testkit::{Json, TestApp, TestHub, TestMember, TestNetwork, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    spec::identity::single_sign_on::{Liar, VERIFIER},
    support::alone::is_alone,
};

const ERASE: &str =
    "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { memberId erasedAt } }";
const SEAT: &str = "mutation($input: TakeSeatInput!) { takeSeat(input: $input) { __typename } }";
const PASSWORD: &str = "correct horse battery";
/// A unique name.
const NAME: &str = "Zdislava Nezapomenutelná";

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_member_leaves_no_trace_and_the_ledger_still_balances() {
    if !is_alone("spec::privacy::an_erased_member_leaves_no_trace_and_the_ledger_still_balances") {
        return;
    }
    let log = Captured::listening();
    let life = Life::lived().await;
    let Life { app, network, home, member, event, .. } = &life;
    let words = life.words();
    let texts = life.dump().await.join("\n");
    assert!(words.iter().any(|word| texts.contains(word)), "before, the person is there to be found");
    let sums = life.sums().await;

    let by = app.staff(Role::Administrator, home).with_idempotency_key("erase");
    let input = json!({ "input": { "memberId": member.id } });
    let erased = by.ask(ERASE, input.clone()).await;
    let mut queued = life.waiting().await;
    app.drain().await;
    queued.extend(life.waiting().await);
    app.recount().await;

    for (place, texts) in [("database", life.dump().await), ("queue", queued), ("log", vec![log.text()])] {
        for text in texts {
            for word in &words {
                assert!(!text.contains(word), "{place}: {word} is in {text}");
            }
        }
    }
    assert_eq!(life.sums().await, sums, "the ledger is as it was");
    assert_eq!(app.check_in(home, member).await["reason"], "UNKNOWN_CREDENTIAL", "the chip opens nothing");
    let occupancy = "query($id: ID!) { hub(id: $id) { occupancy { present } } }";
    let seen = app.anonymous().ask(occupancy, json!({ "id": home.id })).await;
    assert_eq!(seen["hub"]["occupancy"]["present"], 0, "the open visit is over");
    let seats = "query($id: ID!) { event(id: $id) { seatsFree } }";
    assert_eq!(app.anonymous().ask(seats, json!({ "id": event })).await["event"]["seatsFree"], 6);
    assert_eq!(by.ask(ERASE, input).await, erased, "asked again, the same answer");
    let members = "query($id: ID!) { hub(id: $id) { members { edges { cursor } } } }";
    let seen = app.operator(home).ask(members, json!({ "id": home.id })).await;
    assert_eq!(seen["hub"]["members"]["edges"], json!([]));
    let mine = "{ me { member { id } } }";
    let seen = app.as_member(member).response(mine, json!({})).await;
    assert!(!seen.to_string().contains(NAME), "{seen}");
    life.cannot_get_in_again().await;
    // A person who returns is a new person.
    let again = app.member(home, NAME).await;
    assert_ne!(again.id, member.id);
    let network: NetworkId = network.id.parse().expect("an id");
    for db in app.services().databases() {
        let tx = db.read(Reach::Network(network)).await.expect("a transaction");
        let verified = platform_db::verify_audit(&tx, network, None, &[]).await.expect("verified");
        assert_eq!(verified.broken, [], "the audit log is whole");
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_erases_themselves_and_nobody_else() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, other) = (app.hub(&network, "home").await, app.hub(&network, "other").await);
    let (eva, jan) = (app.member(&home, "Eva").await, app.member(&home, "Jan").await);
    let erase = |member: &TestMember| json!({ "input": { "memberId": member.id } });
    assert_eq!(app.as_member(&eva).refused(ERASE, erase(&jan)).await, "FORBIDDEN");
    assert_eq!(app.operator(&home).refused(ERASE, erase(&jan)).await, "FORBIDDEN");
    assert_eq!(app.coordinator(&network).refused(ERASE, erase(&jan)).await, "FORBIDDEN");
    assert_eq!(app.staff(Role::Administrator, &other).refused(ERASE, erase(&jan)).await, "NOT_FOUND");
    assert_eq!(app.anonymous().refused(ERASE, erase(&jan)).await, "UNAUTHENTICATED");
    let me = "mutation { eraseMe { memberId } }";
    assert_eq!(app.operator(&home).refused(me, json!({})).await, "NOT_FOUND");
    assert_eq!(app.as_member(&eva).ask(me, json!({})).await["eraseMe"]["memberId"], json!(eva.id));
    app.drain().await;
    let chip = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
    let input = json!({ "input": { "memberId": eva.id, "number": "04AABBCCDD" } });
    assert_eq!(app.operator(&home).refused(chip, input).await, "NOT_FOUND", "nobody gives the erased a chip");
    let touch =
        "mutation($input: TouchInput!) { checkIn(input: $input) { __typename ... on Denied { reason } } }";
    let by_hand = json!({ "input": { "hubId": home.id, "memberId": eva.id } });
    let denied = app.operator(&home).ask(touch, by_hand).await;
    assert_eq!(denied["checkIn"]["__typename"], "Denied", "nor lets them in by hand");
    app.drain().await;
}

/// The log of hubnet's own crates at the finest level, and of others at info level.
const OURS: &str = "info,membership=trace,roaming=trace,events=trace,monitoring=trace,identity=trace,server=trace,graph=trace,\
    platform_bus=trace,platform_db=trace,platform_live=trace";

/// A person who used every feature, and is in a hub at this moment.
struct Life {
    app: TestApp,
    network: TestNetwork,
    home: TestHub,
    member: TestMember,
    event: String,
    /// The tokens of their last sign-in.
    tokens: Json,
}

impl Life {
    async fn lived() -> Self {
        let liar = Liar::start().await;
        let app = TestApp::configured(|config| {
            config.identity.public_url = Some("http://localhost:1".to_owned());
            config.identity.single_sign_on = vec![liar.settings("town", "n")];
        })
        .await;
        let network = app.network("n").await;
        let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
        app.tariff(&away, "60").await;
        app.drain().await;
        let member = app.roaming_member(&home, NAME).await;
        app.check_in(&away, &member).await;
        app.pass_minutes(90);
        app.check_out(&away, &member).await;
        app.drain().await;
        let publish = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
        let input = json!({ "input": {
            "hubId": home.id, "title": "Lecture", "summary": "Somebody speaks.", "kind": "LECTURE", "language": "cs",
            "startsAt": "2026-11-04T15:30:00Z", "endsAt": "2026-11-04T17:00:00Z", "capacity": 6,
        } });
        let event = app.system().ask(publish, input).await["publishEvent"]["event"]["id"].clone();
        let event = event.as_str().expect("an id").to_owned();
        app.drain().await;
        let keyed = app.as_member(&member).with_idempotency_key("seat");
        keyed.ask(SEAT, json!({ "input": { "eventId": event } })).await;
        let chip = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
        let input = json!({ "input": { "memberId": member.id, "number": "04C0FFEE00C0FFEE" } });
        app.operator(&home).with_idempotency_key("chip").ask(chip, input).await;
        // A reader that writes names into its log.
        let upload = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { taken } }";
        let line = |id: &str, at: &str, direction: &str| {
            json!({
                "eventId": format!("{} {id}", member.email), "at": at, "credential": member.chip, "direction": direction,
            })
        };
        let lines = [line("1", "2026-11-02T08:00:00Z", "IN"), line("2", "2026-11-02T09:00:00Z", "OUT")];
        let input = json!({ "input": { "hubId": home.id, "device": "reception", "lines": lines } });
        app.system().ask(upload, input).await;
        app.check_in(&home, &member).await;
        app.drain().await;
        let tokens = sign_up(&app, &member).await;
        link(&app, &liar, &network, &member.email).await;
        Self { app, network, home, member, event, tokens }
    }

    /// Returns the words that would lead to the person.
    fn words(&self) -> Vec<String> {
        let number = |text: &str| text.parse::<membership::ChipNumber>().expect("a chip's number");
        let chips = [self.member.chip.as_str(), "04C0FFEE00C0FFEE"];
        let mut words = vec![NAME.to_owned(), "Zdislava".into(), self.member.email.clone()];
        words.extend(chips.map(str::to_owned));
        words.extend(chips.map(|chip| number(chip).hash()));
        words
    }

    /// Returns every row of every table, and everything in Redis.
    async fn dump(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for db in self.app.services().databases() {
            rows.extend(dump(db, self.reach()).await);
        }
        rows.extend(self.app.redis_dump().await);
        rows
    }

    fn reach(&self) -> Reach {
        Reach::Network(self.network.id.parse().expect("an id"))
    }

    /// Asserts that neither the password nor earlier tokens work, and that no account is left.
    async fn cannot_get_in_again(&self) {
        let app = &self.app;
        assert_eq!(app.cannot_sign_in(&self.member.email, PASSWORD).await, "UNAUTHENTICATED");
        app.services().load_revocations().await.expect("the revocations are loaded");
        let token = |name: &str| self.tokens[name].as_str().expect("a token");
        assert_eq!(app.turned_away(token("accessToken")), "UNAUTHENTICATED");
        let refresh =
            "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }";
        let refused = app.anonymous().refused(refresh, json!({ "token": token("refreshToken") })).await;
        assert_eq!(refused, "UNAUTHENTICATED");
        let db = app.services().databases().last().expect("a database");
        let db = app.services().identity().map_or(db, |identity| identity.db());
        let tx = db.read(self.reach()).await.expect("a transaction");
        for table in [
            "sign_in_account",
            "session",
            "refresh_token",
            "one_time_code",
            "second_factor",
            "recovery_code",
            "sign_in_challenge",
            "sign_in_link",
            "sign_in_handover",
            "role_assignment",
        ] {
            let left = lines(&tx, &format!("select 'x' as line from {table}")).await;
            assert_eq!(left.len(), 0, "{table} holds nothing of the only person who ever signed up");
        }
    }

    /// Returns the content of the outboxes and of the event log: the only way into a queue.
    async fn waiting(&self) -> Vec<String> {
        let mut bodies = Vec::new();
        for db in self.app.services().databases() {
            let tx = db.read(Reach::Directory).await.expect("a transaction");
            let rows = tx
                .rows("select body from outbox union all select body from event_log", [])
                .await
                .expect("rows");
            bodies.extend(rows.iter().map(|row| row.try_get::<String>("", "body").expect("a body")));
        }
        bodies
    }

    /// Returns the sum of each ledger account, and the number of charges.
    async fn sums(&self) -> Vec<String> {
        let db = self.app.services().databases().last().expect("a database");
        let roaming = self.app.services().roaming().map_or(db, |roaming| roaming.db());
        let tx = roaming.read(self.reach()).await.expect("a transaction");
        let id = if tx.is_postgres() { "cast(owner_id as text)" } else { "hex(owner_id)" };
        let sql = format!(
            "select {id} || kind || currency || cast(sum(amount_minor) as text) as line \
             from ledger_entry group by owner_id, kind, currency order by 1"
        );
        let sums = lines(&tx, &sql).await;
        assert!(!sums.is_empty(), "the visit away was charged");
        sums
    }
}

/// Makes a member an operator with an account and a second factor, who has signed in, once with a wrong password and
/// once incompletely.
async fn sign_up(app: &TestApp, member: &TestMember) -> Json {
    let invite =
        "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { personId code expiresAt } }";
    let input = json!({ "input": { "memberId": member.id, "email": member.email, "language": "cs" } });
    let keyed = app.administrator(&member.home).with_idempotency_key(&format!("invite-{}", member.id));
    let invitation = keyed.ask(invite, input).await["inviteMember"].clone();
    let session = app.accept(&invitation, PASSWORD).await;
    let grant = "mutation($input: GrantRoleInput!) { grantRole(input: $input) { role { id } } }";
    let role = json!({ "personId": invitation["personId"], "role": "OPERATOR", "hubId": member.home.id });
    app.system()
        .with_idempotency_key(&format!("grant-{}", member.id))
        .ask(grant, json!({ "input": role }))
        .await;
    app.accept_roles(&session).await;
    app.pass_minutes(1);
    app.services().load_revocations().await.expect("the revocations are loaded");
    let tokens = app.sign_in(&member.email, PASSWORD).await;
    let client = app.with_token(tokens["accessToken"].as_str().expect("a token"));
    let (_, papers) = app.second_factor(&client, PASSWORD).await;
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { ... on SecondFactorNeeded { challenge } } }";
    let input = json!({ "input": { "email": member.email, "password": PASSWORD } });
    let waiting = app.anonymous().ask(sign_in, input).await["signIn"]["challenge"].clone();
    let complete = "mutation($input: CompleteSignInInput!) { completeSignIn(input: $input) { sessionId } }";
    let input = json!({ "input": { "challenge": waiting, "code": papers[0] } });
    app.anonymous().ask(complete, input).await;
    app.sign_in(&member.email, PASSWORD).await;
    assert_eq!(app.cannot_sign_in(&member.email, "a wrong password").await, "UNAUTHENTICATED");
    tokens
}

/// Signs a person in with their organisation's account, twice: the second time they close the app.
async fn link(app: &TestApp, liar: &Liar, network: &TestNetwork, email: &str) {
    let reach = Reach::Network(network.id.parse().expect("an id"));
    let db = app.services().identity().expect("identity runs here").db();
    let tx = db.write(reach).await.expect("a transaction");
    let sql = "update sign_in_account set email_verified_at = $1 where email = $2";
    tx.run(sql, [Ts(app.now()).into(), email.into()]).await.expect("written");
    tx.commit().await.expect("committed");
    let complete =
        "mutation($input: CompleteSingleSignOnInput!) { completeSingleSignOn(input: $input) { __typename } }";
    let code = liar.hand_over(app, "town", email).await;
    let input = json!({ "input": { "code": code, "codeVerifier": VERIFIER } });
    let completed = app.anonymous().ask(complete, input).await;
    assert_eq!(completed["completeSingleSignOn"]["__typename"], "SecondFactorNeeded");
    liar.hand_over(app, "town", email).await;
}

async fn dump(db: &Db, reach: Reach) -> Vec<String> {
    let tx = db.read(reach).await.expect("a transaction");
    let mut rows = Vec::new();
    for (table, names) in columns::catalogue(&tx).await {
        // SQLite stores ids as bytes.
        let text = |name: &String| {
            if tx.is_postgres() {
                format!("coalesce(cast({name} as text), '')")
            } else {
                format!("coalesce(case typeof({name}) when 'blob' then hex({name}) else {name} end, '')")
            }
        };
        let texts: Vec<String> = names.iter().map(text).collect();
        let sql = format!("select {} as line from {table}", texts.join(" || '|' || "));
        rows.extend(lines(&tx, &sql).await.into_iter().map(|line| format!("{table}: {line}")));
    }
    rows
}

async fn lines(tx: &Tx, sql: &str) -> Vec<String> {
    let rows = tx.rows(sql, []).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    rows.iter().map(|row| row.try_get("", "line").expect("a line")).collect()
}

/// The log of the whole process.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// Captures the log from now on. Only for a process of its own: there is one log for all its threads.
    fn listening() -> Self {
        let captured = Self::default();
        let lines = tracing_subscriber::fmt().with_env_filter(OURS).with_ansi(false);
        lines.with_writer(captured.clone()).init();
        captured
    }

    fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.0.lock().expect("nobody panicked")).into_owned();
        assert!(!text.is_empty(), "something was logged");
        text
    }
}

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
