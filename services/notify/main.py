"""Puts the notify service together."""

import hashlib
from functools import partial

from contracts.codes import Channel
from services.chassis.erasure import erasures_router, on_erasure
from services.chassis.lease import Lease
from services.chassis.links import read_link_key
from services.chassis.privacy import Vault, read_root_key
from services.chassis.run import run
from services.chassis.service import Chassis, Group, Parts
from services.chassis.sight import ReferralSight
from services.chassis.sites import Sites
from services.notify.api.callbacks import callbacks_router
from services.notify.api.context import Context
from services.notify.api.costs import costs_router
from services.notify.api.families import families_router
from services.notify.api.mail_stops import mail_stops_router
from services.notify.api.messages import messages_router
from services.notify.api.records import records_router
from services.notify.api.replies import replies_router
from services.notify.api.wordings import wordings_router
from services.notify.book import AddressBook
from services.notify.consumer import reactions
from services.notify.erasure import forget_family, holds_family
from services.notify.handlers import begin_outgoing
from services.notify.help_texts import HelpTexts
from services.notify.help_words import HelpWordsCopy
from services.notify.mail_stops import MailStops
from services.notify.model.contact import Book
from services.notify.providers.base import Provider
from services.notify.providers.console import Console
from services.notify.providers.failover import Failover
from services.notify.providers.smtp import SmtpMail
from services.notify.providers.twilio import TwilioSms
from services.notify.sending.checks import MessageChecks
from services.notify.sending.pace import Pace
from services.notify.sending.tools import Tools
from services.notify.sending.worker import Worker
from services.notify.settings import NotifySettings
from services.notify.store import count_due, create_indexes
from services.notify.words import Words


def build(chassis: Chassis[NotifySettings]) -> Parts:
    """Return what notify adds to the chassis."""
    return parts_of(chassis, tools_for(chassis))


def tools_for(chassis: Chassis[NotifySettings]) -> Tools:
    """Return what sending needs."""
    settings = chassis.settings
    root_key = read_root_key(settings.keys_dir)
    # Their indexes and keys are made by who owns them: referral and partner.
    vaults = {
        book: Vault(chassis.mongo, settings.database(f"keys_{book}"), root_key) for book in Book
    }
    # Derived, so that hashes of numbers are worth nothing without the root key.
    secret = hashlib.sha256(b"notify hashes" + root_key).digest()
    mail_stops = MailStops(read_link_key(settings.keys_dir), settings.callbacks)
    return Tools(
        store=chassis.store,
        clock=chassis.clock,
        book=AddressBook(chassis.store, vaults, secret),
        words=Words(read_link_key(settings.keys_dir), settings.public_url, mail_stops),
        mail_stops=mail_stops,
        zone=settings.zone,
        sites=Sites.read(settings.sites_file),
        checks=MessageChecks(settings.referral_url, chassis.identity, chassis.http),
        district=chassis.district,
        providers=_providers(settings),
        pace=Pace(settings.texts_a_second),
        texts_a_week=settings.texts_a_week,
    )


def parts_of(chassis: Chassis[NotifySettings], tools: Tools) -> Parts:
    """Return the service around these tools, which it closes at its end."""
    settings = chassis.settings
    # Of strangers who ask for help; referral opens what is sealed here, and ends it in time.
    askers = Vault(
        chassis.mongo, settings.database("keys_askers"), read_root_key(settings.keys_dir)
    )
    asking = HelpWordsCopy(chassis.store, settings.referral_url, chassis.identity, chassis.http)
    context = Context(
        store=chassis.store,
        clock=chassis.clock,
        book=tools.book,
        callbacks=settings.callbacks,
        carrier_tokens=_tokens(settings),
        help_texts=HelpTexts(chassis.store, tools.book, askers, chassis.district),
        sight=ReferralSight(settings.referral_url, chassis.http),
        requests_a_day=settings.requests_a_day,
        sites=tools.sites,
        zone=settings.zone,
    )
    table = reactions(chassis.store, chassis.clock)
    on_erasure(table, chassis.store, chassis.clock, partial(forget_family, chassis.store))
    worker = Worker(tools, Lease(chassis.database, "sending"))
    return Parts(
        routers=[
            messages_router(context),
            families_router(context),
            costs_router(context),
            wordings_router(context, tools.providers),
            records_router(context),
            replies_router(context),
            callbacks_router(context),
            mail_stops_router(context, tools.mail_stops),
            erasures_router(chassis.store, partial(holds_family, chassis.store)),
        ],
        groups=[Group("notify", table.topics, table), chassis.district_group()],
        tasks=[worker.run, asking.run],
        due=[lambda: count_due(chassis.store, chassis.clock.now())],
        prepare=[
            tools.book.check,
            askers.prepare,
            lambda: create_indexes(chassis.store),
            lambda: begin_outgoing(
                chassis.store, on=settings.outgoing_at_first, now=chassis.clock.now()
            ),
        ],
        close=[
            tools.book.close,
            askers.close,
            *[provider.close for provider in tools.providers.values()],
        ],
    )


def _providers(settings: NotifySettings) -> dict[Channel, Provider]:
    password = settings.smtp_password
    return {
        Channel.SMS: _texts(settings),
        Channel.EMAIL: SmtpMail(
            host=settings.smtp_host,
            port=settings.smtp_port,
            from_=settings.mail_from,
            user=settings.smtp_user,
            password=password.get_secret_value() if password else None,
            security=settings.smtp_security,
            timeout=settings.smtp_timeout,
            tagged=settings.mail_tagged,
        ),
    }


def _texts(settings: NotifySettings) -> Provider:
    """Return who carries texts: one provider, or two of which the second stands in."""
    if settings.texts_by == "console":
        return Console()
    first = TwilioSms(
        url=settings.twilio_url,
        account=settings.twilio_account,
        token=settings.twilio_token.get_secret_value(),
        from_=settings.twilio_from,
        callbacks=settings.callbacks,
        timeout=settings.twilio_timeout,
    )
    if settings.second_url is None:
        return first
    second = TwilioSms(
        url=settings.second_url,
        account=settings.second_account,
        token=settings.second_token.get_secret_value(),
        from_=settings.second_from,
        callbacks=settings.callbacks,
        timeout=settings.twilio_timeout,
    )
    return Failover(first, second)


def _tokens(settings: NotifySettings) -> tuple[str, ...]:
    """Return the keys of the signatures of whoever may report and hand over."""
    second = (settings.second_token,) if settings.second_url else ()
    return tuple(each.get_secret_value() for each in (settings.twilio_token, *second))


def main() -> None:
    """Run the notify service."""
    run("notify", build, NotifySettings)


if __name__ == "__main__":
    main()
