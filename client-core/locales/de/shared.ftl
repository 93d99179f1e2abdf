# Was beide Programme zeigen.
details = Details zur Sicherheit
check-words = Prüfwörter
check-words-how = Lesen Sie sich diese vier Wörter am Telefon vor: Stehen auf beiden Seiten dieselben, sitzt niemand dazwischen; sind es andere, beenden Sie die Sitzung.
suite = Verschlüsselung: { $suite }
end-to-end = Verschlüsselt von Programm zu Programm. Die Vermittlung dazwischen kann nicht mitlesen.
state-view-only = Nur ansehen
state-asked = Steuerung angefragt
state-refused = Steuerung abgelehnt – nur ansehen
state-control = Steuerung erlaubt
state-control-left = Steuerung: noch { $left }
state-control-until = Steuerung bis { $until }
time-left-minutes = { $minutes } Min.
state-paused = Pausiert
duration-seconds = { $seconds ->
    [one] 1 Sekunde
   *[other] { $seconds } Sekunden
}
duration-minutes = { $minutes ->
    [one] 1 Minute
   *[other] { $minutes } Minuten
}{ $seconds ->
    [0] {""}
    [one] {" "}und 1 Sekunde
   *[other] {" "}und { $seconds } Sekunden
}
duration-hours = { $hours ->
    [one] 1 Stunde
   *[other] { $hours } Stunden
}{ $minutes ->
    [0] {""}
    [one] {" "}und 1 Minute
   *[other] {" "}und { $minutes } Minuten
}
control-end-stop-key = Die Steuerung wurde mit der Stopptaste beendet.
control-end-taken-back = Die Steuerung wurde zurückgenommen.
control-end-time-over = Die erlaubte Zeit ist um. Die Steuerung ist beendet.
control-end-sharing-changed = Die Steuerung ist beendet, weil sich die Freigabe geändert hat.
control-end-given-back = Die Steuerung wurde zurückgegeben.
control-end-link-lost = Die Verbindung war unterbrochen. Die Steuerung ist beendet.
control-end-forbidden = Nach den Regeln der Firma gibt es hier keine Steuerung.
ends-soon = Nach den Regeln der Firma endet diese Sitzung in { $left }.
ends-soon-told = Nach den Regeln der Firma endet diese Sitzung in wenigen Minuten.
control-end-not-available = Auf dem gezeigten Rechner ist keine Steuerung möglich.
refusal-no-grant = Ohne Wirkung: Die Steuerung ist nicht erlaubt.
refusal-outside = Ohne Wirkung: Diese Stelle gehört zu keinem gezeigten Fenster.
refusal-focus = Ohne Wirkung: Klicken Sie zuerst in ein gezeigtes Fenster.
refusal-no-key = Dieses Zeichen fehlt auf der Tastatur des Kunden.
refusal-shortcut = Tastenkürzel des Systems bleiben dem Kunden vorbehalten.
refusal-local-input = Der Kunde benutzt gerade Maus oder Tastatur.

# Die Verbindung: was sie trägt und wie schnell sie ist.
line = Verbindung
line-sent = Bisher { $bytes } gesendet
line-received = Bisher { $bytes } empfangen
line-rate = Im Moment { $rate } pro Sekunde, { $minute } pro Minute
line-round-trip = Eine Änderung ist nach { $ms } ms auf der anderen Seite zu sehen und bestätigt
line-round-trip-unknown = Wie schnell sie ist, zeigt sich mit der ersten Änderung

