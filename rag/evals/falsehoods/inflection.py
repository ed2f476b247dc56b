"""English verbs in another tense: enough of them to tell as done what somebody would do."""

from __future__ import annotations

import re

from rag.evals.falsehoods.lists import listed, paired

_IRREGULAR = paired(
    "be:was have:had do:did go:went say:said make:made take:took come:came see:saw get:got give:gave find:found "
    "think:thought tell:told become:became show:showed leave:left feel:felt put:put bring:brought begin:began "
    "keep:kept hold:held write:wrote stand:stood hear:heard let:let mean:meant set:set meet:met run:ran pay:paid "
    "sit:sat speak:spoke lead:led read:read grow:grew lose:lost fall:fell send:sent build:built draw:drew "
    "break:broke spend:spent cut:cut rise:rose drive:drove buy:bought wear:wore choose:chose seek:sought "
    "throw:threw catch:caught deal:dealt win:won forget:forgot lay:laid sell:sold fight:fought bear:bore "
    "teach:taught eat:ate sing:sang strike:struck hang:hung shake:shook ride:rode feed:fed shoot:shot drink:drank "
    "hit:hit arise:arose fly:flew spread:spread sleep:slept cost:cost beat:beat light:lit bind:bound cast:cast "
    "hide:hid steal:stole wake:woke shut:shut swear:swore bid:bid quit:quit withdraw:withdrew undergo:underwent "
    "overcome:overcame overturn:overturned forgo:forwent understand:understood undertake:undertook rebuild:rebuilt "
    "oversee:oversaw split:split sink:sank hurt:hurt shed:shed swing:swung ring:rang flee:fled slide:slid "
    "stick:stuck sweep:swept bend:bent lend:lent know:knew offset:offset lie:lied withhold:withheld "
    "uphold:upheld forbid:forbade "
    "forgive:forgave mistake:mistook rid:rid burst:burst broadcast:broadcast swim:swam tear:tore dig:dug blow:blew"
)
_DOUBLED = listed(
    "admit ban beg bar cap chat clap commit compel control cram defer deter drag drop equip expel fit grab grip "
    "hop jog jam knit log mar map nod occur omit patrol permit pin plan plot plug prefer propel refer regret rob rub "
    "scrap scrub ship shop sip skip slam slap slip snap spot star stem step stir stop strip submit swap tap tip top "
    "transfer transmit trap trim wrap"
)


def past(verb: str, *, plural: bool = False) -> str:
    """The simple past of a verb in its plain form: "resigned", "was"."""
    if verb == "be":
        return "were" if plural else "was"
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ed"
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb[:-1]}ied" if re.search(r"[^aeiou]y$", verb) else f"{verb}ed"


def present(verb: str) -> str:
    """The third person of the present: "resigns", "is"."""
    if verb in {"be", "have"}:
        return "is" if verb == "be" else "has"
    if re.search(r"(s|x|z|ch|sh|o)$", verb):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if re.search(r"[^aeiou]y$", verb) else f"{verb}s"
