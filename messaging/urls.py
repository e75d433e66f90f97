from __future__ import annotations

from django.urls import path

from messaging import views

app_name = "messaging"
urlpatterns = [
    path("s/<slug:store>/inbox/", views.inbox, name="inbox"),
    path("s/<slug:store>/inbox/arrivals/", views.arrivals, name="arrivals"),
    path("s/<slug:store>/inbox/<uuid:uuid>/", views.conversation, name="conversation"),
    path("s/<slug:store>/inbox/<uuid:uuid>/newer/", views.newer, name="newer"),
    path("s/<slug:store>/inbox/<uuid:uuid>/reply/", views.reply, name="reply"),
    path("s/<slug:store>/inbox/<uuid:uuid>/seen/", views.seen, name="seen"),
    path("s/<slug:store>/inbox/<uuid:uuid>/done/", views.done, name="done"),
    path("s/<slug:store>/inbox/<uuid:uuid>/retry/<int:message_id>/", views.retry, name="retry"),
]
