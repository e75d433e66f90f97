"""Meta's own SDK drives the sandbox."""

import json
from typing import Any

import pytest
from facebook_business.adobjects.iguser import IGUser
from facebook_business.adobjects.lead import Lead
from facebook_business.adobjects.leadgenform import LeadgenForm
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.productcatalog import ProductCatalog
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from tests.sandbox.conftest import (
    APP_ID,
    APP_SECRET,
    CATALOG,
    FORM,
    HAZEL,
    HAZEL_INSTAGRAM,
    MAYA_ON_HAZEL,
    Meta,
    item,
    wait_until,
)

# The SDK warns of values that its own type names allow.
pytestmark = pytest.mark.filterwarnings("ignore:value of")


def api_of(meta: Meta, token: str) -> FacebookAdsApi:
    session = FacebookSession(APP_ID, APP_SECRET, token)
    session.GRAPH = meta.url
    return FacebookAdsApi(session)


@pytest.fixture
def person(meta: Meta) -> FacebookAdsApi:
    return api_of(meta, meta.login())


@pytest.fixture
def shop(meta: Meta) -> FacebookAdsApi:
    return api_of(meta, meta.page_token())


def test_the_sdk_walks_the_pages_of_a_person(person: FacebookAdsApi) -> None:
    rows = User("me", api=person).get_accounts(fields=["id", "name", "access_token"], params={"limit": 1})
    assert [row["name"] for row in rows] == ["Hazel Home", "Hazel Outlet", "Hazel Archive"]


def test_the_sdk_reads_a_page_with_its_instagram_account(shop: FacebookAdsApi) -> None:
    page = Page(HAZEL, api=shop).api_get(
        fields=["name", "category", "instagram_business_account", "has_lead_access"]
    )
    assert page["instagram_business_account"].export_all_data() == {"id": HAZEL_INSTAGRAM}
    assert page["has_lead_access"]["can_access_lead"] is True
    assert IGUser(HAZEL_INSTAGRAM, api=shop).api_get(fields=["username"])["username"] == "hazel.home"


def test_the_sdk_subscribes_a_page(shop: FacebookAdsApi) -> None:
    page = Page(HAZEL, api=shop)
    page.create_subscribed_app(params={"subscribed_fields": ["messages", "leadgen"]})
    (row,) = page.get_subscribed_apps()
    assert (row["id"], row["subscribed_fields"]) == (APP_ID, ["messages", "leadgen"])


def test_the_sdk_sends_a_message_and_reads_the_thread(meta: Meta, shop: FacebookAdsApi) -> None:
    meta.control("message", page_id=HAZEL, buyer="Maya Iyer", text="Hello?")
    page = Page(HAZEL, api=shop)
    params = {"recipient": {"id": MAYA_ON_HAZEL}, "message": {"text": "Hi."}, "messaging_type": "RESPONSE"}
    page.create_message(params=params)
    (thread,) = page.get_conversations(fields=["snippet", "message_count"], params={"platform": "MESSENGER"})
    assert (thread["snippet"], thread["message_count"]) == ("Hi.", 2)


def test_the_sdk_raises_the_error_of_a_closed_window(meta: Meta, shop: FacebookAdsApi) -> None:
    params = {"recipient": {"id": MAYA_ON_HAZEL}, "message": {"text": "Hi."}}
    with pytest.raises(FacebookRequestError) as caught:
        Page(HAZEL, api=shop).create_message(params=params)
    assert (caught.value.api_error_code(), caught.value.api_error_subcode()) == (10, 2018278)
    assert meta.world.messages == {}


def test_the_sdk_pushes_items_and_asks_how_it_went(person: FacebookAdsApi) -> None:
    catalog = ProductCatalog(CATALOG, api=person)
    rows = [item("lamp"), {"method": "UPDATE", "data": {"id": "new", "price": "1.00 GBP"}}]
    answer: Any = catalog.create_items_batch(params={"item_type": "PRODUCT_ITEM", "requests": rows})
    params = {"handle": answer["handles"][0], "load_ids_of_invalid_requests": True}

    def finished() -> Any:
        (row,) = catalog.get_check_batch_request_status(params=params)
        return row if row["status"] == "finished" else None

    assert wait_until(finished)["ids_of_invalid_requests"] == ["new"]
    wanted = {"filter": json.dumps({"retailer_id": {"eq": "lamp"}})}
    (product,) = catalog.get_products(fields=["retailer_id", "price"], params=wanted)
    assert (product["retailer_id"], product["price"]) == ("lamp", "£48.00")


def test_the_sdk_reads_leads(meta: Meta, shop: FacebookAdsApi) -> None:
    made = meta.control("lead", form_id=FORM, answers={"email": "ann@example.com"})
    (form,) = Page(HAZEL, api=shop).get_lead_gen_forms(fields=["id", "questions"])
    (row,) = LeadgenForm(form["id"], api=shop).get_leads(fields=["field_data"])
    assert row["field_data"] == [{"name": "email", "values": ["ann@example.com"]}]
    assert Lead(made["leadgen_id"], api=shop).api_get(fields=["form_id"])["form_id"] == FORM


def test_the_sdk_sends_a_batch(person: FacebookAdsApi) -> None:
    batch, seen = person.new_batch(), []
    for node_id in ("me", HAZEL, "999"):
        batch.add(
            "GET",
            (node_id,),
            params={"fields": "id"},
            success=lambda response: seen.append(response.json()["id"]),
            failure=lambda response: seen.append(response.error().api_error_subcode()),
        )
    batch.execute()
    assert seen == ["70001", HAZEL, 33]
