//! Letters with households' private codes: three an A4 sheet, each of the size that an envelope of a third of A4 takes.

use qrcode::EcLevel;

use super::paper::{A4, BAND, GREY, HAIR, Pen, Sheets, Type};
use super::words::Words;
use super::{NoPdf, Paper};

/// Letters on a sheet.
pub const LETTERS_A_SHEET: usize = 3;
const HEIGHT: f32 = A4.1 / 3.0;
/// Left and right margin, millimetres.
const MARGIN: f32 = 14.0;
/// Side of the code with its quiet zone, millimetres.
const CODE: f32 = 52.0;

/// A letter.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The household's code in the register, for whoever hands the letters out.
    pub household: String,
    /// Where it is handed out.
    pub place: String,
    /// Name of the household's head and its address. `None`: they are not printed.
    pub person: Option<(String, String)>,
    /// The private code, as it is typed.
    pub code: String,
}

/// Letters to print.
#[derive(Clone, Debug)]
pub struct Letters {
    /// What every paper says.
    pub paper: Paper,
    /// The address where the code is typed: `https://rac.example/h`.
    pub address: String,
    /// Whom to ask, as the commune's file says; empty: the usual.
    pub contact: String,
    /// The letters, in the order in which they are printed.
    pub letters: Vec<Letter>,
}

impl Letters {
    /// Gives the number of sheets.
    pub fn sheets(&self) -> usize {
        self.letters.len().div_ceil(LETTERS_A_SHEET)
    }

    /// Makes the PDF; `tell` hears how many sheets are drawn. Call it off the async threads.
    ///
    /// # Errors
    /// When an address is too long for a QR code, or the document cannot be written.
    pub fn pdf(&self, tell: impl Fn(usize)) -> Result<Vec<u8>, NoPdf> {
        let words = Words(self.paper.lang);
        let mut sheets = Sheets::new(&format!("{} – {}", words.letters_title(), self.paper.commune), self.paper.lang);
        for (number, letters) in self.letters.chunks(LETTERS_A_SHEET).enumerate() {
            sheets.sheet(|pen| {
                for (at, letter) in letters.iter().enumerate() {
                    let top = f32::from(u16::try_from(at).unwrap_or(0)) * HEIGHT;
                    if at > 0 {
                        pen.line(&[(4.0, top), (A4.0 - 4.0, top)], HAIR, 0.15, Some(1.2));
                    }
                    self.letter(pen, top, letter)?;
                }
                Ok(())
            })?;
            tell(number + 1);
        }
        sheets.finish()
    }

    fn letter(&self, pen: &mut Pen<'_, '_>, top: f32, letter: &Letter) -> Result<(), NoPdf> {
        let words = Words(self.paper.lang);
        let (left, right) = (MARGIN, A4.0 - MARGIN);
        let mut y = top + 9.0;
        if self.paper.simulated {
            pen.rect((left, y - 3.0), (right - left, 5.2), BAND);
            pen.text_amid(words.simulated_letter(), (A4.0 / 2.0, y + 0.7), Type::new(8.5).bold());
            y += 6.0;
        }
        let (commune, quiet) = (Type::new(10.0).bold(), Type::new(8.0).ink(GREY));
        y += 3.0;
        pen.text(&commune.shorten(&self.paper.commune, 90.0), (left, y), commune);
        let whom = [words.for_household(), letter.household.as_str(), letter.place.as_str()];
        let whom = whom.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        pen.text_to(&quiet.shorten(&whom, 85.0), (right, y), quiet);
        y += 2.0;
        pen.line(&[(left, y), (right, y)], HAIR, 0.2, None);
        let code_top = y + 2.0;
        let address = format!("{}/{}", self.address, letter.code);
        pen.code(&address, EcLevel::M, (right - CODE, code_top), CODE)?;
        let width = right - CODE - 4.0 - left;
        if let Some((name, address)) = &letter.person {
            for (text, kind) in [(name, Type::new(9.5).bold()), (address, Type::new(8.5))] {
                for line in kind.wrap(text, width, 1) {
                    y += 4.4;
                    pen.text(&line, (left, y), kind);
                }
            }
        }
        y += 6.8;
        let title = Type::new(12.0).bold();
        pen.text(&title.shorten(words.letter(), width), (left, y), title);
        y += 1.4;
        let mut paragraph = |pen: &mut Pen<'_, '_>, text: &str, kind: Type, most: usize| {
            for line in kind.wrap(text, width, most) {
                y += kind.size * 0.5;
                pen.text(&line, (left, y), kind);
            }
            y += 1.6;
        };
        let body = Type::new(8.5);
        paragraph(pen, words.what_for(), body, 4);
        paragraph(pen, words.scan_or_type(), body, 2);
        paragraph(pen, &self.address, Type::new(10.0).bold(), 1);
        paragraph(pen, &letter.code, Type::new(15.0).bold(), 1);
        paragraph(pen, words.keep(), body, 3);
        paragraph(pen, &words.ask(&self.contact), body, 2);
        Ok(())
    }
}
