//! Who knows the address that a member gave when they were enrolled: membership, where it runs in the same process.
//!
//! Always true: no address travels in an event; where membership runs elsewhere nobody answers here, and an address
//! counts as not known to be the member's own.

use async_trait::async_trait;
use kernel::{EmailAddress, MemberId, OpContext};

use crate::IdentityError;

/// Looks up members' own addresses.
#[async_trait]
pub trait MemberAddresses: Send + Sync + std::fmt::Debug {
    /// The address a member gave, if the caller may see the member.
    ///
    /// # Errors
    /// `AddressUnknown`: it cannot be looked up at the moment.
    async fn address_of(
        &self,
        op: &OpContext,
        member: MemberId,
    ) -> Result<Option<EmailAddress>, IdentityError>;
}
