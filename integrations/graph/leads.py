"""Lead forms and the leads people leave in them. Source: fact sheet section 19, Graph API v26.0.

Names of ads, ad sets and campaigns are not asked for: they need access to the ads account, ids do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from integrations.graph.client import GraphClient
from integrations.webhooks.shapes import Json, clean, read_id, read_list, read_objects, read_time

FORM_FIELDS = "id,name,status,questions"
LEAD_FIELDS = "id,created_time,field_data,form_id,ad_id,adset_id,campaign_id,platform"


@dataclass(frozen=True, kw_only=True)
class RemoteForm:
    """A lead form; `questions` is the label of each question by the key its answers carry.

    `options` are the words of the answers one may choose, by question and by the key that an answer carries.
    """

    form_id: str
    name: str
    status: str
    questions: dict[str, str]
    options: dict[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class RemoteLead:
    """What one person left in a form; `answers` are the values by question, in the form's order."""

    leadgen_id: str
    form_id: str
    created_at: datetime | None
    answers: dict[str, list[str]] = field(repr=False)
    ad_id: str = ""
    adset_id: str = ""
    campaign_id: str = ""
    platform: str = ""


def get_lead(client: GraphClient, leadgen_id: str) -> RemoteLead:
    """Read one lead. Readable for 90 days after it was left."""
    return _read_lead(client.get(leadgen_id, fields=LEAD_FIELDS))


def get_form(client: GraphClient, form_id: str) -> RemoteForm:
    return _read_form(client.get(form_id, fields=FORM_FIELDS))


def walk_forms(client: GraphClient, page_id: str) -> Iterator[RemoteForm]:
    """Yield all forms of a Page, archived ones too: their leads are still readable."""
    return map(_read_form, client.walk(f"{page_id}/leadgen_forms", fields=FORM_FIELDS))


def walk_leads(client: GraphClient, form_id: str, *, since: datetime | None) -> Iterator[RemoteLead]:
    """Yield the leads of a form that were left after `since` (all when None), the newest first."""
    after = since and {"field": "time_created", "operator": "GREATER_THAN", "value": int(since.timestamp())}
    rows = client.walk(f"{form_id}/leads", fields=LEAD_FIELDS, filtering=[after] if after else None)
    return map(_read_lead, rows)


def _read_form(row: Json) -> RemoteForm:
    rows = list(read_objects(row.get("questions")))
    questions = {clean(q.get("key")): clean(q.get("label")) for q in rows}
    options = {clean(q.get("key")): _read_options(q) for q in rows}
    return RemoteForm(
        form_id=read_id(row.get("id")),
        name=clean(row.get("name")),
        status=clean(row.get("status")),
        questions={key: label for key, label in questions.items() if key},
        options={key: words for key, words in options.items() if key and words},
    )


def _read_options(question: Json) -> dict[str, str]:
    rows = read_objects(question.get("options"))
    options = {clean(row.get("key")): clean(row.get("value")) for row in rows}
    return {key: words for key, words in options.items() if key and words}


def _read_lead(row: Json) -> RemoteLead:
    answers: dict[str, list[str]] = {}
    for entry in read_objects(row.get("field_data")):
        answers.setdefault(clean(entry.get("name")), []).extend(map(clean, read_list(entry.get("values"))))
    return RemoteLead(
        leadgen_id=read_id(row.get("id")),
        form_id=read_id(row.get("form_id")),
        created_at=read_time(row.get("created_time")),
        answers=answers,
        ad_id=read_id(row.get("ad_id")),
        adset_id=read_id(row.get("adset_id")),
        campaign_id=read_id(row.get("campaign_id")),
        platform=clean(row.get("platform")),
    )
