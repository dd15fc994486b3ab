-- The version of a person grows with every change to the person's presence or to the data that decides it, so a
-- decision of the admission cache is written in one statement if the version is unchanged. Triggers raise it for chips,
-- passes and memberships, so that no writer can forget it. Touches raise it as they are written.

-- SQLite has no functions, so each trigger repeats the statement.
-- @only sqlite
create trigger credential_issued_raises after insert on credential begin
    update person set version = version + 1
    where person_id = (select person_id from member where member_id = new.member_id);
end;
create trigger credential_changed_raises after update on credential begin
    update person set version = version + 1
    where person_id = (select person_id from member where member_id = new.member_id);
end;
create trigger pass_kept_raises after insert on roaming_pass_copy begin
    update person set version = version + 1
    where person_id = (select person_id from member where member_id = new.member_id);
end;
create trigger pass_changed_raises after update on roaming_pass_copy begin
    update person set version = version + 1
    where person_id = (select person_id from member where member_id = new.member_id);
end;
create trigger member_changed_raises after update on member begin
    update person set version = version + 1 where person_id = new.person_id;
end;

-- A version changes often and is in no index: with free space on its page the row stays in place.
-- @only postgres
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
