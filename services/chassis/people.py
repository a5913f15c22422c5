"""Ways to reach a person, checked."""

import phonenumbers


def phone_number(text: str) -> str:
    """Return a number in E.164, read as one of the United States where it names no country.

    The numbers kept for fiction (555-0100 to 555-0199) are taken too: samples must ring nobody.

    Raises:
        ValueError: nobody could be called there. The text says so without repeating it.
    """
    try:
        parsed = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        raise ValueError("this is no phone number: give it as +15105550123") from None
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError("this phone number is too short or too long: give it as +15105550123")
    number: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return number
