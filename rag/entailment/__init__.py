"""Whether a sentence follows from another: by its words, by what they do to each other, and by who says so.

inference     each statement of the sentence beside each piece of evidence, and what comes of it
retelling     a sentence that says what somebody said
statements    the ways in which a passage says something, or has somebody say it
reported      who says it there, by which verb, to whom
clauses       verb by verb, with their parts
noun_phrases  thing by thing: names, `pronouns`, `amounts`, `descriptions`, and the `details` beside them
losses        what may not be left out
premise       a piece of evidence: whose words are in it, and whom "she" means (`antecedents`)
reading       a sentence as predicates and parts, meant in one way or another (`forces`)
vetoes        the words once more as they stand, since parsers err
lexicon       the words of English that all this turns on: `rag/data/entailment.toml`
"""
