"""What Meta's App Review wants to know of each permission we ask for. `docs/app-review.md` says the same.

`integrations.permissions.NEEDED` decides what we ask for; a test keeps the three equal.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Use:
    """Why we ask for one permission: two sentences, the page that shows it, and what to film there.

    `screen` is the name of an address under /s/<store>/.
    """

    permission: str
    why: str
    screen: str
    screen_title: str
    script: tuple[str, ...]


OPENING = (
    "Start signed out, with the address bar in the picture. Sign in as the reviewer's user.",
    "Open Integrations and press “Connect Facebook”. Meta's dialog opens: show each permission and "
    "press Continue.",
    "Tick the test Page in the list and press “Connect the ticked Pages”. Wait until it says “Connected”.",
)
"""How every screencast begins: Meta wants to see the login and the permission being given."""

USES = (
    Use(
        permission="pages_show_list",
        why="We list the Pages that the merchant manages, so that they can choose which ones the shop uses. "
        "Nothing is connected that the merchant has not ticked.",
        screen="integrations:index",
        screen_title="Integrations",
        script=(
            "Stay on the list of Pages after Meta's dialog: it shows name, category and Instagram account.",
            "Tick one Page and leave another one unticked. Show that only the ticked one is connected.",
        ),
    ),
    Use(
        permission="pages_read_engagement",
        why="We read the connected Page's name, category and picture, and show them wherever the "
        "Page stands. "
        "It also lets us list the Instagram account that is linked to the Page.",
        screen="integrations:index",
        screen_title="Integrations",
        script=(
            "Show the card of the connected Page with its name, its category and its Instagram account.",
            "Change the Page's category at Facebook, press “Check now”, and show the new one.",
        ),
    ),
    Use(
        permission="pages_manage_metadata",
        why="We subscribe to the connected Page's messages and leads, so that they reach the merchant within "
        "seconds. When the merchant disconnects the Page we end the subscription.",
        screen="health",
        screen_title="Health",
        script=(
            "Write to the Page from another Facebook account.",
            "Open Health: the Page's card says when the last news came. Open the list of events and show it.",
            "Open Integrations, press “Disconnect” on the Page's card, confirm, write again, and "
            "show that nothing new arrives.",
        ),
    ),
    Use(
        permission="pages_messaging",
        why="Customers write to the Page, and the shop's people read and answer them in one inbox. "
        "We send only "
        "what a person of the shop has written, within the time that Meta allows.",
        screen="messaging:inbox",
        screen_title="Inbox",
        script=(
            "Write to the Page from another Facebook account: “Do you have the oak lamp?”",
            "Open Inbox, open the conversation, write an answer and press “Send”.",
            "Show the answer arriving in Messenger, and “Seen” under it in StormCom.",
        ),
    ),
    Use(
        permission="instagram_basic",
        why="We read the name of the Instagram account that is linked to the chosen Page, and show it beside "
        "that Page. So the merchant sees which account a message was sent to.",
        screen="integrations:index",
        screen_title="Integrations",
        script=(
            "Show the card of the connected Page with its Instagram account.",
            "Show the same name at Instagram.",
        ),
    ),
    Use(
        permission="instagram_manage_messages",
        why="Customers write to the shop's Instagram account, and the shop's people read and answer "
        "them in the "
        "same inbox. We send only what a person of the shop has written, within the time that Meta allows.",
        screen="messaging:inbox",
        screen_title="Inbox",
        script=(
            "Write to the Instagram account from another account.",
            "Open Inbox: the conversation carries the Instagram mark. Open it, write an answer and "
            "press “Send”.",
            "Show the answer arriving at Instagram.",
        ),
    ),
    Use(
        permission="instagram_shopping_tag_products",
        why="We show whether the shop's Instagram account may tag products, and from which catalog, beside "
        "the catalog that we keep up to date. Nothing is tagged or published by us.",
        screen="catalog:catalogs",
        screen_title="Meta catalogs",
        script=(
            "Open Products, then “Meta catalogs”, and “What Meta says of it” on the card of the catalog.",
            "Show the Instagram account in the list under “Instagram”, with whether it may tag products.",
            "Choose another catalog for the shop in Commerce Manager, press “Ask Meta again”, and show the "
            "new answer.",
        ),
    ),
    Use(
        permission="leads_retrieval",
        why="We read what people entered in the Page's lead forms, so that the shop can call or "
        "write to them. "
        "Each lead stands in a list with its answers and how far the shop has come with it.",
        screen="leads:list",
        screen_title="Leads",
        script=(
            "Fill in the Page's lead form with Meta's Lead Ads testing tool.",
            "Open Leads: the new lead is there. Open it and show its answers, then set it to “Contacted”.",
        ),
    ),
    Use(
        permission="pages_manage_ads",
        why="Meta lists a Page's lead forms, and the leads of each form, only to who has this "
        "permission. We use "
        "it to look every hour for leads that were not announced to us, and for nothing else.",
        screen="leads:list",
        screen_title="Leads",
        script=(
            "Open Leads and press “Check for new leads”.",
            "Show the lead forms by name in the list, and that no ad is made or changed anywhere.",
        ),
    ),
    Use(
        permission="catalog_management",
        why="We keep the products, prices and stock of the merchant's Meta catalog equal with the shop. The "
        "merchant chooses the catalog, and sees for each product what Meta said about it.",
        screen="catalog:products",
        screen_title="Products",
        script=(
            "Open Products, then “Meta catalogs”, and connect the test catalog.",
            "Change the price of a product and show “Live” beside it once Meta has taken it.",
            "Show the new price in Commerce Manager.",
        ),
    ),
    Use(
        permission="business_management",
        why="Catalogs, and some Pages, belong to a business portfolio and not to a person. We use it to list "
        "them, so that the merchant can choose; nothing in the portfolio is changed.",
        screen="catalog:catalogs",
        screen_title="Meta catalogs",
        script=(
            "Open Products, then “Meta catalogs”: the list names the catalogs and the business that "
            "each belongs to.",
            "Connect one of them.",
        ),
    ),
)
"""One entry for each permission that we ask for."""

REVIEWER = (
    "Make a store for the review with a few products and a few conversations in it.",
    "Sign up a user for the reviewer with a password and no second step, and invite it to the store "
    "as manager. "
    "Put its e-mail address and password into the submission.",
    "Under “App roles”, “Test users”, make a Facebook test user with a Page of its own. The "
    "reviewer connects that "
    "Page, or one of theirs.",
    "Say in the submission that StormCom's own sign-in comes first and Facebook is connected after it.",
)
"""How the reviewer gets in."""
