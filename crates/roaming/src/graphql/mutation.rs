//! Roaming's mutations.

use std::marker::PhantomData;

use async_graphql::{Context, Error, ID, InputObject, Object, Result, SimpleObject};
use graph::{Given, Graph, Job, OpContextExt, coded, parse_id};
use jiff::Timestamp;
use kernel::{AuthError, Caller, InvalidInput, NetworkId, OpContext};

use super::{RoamingPassNode, SettlementNode, TariffElementInput, TariffNode, service};
use crate::{IssueRoamingPass, PublishTariff, RoamingError, RoamingPass, Settlement, TermsDraft};

/// Roaming's part of the mutation root.
#[derive(Debug)]
pub struct Mutation<G>(PhantomData<fn() -> G>);

impl<G> Default for Mutation<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

#[Object(name = "RoamingMutation")]
impl<G: Graph> Mutation<G> {
    /// Issues a roaming pass: the right to use the other hubs of the network. For the staff of the home hub.
    /// `CONFLICT` if the member has a pass that has not ended.
    async fn issue_roaming_pass(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member and the validity of the pass.")] input: IssueRoamingPassInput,
    ) -> Result<Option<IssueRoamingPassPayload<G>>> {
        let cmd = input.try_into()?;
        let pass = service(ctx)?.issue_roaming_pass(ctx.op()?, cmd).await.map_err(coded)?;
        Ok(Some(IssueRoamingPassPayload(pass, PhantomData)))
    }

    /// Ends a member's roaming pass, from now on. For the staff of the home hub. `CONFLICT` if it has already ended.
    async fn end_roaming_pass(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pass to end.")] input: EndRoamingPassInput,
    ) -> Result<Option<EndRoamingPassPayload<G>>> {
        let pass = parse_id(&input.pass_id, "passId")?;
        let pass = service(ctx)?.end_roaming_pass(ctx.op()?, pass).await.map_err(coded)?;
        Ok(Some(EndRoamingPassPayload(pass, PhantomData)))
    }

    /// Publishes the next version of a hub's guest prices. Earlier versions do not change, and visits keep the prices
    /// valid at their start. For the hub's administrator.
    async fn publish_tariff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guest prices to publish.")] input: PublishTariffInput,
    ) -> Result<Option<PublishTariffPayload>> {
        let cmd = input.try_into()?;
        let tariff = service(ctx)?.publish_tariff(ctx.op()?, cmd).await.map_err(coded)?;
        Ok(Some(PublishTariffPayload { tariff: tariff.into() }))
    }

    /// Settles a past month, for good; late charges go to the next open month. A month that is already settled is
    /// returned unchanged. For the coordinator. `RATE_MISSING` if a needed exchange rate is not known.
    async fn close_settlement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The month to settle.")] input: CloseSettlementInput,
    ) -> Result<Option<CloseSettlementPayload<G>>> {
        let op = ctx.op()?;
        let network = network_meant(input.network_id.as_ref(), op)?;
        let month = input.month.of("month")?;
        let settled = service(ctx)?.close_settlement(op, network, month).await.map_err(coded)?;
        Ok(Some(CloseSettlementPayload(settled, PhantomData)))
    }

    /// Settles, in the background, every month with charges between hubs that is not settled yet, oldest first, up to
    /// a month that is over, and that month; each as `closeSettlement` does. Watch it by `jobProgress`, or ask `job`.
    /// By the coordinator. While such a job of the caller's waits or runs, it is that job. A job that lacks a rate fails
    /// with `RATE_MISSING`; what it has settled by then stays settled.
    async fn settle_months(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to which month.")] input: SettleMonthsInput,
    ) -> Result<Option<SettleMonthsPayload>> {
        let op = ctx.op()?;
        let network = network_meant(input.network_id.as_ref(), op)?;
        let through = input.through.of("through")?;
        let job = service(ctx)?.settle_months(op, network, through).await.map_err(coded)?;
        Ok(Some(SettleMonthsPayload { job: job.into() }))
    }
}

/// The roaming pass to issue.
#[derive(InputObject, Debug, Clone)]
pub struct IssueRoamingPassInput {
    /// The member who may roam.
    pub member_id: ID,
    /// The start of validity; now by default.
    pub valid_from: Option<Given<Timestamp>>,
    /// The end of validity; open by default.
    pub valid_until: Option<Given<Timestamp>>,
}

/// The roaming pass to end.
#[derive(InputObject, Debug, Clone)]
pub struct EndRoamingPassInput {
    /// The pass.
    pub pass_id: ID,
}

