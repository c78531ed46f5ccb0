"""Sentences as recognisers write them: other spellings, words run together or apart, small words lost."""

from __future__ import annotations

import random
import re

from banksman_edge.lab.teach.llama import mishear_unspaced
from banksman_edge.understanding.text import UNSPACED

SPOILT = 0.45
"""The share of sentences in which something is misheard."""
_WORD = re.compile(r"(?:[^\W\d_]|[\u0900-\u0903\u093a-\u0957]){2,}")  # Devanagari's vowel signs are no letters to re
_ALIKE = {
    "en": {"to": "two", "two": "to", "for": "four", "dock": "doc", "there": "their", "you": "u", "your": "you're",
           "bay": "pay", "take": "tick", "it": "in", "at": "and", "pallet": "palette", "bring": "ring", "off": "of",
           "load": "lode", "pick": "big", "charge": "change", "drop": "crop", "then": "than", "go": "goal",
           "need": "knead", "crate": "great", "wait": "weight", "park": "bark", "from": "form", "and": "an"},
    "de": {"fahr": "far", "bring": "brink", "lade": "lahde", "dann": "den", "zu": "so", "den": "denn", "das": "dass",
           "hol": "hohl", "kiste": "küste", "bei": "bai", "laden": "lagen", "mal": "mahl", "seid": "seit"},
    "es": {"ve": "be", "vaya": "valla", "lleva": "yeva", "a": "ha", "coge": "coje", "palé": "pale", "hay": "ay",
           "recoge": "recoje", "caja": "caha", "ahí": "hay", "haz": "has", "echa": "hecha"},
    "fr": {"va": "vas", "amène": "emmène", "emmène": "amène", "à": "a", "et": "est", "palette": "palettes",
           "prends": "prend", "dépose": "des poses", "au": "haut", "c'est": "ses", "porte": "portes", "aller": "allez"},
    "it": {"vai": "va", "a": "ha", "porta": "porto", "e": "è", "anche": "hanche", "pallet": "palett", "lascia": "lasca",
           "carica": "carico", "prendi": "prende", "là": "la"},
    "pt": {"vá": "va", "leve": "leva", "leva": "leve", "há": "a", "pegue": "peque", "palete": "palite",
           "traga": "draga", "para": "pra", "está": "esta", "descarregue": "desca regue", "vai": "vá"},
    "hi": {"में": "मे", "है": "हे", "हैं": "है", "नहीं": "नही", "कहाँ": "कहा", "यहाँ": "यहा", "पर": "पे", "की": "कि",
           "कि": "की", "को": "का", "से": "सी", "जाओ": "जाव", "लाओ": "लाव", "आओ": "आव", "भेजो": "बेजो", "भेज": "बेज",
           "उठाओ": "उठाव", "ले": "लो", "रखो": "रको", "रख": "रक", "रुको": "रूको", "रोको": "रोखो", "पैलेट": "प्लेट",
           "डिब्बा": "दिब्बा", "चार्ज": "चाज", "चार्जर": "चाजर", "बैटरी": "battery", "लोड": "रोड", "पार्क": "पाक",
           "स्टॉप": "टॉप", "कैंसिल": "cancel", "स्टेटस": "status", "प्लीज़": "please", "ओके": "ok", "भाई": "bhai",
           "अभी": "abhi", "करो": "karo", "दो": "do", "जाइए": "जाइये", "कीजिए": "किजिये", "पहुँचा": "पौचा", "वापस": "बापस",
           "फिर": "फीर", "और": "ओर", "माल": "मॉल", "खाली": "काली", "ठीक": "टीक", "उतार": "उतर", "ज़रा": "जरा",
           "सामान": "समान", "चाहिए": "चाहिये", "मुझे": "मुजे", "क्या": "किया", "काम": "कम", "बंद": "बन्द", "बढ़ो": "बड़ो",
           "छोड़": "छोर", "छोड़ो": "छोरो", "पकड़": "पकर", "थोड़ा": "थोरा", "ड्रॉप": "ड्राप", "ऑर्डर": "order", "उसे": "उससे",
           "इसे": "इससे", "जल्दी": "जलदी", "पहुँचो": "पोचो", "निकलो": "निकालो", "हटाओ": "हटाव", "भी": "बी"},
    "ar": {"إلى": "الا", "على": "عل", "عند": "عن", "من": "مين", "في": "فيه", "خذ": "خد", "خد": "خط", "حط": "خط",
           "ودي": "وادي", "هات": "حات", "روح": "روه", "روحي": "روهي", "ضع": "دع", "دع": "ضع", "قف": "كف",
           "توقف": "توكف", "انقل": "انكل", "كمل": "جمل", "طيب": "تيب", "لازم": "لزم", "ارفع": "ارفة", "خلي": "خالي",
           "وين": "وان", "فين": "فن", "أين": "عين", "هل": "حل", "ارجع": "ارجة", "شيل": "شال", "جيب": "جب",
           "نزل": "نزول", "اركن": "اركان", "بسرعة": "بصرعة", "البالتة": "البلاطة", "اشحن": "اسحن", "الشحن": "السحن",
           "الصندوق": "السندوق", "الصناديق": "السناديق", "وصل": "وسل", "وقف": "وكف", "أوكي": "ok", "بعدين": "بعد دين",
           "انتظر": "انتضر", "اوقف": "اقف", "كنسل": "كانسل", "اتحرك": "تحرك", "خش": "غش", "سيب": "صيب", "سيبي": "سبي",
           "دز": "دس", "عايز": "عايش", "عايزين": "عايشين", "أبغى": "أبغا", "نبغى": "نبغا", "مطلوب": "متلوب",
           "محتاجين": "مهتاجين", "دلوقتي": "دي الوقتي", "هلأ": "هلا", "الحين": "الهين", "وديها": "وادي ها",
           "حطها": "خطها", "صوب": "ثوب", "يم": "يوم", "قدام": "أقدام", "شو": "شوف", "البطارية": "البطاريه",
           "فرغ": "فرق", "أفرغ": "أفرق", "حمل": "عمل", "توجه": "توجهه", "أرسل": "ارسال", "ابعت": "ابعث",
           "الطبلية": "الطبليه", "الكراتين": "الكراتيم", "ممكن": "من كان", "بدي": "بادي", "خلص": "خلاص"},
    "nl": {"rij": "rei", "breng": "brengt", "haal": "haalt", "naar": "na", "dan": "den", "zet": "set", "los": "lost",
           "bij": "bei", "laad": "laat", "laat": "laad", "nu": "nou", "pak": "bak", "je": "ja", "hem": "hen",
           "pallet": "palet", "de": "te", "van": "fan", "even": "effen", "kist": "kast", "krat": "grat"},
    "pl": {"jedź": "jeść", "weź": "wieś", "przy": "pszy", "stój": "stuj", "do": "to", "na": "nad", "pod": "pot",
           "paletę": "palete", "zawieź": "zawieść", "przewieź": "przewieźć", "proszę": "prosze", "stań": "stan",
           "się": "sie", "i": "a", "z": "za", "w": "we", "bramę": "brama", "odstaw": "ostaw", "ładuj": "laduj",
           "niech": "nich", "towar": "towary", "leć": "lecz", "potem": "potym"},
    "tr": {"git": "gir", "gel": "gil", "al": "el", "ve": "de", "bir": "bi", "paleti": "palet",
           "bırak": "pırak", "dur": "dür", "yükü": "yüğü", "koy": "köy", "sonra": "sora", "lütfen": "lütven",
           "şarj": "şart", "hemen": "hepen", "kasayı": "kasayi", "koliyi": "kolay", "taşı": "taş", "için": "içim",
           "devam": "deva", "nerede": "nerde", "istiyorum": "istiyom", "yükle": "yüklü", "boşalt": "boşat",
           "lazım": "nazım", "park": "bark", "iptal": "iktal", "şarja": "şaşa", "götür": "gütür", "getir": "getür",
           "gönder": "günder", "indir": "endir", "yolla": "yola", "palet": "balet", "koli": "goli",
           "gitsin": "gissin", "alsın": "assın", "gerekiyor": "gerekiyo", "bekle": "pekle", "acil": "asil"},
    "sv": {"kör": "gör", "hämta": "hemta", "till": "tills", "att": "och", "och": "å", "sen": "sin", "ställ": "stel",
           "pallen": "ballen", "åk": "ok", "ta": "tar", "vid": "vi", "från": "fram", "ladda": "latta", "är": "e",
           "lådan": "ladan", "det": "de", "dem": "dom", "den": "än", "lossa": "låsa", "gå": "go", "jag": "ja"},
}  # fmt: skip
_LETTERS = {"b": "p", "p": "b", "d": "t", "t": "d", "g": "k", "k": "g", "f": "v", "v": "f", "m": "n", "n": "m",
            "s": "z", "z": "s", "a": "e", "e": "i", "i": "e", "o": "u", "u": "o", "c": "k", "l": "r",
            "r": "l"}  # fmt: skip
