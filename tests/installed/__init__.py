"""The wheel, installed outside of the checkout: what is forgotten in it is missing here."""
