//! Invitations in the graph.

use async_graphql::{Error, ID, InputObject, SimpleObject};
use graph::{coded, coded_with, parse_id, to_id};
use jiff::Timestamp;
use kernel::{ErrorCode, HubId, Language, NetworkId, Place, Scope};
use secrecy::ExposeSecret;

use super::Role;
use crate::{EmailAddress, IdentityError, InvalidField, Invitation, InviteMember, InviteStaff};

/// A member to invite.
#[derive(InputObject, Debug)]
pub struct InviteMemberInput {
    /// The membership.
    member_id: ID,
    /// The e-mail they will sign in with.
    email: String,
    /// The language they are written to in: en, cs, pl or uk.
    language: String,
}

/// Somebody to invite to work here.
#[derive(InputObject, Debug)]
pub struct InviteStaffInput {
    /// The e-mail they will sign in with.
    email: String,
    /// The language they are written to in: en, cs, pl or uk.
    language: String,
    /// What they will be.
    role: Role,
    /// At which hub: for operators and administrators.
    hub_id: Option<ID>,
    /// In which network: for coordinators and network administrators; left out, the caller's own.
    network_id: Option<ID>,
    /// Until when they will be it; left out, for good.
    valid_until: Option<Timestamp>,
}

/// An invitation that was made.
#[derive(SimpleObject)]
pub struct InvitationPayload {
    /// Who is invited.
    person_id: ID,
    /// The code to hand over to them; null when they need none, or when it was sent to them.
    code: Option<String>,
    /// Until when the code works.
    expires_at: Timestamp,
}

impl From<Invitation> for InvitationPayload {
    fn from(invitation: Invitation) -> Self {
        Self {
            person_id: to_id(invitation.person),
            code: invitation.code.map(|code| code.expose_secret().to_owned()),
            expires_at: invitation.expires_at,
        }
    }
}

impl TryFrom<InviteMemberInput> for InviteMember {
    type Error = Error;
    fn try_from(input: InviteMemberInput) -> Result<Self, Error> {
        Ok(Self {
            member: parse_id(&input.member_id)?,
            email: email(&input.email)?,
            language: language(&input.language)?,
        })
    }
}

impl InviteStaffInput {
    pub(super) fn command(self, scope: &Scope) -> Result<InviteStaff, Error> {
        Ok(InviteStaff {
            email: email(&self.email)?,
            language: language(&self.language)?,
            role: self.role.into(),
            at: place(scope, self.hub_id.as_ref(), self.network_id.as_ref())?,
            valid_until: self.valid_until,
        })
    }
}

/// A hub if one is named, else the network named, else the caller's own.
pub(super) fn place(scope: &Scope, hub: Option<&ID>, network: Option<&ID>) -> Result<Place, Error> {
    if let Some(hub) = hub {
        return Ok(Place::Hub(parse_id::<HubId>(hub)?));
    }
    let network = network.map(parse_id::<NetworkId>).transpose()?.or(scope.network());
    let missing = || coded_with(ErrorCode::InvalidInput, "hubId or networkId must say where");
    network.map(Place::Network).ok_or_else(missing)
}

pub(super) fn email(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(|error| coded(IdentityError::from(error)))
}

fn language(code: &str) -> Result<Language, Error> {
    let unknown = |error: kernel::UnknownLanguage| {
        coded(IdentityError::from(InvalidField { field: "language", problem: error.to_string() }))
    };
    code.parse().map_err(unknown)
}
