//! Households' cards on A4: ten a sheet, in the size of a bank card, with marks to cut along.

use qrcode::EcLevel;

use super::paper::{A4, BAND, BLACK, GREY, HAIR, Pen, Sheets, Type};
use super::words::Words;
use super::{NoPdf, Paper};
use crate::domain::card::CardNumber;

/// Width and height of a card, millimetres: ISO/IEC 7810, ID-1, to the tenth.
const CARD: (f32, f32) = (85.6, 54.0);
const COLUMNS: usize = 2;
const ROWS: usize = 5;
/// Cards on a sheet.
pub const CARDS_A_SHEET: usize = COLUMNS * ROWS;
/// Left and upper edge of the cards on a sheet, millimetres.
const EDGE: (f32, f32) = ((A4.0 - 2.0 * CARD.0) / 2.0, (A4.1 - 5.0 * CARD.1) / 2.0);
/// How far cut marks begin beside the cards, and how long they are, millimetres.
const MARKS: (f32, f32) = (1.5, 5.0);

/// A card.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its number: all that its code holds.
    pub number: CardNumber,
    /// Name of the household's head and its address. `None`: they are not printed.
    pub household: Option<(String, String)>,
    /// Where it is handed out; stands on the sheet beside the cards.
    pub place: String,
}

/// Cards to print.
#[derive(Clone, Debug)]
pub struct CardSheets {
    /// What every paper says.
    pub paper: Paper,
    /// The cards, in the order in which they are printed.
    pub cards: Vec<Card>,
}

impl CardSheets {
    /// Gives the number of sheets.
    pub fn sheets(&self) -> usize {
        self.cards.len().div_ceil(CARDS_A_SHEET)
    }

    /// Makes the PDF; `tell` hears how many sheets are drawn. Takes about half a millisecond a card: call it off the async threads.
    ///
    /// # Errors
    /// When the document cannot be written.
    pub fn pdf(&self, tell: impl Fn(usize)) -> Result<Vec<u8>, NoPdf> {
        let words = Words(self.paper.lang);
        let mut sheets = Sheets::new(&format!("{} – {}", words.cards_title(), self.paper.commune), self.paper.lang);
        for (number, cards) in self.cards.chunks(CARDS_A_SHEET).enumerate() {
            sheets.sheet(|pen| {
                marks(pen);
                for (at, card) in cards.iter().enumerate() {
                    let place = |number: usize| f32::from(u16::try_from(number).unwrap_or(0));
                    let corner = (EDGE.0 + place(at % COLUMNS) * CARD.0, EDGE.1 + place(at / COLUMNS) * CARD.1);
                    self.card(pen, corner, card)?;
                }
                self.foot(pen, number, cards);
                Ok(())
            })?;
            tell(number + 1);
        }
        sheets.finish()
    }

    /// Says beneath the cards which sheet it is and where its cards go.
    fn foot(&self, pen: &mut Pen<'_, '_>, number: usize, cards: &[Card]) {
        let first = number * CARDS_A_SHEET + 1;
        let text =
            Words(self.paper.lang).sheet(number + 1, self.sheets(), first, first + cards.len().saturating_sub(1));
        let mut places: Vec<&str> = cards.iter().map(|card| card.place.as_str()).filter(|of| !of.is_empty()).collect();
        places.dedup();
        // Between the cut marks, and above what many printers leave white.
        let kind = Type::new(7.0).ink(GREY);
        let baseline = EDGE.1 + 5.0 * CARD.1 + 5.0;
        let width = CARD.0 - 4.0;
        pen.text(&kind.shorten(&text, width), (EDGE.0 + 2.0, baseline), kind);
        if let (Some(first), Some(last)) = (places.first(), places.last()) {
            let place = if first == last { (*first).to_owned() } else { format!("{first} – {last}") };
            pen.text(&kind.shorten(&place, width), (EDGE.0 + CARD.0 + 2.0, baseline), kind);
        }
    }

    fn card(&self, pen: &mut Pen<'_, '_>, (left, top): (f32, f32), card: &Card) -> Result<(), NoPdf> {
        let words = Words(self.paper.lang);
        let mut y = top + 3.0;
        if self.paper.simulated {
            pen.rect((left + 3.0, y), (CARD.0 - 6.0, 4.6), BAND);
            let kind = Type::new(7.5).bold();
            pen.text_amid(words.simulated(), (left + CARD.0 / 2.0, y + 3.3), kind);
            y += 5.4;
        }
        let (name, what) = (Type::new(9.0).bold(), Type::new(7.5).ink(GREY));
        let what_width = what.width(words.card());
        y += 3.6;
        pen.text(&name.shorten(&self.paper.commune, CARD.0 - 11.0 - what_width), (left + 4.0, y), name);
        pen.text_to(words.card(), (left + CARD.0 - 4.0, y), what);
        y += 1.8;
        pen.line(&[(left + 4.0, y), (left + CARD.0 - 4.0, y)], HAIR, 0.2, None);
        y += 1.2;
        let side = (top + CARD.1 - 3.0 - y).min(36.0);
        // A quarter of the code may be scratched or dirty: level Q, in the smallest of QR codes.
        pen.code(card.number.uid().as_str(), EcLevel::Q, (left + 3.0, y), side)?;
        self.beside(pen, (left + 3.0 + side + 1.5, y + 1.0), (left + CARD.0 - 4.0, top + CARD.1 - 3.5), card);
        Ok(())
    }

