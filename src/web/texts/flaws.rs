//! What does not fit in a file or a form, in the reader's language: English as the imports tell it, Vietnamese here.

use super::RegisterTexts;
use crate::domain::time::LocalDay;
use crate::imports::{Caution, Flaw, Kind, Origin, Referred, Thing, Warning};
use crate::web::lang::Lang;

/// Tells why something does not fit, and the way out.
pub fn flaw(flaw: &Flaw, lang: Lang, r: &RegisterTexts) -> String {
    match lang {
        Lang::En => sentence(&flaw.to_string()),
        Lang::Vi => flaw_vi(flaw, r),
    }
}

/// Tells what to look at, with its row.
pub fn warning(warning: &Warning, lang: Lang, r: &RegisterTexts) -> String {
    match (lang, warning.row) {
        (Lang::En, _) => sentence(&warning.to_string()),
        (Lang::Vi, None) => caution_vi(&warning.caution, r),
        (Lang::Vi, Some(row)) => format!("Dòng {row}: {}", caution_vi(&warning.caution, r)),
    }
}

/// Writes the first letter large.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn day(day: LocalDay) -> String {
    Lang::Vi.day(day)
}

fn count(number: usize) -> String {
    Lang::Vi.count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Writes a size in whole megabytes, rounded up.
fn megabytes(bytes: u64) -> String {
    format!("{} MB", Lang::Vi.count(i64::try_from(bytes.div_ceil(1024 * 1024)).unwrap_or(i64::MAX)))
}

fn size(bytes: usize) -> String {
    megabytes(u64::try_from(bytes).unwrap_or(u64::MAX))
}

fn columns(kind: Kind, r: &RegisterTexts) -> String {
    let star = |required: bool| if required { "*" } else { "" };
    let named = kind.columns().iter().map(|column| {
        let label = r.column(column.name);
        format!("{label} ({}){}", column.name, star(column.required))
    });
    named.collect::<Vec<_>>().join(", ")
}

fn origin(origin: Origin) -> String {
    match origin {
        Origin::File(row) => format!("dòng {row}"),
        Origin::Register => "dòng đã có trong sổ".to_owned(),
    }
}

/// Gives a name of what a code stands for, and the files that hold such codes.
const fn referred(what: Referred) -> (&'static str, &'static str) {
    match what {
        Referred::Area => ("thôn", "Thôn"),
        Referred::Point => ("điểm thu gom", "Điểm thu gom"),
        Referred::Household => ("hộ", "Hộ"),
        Referred::Place => ("điểm hay tuyến", "Điểm thu gom hoặc Tuyến"),
    }
}

fn flaw_vi(flaw: &Flaw, r: &RegisterTexts) -> String {
    match flaw {
        Flaw::TooLarge { bytes, most } => {
            format!("Tệp nặng {}, nhiều nhất được {}; hãy tách thành nhiều tệp", size(*bytes), size(*most))
        }
        Flaw::TooManyRows { most } => format!("Tệp có hơn {} dòng; hãy tách thành nhiều tệp", count(*most)),
        Flaw::Unfolds { bytes, most } => format!(
            "Tệp mở ra nặng {}, nhiều nhất được {}; hãy tách thành nhiều tệp",
            megabytes(*bytes),
            megabytes(*most)
        ),
        Flaw::TooWide => {
            "Ô rải quá rộng; hãy xóa những gì nằm bên phải bảng, tệp dài thì tách thành nhiều tệp".to_owned()
        }
        Flaw::Utf16 => "Tệp ghi theo UTF-16; hãy lưu lại kiểu “CSV UTF-8”".to_owned(),
        Flaw::OldSpreadsheet => "Tệp là bảng tính kiểu cũ (.xls); hãy lưu thành .xlsx hoặc “CSV UTF-8”".to_owned(),
        Flaw::NotUtf8 => "Tệp không phải văn bản UTF-8; hãy lưu lại kiểu “CSV UTF-8”".to_owned(),
        Flaw::NotCsv(why) => format!("Tệp không phải CSV ({why})"),
        Flaw::NotSpreadsheet(why) => {
            format!("Không đọc được bảng tính này ({why}); hãy lưu lại thành .xlsx hoặc CSV")
        }
        Flaw::SheetUnreadable(why) => format!("Không đọc được trang tính này ({why}); hãy lưu lại tệp"),
        Flaw::NoCells => "Tệp không có trang tính nào có dữ liệu; dòng đầu phải ghi tên cột".to_owned(),
        Flaw::Empty(kind) => format!("Tệp rỗng; dòng đầu phải ghi tên cột: {}", columns(*kind, r)),
        Flaw::Unwritable(why) => format!("Không ghi được bảng tính ({why}); hãy xuất CSV"),
        Flaw::ColumnTwice { column, again } => {
            format!("Cột “{}” có hai lần, lần sau tên là “{again}”; hãy bỏ một cột", r.column(column))
        }
        Flaw::ColumnMissing { column, kind } => {
            format!("Thiếu cột “{}”; tệp {} có các cột: {}", r.column(column), r.kind(*kind), columns(*kind, r))
        }
        Flaw::CellTooLong { bytes, most } => {
            format!("Ô dài {} byte, nhiều nhất được {}", count(*bytes), count(*most))
        }
        Flaw::Surplus(text) => {
            format!("“{text}” nằm bên phải cột cuối; ô có chứa dấu phân cách phải đặt trong dấu ngoặc kép")
        }
        Flaw::ZeroByte => "Ô có ký tự không hợp lệ; hãy gõ lại".to_owned(),
        Flaw::Missing(column) => format!("“{}” còn trống; dòng nào cũng phải có", r.column(column)),
        Flaw::NotCode(code) => {
            format!("“{code}” không phải mã; viết nhiều nhất 64 ký tự, không có khoảng trắng và dấu |")
        }
        Flaw::Unknown { what, code, nearest } => {
            let (name, files) = referred(*what);
            let near = nearest.as_ref().map(|near| format!(" (gần nhất là “{near}”)")).unwrap_or_default();
            format!("Không có {name} “{code}” trong sổ{near}; hãy sửa lại, hoặc nhập {files} trước")
        }
        Flaw::UnknownStream { word, known } => {
            format!("Không có nhóm chất thải “{word}”; các nhóm: {}", known.join(", "))
        }
        Flaw::UnknownWord { column, word, known } => {
            let named =
                known.iter().map(|of| r.word(of).map_or_else(|| (*of).to_owned(), |name| format!("{of} ({name})")));
            let named: Vec<String> = named.collect();
            format!("“{word}” không dùng được ở cột “{}”; viết một trong: {}", r.column(column), named.join(", "))
        }
        Flaw::NotNumber { text, least, most } => format!("“{text}” không phải số từ {least} đến {most}"),
        Flaw::NotDay(text) => format!("“{text}” không phải ngày; viết DD/MM/YYYY hoặc YYYY-MM-DD"),
        Flaw::EndsBefore { to, end, from, first } => format!(
            "“{}” {} trước “{}” {}; đó là ngày đầu tiên không còn tính nữa",
            r.column(to),
            day(*end),
            r.column(from),
            day(*first)
        ),
        Flaw::NotInstant(text) => {
            format!("“{text}” không phải thời điểm; viết 23/11/2026 17:05 hoặc 2026-11-23T17:05:00+07:00")
        }
        Flaw::NotTimeOfDay(text) => format!("“{text}” không phải giờ; viết HH:MM"),
        Flaw::Rounded(number) => {
            format!("“{number}” là số dài hơn 15 chữ số, bảng tính đã làm tròn; đặt ô thành kiểu Văn bản rồi gõ lại")
        }
        Flaw::NotDate(number) => format!("“{number}” không phải ngày; hãy gõ ngày dưới dạng văn bản"),
        Flaw::Formula(error) => format!("Công thức trong ô bị lỗi {error}; hãy sửa hoặc thay bằng giá trị"),
        Flaw::RouteIsPoint(code) => format!("“{code}” là điểm thu gom; hãy đặt mã khác cho tuyến"),
        Flaw::NotTag(text) => {
            format!("“{text}” không phải mã thẻ; viết 2 đến 128 chữ số hệ 16, như 04A224B2C15F80")
        }
        Flaw::NotDevice(text) => {
            format!("“{text}” không phải mã thiết bị; viết 1 đến 64 ký tự trong A-Z a-z 0-9 . _ -")
        }
        Flaw::MinNotBelowMax { min_g, max_g } => {
            format!("Mức cân nhỏ nhất {min_g} g phải nhỏ hơn mức cân lớn nhất {max_g} g")
        }
        Flaw::NoWeekdays(text) => {
            format!("“{text}” không cho biết thứ nào; viết như “T2 T4 T6”, “CN”, “Mon Wed Fri” hoặc “hằng ngày”")
        }
        Flaw::StartsAtEnd => "Lượt thu gom không bắt đầu lúc 24:00; viết 00:00 của hôm sau".to_owned(),
        Flaw::NoLength => "Giờ bắt đầu và kết thúc trùng nhau; một lượt ngắn hơn một ngày".to_owned(),
        Flaw::TareAboveGross { tare_g, gross_g } => {
            format!("Khối lượng bì {tare_g} g lớn hơn khối lượng tổng {gross_g} g")
        }
        Flaw::KeyTwice { key, first } => {
            format!(
                "“{key}” có hai lần mà nội dung khác nhau, lần đầu ở dòng {first}; giữ một dòng, dòng đúng hiện nay"
            )
        }
        Flaw::Overlaps { thing, key, start, other, whose, from, to } => {
            let what = match thing {
                Thing::Household => "Đăng ký của hộ",
                Thing::Tag => "Thẻ",
                Thing::Exclusion => "Loại trừ của hộ",
            };
            let until = to.map_or_else(|| "không có ngày cuối".to_owned(), |to| format!("đến {}", day(to)));
            let whose = r.word(whose).unwrap_or(whose);
            format!(
                "{what} “{key}” trùng nhau từ {}: chồng lên {} ({whose}, từ {}, {until}); hãy ghi ngày cuối cho dòng trước đã",
                day(*start),
                origin(*other),
                day(*from)
            )
        }
        Flaw::RoundsOverlap { place, stream, day: on, other } => format!(
            "“{place}” có hai lượt thu gom “{stream}” cùng giờ ngày {}: trùng {}; hãy ghi ngày cuối cho dòng trước, hoặc đổi giờ",
            day(*on),
            origin(*other)
        ),
    }
}

fn caution_vi(caution: &Caution, r: &RegisterTexts) -> String {
    match caution {
        Caution::UnknownColumn { name, nearest } => {
            let meant = nearest.map(|near| format!("; có phải “{}” ({near})?", r.column(near))).unwrap_or_default();
            format!("Cột “{name}” không dùng đến nên bỏ qua{meant}")
        }
        Caution::OtherSheets { read, others } => {
            format!("Chỉ đọc trang tính “{read}”, không đọc {}", others.join(", "))
        }
        Caution::RepeatedRows(rows) => format!("{} dòng lặp lại y nguyên dòng khác, chỉ tính một lần", count(*rows)),
        Caution::Repeats(row) => format!("Lặp lại y nguyên dòng {row}, chỉ tính một lần"),
        Caution::HalfPosition => "Chỉ có một trong vĩ độ và kinh độ; điểm sẽ không có trên bản đồ".to_owned(),
        Caution::Vehicle(place) => format!("“{place}” không phải điểm hay tuyến đã biết; coi là xe"),
        Caution::Closed { point, day: on } => {
            format!("Điểm thu gom “{point}” đóng từ {}; hãy chọn điểm khác cho hộ", day(*on))
        }
        Caution::ShortAbsence { from, to, days } => {
            format!("Vắng từ {} đến {} ngắn hơn {days} ngày; vẫn được tính", day(*from), day(*to))
        }
        Caution::NeverHolds { from, to, day: on } => format!(
            "“{}” và “{}” cùng là {}: dòng này không có hiệu lực ngày nào",
            r.column(from),
            r.column(to),
            day(*on)
        ),
        Caution::DayToCome { column, day: on } => format!("“{}” là {}, ngày chưa đến", r.column(column), day(*on)),
        Caution::TimeToCome { column, text } => format!("“{}” là {text}, lúc chưa đến", r.column(column)),
        Caution::More(rest) => format!("và {} điều cần để ý nữa", count(*rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::texts::Texts;

    #[test]
    fn a_fault_is_told_in_the_reader_s_language_with_the_value_and_the_way_out() {
        let found = Flaw::Unknown { what: Referred::Area, code: "TM-01".to_owned(), nearest: Some("T01".to_owned()) };
        let told = |lang: Lang| flaw(&found, lang, Texts::of(lang).register);
        assert_eq!(told(Lang::En), "Unknown area `TM-01` (nearest is `T01`); correct it, or import areas first");
        assert_eq!(
            told(Lang::Vi),
            "Không có thôn “TM-01” trong sổ (gần nhất là “T01”); hãy sửa lại, hoặc nhập Thôn trước"
        );
    }

    #[test]
    fn the_vietnamese_names_that_pages_give_to_columns_are_taken_in_files() {
        let r = Texts::of(Lang::Vi).register;
        for kind in Kind::ALL {
            for column in kind.columns() {
                let label = crate::imports::fold(r.column(column.name));
                assert!(column.aliases.contains(&label.as_str()), "{kind}: {} as {label}", column.name);
            }
        }
    }

    #[test]
    fn a_warning_in_vietnamese_names_its_row() {
        let day = LocalDay::from_number(20_000);
        let short = Caution::ShortAbsence { from: day, to: day + 10, days: 60 };
        let told = warning(&Warning { row: Some(7), caution: short }, Lang::Vi, Texts::of(Lang::Vi).register);
        assert_eq!(told, "Dòng 7: Vắng từ 04/10/2024 đến 14/10/2024 ngắn hơn 60 ngày; vẫn được tính");
    }
}
