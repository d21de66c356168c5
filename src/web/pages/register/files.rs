//! Files in and out: an upload is shown first, and recorded only when it is confirmed.
//!
//! # Why
//! The page that shows what would change carries the file itself, so nothing personal is kept on the server before somebody confirms,
//! and a restart in between loses nothing. It also carries the register's number: what is recorded is what was shown, or it is shown anew.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Multipart, Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::cells::{file_cells, told};
use super::rows::differences;
use super::{Filled, account, frame, kind, shown, whole_commune};
use crate::changes::{self, ChangeError, File, Preview};
use crate::domain::ids::HouseholdCode;
use crate::domain::proposal::{Proposal, Proposed};
use crate::domain::register::Row;
use crate::imports::{Fault, Format, ImportError, Kind};
use crate::store::Seen;
use crate::web::api::{log_look, propose};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::scope::household_of;
use crate::web::sign_in::encoded;
use crate::web::texts::{RegisterTexts, flaw, warning};
use crate::web::views::lists::Choice;
use crate::web::views::register::{Change, FaultLine, Files, PreviewPage};

/// Changes shown of a file; the others are counted.
const SHOWN: usize = 200;
/// Bytes of an uploaded file: ten thousand households are about 1 MB.
const FILE_MAX: usize = 16 * 1024 * 1024;

/// Shows what can be handed in and out.
pub async fn files(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let done = uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "done=1"));
    page(&site, &who, (&headers, &uri), None, None, done)
}

fn page(
    site: &Site,
    who: &Who,
    (headers, uri): (&HeaderMap, &Uri),
    chosen: Option<Kind>,
    error: Option<ImportError>,
    done: bool,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, r) = (frame.lang, frame.t.register);
    frame.title = r.files.to_owned();
    let kinds = Kind::ALL
        .iter()
        .map(|kind| Choice { value: kind.to_string(), label: r.kind(*kind).to_owned(), chosen: chosen == Some(*kind) })
        .collect();
    let error = error.unwrap_or_default();
    let total = i64::try_from(error.total).unwrap_or(i64::MAX);
    let more = error.total - error.faults.len();
    let view = Files {
        limited: whole_commune(who).is_err(),
        kinds,
        done,
        faults_found: if error.total > 0 { (r.faults_found)(&lang.count(total)) } else { String::new() },
        more: if more > 0 { (r.and_more)(&lang.count(i64::try_from(more).unwrap_or(i64::MAX))) } else { String::new() },
        faults: fault_lines(&error, lang, r),
        frame,
        r,
    };
    shown(&view)
}

/// Tells the faults of a file, each with its sheet, row, column and value.
pub fn fault_lines(error: &ImportError, lang: Lang, r: &RegisterTexts) -> Vec<FaultLine> {
    let named = |column: &str| {
        let known = Kind::ALL.iter().flat_map(|kind| kind.columns()).find(|known| known.name == column);
        known.map_or_else(|| column.to_owned(), |known| format!("{} ({column})", r.column(known.name)))
    };
    let line = |fault: &Fault| FaultLine {
        sheet: fault.sheet.clone(),
        row: fault.row.to_string(),
        column: named(&fault.column),
        value: fault.value.clone(),
        message: flaw(&fault.flaw, lang, r),
    };
    error.faults.iter().map(line).collect()
}

