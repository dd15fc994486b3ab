//! `hubnet onboard`: networks and hubs are onboarded from files, completely or not at all.

use testkit::json;

use crate::{
    support::installation::{HUMPOLEC, Installation, NETWORK, PIASECZNO},
    support::remote::Remote,
};

/// A mistake in a file, and the word that names it in the error.
struct Mistake {
    right: &'static str,
    wrong: &'static str,
    named: &'static str,
}

const MISTAKES: [Mistake; 11] = [
    Mistake {
        right: "24/7",
        wrong: "Mo-Fr 08:00-20:00; SH off",
        named: "opening_hours: the school holidays of CZ",
    },
    Mistake { right: "24/7", wrong: "Mo-Fr 18:00+", named: "opening_hours: \"18:00+\" cannot be evaluated" },
    Mistake { right: "country = \"CZ\"", wrong: "country = \"UK\"", named: "address.country: a country's" },
    Mistake {
        right: "valid_from = \"2026-01-01T00:00:00Z\"",
        wrong: "valid_from = 2026-01-01",
        named: "guest_tariff.valid_from",
    },
    Mistake { right: "Europe/Prague", wrong: "Europe/Humpolec", named: "time_zone" },
    Mistake { right: "24/7", wrong: "Mo-Fr 08:00-12:00,11:00-20:00", named: "overlap" },
    Mistake { right: "24/7", wrong: "from eight to ten", named: "opening_hours" },
    Mistake { right: "capacity = 80", wrong: "capacty = 80", named: "capacty" },
    Mistake {
        right: "[[devices]]",
        wrong: "[[devices]]\ncode = 'reception'\nkind = 'door'\n[[devices]]",
        named: "reception",
    },
    Mistake {
        right: "price_per_hour = \"60.00\"",
        wrong: "price_per_hour = \"sixty\"",
        named: "price_per_hour",
    },
    Mistake { right: "currency = \"CZK\"", wrong: "currency = \"CZKK\"", named: "currency" },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_network_and_its_hubs_come_in_from_toml_and_yaml() {
    let installation = Installation::embedded();
    installation.onboard();
    let server = installation.launch().start().expect("hubnet serves");
    let asked = "{ hubs { nodes { slug currency openNow network { slug } spaces { code resources { code } } \
        plans { code monthlyFee { display } } guestTariff { pricePerHour currency } } } }";
    let answer = Remote::anonymous(&server.url()).ask(asked, json!({})).await;
    assert_eq!(
        answer["hubs"]["nodes"],
        json!([
            {
                "slug": "humpolec", "currency": "CZK", "openNow": true, "network": { "slug": "central" },
                "spaces": [{ "code": "open-space", "resources": [{ "code": "desk-01" }] }],
                "plans": [{ "code": "resident", "monthlyFee": { "display": "1500.00 CZK" } }],
                "guestTariff": { "pricePerHour": "60.00", "currency": "CZK" },
            },
            {
                "slug": "piaseczno", "currency": "PLN", "openNow": true, "network": { "slug": "central" },
                "spaces": [{ "code": "cafe", "resources": [] }],
                "plans": [{ "code": "resident", "monthlyFee": { "display": "0.00 PLN" } }],
                "guestTariff": { "pricePerHour": "12.00", "currency": "PLN" },
            },
        ])
    );
}

#[test]
fn a_file_with_a_mistake_is_refused_whole_and_loads_once_corrected() {
    let installation = Installation::migrated();
    let network = installation.file("network.toml", NETWORK);
    installation.succeed(&["onboard", &network]);
    for Mistake { right, wrong, named } in MISTAKES {
        assert!(HUMPOLEC.contains(right), "{right:?} is in the right file");
        let file = installation.file("humpolec.toml", &HUMPOLEC.replacen(right, wrong, 1));
        let refused = installation.run(&["onboard", &file]);
        assert_eq!(refused.code, Some(65), "{wrong}: {refused:?}");
        for word in ["humpolec.toml:", "INVALID_INPUT", named] {
            assert!(refused.complained.contains(word), "{word:?} is missing: {refused:?}");
        }
        let nobody = installation.run(&["token", "--as", "operator", "--hub", "humpolec"]);
        assert_eq!(nobody.code, Some(65), "{wrong}: the hub is half-written: {nobody:?}");
    }
    let file = installation.file("humpolec.toml", HUMPOLEC);
    installation.succeed(&["onboard", &file]);
    installation.token(&["operator", "--hub", "humpolec"]);
}

#[test]
fn a_mistake_in_yaml_is_named_with_its_line() {
    let installation = Installation::migrated();
    let network = installation.file("network.toml", NETWORK);
    installation.succeed(&["onboard", &network]);
    let file = installation.file("piaseczno.yaml", &PIASECZNO.replace("tax_number", "tax_nubmer"));
    let refused = installation.run(&["onboard", &file]);
    assert_eq!(refused.code, Some(65), "{refused:?}");
    assert!(refused.complained.contains("tax_nubmer"), "{refused:?}");
}

#[test]
fn a_hub_is_onboarded_once_and_only_into_an_existing_network() {
    let installation = Installation::migrated();
    let hub = installation.file("humpolec.toml", HUMPOLEC);
    let early = installation.run(&["onboard", &hub]);
    assert_eq!(early.code, Some(65), "{early:?}");
    assert!(early.complained.contains("NOT_FOUND") && early.complained.contains("central"), "{early:?}");

    let network = installation.file("network.toml", NETWORK);
    installation.succeed(&["onboard", &network, &hub]);
    let again = installation.run(&["onboard", &hub]);
    assert_eq!(again.code, Some(65), "{again:?}");
    assert!(again.complained.contains("CONFLICT"), "{again:?}");
}

#[test]
fn a_refused_field_is_named_as_the_file_spells_it_with_its_line() {
    let installation = Installation::migrated();
    let network = installation.file("network.toml", NETWORK);
    installation.succeed(&["onboard", &network]);
    let text = format!(
        "{HUMPOLEC}\n[[plans]]\ncode = 'second'\nname = ''\nmonthly_fee = '1'\nincluded_minutes = 1\nroaming = true\n"
    );
    let line = text.lines().position(|line| line == "name = ''").expect("the mistake") + 1;
    let refused = installation.run(&["onboard", &installation.file("humpolec.toml", &text)]);
    assert_eq!(refused.code, Some(65), "{refused:?}");
    for words in
        [format!("humpolec.toml:{line}"), "plans (number 2, \"second\").name".into(), "INVALID_INPUT".into()]
    {
        assert!(refused.complained.contains(&words), "{words:?} is missing: {refused:?}");
    }
}

/// A parse error is named like a later refusal, in both formats.
#[test]
fn a_mistake_in_a_plan_is_named_by_the_line_and_the_plan_in_both_formats() {
    let installation = Installation::migrated();
    let network = installation.file("network.toml", NETWORK);
    installation.succeed(&["onboard", &network]);
    let toml = HUMPOLEC.replace("included_minutes = 6000", "included_minutes = 'many'");
    let yaml = PIASECZNO.replace("included_minutes: 6000", "included_minutes: many");
    for (name, text) in [("humpolec.toml", toml), ("piaseczno.yaml", yaml)] {
        let line = text.lines().position(|line| line.contains("many")).expect("the mistake") + 1;
        let refused = installation.run(&["onboard", &installation.file(name, &text)]);
        assert_eq!(refused.code, Some(65), "{refused:?}");
        let named = format!("{name}:{line}: plans (number 1, \"resident\").included_minutes: invalid type");
        assert!(refused.complained.contains(&named), "{named:?} is missing: {refused:?}");
    }
}

/// YAML accepts the same as TOML, and a refusal names the field in the same words.
#[test]
fn a_refused_field_of_yaml_is_named_with_its_line_and_the_plan_it_belongs_to() {
    let installation = Installation::migrated();
    let network = installation.file("network.toml", NETWORK);
    installation.succeed(&["onboard", &network]);
    for (right, wrong, named) in [
        ("monthly_fee: \"0.00\"", "monthly_fee: \"1,5\"", "plans (number 1, \"resident\").monthly_fee"),
        ("name: Kawiarnia", "name: \"\\u202Ea\"", "spaces (number 1, \"cafe\").name"),
        ("city: Piaseczno", "city: \"\"", "address.city"),
        ("slug: piaseczno", "slug: Piaseczno", "slug"),
        ("code: reception", "code: Reception", "devices (number 1, \"Reception\").code"),
        ("price_per_hour: \"12.00\"", "price_per_hour: twelve", "guest_tariff.price_per_hour"),
    ] {
        assert!(PIASECZNO.contains(right), "{right:?} is in the right file");
        let text = PIASECZNO.replace(right, wrong);
        let line = text.lines().position(|line| line.contains(wrong)).expect("the mistake") + 1;
        let refused = installation.run(&["onboard", &installation.file("piaseczno.yaml", &text)]);
        assert_eq!(refused.code, Some(65), "{refused:?}");
        for words in [format!("piaseczno.yaml:{line}"), named.to_owned(), "INVALID_INPUT".into()] {
            assert!(refused.complained.contains(&words), "{words:?} is missing: {refused:?}");
        }
    }
}

#[test]
fn the_same_command_continues_once_a_mistake_in_one_of_its_files_is_corrected() {
    let installation = Installation::migrated();
    let network = installation.file("network.toml", NETWORK);
    let hub = installation.file("humpolec.toml", &HUMPOLEC.replace("capacity = 80", "capacity = 0"));
    let other = installation.file("piaseczno.yaml", PIASECZNO);
    let command = ["onboard", &network, &other, &hub];
    assert_eq!(installation.run(&command).code, Some(65));
    installation.file("humpolec.toml", HUMPOLEC);
    let printed = installation.succeed(&command);
    assert!(
        printed.contains("piaseczno.yaml is in already") && printed.contains("humpolec is in"),
        "{printed}"
    );
    assert_eq!(installation.run(&command).code, Some(65), "nothing was left to do");
}

#[test]
fn opening_hours_that_close_a_night_too_early_are_warned_of() {
    let installation = Installation::migrated();
    let text = HUMPOLEC.replace("24/7", "Mo-Th 08:00-20:00; Fr 18:00-02:00; Sa 10:00-14:00");
    let network = installation.file("network.toml", NETWORK);
    let hub = installation.file("humpolec.toml", &text);
    let printed = installation.succeed(&["onboard", &network, &hub]);
    assert!(printed.contains("warning:") && printed.contains("ends at 00:00 and not at 02:00"), "{printed}");
}
