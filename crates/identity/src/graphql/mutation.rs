//! The service's part of `Mutation`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{Graph, OpContextExt, coded, parse_id};

use super::{
    AcceptInvitationInput, AcceptInvitationPayload, AcceptRoleInput, ChangePasswordInput,
    CompleteSignInInput, CompleteSignInPayload, CompleteSingleSignOnInput, ConfirmSecondFactorInput,
    DeclineRoleInput, EndSessionInput, EnrollSecondFactorInput, EnrollSecondFactorPayload,
    ExchangeSecretInput, ExchangeSecretPayload, GrantRoleInput, InvitationPayload, InviteMemberInput,
    InviteStaffInput, IssueApiKeyInput, IssueApiKeyPayload, IssueDeviceSecretInput, IssueDeviceSecretPayload,
    MailPayload, PersonPayload, RecoveryCodesPayload, RefreshSessionInput, RefreshSessionPayload,
    ReinstatePersonInput, RemoveLostSecondFactorInput, RemoveSecondFactorPayload, RemoveSignInLinkInput,
    RemoveSignInLinkPayload, RequestPasswordResetInput, ResetPasswordInput, RevokeApiKeyInput,
    RevokeApiKeyPayload, RevokeDeviceInput, RevokeDevicePayload, RevokeRoleInput, RolePayload,
    SecondFactorProofInput, SignInInput, SignInPayload, SignOutPayload, SuspendPersonInput, VerifyEmailInput,
    machine, service,
};

/// The mutations of the identity service.
#[derive(Debug, Clone, Copy)]
pub struct Mutation<G>(PhantomData<fn() -> G>);

impl<G> Default for Mutation<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

const SIGNED_OUT: SignOutPayload = SignOutPayload { signed_out: true };

