"""instructor: its modes, a partial and an iterable answer."""
import sys
import instructor
from openai import OpenAI
from pydantic import BaseModel

NOTE = [{"role": "user", "content": "Name: Ann Lee\nTotal: 12.50"}]


class Note(BaseModel):
    name: str
    total: float


def client(mode):
    return instructor.from_openai(OpenAI(base_url=sys.argv[1], api_key="any", max_retries=0), mode=mode)


def ask(mode, **more):
    return client(mode).chat.completions.create(
        model="google/gemini-3.5-flash", messages=NOTE, response_model=Note, max_retries=0, **more
    )


expected = Note(name="Ann Lee", total=12.5)
Mode = instructor.Mode
for mode in (Mode.TOOLS, Mode.TOOLS_STRICT, Mode.JSON_SCHEMA, Mode.JSON, Mode.MD_JSON):
    assert ask(mode).model_dump() == expected.model_dump(), mode
for mode in (Mode.TOOLS, Mode.JSON):
    last = None
    for partial in client(mode).chat.completions.create_partial(
        model="google/gemini-3.5-flash", messages=NOTE, response_model=Note
    ):
        last = partial
    assert last.model_dump() == expected.model_dump(), (mode, last)
    notes = client(mode).chat.completions.create_iterable(
        model="google/gemini-3.5-flash", messages=NOTE, response_model=Note
    )
    assert [note.model_dump() for note in notes] == [expected.model_dump()], mode
print("ok")
