"""Forms, leads, and the event that has ids only."""

from tests.sandbox.conftest import BEN, BOLT, FORM, HAZEL, SCOPES, Listener, Meta, error_of

ANSWERS = {"full_name": "Ann Lee", "email": "ann@example.com"}
DATA = [{"name": "full_name", "values": ["Ann Lee"]}, {"name": "email", "values": ["ann@example.com"]}]


def leave(meta: Meta) -> str:
    lead_id: str = meta.control("lead", form_id=FORM, answers=ANSWERS)["leadgen_id"]
    return lead_id


def test_the_event_has_ids_and_the_answers_are_fetched(meta: Meta, listener: Listener) -> None:
    token = meta.subscribe(listener)
    lead_id = leave(meta)
    (event,) = listener.wait_for(1)
    (change,) = event["entry"][0]["changes"]
    created = change["value"].pop("created_time")
    assert change == {"field": "leadgen", "value": {"leadgen_id": lead_id, "page_id": HAZEL, "form_id": FORM}}
    lead = meta.get(lead_id, token, fields="id,created_time,field_data,form_id,is_organic,platform,ad_id")
    assert lead.pop("created_time").endswith("+0000")
    assert lead == {"id": lead_id, "field_data": DATA, "form_id": FORM, "is_organic": True, "platform": "fb"}
    assert abs(created - meta.world.now()) < 60


def test_forms_show_their_questions(meta: Meta) -> None:
    token = meta.page_token()
    leave(meta)
    (form,) = meta.get(f"{HAZEL}/leadgen_forms", token, fields="id,name,status,leads_count,questions")["data"]
    assert (form["id"], form["status"], form["leads_count"]) == (FORM, "ACTIVE", 1)
    assert [question["key"] for question in form["questions"][:3]] == ["full_name", "email", "phone_number"]
    assert meta.get(FORM, token)["name"] == "Autumn lamp guide"


def test_leads_are_listed_newest_first_and_filtered_by_time(meta: Meta) -> None:
    token = meta.page_token()
    old = leave(meta)
    meta.control("clock", advance_seconds=100)
    new, line = leave(meta), meta.world.leads[old].created_at
    assert [row["id"] for row in meta.get(f"{FORM}/leads", token)["data"]] == [new, old]
    rule = {"field": "time_created", "operator": "GREATER_THAN", "value": line}
    assert [row["id"] for row in meta.get(f"{FORM}/leads", token, filtering=[rule])["data"]] == [new]
    rule["operator"] = "GREATER_THAN_OR_EQUAL"
    assert len(meta.get(f"{FORM}/leads", token, filtering=[rule])["data"]) == 2
    assert error_of(meta.get(f"{FORM}/leads", token, filtering=[{"field": "id"}])) == (100, None)


def test_leads_need_the_permission_and_the_page(meta: Meta) -> None:
    lead_id = leave(meta)
    weak = meta.page_token(ticked=[scope for scope in SCOPES if scope != "leads_retrieval"])
    for path in (lead_id, f"{FORM}/leads", f"{HAZEL}/leadgen_forms"):
        assert error_of(meta.get(path, weak)) == (200, None)
    stranger = meta.page_token(BOLT, user=BEN, pages=(BOLT,))
    for path in (lead_id, f"{FORM}/leads"):
        assert error_of(meta.get(path, stranger)) == (100, 33)


def test_there_is_one_test_lead_until_it_is_deleted(meta: Meta) -> None:
    token, edge = meta.page_token(), f"{FORM}/test_leads"
    made = meta.post(edge, token, field_data=[{"name": "email", "values": ["t@example.com"]}])
    data = {row["name"]: row["values"] for row in meta.get(made["id"], token)["field_data"]}
    assert data["email"] == ["t@example.com"]
    assert "dummy data" in data["full_name"][0]
    assert error_of(meta.post(edge, token)) == (100, None)
    assert meta.get(f"{FORM}/leads", token) == {"data": []}
    assert [row["id"] for row in meta.get(edge, token)["data"]] == [made["id"]]
    assert meta.delete(made["id"], token) == {"success": True}
    assert "id" in meta.post(edge, token)


def test_a_form_can_be_made_and_archived(meta: Meta) -> None:
    token = meta.page_token()
    made = meta.post(f"{HAZEL}/leadgen_forms", token, name="Vases", questions=[{"type": "EMAIL"}])
    assert meta.get(made["id"], token, fields="questions")["questions"] == [
        {"key": "email", "label": "Email", "type": "EMAIL"}
    ]
    assert meta.post(made["id"], token, status="ARCHIVED") == {"success": True}
    assert error_of(meta.post(made["id"], token, status="GONE")) == (100, None)
    assert meta.world.forms[made["id"]].status == "ARCHIVED"
