use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use cucumber::gherkin::{Feature, Scenario};

use crate::steps::Unasked;
use crate::verdict::{Judgement, Known, Verdict};

/// What scenarios left, kept until the writer reports it.
#[derive(Clone, Default)]
pub(super) struct Ledger {
    records: Arc<Mutex<HashMap<Key, Record>>>,
}

/// Which scenario: one that is mounted over several boundaries has as many names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    feature: Option<PathBuf>,
    line: usize,
    name: String,
}

/// What one scenario left.
pub(super) struct Record {
    pub(super) verdict: Verdict,
    pub(super) judgement: Option<Judgement>,
    pub(super) known: Vec<Known>,
    /// What the scenario should have asked, and did not.
    pub(super) unasked: Vec<Unasked>,
}

impl Ledger {
    pub(super) fn put(&self, key: Key, record: Record) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.insert(key, record);
    }

    pub(super) fn take(&self, key: &Key) -> Option<Record> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.remove(key)
    }
}

impl Key {
    pub(super) fn of(feature: &Feature, scenario: &Scenario) -> Self {
        Self {
            feature: feature.path.clone(),
            line: scenario.position.line,
            name: scenario.name.clone(),
        }
    }
}
