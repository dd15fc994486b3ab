//! Finds members of a hub by words of their name or address, category, plan, presence and chip.
//!
//! Always true: only the staff of the home hub find its members; conditions are combined by *and*; a blank text is no
//! condition.

use std::fmt;

use jiff::Timestamp;
use kernel::{HubId, MemberId, OpContext, Page, PageError, PageRequest, Permission, PlanId, read_instant};
use platform_db::Reach;

use crate::{
    Category, Hub, Member, Membership, MembershipError,
    search_form::{MOST_WORDS, searched_words},
    store::{
        self,
        member_search::{Order, Position, Wanted},
    },
};

/// Longer texts are no search.
const LONGEST_TEXT: usize = 200;

/// The members that are looked for.
#[derive(Debug, Clone)]
pub struct FindMembers {
    /// Their home hub.
    pub hub: HubId,
    /// Beginnings of words of the name or the e-mail address.
    pub text: Option<String>,
    /// The category.
    pub category: Option<Category>,
    /// The plan.
    pub plan: Option<PlanId>,
    /// Whether they are in the hub now.
    pub is_present: bool,
    /// The last four digits of a chip that works.
    pub chip_ending: Option<String>,
    /// Whether they have left; `None` if it does not matter.
    pub has_left: Option<bool>,
    /// Whether they are sorted by the start of their membership; else by name.
    pub is_by_joining: bool,
    /// The page of the list.
    pub page: PageRequest,
}

/// The position of a member in a list: the cursor that clients get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemberPosition(Position);

impl Membership {
    /// Lists the members that meet all conditions, for the hub's staff.
    ///
    /// # Errors
    /// See [`kernel::AuthError`]; `INVALID_INPUT` for a text without a letter or digit and for a cursor of another list.
    #[tracing::instrument(name = "membership.find_members", skip_all)]
    pub(crate) async fn find_members(
        &self,
        op: &OpContext,
        find: &FindMembers,
    ) -> Result<Page<(Member, MemberPosition)>, MembershipError> {
        let hub = self.hub(find.hub).await?;
        op.require_at_hub(Permission::ReadMembers, hub.id, hub.network)?;
        let wanted = find.wanted(op)?;
        let order = find.order();
        let cursor = find.page.read_cursor(|cursor| MemberPosition::read(cursor, order))?;
        let tx = self.db.read(Reach::Network(hub.network)).await?;
        let cursor = cursor.map(|MemberPosition(at)| at);
        let found = store::member_search::list(&tx, place(&hub), &wanted, order, cursor, &find.page).await?;
        let found = found.into_iter().map(|(member, at)| (member, MemberPosition(at))).collect();
        Ok(find.page.page(found))
    }

    /// Counts the members that meet all conditions, for the hub's staff.
    ///
    /// # Errors
    /// As [`Self::find_members`].
    pub(crate) async fn count_found_members(
        &self,
        op: &OpContext,
        find: &FindMembers,
    ) -> Result<i64, MembershipError> {
        let hub = self.hub(find.hub).await?;
        op.require_at_hub(Permission::ReadMembers, hub.id, hub.network)?;
        let wanted = find.wanted(op)?;
        let tx = self.db.read(Reach::Network(hub.network)).await?;
        Ok(store::member_search::count(&tx, place(&hub), &wanted).await?)
    }
}

fn place(hub: &Hub) -> (kernel::NetworkId, HubId) {
    (hub.network, hub.id)
}

impl FindMembers {
    fn order(&self) -> Order {
        if self.is_by_joining { Order::Joined } else { Order::Name }
    }

    fn wanted(&self, op: &OpContext) -> Result<Wanted, MembershipError> {
        let text = self.text.as_deref().map_or("", str::trim);
        if text.chars().count() > LONGEST_TEXT {
            let rule = format!("must have at most {LONGEST_TEXT} characters");
            return Err(MembershipError::invalid("search.text", rule));
        }
        let words = searched_words(text);
        if words.is_empty() && !text.is_empty() {
            return Err(MembershipError::invalid("search.text", "must contain a letter or a digit"));
        }
        if words.len() > MOST_WORDS {
            return Err(MembershipError::invalid("search.text", format!("at most {MOST_WORDS} at once")));
        }
        let chip_ending = self.chip_ending.as_deref().map(str::trim).map(str::to_uppercase);
        if chip_ending
            .as_ref()
            .is_some_and(|ending| ending.len() != 4 || !ending.chars().all(|digit| digit.is_ascii_hexdigit()))
        {
            return Err(MembershipError::invalid("search.chipEnding", "must be four hexadecimal digits"));
        }
        Ok(Wanted {
            words,
            category: self.category,
            plan: self.plan,
            is_present: self.is_present,
            chip_ending,
            has_left: self.has_left.map(|has_left| (has_left, op.now())),
        })
    }
}

impl MemberPosition {
    fn read(cursor: &str, order: Order) -> Result<Self, PageError> {
        let foreign = PageError::Cursor;
        let (at, id) = cursor.split_once('~').ok_or(foreign.clone())?;
        let id: MemberId = id.parse().map_err(|_bad| foreign.clone())?;
        let position = match order {
            Order::Name if at.chars().all(|digit| digit.is_ascii_hexdigit()) => {
                Position::Name(at.to_owned(), id)
            }
            Order::Name => return Err(foreign),
            Order::Joined => {
                let at: Timestamp = read_instant(at).map_err(|_bad| foreign)?;
                Position::Joined(at, id)
            }
        };
        Ok(Self(position))
    }
}

impl fmt::Display for MemberPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Position::Name(key, id) => write!(f, "{key}~{id}"),
            Position::Joined(at, id) => write!(f, "{at}~{id}"),
        }
    }
}
