//! The English check words.

/// Alphabetical; the order is part of the protocol.
#[rustfmt::skip]
pub(super) const WORDS: [&str; 256] = [
    "acorn", "actor", "album", "almond", "amber", "anchor", "ankle", "apple", "apron", "archer", "arrow",
    "artist", "attic", "autumn", "badge", "bagel", "bakery", "balcony", "banana", "barrel", "basket", "beaver",
    "bedroom", "bell", "bicycle", "biscuit", "blanket", "blossom", "bonfire", "bottle", "bowl", "bread",
    "bridge", "broom", "bucket", "butter", "cabin", "cactus", "camel", "candle", "canyon", "captain", "carpet",
    "castle", "cathedral", "cellar", "cement", "chair", "cherry", "chimney", "circus", "citizen", "clock",
    "cloud", "coffee", "comet", "concert", "copper", "corner", "cottage", "cousin", "cradle", "crown",
    "cucumber", "curtain", "dancer", "desert", "diamond", "dinner", "doctor", "dolphin", "domino", "door",
    "dragon", "drawer", "drum", "duck", "eagle", "earth", "elbow", "elephant", "engine", "envelope", "evening",
    "fabric", "factory", "falcon", "farmer", "feather", "fence", "finger", "flag", "flute", "football",
    "forest", "fox", "friend", "frost", "gallery", "garden", "garlic", "ghost", "giant", "giraffe", "glove",
    "gold", "gorilla", "grape", "guitar", "hammer", "harbour", "harvest", "hawk", "heart", "helmet", "hill",
    "honey", "hospital", "hotel", "house", "hunter", "iceberg", "insect", "island", "ivory", "jacket", "jewel",
    "journal", "judge", "jungle", "kangaroo", "kettle", "kitchen", "ladder", "lake", "lamp", "lantern",
    "laundry", "lawyer", "lemon", "library", "lion", "lobster", "lounge", "magnet", "mailbox", "mango", "maple",
    "market", "meadow", "melon", "mirror", "monkey", "moon", "morning", "mother", "mountain", "museum",
    "mushroom", "napkin", "needle", "nephew", "night", "noodle", "notebook", "ocean", "office", "olive",
    "onion", "orange", "orchid", "ostrich", "oven", "oyster", "palace", "panda", "paper", "parade", "parrot",
    "peanut", "pencil", "pepper", "piano", "picnic", "pillow", "pirate", "planet", "postcard", "potato",
    "powder", "prince", "pudding", "puppet", "pyramid", "quarry", "queen", "rabbit", "radio", "rainbow",
    "raven", "ribbon", "river", "robin", "rocket", "roof", "saddle", "sailor", "salad", "sandwich", "satin",
    "school", "scissors", "seal", "shadow", "sheep", "shirt", "silver", "sister", "spider", "spoon", "stamp",
    "statue", "storm", "sugar", "summer", "table", "teacher", "theatre", "ticket", "tiger", "toast", "tomato",
    "tower", "tractor", "train", "trumpet", "tulip", "tunnel", "turtle", "umbrella", "uncle", "valley",
    "velvet", "village", "violin", "volcano", "waffle", "walnut", "water", "wheel", "window", "winter",
    "wizard", "wolf", "yacht", "zebra",
];
