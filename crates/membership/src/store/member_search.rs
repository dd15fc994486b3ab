//! Rows by which members are found: one for each word of a member, all with the key that sorts the member's name.
//!
//! Always true: a member who is found has a row with the empty word, so the list of all members is a search without
//! words, and a row whose key is the time of joining, so one index serves both orders; the rows of a member are replaced in the transaction that changes them, and deleted with the member's name.

use jiff::Timestamp;
use kernel::{HubId, MemberId, NetworkId, PageRequest, PlanId};
use platform_db::{DbError, Ts, Tx};
use sea_orm::Value;
use uuid::Uuid;

use super::{
    member::{COLUMNS, member},
    to_text,
};
use crate::{Category, Member};

/// The word of every member.
const EVERYBODY: &str = "";
/// The word of every member whose key is the time of joining.
const JOINED: &str = "=joined";
/// Words are ASCII; this follows every continuation of a word.
const AFTER_ALL: &str = "\u{7F}";

/// Which members are wanted: those who meet all conditions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// The beginnings of words, the most selective first.
    pub words: Vec<String>,
    pub category: Option<Category>,
    pub plan: Option<PlanId>,
    pub is_present: bool,
    pub chip_ending: Option<String>,
    /// Whether those are wanted who have left at this instant, or the others.
    pub has_left: Option<(bool, Timestamp)>,
}

/// The position in a list of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Position {
    Name(String, MemberId),
    Joined(Timestamp, MemberId),
}

/// The order of a list of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Name,
    Joined,
}

fn category_word(category: Category) -> Result<String, DbError> {
    Ok(format!("=category:{}", to_text(&category)?))
}

/// Returns a time as a key: sorted byte by byte as the times are.
fn joined_key(joined_at: Timestamp) -> String {
    // The earliest timestamp is some 3.8e17 microseconds before 1970.
    format!("{:019}", joined_at.as_microsecond() + 1_000_000_000_000_000_000)
}

/// Inserts the rows of members who have none. `found` has the words and the sort key of each.
pub(crate) async fn insert<'m>(
    tx: &Tx,
    found: impl IntoIterator<Item = (&'m Member, Vec<String>, String)>,
) -> Result<(), DbError> {
    let mut rows = Vec::new();
    for (member, mut words, key) in found {
        words.push(EVERYBODY.to_owned());
        words.push(category_word(member.category)?);
        let joined = (JOINED.to_owned(), joined_key(member.joined_at));
        rows.extend(words.into_iter().map(|word| (word, key.clone())).chain([joined]).map(|(word, key)| {
            [
                Uuid::from(member.network).into(),
                Uuid::from(member.home).into(),
                Uuid::from(member.id).into(),
                Value::from(word),
                Value::from(key),
            ]
        }));
    }
    let head = "insert into member_search (network_id, hub_id, member_id, word, sort_key)";
    tx.insert_rows(head, rows, "").await?;
    Ok(())
}

/// Deletes the rows of members.
pub(crate) async fn forget(tx: &Tx, ids: &[MemberId]) -> Result<(), DbError> {
    let (which, ids) = tx.among_ids("member_id", 1, ids);
    tx.run(&format!("delete from member_search where {which}"), ids).await?;
    Ok(())
}

/// Returns members of a network without rows, from before there were any, and locks nothing.
pub(crate) async fn without(tx: &Tx, network: NetworkId, most: i64) -> Result<Vec<Member>, DbError> {
    let sql = format!(
        "select {COLUMNS} from member m join person p on p.person_id = m.person_id \
         where m.network_id = $1 and not m.is_searchable and p.erased_at is null \
         order by m.member_id limit $2"
    );
    tx.rows(&sql, [Uuid::from(network).into(), most.into()]).await?.iter().map(member).collect()
}

/// Records that members have rows.
pub(crate) async fn mark(tx: &Tx, network: NetworkId, ids: &[MemberId]) -> Result<(), DbError> {
    let (which, ids) = tx.among_ids("member_id", 2, ids);
    let sql = format!("update member set is_searchable = true where network_id = $1 and {which}");
    tx.run(&sql, std::iter::once(Uuid::from(network).into()).chain(ids)).await?;
    Ok(())
}

/// Lists the wanted members of a hub from a position on, each with its position.
pub(crate) async fn list(
    tx: &Tx,
    (network, hub): (NetworkId, HubId),
    wanted: &Wanted,
    order: Order,
    cursor: Option<Position>,
    page: &PageRequest,
) -> Result<Vec<(Member, Position)>, DbError> {
    let mut statement = Statement::new(network, hub, wanted, order)?;
    let key = statement.key;
    let (beyond, direction) = if page.is_backward() { ("<", "desc") } else { (">", "asc") };
    if let Some(cursor) = cursor {
        let (at, of) = match cursor {
            Position::Name(at, id) => (statement.value(at), statement.value(Uuid::from(id))),
            Position::Joined(at, id) => (statement.value(joined_key(at)), statement.value(Uuid::from(id))),
        };
        statement.conditions.push(format!("({key}, s.member_id) {beyond} ({at}, {of})"));
    }
    let distinct = if statement.may_repeat { "distinct" } else { "" };
    let limit = statement.value(i64::try_from(page.fetch()).unwrap_or(i64::MAX));
    let sql = format!(
        "select {COLUMNS}, f.place from \
         (select {distinct} {key} as place, s.member_id from {} where {} \
         order by {key} {direction}, s.member_id {direction} limit {limit}) f \
         join member m on m.member_id = f.member_id join person p on p.person_id = m.person_id \
         where m.network_id = $1 and p.erased_at is null \
         order by f.place {direction}, f.member_id {direction}",
        statement.from,
        statement.conditions.join(" and "),
    );
    let rows = tx.rows(&sql, statement.values).await?;
    rows.iter()
        .map(|row| {
            let member = member(row)?;
            let position = match order {
                Order::Name => Position::Name(row.try_get("", "place")?, member.id),
                Order::Joined => Position::Joined(member.joined_at, member.id),
            };
            Ok((member, position))
        })
        .collect()
}

