//! Membership's fields of a member.

use std::marker::PhantomData;

use async_graphql::{Context, ID, Object, Result, SimpleObject, dataloader::DataLoader};
use graph::{Category, Connection, DateTime, Entity, Graph, OpContextExt, connection, to_id};
use kernel::{MemberId, PageArguments, PageRequest};

use super::{
    hub::Plan,
    loaders::{Hubs, Members, PlansOf},
    people::{MemberConsent, MemberContact, MemberNote},
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

    /// The member's e-mail address; null if they have none.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.seen(ctx).await?.and_then(|member| member.email).map(Into::into))
    }

    /// The member's preferred language, ISO 639-1.
    async fn language(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.seen(ctx).await?.map(|member| member.language))
    }

    /// The version of the member's data: a correction names the version that it corrects.
    async fn version(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        Ok(self.seen(ctx).await?.map(|member| i32::try_from(member.version).unwrap_or(i32::MAX)))
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

    /// The end of the membership; null if it has none. May be in the future.
    async fn left_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        let absence = self.seen(ctx).await?.and_then(|member| member.absence);
        let left = absence.filter(|absence| absence.returned_at.is_none());
        Ok(left.map(|absence| absence.left_at.into()))
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

    /// Whom the hub may call because of the member.
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Option<Vec<MemberContact>>> {
        if self.seen(ctx).await?.is_none() {
            return Ok(None);
        }
        let contacts = service(ctx)?.list_member_contacts(ctx.op()?, self.id).await.map_err(refuse)?;
        Ok(Some(contacts.into_iter().map(MemberContact::from).collect()))
    }

    /// The latest hundred consents of the member, the latest first.
    async fn consents(&self, ctx: &Context<'_>) -> Result<Option<Vec<MemberConsent>>> {
        if self.seen(ctx).await?.is_none() {
            return Ok(None);
        }
        let consents = service(ctx)?.list_member_consents(ctx.op()?, self.id).await.map_err(refuse)?;
        Ok(Some(consents.into_iter().map(MemberConsent::from).collect()))
    }

    /// The latest hundred notes of the staff, the latest first. For the staff of the home hub; members find them in the
    /// export of their data.
    async fn notes(&self, ctx: &Context<'_>) -> Result<Option<Vec<MemberNote>>> {
        let Some(member) = self.seen(ctx).await? else { return Ok(None) };
        let notes = service(ctx)?.list_member_notes(ctx.op()?, &member).await.map_err(refuse)?;
        Ok(notes.map(|notes| notes.into_iter().map(MemberNote::from).collect()))
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
