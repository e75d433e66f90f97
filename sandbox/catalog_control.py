"""What happens to a catalog behind our back: items changed, made and lost by others, reviews. Control API."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.catalogs import store
from sandbox.control import ControlError, read_body
from sandbox.models import Catalog
from sandbox.world import World


async def change_item(request: Request) -> Response:
    """Change, make or remove an item: `data` in the names of items_batch, `gone`, `rejected_for`."""
    world: World = request.app.state.world
    body = await read_body(request)
    catalog_id, retailer_id = str(body.get("catalog_id", "")), str(body.get("retailer_id", ""))
    if catalog_id not in world.catalogs or not retailer_id:
        raise ControlError("an item needs a catalog_id that is there, and a retailer_id")
    product = world.find_product(catalog_id, retailer_id)
    if body.get("data"):
        before = product.data if product else {"id": retailer_id}
        product = store(world, catalog_id, before | dict(body["data"]), product)
    if product is None:
        raise ControlError(f"no such item: {retailer_id}")
    if "rejected_for" in body:
        product.rejected_for = [str(reason) for reason in body["rejected_for"]]
    if body.get("gone"):
        del world.products[product.id]
    return JSONResponse({"id": product.id})


async def change_catalog(request: Request) -> Response:
    """Make a catalog behind the app's back, or change its `name`, `vertical` or `shared_with`."""
    world: World = request.app.state.world
    body = await read_body(request)
    catalog_id = str(body.get("catalog_id", "")) or world.number("catalog")
    if catalog_id not in world.catalogs:
        if str(body.get("business_id", "")) not in world.businesses:
            raise ControlError("a new catalog needs the business_id of one that is there")
        world.catalogs[catalog_id] = Catalog(catalog_id, "", str(body["business_id"]))
    catalog = world.catalogs[catalog_id]
    catalog.name = str(body.get("name", catalog.name))
    catalog.vertical = str(body.get("vertical", catalog.vertical))
    catalog.shared_with = [str(one) for one in body.get("shared_with", catalog.shared_with)]
    return JSONResponse({"id": catalog_id})


async def change_instagram(request: Request) -> Response:
    """Let an Instagram account tag products, or not."""
    world: World = request.app.state.world
    body = await read_body(request)
    account = world.instagram.get(str(body.get("instagram_id", "")))
    if account is None:
        raise ControlError(f"no such Instagram account: {body.get('instagram_id')}")
    account.may_tag = bool(body.get("may_tag", account.may_tag))
    return JSONResponse({"may_tag": account.may_tag})


ROUTES = [
    Route("/_sandbox/catalog", change_catalog, methods=["POST"]),
    Route("/_sandbox/catalog-item", change_item, methods=["POST"]),
    Route("/_sandbox/instagram", change_instagram, methods=["POST"]),
]
