"""School rosters in the layout of School Data Sync v2.1. All people here are invented."""

from datetime import date
from pathlib import Path

import pytest

from services.chassis.tabular import PackageRefusedError
from services.referral.roster.never import (
    is_flag_never_kept,
    is_never_kept,
    is_value_never_kept,
)
from tests.referral.roster.whole import Whole, read_roster
from tests.tables import archive, folder, sample

FILES = {
    "orgs.csv": "sourcedId,name,type,parentSourcedId\n"
    "d,Fairhaven District,district,\na,Alder School,school,d\nb,Birch School,school,d\n",
    "roles.csv": "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,"
    "roleEndDate\n"
    "s1,a,student,Y,5,TRUE,2026-08-24,2027-06-11\n"
    "s2,b,student,Y,KG,TRUE,,\n"
    "t1,a,teacher,Y,5,TRUE,,\n",
    "relationships.csv": "userSourcedId,relationshipUserSourcedId,relationshipRole\n"
    "s1,g1,guardian\ns2,g1,relative\n",
    "demographics.csv": "userSourcedId,sex,birthDate,birthCity,birthState,birthCountry,"
    "ethnicityCodes,raceCodes\n"
    "s1,female,2016-03-04,Springwater,ZZ,Elsewhere,code-1,\n"
    "s2,male,,Springwater,ZZ,Elsewhere,,code-2\n"
    "t1,male,1980-01-01,Springwater,,,,\n",
    "userFlags.csv": "userSourcedId,flag\ns1,iep\ns1,freeLunch\ns2,immigrant\nt1,coach\n",
    "users.csv": "sourcedId,username,givenName,familyName,password,email,phone,sms\n"
    "s1,u1,Luz,Inventada,hunter2,luz@school.example,,\n"
    "s2,u2,Max,Invented,hunter3,,,\n"
    "t1,u3,Tess,Madeup,hunter4,tess@school.example,,\n"
    "g1,,Rosa,Inventada,,rosa@home.example,650 253 0000,+11234567890\n",
    "classes.csv": "sourcedId,title\nc1,Reading\n",
}


def read(path: Path, org: str | None = None, **changed: str | None) -> Whole:
    files = dict(FILES)
    for name, content in changed.items():
        if content is None:
            del files[f"{name}.csv"]
        else:
            files[f"{name}.csv"] = content
    return read_roster(folder(path / "export", files), org)


def said(package: Whole) -> list[tuple[str, int, str, str]]:
    return [(found.file, found.line, found.field, found.severity) for found in package.problems]


class TestWhole:
    def test_students_are_those_with_a_students_role(self, tmp_path: Path) -> None:
        package = read(tmp_path)
        first, second = package.students
        assert (first.source_id, first.given_name, first.family_name) == ("s1", "Luz", "Inventada")
        assert (first.grade, first.school_source_id) == ("5", "a")
        assert first.birth_date == date(2016, 3, 4)
        assert (first.role_start, first.role_end) == (date(2026, 8, 24), date(2027, 6, 11))
        assert first.flags == ("iep", "freeLunch")
        assert (second.source_id, second.grade, second.birth_date) == ("s2", "KG", None)
        assert package.others == 1

    def test_guardians_are_found_through_relationships(self, tmp_path: Path) -> None:
        package = read(tmp_path)
        guardian = package.guardians[0]
        assert (guardian.source_id, guardian.email) == ("g1", "rosa@home.example")
        assert guardian.phone is not None
        assert guardian.phone.e164 == "+16502530000"
        assert package.relationships == (("s1", "g1", "guardian"), ("s2", "g1", "relative"))

    def test_schools_come_with_their_district(self, tmp_path: Path) -> None:
        assert [
            (school.source_id, school.type, school.parent_source_id)
            for school in read(tmp_path).schools
        ] == [("d", "district", None), ("a", "school", "d"), ("b", "school", "d")]

    def test_a_number_that_cannot_exist_is_kept_as_written(self, tmp_path: Path) -> None:
        package = read(tmp_path)
        sms = package.guardians[0].sms
        assert sms is not None
        assert (sms.raw, sms.e164) == ("+11234567890", None)
        assert said(package) == [("users.csv", 5, "sms", "value-ignored")]
        assert package.problems[0].value_shown == "+•••••••••••"

    def test_what_has_no_use_is_counted(self, tmp_path: Path) -> None:
        assert [(left.file, left.field, left.values) for left in read(tmp_path).ignored] == [
            ("classes.csv", "*", 1),
            ("demographics.csv", "birthDate", 1),
            ("roles.csv", "sessionSourcedId", 3),
            ("userflags.csv", "flag", 1),
            ("users.csv", "email (of students)", 1),
            ("users.csv", "username", 3),
        ]

    def test_a_zip_reads_like_its_folder(self, tmp_path: Path) -> None:
        zipped = archive(tmp_path / "a.zip", {f"x/{name}": text for name, text in FILES.items()})
        assert read_roster(zipped) == read(tmp_path)


