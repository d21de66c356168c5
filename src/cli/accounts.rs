//! `phanloai user`.

use std::collections::BTreeSet;
use std::io::BufRead as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::Place;
use crate::domain::ids::AreaCode;
use crate::domain::time::{Clock, HOUR_MS};
use crate::store::{Account, Actor, Altered, Grant, Role, Secret, Store, hash_password, is_account_name};

#[derive(Debug, Args)]
pub(super) struct UserArguments {
    #[command(subcommand)]
    command: UserCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Adds a user; the password is read from standard input.
    Add {
        /// Name, 1-64 of a-z 0-9 . _ -
        name: String,
        /// Roles: crew, visitor, officer, admin, viewer; may be repeated.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// Hamlets that the user is limited to; may be repeated.
        #[arg(long = "area")]
        areas: Vec<String>,
    },
    /// Changes a password, read from standard input; open sessions end.
    Passwd {
        /// Name.
        name: String,
    },
    /// Disables a user: neither sign-in nor tokens work any more.
    Disable {
        /// Name.
        name: String,
    },
    /// Lets a disabled user in again.
    Enable {
        /// Name.
        name: String,
    },
    /// Lists users.
    List,
    /// Makes an API token for a user and shows it once.
    Token {
        /// Name.
        name: String,
        /// What it is for.
        #[arg(long = "for", default_value = "")]
        purpose: String,
        /// Roles that it carries, of the user's; may be repeated. All of them when left out.
        #[arg(long = "role")]
        roles: Vec<String>,
        /// It may read and change nothing.
        #[arg(long)]
        read_only: bool,
        /// Days until it expires; never when left out.
        #[arg(long)]
        days: Option<u16>,
    },
}

pub(super) async fn run(arguments: UserArguments, clock: &dyn Clock) -> anyhow::Result<ExitCode> {
    let (store, _) = arguments.place.open().await?;
    let done = act(&store, arguments.command, clock).await;
    store.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(store: &Store, command: UserCommand, clock: &dyn Clock) -> anyhow::Result<()> {
    match command {
        UserCommand::Add { name, roles, areas } => {
            if !is_account_name(&name) {
                bail!("`{name}` is not a user name; use 1-64 of a-z 0-9 . _ -");
            }
            let roles = roles.iter().map(|role| self::role(role)).collect::<anyhow::Result<BTreeSet<Role>>>()?;
            let areas = areas.into_iter().map(AreaCode::from).collect();
            let password = hash_password(&password_from_input()?)?;
            let account = Account { name: name.clone(), roles, areas, enabled: true };
            if !store.add_account(&account, Some(&password), clock.now()).await? {
                bail!("the name `{name}` is taken; choose another, or change its password with `phanloai user passwd`");
            }
            println!("user {name} added");
        }
        UserCommand::Passwd { name } => {
            let password = hash_password(&password_from_input()?)?;
            if !store.set_password(&name, &password, None).await? {
                bail!("there is no user `{name}`; see `phanloai user list`");
            }
            println!("password of {name} changed");
        }
        UserCommand::Disable { name } => set_enabled(store, &name, false, clock).await?,
        UserCommand::Enable { name } => set_enabled(store, &name, true, clock).await?,
        UserCommand::List => {
            println!("name\troles\tareas\tenabled");
            for account in store.accounts().await? {
                let roles: Vec<&str> = account.roles.iter().map(|role| role.as_str()).collect();
                let areas: Vec<&str> = account.areas.iter().map(AreaCode::as_str).collect();
                println!("{}\t{}\t{}\t{}", account.name, roles.join(","), areas.join(","), account.enabled);
            }
        }
        UserCommand::Token { name, purpose, roles, read_only, days } => {
            if store.account(&name).await?.is_none() {
                bail!("there is no user `{name}`; see `phanloai user list`");
            }
            let now = clock.now();
            let roles = roles.iter().map(|role| self::role(role)).collect::<anyhow::Result<BTreeSet<Role>>>()?;
            let roles = if roles.is_empty() { None } else { Some(roles) };
            let expires = days.map(|days| now.plus_ms(i64::from(days) * 24 * HOUR_MS));
            let secret = Secret::new();
            store
                .add_token(&secret.fingerprint, &name, now, Grant { name: purpose, roles, read_only, expires })
                .await?;
            println!("{}", secret.plain);
        }
    }
    Ok(())
}

async fn set_enabled(store: &Store, name: &str, enabled: bool, clock: &dyn Clock) -> anyhow::Result<()> {
    let by = Actor { name: "command line".to_owned(), at: clock.now() };
    match store.set_enabled(name, enabled, &by).await? {
        Altered::Done => println!("user {name} {}", if enabled { "enabled" } else { "disabled" }),
        Altered::Unknown => bail!("there is no user `{name}`; see `phanloai user list`"),
        Altered::LastAdmin => bail!("`{name}` is the last administrator; give another user the role `admin` first"),
    }
    Ok(())
}

fn role(word: &str) -> anyhow::Result<Role> {
    Role::from_word(word).with_context(|| {
        let words: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("unknown role `{word}`; roles are {}", words.join(", "))
    })
}

fn password_from_input() -> anyhow::Result<String> {
    eprint!("password: ");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
