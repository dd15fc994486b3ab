//! Who rules whom: who may give and take which role, whom one may keep out, whose account goes with a membership, who
//! gets somebody's invitation into their hands. The one place that decides it; `docs/ROLES.md` shows it as tables, which
//! a test here holds to it.
//!
//! Always true:
//! - At a hub, its administrators give and take operators and administrators; so do network administrators.
//! - In a network, network administrators give and take coordinators and network administrators.
//! - Nobody gives a role to themselves, so nobody raises themselves. A network administrator, who sees no members, may
//!   make somebody else a hub's administrator, who does: it stands in the hub's log.
//! - Programs and devices do none of this, whatever their keys are good for.
//! - Power over an account is power over everything the account is: every membership, every accepted role (R18). A role
//!   that is only offered counts for nothing, for whoever offered it and against everybody else.
//! - A membership may end at its hub; the account and its other roles stay (R18).
//! - What somebody gave (a key, a device's secret, an invitation) is worth at most what they are worth now (R19).

use kernel::{AuthError, Caller, Grant, HubId, NetworkId, OpContext, Permission, PersonId, Place};

use crate::InvalidField;

/// Everything an account is: what power over it must cover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    /// Where the person is a member.
    pub(crate) homes: Vec<HubId>,
    /// The roles they have accepted, those that begin later too.
    pub(crate) roles: Vec<Grant>,
}

/// Who asked for an erasure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErasedBy {
    /// The person.
    Themselves,
    /// Whoever may at their home hub; also what facts from before this was said are taken for.
    #[default]
    TheirHub,
    /// Whoever runs the installation.
    TheInstallation,
}

/// Where the code of a member's invitation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeGoes {
    /// By mail, to the address the member gave at enrolment.
    OwnAddress,
    /// Into the hands of whoever invites, for the member's own address.
    Inviter,
    /// For an address that is not the one the member gave, or not known to be.
    OtherAddress {
        /// The inviter has looked a second time at who asks for it.
        is_checked: bool,
    },
}

/// Why a member's invitation is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotInvited {
    /// The caller may not.
    Refused(AuthError),
    /// They may, after a second look.
    Unchecked(InvalidField),
}

/// Whether the caller may give or take a role at a place of a network.
pub(crate) fn require_managing(op: &OpContext, grant: Grant, network: NetworkId) -> Result<(), AuthError> {
    require_a_person(op)?;
    match grant.at {
        Place::Hub(hub) => op.require_at_hub(Permission::ManageRoles, hub, network),
        Place::Network(network) => op.require_in_network(Permission::ManageRoles, network),
    }
}

/// Whether the caller may offer somebody a role at a place of a network.
pub(crate) fn require_granting(
    op: &OpContext,
    to: PersonId,
    grant: Grant,
    network: NetworkId,
) -> Result<(), AuthError> {
    require_managing(op, grant, network)?;
    if is_self(op, to) { Err(AuthError::Forbidden) } else { Ok(()) }
}

/// Whether the caller rules a person's account, and so may keep them out, let them in again, and remove their lost
/// second factor: every home and every role of theirs must be the caller's to rule. An account that is nothing is ruled
/// by who rules the network.
pub(crate) fn require_ruling(
    op: &OpContext,
    person: PersonId,
    network: NetworkId,
    holdings: &Holdings,
) -> Result<(), AuthError> {
    require_a_person(op)?;
    if is_self(op, person) {
        return Err(AuthError::Forbidden);
    }
    for role in &holdings.roles {
        require_managing(op, *role, network)?;
    }
    for home in &holdings.homes {
        op.require_at_hub(Permission::SuspendPersons, *home, network)?;
    }
    if holdings.homes.is_empty() && holdings.roles.is_empty() {
        op.require_in_network(Permission::SuspendPersons, network)?;
    }
    Ok(())
}

/// Whether the caller could have made the account what it is, and so may hold a code that lets its reader be the person.
pub(crate) fn require_standing_in(
    op: &OpContext,
    network: NetworkId,
    holdings: &Holdings,
) -> Result<(), AuthError> {
    for role in &holdings.roles {
        require_managing(op, *role, network)?;
    }
    for home in &holdings.homes {
        op.require_at_hub(Permission::ManageMembers, *home, network)?;
    }
    Ok(())
}

/// Whether the caller may invite a member of a hub. Whoever reads the code can be the member, who can export and erase
/// everything; so a code that does not go to the member's own address takes somebody who may erase them.
pub(crate) fn require_inviting(
    op: &OpContext,
    home: HubId,
    network: NetworkId,
    code: CodeGoes,
) -> Result<(), NotInvited> {
    let require = |permission| op.require_at_hub(permission, home, network).map_err(NotInvited::Refused);
    require(Permission::ManageMembers)?;
    if code != CodeGoes::OwnAddress {
        require_a_person(op).map_err(NotInvited::Refused)?;
    }
    match code {
        CodeGoes::OwnAddress => Ok(()),
        CodeGoes::Inviter | CodeGoes::OtherAddress { is_checked: true } => require(Permission::EraseMembers),
        CodeGoes::OtherAddress { is_checked: false } => {
            require(Permission::EraseMembers)?;
            let problem =
                "must be true: this is not the address the member gave, so make sure who asks for it";
            Err(NotInvited::Unchecked(InvalidField::new("addressChecked", problem)))
        }
    }
}

/// Whether the account goes with a membership that is erased at a hub; `rest` is what the account is beside it. The
/// person takes everything with them, and so does who runs the installation; a hub takes what its administrators rule.
pub(crate) fn account_goes(by: ErasedBy, home: HubId, rest: &Holdings) -> bool {
    match by {
        ErasedBy::Themselves | ErasedBy::TheInstallation => true,
        ErasedBy::TheirHub => {
            rest.homes.iter().all(|other| *other == home)
                && rest.roles.iter().all(|role| role.at == Place::Hub(home))
        }
    }
}

/// Whether somebody holds a permission at a place now: what a key of theirs is good for there (R19).
pub(crate) fn is_worth(giver: &OpContext, permission: Permission, at: Place, network: NetworkId) -> bool {
    match at {
        Place::Hub(hub) => giver.may_at_hub(permission, hub, network),
        Place::Network(network) => giver.may_in_network(permission, network),
    }
}

/// What a key for a program may never be good for: the power to make more power.
pub(crate) const fn is_fit_for_programs(permission: Permission) -> bool {
    !matches!(
        permission,
        Permission::ManageRoles
            | Permission::SuspendPersons
            | Permission::ManageDevices
            | Permission::ManageApiKeys
            | Permission::OnboardHub
    )
}

/// What a device may be made for. A new sort of device is a permission here.
pub(crate) const fn is_fit_for_devices(capability: Permission) -> bool {
    matches!(capability, Permission::RecordPresence)
}

fn require_a_person(op: &OpContext) -> Result<(), AuthError> {
    match op.caller() {
        Caller::System | Caller::Person { .. } => Ok(()),
        Caller::Anonymous => Err(AuthError::Unauthenticated),
        Caller::Device { .. } | Caller::Program { .. } => Err(AuthError::Forbidden),
    }
}

fn is_self(op: &OpContext, person: PersonId) -> bool {
    matches!(op.caller(), Caller::Person { person: own, .. } if *own == person)
}

#[cfg(test)]
mod tests;
