//! The stored data about a person, found without the code that exports it: rows that name them, or name something of
//! theirs (a session, a charge, a visit, a seat, a chip).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kernel::{Id, Shown, VisitId};
use platform_db::{Day, Db, Ts};
use sea_orm::QueryResult;
use server::Service;
use testkit::{Json, TestApp};
use uuid::Uuid;

use super::{super::columns, archive::Export, reach};

/// Owned things: tables whose rows belong to a person, with their key; rows that name these belong to the person too.
const THINGS: [(&str, &str); 5] = [
    ("session", "session_id"),
    ("charge", "charge_id"),
    ("visit", "visit_id"),
    ("seat", "seat_id"),
    ("credential", "credential_id"),
];
/// Tables whose rows have an owner column and may name others: who checked a person in, whom a request was about.
const OWNED: [(&str, &str); 2] = [("touch", "person_id"), ("idempotency", "caller")];

/// Rows about a person, by table, with the mark of each column.
pub(super) struct Kept {
    rows: Vec<(String, BTreeMap<String, String>)>,
}

impl Kept {
    /// Finds rows that contain one of these ids, or name a thing that such a row is.
    pub(super) async fn by(app: &TestApp, network: &str, ids: &[&str]) -> Self {
        let mut all = Vec::new();
        for db in app.services().databases() {
            let tx = db.read(reach(network)).await.expect("a transaction");
            for (table, names) in columns::catalogue(&tx).await {
                let sql = format!("select {} from {table}", names.join(", "));
                for row in tx.rows(&sql, []).await.expect("rows") {
                    let cells = names.iter().filter_map(|name| Some((name.clone(), cell(&row, name)?)));
                    all.push((table.clone(), cells.collect::<BTreeMap<_, _>>()));
                }
            }
        }
        let bare = |id: &str| id.rsplit('_').next().unwrap_or(id).to_owned();
        let mut known: BTreeSet<String> = ids.iter().map(|id| bare(id)).collect();
        let names = |row: &BTreeMap<String, String>, known: &BTreeSet<String>| {
            row.values().any(|cell| known.iter().any(|id| cell.contains(id.as_str())))
        };
        let mine: Vec<_> = all.iter().filter(|(_, row)| names(row, &known)).collect();
        for (table, key) in THINGS {
            let rows = mine.iter().filter(|(of, _)| of == table);
            known.extend(rows.filter_map(|(_, row)| row.get(key).cloned()));
        }
        let is_somebody_elses = |table: &str, row: &BTreeMap<String, String>| {
            let owner = OWNED.iter().find(|(of, _)| *of == table).and_then(|(_, column)| row.get(*column));
            owner.is_some_and(|owner| ids.iter().all(|id| *owner != bare(id)))
        };
        let rows = all.into_iter().filter(|(_, row)| names(row, &known));
        Self { rows: rows.filter(|(table, row)| !is_somebody_elses(table, row)).collect() }
    }

    /// Asserts that every marked column of every row is in the export, or that its mark gives the reason.
    pub(super) fn is_all_in(&self, export: &Export) {
        let services = &platform_db::personal::EXPORT;
        let abouts = Service::all().map(Service::about);
        let parts: BTreeMap<&str, Json> = abouts
            .clone()
            .filter(|about| about.shows_personal_data())
            .map(|about| (about.name, export.json(&format!("{}.json", about.name))))
            .collect();
        let mut missing = Vec::new();
        for (service, marks) in abouts.map(|about| (about.name, about.export)).chain([("", services)]) {
            for mark in marks.columns {
                let (table, column) = (mark.table, mark.column);
                if marks.not_shown.iter().any(|(kept_back, why)| *kept_back == table && !why.is_empty()) {
                    continue;
                }
                if !marks.tables.iter().any(|it| it.table == table) {
                    missing.push(format!("{table} is neither shown nor kept back with a reason"));
                    continue;
                }
                let shown: BTreeSet<String> = parts
                    .iter()
                    .filter(|(of, _)| service.is_empty() || **of == service)
                    .flat_map(|(_, part)| part[table].as_array().cloned().unwrap_or_default())
                    .filter_map(|row| exported(&row[column]))
                    .collect();
                let values: Vec<&String> = self
                    .rows
                    .iter()
                    .filter(|(of, _)| of == table)
                    .filter_map(|(_, row)| row.get(column))
                    .collect();
                match mark.shown {
                    Shown::Never(why) => {
                        assert!(!why.is_empty(), "{table}.{column}: say why it is kept back");
                    }
                    Shown::When(_) if shown.is_empty() => {
                        missing.push(format!("{table}.{column} is never shown"));
                    }
                    Shown::When(_) => {}
                    Shown::Always if values.is_empty() => {
                        missing.push(format!(
                            "{table}.{column}: nothing is planted there; let the story fill it"
                        ));
                    }
                    Shown::Always => missing.extend(
                        values
                            .iter()
                            .filter(|value| !shown.contains(**value))
                            .map(|value| format!("{table}.{column} lacks {value}")),
                    ),
                }
            }
        }
        assert!(missing.is_empty(), "not in the export:\n{}", missing.join("\n"));
    }

