//! Why a file, a row or a cell does not fit, and what an officer should look at: as values, told in English by `Display`.
//!
//! # Why
//! Who corrects a file reads Vietnamese, who runs the command line English. The pages say each of these in their own words
//! (`web/texts`), where a new one that has no words does not compile; a sentence made here could only be shown as it is.

use std::fmt;

use super::kind::Kind;
use crate::domain::time::LocalDay;

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Referred {
    /// A hamlet.
    Area,
    /// A collection point.
    Point,
    /// A household.
    Household,
    /// A point or a route.
    Place,
}

impl fmt::Display for Referred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Area => "area",
            Self::Point => "point",
            Self::Household => "household",
            Self::Place => "point or route",
        })
    }
}

impl Referred {
    /// Names the files that hold such codes.
    const fn files(self) -> &'static str {
        match self {
            Self::Area => "areas",
            Self::Point => "points",
            Self::Household => "households",
            Self::Place => "points or routes",
        }
    }
}

/// What must not hold twice at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A household's registration.
    Household,
    /// A tag's household.
    Tag,
    /// A household's exclusion.
    Exclusion,
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Household => "household",
            Self::Tag => "tag",
            Self::Exclusion => "exclusion of",
        })
    }
}

/// Where the other one of two rows stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This row of the file.
    File(usize),
    /// The register as known.
    Register,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(row) => write!(f, "row {row}"),
            Self::Register => f.write_str("the register"),
        }
    }
}

fn until(to: &Option<LocalDay>) -> String {
    to.map_or_else(|| "with no end".to_owned(), |to| format!("until {to}"))
}

fn near(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|near| format!(" (nearest is `{near}`)")).unwrap_or_default()
}

