//! The pure core: what the words mean and how facts become pickups, states and totals.
//!
//! Owns the glossary below, the units and every rule that decides about a household or a gram. Touches no clock, no
//! file, no database and no network: given the same facts, register and rules it gives the same answer, to the last digit.
//!
//! | Term | Tiếng Việt | Meaning |
//! |---|---|---|
//! | stream | nhóm chất thải | a kind of waste; streams are data, some are *required* by the sorting rule |
//! | round | lượt thu gom | a place, a stream and a service date that was scheduled |
//! | opportunity | cơ hội giao | a round offered to a household that ran and was observable |
//! | pickup | lần giao rác | one household (or unknown) handed over one stream at one place and time |
//! | finding | phát hiện | mixed, contaminated, refused or clean, seen by crew or visitor |
//! | station | trạm cân | devices of one place whose readings are joined |
//! | pathway | cách xử lý tại nhà | compost, animal feed, sold, given |
//! | visit | lần đến hộ | what a visitor found at a household on a day; with the pathways that were seen |
//! | attempt | lần đến chưa xem được | a visitor came and could see nothing: no evidence |
//! | reading | bản ghi thiết bị | one event of one device, as captured |
//! | hand-over | lần đặt cân | one load on a scale, or one step of a bin |
//! | practice | việc giao rác của hộ | what stands beside a household's state: served, set out, treats food waste at home |
//! | card | thẻ hộ | what a household shows a reader or a crew: a tag; a *printed* one has a drawn number and nothing else |
//! | own code | mã riêng của hộ | the secret by which a household opens its own page; never on its card |
//! | ticket | phiếu cân xe | what a vehicle delivered to a destination |
//! | destination | nơi tiếp nhận | a dump or a plant |
//! | condition | tình trạng thiết bị | what a device's own events of a day tell of battery, scale and clock |
//! | alert | cảnh báo | something that somebody should look at, open from when it is seen until it has ended |
//! | level of evidence | mức bằng chứng | A device, B crew, C verified, D declared, X contrary |

pub mod alert;
pub mod attribution;
pub mod card;
pub mod condition;
pub mod facts;
pub mod ids;
pub mod month;
pub mod neighbour;
pub mod pickup;
pub mod proposal;
pub mod reading;
pub mod register;
pub mod register_faults;
pub mod round;
pub mod rules;
pub mod sorting;
pub mod state;
pub mod ticket;
pub mod time;
pub mod units;
pub mod visit;