#[Object(name = "IdentityMutation")]
impl<G: Graph> Mutation<G> {
    /// Signs a person in with e-mail and password; returns a challenge if they have a second factor. Fails with
    /// `UNAUTHENTICATED` if the e-mail or the password is wrong, without revealing which, and with `RATE_LIMITED` after
    /// too many attempts.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The credentials.")] input: SignInInput,
    ) -> Result<Option<SignInPayload>, Error> {
        Ok(Some(service(ctx)?.sign_in(ctx.op()?, input.try_into()?).await.map_err(coded)?.into()))
    }

    /// Completes a sign-in that waits for the second factor. Fails with `CODE_REFUSED` if the code is wrong or was
    /// used: try the next one. Fails with `UNAUTHENTICATED` if the challenge has expired, and with `RATE_LIMITED` after
    /// too many attempts, of passwords and codes together.
    async fn complete_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The challenge and a code.")] input: CompleteSignInInput,
    ) -> Result<Option<CompleteSignInPayload>, Error> {
        let CompleteSignInInput { challenge, code } = input;
        let completing = service(ctx)?.complete_sign_in(ctx.op()?, challenge.into(), code.into()).await;
        Ok(Some(completing.map_err(coded)?.into()))
    }

    /// Signs in a person by a provider, with the code that the browser brought back to the app; returns a challenge if
    /// they have a second factor. Fails with `ACCOUNT_NOT_LINKED` if the account at the provider belongs to no account
    /// here: sign in again with the code of an invitation, or verify the e-mail here first. Fails with
    /// `UNAUTHENTICATED` if the code was used, is older than a minute, or belongs to another app, and with
    /// `RATE_LIMITED` after too many attempts.
    async fn complete_single_sign_on(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The returned code and its verifier.")] input: CompleteSingleSignOnInput,
    ) -> Result<Option<SignInPayload>, Error> {
        Ok(Some(service(ctx)?.complete_single_sign_on(ctx.op()?, input.into()).await.map_err(coded)?.into()))
    }

    /// Removes a sign-in link of the signed-in person: they can no longer sign in with the account at that provider.
    /// Running sessions continue. Fails with `CONFLICT` if it is the last way into the account: set a password first
    /// (`requestPasswordReset`).
    async fn remove_sign_in_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link to remove.")] input: RemoveSignInLinkInput,
    ) -> Result<Option<RemoveSignInLinkPayload>, Error> {
        let link = parse_id(&input.link_id, "linkId")?;
        service(ctx)?.remove_sign_in_link(ctx.op()?, link).await.map_err(coded)?;
        Ok(Some(RemoveSignInLinkPayload { removed: true }))
    }

    /// Begins a second factor for the signed-in person: returns a secret for the app on their phone, once. It takes
    /// effect only after `confirmSecondFactor`. A repetition replaces the earlier secret.
    async fn enroll_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password of the person.")] input: EnrollSecondFactorInput,
    ) -> Result<Option<EnrollSecondFactorPayload>, Error> {
        let enrolling = service(ctx)?.enroll_second_factor(ctx.op()?, input.password.into()).await;
        Ok(Some(enrolling.map_err(coded)?.into()))
    }

    /// Confirms the second factor with a code that the phone shows: from now on, sign-in requires it. Returns the
    /// recovery codes, once.
    async fn confirm_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: ConfirmSecondFactorInput,
    ) -> Result<Option<RecoveryCodesPayload>, Error> {
        Ok(Some(
            service(ctx)?.confirm_second_factor(ctx.op()?, input.code.into()).await.map_err(coded)?.into(),
        ))
    }

    /// Makes new recovery codes and returns them once. The earlier codes stop working.
    async fn renew_recovery_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proof of identity.")] input: SecondFactorProofInput,
    ) -> Result<Option<RecoveryCodesPayload>, Error> {
        Ok(Some(
            service(ctx)?.renew_recovery_codes(ctx.op()?, input.try_into()?).await.map_err(coded)?.into(),
        ))
    }

    /// Removes the signed-in person's second factor.
    async fn remove_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proof of identity.")] input: SecondFactorProofInput,
    ) -> Result<Option<RemoveSecondFactorPayload>, Error> {
        service(ctx)?.remove_second_factor(ctx.op()?, input.try_into()?).await.map_err(coded)?;
        Ok(Some(RemoveSecondFactorPayload { removed: true }))
    }

    /// Removes the second factor of a person who has lost phone and recovery codes. Their sessions end, and they sign
    /// in with the password alone. For those who have power over everything the person is. Verify first that the
    /// request comes from the person.
    async fn remove_lost_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] input: RemoveLostSecondFactorInput,
    ) -> Result<Option<PersonPayload>, Error> {
        let person = parse_id(&input.person_id, "personId")?;
        Ok(Some(service(ctx)?.remove_lost_second_factor(ctx.op()?, person).await.map_err(coded)?.into()))
    }

    /// Exchanges a refresh token for a new pair of tokens; the old one stops working. A refresh token that is used a
    /// second time ends its session.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: RefreshSessionInput,
    ) -> Result<Option<RefreshSessionPayload>, Error> {
        let fresh =
            service(ctx)?.refresh_session(ctx.op()?, input.refresh_token.into()).await.map_err(coded)?;
        Ok(Some(fresh.into()))
    }

    /// Ends the session of this token, within a minute everywhere.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<Option<SignOutPayload>, Error> {
        service(ctx)?.sign_out(ctx.op()?).await.map_err(coded)?;
        Ok(Some(SIGNED_OUT))
    }

    /// Ends all sessions of the signed-in person, including this one.
    async fn sign_out_everywhere(&self, ctx: &Context<'_>) -> Result<Option<SignOutPayload>, Error> {
        service(ctx)?.sign_out_everywhere(ctx.op()?).await.map_err(coded)?;
        Ok(Some(SIGNED_OUT))
    }

    /// Ends one of the signed-in person's sessions.
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session to end.")] input: EndSessionInput,
    ) -> Result<Option<SignOutPayload>, Error> {
        let session = parse_id(&input.session_id, "sessionId")?;
        service(ctx)?.end_session(ctx.op()?, session).await.map_err(coded)?;
        Ok(Some(SIGNED_OUT))
    }

    /// Changes the signed-in person's password. All their sessions end. A new session begins, or waits for the second
    /// factor.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present and the new password.")] input: ChangePasswordInput,
    ) -> Result<Option<SignInPayload>, Error> {
        let changing = service(ctx)?.change_password(ctx.op()?, input.present.into(), input.new.into()).await;
        Ok(Some(changing.map_err(coded)?.into()))
    }

    /// Invites a member to sign in. For the staff who enrol members at their hub, by mail to the address that the
    /// member gave. Without a mail server, or for another address, only for the hub's administrators.
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member to invite.")] input: InviteMemberInput,
    ) -> Result<Option<InvitationPayload>, Error> {
        let invitation = service(ctx)?.invite_member(ctx.op()?, input.try_into()?).await.map_err(coded)?;
        Ok(Some(invitation.into()))
    }

    /// Invites a staff member to a role. For those who may assign it: administrators of the hub, network
    /// administrators. A person with an account is offered the role, which takes effect once they accept it.
    async fn invite_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person and the role.")] input: InviteStaffInput,
    ) -> Result<Option<InvitationPayload>, Error> {
        let op = ctx.op()?;
        let cmd = input.command(ctx).await?;
        let invitation = service(ctx)?.invite_staff(op, cmd).await.map_err(coded)?;
        Ok(Some(invitation.into()))
    }

    /// Accepts an invitation: sets the password and signs in.
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code and the password.")] input: AcceptInvitationInput,
    ) -> Result<Option<AcceptInvitationPayload>, Error> {
        let signed_in = service(ctx)?.accept_invitation(ctx.op()?, input.into()).await.map_err(coded)?;
        Ok(Some(signed_in.into()))
    }

    /// Suspends a person: every session ends within a minute, and no new one begins. For those who have power over
    /// everything the person is.
    async fn suspend_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person to suspend.")] input: SuspendPersonInput,
    ) -> Result<Option<PersonPayload>, Error> {
        let person = parse_id(&input.person_id, "personId")?;
        Ok(Some(service(ctx)?.suspend_person(ctx.op()?, person).await.map_err(coded)?.into()))
    }

    /// Reinstates a suspended person, who can sign in again.
    async fn reinstate_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person to reinstate.")] input: ReinstatePersonInput,
    ) -> Result<Option<PersonPayload>, Error> {
        let person = parse_id(&input.person_id, "personId")?;
        Ok(Some(service(ctx)?.reinstate_person(ctx.op()?, person).await.map_err(coded)?.into()))
    }

    /// Offers a person a role, which takes effect once they accept it. For those who may assign it; nobody can assign a
    /// role to themselves.
    async fn grant_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person, the role, the place and the period.")] input: GrantRoleInput,
    ) -> Result<Option<RolePayload<G>>, Error> {
        let op = ctx.op()?;
        let cmd = input.command(ctx).await?;
        let role = service(ctx)?.grant_role(op, cmd).await.map_err(coded)?;
        Ok(Some(RolePayload(role, PhantomData)))
    }

    /// Accepts a role offered to the signed-in person. Refresh the session to use it.
    async fn accept_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer to accept.")] input: AcceptRoleInput,
    ) -> Result<Option<RolePayload<G>>, Error> {
        let assignment = parse_id(&input.assignment_id, "assignmentId")?;
        let role = service(ctx)?.accept_role(ctx.op()?, assignment).await.map_err(coded)?;
        Ok(Some(RolePayload(role, PhantomData)))
    }

    /// Declines a role offered to the signed-in person.
    async fn decline_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer to decline.")] input: DeclineRoleInput,
    ) -> Result<Option<RolePayload<G>>, Error> {
        let assignment = parse_id(&input.assignment_id, "assignmentId")?;
        let role = service(ctx)?.decline_role(ctx.op()?, assignment).await.map_err(coded)?;
        Ok(Some(RolePayload(role, PhantomData)))
    }

    /// Revokes a role: within a minute it has no effect anywhere. For those who may assign it.
    async fn revoke_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The role to revoke.")] input: RevokeRoleInput,
    ) -> Result<Option<RolePayload<G>>, Error> {
        let assignment = parse_id(&input.assignment_id, "assignmentId")?;
        let role = service(ctx)?.revoke_role(ctx.op()?, assignment).await.map_err(coded)?;
        Ok(Some(RolePayload(role, PhantomData)))
    }

    /// Issues a new secret to a device of a hub; the old one stops working within a minute. For those who manage the
    /// hub's devices.
    async fn issue_device_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The device that needs a secret.")] input: IssueDeviceSecretInput,
    ) -> Result<Option<IssueDeviceSecretPayload>, Error> {
        let (hub, device) = machine::device(&input)?;
        let capability = input.capability.map_or(kernel::Permission::RecordPresence, Into::into);
        let issuing = service(ctx)?.issue_device_secret(ctx.op()?, hub, device, capability).await;
        Ok(Some(issuing.map_err(coded)?.into()))
    }

    /// Revokes a device's secret: within a minute the device is refused everywhere.
    async fn revoke_device(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The device to revoke.")] input: RevokeDeviceInput,
    ) -> Result<Option<RevokeDevicePayload>, Error> {
        let (hub, device) = (parse_id(&input.hub_id, "hubId")?, parse_id(&input.device_id, "deviceId")?);
        service(ctx)?.revoke_device(ctx.op()?, hub, device).await.map_err(coded)?;
        Ok(Some(RevokeDevicePayload { device_id: input.device_id }))
    }

    /// Issues an API key to a program. The caller must hold each of its permissions at the place. For those who manage
    /// keys at the place.
    async fn issue_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The permissions and the place of the key.")] input: IssueApiKeyInput,
    ) -> Result<Option<IssueApiKeyPayload<G>>, Error> {
        let op = ctx.op()?;
        let cmd = input.command(ctx).await?;
        Ok(Some(service(ctx)?.issue_api_key(op, cmd).await.map_err(coded)?.into()))
    }

    /// Revokes a program's API key: within a minute the program is refused everywhere.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to revoke.")] input: RevokeApiKeyInput,
    ) -> Result<Option<RevokeApiKeyPayload<G>>, Error> {
        let key = service(ctx)?
            .revoke_api_key(ctx.op()?, parse_id(&input.key_id, "keyId")?)
            .await
            .map_err(coded)?;
        Ok(Some(RevokeApiKeyPayload(key, PhantomData)))
    }

    /// Exchanges a device's secret or a program's key for an access token.
    async fn exchange_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The secret.")] input: ExchangeSecretInput,
    ) -> Result<Option<ExchangeSecretPayload>, Error> {
        let exchanged = service(ctx)?.exchange_secret(ctx.op()?, input.secret.into()).await.map_err(coded)?;
        Ok(Some(exchanged.into()))
    }

    /// Sends a code for a new password to an e-mail, if it has an account. The response never reveals whether it has
    /// one.
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The e-mail of the account.")] input: RequestPasswordResetInput,
    ) -> Result<Option<MailPayload>, Error> {
        let network = input.network_id.as_ref().map(|id| parse_id(id, "networkId")).transpose()?;
        let email = super::invitation::email(&input.email)?;
        service(ctx)?.request_password_reset(ctx.op()?, email, network).await.map_err(coded)?;
        Ok(Some(MailPayload { accepted: true }))
    }

    /// Sets a new password with a code from the mail and signs in; returns a challenge if the person has a second
    /// factor. All other sessions end.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code and the password.")] input: ResetPasswordInput,
    ) -> Result<Option<SignInPayload>, Error> {
        let resetting =
            service(ctx)?.reset_password(ctx.op()?, input.code.into(), input.password.into()).await;
        Ok(Some(resetting.map_err(coded)?.into()))
    }

    /// Sends the signed-in person a code that verifies their e-mail.
    async fn request_email_verification(&self, ctx: &Context<'_>) -> Result<Option<MailPayload>, Error> {
        service(ctx)?.request_email_verification(ctx.op()?).await.map_err(coded)?;
        Ok(Some(MailPayload { accepted: true }))
    }

    /// Verifies the e-mail with a code from the mail.
    async fn verify_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: VerifyEmailInput,
    ) -> Result<Option<MailPayload>, Error> {
        service(ctx)?.verify_email(ctx.op()?, input.code.into()).await.map_err(coded)?;
        Ok(Some(MailPayload { accepted: true }))
    }
}