_TWINS = "कख गघ चछ जझ टठ डढ तथ दध पफ बभ ंन नण शस रल वब मन िी ुू ाे ेै ोौ उऊ यइ इई हअ تط ضظ دذ سص قك حه عا خغ جش ثف"
_LETTERS |= {pair[i]: pair[1 - i] for pair in _TWINS.split() for i in (0, 1)}
_SMALL = 3
"""Letters of words that get lost."""
_HEARD = frozenset({
    "no", "not", "non", "não", "pas", "ne", "nie", "ni", "nem", "dur", "al", "koy", "kal", "tut",
    "yok", "kim", "mı", "mi", "mu", "mü",
    "मत", "न", "ना", "कब", "कौन", "चलो", "घर", "बस", "मना", "काश", "था", "थी", "थे", "कल", "से",
    "रुक", "थम", "चल", "जा", "आ", "ला", "ले", "लो", "रख", "उठा",
    "لا", "ما", "لم", "لن", "مش", "مو", "قف", "كف", "متى", "كم", "شو", "مين", "ليش", "وين", "فين", "أين",
    "هل", "حط", "خذ", "خد", "شيل", "جيب", "ودي", "ضع", "روح",
    "هات", "دز", "رد", "كب", "فك", "زق", "جر", "رص", "صف", "خش", "كمل", "وقف", "امش",
    "كان", "رح", "قال", "لو", "إذا", "لما", "قبل", "بعد", "كل",
})  # fmt: skip
"""Small words that are never lost: without them a sentence means something else."""


