//! Accounts, tokens, paired phones and the access log.

use askama::Template;

use super::filters;
use super::frame::Frame;

/// A box to tick.
pub struct Tick {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// It is ticked.
    pub ticked: bool,
}

/// An account in the list.
pub struct UserLine {
    /// Its name.
    pub name: String,
    /// Its roles, in words.
    pub roles: String,
    /// Its hamlets.
    pub areas: String,
    /// When it last signed in; empty: never.
    pub last_sign_in: String,
    /// What must be known of it: disabled, waiting for a first password.
    pub note: &'static str,
}

/// Every account, and the form for another.
#[derive(Template)]
#[template(path = "pages/users.html")]
pub struct Users {
    /// What every page shares.
    pub frame: Frame,
    /// Why the form was not taken; empty: it was, or not sent yet.
    pub refusal: String,
    /// The accounts.
    pub rows: Vec<UserLine>,
    /// Name as typed.
    pub name: String,
    /// Roles to tick.
    pub roles: Vec<Tick>,
    /// Hamlets to tick.
    pub areas: Vec<Tick>,
}

/// One account, with what may be done to it.
#[derive(Template)]
#[template(path = "pages/user.html")]
pub struct User {
    /// What every page shares.
    pub frame: Frame,
    /// Why the form was not taken.
    pub refusal: String,
    /// What was done; empty: nothing.
    pub done: &'static str,
    /// The account.
    pub row: UserLine,
    /// When it was made.
    pub created: String,
    /// It may sign in.
    pub enabled: bool,
    /// It has a PIN.
    pub pin: bool,
    /// It is a crew's.
    pub crew: bool,
    /// Roles to tick.
    pub roles: Vec<Tick>,
    /// Hamlets to tick.
    pub areas: Vec<Tick>,
    /// What was changed of it: when, by whom, what.
    pub changes: Vec<[String; 3]>,
}

/// A secret, shown this once.
#[derive(Template)]
#[template(path = "pages/shown_once.html")]
pub struct ShownOnce {
    /// What every page shares.
    pub frame: Frame,
    /// Whose, or what for.
    pub of: String,
    /// What it is.
    pub label: &'static str,
    /// The secret.
    pub secret: String,
    /// What to do with it.
    pub advice: &'static str,
    /// A drawing of it for a camera, SVG; empty: none.
    pub drawing: String,
    /// The address in the drawing.
    pub address: String,
    /// Where to go on.
    pub back: String,
}

/// A session in the list.
pub struct SessionLine {
    /// Names it in the form.
    pub id: String,
    /// Browser or phone.
    pub from: String,
    /// Since when.
    pub opened: String,
    /// Last used.
    pub used: String,
    /// It is the one that asks.
    pub this: bool,
}

/// One's own account.
#[derive(Template)]
#[template(path = "pages/account.html")]
pub struct Own {
    /// What every page shares.
    pub frame: Frame,
    /// Why the form was not taken.
    pub refusal: String,
    /// What was done; empty: nothing.
    pub done: &'static str,
    /// The name.
    pub name: String,
    /// The roles, in words.
    pub roles: String,
    /// The hamlets.
    pub areas: String,
    /// The password must be replaced first.
    pub must_choose: bool,
    /// Things may be changed here: signed in by password.
    pub may_change: bool,
    /// Open sessions.
    pub sessions: Vec<SessionLine>,
}

/// A token in the list.
pub struct TokenLine {
    /// Names it in the form.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Whose.
    pub account: String,
    /// What it carries.
    pub scope: String,
    /// When it was made.
    pub created: String,
    /// Until when.
    pub expires: String,
    /// Last used; empty: never.
    pub used: String,
}

/// Tokens: one's own, and for admins all.
#[derive(Template)]
#[template(path = "pages/tokens.html")]
pub struct Tokens {
    /// What every page shares.
    pub frame: Frame,
    /// Why the form was not taken.
    pub refusal: String,
    /// Every account's tokens are listed.
    pub of_all: bool,
    /// Tokens may be made and revoked: signed in by password.
    pub may_change: bool,
    /// The tokens.
    pub rows: Vec<TokenLine>,
    /// Roles to tick.
    pub roles: Vec<Tick>,
}

/// A paired phone in the list.
pub struct PhoneLine {
    /// Names it in addresses.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is paired, and since when; or until when its code is good.
    pub state: String,
    /// By whom its code was made.
    pub by: String,
    /// Last used; empty: never.
    pub used: String,
    /// Accounts locked on it.
    pub locked: Vec<String>,
}

/// Paired phones.
#[derive(Template)]
#[template(path = "pages/phones.html")]
pub struct Phones {
    /// What every page shares.
    pub frame: Frame,
    /// Why the form was not taken.
    pub refusal: String,
    /// The phones.
    pub rows: Vec<PhoneLine>,
}

/// The page that pairs the phone on which it is opened.
#[derive(Template)]
#[template(path = "pages/phone_pair.html")]
pub struct Pair {
    /// What every page shares.
    pub frame: Frame,
    /// Why the code was not taken.
    pub refusal: String,
    /// The code as it came.
    pub code: String,
}

/// Signing in by PIN.
#[derive(Template)]
#[template(path = "pages/phone_sign_in.html")]
pub struct PinSignIn {
    /// What every page shares.
    pub frame: Frame,
    /// Why it was refused.
    pub refusal: String,
    /// The phone's name; empty: it is not paired.
    pub phone: String,
    /// Names to choose from.
    pub names: Vec<String>,
    /// Where it leads.
    pub next: String,
    /// The page to sign in by password.
    pub by_password: String,
}

/// A look in the access log.
pub struct LookLine {
    /// When.
    pub at: String,
    /// Who.
    pub account: String,
    /// What was done, in words.
    pub action: String,
    /// At what.
    pub subject: String,
    /// Every household of the commune was among the rows.
    pub everybody: bool,
    /// How many rows; empty: not counted.
    pub rows: String,
}

/// The access log.
#[derive(Template)]
#[template(path = "pages/access_log.html")]
pub struct AccessLog {
    /// What every page shares.
    pub frame: Frame,
    /// The filters as asked for: account, household, first day, last day.
    pub asked: [String; 4],
    /// The looks.
    pub rows: Vec<LookLine>,
    /// The next page; empty: this is the last.
    pub next: String,
    /// The same as a file.
    pub csv: String,
}
