//! The share beside the figures that are often taken for it: one bar each, on one day, each with its own denominator.

use super::Chart;
use super::look::{Context, Form, Lang, Look};
use super::number::{percent, whole};
use super::palette::Ink;
use super::sheet::{Caption, Field, Sheet, Side, Type, body_height, dots, empty_picture, picture};
use super::words::Words;
use crate::domain::units::Percent;
use crate::indicators::{Badge, Shown};

/// One figure's row.
struct Row {
    name: &'static str,
    /// What is divided by what, in short.
    of: String,
    value: Option<Percent>,
    /// Hatched from the value up to here.
    upper: Option<Percent>,
    /// The headline is solid; the others are quieter.
    headline: bool,
    /// Marks where the badge changes.
    grades: bool,
}

/// Draws enrolled, at least one group, sorting with its upper bound, WRAP's two rates, and the coverage with the badge's limits.
pub fn companions(counts: &Shown, look: Look, context: &Context) -> Chart {
    let words = Words(look.lang);
    let caption = Caption {
        kind: "companions",
        title: words.companions_title(context),
        subtitle: words.definition(words.companions_definition(), context),
        label: label(counts, words, context),
        source: true,
    };
    if counts.is_nobody() {
        return empty_picture(look, context, &caption, words.no_shares());
    }
    let rows = rows(counts, words);
    let height = match look.form {
        Form::Narrow => dots(54),
        Form::Wide | Form::Share => dots(34),
    };
    let count = i32::try_from(rows.len()).unwrap_or(6).max(1);
    let room = body_height(look, context, &caption, count * height + dots(22));
    let height = height.min((room - dots(22)) / count);
    picture(look, context, &caption, room, |sheet, field| {
        let columns = Columns::of(&rows, look);
        let mut top = field.top + dots(4);
        for row in &rows {
            draw(sheet, Field { top, bottom: top + height, ..field }, row, columns, look);
            top += height;
        }
    })
}

fn rows(counts: &Shown, words: Words) -> Vec<Row> {
    let households = |part: Option<i64>, all: Option<i64>| match part.zip(all) {
        Some((part, all)) => format!("{} / {}", whole(part, words.0), words.households(all)),
        None => words.hidden().to_owned(),
    };
    let of_all = |part: Option<i64>| households(part, counts.eligible());
    let opportunities = match counts.set_outs().zip(counts.opportunities()) {
        Some((set_outs, opportunities)) => words.opportunities(set_outs, opportunities),
        None => words.hidden().to_owned(),
    };
    let known = counts.sorting().zip(counts.not_sorting()).map(|(sorting, not_sorting)| sorting + not_sorting);
    let names = words.companions();
    let row = |name, of, value| Row { name, of, value, upper: None, headline: false, grades: false };
    vec![
        row(names[0], of_all(counts.enrolled()), counts.enrolled_share()),
        row(names[1], of_all(counts.at_least_one()), counts.at_least_one_share()),
        Row { upper: counts.upper(), headline: true, ..row(names[2], of_all(counts.sorting()), counts.share()) },
        row(names[3], households(counts.participating(), counts.measured()), counts.participation()),
        row(names[4], opportunities, counts.set_out()),
        Row { grades: true, ..row(names[5], of_all(known), counts.coverage()) },
    ]
}

const NAME: Type = Type::new(14, Ink::Text);
const OF: Type = Type::new(12, Ink::Muted);
const VALUE: Type = Type::new(14, Ink::Text).bold().at(Side::End);

/// Widths of the wide form's texts beside the bars, dots.
#[derive(Clone, Copy)]
struct Columns {
    names: i32,
    ofs: i32,
    values: i32,
}

impl Columns {
    fn of(rows: &[Row], look: Look) -> Self {
        let widest = |of: &dyn Fn(&Row) -> i32| rows.iter().map(of).max().unwrap_or(0);
        Self {
            names: widest(&|row| NAME.width(row.name)),
            ofs: widest(&|row| OF.width(&row.of)),
            values: widest(&|row| VALUE.width(&value(row, look.lang))),
        }
    }
}

fn value(row: &Row, lang: Lang) -> String {
    row.value.map_or_else(|| "–".to_owned(), |value| percent(value, lang))
}

fn draw(sheet: &Sheet, line: Field, row: &Row, columns: Columns, look: Look) {
    let kind = if row.headline { NAME.bold() } else { NAME };
    let bar = match look.form {
        Form::Wide | Form::Share => {
            let baseline = line.top + dots(20);
            sheet.text(row.name, (line.left, baseline), kind);
            sheet.text(&value(row, look.lang), (line.right, baseline), VALUE);
            let ofs_right = line.right - columns.values - dots(12);
            sheet.text(&row.of, (ofs_right, baseline), OF.at(Side::End));
            let left = line.left + columns.names + dots(28);
            Field {
                left,
                right: ofs_right - columns.ofs - dots(14),
                top: line.top + dots(6),
                bottom: line.bottom - dots(8),
            }
        }
        Form::Narrow => {
            let baseline = line.top + dots(14);
            let figure = value(row, look.lang);
            sheet.text(row.name, (line.left, baseline), kind);
            sheet.text(&figure, (line.right, baseline), VALUE);
            sheet.text(&row.of, (line.left, baseline + dots(16)), OF);
            Field { top: baseline + dots(21), bottom: line.bottom - dots(6), ..line }
        }
    };
    let at = |share: Percent| {
        let along = i64::from(bar.width()) * i64::from(share.hundredths().min(10_000)) / 10_000;
        bar.left + i32::try_from(along).unwrap_or(0)
    };
    sheet.rect(bar, Ink::Grid);
    if let Some(value) = row.value {
        if let Some(upper) = row.upper {
            sheet.rect(Field { left: at(value), right: at(upper), ..bar }, Ink::Undetermined);
        }
        let ink = if row.headline { Ink::Sorting } else { Ink::Device };
        sheet.rect(Field { right: at(value), ..bar }, ink);
    }
    if row.grades {
        for limit in [Badge::INDICATIVE_FROM, Badge::SUFFICIENT_FROM] {
            let x = at(limit);
            sheet.line(vec![(x, bar.top - dots(3)), (x, bar.bottom + dots(3))], Ink::Axis, 8);
            let text = super::number::percent_plain(limit, look.lang);
            sheet.text(&text, (x, bar.bottom + dots(14)), Type::new(11, Ink::Muted).at(Side::Middle));
        }
    }
}

fn label(counts: &Shown, words: Words, context: &Context) -> String {
    let figures: Vec<String> =
        rows(counts, words).iter().map(|row| format!("{} {}", row.name, value(row, words.0))).collect();
    format!("{}. {}.", words.companions_title(context), figures.join("; "))
}
