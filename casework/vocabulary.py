"""The product's own words for its closed sets: kinds of visits, stages, roles, grades. All are message ids."""

from __future__ import annotations

from locales.catalogue import N_
from storage.tables.cases import Stage
from storage.tables.members import MemberState, Role
from storage.tables.visits import VisitKind

KINDS = {
    VisitKind.talk: N_("Heart-to-heart talk"),
    VisitKind.home_visit: N_("Integrity home visit"),
    VisitKind.study_visit: N_("Study at the door"),
    VisitKind.unit_interview: N_("Unit interview"),
    VisitKind.colleague_interview: N_("Colleague interview"),
    VisitKind.family_interview: N_("Family interview"),
    VisitKind.file_read: N_("File read"),
    VisitKind.post_change: N_("Suggestion to change post"),
    VisitKind.unit_opinion: N_("Unit's opinion"),
    VisitKind.care_plan: N_("Care plan"),
    VisitKind.review: N_("Comprehensive review"),
    VisitKind.contact: N_("Contact with the person"),
    VisitKind.difficulty: N_("Difficulty"),
}
# How one that was made and one to come are called where nobody goes anywhere: a difficulty is settled.
MADE = {VisitKind.difficulty: N_("Dealt with")}
TO_COME = {VisitKind.difficulty: N_("To be settled")}
STAGES = {
    Stage.early_care: N_("Care during the restriction period"),
    Stage.follow_up: N_("Care follow-up"),
    Stage.evaluation: N_("Comprehensive evaluation"),
    Stage.observation: N_("Follow-up observation"),
}
ROLES = {
    Role.care_officer: N_("Care officer"),
    Role.supervisor: N_("Supervisor"),
    Role.commission_staff: N_("Commission staff"),
    Role.leader: N_("Member of the leading group"),
    Role.unit_party_org: N_("The unit's Party organisation"),
    Role.stationed_group: N_("Stationed discipline group"),
    Role.organisation_department: N_("Organisation department"),
    Role.personnel_bureau: N_("Personnel bureau"),
    Role.subject: N_("The person concerned"),
    Role.administrator: N_("Administrator"),
}
MEMBER_STATES = {MemberState.active: N_("active"), MemberState.suspended: N_("suspended")}
# As the rating's form offers them (casework/forms/catalog/common.py).
GRADES = {
    "settled": N_("Settled (green)"),
    "stable": N_("Stable (blue)"),
    "unsettled": N_("Unsettled (yellow)"),
    "concern": N_("Of concern (red)"),
    "not_rated": N_("Not rated yet"),
}
