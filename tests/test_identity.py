from __future__ import annotations

import uuid

import pytest

from kzlabel._identity import is_bin, new_label_id


def test_label_id_is_a_version_7_uuid():
    value = uuid.UUID(new_label_id())
    assert (value.version, value.variant) == (7, uuid.RFC_4122)


def test_label_ids_differ_and_sort_by_time():
    first, second = new_label_id(), new_label_id()
    assert first != second
    assert uuid.UUID(first).int >> 80 <= uuid.UUID(second).int >> 80


@pytest.mark.parametrize("number", ["940740000911", "990340005977"])
def test_a_bin_with_its_control_digit(number):
    assert is_bin(number)


@pytest.mark.parametrize(
    "number", ["", "940740000912", "94074000091", "9407400009110", "94074000091x", "٩٤٠٧٤٠٠٠٠٩١١"]
)
def test_a_number_that_is_no_bin(number):
    assert not is_bin(number)


def test_a_remainder_of_ten_uses_the_second_row_of_weights():
    tens = [
        f"{n:011d}"
        for n in range(2000)
        if sum((i + 1) * int(d) for i, d in enumerate(f"{n:011d}")) % 11 == 10
    ]
    good = [stem for stem in tens if any(is_bin(stem + str(d)) for d in range(10))]
    assert good
    for stem in tens:
        assert sum(is_bin(stem + str(d)) for d in range(10)) <= 1
