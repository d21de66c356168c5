//! The words of the crew's pages and app, beside those that the apps on phones share.

use super::field::app_texts;

app_texts! {
    /// The words of the crew's pages and app in one language.
    CrewTexts
    /// Name of the app.
    title: "Thu gom", "Collection";
    /// Full name of the app.
    app_name: "Tổ thu gom", "Collection crew";
    /// Account without the role.
    not_allowed: "Tài khoản này không thu gom", "This account does not collect";
    /// Account without the role, what to do.
    not_allowed_more: "Hãy đăng nhập bằng tài khoản tổ thu gom, hoặc nhờ quản trị viên cấp vai trò.", "Sign in with a crew's account, or ask an administrator for the role.";
    /// Today's rounds.
    rounds: "Lượt thu gom hôm nay", "Today's rounds";
    /// Which one to choose.
    rounds_more: "Chọn lượt để bắt đầu. Lượt đang mở và lượt đang trong giờ ở trên cùng.", "Choose a round to begin. Opened rounds and those in their hours come first.";
    /// No round today.
    rounds_none: "Hôm nay không có lượt nào theo lịch. Nếu vẫn đi thu gom, hãy mở lượt ở phần dưới.", "No round is scheduled today. If you collect all the same, open one below.";
    /// Rounds not on the phone.
    rounds_need_signal: "Chưa tải được danh sách lượt. Hãy đến chỗ có mạng rồi mở lại; sau đó cả lượt làm được không cần mạng.", "The rounds are not loaded yet. Go where there is a signal once; then the whole round works without.";
    /// Houses not on the phone.
    houses_need_signal: "Cần có mạng một lần để tải danh sách hộ của lượt này.", "A signal is needed once, to load this round's houses.";
    /// To the round under way.
    back_to_round: "Tiếp tục: {name}", "Go on: {name}";
    /// Hours of a round.
    hours: "{start}–{end}", "{start}–{end}";
    /// Not in the schedule.
    unscheduled: "ngoài lịch", "not scheduled";
    /// State of a round.
    round_opened: "đang mở", "open";
    /// State of a round.
    round_closed: "đã đóng", "closed";
    /// State of a round.
    round_current: "đang trong giờ", "in its hours";
    /// Another place or stream.
    other_round: "Mở lượt khác", "Open another round";
    /// Field.
    place: "Điểm hoặc tuyến", "Point or route";
    /// Field.
    stream: "Nhóm chất thải", "Stream";
    /// Field.
    day: "Ngày", "Day";
    /// Opens a round.
    open_round: "Mở lượt", "Open the round";
    /// Goes on with a round.
    go_on: "Vào lượt", "Go to the round";
    /// Unknown place.
    no_such_place: "Không có điểm hoặc tuyến “{place}”. Hãy chọn trong danh sách gợi ý.", "There is no point or route “{place}”. Choose one that is offered.";
    /// Scans a card.
    scan: "Quét thẻ", "Scan card";
    /// Scanning.
    scan_more: "Đưa mã in trên thẻ của hộ vào khung hình.", "Hold the card's printed code before the camera.";
    /// Scans again.
    scan_again: "Quét lại", "Scan again";
    /// No camera.
    no_camera: "Không dùng được máy ảnh. Hãy nhập mã hộ.", "The camera cannot be used. Type the household's code.";
    /// Card of no house of the round.
    unknown_card: "Thẻ này không thuộc hộ nào trong lượt. Hãy nhập mã hộ, hoặc báo mất thẻ.", "This card belongs to no house of this round. Type the code, or report a lost card.";
    /// Types a code.
    type_code: "Nhập mã hộ", "Type the code";
    /// The next house.
    next_house: "Hộ tiếp theo", "Next house";
    /// All done.
    all_done: "Đã xong tất cả các hộ trong danh sách.", "All listed houses are done.";
    /// None done.
    none_done: "Chưa ghi hộ nào. Chọn một hộ hoặc quét thẻ.", "Nothing logged yet. Choose a house or scan a card.";
    /// A round without houses.
    round_empty: "Danh sách của lượt này chưa có hộ nào. Vẫn ghi được bằng mã hộ; hãy báo cán bộ bổ sung danh sách.", "No house is listed for this round. You can still log by code; tell an officer to complete the list.";
    /// A code that is not in the list.
    not_in_round: "Không có “{code}” trong lượt này.", "There is no “{code}” in this round.";
    /// Logs a code that is not in the list.
    log_anyway: "Vẫn ghi cho {code}", "Log {code} all the same";
    /// Seen by a device.
    by_device: "thiết bị đã ghi", "seen by a device";
    /// Result.
    result_separated: "Đã phân loại", "Separated";
    /// Result.
    result_mixed: "Để lẫn", "Mixed";
    /// Result.
    result_contaminated: "Bị bẩn, lẫn tạp", "Contaminated";
    /// Result.
    result_refused: "Từ chối thu", "Refused";
    /// The house was logged before.
    done_already: "Hộ này đã được ghi trong lượt. Ghi thêm nếu có túi nữa.", "This house was logged in this round. Log again if there is another bag.";
    /// Why.
    reason_why: "Vì sao?", "Why?";
    /// Reason.
    reason_with_other: "Lẫn rác còn lại", "With residual waste";
    /// Reason.
    reason_with_plastic: "Lẫn túi ni lông, nhựa", "With plastic";
    /// Reason.
    reason_with_food: "Lẫn rác thực phẩm", "With food waste";
    /// Reason.
    reason_hazardous: "Có chất thải nguy hại (pin, bóng đèn, hóa chất)", "Hazardous items (batteries, lamps, chemicals)";
    /// Reason.
    reason_wet: "Ướt, dính dầu mỡ", "Wet or greasy";
    /// Reason.
    reason_liquid: "Có chất lỏng", "Liquids";
    /// Reason.
    reason_not_sorted: "Không phân loại", "Not sorted";
    /// Reason.
    reason_too_much: "Quá nhiều hoặc quá cồng kềnh", "Too much or too bulky";
    /// Reason.
    reason_dangerous: "Nguy hiểm khi thu", "Dangerous to take";
    /// Field.
    reason_other: "Lý do khác (không bắt buộc)", "Another reason (optional)";
    /// Choice: no reason.
    reason_none: "Không ghi lý do", "No reason";
    /// Logs with the typed reason or none.
    reason_log: "Ghi", "Log";
    /// Logged; takes the code and the result.
    logged: "{code}: {result}. Đã ghi.", "{code}: {result}. Logged.";
    /// Weight.
    weight: "Cân nặng", "Weight";
    /// Takes what lies on the scale.
    weight_take: "Lấy số cân: {mass} ({age} giây trước)", "Use the scale: {mass} ({age} s ago)";
    /// Nothing on the scale.
    weight_none: "Trên cân chưa có số ổn định trong 30 giây qua.", "No settled weight on the scale in the last 30 s.";
    /// Weight of a scale.
    weight_from_scale: "từ cân", "from the scale";
    /// Weight typed by hand.
    weight_typed: "nhập tay", "typed in";
    /// Types a weight.
    weight_type: "Nhập cân nặng", "Type the weight";
    /// Field.
    weight_kg: "Cân nặng, kg", "Weight, kg";
    /// Typed weights, explained.
    weight_typed_more: "Số nhập tay được đánh dấu riêng và chỉ tính khi không có số của cân.", "A typed weight is marked so, and counts only where no scale weighed.";
    /// A weight that cannot be.
    weight_bad: "Hãy nhập số kg lớn hơn 0, nhiều nhất 300, ví dụ 3,4.", "Type kilograms above 0, at most 300, for example 3.4.";
    /// Keeps the weight.
    weight_keep: "Dùng số này", "Use this weight";
    /// Drops the weight.
    weight_drop: "Bỏ số cân", "Drop the weight";
    /// Picture.
    photo: "Ảnh", "Picture";
    /// Takes a picture.
    photo_take: "Chụp ảnh rác", "Take a picture of the waste";
    /// Pictures, explained.
    photo_more: "Chỉ chụp rác; không chụp người, nhà, biển số. Ảnh được thu nhỏ, bỏ vị trí và giờ chụp.", "The waste only: no people, houses or number plates. It is made small; place and time are removed.";
    /// Drops the picture.
    photo_drop: "Bỏ ảnh", "Drop the picture";
    /// A file that is no picture.
    photo_bad: "Không dùng được ảnh này. Hãy chụp lại.", "This picture cannot be used. Take another.";
    /// Reports something.
    report: "Báo sự việc khác", "Report something else";
    /// Reports about a house.
    report_of: "Báo về hộ {code}", "Report about {code}";
    /// Report.
    report_new_house: "Báo nhà mới", "Report a new house";
    /// Report.
    report_lost_tag: "Mất thẻ hoặc thẻ hỏng", "Card lost or broken";
    /// Report.
    report_empty_house: "Nhà bỏ trống", "Empty house";
    /// Report.
    report_missed_stop: "Không thu được hộ này", "Stop missed";
    /// Field.
    note: "Ghi chú (không bắt buộc)", "Note (optional)";
    /// Field.
    note_where: "Nhà ở đâu? (không ghi tên người)", "Where is the house? (no names)";
    /// The note is missing.
    note_needed: "Hãy ghi nhà ở đâu để cán bộ tìm được.", "Say where the house is, so that an officer can find it.";
    /// Reported.
    reported: "Đã báo cán bộ.", "Reported to the officers.";
    /// Closes a round.
    close_round: "Đóng lượt", "Close the round";
    /// Houses left; takes their number.
    close_left: "Còn {n} hộ chưa ghi.", "{n} houses have nothing logged.";
    /// What closing does.
    close_more: "Đóng lượt xong, danh sách hộ được xóa khỏi máy; phiếu chưa gửi vẫn giữ và tự gửi.", "Closing removes the list of houses from this phone; what is not sent yet stays and is sent.";
    /// Closes now.
    close_now: "Đóng lượt ngay", "Close it now";
    /// Does not close.
    close_not: "Chưa, quay lại lượt", "Not yet";
    /// Field.
    reason: "Lý do", "Reason";
    /// Field.
    weight_optional: "Cân nặng, kg (không bắt buộc)", "Weight, kg (optional)";
    /// Logs a pickup.
    log: "Ghi", "Log";
    /// Sends a report.
    send_report: "Báo cán bộ", "Report";
    /// Field.
    report_kind: "Việc", "What";
    /// Page of forms: what needs the app.
    app_note: "Quét thẻ, chụp ảnh, lấy số cân và làm khi không có mạng cần bản ứng dụng: mở trang này bằng Chrome qua HTTPS.", "Scanning, pictures, the scale's weight and working without a signal need the app: open this page in Chrome over HTTPS.";
    /// Page of forms: logged.
    saved: "Đã ghi.", "Logged.";
    /// Officers' page.
    reports_title: "Báo cáo của tổ thu gom", "Crew reports";
    /// Officers' page, explained.
    reports_more: "Việc tổ thu gom báo trong 30 ngày qua: mất thẻ, nhà mới, nhà bỏ trống, hộ không thu được. Không làm thay đổi số liệu. Mỗi lượt xem được ghi lại.", "What crews reported in the last 30 days: lost cards, new houses, empty houses, missed stops. It changes no figure. Every view is logged.";
    /// No report.
    reports_none: "Chưa có báo cáo nào. Tổ thu gom báo từ trang Thu gom.", "No reports yet. Crews report from the page Collection.";
    /// Officers' page: pictures.
    reports_photos: "Ảnh rác", "Pictures of waste";
    /// Officers' page: pictures, explained.
    reports_photos_more: "Ảnh chụp kèm lần giao rác trong 30 ngày qua. Xóa ảnh không xóa lần giao; ảnh đã xóa không lấy lại được.", "Pictures taken with pickups in the last 30 days. Erasing one leaves the pickup; it cannot be undone.";
    /// No picture.
    reports_photos_none: "Chưa có ảnh nào.", "No pictures yet.";
    /// Column.
    at: "Lúc", "When";
    /// Column.
    by: "Người ghi", "By";
    /// Column.
    what: "Việc", "What";
    /// Column.
    household: "Hộ", "Household";
    /// Column.
    note_column: "Ghi chú", "Note";
    /// Link to a picture.
    see_photo: "Xem ảnh", "See the picture";
    /// Erases a picture.
    erase: "Xóa ảnh", "Erase";
    /// An erased picture; takes who.
    erased_by: "đã xóa: {name}", "erased by {name}";
}
