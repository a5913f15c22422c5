"""Puts the referral service together."""

import hashlib
from functools import partial

from services.chassis.limits import Largest
from services.chassis.links import read_link_key
from services.chassis.privacy import Vault, read_root_key
from services.chassis.received import forget_left_behind
from services.chassis.run import run
from services.chassis.scan import LARGEST_SCAN
from services.chassis.scans import Scans
from services.chassis.service import Chassis, Group, Parts
from services.chassis.sites import Sites
from services.chassis.timers import Sweep
from services.referral.api import attempts, consent_scans, imports
from services.referral.api.audit import audit_router
from services.referral.api.bulk import bulk_router
from services.referral.api.care import care_router
from services.referral.api.colleagues import colleagues_router
from services.referral.api.consents import consents_router
from services.referral.api.contacts import contacts_router
from services.referral.api.context import Context, record_erased
from services.referral.api.corrections import corrections_router
from services.referral.api.covers import covers_router
from services.referral.api.deletions import deletions_router
from services.referral.api.disclosures import disclosures_router
from services.referral.api.enrolment import enrolment_router
from services.referral.api.erasures import erasures_router
from services.referral.api.examples import examples
from services.referral.api.export import export_router
from services.referral.api.family_status import family_status_router
from services.referral.api.follow_ups import follow_ups_router
from services.referral.api.glass import glass_router
from services.referral.api.glass_search import glass_search_router
from services.referral.api.hand_offs import hand_offs_router
from services.referral.api.help_requests import help_requests_router
from services.referral.api.help_triage import help_triage_router
from services.referral.api.history import history_router
from services.referral.api.lists import categories_router, languages_router, reasons_router
from services.referral.api.meetings import meetings_router
from services.referral.api.merges import merges_router
from services.referral.api.moves import moves_router
from services.referral.api.notes import notes_router
from services.referral.api.people import people_router
from services.referral.api.protection import protection_router
from services.referral.api.questions import questions_router
from services.referral.api.referrals import referrals_router
from services.referral.api.release import release_router
from services.referral.api.retention import retention_router
from services.referral.api.roll_overs import roll_overs_router
from services.referral.api.rules import rules_router
from services.referral.api.search import search_router
from services.referral.api.staff import staff_router
from services.referral.api.students import students_router
from services.referral.api.today import today_router
from services.referral.api.views import emergency_router, views_router
from services.referral.api.waves import waves_router
from services.referral.care_store import create_care_indexes
from services.referral.consumer import reactions
from services.referral.elsewhere import Conversations, OfferChecks
from services.referral.eraser import Eraser, Papers, Receipts
from services.referral.forgetter import Forgetter
from services.referral.handlers import (
    audit,
    consents,
    covers,
    deletions,
    erasures,
    glass,
    help_requests,
    history,
    holds,
    household,
    meetings,
    protection,
    retention,
    staff,
    today,
)
from services.referral.handlers.desk import Desk
from services.referral.handlers.referrals import tick, wake_forgotten
from services.referral.handlers.rules import RulesBook
from services.referral.handlers.today_records import create_record_indexes
from services.referral.imports.bad_rows import BadRows
from services.referral.ledger import ErasureLedger
from services.referral.model.consent import ConsentBook
from services.referral.model.cover import Covers
from services.referral.model.deletion import DeletionRequest
from services.referral.model.meeting import Meeting
from services.referral.model.protection import ProtectionReport
from services.referral.model.referral import Referral
from services.referral.model.retention import RetentionPlan
from services.referral.mover import Mover
from services.referral.mover import create_indexes as create_mover_indexes
from services.referral.rules_file import first_rules
from services.referral.search.keeper import NameSearch
from services.referral.settings import ReferralSettings
from services.referral.store import create_indexes