# Chat: was beide Seiten einander schreiben.
more = Mehr
more-name = Zeigen, was selten gebraucht wird
together-button = Chat & Dateien
together-button-name = Chat, Zwischenablage und Dateien öffnen oder schließen
together-button-new = Chat ({ $count } neu)
chat-unseen = { $count ->
    [one] Chat: 1 neue Nachricht
   *[other] Chat: { $count } neue Nachrichten
}
chat-empty = An { $name }: zum Beispiel Namen, Nummern und Adressen, die sich schlecht ansagen lassen.
chat-me = Sie
chat-sent = unterwegs
chat-delivered = angekommen
chat-seen = gelesen
chat-copy = Text kopieren
chat-field = Nachricht schreiben
chat-send = Senden
the-customer = Kundin/Kunde
together-chat = Chat
together-chat-new = Chat ({ $count } neu)
together-clipboard = Zwischenablage
clipboard-question = { $name } möchte diesen Text in Ihre Zwischenablage legen:
clipboard-take = In meine Zwischenablage
clipboard-refuse = Ablehnen
clipboard-open-both = Kopierter Text geht in beide Richtungen
clipboard-open-out = Was Sie kopieren, bekommt { $name }
clipboard-open-in = Was { $name } kopiert, kommt in Ihre Zwischenablage
clipboard-open-offered = Ihr kopierter Text dürfte hinüber; Sie senden ihn nicht
clipboard-close = Zwischenablage schließen
clipboard-one = Einen Text senden
clipboard-one-how = { $name } sieht ihn und entscheidet, ob er in die Zwischenablage kommt.
clipboard-one-by-one = Nach den Regeln der Firma gehen nur einzelne Texte, jeder mit Zustimmung.
clipboard-field = Text für die andere Zwischenablage
clipboard-read = Aus meiner Zwischenablage einfügen
clipboard-offer = Anbieten
clipboard-withdraw = Zurücknehmen
clipboard-waiting = Angeboten. { $name } hat noch nicht entschieden.
clipboard-taken = { $name } hat den Text in die Zwischenablage genommen.
clipboard-refused = { $name } möchte den Text nicht.
clipboard-switch = Kopierten Text mitgeben
clipboard-switch-how = Nur, was ab jetzt kopiert wird, nur Text, und nur solange Sie etwas zeigen. Was ein Passwortspeicher als geheim kennzeichnet, bleibt hier; nicht jeder tut das.
clipboard-out = Was ich kopiere, bekommt { $name }
clipboard-in = Was { $name } kopiert, kommt in meine Zwischenablage
clipboard-watcher-off = Nur die Person, deren Bildschirm gezeigt wird, kann das einschalten.
clipboard-watcher-in = Was dort kopiert wird, kommt in Ihre Zwischenablage.
clipboard-watcher-out = Was Sie kopieren, darf dort in die Zwischenablage.
clipboard-watcher-both = Kopierter Text darf in beide Richtungen.
clipboard-let-out = Was ich ab jetzt kopiere, mitgeben
face-portrait = Bild von { $advisor }
face-logo = Logo von { $organisation }

