from lictor.guardrails.content.schema import ReplySchemas

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}


def test_an_answer_that_satisfies_it_has_no_finding() -> None:
    schemas = ReplySchemas({"writer": SCHEMA})
    assert "writer" in schemas
    assert not schemas.check("writer", '{"answer": "yes"}')
    assert not schemas.check("other", "anything")


def test_the_detail_names_the_place_and_not_the_content() -> None:
    schemas = ReplySchemas({"writer": SCHEMA})
    (found,) = schemas.check("writer", '{"answer": 4711}')
    assert found.word == "schema"
    assert found.detail == "$.answer breaks the rule 'type'"
    assert schemas.check("writer", "no json")[0].detail == "it is not JSON"
    assert schemas.check("writer", "[" * 100_000)[0].detail == "it is not JSON"
    assert "characters" in schemas.check("writer", "x" * 300_000)[0].detail
