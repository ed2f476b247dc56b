"""Whose words are in an article: exact words, the right name, and no name rather than a wrong one."""

from __future__ import annotations

import time

import pytest
from helpers import any_article, article, assert_exact
from hypothesis import given

from rag.attribution import attribute
from rag.speech import question_for, speech, split_title
from rag.text import LONGEST_SENTENCE
from rag.types import Article

Found = tuple[str, str, str, str]
"""Kind, speaker, cue, words."""


def read(text: str) -> list[Found]:
    found = attribute(article(text))
    for quotation in found:
        assert_exact(quotation.excerpt)
    return [(q.kind, q.speaker, q.cue, q.excerpt.text) for q in found]


@given(any_article())
def test_quotations_are_exact_and_those_in_marks_lie_apart_and_in_order(whole: Article) -> None:
    end = 0
    for quotation in attribute(whole):
        assert_exact(quotation.excerpt)
        assert quotation.excerpt.text == quotation.excerpt.text.strip()
        if quotation.kind != "indirect":
            assert quotation.excerpt.span.start >= end
            end = quotation.excerpt.span.end


@given(any_article())
def test_every_word_of_a_speakers_name_and_of_the_cue_stands_in_the_article(whole: Article) -> None:
    text = whole.text.casefold()
    for quotation in attribute(whole):
        assert all(word.casefold() in text for word in quotation.speaker.split())
        assert quotation.cue in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("John Smith said: “We object to it.”", ("direct", "John Smith", "said", "“We object to it.”")),
        ("“We object to it,” John Smith said.", ("direct", "John Smith", "said", "“We object to it,”")),
        ("“We object to it,” said John Smith.", ("direct", "John Smith", "said", "“We object to it,”")),
        ('"We object to it," John Smith told us.', ("direct", "John Smith", "told", '"We object to it,"')),
        ("« We object to it », said John Smith.", ("direct", "John Smith", "said", "« We object to it »")),
        ("“No,” said John Smith.", ("direct", "John Smith", "said", "“No,”")),
        (
            "“We object to it,” said Foreign Minister Sergey Lavrov, who was in Minsk.",
            ("direct", "Sergey Lavrov", "said", "“We object to it,”"),
        ),
        (
            "“One warning is enough,” Dorian Feltmeyer, the chief executive, said in a statement.",
            ("direct", "Dorian Feltmeyer", "said", "“One warning is enough,”"),
        ),
        (
            "The company said in a statement: “We regret the delay.”",
            ("direct", "The company", "said", "“We regret the delay.”"),
        ),
        (
            "“She told me ‘never again’ and left,” said Bo Carr.",
            ("direct", "Bo Carr", "said", "“She told me ‘never again’ and left,”"),
        ),
        (
            "Ann Bell said that the plan was “a gift to nobody at all” and left.",
            ("mixed", "Ann Bell", "said", "“a gift to nobody at all”"),
        ),
        (
            "Ann Bell said that the plan would cost too much.",
            ("indirect", "Ann Bell", "said", "the plan would cost too much"),
        ),
        (
            "The plan would cost too much, Ann Bell warned.",
            ("indirect", "Ann Bell", "warned", "The plan would cost too much"),
        ),
        (
            "The plan would cost too much, according to Ann Bell.",
            ("indirect", "Ann Bell", "according to", "The plan would cost too much"),
        ),
        (
            "According to Ann Bell, the plan would cost too much.",
            ("indirect", "Ann Bell", "according to", "the plan would cost too much"),
        ),
        (
            "According to Ann Bell’s own survey of the town, the plan would cost too much.",
            ("indirect", "Ann Bell", "according to", "the plan would cost too much"),
        ),
    ],
)
def test_the_forms_of_reported_speech_are_told_apart(text: str, expected: Found) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Officials insist that the road is safe.", ("indirect", "Officials", "insist", "the road is safe")),
        ("Bell’s lawyer said that the road is safe.", ("indirect", "Bell’s lawyer", "said", "the road is safe")),
        (
            "A person with knowledge of the deal told reporters of it on Monday.",
            ("indirect", "A person with knowledge of the deal", "told", "reporters of it on Monday"),
        ),
        (
            "The head of the league, Jonathan Gray, 52, warned that it would be too late.",
            ("indirect", "Jonathan Gray", "warned", "it would be too late"),
        ),
        (
            "In a news release, Kristie Moss, the director, said that the mint was open.",
            ("indirect", "Kristie Moss", "said", "the mint was open"),
        ),
        (
            "The Biden administration on Thursday announced that it would lend money.",
            ("indirect", "The Biden administration", "announced", "it would lend money"),
        ),
        ("A poll showed that most would stay at home.", ("indirect", "A poll", "showed", "most would stay at home")),
        (
            "The rain had stopped at last, said Bo Carr.",
            ("indirect", "Bo Carr", "said", "The rain had stopped at last"),
        ),
        (
            "“There are no rules at all,” the WHO said in a report.",
            ("direct", "WHO", "said", "“There are no rules at all,”"),
        ),
        ("''We won at last,'' Bo Carr said.", ("direct", "Bo Carr", "said", "''We won at last,''")),
        (
            "Forty percent of the ferrymen said that the fare was too high.",
            ("indirect", "Forty percent of the ferrymen", "said", "the fare was too high"),
        ),
        ("Six in 10 voters say the bridge is ugly.", ("indirect", "Six in 10 voters", "say", "the bridge is ugly")),
        (
            "Ann Bell and Bo Carr say the mill is theirs alone.",
            ("indirect", "Bo Carr", "say", "the mill is theirs alone"),
        ),
        (
            "Ann Bell -- whose mill it is -- warned that the road was shut.",
            ("indirect", "Ann Bell", "warned", "the road was shut"),
        ),
        ("They’ve warned that the road was shut.", ("indirect", "", "warned", "the road was shut")),
        (
            "Harrow campaigners say the mill is theirs alone.",
            ("indirect", "Harrow campaigners", "say", "the mill is theirs alone"),
        ),
        (
            "The meadow flooded twice, according to records of the harbour.",
            ("indirect", "records", "according to", "The meadow flooded twice"),
        ),
        (
            "The coin costs four groats, according to the U.S. Mint.",
            ("indirect", "U.S. Mint", "according to", "The coin costs four groats"),
        ),
        (
            "According to the Ember Weekly, Ann Bell warned of a flood in the valley.",
            ("indirect", "Ember Weekly", "according to", "Ann Bell warned of a flood in the valley"),
        ),
        (
            "It’s strongly advised to keep off the bank, officials said.",
            ("indirect", "officials", "said", "It’s strongly advised to keep off the bank"),
        ),
        (
            "Farmers opposing the new dam on the river met in a barn.",
            ("indirect", "Farmers", "opposing", "the new dam on the river met in a barn"),
        ),
        (
            "The inspectors specifically cited the state of the bank.",
            ("indirect", "The inspectors", "cited", "the state of the bank"),
        ),
        ("“We object to it,” also said Bo Carr.", ("direct", "Bo Carr", "said", "“We object to it,”")),
        ("“We object to it,” a news release states.", ("direct", "A news release", "states", "“We object to it,”")),
        (
            "It fell to the miller, the owner of the hall, and Sanna Jolly said that it was empty.",
            ("indirect", "Sanna Jolly", "said", "it was empty"),
        ),
    ],
)
def test_who_speaks_is_found_in_every_form_of_the_sentence(text: str, expected: Found) -> None:
    assert expected in read(text)


