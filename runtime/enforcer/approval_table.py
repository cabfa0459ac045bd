"""From a plan to the table of what waits for approvals."""

from fnmatch import fnmatchcase

from lictor.guardrails.approvals.table import ApprovalLimits, ApprovalTable
from lictor.runtime.definition.plan import ApprovalsPlan


def build_table(approvals: ApprovalsPlan) -> ApprovalTable:
    """Return an empty table with the team's limits; the first entry that names a tool says how long its calls wait."""

    def timeout(tool: str) -> float:
        named = (rule.timeout for rule in approvals.tools if tool and fnmatchcase(tool, rule.tool))
        return next(named, approvals.timeout)

    return ApprovalTable(ApprovalLimits(timeout=approvals.timeout, most=approvals.most), timeout)
