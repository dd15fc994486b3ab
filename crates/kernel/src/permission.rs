//! Who may do what: roles, permissions and the one table that joins them.
//!
//! Always true: a permission asked anywhere in the house is a variant here, and [`Role::allows`] is the only place
//! that answers. A coordinator never gains a permission that shows personal data.

/// What somebody is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A member of the hub.
    Member,
    /// Runs a hub day by day.
    Operator,
    /// Decides a hub's plans, tariffs, roles and devices.
    Administrator,
    /// Reads a network's indicators and settles its months.
    Coordinator,
    /// Brings hubs into a network.
    NetworkAdministrator,
}

/// One thing that can be permitted at a hub or in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Bring a new hub into the network.
    OnboardHub,
    /// Enrol members and give them chips and passes.
    ManageMembers,
    /// See members and their visits.
    ReadMembers,
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
    /// Read who did what at a hub, or in a network.
    ReadAudit,
}

impl Role {
    /// The permission table. Read it as policy: a line is a permission, the roles beside it hold it.
    pub fn allows(self, permission: Permission) -> bool {
        use Role::{Administrator, Coordinator, NetworkAdministrator, Operator};
        let holders: &[Role] = match permission {
            Permission::OnboardHub => &[NetworkAdministrator],
            Permission::ManageMembers | Permission::ReadMembers | Permission::RecordPresence => {
                &[Operator, Administrator, NetworkAdministrator]
            }
            Permission::ManageTariffs | Permission::ReadAudit | Permission::EraseMembers => {
                &[Administrator, NetworkAdministrator]
            }
            Permission::ManageEvents => &[Operator, Administrator],
            Permission::ReadIndicators | Permission::ReadSettlement => {
                &[Operator, Administrator, Coordinator, NetworkAdministrator]
            }
            Permission::ReadNetworkIndicators | Permission::CloseSettlement => {
                &[Coordinator, NetworkAdministrator]
            }
        };
        holders.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coordinator_sees_no_members() {
        assert!(!Role::Coordinator.allows(Permission::ReadMembers));
        assert!(Role::Coordinator.allows(Permission::ReadNetworkIndicators));
    }

    #[test]
    fn an_operator_does_not_set_prices() {
        assert!(!Role::Operator.allows(Permission::ManageTariffs));
    }
}
