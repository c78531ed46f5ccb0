"""Mishearing in languages written without spaces: there recognisers write other characters of about the same sound."""

from __future__ import annotations

import random
import re
from functools import cache

from banksman_edge.phonetics import kana_of, sound_of

_ALIKE = {
    "zh": {"去": "取", "取": "去", "把": "吧", "到": "道", "运": "云", "送": "松", "放": "房", "在": "再", "再": "在",
           "拉": "啦", "的": "得", "卸货": "谢货", "充电": "冲电", "托盘": "拖盘", "箱子": "想着", "继续": "计续",
           "取消": "取笑", "货": "或", "完": "玩", "叉": "插", "那": "哪", "哪": "那", "它": "他", "请": "清",
           "派": "拍", "搬": "般", "等": "灯", "给": "该", "让": "嚷", "回": "会", "开": "该", "电": "店", "拿": "那",
           "车": "彻", "从": "重", "跟": "根", "和": "合", "来": "赖", "任务": "人物", "车位": "车尾", "卸": "写"},
    "ja": {"行って": "言って", "運んで": "選んで", "置いて": "老いて", "積んで": "摘んで", "移動": "異動",
           "取って": "撮って", "停めて": "止めて", "止まって": "泊まって", "降ろして": "下ろして",
           "来て": "着て", "戻って": "も取って", "回して": "まして", "充電": "終電", "荷物": "二物",
           "持って": "待って", "向かって": "迎えって", "送って": "奢って", "搬送": "反送",
           "車": "くるま", "中止": "注視", "再開": "再会", "続けて": "つづけて", "お願いします": "お願い島す",
           "から": "かな", "まで": "まって", "今": "居間", "そこ": "底", "空": "から",
           "部品": "備品", "電池": "天地", "移して": "写して", "下げて": "提げて", "取り消して": "取り決して",
           "止まれ": "泊まれ", "を": "お", "へ": "え", "は": "わ"},
}  # fmt: skip
_LIGHT = {"zh": "的了把吧请给就你您也那个一下到在去来", "ja": "をにはがでのへもねよと"}
"""What gets lost; never a no."""
_KEPT = "一二三四五六七八九十百号番第别不没勿禁"
"""A name with another number would be another's, and an order without its no the contrary."""
_SPOTS = {
    "zh": re.compile(rf"(?![{_KEPT}])[\u3400-\u9fff]"),
    "ja": re.compile(rf"(?:(?![{_KEPT}])[\u3400-\u9fff])+|[\u3041-\u3096\u30a1-\u30fc]"),
}
"""What may be written otherwise: a character; in Japanese what is one word in kanji, or one kana."""
_NUMBERS = {
    "zh": dict(zip("一二三四五六七八九十号", "医而山是无留其把就时好", strict=True)),
    "ja": {"二": "に", "三": "さん", "四": "よん", "五": "後", "六": "ろく", "七": "なな", "八": "はち", "九": "きゅう",
           "十": "じゅう", "号": "ごう", "番": "版"},
}  # fmt: skip
"""How a numeral, or what counts it, is written when it is not taken for one."""
_CARELESS = ((re.compile("^([zcs])h"), r"\1"), (re.compile("ng$"), "n"), (re.compile("^l"), "n"))
"""Sounds that much of China does not tell apart."""
_PAIRS = (
    "カガキギクグケゲコゴサザシジスズセゼソゾタダチジテデトドハバヒビフブ"
    "ヘベホボパバピビプブペベポボツズヲオヤアユウヨオルウリイラナメネムン"
)
_KANA = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)) | dict(zip(_PAIRS[1::2], _PAIRS[::2], strict=True))
_KANA |= {
    "ー": "",
    "ッ": "",
    "ャ": "ヤ",
    "ュ": "ユ",
    "ョ": "ヨ",
    "ァ": "ア",
    "ィ": "イ",
    "ェ": "エ",
    "ォ": "オ",
    "ン": "ム",
}
_HIRAGANA = ord("ア") - ord("あ")
"""How far a katakana is from its hiragana."""


def misheard(words: str, language: str, random: random.Random) -> str:
    """Some words, none of them a name, with one thing misheard."""
    words = "".join(words.split())
    chance = random.random()
    if chance < 0.4 and (found := [word for word in _ALIKE[language] if word in words]):
        word = random.choice(found)
        spots = list(re.finditer(re.escape(word), words))
        return _replaced(words, random.choice(spots), _ALIKE[language][word])
    if chance < 0.65 and (spots := list(_SPOTS[language].finditer(words))):
        spot = random.choice(spots)
        return _replaced(words, spot, _written_otherwise(spot[0], language, random))
    if chance < 0.9 and (spots := list(re.finditer(f"[{_LIGHT[language]}]", words))):
        return _replaced(words, random.choice(spots), "")
    at = random.randrange(len(words))
    return words[:at] + words[at] + words[at:]


def misheard_name(name: str, language: str, random: random.Random) -> str:
    """A name that hardly resembles itself: two of its characters are others, or its number is written as words."""
    numbers = _NUMBERS[language]
    if random.random() < 0.3 and any(char in numbers for char in name):
        return "".join(numbers.get(char, char) for char in name)
    for _ in range(2):
        spots = list(_SPOTS[language].finditer(name))
        if not spots:
            break
        spot = random.choice(spots)
        name = _replaced(name, spot, _written_otherwise(spot[0], language, random, far=random.random() < 0.5))
    return name


def _replaced(text: str, spot: re.Match[str], new: str) -> str:
    return text[: spot.start()] + new + text[spot.end() :]


def _written_otherwise(written: str, language: str, random: random.Random, *, far: bool = False) -> str:
    """A character, or a word in kanji, as another of its sound; ``far``: of a sound that only begins alike."""
    if language == "ja":
        return _kana_for(written, random, far=far)
    by_sound, sound = _common(), _sound(written)
    if far:
        sound = random.choice([other for other in by_sound if other[:1] == sound[:1]] or [sound])
    return random.choice(by_sound.get(sound, [written]))


def _kana_for(written: str, random: random.Random, *, far: bool) -> str:
    """Kanji as they are read, or a kana as one of nearly its sound; ``far``: with a kana lost, doubled or another."""
    katakana = "".join(chr(ord(char) + _HIRAGANA) if "ぁ" <= char <= "ゖ" else char for char in written)
    hiragana, kana = katakana != written, len(written) == 1 and "ァ" <= katakana <= "ー"
    if not kana:
        katakana, hiragana = kana_of(written), random.random() < 0.5
    if kana or far:
        at = random.randrange(len(katakana))
        char = katakana[at]
        near = _KANA.get(char, char * 2)
        other = random.choice((near, near, char * 2, "", chr(ord(char) + 2))) if far and char < "ヲ" else near
        katakana = katakana[:at] + other + katakana[at + 1 :]
    return "".join(chr(ord(c) - _HIRAGANA) if hiragana and "ァ" <= c <= "ヶ" else c for c in katakana)


def _sound(char: str) -> str:
    sound = sound_of(char, "zh")
    for pattern, to in _CARELESS:
        sound = pattern.sub(to, sound)
    return sound


@cache
def _common() -> dict[str, list[str]]:
    """The 3,755 characters of the first level of GB 2312, by their sound."""
    by_sound: dict[str, list[str]] = {}
    for row in range(0xB0, 0xD8):
        for char in bytes(byte for cell in range(0xA1, 0xFF) for byte in (row, cell)).decode("gb2312", "ignore"):
            by_sound.setdefault(_sound(char), []).append(char)
    return by_sound
