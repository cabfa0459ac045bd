package lictor.main

import rego.v1

# METADATA
# title: Decision of the content stage
# description: >-
#   What the guards found in the content, and what follows from it.
# scope: document
default content := {"allow": false, "denials": [], "asks": [], "obligations": []}

content := _decided(_content_permitted, _content_denials, _content_asks, _content_obligations)

default _content_permitted := false

_content_permitted if is_object(input.findings)

_content_names := object.get(data.lictor.stages, "content", [])

_content_denials := {denial |
	some name
	some denial in data.lictor.rules.content[name].deny
} | _denials(_content_names)

_content_asks := {ask |
	some name
	some ask in data.lictor.rules.content[name].ask
} | _asks(_content_names)

_content_obligations := {obligation |
	some name
	some obligation in data.lictor.rules.content[name].oblige
} | _obligations(_content_names)
