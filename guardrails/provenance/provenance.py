"""The label state of a team: what has flowed to whom, and so what everything that is said carries.

Marks only grow. What this enforcer does not know, because it was forgotten or not yet restored, is above everything
it could have known: forgetting never lowers a label.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

from lictor.guardrails.action import Action, calls_tool
from lictor.guardrails.judged import Judged
from lictor.guardrails.labels import UNMARKED, Labels, Mark
from lictor.guardrails.provenance.marks import (
    add_labels,
    join_marks,
    read_mark,
    settle_causes,
    unknown,
    write_mark,
)
from lictor.guardrails.provenance.nature import Keeps, Nature, Natures
from lictor.protocols.envelope import Envelope
from lictor.protocols.names import Role, role_of
from lictor.protocols.record import MarkEntry
from lictor.protocols.subjects import Kind

_MOST_TASKS: Final = 50_000
_MOST_LISTINGS: Final = 10_000
_LIST: Final = "tools/list"
LISTED: Final = "/list"
"""After a server's name, among the sources: its list of tools was read, and nothing else of it need have been."""
_REMEMBERED: Final = 4
"""For each task that is kept, how many forgotten ones are remembered as such."""
_FORGOTTEN: Final = unknown("not known to this enforcer")
_UNRESTORED: Final = unknown("not restored since the enforcer's start")


class _Slot:
    """One mark that grows, with the last question and its answer: the next message mostly asks the same."""

    __slots__ = ("_above", "_joined", "_latest", "_spoken", "mark")

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self._latest = mark
        self._above: tuple[Mark, Nature] | None = None
        self._joined = mark
        self._spoken = mark

    def grow(self, mark: Mark, message: str) -> bool:
        """Join a mark that a message brought; tell whether it has changed anything."""
        if mark is self._latest:
            return False
        self._latest = mark
        before = self.mark
        self.mark = join_marks(before, settle_causes(mark, message))
        return self.mark is not before

    def speak(self, base: Mark, outliving: Mark, nature: Nature) -> Mark:
        """Return the mark of what is said: of the base, of what outlives tasks, and what the nature adds."""
        above = self._above
        if self._joined is not base or above is None or above[0] is not outliving or above[1] is not nature:
            self._joined, self._above = base, (outliving, nature)
            self._spoken = add_labels(join_marks(base, outliving), nature.adds, nature.cause)
        return self._spoken


_Task = dict[str | tuple[str, str], _Slot]
"""For each principal what it has received; for an asker and a tool or model, what the answers carry."""


