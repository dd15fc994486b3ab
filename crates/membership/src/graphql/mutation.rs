//! Membership's mutations.

use std::marker::PhantomData;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use graph::{Date, DateTime, Entity, Graph, OpContextExt, parse_id, to_id};
use kernel::{Coded, HubId, MemberId, NetworkId};

use super::{
    input::{
        EnrollMemberInput, EraseMemberInput, FoundNetworkInput, IssueChipInput, OnboardHubInput,
        RevokeChipInput, TouchInput, UploadDeviceLogInput,
    },
    member::Chip,
    outcome::{CheckInPayload, CheckOutPayload},
    people::{
        AddMemberContactInput, CorrectMemberInput, DeleteMemberNoteInput, EndMembershipInput,
        RecordConsentInput, RemoveMemberContactInput, ResumeMembershipInput, WithdrawConsentInput,
        WriteMemberNoteInput,
    },
    refuse, service,
};
use crate::{DenialReason, Direction, Erased, MembershipError, Reporter, TouchOutcome};

/// Membership's part of the mutation root.
pub struct Mutation<G>(PhantomData<fn() -> G>);

impl<G> Default for Mutation<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<G> std::fmt::Debug for Mutation<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mutation")
    }
}

#[Object(name = "MembershipMutation")]
impl<G: Graph> Mutation<G> {
    /// Founds a network. Only possible on the server's own machine: `hubnet onboard`.
    async fn found_network(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The network to found.")] input: FoundNetworkInput,
    ) -> Result<Option<FoundNetworkPayload<G>>> {
        let cmd = input.try_into().map_err(|error: MembershipError| refuse(error))?;
        let network = service(ctx)?.found_network(ctx.op()?, cmd).await.map_err(refuse)?;
        Ok(Some(FoundNetworkPayload { network, graph: PhantomData }))
    }

