# METADATA
# title: Globs
# description: >-
#   Whether a text fits a glob. Those that rules hold almost always, names and `name*`, are compared as text: engines
#   compile a glob anew each time, which costs a hundred times as much.
# scope: package
package lictor.glob

import rego.v1

matches(pattern, text) if fits(pattern, text)

matches(pattern, text) if {
	is_string(text)
	not plain(pattern)
	glob.match(pattern, null, text)
}

# As `matches`, for plain globs only; no other fits.
fits(pattern, text) if {
	is_string(text)
	plain(pattern)
	_fits(startswith(pattern, "*"), endswith(pattern, "*"), _middle(pattern), text)
}

# Whether a glob is a text with nothing but a star before it, after it or both.
plain(pattern) if {
	middle := _middle(pattern)
	not contains(middle, "*")
	not contains(middle, "?")
	not contains(middle, "[")
	not contains(middle, "{")
	not contains(middle, `\`)
}

_middle(pattern) := trim_suffix(trim_prefix(pattern, "*"), "*")

_fits(false, false, middle, text) if text == middle

_fits(false, true, middle, text) if startswith(text, middle)

_fits(true, false, middle, text) if endswith(text, middle)

_fits(true, true, middle, text) if contains(text, middle)