    /// Returns values that are withheld because they are secrets.
    pub(super) fn secrets(&self) -> Vec<String> {
        let is_secret = |column: &str| column.ends_with("_hash") || column == "sealed_secret";
        let secrets = self.rows.iter().filter(|(table, _)| table != "audit" && table != "audit_head");
        secrets
            .flat_map(|(_, row)| row.iter().filter(|(column, _)| is_secret(column)))
            .map(|(_, value)| value.clone())
            .collect()
    }
}

/// Returns a cell in one form for both databases.
fn cell(row: &QueryResult, column: &str) -> Option<String> {
    if let Ok(id) = row.try_get::<Option<Uuid>>("", column) {
        return id.map(|id| id.simple().to_string());
    }
    if let Ok(number) = row.try_get::<Option<i64>>("", column) {
        return number.map(|number| number.to_string());
    }
    if let Ok(truth) = row.try_get::<Option<bool>>("", column) {
        return truth.map(|truth| i64::from(truth).to_string());
    }
    if let Ok(at) = row.try_get::<Option<Ts>>("", column) {
        return at.map(|at| at.0.as_microsecond().to_string());
    }
    if let Ok(on) = row.try_get::<Option<Day>>("", column) {
        return on.map(|on| on.0.to_string());
    }
    row.try_get::<Option<String>>("", column).expect("a text").map(plain)
}

/// Returns a cell as the export writes it.
fn exported(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::Bool(truth) => Some(i64::from(*truth).to_string()),
        Json::String(text) => Some(plain(text.clone())),
        other => Some(other.to_string()),
    }
}

/// Normalizes ids and instants, which have more than one notation.
fn plain(text: String) -> String {
    let id =
        text.rsplit('_').next().filter(|id| id.len() == 32 && id.bytes().all(|it| it.is_ascii_hexdigit()));
    match id.filter(|_| text.len() <= 36) {
        Some(id) => id.to_owned(),
        None => text.parse::<Timestamp>().map_or(text, |at| at.as_microsecond().to_string()),
    }
}

pub(super) fn person_of(app: &TestApp, token: &str) -> String {
    app.services().tokens().read(token, app.now()).expect("a good token").caller.actor()
}

/// Fills columns that a short story leaves empty.
pub(super) async fn plant(app: &TestApp, network: &str, person: &str, member: &str) {
    let at = "2026-11-01T10:20:30+00:00";
    let ids = |sql: &str, postgres: bool| {
        let id = |id: &str| {
            let id = id.rsplit('_').next().unwrap_or_default();
            if postgres { format!("cast('{id}' as uuid)") } else { format!("x'{id}'") }
        };
        let new = || id(&fresh(app));
        sql.replace("{person}", &id(person))
            .replace("{member}", &id(member))
            .replace("{network}", &id(network))
            .replace("{new}", &new())
            .replace("{at}", &format!("'{at}'"))
    };
    for (service, sql) in PLANTS {
        let db = database(app, service);
        let tx = db.write(reach(network)).await.expect("a transaction");
        let sql = ids(sql, tx.is_postgres());
        let done = tx.run(&sql, []).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert!(done.rows_affected() > 0, "nothing is planted by {sql}");
        tx.commit().await.expect("planted");
    }
}

