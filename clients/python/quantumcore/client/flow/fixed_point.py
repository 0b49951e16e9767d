"""Exact conversion of decimal text to integers."""


def parse_fixed(text: str, decimals: int) -> int:
    """Return decimal `text` times 10**`decimals`, exactly.

    Raises `ValueError` where the text is no plain decimal number or has more decimals
    that are not zero.
    """
    whole, _, fraction = text.partition(".")
    excess = fraction[decimals:]
    if excess.strip("0"):
        raise ValueError(f"{text} has more than {decimals} decimals")
    negative = whole.startswith("-")
    magnitude = whole[1:] if negative else whole
    digits = magnitude + fraction[:decimals].ljust(decimals, "0")
    if not magnitude or not (magnitude + fraction).isdecimal():
        raise ValueError(f"{text!r} is no decimal number")
    return -int(digits) if negative else int(digits)
