"""The official client: sync, async, streams, parsed answers, tools by hand, errors."""
import asyncio, json, sys
from openai import AsyncOpenAI, OpenAI, RateLimitError
from pydantic import BaseModel

BASE, MODEL = sys.argv[1], "google/gemini-3.5-flash"
NOTE = [{"role": "user", "content": "Name: Ann Lee\nTotal: 12.50"}]
client = OpenAI(base_url=BASE, api_key="any", max_retries=0)


class Note(BaseModel):
    name: str
    total: float


plain = client.chat.completions.create(model=MODEL, messages=NOTE)
chunks = list(client.chat.completions.create(model=MODEL, messages=NOTE, stream=True))
streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
assert streamed == plain.choices[0].message.content and "Ann Lee" in streamed
assert chunks[-1].usage.total_tokens == plain.usage.total_tokens

parsed = client.chat.completions.parse(model=MODEL, messages=NOTE, response_format=Note)
assert parsed.choices[0].message.parsed == Note(name="Ann Lee", total=12.5)


async def many():
    async with AsyncOpenAI(base_url=BASE, api_key="any") as many_client:
        calls = [many_client.chat.completions.create(model=MODEL, messages=NOTE) for _ in range(20)]
        return {answer.choices[0].message.content for answer in await asyncio.gather(*calls)}


assert asyncio.run(many()) == {streamed}

parameters = {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]}
tools = [{"type": "function", "function": {"name": "get_current_weather", "description": "weather", "parameters": parameters}}]
question = {"role": "user", "content": "What is the weather like in Boston and New Delhi today?"}
first = client.chat.completions.create(model=MODEL, messages=[question], tools=tools).choices[0].message
assert [json.loads(call.function.arguments)["location"] for call in first.tool_calls] == ["Boston", "New Delhi"]
# The whole turn goes back, with what OpenAI does not know in it: the thought signature.
results = [{"role": "tool", "tool_call_id": call.id, "content": "20"} for call in first.tool_calls]
turn = first.model_dump(exclude_none=True)
second = client.chat.completions.create(model=MODEL, messages=[question, turn, *results], tools=tools)
assert second.choices[0].finish_reason == "stop"

try:
    client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Too much"}])
    raise AssertionError("expected a 429")
except RateLimitError as error:
    assert error.status_code == 429
print("ok")
