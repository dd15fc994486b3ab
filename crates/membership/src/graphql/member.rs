//! Membership's fields of a member.

use std::marker::PhantomData;

use async_graphql::{Context, ID, Object, Result, SimpleObject, dataloader::DataLoader};
use graph::{Category, Connection, DateTime, Entity, Graph, OpContextExt, connection, to_id};
use kernel::{MemberId, PageArguments, PageRequest};

use super::{
    hub::Plan,
    loaders::{Hubs, Members, PlansOf},
    refuse, service,
    visit::{Visit, visit_cursor},
};
use crate::{Member, VisitQuery};

/// Membership's fields of a member. All fields are for the member and for the staff of their home hub; other callers
/// get null.
pub struct MemberFields<G> {
    id: MemberId,
    graph: PhantomData<fn() -> G>,
}

impl<G> From<MemberId> for MemberFields<G> {
    fn from(id: MemberId) -> Self {
        Self { id, graph: PhantomData }
    }
}

impl<G> std::fmt::Debug for MemberFields<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemberFields({})", self.id)
    }
}

impl<G> MemberFields<G> {
    async fn seen(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        ctx.data::<DataLoader<Members>>()?.load_one(self.id).await
    }
}

#[Object(name = "MembershipMemberFields")]
impl<G: Graph> MemberFields<G> {
    /// The member's name.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.seen(ctx).await?.map(|member| member.name.into()))
    }

    /// The member's e-mail address.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.seen(ctx).await?.map(|member| member.email.into()))
    }

    /// The member's category, which selects prices.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        Ok(self.seen(ctx).await?.map(|member| member.category.into()))
    }

    /// The plan of the home hub; null if the member took none. It covers presence at home and decides whether a
    /// roaming pass is allowed.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<Plan>> {
        let Some(Member { home, plan: Some(plan), .. }) = self.seen(ctx).await? else { return Ok(None) };
        let Some(hub) = ctx.data::<DataLoader<Hubs>>()?.load_one(home).await? else { return Ok(None) };
        let plans = ctx.data::<DataLoader<PlansOf>>()?.load_one(home).await?.unwrap_or_default();
        let plan = plans.into_iter().find(|it| it.id == plan);
        Ok(plan.map(|plan| Plan::of(plan, hub.currency)))
    }

    /// The start of the membership.
    async fn joined_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.seen(ctx).await?.map(|member| member.joined_at.into()))
    }

    /// The member's home hub.
    async fn home_hub(&self, ctx: &Context<'_>) -> Result<Option<G::Hub>> {
        Ok(self.seen(ctx).await?.map(|member| G::Hub::from_key(member.home)))
    }

    /// The member's chips.
    async fn chips(&self, ctx: &Context<'_>) -> Result<Option<Vec<Chip>>> {
        if self.seen(ctx).await?.is_none() {
            return Ok(None);
        }
        let chips = service(ctx)?.list_chips(ctx.op()?, self.id).await.map_err(refuse)?;
        Ok(Some(chips.into_iter().map(Chip::from).collect()))
    }

    /// The member's visits at any hub, latest first.
    async fn visits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Result<Option<Connection<Visit<G>>>> {
        let page = PageRequest::of(PageArguments { first, after, last, before }).map_err(refuse)?;
        let cursor = page.read_cursor(visit_cursor::read).map_err(refuse)?;
        let Some(member) = self.seen(ctx).await? else { return Ok(None) };
        let query = VisitQuery { hub: member.home, member: Some(self.id), cursor, page };
        let visits = service(ctx)?.list_visits(ctx.op()?, &query).await.map_err(refuse)?;
        Ok(Some(connection(visits, visit_cursor::write, Visit::from)))
    }
}

/// A chip that proves presence. Its number is not stored; its last digits distinguish chips.
#[derive(SimpleObject, Debug)]
pub struct Chip {
    /// The stable id.
    id: ID,
    /// The last four digits of the number.
    ending: String,
    /// The time from which the chip works.
    issued_at: DateTime,
    /// The time of revocation; null while the chip works.
    revoked_at: Option<DateTime>,
}

impl From<crate::Credential> for Chip {
    fn from(credential: crate::Credential) -> Self {
        Self {
            id: to_id(credential.id),
            ending: credential.ending,
            issued_at: credential.issued_at.into(),
            revoked_at: credential.revoked_at.map(Into::into),
        }
    }
}
