//! The small files: complete, consistent with each other, and true to the sources.

use std::collections::HashSet;

use demo_data::{EventKind, RATES, events, hub_files, network};
use jiff::civil::Date;
use jiff::tz::TimeZoneDatabase;

use crate::onboarding::{onboarding, onboardings};

const CATEGORIES: [&str; 9] = [
    "resident",
    "entrepreneur",
    "start_up",
    "non_profit",
    "student",
    "senior",
    "unemployed",
    "displaced",
    "partner_staff",
];

fn is_amount(text: &str) -> bool {
    let Some((whole, cents)) = text.split_once('.') else { return false };
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|it| it.is_ascii_digit());
    is_number(whole) && is_number(cents) && cents.len() == 2
}

#[test]
fn network_clears_in_euro_and_leaves_the_host_most_of_a_charge() {
    let network = network();
    assert_eq!((network.clearing_currency.as_str(), network.time_zone.as_str()), ("EUR", "Europe/Warsaw"));
    assert!(network.home_commission_bp + network.network_commission_bp < 10_000);
}

#[test]
fn every_onboarding_file_belongs_to_the_network_and_is_named_after_its_hub() {
    for (file, (slug, _)) in onboardings().iter().zip(hub_files()) {
        assert_eq!(file.network, network().slug);
        assert_eq!(file.hub.slug, slug);
    }
}

#[test]
fn hubs_stand_in_three_countries_with_three_currencies_and_known_zones() {
    let files = onboardings();
    let stand: Vec<_> = files.iter().map(|it| (&*it.hub.address.country, &*it.hub.currency)).collect();
    assert_eq!(stand, [("CZ", "CZK"), ("PL", "PLN"), ("UA", "UAH"), ("PL", "PLN"), ("PL", "PLN")]);
    for file in &files {
        assert!(TimeZoneDatabase::bundled().get(&file.hub.time_zone).is_ok(), "{}", file.hub.time_zone);
        assert!(file.hub.tax_number.starts_with(&file.hub.address.country));
    }
}

#[test]
fn every_hub_is_described_in_full() {
    for file in onboardings() {
        let hub = &file.hub;
        let address = &hub.address;
        for text in [&hub.name, &hub.legal_name, &address.street, &address.city, &address.postal_code] {
            assert!(!text.trim().is_empty(), "{}", hub.slug);
        }
        for degrees in [&hub.position.latitude, &hub.position.longitude] {
            assert!(degrees.parse::<f64>().is_ok_and(|it| it.abs() <= 90.0), "{}", hub.slug);
        }
        assert!(["coworking", "library", "community", "social_enterprise"].contains(&&*hub.kind));
        assert!(["cs", "pl", "uk"].contains(&&*hub.language));
        assert!((10_000..=20_000).contains(&hub.catchment_population));
        let _opening_hours_parse = hub.is_open();
    }
}

#[test]
fn spaces_and_resources_have_unique_codes_and_fit_into_the_hub() {
    let kinds = [
        "reception",
        "cafe",
        "open_space",
        "office",
        "meeting_room",
        "lecture_hall",
        "workshop",
        "computer_room",
    ];
    for file in onboardings() {
        let mut codes = HashSet::new();
        for space in &file.spaces {
            assert!(codes.insert(&space.code), "{} twice", space.code);
            assert!(kinds.contains(&&*space.kind) && !space.name.is_empty());
            assert!((1..=file.hub.capacity).contains(&space.capacity), "{}", space.code);
        }
        let mut codes = HashSet::new();
        for resource in file.spaces.iter().flat_map(|space| &space.resources) {
            assert!(codes.insert(&resource.code), "{} twice", resource.code);
            assert!(["desk", "computer", "printer", "room"].contains(&&*resource.kind));
            assert!(!resource.name.is_empty());
        }
    }
}

#[test]
fn plans_and_tariffs_state_amounts_and_known_categories() {
    for file in onboardings() {
        for plan in &file.plans {
            assert!(is_amount(&plan.monthly_fee) && plan.included_minutes > 0 && !plan.name.is_empty());
            assert!(plan.categories.iter().all(|it| CATEGORIES.contains(&&**it)), "{}", plan.code);
        }
        let tariff = &file.guest_tariff;
        assert!(!tariff.name.is_empty() && tariff.grace_minutes <= 15);
        assert_eq!(tariff.billing_step_seconds, 900);
        for amount in [&tariff.price_per_hour, &tariff.minimum_per_day, &tariff.maximum_per_day] {
            assert!(is_amount(amount), "{amount}");
        }
        for element in &tariff.elements {
            assert!(is_amount(&element.price_per_hour));
            assert!(element.categories.iter().all(|it| CATEGORIES.contains(&&**it)));
            assert!(element.weekdays.iter().all(|it| ["tue", "thu", "fri", "sat"].contains(&&**it)));
            assert_eq!(element.from.is_some(), element.until.is_some());
        }
    }
}

