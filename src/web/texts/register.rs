//! The words of the register's pages.

use crate::domain::proposal::Verdict;

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
    /// What an act proposes, by [`crate::domain::proposal::Proposed::kind`]: exclusions, statements.
    pub proposed: [&'static str; 2],
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
    proposals_more: "Việc loại trừ hoặc xác minh hơn 10 hộ cùng lúc cần một cán bộ khác xác nhận. Chưa xác nhận thì chưa con số nào thay đổi.",
    proposals_none: "Không có việc nào đang chờ. Khi một người loại trừ hoặc xác minh hơn 10 hộ cùng lúc, việc đó hiện ở đây.",
    decided: "Đã quyết định",
    proposed: ["loại trừ hộ", "thăm và xác minh"],
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
        ("ticket", "Số phiếu"),
        ("vehicle", "Xe"),
        ("gross_g", "Khối lượng tổng (g)"),
        ("tare_g", "Khối lượng bì (g)"),
        ("destination", "Nơi đến"),
    ],
    words: &[
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
    proposals_more: "Excluding or verifying more than 10 households in one act needs another officer's confirmation. Until then no figure changes.",
    proposals_none: "Nothing waits. When somebody excludes or verifies more than 10 households in one act, it shows here.",
    decided: "Decided",
    proposed: ["exclusions", "visits and verification"],
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
        ("ticket", "Ticket"),
        ("vehicle", "Vehicle"),
        ("gross_g", "Gross mass (g)"),
        ("tare_g", "Tare (g)"),
        ("destination", "Destination"),
    ],
    words: &[
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
    use crate::imports::Kind;

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
