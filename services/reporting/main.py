"""Puts the reporting service together."""

from services.chassis.consumer.reactions import Reactions
from services.chassis.erasure import erasures_router, on_erasure
from services.chassis.privacy import Vault, read_root_key
from services.chassis.run import run
from services.chassis.service import Chassis, Group, Parts
from services.reporting.api.context import Context
from services.reporting.api.facts import facts_router
from services.reporting.api.measures import measures_router
from services.reporting.api.operations import operations_router
from services.reporting.api.programmes import programmes_router
from services.reporting.api.seats import seats_router
from services.reporting.generations import Generations
from services.reporting.marks import MarkOpener
from services.reporting.projections import projections
from services.reporting.publication import Publication
from services.reporting.rebuild import Rebuilder
from services.reporting.settings import ReportingSettings
from services.reporting.store import Reading


def build(chassis: Chassis[ReportingSettings]) -> Parts:
    """Return what reporting adds to the chassis."""
    settings = chassis.settings
    root_key = read_root_key(settings.keys_dir)
    vault = Vault(chassis.mongo, settings.database("keys_people"), root_key)
    generations = Generations(
        chassis.database, projections(settings.zone, MarkOpener(vault)), chassis.clock
    )
    reading = Reading(generations)
    context = Context(
        reading=reading,
        publication=Publication(chassis.database, reading, chassis.clock, settings.zone),
        generations=generations,
        clock=chassis.clock,
        settings=settings,
    )
    # Facts are of referrals and hold no person: there is nothing to forget, and that is confirmed.
    erased = Reactions()
    on_erasure(erased, chassis.store, chassis.clock)
    return Parts(
        routers=[
            erasures_router(chassis.store),
            facts_router(context),
            measures_router(context),
            programmes_router(context),
            seats_router(context),
            operations_router(context),
        ],
        groups=[chassis.district_group(), Group("reporting-erasures", erased.topics, erased)],
        more_groups=generations.groups,
        tasks=[Rebuilder(generations, settings).run],
        prepare=[vault.check, generations.prepare],
        close=[vault.close],
    )


def main() -> None:
    """Run the reporting service."""
    run("reporting", build, ReportingSettings)


if __name__ == "__main__":
    main()
