"""The admin sees every store, one row's store at a time when it writes."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from tenancy.access import rendered
from tenancy.models import AuditEntry, Invitation, Membership, Store, StoreApiToken, User
from tenancy.owned import StoreOwned
from tenancy.scope import open_store


class StoreOwnedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Lists the rows of all stores; each write happens inside the row's own store."""

    list_select_related = ["store"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        model: type[StoreOwned] = self.model
        return model.unscoped.all().order_by("-pk")

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **options: Any
    ) -> HttpResponse:
        with self._store_of(request, object_id):
            return rendered(super().changeform_view(request, object_id, *args, **options))

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any, **options: Any) -> HttpResponse:
        with self._store_of(request, object_id):
            return rendered(super().delete_view(request, object_id, *args, **options))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            with open_store(row.store_id):
                row.delete()

    def _store_of(self, request: HttpRequest, object_id: str | None) -> AbstractContextManager[None]:
        """Open the store of the row, so that the choices beside it are that store's; nothing for no row."""
        row = self.get_object(request, unquote(object_id)) if object_id else None
        return open_store(row.store_id) if row else nullcontext()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a store's rows are made in the store


class ReadOnlyAdmin(StoreOwnedAdmin):
    """For records that nobody edits: they are looked at, and acted on by named actions."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    ordering = ["email"]
    list_display = ["email", "name", "is_staff", "is_active", "last_login"]
    search_fields = ["email", "name"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name"]}),
        ("Platform", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Times", {"fields": ["last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "password1", "password2"]})]


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Store)
class StoreAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "slug", "currency", "timezone", "created_at"]
    search_fields = ["name", "slug"]
    inlines = [MembershipInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a shop's orders and its customers' words are not one click away from being gone


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["email", "store", "role", "expires_at", "accepted_at"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "store", "actor", "action", "target_type", "target_id"]
    list_filter = ["action"]


# allauth shows the sealed secret of a second factor, and two tables that stay empty here.
admin.site.unregister([Authenticator, SocialApp, SocialToken])


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Staff can take a second factor away from who lost the phone; nobody sees its secret."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    search_fields = ["user__email"]
    exclude = ["data"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(StoreApiToken)
class StoreApiTokenAdmin(ReadOnlyAdmin):
    list_display = ["name", "hint", "store", "created_by", "last_used_at", "expires_at", "revoked_at"]
    exclude = ["secret_hash"]
