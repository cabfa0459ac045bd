package lictor.main

import rego.v1

# METADATA
# title: Decision of the flow stage
# description: >-
#   May data with these labels go there, and is the call within its task's contract.
# scope: document
default flow := {"allow": false, "denials": [], "asks": [], "obligations": []}

flow := _decided(_flow_permitted, _flow_denials, _flow_asks, _flow_obligations)

default _flow_permitted := false

_flow_permitted if {
	is_string(input.labels.level)
	is_string(input.contract.state)
}

_flow_names := object.get(data.lictor.stages, "flow", [])

_flow_denials := {denial |
	some name
	some denial in data.lictor.rules.flow[name].deny
} | _denials(_flow_names)

_flow_asks := {ask |
	some name
	some ask in data.lictor.rules.flow[name].ask
} | _asks(_flow_names)

_flow_obligations := {obligation |
	some name
	some obligation in data.lictor.rules.flow[name].oblige
} | _obligations(_flow_names)
