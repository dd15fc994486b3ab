//! Roles, permissions and the one table that joins them.
//!
//! Always true: every permission checked in the application is a variant here, and [`Role::allows`] is the only place
//! that decides. Those who answer for a network (coordinators, network administrators) never gain a permission that
//! shows its members: members belong to their home hub.

/// A person's role at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Is a member of the hub.
    Member,
    /// Runs a hub day by day.
    Operator,
    /// Decides a hub's plans, tariffs, roles and devices.
    Administrator,
    /// Reads a network's indicators and settles its months.
    Coordinator,
    /// Brings hubs into a network and assigns its roles; has no access to a hub's members and daily work.
    NetworkAdministrator,
}

/// One action that can be permitted at a hub or in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Bring a new hub into the network.
    OnboardHub,
    /// Change a hub: its description, hours, spaces and state.
    ManageHub,
    /// Enrol members and give them chips and passes.
    ManageMembers,
    /// See members and their visits.
    ReadMembers,
    /// See which readers, kiosks and doors a hub has.
    ReadDevices,
    /// Check people in and out by hand, upload a device's log.
    RecordPresence,
    /// Publish the hub's guest prices.
    ManageTariffs,
    /// Announce and run events.
    ManageEvents,
    /// Read the hub's indicators.
    ReadIndicators,
    /// Read indicators of every hub of the network.
    ReadNetworkIndicators,
    /// Read what hubs owe each other.
    ReadSettlement,
    /// Close a month.
    CloseSettlement,
    /// Erase a member at their request.
    EraseMembers,
    /// Read the audit log of a hub or a network.
    ReadAudit,
    /// See role assignments.
    ReadRoles,
    /// Assign and revoke roles; identity's policy decides which.
    ManageRoles,
    /// Suspend a person, and lift the suspension.
    SuspendPersons,
    /// Issue and revoke secrets of devices.
    ManageDevices,
    /// Issue and revoke keys of programs.
    ManageApiKeys,
}

impl Permission {
    /// Returns the name in tokens, tables and metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OnboardHub => "onboard_hub",
            Self::ManageHub => "manage_hub",
            Self::ManageMembers => "manage_members",
            Self::ReadMembers => "read_members",
            Self::ReadDevices => "read_devices",
            Self::RecordPresence => "record_presence",
            Self::ManageTariffs => "manage_tariffs",
            Self::ManageEvents => "manage_events",
            Self::ReadIndicators => "read_indicators",
            Self::ReadNetworkIndicators => "read_network_indicators",
            Self::ReadSettlement => "read_settlement",
            Self::CloseSettlement => "close_settlement",
            Self::EraseMembers => "erase_members",
            Self::ReadAudit => "read_audit",
            Self::ReadRoles => "read_roles",
            Self::ManageRoles => "manage_roles",
            Self::SuspendPersons => "suspend_persons",
            Self::ManageDevices => "manage_devices",
            Self::ManageApiKeys => "manage_api_keys",
        }
    }
}

impl Role {
    /// Every role, the smallest first.
    pub const ALL: [Self; 5] =
        [Self::Member, Self::Operator, Self::Administrator, Self::Coordinator, Self::NetworkAdministrator];

    /// Returns the name in tables and metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Operator => "operator",
            Self::Administrator => "administrator",
            Self::Coordinator => "coordinator",
            Self::NetworkAdministrator => "network_administrator",
        }
    }

    /// Returns the role with a name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// The permission table. It reads as policy: each line is a permission and the roles that hold it.
    pub fn allows(self, permission: Permission) -> bool {
        use Role::{Administrator, Coordinator, NetworkAdministrator, Operator};
        let holders: &[Role] = match permission {
            Permission::OnboardHub => &[NetworkAdministrator],
            Permission::ManageMembers
            | Permission::ReadMembers
            | Permission::RecordPresence
            | Permission::ManageEvents => &[Operator, Administrator],
            Permission::ManageTariffs | Permission::EraseMembers | Permission::ManageDevices => {
                &[Administrator]
            }
            Permission::ReadDevices => &[Operator, Administrator, NetworkAdministrator],
            Permission::ReadIndicators | Permission::ReadSettlement => {
                &[Operator, Administrator, Coordinator, NetworkAdministrator]
            }
            Permission::ReadNetworkIndicators | Permission::CloseSettlement => {
                &[Coordinator, NetworkAdministrator]
            }
            Permission::ManageHub
            | Permission::ReadAudit
            | Permission::ReadRoles
            | Permission::ManageRoles
            | Permission::SuspendPersons
            | Permission::ManageApiKeys => &[Administrator, NetworkAdministrator],
        };
        holders.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_who_answers_for_a_network_sees_or_handles_its_members() {
        for role in [Role::Coordinator, Role::NetworkAdministrator] {
            for permission in [
                Permission::ReadMembers,
                Permission::ManageMembers,
                Permission::EraseMembers,
                Permission::RecordPresence,
            ] {
                assert!(!role.allows(permission), "{role:?}: {permission:?}");
            }
            assert!(role.allows(Permission::ReadNetworkIndicators));
        }
    }

    #[test]
    fn an_operator_does_not_set_prices() {
        assert!(!Role::Operator.allows(Permission::ManageTariffs));
    }
}
