//! The trail as CSV or JSON, for other programs.

use super::{Entry, hex_text};
use std::io::Write;

/// A form of export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values with a line of headings (RFC 4180).
    Csv,
    /// One JSON object a line.
    Json,
}

/// The export could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ExportError(String);

/// Writes entries; `heading` for the first ones only.
///
/// # Errors
/// The target takes no more.
pub fn export(entries: &[Entry], format: Format, heading: bool, to: &mut impl Write) -> Result<(), ExportError> {
    match format {
        Format::Csv => csv(entries, heading, to).map_err(|error| ExportError(error.to_string())),
        Format::Json => json(entries, to).map_err(|error| ExportError(error.to_string())),
    }
}

fn csv(entries: &[Entry], heading: bool, to: &mut impl Write) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new().from_writer(to);
    if heading {
        writer.write_record(["seq", "at_unix_s", "actor", "action", "object", "outcome", "counts", "hash"])?;
    }
    for entry in entries {
        writer.write_record([
            entry.seq.to_string(),
            entry.at_unix_s.to_string(),
            entry.actor.clone(),
            entry.action.clone(),
            entry.object.clone(),
            entry.outcome.clone(),
            entry.counts.clone(),
            hex_text(&entry.hash),
        ])?;
    }
    writer.flush()?;
    Ok(())
}

fn json(entries: &[Entry], to: &mut impl Write) -> std::io::Result<()> {
    for entry in entries {
        serde_json::to_writer(&mut *to, entry)?;
        to.write_all(b"\n")?;
    }
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Action, Actor, Record, Signer};

    #[test]
    fn both_forms_can_be_read_back_whatever_a_name_holds() {
        let name = "a\"b,c;=1+1";
        let record = Record::new(&Actor::Account(name.to_owned()), Action::SignIn).count("wait_s", 60);
        let (entries, _) = Signer::new(&[1; 32]).append(None, &[record.clone(), record]);

        let mut text = Vec::new();
        export(&entries, Format::Csv, true, &mut text).unwrap();
        let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(&*text).records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!((&rows[1][0], &rows[1][2]), ("2", "account:a\"b,c;=1+1"));

        let mut text = Vec::new();
        export(&entries, Format::Json, true, &mut text).unwrap();
        let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 2);
        let value: serde_json::Value = serde_json::from_slice(lines[1]).unwrap();
        assert_eq!(value["seq"], 2);
        assert_eq!(value["actor"], "account:a\"b,c;=1+1");
        assert_eq!(value["counts"], "wait_s=60");
        assert_eq!(value["hash"].as_str().map(str::len), Some(64));
    }
}
