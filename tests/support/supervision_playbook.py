"""A child's life in one line: `play >> event << action`, as the conversation that it is."""

from dataclasses import dataclass, field
from typing import Self

from lictor.runtime.supervisor.child import ChildSpec
from lictor.runtime.supervisor.decide import Action, Child, Event, State, decide


@dataclass
class Playbook:
    """Plays events to `decide`; every action that follows must be named before the next event."""

    spec: ChildSpec
    child: Child = field(default_factory=Child)
    now: float = 0.0
    told: list[Action] = field(default_factory=list)

    def __rshift__(self, event: Event) -> Self:
        assert not self.told, f"before {event}: nobody named {self.told}"
        self.child, actions = decide(self.spec, self.child, event, self.now)
        self.told = list(actions)
        return self

    def __lshift__(self, action: Action) -> Self:
        assert self.told, f"expected {action}, but nothing was to be done"
        assert self.told[0] == action
        del self.told[0]
        return self

    def at(self, now: float) -> Self:
        """Let the time be `now`, in seconds."""
        self.now = now
        return self

    @property
    def state(self) -> State:
        """Return the state; everything that was to be done must have been named."""
        assert not self.told, f"nobody named {self.told}"
        return self.child.state
