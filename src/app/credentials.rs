//! Devices' passwords: drawing them, and Mosquitto's files of them.

use anyhow::Context as _;

use crate::devices::Root;
use crate::devices::access::{mosquitto_acl, mosquitto_passwords};
use crate::devices::credential::{ITERATIONS_CHOSEN, ITERATIONS_DRAWN, PasswordForm, SALT_BYTES};
use crate::domain::ids::DeviceId;
use crate::store::Store;

/// Random bytes of a password: 128 bits, written as 32 hexadecimal digits, which no configuration format needs to escape.
const PASSWORD_BYTES: usize = 16;

/// Draws a password and gives it with its form. It is kept nowhere: show it once.
pub async fn draw_password() -> anyhow::Result<(String, PasswordForm)> {
    let mut bytes = [0_u8; PASSWORD_BYTES];
    rand::fill(&mut bytes);
    let password = hex::encode(bytes);
    let form = form_of(&password, ITERATIONS_DRAWN).await?;
    Ok((password, form))
}

async fn form_of(password: &str, iterations: std::num::NonZeroU32) -> anyhow::Result<PasswordForm> {
    let mut salt = [0_u8; SALT_BYTES];
    rand::fill(&mut salt);
    let password = password.as_bytes().to_vec();
    let form = tokio::task::spawn_blocking(move || PasswordForm::of(&password, salt, iterations)).await;
    form.context("a password could not be hashed")
}

/// What Mosquitto is told.
pub struct MosquittoFiles {
    /// The access file.
    pub acl: String,
    /// The password file.
    pub passwords: String,
    /// How many devices are in both.
    pub devices: usize,
    /// The service's account.
    pub service: String,
    /// The service's password, where it was drawn.
    pub drawn: Option<String>,
    /// Devices whose kept password cannot be read.
    pub without: Vec<DeviceId>,
}

/// Makes Mosquitto's files: every enabled device, and the service under `given` name and password or under `service` with a drawn one.
///
/// # Errors
/// The topic root is none, or a device has the service's name.
pub async fn mosquitto_files(
    store: &Store,
    root: &str,
    given: Option<(&str, &str)>,
    service: &str,
) -> anyhow::Result<MosquittoFiles> {
    let root = Root::parse(root)?;
    let (service, drawn, service_form) = match given {
        Some((user, password)) => (user.to_owned(), None, form_of(password, ITERATIONS_CHOSEN).await?),
        None => {
            let (password, form) = draw_password().await?;
            (service.to_owned(), Some(password), form)
        }
    };
    if service.is_empty() || service.contains([':', '\n', '\r', ' ']) {
        anyhow::bail!("Mosquitto takes no user name `{service}`; choose one without spaces and colons in `mqtt.url`");
    }
    let mut forms: Vec<(DeviceId, PasswordForm)> = Vec::new();
    let mut without = Vec::new();
    for credential in store.credentials().await?.into_iter().filter(|credential| credential.enabled) {
        if credential.device.as_str() == service {
            anyhow::bail!(
                "a device is called `{service}`, as is the service's account; choose another user in `mqtt.url`"
            );
        }
        match PasswordForm::parse(&credential.password) {
            Ok(form) => forms.push((credential.device, form)),
            Err(_) => without.push(credential.device),
        }
    }
    let users = forms.iter().map(|(device, form)| (device.as_str(), form));
    Ok(MosquittoFiles {
        acl: mosquitto_acl(&root, &service, forms.iter().map(|(device, _)| device)),
        passwords: mosquitto_passwords(std::iter::once((service.as_str(), &service_form)).chain(users)),
        devices: forms.len(),
        service,
        drawn,
        without,
    })
}
