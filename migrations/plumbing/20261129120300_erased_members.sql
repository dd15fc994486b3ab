-- Erased members, by an id that no longer leads to a person. An event that was emitted before an erasure and arrives
-- after it does not restore the member.

create table erased_member (
    network_id {uuid} not null,
    member_id {uuid} not null,
    primary key (network_id, member_id)
);
-- @tenant network erased_member
