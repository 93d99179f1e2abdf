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
state-control-until = Steuerung bis { $until } – noch { $left }
time-left-minutes = { $minutes } Min.
state-paused = Pausiert
duration-seconds = { $seconds ->
    [one] 1 Sekunde
   *[other] { $seconds } Sekunden
}
duration-minutes = { $minutes ->
    [one] 1 Minute
   *[other] { $minutes } Minuten
} und { $seconds ->
    [one] 1 Sekunde
   *[other] { $seconds } Sekunden
}
duration-hours = { $hours ->
    [one] 1 Stunde
   *[other] { $hours } Stunden
} und { $minutes ->
    [one] 1 Minute
   *[other] { $minutes } Minuten
}
control-end-stop-key = Die Steuerung wurde mit F12 beendet.
control-end-taken-back = Die Steuerung wurde zurückgenommen.
control-end-time-over = Die erlaubte Zeit ist um. Die Steuerung ist beendet.
control-end-sharing-changed = Die Steuerung ist beendet, weil sich die Freigabe geändert hat.
control-end-given-back = Die Steuerung wurde zurückgegeben.
control-end-forbidden = Nach den Regeln der Firma gibt es hier keine Steuerung.
ends-soon = Nach den Regeln der Firma endet diese Sitzung in { $left }.
control-end-not-available = Auf dem Rechner des Kunden ist keine Steuerung möglich.
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
together-button = Chat
together-button-name = Chat öffnen oder schließen
together-button-new = Chat ({ $count } neu)
chat-unseen = { $count ->
    [one] Chat: 1 neue Nachricht
   *[other] Chat: { $count } neue Nachrichten
}
chat-empty = Hier können Sie { $name } schreiben, zum Beispiel Namen, Nummern und Adressen, die sich schlecht ansagen lassen.
chat-me = Sie
chat-sent = unterwegs
chat-delivered = angekommen
chat-seen = gelesen
chat-copy = Text kopieren
chat-field = Nachricht schreiben
chat-send = Senden
the-customer = der Kundin oder dem Kunden
