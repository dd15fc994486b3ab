//! Invitations in the graph.

use async_graphql::{Context, Error, ID, InputObject, SimpleObject};
use graph::{DateTime, Given, OpContextExt, coded, parse_id, to_id};
use jiff::Timestamp;
use kernel::{EmailAddress, HubId, Language, NetworkId, Place, TextError};
use secrecy::ExposeSecret;

use super::{Role, service};
use crate::{IdentityError, InvalidField, Invitation, InviteMember, InviteStaff};

/// A member to invite.
#[derive(InputObject, Debug)]
pub struct InviteMemberInput {
    /// The membership.
    member_id: ID,
    /// The e-mail they will sign in with.
    email: String,
    /// The language they are written to in: en, cs, pl or uk.
    language: String,
    /// That you have made sure who asks for it; needed when the e-mail is not the one they gave at enrolment.
    address_checked: Option<bool>,
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
    valid_until: Option<Given<Timestamp>>,
}

/// An invitation that was made.
#[derive(SimpleObject)]
pub struct InvitationPayload {
    /// Who is invited; null when somebody is here already with this e-mail: they are offered the role.
    person_id: Option<ID>,
    /// The code to hand over to them; null when they need none, or when it was sent to them.
    code: Option<String>,
    /// Until when it can be accepted.
    expires_at: DateTime,
}

impl From<Invitation> for InvitationPayload {
    fn from(invitation: Invitation) -> Self {
        Self {
            person_id: invitation.person.map(to_id),
            code: invitation.code.map(|code| code.expose_secret().to_owned()),
            expires_at: invitation.expires_at.into(),
        }
    }
}

impl TryFrom<InviteMemberInput> for InviteMember {
    type Error = Error;
    fn try_from(input: InviteMemberInput) -> Result<Self, Error> {
        Ok(Self {
            member: parse_id(&input.member_id, "memberId")?,
            email: email(&input.email)?,
            language: language(&input.language)?,
            address_checked: input.address_checked.unwrap_or_default(),
        })
    }
}

impl InviteStaffInput {
    pub(super) async fn command(self, ctx: &Context<'_>) -> Result<InviteStaff, Error> {
        Ok(InviteStaff {
            email: email(&self.email)?,
            language: language(&self.language)?,
            role: self.role.into(),
            at: place(ctx, self.hub_id.as_ref(), self.network_id.as_ref()).await?,
            valid_until: Given::optional(self.valid_until, "validUntil")?,
        })
    }
}

/// A hub if one is named, else the network named, else the caller's own; a network beside a hub must be the hub's.
pub(super) async fn place(ctx: &Context<'_>, hub: Option<&ID>, network: Option<&ID>) -> Result<Place, Error> {
    let hub = hub.map(|id| parse_id::<HubId>(id, "hubId")).transpose()?;
    let network = network.map(|id| parse_id::<NetworkId>(id, "networkId")).transpose()?;
    service(ctx)?.place(ctx.op()?, hub, network).await.map_err(coded)
}

pub(super) fn email(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(invalid_text("email"))
}

/// How a text that breaks its rule is answered.
pub(super) fn invalid_text(field: &'static str) -> impl Fn(TextError) -> Error {
    move |error| coded(IdentityError::from(InvalidField::text(field)(error)))
}

fn language(code: &str) -> Result<Language, Error> {
    let unknown = |error: kernel::UnknownLanguage| {
        coded(IdentityError::from(InvalidField { field: "language", problem: error.to_string() }))
    };
    code.parse().map_err(unknown)
}
