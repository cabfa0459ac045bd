package lictor.main

import rego.v1

# METADATA
# title: Decision of the behaviour stage
# description: >-
#   What the sender's behaviour of late says, and what follows from it.
# scope: document
default behaviour := {"allow": false, "denials": [], "asks": [], "obligations": []}

behaviour := _decided(_behaviour_permitted, _behaviour_denials, _behaviour_asks, _behaviour_obligations)

default _behaviour_permitted := false

_behaviour_permitted if is_object(input.signals)

_behaviour_names := object.get(data.lictor.stages, "behaviour", [])

_behaviour_denials := {denial |
	some name
	some denial in data.lictor.rules.behaviour[name].deny
} | _denials(_behaviour_names)

_behaviour_asks := {ask |
	some name
	some ask in data.lictor.rules.behaviour[name].ask
} | _asks(_behaviour_names)

_behaviour_obligations := {obligation |
	some name
	some obligation in data.lictor.rules.behaviour[name].oblige
} | _obligations(_behaviour_names)