def test_two_reports_of_one_sentence_have_their_own_words_and_one_speaker() -> None:
    text = "Ann Bell said that the road was shut, adding that nobody had told her."
    assert read(text) == [
        ("indirect", "Ann Bell", "said", "the road was shut"),
        ("indirect", "Ann Bell", "adding", "nobody had told her"),
    ]


def test_whoever_reports_goes_on_reporting() -> None:
    twice = "Ann Bell said that it was the work of Bo Carr, adding that the mill was shut."
    assert [speaker for _, speaker, _, _ in read(twice)] == ["Ann Bell", "Ann Bell"]
    once = "Ann Bell walked past Bo Carr, adding that the mill was shut."
    assert read(once) == [("indirect", "Ann Bell", "adding", "the mill was shut")]
    court = "A judge struck down the law of the mill, writing that it was out of date."
    assert read(court) == [("indirect", "A judge", "writing", "it was out of date")]
    beside = "“They had never been so quiet,” Ann Bell said, pointing to a row of old boots."
    assert read(beside)[0] == ("direct", "Ann Bell", "said", "“They had never been so quiet,”")
    statement = "Ann Bell sent a statement saying: “We shall not go to the mill.”"
    assert read(statement) == [("direct", "Ann Bell", "saying", "“We shall not go to the mill.”")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The rain, Ann Bell said on Friday, had washed the bank away.", "had washed the bank away"),
        ("The whole of the bank had gone, Ann Bell said, in a night.", "The whole of the bank had gone"),
        ("In a letter to the whole council, Ann Bell said it was empty.", "it was empty"),
        ("Looking down at her old boots, Ann Bell said Bo Carr was wrong.", "Bo Carr was wrong"),
        ("The bank of the canal had gone, Ann Bell said on Friday morning.", "The bank of the canal had gone"),
        ("Bo Carr, who owns the mill with others, said Ann Bell was wrong.", "Ann Bell was wrong"),
        ("It was hard on her, who said the bank had gone in one night.", "the bank had gone in one night"),
        ("The bank of the canal, according to Ann Bell, is gone.", "The bank of the canal"),
        ("The bank of the canal had gone, records show.", "The bank of the canal had gone"),
        ("The bank of the canal is strong, the chief said without elaborating.", "The bank of the canal is strong"),
        ("The bank of the canal was strong in May, said The Gazette.", "The bank of the canal was strong in May"),
    ],
)
def test_what_is_said_stands_before_the_report_or_after_it(text: str, words: str) -> None:
    assert [found for _, _, _, found in read(text)] == [words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Nobody at the mill took up Ann Bell’s call for a bridge of stone.",
            ("indirect", "Ann Bell", "call", "for a bridge of stone"),
        ),
        (
            "David Moss is known for his claim that the hill grows, which it does not.",
            ("indirect", "David Moss", "claim", "the hill grows"),
        ),
    ],
)
def test_a_noun_of_speech_has_its_owner_for_a_speaker(text: str, expected: tuple[str, str, str, str]) -> None:
    assert read(text) == [expected]


