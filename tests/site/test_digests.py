"""Hashes of ids are found in a text, in either case, and nothing that only begins as one."""

import hashlib

import pytest

from reanalysis.site.digests import Digests

IDS = {"D000001": 2, "Straße 7": 3, "d000002": 4}


def hashed(text: str, name: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("written", [*IDS, "d000001", "D000002"])
def test_a_hash_is_found_with_its_row_and_place(name: str, written: str) -> None:
    digest = hashed(written, name)
    row = next(row for own, row in IDS.items() if own.lower() == written.lower())
    for text in (digest, f"id={digest.upper()};", f"ab{digest}cd"):
        found = list(Digests(IDS).find(text))
        assert [(r, place.surface) for r, place in found] == [(row, digest)]
        assert found[0][1].start == text.lower().index(digest)


def test_hashes_that_follow_one_another_are_all_found() -> None:
    text = hashed("D000001", "md5") + hashed("D000002", "sha1")
    assert sorted(row for row, _ in Digests(IDS).find(text)) == [2, 4]


def test_what_is_no_hash_of_an_id_is_not_found() -> None:
    digest = hashed("D000001", "sha256")
    apart = f"{digest[:20]} {digest[20:]}"
    for text in ("", "D000001", digest[:-1], digest[:-1] + "g", apart, hashed("D000003", "md5")):
        assert list(Digests(IDS).find(text)) == []
    assert list(Digests({}).find(digest)) == []
