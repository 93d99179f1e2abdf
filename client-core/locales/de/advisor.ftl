# Das Programm der Beratung.
advisor-title = Mitblick – Beratung
sign-in-heading = Anmelden
sign-in-broker = Vermittlung: { $broker }
sign-in-user = Benutzername
sign-in-password = Passwort
sign-in-button = Anmelden
sign-in-busy = Anmeldung läuft …
key-fetching = Der Schlüssel dieses Rechners wird geholt …
key-asking = Der Schlüsselspeicher des Systems ist gesperrt und fragt Sie in einem eigenen Fenster. Bitte entsperren Sie ihn dort.
key-in-store = Schlüssel dieses Rechners: im Schlüsselspeicher des Systems
key-in-file = Schlüssel dieses Rechners: in der Datei { $path }
key-no-store = Es ist kein Schlüsselspeicher da.
key-refused = Der Schlüsselspeicher blieb gesperrt. Mit --workplace-key file fragt er nicht mehr.
lock = Sperren
code-heading = Ihr Code
code-lead = Ihr Passwort stimmt. Geben Sie nun die sechs Ziffern ein, die Ihr Authentifizierungsprogramm zeigt, oder ohne Telefon einen Ihrer Wiederherstellungscodes.
code-field = Code
waits-heading = Dieser Rechner ist neu
waits-lead = Ihr Passwort stimmt. Bevor Sie sich hier zum ersten Mal anmelden können, muss Ihr Hauptbenutzer diesen Rechner freigeben.
waits-name = Name dieses Rechners
waits-code = Rufen Sie Ihren Hauptbenutzer an und lesen Sie diesen Code vor
waits-by-itself = Sobald er freigegeben ist, werden Sie von selbst angemeldet.
elsewhere-heading = Übernehmen?
elsewhere-lead = Sie sind an einem anderen Arbeitsplatz angemeldet: { $workplace }. Ein Benutzer kann immer nur an einem angemeldet sein.
elsewhere-unnamed = ohne Namen
elsewhere-session = Dort läuft eine Sitzung mit einem Kunden. Sie endet, wenn Sie übernehmen.
elsewhere-no-session = Dort läuft keine Sitzung. Dort erscheint ein Hinweis, dass Sie sich hier angemeldet haben.
elsewhere-take-over = Hier anmelden
elsewhere-leave = Nicht übernehmen
locked-heading = Gesperrt
locked-lead = Nur Ihr Passwort entsperrt das Programm.
locked-lead-session = Ihre Sitzung läuft weiter, aber nichts davon wird gezeigt, und nichts wird hineingesandt.
locked-password = Passwort von { $user }
locked-unlock = Entsperren
locked-end = Sitzung beenden
new-password-heading = Eigenes Passwort wählen
new-password-lead = { $user }, Ihr Anfangspasswort lässt sich nur gegen ein eigenes tauschen. Mindestens 15 Zeichen, zum Beispiel mehrere Wörter, die nichts miteinander zu tun haben.
new-password-first = Neues Passwort
new-password-again = Neues Passwort noch einmal
new-password-different = Die beiden Eingaben sind verschieden.
new-password-button = Passwort setzen und anmelden
new-password-busy = Passwort wird gesetzt …
new-password-back = Zurück
lobby-signed-in = { $advisor } · { $organisation }
lobby-sign-out = Abmelden
lobby-heading = Ihre Sitzungsnummer
lobby-number = Sitzungsnummer { $spoken }
lobby-say = Sagen Sie dem Kunden: „Bitte öffnen Sie Mitblick und geben Sie diese Nummer ein.“
lobby-digits = Einzeln vorlesen: { $spoken }
lobby-remaining = Gültig noch { $left }
lobby-remaining-bar = Verbleibende Gültigkeit der Nummer
lobby-copy = Nummer kopieren
lobby-copied = Kopiert
lobby-new = Neue Nummer
lobby-no-number = Keine Nummer offen
lobby-no-number-lead = Erzeugen Sie eine neue Nummer, sobald ein Kunde am Telefon ist.
lobby-checking = Jemand ist beigetreten. Die Nummer wird geprüft …
last-ended-by-me = Sie haben die letzte Sitzung nach { $duration } beendet.
last-ended-by-customer = Der Kunde hat die letzte Sitzung nach { $duration } beendet.
last-time-over = Die letzte Sitzung endete nach { $duration }. { $problem }
last-broke = Die letzte Sitzung ist nach { $duration } abgebrochen. { $problem }
last-number-taken-back = Die letzte Nummer wurde zurückgenommen.
last-number-left = Der Kunde hat den Beitritt abgebrochen. Erzeugen Sie eine neue Nummer.
viewer-ask = Steuerung anfragen
viewer-withdraw = Anfrage zurückziehen
viewer-more-time = Mehr Zeit anfragen
viewer-more-time-asked = Mehr Zeit angefragt
viewer-more-time-refused = Mehr Zeit abgelehnt – neu anfragen
viewer-give-back = Steuerung zurückgeben
viewer-zoom-actual = 100 %
viewer-zoom-fit = Einpassen
viewer-zoom-double = 200 %
viewer-zoom = Bildgröße
viewer-full-screen = Vollbild
viewer-window = Fenster
viewer-details = Details
viewer-end = Beenden
viewer-show-bar = Leiste zeigen
viewer-picture = Gezeigte Fenster des Kunden
viewer-choosing = Der Kunde wählt gerade aus, was gezeigt wird.
viewer-choosing-lead = Sobald etwas freigegeben ist, erscheint es hier.
viewer-paused = Der Kunde hat die Übertragung pausiert.
viewer-paused-lead = Das Bild erscheint wieder, sobald der Kunde weiter zeigt.
viewer-waiting = Das erste Bild kommt gleich.
viewer-no-window = Kein Fenster der gezeigten Anwendungen ist offen.
viewer-minimised = Minimiert
viewer-unavailable = Dieses Fenster lässt sich nicht zeigen
viewer-facts = Seit { $minutes } min · { $bytes } empfangen
viewer-shortcuts-view = F11 Vollbild · Strg+0 100 % · Strg+1 Einpassen · Strg+2 200 %
viewer-shortcuts-control = Während der Steuerung: Strg+Alt+Eingabe Vollbild · Strg+Alt+0/1/2 Größe · Strg+Alt+Pos1 zur Leiste
viewer-cut = Die Verbindung ist unterbrochen
viewer-cut-lead = Beide Programme versuchen es weiter, noch { $left }. Steht die Verbindung wieder, sehen Sie wieder, was der Kunde zeigt; die Steuerung müssen Sie neu anfragen. Sonst endet die Sitzung.

