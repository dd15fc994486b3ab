//! The only source of randomness: one seeded generator with the few draws the demo needs, in whole numbers.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

/// Random draws that repeat for the same seed.
pub(crate) struct Dice(StdRng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// Returns a number in `[low, high]`; `low` if the range is empty.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { self.0.random_range(low..=high) }
    }

    /// Returns true with a probability of `share` in a thousand.
    pub(crate) fn permille(&mut self, share: i64) -> bool {
        self.between(1, 1000) <= share
    }

    /// Returns the index of a weight, chosen in proportion; `None` if all weights are zero.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = i64> + Clone) -> Option<usize> {
        let total: i64 = weights.clone().sum();
        if total <= 0 {
            return None;
        }
        let mut left = self.between(1, total);
        weights.into_iter().position(|weight| {
            left -= weight;
            left <= 0
        })
    }

    /// Returns one of several; the slice must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.0.random_range(0..from.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.0);
    }

    /// Returns seven bytes that look like the number of an NFC chip: the maker's byte 04, then random bytes.
    pub(crate) fn chip_number(&mut self) -> String {
        format!("04{:012X}", self.0.random_range(0..1_u64 << 48))
    }
}
