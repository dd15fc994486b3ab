//! The events service's fields of `Member`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{Connection, Graph, coded, connection};
use kernel::MemberId;

use super::{
    Seat,
    loader::{SeatsOf, loader, page},
};
use crate::EventsError;

/// The default number of seats.
const FIRST: i32 = 20;

/// The seats of a member.
#[derive(Debug, Clone, Copy)]
pub struct MemberFields<G>(MemberId, PhantomData<fn() -> G>);

impl<G> From<MemberId> for MemberFields<G> {
    fn from(id: MemberId) -> Self {
        Self(id, PhantomData)
    }
}

#[Object(name = "EventsMemberFields")]
impl<G: Graph> MemberFields<G> {
    /// The seats this member has taken, newest first. Visible to the member and to the staff of their home hub.
    async fn seats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of items, 1 to 100.", default_with = "Some(FIRST)")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Option<Result<Connection<Seat<G>>, Error>> {
        self.read(ctx, first.unwrap_or(FIRST), after).await.transpose()
    }
}

impl<G: Graph> MemberFields<G> {
    async fn read(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<Option<Connection<Seat<G>>>, Error> {
        page(first, after.clone())?;
        let key = SeatsOf { member: self.0, first, after: after.clone() };
        let Some(seats) = loader(ctx)?.load_one(key).await? else { return Ok(None) };
        let seats = seats.map_err(|refused| coded(EventsError::from(refused)))?;
        Ok(Some(connection(seats, |seat| seat.id.to_string(), Seat::from)))
    }
}
