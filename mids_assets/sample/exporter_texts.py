"""Descriptions of powers for a DataExporter sample: a stock of invented sentences, already written as JSON text.

A description is a row of sentences from the stock, so that hundreds of thousands of them cost next to nothing. A few
sentences hold what breaks careless readers of JSON: quotes, brackets, backslashes, line breaks, escapes, emoji.
Does not belong here: any other field of a power.
"""

from __future__ import annotations

import json

import msgspec

from mids_assets.sample.draw import Draw

# Phrases are easier to read and to extend one a line than as a list of quoted ones.
_OPENINGS = """
You draw the cold light of a forgotten lantern into your hands and
A low hum rises from the ground around your feet, which
The longer you hold your stance in the open, the more this power
With a single word that nobody else remembers, you
Taught by wardens of a city that was never built, this technique
Unlike the other gifts of this discipline, it
Every foe that comes within your reach while this is active
Whoever stands next to you when the echo fades
This costs more breath than it seems to at first, but it
In the moment between two heartbeats the air around you
""".strip().splitlines()
_MIDDLES = """
slows whatever moves too quickly to be aimed at
wraps nearby friends in a shell of turning glass
turns part of the harm that was meant for you into new strength
tears at armour and makes the next blow count for more
lets a small number of targets forget why they came
keeps its full effect for as long as nobody breaks the circle
strikes once at the chosen target and again at what stands behind it
returns a little endurance with each enemy that is defeated
pulls loose stones and lost thoughts alike towards its centre
cannot be interrupted, although it can be resisted
""".strip().splitlines()
_ENDINGS = """
until the light has gone out.
, and leaves only a faint smell of rain.
, even from a considerable distance.
for some seconds after you have let go.
, provided that you can see where it is going.
without drawing the attention of others.
, which the very strong may not notice at all.
unless the target is protected in the same way.
, more often than chance alone would explain.
, at the price of a much longer recharge.
""".strip().splitlines()
_ODD = (
    'The inscription reads "hold, then release" and nothing else.',
    "Old notes call it {Surge}, or [Surge {second form}], or simply }]{[.",
    r"A label on the back says C:\made\up\path\\ and ends with a backslash \ ",
    "First line of a made-up list:\n- a second line\r\n- a third\tafter a tab",
    "Für Größe, Übung und Maß: naïve façades, Señor Ñandú, žluťoučký kůň.",
    "炎の一撃は遠くまで届く。Пламя бьёт далеко. Η φλόγα φτάνει μακριά.",
    "It burns 🔥, it freezes ❄️, it calls a dragon 🐉 and a family 👨‍👩‍👧‍👦.",
    'Said once: "{\\"Name\\": \\"not a record\\"}, {" and never again.',
    "A tag as the program writes it: <br><br><color #ff8800>Recharge: slow</color> & more/less.",
    "Half of it, 50 % – or “half” … costs €5, ½ of £10; x² ≤ 4.",
)
_STOCK = 1024
_SENTENCES_A_TEXT = (1, 1, 1, 1, 1, 2, 2, 3)


def _sentences() -> list[str]:
    """Each as the inside of a JSON string."""
    made = []
    for odd in _ODD:
        # The third as it is written by a program that knows ASCII only.
        made += [msgspec.json.encode(odd).decode(), msgspec.json.encode(odd).decode(), json.dumps(odd)]
    for number in range(len(made), _STOCK):
        draw = Draw(1 << 47, number)
        ending = draw.pick(_ENDINGS)
        blank = "" if ending.startswith(",") else " "
        text = f"{draw.pick(_OPENINGS)} {draw.pick(_MIDDLES)}{blank}{ending}"
        made.append(msgspec.json.encode(text).decode())
    return [text[1:-1] for text in made]


_SENTENCES = _sentences()


def description(draw: Draw) -> str:
    """A text of some sentences as a JSON string, quotes included."""
    bits = draw.below(1 << 61)
    stock = _SENTENCES
    parts = [stock[bits & 1023]]
    for _ in range(_SENTENCES_A_TEXT[bits >> 58] - 1):
        bits >>= 10
        parts.append(stock[bits & 1023])
    return f'"{" ".join(parts)}"'
