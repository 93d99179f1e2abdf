//! The texts in German.

use super::{Language, PictureFault, Problem};
use crate::{accounts::BadPassword, audit::Fault, images::BadImage, rules::BadValue};

impl Problem {
    pub(super) fn german(&self) -> String {
        match self {
            Self::PortInUse { address } => format!(
                "Auf {address} lauscht schon ein anderes Programm. Beenden Sie es oder wählen Sie einen anderen Port, mit --listen oder für die Verwaltungsseiten mit --admin-listen."
            ),
            Self::Listen { address, why } => format!(
                "Auf {address} kann nicht gelauscht werden: {why}. Geben Sie mit --listen eine Adresse dieses Rechners und einen Port an, zum Beispiel 0.0.0.0:7443; Ports unter 1024 brauchen ein besonderes Recht."
            ),
            Self::DataDir { path, why } => format!(
                "Der Datenordner {} ist nicht benutzbar: {why}. Prüfen Sie, ob er dem Benutzer des Brokers gehört, oder wählen Sie mit --data einen anderen.",
                path.display()
            ),
            Self::DiskFull { path } => format!(
                "Für den Datenordner {} ist kein Speicherplatz mehr frei. Schaffen Sie Platz oder wählen Sie mit --data einen anderen Ordner und starten Sie erneut.",
                path.display()
            ),
            Self::AlreadyRunning { path } => format!(
                "Auf dem Datenordner {} läuft schon ein Broker. Beenden Sie ihn zuerst oder wählen Sie mit --data einen anderen Ordner.",
                path.display()
            ),
            Self::Damaged { path } => format!(
                "{} ist beschädigt. Stellen Sie die Datei aus einer Sicherung wieder her; oder verschieben Sie sie, um mit einer neuen zu beginnen (Konten oder die den Programmen bekannte Kennung gehen dann verloren).",
                path.display()
            ),
            Self::NewerDatabase { path } => format!(
                "{} wurde von einer neueren Version dieses Programms geschrieben. Installieren Sie diese Version wieder.",
                path.display()
            ),
            Self::NoDatabase { path } => format!(
                "In {} liegt keine Datenbank eines Brokers. Geben Sie seinen Datenordner mit --data an.",
                path.display()
            ),
            Self::Store { why } => format!(
                "Die Datenbank ist nicht benutzbar: {why}. Prüfen Sie freien Platz und Rechte des Datenordners."
            ),
            Self::System { why } => {
                format!("Das System hat den Start des Brokers verweigert: {why}. Prüfen Sie seine Grenzen für diesen Benutzer.")
            }
            Self::Keys { why } => format!("Schlüssel konnten nicht erzeugt werden: {why}. Versuchen Sie es noch einmal."),
            Self::BadName => "Ein Name hat 1 bis 64 Zeichen und keine Leerzeichen.".to_owned(),
            Self::NameTaken { name } => format!(
                "Das Konto „{name}“ gibt es schon. Für ein neues Passwort: mitblick-broker advisor password {name}"
            ),
            Self::NoSuchAdvisor { name } => {
                format!("Ein Konto „{name}“ gibt es nicht. Alle zeigt: mitblick-broker advisor list")
            }
            Self::IsMainUser { name } => format!(
                "„{name}“ ist der Hauptbenutzer. Übergeben Sie das zuerst: mitblick-broker main-user hand-over ANDERER"
            ),
            Self::MainUserThere => {
                "Es gibt schon einen Hauptbenutzer. So wird es ein anderes Konto: mitblick-broker main-user hand-over NAME".to_owned()
            }
            Self::NoMainUser => {
                "Es gibt noch keinen Hauptbenutzer. So legen Sie ihn an: mitblick-broker main-user code".to_owned()
            }
            Self::WrongCode => {
                "Der Code ist falsch oder schon benutzt. Vergleichen Sie ihn mit dem Papier oder erzeugen Sie einen neuen: mitblick-broker main-user code".to_owned()
            }
            Self::CodeExpired => {
                "Der Code ist abgelaufen. Erzeugen Sie einen neuen: mitblick-broker main-user code".to_owned()
            }
            Self::NoSuchWorkplace => "Diesen Arbeitsplatz gibt es nicht, oder keinen dieses Benutzers, der wartet und diesen Code zeigt. Alle zeigt: mitblick-broker workplace list".to_owned(),
            Self::WrongSecondFactor { tries_left } => {
                format!("Der Code ist falsch, zu alt oder schon verwendet. Versuche bis zu einer Pause: {tries_left}.")
            }
            Self::WrongPassword { tries_left } => {
                format!("Das bisherige Passwort ist falsch. Versuche bis zu einer Pause: {tries_left}.")
            }
            Self::Locked { wait_s } => format!(
                "Nach mehreren falschen Passwörtern wird eine Weile keines geprüft. Versuchen Sie es in {} Min. wieder.",
                wait_s.div_ceil(60)
            ),
            Self::InitialExpired { name } => format!(
                "Das Anfangspasswort ist abgelaufen. Bitten Sie um ein neues; ein Verwalter erzeugt es mit: mitblick-broker advisor password {name}"
            ),
            Self::OtherPassword { name } => format!(
                "Das Passwort von „{name}“ wurde inzwischen geändert, diese Änderung deshalb nicht vorgenommen. Beginnen Sie noch einmal mit dem jetzigen."
            ),
            Self::Blocked { name } => {
                format!("Das Konto „{name}“ ist gesperrt. Die Verwaltung hebt die Sperre auf den Verwaltungsseiten auf.")
            }
            Self::AuditFault { fault: Fault::OlderThanCut { head, cut } } => format!(
                "Das Protokoll ist in sich unversehrt, aber der Kopf ist älter als sein Schnitt: Er gehört zu Eintrag {head}, und die Einträge bis {cut} wurden planmäßig entfernt ([audit] keep_days). Ob ein älterer Stand der Datenbank zurückgelegt wurde, kann er nicht mehr zeigen. Nehmen Sie einen später aufbewahrten Kopf."
            ),
            Self::AuditFault { fault } => format!(
                "Das Protokoll ist nicht unversehrt: {}. Bewahren Sie eine Kopie des Datenordners auf, klären Sie, wer dort schreiben konnte, und vergleichen Sie mit einer Sicherung.",
                fault_german(*fault)
            ),
            Self::HeadFile { path, why } => format!(
                "{} ist nicht als Kopf des Protokolls lesbar: {why}. Geben Sie eine Datei an, die --audit-head oder „mitblick-broker audit head“ geschrieben hat.",
                path.display()
            ),
            Self::Export { why } => format!(
                "Der Export konnte nicht geschrieben werden: {why}. Prüfen Sie den freien Platz am Ziel der Standardausgabe."
            ),
            Self::Backup { path, fault } => fault.text(path, Language::German),
            Self::Config(problem) => problem.text(Language::German),
            Self::Certificate { path, fault } => fault.text(path, Language::German),
            Self::Downloads { path, why } => format!(
                "{} ist nicht lesbar: {why}. Der Benutzer des Brokers muss den Ordner aus company.downloads und was darin liegt lesen dürfen.",
                path.display()
            ),
            Self::NoSuchRule { key } => format!(
                "Eine Regel „{key}“ gibt es nicht. `rules show` zeigt alle: modern_suite, control, session_minutes, clipboard, files_to_customer, files_to_advisor, recording, advisor_shows, rating, appointments, greeting_de, greeting_en, telephone."
            ),
            Self::RuleValue { key, wants } => {
                let wants = match wants {
                    BadValue::Suite => "required (verlangt) oder free (frei)",
                    BadValue::Control => {
                        "allowed (erlaubt), forbidden (verboten) oder die meisten Minuten einer Freigabe von 1 bis 1440"
                    }
                    BadValue::Clipboard => "allowed, one_by_one oder forbidden",
                    BadValue::Recording | BadValue::AdvisorShows => "allowed (wenn der Kunde zustimmt) oder forbidden (nie)",
                    BadValue::Rating => "asked (gefragt) oder not_asked (nicht gefragt)",
                    BadValue::Appointments => "allowed (erlaubt) oder forbidden (verboten)",
                    BadValue::Minutes => "Minuten von 1 bis 1440 oder none (keine Grenze)",
                    BadValue::Files => {
                        "allowed (alle), forbidden (keine) oder einige von documents,media,archives,programs,other (Dokumente, Bilder und Töne, Archive, Programme, anderes), mit Kommas dazwischen"
                    }
                    BadValue::Text => "eine Zeile von höchstens 120 Zeichen, die angezeigt werden können, oder \"\" für keine",
                };
                format!("Die Regel {key} kann diesen Wert nicht haben. Möglich: {wants}. Es wurde nichts geändert.")
            }
            Self::RulesChanged => {
                "Die Regeln wurden gleichzeitig von jemand anderem geändert. Sehen Sie sie mit `rules show` an und versuchen Sie es noch einmal.".to_owned()
            }
            Self::Picture { path, why } => {
                let why = match why {
                    PictureFault::Unreadable(why) => format!("Sie ist nicht lesbar: {why}"),
                    PictureFault::Bad(why) => picture_german(*why).to_owned(),
                };
                format!("Die Datei {} ist nicht verwendbar. {why}. Es wurde nichts geändert.", path.display())
            }
            Self::NotTheSame => {
                "Die beiden Eingaben des neuen Passworts sind verschieden. Beginnen Sie noch einmal.".to_owned()
            }
            Self::BadPassword(why) => bad_password_german(*why),
            Self::Password { why } => format!("Das Passwort konnte nicht gelesen oder verarbeitet werden: {why}. Versuchen Sie es noch einmal."),
        }
    }
}

