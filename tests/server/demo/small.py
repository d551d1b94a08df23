"""A part of the synthetic agency: whole practices, each as it is in the whole one."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.simulator.synthetic import SyntheticAgency, make_agency


def part_of_agency(seed: int, *codes: str, around: date) -> SyntheticAgency:
    """The agency of a seed with some of its practices; what they do each day is what they do among all five.

    A story that needs no fifth practice runs in a part of the time.
    """
    whole = make_agency(seed, around=around)
    assert set(codes) <= {one.code for one in whole.practices}
    return msgspec.structs.replace(
        whole,
        practices=tuple(one for one in whole.practices if one.code in codes),
        clinicians=tuple(one for one in whole.clinicians if one.practice_code in codes),
        patients=tuple(one for one in whole.patients if one.practice_code in codes),
        groups=tuple(one for one in whole.groups if one.practice_code in codes),
    )