class Provenance:
    """Marks of each principal in each task, and of what outlives tasks: instances and the stores of tool servers.

    `reads_only` tells whether a server's tool only reads. With `restored` false nothing is known of what outlives tasks
    until `restore` was called: for where messages may pass before the record has answered. At most 50,000 tasks are
    kept; an agent of a forgotten one speaks with the highest mark.
    """

    def __init__(
        self,
        natures: Natures,
        reads_only: Callable[[str, str], bool],
        *,
        restored: bool = True,
        most: int = _MOST_TASKS,
    ) -> None:
        self._natures = natures
        self._reads_only = reads_only
        self._most = most
        self._tasks: OrderedDict[str, _Task] = OrderedDict()
        self._forgotten: OrderedDict[str, None] = OrderedDict()
        self._listings: OrderedDict[str, None] = OrderedDict()
        self._kept: dict[str, _Slot] = {}
        self._restored = restored
        self._changed: dict[str, Mark] = {}
        self._roles: dict[str, Role] = {}

    def of(self, envelope: Envelope, request: Envelope | None = None) -> Mark:
        """Return the mark of a message that is about to be judged; `request` is what it answers."""
        sender = envelope.sender
        role = self._role(sender)
        if request is None or role not in {Role.TOOL, Role.MODEL}:
            return self._said(sender, role, envelope.task, envelope.id)
        asker = request.sender
        mark = self._said(asker, self._role(asker), request.task, request.id)
        nature = self._natures.answers(asker, sender)
        if request.id in self._listings:
            # What a server lists is how the team is set up, as its file chose it: with labels no planner could look at
            # its tools before it plans. Who wrote the descriptions is still known, so nothing after is first-hand.
            return add_labels(mark, Labels(sources=frozenset({sender + LISTED})), "") if nature.adds.untrusted else mark
        slots = self._tasks.get(request.task)
        slot = slots.get((asker, sender)) if slots is not None else None
        if slot is None:
            slot = _Slot(UNMARKED)
            if slots is not None:
                slots[asker, sender] = slot
        return slot.speak(mark, self._outliving(nature.keeps, sender), nature)

    def witness(self, judged: Judged) -> None:
        """Take note of a message that is delivered: whoever receives it carries what it carries."""
        if judged.judgement.passes:
            self.delivered(judged.envelope, judged.circumstances.mark, judged.circumstances.action)

    def delivered(self, envelope: Envelope, mark: Mark, action: Action) -> None:
        """Raise the marks of the receiver of a message."""
        target = envelope.target
        role = self._role(target)
        if role is Role.AGENT:
            if envelope.task:
                self._receive(envelope, mark)
            if self._natures.of(target).keeps is Keeps.INSTANCE:
                self._raise(f"instance:{target}", mark, envelope.id)
        elif role is Role.TOOL and envelope.kind is Kind.MCP and action.method == _LIST:
            self._listings[envelope.id] = None
            if len(self._listings) > _MOST_LISTINGS:
                self._listings.popitem(last=False)
        elif role is Role.TOOL and calls_tool(envelope.kind, action):
            keeps = self._natures.of(target).keeps
            if keeps is Keeps.INSTANCE or (keeps is Keeps.STORE and not self._reads_only(target, action.tool)):
                self._raise(f"{keeps.value}:{target}", mark, envelope.id)

    def _receive(self, envelope: Envelope, mark: Mark) -> None:
        task = self._task(envelope.task)
        slot = task.get(envelope.target)
        if slot is not None:
            slot.grow(mark, envelope.id)
        elif envelope.task in self._forgotten:
            task[envelope.target] = _Slot(_FORGOTTEN)
        else:
            task[envelope.target] = _Slot(settle_causes(mark, envelope.id))

    def restore(self, entries: Iterable[MarkEntry]) -> None:
        """Take over what the record holds; nothing in it is known to be clean from now on. May be called again."""
        self._restored = True
        for entry in entries:
            slot = self._kept.setdefault(entry.owner, _Slot(UNMARKED))
            slot.mark = join_marks(slot.mark, read_mark(entry))

    def changes(self) -> tuple[MarkEntry, ...]:
        """Return the marks of what outlives tasks that have changed since this was last asked."""
        if not self._changed:
            return ()
        changed, self._changed = self._changed, {}
        return tuple(write_mark(owner, mark) for owner, mark in changed.items())

    def forget_instance(self, principal: str) -> None:
        """Note that a principal's process was replaced: nothing that the old one was told is in the new one."""
        owner = f"instance:{principal}"
        if owner in self._kept:
            del self._kept[owner]
            self._changed[owner] = UNMARKED

    def marks(self) -> dict[str, Mark]:
        """Return the marks of what outlives tasks, by owner: `instance:NAME` or `store:NAME`."""
        return {owner: slot.mark for owner, slot in self._kept.items()}

    def marks_of(self, task: str) -> dict[str, Mark]:
        """Return the marks of everyone who takes part in a task."""
        return {name: slot.mark for name, slot in self._tasks.get(task, {}).items() if isinstance(name, str)}

    def mark_of(self, task: str, principal: str) -> Mark:
        """Return the mark of whatever a principal would say in a task now."""
        return self._said(principal, self._role(principal), task, "")

    def _said(self, principal: str, role: Role, task: str, message: str) -> Mark:
        """Return the mark of whatever a principal says in a task."""
        nature = self._natures.of(principal)
        if role is not Role.AGENT:
            # People and programs outside begin every message anew: what they were told here they answer for.
            return Mark(nature.adds, tuple((word, message) for word in nature.adds.words()))
        slot = None
        if task:
            known = self._tasks.get(task)
            if known is not None:
                self._tasks.move_to_end(task)
                slot = known.get(principal)
        if slot is None:
            slot = _Slot(_FORGOTTEN if task else UNMARKED)
        return slot.speak(slot.mark, self._outliving(nature.keeps, principal), nature)

    def _outliving(self, keeps: Keeps, principal: str) -> Mark:
        if keeps is Keeps.NOTHING:
            return UNMARKED
        if not self._restored:
            return _UNRESTORED
        slot = self._kept.get(f"{keeps.value}:{principal}")
        return UNMARKED if slot is None else slot.mark

    def _raise(self, owner: str, mark: Mark, message: str) -> None:
        slot = self._kept.setdefault(owner, _Slot(UNMARKED))
        if slot.grow(mark, message):
            self._changed[owner] = slot.mark

    def _task(self, task: str) -> _Task:
        known = self._tasks.get(task)
        if known is None:
            while len(self._tasks) >= self._most:
                self._forgotten[self._tasks.popitem(last=False)[0]] = None
                if len(self._forgotten) > _REMEMBERED * self._most:
                    self._forgotten.popitem(last=False)
            known = self._tasks[task] = {}
        return known

    def _role(self, name: str) -> Role:
        role = self._roles.get(name)
        if role is None:
            role = role_of(name)
            if len(self._roles) < _MOST_TASKS:
                self._roles[name] = role
        return role
