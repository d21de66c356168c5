//! Tables as CSV files for a spreadsheet: UTF-8 with a byte order mark, so that every spreadsheet reads the Vietnamese.

use std::fmt::Write as _;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

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

fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let guard = if cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@']) { "'" } else { "" };
        let quote = if cell.contains(['"', ',', '\n', '\r']) { "\"" } else { "" };
        write!(text, "{comma}{quote}{guard}{}{quote}", cell.replace('"', "\"\"")).expect("a String takes everything");
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_cell_whatever_it_holds() {
        let mut text = String::new();
        line(&mut text, ["TM-1", "=1+1", "Nguyễn, \"Văn\"", "-5", ""].into_iter());
        assert_eq!(text, "TM-1,'=1+1,\"Nguyễn, \"\"Văn\"\"\",'-5,\r\n");
    }
}
