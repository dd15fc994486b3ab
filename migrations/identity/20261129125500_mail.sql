-- Outgoing mail. A queued message holds no code: the code is made when the message is sent. The index by person serves
-- the check for a waiting message on the same matter, made whenever a message is queued.

create table outgoing_mail (
    mail_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    purpose text not null,
    queued_at {ts} not null,
    due_at {ts} not null,
    tries bigint not null,
    given_up_at {ts},
    given_up_why text,
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id)
);
create index outgoing_mail_due on outgoing_mail (network_id, due_at) where given_up_at is null;
create index outgoing_mail_person on outgoing_mail (network_id, person_id, purpose);
-- @tenant network outgoing_mail
