//! Word lists for invented hamlets, people and lanes. Any likeness to real ones is chance.

use crate::dice::Dice;

const HAMLETS: [&str; 28] = [
    "Đông Hải",
    "Tây Sơn Hạ",
    "Bình An",
    "An Lạc",
    "Phú Thọ Đông",
    "Tân Hòa",
    "Mỹ Lợi",
    "Sơn Trà",
    "Hòa Thạnh",
    "Vĩnh Xuân",
    "Long Bình",
    "Cát Vàng",
    "Suối Mây",
    "Gò Dừa",
    "Bến Lúa",
    "Đồng Muối",
    "Hiệp Nghĩa",
    "Lạc Tiến",
    "Phước Thiện Thượng",
    "Thạnh Mỹ",
    "Xóm Lưới",
    "Cầu Ván",
    "Hưng Nhơn",
    "Giồng Me",
    "Bàu Sen",
    "Trường Thọ",
    "Quán Gió",
    "Ninh Thuận Hòa",
];
const FAMILIES: [&str; 18] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Trương",
    "Đinh", "Mai", "Tô",
];
const FAMILY_WEIGHTS: [u32; 18] = [38, 11, 10, 7, 5, 5, 4, 3, 3, 2, 2, 2, 2, 1, 2, 1, 1, 1];
const MIDDLES: [&str; 16] = [
    "Văn",
    "Thị",
    "Đức",
    "Hữu",
    "Thị Thu",
    "Công",
    "Thị Ngọc",
    "Quang",
    "Minh",
    "Thị Phương Thảo",
    "Xuân",
    "Thị Kim",
    "Thanh",
    "Ngọc",
    "Thị Mỹ",
    "Bá",
];
const GIVEN: [&str; 40] = [
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Đào",
    "Giang",
    "Hà",
    "Hạnh",
    "Hải",
    "Hiếu",
    "Hoa",
    "Hòa",
    "Hùng",
    "Hương",
    "Khánh",
    "Lan",
    "Liên",
    "Linh",
    "Long",
    "Mai",
    "Nam",
    "Nga",
    "Nghĩa",
    "Nguyên",
    "Nhung",
    "Phúc",
    "Phượng",
    "Quân",
    "Sơn",
    "Tâm",
    "Thảo",
    "Thắng",
    "Thủy",
    "Tiến",
    "Trang",
    "Tuấn",
    "Tuyết",
    "Uyên",
    "Vinh",
    "Yến",
];
const LANES: [&str; 8] = [
    "đường bê tông nội đồng",
    "hẻm 12 đường liên thôn",
    "đường ven kênh Bắc",
    "xóm Chợ Cũ",
    "đường Trần Phú nối dài",
    "ngõ sau nhà văn hóa",
    "đường ra bến cá",
    "xóm Gò",
];
const LANDMARKS: [&str; 8] =
    ["nhà văn hóa", "cổng chào", "chợ chiều", "trường mẫu giáo", "trạm bơm", "sân bóng", "cây đa", "đình làng"];

/// The name of hamlet number `index`, such as `Thôn Đông Hải`; numbered once the list is used up.
#[must_use]
pub fn hamlet(index: usize) -> String {
    let name = HAMLETS[index % HAMLETS.len()];
    match index / HAMLETS.len() {
        0 => format!("Thôn {name}"),
        lap => format!("Thôn {name} {}", lap + 1),
    }
}

/// A household head's name; about one in two hundred is long.
pub fn person(dice: &mut Dice) -> String {
    let family = FAMILIES[dice.weighted(&FAMILY_WEIGHTS)];
    if dice.chance(50) {
        return format!("{family} Thị Phương Thảo {} {}", dice.pick(&GIVEN), dice.pick(&GIVEN));
    }
    format!("{family} {} {}", dice.pick(&MIDDLES), dice.pick(&GIVEN))
}

/// An address within `hamlet`; some are long, as real ones are.
pub fn address(dice: &mut Dice, hamlet: &str) -> String {
    let number = dice.between(1, 480);
    if dice.chance(120) {
        return format!(
            "Số {number}/{} {}, tổ {}, gần {}, {hamlet}, xã Tân Minh (mô phỏng)",
            dice.between(1, 40),
            dice.pick(&LANES),
            dice.between(1, 14),
            dice.pick(&LANDMARKS)
        );
    }
    if dice.chance(4_000) {
        return format!("Tổ {}, {hamlet}", dice.between(1, 14));
    }
    format!("Số {number} {}, {hamlet}", dice.pick(&LANES))
}

/// A place of a collection point, such as `cổng chào`.
pub fn landmark(dice: &mut Dice) -> &'static str {
    LANDMARKS[dice.index(LANDMARKS.len())]
}
