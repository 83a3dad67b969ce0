use super::SpanIndex;

/// Edges from span to span in two flat lists: a story of a million spans is walked without a
/// million small allocations.
#[derive(Debug)]
pub(super) struct Edges {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Edges {
    /// The edges that `edges` yields, twice the same, between `count` spans.
    pub(super) fn of<I>(count: usize, edges: impl Fn() -> I) -> Self
    where
        I: Iterator<Item = (SpanIndex, SpanIndex)>,
    {
        let mut starts = vec![0_u32; count + 1];
        for (from, _) in edges() {
            starts[from + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut free = starts.clone();
        let mut targets = vec![0; starts[count] as usize];
        for (from, to) in edges() {
            targets[free[from] as usize] = narrow(to);
            free[from] += 1;
        }
        Self { starts, targets }
    }

    pub(super) fn from(&self, at: SpanIndex) -> &[u32] {
        &self.targets[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// The collector holds fewer spans than this by far.
fn narrow(at: SpanIndex) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
