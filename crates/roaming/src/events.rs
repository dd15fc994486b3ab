//! The events roaming publishes. Add fields, never change meanings; a new meaning is a new version. A file in
//! `golden/` freezes each version.

use jiff::Timestamp;
use kernel::{
    ChargeId, HubId, MemberId, Money, Month, NetworkId, PassId, Published, SettlementId, TariffId, VisitId,
};
use serde::{Deserialize, Serialize};

use crate::{Charge, RoamingPass, Settlement, Tariff};

macro_rules! published {
    ($($(#[$doc:meta])* $name:ident = $kind:literal about $subject:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        impl Published for $name {
            const TYPE: &'static str = $kind;
            fn subject(&self) -> String { self.$subject.to_string() }
        }
    )*};
}

published! {
    /// A roaming pass was issued.
    PassIssued = "roaming.pass_issued.v1" about pass_id {
        /// The pass.
        pass_id: PassId,
        /// The member who may roam.
        member_id: MemberId,
        /// The hub that issued the pass.
        home_hub_id: HubId,
        /// The start of validity (inclusive).
        valid_from: Timestamp,
        /// The end of validity (exclusive); open if null.
        valid_until: Option<Timestamp>,
        /// The maximum roaming minutes a month; unlimited if null.
        monthly_ceiling_minutes: Option<u32>,
    }
    /// A roaming pass ended.
    PassEnded = "roaming.pass_ended.v1" about pass_id {
        /// The pass.
        pass_id: PassId,
        /// The member who held it.
        member_id: MemberId,
        /// The time from which it is no longer valid.
        ended_at: Timestamp,
    }
    /// A hub published new guest prices.
    TariffPublished = "roaming.tariff_published.v1" about tariff_id {
        /// This version of the tariff.
        tariff_id: TariffId,
        /// The hub.
        hub_id: HubId,
        /// 1, 2, 3 … within the hub.
        version: u32,
        /// The start of validity.
        valid_from: Timestamp,
    }
    /// A charge or a credit was posted.
    ChargePosted = "roaming.charge_posted.v1" about charge_id {
        /// The charge.
        charge_id: ChargeId,
        /// The visit.
        visit_id: VisitId,
        /// The host hub.
        hub_id: HubId,
        /// The visitor's home hub.
        home_hub_id: HubId,
        /// The visitor.
        member_id: MemberId,
        /// The amount the home hub owes the host; negative on a credit.
        amount: Money,
        /// The visit's whole minutes; negative on a credit.
        minutes: i64,
        /// The settlement month.
        period: Month,
        /// The charge that this credit cancels.
        credits: Option<ChargeId>,
    }
    /// A month was settled.
    SettlementClosed = "roaming.settlement_closed.v1" about settlement_id {
        /// The settlement.
        settlement_id: SettlementId,
        /// The network.
        network_id: NetworkId,
        /// The month.
        month: Month,
        /// One position per hub.
        positions: Vec<NetPosition>,
    }
}

/// The amount a hub receives for a month, or pays if negative, in its own currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetPosition {
    /// The hub.
    pub hub_id: HubId,
    /// The amount.
    pub net: Money,
}

impl From<&RoamingPass> for PassIssued {
    fn from(pass: &RoamingPass) -> Self {
        Self {
            pass_id: pass.id,
            member_id: pass.member,
            home_hub_id: pass.home_hub,
            valid_from: pass.valid_from,
            valid_until: pass.valid_until,
            monthly_ceiling_minutes: pass.monthly_ceiling_minutes,
        }
    }
}

impl PassEnded {
    /// Makes the event of a pass's end.
    pub(crate) fn of(pass: &RoamingPass, ended_at: Timestamp) -> Self {
        Self { pass_id: pass.id, member_id: pass.member, ended_at }
    }
}

impl From<&Tariff> for TariffPublished {
    fn from(tariff: &Tariff) -> Self {
        Self {
            tariff_id: tariff.id,
            hub_id: tariff.hub,
            version: tariff.version,
            valid_from: tariff.valid_from,
        }
    }
}

impl From<&Charge> for ChargePosted {
    fn from(charge: &Charge) -> Self {
        Self {
            charge_id: charge.id,
            visit_id: charge.visit,
            hub_id: charge.hub,
            home_hub_id: charge.home_hub,
            member_id: charge.member,
            amount: charge.amount,
            minutes: charge.minutes,
            period: charge.period,
            credits: charge.credits,
        }
    }
}

impl From<&Settlement> for SettlementClosed {
    fn from(settlement: &Settlement) -> Self {
        let positions = settlement.positions.iter();
        Self {
            settlement_id: settlement.id,
            network_id: settlement.network,
            month: settlement.month,
            positions: positions
                .map(|position| NetPosition { hub_id: position.hub, net: position.net })
                .collect(),
        }
    }
}
