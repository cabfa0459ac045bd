"""What comes of the packets of one read: what is published, and what the record is told first."""

from lictor.protocols.envelope import Packet
from lictor.protocols.record import ApprovalEntry, MessageEntry


class Turn:
    """Grows while packets are judged; `now` is the same for all of them."""

    __slots__ = ("approvals", "entries", "now", "obstacle", "out")

    def __init__(self, now: float, obstacle: str = "") -> None:
        self.now = now
        self.obstacle = obstacle
        """Why the record takes nothing; empty while it does."""
        self.out: list[Packet] = []
        self.entries: list[MessageEntry] = []
        self.approvals: list[ApprovalEntry] = []

    def mark(self) -> tuple[int, int, int]:
        """Return how far it has grown."""
        return len(self.out), len(self.entries), len(self.approvals)

    def undo(self, mark: tuple[int, int, int]) -> None:
        """Take back what has come since."""
        del self.out[mark[0] :], self.entries[mark[1] :], self.approvals[mark[2] :]
