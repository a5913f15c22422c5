"""The page behind *I want no more of these mails*, and what its button does."""

from html import escape

from fastapi import APIRouter, Depends, Response

from services.chassis.auth import Allow
from services.chassis.errors import unknown
from services.notify.api.context import Context
from services.notify.mail_stops import MailStops, stop_mail

_PAGE = """<!doctype html>
<html lang="es"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{margin:0;font:18px/1.5 system-ui,sans-serif}}
main{{max-width:520px;margin:0 auto;padding:32px 20px}}h1{{font-size:24px;line-height:1.3}}
button{{font:inherit;font-weight:650;min-height:48px;width:100%;padding:10px 18px;
border:2px solid currentcolor;border-radius:6px;background:none;color:inherit}}</style>
</head><body><main><h1>{title}</h1>{words}</main></body></html>"""

_ASK = """<p>Presione el botón y no le enviamos más correos a esta dirección. Una persona de la
escuela busca otra forma de avisarle.</p>
<p lang="en">Press the button and we send no more mail to this address. A person at the school finds
another way to tell you.</p>
<form method="post"><button>No más correos · <span lang="en">No more mail</span></button></form>"""

_DONE = (
    """<p>Listo: ya no le enviamos correos.</p><p lang="en">Done: we send you no more mail.</p>"""
)


def mail_stops_router(context: Context, stops: MailStops) -> APIRouter:
    """Return the router. What stands in the address is all the leave that there is to give."""
    router = APIRouter(prefix="/v1/mail-stops", tags=["mail"], dependencies=[Depends(Allow())])

    def need(person: str, token: str) -> None:
        if not stops.fits(person[:64], token[:64]):
            raise unknown("page")

    @router.get("/{person}/{token}")
    async def get_mail_stop(person: str, token: str) -> Response:
        """Show the page; nothing is changed, for scanners of mail open every address."""
        need(person, token)
        return _page("¿No quiere más correos?", _ASK)

    @router.post("/{person}/{token}")
    async def post_mail_stop(person: str, token: str) -> Response:
        """Stop mail, pressed on the page or by the mail program itself (RFC 8058)."""
        need(person, token)
        await stop_mail(context.store, context.book, context.clock, person)
        return _page("No más correos", _DONE)

    return router


def _page(title: str, words: str) -> Response:
    headers = {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
        "form-action 'self'; frame-ancestors 'none'",
    }
    return Response(
        _PAGE.format(title=escape(title), words=words), media_type="text/html", headers=headers
    )
