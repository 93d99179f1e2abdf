//! The list as CSV (RFC 4180), for spreadsheets.

use super::{Journal, Solution};
use crate::language::Texts;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use jiff::{Timestamp, tz::TimeZone};
use std::io;

/// The list with a line of headings. It begins with the mark by which
/// spreadsheets know UTF-8.
pub(super) fn csv(journal: &Journal, texts: Texts, zone: &TimeZone) -> io::Result<String> {
    let mut table =
        WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(Vec::new());
    table.write_record([
        texts.t("sessions-csv-begun"),
        texts.t("sessions-csv-length"),
        texts.t("sessions-csv-waited"),
        texts.t("sessions-csv-subject"),
        texts.t("sessions-csv-solution"),
        texts.t("sessions-csv-note"),
    ])?;
    for note in journal.notes() {
        let begun = i64::try_from(note.begun_unix_s).ok().and_then(|s| Timestamp::from_second(s).ok());
        let begun = begun.unwrap_or_default().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let solution = note.words.solution.map(|solution| solution_text(texts, solution)).unwrap_or_default();
        let (lasted, waited) = (note.lasted_s.to_string(), note.waited_s.to_string());
        let (subject, text) = (&note.words.subject, &note.words.note);
        table.write_record([begun, lasted, waited, harmless(subject), solution, harmless(text)])?;
    }
    let bytes = table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map(|text| format!("\u{feff}{text}")).map_err(io::Error::other)
}

/// A solution for people.
pub fn solution_text(texts: Texts, solution: Solution) -> String {
    match solution {
        Solution::Solved => texts.t("sessions-solved"),
        Solution::Partly => texts.t("sessions-partly"),
        Solution::Unsolved => texts.t("sessions-unsolved"),
    }
}

/// A spreadsheet takes a field that begins so for a formula: what a customer
/// dictated must not be one.
fn harmless(field: &str) -> String {
    let dangerous = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if dangerous { format!("'{field}") } else { field.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        journal::{Change, Words, tests::note},
        language::Language,
    };

    #[test]
    fn every_field_comes_back_whatever_is_in_it_and_none_is_a_formula() {
        let mut journal = Journal::default();
        journal.apply(Change::Add(note(1, 1_800_000_000, "=HYPERLINK(\"x\")")), 1_800_000_000);
        let words =
            Words { subject: "Drucker, Büro".into(), note: "eins\nzwei".into(), solution: Some(Solution::Partly) };
        let second = crate::journal::Note { words, ..note(2, 1_800_000_060, "") };
        journal.apply(Change::Add(second), 1_800_000_060);
        let text = csv(&journal, Texts::of(Language::English), &TimeZone::UTC).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[1], "\"2027-01-15 08:01\",\"60\",\"5\",\"Drucker, Büro\",\"partly solved\",\"eins\nzwei\"");
        assert_eq!(lines[2], "\"2027-01-15 08:00\",\"60\",\"5\",\"'=HYPERLINK(\"\"x\"\")\",\"\",\"\"");
        assert!(text.starts_with('\u{feff}') && lines.len() == 4);
    }
}
