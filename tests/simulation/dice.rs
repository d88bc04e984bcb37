//! Randomness that a seed decides.

/// A sequence of numbers, the same for the same seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; zero when there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let drawn = self.next();
        (drawn % end.max(1) as u64) as usize
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `all`, if there is any.
    pub(crate) fn pick<T>(&mut self, all: impl IntoIterator<Item = T>) -> Option<T> {
        let mut all: Vec<T> = all.into_iter().collect();
        let at = self.below(all.len());
        if all.is_empty() { None } else { Some(all.swap_remove(at)) }
    }

    /// One of `all` by its weight. There must be one.
    pub(crate) fn weighted<'a, T>(&mut self, all: &'a [T], weight: impl Fn(&T) -> usize) -> (usize, &'a T) {
        let mut left = self.below(all.iter().map(&weight).sum());
        for (at, one) in all.iter().enumerate() {
            match left.checked_sub(weight(one)) {
                Some(rest) => left = rest,
                None => return (at, one),
            }
        }
        (0, &all[0])
    }
}
