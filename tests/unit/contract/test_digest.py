"""Digests name models and folders of what was made before: a key that a contract does not use must not change them."""

from lakeloop.contract.digest import contract_digest, reading_digest, recipe_digest
from tests.data import tiny

# Of the same contract under the language as it was before `public`.
CONTRACT = "be72964154f4eb54a34910faf924ab8daf95f006a745de56384aad5d3495d3a7"
READING, RECIPE = "47acda66aa8a", "f908f26e1f19"


def test_a_contract_without_new_keys_keeps_its_digests() -> None:
    found = tiny()

    assert (contract_digest(found), reading_digest(found), recipe_digest(found)) == (CONTRACT, READING, RECIPE)


def test_a_public_column_is_another_contract_of_the_same_reading_and_recipe() -> None:
    columns = [{**column, "public": True} for column in tiny().model_dump(mode="json")["columns"]]
    public = tiny(columns=columns)

    assert contract_digest(public) != CONTRACT
    assert (reading_digest(public), recipe_digest(public)) == (READING, RECIPE)
    assert '"public":true' in public.model_dump_json()
