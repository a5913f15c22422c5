"""The sample schools' rosters, as a school system would export them."""

import csv
import io
import zipfile
from collections.abc import Sequence

from deploy.local.district.people import SampleFamily
from deploy.local.personas import SITES

_ORG = "ORG-"


def roster(site: str, families: Sequence[SampleFamily]) -> bytes:
    """Return a school's roster (School Data Sync v2.1) as a zip archive.

    Args:
        site: the school.
        families: those with children there.
    """
    orgs = [("sourcedId", "name", "type"), (_ORG + site, SITES[site], "school")]
    users: list[Sequence[object]] = [
        ("sourcedId", "givenName", "familyName", "phone", "preferredLanguage")
    ]
    roles: list[Sequence[object]] = [("userSourcedId", "orgSourcedId", "role", "grade")]
    births: list[Sequence[object]] = [("userSourcedId", "birthDate")]
    ties: list[Sequence[object]] = [
        ("userSourcedId", "relationshipUserSourcedId", "relationshipRole")
    ]
    for family in families:
        users += [
            (each.source_id, each.given_name, family.surname, each.phone or "", each.reads.value)
            for each in family.contacts
        ]
        for child in family.students:
            users.append((child.sis_id, child.given_name, child.family_name, "", ""))
            roles.append((child.sis_id, _ORG + site, "student", child.grade))
            births.append((child.sis_id, child.birth_date.isoformat()))
            ties += [
                (child.sis_id, person.source_id, person.relation.value)
                for person in family.contacts
            ]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in (
            ("orgs.csv", orgs),
            ("users.csv", users),
            ("roles.csv", roles),
            ("demographics.csv", births),
            ("relationships.csv", ties),
        ):
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            archive.writestr(zipfile.ZipInfo(name), text.getvalue())
    return content.getvalue()
