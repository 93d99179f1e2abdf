//! Day and time of an appointment, as a person types them.

use crate::{appointments::EARLY, language::Texts};
use jiff::{
    Timestamp, ToSpan, Zoned,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use mitblick_protocol::appointment::Window;
use std::time::Duration;

/// How long after the time agreed on a customer can still come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LateBy {
    /// Half an hour.
    HalfHour,
    /// An hour.
    #[default]
    Hour,
    /// Two hours.
    TwoHours,
    /// Four hours.
    FourHours,
}

impl LateBy {
    /// In the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::HalfHour, Self::Hour, Self::TwoHours, Self::FourHours];

    /// The length.
    pub const fn length(self) -> Duration {
        let minutes = match self {
            Self::HalfHour => 30,
            Self::Hour => 60,
            Self::TwoHours => 120,
            Self::FourHours => 240,
        };
        Duration::from_secs(minutes * 60)
    }
}

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhenTyped {
    /// The day: `30.11.2026`, `30.11.` or `2026-11-30`.
    pub day: String,
    /// The time: `10:00`, `10.00` or `10`.
    pub time: String,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenError {
    /// Not a day.
    Day,
    /// Not a time of day.
    Time,
    /// It has been.
    Past,
}

/// A day in a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(Date);

impl Day {
    /// So many days later, or earlier.
    #[must_use]
    pub fn after(self, days: i32) -> Self {
        self.0.checked_add(days.days()).map_or(self, Self)
    }

    /// As it is typed.
    pub fn typed(self) -> String {
        self.0.strftime("%d.%m.%Y").to_string()
    }

    /// In words: `Montag, 30. November 2026`.
    pub fn in_words(self, texts: Texts) -> String {
        let values = [
            ("weekday", weekday(texts, self.0.weekday()).into()),
            ("day", self.0.day().to_string().into()),
            ("month", month(texts, self.0.month()).into()),
            ("year", self.0.year().to_string().into()),
        ];
        texts.t_with("date-long", &values)
    }
}

fn weekday(texts: Texts, weekday: Weekday) -> String {
    match weekday {
        Weekday::Monday => texts.t("weekday-monday"),
        Weekday::Tuesday => texts.t("weekday-tuesday"),
        Weekday::Wednesday => texts.t("weekday-wednesday"),
        Weekday::Thursday => texts.t("weekday-thursday"),
        Weekday::Friday => texts.t("weekday-friday"),
        Weekday::Saturday => texts.t("weekday-saturday"),
        Weekday::Sunday => texts.t("weekday-sunday"),
    }
}

fn month(texts: Texts, month: i8) -> String {
    match month {
        1 => texts.t("month-1"),
        2 => texts.t("month-2"),
        3 => texts.t("month-3"),
        4 => texts.t("month-4"),
        5 => texts.t("month-5"),
        6 => texts.t("month-6"),
        7 => texts.t("month-7"),
        8 => texts.t("month-8"),
        9 => texts.t("month-9"),
        10 => texts.t("month-10"),
        11 => texts.t("month-11"),
        _ => texts.t("month-12"),
    }
}

impl WhenTyped {
    /// The next full hour but one, or the next morning when that is no time to
    /// be at work: something to begin with.
    pub fn suggested(now: &Zoned) -> Self {
        let then = now.checked_add(2.hours()).unwrap_or_else(|_| now.clone());
        let day = Day(then.date());
        let (day, hour) = match then.hour() {
            ..8 => (day, 10),
            hour @ 8..18 => (day, hour),
            18.. => (day.after(1), 10),
        };
        Self { day: day.typed(), time: format!("{hour:02}:00") }
    }

    /// [`Self::suggested`] at this moment, on the person's own clock.
    pub fn suggested_now() -> Self {
        Self::suggested(&Zoned::now())
    }

    /// [`Self::unix_s`] at this moment, on the person's own clock.
    ///
    /// # Errors
    /// [`WhenError`].
    pub fn unix_s_now(&self) -> Result<u64, WhenError> {
        self.unix_s(&Zoned::now())
    }

    /// The day, if it is one. A day without a year is the next such.
    ///
    /// # Errors
    /// [`WhenError::Day`].
    pub fn day(&self, today: Day) -> Result<Day, WhenError> {
        let numbers = |text: &str, mark: char| -> Option<Vec<i16>> {
            text.split(mark).map(|part| part.trim().parse().ok()).collect()
        };
        let text = self.day.trim();
        let date = if let Some(parts) = numbers(text, '-') {
            match *parts.as_slice() {
                [year, month, day] => date_of(year, month, day),
                _ => None,
            }
        } else {
            match *numbers(text.trim_end_matches('.'), '.').unwrap_or_default().as_slice() {
                [day, month] => {
                    let this = date_of(today.0.year(), month, day);
                    this.filter(|date| *date >= today.0).or_else(|| date_of(today.0.year() + 1, month, day))
                }
                [day, month, year @ 0..=99] => date_of(2000 + year, month, day),
                [day, month, year] => date_of(year, month, day),
                _ => None,
            }
        };
        date.map(Day).ok_or(WhenError::Day)
    }

    /// The time of day, if it is one.
    ///
    /// # Errors
    /// [`WhenError::Time`].
    fn time(&self) -> Result<Time, WhenError> {
        let parts: Option<Vec<i8>> = self.time.trim().split([':', '.']).map(|part| part.trim().parse().ok()).collect();
        let time = match *parts.unwrap_or_default().as_slice() {
            [hour] => Time::new(hour, 0, 0, 0),
            [hour, minute] => Time::new(hour, minute, 0, 0),
            _ => return Err(WhenError::Time),
        };
        time.map_err(|_| WhenError::Time)
    }

    /// The moment, in seconds since 1970, on the clock of this zone; it must
    /// not have been a quarter of an hour ago.
    ///
    /// # Errors
    /// [`WhenError`].
    pub fn unix_s(&self, now: &Zoned) -> Result<u64, WhenError> {
        let at = self.day(Day(now.date()))?.0.to_datetime(self.time()?);
        let then = at.to_zoned(now.time_zone().clone()).map_err(|_| WhenError::Day)?.timestamp();
        let unix_s = u64::try_from(then.as_second()).map_err(|_| WhenError::Past)?;
        let now_unix_s = u64::try_from(now.timestamp().as_second()).unwrap_or_default();
        if unix_s + EARLY.as_secs() <= now_unix_s { Err(WhenError::Past) } else { Ok(unix_s) }
    }
}

fn date_of(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

impl Day {
    /// Today, on the person's own calendar.
    pub fn today() -> Self {
        Self(Zoned::now().date())
    }

    /// The day of a moment on the person's own calendar.
    pub fn of(unix_s: u64) -> Self {
        let seconds = i64::try_from(unix_s).unwrap_or(i64::MAX);
        Self(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX).to_zoned(TimeZone::system()).date())
    }
}

/// The window of an appointment that is to begin then.
pub(crate) fn window(begins_unix_s: u64, late_by: LateBy) -> Option<Window> {
    let closes = begins_unix_s.checked_add(late_by.length().as_secs())?;
    Window::new(begins_unix_s.saturating_sub(EARLY.as_secs()), closes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    /// A zone with summer time, whatever the system knows of zones.
    fn zone() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn now() -> Zoned {
        at("2026-11-28T22:10")
    }

    fn at(text: &str) -> Zoned {
        text.parse::<jiff::civil::DateTime>().unwrap().to_zoned(zone()).unwrap()
    }

    fn typed(day: &str, time: &str) -> WhenTyped {
        WhenTyped { day: day.into(), time: time.into() }
    }

    fn unix_s(text: &str) -> u64 {
        at(text).timestamp().as_second().unsigned_abs()
    }

    #[test]
    fn days_and_times_are_taken_as_people_write_them() {
        let wanted = unix_s("2026-11-30T10:00");
        for (day, time) in [
            ("30.11.2026", "10:00"),
            ("30.11.26", "10"),
            (" 30. 11. 2026 ", "10.00"),
            ("30.11.", "10:0"),
            ("30.11", " 10 : 00 "),
            ("2026-11-30", "10:00"),
        ] {
            assert_eq!(typed(day, time).unix_s(&now()), Ok(wanted), "{day} {time}");
        }
        assert_eq!(typed("2.1.", "9:30").unix_s(&now()), Ok(unix_s("2027-01-02T09:30")));
    }

    #[test]
    fn summer_time_is_the_one_of_that_day() {
        assert_eq!(typed("1.4.2027", "10:00").unix_s(&now()), Ok(unix_s("2027-04-01T10:00")));
        assert_eq!(unix_s("2027-04-01T10:00") % 86_400, 8 * 3_600);
    }

    #[test]
    fn what_is_no_day_or_no_time_or_has_been_is_told_apart() {
        for day in ["", "x", "31.11.2026", "30", "30.11.2026.1", "2026-11", "0.0.", "30/11/2026", "99999.1.1"] {
            assert_eq!(typed(day, "10:00").unix_s(&now()), Err(WhenError::Day), "{day}");
        }
        for time in ["", "x", "24:00", "10:60", "-1:00", "10:00:00", "10 Uhr"] {
            assert_eq!(typed("30.11.2026", time).unix_s(&now()), Err(WhenError::Time), "{time}");
        }
        assert_eq!(typed("28.11.2026", "21:55").unix_s(&now()), Err(WhenError::Past));
        assert!(typed("28.11.2026", "21:56").unix_s(&now()).is_ok(), "just missed, and still to be agreed on");
        assert_eq!(typed("1.1.1960", "10:00").unix_s(&now()), Err(WhenError::Past));
    }

    #[test]
    fn what_is_suggested_can_be_booked_as_it_is() {
        for (now, day, time) in [
            ("2026-11-28T22:10", "29.11.2026", "10:00"),
            ("2026-11-28T16:30", "29.11.2026", "10:00"),
            ("2026-11-28T15:59", "28.11.2026", "17:00"),
            ("2026-11-28T03:00", "28.11.2026", "10:00"),
        ] {
            let suggested = WhenTyped::suggested(&at(now));
            assert_eq!((suggested.day.as_str(), suggested.time.as_str()), (day, time), "{now}");
            assert!(suggested.unix_s(&at(now)).is_ok());
        }
    }

    #[test]
    fn a_day_is_told_in_words() {
        let day = typed("30.11.2026", "").day(Day(now().date())).unwrap();
        assert_eq!(day.in_words(Texts::of(Language::German)), "Montag, 30. November 2026");
        assert_eq!(day.in_words(Texts::of(Language::English)), "Monday, 30 November 2026");
        assert_eq!(day.after(1).typed(), "01.12.2026");
        assert_eq!(day.after(-30).typed(), "31.10.2026");
    }

    #[test]
    fn a_window_begins_early_and_ends_when_nobody_comes_any_more() {
        let window = window(100_000, LateBy::Hour).unwrap();
        assert_eq!((window.opens_unix_s(), window.closes_unix_s()), (100_000 - 900, 103_600));
        for late_by in LateBy::ALL {
            assert!(super::window(100_000, late_by).is_some());
        }
        assert_eq!(super::window(u64::MAX, LateBy::Hour), None);
    }
}
