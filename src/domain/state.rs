//! The vocabulary of a household's day: state, reason, evidence.

use serde::{Deserialize, Serialize};

macro_rules! word {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, in the order of the definition.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Gives the word used in the API, the database and the files.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// Finds the value of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use word;

word!(
    /// What is known of a household at the end of a day.
    State {
        /// Every required stream is accounted for and nothing contrary is open.
        Sorting = "S",
        /// A contrary finding is open. Never from silence.
        NotSorting = "N",
        /// Neither is proven.
        Undetermined = "U",
    }
);

word!(
    /// Why a household is undetermined, in the order in which lists show them (the one to visit first comes first).
    Reason {
        /// Handed over only streams that are not required.
        OnlyOther = "only_other",
        /// Every unaccounted stream is declared, none verified.
        OnlyDeclared = "only_declared",
        /// At least one required stream is accounted for, but not all.
        OneStreamMissing = "one_stream_missing",
        /// Observable, and nothing was handed over.
        NoPickup = "no_pickup",
        /// The household could not have been seen.
        NotObservable = "not_observable",
    }
);

word!(
    /// The strength of what stands behind an accounted stream; stronger first.
    Level {
        /// A: a tag read with a stable weight, or a reader that names its stream.
        Device = "device",
        /// B: a separated pickup logged by the crew.
        Crew = "crew",
        /// C: a home pathway or sorting seen on a visit.
        Verified = "verified",
    }
);

word!(
    /// What a crew or a visitor found.
    FindingKind {
        /// Streams were mixed.
        Mixed = "mixed",
        /// The stream was contaminated.
        Contaminated = "contaminated",
        /// Collection was refused.
        Refused = "refused",
        /// Clean: closes an open contrary finding.
        Clean = "clean",
    }
);

impl FindingKind {
    /// Tells whether the finding speaks against the household's sorting.
    pub const fn is_contrary(self) -> bool {
        match self {
            Self::Mixed | Self::Contaminated | Self::Refused => true,
            Self::Clean => false,
        }
    }
}

word!(
    /// What a visit found.
    VisitResult {
        /// The household sorts.
        Sorting = "sorting",
        /// The household does not sort.
        NotSorting = "not_sorting",
    }
);

word!(
    /// How a household treats a stream at home.
    Pathway {
        /// Home compost.
        Compost = "compost",
        /// Animal feed.
        AnimalFeed = "animal_feed",
        /// Sold to the scrap trade.
        Sold = "sold",
        /// Given away.
        Given = "given",
    }
);

word!(
    /// How a pathway is known.
    PathwayLevel {
        /// D: a declaration only; never in the headline.
        Declared = "declared",
        /// C: seen on a visit.
        Verified = "verified",
    }
);

word!(
    /// Why a registered household is not in the denominator.
    ExclusionReason {
        /// Absent for a while.
        Absent = "absent",
        /// A vacant house.
        Vacant = "vacant",
        /// Moved away or merged with another household.
        Moved = "moved",
        /// Not a household.
        NotAHousehold = "not_a_household",
    }
);

/// A household's state on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DayState {
    /// S, N or U.
    pub state: State,
    /// Why U; `None` for S and N.
    pub reason: Option<Reason>,
    /// For S: the weakest of the streams' strongest levels; `None` otherwise.
    pub weakest: Option<Level>,
    /// No open contrary finding and at least one required stream accounted for.
    pub at_least_one: bool,
    /// Declared or accounted for in at least one required stream.
    pub enrolled: bool,
}

word!(
    /// What a device's events can prove about their completeness, by its profile.
    Proof {
        /// A gap is seen, and filled: the device keeps its log until an `ack` covers it.
        Exact = "exact",
        /// A gap is seen, not filled: events are numbered, and the device keeps none.
        Counted = "counted",
        /// A gap is not seen: no numbers.
        BestEffort = "best_effort",
    }
);

impl Proof {
    /// Gives the grade of a profile. `None`: no such profile.
    pub fn of_profile(profile: &str) -> Option<Self> {
        match profile {
            "native" => Some(Self::Exact),
            _ => None,
        }
    }

    /// Tells whether devices of a profile send heartbeats, so that silence is soon known. A profile that sends none is judged by
    /// the rounds in which nothing came of it.
    pub fn has_heartbeats(profile: &str) -> bool {
        match Self::of_profile(profile) {
            Some(Self::Exact) => true,
            Some(Self::Counted | Self::BestEffort) | None => false,
        }
    }
}
