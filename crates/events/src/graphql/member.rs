//! The events service's fields of `Member`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{Connection, Graph, checked, coded, connection};
use kernel::{MemberId, PageArguments};

use super::{
    Seat,
    loaders::{Loaders, SeatsOf},
};
use crate::EventsError;

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
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Option<Result<Connection<Seat<G>>, Error>> {
        self.read(ctx, PageArguments { first, after, last, before }).await.transpose()
    }
}

impl<G: Graph> MemberFields<G> {
    async fn read(
        &self,
        ctx: &Context<'_>,
        page: PageArguments,
    ) -> Result<Option<Connection<Seat<G>>>, Error> {
        let key = SeatsOf { member: self.0, page: checked(page)? };
        let Some(seats) = Loaders::find(ctx)?.load_one(key).await? else { return Ok(None) };
        let seats = seats.map_err(|refused| coded(EventsError::from(refused)))?;
        Ok(Some(connection(seats, |seat| seat.id.to_string(), Seat::from)))
    }
}
