//! Invites people: members by those who enrol them, staff by those who may assign the role.
//!
//! Always true:
//! - A reader of the code can act as the account, so only those get a code who could make the account what it is. For
//!   everybody else the earlier invitation stays, and theirs becomes an offer.
//! - An inviter of a person with an account learns neither who it is nor more than that an offer was made (R18).
//! - A member's code goes by mail to the address they gave at enrolment, or requires an administrator (R18).
//! - An invitation is worth what its inviter may do when it is accepted (R19).

use jiff::Timestamp;
use kernel::{
    AuthError, EmailAddress, Grant, InvalidInput, Language, MemberId, NetworkId, OpContext, PersonId, Place,
    Role,
};
use platform_bus::await_arrival;
use platform_db::{DbError, Idempotent, Reach, Tx};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    Account, AccountState, CodePurpose, Identity, IdentityError, OfferedTo, RoleAssignment,
    audit::{self, About},
    model::roles::policy::{self, CodeGoes},
    model::roles::role_assignment::check_place,
    store::{
        account_rows,
        copies::{self, MemberCopy},
        role_rows,
    },
};

use crate::app::{
    about, accounts::one_time_code::new_code, compose_mail::queue, holdings, roles::giver::gives,
};

/// A member to invite.
#[derive(Clone, Debug, Serialize)]
pub struct InviteMember {
    /// The membership.
    pub member: MemberId,
    /// The e-mail for signing in.
    pub email: EmailAddress,
    /// The language of mail to them.
    pub language: Language,
    /// The e-mail is not the one the member gave, and the inviter has verified who asks for it.
    pub address_checked: bool,
}

/// A staff member to invite.
#[derive(Clone, Debug, Serialize)]
pub struct InviteStaff {
    /// The e-mail for signing in.
    pub email: EmailAddress,
    /// The language of mail to them.
    pub language: Language,
    /// The role.
    pub role: Role,
    /// The place.
    pub at: Place,
    /// When the role ends, if ever.
    pub valid_until: Option<Timestamp>,
}

/// An invitation and the data to accept it.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The invited person; `None` if the role is offered to a person with an account.
    pub person: Option<PersonId>,
    /// The code to hand over; `None` if the person has an account or an invitation already, or if it goes by mail.
    pub code: Option<SecretString>,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// The stored outcome of an invitation under its idempotency key; it does not contain the code.
#[derive(Serialize, Deserialize)]
struct Kept {
    person: Option<PersonId>,
    has_shown_code: bool,
    expires_at: Timestamp,
}

impl Kept {
    fn of(invitation: &Invitation) -> Self {
        let Invitation { person, expires_at, .. } = *invitation;
        Self { person, has_shown_code: invitation.code.is_some(), expires_at }
    }

    fn again(self) -> Result<Invitation, IdentityError> {
        let Self { person, has_shown_code, expires_at } = self;
        if has_shown_code {
            return Err(IdentityError::ShownOnce);
        }
        Ok(Invitation { person, code: None, expires_at })
    }
}

impl Identity {
    /// Invites a member of a hub to sign in. For those who enrol its members.
    ///
    /// # Errors
    /// Fails if the member does not exist for this caller, or if the code would reach somebody it is not for. Fails
    /// with `CONFLICT` if they have an account, or the e-mail belongs to somebody else.
    #[tracing::instrument(name = "identity.invite_member", skip_all)]
    pub async fn invite_member(
        &self,
        op: &OpContext,
        cmd: InviteMember,
    ) -> Result<Invitation, IdentityError> {
        let (network, member) = self.member_to_invite(op, cmd.member).await?;
        let goes = self.where_the_code_goes(op, &cmd).await?;
        policy::require_inviting(op, member.home, network, goes)?;
        let tx = match self.db.idempotent(op, Reach::Network(network), "inviteMember", &cmd).await? {
            Idempotent::Replayed(kept) => return Kept::again(kept),
            Idempotent::New(tx) => tx,
        };
        match account_rows::hold(&tx, network, member.person).await? {
            None => {
                let account = invited(network, member.person, cmd.email, cmd.language);
                self.insert_account(&tx, &account, op.now()).await?;
            }
            Some(account) if account.state == AccountState::Invited && account.email == cmd.email => {
                require_standing_in(op, &tx, &account).await?;
            }
            Some(_) => return Err(IdentityError::Conflict("this member has an account already")),
        }
        account_rows::set_invited_by(&tx, network, member.person, gives(op)).await?;
        let invitation = self.code_for(op, &tx, network, member.person).await?;
        let about = About { network, hub: Some(member.home), person: member.person };
        tx.audit(op, audit::of_person(audit::INVITED, about)).await?;
        tx.commit_with_outcome(&Kept::of(&invitation)).await?;
        Ok(invitation)
    }