fn picture_german(why: BadImage) -> &'static str {
    match why {
        BadImage::Nothing => "Sie ist leer",
        BadImage::TooLarge => "Sie ist größer als 5 MB; speichern Sie das Bild kleiner",
        BadImage::OtherKind => "Sie ist weder PNG noch JPEG; speichern Sie das Bild als eines davon",
        BadImage::TooManyPixels => "Das Bild hat mehr als 25 Millionen Bildpunkte; speichern Sie es kleiner",
        BadImage::Damaged => "Sie ist beschädigt; öffnen Sie sie in einem Bildprogramm und speichern Sie sie neu",
    }
}

fn fault_german(fault: Fault) -> String {
    match fault {
        Fault::Missing(seq) => format!("Eintrag {seq} fehlt"),
        Fault::Changed(seq) => format!("Eintrag {seq} wurde verändert oder verschoben"),
        Fault::NotCovered(seq) => format!("Eintrag {seq} wurde ohne den Schlüssel des Brokers angefügt"),
        Fault::BadSignature => "der Kopf ist nicht mit dem Schlüssel des Brokers (audit.key) unterschrieben".to_owned(),
        Fault::Rewritten(seq) => {
            format!("bis Eintrag {seq} ist es nicht das Protokoll, dessen Kopf anderswo aufbewahrt wurde")
        }
        Fault::ForgedCut => {
            "der Schnitt an seinem Anfang ist nicht mit dem Schlüssel des Brokers (audit.key) unterschrieben".to_owned()
        }
        Fault::OtherCut(seq) => format!(
            "der Schnitt nach Eintrag {seq} passt nicht: Der erste Eintrag folgt auf einen anderen oder wurde verändert"
        ),
        Fault::OlderThanCut { head, cut } => {
            format!("der Kopf von Eintrag {head} ist älter als der Schnitt nach Eintrag {cut}")
        }
    }
}

fn bad_password_german(why: BadPassword) -> String {
    let text = match why {
        BadPassword::TooShort { at_least } => {
            return format!("Das Passwort ist zu kurz: mindestens {at_least} Zeichen.");
        }
        BadPassword::TooLong => "Das Passwort ist zu lang: höchstens 128 Zeichen.",
        BadPassword::ContainsName => {
            "Das Passwort darf den Namen nicht enthalten, auch nicht rückwärts oder mit Ziffern statt Buchstaben."
        }
        BadPassword::UsedBefore => "Dieses Passwort hatte das Konto schon. Wählen Sie eines, das es noch nie hatte.",
        BadPassword::Common => {
            "Das Passwort gehört zu denen, die zuerst geraten werden: häufige Wörter, Namen, Daten, Tastenreihen oder Wiederholungen. Wählen Sie mehrere Wörter, die nichts miteinander zu tun haben."
        }
    };
    text.to_owned()
}
