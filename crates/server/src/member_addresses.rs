//! Connects identity to membership if both run in this process: the address that a member gave at enrolment.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use identity::{IdentityError, MemberAddresses};
use kernel::{EmailAddress, MemberId, OpContext};
use membership::Membership;

struct FromMembership(Membership);

impl fmt::Debug for FromMembership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromMembership").finish_non_exhaustive()
    }
}

/// Membership's members, for lookups by identity.
pub(crate) fn of(membership: &Membership) -> Arc<dyn MemberAddresses> {
    Arc::new(FromMembership(membership.clone()))
}

#[async_trait]
impl MemberAddresses for FromMembership {
    async fn address_of(
        &self,
        op: &OpContext,
        member: MemberId,
    ) -> Result<Option<EmailAddress>, IdentityError> {
        let unknown = |error| IdentityError::AddressUnknown(Box::new(error));
        let found = self.0.members(op, &[member]).await.map_err(unknown)?;
        Ok(found.get(&member).and_then(|member| member.email.clone()))
    }
}
