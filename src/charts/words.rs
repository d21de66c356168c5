//! The words of the pictures, Vietnamese and English side by side.

use super::course::Measure;
use super::look::{Context, Lang};
use super::number::{percent, whole};
use crate::domain::state::State;
use crate::domain::units::Percent;
use crate::indicators::{Badge, Step};

/// Keeps a short text on one line.
fn unbroken(text: &str) -> String {
    if text.chars().count() <= 32 { text.replace(' ', "\u{a0}") } else { text.to_owned() }
}

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
        self.pick("Dữ liệu mô phỏng – không phải số liệu thật", "Simulated data – not real figures")
    }

    pub const fn state(self, state: State) -> &'static str {
        match state {
            State::Sorting => self.pick("đang phân loại", "sorting"),
            State::NotSorting => self.pick("chưa phân loại", "not sorting"),
            State::Undetermined => self.pick("chưa đủ căn cứ", "undetermined"),
        }
    }

    pub const fn headline_definition(self) -> &'static str {
        self.pick(
            "Phần trăm số hộ trong diện tính có đủ căn cứ đang phân loại mọi nhóm bắt buộc, cuối ngày",
            "Percent of eligible households with evidence that they sort every required group, at the end of",
        )
    }

    pub const fn badge(self, badge: Badge) -> &'static str {
        match badge {
            Badge::Sufficient => self.pick("đủ căn cứ", "well founded"),
            Badge::Indicative => self.pick("tham khảo", "indicative"),
            Badge::Insufficient => self.pick("chưa đủ căn cứ để công bố", "not enough evidence to publish"),
        }
    }

    pub fn between(self, low: &str, high: &str) -> String {
        match self.0 {
            Lang::Vi => format!("Tỷ lệ nằm giữa {low} và {high}"),
            Lang::En => format!("The share lies between {low} and {high}"),
        }
    }

    pub fn covered(self, coverage: &str) -> String {
        let from = percent(Badge::INDICATIVE_FROM, self.0);
        match self.0 {
            Lang::Vi => format!("Mới có căn cứ về {coverage} số hộ; cần từ {from}"),
            Lang::En => format!("There is evidence about {coverage} of households; {from} is needed"),
        }
    }

    pub fn of_all(self, sorting: i64, eligible: i64) -> String {
        match self.0 {
            Lang::Vi => format!("{} trong {}", whole(sorting, self.0), self.households(eligible)),
            Lang::En => format!("{} of {}", whole(sorting, self.0), self.households(eligible)),
        }
    }

    /// Numbers that are hidden from the public.
    pub const fn hidden(self) -> &'static str {
        self.pick("ẩn vì số nhỏ", "hidden: small numbers")
    }

    /// What is neither S nor told apart.
    pub const fn rest_hidden(self) -> &'static str {
        self.pick("phần còn lại, không tách vì số nhỏ", "the rest, not split: small numbers")
    }

    pub const fn masses_hidden(self) -> &'static str {
        self.pick(
            "Để trống: có ngày dưới 10 lần giao rác, ẩn để giữ riêng tư.",
            "Left blank: a day with fewer than 10 hand-overs, hidden for privacy.",
        )
    }

    pub const fn together(self) -> &'static str {
        self.pick("tổng khối lượng", "total mass")
    }

    pub const fn target(self) -> &'static str {
        self.pick("mục tiêu", "target")
    }

    pub const fn so_far(self) -> &'static str {
        self.pick("đến giờ", "so far")
    }

    pub const fn provisional(self) -> &'static str {
        self.pick("tạm tính, chưa chốt tháng", "provisional, month open")
    }

    pub const fn no_eligible(self) -> &'static str {
        self.pick("không có số liệu", "no figures")
    }

    pub fn households(self, count: i64) -> String {
        match self.0 {
            Lang::Vi => format!("{} hộ", whole(count, self.0)),
            Lang::En if count == 1 => "1 household".to_owned(),
            Lang::En => format!("{} households", whole(count, self.0)),
        }
    }

    pub fn source(self, context: &Context) -> String {
        let complete = match (context.completeness, self.0) {
            (Some(share), Lang::Vi) => format!("dữ liệu đầy đủ {}", percent(share, self.0)),
            (Some(share), Lang::En) => format!("data {} complete", percent(share, self.0)),
            (None, Lang::Vi) => "không có thiết bị nào theo lịch".to_owned(),
            (None, Lang::En) => "no device was scheduled".to_owned(),
        };
        match self.0 {
            Lang::Vi => format!(
                "Nguồn: cân và đầu đọc thẻ, nhật ký tổ thu gom, thăm hộ; {complete}. Quy tắc {}. Tính đến {}.",
                unbroken(&context.rule_version),
                unbroken(&context.as_of)
            ),
            Lang::En => format!(
                "Source: scales and tag readers, crew log, visits; {complete}. Rule {}. As of {}.",
                unbroken(&context.rule_version),
                unbroken(&context.as_of)
            ),
        }
    }

    /// Gives a subtitle: the definition, then the period.
    pub fn definition(self, definition: &str, context: &Context) -> String {
        if context.period.is_empty() {
            format!("{definition}.")
        } else {
            format!("{definition}, {}.", unbroken(&context.period))
        }
    }

    pub fn trend_title(self, context: &Context) -> String {
        format!(
            "{}, {}",
            self.pick("Tỷ lệ hộ thực hiện phân loại tại nguồn", "Households sorting at source"),
            unbroken(&context.place)
        )
    }

    pub const fn trend_definition(self) -> &'static str {
        self.pick(
            "Phần trăm số hộ trong diện tính, cuối mỗi ngày",
            "Percent of eligible households, at the end of each day",
        )
    }

    pub const fn periods_definition(self, step: Step) -> &'static str {
        match step {
            Step::Day => self.trend_definition(),
            Step::Week => self.pick(
                "Phần trăm số hộ trong diện tính, cuối ngày đã hết sau cùng của mỗi tuần",
                "Percent of eligible households, at the end of each week's last finished day",
            ),
            Step::Month => self.pick(
                "Phần trăm số hộ trong diện tính, cuối ngày đã hết sau cùng của mỗi tháng",
                "Percent of eligible households, at the end of each month's last finished day",
            ),
            Step::Year => self.pick(
                "Phần trăm số hộ trong diện tính, trung bình các giá trị cuối tháng của năm",
                "Percent of eligible households, mean of the year's month-end values",
            ),
        }
    }

    pub const fn to_the_upper_bound(self) -> &'static str {
        self.pick("chưa đủ căn cứ, tới cận trên", "undetermined, up to the upper bound")
    }

    pub const fn coverage(self) -> &'static str {
        self.pick("độ phủ căn cứ", "evidence coverage")
    }

    pub fn companions_title(self, context: &Context) -> String {
        format!("{}, {}", self.pick("Các tỷ lệ đặt cạnh nhau", "The figures side by side"), unbroken(&context.place))
    }

    pub const fn companions_definition(self) -> &'static str {
        self.pick(
            "Phần trăm, mỗi tỷ lệ có mẫu số riêng ghi bên cạnh, cuối ngày",
            "Percent, each of its own denominator beside it, at the end of",
        )
    }

    /// Enrolled, at least one group, sorting, participation, set-out, coverage.
    pub const fn companions(self) -> [&'static str; 6] {
        match self.0 {
            Lang::Vi => [
                "Hộ tham gia",
                "Ít nhất một nhóm",
                "Hộ thực hiện phân loại",
                "Tham gia giao rác (WRAP)",
                "Giao rác mỗi lượt (WRAP)",
                "Độ phủ căn cứ",
            ],
            Lang::En => [
                "Enrolled",
                "At least one group",
                "Households sorting",
                "Participation (WRAP)",
                "Set-out (WRAP)",
                "Evidence coverage",
            ],
        }
    }

    pub fn opportunities(self, set_outs: i64, opportunities: i64) -> String {
        let (set_outs, opportunities) = (whole(set_outs, self.0), whole(opportunities, self.0));
        match self.0 {
            Lang::Vi => format!("{set_outs} / {opportunities} cơ hội"),
            Lang::En => format!("{set_outs} / {opportunities} opportunities"),
        }
    }

    pub fn areas_title(self, context: &Context) -> String {
        format!(
            "{}, {}",
            self.pick("Hộ thực hiện phân loại theo thôn", "Households sorting by hamlet"),
            unbroken(&context.place)
        )
    }

    pub const fn areas_definition(self) -> &'static str {
        self.pick("Phần trăm số hộ trong diện tính của mỗi thôn", "Percent of each hamlet's eligible households")
    }

    pub fn tonnage_title(self, context: &Context) -> String {
        format!(
            "{}, {}",
            self.pick("Khối lượng rác thu gom theo nhóm", "Waste collected by stream"),
            unbroken(&context.place)
        )
    }

    pub fn tonnage_definition(self, unit: &str, step: Step) -> String {
        let per = match step {
            Step::Day => self.pick("mỗi ngày", "a day"),
            Step::Week => self.pick("mỗi tuần (thứ Hai – Chủ nhật)", "a week (Monday – Sunday)"),
            Step::Month => self.pick("mỗi tháng", "a month"),
            Step::Year => self.pick("mỗi năm", "a year"),
        };
        let unit = match (unit, self.0) {
            ("tấn", Lang::Vi) => "Tấn",
            ("kg", Lang::Vi) => "Kg",
            ("t", Lang::En) => "Tonnes",
            ("kg", Lang::En) => "Kilograms",
            (other, Lang::Vi | Lang::En) => other,
        };
        format!("{unit} {per}")
    }

    pub fn unknown_household(self, share: Percent) -> String {
        match self.0 {
            Lang::Vi => format!("{} khối lượng cân chưa rõ của hộ nào.", percent(share, self.0)),
            Lang::En => format!("{} of the weighed mass belongs to no known household.", percent(share, self.0)),
        }
    }

    pub const fn weighed(self) -> &'static str {
        self.pick("thiết bị cân", "weighed by a device")
    }

    pub const fn manual(self) -> &'static str {
        self.pick("tổ thu gom nhập", "typed by the crew")
    }

    pub const fn estimated(self) -> &'static str {
        self.pick("ước tính", "estimated")
    }

    pub const fn unnamed_stream(self) -> &'static str {
        self.pick("không rõ nhóm", "stream unknown")
    }

    pub fn completeness_title(self, context: &Context) -> String {
        format!(
            "{}, {}",
            self.pick("Mức đầy đủ của dữ liệu thiết bị", "Completeness of device data"),
            unbroken(&context.place)
        )
    }

    pub const fn completeness_definition(self) -> &'static str {
        self.pick(
            "Phần giờ thiết bị hoạt động × phần bản ghi nhận được, phần trăm mỗi ngày",
            "Share of device hours working × share of events received, percent by day",
        )
    }

    pub const fn completeness_gaps(self) -> &'static str {
        self.pick("Để trống: ngày không có lịch thu gom.", "Left blank: days without a scheduled round.")
    }

    pub fn visiting_title(self, context: &Context) -> String {
        format!(
            "{}, {}",
            self.pick("Đến hộ: đã làm và sắp hết hạn", "Visits: done and running out"),
            unbroken(&context.place)
        )
    }

    pub const fn visiting_definition(self) -> &'static str {
        self.pick(
            "Lượt đến hộ mỗi tuần đã qua; hộ hết hạn xác minh mỗi tuần tới, nếu không có căn cứ nào khác",
            "Visits in each week past; households whose verification ends in each week to come, if no other evidence comes",
        )
    }

    pub const fn visited(self) -> &'static str {
        self.pick("lượt đến hộ", "visits")
    }

    pub const fn runs_out(self) -> &'static str {
        self.pick("hộ hết hạn xác minh", "households whose verification ends")
    }

    pub fn pace(self, pace: i64) -> String {
        let pace = whole(pace, self.0);
        match self.0 {
            Lang::Vi => format!("nhịp 4 tuần qua: khoảng {pace} lượt/tuần"),
            Lang::En => format!("pace of the last 4 weeks: about {pace} a week"),
        }
    }

    pub const fn no_visiting(self) -> &'static str {
        self.pick(
            "Chưa có dữ liệu: chưa có lượt đến hộ nào và không có xác minh nào sắp hết hạn.",
            "No data yet: nobody was visited, and no verification ends soon.",
        )
    }

    pub const fn lowest(self) -> &'static str {
        self.pick("thấp nhất", "lowest")
    }

    pub const fn no_shares(self) -> &'static str {
        self.pick(
            "Chưa có dữ liệu: chưa có ngày nào có hộ trong diện tính.",
            "No data yet: no day has an eligible household.",
        )
    }

    pub const fn no_areas(self) -> &'static str {
        self.pick("Chưa có dữ liệu: sổ đăng ký chưa có thôn nào.", "No data yet: the register holds no hamlet.")
    }

    pub const fn no_tonnage(self) -> &'static str {
        self.pick(
            "Chưa có dữ liệu: chưa có lần giao rác nào trong kỳ này.",
            "No data yet: nothing was handed over in this period.",
        )
    }

    pub const fn no_completeness(self) -> &'static str {
        self.pick(
            "Chưa có dữ liệu: không có lượt thu gom nào theo lịch trong kỳ này.",
            "No data yet: no round was scheduled in this period.",
        )
    }

    pub fn course_title(self, measure: Measure, context: &Context) -> String {
        let title = match measure {
            Measure::Battery => self.pick("Pin của thiết bị", "Battery of device"),
            Measure::Zero => self.pick("Số chỉ khi cân không tải, thiết bị", "Indication of the empty scale, device"),
        };
        format!("{title} {}", unbroken(&context.place))
    }

    pub const fn course_definition(self, measure: Measure) -> &'static str {
        match measure {
            Measure::Battery => self.pick(
                "Từ thấp nhất tới lần báo cuối của mỗi ngày, vôn",
                "From the lowest to the last word of each day, volts",
            ),
            Measure::Zero => self.pick(
                "Từ thấp nhất tới cao nhất, đường nối là số ở giữa của mỗi ngày, gam",
                "From the least to the greatest, the line joins the middle of each day, grams",
            ),
        }
    }

    pub const fn course_gaps(self) -> &'static str {
        self.pick("Để trống: ngày thiết bị không báo.", "Left blank: days on which the device said nothing.")
    }

    pub const fn course_limit(self, measure: Measure) -> &'static str {
        match measure {
            Measure::Battery => self.pick("yếu, nếu thấp hơn", "low below"),
            Measure::Zero => self.pick("giới hạn", "limit"),
        }
    }

    pub const fn no_course(self) -> &'static str {
        self.pick(
            "Chưa có dữ liệu: thiết bị chưa báo lần nào trong kỳ này.",
            "No data yet: the device said nothing in this period.",
        )
    }
}
