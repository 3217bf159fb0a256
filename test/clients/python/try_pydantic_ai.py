"""pydantic-ai: its three output modes, tools, streams."""
import asyncio, sys
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, PromptedOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

NOTE = "Name: Ann Lee\nTotal: 12.50"
model = OpenAIChatModel("google/gemini-2.5-flash", provider=OpenAIProvider(base_url=sys.argv[1], api_key="any"))


class Note(BaseModel):
    name: str
    total: float


async def main():
    for mode in (ToolOutput, NativeOutput, PromptedOutput):
        agent = Agent(model, output_type=mode(Note))
        assert (await agent.run(NOTE)).output == Note(name="Ann Lee", total=12.5), mode
    agent = Agent(model)
    asked = []

    @agent.tool_plain
    def get_current_weather(location: str) -> str:
        """Get the current weather"""
        asked.append(location)
        return "20 degrees"

    assert (await agent.run("What is the weather like in Boston and New Delhi today?")).output
    assert sorted(asked) == ["Boston", "New Delhi"], asked
    async with Agent(model).run_stream(NOTE) as streamed:
        assert "Ann Lee" in await streamed.get_output()


asyncio.run(main())
print("ok")
