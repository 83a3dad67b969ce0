use super::edges::Edges;
use super::{Above, SpanIndex};

/// Who descends from whom, answered without walking: a span's descendants are numbered in one
/// piece.
#[derive(Debug)]
pub(super) struct Descent {
    enter: Vec<u32>,
    leave: Vec<u32>,
}

/// Some spans and everything below them, along parent → child.
#[derive(Debug)]
pub struct Beneath<'a> {
    descent: &'a Descent,
    /// Where each piece begins and ends; no two touch.
    pieces: Vec<(u32, u32)>,
}

impl Descent {
    /// Spans in a cycle have no beginning: the first of them in order stands in for it.
    pub(super) fn of(above: &[Above], children: &Edges) -> Self {
        const UNSEEN: u32 = u32::MAX;
        let mut descent = Self {
            enter: vec![UNSEEN; above.len()],
            leave: vec![UNSEEN; above.len()],
        };
        let tops = (0..above.len()).filter(|&at| !matches!(above[at], Above::Span(_)));
        let mut number = 0;
        let mut path: Vec<(SpanIndex, usize)> = Vec::new();
        for top in tops.chain(0..above.len()) {
            if descent.enter[top] != UNSEEN {
                continue;
            }
            descent.enter[top] = number;
            number += 1;
            path.push((top, 0));
            while let Some((at, child)) = path.last_mut() {
                match children.from(*at).get(*child) {
                    None => {
                        descent.leave[*at] = number;
                        path.pop();
                    }
                    Some(&next) => {
                        *child += 1;
                        let next = next as SpanIndex;
                        if descent.enter[next] == UNSEEN {
                            descent.enter[next] = number;
                            number += 1;
                            path.push((next, 0));
                        }
                    }
                }
            }
        }
        descent
    }

    pub(super) fn beneath(&self, spans: impl IntoIterator<Item = SpanIndex>) -> Beneath<'_> {
        let pieces = spans.into_iter().map(|at| (self.enter[at], self.leave[at]));
        let mut pieces: Vec<_> = pieces.collect();
        pieces.sort_unstable();
        // Pieces that touch are one: siblings, and what is below another of them anyway.
        pieces.dedup_by(|next, last| {
            let touches = next.0 <= last.1;
            if touches {
                last.1 = last.1.max(next.1);
            }
            touches
        });
        Beneath {
            descent: self,
            pieces,
        }
    }
}

impl Beneath<'_> {
    /// Whether a span is one of them or below one.
    pub fn contains(&self, at: SpanIndex) -> bool {
        let number = self.descent.enter[at];
        let piece = self.pieces.partition_point(|(start, _)| *start <= number);
        piece > 0 && self.pieces[piece - 1].1 > number
    }
}
