use rustc_hash::FxHashSet;

use super::edges::Edges;
use super::{Above, SpanIndex};

const UNSEEN: u32 = u32::MAX;

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
    /// In a circle each span is below each other, and none is the first.
    pub(super) fn of(above: &[Above], children: &Edges) -> Self {
        let mut descent = Self {
            enter: vec![UNSEEN; above.len()],
            leave: vec![UNSEEN; above.len()],
        };
        let mut number = 0;
        for (top, _) in (0..)
            .zip(above)
            .filter(|(_, above)| !matches!(above, Above::Span(_)))
        {
            number = descent.number(top, children, number);
        }
        for at in 0..above.len() {
            if descent.enter[at] == UNSEEN {
                let top = on_a_circle(above, at);
                number = descent.number(top, children, number);
                let mut at = top;
                while let Above::Span(next) = above[at]
                    && next != top
                {
                    descent.enter[next] = descent.enter[top];
                    descent.leave[next] = descent.leave[top];
                    at = next;
                }
            }
        }
        descent
    }

    /// Numbers a span and everything below it from here on, and says where it ended.
    fn number(&mut self, top: SpanIndex, children: &Edges, from: u32) -> u32 {
        self.enter[top] = from;
        let mut number = from + 1;
        let mut path = vec![(top, 0)];
        while let Some((at, child)) = path.last_mut() {
            match children.from(*at).get(*child) {
                None => {
                    self.leave[*at] = number;
                    path.pop();
                }
                Some(&next) => {
                    *child += 1;
                    let next = next as SpanIndex;
                    if self.enter[next] == UNSEEN {
                        self.enter[next] = number;
                        number += 1;
                        path.push((next, 0));
                    }
                }
            }
        }
        number
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

/// Where the way up from a span, which ends nowhere, meets itself.
fn on_a_circle(above: &[Above], from: SpanIndex) -> SpanIndex {
    let mut seen = FxHashSet::default();
    let mut at = from;
    while let Above::Span(next) = above[at]
        && seen.insert(at)
    {
        at = next;
    }
    at
}

impl Beneath<'_> {
    /// Whether a span is one of them or below one.
    pub fn contains(&self, at: SpanIndex) -> bool {
        let number = self.descent.enter[at];
        let piece = self.pieces.partition_point(|(start, _)| *start <= number);
        piece > 0 && self.pieces[piece - 1].1 > number
    }
}