/// Counts the wanted members of a hub.
pub(crate) async fn count(
    tx: &Tx,
    (network, hub): (NetworkId, HubId),
    wanted: &Wanted,
) -> Result<i64, DbError> {
    let statement = Statement::new(network, hub, wanted, Order::Name)?;
    let sql = format!(
        "select count(distinct s.member_id) as members from {} where {}",
        statement.from,
        statement.conditions.join(" and ")
    );
    let row = tx.row(&sql, statement.values).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "members")?))
}

/// The rows that are read and the conditions they meet. `s` is a row of the member in `member_search`.
struct Statement {
    from: String,
    /// The column by which rows are sorted.
    key: &'static str,
    conditions: Vec<String>,
    values: Vec<Value>,
    /// Whether a member may have several such rows.
    may_repeat: bool,
}

impl Statement {
    /// Begins at the condition that the fewest members meet: a chip, presence, a word, a category.
    fn new(network: NetworkId, hub: HubId, wanted: &Wanted, order: Order) -> Result<Self, DbError> {
        let values = vec![Uuid::from(network).into(), Uuid::from(hub).into()];
        let mut it = Self {
            from: String::new(),
            key: "s.sort_key",
            conditions: Vec::new(),
            values,
            may_repeat: false,
        };
        // Whether the rows that are read have the key of the wanted order.
        let mut is_in_order = order == Order::Name;
        let mut words = wanted.words.iter();
        let mut category = wanted.category.map(category_word).transpose()?;
        let of_member = "join member_search s on s.member_id = d.member_id and s.word = ''";
        if let Some(ending) = &wanted.chip_ending {
            let ending = it.value(ending.clone());
            it.from = format!("credential d {of_member}");
            it.conditions.push(format!(
                "d.network_id = $1 and d.hub_id = $2 and d.ending = {ending} and d.revoked_at is null"
            ));
            it.may_repeat = true;
        } else if wanted.is_present {
            it.from = format!("visit d {of_member}");
            it.conditions.push("d.network_id = $1 and d.hub_id = $2 and d.home_hub_id = $2".to_owned());
            it.conditions.push("d.ended_at is null and not d.annulled".to_owned());
        } else if let Some(word) = words.next() {
            "member_search s".clone_into(&mut it.from);
            let begins = it.begins("s", word);
            it.conditions.push(format!("s.network_id = $1 and s.hub_id = $2 and {begins}"));
            it.may_repeat = true;
        } else if let Some(word) = category.take() {
            "member_search s".clone_into(&mut it.from);
            let word = it.value(word);
            it.conditions.push(format!("s.network_id = $1 and s.hub_id = $2 and s.word = {word}"));
        } else {
            "member_search s".clone_into(&mut it.from);
            let word = it.value(if order == Order::Joined { JOINED } else { EVERYBODY });
            it.conditions.push(format!("s.network_id = $1 and s.hub_id = $2 and s.word = {word}"));
            is_in_order = true;
        }
        for word in words {
            let begins = it.begins("o", word);
            it.conditions.push(format!(
                "exists (select 1 from member_search o where o.member_id = s.member_id and {begins})"
            ));
        }
        if let Some(word) = category {
            let word = it.value(word);
            it.conditions.push(format!(
                "exists (select 1 from member_search o where o.member_id = s.member_id and o.word = {word})"
            ));
        }
        if wanted.chip_ending.is_some() && wanted.is_present {
            it.conditions.push(
                "exists (select 1 from visit v where v.network_id = $1 and v.hub_id = $2 \
                 and v.member_id = s.member_id and v.ended_at is null and not v.annulled)"
                    .to_owned(),
            );
        }
        if let Some(plan) = wanted.plan {
            let plan = it.value(Uuid::from(plan));
            it.conditions.push(format!(
                "exists (select 1 from member o where o.member_id = s.member_id and o.plan_id = {plan})"
            ));
        }
        if let Some((has_left, now)) = wanted.has_left {
            let now = it.value(Ts(now));
            let not = if has_left { "" } else { "not" };
            it.conditions.push(format!(
                "{not} exists (select 1 from member o where o.member_id = s.member_id and o.left_at <= {now} \
                 and (o.returned_at is null or o.returned_at > {now}))"
            ));
        }
        if !is_in_order {
            it.from.push_str(" join member_search j on j.member_id = s.member_id and j.word = '=joined'");
            it.key = "j.sort_key";
        }
        Ok(it)
    }

    fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The condition that a word of `row` begins with this.
    fn begins(&mut self, row: &str, word: &str) -> String {
        let (from, until) = (self.value(word), self.value(format!("{word}{AFTER_ALL}")));
        format!("{row}.word >= {from} and {row}.word < {until}")
    }
}