    /// Writes what stands beside the code.
    fn beside(&self, pen: &mut Pen<'_, '_>, (left, top): (f32, f32), (right, bottom): (f32, f32), card: &Card) {
        let words = Words(self.paper.lang);
        let width = right - left;
        let (small, number) = (Type::new(6.5).ink(GREY), Type::new(13.0).bold());
        let mut y = top + 2.2;
        pen.text(words.number(), (left, y), small);
        y += 5.2;
        pen.text(&card.number.to_string(), (left, y), number);
        y += 2.0;
        if let Some((name, address)) = &card.household {
            for (text, kind, most) in [(name, Type::new(8.0).bold(), 1), (address, Type::new(7.0), 2)] {
                for line in kind.wrap(text, width, most) {
                    y += 3.3;
                    pen.text(&line, (left, y), kind);
                }
            }
            y += 1.0;
        } else {
            y += 3.0;
            pen.text(&small.shorten(words.show(), width), (left, y), small);
            y += 1.6;
        }
        let streams = &self.paper.streams;
        let count = u16::try_from(streams.len()).unwrap_or(1).max(1);
        y += 2.6;
        pen.text(words.sort(), (left, y), small);
        y += 1.2;
        let room = (bottom - y) / f32::from(count);
        // Two columns where one would be too small to read.
        let (columns, row): (u16, f32) =
            if room >= 3.6 { (1, room.min(5.6)) } else { (2, (bottom - y) / f32::from(count.div_ceil(2))) };
        let radius = (row * 0.44).min(2.3);
        let room = width / f32::from(columns) - 2.0 * radius - 2.0;
        let kind =
            fitting(streams.iter().map(|stream| stream.name_in(self.paper.lang)), (row * 1.75).clamp(5.5, 8.5), room);
        for (at, stream) in streams.iter().enumerate() {
            let place = |number: usize| f32::from(u16::try_from(number).unwrap_or(0));
            let column = width / f32::from(columns);
            let x = left + place(at % usize::from(columns)) * column;
            let middle = y + row * (place(at / usize::from(columns)) + 0.5);
            pen.stream((x + radius, middle), radius, stream);
            let name = kind.shorten(stream.name_in(self.paper.lang), room);
            pen.text(&name, (x + 2.0 * radius + 1.4, middle + kind.size * 0.125), kind);
        }
    }
}

/// Gives the greatest type, down to 5 points, in which the longest of some names fits.
fn fitting<'n>(names: impl Iterator<Item = &'n str> + Clone, size: f32, room: f32) -> Type {
    let kind = |size| Type::new(size).ink(BLACK);
    let widest = names.map(|name| kind(size).width(name)).fold(0.0, f32::max);
    kind(if widest > room { (size * room / widest).max(5.0) } else { size })
}

/// Draws where to cut: marks beyond the cards, and hairs between them.
fn marks(pen: &mut Pen<'_, '_>) {
    let (right, bottom) = (EDGE.0 + 2.0 * CARD.0, EDGE.1 + 5.0 * CARD.1);
    let (gap, length) = MARKS;
    for column in [0.0, 1.0, 2.0] {
        let x = EDGE.0 + column * CARD.0;
        pen.line(&[(x, EDGE.1), (x, bottom)], HAIR, 0.1, Some(0.8));
        pen.line(&[(x, EDGE.1 - gap - length), (x, EDGE.1 - gap)], BLACK, 0.15, None);
        pen.line(&[(x, bottom + gap), (x, bottom + gap + length)], BLACK, 0.15, None);
    }
    for row in [0.0, 1.0, 2.0, 3.0, 4.0, 5.0] {
        let y = EDGE.1 + row * CARD.1;
        pen.line(&[(EDGE.0, y), (right, y)], HAIR, 0.1, Some(0.8));
        pen.line(&[(EDGE.0 - gap - length, y), (EDGE.0 - gap, y)], BLACK, 0.15, None);
        pen.line(&[(right + gap, y), (right + gap + length, y)], BLACK, 0.15, None);
    }
}
