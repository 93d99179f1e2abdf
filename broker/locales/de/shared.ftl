# Texte aller Seiten.
skip = Zum Inhalt
navigation = Seiten
not-found-heading = Diese Seite gibt es nicht
not-found = Prüfen Sie die Adresse oder beginnen Sie auf der Startseite.
not-found-back = Zur Startseite
