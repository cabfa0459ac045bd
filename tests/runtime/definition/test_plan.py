import pickle
import subprocess
import sys
from pathlib import Path

from definition_folder import plan_of

from lictor.runtime.definition.plan import ModelPlan, Place, Secret


def test_a_secret_is_in_no_text() -> None:
    model = ModelPlan("model-m", "m", "openai", api_key=Secret("hidden"), place=Place("f", 1))
    assert "hidden" not in f"{model} {model!r} {model.api_key}"
    assert str(model.api_key) == "‹secret›"


def test_a_plan_travels_to_other_processes(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "agents: {a: {prompt: x, delegates: [b]}, b: {prompt: x}}")
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_a_process_that_gets_a_plan_need_not_load_the_reader() -> None:
    code = "import sys, lictor.runtime.definition.plan; print({'pydantic', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"
