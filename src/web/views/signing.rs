//! Pages of what an officer signs: rules and their previews, closed months and their sheet, audits.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;
use crate::web::views::filters;

/// A name with its value, ready written.
#[derive(Clone, Debug)]
pub struct NameValue {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The versions of the rule, and the form of a new one.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/rules.html")]
pub struct RulesPage {
    /// What every page shares.
    pub frame: Frame,
    /// The reader may record a version.
    pub may_write: bool,
    /// The version in force.
    pub in_force: String,
    /// Its numbers.
    pub numbers: Vec<NumberRow>,
    /// Every version, newest first.
    pub versions: Vec<VersionRow>,
    /// Why a new one is refused; empty at first.
    pub refusal: String,
    /// The typed name.
    pub version: String,
    /// The typed day.
    pub effective_from: String,
    /// The numbers to type.
    pub fields: Vec<RuleField>,
}

/// A number of a rule, before and after.
#[derive(Clone, Debug)]
pub struct NumberRow {
    /// Its name with its unit.
    pub name: &'static str,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// They differ.
    pub changed: bool,
}

/// A version.
#[derive(Clone, Debug)]
pub struct VersionRow {
    /// Its name.
    pub version: String,
    /// Its first day.
    pub from: String,
    /// It is in force today.
    pub in_force: bool,
    /// What it changes.
    pub changed: String,
    /// Why it was made.
    pub why: String,
    /// Who recorded it, and when.
    pub by: String,
}

/// A number to type.
#[derive(Clone, Debug)]
pub struct RuleField {
    /// The field.
    pub field: &'static str,
    /// Its words.
    pub name: &'static str,
    /// What is allowed.
    pub limit: &'static str,
    /// What stands in it.
    pub value: String,
}

/// A preview, under way or done.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/rule_preview.html")]
pub struct PreviewPage {
    /// What every page shares.
    pub frame: Frame,
    /// The preview.
    pub id: String,
    /// The proposed version.
    pub version: String,
    /// Its first day.
    pub from: String,
    /// Why it is not saved; empty at first.
    pub refusal: String,
    /// Households done, in all, and in words, while it is under way.
    pub running: Option<(i64, i64, String)>,
    /// What is wrong; empty: nothing.
    pub message: &'static str,
    /// What the rule would change.
    pub done: Option<PreviewDone>,
}

/// What a rule would change.
#[derive(Clone, Debug)]
pub struct PreviewDone {
    /// From which day it is taken as in force, a sentence.
    pub as_from: String,
    /// The numbers.
    pub numbers: Vec<NumberRow>,
    /// Days, the last one first.
    pub days: Vec<EffectDay>,
    /// The current month day by day.
    pub course: Vec<ShareRow>,
}

/// What a rule would change on one day.
#[derive(Clone, Debug)]
pub struct EffectDay {
    /// The day.
    pub title: String,
    /// How many households move, a sentence.
    pub moved: String,
    /// Moves of the commune.
    pub moves: Vec<MoveRow>,
    /// Moves by hamlet.
    pub by_hamlet: Vec<MoveRow>,
    /// Shares: the commune, then the hamlets.
    pub hamlets: Vec<ShareRow>,
}

/// Households that move.
#[derive(Clone, Debug)]
pub struct MoveRow {
    /// The hamlet; empty for the commune.
    pub hamlet: String,
    /// From.
    pub from: String,
    /// To.
    pub to: String,
    /// How many.
    pub households: String,
}

/// A share before and after.
#[derive(Clone, Debug)]
pub struct ShareRow {
    /// Of what.
    pub name: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// The counts behind them; empty: not told.
    pub counts: String,
}

/// The months.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/reports.html")]
pub struct ReportsPage {
    /// What every page shares.
    pub frame: Frame,
    /// Months, the latest first.
    pub rows: Vec<MonthRow>,
    /// Years, the latest first.
    pub years: Vec<YearRow>,
}

/// A month.
#[derive(Clone, Debug)]
pub struct MonthRow {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Open, closed, revised.
    pub status: String,
    /// Figures differ from what was signed.
    pub differs: bool,
    /// The share at its end; empty while it runs.
    pub share: String,
    /// The badge's word; empty while it runs.
    pub badge: &'static str,
    /// The badge's class.
    pub badge_class: &'static str,
    /// E.
    pub eligible: String,
    /// Who closed it, when.
    pub by: String,
}

/// A year.
#[derive(Clone, Debug)]
pub struct YearRow {
    /// The year.
    pub year: String,
    /// Mean of its closed months.
    pub mean: String,
    /// December's.
    pub december: String,
    /// How many months are closed.
    pub months: String,
}

/// One month.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/report.html")]
pub struct ReportPage {
    /// What every page shares.
    pub frame: Frame,
    /// Its name.
    pub name: String,
    /// Open, closed, revised.
    pub status: String,
    /// It is open.
    pub open: bool,
    /// Its last day is over.
    pub over: bool,
    /// Why it was not closed; empty at first.
    pub refusal: String,
    /// The share.
    pub share: String,
    /// The badge's word.
    pub badge: &'static str,
    /// The badge's class.
    pub badge_class: &'static str,
    /// The commune's figures.
    pub figures: Vec<NameValue>,
    /// The hamlets'.
    pub areas: Vec<AreaLine>,
    /// The commune's other indicators.
    pub indicators: Vec<FrozenRow>,
    /// It is closed and nothing differs.
    pub stands: bool,
    /// What differs from what was signed.
    pub difference: Option<DifferenceView>,
    /// The form to close or revise.
    pub form: Option<CloseForm>,
    /// What was signed.
    pub revisions: Vec<RevisionRow>,
}

/// Another indicator as it was frozen.
#[derive(Clone, Debug)]
pub struct FrozenRow {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What it was made from.
    pub made_from: String,
}

/// A hamlet's figures at the month's end.
#[derive(Clone, Debug)]
pub struct AreaLine {
    /// The hamlet.
    pub name: String,
    /// E, S, N, U, share, upper bound, completeness.
    pub cells: [String; 7],
    /// The badge's word.
    pub badge: &'static str,
}

/// What differs.
#[derive(Clone, Debug)]
pub struct DifferenceView {
    /// Figures, as many as a page holds.
    pub changes: Vec<ChangeRow>,
    /// How many more, in words; empty: none.
    pub more: String,
    /// Households.
    pub moves: Vec<MoveRow>,
}

/// A figure that differs.
#[derive(Clone, Debug)]
pub struct ChangeRow {
    /// The commune or a hamlet.
    pub area: String,
    /// The figure.
    pub figure: String,
    /// What was signed.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// The form to close or revise a month.
#[derive(Clone, Debug)]
pub struct CloseForm {
    /// Where it goes.
    pub action: String,
    /// It revises.
    pub revise: bool,
    /// The warning of an early closing; empty: none.
    pub early: String,
    /// Hash of the figures shown.
    pub figures: String,
    /// The typed reason.
    pub reason: String,
}

/// A signed revision.
#[derive(Clone, Debug)]
pub struct RevisionRow {
    /// Its name.
    pub name: String,
    /// Its sheet.
    pub href: String,
    /// Its text.
    pub json: String,
    /// Its figures as CSV.
    pub csv: String,
    /// Who, when.
    pub by: String,
    /// Why it was revised; empty for the first.
    pub reason: String,
    /// The share.
    pub share: String,
    /// The hash.
    pub sha256: String,
    /// The hashes hold.
    pub holds: bool,
}

/// A signed revision as a sheet to print.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/report_sheet.html")]
pub struct SheetPage {
    /// What every page shares.
    pub frame: Frame,
    /// The commune, as frozen.
    pub commune: String,
    /// The month.
    pub month: String,
    /// The revision.
    pub revision: String,
    /// The month's page.
    pub back: String,
    /// The figures are simulated.
    pub simulated: bool,
    /// It was closed within 30 days.
    pub early: bool,
    /// Why it was revised; empty for the first.
    pub reason: String,
    /// The share.
    pub share: String,
    /// The badge's word.
    pub badge: &'static str,
    /// The badge's class.
    pub badge_class: &'static str,
    /// The commune's figures.
    pub figures: Vec<NameValue>,
    /// The hamlets'.
    pub areas: Vec<AreaLine>,
    /// Tonnage by stream.
    pub tonnage: Vec<TonnageRow>,
    /// The commune's other indicators.
    pub indicators: Vec<FrozenRow>,
    /// What differs from the revision before.
    pub difference: Option<DifferenceView>,
    /// Heading of the differences.
    pub difference_of: String,
    /// Who, when, cut-off, versions.
    pub beside: Vec<NameValue>,
    /// The hash.
    pub sha256: String,
    /// The hashes hold.
    pub holds: bool,
}

/// A stream's tonnage.
#[derive(Clone, Debug)]
pub struct TonnageRow {
    /// The stream.
    pub stream: String,
    /// Weighed, manual, estimated, together, of unknown households.
    pub cells: [String; 5],
}

/// The check of every hash.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/reports_verify.html")]
pub struct VerifyPage {
    /// What every page shares.
    pub frame: Frame,
    /// The reports.
    pub rows: Vec<VerdictRow>,
}

/// Whether a report holds.
#[derive(Clone, Debug)]
pub struct VerdictRow {
    /// Its sheet.
    pub href: String,
    /// Month and revision.
    pub name: String,
    /// The hash.
    pub sha256: String,
    /// It holds.
    pub holds: bool,
    /// What does not.
    pub faults: String,
}

/// The audits, and the form of a new draw.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/audits.html")]
pub struct AuditsPage {
    /// What every page shares.
    pub frame: Frame,
    /// The reader may draw.
    pub may_draw: bool,
    /// Audits, the latest first.
    pub rows: Vec<AuditRow>,
    /// Why nothing was drawn; empty at first.
    pub refusal: String,
    /// The typed day.
    pub day: String,
    /// The typed size.
    pub size: String,
    /// The typed seed.
    pub seed: String,
}

/// An audit.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Its page.
    pub href: String,
    /// The day.
    pub day: String,
    /// Who drew it, when.
    pub drawn: String,
    /// How many results are there.
    pub entered: String,
    /// The published share.
    pub published: String,
    /// Its badge: word and class.
    pub badge: (&'static str, &'static str),
    /// The corrected estimate.
    pub estimate: String,
    /// Its interval.
    pub interval: String,
}

/// One audit.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/audit.html")]
pub struct AuditPage {
    /// What every page shares.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The published share.
    pub published: String,
    /// Its badge: word and class.
    pub badge: (&'static str, &'static str),
    /// The estimate; `None` before the first answer.
    pub estimate: Option<EstimateView>,
    /// How many results are there.
    pub entered: String,
    /// The strata.
    pub strata: Vec<StratumRow>,
    /// The sample.
    pub sample: Vec<SampleRow>,
    /// Seed, list, who, when.
    pub beside: Vec<NameValue>,
    /// The form to enter results.
    pub enter: Option<EnterForm>,
    /// Why nothing was entered; empty at first.
    pub refusal: String,
}

/// The corrected estimate.
#[derive(Clone, Debug)]
pub struct EstimateView {
    /// The estimate.
    pub share: String,
    /// Its interval.
    pub interval: String,
    /// The bounds by those who did not answer.
    pub silent: String,
    /// Strata of which nobody answered; empty: none.
    pub unheard: String,
}

/// A stratum.
#[derive(Clone, Debug)]
pub struct StratumRow {
    /// Its name.
    pub name: String,
    /// Households, drawn, sorting, not sorting, not reached, refused, not entered.
    pub cells: [String; 7],
    /// Share of those who answered.
    pub share: String,
    /// Bounds by those who did not answer.
    pub bounds: String,
}

/// A household of the sample.
#[derive(Clone, Debug)]
pub struct SampleRow {
    /// Its number.
    pub number: String,
    /// The household.
    pub household: String,
    /// The form filled for it; empty: the reader may not enter.
    pub href: String,
    /// What was found; empty: nothing yet.
    pub result: &'static str,
    /// When.
    pub day: String,
    /// Who entered it.
    pub by: String,
    /// A note.
    pub note: String,
    /// It was corrected.
    pub corrected: bool,
}

/// The form to enter results.
#[derive(Clone, Debug)]
pub struct EnterForm {
    /// Where it goes.
    pub action: String,
    /// The typed household.
    pub household: String,
    /// Results to choose from.
    pub results: Vec<Choice>,
    /// The typed day.
    pub day: String,
    /// The typed note.
    pub note: String,
    /// The typed lines.
    pub csv: String,
}

/// The sheet to take along.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/audit_sheet.html")]
pub struct AuditSheet {
    /// What every page shares.
    pub frame: Frame,
    /// The audit.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its seed.
    pub seed: String,
    /// Results to tick.
    pub results: Vec<&'static str>,
    /// The households, in the order of a walk.
    pub rows: Vec<SheetRow>,
}

/// A household to visit.
#[derive(Clone, Debug)]
pub struct SheetRow {
    /// Its number in the sample.
    pub number: String,
    /// The household.
    pub household: String,
    /// Its hamlet.
    pub hamlet: String,
    /// Name of its head; empty: not stated.
    pub head_name: String,
    /// Address; empty: not stated.
    pub address: String,
}