/// Reads an uploaded file and shows what it would change; records nothing.
pub async fn upload(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    mut parts: Multipart,
) -> Result<Response, Problem> {
    whole_commune(&who)?;
    let unreadable = |error: &dyn std::fmt::Display| {
        Problem::bad_value(format!(
            "the upload cannot be read: {error}; at most 16 MiB at once, so split a larger file"
        ))
    };
    let (mut word, mut bytes) = (String::new(), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(|error| unreadable(&error))? {
        match part.name() {
            Some("kind") => word = part.text().await.map_err(|error| unreadable(&error))?,
            Some("file") => bytes = part.bytes().await.map_err(|error| unreadable(&error))?.to_vec(),
            Some(_) | None => {}
        }
    }
    if bytes.len() > FILE_MAX {
        return Err(unreadable(&format!("the file has {} bytes", bytes.len())));
    }
    let kind = kind(&word)?;
    previewed(&site, &who, kind, &bytes, (&headers, &uri), String::new()).await
}

async fn previewed(
    site: &Site,
    who: &Who,
    kind: Kind,
    bytes: &[u8],
    (headers, uri): (&HeaderMap, &Uri),
    reason: String,
) -> Result<Response, Problem> {
    let commune = read::commune(site);
    let file = File { kind, format: Format::of(bytes), bytes };
    let preview = match changes::preview(&site.web.store, &commune, file, site.web.clock.now()).await {
        Ok(preview) => preview,
        Err(ChangeError::Store(error)) => return Err(error.into()),
        Err(ChangeError::Refused(error)) => {
            let page = page(site, who, (headers, uri), Some(kind), Some(error), false)?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        Err(error @ (ChangeError::NotYours(_) | ChangeError::NoProposal(_) | ChangeError::Busy)) => {
            return Err(Problem::unusable(error.to_string()));
        }
    };
    let codes: Vec<HouseholdCode> = households_shown(&preview).take(SHOWN).cloned().collect();
    log_look(site, who, "file preview", Seen::list(format!("kind={kind}"), codes, preview.rows)).await?;
    let moved = uri.path().ends_with("/confirm");
    let mut frame = frame(site, who, headers, uri);
    let (lang, r) = (frame.lang, frame.t.register);
    frame.title = format!("{}: {}", r.files, r.kind(kind));
    frame.here = "/register/files?".to_owned();
    let sums = preview.imported();
    let count = |number: usize| lang.count(i64::try_from(number).unwrap_or(i64::MAX));
    let mut changes = shown_changes(kind, &preview, &commune.zone, lang, r);
    let more = changes.len().saturating_sub(SHOWN);
    changes.truncate(SHOWN);
    let view = PreviewPage {
        kind: kind.as_str(),
        name: r.kind(kind),
        sums: (r.sums)(
            &count(sums.rows),
            &count(sums.new),
            &count(sums.changed - sums.new),
            &count(sums.rows.saturating_sub(sums.changed)),
        ),
        nothing: sums.changed == 0,
        moved,
        second: proposed(site, who, &preview).await?.is_some(),
        warnings: preview.warnings.iter().map(|of| warning(of, lang, r)).collect(),
        changes,
        more: if more > 0 { (r.and_more)(&count(more)) } else { String::new() },
        version: preview.known.version.clone().unwrap_or_default(),
        id: Uuid::now_v7().to_string(),
        content: STANDARD.encode(bytes),
        reason,
        frame,
        r,
    };
    Ok(shown(&view)?.into_response())
}

/// Gives the households of what the page shows, in its order.
fn households_shown(preview: &Preview) -> impl Iterator<Item = &HouseholdCode> {
    let rows = preview.new_rows.iter().filter_map(household_of);
    rows.chain(preview.operations.iter().filter_map(|operation| operation.statement.household()))
}

fn shown_changes(
    kind: Kind,
    preview: &Preview,
    zone: &crate::domain::time::Zone,
    lang: Lang,
    r: &'static RegisterTexts,
) -> Vec<Change> {
    let cells = |row: &Row| file_cells(kind, std::slice::from_ref(row), &[], &[], zone).pop().unwrap_or_default();
    let rows = preview.new_rows.iter().map(|row| {
        let now = cells(row);
        match preview.replaced(row) {
            Some(held) => Change {
                what: r.replaces,
                subject: row.key().replace('|', " · "),
                changes: differences(kind, &cells(held), &now, lang, r),
            },
            None => {
                Change { what: r.new, subject: row.key().replace('|', " · "), changes: all_of(kind, &now, lang, r) }
            }
        }
    });
    let operations = preview.operations.iter().map(|operation| {
        let now = file_cells(kind, &[], std::slice::from_ref(operation), &[], zone).pop().unwrap_or_default();
        Change { what: r.new, subject: now.first().cloned().unwrap_or_default(), changes: all_of(kind, &now, lang, r) }
    });
    // Names and addresses stay in the file: that they change is enough to know here.
    let people = preview.people.iter().map(|person| Change {
        what: r.personal,
        subject: person.household.clone(),
        changes: vec![format!("{}, {}", r.column("head_name"), r.column("address"))],
    });
    rows.chain(operations).chain(people).collect()
}

fn all_of(kind: Kind, cells: &[String], lang: Lang, r: &'static RegisterTexts) -> Vec<String> {
    let personal = ["head_name", "address"];
    kind.columns()
        .iter()
        .zip(cells)
        .filter(|(column, cell)| !cell.is_empty() && !personal.contains(&column.name))
        .map(|(column, cell)| format!("{}: {}", r.column(column.name), told(cell, lang, r)))
        .collect()
}

/// Gives what of a file must wait for a second person. `None`: it may be recorded at once.
async fn proposed(site: &Site, who: &Who, preview: &Preview) -> Result<Option<Proposed>, Problem> {
    let (commune, now) = (read::commune(site), site.web.clock.now());
    let new = (preview.new_rows.as_slice(), preview.operations.as_slice());
    Ok(changes::waiting(&site.web.store, &commune, &preview.known, new, (&account(who)?.name, now)).await?)
}

/// Takes what is proposed out of what a file records at once.
fn leave_out(preview: &mut Preview, proposed: &Proposed) {
    let held: HashSet<String> = match proposed {
        Proposed::Exclusions { rows } => rows.iter().cloned().map(|row| Row::Exclusion(row).key()).collect(),
        Proposed::Endings { rows } => rows.iter().cloned().map(|row| Row::Household(row).key()).collect(),
        Proposed::Statements { .. } => {
            preview.operations.retain(|operation| !operation.statement.verifies());
            return;
        }
    };
    preview.new_rows.retain(|row| !held.contains(&row.key()));
}

/// Records a file that was shown, or keeps it as a proposal; shows it again when the register moved since.
pub async fn confirm(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    filled: Filled,
) -> Result<Response, Problem> {
    whole_commune(&who)?;
    let kind = kind(filled.field("kind"))?;
    let bytes = STANDARD
        .decode(filled.field("content"))
        .map_err(|error| Problem::bad_value(format!("the file did not come back whole ({error}); upload it again")))?;
    let reason = filled.field("reason").to_owned();
    let commune = read::commune(&site);
    let file = File { kind, format: Format::of(&bytes), bytes: &bytes };
    let now = site.web.clock.now();
    let seen = filled.given("version");
    let again = || previewed(&site, &who, kind, &bytes, (&headers, &uri), reason.clone());
    let mut preview = match changes::preview(&site.web.store, &commune, file, now).await {
        Ok(preview) if preview.known.version.as_deref() == seen => preview,
        Ok(_) | Err(ChangeError::Refused(_)) => return again().await,
        Err(ChangeError::Store(error)) => return Err(error.into()),
        Err(error @ (ChangeError::NotYours(_) | ChangeError::NoProposal(_) | ChangeError::Busy)) => {
            return Err(Problem::unusable(error.to_string()));
        }
    };
    let by = account(&who)?.name.clone();
    let waits = proposed(&site, &who, &preview).await?;
    if let Some(proposed) = &waits {
        if reason.is_empty() {
            return again().await;
        }
        // What needs no second person is recorded at once.
        leave_out(&mut preview, proposed);
    }
    let given = Some(reason.as_str()).filter(|reason| !reason.is_empty());
    if !changes::record_preview(&site.web.store, &commune, &preview, &by, given).await? {
        return again().await;
    }
    let Some(proposed) = waits else {
        return Ok(Redirect::to("/register/files?done=1").into_response());
    };
    let id = filled.given("id").and_then(|id| id.parse::<Uuid>().ok()).unwrap_or_else(Uuid::now_v7).to_string();
    let proposal = Proposal { id: id.clone(), at: now, by, reason, proposed, decision: None };
    propose(&site, &proposal).await?;
    Ok(Redirect::to(&format!("/register/proposals/{}", encoded(&id))).into_response())
}

/// Hands out everything of a kind: `households.xlsx`, `tags.csv`. The look is logged.
pub async fn export(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    whole_commune(&who)?;
    let (word, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    let kind = kind(word)?;
    let (format, content) = match ending {
        "xlsx" => (Format::Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "csv" => (Format::Csv, "text/csv; charset=utf-8"),
        _ => return Err(Problem::not_found(format!("unknown file `{name}`; use {kind}.xlsx or {kind}.csv"))),
    };
    let commune = read::commune(&site);
    let written = match changes::exported(&site.web.store, &commune, kind, format).await {
        Ok(written) => written,
        Err(ChangeError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(Problem::unusable(error.to_string())),
    };
    let seen = match kind {
        Kind::Areas | Kind::Points | Kind::Devices | Kind::Schedule | Kind::Tickets | Kind::Targets => {
            Seen::list(format!("file={name}"), [], written.rows)
        }
        Kind::Households
        | Kind::Routes
        | Kind::Tags
        | Kind::Pathways
        | Kind::Findings
        | Kind::Visits
        | Kind::Exclusions => Seen::everybody(format!("file={name}"), written.rows),
    };
    log_look(&site, &who, "register export", seen).await?;
    let attached = format!("attachment; filename=\"{kind}.{ending}\"");
    // The mark by which spreadsheets know UTF-8; the import reads past it.
    let mark: &[u8] = if format == Format::Csv { "\u{feff}".as_bytes() } else { &[] };
    let bytes = [mark, &written.bytes].concat();
    Ok(([(header::CONTENT_TYPE, content.to_owned()), (header::CONTENT_DISPOSITION, attached)], bytes).into_response())
}
