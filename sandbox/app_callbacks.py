"""What Meta posts to the app when a person removes it, or asks it to forget them."""

import asyncio
import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import requests

from sandbox import oauth
from sandbox.models import CALLBACK, Delivery, Removal, User
from sandbox.world import World

ANSWER_SECONDS = 10
SIGNED_SECONDS = 3600


def sign_request(world: World, user_id: str) -> str:
    """Return a `signed_request` about a person, signed over the encoded payload, without padding."""
    now = int(world.now())
    facts = {
        "algorithm": "HMAC-SHA256",
        "expires": now + SIGNED_SECONDS,
        "issued_at": now,
        "user_id": user_id,
    }
    payload = _encode(json.dumps(facts, separators=(",", ":")).encode())
    signature = hmac.new(world.app.secret.encode(), payload.encode(), hashlib.sha256).digest()
    return f"{_encode(signature)}.{payload}"


def remove_app(world: World, user: User) -> None:
    """Take back all a person allowed; the app hears of it after the answer."""
    if world.grants.pop(user.id, None) is None:
        return
    oauth.kill_tokens(world, user.id, subcode=458)
    world.removals[user.id] = Removal(id=user.id, name=user.name, at=world.now())
    if world.app.deauthorize_url:
        delivery = Delivery(
            id=str(world.count("delivery")),
            mailbox=user.id,
            object=CALLBACK,
            field="deauthorize",
            url=world.app.deauthorize_url,
            body=_form(world, user.id),
            created_at=world.now(),
            not_before=world.now(),
        )
        world.deliveries[delivery.id] = delivery


async def send_deletion(world: World, removal: Removal) -> Removal:
    """Ask the app to forget a person, and keep what it answers: the address to follow it, and a code."""
    if not world.app.deletion_url:
        removal.answer = "The app has no address for this."
        return removal
    form = _form(world, removal.id)
    removal.answer, facts = await asyncio.to_thread(_post, world.app.deletion_url, form)
    removal.url = str(facts.get("url", ""))
    removal.confirmation_code = str(facts.get("confirmation_code", ""))
    return removal


def _post(url: str, form: str) -> tuple[str, dict[str, object]]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = requests.post(url, form, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False)
        facts = answer.json()
    except ValueError:
        return f"{answer.status_code}, but no JSON", {}
    except requests.RequestException as error:
        return f"no answer: {type(error).__name__}", {}
    return f"{answer.status_code} {answer.reason}", facts if isinstance(facts, dict) else {}


def _form(world: World, user_id: str) -> str:
    return urlencode({"signed_request": sign_request(world, user_id)})


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
