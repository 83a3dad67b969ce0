/// What a store took in since it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Spans that came, whatever became of them.
    pub received: u64,
    /// Spans that could not be decoded to a [`Span`](crate::span::Span), and are kept as [`Malformed`](crate::span::Malformed).
    pub malformed: u64,
    /// Spans that stand, but with links that were set apart as [`Malformed`](crate::span::Malformed).
    pub malformed_links: u64,
    /// Spans that were turned away as the store was full.
    pub refused: u64,
    /// Spans that are in the store now, the malformed among them.
    pub held: usize,
    /// Requests that nothing could be read from.
    pub bad_payloads: u64,
    /// Why, of the first of them.
    pub bad_payload_reasons: Vec<String>,
    /// Requests with metrics or logs, which were thrown away.
    pub discarded: u64,
}

/// What became of one batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Spans that are in the store now.
    pub stored: usize,
    /// Spans that are kept as malformed.
    pub malformed: usize,
    /// Spans that were turned away as the store was full.
    pub refused: usize,
}
