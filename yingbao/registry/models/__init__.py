"""The register (全员信息台账), the lists that what people owe rests on, and how each record came to be as it is."""

from yingbao.registry.models.evidence import Attachment, EligibilityReview
from yingbao.registry.models.files import IdentityAlias, ImportedFile, StagedPerson
from yingbao.registry.models.history import RecordChange
from yingbao.registry.models.institutions import (
    Institution,
    InstitutionLogin,
    InstitutionMember,
    StagedMember,
)
from yingbao.registry.models.lists import CoveredElsewhere, Identity, IdentityConfirmation
from yingbao.registry.models.matches import DifferentPeople, MatchMemory, MatchQuestion
from yingbao.registry.models.people import FormerCertificate, Household, Resident, ResidentLogin
from yingbao.registry.models.views import SavedFilter

__all__ = [
    "Attachment",
    "CoveredElsewhere",
    "DifferentPeople",
    "EligibilityReview",
    "FormerCertificate",
    "Household",
    "Identity",
    "IdentityAlias",
    "IdentityConfirmation",
    "ImportedFile",
    "Institution",
    "InstitutionLogin",
    "InstitutionMember",
    "MatchMemory",
    "MatchQuestion",
    "RecordChange",
    "Resident",
    "ResidentLogin",
    "SavedFilter",
    "StagedMember",
    "StagedPerson",
]
