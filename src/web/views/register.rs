//! The register: lists, rows with their history, forms, files, and what waits for a second person.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;
use crate::web::texts::RegisterTexts;
use crate::web::views::filters;

/// A table of words.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// What it shows.
    pub caption: String,
    /// Names of the columns.
    pub head: Vec<&'static str>,
    /// Rows of cells.
    pub rows: Vec<Vec<String>>,
}

/// A proposal in a list.
#[derive(Clone, Debug)]
pub struct ProposalLine {
    /// Its id.
    pub id: String,
    /// What it proposes.
    pub what: &'static str,
    /// How many households.
    pub households: String,
    /// Why.
    pub reason: String,
    /// Who proposed it, when.
    pub proposed: String,
    /// What became of it.
    pub outcome: String,
}

/// The proposals.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/proposals.html")]
pub struct Proposals {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// Those that wait.
    pub waiting: Vec<ProposalLine>,
    /// Those that were decided.
    pub decided: Vec<ProposalLine>,
}

/// One proposal.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/proposal.html")]
pub struct ProposalPage {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// The proposal.
    pub line: ProposalLine,
    /// The reason of the decision; empty when there is none.
    pub decision_reason: String,
    /// It waits.
    pub waits: bool,
    /// The reader proposed it.
    pub own: bool,
    /// Why the last attempt was refused; empty at first.
    pub refusal: String,
    /// The reason typed before, kept.
    pub typed: String,
    /// What would be recorded.
    pub sheets: Vec<Sheet>,
}

/// A kind on the register's first page.
#[derive(Clone, Debug)]
pub struct Tile {
    /// Where its list is.
    pub href: String,
    /// Its name.
    pub label: &'static str,
    /// How many rows.
    pub count: String,
}

/// The register's first page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/register.html")]
pub struct RegisterHome {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// The kinds.
    pub tiles: Vec<Tile>,
    /// Proposals that wait.
    pub waiting: String,
}

/// A row of a list.
#[derive(Clone, Debug)]
pub struct ListRow {
    /// Where its page is; empty: it has none.
    pub href: String,
    /// Its cells.
    pub cells: Vec<String>,
    /// It does not hold on the day.
    pub ended: bool,
}

/// The rows of a kind as of a day.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/register_rows.html")]
pub struct ListPage {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// The kind's word.
    pub kind: &'static str,
    /// The kind's name.
    pub name: &'static str,
    /// Names of the columns.
    pub head: Vec<&'static str>,
    /// What is searched.
    pub q: String,
    /// The day, `YYYY-MM-DD`.
    pub on: String,
    /// Also rows that do not hold.
    pub all: bool,
    /// How many rows.
    pub count: String,
    /// The rows.
    pub rows: Vec<ListRow>,
    /// The page before; empty when there is none.
    pub previous: String,
    /// The next page; empty when there is none.
    pub next: String,
    /// A row can be added by a form.
    pub addable: bool,
}

/// A recorded version, told.
#[derive(Clone, Debug)]
pub struct Said {
    /// Who recorded it, when.
    pub by: String,
    /// Why; empty: nobody said.
    pub reason: String,
    /// What differs from the version before.
    pub changes: Vec<String>,
    /// The version, by the milliseconds of its recording.
    pub version: i64,
}

/// A link to another row.
#[derive(Clone, Debug)]
pub struct Related {
    /// Where it leads; empty: nowhere.
    pub href: String,
    /// Its words.
    pub label: String,
}

/// One row with its history.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/register_row.html")]
pub struct RowPage {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// The kind's word.
    pub kind: &'static str,
    /// The kind's name.
    pub name: &'static str,
    /// The key, encoded for an address.
    pub key: String,
    /// The key as it is.
    pub bare_key: String,
    /// What it says: name and value.
    pub facts: Vec<(&'static str, String)>,
    /// Its validity can be ended.
    pub ends: bool,
    /// Something was recorded just now.
    pub done: bool,
    /// Why personal data was not erased; empty at first.
    pub refusal: &'static str,
    /// Every version, newest first.
    pub versions: Vec<Said>,
    /// It is a household, whose personal data is kept apart.
    pub personal: bool,
    /// Personal data is kept.
    pub has_person: bool,
    /// When personal data was erased.
    pub erasures: Vec<String>,
    /// What else belongs to the household.
    pub related: Vec<Related>,
    /// The household's code; empty for other rows.
    pub household: String,
}

/// A field of a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// Its words.
    pub label: &'static str,
    /// `date` or `text`.
    pub input: &'static str,
    /// What it means; empty where its words say it.
    pub hint: &'static str,
    /// What does not fit; empty when it does.
    pub fault: String,
    /// What is typed.
    pub value: String,
    /// It must be filled in.
    pub required: bool,
    /// It names the row and cannot change.
    pub fixed: bool,
    /// What it can be; empty: anything.
    pub choices: Vec<Choice>,
}

