"""Words that carry a fact by themselves, and words that carry none. Lower case, without apostrophes."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIONS = _words(
    "no not never none nor neither nothing nobody nowhere without cannot non "
    "dont doesnt didnt isnt arent wasnt werent cant couldnt wont wouldnt shouldnt mustnt neednt "
    "hasnt havent hadnt mightnt aint shant"
)
HAN_NEGATIONS = frozenset("不没沒无無非未勿别別莫否毋弗")

NUMBER_WORDS = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
    "billion trillion first second third fourth fifth sixth seventh eighth ninth tenth half halves quarter "
    "double triple twice thrice once dozen single percent per"
)
HAN_NUMBERS = frozenset("零〇一二三四五六七八九十百千万萬亿億兆两兩几幾半双雙倍多余餘第每各")

DATE_WORDS = _words(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday "
    "mon tue wed thu fri sat sun today tomorrow yesterday am pm bc ad "
    "spring summer autumn winter morning noon evening night midnight "
    "second seconds minute minutes hour hours day days week weeks month months year years century centuries"
)
HAN_DATES = frozenset("年月日号號时時分秒周旬季晨午晚夜今昨明前后後")

UNITS = _words(
    "mm cm dm km nm m g kg mg t l ml hl s ms ns us min h hz khz mhz ghz w kw mw gw v kv mv a ma pa kpa mpa bar "
    "j kj mj kwh n kn b kb mb gb tb pb kib mib gib tib bit bits byte bytes kbps mbps gbps px pt em dpi ppm ppb "
    "mol k c f °c °f inch inches foot feet yard yards mile miles acre acres ounce ounces pound pounds gallon "
    "gallons meter meters metre metres kilometer kilometers kilometre kilometres gram grams kilogram kilograms "
    "ton tons tonne tonnes liter liters litre litres degree degrees dollar dollars euro euros yuan yen cent cents "
    "usd eur cny rmb gbp jpy"
)

QUALIFIERS = _words(
    "only except unless until till before after above below under over least most more less fewer than almost "
    "nearly about approximately around exactly roughly must may might should shall can could would will "
    "all any some each every both either if whether or and but up down in out on off to from since against "
    "always often sometimes rarely seldom hardly barely scarcely false true fail fails failed deny denies denied "
    "alleged allegedly former formerly fake attempted suspected possible possibly potential potentially proposed "
    "planned draft deprecated experimental unstable partly partially mostly mainly usually "
    "refuse refuses refused lack lacks lacking absent unable impossible optional required mandatory "
    "increase increases increased decrease decreases decreased maximum minimum max min he she him her his hers"
)
HAN_QUALIFIERS = frozenset("仅僅只除超低高上下大小多少增减減必须須应應可能禁止或如若前后後均皆全部约約近至从從")

EMPTY_WORDS = _words("a an the that which this these those")
"""One may stand for another without changing what is said."""
HAN_EMPTY = frozenset("的地得了着之")

CASED_UNITS = frozenset({
    "mW", "MW", "mV", "MV", "mA", "MA", "mJ", "MJ", "mPa", "MPa", "mN", "MN", "mHz", "MHz", "mg", "Mg", "mL", "ML",
    "mSv", "MSv", "Mb", "MB", "Kb", "KB", "kb", "kB", "Gb", "GB", "Tb", "TB", "Mbps", "MBps", "Gbps", "GBps",
})  # fmt: skip
"""Units that another case turns into other units."""
