//! `phanloai device`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::Place;
use crate::app::{self, load_register};
use crate::config::MqttUrl;
use crate::domain::ids::DeviceId;
use crate::domain::register::Commune;
use crate::domain::time::Clock;
use crate::imports::Kind;
use crate::store::Store;

/// The service's own account at Mosquitto where the settings name none.
const SERVICE: &str = "phanloai";

#[derive(Debug, Args)]
pub(super) struct DeviceArguments {
    #[command(subcommand)]
    command: DeviceCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum DeviceCommand {
    /// Gives devices of the register their passwords and shows each once; with --place and --kind one that is not there yet.
    Add {
        /// Names, 1-64 of A-Z a-z 0-9 . _ -
        #[arg(required = true)]
        names: Vec<String>,
        #[command(flatten)]
        new: NewDevice,
    },
    /// Gives a device a new password and shows it once; the old one opens nothing more, and a disabled device may log in again.
    Rotate {
        /// Its name.
        name: String,
    },
    /// Lets a device log in no more.
    Disable {
        /// Its name.
        name: String,
    },
    /// Lists the devices of the register with what is known of each.
    List,
    /// Writes Mosquitto's access file and password file for all devices that may log in, and for the service.
    Acl {
        /// The folder for phanloai.acl and phanloai.passwd.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
}

/// A device for the register, as in a device file; more members than these come by `phanloai import devices`.
#[derive(Debug, Args)]
struct NewDevice {
    /// Point, or vehicle's route, of a device that is not in the register yet.
    #[arg(long, requires = "kind")]
    place: Option<String>,
    /// tag_reader, scale, combined or weighbridge.
    #[arg(long, requires = "place")]
    kind: Option<String>,
    /// platform, bin or lift.
    #[arg(long, requires = "place")]
    mode: Option<String>,
    /// The one stream that it measures.
    #[arg(long, requires = "place")]
    stream: Option<String>,
    /// The station whose devices belong together.
    #[arg(long, requires = "place")]
    station: Option<String>,
}

pub(super) async fn run(arguments: DeviceArguments, clock: &dyn Clock) -> anyhow::Result<ExitCode> {
    let config = arguments.place.config()?;
    let (store, commune) = super::open(&config).await?;
    let done = match arguments.command {
        DeviceCommand::Add { names, new } => add(&store, &commune, &names, &new, clock).await,
        DeviceCommand::Rotate { name } => rotate(&store, &name, clock).await,
        DeviceCommand::Disable { name } => disable(&store, &name).await,
        DeviceCommand::List => list(&store, &commune).await,
        DeviceCommand::Acl { dir } => {
            let given = match &config.mqtt.url {
                MqttUrl::Outside(broker) => broker.user.as_deref().zip(broker.password.as_ref().map(|p| p.expose())),
                MqttUrl::Embedded => None,
            };
            mosquitto_files(&store, &config.mqtt.root, given, &dir).await
        }
    };
    store.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn add(
    store: &Store,
    commune: &Commune,
    names: &[String],
    new: &NewDevice,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    if let Some(file) = device_file(names, new) {
        let imported = app::import(store, commune, Kind::Devices, file.as_bytes(), clock, "device add", false).await?;
        for warning in imported.warnings {
            eprintln!("warning: {warning}");
        }
    }
    let register = load_register(store, commune).await?;
    for name in names {
        if !register.devices.contains_key(name.as_str()) {
            bail!(
                "the register has no device `{name}`; import it with `phanloai import devices FILE`, or name its place and kind: \
                 `phanloai device add {name} --place POINT --kind combined`"
            );
        }
    }
    for name in names {
        let (password, form) = app::draw_password().await?;
        if !store.add_credential(&DeviceId::from(name.as_str()), &form.to_string(), clock.now()).await? {
            bail!("`{name}` has a password already; `phanloai device rotate {name}` gives it another");
        }
        println!("{name}\t{password}");
    }
    eprintln!("Each password is shown this once. User name and client id are the device's name.");
    Ok(())
}

/// Writes the device file that stands for the arguments. `None`: the devices are in the register already.
fn device_file(names: &[String], new: &NewDevice) -> Option<String> {
    let (place, kind) = new.place.as_ref().zip(new.kind.as_ref())?;
    let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
    let rest = [Some(place), Some(kind), new.mode.as_ref(), new.stream.as_ref(), new.station.as_ref()];
    let rest: Vec<String> = rest.iter().map(|cell| quoted(cell.map_or("", String::as_str))).collect();
    let lines = names.iter().map(|name| format!("{},{}\n", quoted(name), rest.join(",")));
    Some(format!("device,place,kind,mode,stream,station\n{}", lines.collect::<String>()))
}

async fn rotate(store: &Store, name: &str, clock: &dyn Clock) -> anyhow::Result<()> {
    let (password, form) = app::draw_password().await?;
    if !store.rotate_credential(&DeviceId::from(name), &form.to_string(), clock.now()).await? {
        bail!("`{name}` has no password yet; `phanloai device add {name}` gives it one");
    }
    println!("{name}\t{password}");
    eprintln!("The old password opens nothing from the next login on; a connection that is open stays until it ends.");
    Ok(())
}

async fn disable(store: &Store, name: &str) -> anyhow::Result<()> {
    if !store.disable_credential(&DeviceId::from(name)).await? {
        bail!("`{name}` has no password, so it cannot log in; see `phanloai device list`");
    }
    println!("device {name} disabled");
    eprintln!("It is refused from its next login on; a connection that is open stays until it ends.");
    Ok(())
}

async fn list(store: &Store, commune: &Commune) -> anyhow::Result<()> {
    let register = load_register(store, commune).await?;
    let heard = store.devices().await?;
    let credentials = store.credentials().await?;
    let refusals = store.refusals().await?;
    println!("device\tplace\tkind\tmode\tlast seen\treceived\tmissing\tpassword\trefused");
    for (id, versions) in &register.devices {
        let device = versions.newest();
        let status = heard.iter().find(|status| status.device == *id);
        let last = status.and_then(|s| s.last_seen);
        let last = last.map_or_else(|| "never".to_owned(), |at| commune.zone.datetime(at).to_string());
        let (received, missing) = status.map_or((0, 0), |s| (s.received, s.missing));
        let password = match credentials.iter().find(|credential| credential.device == *id) {
            None => "none".to_owned(),
            Some(credential) if credential.enabled => format!("of {}", commune.zone.day_of(credential.made)),
            Some(_) => "disabled".to_owned(),
        };
        let refused = refusals.iter().find(|refused| refused.device == *id).map_or(0, |refused| refused.count);
        println!(
            "{id}\t{}\t{}\t{}\t{last}\t{received}\t{missing}\t{password}\t{refused}",
            device.place, device.kind, device.mode
        );
    }
    Ok(())
}

async fn mosquitto_files(store: &Store, root: &str, given: Option<(&str, &str)>, dir: &Path) -> anyhow::Result<()> {
    let files = app::mosquitto_files(store, root, given, SERVICE).await?;
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))?;
    let (acl, passwords) = (dir.join("phanloai.acl"), dir.join("phanloai.passwd"));
    write_private(&acl, &files.acl)?;
    write_private(&passwords, &files.passwords)?;
    println!("{}\n{}", acl.display(), passwords.display());
    println!("{} devices; the service logs in as {}", files.devices, files.service);
    if let Some(password) = &files.drawn {
        println!("mqtt.url = \"mqtt://{}:{password}@HOST:1883\"", files.service);
        eprintln!("The service's password is shown this once; with it in mqtt.url, it stays the same the next time.");
    }
    for device in &files.without {
        eprintln!(
            "warning: {device} has a password that cannot be read and is left out; make it anew with device rotate"
        );
    }
    Ok(())
}

/// Writes a file that only its owner reads.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}
