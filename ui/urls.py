from django.urls import path

from ui import views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("favicon.ico", views.favicon),
    path("privacy/", views.privacy, name="privacy"),
    path("terms/", views.terms, name="terms"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
