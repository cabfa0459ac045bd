"""One tool server: a principal that answers MCP calls from what its plan names."""

from lictor.protocols.mcp.service import ToolService
from lictor.protocols.mesh import Mesh
from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.retries import Retrying
from lictor.runtime.tools.source import Source
from lictor.runtime.tools.sources.function import Function
from lictor.runtime.tools.sources.mcp_http import McpHttp
from lictor.runtime.tools.sources.mcp_stdio import McpStdio
from lictor.runtime.tools.sources.rag import Rag


class ToolServer:
    """Serves the tools of `plan` on `mesh`, whose principal is the plan's."""

    def __init__(self, plan: ToolPlan, mesh: Mesh) -> None:
        self._source = source_of(plan)
        self._service = ToolService(Retrying(self._source, plan.retries) if plan.retries else self._source)
        self._mesh = mesh

    async def open(self) -> None:
        """Start what is behind the tools, then answer; raises SourceFailed and MeshUnavailable."""
        try:
            await self._source.open()
            await self._mesh.open()
            await self._mesh.serve(self._service.handle)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Leave the mesh and stop what is behind the tools; a second call does nothing."""
        try:
            await self._mesh.close()
        finally:
            await self._source.close()

    async def wait(self) -> None:
        """Return once closed; raises SourceFailed when what is behind the tools has stopped by itself."""
        await self._source.wait()


def source_of(plan: ToolPlan) -> Source:
    """Return the source that a plan names, not yet open; raises SourceFailed for a kind that there is not."""
    match plan.kind:
        case "mcp-stdio":
            return McpStdio(plan)
        case "mcp-http":
            return McpHttp(plan)
        case "python":
            return Function(plan)
        case "rag":
            return Rag(plan)
    raise SourceFailed(f"{plan.principal}: {plan.kind!r} is no kind of tool server")
