//! Invitations in the graph.

use async_graphql::{Context, Error, ID, InputObject, SimpleObject};
use graph::{DateTime, Given, OpContextExt, coded, parse_id, to_id};
use jiff::Timestamp;
use kernel::{EmailAddress, HubId, InvalidInput, Language, NetworkId, Place, TextError};
use secrecy::ExposeSecret;

use super::{Role, service};
use crate::{IdentityError, Invitation, InviteMember, InviteStaff};

/// A member to invite.
#[derive(InputObject, Debug)]
pub struct InviteMemberInput {
    /// The id of the membership.
    member_id: ID,
    /// The e-mail with which they will sign in.
    email: String,
    /// The language of mail to them: en, cs, pl or uk.
    language: String,
    /// Confirms that you have verified who asks for it. Required if the e-mail is not the one given at enrolment.
    address_checked: Option<bool>,
}

/// A staff member to invite.
#[derive(InputObject, Debug)]
pub struct InviteStaffInput {
    /// The e-mail with which they will sign in.
    email: String,
    /// The language of mail to them: en, cs, pl or uk.
    language: String,
    /// The role to offer.
    role: Role,
    /// The hub of the role, for operators and administrators.
    hub_id: Option<ID>,
    /// The network of the role, for coordinators and network administrators. Default: the caller's network.
    network_id: Option<ID>,
    /// When the role ends. Default: never.
    valid_until: Option<Given<Timestamp>>,
}

/// The result of an invitation.
#[derive(SimpleObject)]
pub struct InvitationPayload {
    /// The id of the invited person; null if this e-mail has an account already: its owner is offered the role.
    person_id: Option<ID>,
    /// The code to hand over to them; null if they need none, or if it was sent by mail.
    code: Option<String>,
    /// When the invitation or offer expires.
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

/// Returns the named hub, else the named network, else the caller's own; a hub must belong to a network named beside
/// it.
pub(super) async fn place(ctx: &Context<'_>, hub: Option<&ID>, network: Option<&ID>) -> Result<Place, Error> {
    let hub = hub.map(|id| parse_id::<HubId>(id, "hubId")).transpose()?;
    let network = network.map(|id| parse_id::<NetworkId>(id, "networkId")).transpose()?;
    service(ctx)?.place(ctx.op()?, hub, network).await.map_err(coded)
}

pub(super) fn email(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(invalid_text("email"))
}

/// Makes the error of a text that breaks its rule.
pub(super) fn invalid_text(field: &'static str) -> impl Fn(TextError) -> Error {
    move |error| coded(IdentityError::from(InvalidInput::of(field)(error)))
}

fn language(code: &str) -> Result<Language, Error> {
    let unknown =
        |error: kernel::UnknownLanguage| coded(IdentityError::from(InvalidInput::new("language", error)));
    code.parse().map_err(unknown)
}
