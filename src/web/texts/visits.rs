//! The words of the visitors' pages and app, beside those that the apps on phones share.

use super::field::app_texts;

app_texts! {
    /// The words of the visitors' pages and app in one language.
    VisitsTexts
    /// Name of the app.
    title: "Đến hộ", "Visits";
    /// Full name of the app.
    app_name: "Người đến hộ", "Household visits";
    /// Account without the role.
    not_allowed: "Tài khoản này không đến hộ", "This account makes no visits";
    /// Account without the role, what to do.
    not_allowed_more: "Hãy đăng nhập bằng tài khoản người đến hộ (trưởng thôn, Hội Phụ nữ, Mặt trận), hoặc nhờ quản trị viên cấp vai trò.", "Sign in with a visitor's account (hamlet head, Women's Union, Fatherland Front), or ask an administrator for the role.";
    /// Chooses a hamlet.
    areas: "Chọn thôn", "Choose a hamlet";
    /// Chooses a hamlet, explained.
    areas_more: "Danh sách hộ cần đến của một thôn được tải về máy. Lần này cần có mạng; sau đó làm được không cần mạng.", "The households to visit of one hamlet are loaded onto this phone. A signal is needed for that; not afterwards.";
    /// No hamlet.
    areas_none: "Tài khoản chưa được giao thôn nào. Nhờ quản trị viên giao thôn ở trang Người dùng.", "This account has no hamlet yet. Ask an administrator to give it one on the page of users.";
    /// Hamlets or list not on the phone.
    need_signal: "Chưa tải được. Hãy đến chỗ có mạng rồi mở lại.", "Not loaded yet. Go where there is a signal and open this again.";
    /// The list was too old.
    expired: "Danh sách đã quá 7 ngày nên được xóa khỏi máy. Chọn thôn để tải lại khi có mạng.", "The list was older than 7 days and has left this phone. Choose the hamlet to load it again.";
    /// When a stretch began; takes the day.
    since: "Đợt tính từ {day}", "Since {day}";
    /// Field: where the stretch begins.
    since_field: "Đợt này tính từ", "This stretch begins";
    /// Where the stretch begins.
    since_today: "hôm nay", "today";
    /// Where the stretch begins.
    since_week: "đầu tuần", "this week";
    /// Where the stretch begins.
    since_month: "đầu tháng", "this month";
    /// How old the list is; takes time and day.
    list_of: "Danh sách lúc {time}, {day}", "List of {time}, {day}";
    /// Loads the list again.
    reload: "Tải lại danh sách", "Load the list again";
    /// Loaded again.
    reloaded: "Đã tải danh sách mới.", "The new list is loaded.";
    /// Nobody to visit.
    list_none: "Thôn này chưa có hộ nào cần đến.", "No household of this hamlet needs a visit.";
    /// Nothing matches the filter.
    list_no_match: "Không có hộ nào khớp.", "No household matches.";
    /// Visited today and this week.
    visited: "Thôn đã đến hôm nay {today}\u{a0}hộ, tuần này {week}\u{a0}hộ", "Visited in the hamlet: {today} today, {week} this week";
    /// Households that came to need a visit since; takes their number.
    new_ones: "Thêm {n}\u{a0}hộ mới cần đến từ đầu đợt, xếp trong danh sách.", "{n} more households have come to need a visit since; they are in the list.";
    /// Marks one of them.
    new_one: "mới", "new";
    /// Field: filter by reason.
    filter_why: "Lý do", "Reason";
    /// No filter.
    filter_all: "Tất cả lý do", "Every reason";
    /// Field: search.
    search: "Tìm tên, địa chỉ, mã hộ", "Name, address, code";
    /// The same, where there is little room.
    search_short: "Tìm hộ", "Find";
    /// The next household.
    next_house: "Hộ tiếp theo", "Next household";
    /// Tab: nothing could be seen; takes the number.
    tab_tried: "Chưa gặp ({n})", "Not met ({n})";
    /// Nobody left.
    all_done: "Đã đến hết danh sách.", "Everybody on the list is done.";
    /// Nobody in that part.
    none_done: "Chưa ghi hộ nào trong đợt này.", "Nothing recorded in this stretch yet.";
    /// Nobody in that part.
    none_tried: "Không có hộ nào đã đến mà chưa gặp.", "No household was tried without being met.";
    /// Typed code that is not in the list; takes it.
    not_in_list: "Không có “{code}” trong danh sách.", "There is no “{code}” in the list.";
    /// Records for a typed code.
    record_anyway: "Vẫn ghi cho mã {code}", "Record for {code} all the same";
    /// Why on the list.
    why_not_sorting: "chưa phân loại", "not sorting";
    /// Why on the list.
    why_running_out: "sắp hết hạn xác minh", "verification ends soon";
    /// Why on the list.
    why_visited: "không có trong danh sách cần đến", "not on the list";
    /// When verifications end; takes the day.
    until: "hết hạn {day}", "ends {day}";
    /// Needs no visit any more.
    settled: "đã đủ căn cứ, không cần đến nữa", "settled by itself, no visit needed";
    /// Heading: what to look at.
    look_at: "Cần xem", "Look at";
    /// A stream without evidence.
    look_missing: "{stream}: chưa có căn cứ", "{stream}: no evidence yet";
    /// A stream that is declared.
    look_declared: "{stream}: hộ kê khai {pathway}, chưa ai thấy", "{stream}: said to be {pathway}, not seen yet";
    /// A stream whose verification ends.
    look_until: "{stream}: xác minh hết hạn {day}", "{stream}: verification ends {day}";
    /// Nothing special to look at.
    look_all: "Xem tất cả các nhóm.", "Look at every stream.";
    /// The last visit; takes day and result.
    before: "Lần trước {day}: {what}", "Last visit {day}: {what}";
    /// Earlier attempts; takes number, time and day of the last.
    attempts_before: "Trước đợt này đã đến {n} lần chưa gặp, lần cuối {time} {day}", "Tried {n} times before without success, last {time} {day}";
    /// To the questions.
    record: "Ghi kết quả", "Record the visit";
    /// Nobody at home.
    away: "Vắng nhà", "Nobody at home";
    /// Not let in.
    declined: "Hộ chưa cho xem", "Not let in";
    /// Nobody lives there.
    vacant: "Nhà không có người ở", "Nobody lives there";
    /// Nobody lives there, explained.
    vacant_more: "Cán bộ sẽ thấy và xem xét. Không làm thay đổi số liệu.", "An officer will see it. It changes no figure.";
    /// Other reasons why nothing was seen.
    not_seen: "Chưa xem được", "Could not look";
    /// Other reasons, explained.
    not_seen_more: "Chưa xem được thì không biết hộ có phân loại hay không: chọn một lý do, không ghi “không phân loại”.", "Who could not look does not know: choose a reason, do not record “not sorting”.";
    /// The question of a stream.
    ask: "{stream}: thấy gì?", "{stream}: what did you see?";
    /// Which question; takes number and all.
    step: "Nhóm {n} / {all}", "Stream {n} of {all}";
    /// Answer: a pathway was seen.
    saw: "Thấy {pathway}", "Saw it {pathway}";
    /// Answer: kept apart.
    saw_apart: "Thấy để riêng, đem giao", "Saw it kept apart, handed over";
    /// Answer: only said.
    said: "Chỉ nghe nói, chưa thấy", "Only heard of it";
    /// Question: which pathway is declared.
    said_ask: "Hộ nói xử lý nhóm {stream} thế nào?", "How does the household say it treats {stream}?";
    /// Answer: not sorted.
    not_sorted: "Không phân loại", "Not sorted";
    /// Answer: not looked at.
    skip: "Chưa xem nhóm này", "Did not look at this stream";
    /// Every stream was left out.
    nothing_said: "Chưa ghi gì: chưa xem nhóm nào.", "Nothing was recorded: no stream was looked at.";
    /// What was found of a stream, or of all.
    found_sorting: "có phân loại", "sorting";
    /// What was found.
    found_not_sorting: "không phân loại", "not sorting";
    /// What was found; takes the pathway.
    found_saw: "thấy {pathway}", "seen {pathway}";
    /// What was found; takes the pathway.
    found_said: "kê khai {pathway}", "said to be {pathway}";
    /// What was found of every stream.
    found_all: "mọi nhóm", "every stream";
    /// Recorded; takes whom and what.
    recorded: "{who}: {what}. Đã ghi.", "{who}: {what}. Recorded.";
    /// Recorded in this stretch already.
    done_already: "Hộ này đã được ghi trong đợt này. Ghi thêm nếu có gì khác.", "Already recorded in this stretch. Record again if there is something else.";
    /// Chooses another hamlet.
    change_area: "Đổi thôn", "Another hamlet";
    /// Takes the list off the phone.
    drop_list: "Xóa danh sách khỏi máy", "Remove the list from this phone";
    /// Taken off the phone.
    list_dropped: "Đã xóa danh sách khỏi máy. Phiếu chưa gửi vẫn giữ và tự gửi.", "The list has left this phone. What is not sent yet stays and is sent.";
    /// What the phone keeps.
    kept_more: "Máy giữ tên, địa chỉ của các hộ trong danh sách này đến khi đổi thôn, xóa, đăng xuất, hoặc sau 7 ngày.", "This phone keeps names and addresses of this list until you change the hamlet, remove it, sign out, or 7 days have passed.";
    /// Field of a form: the day.
    on: "Ngày đến", "Day of the visit";
    /// Field of a form: one stream.
    stream_field: "{stream}: thấy gì?", "{stream}: what was seen?";
    /// Answer of a form: only said.
    said_pathway: "Chỉ nghe nói {pathway}", "Only said to be {pathway}";
    /// Page of forms: what needs the app.
    app_note: "Làm khi không có mạng cần bản ứng dụng: mở trang này bằng Chrome qua HTTPS.", "Working without a signal needs the app: open this page in Chrome over HTTPS.";
    /// Page of forms: shows the list.
    show: "Xem", "Show";
    /// Officers: what visitors report.
    vacant_reports: "Nhà không có người ở (người đến hộ báo)", "Nobody lives there (told by visitors)";
    /// Officers: what visitors report, explained.
    vacant_reports_more: "Trong 30 ngày qua. Nếu đúng, ghi loại khỏi danh sách tính ở trang của hộ trong sổ đăng ký.", "In the last 30 days. Where it is so, record an exclusion in the register.";
    /// Officers: none.
    vacant_reports_none: "Chưa có hộ nào được báo.", "No household was reported.";
}
