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

/// What can be done in the identity service.
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
    /// Signs a person in, or asks who has a second factor for a code. `UNAUTHENTICATED` says that e-mail or password is
    /// wrong, and never which; `RATE_LIMITED` that there were too many tries.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With what.")] input: SignInInput,
    ) -> Result<Option<SignInPayload>, Error> {
        Ok(Some(service(ctx)?.sign_in(ctx.op()?, input.try_into()?).await.map_err(coded)?.into()))
    }

    /// Completes a sign-in that waits for the second factor. `CODE_REFUSED` says that the code is wrong or was used: the
    /// next one may fit; `UNAUTHENTICATED` that the challenge is over; `RATE_LIMITED` that there were too many tries, of
    /// passwords and codes together.
    async fn complete_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The challenge and a code.")] input: CompleteSignInInput,
    ) -> Result<Option<CompleteSignInPayload>, Error> {
        let CompleteSignInInput { challenge, code } = input;
        let completing = service(ctx)?.complete_sign_in(ctx.op()?, challenge.into(), code.into()).await;
        Ok(Some(completing.map_err(coded)?.into()))
    }

    /// Signs in whom a provider vouches for, with what the browser brought back to the app, or asks who has a second
    /// factor for a code. `ACCOUNT_NOT_LINKED` says that it is not known whose account that is here: sign in again with the
    /// code of an invitation, or verify the e-mail here first; `UNAUTHENTICATED` that the code was used, is older than a
    /// minute, or is not this app's; `RATE_LIMITED` that there were too many tries.
    async fn complete_single_sign_on(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What came back, and what shows that it began here.")]
        input: CompleteSingleSignOnInput,
    ) -> Result<Option<SignInPayload>, Error> {
        Ok(Some(service(ctx)?.complete_single_sign_on(ctx.op()?, input.into()).await.map_err(coded)?.into()))
    }

    /// Removes a link of the signed-in person: the account at that provider opens nothing here any more; sessions that run
    /// go on. `CONFLICT` says that it is the last way into the account: set a password first (`requestPasswordReset`).
    async fn remove_sign_in_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which link.")] input: RemoveSignInLinkInput,
    ) -> Result<Option<RemoveSignInLinkPayload>, Error> {
        let link = parse_id(&input.link_id, "linkId")?;
        service(ctx)?.remove_sign_in_link(ctx.op()?, link).await.map_err(coded)?;
        Ok(Some(RemoveSignInLinkPayload { removed: true }))
    }

    /// Begins a second factor for the signed-in person: shows a secret for the app on their phone, once. It counts only
    /// after `confirmSecondFactor`; begun again, the secret before is good no more.
    async fn enroll_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What shows that it is them.")] input: EnrollSecondFactorInput,
    ) -> Result<Option<EnrollSecondFactorPayload>, Error> {
        let enrolling = service(ctx)?.enroll_second_factor(ctx.op()?, input.password.into()).await;
        Ok(Some(enrolling.map_err(coded)?.into()))
    }

    /// Puts the second factor in force, with a code that the phone shows: from now on nobody signs in as the person
    /// without one. Answers the recovery codes, once.
    async fn confirm_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: ConfirmSecondFactorInput,
    ) -> Result<Option<RecoveryCodesPayload>, Error> {
        Ok(Some(
            service(ctx)?.confirm_second_factor(ctx.op()?, input.code.into()).await.map_err(coded)?.into(),
        ))
    }

    /// Makes new recovery codes, and shows them once. Those before are good no more.
    async fn renew_recovery_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What shows that it is them.")] input: SecondFactorProofInput,
    ) -> Result<Option<RecoveryCodesPayload>, Error> {
        Ok(Some(
            service(ctx)?.renew_recovery_codes(ctx.op()?, input.try_into()?).await.map_err(coded)?.into(),
        ))
    }

    /// Switches the signed-in person's second factor off.
    async fn remove_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What shows that it is them.")] input: SecondFactorProofInput,
    ) -> Result<Option<RemoveSecondFactorPayload>, Error> {
        service(ctx)?.remove_second_factor(ctx.op()?, input.try_into()?).await.map_err(coded)?;
        Ok(Some(RemoveSecondFactorPayload { removed: true }))
    }

    /// Removes the second factor of somebody who lost phone and recovery codes. Their sessions end, and they sign in with
    /// the password alone. For those who rule everything the person is: make sure that it is them who asks.
    async fn remove_lost_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: RemoveLostSecondFactorInput,
    ) -> Result<Option<PersonPayload>, Error> {
        let person = parse_id(&input.person_id, "personId")?;
        Ok(Some(service(ctx)?.remove_lost_second_factor(ctx.op()?, person).await.map_err(coded)?.into()))
    }

    /// Exchanges a refresh token for a new pair; the old one is good no more. A refresh token that comes a second time
    /// ends its session.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: RefreshSessionInput,
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

    /// Ends all sessions of the signed-in person, this one too.
    async fn sign_out_everywhere(&self, ctx: &Context<'_>) -> Result<Option<SignOutPayload>, Error> {
        service(ctx)?.sign_out_everywhere(ctx.op()?).await.map_err(coded)?;
        Ok(Some(SIGNED_OUT))
    }

    /// Ends one of the signed-in person's sessions.
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: EndSessionInput,
    ) -> Result<Option<SignOutPayload>, Error> {
        let session = parse_id(&input.session_id, "sessionId")?;
        service(ctx)?.end_session(ctx.op()?, session).await.map_err(coded)?;
        Ok(Some(SIGNED_OUT))
    }

    /// Changes the signed-in person's password. All their sessions end, and a new one begins, or waits for the second
    /// factor.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present and the new one.")] input: ChangePasswordInput,
    ) -> Result<Option<SignInPayload>, Error> {
        let changing = service(ctx)?.change_password(ctx.op()?, input.present.into(), input.new.into()).await;
        Ok(Some(changing.map_err(coded)?.into()))
    }

    /// Invites a member to sign in. For the staff who enrol members at their hub, by mail to the address the member gave;
    /// where no mail goes out, or to another address, for its administrators.
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: InviteMemberInput,
    ) -> Result<Option<InvitationPayload>, Error> {
        let invitation = service(ctx)?.invite_member(ctx.op()?, input.try_into()?).await.map_err(coded)?;
        Ok(Some(invitation.into()))
    }

    /// Invites somebody to a role. For those who may give it: administrators of the hub, network administrators. Who
    /// has an account is offered the role, and it counts once they accept it.
    async fn invite_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and to what.")] input: InviteStaffInput,
    ) -> Result<Option<InvitationPayload>, Error> {
        let op = ctx.op()?;
        let cmd = input.command(ctx).await?;
        let invitation = service(ctx)?.invite_staff(op, cmd).await.map_err(coded)?;
        Ok(Some(invitation.into()))
    }

    /// Accepts an invitation: sets the password, and signs in.
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code and the password.")] input: AcceptInvitationInput,
    ) -> Result<Option<AcceptInvitationPayload>, Error> {
        let signed_in = service(ctx)?.accept_invitation(ctx.op()?, input.into()).await.map_err(coded)?;
        Ok(Some(signed_in.into()))
    }

    /// Keeps a person out: every session ends within a minute, and no new one begins. For those who rule everything the
    /// person is.
    async fn suspend_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: SuspendPersonInput,
    ) -> Result<Option<PersonPayload>, Error> {
        let person = parse_id(&input.person_id, "personId")?;
        Ok(Some(service(ctx)?.suspend_person(ctx.op()?, person).await.map_err(coded)?.into()))
    }

    /// Lets a suspended person in again.
    async fn reinstate_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: ReinstatePersonInput,
    ) -> Result<Option<PersonPayload>, Error> {
        let person = parse_id(&input.person_id, "personId")?;
        Ok(Some(service(ctx)?.reinstate_person(ctx.op()?, person).await.map_err(coded)?.into()))
    }

    /// Offers a person a role; it counts once they accept it. For those who may give it; nobody gives one to themselves.
    async fn grant_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who becomes what, where and when.")] input: GrantRoleInput,
    ) -> Result<Option<RolePayload<G>>, Error> {
        let op = ctx.op()?;
        let cmd = input.command(ctx).await?;
        let role = service(ctx)?.grant_role(op, cmd).await.map_err(coded)?;
        Ok(Some(RolePayload(role, PhantomData)))
    }

    /// Accepts a role that was offered to the signed-in person: refresh the session to have it.
    async fn accept_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: AcceptRoleInput,
    ) -> Result<Option<RolePayload<G>>, Error> {
        let assignment = parse_id(&input.assignment_id, "assignmentId")?;
        let role = service(ctx)?.accept_role(ctx.op()?, assignment).await.map_err(coded)?;
        Ok(Some(RolePayload(role, PhantomData)))
    }

    /// Declines a role that was offered to the signed-in person.
    async fn decline_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: DeclineRoleInput,
    ) -> Result<Option<RolePayload<G>>, Error> {
        let assignment = parse_id(&input.assignment_id, "assignmentId")?;
        let role = service(ctx)?.decline_role(ctx.op()?, assignment).await.map_err(coded)?;
        Ok(Some(RolePayload(role, PhantomData)))
    }

    /// Takes a role back: within a minute it counts nowhere any more. For those who may give it.
    async fn revoke_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role.")] input: RevokeRoleInput,
    ) -> Result<Option<RolePayload<G>>, Error> {
        let assignment = parse_id(&input.assignment_id, "assignmentId")?;
        let role = service(ctx)?.revoke_role(ctx.op()?, assignment).await.map_err(coded)?;
        Ok(Some(RolePayload(role, PhantomData)))
    }

    /// Gives a device of a hub a new secret; the one it had stops working within a minute. For those who manage the
    /// hub's devices.
    async fn issue_device_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which device.")] input: IssueDeviceSecretInput,
    ) -> Result<Option<IssueDeviceSecretPayload>, Error> {
        let (hub, device) = machine::device(&input)?;
        let capability = input.capability.map_or(kernel::Permission::RecordPresence, Into::into);
        let issuing = service(ctx)?.issue_device_secret(ctx.op()?, hub, device, capability).await;
        Ok(Some(issuing.map_err(coded)?.into()))
    }

    /// Takes a device's secret back: within a minute the device does nothing any more.
    async fn revoke_device(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which device.")] input: RevokeDeviceInput,
    ) -> Result<Option<RevokeDevicePayload>, Error> {
        let (hub, device) = (parse_id(&input.hub_id, "hubId")?, parse_id(&input.device_id, "deviceId")?);
        service(ctx)?.revoke_device(ctx.op()?, hub, device).await.map_err(coded)?;
        Ok(Some(RevokeDevicePayload { device_id: input.device_id }))
    }

    /// Gives a program a key, good for nothing that its giver does not hold there. For those who manage keys at the
    /// place.
    async fn issue_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is good for, and where.")] input: IssueApiKeyInput,
    ) -> Result<Option<IssueApiKeyPayload<G>>, Error> {
        let op = ctx.op()?;
        let cmd = input.command(ctx).await?;
        Ok(Some(service(ctx)?.issue_api_key(op, cmd).await.map_err(coded)?.into()))
    }

    /// Takes a program's key back: within a minute the program does nothing any more.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: RevokeApiKeyInput,
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

    /// Writes to whoever has this e-mail, if somebody does, with a code for a new password. The answer never says whether
    /// somebody has it.
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: RequestPasswordResetInput,
    ) -> Result<Option<MailPayload>, Error> {
        let network = input.network_id.as_ref().map(|id| parse_id(id, "networkId")).transpose()?;
        let email = super::invitation::email(&input.email)?;
        service(ctx)?.request_password_reset(ctx.op()?, email, network).await.map_err(coded)?;
        Ok(Some(MailPayload { accepted: true }))
    }

    /// Sets a new password with a code from the mail, and signs in, or asks who has a second factor for it. All other
    /// sessions end.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code and the password.")] input: ResetPasswordInput,
    ) -> Result<Option<SignInPayload>, Error> {
        let resetting =
            service(ctx)?.reset_password(ctx.op()?, input.code.into(), input.password.into()).await;
        Ok(Some(resetting.map_err(coded)?.into()))
    }

    /// Writes to the signed-in person with a code that shows that they read their mail.
    async fn request_email_verification(&self, ctx: &Context<'_>) -> Result<Option<MailPayload>, Error> {
        service(ctx)?.request_email_verification(ctx.op()?).await.map_err(coded)?;
        Ok(Some(MailPayload { accepted: true }))
    }

    /// Shows with a code from the mail that it is read.
    async fn verify_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: VerifyEmailInput,
    ) -> Result<Option<MailPayload>, Error> {
        service(ctx)?.verify_email(ctx.op()?, input.code.into()).await.map_err(coded)?;
        Ok(Some(MailPayload { accepted: true }))
    }
}
