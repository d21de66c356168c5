//! The words of the pages of households and rounds.

/// The words of one language.
#[derive(Debug)]
pub struct HouseholdsTexts {
    /// Field: search.
    pub search: &'static str,
    /// Field: search, for those who see no names.
    pub search_code: &'static str,
    /// Filter and column: required streams not accounted for.
    pub missing: &'static str,
    /// Column: name of the head of the household.
    pub name: &'static str,
    /// Column: address.
    pub address: &'static str,
    /// Column: since when the state holds.
    pub since: &'static str,
    /// Link: the printable sheet.
    pub sheet: &'static str,
    /// Link: the table as a file.
    pub csv: &'static str,
    /// Link: visits by list.
    pub by_list: &'static str,
    /// Caption of the list.
    pub caption: &'static str,
    /// A code that was searched for exists, but has no state on the day; takes the code.
    pub not_listed: fn(&str) -> String,
    /// Title of the sheet.
    pub sheet_title: &'static str,
    /// How to fill the sheet in.
    pub sheet_more: &'static str,
    /// Line for the visitor's name.
    pub sheet_visitor: &'static str,
    /// Column: date of the visit.
    pub sheet_day: &'static str,
    /// Column: signature.
    pub sheet_sign: &'static str,
    /// Column: does the household sort.
    pub sheet_sorts: &'static str,
    /// Yes.
    pub yes: &'static str,
    /// No.
    pub no: &'static str,
    /// Button: print.
    pub print: &'static str,
    /// Only the first rows are on the sheet; takes their number.
    pub sheet_first: fn(&str) -> String,
    /// Home pathways: compost, animal feed, sold, given.
    pub pathways: [&'static str; 4],
    /// Field: the day.
    pub on: &'static str,
    /// Link: the day before.
    pub earlier: &'static str,
    /// Link: the day after.
    pub later: &'static str,
    /// Button: show.
    pub show: &'static str,
    /// Marks today.
    pub so_far: &'static str,
    /// The household is not in the denominator.
    pub not_counted: &'static str,
    /// Why not: not registered.
    pub not_registered: &'static str,
    /// Why not: excluded; reason, from, to (may be empty).
    pub excluded: fn(&str, &str, &str) -> String,
    /// Reasons for exclusion, in the order of `ExclusionReason::ALL`.
    pub exclusions: [&'static str; 4],
    /// Why not: new; opportunities so far, enough, latest day.
    pub new: fn(&str, &str, &str) -> String,
    /// Heading: what would change it.
    pub would_change: &'static str,
    /// What is supposed.
    pub would_change_more: &'static str,
    /// Time alone: day, state, streams that lapse (may be empty).
    pub turn_nothing: fn(&str, &str, &str) -> String,
    /// A visit finds sorting: state.
    pub turn_visit: fn(&str) -> String,
    /// Pathways seen: streams, state.
    pub turn_pathways: fn(&str, &str) -> String,
    /// Clean finding: stream (may be empty), state.
    pub turn_clean: fn(&str, &str) -> String,
    /// One more pickup: stream, last day, state.
    pub turn_pickup: fn(&str, &str, &str) -> String,
    /// Several pickups: stream and day of each, state.
    pub turn_pickups: fn(&str, &str) -> String,
    /// A visit finds no sorting: state.
    pub turn_not_sorting: fn(&str) -> String,
    /// Heading: timeline.
    pub timeline: &'static str,
    /// Column: from.
    pub from: &'static str,
    /// Column: to.
    pub to: &'static str,
    /// Still.
    pub still: &'static str,
    /// Heading: the streams.
    pub streams: &'static str,
    /// A required stream.
    pub required: &'static str,
    /// Not a required stream.
    pub not_required: &'static str,
    /// Accounted for; level.
    pub accounted: fn(&str) -> String,
    /// Not accounted for.
    pub unaccounted: &'static str,
    /// Declared only.
    pub declared: &'static str,
    /// Window: from, opportunities in it.
    pub window: fn(&str, &str) -> String,
    /// Opportunities within days: count, days, enough.
    pub observed: fn(&str, &str, &str) -> String,
    /// Navigation and heading: rounds.
    pub rounds: &'static str,
    /// The household has no round of the stream.
    pub rounds_none: &'static str,
    /// A round that counts.
    pub counted: &'static str,
    /// A round that counted, before the window.
    pub counted_before: &'static str,
    /// A round that was missed.
    pub missed: &'static str,
    /// A round that ran unobserved.
    pub unobserved: &'static str,
    /// Why unobserved: no device.
    pub no_device: &'static str,
    /// Why unobserved: device, percent.
    pub device_worked: fn(&str, &str) -> String,
    /// A crew opened it.
    pub crew_opened: &'static str,
    /// Heading: pickups.
    pub pickups_of: &'static str,
    /// No pickup.
    pub pickups_none: &'static str,
    /// Column: when.
    pub when: &'static str,
    /// Column: weight.
    pub weight: &'static str,
    /// Column: level.
    pub level: &'static str,
    /// Column: whether it counts.
    pub counts: &'static str,
    /// It counts.
    pub counts_yes: &'static str,
    /// Out of the window.
    pub out_of_window: &'static str,
    /// Contested; by which finding.
    pub contested: fn(&str) -> String,
    /// Below the scale's minimum.
    pub below_min: &'static str,
    /// How many readings stand behind it.
    pub readings: fn(&str) -> String,
    /// Column: log and number.
    pub reading_number: &'static str,
    /// Column: how the time is known.
    pub reading_grade: &'static str,
    /// The reading is not stored any more.
    pub reading_gone: &'static str,
    /// How a time is known, in the order of `Grade::ALL`.
    pub grades: [&'static str; 4],
    /// Heading: verified.
    pub verified: &'static str,
    /// What was verified, and its last day.
    pub verified_until: fn(&str, &str) -> String,
    /// Past its days.
    pub verified_past: fn(&str, &str) -> String,
    /// Voided by.
    pub verified_void: fn(&str, &str) -> String,
    /// A declaration.
    pub declaration: fn(&str) -> String,
    /// Heading: what speaks against it.
    pub contraries: &'static str,
    /// Nothing speaks against it.
    pub contraries_none: &'static str,
    /// Open: closing rounds so far, enough, last day.
    pub open: fn(&str, &str, &str) -> String,
    /// Answered by.
    pub answered: fn(&str) -> String,
    /// Outweighed by rounds.
    pub outweighed: fn(&str) -> String,
    /// Silent since.
    pub silent: fn(&str) -> String,
    /// Heading: statements.
    pub statements: &'static str,
    /// No statement.
    pub statements_none: &'static str,
    /// Column: what.
    pub what: &'static str,
    /// Column: by whom.
    pub by: &'static str,
    /// Taken back: by, why.
    pub taken_back: fn(&str, &str) -> String,
    /// Button: take back.
    pub take_back: &'static str,
    /// Field: why.
    pub take_back_why: &'static str,
    /// A visit found sorting.
    pub visit_sorting: &'static str,
    /// A visit found no sorting.
    pub visit_not_sorting: &'static str,
    /// A visitor could see nothing: away, declined, vacant.
    pub attempts: [&'static str; 3],
    /// Findings: mixed, contaminated, refused, clean.
    pub findings: [&'static str; 4],
    /// A pathway was seen.
    pub seen: &'static str,
    /// Heading: record a visit.
    pub record: &'static str,
    /// Field: result.
    pub result: &'static str,
    /// Result: only a declaration.
    pub result_declared: &'static str,
    /// No stream named.
    pub stream_any: &'static str,
    /// Field: stream of the visit.
    pub stream_field: &'static str,
    /// Field: pathway of a stream.
    pub pathway_of: fn(&str) -> String,
    /// No pathway.
    pub pathway_none: &'static str,
    /// Button: record.
    pub save: &'static str,
    /// It was recorded.
    pub saved: &'static str,
    /// Title: visits by list.
    pub visits_title: &'static str,
    /// How it works; takes the most households alone.
    pub visits_more: fn(&str) -> String,
    /// Nothing was ticked.
    pub visits_none: &'static str,
    /// So many were recorded.
    pub visits_saved: fn(&str) -> String,
    /// Column: tick.
    pub pick: &'static str,
    /// What the page of rounds shows.
    pub rounds_more: &'static str,
    /// Sums: missed percent, missed, scheduled.
    pub rounds_sum: fn(&str, &str, &str) -> String,
    /// Sums: unobserved percent, unobserved, ran.
    pub rounds_observed: fn(&str, &str, &str) -> String,
    /// No round matches.
    pub rounds_empty: &'static str,
    /// Filter: what became of it.
    pub fate: &'static str,
    /// Column: hours.
    pub hours: &'static str,
    /// Column: why.
    pub why: &'static str,
    /// Says that a second person must look.
    pub visits_wait: &'static str,
    /// Link to the proposal.
    pub proposal: &'static str,
    /// Field: why, for the second person.
    pub reason: &'static str,
    /// Heading: a list as a file.
    pub file_title: &'static str,
    /// How to hand in a file.
    pub file_more: &'static str,
    /// Field: which list.
    pub file_kind: &'static str,
    /// Field: content of the file.
    pub file_text: &'static str,
}

/// Vietnamese.
pub(super) const VI: HouseholdsTexts = HouseholdsTexts {
    search: "Tìm mã, tên, địa chỉ",
    search_code: "Tìm mã hộ",
    missing: "Nhóm còn thiếu",
    name: "Chủ hộ",
    address: "Địa chỉ",
    since: "Từ ngày",
    sheet: "Phiếu đến hộ (in)",
    csv: "Tải CSV",
    by_list: "Ghi kết quả theo danh sách",
    caption: "Hộ theo thứ tự nên đến",
    not_listed: |code| format!("Hộ {code} có trong danh sách đăng ký nhưng không được tính ngày này."),
    sheet_title: "Phiếu đến hộ",
    sheet_more: "Đánh dấu ô phù hợp, ghi ngày và ký. Nhập lại kết quả ở trang của từng hộ hoặc theo danh sách.",
    sheet_visitor: "Người đến hộ",
    sheet_day: "Ngày",
    sheet_sign: "Ký",
    sheet_sorts: "Phân loại?",
    yes: "Có",
    no: "Không",
    print: "In trang này bằng lệnh in của trình duyệt (khổ A4 ngang).",
    sheet_first: |count| format!("Chỉ in {count} hộ đầu; lọc theo thôn hoặc lý do để in phần còn lại."),
    pathways: ["ủ phân", "cho vật nuôi ăn", "bán ve chai", "cho người khác"],
    on: "Ngày",
    earlier: "Ngày trước",
    later: "Ngày sau",
    show: "Xem",
    so_far: "tính đến lúc này, ngày chưa kết thúc",
    not_counted: "không được tính",
    not_registered: "Hộ không có trong danh sách đăng ký vào ngày này.",
    excluded: |reason, from, to| {
        format!(
            "Hộ được loại khỏi mẫu số: {reason}, từ {from}{}.",
            if to.is_empty() { String::new() } else { format!(", tính lại từ {to}") }
        )
    },
    exclusions: ["vắng nhà", "nhà không người ở", "đã chuyển đi hoặc nhập hộ", "không phải hộ gia đình"],
    new: |count, enough, day| format!("Hộ mới: có {count} trên {enough} cơ hội giao; được tính chậm nhất từ {day}."),
    would_change: "Điều gì làm thay đổi trạng thái",
    would_change_more: "Tính từ ngày đang xem, giả định các lượt thu gom diễn ra đúng lịch.",
    turn_nothing: |day, state, lapsed| {
        if lapsed.is_empty() {
            format!("Nếu không có gì mới, hết ngày {day}: {state}.")
        } else {
            format!("Nếu không giao thêm, hết ngày {day}: {state}, vì căn cứ của {lapsed} hết hạn.")
        }
    },
    turn_visit: |state| format!("Một lần đến nhà thấy có phân loại: {state}."),
    turn_pathways: |streams, state| format!("Đến nhà xác nhận cách xử lý {streams}: {state}."),
    turn_clean: |stream, state| {
        format!("Một phát hiện “sạch”{}{stream}: {state}.", if stream.is_empty() { "" } else { " nhóm " })
    },
    turn_pickup: |stream, day, state| format!("Thêm một lần giao {stream} được nhận, chậm nhất ngày {day}: {state}."),
    turn_pickups: |rounds, state| format!("Thêm các lần giao được nhận ({rounds}): {state}."),
    turn_not_sorting: |state| format!("Một lần đến nhà thấy không phân loại: {state}."),
    timeline: "Trạng thái 180 ngày qua",
    from: "Từ",
    to: "Đến",
    still: "nay",
    streams: "Căn cứ của từng nhóm",
    required: "nhóm bắt buộc",
    not_required: "không bắt buộc",
    accounted: |level| format!("đã có căn cứ ({level})"),
    unaccounted: "chưa có căn cứ",
    declared: "mới kê khai",
    window: |from, count| format!("Thời hạn tính từ {from}: {count} cơ hội giao."),
    observed: |count, days, enough| format!("{count} cơ hội giao trong {days} ngày; đủ {enough} thì quan sát được."),
    rounds: "Lượt thu gom",
    rounds_none: "Không có lượt nào trong thời gian này.",
    counted: "được tính",
    counted_before: "được tính, trước thời hạn",
    missed: "không diễn ra",
    unobserved: "có thu gom, không quan sát được",
    no_device: "điểm không có thiết bị của nhóm này và tổ không mở lượt",
    device_worked: |device, percent| format!("{device} chỉ chạy {percent}\u{a0}% thời gian"),
    crew_opened: "tổ thu gom mở lượt",
    pickups_of: "Lần giao rác",
    pickups_none: "Không có lần giao nào trong thời gian này.",
    when: "Lúc",
    weight: "Khối lượng",
    level: "Mức căn cứ",
    counts: "Được tính?",
    counts_yes: "được tính",
    out_of_window: "ngoài thời hạn",
    contested: |finding| format!("không tính: {finding}"),
    below_min: "nhẹ hơn mức cân được",
    readings: |count| format!("{count} bản ghi"),
    reading_number: "Nhật ký · số",
    reading_grade: "Nguồn giờ",
    reading_gone: "bản ghi không còn",
    grades: ["đồng hồ thiết bị", "tính từ lúc nhận", "giữa hai bản ghi", "chỉ biết lúc nhận"],
    verified: "Xác minh tại hộ",
    verified_until: |what, day| format!("{what}, còn giá trị đến hết {day}"),
    verified_past: |what, day| format!("{what}, hết giá trị từ sau {day}"),
    verified_void: |what, by| format!("{what}, mất giá trị vì {by}"),
    declaration: |what| format!("Kê khai: {what}"),
    contraries: "Phát hiện ngược",
    contraries_none: "Không có phát hiện ngược nào.",
    open: |count, enough, day| format!("đang mở: {count} trên {enough} lượt giao tốt sau đó; im lặng sau {day}"),
    answered: |by| format!("đã khép lại: {by}"),
    outweighed: |count| format!("đã khép lại bởi {count} lượt giao tốt"),
    silent: |day| format!("đã quá hạn sau {day}"),
    statements: "Mọi ghi nhận về hộ",
    statements_none: "Chưa có ghi nhận nào.",
    what: "Nội dung",
    by: "Người ghi",
    taken_back: |by, why| format!("đã rút: {by}, {why}"),
    take_back: "Rút lại",
    take_back_why: "Lý do rút lại",
    visit_sorting: "đến nhà: có phân loại",
    visit_not_sorting: "đến nhà: không phân loại",
    attempts: ["đến nhà: vắng nhà", "đến nhà: hộ chưa cho xem", "đến nhà: nhà không có người ở"],
    findings: ["lẫn nhóm", "lẫn tạp chất", "bị từ chối", "sạch"],
    seen: "xác minh tại nhà",
    record: "Ghi kết quả đến hộ",
    result: "Kết quả",
    result_declared: "Chỉ kê khai, chưa đến nhà",
    stream_any: "Mọi nhóm",
    stream_field: "Nhóm đã xem",
    pathway_of: |stream| format!("{stream} xử lý tại nhà"),
    pathway_none: "không",
    save: "Ghi lại",
    saved: "Đã ghi. Trạng thái được tính lại trong giây lát.",
    visits_title: "Ghi kết quả đến hộ theo danh sách",
    visits_more: |count| {
        format!(
            "Đánh dấu các hộ có cùng kết quả trong một ngày. Ghi theo danh sách quá {count} hộ một ngày thì cần người thứ hai xác nhận."
        )
    },
    visits_none: "chưa chọn hộ nào; hãy đánh dấu ít nhất một hộ",
    visits_saved: |count| format!("Đã ghi {count} hộ. Trạng thái được tính lại trong giây lát."),
    pick: "Chọn",
    rounds_more: "Lượt theo lịch đã kết thúc, mới nhất trước: có diễn ra không, có quan sát được không, vì sao.",
    rounds_sum: |percent, missed, scheduled| {
        format!("Không diễn ra: {percent} ({missed} trong {scheduled} lượt theo lịch).")
    },
    rounds_observed: |percent, unobserved, ran| {
        format!("Có diễn ra nhưng không quan sát được: {percent} ({unobserved} trong {ran} lượt).")
    },
    rounds_empty: "Không có lượt nào khớp với bộ lọc. Kiểm tra lịch thu gom hoặc chọn khoảng ngày khác.",
    fate: "Diễn biến",
    hours: "Giờ",
    why: "Vì sao",
    visits_wait: "Quá số hộ một người được tự ghi: đã gửi chờ cán bộ thứ hai xác nhận. Số liệu chưa thay đổi.",
    proposal: "Xem đề nghị",
    reason: "Lý do, căn cứ",
    file_title: "Ghi bằng tệp (CSV, XLSX)",
    file_more: "Chọn tệp, hoặc dán nội dung tệp CSV; dòng đầu là tên cột. Gửi lại cùng nội dung không ghi thêm lần nữa.",
    file_kind: "Loại tệp",
    file_text: "Hoặc dán nội dung",
};

/// English.
pub(super) const EN: HouseholdsTexts = HouseholdsTexts {
    search: "Code, name or address",
    search_code: "Household code",
    missing: "Streams missing",
    name: "Head of household",
    address: "Address",
    since: "Since",
    sheet: "Visit sheet (print)",
    csv: "Download CSV",
    by_list: "Record visits by list",
    caption: "Households in the order of visits",
    not_listed: |code| format!("Household {code} is registered, but is not counted on this day."),
    sheet_title: "Visit sheet",
    sheet_more: "Tick what you saw, date and sign. Enter the results on each household's page or by list.",
    sheet_visitor: "Visitor",
    sheet_day: "Date",
    sheet_sign: "Signature",
    sheet_sorts: "Sorts?",
    yes: "Yes",
    no: "No",
    print: "Print this page with the browser (A4 landscape).",
    sheet_first: |count| format!("Only the first {count} households; filter by hamlet or reason for the others."),
    pathways: ["composted", "fed to animals", "sold", "given away"],
    on: "Day",
    earlier: "Day before",
    later: "Day after",
    show: "Show",
    so_far: "so far, the day has not ended",
    not_counted: "not counted",
    not_registered: "The household is not registered on this day.",
    excluded: |reason, from, to| {
        format!(
            "The household is excluded: {reason}, from {from}{}.",
            if to.is_empty() { String::new() } else { format!(", counted again from {to}") }
        )
    },
    exclusions: ["absent", "vacant house", "moved or merged", "not a household"],
    new: |count, enough, day| {
        format!("A new household: {count} of {enough} opportunities so far; counts from {day} at the latest.")
    },
    would_change: "What would change it",
    would_change_more: "From the day shown, supposing that rounds run as scheduled.",
    turn_nothing: |day, state, lapsed| {
        if lapsed.is_empty() {
            format!("If nothing new happens, at the end of {day}: {state}.")
        } else {
            format!(
                "If nothing more is handed over, at the end of {day}: {state}, as the evidence for {lapsed} falls out of its window."
            )
        }
    },
    turn_visit: |state| format!("A visit that finds sorting: {state}."),
    turn_pathways: |streams, state| format!("A visit that sees how {streams} is treated at home: {state}."),
    turn_clean: |stream, state| {
        format!("A “clean” finding{}{stream}: {state}.", if stream.is_empty() { "" } else { " of " })
    },
    turn_pickup: |stream, day, state| format!("One more accepted {stream} pickup by {day}: {state}."),
    turn_pickups: |rounds, state| format!("More accepted pickups ({rounds}): {state}."),
    turn_not_sorting: |state| format!("A visit that finds no sorting: {state}."),
    timeline: "States of the last 180 days",
    from: "From",
    to: "To",
    still: "now",
    streams: "Evidence by stream",
    required: "required",
    not_required: "not required",
    accounted: |level| format!("accounted for ({level})"),
    unaccounted: "not accounted for",
    declared: "declared only",
    window: |from, count| format!("Window from {from}: {count} opportunities."),
    observed: |count, days, enough| format!("{count} opportunities in {days} days; {enough} make it observable."),
    rounds: "Rounds",
    rounds_none: "No round in this time.",
    counted: "counted",
    counted_before: "counted, before the window",
    missed: "missed",
    unobserved: "ran, not observable",
    no_device: "no device for the stream, and no crew opened it",
    device_worked: |device, percent| format!("{device} worked {percent}% of the time only"),
    crew_opened: "opened by the crew",
    pickups_of: "Pickups",
    pickups_none: "No pickup in this time.",
    when: "When",
    weight: "Weight",
    level: "Level",
    counts: "Counts?",
    counts_yes: "counts",
    out_of_window: "out of the window",
    contested: |finding| format!("contested: {finding}"),
    below_min: "below the scale's minimum",
    readings: |count| format!("{count} readings"),
    reading_number: "Log · number",
    reading_grade: "Time from",
    reading_gone: "no longer stored",
    grades: ["device clock", "worked out on arrival", "between two events", "arrival only"],
    verified: "Seen on visits",
    verified_until: |what, day| format!("{what}, stands until {day}"),
    verified_past: |what, day| format!("{what}, no longer stands since {day}"),
    verified_void: |what, by| format!("{what}, voided by {by}"),
    declaration: |what| format!("Declared: {what}"),
    contraries: "What speaks against it",
    contraries_none: "Nothing speaks against it.",
    open: |count, enough, day| {
        format!("open: {count} of {enough} later rounds with a good pickup; falls silent after {day}")
    },
    answered: |by| format!("closed by: {by}"),
    outweighed: |count| format!("closed by {count} rounds with a good pickup"),
    silent: |day| format!("too old since {day}"),
    statements: "Everything recorded of the household",
    statements_none: "Nothing is recorded yet.",
    what: "What",
    by: "By",
    taken_back: |by, why| format!("taken back: {by}, {why}"),
    take_back: "Take back",
    take_back_why: "Why it does not hold",
    visit_sorting: "visit: sorting",
    visit_not_sorting: "visit: not sorting",
    attempts: ["came: nobody at home", "came: was not let in", "came: nobody lives there"],
    findings: ["mixed", "contaminated", "refused", "clean"],
    seen: "seen on a visit",
    record: "Record a visit",
    result: "Result",
    result_declared: "Declaration only, no visit",
    stream_any: "Every stream",
    stream_field: "Stream seen",
    pathway_of: |stream| format!("{stream} treated at home"),
    pathway_none: "none",
    save: "Record",
    saved: "Recorded. The state is computed again in a moment.",
    visits_title: "Record visits by list",
    visits_more: |count| {
        format!(
            "Tick the households with the same result on one day. More than {count} by lists in one day need a second person."
        )
    },
    visits_none: "no household is ticked; tick at least one",
    visits_saved: |count| format!("{count} households recorded. Their states are computed again in a moment."),
    pick: "Tick",
    rounds_more: "Scheduled rounds that have ended, latest first: whether they ran, could be observed, and why not.",
    rounds_sum: |percent, missed, scheduled| format!("Missed: {percent} ({missed} of {scheduled} scheduled rounds)."),
    rounds_observed: |percent, unobserved, ran| {
        format!("Ran but not observable: {percent} ({unobserved} of {ran} rounds).")
    },
    rounds_empty: "No round matches the filter. Check the schedule, or choose other days.",
    fate: "What became of it",
    hours: "Hours",
    why: "Why",
    visits_wait: "More households than one person may record alone: it waits for a second officer. No figure has changed.",
    proposal: "See the proposal",
    reason: "Reason",
    file_title: "Record from a file (CSV, XLSX)",
    file_more: "Choose a file, or paste what a CSV file holds; column names first. The same content again changes nothing.",
    file_kind: "Kind of file",
    file_text: "Or paste the content",
};
