"""An MCP server without the SDK, so that it can misbehave: each tool does what its name says."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TOOLS = ["echo", "fail", "wrong", "nonsense", "flood", "hang", "leave", "die", "environment", "begin", "count", "much"]


def say(line: str) -> None:
    """Write one line, whatever it is."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def result(identifier: object, value: object) -> None:
    """Write one response."""
    say(json.dumps({"jsonrpc": "2.0", "id": identifier, "result": value}))


def call(identifier: object, name: str, arguments: dict[str, Any]) -> None:
    """Do what a tool's name says."""
    match name:
        case "wrong":
            result(identifier, {"content": "this is no list"})
            return
        case "nonsense":
            say("Traceback: <<< this is no JSON")
            return
        case "flood":
            say("x" * 20_000_000)
            return
        case "hang":
            time.sleep(3600)
        case "leave":
            sys.stderr.write("leaving now\n")
            sys.stderr.flush()
            os._exit(3)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "fail":
            result(identifier, {"content": [{"type": "text", "text": "it failed"}], "isError": True})
            return
    said = json.dumps(arguments)
    if name == "environment":
        said = json.dumps(dict(os.environ))
    if name == "much":
        said = "x" * int(arguments["bytes"])
    if name == "begin":  # a grandchild that holds our pipes
        said = str(subprocess.Popen(["sleep", "3600"]).pid)
    if name == "count":
        counter = Path(arguments["file"])
        counter.write_text((counter.read_text() if counter.exists() else "") + "x")
        if len(counter.read_text()) < int(arguments["needed"]):
            error = {"code": -32603, "message": "not yet"}
            say(json.dumps({"jsonrpc": "2.0", "id": identifier, "error": error}))
            return
        said = "enough"
    result(identifier, {"content": [{"type": "text", "text": said}], "isError": False})


def main() -> None:
    """Answer until the input ends."""
    sys.stderr.write("plain server starts\n")
    sys.stderr.flush()
    if "refuse-to-start" in sys.argv:
        sys.exit(5)
    for line in sys.stdin:
        message = json.loads(line)
        method, identifier = message.get("method"), message.get("id")
        if method == "initialize":
            version = message["params"]["protocolVersion"]
            info = {"name": "plain", "version": "1"}
            result(identifier, {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info})
        elif method == "tools/list":
            tools = [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]
            for tool in tools:
                if "read-only" in sys.argv and tool["name"] == "count":
                    tool["annotations"] = {"readOnlyHint": True}
            result(identifier, {"tools": tools})
        elif method == "tools/call":
            call(identifier, message["params"]["name"], message["params"].get("arguments") or {})
        elif identifier is not None:
            error = {"code": -32601, "message": "Method not found"}
            say(json.dumps({"jsonrpc": "2.0", "id": identifier, "error": error}))


if __name__ == "__main__":
    main()