def build(chassis: Chassis[ReferralSettings]) -> Parts:
    """Return what referral adds to the chassis."""
    settings = chassis.settings
    root_key = read_root_key(settings.keys_dir)
    vault = Vault(chassis.mongo, settings.database("keys_people"), root_key)
    # Of those who asked for help and whose family nobody knows yet: their words end by themselves.
    askers = Vault(chassis.mongo, settings.database("keys_askers"), root_key)
    book = RulesBook(chassis.store, chassis.clock, first_rules(settings.rules_file))
    desk = Desk(chassis.store, chassis.clock, book.rules)
    context = Context(
        desk=desk,
        vault=vault,
        sites=Sites.read(settings.sites_file),
        settings=settings,
        # Derived, so that hashes of bodies and school ids are worth nothing without the root key.
        secret=hashlib.sha256(b"referral fingerprints" + root_key).digest(),
        link_key=read_link_key(settings.keys_dir),
        register=chassis.register,
        offer_checks=OfferChecks(settings.partner_url, chassis.identity, chassis.http),
    )
    scans = Scans(chassis.mongo, settings.database("referral"), vault, record_erased)
    table = reactions(desk)
    urls = {
        "notify": settings.notify_url,
        "partner": settings.partner_url,
        "reporting": settings.reporting_url,
    }
    conversations = Conversations(settings.notify_url, chassis.identity, chassis.http)
    ledger = ErasureLedger(settings.ledger_path)
    forgetter = Forgetter(desk, askers)
    bad_rows = BadRows(chassis.database, vault)
    receipts = Receipts(urls, chassis.identity, chassis.http)
    eraser = Eraser(desk, vault, Papers(scans, bad_rows), ledger, receipts)
    mover = Mover(desk, chassis.register, settings.zone)
    names = NameSearch(chassis.store, vault)
    rosters = imports.RosterImports(context, bad_rows)
    return Parts(
        examples=examples(),
        routers=[
            search_router(context, names),  # before /v1/students/{id}
            people_router(context),
            enrolment_router(context),
            students_router(context),
            merges_router(context),
            roll_overs_router(context),
            contacts_router(context),
            imports.imports_router(rosters),
            consents_router(context),
            consent_scans.scans_router(context, scans),
            deletions_router(context),
            disclosures_router(context),
            referrals_router(context),
            waves_router(context),
            questions_router(context),
            corrections_router(context),
            moves_router(context),
            covers_router(context),
            hand_offs_router(context),
            protection_router(context),
            bulk_router(context),
            views_router(context),
            emergency_router(context),
            history_router(context),
            follow_ups_router(context),
            help_requests_router(context, askers),
            help_triage_router(context, askers),
            today_router(context, askers),
            categories_router(book),
            languages_router(book),
            reasons_router(book),
            rules_router(book, partial(retention.begin, desk, settings.zone)),
            staff_router(context, chassis.register),
            colleagues_router(context),
            audit_router(context),
            glass_search_router(context, names),  # before any opening: `search` is no id
            glass_router(context),
            erasures_router(context, eraser),
            export_router(context, conversations),
            retention_router(context, eraser),
            release_router(context),
            family_status_router(context),
            care_router(context),
            notes_router(context),
            attempts.attempts_router(context),
            meetings_router(context),
        ],
        groups=[Group("referral", table.topics, table)],
        sweeps=[
            Sweep(chassis.store, chassis.clock, Referral, partial(tick, desk)),
            Sweep(chassis.store, chassis.clock, ProtectionReport, protection.tick),
            Sweep(chassis.store, chassis.clock, ConsentBook, partial(consents.tick, desk)),
            Sweep(chassis.store, chassis.clock, DeletionRequest, deletions.tick),
            Sweep(chassis.store, chassis.clock, Meeting, meetings.tick),
            Sweep(chassis.store, chassis.clock, Covers, covers.tick),
            Sweep(chassis.store, chassis.clock, RetentionPlan, partial(retention.tick, desk)),
        ],
        prepare=[
            vault.prepare,
            askers.prepare,
            lambda: create_indexes(chassis.store),
            lambda: today.create_indexes(chassis.store),
            lambda: create_record_indexes(chassis.store),
            lambda: create_care_indexes(chassis.store),
            lambda: help_requests.create_indexes(chassis.store),
            bad_rows.create_indexes,
            forget_left_behind,
            lambda: staff.create_indexes(chassis.store),
            lambda: audit.create_indexes(chassis.store),
            lambda: glass.create_indexes(chassis.store),
            lambda: history.create_indexes(chassis.store),
            lambda: erasures.create_indexes(chassis.store),
            lambda: holds.create_indexes(chassis.store),
            eraser.replay,
            lambda: create_mover_indexes(chassis.store),
            lambda: household.create_indexes(chassis.store),
            book.start,
            partial(wake_forgotten, desk),  # by the rules as they are
            partial(retention.begin, desk, settings.zone),
            *([names.start] if settings.role.serves else []),
        ],
        tasks=[eraser.run, forgetter.run, mover.run],
        due=[eraser.due, forgetter.due],
        close=[rosters.close, names.close, book.stop, vault.close, askers.close],
        large_bodies={
            imports.PATH: imports.LARGEST,
            consent_scans.PATH: LARGEST_SCAN,
            attempts.BATCH_PATH: Largest(attempts.MAX_BATCH_BODY),
        },
    )


def main() -> None:
    """Run the referral service."""
    run("referral", build, ReferralSettings)


if __name__ == "__main__":
    main()
