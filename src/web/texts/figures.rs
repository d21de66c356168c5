//! The words of the shares, the indicators and the tickets.

use crate::domain::ticket::{DestinationKind, Standing};
use crate::indicators::{DataSource, Flag, Missing, Name, Step};

/// The words of one language.
#[derive(Debug)]
pub struct FiguresTexts {
    /// Navigation: shares.
    pub shares: &'static str,
    /// Navigation: indicators.
    pub indicators: &'static str,
    /// Navigation: tickets.
    pub tickets: &'static str,
    /// Title of the shares.
    pub shares_title: &'static str,
    /// The programme's *tham gia*.
    pub enrolled: &'static str,
    /// The programme's *thực hiện*.
    pub sorting: &'static str,
    /// Why the two differ, one line.
    pub why: &'static str,
    /// More figures.
    pub to_shares: &'static str,
    /// WRAP's participation rate.
    pub participation: &'static str,
    /// Its definition.
    pub participation_more: &'static str,
    /// WRAP's set-out rate.
    pub set_out: &'static str,
    /// Its definition.
    pub set_out_more: &'static str,
    /// Definition of sorting.
    pub sorting_more: &'static str,
    /// Side by side.
    pub companions: &'static str,
    /// How to read the coverage's marks.
    pub coverage_marks: &'static str,
    /// Filter: point.
    pub point: &'static str,
    /// Filter: step.
    pub step: &'static str,
    /// Filter: first day.
    pub from: &'static str,
    /// Filter: last day.
    pub to: &'static str,
    /// Shows what was chosen.
    pub show: &'static str,
    /// Steps, in the order of `Step::ALL`.
    pub steps: [&'static str; 4],
    /// Table of periods.
    pub by_period: &'static str,
    /// What a period's value is.
    pub by_period_more: &'static str,
    /// Column: period.
    pub period: &'static str,
    /// Column: badge.
    pub badge: &'static str,
    /// Mean of so many month ends.
    pub mean_of: fn(&str) -> String,
    /// Section: targets.
    pub targets: &'static str,
    /// Targets, explained.
    pub targets_more: &'static str,
    /// Link: change the targets.
    pub targets_edit: &'static str,
    /// Section: points.
    pub points: &'static str,
    /// Points, explained.
    pub points_more: &'static str,
    /// No point.
    pub points_none: &'static str,
    /// As a CSV file.
    pub csv: &'static str,
    /// Nothing in the period.
    pub nothing: &'static str,
    /// Section: guards.
    pub guards: &'static str,
    /// Guards, explained.
    pub guards_more: &'static str,
    /// Table: exclusions.
    pub exclusions: &'static str,
    /// Column: registered.
    pub registered: &'static str,
    /// Exclusion reasons, in the order of `ExclusionReason::ALL`.
    pub exclusion_reasons: [&'static str; 4],
    /// Column: excluded part.
    pub excluded: &'static str,
    /// Row: the commune.
    pub whole_commune: &'static str,
    /// Table: records by person.
    pub people: &'static str,
    /// Column: who.
    pub who: &'static str,
    /// A person without a name: number.
    pub somebody: fn(&str) -> String,
    /// Column: B.
    pub separated: &'static str,
    /// Column: the most on one day.
    pub most_a_day: &'static str,
    /// Column: C.
    pub verified: &'static str,
    /// Column: not sorting.
    pub not_sorting: &'static str,
    /// Column: contrary findings.
    pub contrary: &'static str,
    /// Column: clean findings.
    pub clean: &'static str,
    /// Column: what others recorded, taken back.
    pub taken_back: &'static str,
    /// Column: what stands out.
    pub flag: &'static str,
    /// Nobody recorded anything.
    pub people_none: &'static str,
    /// Flags, in the order of the enum.
    pub flags: [&'static str; 6],
    /// Title of the indicators.
    pub indicators_title: &'static str,
    /// Indicators, explained.
    pub indicators_more: &'static str,
    /// Column: indicator.
    pub indicator: &'static str,
    /// Column: value.
    pub value: &'static str,
    /// Column: made from.
    pub made_from: &'static str,
    /// Groups: collection, households, integrity, data.
    pub groups: [&'static str; 4],
    /// Names, in the order of `Name::ALL`.
    pub names: [&'static str; 20],
    /// Short definitions with unit, in the order of `Name::ALL`.
    pub definitions: [&'static str; 20],
    /// Where data comes from, in the order of `DataSource::ALL`.
    pub data_sources: [&'static str; 7],
    /// Of an indicator: where its data comes from.
    pub from_sources: fn(&str) -> String,
    /// Reasons, in the order of `Missing::ALL`.
    pub missing: [&'static str; 19],
    /// Unit of the yield.
    pub a_household_week: &'static str,
    /// Weighed, manual, estimated.
    pub split: fn(&str, &str, &str) -> String,
    /// The assumption of the collection rate: grams, source.
    pub assumed: fn(&str, &str) -> String,
    /// Section: earlier periods.
    pub earlier: &'static str,
    /// Completeness of the period.
    pub complete: fn(&str) -> String,
    /// No completeness.
    pub complete_none: &'static str,
    /// Section: alarm.
    pub alarm: &'static str,
    /// The rule: days, tolerance, least.
    pub alarm_rule: fn(&str, &str, &str) -> String,
    /// Raised: picked up, still separate, missing.
    pub alarm_raised: fn(&str, &str, &str) -> String,
    /// Not raised: picked up, still separate.
    pub alarm_kept: fn(&str, &str) -> String,
    /// Too little: picked up.
    pub alarm_little: fn(&str) -> String,
    /// No ticket: picked up.
    pub alarm_no_ticket: fn(&str) -> String,
    /// Title of the tickets.
    pub tickets_title: &'static str,
    /// Tickets, explained.
    pub tickets_more: &'static str,
    /// No ticket.
    pub tickets_none: &'static str,
    /// Section: new ticket.
    pub ticket_new: &'static str,
    /// Field: number.
    pub ticket: &'static str,
    /// Field: vehicle.
    pub vehicle: &'static str,
    /// Field: when.
    pub at: &'static str,
    /// Field: gross, kilograms.
    pub gross: &'static str,
    /// Field: tare, kilograms.
    pub tare: &'static str,
    /// Column: net.
    pub net: &'static str,
    /// Field: destination.
    pub destination: &'static str,
    /// Column: standing.
    pub standing: &'static str,
    /// Column: stated by.
    pub by: &'static str,
    /// Records.
    pub record: &'static str,
    /// Takes a ticket back.
    pub void: &'static str,
    /// Field: why.
    pub why_void: &'static str,
    /// Standings, in the order of `Standing::ALL`.
    pub standings: [&'static str; 4],
    /// Conflicts there are: count.
    pub conflicts: fn(&str) -> String,
    /// Section: destinations.
    pub destinations: &'static str,
    /// Destinations, explained.
    pub destinations_more: &'static str,
    /// Field: code.
    pub code: &'static str,
    /// Field: name.
    pub name: &'static str,
    /// Field: kind.
    pub kind: &'static str,
    /// Kinds, in the order of `DestinationKind::ALL`.
    pub kinds: [&'static str; 2],
    /// A destination nobody knows.
    pub unknown_destination: &'static str,
}

impl FiguresTexts {
    /// Names an indicator.
    pub fn name_of(&self, name: Name) -> &'static str {
        Name::ALL.iter().position(|of| *of == name).and_then(|at| self.names.get(at)).copied().unwrap_or_default()
    }

    /// Defines an indicator in short.
    pub fn definition_of(&self, name: Name) -> &'static str {
        Name::ALL.iter().position(|of| *of == name).and_then(|at| self.definitions.get(at)).copied().unwrap_or_default()
    }

    /// Names where an indicator's data comes from.
    pub fn sources_of(&self, name: Name) -> String {
        let named = name.sources().iter().filter_map(|source| {
            DataSource::ALL.iter().position(|of| of == source).and_then(|at| self.data_sources.get(at)).copied()
        });
        (self.from_sources)(&named.collect::<Vec<_>>().join(", "))
    }

    /// Says why there is no value.
    pub fn missing_of(&self, why: Missing) -> &'static str {
        Missing::ALL.iter().position(|of| *of == why).and_then(|at| self.missing.get(at)).copied().unwrap_or_default()
    }

    /// Names a step.
    pub const fn step_of(&self, step: Step) -> &'static str {
        match step {
            Step::Day => self.steps[0],
            Step::Week => self.steps[1],
            Step::Month => self.steps[2],
            Step::Year => self.steps[3],
        }
    }

    /// Names what stands out.
    pub const fn flag_of(&self, flag: Flag) -> &'static str {
        match flag {
            Flag::ManyExcluded => self.flags[0],
            Flag::ManyVisitsADay => self.flags[1],
            Flag::ManyPickupsADay => self.flags[2],
            Flag::AllSorting => self.flags[3],
            Flag::AllClean => self.flags[4],
            Flag::ManyTakenBack => self.flags[5],
        }
    }

    /// Names a standing.
    pub const fn standing_of(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::Counts => self.standings[0],
            Standing::Repeats => self.standings[1],
            Standing::Conflicts => self.standings[2],
            Standing::Void => self.standings[3],
        }
    }

    /// Names a destination's kind.
    pub const fn kind_of(&self, kind: DestinationKind) -> &'static str {
        match kind {
            DestinationKind::Dump => self.kinds[0],
            DestinationKind::Plant => self.kinds[1],
        }
    }
}

/// Vietnamese.
pub(super) const VI: FiguresTexts = FiguresTexts {
    shares: "Tỷ lệ theo kỳ",
    indicators: "Chỉ số khác",
    tickets: "Phiếu cân",
    shares_title: "Tỷ lệ hộ tham gia và thực hiện phân loại",
    enrolled: "Tham gia",
    sorting: "Thực hiện",
    why: "Tham gia tính cả hộ mới chỉ kê khai; thực hiện chỉ tính hộ có căn cứ ở mọi nhóm bắt buộc và không có phát hiện trái chiều, nên không bao giờ cao hơn tham gia.",
    to_shares: "Xem theo kỳ, theo thôn và các tỷ lệ đi kèm",
    participation: "Tham gia giao rác (WRAP)",
    participation_more: "hộ giao riêng ít nhất một lần trong 3 cơ hội gần nhất / hộ đo được đủ 3 cơ hội",
    set_out: "Giao rác mỗi lượt (WRAP)",
    set_out_more: "số lần giao riêng / số cơ hội, trung bình 3 cơ hội gần nhất của hộ đo được",
    sorting_more: "hộ có căn cứ ở mọi nhóm bắt buộc / mọi hộ trong diện tính; gạch chéo tới cận trên",
    companions: "Các tỷ lệ đặt cạnh nhau",
    coverage_marks: "Độ phủ từ 90 %: đủ căn cứ; từ 70 %: tham khảo; dưới 70 %: chưa đủ căn cứ để công bố.",
    point: "Điểm thu gom",
    step: "Kỳ",
    from: "Từ ngày",
    to: "Đến ngày",
    show: "Xem",
    steps: ["ngày", "tuần", "tháng", "năm"],
    by_period: "Theo kỳ",
    by_period_more: "Tuần và tháng lấy trạng thái cuối ngày đã hết sau cùng của kỳ; năm là trung bình các giá trị cuối tháng, các cột đếm hộ là của tháng cuối. Không bao giờ là “đã từng phân loại”.",
    period: "Kỳ",
    badge: "Mức căn cứ",
    mean_of: |months| format!("trung bình {months} tháng"),
    targets: "Mục tiêu từng năm",
    targets_edit: "Sửa mục tiêu",
    targets_more: "Theo phụ lục chương trình hành động; mục tiêu là dữ liệu của xã.",
    points: "Theo điểm thu gom",
    points_more: "Hộ được tính cho điểm thu gom của mình, không theo nơi giao rác.",
    points_none: "Chưa có hộ nào trong diện tính ở các điểm này.",
    csv: "Tải CSV",
    nothing: "Không có ngày đã hết nào trong kỳ này. Hãy chọn ngày khác.",
    guards: "Người đo không tự đặt thước",
    guards_more: "Hộ không tính và số ghi nhận của từng người trong 28 ngày đặt cạnh tỷ lệ. Dấu hiệu bất thường là câu hỏi cần hỏi, không phải kết luận, và không đổi số nào.",
    exclusions: "Hộ không tính, theo lý do",
    registered: "Hộ đăng ký",
    exclusion_reasons: ["vắng", "nhà trống", "chuyển đi, gộp", "không phải hộ"],
    excluded: "Không tính",
    whole_commune: "Cả xã",
    people: "Số ghi nhận theo người, 28 ngày",
    who: "Người ghi",
    somebody: |number| format!("Người ghi {number}"),
    separated: "B: giao riêng",
    most_a_day: "nhiều nhất một ngày",
    verified: "C: xác minh",
    not_sorting: "Thăm: chưa phân loại",
    contrary: "Phát hiện trái chiều",
    clean: "Phát hiện sạch",
    taken_back: "Rút lại của người khác",
    flag: "Dấu hiệu",
    people_none: "Chưa ai ghi nhận gì trong 28 ngày này.",
    flags: [
        "nhiều hộ không tính: từ 10 % và gấp đôi cả xã",
        "quá 40 lượt xác minh một ngày",
        "quá 600 lần giao riêng một ngày",
        "từ 30 lượt xác minh, không hộ nào chưa phân loại",
        "từ 30 phát hiện, tất cả đều sạch",
        "rút lại quá 20 lần những gì người khác ghi",
    ],
    indicators_title: "Các chỉ số khác",
    indicators_more: "Mỗi chỉ số có định nghĩa, đơn vị, nguồn. Thiếu dữ liệu thì nói lý do, không ghi 0. Khối lượng cân, nhập tay và ước tính luôn tách riêng.",
    indicator: "Chỉ số",
    value: "Giá trị",
    made_from: "Tính từ",
    groups: ["Thu gom", "Hộ", "Giữ riêng sau thu gom", "Chất lượng dữ liệu"],
    names: [
        "Khối lượng bình quân hộ/tuần",
        "Tỷ lệ thu gom riêng",
        "Tỷ lệ chôn lấp trực tiếp",
        "Tỷ lệ thu gom",
        "Tỷ lệ lượt giao lẫn tạp",
        "Tỷ lệ từ chối thu gom",
        "Tỷ lệ hộ được thu gom",
        "Tỷ lệ hộ xử lý tại nhà",
        "Tỷ lệ giữ riêng sau thu gom",
        "Tỷ lệ lượt bỏ sót",
        "Tỷ lệ đọc được thẻ",
        "Khối lượng rõ của hộ nào",
        "Mức cân chưa ổn định",
        "Lần cân quá tải",
        "Lần cân dưới mức nhỏ nhất",
        "Giờ thiết bị hoạt động",
        "Bản ghi biết là thiếu",
        "Bản ghi đến muộn",
        "Bản ghi sai đồng hồ",
        "Cân quá hạn kiểm định",
    ],
    definitions: [
        "kg của nhóm / hộ được thu gom / tuần",
        "kg nhóm bắt buộc / mọi kg thu gom, %",
        "kg chở tới bãi chôn lấp theo phiếu cân / kg thu gom, %",
        "kg thu gom / kg phát sinh ước tính, %",
        "phát hiện trái chiều / lượt giao riêng được kiểm tra, %",
        "lượt từ chối / lượt giao, %",
        "hộ có lượt thu gom đã chạy trong 28 ngày / hộ trong diện tính, cuối kỳ, %",
        "hộ được xác minh ủ hoặc cho vật nuôi ăn thức ăn thừa / hộ trong diện tính, cuối kỳ, %",
        "kg nhóm bắt buộc vào nơi xử lý theo phiếu cân / kg thu gom riêng đã cân hoặc nhập tay, %",
        "lượt theo lịch không chạy / lượt theo lịch, %",
        "lần cân có đọc thẻ đăng ký / lần cân, %",
        "kg cân rõ của hộ nào / kg cân, %",
        "mức cân chưa ổn định / mức cân, %",
        "lần cân quá tải / lần cân, %",
        "lần cân dưới mức nhỏ nhất của cân / lần cân, %",
        "giờ thiết bị chạy / giờ theo lịch, %",
        "bản ghi biết là thiếu / bản ghi, %",
        "bản ghi đến sau một giờ / bản ghi, %",
        "bản ghi không theo được đồng hồ của thiết bị / bản ghi, %",
        "cân quá hạn kiểm định / cân có ghi hạn, cuối kỳ, %",
    ],
    data_sources: [
        "cân và đầu đọc thẻ",
        "sổ của tổ thu gom",
        "thăm hộ và phát hiện",
        "phiếu cân xe",
        "lịch thu gom",
        "sổ đăng ký",
        "giả định của xã",
    ],
    from_sources: |sources| format!("Nguồn: {sources}"),
    missing: [
        "không thu gom gì trong kỳ",
        "không hộ nào được thu gom trong kỳ",
        "không có hộ trong diện tính",
        "chưa có phiếu cân nào trong kỳ",
        "phiếu cân chỉ tính cho cả xã",
        "phiếu cân nặng hơn số thu gom: một phần thu gom chưa được ghi",
        "nơi xử lý nhận nhiều hơn hẳn số đã thu: một phần thu gom chưa được ghi",
        "thu gom nhiều hơn số phát sinh ước tính: xem lại giả định hoặc số nhân khẩu",
        "tệp xã chưa ghi giả định kg/người/ngày",
        "chưa hộ nào ghi nhân khẩu",
        "chưa kiểm tra lượt giao nào",
        "không có lượt giao nào",
        "không có lượt thu gom nào theo lịch",
        "thiết bị không ghi lần giao nào",
        "thiết bị không cân gì",
        "không có thiết bị theo lịch",
        "không có bản ghi nào",
        "chưa cân nào ghi hạn kiểm định",
        "ẩn để không lộ hộ nào; đăng nhập để xem",
    ],
    a_household_week: "kg/hộ/tuần",
    split: |weighed, manual, estimated| format!("cân {weighed} · nhập tay {manual} · ước tính {estimated}"),
    assumed: |grams, source| format!("Giả định: {grams} g/người/ngày. {source}"),
    earlier: "Các kỳ trước",
    complete: |percent| format!("Dữ liệu thiết bị đầy đủ {percent}"),
    complete_none: "Không có thiết bị theo lịch trong kỳ",
    alarm: "Báo động trộn lại rác",
    alarm_rule: |days, tolerance, least| {
        format!(
            "Quy tắc: {days} ngày; báo động khi nơi xử lý nhận ít hơn số đã thu riêng quá {tolerance} %; chỉ xét từ {least}."
        )
    },
    alarm_raised: |picked, kept, missing| {
        format!(
            "Đã thu riêng {picked}, nơi xử lý chỉ nhận {kept}: thiếu {missing}. Hãy kiểm tra xe, tuyến và phiếu cân."
        )
    },
    alarm_kept: |picked, kept| format!("Đã thu riêng {picked}, nơi xử lý nhận {kept}: trong mức cho phép."),
    alarm_little: |picked| format!("Mới thu riêng {picked}: chưa đủ để nói."),
    alarm_no_ticket: |picked| {
        format!(
            "Đã thu riêng {picked}, nhưng chưa có phiếu cân nào: chưa biết rác có được giữ riêng không. Hãy nhập phiếu cân."
        )
    },
    tickets_title: "Phiếu cân xe",
    tickets_more: "Mỗi số phiếu tính một lần: phiếu biết trước và còn hiệu lực. Phiếu sau khác nội dung được giữ bên cạnh để đối chiếu. Hủy phiếu là ghi thêm một dòng, không xóa gì.",
    tickets_none: "Chưa có phiếu cân nào trong 28 ngày này. Ghi phiếu ở mẫu dưới, nhập tệp bằng `phanloai import tickets`, hoặc nối cân xe.",
    ticket_new: "Ghi phiếu",
    ticket: "Số phiếu",
    vehicle: "Xe",
    at: "Thời gian cân",
    gross: "Tổng khối lượng, kg",
    tare: "Khối lượng bì, kg",
    net: "Khối lượng rác",
    destination: "Nơi đến",
    standing: "Hiệu lực",
    by: "Nguồn",
    record: "Ghi",
    void: "Hủy phiếu",
    why_void: "Lý do hủy",
    standings: ["được tính", "trùng, không tính thêm", "khác phiếu cùng số, không tính", "đã hủy"],
    conflicts: |count| format!("{count} phiếu mâu thuẫn với phiếu cùng số. Hãy đối chiếu và hủy phiếu sai."),
    destinations: "Nơi đến",
    destinations_more: "Bãi chôn lấp hay nơi xử lý riêng. Ghi lại cùng mã để sửa; dòng mới nhất có hiệu lực.",
    code: "Mã",
    name: "Tên",
    kind: "Loại",
    kinds: ["bãi chôn lấp", "nơi xử lý riêng"],
    unknown_destination: "chưa khai báo",
};

/// English.
pub(super) const EN: FiguresTexts = FiguresTexts {
    shares: "Shares by period",
    indicators: "Other indicators",
    tickets: "Tickets",
    shares_title: "Households enrolled, and households sorting",
    enrolled: "Enrolled (tham gia)",
    sorting: "Sorting (thực hiện)",
    why: "Enrolled also counts households that only declared; sorting counts those with evidence for every required stream, and none against it.",
    to_shares: "By period, by hamlet, with the figures beside it",
    participation: "Participation (WRAP)",
    participation_more: "households that set out separately at least once at their last 3 opportunities / households that had 3",
    set_out: "Set-out (WRAP)",
    set_out_more: "set-outs / opportunities, mean of the measured households' last 3",
    sorting_more: "households with evidence for every required stream / all eligible; hatched up to the upper bound",
    companions: "The figures side by side",
    coverage_marks: "Coverage from 90%: well founded; from 70%: indicative; below 70%: not for publication.",
    point: "Collection point",
    step: "Period",
    from: "From",
    to: "To",
    show: "Show",
    steps: ["day", "week", "month", "year"],
    by_period: "By period",
    by_period_more: "A week or month has the state at the end of its last finished day; a year is the mean of its month-end values, and its household counts are those of the last month. Never “ever sorted”.",
    period: "Period",
    badge: "Badge",
    mean_of: |months| format!("mean of {months} months"),
    targets: "Targets by year",
    targets_edit: "Change targets",
    targets_more: "From the programme's annex; targets are the commune's data.",
    points: "By collection point",
    points_more: "A household counts for its own collection point, wherever it hands over.",
    points_none: "No eligible household has one of these points.",
    csv: "Download CSV",
    nothing: "No finished day lies in this period. Choose other days.",
    guards: "Who measures does not set the measure",
    guards_more: "Excluded households and each person's records of 28 days stand beside the share. What stands out is a question to ask, not a finding, and changes no figure.",
    exclusions: "Excluded households, by reason",
    registered: "Registered",
    exclusion_reasons: ["absent", "vacant", "moved or merged", "not a household"],
    excluded: "Excluded",
    whole_commune: "Commune",
    people: "Records by person, 28 days",
    who: "Recorded by",
    somebody: |number| format!("Person {number}"),
    separated: "B: handed over separately",
    most_a_day: "most on one day",
    verified: "C: verified",
    not_sorting: "Visits: not sorting",
    contrary: "Contrary findings",
    clean: "Clean findings",
    taken_back: "Taken back of others",
    flag: "Stands out",
    people_none: "Nobody recorded anything in these 28 days.",
    flags: [
        "many excluded: 10% or more, and twice the commune's part",
        "more than 40 verifications on one day",
        "more than 600 separated pickups on one day",
        "30 verifications or more, and nobody not sorting",
        "30 findings or more, all of them clean",
        "took back what others recorded more than 20 times",
    ],
    indicators_title: "Other indicators",
    indicators_more: "Each with its definition, unit and source. Where data is missing, the reason is told and never 0. Weighed, manual and estimated mass always stand apart.",
    indicator: "Indicator",
    value: "Value",
    made_from: "Made from",
    groups: ["Collection", "Households", "Kept separate after collection", "Data quality"],
    names: [
        "Yield",
        "Separate collection rate",
        "Landfill rate",
        "Collection rate",
        "Contamination rate",
        "Refusal rate",
        "Service coverage",
        "Home treatment share",
        "Stream integrity",
        "Missed rounds",
        "Tag-read rate",
        "Weight of known households",
        "Unstable levels",
        "Overloaded hand-overs",
        "Hand-overs below the minimum",
        "Device hours",
        "Events known to be missing",
        "Late events",
        "Clock skew",
        "Scales past verification",
    ],
    definitions: [
        "kg of the stream / served household / week",
        "kg of required streams / all kg collected, %",
        "kg delivered to a dump by tickets / kg collected, %",
        "kg collected / kg generated by assumption, %",
        "contrary findings / inspected separated pickups, %",
        "refused / attempted, %",
        "households with a round that ran in 28 days / eligible, at the end, %",
        "households seen to compost or feed food waste to animals / eligible, at the end, %",
        "kg of required streams at a plant by tickets / separated kg weighed or typed, %",
        "scheduled rounds that did not run / scheduled, %",
        "hand-overs with a registered tag read / hand-overs, %",
        "weighed kg of known households / weighed kg, %",
        "levels that had not settled / levels, %",
        "overloaded hand-overs / hand-overs, %",
        "hand-overs below the scale's minimum / hand-overs, %",
        "hours working / hours scheduled, %",
        "events known to be missing / events, %",
        "events that came an hour late or more / events, %",
        "events not timed by the device's own clock / events, %",
        "scales past their verification / scales with a date, at the end, %",
    ],
    data_sources: [
        "scales and tag readers",
        "the crews' records",
        "visits and findings",
        "weighbridge tickets",
        "the schedule",
        "the register",
        "the commune's assumption",
    ],
    from_sources: |sources| format!("Source: {sources}"),
    missing: [
        "nothing was collected",
        "no household was served",
        "no household is eligible",
        "no ticket came",
        "tickets speak of the commune only",
        "the tickets weigh more than what was collected: part of it is not recorded",
        "plants took far more than what was picked up: part of it is not recorded",
        "more was collected than the assumption says was generated: look at it and at the persons",
        "the commune's file assumes no kg a person and day",
        "no household states its persons",
        "nothing was inspected",
        "nothing was attempted",
        "no round was scheduled",
        "no device took a hand-over",
        "no device weighed anything",
        "no device was scheduled",
        "no event came",
        "no scale states how long it is verified",
        "hidden so that no household shows; sign in to see it",
    ],
    a_household_week: "kg/household/week",
    split: |weighed, manual, estimated| format!("weighed {weighed} · typed {manual} · estimated {estimated}"),
    assumed: |grams, source| format!("Assumed: {grams} g a person and day. {source}"),
    earlier: "Earlier periods",
    complete: |percent| format!("Device data {percent} complete"),
    complete_none: "No device was scheduled in the period",
    alarm: "Re-mixing alarm",
    alarm_rule: |days, tolerance, least| {
        format!(
            "Rule: {days} days; raised when plants took more than {tolerance}% less than was picked up separately; from {least} on."
        )
    },
    alarm_raised: |picked, kept, missing| {
        format!(
            "{picked} were picked up separately, plants took {kept}: {missing} are missing. Look at vehicles, routes and tickets."
        )
    },
    alarm_kept: |picked, kept| format!("{picked} were picked up separately, plants took {kept}: within the tolerance."),
    alarm_little: |picked| format!("Only {picked} were picked up separately: too little to say."),
    alarm_no_ticket: |picked| {
        format!(
            "{picked} were picked up separately, but no ticket came: whether it stayed separate is not known. Enter the tickets."
        )
    },
    tickets_title: "Weighbridge tickets",
    tickets_more: "Each number counts once: the first known ticket that is not void. A later one that differs is kept beside it. Taking back adds a row and deletes nothing.",
    tickets_none: "No ticket in these 28 days. Enter one below, import a file with `phanloai import tickets`, or connect a weighbridge.",
    ticket_new: "New ticket",
    ticket: "Number",
    vehicle: "Vehicle",
    at: "Weighed at",
    gross: "Gross, kg",
    tare: "Tare, kg",
    net: "Net",
    destination: "Destination",
    standing: "Standing",
    by: "Stated by",
    record: "Record",
    void: "Take back",
    why_void: "Why it is taken back",
    standings: ["counts", "repeats, counts no more", "differs from one of its number, not counted", "taken back"],
    conflicts: |count| {
        format!("{count} tickets contradict one of the same number. Compare them and take the wrong one back.")
    },
    destinations: "Destinations",
    destinations_more: "A dump, or a plant that treats the stream apart. Record the same code again to correct it; the newest row holds.",
    code: "Code",
    name: "Name",
    kind: "Kind",
    kinds: ["dump", "plant"],
    unknown_destination: "not registered",
};
