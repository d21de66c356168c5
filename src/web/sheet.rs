//! CSV files of figures, as a spreadsheet opens them.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Writes rows as CSV (RFC 4180) in UTF-8 with a header. A text that a spreadsheet would take for a formula gets a `'` before it.
pub fn csv_file(name: &str, head: &[&str], rows: Vec<Vec<String>>) -> Result<Response, Problem> {
    let mut text = line(head.iter().copied());
    for row in &rows {
        text.push_str(&line(row.iter().map(String::as_str)));
    }
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""))
        .map_err(|error| Problem::internal("naming a CSV file", &error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, text).into_response())
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&guarded(cell))).collect();
    format!("{}\r\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// Gives the text of what may be absent: empty then, never 0.
pub fn maybe<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_looks_like_a_formula_is_text() {
        assert_eq!(guarded("=1+1"), "'=1+1");
        assert_eq!(guarded("Thôn 1"), "Thôn 1");
        assert_eq!(line(["a", "b,\"c\""].into_iter()), "a,\"b,\"\"c\"\"\"\r\n");
        assert_eq!(maybe::<i64>(None), "");
    }
}