    /// Onboards a hub into a network, with its spaces, plans and devices: all of it or nothing.
    async fn onboard_hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hub to onboard.")] input: OnboardHubInput,
    ) -> Result<Option<OnboardHubPayload<G>>> {
        let op = ctx.op()?;
        let network = match &input.network_id {
            Some(id) => parse_id(id, "networkId")?,
            None => op.network().ok_or_else(|| refuse(kernel::AuthError::Unauthenticated))?,
        };
        let cmd = input.command(network).map_err(refuse)?;
        let hub = service(ctx)?.onboard_hub(op, cmd).await.map_err(refuse)?;
        Ok(Some(OnboardHubPayload { hub, graph: PhantomData }))
    }

    /// Enrols a person as a member of a hub.
    async fn enroll_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person and the home hub.")] input: EnrollMemberInput,
    ) -> Result<Option<EnrollMemberPayload<G>>> {
        let member = service(ctx)?.enroll_member(ctx.op()?, input.command()?).await.map_err(refuse)?;
        Ok(Some(EnrollMemberPayload { member, graph: PhantomData }))
    }

    /// Corrects a member's data. Staff of the home hub correct a name, a language or a category; an e-mail address is
    /// corrected by those who may erase the member, because an invitation to sign in goes there. Members correct
    /// their own name and language.
    async fn correct_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member and the corrections.")] input: CorrectMemberInput,
    ) -> Result<Option<CorrectMemberPayload<G>>> {
        let member = service(ctx)?.correct_member(ctx.op()?, input.command()?).await.map_err(refuse)?;
        Ok(Some(CorrectMemberPayload { member, graph: PhantomData }))
    }

    /// Ends a membership on a day: the first one without it, at the home hub; today means now. Nobody is let in by an
    /// ended membership, but whoever is inside may leave. A roaming pass ends with it, seats at later events become
    /// free; chips work again after `resumeMembership`. For the staff of the home hub.
    async fn end_membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member, the day and the reason.")] input: EndMembershipInput,
    ) -> Result<Option<EndMembershipPayload<G>>> {
        let member = service(ctx)?.end_membership(ctx.op()?, input.command()?).await.map_err(refuse)?;
        Ok(Some(EndMembershipPayload { member, graph: PhantomData }))
    }

    /// Resumes a membership from now on: the member has come back, or does not leave after all. For the staff of the
    /// home hub.
    async fn resume_membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member who comes back.")] input: ResumeMembershipInput,
    ) -> Result<Option<ResumeMembershipPayload<G>>> {
        let member = parse_id(&input.member_id, "memberId")?;
        let member = service(ctx)?.resume_membership(ctx.op()?, member).await.map_err(refuse)?;
        Ok(Some(ResumeMembershipPayload { member, graph: PhantomData }))
    }

    /// Adds a contact of a member: a guardian, or somebody to call in an emergency. For the staff of the home hub.
    async fn add_member_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact.")] input: AddMemberContactInput,
    ) -> Result<Option<AddMemberContactPayload<G>>> {
        let member = service(ctx)?.add_member_contact(ctx.op()?, input.command()?).await.map_err(refuse)?;
        Ok(Some(AddMemberContactPayload { member, graph: PhantomData }))
    }

    /// Removes a contact of a member. For the staff of the home hub.
    async fn remove_member_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact.")] input: RemoveMemberContactInput,
    ) -> Result<Option<RemoveMemberContactPayload<G>>> {
        let id = parse_id(&input.contact_id, "contactId")?;
        let member = parse_id(&input.member_id, "memberId")?;
        let member = service(ctx)?.remove_member_contact(ctx.op()?, member, id).await.map_err(refuse)?;
        Ok(Some(RemoveMemberContactPayload { member, graph: PhantomData }))
    }

    /// Records a consent of a member, or of the guardian of a minor. For the staff of the home hub.
    async fn record_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The consent.")] input: RecordConsentInput,
    ) -> Result<Option<RecordConsentPayload<G>>> {
        let member = service(ctx)?.record_consent(ctx.op()?, input.command()?).await.map_err(refuse)?;
        Ok(Some(RecordConsentPayload { member, graph: PhantomData }))
    }

    /// Withdraws a consent from now on. For the member and for the staff of the home hub.
    async fn withdraw_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The consent.")] input: WithdrawConsentInput,
    ) -> Result<Option<WithdrawConsentPayload<G>>> {
        let id = parse_id(&input.consent_id, "consentId")?;
        let member = parse_id(&input.member_id, "memberId")?;
        let member = service(ctx)?.withdraw_consent(ctx.op()?, member, id).await.map_err(refuse)?;
        Ok(Some(WithdrawConsentPayload { member, graph: PhantomData }))
    }

    /// Writes a note about a member. For the staff of the home hub.
    async fn write_member_note(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The note.")] input: WriteMemberNoteInput,
    ) -> Result<Option<WriteMemberNotePayload<G>>> {
        let member = service(ctx)?.write_member_note(ctx.op()?, input.command()?).await.map_err(refuse)?;
        Ok(Some(WriteMemberNotePayload { member, graph: PhantomData }))
    }

    /// Deletes a note about a member. For the staff of the home hub.
    async fn delete_member_note(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The note.")] input: DeleteMemberNoteInput,
    ) -> Result<Option<DeleteMemberNotePayload<G>>> {
        let id = parse_id(&input.note_id, "noteId")?;
        let member = parse_id(&input.member_id, "memberId")?;
        let member = service(ctx)?.delete_member_note(ctx.op()?, member, id).await.map_err(refuse)?;
        Ok(Some(DeleteMemberNotePayload { member, graph: PhantomData }))
    }

    /// Issues a chip to a member; it works at once in every hub of the network.
    async fn issue_chip(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The chip and the member.")] input: IssueChipInput,
    ) -> Result<Option<IssueChipPayload>> {
        let chip = service(ctx)?.issue_chip(ctx.op()?, input.command()?).await.map_err(refuse)?;
        Ok(Some(IssueChipPayload { chip: chip.into() }))
    }

    /// Revokes a chip everywhere, from now on. A second revocation changes nothing.
    async fn revoke_chip(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The chip to revoke.")] input: RevokeChipInput,
    ) -> Result<Option<RevokeChipPayload>> {
        let chip = service(ctx)?
            .revoke_chip(ctx.op()?, parse_id(&input.chip_id, "chipId")?)
            .await
            .map_err(refuse)?;
        Ok(Some(RevokeChipPayload { chip: chip.into() }))
    }

    /// Erases a member: removes all identifying data. Visits and charges stay in the accounts and lead to nobody. An
    /// open visit is closed first. This cannot be undone. For the member, or for an administrator of their home hub
    /// at the member's request.
    async fn erase_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member to erase.")] input: EraseMemberInput,
    ) -> Result<Option<EraseMemberPayload>> {
        let member = parse_id(&input.member_id, "memberId")?;
        Ok(Some(service(ctx)?.erase_member(ctx.op()?, member).await.map_err(refuse)?.into()))
    }

    /// Erases the caller's own membership, as `eraseMember` does.
    async fn erase_me(&self, ctx: &Context<'_>) -> Result<Option<EraseMemberPayload>> {
        Ok(Some(service(ctx)?.erase_me(ctx.op()?).await.map_err(refuse)?.into()))
    }

    /// Checks a member in at a hub. An earlier visit elsewhere ends at this moment.
    async fn check_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The touch: member or chip, hub and time.")] input: TouchInput,
    ) -> Result<Option<CheckInPayload<G>>> {
        let outcome = touch(ctx, input, Direction::In).await?;
        CheckInPayload::of(outcome).ok_or_else(|| refuse(MembershipError::KeyUsed("event id"))).map(Some)
    }

    /// Checks a member out of a hub.
    async fn check_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The touch: member or chip, hub and time.")] input: TouchInput,
    ) -> Result<Option<CheckOutPayload<G>>> {
        let outcome = touch(ctx, input, Direction::Out).await?;
        CheckOutPayload::of(outcome).ok_or_else(|| refuse(MembershipError::KeyUsed("event id"))).map(Some)
    }

    /// Uploads a device's offline log. Lines may come in any order and repeatedly; each counts once and is billed by
    /// its own time. An invalid line is refused alone; the rest is recorded.
    async fn upload_device_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The log to upload.")] input: UploadDeviceLogInput,
    ) -> Result<Option<UploadDeviceLogPayload>> {
        let hub: HubId = parse_id(&input.hub_id, "hubId")?;
        let mut places = Vec::new();
        let mut reported = Vec::new();
        let mut refused = Vec::new();
        for (place, line) in (0_u32..).zip(input.lines) {
            match line.reported() {
                Ok(one) => {
                    places.push(place);
                    reported.push(one);
                }
                Err(error) => refused.push(RefusedLine::of(place, &error)),
            }
        }
        let reporter = Reporter::Device(input.device);
        let outcomes =
            service(ctx)?.record_touches(ctx.op()?, hub, &reporter, &reported).await.map_err(refuse)?;
        let denied = |(line, outcome): (u32, &TouchOutcome)| match outcome {
            TouchOutcome::Denied(reason) => Some(DeniedLine { line, reason: *reason }),
            _ => None,
        };
        let denied: Vec<DeniedLine> = places.iter().copied().zip(&outcomes).filter_map(denied).collect();
        for (line, outcome) in places.iter().zip(&outcomes) {
            if *outcome == TouchOutcome::Conflict {
                refused.push(RefusedLine::of(*line, &MembershipError::KeyUsed("event id")));
            }
        }
        let counts =
            |outcome: &&TouchOutcome| !matches!(outcome, TouchOutcome::Denied(_) | TouchOutcome::Conflict);
        let taken = u32::try_from(outcomes.iter().filter(counts).count()).unwrap_or(u32::MAX);
        Ok(Some(UploadDeviceLogPayload { taken, denied, refused }))
    }
}

