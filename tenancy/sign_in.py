"""What allauth is told about sign-in beside its settings."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.http import HttpRequest

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

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.name = (data.get("name") or "")[:150]
        return user
