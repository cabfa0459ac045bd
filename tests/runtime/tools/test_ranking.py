from lictor.runtime.tools.ranking import SYNONYM, best_wording, ranked


def test_a_synonym_is_worth_less_than_the_word_itself() -> None:
    assert best_wording([{1: 2.0}], [{1: 3.0, 2: 10.0}]) == {1: 2.0, 2: 10.0 * SYNONYM}


def test_what_the_concepts_give_is_added_by_weight() -> None:
    assert ranked([{1: 2.0, 2: 1.0}, {2: 4.0}], [1.0, 0.5]) == [(2, 3.0), (1, 2.0)]


def test_equals_keep_the_order_of_the_documents() -> None:
    assert [passage for passage, _ in ranked([{3: 1.0, 1: 1.0, 2: 1.0}], [1.0])] == [1, 2, 3]


def test_nothing_is_ranked_as_nothing() -> None:
    assert ranked([], []) == []
