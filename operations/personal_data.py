"""Where personal data lies, field by field, and what erases it. A test walks all models for what is missing.
How long each kind of row stays when nobody asks is in `retention`.

Each field that can hold free words or structure stands in one of the two tables: in PERSONAL with the step of
an erasure that empties it, or with the reason why none does; in IMPERSONAL when it is not about a person.
"""

from __future__ import annotations

BUYER = "buyer"
FACEBOOK_USER = "facebook_user"
MEMBER = "Of a member of the platform: gone when their account is deleted in the admin."
BY_TIME = "Goes by itself when its time is over; until then only the code in a link opens it."

PERSONAL: dict[str, dict[str, tuple[str, str] | str]] = {
    "messaging.Contact": dict.fromkeys(
        ("person_id", "name", "username", "picture_url"), (BUYER, "conversations")
    ),
    "messaging.Conversation": dict.fromkeys(("early_receipts", "snippet"), (BUYER, "conversations")),
    "messaging.Message": dict.fromkeys(
        ("mid", "text", "payload", "cart", "reply_to_mid", "error_detail"), (BUYER, "conversations")
    ),
    "messaging.Attachment": dict.fromkeys(("url", "title"), (BUYER, "conversations")),
    "messaging.Reaction": dict.fromkeys(("mid", "emoji", "name"), (BUYER, "conversations")),
    "messaging.Origin": dict.fromkeys(
        ("source", "ref", "ad_id", "ad_title", "post_id", "product_id", "picture_url", "fingerprint"),
        (BUYER, "conversations"),
    ),
    "leads.Lead": dict.fromkeys(("name", "email", "phone", "phone_digits"), (BUYER, "leads")),
    "leads.MetaLead": dict.fromkeys(("answers", "reason"), (BUYER, "leads")),
    "orders.Order": dict.fromkeys(
        ("buyer_name", "buyer_email", "buyer_phone", "shipping_address"), (BUYER, "orders")
    ),
    "orders.OrderEvent": {
        "details": "Names the details of the buyer that were changed, never what they are."
    },
    "orders.ExternalOrderMapping": {"waiting": (BUYER, "orders")},
    "integrations.WebhookEvent": dict.fromkeys(("item", "traceback", "lane"), (BUYER, "events")),
    "integrations.GraphCall": {"asset_id": (BUYER, "events")},
    "integrations.WebhookDelivery": {"body": (BUYER, "events")},
    "integrations.MetaAccount": {
        **dict.fromkeys(("sealed_token", "available_pages"), (FACEBOOK_USER, "access")),
        **dict.fromkeys(("meta_user_id", "name"), (FACEBOOK_USER, "profile")),
    },
    "integrations.ConnectedPage": {"sealed_token": (FACEBOOK_USER, "access")},
    "integrations.InstagramAccount": {"sealed_token": (FACEBOOK_USER, "access")},
    "catalog.Catalog": {"sealed_token": (FACEBOOK_USER, "access")},
    "catalog.CatalogSearch": dict.fromkeys(("found", "businesses"), (FACEBOOK_USER, "profile")),
    "catalog.CatalogCreation": dict.fromkeys(("business", "business_id"), (FACEBOOK_USER, "profile")),
    "integrations.SyncRun": {"asset_id": (FACEBOOK_USER, "profile")},
    "socialaccount.SocialAccount": dict.fromkeys(("uid", "extra_data"), (FACEBOOK_USER, "sign_in")),
    "tenancy.User": dict.fromkeys(("email", "name", "password"), MEMBER),
    "account.EmailAddress": {"email": MEMBER},
    "mfa.Authenticator": {"data": MEMBER},
    "tenancy.Invitation": {"email": BY_TIME},
    "tenancy.AuditEntry": {
        "details": "The store's proof of who changed what: names members by address, customers never."
    },
    "operations.DeletionRequest": {"subject": "Emptied by the erasure itself when it ends."},
}
"""Model → field → (kind of request, step) that erases it, or why none does."""

IMPERSONAL: dict[str, str] = {
    "tenancy.Store": "name slug currency timezone",
    "tenancy.StoreApiToken": "name secret_hash hint scopes",
    "tenancy.AuditEntry": "action target_type target_id",
    "integrations.MetaAccount": "granted_scopes missing_scopes refused_scopes scope_targets token_kind "
    "expiry_warning",
    "integrations.ConnectedPage": "name last_error policy_reason page_id category tasks subscribed_fields "
    "details",
    "integrations.InstagramAccount": "name last_error policy_reason instagram_id username details",
    "integrations.AssetPicture": "asset_id content content_type",
    "integrations.PageTransfer": "page_id page_name",
    "integrations.OAuthAttempt": "state_hash return_to",
    "integrations.WebhookDelivery": "signed_by reason",
    "integrations.Mailbox": "name",
    "integrations.WebhookEvent": "mailbox kind object channel asset_id dedupe_key reason",
    "integrations.SyncRun": "job error",
    "integrations.GraphCall": "method path kind trace",
    "integrations.GraphUsage": "line bucket object_id",
    "integrations.EventReplay": "kind mailboxes",
    "integrations.ConnectionTest": "number",
    "catalog.Picture": "address digest",
    "catalog.ProductImage": "alt",
    "catalog.Product": (
        "title description brand item_group_id category google_category colour size material pattern "
        "variant_words"
    ),
    "catalog.BulkChange": "listed change problems",
    "catalog.ProductImport": "file_name content problems pictures changes given_up unread notes error",
    "catalog.Variant": "title sku retailer_id gtin mpn image_url",
    "catalog.StockMovement": "reference",
    "catalog.Reservation": "reference",
    "catalog.Canary": "retailer_id",
    "catalog.Catalog": "name last_error catalog_id",
    "catalog.CatalogSearch": "error",
    "catalog.CatalogCreation": "name catalog_id known_ids error",
    "catalog.PushBatch": "handle door_warnings taken_over error",
    "catalog.CatalogItem": "sent_fingerprint confirmed_fingerprint refused_content error meta_message "
    "meta_warnings",
    "catalog.InventorySnapshot": "sent_fingerprint confirmed_fingerprint refused_content error meta_message "
    "meta_warnings",
    "catalog.Comparison": "place mark error",
    "catalog.RemoteItem": "retailer_id meta_id title rejection_reasons tagging_status problems "
    "facts obstacle",
    "catalog.CatalogCount": "subject rule numbers",
    "catalog.Collection": "name",
    "catalog.ProductSet": "name retailer_id set_id fingerprint error",
    "catalog.CatalogDiagnostic": "kind title subtitle",
    "catalog.InstagramTagging": "catalog_ids error",
    "catalog.CatalogFinding": "retailer_id title differences handle error",
    "messaging.Contact": "asset_id",
    "messaging.Conversation": "asset_id snippet_kind",
    "messaging.Message": "app_id error error_code",
    "messaging.Attachment": "type",
    "leads.LeadForm": "form_id name status questions options",
    "leads.MetaLead": "leadgen_id ad_id adset_id campaign_id platform",
    "orders.Order": "currency needs_attention",
    "orders.OrderLine": "retailer_id title problem",
    "orders.ExternalOrderMapping": "source_system external_id versions",
    "orders.OrderEmail": "reason",
    "operations.DeletionRequest": "code fingerprint done_steps erased kept last_error",
    "socialaccount.SocialAccount": "provider",
}
"""Model → its fields that say nothing about a person."""
