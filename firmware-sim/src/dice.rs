//! Seeded randomness.
//!
//! # Why
//! Xoshiro256++ has a fixed, published sequence on every platform, and every draw here is integer
//! arithmetic: floating-point `exp` and `ln` differ between C libraries, and a run must repeat to the byte.
//! Each question (a point's day, a household's birth) has dice of its own, so that one more draw in one
//! place changes nothing elsewhere.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// Quantile means of a lognormal with mean 1 and coefficient of variation 0.5, per mille.
const LOGNORMAL_CV_HALF: [u32; 20] = [
    354, 453, 519, 575, 626, 674, 722, 769, 818, 868, 921, 978, 1_040, 1_108, 1_186, 1_278, 1_391, 1_540, 1_765, 2_258,
];

/// A stream of draws for one question.
#[derive(Debug, Clone)]
pub struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// Dice for the question named by `path` under `seed`.
    #[must_use]
    pub fn new(seed: u64, path: &[u64]) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(mix(seed, path)))
    }

    /// True with probability `per_10_000` / 10 000; 10 000 and more is always true.
    pub fn chance(&mut self, per_10_000: u32) -> bool {
        self.0.random_range(0..10_000_u32) < per_10_000
    }

    /// A whole number between `low` and `high`, both inclusive.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// An index below `len`, which must not be zero.
    pub fn index(&mut self, len: usize) -> usize {
        self.0.random_range(0..len)
    }

    /// One of `choices`, which must not be empty.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// The index of a weight, drawn in proportion to the weights; their sum must not be zero.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let sum: u32 = weights.iter().sum();
        let mut drawn = self.0.random_range(0..sum);
        for (index, &weight) in weights.iter().enumerate() {
            if drawn < weight {
                return index;
            }
            drawn -= weight;
        }
        0
    }

    /// A factor for a household's mass, per mille: mean about 1 000, coefficient of variation 0.5.
    pub fn mass_factor_permille(&mut self) -> i64 {
        let step = i64::from(*self.pick(&LOGNORMAL_CV_HALF));
        step * self.between(950, 1_050) / 1_000
    }

    /// 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        self.0.random()
    }
}

/// A well-spread 64-bit number for the question named by `path` under `seed` (SplitMix64 steps).
#[must_use]
pub fn mix(seed: u64, path: &[u64]) -> u64 {
    path.iter().fold(spread(seed), |state, &part| spread(state ^ spread(part.wrapping_add(0x9e37_79b9_7f4a_7c15))))
}

fn spread(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_gets_the_same_draws() {
        let draw = |path: &[u64]| Dice::new(7, path).bits();
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
    }

    #[test]
    fn mass_factors_have_the_stated_mean_and_spread() {
        let mut dice = Dice::new(1, &[]);
        let draws: Vec<i64> = (0..20_000).map(|_| dice.mass_factor_permille()).collect();
        let mean = draws.iter().sum::<i64>() / 20_000;
        assert!((970..=1_020).contains(&mean), "mean {mean}");
        let variance = draws.iter().map(|d| (d - mean).pow(2)).sum::<i64>() / 20_000;
        assert!((430_i64.pow(2)..=540_i64.pow(2)).contains(&variance));
    }
}
