//! Facts about the pictures, checked on the finished SVG as a browser or resvg reads it.

use resvg::usvg::roxmltree::{Document, Node};

use super::text::{Weight, width};
use super::*;
use crate::domain::ids::{AreaCode, StreamCode};
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::indicators::{
    AreaShare, Completeness, CompletenessDay, Counts, MassTold, Part, ShareDay, Shown, Step, Tonnage, TonnageRow,
    Visiting,
};

const LAST: &str = "2026-11-22";

fn last() -> LocalDay {
    LAST.parse().unwrap()
}

fn looks() -> Vec<Look> {
    let mut looks = Vec::new();
    for lang in [Lang::Vi, Lang::En] {
        for form in [Form::Narrow, Form::Wide, Form::Share] {
            for theme in [Theme::Light, Theme::Dark, Theme::Page] {
                looks.push(Look { lang, form, theme, simulated: true });
            }
        }
    }
    looks
}

fn context() -> Context {
    let stream = |code: &str, name: &str, name_en: &str, icon: &str| StreamLook {
        code: StreamCode::new(code),
        name: name.into(),
        name_en: name_en.into(),
        colour: "#009E73".into(),
        icon: icon.into(),
    };
    Context {
        place: "xã Tân Minh".into(),
        period: "26/10 – 22/11/2026".into(),
        as_of: "22/11/2026 24:00".into(),
        rule_version: "2026-1".into(),
        completeness: Some(Percent::from_hundredths(9_631)),
        today: Some(last()),
        streams: vec![
            stream("food", "Thực phẩm", "Food", "leaf"),
            stream("recyclable", "Tái chế", "Recyclable", "recycle"),
            stream("hazardous", "Nguy hại và cồng kềnh, hẹn ngày thu", "Hazardous", "flask"),
        ],
        area_href: None,
    }
}

fn counts(sorting: i64, undetermined: i64, not_sorting: i64) -> Shown {
    Shown::all(raw(sorting, undetermined, not_sorting))
}

fn raw(sorting: i64, undetermined: i64, not_sorting: i64) -> Counts {
    Counts {
        eligible: sorting + undetermined + not_sorting,
        sorting,
        not_sorting,
        undetermined: [0, 0, 0, undetermined, 0],
        ..Counts::default()
    }
}

/// A number that jumps about but is always the same: 0 ..= 999.
fn jumpy(index: i32) -> i64 {
    i64::from(index.wrapping_mul(7_919).rem_euclid(1_000))
}

fn share_days(days: i32, gap: std::ops::Range<i32>) -> Vec<ShareDay> {
    (0..days)
        .map(|index| ShareDay {
            day: last() - (days - 1 - index),
            counts: if gap.contains(&index) {
                Shown::default()
            } else {
                counts(4_000 + jumpy(index) * 4, 2_000 - jumpy(index), 300)
            },
            completeness: Completeness::default(),
            target: Some(Percent::from_hundredths(10_000)),
            provisional: index > days / 2,
        })
        .collect()
}

fn areas(number: i32) -> Vec<AreaShare> {
    (0..number)
        .map(|index| AreaShare {
            area: AreaCode::new(format!("T{index}")),
            name: match index % 3 {
                0 => format!("Thôn {index}"),
                1 => "Thôn Trung tâm thương mại và khu tái định cư số 2 mở rộng".into(),
                _ => "Tổ dân phố Nguyễn Thị Minh Khai".into(),
            },
            counts: if index == 5 { Shown::default() } else { counts(jumpy(index), 250, 900 - jumpy(index) / 2) },
            completeness: Completeness::default(),
        })
        .collect()
}

fn tonnage(periods: i32, step: Step) -> Vec<TonnageRow> {
    let mut rows = Vec::new();
    let mut day = last();
    for index in 0..periods {
        let (from, to) = step.period_of(day);
        for (nth, stream) in (0_i32..).zip(["food", "recyclable", "hazardous"]) {
            let weighed_g = 1_000_000 + 3_000 * jumpy(index * 3 + nth);
            let tonnage = Tonnage {
                weighed_g,
                manual_g: 200_000,
                estimated_g: 150_000,
                unknown_household_g: weighed_g / 8,
                pickups: 9,
            };
            rows.push(TonnageRow { from, to, stream: StreamCode::new(stream), tonnage, told: MassTold::Apart });
        }
        day = from - 1;
    }
    rows
}

