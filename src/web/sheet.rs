//! CSV files of figures, as a spreadsheet opens them.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::download::line;
use super::problem::Problem;

/// Writes rows as CSV (RFC 4180) in UTF-8 with a header. A text that a spreadsheet would take for a formula gets a `'` before it.
pub fn csv_file(name: &str, head: &[&str], rows: Vec<Vec<String>>) -> Result<Response, Problem> {
    let mut text = String::new();
    line(&mut text, head.iter().copied());
    for row in &rows {
        line(&mut text, row.iter().map(String::as_str));
    }
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""))
        .map_err(|error| Problem::internal("naming a CSV file", &error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, text).into_response())
}

/// Gives the text of what may be absent: empty then, never 0.
pub fn maybe<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_empty() {
        assert_eq!(maybe::<i64>(None), "");
    }
}
