//! R20 from a member's view: the price of a day depends only on the set of its visits. It does not depend on the
//! order in which the visits became known, on repetitions, on earlier revisions, or on settlements in between.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{Timestamp, ToSpan, civil::Date};
use kernel::{ChargeId, HubId, Id, Interval, MemberId, Month, NetworkId, TariffId, VisitId, World, Zone};
use proptest::prelude::*;
use roaming::{
    Books, Category, Charge, ChargeLine, DayTotal, KnownHub, KnownMember, MemberPlan, Outcome, Tariff, Terms,
    TermsDraft, VisitEvent,
    model::{
        ledger::Transaction,
        rating::{Stay, rate},
    },
};

use crate::app::{TestApp, Visit, at, prices};

/// One event about a visit.
#[derive(Debug, Clone, Copy)]
struct DrawnEvent {
    visit: usize,
    revision: i64,
    start_minute: i64,
    /// `None` if the visit was annulled.
    minutes: Option<i64>,
}

#[derive(Debug, Clone)]
enum Step {
    Receive(DrawnEvent),
    Close(&'static str),
}

/// The days in which the clocks go back and a month ends.
const BEGINNING: &str = "2026-10-24T16:00:00Z";
const MONTHS: [&str; 3] = ["2026-10", "2026-11", "2026-12"];

prop_compose! {
    /// A visit and all its events; the last one is true.
    fn any_visit()(
        day in prop::sample::select(vec![0_i64, 0, 1, 7]),
        minute in 0_i64..1_000,
        versions in prop::collection::vec(prop::option::weighted(0.8, 0_i64..900), 1..4),
    ) -> (i64, Vec<Option<i64>>) {
        (day * 1_440 + minute, versions)
    }
}

fn any_history() -> impl Strategy<Value = Vec<Step>> {
    let visits = prop::collection::vec(any_visit(), 1..6);
    let closes = prop::collection::vec(prop::sample::select(MONTHS.to_vec()), 0..3);
    let again = prop::collection::vec(any::<prop::sample::Index>(), 0..4);
    (visits, closes, again)
        .prop_map(|(visits, closes, again)| {
            let mut steps: Vec<Step> = drawn_events(&visits).into_iter().map(Step::Receive).collect();
            steps.extend(again.iter().map(|index| index.get(&steps).clone()).collect::<Vec<_>>());
            steps.extend(closes.into_iter().map(Step::Close));
            steps
        })
        .prop_shuffle()
}

fn drawn_events(visits: &[(i64, Vec<Option<i64>>)]) -> Vec<DrawnEvent> {
    let of_visit = |(visit, (start_minute, versions)): (usize, &(i64, Vec<Option<i64>>))| {
        let drawn = |(revision, minutes): (i64, &Option<i64>)| DrawnEvent {
            visit,
            revision,
            start_minute: *start_minute,
            minutes: *minutes,
        };
        (1..).zip(versions).map(drawn).collect::<Vec<_>>()
    };
    visits.iter().enumerate().flat_map(of_visit).collect()
}

/// A guest at a hub whose day costs between 90 and 350, if it costs anything.
struct Stage {
    world: World,
    network: NetworkId,
    home: KnownHub,
    host: KnownHub,
    member: MemberId,
    visits: Vec<VisitId>,
    tariff: Tariff,
}

impl Stage {
    fn set() -> Self {
        let world = World::for_test(20);
        let network: NetworkId = Id::generate(&world);
        let hub = || KnownHub {
            id: HubId::generate(&world),
            network,
            zone: "Europe/Prague".parse().expect("a zone"),
            currency: "CZK".parse().expect("a currency"),
        };
        let (home, host) = (hub(), hub());
        let draft = TermsDraft { minimum_per_day: Some("90".into()), ..prices() };
        let tariff = Tariff {
            id: TariffId::generate(&world),
            network,
            hub: host.id,
            version: 1,
            valid_from: Timestamp::UNIX_EPOCH,
            published_at: Timestamp::UNIX_EPOCH,
            terms: Terms::check(&draft, host.currency).expect("good terms"),
        };
        let (member, visits) = (Id::generate(&world), (0..6).map(|_| Id::generate(&world)).collect());
        Self { world, network, home, host, member, visits, tariff }
    }

    fn books(&self) -> Books {
        let mut books = Books::new(self.network);
        books.hubs = [&self.home, &self.host].map(|hub| (hub.id, hub.clone())).into();
        let member = KnownMember {
            id: self.member,
            network: self.network,
            home_hub: self.home.id,
            plan: MemberPlan::Roaming,
        };
        books.members = HashMap::from([(self.member, member)]);
        books.tariffs = HashMap::from([(self.host.id, vec![self.tariff.clone()])]);
        books
    }

    fn event(&self, drawn: DrawnEvent) -> VisitEvent {
        let started_at = at(BEGINNING) + drawn.start_minute.minutes();
        let ended = |minutes: i64| Outcome::Ended(started_at + minutes.minutes());
        VisitEvent {
            visit: self.visits[drawn.visit],
            revision: drawn.revision,
            hub: self.host.id,
            home_hub: self.home.id,
            member: self.member,
            category: Category::Student,
            started_at,
            outcome: drawn.minutes.map_or(Outcome::Annulled, ended),
        }
    }

