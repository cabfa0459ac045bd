package lictor.glob_test

import rego.v1

matches(pattern, text) if data.lictor.glob.matches(pattern, text)

test_success_name if matches("find", "find")

test_success_everything if {
	matches("*", "find")
	matches("*", "")
	matches("**", "find")
}

test_success_ends if {
	matches("find_*", "find_ticket")
	matches("find_*", "find_")
	matches("*_ticket", "find_ticket")
	matches("*d_t*", "find_ticket")
}

test_success_any_sign if matches("crm*", "crm.delete/all\n")

test_success_others if {
	matches("f?nd", "find")
	matches("{find,get}_*", "get_x")
	matches("[a-f]ind", "find")
	matches("f*_*t", "find_ticket")
	matches(`a\*`, "a*")
}

test_fail_others if {
	not matches("f?nd", "fiind")
	not matches("{find,get}_*", "set_x")
	not matches(`a\*`, "ab")
}

test_fail_name if {
	not matches("find", "finds")
	not matches("find", "Find")
	not matches("", "find")
}

test_fail_ends if {
	not matches("find_*", "find")
	not matches("*_ticket", "find_tickets")
	not matches("*x*", "find")
}

test_fail_no_text if {
	not matches("find", null)
	not matches("*", 7)
	not matches("f?nd", 7)
}

test_success_plain if {
	data.lictor.glob.plain("find_*")
	data.lictor.glob.fits("find_*", "find_x")
}

test_fail_not_plain if {
	not data.lictor.glob.plain("f?nd")
	not data.lictor.glob.fits("f?nd", "find")
}