class TestOneOrganization:
    def test_only_its_students_and_their_people_are_taken(self, tmp_path: Path) -> None:
        package = read(tmp_path, org="a")
        assert [student.source_id for student in package.students] == ["s1"]
        assert [tie[0] for tie in package.relationships] == ["s1"]
        assert package.others == 2
        assert said(package) == [("users.csv", 5, "sms", "value-ignored")]

    def test_a_district_includes_its_schools(self, tmp_path: Path) -> None:
        assert len(read(tmp_path, org="d").students) == 2

    def test_an_unknown_one_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(PackageRefusedError, match="no organization with the id z"):
            read(tmp_path, org="z")

    def test_organizations_in_a_circle_come_to_an_end(self, tmp_path: Path) -> None:
        orgs = "sourcedId,name,type,parentSourcedId\na,Alder,school,b\nb,Birch,school,a\n"
        assert len(read(tmp_path, org="a", orgs=orgs).students) == 2


class TestNeverKept:
    def test_it_is_counted_by_column(self, tmp_path: Path) -> None:
        assert [(left.file, left.field, left.values) for left in read(tmp_path).dropped] == [
            ("demographics.csv", "birthCity", 3),
            ("demographics.csv", "birthCountry", 2),
            ("demographics.csv", "birthState", 2),
            ("demographics.csv", "ethnicityCodes", 1),
            ("demographics.csv", "raceCodes", 1),
            ("demographics.csv", "sex", 3),
            ("userflags.csv", "flag", 1),
            ("users.csv", "password", 3),
        ]

    def test_it_is_nowhere_in_what_was_read(self, tmp_path: Path) -> None:
        users = (
            FILES["users.csv"].replace("sms\n", "sms,SSN,Immigration Status,notes\n", 1)
            + "g2,,Bea,Invented,,,078-05-1120,,078-05-1120,undocumented,078-05-1120\n"
        )
        relationships = FILES["relationships.csv"] + "s1,g2,relative\n"
        package = read(tmp_path, users=users, relationships=relationships)
        assert len(package.guardians) == 2
        everything = package.model_dump_json()
        for secret in (
            "hunter",
            "Springwater",
            "Elsewhere",
            "code-1",
            "code-2",
            "female",
            "immigrant",
            "undocumented",
            "078-05-1120",
        ):
            assert secret not in everything
        dropped = {left.field: left.values for left in package.dropped if left.file == "users.csv"}
        assert dropped == {
            "Immigration Status": 1,
            "SSN": 1,
            "notes": 1,
            "password": 3,
            "phone": 1,
        }

    @pytest.mark.parametrize(
        "column",
        [
            "birthCity",
            "BIRTH_COUNTRY",
            "Place of birth",
            "ssn",
            "studentSSN",
            "social_security_number",
            "SocialSecurityNo",
            "immigrationStatus",
            "citizenshipStatus",
            "Nationality",
            "passportNumber",
            "Sex",
            "raceCodes",
            "ethnicity_codes",
            "password",
        ],
    )
    def test_columns_are_known_however_they_are_written(self, column: str) -> None:
        assert is_never_kept(column)

    @pytest.mark.parametrize(
        "column", ["className", "birthDate", "grade", "gracePeriod", "phone", "sms", "traceId"]
    )
    def test_other_columns_are_not_mistaken_for_them(self, column: str) -> None:
        assert not is_never_kept(column)

    def test_flags_and_values(self) -> None:
        assert is_flag_never_kept("Immigrant")
        assert is_flag_never_kept("refugee/asylee")
        assert not is_flag_never_kept("freeLunch")
        assert is_value_never_kept("078-05-1120")
        assert not is_value_never_kept("650-253-0000")


