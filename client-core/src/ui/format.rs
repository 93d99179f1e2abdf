//! Amounts and times as people read them.

use crate::language::{Language, Texts};

/// An amount of data: `812 kB`, `1,4 MB`. Powers of ten, as networks count.
pub fn bytes(amount: u64, language: Language) -> String {
    const STEPS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    for (unit, name) in STEPS {
        if amount >= unit {
            let tenths = amount / (unit / 10);
            return if tenths >= 100 || unit == 1_000 {
                format!("{} {name}", amount / unit)
            } else {
                format!("{}{}{} {name}", tenths / 10, language.decimal_mark(), tenths % 10)
            };
        }
    }
    format!("{amount} B")
}

/// A short time as a clock shows it: `4:05`, `1:04:05`.
pub fn countdown(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// From here on a time that runs out is counted in seconds, before in minutes:
/// each change is a repaint, and nobody needs to see seconds of a quarter of an
/// hour.
const COUNT_SECONDS_FROM_S: u64 = 300;

/// The part of a time that runs out that is shown: equal ones look the same.
pub fn time_left_step(seconds: u64) -> u64 {
    if seconds > COUNT_SECONDS_FROM_S { seconds - seconds % 60 } else { seconds }
}

/// A time that runs out: `12 min`, then `4:05`.
pub fn time_left(texts: Texts, seconds: u64) -> String {
    if seconds > COUNT_SECONDS_FROM_S {
        texts.t_with("time-left-minutes", &[("minutes", (seconds / 60).into())])
    } else {
        countdown(seconds)
    }
}

/// A length of time in words: `4 Minuten und 5 Sekunden`.
pub fn duration(texts: Texts, seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        texts.t_with("duration-hours", &[("hours", hours.into()), ("minutes", minutes.into())])
    } else if minutes > 0 {
        texts.t_with("duration-minutes", &[("minutes", minutes.into()), ("seconds", rest.into())])
    } else {
        texts.t_with("duration-seconds", &[("seconds", rest.into())])
    }
}

/// The time of day after so many more seconds, on the person's own clock:
/// `14:05`.
pub fn clock_after(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let now = jiff::Zoned::now();
    let then = now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(now);
    then.strftime("%H:%M").to_string()
}

/// The time of day of a moment, on the person's own clock: `14:05`.
pub fn clock_at(unix_s: u64) -> String {
    let seconds = i64::try_from(unix_s).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    moment.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M").to_string()
}

/// A moment on the person's own clock and calendar: `28.11.2026, 14:05`.
pub fn date_at(texts: Texts, unix_s: u64) -> String {
    let seconds = i64::try_from(unix_s).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    let form = match texts.language() {
        Language::German => "%d.%m.%Y, %H:%M",
        Language::English => "%-d %b %Y, %H:%M",
    };
    moment.to_zoned(jiff::tz::TimeZone::system()).strftime(form).to_string()
}

/// Keeps the shown end of a time limit still while the seconds left, which
/// arrive rounded, jitter around it.
#[derive(Clone, Debug, Default)]
pub struct SteadyEnd(Option<(f64, String)>);

impl SteadyEnd {
    /// The time of day at which `remaining_s` is over, as `now_s` (of any
    /// steady clock) sees it.
    pub fn show(&mut self, now_s: f64, remaining_s: u32) -> &str {
        let end = now_s + f64::from(remaining_s);
        if self.0.as_ref().is_none_or(|(known, _)| (known - end).abs() > 3.0) {
            self.0 = None;
        }
        &self.0.get_or_insert_with(|| (end, clock_after(remaining_s.into()))).1
    }
}

/// Up to ten digits in the groups that they are spoken in: `482 915 7303`.
/// Other signs than digits are dropped.
pub fn grouped_number(typed: &str) -> String {
    let mut grouped = String::with_capacity(12);
    for (place, digit) in typed.chars().filter(char::is_ascii_digit).take(NUMBER_DIGITS).enumerate() {
        if place == 3 || place == 6 {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// Digits of a session number.
pub const NUMBER_DIGITS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short_and_use_the_mark_of_the_language() {
        for (amount, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (812_345, "812 kB"),
            (1_449_999, "1,4 MB"),
            (99_949_999, "99 MB"),
            (2_500_000_000, "2,5 GB"),
        ] {
            assert_eq!(bytes(amount, Language::German), shown);
        }
        assert_eq!(bytes(1_449_999, Language::English), "1.4 MB");
    }

    #[test]
    fn a_long_time_left_is_counted_in_minutes() {
        let texts = Texts::of(Language::English);
        let shown = [301, 359, 300, 61].map(|left| time_left(texts, left));
        // The number comes between marks of direction.
        assert!(shown[0].contains('5') && shown[0].contains("min"), "{shown:?}");
        assert_eq!((&shown[0], shown[2].as_str(), shown[3].as_str()), (&shown[1], "5:00", "1:01"));
        assert_eq!(time_left_step(359), time_left_step(301));
        assert_ne!(time_left_step(300), time_left_step(299));
    }

    #[test]
    fn a_countdown_reads_like_a_clock() {
        assert_eq!([5, 245, 3_845].map(countdown), ["0:05", "4:05", "1:04:05"]);
    }

    #[test]
    fn a_number_is_grouped_however_it_is_typed() {
        for (typed, shown) in [
            ("", ""),
            ("482", "482"),
            ("4829", "482 9"),
            ("482915", "482 915"),
            ("482-915-7303", "482 915 7303"),
            ("482 915 7303", "482 915 7303"),
            (" 4 8 2/915.7303", "482 915 7303"),
            ("48291573031111", "482 915 7303"),
        ] {
            assert_eq!(grouped_number(typed), shown, "{typed}");
        }
    }

    #[test]
    fn the_end_of_a_time_limit_does_not_jump_with_rounding() {
        let mut end = SteadyEnd::default();
        let first = end.show(100.0, 300).to_owned();
        assert_eq!(end.show(101.4, 299), first);
        let later = end.show(101.5, 900).to_owned();
        assert_ne!(later, first);
    }
}