# Dateien, in beide Richtungen.
together-files = Dateien
together-files-new = Dateien ({ $count } neu)
together-button-files = Dateien ({ $count } neu)
files-asking = { $count ->
    [one] Dateien: 1 Angebot wartet auf Ihre Antwort
   *[other] Dateien: { $count } Angebote warten auf Ihre Antwort
}
files-offer = Dateien anbieten …
files-drop = Loslassen, um diese Dateien anzubieten
files-looking = Ihre Auswahl wird angesehen …
files-resting = Die Verbindung ist unterbrochen. Dateien gehen dort weiter, wo sie stehen geblieben sind.
files-empty = Ziehen Sie Dateien oder Ordner auf dieses Fenster oder wählen Sie sie aus. { $name } sieht Namen und Größen und entscheidet über jede Datei.
files-empty-receive = { $name } kann Ihnen Dateien anbieten. Sie entscheiden über jede.
files-folder = Dateien werden gespeichert in { $folder }
files-no-folder = Es wurde kein Ordner zum Speichern gefunden.
files-folder-change = Ändern
files-choose = Welche Dateien möchten Sie anbieten?
files-choose-folder = Wo sollen Dateien gespeichert werden?
files-choose-one = { $name } auswählen
files-up = Höher
files-cant-list = Dieser Ordner kann nicht gelesen werden. { $why }
files-more = In diesem Ordner ist mehr, als hier steht.
files-offer-chosen = Anbieten ({ $count })
files-save-here = Hier speichern
files-back = Zurück
files-count = { $count ->
    [one] 1 Datei
   *[other] { $count } Dateien
}
files-question = { $count ->
    [one] { $name } bietet Ihnen diese Datei an ({ $size }). Möchten Sie sie speichern?
   *[other] { $name } bietet Ihnen { $count } Dateien an ({ $size }). Welche möchten Sie speichern?
}
files-want-one = { $name } speichern
files-program-warning = Ein Programm kann auf Ihrem Rechner alles, was Sie können. Speichern Sie es nur, wenn Sie es erwarten.
files-save = Speichern
files-save-count = Speichern ({ $count })
files-refuse = Ablehnen
files-to = an { $name }
files-from = von { $name }
files-waiting = { $size }, wartet auf die Antwort: { $name }
files-moved = { $moved } von { $size }
files-done-of = { $done } von { $count } Dateien
files-held-here = angehalten
files-held-there = von der anderen Seite angehalten ({ $name })
files-rate = { $rate } in der Sekunde
files-left = noch { $left }
files-pause = Anhalten
files-go-on = Weiter
files-cancel = Abbrechen
files-list = Einzelne Dateien
files-copy-hash = SHA-256-Summe kopieren
files-all-saved = { $count ->
    [one] Gespeichert und geprüft ({ $size })
   *[other] { $count } Dateien gespeichert und geprüft ({ $size })
}
files-all-sent = { $count ->
    [one] Angekommen und geprüft ({ $size })
   *[other] { $count } Dateien angekommen und geprüft ({ $size })
}
files-some-failed = { $done } angekommen, { $failed } nicht: { $why }
file-kind-document = Dokument
file-kind-media = Bild oder Ton
file-kind-archive = Archiv
file-kind-program = Programm
file-kind-other = Datei
file-state-forbidden = nach den Regeln der Firma nicht erlaubt
file-state-refused = nicht gewünscht
file-state-moving = unterwegs
file-state-checking = wird geprüft
file-state-done = geprüft
file-end-by-me = Sie haben abgebrochen.
file-end-by-other = Die andere Seite hat abgebrochen.
file-end-changed = Die Datei wurde verändert, während sie gesendet wurde. Bieten Sie sie noch einmal an.
file-end-unreadable = Die Datei ist weg oder kann nicht mehr gelesen werden. Wählen Sie sie neu aus und bieten Sie sie noch einmal an.
file-end-disk-full = Der Datenträger ist voll. Schaffen Sie Platz und lassen Sie noch einmal senden.
file-end-not-permitted = In diesem Ordner darf nicht gespeichert werden. Wählen Sie einen anderen und lassen Sie noch einmal senden.
file-end-cant-write = Die Datei konnte nicht gespeichert werden. Wählen Sie einen anderen Ordner und lassen Sie noch einmal senden.
file-end-wrong-hash = Was ankam, ist nicht das, was gesendet wurde; es wurde verworfen. Lassen Sie die Datei noch einmal senden.

# Aufzeichnungen.
recording-end-taken-back = Die Erlaubnis wurde zurückgenommen.
recording-end-stopped = Die Beratung hat sie beendet.
recording-end-broken = Das Programm der Beratung konnte sie nicht fortsetzen.
recording-end-forbidden = Die Regeln der Firma erlauben sie nicht.
recording-end-link-lost = Die Verbindung ist abgerissen.
recording-end-sharing-changed = Es wird etwas gezeigt, wofür sie nicht erlaubt wurde.
recording-end-turned = Jetzt ist der Bildschirm der Beratung zu sehen.
# Die Beratung zeigt etwas vom eigenen Bildschirm.
turn-end-taken-back = Auf der Seite des Kunden wurde zurückgewechselt.
turn-end-given-back = Die Beratung hat zurückgewechselt.
turn-end-broken = Das Programm der Beratung kann nichts mehr zeigen.
turn-end-forbidden = Die Regeln der Firma erlauben es nicht.
turn-end-link-lost = Die Verbindung ist abgerissen.
recording-info = Aufzeichnung vom { $begun }, { $length } lang
    Mit: { $advisor } ({ $organisation })
    Öffnet sich mit: { $owners }