# Zeigen ohne Steuerung, und um Einblick bitten.
tools-button = Zeigen & bitten
tools-button-name = Zeigen, zeichnen und um Einblick bitten
colour-name = Farbe: { $colour }
colour-auto = Auffallend
colour-red = Rot
colour-amber = Gelb
colour-green = Grün
colour-blue = Blau
colour-violet = Violett
marks-fade = Verblassen
marks-stay = Bleiben
tools-clear = Markierungen löschen
tools-forbidden = Der Kunde möchte gerade nicht, dass etwas gezeigt wird.
tools-in-hand = Die Maus zeigt und zeichnet in den Fenstern des Kunden; sie drückt dort nichts. Esc legt das Werkzeug weg.
tools-customer-points = Der Kunde zeigt mit der eigenen Maus: Achten Sie auf den Ring.
ask-field = Was möchten Sie gezeigt bekommen?
ask-button = Um Zeigen bitten
ask-open = Gefragt; der Kunde hat noch nicht entschieden.
ask-shown = Der Kunde zeigt noch etwas.
ask-refused = Der Kunde möchte das nicht zeigen.
ask-take-back = Zurücknehmen

# Aufzeichnungen bei der Beratung.
viewer-record = Um Aufzeichnung bitten
viewer-record-withdraw = Bitte um Aufzeichnung zurückziehen
viewer-record-stop = Aufzeichnung beenden
viewer-record-on = Aufzeichnung läuft
viewer-record-few-left = Aufzeichnung läuft; noch Platz für { $size }
viewer-record-asked = Um Aufzeichnung gebeten
viewer-record-refused = Der Kunde erlaubt keine Aufzeichnung.
viewer-record-ended = Die Aufzeichnung ist beendet: { $why } Sie liegt in { $file }.
# Dem Kunden etwas zeigen.
show-button = Meinen Bildschirm zeigen …
show-withdraw = Frage zurückziehen
show-back = Zurück
show-back-name = Zurück: dem Kunden nichts mehr zeigen
show-asked = Gefragt, ob der Kunde etwas auf Ihrem Bildschirm sehen möchte; er hat noch nicht entschieden.
show-refused = Der Kunde möchte nichts auf Ihrem Bildschirm sehen.
show-ended = Der Kunde sieht nichts mehr von Ihrem Bildschirm: { $why }
show-nothing = Der Kunde sieht noch nichts von Ihrem Bildschirm
show-on = Der Kunde sieht: { $applications }
show-paused = Pause: Der Kunde sieht nichts von Ihrem Bildschirm
show-pause = Pause
show-resume = Weiter zeigen
show-change = Ändern
show-clear = Markierungen löschen
show-clear-name = Markierungen des Kunden löschen
show-no-pointing = Markieren verbieten
show-no-pointing-name = Nicht zeigen, worauf der Kunde zeigt und was er zeichnet
show-point-out = Meine Maus hervorheben
show-point-out-name = Meinen Mauszeiger für den Kunden hervorheben
show-choose = Was möchten Sie dem Kunden zeigen?
show-choose-lead = Der Kunde sieht nur die Anwendungen, die Sie hier auswählen, und kann nichts darin tun. Solange Sie zeigen, sehen Sie nichts vom Bildschirm des Kunden.
show-empty = Es ist keine Anwendung geöffnet. Öffnen Sie die Anwendung, die Sie zeigen wollen.
show-now = { $count ->
    [0] Zeigen
    [one] Diese Anwendung zeigen
   *[other] Diese { $count } Anwendungen zeigen
}
show-lead = Arbeiten Sie in diesen Anwendungen; der Kunde sieht zu:
show-lead-paused = Diese Anwendungen sieht der Kunde wieder, sobald Sie weiter zeigen:
recordings = Aufzeichnungen
recordings-back = Zurück
recordings-lead = Aufzeichnungen liegen verschlüsselt in { $folder }. Jede öffnet sich mit dem Code, der dem Kunden gezeigt wurde.
recordings-none = Es gibt keine Aufzeichnungen.
recordings-when = { $begun } · { $size }
recordings-open = Öffnen …
recordings-open-name = Die Aufzeichnung vom { $begun } öffnen
recordings-code = Code des Kunden
recordings-code-hint = acht Gruppen zu vier Zeichen
recordings-unlock = Öffnen
recordings-with = { $advisor } ({ $organisation }), { $begun }
recordings-play = Abspielen
recordings-pause = Anhalten
recordings-seek = Stelle
recordings-at = { $at } von { $length }
recordings-nothing = In diesem Augenblick wurde nichts gezeigt.
recordings-export = Video exportieren …
recordings-export-lead = Das Video ist nicht verschlüsselt: Wer die Datei hat, sieht alles. Erzeugen Sie es nur, wenn der Kunde Ihnen den Code dafür gegeben hat.
recordings-export-file = Datei
recordings-export-now = Exportieren
recordings-export-stop = Export abbrechen
recordings-exporting = Export: { $percent } %

