//! The words of the papers, Vietnamese and English side by side.

use crate::charts::Lang;

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub Lang);

impl Words {
    const fn pick(self, vi: &'static str, en: &'static str) -> &'static str {
        match self.0 {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    pub const fn simulated(self) -> &'static str {
        self.pick("Mô phỏng – không phải thẻ thật", "Simulated – not a real card")
    }

    pub const fn simulated_letter(self) -> &'static str {
        self.pick("Mô phỏng – không phải thư thật", "Simulated – not a real letter")
    }

    pub const fn card(self) -> &'static str {
        self.pick("Thẻ phân loại rác", "Waste-sorting card")
    }

    pub const fn number(self) -> &'static str {
        self.pick("Số thẻ", "Card number")
    }

    pub const fn sort(self) -> &'static str {
        self.pick("Phân loại thành", "Sort into")
    }

    pub const fn show(self) -> &'static str {
        self.pick("Đưa thẻ khi giao rác", "Show it when you hand over waste")
    }

    pub fn sheet(self, number: usize, of: usize, first: usize, last: usize) -> String {
        match self.0 {
            Lang::Vi => format!("Tờ {number}/{of} · thẻ {first}–{last}"),
            Lang::En => format!("Sheet {number}/{of} · cards {first}–{last}"),
        }
    }

    pub const fn cards_title(self) -> &'static str {
        self.pick("Thẻ hộ", "Household cards")
    }

    pub const fn letters_title(self) -> &'static str {
        self.pick("Thư mã riêng của hộ", "Letters with households' private codes")
    }

    pub const fn letter(self) -> &'static str {
        self.pick("Mã riêng để xem trang của hộ", "Private code for your household's page")
    }

    pub const fn what_for(self) -> &'static str {
        self.pick(
            "Trang này cho hộ biết: hộ đang được ghi nhận thế nào, còn thiếu gì, những lần đã giao rác và cách phân loại. Chỉ hộ xem được trang của mình.",
            "The page tells how your household is recorded, what is missing, what you handed over, and how to sort. Only you can see it.",
        )
    }

    pub const fn scan_or_type(self) -> &'static str {
        self.pick(
            "Quét mã bằng điện thoại, hoặc mở địa chỉ rồi nhập mã:",
            "Scan it with a phone, or open the address and type the code:",
        )
    }

    pub const fn keep(self) -> &'static str {
        self.pick(
            "Giữ kín mã này, không dán lên thẻ hay thùng rác. Mất thư hoặc lộ mã: báo để hủy và nhận mã mới.",
            "Keep it to yourself; do not put it on the card or the bin. If it is lost or seen by others, say so: it is revoked and you get a new one.",
        )
    }

    pub fn ask(self, contact: &str) -> String {
        let usual = self
            .pick("trưởng thôn hoặc cán bộ môi trường của xã", "the hamlet head or the commune's environment officer");
        let whom = if contact.is_empty() { usual } else { contact };
        match self.0 {
            Lang::Vi => format!("Hỏi: {whom}."),
            Lang::En => format!("Ask: {whom}."),
        }
    }

    pub const fn for_household(self) -> &'static str {
        self.pick("Gửi hộ", "To household")
    }
}