    /// Returns the price of each day of a set of visits: the sum of their time, within the minimum and the maximum.
    fn cost(&self, visits: &[VisitEvent]) -> BTreeMap<Date, i64> {
        let without_limits = Terms {
            minimum_per_day: kernel::Money::zero(self.host.currency),
            maximum_per_day: None,
            ..self.tariff.terms.clone()
        };
        let zone: &Zone = &self.host.zone;
        let mut days: BTreeMap<Date, i64> = BTreeMap::new();
        for event in visits {
            let Outcome::Ended(until) = event.outcome else { continue };
            let interval = Interval::new(event.started_at, until).expect("forward");
            let stay = Stay { interval, zone, category: event.category };
            for line in rate(stay, &without_limits, |_| DayTotal::default()).expect("in range").lines {
                *days.entry(line.day).or_default() += line.gross.minor;
            }
        }
        days.values_mut().filter(|sum| **sum > 0).for_each(|sum| *sum = (*sum).clamp(9_000, 35_000));
        days.retain(|_, sum| *sum != 0);
        days
    }
}

/// Returns the truth of a history: the last event of each visit.
fn truth(stage: &Stage, steps: &[Step]) -> Vec<VisitEvent> {
    let mut last: HashMap<usize, DrawnEvent> = HashMap::new();
    for step in steps {
        if let Step::Receive(drawn) = step {
            let known = last.entry(drawn.visit).or_insert(*drawn);
            if drawn.revision > known.revision {
                *known = *drawn;
            }
        }
    }
    let mut truth: Vec<VisitEvent> = last.into_values().map(|drawn| stage.event(drawn)).collect();
    truth.sort_by_key(|event| (event.started_at, event.visit));
    truth
}

/// Returns the posted lines that no credit cancelled, by visit.
fn live(posted: &[Charge]) -> Result<BTreeMap<VisitId, Vec<ChargeLine>>, TestCaseError> {
    let credited: HashSet<ChargeId> = posted.iter().filter_map(|charge| charge.credits).collect();
    let mut live = BTreeMap::new();
    for charge in posted.iter().filter(|it| it.credits.is_none() && !credited.contains(&it.id)) {
        prop_assert!(
            live.insert(charge.visit, charge.lines.clone()).is_none(),
            "R7: two charges of one visit"
        );
    }
    Ok(live)
}

fn cost_posted(posted: &[Charge]) -> BTreeMap<Date, i64> {
    let mut days: BTreeMap<Date, i64> = BTreeMap::new();
    for line in posted.iter().flat_map(|charge| &charge.lines) {
        *days.entry(line.day).or_default() += line.amount.minor;
    }
    days.retain(|_, sum| *sum != 0);
    days
}

fn sum_of(posted: &[Charge], month: &str) -> i64 {
    let of_month = posted.iter().filter(|charge| charge.period.to_string() == month);
    of_month.map(|charge| charge.amount.minor).sum()
}

fn check(stage: &Stage, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut books = stage.books();
    let mut settled: BTreeMap<&str, i64> = BTreeMap::new();
    for (place, step) in steps.iter().enumerate() {
        let before = books.posted.len();
        match step {
            Step::Receive(drawn) => {
                books.take(&stage.event(*drawn), &stage.world).expect("it can be charged");
            }
            Step::Close(month) => {
                settled.entry(month).or_insert_with(|| sum_of(&books.posted, month));
                books.closed.close(month.parse::<Month>().expect("a month"));
            }
        }
        // R10: every charge and every credit balances by itself.
        for charge in &books.posted[before..] {
            Transaction::of_charge(charge, &stage.world).expect("it balances");
            prop_assert!(
                !settled.contains_key(charge.period.to_string().as_str()),
                "R14: posted to a settled month"
            );
        }
        // R7 and R20 hold after every step, not only at the end.
        let known = truth(stage, &steps[..=place]);
        let ended = known.iter().filter(|event| matches!(event.outcome, Outcome::Ended(_)));
        let charged = live(&books.posted)?;
        prop_assert_eq!(
            charged.keys().copied().collect::<HashSet<_>>(),
            ended.map(|event| event.visit).collect()
        );
        prop_assert_eq!(cost_posted(&books.posted), stage.cost(&known));
    }
    let mut at_once = stage.books();
    for event in truth(stage, steps) {
        at_once.take(&event, &stage.world).expect("it can be charged");
    }
    prop_assert_eq!(live(&books.posted)?, live(&at_once.posted)?, "the same lines as all at once");
    for (month, sum) in settled {
        prop_assert_eq!(sum_of(&books.posted, month), sum, "R14: {} has changed", month);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn r20_a_day_costs_what_its_set_of_visits_costs(steps in any_history()) {
        thread_local!(static STAGE: Stage = Stage::set());
        STAGE.with(|stage| check(stage, &steps))?;
    }
}

const ALL_DAY: (&str, &str) = ("2026-11-02T08:00:00Z", "2026-11-02T16:00:00Z");
const EVENING: (&str, &str) = ("2026-11-02T17:00:00Z", "2026-11-02T19:10:00Z");
/// From the evening into the night: half past eleven in Warsaw to half past one.
const NIGHT: (&str, &str) = ("2026-11-02T22:30:00Z", "2026-11-03T00:30:00Z");

#[tokio::test]
async fn r20_a_late_correction_re_rates_the_whole_day() {
    let app = TestApp::with_prices().await;
    let day = app.jana_at_piaseczno(ALL_DAY.0, ALL_DAY.1);
    let evening = app.jana_at_piaseczno(EVENING.0, EVENING.1);
    app.receive(app.ended(day)).await;
    app.receive(app.ended(evening)).await;
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 35_000, "the day is at its maximum");
    let left_at_once = Visit { until: Some("2026-11-02T08:05:00Z"), revision: 3, ..day };
    app.receive(app.corrected(left_at_once, false)).await;
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 12_000, "two hours of the evening at 60");
    app.receive(app.corrected(left_at_once, false)).await;
    assert_eq!(app.published("charge_posted").await.len(), 6, "two charges, two credits, two charges");
}