async fn touch(ctx: &Context<'_>, input: TouchInput, direction: Direction) -> Result<TouchOutcome> {
    let op = ctx.op()?;
    let hub: HubId = parse_id(&input.hub_id, "hubId")?;
    let reported = input.reported(op, direction)?;
    let outcomes =
        service(ctx)?.record_touches(op, hub, &Reporter::Caller, &[reported]).await.map_err(refuse)?;
    outcomes.into_iter().next().ok_or_else(|| refuse(MembershipError::NotFound("outcome")))
}

macro_rules! payload {
    ($($(#[$doc:meta])* $name:ident = $text:literal { $(#[$field_doc:meta])* $field:ident: $id:ty => $entity:ident })*) => {$(
        $(#[$doc])*
        pub struct $name<G> {
            $field: $id,
            graph: PhantomData<fn() -> G>,
        }

        impl<G> std::fmt::Debug for $name<G> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.$field.fmt(f) }
        }

        $(#[$doc])*
        #[Object(name = $text)]
        impl<G: Graph> $name<G> {
            $(#[$field_doc])*
            async fn $field(&self) -> G::$entity { G::$entity::from_key(self.$field) }
        }
    )*};
}

payload! {
    /// The founded network.
    FoundNetworkPayload = "FoundNetworkPayload" {
        /// The network.
        network: NetworkId => Network
    }
    /// The enrolled member.
    EnrollMemberPayload = "EnrollMemberPayload" {
        /// The member.
        member: MemberId => Member
    }
    /// The member.
    AddMemberContactPayload = "AddMemberContactPayload" {
        /// The member.
        member: MemberId => Member
    }
    /// The member.
    RemoveMemberContactPayload = "RemoveMemberContactPayload" {
        /// The member.
        member: MemberId => Member
    }
    /// The member.
    RecordConsentPayload = "RecordConsentPayload" {
        /// The member.
        member: MemberId => Member
    }
    /// The member.
    WithdrawConsentPayload = "WithdrawConsentPayload" {
        /// The member.
        member: MemberId => Member
    }
    /// The member.
    WriteMemberNotePayload = "WriteMemberNotePayload" {
        /// The member.
        member: MemberId => Member
    }
    /// The member.
    DeleteMemberNotePayload = "DeleteMemberNotePayload" {
        /// The member.
        member: MemberId => Member
    }
    /// The member who leaves.
    EndMembershipPayload = "EndMembershipPayload" {
        /// The member.
        member: MemberId => Member
    }
    /// The member who came back.
    ResumeMembershipPayload = "ResumeMembershipPayload" {
        /// The member.
        member: MemberId => Member
    }
    /// The corrected member.
    CorrectMemberPayload = "CorrectMemberPayload" {
        /// The member.
        member: MemberId => Member
    }
}

/// The onboarded hub.
#[derive(Debug)]
pub struct OnboardHubPayload<G> {
    hub: HubId,
    graph: PhantomData<fn() -> G>,
}

/// The onboarded hub.
#[Object(name = "OnboardHubPayload")]
impl<G: Graph> OnboardHubPayload<G> {
    /// The hub.
    async fn hub(&self) -> G::Hub {
        G::Hub::from_key(self.hub)
    }

    /// A warning: nights of the coming year that close earlier than the rule of their evening states, because the
    /// next day's rule, after a `;`, replaces the whole day. A `,` before the next day's rule keeps both.
    async fn nights_cut_short(&self, ctx: &Context<'_>) -> Result<Option<Vec<NightCutShort>>> {
        let nights = service(ctx)?.nights_cut_short(ctx.op()?, self.hub, None).await.map_err(refuse)?;
        Ok(Some(nights.into_iter().map(NightCutShort::from).collect()))
    }
}

/// A night that ends earlier than the rule of its evening states.
#[derive(SimpleObject, Debug)]
pub struct NightCutShort {
    /// The day on which the night begins; the first such day of the coming year.
    evening: Date,
    /// The end that the rule of that evening states, in the hub's local time: `02:00`.
    meant_to_close_at: String,
    /// The actual end, in the hub's local time: `00:00`.
    closes_at: String,
}

impl From<platform_calendar::NightCutShort> for NightCutShort {
    fn from(night: platform_calendar::NightCutShort) -> Self {
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        Self {
            evening: night.evening.into(),
            meant_to_close_at: clock(night.meant_minutes),
            closes_at: clock(night.closes_minutes),
        }
    }
}

/// The issued chip.
#[derive(SimpleObject, Debug)]
pub struct IssueChipPayload {
    /// The chip.
    chip: Chip,
}

/// The revoked chip.
#[derive(SimpleObject, Debug)]
pub struct RevokeChipPayload {
    /// The chip.
    chip: Chip,
}

/// The erased member.
#[derive(SimpleObject, Debug)]
pub struct EraseMemberPayload {
    /// The id of the erased member.
    member_id: ID,
    /// The time of erasure.
    erased_at: DateTime,
}

impl From<Erased> for EraseMemberPayload {
    fn from(erased: Erased) -> Self {
        Self { member_id: to_id(erased.member), erased_at: erased.at.into() }
    }
}

/// The result of a log upload.
#[derive(SimpleObject, Debug)]
pub struct UploadDeviceLogPayload {
    /// The number of lines that count, including lines counted before.
    taken: u32,
    /// Lines that were recorded but denied.
    denied: Vec<DeniedLine>,
    /// Invalid lines; nothing of them was stored.
    refused: Vec<RefusedLine>,
}

/// A line that was recorded but denied.
#[derive(SimpleObject, Debug)]
pub struct DeniedLine {
    /// The position in the upload, from 0.
    line: u32,
    /// The reason for the denial.
    reason: DenialReason,
}

/// An invalid line.
#[derive(SimpleObject, Debug)]
pub struct RefusedLine {
    /// The position in the upload, from 0.
    line: u32,
    /// The error code.
    code: String,
    /// The error message.
    message: String,
}

impl RefusedLine {
    fn of(line: u32, error: &MembershipError) -> Self {
        Self { line, code: error.code().to_string(), message: error.to_string() }
    }
}
