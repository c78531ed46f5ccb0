"""What is asked, told or forbidden gives no order, though all its words are those of orders."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data"
HARBOUR, DEPOT = DATA / "harbour", DATA / "languages" / "depot"

TALK = {
    "en": [
        "does stacker two go to gate two?",
        "did shuttle seven go to gate two?",
        "stacker two is going to gate two",
        "stacker two goes to gate two",
        "stacker two went to gate two",
        "is stacker two going to gate two?",
        "will stacker two go to gate two?",
        "why does stacker two go to gate two?",
        "stacker two is carrying a pallet to gate two",
        "has stacker two gone to gate two?",
        "does stacker two carry the pallet to gate two?",
        "stacker two does not go to gate two",
        "stacker two never goes to gate two",
        "there is a pallet at gate two",
        "who takes the pallet to gate two?",
    ],
    "de": [
        "fährt Stapler zwei zu Tor zwei?",
        "kommt Stapler zwei zu Tor zwei?",
        "bringt Stapler zwei die Palette zu Tor zwei?",
        "lädt Stapler zwei gerade?",
        "warum fährt Stapler zwei zu Tor zwei?",
        "Stapler zwei fuhr zu Tor zwei",
        "Stapler zwei fährt nicht zu Tor zwei",
        "fahr nicht zu Tor zwei, Stapler zwei",
        "Stapler zwei steht an Tor zwei",
        "ist Stapler zwei zu Tor zwei gefahren?",
    ],
    "es": [
        "¿va el apilador dos a la puerta dos?",
        "el apilador dos va a la puerta dos",
        "el apilador dos está yendo a la puerta dos",
        "¿por qué va el apilador dos a la puerta dos?",
        "el apilador dos fue a la puerta dos",
        "el apilador dos no va a la puerta dos",
        "no vayas a la puerta dos, apilador dos",
        "¿quién lleva el palé a la puerta dos?",
        "el apilador dos está en la puerta dos",
        "hay un palé en la puerta dos",
    ],
    "fr": [
        "est-ce que le gerbeur deux va à la porte deux ?",
        "le gerbeur deux est en train d'aller à la porte deux",
        "le gerbeur deux va-t-il à la porte deux ?",
        "est-ce que le gerbeur deux apporte la palette à la porte deux ?",
        "pourquoi le gerbeur deux va à la porte deux ?",
        "le gerbeur deux est allé à la porte deux",
        "le gerbeur deux ne va pas à la porte deux",
        "ne va pas à la porte deux, gerbeur deux",
        "qui apporte la palette à la porte deux ?",
        "il y a une palette à la porte deux",
    ],
    "it": [
        "il carrello due sta andando alla porta due",
        "il carrello due è andato alla porta due",
        "perché il carrello due va alla porta due?",
        "chi porta il pallet alla porta due?",
        "il carrello due non va alla porta due",
        "non andare alla porta due, carrello due",
        "c'è un pallet alla porta due",
        "forse il carrello due va alla porta due",
        "il carrello due è alla porta due",
    ],
    "pt": [
        "a empilhadeira dois está indo para o portão dois",
        "a empilhadeira dois foi para o portão dois",
        "será que a empilhadeira dois vai para o portão dois?",
        "por que a empilhadeira dois vai para o portão dois?",
        "quem leva o palete para o portão dois?",
        "a empilhadeira dois não vai para o portão dois",
        "não vá para o portão dois, empilhadeira dois",
        "há um palete no portão dois",
        "a empilhadeira dois está no portão dois",
    ],
    "hi": [
        "क्या स्टैकर दो गेट दो पर जाता है?",
        "क्या स्टैकर दो गेट दो पर जा रहा है?",
        "स्टैकर दो गेट दो पर जा रहा है",
        "स्टैकर दो गेट दो पर जाता है",
        "स्टैकर दो गेट दो पर गया",
        "क्या स्टैकर दो पैलेट गेट दो पर ले जाएगा?",
        "स्टैकर दो गेट दो पर मत जाओ",
        "स्टैकर दो गेट दो पर क्यों जा रहा है?",
        "गेट दो पर एक पैलेट है",
        "कौन पैलेट गेट दो पर ले जाता है?",
        "स्टैकर दो गेट दो पर है",
    ],
    "zh": [
        "堆高机二去大门二吗？",
        "堆高机二去不去大门二？",
        "堆高机二正在去大门二",
        "堆高机二去了大门二",
        "堆高机二是不是去大门二？",
        "堆高机二把托盘送到大门二吗？",
        "谁把托盘送到大门二？",
        "堆高机二为什么去大门二？",
        "堆高机二不去大门二",
        "别去大门二，堆高机二",
        "大门二有一个托盘",
    ],
    "ja": [
        "スタッカー2はゲート2に行きますか？",
        "スタッカー2はゲート2に行きます",
        "スタッカー2はゲート2に行っています",
        "スタッカー2はゲート2に行きました",
        "スタッカー2はゲート2に行くのですか？",
        "スタッカー2がパレットをゲート2に運びますか？",
        "スタッカー2がパレットをゲート2に運んでいます",
        "誰がパレットをゲート2に運びますか？",
        "なぜスタッカー2はゲート2に行きますか？",
        "スタッカー2はゲート2に行かないで",
        "ゲート2にパレットがあります",
        "スタッカー2はゲート2にいます",
    ],
    "nl": [
        "heftruck 3 laadt",
        "laadt heftruck 3?",
        "brengt heftruck 3 een pallet naar dok 2?",
        "heftruck 3 brengt een pallet naar dok 2",
        "rijdt heftruck 3 naar dok 2?",
        "heftruck 3 rijdt naar dok 2",
        "gaat heftruck 3 naar dok 2?",
        "heftruck 3 gaat naar dok 2",
        "heftruck 3 haalt de pallet op bij dok 2",
        "haalt heftruck 3 de pallet op bij dok 2?",
        "heftruck 3 parkeert",
        "komt heftruck 3 naar dok 2?",
        "heftruck 3 stopt niet",
        "waarom rijdt heftruck 3 naar dok 2?",
        "heftruck 3 is onderweg naar dok 2",
        "rij niet naar dok 2, heftruck 3",
        "er is een pallet bij dok 2",
        "heftruck 3 staat bij dok 2",
    ],
    "pl": [
        "czy wózek 3 jedzie do rampy 2",
        "czy wózek 3 wiezie paletę do rampy 2",
        "wózek 3 jedzie do rampy 2",
        "wózek 3 wiezie paletę do rampy 2",
        "jedzie wózek 3 do rampy 2?",
        "wózki jadą do rampy 2",
        "czy wózek 3 pojedzie do rampy 2?",
        "wózek 3 bierze paletę z rampy 2",
        "wózek 3 parkuje",
        "wózek 3 wraca do rampy 2",
        "wózek 3 pojechał do rampy 2",
        "dlaczego wózek 3 jedzie do rampy 2?",
        "wózek 3 nie jedzie do rampy 2",
        "nie jedź do rampy 2, wózek 3",
        "czy wózek 3 kontynuuje?",
        "kto wiezie paletę do rampy 2?",
        "przy rampie 2 jest paleta",
    ],
    "tr": [
        "Rampa 2'de palet var",
        "Rampa 2'de forklift 3 var",
        "Rampa 2'de forklift 3 var mı",
        "Rampa 2'de palet var mı?",
        "forklift 3 rampa 2'ye gidecek mi",
        "rampa 2'ye palet gidecek mi",
        "forklift 3 rampa 2'ye gidiyor",
        "forklift 3 rampa 2'ye gidiyor mu?",
        "forklift 3 rampa 2'ye gider mi?",
        "forklift 3 rampa 2'ye gitsin mi?",
        "forklift 3 rampa 2'ye gitti",
        "forklift 3 rampa 2'ye gitti mi?",
        "forklift 3 rampa 2'ye gitmiyor",
        "forklift 3 rampa 2'ye gitme",
        "forklift 3 rampa 1'den paleti alacak mı?",
        "forklift 3 park edecek mi?",
        "paleti rampa 2'ye kim götürüyor?",
    ],
    "ar": [
        "الرافعة 3 ما تروح للرصيف 2",
        "بلاش الرافعة 3 تروح للرصيف 2",
        "ما تكمل الرافعة 3",
        "ما تنقل البضاعة إلى الرصيف 2",
        "ما تلغي",
        "ما تلغي مهمة الرافعة 3",
        "الرافعة 3 لم تذهب إلى الرصيف 2",
        "لم تنقل الرافعة 3 البضاعة إلى الرصيف 2",
        "هل تذهب الرافعة 3 إلى الرصيف 2؟",
        "هل الرافعة 3 تذهب إلى الرصيف 2؟",
        "هل تنقل الرافعة 3 البضاعة إلى الرصيف 2؟",
        "هل تتابع الرافعة 3؟",
        "الرافعة 3 لن تذهب إلى الرصيف 2",
        "الرافعة 3 ذهبت إلى الرصيف 2",
        "لماذا تذهب الرافعة 3 إلى الرصيف 2؟",
        "لا تذهب إلى الرصيف 2",
        "هل ستذهب الرافعة 3 إلى الرصيف 2؟",
    ],
}  # fmt: skip
ORDERS = {
    "en": {"will you go to gate two, stacker two": "move", "can you bring the pallet to gate two": "transport"},
    "de": {
        "bringt die Palette zu Tor zwei": "transport",
        "Stapler zwei, fahr zu Tor zwei": "move",
        "Stapler eins und Stapler zwei, fahrt zu Tor zwei": "move",
        "der zweite Stapler fährt zu Tor zwei": "move",
    },
    "es": {
        "lleva el palé que está en la puerta dos al taller": "transport",
        "¿puedes ir a la puerta dos, apilador dos?": "move",
        "apilador dos, lleva el palé a la puerta dos": "transport",
    },
    "fr": {
        "est-ce que tu peux aller à la porte deux, gerbeur deux ?": "move",
        "gerbeur deux, va à la porte deux": "move",
    },
    "it": {"puoi andare alla porta due, carrello due?": "move", "carrello due, va' alla porta due": "move"},
    "pt": {"você pode levar o palete para o portão dois, empilhadeira dois?": "transport"},
    "hi": {"क्या आप गेट दो पर जा सकते हैं, स्टैकर दो?": "move", "स्टैकर दो गेट दो पर जाओ": "move"},
    "zh": {"堆高机二能去大门二吗？": "move", "请把托盘送到大门二，好吗？": "transport"},
    "ja": {"スタッカー2、ゲート2に行ってくれますか？": "move"},
    "nl": {
        "zorg dat heftruck 3 naar dok 2 rijdt": "move",
        "ik wil dat heftruck 3 een pallet naar dok 2 brengt": "transport",
        "kun je naar dok 2 rijden, heftruck 3?": "move",
        "waar rijdt heftruck 3 heen?": "status",
    },
    "pl": {
        "czy możesz jechać do rampy 2, wózek 3?": "move",
        "czy wózek 3 mógłby podjechać do rampy 2?": "move",
        "niech wózek 3 jedzie do rampy 2": "move",
        "gdzie jedzie wózek 3?": "status",
        "czy wózek 3 jest wolny?": "status",
    },
    "tr": {
        "forklift 3, rampa 2'ye gidebilir misin?": "move",
        "forklift 3 rampa 2'ye gidebilir mi?": "move",
        "paleti rampa 2'ye götürür müsün?": "transport",
        "rampa 2'de palet var, koridor 4'e götür": "transport",
        "forklift 3'ün şarjı var mı?": "status",
    },
    "ar": {
        "هل يمكنك الذهاب إلى الرصيف 2 يا رافعة 3؟": "move",
        "هل يمكن للرافعة 3 أن تذهب إلى الرصيف 2؟": "move",
        "هل تذهب إلى الرصيف 2 لو سمحت": "move",
        "ما حالة الرافعة 3؟": "status",
        "هل الرافعة 3 مشغولة؟": "status",
    },
}  # fmt: skip
OLDER = frozenset({"en", "de", "es", "fr", "it", "pt", "hi", "zh", "ja"})


@cache
def understanding(code: str) -> Understanding:
    return Understanding(load_site(HARBOUR if code in OLDER else DEPOT), None)


def heard(code: str, text: str) -> tuple[Command, ...]:
    """What the grammar alone makes of a sentence that was heard in a language."""
    return understanding(code).understand(Transcript(text, code, 1.0)).commands


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in TALK.items() for text in texts])
def test_a_question_a_statement_or_a_negation_is_no_order(code: str, text: str) -> None:
    assert [command.action for command in heard(code, text)] in ([Action.NONE], [Action.STATUS])


@pytest.mark.parametrize(
    ("code", "text", "action"),
    [(code, text, action) for code, texts in ORDERS.items() for text, action in texts.items()],
)
def test_what_is_asked_politely_or_about_the_status_is_an_order(code: str, text: str, action: str) -> None:
    assert [command.action for command in heard(code, text)] == [Action(action)]
