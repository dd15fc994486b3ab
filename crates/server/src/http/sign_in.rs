//! Sign-ins for people at the command line: a token of an operator, a member or a coordinator.
//!
//! Always true: making a token requires the installation's signing keys, that is, access to the server. Such a token
//! belongs to no account and no session: it ends by itself, or with its key.

use kernel::{
    Caller, EmailAddress, Grant, HubId, Id, MemberId, NetworkId, OpContext, Permission, PersonId, Place, Role,
};

use crate::App;

/// Whose sign-in to make.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// A person with roles in a network and at its hubs.
    Staff(NetworkId, Vec<Grant>),
    /// A member, by e-mail.
    Member(NetworkId, EmailAddress),
    /// A device of a hub, by its code.
    Device(HubId, String),
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such hub, member or device.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// This process does not run membership.
    #[error("this process does not run membership")]
    NotHere,
    /// Membership refuses.
    #[error("membership refuses")]
    Membership(#[from] membership::MembershipError),
    /// No token can be made for such a caller.
    #[error("no token can be made")]
    Token(#[from] identity::TokenError),
}

impl SignIn {
    /// Makes the token.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn token(self, app: &App) -> Result<String, SignInError> {
        let caller = self.caller(app).await?;
        Ok(app.tokens().issue(&caller, None, app.world().now(), identity::LONGEST_LIFETIME)?)
    }

    async fn caller(self, app: &App) -> Result<Caller, SignInError> {
        let membership = app.membership().ok_or(SignInError::NotHere)?;
        match self {
            Self::Staff(network, grants) => {
                let person = PersonId::generate(app.world());
                Ok(Caller::Person { person, network, member: None, grants })
            }
            Self::Member(network, email) => {
                let op = OpContext::system(app.world().clone());
                let member = membership.find_member_by_email(&op, network, &email).await?;
                let member = member.ok_or(SignInError::Unknown("member"))?;
                Ok(as_member(member.person, network, member.id, member.home))
            }
            Self::Device(hub, code) => {
                let op = OpContext::system(app.world().clone());
                let devices = membership.list_devices(&op, hub).await?;
                let device = devices.into_iter().find(|device| device.code == code);
                let device = device.ok_or(SignInError::Unknown("device"))?.id;
                let network = membership.hub(hub).await?.network;
                Ok(Caller::Device { device, hub, network, capability: Permission::RecordPresence })
            }
        }
    }
}

fn as_member(person: PersonId, network: NetworkId, member: MemberId, home: HubId) -> Caller {
    let grants = vec![Grant { role: Role::Member, at: Place::Hub(home) }];
    Caller::Person { person, network, member: Some(member), grants }
}
