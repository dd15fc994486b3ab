//! Membership's queries.

use std::marker::PhantomData;

use async_graphql::{Context, ID, Object, Result};
use graph::{Counted, Entity, Graph, OpContextExt, connection, is_counted, parse_id};
use kernel::{HubId, NetworkId, PageArguments, PageRequest};

use super::{
    hub_inputs::{AccessibilityInput, NearInput},
    node::Node,
    refuse, service,
};
use crate::{FoundHub, HubKind, HubSearch, MembershipError};

/// Membership's part of the query root.
pub struct Query<G>(PhantomData<fn() -> G>);

impl<G> Default for Query<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<G> std::fmt::Debug for Query<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Query")
    }
}

#[Object(name = "MembershipQuery")]
impl<G: Graph> Query<G> {
    /// A network by its id or its slug. Without either, the caller's own network, or the only one that exists.
    async fn network(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The stable id.")] id: Option<ID>,
        #[graphql(desc = "The slug used in URLs.")] slug: Option<String>,
    ) -> Result<Option<G::Network>> {
        let membership = service(ctx)?;
        let found = match (id, slug) {
            (Some(id), _) => {
                let id: NetworkId = parse_id(&id, "id")?;
                membership.networks(&[id]).await.map_err(refuse)?.remove(&id).map(|network| network.id)
            }
            (None, Some(slug)) => {
                membership.find_network_by_slug(&slug).await.map_err(refuse)?.map(|network| network.id)
            }
            (None, None) => membership.default_network(ctx.op()?).await.map_err(refuse)?,
        };
        Ok(found.map(G::Network::from_key))
    }

    /// A hub by its id or its slug. Public; a draft is found by those who manage it.
    async fn hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The stable id.")] id: Option<ID>,
        #[graphql(desc = "The slug used in URLs.")] slug: Option<String>,
    ) -> Result<Option<G::Hub>> {
        let membership = service(ctx)?;
        let found = match (id, slug) {
            (Some(id), _) => {
                let id: HubId = parse_id(&id, "id")?;
                membership.find_visible_hub(ctx.op()?, id).await.map_err(refuse)?
            }
            (None, Some(slug)) => match membership.find_hub_by_slug(&slug).await.map_err(refuse)? {
                Some(id) => membership.find_visible_hub(ctx.op()?, id).await.map_err(refuse)?,
                None => None,
            },
            (None, None) => return Err(refuse(MembershipError::invalid("id", "an id or a slug"))),
        };
        Ok(found.map(G::Hub::from_key))
    }

    /// Hubs in order of their slugs, or nearest first if near a point: of the caller's network, or of all networks for a
    /// caller without one. Everything that is asked for must be so. Public; drafts are left out.
    #[expect(clippy::too_many_arguments, reason = "a search has many arguments, and a list four more")]
    async fn hubs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only hubs near this point, nearest first.")] near: Option<NearInput>,
        #[graphql(desc = "Only hubs in this town, or with this postal code.")] place: Option<String>,
        #[graphql(desc = "Only hubs of this kind.")] kind: Option<HubKind>,
        #[graphql(desc = "Only hubs that are open now.")] open_now: Option<bool>,
        #[graphql(desc = "Only hubs with at least so many free places.")] min_free_seats: Option<u32>,
        #[graphql(desc = "Only hubs with all of these facts.")] accessibility: Option<AccessibilityInput>,
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Result<Option<Counted<G::Hub>>> {
        let page = PageRequest::of(PageArguments { first, after, last, before }).map_err(refuse)?;
        let search = HubSearch {
            network: None,
            near: near.map(|near| near.read()).transpose().map_err(refuse)?,
            place,
            kind,
            open_now: open_now.unwrap_or_default(),
            min_free_seats,
            accessibility: accessibility.map(Into::into).unwrap_or_default(),
        };
        if !search.is_everything() {
            let (found, total) = service(ctx)?.find_hubs(ctx.op()?, &search, &page).await.map_err(refuse)?;
            let hubs = connection(found, FoundHub::cursor, |it| G::Hub::from_key(it.hub.id));
            return Ok(Some(hubs.counted(is_counted(ctx).then_some(total))));
        }
        let hubs = service(ctx)?.list_hubs(ctx.op()?, None, &page).await.map_err(refuse)?;
        let total = if is_counted(ctx) {
            Some(service(ctx)?.count_hubs(ctx.op()?, None).await.map_err(refuse)?)
        } else {
            None
        };
        let hubs = connection(hubs, |it| it.slug.clone(), |it| G::Hub::from_key(it.id));
        Ok(Some(hubs.counted(total)))
    }

    /// A hub, network, member, visit or chip by its id alone; null if it does not exist or the caller may not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The stable id.")] id: ID,
    ) -> Result<Option<Node<G>>> {
        Node::find(ctx, &id).await
    }
}
