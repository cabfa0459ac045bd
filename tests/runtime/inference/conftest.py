"""The built-in model, loaded once for the tests that need one."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from model_requests import SMOLLM2

from lictor.runtime.inference.backends.llama_cpp import LlamaCppBackend
from lictor.runtime.inference.llama.context import LlamaContext
from lictor.runtime.inference.llama.model import LlamaModel
from lictor.runtime.inference.model_file import find_model_file


@pytest.fixture(scope="session")
def smollm2() -> Iterator[LlamaModel]:
    """The model's weights and vocabulary."""
    model = LlamaModel(find_model_file(SMOLLM2), None)
    yield model
    model.close()


@pytest.fixture
def context(smollm2: LlamaModel) -> Iterator[LlamaContext]:
    """A small context of three sequences."""
    context = LlamaContext(smollm2, slots=3, cells=512, batch=64, threads=1)
    yield context
    context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[LlamaCppBackend]:
    """An open backend on the built-in model."""
    backend = LlamaCppBackend(SMOLLM2)
    await backend.open()
    yield backend
    await backend.close()