/// A form of one row.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/register_form.html")]
pub struct FormPage {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// The kind's word.
    pub kind: &'static str,
    /// The kind's name.
    pub name: &'static str,
    /// The row's key; empty: a new row.
    pub key: String,
    /// The newest version that the writer has seen.
    pub seen: String,
    /// Identity of the proposal that the form may become.
    pub id: String,
    /// Why it was not recorded; empty at first.
    pub refusal: String,
    /// What does not fit of the row as a whole.
    pub row_fault: String,
    /// The fields.
    pub fields: Vec<Field>,
    /// The reason typed.
    pub why: String,
    /// What is wrong with the reason.
    pub why_fault: String,
    /// A reason is needed.
    pub why_required: bool,
    /// Where the form is left to.
    pub back: String,
    /// Every version, newest first.
    pub versions: Vec<Said>,
}

/// A fault of a file.
#[derive(Clone, Debug)]
pub struct FaultLine {
    /// Sheet; empty for CSV.
    pub sheet: String,
    /// Row.
    pub row: String,
    /// Column.
    pub column: String,
    /// The cell.
    pub value: String,
    /// What is wrong, and the way out.
    pub message: String,
}

/// Files in and out.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/register_files.html")]
pub struct Files {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// The reader is limited to hamlets, and files are of the whole commune.
    pub limited: bool,
    /// Kinds of files.
    pub kinds: Vec<Choice>,
    /// A file was recorded just now.
    pub done: bool,
    /// How many faults the last file has; empty: none.
    pub faults_found: String,
    /// Its faults.
    pub faults: Vec<FaultLine>,
    /// How many more; empty: none.
    pub more: String,
}

/// A change that a file would make.
#[derive(Clone, Debug)]
pub struct Change {
    /// New, or replacing a version.
    pub what: &'static str,
    /// Which row.
    pub subject: String,
    /// What it says.
    pub changes: Vec<String>,
}

/// What a file would change.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/register_preview.html")]
pub struct PreviewPage {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// The kind's word.
    pub kind: &'static str,
    /// The kind's name.
    pub name: &'static str,
    /// Rows, new, replacing, unchanged.
    pub sums: String,
    /// It says nothing new.
    pub nothing: bool,
    /// The register changed since it was shown first.
    pub moved: bool,
    /// It needs a second person.
    pub second: bool,
    /// What to look at.
    pub warnings: Vec<String>,
    /// The changes.
    pub changes: Vec<Change>,
    /// How many more; empty: none.
    pub more: String,
    /// The register's number.
    pub version: String,
    /// Id of a proposal to be.
    pub id: String,
    /// The file, base64.
    pub content: String,
    /// The reason typed.
    pub reason: String,
}

/// A fault of the register.
#[derive(Clone, Debug)]
pub struct FaultRow {
    /// The tag; empty: it is about households.
    pub uid: String,
    /// The households.
    pub households: Vec<Related>,
    /// Where it was seen.
    pub places: String,
    /// How often.
    pub times: String,
    /// First seen.
    pub first: String,
    /// Last seen.
    pub last: String,
    /// Where the tag is assigned; empty: it is not.
    pub assign: String,
}

/// Faults of one kind.
#[derive(Clone, Debug)]
pub struct FaultGroup {
    /// The kind's word.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How many.
    pub count: String,
    /// They were seen at times.
    pub seen: bool,
    /// The first of them.
    pub rows: Vec<FaultRow>,
    /// How many more; empty: none.
    pub more: String,
}

/// The report of the register's faults.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/register_faults.html")]
pub struct Faults {
    /// What every page shares.
    pub frame: Frame,
    /// The words.
    pub r: &'static RegisterTexts,
    /// By kind.
    pub groups: Vec<FaultGroup>,
}
