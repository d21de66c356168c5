//! Files as officers make them.

use super::*;
use crate::domain::facts::Statement;
use crate::domain::register::{Area, ScaleMode, Validity};

struct World {
    zone: Zone,
    streams: Vec<StreamCode>,
    known: Register,
}

fn world() -> World {
    let mut world = World {
        zone: Zone::named("Asia/Ho_Chi_Minh").unwrap(),
        streams: ["food", "recyclable", "other"].map(StreamCode::from).to_vec(),
        known: Register::default(),
    };
    world.learn(Kind::Areas, "code,name\nA0,Thôn 1\nA1,Thôn 2\n");
    world.learn(Kind::Points, "code,name,area\nP0,Điểm 1,A0\nP1,Điểm 2,A1\n");
    world.learn(Kind::Households, "code,area,point,valid_from,people\nH1,A0,P0,2025-07-28,4\nH2,A1,,2026-09-02,\n");
    world
}

impl World {
    fn parse(&self, kind: Kind, text: &str) -> Result<Parsed, ImportError> {
        // 2026-11-23T12:00 local.
        let now = Instant::from_ms(1_795_410_000_000);
        parse(kind, text.as_bytes(), &Context { zone: &self.zone, streams: &self.streams, known: &self.known, now })
    }

    /// Adds a file's rows to the register, recorded on one day.
    fn learn(&mut self, kind: Kind, text: &str) {
        let rows = self.parse(kind, text).unwrap().rows;
        let day = LocalDay::from_number(20_000);
        let mut all: Vec<Row> = self.known.areas.values().cloned().map(Row::Area).collect();
        all.extend(self.known.points.values().map(|point| Row::Point(point.newest().clone())));
        all.extend(self.known.households.values().flat_map(|h| h.all()).cloned().map(Row::Household));
        all.extend(self.known.households.keys().flat_map(|h| self.known.tags_of(h)).cloned().map(Row::Tag));
        all.extend(self.known.schedule.values().map(|line| Row::Schedule(line.newest().clone())));
        all.extend(self.known.exclusions.values().flatten().cloned().map(Row::Exclusion));
        self.known = Register::build(all.into_iter().chain(rows).map(|row| (day, row)));
    }

    fn parse_file(&self, kind: Kind, bytes: &[u8]) -> Result<Parsed, ImportError> {
        let now = Instant::from_ms(1_795_410_000_000);
        let context = Context { zone: &self.zone, streams: &self.streams, known: &self.known, now };
        parse_file(kind, Format::of(bytes), bytes, &context)
    }

    fn faults(&self, kind: Kind, text: &str) -> Vec<String> {
        self.parse(kind, text).unwrap_err().faults.iter().map(ToString::to_string).collect()
    }
}