class TestProblems:
    def test_rows_that_lead_nowhere_are_refused(self, tmp_path: Path) -> None:
        package = read(
            tmp_path,
            roles=FILES["roles.csv"] + "s3,z,student,,,,,\ns4,a,student,,,,,\n,a,student,,,,,\n",
            relationships=FILES["relationships.csv"] + "s9,g1,guardian\ns1,g9,guardian\n"
            "s1,g1,relative\n",
        )
        assert said(package) == [
            ("relationships.csv", 4, "userSourcedId", "row-refused"),
            ("relationships.csv", 5, "relationshipUserSourcedId", "row-refused"),
            ("relationships.csv", 6, "relationshipUserSourcedId", "row-refused"),
            ("roles.csv", 5, "orgSourcedId", "row-refused"),
            ("roles.csv", 6, "userSourcedId", "row-refused"),
            ("roles.csv", 7, "userSourcedId", "row-refused"),
            ("users.csv", 5, "sms", "value-ignored"),
        ]
        assert [student.source_id for student in package.students] == ["s1", "s2"]

    def test_of_two_users_with_one_id_the_first_is_kept(self, tmp_path: Path) -> None:
        package = read(tmp_path, users=FILES["users.csv"] + "s1,u9,Not,Luz,,,,\n")
        assert package.students[0].given_name == "Luz"
        assert ("users.csv", 6, "sourcedId", "row-refused") in said(package)

    def test_a_student_without_a_full_name_is_refused(self, tmp_path: Path) -> None:
        package = read(tmp_path, users=FILES["users.csv"].replace("Max,Invented", "Max,"))
        assert [student.source_id for student in package.students] == ["s1"]
        assert ("users.csv", 3, "familyName", "row-refused") in said(package)
        assert ("relationships.csv", 3, "userSourcedId", "row-refused") in said(package)

    def test_personal_values_are_shown_by_their_shape(self, tmp_path: Path) -> None:
        package = read(
            tmp_path,
            demographics="userSourcedId,birthDate\ns1,March 4th 2016\n",
            users=FILES["users.csv"].replace("rosa@home.example", "rosa at home"),
        )
        assert [found.value_shown for found in package.problems] == [
            "••••• ••• ••••",
            "•••• •• ••••",
            "+•••••••••••",
        ]

    def test_no_representation_shows_a_person(self, tmp_path: Path) -> None:
        shown = repr(read(tmp_path))
        for personal in ("Luz", "Inventada", "rosa@", "2530000", "2016", "freeLunch"):
            assert personal not in shown

    @pytest.mark.parametrize("name", ["orgs", "users", "roles"])
    def test_a_roster_without_its_main_files_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(PackageRefusedError, match=rf"The roster has no {name}\.csv"):
            read(tmp_path, **{name: None})

    def test_the_optional_files_may_be_absent(self, tmp_path: Path) -> None:
        package = read(tmp_path, relationships=None, demographics=None, userFlags=None)
        assert (len(package.students), package.guardians, package.problems) == (2, (), ())


class TestSeveralSchools:
    def test_the_primary_school_counts(self, tmp_path: Path) -> None:
        roles = (
            "userSourcedId,orgSourcedId,role,isPrimary,grade\n"
            "s1,a,student,FALSE,5\ns1,b,student,TRUE,6\ns1,d,student,,\n"
        )
        student = read(tmp_path, roles=roles, relationships=None).students[0]
        assert (student.school_source_id, student.grade) == ("b", "6")
        assert student.other_school_source_ids == ("a", "d")


class TestSample:
    def test_a_published_roster_is_read(self) -> None:
        package = read_roster(sample("sds-roster"))
        assert [student.source_id for student in package.students] == [
            "114001",
            "114003",
            "114004",
            "114008",
        ]
        assert [guardian.source_id for guardian in package.guardians] == ["114002", "114005"]
        assert [relation for _, _, relation in package.relationships] == [
            "guardian",
            "relative",
            "guardian",
        ]
        assert sum(student.birth_date is not None for student in package.students) == 4
        assert len(package.schools) == 4
        assert package.others == 2
        assert said(package) == [
            ("users.csv", 3, "phone", "value-ignored"),
            ("users.csv", 3, "sms", "value-ignored"),
            ("users.csv", 6, "phone", "value-ignored"),
            ("users.csv", 6, "sms", "value-ignored"),
        ]
        assert {left.field: left.values for left in package.dropped} == {
            "birthCity": 6,
            "birthCountry": 6,
            "birthState": 6,
            "ethnicityCodes": 1,
            "password": 8,
            "raceCodes": 5,
            "sex": 6,
        }