fn meant(nearest: &Option<&'static str>) -> String {
    nearest.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// Gives the columns of a kind, with a star at each that every row needs.
pub fn columns(kind: Kind) -> String {
    let mark = |column: &super::kind::Column| format!("{}{}", column.name, if column.required { "*" } else { "" });
    kind.columns().iter().map(mark).collect::<Vec<_>>().join(", ")
}

/// Why something does not fit, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// More bytes than are read.
    #[error("the file has {bytes} bytes; at most {most}, so split it")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// More rows than are read.
    #[error("the file has more than {most} rows; split it")]
    TooManyRows {
        /// The limit.
        most: usize,
    },
    /// A spreadsheet that grows too much when it is opened.
    #[error("the file unfolds to {bytes} bytes; at most {most}, so split it")]
    Unfolds {
        /// Its unfolded size.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// A spreadsheet with cells far from the table.
    #[error("the cells are spread too wide; delete what stands right of the table, and split the file if it is long")]
    TooWide,
    /// UTF-16.
    #[error("the file is UTF-16; save it as \"CSV UTF-8\"")]
    Utf16,
    /// Excel 97 to 2003.
    #[error("the file is an old spreadsheet (.xls); save it as .xlsx or as \"CSV UTF-8\"")]
    OldSpreadsheet,
    /// Some other encoding.
    #[error("the file is not UTF-8 text; save it as \"CSV UTF-8\"")]
    NotUtf8,
    /// The reader of CSV gave up.
    #[error("the file is not CSV: {0}")]
    NotCsv(String),
    /// The reader of spreadsheets gave up.
    #[error("the file is not a spreadsheet that can be read ({0}); save it as .xlsx or as CSV")]
    NotSpreadsheet(String),
    /// One sheet cannot be read.
    #[error("the sheet cannot be read ({0}); save the file anew")]
    SheetUnreadable(String),
    /// A spreadsheet without a cell.
    #[error("the file holds no sheet with any cell; its first row names the columns")]
    NoCells,
    /// A file without a row.
    #[error("the file is empty; its first row names {}", columns(*.0))]
    Empty(Kind),
    /// A file that cannot be written.
    #[error("the spreadsheet cannot be written: {0}; export CSV")]
    Unwritable(String),

    /// A column that comes twice.
    #[error("column `{column}` comes twice, the second time as `{again}`; remove one")]
    ColumnTwice {
        /// Its name in the contract.
        column: &'static str,
        /// Its second name in the file.
        again: String,
    },
    /// A column that must be there.
    #[error("column `{column}` is missing; {kind} has the columns {}", columns(*.kind))]
    ColumnMissing {
        /// The column.
        column: &'static str,
        /// The kind of file.
        kind: Kind,
    },

    /// A cell that is too long.
    #[error("the cell has {bytes} bytes; at most {most}")]
    CellTooLong {
        /// Its size.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// A cell without a column.
    #[error("`{0}` stands right of the last column; put cells that hold a separator in quotes")]
    Surplus(String),
    /// A cell with a zero byte.
    #[error("the cell holds a zero byte; type it anew")]
    ZeroByte,
    /// An empty cell of a column that every row needs.
    #[error("`{0}` is empty; every row needs it")]
    Missing(&'static str),
    /// No code.
    #[error("`{0}` is not a code; write at most 64 characters without spaces or `|`")]
    NotCode(String),
    /// A code that the register does not know.
    #[error("unknown {what} `{code}`{}; correct it, or import {} first", near(.nearest), .what.files())]
    Unknown {
        /// What it should stand for.
        what: Referred,
        /// The code.
        code: String,
        /// The nearest known one.
        nearest: Option<String>,
    },
    /// No stream of the commune.
    #[error("unknown stream `{word}`; streams are {}", .known.join(", "))]
    UnknownStream {
        /// The word.
        word: String,
        /// The commune's.
        known: Vec<String>,
    },
    /// No word of a list.
    #[error("unknown {column} `{word}`; it is one of {}", .known.join(", "))]
    UnknownWord {
        /// The column.
        column: &'static str,
        /// The word.
        word: String,
        /// The list.
        known: Vec<&'static str>,
    },
    /// No number within bounds.
    #[error("`{text}` is not a number from {least} to {most}")]
    NotNumber {
        /// The cell.
        text: String,
        /// The least.
        least: String,
        /// The greatest.
        most: String,
    },
    /// No day.
    #[error("`{0}` is not a day; write YYYY-MM-DD or DD/MM/YYYY")]
    NotDay(String),
    /// An end before its beginning.
    #[error("`{to}` {end} is before `{from}` {first}; it is the first day that no longer counts")]
    EndsBefore {
        /// Column of the end.
        to: &'static str,
        /// The end.
        end: LocalDay,
        /// Column of the beginning.
        from: &'static str,
        /// The beginning.
        first: LocalDay,
    },
    /// No instant.
    #[error("`{0}` is not a time; write 2026-11-23 17:05, 23/11/2026 17:05 or 2026-11-23T17:05:00+07:00")]
    NotInstant(String),
    /// No time of day.
    #[error("`{0}` is not a time of day; write HH:MM")]
    NotTimeOfDay(String),
    /// A number that a spreadsheet has rounded.
    #[error(
        "`{0}` is a number of more than 15 digits, which a spreadsheet rounds; set the cell's format to Text and type it anew"
    )]
    Rounded(String),
    /// A cell that says that it is a date and is none.
    #[error("`{0}` is no date; write it as text")]
    NotDate(String),
    /// A formula that failed.
    #[error("the cell's formula gives the error {0}; correct or replace it")]
    Formula(String),

    /// A route named as a point.
    #[error("`{0}` is a collection point; give the route a code of its own")]
    RouteIsPoint(String),
    /// No tag number.
    #[error("`{0}` is not a tag number; write 2 to 128 hexadecimal digits, such as 04A224B2C15F80")]
    NotTag(String),
    /// No device id.
    #[error("`{0}` is not a device id; write 1 to 64 of A-Z a-z 0-9 . _ -")]
    NotDevice(String),
    /// A scale whose least load is not below its greatest.
    #[error("`min_g` {min_g} is not below `max_g` {max_g}")]
    MinNotBelowMax {
        /// The least.
        min_g: i64,
        /// The greatest.
        max_g: i64,
    },
    /// No weekdays.
    #[error("`{0}` names no weekdays; write for example `Mon Wed Fri`, `T2 T4 T6`, `CN` or `daily`")]
    NoWeekdays(String),
    /// A round that starts at the end of a day.
    #[error("a round cannot start at 24:00; write 00:00 of the next day")]
    StartsAtEnd,
    /// A round without length.
    #[error("`start` and `end` are the same; a round lasts less than a day")]
    NoLength,
    /// A vehicle that weighs less full than empty.
    #[error("`tare_g` {tare_g} is more than `gross_g` {gross_g}")]
    TareAboveGross {
        /// Empty.
        tare_g: i64,
        /// Full.
        gross_g: i64,
    },

    /// A key that comes twice.
    #[error("`{key}` comes twice with different content, first in row {first}; keep one row, the present one")]
    KeyTwice {
        /// The key.
        key: String,
        /// Where it comes first.
        first: usize,
    },
    /// Validity that overlaps.
    #[error("{thing} `{key}` holds twice from {start} on: it overlaps {other} ({whose}, from {from} {}); end the earlier one first", until(.to))]
    Overlaps {
        /// What holds twice.
        thing: Thing,
        /// Which.
        key: String,
        /// From when on.
        start: LocalDay,
        /// Where the other stands.
        other: Origin,
        /// What else the other says.
        whose: String,
        /// First day of the other.
        from: LocalDay,
        /// End of the other.
        to: Option<LocalDay>,
    },
    /// Two rounds at once.
    #[error(
        "place `{place}` has two rounds of `{stream}` at the same hours on {day}: it overlaps {other}; end the earlier line, or change the hours"
    )]
    RoundsOverlap {
        /// Where.
        place: String,
        /// Of which stream.
        stream: String,
        /// The first day on which they do.
        day: LocalDay,
        /// Where the other line stands.
        other: Origin,
    },
}

