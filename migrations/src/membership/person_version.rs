//! The version of a person. It grows with every change to the person's presence or to the data that decides it, so a
//! decision of the admission cache is written in one statement if the version is unchanged.
//!
//! Triggers raise it for chips, passes and memberships, so that no writer can forget it. Touches raise it as they are
//! written. On PostgreSQL `record_touches` does all of it in one round trip.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::run;

pub(crate) struct PersonVersion;

impl MigrationName for PersonVersion {
    fn name(&self) -> &'static str {
        "membership_8_person_version"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PersonVersion {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "alter table person add column version bigint not null default 0;").await?;
        let more = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES.to_owned(),
            _ => sqlite(),
        };
        manager.get_connection().execute_unprepared(&more).await?;
        Ok(())
    }
}

/// SQLite has no functions, so each trigger repeats the statement.
fn sqlite() -> String {
    let of_a_member = [
        ("credential_issued", "insert on credential"),
        ("credential_changed", "update on credential"),
        ("pass_kept", "insert on roaming_pass_copy"),
        ("pass_changed", "update on roaming_pass_copy"),
    ];
    let person = "(select person_id from member where member_id = new.member_id)";
    let all = of_a_member.map(|(what, when)| raises(what, when, person)).concat();
    all + &raises("member_changed", "update on member", "new.person_id")
}

fn raises(what: &str, when: &str, person: &str) -> String {
    format!(
        "create trigger {what}_raises after {when} begin
            update person set version = version + 1 where person_id = {person};
        end;"
    )
}

/// A version changes often and is in no index: with free space on its page the row stays in place.
const POSTGRES: &str = "
alter table person set (fillfactor = 70);
create function raise_version_of_member() returns trigger language plpgsql as $$
begin
    update person p set version = p.version + 1
    from member m where m.member_id = new.member_id and p.person_id = m.person_id;
    return null;
end $$;
create trigger credential_raises after insert or update on credential
    for each row execute function raise_version_of_member();
create trigger pass_raises after insert or update on roaming_pass_copy
    for each row execute function raise_version_of_member();
create trigger member_raises after update on member
    for each row execute function raise_version_of_member();

-- Writes touches, the visits they changed and the events that tell of them, if every person is at the version that was
-- known of them (ids and versions). Answers false otherwise, and nothing has been written but versions that grew for nothing.
create function record_touches(tenant text, known json, touches json, visits json, events json) returns boolean
language plpgsql as $$
declare
    persons uuid[] := array(select json_object_keys(known)::uuid);
    current bigint;
begin
    perform set_config('app.network', tenant, true), set_config('app.hub', '', true);
    update person p set version = p.version + 1
    where p.network_id = tenant::uuid and p.person_id = any(persons)
        and p.version = (known ->> p.person_id::text)::bigint;
    get diagnostics current = row_count;
    if current < cardinality(persons) then
        return false;
    end if;
    with touched as (
        insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source,
                           person_id, member_id, denied, skewed, effect, visit_id)
        select touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source,
               person_id, member_id, denied, skewed, effect, visit_id
        from json_populate_recordset(null::touch, touches)
    ), visited as (
        insert into visit (visit_id, network_id, hub_id, person_id, member_id, home_hub_id, category, source,
                           started_at, ended_at, ended_by, annulled, revision)
        select visit_id, network_id, hub_id, person_id, member_id, home_hub_id, category, source,
               started_at, ended_at, ended_by, annulled, revision
        from json_populate_recordset(null::visit, visits)
        on conflict (visit_id) do update set ended_at = excluded.ended_at, ended_by = excluded.ended_by,
            annulled = excluded.annulled, revision = excluded.revision
    )
    insert into outbox (event_id, emitted_at, body)
    select event_id, emitted_at, body from json_populate_recordset(null::outbox, events);
    return true;
end $$;";
