//! The words of the register's pages.

use crate::domain::proposal::Verdict;
use crate::imports::Kind;

/// The words of one language.
#[derive(Debug)]
pub struct RegisterTexts {
    /// Title: acts that wait for a second person.
    pub proposals: &'static str,
    /// What they are.
    pub proposals_more: &'static str,
    /// None waits.
    pub proposals_none: &'static str,
    /// Section: those that were decided.
    pub decided: &'static str,
    /// The author cannot confirm or decline.
    pub decide_own: &'static str,
    /// Only the author withdraws: who.
    pub decide_another: fn(&str) -> String,
    /// A refusal without a reason.
    pub decide_no_reason: &'static str,
    /// What was proposed does not fit any more.
    pub decide_refused: &'static str,
    /// Others change the register all the time.
    pub busy: &'static str,
    /// A form needs a second person, and a reason for them.
    pub row_waits: &'static str,
    /// What an act proposes, by [`crate::domain::proposal::Proposed::kind`]: exclusions, statements, endings.
    pub proposed: [&'static str; 3],
    /// Who proposed, when.
    pub proposed_by: fn(&str, &str) -> String,
    /// Column: why.
    pub why: &'static str,
    /// Column: who.
    pub who: &'static str,
    /// Column: households.
    pub households: &'static str,
    /// Column: what became of it.
    pub outcome: &'static str,
    /// It waits.
    pub waiting: &'static str,
    /// Verdicts: confirmed, declined, withdrawn.
    pub verdicts: [&'static str; 3],
    /// Who decided, when.
    pub decided_by: fn(&str, &str, &str) -> String,
    /// Button: confirm.
    pub confirm: &'static str,
    /// What confirming does.
    pub confirm_more: &'static str,
    /// Button: decline.
    pub decline: &'static str,
    /// Button: withdraw.
    pub withdraw: &'static str,
    /// Why the author sees no confirmation.
    pub own: &'static str,
    /// Field: reason.
    pub reason: &'static str,
    /// Reason of a confirmation, not required.
    pub reason_optional: &'static str,
    /// Navigation and title: the register.
    pub title: &'static str,
    /// What the register is.
    pub title_more: &'static str,
    /// Names of the kinds of files, in the order of `Kind::ALL`.
    pub kinds: [&'static str; 13],
    /// Title: files in and out.
    pub files: &'static str,
    /// What a file does.
    pub files_more: &'static str,
    /// Files are of the whole commune.
    pub files_limited: &'static str,
    /// Field: kind of file.
    pub kind_of_file: &'static str,
    /// Field: file.
    pub file: &'static str,
    /// Button: dry run.
    pub look_first: &'static str,
    /// Button: record the file.
    pub import: &'static str,
    /// Button: send the file to a second person.
    pub import_proposes: &'static str,
    /// Why a second person is needed.
    pub second_needed: &'static str,
    /// What a file would change: rows, new, replacing, unchanged.
    pub sums: fn(&str, &str, &str, &str) -> String,
    /// A file that says nothing new.
    pub nothing_new: &'static str,
    /// A file with faults: how many.
    pub faults_found: fn(&str) -> String,
    /// The register changed since the preview.
    pub moved: &'static str,
    /// Section: warnings.
    pub warnings: &'static str,
    /// Column: what changes.
    pub change: &'static str,
    /// Column: row of a file.
    pub row: &'static str,
    /// Column: column of a file.
    pub column_name: &'static str,
    /// Column: cell.
    pub value: &'static str,
    /// Column: what is wrong, and the way out.
    pub fix: &'static str,
    /// A row that is new.
    pub new: &'static str,
    /// A row that replaces a version.
    pub replaces: &'static str,
    /// So many more rows.
    pub and_more: fn(&str) -> String,
    /// Label: export.
    pub export: &'static str,
    /// That an export is also the form to fill in.
    pub template_more: &'static str,
    /// Said after a change was recorded.
    pub recorded: &'static str,
    /// Field: search.
    pub search: &'static str,
    /// Field: day.
    pub as_of: &'static str,
    /// Field: also rows that do not hold on the day.
    pub also_ended: &'static str,
    /// Button: show.
    pub show: &'static str,
    /// An empty list.
    pub none: &'static str,
    /// How many rows.
    pub rows_found: fn(&str) -> String,
    /// Link: add a row.
    pub add: &'static str,
    /// Link: edit.
    pub edit: &'static str,
    /// Link: end the validity.
    pub end_it: &'static str,
    /// Section: history.
    pub history: &'static str,
    /// Who recorded a version, when.
    pub version_by: fn(&str, &str) -> String,
    /// The first version.
    pub first_version: &'static str,
    /// No reason was given.
    pub no_reason: &'static str,
    /// Link: record an earlier version again.
    pub record_again: &'static str,
    /// Reason offered when a version is recorded again: its time.
    pub restored: fn(&str) -> String,
    /// Button: save.
    pub save: &'static str,
    /// Link: leave the form.
    pub cancel: &'static str,
    /// Field: why the change.
    pub why_change: &'static str,
    /// The reason is missing.
    pub why_missing: &'static str,
    /// Some fields do not fit.
    pub form_faults: &'static str,
    /// Somebody changed the row meanwhile: who, when.
    pub changed_meanwhile: fn(&str, &str) -> String,
    /// A field that names the row cannot change.
    pub key_fixed: &'static str,
    /// The row exists already.
    pub exists: &'static str,
    /// Nothing was changed.
    pub unchanged: &'static str,
    /// A household outside the account's hamlets.
    pub out_of_scope: &'static str,
    /// What an end date means.
    pub valid_to_more: &'static str,
    /// Section: personal data.
    pub personal: &'static str,
    /// What erasing does.
    pub personal_more: &'static str,
    /// No personal data is kept.
    pub personal_none: &'static str,
    /// Button: erase.
    pub erase: &'static str,
    /// Field: typed to confirm.
    pub erase_sure: &'static str,
    /// The code typed is another.
    pub erase_mismatch: &'static str,
    /// That data was erased: who, when, why.
    pub erased: fn(&str, &str, &str) -> String,
    /// Section: what belongs to the household.
    pub related: &'static str,
    /// Title: faults of the register.
    pub faults: &'static str,
    /// What the list is: days looked at.
    pub faults_more: &'static str,
    /// Link: as CSV.
    pub faults_csv: &'static str,
    /// Names of faults, in the order of `FaultKind::ALL`.
    pub fault_kinds: [&'static str; 7],
    /// No fault of a kind.
    pub fault_none: &'static str,
    /// Column: what.
    pub subject: &'static str,
    /// Column: times.
    pub times: &'static str,
    /// Column: first seen.
    pub first_seen: &'static str,
    /// Column: last seen.
    pub last_seen: &'static str,
    /// Column: where.
    pub where_seen: &'static str,
    /// Link: assign a tag.
    pub assign: &'static str,
    /// Names of columns of the files.
    pub columns: &'static [(&'static str, &'static str)],
    /// Names of words in the files.
    pub words: &'static [(&'static str, &'static str)],
}

impl RegisterTexts {
    /// Names a column of a file; its own name where there is no other.
    pub fn column(&self, name: &'static str) -> &'static str {
        self.columns.iter().find(|(known, _)| *known == name).map_or(name, |(_, label)| label)
    }

    /// Names a word of a file; `None` for what is no word.
    pub fn word(&self, word: &str) -> Option<&'static str> {
        self.words.iter().find(|(known, _)| *known == word).map(|(_, label)| *label)
    }

    /// Names a kind of file.
    pub fn kind(&self, kind: Kind) -> &'static str {
        Kind::ALL.iter().zip(self.kinds).find(|(of, _)| **of == kind).map_or(kind.as_str(), |(_, name)| name)
    }

    /// Names a verdict.
    pub const fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Confirmed => self.verdicts[0],
            Verdict::Declined => self.verdicts[1],
            Verdict::Withdrawn => self.verdicts[2],
        }
    }
}

/// Vietnamese.
pub(super) const VI: RegisterTexts = RegisterTexts {
    proposals: "Chờ người thứ hai",
    proposals_more: "Một người loại trừ hoặc kết thúc đăng ký hơn 10 hộ trong 30 ngày, hoặc ghi theo danh sách xác minh hơn 10 hộ trong một ngày, thì cần một cán bộ khác xác nhận. Chưa xác nhận thì chưa con số nào thay đổi.",
    proposals_none: "Không có việc nào đang chờ. Khi một người loại trừ hay xác minh quá số hộ được tự làm, việc đó hiện ở đây.",
    decided: "Đã quyết định",
    decide_own: "Bạn là người đề nghị; một cán bộ khác xác nhận hoặc từ chối.",
    decide_another: |who| format!("{who} đề nghị việc này nên chỉ {who} rút lại được; bạn có thể từ chối."),
    decide_no_reason: "Chưa ghi lý do; hãy nói vì sao từ chối.",
    decide_refused: "Sổ đã thay đổi từ lúc đề nghị nên không còn khớp:",
    busy: "Người khác đang sửa sổ; chưa ghi gì, hãy thử lại.",
    row_waits: "Bạn đã đưa đủ số hộ được tự đưa ra khỏi mẫu số trong 30 ngày: hộ này phải chờ cán bộ thứ hai. Hãy ghi lý do để người đó xem.",
    proposed: ["loại trừ hộ", "thăm và xác minh", "kết thúc đăng ký hộ"],
    proposed_by: |who, when| format!("{who} đề nghị lúc {when}"),
    why: "Lý do",
    who: "Người ghi",
    households: "Số hộ",
    outcome: "Kết quả",
    waiting: "đang chờ",
    verdicts: ["đã xác nhận", "đã từ chối", "đã rút lại"],
    decided_by: |verdict, who, when| format!("{verdict} · {who} · {when}"),
    confirm: "Xác nhận",
    confirm_more: "Xác nhận thì các dòng dưới đây được ghi vào sổ và số liệu được tính lại.",
    decline: "Từ chối",
    withdraw: "Rút lại đề nghị",
    own: "Bạn là người đề nghị nên một cán bộ khác phải xác nhận.",
    reason: "Lý do",
    reason_optional: "Ghi chú (không bắt buộc)",
    title: "Sổ đăng ký",
    title_more: "Mỗi thay đổi là một bản ghi mới: ai ghi, lúc nào, vì sao. Bản cũ luôn còn và ghi lại được.",
    kinds: [
        "Thôn",
        "Điểm thu gom",
        "Hộ",
        "Tuyến",
        "Thẻ",
        "Thiết bị",
        "Lịch thu gom",
        "Xử lý tại nhà",
        "Phát hiện",
        "Lượt thăm",
        "Loại trừ",
        "Phiếu cân xe",
        "Mục tiêu năm",
    ],
    files: "Nhập, xuất tệp",
    files_more: "Tải lên tệp XLSX hoặc CSV. Trước hết trang này cho xem tệp sẽ thay đổi gì; chỉ khi bạn xác nhận thì mới ghi.",
    files_limited: "Tài khoản của bạn chỉ phụ trách một số thôn; nhập và xuất tệp là việc của cán bộ phụ trách cả xã.",
    kind_of_file: "Nội dung tệp",
    file: "Tệp (XLSX, CSV)",
    look_first: "Xem trước thay đổi",
    import: "Ghi vào sổ",
    import_proposes: "Gửi chờ người thứ hai xác nhận",
    second_needed: "Với tệp này, một mình bạn loại trừ, kết thúc đăng ký hoặc xác minh hơn 10 hộ, nên phần đó cần một cán bộ khác xác nhận trước khi tính.",
    sums: |rows, new, replacing, same| format!("{rows} dòng: {new} mới, {replacing} thay bản cũ, {same} không đổi."),
    nothing_new: "Mọi dòng đã có trong sổ; không có gì để ghi.",
    faults_found: |count| format!("Tệp có {count} chỗ sai nên chưa ghi gì. Sửa trong tệp rồi tải lên lại."),
    moved: "Sổ vừa có thay đổi khác sau lúc xem trước. Dưới đây là kết quả kiểm tra lại; hãy xem và xác nhận lần nữa.",
    warnings: "Cần để ý",
    change: "Thay đổi",
    row: "Dòng",
    column_name: "Cột",
    value: "Giá trị",
    fix: "Chỗ sai và cách sửa",
    new: "mới",
    replaces: "thay bản cũ",
    and_more: |count| format!("và {count} dòng nữa"),
    export: "Xuất",
    template_more: "Tệp xuất ra cũng là mẫu để điền: sửa rồi tải lên lại; dòng không đổi thì không ghi gì.",
    recorded: "Đã ghi vào sổ.",
    search: "Tìm (không cần dấu)",
    as_of: "Vào ngày",
    also_ended: "Cả dòng không còn hiệu lực",
    show: "Xem",
    none: "Chưa có dòng nào khớp. Thêm một dòng, hoặc nhập tệp.",
    rows_found: |count| format!("{count} dòng"),
    add: "Thêm",
    edit: "Sửa",
    end_it: "Kết thúc hiệu lực",
    history: "Lịch sử",
    version_by: |who, when| format!("{who} ghi lúc {when}"),
    first_version: "bản đầu",
    no_reason: "không nêu lý do",
    record_again: "Ghi lại bản này",
    restored: |when| format!("ghi lại bản của {when}"),
    save: "Ghi",
    cancel: "Bỏ qua",
    why_change: "Vì sao thay đổi",
    why_missing: "Hãy nêu lý do; lý do được giữ cùng bản ghi.",
    form_faults: "Chưa ghi được: hãy sửa các ô được đánh dấu. Những gì đã gõ vẫn còn.",
    changed_meanwhile: |who, when| {
        format!(
            "{who} vừa sửa dòng này lúc {when}. Những gì bạn gõ vẫn còn; hãy so với lịch sử bên dưới rồi ghi lần nữa nếu vẫn đúng."
        )
    },
    key_fixed: "Ô này nhận diện dòng nên không sửa được; hãy kết thúc dòng này và thêm dòng mới.",
    exists: "Dòng này đã có trong sổ; hãy mở và sửa dòng đó.",
    unchanged: "Không có gì thay đổi nên không ghi gì.",
    out_of_scope: "Hộ này ở ngoài các thôn của tài khoản bạn.",
    valid_to_more: "ngày đầu tiên không còn hiệu lực",
    personal: "Dữ liệu cá nhân",
    personal_more: "Tên và địa chỉ nằm riêng. Xóa thì mất hẳn, không lấy lại được; mã hộ, bản ghi và mọi số liệu giữ nguyên.",
    personal_none: "Không giữ tên hay địa chỉ nào của hộ này.",
    erase: "Xóa dữ liệu cá nhân",
    erase_sure: "Gõ lại mã hộ để xác nhận",
    erase_mismatch: "Mã hộ gõ lại chưa đúng, hoặc chưa nêu lý do; chưa xóa gì.",
    erased: |who, when, why| format!("{who} đã xóa lúc {when}: {why}"),
    related: "Thuộc hộ này",
    faults: "Lỗi trong sổ",
    faults_more: "Chỗ sổ và bản ghi thiết bị không khớp, trong 28 ngày vừa qua. Mỗi dòng dẫn tới nơi sửa.",
    faults_csv: "Tải về CSV",
    fault_kinds: [
        "Thẻ lạ",
        "Một thẻ hai hộ",
        "Thẻ dùng ở điểm xa",
        "Hộ chưa có thẻ",
        "Hộ chưa có điểm hay tuyến",
        "Hộ chưa khai số người",
        "Thẻ có thể bị đổi cho nhau",
    ],
    fault_none: "Không có.",
    subject: "Đối tượng",
    times: "Số lần",
    first_seen: "Lần đầu",
    last_seen: "Lần cuối",
    where_seen: "Ở đâu",
    assign: "Gán cho hộ",
    columns: &[
        ("code", "Mã"),
        ("name", "Tên"),
        ("area", "Thôn"),
        ("lat", "Vĩ độ"),
        ("lon", "Kinh độ"),
        ("route", "Tuyến"),
        ("household", "Mã hộ"),
        ("order", "Thứ tự"),
        ("head_name", "Chủ hộ"),
        ("address", "Địa chỉ"),
        ("people", "Số người"),
        ("point", "Điểm thu gom"),
        ("valid_from", "Từ ngày"),
        ("valid_to", "Đến ngày"),
        ("uid", "Mã thẻ"),
        ("tech", "Loại thẻ"),
        ("device", "Thiết bị"),
        ("place", "Điểm hoặc tuyến"),
        ("kind", "Loại thiết bị"),
        ("station", "Trạm"),
        ("profile", "Giao thức"),
        ("mode", "Chế độ cân"),
        ("stream", "Nhóm chất thải"),
        ("max_g", "Mức cân lớn nhất (g)"),
        ("division_g", "Giá trị độ chia (g)"),
        ("min_g", "Mức cân nhỏ nhất (g)"),
        ("verified_until", "Kiểm định đến"),
        ("after_read_s", "Sau khi đọc thẻ (s)"),
        ("before_read_s", "Trước khi đọc thẻ (s)"),
        ("together_s", "Đọc cùng lúc (s)"),
        ("weekdays", "Các thứ"),
        ("every_weeks", "Mỗi mấy tuần"),
        ("start", "Bắt đầu"),
        ("end", "Kết thúc"),
        ("pathway", "Cách xử lý tại nhà"),
        ("level", "Mức bằng chứng"),
        ("on", "Ngày"),
        ("by", "Người ghi"),
        ("finding", "Phát hiện"),
        ("at", "Thời điểm"),
        ("result", "Kết quả"),
        ("reason", "Lý do"),
        ("from", "Từ ngày"),
        ("to", "Đến ngày"),
        ("indicator", "Chỉ số"),
        ("year", "Năm"),
        ("percent", "Mục tiêu (%)"),
        ("ticket", "Số phiếu"),
        ("vehicle", "Xe"),
        ("gross_g", "Khối lượng tổng (g)"),
        ("tare_g", "Khối lượng bì (g)"),
        ("destination", "Nơi đến"),
    ],
    words: &[
        ("sorting_share", "tỷ lệ hộ thực hiện phân loại"),
        ("absent", "vắng mặt"),
        ("vacant", "nhà trống"),
        ("moved", "đã chuyển đi"),
        ("not_a_household", "không phải hộ"),
        ("compost", "ủ tại nhà"),
        ("animal_feed", "cho vật nuôi"),
        ("sold", "bán"),
        ("given", "cho"),
        ("declared", "kê khai"),
        ("verified", "đã xác minh"),
        ("sorting", "đang phân loại"),
        ("not_sorting", "chưa phân loại"),
        ("mixed", "để lẫn"),
        ("contaminated", "lẫn tạp chất"),
        ("refused", "từ chối nhận"),
        ("clean", "sạch"),
        ("tag_reader", "đầu đọc thẻ"),
        ("scale", "cân"),
        ("combined", "cân có đầu đọc thẻ"),
        ("weighbridge", "cân xe"),
        ("platform", "bàn cân"),
        ("bin", "thùng"),
        ("lift", "nâng thùng"),
        ("daily", "hằng ngày"),
    ],
};

/// English.
pub(super) const EN: RegisterTexts = RegisterTexts {
    proposals: "Waiting for a second person",
    proposals_more: "More than 10 households that one person excludes or ends within 30 days, or verifies by lists within a day, need another officer's confirmation. Until then no figure changes.",
    proposals_none: "Nothing waits. When somebody excludes or verifies more households than one person may alone, it shows here.",
    decided: "Decided",
    decide_own: "You proposed this; another officer confirms or declines it.",
    decide_another: |who| format!("{who} proposed this and alone can withdraw it; you can decline it."),
    decide_no_reason: "No reason is given; say why it is declined.",
    decide_refused: "The register has changed since, and it does not fit any more:",
    busy: "Others are changing the register; nothing was recorded, try again.",
    row_waits: "You have taken as many households out of the denominator as one person may within 30 days: this one waits for a second officer. Say why, for them to see.",
    proposed: ["exclusions", "visits and verification", "ended registrations"],
    proposed_by: |who, when| format!("proposed by {who} at {when}"),
    why: "Why",
    who: "By",
    households: "Households",
    outcome: "Outcome",
    waiting: "waiting",
    verdicts: ["confirmed", "declined", "withdrawn"],
    decided_by: |verdict, who, when| format!("{verdict} · {who} · {when}"),
    confirm: "Confirm",
    confirm_more: "Confirming records the rows below, and the figures are computed again.",
    decline: "Decline",
    withdraw: "Withdraw",
    own: "You proposed this, so another officer must confirm it.",
    reason: "Reason",
    reason_optional: "Note (optional)",
    title: "Register",
    title_more: "Each change is a new version: who recorded it, when and why. Earlier versions stay and can be recorded again.",
    kinds: [
        "Hamlets",
        "Collection points",
        "Households",
        "Routes",
        "Tags",
        "Devices",
        "Schedule",
        "Home pathways",
        "Findings",
        "Visits",
        "Exclusions",
        "Weighbridge tickets",
        "Targets by year",
    ],
    files: "Files",
    files_more: "Upload an XLSX or CSV file. First this page shows what it would change; only your confirmation records it.",
    files_limited: "Your account is limited to some hamlets; files are for officers of the whole commune.",
    kind_of_file: "What the file holds",
    file: "File (XLSX, CSV)",
    look_first: "Show what would change",
    import: "Record",
    import_proposes: "Send to a second officer",
    second_needed: "With this file you would exclude, end or verify more than 10 households without a second person, so another officer must confirm those before they count.",
    sums: |rows, new, replacing, same| {
        format!("{rows} rows: {new} new, {replacing} replacing a version, {same} unchanged.")
    },
    nothing_new: "Every row is in the register already; there is nothing to record.",
    faults_found: |count| {
        format!("The file has {count} faults, so nothing was recorded. Correct the file and upload it again.")
    },
    moved: "The register changed since you looked. Below is the check against the new state; look again and confirm.",
    warnings: "Warnings",
    change: "Change",
    row: "Row",
    column_name: "Column",
    value: "Value",
    fix: "What is wrong, and the way out",
    new: "new",
    replaces: "replaces a version",
    and_more: |count| format!("and {count} more"),
    export: "Export",
    template_more: "An export is also the form to fill in: change it and upload it; unchanged rows record nothing.",
    recorded: "Recorded.",
    search: "Search (accents not needed)",
    as_of: "On day",
    also_ended: "Also rows that do not hold",
    show: "Show",
    none: "No row matches. Add one, or import a file.",
    rows_found: |count| format!("{count} rows"),
    add: "Add",
    edit: "Edit",
    end_it: "End",
    history: "History",
    version_by: |who, when| format!("recorded by {who} at {when}"),
    first_version: "first version",
    no_reason: "no reason given",
    record_again: "Record this version again",
    restored: |when| format!("version of {when} recorded again"),
    save: "Save",
    cancel: "Cancel",
    why_change: "Why",
    why_missing: "Say why; the reason is kept with the version.",
    form_faults: "Not recorded: correct the marked fields. What you typed is still here.",
    changed_meanwhile: |who, when| {
        format!(
            "{who} changed this row at {when}. What you typed is still here; compare it with the history below and record again if it is still right."
        )
    },
    key_fixed: "This field names the row and cannot change; end this row and add a new one.",
    exists: "This row exists already; open and edit it.",
    unchanged: "Nothing changed, so nothing was recorded.",
    out_of_scope: "This household lies outside your account's hamlets.",
    valid_to_more: "first day on which it no longer holds",
    personal: "Personal data",
    personal_more: "Name and address are kept apart. Erasing removes them for good; the household's code, facts and every figure stay.",
    personal_none: "No name or address of this household is kept.",
    erase: "Erase personal data",
    erase_sure: "Type the household's code to confirm",
    erase_mismatch: "The code does not match or the reason is missing; nothing was erased.",
    erased: |who, when, why| format!("erased by {who} at {when}: {why}"),
    related: "Of this household",
    faults: "Register faults",
    faults_more: "Where the register and the devices' events disagree, over the past 28 days. Each line leads to the place to correct it.",
    faults_csv: "Download CSV",
    fault_kinds: [
        "Unknown tags",
        "One tag, two households",
        "Cards used at far points",
        "Households without a tag",
        "Households without a point or route",
        "Households without a people count",
        "Cards that may have changed places",
    ],
    fault_none: "None.",
    subject: "What",
    times: "Times",
    first_seen: "First",
    last_seen: "Last",
    where_seen: "Where",
    assign: "Assign",
    columns: &[
        ("code", "Code"),
        ("name", "Name"),
        ("area", "Hamlet"),
        ("lat", "Latitude"),
        ("lon", "Longitude"),
        ("route", "Route"),
        ("household", "Household"),
        ("order", "Order"),
        ("head_name", "Head of household"),
        ("address", "Address"),
        ("people", "People"),
        ("point", "Collection point"),
        ("valid_from", "From"),
        ("valid_to", "Until"),
        ("uid", "Tag number"),
        ("tech", "Tag type"),
        ("device", "Device"),
        ("place", "Point or route"),
        ("kind", "Kind of device"),
        ("station", "Station"),
        ("profile", "Profile"),
        ("mode", "Scale mode"),
        ("stream", "Stream"),
        ("max_g", "Maximum capacity (g)"),
        ("division_g", "Scale division (g)"),
        ("min_g", "Minimum capacity (g)"),
        ("verified_until", "Verified until"),
        ("after_read_s", "After a read (s)"),
        ("before_read_s", "Before a read (s)"),
        ("together_s", "Read together (s)"),
        ("weekdays", "Weekdays"),
        ("every_weeks", "Every … weeks"),
        ("start", "Start"),
        ("end", "End"),
        ("pathway", "Home pathway"),
        ("level", "Evidence"),
        ("on", "Day"),
        ("by", "By"),
        ("finding", "Finding"),
        ("at", "Time"),
        ("result", "Result"),
        ("reason", "Reason"),
        ("from", "From"),
        ("to", "Until"),
        ("indicator", "Indicator"),
        ("year", "Year"),
        ("percent", "Target (%)"),
        ("ticket", "Ticket"),
        ("vehicle", "Vehicle"),
        ("gross_g", "Gross mass (g)"),
        ("tare_g", "Tare (g)"),
        ("destination", "Destination"),
    ],
    words: &[
        ("sorting_share", "share of households sorting"),
        ("absent", "absent"),
        ("vacant", "vacant"),
        ("moved", "moved away"),
        ("not_a_household", "not a household"),
        ("compost", "compost"),
        ("animal_feed", "animal feed"),
        ("sold", "sold"),
        ("given", "given away"),
        ("declared", "declared"),
        ("verified", "verified"),
        ("sorting", "sorting"),
        ("not_sorting", "not sorting"),
        ("mixed", "mixed"),
        ("contaminated", "contaminated"),
        ("refused", "refused"),
        ("clean", "clean"),
        ("tag_reader", "tag reader"),
        ("scale", "scale"),
        ("combined", "scale with tag reader"),
        ("weighbridge", "weighbridge"),
        ("platform", "platform"),
        ("bin", "bin"),
        ("lift", "lift"),
        ("daily", "daily"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_every_file_has_a_name_in_both_languages() {
        for texts in [&VI, &EN] {
            for column in Kind::ALL.iter().flat_map(|kind| kind.columns()) {
                assert!(texts.columns.iter().any(|(name, _)| *name == column.name), "{}", column.name);
            }
        }
        let words = |texts: &RegisterTexts| texts.words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
        assert_eq!(words(&VI), words(&EN));
    }
}
