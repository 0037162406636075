"""The tags of a large part of a workbook, found at once: as arrays of places and kinds, never one by one.

Here: the tags that programs mostly write, which kind follows which, and the text between them. `NotUsual` wherever anything else stands.
Not here: what rows and cells they make (at_once.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Places = npt.NDArray[np.signedinteger[Any]]
Bools = npt.NDArray[np.bool_]

CHUNK, _PADDING = 4 << 20, 64
PROLOG = re.compile(
    rb'(?:<\?xml version="1\.0"(?: encoding="[Uu][Tt][Ff]-8")?(?: standalone="(?:yes|no)")? *\?>\s*)?<(?:worksheet|sst)[\s>]'
)
_SOUND = re.compile(rb"<phoneticPr(?: [^<>]*)?/>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_ENTITY = re.compile("&[^;]*;?")
ROW, ROW_END, CELL, CELL_END, VALUE, VALUE_END, INLINE, INLINE_END, TEXT, SPACED_TEXT, TEXT_END, ITEM, ITEM_END = range(1, 14)
#: The tags that there may be, each told from all others by the two characters behind the `<`; without `>` if attributes may follow.
_TAGS = {
    b'<row r="': ROW, b"</row>": ROW_END, b'<c r="': CELL, b"</c>": CELL_END, b"<v>": VALUE, b"</v>": VALUE_END, b"<is>": INLINE,
    b"</is>": INLINE_END, b"<t>": TEXT, b"<t xml:s": SPACED_TEXT, b"</t>": TEXT_END, b"<si>": ITEM, b"</si>": ITEM_END,
}  # fmt: skip
_SPACED = b'<t xml:space="preserve">'
_PRESERVED = np.frombuffer(_SPACED[8:], "<u8")
#: Masks for the first bytes of a word of eight, little end first.
FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
_CANDIDATES, _WORDS, _MASKS = np.zeros(1 << 16, np.uint8), np.zeros(14, np.uint64), np.zeros(14, np.uint64)
_SHORTEST, _LONGEST = np.zeros(14, np.int32), np.full(14, 1 << 30, np.int32)
for _tag, _kind in _TAGS.items():
    _CANDIDATES[int.from_bytes(_tag[1:3], "little")] = _kind
    _WORDS[_kind], _MASKS[_kind], _SHORTEST[_kind] = int.from_bytes(_tag, "little"), FIRST_BYTES[len(_tag)], len(_tag)
    if _tag.endswith(b">"):
        _LONGEST[_kind] = len(_tag)
_SHORTEST[SPACED_TEXT] = _LONGEST[SPACED_TEXT] = len(_SPACED)
_HOLDS_TEXT = np.isin(np.arange(14), (VALUE, TEXT))


class NotUsual(ValueError):
    """The sheet is written otherwise than what is read here."""


def require(is_so: bool | np.bool_) -> None:
    """Leave the sheet to the other readers unless this is so."""
    if not is_so:
        raise NotUsual


def chunks(xml: bytes, body: slice, end_mark: bytes) -> Iterator[bytes]:
    """Pieces that end where a row or item does, so that what is held beside the XML stays small."""
    start = body.start
    while start < body.stop:
        end = body.stop
        if start + CHUNK < body.stop:
            found = xml.rfind(end_mark, start, start + CHUNK)
            require(found > 0)
            end = found + len(end_mark)
        yield xml[start:end]
        start = end


class Tags:
    """The tags of a piece of XML, and what lies between them."""

    def __init__(self, xml: bytes) -> None:
        # Padded, so that a look behind the last tag finds nothing, instead of failing.
        padded = xml + bytes(_PADDING)
        self.codes = np.frombuffer(padded, np.uint8)
        #: Eight bytes from each place on.
        self.words = np.ndarray((len(padded) - 8,), "<u8", padded, strides=(1,))
        self.starts = np.flatnonzero(self.codes == ord("<")).astype(np.int32)
        self.ends = np.flatnonzero(self.codes == ord(">")).astype(np.int32)
        require(len(self.starts) == len(self.ends) > 0)
        require(bool((self.starts < self.ends).all() and (self.ends[:-1] < self.starts[1:]).all()))
        require(self.starts[0] == 0 and self.ends[-1] == len(xml) - 1)
        self.kinds = self._kinds()
        require(bool(((self.ends[:-1] + 1 == self.starts[1:]) | _HOLDS_TEXT[self.kinds[:-1]]).all()))

    def _kinds(self) -> npt.NDArray[np.uint8]:
        words, lengths = self.words[self.starts], self.ends - self.starts + 1
        kinds = _CANDIDATES[(words >> np.uint64(8)).astype(np.uint16)]
        require(bool(kinds.all() and ((words & _MASKS[kinds]) == _WORDS[kinds]).all()))
        require(bool((lengths >= _SHORTEST[kinds]).all() and (lengths <= _LONGEST[kinds]).all()))
        #: Which texts keep the blanks at their ends.
        self.is_spaced = kinds == SPACED_TEXT
        starts = self.starts[self.is_spaced]
        rest = (self.words[starts + 8] == _PRESERVED[0]) & (self.words[starts + 16] == _PRESERVED[1])
        require(bool(rest.all()))
        kinds[self.is_spaced] = TEXT
        return kinds

    def follow(self, tags: Places, kinds: Sequence[int]) -> Bools:
        """Whether these kinds follow each of the tags."""
        padded = np.append(self.kinds, np.zeros(len(kinds), np.uint8))
        return np.logical_and.reduce([padded[tags + step] == kind for step, kind in enumerate(kinds, 1)])

    def spans(self, starts: Places, ends: Places, kind: pa.DataType) -> pa.Array:
        """The bytes from each start to its end as an array."""
        lengths = ends - starts
        offsets = np.zeros(len(lengths) + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        places = np.arange(offsets[-1], dtype=np.int32) + np.repeat((starts - offsets[:-1]).astype(np.int32), lengths)
        return pa.Array.from_buffers(kind, len(lengths), [None, pa.py_buffer(offsets), pa.py_buffer(self.codes[places])])

    def between(self, tags: Places) -> pa.Array:
        """What lies between each of the tags and the next one, as it is written."""
        return self.spans(self.ends[tags] + 1, self.starts[tags + 1], pa.string())

    def texts(self, tags: Places) -> pa.Array:
        """What it means: with the five entities of XML as characters, null where there is nothing."""
        texts = valid(self.between(tags))
        starts, ends = self.ends[tags] + 1, self.starts[tags + 1]
        # Blanks at the ends are no part of a text that does not say so.
        is_loose = ~self.is_spaced[tags] & (starts < ends)
        require(bool((np.minimum(self.codes[starts], self.codes[ends - 1])[is_loose] > ord(" ")).all()))
        written = texts.buffers()[2].to_pybytes()
        require(b"_x" not in written and b"\r" not in written)
        if b"&" in written:
            has_entity = pc.match_substring(texts, "&")
            texts = pc.replace_with_mask(texts, has_entity, _unescaped(texts.filter(has_entity)))
        return _null_where(starts == ends, texts)


def valid(texts: pa.Array) -> pa.Array:
    """The texts, if all of them are UTF-8."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid as error:
        raise NotUsual from error
    return texts