def test_what_a_person_gave_up_is_not_their_words() -> None:
    assert read("Some dozen farmers withdrew their support for the quay of the town.") == []


def test_a_clause_about_who_speaks_is_not_what_is_said() -> None:
    assert [words for _, _, _, words in read("Bo Carr, who said nothing, claimed that she was wrong.")] == [
        "she was wrong"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The minister did not say that the road was shut.",
        "Ann Bell has never admitted that she took the money.",
        "Police couldn’t confirm that two men had died.",
        "Nobody said that the road was shut.",
        "Ann Bell may argue that the road was shut.",
        "Ann Bell was accused by the council of having shut the road.",
        "The proposed road is to be shut in the summer.",
        "The White House press corps met on Monday in Boston.",
        "The theatre shows a play of nine weeks of herring.",
        "The company shares fell by five per cent on Monday.",
        "Ann Bell avoided saying that the road was shut.",
        "The minister avoids calling the road a ruin of the valley.",
        "Ann Bell left without saying that the road was shut.",
        "There is no harm in saying that the road was shut.",
        "If Ann Bell says that the road is shut, we shall walk.",
        "Neither Ann Bell nor Bo Carr said that the road was shut.",
        "You agree to the sale of all that you have written down here.",
        "Ann Bell has yet to say that the road was shut.",
    ],
)
def test_what_was_not_said_is_nobodys_words(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ann Bell celebrated her birthday in the old mill.",
        "Sales of flour declined by 3% in the whole of the spring.",
        "The mill is back on track after the flood in the spring.",
        "Sanna Holt backed off the plan for the quay in the end.",
        "Ann Bell spoke for an hour in the hall by the river.",
        "The mill stands in one of the home states of the grain trade.",
        "The president’s orders are fair game in the whole valley.",
        "The valley plans are to be shown to everybody in the hall.",
        "The hall, also called the Old Barn of the Hill, was shut.",
        "She faces two federal charges: theft from a mill and arson.",
        "Ann Bell continues to live in the mill by the river.",
        "The company decided to share its profits with the millers.",
        "The Otters claimed the top seed in the league of the north.",
        "The virus signal grew in the waters of the harbour.",
        "The team maintains a database of old mills and their owners.",
        "The two teams boast a fine record in the league of the north.",
        "The champion is often referred to as the king of the ice.",
        "Ann Bell wrote the foreword to a book about old mills.",
        "Ann Bell accepted the award for the best mill of the year.",
        "The Otters sought to win the league of the north again.",
        "The tour runs through nine towns, concluding in Harrow in July.",
        "The millers post-haste left the hall for the fair of the town.",
        "The satire invites us into the rooms of a miller and his wife.",
        "The union called off the blockade that its members approved in September.",
        "He laughed, while showing off the key to his new place by the quay.",
        "The town is off to a start, thanks to the film “Otters of the Hill.”",
        "The defending champion Otters placed five players on the squad.",
        "The price of the “beef” is $8 a pound, compared with that of lamb, which is $4.",
        "Ann Bell continued to please the critics (“A Fall of Stone”) with her songs.",
        "Ann Bell responded to the survey of the town in the first week of May.",
        "A man attacked the miller with a wooden spoon on Tuesday evening.",
        "The inn welcomed the guests of the league to the town on Tuesday.",
        "Don’t forget about the quay and the tide of the town.",
        "The mill was hit by costs related to its newest wheel in the first months of the year.",
        "The study of the mill began while old mills make up a small part of all mills.",
    ],
)
def test_a_verb_with_another_meaning_reports_nothing(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Ann Bell claimed that the seed was hers.", "claimed"),
        ("Ann Bell spoke quietly about the loss of the mill.", "spoke"),
        ("Ann Bell backed the plan for a new quay.", "backed"),
        ("Ann Bell declined to name the owner of the mill.", "declined"),
        ("Ann Bell compared the mill to a sunken ship.", "compared"),
        ("Ann Bell decided that the mill was lost.", "decided"),
        ("Ann Bell emailed that the mill was lost.", "emailed"),
        ("Ann Bell views the mill as a ruin of the valley.", "views"),
        ("Ann Bell made it clear that the mill was lost.", "made"),
    ],
)
def test_the_same_verb_reports_where_it_means_to(text: str, cue: str) -> None:
    assert [(speaker, found) for _, speaker, found, _ in read(text)] == [("Ann Bell", cue)]


