from __future__ import annotations

from django.urls import path

from catalog import list_views, views
from catalog.bulk import views as bulk_views
from catalog.bulk import whole_list_views
from catalog.comparing import adopt_views, advice_views
from catalog.comparing import views as reconcile_views
from catalog.linking import choice_views, life_views
from catalog.linking import views as catalog_views
from catalog.pictures import views as picture_views
from catalog.public import show_product
from catalog.push import views as push_views
from catalog.sets import views as set_views
from catalog.spreadsheets import views as import_views
from catalog.stock import settings_views
from catalog.stock import views as stock_views

app_name = "catalog"
urlpatterns = [
    path("s/<slug:store>/catalog/", list_views.products, name="products"),
    path("s/<slug:store>/catalog/many/", bulk_views.many, name="many"),
    path("s/<slug:store>/catalog/many/undo/", bulk_views.undo, name="undo_many"),
    path("s/<slug:store>/catalog/many/<int:bulk_change>/", whole_list_views.show, name="bulk_change"),
    path(
        "s/<slug:store>/catalog/many/<int:bulk_change>/stop/", whole_list_views.stop, name="stop_bulk_change"
    ),
    path("s/<slug:store>/catalog/export.csv", import_views.export, name="export"),
    path("s/<slug:store>/catalog/import/", import_views.start, name="imports"),
    path("s/<slug:store>/catalog/import/<int:product_import>/", import_views.show, name="import"),
    path(
        "s/<slug:store>/catalog/import/<int:product_import>/accept/",
        import_views.accept,
        name="accept_import",
    ),
    path("s/<slug:store>/catalog/import/<int:product_import>/stop/", import_views.stop, name="stop_import"),
    path("s/<slug:store>/catalog/new/", views.new, name="new"),
    path("s/<slug:store>/catalog/<int:product>/", views.product, name="product"),
    path("s/<slug:store>/catalog/<int:product>/edit/", views.edit, name="edit"),
    path("s/<slug:store>/catalog/<int:product>/archive/", views.archive, name="archive"),
    path("s/<slug:store>/catalog/<int:product>/restore/", views.restore, name="restore"),
    path("s/<slug:store>/catalog/<int:product>/shown/", choice_views.switch, name="switch"),
    path("s/<slug:store>/catalog/<int:product>/send/", views.send, name="send"),
    path("s/<slug:store>/catalog/variants/<int:variant>/stock/", views.adjust, name="adjust"),
    path("s/<slug:store>/catalog/variants/<int:variant>/ledger/", stock_views.ledger, name="ledger"),
    path(
        "s/<slug:store>/catalog/variants/<int:variant>/ledger.csv", stock_views.ledger_csv, name="ledger_csv"
    ),
    path("s/<slug:store>/catalog/variants/<int:variant>/holds/", stock_views.hold, name="hold"),
    path("s/<slug:store>/catalog/variants/<int:variant>/limits/", stock_views.limits, name="stock_limits"),
    path("s/<slug:store>/catalog/stock/", settings_views.show, name="stock_settings"),
    path("s/<slug:store>/catalog/holds/<int:hold>/release/", stock_views.release, name="release_hold"),
    path("s/<slug:store>/catalog/movements/<int:movement>/undo/", stock_views.undo, name="undo_movement"),
    path("s/<slug:store>/catalog/meta/", catalog_views.catalogs, name="catalogs"),
    path("s/<slug:store>/catalog/meta/look/", catalog_views.look, name="look"),
    path("s/<slug:store>/catalog/meta/connect/", catalog_views.connect, name="connect"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/compare/", reconcile_views.show, name="compare"),
    path(
        "s/<slug:store>/catalog/meta/<int:catalog>/compare/start/",
        reconcile_views.start,
        name="start_compare",
    ),
    path(
        "s/<slug:store>/catalog/meta/<int:catalog>/compare/stop/", reconcile_views.stop, name="stop_compare"
    ),
    path(
        "s/<slug:store>/catalog/meta/<int:catalog>/compare/mend/", reconcile_views.mend_all, name="mend_all"
    ),
    path("s/<slug:store>/catalog/meta/new/", life_views.new, name="new_catalog"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/disconnect/", life_views.unlink, name="unlink"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/keep/", life_views.keep, name="keep_catalog"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/choose/", choice_views.choose, name="choose"),
    path(
        "s/<slug:store>/catalog/meta/<int:catalog>/choose/<int:count>/",
        choice_views.counted,
        name="choice_count",
    ),
    path("s/<slug:store>/catalog/meta/<int:catalog>/rhythm/", choice_views.rhythm, name="rhythm"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/send/", choice_views.send_now, name="send_catalog"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/push/", push_views.show, name="push"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/items/", push_views.items, name="items"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/push/go/", push_views.let_go, name="let_go"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/push/again/", push_views.send_all, name="send_all"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/push/stop/", push_views.hold_back, name="hold_back"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/sets/", set_views.show, name="sets"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/sets/update/", set_views.update, name="update_sets"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/advice/", advice_views.show, name="advice"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/advice/ask/", advice_views.ask, name="ask_advice"),
    path("s/<slug:store>/catalog/meta/<int:catalog>/import/", adopt_views.show, name="adopt"),
    path("s/<slug:store>/catalog/findings/<int:finding>/mend/", reconcile_views.mend, name="mend"),
    path("s/<slug:store>/catalog/findings/<int:finding>/keep/", reconcile_views.keep, name="keep"),
    path("pictures/<str:name>", picture_views.show, name="picture"),
    path("shop/<slug:shop>/<path:product>", show_product, name="shop_product"),
]
