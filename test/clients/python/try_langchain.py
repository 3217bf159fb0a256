"""langchain-openai: invoke, stream, batch, structured output in its three methods, tools."""
import sys
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

BASE, NOTE = sys.argv[1], "Name: Ann Lee\nTotal: 12.50"


class Note(BaseModel):
    name: str
    total: float


def chat(model="google/gemini-3.5-flash"):
    return ChatOpenAI(base_url=BASE, api_key="any", model=model, max_retries=0)


plain = chat().invoke(NOTE).content
assert "Ann Lee" in plain
assert "".join(str(chunk.content) for chunk in chat().stream(NOTE)) == plain
assert [answer.content for answer in chat().batch([NOTE] * 3)] == [plain] * 3
for method in ("json_schema", "json_mode", "function_calling"):
    assert chat().with_structured_output(Note, method=method).invoke(NOTE) == Note(name="Ann Lee", total=12.5), method


@tool
def get_current_weather(location: str) -> str:
    """Get the current weather"""
    return "20 degrees"


def ask(model):
    bound = chat(model).bind_tools([get_current_weather])
    question = HumanMessage("What is the weather like in Boston and New Delhi today?")
    turn = bound.invoke([question])
    assert [call["args"] for call in turn.tool_calls] == [{"location": "Boston"}, {"location": "New Delhi"}]
    results = [ToolMessage("20 degrees", tool_call_id=call["id"]) for call in turn.tool_calls]
    return bound.invoke([question, turn, *results])


assert ask("google/gemini-2.5-flash").content
try:
    ask("google/gemini-3.5-flash")
    print("ok, and it keeps thought signatures")
except Exception as error:
    assert getattr(error, "status_code", None) == 400, error
    print("ok, but it loses thought signatures")
