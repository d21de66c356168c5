//! The hamlets side by side: sorted bars of sorting, undetermined and not sorting.

use super::Chart;
use super::key::{Mark, key, key_height};
use super::look::{Context, Form, Lang, Look};
use super::number::{percent, whole};
use super::palette::Ink;
use super::sheet::{Caption, Field, Sheet, Side, Type, body_height, dots, empty_picture, inner_width, picture};
use super::words::Words;
use crate::domain::state::State;
use crate::indicators::{AreaShare, Part, Shown};

/// Draws one bar a hamlet, highest share first: S solid, U hatched, N at the end; the share and E beside it.
///
/// Hamlets without an eligible household come last and say so. With `context.area_href` each name is a link.
pub fn area_bars(areas: &[AreaShare], look: Look, context: &Context) -> Chart {
    let words = Words(look.lang);
    let sorted = sorted(areas);
    let caption = Caption {
        kind: "areas",
        title: words.areas_title(context),
        subtitle: words.definition(words.areas_definition(), context),
        label: label(&sorted, words, context),
        source: true,
    };
    if sorted.is_empty() {
        return empty_picture(look, context, &caption, words.no_areas());
    }
    let states = [State::Sorting, State::Undetermined, State::NotSorting];
    let mut marks: Vec<(Mark, String)> =
        states.iter().map(|state| (Mark::State(*state), words.state(*state).to_owned())).collect();
    if sorted.iter().any(|area| area.counts.hides(Part::States)) {
        marks.push((Mark::Swatch(Ink::Grid), words.rest_hidden().to_owned()));
    }
    let key_words: Vec<&str> = marks.iter().map(|(_, word)| word.as_str()).collect();
    let key_room = key_height(inner_width(look.form), &key_words) + dots(8);
    let grid = Grid::of(look, sorted.len(), body_height(look, context, &caption, 0) - key_room);
    picture(look, context, &caption, key_room + grid.rows * grid.row, |sheet, field| {
        key(sheet, field, &marks);
        let columns = Columns::of(&sorted, words);
        for (at, area) in (0_i32..).zip(sorted) {
            let width = (field.width() - (grid.columns - 1) * dots(28)) / grid.columns;
            let left = field.left + (at / grid.rows) * (width + dots(28));
            let top = field.top + key_room + (at % grid.rows) * grid.row;
            let line = Field { left, top, right: left + width, bottom: top + grid.row };
            match look.form {
                Form::Narrow => narrow_row(sheet, line, area, context, words),
                Form::Wide => wide_row(sheet, line, columns, area, context, words),
                Form::Share => small_row(sheet, line, area, words),
            }
        }
    })
}

/// In how many rows and columns the hamlets stand, and how high a row is, dots.
struct Grid {
    rows: i32,
    columns: i32,
    row: i32,
}

impl Grid {
    /// Lays out so many hamlets; `room` is the height there is, in a picture to share.
    fn of(look: Look, hamlets: usize, room: i32) -> Self {
        let hamlets = i32::try_from(hamlets).unwrap_or(1_000).max(1);
        match look.form {
            Form::Narrow => Self { rows: hamlets, columns: 1, row: dots(42) },
            Form::Wide => Self { rows: hamlets, columns: 1, row: dots(26) },
            Form::Share => {
                let columns = match hamlets {
                    ..=10 => 1,
                    11..=36 => 2,
                    37.. => 3,
                };
                let rows = hamlets.div_euclid(columns) + i32::from(hamlets.rem_euclid(columns) > 0);
                Self { rows, columns, row: (room / rows).min(dots(24)) }
            }
        }
    }
}

/// A hamlet in a picture to share: its name, its bar and its share, as small as they must be.
fn small_row(sheet: &Sheet, line: Field, area: &AreaShare, words: Words) {
    let size = (line.height() / dots(1) * 3 / 4).clamp(7, 13);
    let (name, share) = (Type { size, ..NAME }, Type { size, ..SHARE });
    let baseline = line.bottom - (line.height() - dots(size) * 3 / 4) / 2;
    let names = line.width() * 2 / 5;
    sheet.text(&name.shorten(&area.name, names), (line.left, baseline), name);
    sheet.text(&figures(area, words).0, (line.right, baseline), share);
    let gap = (line.height() / 5).max(2);
    let right = line.right - share.width("100,00\u{a0}%") - dots(8);
    states_bar(
        sheet,
        Field { left: line.left + names + dots(8), top: line.top + gap, right, bottom: line.bottom - gap },
        &area.counts,
    );
}