/// Every seventh day nothing was said.
fn said(days: i32, of: impl Fn(i64) -> (i64, i64, i64)) -> Vec<CourseDay> {
    let day = |ago: i32| {
        let (low, middle, high) = of(jumpy(ago));
        CourseDay { day: last() - ago, low, middle, high }
    };
    (0..days).rev().filter(|ago| ago % 7 != 3).map(day).collect()
}

fn voltages(days: i32) -> Vec<CourseDay> {
    said(days, |jump| (11_400 + jump, 11_700 + jump, 11_700 + jump))
}

fn zeros(days: i32) -> Vec<CourseDay> {
    said(days, |jump| (jump / 50 - 14, jump / 50 - 8, jump / 50 - 2))
}

fn completeness(days: i32) -> Vec<CompletenessDay> {
    (0..days)
        .map(|index| CompletenessDay {
            day: last() - (days - 1 - index),
            completeness: Completeness {
                working_ms: 900 + jumpy(index) / 10,
                scheduled_ms: if index % 7 == 3 { 0 } else { 1_000 },
                received: 1_000,
                missing: 2,
            },
        })
        .collect()
}

fn visiting(times: i64) -> Visiting {
    let visits: Vec<_> = (last() - 70).through(last()).map(|day| (day, times * jumpy(day.number()) / 200, 1)).collect();
    let run_outs: Vec<_> = last().through(last() + 90).map(|day| (day, times * jumpy(day.number()) / 500)).collect();
    Visiting::new((last() - 1, last()), &Counts::default(), &visits, &run_outs)
}

/// Every picture with little, usual and much data.
fn gallery(look: Look) -> Vec<(&'static str, Chart)> {
    let context = &context();
    vec![
        ("trend 28", share_trend(&share_days(28, 9..13), look, context)),
        ("trend 400", share_trend(&share_days(400, 90..130), look, context)),
        ("trend 1", share_trend(&share_days(1, 0..0), look, context)),
        ("trend 0", share_trend(&[], look, context)),
        ("areas 24", area_bars(&areas(24), look, context)),
        ("areas 0", area_bars(&[], look, context)),
        ("tonnage 5 weeks", tonnage_bars(&tonnage(5, Step::Week), Step::Week, look, context)),
        ("tonnage 13 months", tonnage_bars(&tonnage(13, Step::Month), Step::Month, look, context)),
        ("tonnage 28 days", tonnage_bars(&tonnage(28, Step::Day), Step::Day, look, context)),
        ("tonnage 400 days", tonnage_bars(&tonnage(400, Step::Day), Step::Day, look, context)),
        ("tonnage 0", tonnage_bars(&[], Step::Week, look, context)),
        ("completeness 28", completeness_days(&completeness(28), look, context)),
        ("completeness 400", completeness_days(&completeness(400), look, context)),
        ("completeness 0", completeness_days(&[], look, context)),
        ("battery 28", course(Measure::Battery, &voltages(28), &[11_500], (last() - 27, last()), look, context)),
        ("zero 28", course(Measure::Zero, &zeros(28), &[-20, 20], (last() - 27, last()), look, context)),
        ("zero 1", course(Measure::Zero, &zeros(1), &[], (last() - 27, last()), look, context)),
        ("battery 0", course(Measure::Battery, &[], &[], (last() - 27, last()), look, context)),
        ("visiting", visiting_weeks(&visiting(1), look, context)),
        ("visiting many", visiting_weeks(&visiting(97), look, context)),
        ("visiting 0", visiting_weeks(&visiting(0), look, context)),
        ("bar", share_bar(share_days(1, 0..0).first(), look, context)),
        ("bar of none", share_bar(None, look, context)),
        ("headline", headline(&share_days(1, 0..0)[0], look, context)),
        ("headline of few", headline(&few_known(), look, context)),
        ("headline of none", headline(&ShareDay { counts: Shown::default(), ..few_known() }, look, context)),
    ]
}

/// A day on which less than 70 % are known.
fn few_known() -> ShareDay {
    ShareDay { counts: counts(300, 600, 100), ..share_days(1, 0..0).remove(0) }
}