def misspelt(word: str, random: random.Random) -> str:
    """A word with one letter another, lost, doubled or swapped with its neighbour."""
    at = random.randrange(len(word))
    match random.randrange(4 if word[at].isalpha() else 2):
        case 0:
            return word[:at] + _LETTERS.get(word[at].lower(), "e" if word[at].isascii() else "") + word[at + 1 :]
        case 1 if len(word) > 2:
            return word[:at] + word[at + 1 :]
        case 2 if word[at + 1 : at + 2].isalpha():
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            return word[:at] + word[at] + word[at:]


def misheard_name(name: str, language: str, random: random.Random) -> str:
    """A name that hardly resembles itself: several letters, and the spaces within."""
    if language in UNSPACED:
        return mishear_unspaced.misheard_name(name, language, random)
    for _ in range(random.randint(2, 3)):
        words = list(_WORD.finditer(name))
        if not words:
            return name
        chosen = random.choice(words)
        name = name[: chosen.start()] + misspelt(chosen[0], random) + name[chosen.end() :]
    if " " not in name and len(name) > 6 and random.random() < 0.3:
        at = len(name) // 2
        name = f"{name[:at]} {name[at:]}"
    return name


def misheard(words: str, language: str, random: random.Random) -> str:
    """Some words, none of them a name, with one thing misheard."""
    if language in UNSPACED:
        return mishear_unspaced.misheard(words, language, random)
    parts = words.split(" ")
    at = random.randrange(len(parts))
    word = parts[at]
    chance = random.random()
    if chance < 0.45:
        alike = _ALIKE[language]
        spots = [i for i, part in enumerate(parts) if part.lower() in alike]
        if spots:
            at = random.choice(spots)
            parts[at] = alike[parts[at].lower()]
    elif chance < 0.65 and len(word) > 3:
        parts[at] = misspelt(word, random)
    elif chance < 0.75 and at + 1 < len(parts):
        parts[at : at + 2] = [word + parts[at + 1]]
    elif chance < 0.83 and len(word) > 6:
        parts[at] = f"{word[: len(word) // 2]} {word[len(word) // 2 :]}"
    elif chance < 0.93 and len(word) <= _SMALL and len(parts) > 1 and word not in _HEARD:
        del parts[at]
    else:
        parts.insert(at, word)
    return " ".join(parts)
