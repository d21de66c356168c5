//! Weighbridge tickets and destinations, written and taken back by officers.
//!
//! # Why
//! What a form writes is a fact, renewed into its row like every other; the row is written here too, by the same pure function, so
//! that the page that follows shows it without waiting for the renewal.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Redirect};
use axum::{Extension, extract::rejection::FormRejection};
use serde::Deserialize;
use uuid::Uuid;

use super::lists::choice;
use super::{frame, shown};
use crate::domain::facts::{Operation, Statement};
use crate::domain::ids::StreamCode;
use crate::domain::ticket::{Destination, DestinationKind, Standing, TicketFact};
use crate::domain::time::{Instant, MINUTE_MS};
use crate::web::api::judged;
use crate::web::drawing::stream_name;
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::views::figures::{TicketLine, Tickets};

/// Days shown.
const DAYS: i32 = 28;
/// Tickets shown at most.
const ROWS: i64 = 400;
/// Greatest mass of a vehicle, grams: a weighbridge's 100 t.
const MASS_MAX_G: i64 = 100_000_000;
/// Longest text of a field, characters.
const TEXT_MAX: usize = 100;
/// Longest reason, characters.
const REASON_MAX: usize = 500;

/// Shows the tickets of the last days, with forms for new ones and for destinations.
pub async fn tickets(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let f = &t.figures;
    frame.title = f.tickets_title.to_owned();
    let commune = read::commune(&site);
    let today = read::today(&site);
    let destinations = site.web.store.destinations().await?;
    let rows = judged(site.web.store.tickets(today - (DAYS - 1), today, ROWS).await?);
    let conflicting = rows.iter().filter(|(_, standing)| *standing == Standing::Conflicts).count();
    let name_of = |code: &str| match destinations.iter().find(|to| to.code == code) {
        Some(to) => to.name.clone(),
        None => format!("{code} ({})", f.unknown_destination),
    };
    let line = |(ticket, standing): (TicketFact, Standing)| TicketLine {
        at: lang.moment(&commune.zone, ticket.at),
        cells: [
            ticket.vehicle.clone(),
            stream_name(&commune, ticket.stream.as_str(), lang, t),
            lang.kilograms(ticket.net_g()),
            name_of(&ticket.destination),
            ticket.by.clone(),
        ],
        standing: f.standing_of(standing),
        class: match standing {
            Standing::Counts => "s",
            Standing::Repeats | Standing::Void => "u",
            Standing::Conflicts => "n",
        },
        voidable: standing != Standing::Void,
        id: ticket.id,
        ticket: ticket.ticket,
    };
    let streams = commune.streams.iter();
    let view = Tickets {
        conflicts: if conflicting > 0 {
            (f.conflicts)(&lang.count(i64::try_from(conflicting).unwrap_or(i64::MAX)))
        } else {
            String::new()
        },
        rows: rows.into_iter().map(line).collect(),
        streams: streams
            .map(|stream| {
                let name = stream_name(&commune, stream.code.as_str(), lang, t);
                choice(stream.code.as_str(), &name, false)
            })
            .collect(),
        destinations: destinations.iter().map(|to| choice(&to.code, &to.name, false)).collect(),
        known: destinations.iter().map(|to| (to.code.clone(), to.name.clone(), f.kind_of(to.kind))).collect(),
        kinds: DestinationKind::ALL.iter().map(|&kind| choice(kind.as_str(), f.kind_of(kind), false)).collect(),
        now: commune.zone.datetime(site.web.clock.now()).strftime("%Y-%m-%dT%H:%M").to_string(),
        f,
        frame,
    };
    shown(&view)
}

/// A new ticket, as the form sends it.
#[derive(Debug, Deserialize)]
pub struct TicketWritten {
    ticket: String,
    vehicle: String,
    at: String,
    stream: String,
    gross_kg: String,
    tare_kg: String,
    destination: String,
}

fn sent<T>(form: Result<Form<T>, FormRejection>) -> Result<T, Problem> {
    form.map(|Form(sent)| sent)
        .map_err(|rejection| Problem::bad_value(format!("the form cannot be read: {}", rejection.body_text())))
}

fn text(name: &str, value: &str, most: usize) -> Result<String, Problem> {
    let value = value.trim();
    let fits = (1..=most).contains(&value.chars().count()) && !value.chars().any(char::is_control);
    if fits {
        Ok(value.to_owned())
    } else {
        Err(Problem::bad_value(format!("`{name}` is empty, longer than {most} characters, or holds a line break")))
    }
}