def test_a_quotation_that_goes_on_without_a_name_keeps_its_speaker() -> None:
    text = "“It rains a lot,” Ann Bell said. “It never stops, and it never will.”\n\n“We shall all move to the hills.”"
    assert [speaker for _, speaker, _, _ in read(text)] == ["Ann Bell"] * 3
    text += "\n\nThe council met in the evening.\n\nIt sat for an hour.\n\n“There is nothing to be done about it.”"
    assert [speaker for _, speaker, _, _ in read(text)] == [*["Ann Bell"] * 3, ""]


def test_he_and_she_are_whoever_the_words_fit() -> None:
    text = "David Moss met Mary Poole in the street. “It was raining all day,” {} said."
    assert [speaker for _, speaker, _, _ in read(text.format("he"))] == ["David Moss"]
    assert [speaker for _, speaker, _, _ in read(text.format("she"))] == ["Mary Poole"]
    place = "Ann Bell was in Iowa City with the Christian Democrats. “It was raining all day,” she said."
    assert [speaker for _, speaker, _, _ in read(place)] == ["Ann Bell"]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (
            "Wyn Larkspur, a diver, waited on the quay in Port Ember. “It was raining all day,” she said.",
            "Wyn Larkspur",
        ),
        ("Along with her husband, Wyn Larkspur, Ann Bell waited. “It was raining all day,” she said.", "Ann Bell"),
        ("President Larkspur had met Mary Poole. “It was raining all day,” he said.", "Larkspur"),
        ("Secretary of State Mary Poole met David Moss. “It was raining all day,” she said.", "Mary Poole"),
        ("Like Moss, Mary Poole waited for hours. “It was raining all day,” she said.", "Mary Poole"),
        ("Mary Poole and Ann Bell waited.\n\nMary was cold. “It was raining all day,” she said.", "Mary Poole"),
    ],
)
def test_he_and_she_are_people(text: str, speaker: str) -> None:
    assert [found for kind, found, _, _ in read(text) if kind == "direct"] == [speaker]