fn texts<'a>(document: &'a Document<'_>) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_tag_name("text")).collect()
}

fn number(node: Node<'_, '_>, attribute: &str) -> Option<f64> {
    node.attribute(attribute).map(|value| value.parse().unwrap())
}

/// Left, right, top and bottom of a text, pixels.
fn extent(node: Node<'_, '_>) -> (f64, f64, f64, f64) {
    let size = number(node, "font-size").unwrap_or(13.0);
    let weight = if node.attribute("font-weight").is_some() { Weight::SemiBold } else { Weight::Regular };
    let dots = width(node.text().unwrap_or_default(), format!("{size}").parse().unwrap(), weight);
    let wide = f64::from(dots) / 4.0;
    let x = number(node, "x").unwrap();
    let left = match node.attribute("text-anchor") {
        Some("middle") => x - wide / 2.0,
        Some("end") => x - wide,
        Some(_) | None => x,
    };
    let baseline = number(node, "y").unwrap();
    (left, left + wide, baseline - size * 0.74, baseline + size * 0.2)
}

fn says(chart: &Chart, text: &str) -> bool {
    chart.svg.contains(text)
}

#[test]
fn every_picture_is_well_formed_small_and_has_a_name() {
    for look in looks() {
        for (name, chart) in gallery(look) {
            let document = Document::parse(&chart.svg).unwrap_or_else(|error| panic!("{name} {look:?}: {error}"));
            let root = document.root_element();
            assert_eq!(root.attribute("role"), Some("img"));
            assert!(root.attribute("aria-label").is_some_and(|label| label.len() > 20), "{name}");
            assert!(root.children().any(|node| node.has_tag_name("title")));
            assert!(!says(&chart, "NaN") && !says(&chart, "inf"), "{name}");
            assert!(chart.svg.len() < 40 * 1024, "{name} {look:?} is {} bytes", chart.svg.len());
            assert!(!says(&chart, "style="), "a strict content security policy refuses inline styles");
        }
    }
}

#[test]
fn no_text_leaves_the_sheet_or_touches_another() {
    for look in looks() {
        for (name, chart) in gallery(look) {
            let document = Document::parse(&chart.svg).unwrap();
            let (wide, high) =
                (number(document.root_element(), "width").unwrap(), number(document.root_element(), "height").unwrap());
            let extents: Vec<_> =
                texts(&document).into_iter().map(|node| (node.text().unwrap_or_default(), extent(node))).collect();
            for (index, (text, (left, right, top, bottom))) in extents.iter().enumerate() {
                let inside = *left >= 0.0 && *right <= wide && *top >= 0.0 && *bottom <= high;
                assert!(inside, "{name} {look:?}: `{text}` leaves the sheet");
                for (other, (from, to, above, below)) in &extents[index + 1..] {
                    let apart = right <= from || to <= left || bottom <= above || below <= top;
                    assert!(apart, "{name} {look:?}: `{text}` touches `{other}`");
                }
            }
        }
    }
}

#[test]
fn every_picture_of_simulated_data_says_so() {
    for (lang, words) in [(Lang::Vi, "Dữ liệu mô phỏng"), (Lang::En, "Simulated data")] {
        let look = Look { lang, simulated: true, ..Look::default() };
        assert!(gallery(look).iter().all(|(_, chart)| says(chart, words)));
        let real = Look { simulated: false, ..look };
        assert!(gallery(real).iter().all(|(_, chart)| !says(chart, words)));
    }
}

#[test]
fn every_titled_picture_carries_completeness_rule_and_cut_off() {
    for (name, chart) in gallery(Look::default()) {
        if !name.starts_with("bar") {
            let document = Document::parse(&chart.svg).unwrap();
            let all: String = texts(&document)
                .iter()
                .filter_map(|node| node.text())
                .collect::<Vec<_>>()
                .join(" ")
                .replace('\u{a0}', " ");
            for part in ["96,31 %", "Quy tắc 2026-1", "22/11/2026 24:00", "xã Tân Minh", "26/10 – 22/11/2026"] {
                assert!(all.contains(part), "{name} lacks `{part}`: {all}");
            }
        }
    }
}

