from __future__ import annotations

from django.urls import path

from orders import views

app_name = "orders"
urlpatterns = [
    path("s/<slug:store>/orders/", views.index, name="list"),
    path("s/<slug:store>/orders/new/", views.new, name="new"),
    path("s/<slug:store>/orders/<int:number>/", views.detail, name="detail"),
    path("s/<slug:store>/orders/<int:number>/status/", views.change_status, name="change_status"),
    path("s/<slug:store>/orders/<int:number>/cancel/", views.cancel, name="cancel"),
    path("s/<slug:store>/orders/<int:number>/resend/", views.resend, name="resend"),
    path("s/<slug:store>/orders/<int:number>/settle/", views.settle, name="settle"),
]
