//! The words of devices, collection points, data quality and alerts.

use crate::domain::alert::{AlertKind, Severity};
use crate::domain::state::Proof;
use crate::indicators::{Battery, ZeroVerdict};

/// The words of one language.
#[derive(Debug)]
pub struct WatchTexts {
    /// Navigation and title: alerts.
    pub alerts: &'static str,
    /// Alerts, explained.
    pub alerts_more: &'static str,
    /// Alerts beside the navigation, spoken: how many wait.
    pub waiting_spoken: fn(&str) -> String,
    /// Navigation and title: points.
    pub points: &'static str,
    /// A point.
    pub point: &'static str,
    /// Tab: open alerts.
    pub open: &'static str,
    /// Tab: alerts that have ended.
    pub past: &'static str,
    /// Severities, in the order of `Severity::ALL`.
    pub severities: [&'static str; 3],
    /// Kinds, in the order of `AlertKind::ALL`.
    pub kinds: [&'static str; 17],
    /// What to do, in the order of `AlertKind::ALL`.
    pub advice: [&'static str; 17],
    /// Filter: kind of alert.
    pub kind: &'static str,
    /// Filter: acknowledged or not.
    pub taken_filter: &'static str,
    /// Nobody has acknowledged it.
    pub waiting: &'static str,
    /// Somebody takes care of it.
    pub taken: &'static str,
    /// How many wait: count.
    pub waiting_sum: fn(&str) -> String,
    /// A point's mass: nothing yet.
    pub weighed_none: &'static str,
    /// A point's completeness: no day that has one.
    pub complete_none: &'static str,
    /// No open alert.
    pub none_open: &'static str,
    /// No alert that ended.
    pub none_past: &'static str,
    /// The filter leaves none.
    pub none_found: &'static str,
    /// Since when: moment, span.
    pub since: fn(&str, &str) -> String,
    /// It ended: from, to, span.
    pub lasted: fn(&str, &str, &str) -> String,
    /// It is gone since, and rests before it closes: moment.
    pub resting: fn(&str) -> String,
    /// Acknowledged by whom, when.
    pub taken_by: fn(&str, &str) -> String,
    /// Taken back by whom, when.
    pub taken_back_by: fn(&str, &str) -> String,
    /// Button: acknowledge.
    pub acknowledge: &'static str,
    /// What acknowledging does.
    pub acknowledge_more: &'static str,
    /// Field: note.
    pub note: &'static str,
    /// Button: take it back.
    pub take_back: &'static str,
    /// Section: who takes care.
    pub who: &'static str,
    /// Nobody yet.
    pub nobody: &'static str,
    /// The alert had ended.
    pub over: &'static str,
    /// First seen.
    pub first_seen: &'static str,
    /// Raised.
    pub raised: &'static str,
    /// Last seen.
    pub last_looked: &'static str,
    /// Ended.
    pub ended: &'static str,
    /// Section: what to do.
    pub to_do: &'static str,
    /// Earlier alerts of the subject.
    pub earlier: &'static str,
    /// All alerts.
    pub all_alerts: &'static str,
    /// When the rule holds.
    pub rule: &'static str,
    /// Overview: the most important alerts.
    pub care: &'static str,
    /// Overview: nothing open.
    pub care_none: &'static str,
    /// Overview: how many more.
    pub care_more: fn(&str) -> String,
    /// A whole commune as subject.
    pub commune: &'static str,
    /// Silent since: moment, span.
    pub says_silent: fn(&str, &str) -> String,
    /// Never heard.
    pub says_never: &'static str,
    /// Cards read, day.
    pub says_mute: fn(&str, &str) -> String,
    /// Level, times, span, day.
    pub says_stuck: fn(&str, &str, &str, &str) -> String,
    /// Picked up, still separate.
    pub says_remixing: fn(&str, &str) -> String,
    /// Dropped, moment.
    pub says_dropping: fn(&str, &str) -> String,
    /// Held, room.
    pub says_full: fn(&str, &str) -> String,
    /// Now.
    pub says_fell_new: fn(&str) -> String,
    /// Now, before.
    pub says_fell: fn(&str, &str) -> String,
    /// Contrary, inspected, percent, contrary before, inspected before, percent before.
    pub says_rose: fn(&[&str; 6]) -> String,
    /// Last day, days over.
    pub says_overdue: fn(&str, &str) -> String,
    /// Last day, days left.
    pub says_due: fn(&str, &str) -> String,
    /// Zero, division.
    pub says_zero: fn(&str, &str) -> String,
    /// Only by levels below zero.
    pub says_below_zero: &'static str,
    /// Seen, registered.
    pub says_step: fn(&str, &str) -> String,
    /// Events, moment.
    pub says_conflict: fn(&str, &str) -> String,
    /// Times, moment.
    pub says_refused: fn(&str, &str) -> String,
    /// Volts.
    pub says_battery: fn(&str) -> String,
    /// Events.
    pub says_missing: fn(&str) -> String,
    /// Unstable, overload, levels.
    pub says_unsteady: fn(&str, &str, &str) -> String,
    /// Devices, explained.
    pub devices_more: &'static str,
    /// No device is registered.
    pub devices_none: &'static str,
    /// No device matches.
    pub devices_none_found: &'static str,
    /// Field: search.
    pub search: &'static str,
    /// Filter: all or those with something to care for.
    pub show: &'static str,
    /// Only with alerts.
    pub show_trouble: &'static str,
    /// How many are shown: shown, all.
    pub of_all: fn(&str, &str) -> String,
    /// As a CSV file.
    pub csv: &'static str,
    /// Column: battery.
    pub battery: &'static str,
    /// Column: completeness of 7 days.
    pub complete_week: &'static str,
    /// Column: completeness of 28 days.
    pub complete_month: &'static str,
    /// Column: missing events.
    pub missing: &'static str,
    /// Column: verified until.
    pub verified: &'static str,
    /// Column: what needs care.
    pub care_column: &'static str,
    /// Nothing needs care.
    pub in_order: &'static str,
    /// Not registered any more, or not yet.
    pub not_registered: &'static str,
    /// Verification: no date.
    pub not_stated: &'static str,
    /// Verification: not needed.
    pub not_needed: &'static str,
    /// Overdue: day.
    pub overdue: fn(&str) -> String,
    /// Days left.
    pub days_left: fn(&str) -> String,
    /// Grade words in short, in the order of `Proof::ALL`.
    pub proofs: [&'static str; 3],
    /// What a grade means, in the order of `Proof::ALL`.
    pub proofs_more: [&'static str; 3],
    /// A profile nobody knows.
    pub proof_unknown: &'static str,
    /// Label: grade.
    pub proof: &'static str,
    /// Label: last heard.
    pub last_heard: &'static str,
    /// Never heard.
    pub never: &'static str,
    /// Label: connection.
    pub connection: &'static str,
    /// Label: firmware.
    pub firmware: &'static str,
    /// Label: stream.
    pub stream: &'static str,
    /// Any stream.
    pub any_stream: &'static str,
    /// Label: Max / e / Min.
    pub limits: &'static str,
    /// Label: profile.
    pub profile: &'static str,
    /// Link: its row in the register.
    pub in_register: &'static str,
    /// Section: completeness of the device.
    pub complete_title: &'static str,
    /// Section: battery.
    pub battery_title: &'static str,
    /// No battery was ever said.
    pub battery_none: &'static str,
    /// Batteries: low, weak, good.
    pub batteries: [&'static str; 3],
    /// Section: missing.
    pub missing_title: &'static str,
    /// Missing, explained by grade, in the order of `Proof::ALL`.
    pub missing_more: [&'static str; 3],
    /// Void and restore, explained.
    pub void_more: &'static str,
    /// Void and restore: only admins do it.
    pub void_admin: &'static str,
    /// Nothing is missing.
    pub missing_none: &'static str,
    /// Column: log.
    pub log: &'static str,
    /// Column: how many.
    pub how_many: &'static str,
    /// Column: state.
    pub state: &'static str,
    /// Column: counted on.
    pub counted_on: &'static str,
    /// Missing at the end: not counted on a day yet.
    pub tail: &'static str,
    /// State: missing.
    pub is_missing: &'static str,
    /// State: lost.
    pub is_lost: &'static str,
    /// State: voided.
    pub is_voided: &'static str,
    /// Button: void.
    pub void: &'static str,
    /// Button: restore.
    pub restore: &'static str,
    /// Field: why.
    pub why: &'static str,
    /// Section: words on gaps.
    pub words: &'static str,
    /// Voided by: who, when.
    pub voided_by: fn(&str, &str) -> String,
    /// Restored by: who, when.
    pub restored_by: fn(&str, &str) -> String,
    /// Section: how far times are trusted.
    pub times: &'static str,
    /// Times, explained.
    pub times_more: &'static str,
    /// Grades: device, rebuilt, neighbour, received.
    pub grades: [&'static str; 4],
    /// What grades mean.
    pub grades_more: [&'static str; 4],
    /// Late events.
    pub late: &'static str,
    /// Late, explained.
    pub late_more: &'static str,
    /// Column: events.
    pub events: &'static str,
    /// Column: part.
    pub part: &'static str,
    /// Nothing came in the period.
    pub no_events: &'static str,
    /// Section: scale.
    pub scale: &'static str,
    /// Scale, explained.
    pub scale_more: &'static str,
    /// Column: check.
    pub check: &'static str,
    /// Column: what was seen.
    pub seen: &'static str,
    /// Column: verdict.
    pub verdict: &'static str,
    /// Checks: zero, drift, step, stuck, mute, unstable, overload, below minimum, verification.
    pub checks: [&'static str; 9],
    /// Verdicts: in order, watch, not in order, not known.
    pub verdicts: [&'static str; 4],
    /// Zero verdicts, in the order of the enum.
    pub zeros: [&'static str; 6],
    /// Drift: grams in 28 days.
    pub drift: fn(&str) -> String,
    /// Too few days for a drift.
    pub drift_unknown: &'static str,
    /// Zero now: zero, limit.
    pub zero_now: fn(&str, &str) -> String,
    /// Zero without a limit.
    pub zero_alone: fn(&str) -> String,
    /// The scale tells no zero.
    pub zero_unknown: &'static str,
    /// Step: seen, registered.
    pub step_of: fn(&str, &str) -> String,
    /// Step not known.
    pub step_unknown: &'static str,
    /// Not stuck.
    pub stuck_no: &'static str,
    /// Not mute.
    pub mute_no: &'static str,
    /// Part of whole: part, whole, percent.
    pub part_of: fn(&str, &str, &str) -> String,
    /// Too few levels.
    pub too_few: &'static str,
    /// Section: refusals.
    pub refusals: &'static str,
    /// Refusals, explained.
    pub refusals_more: &'static str,
    /// Refused so often, last: times, moment.
    pub refused_times: fn(&str, &str) -> String,
    /// Never refused.
    pub refused_none: &'static str,
    /// Label: password.
    pub password: &'static str,
    /// Section: latest readings.
    pub latest: &'static str,
    /// Latest, explained.
    pub latest_more: &'static str,
    /// No reading yet.
    pub latest_none: &'static str,
    /// Column: time.
    pub time: &'static str,
    /// Column: what.
    pub what: &'static str,
    /// Column: how the time is known.
    pub clock: &'static str,
    /// Reading: card.
    pub reads_card: &'static str,
    /// Reading: level, settled.
    pub reads_level: fn(&str) -> String,
    /// Reading: level, not settled.
    pub reads_unstable: fn(&str) -> String,
    /// Reading: calibration.
    pub reads_calibration: fn(&str) -> String,
    /// Reading: lift.
    pub reads_lift: fn(&str) -> String,
    /// Reading: ticket.
    pub reads_ticket: fn(&str) -> String,
    /// Reading: heartbeat with what it says.
    pub reads_beat: fn(&str) -> String,
    /// Reading: numbers declared lost.
    pub reads_lost: fn(&str) -> String,
    /// Points, explained.
    pub points_more: &'static str,
    /// No point.
    pub points_none: &'static str,
    /// No point matches.
    pub points_none_found: &'static str,
    /// Column: share of its households.
    pub share: &'static str,
    /// Column: rounds ran of scheduled.
    pub rounds: &'static str,
    /// Column: missed rounds.
    pub missed: &'static str,
    /// Column: devices.
    pub devices: &'static str,
    /// Column: mass of 28 days.
    pub mass: &'static str,
    /// Rounds: ran, scheduled.
    pub rounds_of: fn(&str, &str) -> String,
    /// Section: rounds of 28 days.
    pub calendar: &'static str,
    /// The calendar, explained.
    pub calendar_more: &'static str,
    /// No round.
    pub calendar_none: &'static str,
    /// Days of the week, Monday first.
    pub weekdays: [&'static str; 7],
    /// Fates: counted, unobserved, missed, to come.
    pub fates: [&'static str; 4],
    /// Fates in short.
    pub fates_short: [&'static str; 4],
    /// What the fates mean.
    pub fates_more: [&'static str; 4],
    /// Rounds spoken: day, count.
    pub day_rounds: fn(&str, &str) -> String,
    /// Section: share of the point's households.
    pub share_title: &'static str,
    /// Link: shares by period.
    pub share_link: &'static str,
    /// Link: list of its households.
    pub households_link: &'static str,
    /// Link: its rounds.
    pub rounds_link: &'static str,
    /// Section: devices here.
    pub devices_here: &'static str,
    /// No device here.
    pub devices_here_none: &'static str,
    /// Quality, explained.
    pub quality_more: &'static str,
    /// Section: hamlets.
    pub by_hamlet: &'static str,
    /// Section: points.
    pub by_point: &'static str,
    /// By point, explained.
    pub by_point_more: &'static str,
    /// Section: what is missing and why.
    pub why_missing: &'static str,
    /// Why missing, explained.
    pub why_missing_more: &'static str,
    /// Reasons: hours not working, numbers missing, lost, voided, refused.
    pub reasons: [&'static str; 5],
    /// What each reason means, and what to do.
    pub reasons_more: [&'static str; 5],
    /// Column: hours worked of scheduled.
    pub hours: &'static str,
    /// Hours: working, scheduled.
    pub hours_of: fn(&str, &str) -> String,
    /// Column: late.
    pub late_column: &'static str,
    /// Column: clock.
    pub clock_column: &'static str,
    /// Column: unstable.
    pub unstable_column: &'static str,
    /// Column: overload.
    pub overload_column: &'static str,
    /// Column: no tag.
    pub untagged_column: &'static str,
    /// Row: commune.
    pub whole_commune: &'static str,
    /// Section: gaps by device.
    pub gap_list: &'static str,
    /// Gaps by device, explained.
    pub gap_list_more: &'static str,
    /// How many gaps more.
    pub gaps_more: fn(&str) -> String,
    /// Section: messages not taken.
    pub refused_messages: &'static str,
    /// Scales by verification: overdue, due, not stated, all.
    pub scales_sum: fn(&str, &str, &str, &str) -> String,
    /// Period of the figures: first, last day.
    pub period: fn(&str, &str) -> String,
    /// Column of a course: the least of a day.
    pub least: &'static str,
    /// … what stands for the day.
    pub middle: &'static str,
    /// … the greatest.
    pub greatest: &'static str,
    /// Online in the list.
    pub online: &'static str,
    /// Offline in the list.
    pub offline: &'static str,
    /// Silent in the list.
    pub silent: &'static str,
}

impl WatchTexts {
    /// Names a kind of alert.
    pub fn kind_of(&self, kind: AlertKind) -> &'static str {
        place_of(kind).and_then(|at| self.kinds.get(at)).copied().unwrap_or_default()
    }

    /// Says what to do about a kind.
    pub fn advice_of(&self, kind: AlertKind) -> &'static str {
        place_of(kind).and_then(|at| self.advice.get(at)).copied().unwrap_or_default()
    }

    /// Names a severity.
    pub const fn severity_of(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Alarm => self.severities[0],
            Severity::Warning => self.severities[1],
            Severity::Notice => self.severities[2],
        }
    }

    /// Names a grade in short, and says what it means.
    pub const fn proof_of(&self, proof: Option<Proof>) -> (&'static str, &'static str) {
        match proof {
            Some(Proof::Exact) => (self.proofs[0], self.proofs_more[0]),
            Some(Proof::Counted) => (self.proofs[1], self.proofs_more[1]),
            Some(Proof::BestEffort) => (self.proofs[2], self.proofs_more[2]),
            None => (self.proof_unknown, ""),
        }
    }

    /// Explains missing numbers to readers of a device of a grade.
    pub const fn missing_of(&self, proof: Option<Proof>) -> &'static str {
        match proof {
            Some(Proof::Exact) => self.missing_more[0],
            Some(Proof::Counted) => self.missing_more[1],
            Some(Proof::BestEffort) | None => self.missing_more[2],
        }
    }

    /// Names a battery's standing.
    pub const fn battery_of(&self, battery: Battery) -> &'static str {
        match battery {
            Battery::Low => self.batteries[0],
            Battery::Weak => self.batteries[1],
            Battery::Good => self.batteries[2],
        }
    }

    /// Names how a zero stands.
    pub const fn zero_of(&self, zero: ZeroVerdict) -> &'static str {
        match zero {
            ZeroVerdict::Unknown => self.zeros[0],
            ZeroVerdict::Holds => self.zeros[1],
            ZeroVerdict::Near => self.zeros[2],
            ZeroVerdict::Drifts => self.zeros[3],
            ZeroVerdict::Off => self.zeros[4],
            ZeroVerdict::OutOfRange => self.zeros[5],
        }
    }
}

fn place_of(kind: AlertKind) -> Option<usize> {
    AlertKind::ALL.iter().position(|of| *of == kind)
}

/// Vietnamese.
pub(super) const VI: WatchTexts = WatchTexts {
    alerts: "Cảnh báo",
    alerts_more: "Việc cần người để ý: mỗi việc một cảnh báo, mở từ lúc thấy tới lúc hết. Ghi nhận là cho mọi người biết đã có người lo; cảnh báo chỉ đóng khi việc đã hết thật.",
    waiting_spoken: |count| format!("{count} cảnh báo chưa ai ghi nhận"),
    points: "Điểm thu gom",
    point: "Điểm",
    open: "Đang mở",
    past: "Đã qua",
    severities: ["khẩn", "cần xem", "lưu ý"],
    kinds: [
        "Thiết bị im lặng",
        "Cân không ghi gì dù có quẹt thẻ",
        "Cân kẹt một số",
        "Rác đã tách có thể bị trộn lại",
        "Bản tin bị bỏ vì hết chỗ",
        "Chỗ cách ly sắp đầy",
        "Dữ liệu thiếu hẳn so với trước",
        "Lẫn tạp tăng",
        "Cân quá hạn kiểm định",
        "Cân lệch số 0",
        "Độ chia khác sổ đăng ký",
        "Bản ghi mâu thuẫn",
        "Thiết bị bị từ chối",
        "Pin yếu",
        "Thiếu bản ghi",
        "Số cân không ổn định",
        "Cân sắp hết hạn kiểm định",
    ],
    advice: [
        "Gọi tổ thu gom ở điểm: thiết bị có điện, có sóng không? Bản ghi vẫn nằm trong thiết bị và sẽ được gửi khi nối lại.",
        "Kiểm tra cân: nguồn điện, dây nối, mặt cân có bị kê không. Các lượt trong ngày chưa tính được cân nặng.",
        "Xem trên mặt cân có vật gì nằm lại, hoặc cân bị treo: tắt, bật lại. Các lượt cân giống nhau cần được rà và hủy nếu sai.",
        "Đối chiếu phiếu cân với nơi tiếp nhận: xe có chở nhóm đã tách tới đúng nhà máy không?",
        "Xem thiết bị nào gửi dồn dập ở trang Cách ly và sửa nó; chỗ cách ly có thể nới bằng cấu hình.",
        "Xem thiết bị nào gửi dồn dập ở trang Cách ly và sửa nó trước khi bản tin mới bị bỏ.",
        "Mở từng thiết bị của điểm: giờ nào không chạy, bản ghi nào thiếu. Tỷ lệ của các hộ ở đây kém chắc hơn trước.",
        "Tới điểm hướng dẫn lại, xem các phát hiện gần đây của tổ thu gom có cùng một nguyên nhân không.",
        "Đặt lịch kiểm định lại, rồi ghi ngày mới vào sổ đăng ký. Số cân quá hạn không dùng để giao nhận có thanh toán.",
        "Dọn sạch mặt cân, đặt lại số 0; còn lệch thì gọi thợ hiệu chuẩn.",
        "Cân đã bị thay hoặc chỉnh, hoặc sổ đăng ký ghi sai: xem nhãn trên cân rồi sửa sổ.",
        "Một số thứ tự có hai nội dung: thiết bị bị nhân bản hoặc bộ nhớ bị ghi lùi. Bản đầu được giữ; xem cả hai ở trang Cách ly.",
        "Tên, mật khẩu hoặc chủ đề của thiết bị chưa đúng. Quản trị viên xem chi tiết và cấp lại mật khẩu.",
        "Sạc hoặc thay pin trước lượt sau; xem tấm pin mặt trời có bị che không.",
        "Thiết bị giữ nhật ký sẽ tự gửi lại khi có sóng. Nếu thiết bị đã hỏng hẳn, quản trị viên ghi là sẽ không bao giờ có.",
        "Xem cân có đặt chắc, có gió hay người đứng lên không.",
        "Đặt lịch kiểm định trước ngày này, rồi ghi ngày mới vào sổ đăng ký.",
    ],
    kind: "Loại",
    taken_filter: "Ghi nhận",
    waiting: "chưa ai ghi nhận",
    taken: "đã ghi nhận",
    waiting_sum: |count| format!("{count} chưa ai ghi nhận"),
    weighed_none: "Chưa cân được gì ở điểm này trong các tuần qua.",
    complete_none: "Chưa có ngày nào thiết bị ở đây phải chạy theo lịch.",
    none_open: "Không có cảnh báo nào đang mở. Mọi thiết bị, cân và số liệu đang theo dõi đều trong ngưỡng.",
    none_past: "Chưa có cảnh báo nào từng mở rồi hết.",
    none_found: "Không có cảnh báo nào khớp với bộ lọc.",
    since: |moment, span| format!("từ {moment} ({span})"),
    lasted: |from, to, span| format!("{from} – {to} ({span})"),
    resting: |moment| format!("không còn thấy từ {moment}; sẽ đóng nếu không trở lại"),
    taken_by: |who, moment| format!("{who} ghi nhận lúc {moment}"),
    taken_back_by: |who, moment| format!("{who} rút ghi nhận lúc {moment}"),
    acknowledge: "Ghi nhận",
    acknowledge_more: "Ghi nhận không đóng cảnh báo. Nếu việc hết rồi trở lại, đó là cảnh báo mới, cần ghi nhận lại.",
    note: "Ghi chú (không bắt buộc)",
    take_back: "Rút ghi nhận",
    who: "Ai đang lo",
    nobody: "Chưa ai ghi nhận.",
    over: "Cảnh báo này đã hết trước khi được ghi nhận; không cần làm gì thêm.",
    first_seen: "Thấy lần đầu",
    raised: "Báo lúc",
    last_looked: "Thấy lần cuối",
    ended: "Hết lúc",
    to_do: "Nên làm gì",
    earlier: "Cảnh báo trước đây ở đây",
    all_alerts: "Mọi cảnh báo",
    rule: "Khi nào báo",
    care: "Cần để ý nhất",
    care_none: "Không có cảnh báo nào đang mở.",
    care_more: |count| format!("và {count} cảnh báo khác"),
    commune: "toàn hệ thống",
    says_silent: |moment, span| format!("Không nghe thấy gì từ {moment} ({span}), trong giờ của lượt thu gom."),
    says_never: "Chưa từng gửi bản ghi nào, dù đã có lượt thu gom cần tới.",
    says_mute: |reads, day| format!("Ngày {day} có {reads} lần quẹt thẻ mà cân không ghi số nào."),
    says_stuck: |level, times, span, day| format!("Ngày {day} hiện {level} {times} lần liền, trong {span}."),
    says_remixing: |picked, kept| format!("28 ngày qua gom riêng {picked}, nhà máy chỉ nhận riêng {kept}."),
    says_dropping: |rows, moment| format!("Đã bỏ {rows} bản từ đầu, lần gần nhất {moment}."),
    says_full: |held, room| format!("Đang giữ {held} trên {room}."),
    says_fell_new: |now| format!("7 ngày qua dữ liệu chỉ đầy đủ {now}."),
    says_fell: |now, before| format!("7 ngày qua dữ liệu chỉ đầy đủ {now}; 28 ngày trước đó {before}."),
    says_rose: |of| {
        format!(
            "28 ngày qua {} trên {} lượt xem xét bị lẫn tạp hoặc từ chối ({}); 28 ngày trước đó {} trên {} ({}).",
            of[0], of[1], of[2], of[3], of[4], of[5]
        )
    },
    says_overdue: |day, days| format!("Hạn kiểm định {day}, đã quá {days} ngày."),
    says_due: |day, days| format!("Hạn kiểm định {day}, còn {days} ngày."),
    says_zero: |zero, division| format!("Cân không tải mà hiện {zero}; cho phép ±{division}."),
    says_below_zero: "Nhiều lần hiện số âm vượt một độ chia.",
    says_step: |seen, registered| format!("Số cân nhảy theo bước {seen}, sổ đăng ký ghi {registered}."),
    says_conflict: |events, moment| {
        format!("{events} bản ghi trùng số thứ tự nhưng khác nội dung, lần gần nhất {moment}.")
    },
    says_refused: |times, moment| format!("Bị từ chối {times} lần từ đầu, lần gần nhất {moment}."),
    says_battery: |volts| format!("Pin báo {volts}."),
    says_missing: |events| format!("Biết chắc còn thiếu {events} bản ghi."),
    says_unsteady: |unstable, overload, levels| {
        format!("7 ngày qua {unstable} trên {levels} lần cân chưa yên, {overload} lần quá tải.")
    },
    devices_more: "Thiết bị cần để ý đứng đầu. Bấm tên để xem pin, cân, bản ghi thiếu và các bản ghi mới nhất.",
    devices_none: "Chưa khai báo thiết bị nào. Cán bộ thêm thiết bị trong sổ đăng ký, hoặc nhập tệp thiết bị.",
    devices_none_found: "Không có thiết bị nào khớp với bộ lọc.",
    search: "Tìm",
    show: "Hiện",
    show_trouble: "cần để ý",
    of_all: |shown, all| format!("{shown} trên {all}"),
    csv: "Tải về CSV",
    battery: "Pin",
    complete_week: "Đầy đủ 7 ngày",
    complete_month: "Đầy đủ 28 ngày",
    missing: "Thiếu",
    verified: "Kiểm định tới",
    care_column: "Cần để ý",
    in_order: "ổn",
    not_registered: "không có trong sổ đăng ký",
    not_stated: "chưa khai",
    not_needed: "không cần",
    overdue: |day| format!("quá hạn {day}"),
    days_left: |days| format!("còn {days} ngày"),
    proofs: ["thấy và bù được", "thấy được", "không thấy"],
    proofs_more: [
        "Mọi bản ghi có số thứ tự, thiết bị giữ lại tới khi máy chủ báo đã nhận: chỗ thiếu thấy được và sẽ được bù.",
        "Mọi bản ghi có số thứ tự nhưng thiết bị không giữ lại: chỗ thiếu thấy được mà không bù được.",
        "Bản ghi không có số thứ tự: có thiếu cũng không biết. Đừng coi im lặng là không có rác.",
    ],
    proof_unknown: "giao thức lạ",
    proof: "Chỗ thiếu",
    last_heard: "Nghe lần cuối",
    never: "chưa bao giờ",
    connection: "Kết nối",
    firmware: "Phần mềm",
    stream: "Nhóm chất thải",
    any_stream: "mọi nhóm",
    limits: "Max / e / Min",
    profile: "Giao thức",
    in_register: "Xem trong sổ đăng ký",
    complete_title: "Dữ liệu đầy đủ theo ngày",
    battery_title: "Pin",
    battery_none: "Thiết bị chưa báo điện áp pin trong 28 ngày qua: có thể dùng điện lưới.",
    batteries: ["yếu", "cần sạc", "tốt"],
    missing_title: "Bản ghi thiếu",
    missing_more: [
        "Số thứ tự bị nhảy trong nhật ký của thiết bị. Thiết bị còn giữ và sẽ gửi lại khi có sóng; dữ liệu đến muộn vẫn được tính.",
        "Số thứ tự bị nhảy. Thiết bị loại này không giữ nhật ký nên phần thiếu không gửi lại được.",
        "Thiết bị loại này không đánh số bản ghi: không thể biết có thiếu hay không.",
    ],
    void_more: "Khi chắc chắn một đoạn sẽ không bao giờ có (thiết bị cháy, mất), có thể ghi là bỏ, kèm lý do: đoạn đó không làm giảm độ đầy đủ nữa. Lấy lại được bất cứ lúc nào, và nếu bản ghi đến thật thì vẫn được tính.",
    void_admin: "Việc này do quản trị viên làm.",
    missing_none: "Không thiếu bản ghi nào.",
    log: "Nhật ký",
    how_many: "Bao nhiêu",
    state: "Tình trạng",
    counted_on: "Tính vào ngày",
    tail: "cuối nhật ký, chưa tính",
    is_missing: "đang thiếu",
    is_lost: "thiết bị báo đã mất",
    is_voided: "đã ghi là bỏ",
    void: "Ghi là bỏ",
    restore: "Lấy lại",
    why: "Lý do",
    words: "Ai đã ghi gì",
    voided_by: |who, moment| format!("{who} ghi là bỏ lúc {moment}"),
    restored_by: |who, moment| format!("{who} lấy lại lúc {moment}"),
    times: "Giờ của bản ghi, 28 ngày",
    times_more: "Bản ghi nào cũng được tính; giờ kém chắc thì chỉ dùng cho tấn, không dùng cho hộ.",
    grades: ["đồng hồ của thiết bị", "tính lại", "theo bản ghi bên cạnh", "theo lúc nhận"],
    grades_more: [
        "đồng hồ đã đặt và khớp với thời gian chạy",
        "từ lúc nhận trừ đi tuổi của bản ghi theo thời gian chạy",
        "kẹp giữa hai bản ghi có giờ trong cùng lần khởi động",
        "chỉ biết lúc tới: cộng vào tấn, không là bằng chứng của hộ",
    ],
    late: "đến muộn hơn một giờ",
    late_more: "thiết bị không có sóng lúc đó, gửi bù sau",
    events: "Bản ghi",
    part: "Phần",
    no_events: "Chưa có bản ghi nào trong 28 ngày qua.",
    scale: "Cân",
    scale_more: "Tính từ chính các bản ghi của cân, 28 ngày; giới hạn theo OIML R 76.",
    check: "Mục",
    seen: "Thấy",
    verdict: "Kết luận",
    checks: [
        "Số 0",
        "Trôi số 0",
        "Độ chia",
        "Kẹt số",
        "Có thẻ mà không cân",
        "Lần cân chưa yên",
        "Quá tải",
        "Dưới mức tối thiểu",
        "Kiểm định",
    ],
    verdicts: ["ổn", "theo dõi", "không ổn", "chưa biết"],
    zeros: ["chưa biết", "đúng 0", "hơi lệch", "đang trôi", "lệch", "lệch quá mức chỉnh được"],
    drift: |grams| format!("{grams} trong 28 ngày"),
    drift_unknown: "chưa đủ 14 ngày để tính",
    zero_now: |zero, limit| format!("{zero}; cho phép ±{limit}"),
    zero_alone: |zero| format!("{zero}; chưa biết độ chia"),
    zero_unknown: "cân không báo số 0",
    step_of: |seen, registered| format!("{seen}; sổ đăng ký {registered}"),
    step_unknown: "chưa đủ lần cân",
    stuck_no: "không thấy",
    mute_no: "không thấy",
    part_of: |part, whole, percent| format!("{part} trên {whole} ({percent})"),
    too_few: "chưa có lần cân nào",
    refusals: "Bị từ chối",
    refusals_more: "Máy chủ tin nhắn từ chối khi thiết bị đăng nhập sai hoặc gửi vào chủ đề không phải của mình.",
    refused_times: |times, moment| format!("{times} lần từ đầu; lần gần nhất {moment}."),
    refused_none: "Chưa bị từ chối lần nào.",
    password: "Mật khẩu",
    latest: "Bản ghi mới nhất",
    latest_more: "Không hiện số thẻ: số thẻ cùng cân nặng là dữ liệu cá nhân.",
    latest_none: "Chưa có bản ghi nào.",
    time: "Giờ",
    what: "Bản ghi",
    clock: "Giờ biết từ",
    reads_card: "quẹt thẻ",
    reads_level: |mass| format!("cân {mass}"),
    reads_unstable: |mass| format!("cân {mass}, chưa yên"),
    reads_calibration: |mass| format!("cân thử {mass}"),
    reads_lift: |mass| format!("nâng thùng {mass}"),
    reads_ticket: |mass| format!("phiếu cân xe {mass}"),
    reads_beat: |said| {
        if said.is_empty() { "báo còn sống".to_owned() } else { format!("báo còn sống: {said}") }
    },
    reads_lost: |numbers| format!("báo mất số {numbers}"),
    points_more: "Điểm cần để ý đứng đầu; các số là của 28 ngày đã hết.",
    points_none: "Chưa khai báo điểm thu gom nào. Thêm điểm trong sổ đăng ký.",
    points_none_found: "Không có điểm nào khớp với bộ lọc.",
    share: "Hộ thực hiện phân loại",
    rounds: "Lượt đã chạy",
    missed: "Bỏ lượt",
    devices: "Thiết bị",
    mass: "Khối lượng",
    rounds_of: |ran, scheduled| format!("{ran} trên {scheduled}"),
    calendar: "Lượt thu gom, 28 ngày",
    calendar_more: "Mỗi ô một ngày, mỗi dòng một lượt. Bấm để xem vì sao.",
    calendar_none: "Không có lượt thu gom nào theo lịch trong 28 ngày qua.",
    weekdays: ["T2", "T3", "T4", "T5", "T6", "T7", "CN"],
    fates: ["chạy, quan sát được", "chạy, không quan sát được", "bỏ lượt", "chưa tới"],
    fates_short: ["chạy", "không rõ", "bỏ", "chưa tới"],
    fates_more: [
        "tính là cơ hội giao của mọi hộ ở đây",
        "không tính là cơ hội: thiết bị nghỉ quá lâu và tổ thu gom không mở lượt",
        "không ai mở lượt và không có lần giao nào",
        "lượt của hôm nay chưa hết giờ",
    ],
    day_rounds: |day, count| format!("{day}: {count} lượt"),
    share_title: "Tỷ lệ của các hộ ở điểm này",
    share_link: "Xem theo kỳ",
    households_link: "Danh sách hộ của điểm",
    rounds_link: "Mọi lượt, với lý do",
    devices_here: "Thiết bị ở đây",
    devices_here_none: "Không có thiết bị nào ở điểm này: lượt chỉ quan sát được khi tổ thu gom mở.",
    quality_more: "Dữ liệu có đủ để tin con số không, thiếu ở đâu và vì sao. Số nào cũng dẫn tới thiết bị hoặc điểm của nó.",
    by_hamlet: "Theo thôn",
    by_point: "Theo điểm thu gom",
    by_point_more: "Điểm thiếu dữ liệu nhất đứng đầu.",
    why_missing: "Thiếu gì và vì sao",
    why_missing_more: "Độ đầy đủ = giờ chạy trên giờ theo lịch × bản ghi nhận được trên bản ghi biết là có. Mỗi phần thiếu có một nguyên nhân riêng.",
    reasons: [
        "Giờ thiết bị không chạy",
        "Bản ghi biết là thiếu",
        "Bản ghi thiết bị báo đã mất",
        "Bản ghi được ghi là bỏ",
        "Bản tin không đọc được",
    ],
    reasons_more: [
        "mất điện, hết pin hoặc hỏng trong giờ thu gom",
        "chưa gửi tới, hoặc thiết bị không giữ",
        "bộ nhớ của thiết bị đầy trước khi có sóng; không tính là thiếu",
        "quản trị viên nói sẽ không bao giờ có; không tính là thiếu",
        "đang nằm ở trang Cách ly, đọc lại được sau khi sửa",
    ],
    hours: "Giờ chạy",
    hours_of: |working, scheduled| format!("{working} trên {scheduled} giờ"),
    late_column: "Đến muộn",
    clock_column: "Giờ kém chắc",
    unstable_column: "Cân chưa yên",
    overload_column: "Quá tải",
    untagged_column: "Không có thẻ",
    whole_commune: "Toàn xã",
    gap_list: "Bản ghi thiếu theo thiết bị",
    gap_list_more: "Bấm tên thiết bị để xem từng đoạn theo nhật ký và ngày.",
    gaps_more: |count| format!("và {count} thiết bị khác"),
    refused_messages: "Bản tin không đọc được",
    scales_sum: |over, due, unstated, all| {
        format!("{all} cân: {over} quá hạn kiểm định, {due} còn dưới 30 ngày, {unstated} chưa khai ngày.")
    },
    period: |from, to| format!("{from} – {to}"),
    least: "Thấp nhất",
    middle: "Trong ngày",
    greatest: "Cao nhất",
    online: "đang nối",
    offline: "mất kết nối",
    silent: "im lặng",
};

/// English.
pub(super) const EN: WatchTexts = WatchTexts {
    alerts: "Alerts",
    alerts_more: "What needs somebody: one alert for each matter, open from when it is seen until it has ended. To acknowledge is to tell everybody that somebody takes care; an alert closes only when the matter itself has ended.",
    waiting_spoken: |count| format!("{count} alerts not acknowledged"),
    points: "Collection points",
    point: "Point",
    open: "Open",
    past: "Past",
    severities: ["alarm", "warning", "notice"],
    kinds: [
        "Silent device",
        "Scale records nothing while cards are read",
        "Scale stuck on one value",
        "Separated waste may be mixed again",
        "Messages dropped for want of room",
        "Quarantine nearly full",
        "Data much less complete than before",
        "Contamination rose",
        "Scale past its verification",
        "Scale off zero",
        "Division differs from the register",
        "Events in conflict",
        "Device refused",
        "Low battery",
        "Missing events",
        "Unsteady scale",
        "Scale verification runs out soon",
    ],
    advice: [
        "Call the crew at the point: has the device power, has it a signal? Its events stay in it and come once it is connected.",
        "Check the scale: power, cable, whether something props up the platform. The day's hand-overs have no weight.",
        "See whether something lies on the platform, or the scale hangs: switch it off and on. Equal hand-overs need a look, and voiding where wrong.",
        "Hold the tickets against the destinations: did the vehicle take the separated streams to the right plant?",
        "See on the quarantine page which device floods, and mend it; more room can be given in the configuration.",
        "See on the quarantine page which device floods, and mend it before new messages are dropped.",
        "Open the point's devices: which hours they did not work, which events are missing. The share of the households here is less certain than before.",
        "Go there and explain again; see whether the crew's latest findings have one cause.",
        "Have it verified, then enter the new day in the register. Weights past verification are not for settlement.",
        "Clear the platform and set the zero; if it stays off, call a technician to calibrate.",
        "The scale was replaced or set otherwise, or the register is wrong: read the plate on the scale and correct the register.",
        "One number has two contents: the device was cloned, or its memory was rolled back. The first stays; both are on the quarantine page.",
        "The device's name, password or topic is wrong. An administrator sees the details and gives a new password.",
        "Charge or replace the battery before the next round; see whether the solar panel is covered.",
        "A device that keeps its log sends it again once it has a signal. If it is broken for good, an administrator records that the events will never come.",
        "See whether the scale stands firm, and whether wind or people touch it.",
        "Have it verified before that day, then enter the new day in the register.",
    ],
    kind: "Kind",
    taken_filter: "Acknowledged",
    waiting: "by nobody yet",
    taken: "acknowledged",
    waiting_sum: |count| format!("{count} not acknowledged"),
    weighed_none: "Nothing was weighed at this point in the last weeks.",
    complete_none: "No day yet on which a device was scheduled to work here.",
    none_open: "No alert is open. Every device, scale and figure that is watched is within its limits.",
    none_past: "No alert has been open and ended yet.",
    none_found: "No alert matches the filter.",
    since: |moment, span| format!("since {moment} ({span})"),
    lasted: |from, to, span| format!("{from} – {to} ({span})"),
    resting: |moment| format!("not seen since {moment}; closes unless it comes back"),
    taken_by: |who, moment| format!("acknowledged by {who} at {moment}"),
    taken_back_by: |who, moment| format!("taken back by {who} at {moment}"),
    acknowledge: "Acknowledge",
    acknowledge_more: "Acknowledging does not close an alert. If the matter ends and comes back, that is a new alert to acknowledge.",
    note: "Note (optional)",
    take_back: "Take back",
    who: "Who takes care",
    nobody: "Nobody has acknowledged it.",
    over: "This alert had ended before it was acknowledged; nothing more is needed.",
    first_seen: "First seen",
    raised: "Raised",
    last_looked: "Last seen",
    ended: "Ended",
    to_do: "What to do",
    earlier: "Earlier alerts here",
    all_alerts: "All alerts",
    rule: "When it is raised",
    care: "What needs care most",
    care_none: "No alert is open.",
    care_more: |count| format!("and {count} more alerts"),
    commune: "the whole system",
    says_silent: |moment, span| format!("Not heard since {moment} ({span}), within the hours of a round."),
    says_never: "Has never sent an event, though rounds have needed it.",
    says_mute: |reads, day| format!("On {day} {reads} cards were read and the scale recorded nothing."),
    says_stuck: |level, times, span, day| format!("On {day} it showed {level} {times} times in a row, over {span}."),
    says_remixing: |picked, kept| {
        format!("In 28 days {picked} were picked up separately, plants took {kept} of it separately.")
    },
    says_dropping: |rows, moment| format!("{rows} dropped since the beginning, the last at {moment}."),
    says_full: |held, room| format!("{held} of {room} are taken."),
    says_fell_new: |now| format!("Of the last 7 days the data is only {now} complete."),
    says_fell: |now, before| {
        format!("Of the last 7 days the data is only {now} complete; of the 28 days before {before}.")
    },
    says_rose: |of| {
        format!(
            "In 28 days {} of {} inspected were contaminated or refused ({}); in the 28 days before {} of {} ({}).",
            of[0], of[1], of[2], of[3], of[4], of[5]
        )
    },
    says_overdue: |day, days| format!("Verified until {day}, {days} days ago."),
    says_due: |day, days| format!("Verified until {day}, {days} days left."),
    says_zero: |zero, division| format!("The empty scale shows {zero}; ±{division} is allowed."),
    says_below_zero: "It often shows more than a division below zero.",
    says_step: |seen, registered| format!("The display moves in steps of {seen}; the register says {registered}."),
    says_conflict: |events, moment| {
        format!("{events} events under a number that has other content, the last at {moment}.")
    },
    says_refused: |times, moment| format!("Refused {times} times since the beginning, the last at {moment}."),
    says_battery: |volts| format!("The battery says {volts}."),
    says_missing: |events| format!("{events} events are known to be missing."),
    says_unsteady: |unstable, overload, levels| {
        format!("In 7 days {unstable} of {levels} levels did not settle, {overload} were overloads.")
    },
    devices_more: "Devices that need care come first. Open one for its battery, scale, missing events and latest readings.",
    devices_none: "No device is registered. Officers add devices in the register, or import a devices file.",
    devices_none_found: "No device matches the filter.",
    search: "Search",
    show: "Show",
    show_trouble: "needing care",
    of_all: |shown, all| format!("{shown} of {all}"),
    csv: "Download CSV",
    battery: "Battery",
    complete_week: "Complete, 7 days",
    complete_month: "Complete, 28 days",
    missing: "Missing",
    verified: "Verified until",
    care_column: "Needs care",
    in_order: "in order",
    not_registered: "not in the register",
    not_stated: "not stated",
    not_needed: "not needed",
    overdue: |day| format!("overdue {day}"),
    days_left: |days| format!("{days} days left"),
    proofs: ["seen and filled", "seen", "not seen"],
    proofs_more: [
        "Exact: every event is numbered and kept by the device until the service has acknowledged it, so a gap is seen, and filled.",
        "Counted: every event is numbered, and the device keeps none: a gap is seen, and cannot be filled.",
        "Best effort: events carry no number, so nobody knows what is missing. Do not take silence for no waste.",
    ],
    proof_unknown: "unknown profile",
    proof: "Gaps are",
    last_heard: "Last heard",
    never: "never",
    connection: "Connection",
    firmware: "Firmware",
    stream: "Stream",
    any_stream: "any",
    limits: "Max / e / Min",
    profile: "Profile",
    in_register: "See it in the register",
    complete_title: "Completeness by day",
    battery_title: "Battery",
    battery_none: "The device has not said its battery's voltage in 28 days: it may run on mains.",
    batteries: ["low", "needs charging", "good"],
    missing_title: "Missing events",
    missing_more: [
        "Numbers skipped in the device's log. The device still keeps them and sends them when it has a signal; late data counts.",
        "Numbers skipped. A device of this kind keeps no log, so what is missing cannot be sent again.",
        "A device of this kind does not number its events: nobody can know whether any is missing.",
    ],
    void_more: "When a range will certainly never come (a device burnt or stolen), it can be voided with a reason: it no longer lowers completeness. It can be restored at any time, and if the events come after all they count.",
    void_admin: "Administrators do this.",
    missing_none: "No event is missing.",
    log: "Log",
    how_many: "How many",
    state: "State",
    counted_on: "Counted on",
    tail: "end of the log, not counted yet",
    is_missing: "missing",
    is_lost: "declared lost by the device",
    is_voided: "voided",
    void: "Void",
    restore: "Restore",
    why: "Reason",
    words: "Who recorded what",
    voided_by: |who, moment| format!("voided by {who} at {moment}"),
    restored_by: |who, moment| format!("restored by {who} at {moment}"),
    times: "Times of the events, 28 days",
    times_more: "Every event counts; one whose time is poorly known adds to tonnage only, not to a household.",
    grades: ["the device's clock", "rebuilt", "by neighbours", "by arrival"],
    grades_more: [
        "set, and in agreement with the time since boot",
        "from the arrival less the event's age by the time since boot",
        "between two timed events of the same boot",
        "only the arrival is known: adds tonnage, is no household's evidence",
    ],
    late: "more than an hour late",
    late_more: "the device had no signal then, and sent them afterwards",
    events: "Events",
    part: "Part",
    no_events: "No event in the last 28 days.",
    scale: "Scale",
    scale_more: "From the scale's own events, 28 days; limits after OIML R 76.",
    check: "Check",
    seen: "Seen",
    verdict: "Verdict",
    checks: [
        "Zero",
        "Drift of the zero",
        "Division",
        "Stuck value",
        "Cards without weights",
        "Levels not settled",
        "Overload",
        "Below the minimum",
        "Verification",
    ],
    verdicts: ["in order", "to watch", "not in order", "not known"],
    zeros: ["not known", "at zero", "slightly off", "drifting", "off", "off beyond what can be set"],
    drift: |grams| format!("{grams} in 28 days"),
    drift_unknown: "needs 14 days",
    zero_now: |zero, limit| format!("{zero}; ±{limit} is allowed"),
    zero_alone: |zero| format!("{zero}; the division is not known"),
    zero_unknown: "the scale does not say",
    step_of: |seen, registered| format!("{seen}; register {registered}"),
    step_unknown: "too few levels",
    stuck_no: "not seen",
    mute_no: "not seen",
    part_of: |part, whole, percent| format!("{part} of {whole} ({percent})"),
    too_few: "no level yet",
    refusals: "Refusals",
    refusals_more: "The broker refuses a device that logs in wrongly or sends to a topic that is not its own.",
    refused_times: |times, moment| format!("{times} since the beginning; the last at {moment}."),
    refused_none: "It was never refused.",
    password: "Password",
    latest: "Latest readings",
    latest_more: "Card numbers are not shown: a card's number with a weight is personal data.",
    latest_none: "No reading yet.",
    time: "Time",
    what: "Reading",
    clock: "Time known by",
    reads_card: "card read",
    reads_level: |mass| format!("weight {mass}"),
    reads_unstable: |mass| format!("weight {mass}, not settled"),
    reads_calibration: |mass| format!("test load {mass}"),
    reads_lift: |mass| format!("lift {mass}"),
    reads_ticket: |mass| format!("vehicle ticket {mass}"),
    reads_beat: |said| if said.is_empty() { "heartbeat".to_owned() } else { format!("heartbeat: {said}") },
    reads_lost: |numbers| format!("declares {numbers} lost"),
    points_more: "Points that need care come first; figures are of the 28 finished days.",
    points_none: "No collection point is registered. Add points in the register.",
    points_none_found: "No point matches the filter.",
    share: "Households sorting",
    rounds: "Rounds that ran",
    missed: "Missed",
    devices: "Devices",
    mass: "Mass",
    rounds_of: |ran, scheduled| format!("{ran} of {scheduled}"),
    calendar: "Rounds of 28 days",
    calendar_more: "A cell is a day, a line a round. Open one to see why.",
    calendar_none: "No round was scheduled in the last 28 days.",
    weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    fates: ["ran, observable", "ran, not observable", "missed", "to come"],
    fates_short: ["ran", "unseen", "missed", "to come"],
    fates_more: [
        "an opportunity of every household here",
        "no opportunity: the devices rested too long and no crew opened it",
        "no crew opened it and nothing was handed over",
        "a round of today whose hours are not over",
    ],
    day_rounds: |day, count| format!("{day}: {count} rounds"),
    share_title: "Share of this point's households",
    share_link: "By period",
    households_link: "List of its households",
    rounds_link: "All rounds, with reasons",
    devices_here: "Devices here",
    devices_here_none: "No device stands here: a round is observable only when a crew opens it.",
    quality_more: "Is there enough data to trust the figure, where is it missing, and why. Every number leads to its device or point.",
    by_hamlet: "By hamlet",
    by_point: "By collection point",
    by_point_more: "The least complete point first.",
    why_missing: "What is missing, and why",
    why_missing_more: "Completeness = hours working of hours scheduled × events received of events known to exist. Each part that is missing has a cause of its own.",
    reasons: [
        "Hours in which devices did not work",
        "Events known to be missing",
        "Events that devices declared lost",
        "Events voided",
        "Messages that could not be read",
    ],
    reasons_more: [
        "no power, an empty battery or a defect within the hours of rounds",
        "not sent yet, or not kept by the device",
        "the device's memory was full before it had a signal; not counted as missing",
        "an administrator says that they will never come; not counted as missing",
        "in quarantine, to be replayed after a fix",
    ],
    hours: "Hours working",
    hours_of: |working, scheduled| format!("{working} of {scheduled} h"),
    late_column: "Late",
    clock_column: "Doubted times",
    unstable_column: "Not settled",
    overload_column: "Overload",
    untagged_column: "Without a tag",
    whole_commune: "Whole commune",
    gap_list: "Missing events by device",
    gap_list_more: "Open a device to see each range by log and day.",
    gaps_more: |count| format!("and {count} more devices"),
    refused_messages: "Messages that could not be read",
    scales_sum: |over, due, unstated, all| {
        format!("{all} scales: {over} past their verification, {due} with less than 30 days, {unstated} without a day.")
    },
    period: |from, to| format!("{from} – {to}"),
    least: "Least",
    middle: "Of the day",
    greatest: "Greatest",
    online: "online",
    offline: "offline",
    silent: "silent",
};