/// How a hamlet's name, its share and its households are set.
const NAME: Type = Type::new(14, Ink::Text);

const SHARE: Type = Type::new(14, Ink::Text).bold().at(Side::End);
const HOUSEHOLDS: Type = Type::new(13, Ink::Muted).at(Side::End);

/// Room for names beside the bars, dots; longer ones are cut.
const NAME_ROOM: i32 = dots(270);

/// Widths of the wide form's columns of text, dots.
#[derive(Clone, Copy)]
struct Columns {
    names: i32,
    shares: i32,
    households: i32,
}

impl Columns {
    fn of(areas: &[&AreaShare], words: Words) -> Self {
        let widest = |of: &dyn Fn(&AreaShare) -> i32| areas.iter().map(|area| of(area)).max().unwrap_or(0);
        Self {
            names: widest(&|area| NAME.width(&area.name)).min(NAME_ROOM),
            shares: widest(&|area| SHARE.width(&figures(area, words).0)),
            households: widest(&|area| HOUSEHOLDS.width(&figures(area, words).1)),
        }
    }
}

fn sorted(areas: &[AreaShare]) -> Vec<&AreaShare> {
    let mut sorted: Vec<&AreaShare> = areas.iter().collect();
    sorted.sort_by(|a, b| b.counts.share().cmp(&a.counts.share()).then_with(|| a.name.cmp(&b.name)));
    sorted
}

fn wide_row(sheet: &Sheet, line: Field, columns: Columns, area: &AreaShare, context: &Context, words: Words) {
    let baseline = line.top + dots(17);
    let bar_left = line.left + columns.names + dots(14);
    let share_right = line.right - columns.households - dots(14);
    let bar_right = share_right - columns.shares - dots(12);
    write_name(sheet, area, (line.left, baseline), NAME, columns.names, context);
    let bar = Field { left: bar_left, top: line.top + dots(3), right: bar_right, bottom: line.bottom - dots(5) };
    states_bar(sheet, bar, &area.counts);
    let (share, households) = figures(area, words);
    sheet.text(&share, (share_right, baseline), SHARE);
    sheet.text(&households, (line.right, baseline), HOUSEHOLDS);
}

fn narrow_row(sheet: &Sheet, line: Field, area: &AreaShare, context: &Context, words: Words) {
    let (share, households) = figures(area, words);
    let baseline = line.top + dots(15);
    let small = Type { size: 12, ..HOUSEHOLDS };
    let share_left = line.right - SHARE.width(&share);
    let households_right = share_left - dots(8);
    sheet.text(&share, (line.right, baseline), SHARE);
    sheet.text(&households, (households_right, baseline), small);
    let room = households_right - small.width(&households) - dots(8) - line.left;
    write_name(sheet, area, (line.left, baseline), NAME, room, context);
    let bar = Field { top: line.top + dots(20), bottom: line.top + dots(34), ..line };
    states_bar(sheet, bar, &area.counts);
}

fn write_name(sheet: &Sheet, area: &AreaShare, at: (i32, i32), kind: Type, room: i32, context: &Context) {
    let name = kind.shorten(&area.name, room);
    match &context.area_href {
        Some(prefix) => {
            sheet.link(&format!("{prefix}{}", path_segment(area.area.as_str())), || sheet.text(&name, at, kind));
        }
        None => sheet.text(&name, at, kind),
    }
}

