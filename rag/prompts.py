"""The wordings in `prompts/*.md`, each in one place: loaded, rendered, a missing variable named."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rag.errors import PromptError
from rag.project import project_path

if TYPE_CHECKING:
    from langchain_core.prompts import ChatPromptTemplate

_VARIABLE = re.compile(r"\{(\w+)\}")


@cache
def load(name: str) -> str:
    """The template `prompts/<name>.md`. Raises PromptError if there is none."""
    try:
        return (project_path("prompts") / f"{name}.md").read_text("utf-8").strip()
    except OSError as exc:
        raise PromptError(f"There is no prompt called {name!r} ({exc}).") from exc


def render(name: str, **variables: str) -> str:
    """The template with `variables` put in, as they are: braces in them mean nothing.

    Raises PromptError that names a variable which the template has and the caller did not give.
    """
    template = load(name)
    missing = sorted(set(_VARIABLE.findall(template)) - set(variables))
    if missing:
        raise PromptError(f"prompts/{name}.md needs {', '.join(missing)}.")
    return _VARIABLE.sub(lambda match: variables[match.group(1)], template)


def chat(system: str, human: str) -> ChatPromptTemplate:
    """Two templates as a LangChain prompt: `system` as it is, the variables of `human` its input.

    Values go in as they are, so text of an article is one of them and never a part of the template.
    """
    from langchain_core.messages import SystemMessage
    from langchain_core.prompts import ChatPromptTemplate, HumanMessagePromptTemplate

    return ChatPromptTemplate([SystemMessage(render(system)), HumanMessagePromptTemplate.from_template(load(human))])
