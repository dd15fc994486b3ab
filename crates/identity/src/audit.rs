//! Identity's audit events: successful and refused sign-ins, and every decision about power.
//!
//! Always true: an audit event names people, sessions and keys by their ids only; it contains no secret, code, address
//! or name.

use kernel::{AuditEvent, DeviceId, HubId, NetworkId, PersonId, Place, SessionId, SignInLinkId};
use serde_json::{Value, json};

use crate::{ApiKey, DeviceSecret, RoleAssignment, SignInOutcome};

pub(crate) const SIGNED_IN: &str = "person.signed_in";
pub(crate) const SIGN_IN_REFUSED: &str = "person.sign_in_refused";
pub(crate) const CODE_ASKED: &str = "person.code_asked";
pub(crate) const CODE_REFUSED: &str = "person.code_refused";
pub(crate) const SIGNED_OUT: &str = "person.signed_out";
pub(crate) const SIGNED_OUT_EVERYWHERE: &str = "person.signed_out_everywhere";
pub(crate) const TOKEN_REUSED: &str = "refresh_token.reused";
pub(crate) const PASSWORD_CHANGED: &str = "password.changed";
pub(crate) const PASSWORD_RESET: &str = "password.reset";
pub(crate) const FACTOR_CONFIRMED: &str = "second_factor.confirmed";
pub(crate) const FACTOR_REMOVED: &str = "second_factor.removed";
pub(crate) const RECOVERY_CODES_RENEWED: &str = "recovery_codes.renewed";
pub(crate) const LINKED: &str = "sign_in_link.made";
pub(crate) const UNLINKED: &str = "sign_in_link.removed";
pub(crate) const INVITED: &str = "person.invited";
pub(crate) const INVITATION_ACCEPTED: &str = "invitation.accepted";
pub(crate) const SUSPENDED: &str = "person.suspended";
pub(crate) const REINSTATED: &str = "person.reinstated";
pub(crate) const DATA_EXPORTED: &str = "person.data_exported";
const ROLE_GRANTED: &str = "role.granted";
const ROLE_ACCEPTED: &str = "role.accepted";
const ROLE_DECLINED: &str = "role.declined";
const ROLE_REVOKED: &str = "role.revoked";
const DEVICE_SECRET_ISSUED: &str = "device_secret.issued";
const DEVICE_REVOKED: &str = "device.revoked";
const API_KEY_ISSUED: &str = "api_key.issued";
const API_KEY_REVOKED: &str = "api_key.revoked";

/// Every action of this service.
pub const AUDITED_ACTIONS: &[&str] = &[
    SIGNED_IN,
    SIGN_IN_REFUSED,
    CODE_ASKED,
    CODE_REFUSED,
    SIGNED_OUT,
    SIGNED_OUT_EVERYWHERE,
    TOKEN_REUSED,
    PASSWORD_CHANGED,
    PASSWORD_RESET,
    FACTOR_CONFIRMED,
    FACTOR_REMOVED,
    RECOVERY_CODES_RENEWED,
    LINKED,
    UNLINKED,
    INVITED,
    INVITATION_ACCEPTED,
    SUSPENDED,
    REINSTATED,
    DATA_EXPORTED,
    ROLE_GRANTED,
    ROLE_ACCEPTED,
    ROLE_DECLINED,
    ROLE_REVOKED,
    DEVICE_SECRET_ISSUED,
    DEVICE_REVOKED,
    API_KEY_ISSUED,
    API_KEY_REVOKED,
];

/// The person of an audit event, and the hub whose log holds it, if any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    pub(crate) network: NetworkId,
    pub(crate) hub: Option<HubId>,
    pub(crate) person: PersonId,
}

pub(crate) fn of_person(action: &'static str, about: About) -> AuditEvent {
    with_detail(action, about, json!({}))
}

pub(crate) fn of_session(action: &'static str, about: About, session: SessionId) -> AuditEvent {
    with_detail(action, about, json!({ "session": session }))
}

