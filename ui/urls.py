from django.urls import path

from ui import views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("<slug:code>.html", views.domain_verification, name="domain_verification"),
    path("favicon.ico", views.favicon),
    path("privacy/", views.privacy, name="privacy"),
    path("terms/", views.terms, name="terms"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