#[tokio::test]
async fn r20_an_annulled_visit_gives_its_share_of_the_maximum_back_to_the_others_of_both_its_days() {
    let app = TestApp::with_prices().await;
    let night = app.jana_at_piaseczno(NIGHT.0, NIGHT.1);
    let day = app.jana_at_piaseczno(ALL_DAY.0, ALL_DAY.1);
    let next = app.jana_at_piaseczno("2026-11-03T06:00:00Z", "2026-11-03T16:00:00Z");
    app.receive_all(&[app.ended(night), app.ended(next), app.ended(day)]).await.expect("taken in");
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 70_000, "both days at their maximum");
    app.receive(app.corrected(Visit { revision: 3, ..night }, true)).await;
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 70_000);
    app.receive(app.corrected(Visit { revision: 3, ..next }, true)).await;
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 35_000);
}

/// Tries every order of four events, each event in its own batch or all in two batches.
#[tokio::test]
async fn r20_no_order_and_no_splitting_into_batches_changes_what_days_cost() {
    for (turn, order) in orders_of_four().into_iter().enumerate() {
        let app = TestApp::with_prices().await;
        let day = app.jana_at_piaseczno(ALL_DAY.0, ALL_DAY.1);
        let story = [
            app.ended(day),
            app.ended(app.jana_at_piaseczno(EVENING.0, EVENING.1)),
            app.ended(app.jana_at_piaseczno(NIGHT.0, NIGHT.1)),
            app.corrected(Visit { until: Some("2026-11-02T08:05:00Z"), revision: 3, ..day }, false),
        ];
        let events = order.map(|place| story[place].clone());
        for batch in events.chunks(1 + turn % 3) {
            app.receive_all(batch).await.expect("taken in");
        }
        // Two hours of the evening; of the night 30 minutes less 10 before midnight, and an hour and a half after it.
        let expected = 12_000 + 3_000 + 9_000;
        assert_eq!(app.open_balance(app.piaseczno, "PLN").await, expected, "{order:?}");
    }
}

fn orders_of_four() -> Vec<[usize; 4]> {
    let all = (0..256).map(|number: usize| [number / 64, number / 16 % 4, number / 4 % 4, number % 4]);
    all.filter(|order| order.iter().collect::<HashSet<_>>().len() == 4).collect()
}

#[tokio::test]
async fn r14_a_day_of_a_settled_month_is_re_rated_in_the_first_open_one() {
    let app = TestApp::with_prices().await;
    let day = app.jana_at_piaseczno("2026-10-20T08:00:00Z", "2026-10-20T16:00:00Z");
    let evening = app.jana_at_piaseczno("2026-10-20T17:00:00Z", "2026-10-20T19:10:00Z");
    app.receive_all(&[app.ended(day), app.ended(evening)]).await.expect("taken in");
    let month = |text: &str| text.parse::<Month>().expect("a month");
    let coordinator = app.coordinator();
    let earned = async |of: &str| {
        let settled = app.roaming.close_settlement(&coordinator.afresh(), app.network, month(of)).await;
        let positions = settled.expect("a settlement").positions;
        positions.iter().find(|it| it.hub == app.piaseczno).map(|it| it.earned.to_string())
    };
    assert_eq!(earned("2026-10").await.as_deref(), Some("350.00 PLN"));
    let left_at_once = Visit { until: Some("2026-10-20T08:05:00Z"), revision: 3, ..day };
    app.receive(app.corrected(left_at_once, false)).await;
    app.clock.set(at("2026-12-01T09:00:00Z"));
    assert_eq!(earned("2026-10").await.as_deref(), Some("350.00 PLN"), "a settled month stays");
    assert_eq!(earned("2026-11").await.as_deref(), Some("-230.00 PLN"), "120 are due, 350 were settled");
}
