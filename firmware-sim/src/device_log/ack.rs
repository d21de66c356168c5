//! What the service says of a log: which numbers are settled.

/// Numbers of a log from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First number.
    pub first: u64,
    /// Last number.
    pub last: u64,
}

impl Span {
    /// Whether `seq` lies within.
    #[must_use]
    pub fn contains(&self, seq: u64) -> bool {
        (self.first..=self.last).contains(&seq)
    }

    /// Whether the whole of `other` lies within.
    #[must_use]
    pub fn holds(&self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// The same numbers in as few spans as can be, in order.
    #[must_use]
    pub fn joined(mut spans: Vec<Self>) -> Vec<Self> {
        spans.sort_unstable();
        let mut joined: Vec<Self> = Vec::new();
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.first <= last.last.saturating_add(1) => last.last = last.last.max(span.last),
                Some(_) | None => joined.push(span),
            }
        }
        joined
    }
}

/// An acknowledgement, as the contract words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// Log it speaks of.
    pub log: u32,
    /// The database's life; another one has forgotten or never seen what this one acknowledged.
    pub epoch: String,
    /// Every event up to this number is settled, less `missing`.
    pub upto: u64,
    /// Not settled after all; in order, at most 64.
    pub missing: Vec<Span>,
    /// In quarantine: not to be sent again.
    pub refused: Vec<Span>,
    /// The service's clock, milliseconds since 1970 UTC.
    pub now_ms: i64,
}

impl Ack {
    /// Whether event `seq` is settled by it.
    #[must_use]
    pub fn covers(&self, seq: u64) -> bool {
        (seq <= self.upto && !self.missing.iter().any(|gap| gap.contains(seq))) || self.refuses(seq)
    }

    /// Whether event `seq` is in quarantine.
    #[must_use]
    pub fn refuses(&self, seq: u64) -> bool {
        self.refused.iter().any(|span| span.contains(seq))
    }
}
