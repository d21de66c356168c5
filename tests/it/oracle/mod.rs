//! A second evaluator of the definitions: slow, plain, and written from their text alone.
//!
//! Owns a model of a commune's facts (`world`, `time`), the road from readings to pickups (`visit`, `attribute`,
//! `rounds`, `gather`), the states and the tonnage (`household`, `evaluate`), what is published of them and of everything else
//! (`period`), and a maker of small random communes (`generate` and what it uses). It may not use the product's code: what both get wrong together, no test would
//! see.
//!
//! Times are of `device` grade only (clock set, time sent); other events take no part.
//!
//! # Why
//! Where the definitions leave room, the evaluator takes the most literal reading, never a guess in the household's
//! favour. Each such choice is here, so that a difference can be settled at once. Those marked * never decide a
//! figure in the worlds of `generate`; `Knobs::open_questions` lets them in. The others do, in few of them.
//!
//! Attribution
//! - \* An unregistered tag is somebody's: read within 2 s of a household's, or both within the 15 s after a
//!   weight, the weight is ambiguous. Two tags of one household are one candidate.
//! - \* A read within 2 s of another holder's spoils its whole visit (reads of one tag at most 30 s apart), not
//!   only the weights near it.
//! - A load is its device's, log's, boot's and number's. Its first stable level fixes time and household; \* one
//!   overloaded level makes the whole load overloaded, hence not accepted.
//! - Without `load`, a level repeats the stable level before it when it is within one division (inclusive), however
//!   long after; any tag read of the station between, the same tag too, ends it; zero is a net level of 0 or less.
//! - \* A bin's first level only sets the level; so does any fall. Each rise, however small, is a hand-over. An
//!   overloaded level of a bin is skipped like an unstable one.
//! - A net of 0 or less is no hand-over. Overload is judged by gross weight, or by `range`. Below Min changes
//!   nothing.
//! - Reads at a station without a scale: each within 2 min of the one before joins it; \* nothing there is
//!   ambiguous. An unregistered tag gives a pickup of nobody known. The pickup stands at its first read.
//! - Devices of one place that name no station form one.
//!
//! Rounds
//! - A stream needs the readers and scales of its place that name it or no stream. \* A place without any proves
//!   nothing.
//! - "Less than weekly": no row of the stream at the household's places on T offers as many weekdays as weeks (\*
//!   two weekdays every two weeks are weekly). A stream not scheduled there on T has the ordinary window.
//! - An opening counts whenever it was made, if the round is scheduled.
//!
//! Households
//! - A household that moved is one household since its first version; a round is offered by the place it had on the
//!   round's service date. Its routes have no dates.
//! - A contest stands from the moment of the pickup, even when found later; \* even after midnight.
//! - A C closes an open X even when a later contrary finding voids that C.
//! - A contrary finding voids a C at any later time up to T, also after its 180 days.
//! - "Crew-logged round": opened by a crew, offered to the household, ended, with its service date in the last 28
//!   days (90 for a stream scheduled less than weekly).
//! - Ages run from day to day: a finding's day is its local day.
//! - Each day follows the version of the rule in force on it; a round is observable by the version of its service date, and a
//!   finding's two hours are those of its own day.
//!
//! Crew and tonnage
//! - `mixed` and `contaminated` are an accepted pickup and a contrary finding; `refused` is the finding alone. A
//!   voided pickup is neither.
//! - A crew pickup that names a reading gives its household to the whole hand-over, \* also over a tag's; the level
//!   is `device` only where the tag had said the same. What is not accepted, or was taken back, takes no name.
//! - A device's pickup is taken back by the reading that names it: its first settled level, its step, its lift, its first read.
//! - One hand-over, one weight: "within a round" is the same household, stream, place and round; \* outside rounds,
//!   the same local day. Several manual weights of one round add up.
//! - Estimated: a pickup without weight, where its household has no weight in that round; a crew's only where the
//!   devices saw none.

pub mod attribute;
pub mod deliver;
pub mod evaluate;
mod facts;
pub mod gather;
pub mod generate;
pub mod household;
pub mod inspect;
pub mod period;
pub mod random;
pub mod read;
mod readings;
pub mod rounds;
pub mod scene;
pub mod session;
pub mod time;
pub mod visit;
pub mod world;
pub mod write;
