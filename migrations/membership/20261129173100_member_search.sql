-- The words by which members are found, each with the key that sorts the member's name; the word `=joined` has the time of
-- joining as its key. A member of before has no words
-- yet: the job `member_index` adds them, because a database cannot romanise names.
create table member_search (
    network_id {uuid} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    word text not null,
    sort_key text not null,
    primary key (member_id, word),
    foreign key (network_id, hub_id, member_id) references member (network_id, hub_id, member_id)
);
-- @tenant hub member_search
alter table member add column is_searchable boolean not null default false;

-- Words and keys are compared byte by byte, as SQLite does: a prefix is a range.
-- @only postgres
alter table member_search
    alter column word type text collate "C",
    alter column sort_key type text collate "C";
-- @both

create index member_search_word on member_search (network_id, hub_id, word, sort_key, member_id);
create index member_unsearchable on member (network_id, member_id) where not is_searchable;
create index credential_ending on credential (network_id, hub_id, ending);
