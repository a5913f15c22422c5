"""The signature on every request to the product."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def sign(auth_token: str, url: str, parameters: Mapping[str, str]) -> str:
    """`X-Twilio-Signature`: base64 HMAC-SHA1 of the URL and the POST parameters sorted by name.

    Args:
        auth_token: The account's secret.
        url: The full address as it was configured, with its query, without a fragment.
        parameters: The form, one value for each name.
    """
    signed = url + "".join(name + parameters[name] for name in sorted(parameters))
    # SHA-1 is Twilio's choice; as an HMAC it is not broken.
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
