"""From the dialog to tokens."""

import pytest
import requests

from tests.sandbox.conftest import (
    ADA,
    APP_ID,
    APP_SECRET,
    APP_TOKEN,
    ARCHIVE,
    BEN,
    BOLT,
    HAZEL,
    HAZEL_INSTAGRAM,
    OUTLET,
    REDIRECT,
    SCOPES,
    Meta,
    error_of,
)


def test_the_dialog_shows_people_pages_and_permissions(meta: Meta) -> None:
    query = {"client_id": APP_ID, "redirect_uri": REDIRECT, "scope": "pages_show_list,pages_messaging"}
    page = requests.get(f"{meta.url}/v26.0/dialog/oauth", params=query, timeout=10)
    assert page.status_code == 200
    for shown in ("Ada Hazel", "Ben Bolt", "Hazel Outlet", "Bolt Bikes", 'value="pages_messaging" checked'):
        assert shown in page.text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"client_id": "5"}, "Invalid App ID"),
        ({"redirect_uri": ""}, "redirect_uri parameter must be given"),
        ({"scope": "manage_pages,email"}, "Invalid Scopes: manage_pages"),
        ({"response_type": "token"}, "Unsupported response_type"),
    ],
)
def test_a_wrong_request_stays_on_a_page_of_the_dialog(
    meta: Meta, change: dict[str, str], sentence: str
) -> None:
    query = {"client_id": APP_ID, "redirect_uri": REDIRECT, "scope": "email"} | change
    for method in ("GET", "POST"):
        page = requests.request(
            method, f"{meta.url}/v26.0/dialog/oauth", params=query, timeout=10, allow_redirects=False
        )
        assert page.status_code == 400
        assert sentence in page.text
    assert meta.world.grants == {}


def test_cancel_comes_back_with_the_state_and_grants_nothing(meta: Meta) -> None:
    answer = meta.consent(decision="cancel", state="x y&z")
    assert answer == {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
        "state": "x y&z",
    }
    assert meta.world.grants == {}


def test_a_code_becomes_a_short_token_and_that_a_long_one(meta: Meta) -> None:
    answer = meta.consent()
    assert answer["state"] == "s1"
    short = meta.redeem(answer["code"])
    assert (short["token_type"], short["expires_in"]) == ("bearer", 5400)
    long = meta.get(
        "oauth/access_token",
        client_id=APP_ID,
        client_secret=APP_SECRET,
        grant_type="fb_exchange_token",
        fb_exchange_token=short["access_token"],
    )
    assert long["expires_in"] == 5_184_000
    assert meta.get("me", long["access_token"]) == {"id": ADA, "name": "Ada Hazel"}


def test_a_code_works_once(meta: Meta) -> None:
    code = meta.consent()["code"]
    meta.redeem(code)
    assert error_of(meta.redeem(code)) == (100, 36009)


def test_a_code_is_refused_for_another_address_and_when_late(meta: Meta) -> None:
    code = meta.consent()["code"]
    assert error_of(meta.redeem(code, redirect_uri=REDIRECT + "/")) == (100, 36008)
    meta.control("clock", advance_seconds=601)
    assert error_of(meta.redeem(code)) == (100, 36007)


def test_only_the_app_redeems(meta: Meta) -> None:
    code = meta.consent()["code"]
    assert error_of(meta.redeem(code, client_secret="guess")) == (1, None)
    assert error_of(meta.redeem(code, client_id="5")) == (101, None)
    assert error_of(meta.redeem("guess")) == (100, None)


def test_client_credentials_give_the_app_token(meta: Meta) -> None:
    answer = meta.get(
        "oauth/access_token", client_id=APP_ID, client_secret=APP_SECRET, grant_type="client_credentials"
    )
    assert answer == {"access_token": APP_TOKEN, "token_type": "bearer"}


def test_debug_token_names_scopes_and_the_assets_they_cover(meta: Meta) -> None:
    token = meta.login(pages=(HAZEL, OUTLET))
    facts = meta.get("debug_token", APP_TOKEN, input_token=token)["data"]
    assert (facts["app_id"], facts["type"], facts["user_id"], facts["is_valid"]) == (
        APP_ID,
        "USER",
        ADA,
        True,
    )
    assert facts["scopes"] == sorted([*SCOPES, "public_profile"])
    covered = {row["scope"]: row.get("target_ids") for row in facts["granular_scopes"]}
    assert covered["pages_messaging"] == [HAZEL, OUTLET]
    assert covered["instagram_basic"] == [HAZEL_INSTAGRAM]
    assert covered["catalog_management"] is None


def test_debug_token_of_a_page_token_names_the_page_and_no_end(meta: Meta) -> None:
    facts = meta.get("debug_token", APP_TOKEN, input_token=meta.page_token())["data"]
    assert (facts["type"], facts["profile_id"], facts["expires_at"]) == ("PAGE", HAZEL, 0)


