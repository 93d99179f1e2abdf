//! What a customer is sent before the call: where to get the program, and that
//! a number is told on the phone. The number itself is in it only if the
//! advisor wants that.

use crate::{
    appointments::{Appointment, Day},
    language::Texts,
    ui::format,
};
use mitblick_platform::mail::MailtoUri;

/// In what form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// With all that is good to know.
    #[default]
    Mail,
    /// As short as it goes.
    Sms,
    /// To be printed and read without clicking: step by step.
    Paper,
}

impl Form {
    /// In the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Mail, Self::Sms, Self::Paper];
}

/// The number that is in an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitedTo {
    /// As it is read out: `482 915 7303`.
    pub number: String,
    /// The time of day until which it waits.
    pub until: String,
}

/// When to meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The day: `Montag, 30. November 2026`.
    pub day: String,
    /// The time of day: `10:00`.
    pub time: String,
    /// From when on the number is valid.
    pub from: String,
    /// Until when it is.
    pub until: String,
}

impl Meeting {
    /// That of an appointment, on the person's own clock and calendar.
    pub fn of(texts: Texts, appointment: &Appointment) -> Self {
        Self {
            day: Day::of(appointment.begins_unix_s).in_words(texts),
            time: format::clock_at(appointment.begins_unix_s),
            from: format::clock_at(appointment.window.0.opens_unix_s()),
            until: format::clock_at(appointment.window.0.closes_unix_s()),
        }
    }
}

/// What an invitation says.
#[derive(Clone, Copy, Debug)]
pub struct Invitation<'a> {
    /// The advisor's name.
    pub advisor: &'a str,
    /// The company.
    pub organisation: &'a str,
    /// Where customers get their program.
    pub page: &'a str,
    /// The number, if it is to be in it.
    pub number: Option<&'a InvitedTo>,
    /// When it is to be, if that is not at once.
    pub meeting: Option<&'a Meeting>,
}

impl Invitation<'_> {
    /// The text in this form.
    pub fn text(&self, texts: Texts, form: Form) -> String {
        let [advisor, organisation, page] = [self.advisor, self.organisation, self.page].map(line);
        let (lead, number) = (self.lead(texts, form), self.number(texts, form));
        let values = [
            ("advisor", advisor.into()),
            ("organisation", organisation.into()),
            ("page", page.into()),
            ("number", number.into()),
            ("lead", lead.into()),
        ];
        match form {
            Form::Mail => texts.t_with("invitation-mail", &values),
            Form::Sms => texts.t_with("invitation-sms", &values),
            Form::Paper => texts.t_with("invitation-paper", &values),
        }
    }

    /// What it begins with.
    fn lead(&self, texts: Texts, form: Form) -> String {
        let Some(Meeting { day, time, .. }) = self.meeting else {
            return match form {
                Form::Mail => texts.t("invitation-mail-lead"),
                Form::Sms => texts.t("invitation-sms-lead"),
                Form::Paper => texts.t("invitation-paper-lead"),
            };
        };
        let values = [("day", day.into()), ("time", time.into())];
        match form {
            Form::Mail => texts.t_with("invitation-mail-lead-meeting", &values),
            Form::Sms => texts.t_with("invitation-sms-lead-meeting", &values),
            Form::Paper => texts.t_with("invitation-paper-lead-meeting", &values),
        }
    }

    /// Where the number comes from, or which it is.
    fn number(&self, texts: Texts, form: Form) -> String {
        match (self.number, self.meeting, form) {
            (None, _, Form::Mail) => texts.t("invitation-mail-no-number"),
            (None, _, Form::Sms) => texts.t("invitation-sms-no-number"),
            (None, _, Form::Paper) => texts.t("invitation-paper-no-number"),
            (Some(InvitedTo { number, until }), None, form) => {
                let values = [("number", number.into()), ("until", until.into())];
                match form {
                    Form::Mail => texts.t_with("invitation-mail-number", &values),
                    Form::Sms => texts.t_with("invitation-sms-number", &values),
                    Form::Paper => texts.t_with("invitation-paper-number", &values),
                }
            }
            (Some(InvitedTo { number, .. }), Some(Meeting { from, until, .. }), form) => {
                let values = [("number", number.into()), ("from", from.into()), ("until", until.into())];
                match form {
                    Form::Mail => texts.t_with("invitation-mail-number-meeting", &values),
                    Form::Sms => texts.t_with("invitation-sms-number-meeting", &values),
                    Form::Paper => texts.t_with("invitation-paper-number-meeting", &values),
                }
            }
        }
    }

    /// The mail to be written.
    pub fn mail(&self, texts: Texts) -> MailtoUri {
        let subject = texts.t_with("invitation-subject", &[("organisation", line(self.organisation).into())]);
        MailtoUri::new(&subject, &self.text(texts, Form::Mail))
    }
}

