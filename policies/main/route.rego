package lictor.main

import rego.v1

# METADATA
# title: Decision of the route stage
# description: >-
#   May this principal say this kind of thing to that one: which tool, which arguments, which model. Some rule has to
#   permit it.
# scope: document
default route := {"allow": false, "denials": [], "asks": [], "obligations": []}

route := _decided(_route_permitted, _route_denials, _route_asks, _route_obligations)

default _route_permitted := false

_route_permitted if {
	some name
	data.lictor.rules.route[name].permit == true
}

_route_names := object.get(data.lictor.stages, "route", [])

_route_denials := {denial |
	some name
	some denial in data.lictor.rules.route[name].deny
} | _denials(_route_names)

_route_asks := {ask |
	some name
	some ask in data.lictor.rules.route[name].ask
} | _asks(_route_names)

_route_obligations := {obligation |
	some name
	some obligation in data.lictor.rules.route[name].oblige
} | _obligations(_route_names)
