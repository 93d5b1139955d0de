"""The expressions of the game's files (`requires` and its kin): read, told apart, written again, never evaluated.

lexer.py, grammar.py   a text as a tree; every fault has its position
tree.py, writing.py    the nodes and their JSON form; a tree as text
facts.py               what one comparison, call or name says about the character
kinds.py               what sort of rule an expression is
requirement.py         what of it MidsReborn's form of a requirement can say
vocabulary.py          names that are outside of what is known
references.py          names of powers, powersets and categories
"""

from mids_assets.errors import ExpressionError
from mids_assets.readers.expressions.grammar import parse
from mids_assets.readers.expressions.kinds import kind_of
from mids_assets.readers.expressions.references import Reference, references
from mids_assets.readers.expressions.requirement import Requirement, requirement
from mids_assets.readers.expressions.tree import Node, to_json
from mids_assets.readers.expressions.vocabulary import unknown_names
from mids_assets.readers.expressions.writing import to_text

__all__ = [
    "ExpressionError",
    "Node",
    "Reference",
    "Requirement",
    "kind_of",
    "parse",
    "references",
    "requirement",
    "to_json",
    "to_text",
    "unknown_names",
]
