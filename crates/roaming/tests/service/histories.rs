//! Ten thousand random histories of visits, corrections, repetitions and closes, checked against a model that keeps a
//! plain list of everything and sums it up anew each time.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{Timestamp, ToSpan};
use kernel::{
    ChargeId, Currency, HubId, Id, Interval, MemberId, Money, Month, NetworkId, TariffId, VisitId, World,
};
use proptest::prelude::*;
use roaming::{
    Account, Books, Category, ChargeLine, DayTotal, Entry, KnownHub, KnownMember, KnownNetwork, MemberPlan,
    Outcome, Rates, Settlement, Tariff, Terms, TermsDraft, VisitEvent,
    model::{
        ledger::{Cause, Transaction},
        netting::{GrossAmount, Netting, net},
        rating::{Stay, rate},
    },
};

const RATES: &str =
    "on,currency,per_eur\n2026-01-01,CZK,24.305\n2026-01-01,PLN,4.2390\n2026-09-15,PLN,4.2001\n";
const MONTHS: [&str; 4] = ["2026-08", "2026-09", "2026-10", "2026-11"];

/// One step of a history. A visit's member, home and host follow from its number.
#[derive(Debug, Clone, Copy)]
enum Step {
    Receive { visit: usize, revision: i64, start_minute: i64, minutes: i64, outcome: u8 },
    Close(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    let receive = (0_usize..8, 1_i64..5, 0_i64..130_000, 0_i64..1_500, 0_u8..5).prop_map(
        |(visit, revision, start_minute, minutes, outcome)| {
            // Starts fall on few days, so that visits share them.
            Step::Receive {
                visit,
                revision,
                start_minute: start_minute / 14_000 * 14_000 + start_minute % 700,
                minutes,
                outcome,
            }
        },
    );
    prop_oneof![6 => receive, 1 => (0..MONTHS.len()).prop_map(Step::Close)]
}

/// The network of all histories: three hubs, three currencies, three sorts of prices.
struct Stage {
    world: World,
    network: KnownNetwork,
    hubs: Vec<KnownHub>,
    tariffs: Vec<Tariff>,
    visits: Vec<VisitId>,
    members: Vec<kernel::MemberId>,
    rates: Rates,
}

impl Stage {
    fn set() -> Self {
        let world = World::for_test(11);
        let id: NetworkId = Id::generate(&world);
        let hub = |zone: &str, currency: &str| KnownHub {
            id: Id::generate(&world),
            network: id,
            zone: zone.parse().expect("a zone"),
            currency: currency.parse().expect("a currency"),
        };
        let hubs = vec![hub("Europe/Prague", "CZK"), hub("Europe/Kyiv", "PLN"), hub("Europe/Lisbon", "EUR")];
        let limits = [(None, Some("350")), (Some("12.34"), None), (Some("1"), Some("20"))];
        let tariffs = hubs.iter().zip(limits).map(|(hub, (minimum, maximum))| {
            let draft = TermsDraft {
                name: "Guests".into(),
                price_per_hour: "47.11".into(),
                grace_minutes: 10,
                billing_step_seconds: 420,
                minimum_per_day: minimum.map(str::to_owned),
                maximum_per_day: maximum.map(str::to_owned),
                elements: Vec::new(),
            };
            Tariff {
                id: TariffId::generate(&world),
                network: id,
                hub: hub.id,
                version: 1,
                valid_from: Timestamp::UNIX_EPOCH,
                published_at: Timestamp::UNIX_EPOCH,
                terms: Terms::check(&draft, hub.currency).expect("good terms"),
            }
        });
        Self {
            network: KnownNetwork {
                id,
                clearing_currency: Currency::EUR,
                zone: "Europe/Prague".parse().expect("a zone"),
                home_commission_bp: 333,
                network_commission_bp: 217,
            },
            tariffs: tariffs.collect(),
            visits: (0..8).map(|_| Id::generate(&world)).collect(),
            members: (0..3).map(|_| Id::generate(&world)).collect(),
            rates: Rates::parse(RATES).expect("rates").at_most_old(400),
            hubs,
            world,
        }
    }

    fn books(&self) -> Books {
        let mut books = Books::new(self.network.id);
        books.hubs = self.hubs.iter().map(|hub| (hub.id, hub.clone())).collect();
        let member = |(place, id): (usize, &MemberId)| {
            let home_hub = self.hubs[place].id;
            (*id, KnownMember { id: *id, network: self.network.id, home_hub, plan: MemberPlan::Roaming })
        };
        books.members = self.members.iter().enumerate().map(member).collect();
        books.tariffs = self.tariffs.iter().map(|tariff| (tariff.hub, vec![tariff.clone()])).collect();
        books
    }

