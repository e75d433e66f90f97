"""Users, stores, who may do what in which store, and the trail of who did what."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.owned import StoreOwned
from tenancy.roles import ApiScope, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address. What they may do is in their memberships."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(
        _("platform staff"), default=False, help_text=_("May sign in to the admin of the platform.")
    )
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    last_store = models.ForeignKey(
        "Store", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="tenancy_user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email


class Store(models.Model):
    """A merchant's shop: the tenant. Everything of a shop belongs to one store."""

    class SoldOut(models.TextChoices):
        """What buyers on Facebook and Instagram see of something of which nothing is left."""

        SHOW = "show", _("Show it as sold out")
        HIDE = "hide", _("Hide it until there is stock")

    name = models.CharField(_("name"), max_length=120, validators=[MinLengthValidator(2)])
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    currency = models.CharField(
        _("currency"), max_length=3, default="GBP", help_text=_("Three letters, such as EUR or GBP.")
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    when_sold_out = models.CharField(
        _("when nothing is left"), max_length=4, choices=SoldOut, default=SoldOut.SHOW
    )
    low_stock_at = models.PositiveIntegerField(
        _("running low from"),
        null=True,
        blank=True,
        default=2,
        help_text=_("With so many pieces or fewer something runs low; nothing does without a number."),
    )
    measures_stock = models.BooleanField(
        _("measure how fast stock arrives"),
        default=True,
        help_text=_("With one hidden item in each Meta catalog, which no buyer ever sees."),
    )
    low_stock_told_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When owners were last told what runs low."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="stores")

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("store_home", kwargs={"store": self.slug})


class Membership(models.Model):
    """A user's role in a store. Not StoreOwned: it is what decides whether a store may be opened."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "user"], name="tenancy_membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="tenancy_membership_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    def allows(self, needed: Role) -> bool:
        return Role(self.role).allows(needed)

    def may_manage(self, other: Membership) -> bool:
        """Say whether this member may change or remove the other one."""
        return Role(self.role).may_manage(Role(other.role))


class Invitation(StoreOwned):
    """A role offered to an e-mail address. Its link is signed (`invitations.sign`); nothing of it is kept."""

    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.AGENT)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "store",
                Lower("email"),
                name="tenancy_invitation_open_once",
                condition=models.Q(accepted_at__isnull=True),
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="tenancy_invitation_role"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="tenancy_invitation_unsent",
                condition=models.Q(sent_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.email

    def is_open(self) -> bool:
        return self.accepted_at is None and not self.has_expired()

    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class StoreApiToken(StoreOwned):
    """What lets a program act for a store: an "API key" to a merchant. Only a hash of its secret is kept.

    It does nothing that the person who made it may not do (any more): see `tenancy.api_tokens`.
    """

    name = models.CharField(_("name"), max_length=80)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False, help_text="How the secret begins.")
    scopes = models.JSONField(_("allowed"), default=list)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "store API token"
        constraints = [
            models.UniqueConstraint(
                fields=["store", "name"],
                name="tenancy_api_token_name_once",
                condition=models.Q(revoked_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def allows(self, scope: ApiScope) -> bool:
        return scope in self.scopes

    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def scopes_in_words(self) -> list[str]:
        return [str(scope.label) for scope in ApiScope if scope in self.scopes]


class AuditEntry(StoreOwned):
    """Who did what to what. Written with the change itself, never changed after."""

    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    action = models.CharField(max_length=60, help_text="Dotted and past: page.connected, member.removed.")
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["store", "-id"], name="tenancy_audit_newest")]

    def __str__(self) -> str:
        return self.action
