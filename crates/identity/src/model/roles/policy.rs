//! Power over people: who may assign and revoke which role, whom one may suspend, whose account an erasure removes, who
//! receives the code of an invitation. This is the only place that decides it. `docs/ROLES.md` shows it as tables,
//! which a test here verifies.
//!
//! Always true:
//! - At a hub, its administrators assign and revoke operators and administrators; so do network administrators.
//! - In a network, network administrators assign and revoke coordinators and network administrators.
//! - Nobody assigns a role to themselves, so nobody raises their own power. A network administrator, who sees no
//!   members, may make somebody else a hub's administrator, who does; the hub's log records it.
//! - Programs and devices do none of this, whatever their permissions are.
//! - Power over an account is power over everything the account is: every membership, every accepted role (R18). An
//!   offered role has no effect, neither for its maker nor against anybody else.
//! - A membership may end at its hub; the account and its other roles stay (R18).
//! - What a person gave (a key, a device's secret, an invitation) is worth at most what they may do now (R19).

use kernel::{
    AuthError, Caller, Grant, HubId, InvalidInput, NetworkId, OpContext, Permission, PersonId, Place,
};

/// Everything an account is; power over the account must cover all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    /// The hubs where the person is a member.
    pub(crate) homes: Vec<HubId>,
    /// The accepted roles, including those that begin later.
    pub(crate) roles: Vec<Grant>,
}

/// Who requested an erasure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErasedBy {
    /// The person.
    Themselves,
    /// Staff of their home hub; also assumed for older events without this field.
    #[default]
    TheirHub,
    /// The operator of the installation.
    TheInstallation,
}

/// The destination of the code of a member's invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeGoes {
    /// By mail, to the address the member gave at enrolment.
    OwnAddress,
    /// Shown to the inviter, for the member's own address.
    Inviter,
    /// For an address that is not the one the member gave, or is not known to be.
    OtherAddress {
        /// The inviter has verified who asks for it.
        is_checked: bool,
    },
}

/// The reason for refusing a member's invitation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotInvited {
    /// The caller may not invite.
    Refused(AuthError),
    /// The caller may invite after a verification.
    Unchecked(InvalidInput),
}

/// Checks whether the caller may assign or revoke a role at a place of a network.
pub(crate) fn require_managing(op: &OpContext, grant: Grant, network: NetworkId) -> Result<(), AuthError> {
    require_a_person(op)?;
    match grant.at {
        Place::Hub(hub) => op.require_at_hub(Permission::ManageRoles, hub, network),
        Place::Network(network) => op.require_in_network(Permission::ManageRoles, network),
    }
}

/// Checks whether the caller may offer somebody a role at a place of a network.
pub(crate) fn require_granting(
    op: &OpContext,
    to: PersonId,
    grant: Grant,
    network: NetworkId,
) -> Result<(), AuthError> {
    require_managing(op, grant, network)?;
    if is_self(op, to) { Err(AuthError::Forbidden) } else { Ok(()) }
}

/// Checks whether the caller has power over a person's account, and so may suspend and reinstate the person, and remove
/// their lost second factor. The caller must have power over every home and every role of theirs. An account without
/// any belongs to those who have power over the network.
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

/// Checks whether the caller could have made the account what it is, and so may hold a code that grants access to it.
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

/// Checks whether the caller may invite a member of a hub. A reader of the code can act as the member, who can export
/// and erase everything. So a code that does not go to the member's own address requires the permission to erase them.
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
            Err(NotInvited::Unchecked(InvalidInput::new("addressChecked", problem)))
        }
    }
}

/// Returns whether an erasure of a membership at a hub removes the account; `rest` is what else the account is. The
/// person and the operator of the installation remove the whole account; a hub removes it if its administrators have
/// power over the rest.
pub(crate) fn account_goes(by: ErasedBy, home: HubId, rest: &Holdings) -> bool {
    match by {
        ErasedBy::Themselves | ErasedBy::TheInstallation => true,
        ErasedBy::TheirHub => {
            rest.homes.iter().all(|other| *other == home)
                && rest.roles.iter().all(|role| role.at == Place::Hub(home))
        }
    }
}

/// Returns whether a person holds a permission at a place now: what their key is worth there (R19).
pub(crate) fn is_worth(giver: &OpContext, permission: Permission, at: Place, network: NetworkId) -> bool {
    match at {
        Place::Hub(hub) => giver.may_at_hub(permission, hub, network),
        Place::Network(network) => giver.may_in_network(permission, network),
    }
}

/// Returns whether a program's key may hold a permission; never one that creates more power.
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

/// Returns whether a device may hold a permission. A new kind of device is a permission here.
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
