//! What a request carries beside its ids, and what is said of where that may go.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use unbroken_adapters::Format;
use unbroken_adapters::service::Luggage;

/// What belongs to a request, and no hop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// What the entry sends with it.
    pub luggage: Luggage,
    /// In which formats services read and write it, the most preferred first, where that is said.
    pub formats: BTreeMap<String, Vec<Format>>,
    /// Services beyond a trust boundary: there the trace begins anew.
    pub beyond: BTreeSet<String>,
    /// Services whose business the baggage is not.
    pub third_parties: BTreeSet<String>,
}

impl Request {
    /// What a service speaks; what all speak if nobody says otherwise.
    pub fn formats_of(&self, service: &str) -> Vec<Format> {
        let declared = self.formats.get(service).cloned();
        declared.unwrap_or_else(|| Format::DEFAULT.to_vec())
    }

    /// Every service that is described here.
    pub fn services(&self) -> impl Iterator<Item = &String> {
        let formats = self.formats.keys();
        formats.chain(&self.beyond).chain(&self.third_parties)
    }
}
