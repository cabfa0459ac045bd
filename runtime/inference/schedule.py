"""Which request runs where and what is computed next: pure bookkeeping of sequences, tokens and cells.

This is the first, simple version: first come, first served, one turn per sender when several wait; a finished
sequence stays as a cache of its tokens until its cells are needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile


@dataclass(slots=True, eq=False)
class Job:
    """One request on its way through the decoder."""

    prompt: Sequence[int]
    most: int
    """Tokens that may be generated."""
    sender: str = ""
    generated: list[int] = field(default_factory=list)
    slot: int = -1
    """Sequence that it runs in; -1 while it waits."""
    reused: int = 0
    """Tokens of the prompt that a cache held."""

    @property
    def cells(self) -> int:
        """Cells that it may need at the most."""
        return len(self.prompt) + self.most

    def token(self, position: int) -> int:
        """Return the token at a position of prompt and answer."""
        return self.prompt[position] if position < len(self.prompt) else self.generated[position - len(self.prompt)]

    @property
    def length(self) -> int:
        """Tokens that are known: the prompt and what was generated."""
        return len(self.prompt) + len(self.generated)


@dataclass(slots=True)
class Slot:
    """A sequence of the context: the tokens whose keys and values it holds, and who uses it."""

    tokens: list[int] = field(default_factory=list)
    job: Job | None = None
    used: int = 0
    """Turn in which it was last used."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the context must do before a job runs in `slot`: keep `keep` tokens, taken over from `source`."""

    job: Job
    slot: int
    source: int
    keep: int
    cleared: tuple[int, ...]
    """Idle sequences whose cells must be given back first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One token to compute."""

    token: int
    position: int
    slot: int
    sampled: bool
    """Whether the next token is sampled from its output."""


class Schedule:
    """Keeps `slots` sequences over `cells` cells and decides; one thread uses it."""

    def __init__(self, slots: int, cells: int) -> None:
        self._slots = [Slot() for _ in range(slots)]
        self._cells = cells
        self._waiting: list[Job] = []
        self._turn = 0

    @property
    def waiting(self) -> int:
        """Number of jobs that wait for a sequence."""
        return len(self._waiting)

    @property
    def running(self) -> list[Job]:
        """Jobs that have a sequence."""
        return [slot.job for slot in self._slots if slot.job is not None]

    def add(self, job: Job) -> None:
        """Let a job wait for its turn."""
        self._waiting.append(job)

    def start(self) -> Start | None:
        """Give the next job a sequence, if one is free and its cells fit; call until it returns None."""
        free = [number for number, slot in enumerate(self._slots) if slot.job is None]
        if not free or not self._waiting:
            return None
        job = self._next()
        if sum(other.cells for other in self.running) + job.cells > self._cells:
            return None
        source, keep = self._best_prefix(job)
        target = self._choose(free, source, keep)
        if not keep:
            source = target
        cleared = self._clear_for(job, target, source)
        if cleared is None:
            # keeping the cache whole beside the new sequence does not fit: the new one takes it over
            target = source
            cleared = self._clear_for(job, target, source) or ()
        self._waiting.remove(job)
        slot = self._slots[target]
        slot.tokens = list(job.prompt[:keep])
        slot.job = job
        slot.used = self._tick()
        job.slot, job.reused = target, keep
        return Start(job, target, source if keep else target, keep, cleared)

    def rows(self, most: int, chunk: int) -> list[Row]:
        """Return the tokens to compute next, at most `most`.

        Every job that generates gets one; what is left goes to prompts in the order of their start, at most `chunk`
        while others generate, so that a long prompt never stalls them.
        """
        rows: list[Row] = []
        reading: list[Job] = []
        for job in self.running:
            held = len(self._slots[job.slot].tokens)
            if job.length - held == 1:
                rows.append(Row(job.token(held), held, job.slot, sampled=True))
            else:
                reading.append(job)
        left = min(most - len(rows), chunk) if rows else most
        for job in sorted(reading, key=lambda each: self._slots[each.slot].used):
            held = len(self._slots[job.slot].tokens)
            upto = min(job.length, held + left)
            rows += [
                Row(job.token(place), place, job.slot, sampled=place == job.length - 1) for place in range(held, upto)
            ]
            left -= upto - held
        return rows

    def computed(self, rows: Sequence[Row]) -> None:
        """Note that the context holds these tokens now."""
        for row in rows:
            self._slots[row.slot].tokens.append(row.token)

    def finish(self, job: Job) -> None:
        """Let a job go, wherever it is; what its sequence holds stays as a cache."""
        if job.slot >= 0 and self._slots[job.slot].job is job:
            self._slots[job.slot].job = None
            self._slots[job.slot].used = self._tick()
        elif job in self._waiting:
            self._waiting.remove(job)

    def forget(self, slot: int, length: int = 0) -> None:
        """Note that a sequence holds only its first `length` tokens."""
        del self._slots[slot].tokens[length:]

    def _next(self) -> Job:
        """Return the job of the sender who has the fewest running; of equals, the one that waits longest."""
        busy: dict[str, int] = {}
        for job in self.running:
            busy[job.sender] = busy.get(job.sender, 0) + 1
        return min(self._waiting, key=lambda job: busy.get(job.sender, 0))

    def _best_prefix(self, job: Job) -> tuple[int, int]:
        """Return the sequence that shares most of the prompt, and how much; the last token is always computed."""
        shares = [_common(slot.tokens, job.prompt[:-1]) for slot in self._slots]
        best = max(range(len(shares)), key=shares.__getitem__)
        return best, shares[best]

    def _choose(self, free: Sequence[int], source: int, keep: int) -> int:
        """Return the sequence to run in: the source if little is lost by it, else an empty or the oldest idle one."""
        if source in free and keep and (2 * keep >= len(self._slots[source].tokens) or len(free) == 1):
            return source
        return min(free, key=lambda number: (bool(self._slots[number].tokens), self._slots[number].used))

    def _clear_for(self, job: Job, target: int, source: int) -> tuple[int, ...] | None:
        """Clear idle sequences, the oldest first, until the job fits; None when the source would have to go too."""
        idle = [number for number, slot in enumerate(self._slots) if slot.job is None and number != target]
        needed = sum(other.cells for other in self.running) + job.cells
        needed += sum(len(self._slots[number].tokens) for number in idle)
        cleared: list[int] = []
        for number in sorted(idle, key=lambda each: self._slots[each].used):
            if needed > self._cells and number != source and self._slots[number].tokens:
                needed -= len(self._slots[number].tokens)
                cleared.append(number)
        if needed > self._cells:
            return None
        for number in cleared:
            self._slots[number].tokens = []
        return tuple(cleared)

    def _tick(self) -> int:
        self._turn += 1
        return self._turn


def _common(one: Sequence[int], two: Sequence[int]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))
