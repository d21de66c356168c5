//! The OpenAPI document, with the roles of the route table, and its browser (Swagger UI from within the program).

use std::sync::{Arc, OnceLock};

use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::Config;

use super::problem::Problem;
use super::table::{May, routes};
use super::{api, events, pictures};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "phanloai",
        description = "Household waste sorting, measured. Percentages are numbers with two decimals or null, masses whole grams, \
            days `YYYY-MM-DD` in the commune's time zone, instants RFC 3339. Errors are problem documents (RFC 9457). \
            Sign in with a token: `phanloai user token NAME`."
    ),
    paths(
        api::sorting_share, api::series, api::areas, api::points, api::point_series, api::tonnage, api::visiting_of, api::indicators, api::tickets, api::states, api::pickups,
        api::write_round, api::write_pickup, api::write_void, api::write_finding, api::write_visit, api::write_visit_void,
        api::write_pathway, api::write_attempt, api::visit_now, api::visit_list, api::evidence, api::devices, api::device_days,
        api::gaps, api::alerts, api::acknowledge_alert,
        api::crew_now, api::crew_rounds, api::crew_round, api::crew_weight, api::write_report, api::crew_reports, api::write_photo,
        api::photo, api::erase_photo, api::quarantine, api::quarantined, api::replay,
        api::reports, api::report, api::report_text, api::report_csv, api::verify_report, api::close_report, api::healthz, api::readyz, pictures::picture, events::events
    ),
    components(schemas(Problem)),
    modifiers(&Schemes)
)]
struct Document;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new("session"));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
}

/// Gives the document with each operation's roles in `x-roles` and its description.
fn described() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = serde_json::to_value(Document::openapi()).expect("the document is plain data");
        for route in routes() {
            let method = if route.method == Method::GET { "get" } else { "post" };
            let Some(operation) = document.pointer_mut(&format!("/paths/{}/{method}", route.path.replace('/', "~1")))
            else {
                continue;
            };
            let roles: Vec<&str> = route.may.roles().iter().map(|role| role.as_str()).collect();
            let who = if roles.is_empty() { "everyone".to_owned() } else { roles.join(", ") };
            let before = operation["description"].as_str().unwrap_or_default();
            let description = format!("{before}\n\n**Roles:** {who}");
            operation["description"] = json!(description.trim_start());
            operation["x-roles"] = json!(if roles.is_empty() { vec!["public"] } else { roles });
            if route.may != May::Public {
                operation["security"] = json!([{ "token": [] }, { "session": [] }]);
            }
        }
        document
    })
}

/// Answers with the document.
pub async fn document() -> Json<&'static Value> {
    Json(described())
}

/// Leads to the browser, whose files stand beside its start.
pub async fn to_browser() -> Redirect {
    Redirect::to("/api/docs/")
}

/// Answers with the browser's start.
pub async fn browser_start() -> Result<Response, Problem> {
    browser("index.html")
}

/// Answers with a file of the browser.
pub async fn browser_file(Path(file): Path<String>) -> Result<Response, Problem> {
    browser(&file)
}

fn browser(file: &str) -> Result<Response, Problem> {
    let config = Arc::new(Config::from("/api/openapi.json").use_base_layout().validator_url("none"));
    let found = utoipa_swagger_ui::serve(file, config)
        .map_err(|error| Problem::not_found(format!("no file `{file}`: {error}")))?;
    let found = found.ok_or_else(|| Problem::not_found(format!("no file `{file}` in the API browser")))?;
    let kind =
        HeaderValue::from_str(&found.content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let keep = HeaderValue::from_static("public, max-age=3600");
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], found.bytes.into_owned()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::table::Reader;

    #[test]
    fn every_route_for_programs_is_in_the_document_with_its_roles() {
        let document = described();
        for route in routes() {
            let own = ["/api/v1/", "/charts/", "/healthz", "/readyz", "/events"];
            if route.reader != Reader::Program || !own.iter().any(|start| route.path.starts_with(start)) {
                continue;
            }
            let method = route.method.as_str().to_lowercase();
            let operation = &document["paths"][route.path][&method];
            assert!(operation.is_object(), "{method} {} is missing from the OpenAPI document", route.path);
            let roles: Vec<&str> = route.may.roles().iter().map(|role| role.as_str()).collect();
            let expected = if roles.is_empty() { json!(["public"]) } else { json!(roles) };
            assert_eq!(operation["x-roles"], expected, "{}", route.path);
        }
    }

    #[test]
    fn the_document_names_no_route_that_is_not_served() {
        let known: Vec<&str> = routes().iter().map(|route| route.path).collect();
        let document = described();
        for path in document["paths"].as_object().expect("paths").keys() {
            assert!(known.contains(&path.as_str()), "{path}");
        }
    }
}