const PLANTS: [(usize, &str); 30] = [
    (
        0,
        "update member set plan_id = (select plan_id from plan where plan.hub_id = member.hub_id) where member_id = {member}",
    ),
    (
        0,
        "update member set left_at = {at}, returned_at = '2026-11-01T11:20:30+00:00', left_reason = 'moved away for a day' where member_id = {member}",
    ),
    (
        0,
        "insert into member_contact (contact_id, network_id, hub_id, member_id, role, name, phone, email, recorded_at) \
         select {new}, network_id, hub_id, member_id, 'guardian', 'My grandmother', '+420 4711 0815', 'grandmother@example.org', {at} \
         from member where member_id = {member}",
    ),
    (
        0,
        "insert into member_consent (consent_id, network_id, hub_id, member_id, purpose, text_version, guardian_id, given_at, withdrawn_at) \
         select {new}, network_id, hub_id, member_id, 'photos', 'of-last-autumn', contact_id, {at}, {at} \
         from member_contact where network_id = {network} and member_id = {member}",
    ),
    (
        0,
        "insert into member_note (note_id, network_id, hub_id, member_id, body, written_at) \
         select {new}, network_id, hub_id, member_id, 'likes the place by the window', {at} from member where member_id = {member}",
    ),
    (
        1,
        "update roaming_member set left_at = '2099-01-01T00:00:00+00:00' where network_id = {network} and member_id = {member}",
    ),
    (
        2,
        "update events_member set left_at = '2099-01-01T00:00:00+00:00' where network_id = {network} and member_id = {member}",
    ),
    (
        4,
        "update identity_member set left_at = '2099-01-01T00:00:00+00:00' where network_id = {network} and member_id = {member}",
    ),
    (0, "update touch set denied = 'hub_closed' where person_id = {person} and visit_id is null"),
    (0, "update credential set revoked_at = {at} where member_id = {member}"),
    (0, "update roaming_pass_copy set valid_until = {at} where member_id = {member}"),
    (
        1,
        "update roaming_pass set valid_until = {at}, ended_at = {at}, monthly_ceiling_minutes = 777 where member_id = {member}",
    ),
    (
        4,
        "update sign_in_account set suspended_at = {at}, email_verified_at = {at}, invited_by = {person} where person_id = {person}",
    ),
    (4, "update session set ended_at = {at}, ended_by = 'sign_out' where person_id = {person}"),
    (
        4,
        "update refresh_token set replaced_at = {at} where session_id in (select session_id from session where person_id = {person})",
    ),
    (4, "update one_time_code set used_at = {at} where person_id = {person}"),
    (
        4,
        "update role_assignment set valid_until = '2099-01-01T00:00:00+00:00', granted_by = {person}, revoked_by = {person}, offered_to = 'person', accepted_at = {at} where person_id = {person}",
    ),
    (4, "update role_assignment set revoked_at = '2098-01-01T00:00:00+00:00' where person_id = {person}"),
    (
        4,
        "insert into api_key (key_id, network_id, name, scopes, secret_hash, issued_at, issued_by) \
         values ({new}, {network}, 'my calendar', '[]', 'hash-of-a-key', {at}, {person})",
    ),
    (
        4,
        "insert into device_secret (secret_id, network_id, hub_id, device_id, capability, secret_hash, issued_at, issued_by) \
         select {new}, network_id, hub_id, device_id, 'record_presence', 'hash-of-a-device', {at}, {person} from identity_device \
         where network_id = {network} limit 1",
    ),
    (
        4,
        "insert into mail (network_id, mail_id, job_id, person_id, kind, category, about, input, state, queued_at, tries, ended_at, reason) \
         values ({network}, {new}, {new}, {person}, 'identity.password_reset', 'transactional', 'their-account', '[4711]', 'bounced', \
         {at}, 3, {at}, '552 5.2.2')",
    ),
    (
        4,
        "insert into file (network_id, file_id, person_id, purpose, name, media_type, size_bytes, sha256, state, received_at, kept_at, expires_at) \
         values ({network}, {new}, {person}, 'proof_document', 'my-card.pdf', 'application/pdf', 47110815, 'hash-of-a-card', 'kept', {at}, {at}, {at})",
    ),
    (
        4,
        "insert into mail_preference (network_id, person_id, category, is_wanted, chosen_at) \
         values ({network}, {person}, 'notice', false, {at})",
    ),
    (
        4,
        "insert into mail_undeliverable (network_id, person_id, address_hash, refused_at) \
         values ({network}, {person}, 'hash-of-an-address', {at})",
    ),
    (4, "update identity_member set joined_at = {at} where person_id = {person}"),
    (
        0,
        "update touch set event_id = 'a-note-of-the-reader' where touch_id = (select touch_id from touch where person_id = {person} limit 1)",
    ),
    (0, "update person set language = 'uk' where person_id = {person}"),
    (4, "update second_factor set confirmed_at = {at}, last_step = 58000001 where person_id = {person}"),
    (4, "update recovery_code set used_at = {at} where person_id = {person}"),
    (
        4,
        "insert into sign_in_challenge (challenge_id, network_id, person_id, secret_hash, tries, made_at, expires_at) \
         values ({new}, {network}, {person}, 'hash-of-a-challenge', 2, {at}, {at})",
    ),
];

/// Inserts visits of a member, one after another.
pub(super) async fn plant_visits(
    app: &TestApp,
    network: &str,
    person: &str,
    member: &str,
    hub: &str,
    how_many: usize,
) {
    let id = |id: &str| Uuid::parse_str(id.rsplit('_').next().unwrap_or_default()).expect("an id");
    let db = database(app, 0);
    let tx = db.write(reach(network)).await.expect("a transaction");
    let day: i64 = 24 * 3600;
    let rows = (0..how_many).map(|place| {
        let started = Timestamp::from_second(1_000_000_000 + day * i64::try_from(place).expect("few"))
            .expect("an instant");
        [
            id(&fresh(app)).into(),
            id(network).into(),
            id(hub).into(),
            id(person).into(),
            id(member).into(),
            id(hub).into(),
            Ts(started).into(),
            Ts(started).into(),
        ]
    });
    for row in rows {
        let sql = "insert into visit (visit_id, network_id, hub_id, person_id, member_id, home_hub_id, started_at, ended_at, \
                   ended_by, category, source, annulled, revision) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, 'check_out', 'resident', 'chip', false, 2)";
        tx.run(sql, row).await.expect("a visit");
    }
    tx.commit().await.expect("planted");
}

fn fresh(app: &TestApp) -> String {
    VisitId::generate(app.services().world()).to_string()
}

/// Returns the database of a service, by its index.
fn database(app: &TestApp, service: usize) -> &Db {
    let databases = app.services().databases();
    databases.get(service).unwrap_or_else(|| databases.first().expect("a database"))
}
