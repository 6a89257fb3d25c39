"""What a whole sentence asks of us: to stop, or something a person must look at before anything else is sent. US law
takes "any reasonable means" as a stop (47 CFR 64.1200(a)(10)), so plain words count, in English and basic Spanish; a
sentence that only holds the word ("stop by tomorrow") does not. In doubt a person looks. Pure functions."""

from __future__ import annotations

import re
import unicodedata

_TEXTS = (
    r"(?:text(?:s|ing|ed)?|messages?|messaging|msgs?|sms|videos?|contact(?:ing)?|call(?:s|ing)|send(?:ing)?|spam(?:ming)?"
    r"|bother(?:ing)?|harass(?:ing)?|writing|reaching out|bugging|pestering)"
)
_NOT = r"(?:dont|do not|never|please dont|please do not|no longer|not to|cease to|refrain from)"
_ME = r"(?:me|us|my|this|our)"
_POLITE = r"(?:please|pls|plz|kindly|just|ok|okay|hey|hi|hello|thanks|thank you|yes|no|sir|maam|guys|now|already|asap)"
_PLEASE = r"(?:please|pls|plz|thanks|thank you)"

_STOP = (
    rf"\bstop(?: \w+)?(?: (?:all|the|these|those|your|any|me|with))* {_TEXTS}\b",
    rf"^(?:{_POLITE} )*(?:can you |could you |would you |will you |you need to |i want you to |i said )?(?:{_POLITE} )*"
    rf"(?:stop|unsubscribe|end|quit|cancel|opt out)(?: (?:it|this|that|these|immediately|all|everything|{_POLITE}))*$",
    rf"\b{_NOT} (?:ever )?(?:text|message|msg|contact|sms|bother|write to|reach out to|texting|contacting|messaging)"
    rf" {_ME}\b",
    rf"^(?:{_POLITE} )*{_NOT} (?:ever )?(?:text|message|msg|contact|sms|texting|contacting|messaging)"
    rf"(?: (?:anymore|any more|again|ever|{_POLITE}))*$",
    rf"\b{_NOT} (?:ever )?(?:send|sending) (?:{_ME} )?(?:any |anymore |more |these |those |your )*"
    r"(?:text|message|msg|sms|video|stuff|anything)",
    r"\b(?:remove|delete|erase|take|drop|scratch) (?:me|us|my (?:number|phone|name|info)|this number)"
    r"(?: \w+)? (?:from|off|out)\b",
    rf"^(?:{_POLITE} )*remove(?: {_POLITE})*$",
    rf"^(?:{_POLITE} )*(?:remove|delete|take|drop) (?:off|from) (?:\w+ )?list\b",
    r"\bget me (?:off|out)\b",
    r"\b(?:remove|delete|erase) (?:me|my (?:number|phone|name|info)|this number)\b",
    r"\b(?:off|from) (?:your|the|this|that) (?:\w+ )?list\b",
    r"\bunsubscribe (?:me|us|this|my|from|please|now)\b",
    r"\b(?:how (?:do|can) i|want to|would like to|let me|wish to|please|need to) (?:unsubscribe|opt out)\b",
    r"\b(?:i opt out|i am opting out|im opting out|opt me out|opting out)\b",
    r"\bno more (?:of (?:these|those|your) )?(?:text|message|msg|sms|video)",
    rf"^(?:{_POLITE} )*{_PLEASE} no more(?: of (?:this|these|those|that|it))?(?: {_POLITE})*$",
    rf"^(?:{_POLITE} )*no more (?:of (?:this|these|those|that|it)|{_PLEASE})(?: {_POLITE})*$",
    r"\b(?:revoke|withdraw|withdrawing|revoking|take back) (?:my )?(?:consent|permission)\b",
    r"\bleave me alone\b",
    r"\b(?:lose|forget) (?:my|this) number\b",
    r"\b(?:dont|do not|no longer) (?:want|wish|care|like) (?:to (?:get|receive|hear|be (?:text|contact|messag))|any|"
    r"your|these|more|you to (?:text|contact|message))",
    r"\bcancel (?:all |the |these |my |your )*(?:text|message|sms|subscription|videos)",
    r"\bmake (?:it|this|these|them) stop\b",
    # Spanish
    r"^(?:por favor )?(?:alto|basta|parar|paren|pare|para ya|detener|detente|baja|cancelar)"
    r"(?: (?:por favor|ya|gracias))*$",
    r"\bno (?:me|nos) (?:\w+ )?(?:escrib|mand|envi|contact|text|molest|llam)\w*",
    r"\bno (?:quiero|deseo) (?:mas|recibir|sus|estos|que me)\b",
    r"\bno mas (?:mensaje|texto|video|sms)",
    r"\b(?:deja|dejen|deje|dejar) de (?:escrib|mand|envi|contact|text|molest)\w*",
    r"\b(?:quit|borr|elimin|sac|sacar|remuev)\w*(?:me|enme)? (?:de (?:la|su|esta) lista|mi numero)\b",
    r"\b(?:darme|dame|deme|denme) de baja\b",
)
_NOT_A_STOP = (  # a stop that is negated, told of, or somebody else's
    r"(?<!why )\b(?:dont|do not|never|cant|can not|cannot|couldnt|could not|wont|will not|didnt|did not|not|wouldnt)"
    r" (?:ever |you |u |even |really )*(?:want to |want you to )?(?:stop|unsubscribe|cancel|opt out)\b",
    r"\b(?:did|have|has|why|when|if|until|till|before|had|that)"
    r" (?:did |have |has )?(?:you|u|i|we|they|she|he) (?:ever )?stop",
    r"\b(?:i|we|ill|well|i will|we will|im going to|i should|i must|i had to|id better|i may|i might) (?:just )?stop\b",
    r"\b(?:bus|pit|rest|truck|first|next|last|one|full|non|short) stop\b",
    r"\bno pares\b",
)
_LIMITED = re.compile(
    r"\b(?:before|until|till|after|at night|in the (?:morning|evening|night)|today|tomorrow|tonight|this week"
    r"|weekends?|sundays?|at work|while|during|so early|so late|this (?:early|late)|unless|except"
    r"|but (?:do|you can|keep))\b"
)
_UNCLEAR = (
    r"\bwho(?: is|s| are| r|se|m)? (?:this|dis|that|it|you|u|am i)\b",
    r"\bwho (?:is|are) (?:texting|messaging)\b",
    r"\b(?:wrong|incorrect|new) (?:number|person|phone)\b",
    r"\b(?:not|isnt|aint) (?:my|the right|his|her) (?:number|person)\b",
    r"\bno longer (?:\w+ )?(?:number|phone|uses?|works? here|lives? here)\b",
    r"\b(?:this is not|this isnt|theres no|there is no|nobody named|no one named) \w+(?: here)?$",
    r"\bwhy (?:am i|do i|did i|are you|r u|did you|do you|would you) (?:even |keep |still )?(?:get|receiv|text|send|"
    r"messag|contact|have my)",
    r"\b(?:how|where) (?:did|do|have) (?:you|u|they) (?:get|got|have|find)\b.*\b(?:number|info|name|contact)\b",
    r"\b(?:dont|do not) know (?:you|who|this)\b",
    r"\b(?:never|didnt|did not) (?:sign|agree|consent|give|gave|ask|opt|subscrib|permission)",
    r"\b(?:spam|scam|phishing|harassment|harassing|fraud|lawyer|attorney|sue|lawsuit|fcc|ftc|tcpa|illegal|report you|"
    r"reporting you|block you|blocking you|blocked)\b",
    r"\bnot interested\b",
    rf"^(?:{_POLITE} )*(?:no more|(?:dont|do not) call)(?: (?:anymore|any more|again|{_POLITE}))*$",
    r"\b(?:quien (?:es|eres|habla|me)|numero equivocado|por que me|de donde (?:saca|tien|consig)\w*"
    r"|no (?:te|lo|la|los) conozco)\b",
)
_STOPS = re.compile("|".join(_STOP))
_NEGATED = re.compile("|".join(_NOT_A_STOP))
_PUZZLED = re.compile("|".join(_UNCLEAR))
_BARE = frozenset({"stop", "unsubscribe", "cancel", "quit", "end"})  # beside other sentences they may be in jest
_SENTENCE_END = re.compile(r"[.!?;\n…]+")
_SHOUTED = re.compile(r"^\s*(?:please\s+)?(?:STOP|UNSUBSCRIBE|STOPALL)\s*(?:[.!,;:\n-]|$)")


def asks_to_stop(body: str) -> bool:
    """Whether these words end all texts."""
    if _SHOUTED.match(body) and not body.isupper():
        return True
    sentences = _sentences(body)
    return any(_is_stop(one) for one in sentences if len(sentences) == 1 or one not in _BARE)


def is_unclear(body: str) -> bool:
    """Whether somebody must look at these words before this person gets anything else."""
    sentences = _sentences(body)
    whole = " ".join(sentences)
    limited = any(_STOPS.search(one) and not _NEGATED.search(one) for one in (*sentences, whole))
    bare = len(sentences) > 1 and not _BARE.isdisjoint(sentences)
    return limited or bare or _PUZZLED.search(whole) is not None


def _is_stop(sentence: str) -> bool:
    limited = _LIMITED.search(sentence) or _NEGATED.search(sentence)
    return not limited and _STOPS.search(sentence) is not None


def _sentences(body: str) -> list[str]:
    """Each sentence in small plain letters: no accents, no apostrophes, nothing but letters and single blanks."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", body)).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in "'’‘`")
    found = (" ".join(re.sub(r"[^a-z0-9]+", " ", part).split()) for part in _SENTENCE_END.split(plain))
    return [sentence for sentence in found if sentence]