    fn event(&self, visit: usize, revision: i64, start_minute: i64, minutes: i64, outcome: u8) -> VisitEvent {
        let began: Timestamp = "2026-08-01T06:00:00Z".parse().expect("an instant");
        let started_at = began + start_minute.minutes();
        VisitEvent {
            visit: self.visits[visit],
            revision,
            hub: self.hubs[visit % 3].id,
            home_hub: self.hubs[visit / 3].id,
            member: self.members[visit / 3],
            category: Category::Resident,
            started_at,
            outcome: match outcome {
                0 => Outcome::Annulled,
                1 => Outcome::Open,
                _ => Outcome::Ended(started_at + minutes.minutes()),
            },
        }
    }
}

/// The model: the ended visits, as currently known. Their prices follow from the set of them (R20).
#[derive(Default)]
struct Model {
    revisions: HashMap<VisitId, i64>,
    ended: Vec<(VisitEvent, Timestamp)>,
}

impl Model {
    fn take(&mut self, event: VisitEvent) {
        if self.revisions.get(&event.visit).is_some_and(|last| *last >= event.revision) {
            return;
        }
        self.revisions.insert(event.visit, event.revision);
        self.ended.retain(|(other, _)| other.visit != event.visit);
        if let Outcome::Ended(ended_at) = event.outcome {
            self.ended.push((event, ended_at));
        }
    }

    /// Returns the lines of every visit, by rating all of them in the order they began.
    fn lines(&self, stage: &Stage) -> Vec<(VisitEvent, Vec<ChargeLine>)> {
        let mut ended = self.ended.clone();
        ended.sort_by_key(|(event, _)| (event.started_at, event.visit));
        let mut rated = Vec::new();
        for (event, ended_at) in ended {
            let lines = Self::lines_after(stage, &rated, event, ended_at);
            rated.push((event, lines));
        }
        rated
    }

    fn lines_after(
        stage: &Stage,
        rated: &[(VisitEvent, Vec<ChargeLine>)],
        event: VisitEvent,
        ended_at: Timestamp,
    ) -> Vec<ChargeLine> {
        if event.hub == event.home_hub {
            return Vec::new();
        }
        let hub = stage.hubs.iter().find(|hub| hub.id == event.hub).expect("a hub");
        let tariff = stage.tariffs.iter().find(|tariff| tariff.hub == event.hub).expect("a tariff");
        let interval = Interval::new(event.started_at, ended_at).expect("forward");
        let stay = Stay { interval, zone: &hub.zone, category: event.category };
        let so_far = |day| {
            let same_day =
                rated.iter().filter(|(other, _)| (other.hub, other.member) == (event.hub, event.member));
            let lines = same_day.flat_map(|(_, lines)| lines).filter(|line| line.day == day);
            lines.fold(DayTotal::default(), |total, line| total.plus(line).expect("in range"))
        };
        rate(stay, &tariff.terms, so_far).expect("in range").lines
    }

    fn amounts(&self, stage: &Stage) -> HashMap<VisitId, i64> {
        let amount = |lines: &[ChargeLine]| lines.iter().map(|line| line.amount.minor).sum();
        self.lines(stage).iter().map(|(event, lines)| (event.visit, amount(lines))).collect()
    }
}

/// Everything posted in one history.
#[derive(Default)]
struct Posted {
    entries: Vec<(Month, Entry)>,
    closed: BTreeMap<Month, Netting>,
}

impl Posted {
    fn post(&mut self, transaction: Option<Transaction>) {
        let Some(transaction) = transaction else { return };
        let period = transaction.period;
        self.entries.extend(transaction.entries().iter().map(|entry| (period, *entry)));
    }

    fn close(&mut self, stage: &Stage, books: &mut Books, month: Month) {
        if self.closed.contains_key(&month) {
            return;
        }
        let mut sums: BTreeMap<(HubId, HubId), Money> = BTreeMap::new();
        for charge in books.posted.iter().filter(|charge| charge.period == month && charge.is_roaming()) {
            let sum =
                sums.entry((charge.home_hub, charge.hub)).or_insert(Money::zero(charge.amount.currency));
            *sum = sum.plus(charge.amount).expect("in range");
        }
        let amounts: Vec<GrossAmount> = sums
            .into_iter()
            .map(|((home_hub, host_hub), gross)| GrossAmount { home_hub, host_hub, gross })
            .collect();
        let day = Settlement::rates_day(month);
        let netting =
            net(&stage.network, &stage.hubs, &amounts, day, &stage.rates).expect("it can be netted");
        let cause = Cause::Settlement(Id::generate(&stage.world));
        self.post(Transaction::balanced(cause, month, &netting.entries, &stage.world).expect("it balances"));
        self.closed.insert(month, netting);
        books.closed.close(month);
    }

