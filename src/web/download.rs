//! Tables as CSV files for a spreadsheet: UTF-8 with a byte order mark, so that every spreadsheet reads the Vietnamese.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::imports::{csv_line, guard};

/// Gives the file of a head and rows. A cell that a spreadsheet would take for a formula gets a `'` before it, as in every file of ours.
pub fn csv(name: &str, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Response {
    let mut text = String::from('\u{feff}');
    line(&mut text, head.iter().copied());
    for row in rows {
        line(&mut text, row.iter().map(String::as_str));
    }
    let named = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], text).into_response()
}

/// Writes a line: cells as texts, whatever they hold.
pub fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    let guarded: Vec<String> = cells.map(guard).collect();
    text.push_str(&csv_line(guarded.iter().map(String::as_str)));
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_cell_whatever_it_holds() {
        let mut text = String::new();
        line(&mut text, ["TM-1", "=1+1", "Nguyễn, \"Văn\"", "-5", "", "a;=1+1", "\t=1"].into_iter());
        assert_eq!(text, "TM-1,'=1+1,\"Nguyễn, \"\"Văn\"\"\",'-5,,\"a;=1+1\",\"'\t=1\"\r\n");
    }
}
