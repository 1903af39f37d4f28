"""Text of others on a screen: signs that steer a terminal, or turn what one reads, are shown as codes.

A sender may write an escape sequence into a name; printed raw it would clear a screen, forge lines, or hide
what stands before it.
"""

import re
from typing import Any

import msgspec

_STEERING = "\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
"""DEL and the second set of controls, signs without width, signs that turn the direction of writing."""
_in_json = re.compile(f"[{_STEERING}\U000e0000-\U000e007f]").sub
_in_lines = re.compile(f"[\x00-\x08\x0b-\x1f{_STEERING}\ud800-\udfff\U000e0000-\U000e007f]").sub
_in_a_line = re.compile(f"[\x00-\x1f{_STEERING}\ud800-\udfff\U000e0000-\U000e007f]").sub


def plain_lines(text: str) -> str:
    """The text, its line ends and tabs kept, any other steering sign as its code: `\\x1b`."""
    return _in_lines(_code, text)


def plain_line(text: str) -> str:
    """As `plain_lines`, on one line: a line's end is shown as its code too."""
    return _in_a_line(_code, text)


def json_line(found: Any) -> str:
    """JSON on one line that a terminal may show: steering signs are escaped, as JSON lets any sign be."""
    text = msgspec.json.encode(found, enc_hook=str).decode()
    return _in_json(_json_code, text)


def _code(sign: re.Match[str]) -> str:
    number = ord(sign[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _json_code(sign: re.Match[str]) -> str:
    units = sign[0].encode("utf-16-be")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