    fn balance(&self, month: Month, account: Account, currency: Currency) -> i64 {
        let entries =
            self.entries.iter().filter(|(period, entry)| *period == month && entry.account == account);
        entries
            .filter(|(_, entry)| entry.amount.currency == currency)
            .map(|(_, entry)| entry.amount.minor)
            .sum()
    }
}

fn play(stage: &Stage, steps: &[Step]) -> (Books, Model, Posted) {
    let (mut books, mut model, mut posted) = (stage.books(), Model::default(), Posted::default());
    for step in steps {
        match *step {
            Step::Receive { visit, revision, start_minute, minutes, outcome } => {
                let event = stage.event(visit, revision, start_minute, minutes, outcome);
                let before = books.posted.len();
                books.take(&event, &stage.world).expect("it can be charged");
                model.take(event);
                for charge in &books.posted[before..] {
                    posted.post(Transaction::of_charge(charge, &stage.world).expect("it balances"));
                }
            }
            Step::Close(month) => posted.close(stage, &mut books, MONTHS[month].parse().expect("a month")),
        }
    }
    (books, model, posted)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_history_matches_the_model_and_sums_to_zero(steps in prop::collection::vec(any_step(), 1..16)) {
        thread_local!(static STAGE: Stage = Stage::set());
        STAGE.with(|stage| check(stage, &steps))?;
    }
}

fn check(stage: &Stage, steps: &[Step]) -> Result<(), TestCaseError> {
    let (books, model, posted) = play(stage, steps);
    one_effective_charge_per_ended_visit(stage, &books, &model)?;
    every_currency_sums_to_zero(&posted)?;
    for (month, netting) in &posted.closed {
        the_month_is_settled_for_good(stage, &posted, *month, netting)?;
    }
    Ok(())
}

/// R7, R10, R11, R20.
fn one_effective_charge_per_ended_visit(
    stage: &Stage,
    books: &Books,
    model: &Model,
) -> Result<(), TestCaseError> {
    let credited: HashSet<ChargeId> = books.posted.iter().filter_map(|charge| charge.credits).collect();
    let is_effective = |charge: &&roaming::Charge| charge.credits.is_none() && !credited.contains(&charge.id);
    let effective: Vec<_> = books.posted.iter().filter(is_effective).collect();
    let amounts: HashMap<VisitId, i64> =
        effective.iter().map(|charge| (charge.visit, charge.amount.minor)).collect();
    prop_assert_eq!(amounts.len(), effective.len(), "two charges for one visit");
    prop_assert_eq!(amounts, model.amounts(stage));
    let credits = books.posted.iter().filter(|charge| charge.credits.is_some()).count();
    prop_assert_eq!(credits, credited.len(), "one charge credited twice");
    Ok(())
}

/// R10, R13.
fn every_currency_sums_to_zero(posted: &Posted) -> Result<(), TestCaseError> {
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for (_, entry) in &posted.entries {
        *sums.entry(entry.amount.currency).or_default() += entry.amount.minor;
    }
    prop_assert!(sums.values().all(|sum| *sum == 0), "{:?}", sums);
    Ok(())
}

/// R13 and R14: the settled amounts of the month still equal its entries, and no amount of it is open.
fn the_month_is_settled_for_good(
    stage: &Stage,
    posted: &Posted,
    month: Month,
    netting: &Netting,
) -> Result<(), TestCaseError> {
    for currency in stage.hubs.iter().map(|hub| hub.currency) {
        let mut sum = posted.balance(month, Account::Exchange, currency);
        sum += posted.balance(month, Account::Commission, currency);
        for position in &netting.positions {
            prop_assert_eq!(posted.balance(month, Account::Open(position.hub), currency), 0);
            let settled = posted.balance(month, Account::Settled(position.hub), currency);
            let net = if position.net.currency == currency { position.net.minor } else { 0 };
            prop_assert_eq!(settled, net);
            sum += net;
        }
        prop_assert_eq!(sum, 0, "{} of {}", currency, month);
    }
    let commission = netting.network_commission;
    prop_assert_eq!(posted.balance(month, Account::Commission, commission.currency), commission.minor);
    Ok(())
}
