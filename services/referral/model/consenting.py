"""Who may give a consent, and who may take it back. Pure."""

from collections.abc import Sequence
from datetime import date

from contracts.categories import Category
from contracts.codes import Relation
from services.chassis.errors import EnlaceError, rule
from services.referral.model.consent_terms import Consent
from services.referral.model.people import Contact, Family
from services.referral.model.rules import Rules


def age_on(born: date | None, today: date) -> int | None:
    """Return whole years; None where the birth date is not known."""
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def check_giver(
    consent: Consent, student: str, family: Family, age: int | None, rules: Rules
) -> None:
    """Let a consent pass that its giver may give.

    Args:
        consent: as it would be entered.
        student: id of the student.
        family: the student's household, as it is now.
        age: the student's, in years; used where the student consents alone.
        rules: the law of the district's state.

    Raises:
        EnlaceError: a minor may not consent alone to this; nobody of the family's contacts; no
            guardian; or somebody who may not be told of the child.
    """
    if consent.given_by == student:
        _check_minor(consent.categories, age, rules)
        return
    if consent.guardian_may_know:
        raise rule(
            "not-the-students",
            "Whether a guardian may know is asked of a student who consents alone. Nothing was "
            "entered: leave it out.",
            es="Si un tutor puede saberlo se pregunta a quien consiente por sí mismo. No se "
            "guardó nada: omítalo.",
        )
    contact = family.contact(consent.given_by)
    if contact is None:
        raise rule(
            "not-a-contact",
            "Whoever consents must be one of the family's contacts, or the student alone. Nothing "
            "was entered: add the person to the family first, or choose another.",
            es="Quien consiente debe ser un contacto de la familia, o el propio estudiante. "
            "No se guardó nada: agregue primero a la persona a la familia, o elija a otra.",
        )
    _check_contact(contact, student, rules)


def _check_contact(contact: Contact, student: str, rules: Rules) -> None:
    if contact.relation is Relation.SELF:
        raise rule(
            "students-own",
            "This contact is the student. Nothing was entered: enter the student's own consent "
            "under the student's id, so that it is kept from a parent's phone.",
            es="Este contacto es el estudiante. No se guardó nada: registre el consentimiento "
            "propio con el identificador del estudiante, para que no llegue al teléfono de "
            "sus padres.",
        )
    if contact.relation not in rules.consenting_relations:
        raise rule(
            "not-a-guardian",
            "Only a parent or guardian consents for a child, and this contact is none. Nothing was "
            "entered: ask a parent or guardian; or, where this person is the child's guardian, "
            "change the relation to guardian first.",
            es="Solo la madre, el padre o un tutor consiente por un niño, y este contacto no lo "
            "es. No se guardó nada: pregunte a uno de ellos; o, si esta persona es su tutor, "
            "cambie primero el parentesco a tutor (guardian).",
        )
    if contact.do_not_contact:
        raise rule(
            "do-not-contact",
            "This person is marked: do not contact. Nothing was entered: ask another guardian; or, "
            "if the order has ended, take the mark off the contact first.",
            es="Esta persona está marcada: no contactar. No se guardó nada: pida a otro tutor; o, "
            "si la orden terminó, quite antes la marca.",
        )
    if contact.may_be_told and not contact.hears_of(student):
        raise rule(
            "not-this-child",
            "This person came with another child when two households were merged, and nobody has "
            "said yet that they may be told of this one. Nothing was entered: ask another "
            "guardian; or, once the papers allow it, enter the contact anew as may be told.",
            es="Esta persona llegó con otro niño cuando se unieron dos familias, y nadie ha dicho "
            "aún que se le pueda avisar de este. No se guardó nada: pida a otro tutor; o, cuando "
            "los papeles lo permitan, guarde el contacto de nuevo.",
        )
    if not contact.may_be_told:
        raise rule(
            "may-not-consent",
            "A custody note or no-contact order stands against this person, or nobody has said "
            "yet that they may be told of the child. Nothing was entered: ask another guardian; "
            "or, once the papers allow it, change the contact first.",
            es="Hay una nota de custodia o una orden de no contacto contra esta persona, o "
            "nadie ha dicho todavía que se le pueda informar. No se guardó nada: pregunte "
            "a otro tutor o, cuando los papeles lo permitan, cambie primero el contacto.",
        )


def _check_minor(categories: Sequence[Category], age: int | None, rules: Rules) -> None:
    if age is not None and age >= rules.adult_age:
        return
    unlisted = [each for each in categories if each not in rules.minor_consents_from]
    if unlisted:
        raise rule(
            "minor-may-not-consent",
            f"The law here does not let a student under {rules.adult_age} consent alone to: "
            f"{_names(unlisted)}. Nothing was entered: ask a guardian for that, or leave it out.",
            es=f"La ley de aquí no permite que un estudiante menor de {rules.adult_age} años "
            f"consienta por sí mismo para: {_names(unlisted)}. No se guardó nada: pregunte "
            "a un tutor, u omítalo.",
        )
    if age is None:
        raise rule(
            "birth-date-missing",
            "Whether a student may consent alone depends on the age, and the birth date is not "
            "known. Nothing was entered: enter the birth date first.",
            es="Que un estudiante pueda consentir por sí mismo depende de su edad, y no se "
            "conoce su fecha de nacimiento. No se guardó nada: registre primero la fecha.",
        )
    early = [each for each in categories if age < rules.minor_consents_from[each]]
    if early:
        ages = ", ".join(f"{each.value} from {rules.minor_consents_from[each]}" for each in early)
        raise rule(
            "minor-too-young",
            f"The student is too young to consent alone: the law here allows {ages} years. "
            "Nothing was entered: ask a guardian.",
            es="El estudiante es muy joven para consentir por sí mismo: la ley de aquí lo "
            f"permite a los {ages} años. No se guardó nada: pregunte a un tutor.",
        )


def check_revoker(consent: Consent, student: str, family: Family | None, by: str | None) -> None:
    """Let a revocation pass that this person may ask for.

    Taking back is easier than giving: every contact may take back a guardian's consent, also one
    with a custody note. Only the student, or the school, takes back the student's own; and nobody
    else learns that it is there.

    Raises:
        EnlaceError: this person may not take it back.
    """
    if by is None or by == consent.given_by:
        return
    if consent.given_by == student:
        raise _not_theirs(
            "Only the student can take back what the student consented to alone.",
            "Solo el estudiante puede retirar lo que consintió por sí mismo.",
        )
    if by == student:
        raise _not_theirs(
            "A guardian gave this consent, and a guardian takes it back.",
            "Un tutor dio este consentimiento, y un tutor lo retira.",
        )
    if family is None or family.contact(by) is None:
        raise _not_theirs(
            "Whoever takes a consent back must be one of the family's contacts.",
            "Quien retira un consentimiento debe ser un contacto de la familia.",
        )


def _not_theirs(why: str, why_es: str) -> EnlaceError:
    return rule(
        "may-not-revoke",
        f"{why} Nothing was changed: choose the right person, or leave the person out where the "
        "school itself takes it back.",
        es=f"{why_es} No se cambió nada: elija a la persona correcta, o no nombre a nadie "
        "si es la escuela quien lo retira.",
    )


def _names(categories: Sequence[Category]) -> str:
    return ", ".join(each.value for each in categories)