#[test]
fn every_hub_has_a_reader() {
    for file in onboardings() {
        assert!(file.devices.iter().any(|it| it.kind == "reader" && !it.code.is_empty()));
    }
}

#[test]
fn humpolec_has_offices_for_two_to_eight_and_a_lecture_hall() {
    let file = onboarding("humpolec");
    let offices: Vec<_> = file.spaces.iter().filter(|it| it.kind == "office").map(|it| it.capacity).collect();
    assert_eq!(offices, [2, 4, 6, 8]);
    for kind in ["reception", "cafe", "open_space", "meeting_room", "lecture_hall"] {
        assert!(file.spaces.iter().any(|it| it.kind == kind), "{kind}");
    }
    assert_eq!(file.hub.catchment_population, 11_000);
}

#[test]
fn piaseczno_is_free_for_residents_and_non_profits_and_paid_for_business() {
    let file = onboarding("piaseczno");
    let fee = |category: &str| {
        let plan = file.plans.iter().find(|it| it.categories.iter().any(|it| it == category));
        plan.expect("a plan for the category").monthly_fee.clone()
    };
    assert_eq!((fee("resident"), fee("non_profit")), ("0.00".to_owned(), "0.00".to_owned()));
    assert_ne!(fee("entrepreneur"), "0.00");
}

#[test]
fn pokrov_lends_one_desktop_and_three_laptops_for_nothing() {
    let file = onboarding("pokrov");
    let resources: Vec<_> =
        file.spaces.iter().flat_map(|it| &it.resources).map(|it| (&*it.code, &*it.kind)).collect();
    assert_eq!(
        resources,
        [
            ("desktop", "computer"),
            ("laptop-1", "computer"),
            ("laptop-2", "computer"),
            ("laptop-3", "computer"),
            ("printer", "printer")
        ]
    );
    assert_eq!(file.hub.capacity, 4);
    assert_eq!(file.plans[0].monthly_fee, "0.00");
    assert_eq!(file.guest_tariff.price_per_hour, "0.00");
}

#[test]
fn nowa_huta_has_eleven_workshops() {
    let file = onboarding("nowa-huta");
    assert_eq!(file.spaces.iter().filter(|it| it.kind == "workshop").count(), 11);
}

#[test]
fn rates_are_dated_every_month_for_every_currency_of_the_network() {
    let mut rates = csv::Reader::from_reader(RATES.as_bytes());
    assert_eq!(rates.headers().unwrap(), ["on", "currency", "per_eur"].as_slice());
    let rows: Vec<(Date, String, String)> = rates.deserialize().map(Result::unwrap).collect();
    for currency in ["EUR", "CZK", "PLN", "UAH"] {
        let of_currency = rows.iter().filter(|(_, it, _)| it == currency);
        let months: HashSet<_> = of_currency.map(|(on, ..)| (on.year(), on.month())).collect();
        assert_eq!(months.len(), 30, "{currency} from January 2025 to June 2027");
    }
    assert!(rows.iter().all(|(_, currency, rate)| (currency == "EUR") == (rate == "1")));
    assert!(rows.is_sorted_by_key(|(on, ..)| *on));
}

#[test]
fn every_hub_holds_events_that_fit_into_it() {
    for file in onboardings() {
        let of_hub: Vec<_> = events().into_iter().filter(|it| it.hub == file.hub.slug).collect();
        assert!(of_hub.len() >= 3, "{}", file.hub.slug);
        for event in of_hub {
            assert!(event.days_from_today >= 1, "{}", event.title);
            assert!((1..=file.hub.capacity).contains(&usize::try_from(event.capacity).unwrap()));
            assert!(event.duration_minutes >= 30 && !event.summary.is_empty() && event.start.hour() >= 8);
            assert!(["en", "cs", "pl", "uk"].contains(&&*event.language));
        }
    }
}

#[test]
fn an_upcoming_event_has_few_seats_and_every_kind_of_event_occurs() {
    let events = events();
    assert!(events.iter().any(|it| it.days_from_today <= 7 && it.capacity <= 8));
    let kinds: HashSet<EventKind> = events.iter().map(|it| it.kind).collect();
    assert_eq!(kinds.len(), 5);
}
