"""The permissions a person can grant."""

LABELS = {
    "public_profile": "See your name and profile picture",
    "email": "See your e-mail address",
    "pages_show_list": "See which Pages you manage",
    "pages_read_engagement": "Read what your Pages publish and how people react",
    "pages_read_user_content": "Read what other people write on your Pages",
    "pages_manage_metadata": "Change settings of your Pages and hear of news on them",
    "pages_manage_posts": "Publish on your Pages",
    "pages_manage_engagement": "Answer and moderate comments on your Pages",
    "pages_manage_ads": "Manage ads and lead forms of your Pages",
    "pages_messaging": "Read and answer messages to your Pages",
    "pages_utility_messaging": "Send order updates from your Pages",
    "pages_user_locale": "See the language of people who write to you",
    "pages_user_timezone": "See the time zone of people who write to you",
    "pages_user_gender": "See the gender of people who write to you",
    "instagram_basic": "See your Instagram accounts",
    "instagram_manage_comments": "Answer and moderate comments on Instagram",
    "instagram_manage_messages": "Read and answer messages on Instagram",
    "instagram_content_publish": "Publish on Instagram",
    "instagram_shopping_tag_products": "Tag products on Instagram",
    "business_management": "Manage your business portfolio",
    "catalog_management": "Manage your catalogs and products",
    "commerce_account_read_settings": "Read the settings of your shop",
    "commerce_manage_accounts": "Manage your shop",
    "commerce_account_manage_orders": "Manage orders of your shop",
    "commerce_account_read_orders": "Read orders of your shop",
    "commerce_account_read_reports": "Read reports of your shop",
    "leads_retrieval": "Read the answers to your lead forms",
    "ads_management": "Manage your ads",
    "ads_read": "Read your ads",
}

LOGIN_ONLY = {"public_profile", "email"}

SYSTEM_USER_CONFIGURATION = "4712"
"""The `config_id` that gives the token of a system user; any other one gives a person's."""

BUSINESS_LOGIN = [
    "public_profile",
    "email",
    "pages_show_list",
    "pages_read_engagement",
    "pages_manage_metadata",
    "pages_manage_ads",
    "pages_messaging",
    "instagram_basic",
    "instagram_manage_messages",
    "instagram_shopping_tag_products",
    "business_management",
    "catalog_management",
    "leads_retrieval",
    "ads_management",
]
"""What any `config_id` asks for: all of it or nothing."""