#[test]
fn a_gap_is_not_joined() {
    let context = Context { today: None, ..context() };
    let lines = |days: &[ShareDay]| {
        let chart = share_trend(days, Look::default(), &context);
        let document = Document::parse(&chart.svg).unwrap();
        let line = document.descendants().find(|node| node.attribute("stroke") == Some("#0072B2")).unwrap();
        line.attribute("d").unwrap().matches('M').count()
    };
    assert_eq!(lines(&share_days(28, 0..0)), 1);
    assert_eq!(lines(&share_days(28, 9..13)), 2);
    let mut with_a_day_left_out = share_days(28, 0..0);
    with_a_day_left_out.remove(10);
    assert_eq!(lines(&with_a_day_left_out), 2);
}

#[test]
fn a_hundred_percent_appears_only_when_everybody_sorts() {
    let day = |counts: Shown| ShareDay {
        counts,
        target: Some(Percent::from_hundredths(9_000)),
        ..share_days(1, 0..0).remove(0)
    };
    let nearly = share_bar(Some(&day(counts(99_998, 1, 1))), Look::default(), &context());
    assert!(says(&nearly, "99,99\u{a0}%") && !says(&nearly, "100\u{a0}%"));
    let whole = share_bar(Some(&day(counts(7, 0, 0))), Look::default(), &context());
    assert!(says(&whole, "100\u{a0}%"));
}

#[test]
fn hamlets_stand_in_the_order_of_their_share_and_the_empty_one_last() {
    let area = |name: &str, counts| AreaShare {
        area: AreaCode::new(name),
        name: name.into(),
        counts,
        completeness: Completeness::default(),
    };
    let areas = [area("Trống", Shown::default()), area("Thấp", counts(1, 9, 0)), area("Cao", counts(9, 0, 1))];
    let chart = area_bars(&areas, Look::default(), &context());
    let at = |name: &str| chart.svg.find(&format!(">{name}<")).unwrap();
    assert!(at("Cao") < at("Thấp") && at("Thấp") < at("Trống"));
    assert!(says(&chart, ">90,00\u{a0}%<"));
}

#[test]
fn a_name_cannot_become_markup_and_a_hamlet_can_be_a_link() {
    let areas = [AreaShare {
        area: AreaCode::new("T 1"),
        name: "<script>Tha\u{302}n</script>".into(),
        counts: counts(1, 0, 0),
        completeness: Completeness::default(),
    }];
    let context = Context { area_href: Some("/areas/".into()), ..context() };
    let chart = area_bars(&areas, Look::default(), &context);
    assert!(!says(&chart, "<script>") && says(&chart, "&lt;script&gt;Thân"));
    assert!(says(&chart, "<a href=\"/areas/T%201\"><text"));
    assert!(says(&chart, "role=\"group\""), "links within an image are hidden from a screen reader");
}

#[test]
fn tonnage_names_its_unit_its_textures_and_the_unknown_share() {
    let chart = tonnage_bars(&tonnage(3, Step::Week), Step::Week, Look::default(), &context());
    for part in ["Tấn mỗi tuần", "thiết bị cân", "tổ thu gom nhập", "ước tính", "12,50\u{a0}%", "Thực phẩm"]
    {
        assert!(says(&chart, part), "lacks `{part}`");
    }
    let small = [TonnageRow {
        from: last(),
        to: last(),
        stream: StreamCode::unnamed(),
        tonnage: Tonnage { weighed_g: 812_400, ..Tonnage::default() },
        told: MassTold::Apart,
    }];
    let chart = tonnage_bars(&small, Step::Day, Look::default(), &context());
    assert!(says(&chart, "Kg mỗi ngày") && says(&chart, ">812<") && says(&chart, "không rõ nhóm"));
    assert!(!says(&chart, "ước tính"), "a texture that does not occur is not explained");
}