def test_debug_token_tells_why_a_token_is_dead(meta: Meta) -> None:
    token = meta.login()
    meta.control("kill-tokens", user_id=ADA, subcode=460)
    facts = meta.get("debug_token", APP_TOKEN, input_token=token)["data"]
    assert (facts["is_valid"], facts["scopes"], facts["error"]["subcode"]) == (False, [], 460)


def test_a_token_ends_with_its_time(meta: Meta) -> None:
    token = meta.login()
    meta.control("clock", advance_seconds=5401)
    answer = meta.ask("GET", "me", token)
    assert answer.status_code == 401
    assert error_of(answer.json()) == (190, 463)
    assert "invalid_token" in answer.headers["www-authenticate"]


def test_a_declined_permission_is_listed_and_missed(meta: Meta) -> None:
    token = meta.login(ticked=[scope for scope in SCOPES if scope != "email"])
    assert {"permission": "email", "status": "declined"} in meta.get("me/permissions", token)["data"]
    assert meta.get("me", token, fields="name,email") == {"name": "Ada Hazel", "id": ADA}


def test_the_email_comes_with_its_permission(meta: Meta) -> None:
    token = meta.login(asked=["email"], pages=())
    fields = "id,email,name,first_name,last_name,verified,locale,timezone,link,gender,updated_time"
    assert meta.get("me", token, fields=fields) == {
        "id": ADA,
        "email": "ada@hazelhome.example",
        "name": "Ada Hazel",
        "first_name": "Ada",
        "last_name": "Hazel",
    }


def test_a_plain_login_keeps_the_pages_chosen_before(meta: Meta) -> None:
    meta.login(pages=(HAZEL,))
    token = meta.login(asked=["email"], pages=())
    assert [row["id"] for row in meta.get("me/accounts", token)["data"]] == [HAZEL]


def test_a_new_choice_of_pages_replaces_the_old_one(meta: Meta) -> None:
    old = meta.login(pages=(HAZEL, OUTLET))
    meta.login(pages=(OUTLET,))
    assert [row["id"] for row in meta.get("me/accounts", old)["data"]] == [OUTLET]
    assert error_of(meta.get(HAZEL, old)) == (100, 33)


def test_a_configuration_grants_all_or_nothing(meta: Meta) -> None:
    answer = meta.consent(asked=[], ticked=[], config_id="42", return_scopes="true")
    assert "catalog_management" in answer["granted_scopes"].split(",")
    assert answer.get("denied_scopes", "") == ""


def test_accounts_lists_the_ticked_pages_with_tasks_token_and_instagram(meta: Meta) -> None:
    token = meta.login()
    fields = "id,name,tasks,access_token,instagram_business_account{id,username}"
    rows = {row["id"]: row for row in meta.get("me/accounts", token, fields=fields)["data"]}
    assert list(rows) == [HAZEL, OUTLET, ARCHIVE]
    assert rows[HAZEL]["instagram_business_account"] == {"id": HAZEL_INSTAGRAM, "username": "hazel.home"}
    assert "instagram_business_account" not in rows[OUTLET]
    assert rows[ARCHIVE]["tasks"] == ["ANALYZE"]
    assert rows[HAZEL]["access_token"] == meta.get(HAZEL, token, fields="access_token")["access_token"]


def test_nobody_gets_the_pages_of_another(meta: Meta) -> None:
    token = meta.login(user=BEN, pages=(HAZEL, BOLT))
    assert [row["id"] for row in meta.get("me/accounts", token)["data"]] == [BOLT]
    assert error_of(meta.get(HAZEL, token, fields="access_token")) == (100, 33)


def test_without_the_permission_no_page_is_listed(meta: Meta) -> None:
    token = meta.login(asked=["email", "pages_messaging"])
    assert meta.get("me/accounts", token) == {"data": []}


def test_businesses_lead_to_pages_accounts_and_catalogs(meta: Meta) -> None:
    token = meta.login()
    assert [row["id"] for row in meta.get("me/businesses", token)["data"]] == ["900100"]
    assert len(meta.get("900100/owned_pages", token)["data"]) == 3
    assert [row["id"] for row in meta.get("900100/owned_instagram_accounts", token)["data"]] == [
        HAZEL_INSTAGRAM
    ]
    made = meta.post("900100/owned_product_catalogs", token, name="Outlet")
    rows = meta.get("900100/owned_product_catalogs", token, fields="id,name,product_count")["data"]
    assert rows[1:] == [{"id": made["id"], "name": "Outlet", "product_count": 0}]
    assert error_of(meta.get("900200/owned_pages", token)) == (100, 33)


def test_revoking_the_app_ends_all_tokens(meta: Meta) -> None:
    token = meta.login()
    page_token = meta.get(HAZEL, token, fields="access_token")["access_token"]
    assert meta.delete("me/permissions", token) == {"success": True}
    assert error_of(meta.get("me", token)) == (190, 458)
    assert error_of(meta.get("me", page_token)) == (190, 458)


def test_one_permission_can_be_taken_back(meta: Meta) -> None:
    token = meta.login()
    assert meta.delete("me/permissions/email", token) == {"success": True}
    assert meta.get("me/permissions", token, status="declined")["data"] == [
        {"permission": "email", "status": "declined"}
    ]