# Was ein Kunde vor dem Gespräch bekommt.
invitation-heading = Einladung für den Kunden
invitation-form = Form
invitation-form-mail = Mail
invitation-form-sms = SMS
invitation-form-paper = Papier
invitation-copy = Einladung kopieren
invitation-copied = Einladung kopiert
invitation-write = Mail schreiben
invitation-write-name = Die Einladung im Mailprogramm schreiben
invitation-with-number = Nummer hineinschreiben
invitation-warning = Wer diese Nachricht liest, kann vor dem Kunden beitreten. Sicherer ist es, die Nummer am Telefon zu nennen.
invitation-subject = Bildschirm zeigen mit { $organisation }
invitation-mail =
    Guten Tag,

    { $lead }
    1. Öffnen Sie { $page } und laden Sie Mitblick herunter.
    2. Starten Sie es. Es muss nichts installiert werden.
    3. { $number }

    Ich sehe nur die Anwendungen, die Sie auswählen, und vorher nichts. Sie können jederzeit beenden.
    Wir rufen Sie dafür nicht an. Wenn jemand anruft und Ihren Bildschirm sehen will: Legen Sie auf und rufen Sie uns unter einer Nummer an, die Sie kennen.

    { $advisor }
    { $organisation }
invitation-mail-lead = bitte halten Sie für unser Gespräch das Programm Mitblick bereit:
invitation-mail-lead-meeting = unser Gespräch ist am { $day }, um { $time } Uhr. Bitte rufen Sie uns dann an, unter der Nummer, die Sie von uns kennen, und halten Sie das Programm Mitblick bereit:
invitation-mail-number-meeting = Geben Sie dort die Nummer { $number } ein. Sie gilt an diesem Tag von { $from } bis { $until } Uhr.
invitation-mail-number = Geben Sie dort die Nummer { $number } ein. Sie gilt bis { $until } Uhr.
invitation-mail-no-number = Am Telefon nenne ich Ihnen eine Nummer mit zehn Ziffern. Geben Sie sie dort ein.
invitation-sms = { $organisation }: { $lead } { $page } öffnen, Mitblick laden und starten. { $number }
invitation-sms-lead = Bitte
invitation-sms-lead-meeting = Unser Gespräch ist am { $day } um { $time } Uhr, bitte rufen Sie uns dann an. Dafür bitte
invitation-sms-number-meeting = Nummer: { $number }, gilt dann von { $from } bis { $until } Uhr.
invitation-sms-number = Nummer: { $number }, gilt bis { $until } Uhr.
invitation-sms-no-number = Die Nummer nenne ich Ihnen am Telefon.
invitation-paper =
    { $organisation }

    { $lead }

    1. Öffnen Sie im Browser diese Adresse:

    { $page }

    2. Laden Sie dort Mitblick herunter.

    3. Starten Sie es. Es muss nichts installiert werden.

    4. { $number }

    5. Wählen Sie, was wir sehen dürfen. Vorher sehen wir nichts. Sie können jederzeit beenden.

    Vorsicht: Wir rufen Sie dafür nicht an. Wenn jemand anruft und Ihren Bildschirm sehen will, legen Sie auf.

    { $advisor }
