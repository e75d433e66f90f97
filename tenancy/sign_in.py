"""What allauth is told about sign-in beside its settings."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import Http404, HttpRequest
from fernet_fields.hkdf import derive_fernet_key

from tenancy.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth comes without types
    def set_password(self, user: User, password: str) -> None:
        """Set it, and take away Facebook logins that were there before any address was proven.

        Somebody may have made an account with another person's address and waits for that person to
        prove it by "forgot password". The person gets the account, the other one's login must not stay.
        """
        if not EmailAddress.objects.filter(user=user, verified=True).exists():
            SocialAccount.objects.filter(user=user).delete()
        super().set_password(user, password)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth comes without types
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Forget Facebook's token: allauth would keep it in the session while a step of sign-in is open."""
        sociallogin.token = None

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """Answer 404 where no Facebook app is configured."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.name = (data.get("name") or "")[:150]
        return user


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth comes without types
    """Keeps the keys of authenticator apps and recovery codes encrypted with FERNET_KEYS, as tokens are."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(derive_fernet_key(key)) for key in settings.FERNET_KEYS])
