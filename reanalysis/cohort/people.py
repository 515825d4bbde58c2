"""Whether a cell looks like the name of a person.

No list of names is needed: what tells a name is how it is written. Two or more words with capitals,
none of which a table of patients uses otherwise; or a family name of East Asia and what follows it.
Every cell is looked at once, from left to right.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable

_LONGEST = 60
_PARTICLES = frozenset(
    {"von", "van", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "do", "du", "la"}
    | {"le", "el", "al", "bin", "ben", "ibn", "bint", "abu", "zu", "zur", "zum", "ter", "ten", "te"}
    | {"y", "e", "i", "af", "av", "mac", "mc", "o", "san", "ul"}
)
_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "herr", "frau", "m", "mme", "mlle", "monsieur"}
    | {"madame", "sr", "sra", "don", "dona", "sig", "jr", "sen", "ii", "iii", "iv"}
)
_SPLIT = re.compile(r"[\s,;/]+|(?<=\.)")
_INITIALS = re.compile(r"([^\W\d_]\.[ -]?){2,4}|[A-ZÀ-Þ]{2,4}")
_ONE_WORD, _ONE_EAST_ASIAN = 20, 6  # letters

# The family names that most people in Korea, China and Japan have; those of Japan in two signs.
_KOREAN = frozenset(
    "김이박최정강조윤장임한오서신권황안송류유홍전고문손양배백허남심노하곽성차주우구민나지진엄채"
    "원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예봉사부"
)
_CHINESE = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹"
    "彭曾肖蕭田董袁潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范石廖贾賈夏韦"
    "付方白邹鄒孟熊秦邱江尹薛闫段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴武戴莫孔向汤湯鲁魯"
)
_JAPANESE_TEXT = (
    "佐藤鈴木高橋田中伊藤渡辺渡邊山本中村小林加藤吉田山田山口松本井上木村斎藤斉藤清水山崎池田橋本阿部"
    "石川山下中島石井小川前田岡田長谷藤田後藤近藤村上遠藤青木坂本福田太田西村藤井金子岡本藤原三浦中野"
    "中川原田松田竹内小野田村中山和田石田森田上田内田柴田酒井宮崎横山高木安藤宮本大野小島工藤谷口今井"
    "高田丸山増田杉山村田大塚新井平野千葉磯野野比野原桜井久保松井木下菊地野口菅原渡部水野市川古川"
)
_JAPANESE = frozenset(_JAPANESE_TEXT[i : i + 2] for i in range(0, len(_JAPANESE_TEXT), 2))


def is_name(cell: str, other_words: Collection[str]) -> bool:
    """Whether a cell looks like the full name of a person.

    Parameters
    ----------
    cell
        What stands there.
    other_words
        Words that no name has, in small letters without accents.

    Returns
    -------
    bool
        True for ``Doe, Jane``, ``DOE JANE``, ``J. Doe``, ``홍길동`` and ``山田 太郎``.
    """
    if not 2 <= len(cell) <= _LONGEST or any(c.isdigit() for c in cell):
        return False
    return _is_east_asian_name(cell) if _is_east_asian(cell) else _is_cased(cell, other_words)


def is_part_of_name(cell: str, other_words: Collection[str]) -> bool:
    """Whether a cell may be one name of a person, or their initials, where the header says so.

    Parameters
    ----------
    cell
        What stands there.
    other_words
        Words that no name has, in small letters without accents.
    """
    if is_name(cell, other_words) or _INITIALS.fullmatch(cell):
        return True
    if len(cell) > 2 * _ONE_WORD or any(c.isdigit() for c in cell):
        return False
    if _is_east_asian(cell):
        return len(cell) <= _ONE_EAST_ASIAN
    words = [word for word in _words(cell) if word.casefold() not in _PARTICLES]
    return (
        len(words) in (1, 2)
        and all(
            2 <= len(word) <= _ONE_WORD
            and (word[0].isupper() or _has_no_case(word))
            and _is_word(word)
            for word in words
        )
        and not _plain(words) & set(other_words)
    )


def plain(text: str) -> str:
    """Give a text in small letters without accents; letters of other scripts keep their marks."""
    apart = unicodedata.normalize("NFKD", text.replace("İ", "I").casefold())
    joined = "".join(c for c in apart if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", joined).translate(_LETTERS)


# Letters that are not made of another one and an accent.
_LETTERS = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe"}
)


def _plain(words: Iterable[str]) -> set[str]:
    return {plain(word) for word in words}


def _words(cell: str) -> list[str]:
    return [word for word in _SPLIT.split(cell) if word]


def _is_cased(cell: str, other_words: Collection[str]) -> bool:
    words = [w for w in _words(cell) if w.strip(".").casefold() not in _TITLES]
    names = [word for word in words if word.casefold() not in _PARTICLES]
    if not 2 <= len(names) <= 5 or len(words) > 7:
        return False
    initials = [word for word in names if len(word.removesuffix(".")) == 1]
    full = [word for word in names if word not in initials]
    if not full or not all(word[0].isupper() for word in initials):
        return False
    # Capitals alone may be abbreviations, which have few vowels.
    capitals = [word for word in full if word.isupper()]
    if len(capitals) == len(full) and not any(len(word) > 3 for word in capitals):
        return False
    return all(len(w) >= 2 and w[0].isupper() and _is_word(w) for w in full) and not (
        _plain(part for word in full for part in word.split("-")) & set(other_words)
    )


def _is_word(word: str) -> bool:
    """Whether a word is made of letters and of what stands between those of a name."""
    return all(c.isalpha() or c in "'\u2019-." or unicodedata.category(c) == "Mn" for c in word)


def _has_no_case(word: str) -> bool:
    return word.upper() == word.lower()


def _is_east_asian(cell: str) -> bool:
    return any(
        "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "가" <= c <= "힣" for c in cell
    )


def _is_east_asian_name(cell: str) -> bool:
    words = cell.split()
    joined = "".join(words)
    if "가" <= joined[0] <= "힣":
        # Also where a part is hidden, as in 홍*동.
        rest = joined[1:]
        return (
            3 <= len(joined) <= 4
            and joined[0] in _KOREAN
            and all("가" <= c <= "힣" or c in "*○OX" for c in rest)
        )
    if not all(_is_east_asian(c) or c in "々〆ヶー*○" for c in joined):
        return False
    if len(words) == 2:
        return all(1 <= len(word) <= 6 for word in words)
    if joined[:2] in _JAPANESE:
        return 3 <= len(joined) <= 6
    return 2 <= len(joined) <= 4 and joined[0] in _CHINESE