fn told(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn an_excel_file_in_vietnamese_gives_the_same_rows_as_the_contract_s_own_words() {
    let world = world();
    let own = "code,area,head_name,address,people,point,valid_from,valid_to\nH9,A0,Đỗ Thị Ấm,\"Ngõ 3; Thôn 1\",5,P0,2026-01-02,\n";
    let excel = "\u{feff}Mã hộ;THÔN;Chủ hộ;Địa chỉ;Nhân khẩu;Điểm thu gom;Từ ngày;Đến ngày\r\n H9 ;A0;Đỗ Thị Ấm;\"Ngõ 3; Thôn 1\";5;P0;2/1/2026;\r\n;;;;;;;\r\n";
    assert_eq!(world.parse(Kind::Households, own), world.parse(Kind::Households, excel));
    let parsed = world.parse(Kind::Households, own).unwrap();
    assert_eq!(parsed.warnings, []);
    assert_eq!(parsed.people[0].address.as_deref(), Some("Ngõ 3; Thôn 1"));
    assert!(!format!("{:?}", parsed.people[0]).contains("Ấm"));
}

#[test]
fn every_kind_has_unambiguous_names_for_its_columns() {
    for kind in Kind::ALL {
        let columns = kind.columns();
        let mut names: Vec<String> = columns.iter().map(|column| word::fold(column.name)).collect();
        names.extend(columns.iter().flat_map(|column| column.aliases).map(|alias| (*alias).to_owned()));
        let count = names.len();
        names.sort();
        names.dedup();
        let doubled = count - names.len();
        // A hamlet's own name stands for its code where only one of the two columns can be meant.
        assert_eq!(doubled, 0, "{kind}");
        assert!(columns.iter().flat_map(|column| column.aliases).all(|alias| word::fold(alias) == **alias), "{kind}");
    }
}

#[test]
fn all_faults_are_told_at_once_with_row_column_and_way_out() {
    let text = "code,area,point,people,valid_from,valid_to\nH3,A9,P0,3,2026-01-01,\nH 4,A0,P7,x,32/01/2026,\nH5,A0,,3,2026-02-01,2026-01-01\nH6,A0,,,,\n";
    assert_eq!(
        world().faults(Kind::Households, text),
        [
            "row 2, column area: unknown area `A9` (nearest is `A1`); correct it, or import areas first",
            "row 3, column code: `H 4` is not a code; write at most 64 characters without spaces or `|`",
            "row 3, column people: `x` is not a number from 0 to 1000",
            "row 3, column point: unknown point `P7` (nearest is `P1`); correct it, or import points first",
            "row 3, column valid_from: `32/01/2026` is not a day; write YYYY-MM-DD or DD/MM/YYYY",
            "row 4, column valid_to: `valid_to` 2026-01-01 is before `valid_from` 2026-02-01; it is the first day that no longer counts",
            "row 5, column valid_from: `valid_from` is empty; every row needs it",
        ]
    );
}

#[test]
fn rows_are_counted_as_a_spreadsheet_counts_them() {
    for end in ["\n", "\r\n"] {
        let text = ["code,name", "A2,\"two\nlines\"", "A 3,x", "", "", "A 4,x"].join(end);
        let rows: Vec<usize> = world().parse(Kind::Areas, &text).unwrap_err().faults.iter().map(|f| f.row).collect();
        assert_eq!(rows, [3, 6]);
    }
}

#[test]
fn only_the_first_hundred_faults_are_shown() {
    let text = format!("code,name\n{}", "A 1,x\n".repeat(300));
    let error = world().parse(Kind::Areas, &text).unwrap_err();
    assert_eq!((error.total, error.faults.len()), (300, 100));
    assert!(error.to_string().ends_with("\nand 200 more"));
}

#[test]
fn a_header_that_does_not_fit_is_explained() {
    let world = world();
    let parsed = world.parse(Kind::Areas, "code,name,nmae,ghi chú\nA2,Thôn 3,x,y\n").unwrap();
    assert_eq!(
        told(&parsed.warnings),
        [
            "column `nmae` is not known and was ignored; did you mean `name`?",
            "column `ghi chú` is not known and was ignored"
        ]
    );
    assert_eq!(
        world.faults(Kind::Areas, "code;title\nA2;x\n"),
        ["row 1, column name: column `name` is missing; areas has the columns code*, name*, valid_from, valid_to"]
    );
    assert_eq!(
        world.faults(Kind::Areas, "code,name,Tên\nA2,x,y\n"),
        ["row 1, column name: column `name` comes twice, the second time as `Tên`; remove one"]
    );
    assert_eq!(
        world.faults(Kind::Areas, ""),
        ["row 1: the file is empty; its first row names code*, name*, valid_from, valid_to"]
    );
    let latin = parse_bytes(&world, b"code,name\nA2,Th\xf4n\n");
    assert_eq!(latin, "row 2: the file is not UTF-8 text; save it as \"CSV UTF-8\"");
    assert_eq!(
        world.faults(Kind::Areas, "code,name\nA2,Thôn, ba\n"),
        ["row 2: `ba` stands right of the last column; put cells that hold a separator in quotes"]
    );
}

fn parse_bytes(world: &World, bytes: &[u8]) -> String {
    let context = Context { zone: &world.zone, streams: &world.streams, known: &world.known, now: Instant::from_ms(0) };
    parse(Kind::Areas, bytes, &context).unwrap_err().faults[0].to_string()
}

#[test]
fn overlapping_validity_of_a_tag_is_refused_within_the_file_and_against_the_register() {
    let mut world = world();
    let header = "uid,household,tech,valid_from,valid_to\n";
    let handed_on = format!("{header}e2:00-03e8,H1,hf,2025-07-28,2026-10-04\nE20003E8,H2,HF,2026-10-04,\n");
    assert_eq!(world.parse(Kind::Tags, &handed_on).unwrap().rows.len(), 2);
    let twice = format!("{header}E20003E8,H1,,2025-07-28,2026-10-05\nE20003E8,H2,,2026-10-04,\n");
    assert_eq!(
        world.faults(Kind::Tags, &twice),
        [
            "row 3: tag `E20003E8` holds twice from 2026-10-04 on: it overlaps row 2 (H1, from 2025-07-28 until 2026-10-05); end the earlier one first"
        ]
    );
    world.learn(Kind::Tags, &format!("{header}E20003E8,H1,,2025-07-28,\n"));
    let moved = format!("{header}E20003E8,H2,,2026-10-04,\n");
    assert_eq!(
        world.faults(Kind::Tags, &moved),
        [
            "row 2: tag `E20003E8` holds twice from 2026-10-04 on: it overlaps the register (H1, from 2025-07-28 with no end); end the earlier one first"
        ]
    );
    assert!(world.parse(Kind::Tags, &format!("{moved}E20003E8,H1,,2025-07-28,2026-10-04\n")).is_ok());
    assert!(world.parse(Kind::Tags, &format!("{header}E20003E8,H1,,2025-07-28,\n")).is_ok(), "the same file again");
}

#[test]
fn a_long_validity_that_holds_several_shorter_ones_is_seen() {
    let text = "uid,household,valid_from,valid_to\nAA,H1,2025-01-01,\nAA,H2,2025-02-01,2025-03-01\nAA,H1,2025-04-01,\n";
    assert_eq!(world().parse(Kind::Tags, text).unwrap_err().total, 2);
}

#[test]
fn a_key_comes_once() {
    let world = world();
    let faults = world.faults(Kind::Households, "code,area,valid_from\nH3,A0,2026-01-01\nH3,A1,2026-01-01\n");
    assert_eq!(
        faults,
        ["row 3: `H3 2026-01-01` comes twice with different content, first in row 2; keep one row, the present one"]
    );
    let header = "code,area,valid_from,valid_to";
    let back = format!("{header}\nH3,A0,2026-01-01,2026-02-01\nH3,A1,2026-05-01,\n");
    assert_eq!(world.parse(Kind::Households, &back).unwrap().rows.len(), 2);
    let mut world = world;
    world.learn(Kind::Households, &format!("{header}\nH7,A0,2026-01-01,\n"));
    let ended = "H7,A0,2026-01-01,2026-02-01\n";
    world.learn(Kind::Households, &format!("{header}\n{ended}"));
    assert!(world.parse(Kind::Households, &format!("{header}\n{ended}H7,A1,2026-02-01,\n")).is_ok(), "a move");
    assert!(world.parse(Kind::Households, &format!("{header}\nH7,A1,2026-02-01,\n")).is_ok(), "ended before");
    assert_eq!(
        world.faults(Kind::Households, &format!("{header}\nH1,A1,2026-01-01,\n")),
        [
            "row 2: household `H1` holds twice from 2026-01-01 on: it overlaps the register (A0, from 2025-07-28 with no end); end the earlier one first"
        ]
    );
    let same = world.parse(Kind::Areas, "code,name\nA7,x\nA7,x\n").unwrap();
    assert_eq!((same.rows.len(), same.warnings.len()), (1, 1));
}

#[test]
fn schedule_lines_of_one_place_and_stream_do_not_overlap() {
    let mut world = world();
    let header = "place,stream,weekdays,every_weeks,start,end,valid_from,valid_to\n";
    let turns = format!("{header}P0,food,T2 T4,2,17:00,20:00,2026-09-07,\nP0,food,Mon Wed,2,17:00,20:00,2026-09-14,\n");
    assert_eq!(world.parse(Kind::Schedule, &turns).unwrap().rows.len(), 2);
    let night = format!("{header}P0,food,Sun,1,22:00,02:00,2026-09-01,\nP0,food,Mon,,01:00,03:00,2026-09-01,\n");
    assert_eq!(
        world.faults(Kind::Schedule, &night),
        [
            "row 3, column place: place `P0` has two rounds of `food` at the same hours on 2026-09-06: it overlaps row 2; end the earlier line, or change the hours"
        ]
    );
    world.learn(Kind::Schedule, &format!("{header}P0,food,daily,1,17:00,20:00,2026-09-01,\n"));
    assert_eq!(world.parse(Kind::Schedule, &turns).unwrap_err().total, 2);
    let bad = format!("{header}R9,glass,Mon-Fri,0,25:00,17:60,2026-09-01,\n");
    assert_eq!(world.faults(Kind::Schedule, &bad).len(), 6);
}

#[test]
fn exclusions_of_one_household_do_not_overlap_and_a_short_absence_warns() {
    let world = world();
    let header = "household,reason,from,to,by\n";
    let text = format!("{header}H1,absent,2026-10-13,2026-10-19,officer\nH1,vacant,2026-10-19,,officer\n");
    assert_eq!(
        told(&world.parse(Kind::Exclusions, &text).unwrap().warnings),
        ["row 2: the absence from 2026-10-13 to 2026-10-19 is shorter than 60 days; it counts"]
    );
    let text = format!("{header}H1,absent,2026-10-13,,officer\nH1,vacant,2026-10-19,,officer\n");
    assert_eq!(world.parse(Kind::Exclusions, &text).unwrap_err().total, 1);
}

#[test]
fn statements_have_an_identity_that_their_writing_does_not_change() {
    let world = world();
    let one = world
        .parse(Kind::Findings, "household,stream,finding,at,by\nH1,,mixed,2026-09-02T17:06:00+07:00,tổ 1\n")
        .unwrap();
    let two =
        world.parse(Kind::Findings, "Mã hộ;phát hiện;thời gian;người ghi\nH1;MIXED;2/9/2026 17:06;tổ 1\n").unwrap();
    assert_eq!(one, two);
    assert_eq!(one.operations[0].id.len(), 64);
    assert!(
        matches!(&one.operations[0].statement, Statement::Finding { at, stream: None, .. } if at.ms() == 1_788_343_560_000)
    );
    let other = world.parse(Kind::Findings, "household,finding,at,by\nH1,mixed,2026-09-02 17:06,tổ 2\n").unwrap();
    assert_ne!(one.operations[0].id, other.operations[0].id);
    let twice = world
        .parse(Kind::Visits, "household,on,result,by\nH1,2027-01-01,sorting,x\nH1,01/01/2027,sorting,x\n")
        .unwrap();
    assert_eq!(twice.operations.len(), 1);
    assert_eq!(twice.warnings.len(), 3);
}

#[test]
fn a_device_takes_the_defaults_of_the_contract() {
    let world = world();
    let parsed = world.parse(Kind::Devices, "device,place,kind\nd-1,P0,combined\nd-2,xe-1,scale\n").unwrap();
    let Row::Device(device) = &parsed.rows[0] else { panic!("a device") };
    assert_eq!((device.profile.as_str(), device.mode, &device.stream), ("native", ScaleMode::Platform, &None));
    assert_eq!(
        told(&parsed.warnings),
        ["row 3: `xe-1` is neither a known point nor a known route; taken for a vehicle"]
    );
}

#[test]
fn what_is_exported_is_imported_again() {
    let world = world();
    let files = [
        (Kind::Areas, "code,name,valid_to\nA5,=1+1,\nA6,'=x,2026-11-01\nA7,+84,\n"),
        (Kind::Points, "code,name,area,lat,lon,valid_from\nP5,\"a,\"\"b\"\"\",A0,20.5,-105.25,2026-01-01\n"),
        (Kind::Routes, "route,household,order,valid_from,valid_to\nR1,H1,1,2026-01-01,2026-11-01\nR1,H2,2,,\n"),
        (
            Kind::Households,
            "code,area,head_name,address,people,point,valid_from,valid_to\nH9,A0,-Ba,@x,5,P0,2026-01-02,2026-02-02\n",
        ),
        (Kind::Tags, "uid,household,tech,valid_from,valid_to\nAB01,H1,uhf,2026-01-01,\n"),
        (
            Kind::Devices,
            "device,place,kind,station,profile,mode,stream,max_g,division_g,min_g,verified_until,after_read_s,before_read_s,together_s,valid_from,valid_to\n-d,P0,scale,s,native,bin,food,60000,20,100,2027-01-01,20,0,3,2026-01-01,2026-11-01\n",
        ),
        (
            Kind::Schedule,
            "place,stream,weekdays,every_weeks,start,end,valid_from,valid_to\nP0,food,Tue Thu Sun,2,17:00,01:30,2026-09-01,\n",
        ),
        (Kind::Targets, "indicator,year,percent\nsorting_share,2026,92.5\nsorting_share,2027,100\n"),
        (Kind::Exclusions, "household,reason,from,to,by\nH1,vacant,2026-10-19,,officer\n"),
        (Kind::Pathways, "household,stream,pathway,level,on,by\nH1,food,compost,verified,2026-09-06,x\n"),
        (Kind::Findings, "household,stream,finding,at,by\nH1,food,clean,2026-09-02T17:04:30.25+07:00,x\n"),
        (Kind::Visits, "household,on,result,stream,by\nH1,2026-09-15,not_sorting,,x\n"),
        (
            Kind::Tickets,
            "ticket,vehicle,at,stream,gross_g,tare_g,destination\n7,29C-1,2026-09-02 17:04,food,9000000,4000000,Bắc Phong\n",
        ),
    ];
    for (kind, text) in files {
        let parsed = world.parse(kind, text).unwrap();
        let all = Exported { rows: &parsed.rows, operations: &parsed.operations, people: &parsed.people };
        let written = export(kind, &all, &world.zone);
        assert_eq!(world.parse(kind, &written).unwrap(), parsed, "{written}");
        let book = export_xlsx(kind, &all, &world.zone).unwrap();
        assert_eq!(Format::of(&book), Format::Xlsx);
        assert_eq!(world.parse_file(kind, &book).unwrap(), parsed, "{kind} as a spreadsheet");
        assert!(!written.contains("\n=") && !written.contains(",=") && !written.contains(",@"), "{written}");
    }
}

#[test]
fn ten_thousand_households_are_read_in_no_time() {
    let world = world();
    let mut text = String::from("code,area,head_name,people,point,valid_from\n");
    for number in 0..10_500 {
        text.push_str(&format!("TM-{number:05},A0,Nguyễn Văn {number},4,P0,2025-07-28\n"));
    }
    let parsed = world.parse(Kind::Households, &text).unwrap();
    assert_eq!((parsed.rows.len(), parsed.people.len()), (10_500, 10_500));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300), kind in proptest::sample::select(Kind::ALL)) {
        let world = world();
        let context = Context { zone: &world.zone, streams: &world.streams, known: &world.known, now: Instant::from_ms(0) };
        let _ = parse(kind, &bytes, &context);
        let header: Vec<&str> = kind.columns().iter().map(|column| column.name).collect();
        let text = format!("{}\n{}", header.join(","), String::from_utf8_lossy(&bytes));
        let _ = parse(kind, text.as_bytes(), &context);
    }
}

