package lictor.main

import rego.v1

# METADATA
# title: Decision of the approve stage
# description: >-
#   May this person decide on what is held.
# scope: document
default approve := {"allow": false, "denials": [], "asks": [], "obligations": []}

approve := _decided(_approve_permitted, _approve_denials, _approve_asks, _approve_obligations)

default _approve_permitted := false

_approve_permitted if {
	some name
	data.lictor.rules.approve[name].permit == true
}

_approve_names := object.get(data.lictor.stages, "approve", [])

_approve_denials := {denial |
	some name
	some denial in data.lictor.rules.approve[name].deny
} | _denials(_approve_names)

_approve_asks := {ask |
	some name
	some ask in data.lictor.rules.approve[name].ask
} | _asks(_approve_names)

_approve_obligations := {obligation |
	some name
	some obligation in data.lictor.rules.approve[name].oblige
} | _obligations(_approve_names)
