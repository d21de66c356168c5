//! Where a household stands on one day, in the words of lists, strata and differences; and how households moved.

use std::collections::BTreeMap;

use crate::domain::ids::{AreaCode, HouseholdCode};
use crate::domain::state::{DayState, Level, Reason, State};

/// Where a household stands: its state with its reason, or outside the denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// S.
    Sorting,
    /// N.
    NotSorting,
    /// U, and why.
    Undetermined(Reason),
    /// Not in the denominator.
    Outside,
}

impl Standing {
    /// Gives the standing of a day. `None` stands for a household that is not in the denominator.
    pub fn of(state: Option<&DayState>) -> Self {
        let Some(state) = state else { return Self::Outside };
        match state.state {
            State::Sorting => Self::Sorting,
            State::NotSorting => Self::NotSorting,
            // A state without a reason is written by no version; the list's last reason claims least.
            State::Undetermined => Self::Undetermined(state.reason.unwrap_or(Reason::NotObservable)),
        }
    }

    /// Gives the word used in files and in the API: `S`, `N`, `U:no_pickup` …, or `-` for outside.
    pub fn word(self) -> String {
        match self {
            Self::Sorting => "S".to_owned(),
            Self::NotSorting => "N".to_owned(),
            Self::Undetermined(reason) => format!("U:{reason}"),
            Self::Outside => "-".to_owned(),
        }
    }
}

/// How many households moved from one standing to another, by hamlet. Those that stayed are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves(pub BTreeMap<(AreaCode, Standing, Standing), i64>);

impl Moves {
    /// Counts a household.
    pub fn note(&mut self, area: &AreaCode, from: Standing, to: Standing) {
        if from != to {
            *self.0.entry((area.clone(), from, to)).or_default() += 1;
        }
    }

    /// Gives the households that moved.
    pub fn households(&self) -> i64 {
        self.0.values().sum()
    }

    /// Gives the moves of all hamlets together.
    pub fn together(&self) -> BTreeMap<(Standing, Standing), i64> {
        let mut together = BTreeMap::new();
        for ((_, from, to), count) in &self.0 {
            *together.entry((*from, *to)).or_default() += count;
        }
        together
    }

    /// Counts the moves between two lists of one day; whoever is in one of them only comes from, or goes, outside.
    pub fn between(before: &[Listed], after: &[Listed]) -> Self {
        let mut moves = Self::default();
        let mut held: BTreeMap<&HouseholdCode, &Listed> = before.iter().map(|row| (&row.household, row)).collect();
        for row in after {
            let from = held.remove(&row.household).map(|old| &old.state);
            moves.note(&row.area, Standing::of(from), Standing::of(Some(&row.state)));
        }
        for row in held.into_values() {
            moves.note(&row.area, Standing::of(Some(&row.state)), Standing::Outside);
        }
        moves
    }
}

/// A household with its state on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The household.
    pub household: HouseholdCode,
    /// Its hamlet.
    pub area: AreaCode,
    /// Its state.
    pub state: DayState,
}

/// Writes a list as text: a line a household, by code, of seven columns with a tab between: code, hamlet, state, reason, weakest
/// level of evidence, at least one group, enrolled. `-` stands for what there is not; yes is 1, no is 0.
pub fn write_list(rows: &[Listed]) -> String {
    let mut sorted: Vec<&Listed> = rows.iter().collect();
    sorted.sort_by(|one, other| one.household.cmp(&other.household));
    let line = |row: &&Listed| {
        format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
            row.household,
            row.area,
            row.state.state,
            row.state.reason.map_or("-", Reason::as_str),
            row.state.weakest.map_or("-", Level::as_str),
            i32::from(row.state.at_least_one),
            i32::from(row.state.enrolled),
        )
    };
    sorted.iter().map(line).collect()
}

/// Reads a list back. `Err`: the line that is none.
pub fn read_list(text: &str) -> Result<Vec<Listed>, String> {
    text.lines().map(|line| read_line(line).ok_or_else(|| line.to_owned())).collect()
}

fn read_line(line: &str) -> Option<Listed> {
    let mut cells = line.split('\t');
    let mut next = || cells.next();
    let (household, area) = (HouseholdCode::new(next()?), AreaCode::new(next()?));
    let state = State::from_word(next()?)?;
    let reason = match next()? {
        "-" => None,
        word => Some(Reason::from_word(word)?),
    };
    let weakest = match next()? {
        "-" => None,
        word => Some(Level::from_word(word)?),
    };
    let mut flag = || match next()? {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    };
    let state = DayState { state, reason, weakest, at_least_one: flag()?, enrolled: flag()? };
    next().is_none().then_some(Listed { household, area, state })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(household: &str, state: State, reason: Option<Reason>, weakest: Option<Level>) -> Listed {
        let state = DayState { state, reason, weakest, at_least_one: true, enrolled: false };
        Listed { household: household.into(), area: "A".into(), state }
    }

    #[test]
    fn a_list_is_read_as_it_was_written_and_sorted_by_code() {
        let rows = [
            row("H-2", State::Undetermined, Some(Reason::NoPickup), None),
            row("H-1", State::Sorting, None, Some(Level::Crew)),
        ];
        let text = write_list(&rows);
        assert_eq!(text, "H-1\tA\tS\t-\tcrew\t1\t0\nH-2\tA\tU\tno_pickup\t-\t1\t0\n");
        assert_eq!(read_list(&text).unwrap(), [rows[1].clone(), rows[0].clone()]);
        assert_eq!(read_list("H-1\tA\tS\t-\tcrew\t1\n"), Err("H-1\tA\tS\t-\tcrew\t1".to_owned()));
    }

    #[test]
    fn moves_count_who_changed_and_who_came_and_went() {
        let before = [row("1", State::Sorting, None, None), row("2", State::NotSorting, None, None)];
        let after = [row("1", State::Undetermined, Some(Reason::NoPickup), None), row("3", State::Sorting, None, None)];
        let moves = Moves::between(&before, &after).together();
        let told: Vec<String> = moves.iter().map(|((a, b), n)| format!("{} {} {n}", a.word(), b.word())).collect();
        assert_eq!(told, ["S U:no_pickup 1", "N - 1", "- S 1"]);
        assert_eq!(Moves::between(&before, &before).households(), 0);
    }
}
