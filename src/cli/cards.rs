//! `phanloai card`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::Place;
use crate::changes::Known;
use crate::changes::cards::{Chosen, Issue, Order, Renewal, Selection, chosen, issue, place_of};
use crate::charts::{Lang, StreamLook};
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode};
use crate::domain::register::{Commune, Register};
use crate::domain::time::Clock;
use crate::reports::{Card, CardSheets, Paper};
use crate::store::{Looked, Person, Seen, Store};

#[derive(Debug, Args)]
pub(super) struct CardArguments {
    #[command(subcommand)]
    command: CardCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum CardCommand {
    /// Gives a number to every chosen household that has no printed card, and records it in the register.
    Make {
        #[command(flatten)]
        whose: Whose,
        /// Gives new numbers to all that are chosen; the former ones end today.
        #[arg(long)]
        replace: bool,
        /// Only tells what it would do.
        #[arg(long)]
        dry_run: bool,
        /// Why, kept in the history.
        #[arg(long, value_name = "WHY", default_value = "printed cards")]
        reason: String,
        /// Who does it, kept in the history.
        #[arg(long, value_name = "NAME", default_value = "card make")]
        by: String,
    },
    /// Writes the cards of the chosen households as PDF, ten a sheet of A4; those without a number are left out.
    Print {
        /// The PDF to write.
        file: PathBuf,
        #[command(flatten)]
        whose: Whose,
        /// Prints names and addresses, too.
        #[arg(long)]
        names: bool,
        /// `vi` or `en`.
        #[arg(long, default_value = "vi", value_parser = lang)]
        lang: Lang,
        /// Writes the list of whose card lies where, as CSV.
        #[arg(long, value_name = "FILE")]
        list: Option<PathBuf>,
        /// Who prints, written into the access log.
        #[arg(long, value_name = "NAME", default_value = "card print")]
        by: String,
    },
}

/// Whose cards.
#[derive(Debug, Args)]
struct Whose {
    /// Of this hamlet only; may be repeated.
    #[arg(long, value_name = "CODE")]
    area: Vec<String>,
    /// Of this point or route only.
    #[arg(long, value_name = "CODE")]
    at: Option<String>,
    /// This household only; may be repeated.
    #[arg(long, value_name = "CODE")]
    household: Vec<String>,
    /// By `point` (hamlet, point, code), along the `route`, or by `code`.
    #[arg(long, default_value = "point", value_parser = order)]
    order: Order,
}

fn lang(word: &str) -> Result<Lang, String> {
    Lang::from_code(word).ok_or_else(|| format!("unknown language `{word}`; use vi or en"))
}

fn order(word: &str) -> Result<Order, String> {
    Order::from_word(word).ok_or_else(|| format!("unknown order `{word}`; use point, route or code"))
}

impl Whose {
    fn selection(&self, register: &Register) -> anyhow::Result<Selection> {
        for code in &self.area {
            if !register.areas.contains_key(code.as_str()) {
                bail!("unknown area `{code}`; `phanloai export areas FILE` writes them");
            }
        }
        for code in &self.household {
            if !register.households.contains_key(code.as_str()) {
                bail!("no household `{code}` is registered; `phanloai export households FILE` writes them");
            }
        }
        let at = self.at.as_deref().map(PlaceCode::from);
        if let Some(place) = at.as_ref().filter(|place| register.households_at(place).is_empty()) {
            bail!("no household is served at `{place}`; name a point or a route");
        }
        Ok(Selection {
            areas: self.area.iter().map(|code| AreaCode::from(code.as_str())).collect(),
            place: at,
            households: self.household.iter().map(|code| HouseholdCode::from(code.as_str())).collect(),
            order: self.order,
        })
    }
}

pub(super) async fn run(arguments: CardArguments, clock: &dyn Clock) -> anyhow::Result<ExitCode> {
    let (store, commune) = arguments.place.open().await?;
    let done = match arguments.command {
        CardCommand::Make { whose, replace, dry_run, reason, by } => {
            let renewal = if replace { Renewal::Replace } else { Renewal::Missing };
            let act = Issue { now: clock.now(), by: &by, reason: &reason };
            make(&store, &commune, &whose, (renewal, dry_run), act).await
        }
        CardCommand::Print { file, whose, names, lang, list, by } => {
            let print = Print { file, names, lang, list, by };
            write(&store, &commune, &whose, &print, clock).await
        }
    };
    store.close().await;
    done
}

async fn make(
    store: &Store,
    commune: &Commune,
    whose: &Whose,
    (renewal, dry_run): (Renewal, bool),
    act: Issue<'_>,
) -> anyhow::Result<ExitCode> {
    let register = Known::read(store, commune).await?.register;
    let all = chosen(&register, &whose.selection(&register)?, commune.zone.day_of(act.now));
    let gets = |of: &&Chosen| renewal == Renewal::Replace || of.card.is_none();
    let wanted: Vec<HouseholdCode> = all.iter().filter(gets).map(|of| of.household.clone()).collect();
    if dry_run {
        println!("{} households chosen, {} would get a new number", all.len(), wanted.len());
        return Ok(ExitCode::SUCCESS);
    }
    let made = issue(store, commune, &wanted, renewal, act, draw).await.context("no number was given")?;
    println!("{} households chosen, {made} got a new number", all.len());
    Ok(ExitCode::SUCCESS)
}

fn draw() -> [u8; 5] {
    let mut bytes = [0; 5];
    rand::fill(&mut bytes);
    bytes
}

struct Print {
    file: PathBuf,
    names: bool,
    lang: Lang,
    list: Option<PathBuf>,
    by: String,
}

async fn write(
    store: &Store,
    commune: &Commune,
    whose: &Whose,
    print: &Print,
    clock: &dyn Clock,
) -> anyhow::Result<ExitCode> {
    let register = Known::read(store, commune).await?.register;
    let today = commune.zone.day_of(clock.now());
    let all = chosen(&register, &whose.selection(&register)?, today);
    let of: Vec<&Chosen> = all.iter().filter(|of| of.card.is_some()).collect();
    if of.len() < all.len() {
        eprintln!(
            "warning: {} households have no number and are left out; see `phanloai card make`",
            all.len() - of.len()
        );
    }
    let people: HashMap<String, Person> = if print.names {
        store.people().await?.into_iter().map(|person| (person.household.clone(), person)).collect()
    } else {
        HashMap::new()
    };
    let seen = Seen::list(
        format!("names={}", if print.names { "yes" } else { "no" }),
        of.iter().map(|of| of.household.clone()),
        of.len(),
    );
    store.log_look(&Looked::new(clock.now(), print.by.as_str(), "cards", seen)).await?;
    let sheets = CardSheets {
        paper: Paper {
            lang: print.lang,
            commune: commune.name.clone(),
            streams: commune.streams.iter().map(StreamLook::from).collect(),
            simulated: commune.simulated,
        },
        cards: of.iter().filter_map(|of| card(of, &register, &people)).collect(),
    };
    let bar = indicatif::ProgressBar::new(u64::try_from(sheets.sheets()).unwrap_or(u64::MAX));
    let bytes = sheets.pdf(|done| bar.set_position(u64::try_from(done).unwrap_or(u64::MAX)))?;
    bar.finish_and_clear();
    std::fs::write(&print.file, &bytes).with_context(|| format!("cannot write {}", print.file.display()))?;
    if let Some(list) = &print.list {
        let lines: Vec<String> = of
            .iter()
            .zip(&sheets.cards)
            .enumerate()
            .map(|(at, (of, card))| {
                let per = crate::reports::CARDS_A_SHEET;
                format!("{},{},{},{}", at / per + 1, at % per + 1, card.number, of.household)
            })
            .collect();
        let text = format!("sheet,place_on_sheet,card,household\r\n{}\r\n", lines.join("\r\n"));
        std::fs::write(list, text).with_context(|| format!("cannot write {}", list.display()))?;
    }
    println!("{} cards on {} sheets written", sheets.cards.len(), sheets.sheets());
    Ok(ExitCode::SUCCESS)
}

fn card(of: &Chosen, register: &Register, people: &HashMap<String, Person>) -> Option<Card> {
    Some(Card {
        number: of.card.clone()?,
        household: people.get(of.household.as_str()).map(|person| (person.head_name.clone(), person.address.clone())),
        place: place_of(register, of),
    })
}
