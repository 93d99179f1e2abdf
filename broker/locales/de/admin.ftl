# Texte der Verwaltung.
