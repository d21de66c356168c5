//! The words of what everybody may see: hidden numbers, the public page, cards, private codes, a household's own page.

use super::field::app_texts;

app_texts! {
    /// The words of one language.
    PublicTexts
    /// Some numbers are hidden.
    hidden_cells: "Dấu – là số nhỏ, ẩn để không lộ hộ nào.", "A dash is a small number, hidden so that no household shows.";
    /// Leads to the definition of what is hidden.
    why: "Vì sao?", "Why?";
    /// Section: what was handed over today.
    today: "Hôm nay đến giờ", "Today so far";
    /// Nothing was handed over today.
    today_none: "Hôm nay chưa có lần giao rác nào.", "Nothing has been handed over today.";
    /// Hand-overs of a stream.
    hand_overs: "{n} lần giao", "{n} hand-overs";
    /// Why no single hand-over is shown.
    today_more: "Cộng cả xã. Từng lần giao rác chỉ hiện với người phụ trách.", "The whole commune together. Single hand-overs are shown to those in charge only.";

    /// Navigation: the public page.
    short_title: "Công khai", "Public";
    /// Title of the public page.
    title: "Phân loại rác tại nguồn", "Waste sorted at source";
    /// Too few are known to publish a share.
    not_enough: "Mới có căn cứ về {known} số hộ; cần từ {needed} mới công bố tỷ lệ.", "There is evidence about {known} of the households; a share is published from {needed} on.";
    /// Bounds of the share.
    bounds: "Tỷ lệ nằm giữa {low} và {high}.", "The share lies between {low} and {high}.";
    /// Section: definition.
    definition: "Con số này nghĩa là gì", "What the figure means";
    /// The definition in one paragraph.
    definition_more: "Một hộ được tính là đang phân loại khi mọi nhóm rác bắt buộc đều có căn cứ trong thời gian gần đây: cân và đầu đọc thẻ, nhật ký tổ thu gom, hoặc người tới nhà xem. Hộ không thấy giao rác không bị coi là không phân loại: hộ đó là chưa đủ căn cứ. Tỷ lệ là số hộ đang phân loại chia cho mọi hộ trong diện tính.", "A household counts as sorting when there is recent evidence for every required group of waste: scales and tag readers, the crew's log, or somebody who went to see. A household that is not seen is not taken for one that does not sort: it is undetermined. The share is the sorting households divided by all that are eligible.";
    /// To the definitions.
    definition_link: "Định nghĩa đầy đủ của mọi con số", "Full definitions of every figure";
    /// Section: how to sort.
    how_to: "Phân loại thế nào", "How to sort";
    /// Marks a stream that the rule asks for.
    required: "bắt buộc", "required";
    /// Section: pictures.
    share: "Chia sẻ", "Share";
    /// Pictures, explained.
    share_more: "Ảnh có sẵn tiêu đề, ngày, định nghĩa và nguồn. Ảnh 1200 × 630 hợp với Zalo và mạng xã hội.", "Each picture carries its title, date, definition and source. 1200 × 630 suits messengers and social networks.";
    /// Picture of the headline.
    picture_headline: "Tỷ lệ của xã", "The commune's share";
    /// Picture of the trend.
    picture_trend: "Diễn biến theo ngày", "By day";
    /// Picture of the hamlets.
    picture_areas: "So sánh các thôn", "The hamlets compared";
    /// Picture of the tonnage.
    picture_tonnage: "Khối lượng theo nhóm", "Waste by stream";
    /// Size of a picture.
    size_share: "1200 × 630", "1200 × 630";
    /// Size of a picture.
    size_wide: "khổ rộng", "wide";
    /// Size of a picture.
    size_narrow: "điện thoại", "phone";
    /// To the page for a wall.
    to_wall: "Bản cho màn hình treo tường", "For a screen on a wall";
    /// To a household's own page.
    to_own: "Xem trang của hộ mình (cần mã riêng)", "See your household's own page (with its private code)";
    /// Where to look, on the wall.
    look_up: "Tra cứu", "Look up";
    /// The page on the wall could not be renewed.
    wall_lost: "Mất kết nối, số liệu có thể đã cũ", "Connection lost; figures may be old";
    /// Source of the figures.
    source: "Nguồn: cân và đầu đọc thẻ, nhật ký tổ thu gom, thăm hộ", "Source: scales and tag readers, the crew's log, visits";

    /// What belongs to food waste.
    food_examples: "Cơm thừa, rau, vỏ trái cây, xương, bã chè, bã cà phê", "Leftovers, vegetables, fruit peel, bones, tea leaves, coffee grounds";
    /// What to do with it.
    food_how: "Để ráo nước, cho vào thùng có nắp. Có thể ủ phân hoặc cho vật nuôi ăn tại nhà.", "Drain it and use a bin with a lid. It may be composted or fed to animals at home.";
    /// What belongs to recyclables.
    recyclable_examples: "Giấy, bìa, chai nhựa, lon, kim loại, thủy tinh", "Paper, cardboard, plastic bottles, cans, metal, glass";
    /// What to do with them.
    recyclable_how: "Làm sạch, làm khô, ép gọn. Có thể bán hoặc cho người thu mua.", "Rinse, dry and flatten. May be sold or given to collectors.";
    /// What belongs to the rest.
    other_examples: "Túi ni lông bẩn, tã, băng vệ sinh, sành sứ vỡ, đầu lọc", "Soiled plastic bags, nappies, sanitary pads, broken crockery, cigarette ends";
    /// What to do with it.
    other_how: "Cho vào túi buộc kín, giao riêng.", "Tie it up in a bag and hand it over on its own.";
    /// What belongs to bulky waste.
    bulky_examples: "Bàn ghế, tủ, đệm, cành cây lớn", "Furniture, mattresses, large branches";
    /// What to do with it.
    bulky_how: "Giao theo lịch riêng hoặc báo trước cho tổ thu gom.", "Hand it over on its own day, or tell the crew beforehand.";
    /// What belongs to hazardous waste.
    hazardous_examples: "Pin, bóng đèn, vỏ thuốc bảo vệ thực vật, sơn, thuốc hết hạn", "Batteries, lamps, pesticide containers, paint, expired medicine";
    /// What to do with it.
    hazardous_how: "Để riêng, không đập vỡ, giao tại điểm nhận.", "Keep it apart, do not break it, bring it to the collection point.";

    /// Cards.
    cards: "Thẻ hộ", "Cards";
    /// Cards, explained.
    cards_intro: "Thẻ chỉ mang một số ngẫu nhiên in thành mã QR. Ai nhặt được cũng không biết của hộ nào: số đó chỉ dẫn tới hộ khi tổ thu gom đã đăng nhập quét trong lượt của mình.", "A card carries a random number, printed as a QR code, and nothing else. Whoever finds one learns nothing: the number leads to a household only when a crew that is signed in scans it on its round.";
    /// Private codes.
    own_codes: "Mã riêng của hộ", "Private codes";
    /// Private codes, explained.
    own_codes_intro: "Mỗi hộ có thể nhận một thư in mã riêng để mở trang của chính mình. Mã không nằm trên thẻ, chỉ có trên thư; phần mềm không giữ lại nên không in lại được, chỉ thay mã mới.", "A household can get a letter with a private code that opens its own page. The code is not on its card but on the letter only; it is not kept, so it cannot be printed again, only replaced.";
    /// Field: point or route.
    point_or_route: "Điểm hoặc tuyến", "Point or route";
    /// Field: order.
    order: "Thứ tự in", "Order";
    /// By point.
    order_point: "theo thôn và điểm", "by hamlet and point";
    /// By route.
    order_route: "theo tuyến", "along the route";
    /// By code.
    order_code: "theo mã hộ", "by code";
    /// Field: language of the paper.
    print_language: "Ngôn ngữ in", "Printed in";
    /// Field: codes of households.
    these_households: "Chỉ các hộ này (mã hộ, cách nhau bằng dấu cách); để trống: tất cả", "These households only (codes with spaces between); empty: all";
    /// Which households.
    which: "Hộ nào", "Which households";
    /// Those without a card.
    cards_missing: "Hộ chưa có thẻ: cấp số mới và in", "Those without a card: give a number and print";
    /// All.
    cards_all: "Mọi hộ đã chọn: hộ có thẻ in lại số cũ, hộ chưa có nhận số mới", "All that are chosen: print again, with a number for those without";
    /// Replace.
    cards_replace: "Thay số mới cho mọi hộ đã chọn: thẻ cũ hết hiệu lực hôm nay", "A new number for all that are chosen: the old card ends today";
    /// Those without a code.
    codes_missing: "Hộ chưa có mã", "Those without a code";
    /// Replace.
    codes_replace: "Mọi hộ đã chọn: mã cũ hết hiệu lực", "All that are chosen: the old code ends";
    /// Names are printed.
    with_names: "In tên chủ hộ và địa chỉ", "Print names and addresses";
    /// What that means.
    with_names_more: "(mặc định không in)", "(not printed by default)";
    /// Warning.
    names_warning: "Tên và địa chỉ sẽ nằm trên giấy: ai cầm giấy cũng biết của hộ nào. Lượt in được ghi vào nhật ký truy cập.", "Names and addresses will stand on the paper: whoever holds it knows whose it is. The print is written into the access log.";
    /// Shows what would be done.
    preview: "Xem trước", "Preview";
    /// What would be done.
    would: "Sẽ làm gì", "What would be done";
    /// How many are chosen, and printed.
    chosen: "{n} hộ đã chọn, {print} hộ được in", "{n} households chosen, {print} printed";
    /// How many numbers are new.
    new_numbers: "{n} số thẻ mới được ghi vào sổ đăng ký", "{n} new card numbers are recorded in the register";
    /// How many codes end.
    replaced_codes: "{n} mã cũ hết hiệu lực", "{n} former codes end";
    /// How many sheets.
    sheets: "{n} tờ A4", "{n} sheets of A4";
    /// The first of those chosen.
    first_ones: "Các hộ đầu tiên", "The first households";
    /// Column: number of the card.
    card_number: "Số thẻ", "Card number";
    /// Nobody is left.
    nobody: "Không còn hộ nào cần in trong lựa chọn này.", "Nobody in this choice needs one.";
    /// Field: reason.
    reason: "Lý do (ghi vào lịch sử)", "Reason (kept in the history)";
    /// Prints cards.
    print_cards: "Cấp số và in thẻ", "Give numbers and print";
    /// Makes letters.
    make_letters: "Tạo thư", "Make the letters";
    /// When codes begin to hold.
    letters_more: "Mã mới chỉ có hiệu lực khi tải thư về; tới lúc đó mã cũ vẫn dùng được.", "New codes hold once the letters are fetched; until then the old ones do.";
    /// Table by hamlet.
    by_hamlet: "Theo thôn", "By hamlet";
    /// Nobody is registered.
    no_household: "Sổ đăng ký chưa có hộ nào.", "No household is registered yet.";
    /// Column: with a card.
    with_card: "Có thẻ", "With a card";
    /// Column: with a code.
    with_code: "Có mã", "With a code";
    /// Column: without.
    without: "Chưa có", "Without";
    /// A paper is under way.
    printing: "Đang tạo bản in", "Making the paper";
    /// Sheets done.
    sheets_done: "{done} / {all} tờ", "{done} / {all} sheets";
    /// A paper failed.
    printing_failed: "Không tạo được bản in. Số thẻ đã cấp vẫn còn trong sổ đăng ký; hãy thử in lại. Nếu vẫn lỗi, báo quản trị viên.", "The paper could not be made. Numbers that were given are still in the register; try again, and tell an administrator if it stays.";
    /// A paper is ready.
    paper_ready: "Đã xong: {n} hộ, {kb} KB.", "Done: {n} households, {kb} KB.";
    /// Fetches cards.
    fetch_cards: "Tải thẻ (PDF)", "Fetch the cards (PDF)";
    /// Fetches letters.
    fetch_letters: "Tải thư (PDF) và cho mã có hiệu lực", "Fetch the letters (PDF) and let the codes hold";
    /// What fetching does.
    letters_hold: "Tải thư là lúc mã mới có hiệu lực và mã cũ của các hộ này hết hiệu lực. Tải lại cho đúng những thư này, chừng nào trang còn giữ.", "Fetching lets the new codes hold and ends the former ones of these households. Fetched again, the same letters come, as long as this page keeps them.";
    /// The list for handing out.
    hand_out_list: "Danh sách phát (CSV)", "List for handing out (CSV)";
    /// The list, explained.
    hand_out_more: "Thẻ không ghi hộ nào: danh sách cho biết thẻ ở vị trí nào của tờ nào là của ai.", "A card names no household: the list tells whose card lies where on which sheet.";
    /// How to print.
    print_how: "In khổ A4, tỷ lệ 100 % (không co giãn), giấy dày; cắt theo dấu.", "Print on A4 at 100 % (no scaling), on stout paper; cut along the marks.";
    /// Back.
    back: "Quay lại", "Back";
    /// No address is configured.
    no_public_url: "Chưa đặt http.public_url: thư sẽ in địa chỉ", "http.public_url is not set: letters would bear the address";
    /// One household's codes.
    codes_of_one: "Mã của một hộ", "Codes of one household";
    /// Field: household.
    household_code: "Mã hộ", "Household code";
    /// Looks it up.
    look_up_codes: "Tra", "Look up";
    /// It never had one.
    no_code_yet: "Hộ này chưa có mã nào.", "This household never had a code.";
    /// Column: made.
    code_made: "Tạo lúc", "Made";
    /// Column: by whom.
    code_made_by: "Người tạo", "By";
    /// Column: state.
    code_state: "Hiệu lực", "State";
    /// It is good.
    code_good: "đang dùng được", "good";
    /// Another took its place.
    code_replaced: "đã thay mã mới", "replaced";
    /// It was revoked.
    code_ended: "đã hủy: {why}", "revoked: {why}";
    /// Field: reason of revoking.
    reason_revoke: "Lý do hủy", "Why";
    /// Revokes.
    revoke: "Hủy mã", "Revoke";
    /// It was revoked just now.
    code_revoked: "Đã hủy mã. Ai mở trang bằng mã này đều bị từ chối.", "The code is revoked. Whoever opens the page by it is turned away.";
    /// Makes a new letter.
    new_letter: "Thư mới cho hộ này", "A new letter for this household";

    /// Title of a household's own page.
    own_page: "Trang riêng của hộ", "Your household's page";
    /// What the form is for.
    own_form_more: "Nhập mã in trên thư gửi hộ. Mã không nằm trên thẻ.", "Type the code of the letter to your household. It is not on your card.";
    /// Field: code.
    own_code: "Mã riêng", "Private code";
    /// Opens the page.
    open: "Mở", "Open";
    /// A wrong, revoked or unknown code.
    wrong_code: "Mã không dùng được. Kiểm tra lại từng chữ trên thư; nếu vẫn không được, xin mã mới ở trưởng thôn hoặc cán bộ môi trường của xã.", "This code is not good. Check it letter by letter; if it still is not taken, ask the hamlet head or the commune's environment officer for a new one.";
    /// What the page is.
    own_more: "Chỉ hộ có mã mới xem được trang này. Đừng gửi địa chỉ trang cho người khác.", "Only whoever has the code can see this page. Do not pass its address on.";
    /// State in plain words.
    own_sorting: "Hộ được ghi nhận: đang phân loại", "Recorded: your household is sorting";
    /// What follows.
    own_sorting_more: "Mọi nhóm bắt buộc đều có căn cứ. Cảm ơn hộ, cứ tiếp tục như vậy.", "There is evidence for every required group. Thank you; go on like this.";
    /// State in plain words.
    own_not_sorting: "Hộ được ghi nhận: chưa phân loại", "Recorded: your household is not sorting";
    /// Because of what.
    own_contrary: "Ngày {day}: {found}.", "{day}: {found}.";
    /// What follows.
    own_not_sorting_more: "Giao rác phân loại đúng ở hai lượt tiếp theo, hoặc nhờ trưởng thôn tới xem lại. Nếu hộ thấy ghi nhận này không đúng, hãy báo.", "Hand over sorted waste at the next two rounds, or ask the hamlet head to come and look again. If you think this is wrong, say so.";
    /// State in plain words.
    own_undetermined: "Chưa đủ căn cứ để nói về hộ", "There is not enough evidence about your household";
    /// Because of what.
    own_only_other: "Mới thấy hộ giao rác còn lại, chưa thấy giao riêng: {missing}.", "Only the rest was seen; nothing was handed over separately of: {missing}.";
    /// Because of what.
    own_only_declared: "Hộ đã khai cách xử lý tại nhà, nhưng chưa ai tới xem để xác nhận.", "Your household declared how it treats waste at home, and nobody has come to see it yet.";
    /// Because of what.
    own_one_missing: "Còn thiếu căn cứ về: {missing}.", "Evidence is missing about: {missing}.";
    /// Because of what.
    own_no_pickup: "Gần đây chưa ghi nhận lần giao rác nào của hộ.", "No hand-over of your household was recorded of late.";
    /// Because of what.
    own_not_observable: "Nơi hộ giao rác chưa ghi nhận được đủ lượt. Đây không phải lỗi của hộ.", "Too few rounds could be recorded where you hand over waste. That is not your fault.";
    /// It does not count.
    own_outside: "Hộ hiện không tính vào tỷ lệ của xã", "Your household does not count in the commune's share at present";
    /// Section: streams.
    own_streams: "Từng nhóm bắt buộc", "Each required group";
    /// Accounted for.
    own_accounted: "đã có căn cứ ({how})", "there is evidence ({how})";
    /// Declared only.
    own_declared: "mới khai, chưa xác nhận", "declared, not confirmed yet";
    /// Missing.
    own_missing: "còn thiếu căn cứ", "evidence is missing";
    /// Latest evidence.
    own_latest_pickup: "giao gần nhất {day}", "last handed over {day}";
    /// Latest evidence.
    own_latest_seen: "xác nhận {day}, có giá trị đến {until}", "seen {day}, stands until {until}";
    /// Section: what would help.
    own_hints: "Nên làm gì", "What would help";
    /// A hint.
    hint_hand_over: "Giao riêng {missing} ở lượt thu gom tới; đưa thẻ trước khi đặt rác lên cân.", "Hand over {missing} separately at the next round; show your card before the waste is put on the scale.";
    /// A hint.
    hint_at_home: "Nếu hộ tự ủ, cho vật nuôi ăn, bán hoặc cho ve chai: nhờ trưởng thôn hoặc đoàn thể tới xem; xác nhận có giá trị {days} ngày.", "If you compost, feed animals, sell or give things away: ask the hamlet head or an association to come and see; it stands for {days} days.";
    /// Section: months.
    own_months: "Cuối mỗi tháng", "At the end of each month";
    /// The month under way.
    so_far: "đến nay", "so far";
    /// Section: spells.
    own_spells: "Theo ngày, 180 ngày qua", "By day, over 180 days";
    /// Column: from.
    from: "Từ", "From";
    /// Column: to.
    to: "Đến", "To";
    /// It still lasts.
    until_now: "nay", "now";
    /// Section: hand-overs.
    own_hand_overs: "Những lần hộ giao rác", "What your household handed over";
    /// No hand-over.
    own_hand_overs_none: "Chưa ghi nhận lần giao nào trong thời gian này.", "Nothing was recorded in this time.";
    /// Column: weight.
    weight: "Cân nặng", "Weight";
    /// Column: how it is known.
    how_known: "Ghi nhận bởi", "Recorded by";
    /// By a device.
    by_device: "cân, đầu đọc thẻ", "scale, tag reader";
    /// By a crew.
    by_crew: "tổ thu gom", "the crew";
    /// Section: visits and declarations.
    own_seen: "Khai báo, thăm hộ, kiểm tra", "Declared, visited, checked";
    /// Until when it stands.
    stands_until: "có giá trị đến {day}", "stands until {day}";
    /// Section: whom to ask.
    ask: "Hỏi ai", "Whom to ask";
    /// Whom to ask, usually.
    contact: "Trưởng thôn hoặc cán bộ môi trường của xã.", "The hamlet head or the commune's environment officer.";
    /// No fine.
    no_fine: "Số liệu này không dùng để xử phạt.", "These data are never used for fines.";
}
