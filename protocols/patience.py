"""How long somebody waits: a clock that stands still while an approval is waited for."""

from lictor.protocols.held import HeldNotice


class Patience:
    """Ends at `end`, a Unix time in seconds, which moves on for as long as something is held.

    Several things may be held at once. While any is, what was left at the first of them stays left.
    """

    __slots__ = ("_end", "_held", "_left")

    def __init__(self, end: float) -> None:
        self._end = end
        self._left = 0.0
        self._held: dict[str, float] = {}

    @property
    def end(self) -> float:
        """When the patience is over: while something is held, what was left then, counted from its deadline."""
        return self._end

    @property
    def stands(self) -> bool:
        """Whether something is held at present."""
        return bool(self._held)

    def left(self, now: float) -> float:
        """Return the seconds until the end, never below 0."""
        return max(0.0, self._end - now)

    def hold(self, approval: str, until: float, now: float) -> None:
        """Stand still from now on: the approval may be given `until` then. A second call only moves that time."""
        if not self._held:
            self._left = self.left(now)
        self._held[approval] = until
        self._end = max(self._held.values()) + self._left

    def heed(self, notice: HeldNotice, now: float) -> None:
        """Stand still, or go on, as a notice says."""
        if notice.over:
            self.resume(notice.approval, now)
        else:
            self.hold(notice.approval, notice.until, now)

    def resume(self, approval: str, now: float) -> bool:
        """Go on: it was decided. False when this did not hold anything up."""
        if self._held.pop(approval, None) is None:
            return False
        self._end = max([now, *self._held.values()]) + self._left
        return True
