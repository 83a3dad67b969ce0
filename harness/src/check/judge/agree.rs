//! Whether what the service sent on and what its spans say are the same story.
//!
//! Either may be right by itself: a header that is copied by hand beside spans that nobody finds by it, or a
//! trace that goes on upon the wire and begins anew in the spans.

use opentelemetry::SpanId;
use unbroken_adapters::Relation;

use super::reading::sent;
use super::spans::Witnesses;
use super::{Judgement, Outcome, Ruling, Terms, Trial};
use crate::check::case::{At, Demand, What};
use crate::check::spans::{Account, Named, named};
use crate::rules::{Authority, Level};

/// Rules on a trial of which something valid went on that is sampled.
pub(super) fn rule(witnesses: &Witnesses<'_>, place: usize, terms: Terms) -> Vec<Ruling> {
    let (trial, spans) = (&witnesses.trials[place], witnesses.spans);
    let account = &spans.accounts[place];
    if !account.is_expected || account.calls.is_empty() {
        return Vec::new();
    }
    let ruling = |what, level, outcome| Ruling {
        by: Judgement::Agree,
        demand: Demand {
            what,
            level,
            authority: Authority::Convention,
            at: At::Any,
        },
        outcome,
    };
    vec![
        ruling(
            What::Exported,
            Level::Should,
            is_exported(trial, account).unwrap_or_else(|| spans.silence()),
        ),
        ruling(
            What::OneStory,
            level_of_the_trace(trial, witnesses.relation, terms),
            is_one_story(account).unwrap_or_else(|| spans.silence()),
        ),
    ]
}

/// As bad as it is on the wire if the trace is another one than it should be.
fn level_of_the_trace(trial: &Trial, relation: Relation, terms: Terms) -> Level {
    let about = |demand: &Demand| {
        matches!(
            demand.what,
            What::Keep | What::Anew | What::KeepAsEver | What::New | What::NotContinued
        )
    };
    let levels = terms.due(trial.case, relation).filter(about);
    levels
        .map(|demand| demand.level)
        .max()
        .unwrap_or(Level::Should)
}

fn is_exported(trial: &Trial, account: &Account) -> Option<Outcome> {
    if account.is_silent() {
        return None;
    }
    let Some(call) = account.calls.iter().find(|call| call.way.is_empty()) else {
        return Some(Outcome::Held);
    };
    let context = call.context;
    let is_sent = sent(trial).contains(&(context.trace_id, context.parent_id));
    let under = account.consequences.first().map(|made| {
        let span = &made.span;
        format!(
            ", under {}, {}/{}",
            named(span),
            span.trace_id,
            span.span_id
        )
    });
    let why = match is_sent {
        true => "which names what was sent, and no span of the service".to_owned(),
        false => format!("and nobody exported the span {}", context.parent_id),
    };
    Some(Outcome::Finding {
        expected: format!("{}{}", What::Exported.in_words(), under.unwrap_or_default()),
        actual: format!("{context} on the wire, {why}"),
    })
}

fn is_one_story(account: &Account) -> Option<Outcome> {
    let made = &account.consequences;
    let first = made.first()?;
    let belongs = |call: &&Named| {
        let mut way = call.way.iter();
        match call.way.is_empty() {
            // A span that is missing may well hang where it should.
            true => made
                .iter()
                .any(|made| made.span.trace_id == call.context.trace_id),
            false => way.any(|span| made.iter().any(|made| made.span.span_id == span.span_id)),
        }
    };
    let Some(call) = account.calls.iter().find(|call| !belongs(call)) else {
        return Some(Outcome::Held);
    };
    let span = &first.span;
    Some(Outcome::Finding {
        expected: format!(
            "a call that hangs under {}, {}/{}",
            named(span),
            span.trace_id,
            span.span_id
        ),
        actual: elsewhere(call),
    })
}

/// Where a call hangs instead.
fn elsewhere(call: &Named) -> String {
    let context = call.context;
    let above = |parent: Option<SpanId>| match parent {
        Some(parent) => format!("under {parent}, which nobody exported"),
        None => "in a trace of its own".to_owned(),
    };
    match (call.way.first(), call.way.last()) {
        (Some(span), Some(top)) => format!(
            "{context} on the wire, of {}, which hangs {}",
            named(span),
            above(top.parent)
        ),
        _ => format!("{context} on the wire, in another trace"),
    }
}
