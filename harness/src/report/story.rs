//! The story as a tree: children hang under their parents, and what follows from a span hangs
//! under it too, with an arrow. Fragments are shown as they are.

use std::collections::HashSet;

use opentelemetry::TraceId;
use termtree::Tree;

use super::{BAD, DIM, MOST_SPANS, WARN, paint, readable};
use crate::evidence::Evidence;
use crate::story::{Above, SpanIndex, Story, plumbing};

/// The whole story, and what stands beside it.
pub(super) fn tree(evidence: &Evidence) -> String {
    let story = &evidence.story;
    let mut drawing = Drawing {
        story,
        drawn: HashSet::new(),
    };
    let mut text = String::new();
    let entry = |at: &SpanIndex| story.span(*at).trace_id == story.entry();
    let tops = || (0..story.spans().len()).filter(|&at| !matches!(story.above(at), Above::Span(_)));
    for at in tops().filter(entry) {
        text.push_str(&drawing.draw(at));
    }
    for at in tops().filter(|&at| story.trace_of(at).belongs) {
        text.push_str(&drawing.draw(at));
    }
    // What follows from another fragment is drawn below it, so the others come first.
    let follows = |at: &SpanIndex| {
        let mut links = story.span(*at).links.iter();
        links.any(|link| story.find((link.trace_id, link.span_id)).is_some())
    };
    let mut beside: Vec<_> = tops().filter(|&at| !story.trace_of(at).belongs).collect();
    beside.sort_by_key(|at| (follows(at), story.span(*at).start));
    for at in beside {
        let word = match plumbing::is_plumbing(story, at) {
            true => paint(DIM, "beside the story (plumbing):"),
            false => paint(BAD, "beside the story (lost):"),
        };
        let drawn = drawing.draw(at);
        if !drawn.is_empty() {
            text.push_str(&format!("{word}\n{drawn}"));
        }
    }
    let hidden = story.spans().len() - drawing.drawn.len();
    if hidden > 0 {
        text.push_str(&format!("… and {hidden} more spans\n"));
    }
    text
}

struct Drawing<'a> {
    story: &'a Story,
    drawn: HashSet<SpanIndex>,
}

impl Drawing<'_> {
    /// A span with everything below it, unless it is drawn already.
    fn draw(&mut self, at: SpanIndex) -> String {
        let trace = self.story.span(at).trace_id;
        match self.node(at, trace, "") {
            Some(tree) => tree
                .to_string()
                .lines()
                .map(|line| format!("  {line}\n"))
                .collect(),
            None => String::new(),
        }
    }

    /// At most [`MOST_SPANS`] are drawn, so that this never goes deep.
    fn node(&mut self, at: SpanIndex, trace: TraceId, arrow: &str) -> Option<Tree<String>> {
        if self.drawn.len() >= MOST_SPANS || !self.drawn.insert(at) {
            return None;
        }
        let mut tree = Tree::new(format!("{arrow}{}", self.label(at, trace)));
        let own = self.story.span(at).trace_id;
        for child in self.by_start(self.story.children(at)) {
            tree.extend(self.node(child, own, ""));
        }
        for linking in self.by_start(self.story.linking(at)) {
            tree.extend(self.node(linking, own, &paint(WARN, "⇢ ")));
        }
        Some(tree)
    }

    fn by_start(&self, spans: &[u32]) -> Vec<SpanIndex> {
        let mut spans: Vec<_> = spans.iter().map(|&at| at as SpanIndex).collect();
        spans.sort_by_key(|&at| self.story.span(at).start);
        spans
    }

    fn label(&self, at: SpanIndex, under: TraceId) -> String {
        let span = self.story.span(at);
        let service = span.origin.service.as_deref().unwrap_or("?");
        let mut label = format!(
            "{} {} {}",
            readable(service),
            readable(&span.name),
            paint(DIM, span.kind.as_str())
        );
        if span.trace_id != under {
            label.push_str(&paint(DIM, " in a trace of its own"));
        } else if !span.links.is_empty() && self.is_linked_to_parent(at) {
            label.push_str(&paint(DIM, " +link"));
        }
        if self.story.above(at) == Above::Missing {
            let parent = span.parent.map(|id| id.to_string()).unwrap_or_default();
            label.push_str(&paint(
                BAD,
                &format!(" orphan: its parent {parent} is missing"),
            ));
        }
        label
    }

    fn is_linked_to_parent(&self, at: SpanIndex) -> bool {
        let span = self.story.span(at);
        let is_parent = |link: &crate::span::Link| {
            link.trace_id == span.trace_id && Some(link.span_id) == span.parent
        };
        span.links.iter().any(is_parent)
    }
}
