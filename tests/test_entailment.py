"""What follows from a sentence of evidence, what it says the opposite of, what only somebody says there, and what it
does not say: by claims about one article each, of which the last sentence is cited and the others stand before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import liar
import pytest
from helpers import article

from rag.entailment.inference import Inference, infer

pytestmark = pytest.mark.usefixtures("parser_model")

BOARD = "The board of the Tern Valley Hospital fired its director, Anna Holm, on 3 March 2026 over a missing report."
BRIDGE = "The Malvik Bridge, which the county built in 1952, was closed by engineers on Tuesday."
SHARED = "The council approved the budget and rejected the new stadium."
MILLER = "Rosa Miller bought the old mill in 1998. She sold it to a brewery for $4.2 million in 2003."
TUNNEL = "The city will not build the tunnel before 2030, the council decided on Monday."
VARGA = "Lena Varga, who criticised Otto Bell, resigned."
CLAIM = "The miners’ union claimed that the company had hidden the cracks."
ACCORDING = "According to the fire service, the warehouse had no sprinklers."
DIRECT = "Otto Bell opened the meeting. “I will sell my shares in June,” Bell said."
REPORTED = "Nadia Kern, the finance minister, said that the tax would rise by 3 percent in January."
DENIED = "Nadia Kern denied that the ministry had lost the files."
HEDGED = "If the strike goes on, the ferry company will cancel the night boats."
ONLY = "Only two of the nine wells were tested."
CALLED = "Marta Quill called for Jonas Reed to resign."
MAY = "The flood may have damaged the archive of the museum."
ALLEGED = "The alleged thief sold the painting to a dealer in Basel."
WIDER = "Critics of the dam praised the minister. The minister ignored the critics."
BROKE = "Ruben Falk beat Tomas Lind in the final, and Lind thanked the crowd."
PLAN = "The airline plans to open a base in Riga."
ROOF = "Otto Bell told the inquest: “The roof was too weak, and the owner had been warned twice.”"
CHIEF = "The chief of the harbour police arrested four smugglers at dawn on Friday."

FOLLOWS = [
    # the passive, and back
    ("Anna Holm was fired by the board of the Tern Valley Hospital.", BOARD),
    ("Engineers closed the Malvik Bridge on Tuesday.", BRIDGE),
    ("Four smugglers were arrested by the chief of the harbour police.", CHIEF),
    # a clause in passing as a sentence
    ("The county built the Malvik Bridge in 1952.", BRIDGE),
    ("The Malvik Bridge was built by the county in 1952.", BRIDGE),
    ("Lena Varga criticised Otto Bell.", VARGA),
    # what somebody is called
    ("Nadia Kern is the finance minister.", REPORTED),
    ("Anna Holm is the director of the Tern Valley Hospital.", BOARD),
    ("The finance minister said that the tax would rise by 3 percent in January.", REPORTED),
    # a name for its pronoun
    ("Rosa Miller sold it to a brewery in 2003.", MILLER),
    # a subject that two verbs share
    ("The council rejected the new stadium.", SHARED),
    ("The council approved the budget.", SHARED),
    # somebody's words
    ("Nadia Kern said the tax would rise by 3 percent in January.", REPORTED),
    ("Kern said that the tax would rise.", REPORTED),
    ("Otto Bell said that he would sell his shares in June.", DIRECT),
    ("Otto Bell said that he will sell his shares.", DIRECT),
    ("The miners’ union claimed the company had hidden the cracks.", CLAIM),
    ("The miners’ union said that the company had hidden the cracks.", CLAIM),
    ("Nadia Kern denied that the ministry had lost the files.", DENIED),
    ("The warehouse had no sprinklers, according to the fire service.", ACCORDING),
    ("The fire service said that the warehouse had no sprinklers.", ACCORDING),
    ("Bell said he will sell his shares in June.", DIRECT),
    ("According to Otto Bell, he will sell his shares in June.", DIRECT),
    # dates and amounts in another form
    ("The board of the Tern Valley Hospital fired its director on March 3, 2026.", BOARD),
    ("The firm paid 42,000 pounds.", "The firm paid £42,000 in May."),
    ("The tunnel cost 40,000,000 euros.", "The tunnel cost 40 million euros."),
    ("Nadia Kern said that the tax would rise by three per cent in January.", REPORTED),
    ("Only 2 of the 9 wells were tested.", ONLY),
    # whose it is
    ("The Tern Valley Hospital’s board fired its director.", BOARD),
    ("The flood may have damaged the museum’s archive.", MAY),
    ("The harbour police’s chief arrested four smugglers.", CHIEF),
    # what stays true without a part
    ("The board fired Anna Holm.", BOARD),
    ("The chief of the harbour police arrested four smugglers on Friday.", CHIEF),
    ("Ruben Falk beat Tomas Lind.", BROKE),
    ("Tomas Lind was beaten by Ruben Falk in the final.", BROKE),
    ("Tomas Lind thanked the crowd.", BROKE),
    ("The airline plans to open a base in Riga.", PLAN),
    ("If the strike goes on, the ferry company will cancel the night boats.", HEDGED),
    (
        "Otto Bell said: “The roof is weak. The owner was warned twice.”",
        "“The roof is weak. The owner was warned twice,” said Otto Bell.",
    ),
    ("Rosa Miller sold it to a brewery for 4.2 million dollars in 2003.", MILLER),
]

CONTRADICTED = [
    ("The council did not approve the budget.", SHARED),
    ("Engineers did not close the Malvik Bridge on Tuesday.", BRIDGE),
    ("Nadia Kern said that the tax would not rise by 3 percent in January.", REPORTED),
]

ATTRIBUTED = [
    ("The roof was too weak.", ROOF),
    ("The owner had been warned twice.", ROOF),
]

NOT_FOUND = [
    # another subject, object, day, amount
    ("The board of the Malvik Hospital fired its director.", BOARD),
    ("Anna Holm fired the board of the Tern Valley Hospital.", BOARD),
    ("The director fired Anna Holm.", BOARD),
    ("Tomas Lind beat Ruben Falk.", BROKE),
    ("Ruben Falk thanked the crowd.", BROKE),
    ("The council approved the new stadium.", SHARED),
    ("The council rejected the budget.", SHARED),
    ("Engineers closed the Malvik Bridge on Monday.", BRIDGE),
    ("Engineers closed the Malvik Bridge in 1952.", BRIDGE),
    ("The county built the Malvik Bridge on Tuesday.", BRIDGE),
    ("The Malvik Bridge was built by engineers.", BRIDGE),
    ("The board of the Tern Valley Hospital fired Anna Holm on 13 March 2026.", BOARD),
    ("She sold it to a brewery for $42 million.", MILLER),
    ("She sold it to a brewery for more than $4.2 million.", MILLER),
    ("She sold a brewery for $4.2 million.", MILLER),
    ("Fourteen smugglers were arrested by the chief of the harbour police.", CHIEF),
    ("The harbour police arrested four smugglers.", CHIEF),
    ("Otto Bell resigned.", VARGA),
    ("Otto Bell criticised Lena Varga.", VARGA),
    ("Otto Bell, who criticised Lena Varga, resigned.", VARGA),
    # another verb, or meant another way
    ("The board of the Tern Valley Hospital hired its director.", BOARD),
    ("The council must approve the budget.", SHARED),
    ("The council will approve the budget.", SHARED),
    ("The flood damaged the archive of the museum.", MAY),
    ("The flood must have damaged the archive of the museum.", MAY),
    ("The airline opened a base in Riga.", PLAN),
    ("The airline will open a base in Riga.", PLAN),
    ("The airline has a base in Riga.", PLAN),
    # what may not be dropped
    ("The ferry company will cancel the night boats.", HEDGED),
    ("The ferry company will cancel the night boats if the strike ends.", HEDGED),
    ("The strike goes on.", HEDGED),
    ("Two of the nine wells were tested.", ONLY),
    ("The nine wells were tested.", ONLY),
    ("All of the nine wells were tested.", ONLY),
    ("The thief sold the painting to a dealer in Basel.", ALLEGED),
    ("The city will not build the tunnel.", TUNNEL),
    # asked for is not done, and said is not meant by another
    ("Jonas Reed resigned.", CALLED),
    ("Marta Quill resigned.", CALLED),
    ("Jonas Reed called for Marta Quill to resign.", CALLED),
    ("Jonas Reed will resign.", CALLED),
    ("The company claimed that the miners’ union had hidden the cracks.", CLAIM),
    ("The company said that the miners’ union had hidden the cracks.", CLAIM),
    ("The miners’ union proved that the company had hidden the cracks.", CLAIM),
    ("The miners’ union denied that the company had hidden the cracks.", CLAIM),
    ("Nadia Kern said that the ministry had lost the files.", DENIED),
    ("The ministry had lost the files.", DENIED),
    ("The ministry denied that Nadia Kern had lost the files.", DENIED),
    ("Otto Bell sold his shares in June.", DIRECT),
    ("Otto Bell said that Nadia Kern would sell her shares in June.", DIRECT),
    ("The minister praised the critics.", WIDER),
    # words beside the evidence
    ("The council approved the budget unanimously.", SHARED),
    ("The council of Malvik approved the budget.", SHARED),
    ("The council approved the budget because the mayor resigned.", SHARED),
    ("The board fired Anna Holm for theft.", BOARD),
    ("Yes, the council approved the budget.", SHARED),
    ("No, the council rejected the new stadium.", SHARED),
    ("Did the council approve the budget?", SHARED),
    ("The approval of the budget.", SHARED),
]  # fmt: skip

DOLLARS = "of “$4.2 million” the “4.2” counts as dropped"
ABOUT = "“about” is not accounted for"
HELD_BACK = [
    ("She sold it to a brewery for $4.2 million in 2003.", MILLER, DOLLARS),
    ("The tunnel cost about 40 million euros.", "The tunnel cost about 40 million euros in May.", ABOUT),
    ("Lena Varga resigned.", VARGA, "“resigned” is taken for what she said by “criticised”"),
    ("The Malvik Bridge was closed.", BRIDGE, "“closed” is read as an adjective here and as a verb there"),
]
"""What follows and is not found, with the reason."""

LESS_THAN_IT_COULD = [
    (
        "attributed",
        "The warehouse had no sprinklers.",
        ACCORDING,
        "what stands under “according to” is not looked at by itself",
    ),
    ("contradicted", "The city will build the tunnel before 2030.", TUNNEL, "what is decided is told by nobody"),
    (
        "contradicted",
        "According to the fire service, the warehouse had sprinklers.",
        ACCORDING,
        "“no” counts as dropped too",
    ),
    (
        "attributed",
        "The company had hidden the cracks.",
        CLAIM,
        "a clause after “claimed that” is not looked at by itself",
    ),
    (
        "attributed",
        "The tax would rise by 3 percent in January.",
        REPORTED,
        "a clause after “said that” is not looked at by itself",
    ),
]
"""What is withheld as "not found", though more is known of it."""

STEMS = "two words of one stem are taken for one word"
FRONTED = "a condition without “if” is not seen"
CLEFT = "“it was not X who” is read without its “not”"
NOUN_OF_SAYING = "a clause that a noun like “claim” or “fear” has is told as so"
COMPARED = "an adjective is taken for its comparative or superlative"
RESTRICTED = "what says which of them is left out"
COMPASS = "a name loses the word that makes it another place's"
MOVED = "a time or place is moved to another verb or noun"
CUES = "one verb of saying stands for another that says more"
SPEAKER = "who speaks for somebody is taken for that person"
NESTED = "to whom is exchanged between a report and the one inside it"
BESIDE = "what stands beside somebody's words is looked for word by word"
OFFICE = "an office is taken from words about it"
NOT_BUT = "the “but” after a “not” is not seen"
UNREAL = "a report that is to come, or stands under an “if”, is told as so"
SO_CALLED = "the word that takes the claim back is left out"

NEARLY_SAID: list[tuple[str, str, str]] = [
    (
        "The company reports that it would sell the plant.",
        "The company denied reports that it would sell the plant.",
        NOUN_OF_SAYING,
    ),
    ("The firm hired an account.", "The firm hired an accountant.", STEMS),
    ("The presidency fell in June.", "The president fell in June.", STEMS),
    ("The development stopped the work.", "The developer stopped the work.", STEMS),
    ("The report shook the ministry.", "The reporter shook the ministry.", STEMS),
    ("The authority ordered a search.", "The author ordered a search.", STEMS),
    ("The management left the building.", "The manager left the building.", STEMS),
    ("The generation stopped the work.", "The general stopped the work.", STEMS),
    ("The office closed at noon.", "The officer closed at noon.", STEMS),
    ("The experiment changed the town.", "The experience changed the town.", STEMS),
    ("The application pleased the board.", "The applicant pleased the board.", STEMS),
    ("The Senate rejected the bill.", "The senator rejected the bill.", STEMS),
    ("The investigation was suspended.", "The investigator was suspended.", STEMS),
    ("The administration fell ill.", "The administrator fell ill.", STEMS),
    ("The international review cleared Otto Bell.", "The internal review cleared Otto Bell.", STEMS),
    ("The firm designated the site.", "The firm designed the site.", STEMS),
    (
        "The Democratic Republic of Tarn attacked the Republic of Tarn.",
        "The Republic of Tarn attacked the Democratic Republic of Tarn.",
        COMPASS,
    ),
    (
        "Otto Bell said on Friday that the mill would close.",
        "Otto Bell said on Monday that the mill would close on Friday.",
        MOVED,
    ),
    (
        "Otto Bell said in Tern that the mill would close.",
        "Otto Bell said in Malvik that the mill in Tern would close.",
        MOVED,
    ),
    ("In Riga, Otto Bell said the shop had closed.", "In Oslo, Otto Bell said the shop in Riga had closed.", MOVED),
    ("Otto Bell thinks that the strike will end.", "Otto Bell hopes that the strike will end.", CUES),
    ("Otto Bell knows that the strike will end.", "Otto Bell believes that the strike will end.", CUES),
    ("Rosa Miller supported the ruling.", "Rosa Miller welcomed the ruling.", CUES),
    ("Rosa Miller accused the plan.", "Rosa Miller criticised the plan.", CUES),
    (
        "Otto Bell told the council that the dam was safe.",
        "Otto Bell told the union that the mayor had told the council that the dam was safe.",
        NESTED,
    ),
    (
        "The mayor told the union that the dam was safe.",
        "Otto Bell told the union that the mayor had told the council that the dam was safe.",
        NESTED,
    ),
    ("Otto Bell said that he was wrong.", "“If the tax rose, I was wrong,” said Otto Bell.", UNREAL),
    (
        "Anna Holm, an expert at the Coastal Science of Malvik Institute, warned of silt.",
        "Anna Holm, an expert at the Malvik Institute of Coastal Science, warned of silt.",
        COMPASS,
    ),
    (
        "Otto Bell did produce the ticket or the list, citing a court order.",
        "Otto Bell did not produce the ticket or the list, citing a court order.",
        BESIDE,
    ),
    (
        "The board voted 6–9 to put off a decision until May.",
        "The board voted 6–1 to put off a decision until May.",
        "a score is read by its first number",
    ),
    (
        "“The tax will rise,” Nadia Kern’s lawyer told Otto Bell.",
        "“The tax will rise,” Nadia Kern told Otto Bell’s lawyer.",
        BESIDE,
    ),
    (
        "Nadia Kern, who met Otto Bell, said that the tax would rise.",
        "Nadia Kern, who never met Otto Bell, said that the tax would rise.",
        BESIDE,
    ),
    (
        "Nadia Kern, the minister, said that the tax would rise.",
        "Nadia Kern, the former minister, said that the tax would rise.",
        OFFICE,
    ),
    (
        "The minister said that the tax would rise.",
        "Nadia Kern, the former minister, said that the tax would rise.",
        OFFICE,
    ),
    (
        "Otto Bell says that the tax will rise.",
        "If Otto Bell says that the tax will rise, the shares will fall.",
        UNREAL,
    ),
    (
        "Otto Bell said that anybody believes that the tax will fall.",
        "“Hardly anybody believes that the tax will fall,” said Otto Bell.",
        "“hardly” before a noun is not seen",
    ),
    ("Otto Bell called the police.", "It was not Otto Bell who called the police.", CLEFT),
    ("Otto Bell said the firm was sold.", "A spokesman for Otto Bell said the firm was sold.", SPEAKER),
    ("Otto Bell said Jonas Reed had lied.", "The lawyer for Otto Bell said Jonas Reed had lied.", SPEAKER),
    (
        "Otto Bell said that they will not sell.",
        "“We will not sell,” said Otto Bell, “unless the price rises.”",
        "the condition is in another pair of marks",
    ),
    (
        "Otto Bell said that the price rises.",
        "“We will not sell,” said Otto Bell, “unless the price rises.”",
        "the condition is in another pair of marks",
    ),
    (
        "“The tax will rise,” Nadia Kern told Otto Bell.",
        "“The tax will rise,” Nadia Kern told Otto Bell’s lawyer.",
        BESIDE,
    ),
    (
        "Nadia Kern said in May that the tax would rise.",
        "Nadia Kern, who beat Otto Bell in May, said that the tax would rise.",
        MOVED,
    ),
    (
        "Nadia Kern, who had read the report, said that the tax will not rise.",
        "“The tax will not rise,” said Nadia Kern, who had not read the report.",
        BESIDE,
    ),
    (
        "“The tax will not rise,” said Nadia Kern, who had read the report.",
        "“The tax will not rise,” said Nadia Kern, who had not read the report.",
        BESIDE,
    ),
    (
        "The mayor said that the tax would rise.",
        "Nadia Kern, the daughter of the mayor, said that the tax would rise.",
        OFFICE,
    ),
    ("Otto Bell said that the tax is too high.", "Otto Bell will say on Monday that the tax is too high.", UNREAL),
    ("The council acted.", "Had the council acted, the bridge would have stood.", FRONTED),
    ("The council had acted.", "Had the council acted, the bridge would have stood.", FRONTED),
    ("The bridge would have stood.", "Had the council acted, the bridge would have stood.", FRONTED),
    ("The town would flood.", "Should the dam break, the town would flood.", FRONTED),
    ("The deputy would take over.", "Were the mayor to resign, the deputy would take over.", FRONTED),
    ("The council closed the school.", "It was not the council that closed the school.", CLEFT),
    ("Otto Bell lied.", "The claim that Otto Bell lied hurt the party.", NOUN_OF_SAYING),
    ("The factory closed.", "The possibility that the factory closed worried the town.", NOUN_OF_SAYING),
    ("The dam would break.", "Fears that the dam would break grew.", NOUN_OF_SAYING),
    ("The tower is tall.", "The tower is taller than the church.", COMPARED),
    ("The bridge is the longest.", "The bridge is longer than the tunnel.", COMPARED),
    ("The mill is older.", "The mill is the oldest in the county.", COMPARED),
    ("The mill is the oldest.", "The mill is the oldest in the county.", COMPARED),
    ("Everyone voted for the plan.", "Everyone who voted for the plan lost.", RESTRICTED),
    ("Nobody liked it.", "Nobody who saw the film liked it.", RESTRICTED),
    ("Anyone will be fined.", "Anyone who breaks the rule will be fined.", RESTRICTED),
    ("Anyone breaks the rule.", "Anyone who breaks the rule will be fined.", RESTRICTED),
    ("All workers were sent home.", "All workers over 60 were sent home.", RESTRICTED),
    ("The workers were sent home.", "All workers over 60 were sent home.", RESTRICTED),
    ("Korea signed the pact.", "South Korea signed the pact.", COMPASS),
    ("Mexico sued the firm.", "New Mexico sued the firm.", COMPASS),
    ("Carolina sued the firm.", "North Carolina sued the firm.", COMPASS),
    ("Ireland won the match.", "Northern Ireland won the match.", COMPASS),
    ("Malvik won the cup.", "West Malvik won the cup.", COMPASS),
    ("The shares fell 5 percent on Tuesday.", "The shares fell 5 percent on Monday and 3 percent on Tuesday.", MOVED),
    ("Rosa Miller sued the bank in 2012.", "Rosa Miller sued the bank in 2010 and the mill in 2012.", MOVED),
    ("Rosa Miller joined the party in 1960.", "Born in 1960, Rosa Miller joined the party in 1985.", MOVED),
    ("Otto Bell wrote the book in 2001.", "Jailed in 2001, Otto Bell wrote the book in 2005.", MOVED),
    ("The mill closed in 2008.", "When the bank failed in 2008, the mill closed.", MOVED),
    ("Otto Bell was freed on Monday.", "Otto Bell was freed on Friday after his arrest on Monday.", MOVED),
    ("Otto Bell said that he would eat his hat.", "Otto Bell joked that he would eat his hat.", CUES),
    ("Rosa Miller said that the council had listened.", "Rosa Miller imagined that the council had listened.", CUES),
    ("Otto Bell said that the bridge was safe.", "Otto Bell wrongly said that the bridge was safe.", SO_CALLED),
    ("The safe dam broke.", "The so-called safe dam broke.", SO_CALLED),
    (
        "Rosa Miller said that Otto Bell stole his car.",
        "“Otto Bell stole my car,” Rosa Miller said.",
        "“my” told as whoever's",
    ),
    ("Otto Bell ran.", "Otto Bell ran out of money.", "“out” is left out of “ran out of”"),
]
"""What does not follow, by what would have to be taken for what."""

FOLLOWS_WRONGLY: list[tuple[str, str, str]] = [
    (
        "Nadia Kern, the mayor, said that the tax would rise.",
        "Nadia Kern, the daughter of the mayor, said that the tax would rise.",
        OFFICE,
    ),
    (
        "Otto Bell did not say that it would fall.",
        "Otto Bell did not say that the tax would rise but that it would fall.",
        NOT_BUT,
    ),
    ("Otto Bell said never that the tax would rise.", "Otto Bell never said that the tax would rise.", BESIDE),
    (
        "Otto Bell said that the tax would rise.",
        "Otto Bell, the papers reported, had said that the tax would rise.",
        "what one report says is told as so",
    ),
    ("Otto Bell refused that the tax would rise.", "Otto Bell refused to say that the tax would rise.", CUES),
    (
        "The firm said on Friday it had fired Otto Bell.",
        "The firm said on Monday it had fired Otto Bell on Friday.",
        MOVED,
    ),
    (
        "The firm said it had fired Otto Bell on Monday.",
        "The firm said on Monday it had fired Otto Bell on Friday.",
        MOVED,
    ),
]
"""Of the same, what is found to follow all the same. A strict xfail: what is mended goes to the list above."""


def concluded(sentence: str, text: str) -> Inference:
    """The last sentence of an article as the evidence; the title bears nothing out."""
    told = article(text, title="Jonas Reed resigned", publisher="Tern Courier", published="2026-03-05")
    *_, cited = liar.numbered(liar.sources_of(told))
    return infer(sentence, [cited])


@pytest.mark.parametrize(("sentence", "text"), FOLLOWS)
def test_what_is_said_in_other_words_follows(sentence: str, text: str) -> None:
    found = concluded(sentence, text)
    assert (found.verdict, found.reason) == ("follows", "") and len(found.numbers) == 1


@pytest.mark.parametrize(("sentence", "text"), CONTRADICTED)
def test_the_same_with_a_not_is_contradicted(sentence: str, text: str) -> None:
    assert concluded(sentence, text).verdict == "contradicted"


@pytest.mark.parametrize(("sentence", "text"), ATTRIBUTED)
def test_what_only_somebody_says_is_that_persons(sentence: str, text: str) -> None:
    assert concluded(sentence, text).verdict == "attributed"


@pytest.mark.parametrize(("sentence", "text"), NOT_FOUND)
def test_what_is_not_said_is_not_found(sentence: str, text: str) -> None:
    found = concluded(sentence, text)
    assert (found.verdict, found.numbers) == ("not_found", ())


def known(cases: list[tuple[str, str, str]]) -> Iterator[Any]:
    for sentence, text, reason in cases:
        yield pytest.param(sentence, text, marks=pytest.mark.xfail(reason=reason, strict=True), id=sentence)


@pytest.mark.parametrize(("sentence", "text"), known(HELD_BACK))
def test_what_follows_is_not_held_back(sentence: str, text: str) -> None:
    assert concluded(sentence, text).verdict == "follows"


@pytest.mark.parametrize(("sentence", "text"), [*(case[:2] for case in NEARLY_SAID), *known(FOLLOWS_WRONGLY)])
def test_what_is_nearly_said_does_not_follow(sentence: str, text: str) -> None:
    assert concluded(sentence, text).verdict != "follows"


@pytest.mark.parametrize(("verdict", "sentence", "text", "_"), LESS_THAN_IT_COULD)
def test_what_is_less_than_it_could_say_does_not_follow(verdict: str, sentence: str, text: str, _: str) -> None:
    found = concluded(sentence, text)
    assert found.verdict == "not_found", f"says {found.verdict} now: move it to the list of what is {verdict}"


def test_she_is_whoever_was_spoken_of_last() -> None:
    *_, cited = liar.numbered(liar.sources_of(article(MILLER)))
    sentence = "She sold the mill to a brewery in 2003."
    assert infer("She sold it to a brewery in 2003.", [cited], "Rosa Miller bought the old mill.").verdict == "follows"
    assert infer(sentence, [cited], "Nadia Kern bought the old mill.").verdict != "follows"


def test_each_statement_names_the_evidence_that_has_it() -> None:
    first, second = liar.numbered(liar.sources_of(article(f"{SHARED} {CHIEF}")))
    assert infer("The council approved the budget.", [first, second]).numbers == (1,)
    both = "The council approved the budget, and the chief of the harbour police arrested four smugglers."
    assert infer(both, [first, second]).numbers == (1, 2)
    assert infer(both, [first]).verdict == infer(both, [second]).verdict == "not_found"


def test_nothing_follows_from_nothing() -> None:
    assert infer("The council approved the budget.", []).verdict == "not_found"
    for text in ("", " ", "…", "[1]", "“", "Budget.", "\x01"):
        assert concluded(text, SHARED).verdict == "not_found"