/// An audit event of a first factor that opens a session or waits for the second factor.
pub(crate) fn of_outcome(action: &'static str, about: About, outcome: &SignInOutcome) -> AuditEvent {
    match outcome {
        SignInOutcome::SignedIn(signed_in) => of_session(action, about, signed_in.session),
        SignInOutcome::SecondFactorNeeded(_) => of_person(action, about),
    }
}

pub(crate) fn signed_in_with_code(about: About, session: SessionId, by_recovery_code: bool) -> AuditEvent {
    let with = if by_recovery_code { "recovery_code" } else { "code" };
    with_detail(SIGNED_IN, about, json!({ "session": session, "second_factor": with }))
}

pub(crate) fn of_link(action: &'static str, about: About, link: SignInLinkId) -> AuditEvent {
    with_detail(action, about, json!({ "link": link }))
}

/// A sign-in by a link that opens a session or waits for the second factor.
pub(crate) fn signed_in_by_link(about: About, outcome: &SignInOutcome, link: SignInLinkId) -> AuditEvent {
    match outcome {
        SignInOutcome::SignedIn(signed_in) => {
            with_detail(SIGNED_IN, about, json!({ "session": signed_in.session, "link": link }))
        }
        SignInOutcome::SecondFactorNeeded(_) => of_link(CODE_ASKED, about, link),
    }
}

fn with_detail(action: &'static str, about: About, detail: Value) -> AuditEvent {
    let About { network, hub, person } = about;
    AuditEvent { network, hub, action, object: person.to_string(), detail }
}

pub(crate) fn role_granted(role: &RoleAssignment) -> AuditEvent {
    of_role(ROLE_GRANTED, role)
}

pub(crate) fn role_accepted(role: &RoleAssignment) -> AuditEvent {
    of_role(ROLE_ACCEPTED, role)
}

pub(crate) fn role_declined(role: &RoleAssignment) -> AuditEvent {
    of_role(ROLE_DECLINED, role)
}

pub(crate) fn role_revoked(role: &RoleAssignment) -> AuditEvent {
    of_role(ROLE_REVOKED, role)
}

fn of_role(action: &'static str, role: &RoleAssignment) -> AuditEvent {
    let detail = json!({
        "person": role.person, "role": role.grant.role, "valid_from": role.valid_from, "valid_until": role.valid_until,
    });
    AuditEvent {
        network: role.network,
        hub: hub_of(role.grant.at),
        action,
        object: role.id.to_string(),
        detail,
    }
}

pub(crate) fn device_secret_issued(secret: &DeviceSecret) -> AuditEvent {
    AuditEvent {
        network: secret.network,
        hub: Some(secret.hub),
        action: DEVICE_SECRET_ISSUED,
        object: secret.device.to_string(),
        detail: json!({ "secret": secret.id, "capability": secret.capability }),
    }
}

pub(crate) fn device_revoked(network: NetworkId, hub: HubId, device: DeviceId) -> AuditEvent {
    AuditEvent {
        network,
        hub: Some(hub),
        action: DEVICE_REVOKED,
        object: device.to_string(),
        detail: json!({}),
    }
}

pub(crate) fn api_key_issued(key: &ApiKey) -> AuditEvent {
    of_key(API_KEY_ISSUED, key)
}

pub(crate) fn api_key_revoked(key: &ApiKey) -> AuditEvent {
    of_key(API_KEY_REVOKED, key)
}

fn of_key(action: &'static str, key: &ApiKey) -> AuditEvent {
    AuditEvent {
        network: key.network,
        hub: hub_of(key.at),
        action,
        object: key.id.to_string(),
        detail: json!({ "scopes": key.scopes, "expires_at": key.expires_at }),
    }
}

fn hub_of(place: Place) -> Option<HubId> {
    match place {
        Place::Hub(hub) => Some(hub),
        Place::Network(_) => None,
    }
}
