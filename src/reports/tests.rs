//! What stands on the papers, read back from the PDF: the codes as a camera reads them.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::*;
use crate::domain::card::CardNumber;

/// Pixels a millimetre.
const SCALE: f32 = 6.0;
const WIDTH: usize = 1_260;
const HEIGHT: usize = 1_782;

fn paper() -> Paper {
    Paper { lang: Lang::Vi, commune: "xã Thử Nghiệm".to_owned(), streams: Vec::new(), simulated: true }
}

/// Gives the drawing of each page, uncompressed.
fn drawings(pdf: &[u8]) -> Vec<String> {
    let (begin, end) = (b"stream\n".as_slice(), b"endstream".as_slice());
    let find = |from: usize, what: &[u8]| {
        pdf[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = find(from, begin) {
        let start = at + begin.len();
        let stop = find(start, end).unwrap();
        let mut bytes = Vec::new();
        if ZlibDecoder::new(&pdf[start..stop]).read_to_end(&mut bytes).is_ok() && bytes.starts_with(b"q ") {
            found.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        from = stop + end.len();
    }
    found
}

/// A part of a page: left, top, width and height in millimetres.
type Cell = (f32, f32, f32, f32);

/// Paints a page's black rectangles and reads the QR codes that they make, of each part of the page the first.
fn read_codes(drawing: &str, cells: &[Cell]) -> Vec<String> {
    let mut dark = vec![false; WIDTH * HEIGHT];
    let (mut numbers, mut path, mut is_black) = (Vec::<f32>::new(), Vec::<(f32, f32)>::new(), false);
    let mut matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let mut outer = Vec::new();
    let mut boxes = Vec::new();
    for word in drawing.split_whitespace() {
        if let Ok(number) = word.parse::<f32>() {
            numbers.push(number);
            continue;
        }
        match (word, numbers.as_slice()) {
            ("q", _) => outer.push((matrix, is_black)),
            ("Q", _) => (matrix, is_black) = outer.pop().unwrap(),
            ("cm", &[a, _, _, d, e, f]) => {
                let [own_a, _, _, own_d, own_e, own_f] = matrix;
                matrix = [a * own_a, 0.0, 0.0, d * own_d, e * own_a + own_e, f * own_d + own_f];
            }
            ("rg", &[red, green, blue]) => is_black = red + green + blue == 0.0,
            ("g", &[grey]) => is_black = grey == 0.0,
            ("m" | "l", &[x, y]) => path.push((x * matrix[0] + matrix[4], y * matrix[3] + matrix[5])),
            ("h", _) => boxes.push(std::mem::take(&mut path)),
            ("f" | "f*", _) => {
                for of in std::mem::take(&mut boxes).iter().filter(|_| is_black) {
                    paint(&mut dark, of);
                }
            }
            _ => path.clear(),
        }
        numbers.clear();
    }
    cells
        .iter()
        .filter_map(|of| {
            let pixels = |millimetres: f32| whole(millimetres * SCALE);
            let (left, top, width, height) = (pixels(of.0), pixels(of.1), pixels(of.2), pixels(of.3));
            let at = |x: usize, y: usize| dark[((top + y) * WIDTH + left + x).min(WIDTH * HEIGHT - 1)];
            let mut image = rqrr::PreparedImage::prepare_from_bitmap(width, height, at);
            image.detect_grids().first().map(|grid| grid.decode().unwrap().1)
        })
        .collect()
}

/// Gives a number of pixels. Counted up, since nothing converts a fraction without `as`.
fn whole(pixels: f32) -> usize {
    (0..=u16::MAX).find(|number| f32::from(*number) + 0.5 > pixels).map(usize::from).unwrap()
}

/// Paints a rectangle given by its corners, in points from the lower left of A4.
fn paint(dark: &mut [bool], corners: &[(f32, f32)]) {
    let pixel = |points: f32| (points / 72.0 * 25.4 * SCALE).round();
    let ends = |of: fn(&(f32, f32)) -> f32| {
        let all = || corners.iter().map(of);
        (pixel(all().fold(f32::MAX, f32::min)), pixel(all().fold(0.0, f32::max)))
    };
    let ((left, right), (low, high)) = (ends(|at| at.0), ends(|at| at.1));
    let (left, right, low, high) = (whole(left), whole(right), whole(low), whole(high));
    for up in low..high {
        let row = (HEIGHT - 1 - up) * WIDTH;
        dark[row + left..row + right].fill(true);
    }
}

#[test]
fn the_codes_of_a_sheet_of_cards_are_read_back_and_hold_the_numbers_alone() {
    let numbers: Vec<CardNumber> = (1..=12_u8).map(|n| CardNumber::of([n, 17, 99, n, 201])).collect();
    let card = |number: &CardNumber| Card {
        number: number.clone(),
        household: Some(("Nguyễn Văn An".to_owned(), "Tổ 1".to_owned())),
        place: "Thôn A".to_owned(),
    };
    let sheets = CardSheets { paper: paper(), cards: numbers.iter().map(card).collect() };
    let drawings = drawings(&sheets.pdf(|_| ()).unwrap());
    assert_eq!((drawings.len(), sheets.sheets()), (2, 2));
    let cells: Vec<Cell> = [13.5, 67.5, 121.5, 175.5, 229.5]
        .into_iter()
        .flat_map(|top| [(19.4, top, 85.6, 54.0), (105.0, top, 85.6, 54.0)])
        .collect();
    let read: Vec<String> = drawings.iter().flat_map(|drawing| read_codes(drawing, &cells)).collect();
    let expected: Vec<String> = numbers.iter().map(|number| number.uid().to_string()).collect();
    assert_eq!(read, expected);
}

#[test]
fn the_code_of_a_letter_leads_to_the_household_s_page() {
    let letter = |code: &str| Letter {
        household: "TM-1".to_owned(),
        place: "Thôn A".to_owned(),
        person: None,
        code: code.to_owned(),
    };
    let letters = Letters {
        paper: paper(),
        address: "https://rac.example/h".to_owned(),
        contact: String::new(),
        letters: vec![letter("abcd-efgh-jkmn-pqrs-tuvw"), letter("bbcd-efgh-jkmn-pqrs-tuvw")],
    };
    let drawings = drawings(&letters.pdf(|_| ()).unwrap());
    let cells = [0.0, 99.0, 198.0].map(|top| (0.0, top, 210.0, 99.0));
    let read: Vec<String> = drawings.iter().flat_map(|drawing| read_codes(drawing, &cells)).collect();
    let expected = ["abcd", "bbcd"].map(|first| format!("https://rac.example/h/{first}-efgh-jkmn-pqrs-tuvw"));
    assert_eq!(read, expected);
}