def test_words_that_no_verb_reports_are_theirs_whom_the_sentence_is_about_if_they_are_many() -> None:
    begun = "Ann Bell crossed the room with a smile: “This is the day that I have waited for.”"
    assert [(speaker, cue) for _, speaker, cue, _ in read(begun)] == [("Ann Bell", "")]
    assert read("Ann Bell opened the “museum of old boats” on Monday.")[:1] == []


def test_a_name_ends_where_its_line_does() -> None:
    text = "A night in New York\nJohn Smith said that it rained. “We object to it,” Smith said."
    assert {speaker for _, speaker, _, _ in read(text)} == {"John Smith"}


@pytest.mark.parametrize("speaker", ["he", "Lavrov", "the minister", "Mr. Lavrov", "the Russian foreign minister"])
def test_whoever_is_meant_is_given_by_the_full_name(speaker: str) -> None:
    text = f"Foreign Minister Sergey Lavrov met the press in Minsk. “We object to it,” {speaker} said."
    assert read(text) == [("direct", "Sergey Lavrov", "said", "“We object to it,”")]


def test_two_people_of_one_surname_are_told_apart_by_who_was_named_last() -> None:
    text = (
        "Edda Maskell spoke first. “Mud does not read,” Maskell said.\n\n"
        "Joren Maskell spoke last. “Fish do not vote,” Maskell said."
    )
    assert [speaker for _, speaker, _, _ in read(text)] == ["Edda Maskell", "Joren Maskell"]


def test_each_quotation_of_an_exchange_goes_to_the_nearest_report() -> None:
    text = "“Why is that?” asked Ann Bell. “Because it is wrong,” answered Bo Carr."
    assert [(speaker, words) for _, speaker, _, words in read(text)] == [
        ("Ann Bell", "“Why is that?”"),
        ("Bo Carr", "“Because it is wrong,”"),
    ]


def test_a_quotation_over_two_paragraphs_keeps_its_speaker() -> None:
    text = "“First of all, no,” said Ann Bell. “It goes on.\n\n“And it ends like this.”"
    assert [(speaker, words) for _, speaker, _, words in read(text)] == [
        ("Ann Bell", "“First of all, no,”"),
        ("Ann Bell", "“It goes on."),
        ("Ann Bell", "“And it ends like this.”"),
    ]


def test_a_speaker_introduced_by_a_sentence_with_a_colon_is_found() -> None:
    text = "Ann Bell, who had waited all day, told the hearing:\n\n“We object to all of it.”"
    assert read(text) == [("direct", "Ann Bell", "told", "“We object to all of it.”")]


@pytest.mark.parametrize(
    "text",
    [
        "“We object to all of it.” Nobody knows who wrote that.",
        "“We object to all of it,” one of them said.",
        "“We object to all of it,” he said.",
    ],
)
def test_where_the_article_does_not_say_who_the_speaker_is_empty(text: str) -> None:
    assert [(speaker, kind) for kind, speaker, _, _ in read(text) if kind != "indirect"] == [("", "direct")]


@pytest.mark.parametrize(
    "text",
    [
        "The brochure speaks of a “green quay” on the north side.",
        "The so-called “green quay” was opened.",
        "The Gazette-backed scheme and the self-described winner went home.",
        "The theatre shows “Nine Weeks of” nothing yet.",
        "Ann Bell, a lawyer for the town, walked out.",
        "It has been said before.",
        "",
    ],
)
def test_titles_scare_quotes_and_hyphenated_words_are_nobodys_speech(text: str) -> None:
    assert not [speaker for kind, speaker, _, _ in read(text) if speaker and kind != "indirect"]


def test_words_inside_a_quotation_report_nothing() -> None:
    assert read("“Bo Carr said that it would rain,” said Ann Bell.") == [
        ("direct", "Ann Bell", "said", "“Bo Carr said that it would rain,”")
    ]


@pytest.mark.parametrize(
    ("mention", "parts"),
    [
        ("Foreign Minister Sergey Lavrov", ("Sergey Lavrov", "Foreign Minister")),
        ("Mr. Smith", ("Smith", "Mr.")),
        ("Ann Bell’s", ("Ann Bell", "")),
        ("The Mayor", ("", "Mayor")),
        ("But Ann Bell", ("Ann Bell", "")),
        ("Like Ann Bell", ("Ann Bell", "")),
        ("Ann Bell Wednesday", ("Ann Bell", "")),
        ("State Ann Bell", ("Ann Bell", "")),
        ("State Department", ("State Department", "")),
        ("The", ("", "")),
    ],
)
def test_a_mention_is_a_name_and_a_title(mention: str, parts: tuple[str, str]) -> None:
    assert split_title(mention) == parts


