"""The faults of the mutation check still fit the code: `python -m benchmarks.mutants` can run them all."""

from __future__ import annotations

import ast

import pytest

from benchmarks.mutants import HOUSE, Mutant, mutants

LISTED = mutants()


@pytest.mark.parametrize("mutant", LISTED, ids=[f"{number}-{one.file}" for number, one in enumerate(LISTED)])
def test_a_fault_stands_in_its_file_once_and_is_python(mutant: Mutant) -> None:
    source = (HOUSE / mutant.file).read_text("utf-8")
    faulty = mutant.applied(source)
    assert ast.dump(ast.parse(faulty)) != ast.dump(ast.parse(source))


def test_the_tests_that_should_notice_are_there() -> None:
    for test in {test for mutant in LISTED for test in mutant.tests}:
        file, _, name = test.partition("::")
        assert (HOUSE / file).exists(), test
        if name:
            functions = [
                one for one in ast.parse((HOUSE / file).read_text("utf-8")).body if isinstance(one, ast.FunctionDef)
            ]
            assert name in [one.name for one in functions], test


def test_there_are_enough_and_no_fault_twice() -> None:
    assert len({one[:3] for one in LISTED}) == len(LISTED) >= 60