/// What an officer should look at; nothing here stops an import.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Caution {
    /// A column that is not read.
    #[error("column `{name}` is not known and was ignored{}", meant(.nearest))]
    UnknownColumn {
        /// Its name.
        name: String,
        /// The nearest known one.
        nearest: Option<&'static str>,
    },
    /// Sheets that are not read.
    #[error("only the sheet `{read}` was read, not {}", .others.join(", "))]
    OtherSheets {
        /// The one that was.
        read: String,
        /// The others.
        others: Vec<String>,
    },
    /// Rows of statements that say the same.
    #[error("{0} row(s) repeat another word for word and count once")]
    RepeatedRows(usize),
    /// A row that says the same as another.
    #[error("repeats row {0} word for word and counts once")]
    Repeats(usize),
    /// Half a position.
    #[error("only one of `lat` and `lon` is given; the point will not be on the map")]
    HalfPosition,
    /// A place that is no point or route.
    #[error("`{0}` is neither a known point nor a known route; taken for a vehicle")]
    Vehicle(String),
    /// A point that is closed while a household hands over there.
    #[error("point `{point}` is closed from {day} on; give the household another one")]
    Closed {
        /// The point.
        point: String,
        /// First day on which it is closed.
        day: LocalDay,
    },
    /// A short absence.
    #[error("the absence from {from} to {to} is shorter than {days} days; it counts")]
    ShortAbsence {
        /// First day.
        from: LocalDay,
        /// First day back.
        to: LocalDay,
        /// What would not be short.
        days: i32,
    },
    /// A validity of no day.
    #[error("`{from}` and `{to}` are both {day}: the row never holds")]
    NeverHolds {
        /// Column of the beginning.
        from: &'static str,
        /// Column of the end.
        to: &'static str,
        /// The day.
        day: LocalDay,
    },
    /// A day to come.
    #[error("`{column}` is {day}, a day to come")]
    DayToCome {
        /// The column.
        column: &'static str,
        /// The day.
        day: LocalDay,
    },
    /// A time to come.
    #[error("`{column}` is {text}, a time to come")]
    TimeToCome {
        /// The column.
        column: &'static str,
        /// The cell.
        text: String,
    },
    /// Warnings that are not kept.
    #[error("and {0} more warnings")]
    More(usize),
}

/// A caution with its row. `None`: it is about the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Row as a spreadsheet counts it.
    pub row: Option<usize>,
    /// What to look at.
    pub caution: Caution,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            Some(row) => write!(f, "row {row}: {}", self.caution),
            None => self.caution.fmt(f),
        }
    }
}

impl From<Caution> for Warning {
    fn from(caution: Caution) -> Self {
        Self { row: None, caution }
    }
}
