//! The report of the register's faults, as a page and as CSV.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use super::form::assign_address;
use super::rows::address;
use super::{Scope, frame, shown};
use crate::domain::ids::HouseholdCode;
use crate::domain::register::{Register, Row};
use crate::domain::register_faults::{DAYS, Fault, FaultKind, faults as found_faults};
use crate::imports::{Kind, table_csv};
use crate::store::Seen;
use crate::web::api::log_look;
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::texts::RegisterTexts;
use crate::web::views::register::{FaultGroup, FaultRow, Faults, Related};

/// Rows of each kind on the page; the file has all.
const SHOWN: usize = 100;

/// Reads what devices saw and finds the faults, those within the account's hamlets.
async fn found(site: &Site, who: &Who) -> Result<(Vec<Fault>, Arc<Register>), Problem> {
    let zone = read::commune(site).zone.clone();
    let register = site.web.register.borrow().clone();
    let today = read::today(site);
    let (from, recent, to) = (zone.start_of(today - 2 * DAYS), zone.start_of(today - DAYS), zone.start_of(today));
    let devices: Vec<_> = register
        .devices
        .iter()
        .filter(|(_, versions)| versions.newest().kind.reads_tags())
        .map(|(device, versions)| (device.clone(), versions.newest().place.clone()))
        .collect();
    let reads = site.web.store.tag_reads(&devices, recent).await?;
    let offset_ms = i64::from(zone.zoned(to).offset().seconds()) * 1000;
    let uses = site.web.store.card_uses(from, recent, to, offset_ms).await?;
    let known = register.clone();
    // Some ten thousand households are compared with some ten thousand sums.
    let all =
        tokio::task::spawn_blocking(move || found_faults(&known, today, &reads, &uses, |instant| zone.day_of(instant)))
            .await
            .map_err(|error| Problem::internal("finding the register's faults", &error))?;
    let scope = Scope::of(who)?;
    let own =
        |fault: &Fault| scope.is_whole() || fault.households.iter().any(|household| scope.admits(&register, household));
    let own: Vec<Fault> = all.into_iter().filter(own).collect();
    Ok((own, register))
}

fn name(r: &RegisterTexts, kind: FaultKind) -> &'static str {
    FaultKind::ALL.iter().zip(r.fault_kinds).find(|(of, _)| **of == kind).map_or(kind.as_str(), |(_, name)| name)
}

fn household_link(register: &Register, code: &HouseholdCode) -> Related {
    let newest = register.households.get(code).map(|of| Row::Household(of.newest().clone()).key());
    let href = newest.map_or_else(String::new, |key| address(Kind::Households, &key));
    Related { href, label: code.to_string() }
}

/// Shows the faults by kind, the most frequent first. The look is logged.
pub async fn faults(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, r) = (frame.lang, frame.t.register);
    frame.title = r.faults.to_owned();
    let zone = read::commune(&site).zone.clone();
    let (all, register) = found(&site, &who).await?;
    let mut shown_of: BTreeMap<FaultKind, usize> = BTreeMap::new();
    let on_page = all.iter().filter(|fault| {
        let before = shown_of.entry(fault.kind).or_default();
        *before += 1;
        *before <= SHOWN
    });
    let codes: Vec<HouseholdCode> = on_page.flat_map(|fault| fault.households.clone()).collect();
    log_look(&site, &who, "register faults", Seen::list("page".to_owned(), codes, all.len())).await?;
    let count = |number: usize| lang.count(i64::try_from(number).unwrap_or(i64::MAX));
    let row = |fault: &Fault| {
        let assign = fault.uid.as_ref().filter(|_| fault.kind == FaultKind::UnknownTag).map(|uid| {
            let from = fault.seen.map_or_else(|| read::today(&site), |(first, _)| zone.day_of(first));
            assign_address(uid.as_str(), None, from)
        });
        FaultRow {
            uid: fault.uid.as_ref().map(ToString::to_string).unwrap_or_default(),
            households: fault.households.iter().map(|code| household_link(&register, code)).collect(),
            places: fault.places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            times: if fault.count > 0 { lang.count(fault.count) } else { String::new() },
            first: fault.seen.map(|(first, _)| lang.moment(&zone, first)).unwrap_or_default(),
            last: fault.seen.map(|(_, last)| lang.moment(&zone, last)).unwrap_or_default(),
            assign: assign.unwrap_or_default(),
        }
    };
    let groups = FaultKind::ALL
        .iter()
        .map(|&kind| {
            let of: Vec<&Fault> = all.iter().filter(|fault| fault.kind == kind).collect();
            FaultGroup {
                id: kind.as_str(),
                name: name(r, kind),
                count: count(of.len()),
                seen: of.first().is_some_and(|fault| fault.seen.is_some()),
                more: if of.len() > SHOWN { (r.and_more)(&count(of.len() - SHOWN)) } else { String::new() },
                rows: of.into_iter().take(SHOWN).map(row).collect(),
            }
        })
        .collect();
    shown(&Faults { frame, r, groups })
}

/// Gives every fault as CSV. The look is logged.
pub async fn faults_csv(Shared(site): Shared<Arc<Site>>, Extension(who): Extension<Who>) -> Result<Response, Problem> {
    let zone = read::commune(&site).zone.clone();
    let (all, _) = found(&site, &who).await?;
    let codes = all.iter().flat_map(|fault| fault.households.clone());
    log_look(&site, &who, "register faults", Seen::list("file".to_owned(), codes, all.len())).await?;
    let stamp = |at: crate::domain::time::Instant| zone.zoned(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let joined = |codes: Vec<String>| codes.join(" ");
    let mut rows: Vec<Vec<String>> =
        vec![["fault", "uid", "households", "places", "count", "first", "last"].map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|fault| {
        vec![
            fault.kind.to_string(),
            fault.uid.as_ref().map(ToString::to_string).unwrap_or_default(),
            joined(fault.households.iter().map(ToString::to_string).collect()),
            joined(fault.places.iter().map(ToString::to_string).collect()),
            fault.count.to_string(),
            fault.seen.map(|(first, _)| stamp(first)).unwrap_or_default(),
            fault.seen.map(|(_, last)| stamp(last)).unwrap_or_default(),
        ]
    }));
    let written = table_csv(&rows);
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"register-faults.csv\""),
    ];
    Ok((head, written).into_response())
}