invitation-paper-lead = SO ZEIGEN SIE UNS, WORUM ES GEHT
invitation-paper-lead-meeting =
    SO ZEIGEN SIE UNS, WORUM ES GEHT

    Unser Gespräch: { $day }, { $time } Uhr. Bitte rufen Sie uns dann an.
invitation-paper-number-meeting = Geben Sie diese Nummer ein: { $number } (gültig an diesem Tag von { $from } bis { $until } Uhr)
invitation-paper-number = Geben Sie diese Nummer ein: { $number } (gültig bis { $until } Uhr)
invitation-paper-no-number = Geben Sie die Nummer mit zehn Ziffern ein, die Sie am Telefon hören: ___ ___ ____

# Die eigene Liste der Sitzungen.
sessions = Meine Sitzungen
sessions-back = Zurück
sessions-lead = Diese Liste liegt nur auf diesem Rechner. Weder die Vermittlung noch Kunden sehen sie, und vom Inhalt einer Sitzung steht nichts darin, was Sie nicht selbst schreiben.
sessions-none = Es gibt noch keine Sitzungen.
sessions-none-found = Keine Sitzung passt dazu.
sessions-search = Suchen
sessions-count = { $count ->
    [one] 1 Sitzung
   *[other] { $count } Sitzungen
}
sessions-when = { $begun } · { $lasted } · gewartet { $waited }
sessions-subject-next = Worum geht es in der nächsten Sitzung?
sessions-subject-hint = Nur für Ihre Liste auf diesem Rechner
sessions-subject = Thema
sessions-note = Notiz
sessions-note-left = Noch { $count } Zeichen
sessions-solution = Gelöst?
sessions-solved = gelöst
sessions-partly = teilweise gelöst
sessions-unsolved = nicht gelöst
sessions-newest = Notiz zur letzten Sitzung
sessions-newest-lead = Steht nur in „Meine Sitzungen“ auf diesem Rechner.
sessions-asked = Kunden können am Ende sagen, ob ihr Anliegen gelöst wurde und wie es war. Ihre Firma sieht davon nur Summen, ab fünf Antworten.
sessions-save = Speichern
sessions-later = Nichts notieren
sessions-edit = Bearbeiten
sessions-edit-name = Sitzung vom { $begun } bearbeiten
sessions-cancel = Abbrechen
sessions-remove = Löschen
sessions-remove-name = Sitzung vom { $begun } löschen
sessions-remove-sure = Wirklich löschen
sessions-keep = Aufbewahren für (Tage)
sessions-keep-set = Übernehmen
sessions-keep-hint = 1 bis 730. Ältere Sitzungen werden gelöscht. Eingestellt: { $days }.
sessions-export = Als CSV exportieren …
sessions-export-file = Datei
sessions-export-now = Exportieren
sessions-exported = Exportiert: { $file }
sessions-csv-begun = Beginn
sessions-csv-length = Dauer (s)
sessions-csv-waited = Wartezeit (s)
sessions-csv-subject = Thema
sessions-csv-solution = Gelöst
sessions-csv-note = Notiz
sessions-keep-fewer = { $days ->
    [one] Sitzungen, die älter als 1 Tag sind, werden dann sofort gelöscht.
   *[other] Sitzungen, die älter als { $days } Tage sind, werden dann sofort gelöscht.
}
sessions-keep-sure = Ältere wirklich löschen
lobby-waiting = Wartet seit { $waited }

