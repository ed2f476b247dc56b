"""Falsehoods by another word: a verb, a negation, a quantity, an office."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rag.evals.falsehoods.inflection import past, present
from rag.evals.falsehoods.lie import Desk, Rewording, by_line, child, edited, is_plural, root, subject
from rag.evals.falsehoods.lists import paired
from rag.evals.falsehoods.story import Line

if TYPE_CHECKING:
    from spacy.tokens import Token

_OTHER_VERBS = paired(
    "approved:rejected rejected:approved criticised:praised criticized:praised praised:criticized "
    "accepted:refused refused:accepted won:lost lost:won increased:decreased decreased:increased "
    "supported:opposed opposed:supported opened:closed closed:opened hired:fired fired:hired arrested:released "
    "released:withheld joined:left banned:allowed allowed:banned bought:sold sold:bought passed:rejected "
    "endorsed:attacked attacked:defended defended:attacked condemned:welcomed welcomed:condemned "
    "charged:convicted sued:defeated proposed:passed announced:cancelled considered:approved nominated:elected "
    "injured:killed wounded:killed detained:jailed offered:paid urged:forced asked:ordered requested:received "
    "demanded:obtained sought:won backed:fought blamed:thanked denied:admitted confirmed:denied dismissed:upheld "
    "launched:ended started:ended began:ended raised:lowered cut:raised expanded:reduced suspended:resumed "
    "resigned:apologized threatened:promised delayed:cancelled postponed:cancelled questioned:accepted rose:fell "
    "fell:rose gained:lost warned:promised ordered:forbade invited:expelled rescued:abandoned found:lost "
    "investigated:cleared tested:banned borrowed:stole recommended:banned"
)
_VERBS = rf"\b(?:{'|'.join(_OTHER_VERBS)})\b"

NEGATION = r"(?i)\b(?:not|never|no longer|cannot|no one|nobody|nothing|without|neither|no)\b|n[’']t\b"


def another_verb(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "approved" as "rejected", where the article has no form of the other verb."""
    for token in line.doc:
        other = _OTHER_VERBS.get(token.text, "")
        bare = not any(one.dep_ in {"neg", "prt"} for one in token.children)
        new = other != "" and not desk.story.has_word(other)
        if new and bare and token.pos_ == "VERB" and token.dep_ in {"ROOT", "conj"}:
            yield edited(line.doc, {token.i: other})


