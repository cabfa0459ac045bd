from lictor.runtime.definition.problem import DefinitionError, Problem, Severity, Span, guess, sort_problems


def test_problems_are_sorted_within_files_and_told_once() -> None:
    a, b, c = (Problem("L101", "m", Span(file, line)) for file, line in (("root", 9), ("other", 1), ("root", 2)))
    assert sort_problems([a, b, c, a]) == (c, a, b)


def test_guesses_are_close_or_not_made() -> None:
    assert guess("promt", ["prompt", "graph"]) == "did you mean 'prompt'?"
    assert guess("prompt", ["prompt"]) == ""
    assert guess("zebra", ["prompt"]) == ""


def test_an_error_lists_its_problems() -> None:
    problem = Problem("L101", "no", Span("f", 3))
    error = DefinitionError([problem], {"f": "text"})
    assert str(error) == "f:3: no"
    assert error.problems == (problem,)


def test_a_warning_stops_nothing() -> None:
    assert Problem("L101", "m", Span("f")).is_error
    assert not Problem("L101", "m", Span("f"), severity=Severity.WARNING).is_error