    /// Invites a staff member to a role. For those who may assign it; a person with an account is offered the role.
    ///
    /// # Errors
    /// Fails if the caller may not assign the role, if the role does not fit the place, or if it is theirs already.
    #[tracing::instrument(name = "identity.invite_staff", skip_all)]
    pub async fn invite_staff(&self, op: &OpContext, cmd: InviteStaff) -> Result<Invitation, IdentityError> {
        let network = self.network_of_place(op, cmd.at).await?;
        let grant = Grant { role: cmd.role, at: cmd.at };
        policy::require_managing(op, grant, network)?;
        let tx = match self.db.idempotent(op, Reach::Network(network), "inviteStaff", &cmd).await? {
            Idempotent::Replayed(kept) => return Kept::again(kept),
            Idempotent::New(tx) => tx,
        };
        check_place(cmd.role, cmd.at)?;
        if cmd.valid_until.is_some_and(|until| until <= op.now()) {
            return Err(InvalidInput::new("validUntil", "must be in the future").into());
        }
        let found = account_rows::find_by_email(&tx, network, &cmd.email).await?;
        let person = found.as_ref().map_or_else(|| op.new_id(), |account| account.person);
        policy::require_granting(op, person, grant, network)?;
        let may_have_code = match &found {
            None => {
                let account = invited(network, person, cmd.email, cmd.language);
                self.insert_account(&tx, &account, op.now()).await?;
                true
            }
            Some(account) => match account.state {
                AccountState::Suspended { .. } | AccountState::Active { .. } => false,
                AccountState::Invited => require_standing_in(op, &tx, account).await.is_ok(),
            },
        };
        let role = RoleAssignment {
            id: op.new_id(),
            network,
            person,
            grant,
            valid_from: op.now(),
            valid_until: cmd.valid_until,
            granted_at: op.now(),
            granted_by: gives(op),
            revoked_at: None,
            offered_to: Some(if may_have_code { OfferedTo::Invitation } else { OfferedTo::Address }),
            accepted_at: None,
        };
        self.offer(op, &tx, &role).await?;
        let invitation = if may_have_code {
            account_rows::set_invited_by(&tx, network, person, gives(op)).await?;
            self.code_for(op, &tx, network, person).await?
        } else {
            Invitation { person: None, code: None, expires_at: role.offer_ends_at() }
        };
        if may_have_code {
            let about = about(&tx, network, person, op.now()).await?;
            tx.audit(op, audit::of_person(audit::INVITED, about)).await?;
        }
        tx.commit_with_outcome(&Kept::of(&invitation)).await?;
        Ok(invitation)
    }

    /// Queues a mail to the invited person if mail is configured; otherwise makes the code for the inviter to hand
    /// over.
    async fn code_for(
        &self,
        op: &OpContext,
        tx: &Tx,
        network: NetworkId,
        person: PersonId,
    ) -> Result<Invitation, IdentityError> {
        let purpose = CodePurpose::Invitation;
        if self.mailer.is_some() {
            queue(op, tx, network, person, purpose).await?;
            let expires_at = op.now() + purpose.lifetime();
            return Ok(Invitation { person: Some(person), code: None, expires_at });
        }
        let (code, expires_at) = new_code(op, tx, (network, person), purpose).await?;
        Ok(Invitation { person: Some(person), code: Some(code), expires_at })
    }

    async fn where_the_code_goes(
        &self,
        op: &OpContext,
        cmd: &InviteMember,
    ) -> Result<CodeGoes, IdentityError> {
        let own = match &self.addresses {
            Some(addresses) => addresses.address_of(op, cmd.member).await?,
            None => None,
        };
        let is_own =
            own.is_some_and(|own| EmailAddress::parse(own.as_str()).is_ok_and(|own| own == cmd.email));
        Ok(match (is_own, &self.mailer) {
            (true, Some(_)) => CodeGoes::OwnAddress,
            (true, None) => CodeGoes::Inviter,
            (false, _) => CodeGoes::OtherAddress { is_checked: cmd.address_checked },
        })
    }

    async fn member_to_invite(
        &self,
        op: &OpContext,
        member: MemberId,
    ) -> Result<(NetworkId, MemberCopy), IdentityError> {
        for network in self.networks_of(op).await? {
            let find = || async {
                let tx = self.db.read(Reach::Network(network)).await?;
                copies::find_member(&tx, network, member).await
            };
            if let Some(found) = await_arrival(op, member, find).await? {
                return Ok((network, found));
            }
        }
        Err(AuthError::NotFound.into())
    }

    async fn insert_account(&self, tx: &Tx, account: &Account, now: Timestamp) -> Result<(), IdentityError> {
        account_rows::insert(tx, account, now).await.map_err(|error| match error {
            DbError::Duplicate(_) => IdentityError::Conflict("this e-mail has an account already"),
            other => other.into(),
        })
    }
}

/// Checks whether the caller could have made the account what it is: every role it holds or would hold by accepting its
/// invitation, every membership it has.
async fn require_standing_in(op: &OpContext, tx: &Tx, account: &Account) -> Result<(), IdentityError> {
    let Account { network, person, .. } = *account;
    let mut holdings = holdings(tx, network, person, op.now()).await?;
    let offers = role_rows::list_offers(tx, network, person, op.now()).await?;
    let invited = offers.iter().filter(|offer| offer.offered_to == Some(OfferedTo::Invitation));
    holdings.roles.extend(invited.map(|offer| offer.grant));
    Ok(policy::require_standing_in(op, network, &holdings)?)
}

fn invited(network: NetworkId, person: PersonId, email: EmailAddress, language: Language) -> Account {
    Account { person, network, email, language, email_verified_at: None, state: AccountState::Invited }
}
