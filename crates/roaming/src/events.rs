//! What roaming tells the other services. Add fields, never change meanings; a new meaning is a new version. A file
//! in `golden/` freezes each version.

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
    /// A member may roam.
    PassIssued = "roaming.pass_issued.v1" about pass_id {
        /// The pass.
        pass_id: PassId,
        /// Who may roam.
        member_id: MemberId,
        /// The hub that gave it.
        home_hub_id: HubId,
        /// The first instant it counts.
        valid_from: Timestamp,
        /// The first instant it no longer counts; open if null.
        valid_until: Option<Timestamp>,
        /// The most minutes a month away from home; unlimited if null.
        monthly_ceiling_minutes: Option<u32>,
    }
    /// A member may no longer roam.
    PassEnded = "roaming.pass_ended.v1" about pass_id {
        /// The pass.
        pass_id: PassId,
        /// Whose it was.
        member_id: MemberId,
        /// Since when it no longer counts.
        ended_at: Timestamp,
    }
    /// A hub has new guest prices.
    TariffPublished = "roaming.tariff_published.v1" about tariff_id {
        /// This version of the tariff.
        tariff_id: TariffId,
        /// The hub.
        hub_id: HubId,
        /// 1, 2, 3 … within the hub.
        version: u32,
        /// From when on it counts.
        valid_from: Timestamp,
    }
    /// A visit was charged, or a charge taken back.
    ChargePosted = "roaming.charge_posted.v1" about charge_id {
        /// The charge.
        charge_id: ChargeId,
        /// The visit.
        visit_id: VisitId,
        /// The host.
        hub_id: HubId,
        /// The visitor's home hub.
        home_hub_id: HubId,
        /// The visitor.
        member_id: MemberId,
        /// What the home hub owes the host; negative on a credit.
        amount: Money,
        /// Whole minutes of the visit; negative on a credit.
        minutes: i64,
        /// The month it is settled in.
        period: Month,
        /// The charge this one takes back.
        credits: Option<ChargeId>,
    }
    /// A month is settled.
    SettlementClosed = "roaming.settlement_closed.v1" about settlement_id {
        /// The settlement.
        settlement_id: SettlementId,
        /// The network.
        network_id: NetworkId,
        /// The month.
        month: Month,
        /// One per hub.
        positions: Vec<NetPosition>,
    }
}

/// What a hub receives after a month, or pays if negative, in its own currency.
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
    /// The telling of a pass's end.
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