def negation_dropped(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "did not agree" as "agreed"."""
    doc = line.doc
    for token in doc:
        verb = token.head
        if token.dep_ != "neg" or token.lower_ not in {"not", "n't", "n’t", "never"}:
            continue
        rest = doc[token.i + 1 : token.i + 3].text.lower()
        if re.match(r"only|just|until|necessarily|even|so much|as ", rest) or token.i == 0:
            continue
        helper = doc[token.i - 1]
        if helper.lemma_ == "do" and helper.dep_ == "aux" and verb.tag_ == "VB":
            said = {"did": past(verb.lemma_), "does": present(verb.lemma_)}.get(helper.lower_, verb.text)
            yield edited(doc, {helper.i: "", token.i: "", verb.i: said})
        elif helper.lower_ in {"ca", "wo", "sha"}:
            yield edited(doc, {helper.i: {"ca": "can ", "wo": "will ", "sha": "shall "}[helper.lower_], token.i: ""})
        elif token.lower_ in {"n't", "n’t"}:
            yield edited(doc, {token.i: " "})
        elif rest.startswith("yet") or helper.lower_ == "or":
            continue
        else:
            yield edited(doc, {token.i: "" if token.whitespace_ else " "})


def negation_word_dropped(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "no longer" taken out, "without" as "with", "no one" as "everyone", "but not" as "and"."""
    text = line.text
    for pattern, other in (
        (r"\bno longer ", ""),
        (r"\bwithout (?=(?:a|an|the|his|her|their|its) )", "with "),
        (r"\b([Nn])o one\b(?! else)", "Everyone"),
        (r"\b[Nn]obody\b", "Everybody"),
        (r"\b[Nn]one of\b", "All of"),
        (r"\b[Nn]either of\b", "Both of"),
        (r"(?<=[a-z]),? but not ", " and "),
        (r"\bnothing\b", "something"),
        (r"(?<=[a-z] )(has|have|had) no (?=[a-z])", r"\1 a clear "),
        (r"(?<=was )no (?=[a-z])", "a "),
        (r"(?<=is )no (?=[a-z])", "a "),
        (r"\b(?:rather than|instead of) (?=[a-z])", "and "),
        (
            r"(?<![snx]t )(?<![Aa] )(?<!the )(?<!first )\b[Ff]ew (?!years|months|weeks)(?=[a-z]+s\b)",
            "Many ",
        ),
        (r"\brarely |\bhardly |\bscarcely ", ""),
    ):
        found = re.search(pattern, text)
        if found:
            told = found.expand(other)
            word = told if found.start() == 0 else told[:1].lower() + told[1:]
            yield text[: found.start()] + word + text[found.end() :]


def negation_added(line: Line, desk: Desk) -> Iterator[str]:
    """The main verb denied."""
    verb = root(line.doc)
    doer = subject(verb)
    if doer is None or doer.i > verb.i or any(token.dep_ == "neg" for token in verb.children):
        return
    if re.search(NEGATION, line.text) or doer.lower_ in {"some", "many", "few", "most"}:
        return
    helper = next((t for t in verb.children if t.dep_ in {"aux", "auxpass"} and doer.i < t.i < verb.i), None)
    if helper is not None:
        yield edited(line.doc, {helper.i: f"{helper.text} not"})
    elif verb.lemma_ == "be" and verb.tag_ in {"VBD", "VBZ", "VBP"}:
        yield edited(line.doc, {verb.i: f"{verb.text} not"})
    elif verb.tag_ == "VBD":
        yield edited(line.doc, {verb.i: f"did not {verb.lemma_}"})
    elif verb.tag_ == "VBZ":
        yield edited(line.doc, {verb.i: f"{'do' if is_plural(doer) else 'does'} not {verb.lemma_}"})


# --- quantities and degrees ---------------------------------------------------------------------


def substituted(changes: Mapping[str, str]) -> Rewording:
    """Each pattern, the first time it is found, told as the other words."""

    def reword(line: Line, desk: Desk) -> Iterator[str]:
        for pattern, other in changes.items():
            found = re.search(pattern, line.text)
            if found is not None:
                told = found.expand(other)
                told = told[:1].upper() + told[1:] if found.start() == 0 else told
                yield line.text[: found.start()] + told + line.text[found.end() :]

    return reword


def hint_of(changes: Mapping[str, str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in changes)


TO_ALL = {
    r"\b[Ss]ome (?!day|time|sort|kind|point|of the most)(?=[a-z]+s\b)": r"all ",
    r"\b(?:[Ss]ome|[Mm]any|[Mm]ost|[Ss]everal|[Aa] few|[Aa] number|[Hh]alf) of (?=the|his|her|their|its)": "all of ",
    r"(?<!the )(?<!The )\b(?:[Mm]any|[Mm]ost|[Ss]everal|[Aa] few) (?!years|months|days|weeks|hours|times|minutes)"
    r"(?=[a-z]+s\b)": "all ",
    r"\b(?:often|sometimes|usually|occasionally|typically|frequently) (?=[a-z])": "always ",
    r"\b(?:partly|partially|largely|mostly|mainly) (?=[a-z])": "entirely ",
    r"\bat least one of (?=the|his|her|their|its)": "each of ",
}
APPROXIMATE = {
    r"\b(?:[Nn]early|[Aa]lmost|[Cc]lose to|[Jj]ust under|[Jj]ust over|[Ll]ess than|[Ff]ewer than|[Mm]ore than|[Oo]ver) "
    r"(?=\$?\d[\d,.]*)": "exactly ",
    r"\b[Uu]p to (?=\$?\d)": "",
    r"\bas (?:many|much|high|low) as (?=\$?\d)": "",
    r"\b(?:[Nn]early|[Aa]lmost) (?=all|every|half|two|three|four|five|six|seven|eight|nine|ten|the entire)": "",
    r"\bmore than (?=half|two|three|four|five|six|seven|eight|nine|ten|a dozen)": "exactly ",
}
BOUNDS_TURNED = {
    r"\b([Mm])ore than (?=\$?\d|half|a |two|three|four|five)": "fewer than ",
    r"\b([Ff]ewer|[Ll]ess) than (?=\$?\d|half|a |two|three|four|five)": "more than ",
    r"\b[Aa]t least (?=\$?\d|two|three|four|five|a |one)": "at most ",
    r"\b[Uu]p to (?=\$?\d)": "at least ",
    r"\b[Nn]early (?=\$?\d)": "more than ",
    r"\b[Oo]ver (?=\$\d)": "under ",
}
COMPARATIVES = {
    f"(?<!no )(?<!No )(?<!and )(?<!the )(?<!The ){one}": other
    for one, other in {
        r"\bmore (likely|popular|expensive|conservative|liberal|effective|dangerous|important|difficult)\b": r"less \1",
        r"\bless (likely|popular|expensive|effective|dangerous|important)\b": r"more \1",
        r"\bhigher\b": "lower",
        r"\blower\b(?! house)": "higher",
        r"\b(?:larger|bigger)\b": "smaller",
        r"\bsmaller\b": "larger",
        r"\bolder\b": "younger",
        r"\byounger\b": "older",
        r"\bfaster\b": "slower",
        r"\bstronger\b": "weaker",
        r"\bbetter\b": "worse",
        r"\bworse\b": "better",
        r"\bearlier than\b": "later than",
        r"\blater than\b": "earlier than",
        r"\bmore ([a-z]+) than\b": r"fewer \1 than",
        r"\bmost (popular|expensive|powerful|likely|common|important)\b": r"least \1",
        r"\bhighest\b": "lowest",
        r"\blowest\b": "highest",
        r"\blargest\b": "smallest",
    }.items()
}
SUPERLATIVES = {
    r"\bone of (the|his|her|its|their) ((?:[a-z]+-)?[a-z]+(?:est)|most [a-z]+|top|best|first) ([a-z]+)s\b": r"\1 \2 \3",
    r"\bsecond-(largest|biggest|highest|oldest|richest)\b": r"\1",
    r"\bsecond[- ]most[- ]": "most ",
    r"\bamong the (most [a-z]+|[a-z]+est)\b": r"the \1",
    r"(?<=[a-z] )an? (popular|serious|significant|powerful|influential|important|dangerous|expensive|famous)"
    r" (?=[a-z]+\b(?! of\b))": r"the most \1 ",
    r"(?<=[a-z] )an? (?:major|large|big) (?=[a-z])": "the largest ever ",
    r"(?<!here )\b(is|was) (?:now )?an? (?!(?:lot|few|bit|little|number|part|kind)\b)(?=[a-z])": r"\1 the first ",
}
LESSER_OFFICES = {
    r"\b(?:former|ex-|then-|onetime) ?(?=[A-Za-z]{4,})": "",
    r"\b(?:[Vv]ice|[Dd]eputy|[Aa]ssistant) (?=[Pp]resident|[Cc]hair|[Mm]ayor|[Gg]overnor"
    r"|[Dd]irector|[Cc]hief|[Mm]inister|[Ss]ecretary|[Aa]ttorney|[Ss]heriff|[Pp]rofessor|[Mm]anager|[Ee]ditor)": "",
    r"\b[Pp]residential (?:candidate|hopeful|contender|nominee)\b": "President",
    r"\b(?:gubernatorial|mayoral) (?:candidate|nominee)\b": "governor",
    r"\b(President|Gov\.|Sen\.|Mayor)-elect\b": r"\1",
    r"\bhad been (?=the|a )": "is ",
    r"\bwas ((?:the )?(?:president|chairman|chairwoman|mayor|governor|secretary|director|head|leader) of)": r"is \1",
    r"\b(?:co-founder|co-owner|co-author)\b": "sole founder",
}
OTHER_UNITS = {
    r"(?<=\d )million\b": "billion",
    r"(?<=\d )billion\b": "million",
    r"(?<=\d )trillion\b": "billion",
    r"(?<=\d )(?:percent|per cent)\b(?!age)": "percentage points",
    r"\b(\d[\d,.]*|two|three|four|five|six|ten|several) (?:years)\b": r"\1 months",
    r"\b(\d[\d,.]*|two|three|four|five|six|ten|several) (?:months|weeks)\b": r"\1 years",
    r"\b(\d[\d,.]*|two|three|four|five|six|ten|several) (?:days)\b": r"\1 weeks",
    r"\b(\d[\d,.]*|two|three|four|five|six|ten|several) (?:hours)\b": r"\1 days",
    r"\b(\d[\d,.]*|two|three|four|five|six|ten) miles\b": r"\1 kilometers",
    r"(?<=\d )thousand\b": "million",
    r"\b([Hh])undreds of (?=people|thousands)": "millions of ",
    r"\b([Tt])housands of (?=[a-z])": "millions of ",
}
ORDER_TURNED = {
    r"(?<=[a-z] )before (?!long|and|a (?:crowd|judge|court)|the (?:court|judge))(?=[a-z])": "after ",
    r"(?<=[a-z] )after (?!all\b)(?=[a-z])(?!month|year|day|week)": "before ",
    r"(?<=[a-z] )since (?=\d{4}|[A-Z])": "until ",
    r"(?<=[a-z] )until (?=[a-z0-9A-Z])": "since ",
    r"(?<=[a-z] )during (?=the|his|her)": "after ",
    r"\b(his|her|their|the) predecessor\b": r"\1 successor",
    r"\b(his|her|their|the) successor\b": r"\1 predecessor",
}
SIDES_TURNED = {
    r"\b(vot(?:ed|es|ing)|campaign(?:ed|ing)|argu(?:ed|ing)|fought|rall(?:ied|y)|lobb(?:ied|y)) for\b": r"\1 against",
    r"\b(vot(?:ed|es|ing)|campaign(?:ed|ing)|argu(?:ed|ing)|fought|fight|rall(?:ied|y)) against\b": r"\1 for",
    r"\bin favor of\b": "in opposition to",
    r"\bin opposition to\b": "in support of",
    r"\bin support of\b": "in opposition to",
    r"\b(a|the|his|her|their) (?:critic|opponent)s? of\b": r"\1 supporter of",
    r"\b([Ss])upporters of\b": r"opponents of",
    r"\b(?:critics|opponents) of\b": "supporters of",
    r"\ban? (?:opponent|critic) of\b": "a supporter of",
    r"\ba supporter of\b": "an opponent of",
    r"\bagainst (?=(?:the|a|President|Mr|[A-Z][a-z]+))": "in support of ",
    r"\bin (?:spite of|defiance of)\b": "because of",
    r"\bdespite (?=the|a|his|her|their|its)": "because of ",
}


def only_added(line: Line, desk: Desk) -> Iterator[str]:
    """Put "only" before the subject or the object of the main verb."""
    verb = root(line.doc)
    doer, done_to = subject(verb), child(verb, "dobj")
    if doer is None or re.search(NEGATION + r"|\b(?:only|also|all|both)\b", line.text) or verb.tag_ != "VBD":
        return
    if doer.left_edge.i == 0 and doer.pos_ == "PROPN":
        yield f"Only {line.text}"
    elif done_to is not None and done_to.left_edge.i > verb.i and _is_definite(done_to):
        place = done_to.left_edge.idx
        yield f"{line.text[:place]}only {line.text[place:]}"


def _is_definite(noun: Token) -> bool:
    owner = child(noun, "det", "poss")
    return noun.pos_ == "PROPN" or (owner is not None and owner.lower_ in {"the", "his", "her", "its", "their"})


def choice_narrowed(line: Line, desk: Desk) -> Iterator[str]:
    """Tell "must resign or face a trial" as "must face a trial": the first of two deeds taken out."""
    helpers = {"will", "must", "should", "shall", "would"}
    for link in line.doc:
        first = link.head
        second = child(first, "conj")
        if not any(one.dep_ in {"aux", "auxpass"} and one.lower_ in helpers for one in first.children):
            continue
        if (
            link.lower_ != "or"
            or second is None
            or not first.pos_ == second.pos_ == "VERB"
            or first.tag_ != second.tag_
        ):
            continue
        if not re.search(NEGATION + r"|\b(?:whether|if)\b", line.text) and first.i < link.i < second.i:
            yield edited(line.doc, dict.fromkeys(range(first.i, link.i + 1), ""))


REWORDINGS = {
    "another verb for the event": by_line(_VERBS, another_verb),
    "a negation dropped": by_line(r"\bnot\b|n[’']t\b|\bnever\b", negation_dropped),
    "a word of denial dropped": by_line(
        r"(?i)\b(?:no|none|nobody|nothing|neither|without|not|than|instead|few|rarely|hardly|barely)\b",
        negation_word_dropped,
    ),
    "a negation added": by_line(r"", negation_added),
    "some told as all": by_line(hint_of(TO_ALL), substituted(TO_ALL)),
    "about told as exactly": by_line(hint_of(APPROXIMATE), substituted(APPROXIMATE)),
    "at least told as at most": by_line(hint_of(BOUNDS_TURNED), substituted(BOUNDS_TURNED)),
    "a comparative turned round": by_line(hint_of(COMPARATIVES), substituted(COMPARATIVES)),
    "a superlative invented": by_line(hint_of(SUPERLATIVES), substituted(SUPERLATIVES)),
    "an old or lesser office as the present one": by_line(hint_of(LESSER_OFFICES), substituted(LESSER_OFFICES)),
    "another unit": by_line(hint_of(OTHER_UNITS), substituted(OTHER_UNITS)),
    "before told as after": by_line(hint_of(ORDER_TURNED), substituted(ORDER_TURNED)),
    "for told as against": by_line(hint_of(SIDES_TURNED), substituted(SIDES_TURNED)),
    "only put in": by_line(r"", only_added),
    "one of two choices told alone": by_line(r"\b(?:will|must|should|shall|would)\b.* or [a-z]", choice_narrowed),
}