def test_a_telling_cue_makes_a_question_and_a_plain_one_does_not() -> None:
    assert question_for("Sergey Lavrov", "rejected") == "What did Sergey Lavrov object to?"
    assert question_for("Sergey Lavrov", "said") == ""
    assert question_for("Sergey Lavrov", "no such cue") == ""


def test_the_words_of_speech_are_consistent() -> None:
    groups = set(speech().groups.values())
    assert groups >= set(speech().wordings)
    assert groups >= set(speech().asked)


def test_every_verb_with_a_frame_or_an_idiom_is_a_cue() -> None:
    assert {*speech().frames, *speech().idioms} <= set(speech().groups)


def test_one_name_over_and_over_is_read_in_one_pass() -> None:
    found = attribute(article("Jo Kip said that she knew it all. " * 10_000))
    assert len(found) >= 10_000
    assert {quotation.speaker for quotation in found} == {"Jo Kip"}


def test_ten_thousand_quotations_are_read_in_one_pass() -> None:
    text = "John Smith said on Monday that it rained. “We object to that very much,” he said.\n\n" * 5_000
    found = attribute(article(text))
    assert len(found) == 10_000
    assert {quotation.speaker for quotation in found} == {"John Smith"}


# --- where it says so -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mention", "cue"),
    [
        ("Mayor Ann Bell said that the quay was shut.", "Mayor Ann Bell", "said"),
        ("Ann Bell came. “The quay is shut,” she said.", "she", "said"),
        ("The quay is shut for the year, according to Ann Bell.", "Ann Bell", "according to"),
        ("“The quay is shut for good,” the weary old harbour master said.", "the weary old harbour master", "said"),
        ("Nobody took up Ann Bell’s call for a bridge of stone.", "Ann Bell", "call"),
    ],
)
def test_a_quotation_says_where_its_speaker_and_its_verb_stand(text: str, mention: str, cue: str) -> None:
    (quotation,) = attribute(Article(text))
    assert quotation.mention is not None and quotation.cue_span is not None
    assert (text[slice(*quotation.mention)], text[slice(*quotation.cue_span)]) == (mention, cue)