#[test]
fn the_example_commune_is_read() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/commune-1");
    let read = |kind: Kind| std::fs::read(root.join(format!("{kind}.csv"))).unwrap();
    let mut world = world();
    let day = LocalDay::from_number(20_000);
    let mut rows = Vec::new();
    let mut statements = 0;
    for kind in [
        Kind::Areas,
        Kind::Points,
        Kind::Households,
        Kind::Tags,
        Kind::Devices,
        Kind::Schedule,
        Kind::Exclusions,
        Kind::Pathways,
        Kind::Findings,
        Kind::Visits,
    ] {
        let parsed = world.parse(kind, std::str::from_utf8(&read(kind)).unwrap()).unwrap();
        let expected = |warning: &String| warning.contains("shorter than 60 days") || warning.contains("count once");
        assert!(told(&parsed.warnings).iter().all(expected), "{kind}: {:?}", parsed.warnings);
        statements += parsed.operations.len();
        rows.extend(parsed.rows);
        world.known = Register::build(rows.iter().cloned().map(|row| (day, row)));
    }
    assert_eq!((world.known.households.len(), statements), (60, 91 + 22 + 4));
}

/// Makes a workbook of sheets of cells; a cell that begins with `#` is a number.
fn book(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (row, cells) in (0_u32..).zip(*rows) {
            for (column, cell) in (0_u16..).zip(*cells) {
                match cell.strip_prefix('#') {
                    Some(number) => sheet.write_number(row, column, number.parse::<f64>().unwrap()).unwrap(),
                    None => sheet.write_string(row, column, *cell).unwrap(),
                };
            }
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_spreadsheet_in_vietnamese_gives_the_same_rows_as_a_csv_file() {
    let world = world();
    let csv = "code,area,head_name,people,valid_from\nH9,A0,=Đỗ Thị Ấm,5,2026-01-02\n7,A0,,,2026-01-03\n";
    let rows: &[&[&str]] = &[
        &["Mã hộ", "THÔN", "Chủ hộ", "Nhân khẩu", "Từ ngày"],
        &["H9", "A0", "=Đỗ Thị Ấm", "#5", "2/1/2026"],
        &[],
        &["#7", "A0", "", "", "2026-01-03"],
    ];
    let parsed = world.parse_file(Kind::Households, &book(&[("Danh sách", rows)])).unwrap();
    assert_eq!(parsed, world.parse(Kind::Households, csv).unwrap());
    assert_eq!(parsed.people[0].head_name.as_deref(), Some("=Đỗ Thị Ấm"));
}

#[test]
fn a_fault_of_a_spreadsheet_names_sheet_row_column_value_and_way_out() {
    let world = world();
    let rows: &[&[&str]] = &[&["uid", "household", "valid_from"], &["#1e20", "H1", "2026-01-01"]];
    let error = world.parse_file(Kind::Tags, &book(&[("Thẻ", rows)])).unwrap_err();
    let told = error.faults[0].to_string();
    assert!(told.starts_with("sheet `Thẻ`, row 2, column A: `100000000000000000000` is a number"), "{told}");
    assert!(told.contains("set the cell's format to Text"), "{told}");
    let rows: &[&[&str]] = &[&["uid", "household", "valid_from"], &["AB01", "H7", "2026-01-01"]];
    let error = world.parse_file(Kind::Tags, &book(&[("Thẻ", rows)])).unwrap_err();
    let told = error.faults[0].to_string();
    assert!(told.starts_with("sheet `Thẻ`, row 2, column household: unknown household `H7`"), "{told}");
    assert_eq!(error.faults[0].value, "H7");
    let told = world.parse_file(Kind::Tags, b"PK\x03\x04 and nothing more").unwrap_err().to_string();
    assert!(told.contains("save it as .xlsx or as CSV"), "{told}");
    let told = world.parse_file(Kind::Tags, &[0xd0, 0xcf, 0x11, 0xe0, 0]).unwrap_err().to_string();
    assert!(told.contains("old spreadsheet"), "{told}");
}

#[test]
fn the_sheet_that_names_the_kind_is_read_and_the_others_are_warned_of() {
    let world = world();
    let areas: &[&[&str]] = &[&["code", "name"], &["A9", "Thôn 9"]];
    let notes: &[&[&str]] = &[&["ghi chú"]];
    let parsed = world.parse_file(Kind::Areas, &book(&[("notes", notes), ("Areas", areas)])).unwrap();
    assert_eq!(parsed.rows.len(), 1);
    assert_eq!(told(&parsed.warnings), ["only the sheet `Areas` was read, not notes"]);
}

proptest::proptest! {
    #[test]
    fn a_text_is_the_same_through_csv_and_through_a_spreadsheet(name in "[ -~àạăđĐơƯ\u{1F33E}\t\n'=+@-]{0,40}", code in "[A-Za-z0-9=+@'./-]{1,12}") {
        let area = Area { code: code.as_str().into(), name: name.trim().to_owned(), validity: Validity::default() };
        if !area.name.is_empty() {
            let world = world();
            let rows = [Row::Area(area)];
            let all = Exported { rows: &rows, ..Exported::default() };
            let csv = world.parse_file(Kind::Areas, export(Kind::Areas, &all, &world.zone).as_bytes()).unwrap();
            let xlsx = world.parse_file(Kind::Areas, &export_xlsx(Kind::Areas, &all, &world.zone).unwrap()).unwrap();
            proptest::prop_assert_eq!(&csv, &xlsx);
            proptest::prop_assert_eq!(csv.rows, rows);
        }
    }
}

#[test]
fn a_small_spreadsheet_cannot_take_the_memory_of_a_large_one() {
    let world = world();
    let told = |bytes: &[u8]| world.parse_file(Kind::Areas, bytes).unwrap_err().faults[0].to_string();
    // A word far to the right of each row.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, name) in (0..32_000).zip(std::iter::once("name").chain(std::iter::repeat("x"))) {
        sheet.write_string(row, 0, if row == 0 { "code".to_owned() } else { format!("A{row}") }).unwrap();
        sheet.write_string(row, 1, name).unwrap();
        sheet.write_string(row, 199, "note").unwrap();
    }
    let wide = told(&book.save_to_buffer().unwrap());
    assert!(wide.ends_with("delete what stands right of the table, and split the file if it is long"), "{wide}");
    // What says of itself that it unfolds to more, and what says that it does not and does.
    let of_size = |size: u32| {
        let mut file = self::book(&[("areas", &[&["code", "name"], &["A2", "Thôn 3"]])]);
        let entries: Vec<usize> =
            file.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x01\x02").map(|(at, _)| at).collect();
        for at in entries {
            file[at + 24..at + 28].copy_from_slice(&size.to_le_bytes());
        }
        file
    };
    assert!(told(&of_size(100 * 1024 * 1024)).contains("unfolds to"), "{}", told(&of_size(100 * 1024 * 1024)));
    let lying = told(&of_size(10));
    assert!(lying.contains("larger than its declared uncompressed size"), "{lying}");
}

#[test]
fn a_target_is_a_percentage_as_people_write_one() {
    let world = world();
    let read = |percent: &str| {
        let text = format!("Chỉ số;Năm;Mục tiêu (%)\nsorting_share;2026;{percent}\n");
        world.parse(Kind::Targets, &text).map(|parsed| match &parsed.rows[0] {
            Row::Target(target) => target.percent.hundredths(),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(["100", "92,5", "92.05 %", "0"].map(|text| read(text).unwrap()), [10_000, 9_250, 9_205, 0]);
    for text in ["100.01", "-1", "92,123", "x", "%"] {
        assert!(read(text).unwrap_err().to_string().contains("is not a number from 0 to 100"), "{text}");
    }
    assert_eq!(
        world.faults(Kind::Targets, "indicator,year,percent\nshare,26,100\n"),
        [
            "row 2, column indicator: unknown indicator `share`; it is one of sorting_share",
            "row 2, column year: `26` is not a number from 2000 to 2199"
        ]
    );
}

#[test]
fn a_household_at_a_point_that_closes_is_warned_of() {
    let mut world = world();
    world.learn(Kind::Points, "code,name,area,valid_to\nP0,Điểm 1,A0,2026-11-01\n");
    let told = |text: &str| {
        let parsed = world.parse(Kind::Households, &format!("code,area,point,valid_from,valid_to\n{text}\n")).unwrap();
        self::told(&parsed.warnings)
    };
    let closed = "row 2: point `P0` is closed from 2026-11-01 on; give the household another one";
    assert_eq!(told("H7,A0,P0,2026-01-01,"), [closed]);
    assert_eq!(told("H7,A0,P0,2026-01-01,2026-11-01"), [""; 0]);
    assert_eq!(told("H7,A0,P1,2026-01-01,"), [""; 0]);
}