def _null_where(is_null: Bools, texts: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(~is_null), texts, None) if is_null.any() else texts


def _unescaped(texts: pa.Array) -> pa.Array:
    written = texts.to_pylist()
    require(all(entity in _ENTITIES for text in written for entity in _ENTITY.findall(text)))
    return pa.array([_ENTITY.sub(lambda match: _ENTITIES[match[0]], text) for text in written], pa.string())


def shared_texts(xml: bytes) -> pa.Array:
    """The shared texts of a workbook in their order; `NotUsual` if any is more than plain text."""
    # How a text is to be sorted by its sound, which Excel notes beside what was typed, is none of the text.
    xml = _SOUND.sub(b"", xml) if b"<phoneticPr" in xml else xml
    start, end = xml.find(b"<si>"), xml.rfind(b"</si>") + len(b"</si>")
    require(PROLOG.match(xml) is not None and 0 < start < end)
    pieces = []
    for chunk in chunks(xml, slice(start, end), b"</si>"):
        tags = Tags(chunk)
        items = np.flatnonzero(tags.kinds == ITEM)
        require(len(tags.kinds) == 4 * len(items) and bool(tags.follow(items, (TEXT, TEXT_END, ITEM_END)).all()))
        pieces.append(tags.texts(items + 1))
    return pa.concat_arrays(pieces)
