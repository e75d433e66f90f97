"""Lead forms and the leads people leave in them."""

from typing import Any

from sandbox.call import Call
from sandbox.errors import invalid
from sandbox.models import JSON, Lead, LeadForm, Page
from sandbox.nodes import Handler, Kind, graph_time, listing, names
from sandbox.webhooks import emit_change
from sandbox.world import World

STATUSES = ("ACTIVE", "ARCHIVED", "DELETED", "DRAFT")
COMPARE = {
    "GREATER_THAN": lambda left, right: left > right,
    "GREATER_THAN_OR_EQUAL": lambda left, right: left >= right,
    "LESS_THAN": lambda left, right: left < right,
}


def add_lead(world: World, form: LeadForm, answers: dict[str, Any], *, is_test: bool = False) -> Lead:
    """Keep the answers and tell the Page's subscribers the ids, never the answers."""
    field_data = [
        {"name": name, "values": [str(v) for v in value] if isinstance(value, list) else [str(value)]}
        for name, value in answers.items()
    ]
    lead = Lead(world.number("lead"), form.id, int(world.now()), field_data, is_test)
    world.leads[lead.id] = lead
    value = {
        "leadgen_id": lead.id,
        "page_id": form.page_id,
        "form_id": form.id,
        "created_time": lead.created_at,
    }
    emit_change(world, "page", form.page_id, "leadgen", value)
    return lead


def page_forms(call: Call, page: Page) -> JSON:
    call.need_page(page)
    call.need_scopes("pages_manage_ads", "leads_retrieval")
    return listing(call, [form for form in call.world.forms.values() if form.page_id == page.id])


def create_form(call: Call, page: Page) -> JSON:
    call.need_page(page, "MANAGE", "ADVERTISE")
    call.need_scopes("pages_manage_ads")
    questions = call.json("questions")
    if not isinstance(questions, list) or not questions:
        raise invalid("The parameter questions is required")
    form = LeadForm(
        id=call.world.number("form"),
        page_id=page.id,
        name=call.needed("name"),
        status="ACTIVE",
        locale=call.text("locale", "en_GB"),
        questions=[_question(question) for question in questions],
        created_at=int(call.world.now()),
    )
    call.world.forms[form.id] = form
    return {"id": form.id}


def _question(question: JSON) -> JSON:
    kind = str(question.get("type", "CUSTOM"))
    label = question.get("label") or kind.replace("_", " ").capitalize()
    return {"key": label.lower().replace(" ", "_"), "label": label, "type": kind} | question


def update_form(call: Call, form: LeadForm) -> JSON:
    call.need_scopes("pages_manage_ads")
    if call.text("status") not in STATUSES:
        raise invalid(f"Param status must be one of {{{', '.join(STATUSES)}}}")
    form.status = call.text("status")
    return {"success": True}


def form_leads(call: Call, form: LeadForm) -> JSON:
    """List the newest first."""
    call.need_scopes("leads_retrieval")
    rows = [lead for lead in leads_of(call.world, form) if not lead.is_test and _passes(call, lead)]
    return listing(call, rows[::-1])


def leads_of(world: World, form: LeadForm) -> list[Lead]:
    return [lead for lead in world.leads.values() if lead.form_id == form.id]


def _passes(call: Call, lead: Lead) -> bool:
    for rule in call.json("filtering") or ():
        if rule.get("field") != "time_created" or rule.get("operator") not in COMPARE:
            raise invalid(
                "Param filtering supports time_created with GREATER_THAN, GREATER_THAN_OR_EQUAL, LESS_THAN"
            )
        if not COMPARE[rule["operator"]](lead.created_at, int(rule["value"])):
            return False
    return True


def list_test_leads(call: Call, form: LeadForm) -> JSON:
    call.need_scopes("leads_retrieval")
    return listing(call, [lead for lead in leads_of(call.world, form) if lead.is_test])


def create_test_lead(call: Call, form: LeadForm) -> JSON:
    """One test lead per form; answers left out are made up."""
    call.need_page(call.world.pages[form.page_id], "ADVERTISE", "MANAGE")
    call.need_scopes("leads_retrieval")
    if any(lead.is_test for lead in leads_of(call.world, form)):
        raise invalid("There is already a test lead for this form: delete it first")
    answers: dict[str, Any] = {q["key"]: f"<test lead: dummy data for {q['key']}>" for q in form.questions}
    given = call.json("field_data") or ()
    answers |= {row["name"]: row["values"] for row in given}
    return {"id": add_lead(call.world, form, answers, is_test=True).id}


def delete_lead(call: Call, lead: Lead) -> JSON:
    call.need_scopes("leads_retrieval")
    del call.world.leads[lead.id]
    return {"success": True}


def _sees_lead(call: Call, lead: Lead) -> bool:
    if not call.sees_page(call.world.forms[lead.form_id].page_id):
        return False
    call.need_scopes("leads_retrieval")
    return True


def _real_leads(call: Call, form: LeadForm) -> int:
    return sum(1 for lead in leads_of(call.world, form) if not lead.is_test)


KINDS: dict[type, Kind] = {
    LeadForm: Kind(
        "LeadgenForm",
        visible=lambda call, form: call.sees_page(form.page_id),
        default=("id", "locale", "name", "status"),
        fields={
            "name": lambda call, form: form.name,
            "status": lambda call, form: form.status,
            "locale": lambda call, form: form.locale,
            "questions": lambda call, form: form.questions,
            "created_time": lambda call, form: graph_time(form.created_at),
            "page_id": lambda call, form: form.page_id,
            "page": lambda call, form: call.world.pages[form.page_id],
            "leads_count": _real_leads,
            "organic_leads_count": _real_leads,
            "expired_leads_count": lambda call, form: 0,
        },
        silent=names(
            """
    privacy_policy_url follow_up_action_url context_card thank_you_page
"""
        ),
    ),
    Lead: Kind(
        "Lead",
        visible=_sees_lead,
        default=("created_time", "id", "field_data"),
        fields={
            "created_time": lambda call, lead: graph_time(lead.created_at),
            "field_data": lambda call, lead: lead.field_data,
            "form_id": lambda call, lead: lead.form_id,
            "is_organic": lambda call, lead: True,
            "platform": lambda call, lead: "fb",
        },
        silent=names(
            """
    ad_id ad_name adset_id adset_name campaign_id campaign_name partner_name retailer_item_id
    custom_disclaimer_responses post home_listing vehicle post_submission_check_result
"""
        ),
    ),
}

ROUTES: dict[tuple[str, str, str], Handler] = {
    ("Page", "GET", "leadgen_forms"): page_forms,
    ("Page", "POST", "leadgen_forms"): create_form,
    ("LeadgenForm", "POST", ""): update_form,
    ("LeadgenForm", "GET", "leads"): form_leads,
    ("LeadgenForm", "GET", "test_leads"): list_test_leads,
    ("LeadgenForm", "POST", "test_leads"): create_test_lead,
    ("Lead", "DELETE", ""): delete_lead,
}
