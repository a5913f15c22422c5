"""What this server does with FHIR, as it says it itself. Pure."""

from services.partner.fhir.codes import ENLACE, GUIDE, REQUEST_PROFILE, TASK_PROFILE, Json

_SINCE = "2026-11-23"


def capability_statement() -> Json:
    """Return the CapabilityStatement."""
    return {
        "resourceType": "CapabilityStatement",
        "id": "enlace",
        "url": f"{ENLACE}/CapabilityStatement/agency",
        "name": "EnlaceAgency",
        "title": "Enlace for an agency's own system",
        "status": "active",
        "date": _SINCE,
        "publisher": "Enlace",
        "description": (
            "An agency's offers as Tasks. Accept, reject, give a date, begin and complete by "
            "putting the Task back. No identity is told here."
        ),
        "kind": "instance",
        "implementation": {"description": "The partner service of one district"},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "implementationGuide": [f"{GUIDE}/ImplementationGuide/hl7.fhir.us.sdoh-clinicalcare"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "description": "A key of the agency's, with the scope fhir, as a bearer token."
                },
                "resource": [
                    _resource(
                        "Task",
                        TASK_PROFILE,
                        ("read", "update", "search-type"),
                        versioning="versioned-update",
                        searchInclude=["Task:focus", "Task:patient"],
                        searchParam=[{"name": "status", "type": "token"}],
                    ),
                    _resource("ServiceRequest", REQUEST_PROFILE, ("read",)),
                    _resource("Patient", None, ("read",)),
                    _resource("Organization", None, ("read",)),
                    _resource("HealthcareService", None, ("read",)),
                ],
            }
        ],
    }


def _resource(
    type_name: str, profile: str | None, interactions: tuple[str, ...], **more: object
) -> Json:
    return {
        "type": type_name,
        **({"supportedProfile": [profile]} if profile else {}),
        "interaction": [{"code": each} for each in interactions],
        **more,
    }
