"""The currencies that the venue knows from the start: ISO 4217, and digital ones."""

from typing import NamedTuple


class KnownCurrency(NamedTuple):
    """A currency and the decimal digits of its minor unit."""

    code: str
    minor_digits: int
    name: str


_TWO_DIGITS = {
    "AED": "UAE dirham", "AUD": "Australian dollar", "BRL": "Brazilian real",
    "CAD": "Canadian dollar", "CHF": "Swiss franc", "CNH": "Offshore renminbi",
    "CNY": "Renminbi", "CZK": "Czech koruna", "DKK": "Danish krone", "EUR": "Euro",
    "GBP": "Pound sterling", "HKD": "Hong Kong dollar", "HUF": "Forint",
    "IDR": "Rupiah", "ILS": "New Israeli shekel", "INR": "Indian rupee",
    "MXN": "Mexican peso", "MYR": "Malaysian ringgit", "NOK": "Norwegian krone",
    "NZD": "New Zealand dollar", "PHP": "Philippine peso", "PLN": "Zloty",
    "RON": "Romanian leu", "SAR": "Saudi riyal", "SEK": "Swedish krona",
    "SGD": "Singapore dollar", "THB": "Baht", "TRY": "Turkish lira",
    "TWD": "New Taiwan dollar", "USD": "US dollar", "ZAR": "Rand",
}  # fmt: skip
_OTHERS = (
    KnownCurrency("BHD", 3, "Bahraini dinar"),
    KnownCurrency("CLP", 0, "Chilean peso"),
    KnownCurrency("JPY", 0, "Yen"),
    KnownCurrency("KRW", 0, "Won"),
    KnownCurrency("KWD", 3, "Kuwaiti dinar"),
    KnownCurrency("BTC", 8, "Bitcoin"),
    KnownCurrency("ETH", 9, "Ether, in gwei"),
    KnownCurrency("USDC", 6, "USD Coin"),
    KnownCurrency("USDT", 6, "Tether"),
    KnownCurrency("XUSD", 10, "US dollar in ten decimals, for fine-grained spot pairs"),
)

CURRENCIES = {
    currency.code: currency
    for currency in sorted(
        (*_OTHERS, *(KnownCurrency(code, 2, name) for code, name in _TWO_DIGITS.items()))
    )
}
CURRENCY_NUMBERS = {code: number for number, code in enumerate(CURRENCIES)}
CURRENCY_CODES = list(CURRENCIES)
