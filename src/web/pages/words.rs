//! The definitions page: the documentation's own text, rendered.

use std::sync::{Arc, OnceLock};

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Html;
use pulldown_cmark::{Options, Parser, html};

use super::{frame, shown};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::views::plain::Definitions;

const VI: &str = include_str!("../../../docs/definitions.vi.md");
const EN: &str = include_str!("../../../docs/definitions.en.md");

/// Shows the definition of every figure.
pub async fn definitions(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    frame.title = frame.t.definitions.to_owned();
    let html = rendered(frame.lang).to_owned();
    shown(&Definitions { frame, html })
}

fn rendered(lang: Lang) -> &'static str {
    static RENDERED: [OnceLock<String>; 2] = [const { OnceLock::new() }; 2];
    let (place, markdown) = match lang {
        Lang::Vi => (0, VI),
        Lang::En => (1, EN),
    };
    RENDERED[place].get_or_init(|| {
        let mut page = String::new();
        html::push_html(&mut page, Parser::new_ext(markdown, Options::ENABLE_TABLES));
        // A wide table scrolls in its frame, and stays a table.
        page.replace("<table>", "<div class=\"scroll\"><table>").replace("</table>", "</table></div>")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_define_the_share_at_the_same_anchor() {
        for lang in [Lang::Vi, Lang::En] {
            let page = rendered(lang);
            assert!(page.contains("id=\"sorting-share\""), "{lang:?}");
            assert!(page.contains("<table>"), "{lang:?}");
        }
    }
}
