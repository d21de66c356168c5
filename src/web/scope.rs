//! Which hamlets an account's work is limited to.
//!
//! An account that names no hamlet has the whole commune, but for visitors, who then have none ([`super::evidence::sees_names`]
//! decides about names). What concerns the whole commune at once (files, rules, signing) is for accounts without a limit.

use super::guard::Who;
use super::problem::Problem;
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode};
use crate::domain::proposal::Proposal;
use crate::domain::register::{Register, Row};
use crate::domain::time::LocalDay;
use crate::store::Account;

/// The hamlets whose households an account may see and change.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a>(&'a [AreaCode]);

impl<'a> Scope<'a> {
    /// Gives the scope of who asks.
    pub fn of(who: &'a Who) -> Result<Self, Problem> {
        let account = who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in first"))?;
        Ok(Self::of_account(account))
    }

    /// Gives an account's scope.
    pub fn of_account(account: &'a Account) -> Self {
        Self(&account.areas)
    }

    /// Tells whether the account has the whole commune.
    pub const fn is_whole(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether a household is in scope: by its newest hamlet.
    pub fn admits(&self, register: &Register, household: &HouseholdCode) -> bool {
        self.is_whole() || register.households.get(household).is_some_and(|of| self.0.contains(&of.newest().area))
    }

    /// Tells whether a point or route is in scope: by its hamlet on a day.
    pub fn admits_place(&self, register: &Register, place: &PlaceCode, on: LocalDay) -> bool {
        self.is_whole() || register.area_of_place(place, on).is_some_and(|area| self.0.contains(area))
    }

    /// Tells whether a proposal may be seen and decided: every household that it speaks of is in scope.
    pub fn admits_proposal(&self, register: &Register, proposal: &Proposal) -> bool {
        self.is_whole() || proposal.proposed.households().iter().all(|household| self.admits(register, household))
    }

    /// Tells whether a row may be changed: a household's within scope, anything else with the whole commune.
    pub fn may_change(&self, register: &Register, row: &Row) -> bool {
        match (row, household_of(row)) {
            // A household that is moved into the account's hamlets, or first registered there.
            (Row::Household(household), _) => {
                let known = register.households.contains_key(&household.code);
                (!known || self.admits(register, &household.code))
                    && (self.is_whole() || self.0.contains(&household.area))
            }
            (_, Some(household)) => self.admits(register, household),
            (_, None) => self.is_whole(),
        }
    }
}

/// Gives the household that a row speaks of.
pub fn household_of(row: &Row) -> Option<&HouseholdCode> {
    match row {
        Row::Household(row) => Some(&row.code),
        Row::Route(row) => Some(&row.household),
        Row::Tag(row) => Some(&row.household),
        Row::Exclusion(row) => Some(&row.household),
        Row::Area(_) | Row::Point(_) | Row::Device(_) | Row::Schedule(_) | Row::Target(_) | Row::Rule(_) => None,
    }
}

/// Refuses what needs the whole commune.
pub fn whole_commune(who: &Who) -> Result<(), Problem> {
    if Scope::of(who)?.is_whole() {
        return Ok(());
    }
    let name = who.account.as_ref().map_or("", |account| account.name.as_str());
    Err(Problem::unusable(format!(
        "account `{name}` is limited to its hamlets; this concerns the whole commune and is for officers without that limit"
    )))
}
