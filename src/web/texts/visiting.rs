//! The words of the workload of visits: `{name}` stands for a value.

use super::field::app_texts;

app_texts! {
    /// The words of the workload of visits in one language.
    VisitingTexts
    /// Heading.
    title: "Việc đến hộ", "Visits to make";
    /// What it shows.
    more: "Hộ cần đến, xác minh sắp hết hạn, và đã đến được bao nhiêu.", "Whom to visit, what runs out, and how much was done.";
    /// Caption of the table.
    caption: "Hộ cần đến, mỗi hộ một lần", "Households to visit, one visit each";
    /// Row: not sorting.
    not_sorting: "chưa phân loại", "not sorting";
    /// Row: all to visit now.
    to_visit: "Cần đến ngay", "To visit now";
    /// Row: what runs out in the weeks shown.
    soon: "Hết hạn xác minh trong 8 tuần tới", "Verification ends within 8 weeks";
    /// Row: what runs out later.
    later: "Hết hạn sau đó", "Ends later";
    /// Column: week.
    week: "Tuần", "Week";
    /// Column: visits.
    visited: "Lượt đến", "Visits";
    /// Column: nothing could be seen.
    not_seen: "Chưa gặp", "Not met";
    /// Column: what runs out.
    runs_out: "Hết hạn xác minh", "Verifications ending";
    /// What was done; takes visits, pace, and the households not met.
    done: "4 tuần qua: {visits} lượt đến, khoảng {pace} lượt mỗi tuần; {not_seen} lần chưa gặp.", "Last 4 weeks: {visits} visits, about {pace} a week; {not_seen} not met.";
    /// Nothing was done.
    no_pace: "4 tuần qua chưa đến hộ nào, nên không ước tính được khi nào hết danh sách.", "Nobody was visited in the last 4 weeks, so there is no estimate of when the list is done.";
    /// Worked off in the present week.
    this_week: "Với nhịp này, ước tính hết danh sách ngay trong tuần này.", "At this pace the list would be done this week.";
    /// Worked off within some weeks; takes the number and the week's Monday.
    within: "Với nhịp này, ước tính {weeks} tuần thì hết danh sách (tuần từ {day}).", "At this pace the list would be done in {weeks} weeks (the week of {day}).";
    /// Worked off in some months; takes the month.
    in_month: "Với nhịp này, ước tính khoảng tháng {month} mới hết danh sách.", "At this pace the list would be done about {month}.";
    /// Not within the weeks that are known.
    not_within: "Với nhịp này, 26 tuần tới chưa hết danh sách.", "At this pace the list is not done within 26 weeks.";
    /// Nobody to visit.
    nobody: "Không còn hộ nào cần đến ngay.", "Nobody needs a visit now.";
    /// The pace that would do; takes it.
    needed: "Muốn xong trong 8 tuần, kể cả hộ hết hạn, cần khoảng {n} lượt mỗi tuần.", "To be done within 8 weeks, run-outs included, takes about {n} visits a week.";
    /// What the estimate supposes.
    supposes: "Ước tính, giả định: tuần nào cũng bằng trung bình 4 tuần qua, mỗi lượt xong một hộ, chỉ xác minh đã biết hết hạn.", "An estimate: every week as the mean of the last 4, each visit settles a household, only known verifications run out.";
    /// To the list of visits.
    to_list: "Mở danh sách đến hộ", "Open the list of visits";
}