# Termine.
appointments = Termine
appointments-back = Zurück
appointments-lead = Für einen Termin bekommen Sie eine Nummer, die nur in der vereinbarten Zeit gilt. Ist dieses Programm dann angemeldet und keine andere Nummer offen, öffnet sie sich von selbst; sonst, und wenn schon jemand wartet, öffnen Sie sie mit einem Klick.
appointments-secret = Nur auf diesem Rechner steht die ganze Nummer. Die Vermittlung kennt die Zeit und vier der zehn Ziffern.
appointments-forbidden = Die Regeln der Firma erlauben keine Nummern für Termine.
appointments-none = Es gibt keine Termine.
appointments-new = Neuer Termin
appointments-day = Tag
appointments-day-hint = zum Beispiel 30.11.2026
appointments-day-before = Ein Tag früher
appointments-day-after = Ein Tag später
appointments-time = Uhrzeit
appointments-late-by = Der Kunde kann kommen bis
appointments-late-half-hour = 30 Minuten danach
appointments-late-hour = 1 Stunde danach
appointments-late-hours = { $hours } Stunden danach
appointments-subject = Worum geht es? (nur für Ihre Listen auf diesem Rechner)
appointments-book = Nummer vormerken
appointments-booking = Die Nummer wird vorgemerkt …
appointments-preview = { $day }, { $time } Uhr. Die Nummer gilt von { $from } bis { $until } Uhr.
appointments-not-a-day = Das ist kein Tag. Schreiben Sie zum Beispiel 30.11.2026.
appointments-not-a-time = Das ist keine Uhrzeit. Schreiben Sie zum Beispiel 10:30.
appointments-past = Das ist schon vorbei.
appointments-booked = Vorgemerkt. Laden Sie den Kunden jetzt ein; zur vereinbarten Zeit ruft er Sie an.
appointments-when = { $day }, { $time } Uhr
appointments-window = gilt von { $from } bis { $until } Uhr
appointments-number = Nummer { $spoken }
appointments-state-open = Die Nummer ist jetzt offen.
appointments-state-due = Der Kunde kann jetzt kommen; eine andere Nummer ist offen.
appointments-state-used = Der Kunde war da.
appointments-state-burned = Jemand hat eine falsche Nummer eingegeben. Die Nummer dieses Termins ist damit ungültig; nennen Sie am Telefon eine neue.
appointments-state-gone = Die Nummer gilt nicht mehr.
appointments-invite = Einladen …
appointments-invite-name = Zum Termin am { $when } einladen
appointments-invite-close = Fertig
appointments-open = Diese Nummer öffnen
appointments-open-name = Die Nummer für { $when } öffnen
appointments-cancel = Absagen
appointments-cancel-name = Termin am { $when } absagen
appointments-cancel-lead = Die Nummer gilt dann nicht mehr. Dem Kunden sagen Sie es selbst.
appointments-cancel-sure = Wirklich absagen
appointments-keep = Behalten
appointments-remove = Aus der Liste nehmen
appointments-remove-name = Termin am { $when } aus der Liste nehmen
appointments-elsewhere = An einem anderen Rechner vorgemerkt
appointments-elsewhere-lead = Die geheimen Ziffern stehen dort. Von hier aus können Sie nur absagen.
appointments-next = Nächster Termin: { $when }
appointments-now = Termin: { $when }
appointments-waiting = Der Kunde dieses Termins kann jetzt kommen: { $when }
appointments-customer-waits = Ein Kunde wartet auf diesen Termin: { $when }
appointments-let-in = Hereinlassen
appointments-let-in-name = Hereinlassen, wer auf den Termin am { $when } wartet
appointments-state-awaited = Ein Kunde wartet darauf.
viewer-customer-waits = Ein Kunde wartet auf Ihren Termin: { $when }
