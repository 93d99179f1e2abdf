//! What a customer is sent before the call: where to get the program, and that
//! a number is told on the phone. The number itself is in it only if the
//! advisor wants that.

use crate::language::Texts;
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
}

impl Invitation<'_> {
    /// The text in this form.
    pub fn text(&self, texts: Texts, form: Form) -> String {
        let [advisor, organisation, page] = [self.advisor, self.organisation, self.page].map(line);
        let number = match (self.number, form) {
            (Some(InvitedTo { number, until }), form) => {
                let values = [("number", number.into()), ("until", until.into())];
                match form {
                    Form::Mail => texts.t_with("invitation-mail-number", &values),
                    Form::Sms => texts.t_with("invitation-sms-number", &values),
                    Form::Paper => texts.t_with("invitation-paper-number", &values),
                }
            }
            (None, Form::Mail) => texts.t("invitation-mail-no-number"),
            (None, Form::Sms) => texts.t("invitation-sms-no-number"),
            (None, Form::Paper) => texts.t("invitation-paper-no-number"),
        };
        let values = [
            ("advisor", advisor.into()),
            ("organisation", organisation.into()),
            ("page", page.into()),
            ("number", number.into()),
        ];
        match form {
            Form::Mail => texts.t_with("invitation-mail", &values),
            Form::Sms => texts.t_with("invitation-sms", &values),
            Form::Paper => texts.t_with("invitation-paper", &values),
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

    const PLAIN: Invitation<'_> =
        Invitation { advisor: "Anna Muster", organisation: "Muster Bank", page: "https://help.example/", number: None };

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
    fn a_name_or_address_with_line_breaks_adds_no_line_and_no_header() {
        let hostile = Invitation {
            advisor: "Anna\r\nBcc: spy@evil.example",
            organisation: "Bank\r\nBcc: spy@evil.example&bcc=spy@evil.example",
            page: "https://help.example/\n\nOpen https://evil.example/",
            number: None,
        };
        let texts = Texts::of(Language::English);
        let lines = |invitation: &Invitation<'_>| invitation.text(texts, Form::Mail).lines().count();
        assert_eq!(lines(&hostile), lines(&PLAIN));
        let uri = hostile.mail(texts);
        assert_eq!((uri.as_str().matches('?').count(), uri.as_str().matches('&').count()), (1, 1), "{uri:?}");
        assert!(!uri.as_str().contains("%0ABcc") && !uri.as_str().contains('@'), "{uri:?}");
    }
}