/// The guest prices to publish.
#[derive(InputObject, Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishTariffInput {
    /// The hub.
    #[serde(skip)]
    pub hub_id: ID,
    /// The name that guests see.
    pub name: String,
    /// The start of validity; now by default. Only a hub's first tariff may begin in the past.
    pub valid_from: Option<Given<Timestamp>>,
    /// The hourly price where no element applies, as a decimal of major units, such as `60.00`.
    pub price_per_hour: String,
    /// The number of free minutes at the start of a visit, 0 to 1440.
    #[graphql(default)]
    #[serde(default)]
    pub grace_minutes: i64,
    /// The billing step in seconds, 1 to 86400; the time of each day is rounded up to it.
    pub billing_step_seconds: i64,
    /// The minimum price of a day with a charge, as a decimal of major units; 0 by default.
    pub minimum_per_day: Option<String>,
    /// The maximum price of a day, as a decimal of major units; unlimited by default.
    pub maximum_per_day: Option<String>,
    /// Exceptions from the price, at most 50; the first that matches applies.
    #[graphql(default)]
    #[serde(default)]
    pub elements: Vec<TariffElementInput>,
}

/// The month to settle.
#[derive(InputObject, Debug, Clone)]
pub struct CloseSettlementInput {
    /// The network; by default the caller's own.
    pub network_id: Option<ID>,
    /// The month, such as `2026-10`. It must be over in the network's time zone.
    pub month: Given<kernel::Month>,
}

/// The months to settle.
#[derive(InputObject, Debug, Clone)]
pub struct SettleMonthsInput {
    /// The network; the caller's by default.
    pub network_id: Option<ID>,
    /// The last month to settle, as 2026-10; over in the network's time zone.
    pub through: Given<kernel::Month>,
}

/// The issued pass.
#[derive(Debug)]
pub struct IssueRoamingPassPayload<G>(RoamingPass, PhantomData<fn() -> G>);

/// The issued pass.
#[Object(name = "IssueRoamingPassPayload")]
impl<G: Graph> IssueRoamingPassPayload<G> {
    /// The pass.
    async fn pass(&self) -> RoamingPassNode<G> {
        self.0.into()
    }
}

/// The ended pass.
#[derive(Debug)]
pub struct EndRoamingPassPayload<G>(RoamingPass, PhantomData<fn() -> G>);

/// The ended pass.
#[Object(name = "EndRoamingPassPayload")]
impl<G: Graph> EndRoamingPassPayload<G> {
    /// The pass.
    async fn pass(&self) -> RoamingPassNode<G> {
        self.0.into()
    }
}

/// The published tariff.
#[derive(SimpleObject, Debug)]
pub struct PublishTariffPayload {
    /// The tariff.
    pub tariff: TariffNode,
}

/// The job that settles the months.
#[derive(SimpleObject, Debug)]
pub struct SettleMonthsPayload {
    /// The job.
    pub job: Job,
}

/// The settled month.
#[derive(Debug)]
pub struct CloseSettlementPayload<G>(Settlement, PhantomData<fn() -> G>);

/// The settled month.
#[Object(name = "CloseSettlementPayload")]
impl<G: Graph> CloseSettlementPayload<G> {
    /// The settlement.
    async fn settlement(&self) -> SettlementNode<G> {
        self.0.clone().into()
    }
}

impl TryFrom<IssueRoamingPassInput> for IssueRoamingPass {
    type Error = Error;
    fn try_from(input: IssueRoamingPassInput) -> Result<Self> {
        Ok(Self {
            member: parse_id(&input.member_id, "memberId")?,
            valid_from: Given::optional(input.valid_from, "validFrom")?,
            valid_until: Given::optional(input.valid_until, "validUntil")?,
            // Clients cannot request a ceiling until admission enforces it.
            monthly_ceiling_minutes: None,
        })
    }
}

impl TryFrom<PublishTariffInput> for PublishTariff {
    type Error = Error;
    fn try_from(input: PublishTariffInput) -> Result<Self> {
        let valid_from = Given::optional(input.valid_from.clone(), "validFrom")?;
        Ok(Self { hub: parse_id(&input.hub_id, "hubId")?, valid_from, terms: input.into() })
    }
}

impl From<PublishTariffInput> for TermsDraft {
    fn from(input: PublishTariffInput) -> Self {
        Self {
            name: input.name,
            price_per_hour: input.price_per_hour,
            grace_minutes: input.grace_minutes,
            billing_step_seconds: input.billing_step_seconds,
            minimum_per_day: input.minimum_per_day,
            maximum_per_day: input.maximum_per_day,
            elements: input.elements.into_iter().map(Into::into).collect(),
        }
    }
}

/// Returns the given network, or the caller's own.
fn network_meant(named: Option<&ID>, op: &OpContext) -> Result<NetworkId> {
    let named = named.map(|id| parse_id(id, "networkId")).transpose()?;
    named.or(op.network()).ok_or_else(|| match op.caller() {
        Caller::Anonymous => coded(RoamingError::from(AuthError::Unauthenticated)),
        _ => coded(InvalidInput::new("networkId", "must be given: you belong to no network")),
    })
}
