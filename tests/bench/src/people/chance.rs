//! Chance that is the same in every run.

use std::f64::consts::TAU;

/// A source of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// A source of its own for each seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number around zero, as far from it as the standard deviation says.
    pub fn normal(&mut self, deviation: f64) -> f64 {
        let uniform = |number: u64| (number >> 11) as f64 / (1u64 << 53) as f64;
        // Not zero, whose logarithm there is none of.
        let radius = (-2.0 * (1.0 - uniform(self.number())).ln()).sqrt();
        deviation * radius * (TAU * uniform(self.number())).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_as_they_should_be() {
        let mut chance = Chance::new(1);
        let mean = (0..10_000).map(|_| chance.number() % 100).sum::<u64>() / 10_000;
        assert!((47..53).contains(&mean), "{mean}");
        let numbers: Vec<f64> = (0..10_000).map(|_| chance.normal(10.0)).collect();
        let within = numbers.iter().filter(|number| number.abs() < 10.0).count();
        assert!((6_600..7_050).contains(&within), "{within}");
    }
}
