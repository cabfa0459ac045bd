"""What the contracts were written from, and nothing else of AgentDojo: each suite's prompts and its list of tools.

.venv-agentdojo/bin/python benchmarks/agentdojo/planner_view.py > view.json
"""

import json
import logging
import sys
import warnings
from importlib import import_module
from typing import Any

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


def view(version: str) -> dict[str, Any]:
    """Return for each suite the prompts, and the tools with their descriptions, arguments and types of return."""
    adapter: Any = import_module("pydantic").TypeAdapter
    suites: Any = import_module("agentdojo.task_suite.load_suites").get_suites(version)
    return {
        name: {
            "prompts": {key: task.PROMPT for key, task in suite.user_tasks.items()},
            "tools": [
                {
                    "name": tool.name,
                    "description": tool.description,
                    "arguments": tool.parameters.model_json_schema(),
                    "returns": adapter(tool.return_type).json_schema(),
                }
                for tool in suite.tools
            ],
        }
        for name, suite in suites.items()
    }


if __name__ == "__main__":
    json.dump(view("v1.2.2"), sys.stdout, indent=1)
