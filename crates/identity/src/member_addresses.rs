//! Lookup of the address that a member gave at enrolment, provided by membership if it runs in the same process.
//!
//! Always true: no event carries an address; where membership runs elsewhere the lookup finds nothing, and no address
//! counts as the member's own.

use async_trait::async_trait;
use kernel::{EmailAddress, MemberId, OpContext};

use crate::IdentityError;

/// Looks up members' own addresses.
#[async_trait]
pub trait MemberAddresses: Send + Sync + std::fmt::Debug {
    /// Returns the address a member gave, if the caller may see the member.
    ///
    /// # Errors
    /// Fails with `AddressUnknown` if it cannot be looked up at the moment.
    async fn address_of(
        &self,
        op: &OpContext,
        member: MemberId,
    ) -> Result<Option<EmailAddress>, IdentityError>;
}
