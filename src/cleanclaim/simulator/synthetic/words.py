"""Invented names. None is anybody's; a resemblance is chance."""

from __future__ import annotations

FIRST_NAMES = (
    "Alder", "Amity", "Ansel", "Arbor", "Aster", "Aven", "Birch", "Bram", "Briar", "Brook",
    "Calla", "Cassian", "Cedar", "Clover", "Coral", "Corin", "Cove", "Dahlia", "Dell", "Dove",
    "Eden", "Elmer", "Ember", "Emory", "Fable", "Fern", "Finch", "Flint", "Garnet", "Glen",
    "Harbor", "Hazel", "Heath", "Holly", "Indigo", "Iris", "Ivo", "Jasper", "Juniper", "Kestrel",
    "Lark", "Laurel", "Leif", "Linden", "Lumen", "Maple", "Marlow", "Merle", "Moss", "Nova",
    "Oakley", "Olive", "Onyx", "Opal", "Perrin", "Poppy", "Quill", "Rain", "Reed", "Robin",
    "Rowan", "Rune", "Sable", "Sage", "Sorrel", "Sterling", "Tamsin", "Teal", "Thorne", "Vale",
    "Vesper", "Willow", "Wren", "Yarrow", "Zephyr",
)  # fmt: skip

_LAST_BEGIN = (
    "Amber", "Ash", "Barley", "Bell", "Bracken", "Bright", "Copper", "Dew", "Fair", "Fox", "Frost",
    "Gold", "Hay", "Heron", "Lake", "Linnet", "Mill", "Nettle", "Otter", "Pebble", "Quarry", "Rush",
    "Silver", "Stone", "Thistle", "Umber", "Wheat", "Wicker",
)  # fmt: skip
_LAST_END = ("bank", "brook", "croft", "dale", "fern", "gate", "hurst", "mead", "quill", "wick", "wold")

LAST_NAMES = tuple(f"{begin}{end}" for begin in _LAST_BEGIN for end in _LAST_END)

STREETS = (
    "Example Lane", "Sample Street", "Specimen Road", "Placeholder Avenue", "Template Way", "Fiction Court",
    "Mockup Drive", "Pretend Place", "Demo Boulevard", "Invented Row",
)  # fmt: skip

PLACES = {
    # state: (made-up town, five digits of a ZIP code in the state, time zone)
    "AZ": ("Mesa Exempla", "85001", "America/Phoenix"),
    "FL": ("Sample Keys", "33101", "America/New_York"),
    "GA": ("Sampleton", "30301", "America/New_York"),
    "IL": ("Mockford", "60601", "America/Chicago"),
    "NC": ("Fictionboro", "27601", "America/New_York"),
    "OH": ("Demoville", "43201", "America/New_York"),
    "TX": ("Placeholder Springs", "75201", "America/Chicago"),
    "VA": ("Specimen Hills", "23218", "America/New_York"),
}
