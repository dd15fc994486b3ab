-- Secrets of devices and keys of programs, as hashes. A device has one working secret at a time, at its own hub.

create table device_secret (
    secret_id {uuid} not null primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    device_id {uuid} not null,
    capability text not null,
    secret_hash text not null,
    issued_at {ts} not null,
    issued_by {uuid},
    used_at {ts},
    revoked_at {ts},
    foreign key (network_id, hub_id, device_id) references identity_device (network_id, hub_id, device_id)
);
create unique index device_secret_working on device_secret (network_id, device_id) where revoked_at is null;
create index device_secret_giver on device_secret (network_id, issued_by) where revoked_at is null;
create table api_key (
    key_id {uuid} not null primary key,
    network_id {uuid} not null,
    hub_id {uuid},
    name text not null,
    scopes text not null,
    secret_hash text not null,
    issued_at {ts} not null,
    issued_by {uuid},
    expires_at {ts},
    used_at {ts},
    revoked_at {ts},
    foreign key (network_id, hub_id) references identity_hub (network_id, hub_id)
);
create index api_key_place on api_key (network_id, hub_id);
create index api_key_giver on api_key (network_id, issued_by) where revoked_at is null;
-- @tenant network device_secret api_key
