//! The small files of the demo network, embedded at compile time.

/// The network itself: slug, names, clearing currency, commissions (TOML).
pub const NETWORK: &str = include_str!("../network.toml");

/// Published rates, `on,currency,per_eur`, one row per currency and month (CSV).
pub const RATES: &str = include_str!("../rates.csv");

/// Events by days from the day of loading (TOML).
pub const EVENTS: &str = include_str!("../events.toml");

/// The onboarding file of each hub, by slug; the coordinator's seat comes last.
pub const fn hub_files() -> [(&'static str, &'static str); 5] {
    [
        ("humpolec", include_str!("../hubs/humpolec.toml")),
        ("piaseczno", include_str!("../hubs/piaseczno.toml")),
        ("pokrov", include_str!("../hubs/pokrov.toml")),
        ("nowa-huta", include_str!("../hubs/nowa-huta.toml")),
        ("poznan", include_str!("../hubs/poznan.toml")),
    ]
}
