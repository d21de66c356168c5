//! CSV files of figures, as a spreadsheet opens them.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Writes rows as CSV in UTF-8 with a header. A text that a spreadsheet would take for a formula gets a `'` before it.
pub fn csv_file(name: &str, head: &[&str], rows: Vec<Vec<String>>) -> Result<Response, Problem> {
    let broken = |error: csv::Error| Problem::internal("writing a CSV file", &error);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head).map_err(broken)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| guarded(cell))).map_err(broken)?;
    }
    let bytes = writer.into_inner().map_err(|error| Problem::internal("writing a CSV file", error.error()))?;
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""))
        .map_err(|error| Problem::internal("naming a CSV file", &error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
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
        assert_eq!(maybe::<i64>(None), "");
    }
}