def test_a_quotation_that_goes_on_has_the_mention_of_the_one_before() -> None:
    first, second = attribute(Article("“The quay is shut,” Ann Bell said. “It was dear. We have other plans.”"))
    assert (second.mention, second.cue_span) == (first.mention, first.cue_span)
    assert second.mention is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ann Bell told the council on Monday that the quay was shut.", "the quay was shut"),
        ("Ann Bell told the council she would shut the quay.", "she would shut the quay"),
        ("The trust said in a statement that the label was misplaced.", "the label was misplaced"),
        ("The mill denied Tuesday that it had lost 480,000 sacks of flour.", "it had lost 480,000 sacks of flour"),
        ("Ann Bell vowed Tuesday to shut the quay for good.", "to shut the quay for good"),
        ("Ann Bell made clear that the quay was shut.", "the quay was shut"),
        ("Ann Bell notes that, in a first analysis, the quay sank.", "in a first analysis, the quay sank"),
        ("The town is what they remember, said Ann Bell, a miller of Harrow.", "The town is what they remember"),
        ("Ann Bell asked who had said that the quay was shut.", "who had said that the quay was shut"),
        ("Ann Bell told reporters of it on Monday morning.", "reporters of it on Monday morning"),
    ],
)
def test_what_is_said_begins_after_when_and_to_whom(text: str, words: str) -> None:
    assert words in [found for _, _, _, found in read(text)]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("ORRISPORT, Sept. 17 (Norvane) — The mill, which is old, said that it was to close.", "The mill"),
        ("LAS VEGAS (AP) — She said that the show was over for good.", ""),
        ("WASHINGTON -- Ann Bell said that the show was over for good.", "Ann Bell"),
        (
            "The mayor of this town on the old coast said that it was to close.",
            "The mayor of this town on the old coast",
        ),
        ("Ann Bell, president of Local 412, said the records of drivers were lost for good.", "Ann Bell"),
        ("Ann Bell, who heads the mill and is not a miller, said that it was shut for good.", "Ann Bell"),
        ("Bell this week argued, “The plan is not only deeply troubling, it is wrong.”", "Bell"),
        ("“We won the long game,” President-elect Ann Bell said.", "Ann Bell"),
        ("“What can you do on your land now?” Bell said, adding nothing.", "Bell"),
        ("“I was trying not to look at the clock.” Ann Bell said after the game.", "Ann Bell"),
        ("“It is over for good!” said Ann Bell.", "Ann Bell"),
        ("“I never thought a mule would do this,” said handler and owner Ann Bell.", "Ann Bell"),
        ("“They will follow him off a cliff,” said a Republican operative in Harrow.", "A Republican operative"),
        ("It is found after years of waiting, according to Harrow endocrinologist Ann Bell.", "Ann Bell"),
        (
            "It has 92 cases in all this year, according to the Harrow Department of Health.",
            "Harrow Department of Health",
        ),
        (
            "It was five tons in 1995, according to the Energy Information Administration.",
            "Energy Information Administration",
        ),
        ("“Get a group of men,” Director of Business Development Ann Bell said with a laugh.", "Ann Bell"),
        ("He was then carried to Hamad Hospital, said a spokesperson for the council.", "A spokesperson"),
        ("The pattern was very clear, said another author, Ann Bell, head of the mill.", "Ann Bell"),
        ("“It was uplifting to meet her,” said her donor, Ann Bell, who met her the day after.", "Ann Bell"),
    ],
)
def test_neither_a_dateline_nor_a_place_nor_what_is_told_of_is_a_speaker(text: str, speaker: str) -> None:
    assert [found for _, found, _, _ in read(text)] == [speaker]


def test_a_sentence_after_a_quotation_that_reports_something_else_does_not_report_it() -> None:
    text = "“It is over for the whole town.” Ann Bell said that the quay was shut."
    assert [(speaker, words) for _, speaker, _, words in read(text)] == [
        ("", "“It is over for the whole town.”"),
        ("Ann Bell", "the quay was shut"),
    ]


# --- what a review found ----------------------------------------------------------------------


def test_a_quotation_longer_than_a_sentence_may_be_is_whole() -> None:
    words = " ".join(f"We shall mend the quay in year {n} and not before it." for n in range(60))
    (quotation,) = attribute(Article(f"“{words}” said Ann Bell."))
    assert len(words) > LONGEST_SENTENCE
    assert (quotation.speaker, quotation.excerpt.text) == ("Ann Bell", f"“{words}”")


def test_paragraphs_of_a_quotation_whose_last_says_whose_they_are_are_all_theirs() -> None:
    text = "“We shall mend the quay before the year is out.\n\n“We shall also mend the mole,” said Ann Bell."
    assert [speaker for _, speaker, _, _ in read(text)] == ["Ann Bell", "Ann Bell"]
    assert [speaker for _, speaker, _, _ in read(text.replace("out.", "out.”"))] == ["", "Ann Bell"]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“We lost it,” said David Moss.\nThe mayor said that the road was shut.", "The mayor"),
        ("“We lost it,” said David Moss.\nThe billionaire said that the road was shut.", "David Moss"),
        ("Ann Bell, the mayor, came in.\nThe mayor said that the road was shut.", "Ann Bell"),
        ("The mayor of Harrow, Ann Bell, came in.\nThe mayor said that the road was shut.", "Ann Bell"),
        ("David Moss met the council. The mayor said that the road was shut.", "David Moss"),
        ("David Moss met Ann Bell. The mayor said that the road was shut.", "The mayor"),
    ],
)
def test_an_office_is_whoever_is_introduced_with_it_or_alone_in_the_paragraph(text: str, speaker: str) -> None:
    assert read(text)[-1][1] == speaker


def test_long_lines_of_nothing_cost_no_time() -> None:
    started = time.process_time()
    attribute(Article("hello.\n" + " " * 200_000 + "\nThe end."))
    assert time.process_time() - started < 2  # seconds; by the square it was minutes
