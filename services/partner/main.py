"""Puts the partner service together."""

import hashlib
from functools import partial

from services.chassis.erasure import erasures_router, on_erasure
from services.chassis.limits import Largest
from services.chassis.links import read_link_key
from services.chassis.privacy import Vault, read_root_key
from services.chassis.received import forget_left_behind
from services.chassis.run import run
from services.chassis.scan import LARGEST_SCAN
from services.chassis.scans import Scans
from services.chassis.service import Chassis, Group, Parts
from services.chassis.sight import ReferralSight
from services.chassis.sites import Sites
from services.chassis.timers import Sweep
from services.partner.api import agreement_documents, imports
from services.partner.api.addresses import addresses_router
from services.partner.api.agencies import agencies_router
from services.partner.api.agreement_deadlines import agreement_deadlines_router
from services.partner.api.agreement_steps import agreement_steps_router
from services.partner.api.agreements import agreements_router
from services.partner.api.answers import answers_router
from services.partner.api.batches import batches_router
from services.partner.api.by_hand import by_hand_router
from services.partner.api.capacities import capacities_router
from services.partner.api.context import Context
from services.partner.api.deletions import deletions_router
from services.partner.api.differences import differences_router
from services.partner.api.entries import entries_links_router, entries_router
from services.partner.api.hsds import hsds_router, hsds_taxonomies_router
from services.partner.api.hsds_places import hsds_places_router
from services.partner.api.hsds_services import hsds_services_router
from services.partner.api.matches import matches_router
from services.partner.api.offer_checks import offer_checks_router
from services.partner.api.offerings import offerings_router
from services.partner.api.own_batches import own_batches_router
from services.partner.api.own_offers import own_offer_router, own_offers_router
from services.partner.api.performance import performance_router
from services.partner.api.services import services_router
from services.partner.api.waitlists import waitlists_router
from services.partner.api.withdrawals import withdrawals_router
from services.partner.consumer import reactions
from services.partner.fhir.api import fhir_router
from services.partner.handlers import entries, needs, offers
from services.partner.handlers.batches import BatchSweep, Telling
from services.partner.handlers.matching import Matcher
from services.partner.handlers.moments import Moments
from services.partner.handlers.offers import Links
from services.partner.handlers.waves import OfferingSweep
from services.partner.handlers.weeks import WeekSweep
from services.partner.imports.kept import KeptImports
from services.partner.model import agreement
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement
from services.partner.model.matching.weights import Weights
from services.partner.model.waitlist import WaitlistPolicy, Waitlists
from services.partner.sandbox.parts import PATH as SANDBOX
from services.partner.sandbox.parts import sandbox
from services.partner.settings import PartnerSettings
from services.partner.shelf import Shelf
from services.partner.store import create_indexes
from services.partner.subscriptions.parts import subscriptions
from services.partner.zips import read_zips


def build(chassis: Chassis[PartnerSettings]) -> Parts:
    """Return what partner adds to the chassis."""
    settings = chassis.settings
    root_key = read_root_key(settings.keys_dir)
    vault = Vault(chassis.mongo, settings.database("keys_agencies"), root_key)
    sites = Sites.read(settings.sites_file)
    shelf = Shelf(chassis.store, chassis.clock, sites, read_zips(settings.zip_centroids_file))
    policy = WaitlistPolicy(settings.waitlist_policy)
    waitlists = Waitlists(policy, settings.waitlist_answer_within)
    moments = Moments(chassis.clock, waitlists, settings.zone)
    context = Context(
        store=chassis.store,
        vault=vault,
        clock=chassis.clock,
        settings=settings,
        identity=chassis.identity,
        # Derived, so that hashes of bodies and of people are worth nothing without the root key.
        secret=hashlib.sha256(b"partner fingerprints" + root_key).digest(),
        link_key=read_link_key(settings.keys_dir),
        sites=sites,
        district=chassis.district,
        sight=ReferralSight(settings.referral_url, chassis.http),
        matcher=Matcher(
            shelf,
            chassis.clock,
            Weights.model_validate(settings.match_weights),
            settings.stale_after,
            settings.entries_old_after,
        ),
        moments=moments,
    )
    kept = KeptImports(chassis.database)
    scans = Scans(
        chassis.mongo, settings.database("partner"), vault, agreement_documents.document_gone
    )
    links = Links(context.link_key, settings.link_lifetime)
    table = reactions(chassis.store, moments, links)
    on_erasure(table, chassis.store, chassis.clock, partial(offers.forget_family, chassis.store))
    asking = entries.Asking(links, settings.entries_asked_every, settings.zone)
    subscribed = subscriptions(
        chassis.store,
        vault,
        chassis.clock,
        context.secret,
        local=settings.local_webhooks,
        calls_per_minute=settings.key_calls_per_minute,
    )
    invented = sandbox(chassis, context, links, subscribed.desk)
    return Parts(
        routers=[
            erasures_router(chassis.store),
            agencies_router(context),
            addresses_router(context),
            services_router(context),
            agreements_router(context),
            agreement_steps_router(context),
            agreement_deadlines_router(context),
            agreement_documents.documents_router(context, scans),
            capacities_router(context, subscribed.desk),
            waitlists_router(context),
            matches_router(context),
            offerings_router(context),
            offer_checks_router(context),
            by_hand_router(context),
            withdrawals_router(context),
            answers_router(context),
            deletions_router(context),
            batches_router(context),
            own_offers_router(context),
            own_offer_router(context),
            own_batches_router(context),
            entries_router(context),
            entries_links_router(context),
            imports.imports_router(context, kept),
            differences_router(context),
            hsds_router(context),
            hsds_services_router(context),
            hsds_places_router(context),
            hsds_taxonomies_router(context),
            fhir_router(context, subscribed.desk),
            performance_router(context, subscribed.desk),
            *subscribed.routers,
            invented.way_in,
        ],
        mounts={SANDBOX: invented.routers},
        groups=[
            Group("partner", table.topics, table),
            subscribed.group,
            chassis.district_group(partial(needs.retell, chassis.store)),
        ],
        sweeps=[
            Sweep(chassis.store, chassis.clock, Agreement, agreement.tick),
            OfferingSweep(chassis.store, chassis.clock, moments, links),
            WeekSweep(chassis.store, chassis.clock, moments),
            Sweep(chassis.store, chassis.clock, Agency, asking.tick),
            BatchSweep(chassis.store, moments, Telling(links)),
            subscribed.sweep,
            *invented.sweeps,
        ],
        tasks=[subscribed.pusher.run, *invented.tasks],
        due=[subscribed.pusher.due, *invented.due],
        prepare=[
            vault.prepare,
            lambda: create_indexes(chassis.store),
            kept.create_indexes,
            forget_left_behind,
            subscribed.prepare,
            *invented.prepare,
        ],
        close=[subscribed.close, invented.close, shelf.close, vault.close],
        large_bodies={
            imports.PATH: Largest(settings.import_max_bytes),
            agreement_documents.PATH: LARGEST_SCAN,
        },
    )


def main() -> None:
    """Run the partner service."""
    run("partner", build, PartnerSettings)


if __name__ == "__main__":
    main()
