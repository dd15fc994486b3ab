//! How many visits a hub draws on each day: weekly rhythm, season, growth and a little weather.

use crate::calendar::season_permille;
use crate::dice::Dice;
use crate::hub::Hub;
use crate::window::Window;

/// Returns the number of visits wanted on each day of the window, zero on closed days.
///
/// The hub's monthly mean is distributed over the open days, so every window has its full number of visits, with or
/// without holidays.
pub(crate) fn demand(hub: &Hub, window: Window, dice: &mut Dice) -> Vec<i64> {
    let draw = |day| {
        if hub.hours_on(day).is_empty() {
            return 0;
        }
        let growth = 1000 + hub.growth_permille_per_month * window.month_of(day);
        let weather = dice.between(850, 1150);
        hub.busy_on(day) * season_permille(day) / 10 * growth / 1000 * weather / 1000
    };
    let draws: Vec<i64> = window.days().map(draw).collect();
    share_out(hub.visits_per_month * 12 * window.length_days() / 365, &draws)
}

/// Splits a total in proportion to weights; the parts sum to the total.
fn share_out(total: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i64 = weights.iter().sum();
    let mut weight_so_far = 0;
    let mut given = 0;
    let mut part = |weight: &i64| {
        weight_so_far += weight;
        let part = total * weight_so_far / whole - given;
        given += part;
        part
    };
    weights.iter().map(&mut part).collect()
}

#[cfg(test)]
mod tests {
    use super::share_out;

    #[test]
    fn parts_sum_to_the_total_and_closed_days_get_nothing() {
        let parts = share_out(100, &[3, 0, 3, 1]);
        assert_eq!(parts, [42, 0, 43, 15]);
    }
}