/// Escapes a code for use within a path (RFC 3986, 2.3: only unreserved characters stand as they are).
fn path_segment(code: &str) -> String {
    code.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn figures(area: &AreaShare, words: Words) -> (String, String) {
    match area.counts.share() {
        Some(share) => (percent(share, words.0), words.households(area.counts.eligible().unwrap_or(0))),
        None => ("–".to_owned(), words.households(area.counts.eligible().unwrap_or(0))),
    }
}

/// Draws S, U and N of a field's full width; S alone before a pale rest where the others are hidden; an outline where there is no
/// eligible household or nothing is told.
pub(super) fn states_bar(sheet: &Sheet, bar: Field, counts: &Shown) {
    let Some(parts) = parts(counts, bar.width()) else {
        sheet.rect(bar, Ink::Grid);
        sheet.rect(
            Field { left: bar.left + 4, top: bar.top + 4, right: bar.right - 4, bottom: bar.bottom - 4 },
            Ink::Paper,
        );
        return;
    };
    let first = bar.left + parts.sorting;
    match parts.undetermined {
        Some(undetermined) => {
            let second = first + undetermined;
            sheet.rect(Field { left: first, right: second, ..bar }, Ink::Undetermined);
            sheet.rect(Field { right: first, ..bar }, Ink::Sorting);
            sheet.rect(Field { left: second, ..bar }, Ink::NotSorting);
        }
        None => {
            sheet.rect(Field { left: first, ..bar }, Ink::Grid);
            sheet.rect(Field { right: first, ..bar }, Ink::Sorting);
        }
    }
}

/// Lengths of S and U within a bar; N is the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub sorting: i32,
    /// `None`: U and N are not told apart.
    pub undetermined: Option<i32>,
}

/// Gives the lengths of S and U within `length`; a part that is not empty is at least a dot long. `None` when E = 0 or S is hidden.
pub(super) fn parts(counts: &Shown, length: i32) -> Option<Parts> {
    let (eligible, sorting) = (counts.eligible().filter(|eligible| *eligible > 0)?, counts.sorting()?);
    let part = |count: i64| {
        let exact = i128::from(count) * i128::from(length) / i128::from(eligible);
        i32::try_from(exact).unwrap_or(length).max(i32::from(count > 0))
    };
    let Some((not_sorting, undetermined)) = counts.not_sorting().zip(counts.undetermined_total()) else {
        return Some(Parts { sorting: part(sorting), undetermined: None });
    };
    if undetermined == 0 {
        let sorting = if not_sorting == 0 { length } else { part(sorting) };
        return Some(Parts { sorting, undetermined: Some(0) });
    }
    Some(Parts { sorting: part(sorting), undetermined: Some(length - part(sorting) - part(not_sorting)) })
}

fn label(sorted: &[&AreaShare], words: Words, context: &Context) -> String {
    let title = words.areas_title(context);
    let known: Vec<&&AreaShare> = sorted.iter().filter(|area| area.counts.share().is_some()).collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return format!("{title}.") };
    let lang = words.0;
    let figure = |area: &AreaShare| format!("{} {}", area.name, figures(area, words).0);
    let count = i64::try_from(sorted.len()).unwrap_or(i64::MAX);
    match lang {
        Lang::Vi => {
            format!("{title}. {} thôn; cao nhất {}, thấp nhất {}.", whole(count, lang), figure(first), figure(last))
        }
        Lang::En => {
            format!("{title}. {} hamlets; highest {}, lowest {}.", whole(count, lang), figure(first), figure(last))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Counts;

    fn counts(sorting: i64, undetermined: i64, not_sorting: i64) -> Counts {
        Counts {
            eligible: sorting + undetermined + not_sorting,
            sorting,
            not_sorting,
            undetermined: [0, 0, 0, undetermined, 0],
            ..Counts::default()
        }
    }

    #[test]
    fn a_bar_is_full_of_sorting_only_when_everybody_sorts() {
        let of = |counts: Counts| parts(&Shown::all(counts), 1_000);
        assert_eq!(of(counts(7, 0, 0)), Some(Parts { sorting: 1_000, undetermined: Some(0) }));
        let nearly = of(counts(99_999, 1, 0)).unwrap();
        assert!(nearly.sorting < 1_000 && nearly.undetermined > Some(0));
        assert_eq!(of(counts(0, 0, 0)), None);
    }

    #[test]
    fn what_is_hidden_has_no_length() {
        let hidden = |part| parts(&Shown::without(counts(50, 46, 4), [part]), 1_000);
        assert_eq!(hidden(Part::States), Some(Parts { sorting: 500, undetermined: None }));
        assert_eq!(hidden(Part::Sorting), None);
    }

    #[test]
    fn a_code_is_escaped_in_a_link() {
        assert_eq!(path_segment("thôn 1/2"), "th%C3%B4n%201%2F2");
    }
}
