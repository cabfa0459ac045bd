import subprocess
import sys

import pytest
from mediated_team import agent, running_team

from lictor.protocols.a2a.reading import Citation
from lictor.runtime.agent.assignment import Assignment
from lictor.runtime.agent.authoring import Lictor
from lictor.runtime.agent.calls import Calls
from lictor.runtime.agent.catalogue import ToolCatalogue
from lictor.runtime.agent.chat_model import MeshChatModel


async def test_messages_show_what_was_met_first_and_the_question_last() -> None:
    async with running_team(agent("writer"), absent=["writer"]) as team:
        mesh = await team.mesh("writer")
        given = (Citation("returns.md", "Returns", "Return it within 30 days."),)
        calls = Calls(mesh, ToolCatalogue(mesh, []), Assignment("How long?", given))
        lictor = Lictor("How long?", given, MeshChatModel(mesh=mesh, models=()), [], "Be brief.", calls=calls)

        system, user = lictor.messages()
        assert system == {"role": "system", "content": "Be brief."}
        assert user["content"].index("30 days") < user["content"].index("How long?")
        assert lictor.messages("Be kind.")[0]["content"] == "Be kind."
        assert "calls" not in repr(lictor)


@pytest.mark.slow
def test_importing_an_agent_starts_nothing() -> None:
    """The forkserver imports these modules before it forks: a thread or an event loop would break every child."""
    code = (
        "import threading, asyncio, lictor.runtime.agent.service, lictor.runtime.agent.authoring\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "try: asyncio.get_running_loop()\n"
        "except RuntimeError: print('quiet')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout, done.stderr) == ("quiet\n", "")
