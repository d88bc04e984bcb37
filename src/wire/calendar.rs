//! The proleptic Gregorian calendar: days since 1970-01-01 to year, month and day, and back.
//!
//! Years are counted from March inside, so that the leap day is the last of its year and the
//! lengths of the months before it follow one linear rule.

/// Lengths in milliseconds.
pub(super) const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// English names as HTTP dates use them; day 0 of the epoch is a Thursday.
pub(super) const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
/// English names as HTTP dates use them, January first.
pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DAYS_PER_ERA: i64 = 146_097;
const YEARS_PER_ERA: i64 = 400;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_OFFSET: i64 = 719_468;

/// Year, month (1 to 12) and day (1 to 31) of a number of days since 1970-01-01.
pub(super) fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let shifted = days + EPOCH_OFFSET;
    let era = shifted.div_euclid(DAYS_PER_ERA);
    let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
    // Removing the leap days counted so far leaves years of 365 days.
    let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / (DAYS_PER_ERA - 1);
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * YEARS_PER_ERA + year_of_era + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

/// Days since 1970-01-01 of a date. A day beyond the end of its month runs into the next one, as
/// JavaScript's `Date.parse` has it.
pub(super) fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let month = i64::from(month);
    let shifted_year = year - i64::from(month <= 2);
    let era = shifted_year.div_euclid(YEARS_PER_ERA);
    let year_of_era = shifted_year.rem_euclid(YEARS_PER_ERA);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - EPOCH_OFFSET
}

#[cfg(test)]
mod tests {
    use time::{Date, Duration, macros::date};

    use super::*;

    #[test]
    fn agrees_with_another_calendar_over_ten_thousand_years() {
        let first = date!(0000 - 01 - 01);
        let days = (date!(9999 - 12 - 31) - first).whole_days();
        let offset = (date!(1970 - 01 - 01) - first).whole_days();
        for index in (0..=days).step_by(13).chain([days]) {
            let expected: Date = first + Duration::days(index);
            let (year, month, day) = (i64::from(expected.year()), u8::from(expected.month()), expected.day());
            assert_eq!(civil_from_days(index - offset), (year, month, day));
            assert_eq!(days_from_civil(year, month, day), index - offset);
        }
    }

    #[test]
    fn a_day_too_many_runs_into_the_next_month() {
        assert_eq!(days_from_civil(2024, 2, 30), days_from_civil(2024, 3, 1));
        assert_eq!(days_from_civil(2023, 2, 29), days_from_civil(2023, 3, 1));
    }
}
