"""An agency's offers as HL7 FHIR R4, for agencies whose own system speaks it."""
