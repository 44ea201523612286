"""The stories of the product, as its people live through them."""
