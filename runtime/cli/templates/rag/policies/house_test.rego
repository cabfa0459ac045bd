package lictor.user.house_test

import data.lictor.user.house
import rego.v1

message(tool) := {"sender": "helper", "target": "tool-files", "kind": "mcp", "request_kind": "", "method": "tools/call", "tool": tool, "model": ""}

test_success_read if count(house.deny) == 0 with input as message("read_file")

test_fail_delete if count(house.deny) == 1 with input as message("delete_file")
