//! The German check words.

/// Alphabetical; the order is part of the protocol.
#[rustfmt::skip]
pub(super) const WORDS: [&str; 256] = [
    "Abend", "Adler", "Adresse", "Affe", "Akkordeon", "Ampel", "Ananas", "Anker", "Apfel", "Arzt", "Atlas",
    "Auge", "Bagger", "Bahnhof", "Balkon", "Banane", "Batterie", "Becher", "Berg", "Besen", "Biene", "Blatt",
    "Blitz", "Blume", "Brief", "Brot", "Brunnen", "Butter", "Clown", "Computer", "Dach", "Dampfer", "Daumen",
    "Delfin", "Diamant", "Dinkel", "Distel", "Donner", "Dorf", "Drachen", "Efeu", "Eiche", "Eimer", "Eisen",
    "Elefant", "Engel", "Ente", "Erdbeere", "Esel", "Essig", "Eule", "Fabrik", "Fackel", "Fahne", "Falke",
    "Farbe", "Fenster", "Ferien", "Fernglas", "Feuer", "Finger", "Fisch", "Flasche", "Flöte", "Flugzeug",
    "Frosch", "Frühling", "Fuchs", "Gabel", "Gans", "Garten", "Geige", "Gepäck", "Giraffe", "Gitarre", "Glocke",
    "Gold", "Gras", "Gurke", "Gürtel", "Hafen", "Hagel", "Hammer", "Handschuh", "Haus", "Helm", "Herbst",
    "Himmel", "Hirsch", "Hobby", "Höhle", "Holz", "Honig", "Hotel", "Hund", "Igel", "Insekt", "Jacke", "Jäger",
    "Joghurt", "Junge", "Käfer", "Kaktus", "Kamel", "Kanne", "Karte", "Käse", "Kastanie", "Keks", "Kerze",
    "Kette", "Kino", "Kirche", "Kissen", "Klavier", "Knopf", "Koffer", "Komet", "König", "Korb", "Krone",
    "Kuchen", "Kugel", "Kürbis", "Lachs", "Lampe", "Laub", "Lehrer", "Leiter", "Lexikon", "Licht", "Linde",
    "Löffel", "Lokomotive", "Löwe", "Luft", "Lupe", "Mädchen", "Magnet", "Mantel", "Mappe", "Marmor", "Mauer",
    "Meer", "Melone", "Messer", "Milch", "Möhre", "Mond", "Morgen", "Motor", "Mühle", "Muschel", "Museum",
    "Nacht", "Nase", "Nashorn", "Nebel", "Nelke", "Nest", "Niere", "Nordsee", "Nudel", "Oboe", "Ofen",
    "Oktober", "Olive", "Onkel", "Oper", "Orange", "Orgel", "Paket", "Palme", "Papier", "Paprika", "Pelikan",
    "Pfanne", "Pfeffer", "Pferd", "Pilz", "Pinsel", "Pirat", "Planet", "Post", "Pullover", "Puzzle", "Quark",
    "Quelle", "Rabe", "Radio", "Rakete", "Rasen", "Regen", "Riegel", "Ring", "Ritter", "Rose", "Rucksack",
    "Ruine", "Säge", "Salz", "Sattel", "Schaf", "Schiff", "Schnee", "Schule", "See", "Seife", "Sessel",
    "Silber", "Sofa", "Sommer", "Sonne", "Spiegel", "Stern", "Stiefel", "Strand", "Suppe", "Tafel", "Taxi",
    "Teller", "Teppich", "Theater", "Tiger", "Tinte", "Tomate", "Topf", "Traube", "Treppe", "Trommel", "Tulpe",
    "Turm", "Ufer", "Uhr", "Urlaub", "Veilchen", "Vogel", "Vulkan", "Waage", "Walnuss", "Wasser", "Weide",
    "Wiese", "Winter", "Wolke", "Würfel", "Wurst", "Zahn", "Zange", "Zebra", "Zelt", "Ziege", "Zitrone",
    "Zucker", "Zug", "Zwiebel",
];