#[test]
fn pictures_in_one_page_share_no_id_and_the_same_picture_is_the_same_text() {
    let mut ids: Vec<String> = Vec::new();
    for form in [Form::Narrow, Form::Wide] {
        let look = Look { form, ..Look::default() };
        for (_, chart) in gallery(look) {
            let document = Document::parse(&chart.svg).unwrap();
            let found = document.descendants().filter_map(|node| node.attribute("id").map(str::to_owned));
            ids.extend(found);
        }
        assert_eq!(gallery(look), gallery(look));
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn the_workload_tells_the_present_week_twice_and_its_pace() {
    for look in looks() {
        let chart = visiting_weeks(&visiting(1), look, &context());
        let (so_far, pace) = match look.lang {
            Lang::Vi => (">đến giờ<", "nhịp 4 tuần qua: khoảng "),
            Lang::En => (">so far<", "pace of the last 4 weeks: about "),
        };
        assert_eq!((chart.svg.matches(so_far).count(), chart.svg.matches(pace).count()), (1, 1), "{look:?}");
    }
}

#[test]
fn nothing_to_show_is_said_in_words() {
    for (name, chart) in gallery(Look::default()) {
        if name.ends_with(" 0") || name.ends_with("none") {
            assert!(says(&chart, "Chưa có dữ liệu"), "{name}");
        }
    }
}

#[test]
fn a_page_theme_draws_in_the_pages_colours_and_its_png_in_the_light_ones() {
    let day = share_days(1, 0..0).remove(0);
    let of = |theme| share_bar(Some(&day), Look { theme, ..Look::default() }, &context());
    assert!(says(&of(Theme::Page), "var(--chart-sorting,#0072B2)"));
    assert_eq!(png(&of(Theme::Page)).unwrap(), png(&of(Theme::Light)).unwrap());
}

#[test]
fn a_png_is_twice_the_size_and_holds_the_letters() {
    let day = share_days(1, 0..0).remove(0);
    let look = Look { form: Form::Narrow, ..Look::default() };
    let bytes = png(&share_bar(Some(&day), look, &context())).unwrap();
    assert_eq!(bytes[..4], [0x89, b'P', b'N', b'G']);
    assert_eq!(bytes[16..20], 720_u32.to_be_bytes());
    let nameless = Chart {
        svg: share_bar(Some(&day), look, &context()).svg.replace("<text", "<desc").replace("</text", "</desc"),
    };
    assert!(png(&nameless).unwrap().len() + 2_000 < bytes.len(), "the letters are drawn");
}

fn period(month: &str, sorting: i64, undetermined: i64, not_sorting: i64) -> crate::indicators::PeriodShare {
    let from: LocalDay = format!("{month}-01").parse().unwrap();
    let counts = counts(sorting, undetermined, not_sorting);
    let last = ShareDay {
        day: from.month_end(),
        counts,
        completeness: Completeness::default(),
        target: Some(Percent::from_hundredths(10_000)),
        provisional: true,
    };
    crate::indicators::PeriodShare {
        from,
        to: from.month_end(),
        share: counts.share(),
        upper: counts.upper(),
        coverage: counts.coverage(),
        months: None,
        last,
    }
}

#[test]
fn a_month_that_is_missing_leaves_its_place_empty_and_bounds_and_coverage_are_drawn() {
    let periods = [period("2026-08", 30, 60, 10), period("2026-10", 60, 30, 10), period("2026-11", 70, 20, 10)];
    for look in looks() {
        let chart = share_periods(&periods, Step::Month, look, &context());
        let document = Document::parse(&chart.svg).unwrap();
        let texts: Vec<String> = document.descendants().filter_map(|node| node.text().map(str::to_owned)).collect();
        let said = texts.join(" ");
        let wanted = match look.lang {
            Lang::Vi => ["chưa đủ căn cứ, tới cận trên", "độ phủ căn cứ", "mục tiêu"],
            Lang::En => ["undetermined, up to the upper bound", "evidence coverage", "target"],
        };
        for word in wanted {
            assert!(said.contains(word), "{look:?}: {word}");
        }
        png(&chart).unwrap();
    }
    let empty = share_periods(&[], Step::Month, Look::default(), &context());
    assert!(empty.svg.contains("Chưa có dữ liệu"));
}

#[test]
fn the_figures_side_by_side_name_each_denominator() {
    let counts = Shown::all(Counts {
        enrolled: 90,
        at_least_one: 80,
        measured: 50,
        participating: 40,
        opportunities: 150,
        set_outs: 75,
        ..raw(70, 20, 10)
    });
    for look in looks() {
        let chart = companions(&counts, look, &context());
        let (rate, of) = match look.lang {
            Lang::Vi => ("50,00\u{a0}%", "40 / 50 hộ"),
            Lang::En => ("50.00%", "40 / 50 households"),
        };
        assert!(chart.svg.contains(rate) && chart.svg.contains(of), "{look:?}");
        png(&chart).unwrap();
    }
}

#[test]
fn what_is_hidden_is_said_in_words_and_drawn_as_nothing() {
    let hidden = |part| Shown::without(raw(123, 173, 4), [part]);
    for look in looks() {
        let (rest, dash) = match look.lang {
            Lang::Vi => ("phần còn lại, không tách", "ẩn vì số nhỏ"),
            Lang::En => ("the rest, not split", "hidden: small numbers"),
        };
        let name = |name: &str| (AreaCode::new(name), name.to_owned());
        let area = |(area, name), counts| AreaShare { area, name, counts, completeness: Completeness::default() };
        let areas = [area(name("Một"), hidden(Part::States)), area(name("Hai"), hidden(Part::Sorting))];
        let chart = area_bars(&areas, look, &context());
        assert!(says(&chart, rest) && says(&chart, ">41") && says(&chart, ">–<"), "{look:?}");
        let day = ShareDay { counts: hidden(Part::States), ..share_days(1, 0..0).remove(0) };
        let chart = share_trend(std::slice::from_ref(&day), look, &context());
        assert!(
            says(&chart, "41") && !says(&chart, "98,67") && !says(&chart, "98.67"),
            "the share and no bound: {look:?}"
        );
        let chart = companions(&hidden(Part::States), look, &context());
        assert!(says(&chart, dash) && !says(&chart, "42,33") && !says(&chart, "42.33"), "no coverage: {look:?}");
        png(&chart).unwrap();
        let mut rows = tonnage(2, Step::Week);
        rows = rows.into_iter().map(|row| row.for_public(false)).collect();
        rows[0] = rows[0].clone().for_public(true);
        let chart = tonnage_bars(&rows, Step::Week, look, &context());
        assert!(!says(&chart, "12,50") && !says(&chart, "12.50"), "which part is unknown is told of the commune alone");
        let (total, blank) = match look.lang {
            Lang::Vi => ("tổng khối lượng", "Để trống"),
            Lang::En => ("total mass", "Left blank"),
        };
        assert!(says(&chart, total) && says(&chart, blank), "{look:?}");
    }
}

#[test]
fn a_picture_to_share_has_the_size_that_messengers_show_and_says_all_that_it_must() {
    for lang in [Lang::Vi, Lang::En] {
        let look = Look { lang, form: Form::Share, simulated: true, ..Look::default() };
        for (name, chart) in gallery(look).into_iter().filter(|(name, _)| !name.starts_with("bar")) {
            let bytes = png(&chart).unwrap();
            let size = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
            assert_eq!((size(16), size(20)), (1_200, 630), "{name}");
            let document = Document::parse(&chart.svg).unwrap();
            let said: Vec<String> = texts(&document).iter().filter_map(|node| node.text().map(str::to_owned)).collect();
            let said = said.join(" ");
            let (mark, source) = match lang {
                Lang::Vi => ("mô phỏng", "Nguồn:"),
                Lang::En => ("Simulated", "Source:"),
            };
            let period = context().period.replace(' ', "\u{a0}");
            for part in [mark, source, &period, &context().place.replace(' ', "\u{a0}")] {
                assert!(said.contains(part), "{name} lacks `{part}`: {said}");
            }
        }
    }
}

#[test]
fn a_share_that_is_not_founded_is_not_written_large() {
    for look in looks() {
        let chart = headline(&few_known(), look, &context());
        let document = Document::parse(&chart.svg).unwrap();
        let large = texts(&document)
            .into_iter()
            .max_by_key(|node| node.attribute("font-size").and_then(|size| size.parse::<u32>().ok()).unwrap_or(13));
        let large = large.and_then(|node| node.text().map(str::to_owned)).unwrap_or_default();
        let wanted = match look.lang {
            Lang::Vi => "chưa đủ căn cứ để công bố",
            Lang::En => "not enough evidence to publish",
        };
        assert_eq!(large, wanted, "{look:?}");
        assert!(says(&chart, "30") && says(&chart, "90"), "the bounds stand beside it: {look:?}");
    }
}