recording-owner-customer = dem Code des Kunden
recording-owner-both = dem Code des Kunden, nur auf diesem Rechner
recording-cut-short = Sie wurde abgebrochen; abspielen lässt sich, was bis dahin aufgezeichnet wurde.
recording-exported = Das Video ist in { $file }.
recording-code-mistyped = Das ist kein vollständiger Code. Er hat acht Gruppen zu vier Zeichen; bitte vergleichen Sie jede.
recording-wrong-code = Dieser Code gehört zu einer anderen Aufzeichnung. Bitte verwenden Sie den, der zu dieser gezeigt wurde.
recording-wrong-share = Diese Aufzeichnung öffnet sich nur auf dem Rechner, der sie gemacht hat, zusammen mit dem Code des Kunden. Sonst ist ihr Anfang beschädigt.
recording-none = Diese Datei ist keine Aufzeichnung, die dieses Programm kennt. Wählen Sie eine andere.
recording-damaged = Die Aufzeichnung ist von hier an beschädigt oder wurde verändert. Was davor liegt, lässt sich abspielen.
recording-unreadable = Die Aufzeichnung kann nicht gelesen werden ({ $why }). Prüfen Sie den Ordner und Ihre Rechte.
recording-export-exists = Eine Datei dieses Namens gibt es schon. Wählen Sie einen anderen.
recording-export-unwritable = Das Video kann nicht geschrieben werden ({ $why }). Prüfen Sie Ordner, Rechte und freien Platz.
recording-export-empty = Während dieser Aufzeichnung wurde nichts gezeigt.
recording-export-given-up = Der Export wurde abgebrochen. Nichts davon wurde behalten.
recording-export-failed = Das Video kann nicht erzeugt werden: { $why }

# Tage.
date-long = { $weekday }, { $day }. { $month } { $year }
weekday-monday = Montag
weekday-tuesday = Dienstag
weekday-wednesday = Mittwoch
weekday-thursday = Donnerstag
weekday-friday = Freitag
weekday-saturday = Samstag
weekday-sunday = Sonntag
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember

# Auf etwas zeigen, das die andere Seite zeigt.
tools-name = Werkzeug: { $tool }
tool-none = Weglegen
tool-pointer = Zeiger
tool-arrow = Pfeil
tool-ellipse = Kreis
tool-line = Freie Linie
tool-text = Text
tool-text-field = Text an dieser Stelle
tool-step = Schritt { $number }
pointing-keys = Ohne Maus: Die Pfeiltasten bewegen ein Fadenkreuz im Bild, mit Umschalt weiter, mit Strg um einzelne Pixel. Die Eingabetaste beginnt und beendet eine Form; Esc verwirft sie.
pointing-at = Fadenkreuz auf „{ $title }“, { $across } % von links, { $down } % von oben
pointing-at-untitled = Fadenkreuz auf einem Fenster ohne Titel, { $across } % von links, { $down } % von oben
pointing-nowhere = Fadenkreuz neben den Fenstern: Hier kann auf nichts gezeigt werden
pointing-begun = { $tool } begonnen. { $place }
pointing-set = { $tool } gesetzt
pointing-short = Noch ist nichts zu sehen: Bewegen Sie zuerst das Fadenkreuz.
pointing-given-up = { $tool } verworfen
look = Darstellung: { $look }
look-system = Automatisch
look-light = Hell
look-dark = Dunkel
look-contrast = Hoher Kontrast