/// One line, whatever is in it.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    const PLAIN: Invitation<'_> = Invitation {
        advisor: "Anna Muster",
        organisation: "Muster Bank",
        page: "https://help.example/",
        number: None,
        meeting: None,
    };

    #[test]
    fn every_form_names_page_and_company_and_no_number_unless_it_is_wanted() {
        let number = InvitedTo { number: "482 915 7303".into(), until: "14:05".into() };
        for language in Language::ALL {
            for form in Form::ALL {
                let text = PLAIN.text(Texts::of(language), form);
                assert!(text.contains(PLAIN.page) && text.contains(PLAIN.organisation), "{text}");
                assert!(!text.contains("482") && !text.contains("{ $"), "{text}");
                let with = Invitation { number: Some(&number), ..PLAIN }.text(Texts::of(language), form);
                assert!(with.contains("482 915 7303") && with.contains("14:05"), "{with}");
            }
            let sms = PLAIN.text(Texts::of(language), Form::Sms);
            // Two short messages at the most.
            assert!(sms.chars().count() <= 306 && !sms.contains('\n'), "{sms}");
        }
    }

    #[test]
    fn an_appointment_is_named_with_its_day_and_times() {
        let meeting = Meeting {
            day: "Montag, 30. November 2026".into(),
            time: "10:00".into(),
            from: "9:45".into(),
            until: "11:00".into(),
        };
        let number = InvitedTo { number: "482 915 7303".into(), until: "11:00".into() };
        for language in Language::ALL {
            for form in Form::ALL {
                let invitation = Invitation { meeting: Some(&meeting), ..PLAIN };
                let text = invitation.text(Texts::of(language), form);
                assert!(
                    text.contains("30. November 2026") && text.contains("10:00") && !text.contains("482"),
                    "{text}"
                );
                let text = Invitation { number: Some(&number), ..invitation }.text(Texts::of(language), form);
                assert!(text.contains("482 915 7303") && text.contains("9:45") && text.contains("11:00"), "{text}");
                assert!(!text.contains("{ $"), "{text}");
                assert!(form != Form::Sms || (text.chars().count() <= 306 && !text.contains('\n')), "{text}");
            }
        }
    }

    #[test]
    fn a_name_or_address_with_line_breaks_adds_no_line_and_no_header() {
        let hostile = Invitation {
            advisor: "Anna\r\nBcc: spy@evil.example",
            organisation: "Bank\r\nBcc: spy@evil.example&bcc=spy@evil.example",
            page: "https://help.example/\n\nOpen https://evil.example/",
            number: None,
            meeting: None,
        };
        let texts = Texts::of(Language::English);
        let lines = |invitation: &Invitation<'_>| invitation.text(texts, Form::Mail).lines().count();
        assert_eq!(lines(&hostile), lines(&PLAIN));
        let uri = hostile.mail(texts);
        assert_eq!((uri.as_str().matches('?').count(), uri.as_str().matches('&').count()), (1, 1), "{uri:?}");
        assert!(!uri.as_str().contains("%0ABcc") && !uri.as_str().contains('@'), "{uri:?}");
    }
}