/// Reads kilograms with at most three decimals as grams.
fn grams(name: &str, value: &str) -> Result<i64, Problem> {
    let wrong = || Problem::bad_value(format!("`{name}`: `{value}` is no mass; write kilograms, 0 to 100000"));
    let plain = value.trim().replace(',', ".");
    let (whole, decimals) = plain.split_once('.').unwrap_or((plain.as_str(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 3 || !digits(whole) || !digits(decimals) {
        return Err(wrong());
    }
    let grams: i64 = format!("{whole}{decimals:0<3}").parse().map_err(|_| wrong())?;
    if grams <= MASS_MAX_G { Ok(grams) } else { Err(wrong()) }
}

fn instant(site: &Site, value: &str) -> Result<Instant, Problem> {
    let wrong = || Problem::bad_value(format!("`at`: `{value}` is no time; write 2026-11-23T10:00"));
    let local: jiff::civil::DateTime = value.trim().parse().map_err(|_| wrong())?;
    let stamp = read::commune(site).zone.time_zone().to_timestamp(local).map_err(|_| wrong())?;
    let at = Instant::from(stamp);
    if at > site.web.clock.now().plus_ms(5 * MINUTE_MS) {
        return Err(Problem::unusable(format!("`at` is {value}, which has not come yet")));
    }
    Ok(at)
}

fn account(who: &Who) -> Result<String, Problem> {
    let account = who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in to write"))?;
    Ok(account.name.clone())
}

/// Records a ticket. The same form sent twice is one ticket.
pub async fn write_ticket(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    form: Result<Form<TicketWritten>, FormRejection>,
) -> Result<Redirect, Problem> {
    let (written, by) = (sent(form)?, account(&who)?);
    let commune = read::commune(&site);
    let (gross_g, tare_g) = (grams("gross_kg", &written.gross_kg)?, grams("tare_kg", &written.tare_kg)?);
    if tare_g > gross_g {
        return Err(Problem::unusable(format!(
            "the tare of {} kg is more than the gross mass of {} kg",
            written.tare_kg, written.gross_kg
        )));
    }
    let stream = commune.stream(&written.stream).map(|stream| stream.code.clone());
    let stream: StreamCode = stream.ok_or_else(|| Problem::unusable(format!("unknown stream `{}`", written.stream)))?;
    let destination = text("destination", &written.destination, TEXT_MAX)?;
    if !site.web.store.destinations().await?.iter().any(|to| to.code == destination) {
        return Err(Problem::unusable(format!("unknown destination `{destination}`; add it on this page first")));
    }
    let statement = Statement::Ticket {
        at: instant(&site, &written.at)?,
        ticket: text("ticket", &written.ticket, TEXT_MAX)?,
        vehicle: text("vehicle", &written.vehicle, TEXT_MAX)?,
        stream,
        gross_g,
        tare_g,
        destination,
    };
    let content = format!("{by} {statement:?}");
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, content.as_bytes()).to_string();
    let operation = Operation { id: id.clone(), recorded: site.web.clock.now(), by, statement };
    site.web.store.record(std::slice::from_ref(&operation), &commune.zone).await?;
    let kept = site.web.store.operation(&id).await?.unwrap_or(operation);
    let is_void = site.web.store.voids([id.as_str()]).await?.contains(&id);
    if let Some(ticket) = TicketFact::of_operation(&kept, is_void, &commune.zone) {
        site.web.store.put_tickets(&[ticket], &[]).await?;
    }
    Ok(Redirect::to("/tickets"))
}

/// A ticket that is taken back.
#[derive(Debug, Deserialize)]
pub struct VoidedTicket {
    id: String,
    reason: String,
}

/// Takes a ticket back, by a new row with who and why.
pub async fn void_ticket(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    form: Result<Form<VoidedTicket>, FormRejection>,
) -> Result<Redirect, Problem> {
    let (written, by) = (sent(form)?, account(&who)?);
    let reason = text("reason", &written.reason, REASON_MAX)?;
    let known = site.web.store.tickets_by_id([written.id.as_str()]).await?;
    let Some(ticket) = known.into_iter().next() else {
        return Err(Problem::not_found(format!("no ticket is kept under `{}`; see /tickets", written.id)));
    };
    let now = site.web.clock.now();
    let operation = Operation {
        id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("void {}", ticket.id).as_bytes()).to_string(),
        recorded: now,
        by,
        statement: Statement::Void { at: now, pickup: ticket.id.clone(), reason },
    };
    site.web.store.record(&[operation], &read::commune(&site).zone).await?;
    site.web.store.put_tickets(&[TicketFact { void: true, ..ticket }], &[]).await?;
    Ok(Redirect::to("/tickets"))
}

/// A destination, as the form sends it.
#[derive(Debug, Deserialize)]
pub struct DestinationWritten {
    code: String,
    name: String,
    kind: String,
}

/// Records a destination; the newest row of a code holds.
pub async fn write_destination(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    form: Result<Form<DestinationWritten>, FormRejection>,
) -> Result<Redirect, Problem> {
    let (written, by) = (sent(form)?, account(&who)?);
    let kind = DestinationKind::from_word(&written.kind)
        .ok_or_else(|| Problem::bad_value(format!("unknown kind `{}`; kinds are dump, plant", written.kind)))?;
    let destination = Destination {
        code: text("code", &written.code, TEXT_MAX)?,
        name: text("name", &written.name, TEXT_MAX)?,
        kind,
    };
    site.web.store.put_destination(&destination, site.web.clock.now(), &by).await?;
    Ok(Redirect::to("/tickets"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilograms_of_a_form_become_whole_grams() {
        assert_eq!(grams("gross_kg", "12340").ok(), Some(12_340_000));
        assert_eq!(grams("gross_kg", " 0,5 ").ok(), Some(500));
        assert_eq!(grams("gross_kg", "1.234").ok(), Some(1_234));
        for wrong in ["", "-1", "1.2345", "1e3", "100000.001", "mười"] {
            assert!(grams("gross_kg", wrong).is_err(), "{wrong}");
        }
    }
}
