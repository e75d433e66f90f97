"""Orders of a partner: what the buy button places, as signed `commerce_order` events."""

from decimal import Decimal

from sandbox import money
from sandbox.models import JSON, Buyer, Order, Page, Product
from sandbox.nodes import graph_time
from sandbox.webhooks import emit_change
from sandbox.world import World

SHIPPING = Decimal("3.90")
FIELDS = ("order.created", "order.updated", "order.cancelled")
CHANNELS = ("facebook", "instagram")
FALLBACK_PRICE = "12.50 GBP"
"""What an item costs that is in no catalog and comes without a price."""


def place_order(
    world: World, page: Page, buyer: Buyer, items: list[JSON], *, channel: str = "facebook"
) -> Order:
    """Price the items from the Page's catalogs and keep the order; sending it is `send_order`'s."""
    lines = [_line(world, page, item, position) for position, item in enumerate(items, start=1)]
    currency = lines[0]["price_per_unit"]["currency"]
    subtotal = sum(
        (Decimal(line["price_per_unit"]["amount"]) * line["quantity"] for line in lines), Decimal(0)
    )
    shipping = SHIPPING if money.decimals(currency) else SHIPPING * 100
    now = graph_time(world.now())
    order_id = world.number("order")
    value: JSON = {
        "id": order_id,
        "created": now,
        "last_updated": now,
        "channel": channel,
        "order_status": {"state": "CREATED"},
        "buyer_details": {"name": buyer.name, "email": buyer.email},
        "shipping_address": dict(buyer.address),
        "selected_shipping_option": {"name": "Standard", "price": money.amount(shipping, currency)},
        "items": lines,
        "estimated_payment_details": {
            "subtotal": {
                "items": money.amount(subtotal, currency),
                "shipping": money.amount(shipping, currency),
            },
            "tax": money.amount(Decimal(0), currency),
            "total_amount": money.amount(subtotal + shipping, currency),
        },
    }
    entry_id = page.instagram_id if channel == "instagram" and page.instagram_id else page.id
    world.orders[order_id] = Order(order_id, page.id, entry_id, value)
    return world.orders[order_id]


def _line(world: World, page: Page, item: JSON, position: int) -> JSON:
    retailer_id = str(item["retailer_id"])
    product = find_in_shop(world, page, retailer_id)
    data = product.data if product else {}
    price = item.get("price") or data.get("sale_price") or data.get("price") or FALLBACK_PRICE
    value, currency = money.read(str(price))
    return {
        "id": f"{position}{retailer_id}",
        "retailer_id": retailer_id,
        "product_name": data.get("title") or item.get("product_name") or retailer_id,
        "quantity": int(item.get("quantity", 1)),
        "price_per_unit": money.amount(value, currency),
    }


def find_in_shop(world: World, page: Page, retailer_id: str) -> Product | None:
    for catalog in world.catalogs_of(page.business_id):
        product = world.find_product(catalog.id, retailer_id)
        if product and product.data.get("visibility") != "staging":
            return product
    return None


def send_order(world: World, order: Order, *, field: str = "order.created", repeat: int = 1) -> int:
    """Queue the event, `repeat` times the same; returns how many deliveries."""
    if field != "order.created":
        order.value["last_updated"] = graph_time(world.now())
    if field == "order.cancelled":
        order.value["order_status"] = {"state": "CANCELLED"}
    return sum(
        emit_change(world, "commerce_order", order.entry_id, field, order.value) for _ in range(repeat)
    )
