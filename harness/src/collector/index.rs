//! What the store knows, and by what it is found.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use opentelemetry::TraceId;

use super::counts::{Counts, Ingested};
use crate::span::{Malformed, Span};

#[derive(Debug)]
pub(super) struct Index {
    traces: HashMap<TraceId, Trace>,
    /// By the trace that is linked to: the traces that link into it, each once.
    linking: HashMap<TraceId, Vec<TraceId>>,
    runs: HashMap<u32, Run>,
    /// By number, in the order of arrival.
    malformed: BTreeMap<u64, Arc<Malformed>>,
    malformed_in: HashMap<TraceId, BTreeSet<u64>>,
    next_malformed: u64,
    limit: usize,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Trace {
    spans: Vec<Arc<Span>>,
    /// The runs that it touches.
    runs: BTreeSet<u32>,
    /// The traces that it links to.
    linked: HashSet<TraceId>,
}

#[derive(Debug, Default)]
struct Run {
    traces: Vec<TraceId>,
    malformed: BTreeSet<u64>,
}

impl Index {
    /// How many reasons for bad payloads are kept, and how much of each.
    const REASONS: usize = 16;
    const REASON_LENGTH: usize = 300;

    pub(super) fn new(limit: usize) -> Self {
        Self {
            traces: HashMap::new(),
            linking: HashMap::new(),
            runs: HashMap::new(),
            malformed: BTreeMap::new(),
            malformed_in: HashMap::new(),
            next_malformed: 0,
            limit,
            counts: Counts::default(),
        }
    }

    pub(super) fn insert(&mut self, item: Result<Span, Arc<Malformed>>, ingested: &mut Ingested) {
        self.counts.received += 1;
        if self.counts.held >= self.limit {
            self.counts.refused += 1;
            ingested.refused += 1;
            return;
        }
        self.counts.held += 1;
        match item {
            Ok(span) => {
                ingested.stored += 1;
                self.insert_span(span);
            }
            Err(malformed) => {
                self.counts.malformed += 1;
                ingested.malformed += 1;
                self.insert_malformed(malformed);
            }
        }
    }

    fn insert_span(&mut self, span: Span) {
        let id = span.trace_id;
        if let Some(malformed) = &span.malformed_links {
            self.counts.malformed_links += 1;
            self.insert_malformed(Arc::clone(malformed));
        }
        let trace = self.traces.entry(id).or_default();
        for run in span.runs() {
            if trace.runs.insert(run) {
                self.runs.entry(run).or_default().traces.push(id);
            }
        }
        for link in &span.links {
            if link.trace_id != id && trace.linked.insert(link.trace_id) {
                self.linking.entry(link.trace_id).or_default().push(id);
            }
        }
        trace.spans.push(Arc::new(span));
    }

    fn insert_malformed(&mut self, malformed: Arc<Malformed>) {
        let number = self.next_malformed;
        self.next_malformed += 1;
        for run in malformed.runs() {
            self.runs.entry(run).or_default().malformed.insert(number);
        }
        if let Some(trace) = malformed.trace_id {
            self.malformed_in.entry(trace).or_default().insert(number);
        }
        self.malformed.insert(number, malformed);
    }

    pub(super) fn trace(&self, id: TraceId) -> &[Arc<Span>] {
        self.traces.get(&id).map_or(&[], |trace| &trace.spans)
    }

    pub(super) fn linking_into(&self, id: TraceId) -> &[TraceId] {
        self.linking.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn touching(&self, run: u32) -> &[TraceId] {
        self.runs.get(&run).map_or(&[], |run| &run.traces)
    }

    pub(super) fn malformed(&self) -> Vec<Arc<Malformed>> {
        self.malformed.values().cloned().collect()
    }

    pub(super) fn malformed_of(&self, run: u32) -> Vec<Arc<Malformed>> {
        let numbers = self.malformed_numbers(run);
        let found = numbers.iter().filter_map(|n| self.malformed.get(n));
        found.cloned().collect()
    }

    fn malformed_numbers(&self, run: u32) -> BTreeSet<u64> {
        let Some(run) = self.runs.get(&run) else {
            return BTreeSet::new();
        };
        let in_traces = run.traces.iter().filter_map(|t| self.malformed_in.get(t));
        let named = run.malformed.iter();
        named.chain(in_traces.flatten()).copied().collect()
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts.clone()
    }

    pub(super) fn bad_payload(&mut self, reason: &str) {
        self.counts.bad_payloads += 1;
        let reasons = &mut self.counts.bad_payload_reasons;
        if reasons.len() < Self::REASONS {
            reasons.push(reason.chars().take(Self::REASON_LENGTH).collect());
        }
    }

    pub(super) fn discarded(&mut self) {
        self.counts.discarded += 1;
    }

    /// All indexes are cleaned once for all traces: a hub that thousands link to is then no
    /// matter of squares.
    pub(super) fn forget(&mut self, run: u32) {
        let numbers = self.malformed_numbers(run);
        let Some(forgotten) = self.runs.remove(&run) else {
            return;
        };
        let mut gone = HashSet::new();
        let mut linked = HashSet::new();
        for id in forgotten.traces {
            let Some(trace) = self.traces.get_mut(&id) else {
                continue;
            };
            trace.runs.remove(&run);
            if trace.runs.is_empty() {
                gone.insert(id);
                linked.extend(trace.linked.drain());
                self.counts.held -= trace.spans.len();
                self.traces.remove(&id);
            }
        }
        for target in linked {
            if let Some(linking) = self.linking.get_mut(&target) {
                linking.retain(|id| !gone.contains(id));
                if linking.is_empty() {
                    self.linking.remove(&target);
                }
            }
        }
        self.forget_malformed(&numbers);
    }

    fn forget_malformed(&mut self, numbers: &BTreeSet<u64>) {
        for number in numbers {
            let Some(malformed) = self.malformed.get(number) else {
                continue;
            };
            let trace = malformed.trace_id;
            let is_touched = |id| self.traces.get(&id).is_some_and(|t| !t.runs.is_empty());
            if trace.is_some_and(is_touched) || malformed.runs().any(|r| self.runs.contains_key(&r))
            {
                continue;
            }
            // What is wrong with links goes with its span.
            self.counts.held -= usize::from(!malformed.is_of_links());
            self.malformed.remove(number);
            if let Some(trace) = trace
                && let Some(numbers) = self.malformed_in.get_mut(&trace)
            {
                numbers.remove(number);
                if numbers.is_empty() {
                    self.malformed_in.remove(&trace);
                }
            }
        }
    }
}
