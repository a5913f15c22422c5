"""The answer to an inbound webhook: TwiML, of which the carrier carries out `<Message>`."""

from xml.etree import ElementTree as ET


def replies(document: bytes, content_type: str) -> list[str]:
    """The texts to send back, in order; an answer that is not TwiML has none.

    A document with a DTD is refused unread: entities could make it grow without bound.
    """
    if "xml" not in content_type or b"<!" in document.replace(b"<!--", b""):
        return []
    try:
        root = ET.fromstring(document)  # noqa: S314 - no DTD gets here
    except ET.ParseError:
        return []
    if root.tag != "Response":
        return []
    found = []
    for verb in root.iter("Message"):
        body = verb.find("Body")
        text = "".join((verb if body is None else body).itertext()).strip()
        if text:
            found.append(text)
    return found
