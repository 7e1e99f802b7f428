"""Words of the texts of generated items: topics, each with its own nouns, and styles.

A category is a topic with a style. Category c has topic c modulo the number of topics, so up to 40 categories
share no noun; more categories share the nouns in 25 styles.
"""

from __future__ import annotations

_TOPICS = """
astronomy: telescope galaxy comet orbit nebula eclipse planet observatory
baking: bread flour oven pastry dough yeast cake biscuit
beekeeping: honey hive swarm beeswax pollen queen apiary nectar
birdwatching: sparrow feather nest binoculars heron migration falcon plumage
boxing: glove ring punch footwork champion bout heavyweight corner
carpentry: chisel oak plane joint sawdust workbench mallet dovetail
cartography: atlas contour compass globe projection border survey scale
ceramics: kiln glaze clay vase porcelain wheel teapot tile
chess: knight gambit endgame bishop checkmate opening rook tournament
climbing: rope summit carabiner cliff ascent ledge harness boulder
coffee: espresso roast bean grinder crema barista filter mug
comedy: joke sketch punchline clown satire parody laughter stage
cycling: bicycle saddle sprint chain pedal peloton gear helmet
dance: ballet tango rhythm choreography waltz pirouette rehearsal tempo
detective: clue murder suspect alibi inspector motive witness case
dinosaurs: fossil raptor jurassic skeleton extinction claw herbivore dig
electronics: circuit resistor solder battery sensor voltage chip wire
fashion: dress silk tailor runway fabric stitch collar hem
fishing: trout lure reel river bait angler tackle salmon
gardening: rose seed compost pruning orchard tulip greenhouse soil
geology: granite volcano mineral crystal magma sediment quartz fault
horror: ghost crypt vampire scream curse midnight haunting grave
horses: stallion stable bridle gallop mane foal rider paddock
jazz: saxophone swing trumpet improvisation quartet ballad drummer blues
knitting: yarn needle sweater wool pattern scarf cable skein
law: court verdict lawyer trial contract jury appeal statute
mathematics: theorem proof integral prime geometry matrix conjecture algebra
medicine: surgeon diagnosis vaccine clinic symptom remedy nurse anatomy
meditation: breath stillness posture mantra calm awareness retreat cushion
photography: lens aperture shutter portrait tripod exposure darkroom flash
pirates: treasure cutlass galleon captain parrot mutiny plunder lagoon
politics: senate election ballot minister treaty campaign debate republic
railways: locomotive carriage signal tunnel platform timetable steam viaduct
robots: android servo gripper automaton firmware cyborg actuator drone
romance: kiss wedding heartbreak letter courtship vow bouquet longing
sailing: mast regatta harbour anchor breeze keel spinnaker tide
skiing: slope powder lift slalom alpine mogul binding avalanche
spies: agent cipher embassy double microfilm safehouse defector handler
war: battle trench regiment siege armour bunker general ceasefire
wine: vineyard cork vintage cellar grape barrel tannin decanter
"""
_STYLES = (
    *("classic", "modern", "rustic", "elegant", "playful", "compact"),
    *("premium", "humble", "vivid", "quiet", "daring", "timeless"),
    *("bold", "gentle", "curious", "formal", "festive", "solemn"),
    *("clever", "patient", "ancient", "urban", "frugal", "lively", "austere"),
)

TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (name, tuple(words.split())) for name, words in (line.split(":") for line in _TOPICS.strip().splitlines())
)
"""Name and eight nouns of each topic."""


def category_words(category: int) -> tuple[str, str, tuple[str, ...]]:
    """Return the style, the topic and the nouns of a category."""
    topic, nouns = TOPICS[category % len(TOPICS)]
    return _STYLES[category // len(TOPICS) % len(_STYLES)], topic, nouns
